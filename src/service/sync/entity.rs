//! One entity of a run: what is asked for, and what is gone.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::page::{Bringing, REJECTS_MAX};
use super::{Gone, Run, Went, whole_entity};
use crate::erp::expression::moment;
use crate::erp::fault::{Class, Fault};
use crate::erp::fetch::Walk;
use crate::erp::link::Window;
use crate::erp::mapping::Entity;
use crate::erp::value::Value;
use crate::service::{Error, import};
use crate::store::source::RejectedRow;
use crate::store::sync::Cursor;
use crate::store::{self, StoreError};

/// Rows that may be gone at once whatever their share.
const GONE_ANYWAY: usize = 5;
/// Keys that are read at a time.
const KEYS_PER_READ: i64 = 5_000;

/// What of an entity is asked for.
struct Plan {
    window: Window,
    /// Whether all records come, so that others are gone.
    is_full: bool,
    /// Whether rows that are as they were are brought all the same, so that the store is held against them.
    is_thorough: bool,
    /// Whether the keys are compared afterwards.
    compares_keys: bool,
}

/// Why an entity did not come to its end.
pub(super) enum Stop {
    /// The ERP, or the mapping.
    Fault(Fault),
    /// The store.
    Error(Error),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Error(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Stop::Error(error.into())
    }
}

