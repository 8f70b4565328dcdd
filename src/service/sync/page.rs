//! One page: records become rows, those that are as they were are left out, the others are taken or kept aside.

use std::collections::{HashMap, HashSet};

use serde_json::Map;
use uuid::Uuid;

use super::entity::{Stop, sharded};
use super::{Run, Went};
use crate::erp::fault::Fault;
use crate::erp::mapping::{Entity, Row};
use crate::erp::value::Value;
use crate::service::Error;
use crate::service::import::rows::{self, Became, Brought, Set};
use crate::service::import::{self, Fault as RowFault};
use crate::store::source::RejectedRow;

/// Rows of one set: some megabytes; a record's rows stay together as far as they fit.
const ROWS_PER_SET: usize = 5_000;
/// Rejected rows of an entity: more is another ERP than the mapping says.
pub(super) const REJECTS_MAX: usize = 10_000;
/// What a rule says of its price; without it the price is on request.
const PRICE_COLUMNS: [&str; 8] = [
    "calculation",
    "base",
    "value",
    "floor_base",
    "floor",
    "cap",
    "surcharge",
    "round_to",
];

/// A row as the import takes it.
type Content = Map<String, serde_json::Value>;

/// The rows of one entity on their way. Each has a key: the entity, the record's key, and of lines their place.
pub(super) struct Bringing {
    prefix: String,
    pub kind: import::Entity,
    /// What was brought and is there, by key.
    known: HashMap<String, Content>,
    /// How many rows were there before.
    pub known_before: usize,
    /// Which key brought a row in this run.
    brought: HashMap<Vec<String>, String>,
    /// Records that came.
    seen: HashSet<String>,
    is_thorough: bool,
    /// Whether rows are written also where they are as they were brought before.
    pub rewrites: bool,
    /// Keys of what was refused in this run.
    refused: HashSet<String>,
    /// Whether a record that is still there gives other rows than before.
    pub is_renamed: bool,
    /// The sum.
    pub went: Went,
}

/// One row on its way; nothing where it goes.
#[derive(Clone)]
struct Item {
    key: String,
    row: Option<Content>,
}

impl Bringing {
    pub(super) fn new(
        entity: &Entity,
        kind: import::Entity,
        known: HashMap<String, Content>,
        is_thorough: bool,
    ) -> Bringing {
        let name = entity.name.get_ref().clone();
        Bringing {
            prefix: format!("{name}/"),
            kind,
            known_before: known.len(),
            known,
            brought: HashMap::new(),
            seen: HashSet::new(),
            // An order may be known here only after the ERP told of it.
            is_thorough: is_thorough || kind == import::Entity::OrderStatus,
            rewrites: false,
            refused: HashSet::new(),
            is_renamed: false,
            went: Went {
                entity: name,
                ..Went::default()
            },
        }
    }

    /// Takes a page of records.
    pub(super) async fn page(
        &mut self,
        run: &Run<'_>,
        entity: &Entity,
        records: &[Value],
        each: Option<&Value>,
    ) -> Result<(), Stop> {
        let (mut items, mut aside) = (Vec::new(), Vec::new());
        for record in records {
            let key = entity.key_of(record).map_err(|refused| Fault::ask(refused.reason))?;
            let key = sharded(&key, each);
            self.went.seen += 1;
            match entity.rows_of(record, each, &run.beside) {
                Ok(rows) => {
                    let new = self.items(entity, &key, rows, &mut aside);
                    if items.len() + new.len() > ROWS_PER_SET {
                        self.take(run, std::mem::take(&mut items)).await?;
                    }
                    items.extend(new);
                }
                // Every record would be refused: they are not what the mapping is for.
                Err(refused) if refused.is_missing => {
                    return Err(Fault::ask(format!("{}: {}", self.went.entity, refused.reason)).into());
                }
                Err(refused) => {
                    // What is no JSON, such as a number that is none, is kept as the text that it came as.
                    let json = record.to_json();
                    let text = serde_json::from_str(&json).unwrap_or_else(|_| json.into());
                    let content = Content::from_iter([("record".to_owned(), text)]);
                    aside.push((self.key(&key, None), content, refused.reason));
                }
            }
            self.seen.insert(key);
        }
        self.take(run, items).await?;
        self.put_aside(run, aside).await
    }

    fn key(&self, record: &str, place: Option<usize>) -> String {
        match place {
            Some(place) => format!("{}{record}#{place}", self.prefix),
            None => format!("{}{record}", self.prefix),
        }
    }

