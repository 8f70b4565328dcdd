//! The description of the door for programs: it is what the door does, and every operation in it is exercised.

use std::collections::BTreeSet;

use punchgate::service::import::Entity;
use serde_json::{Value, json};

use crate::support::{Stand, stands};
use crate::support_api::{Program, ask, json, problem};

/// The description as it was agreed.
const AGREED: &str = include_str!("fixture/openapi.json");

async fn served(stand: &Stand) -> String {
    let answer = ask(stand, "GET", "/api/v1/openapi.json", &[], b"").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json"))
    );
    answer.text()
}

#[tokio::test]
async fn the_description_is_as_agreed() {
    let stands = stands().await;
    let served = served(&stands[0]).await;
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixture/openapi.json");
    if std::env::var_os("PUNCHGATE_TEST_RENEW").is_some() {
        std::fs::write(fixture, &served).unwrap();
        return;
    }
    let first = served
        .lines()
        .zip(AGREED.lines())
        .position(|(now, agreed)| now != agreed);
    assert!(
        served == AGREED,
        "the description differs from {fixture}, first at line {:?}. If it is meant, look whether programs that exist \
         still work, and renew it: PUNCHGATE_TEST_RENEW=1 cargo test --test it the_description_is_as_agreed",
        first.map(|line| line + 1)
    );
}

/// Every reference of a document, and where it leads.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                found.push(reference);
            }
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_description_is_whole() {
    let document: Value = serde_json::from_str(AGREED).unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 300, "{} references", found.len());
    for reference in found {
        let place = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{reference} leads nowhere");
    }
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for entity in Entity::ALL {
        let row = &schemas[&format!("row_{}", entity.word())];
        let (required, optional) = entity.columns();
        let columns: BTreeSet<&str> = required
            .iter()
            .chain(optional)
            .copied()
            .filter(|name| *name != "deleted")
            .collect();
        let described: BTreeSet<&str> = row["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(described, columns, "{}", entity.word());
        assert_eq!(row["required"], json!(required));
    }
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(
                ids.insert(operation["operationId"].as_str().unwrap()),
                "{method} {path}"
            );
            assert!(operation["responses"].get("429").is_some(), "{method} {path}");
        }
    }
}

/// What is wrong with a value by a schema of the description; of schemas, what the description uses.
fn violations(document: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(&reference[1..]).unwrap();
        return violations(document, target, value, at, wrong);
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    };
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(kind)) {
        wrong.push(format!("{at}: {value} is no {kinds:?}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        wrong.push(format!("{at}: {value} is none of {words:?}"));
    }
    for name in schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if value.get(name).is_none() {
            wrong.push(format!("{at}: {name} is missing"));
        }
    }
    let properties = schema["properties"].as_object();
    for (name, member) in value.as_object().into_iter().flatten() {
        match properties.and_then(|properties| properties.get(name)) {
            Some(schema) => violations(document, schema, member, &format!("{at}/{name}"), wrong),
            None if properties.is_some() => wrong.push(format!("{at}: {name} is not described")),
            None => {}
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        violations(document, &schema["items"], item, &format!("{at}/{index}"), wrong);
    }
}

/// One request for each operation: method, path of the description, address, kind of body, body.
const REQUESTS: [(&str, &str, &str, &str, &str); 5] = [
    (
        "get",
        "/api/v1/changes",
        "/api/v1/changes?after=0&limit=5&wait=0",
        "",
        "",
    ),
    (
        "post",
        "/api/v1/events",
        "/api/v1/events",
        "application/json",
        r#"{"source":"erp","events":[{"entity":"products","key":"17"}]}"#,
    ),
    (
        "post",
        "/api/v1/validate",
        "/api/v1/validate",
        "text/xml",
        include_str!("../../templates/admin/broken.xml"),
    ),
    ("get", "/api/v1/openapi.json", "/api/v1/openapi.json", "", ""),
    ("get", "/api/v1/problems/{name}", "/api/v1/problems/too-many", "", ""),
];

#[tokio::test]
async fn every_operation_answers_as_described() {
    for stand in stands().await {
        let document: Value = serde_json::from_str(&served(&stand).await).unwrap();
        let program = Program::with_all(&stand).await;
        let mut exercised = BTreeSet::new();
        for (method, path, address, kind, body) in REQUESTS {
            let operation = &document["paths"][path][method];
            let answer = program
                .ask(&method.to_uppercase(), address, kind, body.as_bytes())
                .await;
            let response = &operation["responses"][answer.status.to_string()];
            assert!(
                response.is_object(),
                "{method} {path}: {} {}",
                answer.status,
                answer.text()
            );
            assert!(
                (200..300).contains(&answer.status),
                "{method} {path}: {}",
                answer.text()
            );
            let sent = answer.header("content-type").unwrap();
            let schema = &response["content"][sent]["schema"];
            assert!(schema.is_object(), "{method} {path}: {sent} is not described");
            let mut wrong = Vec::new();
            violations(&document, schema, &json(&answer), "", &mut wrong);
            assert!(wrong.is_empty(), "{method} {path}: {wrong:#?}");
            if kind == "application/json" {
                let schema = &operation["requestBody"]["content"][kind]["schema"];
                violations(&document, schema, &serde_json::from_str(body).unwrap(), "", &mut wrong);
                assert!(wrong.is_empty(), "the body of {method} {path}: {wrong:#?}");
            }
            exercised.insert((path.to_owned(), method.to_owned()));

            let nobody = ask(
                &stand,
                &method.to_uppercase(),
                address,
                &[("Content-Type", kind)],
                body.as_bytes(),
            )
            .await;
            match operation["security"].as_array().unwrap().is_empty() {
                true => assert_eq!(nobody.status, answer.status, "{method} {path}"),
                false => {
                    let told = problem(&nobody, 401);
                    let schema = &document["components"]["schemas"]["Problem"];
                    violations(&document, schema, &told, "", &mut wrong);
                    assert!(wrong.is_empty(), "{wrong:#?}");
                }
            }
        }
        let described: BTreeSet<(String, String)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, methods)| {
                methods
                    .as_object()
                    .unwrap()
                    .keys()
                    .map(move |method| (path.clone(), method.clone()))
            })
            .collect();
        assert_eq!(exercised, described, "every operation is exercised, and described");
    }
}

#[tokio::test]
async fn every_type_of_problem_is_described_at_its_address() {
    let stands = stands().await;
    let told = problem(&ask(&stands[0], "GET", "/api/v1/changes", &[], b"").await, 401);
    let address = told["type"].as_str().unwrap();
    let described = json(&ask(&stands[0], "GET", address, &[], b"").await);
    for member in ["type", "title", "status"] {
        assert_eq!(described[member], told[member]);
    }
}
