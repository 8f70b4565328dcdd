//! The store compared with an ERP: every row that the ERP gives now against the store's own, and orders three ways.
//!
//! What differs is kept as a list that people go through: the ERP's row is taken, or the difference is accepted until
//! either side changes. Nothing is changed by comparing.

mod act;
mod compared;
mod orders;
mod prices;
mod running;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use openssl::sha::sha256;
use serde_json::{Value, json};
use uuid::Uuid;

use super::entity::{Stop, sharded};
use super::{Run, Source, Wanted, whole_entity};
use crate::erp::fault::{Class, Fault};
use crate::erp::fetch::Walk;
use crate::erp::link::Window;
use crate::erp::mapping::Entity;
use crate::service::import::against::{self, Difference, Given, Side, Whole};
use crate::service::{Error, Gateway, import};
use crate::store::drift::{DIFFERS, Drift, HERE, Reconciliation, THERE};
use crate::store::{self, StoreError};

pub use crate::store::drift::{Drift as Found, Reconciliation as Past};
pub use act::{Listed, accept, fix, fix_all, is_fixable, list, take};
pub use compared::{Compared, Kind, told};
pub use running::{Comparisons, Progress, Running, State, find, start};

/// Differences of one comparison that are kept one by one: of more, the counts tell.
const KEPT_MAX: usize = 2_000;
/// Fields of one difference that are kept.
const FIELDS_MAX: usize = 50;
/// Characters of a value that are kept.
const VALUE_CHARS_MAX: usize = 300;
/// Characters of a key that are kept.
const KEY_CHARS_MAX: usize = 400;

/// Why the store is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Somebody asked for it.
    Person,
    /// Its hour has come.
    Night,
    /// The command line.
    Command,
}

impl Cause {
    fn word(self) -> &'static str {
        match self {
            Cause::Person => "person",
            Cause::Night => "night",
            Cause::Command => "command",
        }
    }
}

/// Compares the store with a source, and keeps what differs. Nothing else is changed.
///
/// # Errors
/// There is no such supplier, or the store would not; what the ERP does not answer is in what is given back.
pub async fn reconcile(
    gateway: &Gateway,
    tenant_id: Uuid,
    source: &Source,
    cause: Cause,
    progress: &Progress,
) -> Result<Compared, Error> {
    let started_at = gateway.clock.now();
    let wanted = Wanted::default();
    let mut compared = Compared::default();
    let stored = super::stored(gateway, tenant_id, source).await?;
    let mut found: Vec<Drift> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    match Run::begin(gateway, tenant_id, source, &wanted).await? {
        Err(fault) => compared.kinds.push(Kind::stopped("", &fault)),
        Ok(mut run) => match run.look_up().await {
            Err(stopped) => {
                compared.is_unanswered = true;
                let fault = stopped.fault.unwrap_or_else(|| Fault::retry("no answer"));
                compared.kinds.push(Kind::stopped(&stopped.entity, &fault));
            }
            Ok(()) => {
                for (kind, entities) in kinds(source) {
                    progress.begin(kind.word());
                    let one = run.kind(kind, &entities, progress).await?;
                    let is_away = one.is_away;
                    if one.row.fault.is_none() {
                        seen.extend(entities.iter().map(|entity| entity.name.get_ref().clone()));
                    }
                    found.extend(one.drifts);
                    compared.kinds.push(one.row);
                    // Whoever does not answer now does not answer the next question either.
                    if is_away {
                        compared.is_unanswered = true;
                        break;
                    }
                }
            }
        },
    }
    let mut asked = Value::Array(Vec::new());
    if !compared.is_unanswered {
        progress.begin("orders");
        if let Some(looked) = orders::look(gateway, tenant_id, source, &stored).await? {
            compared.kinds.push(Kind::beside(
                "orders",
                looked.orders,
                looked.drifts.len(),
                looked.fault.as_ref(),
            ));
            found.extend(looked.drifts);
            seen.extend(looked.fault.is_none().then(|| orders::ENTITY.to_owned()));
        }
        progress.begin("prices");
        if let Some(sampled) = prices::sample(gateway, tenant_id, source, &stored).await? {
            let count = sampled.prices.len() as u64;
            compared.kinds.push(Kind::beside(
                "prices asked for",
                count,
                sampled.drifts.len(),
                sampled.fault.as_ref(),
            ));
            found.extend(sampled.drifts);
            seen.extend(sampled.fault.is_none().then(|| prices::ENTITY.to_owned()));
            compared.prices.clone_from(&sampled.prices);
            asked = Value::Array(sampled.prices);
        }
    }
    compared.drifts = keep(gateway, &stored, found, &seen).await?;
    let faults = compared.faults();
    let past = Reconciliation {
        tenant_id,
        id: gateway.clock.new_id(),
        source_id: stored.id,
        cause: cause.word().to_owned(),
        started_at,
        finished_at: gateway.clock.now(),
        parts: serde_json::to_value(&compared.kinds).unwrap_or_default(),
        prices: asked,
        differences: i64::try_from(compared.drifts.len()).unwrap_or(i64::MAX),
        error: (!faults.is_empty()).then(|| faults.join("; ")),
    };
    let write = async move |tx: &mut store::Tx| store::drift::insert(tx, &past).await;
    gateway.store.write(write).await?;
    let open = compared.open().count();
    tracing::info!(source = %source.setting.code, open, faults = faults.len(), "sync.reconciled");
    Ok(compared)
}

