//! Files of catalogue rows: products, contracts, stock and the state of orders (see `templates/help/import.md`).
//!
//! A file is taken wholly or not at all. It is read and checked against what the store has before anything is written;
//! then only rows that changed are written, many to a statement, and the change feed tells everyone who keeps something
//! derived. What was planned holds only while no other file came in between: the source's revision is compared and
//! raised in the same transaction, else the file is planned anew.
//!
//! Orders are not held up: a large file is put by in small writes, taken by one, and applied by small ones again (see
//! [`journal`]); prices, which may be millions, are written beside the present ones and one small write puts them in
//! force (see [`prices`]).

#[macro_use]
mod fact;

mod account;
pub mod against;
mod agreement;
mod attribute;
mod belonging;
mod content;
mod journal;
mod media;
mod name;
mod order;
mod policy;
mod price;
mod prices;
mod product;
pub mod push;
mod relation;
mod report;
pub mod rows;
mod rule;
mod source;
mod stock;
mod supply;
mod table;
mod trade;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::party::Tenant;
use crate::service::{Error, Gateway, search, terms};
use crate::store::agreement::{AgreementLineRow, AgreementRow, AgreementShipToRow};
use crate::store::attribute::{AttributeRow, AttributeTextRow, FacetRow, ProductAttributeRow};
use crate::store::belonging::{AddressRow, AssortmentRow, CreditRow, OwnPartRow};
use crate::store::content::{CategoryTextRow, ProductTextRow};
use crate::store::feed::Change;
use crate::store::import::Steps;
use crate::store::media::ProductMediaRow;
use crate::store::policy::PolicyRow;
use crate::store::relation::{KitComponentRow, RelationRow};
use crate::store::rule::RuleRow;
use crate::store::source::Source;
use crate::store::supply::{SourcingRow, SupplyRow};
use crate::store::synonym::SynonymRow;
use crate::store::trade::{PromotionRow, RateRow, TaxRuleRow};
use crate::store::{self, StoreError, Tx};

use fact::Facts;
pub(super) use journal::finish;
pub use name::Entity;
use name::FileName;
pub use report::{Counts, Fault, Faults, Report};
use table::{Columns, Table};

/// Calls a function of plans with the plan of an entity.
macro_rules! with_plan {
    ($entity:expr, $call:ident($($value:expr),*)) => {{
        use $crate::service::import::name::Entity;
        use $crate::service::import::*;
        match $entity {
            Entity::Units => $call::<product::Units>($($value),*).await,
            Entity::Categories => $call::<product::Categories>($($value),*).await,
            Entity::Products => $call::<product::Products>($($value),*).await,
            Entity::Warehouses => $call::<stock::Warehouses>($($value),*).await,
            Entity::Accounts => $call::<account::Accounts>($($value),*).await,
            Entity::PricePolicies => $call::<Facts<PolicyRow>>($($value),*).await,
            Entity::PriceLists => $call::<price::Lists>($($value),*).await,
            Entity::PriceAssignments => $call::<price::Assignments>($($value),*).await,
            Entity::Prices => $call::<prices::Prices>($($value),*).await,
            Entity::Stock => $call::<stock::Stock>($($value),*).await,
            Entity::ProductTexts => $call::<Facts<ProductTextRow>>($($value),*).await,
            Entity::CategoryTexts => $call::<Facts<CategoryTextRow>>($($value),*).await,
            Entity::Attributes => $call::<Facts<AttributeRow>>($($value),*).await,
            Entity::AttributeTexts => $call::<Facts<AttributeTextRow>>($($value),*).await,
            Entity::Facets => $call::<Facts<FacetRow>>($($value),*).await,
            Entity::ProductAttributes => $call::<Facts<ProductAttributeRow>>($($value),*).await,
            Entity::Media => $call::<Facts<ProductMediaRow>>($($value),*).await,
            Entity::Synonyms => $call::<Facts<SynonymRow>>($($value),*).await,
            Entity::Relations => $call::<Facts<RelationRow>>($($value),*).await,
            Entity::Kits => $call::<Facts<KitComponentRow>>($($value),*).await,
            Entity::Addresses => $call::<Facts<AddressRow>>($($value),*).await,
            Entity::OwnParts => $call::<Facts<OwnPartRow>>($($value),*).await,
            Entity::Assortments => $call::<Facts<AssortmentRow>>($($value),*).await,
            Entity::Credit => $call::<Facts<CreditRow>>($($value),*).await,
            Entity::Rates => $call::<Facts<RateRow>>($($value),*).await,
            Entity::TaxRules => $call::<Facts<TaxRuleRow>>($($value),*).await,
            Entity::PriceRules => $call::<Facts<RuleRow>>($($value),*).await,
            Entity::Agreements => $call::<Facts<AgreementRow>>($($value),*).await,
            Entity::AgreementShipTos => $call::<Facts<AgreementShipToRow>>($($value),*).await,
            Entity::AgreementLines => $call::<Facts<AgreementLineRow>>($($value),*).await,
            Entity::Promotions => $call::<Facts<PromotionRow>>($($value),*).await,
            Entity::Supply => $call::<Facts<SupplyRow>>($($value),*).await,
            Entity::Sourcing => $call::<Facts<SourcingRow>>($($value),*).await,
            Entity::OrderStatus => $call::<order::OrderStates>($($value),*).await,
        }
    }};
}
use with_plan;

