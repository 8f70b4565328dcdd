//! Trying a mapping without bringing anything: on a running ERP's first pages, or on records that were kept.

use std::path::Path;

use jiff::civil::Date;

use super::{Source, lookup_records, whole_entity};
use crate::erp::expression::Beside;
use crate::erp::fault::Fault;
use crate::erp::fetch::{Fetch, Walk};
use crate::erp::link::{Link, Window};
use crate::erp::mapping::{Entity, Found, Row};
use crate::erp::value::Value;

/// Refused records of an entity that are told.
const REFUSED_SHOWN_MAX: usize = 5;
/// Largest file of kept records.
const BYTES_MAX: u64 = 64 << 20;

/// How the records of one entity were mapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// The entity.
    pub entity: String,
    /// Records that were looked at.
    pub records: usize,
    /// Rows that they became.
    pub rows: usize,
    /// The first row.
    pub first: Option<Row>,
    /// How many records were refused.
    pub refused: usize,
    /// The first of them, with their reasons.
    pub reasons: Vec<String>,
    /// Why there were no records.
    pub fault: Option<Fault>,
}

impl std::fmt::Display for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {} records became {} rows, {} refused",
            self.entity, self.records, self.rows, self.refused
        )?;
        if let Some(first) = &self.first {
            let columns: Vec<String> = first.iter().map(|(name, value)| format!("{name}={value}")).collect();
            write!(f, "\n  {}", columns.join(" "))?;
        }
        for reason in &self.reasons {
            write!(f, "\n  refused: {reason}")?;
        }
        match &self.fault {
            Some(fault) => write!(f, "\n  {fault}"),
            None => Ok(()),
        }
    }
}

impl Checked {
    /// Whether every record became rows.
    pub fn is_good(&self) -> bool {
        self.refused == 0 && self.fault.is_none()
    }

    fn take(&mut self, entity: &Entity, record: &Value, each: Option<&Value>, beside: &Beside) {
        self.records += 1;
        match entity.rows_of(record, each, beside) {
            Ok(rows) => {
                self.rows += rows.len();
                self.first = self.first.take().or_else(|| rows.into_iter().next());
            }
            Err(refused) => {
                self.refused += 1;
                if self.reasons.len() < REFUSED_SHOWN_MAX {
                    let key = entity.key_of(record).unwrap_or_default();
                    self.reasons.push(format!("{key}: {}", refused.reason));
                }
            }
        }
    }
}

/// Tries every entity on its first page, or on the records of `ENTITY.json` in a folder (lookups too).
///
/// # Errors
/// [`Fault`] where not even the lookups can be read.
pub async fn check(source: &Source, kept: Option<&Path>, today: Date) -> Result<Vec<Checked>, Fault> {
    let mapping = &source.mapping;
    let mut beside = Beside {
        settings: source.values(),
        words: mapping.words.clone(),
        ..Beside::default()
    };
    let mut fetch = match kept {
        Some(_) => None,
        None => Some(Fetch::new(Link::new(mapping, &source.access)?, &mapping.limits)),
    };
    for lookup in &mapping.lookup {
        let records = match (&mut fetch, kept) {
            (Some(fetch), _) => lookup_records(fetch, lookup, today).await?,
            (None, kept) => {
                let records = kept_records(kept, &lookup.name)?.unwrap_or_default();
                let mut found = Found::new();
                for record in records {
                    let added = lookup.add(&mut found, record);
                    added.map_err(|refused| Fault::ask(format!("the lookup {}: {}", lookup.name, refused.reason)))?;
                }
                found
            }
        };
        beside.lookups.insert(lookup.name.clone(), records);
    }
    let mut all = Vec::new();
    for entity in &mapping.entity {
        let mut checked = Checked {
            entity: entity.name.get_ref().clone(),
            ..Checked::default()
        };
        let each = entity
            .for_each
            .as_ref()
            .and_then(|lookup| beside.lookups.get(lookup)?.values().next());
        let records = match &mut fetch {
            Some(fetch) => first_page(fetch, entity, each, today).await,
            None => kept_records(kept, entity.name.get_ref()).map(Option::unwrap_or_default),
        };
        match records {
            Ok(records) => records
                .iter()
                .for_each(|record| checked.take(entity, record, each, &beside)),
            Err(fault) => checked.fault = Some(fault),
        }
        all.push(checked);
    }
    Ok(all)
}

async fn first_page(
    fetch: &mut Fetch,
    entity: &Entity,
    each: Option<&Value>,
    today: Date,
) -> Result<Vec<Value>, Fault> {
    let fields = entity.fields();
    let question = whole_entity(entity, &fields, Window::All, each, today);
    Ok(fetch.next(&mut Walk::default(), &question).await?.unwrap_or_default())
}

/// The records that were kept of an entity or lookup; nothing where there is no file.
fn kept_records(folder: Option<&Path>, name: &str) -> Result<Option<Vec<Value>>, Fault> {
    let Some(path) = folder.map(|folder| folder.join(format!("{name}.json"))) else {
        return Ok(None);
    };
    if !path.exists() {
        return Ok(None);
    }
    let wrong = |reason: String| Fault::ask(format!("{}: {reason}", path.display()));
    let bytes = std::fs::metadata(&path)
        .map_err(|error| wrong(error.to_string()))?
        .len();
    if bytes > BYTES_MAX {
        return Err(wrong("is larger than 64 MiB".to_owned()));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
    match Value::parse(&text).map_err(wrong)? {
        Value::List(records) => Ok(Some(records)),
        _ => Err(wrong("is no list of records".to_owned())),
    }
}
