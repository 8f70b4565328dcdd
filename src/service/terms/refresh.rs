//! Reading anew what moved, supplier by supplier: one whose rows cannot be read keeps what was read before, and holds up
//! no other.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use uuid::Uuid;

use super::build::{self, Extent};
use super::parts::{self, Moves};
use super::{Snapshot, Snapshots};
use crate::service::{Error, Gateway, import};
use crate::store::{self, StoreError};

/// Readings begun anew because somebody began to apply a large file; each ends with that file applied.
pub(super) const READINGS_MAX: usize = 10;

/// What is told when all of them met a file that was being applied.
pub(super) fn busy() -> Error {
    Error::Store(StoreError::busy("large files are being imported"))
}

/// Reads prices and stock of every supplier anew.
///
/// # Errors
/// The store would not, or a row of a supplier contradicts itself: that supplier keeps what it had, the others are read.
pub async fn reload(gateway: &Gateway) -> Result<(), Error> {
    refresh(gateway, None, true).await.map(|_| ())
}

/// Reads anew what moved in the change feed since it was read, and tells of how many suppliers; cheap when nothing did.
///
/// # Errors
/// As for [`reload`].
pub async fn refresh_if_moved(gateway: &Gateway) -> Result<usize, Error> {
    refresh(gateway, None, false).await
}

/// Reads anew what moved of one supplier; the others are not looked at.
///
/// # Errors
/// The store would not, or a row contradicts itself; what was read before stays.
pub async fn refresh_of(gateway: &Gateway, tenant_id: Uuid) -> Result<(), Error> {
    refresh(gateway, Some(tenant_id), false).await.map(|_| ())
}

/// Reads anew what moved up to a number of one supplier's change feed, where that was not done already: of several who
/// ask together, one reads.
///
/// # Errors
/// As for [`refresh_of`].
pub async fn follow(gateway: &Gateway, tenant_id: Uuid, seq: i64) -> Result<(), Error> {
    let seq = u64::try_from(seq).unwrap_or(0);
    let held = gateway.terms.snapshot(tenant_id);
    match held.is_some_and(|held| held.book.version >= seq) {
        true => Ok(()),
        false => refresh_of(gateway, tenant_id).await,
    }
}

async fn refresh(gateway: &Gateway, only: Option<Uuid>, is_forced: bool) -> Result<usize, Error> {
    let _reading = gateway.terms.reading.lock().await;
    let feed = feed(gateway).await?;
    let mut all: Snapshots = gateway
        .terms
        .all()
        .map(|all| Snapshots::clone(&all))
        .unwrap_or_default();
    all.retain(|id, _| feed.heads.contains_key(id));
    let mut count = 0;
    let mut fault = None;
    for (id, head) in &feed.heads {
        let before = all.get(id).filter(|_| !is_forced).map(Arc::clone);
        let is_as_read = before.as_ref().is_some_and(|before| before.book.version == *head);
        if only.is_some_and(|only| only != *id) || (is_as_read && !feed.applying.contains(id)) {
            continue;
        }
        match read(gateway, *id, before.as_deref()).await {
            Ok(Some(snapshot)) => {
                all.insert(*id, Arc::new(snapshot));
                count += 1;
                // Whoever asks for this supplier need not wait for the next.
                gateway.terms.replace(all.clone());
            }
            Ok(None) => {}
            Err(error) => {
                tracing::error!(tenant = %id, %error, "terms.not_read");
                fault.get_or_insert(error);
            }
        }
    }
    gateway.terms.replace(all);
    fault.map_or(Ok(count), Err)
}

/// How far the feed of every supplier has come, and of whom files are being applied.
struct Feed {
    heads: HashMap<Uuid, u64>,
    applying: HashSet<Uuid>,
}

async fn feed(gateway: &Gateway) -> Result<Feed, Error> {
    let read = gateway.store.read(async |tx| {
        let heads = store::feed::heads(tx).await?;
        let applying = store::source::all_applying(tx).await?;
        Ok::<_, StoreError>((heads, applying))
    });
    let (heads, applying) = read.await?;
    Ok(Feed {
        heads: heads
            .into_iter()
            .map(|head| (head.tenant_id, u64::try_from(head.seq).unwrap_or(0)))
            .collect(),
        applying: applying.into_iter().map(|source| source.tenant_id).collect(),
    })
}

/// Reads a supplier in a transaction of its own, never in the middle of a file; `None` when it is as it was read, or is
/// gone. Nothing follows a statement that failed, so that no two suppliers share one.
async fn read(gateway: &Gateway, tenant_id: Uuid, before: Option<&Snapshot>) -> Result<Option<Snapshot>, Error> {
    for _ in 0..READINGS_MAX {
        import::finish(gateway, tenant_id).await?;
        let as_of = gateway.clock.now();
        let read = gateway.store.read(async |tx| {
            if !store::source::applying(tx, tenant_id).await?.is_empty() {
                return Ok(None);
            }
            let version = u64::try_from(store::feed::head(tx, tenant_id).await?).unwrap_or(0);
            let moves = match before {
                None => Moves::ALL,
                Some(before) if before.book.version == version => return Ok(Some(None)),
                Some(before) => Moves::since(tx, tenant_id, before.book.version).await?,
            };
            let Some(tenant) = store::party::tenant(tx, tenant_id).await? else {
                return Ok(Some(None));
            };
            let parts = parts::read(tx, &tenant, moves, before).await?;
            let extent = match before {
                None => Extent::Until(gateway.config.terms.entries_before_serving),
                Some(_) => Extent::All,
            };
            let snapshot = build::snapshot(tx, &tenant, parts, before, extent).await?;
            Ok::<_, StoreError>(Some(Some(snapshot.at(version, as_of))))
        });
        if let Some(read) = read.await? {
            return Ok(read);
        }
    }
    Err(busy())
}
