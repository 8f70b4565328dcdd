//! One price list: what it says of itself, its lean breaks and its rules; replaced as a whole.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::breaks::{Break, Breaks};
use super::rule::Rules;
use super::switch::Validity;
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Select {
    /// The nearest to the product, then the highest break reached, then the latest start.
    #[default]
    Best,
    /// The first rule by its position, whatever others say; breaks come before rules.
    First,
    /// By what a rule is for (product, price group, category, everything), then the highest break reached, then the
    /// last position.
    Sorted,
    /// The lowest price; one on request cannot be compared, and decides.
    Lowest,
    /// The highest price; one on request cannot be compared, and decides.
    Highest,
    /// The one that began last.
    Newest,
    /// The one that began first.
    Oldest,
}

known_by_words!(Select {
    Best = "best",
    First = "first",
    Sorted = "sorted",
    Lowest = "lowest",
    Highest = "highest",
    Newest = "newest",
    Oldest = "oldest",
});

/// What follows when no entry of a list fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantityBasis {
    /// Base units.
    #[default]
    Base,
    /// The unit the shop offers first.
    Sale,
    /// The unit that is ordered, whichever it is.
    Order,
}

known_by_words!(QuantityBasis {
    Base = "base",
    Sale = "sale",
    Order = "order",
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
    /// Which of the entries that fit decides; `None` is as the account's policy says.
    pub select: Option<Select>,
    /// What follows when none fits; `None` is as the account's policy says.
    pub on_no_match: Option<OnNoMatch>,
    /// What its breaks count; `None` is as the account's policy says.
    pub quantity_basis: Option<QuantityBasis>,
    /// What the days of its entries and rules mean, by the policy of its source; they were read by it.
    pub validity: Validity,
    /// Whether the search goes on after a price of its breaks, and the lowest holds.
    pub find_next: bool,
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
    /// Whether the breaks are still to be read: until then nothing may be asked of the list.
    pub is_pending: bool,
}

impl PriceList {
    /// Builds a list from entries in any order, without rules.
    pub fn new(head: ListHead, breaks: Vec<Break>) -> Self {
        PriceList {
            head,
            breaks: Arc::new(Breaks::new(breaks)),
            rules: Arc::default(),
            is_pending: false,
        }
    }
}
