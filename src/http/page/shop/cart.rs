//! The pages of the cart.

use askama::Template;
use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Availability, Frame, Mode, UnitChoice};
use crate::http::asset;
use crate::http::page::filters;
use crate::http::page::format::{Money, Price};
use crate::http::page::icon::Icon;
use crate::http::page::part::{Fault, Value};
use crate::http::page::text::Text;

/// What changed on a line since it was put in the cart or quoted.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The key of what changed.
    pub what: &'static str,
    /// What it was.
    pub was: Value<'a>,
    /// What it is now.
    pub now: Value<'a>,
    /// Why, in one sentence.
    pub why: &'a str,
}

/// A line of the cart.
#[derive(Clone, Debug)]
pub struct CartLine<'a> {
    /// The line's identifier; its field in the form is `quantity-{id}`.
    pub id: Uuid,
    /// Our part number.
    pub sku: &'a str,
    /// The product's name.
    pub name: &'a str,
    /// How much, in the line's unit.
    pub quantity: Decimal,
    /// The unit as said in a sentence.
    pub unit_name: &'a str,
    /// The units it is sold in, where there are several.
    pub units: Vec<UnitChoice<'a>>,
    /// The least quantity.
    pub minimum: Decimal,
    /// What the quantity is a multiple of.
    pub multiple: Decimal,
    /// The next quantity that can be ordered, where this one is too little or no multiple.
    pub fitting: Option<Decimal>,
    /// The price now; `None` is "on request".
    pub price: Option<Price<'a>>,
    /// The rounded amount of the line.
    pub amount: Option<Money<'a>>,
    /// What is in stock.
    pub availability: Availability<'a>,
    /// What changed.
    pub changes: Vec<Change<'a>>,
}

/// One line as the buyer's system receives it (cXML 1.2 `ItemIn`).
#[derive(Clone, Copy, Debug)]
pub struct PreviewLine<'a> {
    /// `SupplierPartID`.
    pub part: &'a str,
    /// `Description`, as cut for this buyer.
    pub description: &'a str,
    /// `@quantity`.
    pub quantity: Decimal,
    /// `UnitOfMeasure`, in the buyer's code.
    pub unit: &'a str,
    /// `UnitPrice/Money`.
    pub price: Money<'a>,
    /// `Classification`: "UNSPSC 31161504".
    pub classification: &'a str,
}

/// The cart: changed in create and edit, only shown in inspect.
#[derive(Debug, Template)]
#[template(path = "shop/cart.html")]
pub struct CartPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The lines.
    pub lines: Vec<CartLine<'a>>,
    /// The sum of the rounded lines.
    pub total: Option<Money<'a>>,
    /// The smallest order and what is missing to it, in a sentence.
    pub below_minimum: Option<String>,
    /// Until when the prices hold once the cart is returned.
    pub valid_until: Option<Timestamp>,
    /// What the buyer's system will receive; empty where it is not shown.
    pub preview: Vec<PreviewLine<'a>>,
    /// Whether the user can keep the cart as a list.
    pub can_keep: bool,
    /// What was wrong with the quantities sent; the field is `quantity-{id}`.
    pub faults: Vec<Fault<'a>>,
}

impl CartPage<'_> {
    /// How many lines changed since they were put in the cart.
    pub fn changed(&self) -> u64 {
        self.lines.iter().map(|line| u64::from(!line.changes.is_empty())).sum()
    }

    fn fault(&self, line: &CartLine<'_>) -> Option<&str> {
        crate::http::page::part::fault(&self.faults, &format!("quantity-{}", line.id))
    }
}

/// An edited cart was emptied: returning it deletes the lines at the buyer (Reference Guide, empty carts).
#[derive(Debug, Template)]
#[template(path = "shop/confirm_empty.html")]
pub struct ConfirmEmptyPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
}
