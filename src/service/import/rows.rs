//! Rows that an ERP or a program brings, each with a key and a version of its own.
//!
//! What is wrong about a row refuses that row alone: it is kept with its faults, the others are taken. A version is taken
//! once; one that comes after a later one is late and changes nothing, so that rows may come twice and in any order.
//! A deletion needs no more than the key. The rules of each row are those of the files (see the other modules here): a set
//! of rows is planned like a file, again without what was refused, until nothing is wrong; then the rows, their versions
//! and the refusals are written together.
//!
//! Entries of price lists are packed by list: a list is brought whole, with all its rows in one set, and is refused whole.

mod aside;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::name::Entity;
use super::report::{Fault, Faults, Report};
use super::table::{Columns, Format, Table};
use super::{ATTEMPTS_MAX, Batch, File, Plan, Planned, bring_planned, journal, known, planned, source};
use crate::clock::Clock;
use crate::service::{Error, Gateway};
use crate::store::import::Steps;
use crate::store::source::{BroughtRow, RejectedRow, Source};
use crate::store::{self, StoreError, Tx};

pub use aside::{RECORD, is_aside, put_aside, settle};

/// Rows of one set: some megabytes, planned in less than a second.
pub const ROWS_MAX: usize = 10_000;
/// Characters of a key: longer ones are no identifiers.
const KEY_CHARS_MAX: usize = 200;
/// Bytes of a refused row that are kept; a longer one is no row of ours.
const KEPT_BYTES_MAX: usize = 64 * 1024;
/// Plans of one set: rows that name refused rows are refused in the next, and chains of them are short.
const PASSES_MAX: usize = 8;

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Brought {
    /// The source's own key of it.
    pub key: String,
    /// The source's number of this state: later states have higher numbers.
    pub version: i64,
    /// Its values by column; nothing where the source deleted it.
    pub row: Option<Map<String, Value>>,
}

/// Rows of one kind from one source.
#[derive(Clone, Debug)]
pub struct Set {
    /// The code of the source; it is made where there is none.
    pub source: String,
    /// What the source is, where it is made: the kind of ERP, or `push`.
    pub kind: String,
    /// What the rows are.
    pub entity: Entity,
    /// The version of the mapping that made them.
    pub mapping: Option<String>,
    /// Whether a row takes the place of another one of the same version: for sources whose versions are moments, of which two
    /// changes may have one. Otherwise that is a fault.
    pub ties_win: bool,
    /// Whether rows are written also where they are as they were brought before: the store may have been changed by hand.
    pub rewrites: bool,
    /// The rows.
    pub rows: Vec<Brought>,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// It is as brought now.
    Stored,
    /// It was brought like this before, or there was nothing to delete.
    Unchanged,
    /// A later version was brought before.
    Stale,
    /// It is wrong, and kept aside with these faults.
    Refused(Vec<Fault>),
}

/// Takes rows, and tells what became of each; prices and goods in memory are as before until [`super::follow`].
///
/// # Errors
/// There are too many, there is no such supplier, or the store would not.
pub async fn rows(gateway: &Gateway, tenant_id: Uuid, set: &Set) -> Result<Vec<Became>, Error> {
    if set.rows.len() > ROWS_MAX {
        return Err(Error::Setting(format!("At most {ROWS_MAX} rows are taken at a time.")));
    }
    if set.entity == Entity::Prices {
        return lists(gateway, tenant_id, set).await;
    }
    super::with_plan!(set.entity, take_rows(gateway, tenant_id, set))
}

/// Tries the rows of a source that were refused again, those of each kind together; tells how many are good now.
///
/// # Errors
/// As for [`rows`].
pub async fn retry(gateway: &Gateway, tenant_id: Uuid, code: &str) -> Result<u64, Error> {
    let mut good = 0;
    for entity in Entity::ALL {
        let read = gateway.store.read(async |tx| {
            let Some(source) = store::source::find(tx, tenant_id, code).await? else {
                return Ok::<_, StoreError>(None);
            };
            let limit = i64::try_from(ROWS_MAX).unwrap_or(i64::MAX);
            let rejected = store::source::rejected(tx, &source, Some(entity.word()), limit).await?;
            Ok(Some((source, rejected)))
        });
        let Some((source, rejected)) = read.await? else {
            return Ok(good);
        };
        good += again(gateway, tenant_id, &source, rejected).await?;
    }
    Ok(good)
}

