//! A mapping file: how one kind of ERP is asked, and what its records become.

mod lookup;
mod spoken;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::expression::{Beside, Expression, Path, Refused, Scope, filled};
use super::owner::FieldChange;
use super::questions::{OrderQuestion, PriceQuestion};
use super::steps::Orders;
use super::value::Value;
use super::webhook::Webhook;

pub use lookup::{Found, Lookup};
pub use spoken::{Csrf, JsonRpc, Limits, Login, Rest};

/// Largest mapping file.
const BYTES_MAX: usize = 1 << 20;
/// Most entities, and most lookups.
const ENTITIES_MAX: usize = 100;

/// A mapping file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The kind of ERP: `tryton`.
    pub kind: String,
    /// The version of this mapping; every row says by which it was made.
    pub version: String,
    /// How the ERP is spoken to.
    pub transport: Transport,
    /// How JSON-RPC is spoken.
    #[serde(rename = "json-rpc")]
    pub json_rpc: Option<JsonRpc>,
    /// How REST or OData is spoken.
    pub rest: Option<Rest>,
    /// Settings that a source must give, each with what it is.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Limits of what is asked.
    #[serde(default)]
    pub limits: Limits,
    /// Words of the ERP's and ours, by the name under which expressions use them.
    #[serde(default)]
    pub words: BTreeMap<String, BTreeMap<String, String>>,
    /// Small tables that expressions look into; read wholly at the beginning of each run.
    #[serde(default)]
    pub lookup: Vec<Lookup>,
    /// What is brought, in the order in which rows depend on each other.
    pub entity: Vec<Entity>,
    /// How its messages are read; none where it sends none.
    pub webhook: Option<Webhook>,
    /// How it is asked for its own prices; none where it is not.
    pub price: Option<PriceQuestion>,
    /// How it is asked for an order; none where it is not.
    pub order_check: Option<OrderQuestion>,
    /// Who owns what, where it is not as usual.
    #[serde(default)]
    pub field: Vec<FieldChange>,
    /// What is done with orders; none where they are not handed on this way.
    pub order: Option<Orders>,
}

/// How an ERP is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// JSON-RPC with a session.
    JsonRpc,
    /// Pages of JSON over HTTP.
    Rest,
    /// Files in a folder.
    File,
    /// Statements to a PostgreSQL that only read.
    Sql,
}

/// What becomes one kind of row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Its name, by which it is run alone.
    pub name: Spanned<String>,
    /// The rows: the name of a file of the import, `products`.
    pub rows: Spanned<String>,
    /// The ERP's model, path or file.
    pub from: String,
    /// Which of its records, in the ERP's own words.
    pub filter: Option<toml::Value>,
    /// What goes with the question.
    #[serde(default)]
    pub context: toml::Table,
    /// The records' key; `CardCode+ItemCode` is one of two values.
    #[serde(default = "id")]
    pub key: Path,
    /// The moments of the last change; without one every run reads all.
    #[serde(default)]
    pub changed: Vec<Path>,
    /// Seconds before the last moment that are asked for again: for transactions that began then and ended late.
    #[serde(default = "overlap_seconds")]
    pub overlap_seconds: i64,
    /// Minutes after which the keys are compared, so that what is gone is found.
    #[serde(default = "reconcile_minutes")]
    pub reconcile_minutes: i64,
    /// Hours after which everything is read.
    #[serde(default = "full_hours")]
    pub full_hours: i64,
    /// Share of the rows that may be gone at once; of more a person must say so.
    #[serde(default = "gone_percent_max")]
    pub gone_percent_max: usize,
    /// Minutes without a run that came to its end after which somebody should look.
    pub age_minutes: Option<i64>,
    /// Refused rows in a hundred of which more are to be looked at.
    pub rejects_percent: Option<i64>,
    /// Records of a page, where they are larger or smaller than others.
    pub page_rows: Option<usize>,
    /// The lookup for each of whose records the question is asked once; `{each.FIELD}` stands for its fields.
    pub for_each: Option<String>,
    /// The list in a record whose items become the rows; of a list within a list, each has its outer line as `up`.
    pub lines: Option<Path>,
    /// Whether several records may give one row, of which the first counts: units and lists that records only name.
    #[serde(default)]
    pub once: bool,
    /// What the lines are sorted by.
    #[serde(default)]
    pub sort: Vec<Path>,
    /// What is asked for beside what expressions read: for hooks.
    #[serde(default)]
    pub also: Vec<Path>,
    /// What must be said by a record or line: `salable`, `!archived`, `type=goods|service`, `currency!={currency}`,
    /// `unit!=.base_unit`.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// The columns of the row.
    pub columns: BTreeMap<String, Spanned<Expression>>,
}

