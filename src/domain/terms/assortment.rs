//! What an account may buy, in the words of part numbers and categories.

use std::sync::Arc;

use super::book::PriceBook;
use super::rule::Scope;

/// What an account may buy: not what is denied, and only what is allowed where anything is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Assortment {
    /// Whether it may buy only what is allowed, even where nothing of that is there any more.
    pub is_limited: bool,
    /// What it may buy, where that is limited.
    pub allowed: Vec<Assorted>,
    /// What it may not buy, whatever is allowed.
    pub denied: Vec<Assorted>,
}

/// What a rule of an assortment is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Assorted {
    /// One product, by its part number.
    Product(Arc<str>),
    /// Products in a category or below it, by its code.
    Category(Arc<str>),
}

impl Assortment {
    /// Whether nothing is left out.
    pub fn is_everything(&self) -> bool {
        !self.is_limited && self.denied.is_empty()
    }
}

impl PriceBook {
    /// What an account may buy; `None` where there is no such account. [`PriceBook::is_offered`] says the same product
    /// by product.
    pub fn assortment(&self, account: &str) -> Option<Assortment> {
        let offered = self.contracts.route(account)?.assortment();
        let assorted = |scope: &Scope| match scope {
            Scope::Product(index) => Some(Assorted::Product(self.catalogue.product_at(*index).sku.clone())),
            Scope::Category(code) => Some(Assorted::Category(Arc::clone(code))),
            // Assortments are made of the two above alone.
            Scope::Group(_) | Scope::All => None,
        };
        let mut assortment = Assortment {
            is_limited: offered.is_limited,
            allowed: offered.allowed.iter().filter_map(assorted).collect(),
            denied: offered.denied.iter().filter_map(assorted).collect(),
        };
        assortment.allowed.sort();
        assortment.denied.sort();
        Some(assortment)
    }
}
