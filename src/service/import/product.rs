//! Units, categories and products.

use std::collections::HashMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::report::{Report, shown};
use super::source::{Keys, Rows, circles, content};
use super::table::{Columns, Line, Table};
use super::{Batch, Plan};
use crate::domain::money::parse_decimal;
use crate::domain::product::ProductStatus;
use crate::domain::unit::{Dimension, Factor, STANDARD};
use crate::store::feed::Change;
use crate::store::import::Steps;
use crate::store::product::{CategoryRow, ProductCategoryRow, ProductRow, ProductUnitRow, UnitRow};
use crate::store::{self, StoreError, Tx};

pub(super) const UNIT_COLUMNS: Columns = Columns {
    required: &["code", "name"],
    optional: &["unece", "ansi", "dimension", "factor", "decimals"],
};
pub(super) const CATEGORY_COLUMNS: Columns = Columns {
    required: &["code"],
    optional: &["name", "parent", "deleted"],
};
pub(super) const PRODUCT_COLUMNS: Columns = Columns {
    required: &["sku"],
    optional: &[
        "name",
        "description",
        "categories",
        "base_unit",
        "units",
        "sold_in",
        "list_price",
        "currency",
        "price_quantity",
        "price_unit",
        "manufacturer",
        "mpn",
        "gtin",
        "unspsc",
        "tax_class",
        "price_group",
        "cost",
        "min_order_quantity",
        "order_multiple",
        "lead_time_days",
        "status",
        "image",
        "deleted",
    ],
};

/// Digits after the point a quantity may have: more is a mistake.
const DECIMALS_MAX: i64 = 6;
/// Longest lead time: ten years.
const LEAD_TIME_DAYS_MAX: i64 = 3650;
/// Units of one product, and categories of one product: more is a mistake.
const PARTS_MAX: usize = 20;

/// Units to be written.
pub(super) struct Units {
    put: Vec<UnitRow>,
}

impl Plan for Units {
    type Known = Vec<UnitRow>;
    const FEED: &'static str = "unit";

    async fn known(tx: &mut Tx, batch: &Batch, _: &Table) -> Result<Vec<UnitRow>, StoreError> {
        store::product::unit_rows(tx, batch.tenant.id).await
    }

    fn make(known: Vec<UnitRow>, batch: &Batch, table: &Table, report: &mut Report) -> Self {
        let known: HashMap<String, UnitRow> = known.into_iter().map(|row| (row.code.clone(), row)).collect();
        let mut seen: HashMap<String, u64> = HashMap::new();
        let mut put = Vec::new();
        let (rows, counts) = (&mut report.rows, &mut report.counts);
        table.each(&mut report.faults, |line| {
            *rows += 1;
            let row = unit_row(line, batch);
            if let Some(first) = seen.insert(row.code.clone(), line.number) {
                line.fault("code", format!("is on line {first} already"));
            }
            match known.get(&row.code) {
                None => {
                    counts.added += 1;
                    put.push(row);
                }
                Some(present) => {
                    let row = UnitRow { id: present.id, ..row };
                    if content(&row) == content(present) && !batch.rewrites {
                        counts.unchanged += 1;
                    } else {
                        counts.changed += 1;
                        put.push(row);
                    }
                }
            }
        });
        Units { put }
    }

    fn changes(&self, batch: &Batch) -> Vec<Change> {
        batch.changes("unit", &self.put.iter().map(|row| row.id).collect::<Vec<_>>(), &[])
    }

    fn steps(&self, steps: &mut Steps) {
        steps.put(&self.put);
    }
}

fn unit_row(line: &mut Line<'_>, batch: &Batch) -> UnitRow {
    let (code, name) = (line.code("code"), line.name("name"));
    UnitRow {
        tenant_id: batch.tenant.id,
        id: batch.clock.new_id(),
        code: line.required("code", code),
        name: line.required("name", name),
        unece_code: line.code("unece"),
        ansi_code: line.code("ansi"),
        dimension: line.word("dimension", Dimension::Count),
        factor: line.positive("factor").unwrap_or(Decimal::ONE),
        decimals: line.whole("decimals", DECIMALS_MAX).unwrap_or(0),
    }
}

/// Categories to be written.
pub(super) struct Categories {
    put: Vec<CategoryRow>,
    bury: Vec<Uuid>,
}

impl Plan for Categories {
    type Known = (Keys, Vec<CategoryRow>);
    const FEED: &'static str = "category";

