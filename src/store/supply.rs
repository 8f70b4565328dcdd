//! What comes to warehouses, who is served from which, and what our own orders hold.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

pub use super::rows::insert_all;
use super::{StoreError, Tx};
use crate::domain::stock::{HeldStock, ReservationState, ReservedFor, SupplyKind};
use crate::domain::terms::Hold;

own_words!(ReservationState, ReservedFor, SupplyKind);
columns!(SupplyRow: "supply_event" {
    tenant_id, id, product_id, warehouse_id, ext_ref, kind, qty, due, firm,
});
columns!(SourcingRow: "sourcing_rule" {
    tenant_id, id, code, account_id, region, product_id, warehouse_id, priority,
});
columns!(ReservationRow: "stock_reservation" {
    tenant_id, id, product_id, warehouse_id, qty, owner_kind, owner_id, state, expires_at, created_at, superseded_by_erp_at,
});

/// Goods that come to a warehouse or are wanted from it, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplyRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The product.
    pub product_id: Uuid,
    /// The warehouse.
    pub warehouse_id: Uuid,
    /// The source's number of it, unique for product and warehouse.
    pub ext_ref: String,
    /// Where it comes from, or that it is wanted.
    pub kind: SupplyKind,
    /// How many, in base units; of a demand those that leave.
    pub qty: Decimal,
    /// The day.
    pub due: Date,
    /// Whether it is certain enough to promise.
    pub firm: bool,
}

/// Which warehouse serves whom, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcingRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Its code, unique.
    pub code: String,
    /// Only for this account.
    pub account_id: Option<Uuid>,
    /// Only for goods to this region.
    pub region: Option<String>,
    /// Only for this product.
    pub product_id: Option<Uuid>,
    /// The warehouse.
    pub warehouse_id: Uuid,
    /// The lower number comes first.
    pub priority: i64,
}

/// What an order of ours holds, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReservationRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The product.
    pub product_id: Uuid,
    /// The warehouse.
    pub warehouse_id: Uuid,
    /// How many, in base units.
    pub qty: Decimal,
    /// What it is held for.
    pub owner_kind: ReservedFor,
    /// Which one.
    pub owner_id: Uuid,
    /// Whether it is held still.
    pub state: ReservationState,
    /// Until when it holds at most.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the ERP showed the order, so that its own figures count.
    pub superseded_by_erp_at: Option<Timestamp>,
}

columns!(HeldStock {
    sku,
    qty,
    unit,
    warehouse,
    state,
    expires_at,
    superseded_by_erp_at
});

impl ReservationRow {
    /// Whether it takes from what can be promised.
    pub fn is_held(&self) -> bool {
        self.state == ReservationState::Held && self.superseded_by_erp_at.is_none()
    }

    /// What it takes.
    pub fn hold(&self) -> Hold {
        Hold {
            product: self.product_id,
            warehouse: self.warehouse_id,
            quantity: self.qty,
        }
    }
}

/// What orders of ours hold that the ERP does not show yet.
///
/// # Errors
/// As every statement.
pub async fn held(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<ReservationRow>, StoreError> {
    all!(
        tx,
        "SELECT * FROM stock_reservation WHERE tenant_id = $1 AND state = 'held' AND superseded_by_erp_at IS NULL",
        tenant_id
    )
}

/// Everything that one order of ours holds or held, in the order in which it was made.
///
/// # Errors
/// As every statement.
pub async fn of_order(tx: &mut Tx, tenant_id: Uuid, order_id: Uuid) -> Result<Vec<ReservationRow>, StoreError> {
    all!(
        tx,
        "SELECT * FROM stock_reservation \
         WHERE tenant_id = $1 AND owner_kind = 'order' AND owner_id = $2 ORDER BY id",
        tenant_id,
        order_id
    )
}

/// What one order of ours holds or held last, at most `limit` rows, as people read it.
///
/// # Errors
/// As every statement.
pub async fn shown_of_order(
    tx: &mut Tx,
    tenant_id: Uuid,
    order_id: Uuid,
    limit: i64,
) -> Result<Vec<HeldStock>, StoreError> {
    all!(
        tx,
        "SELECT p.sku, r.qty, u.code AS unit, w.name AS warehouse, r.state, r.expires_at, r.superseded_by_erp_at \
         FROM stock_reservation r \
         JOIN product p ON p.tenant_id = r.tenant_id AND p.id = r.product_id \
         JOIN uom u ON u.tenant_id = r.tenant_id AND u.id = p.base_uom_id \
         JOIN warehouse w ON w.tenant_id = r.tenant_id AND w.id = r.warehouse_id \
         WHERE r.tenant_id = $1 AND r.owner_kind = 'order' AND r.owner_id = $2 ORDER BY r.id DESC LIMIT $3",
        tenant_id,
        order_id,
        limit
    )
}

/// The code of the warehouse from which most of what an order holds comes; nothing where it holds nothing.
///
/// # Errors
/// As every statement.
pub async fn warehouse_of_order(tx: &mut Tx, tenant_id: Uuid, order_id: Uuid) -> Result<Option<String>, StoreError> {
    let codes: Vec<WarehouseCode> = all!(
        tx,
        "SELECT w.code FROM stock_reservation r \
         JOIN warehouse w ON w.tenant_id = r.tenant_id AND w.id = r.warehouse_id \
         WHERE r.tenant_id = $1 AND r.owner_kind = 'order' AND r.owner_id = $2 AND r.state = 'held' \
         GROUP BY w.code ORDER BY count(*) DESC, w.code LIMIT 1",
        tenant_id,
        order_id
    )?;
    Ok(codes.into_iter().next().map(|row| row.code))
}

struct WarehouseCode {
    code: String,
}

columns!(WarehouseCode { code });

/// Notes that the ERP shows an order, so that its own figures count from here on; tells how many reservations held.
///
/// # Errors
/// As every statement.
pub async fn supersede(tx: &mut Tx, tenant_id: Uuid, owner_id: Uuid, at: Timestamp) -> Result<u64, StoreError> {
    execute!(
        tx,
        "UPDATE stock_reservation SET superseded_by_erp_at = $3 \
         WHERE tenant_id = $1 AND owner_kind = 'order' AND owner_id = $2 AND state = 'held' \
         AND superseded_by_erp_at IS NULL",
        tenant_id,
        owner_id,
        at
    )
}

/// Releases what an order holds and the ERP does not show: a later version holds anew, a cancelled one nothing.
///
/// # Errors
/// As every statement.
pub async fn release(tx: &mut Tx, tenant_id: Uuid, owner_id: Uuid) -> Result<u64, StoreError> {
    execute!(
        tx,
        "UPDATE stock_reservation SET state = 'released' \
         WHERE tenant_id = $1 AND owner_kind = 'order' AND owner_id = $2 AND state = 'held' \
         AND superseded_by_erp_at IS NULL",
        tenant_id,
        owner_id
    )
}

/// Releases what was held for as long as it may be; tells of how many.
///
/// # Errors
/// As every statement.
pub async fn expire(tx: &mut Tx, tenant_id: Uuid, now: Timestamp) -> Result<u64, StoreError> {
    execute!(
        tx,
        "UPDATE stock_reservation SET state = 'released' \
         WHERE tenant_id = $1 AND state = 'held' AND superseded_by_erp_at IS NULL AND expires_at <= $2",
        tenant_id,
        now
    )
}