/// The kinds of rows of a mapping in its order, each with its entities.
fn kinds(source: &Source) -> Vec<(import::Entity, Vec<&Entity>)> {
    let mut kinds: Vec<(import::Entity, Vec<&Entity>)> = Vec::new();
    for entity in &source.mapping.entity {
        // The mapping was held against the kinds of rows when it was read.
        let Some(kind) = import::Entity::from_word(entity.rows.get_ref()) else {
            continue;
        };
        if !against::is_comparable(kind) {
            continue;
        }
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, entities)) => entities.push(entity),
            None => kinds.push((kind, vec![entity])),
        }
    }
    kinds
}

/// One kind of rows, compared.
struct One {
    row: Kind,
    drifts: Vec<Drift>,
    is_away: bool,
}

impl Run<'_> {
    async fn kind(&mut self, kind: import::Entity, entities: &[&Entity], progress: &Progress) -> Result<One, Error> {
        let mut whole = Whole::default();
        for entity in entities {
            whole.brought.extend(self.known(entity.name.get_ref(), kind).await?);
            match self.give(entity, &mut whole, progress).await {
                Ok(()) => {}
                Err(Stop::Error(error)) => return Err(error),
                Err(Stop::Fault(fault)) => {
                    return Ok(One {
                        row: Kind::stopped(kind.word(), &fault),
                        drifts: Vec::new(),
                        is_away: fault.class == Class::Retry,
                    });
                }
            }
        }
        let code = self.source.setting.code.as_str();
        let against = against::against(self.gateway, self.tenant_id, code, kind, &whole).await?;
        let first = entities.first().map(|entity| entity.name.get_ref().as_str());
        let drifts = against.differences.iter().take(KEPT_MAX);
        Ok(One {
            row: Kind::of(kind, &against),
            drifts: drifts
                .map(|difference| self.drift(difference, first.unwrap_or_default()))
                .collect(),
            is_away: false,
        })
    }

    /// Every row that an entity's records become now.
    async fn give(&mut self, entity: &Entity, whole: &mut Whole, progress: &Progress) -> Result<(), Stop> {
        let name = entity.name.get_ref().clone();
        for each in self.shards(entity)? {
            let mut walk = Walk::default();
            let fields = entity.fields();
            let question = whole_entity(entity, &fields, Window::All, each.as_ref(), self.today);
            while let Some(records) = self.fetch.next(&mut walk, &question).await? {
                for record in &records {
                    let key = entity.key_of(record).map_err(|refused| Fault::ask(refused.reason))?;
                    let key = format!("{name}/{}", sharded(&key, each.as_ref()));
                    match entity.rows_of(record, each.as_ref(), &self.beside) {
                        Ok(rows) => {
                            let has_lines = entity.lines.is_some();
                            whole.rows.extend((1..).zip(rows).map(|(place, row): (usize, _)| Given {
                                key: match has_lines {
                                    true => format!("{key}#{place}"),
                                    false => key.clone(),
                                },
                                row: row.into_iter().map(|(name, value)| (name, value.into())).collect(),
                            }));
                        }
                        Err(refused) if refused.is_missing => {
                            return Err(Fault::ask(format!("{name}: {}", refused.reason)).into());
                        }
                        Err(_) => {
                            whole.unread.insert(key);
                        }
                    }
                }
                progress.read(records.len() as u64);
            }
        }
        Ok(())
    }

    fn drift(&self, difference: &Difference, first: &str) -> Drift {
        let of_key = difference.key.as_deref().and_then(|key| key.split_once('/'));
        let fields: Vec<Value> = difference
            .fields
            .iter()
            .take(FIELDS_MAX)
            .map(|field| {
                let short = |value: &Option<String>| {
                    value
                        .as_ref()
                        .map(|value| value.chars().take(VALUE_CHARS_MAX).collect::<String>())
                };
                json!({"field": field.field, "here": short(&field.here), "there": short(&field.there)})
            })
            .collect();
        Drift {
            tenant_id: self.tenant_id,
            id: self.gateway.clock.new_id(),
            source_id: self.stored.id,
            entity: of_key.map_or(first, |(entity, _)| entity).to_owned(),
            key: difference.label.chars().take(KEY_CHARS_MAX).collect(),
            ext_id: difference.key.clone(),
            kind: match difference.side {
                Side::Here => HERE,
                Side::There => THERE,
                Side::Both => DIFFERS,
            }
            .to_owned(),
            fields: Value::Array(fields),
            refs: difference.row.clone().map_or(Value::Null, Value::Object),
            fingerprint: fingerprint(&difference.fields),
            found_at: self.now,
            accepted_at: None,
            accepted_by: None,
            reason: None,
        }
    }
}

