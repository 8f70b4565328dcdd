//! The simulated buyers' own pages: who can punch out, what came back, what was ordered.

use askama::Template;
use rust_decimal::Decimal;

use super::filters;
use super::format::Money;
use super::icon::Icon;
use super::part::{Notice, Status};
use crate::http::asset;

/// One simulated buyer.
#[derive(Clone, Copy, Debug)]
pub struct BuyerTile<'a> {
    /// Short name, in addresses.
    pub code: &'a str,
    /// The company.
    pub company: &'a str,
    /// Its procurement system.
    pub system: &'a str,
    /// Its customer number at the supplier.
    pub account: &'a str,
}

/// A requisition in a list.
#[derive(Clone, Debug)]
pub struct RequisitionRow<'a> {
    /// Its number.
    pub id: &'a str,
    /// Its page.
    pub href: String,
    /// The company.
    pub company: &'a str,
    /// Where it stands.
    pub status: Status<'a>,
    /// Its lines.
    pub lines: u64,
    /// Their sum.
    pub total: Option<Money<'a>>,
    /// The number of its order, or nothing.
    pub order: &'a str,
}

/// All buyers and requisitions.
#[derive(Debug, Template)]
#[template(path = "demo/start.html")]
pub struct StartPage<'a> {
    /// The supplier's cXML address.
    pub supplier: &'a str,
    /// The supplier's admin pages.
    pub admin: &'a str,
    /// The buyers.
    pub buyers: Vec<BuyerTile<'a>>,
    /// What came back, the latest first.
    pub requisitions: Vec<RequisitionRow<'a>>,
}

/// A line of a requisition.
#[derive(Clone, Copy, Debug)]
pub struct LineRow<'a> {
    /// `SupplierPartID`.
    pub part: &'a str,
    /// `Description`.
    pub description: &'a str,
    /// Quantity.
    pub quantity: Decimal,
    /// `UnitOfMeasure`.
    pub unit: &'a str,
    /// Price.
    pub price: Money<'a>,
    /// The quantity the price is for.
    pub per: Decimal,
    /// Rounded amount.
    pub amount: Money<'a>,
}

/// What the buyer can do next.
#[derive(Clone, Debug)]
pub struct Action<'a> {
    /// Where the form goes.
    pub href: String,
    /// The word that it sends.
    pub word: &'a str,
    /// What the button says.
    pub label: &'a str,
    /// Whether it is the usual next step.
    pub primary: bool,
}

/// One version of an order.
#[derive(Clone, Copy, Debug)]
pub struct OrderRow<'a> {
    /// Its number.
    pub order_id: &'a str,
    /// new, update or delete.
    pub kind: &'a str,
    /// Its version.
    pub version: u32,
    /// The answer.
    pub status: Status<'a>,
    /// The document as sent.
    pub document: &'a str,
    /// The answer as it came.
    pub answer: &'a str,
}

/// One requisition with its orders.
#[derive(Debug, Template)]
#[template(path = "demo/requisition.html")]
pub struct RequisitionPage<'a> {
    /// What the list shows, too.
    pub row: RequisitionRow<'a>,
    /// The procurement system.
    pub system: &'a str,
    /// Something that just happened.
    pub notice: Option<Notice<'a>>,
    /// Its lines.
    pub lines: Vec<LineRow<'a>>,
    /// What can be done.
    pub actions: Vec<Action<'a>>,
    /// Its orders.
    pub orders: Vec<OrderRow<'a>>,
    /// The document as it came.
    pub document: &'a str,
}
