//! The documents a buyer's system sends, as text.

use std::fmt::Write;

use jiff::Timestamp;

use super::buyer::{Line, Requisition};
use super::script::{SUPPLIER, Script};

/// What every document of one system begins with.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// The system.
    pub script: &'a Script,
    /// The shared secret.
    pub secret: &'a str,
    /// `payloadID`.
    pub payload_id: &'a str,
    /// `timestamp`.
    pub timestamp: Timestamp,
}

/// A set-up request.
#[derive(Clone, Copy, Debug)]
pub struct SetUp<'a> {
    /// create, edit or inspect.
    pub operation: &'a str,
    /// The system's name of the session.
    pub buyer_cookie: &'a str,
    /// Where the cart comes back to.
    pub return_url: &'a str,
    /// A product, category or search to open with.
    pub selected: Option<&'a str>,
    /// The cart to edit or inspect.
    pub lines: &'a [Line],
}

/// An order, its change or its cancellation.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The order's number.
    pub order_id: &'a str,
    /// new, update or delete.
    pub kind: &'a str,
    /// Its version, from 1.
    pub version: u32,
    /// `payloadID` of the version before.
    pub replaces: Option<&'a str>,
    /// What is ordered.
    pub requisition: &'a Requisition,
}

/// Text with the characters that XML claims replaced.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn credential(domain: &str, identity: &str) -> String {
    format!(
        "<Credential domain=\"{}\"><Identity>{}</Identity></Credential>",
        escaped(domain),
        escaped(identity)
    )
}

fn envelope(of: &Envelope<'_>, request: &str) -> String {
    let script = of.script;
    let doctype = if script.with_doctype {
        format!(
            "<!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/{}/cXML.dtd\">\n",
            script.version
        )
    } else {
        String::new()
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{doctype}<cXML payloadID=\"{}\" timestamp=\"{}\" xml:lang=\"en-US\">\n\
         <Header>\n<From>{}</From>\n<To>{}</To>\n<Sender><Credential domain=\"{}\"><Identity>{}</Identity>\
         <SharedSecret>{}</SharedSecret></Credential><UserAgent>{}</UserAgent></Sender>\n</Header>\n\
         <Request deploymentMode=\"test\">\n{request}\n</Request>\n</cXML>\n",
        escaped(of.payload_id),
        of.timestamp.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        credential(script.from.0, script.from.1),
        credential(SUPPLIER.0, SUPPLIER.1),
        escaped(script.sender.0),
        escaped(script.sender.1),
        escaped(of.secret),
        escaped(script.user_agent),
    )
}

/// The text of a set-up request.
pub fn set_up(of: &Envelope<'_>, setup: &SetUp<'_>) -> String {
    let (unique_name, email, name) = of.script.user;
    let mut request = format!(
        "<PunchOutSetupRequest operation=\"{}\">\n<BuyerCookie>{}</BuyerCookie>\n",
        setup.operation,
        escaped(setup.buyer_cookie)
    );
    if of.script.user_as_extrinsic {
        for (key, value) in [
            ("UniqueName", unique_name),
            ("UserEmail", email),
            ("UserFullName", name),
        ] {
            let _ = writeln!(request, "<Extrinsic name=\"{key}\">{}</Extrinsic>", escaped(value));
        }
    }
    let _ = writeln!(
        request,
        "<BrowserFormPost><URL>{}</URL></BrowserFormPost>",
        escaped(setup.return_url)
    );
    if !of.script.user_as_extrinsic {
        let _ = writeln!(
            request,
            "<Contact role=\"endUser\"><Name xml:lang=\"en-US\">{}</Name><Email>{}</Email></Contact>",
            escaped(name),
            escaped(email)
        );
    }
    let _ = write!(request, "{}", ship_to(of.script));
    if let Some(selected) = setup.selected {
        let _ = writeln!(
            request,
            "<SelectedItem><ItemID><SupplierPartID>{}</SupplierPartID></ItemID></SelectedItem>",
            escaped(selected)
        );
    }
    for (at, line) in setup.lines.iter().enumerate() {
        let _ = write!(request, "{}", item_out(line, at + 1));
    }
    request.push_str("</PunchOutSetupRequest>");
    envelope(of, &request)
}

/// The text of an order.
pub fn order(of: &Envelope<'_>, order: &Order<'_>) -> String {
    let requisition = order.requisition;
    let currency = escaped(&requisition.currency);
    let mut request = format!(
        "<OrderRequest>\n<OrderRequestHeader orderID=\"{}\" orderDate=\"{}\" type=\"{}\" orderType=\"regular\" \
         orderVersion=\"{}\">\n<Total><Money currency=\"{currency}\">{}</Money></Total>\n{}",
        escaped(order.order_id),
        of.timestamp.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        order.kind,
        order.version,
        requisition.total(),
        ship_to(of.script),
    );
    let (_, company, city, country) = of.script.ship_to;
    let _ = writeln!(
        request,
        "<BillTo><Address><Name xml:lang=\"en\">{} Accounts Payable</Name><PostalAddress><Street>P.O. Box 1</Street>\
         <City>{}</City><Country isoCountryCode=\"{country}\">{country}</Country></PostalAddress></Address></BillTo>",
        escaped(company),
        escaped(city)
    );
    if let Some(payload_id) = order.replaces {
        let _ = writeln!(request, "<DocumentReference payloadID=\"{}\"/>", escaped(payload_id));
    }
    request.push_str("</OrderRequestHeader>\n");
    for (at, line) in requisition.lines.iter().enumerate() {
        request.push_str(&item_out(line, at + 1));
    }
    request.push_str("</OrderRequest>");
    envelope(of, &request)
}

fn ship_to(script: &Script) -> String {
    let (id, name, city, country) = script.ship_to;
    format!(
        "<ShipTo><Address addressID=\"{}\" isoCountryCode=\"{country}\"><Name xml:lang=\"en\">{}</Name><PostalAddress>\
         <Street>Gate 1</Street><City>{}</City><Country isoCountryCode=\"{country}\">{country}</Country>\
         </PostalAddress></Address></ShipTo>\n",
        escaped(id),
        escaped(name),
        escaped(city)
    )
}

fn item_out(line: &Line, number: usize) -> String {
    let auxiliary = line.auxiliary_id.as_ref().map_or_else(String::new, |id| {
        format!("<SupplierPartAuxiliaryID>{}</SupplierPartAuxiliaryID>", escaped(id))
    });
    let basis = if line.price_quantity == rust_decimal::Decimal::ONE {
        String::new()
    } else {
        format!(
            "<PriceBasisQuantity quantity=\"{}\" conversionFactor=\"1\"><UnitOfMeasure>{}</UnitOfMeasure>\
             </PriceBasisQuantity>",
            line.price_quantity,
            escaped(&line.unit)
        )
    };
    format!(
        "<ItemOut quantity=\"{}\" lineNumber=\"{number}\"><ItemID><SupplierPartID>{}</SupplierPartID>{auxiliary}</ItemID>\
         <ItemDetail><UnitPrice><Money currency=\"{}\">{}</Money></UnitPrice><Description xml:lang=\"en\">{}</Description>\
         <UnitOfMeasure>{}</UnitOfMeasure>{basis}<Classification domain=\"{}\">{}</Classification></ItemDetail></ItemOut>\n",
        line.quantity,
        escaped(&line.part),
        escaped(&line.currency),
        line.unit_price,
        escaped(&line.description),
        escaped(&line.unit),
        escaped(&line.classification.0),
        escaped(&line.classification.1),
    )
}
