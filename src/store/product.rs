//! Units, categories and products.

use std::collections::HashMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{StoreError, Tx, rows};
use crate::domain::money::{Currency, Money};
use crate::domain::product::{Category, Product, ProductStatus, ProductUnit};
use crate::domain::unit::{Dimension, Factor, Unit};

own_words!(ProductStatus, Dimension);
columns!(UnitRow: "uom" { tenant_id, id, code, name, unece_code, ansi_code, dimension, factor, decimals });
columns!(CategoryRow: "category" {
    tenant_id, id, source_id, ext_id, parent_id, code, name, row_hash, synced_at, deleted_at,
});
columns!(ProductRow: "product" {
    tenant_id, id, source_id, ext_id, sku, name, description, kind, base_uom_id, price_uom_id, price_qty,
    manufacturer, mpn, gtin, unspsc, tax_class, price_group, list_price, list_currency, standard_cost, min_order_qty, order_multiple, lead_time_days, image,
    status, row_hash, synced_at, deleted_at,
});
columns!(ProductUnitRow: "product_uom" {
    tenant_id, product_id, uom_id, factor_num, factor_den, sellable, gtin, is_default_sale,
});
columns!(ProductCategoryRow: "product_category" { tenant_id, product_id, category_id, is_primary });

/// A unit as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The supplier's code, unique.
    pub code: String,
    /// The supplier's name of it.
    pub name: String,
    /// The UN/CEFACT code.
    pub unece_code: Option<String>,
    /// The ANSI X12 code.
    pub ansi_code: Option<String>,
    /// What it measures.
    pub dimension: Dimension,
    /// How many base units of the dimension it is.
    pub factor: Decimal,
    /// Digits after the point a quantity may have.
    pub decimals: i64,
}

/// A category as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Where it comes from.
    pub source_id: Uuid,
    /// The source's key.
    pub ext_id: String,
    /// The category above.
    pub parent_id: Option<Uuid>,
    /// The supplier's code.
    pub code: String,
    /// The name shown.
    pub name: String,
    /// Hash of the row's content.
    pub row_hash: String,
    /// When it was brought last.
    pub synced_at: Timestamp,
    /// When its source deleted it.
    pub deleted_at: Option<Timestamp>,
}

/// A product as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Where it comes from.
    pub source_id: Uuid,
    /// The source's key.
    pub ext_id: String,
    /// The part number.
    pub sku: String,
    /// The short name.
    pub name: String,
    /// The long text.
    pub description: Option<String>,
    /// `goods`, `service`, `kit` or `configurable`.
    pub kind: String,
    /// The unit that stock, minimum and multiple are counted in.
    pub base_uom_id: Uuid,
    /// The unit the list price is for; none is the base unit.
    pub price_uom_id: Option<Uuid>,
    /// How many of that unit the list price is for.
    pub price_qty: Decimal,
    /// The maker's name.
    pub manufacturer: Option<String>,
    /// The maker's part number.
    pub mpn: Option<String>,
    /// GTIN of the base unit.
    pub gtin: Option<String>,
    /// UNSPSC commodity.
    pub unspsc: Option<String>,
    /// Tax class; rules of tax name it.
    pub tax_class: Option<String>,
    /// Price group; rules of price lists name it.
    pub price_group: Option<String>,
    /// The list price; none is "on request".
    pub list_price: Option<Decimal>,
    /// Its currency.
    pub list_currency: Option<String>,
    /// What one base unit costs the supplier, in its own currency.
    pub standard_cost: Option<Decimal>,
    /// The smallest quantity of an order line, in base units.
    pub min_order_qty: Option<Decimal>,
    /// Order lines are multiples of it, in base units.
    pub order_multiple: Option<Decimal>,
    /// Days until a shortage is shipped.
    pub lead_time_days: Option<i64>,
    /// The key of its picture.
    pub image: Option<String>,
    /// Whether it may be sold.
    pub status: ProductStatus,
    /// Hash of the row's content.
    pub row_hash: String,
    /// When it was brought last.
    pub synced_at: Timestamp,
    /// When its source deleted it.
    pub deleted_at: Option<Timestamp>,
}

