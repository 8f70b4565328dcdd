//! Safeguards: what a connection wants done when an order differs from what was offered, agreed or can be promised.
//!
//! The model is the buyers' order safeguards of Amazon Business, on the supplier's side: each rule has a limit and an
//! action. One table, [`RULES`], says what each rule is called, may be and does by default; [`line`] and [`whole`] say
//! when it is broken, one function a rule; [`Judge`] puts them together.
//!
//! Which price counts: a valid quote of ours, else the contract's present price ([`line::ours`]); the order's own price
//! stands where it is within the limits of the price rules, and where there is no price of ours to hold it against.

mod facts;
mod judge;
pub mod line;
#[cfg(test)]
mod tests;
mod whole;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use facts::{Facts, LineFacts, Offer, Packing, Stock};
pub use judge::{Correction, Effect, Judge};

/// What may be wrong with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The unit is not one that the product is sold in.
    UnitUnknown,
    /// The unit is another one than was quoted.
    UnitQuoted,
    /// The currency is another one than the account's.
    Currency,
    /// The quote that the line names holds no more.
    QuoteExpired,
    /// Our price is above the ordered one, in percent of ours.
    PriceUpPercent,
    /// Our price is above the ordered one, as an amount over the line.
    PriceUpAmount,
    /// Our price is below the ordered one, in percent of ours.
    PriceDownPercent,
    /// Less than the smallest order of the product.
    Minimum,
    /// Not a multiple of the packing quantity.
    Multiple,
    /// More than can be promised.
    QuantityShort,
    /// It ships later than wanted.
    DeliveryDays,
    /// The order states more freight than is agreed.
    FreightCap,
    /// The goods go elsewhere than the visit said, or to an address nobody knows.
    AddressChange,
}

/// What is done when a rule is broken; the later ones outweigh the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is taken as it came, and noted.
    Accept,
    /// It is taken with our value in the order's place; both are kept.
    Correct,
    /// A person decides.
    Hold,
    /// The line is not delivered.
    RejectLine,
    /// Nothing of the order is delivered.
    RejectOrder,
}

impl Action {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Action::Accept => "Accept",
            Action::Correct => "Accept and correct",
            Action::Hold => "Hold",
            Action::RejectLine => "Reject the line",
            Action::RejectOrder => "Reject the order",
        }
    }

    /// Whether the order waits: a person must decide, or tell the buyer of the rejection.
    pub fn stops(self) -> bool {
        self >= Action::Hold
    }
}

/// How a rule's limit is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// It has none.
    Nothing,
    /// Percent of our value.
    Percent,
    /// An amount in the order's currency.
    Amount,
    /// Whole days.
    Days,
}

impl Measure {
    /// The largest limit that makes sense; more is a slip of the keyboard.
    pub fn most(self) -> Decimal {
        match self {
            Measure::Nothing => Decimal::ZERO,
            Measure::Percent => Decimal::ONE_HUNDRED,
            Measure::Amount => Decimal::from(1_000_000_000),
            Measure::Days => Decimal::from(366),
        }
    }

    fn fits(self, limit: Decimal) -> bool {
        let whole = self != Measure::Days || limit.is_integer();
        self != Measure::Nothing && whole && limit >= Decimal::ZERO && limit <= self.most()
    }
}

/// What a rule is judged by besides the order itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The price of ours that was stored with the order, as it was then.
    Price,
    /// Units, minimum, multiple, stock: nobody stored them with the order.
    Product,
    /// Quotes, visits and addresses.
    Record,
}

/// What one rule is called, means and may be.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Which.
    pub rule: Rule,
    /// Its name among the findings of a document and the exceptions of an order.
    pub code: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// When it is broken and what a correction does, for people.
    pub help: &'static str,
    /// How its limit is counted.
    pub measure: Measure,
    /// The limit where none is said; `None` where one must be said.
    pub limit: Option<Decimal>,
    /// What may be done.
    pub actions: &'static [Action],
    /// What is done where a connection says nothing; `None`: it is not asked.
    pub default: Option<Action>,
    /// By what it is judged.
    pub basis: Basis,
    /// Where the rule and its default come from.
    pub source: &'static str,
}

use Action::{Accept, Correct, Hold, RejectLine, RejectOrder};

