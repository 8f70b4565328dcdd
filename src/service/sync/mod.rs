//! Rows of an ERP: fetched by a mapping, brought by the way of files, kept up as the ERP changes.
//!
//! A run takes the mapping's entities in their order. Each page is mapped, compared with what the same records gave
//! before, and taken wholly in one transaction together with that knowledge; rows that cannot be taken are put aside with
//! their reason and tried again. What is gone goes last, in reverse order, so that nothing names what is not there.

mod check;
mod drain;
mod entity;
pub mod fields;
mod folder;
pub mod hints;
pub mod hook;
pub mod keys;
pub mod lag;
pub mod look;
pub mod orders;
mod page;
pub mod reconcile;
mod rounds;
mod setting;

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::domain::away::Turn;
use crate::erp::expression::Beside;
use crate::erp::fault::{Class, Fault};
use crate::erp::fetch::{Fetch, Walk};
use crate::erp::link::{Link, Question, Window};
use crate::erp::mapping::{Entity, Found, Lookup};
use crate::erp::value::Value;
use crate::service::away::Ran;
use crate::service::{Error, Gateway, away, import};
use crate::store::{self, StoreError};

pub use check::{Checked, check};
pub use folder::{find, sources};
pub use rounds::{of_source, rounds};
pub use setting::{Setting, Source, mapping};

/// Records of one lookup: the units of some ten thousand products.
const LOOKUP_RECORDS_MAX: usize = 100_000;

/// What a run is to do.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Whether everything is read and compared.
    pub full: bool,
    /// The entities; none named is all.
    pub entities: Vec<String>,
    /// Whether as many rows may be gone as are.
    pub accept_deletions: bool,
}

/// How one entity went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Went {
    /// The entity.
    pub entity: String,
    /// Whether all of it was read.
    pub is_full: bool,
    /// Records that came.
    pub seen: u64,
    /// Rows that are new.
    pub added: u64,
    /// Rows with other values.
    pub changed: u64,
    /// Rows that were deleted.
    pub deleted: u64,
    /// Records and rows that were not taken.
    pub rejected: u64,
    /// Why it did not come to its end.
    pub fault: Option<Fault>,
}

impl std::fmt::Display for Went {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mode = if self.is_full { "all" } else { "changes" };
        write!(
            f,
            "{} ({mode}): {} records; {} rows added, {} changed, {} deleted, {} rejected",
            self.entity, self.seen, self.added, self.changed, self.deleted, self.rejected
        )?;
        match &self.fault {
            Some(fault) => write!(f, "\n  {fault}"),
            None => Ok(()),
        }
    }
}

/// One run of one source.
struct Run<'r> {
    gateway: &'r Gateway,
    tenant_id: Uuid,
    source: &'r Source,
    /// As the store has it.
    stored: store::source::Source,
    wanted: &'r Wanted,
    fetch: Fetch,
    beside: Beside,
    now: Timestamp,
    today: Date,
    /// Whether a row has another key now, so that what names it must be mapped anew.
    is_renamed: bool,
}

/// How an entity went, and the keys of rows that are gone.
struct Gone {
    bringing: page::Bringing,
    keys: Vec<String>,
    /// What is kept of how it went.
    run_id: Uuid,
}

/// Runs a source once.
///
/// # Errors
/// There is no such supplier, or the store would not; what the ERP does not answer is in what is given back.
pub async fn run(gateway: &Gateway, tenant_id: Uuid, source: &Source, wanted: &Wanted) -> Result<Vec<Went>, Error> {
    let known: Vec<&str> = source
        .mapping
        .entity
        .iter()
        .map(|entity| entity.name.get_ref().as_str())
        .collect();
    if let Some(unknown) = wanted.entities.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(Error::Setting(format!(
            "The mapping has no entity {unknown}; it has {}.",
            known.join(", ")
        )));
    }
    let mut run = match Run::begin(gateway, tenant_id, source, wanted).await? {
        Ok(run) => run,
        Err(fault) => return Ok(vec![Went::stopped("", fault)]),
    };
    let source_id = run.stored.id;
    let went = run.all().await?;
    run.settle_holds(&went).await?;
    import::follow(gateway, tenant_id).await?;
    let ran = Ran {
        rules: source.rules(),
        outcome: answered(&went),
        is_whole: wanted.entities.is_empty(),
        takes_orders: source.takes_orders(),
    };
    away::note_run(gateway, tenant_id, source_id, ran).await?;
    let code = source.setting.code.as_str();
    for went in &went {
        match &went.fault {
            Some(fault) => tracing::warn!(source = code, entity = %went.entity, %fault, "sync.stopped"),
            None => tracing::debug!(source = code, %went, "sync.done"),
        }
    }
    Ok(went)
}

