//! cXML documents against the reference: what real senders wrote is read as an independent parser read it.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use punchgate::cxml::*;
use punchgate::xml::{self, Limits};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::reference;
use crate::support_store::tell;

/// Parts of the facts that no type reads yet.
const WAITING: [&str; 2] = ["invoice", "doc"];

fn lenient() -> ReadOptions {
    ReadOptions {
        lower_case_root: true,
        body_optional: true,
        any_namespace: true,
        ..ReadOptions::default()
    }
}

fn expected_facts() -> Option<BTreeMap<String, Value>> {
    let text = std::fs::read_to_string(reference::folder()?.join("corpus/facts.jsonl")).unwrap();
    let facts = text.lines().map(|line| {
        let facts: Value = serde_json::from_str(line).unwrap();
        (facts["file"].as_str().unwrap().to_owned(), facts)
    });
    Some(facts.collect())
}

#[test]
fn reference_facts() {
    let (Some(documents), Some(mut expected)) = (reference::documents(), expected_facts()) else {
        return;
    };
    let (mut read, mut waiting, mut refused, mut differences) = (0, 0, 0, Vec::new());
    for document in documents {
        let limits = Limits::default();
        let text = xml::decode(&document.bytes, None, &limits);
        let got = text
            .map_err(|error| error.to_string())
            .and_then(|decoded| Document::read(&decoded.text, &limits, &lenient()).map_err(|error| error.to_string()));
        match (got, document.well_formed) {
            (Ok(_), false) => differences.push(format!("{}: ill-formed, but read", document.file)),
            (Err(_), false) => refused += 1,
            (Err(error), true) => differences.push(format!("{}: {error}", document.file)),
            (Ok(got), true) => {
                read += 1;
                let mut expect = expected.remove(&document.file).unwrap();
                let expect = expect.as_object_mut().unwrap();
                waiting += WAITING.iter().filter(|part| expect.remove(**part).is_some()).count();
                for beside in ["file", "type", "valid_1.2.071"] {
                    expect.remove(beside);
                }
                let got = facts(&got, true);
                for (name, value) in expect.iter().filter(|(name, value)| got.get(name) != Some(value)) {
                    let got = got.get(name).unwrap_or(&Value::Null);
                    differences.push(format!("{}: {name}\n  expect {value}\n  got    {got}", document.file));
                }
                let more = got
                    .as_object()
                    .unwrap()
                    .keys()
                    .filter(|name| !expect.contains_key(*name));
                differences.extend(more.map(|name| format!("{}: {name} was not expected", document.file)));
            }
        }
    }
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences.join("\n")
    );
    assert!(expected.is_empty(), "facts of unknown documents: {:?}", expected.keys());
    tell(&format!(
        "reference: {read} read, {refused} ill-formed refused, {waiting} parts waiting"
    ));
}

/// A document without what depends on its source alone.
fn content(document: &Document) -> Document {
    let mut document = document.clone();
    document.version = None;
    document.system_id = None;
    document.findings = Findings::default();
    document.redactions = Vec::new();
    document
}