    async fn known(tx: &mut Tx, batch: &Batch, _: &Table) -> Result<Self::Known, StoreError> {
        let keys = store::source::keys::<CategoryRow>(tx, &batch.source).await?;
        Ok((
            Keys::new(keys),
            store::product::category_rows(tx, batch.tenant.id).await?,
        ))
    }

    fn make((keys, present): Self::Known, batch: &Batch, table: &Table, report: &mut Report) -> Self {
        let mut rows = Rows::new(keys);
        let mut parsed = Vec::new();
        let count = &mut report.rows;
        table.each(&mut report.faults, |line| {
            *count += 1;
            if let Some((code, id)) = rows.begin(line, "code", batch) {
                let name = line.name("name");
                let name = line.required("name", name);
                parsed.push((line.number, id, code, name, line.code("parent")));
            }
        });
        let codes: HashMap<Uuid, &str> = present.iter().map(|row| (row.id, &*row.code)).collect();
        let parent_code = |row: &CategoryRow| {
            row.parent_id
                .and_then(|id| codes.get(&id).map(|code| (*code).to_owned()))
        };
        let mut parents: HashMap<String, Option<String>> =
            present.iter().map(|row| (row.code.clone(), parent_code(row))).collect();
        let mut lines = Vec::with_capacity(parsed.len());
        for (line, id, code, name, parent) in parsed {
            let parent_id = parent.as_ref().and_then(|parent| rows.id(parent, batch.is_full));
            if let (Some(parent), None) = (&parent, parent_id) {
                report
                    .faults
                    .add(line, "parent", format!("there is no category {}", shown(parent)));
            }
            parents.insert(code.clone(), parent);
            lines.push((line, code.clone()));
            let row = CategoryRow {
                tenant_id: batch.tenant.id,
                id,
                source_id: batch.source.id,
                ext_id: code.clone(),
                parent_id,
                code,
                name,
                row_hash: String::new(),
                synced_at: batch.now,
                deleted_at: None,
            };
            rows.put(row, []);
        }
        circles(&parents, &lines, &mut report.faults);
        rows.end(batch.is_full);
        report.counts = rows.counts;
        Categories {
            put: rows.put,
            bury: rows.bury,
        }
    }

    fn changes(&self, batch: &Batch) -> Vec<Change> {
        batch.changes(
            "category",
            &self.put.iter().map(|row| row.id).collect::<Vec<_>>(),
            &self.bury,
        )
    }

    fn steps(&self, steps: &mut Steps) {
        steps.put(&self.put);
        steps.bury::<CategoryRow>(&self.bury);
    }
}

/// Units by code; those of the trade's code lists come into being when they are named.
struct UnitBook {
    ids: HashMap<String, Uuid>,
    made: Vec<UnitRow>,
}

impl UnitBook {
    fn new(rows: &[UnitRow]) -> Self {
        UnitBook {
            ids: rows.iter().map(|row| (row.code.clone(), row.id)).collect(),
            made: Vec::new(),
        }
    }

    fn id(&mut self, code: &str, batch: &Batch) -> Option<Uuid> {
        if let Some(id) = self.ids.get(code) {
            return Some(*id);
        }
        let standard = STANDARD.iter().find(|unit| unit.code == code)?;
        let factor = standard.factor.and_then(|factor| parse_decimal(factor).ok());
        let row = UnitRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            code: code.to_owned(),
            name: standard.name.to_owned(),
            unece_code: None,
            ansi_code: None,
            dimension: standard.dimension,
            factor: factor.unwrap_or(Decimal::ONE),
            decimals: i64::from(standard.decimals),
        };
        self.ids.insert(code.to_owned(), row.id);
        self.made.push(row.clone());
        Some(row.id)
    }
}

/// Products to be written, with the units they brought into being.
pub(super) struct Products {
    units: Vec<UnitRow>,
    put: Vec<ProductRow>,
    replaced: Vec<Uuid>,
    product_units: Vec<ProductUnitRow>,
    product_categories: Vec<ProductCategoryRow>,
    bury: Vec<Uuid>,
}

impl Plan for Products {
    type Known = (Keys, Keys, Vec<UnitRow>);
    const FEED: &'static str = "product";

    async fn known(tx: &mut Tx, batch: &Batch, _: &Table) -> Result<Self::Known, StoreError> {
        let products = store::source::keys::<ProductRow>(tx, &batch.source).await?;
        let categories = store::source::keys::<CategoryRow>(tx, &batch.source).await?;
        let units = store::product::unit_rows(tx, batch.tenant.id).await?;
        Ok((Keys::new(products), Keys::new(categories), units))
    }