/// Tries rows of a source that were refused again, those of one kind and mapping together; tells how many are good now.
///
/// # Errors
/// As for [`rows`].
pub async fn again(
    gateway: &Gateway,
    tenant_id: Uuid,
    source: &Source,
    rejected: Vec<RejectedRow>,
) -> Result<u64, Error> {
    // Each row keeps the version of its own mapping.
    let mut sets: BTreeMap<(Entity, Option<String>), Vec<Brought>> = BTreeMap::new();
    for reject in rejected.into_iter().filter(|reject| !is_aside(reject)) {
        let Some(entity) = Entity::from_word(&reject.entity) else {
            continue;
        };
        let row = match reject.content {
            Some(Value::Object(row)) => Some(row),
            _ => None,
        };
        sets.entry((entity, reject.mapping)).or_default().push(Brought {
            key: reject.ext_id,
            version: reject.version,
            row,
        });
    }
    let mut good = 0;
    for ((entity, mapping), rows_again) in sets {
        let set = Set {
            source: source.code.clone(),
            kind: source.kind.clone(),
            entity,
            mapping,
            ties_win: true,
            rewrites: false,
            rows: rows_again,
        };
        let became = rows(gateway, tenant_id, &set).await?;
        let is_good = |became: &&Became| !matches!(became, Became::Refused(_));
        good += became.iter().filter(is_good).count() as u64;
    }
    Ok(good)
}

async fn take_rows<P: Plan>(gateway: &Gateway, tenant_id: Uuid, set: &Set) -> Result<Vec<Became>, Error> {
    for _ in 0..ATTEMPTS_MAX {
        journal::finish(gateway, tenant_id).await?;
        if let Some(became) = attempt::<P>(gateway, tenant_id, set).await? {
            return Ok(became);
        }
    }
    Err(Error::Store(StoreError::busy("other rows are being imported")))
}

/// One attempt; nothing when others brought rows of the source in between.
async fn attempt<P: Plan>(gateway: &Gateway, tenant_id: Uuid, set: &Set) -> Result<Option<Vec<Became>>, Error> {
    let mut refused: BTreeMap<usize, Vec<Fault>> = BTreeMap::new();
    for pass in 1..=PASSES_MAX {
        let keys: Vec<String> = set.rows.iter().map(|row| row.key.clone()).collect();
        let (source, entity) = (set.source.clone(), set.entity);
        let read = gateway
            .store
            .read(async |tx| before(tx, tenant_id, &source, entity, &keys).await);
        let Some(before) = read.await? else {
            source::add(gateway, tenant_id, &set.source, &set.kind).await?;
            return Ok(None);
        };
        let mut fates = Fates::new(set, &before);
        for (at, faults) in &refused {
            fates.of[*at] = Fate::Refused(faults.clone());
        }
        let file = File::of_rows(set, fates.table(set, &before));
        let Some((mut batch, known)) = known::<P>(gateway, tenant_id, &file).await? else {
            return Ok(None);
        };
        if batch.source.revision != before.revision {
            return Ok(None);
        }
        let fates = Arc::new(fates);
        let (telling, whole, under) = (Arc::clone(&fates), set.clone(), batch.clone());
        let keep = move |steps: &mut Steps| telling.keep(&whole, &before, &under, steps);
        let Planned { plan, steps, report } = planned::<P, _>(known, &batch, &file, keep).await?;
        if !report.is_taken() {
            // In the last pass nothing is left but to refuse what depends on so much that is wrong.
            let all = (pass == PASSES_MAX - 1).then(|| fates.taken());
            note(&report, set, all, &mut refused);
            continue;
        }
        if steps.rows() > 0 && !bring_planned(gateway, &mut batch, plan, steps).await? {
            return Ok(None);
        }
        return Ok(Some(fates.became()));
    }
    Err(Error::Store(StoreError::inconsistent(
        "rows were refused, and what is left is wrong without them",
    )))
}

/// Notes faults by row; with `all`, every one of these rows is refused.
fn note(report: &Report, set: &Set, all: Option<Vec<usize>>, refused: &mut BTreeMap<usize, Vec<Fault>>) {
    for fault in &report.faults.shown {
        let rows: Vec<usize> = match fault.line {
            // Of the set as such.
            0 => (0..set.rows.len()).collect(),
            line => vec![row_of(line)],
        };
        for row in rows {
            refused.entry(row).or_default().push(Fault {
                line: 0,
                ..fault.clone()
            });
        }
    }
    for row in all.unwrap_or_default() {
        refused
            .entry(row)
            .or_insert_with(|| vec![fault("", "depends on rows of the same set that are wrong")]);
    }
}

fn fault(field: &str, reason: impl Into<String>) -> Fault {
    Fault {
        line: 0,
        field: field.to_owned(),
        reason: reason.into(),
    }
}

