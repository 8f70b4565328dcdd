//! How the sources fare, as staff see it: runs, age, what could not be taken, and taking that again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::lag;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::service::hint::{self, Changed};
use crate::service::import::rows;
use crate::service::{Error, Gateway, Page, import, staff};
use crate::store::source::{RejectedRow, Rejects, Source};
use crate::store::sync::{Alert, Cursor, Run};
use crate::store::{self, StoreError};

/// Runs of one entity that are shown.
pub const RUNS: i64 = 12;
/// Rejected rows that are tried again at once: more is a matter of the mapping.
const TRIED_MAX: i64 = 10_000;
/// Parts of a name that make its value a secret.
const SECRETS: [&str; 5] = ["password", "passwd", "secret", "token", "credential"];
/// What stands in the place of a secret.
const HIDDEN: &str = "•••";

/// How one entity of a source fares.
#[derive(Clone, Debug)]
pub struct Fares {
    /// The source.
    pub source: Source,
    /// The entity of the mapping; of rows that a program pushes, the kind of row.
    pub entity: String,
    /// The kind of row, where there are some.
    pub kind: String,
    /// Whether it is fetched by a mapping; otherwise a program or a file brings it.
    pub is_fetched: bool,
    /// How many rows there are.
    pub rows: i64,
    /// When the last came.
    pub last_at: Option<Timestamp>,
    /// How many could not be taken.
    pub rejects: i64,
    /// When what waits longest came: a row that could not be taken.
    pub oldest: Option<Timestamp>,
    /// When a run came to its end last.
    pub ok_at: Option<Timestamp>,
    /// The last runs, the latest first.
    pub runs: Vec<Run>,
    /// What is over a limit.
    pub alerts: Vec<Alert>,
}

impl Fares {
    /// Rows that could not be taken, in a hundred.
    pub fn rejects_percent(&self) -> i64 {
        lag::percent(self.rejects, self.rows)
    }
}

/// How a source's hints stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The source's code.
    pub source: String,
    /// When the one that waits longest came.
    pub oldest: Timestamp,
}

/// How every entity of every source fares, and which hints wait.
///
/// # Errors
/// The store would not.
pub async fn fares(gateway: &Gateway, tenant_id: Uuid) -> Result<(Vec<Fares>, Vec<Waiting>), Error> {
    let read = gateway.store.read(async |tx| {
        let sources: Vec<Source> = store::rows::all_of(tx, tenant_id).await?;
        let rows = store::source::counts(tx, tenant_id).await?;
        let rejects = store::source::reject_counts(tx, tenant_id).await?;
        let alerts = store::sync::alerts(tx, tenant_id).await?;
        let mut fares = Vec::new();
        let mut waiting = Vec::new();
        for source in sources {
            let cursors = store::sync::cursors(tx, tenant_id, source.id).await?;
            let runs = store::sync::last_runs(tx, tenant_id, source.id, RUNS).await?;
            let oldest = store::hint::oldest(tx, tenant_id, &source.code).await?;
            waiting.extend(oldest.map(|oldest| Waiting {
                source: source.code.clone(),
                oldest,
            }));
            let mut of_source = OfSource::new(&source, &cursors, runs);
            for count in rows.iter().filter(|count| count.source_id == source.id) {
                let fares = of_source.at(&count.prefix, &count.entity);
                fares.rows += count.count;
                fares.last_at = fares.last_at.max(Some(count.at));
            }
            for count in rejects.iter().filter(|count| count.source_id == source.id) {
                let fares = of_source.at(&count.prefix, &count.entity);
                fares.rejects += count.count;
                fares.oldest = Some(fares.oldest.map_or(count.at, |at| at.min(count.at)));
            }
            for alert in alerts.iter().filter(|alert| alert.source_id == source.id) {
                of_source.at(&alert.entity, "").alerts.push(alert.clone());
            }
            fares.extend(of_source.fares.into_values());
        }
        Ok::<_, StoreError>((fares, waiting))
    });
    let (mut fares, waiting) = read.await?;
    fares.sort_by(|a, b| (&a.source.code, &a.entity).cmp(&(&b.source.code, &b.entity)));
    Ok((fares, waiting))
}