    fn make((keys, categories, units): Self::Known, batch: &Batch, table: &Table, report: &mut Report) -> Self {
        let mut rows = Rows::new(keys);
        let mut units = UnitBook::new(&units);
        let (mut product_units, mut product_categories) = (Vec::new(), Vec::new());
        let count = &mut report.rows;
        table.each(&mut report.faults, |line| {
            *count += 1;
            let Some((sku, id)) = rows.begin(line, "sku", batch) else {
                return;
            };
            let own_units = own_units(line, id, &mut units, batch);
            let own_categories = own_categories(line, id, &categories, batch);
            let row = product_row(line, sku, id, &own_units, batch);
            let children = own_units.rows.iter().map(content);
            let children: Vec<_> = children.chain(own_categories.iter().map(content)).collect();
            if rows.put(row, children) {
                product_units.extend(own_units.rows);
                product_categories.extend(own_categories);
            }
        });
        rows.end(batch.is_full);
        report.counts = rows.counts;
        Products {
            units: units.made,
            put: rows.put,
            replaced: rows.replaced,
            product_units,
            product_categories,
            bury: rows.bury,
        }
    }

    fn changes(&self, batch: &Batch) -> Vec<Change> {
        batch.changes(
            "product",
            &self.put.iter().map(|row| row.id).collect::<Vec<_>>(),
            &self.bury,
        )
    }

    fn steps(&self, steps: &mut Steps) {
        steps.put(&self.units);
        steps.put(&self.put);
        steps.clear::<ProductUnitRow>(&self.replaced);
        steps.put(&self.product_units);
        steps.clear::<ProductCategoryRow>(&self.replaced);
        steps.put(&self.product_categories);
        steps.bury::<ProductRow>(&self.bury);
    }
}

/// A product's units with their codes, the base unit first.
struct OwnUnits {
    codes: Vec<String>,
    rows: Vec<ProductUnitRow>,
}

/// Reads `base_unit`, `units` (`BX=100|CS=1000:4006381333931|KG=1/7`) and `sold_in`.
fn own_units(line: &mut Line<'_>, product_id: Uuid, units: &mut UnitBook, batch: &Batch) -> OwnUnits {
    let mut own = OwnUnits {
        codes: Vec::new(),
        rows: Vec::new(),
    };
    let base = line.code("base_unit");
    let base = line.required("base_unit", base);
    let mut add = |line: &mut Line<'_>, column: &str, code: &str, factor: Factor, gtin: Option<String>| {
        if own.codes.iter().any(|known| known == code) {
            return line.fault(column, format!("{} is there twice", shown(code)));
        }
        let Some(uom_id) = units.id(code, batch) else {
            return line.fault(
                column,
                format!("there is no unit {}; add it to the units first", shown(code)),
            );
        };
        own.codes.push(code.to_owned());
        own.rows.push(ProductUnitRow {
            tenant_id: batch.tenant.id,
            product_id,
            uom_id,
            factor_num: factor.numerator(),
            factor_den: factor.denominator(),
            sellable: true,
            gtin,
            is_default_sale: false,
        });
    };
    if !base.is_empty() {
        add(line, "base_unit", &base, Factor::ONE, None);
    }
    let parts = line.parts("units");
    if parts.len() > PARTS_MAX {
        line.fault("units", format!("has more than {PARTS_MAX} units"));
    }
    for part in parts {
        match unit_part(&part) {
            // ERPs list the base unit among the others: one of it is one of it.
            Some((code, factor, None)) if code == base && factor == Factor::ONE => {}
            Some((code, factor, gtin)) => {
                if let Some(reason) = gtin.as_deref().and_then(gtin_fault) {
                    line.fault("units", reason);
                }
                add(line, "units", code, factor, gtin);
            }
            None => line.fault(
                "units",
                format!("{} must be written like BX=100 or KG=1/7", shown(&part)),
            ),
        }
    }
    let sold_in = line.parts("sold_in");
    if !sold_in.is_empty() {
        own.rows.iter_mut().for_each(|row| row.sellable = false);
    }
    for code in &sold_in {
        match own.codes.iter().position(|known| known == code) {
            Some(at) => own.rows[at].sellable = true,
            None => line.fault("sold_in", format!("the product has no unit {}", shown(code))),
        }
    }
    let first = sold_in.first().unwrap_or(&base);
    let default = own
        .codes
        .iter()
        .position(|code| code == first)
        .and_then(|at| own.rows.get_mut(at));
    if let Some(row) = default {
        row.is_default_sale = true;
    }
    own
}

