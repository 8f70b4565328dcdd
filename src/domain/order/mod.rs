//! Purchase orders: versions, lines, exceptions, and the decision tables for what arrives.

pub mod beside;
pub mod check;
pub mod decide;
mod delivered;
pub mod safeguard;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use delivered::delivered;

use crate::domain::party::DeploymentMode;
use crate::domain::session::ShipTo;
use crate::domain::terms::Trace;

/// `OrderRequestHeader/@type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderAction {
    /// A new order.
    New,
    /// Replaces the order; each update is the whole order.
    Update,
    /// Cancels the order.
    Delete,
}

/// `OrderRequestHeader/@orderType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OrderKind {
    /// An ordinary order.
    Regular,
    /// A call-off from an agreement.
    Release,
    /// A ceiling to release against; its total is not the sum of its lines.
    Blanket,
    /// A movement between stocks of the buyer.
    StockTransport,
    /// A call-off of a stock transport.
    StockTransportRelease,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderState {
    /// Accepted and waiting for the ERP.
    Received,
    /// A person must look first; nothing goes to the ERP.
    Held,
    /// In the ERP, not shipped.
    Processing,
    /// At least partly shipped.
    Shipped,
    /// At least partly invoiced.
    Invoiced,
    /// Cancelled by the buyer.
    Cancelled,
}

impl OrderState {
    /// Whether goods or money moved, so that nothing may change by itself any more.
    pub fn is_fulfilled(self) -> bool {
        matches!(self, OrderState::Shipped | OrderState::Invoiced)
    }
}

/// One purchase order of a buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The connection it came over.
    pub connection_id: Uuid,
    /// Key of the ordering party: `From` credential and `SystemID`, as one line.
    pub from_key: String,
    /// The buyer's order number, unique with the two above.
    pub order_id: String,
    /// The account whose terms apply.
    pub account_code: String,
    /// Test or production.
    pub mode: DeploymentMode,
    /// Where it stands.
    pub state: OrderState,
    /// Sequence number of the version in force.
    pub current_version: i64,
    /// Whether an update or delete came before the order itself.
    pub awaits_new: bool,
    /// Total of the version in force as the buyer states it.
    pub total: Option<Decimal>,
    /// Currency of the order.
    pub currency: String,
    /// Number of lines of the version in force.
    pub line_count: i64,
    /// When the first document came.
    pub created_at: Timestamp,
    /// When anything changed last.
    pub updated_at: Timestamp,
}

/// One document about an order, in the order of arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderVersion {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The order.
    pub order_key: Uuid,
    /// From 1; 0 for the new order that came after its update.
    pub seq: i64,
    /// The document.
    pub exchange_id: Uuid,
    /// Its `payloadID`.
    pub payload_id: String,
    /// new, update or delete.
    pub action: OrderAction,
    /// regular, release, blanket …
    pub kind: OrderKind,
    /// `@orderVersion`, where sent.
    pub order_version: Option<i64>,
    /// SHA-256 of the normalised content.
    pub fingerprint: Vec<u8>,
    /// Whether it took force; a held conflict does not.
    pub applied: bool,
    /// Values of the header.
    pub header: OrderHeader,
    /// When it came.
    pub received_at: Timestamp,
}

/// Header values that people and the ERP need; the whole document stays with its exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderHeader {
    /// `@orderDate` as it came.
    pub order_date: String,
    /// `@requisitionID`.
    pub requisition_id: Option<String>,
    /// `@requestedDeliveryDate` as it came.
    pub requested_delivery_date: Option<String>,
    /// `@shipComplete`.
    pub ship_complete: bool,
    /// `@agreementID`.
    pub agreement_id: Option<String>,
    /// `Total` as a decimal, with its currency.
    pub total: Option<(Decimal, String)>,
    /// `Tax/Money`.
    pub tax: Option<Decimal>,
    /// `Shipping/Money`.
    pub shipping: Option<Decimal>,
    /// `ShipTo`.
    pub ship_to: Option<ShipTo>,
    /// `BillTo`.
    pub bill_to: Option<ShipTo>,
    /// `Comments`, as text.
    pub comments: Vec<String>,
    /// `Extrinsic` name and text, in order.
    pub extrinsics: Vec<(String, String)>,
    /// `DocumentReference/@payloadID`.
    pub document_reference: Option<String>,
    /// `SupplierOrderInfo/@orderID`.
    pub supplier_order_id: Option<String>,
    /// Whether a payment card came with it (its number is never stored).
    pub payment_card: bool,
}

/// What a version did to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineChange {
    /// New in this version.
    Added,
    /// Other values than before.
    Changed,
    /// As before.
    Same,
    /// Taken out by the buyer.
    Cancelled,
}

/// One line of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The version.
    pub version_id: Uuid,
    /// Place in the document from 1.
    pub position: i64,
    /// `@lineNumber`, or the position where the buyer sends none.
    pub line_number: i64,
    /// `@parentLineNumber` of composite items.
    pub parent_line_number: Option<i64>,
    /// `SupplierPartID` as sent.
    pub supplier_part_id: String,
    /// `SupplierPartAuxiliaryID` as sent.
    pub auxiliary_id: Option<String>,
    /// `BuyerPartID`.
    pub buyer_part_id: Option<String>,
    /// Our product, where known.
    pub sku: Option<String>,
    /// `Description` as text.
    pub description: String,
    /// First `Classification` (domain, value).
    pub classification: Option<(String, String)>,
    /// Quantity.
    pub quantity: Decimal,
    /// `UnitOfMeasure` as sent.
    pub unit: String,
    /// Our unit, where the map knows it.
    pub unit_own: Option<String>,
    /// `UnitPrice/Money` as sent.
    pub unit_price: Option<Decimal>,
    /// `PriceBasisQuantity`: the quantity the price is for, in the line's unit (1 when absent).
    pub price_quantity: Decimal,
    /// Currency of the price.
    pub currency: String,
    /// Amount by the order's own price, rounded.
    pub amount: Option<Decimal>,
    /// `@requestedDeliveryDate` as sent.
    pub requested_delivery_date: Option<String>,
    /// Our price by quote or contract, per `expected_price_quantity`.
    pub expected_price: Option<Decimal>,
    /// The quantity `expected_price` is for.
    pub expected_price_quantity: Option<Decimal>,
    /// Where `expected_price` comes from: `quote`, `contract` or nothing.
    pub expected_source: Option<String>,
    /// Why it is that price, where it comes from a contract; that of a quote is with the quote.
    pub trace: Option<Trace>,
    /// The quote line it was found by.
    pub quote_line_id: Option<Uuid>,
    /// What this version did to it.
    pub change: LineChange,
    /// Whether it is a return (`@isReturn`), kept out of the total.
    pub is_return: bool,
}

/// Something about an order that a person must decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderException {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The order.
    pub order_key: Uuid,
    /// The version it was noticed on.
    pub version_id: Uuid,
    /// The line, where it is about one.
    pub line_number: Option<i64>,
    /// The rule, for example `order.price`.
    pub rule: String,
    /// One sentence: what is wrong and what can be done.
    pub text: String,
    /// When it was noticed.
    pub created_at: Timestamp,
    /// When somebody decided.
    pub resolved_at: Option<Timestamp>,
    /// Who decided.
    pub resolved_by: Option<Uuid>,
    /// `accepted` or `rejected`, with the person's remark after a colon.
    pub resolution: Option<String>,
}

impl OrderException {
    /// The resolution of what a safeguard rejected, so that nobody had to decide.
    pub const REJECTED_BY_SAFEGUARD: &str = "rejected: by the safeguards of the connection";
}
