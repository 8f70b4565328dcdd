//! Safeguards through real HTTP: what each rule does with an order, what a trial says before, and who may switch it on.

use std::collections::BTreeMap;
use std::sync::Arc;

use punchgate::domain::order::safeguard::{Action, Correction, Effect, Guard, Rule, Safeguards};
use punchgate::domain::order::{OrderException, OrderState};
use punchgate::domain::staff::{Role, Staff};
use punchgate::service::safeguard::{self, Counts, running};
use punchgate::service::{self, Error, import, staff};
use punchgate::store;
use reqwest::StatusCode;
use rust_decimal::Decimal;

use crate::admin_seed::PASSWORD;
use crate::story::{add, press, returned, visit};
use crate::support::{Letter, RETURN_URL, Stand, connection, item, operator, order, setup, stands};
use crate::support_desk::{between, seeded};

fn rules(rules: &[(Rule, Option<&str>, Action)]) -> Safeguards {
    let rule = |(rule, limit, action): &(Rule, Option<&str>, Action)| {
        let guard = Guard {
            limit: limit.map(|limit| limit.parse().unwrap()),
            action: *action,
        };
        (*rule, guard)
    };
    Safeguards(rules.iter().map(rule).collect())
}

async fn administrator(stand: &Stand) -> Staff {
    let password = "long enough to be one";
    let made = staff::create(&stand.gateway, stand.tenant_id, "eve", "Eve", password, Role::Admin);
    made.await.unwrap()
}

async fn switch_on(stand: &Stand, by: &Staff, own: &Safeguards) {
    let id = connection(stand, "plain");
    let looked = safeguard::look(&stand.gateway, stand.tenant_id, id)
        .await
        .unwrap()
        .unwrap();
    safeguard::switch_on(&stand.gateway, by, id, own, &looked.seen)
        .await
        .unwrap();
}

/// An order of the connection "plain"; its number is its payload id, too.
async fn send(stand: &Stand, number: &str, more: &str, total: &str, items: &str) {
    let request = order(number, "type=\"new\"", more, total, items);
    let answer = stand.post(&Letter::of("plain", number, &request).text()).await;
    // Whatever a rule says, the document is answered with success: networks take anything else for a failure.
    assert_eq!(answer.code(), 200, "{number}: {}", answer.text());
}

struct Outcome {
    state: OrderState,
    exceptions: Vec<OrderException>,
    effects: Vec<Effect>,
    handed_on: usize,
}

