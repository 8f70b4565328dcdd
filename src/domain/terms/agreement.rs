//! Agreements: prices for one account, some or all of its ship-to addresses, and so many.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::catalogue::{ProductIndex, ProductTerms, UnitIndex};
use super::resolve::earliest;
use super::rule::Scope;
use super::switch::AgreementUse;

/// What an agreement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgreementKind {
    /// So much over a time, called off order by order.
    Blanket,
    /// For one job or site.
    JobContract,
    /// A quotation that was accepted.
    Quote,
}

known_by_words!(AgreementKind {
    Blanket = "blanket",
    JobContract = "job_contract",
    Quote = "quote",
});

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

known_by_words!(Enforce {
    None = "none",
    Warn = "warn",
    Block = "block",
});

/// When an agreement's prices are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Applies {
    /// Whenever they fit.
    #[default]
    Always,
    /// Only for an order line that names the agreement.
    Named,
}

known_by_words!(Applies {
    Always = "always",
    Named = "named",
});

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

/// A ship-to address that an agreement is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipTo {
    /// The address, by its code.
    pub address: Arc<str>,
    /// The first day the agreement is for it.
    pub valid_from: Option<Date>,
    /// The last day.
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
    /// Ship-to addresses it is for; `None` is all.
    pub ship_tos: Option<Box<[ShipTo]>>,
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

    /// Whether a policy uses it for a line that names it or does not.
    pub(super) fn is_used(&self, by: AgreementUse, is_named: bool) -> bool {
        match by {
            AgreementUse::AsAgreed => self.applies == Applies::Always || is_named,
            AgreementUse::Automatic => true,
            AgreementUse::Named => is_named,
            AgreementUse::ShipTo => self.ship_tos.is_some() && (self.applies == Applies::Always || is_named),
        }
    }

    /// The days on which it is for a ship-to address; `None` where it is not.
    pub(super) fn days_for(&self, ship_to: Option<&str>) -> Option<(Option<Date>, Option<Date>)> {
        let Some(covered) = &self.ship_tos else {
            return Some((self.valid_from, self.valid_to));
        };
        let covered = covered.iter().find(|covered| ship_to == Some(&*covered.address))?;
        let from = self.valid_from.max(covered.valid_from);
        Some((from, earliest(self.valid_to, covered.valid_to)))
    }
}
