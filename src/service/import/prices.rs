//! Entries of price lists. A file brings the whole of every list that it names.
//!
//! The new set of entries is written beside the one in force, in small writes that let orders through between them;
//! then one small write puts the new sets of all lists in force, and the old ones are swept.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::report::{Counts, Faults, Report, shown};
use super::table::{Columns, Line, Table};
use super::{Batch, Plan};
use crate::service::Gateway;
use crate::store::feed::Change;
use crate::store::price_block::{self, Block, BreakRow};
use crate::store::product::{Part, PartUnit, UnitRow};
use crate::store::terms::ListRow;
use crate::store::{self, StoreError, Tx};

pub(super) const COLUMNS: Columns = Columns {
    required: &["list", "sku", "price"],
    optional: &["unit", "min_quantity", "price_quantity", "valid_from", "valid_to"],
};

/// Products that are looked up one by one; of more all are read.
const SKUS_MAX: usize = 20_000;
/// Blocks in one write: some 10 ms of the writer.
const BLOCKS_PER_WRITE: usize = 100;
/// Old blocks that go in one write.
const BLOCKS_PER_SWEEP: i64 = 500;

/// Lists with other entries than before.
pub(super) struct Prices {
    lists: Vec<Uuid>,
    /// All of their entries, packed; the version is set when they are staged.
    blocks: Vec<Block>,
}

/// What prices are compared with.
pub(super) struct KnownPrices {
    lists: HashMap<String, ListRow>,
    parts: HashMap<String, Part>,
    units: HashMap<String, UnitRow>,
    part_units: HashSet<PartUnit>,
    present: Vec<BreakRow>,
}

/// What makes an entry another one.
type Key = (Uuid, Uuid, Uuid, Decimal, Option<Date>);

fn key(row: &BreakRow) -> Key {
    (
        row.price_list_id,
        row.product_id,
        row.uom_id,
        row.min_qty,
        row.valid_from,
    )
}

/// What an entry says, digits of the price included.
fn said(row: &BreakRow) -> (Option<Decimal>, Option<u32>, Decimal, Option<Date>) {
    (
        row.price,
        row.price.map(|price| price.scale()),
        row.price_qty,
        row.valid_to,
    )
}

impl Plan for Prices {
    type Known = KnownPrices;
    const FEED: &'static str = "price_list";

    async fn known(tx: &mut Tx, batch: &Batch, table: &Table) -> Result<KnownPrices, StoreError> {
        let tenant_id = batch.tenant.id;
        let (mut named, mut skus, mut has_units) = (BTreeSet::new(), HashSet::new(), false);
        table.each(&mut Faults::default(), |line| {
            if let Some(list) = line.text("list").filter(|list| !named.contains(*list)) {
                named.insert(list.to_owned());
            }
            if let Some(sku) = line
                .text("sku")
                .filter(|sku| skus.len() <= SKUS_MAX && !skus.contains(*sku))
            {
                skus.insert(sku.to_owned());
            }
            has_units |= line.text("unit").is_some();
        });
        let mut lists = HashMap::new();
        let mut present = Vec::new();
        for list in store::terms::lists(tx, tenant_id).await? {
            if list.source_id == batch.source.id && named.contains(&list.code) {
                present.extend(price_block::breaks(tx, tenant_id, list.id, list.version).await?);
                lists.insert(list.code.clone(), list);
            }
        }
        let parts = match skus.len() > SKUS_MAX {
            true => store::product::parts(tx, tenant_id, batch.source.id).await?,
            false => {
                let skus: Vec<String> = skus.into_iter().collect();
                store::product::parts_of(tx, tenant_id, batch.source.id, &skus).await?
            }
        };
        let part_units = match has_units {
            true => store::product::part_units(tx, tenant_id).await?.into_iter().collect(),
            false => HashSet::new(),
        };
        let units = store::product::unit_rows(tx, tenant_id).await?;
        Ok(KnownPrices {
            lists,
            parts: parts.into_iter().map(|part| (part.sku.clone(), part)).collect(),
            units: units.into_iter().map(|unit| (unit.code.clone(), unit)).collect(),
            part_units,
            present,
        })
    }

    fn make(known: KnownPrices, batch: &Batch, table: &Table, report: &mut Report) -> Self {
        let mut entries = Vec::new();
        let count = &mut report.rows;
        let mut last = Last::default();
        table.each(&mut report.faults, |line| {
            *count += 1;
            if let Some(row) = entry(line, &known, &mut last) {
                entries.push((line.number, row));
            }
        });
        entries.sort_by(|(a_line, a), (b_line, b)| (key(a), a_line).cmp(&(key(b), b_line)));
        for pair in entries.windows(2) {
            let [(first, a), (second, b)] = pair else { continue };
            if key(a) == key(b) {
                let reason = format!("the same list, product, unit, quantity and first day are on line {first}");
                report.faults.add(*second, "sku", reason);
            }
        }
        let mut present = known.present;
        // They lie in the order of their products; most files come in the order of their own.
        present.sort_by_key(key);
        let entries: Vec<BreakRow> = entries.into_iter().map(|(_, row)| row).collect();
        let (counts, lists) = compare(&present, &entries);
        report.counts = counts;
        let mut entries = entries;
        entries.retain(|row| lists.contains(&row.price_list_id));
        Prices {
            blocks: price_block::pack(batch.tenant.id, 0, &entries),
            lists: lists.into_iter().collect(),
        }
    }

