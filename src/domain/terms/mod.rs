//! Price and availability for one account, product, quantity, unit and date, with the reason.
//!
//! [`PriceBook`] is immutable and pure: built from rows, it resolves a [`Request`] to an [`Answer`] whose [`Trace`] says
//! which list, entry and rule decided. An account's [`Policy`] says how; what follows is the default:
//!
//! 1. Prices are looked for by level ([`Level`]): agreements for the ship-to address, the account's own lists, those of
//!    accounts it inherits from, lists given to its groups or to all by priority, general lists, and last the product's
//!    list price. Within a level the lower priority number comes first, then the list's code. A list outside its own or
//!    its assignment's validity is passed over, and so is one of another currency, unless the supplier brought exchange
//!    rates. A list without a matching entry leaves the decision to the next, unless it says otherwise.
//! 2. Within a list the nearest entry wins (product, price group, category, everything), then the highest break reached,
//!    then the latest start; an entry for the requested unit comes before one for the base unit, which is converted.
//!    Breaks and dates are inclusive; dates are the tenant's calendar days; a negative quantity (a return) is priced at
//!    the break of its size.
//! 3. An entry without a price means "price on request": it decides, and there is no price.
//! 4. A promotion counts the lines of the cart together and replaces a price by a lower one; one from a contract only
//!    where it says so.
//! 5. A price is converted first and rounded afterwards, half up, to [`PriceBook::unit_price_digits`] digits, or the
//!    currency's or the listed price's own digits where those are more: a price in the unit it is listed in is never
//!    rounded. A rule may round what it computes before that. The line amount is rounded half up to the currency's digits.

mod agreement;
mod assortment;
mod basket;
mod book;
mod breaks;
mod catalogue;
mod cells;
mod choose;
mod contracts;
mod convert;
mod explain;
mod hold;
mod list;
mod names;
mod order;
mod policy;
mod promote;
mod resolve;
mod rule;
mod ruling;
mod said;
mod switch;
mod trade;
mod walk;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use agreement::{Agreement, AgreementKind, AgreementLine, Applies, Enforce, ShipTo};
pub use assortment::{Assorted, Assortment};
pub use book::{PriceBook, StockBook, StockRow};
pub use breaks::{Break, Breaks};
pub use catalogue::{Catalogue, ProductIndex, ProductTerms, Substitution, UnitIndex, UnitTerms};
pub use contracts::{
    AccountTerms, AddressTerms, Assignment, AssortmentRule, AssortmentTarget, Belongings, Contracts, Credit, Target,
};
pub use hold::{Held, Hold};
pub use list::{ListHead, ListKind, OnNoMatch, PriceList, QuantityBasis, Select};
pub use order::{OrderAnswer, OrderCheck, OrderLine, OrderRequest, TaxAmount};
pub use policy::{Policy, SWITCHES, words_of};
pub use rule::{Base, Calculation, Rule, Rules, Scope, ScopeKind};
pub use ruling::Ruling;
pub use switch::{
    AgreementUse, Discount, Inherit, OverRelease, Pool, PromotionBase, PromotionUse, Reach, Returns, RoundAt,
    RoundMode, Validity,
};
pub use trade::{Promotion, Rates, SourcingRule, Stacking, Tax, TaxRule, Trade};

use super::money::{Currency, Money};
use super::stock::{Availability, Trust};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The account's code.
    pub account: &'a str,
    /// The product's part number.
    pub product: &'a str,
    /// How much, in `unit`; zero asks for the price without breaks.
    pub quantity: Decimal,
    /// The supplier's unit code; `None` is the unit the shop offers first.
    pub unit: Option<&'a str>,
    /// The day the price is for, by the tenant's calendar.
    pub date: Date,
    /// The time of that day, by the tenant's clock: some rules begin or end within a day. As the day begins where it is
    /// not known.
    pub time: Time,
    /// The present instant, which the promise to ship counts from.
    pub now: Timestamp,
    /// Where it goes: the code of an address of the account, ours or the buyer's.
    pub ship_to: Option<&'a str>,
    /// Only from this warehouse, by its code.
    pub warehouse: Option<&'a str>,
    /// The agreement that the order line names, by its number.
    pub agreement: Option<&'a str>,
    /// The day it is wanted on; none is today.
    pub wanted_on: Option<Date>,
    /// Other lines of the same cart or order: promotions count them too.
    pub beside: &'a [Beside<'a>],
    /// What the order that is asked about holds itself: it is free for it.
    pub own: &'a [Hold],
    /// How far figures of stock are trusted; as the ERP's mode says where nothing is said.
    pub trust: Option<Trust>,
}

impl<'a> Request<'a> {
    /// Asks for a quantity of a product in the unit offered first, and nothing else.
    pub fn new(account: &'a str, product: &'a str, quantity: Decimal, date: Date, now: Timestamp) -> Self {
        Request {
            account,
            product,
            quantity,
            unit: None,
            date,
            time: Time::midnight(),
            now,
            ship_to: None,
            warehouse: None,
            agreement: None,
            wanted_on: None,
            beside: &[],
            own: &[],
            trust: None,
        }
    }
}

