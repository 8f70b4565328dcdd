//! The product index: derived state over tantivy, one implementation for both databases.
//!
//! An [`Index`] is of one supplier and lies in memory: a [`Builder`] makes it of [`Entry`]s, [`Index::update`] brings
//! single entries up to date, and whoever searches meanwhile sees the state before. Who decides when is `service::search`.
//!
//! * **Words** are compared by their stems in the languages of the supplier's texts, in lower case and without accents;
//!   words of names weigh more. A word that is nowhere is taken for the beginning of one, then for a typing error.
//! * **Numbers** (part numbers of ours, the maker's and the buyer's, GTIN) are compared by letters and digits alone.
//! * **Assortments** are bitmaps, one for each set of rules and segment, made when first needed (see [`assortment`]).
//! * **Facets** are counted in the same walk that finds the best (see [`gather`]).

mod assortment;
mod entry;
mod gather;
mod index;
mod query;
mod synonyms;
mod vocabulary;
mod words;

pub use entry::{Entry, Key, Text, Weight};
pub use index::{Builder, Index, Room, Size};
pub use query::Found;
pub use synonyms::Synonyms;
pub use words::number;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::domain::terms::Assortment;

/// Why the index could not answer or be written.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The index would not.
    #[error("the index: {0}")]
    Index(#[from] tantivy::TantivyError),
    /// What it keeps in memory cannot be read.
    #[error("the index cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// Another writer failed in the middle of its work.
    #[error("the index is left half written")]
    Poisoned,
}

/// A question to the index.
#[derive(Clone, Debug)]
pub struct Ask<'q> {
    /// What was typed; empty asks for everything.
    pub text: &'q str,
    /// Whether the last word may be only begun.
    pub is_begun: bool,
    /// The customer number, for part numbers of its own.
    pub account: &'q str,
    /// What the account may buy.
    pub assortment: &'q Assortment,
    /// Only products in this category or below it.
    pub category: Option<&'q str>,
    /// Only products with one of the values, for each of the filters.
    pub filters: &'q [Filter],
    /// Which facets to count.
    pub facets: &'q [Key],
    /// What comes first.
    pub order: Order,
    /// How many of the first to leave out.
    pub skip: usize,
    /// How many to give.
    pub take: usize,
}

/// The values of one facet of which a product must have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The facet.
    pub facet: Key,
    /// The values.
    pub values: Vec<String>,
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// What fits the words best.
    #[default]
    Fit,
    /// By name, numbers in a name by their value.
    Listing,
}

/// The values of a facet with how many of the products have each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The facet.
    pub facet: Key,
    /// Its values; those of no product are left out.
    pub values: Vec<(String, u64)>,
}

/// Part numbers that accounts have of their own: account, number as [`number`] writes it, part number of ours.
pub type OwnNumbers = std::collections::HashMap<Arc<str>, std::collections::BTreeMap<String, String>>;
