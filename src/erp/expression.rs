//! What a column of ours is made of: a path into the ERP's record, and what is done with what is there.
//!
//! ```text
//! default_uom.symbol                 the value at a path; `?` after a name: it may be missing
//! =USD                               a constant; `={currency}` is a value of the source's settings
//! '{name} ({id})'                    a text with values in it
//! #                                  the place of the line within its record, from 1
//! ^.name                             of the record that the line is part of
//! list_price | dec                   steps, each taking what the one before gave
//! ```

mod time;

use std::collections::BTreeMap;
use std::collections::HashMap;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use super::hook;
pub use super::path::Path;
use super::value::{Value, plain_number};
pub use time::moment;
use time::{day, local};

/// Most steps of an expression: more is a slip.
const PARTS_MAX: usize = 12;

/// Why a record does not become a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The reason.
    pub reason: String,
    /// Whether a name is missing in the record: then the ERP's records are others than the mapping says.
    pub is_missing: bool,
}

impl Refused {
    /// A record that is wrong.
    pub fn because(reason: impl Into<String>) -> Refused {
        Refused {
            reason: reason.into(),
            is_missing: false,
        }
    }
}

/// What expressions look into beside the record.
#[derive(Debug, Default)]
pub struct Beside {
    /// Values of the source's settings.
    pub settings: BTreeMap<String, Value>,
    /// Small tables of the ERP by name and key.
    pub lookups: HashMap<String, BTreeMap<String, Value>>,
    /// Words of the ERP's and ours, by name.
    pub words: BTreeMap<String, BTreeMap<String, String>>,
}

/// One record, or one line of one.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The record or line.
    pub record: &'s Value,
    /// The record that the line is part of.
    pub parent: Option<&'s Value>,
    /// The place of the line, from 1.
    pub place: usize,
    /// What is looked into beside it.
    pub beside: &'s Beside,
}

impl Scope<'_> {
    /// The value at a path.
    ///
    /// # Errors
    /// [`Refused`] where it is missing.
    pub fn at(&self, path: &Path) -> Result<Value, Refused> {
        match (path.of_parent, self.parent) {
            (true, Some(parent)) => path.of(parent),
            (true, None) => Err(Refused::because(
                "^ stands for the record of a line, and there are no lines",
            )),
            (false, _) => path.of(self.record),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Start {
    Constant(String),
    Path(Path),
    Text(Vec<Piece>),
    Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Said(String),
    Path(Path),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Number,
    Whole,
    NotZero,
    Negated,
    Day(Option<TimeZone>),
    Moment(Option<TimeZone>),
    Local,
    Days,
    Line,
    /// The word at a place of a text, from 1.
    Word(usize),
    Not,
    Place,
    Or(String),
    Unless(String),
    Join(String),
    Words(String),
    Lookup(String, Path),
    /// The same, but nothing where it is not there.
    Find(String, Path),
    Hook(hook::Hook),
}

/// One expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    start: Start,
    steps: Vec<Step>,
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Expression::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Expression, String> {
        let text = text.trim();
        let (start, steps) = match text.strip_prefix('\'').and_then(|rest| rest.split_once('\'')) {
            Some((inner, steps)) => (
                Start::Text(pieces(inner)?),
                steps.trim().strip_prefix('|').unwrap_or(""),
            ),
            None => {
                let (first, steps) = text.split_once('|').unwrap_or((text, ""));
                let start = match first.trim() {
                    "#" => Start::Place,
                    first => match first.strip_prefix('=') {
                        Some(constant) => Start::Constant(constant.to_owned()),
                        None => Start::Path(Path::parse(first)?),
                    },
                };
                (start, steps)
            }
        };
        let steps = steps.split('|').map(str::trim).filter(|step| !step.is_empty());
        let steps: Vec<Step> = steps.map(step).collect::<Result<_, _>>()?;
        if steps.len() > PARTS_MAX {
            return Err(format!("an expression has {PARTS_MAX} steps at most"));
        }
        Ok(Expression { start, steps })
    }

    /// The paths that it reads of the record.
    pub fn paths(&self) -> Vec<&Path> {
        match &self.start {
            Start::Path(path) => vec![path],
            Start::Text(pieces) => pieces
                .iter()
                .filter_map(|piece| match piece {
                    Piece::Path(path) => Some(path),
                    Piece::Said(_) => None,
                })
                .collect(),
            Start::Constant(_) | Start::Place => Vec::new(),
        }
    }

    /// The lookups and tables of words that it names.
    pub fn names(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.steps.iter().filter_map(|step| match step {
            Step::Lookup(name, _) | Step::Find(name, _) => Some(("lookup", name.as_str())),
            Step::Words(name) => Some(("words", name.as_str())),
            Step::Hook(hook) => hook.lookup().map(|name| ("lookup", name)),
            _ => None,
        })
    }

    /// What it gives for a record, as a column of an import has it; none where it gives nothing.
    ///
    /// # Errors
    /// [`Refused`] where the record is not as it should be.
    pub fn text(&self, scope: &Scope<'_>) -> Result<Option<String>, Refused> {
        let value = self.value(scope)?;
        Ok(match value {
            Value::Null => None,
            Value::Yes(yes) => Some(if yes { "yes" } else { "no" }.to_owned()),
            Value::Number(text) | Value::Text(text) => Some(text).filter(|text| !text.is_empty()),
            Value::List(_) => Some(joined(&value, "|")?).filter(|text| !text.is_empty()),
            Value::Record(_) => return Err(Refused::because("is a record, not a single value")),
        })
    }

    /// What it gives for a record.
    ///
    /// # Errors
    /// [`Refused`] where the record is not as it should be.
    pub fn value(&self, scope: &Scope<'_>) -> Result<Value, Refused> {
        let mut value = match &self.start {
            Start::Constant(text) => Value::Text(filled(text, &scope.beside.settings)?),
            Start::Path(path) => scope.at(path)?,
            Start::Place => Value::Number(scope.place.to_string()),
            Start::Text(pieces) => texts(pieces, scope)?,
        };
        for step in &self.steps {
            value = step.take(value, scope)?;
        }
        Ok(value)
    }
}

/// A text with values in it; where values are lists, one text for each of their items.
fn texts(pieces: &[Piece], scope: &Scope<'_>) -> Result<Value, Refused> {
    let mut found = Vec::with_capacity(pieces.len());
    for piece in pieces {
        found.push(match piece {
            Piece::Said(said) => Value::text(said),
            Piece::Path(path) => scope.at(path)?,
        });
    }
    let count = found
        .iter()
        .filter(|value| matches!(value, Value::List(_)))
        .map(|list| list.items().len())
        .max();
    let text_at = |place: usize| {
        let mut text = String::new();
        for value in &found {
            match value {
                Value::List(items) => text.push_str(items.get(place).and_then(Value::as_text).unwrap_or_default()),
                Value::Yes(yes) => text.push(if *yes { '1' } else { '0' }),
                other => text.push_str(other.as_text().unwrap_or_default()),
            }
        }
        match text.trim() {
            "" => Value::Null,
            text => Value::text(text),
        }
    };
    Ok(match count {
        Some(count) => Value::List((0..count).map(text_at).collect()),
        None => text_at(0),
    })
}

/// A constant with values of the settings in it.
///
/// # Errors
/// [`Refused`] names a setting that is not there.
pub fn filled(text: &str, settings: &BTreeMap<String, Value>) -> Result<String, Refused> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        let value = settings.get(name).and_then(Value::as_text);
        let value = value.ok_or_else(|| Refused::because(format!("the source's settings have no {name}")))?;
        filled.push_str(before);
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let (path, after) = after.split_once('}').ok_or("{ is not closed by }")?;
        pieces.push(Piece::Said(before.to_owned()));
        pieces.push(Piece::Path(Path::parse(path)?));
        rest = after;
    }
    pieces.push(Piece::Said(rest.to_owned()));
    Ok(pieces)
}

