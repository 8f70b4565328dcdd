//! The mappings that come with the program, each against answers in the shape that its ERP's documentation tells
//! (`fixture/erp/NAME.json`): everything read, changed, gone; faults; orders made once and followed. One story for all.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::Date;
use punchgate::domain::delivery::DeliveryState;
use punchgate::domain::order::OrderState;
use punchgate::erp::MAPS;
use punchgate::erp::fault::Class;
use punchgate::service::sync::orders::Sent;
use punchgate::service::sync::{self, Source, Wanted, Went};
use serde_json::Value;

use crate::erp_recorded::{House, Loss, Recorded, folder, houses};
use crate::erp_stand::Fault;

/// The mappings for which something was written down.
const TOLD: [&str; 8] = [
    "business-central",
    "sap-s4hana",
    "sap-business-one",
    "prophet-21",
    "netsuite",
    "dynamics-finance-operations",
    "odoo",
    "infor-m3",
];

const WAITING: Sent = Sent {
    done: 0,
    waiting: 1,
    parked: 0,
};
const DONE: Sent = Sent {
    done: 1,
    waiting: 0,
    parked: 0,
};
const PARKED: Sent = Sent {
    done: 0,
    waiting: 0,
    parked: 1,
};

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

/// Added, changed and deleted rows of the entities in which something happened.
fn happened(went: &BTreeMap<String, Went>) -> BTreeMap<String, [u64; 3]> {
    for went in went.values() {
        assert!(went.fault.is_none() && went.rejected == 0, "{went}");
    }
    let counts = went
        .iter()
        .map(|(name, went)| (name.clone(), [went.added, went.changed, went.deleted]));
    counts.filter(|(_, counts)| *counts != [0, 0, 0]).collect()
}

fn told_counts(told: &Value) -> BTreeMap<String, [u64; 3]> {
    serde_json::from_value(told.clone()).unwrap()
}

/// Every price that was written down is what the gateway offers.
fn offers(house: &House, name: &str, told: &Value) {
    for offer in told.as_array().unwrap() {
        let offer: Vec<&str> = offer
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part.as_str().unwrap())
            .collect();
        let (ship_to, offer) = match offer.split_last() {
            Some((ship_to, offer)) if offer.len() == 5 => (Some(*ship_to), offer),
            _ => (None, &offer[..]),
        };
        let [account, sku, quantity, unit, expect] = offer[..] else {
            panic!("{offer:?}")
        };
        let unit = Some(unit).filter(|unit| !unit.is_empty());
        let found = house.offer(account, sku, quantity, unit, ship_to);
        assert_eq!(found, expect, "{name}: {account} {sku} {quantity}");
    }
}

/// The whole story of one of them, on both databases.
async fn story(name: &str) {
    let told = std::fs::read_to_string(folder("tests/it/fixture/erp").join(format!("{name}.json"))).unwrap();
    let currency = serde_json::from_str::<Value>(&told).unwrap()["currency"]
        .as_str()
        .unwrap()
        .to_owned();
    for house in houses(&currency).await {
        let erp = Recorded::new(&told).await;
        let source = erp.source(name);
        tried(name, &source).await;
        read(name, &house, &erp, &source).await;
        followed(name, &house, &erp, &source).await;
        failing(name, &house, &erp, &source).await;
        if !erp.told["order"].is_null() {
            ordered(name, &house, &erp, &source).await;
        }
        assert_eq!(erp.unknown(), [""; 0], "{name}");
    }
}

#[tokio::test]
async fn business_central_is_read_followed_and_ordered_from() {
    story("business-central").await;
}

#[tokio::test]
async fn sap_s4hana_is_read_followed_and_ordered_from() {
    story("sap-s4hana").await;
}

#[tokio::test]
async fn sap_business_one_is_read_followed_and_ordered_from() {
    story("sap-business-one").await;
}

#[tokio::test]
async fn prophet_21_is_read_followed_and_ordered_from() {
    story("prophet-21").await;
}

#[tokio::test]
async fn netsuite_is_read_followed_and_ordered_from() {
    story("netsuite").await;
}

#[tokio::test]
async fn dynamics_finance_operations_is_read_and_followed() {
    story("dynamics-finance-operations").await;
}

#[tokio::test]
async fn odoo_is_read_followed_and_ordered_from() {
    story("odoo").await;
}

