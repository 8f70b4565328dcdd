//! Price and availability for one account, product, quantity, unit and date, with the reason.
//!
//! [`PriceBook`] is immutable and pure: built from rows, it resolves a [`Request`] to an [`Answer`] whose [`Trace`] says
//! which list, entry and rule decided. The default policy:
//!
//! 1. Lists are tried by level ([`Level`]): the account's own, its ancestors' as far as it inherits, lists assigned to
//!    its groups or to all, the tenant's default lists, and last the product's list price. Within a level the lower
//!    priority number comes first, then the list's code. A list of another currency, or outside its own or its
//!    assignment's validity, is passed over; a list without a matching entry leaves the decision to the next.
//! 2. Within a list an entry for the requested unit wins over one for the base unit, which is converted; then the
//!    highest break reached, then the latest start. Breaks and dates are inclusive; dates are the tenant's calendar
//!    days; a negative quantity (a return) is priced at the break of its size.
//! 3. An entry without a price means "price on request": it decides, and there is no price.
//! 4. A price is converted first and rounded afterwards, half up, to [`PriceBook::unit_price_digits`] digits, or the
//!    currency's or the listed price's own digits where those are more: a price in the unit it is listed in is never
//!    rounded. The line amount is rounded half up to the currency's digits.

mod book;
mod list;
mod resolve;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use book::{
    AccountTerms, Assignment, Catalogue, Contracts, PriceBook, ProductIndex, ProductTerms, StockBook, StockRow, Target,
    UnitIndex, UnitTerms,
};
pub use list::{Break, ListHead, ListKind, PriceList};

use super::money::Money;
use super::stock::Availability;

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
    /// The present instant, which the promise to ship counts from.
    pub now: Timestamp,
}

/// Price and availability, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// One step of the staircase of prices, for display.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
}

/// Where a price may come from, in the order they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A list assigned to the account itself.
    Account,
    /// A list assigned to an account above, as far as prices are inherited.
    Inherited,
    /// A list assigned to one of the account's groups, or to all accounts.
    Group,
    /// The tenant's general list.
    Default,
    /// The price on the product itself.
    ListPrice,
}

/// Why a price is what it is; stored with cart and order lines, shown and used in disputes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The book's version: the number of the change feed it was read at.
    pub version: u64,
    /// The account's code.
    pub account: Arc<str>,
    /// The day the price is for.
    pub date: Date,
    /// The quantity in base units that breaks were compared with.
    pub base_quantity: Decimal,
    /// The base unit.
    pub base_unit: Arc<str>,
    /// What was tried, in order; the last one decided.
    pub steps: Vec<Step>,
    /// How the price got its digits.
    pub rounding: Option<Rounding>,
}

/// One list that was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its level.
    pub level: Level,
    /// Its code; `None` for the product's list price.
    pub list: Option<Arc<str>>,
    /// What it said.
    pub outcome: Outcome,
}

/// What one list said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "said")]
pub enum Outcome {
    /// Passed over: the account is billed in another currency.
    OtherCurrency,
    /// Passed over: the list or its assignment is not valid on the day.
    NotValid,
    /// No entry for this product, unit, quantity and day.
    NoEntry,
    /// An entry decided.
    Entry(Entry),
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

/// The entry that decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// The price before and after rounding.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rounding {
    /// Converted, before rounding (to 28 digits).
    pub before: Decimal,
    /// After rounding half up.
    pub after: Decimal,
    /// Digits after the point.
    pub digits: u32,
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
