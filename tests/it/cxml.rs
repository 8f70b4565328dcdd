//! cXML documents against the reference: what real senders wrote is read as an independent parser read it.

use std::collections::BTreeMap;

use punchgate::cxml::{Document, ReadOptions, facts};
use punchgate::xml::{self, Limits};
use serde_json::Value;

use crate::reference;

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
    println!("reference: {read} read, {refused} ill-formed refused, {waiting} parts waiting");
}