/// A difference that is not one of rows.
fn other(
    gateway: &Gateway,
    source: &store::source::Source,
    entity: &str,
    kind: &str,
    key: String,
    fields: Vec<(String, Option<String>, Option<String>)>,
) -> Drift {
    let fields: Vec<against::Field> = fields
        .into_iter()
        .map(|(field, here, there)| against::Field { field, here, there })
        .collect();
    let told = fields.iter().take(FIELDS_MAX);
    let told = told.map(|field| json!({"field": field.field, "here": field.here, "there": field.there}));
    Drift {
        tenant_id: source.tenant_id,
        id: gateway.clock.new_id(),
        source_id: source.id,
        entity: entity.to_owned(),
        key: key.chars().take(KEY_CHARS_MAX).collect(),
        ext_id: None,
        kind: kind.to_owned(),
        fields: told.collect(),
        refs: Value::Null,
        fingerprint: fingerprint(&fields),
        found_at: gateway.clock.now(),
        accepted_at: None,
        accepted_by: None,
        reason: None,
    }
}

/// The hash of all that both sides say.
fn fingerprint(fields: &[against::Field]) -> String {
    let said = format!(
        "{:?}",
        fields
            .iter()
            .map(|field| (&field.field, &field.here, &field.there))
            .collect::<Vec<_>>()
    );
    let bytes = sha256(said.as_bytes());
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps what was found in place of what was found before of the same entities; what was accepted stays accepted where
/// neither side changed.
async fn keep(
    gateway: &Gateway,
    source: &store::source::Source,
    found: Vec<Drift>,
    compared: &HashSet<String>,
) -> Result<Vec<Drift>, Error> {
    let (tenant_id, source_id, compared) = (source.tenant_id, source.id, compared.clone());
    let write = async move |tx: &mut store::Tx| {
        let before = store::drift::of_source(tx, tenant_id, source_id).await?;
        let key = |drift: &Drift| (drift.entity.clone(), drift.key.clone(), drift.kind.clone());
        let (again, others): (Vec<Drift>, Vec<Drift>) =
            before.into_iter().partition(|drift| compared.contains(&drift.entity));
        let mut again: HashMap<_, Drift> = again.into_iter().map(|drift| (key(&drift), drift)).collect();
        // One key is one difference, whatever rows there are of it.
        let found: BTreeMap<_, Drift> = found.iter().map(|drift| (key(drift), drift.clone())).collect();
        let kept = found.into_iter().map(|(key, drift)| match again.remove(&key) {
            Some(before) if before.fingerprint == drift.fingerprint => Drift {
                refs: drift.refs,
                ext_id: drift.ext_id,
                ..before
            },
            Some(before) => Drift { id: before.id, ..drift },
            None => drift,
        });
        let kept: Vec<Drift> = kept.collect();
        let gone: Vec<Uuid> = again.into_values().map(|drift| drift.id).collect();
        store::drift::forget(tx, tenant_id, &gone).await?;
        store::drift::put(tx, &kept).await?;
        Ok::<_, StoreError>(kept.into_iter().chain(others).collect())
    };
    Ok(gateway.store.write(write).await?)
}

/// Compares a source whose hour has come, unless that was done since.
///
/// # Errors
/// As for [`reconcile`].
pub async fn nightly(gateway: &Gateway, tenant_id: Uuid, source: &Source) -> Result<bool, Error> {
    let Some(due) = due(gateway, tenant_id, source.setting.reconcile_hour) else {
        return Ok(false);
    };
    let stored = super::stored(gateway, tenant_id, source).await?;
    let read = gateway
        .store
        .read(async |tx| store::drift::last(tx, tenant_id, stored.id, 1).await);
    let last = read.await?.into_iter().next();
    // A source that came after the hour waits for the next.
    let from = last.map_or(stored.created_at, |last| last.started_at);
    if from >= due {
        return Ok(false);
    }
    reconcile(gateway, tenant_id, source, Cause::Night, &Progress::default()).await?;
    Ok(true)
}

/// The last time that the hour came; nothing where it never does.
fn due(gateway: &Gateway, tenant_id: Uuid, hour: i8) -> Option<Timestamp> {
    let directory = gateway.directory();
    let zone = directory
        .tenant(tenant_id)
        .and_then(|tenant| TimeZone::get(&tenant.time_zone).ok());
    let now = gateway.clock.now().to_zoned(zone.unwrap_or(TimeZone::UTC));
    let at = |day: jiff::civil::Date| {
        let time = jiff::civil::Time::new(hour, 0, 0, 0).ok()?;
        Some(
            day.to_datetime(time)
                .to_zoned(now.time_zone().clone())
                .ok()?
                .timestamp(),
        )
    };
    let today = at(now.date())?;
    match today <= now.timestamp() {
        true => Some(today),
        false => at(now.date().yesterday().ok()?),
    }
}
