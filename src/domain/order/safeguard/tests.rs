//! Every rule by data: what is in force, what is known, what the order says, what comes of it.

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::*;
use crate::domain::order::check::{Draft, check};
use crate::domain::order::{LineChange, OrderAction, OrderHeader, OrderKind, OrderLine};
use crate::domain::session::ShipTo;
use crate::domain::unit::Factor;

const TODAY: Date = date(2026, 11, 24);

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// So many pieces at a price each.
fn line(quantity: &str, price: &str) -> OrderLine {
    OrderLine {
        tenant_id: Uuid::nil(),
        version_id: Uuid::nil(),
        position: 1,
        line_number: 1,
        parent_line_number: None,
        supplier_part_id: "A".into(),
        auxiliary_id: None,
        buyer_part_id: None,
        sku: Some("A".into()),
        description: String::new(),
        classification: None,
        quantity: decimal(quantity),
        unit: "EA".into(),
        unit_own: Some("EA".into()),
        unit_price: Some(decimal(price)),
        price_quantity: Decimal::ONE,
        currency: "EUR".into(),
        amount: decimal(quantity).checked_mul(decimal(price)),
        requested_delivery_date: None,
        expected_price: None,
        expected_price_quantity: None,
        expected_source: None,
        trace: None,
        quote_line_id: None,
        change: LineChange::Added,
        is_return: false,
    }
}

fn draft(lines: Vec<OrderLine>) -> Draft {
    Draft {
        order_id: "1".into(),
        action: OrderAction::New,
        kind: OrderKind::Regular,
        order_version: None,
        is_internal: false,
        header: OrderHeader::default(),
        currency: "EUR".into(),
        lines,
        ad_hoc: Vec::new(),
        cancelled: Vec::new(),
        blocked: Vec::new(),
        requested: Vec::new(),
    }
}

fn offer(price: &str, unit: &str, currency: &str, until: Option<Timestamp>) -> Offer {
    Offer {
        price: decimal(price),
        per: Decimal::ONE,
        unit: unit.into(),
        currency: currency.into(),
        until,
    }
}

fn contract(price: &str) -> LineFacts {
    LineFacts {
        contract: Some(offer(price, "EA", "EUR", None)),
        ..LineFacts::default()
    }
}

fn packing(minimum: Option<&str>, multiple: Option<&str>) -> LineFacts {
    LineFacts {
        packing: Some(Packing {
            factor: Factor::new(Decimal::ONE, Decimal::ONE).unwrap(),
            base_unit: "EA".into(),
            quoted: None,
            minimum: minimum.map(decimal),
            multiple: multiple.map(decimal),
        }),
        ..LineFacts::default()
    }
}

fn stock(available: &str, ships_on: Option<Date>, multiple: Option<&str>) -> LineFacts {
    LineFacts {
        stock: Some(Stock {
            available: decimal(available),
            ships_on,
        }),
        ..packing(None, multiple)
    }
}

fn guards(rules: &[(Rule, Option<&str>, Action)]) -> Safeguards {
    let own = rules.iter().map(|(rule, limit, action)| {
        let guard = Guard {
            limit: limit.map(decimal),
            action: *action,
        };
        (*rule, guard)
    });
    Safeguards(own.collect()).in_force(Decimal::ZERO).unwrap()
}

/// What the rules do with an order: rule, action, and what was corrected, a word each.
fn judge(mut draft: Draft, facts: Vec<LineFacts>, more: Facts, guards: &Safeguards) -> Vec<String> {
    for (line, known) in draft.lines.iter_mut().zip(&facts) {
        line::expect(line, known, guards, now());
    }
    let facts = Facts { lines: facts, ..more };
    let mut judge = Judge::new(&draft, &facts, guards, now(), TODAY);
    let mut effects: Vec<Effect> = (0..draft.lines.len()).flat_map(|at| judge.line(at)).collect();
    effects.extend(judge.whole());
    effects.iter().map(word).collect()
}

fn word(effect: &Effect) -> String {
    let mut word = format!("{:?} {:?}", effect.rule, effect.action);
    for correction in &effect.corrections {
        word.push_str(&match correction {
            Correction::UnitPrice { sent, ours } => format!(" price {}→{}", sent.0, ours.0),
            Correction::Quantity { sent, ours } => format!(" quantity {sent}→{ours}"),
            Correction::Unit { sent, ours } => format!(" unit {sent}→{ours}"),
            Correction::Delivery { sent, ours } => match sent {
                Some(sent) => format!(" day {sent}→{ours}"),
                None => format!(" day →{ours}"),
            },
            Correction::Shipping { sent, ours } => format!(" freight {sent}→{ours}"),
        });
    }
    word
}

