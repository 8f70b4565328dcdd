//! A PunchOut visit and its one cart.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::language::Language;
use crate::domain::stock::Band;
use crate::domain::terms::Trace;

/// What the buyer's system asks for (`PunchOutSetupRequest/@operation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// A new cart.
    Create,
    /// The cart of `ItemOut`, to be changed.
    Edit,
    /// The cart of `ItemOut`, read only.
    Inspect,
}

/// Where a visit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// Set up; the start link was not used yet.
    Issued,
    /// The user is shopping.
    Open,
    /// The cart went back; the same page may be rendered again for ten minutes.
    Returned,
    /// The user went back without items (Status 204).
    Cancelled,
    /// A later set-up of the same user with the same cookie took its place.
    Superseded,
    /// A time limit passed.
    Expired,
}

/// Who shops, by the ordered search over the set-up request; every part may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionUser {
    /// The buyer's stable name for the user (`UniqueName`).
    pub unique_name: Option<String>,
    /// E-mail address; not verified.
    pub email: Option<String>,
    /// Name for people.
    pub name: Option<String>,
}

impl SessionUser {
    /// What tells this user from the next: unique name, else e-mail.
    pub fn key(&self) -> Option<&str> {
        self.unique_name.as_deref().or(self.email.as_deref())
    }
}

/// What the set-up request pointed at (`SelectedItem`), resolved when the visit opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectedItem {
    /// `SupplierPartID`: a part number, a category code, or words to search.
    pub supplier_part_id: String,
    /// `SupplierPartAuxiliaryID`, where given.
    pub supplier_part_auxiliary_id: Option<String>,
}

/// The ship-to that prices and availability are shown for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShipTo {
    /// The buyer's code (`Address/@addressID`).
    pub address_id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Street, city, region and the rest, one line each.
    pub lines: Vec<String>,
    /// ISO 3166 country.
    pub country: Option<String>,
}

/// One PunchOut visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The connection that set it up.
    pub connection_id: Uuid,
    /// The set-up request.
    pub exchange_id: Option<Uuid>,
    /// The account whose terms apply.
    pub account_code: String,
    /// create, edit or inspect.
    pub operation: Operation,
    /// Where it stands.
    pub state: SessionState,
    /// Inner XML of `BuyerCookie`, returned byte for byte.
    pub buyer_cookie: String,
    /// `BrowserFormPost/URL` as checked and serialised; without it nothing can be returned.
    pub return_url: Option<String>,
    /// Language of the set-up request (`xml:lang`).
    pub language: Option<String>,
    /// The language that the user chose in the visit.
    pub chosen_language: Option<Language>,
    /// Who shops.
    pub user: SessionUser,
    /// Ship-to of the set-up request.
    pub ship_to: Option<ShipTo>,
    /// What the set-up request pointed at.
    pub selected_item: Option<SelectedItem>,
    /// Header of the set-up request that the return must mirror: `From`, `To`, serialised.
    pub header: SessionHeader,
    /// SHA-256 of the start token; `None` once redeemed.
    pub start_hash: Option<Vec<u8>>,
    /// Until when the start link may be used.
    pub start_until: Timestamp,
    /// SHA-256 of the handle in the visit's addresses; set when opened.
    pub handle_hash: Option<Vec<u8>>,
    /// Until when the user may shop; set when opened.
    pub shop_until: Option<Timestamp>,
    /// `payloadID` of the returned document.
    pub return_payload_id: Option<String>,
    /// The returned document, frozen, so that rendering again gives the identical one.
    pub return_document: Option<String>,
    /// When it was set up.
    pub created_at: Timestamp,
    /// When the start link was redeemed.
    pub opened_at: Option<Timestamp>,
    /// When the cart went back or the visit was cancelled.
    pub closed_at: Option<Timestamp>,
}

/// The parties of the set-up request, needed to address the return.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionHeader {
    /// Credentials of `From` (domain, identity) in order.
    pub from: Vec<(String, String)>,
    /// Credentials of `To` (domain, identity) in order.
    pub to: Vec<(String, String)>,
    /// `payloadID` of the set-up request.
    pub payload_id: String,
}

/// One line of a visit's cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartLine {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier; stable across edit visits, because it is the cart reference in `SupplierPartAuxiliaryID`.
    pub id: Uuid,
    /// The visit.
    pub session_id: Uuid,
    /// Position from 1.
    pub line_number: i64,
    /// Our part number.
    pub sku: String,
    /// Quantity in `unit`.
    pub quantity: Decimal,
    /// Unit code of ours.
    pub unit: String,
    /// Price per `price_quantity` when the line was added or last confirmed by the user; `None` = on request.
    pub unit_price: Option<Decimal>,
    /// The quantity that `unit_price` is for.
    pub price_quantity: Decimal,
    /// Currency of `unit_price`.
    pub currency: String,
    /// Whether it was there when the line was added or last confirmed; not known of lines that the buyer brought.
    pub band: Option<Band>,
    /// The day it was to ship then.
    pub ships_on: Option<Date>,
    /// Why it is this price.
    pub trace: Option<Trace>,
    /// The buyer's own line (`ItemOut` source) that an edit or inspect visit brought, kept for what we do not know.
    pub item_out: Option<String>,
    /// When it was added.
    pub added_at: Timestamp,
}
