//! An ERP that is away, through real HTTP: the shop and its carts go on, orders wait, and go out once on its return.

use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::domain::away::{Cause, Drained, Mode};
use punchgate::domain::order::OrderState;
use punchgate::domain::staff::Role;
use punchgate::domain::stock::Band;
use punchgate::service::keys::Keys;
use punchgate::service::order::resolve::{self, Verdict};
use punchgate::service::sync::orders::{self, Sent};
use punchgate::service::sync::{self, Round};
use punchgate::service::{Gateway, away, staff, upkeep};
use punchgate::store;
use reqwest::StatusCode;
use rust_decimal::Decimal;

use crate::admin_seed::party;
use crate::erp_house::{Books, House, houses, sent, source};
use crate::erp_stand::{Erp, Fault};
use crate::story::{add, press, returned, visit};
use crate::support::{Letter, RETURN_URL, item, operator, order, setup};
use crate::support_desk::Desk;
use crate::support_store::stores;

#[tokio::test]
async fn an_outage_loses_and_doubles_nothing() {
    for house in houses().await {
        let stand = &house.stand;
        assert_eq!(house.mode().await, (Mode::Normal, Cause::Answers));
        assert_eq!(house.cart_holds("c-1").await, 7 * 24);
        house.order("PO-1", "E-1", "10.00").await;
        assert_eq!(house.send().await, sent(1, 0));
        // The ERP takes the second one, and goes away before it can say so.
        house.order("PO-2", "E-1", "10.00").await;
        house.erp.lose("order.create");
        assert_eq!(house.send().await, sent(0, 1));
        house.erp.fail_always(Some(Fault::Status(503, "")));
        house.fail().await;
        assert_eq!(
            house.mode().await,
            (Mode::Normal, Cause::Answers),
            "two failures are none yet"
        );
        house.fail().await;
        assert_eq!(house.mode().await, (Mode::Degraded, Cause::Breaker));
        let ready = stand.get("/ready").await;
        assert_eq!((ready.status, ready.text().contains("erp: 1 degraded\n")), (200, true));
        // The shop and the orders go on without a question to the ERP, and no attempt is spent.
        house.erp.asked();
        house.order("PO-3", "E-1", "10.00").await;
        house.order("PO-4", "E-2", "5.00").await;
        house.order("PO-5", "E-3", "3.00").await;
        stand.advance(600);
        assert_eq!(house.cart_holds("c-2").await, 24, "less long than usual");
        assert_eq!(house.send().await, Sent::default());
        assert_eq!(house.erp.asked(), Vec::<String>::new());
        let tried = "SELECT count(*) FROM delivery WHERE attempts > 0 AND state = 'pending'";
        assert_eq!(stand.number(tried).await, 1, "only PO-2 was tried");
        // What is on record is promised whole, then less, then not at all.
        let (band, whole) = house.promised("E-2");
        assert_eq!((band, whole), (Band::InStock, Decimal::from(98)));
        stand.advance(4 * 3600);
        assert_eq!(house.promised("E-2"), (Band::InStock, Decimal::from(78)));
        upkeep::round(&stand.gateway).await.unwrap();
        assert_eq!(
            house.mode().await,
            (Mode::Degraded, Cause::Breaker),
            "prices are young enough"
        );
        stand.advance(20 * 3600);
        assert_eq!(house.promised("E-2"), (Band::OnRequest, Decimal::ZERO));
        upkeep::round(&stand.gateway).await.unwrap();
        assert_eq!(house.mode().await, (Mode::Offline, Cause::Breaker));
        house.order("PO-6", "E-1", "10.00").await;
        // It is back with other prices, less stock, and a product less.
        let products = [("E-1", ("10.00", 3)), ("E-2", ("6.50", 100))];
        house.books.lock().unwrap().products = products.into();
        house.comes_back().await;
        assert_eq!(house.mode().await, (Mode::Normal, Cause::Answers));
        assert_eq!(house.promised("E-2").0, Band::InStock);
        house.order("PO-7", "E-2", "6.50").await;
        let went = house.send().await;
        assert_eq!((went.waiting, went.parked), (0, 0), "{went:?}");
        assert_eq!(
            house.taken(),
            ["PO-1", "PO-2", "PO-3", "PO-6", "PO-7"],
            "each once, in its order"
        );
        let (counts, orders) = house.drained().await;
        assert_eq!(counts, [(Drained::Found, 1), (Drained::Held, 2), (Drained::Sent, 2)]);
        assert_eq!(orders["PO-2"].0, Drained::Found);
        assert_eq!(orders["PO-3"].0, Drained::Sent);
        let short = "availability: 2 EA held → ";
        assert!(
            orders["PO-6"].1.iter().any(|other| other.starts_with(short)),
            "{orders:?}"
        );
        assert_eq!(orders["PO-4"].0, Drained::Held);
        assert_eq!(orders["PO-4"].1, ["price: 5.00 for 1 EA → 6.50 for 1 EA"]);
        assert_eq!(orders["PO-5"].0, Drained::Held);
        assert_eq!(orders["PO-5"].1, ["product: on sale → not there any more"]);
        for (number, expect) in [
            ("PO-3", OrderState::Processing),
            ("PO-4", OrderState::Held),
            ("PO-5", OrderState::Held),
        ] {
            assert_eq!(house.state(number).await, expect, "{number}");
        }
        let waiting = "SELECT count(*) FROM delivery WHERE state <> 'done'";
        assert_eq!(stand.number(waiting).await, 0, "what is held is not in the queue");
        // A person lets one go on: it goes out once, as any other.
        let by = operator(stand).await;
        let tenant_id = stand.tenant_id;
        let read = stand
            .gateway
            .store
            .read(async |tx| store::order::open_exceptions(tx, tenant_id, 10).await);
        let open: Vec<_> = read.await.unwrap();
        let about = open.iter().filter(|open| open.rule.contains("price"));
        let about: Vec<_> = about.collect();
        assert_eq!(about.len(), 1, "{open:?}");
        resolve::resolve(&stand.gateway, &by, about[0].id, Verdict::Accept, "agreed by phone")
            .await
            .unwrap();
        assert_eq!(house.send().await, sent(1, 0));
        assert_eq!(house.send().await, Sent::default());
        assert_eq!(house.taken().last().unwrap(), "PO-4");
        assert_eq!(house.taken().len(), 6);
    }
}

