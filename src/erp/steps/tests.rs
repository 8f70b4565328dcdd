//! Steps by what they fill in, keep and need.

use super::*;

fn known() -> Known {
    let mut known = Known::default();
    let order = r#"{"number":"PO-1","ship_to":null,"lines":[{"sku":"A","quantity":2},{"sku":"B","quantity":0.5}]}"#;
    known.set("order", Value::parse(order).unwrap());
    known.set(
        "products",
        Value::parse(r#"{"A":{"id":7},"B":{"id":8,"group.":{"name":"g"}}}"#).unwrap(),
    );
    known.set("state", Value::text("draft"));
    known.set("sale", Value::parse(r#"{"@odata.etag":"W/1"}"#).unwrap());
    known.set(
        "settings",
        Value::parse(r#"{"ui":"https://ui.example.com/x/"}"#).unwrap(),
    );
    known
}

#[test]
fn placeholders_find_their_values() {
    let check = |placeholder: &str, expect: Option<&str>| {
        let found = known().at(placeholder).map(|value| value.to_json());
        assert_eq!(found.as_deref(), expect, "{placeholder}");
    };
    check("order.number", Some("\"PO-1\""));
    check("order.lines.1.quantity", Some("0.5"));
    check("products.(order.lines.0.sku).id", Some("7"));
    check("products.B.group.name", Some("\"g\""));
    check("order.ship_to|order.number", Some("\"PO-1\""));
    check("order.ship_to", None);
    check("order.nothing", None);
    check("'order.lines.1.quantity'", Some("\"0.5\""));
    check("null", Some("null"));
    check("'order.lines.0.quantity'", Some("\"2\""));
    check("#order.lines.0.quantity", Some("2"));
    check("#order.number", None);
    check("sale.@odata.etag", Some("\"W/1\""));
}

#[test]
fn templates_are_filled_for_each_line() {
    let template = r#"[{"reference":"{order.number}","text":"no {order.number}!",
        "lines":{"for_each":"order.lines","as":"line","give":{"product":"{products.(line.sku).id}","quantity":"{line.quantity}"}}}]"#;
    let filled = known().filled(&Value::parse(template).unwrap(), 0).unwrap();
    let expect =
        r#"[{"reference":"PO-1","text":"no PO-1!","lines":[{"product":7,"quantity":2},{"product":8,"quantity":0.5}]}]"#;
    assert_eq!(filled.to_json(), expect);
    let missing = known().filled(&Value::text("{order.colour}"), 0).unwrap_err();
    assert_eq!(missing.text, "the step needs {order.colour}, which is not there");
}

#[test]
fn addresses_are_filled_so_that_a_value_stays_one() {
    let mut known = known();
    known.set("buyer", Value::text("O'Neil & Sons"));
    let check = |template: &str, expect: &str| assert_eq!(known.filled_address(template).unwrap(), expect);
    check(
        "orders?$filter=po eq '{buyer}'",
        "orders?$filter=po eq 'O%27%27Neil%20%26%20Sons'",
    );
    check("orders({state})", "orders(draft)");
    check("{settings.ui}/api/{state}", "https://ui.example.com/x/api/draft");
}

#[test]
fn conditions_say_when_a_step_is_done() {
    for (condition, expect) in [
        ("state", true),
        ("!state", false),
        ("!made", true),
        ("state=draft", true),
        ("state=quotation|draft", true),
        ("state=done", false),
        ("state!=done", true),
    ] {
        assert_eq!(known().holds(condition), expect, "{condition}");
    }
}

#[test]
fn an_answer_is_kept_as_the_step_says() {
    let step: Step = toml::from_str(
        "name = \"find\"\ncall = \"x\"\none = true\nneed = [\"sale\"]\n[keep]\nsale = \"0.id\"\nall = \"*\"\n",
    )
    .unwrap();
    let answer = Value::parse(r#"[{"id":3}]"#).unwrap();
    let kept = kept(&step, &answer).unwrap();
    assert_eq!(kept[1], ("sale".to_owned(), Value::Number("3".to_owned())));
    let two = Value::parse(r#"[{"id":3},{"id":4}]"#).unwrap();
    assert_eq!(
        super::kept(&step, &two).unwrap_err().text,
        "there are 2 of what must be one"
    );
    assert_eq!(
        needed(&step, &Known::default()).unwrap_err().text,
        "the ERP has no sale for it"
    );
}