/// What became of the wish to run a source.
#[derive(Clone, Debug)]
pub enum Round {
    /// It ran.
    Ran(Vec<Went>),
    /// The ERP is away and left alone; so many seconds at least, where that is known.
    LeftAlone(Option<i64>),
}

/// Runs a source once, unless its ERP is away and is to be left alone.
///
/// # Errors
/// As for [`run`].
pub async fn round(gateway: &Gateway, tenant_id: Uuid, source: &Source) -> Result<Round, Error> {
    match away::turn(gateway, tenant_id, &source.setting.code).await? {
        Turn::Wait(seconds) => Ok(Round::LeftAlone(seconds)),
        Turn::Ask | Turn::Try => run(gateway, tenant_id, source, &Wanted::default())
            .await
            .map(Round::Ran),
    }
}

/// Whether the ERP answered a run; nothing where it was there, but refused what it was asked for first.
fn answered(went: &[Went]) -> Option<Result<(), String>> {
    let faults = went.iter().filter_map(|went| went.fault.as_ref());
    if let Some(fault) = faults.clone().find(|fault| fault.class == Class::Retry) {
        return Some(Err(fault.text.clone()));
    }
    (went.len() > faults.count()).then_some(Ok(()))
}

impl<'r> Run<'r> {
    /// A run that has asked nothing yet.
    async fn begin(
        gateway: &'r Gateway,
        tenant_id: Uuid,
        source: &'r Source,
        wanted: &'r Wanted,
    ) -> Result<Result<Run<'r>, Fault>, Error> {
        let Some(tenant) = gateway.directory().tenant(tenant_id).cloned() else {
            return Err(Error::Setting("There is no such supplier.".into()));
        };
        let stored = stored(gateway, tenant_id, source).await?;
        let now = gateway.clock.now();
        let zone = jiff::tz::TimeZone::get(&tenant.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let link = match Link::new(&source.mapping, &source.access) {
            Ok(link) => link,
            Err(fault) => return Ok(Err(fault)),
        };
        Ok(Ok(Run {
            gateway,
            tenant_id,
            source,
            stored,
            wanted,
            fetch: Fetch::new(link, &source.mapping.limits),
            beside: Beside {
                settings: source.values(),
                words: source.mapping.words.clone(),
                ..Beside::default()
            },
            now,
            today: now.to_zoned(zone).date(),
            is_renamed: false,
        }))
    }

    /// Reads the small tables that expressions look into.
    async fn look_up(&mut self) -> Result<(), Went> {
        for lookup in &self.source.mapping.lookup {
            match lookup_records(&mut self.fetch, lookup, self.today).await {
                Ok(records) => self.beside.lookups.insert(lookup.name.clone(), records),
                Err(fault) => return Err(Went::stopped(&lookup.name, fault)),
            };
        }
        Ok(())
    }
}

impl Run<'_> {
    /// Where the stock was read to its end, it counts the orders that the ERP confirmed before.
    async fn settle_holds(&self, went: &[Went]) -> Result<(), Error> {
        let of_stock = |entity: &&Entity| entity.rows.get_ref() == "stock";
        let mut stock = self.source.mapping.entity.iter().filter(of_stock).peekable();
        let is_read = |entity: &Entity| {
            let name = entity.name.get_ref();
            went.iter().any(|went| went.entity == *name && went.fault.is_none())
        };
        if stock.peek().is_none() || !stock.all(is_read) {
            return Ok(());
        }
        let (tenant_id, before, now) = (self.tenant_id, self.now, self.gateway.clock.now());
        let superseded = self
            .gateway
            .store
            .write(async move |tx| store::erp_order::supersede_holds(tx, tenant_id, before, now).await);
        superseded.await?;
        Ok(())
    }
}

