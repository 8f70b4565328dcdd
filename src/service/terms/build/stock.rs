//! Stock and what moves it.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::Snapshot;
use super::super::parts::StockRows;
use crate::domain::stock::{Supply, SupplyKind};
use crate::domain::terms::{Held, StockBook, StockRow};
use crate::store::supply::ReservationRow;

pub(super) fn build(rows: &StockRows, snapshot: &Snapshot) -> StockBook {
    let warehouses = &snapshot.names.warehouses;
    let catalogue = &snapshot.book.catalogue;
    let places: HashMap<Uuid, u16> = warehouses.iter().zip(0..).map(|(place, at)| (place.id, at)).collect();
    let levels = rows.levels.iter().filter_map(|row| {
        Some(StockRow {
            warehouse: *places.get(&row.warehouse_id)?,
            product: catalogue.product_by_id(row.product_id)?,
            level: row.level(),
        })
    });
    let supply = rows.supply.iter().filter(|row| row.firm).filter_map(|row| {
        let quantity = match row.kind {
            SupplyKind::Demand => -row.qty,
            SupplyKind::Purchase | SupplyKind::Production | SupplyKind::Transfer => row.qty,
        };
        let product = catalogue.product_by_id(row.product_id)?;
        let supply = Supply { due: row.due, quantity };
        Some((product, *places.get(&row.warehouse_id)?, supply))
    });
    StockBook::new(warehouses.clone(), levels.collect(), supply)
}

/// What orders hold together.
pub(super) fn held(rows: &[ReservationRow], snapshot: &Snapshot) -> Held {
    snapshot.book.sum_held(rows.iter().map(ReservationRow::hold))
}