/// Largest file, in bytes: some millions of prices, and read into memory as a whole.
pub const FILE_BYTES_MAX: u64 = 256 << 20;
/// Plans of one file, when other files come in between.
const ATTEMPTS_MAX: usize = 5;
/// Changes told one by one; of more, the change feed says that many changed.
const CHANGES_MAX: usize = 1_000;

/// Files in the order in which they are to be taken: those of a folder that have a name of ours, or the one file.
///
/// # Errors
/// The folder or file cannot be read.
pub fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        std::fs::metadata(path)?;
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match FileName::parse(name) {
            // A wrong name comes first, so that it is told before anything is taken.
            Some(Err(_)) => files.push((None, true, path)),
            Some(Ok(named)) if path.is_file() => files.push((Some(named.entity), true, path)),
            // Before the rows that name them.
            None if media::promised(name).is_some() && path.is_file() => files.push((Some(Entity::Media), false, path)),
            _ => {}
        }
    }
    files.sort();
    Ok(files.into_iter().map(|(.., path)| path).collect())
}

/// Takes a file, or the files of a folder in the order in which they depend on each other; ends at the first that is
/// refused.
///
/// # Errors
/// The store would not; files before are taken.
pub async fn path(gateway: &Gateway, tenant_id: Uuid, path: &Path) -> Result<Vec<Report>, Error> {
    let files = match files(path) {
        Ok(files) => files,
        Err(error) => return Ok(vec![Report::refused(&path.display().to_string(), 0, error.to_string())]),
    };
    let mut reports = Vec::new();
    for file in files {
        let name = file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let report = match read(&file) {
            Ok(bytes) => bring(gateway, tenant_id, &name, bytes).await?,
            Err(error) => Report::refused(&name, 0, error.to_string()),
        };
        let is_taken = report.is_taken();
        reports.push(report);
        if !is_taken {
            break;
        }
    }
    follow(gateway, tenant_id).await?;
    Ok(reports)
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let bytes = std::fs::metadata(file)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(std::io::Error::other(TOO_LARGE));
    }
    std::fs::read(file)
}

const TOO_LARGE: &str = "is larger than 256 MiB; split it";

/// Takes several files given by name and content, in their order; ends at the first that is refused.
///
/// # Errors
/// The store would not; files before are taken.
pub async fn all(gateway: &Gateway, tenant_id: Uuid, files: Vec<(&str, Vec<u8>)>) -> Result<Vec<Report>, Error> {
    let mut reports = Vec::with_capacity(files.len());
    for (name, bytes) in files {
        let report = bring(gateway, tenant_id, name, bytes).await?;
        let is_taken = report.is_taken();
        reports.push(report);
        if !is_taken {
            break;
        }
    }
    follow(gateway, tenant_id).await?;
    Ok(reports)
}

/// Reads anew what rows of a supplier changed: prices and goods in memory, and the search.
///
/// # Errors
/// The store would not, or a row contradicts itself.
pub async fn follow(gateway: &Gateway, tenant_id: Uuid) -> Result<(), Error> {
    terms::refresh_of(gateway, tenant_id).await?;
    search::follow_held(gateway, tenant_id).await
}