const ALL: &[Action] = &[Accept, Correct, Hold, RejectLine, RejectOrder];
const NO_CORRECTION: &[Action] = &[Accept, Hold, RejectLine, RejectOrder];

/// Every rule, in the order in which they are asked.
pub const RULES: [About; 13] = [
    About {
        rule: Rule::UnitUnknown,
        code: "order.unit",
        name: "Unit not sold",
        help: "The unit of measure is not known, or the product is not sold in it.",
        measure: Measure::Nothing,
        limit: None,
        actions: &[Hold, RejectLine, RejectOrder],
        default: Some(Hold),
        basis: Basis::Product,
        source: "Our decision: a quantity in an unknown unit is never guessed",
    },
    About {
        rule: Rule::UnitQuoted,
        code: "order.unit-quoted",
        name: "Other unit than quoted",
        help: "The line names a quote of ours and orders in another unit. Corrected: the quantity is converted to the \
               quoted unit at the quoted price, where that is exact.",
        measure: Measure::Nothing,
        limit: None,
        actions: ALL,
        default: None,
        basis: Basis::Record,
        source: "Our decision: the contract's price in the ordered unit decides until the supplier says otherwise",
    },
    About {
        rule: Rule::Currency,
        code: "order.currency",
        name: "Other currency",
        help: "The order is in another currency than our price, so that no price can be compared.",
        measure: Measure::Nothing,
        limit: None,
        actions: NO_CORRECTION,
        default: None,
        basis: Basis::Price,
        source: "Our decision: off until the supplier switches it on",
    },
    About {
        rule: Rule::QuoteExpired,
        code: "order.quote-expired",
        name: "Quote expired",
        help: "The line names a quote of ours that held no more when the order came. Within the limit it counts as if \
               it held. Corrected: the contract's present price takes the place of the ordered one.",
        measure: Measure::Days,
        limit: Some(Decimal::ZERO),
        actions: ALL,
        default: None,
        basis: Basis::Record,
        source: "Amazon Business holds price and stock of a punched-out cart for 7 days; until switched on the \
                 contract's price decides",
    },
    About {
        rule: Rule::PriceUpPercent,
        code: "order.price",
        name: "Our price is higher, in percent",
        help: "Our price, quoted or by contract, is above the ordered one by more than this part of ours. Corrected: \
               our price is confirmed.",
        measure: Measure::Percent,
        limit: None,
        actions: ALL,
        default: Some(Hold),
        basis: Basis::Price,
        source: "Amazon Business order safeguards: unit price changes. Our decision: every difference is shown to a \
                 person until the supplier allows one; the limit is the connection's price tolerance",
    },
    About {
        rule: Rule::PriceUpAmount,
        code: "order.price",
        name: "Our price is higher, as an amount",
        help: "Our price is above the ordered one by more than this amount over the whole line. Corrected: our price \
               is confirmed.",
        measure: Measure::Amount,
        limit: None,
        actions: ALL,
        default: None,
        basis: Basis::Price,
        source: "Amazon Business order safeguards: unit price changes; off until the supplier names an amount",
    },
    About {
        rule: Rule::PriceDownPercent,
        code: "order.price",
        name: "Our price is lower, in percent",
        help: "Our price is below the ordered one by more than this part of ours. Corrected: our lower price is \
               confirmed.",
        measure: Measure::Percent,
        limit: None,
        actions: ALL,
        default: Some(Hold),
        basis: Basis::Price,
        source: "Our decision: as for a higher price; the limit is the connection's price tolerance",
    },
    About {
        rule: Rule::Minimum,
        code: "order.minimum",
        name: "Below the minimum",
        help: "Less than the smallest order of the product. Corrected: the smallest order.",
        measure: Measure::Nothing,
        limit: None,
        actions: ALL,
        default: None,
        basis: Basis::Product,
        source: "Our decision: off until the supplier switches it on; carts are held to the minimum anyway",
    },
    About {
        rule: Rule::Multiple,
        code: "order.multiple",
        name: "Not a multiple",
        help: "The product is sold in packs, and this is no whole number of them. Corrected: the next higher multiple.",
        measure: Measure::Nothing,
        limit: None,
        actions: ALL,
        default: None,
        basis: Basis::Product,
        source: "Our decision: off until the supplier switches it on; carts are held to the multiple anyway",
    },
    About {
        rule: Rule::QuantityShort,
        code: "order.short",
        name: "Quantity short",
        help: "All lines of a product together want more than can be promised for the wanted day. Corrected: what is \
               there is delivered, the rest is not.",
        measure: Measure::Nothing,
        limit: None,
        actions: ALL,
        default: None,
        basis: Basis::Product,
        source: "Amazon Business order safeguards: quantity; off until the supplier switches it on, so that what is \
                 short waits for goods",
    },
    About {
        rule: Rule::DeliveryDays,
        code: "order.delivery",
        name: "Delivery late",
        help: "It ships later than wanted by more than so many days; where no day is wanted, later than today. \
               Corrected: the day on which it ships is confirmed.",
        measure: Measure::Days,
        limit: Some(Decimal::ZERO),
        actions: ALL,
        default: None,
        basis: Basis::Product,
        source: "Amazon Business order safeguards: maximum delivery time; off until the supplier names the days",
    },
    About {
        rule: Rule::FreightCap,
        code: "order.freight",
        name: "Freight too high",
        help: "The order states more freight than this amount. Corrected: this amount.",
        measure: Measure::Amount,
        limit: None,
        actions: &[Accept, Correct, Hold, RejectOrder],
        default: None,
        basis: Basis::Record,
        source: "Amazon Business order safeguards: maximum shipping price; off until the supplier names an amount",
    },
    About {
        rule: Rule::AddressChange,
        code: "order.address",
        name: "Other delivery address",
        help: "The goods go to another address than the visit said; without a visit, to one that is not on record for \
               the account.",
        measure: Measure::Nothing,
        limit: None,
        actions: &[Accept, Hold, RejectOrder],
        default: None,
        basis: Basis::Record,
        source: "Amazon Business ends the hold on price and stock when the address is in another region; off until \
                 the supplier switches it on",
    },
];

