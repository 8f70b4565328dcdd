//! Agreements: prices for one account, some or all of its ship-to addresses, and so many.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::book::{ProductIndex, ProductTerms, UnitIndex};
use super::rule::Scope;

/// What happens when more is ordered than was agreed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforce {
    /// Nothing.
    None,
    /// The price holds, and the trace says so.
    #[default]
    Warn,
    /// The price does not hold for this quantity.
    Block,
}

impl Enforce {
    /// The word it is stored and imported by.
    pub fn word(self) -> &'static str {
        match self {
            Enforce::None => "none",
            Enforce::Warn => "warn",
            Enforce::Block => "block",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Enforce::None, Enforce::Warn, Enforce::Block]
            .into_iter()
            .find(|enforce| enforce.word() == word)
    }
}

/// When an agreement's prices are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Applies {
    /// Whenever they fit.
    #[default]
    Always,
    /// Only for an order line that names the agreement.
    Named,
}

impl Applies {
    /// The word it is stored and imported by.
    pub fn word(self) -> &'static str {
        match self {
            Applies::Always => "always",
            Applies::Named => "named",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Applies::Always, Applies::Named]
            .into_iter()
            .find(|applies| applies.word() == word)
    }
}

/// One line of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementLine {
    /// Its number.
    pub number: u32,
    /// A product or a category.
    pub scope: Scope,
    /// The unit of quantity and price; `None` is the product's base unit.
    pub unit: Option<UnitIndex>,
    /// The price; `None` is on request.
    pub price: Option<Decimal>,
    /// How many units the price is for.
    pub price_quantity: Decimal,
    /// The most that may be ordered, in its unit.
    pub maximum: Option<Decimal>,
    /// How much was ordered already, in its unit.
    pub released: Decimal,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
}

/// An agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Its number.
    pub number: Arc<str>,
    /// The account, by its code.
    pub account: Arc<str>,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// Ship-to addresses it is for, by their codes; `None` is all.
    pub ship_tos: Option<Box<[Arc<str>]>>,
    /// When its prices are used.
    pub applies: Applies,
    /// What happens when more is ordered.
    pub enforce: Enforce,
    /// Its lines.
    pub lines: Vec<AgreementLine>,
}

impl Agreement {
    /// Puts the lines in the order in which they are looked for.
    #[must_use]
    pub(super) fn sorted(mut self) -> Self {
        self.lines.sort_by_key(|line| {
            let product = match line.scope {
                Scope::Product(product) => Some(product),
                _ => None,
            };
            (
                product.is_none(),
                product,
                std::cmp::Reverse(line.valid_from),
                line.number,
            )
        });
        self
    }

    /// The lines that may apply to a product: its own ones first, then those of its categories, nearest first.
    pub(super) fn about(&self, index: ProductIndex, product: &ProductTerms) -> Vec<&AgreementLine> {
        let key = |line: &AgreementLine| match line.scope {
            Scope::Product(product) => (false, product),
            _ => (true, ProductIndex(0)),
        };
        let first = self.lines.partition_point(|line| key(line) < (false, index));
        let own = self.lines[first..]
            .iter()
            .take_while(|line| key(line) == (false, index));
        let general = self.lines.partition_point(|line| !key(line).0);
        let general = self.lines[general..].iter();
        let mut lines: Vec<_> = own
            .chain(general)
            .filter_map(|line| Some((line.scope.distance(index, product)?, line)))
            .collect();
        lines.sort_by_key(|(distance, _)| *distance);
        lines.into_iter().map(|(_, line)| line).collect()
    }

    /// Whether it is for a ship-to address.
    pub(super) fn covers(&self, ship_to: Option<&str>) -> bool {
        match &self.ship_tos {
            None => true,
            Some(codes) => ship_to.is_some_and(|code| codes.iter().any(|covered| **covered == *code)),
        }
    }
}
