//! The values of a document that people compare: who, what, how many, how much.

use serde_json::{Map, Value, json};

use super::address::{Address, Contact};
use super::content::{Piece, Raw, Text};
use super::element::Element;
use super::envelope::{Body, Document, MessagePayload, RequestPayload, ResponsePayload};
use super::extrinsic::{Extrinsic, Link};
use super::header::{Header, Party};
use super::item::{BlanketItemDetail, Classification, ItemDetail, ItemId, ItemIn, ItemOut};
use super::money::Money;
use super::number::Number;
use super::order::{OrderRequest, OrderRequestHeader};
use super::punchout::{PunchOutOrderMessage, PunchOutSetupRequest};
use super::read::FindingKind;
use super::text::Description;
use super::write::{Attribute, Form, Out};

/// The values of a document; secrets only where asked for.
#[must_use]
pub fn facts(document: &Document, with_secrets: bool) -> Value {
    let lower_case = document
        .findings
        .list
        .iter()
        .any(|finding| finding.kind == FindingKind::LowerCaseRoot);
    let mut facts = Map::new();
    facts.insert("root".to_owned(), json!(if lower_case { "cxml" } else { "cXML" }));
    facts.insert("payloadID".to_owned(), json!(document.payload_id));
    facts.insert(
        "timestamp".to_owned(),
        json!(document.timestamp.as_ref().map(|date| date.as_str())),
    );
    facts.insert("version".to_owned(), json!(document.version));
    facts.insert("lang".to_owned(), json!(document.lang));
    if let Some(header) = document.header() {
        facts.insert("header".to_owned(), header_facts(header, with_secrets));
        facts.insert("userAgent".to_owned(), json!(header.user_agent()));
    }
    body_facts(&document.body, &mut facts);
    Value::Object(facts)
}

fn header_facts(header: &Header, with_secrets: bool) -> Value {
    let party = |party: &Party| -> Value {
        let credential = |credential: &super::header::Credential| {
            let secret = credential.shared_secret.as_ref().filter(|_| with_secrets);
            json!({
                "domain": credential.domain,
                "identity": credential.identity.as_ref().map(|identity| identity.content.trimmed()),
                "secret": secret.map(|secret| secret.reveal().trim()),
            })
        };
        party.credentials.iter().map(credential).collect()
    };
    json!({ "From": party(&header.from), "To": party(&header.to), "Sender": party(&header.sender) })
}

fn body_facts(body: &Body, facts: &mut Map<String, Value>) {
    let mut add = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    let names = |payload: Option<&str>, beside: &[Raw]| -> Value {
        payload
            .into_iter()
            .chain(beside.iter().map(|raw| raw.name.as_str()))
            .map(|name| json!(name))
            .collect()
    };
    let (envelope, mode, status, payload) = match body {
        Body::Request(request) => {
            match &request.payload {
                RequestPayload::PunchOutSetupRequest(setup) => add("setup", setup_facts(setup)),
                RequestPayload::OrderRequest(order) => add("order", order_facts(order)),
                _ => None,
            };
            let payload = names(Some(request.payload.name()), request.other.elements());
            ("Request", request.deployment_mode.as_ref(), None, payload)
        }
        Body::Message(message) => {
            if let MessagePayload::PunchOutOrderMessage(cart) = &message.payload {
                add("cart", cart_facts(cart));
            }
            let payload = names(Some(message.payload.name()), message.other.elements());
            (
                "Message",
                message.deployment_mode.as_ref(),
                message.status.as_ref(),
                payload,
            )
        }
        Body::Response(response) => {
            if let Some(ResponsePayload::PunchOutSetupResponse(answer)) = &response.payload {
                add("startPage", json!(address(answer.start_page.as_ref())));
            }
            let payload = names(
                response.payload.as_ref().map(ResponsePayload::name),
                response.other.elements(),
            );
            ("Response", None, response.status.as_ref(), payload)
        }
        Body::Absent(_) => return,
    };
    add("envelope", json!(envelope));
    add("deploymentMode", json!(mode.map(|mode| mode.as_str())));
    add("payload", payload);
    if let Some(status) = status {
        add(
            "status",
            json!({ "code": status.code, "text": status.text, "body": status.body }),
        );
    }
}

fn setup_facts(setup: &PunchOutSetupRequest) -> Value {
    let email = |contact: &Contact| contact.emails.first().map(|email| email.value.clone());
    let selected = setup
        .selected_item
        .as_ref()
        .and_then(|selected| selected.item_id.as_ref());
    json!({
        "operation": setup.operation.as_ref().map(|operation| operation.as_str()),
        "buyerCookie": setup.buyer_cookie.as_ref().map(|cookie| cookie.trimmed()),
        "browserFormPost": address(setup.browser_form_post.as_ref()),
        "supplierSetup": address(setup.supplier_setup.as_ref()),
        "contactEmail": setup.contacts.iter().find_map(email),
        "extrinsics": extrinsics(&setup.extrinsics),
        "selected": selected.and_then(part),
        "shipTo": setup.ship_to.as_ref().map(|place| address_facts(place.address.as_ref())),
        "items": setup.items.iter().map(item_out_facts).collect::<Value>(),
    })
}

fn cart_facts(cart: &PunchOutOrderMessage) -> Value {
    let header = cart.header.as_ref();
    let total = header
        .and_then(|header| header.total.as_ref())
        .and_then(|total| total.money.as_ref());
    let operation = header.and_then(|header| header.operation_allowed.as_ref());
    json!({
        "buyerCookie": cart.buyer_cookie.as_ref().map(|cookie| cookie.trimmed()),
        "operationAllowed": operation.map(|operation| operation.as_str()),
        "total": money(total),
        "items": cart.items.iter().map(item_in_facts).collect::<Value>(),
    })
}