    fn changes(&self, batch: &Batch) -> Vec<Change> {
        batch.changes("price_list", &self.lists, &[])
    }

    async fn stage(self: &Arc<Self>, gateway: &Gateway, batch: &mut Batch) -> Result<bool, StoreError> {
        // The revision that is claimed here numbers the new set: no other import has the same.
        let source = batch.source.clone();
        if !gateway
            .store
            .write(async move |tx| store::source::claim(tx, &source).await)
            .await?
        {
            return Ok(false);
        }
        batch.source.revision += 1;
        let version = batch.source.revision;
        for from in (0..self.blocks.len()).step_by(BLOCKS_PER_WRITE) {
            let plan = Arc::clone(self);
            gateway
                .store
                .write(async move |tx| {
                    let blocks = plan.blocks.iter().skip(from).take(BLOCKS_PER_WRITE);
                    let blocks: Vec<Block> = blocks
                        .map(|block| Block {
                            version,
                            ..block.clone()
                        })
                        .collect();
                    price_block::insert(tx, &blocks).await
                })
                .await?;
        }
        Ok(true)
    }

    async fn write(&self, tx: &mut Tx, batch: &Batch) -> Result<(), StoreError> {
        for list in &self.lists {
            store::terms::set_version(tx, batch.tenant.id, *list, batch.source.revision).await?;
        }
        Ok(())
    }

    async fn sweep(self: &Arc<Self>, gateway: &Gateway, batch: &Batch) -> Result<(), StoreError> {
        let tenant_id = batch.tenant.id;
        for list in self.lists.clone() {
            let sweep = async move |tx: &mut Tx| price_block::delete_old(tx, tenant_id, list, BLOCKS_PER_SWEEP).await;
            while gateway.store.write(sweep).await? > 0 {}
        }
        Ok(())
    }
}

/// What changed, and in which lists, of two sets of entries in the order of their keys.
fn compare(present: &[BreakRow], entries: &[BreakRow]) -> (Counts, BTreeSet<Uuid>) {
    let (mut counts, mut lists) = (Counts::default(), BTreeSet::new());
    let (mut before, mut after) = (present.iter().peekable(), entries.iter().peekable());
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return (counts, lists),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some(after)) => key(before).cmp(&key(after)),
        };
        let gone = before.next_if(|_| order != Ordering::Greater);
        let new = after.next_if(|_| order != Ordering::Less);
        match (gone, new) {
            (Some(gone), Some(new)) if said(gone) == said(new) => {
                counts.unchanged += 1;
                continue;
            }
            (Some(_), Some(_)) => counts.changed += 1,
            (Some(_), None) => counts.deleted += 1,
            _ => counts.added += 1,
        }
        lists.extend(gone.or(new).map(|row| row.price_list_id));
    }
}

/// What the line before named: neighbours mostly name the same.
#[derive(Default)]
struct Last<'k> {
    list: Option<(&'k str, Uuid)>,
    part: Option<&'k Part>,
}

impl<'k> Last<'k> {
    fn list(&mut self, line: &mut Line<'_>, known: &'k KnownPrices) -> Option<Uuid> {
        if self.list.is_none_or(|(code, _)| line.text("list") != Some(code)) {
            let code = line.code("list");
            let code = line.required("list", code);
            let found = known.lists.get_key_value(&code);
            if found.is_none() && !code.is_empty() {
                line.fault("list", format!("there is no price list {}", shown(&code)));
            }
            self.list = found.map(|(code, row)| (&**code, row.id));
        }
        self.list.map(|(_, id)| id)
    }

    fn part(&mut self, line: &mut Line<'_>, known: &'k KnownPrices) -> Option<&'k Part> {
        if self.part.is_none_or(|part| line.text("sku") != Some(&*part.sku)) {
            let sku = line.code("sku");
            let sku = line.required("sku", sku);
            self.part = known.parts.get(&sku);
            if self.part.is_none() && !sku.is_empty() {
                line.fault("sku", format!("there is no product {}", shown(&sku)));
            }
        }
        self.part
    }
}

fn entry<'k>(line: &mut Line<'_>, known: &'k KnownPrices, last: &mut Last<'k>) -> Option<BreakRow> {
    let list = last.list(line, known);
    let part = last.part(line, known);
    let unit = line.code("unit");
    let uom_id = match (&unit, part) {
        (None, part) => part.map(|part| part.base_uom_id),
        (Some(_), None) => None,
        (Some(code), Some(part)) => {
            let id = known.units.get(code).map(|unit| unit.id);
            let id = id.filter(|uom_id| {
                known.part_units.contains(&PartUnit {
                    product_id: part.id,
                    uom_id: *uom_id,
                })
            });
            if id.is_none() {
                line.fault("unit", format!("the product has no unit {}", shown(code)));
            }
            id
        }
    };
    let (valid_from, valid_to) = line.validity();
    let (min_qty, price) = (line.amount("min_quantity"), line.amount("price"));
    let price_qty = line.positive("price_quantity");
    Some(BreakRow {
        price_list_id: list?,
        product_id: part?.id,
        uom_id: uom_id?,
        min_qty: min_qty.unwrap_or(Decimal::ZERO),
        valid_from,
        valid_to,
        price,
        price_qty: price_qty.unwrap_or(Decimal::ONE),
    })
}
