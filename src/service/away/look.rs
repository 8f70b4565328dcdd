//! Where the sources stand, as staff see it.

use std::collections::HashMap;

use uuid::Uuid;

use crate::domain::away::{Age, Drain, DrainOrder, Standing, Switch};
use crate::service::{Error, Gateway};
use crate::store::away::OutcomeCount;
use crate::store::{self, StoreError};

/// Changes of mode and drains that are shown of a source.
const SHOWN: i64 = 10;

/// Orders of a drain that are shown: those that people must look at come first.
const ORDERS_SHOWN: i64 = 500;

/// One source.
#[derive(Clone, Debug)]
pub struct Looked {
    /// Its code.
    pub code: String,
    /// The kind of ERP.
    pub kind: String,
    /// Where it stands.
    pub standing: Standing,
    /// The age of what it brought.
    pub ages: Vec<Age>,
    /// The last changes of its mode, the latest first.
    pub switches: Vec<Switch>,
    /// Its last drains, the latest first.
    pub drains: Vec<Report>,
}

/// A drain in figures.
#[derive(Clone, Debug)]
pub struct Report {
    /// The drain.
    pub drain: Drain,
    /// Its orders by what became of them.
    pub outcomes: Vec<OutcomeCount>,
}

impl Report {
    /// How many orders waited.
    pub fn queued(&self) -> i64 {
        self.outcomes.iter().map(|count| count.orders).sum()
    }

    /// How many of them were other than when they were accepted.
    pub fn differing(&self) -> i64 {
        self.outcomes.iter().map(|count| count.differing).sum()
    }
}

/// All sources of a supplier.
#[derive(Clone, Debug)]
pub struct All {
    /// The sources.
    pub sources: Vec<Looked>,
    /// How many orders wait for the ERP.
    pub queue: i64,
    /// Names of the people who said something.
    pub people: HashMap<Uuid, String>,
}

/// Where the sources of a supplier stand.
///
/// # Errors
/// The store would not.
pub async fn all(gateway: &Gateway, tenant_id: Uuid) -> Result<All, Error> {
    let read = gateway.store.read(async |tx| {
        let mut sources = Vec::new();
        for source in store::source::list(tx, tenant_id).await? {
            let Some(standing) = store::away::find(tx, tenant_id, source.id).await? else {
                continue;
            };
            let mut drains = Vec::new();
            for drain in store::away::drains(tx, tenant_id, source.id, SHOWN).await? {
                drains.push(report(tx, drain).await?);
            }
            sources.push(Looked {
                ages: store::away::ages(tx, &standing).await?,
                switches: store::away::switches(tx, tenant_id, source.id, SHOWN).await?,
                code: source.code,
                kind: source.kind,
                standing,
                drains,
            });
        }
        let people = store::staff::list(tx, tenant_id).await?;
        Ok::<_, StoreError>(All {
            sources,
            queue: store::away::queue_length(tx, tenant_id).await?,
            people: people.into_iter().map(|person| (person.id, person.name)).collect(),
        })
    });
    Ok(read.await?)
}

/// One drain with its orders, those first that people must look at; nothing where there is none.
///
/// # Errors
/// The store would not.
pub async fn drain(gateway: &Gateway, tenant_id: Uuid, id: Uuid) -> Result<Option<(Report, Vec<DrainOrder>)>, Error> {
    let read = gateway.store.read(async |tx| {
        let Some(drain) = store::away::drain(tx, tenant_id, id).await? else {
            return Ok::<_, StoreError>(None);
        };
        let orders = store::away::orders(tx, tenant_id, id, ORDERS_SHOWN).await?;
        Ok(Some((report(tx, drain).await?, orders)))
    });
    Ok(read.await?)
}

async fn report(tx: &mut store::Tx, drain: Drain) -> Result<Report, StoreError> {
    let outcomes = store::away::outcomes(tx, drain.tenant_id, drain.id).await?;
    Ok(Report { drain, outcomes })
}
