//! PunchOut visits: the list, and one with its cart.

use askama::Template;
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Frame, Reasons, filters};
use crate::http::asset;
use crate::http::page::format::Money;
use crate::http::page::icon::Icon;
use crate::http::page::part::{Fact, More, Status, Value};

/// A visit in the list.
#[derive(Clone, Debug)]
pub struct VisitRow<'a> {
    /// Its page.
    pub href: String,
    /// Who shops.
    pub user: &'a str,
    /// The connection.
    pub connection: &'a str,
    /// What the buyer's system asked for.
    pub operation: &'static str,
    /// Where it stands.
    pub state: Status<'a>,
    /// Lines in the cart.
    pub lines: u64,
    /// What the cart comes to at the prices the user saw.
    pub total: Option<Money<'a>>,
    /// When it was set up.
    pub created: Timestamp,
    /// Whether the connection is for tests.
    pub test: bool,
}

/// The visits in one state or all.
#[derive(Debug, Template)]
#[template(path = "admin/visits.html")]
pub struct VisitsPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The states: name, address, whether it is chosen.
    pub views: Vec<(&'static str, String, bool)>,
    /// The visits.
    pub rows: Vec<VisitRow<'a>>,
    /// Where the list goes on.
    pub more: More,
    /// Whether all are shown.
    pub all: bool,
}

/// A line of the cart, or of the offer that it became.
#[derive(Clone, Debug)]
pub struct VisitLine<'a> {
    /// Its number.
    pub number: i64,
    /// Our part number.
    pub sku: &'a str,
    /// What the buyer was shown, where it was offered.
    pub description: &'a str,
    /// How much.
    pub quantity: Decimal,
    /// Of what.
    pub unit: &'a str,
    /// At which price.
    pub price: Value<'a>,
    /// What it comes to.
    pub amount: Option<Money<'a>>,
    /// Why it is this price.
    pub why: Option<Reasons>,
}

/// Something that happened in the visit.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// What.
    pub what: &'a str,
    /// When.
    pub at: Timestamp,
    /// The document that says so.
    pub document: Option<String>,
}

/// One visit.
#[derive(Debug, Template)]
#[template(path = "admin/visit.html")]
pub struct VisitPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The visit's own row of the list.
    pub row: VisitRow<'a>,
    /// The connection's page.
    pub connection_href: String,
    /// Its values.
    pub facts: Vec<Fact<'a>>,
    /// Where the goods would go.
    pub ship_to: Option<super::Label<'a>>,
    /// What happened.
    pub steps: Vec<Step<'a>>,
    /// The cart, or the offer that it became.
    pub lines: Vec<VisitLine<'a>>,
    /// Until when the offer holds, where there is one.
    pub offered_until: Option<Timestamp>,
    /// What the offer, or else the cart, comes to.
    pub total: Option<Money<'a>>,
}