#[tokio::test]
async fn every_switch_is_an_event_with_its_reason() {
    for house in houses().await {
        house.goes_away().await;
        house.comes_back().await;
        let looked = house.looked().await;
        let told: Vec<_> = looked
            .switches
            .iter()
            .map(|switch| (switch.before, switch.after))
            .collect();
        assert_eq!(told, [(Mode::Degraded, Mode::Normal), (Mode::Normal, Mode::Degraded)]);
        assert_eq!(
            looked.switches[1].reason,
            "The ERP does not answer: the ERP answered 503."
        );
        let feed = "SELECT count(*) FROM change_feed WHERE entity = 'erp_mode'";
        assert_eq!(house.stand.number(feed).await, 2);
        // Nothing waited: there is nothing to report.
        assert_eq!(looked.drains.len(), 0);
        // What is too old is an event of its own, though the ERP answers.
        house.stand.advance(5 * 3600);
        upkeep::round(&house.stand.gateway).await.unwrap();
        assert_eq!(house.mode().await, (Mode::Degraded, Cause::Age));
        let looked = house.looked().await;
        assert_eq!(looked.standing.reason, "Too old: stock over 4 h.");
        house.run().await;
        assert_eq!(house.mode().await, (Mode::Normal, Cause::Answers));
    }
}

