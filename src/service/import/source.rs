//! The source of files, and its rows compared with what it brought before.

use std::collections::HashMap;

use openssl::sha::Sha256;
use serde_json::Value;
use uuid::Uuid;

use super::Batch;
use super::report::{Counts, Faults};
use super::table::Line;
use crate::service::{Error, Gateway};
use crate::store::rows::Row;
use crate::store::source::{Key, Source, Synced};
use crate::store::{self, StoreError};

/// The code of the source that files belong to.
pub(super) const FILES: &str = "files";

/// Adds a source to a supplier that has none of this code.
pub(super) async fn add(gateway: &Gateway, tenant_id: Uuid, code: &str, kind: &str) -> Result<(), Error> {
    let source = Source {
        tenant_id,
        id: gateway.clock.new_id(),
        code: code.to_owned(),
        kind: kind.to_owned(),
        status: store::source::ACTIVE.to_owned(),
        revision: 0,
        created_at: gateway.clock.now(),
    };
    gateway
        .store
        .write(async move |tx| store::source::add(tx, &source).await)
        .await
        .map_err(|error: StoreError| error.into())
        .map(|_| ())
}

/// A source's rows by its keys.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<String, Key>);

impl Keys {
    pub(super) fn new(keys: Vec<Key>) -> Self {
        Keys(keys.into_iter().map(|key| (key.ext_id.clone(), key)).collect())
    }

    /// The row of a key, unless it is deleted.
    pub(super) fn id(&self, ext_id: &str) -> Option<Uuid> {
        self.0
            .get(ext_id)
            .filter(|key| key.deleted_at.is_none())
            .map(|key| key.id)
    }

    /// The row of a key, for a line: one that deletes may name what is gone.
    pub(super) fn id_for(&self, line: &Line<'_>, ext_id: &str) -> Option<Uuid> {
        match line.is_deleted() {
            true => self.0.get(ext_id).map(|key| key.id),
            false => self.id(ext_id),
        }
    }
}

/// The rows of a file as they are compared with the present ones.
pub(super) struct Rows<R> {
    keys: Keys,
    /// Keys of the file, with their lines and whether they are deleted.
    seen: HashMap<String, (u64, Uuid, bool)>,
    /// New and changed rows.
    pub(super) put: Vec<R>,
    /// Those of them that were there, deleted or not.
    pub(super) replaced: Vec<Uuid>,
    /// Rows to delete.
    pub(super) bury: Vec<Uuid>,
    pub(super) counts: Counts,
    /// Whether rows count as changed also where they are as before.
    rewrites: bool,
}

impl<R: Synced> Rows<R> {
    pub(super) fn new(keys: Keys) -> Self {
        Rows {
            keys,
            seen: HashMap::new(),
            put: Vec::new(),
            replaced: Vec::new(),
            bury: Vec::new(),
            counts: Counts::default(),
            rewrites: false,
        }
    }

    /// The identifier for the line's key: the present one or a new one. Nothing where the line says no more than that
    /// the row is deleted, or where it is wrong.
    pub(super) fn begin(&mut self, line: &mut Line<'_>, column: &str, batch: &Batch) -> Option<(String, Uuid)> {
        self.rewrites = batch.rewrites;
        let key = line.code(column);
        let key = line.required(column, key);
        let known = self.keys.0.get(&key);
        let id = known.map_or_else(|| batch.clock.new_id(), |key| key.id);
        let is_deleted = line.yes("deleted", false);
        if let Some((first, ..)) = self.seen.get(&key) {
            let reason = format!("is on line {first} already");
            line.fault(column, reason);
            return None;
        }
        let is_there = known.is_some_and(|key| key.deleted_at.is_none());
        self.seen.insert(key.clone(), (line.number, id, is_deleted));
        if !is_deleted {
            return Some((key, id));
        }
        match is_there {
            true => self.bury.push(id),
            false => self.counts.unchanged += 1,
        }
        None
    }

    /// The row of a key after the file: in it and not deleted, or there before and not deleted by it.
    pub(super) fn id(&self, key: &str, is_full: bool) -> Option<Uuid> {
        match self.seen.get(key) {
            Some((_, id, is_deleted)) => Some(*id).filter(|_| !is_deleted),
            None if is_full => None,
            None => self.keys.id(key),
        }
    }

    /// Compares a row with the present one, and keeps it when it is new or changed; tells whether it is. `children`
    /// are rows that belong to it.
    pub(super) fn put(&mut self, mut row: R, children: impl IntoIterator<Item = Value>) -> bool {
        row.set_hash(hash(&row, children));
        let counts = &mut self.counts;
        let known = self.keys.0.get(row.ext_id());
        match known {
            Some(key) if key.deleted_at.is_none() && key.row_hash == row.hash() && !self.rewrites => {
                counts.unchanged += 1;
                return false;
            }
            Some(key) if key.deleted_at.is_none() => counts.changed += 1,
            _ => counts.added += 1,
        }
        self.replaced.extend(known.map(|key| key.id));
        self.put.push(row);
        true
    }

    /// Deletes what a full file does not have, and completes the counts.
    pub(super) fn end(&mut self, is_full: bool) {
        if is_full {
            let present = self.keys.0.values().filter(|key| key.deleted_at.is_none());
            let gone = present.filter(|key| !self.seen.contains_key(&key.ext_id));
            self.bury.extend(gone.map(|key| key.id));
        }
        self.counts.deleted = self.bury.len() as u64;
    }
}

/// Columns that say nothing about the content.
const NO_CONTENT: [&str; 8] = [
    "tenant_id",
    "id",
    "source_id",
    "product_id",
    "account_id",
    "row_hash",
    "synced_at",
    "version",
];

/// A row's content as JSON.
pub(super) fn content<R: Row>(row: &R) -> Value {
    let columns = R::COLUMNS.iter().filter(|column| !NO_CONTENT.contains(&column.name));
    columns
        .map(|column| (column.json)(row).unwrap_or(Value::Null))
        .collect()
}

/// The hash of a row's content and of the rows that belong to it.
pub(super) fn hash<R: Row>(row: &R, children: impl IntoIterator<Item = Value>) -> String {
    let mut hash = Sha256::new();
    for value in std::iter::once(content(row)).chain(children) {
        hash.update(value.to_string().as_bytes());
        hash.update(b"\n");
    }
    hash.finish().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Notes every key whose chain of parents comes back to itself; `parents` gives each key's parent.
pub(super) fn circles(parents: &HashMap<String, Option<String>>, lines: &[(u64, String)], faults: &mut Faults) {
    for (line, key) in lines {
        let mut at = parents.get(key).cloned().flatten();
        let mut steps = 0;
        while let Some(parent) = at {
            if parent == *key {
                faults.add(*line, "parent", "leads back to itself");
                break;
            }
            steps += 1;
            if steps > parents.len() {
                break;
            }
            at = parents.get(&parent).cloned().flatten();
        }
    }
}