    /// The record of a row's key.
    pub(super) fn record_of<'k>(&self, key: &'k str) -> &'k str {
        let record = key.strip_prefix(self.prefix.as_str()).unwrap_or(key);
        record.split_once('#').map_or(record, |(record, _)| record)
    }

    /// A record's rows that are not as they were, and the keys of those that it gives no more.
    fn items(
        &mut self,
        entity: &Entity,
        record: &str,
        rows: Vec<Row>,
        aside: &mut Vec<(String, Content, String)>,
    ) -> Vec<Item> {
        let has_lines = entity.lines.is_some();
        let (mut items, mut given) = (Vec::new(), HashSet::new());
        for (place, row) in (1..).zip(rows) {
            let key = self.key(record, has_lines.then_some(place));
            let row: Content = row.into_iter().map(|(name, value)| (name, value.into())).collect();
            let natural = rows::natural(self.kind, &row);
            if let Some(other) = self.brought.get(&natural).filter(|other| **other != key) {
                if entity.once {
                    continue;
                }
                let other = self.record_of(other).to_owned();
                let reason = format!("{} is also what record {other} gives", natural.join(" ").trim());
                aside.push((key, row, reason));
                continue;
            }
            self.brought.insert(natural.clone(), key.clone());
            given.insert(key.clone());
            let known = self.known.get(&key);
            self.is_renamed |= known.is_some_and(|known| rows::natural(self.kind, known) != natural);
            if self.is_thorough || known != Some(&row) {
                items.push(Item { key, row: Some(row) });
            }
        }
        let dropped = match has_lines {
            true => (1..)
                .map(|place| self.key(record, Some(place)))
                .take_while(|key| self.known.contains_key(key))
                .collect(),
            false => vec![self.key(record, None)],
        };
        let dropped = dropped
            .into_iter()
            .filter(|key| !given.contains(key) && self.known.contains_key(key));
        let dropped: Vec<Item> = dropped.map(|key| Item { key, row: None }).collect();
        self.is_renamed |= !dropped.is_empty();
        items.extend(dropped);
        items
    }

    /// Takes rows, and counts what became of each.
    async fn take(&mut self, run: &Run<'_>, items: Vec<Item>) -> Result<(), Stop> {
        let items = self.with_holders(items);
        for items in items.chunks(ROWS_PER_SET * 2) {
            let mut on_request = Vec::new();
            for (item, became) in items.iter().zip(self.bring(run, items).await?) {
                match (became, &item.row) {
                    (Became::Stored, Some(row)) => {
                        match self.known.insert(item.key.clone(), row.clone()) {
                            Some(_) => self.went.changed += 1,
                            None => self.went.added += 1,
                        }
                        self.refused.remove(&item.key);
                    }
                    (Became::Stored, None) => {
                        self.known.remove(&item.key);
                        self.went.deleted += 1;
                    }
                    (Became::Unchanged | Became::Stale, row) => {
                        if row.is_none() {
                            self.known.remove(&item.key);
                        }
                        self.refused.remove(&item.key);
                    }
                    (Became::Refused(_), row) => {
                        self.refused.insert(item.key.clone());
                        on_request.extend(row.clone().map(|row| (item.key.clone(), row)));
                    }
                }
            }
            self.put_on_request(run, on_request).await?;
        }
        Ok(())
    }

    /// Where a row goes that another key brings by now, that one is brought once more: the row stays, only the key goes.
    fn with_holders(&self, mut items: Vec<Item>) -> Vec<Item> {
        let is_gone: HashSet<&str> = items
            .iter()
            .filter(|item| item.row.is_none())
            .map(|item| item.key.as_str())
            .collect();
        if is_gone.is_empty() {
            return items;
        }
        let gone: HashMap<Vec<String>, &str> = is_gone
            .iter()
            .filter_map(|key| Some((rows::natural(self.kind, self.known.get(*key)?), *key)))
            .collect();
        let named: HashSet<&str> = items.iter().map(|item| item.key.as_str()).collect();
        let holders: Vec<Item> = self
            .known
            .iter()
            .filter(|(key, _)| !named.contains(key.as_str()))
            .filter(|(_, row)| gone.contains_key(&rows::natural(self.kind, row)))
            .map(|(key, row)| Item {
                key: key.clone(),
                row: Some(row.clone()),
            })
            .collect();
        items.extend(holders);
        items
    }

    /// A rule whose price cannot be taken stays with its price on request, so that no other price shows.
    async fn put_on_request(&mut self, run: &Run<'_>, refused: Vec<(String, Content)>) -> Result<(), Stop> {
        let priced = |row: &Content| PRICE_COLUMNS.iter().any(|column| row.contains_key(*column));
        let refused: Vec<(String, Content)> = refused.into_iter().filter(|(_, row)| priced(row)).collect();
        if self.kind != import::Entity::PriceRules || refused.is_empty() {
            return Ok(());
        }
        let bare = refused.iter().map(|(key, row)| {
            let mut row = row.clone();
            row.retain(|column, _| !PRICE_COLUMNS.contains(&column.as_str()));
            Item {
                key: key.clone(),
                row: Some(row),
            }
        });
        let bare: Vec<Item> = bare.collect();
        for (item, became) in bare.iter().zip(self.bring(run, &bare).await?) {
            if let (Became::Stored, Some(row)) = (became, &item.row) {
                self.known.insert(item.key.clone(), row.clone());
                self.went.changed += 1;
            }
        }
        // Once more, so that what was refused is kept with its reason.
        let whole = refused.into_iter().map(|(key, row)| Item { key, row: Some(row) });
        let whole: Vec<Item> = whole.collect();
        self.bring(run, &whole).await?;
        Ok(())
    }

    fn set(&self, run: &Run<'_>, rows: Vec<Brought>) -> Set {
        Set {
            source: run.source.setting.code.clone(),
            kind: run.source.mapping.kind.clone(),
            entity: self.kind,
            mapping: Some(run.source.mapping.version.clone()),
            ties_win: true,
            rewrites: self.rewrites,
            rows,
        }
    }

    async fn bring(&self, run: &Run<'_>, items: &[Item]) -> Result<Vec<Became>, Error> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let brought = items.iter().map(|item| Brought {
            key: item.key.clone(),
            // What is fetched later is later, whatever the ERP's clock says.
            version: run.now.as_microsecond(),
            row: item.row.clone(),
        });
        let set = self.set(run, brought.collect());
        rows::rows(run.gateway, run.tenant_id, &set).await
    }

    /// Keeps what is no row with its reason.
    async fn put_aside(&mut self, run: &Run<'_>, aside: Vec<(String, Content, String)>) -> Result<(), Stop> {
        if aside.is_empty() {
            return Ok(());
        }
        let (mut brought, mut faults) = (Vec::new(), Vec::new());
        for (key, row, reason) in aside {
            self.refused.insert(key.clone());
            brought.push(Brought {
                key,
                version: run.now.as_microsecond(),
                row: Some(row),
            });
            faults.push(RowFault {
                line: 0,
                field: rows::RECORD.to_owned(),
                reason,
            });
        }
        let set = self.set(run, brought);
        Ok(rows::put_aside(run.gateway, run.tenant_id, &set, &faults).await?)
    }

    /// Tries once more what was refused, now or before: what it names may be there by now. Gives back what is not in
    /// question any more, and how much still is.
    pub(super) async fn again(
        &mut self,
        run: &Run<'_>,
        open: Vec<RejectedRow>,
        is_full: bool,
    ) -> Result<Vec<Uuid>, Stop> {
        let (mut items, mut over) = (Vec::new(), Vec::new());
        for reject in open
            .into_iter()
            .filter(|reject| reject.ext_id.starts_with(&self.prefix))
        {
            let is_come = self.seen.contains(self.record_of(&reject.ext_id));
            let is_now = self.refused.contains(&reject.ext_id);
            if !is_now && (is_come || is_full) {
                // The record gives it no more, or is gone with all that did not come.
                over.push(reject.id);
            } else if !rows::is_aside(&reject) {
                let row = reject.content.and_then(|content| content.as_object().cloned());
                items.push(Item {
                    key: reject.ext_id,
                    row,
                });
            }
        }
        self.take(run, items).await?;
        Ok(over)
    }

    /// Keys of rows whose records did not come.
    pub(super) fn unseen(&self) -> Vec<String> {
        self.not_among(&self.seen)
    }

    /// Keys of rows whose records are not among some.
    pub(super) fn not_among(&self, records: &HashSet<String>) -> Vec<String> {
        let keys = self.known.keys().filter(|key| !records.contains(self.record_of(key)));
        keys.cloned().collect()
    }

    /// Deletes rows that are gone.
    pub(super) async fn delete(&mut self, run: &Run<'_>, keys: Vec<String>) -> Result<(), Stop> {
        for keys in keys.chunks(ROWS_PER_SET) {
            let items = keys.iter().map(|key| Item {
                key: key.clone(),
                row: None,
            });
            self.take(run, items.collect()).await?;
        }
        Ok(())
    }
}