fn id() -> Path {
    Path::parse("id").unwrap_or_else(|_| Path::empty())
}

fn overlap_seconds() -> i64 {
    300
}

fn reconcile_minutes() -> i64 {
    60
}

fn full_hours() -> i64 {
    24
}

fn gone_percent_max() -> usize {
    20
}

/// Something that a record must say.
#[derive(Clone, Debug)]
pub struct Condition {
    path: Path,
    /// The word that is to be there, or not; none where yes or no is meant.
    word: Option<String>,
    is_negated: bool,
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (path, word, is_negated) = match (text.split_once("!="), text.split_once('='), text.strip_prefix('!')) {
            (Some((path, word)), ..) => (path, Some(word.to_owned()), true),
            (None, Some((path, word)), _) => (path, Some(word.to_owned()), false),
            (None, None, Some(path)) => (path, None, true),
            (None, None, None) => (text.as_str(), None, false),
        };
        Ok(Condition {
            path: Path::parse(path.trim()).map_err(serde::de::Error::custom)?,
            word,
            is_negated,
        })
    }
}

impl Condition {
    fn holds(&self, scope: &Scope<'_>) -> Result<bool, Refused> {
        let value = scope.at(&self.path)?;
        let says = match &self.word {
            Some(word) => {
                let said = value.as_text();
                match word.strip_prefix('.') {
                    Some(other) => said == scope.at(&Path::parse(other).map_err(Refused::because)?)?.as_text(),
                    None => {
                        let words = filled(word, &scope.beside.settings)?;
                        words.split('|').any(|word| said.unwrap_or_default() == word)
                    }
                }
            }
            None => value.is_yes(),
        };
        Ok(says != self.is_negated)
    }
}

/// Something wrong in a mapping file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The line, from 1.
    pub line: usize,
    /// Where: the entity and its key.
    pub place: String,
    /// What.
    pub reason: String,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place.as_str() {
            "" => write!(f, "line {}: {}", self.line, self.reason),
            place => write!(f, "line {}, {place}: {}", self.line, self.reason),
        }
    }
}

/// The columns of each kind of row: those that must be there, and the others.
pub type Columns = fn(&str) -> Option<(&'static [&'static str], &'static [&'static str])>;