/// Another line of the same cart or order.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// The product's part number.
    pub product: &'a str,
    /// How much, in `unit`.
    pub quantity: Decimal,
    /// The supplier's unit code.
    pub unit: &'a str,
}

/// Price and availability, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The part number.
    pub product: Arc<str>,
    /// How much was asked for, in `unit`.
    pub quantity: Decimal,
    /// The supplier's unit code.
    pub unit: Arc<str>,
    /// The price for `price_quantity` of `unit`; `None` is price on request.
    pub unit_price: Option<Money>,
    /// How many of `unit` the price is for.
    pub price_quantity: Decimal,
    /// quantity × unit price ÷ price quantity, rounded to the currency's digits.
    pub line_amount: Option<Money>,
    /// The last day this price holds as far as the book knows, `None` without an end.
    pub valid_until: Option<Date>,
    /// What stands in the way of ordering just this.
    pub checks: Vec<Check>,
    /// Whether and when it ships.
    pub availability: Availability,
    /// The tax on it, where the supplier's rules say one.
    pub tax: Option<Tax>,
    /// What may be bought instead, the best first, where it cannot be had at once.
    pub substitutes: Vec<Substitute>,
    /// When the book was read.
    pub as_of: Timestamp,
    /// Why.
    pub trace: Trace,
}

impl Answer {
    /// Whether just this can be ordered: it has a price and passes every check.
    pub fn is_orderable(&self) -> bool {
        self.unit_price.is_some() && self.line_amount.is_some() && self.checks.is_empty()
    }
}

/// A product that may be bought instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitute {
    /// Its part number.
    pub product: Arc<str>,
    /// How many of its base units replace one base unit.
    pub ratio: Decimal,
}

/// One step of the staircase of prices, for display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// From this quantity on, in the requested unit.
    pub min_quantity: Decimal,
    /// The price for `price_quantity`; `None` is price on request.
    pub unit_price: Option<Money>,
    /// How many units the price is for.
    pub price_quantity: Decimal,
}

/// A rule that this quantity, unit, product or account does not meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum Check {
    /// The quantity is zero or less.
    NotPositive,
    /// Less than the smallest order, counted in base units.
    BelowMinimum {
        /// The smallest order.
        minimum: Decimal,
        /// The base unit.
        unit: Arc<str>,
    },
    /// Not a multiple of the packing quantity, counted in base units.
    NotMultiple {
        /// Orders are multiples of it.
        multiple: Decimal,
        /// The base unit.
        unit: Arc<str>,
    },
    /// More digits after the point than the unit allows.
    TooManyDecimals {
        /// Digits allowed.
        decimals: u32,
        /// The unit.
        unit: Arc<str>,
    },
    /// The product is not sold in this unit.
    UnitNotSold,
    /// The product cannot be ordered.
    ProductNotSold,
    /// The account may not buy.
    AccountBlocked,
    /// The account may not buy this product.
    NotInAssortment,
    /// More than is left of the agreement that the line names.
    AgreementExceeded {
        /// What is left.
        left: Decimal,
        /// The unit of the agreement.
        unit: Arc<str>,
    },
}

/// Where a price may come from, in the order they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Agreements for the account and the ship-to address.
    Agreement,
    /// A list assigned to the account itself.
    Account,
    /// A list assigned to an account above, as far as prices are inherited.
    Inherited,
    /// A list assigned to one of the account's groups, or to all accounts.
    Group,
    /// A promotion.
    Promotion,
    /// The tenant's general list.
    Default,
    /// The price on the product itself.
    ListPrice,
}

/// Why a price is what it is; stored with cart and order lines, shown and used in disputes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The book's version: the number of the change feed it was read at.
    pub version: u64,
    /// The account's code.
    pub account: Arc<str>,
    /// The day the price is for.
    pub date: Date,
    /// The code of the address it goes to, where one was named that is known.
    pub ship_to: Option<Arc<str>>,
    /// The code of the policy that decides, and what it does otherwise than ours; nothing for ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Arc<Ruling>>,
    /// How amounts are rounded.
    #[serde(default, skip_serializing_if = "RoundMode::is_ours")]
    pub round_mode: RoundMode,
    /// What was asked for, where an agreement has less left and the line was lowered to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowered_from: Option<Decimal>,
    /// The quantity in base units that breaks were compared with.
    pub base_quantity: Decimal,
    /// The base unit.
    pub base_unit: Arc<str>,
    /// What was tried, in order; the last one decided.
    pub steps: Vec<Step>,
    /// How the price came to its currency and without tax.
    pub conversion: Option<Conversion>,
    /// How the price got its digits.
    pub rounding: Option<Rounding>,
}

impl Trace {
    /// The step that decided: what was noted after it changed nothing.
    pub fn decided(&self) -> Option<&Step> {
        let decided = self.steps.iter().rev().find(|step| step.outcome.is_decision());
        // A list price in another currency ends the walk without a decision.
        decided.or(self.steps.last())
    }
}

