//! Orders that the ERP has, by its own numbers.

use jiff::Timestamp;
use uuid::Uuid;

use super::{StoreError, Tx, feed, rows};
use crate::store::feed::Change;

columns!(ErpOrder: "erp_order" { tenant_id, order_key, number, seq, at });

/// An order as the ERP has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErpOrder {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The order.
    pub order_key: Uuid,
    /// The ERP's number of it.
    pub number: String,
    /// The version that it has.
    pub seq: i64,
    /// When it confirmed it.
    pub at: Timestamp,
}

/// Keeps what the ERP has of an order.
///
/// # Errors
/// As every statement.
pub async fn put(tx: &mut Tx, order: &ErpOrder) -> Result<(), StoreError> {
    let json = rows::json_of(std::slice::from_ref(order));
    rows::upsert_json::<ErpOrder>(tx, json, "tenant_id, order_key").await
}

/// What the ERP has of an order.
///
/// # Errors
/// As every statement.
pub async fn find(tx: &mut Tx, tenant_id: Uuid, order_key: Uuid) -> Result<Option<ErpOrder>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM erp_order WHERE tenant_id = $1 AND order_key = $2",
        tenant_id,
        order_key
    )
}

/// Notes that an order is in the ERP, unless it moved on meanwhile.
///
/// # Errors
/// As every statement.
pub async fn note_processing(
    tx: &mut Tx,
    tenant_id: Uuid,
    order_key: Uuid,
    seq: i64,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE purchase_order SET state = 'processing', updated_at = $4 \
         WHERE tenant_id = $1 AND id = $2 AND state = 'received' AND current_version = $3",
        tenant_id,
        order_key,
        seq,
        at
    )
    .map(|_| ())
}

/// Notes of all orders that the ERP confirmed before a moment that its own stock counts from here on; for when its stock
/// was read at that moment.
///
/// # Errors
/// As every statement.
pub async fn supersede_holds(
    tx: &mut Tx,
    tenant_id: Uuid,
    before: Timestamp,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let superseded = execute!(
        tx,
        "UPDATE stock_reservation SET superseded_by_erp_at = $3 \
         WHERE tenant_id = $1 AND owner_kind = 'order' AND state = 'held' AND superseded_by_erp_at IS NULL \
         AND EXISTS (SELECT 1 FROM erp_order e WHERE e.tenant_id = $1 AND e.order_key = stock_reservation.owner_id \
             AND e.at < $2 AND stock_reservation.created_at <= e.at)",
        tenant_id,
        before,
        now
    )?;
    if superseded > 0 {
        let mut changes = [Change {
            tenant_id,
            seq: 0,
            entity: "reservation".to_owned(),
            entity_id: Uuid::nil(),
            op: "put".to_owned(),
            cause: "erp".to_owned(),
            at: now,
        }];
        feed::append(tx, tenant_id, &mut changes).await?;
    }
    Ok(superseded)
}
