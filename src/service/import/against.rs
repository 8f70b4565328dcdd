//! The rows of a source held against what the store has of them: its own rows, not what it remembers of them.
//!
//! The source's rows are planned as they are when they are brought, by the same rules, only that all of them count as
//! changed; what would be written is compared with what is there, column by column.

mod names;
mod tables;

use std::collections::{BTreeMap, HashMap, HashSet};

use openssl::sha::sha256;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::name::Entity;
use super::rows::natural;
use super::table::{Columns, Format, Table};
use super::{File, Plan, Planned, journal, known, planned, source, with_plan};
use crate::service::import::report::Faults;
use crate::service::{Error, Gateway};
use crate::store::import::{Present, Steps};
use crate::store::{self, StoreError, Tx};

pub use names::Names;
use tables::{Tables, tables};
pub use tables::{is_comparable, take_away};

/// Attempts, where others bring rows in between.
const ATTEMPTS_MAX: usize = 5;
/// Plans of one set: rows that name refused rows are refused in the next.
const PASSES_MAX: usize = 8;
/// Partitions of a kind of rows.
const PARTS: usize = 16;
/// Columns that say nothing about what a row says.
const NO_CONTENT: [&str; 10] = [
    "tenant_id",
    "id",
    "source_id",
    "ext_id",
    "row_hash",
    "synced_at",
    "deleted_at",
    "version",
    "as_of",
    "available_rule",
];

/// A row of the source, under its own key.
#[derive(Clone, Debug)]
pub struct Given {
    /// The source's key.
    pub key: String,
    /// Its values by column.
    pub row: Map<String, Value>,
}

/// What is held against the store.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// All rows of one kind that the source gives.
    pub rows: Vec<Given>,
    /// What the source brought before, by its keys: for rows that it does not give any more.
    pub brought: HashMap<String, Map<String, Value>>,
    /// Keys of what it gives, but what is no row: what the store has of them is left alone.
    pub unread: HashSet<String>,
}

/// Where a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Only in the store.
    Here,
    /// Only at the source.
    There,
    /// On both sides, with other values.
    Both,
}

/// One column with two values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The column, as files call it.
    pub field: String,
    /// The store's value.
    pub here: Option<String>,
    /// The source's value.
    pub there: Option<String>,
}

/// One row on which the two differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where the row is.
    pub side: Side,
    /// What tells it from others, as people read it.
    pub label: String,
    /// The source's key, where it has one.
    pub key: Option<String>,
    /// What differs; of a row that one side has alone, what it says.
    pub fields: Vec<Field>,
    /// The store's row, where only the store has it.
    pub row: Option<Present>,
}

/// Rows of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Rows of the store.
    pub here: u64,
    /// Rows of the source.
    pub there: u64,
    /// Hash of the store's rows.
    pub hash_here: String,
    /// Hash of the source's rows.
    pub hash_there: String,
}

/// How a kind of rows compares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Against {
    /// By partition.
    pub parts: Vec<Part>,
    /// Rows that differ.
    pub differences: Vec<Difference>,
    /// Rows of the source that could not be taken, and are not compared therefore.
    pub refused: u64,
}

/// Holds all rows of one kind that a source gives against the store.
///
/// # Errors
/// There is no such supplier, others bring rows all the time, or the store would not.
pub async fn against(
    gateway: &Gateway,
    tenant_id: Uuid,
    code: &str,
    kind: Entity,
    whole: &Whole,
) -> Result<Against, Error> {
    with_plan!(kind, compare(gateway, tenant_id, code, kind, whole))
}

