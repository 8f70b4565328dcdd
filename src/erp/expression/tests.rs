//! Expressions by their outcome.

use super::*;

fn beside() -> Beside {
    let mut beside = Beside::default();
    beside.settings.insert("currency".into(), Value::text("USD"));
    beside.settings.insert("time_zone".into(), Value::text("Europe/Berlin"));
    let units = BTreeMap::from([("7".to_owned(), Value::parse(r#"{"id":7,"symbol":"u"}"#).unwrap())]);
    beside.lookups.insert("unit".into(), units);
    let words = [("goods", "active"), ("*", ""), ("yes", "on")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    beside.words.insert("status".into(), words.into());
    beside
        .words
        .insert("open".into(), BTreeMap::from([("*".to_owned(), "*".to_owned())]));
    beside
        .words
        .insert("strict".into(), BTreeMap::from([("a".to_owned(), "b".to_owned())]));
    beside
}

const RECORD: &str = r#"{"id":7,"name":"Bolt","price":1.50,"small":1e-05,"none":null,"yes":true,"code":"",
    "uom":3,"uom.":{"symbol":"bx","in":{"x":"y"}},"lines.":[{"q":1,"p.":{"c":"A"}},{"q":2,"p.":null}],
    "day":"2026-11-30","at":"2026-11-30T23:30:00","lead":172801,"end":"/Date(253402214400000)/","odata":"/Date(1796047200000)/","zoned":"/Date(1796047200000+0060)/","type":"goods"}"#;

fn eval(text: &str) -> Result<Option<String>, Refused> {
    let (record, beside) = (Value::parse(RECORD).unwrap(), beside());
    let lines = record.member("lines.").unwrap();
    let line = &lines.items()[0];
    let is_line = text.contains('^') || text.contains('#');
    let scope = Scope {
        record: if is_line { line } else { &record },
        parent: is_line.then_some(&record),
        place: 1,
        beside: &beside,
    };
    Expression::parse(text).unwrap().text(&scope)
}

#[test]
fn expressions_give_what_columns_take() {
    let check = |text: &str, expect: Option<&str>| {
        assert_eq!(eval(text), Ok(expect.map(str::to_owned)), "{text}");
    };
    check("name", Some("Bolt"));
    check("price", Some("1.50"));
    check("small | dec", Some("0.00001"));
    check("none", None);
    check("code", None);
    check("yes", Some("yes"));
    check("uom", Some("3"));
    check("uom.symbol", Some("bx"));
    check("uom.in.x", Some("y"));
    check("gone?", None);
    check("none.further.on", None);
    check("lines.q", Some("1|2"));
    check("lines.q | join:+", Some("1+2"));
    check("=USD", Some("USD"));
    check("={currency}", Some("USD"));
    check("'{name} ({id})'", Some("Bolt (7)"));
    check("^.name", Some("Bolt"));
    check("#", Some("1"));
    check("day | date", Some("2026-11-30"));
    check("at | date:Asia/Tokyo", Some("2026-12-01"));
    check("at | moment:Europe/Berlin", Some("2026-11-30T22:30:00Z"));
    check("lead | days", Some("3"));
    check("type | words:status", Some("active"));
    check("name | words:status", None);
    check("yes | words:status", Some("on"));
    check("id | lookup:unit:symbol", Some("u"));
    check("none | or:x", Some("x"));
    check("code | or:x", Some("x"));
    check("yes | not", Some("no"));
    check("none | not", Some("yes"));
    check("price | negated", Some("-1.50"));
    check("id | int", Some("7"));
    check("uom | nonzero", Some("3"));
    check("'{lines.q}/{id}'", Some("1/7|2/7"));
    check("type | words:open", Some("goods"));
    check("code | unless:", None);
    check("day | unless:2026-11-30", None);
    check("day | unless:0001-01-01 | date", Some("2026-11-30"));
    check("id | find:unit:symbol", Some("u"));
    check("name | find:unit:symbol", None);
    check("odata | date", Some("2026-11-30"));
    check("end | date | unless:9999-12-31", None);
    check("end | date", Some("9999-12-31"));
    check("odata | moment", Some("2026-11-30T14:00:00Z"));
    check("zoned | moment", Some("2026-11-30T14:00:00Z"));
    check("day | moment", Some("2026-11-30T00:00:00Z"));
    check("at | local", Some("2026-12-01T00:30:00"));
    check("name | place", Some("3111781655"));
}

#[test]
fn what_is_not_as_it_should_be_is_refused_with_its_reason() {
    let check = |text: &str, reason: &str, is_missing: bool| {
        let expect = Refused {
            reason: reason.to_owned(),
            is_missing,
        };
        assert_eq!(eval(text), Err(expect), "{text}");
    };
    check("gone", "the ERP's record has no gone", true);
    check("uom.colour", "the ERP's record has no uom.colour", true);
    check(
        "name.x",
        "name is a single value in the ERP's record, it has no x",
        false,
    );
    check("name | dec", "\"Bolt\" is no number of 28 digits at most", false);
    check("price | int", "1.50 is no whole number", false);
    check("name | words:strict", "\"Bolt\" is not in the words of strict", false);
    check("price | lookup:unit:symbol", "1.50 is not in the lookup unit", false);
    check(
        "at | date",
        "\"2026-11-30T23:30:00\" is no day such as 2026-11-30",
        false,
    );
    check(
        "name | moment",
        "\"Bolt\" is no moment such as 2026-11-30T14:00:00Z",
        false,
    );
    check("={nothing}", "the source's settings have no nothing", false);
    check("uom.in", "is a record, not a single value", false);
}

#[test]
fn slips_are_told() {
    let check = |text: &str, part: &str| {
        let error = Expression::parse(text).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    };
    check("", "is no name in a path");
    check("a b", "\"a b\" is no name in a path such as product.code");
    check("a..b", "is no name");
    check("a | decimal", "\"decimal\" is no step; there are dec, int");
    check("a | date:Mars/Base", "Mars/Base is no time zone of IANA");
    check("a | lookup:x", "lookup:NAME:PATH");
    check("a | hook:nothing", "nothing");
    check("'{a'", "not closed");
}