#[tokio::test]
async fn a_person_takes_it_offline_and_back() {
    for house in houses().await {
        let stand = &house.stand;
        let by = operator(stand).await;
        let id = house.looked().await.standing.source_id;
        let offline = Some(Mode::Offline);
        let unsaid = away::say(&stand.gateway, &by, id, offline, "  ").await.unwrap_err();
        assert!(unsaid.to_string().contains("Say why"), "{unsaid}");
        let password = "long enough to be one";
        let viewer = staff::create(&stand.gateway, stand.tenant_id, "vic", "Vic", password, Role::Viewer);
        let viewer = viewer.await.unwrap();
        assert!(
            away::say(&stand.gateway, &viewer, id, offline, "why not")
                .await
                .is_err()
        );
        assert_eq!(house.mode().await, (Mode::Normal, Cause::Answers));
        away::say(&stand.gateway, &by, id, offline, "New server").await.unwrap();
        assert_eq!(house.mode().await, (Mode::Offline, Cause::Staff));
        // However long it takes, nothing is asked and nothing is lost.
        house.erp.asked();
        house.order("PO-1", "E-1", "10.00").await;
        stand.advance(3600);
        assert!(matches!(house.round().await, Round::LeftAlone(None)));
        assert_eq!(house.send().await, Sent::default());
        assert_eq!(house.cart_holds("c-1").await, 24);
        assert_eq!(house.erp.asked(), Vec::<String>::new());
        assert_eq!(
            house.promised("E-2"),
            (Band::InStock, Decimal::from(100)),
            "the stock is an hour old"
        );
        away::say(&stand.gateway, &by, id, None, "").await.unwrap();
        assert_eq!(house.mode().await, (Mode::Normal, Cause::Answers));
        assert_eq!(house.send().await, Sent::default(), "first its rows are brought");
        house.run().await;
        assert_eq!(house.send().await, sent(1, 0));
        assert_eq!(house.drained().await.0, [(Drained::Sent, 1)]);
        let audited = "SELECT count(*) FROM audit WHERE action = 'erp.switch'";
        assert_eq!(stand.number(audited).await, 2);
        let told = house.looked().await.switches;
        assert!(told.iter().all(|switch| switch.by == Some(by.id)), "{told:?}");
    }
}

/// A second process on the same database.
async fn node(house: &House) -> Gateway {
    let clock: Clock = house.stand.clock.clone();
    let keys = Keys::ephemeral(&clock).unwrap();
    let config = Config::default();
    Gateway::new(config, clock, house.stand.test.store.clone(), keys)
        .await
        .unwrap()
}

#[tokio::test]
async fn nodes_agree_and_a_restart_keeps_the_mode() {
    for house in houses().await {
        let stand = &house.stand;
        let early = node(&house).await;
        house.goes_away().await;
        house.order("PO-1", "E-1", "10.00").await;
        assert_eq!(away::modes(&early), [(Mode::Normal, 1)]);
        upkeep::round(&early).await.unwrap();
        assert_eq!(away::modes(&early), [(Mode::Degraded, 1)]);
        let late = node(&house).await;
        assert_eq!(away::modes(&late), [(Mode::Degraded, 1)], "as after a restart");
        let alone = sync::round(&late, stand.tenant_id, &house.source).await.unwrap();
        assert!(matches!(alone, Round::LeftAlone(Some(60))), "{alone:?}");
        // When its pause is over, one of them finds out.
        house.erp.fail_always(None);
        stand.advance(61);
        let (one, other) = tokio::join!(
            sync::round(&early, stand.tenant_id, &house.source),
            sync::round(&late, stand.tenant_id, &house.source)
        );
        let ran = [one.unwrap(), other.unwrap()];
        let ran = ran.iter().filter(|round| matches!(round, Round::Ran(_))).count();
        assert_eq!(ran, 1);
        // Both send: each order goes once.
        let (one, other) = tokio::join!(
            orders::send(&early, stand.tenant_id, &house.source),
            orders::send(&late, stand.tenant_id, &house.source)
        );
        assert_eq!(one.unwrap().done + other.unwrap().done, 1);
        assert_eq!(house.taken(), ["PO-1"]);
    }
}