/// A row has two lines of the table: first the deletion of what it was called before, then the row.
fn row_of(line: u64) -> usize {
    usize::try_from(line.saturating_sub(1) / 2).unwrap_or(usize::MAX)
}

/// What the store has of the keys of a set.
struct Before {
    /// The revision of the source at which it was read: what is planned together is of one state.
    revision: i64,
    rows: HashMap<String, BroughtRow>,
    rejects: HashMap<String, RejectedRow>,
}

/// Nothing when there is no such source yet.
async fn before(
    tx: &mut Tx,
    tenant_id: Uuid,
    code: &str,
    entity: Entity,
    keys: &[String],
) -> Result<Option<Before>, StoreError> {
    let Some(source) = store::source::find(tx, tenant_id, code).await? else {
        return Ok(None);
    };
    let rows = store::source::brought(tx, &source, entity.word(), keys).await?;
    let rejects = store::source::rejected_of(tx, &source, entity.word(), keys).await?;
    Ok(Some(Before {
        revision: source.revision,
        rows: rows.into_iter().map(|row| (row.ext_id.clone(), row)).collect(),
        rejects: rejects.into_iter().map(|row| (row.ext_id.clone(), row)).collect(),
    }))
}

/// What is to be done with a row.
#[derive(Clone, Debug)]
enum Fate {
    /// It is planned; whether its content is new.
    Take {
        is_new: bool,
    },
    /// Its key is noted as deleted: there is nothing to delete.
    Note,
    /// Nothing: it is as it was.
    Same,
    /// Nothing: it is late.
    Stale,
    Refused(Vec<Fault>),
}

/// What is to be done with each row of a set.
struct Fates {
    of: Vec<Fate>,
}

impl Fates {
    fn new(set: &Set, before: &Before) -> Self {
        let mut latest: HashMap<&str, usize> = HashMap::new();
        for (at, row) in set.rows.iter().enumerate() {
            let place = latest.entry(&row.key).or_insert(at);
            if set.rows[*place].version <= row.version {
                *place = at;
            }
        }
        let of = set.rows.iter().enumerate().map(|(at, row)| {
            if latest.get(&*row.key) != Some(&at) {
                return Fate::Stale;
            }
            fate(set, row, before.rows.get(&row.key))
        });
        Fates { of: of.collect() }
    }

    /// The rows that are planned.
    fn taken(&self) -> Vec<usize> {
        let all = self.of.iter().enumerate();
        all.filter(|(_, fate)| matches!(fate, Fate::Take { .. }))
            .map(|(at, _)| at)
            .collect()
    }

    /// The rows that are planned, as lines of a file.
    fn table(&self, set: &Set, before: &Before) -> Table {
        let (required, optional) = set.entity.columns();
        let columns = Columns { required, optional };
        let put: HashSet<Vec<String>> = self
            .taken()
            .into_iter()
            .filter_map(|at| set.rows[at].row.as_ref())
            .map(|row| natural(set.entity, row))
            .collect();
        let mut text = String::new();
        for (at, row) in set.rows.iter().enumerate() {
            let known = before.rows.get(&row.key).filter(|known| !known.is_deleted);
            let known = known.and_then(|known| known.content.as_object());
            let (mut first, mut second) = (None, None);
            if matches!(self.of[at], Fate::Take { .. }) {
                match (&row.row, known) {
                    // What another key brings now stays.
                    (None, known) => {
                        let known = known.filter(|known| !put.contains(&natural(set.entity, known)));
                        second = known.map(deletion);
                    }
                    (Some(row), known) => {
                        second = Some(row.clone());
                        // Under another name it was another row, unless another key brings that one now.
                        let old = known.filter(|known| natural(set.entity, known) != natural(set.entity, row));
                        let old = old.filter(|old| !put.contains(&natural(set.entity, old)));
                        first = old.filter(|_| set.entity.is_deletable()).map(deletion);
                    }
                }
            }
            for line in [first, second] {
                if let Some(line) = line {
                    text.push_str(&Value::Object(line).to_string());
                }
                text.push('\n');
            }
        }
        Table::of_text(text, Format::JsonLines, columns)
    }