fn read(text: &str) -> Document {
    Document::read(text, &Limits::default(), &lenient()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Writes a document and reads it again, in UTF-8 and in ASCII.
fn written(document: &Document) -> Document {
    let text = document.write(&WriteOptions::default()).unwrap();
    let ascii = document
        .write(&WriteOptions {
            ascii: true,
            ..WriteOptions::default()
        })
        .unwrap();
    assert!(ascii.is_ascii());
    let again = read(&text);
    assert_eq!(fingerprint(&read(&ascii)), fingerprint(&again), "{ascii}");
    // What was kept stands at the end; all that the grammar knows stands in its order.
    let findings = &again.findings.list;
    let is_kept = |at: &Finding| {
        findings
            .iter()
            .any(|other| other.kind == FindingKind::Repeated && other.offset == at.offset)
    };
    let off_order = findings
        .iter()
        .find(|finding| finding.kind == FindingKind::OutOfOrder && !is_kept(finding));
    assert_eq!(off_order, None, "{text}");
    again
}

#[test]
fn reference_round_trip() {
    let Some(documents) = reference::documents() else {
        return;
    };
    let mut count = 0;
    for document in documents.iter().filter(|document| document.well_formed) {
        let limits = Limits::default();
        let decoded = xml::decode(&document.bytes, None, &limits).unwrap();
        let first = read(&decoded.text);
        if matches!(first.body, Body::Absent(_)) {
            continue;
        }
        let second = written(&first);
        assert_eq!(fingerprint(&first), fingerprint(&second), "{}", document.file);
        let header = |document: &Document| document.header().cloned();
        assert_eq!(header(&first), header(&second), "{}", document.file);
        // Numbers are written in their strict form, so that the second writing changes nothing any more.
        assert_eq!(content(&second), content(&written(&second)), "{}", document.file);
        count += 1;
    }
    println!("reference: {count} documents written and read again");
}

/// Any text that XML can hold, without white space at its ends.
fn any_text() -> impl Strategy<Value = String> {
    "[ -~\u{a0}-\u{17f}\u{4e00}-\u{4e10}\u{1f600}-\u{1f610}\t\n\r]{0,12}".prop_map(|text| text.trim().to_owned())
}

fn number() -> impl Strategy<Value = Number> {
    (-1_000_000_i64..1_000_000, 0_u32..6).prop_map(|(mantissa, scale)| Number::from(Decimal::new(mantissa, scale)))
}

fn money() -> impl Strategy<Value = Money> {
    (number(), any_text()).prop_map(|(amount, currency)| Money::new(amount, currency))
}

fn description() -> impl Strategy<Value = Description> {
    let piece = prop_oneof![
        any_text()
            .prop_filter("text is never empty", |text| !text.is_empty())
            .prop_map(Piece::Text),
        any_text().prop_map(|text| Piece::Element(Text::new(text))),
    ];
    (option::of(any_text()), vec(piece, 0..4)).prop_map(|(lang, mut content)| {
        // Neighbouring texts are one text when read.
        content.dedup_by(|one, other| matches!((one, other), (Piece::Text(_), Piece::Text(_))));
        Description {
            lang,
            content,
            ..Description::default()
        }
    })
}

fn extrinsic() -> impl Strategy<Value = Extrinsic> {
    (any_text(), any_text()).prop_map(|(name, text)| Extrinsic::new(name, text))
}

fn item_id() -> impl Strategy<Value = ItemId> {
    (any_text(), option::of(any_text()), option::of(any_text())).prop_map(|(part, auxiliary, buyer_part)| ItemId {
        supplier_part_auxiliary_id: auxiliary.map(Fragment::from_text),
        buyer_part_id: buyer_part.map(Text::new),
        ..ItemId::new(part)
    })
}

fn item_detail() -> impl Strategy<Value = ItemDetail> {
    let basis = (number(), number(), any_text()).prop_map(|(quantity, factor, unit)| {
        Box::new(PriceBasisQuantity {
            quantity: Some(quantity),
            conversion_factor: Some(factor),
            unit_of_measure: Some(Text::new(unit)),
            ..PriceBasisQuantity::default()
        })
    });
    let classification = (any_text(), any_text()).prop_map(|(domain, code)| Classification::new(domain, code));
    (
        option::of(money()),
        vec(description(), 0..3),
        option::of(any_text()),
        option::of(basis),
        vec(classification, 0..3),
        option::of(number()),
        vec(extrinsic(), 0..3),
    )
        .prop_map(
            |(price, descriptions, unit, price_basis_quantity, classifications, lead_time, extrinsics)| ItemDetail {
                unit_price: price.map(Into::into),
                descriptions,
                unit_of_measure: unit.map(Text::new),
                price_basis_quantity,
                classifications,
                lead_time: lead_time.map(Into::into),
                extrinsics,
                ..ItemDetail::default()
            },
        )
}

fn ship_to() -> impl Strategy<Value = ShipTo> {
    (any_text(), any_text(), vec(any_text(), 0..3), any_text()).prop_map(|(id, name, streets, country)| {
        let country = Country {
            iso_country_code: Some(country),
            ..Country::default()
        };
        let postal_address = PostalAddress {
            streets: streets.into_iter().map(Text::new).collect(),
            country: Some(country),
            ..PostalAddress::default()
        };
        let address = Address {
            address_id: Some(id),
            name: Some(Name::new(name, "en")),
            postal_address: Some(postal_address),
            ..Address::default()
        };
        ShipTo {
            address: Some(address),
            ..ShipTo::default()
        }
    })
}

fn item_out() -> impl Strategy<Value = ItemOut> {
    (
        option::of(number()),
        option::of(any::<u32>()),
        option::of(any_text()),
        any::<bool>(),
        item_id(),
        option::of(item_detail()),
        option::of(ship_to()),
        vec(description(), 0..2),
    )
        .prop_map(
            |(quantity, line, date, is_return, item_id, detail, ship_to, comments)| ItemOut {
                quantity,
                line_number: line.map(|line| Number::from(u64::from(line))),
                requested_delivery_date: date.map(Date::from),
                is_return: is_return.then_some(Flag::Yes),
                item_id: Some(item_id),
                item_detail: detail.map(Box::new),
                ship_to: ship_to.map(Box::new),
                comments: comments
                    .iter()
                    .map(|text| Comments::new(format!("x{}x", text.text()), "en"))
                    .collect(),
                ..ItemOut::default()
            },
        )
}

fn order() -> impl Strategy<Value = OrderRequest> {
    let kind = prop_oneof![
        Just(None),
        Just(Some(OrderKind::Update)),
        any_text().prop_map(|word| Some(OrderKind::Other(word)))
    ];
    let header = (
        any_text(),
        any_text(),
        kind,
        money(),
        option::of(ship_to()),
        vec(extrinsic(), 0..3),
    )
        .prop_map(
            |(order_id, order_date, kind, total, ship_to, extrinsics)| OrderRequestHeader {
                order_id: Some(order_id),
                order_date: Some(Date::from(order_date)),
                kind,
                total: Some(total.into()),
                ship_to,
                extrinsics,
                ..OrderRequestHeader::default()
            },
        );
    (header, vec(item_out(), 0..4)).prop_map(|(header, items)| OrderRequest {
        header: Some(Box::new(header)),
        items,
        ..OrderRequest::default()
    })
}

fn cart() -> impl Strategy<Value = PunchOutOrderMessage> {
    let item = (number(), item_id(), option::of(item_detail())).prop_map(|(quantity, item_id, detail)| ItemIn {
        quantity: Some(quantity),
        item_id: Some(item_id),
        item_detail: detail.map(Box::new),
        ..ItemIn::default()
    });
    (any_text(), money(), vec(item, 0..4)).prop_map(|(cookie, total, items)| {
        let header = PunchOutOrderMessageHeader {
            operation_allowed: Some(Operation::Edit),
            total: Some(total.into()),
            ..PunchOutOrderMessageHeader::default()
        };
        PunchOutOrderMessage {
            buyer_cookie: Some(Fragment::from_text(cookie)),
            header: Some(header),
            items,
            ..PunchOutOrderMessage::default()
        }
    })
}

fn header() -> Header {
    let mut sender = Party::new("NetworkID", "AN01000000001");
    sender.credentials[0].shared_secret = Some(Secret::new(" a&b "));
    sender.user_agent = Some("punchgate".into());
    Header {
        from: Party::new("DUNS", "1"),
        to: Party::new("DUNS", "2"),
        sender,
        ..Header::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn orders_survive_writing(order in order(), payload_id in any_text()) {
        let payload = RequestPayload::OrderRequest(Box::new(order));
        let date = "2026-11-23T03:00:00+00:00";
        let document = Document::request(payload_id, date, header(), DeploymentMode::Test, payload);
        let again = written(&document);
        prop_assert_eq!(content(&again), document);
        prop_assert_eq!(again.redactions.len(), 1);
    }

    #[test]
    fn mutants_never_panic(
        order in order(),
        edits in vec((any::<prop::sample::Index>(), 0_usize..9, "[<>/&;'\" a=]{0,3}|<PCard number='1'/>|<SharedSecret>x"), 1..4),
    ) {
        let payload = RequestPayload::OrderRequest(Box::new(order));
        let mut text = Document::request("1", "", header(), DeploymentMode::Test, payload).write(&WriteOptions::default()).unwrap();
        for (at, length, insert) in edits {
            let from = text.floor_char_boundary(at.index(text.len()));
            let to = text.ceil_char_boundary((from + length).min(text.len()));
            text.replace_range(from..to, &insert);
        }
        if let Ok(document) = Document::read(&text, &Limits::default(), &lenient()) {
            for span in &document.redactions {
                prop_assert!(text.get(span.clone()).is_some());
            }
            let again = written(&document);
            prop_assert_eq!(fingerprint(&document), fingerprint(&again));
        }
    }

    #[test]
    fn carts_survive_writing(cart in cart(), payload_id in any_text()) {
        let payload = MessagePayload::PunchOutOrderMessage(Box::new(cart));
        let date = "2026-11-23T03:00:00+00:00";
        let document = Document::message(payload_id, date, Header::default(), DeploymentMode::Production, None, payload);
        prop_assert_eq!(content(&written(&document)), document);
    }
}
