//! Warehouses and stock.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::report::{Report, shown};
use super::source::{Keys, Rows, hash};
use super::table::{Columns, Line, Table};
use super::{Batch, Plan};
use crate::domain::stock::{Calendar, StockLevel};
use crate::store::feed::Change;
use crate::store::import::Steps;
use crate::store::product::ProductRow;
use crate::store::stock::{ACTIVE, INACTIVE, StockRow, WarehouseRow};
use crate::store::{self, StoreError, Tx};

pub(super) const WAREHOUSE_COLUMNS: Columns = Columns {
    required: &["code"],
    optional: &[
        "name",
        "region",
        "country",
        "time_zone",
        "cutoff",
        "calendar",
        "status",
        "deleted",
    ],
};
pub(super) const STOCK_COLUMNS: Columns = Columns {
    required: &["sku", "warehouse", "on_hand"],
    optional: &["allocated", "backordered", "safety", "as_of", "deleted"],
};

/// Warehouses to be written.
pub(super) struct Warehouses {
    put: Vec<WarehouseRow>,
    bury: Vec<Uuid>,
}

impl Plan for Warehouses {
    type Known = Keys;
    const FEED: &'static str = "warehouse";

    async fn known(tx: &mut Tx, batch: &Batch, _: &Table) -> Result<Keys, StoreError> {
        Ok(Keys::new(store::source::keys::<WarehouseRow>(tx, &batch.source).await?))
    }

    fn make(keys: Keys, batch: &Batch, table: &Table, report: &mut Report) -> Self {
        let mut rows = Rows::new(keys);
        let count = &mut report.rows;
        table.each(&mut report.faults, |line| {
            *count += 1;
            if let Some((code, id)) = rows.begin(line, "code", batch) {
                rows.put(warehouse_row(line, code, id, batch), []);
            }
        });
        rows.end(batch.is_full);
        report.counts = rows.counts;
        Warehouses {
            put: rows.put,
            bury: rows.bury,
        }
    }

    fn changes(&self, batch: &Batch) -> Vec<Change> {
        batch.changes(
            "warehouse",
            &self.put.iter().map(|row| row.id).collect::<Vec<_>>(),
            &self.bury,
        )
    }

    fn steps(&self, steps: &mut Steps) {
        steps.put(&self.put);
        steps.bury::<WarehouseRow>(&self.bury);
    }
}

fn warehouse_row(line: &mut Line<'_>, code: String, id: Uuid, batch: &Batch) -> WarehouseRow {
    let name = line.name("name");
    let country = line.country("country");
    let timezone = line.code("time_zone");
    if timezone.as_ref().is_some_and(|name| TimeZone::get(name).is_err()) {
        line.fault("time_zone", "must be a time zone of IANA such as Europe/Berlin");
    }
    let cutoff_time = line.code("cutoff");
    if cutoff_time
        .as_ref()
        .is_some_and(|text| Time::strptime("%H:%M", text).is_err())
    {
        line.fault("cutoff", "must be a time of day such as 15:00");
    }
    let calendar = line.text("calendar").map(str::to_owned);
    if let Some(Err(reason)) = calendar.as_deref().map(Calendar::parse) {
        line.fault("calendar", reason);
    }
    let is_status = |word: &str| [ACTIVE, INACTIVE].into_iter().find(|status| *status == word);
    WarehouseRow {
        tenant_id: batch.tenant.id,
        id,
        source_id: batch.source.id,
        ext_id: code.clone(),
        code,
        name: line.required("name", name),
        region: line.name("region"),
        country,
        timezone: timezone.or_else(|| Some(batch.tenant.time_zone.clone())),
        cutoff_time,
        calendar,
        status: line.word_by("status", ACTIVE, is_status, "active, inactive").to_owned(),
        row_hash: String::new(),
        synced_at: batch.now,
        deleted_at: None,
    }
}

/// Stock to be written.
pub(super) struct Stock {
    put: Vec<StockRow>,
    gone: Vec<(Uuid, Uuid)>,
}

/// What stock is compared with.
pub(super) struct KnownStock {
    products: Keys,
    warehouses: Keys,
    present: Vec<StockRow>,
}

impl Plan for Stock {
    type Known = KnownStock;
    const FEED: &'static str = "stock";