    /// Adds to the pieces of work what is noted of the rows themselves.
    fn keep(&self, set: &Set, before: &Before, batch: &Batch, steps: &mut Steps) {
        let (mut kept, mut rejects, mut settled) = (Vec::new(), Vec::new(), Vec::new());
        for (row, fate) in set.rows.iter().zip(&self.of) {
            let earlier = before.rejects.get(&row.key);
            match fate {
                Fate::Take { .. } | Fate::Note => kept.push(brought(set, row, before, batch)),
                // A row without a key that could be kept is told to whoever brought it, and no more.
                Fate::Refused(faults) if is_key(&row.key) => {
                    rejects.push(rejected(set, row, faults, earlier, (&batch.source, &batch.clock)));
                }
                Fate::Same | Fate::Stale | Fate::Refused(_) => {}
            }
            let is_settled = matches!(fate, Fate::Take { .. } | Fate::Note | Fate::Same);
            settled.extend(earlier.filter(|_| is_settled).map(|earlier| earlier.id));
        }
        steps.put(&kept);
        steps.put(&rejects);
        steps.clear::<RejectedRow>(&settled);
    }

    fn became(&self) -> Vec<Became> {
        let became = |fate: &Fate| match fate {
            Fate::Take { is_new: true } => Became::Stored,
            Fate::Take { is_new: false } | Fate::Note | Fate::Same => Became::Unchanged,
            Fate::Stale => Became::Stale,
            Fate::Refused(faults) => Became::Refused(faults.clone()),
        };
        self.of.iter().map(became).collect()
    }
}

fn is_key(key: &str) -> bool {
    !key.trim().is_empty() && key.chars().count() <= KEY_CHARS_MAX
}

fn fate(set: &Set, row: &Brought, known: Option<&BroughtRow>) -> Fate {
    if !is_key(&row.key) {
        let reason = format!("must have from 1 to {KEY_CHARS_MAX} characters");
        return Fate::Refused(vec![fault("key", reason)]);
    }
    let is_same = known.is_some_and(|known| match &row.row {
        None => known.is_deleted,
        Some(row) => !known.is_deleted && known.content.as_object() == Some(row),
    });
    match known {
        Some(known) if known.version > row.version => return Fate::Stale,
        Some(known) if known.version == row.version && is_same && !set.rewrites => return Fate::Same,
        Some(known) if known.version == row.version && !set.ties_win => {
            let reason = format!("version {} was brought with other content before", row.version);
            return Fate::Refused(vec![fault("version", reason)]);
        }
        _ => {}
    }
    let is_there = known.is_some_and(|known| !known.is_deleted && known.content.is_object());
    match row.row {
        Some(_) => Fate::Take { is_new: !is_same },
        None if !is_there => Fate::Note,
        None if set.entity.is_deletable() => Fate::Take { is_new: true },
        None => {
            let reason = format!("rows of {} are not taken away one by one", set.entity.word());
            Fate::Refused(vec![fault("deleted", reason)])
        }
    }
}

/// The values that make a row another one.
pub fn natural(entity: Entity, row: &Map<String, Value>) -> Vec<String> {
    let value = |column: &&str| match row.get(*column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(other) => other.to_string(),
    };
    entity.key().iter().map(value).collect()
}

fn deletion(row: &Map<String, Value>) -> Map<String, Value> {
    let mut row = row.clone();
    row.insert("deleted".to_owned(), Value::Bool(true));
    row
}

fn brought(set: &Set, row: &Brought, before: &Before, batch: &Batch) -> BroughtRow {
    let content = match &row.row {
        Some(row) => Value::Object(row.clone()),
        None => {
            let known = before.rows.get(&row.key);
            known.map_or(Value::Null, |known| known.content.clone())
        }
    };
    BroughtRow {
        tenant_id: batch.tenant.id,
        source_id: batch.source.id,
        entity: set.entity.word().to_owned(),
        ext_id: row.key.clone(),
        version: row.version,
        mapping: set.mapping.clone(),
        content,
        is_deleted: row.row.is_none(),
        brought_at: batch.now,
    }
}

fn rejected(
    set: &Set,
    row: &Brought,
    faults: &[Fault],
    earlier: Option<&RejectedRow>,
    (source, clock): (&Source, &Clock),
) -> RejectedRow {
    let now = clock.now();
    let content = row.row.as_ref().map(|row| Value::Object(row.clone()));
    let told: Vec<Value> = faults
        .iter()
        .map(|fault| json!({"field": fault.field, "reason": fault.reason}))
        .collect();
    RejectedRow {
        tenant_id: source.tenant_id,
        id: earlier.map_or_else(|| clock.new_id(), |earlier| earlier.id),
        source_id: source.id,
        entity: set.entity.word().to_owned(),
        ext_id: row.key.clone(),
        version: row.version,
        mapping: set.mapping.clone(),
        content: content.filter(|content| content.to_string().len() <= KEPT_BYTES_MAX),
        faults: Value::Array(told),
        tries: earlier.map_or(0, |earlier| earlier.tries) + 1,
        first_at: earlier.map_or(now, |earlier| earlier.first_at),
        last_at: now,
    }
}