impl Run<'_> {
    /// Brings what an entity's records became, and gives back the rows that are gone.
    pub(super) async fn entity(&mut self, entity: &Entity) -> Result<Gone, Error> {
        let name = entity.name.get_ref().clone();
        // The mapping was held against the kinds of rows when it was read.
        let kind = import::Entity::from_word(entity.rows.get_ref()).unwrap_or(import::Entity::Units);
        let (tenant_id, source_id) = (self.tenant_id, self.stored.id);
        let before = self
            .gateway
            .store
            .read(async |tx| store::sync::cursor(tx, tenant_id, source_id, &name).await);
        let before = before.await?;
        let plan = self.plan(entity, before.as_ref());
        let known = self.known(&name, kind).await?;
        let mut bringing = Bringing::new(entity, kind, known, plan.is_thorough);
        bringing.went.is_full = plan.is_full;
        let mut cursor = before.clone().unwrap_or_else(|| self.no_cursor(&name));
        let (keys, fault) = match self.walk(entity, &plan, &mut bringing, &mut cursor).await {
            Ok(keys) => (keys, None),
            Err(Stop::Fault(fault)) => (Vec::new(), Some(fault)),
            Err(Stop::Error(error)) => return Err(error),
        };
        self.is_renamed |= bringing.is_renamed;
        bringing.went.fault = fault;
        bringing.went.rejected = self.rejected(&name, kind).await?.len() as u64;
        let run_id = self.end(&bringing.went, before, cursor).await?;
        Ok(Gone { bringing, keys, run_id })
    }

    /// What an entity has brought, by key.
    pub(super) async fn known(
        &self,
        name: &str,
        kind: import::Entity,
    ) -> Result<HashMap<String, serde_json::Map<String, serde_json::Value>>, Error> {
        let prefix = format!("{name}/");
        let (mut known, mut after) = (HashMap::new(), String::new());
        loop {
            let from = after.clone();
            let read = self.gateway.store.read(async |tx| {
                store::source::brought_keys(tx, &self.stored, kind.word(), &from, KEYS_PER_READ).await
            });
            let rows = read.await?;
            let Some(last) = rows.last() else { return Ok(known) };
            after.clone_from(&last.ext_id);
            for row in rows.into_iter().filter(|row| row.ext_id.starts_with(&prefix)) {
                if let serde_json::Value::Object(content) = row.content {
                    known.insert(row.ext_id, content);
                }
            }
        }
    }

    /// What of an entity could not be taken.
    pub(super) async fn rejected(&self, name: &str, kind: import::Entity) -> Result<Vec<RejectedRow>, Error> {
        let prefix = format!("{name}/");
        let limit = i64::try_from(REJECTS_MAX).unwrap_or(i64::MAX);
        let read = self
            .gateway
            .store
            .read(async |tx| store::source::rejected(tx, &self.stored, Some(kind.word()), limit).await);
        let mut rejected = read.await?;
        rejected.retain(|reject| reject.ext_id.starts_with(&prefix));
        Ok(rejected)
    }

    fn no_cursor(&self, entity: &str) -> Cursor {
        Cursor {
            tenant_id: self.tenant_id,
            source_id: self.stored.id,
            entity: entity.to_owned(),
            mapping: String::new(),
            cursor_at: None,
            full_at: None,
            reconciled_at: None,
            ok_at: None,
            error: None,
        }
    }

    fn plan(&self, entity: &Entity, before: Option<&Cursor>) -> Plan {
        let age = |at: Option<Timestamp>| at.map_or(SignedDuration::MAX, |at| self.now.duration_since(at));
        let is_other_mapping = before.is_none_or(|before| before.mapping != self.source.mapping.version);
        let is_old = age(before.and_then(|before| before.full_at)) >= SignedDuration::from_hours(entity.full_hours);
        let is_thorough = self.wanted.full || is_other_mapping || is_old;
        let since = before
            .and_then(|before| before.cursor_at)
            .filter(|_| !entity.changed.is_empty());
        let is_full = is_thorough || self.is_renamed || since.is_none();
        let overlap = SignedDuration::from_secs(entity.overlap_seconds);
        let window = match since {
            Some(at) if !is_full => Window::Since(at.saturating_sub(overlap).unwrap_or(Timestamp::UNIX_EPOCH)),
            _ => Window::All,
        };
        let compared = age(before.and_then(|before| before.reconciled_at));
        Plan {
            window,
            is_full,
            is_thorough,
            compares_keys: !is_full && compared >= SignedDuration::from_mins(entity.reconcile_minutes),
        }
    }

    /// Every page of an entity, then what was rejected once more; gives back the rows that are gone.
    async fn walk(
        &mut self,
        entity: &Entity,
        plan: &Plan,
        bringing: &mut Bringing,
        cursor: &mut Cursor,
    ) -> Result<Vec<String>, Stop> {
        let mut latest: Option<Timestamp> = None;
        for each in self.shards(entity)? {
            let mut walk = Walk::default();
            let fields = entity.fields();
            let question = whole_entity(entity, &fields, plan.window, each.as_ref(), self.today);
            while let Some(records) = self.fetch.next(&mut walk, &question).await? {
                latest = latest.max(records.iter().filter_map(|record| changed_at(entity, record)).max());
                bringing.page(self, entity, &records, each.as_ref()).await?;
            }
        }
        let open = self.rejected(entity.name.get_ref(), bringing.kind).await?;
        if open.len() >= REJECTS_MAX {
            return Err(Fault::ask(format!("{REJECTS_MAX} rows or more are rejected")).into());
        }
        let over = bringing.again(self, open, plan.is_full).await?;
        import::rows::settle(self.gateway, self.tenant_id, over).await?;
        let gone = match (plan.is_full, plan.compares_keys) {
            (true, _) => {
                let gone = bringing.unseen();
                self.judge_gone(entity, bringing, gone)?
            }
            (false, true) => {
                let keys = self.keys(entity).await?;
                let gone = bringing.not_among(&keys);
                self.judge_gone(entity, bringing, gone)?
            }
            (false, false) => Vec::new(),
        };
        // A clock of the ERP that runs ahead must not carry us past what is not written yet.
        let latest = latest.map(|at| at.min(self.now));
        cursor.cursor_at = cursor.cursor_at.max(latest).filter(|_| !entity.changed.is_empty());
        cursor.mapping.clone_from(&self.source.mapping.version);
        cursor.ok_at = Some(self.now);
        if plan.is_full || plan.compares_keys {
            cursor.reconciled_at = Some(self.now);
        }
        if plan.is_thorough {
            cursor.full_at = Some(self.now);
        }
        Ok(gone)
    }

    /// The records of the lookup for each of which the question is asked.
    pub(super) fn shards(&self, entity: &Entity) -> Result<Vec<Option<Value>>, Fault> {
        let Some(lookup) = &entity.for_each else {
            return Ok(vec![None]);
        };
        let records = self.beside.lookups.get(lookup);
        let records = records.ok_or_else(|| Fault::ask(format!("there is no lookup {lookup}")))?;
        Ok(records.values().cloned().map(Some).collect())
    }

    async fn keys(&mut self, entity: &Entity) -> Result<HashSet<String>, Fault> {
        let mut keys = HashSet::new();
        for each in self.shards(entity)? {
            let mut walk = Walk::default();
            let question = whole_entity(entity, &[], Window::Keys, each.as_ref(), self.today);
            while let Some(records) = self.fetch.next(&mut walk, &question).await? {
                for record in &records {
                    let key = entity.key_of(record).map_err(|refused| Fault::ask(refused.reason))?;
                    keys.insert(sharded(&key, each.as_ref()));
                }
            }
        }
        Ok(keys)
    }

    /// A load that suddenly has much less is no reason to delete the rest.
    fn judge_gone(&self, entity: &Entity, bringing: &Bringing, gone: Vec<String>) -> Result<Vec<String>, Fault> {
        // What is never taken away stays: units, and the last state of orders that the ERP has put away.
        if !bringing.kind.is_deletable() {
            return Ok(Vec::new());
        }
        let before = bringing.known_before;
        let is_much = gone.len() > GONE_ANYWAY && gone.len() * 100 > before * entity.gone_percent_max;
        let is_all = gone.len() >= before && before > 1;
        if (is_much || is_all) && !self.wanted.accept_deletions {
            return Err(Fault::ask(format!(
                "{} of {before} rows are gone from the ERP at once, more than {} percent; nothing was deleted. Where that \
                 is right, run it again with --accept-deletions",
                gone.len(),
                entity.gone_percent_max
            )));
        }
        Ok(gone)
    }

    async fn end(&self, went: &Went, before: Option<Cursor>, mut cursor: Cursor) -> Result<Uuid, Error> {
        let gateway = self.gateway;
        cursor.error = went.fault.as_ref().map(|fault| fault.text.clone());
        let run = store::sync::Run {
            cursor_from: before.and_then(|before| before.cursor_at),
            cursor_to: cursor.cursor_at,
            ..self.record(went, if went.is_full { "full" } else { "changed" })
        };
        let id = run.id;
        let write = async move |tx: &mut store::Tx| store::sync::end_run(tx, &cursor, &run).await;
        gateway.store.write(write).await?;
        Ok(id)
    }

    /// What is kept of how an entity went.
    pub(super) fn record(&self, went: &Went, mode: &str) -> store::sync::Run {
        store::sync::Run {
            tenant_id: self.tenant_id,
            id: self.gateway.clock.new_id(),
            source_id: self.stored.id,
            entity: went.entity.clone(),
            mode: mode.to_owned(),
            started_at: self.now,
            finished_at: self.gateway.clock.now(),
            seen: count(went.seen),
            added: count(went.added),
            changed: count(went.changed),
            deleted: count(went.deleted),
            rejected: count(went.rejected),
            cursor_from: None,
            cursor_to: None,
            outcome: match &went.fault {
                None => "done",
                Some(fault) if fault.class == Class::Retry => "retry",
                Some(_) => "ask",
            }
            .to_owned(),
            error: went.fault.as_ref().map(|fault| fault.text.clone()),
        }
    }

    /// Deletes rows that are gone; tells how the entity went with that.
    pub(super) async fn delete(&mut self, gone: Gone) -> Result<Went, Error> {
        let Gone {
            mut bringing,
            keys,
            run_id,
        } = gone;
        let before = bringing.went.deleted;
        match bringing.delete(self, keys).await {
            Ok(()) => {}
            Err(Stop::Error(error)) => return Err(error),
            Err(Stop::Fault(fault)) => bringing.went.fault = Some(fault),
        }
        if bringing.went.deleted > before {
            let (tenant_id, deleted) = (self.tenant_id, count(bringing.went.deleted));
            let write = async move |tx: &mut store::Tx| store::sync::add_deleted(tx, tenant_id, run_id, deleted).await;
            self.gateway.store.write(write).await?;
        }
        Ok(bringing.went)
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A record's key among all shards.
pub(super) fn sharded(key: &str, each: Option<&Value>) -> String {
    let shard = each.and_then(|each| each.member("id")).and_then(Value::as_text);
    match shard {
        Some(shard) => format!("{shard}/{key}"),
        None => key.to_owned(),
    }
}

/// The last of the moments at which a record changed.
fn changed_at(entity: &Entity, record: &Value) -> Option<Timestamp> {
    fn last(value: &Value) -> Option<Timestamp> {
        match value {
            Value::List(items) => items.iter().filter_map(last).max(),
            other => moment(other, None).ok(),
        }
    }
    entity
        .changed
        .iter()
        .filter_map(|path| last(&path.of(record).ok()?))
        .max()
}