/// The steps that there are, for whoever wrote another.
const STEPS: &str = "dec, int, nonzero, negated, date, date:ZONE, moment, moment:ZONE, local, days, line, word:2, place, not, or:TEXT, unless:TEXT, join:TEXT, \
                     words:NAME, lookup:NAME:PATH, find:NAME:PATH, hook:NAME:…";

fn step(text: &str) -> Result<Step, String> {
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    let zone = |rest: &str| match rest {
        "" => Ok(None),
        zone => TimeZone::get(zone)
            .map(Some)
            .map_err(|_| format!("{zone} is no time zone of IANA")),
    };
    Ok(match name {
        "dec" => Step::Number,
        "int" => Step::Whole,
        "nonzero" => Step::NotZero,
        "negated" => Step::Negated,
        "date" => Step::Day(zone(rest)?),
        "moment" => Step::Moment(zone(rest)?),
        "local" => Step::Local,
        "days" => Step::Days,
        "line" => Step::Line,
        "word" => Step::Word(
            rest.parse()
                .map_err(|_| "word is written word:2, counted from 1".to_owned())?,
        ),
        "place" => Step::Place,
        "not" => Step::Not,
        "or" => Step::Or(rest.to_owned()),
        "unless" => Step::Unless(rest.to_owned()),
        "join" => Step::Join(rest.to_owned()),
        "words" if !rest.is_empty() => Step::Words(rest.to_owned()),
        "lookup" | "find" => {
            let (table, path) = rest
                .split_once(':')
                .ok_or("lookup and find are written lookup:NAME:PATH")?;
            let (table, path) = (table.to_owned(), Path::parse(path)?);
            if name == "find" {
                Step::Find(table, path)
            } else {
                Step::Lookup(table, path)
            }
        }
        "hook" => Step::Hook(hook::Hook::parse(rest)?),
        _ => return Err(format!("{text:?} is no step; there are {STEPS}")),
    })
}