fn one(line: OrderLine, known: LineFacts, guards: &Safeguards) -> String {
    judge(draft(vec![line]), vec![known], Facts::default(), guards).join("; ")
}

#[test]
fn the_table_is_in_the_order_of_the_rules_and_stands_by_itself() {
    for (at, about) in RULES.iter().enumerate() {
        assert_eq!(about.rule as usize, at, "{}", about.name);
        assert!(!about.source.is_empty() && !about.help.is_empty());
        assert!(
            about.default.is_none_or(|action| about.actions.contains(&action)),
            "{}",
            about.name
        );
    }
    let asked = line::RULES.iter().map(|(rule, _)| *rule);
    let asked: Vec<Rule> = asked.chain(whole::RULES.iter().map(|(rule, _)| *rule)).collect();
    assert_eq!(
        asked,
        RULES.map(|about| about.rule),
        "each rule is asked once, in this order"
    );
}

#[test]
fn what_is_said_of_a_rule_must_be_possible() {
    for (rule, limit, action, fits) in [
        (Rule::PriceUpPercent, None, Action::Correct, true),
        (Rule::PriceUpPercent, Some("101"), Action::Hold, false),
        (Rule::PriceUpPercent, Some("-1"), Action::Hold, false),
        (Rule::PriceUpAmount, None, Action::Hold, false),
        (Rule::PriceUpAmount, Some("5.00"), Action::Hold, true),
        (Rule::DeliveryDays, Some("1.5"), Action::Hold, false),
        (Rule::DeliveryDays, None, Action::Hold, true),
        (Rule::QuantityShort, Some("1"), Action::Hold, false),
        (Rule::AddressChange, None, Action::Correct, false),
        (Rule::Currency, None, Action::Correct, false),
        (Rule::UnitUnknown, None, Action::Accept, false),
        (Rule::FreightCap, Some("10"), Action::RejectLine, false),
    ] {
        let guard = Guard {
            limit: limit.map(decimal),
            action,
        };
        let own = Safeguards(BTreeMap::from([(rule, guard)]));
        assert_eq!(
            own.in_force(Decimal::ZERO).is_ok(),
            fits,
            "{rule:?} {limit:?} {action:?}"
        );
    }
    let unknown = r#"{"weight": {"action": "hold"}}"#;
    assert!(serde_json::from_str::<Safeguards>(unknown).is_err());
    let text = r#"{"price_up_percent":{"limit":"2.5","action":"correct"}}"#;
    let read: Safeguards = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

#[test]
fn a_valid_quote_counts_before_the_contract_and_the_order_within_the_limits() {
    let soon = now().checked_add(1.hour()).unwrap();
    let past = now().checked_sub(50.hours()).unwrap();
    let quoted = |price: &str, until: Timestamp, unit: &str, currency: &str| LineFacts {
        quote: Some(offer(price, unit, currency, Some(until))),
        ..contract("11")
    };
    let none = guards(&[]);
    let three_days = guards(&[(Rule::QuoteExpired, Some("3"), Action::Hold)]);
    for (name, known, guards, price, source) in [
        (
            "quote",
            quoted("10", soon, "EA", "EUR"),
            &none,
            Some("10"),
            Some("quote"),
        ),
        (
            "over",
            quoted("10", past, "EA", "EUR"),
            &none,
            Some("11"),
            Some("contract"),
        ),
        (
            "over, within the limit",
            quoted("10", past, "EA", "EUR"),
            &three_days,
            Some("10"),
            Some("quote"),
        ),
        (
            "in another unit",
            quoted("10", soon, "BX", "EUR"),
            &none,
            Some("11"),
            Some("contract"),
        ),
        (
            "in another currency",
            quoted("10", soon, "EA", "USD"),
            &none,
            Some("11"),
            Some("contract"),
        ),
        ("contract", contract("11"), &none, Some("11"), Some("contract")),
        ("on request", LineFacts::default(), &none, None, None),
    ] {
        let mut line = line("1", "10");
        line::expect(&mut line, &known, guards, now());
        assert_eq!(line.expected_price, price.map(decimal), "{name}");
        assert_eq!(line.expected_source.as_deref(), source, "{name}");
    }
    // Without a price of ours the order's own stands.
    assert_eq!(one(line("1", "99"), LineFacts::default(), &none), "");
}

#[test]
fn prices() {
    use Rule::{PriceDownPercent, PriceUpAmount, PriceUpPercent};
    let up = |limit, action| vec![(PriceUpPercent, Some(limit), action)];
    let amount = |limit, action| {
        let mut rules = up("100", Action::Accept);
        rules.push((PriceUpAmount, Some(limit), action));
        rules
    };
    for (rules, quantity, ordered, ours, expected) in [
        (vec![], "1", "10", "10.00", ""),
        (vec![], "1", "9", "10", "PriceUpPercent Hold"),
        (vec![], "1", "11", "10", "PriceDownPercent Hold"),
        (up("10", Action::Hold), "1", "9", "10", ""),
        (up("10", Action::Hold), "1", "8.99", "10", "PriceUpPercent Hold"),
        (
            up("10", Action::Correct),
            "1",
            "8",
            "10",
            "PriceUpPercent Correct price 8→10",
        ),
        (up("10", Action::Accept), "1", "8", "10", "PriceUpPercent Accept"),
        (
            up("10", Action::RejectLine),
            "1",
            "8",
            "10",
            "PriceUpPercent RejectLine",
        ),
        (
            up("10", Action::RejectOrder),
            "1",
            "8",
            "10",
            "PriceUpPercent RejectOrder",
        ),
        (amount("5", Action::Hold), "5", "9", "10", ""),
        (amount("5", Action::Hold), "6", "9", "10", "PriceUpAmount Hold"),
        (
            amount("5", Action::Correct),
            "6",
            "9",
            "10",
            "PriceUpAmount Correct price 9→10",
        ),
        (
            vec![(PriceDownPercent, Some("0"), Action::Correct)],
            "1",
            "11",
            "10",
            "PriceDownPercent Correct price 11→10",
        ),
        // What percent accepts, an amount may still hold: the strictest counts.
        (
            vec![
                (PriceUpPercent, Some("1"), Action::Accept),
                (PriceUpAmount, Some("1"), Action::Hold),
            ],
            "2",
            "9",
            "10",
            "PriceUpPercent Accept; PriceUpAmount Hold",
        ),
    ] {
        let found = one(line(quantity, ordered), contract(ours), &guards(&rules));
        assert_eq!(found, expected, "{rules:?} {quantity} at {ordered}, ours {ours}");
    }
}

#[test]
fn prices_for_hundreds_are_compared_crosswise() {
    let mut hundred = line("200", "10");
    hundred.price_quantity = Decimal::ONE_HUNDRED;
    let known = contract("0.11");
    let rules = guards(&[
        (Rule::PriceUpAmount, Some("1.99"), Action::Correct),
        (Rule::PriceUpPercent, Some("10"), Action::Hold),
    ]);
    assert_eq!(
        one(hundred.clone(), known.clone(), &rules),
        "PriceUpAmount Correct price 10→0.11"
    );
    let wide = guards(&[
        (Rule::PriceUpAmount, Some("2"), Action::Correct),
        (Rule::PriceUpPercent, Some("10"), Action::Hold),
    ]);
    assert_eq!(one(hundred, known, &wide), "");
}

#[test]
fn quotes_units_and_currencies() {
    let past = now().checked_sub(50.hours()).unwrap();
    let expired = LineFacts {
        quote: Some(offer("10", "EA", "EUR", Some(past))),
        ..contract("12")
    };
    let rule = |action| guards(&[(Rule::QuoteExpired, None, action)]);
    // The price rule speaks, too, unless ours took the place of the ordered price.
    assert_eq!(
        one(line("1", "10"), expired.clone(), &guards(&[])),
        "PriceUpPercent Hold"
    );
    assert_eq!(
        one(line("1", "10"), expired.clone(), &rule(Action::Accept)),
        "QuoteExpired Accept; PriceUpPercent Hold"
    );
    assert_eq!(
        one(line("1", "10"), expired.clone(), &rule(Action::Correct)),
        "QuoteExpired Correct price 10→12"
    );
    let mut on_request = expired.clone();
    on_request.contract = None;
    assert_eq!(
        one(line("1", "10"), on_request, &rule(Action::Correct)),
        "QuoteExpired Hold"
    );

    let soon = now().checked_add(1.hour()).unwrap();
    let boxes = |per_box: &str| LineFacts {
        quote: Some(offer("9", "BX", "EUR", Some(soon))),
        packing: Some(Packing {
            quoted: Some(Factor::new(decimal(per_box), Decimal::ONE).unwrap()),
            ..packing(None, None).packing.unwrap()
        }),
        ..LineFacts::default()
    };
    let rule = guards(&[(Rule::UnitQuoted, None, Action::Correct)]);
    assert_eq!(one(line("20", "1"), boxes("10"), &guards(&[])), "");
    assert_eq!(
        one(line("20", "1"), boxes("10"), &rule),
        "UnitQuoted Correct unit EA→BX quantity 20→2 price 1→9"
    );
    // 20 pieces are no exact number of boxes of 7; nothing is guessed.
    assert_eq!(one(line("20", "1"), boxes("7"), &rule), "UnitQuoted Hold");

    let mut unknown = line("1", "10");
    unknown.unit_own = None;
    assert_eq!(
        one(unknown.clone(), LineFacts::default(), &guards(&[])),
        "UnitUnknown Hold"
    );
    let rule = guards(&[(Rule::UnitUnknown, None, Action::RejectLine)]);
    assert_eq!(one(unknown, LineFacts::default(), &rule), "UnitUnknown RejectLine");

    let mut dollars = line("1", "10");
    dollars.currency = "USD".into();
    assert_eq!(one(dollars.clone(), contract("10"), &guards(&[])), "");
    let rule = guards(&[(Rule::Currency, None, Action::RejectOrder)]);
    assert_eq!(one(dollars, contract("10"), &rule), "Currency RejectOrder");
}

#[test]
fn quantities() {
    use Rule::{Minimum, Multiple, QuantityShort};
    let minimum = |action| vec![(Minimum, None, action)];
    let multiple = |action| vec![(Multiple, None, action)];
    let short = |action| vec![(QuantityShort, None, action)];
    for (rules, quantity, known, expected) in [
        (vec![], "1", packing(Some("5"), Some("5")), ""),
        (minimum(Action::Hold), "5", packing(Some("5"), None), ""),
        (minimum(Action::Hold), "4", packing(Some("5"), None), "Minimum Hold"),
        (
            minimum(Action::Correct),
            "4",
            packing(Some("5"), None),
            "Minimum Correct quantity 4→5",
        ),
        (
            minimum(Action::Correct),
            "4",
            packing(Some("5"), Some("4")),
            "Minimum Correct quantity 4→8",
        ),
        (
            multiple(Action::Correct),
            "13",
            packing(None, Some("6")),
            "Multiple Correct quantity 13→18",
        ),
        (
            multiple(Action::RejectLine),
            "13",
            packing(None, Some("6")),
            "Multiple RejectLine",
        ),
        (short(Action::Hold), "10", stock("10", None, None), ""),
        (short(Action::Hold), "11", stock("10", None, None), "QuantityShort Hold"),
        (
            short(Action::Correct),
            "11",
            stock("10", None, None),
            "QuantityShort Correct quantity 11→10",
        ),
        (
            short(Action::Correct),
            "18",
            stock("16", None, Some("6")),
            "QuantityShort Correct quantity 18→12",
        ),
        (
            short(Action::Correct),
            "18",
            stock("0", None, None),
            "QuantityShort Hold",
        ),
        // Nobody keeps a record of the goods: nothing is known, nothing is said.
        (short(Action::Hold), "1000", packing(None, None), ""),
    ] {
        let found = one(line(quantity, "1"), known, &guards(&rules));
        assert_eq!(found, expected, "{rules:?} {quantity}");
    }
    // What is raised to the minimum is held against the stock as raised.
    let both = guards(&[(Minimum, None, Action::Correct), (QuantityShort, None, Action::Correct)]);
    let mut known = stock("4", None, None);
    known.packing.as_mut().unwrap().minimum = Some(decimal("5"));
    assert_eq!(
        one(line("3", "1"), known, &both),
        "Minimum Correct quantity 3→5; QuantityShort Correct quantity 3→4"
    );
    let mut back = line("11", "1");
    back.is_return = true;
    assert_eq!(one(back, stock("10", None, None), &guards(&short(Action::Hold))), "");
}

#[test]
fn lines_of_one_product_share_its_stock() {
    let lines = |quantities: &[&str]| -> Vec<OrderLine> {
        let numbered = quantities.iter().zip(1..).map(|(quantity, number)| OrderLine {
            position: number,
            line_number: number,
            ..line(quantity, "1")
        });
        numbered.collect()
    };
    let rule = guards(&[(Rule::QuantityShort, None, Action::Correct)]);
    let known = || vec![stock("10", None, None); 3];
    assert_eq!(
        judge(draft(lines(&["6", "6", "1"])), known(), Facts::default(), &rule),
        ["QuantityShort Correct quantity 6→4", "QuantityShort Hold"]
    );
    // A rejected line takes nothing.
    let rule = guards(&[(Rule::QuantityShort, None, Action::RejectLine)]);
    assert_eq!(
        judge(draft(lines(&["11", "6", "4"])), known(), Facts::default(), &rule),
        ["QuantityShort RejectLine"]
    );
}

#[test]
fn days() {
    let late = date(2026, 12, 4);
    let rule = |limit, action| guards(&[(Rule::DeliveryDays, limit, action)]);
    for (wanted, limit, action, expected) in [
        (None, Some("10"), Action::Hold, ""),
        (None, Some("9"), Action::Hold, "DeliveryDays Hold"),
        (None, None, Action::Correct, "DeliveryDays Correct day →2026-12-04"),
        (Some(late), None, Action::Hold, ""),
        (Some(date(2026, 12, 1)), Some("3"), Action::Hold, ""),
        (
            Some(date(2026, 12, 1)),
            Some("2"),
            Action::Correct,
            "DeliveryDays Correct day 2026-12-01→2026-12-04",
        ),
    ] {
        let mut order = draft(vec![line("1", "1")]);
        order.requested.extend(wanted.map(|wanted| (0, wanted)));
        let known = vec![stock("1", Some(late), None)];
        let found = judge(order, known, Facts::default(), &rule(limit, action));
        assert_eq!(found.join("; "), expected, "{wanted:?} {limit:?}");
    }
}

#[test]
fn freight_and_addresses() {
    let order = |shipping: Option<&str>, ship_to: Option<ShipTo>| {
        let mut order = draft(vec![line("1", "1")]);
        order.header.shipping = shipping.map(decimal);
        order.header.ship_to = ship_to;
        order
    };
    let rule = guards(&[(Rule::FreightCap, Some("10"), Action::Correct)]);
    let freight = |shipping| judge(order(shipping, None), Vec::new(), Facts::default(), &rule).join("; ");
    assert_eq!(freight(None), "");
    assert_eq!(freight(Some("10.00")), "");
    assert_eq!(freight(Some("12.50")), "FreightCap Correct freight 12.50→10");

    let code = |code: &str| ShipTo {
        address_id: Some(code.into()),
        ..ShipTo::default()
    };
    let street = |street: &str| ShipTo {
        lines: vec![street.into()],
        ..ShipTo::default()
    };
    let rule = guards(&[(Rule::AddressChange, None, Action::Hold)]);
    for (ordered, visits, known, expected) in [
        (Some(code("B1")), vec![code(" b1")], Some(false), ""),
        (Some(code("B2")), vec![code("B1")], Some(true), "AddressChange Hold"),
        (Some(code("B2")), vec![code("B1"), code("B2")], None, ""),
        (Some(street("1  Main Street")), vec![street("1 MAIN street")], None, ""),
        (
            Some(street("2 Main Street")),
            vec![street("1 Main Street")],
            None,
            "AddressChange Hold",
        ),
        (Some(street("2 Main Street")), vec![code("B1")], None, ""),
        (Some(code("B9")), vec![], Some(false), "AddressChange Hold"),
        (Some(code("B9")), vec![], Some(true), ""),
        (Some(code("B9")), vec![], None, ""),
        (None, vec![code("B1")], Some(false), ""),
    ] {
        let facts = Facts {
            visits: visits.clone(),
            address_known: known,
            ..Facts::default()
        };
        let found = judge(order(None, ordered.clone()), Vec::new(), facts, &rule);
        assert_eq!(found.join("; "), expected, "{ordered:?} {visits:?} {known:?}");
    }
}

#[test]
fn what_is_held_rejected_or_noted_is_told_apart() {
    for (action, held, noted) in [
        (Action::Accept, 0, 1),
        (Action::Correct, 0, 1),
        (Action::Hold, 1, 0),
        (Action::RejectLine, 1, 0),
        (Action::RejectOrder, 1, 0),
    ] {
        let rule = guards(&[(Rule::PriceUpPercent, None, action)]);
        let mut order = draft(vec![line("1", "9")]);
        let facts = Facts {
            lines: vec![contract("10")],
            ..Facts::default()
        };
        line::expect(&mut order.lines[0], &facts.lines[0], &rule, now());
        let checked = check(&order, &facts, &rule, now(), TODAY);
        assert_eq!((checked.held.len(), checked.noted.len()), (held, noted), "{action:?}");
        assert_eq!(checked.effects[0].position, 1);
        assert_eq!(checked.effects[0].line_number, Some(1));
    }
}