async fn compare<P: Plan>(
    gateway: &Gateway,
    tenant_id: Uuid,
    code: &str,
    kind: Entity,
    whole: &Whole,
) -> Result<Against, Error> {
    let Some(tables) = tables(kind) else {
        return Ok(Against::default());
    };
    for _ in 0..ATTEMPTS_MAX {
        journal::finish(gateway, tenant_id).await?;
        let Some(plan) = plan_all::<P>(gateway, tenant_id, code, kind, whole).await? else {
            source::add(gateway, tenant_id, code, "push").await?;
            continue;
        };
        let read = gateway
            .store
            .read(async |tx| Store::read(tx, tenant_id, code, &tables).await);
        let Some(held) = read.await?.filter(|held| held.revision == plan.revision) else {
            continue;
        };
        return Ok(Comparison::new(kind, whole, plan, held).done(&tables));
    }
    Err(Error::Store(StoreError::busy("other rows are being imported")))
}

/// What the source's rows would be in the store.
struct Planning {
    /// The revision of the source under which they were planned.
    revision: i64,
    steps: Steps,
    /// Which rows of the source they are, in order.
    taken: Vec<usize>,
}

/// Plans all rows that are good; nothing where the source is not there yet or busy.
async fn plan_all<P: Plan>(
    gateway: &Gateway,
    tenant_id: Uuid,
    code: &str,
    kind: Entity,
    whole: &Whole,
) -> Result<Option<Planning>, Error> {
    let mut taken: Vec<usize> = Vec::new();
    let mut seen = HashSet::new();
    for (place, given) in whole.rows.iter().enumerate() {
        // The first record of a key is the one that was taken.
        if seen.insert(natural(kind, &given.row)) {
            taken.push(place);
        }
    }
    let (required, optional) = kind.columns();
    for _ in 0..PASSES_MAX {
        let lines = taken.iter().map(|place| &whole.rows[*place].row);
        let text: String = lines.map(|row| Value::Object(row.clone()).to_string() + "\n").collect();
        let file = File {
            name: kind.word().to_owned(),
            is_full: false,
            table: std::sync::Arc::new(Table::of_text(text, Format::JsonLines, Columns { required, optional })),
            source: code.to_owned(),
            faults: Faults::with_room(taken.len() * 4 + 1),
            rewrites: true,
        };
        let Some((batch, known)) = known::<P>(gateway, tenant_id, &file).await? else {
            return Ok(None);
        };
        let Planned { steps, report, .. } = planned::<P, _>(known, &batch, &file, |_| ()).await?;
        if report.is_taken() {
            return Ok(Some(Planning {
                revision: batch.source.revision,
                steps,
                taken,
            }));
        }
        let wrong: HashSet<u64> = report.faults.shown.iter().map(|fault| fault.line).collect();
        if wrong.contains(&0) {
            break;
        }
        let lines = std::mem::take(&mut taken).into_iter().zip(1u64..);
        taken = lines
            .filter_map(|(place, line)| (!wrong.contains(&line)).then_some(place))
            .collect();
    }
    Err(Error::Store(StoreError::inconsistent(
        "rows were refused, and what is left is wrong without them",
    )))
}

/// What the store has.
struct Store {
    revision: i64,
    source_id: Uuid,
    /// Whether no other source has brought anything: then what belongs to nobody is this one's.
    is_alone: bool,
    main: Vec<Present>,
    children: Vec<Vec<Present>>,
    names: Names,
}

impl Store {
    async fn read(tx: &mut Tx, tenant_id: Uuid, code: &str, tables: &Tables) -> Result<Option<Store>, StoreError> {
        let Some(source) = store::source::find(tx, tenant_id, code).await? else {
            return Ok(None);
        };
        let sources: Vec<store::source::Source> = store::rows::all_of(tx, tenant_id).await?;
        let is_alone = sources.iter().all(|other| other.id == source.id || other.revision == 0);
        let mut children = Vec::new();
        for (table, _) in tables.children {
            children.push(store::import::present(tx, tenant_id, table).await?);
        }
        let mut main = store::import::present(tx, tenant_id, tables.main).await?;
        main.retain(|row| !row.contains_key("deleted_at"));
        Ok(Some(Store {
            revision: source.revision,
            source_id: source.id,
            is_alone,
            main,
            children,
            names: Names::read(tx, &source).await?,
        }))
    }
}

