//! From rows to the price book: every identifier becomes a place.
//!
//! A row that contradicts itself or the others (a word that is none, a unit that is not there) either stops the reading,
//! so that what is held stays, or is left out and logged where that can only make less available or dearer.

mod contracts;
mod goods;
mod lists;
mod policy;
mod stock;
mod trade;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::Snapshot;
use super::parts::Parts;
use crate::domain::money::Currency;
use crate::domain::party::Tenant;
use crate::domain::stock::Warehouse;
use crate::domain::terms::{PriceBook, UnitIndex};
use crate::store::{StoreError, Tx};
pub(super) use lists::{Extent, is_alike, packed};

/// By what identifiers of rows are found in the book.
#[derive(Debug, Default)]
pub(super) struct Names {
    units: HashMap<Uuid, UnitIndex>,
    categories: HashMap<Uuid, Arc<str>>,
    warehouses: Vec<Warehouse>,
}

impl Names {
    fn warehouse(&self, id: Uuid) -> Option<Arc<str>> {
        let found = self.warehouses.iter().find(|warehouse| warehouse.id == id);
        found.map(|warehouse| warehouse.code.as_str().into())
    }
}

/// A row that names what is not there.
#[track_caller]
fn broken(what: &str, id: Uuid, why: &str) -> StoreError {
    StoreError::inconsistent(format!("{what} {id}: {why}"))
}

/// A row that is left out, which can only make less available or dearer.
fn left_out(what: &str, id: Uuid, why: &str) {
    tracing::error!(what, %id, why, "terms.row_left_out");
}

/// The snapshot of parts that moved, and of the one before for what did not; of price lists so much
/// as is wanted.
pub(super) async fn snapshot(
    tx: &mut Tx,
    tenant: &Tenant,
    parts: Parts,
    before: Option<&Snapshot>,
    extent: Extent<'_>,
) -> Result<Snapshot, StoreError> {
    let mut snapshot = match before {
        Some(before) => before.clone(),
        None => Snapshot {
            zone: TimeZone::UTC,
            book: PriceBook::empty(Timestamp::UNIX_EPOCH),
            goods: Arc::default(),
            names: Arc::default(),
        },
    };
    let broken_tenant = |why| broken("tenant", tenant.id, why);
    snapshot.zone = TimeZone::get(&tenant.time_zone).map_err(|_| broken_tenant("its time zone is not known"))?;
    let currency = Currency::parse(&tenant.currency).map_err(|_| broken_tenant("no currency of ISO 4217"))?;
    let accounts = parts.accounts;
    if let Some(rows) = parts.goods {
        let known = accounts.as_ref().map(|rows| rows.accounts.clone()).unwrap_or_default();
        let catalogue = Arc::clone(&snapshot.book.catalogue);
        // Sorting and indexing a large catalogue takes longer than a thread for requests may be held.
        let built = tokio::task::spawn_blocking(move || goods::build(rows, &known, &catalogue, currency));
        let built = built.await;
        let built = built.map_err(|_| broken_tenant("its catalogue could not be built"))??;
        snapshot.book.catalogue = Arc::new(built.catalogue);
        snapshot.goods = Arc::new(built.goods);
        snapshot.names = Arc::new(built.names);
    } else if let Some(rows) = &accounts {
        snapshot.goods = Arc::new(snapshot.goods.with_accounts(&rows.accounts));
    }
    let codes = contracts::codes(accounts.as_ref(), &snapshot.goods);
    if let Some(rows) = parts.trade {
        snapshot.book.trade = Arc::new(trade::build(&rows, &snapshot, &codes, currency)?);
    }
    if let Some(rows) = parts.lists {
        let lists = lists::build(tx, rows, &snapshot, before, extent).await?;
        snapshot.book.set_lists(lists);
    }
    if let Some(rows) = accounts {
        snapshot.book.contracts = Arc::new(contracts::build(&rows, &codes, &snapshot));
    }
    if let Some(rows) = parts.stock {
        snapshot.book.stock = Arc::new(stock::build(&rows, &snapshot));
    }
    if let Some(rows) = parts.held {
        snapshot.book.held = Arc::new(stock::held(&rows, &snapshot));
    }
    Ok(snapshot)
}

fn priority(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
