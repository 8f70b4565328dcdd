//! Mapping files by what is wrong with them, and by the rows that records become.

use super::*;

fn columns(rows: &str) -> Option<(&'static [&'static str], &'static [&'static str])> {
    match rows {
        "products" => Some((&["sku"], &["name", "categories", "deleted"])),
        "rules" => Some((&["list", "position"], &["sku", "price"])),
        _ => None,
    }
}

const GOOD: &str = r##"kind = "test"
version = "1"
transport = "file"

[words.status]
A = "active"

[[lookup]]
name = "unit"
from = "unit"
fields = ["symbol"]

[[entity]]
name = "product"
rows = "products"
from = "item"
when = ["salable", "!archived", "type=goods"]
[entity.columns]
sku = "code"
name = "'{name} ({code})'"

[[entity]]
name = "rule"
rows = "rules"
from = "list"
lines = "lines"
sort = ["sequence", "id"]
when = ["type!=text"]
[entity.columns]
list = "^.name"
position = "#"
sku = "product.code"
price = "price | dec"
"##;

#[test]
fn a_good_file_says_what_is_asked_for() {
    let mapping = Mapping::parse(GOOD, columns).unwrap();
    assert_eq!(
        mapping.entity[0].fields(),
        ["archived", "code", "id", "name", "salable", "type"]
    );
    assert_eq!(
        mapping.entity[1].fields(),
        [
            "id",
            "lines.id",
            "lines.price",
            "lines.product.code",
            "lines.sequence",
            "lines.type",
            "name"
        ]
    );
}

#[test]
fn every_slip_has_its_line_and_key() {
    let check = |from: &str, to: &str, expect: &[&str]| {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "{from}");
        let wrong = Mapping::parse(&text, columns).unwrap_err();
        let said: Vec<String> = wrong.iter().map(Wrong::to_string).collect();
        assert_eq!(said, expect, "{to}");
    };
    check(
        "rows = \"products\"",
        "rows = \"product\"",
        &["line 15, product.rows: product is no kind of rows, such as products"],
    );
    check(
        "sku = \"code\"",
        "colour = \"code\"",
        &[
            "line 14, product: has no column sku, which products must have",
            "line 19, product.columns.colour: products have no such column",
        ],
    );
    check(
        "sku = \"code\"",
        "sku = \"code | words:colour\"",
        &["line 19, product.columns.sku: there is no words colour"],
    );
    check(
        "sku = \"code\"",
        "sku = \"code | lookup:unit:symbol | lookup:colour:x\"",
        &["line 19, product.columns.sku: there is no lookup colour"],
    );
    check(
        "sku = \"code\"",
        "sku = \"code | decimal\"",
        &[
            "line 19: \"decimal\" is no step; there are dec, int, nonzero, negated, date, date:ZONE, moment, moment:ZONE, \
           local, days, line, word:2, place, not, or:TEXT, unless:TEXT, join:TEXT, words:NAME, lookup:NAME:PATH, find:NAME:PATH, hook:NAME:…",
        ],
    );
    check(
        "name = \"rule\"",
        "name = \"product\"",
        &["line 23, product: is there twice"],
    );
    check(
        "transport = \"file\"",
        "transport = \"rest\"",
        &["line 1, transport: needs a section [rest]"],
    );
    check(
        "from = \"item\"",
        "form = \"item\"",
        &[
            "line 16: unknown field `form`, expected one of `name`, `rows`, `from`, `filter`, `context`, `key`, `changed`, \
             `overlap_seconds`, `reconcile_minutes`, `full_hours`, `gone_percent_max`, `age_minutes`, `rejects_percent`, `page_rows`, `for_each`, `lines`, \
             `once`, `sort`, `also`, `when`, `columns`",
        ],
    );
}

#[test]
fn records_become_rows() {
    let mapping = Mapping::parse(GOOD, columns).unwrap();
    let beside = Beside::default();
    let rows = |at: usize, record: &str| {
        let record = Value::parse(record).unwrap();
        let rows = mapping.entity[at].rows_of(&record, None, &beside)?;
        Ok::<_, Refused>(rows.into_iter().map(|row| format!("{row:?}")).collect::<Vec<_>>())
    };
    let product = r#"{"id":1,"code":"A","name":"Bolt","salable":true,"archived":false,"type":"goods"}"#;
    assert_eq!(rows(0, product).unwrap(), [r#"{"name": "Bolt (A)", "sku": "A"}"#]);
    for other in [
        product.replace("\"salable\":true", "\"salable\":null"),
        product.replace("\"archived\":false", "\"archived\":1"),
        product.replace("goods", "service"),
    ] {
        assert!(rows(0, &other).unwrap().is_empty(), "{other}");
    }
    let renamed = product.replace("\"salable\"", "\"sellable\"");
    assert!(rows(0, &renamed).unwrap_err().is_missing);
    let list = r#"{"id":1,"name":"L","lines.":[
        {"id":9,"sequence":20,"type":"line","product.":{"code":"B"},"price":"2"},
        {"id":3,"sequence":null,"type":"line","product.":null,"price":1.5},
        {"id":4,"sequence":20,"type":"text","product.":null,"price":null},
        {"id":5,"sequence":100,"type":"line","product.":null,"price":null}]}"#;
    assert_eq!(
        rows(1, list).unwrap(),
        [
            r#"{"list": "L", "position": "1", "price": "1.5"}"#,
            r#"{"list": "L", "position": "3", "price": "2", "sku": "B"}"#,
            r#"{"list": "L", "position": "4"}"#,
        ]
    );
    let wrong = list.replace("1.5", "\"x\"");
    assert_eq!(
        rows(1, &wrong).unwrap_err().reason,
        "price: \"x\" is no number of 28 digits at most"
    );
}

/// The names that a section may have, as the reader of mapping files tells them of one that it does not know.
fn known(text: &str) -> Vec<String> {
    let wrong = Mapping::parse(text, columns).unwrap_err();
    let (_, names) = wrong[0].reason.split_once("expected ").unwrap();
    // Of two names it says "or".
    let names = names.trim_start_matches("one of ").replace(" or ", ", ");
    let mut names: Vec<String> = names
        .split(", ")
        .map(|name| name.trim_matches('`').to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn the_schema_has_the_names_that_are_read() {
    let schema: serde_json::Value = serde_json::from_str(crate::erp::SCHEMA).unwrap();
    let names = |pointer: &str| -> Vec<String> {
        let properties = schema.pointer(pointer).unwrap().as_object().unwrap();
        properties.keys().cloned().collect()
    };
    for (text, pointer) in [
        ("x = 1", "/properties"),
        ("[json-rpc]\nx = 1", "/properties/json-rpc/properties"),
        ("[rest]\nx = 1", "/properties/rest/properties"),
        ("[rest.csrf]\nx = 1", "/properties/rest/properties/csrf/properties"),
        ("[limits]\nx = 1", "/properties/limits/properties"),
        ("[[lookup]]\nx = 1", "/properties/lookup/items/properties"),
        ("[[entity]]\nx = 1", "/properties/entity/items/properties"),
        ("[order]\nx = 1", "/properties/order/properties"),
        ("[[order.create]]\nx = 1", "/$defs/step/properties"),
        ("[webhook]\nx = 1", "/properties/webhook/properties"),
        ("[price]\nx = 1", "/properties/price/properties"),
        ("[order_check]\nx = 1", "/properties/order_check/properties"),
        ("[[field]]\nx = 1", "/properties/field/items/properties"),
    ] {
        assert_eq!(names(pointer), known(text), "{pointer}");
    }
}