/// A row with the rows that belong to it, as texts by column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Said(BTreeMap<String, String>);

struct Comparison<'w> {
    kind: Entity,
    whole: &'w Whole,
    plan: Planning,
    held: Store,
}

impl<'w> Comparison<'w> {
    fn new(kind: Entity, whole: &'w Whole, plan: Planning, held: Store) -> Self {
        Comparison {
            kind,
            whole,
            plan,
            held,
        }
    }

    fn done(self, tables: &Tables) -> Against {
        let planned: Vec<Present> = self.put(tables.main);
        let children: Vec<Vec<Present>> = tables.children.iter().map(|(table, _)| self.put(table)).collect();
        let owners: Vec<&str> = tables.children.iter().map(|(_, owner)| *owner).collect();
        let there_children = grouped(&children, &owners);
        let here_children = grouped(&self.held.children, &owners);
        let names = &self.held.names;
        let said = |row: &Present, children: &HashMap<(usize, String), Vec<&Present>>| {
            let mut said: BTreeMap<String, String> = row
                .iter()
                .filter(|(column, _)| !NO_CONTENT.contains(&column.as_str()))
                .map(|(column, value)| (names.word(column), names.value(value)))
                .collect();
            let id = text_of(row, "id");
            for (place, owner) in owners.iter().enumerate() {
                for child in children.get(&(place, id.to_owned())).into_iter().flatten() {
                    let (name, value) = names.child(child, owner);
                    said.insert(name, value);
                }
            }
            Said(said)
        };
        let mut here: HashMap<String, &Present> = self.held.main.iter().map(|row| (identity(row), row)).collect();
        let mut against = Against {
            parts: vec![Part::default(); PARTS],
            differences: Vec::new(),
            refused: (self.whole.rows.len() - self.plan.taken.len() + self.whole.unread.len()) as u64,
        };
        let mut hashes: Vec<[Vec<String>; 2]> = vec![[Vec::new(), Vec::new()]; PARTS];
        let mut note = |label: &str, side: usize, said: &Said, parts: &mut Vec<Part>| {
            let part = part_of(label);
            let count = if side == 0 {
                &mut parts[part].here
            } else {
                &mut parts[part].there
            };
            *count += 1;
            hashes[part][side].push(format!("{label} {:?}", said.0));
        };
        for (row, place) in planned.iter().zip(&self.plan.taken) {
            let given = &self.whole.rows[*place];
            let label = label_of(&natural(self.kind, &given.row));
            let there = said(row, &there_children);
            note(&label, 1, &there, &mut against.parts);
            let present = here.remove(&identity(row));
            let mine = present.map(|present| said(present, &here_children));
            if let Some(mine) = &mine {
                note(&label, 0, mine, &mut against.parts);
            }
            if mine.as_ref() != Some(&there) {
                against.differences.push(Difference {
                    side: if mine.is_some() { Side::Both } else { Side::There },
                    label,
                    key: Some(given.key.clone()),
                    fields: fields(mine.as_ref(), Some(&there)),
                    row: None,
                });
            }
        }
        let (left, ours) = self.left(&planned);
        let mut extra: Vec<&Present> = here.into_values().collect();
        extra.sort_by_key(|row| identity(row));
        for row in extra {
            let natural = names.natural(self.kind, row);
            let label = label_of(&natural);
            let key = ours.get(&natural);
            if left.contains(&natural) || (key.is_none() && !self.is_ours(row)) {
                continue;
            }
            let mine = said(row, &here_children);
            note(&label, 0, &mine, &mut against.parts);
            against.differences.push(Difference {
                side: Side::Here,
                label,
                key: key.map(|key| (*key).clone()),
                fields: fields(Some(&mine), None),
                row: Some(row.clone()),
            });
        }
        for (part, [here, there]) in against.parts.iter_mut().zip(&mut hashes) {
            part.hash_here = hash(here);
            part.hash_there = hash(there);
        }
        against
    }

