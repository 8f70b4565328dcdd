//! Stock and what moves it.

use std::collections::HashMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::Snapshot;
use super::super::parts::StockRows;
use crate::domain::stock::{Supply, SupplyKind};
use crate::domain::terms::{StockBook, StockRow};

pub(super) fn build(rows: &StockRows, snapshot: &Snapshot) -> StockBook {
    let warehouses = &snapshot.names.warehouses;
    let catalogue = &snapshot.book.catalogue;
    let places: HashMap<Uuid, u16> = warehouses.iter().zip(0..).map(|(place, at)| (place.id, at)).collect();
    let mut reserved: HashMap<(Uuid, Uuid), Decimal> = HashMap::new();
    for row in &rows.reservations {
        let sum = reserved.entry((row.product_id, row.warehouse_id)).or_default();
        *sum = sum.saturating_add(row.qty);
    }
    let levels = rows.levels.iter().filter_map(|row| {
        let mut level = row.level();
        level.reserved = reserved
            .get(&(row.product_id, row.warehouse_id))
            .copied()
            .unwrap_or_default();
        Some(StockRow {
            warehouse: *places.get(&row.warehouse_id)?,
            product: catalogue.product_by_id(row.product_id)?,
            level,
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