impl Mapping {
    /// Reads a mapping file and holds it against the columns that rows have.
    ///
    /// # Errors
    /// Everything that is wrong, each with its line; of a file that is no TOML the first.
    pub fn parse(text: &str, columns: Columns) -> Result<Mapping, Vec<Wrong>> {
        let at = |offset: usize| {
            text.as_bytes()
                .iter()
                .take(offset)
                .filter(|byte| **byte == b'\n')
                .count()
                + 1
        };
        let whole = |line, reason: String| Wrong {
            line,
            place: String::new(),
            reason,
        };
        if text.len() > BYTES_MAX {
            return Err(vec![whole(1, "is larger than 1 MiB".to_owned())]);
        }
        let mapping: Mapping = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| at(span.start));
            vec![whole(line, error.message().to_owned())]
        })?;
        let mut wrong = Vec::new();
        mapping.examine(columns, |offset, place, reason| {
            wrong.push(Wrong {
                line: at(offset),
                place,
                reason,
            });
        });
        if wrong.is_empty() { Ok(mapping) } else { Err(wrong) }
    }

    fn examine(&self, columns: Columns, mut wrong: impl FnMut(usize, String, String)) {
        let section = match self.transport {
            Transport::JsonRpc => self.json_rpc.is_some().then_some(()).ok_or("[json-rpc]"),
            Transport::Rest => self.rest.is_some().then_some(()).ok_or("[rest]"),
            Transport::File | Transport::Sql => Ok(()),
        };
        if let Err(section) = section {
            wrong(0, "transport".to_owned(), format!("needs a section {section}"));
        }
        if self.entity.len() > ENTITIES_MAX || self.lookup.len() > ENTITIES_MAX {
            wrong(
                0,
                String::new(),
                format!("has more than {ENTITIES_MAX} entities or lookups"),
            );
        }
        if self.limits.page_rows == 0 || self.limits.questions_per_second == 0 || self.limits.tries == 0 {
            wrong(
                0,
                "limits".to_owned(),
                "page_rows, questions_per_second and tries are 1 or more".to_owned(),
            );
        }
        if let Some(order) = &self.order
            && [&order.create, &order.cancel, &order.made]
                .iter()
                .any(|steps| steps.len() > ENTITIES_MAX)
        {
            wrong(0, "order".to_owned(), format!("has more than {ENTITIES_MAX} steps"));
        }
        if self.transport == Transport::Sql {
            let lookups = self.lookup.iter().map(|lookup| (lookup.name.as_str(), 0, &lookup.from));
            let entities = self.entity.iter().map(|entity| {
                let name = &entity.name;
                (name.get_ref().as_str(), name.span().start, &entity.from)
            });
            for (name, at, statement) in lookups.chain(entities) {
                if let Err(reason) = super::sql::examine(statement) {
                    wrong(at, format!("{name}.from"), reason);
                }
            }
        }
        let lookups: BTreeSet<&str> = self.lookup.iter().map(|lookup| lookup.name.as_str()).collect();
        let mut seen = BTreeSet::new();
        for entity in &self.entity {
            let name = entity.name.get_ref();
            let start = entity.name.span().start;
            if !seen.insert(name) {
                wrong(start, name.clone(), "is there twice".to_owned());
            }
            if let Some(lookup) = entity.for_each.as_deref().filter(|lookup| !lookups.contains(lookup)) {
                wrong(
                    start,
                    format!("{name}.for_each"),
                    format!("there is no lookup {lookup}"),
                );
            }
            let rows = entity.rows.get_ref();
            let Some((required, optional)) = columns(rows) else {
                let reason = format!("{rows} is no kind of rows, such as products");
                wrong(entity.rows.span().start, format!("{name}.rows"), reason);
                continue;
            };
            for needed in required.iter().filter(|needed| !entity.columns.contains_key(**needed)) {
                wrong(
                    start,
                    name.clone(),
                    format!("has no column {needed}, which {rows} must have"),
                );
            }
            for (column, expression) in &entity.columns {
                let at = expression.span().start;
                let place = format!("{name}.columns.{column}");
                if column == "deleted" || ![required, optional].concat().contains(&column.as_str()) {
                    wrong(at, place.clone(), format!("{rows} have no such column"));
                }
                for (what, named) in expression.get_ref().names() {
                    let is_known = match what {
                        "lookup" => lookups.contains(named),
                        _ => self.words.contains_key(named),
                    };
                    if !is_known {
                        wrong(at, place.clone(), format!("there is no {what} {named}"));
                    }
                }
            }
        }
    }
}

/// One row that a record becomes: its columns.
pub type Row = BTreeMap<String, String>;

