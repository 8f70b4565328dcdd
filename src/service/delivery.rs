//! What is sent on, as staff see it.

use uuid::Uuid;

use crate::domain::delivery::{Delivery, DeliveryState};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::service::{Error, Gateway, Page, staff};
use crate::store::{self, StoreError, Tx};

/// A delivery with what a person needs to judge it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The delivery.
    pub delivery: Delivery,
    /// The number of the order that it is about.
    pub order_id: Option<String>,
    /// Why its last try failed.
    pub error: Option<String>,
}

/// A page of the deliveries in one state or all.
///
/// # Errors
/// The store would not.
pub async fn list(
    gateway: &Gateway,
    tenant_id: Uuid,
    state: Option<DeliveryState>,
    before: Option<Uuid>,
) -> Result<Page<Row>, Error> {
    let rows = gateway
        .store
        .read(async |tx| {
            let deliveries = store::delivery::list(tx, tenant_id, state, before, Page::<()>::LIMIT).await?;
            rows(tx, deliveries).await
        })
        .await?;
    Ok(Page::new(rows, |row| row.delivery.id))
}

/// Deliveries with their orders and last errors.
pub(super) async fn rows(tx: &mut Tx, deliveries: Vec<Delivery>) -> Result<Vec<Row>, StoreError> {
    let mut rows = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        let order = store::order::find(tx, delivery.tenant_id, delivery.subject_id).await?;
        let attempts = match delivery.state {
            DeliveryState::Done => Vec::new(),
            _ => store::delivery::attempts(tx, delivery.tenant_id, delivery.id).await?,
        };
        rows.push(Row {
            order_id: order.map(|order| order.order_id),
            error: attempts.into_iter().next_back().and_then(|attempt| attempt.error),
            delivery,
        });
    }
    Ok(rows)
}

/// Sends a parked delivery again, the same bytes.
///
/// # Errors
/// The role is too low, the delivery is not parked any more, or the store would not.
pub async fn resume(gateway: &Gateway, by: &Staff, id: Uuid) -> Result<(), Error> {
    staff::allow(by, Deed::ResumeDelivery)?;
    let audit = staff::entry(gateway, by, Deed::ResumeDelivery, id, serde_json::Value::Null);
    let (tenant_id, now) = (by.tenant_id, gateway.clock.now());
    let resumed = gateway
        .store
        .write(async move |tx| {
            let resumed = store::delivery::resume(tx, tenant_id, id, now).await?;
            if resumed {
                store::staff::insert(tx, &audit).await?;
            }
            Ok::<_, StoreError>(resumed)
        })
        .await?;
    if resumed {
        Ok(())
    } else {
        let text = "The delivery is not waiting for a person any more.";
        Err(Refusal::new(Code::Conflict, text).into())
    }
}