/// Takes one file; prices and goods in memory are as before until somebody refreshes them.
async fn bring(gateway: &Gateway, tenant_id: Uuid, name: &str, bytes: Vec<u8>) -> Result<Report, Error> {
    let named = match FileName::parse(name) {
        Some(Ok(named)) => named,
        Some(Err(reason)) => return Ok(Report::refused(name, 0, reason)),
        None if media::promised(name).is_some() => return media::bring(gateway, tenant_id, name, bytes).await,
        None => {
            let reason = "the name must end in .csv or .jsonl, or in that of a picture or PDF document";
            return Ok(Report::refused(name, 0, reason));
        }
    };
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Ok(Report::refused(name, 0, TOO_LARGE));
    }
    let (required, optional) = named.entity.columns();
    let table = match Table::new(bytes, named.format, Columns { required, optional }) {
        Ok(table) => Arc::new(table),
        Err((line, reason)) => return Ok(Report::refused(name, line, reason)),
    };
    let file = File {
        name: name.to_owned(),
        is_full: named.is_full,
        table,
        source: source::FILES.to_owned(),
        faults: Faults::default(),
        rewrites: false,
    };
    with_plan!(named.entity, take(gateway, tenant_id, &file))
}

/// A file with a name of ours.
struct File {
    name: String,
    is_full: bool,
    table: Arc<Table>,
    /// The code of the source that it belongs to.
    source: String,
    /// Nothing yet, with room for the faults that are told.
    faults: Faults,
    /// Whether rows are written also where they are as they were brought before.
    rewrites: bool,
}

/// What a plan is made under.
#[derive(Clone)]
struct Batch {
    tenant: Arc<Tenant>,
    /// Connections: identifier, short name, and the buyer's short name.
    connections: Arc<[(Uuid, String, String)]>,
    source: Source,
    is_full: bool,
    /// Whether rows count as changed also where they are as before.
    rewrites: bool,
    now: Timestamp,
    clock: Clock,
}

impl Batch {
    fn change(&self, entity: &str, entity_id: Uuid, op: &str) -> Change {
        Change {
            tenant_id: self.tenant.id,
            seq: 0,
            entity: entity.to_owned(),
            entity_id,
            op: op.to_owned(),
            cause: "import".to_owned(),
            at: self.now,
        }
    }

    /// Changes of one kind: one by one, or that many changed.
    fn changes(&self, entity: &str, put: &[Uuid], deleted: &[Uuid]) -> Vec<Change> {
        if put.len() + deleted.len() > CHANGES_MAX {
            return vec![self.change(entity, Uuid::nil(), "put")];
        }
        let put = put.iter().map(|id| self.change(entity, *id, "put"));
        put.chain(deleted.iter().map(|id| self.change(entity, *id, "delete")))
            .collect()
    }
}

/// What is to be written for one kind of file.
trait Plan: Send + Sync + Sized + 'static {
    /// What of the store it is planned on.
    type Known: Send + 'static;
    /// The word of the change feed for its rows.
    const FEED: &'static str;

    /// Reads that.
    async fn known(tx: &mut Tx, batch: &Batch, table: &Table) -> Result<Self::Known, StoreError>;

    /// Reads the lines and finds what changes; whatever is wrong is noted in the report.
    fn make(known: Self::Known, batch: &Batch, table: &Table, report: &mut Report) -> Self;

    /// What the change feed tells; nothing when nothing is to be written.
    fn changes(&self, batch: &Batch) -> Vec<Change>;

    /// Brings rows that are not in force yet, in small writes; `false` when another file came in between.
    async fn stage(self: &Arc<Self>, _gateway: &Gateway, _batch: &mut Batch) -> Result<bool, StoreError> {
        Ok(true)
    }

    /// The rows as pieces of work.
    fn steps(&self, _steps: &mut Steps) {}

    /// Writes what is no piece of work, in one transaction.
    async fn write(&self, _tx: &mut Tx, _batch: &Batch) -> Result<(), StoreError> {
        Ok(())
    }

    /// Sweeps what is not in force any more, in small writes.
    async fn sweep(self: &Arc<Self>, _gateway: &Gateway, _batch: &Batch) -> Result<(), StoreError> {
        Ok(())
    }
}

async fn take<P: Plan>(gateway: &Gateway, tenant_id: Uuid, file: &File) -> Result<Report, Error> {
    for _ in 0..ATTEMPTS_MAX {
        journal::finish(gateway, tenant_id).await?;
        let Some((mut batch, known)) = known::<P>(gateway, tenant_id, file).await? else {
            source::add(gateway, tenant_id, source::FILES, "file").await?;
            continue;
        };
        let Planned { plan, steps, report } = planned::<P, _>(known, &batch, file, |_| ()).await?;
        if !report.is_taken() || steps.rows() == 0 {
            return Ok(report);
        }
        if bring_planned(gateway, &mut batch, plan, steps).await? {
            return Ok(report);
        }
    }
    Err(Error::Store(StoreError::busy("other files are being imported")))
}

