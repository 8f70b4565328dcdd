//! A returned cart as `PunchOutOrderMessage`, within what the platforms take (cXML notes 2.3, 2.4).

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::cxml::{
    self, Classification, Description, Document, Fragment, Header, ItemDetail, ItemId, ItemIn, MessagePayload, Money,
    Number, Party, PriceBasisQuantity, PunchOutOrderMessage, PunchOutOrderMessageHeader, QuoteStatus, Status, Text,
    Total, UnitPrice,
};
use crate::domain::exchange::Finding;
use crate::domain::session::SessionHeader;
use crate::translate::value::warn;
use crate::xml::{Limits, XmlError};

/// What every return of a visit has in common.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    /// Parties of the set-up request.
    pub header: &'a SessionHeader,
    /// Inner XML of `BuyerCookie`.
    pub buyer_cookie: &'a str,
    /// `payloadID` of the return.
    pub payload_id: &'a str,
    /// Time of the return.
    pub timestamp: Timestamp,
    /// Language of texts (`xml:lang`).
    pub language: &'a str,
    /// Highest later operation: create, inspect or edit.
    pub operation_allowed: &'a str,
    /// Currency of the totals.
    pub currency: &'a str,
    /// Whether the connection is for test.
    pub is_test: bool,
}

/// One line of a returned cart.
#[derive(Clone, Debug)]
pub struct Line {
    /// Place from 1.
    pub line_number: u64,
    /// Our part number.
    pub sku: String,
    /// The signed cart reference.
    pub auxiliary_id: String,
    /// Description.
    pub description: String,
    /// Quantity.
    pub quantity: Decimal,
    /// Unit in the buyer's codes.
    pub unit: String,
    /// Price per `price_quantity`.
    pub unit_price: Decimal,
    /// The quantity that the price is for, in the line's unit.
    pub price_quantity: Decimal,
    /// Rounded amount.
    pub amount: Decimal,
    /// Classification (domain, value).
    pub classification: Option<(String, String)>,
    /// Manufacturer.
    pub manufacturer: Option<String>,
    /// Manufacturer's part number.
    pub manufacturer_part_id: Option<String>,
    /// Days to delivery.
    pub lead_time_days: Option<u64>,
}

/// Tightest known length limits of the platforms, each with its source.
///
/// Characters are counted for part numbers, bytes of UTF-8 for descriptions, because Ariba counts those.
pub mod limit {
    /// JAGGAER cXML handbook: `SupplierPartID` and manufacturer fields up to 100 characters.
    pub const PART_CHARS_MAX: usize = 100;
    /// SAP Ariba shows 255 bytes of a description on the order.
    pub const DESCRIPTION_BYTES_MAX: usize = 255;
    /// SAP Ariba: `ShortName` up to 50 characters, 30 recommended.
    pub const SHORT_NAME_CHARS_MAX: usize = 30;
    /// Oracle's direct route: manufacturer name up to 30; others 100.
    pub const MANUFACTURER_CHARS_MAX: usize = 100;
    /// JAGGAER rounds prices beyond four decimals.
    pub const PRICE_DECIMALS_MAX: u32 = 4;
}

/// The message that carries a cart; whatever had to be shortened is a finding.
///
/// # Errors
/// `BuyerCookie` is not well-formed, which the reader of the set-up request has made sure of.
pub fn cart(envelope: &Envelope<'_>, lines: &[Line]) -> Result<(Document, Vec<Finding>), XmlError> {
    let mut findings = Vec::new();
    let total = lines.iter().map(|line| line.amount).sum();
    let items = lines.iter().map(|line| item(line, envelope, &mut findings)).collect();
    Ok((message(envelope, None, total, items)?, findings))
}

/// The message that ends a visit without any change: Status 204 (Reference Guide, PunchOutOrderMessage).
///
/// No status and no lines would make a buyer delete the lines of an edited cart.
///
/// # Errors
/// As [`cart`].
pub fn cancel(envelope: &Envelope<'_>) -> Result<Document, XmlError> {
    message(
        envelope,
        Some(Status::new(204, "No Content")),
        Decimal::new(0, 2),
        Vec::new(),
    )
}

