//! Orders: the list, and one order beside its cart.

use askama::Template;
use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Frame, Reasons, filters};
use crate::http::asset;
use crate::http::page::format::Money;
use crate::http::page::icon::Icon;
use crate::http::page::part::{Choice, Compared, Fact, More, Paging, Status, Value};

/// An order in a list.
#[derive(Clone, Debug)]
pub struct OrderRow<'a> {
    /// Its page.
    pub href: String,
    /// The buyer's number.
    pub order_id: &'a str,
    /// The connection it came over.
    pub connection: &'a str,
    /// Where it stands.
    pub state: Status<'a>,
    /// Lines of the version in force.
    pub lines: u64,
    /// What it comes to.
    pub total: Option<Money<'a>>,
    /// When the first document came.
    pub created: Timestamp,
    /// When anything changed.
    pub updated: Timestamp,
    /// Whether it is a test.
    pub test: bool,
}

/// The orders in one state or all.
#[derive(Debug, Template)]
#[template(path = "admin/orders.html")]
pub struct OrdersPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The states with their counts.
    pub views: Vec<Choice<'a>>,
    /// The orders.
    pub rows: Vec<OrderRow<'a>>,
    /// Where the list goes on.
    pub more: More,
    /// Whether all orders are shown.
    pub all: bool,
}

/// A line of the order beside its cart.
#[derive(Clone, Debug)]
pub struct LineRow<'a> {
    /// Its number.
    pub number: i64,
    /// `SupplierPartID` as ordered.
    pub part: &'a str,
    /// Our part number, where it is another or none is known.
    pub sku: Option<&'a str>,
    /// The buyer's own number.
    pub buyer_part: Option<&'a str>,
    /// The text.
    pub description: Compared<'a>,
    /// How much.
    pub quantity: Compared<'a>,
    /// Of what.
    pub unit: Compared<'a>,
    /// At which price.
    pub price: Compared<'a>,
    /// What the line comes to.
    pub amount: Option<Money<'a>>,
    /// What the differing values come from: "Cart", "Contract".
    pub source: &'static str,
    /// When it is wanted.
    pub wanted: Option<&'a str>,
    /// What else is to be known of it.
    pub marks: Vec<Status<'a>>,
    /// Why our price is what it is.
    pub why: Option<Reasons>,
    /// Whether it differs.
    pub differs: bool,
}

/// A line of the cart that was not ordered.
#[derive(Clone, Copy, Debug)]
pub struct NotOrderedRow<'a> {
    /// Our part number.
    pub sku: &'a str,
    /// What was offered.
    pub description: &'a str,
    /// How much.
    pub quantity: Decimal,
    /// Of what.
    pub unit: &'a str,
    /// At which price.
    pub price: Value<'a>,
    /// What it came to.
    pub amount: Money<'a>,
}

/// Stock that the order holds or held.
#[derive(Clone, Debug)]
pub struct StockHoldRow<'a> {
    /// The part number; of a kit a component's.
    pub sku: &'a str,
    /// How much.
    pub quantity: Decimal,
    /// In which unit it is counted.
    pub unit: &'a str,
    /// The warehouse.
    pub warehouse: &'a str,
    /// Whether it is held.
    pub state: Status<'static>,
    /// Until when at most, while it is held.
    pub until: Option<Timestamp>,
}

/// A cart that lines of the order came from.
#[derive(Clone, Debug)]
pub struct CartRow<'a> {
    /// The visit's page.
    pub href: String,
    /// When it was returned.
    pub returned: Timestamp,
    /// Until when its prices held.
    pub valid_until: Timestamp,
    /// Whether they held no more when the order came.
    pub late: bool,
    /// What it came to.
    pub total: Money<'a>,
}

/// What a version changed on a line.
#[derive(Clone, Debug)]
pub struct ChangeRow<'a> {
    /// The line's number.
    pub number: i64,
    /// Its text.
    pub description: &'a str,
    /// Added, changed or taken out.
    pub what: Status<'a>,
    /// The values that changed: name, before, after.
    pub values: Vec<(&'static str, Value<'a>, Value<'a>)>,
}

/// One document about the order.
#[derive(Clone, Debug)]
pub struct VersionRow<'a> {
    /// Its sequence number.
    pub seq: i64,
    /// The order's page with this version laid open.
    pub href: String,
    /// The document's page.
    pub exchange: String,
    /// Order, change or cancellation.
    pub action: &'static str,
    /// Its `payloadID`.
    pub payload_id: &'a str,
    /// In force, replaced, or never in force.
    pub state: Status<'a>,
    /// When it came.
    pub received: Timestamp,
    /// Whether it is laid open.
    pub shown: bool,
}

/// Something that a person must decide.
#[derive(Clone, Debug)]
pub struct HoldRow<'a> {
    /// Its identifier.
    pub id: Uuid,
    /// The line it is about.
    pub line: Option<i64>,
    /// The rule.
    pub rule: &'a str,
    /// What is wrong and what can be done.
    pub text: &'a str,
    /// Since when.
    pub since: Timestamp,
    /// The version it was noticed on, where it is not the one in force.
    pub version: Option<i64>,
}