impl Step {
    fn take(&self, value: Value, scope: &Scope<'_>) -> Result<Value, Refused> {
        // Of nothing comes nothing, except where something is said for it.
        match (self, &value) {
            (Step::Or(text), Value::Null) => return Ok(Value::Text(text.clone())),
            (Step::Or(text), Value::Text(said)) if said.is_empty() => return Ok(Value::Text(text.clone())),
            (Step::Or(_), _) => return Ok(value),
            (Step::Not, value) => return Ok(Value::Yes(!value.is_yes())),
            (Step::Hook(hook), _) => return hook.take(value, scope),
            (_, Value::Null) => return Ok(Value::Null),
            _ => {}
        }
        match self {
            Step::Number => number(&value).map(|number| Value::Number(number.to_string())),
            Step::Whole => {
                let number = number(&value)?;
                match number.fract().is_zero() {
                    true => Ok(Value::Number(number.trunc().to_string())),
                    false => Err(Refused::because(format!("{number} is no whole number"))),
                }
            }
            Step::NotZero => Ok(if number(&value)?.is_zero() { Value::Null } else { value }),
            Step::Negated => Ok(Value::Number((-number(&value)?).to_string())),
            Step::Days => {
                let days = number(&value)? / Decimal::from(86_400);
                Ok(Value::Number(days.ceil().to_string()))
            }
            Step::Line => {
                let lines = value.as_text().unwrap_or_default().lines().map(str::trim);
                let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
                Ok(Value::Text(lines.join(", ")))
            }
            Step::Word(place) => {
                let text = value.as_text().unwrap_or_default();
                let word = text.split_whitespace().nth(place.saturating_sub(1));
                Ok(word.map_or(Value::Null, Value::text))
            }
            Step::Place => Ok(Value::Number(place(&value).to_string())),
            Step::Day(zone) => day(&value, zone.as_ref()),
            Step::Moment(zone) => moment(&value, zone.as_ref()).map(|at| Value::Text(at.to_string())),
            Step::Unless(text) if value.as_text() == Some(text) => Ok(Value::Null),
            Step::Local => local(&value, scope.beside),
            Step::Join(between) => joined(&value, between).map(Value::Text),
            Step::Words(name) => words(name, &value, scope.beside),
            Step::Lookup(name, path) => lookup(name, path, &value, scope.beside),
            Step::Find(name, path) => {
                let table = scope.beside.lookups.get(name);
                let found = table.zip(value.as_text()).and_then(|(table, key)| table.get(key));
                found.map_or(Ok(Value::Null), |record| path.of(record))
            }
            Step::Or(_) | Step::Unless(_) | Step::Not | Step::Hook(_) => Ok(value),
        }
    }
}

/// A number that is written plainly or with an exponent.
///
/// # Errors
/// [`Refused`] where it is none.
pub fn number(value: &Value) -> Result<Decimal, Refused> {
    let text = value.as_text().unwrap_or_default();
    let plain = plain_number(text).and_then(|plain| crate::domain::money::parse_decimal(&plain).ok());
    plain.ok_or_else(|| Refused::because(format!("{} is no number of 28 digits at most", shown(value))))
}

/// A number from 1 to 4,294,967,295 for a text: the same for the same, for two others hardly ever.
fn place(value: &Value) -> u64 {
    let text = value.as_text().unwrap_or_default();
    let [a, b, c, d, e, f, g, h, ..] = openssl::sha::sha256(text.as_bytes());
    u64::from_be_bytes([a, b, c, d, e, f, g, h]) % u64::from(u32::MAX) + 1
}

fn shown(value: &Value) -> String {
    let text: String = value.to_json().chars().take(40).collect();
    text
}

fn joined(value: &Value, between: &str) -> Result<String, Refused> {
    let one = |value: &Value| value.as_text().map(str::to_owned);
    let texts: Option<Vec<String>> = match value {
        Value::List(items) => items.iter().map(one).collect(),
        other => one(other).map(|text| vec![text]),
    };
    let texts = texts.ok_or_else(|| Refused::because("is a list of other things than texts and numbers"))?;
    Ok(texts.join(between))
}

fn words(name: &str, value: &Value, beside: &Beside) -> Result<Value, Refused> {
    let table = beside.words.get(name);
    let said = match value {
        Value::Yes(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        other => other.as_text().unwrap_or_default().to_owned(),
    };
    let ours = table.and_then(|table| table.get(&said).or_else(|| table.get("*")));
    match ours.map(String::as_str) {
        Some("") => Ok(Value::Null),
        // Every other stays as it is.
        Some("*") => Ok(value.clone()),
        Some(ours) => Ok(Value::Text(ours.to_owned())),
        None => Err(Refused::because(format!(
            "{} is not in the words of {name}",
            shown(value)
        ))),
    }
}

fn lookup(name: &str, path: &Path, value: &Value, beside: &Beside) -> Result<Value, Refused> {
    let table = beside.lookups.get(name);
    let key = value.as_text().unwrap_or_default();
    match table.and_then(|table| table.get(key)) {
        Some(record) => path.of(record),
        None => Err(Refused::because(format!(
            "{} is not in the lookup {name}",
            shown(value)
        ))),
    }
}

#[cfg(test)]
mod tests;