/// Writes what was planned; `false` when others brought rows in between.
async fn bring_planned<P: Plan>(gateway: &Gateway, batch: &mut Batch, plan: P, steps: Steps) -> Result<bool, Error> {
    Ok(match steps.rows() > journal::ROWS_AT_ONCE_MAX {
        true => journal::bring(gateway, batch, &steps).await?,
        false => bring_at_once(gateway, batch, Arc::new(plan), steps).await?,
    })
}

/// Writes a small file in one transaction, or prices; `false` when another file came in between.
async fn bring_at_once<P: Plan>(
    gateway: &Gateway,
    batch: &mut Batch,
    plan: Arc<P>,
    steps: Steps,
) -> Result<bool, StoreError> {
    if !plan.stage(gateway, batch).await? {
        return Ok(false);
    }
    let (writing, under) = (Arc::clone(&plan), batch.clone());
    let is_written = gateway.store.write(async move |tx| {
        if !store::source::claim(tx, &under.source).await? {
            return Ok(false);
        }
        writing.write(tx, &under).await?;
        for step in steps.as_slice() {
            store::import::apply(tx, step).await?;
        }
        Ok::<_, StoreError>(true)
    });
    if !is_written.await? {
        return Ok(false);
    }
    plan.sweep(gateway, batch).await?;
    Ok(true)
}

/// What the plan is made on; nothing when the source is not there yet, or is busy.
async fn known<P: Plan>(gateway: &Gateway, tenant_id: Uuid, file: &File) -> Result<Option<(Batch, P::Known)>, Error> {
    let directory = gateway.directory();
    let Some(tenant) = directory.tenant(tenant_id).cloned() else {
        return Err(Error::Setting("There is no such supplier.".into()));
    };
    let connections = directory
        .connections()
        .filter(|known| known.connection.tenant_id == tenant_id);
    let connections = connections.map(|known| {
        let (connection, buyer) = (&known.connection, &known.buyer);
        (connection.id, connection.code.clone(), buyer.code.clone())
    });
    let connections: Arc<[_]> = connections.collect();
    let (now, clock) = (gateway.clock.now(), gateway.clock.clone());
    let known = gateway.store.read(async |tx| {
        let Some(source) = store::source::find(tx, tenant_id, &file.source).await? else {
            return Ok::<_, StoreError>(None);
        };
        if source.status == store::source::APPLYING {
            // Another process began to apply a file just now.
            return Ok(None);
        }
        let batch = Batch {
            tenant,
            connections,
            source,
            is_full: file.is_full,
            rewrites: file.rewrites,
            now,
            clock,
        };
        let known = P::known(tx, &batch, &file.table).await?;
        Ok(Some((batch, known)))
    });
    Ok(known.await?)
}

/// A plan with its pieces of work.
struct Planned<P> {
    plan: P,
    steps: Steps,
    report: Report,
}

/// Makes the plan where it does not hold up others; `more` adds pieces of work of the caller's.
async fn planned<P: Plan, M: FnOnce(&mut Steps) + Send + 'static>(
    known: P::Known,
    batch: &Batch,
    file: &File,
    more: M,
) -> Result<Planned<P>, Error> {
    let (batch, table) = (batch.clone(), Arc::clone(&file.table));
    let mut report = Report {
        file: file.name.clone(),
        faults: file.faults.clone(),
        ..Report::default()
    };
    let made = tokio::task::spawn_blocking(move || {
        let plan = P::make(known, &batch, &table, &mut report);
        if batch.is_full && report.rows == 0 {
            report
                .faults
                .add(0, "", "has no rows; a .full file without rows would delete everything");
        }
        let mut steps = Steps::new(&batch.source, batch.clock.new_id(), batch.now);
        if !report.is_taken() {
            report.counts = Counts::default();
            return Planned { plan, steps, report };
        }
        plan.steps(&mut steps);
        more(&mut steps);
        let changes = plan.changes(&batch);
        if !changes.is_empty() {
            steps.feed(&changes);
        }
        Planned { plan, steps, report }
    });
    made.await
        .map_err(|_| Error::Setting("The file could not be read to its end.".into()))
}