/// The entities of one source as they come together.
struct OfSource<'s> {
    source: &'s Source,
    fares: BTreeMap<String, Fares>,
}

impl<'s> OfSource<'s> {
    fn new(source: &'s Source, cursors: &[Cursor], runs: Vec<Run>) -> Self {
        let mut of_source = OfSource {
            source,
            fares: BTreeMap::new(),
        };
        for cursor in cursors {
            let fares = of_source.entry(&cursor.entity);
            fares.is_fetched = true;
            fares.ok_at = cursor.ok_at;
        }
        for run in runs {
            let fares = of_source.entry(&run.entity);
            fares.is_fetched = true;
            fares.runs.push(run);
        }
        of_source
    }

    fn entry(&mut self, entity: &str) -> &mut Fares {
        self.fares.entry(entity.to_owned()).or_insert_with(|| Fares {
            source: self.source.clone(),
            entity: entity.to_owned(),
            kind: String::new(),
            is_fetched: false,
            rows: 0,
            last_at: None,
            rejects: 0,
            oldest: None,
            ok_at: None,
            runs: Vec::new(),
            alerts: Vec::new(),
        })
    }

    /// The entity of rows: by the name in their keys where a mapping made them, else by what they are.
    fn at(&mut self, prefix: &str, kind: &str) -> &mut Fares {
        let name = match self.fares.get(prefix) {
            Some(known) if known.is_fetched => prefix,
            _ => kind,
        };
        let fares = self.entry(name);
        if !kind.is_empty() {
            kind.clone_into(&mut fares.kind);
        }
        fares
    }
}

/// Which of what could not be taken: of one source, one kind, one name before the first slash of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// The source's code; empty is all.
    pub source: String,
    /// The kind of row; empty is all.
    pub kind: String,
    /// The entity of the mapping; empty is all.
    pub entity: String,
}

/// What could not be taken, with its source.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The row.
    pub row: RejectedRow,
    /// The source's code.
    pub source: String,
}

/// A page of what could not be taken, the latest first.
///
/// # Errors
/// The store would not.
pub async fn rejected(
    gateway: &Gateway,
    tenant_id: Uuid,
    which: &Which,
    before: Option<Uuid>,
) -> Result<Page<Rejected>, Error> {
    let (rows, sources) = read(gateway, tenant_id, which, before, Page::<()>::LIMIT).await?;
    let with_source = |row: RejectedRow| {
        let source = sources.iter().find(|source| source.id == row.source_id);
        Rejected {
            source: source.map(|source| source.code.clone()).unwrap_or_default(),
            row,
        }
    };
    let rows = rows.into_iter().map(with_source).collect();
    Ok(Page::new(rows, |rejected| rejected.row.id))
}

async fn read(
    gateway: &Gateway,
    tenant_id: Uuid,
    which: &Which,
    before: Option<Uuid>,
    limit: i64,
) -> Result<(Vec<RejectedRow>, Vec<Source>), Error> {
    let some = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
    let (kind, entity) = (some(&which.kind), some(&which.entity));
    let read = gateway.store.read(async |tx| {
        let sources: Vec<Source> = store::rows::all_of(tx, tenant_id).await?;
        let of = sources.iter().find(|source| source.code == which.source);
        if of.is_none() && !which.source.is_empty() {
            return Ok::<_, StoreError>((Vec::new(), sources));
        }
        let rejects = Rejects {
            source_id: of.map(|source| source.id),
            entity: kind.as_deref(),
            prefix: entity.as_deref(),
        };
        let rows = store::source::reject_page(tx, tenant_id, &rejects, before, limit).await?;
        Ok((rows, sources))
    });
    Ok(read.await?)
}

