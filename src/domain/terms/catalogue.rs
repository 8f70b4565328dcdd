//! Products and units as prices know them: each with a number of its own, by which everything else names it.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::names::{NameMap, Places};
use crate::domain::money::Money;
use crate::domain::product::ProductStatus;
use crate::domain::unit::Factor;

/// A product's place in the [`Catalogue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductIndex(pub(super) u32);

/// A unit's place in the [`Catalogue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitIndex(pub(super) u16);

/// What terms need to know of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductTerms {
    /// Our identifier.
    pub id: Uuid,
    /// The part number.
    pub sku: Arc<str>,
    /// The unit that stock, minimum and multiple are counted in.
    pub base_unit: UnitIndex,
    /// The unit the shop offers first.
    pub default_unit: UnitIndex,
    /// Its units, the base unit among them.
    pub units: Box<[(UnitIndex, Factor, bool)]>,
    /// How many base units the list price is for.
    pub price_quantity: Decimal,
    /// The list price.
    pub list_price: Option<Money>,
    /// The smallest order, in base units.
    pub min_order_quantity: Option<Decimal>,
    /// Orders are multiples of it, in base units.
    pub order_multiple: Option<Decimal>,
    /// Days until a shortage ships.
    pub lead_time_days: Option<u32>,
    /// What it costs the supplier, for one base unit.
    pub cost: Option<Money>,
    /// Codes of its categories and those above them, nearest first.
    pub categories: Box<[Arc<str>]>,
    /// Its price group.
    pub price_group: Option<Arc<str>>,
    /// Its tax class.
    pub tax_class: Option<Arc<str>>,
    /// Whether it may be sold.
    pub status: ProductStatus,
}

impl ProductTerms {
    /// How many base units one of a unit is; `None` for a unit it does not have.
    pub fn factor(&self, unit: UnitIndex) -> Option<Factor> {
        let own = self.units.iter().find(|(own, ..)| *own == unit);
        own.map(|(_, factor, _)| *factor)
    }
}

/// A product that may stand in for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substitution {
    /// The other product.
    pub product: ProductIndex,
    /// How many of its base units replace one base unit.
    pub ratio: Decimal,
    /// The lower number comes first.
    pub priority: i32,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
}

/// What terms need to know of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitTerms {
    /// The supplier's code.
    pub code: Arc<str>,
    /// Digits after the point a quantity may have.
    pub decimals: u32,
}

/// Products and units, with a number for each.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    units: Vec<UnitTerms>,
    unit_of_code: NameMap<Arc<str>, UnitIndex>,
    products: Vec<ProductTerms>,
    product_of_sku: Places,
    product_of_id: NameMap<Uuid, ProductIndex>,
    kits: HashMap<ProductIndex, Box<[(ProductIndex, Decimal)]>>,
    substitutes: HashMap<ProductIndex, Vec<Substitution>>,
}

impl Catalogue {
    /// A catalogue of units, without products.
    pub fn new(units: impl IntoIterator<Item = UnitTerms>) -> Self {
        let mut catalogue = Catalogue::default();
        catalogue.add_units(units);
        catalogue
    }

    /// Adds units, or replaces those of the same codes.
    fn add_units(&mut self, units: impl IntoIterator<Item = UnitTerms>) {
        for unit in units {
            let next = UnitIndex(u16::try_from(self.units.len()).unwrap_or(u16::MAX));
            let index = *self.unit_of_code.entry(unit.code.clone()).or_insert(next);
            match self.units.get_mut(usize::from(index.0)) {
                Some(place) => *place = unit,
                None => self.units.push(unit),
            }
        }
    }

    /// The same places without products in them: what is added again by its identifier takes its place again, so that
    /// lists built before stay right.
    #[must_use]
    pub fn renewed(&self, units: impl IntoIterator<Item = UnitTerms>) -> Self {
        let mut catalogue = self.clone();
        catalogue.add_units(units);
        catalogue.product_of_sku.clear();
        catalogue
    }

    /// Keeps a place for a product that may come again.
    pub fn keep_place(&mut self, id: Uuid) {
        let nobody = ProductTerms {
            id,
            sku: "".into(),
            base_unit: UnitIndex(0),
            default_unit: UnitIndex(0),
            units: Box::default(),
            price_quantity: Decimal::ONE,
            list_price: None,
            min_order_quantity: None,
            order_multiple: None,
            lead_time_days: None,
            cost: None,
            categories: Box::default(),
            price_group: None,
            tax_class: None,
            status: ProductStatus::NotForSale,
        };
        if !self.product_of_id.contains_key(&id) {
            self.put(nobody);
        }
    }