/// `BX=100`, `KG=1/7`, `BX=100:4006381333931`: code, factor to the base unit, GTIN of the pack.
fn unit_part(part: &str) -> Option<(&str, Factor, Option<String>)> {
    let (code, rest) = part.split_once('=')?;
    let (factor, gtin) = match rest.split_once(':') {
        Some((factor, gtin)) => (factor, Some(gtin.trim().to_owned())),
        None => (rest, None),
    };
    let (numerator, denominator) = factor.split_once('/').unwrap_or((factor, "1"));
    let factor = Factor::new(parse_decimal(numerator).ok()?, parse_decimal(denominator).ok()?).ok()?;
    Some((code.trim(), factor, gtin))
}

fn own_categories(line: &mut Line<'_>, product_id: Uuid, known: &Keys, batch: &Batch) -> Vec<ProductCategoryRow> {
    let codes = line.parts("categories");
    if codes.len() > PARTS_MAX {
        line.fault("categories", format!("has more than {PARTS_MAX} categories"));
    }
    let mut own: Vec<ProductCategoryRow> = Vec::with_capacity(codes.len());
    for code in codes {
        match known.id(&code) {
            None => line.fault("categories", format!("there is no category {}", shown(&code))),
            Some(id) if own.iter().any(|row| row.category_id == id) => {}
            Some(category_id) => own.push(ProductCategoryRow {
                tenant_id: batch.tenant.id,
                product_id,
                category_id,
                is_primary: own.is_empty(),
            }),
        }
    }
    own
}

fn product_row(line: &mut Line<'_>, sku: String, id: Uuid, units: &OwnUnits, batch: &Batch) -> ProductRow {
    let name = line.name("name");
    let list_price = line.amount("list_price");
    let currency = line.currency("currency").map(|currency| currency.code().to_owned());
    let list_currency = list_price.map(|_| currency.unwrap_or_else(|| batch.tenant.currency.clone()));
    let price_unit = line.code("price_unit");
    let price_uom = price_unit.as_ref().and_then(|code| {
        let at = units.codes.iter().position(|known| known == code)?;
        units.rows.get(at)
    });
    if let (Some(code), None) = (&price_unit, price_uom) {
        line.fault("price_unit", format!("the product has no unit {}", shown(code)));
    }
    let price_qty = line.positive("price_quantity").unwrap_or(Decimal::ONE);
    let factor = price_uom.and_then(|row| Factor::new(row.factor_num, row.factor_den).ok());
    if factor.unwrap_or(Factor::ONE).to_base(price_qty).is_none() {
        line.fault("price_quantity", "cannot be counted in base units exactly");
    }
    let gtin = line.code("gtin");
    if let Some(reason) = gtin.as_deref().and_then(gtin_fault) {
        line.fault("gtin", reason);
    }
    let unspsc = line.code("unspsc");
    if unspsc
        .as_ref()
        .is_some_and(|code| code.len() != 8 || !code.bytes().all(|byte| byte.is_ascii_digit()))
    {
        line.fault("unspsc", "must be eight digits");
    }
    ProductRow {
        tenant_id: batch.tenant.id,
        id,
        source_id: batch.source.id,
        ext_id: sku.clone(),
        sku,
        name: line.required("name", name),
        description: line.prose("description"),
        kind: "goods".to_owned(),
        base_uom_id: units.rows.first().map_or(Uuid::nil(), |row| row.uom_id),
        price_uom_id: price_uom.map(|row| row.uom_id),
        price_qty,
        manufacturer: line.name("manufacturer"),
        mpn: line.code("mpn"),
        gtin,
        unspsc,
        tax_class: line.code("tax_class"),
        price_group: line.code("price_group"),
        list_price,
        list_currency,
        standard_cost: line.amount("cost"),
        min_order_qty: line.positive("min_order_quantity"),
        order_multiple: line.positive("order_multiple"),
        lead_time_days: line.whole("lead_time_days", LEAD_TIME_DAYS_MAX),
        image: line.name("image"),
        status: line.word("status", ProductStatus::Active),
        row_hash: String::new(),
        synced_at: batch.now,
        deleted_at: None,
    }
}

/// What is wrong with a GTIN of 8, 12, 13 or 14 digits; the last digit is a check on the others (GS1).
fn gtin_fault(text: &str) -> Option<&'static str> {
    if !matches!(text.len(), 8 | 12 | 13 | 14) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("must be a GTIN of 8, 12, 13 or 14 digits");
    }
    let weighed = text.bytes().rev().zip([1u32, 3].into_iter().cycle());
    let sum: u32 = weighed.map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    (!sum.is_multiple_of(10)).then_some("is not a GTIN: its check digit is wrong")
}

#[cfg(test)]
mod tests;