impl Rule {
    /// What it is called, means and may be.
    pub fn about(self) -> &'static About {
        // The table is in the order of the enum; a test holds it to that.
        &RULES[self as usize]
    }
}

/// What a connection wants done about one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// Within it nothing is done; `None` is the rule's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Decimal>,
    /// What is done beyond it.
    pub action: Action,
}

/// What is wanted of each rule; a rule without an entry is as [`RULES`] says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Safeguards(pub BTreeMap<Rule, Guard>);

/// A rule that cannot be as it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The rule.
    pub rule: Rule,
    /// Whether its limit is wrong; otherwise its action is.
    pub limit: bool,
}

impl Safeguards {
    /// Takes from `other` whatever rule is not set here.
    #[must_use]
    pub fn over(self, other: &Safeguards) -> Safeguards {
        let mut all = other.0.clone();
        all.extend(self.0);
        Safeguards(all)
    }

    /// Every rule that is asked, with its limit; `tolerance` is the limit of the price rules that name none.
    ///
    /// # Errors
    /// The first rule whose limit or action cannot be.
    pub fn in_force(&self, tolerance: Decimal) -> Result<Safeguards, Unfit> {
        let mut all = BTreeMap::new();
        for about in &RULES {
            let own = self.0.get(&about.rule);
            let Some(action) = own.map(|own| own.action).or(about.default) else {
                continue;
            };
            let standard = match about.measure {
                Measure::Percent => Some(tolerance),
                _ => about.limit,
            };
            let limit = own.and_then(|own| own.limit).or(standard);
            let unfit = |limit| Unfit {
                rule: about.rule,
                limit,
            };
            if !about.actions.contains(&action) {
                return Err(unfit(false));
            }
            match limit {
                Some(limit) if !about.measure.fits(limit) => return Err(unfit(true)),
                None if about.measure != Measure::Nothing => return Err(unfit(true)),
                _ => {}
            }
            all.insert(about.rule, Guard { limit, action });
        }
        Ok(Safeguards(all))
    }

    /// What is wanted of a rule, if it is asked at all.
    pub fn guard(&self, rule: Rule) -> Option<Guard> {
        self.0.get(&rule).copied()
    }
}
