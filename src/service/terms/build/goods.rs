//! Products and units.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::parts::GoodsRows;
use super::{Names, left_out};
use crate::domain::account::Account;
use crate::domain::money::{Currency, Money};
use crate::domain::product::{CategoryTree, Goods, Product, RelationKind};
use crate::domain::terms::{Catalogue, ProductIndex, ProductTerms, Substitution, UnitTerms};
use crate::store::StoreError;
use crate::store::product::KnownUnit;

/// What goods become.
pub(super) struct Built {
    pub catalogue: Catalogue,
    pub goods: Goods,
    pub names: Names,
}

/// # Errors
/// The categories make no tree.
pub(super) fn build(
    rows: GoodsRows,
    accounts: &[Account],
    before: &Catalogue,
    currency: Currency,
) -> Result<Built, StoreError> {
    // Without its categories a product would be outside of what is denied, and of what is priced by them.
    let tree = CategoryTree::new(rows.categories.clone())
        .map_err(|error| StoreError::inconsistent(format!("the categories make no tree: {error}")))?;
    let units = rows.units.iter().map(|known| UnitTerms {
        code: known.unit.code.as_str().into(),
        decimals: known.unit.decimals,
    });
    let mut catalogue = before.renewed(units);
    let mut codes = Shared::default();
    for product in &rows.products {
        match product_terms(product, &tree, &catalogue, currency, &mut codes) {
            Some(terms) => {
                catalogue.add(terms);
            }
            None => left_out("product", product.id, "its base unit is not there"),
        }
    }
    rows.gone.iter().for_each(|id| catalogue.keep_place(*id));
    catalogue.set_substitutes(substitutes(&rows, &catalogue));
    let kits = kits(&rows, &catalogue);
    catalogue.set_kits(kits);
    let unit = |known: &KnownUnit| Some((known.id, catalogue.unit(&known.unit.code)?));
    let names = Names {
        units: rows.units.iter().filter_map(unit).collect(),
        categories: rows
            .categories
            .iter()
            .map(|category| (category.id, category.code.as_str().into()))
            .collect(),
        warehouses: rows.warehouses.clone(),
    };
    let units = rows.units.into_iter().map(|known| known.unit);
    Ok(Built {
        goods: Goods::new(rows.products, tree, units, &rows.warehouses, accounts),
        catalogue,
        names,
    })
}

/// Words that many rows share.
#[derive(Default)]
struct Shared(HashSet<Arc<str>>);

impl Shared {
    fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(shared) = self.0.get(word) {
            return shared.clone();
        }
        let shared: Arc<str> = word.into();
        self.0.insert(shared.clone());
        shared
    }
}

fn product_terms(
    product: &Product,
    tree: &CategoryTree,
    catalogue: &Catalogue,
    currency: Currency,
    codes: &mut Shared,
) -> Option<ProductTerms> {
    let base_unit = catalogue.unit(&product.base_unit)?;
    let default_unit = product.default_unit().and_then(|unit| catalogue.unit(&unit.unit));
    let units = product.units.iter();
    let units = units.filter_map(|unit| Some((catalogue.unit(&unit.unit)?, unit.factor, unit.is_sellable)));
    // Nearest first: steps up from any of its categories.
    let mut categories: Vec<(usize, &str)> = Vec::new();
    for own in &product.categories {
        let path = tree.path(own);
        categories.extend(
            path.iter()
                .rev()
                .enumerate()
                .map(|(steps, category)| (steps, &*category.code)),
        );
    }
    categories.sort_unstable();
    let mut nearest: Vec<Arc<str>> = Vec::with_capacity(categories.len());
    for (_, code) in categories {
        if !nearest.iter().any(|known| **known == *code) {
            nearest.push(codes.word(code));
        }
    }
    Some(ProductTerms {
        id: product.id,
        sku: product.sku.as_str().into(),
        base_unit,
        default_unit: default_unit.unwrap_or(base_unit),
        units: units.collect(),
        price_quantity: product.price_quantity,
        list_price: product.list_price,
        min_order_quantity: product.min_order_quantity,
        order_multiple: product.order_multiple,
        lead_time_days: product.lead_time_days,
        cost: product.cost.map(|cost| Money::new(cost, currency)),
        categories: nearest.into(),
        price_group: product.price_group.as_deref().map(|word| codes.word(word)),
        tax_class: product.tax_class.as_deref().map(|word| codes.word(word)),
        status: product.status,
    })
}

fn substitutes(rows: &GoodsRows, catalogue: &Catalogue) -> Vec<(ProductIndex, Substitution)> {
    let mut pairs = Vec::new();
    for row in &rows.relations {
        let of = |id| catalogue.product_by_id(id);
        let (Some(product), Some(related)) = (of(row.product_id), of(row.related_id)) else {
            continue;
        };
        let substitution = |product, ratio| Substitution {
            product,
            ratio,
            priority: i32::try_from(row.priority).unwrap_or(i32::MAX),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        };
        // The newer one stands in for the older.
        let (from, to) = match row.kind {
            RelationKind::Substitute => (product, related),
            RelationKind::Supersedes => (related, product),
            RelationKind::Accessory | RelationKind::Spare => continue,
        };
        pairs.push((from, substitution(to, row.qty_ratio)));
        if row.two_way {
            match Decimal::ONE.checked_div(row.qty_ratio) {
                Some(back) => pairs.push((to, substitution(from, back))),
                None => left_out("relation", row.id, "its ratio has no reverse"),
            }
        }
    }
    pairs
}

/// Kits with all their components; one of which a component cannot be counted has nothing available.
fn kits(rows: &GoodsRows, catalogue: &Catalogue) -> Vec<(ProductIndex, Vec<(ProductIndex, Decimal)>)> {
    let codes: HashMap<Uuid, &str> = rows.units.iter().map(|known| (known.id, &*known.unit.code)).collect();
    let mut kits: HashMap<ProductIndex, Option<Vec<(ProductIndex, Decimal)>>> = HashMap::new();
    for row in &rows.kits {
        let Some(kit) = catalogue.product_by_id(row.kit_id) else {
            continue;
        };
        let component = || {
            let component = catalogue.product_by_id(row.component_id)?;
            let unit = catalogue.unit(codes.get(&row.uom_id)?)?;
            let factor = catalogue.product_at(component).factor(unit)?;
            Some((component, factor.to_base(row.qty)?))
        };
        let parts = kits.entry(kit).or_insert_with(|| Some(Vec::new()));
        match (component(), &mut *parts) {
            (Some(component), Some(parts)) => parts.push(component),
            (Some(_), None) => {}
            (None, _) => {
                left_out("kit", row.kit_id, "a component is gone or has no such unit");
                *parts = None;
            }
        }
    }
    let kits = kits.into_iter().map(|(kit, parts)| {
        let mut parts = parts.unwrap_or_default();
        parts.sort_unstable();
        (kit, parts)
    });
    kits.collect()
}