fn order_facts(order: &OrderRequest) -> Value {
    let header = order.header.as_deref();
    let field = |read: fn(&OrderRequestHeader) -> Value| header.map_or(Value::Null, read);
    json!({
        "attrs": field(|header| Value::Object(attributes(header))),
        "total": field(|header| money(header.total.as_ref().and_then(|total| total.money.as_ref()))),
        "shipTo": field(|header| header.ship_to.as_ref().map_or(Value::Null, |to| address_facts(to.address.as_ref()))),
        "billTo": field(|header| header.bill_to.as_ref().map_or(Value::Null, |to| address_facts(to.address.as_ref()))),
        "items": order.items.iter().map(item_out_facts).collect::<Value>(),
        "extrinsics": header.map_or_else(|| json!([]), |header| extrinsics(&header.extrinsics)),
    })
}

/// All attributes of an element, the unknown ones too, without what the grammar supplies.
fn attributes(element: &impl Element) -> Map<String, Value> {
    /// Takes the first start tag alone.
    struct FirstTag(Option<Map<String, Value>>);

    impl Out for FirstTag {
        fn start(&mut self, _name: &str, attributes: &mut [Attribute<'_>]) {
            let given = attributes.iter().filter(|attribute| !attribute.implied);
            let pairs = given.map(|attribute| (attribute.name.to_owned(), json!(attribute.value)));
            self.0.get_or_insert_with(|| pairs.collect());
        }
        fn text(&mut self, _text: &str, _form: Form) {}
        fn raw(&mut self, _source: &str) {}
        fn end(&mut self) {}
    }

    let mut tag = FirstTag(None);
    element.write("", &mut tag);
    tag.0.unwrap_or_default()
}

/// What the details of a line have in common.
#[derive(Default)]
struct Detail<'a> {
    price: Option<&'a Money>,
    unit: Option<&'a Text>,
    descriptions: &'a [Description],
    classifications: &'a [Classification],
}

impl<'a> From<&'a ItemDetail> for Detail<'a> {
    fn from(detail: &'a ItemDetail) -> Detail<'a> {
        Detail {
            price: detail.unit_price.as_ref().and_then(|price| price.money.as_ref()),
            unit: detail.unit_of_measure.as_ref(),
            descriptions: &detail.descriptions,
            classifications: &detail.classifications,
        }
    }
}

impl<'a> From<&'a BlanketItemDetail> for Detail<'a> {
    fn from(detail: &'a BlanketItemDetail) -> Detail<'a> {
        Detail {
            price: detail.unit_price.as_ref().and_then(|price| price.money.as_ref()),
            unit: detail.unit_of_measure.as_ref(),
            descriptions: &detail.descriptions,
            classifications: &detail.classifications,
        }
    }
}

fn item_out_facts(item: &ItemOut) -> Value {
    let detail = item.item_detail.as_deref().map(Detail::from);
    let detail = detail
        .or_else(|| item.blanket_item_detail.as_deref().map(Detail::from))
        .unwrap_or_default();
    line_facts(
        item.line_number.as_ref(),
        item.quantity.as_ref(),
        item.item_id.as_ref(),
        &detail,
    )
}

fn item_in_facts(item: &ItemIn) -> Value {
    let detail = item.item_detail.as_deref().map(Detail::from).unwrap_or_default();
    line_facts(
        item.line_number.as_ref(),
        item.quantity.as_ref(),
        item.item_id.as_ref(),
        &detail,
    )
}

fn line_facts(line: Option<&Number>, quantity: Option<&Number>, id: Option<&ItemId>, detail: &Detail<'_>) -> Value {
    let classification = |code: &Classification| json!([code.domain, code.value]);
    json!({
        "lineNumber": line.map(Number::as_str),
        "quantity": quantity.map(Number::as_str),
        "supplierPartID": id.and_then(part),
        "auxID": id.and_then(ItemId::auxiliary),
        "buyerPartID": id.and_then(|id| id.buyer_part_id.as_deref()),
        "unitPrice": money(detail.price),
        "uom": detail.unit.map(Text::as_str),
        "description": detail.descriptions.first().map(description),
        "classification": detail.classifications.iter().map(classification).collect::<Value>(),
    })
}

fn description(description: &Description) -> String {
    let mut text = String::new();
    for piece in &description.content {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Element(short_name) => text.push_str(short_name),
            Piece::Other(_) => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn part(id: &ItemId) -> Option<&str> {
    id.supplier_part_id.as_ref().map(|part| part.value.as_str())
}

fn money(money: Option<&Money>) -> Value {
    money.map_or(
        Value::Null,
        |money| json!({ "amount": money.amount.as_str(), "currency": money.currency }),
    )
}

fn address(link: Option<&Link>) -> Option<&str> {
    link.and_then(|link| link.url.as_ref()).map(|url| url.value.as_str())
}

fn address_facts(address: Option<&Address>) -> Value {
    let Some(address) = address else { return Value::Null };
    let postal = address.postal_address.as_ref();
    let country = postal.and_then(|postal| postal.country.as_ref());
    json!({
        "addressID": address.address_id,
        "name": address.name.as_ref().map(|name| name.value.as_str()),
        "country": country.and_then(|country| country.iso_country_code.as_deref()),
    })
}

fn extrinsics(extrinsics: &[Extrinsic]) -> Value {
    extrinsics
        .iter()
        .map(|extrinsic| json!([extrinsic.name, extrinsic.text()]))
        .collect()
}
