//! Rows that a program pushes: JSON lines, each with its key, its version, and the row or that it is deleted.

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Entity;
use super::report::Fault;
use super::rows::{self, Became, Brought, ROWS_MAX, Set};
use super::table::{LINE_BYTES_MAX, Members};
use crate::config::nearest;
use crate::domain::refusal::{Code, Refusal};
use crate::service::{Error, Gateway};

/// Lists and objects within each other in a value: no column has more than one.
const DEPTH_MAX: usize = 4;

/// Characters of a source's code.
const SOURCE_CHARS_MAX: usize = 100;

/// What became of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The line's number, from 1; empty lines are counted, too.
    pub line: u64,
    /// The source's key, where it could be read.
    pub key: Option<String>,
    /// What became of it.
    pub became: Became,
}

/// Takes the rows of a body, and tells what became of each line; the gateway sees them in its next round.
///
/// # Errors
/// The source has no name, the body is no text, there are no lines or too many, or the store would not.
pub async fn take(
    gateway: &Gateway,
    tenant_id: Uuid,
    source: &str,
    entity: Entity,
    body: Vec<u8>,
) -> Result<Vec<Outcome>, Error> {
    let source = source.trim();
    if source.is_empty() || source.chars().count() > SOURCE_CHARS_MAX || source.chars().any(char::is_control) {
        let text = "Name the source of the rows by a code of 1 to 100 characters, such as source=erp.";
        return Err(Refusal::new(Code::BadRequest, text).at("source").into());
    }
    let read = tokio::task::spawn_blocking(move || lines(&body));
    let lines = read
        .await
        .map_err(|_| Error::Setting("The body could not be read to its end.".into()))??;
    let mut outcomes = Vec::with_capacity(lines.len());
    let (mut rows, mut places) = (Vec::new(), Vec::new());
    for (at, line) in lines.into_iter().enumerate() {
        let became = match line.row {
            Ok(row) => {
                places.push(at);
                rows.push(row);
                Became::Unchanged
            }
            Err(faults) => Became::Refused(faults),
        };
        outcomes.push(Outcome {
            line: line.number,
            key: line.key,
            became,
        });
    }
    let set = Set {
        source: source.to_owned(),
        kind: "push".to_owned(),
        entity,
        mapping: None,
        ties_win: false,
        rewrites: false,
        rows,
    };
    if !set.rows.is_empty() {
        let _turn = gateway.limits.push().await;
        let became = rows::rows(gateway, tenant_id, &set).await?;
        for (at, became) in places.into_iter().zip(became) {
            outcomes[at].became = became;
        }
    }
    Ok(outcomes)
}

/// One line as it was read.
#[derive(Debug)]
struct Line {
    number: u64,
    key: Option<String>,
    row: Result<Brought, Vec<Fault>>,
}

