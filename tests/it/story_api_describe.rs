//! The description of the door for programs: it is what the door does, and every operation in it is exercised.

use std::collections::BTreeSet;

use punchgate::service::import::Entity;
use serde_json::{Value, json};

use crate::support::{Stand, stands};
use crate::support_api::{Program, ask, json, problem};

/// The file of the description as it was agreed.
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixture/openapi.json");

fn agreed() -> String {
    std::fs::read_to_string(FIXTURE).unwrap()
}

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
    if std::env::var_os("PUNCHGATE_TEST_RENEW").is_some() {
        std::fs::write(FIXTURE, &served).unwrap();
    }
    let agreed = agreed();
    let first = served
        .lines()
        .zip(agreed.lines())
        .position(|(now, agreed)| now != agreed);
    assert!(
        served == agreed,
        "the description differs from {FIXTURE}, first at line {:?}. If it is meant, look whether programs that exist \
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
    let document: Value = serde_json::from_str(&agreed()).unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 250, "{} references", found.len());
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
const REQUESTS: [(&str, &str, &str, &str, &str); 7] = [
    (
        "post",
        "/api/v1/sync/{entity}",
        "/api/v1/sync/products?source=erp",
        "application/x-ndjson",
        r#"{"key":"17","version":1,"row":{"sku":"P-17","name":"Bolt","base_unit":"EA"}}"#,
    ),
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
        "/api/v1/prices",
        "/api/v1/prices",
        "application/json",
        r#"{"account":"100","lines":[{"sku":"W-1","quantity":10,"unit":"EA"},{"sku":"none","quantity":"1.5"}]}"#,
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
            if kind.starts_with("application/") {
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

/// The indented blocks of the help, with lines that end in a backslash put together.
fn blocks() -> Vec<String> {
    let help = include_str!("../../templates/help/api.md");
    let mut blocks = vec![String::new()];
    for line in help.lines() {
        match (line.strip_prefix("    "), blocks.last_mut()) {
            (Some(line), Some(block)) => {
                block.push_str(line.trim_end_matches('\\'));
                block.push('\n');
            }
            _ => blocks.push(String::new()),
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

/// The words of a command as a shell reads them, apart from variables.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in command.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => words.last_mut().unwrap().push(c),
            (None, '\'' | '"') => quote = Some(c),
            (None, c) if c.is_whitespace() => words.push(String::new()),
            (None, c) => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[tokio::test]
async fn the_examples_of_the_help_do_what_it_says() {
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        let document: Value = serde_json::from_str(&agreed()).unwrap();
        let (mut commands, mut answers) = (0, 0);
        for block in blocks() {
            if block.starts_with('{') && !block.starts_with("{\"key\"") {
                let answer: Value = serde_json::from_str(&block).unwrap_or_else(|error| panic!("{block}: {error}"));
                let name = match answer.get("type") {
                    Some(_) => "Problem",
                    None if answer.get("rows").is_some() => "Synced",
                    None => "Changes",
                };
                let mut wrong = Vec::new();
                violations(
                    &document,
                    &document["components"]["schemas"][name],
                    &answer,
                    "",
                    &mut wrong,
                );
                assert!(wrong.is_empty(), "{block}: {wrong:#?}");
                answers += 1;
            }
            if !block.starts_with("curl ") {
                continue;
            }
            let words = words(&block.replace("$TOKEN", &program.token));
            let (mut headers, mut body, mut address) = (Vec::new(), None, String::new());
            let mut rest = words.iter().skip(1);
            while let Some(word) = rest.next() {
                match word.as_str() {
                    "-H" => headers.push(rest.next().unwrap().split_once(": ").unwrap()),
                    "--data" => body = rest.next().cloned(),
                    "--data-binary" => {
                        let file = rest.next().unwrap();
                        body = match file.as_str() {
                            "@order.xml" => Some(include_str!("../../templates/admin/broken.xml").to_owned()),
                            "@products.jsonl" => blocks().into_iter().find(|block| block.starts_with("{\"key\"")),
                            file => panic!("{file} is none of the help"),
                        };
                        assert!(body.is_some(), "{file} is shown");
                    }
                    url => address = url.strip_prefix("https://punchout.example.com").unwrap().to_owned(),
                }
            }
            // Nobody waits in a test.
            let address = address.replace("wait=25", "wait=0");
            let method = if body.is_some() { "POST" } else { "GET" };
            let body = body.unwrap_or_default();
            let answer = ask(&stand, method, &address, &headers, body.as_bytes()).await;
            assert!((200..300).contains(&answer.status), "{block}: {}", answer.text());
            assert!(
                json(&answer)["refused"].as_i64().is_none_or(|refused| refused == 0),
                "{}",
                answer.text()
            );
            commands += 1;
        }
        assert!(commands >= 5 && answers >= 3, "{commands} commands, {answers} answers");
    }
}