#[tokio::test]
async fn a_drain_that_is_interrupted_goes_on() {
    for house in houses().await {
        house.goes_away().await;
        for number in ["PO-1", "PO-2", "PO-3"] {
            house.order(number, "E-1", "10.00").await;
        }
        house.comes_back().await;
        // It takes the first and is gone again before it says so.
        house.erp.lose("order.create");
        assert_eq!(house.send().await, sent(0, 1));
        assert_eq!(
            house.send().await,
            Sent::default(),
            "the second waits for the first of its account"
        );
        house.goes_away_further().await;
        house.order("PO-4", "E-2", "5.00").await;
        assert_eq!(house.send().await, Sent::default());
        house.comes_back().await;
        assert_eq!(house.send().await, sent(4, 0));
        assert_eq!(house.taken(), ["PO-1", "PO-2", "PO-3", "PO-4"]);
        assert_eq!(house.drained().await.0, [(Drained::Found, 1), (Drained::Sent, 3)]);
    }
}

/// A change or a cancellation of an order of two pieces.
async fn change(house: &House, number: &str, kind: &str, quantity: &str, total: &str) {
    let header = format!("type=\"{kind}\" orderVersion=\"2\"");
    let before = format!("<DocumentReference payloadID=\"{number}\"/>");
    let request = order(
        number,
        &header,
        &before,
        total,
        &item("1", "E-1", quantity, "10.00", ""),
    );
    let text = Letter::of("plain", &format!("{number}.2"), &request).text();
    let answer = house.stand.post(&text).await;
    assert_eq!(answer.code(), 200, "{number}: {}", answer.text());
}

#[tokio::test]
async fn what_was_changed_or_cancelled_meanwhile_goes_out_as_it_is_now() {
    for house in houses().await {
        house.goes_away().await;
        for number in ["PO-1", "PO-2", "PO-3"] {
            house.order(number, "E-1", "10.00").await;
        }
        change(&house, "PO-1", "update", "3", "30.00").await;
        change(&house, "PO-2", "delete", "2", "20.00").await;
        // What a person must look at first does not go out as it was before.
        change(&house, "PO-3", "update", "3", "99.00").await;
        house.comes_back().await;
        assert_eq!(house.send().await, sent(1, 0));
        assert_eq!(house.taken(), ["PO-1"]);
        assert!(
            house.books.lock().unwrap().orders[0].0.ends_with(" 2"),
            "the version in force"
        );
        let report = house.looked().await.drains.remove(0);
        let counts: Vec<_> = report
            .outcomes
            .iter()
            .map(|count| (count.outcome, count.orders))
            .collect();
        assert_eq!(counts, [(Drained::Overtaken, 4), (Drained::Sent, 1)]);
        let left = "SELECT count(*) FROM delivery WHERE state <> 'done'";
        assert_eq!(house.stand.number(left).await, 0);
        assert_eq!(house.state("PO-2").await, OrderState::Cancelled);
        assert_eq!(house.state("PO-3").await, OrderState::Held);
    }
}

#[tokio::test]
async fn a_quote_that_held_when_the_order_came_holds_on() {
    for house in houses().await {
        let stand = &house.stand;
        house.goes_away().await;
        let base = visit(stand, "c-1", &setup("create", "c", RETURN_URL, "")).await;
        assert_eq!(add(stand, &base, "E-2", "EA", "2").await.status, 303);
        let (_, document) = returned(&press(stand, &base, "return").await);
        let cart = document.at("Message/PunchOutOrderMessage").unwrap();
        let reference = &cart.all("ItemIn")[0].at("ItemID/SupplierPartAuxiliaryID").unwrap().text;
        let reference = format!("<SupplierPartAuxiliaryID>{reference}</SupplierPartAuxiliaryID>");
        let line = item("1", "E-2", "2", "5.00", &reference);
        let request = order("PO-1", "type=\"new\"", "", "10.00", &line);
        let answer = stand.post(&Letter::of("plain", "PO-1", &request).text()).await;
        assert_eq!(answer.code(), 200, "{}", answer.text());
        // It is away for longer than the cart holds, and back with another price.
        stand.advance(30 * 3600);
        house.books.lock().unwrap().products.insert("E-2", ("6.50", 100));
        house.comes_back().await;
        assert_eq!(house.send().await, sent(1, 0));
        let (counts, orders) = house.drained().await;
        assert_eq!(counts, [(Drained::Sent, 1)]);
        assert_eq!(orders["PO-1"].1, [""; 0]);
    }
}