/// Price lists, each whole: what is wrong about one of its rows refuses the list.
async fn lists(gateway: &Gateway, tenant_id: Uuid, set: &Set) -> Result<Vec<Became>, Error> {
    let mut by_list: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut became = vec![Became::Unchanged; set.rows.len()];
    for (at, row) in set.rows.iter().enumerate() {
        let list = row.row.as_ref().and_then(|row| row.get("list")).and_then(Value::as_str);
        match list {
            Some(list) => by_list.entry(list.trim().to_owned()).or_default().push(at),
            None => {
                let reason =
                    "entries of a price list are brought with their list, all in one set; one that is left out is gone";
                became[at] = Became::Refused(vec![fault("list", reason)]);
            }
        }
    }
    for (list, places) in by_list {
        let rows: Vec<&Brought> = places.iter().map(|at| &set.rows[*at]).collect();
        for (at, what) in places
            .iter()
            .zip(whole_list(gateway, tenant_id, set, &list, &rows).await?)
        {
            became[*at] = what;
        }
    }
    Ok(became)
}

async fn whole_list(
    gateway: &Gateway,
    tenant_id: Uuid,
    set: &Set,
    list: &str,
    rows: &[&Brought],
) -> Result<Vec<Became>, Error> {
    // The list has one key and one version, and its entries none of their own.
    let version = rows.iter().map(|row| row.version).max().unwrap_or(0);
    let head = Brought {
        key: list.to_owned(),
        version,
        row: None,
    };
    let (required, optional) = set.entity.columns();
    let lines = rows.iter().filter_map(|row| row.row.as_ref());
    let text: String = lines.map(|row| Value::Object(row.clone()).to_string() + "\n").collect();
    let file = File::of_rows(
        set,
        Table::of_text(text, Format::JsonLines, Columns { required, optional }),
    );
    for _ in 0..ATTEMPTS_MAX {
        journal::finish(gateway, tenant_id).await?;
        let (source, keys) = (set.source.clone(), [list.to_owned()]);
        let read = gateway
            .store
            .read(async |tx| before(tx, tenant_id, &source, Entity::Prices, &keys).await);
        let Some(before) = read.await? else {
            source::add(gateway, tenant_id, &set.source, &set.kind).await?;
            continue;
        };
        if before.rows.get(list).is_some_and(|known| known.version > version) {
            return Ok(vec![Became::Stale; rows.len()]);
        }
        let Some((mut batch, known)) = known::<super::prices::Prices>(gateway, tenant_id, &file).await? else {
            continue;
        };
        if batch.source.revision != before.revision {
            continue;
        }
        let kept = BroughtRow {
            is_deleted: false,
            ..brought(set, &head, &before, &batch)
        };
        let keep = move |steps: &mut Steps| steps.put(&[kept]);
        let Planned { plan, steps, report } = planned::<super::prices::Prices, _>(known, &batch, &file, keep).await?;
        if !report.is_taken() {
            return Ok(refuse_list(&report, rows.len()));
        }
        let counts = report.counts;
        if bring_planned(gateway, &mut batch, plan, steps).await? {
            let is_new = counts.added + counts.changed + counts.deleted > 0;
            let what = if is_new { Became::Stored } else { Became::Unchanged };
            return Ok(vec![what; rows.len()]);
        }
    }
    Err(Error::Store(StoreError::busy("other rows are being imported")))
}

fn refuse_list(report: &Report, count: usize) -> Vec<Became> {
    let mut faults: Vec<Vec<Fault>> = vec![Vec::new(); count];
    for told in &report.faults.shown {
        let place = usize::try_from(told.line).ok().and_then(|line| line.checked_sub(1));
        if let Some(of) = place.and_then(|place| faults.get_mut(place)) {
            of.push(Fault {
                line: 0,
                ..told.clone()
            });
        }
    }
    let refuse = |faults: Vec<Fault>| match faults.is_empty() {
        true => Became::Refused(vec![fault(
            "list",
            "another entry of the list is wrong; the list stays as it was",
        )]),
        false => Became::Refused(faults),
    };
    faults.into_iter().map(refuse).collect()
}

impl File {
    /// Rows as a file: every fault is told, since each refuses a row.
    fn of_rows(set: &Set, table: Table) -> File {
        File {
            name: set.entity.word().to_owned(),
            is_full: false,
            table: Arc::new(table),
            source: set.source.clone(),
            faults: Faults::with_room(ROWS_MAX * 4),
            rewrites: set.rewrites,
        }
    }
}
