//! What was offered when a cart went back: prices, quantities, and until when they hold.

use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::terms::Trace;

/// One returned cart, as an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The visit it came from.
    pub session_id: Uuid,
    /// The connection it was offered to.
    pub connection_id: Uuid,
    /// The account whose terms it states.
    pub account_code: String,
    /// Currency of every line.
    pub currency: String,
    /// Sum of the rounded lines.
    pub total: Decimal,
    /// Until when the prices hold.
    pub valid_until: Timestamp,
    /// When it was offered.
    pub created_at: Timestamp,
}

/// One line of a quote; found again by the signed reference in `SupplierPartAuxiliaryID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteLine {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The quote.
    pub quote_id: Uuid,
    /// The cart line it froze; stable across edit visits.
    pub line_id: Uuid,
    /// Position from 1.
    pub line_number: i64,
    /// Our part number.
    pub sku: String,
    /// What the buyer was shown.
    pub description: String,
    /// Quantity in `unit`.
    pub quantity: Decimal,
    /// Unit code of ours.
    pub unit: String,
    /// Unit code as sent to the buyer.
    pub unit_sent: String,
    /// Price per `price_quantity`.
    pub unit_price: Decimal,
    /// The quantity that `unit_price` is for, in `unit`.
    pub price_quantity: Decimal,
    /// Rounded line amount.
    pub amount: Decimal,
    /// Classification sent (domain, value).
    pub classification: Option<(String, String)>,
    /// Why it is this price.
    pub trace: Option<Trace>,
}
