//! What waits for a person, and what came last.

use jiff::SignedDuration;
use uuid::Uuid;

use crate::domain::delivery::DeliveryState;
use crate::domain::order::Order;
use crate::service::{Error, Gateway};
use crate::store::exchange::{Entry, View};
use crate::store::{self, StoreError};

/// Hours in which a refused document counts as something to look at.
pub const REFUSED_HOURS: i64 = 24;

/// Rows of each list of the latest.
const LATEST: i64 = 8;

/// How many things wait for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attention {
    /// Open exceptions of orders.
    pub exceptions: u64,
    /// Documents in quarantine that became nothing yet.
    pub quarantined: u64,
    /// Documents answered with an error within the last [`REFUSED_HOURS`].
    pub refused: u64,
    /// Deliveries that gave up.
    pub parked: u64,
    /// What of the ERPs' rows is over a limit.
    pub alerts: u64,
}

/// What came last.
#[derive(Clone, Debug)]
pub struct Latest {
    /// Orders.
    pub orders: Vec<Order>,
    /// Documents.
    pub exchanges: Vec<Entry>,
    /// How many connections there are.
    pub connections: usize,
}

/// Counts what waits.
///
/// # Errors
/// The store would not.
pub async fn attention(gateway: &Gateway, tenant_id: Uuid) -> Result<Attention, Error> {
    let since = gateway.clock.now() - SignedDuration::from_hours(REFUSED_HOURS);
    let count = |count: i64| u64::try_from(count).unwrap_or(0);
    Ok(gateway
        .store
        .read(async |tx| {
            Ok::<_, StoreError>(Attention {
                exceptions: count(store::order::count_open_exceptions(tx, tenant_id).await?),
                quarantined: count(store::exchange::count_quarantined(tx, tenant_id).await?),
                refused: count(store::exchange::count_refused(tx, tenant_id, since).await?),
                parked: count(store::delivery::count(tx, tenant_id, DeliveryState::Parked).await?),
                alerts: count(store::sync::count_alerts(tx, tenant_id).await?),
            })
        })
        .await?)
}

/// The latest of everything.
///
/// # Errors
/// The store would not.
pub async fn latest(gateway: &Gateway, tenant_id: Uuid) -> Result<Latest, Error> {
    Ok(gateway
        .store
        .read(async |tx| {
            Ok::<_, StoreError>(Latest {
                orders: store::order::list(tx, tenant_id, None, None, LATEST).await?,
                exchanges: store::exchange::list(tx, tenant_id, View::All, None, None, LATEST).await?,
                connections: store::party::connections(tx, tenant_id).await?.len(),
            })
        })
        .await?)
}
