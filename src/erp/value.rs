//! What an ERP answers, as values whose numbers keep every digit.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// Deepest nesting of an answer: lists of records of lists need six.
const DEPTH_MAX: usize = 32;

/// One value of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// Yes or no.
    Yes(bool),
    /// A number as it was written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Named values in their order.
    Record(Vec<(String, Value)>),
}

impl Value {
    /// Reads JSON.
    ///
    /// # Errors
    /// Says why the text is no JSON, or that it is nested too deep.
    pub fn parse(text: &str) -> Result<Value, String> {
        let raw: &RawValue = serde_json::from_str(text).map_err(|error| error.to_string())?;
        read(raw.get(), 0)
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// The named value of a record.
    pub fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Record(members) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The values of a list.
    pub fn items(&self) -> &[Value] {
        match self {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// A number or text as it is written.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Number(text) | Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it says yes: not nothing, zero, empty or no.
    pub fn is_yes(&self) -> bool {
        match self {
            Value::Null => false,
            Value::Yes(yes) => *yes,
            Value::Number(text) => text.bytes().any(|byte| matches!(byte, b'1'..=b'9')),
            Value::Text(text) => !text.is_empty(),
            Value::List(items) => !items.is_empty(),
            Value::Record(_) => true,
        }
    }

    /// As JSON, numbers as they were written.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    fn write(&self, json: &mut String) {
        match self {
            Value::Null => json.push_str("null"),
            Value::Yes(yes) => json.push_str(if *yes { "true" } else { "false" }),
            Value::Number(text) => json.push_str(text),
            Value::Text(text) => json.push_str(&quoted(text)),
            Value::List(items) => {
                json.push('[');
                for (at, item) in items.iter().enumerate() {
                    json.push_str(if at > 0 { "," } else { "" });
                    item.write(json);
                }
                json.push(']');
            }
            Value::Record(members) => {
                json.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    json.push_str(if at > 0 { "," } else { "" });
                    json.push_str(&quoted(name));
                    json.push(':');
                    value.write(json);
                }
                json.push('}');
            }
        }
    }

    /// A value of a mapping file.
    pub fn from_toml(value: &toml::Value) -> Value {
        match value {
            toml::Value::String(text) => Value::Text(text.clone()),
            toml::Value::Integer(number) => Value::Number(number.to_string()),
            toml::Value::Float(number) => Value::Number(number.to_string()),
            toml::Value::Boolean(yes) => Value::Yes(*yes),
            toml::Value::Datetime(at) => Value::Text(at.to_string()),
            toml::Value::Array(items) => Value::List(items.iter().map(Value::from_toml).collect()),
            toml::Value::Table(table) => Value::Record(
                table
                    .iter()
                    .map(|(name, value)| (name.clone(), Value::from_toml(value)))
                    .collect(),
            ),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A number without an exponent, digits kept; nothing where it is none or has too many digits.
pub fn plain_number(text: &str) -> Option<String> {
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).ok().map(|value| value.to_string());
    }
    Some(text.to_owned())
}

fn read(json: &str, depth: usize) -> Result<Value, String> {
    if depth > DEPTH_MAX {
        return Err(format!("is nested deeper than {DEPTH_MAX}"));
    }
    let wrong = |error: serde_json::Error| error.to_string();
    Ok(match json.as_bytes().first() {
        Some(b'"') => Value::Text(serde_json::from_str(json).map_err(wrong)?),
        Some(b'n') => Value::Null,
        Some(b't') => Value::Yes(true),
        Some(b'f') => Value::Yes(false),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(json).map_err(wrong)?;
            let items = items.into_iter().map(|item| read(item.get(), depth + 1));
            Value::List(items.collect::<Result<_, _>>()?)
        }
        Some(b'{') => {
            let Members(members) = serde_json::from_str(json).map_err(wrong)?;
            let members = members
                .into_iter()
                .map(|(name, value)| Ok((name.into_owned(), read(value.get(), depth + 1)?)));
            Value::Record(members.collect::<Result<_, String>>()?)
        }
        _ => Value::Number(json.to_owned()),
    })
}

/// The members of a JSON object in their order.
struct Members<'t>(Vec<(Cow<'t, str>, &'t RawValue)>);

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: serde::Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'t> Visitor<'t> for InOrder {
            type Value = Members<'t>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Members<'t>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<Cow<'t, str>, &'t RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_kept() {
        let text = r#"{"a":[1.50,-0.0,12345678901234567890.123,1e-05],"b":{"ä\"":null},"c":true}"#;
        let value = Value::parse(text).unwrap();
        assert_eq!(value.to_json(), text);
        let items = value.member("a").unwrap().items();
        assert_eq!(items[0].as_text(), Some("1.50"));
        assert_eq!(plain_number("1e-05").as_deref(), Some("0.00001"));
        assert_eq!(plain_number("1e99"), None);
        assert!(!items[1].is_yes() && items[0].is_yes());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["", "{", "{\"a\":1", "[1,2", "nul", "{} {}"] {
            assert!(Value::parse(text).is_err(), "{text}");
        }
        let deep = format!("{}{}", "[".repeat(60), "]".repeat(60));
        assert_eq!(Value::parse(&deep), Err("is nested deeper than 32".to_owned()));
    }
}
