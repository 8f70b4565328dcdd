//! Writing: grammar order, strict forms, the envelope that every network accepts.

use std::borrow::Cow;

use super::content::Piece;
use super::element::{Element, Value};
use super::number::Number;
use crate::xml::{WriteError, Writer};

/// How a document is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOptions {
    /// Version of the grammar in DOCTYPE and root, per partner.
    pub version: String,
    /// US-ASCII alone, everything else as character references, as `cXML-urlencoded` demands.
    pub ascii: bool,
}

impl Default for WriteOptions {
    fn default() -> WriteOptions {
        WriteOptions {
            version: "1.2.069".to_owned(),
            ascii: false,
        }
    }
}

/// Where typed elements are written to: a document, or the digest of its content.
pub(super) trait Out {
    /// Begins an element.
    fn start(&mut self, name: &str, attributes: &mut [Attribute<'_>]);

    /// Text inside the innermost element.
    fn text(&mut self, text: &str, form: Form);

    /// Elements and text as a source wrote them.
    fn raw(&mut self, source: &str);

    /// Ends the innermost element.
    fn end(&mut self);
}

/// An attribute of a start tag.
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) value: Cow<'a, str>,
    pub(super) form: Form,
    /// Whether the document leaves it to the grammar.
    pub(super) implied: bool,
}

impl<'a> Attribute<'a> {
    pub(super) fn new(name: &'a str, value: impl Into<Cow<'a, str>>) -> Attribute<'a> {
        Attribute {
            name,
            value: value.into(),
            form: Form::Text,
            implied: false,
        }
    }
}

/// How a text is compared and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Text,
    /// As a number: `1.50` means what `1.5` means.
    Number,
}

/// Adds an attribute, or the one that the grammar supplies.
pub(super) fn attribute<'a, V: Value>(
    attributes: &mut Vec<Attribute<'a>>,
    name: &'a str,
    given: &'a Option<V>,
    default: &Option<V>,
) {
    if let Some(value) = given {
        attributes.push(Attribute {
            name,
            value: value.as_wire(),
            form: V::FORM,
            implied: false,
        });
    } else if let Some(value) = default {
        let value = Cow::Owned(value.as_wire().into_owned());
        attributes.push(Attribute {
            name,
            value,
            form: V::FORM,
            implied: true,
        });
    }
}

/// Writes the text that is all an element holds.
pub(super) fn value<V: Value>(value: &V, out: &mut dyn Out) {
    out.text(&value.as_wire(), V::FORM);
}

/// Writes mixed content.
pub(super) fn mixed<E: Element>(content: &[Piece<E>], name: &str, out: &mut dyn Out) {
    for piece in content {
        match piece {
            Piece::Text(text) => out.text(text, Form::Text),
            Piece::Element(element) => element.write(name, out),
            Piece::Other(raw) => out.raw(&raw.xml),
        }
    }
}

/// A document being written.
pub(super) struct Written {
    writer: Writer,
}

impl Written {
    /// Begins with XML declaration and DOCTYPE.
    pub(super) fn new(options: &WriteOptions, payload: Option<&str>) -> Written {
        let mut writer = if options.ascii { Writer::ascii() } else { Writer::new() };
        let (version, file) = (&options.version, payload.map_or("cXML", grammar_file));
        writer.declaration();
        writer.doctype(
            "cXML",
            &format!("http://xml.cxml.org/schemas/cXML/{version}/{file}.dtd"),
        );
        Written { writer }
    }

    pub(super) fn finish(self) -> Result<String, WriteError> {
        self.writer.finish()
    }
}

impl Out for Written {
    fn start(&mut self, name: &str, attributes: &mut [Attribute<'_>]) {
        let mut tag = self.writer.start(name);
        for attribute in attributes.iter().filter(|attribute| !attribute.implied) {
            tag = tag.attr(attribute.name, &strict(&attribute.value, attribute.form));
        }
    }

    fn text(&mut self, text: &str, form: Form) {
        self.writer.text(&strict(text, form));
    }

    fn raw(&mut self, source: &str) {
        self.writer.raw(source);
    }

    fn end(&mut self) {
        self.writer.end();
    }
}

fn strict(text: &str, form: Form) -> Cow<'_, str> {
    match form {
        Form::Text => Cow::Borrowed(text),
        Form::Number => Cow::Owned(Number::from(text).strict()),
    }
}

/// The file of the grammar that a payload belongs to, without its ending; each file holds the whole envelope.
fn grammar_file(payload: &str) -> &'static str {
    match payload {
        "ConfirmationRequest"
        | "ShipNoticeRequest"
        | "ServiceEntryRequest"
        | "ReceiptRequest"
        | "OrderStatusRequest"
        | "SalesOrderRequest"
        | "TimeCardRequest"
        | "TimeCardInfoRequest"
        | "ComponentConsumptionRequest"
        | "ProductReplenishmentMessage" => "Fulfill",
        "InvoiceDetailRequest" => "InvoiceDetail",
        "PaymentRemittanceRequest"
        | "PaymentRemittanceStatusUpdateRequest"
        | "PaymentProposalRequest"
        | "PaymentBatchRequest"
        | "PaymentReceiptConfirmationRequest"
        | "TradeRequest"
        | "ChargeFileRequest" => "PaymentRemittance",
        "QuoteRequest" | "QuoteMessage" => "Quote",
        "ContractRequest" | "ContractStatusUpdateRequest" => "Contract",
        "TransportRequest" | "TransportConfirmation" => "Logistics",
        _ => "cXML",
    }
}