    /// Adds a product, or replaces the one with its identifier.
    pub fn add(&mut self, product: ProductTerms) -> ProductIndex {
        let sku = product.sku.clone();
        let index = self.put(product);
        let products = &self.products;
        let is_there = |place: u32| products[place as usize].sku == sku;
        self.product_of_sku.insert(&sku, index.0, is_there);
        index
    }

    fn put(&mut self, product: ProductTerms) -> ProductIndex {
        let next = ProductIndex(u32::try_from(self.products.len()).unwrap_or(u32::MAX));
        let index = *self.product_of_id.entry(product.id).or_insert(next);
        match self.products.get_mut(index.0 as usize) {
            Some(place) => *place = product,
            None => self.products.push(product),
        }
        index
    }

    /// Says what one base unit of a kit is put together from: components and how many of their base units.
    pub fn set_kits(&mut self, kits: impl IntoIterator<Item = (ProductIndex, Vec<(ProductIndex, Decimal)>)>) {
        self.kits = kits.into_iter().map(|(kit, parts)| (kit, parts.into())).collect();
    }

    /// Says which products may stand in for which.
    pub fn set_substitutes(&mut self, pairs: impl IntoIterator<Item = (ProductIndex, Substitution)>) {
        self.substitutes.clear();
        for (product, substitution) in pairs {
            self.substitutes.entry(product).or_default().push(substitution);
        }
        for substitutions in self.substitutes.values_mut() {
            substitutions.sort_by_key(|substitution| (substitution.priority, substitution.product));
        }
    }

    /// The components of a kit.
    pub(super) fn kit(&self, index: ProductIndex) -> Option<&[(ProductIndex, Decimal)]> {
        self.kits.get(&index).map(|parts| &**parts)
    }

    /// The products that may stand in for one, the best first.
    pub(super) fn substitutes(&self, index: ProductIndex) -> &[Substitution] {
        self.substitutes.get(&index).map_or(&[], Vec::as_slice)
    }

    /// The unit of a code.
    pub fn unit(&self, code: &str) -> Option<UnitIndex> {
        self.unit_of_code.get(code).copied()
    }

    /// The product of a part number.
    pub fn product(&self, sku: &str) -> Option<ProductIndex> {
        let is_there = |place: u32| *self.products[place as usize].sku == *sku;
        self.product_of_sku.get(sku, is_there).map(ProductIndex)
    }

    /// The product of an identifier.
    pub fn product_by_id(&self, id: Uuid) -> Option<ProductIndex> {
        self.product_of_id.get(&id).copied()
    }

    /// The product at a place.
    pub fn product_at(&self, index: ProductIndex) -> &ProductTerms {
        &self.products[index.0 as usize]
    }

    /// Brings near what is known of products by their part numbers, and tells where they most likely are.
    pub(super) fn touch<'a>(&self, skus: impl Iterator<Item = &'a str> + Clone) -> Vec<ProductIndex> {
        self.product_of_sku.touch(skus.clone());
        let places = skus.filter_map(|sku| self.product_of_sku.guess(sku));
        let found: Vec<ProductIndex> = places.map(ProductIndex).collect();
        // First the products, from end to end, then what they point to.
        let known = found.iter().map(|index| {
            let product = self.product_at(*index);
            let sold = product.status.is_orderable() as usize ^ usize::from(product.min_order_quantity.is_some());
            let shown = usize::from(product.list_price.is_some()) ^ usize::from(product.price_group.is_some());
            sold ^ shown ^ product.units.len() ^ product.id.as_bytes()[0] as usize
        });
        black_box(known.fold(0, |sum, known| sum ^ known));
        let beyond = found.iter().map(|index| {
            let product = self.product_at(*index);
            let unit = product.units.first().map_or(0, |(unit, ..)| unit.0);
            u32::from(unit) ^ product.sku.as_bytes().first().map_or(0, |byte| u32::from(*byte))
        });
        black_box(beyond.fold(0, |sum, beyond| sum ^ beyond));
        found
    }

    /// The unit at a place.
    pub fn unit_at(&self, index: UnitIndex) -> &UnitTerms {
        &self.units[usize::from(index.0)]
    }

    /// How many products there are.
    pub fn len(&self) -> usize {
        self.product_of_sku.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