#[tokio::test]
async fn one_that_is_never_answered_holds_up_nobody_for_long() {
    for house in houses().await {
        house.goes_away().await;
        house.order("PO-1", "E-1", "10.00").await;
        house.order("PO-2", "E-1", "10.00").await;
        house.comes_back().await;
        for pause in [20, 40, 80] {
            house.erp.lose("order.find");
            assert_eq!(house.send().await, sent(0, 1));
            house.run().await;
            house.stand.advance(pause);
        }
        assert_eq!(house.send().await, sent(2, 0));
        assert_eq!(
            house.taken(),
            ["PO-2", "PO-1"],
            "the first is tried on, but not waited for"
        );
        assert_eq!(house.drained().await.0, [(Drained::Sent, 1), (Drained::Waiting, 1)]);
    }
}

#[tokio::test]
async fn staff_see_where_the_erp_stands_and_say_what_holds() {
    let clock = Clock::fixed(crate::support::NOW.parse().unwrap());
    for store in stores(&clock).await {
        let desk = Desk::open(store, &clock, "127.0.0.1:0").await;
        let (tenant_id, ..) = party(&desk.gateway, "nw").await;
        let books = Arc::new(Mutex::new(Books {
            products: [("E-1", ("10.00", 100))].into(),
            orders: Vec::new(),
        }));
        let erp = Erp::answering(move |asked| books.lock().unwrap().answer(asked)).await;
        let source = source(&erp.url);
        sync::round(&desk.gateway, tenant_id, &source).await.unwrap();
        let viewer = desk.sign_in("nw-viewer").await;
        let page = viewer.page("/admin/erp").await;
        for expect in [
            "Normal",
            "No order waits for the ERP.",
            "Young enough",
            "<code>stock</code>",
        ] {
            assert!(page.contains(expect), "{expect}: {page}");
        }
        assert!(!page.contains("Set the mode"), "a viewer sets nothing");
        let person = desk.sign_in("nw-operator").await;
        let page = person.page("/admin/erp").await;
        let action = crate::support_desk::between(&page, "action=\"/admin/erp/", "\"");
        let action = format!("/admin/erp/{action}");
        let refused = person.post(&action, &[("mode", "offline"), ("reason", "")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("Say why"), "{}", refused.body);
        let reason = "<b>new</b> server";
        let done = person.post(&action, &[("mode", "offline"), ("reason", reason)]).await;
        assert_eq!(done.location.as_deref(), Some("/admin/erp?done=said"));
        let page = person.page("/admin/erp").await;
        assert!(page.contains("Offline") && page.contains("&#60;b&#62;new"), "{page}");
        assert!(!page.contains("<b>new"), "{page}");
        let forbidden = viewer.post(&action, &[("mode", ""), ("reason", "")]).await;
        assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
        // It fails from now on; the page says since when and why.
        person.post(&action, &[("mode", ""), ("reason", "")]).await;
        erp.fail_always(Some(Fault::Status(503, "")));
        for _ in 0..3 {
            sync::round(&desk.gateway, tenant_id, &source).await.unwrap();
        }
        clock.advance(SignedDuration::from_hours(5));
        let page = person.page("/admin/erp").await;
        for expect in ["Degraded", "Open: it is left alone", "answered 503", "Too old"] {
            assert!(page.contains(expect), "{expect}: {page}");
        }
        let missing = person
            .get("/admin/erp/drains/019ab2c0-0000-7000-8000-000000000000")
            .await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
    }
}