/// One list that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its level.
    pub level: Level,
    /// Its code; `None` for the product's list price.
    pub list: Option<Arc<str>>,
    /// What it said.
    pub outcome: Outcome,
}

/// What one list said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "said")]
pub enum Outcome {
    /// Passed over: the account is billed in another currency.
    OtherCurrency,
    /// Passed over: the list or its assignment is not valid on the day.
    NotValid,
    /// No entry for this product, unit, quantity and day.
    NoEntry,
    /// No entry, and the list says that there is no price then.
    NotPriced,
    /// An entry decided.
    Entry(Entry),
    /// A rule decided.
    Rule(RuleEntry),
    /// A price that was compared with others; which of them decided comes after.
    Compared {
        /// For one requested unit in the account's currency, not rounded; `None` is on request.
        price: Option<Decimal>,
        /// That unit.
        unit: Arc<str>,
        /// The position of the rule it is from; `None` is an entry.
        position: Option<u32>,
    },
    /// A discount that is kept apart from prices came off the price.
    Discount {
        /// Its position in the list.
        position: u32,
        /// So many percent.
        percent: Decimal,
    },
    /// A line of an agreement decided.
    Agreement(AgreementEntry),
    /// Passed over: the agreement is for other addresses, or must be named.
    NotForThis,
    /// Passed over: less is left of the agreement.
    Exceeded {
        /// What is left, in the unit of the agreement.
        left: Decimal,
    },
    /// A promotion replaced the price.
    Promotion {
        /// The price it was computed from.
        base: Decimal,
        /// How.
        calculation: Calculation,
        /// By what.
        value: Decimal,
        /// The price instead.
        price: Decimal,
    },
    /// A promotion needs more.
    BelowThreshold {
        /// From so many on.
        min_quantity: Decimal,
        /// So many are in the cart.
        quantity: Decimal,
    },
    /// A promotion's price is not lower.
    NotLower {
        /// It would be.
        price: Decimal,
    },
    /// The product's own list price decided.
    ListPrice {
        /// The price.
        price: Decimal,
        /// How many base units it is for.
        price_quantity: Decimal,
    },
    /// There is no price anywhere: price on request.
    NoPrice,
}

impl Outcome {
    /// Whether a price comes from it, or that there is none.
    pub fn is_decision(&self) -> bool {
        use Outcome::{Agreement, Entry, ListPrice, NoPrice, NotPriced, Promotion, Rule};
        matches!(
            self,
            Entry(_) | Rule(_) | Agreement(_) | Promotion { .. } | ListPrice { .. } | NoPrice | NotPriced
        )
    }
}

/// The entry that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the list, from 1, in the list's order of product, unit, break and start.
    pub ordinal: u32,
    /// The unit it is for.
    pub unit: Arc<str>,
    /// The break that was reached, in that unit.
    pub min_quantity: Decimal,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// The listed price; `None` is price on request.
    pub price: Option<Decimal>,
    /// How many units the listed price is for.
    pub price_quantity: Decimal,
}

/// The rule that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleEntry {
    /// Its place in the list, from 1.
    pub position: u32,
    /// What it is for: a part number, or the code of a group or category; `None` is everything.
    pub scope: Option<Arc<str>>,
    /// The break that was reached.
    pub min_quantity: Decimal,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// How the price was found.
    pub calculation: Calculation,
    /// From what.
    pub base: Base,
    /// By what.
    pub value: Option<Decimal>,
    /// The price for one unit it is for, `None` on request.
    pub price: Option<Decimal>,
    /// The ERP's own words, where only it can compute the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<Arc<str>>,
}

/// The line of an agreement that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementEntry {
    /// Its number.
    pub line: u32,
    /// The unit it is for.
    pub unit: Arc<str>,
    /// The agreed price; `None` is on request.
    pub price: Option<Decimal>,
    /// How many units the price is for.
    pub price_quantity: Decimal,
    /// What is left of it, in its unit; `None` without an end.
    pub left: Option<Decimal>,
    /// Whether this is more than is left.
    pub exceeds: bool,
}

/// How a listed price came to the account's currency and without tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversion {
    /// The currency it is listed in.
    pub currency: Currency,
    /// Units of the account's currency for one of it.
    pub rate: Decimal,
    /// The rate of tax that was in it.
    pub tax: Option<Decimal>,
}

/// The price before and after rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounding {
    /// Converted, before rounding (to 28 digits).
    pub before: Decimal,
    /// After rounding.
    pub after: Decimal,
    /// Digits after the point.
    pub digits: u32,
    /// How it was rounded.
    #[serde(default, skip_serializing_if = "RoundMode::is_ours")]
    pub mode: RoundMode,
}

/// Why a request has no answer at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// No such account in the book.
    #[error("the account is not known")]
    UnknownAccount,
    /// No such product in the book.
    #[error("the product is not known")]
    UnknownProduct,
    /// The product has no such unit.
    #[error("the product has no such unit")]
    UnknownUnit,
    /// The quantity cannot be counted in base units exactly.
    #[error("the quantity cannot be converted to the base unit exactly")]
    InexactQuantity,
}