/// A unit of a product: one is `factor_num / factor_den` base units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductUnitRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The product.
    pub product_id: Uuid,
    /// The unit.
    pub uom_id: Uuid,
    /// Base units in `factor_den` of it.
    pub factor_num: Decimal,
    /// How many of it are `factor_num` base units.
    pub factor_den: Decimal,
    /// Whether it can be ordered in it.
    pub sellable: bool,
    /// The GTIN of this pack.
    pub gtin: Option<String>,
    /// Whether the shop offers it first.
    pub is_default_sale: bool,
}

/// A product's place in a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductCategoryRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The product.
    pub product_id: Uuid,
    /// The category.
    pub category_id: Uuid,
    /// Whether it is the product's first.
    pub is_primary: bool,
}

/// A unit with its identifier, by which other rows name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownUnit {
    /// Identifier.
    pub id: Uuid,
    /// The unit.
    pub unit: Unit,
}

/// The rows of all units.
///
/// # Errors
/// As every statement.
pub async fn unit_rows(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<UnitRow>, StoreError> {
    all!(tx, "SELECT * FROM uom WHERE tenant_id = $1 ORDER BY code", tenant_id)
}

/// All units.
///
/// # Errors
/// As every statement.
pub async fn units(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<KnownUnit>, StoreError> {
    let rows = unit_rows(tx, tenant_id).await?;
    let unit = |row: UnitRow| KnownUnit {
        id: row.id,
        unit: Unit {
            decimals: u32::try_from(row.decimals).unwrap_or(0),
            code: row.code,
            name: row.name,
            unece: row.unece_code,
            ansi: row.ansi_code,
            dimension: row.dimension,
            factor: row.factor,
        },
    };
    Ok(rows.into_iter().map(unit).collect())
}

/// The rows of all categories that are not deleted.
///
/// # Errors
/// As every statement.
pub async fn category_rows(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<CategoryRow>, StoreError> {
    all!(
        tx,
        "SELECT * FROM category WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY code",
        tenant_id
    )
}

/// All categories that are not deleted.
///
/// # Errors
/// [`StoreError::Inconsistent`] when one is below a category that never was.
pub async fn categories(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Category>, StoreError> {
    let rows: Vec<CategoryRow> = all!(
        tx,
        "SELECT * FROM category WHERE tenant_id = $1 ORDER BY code",
        tenant_id
    )?;
    let codes: HashMap<Uuid, Option<String>> = rows
        .iter()
        .map(|row| (row.id, row.deleted_at.is_none().then(|| row.code.clone())))
        .collect();
    let mut categories = Vec::with_capacity(rows.len());
    for row in rows.into_iter().filter(|row| row.deleted_at.is_none()) {
        let above = row.parent_id.map(|id| codes.get(&id));
        let Some(parent) = above.unwrap_or(Some(&None)) else {
            let reason = format!("category {}: the category above it is not there", row.id);
            return Err(StoreError::inconsistent(reason));
        };
        categories.push(Category {
            id: row.id,
            code: row.code,
            name: row.name,
            // A deleted category leaves those below it at the root.
            parent: parent.clone(),
        });
    }
    Ok(categories)
}

/// All products that are not deleted, with their units and categories.
///
/// # Errors
/// [`StoreError::Inconsistent`] when a row contradicts itself.
pub async fn products(
    tx: &mut Tx,
    tenant_id: Uuid,
    units: &[KnownUnit],
    categories: &[Category],
) -> Result<Vec<Product>, StoreError> {
    let rows: Vec<ProductRow> = all!(
        tx,
        "SELECT * FROM product WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY sku, id",
        tenant_id
    )?;
    let unit_rows = all!(tx, "SELECT * FROM product_uom WHERE tenant_id = $1", tenant_id)?;
    let category_rows = all!(tx, "SELECT * FROM product_category WHERE tenant_id = $1", tenant_id)?;
    assemble(rows, unit_rows, category_rows, units, categories)
}

/// Some products that are not deleted, by their identifiers.
///
/// # Errors
/// As for [`products`].
pub async fn some_products(
    tx: &mut Tx,
    tenant_id: Uuid,
    ids: &[Uuid],
    units: &[KnownUnit],
    categories: &[Category],
) -> Result<Vec<Product>, StoreError> {
    let rows: Vec<ProductRow> = rows::some_of(tx, tenant_id, "id", ids).await?;
    let rows = rows.into_iter().filter(|row| row.deleted_at.is_none()).collect();
    let unit_rows = rows::some_of(tx, tenant_id, "product_id", ids).await?;
    let category_rows = rows::some_of(tx, tenant_id, "product_id", ids).await?;
    assemble(rows, unit_rows, category_rows, units, categories)
}

/// The identifiers of products by their part numbers.
///
/// # Errors
/// As every statement.
pub async fn ids(tx: &mut Tx, tenant_id: Uuid, skus: &[&str]) -> Result<Vec<Uuid>, StoreError> {
    let sql = tx.pick(
        "SELECT id, sku, base_uom_id FROM product WHERE tenant_id = $1 AND deleted_at IS NULL \
         AND sku IN (SELECT value FROM json_each($2))",
        "SELECT id, sku, base_uom_id FROM product WHERE tenant_id = $1 AND deleted_at IS NULL \
         AND sku IN (SELECT jsonb_array_elements_text($2::jsonb))",
    );
    let found: Vec<Part> = all!(tx, sql, tenant_id, serde_json::Value::from(skus).to_string())?;
    Ok(found.into_iter().map(|part| part.id).collect())
}

/// Products from their rows.
fn assemble(
    rows: Vec<ProductRow>,
    unit_rows: Vec<ProductUnitRow>,
    category_rows: Vec<ProductCategoryRow>,
    units: &[KnownUnit],
    categories: &[Category],
) -> Result<Vec<Product>, StoreError> {
    let unit_codes: HashMap<Uuid, &str> = units.iter().map(|known| (known.id, &*known.unit.code)).collect();
    let category_codes: HashMap<Uuid, &str> = categories.iter().map(|known| (known.id, &*known.code)).collect();
    let mut units_of: HashMap<Uuid, Vec<ProductUnitRow>> = HashMap::with_capacity(rows.len());
    for row in unit_rows {
        units_of.entry(row.product_id).or_default().push(row);
    }
    let mut categories_of: HashMap<Uuid, Vec<(bool, &str)>> = HashMap::with_capacity(rows.len());
    for row in category_rows {
        if let Some(code) = category_codes.get(&row.category_id) {
            categories_of
                .entry(row.product_id)
                .or_default()
                .push((!row.is_primary, code));
        }
    }
    let product = |row: ProductRow| {
        let units = units_of.remove(&row.id).unwrap_or_default();
        let mut categories = categories_of.remove(&row.id).unwrap_or_default();
        categories.sort_unstable();
        let categories = categories.into_iter().map(|(_, code)| code.to_owned()).collect();
        product(row, units, categories, &unit_codes)
    };
    rows.into_iter().map(product).collect()
}

fn product(
    row: ProductRow,
    unit_rows: Vec<ProductUnitRow>,
    categories: Vec<String>,
    unit_codes: &HashMap<Uuid, &str>,
) -> Result<Product, StoreError> {
    let wrong = |what: &str| StoreError::inconsistent(format!("product {}: {what}", row.id));
    let code = |id: Uuid| unit_codes.get(&id).map(|code| (*code).to_owned());
    let base_unit = code(row.base_uom_id).ok_or_else(|| wrong("its base unit is not there"))?;
    let mut units = Vec::with_capacity(unit_rows.len());
    for unit in unit_rows {
        units.push(ProductUnit {
            unit: code(unit.uom_id).ok_or_else(|| wrong("one of its units is not there"))?,
            factor: Factor::new(unit.factor_num, unit.factor_den).map_err(|_| wrong("a factor is not positive"))?,
            is_sellable: unit.sellable,
            is_default: unit.is_default_sale,
            gtin: unit.gtin,
        });
    }
    units.sort_by(|a, b| (a.unit != base_unit, &a.unit).cmp(&(b.unit != base_unit, &b.unit)));
    let list_price = match (row.list_price, &row.list_currency) {
        (Some(amount), Some(currency)) => {
            let currency =
                Currency::parse(currency).map_err(|_| wrong("its list price has no currency of ISO 4217"))?;
            Some(Money::new(amount, currency))
        }
        _ => None,
    };
    let price_unit = row.price_uom_id.and_then(code);
    let price_factor = price_unit.and_then(|code| units.iter().find(|unit| unit.unit == code).map(|unit| unit.factor));
    let price_quantity = price_factor
        .unwrap_or(Factor::ONE)
        .to_base(row.price_qty)
        .ok_or_else(|| wrong("its price quantity cannot be counted in base units"))?;
    let lead_time_days = row.lead_time_days.and_then(|days| u32::try_from(days).ok());
    Ok(Product {
        id: row.id,
        sku: row.sku,
        name: row.name,
        description: row.description,
        base_unit,
        units,
        price_quantity,
        list_price,
        manufacturer: row.manufacturer,
        manufacturer_part_id: row.mpn,
        gtin: row.gtin,
        unspsc: row.unspsc,
        tax_class: row.tax_class,
        price_group: row.price_group,
        cost: row.standard_cost,
        min_order_quantity: row.min_order_qty,
        order_multiple: row.order_multiple,
        lead_time_days,
        status: row.status,
        categories,
        image: row.image,
    })
}

/// A product as prices name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Identifier.
    pub id: Uuid,
    /// The part number.
    pub sku: String,
    /// The base unit.
    pub base_uom_id: Uuid,
}

columns!(Part { id, sku, base_uom_id });

/// All products of a source that are not deleted, as prices name them.
///
/// # Errors
/// As every statement.
pub async fn parts(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid) -> Result<Vec<Part>, StoreError> {
    all!(
        tx,
        "SELECT id, sku, base_uom_id FROM product WHERE tenant_id = $1 AND source_id = $2 AND deleted_at IS NULL",
        tenant_id,
        source_id
    )
}

/// The products of a source that are deleted.
///
/// # Errors
/// As every statement.
pub async fn gone_parts(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid) -> Result<Vec<Part>, StoreError> {
    all!(
        tx,
        "SELECT id, sku, base_uom_id FROM product WHERE tenant_id = $1 AND source_id = $2 AND deleted_at IS NOT NULL",
        tenant_id,
        source_id
    )
}

/// Some products of a source that are not deleted, as prices name them, by their part numbers.
///
/// # Errors
/// As every statement.
pub async fn parts_of(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid, skus: &[String]) -> Result<Vec<Part>, StoreError> {
    let sql = tx.pick(
        "SELECT id, sku, base_uom_id FROM product WHERE tenant_id = $1 AND source_id = $2 AND deleted_at IS NULL \
         AND sku IN (SELECT value FROM json_each($3))",
        "SELECT id, sku, base_uom_id FROM product WHERE tenant_id = $1 AND source_id = $2 AND deleted_at IS NULL \
         AND sku IN (SELECT jsonb_array_elements_text($3::jsonb))",
    );
    let mut parts = Vec::with_capacity(skus.len());
    for skus in skus.chunks(SKUS_PER_STATEMENT) {
        let some: Vec<Part> = all!(tx, sql, tenant_id, source_id, serde_json::Value::from(skus).to_string())?;
        parts.extend(some);
    }
    Ok(parts)
}

/// Part numbers in one statement.
const SKUS_PER_STATEMENT: usize = 1_000;

/// Products that were deleted; what was written of them may count again.
///
/// # Errors
/// As every statement.
pub async fn gone(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let gone: Vec<Part> = all!(
        tx,
        "SELECT id, sku, base_uom_id FROM product WHERE tenant_id = $1 AND deleted_at IS NOT NULL ORDER BY sku, id",
        tenant_id
    )?;
    Ok(gone.into_iter().map(|part| part.id).collect())
}

/// A product and one of its units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartUnit {
    /// The product.
    pub product_id: Uuid,
    /// The unit.
    pub uom_id: Uuid,
}

columns!(PartUnit { product_id, uom_id });

/// Which units each product has.
///
/// # Errors
/// As every statement.
pub async fn part_units(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<PartUnit>, StoreError> {
    all!(
        tx,
        "SELECT product_id, uom_id FROM product_uom WHERE tenant_id = $1",
        tenant_id
    )
}