fn message(
    envelope: &Envelope<'_>,
    status: Option<Status>,
    total: Decimal,
    items: Vec<ItemIn>,
) -> Result<Document, XmlError> {
    let header = PunchOutOrderMessageHeader {
        operation_allowed: Some(cxml::Operation::from(envelope.operation_allowed)),
        quote_status: Some(QuoteStatus::Final),
        total: Some(Total::from(Money::new(total, envelope.currency))),
        ..PunchOutOrderMessageHeader::default()
    };
    let payload = PunchOutOrderMessage {
        buyer_cookie: Some(Fragment::from_xml(envelope.buyer_cookie, &Limits::default())?),
        header: Some(header),
        items,
        ..PunchOutOrderMessage::default()
    };
    let mode = if envelope.is_test {
        cxml::DeploymentMode::Test
    } else {
        cxml::DeploymentMode::Production
    };
    let document = Document::message(
        envelope.payload_id,
        envelope.timestamp,
        parties(envelope.header),
        mode,
        status,
        MessagePayload::PunchOutOrderMessage(Box::new(payload)),
    );
    Ok(Document {
        lang: Some(envelope.language.to_owned()),
        ..document
    })
}

/// From us, to the buyer; Sender is us too and proves nothing, since the user's browser carries the message.
fn parties(header: &SessionHeader) -> Header {
    let party = |credentials: &[(String, String)]| Party {
        credentials: credentials
            .iter()
            .map(|(domain, identity)| cxml::Credential::new(domain, identity))
            .collect(),
        ..Party::default()
    };
    let us = party(&header.to);
    let sender = Party {
        user_agent: Some(Text::new("punchgate")),
        ..us.clone()
    };
    Header {
        from: us,
        to: party(&header.from),
        sender,
        ..Header::default()
    }
}

fn item(line: &Line, envelope: &Envelope<'_>, findings: &mut Vec<Finding>) -> ItemIn {
    let place = |field: &str| format!("ItemIn {}/{field}", line.line_number);
    let sku = chars(&line.sku, limit::PART_CHARS_MAX, &place("SupplierPartID"), findings);
    let id = ItemId {
        supplier_part_auxiliary_id: Some(Fragment::from_text(line.auxiliary_id.clone())),
        ..ItemId::new(sku)
    };
    let text = bytes(
        &line.description,
        limit::DESCRIPTION_BYTES_MAX,
        &place("Description"),
        findings,
    );
    let short: String = line.description.chars().take(limit::SHORT_NAME_CHARS_MAX).collect();
    let (classification_domain, classification) = line
        .classification
        .clone()
        .unwrap_or_else(|| ("UNSPSC".to_owned(), String::new()));
    let detail = ItemDetail {
        unit_price: Some(UnitPrice::from(Money::new(line.unit_price, envelope.currency))),
        descriptions: vec![Description::with_short_name(short.trim(), text, envelope.language)],
        unit_of_measure: Some(Text::new(&line.unit)),
        price_basis_quantity: price_basis(line, envelope),
        classifications: vec![Classification::new(classification_domain, classification)],
        manufacturer_part_id: line.manufacturer_part_id.as_ref().map(|part| {
            Text::new(chars(
                part,
                limit::PART_CHARS_MAX,
                &place("ManufacturerPartID"),
                findings,
            ))
        }),
        manufacturer_name: line.manufacturer.as_ref().map(|name| {
            let name = chars(
                name,
                limit::MANUFACTURER_CHARS_MAX,
                &place("ManufacturerName"),
                findings,
            );
            cxml::Name::new(name, envelope.language)
        }),
        lead_time: line.lead_time_days.map(cxml::Figure::from),
        ..ItemDetail::default()
    };
    ItemIn {
        quantity: Some(Number::from(line.quantity)),
        line_number: Some(Number::from(line.line_number)),
        item_id: Some(id),
        item_detail: Some(Box::new(detail)),
        ..ItemIn::default()
    }
}

/// A price for more than one unit says so; one ordered unit is one price unit.
fn price_basis(line: &Line, envelope: &Envelope<'_>) -> Option<Box<PriceBasisQuantity>> {
    (line.price_quantity != Decimal::ONE).then(|| {
        Box::new(PriceBasisQuantity {
            quantity: Some(Number::from(line.price_quantity)),
            conversion_factor: Some(Number::from(Decimal::ONE)),
            unit_of_measure: Some(Text::new(&line.unit)),
            description: Some(Description::new("Quantity that the price is for", envelope.language)),
            ..PriceBasisQuantity::default()
        })
    })
}

fn chars(text: &str, chars_max: usize, place: &str, findings: &mut Vec<Finding>) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    findings.push(warn(
        "cart.shortened",
        place,
        &format!("Shortened to {chars_max} characters."),
    ));
    text.chars().take(chars_max).collect()
}

fn bytes(text: &str, bytes_max: usize, place: &str, findings: &mut Vec<Finding>) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    findings.push(warn(
        "cart.shortened",
        place,
        &format!("Shortened to {bytes_max} bytes."),
    ));
    let end = (0..=bytes_max)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    text[..end].trim_end().to_owned()
}
