//! `PunchOutSetupRequest` to what a visit needs (cXML notes 2.2, 2.6).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::cxml::{self, Contact, ItemOut, PunchOutSetupRequest};
use crate::domain::address;
use crate::domain::exchange::Finding;
use crate::domain::party::Settings;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{Operation, SelectedItem, SessionUser, ShipTo};
use crate::translate::value::{bad, decimal, money, price_quantity, ship_to, warn};

/// Longest `BuyerCookie` in bytes of its XML; it is opaque and returned as it came (cXML notes 2.2).
pub const BUYER_COOKIE_BYTES_MAX: usize = 4096;

/// A set-up request as a visit needs it.
#[derive(Clone, Debug)]
pub struct Setup {
    /// create, edit or inspect.
    pub operation: Operation,
    /// Inner XML of `BuyerCookie`.
    pub buyer_cookie: String,
    /// Checked and serialised return address.
    pub return_url: Option<String>,
    /// Who shops.
    pub user: SessionUser,
    /// Ship-to.
    pub ship_to: Option<ShipTo>,
    /// What to show first.
    pub selected_item: Option<SelectedItem>,
    /// The buyer's cart, on edit and inspect.
    pub items: Vec<SetupItem>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// One line of the buyer's cart, as the buyer sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupItem {
    /// Place from 1.
    pub position: i64,
    /// `SupplierPartID`.
    pub supplier_part_id: String,
    /// `SupplierPartAuxiliaryID`.
    pub auxiliary_id: Option<String>,
    /// Quantity.
    pub quantity: Decimal,
    /// `UnitOfMeasure` as sent.
    pub unit: Option<String>,
    /// `Description` as text.
    pub description: Option<String>,
    /// Price and currency as sent.
    pub unit_price: Option<(Decimal, String)>,
    /// The quantity, in the line's unit, that the price is for.
    #[serde(default = "one")]
    pub price_quantity: Decimal,
}

/// Prices are for one unit where nothing else is said.
fn one() -> Decimal {
    Decimal::ONE
}

/// Reads a set-up request.
///
/// # Errors
/// 400 for what cannot be read, 403 for a return address that is not on the list, 450 for `source`.
pub fn setup(request: &PunchOutSetupRequest, settings: &Settings) -> Result<Setup, Refusal> {
    let mut findings = Vec::new();
    let operation = operation(request, &mut findings)?;
    let buyer_cookie = request
        .buyer_cookie
        .as_ref()
        .map(|cookie| cookie.xml().into_owned())
        .unwrap_or_default();
    if buyer_cookie.len() > BUYER_COOKIE_BYTES_MAX {
        return Err(bad("BuyerCookie", "BuyerCookie is longer than 4096 bytes."));
    }
    let return_url = match request.browser_form_post.as_ref().map(|link| link.address().trim()) {
        None | Some("") => {
            findings.push(warn(
                "setup.no-return",
                "BrowserFormPost",
                "There is no return address, so the cart of this visit cannot be returned.",
            ));
            None
        }
        Some(text) => Some(address::return_url(text, settings)?.to_string()),
    };
    let mut items = Vec::new();
    if operation != Operation::Create {
        for (at, item) in request.items.iter().enumerate() {
            items.push(setup_item(item, at, &mut findings)?);
        }
    }
    Ok(Setup {
        operation,
        buyer_cookie,
        return_url,
        user: user(request),
        ship_to: request.ship_to.as_ref().and_then(|to| to.address.as_ref()).map(ship_to),
        selected_item: selected_item(request),
        items,
        findings,
    })
}

fn operation(request: &PunchOutSetupRequest, findings: &mut Vec<Finding>) -> Result<Operation, Refusal> {
    match request.operation.as_ref().map(cxml::Operation::as_str).map(str::trim) {
        None | Some("") => {
            findings.push(warn(
                "setup.operation",
                "@operation",
                "No operation was stated; create was taken.",
            ));
            Ok(Operation::Create)
        }
        Some(word) if word.eq_ignore_ascii_case("create") => Ok(Operation::Create),
        Some(word) if word.eq_ignore_ascii_case("edit") => Ok(Operation::Edit),
        Some(word) if word.eq_ignore_ascii_case("inspect") => Ok(Operation::Inspect),
        Some(word) if word.eq_ignore_ascii_case("source") => Err(Refusal::new(
            Code::NotImplemented,
            "Sourcing by PunchOut is not offered here; use create, edit or inspect.",
        )
        .at("PunchOutSetupRequest/@operation")),
        Some(_) => Err(bad(
            "PunchOutSetupRequest/@operation",
            "The operation must be create, edit or inspect.",
        )),
    }
}