#[tokio::test]
async fn infor_m3_is_read_and_followed() {
    story("infor-m3").await;
}

/// `sync check` takes every record of each first page.
async fn tried(name: &str, source: &Source) {
    let today: Date = "2026-11-24".parse().unwrap();
    let checked = sync::check(source, None, today).await.unwrap();
    assert_eq!(checked.len(), source.mapping.entity.len());
    for checked in checked {
        assert!(checked.is_good(), "{name}: {checked}");
    }
}

/// Everything comes, is offered at the ERP's terms, and comes once.
async fn read(name: &str, house: &House, erp: &Recorded, source: &Source) {
    let went = happened(&house.run(source, &Wanted::default()).await);
    let expect: BTreeMap<String, [u64; 3]> = told_counts(&erp.told["rows"]);
    assert_eq!(went, expect, "{name}");
    // What no entity says of itself would be a mapping without a test.
    for entity in &source.mapping.entity {
        let entity = entity.name.get_ref();
        let is_of_orders = erp.told["order"]["status_of"]
            .as_array()
            .is_some_and(|of| of.contains(&Value::from(entity.as_str())));
        assert!(
            expect.contains_key(entity) || is_of_orders,
            "{name}: nothing was written down for {entity}"
        );
    }
    offers(house, name, &erp.told["offers"]);
    let head = house.head().await;
    house.clock.advance(SignedDuration::from_mins(10));
    let again = happened(&house.run(source, &Wanted::default()).await);
    assert!(again.is_empty(), "{name}: {again:?}");
    assert_eq!(house.head().await, head, "{name}: nothing changed, nothing is told");
}

/// What changes comes by its moment; what goes is found by its key.
async fn followed(name: &str, house: &House, erp: &Recorded, source: &Source) {
    for step in erp.told["steps"].as_array().unwrap() {
        erp.also(&step["exchanges"]);
        erp.asked();
        house
            .clock
            .advance(SignedDuration::from_mins(step["minutes"].as_i64().unwrap()));
        let wanted = Wanted {
            full: step["full"] == true,
            accept_deletions: step["accept"] == true,
            ..Wanted::default()
        };
        let went = happened(&house.run(source, &wanted).await);
        assert_eq!(went, told_counts(&step["rows"]), "{name}: {step}");
        offers(house, name, &step["offers"]);
        let asked = erp.asked();
        for part in step["asked"].as_array().into_iter().flatten() {
            let part = part.as_str().unwrap();
            assert!(
                asked.iter().any(|asked| asked.contains(part)),
                "{name}: {part} in {asked:#?}"
            );
        }
    }
}

/// Faults that pass are asked again; others change nothing.
async fn failing(name: &str, house: &House, erp: &Recorded, source: &Source) {
    let head = house.head().await;
    let full = Wanted {
        full: true,
        ..Wanted::default()
    };
    erp.fail(&[
        Fault::Status(429, "Retry-After: 0\r\n"),
        Fault::Status(500, ""),
        Fault::None,
        // The session has ended: a new one begins.
        Fault::Status(401, ""),
        Fault::Cut,
        Fault::HalfJson,
        Fault::None,
        Fault::NotGzip,
        Fault::Gzip,
        Fault::HalfGzip,
    ]);
    let went = happened(&house.run(source, &full).await);
    assert!(went.is_empty() && house.head().await == head, "{name}: {went:?}");
    for fault in [
        Fault::Status(429, "Retry-After: 3600\r\n"),
        Fault::Status(503, ""),
        Fault::Cut,
        Fault::HalfJson,
        Fault::HalfGzip,
    ] {
        erp.fail_always(Some(fault));
        let went = house.run(source, &full).await;
        assert_eq!(
            went.len(),
            1,
            "{name}: whoever does not answer is not asked for the rest: {fault:?}"
        );
        let classes: Vec<_> = went
            .values()
            .map(|went| went.fault.as_ref().map(|fault| fault.class))
            .collect();
        assert_eq!(classes, [Some(Class::Retry)], "{name}: {fault:?}");
        let changed = house.changed_after(head).await;
        assert!(changed.is_empty(), "{name}: {fault:?}: {changed:?}");
    }
    erp.fail_always(None);
    // It is back: what waits for it goes out again.
    let went = happened(&house.run(source, &full).await);
    assert!(
        went.is_empty() && house.changed_after(head).await.is_empty(),
        "{name}: {went:?}"
    );
}

