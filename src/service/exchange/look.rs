//! Documents as staff see them.

use uuid::Uuid;

use crate::domain::exchange::{Attachment, Direction, Exchange, SecurityEvent};
use crate::domain::order::{Order, OrderVersion};
use crate::domain::session::Session;
use crate::service::{Error, Gateway, Page};
use crate::store::{self, StoreError};

pub use crate::store::exchange::{AttachmentName, Entry, View};

/// A page of the documents of one view, of one connection or all.
///
/// # Errors
/// The store would not.
pub async fn list(
    gateway: &Gateway,
    tenant_id: Uuid,
    view: View,
    connection_id: Option<Uuid>,
    before: Option<Uuid>,
) -> Result<Page<Entry>, Error> {
    let rows = gateway
        .store
        .read(async |tx| store::exchange::list(tx, tenant_id, view, connection_id, before, Page::<()>::LIMIT).await)
        .await?;
    Ok(Page::new(rows, |entry| entry.id))
}

/// One document and what became of it.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The document.
    pub exchange: Exchange,
    /// What came with it.
    pub attachments: Vec<AttachmentName>,
    /// The visit that it set up or ended.
    pub session: Option<Session>,
    /// The version of an order that it became.
    pub version: Option<(Order, OrderVersion)>,
}

/// One document.
///
/// # Errors
/// The store would not.
pub async fn look(gateway: &Gateway, tenant_id: Uuid, id: Uuid) -> Result<Option<Looked>, Error> {
    Ok(gateway
        .store
        .read(async |tx| {
            let Some(exchange) = store::exchange::find(tx, tenant_id, id).await? else {
                return Ok::<_, StoreError>(None);
            };
            let session = match (exchange.direction, Uuid::parse_str(&exchange.trace_id)) {
                (Direction::In, _) => store::session::find_by_exchange(tx, tenant_id, id).await?,
                // What a visit sends is traced by the visit.
                (Direction::Out, Ok(session_id)) => store::session::find(tx, tenant_id, session_id).await?,
                (Direction::Out, Err(_)) => None,
            };
            let version = store::order::find_version_by_exchange(tx, tenant_id, id).await?;
            let version = match version {
                None => None,
                Some(version) => store::order::find(tx, tenant_id, version.order_key)
                    .await?
                    .map(|order| (order, version)),
            };
            Ok(Some(Looked {
                attachments: store::exchange::attachment_names(tx, tenant_id, id).await?,
                exchange,
                session,
                version,
            }))
        })
        .await?)
}

/// One attachment with its bytes.
///
/// # Errors
/// The store would not.
pub async fn attachment(gateway: &Gateway, tenant_id: Uuid, id: Uuid) -> Result<Option<Attachment>, Error> {
    Ok(gateway
        .store
        .read(async |tx| store::exchange::find_attachment(tx, tenant_id, id).await)
        .await?)
}

/// What staff look for by a number.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Orders with this number.
    pub orders: Vec<Order>,
    /// Documents with this `payloadID`.
    pub exchanges: Vec<Entry>,
    /// The kept document with this reference, as our answer named it.
    pub quarantined: Option<Uuid>,
}

/// Looks for an order number, a `payloadID`, or the reference of an answer.
///
/// # Errors
/// The store would not.
pub async fn search(gateway: &Gateway, tenant_id: Uuid, text: &str) -> Result<Found, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Found::default());
    }
    Ok(gateway
        .store
        .read(async |tx| {
            let quarantined = match Uuid::parse_str(text) {
                Ok(id) => store::exchange::find_quarantined(tx, tenant_id, id).await?,
                Err(_) => None,
            };
            Ok::<_, StoreError>(Found {
                orders: store::order::list_by_order_id(tx, tenant_id, text).await?,
                exchanges: store::exchange::list_by_payload_id(tx, tenant_id, text).await?,
                quarantined: quarantined.map(|document| document.id),
            })
        })
        .await?)
}

/// A page of what touched security.
///
/// # Errors
/// The store would not.
pub async fn security_events(
    gateway: &Gateway,
    tenant_id: Uuid,
    before: Option<Uuid>,
) -> Result<Page<SecurityEvent>, Error> {
    let rows = gateway
        .store
        .read(async |tx| store::exchange::security_events(tx, tenant_id, before, Page::<()>::LIMIT).await)
        .await?;
    Ok(Page::new(rows, |event| event.id))
}