fn lines(body: &[u8]) -> Result<Vec<Line>, Refusal> {
    let bad = |text: &str| Refusal::new(Code::BadRequest, text);
    let text = std::str::from_utf8(body).map_err(|error| {
        let line = body[..error.valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        bad(&format!("The body is not UTF-8 in line {line}."))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let lines: Vec<Line> = lines
        .take(ROWS_MAX + 1)
        .map(|(text, number)| line(text, number))
        .collect();
    match lines.len() {
        0 => Err(bad("There is no row in the body; send one JSON object a line.")),
        count if count > ROWS_MAX => {
            let text = format!("There are more than {ROWS_MAX} rows; send them in pieces.");
            Err(Refusal::new(Code::TooLarge, text))
        }
        _ => Ok(lines),
    }
}

fn line(text: &str, number: u64) -> Line {
    let mut line = Line {
        number,
        key: None,
        row: Err(Vec::new()),
    };
    let mut faults = Vec::new();
    if text.len() > LINE_BYTES_MAX {
        faults.push(fault("", "is longer than 64 KiB"));
    } else {
        match serde_json::from_str::<Members<'_>>(text) {
            Ok(members) => {
                let brought = brought(&members, &mut faults);
                line.key = Some(brought.key.clone()).filter(|key| !key.is_empty());
                if faults.is_empty() {
                    line.row = Ok(brought);
                    return line;
                }
            }
            Err(error) => faults.push(fault(
                "",
                format!("is not a JSON object: see column {}", error.column()),
            )),
        }
    }
    line.row = Err(faults);
    line
}

fn brought(members: &Members<'_>, faults: &mut Vec<Fault>) -> Brought {
    let mut brought = Brought {
        key: String::new(),
        version: 0,
        row: None,
    };
    let mut is_deleted = false;
    for (at, (name, value)) in members.0.iter().enumerate() {
        let value = value.get();
        let wrong = match &**name {
            _ if members.0[..at].iter().any(|(before, _)| before == name) => Some("is there twice".to_owned()),
            "key" => match serde_json::from_str(value) {
                Ok(key) => {
                    brought.key = key;
                    None
                }
                Err(_) => Some("must be a text".to_owned()),
            },
            "version" => match serde_json::from_str(value).ok().filter(|version| *version >= 0) {
                Some(version) => {
                    brought.version = version;
                    None
                }
                None => Some(format!("must be a whole number from 0 to {}", i64::MAX)),
            },
            "deleted" => match serde_json::from_str(value) {
                Ok(word) => {
                    is_deleted = word;
                    None
                }
                Err(_) => Some("must be true or false".to_owned()),
            },
            "row" => match serde_json::from_str::<Members<'_>>(value) {
                Ok(row) => {
                    brought.row = Some(columns(&row, faults));
                    None
                }
                Err(_) => Some("must be an object with the row's columns".to_owned()),
            },
            other => {
                let near = nearest(other, ["key", "version", "row", "deleted"].into_iter());
                let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                Some(format!("is not a member of a line{near}"))
            }
        };
        faults.extend(wrong.map(|reason| fault(name, reason)));
    }
    for needed in ["key", "version"] {
        if !members.0.iter().any(|(name, _)| name == needed) {
            faults.push(fault(needed, "is missing"));
        }
    }
    let is_there = brought.row.is_some();
    if is_there == is_deleted && faults.is_empty() {
        faults.push(fault("row", "must be there, or else deleted must be true"));
    }
    brought
}

/// The columns of a row; that it is deleted is said beside it.
fn columns(row: &Members<'_>, faults: &mut Vec<Fault>) -> Map<String, Value> {
    let mut columns = Map::new();
    for (name, value) in &row.0 {
        if name == "deleted" {
            faults.push(fault(
                name,
                "is said beside the row: {\"key\": …, \"version\": …, \"deleted\": true}",
            ));
        } else if columns.contains_key(&**name) {
            faults.push(fault(name, "is there twice"));
        } else if let Some(value) = exact(value.get(), DEPTH_MAX) {
            columns.insert(name.to_string(), value);
        } else {
            faults.push(fault(name, "has too many lists or objects within each other"));
        }
    }
    columns
}

/// A value whose numbers keep every digit: as texts, which mean the same in every column. Nothing where it is too deep.
fn exact(json: &str, depth: usize) -> Option<Value> {
    let json = json.trim();
    match json.as_bytes().first()? {
        b'[' => {
            let below = depth.checked_sub(1)?;
            let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            items.iter().map(|item| exact(item.get(), below)).collect()
        }
        b'{' => {
            let below = depth.checked_sub(1)?;
            let members: Members<'_> = serde_json::from_str(json).ok()?;
            let members = members.0.iter();
            let members: Option<Map<String, Value>> = members
                .map(|(name, value)| Some((name.to_string(), exact(value.get(), below)?)))
                .collect();
            members.map(Value::Object)
        }
        b'-' | b'0'..=b'9' => Some(Value::String(json.to_owned())),
        _ => serde_json::from_str(json).ok(),
    }
}

fn fault(field: &str, reason: impl Into<String>) -> Fault {
    Fault {
        line: 0,
        field: field.to_owned(),
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<(&str, i64, Option<&str>), &[&str]>) {
        let line = line(text, 1);
        match (&line.row, expect) {
            (Ok(brought), Ok((key, version, row))) => {
                assert_eq!((brought.key.as_str(), brought.version), (key, version), "{text}");
                let given = brought.row.clone().map(|row| Value::Object(row).to_string());
                assert_eq!(given.as_deref(), row, "{text}");
            }
            (Err(faults), Err(fields)) => {
                let found: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
                assert_eq!(found, fields, "{text}: {faults:?}");
            }
            (got, _) => panic!("{text}: {got:?}"),
        }
    }

    #[test]
    fn lines_are_read_with_every_digit() {
        check(
            r#"{"key":"7","version":3,"row":{"price":12.50,"units":{"BX":1.10},"tags":["a",12345678901234567890.10,null,true]}}"#,
            Ok((
                "7",
                3,
                Some(r#"{"price":"12.50","tags":["a","12345678901234567890.10",null,true],"units":{"BX":"1.10"}}"#),
            )),
        );
        check(
            r#"{"key":"7","version":9223372036854775807,"deleted":true}"#,
            Ok(("7", i64::MAX, None)),
        );
        check(
            r#"{"key":"7","version":0,"deleted":false,"row":{}}"#,
            Ok(("7", 0, Some("{}"))),
        );
    }

    #[test]
    fn what_is_wrong_about_a_line_is_told_by_its_member() {
        check("[]", Err(&[""]));
        check("{", Err(&[""]));
        check("{}", Err(&["key", "version"]));
        check(r#"{"key":7,"version":1,"row":{}}"#, Err(&["key"]));
        check(r#"{"key":"7","version":1.5,"row":{}}"#, Err(&["version"]));
        check(r#"{"key":"7","version":-1,"row":{}}"#, Err(&["version"]));
        check(
            r#"{"key":"7","version":9223372036854775808,"row":{}}"#,
            Err(&["version"]),
        );
        check(r#"{"key":"7","version":1}"#, Err(&["row"]));
        check(r#"{"key":"7","version":1,"row":{},"deleted":true}"#, Err(&["row"]));
        check(r#"{"key":"7","version":1,"row":{"deleted":true}}"#, Err(&["deleted"]));
        check(r#"{"key":"7","key":"8","version":1,"row":{}}"#, Err(&["key"]));
        check(r#"{"key":"7","version":1,"row":{"a":1,"a":2}}"#, Err(&["a"]));
        check(r#"{"key":"7","version":1,"rows":{}}"#, Err(&["rows"]));
        check(r#"{"key":"7","version":1,"row":{"a":[[[[[1]]]]]}}"#, Err(&["a"]));
        let deep = format!(
            r#"{{"key":"7","version":1,"row":{{"a":{}{}}}}}"#,
            "[".repeat(30_000),
            "]".repeat(30_000)
        );
        check(&deep, Err(&["a"]));
        check(
            &format!(
                r#"{{"key":"7","version":1,"row":{{"a":"{}"}}}}"#,
                "x".repeat(LINE_BYTES_MAX)
            ),
            Err(&[""]),
        );
    }

    #[test]
    fn a_body_has_lines_and_not_too_many() {
        let body = "\u{feff}{\"key\":\"1\",\"version\":1,\"deleted\":true}\r\n\n{\"key\":\"2\",\"version\":1,\"deleted\":true}\n";
        let numbers: Vec<u64> = lines(body.as_bytes()).unwrap().iter().map(|line| line.number).collect();
        assert_eq!(numbers, [1, 3]);
        assert_eq!(lines(b" \n").unwrap_err().code, Code::BadRequest);
        assert!(lines(b"{}\n\xff").unwrap_err().text.contains("line 2"));
        assert_eq!(lines("{}\n".repeat(ROWS_MAX).as_bytes()).unwrap().len(), ROWS_MAX);
        assert_eq!(
            lines("{}\n".repeat(ROWS_MAX + 1).as_bytes()).unwrap_err().code,
            Code::TooLarge
        );
    }
}
