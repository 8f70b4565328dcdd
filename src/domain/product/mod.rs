//! What is sold: products with their units, and the tree of categories.

mod goods;

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::money::Money;
use crate::domain::unit::Factor;

pub use goods::{Goods, listing_key};

/// Multiples that are tried to make a unit meet the product's packing quantity.
const MULTIPLE_MAX: u32 = 1_000;

/// Whether a product may be sold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProductStatus {
    /// Sold.
    #[default]
    Active,
    /// Sold while stock lasts.
    Discontinued,
    /// Temporarily not sold: shown, but not orderable.
    Blocked,
    /// Never sold by itself: neither shown nor orderable.
    NotForSale,
}

known_by_words!(ProductStatus {
    Active = "active",
    Discontinued = "discontinued",
    Blocked = "blocked",
    NotForSale = "not_for_sale",
});

impl ProductStatus {
    /// Whether it appears in the shop.
    pub fn is_shown(self) -> bool {
        self != ProductStatus::NotForSale
    }

    /// Whether it can be ordered.
    pub fn is_orderable(self) -> bool {
        matches!(self, ProductStatus::Active | ProductStatus::Discontinued)
    }
}

/// What a product has to do with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelationKind {
    /// The other may be bought instead.
    Substitute,
    /// It takes the place of the other.
    Supersedes,
    /// The other is used with it.
    Accessory,
    /// The other is a spare part of it.
    Spare,
}

known_by_words!(RelationKind {
    Substitute = "substitute",
    Supersedes = "supersedes",
    Accessory = "accessory",
    Spare = "spare",
});

/// A unit a product can be counted in, with its exact factor to the base unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductUnit {
    /// The supplier's unit code.
    pub unit: String,
    /// How many base units one of it is.
    pub factor: Factor,
    /// Whether it can be ordered in it.
    pub is_sellable: bool,
    /// Whether the shop offers it first.
    pub is_default: bool,
    /// The GTIN of this pack.
    pub gtin: Option<String>,
}

/// One product of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Our identifier.
    pub id: Uuid,
    /// The supplier's part number (cXML `SupplierPartID`).
    pub sku: String,
    /// The short name.
    pub name: String,
    /// The long text.
    pub description: Option<String>,
    /// The unit that stock, minimum and multiple are counted in.
    pub base_unit: String,
    /// All units it has, the base unit among them; sellable ones can be ordered.
    pub units: Vec<ProductUnit>,
    /// How many base units the list price is for (100 for screws).
    pub price_quantity: Decimal,
    /// The list price, or `None`: price on request.
    pub list_price: Option<Money>,
    /// The maker's name.
    pub manufacturer: Option<String>,
    /// The maker's part number (cXML `ManufacturerPartID`).
    pub manufacturer_part_id: Option<String>,
    /// GTIN of the base unit.
    pub gtin: Option<String>,
    /// UNSPSC commodity, eight digits.
    pub unspsc: Option<String>,
    /// Tax class; rules of tax name it.
    pub tax_class: Option<String>,
    /// Price group; rules of price lists name it.
    pub price_group: Option<String>,
    /// What one base unit costs the supplier, in its own currency.
    pub cost: Option<Decimal>,
    /// The smallest quantity of an order line, in base units.
    pub min_order_quantity: Option<Decimal>,
    /// Order lines are multiples of it, in base units.
    pub order_multiple: Option<Decimal>,
    /// Days until a shortage is shipped.
    pub lead_time_days: Option<u32>,
    /// Whether it may be sold.
    pub status: ProductStatus,
    /// Codes of its categories, the primary one first.
    pub categories: Vec<String>,
    /// The key of its picture.
    pub image: Option<String>,
}

impl Product {
    /// The unit by its code.
    pub fn unit(&self, code: &str) -> Option<&ProductUnit> {
        self.units.iter().find(|unit| unit.unit == code)
    }

    /// Units it can be ordered in, the default first.
    pub fn sellable_units(&self) -> impl Iterator<Item = &ProductUnit> {
        let first = self.default_unit();
        let rest = self
            .units
            .iter()
            .filter(move |unit| unit.is_sellable && Some(*unit) != first);
        first.into_iter().chain(rest)
    }

    /// The least quantity and the step, in a unit, that meet the smallest order and the packing quantity.
    pub fn steps(&self, factor: Factor) -> (Decimal, Decimal) {
        let multiple = match self.order_multiple.filter(|multiple| *multiple > Decimal::ZERO) {
            None => Decimal::ONE,
            Some(packing) => (1..=MULTIPLE_MAX)
                .map(Decimal::from)
                .find(|times| {
                    let base = factor.to_base(*times);
                    base.is_some_and(|base| (base % packing).is_zero())
                })
                .unwrap_or(Decimal::ONE),
        };
        let least = self
            .min_order_quantity
            .and_then(|minimum| factor.from_base(minimum))
            .map_or(multiple, |minimum| (minimum / multiple).ceil() * multiple);
        (least.max(multiple), multiple)
    }

    /// The next quantity of a unit, this one or more, that meets the smallest order and the packing quantity.
    pub fn fitting(&self, factor: Factor, quantity: Decimal) -> Decimal {
        let (least, multiple) = self.steps(factor);
        let steps = (quantity / multiple).ceil();
        steps
            .checked_mul(multiple)
            .map_or(quantity, |fitting| fitting.max(least))
    }