    async fn known(tx: &mut Tx, batch: &Batch, _: &Table) -> Result<KnownStock, StoreError> {
        Ok(KnownStock {
            products: Keys::new(store::source::keys::<ProductRow>(tx, &batch.source).await?),
            warehouses: Keys::new(store::source::keys::<WarehouseRow>(tx, &batch.source).await?),
            present: store::stock::levels(tx, batch.tenant.id).await?,
        })
    }

    fn make(known: KnownStock, batch: &Batch, table: &Table, report: &mut Report) -> Self {
        let key = |row: &StockRow| (row.product_id, row.warehouse_id);
        let mut present: HashMap<(Uuid, Uuid), String> = known
            .present
            .iter()
            .map(|row| (key(row), row.row_hash.clone()))
            .collect();
        let mut seen: HashMap<(Uuid, Uuid), u64> = HashMap::new();
        let (mut put, mut gone) = (Vec::new(), Vec::new());
        let (rows, counts) = (&mut report.rows, &mut report.counts);
        table.each(&mut report.faults, |line| {
            *rows += 1;
            let Some(row) = stock_row(line, &known, batch) else {
                return;
            };
            if let Some(first) = seen.insert(key(&row), line.number) {
                return line.fault("sku", format!("is on line {first} already, for the same warehouse"));
            }
            let before = present.remove(&key(&row));
            if line.yes("deleted", false) {
                match before {
                    Some(_) => gone.push(key(&row)),
                    None => counts.unchanged += 1,
                }
                return;
            }
            match before {
                Some(hash) if hash == row.row_hash && !batch.rewrites => counts.unchanged += 1,
                Some(_) => {
                    counts.changed += 1;
                    put.push(row);
                }
                None => {
                    counts.added += 1;
                    put.push(row);
                }
            }
        });
        if batch.is_full {
            gone.extend(present.into_keys());
        }
        counts.deleted = gone.len() as u64;
        Stock { put, gone }
    }

    fn changes(&self, batch: &Batch) -> Vec<Change> {
        let products: Vec<Uuid> = self.put.iter().map(|row| row.product_id).collect();
        let gone: Vec<Uuid> = self.gone.iter().map(|(product_id, _)| *product_id).collect();
        batch.changes("stock", &products, &gone)
    }

    fn steps(&self, steps: &mut Steps) {
        steps.put(&self.put);
        steps.remove_stock(&self.gone);
    }
}

fn stock_row(line: &mut Line<'_>, known: &KnownStock, batch: &Batch) -> Option<StockRow> {
    let (sku, warehouse) = (line.code("sku"), line.code("warehouse"));
    let sku = line.required("sku", sku);
    let warehouse = line.required("warehouse", warehouse);
    let product_id = known.products.id_for(line, &sku);
    if product_id.is_none() && !sku.is_empty() {
        line.fault("sku", format!("there is no product {}", shown(&sku)));
    }
    let warehouse_id = known.warehouses.id_for(line, &warehouse);
    if warehouse_id.is_none() && !warehouse.is_empty() {
        line.fault("warehouse", format!("there is no warehouse {}", shown(&warehouse)));
    }
    // What the ERP owes already may be more than it has.
    let on_hand = line.decimal("on_hand");
    if on_hand.is_none() && line.text("on_hand").is_none() {
        line.fault("on_hand", "is missing");
    }
    let level = StockLevel {
        on_hand: on_hand?,
        allocated: line.amount("allocated").unwrap_or(Decimal::ZERO),
        safety: line.amount("safety").unwrap_or(Decimal::ZERO),
        reserved: Decimal::ZERO,
        as_of: as_of(line).unwrap_or(batch.now),
    };
    let mut row = StockRow {
        tenant_id: batch.tenant.id,
        product_id: product_id?,
        warehouse_id: warehouse_id?,
        on_hand: level.on_hand,
        allocated: level.allocated,
        backordered: line.amount("backordered").unwrap_or(Decimal::ZERO),
        safety: level.safety,
        available: level.available(),
        available_rule: "on_hand - allocated - safety".to_owned(),
        as_of: Timestamp::UNIX_EPOCH,
        row_hash: String::new(),
    };
    // The moment is no content: a file every minute would change every row.
    row.row_hash = hash(&row, []);
    row.as_of = level.as_of;
    Some(row)
}

fn as_of(line: &mut Line<'_>) -> Option<Timestamp> {
    let at: Option<Timestamp> = line.text("as_of")?.parse().ok();
    if at.is_none() {
        line.fault("as_of", "must be a moment such as 2026-11-30T14:00:00Z");
    }
    at
}
