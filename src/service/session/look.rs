//! Visits as staff see them.

use std::collections::HashMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::money::{self, Currency, Money};
use crate::domain::quote::{Quote, QuoteLine};
use crate::domain::session::{CartLine, Session, SessionState};
use crate::domain::terms::RoundMode;
use crate::service::{Error, Gateway, Page};
use crate::store::{self, StoreError};

/// A visit in the list, with what is in its cart.
#[derive(Clone, Debug)]
pub struct Row {
    /// The visit.
    pub session: Session,
    /// Its cart.
    pub cart: CartSum,
}

/// What a cart comes to at the prices its user saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CartSum {
    /// Lines.
    pub lines: u64,
    /// Sum of the rounded lines; `None` without lines, without one price, or in more than one currency.
    pub total: Option<(Decimal, String)>,
}

/// The rounded amount of a cart line, where it has a price.
pub fn amount(line: &CartLine) -> Option<Money> {
    let currency = Currency::parse(&line.currency).ok()?;
    let mode = line
        .trace
        .as_ref()
        .map_or(RoundMode::default(), |trace| trace.round_mode);
    money::line_amount_by(
        line.quantity,
        Money::new(line.unit_price?, currency),
        line.price_quantity,
        |amount, digits| mode.round(amount, digits),
    )
}

/// What these lines come to.
pub fn sum(lines: &[CartLine]) -> CartSum {
    let amounts: Option<Vec<Money>> = lines.iter().map(amount).collect();
    let total = amounts.and_then(|amounts| money::total(amounts.first()?.currency, amounts));
    CartSum {
        lines: lines.len() as u64,
        total: total.map(|total| (total.amount, total.currency.code().to_owned())),
    }
}

/// A page of the visits in one state or all.
///
/// # Errors
/// The store would not.
pub async fn list(
    gateway: &Gateway,
    tenant_id: Uuid,
    state: Option<SessionState>,
    before: Option<Uuid>,
) -> Result<Page<Row>, Error> {
    let (sessions, lines) = gateway
        .store
        .read(async |tx| {
            let rows = store::session::list(tx, tenant_id, state, before, Page::<()>::LIMIT).await?;
            let ids: Vec<Uuid> = rows.iter().map(|session| session.id).collect();
            let lines = store::session::carts(tx, tenant_id, &ids).await?;
            Ok::<_, StoreError>((rows, lines))
        })
        .await?;
    let mut carts: HashMap<Uuid, Vec<CartLine>> = HashMap::new();
    for line in lines {
        carts.entry(line.session_id).or_default().push(line);
    }
    let row = |session: Session| Row {
        cart: sum(carts.get(&session.id).map(Vec::as_slice).unwrap_or_default()),
        session,
    };
    Ok(Page::new(sessions.into_iter().map(row).collect(), |row| row.session.id))
}

/// One visit with its cart and what it offered.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The visit.
    pub session: Session,
    /// Its cart.
    pub lines: Vec<CartLine>,
    /// What was offered when the cart went back.
    pub quote: Option<(Quote, Vec<QuoteLine>)>,
    /// The document that went back.
    pub returned: Option<Uuid>,
}

/// One visit.
///
/// # Errors
/// The store would not.
pub async fn look(gateway: &Gateway, tenant_id: Uuid, id: Uuid) -> Result<Option<Looked>, Error> {
    Ok(gateway
        .store
        .read(async |tx| {
            let Some(session) = store::session::find(tx, tenant_id, id).await? else {
                return Ok::<_, StoreError>(None);
            };
            let quote = match store::quote::find_by_session(tx, tenant_id, id).await? {
                None => None,
                Some(quote) => {
                    let lines = store::quote::lines(tx, tenant_id, quote.id).await?;
                    Some((quote, lines))
                }
            };
            let returned = match &session.return_payload_id {
                None => None,
                Some(payload_id) => store::exchange::list_by_payload_id(tx, tenant_id, payload_id)
                    .await?
                    .first()
                    .map(|entry| entry.id),
            };
            Ok(Some(Looked {
                lines: store::session::cart(tx, tenant_id, id).await?,
                session,
                quote,
                returned,
            }))
        })
        .await?)
}