/// What became of rows that were tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// They are taken now.
    pub good: u64,
    /// They are still wrong.
    pub refused: u64,
    /// Their records are fetched again with the next round: no row could be made of what came.
    pub asked: u64,
}

/// Tries one row again.
///
/// # Errors
/// The role is too low, it is not there any more, or the store would not.
pub async fn try_one(gateway: &Gateway, by: &Staff, id: Uuid) -> Result<Tried, Error> {
    staff::allow(by, Deed::RetryRows)?;
    let tenant_id = by.tenant_id;
    let read = gateway.store.read(async |tx| {
        let sources: Vec<Source> = store::rows::all_of(tx, tenant_id).await?;
        Ok::<_, StoreError>((store::source::reject(tx, tenant_id, id).await?, sources))
    });
    let (Some(row), sources) = read.await? else {
        let text = "The row is not waiting any more: it was taken, or its record is gone.";
        return Err(Refusal::new(Code::Conflict, text).into());
    };
    tried(gateway, by, id, vec![row], &sources).await
}

/// Tries all rows again that were refused of a source and entity.
///
/// # Errors
/// The role is too low, or the store would not.
pub async fn try_all(gateway: &Gateway, by: &Staff, which: &Which) -> Result<Tried, Error> {
    staff::allow(by, Deed::RetryRows)?;
    let (rows, sources) = read(gateway, by.tenant_id, which, None, TRIED_MAX).await?;
    let subject = sources.iter().find(|source| source.code == which.source);
    tried(
        gateway,
        by,
        subject.map_or(Uuid::nil(), |source| source.id),
        rows,
        &sources,
    )
    .await
}

async fn tried(
    gateway: &Gateway,
    by: &Staff,
    subject: Uuid,
    rejects: Vec<RejectedRow>,
    sources: &[Source],
) -> Result<Tried, Error> {
    let mut tried = Tried::default();
    let detail = serde_json::json!({ "rows": rejects.len() });
    let audit = staff::entry(gateway, by, Deed::RetryRows, subject, detail);
    let write = async move |tx: &mut store::Tx| store::staff::insert(tx, &audit).await;
    gateway.store.write(write).await?;
    for source in sources {
        let of_source = rejects.iter().filter(|reject| reject.source_id == source.id);
        let (aside, whole): (Vec<&RejectedRow>, Vec<&RejectedRow>) =
            of_source.partition(|reject| rows::is_aside(reject));
        let changed: Vec<Changed> = aside
            .iter()
            .map(|reject| Changed {
                entity: reject.entity.clone(),
                key: reject.ext_id.clone(),
            })
            .collect();
        if !changed.is_empty() {
            tried.asked += hint::keep(gateway, by.tenant_id, None, &source.code, &changed).await? as u64;
        }
        let whole: Vec<RejectedRow> = whole.into_iter().cloned().collect();
        let count = whole.len() as u64;
        let good = rows::again(gateway, by.tenant_id, source, whole).await?;
        tried.good += good;
        tried.refused += count - good;
    }
    import::follow(gateway, by.tenant_id).await?;
    Ok(tried)
}

/// A row as it may be shown: what may be a secret is hidden, whatever the ERP calls it.
pub fn shown(content: &Value) -> Value {
    match content {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let small = name.to_lowercase();
                let is_secret = SECRETS.iter().any(|secret| small.contains(secret));
                let value = if is_secret { HIDDEN.into() } else { shown(value) };
                (name.clone(), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(shown).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_rows_are_not_shown() {
        let row =
            serde_json::json!({"sku": "A", "record": {"apiToken": "x", "lines": [{"Password": 1, "price": "2"}]}});
        let expect = serde_json::json!({"sku": "A", "record": {"apiToken": "•••", "lines": [{"Password": "•••", "price": "2"}]}});
        assert_eq!(shown(&row), expect);
    }
}