    /// The unit the shop offers first.
    pub fn default_unit(&self) -> Option<&ProductUnit> {
        let mut sellable = self.units.iter().filter(|unit| unit.is_sellable);
        sellable
            .clone()
            .find(|unit| unit.is_default)
            .or_else(|| sellable.next())
    }
}

/// One category as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Our identifier.
    pub id: Uuid,
    /// The supplier's code.
    pub code: String,
    /// The name shown.
    pub name: String,
    /// The code of the category above.
    pub parent: Option<String>,
}

/// Why categories are not a tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CategoryError {
    /// The same code twice.
    #[error("category {0} appears twice")]
    Twice(String),
    /// A parent that is not there.
    #[error("category {code} names the parent {parent}, which does not exist")]
    UnknownParent {
        /// The category.
        code: String,
        /// The parent it names.
        parent: String,
    },
    /// A category above itself.
    #[error("category {0} is above itself")]
    Cycle(String),
}

/// The tree of categories: children in order of name, paths from the root.
#[derive(Clone, Debug, Default)]
pub struct CategoryTree {
    categories: BTreeMap<String, Category>,
    children: HashMap<Option<String>, Vec<String>>,
}

impl CategoryTree {
    /// Builds the tree.
    ///
    /// # Errors
    /// [`CategoryError`] when a code is double, a parent is unknown or a category is above itself.
    pub fn new(categories: impl IntoIterator<Item = Category>) -> Result<Self, CategoryError> {
        let mut tree = CategoryTree::default();
        for category in categories {
            if let Some(double) = tree.categories.insert(category.code.clone(), category) {
                return Err(CategoryError::Twice(double.code));
            }
        }
        for category in tree.categories.values() {
            tree.check_ancestors(category)?;
            tree.children
                .entry(category.parent.clone())
                .or_default()
                .push(category.code.clone());
        }
        let categories = &tree.categories;
        for codes in tree.children.values_mut() {
            codes.sort_by(|a, b| (&categories[a].name, a).cmp(&(&categories[b].name, b)));
        }
        Ok(tree)
    }

    fn check_ancestors(&self, category: &Category) -> Result<(), CategoryError> {
        let (mut at, mut steps) = (category, 0usize);
        while let Some(parent) = &at.parent {
            at = self
                .categories
                .get(parent)
                .ok_or_else(|| CategoryError::UnknownParent {
                    code: at.code.clone(),
                    parent: parent.clone(),
                })?;
            steps += 1;
            if steps > self.categories.len() {
                return Err(CategoryError::Cycle(category.code.clone()));
            }
        }
        Ok(())
    }

    /// The category by its code.
    pub fn get(&self, code: &str) -> Option<&Category> {
        self.categories.get(code)
    }

    /// All categories, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Category> {
        self.categories.values()
    }

    /// Categories directly below one, or at the root for `None`, in order of name.
    pub fn children(&self, code: Option<&str>) -> impl Iterator<Item = &Category> {
        let codes = self
            .children
            .get(&code.map(str::to_owned))
            .map_or(&[][..], Vec::as_slice);
        codes.iter().filter_map(|code| self.categories.get(code))
    }

    /// From the root down to the category itself; empty when the code is unknown.
    pub fn path(&self, code: &str) -> Vec<&Category> {
        let mut path = Vec::new();
        let mut at = self.categories.get(code);
        while let Some(category) = at {
            path.push(category);
            at = category.parent.as_ref().and_then(|parent| self.categories.get(parent));
        }
        path.reverse();
        path
    }

    /// The category and all below it.
    pub fn below(&self, code: &str) -> Vec<&Category> {
        let mut found: Vec<&Category> = self.get(code).into_iter().collect();
        let mut at = 0;
        while let Some(category) = found.get(at) {
            let code = category.code.clone();
            found.extend(self.children(Some(&code)));
            at += 1;
        }
        found
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.categories.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.categories.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(code: &str, parent: Option<&str>) -> Category {
        Category {
            id: Uuid::nil(),
            code: code.into(),
            name: format!("{code} name"),
            parent: parent.map(Into::into),
        }
    }

    #[test]
    fn categories_are_a_tree_or_refused() {
        let tree =
            CategoryTree::new([category("B", Some("A")), category("A", None), category("C", Some("B"))]).unwrap();
        let codes = |list: Vec<&Category>| list.iter().map(|c| c.code.clone()).collect::<Vec<_>>().join(" ");
        assert_eq!(codes(tree.path("C")), "A B C");
        assert_eq!(codes(tree.below("B")), "B C");
        assert_eq!(codes(tree.children(None).collect()), "A");
        assert_eq!(codes(tree.path("?")), "");
        let check = |list: &[(&str, Option<&str>)], expect| {
            let list = list.iter().map(|(code, parent)| category(code, *parent));
            assert_eq!(CategoryTree::new(list).err(), Some(expect));
        };
        check(&[("A", Some("A"))], CategoryError::Cycle("A".into()));
        check(&[("A", Some("B")), ("B", Some("A"))], CategoryError::Cycle("A".into()));
        check(&[("A", None), ("A", None)], CategoryError::Twice("A".into()));
        check(
            &[("A", Some("Z"))],
            CategoryError::UnknownParent {
                code: "A".into(),
                parent: "Z".into(),
            },
        );
    }
}