fn setup_item(item: &ItemOut, at: usize, findings: &mut Vec<Finding>) -> Result<SetupItem, Refusal> {
    let position = i64::try_from(at + 1).unwrap_or(i64::MAX);
    let place = |field: &str| format!("ItemOut {position}/{field}");
    let quantity = match &item.quantity {
        None => Decimal::ONE,
        Some(number) => decimal(number, &place("@quantity"), findings)?,
    };
    if quantity <= Decimal::ZERO {
        return Err(bad(place("@quantity"), "The quantity must be more than zero."));
    }
    let id = item.item_id.as_ref();
    let detail = item.item_detail.as_deref();
    let price = detail
        .and_then(|detail| detail.unit_price.as_ref())
        .and_then(|price| price.money.as_ref());
    Ok(SetupItem {
        position,
        supplier_part_id: id.map(|id| id.part().trim().to_owned()).unwrap_or_default(),
        auxiliary_id: id
            .and_then(|id| id.auxiliary())
            .filter(|id| !id.is_empty())
            .map(str::to_owned),
        quantity,
        unit: detail
            .and_then(|detail| detail.unit_of_measure.as_ref())
            .map(|unit| unit.as_str().trim().to_owned()),
        description: detail
            .and_then(|detail| detail.descriptions.first())
            .map(cxml::Description::text),
        unit_price: money(price, &place("UnitPrice/Money"), findings)?,
        price_quantity: price_quantity(detail, &place("PriceBasisQuantity"), findings)?,
    })
}

fn selected_item(request: &PunchOutSetupRequest) -> Option<SelectedItem> {
    let id = request.selected_item.as_ref()?.item_id.as_ref()?;
    let supplier_part_id = id.part().trim().to_owned();
    (!supplier_part_id.is_empty()).then(|| SelectedItem {
        supplier_part_id,
        supplier_part_auxiliary_id: id.auxiliary().filter(|id| !id.is_empty()).map(str::to_owned),
    })
}

/// The ordered search for the user (cXML notes 2.6); empty values count as absent, no name is ever guaranteed.
fn user(request: &PunchOutSetupRequest) -> SessionUser {
    let extrinsic = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| filled(cxml::extrinsic::find(&request.extrinsics, name)?))
    };
    let end_user = |contact: &&Contact| {
        contact
            .role
            .as_deref()
            .is_some_and(|role| role.trim().eq_ignore_ascii_case("endUser"))
    };
    let email_of = |contact: &Contact| contact.emails.iter().find_map(|email| filled(&email.value));
    let ship_to_email = || {
        let address = request.ship_to.as_ref()?.address.as_ref()?;
        filled(&address.email.as_ref()?.value)
    };
    let unique_name = extrinsic(&["UniqueName", "UniqueUsername", "User"]);
    let email = extrinsic(&["UserEmail"])
        .or_else(|| request.contacts.iter().filter(end_user).find_map(email_of))
        .or_else(|| extrinsic(&["Email", "EmailAddress", "EMailAddress", "requester-email"]))
        .or_else(|| request.contacts.iter().find_map(email_of))
        .or_else(ship_to_email)
        .or_else(|| unique_name.clone().filter(|name| name.contains('@')));
    let name = match (extrinsic(&["FirstName"]), extrinsic(&["LastName"])) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (first, last) => first.or(last),
    };
    let name = name
        .or_else(|| extrinsic(&["UserFullName", "UserPrintableName", "Name"]))
        .or_else(|| {
            let contact = request
                .contacts
                .iter()
                .find(|contact| end_user(contact))
                .or(request.contacts.first())?;
            filled(&contact.name.as_ref()?.value)
        });
    SessionUser {
        unique_name,
        email,
        name,
    }
}

fn filled(text: &str) -> Option<String> {
    // A value is shown on pages and may head a mail; longer ones are no names, and none has a second line.
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(200).collect();
    (!text.is_empty()).then_some(text)
}