async fn outcome(stand: &Stand, number: &str) -> Outcome {
    let (tenant_id, number) = (stand.tenant_id, number.to_owned());
    let read = stand.gateway.store.read(async |tx| {
        let order = store::order::list_by_order_id(tx, tenant_id, &number).await?.remove(0);
        let version = store::order::versions(tx, tenant_id, order.id).await?.remove(0);
        Ok::<_, store::StoreError>(Outcome {
            state: order.state,
            exceptions: store::order::exceptions(tx, tenant_id, order.id).await?,
            effects: store::order::effects(tx, tenant_id, version.id).await?,
            handed_on: store::delivery::list_of(tx, tenant_id, order.id).await?.len(),
        })
    });
    read.await.unwrap()
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[tokio::test]
async fn each_action_does_what_it_says() {
    for stand in stands().await {
        let eve = administrator(&stand).await;
        // Our price is 3.20; the order says 3.00.
        for (number, action, state, handed_on, decided) in [
            ("A1", Action::Accept, OrderState::Received, 1, None),
            ("A2", Action::Correct, OrderState::Received, 1, None),
            ("A3", Action::Hold, OrderState::Held, 0, Some(false)),
            ("A4", Action::RejectLine, OrderState::Held, 0, Some(true)),
            ("A5", Action::RejectOrder, OrderState::Held, 0, Some(true)),
        ] {
            switch_on(&stand, &eve, &rules(&[(Rule::PriceUpPercent, Some("1"), action)])).await;
            send(&stand, number, "", "6.00", &item("1", "W-1", "2", "3.00", "")).await;
            let found = outcome(&stand, number).await;
            assert_eq!(
                (found.state, found.handed_on),
                (state, handed_on),
                "{number} {}",
                stand.test.kind()
            );
            let [effect] = &found.effects[..] else {
                panic!("{number}: {:?}", found.effects)
            };
            assert_eq!((effect.rule, effect.action), (Rule::PriceUpPercent, action));
            assert_eq!((effect.line_number, effect.limit_value), (Some(1), Some(dec("1"))));
            let corrected = Correction::UnitPrice {
                sent: (dec("3.00"), dec("1")),
                ours: (dec("3.20"), dec("1")),
            };
            let expected: &[Correction] = if action == Action::Correct { &[corrected] } else { &[] };
            assert_eq!(effect.corrections, expected, "{number}");
            let decisions: Vec<bool> = found
                .exceptions
                .iter()
                .map(|exception| exception.resolution.is_some())
                .collect();
            assert_eq!(decisions, Vec::from_iter(decided), "{number}");
            if decided == Some(true) {
                let resolution = found.exceptions[0].resolution.as_deref();
                assert_eq!(resolution, Some(OrderException::REJECTED_BY_SAFEGUARD));
            }
        }
        // Within the limit nothing is said; the usual rule for the other direction stays.
        send(&stand, "A6", "", "6.34", &item("1", "W-1", "2", "3.17", "")).await;
        assert!(outcome(&stand, "A6").await.effects.is_empty());
        send(&stand, "A7", "", "7.00", &item("1", "W-1", "2", "3.50", "")).await;
        let found = outcome(&stand, "A7").await;
        assert_eq!(
            (found.state, found.effects[0].rule),
            (OrderState::Held, Rule::PriceDownPercent)
        );
    }
}

#[tokio::test]
async fn quantity_packing_freight_days_and_address() {
    for stand in stands().await {
        let eve = administrator(&stand).await;
        let own = rules(&[
            (Rule::Minimum, None, Action::Correct),
            (Rule::QuantityShort, None, Action::Correct),
            (Rule::FreightCap, Some("10"), Action::Correct),
            (Rule::AddressChange, None, Action::Hold),
            (Rule::Currency, None, Action::RejectOrder),
        ]);
        switch_on(&stand, &eve, &own).await;
        // 50 wipers are there; the first line takes 40 of them.
        let lines = [item("1", "W-1", "40", "3.20", ""), item("2", "W-1", "20", "3.20", "")].concat();
        let freight =
            "<Shipping><Money currency=\"EUR\">12.00</Money><Description xml:lang=\"en\">Van</Description></Shipping>";
        send(&stand, "Q1", freight, "192.00", &lines).await;
        let found = outcome(&stand, "Q1").await;
        assert_eq!(found.state, OrderState::Received);
        let said: Vec<_> = found
            .effects
            .iter()
            .map(|effect| (effect.line_number, effect.rule))
            .collect();
        assert_eq!(said, [(Some(2), Rule::QuantityShort), (None, Rule::FreightCap)]);
        let corrections: Vec<_> = found.effects.iter().flat_map(|effect| &effect.corrections).collect();
        let quantity = Correction::Quantity {
            sent: dec("20"),
            ours: dec("10"),
        };
        let shipping = Correction::Shipping {
            sent: dec("12.00"),
            ours: dec("10"),
        };
        assert_eq!(corrections, [&quantity, &shipping]);
        // Half a box of bolts is less than the smallest order of 100.
        let half = item("1", "B-8", "0.5", "11.00", "").replace(">EA<", ">BX<");
        send(&stand, "Q2", "", "5.50", &half).await;
        let found = outcome(&stand, "Q2").await;
        let quantity = Correction::Quantity {
            sent: dec("0.5"),
            ours: dec("1"),
        };
        assert_eq!(found.effects[0].corrections, [quantity]);
        // An address that nobody has on record.
        let ship_to = "<ShipTo><Address isoCountryCode=\"DE\" addressID=\"NOWHERE\"><Name xml:lang=\"de\">Werk</Name></Address></ShipTo>";
        let box_of_bolts = item("1", "B-8", "1", "11.00", "").replace(">EA<", ">BX<");
        send(&stand, "Q3", ship_to, "11.00", &box_of_bolts).await;
        let found = outcome(&stand, "Q3").await;
        assert_eq!(
            (found.state, found.exceptions[0].rule.as_str()),
            (OrderState::Held, "order.address")
        );
        assert!(found.exceptions[0].text.contains("NOWHERE"));
        // Whatever is ordered: what is not known about its lines opens nothing.
        send(&stand, "Q5", ship_to, "3.20", &item("1", "NOTHING", "1", "3.20", "")).await;
        let found = outcome(&stand, "Q5").await;
        let rules: Vec<&str> = found.exceptions.iter().map(|told| told.rule.as_str()).collect();
        assert!(rules.contains(&"order.address"), "{rules:?}");
        let dollars = order("Q4", "type=\"new\"", "", "3.20", &item("1", "W-1", "1", "3.20", "")).replace("EUR", "USD");
        assert_eq!(
            stand.post(&Letter::of("plain", "Q4", &dollars).text()).await.code(),
            200
        );
        let found = outcome(&stand, "Q4").await;
        assert_eq!(
            (found.state, found.effects[0].action),
            (OrderState::Held, Action::RejectOrder)
        );
    }
}

#[tokio::test]
async fn a_valid_quote_counts_before_the_contract_until_it_expires() {
    for stand in stands().await {
        let eve = administrator(&stand).await;
        let base = visit(&stand, "s@x", &setup("create", "c", RETURN_URL, "")).await;
        add(&stand, &base, "W-1", "EA", "2").await;
        let (_, document) = returned(&press(&stand, &base, "return").await);
        let line = document.at("Message/PunchOutOrderMessage/ItemIn").unwrap();
        let reference = &line.at("ItemID/SupplierPartAuxiliaryID").unwrap().text;
        let auxiliary = format!("<SupplierPartAuxiliaryID>{reference}</SupplierPartAuxiliaryID>");
        // The list price rises after the cart went back.
        let columns = "sku,name,base_unit,list_price,categories";
        let files = vec![(
            "products.csv",
            format!("{columns}\nW-1,Wiper <blue> & white,EA,4.00,F\n").into_bytes(),
        )];
        let reports = import::all(&stand.gateway, stand.tenant_id, files).await.unwrap();
        assert!(reports[0].is_taken(), "{}", reports[0]);
        let quoted = || item("1", "W-1", "2", "3.20", &auxiliary);
        let at = async |number: &str, items: &str| {
            send(&stand, number, "", "6.40", items).await;
            let found = outcome(&stand, number).await;
            let rules: Vec<Rule> = found.effects.iter().map(|effect| effect.rule).collect();
            (found.state, rules)
        };
        assert_eq!(at("V1", &quoted()).await, (OrderState::Received, vec![]));
        // Without the quote's reference the contract counts.
        let plain = item("1", "W-1", "2", "3.20", "");
        assert_eq!(at("V2", &plain).await, (OrderState::Held, vec![Rule::PriceUpPercent]));
        stand.advance(8 * 86_400);
        assert_eq!(
            at("V3", &quoted()).await,
            (OrderState::Held, vec![Rule::PriceUpPercent])
        );
        switch_on(&stand, &eve, &rules(&[(Rule::QuoteExpired, Some("7"), Action::Hold)])).await;
        assert_eq!(at("V4", &quoted()).await, (OrderState::Received, vec![]));
        switch_on(
            &stand,
            &eve,
            &rules(&[(Rule::QuoteExpired, Some("0"), Action::Correct)]),
        )
        .await;
        assert_eq!(
            at("V5", &quoted()).await,
            (OrderState::Received, vec![Rule::QuoteExpired])
        );
        let corrections = &outcome(&stand, "V5").await.effects[0].corrections;
        let price = Correction::UnitPrice {
            sent: (dec("3.20"), dec("1")),
            ours: (dec("4.00"), dec("1")),
        };
        assert_eq!(corrections, &[price], "{}", stand.test.kind());
    }
}

#[tokio::test]
async fn rules_are_tried_on_past_orders_before_they_are_switched_on() {
    for stand in stands().await {
        let eve = administrator(&stand).await;
        let id = connection(&stand, "plain");
        send(&stand, "OLD", "", "2.00", &item("1", "W-1", "1", "2.00", "")).await;
        stand.advance(91 * 86_400);
        send(&stand, "T1", "", "3.20", &item("1", "W-1", "1", "3.20", "")).await;
        send(&stand, "T2", "", "3.10", &item("1", "W-1", "1", "3.10", "")).await;
        let two = [item("1", "W-1", "1", "2.00", ""), item("2", "W-1", "60", "2.00", "")].concat();
        send(&stand, "T3", "", "122.00", &two).await;
        send(&stand, "T4", "", "6.40", &item("1", "NOPE", "2", "3.20", "")).await;
        let before = stand.traces().await;
        let own = rules(&[
            (Rule::PriceUpPercent, Some("5"), Action::Correct),
            (Rule::QuantityShort, None, Action::RejectLine),
        ]);
        let looked = safeguard::look(&stand.gateway, stand.tenant_id, id)
            .await
            .unwrap()
            .unwrap();
        let trial = safeguard::try_out(&stand.gateway, &eve, &looked, &own).await.unwrap();
        assert_eq!((trial.came, trial.orders, trial.lines, trial.limited), (4, 4, 5, false));
        assert_eq!((trial.now.accepted, trial.now.held), (2, 2), "{:?}", trial.now);
        let proposed = trial.proposed;
        assert_eq!(
            (proposed.accepted, proposed.corrected, proposed.held, proposed.rejected),
            (3, 0, 0, 1),
            "{proposed:?}"
        );
        let prices = &trial.rules[&Rule::PriceUpPercent];
        assert_eq!(
            prices.actions,
            BTreeMap::from([(Action::Correct, Counts { orders: 1, lines: 2 })])
        );
        assert_eq!((prices.then, prices.today), (2, 0), "prices were stored with the order");
        assert_eq!(prices.named[0].1, "T3");
        let short = &trial.rules[&Rule::QuantityShort];
        assert_eq!(
            short.actions,
            BTreeMap::from([(Action::RejectLine, Counts { orders: 1, lines: 1 })])
        );
        assert_eq!((short.then, short.today), (0, 1), "stock is today's");
        assert_eq!(stand.traces().await, before, "a trial changes nothing");
        // The rules that were tried are followed from the next order on, and the change is written down.
        switch_on(&stand, &eve, &own).await;
        send(&stand, "T5", "", "2.00", &item("1", "W-1", "1", "2.00", "")).await;
        assert_eq!(outcome(&stand, "T5").await.state, OrderState::Received);
        assert_eq!(outcome(&stand, "T3").await.state, OrderState::Held);
        let entry = stand
            .value("SELECT detail FROM audit WHERE action = 'connection.change'")
            .await
            .unwrap();
        assert!(entry.contains("Accept and correct beyond 5"), "{entry}");
    }
}

#[tokio::test]
async fn rules_are_switched_on_by_administrators_who_saw_the_present_ones() {
    for stand in stands().await {
        let (ann, eve) = (operator(&stand).await, administrator(&stand).await);
        let (gateway, id) = (&stand.gateway, connection(&stand, "plain"));
        let own = rules(&[(Rule::Multiple, None, Action::Hold)]);
        let said = |result: Result<(), Error>| result.map_err(|error| error.refusal().code.status().0);
        assert_eq!(said(safeguard::switch_on(gateway, &ann, id, &own, "").await), Err(403));
        let looked = safeguard::look(gateway, stand.tenant_id, id).await.unwrap().unwrap();
        let tried = safeguard::try_out(gateway, &ann, &looked, &own).await;
        assert_eq!(said(tried.map(|_| ())), Err(403));
        assert_eq!(said(safeguard::switch_on(gateway, &eve, id, &own, "").await), Ok(()));
        assert_eq!(said(safeguard::switch_on(gateway, &eve, id, &own, "").await), Err(409));
        let impossible = rules(&[(Rule::FreightCap, None, Action::Hold)]);
        let seen = safeguard::state(&own);
        assert!(
            safeguard::switch_on(gateway, &eve, id, &impossible, &seen)
                .await
                .is_err()
        );
        let rival = connection(&stand, "other");
        let looked = safeguard::look(gateway, stand.tenant_id, rival).await.unwrap().unwrap();
        assert!(
            looked.connection.settings.safeguards.0.is_empty(),
            "other connections keep theirs"
        );
    }
}

#[tokio::test]
async fn a_form_that_is_saved_keeps_the_rules_switched_on_meanwhile() {
    for stand in stands().await {
        let eve = administrator(&stand).await;
        let (gateway, id) = (&stand.gateway, connection(&stand, "plain"));
        let looked = service::connection::look(gateway, stand.tenant_id, id).await;
        let mut fields = service::connection::fields(&looked.unwrap().unwrap());
        fields.insert("name".to_owned(), "Renamed".to_owned());
        let own = rules(&[(Rule::Multiple, None, Action::Hold)]);
        // Both read the connection before either writes it.
        let switched = safeguard::switch_on(gateway, &eve, id, &own, "");
        let saved = service::connection::change(gateway, &eve, id, &fields);
        let (switched, saved) = tokio::join!(switched, saved);
        switched.and(saved).unwrap();
        let found = safeguard::look(gateway, stand.tenant_id, id).await.unwrap().unwrap();
        assert_eq!(found.connection.name, "Renamed");
        assert_eq!(found.connection.settings.safeguards, own);
    }
}

#[tokio::test]
async fn a_trial_that_takes_long_says_how_far_it_is() {
    let (desk, seeded) = seeded(&punchgate::clock::Clock::system()).await;
    let gateway = &desk.gateway;
    let eve = staff::create(gateway, seeded.tenant, "nw-eve", "Eve", PASSWORD, Role::Admin).await;
    let (eve, person) = (eve.unwrap(), desk.sign_in("nw-eve").await);
    let looked = safeguard::look(gateway, seeded.tenant, seeded.production).await;
    let own = rules(&[(Rule::PriceUpPercent, Some("2.5"), Action::Correct)]);
    let fields = safeguard::fields(&own);
    let prepared = running::prepare(Arc::clone(gateway), &eve, looked.unwrap().unwrap(), own, fields);
    let (trial, work) = prepared.unwrap();
    let path = format!("/admin/connections/{}/safeguards?trial={}", seeded.production, trial.id);
    let waiting = person.page(&path).await;
    assert!(
        waiting.contains("The rules are being tried.") && waiting.contains("0 of 0 orders"),
        "{waiting}"
    );
    assert!(!waiting.contains("Switch on"), "nothing is switched on untried");
    work.await;
    let done = person.page(&path).await;
    assert!(
        done.contains("What these rules would have done") && done.contains("Switch on"),
        "{done}"
    );
    assert!(
        done.contains("value=\"2.5\""),
        "the rules that were tried stand in the form"
    );
    // Nobody else's, and of no other connection.
    let other = desk.sign_in("nw-admin").await;
    assert!(other.page(&path).await.contains("The trial is not there any more."));
    let elsewhere = path.replace(&seeded.production.to_string(), &seeded.test.to_string());
    assert!(
        person
            .page(&elsewhere)
            .await
            .contains("The trial is not there any more.")
    );
}

#[tokio::test]
async fn the_page_tries_first_and_switches_on_what_was_tried() {
    let (desk, seeded) = seeded(&punchgate::clock::Clock::system()).await;
    let admin = desk.sign_in("nw-admin").await;
    let path = format!("/admin/connections/{}/safeguards", seeded.production);
    let page = admin.page(&path).await;
    assert!(!page.contains("Switch on"), "nothing is switched on untried");
    let form = [
        ("do", "on"),
        ("price_up_percent-action", "correct"),
        ("price_up_percent-limit", "2.5"),
        ("seen", ""),
    ];
    let untried = admin.post(&path, &form).await;
    assert_eq!(untried.status, StatusCode::OK);
    assert!(untried.body.contains("Not switched on yet."));
    assert!(untried.body.contains("What these rules would have done"));
    let tried = between(&untried.body, "name=\"tried\" value=\"", "\"").to_owned();
    // Other rules than those that were tried.
    let other: Vec<_> = [("tried", tried.as_str()), ("multiple-action", "hold")]
        .into_iter()
        .chain(form)
        .collect();
    assert!(admin.post(&path, &other).await.body.contains("Not switched on yet."));
    let same: Vec<_> = [("tried", tried.as_str())].into_iter().chain(form).collect();
    let on = admin.post(&path, &same).await;
    assert_eq!(
        on.location.as_deref(),
        Some(format!("{path}?done=on").as_str()),
        "{}",
        on.body
    );
    let page = admin.page(&format!("{path}?done=on")).await;
    assert!(page.contains("Switched on.") && page.contains("value=\"2.5\""));
    // A rule without a limit, too, is switched on as it was tried.
    let tried = admin
        .post(&path, &[("do", "try"), ("multiple-action", "hold")])
        .await
        .body;
    let hidden = |name: &str| between(&tried, &format!("name=\"{name}\" value=\""), "\"");
    let same_rule = [
        ("do", "on"),
        ("multiple-action", "hold"),
        ("tried", hidden("tried")),
        ("seen", hidden("seen")),
    ];
    let on = admin.post(&path, &same_rule).await;
    assert_eq!(on.status, StatusCode::SEE_OTHER, "{}", on.body);
    // Sent again, it is too late: the rules are other ones than were seen.
    assert_eq!(admin.post(&path, &same).await.status, StatusCode::CONFLICT);
    for (field, value, fault) in [
        ("price_up_percent-limit", "much", "write a percentage"),
        ("price_up_percent-limit", "101", "write a percentage"),
        ("freight_cap-limit", "-1", "write an amount"),
        ("delivery_days-limit", "1.5", "write a whole number of days"),
        ("address_change-action", "correct", "choose what is done"),
    ] {
        let mut form = vec![("do", "try"), (field, value)];
        let action = field.replace("-limit", "-action");
        if field.ends_with("limit") {
            form.push((&action, "hold"));
        }
        let answer = admin.post(&path, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        assert!(answer.body.contains(fault), "{field} {value}");
        assert!(answer.body.contains(&format!("{field}-fault")), "{field} {value}");
    }
    let viewer = desk.sign_in("nw-viewer").await;
    let page = viewer.page(&path).await;
    assert!(page.contains("An administrator changes the rules.") && page.contains("disabled"));
    let refused = viewer.post(&path, &[("do", "try")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