impl Entity {
    /// The fields to ask for: those that expressions read.
    pub fn fields(&self) -> Vec<String> {
        let mut fields = BTreeSet::new();
        let mut add = |path: &Path| {
            match (&self.lines, path.of_parent) {
                (Some(lines), false) => fields.insert(format!("{}.{}", lines.dotted(), path.dotted())),
                // It is of the lookup for whose records the question is asked.
                (None, true) => false,
                _ => fields.insert(path.dotted()),
            };
        };
        let columns = self
            .columns
            .values()
            .flat_map(|expression| expression.get_ref().paths());
        columns.for_each(&mut add);
        self.sort.iter().chain(&self.also).for_each(&mut add);
        self.when.iter().for_each(|condition| add(&condition.path));
        let own = std::iter::once(&self.key).chain(&self.changed).map(Path::dotted);
        own.for_each(|path| fields.extend(path.split(',').map(str::to_owned)));
        fields.into_iter().collect()
    }

    /// The key of a record.
    ///
    /// # Errors
    /// [`Refused`] where it has none.
    pub fn key_of(&self, record: &Value) -> Result<String, Refused> {
        let key = self.key.of(record)?;
        let key = key.as_text().filter(|key| !key.is_empty()).map(str::to_owned);
        key.ok_or_else(|| Refused::because(format!("the record has no {}", self.key.dotted())))
    }

    /// The rows that a record becomes; none where it is not meant.
    ///
    /// # Errors
    /// [`Refused`] where the record is not as it should be.
    pub fn rows_of(&self, record: &Value, each: Option<&Value>, beside: &Beside) -> Result<Vec<Row>, Refused> {
        let Some(lines) = &self.lines else {
            let scope = Scope {
                record,
                parent: each,
                place: 1,
                beside,
            };
            return Ok(self.row(&scope)?.into_iter().collect());
        };
        let lines = lines_at(lines, record)?;
        let mut keyed = Vec::with_capacity(lines.len());
        for line in &lines {
            let keys = self.sort.iter().map(|path| Ok(sort_key(&path.of(line)?)));
            keyed.push((keys.collect::<Result<Vec<_>, Refused>>()?, line));
        }
        keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut rows = Vec::with_capacity(keyed.len());
        for (place, (_, line)) in (1..).zip(keyed) {
            let scope = Scope {
                record: line,
                parent: Some(record),
                place,
                beside,
            };
            rows.extend(self.row(&scope)?);
        }
        Ok(rows)
    }

    fn row(&self, scope: &Scope<'_>) -> Result<Option<Row>, Refused> {
        for condition in &self.when {
            if !condition.holds(scope)? {
                return Ok(None);
            }
        }
        let mut row = Row::new();
        for (column, expression) in &self.columns {
            let value = expression.get_ref().text(scope).map_err(|refused| Refused {
                reason: format!("{column}: {}", refused.reason),
                ..refused
            })?;
            if let Some(value) = value {
                row.insert(column.clone(), value);
            }
        }
        Ok(Some(row))
    }
}

/// The lines of a record. Lines within lines have their outer one as `up`.
fn lines_at(path: &Path, record: &Value) -> Result<Vec<Value>, Refused> {
    let Some((outer, inner)) = path.last() else {
        return Ok(path.of(record)?.items().to_vec());
    };
    let outer = outer.of(record)?;
    if !matches!(outer, Value::List(_)) {
        return Ok(path.of(record)?.items().to_vec());
    }
    let mut lines = Vec::new();
    for line in outer.items() {
        for within in inner.of(line)?.items() {
            let Value::Record(members) = within else { continue };
            let up = std::iter::once(("up".to_owned(), line.clone()));
            lines.push(Value::Record(members.iter().cloned().chain(up).collect()));
        }
    }
    Ok(lines)
}

/// Numbers by their size, before them nothing, after them texts.
fn sort_key(value: &Value) -> (u8, rust_decimal::Decimal, String) {
    match value {
        Value::Null => (0, rust_decimal::Decimal::ZERO, String::new()),
        Value::Number(text) => (1, text.parse().unwrap_or_default(), String::new()),
        other => (2, rust_decimal::Decimal::ZERO, other.to_json()),
    }
}

#[cfg(test)]
mod tests;
