//! Where a value of a record is: names with points between them.

use serde::{Deserialize, Deserializer};

use super::expression::Refused;
use super::value::Value;

/// Most parts of a path: more is a slip.
const PARTS_MAX: usize = 12;
/// What is between the values of a key of several.
const BETWEEN: &str = "/";

/// Where a value is: names in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    names: Vec<Name>,
    /// Whether it begins at the record that a line is part of.
    pub of_parent: bool,
    /// Values that belong to it: `CardCode+ItemCode` is a key of two.
    and: Vec<Path>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    text: String,
    may_be_missing: bool,
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Path::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl Path {
    /// The record itself.
    pub fn empty() -> Path {
        Path {
            names: Vec::new(),
            of_parent: false,
            and: Vec::new(),
        }
    }

    /// Reads a path, or several with `+` between them.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Path, String> {
        let mut paths = text.split('+').map(|text| Path::parse_one(text.trim()));
        let first = paths.next().unwrap_or_else(|| Ok(Path::empty()))?;
        Ok(Path {
            and: paths.collect::<Result<_, _>>()?,
            ..first
        })
    }

    fn parse_one(text: &str) -> Result<Path, String> {
        let (of_parent, rest) = match text.strip_prefix("^.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let names = rest.split('.').map(|part| {
            let (text, may_be_missing) = match part.strip_suffix('?') {
                Some(text) => (text, true),
                None => (part, false),
            };
            let is_good = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-@$:/".contains(c));
            is_good
                .then(|| Name {
                    text: text.to_owned(),
                    may_be_missing,
                })
                .ok_or_else(|| format!("{part:?} is no name in a path such as product.code"))
        });
        let names: Vec<Name> = names.collect::<Result<_, _>>()?;
        if names.len() > PARTS_MAX {
            return Err(format!("a path has {PARTS_MAX} names at most"));
        }
        Ok(Path {
            names,
            of_parent,
            and: Vec::new(),
        })
    }

    /// The path as the ERP knows it; of several, commas are between them.
    pub fn dotted(&self) -> String {
        let names: Vec<&str> = self.names.iter().map(|name| name.text.as_str()).collect();
        let first = std::iter::once(names.join("."));
        let all: Vec<String> = first.chain(self.and.iter().map(Path::dotted)).collect();
        all.join(",")
    }

    /// All names but the last, and the last.
    pub fn last(&self) -> Option<(Path, Path)> {
        let (last, before) = self.names.split_last()?;
        let path = |names: &[Name], of_parent| Path {
            names: names.to_vec(),
            of_parent,
            and: Vec::new(),
        };
        (!before.is_empty()).then(|| (path(before, self.of_parent), path(std::slice::from_ref(last), false)))
    }

    /// The value there; of a list the values of all; of several one text.
    ///
    /// # Errors
    /// [`Refused`] where a name is missing that may not be, or one of several has no value.
    pub fn of(&self, record: &Value) -> Result<Value, Refused> {
        let first = walk(record, &self.names, &self.names)?;
        if self.and.is_empty() {
            return Ok(first);
        }
        let mut texts = Vec::with_capacity(self.and.len() + 1);
        for value in std::iter::once(Ok(first)).chain(self.and.iter().map(|path| path.of(record))) {
            let value = value?;
            let text = value.as_text().filter(|text| !text.is_empty()).map(str::to_owned);
            texts.push(text.ok_or_else(|| Refused::because(format!("the record has no {}", self.dotted())))?);
        }
        Ok(Value::Text(texts.join(BETWEEN)))
    }
}

fn walk(value: &Value, names: &[Name], all: &[Name]) -> Result<Value, Refused> {
    let Some((name, rest)) = names.split_first() else {
        return Ok(value.clone());
    };
    match value {
        Value::Null => Ok(Value::Null),
        Value::List(items) => {
            // A number is a place in a list, from 0.
            if let Ok(place) = name.text.parse::<usize>() {
                return items.get(place).map_or(Ok(Value::Null), |item| walk(item, rest, all));
            }
            let items = items.iter().map(|item| walk(item, names, all));
            Ok(Value::List(items.collect::<Result<_, _>>()?))
        }
        Value::Record(_) => {
            // What a record refers to is beside its identifier, under the name with a point.
            let pointed = format!("{}.", name.text);
            let (first, second) = match rest.is_empty() {
                true => (name.text.as_str(), pointed.as_str()),
                false => (pointed.as_str(), name.text.as_str()),
            };
            match value.member(first).or_else(|| value.member(second)) {
                Some(found) => walk(found, rest, all),
                None if name.may_be_missing => Ok(Value::Null),
                None => Err(Refused {
                    reason: format!("the ERP's record has no {}", dotted(all)),
                    is_missing: true,
                }),
            }
        }
        _ => Err(Refused::because(format!(
            "{} is a single value in the ERP's record, it has no {}",
            dotted(&all[..all.len() - names.len()]),
            name.text
        ))),
    }
}

fn dotted(names: &[Name]) -> String {
    let names: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
    names.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_several_values_and_places_in_lists() {
        let record = Value::parse(r#"{"card":"C1","item":7,"group":[3,"All"],"none":null}"#).unwrap();
        let at = |text: &str| Path::parse(text).unwrap().of(&record);
        assert_eq!(at("card+item"), Ok(Value::text("C1/7")));
        assert_eq!(Path::parse("card + item").unwrap().dotted(), "card,item");
        assert_eq!(at("group.0"), Ok(Value::Number("3".to_owned())));
        assert_eq!(at("group.5"), Ok(Value::Null));
        assert_eq!(at("none.0"), Ok(Value::Null));
        assert_eq!(at("card+none").unwrap_err().reason, "the record has no card,none");
    }
}