/// An order is made once, also where its request or the answer is lost; it is followed, refused, changed and cancelled.
async fn ordered(name: &str, house: &House, erp: &Recorded, source: &Source) {
    let told = &erp.told["order"];
    // Its apostrophe must not end what is asked for.
    let number = "PO'7";
    house.connect(text(told, "account")).await;
    house.order(told, number, "new", 1).await;
    erp.lose(Some(Loss::Before));
    assert_eq!(house.send(source).await, WAITING, "{name}: {:?}", house.errors().await);
    assert_eq!(erp.done("made").len(), 0, "{name}");
    assert_eq!(house.send(source).await, Sent::default(), "{name}: it is not due yet");
    house.clock.advance(SignedDuration::from_secs(20));
    erp.lose(Some(Loss::After));
    assert_eq!(house.send(source).await, WAITING, "{name}: {:?}", house.errors().await);
    erp.lose(None);
    house.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(house.send(source).await, DONE, "{name}: {:?}", house.errors().await);
    assert_eq!(erp.done("made"), [told["sent"].clone()], "{name}: made once");
    let (order, _, erp_number) = house.stored(number).await;
    assert_eq!(order.state, OrderState::Processing, "{name}");
    assert_eq!(erp_number.as_deref(), told["number"].as_str(), "{name}");

    // It goes on there.
    for state in told["states"].as_array().unwrap() {
        erp.also(&state["exchanges"]);
        house.clock.advance(SignedDuration::from_mins(5));
        happened(&house.run(source, &Wanted::default()).await);
        let (order, ..) = house.stored(number).await;
        assert_eq!(format!("{:?}", order.state), text(state, "state"), "{name}");
    }

    // What the ERP refuses is for a person, in the ERP's words.
    let number = "PO-8";
    erp.also(&told["refusal"]["exchanges"]);
    house.order(told, number, "new", 1).await;
    assert_eq!(house.send(source).await, PARKED, "{name}: {:?}", house.errors().await);
    let errors = house.errors().await;
    let words = text(&told["refusal"], "words");
    assert!(errors.iter().any(|error| error.contains(words)), "{name}: {errors:?}");

    // What was never there is cancelled without a fuss; what is there is taken away, unless somebody has begun with it.
    for cancel in told["cancels"].as_array().unwrap() {
        let number = text(cancel, "number");
        erp.also(&cancel["exchanges"]);
        house.order(told, number, "new", 1).await;
        assert_eq!(
            house.send(source).await,
            DONE,
            "{name} {number}: {:?}",
            house.errors().await
        );
        house.order(told, number, "delete", 2).await;
        let expect = if cancel["is_parked"] == true { PARKED } else { DONE };
        assert_eq!(
            house.send(source).await,
            expect,
            "{name} {number}: {:?}",
            house.errors().await
        );
        let (order, jobs, _) = house.stored(number).await;
        assert_eq!(order.state, OrderState::Cancelled, "{name} {number}");
        let state = if expect == DONE {
            DeliveryState::Done
        } else {
            DeliveryState::Parked
        };
        assert!(
            jobs.iter().any(|job| job.kind == "order.cancel" && job.state == state),
            "{name} {number}"
        );
        if let Some(words) = cancel["words"].as_str() {
            let errors = house.errors().await;
            assert!(
                errors.iter().any(|error| error.contains(words)),
                "{name} {number}: {errors:?}"
            );
        }
        if let Some(step) = cancel["done"].as_str() {
            assert_eq!(erp.done(step).len(), 1, "{name} {number}");
        }
    }
}

/// Every mapping says in its head what it was tested against and where its words are from, and the help names it.
#[test]
fn every_mapping_says_what_it_was_tested_against() {
    let help = include_str!("../../templates/help/sync.md");
    for (name, text) in MAPS {
        let head: String = text.lines().take_while(|line| line.starts_with('#')).collect();
        let is_live = name == "tryton";
        assert!(
            is_live || head.contains("Tested against recorded shapes"),
            "{name}: {head}"
        );
        assert!(is_live || head.contains("Source: "), "{name}: {head}");
        assert!(
            help.contains(&format!("| `{name}` |")),
            "{name} is not in the list of the help"
        );
        let is_told = TOLD.contains(&name) || ["infor-syteline", "dynamics-gp", "sage-x3"].contains(&name);
        assert!(is_live || is_told, "{name} is told in no story");
    }
}
