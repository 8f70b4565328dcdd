//! One price list: what it says of itself, its lean breaks and its rules; replaced as a whole.

use std::sync::Arc;

use jiff::civil::Date;
use uuid::Uuid;

use super::breaks::{Break, Breaks};
use super::rule::Rules;
use crate::domain::money::Currency;

/// What a list is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// The tenant's general list: applies to every account, after the assigned ones.
    List,
    /// Applies to the accounts it is assigned to.
    Contract,
}

known_by_words!(ListKind {
    List = "list",
    Contract = "contract",
});

/// Which of the entries that fit decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Select {
    /// The nearest to the product, then the highest break reached, then the latest start.
    #[default]
    Best,
    /// The first rule by its position, whatever others say; breaks come before rules.
    First,
}

known_by_words!(Select {
    Best = "best",
    First = "first",
});

/// What follows when no entry of a list fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnNoMatch {
    /// The next list is asked.
    #[default]
    NextLevel,
    /// There is no price: on request.
    NoPrice,
}

known_by_words!(OnNoMatch {
    NextLevel = "next_level",
    NoPrice = "no_price",
});

/// What quantity breaks count where an entry names no unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuantityBasis {
    /// Base units.
    #[default]
    Base,
    /// The unit the shop offers first.
    Sale,
}

known_by_words!(QuantityBasis {
    Base = "base",
    Sale = "sale",
});

/// One price list without its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListHead {
    /// Our identifier.
    pub id: Uuid,
    /// The supplier's code.
    pub code: Arc<str>,
    /// What it is for.
    pub kind: ListKind,
    /// The currency of its prices.
    pub currency: Currency,
    /// Among general lists the lower number comes first.
    pub priority: i32,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// The list that rules may compute from.
    pub parent: Option<Uuid>,
    /// Which of the entries that fit decides.
    pub select: Select,
    /// What follows when none fits.
    pub on_no_match: OnNoMatch,
    /// What its breaks count.
    pub quantity_basis: QuantityBasis,
    /// Whether its prices include tax.
    pub tax_included: bool,
    /// The set of its breaks: another number, other breaks.
    pub version: i64,
}

impl ListHead {
    /// Whether accounts use it as before: only its breaks may be others.
    pub fn is_used_alike(&self, other: &ListHead) -> bool {
        let version = other.version;
        ListHead {
            version,
            ..self.clone()
        } == *other
    }
}

/// A list with its entries.
#[derive(Clone, Debug)]
pub struct PriceList {
    /// The list itself.
    pub head: ListHead,
    /// Lean quantity breaks: nearly all entries.
    pub breaks: Arc<Breaks>,
    /// Rules beside them.
    pub rules: Arc<Rules>,
}

impl PriceList {
    /// Builds a list from entries in any order, without rules.
    pub fn new(head: ListHead, breaks: Vec<Break>) -> Self {
        PriceList {
            head,
            breaks: Arc::new(Breaks::new(breaks)),
            rules: Arc::default(),
        }
    }
}
