//! While a large book is still being read: its price lists come some at a time, and what somebody asks of the others is
//! read from the database for him alone. Answers are the same.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::build;
use super::{Snapshot, refresh};
use crate::domain::terms::PriceList;
use crate::service::{Error, Gateway};
use crate::store::price_block::{self, BreakRow};
use crate::store::terms::ListRow;
use crate::store::{StoreError, rows};

/// Entries read in one go, about: others who wait for their turn to read do not wait for long.
const ENTRIES_AT_ONCE: usize = 500_000;
/// Lists read in one go at most.
const LISTS_AT_ONCE: usize = 512;
/// Pause after the store would not.
const PAUSE: Duration = Duration::from_secs(2);

/// How much of the price lists is in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Price lists of all suppliers.
    pub lists: usize,
    /// Those that are still to be read; until then they are asked in the database.
    pub pending: usize,
}

/// How much of the price lists of all suppliers is in memory; nothing before the first reading.
pub fn loaded(gateway: &Gateway) -> Option<Loaded> {
    let all = gateway.terms.all()?;
    let books = all.values().map(|snapshot| &snapshot.book);
    Some(books.fold(Loaded::default(), |loaded, book| Loaded {
        lists: loaded.lists + book.lists.len(),
        pending: loaded.pending + book.pending,
    }))
}

/// The snapshot with all that is there of some products in the lists of some accounts: the one that is held, or, where
/// lists are still to be read, one of its own.
///
/// # Errors
/// The store would not.
pub(super) async fn near<'q>(
    gateway: &Gateway,
    tenant_id: Uuid,
    mut held: Arc<Snapshot>,
    accounts: impl Iterator<Item = &'q str> + Clone,
    skus: impl Iterator<Item = &'q str> + Clone,
) -> Result<Arc<Snapshot>, Error> {
    for _ in 0..refresh::READINGS_MAX {
        if held.book.pending == 0 {
            return Ok(held);
        }
        let mut places: Vec<usize> = accounts
            .clone()
            .flat_map(|account| held.book.pending(account))
            .collect();
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            return Ok(held);
        }
        let catalogue = &held.book.catalogue;
        let indexes = skus.clone().filter_map(|sku| catalogue.product(sku));
        let mut ids: Vec<Uuid> = indexes.map(|index| catalogue.product_at(index).id).collect();
        ids.sort_unstable();
        ids.dedup();
        if let Some(found) = read(gateway, tenant_id, &held, &places, Some(&ids)).await? {
            return Ok(Arc::new(with_breaks(&held, found).await?));
        }
        // One of the lists has other entries meanwhile.
        refresh::refresh_of(gateway, tenant_id).await?;
        match gateway.terms.snapshot(tenant_id) {
            Some(now) => held = now,
            None => return Ok(held),
        }
    }
    Err(refresh::busy())
}

/// Reads what is pending until nothing is, whatever fails meanwhile.
pub async fn load(gateway: &Gateway) {
    loop {
        match load_some(gateway).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, "terms.not_loaded");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Reads some of the lists that are pending; `false` when none is.
///
/// # Errors
/// The store would not, or a block of entries is damaged.
pub async fn load_some(gateway: &Gateway) -> Result<bool, Error> {
    let reading = gateway.terms.reading.lock().await;
    let all = gateway.terms.all().unwrap_or_default();
    let Some((tenant_id, held)) = all.iter().find(|(_, held)| held.book.pending > 0) else {
        return Ok(false);
    };
    let lists = held.book.lists.iter().enumerate();
    let pending = lists.filter(|(_, list)| list.is_pending).map(|(place, _)| place);
    let places: Vec<usize> = pending.take(LISTS_AT_ONCE).collect();
    match read(gateway, *tenant_id, held, &places, None).await? {
        Some(found) => {
            let snapshot = with_breaks(held, found).await?;
            let mut next = HashMap::clone(&all);
            next.insert(*tenant_id, Arc::new(snapshot));
            gateway.terms.replace(next);
        }
        None => {
            drop(reading);
            refresh::refresh_of(gateway, *tenant_id).await?;
        }
    }
    Ok(true)
}

/// The entries of lists, by their places: all, until there are enough, or those of some products; `None` where one of
/// the lists has other entries than those the snapshot knows of.
async fn read(
    gateway: &Gateway,
    tenant_id: Uuid,
    held: &Snapshot,
    places: &[usize],
    ids: Option<&[Uuid]>,
) -> Result<Option<Vec<(usize, Vec<BreakRow>)>>, Error> {
    let heads: Vec<(usize, Uuid, i64)> = places
        .iter()
        .map(|place| {
            (
                *place,
                held.book.lists[*place].head.id,
                held.book.lists[*place].head.version,
            )
        })
        .collect();
    let read = gateway.store.read(async |tx| {
        let list_ids: Vec<Uuid> = heads.iter().map(|(_, id, _)| *id).collect();
        let known: Vec<ListRow> = rows::some_of(tx, tenant_id, "id", &list_ids).await?;
        let known: HashMap<Uuid, i64> = known.iter().map(|row| (row.id, row.version)).collect();
        if heads.iter().any(|(_, id, version)| known.get(id) != Some(version)) {
            return Ok(None);
        }
        let mut found = Vec::with_capacity(heads.len());
        let mut count = 0;
        for (place, id, version) in &heads {
            if ids.is_none() && count >= ENTRIES_AT_ONCE {
                break;
            }
            let entries = match ids {
                Some(ids) => price_block::breaks_of(tx, tenant_id, *id, *version, ids).await?,
                None => price_block::breaks(tx, tenant_id, *id, *version).await?,
            };
            count += entries.len();
            found.push((*place, entries));
        }
        Ok::<_, StoreError>(Some(found))
    });
    Ok(read.await?)
}

/// The snapshot with these entries in the lists of these places.
async fn with_breaks(held: &Arc<Snapshot>, found: Vec<(usize, Vec<BreakRow>)>) -> Result<Snapshot, Error> {
    let held = Arc::clone(held);
    // Packing takes longer than a thread for requests may be held.
    let built = tokio::task::spawn_blocking(move || {
        let mut snapshot = Snapshot::clone(&held);
        let mut lists = snapshot.book.lists.clone();
        for (place, rows) in found {
            let list = &lists[place];
            let breaks = build::packed(rows, &held, list.head.validity);
            lists[place] = Arc::new(PriceList {
                breaks: Arc::new(breaks),
                is_pending: false,
                ..PriceList::clone(list)
            });
        }
        snapshot.book.set_lists(lists);
        snapshot
    });
    built
        .await
        .map_err(|_| Error::Store(StoreError::inconsistent("price lists could not be packed".to_owned())))
}
