//! Warehouses and what they have.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{StoreError, Tx};
use crate::domain::stock::{Calendar, StockLevel, Warehouse};

columns!(WarehouseRow: "warehouse" {
    tenant_id, id, source_id, ext_id, code, name, region, country, timezone, cutoff_time, calendar, status, row_hash,
    synced_at, deleted_at,
});
columns!(StockRow: "stock_level" {
    tenant_id, product_id, warehouse_id, on_hand, allocated, backordered, safety, available, available_rule, as_of,
    row_hash,
});

/// The word of a warehouse that ships.
pub const ACTIVE: &str = "active";
/// The word of a warehouse that does not ship.
pub const INACTIVE: &str = "inactive";

/// A warehouse as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarehouseRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Where it comes from.
    pub source_id: Uuid,
    /// The source's key.
    pub ext_id: String,
    /// The supplier's code.
    pub code: String,
    /// The name shown.
    pub name: String,
    /// Region or state.
    pub region: Option<String>,
    /// ISO 3166 country code.
    pub country: Option<String>,
    /// IANA time zone.
    pub timezone: Option<String>,
    /// Orders until this local time ship the same day: `HH:MM`.
    pub cutoff_time: Option<String>,
    /// Working days of the week, then closed days: `1-5|2026-12-25`.
    pub calendar: Option<String>,
    /// `active` or `inactive`.
    pub status: String,
    /// Hash of the row's content.
    pub row_hash: String,
    /// When it was brought last.
    pub synced_at: Timestamp,
    /// When its source deleted it.
    pub deleted_at: Option<Timestamp>,
}

/// What one warehouse has of one product, in base units, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The product.
    pub product_id: Uuid,
    /// The warehouse.
    pub warehouse_id: Uuid,
    /// Physically there.
    pub on_hand: Decimal,
    /// Promised to others.
    pub allocated: Decimal,
    /// Owed to others.
    pub backordered: Decimal,
    /// Kept back.
    pub safety: Decimal,
    /// What can be promised.
    pub available: Decimal,
    /// How `available` was found.
    pub available_rule: String,
    /// When the source said so.
    pub as_of: Timestamp,
    /// Hash of the row's content without `as_of`.
    pub row_hash: String,
}

impl StockRow {
    /// What terms need of it.
    pub fn level(&self) -> StockLevel {
        StockLevel {
            on_hand: self.on_hand,
            allocated: self.allocated,
            safety: self.safety,
            reserved: Decimal::ZERO,
            as_of: self.as_of,
        }
    }
}

/// All warehouses that are not deleted.
///
/// # Errors
/// [`StoreError::Inconsistent`] when a row contradicts itself.
pub async fn warehouses(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Warehouse>, StoreError> {
    let rows: Vec<WarehouseRow> = all!(
        tx,
        "SELECT * FROM warehouse WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY code, id",
        tenant_id
    )?;
    let warehouse = |row: WarehouseRow| {
        let wrong = |what: &str| StoreError::inconsistent(format!("warehouse {}: {what}", row.id));
        let zone = match &row.timezone {
            Some(name) => TimeZone::get(name).map_err(|_| wrong("no time zone of IANA"))?,
            None => TimeZone::UTC,
        };
        let cutoff = match &row.cutoff_time {
            Some(text) => Some(Time::strptime("%H:%M", text).map_err(|_| wrong("no time of day"))?),
            None => None,
        };
        let calendar = match &row.calendar {
            Some(text) => Calendar::parse(text).map_err(|reason| wrong(&format!("its calendar {reason}")))?,
            None => Calendar::default(),
        };
        Ok(Warehouse {
            id: row.id,
            code: row.code,
            name: row.name,
            region: row.region,
            country: row.country,
            zone,
            cutoff,
            calendar,
            is_active: row.status == ACTIVE,
        })
    };
    rows.into_iter().map(warehouse).collect()
}

/// The stock of all products.
///
/// # Errors
/// As every statement.
pub async fn levels(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<StockRow>, StoreError> {
    all!(tx, "SELECT * FROM stock_level WHERE tenant_id = $1", tenant_id)
}

/// Takes away what one warehouse has of one product; tells whether it was there.
///
/// # Errors
/// As every statement.
pub async fn delete_level(
    tx: &mut Tx,
    tenant_id: Uuid,
    product_id: Uuid,
    warehouse_id: Uuid,
) -> Result<bool, StoreError> {
    Ok(execute!(
        tx,
        "DELETE FROM stock_level WHERE tenant_id = $1 AND product_id = $2 AND warehouse_id = $3",
        tenant_id,
        product_id,
        warehouse_id
    )? == 1)
}