/// The source as the store has it; it is made where it is not there yet.
async fn stored(gateway: &Gateway, tenant_id: Uuid, source: &Source) -> Result<store::source::Source, Error> {
    let new = store::source::Source {
        tenant_id,
        id: gateway.clock.new_id(),
        code: source.setting.code.clone(),
        kind: source.mapping.kind.clone(),
        status: store::source::ACTIVE.to_owned(),
        revision: 0,
        created_at: gateway.clock.now(),
    };
    let write = async move |tx: &mut store::Tx| {
        store::source::add(tx, &new).await?;
        let found = store::source::find(tx, tenant_id, &new.code).await?;
        found.ok_or_else(|| StoreError::inconsistent(format!("source {}: it was just made", new.code)))
    };
    Ok(gateway.store.write(write).await?)
}

impl Went {
    fn stopped(entity: &str, fault: Fault) -> Went {
        Went {
            entity: entity.to_owned(),
            fault: Some(fault),
            ..Went::default()
        }
    }
}

impl Run<'_> {
    async fn all(&mut self) -> Result<Vec<Went>, Error> {
        if let Err(stopped) = self.look_up().await {
            return Ok(vec![stopped]);
        }
        let mut gone = Vec::new();
        for entity in &self.source.mapping.entity {
            let name = entity.name.get_ref();
            if !self.wanted.entities.is_empty() && !self.wanted.entities.contains(name) {
                continue;
            }
            let one = self.entity(entity).await?;
            let fault = one.bringing.went.fault.as_ref();
            let is_unreachable = fault.is_some_and(|fault| fault.class == Class::Retry);
            gone.push(one);
            // Whoever does not answer now does not answer the next question either.
            if is_unreachable {
                break;
            }
        }
        let mut all = Vec::with_capacity(gone.len());
        for gone in gone.into_iter().rev() {
            all.push(self.delete(gone).await?);
        }
        all.reverse();
        Ok(all)
    }
}

/// The question for an entity's records.
fn whole_entity<'q>(
    entity: &'q Entity,
    fields: &'q [String],
    window: Window,
    each: Option<&'q Value>,
    today: Date,
) -> Question<'q> {
    Question {
        from: &entity.from,
        filter: entity.filter.as_ref().map(Value::from_toml).unwrap_or_default(),
        context: Value::from_toml(&toml::Value::Table(entity.context.clone())),
        fields,
        key: &entity.key,
        changed: &entity.changed,
        window,
        only: None,
        limit: entity.page_rows.unwrap_or_default(),
        each,
        today,
        position: None,
    }
}

async fn lookup_records(fetch: &mut Fetch, lookup: &Lookup, today: Date) -> Result<Found, Fault> {
    let (mut records, mut walk, mut count) = (Found::new(), Walk::default(), 0);
    let question = Question {
        from: &lookup.from,
        filter: lookup.filter.as_ref().map(Value::from_toml).unwrap_or_default(),
        context: Value::Record(Vec::new()),
        fields: &lookup.fields,
        key: lookup.page_key.as_ref().unwrap_or(&lookup.key),
        changed: &[],
        window: Window::All,
        only: None,
        limit: 0,
        each: None,
        today,
        position: None,
    };
    while let Some(page) = fetch.next(&mut walk, &question).await? {
        for record in page {
            count += 1;
            let added = lookup.add(&mut records, record);
            added.map_err(|refused| Fault::ask(format!("the lookup {}: {}", lookup.name, refused.reason)))?;
        }
        if count > LOOKUP_RECORDS_MAX {
            let text = format!("the lookup {} has more than {LOOKUP_RECORDS_MAX} records", lookup.name);
            return Err(Fault::ask(text));
        }
    }
    Ok(records)
}

/// How a run of one entity went, as it is kept.
pub use crate::store::sync::Run as RunRecord;

/// Seconds in words: `90 s`, `5 min`, `3 h`, `2 days`.
pub fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The last runs of a source, the latest first.
///
/// # Errors
/// The store would not.
pub async fn runs(
    gateway: &Gateway,
    tenant_id: Uuid,
    source_id: Uuid,
    limit: i64,
) -> Result<Vec<store::sync::Run>, Error> {
    let runs = gateway
        .store
        .read(async |tx| store::sync::runs(tx, tenant_id, source_id, limit).await);
    Ok(runs.await?)
}