/// Something that was decided.
#[derive(Clone, Debug)]
pub struct SettledRow<'a> {
    /// The line it was about.
    pub line: Option<i64>,
    /// What was wrong.
    pub text: &'a str,
    /// What was decided.
    pub verdict: Status<'a>,
    /// The remark.
    pub remark: &'a str,
    /// Who decided; nobody where a later version settled it.
    pub by: Option<&'a str>,
    /// When.
    pub at: Option<Timestamp>,
}

/// What a safeguard found and did.
#[derive(Clone, Debug)]
pub struct EffectRow<'a> {
    /// The line it is about.
    pub line: Option<i64>,
    /// The rule.
    pub rule: &'static str,
    /// What was found.
    pub text: &'a str,
    /// What was done.
    pub done: Status<'a>,
    /// The values that were corrected: name, theirs, ours.
    pub values: Vec<(&'static str, String, String)>,
}

/// Something that was sent on.
#[derive(Clone, Debug)]
pub struct DeliveryRow<'a> {
    /// Its identifier.
    pub id: Uuid,
    /// What it is.
    pub kind: &'a str,
    /// Where it goes.
    pub target: &'static str,
    /// What it is about, where the page is not about that: address and name.
    pub subject: Option<(String, &'a str)>,
    /// Where it stands.
    pub state: Status<'a>,
    /// Tries so far.
    pub attempts: u64,
    /// When it was queued.
    pub created: Timestamp,
    /// When it is tried next, while it waits.
    pub due: Option<Timestamp>,
    /// Why the last try failed.
    pub error: Option<&'a str>,
    /// Whether this person may send it again.
    pub resumable: bool,
}

/// What is sent on, in one state or all.
#[derive(Debug, Template)]
#[template(path = "admin/deliveries.html")]
pub struct DeliveriesPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The states: name, address, whether it is chosen.
    pub views: Vec<(&'static str, String, bool)>,
    /// The deliveries.
    pub rows: Vec<DeliveryRow<'a>>,
    /// Where the list goes on.
    pub more: More,
    /// Whether all are shown.
    pub all: bool,
}

/// An address of the header, as it is written on a label.
#[derive(Clone, Debug)]
pub struct Label<'a> {
    /// The buyer's code.
    pub code: Option<&'a str>,
    /// Name, street and the rest.
    pub lines: Vec<&'a str>,
}

/// One order beside its cart.
#[derive(Debug, Template)]
#[template(path = "admin/order.html")]
pub struct OrderPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The order's own row of the list.
    pub order: OrderRow<'a>,
    /// The connection's page.
    pub connection_href: String,
    /// The account whose terms apply.
    pub account: &'a str,
    /// What the header says.
    pub facts: Vec<Fact<'a>>,
    /// Where the goods go.
    pub ship_to: Option<Label<'a>>,
    /// Where the invoice goes.
    pub bill_to: Option<Label<'a>>,
    /// What the buyer remarked.
    pub comments: Vec<&'a str>,
    /// The buyer's further values.
    pub extrinsics: &'a [(String, String)],
    /// Every document about it.
    pub versions: Vec<VersionRow<'a>>,
    /// The version laid open.
    pub seq: i64,
    /// Whether that is the version in force.
    pub in_force: bool,
    /// The document of the version.
    pub raw_href: String,
    /// All lines, or those that differ.
    pub views: Vec<Choice<'a>>,
    /// The lines of this page.
    pub lines: Vec<LineRow<'a>>,
    /// Which lines they are.
    pub paging: Paging<'a>,
    /// How many lines differ.
    pub differing: u64,
    /// Lines of the carts that were not ordered.
    pub not_ordered: Vec<NotOrderedRow<'a>>,
    /// The carts.
    pub carts: Vec<CartRow<'a>>,
    /// What the version changed, the first of it.
    pub changes: Vec<ChangeRow<'a>>,
    /// How many more changes there are.
    pub changes_more: u64,
    /// What the safeguards found and did, the first of it.
    pub effects: Vec<EffectRow<'a>>,
    /// How much more they found.
    pub effects_more: u64,
    /// Whether a safeguard rejected something.
    pub rejected: bool,
    /// The page of the connection's safeguards.
    pub safeguards_href: String,
    /// What a person must decide.
    pub open: Vec<HoldRow<'a>>,
    /// What was decided.
    pub settled: Vec<SettledRow<'a>>,
    /// Where decisions are sent.
    pub resolve_href: String,
    /// Whether this person may decide.
    pub may_resolve: bool,
    /// The stock that it holds or held.
    pub stock: Vec<StockHoldRow<'a>>,
    /// What was sent on.
    pub deliveries: Vec<DeliveryRow<'a>>,
}