    /// What would be written to a table.
    fn put(&self, table: &str) -> Vec<Present> {
        let of_table = self.plan.steps.puts().filter(|(target, _)| *target == table);
        let rows = of_table.flat_map(|(_, body)| serde_json::from_str::<Vec<Present>>(body).unwrap_or_default());
        rows.collect()
    }

    /// Rows that are left alone, since what the source gives of them is no row; and what the source brought, by what tells
    /// a row from others.
    fn left(&self, planned: &[Present]) -> (HashSet<Vec<String>>, HashMap<Vec<String>, &'w String>) {
        let taken: HashSet<usize> = self.plan.taken.iter().copied().collect();
        let dropped = self.whole.rows.iter().enumerate();
        let dropped = dropped.filter(|(place, _)| !taken.contains(place));
        let mut left: HashSet<Vec<String>> = dropped.map(|(_, given)| natural(self.kind, &given.row)).collect();
        let mut ours = HashMap::new();
        for (key, row) in &self.whole.brought {
            let natural = natural(self.kind, row);
            let record = key.split_once('#').map_or(key.as_str(), |(record, _)| record);
            if self.whole.unread.contains(record) {
                left.insert(natural.clone());
            }
            ours.insert(natural, key);
        }
        // What is planned is not left alone, whoever else gives it.
        for (_, place) in planned.iter().zip(&self.plan.taken) {
            left.remove(&natural(self.kind, &self.whole.rows[*place].row));
        }
        (left, ours)
    }

    /// Whether a row that the source did not bring is its concern: it is the source's own, belongs to a row of the source,
    /// or there is nobody else whose it could be.
    fn is_ours(&self, row: &Present) -> bool {
        if row.contains_key("source_id") {
            return text_of(row, "source_id") == self.held.source_id.to_string();
        }
        match self.held.names.owner(row) {
            Some(is_ours) => is_ours,
            // Units come into being when they are named.
            None => self.held.is_alone && self.kind != Entity::Units,
        }
    }
}

/// Rows that belong to others, by the place of their table and by whose they are.
fn grouped<'r>(tables: &'r [Vec<Present>], owners: &[&str]) -> HashMap<(usize, String), Vec<&'r Present>> {
    let mut grouped: HashMap<(usize, String), Vec<&Present>> = HashMap::new();
    for (place, (rows, owner)) in tables.iter().zip(owners).enumerate() {
        for row in rows {
            grouped
                .entry((place, text_of(row, owner).to_owned()))
                .or_default()
                .push(row);
        }
    }
    grouped
}

fn text_of<'r>(row: &'r Present, column: &str) -> &'r str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

/// What makes a row another one in its table.
fn identity(row: &Present) -> String {
    match text_of(row, "id") {
        "" => [
            "product_id",
            "warehouse_id",
            "price_list_id",
            "target_kind",
            "target_id",
        ]
        .map(|column| text_of(row, column))
        .join(" "),
        id => id.to_owned(),
    }
}

fn label_of(natural: &[String]) -> String {
    let parts: Vec<&str> = natural
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" · ")
}

/// The partition of a row.
fn part_of(label: &str) -> usize {
    usize::from(sha256(label.as_bytes())[0]) % PARTS
}

fn hash(rows: &mut [String]) -> String {
    rows.sort_unstable();
    let bytes = sha256(rows.join("\n").as_bytes());
    bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// What two sides say differently.
fn fields(here: Option<&Said>, there: Option<&Said>) -> Vec<Field> {
    let names = here.into_iter().chain(there).flat_map(|said| said.0.keys());
    let names: std::collections::BTreeSet<&String> = names.collect();
    let value = |side: Option<&Said>, name: &str| side.and_then(|said| said.0.get(name).cloned());
    names
        .into_iter()
        .map(|name| Field {
            field: name.clone(),
            here: value(here, name),
            there: value(there, name),
        })
        .filter(|field| field.here != field.there)
        .collect()
}
