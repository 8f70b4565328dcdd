//! Indexes kept up with the change feed: made when there is none, brought up to date by what changed.
//!
//! Whoever searches meanwhile is answered by the index that was there; a new one takes its place when it is whole.

use std::collections::HashSet;
use std::sync::Arc;

use uuid::Uuid;

use super::Held;
use super::entries::Context;
use crate::search::{Builder, Entry, OwnNumbers, Room, SearchError, number};
use crate::service::{Error, Gateway, import};
use crate::store::feed::Change;
use crate::store::product::ProductRow;
use crate::store::synonym::SynonymRow;
use crate::store::{self, StoreError, Tx, rows};

/// Products read at once while an index is made: some megabytes.
const PRODUCTS_PER_PAGE: i64 = 4_000;
/// Changes that are followed one by one; of more the index is made anew.
const CHANGES_MAX: i64 = 5_000;

/// Brings the indexes of all suppliers up to the change feed, those that are there first; cheap when nothing changed.
///
/// # Errors
/// The first fault of the store or of an index, after the others were looked after; what was there keeps answering.
pub async fn follow_all(gateway: &Gateway) -> Result<(), Error> {
    let mut tenants: Vec<Uuid> = gateway.directory().tenants().map(|tenant| tenant.id).collect();
    tenants.sort_by_key(|id| gateway.search.held(*id).is_none());
    let mut fault = None;
    for tenant_id in tenants {
        if let Err(error) = follow(gateway, tenant_id).await {
            tracing::error!(tenant = %tenant_id, %error, "search.not_followed");
            fault.get_or_insert(error);
        }
    }
    fault.map_or(Ok(()), Err)
}

/// Brings the index of a supplier up to the change feed where there is one.
///
/// # Errors
/// As for [`follow`].
pub async fn follow_held(gateway: &Gateway, tenant_id: Uuid) -> Result<(), Error> {
    match gateway.search.held(tenant_id) {
        Some(_) => follow(gateway, tenant_id).await,
        None => Ok(()),
    }
}

/// Brings the index of a supplier up to the change feed, and makes it where there is none; who looks after the index of
/// another supplier meanwhile holds nobody up.
///
/// # Errors
/// The store would not, or the index; what was there keeps answering.
pub async fn follow(gateway: &Gateway, tenant_id: Uuid) -> Result<(), Error> {
    let turn = gateway.search.turn(tenant_id);
    let _following = turn.lock().await;
    import::finish(gateway, tenant_id).await?;
    let held = gateway.search.held(tenant_id);
    match bring(gateway, tenant_id, held).await {
        // What failed halfway cannot be trusted to go on from.
        Err(FollowError::Search(error)) if gateway.search.held(tenant_id).is_some() => {
            tracing::error!(tenant = %tenant_id, %error, "search.made_anew");
            Ok(bring(gateway, tenant_id, None).await?)
        }
        brought => Ok(brought?),
    }
}

/// Brings an index up to the change feed, or makes one.
async fn bring(gateway: &Gateway, tenant_id: Uuid, held: Option<Held>) -> Result<(), FollowError> {
    let following = gateway.store.read(async |tx| {
        if !store::source::applying(tx, tenant_id).await?.is_empty() {
            // Somebody began to apply a large file just now; the next round finds it applied.
            return Ok(None);
        }
        let seq = store::feed::head(tx, tenant_id).await?;
        let Some(held) = held else {
            return made(tx, tenant_id, seq).await.map(Some);
        };
        if held.seq == seq {
            return Ok(None);
        }
        let changes = store::feed::after(tx, tenant_id, held.seq, CHANGES_MAX + 1).await?;
        let moved = Moved::of(&changes);
        let context = Context::read(tx, tenant_id).await?;
        if moved.everything || context.languages != held.context.languages {
            return made(tx, tenant_id, seq).await.map(Some);
        }
        updated(tx, tenant_id, &held, context, moved, seq).await.map(Some)
    });
    if let Some(held) = following.await? {
        gateway.search.replace(tenant_id, held);
    }
    Ok(())
}

/// What moved since an index was brought up to date.
#[derive(Debug, Default, PartialEq, Eq)]
struct Moved {
    everything: bool,
    products: HashSet<Uuid>,
    own_numbers: bool,
    synonyms: bool,
}

impl Moved {
    fn of(changes: &[Change]) -> Self {
        let mut moved = Moved {
            everything: changes.len() as i64 > CHANGES_MAX,
            ..Moved::default()
        };
        for change in changes {
            match change.entity.as_str() {
                "product" | "product_text" | "product_attribute" if !change.entity_id.is_nil() => {
                    moved.products.insert(change.entity_id);
                }
                "product" | "product_text" | "product_attribute" | "category" | "attribute" | "attribute_text" => {
                    moved.everything = true;
                }
                "own_part" | "account" => moved.own_numbers = true,
                "synonym" => moved.synonyms = true,
                // Of prices, stock and the like the index knows nothing.
                _ => {}
            }
        }
        moved
    }
}

/// A new index of all products.
async fn made(tx: &mut Tx, tenant_id: Uuid, seq: i64) -> Result<Held, FollowError> {
    let context = Context::read(tx, tenant_id).await?;
    let mut page = store::search::products_after(tx, tenant_id, Uuid::nil(), PRODUCTS_PER_PAGE).await?;
    let room = match (page.len() as i64) < PRODUCTS_PER_PAGE {
        true => Room::SMALL,
        false => Room::LARGE,
    };
    let mut builder = Builder::new(&context.languages, &context.own_languages(), room)?;
    while let Some(last) = page.last() {
        let after = last.id;
        let entries = context.entries(tx, page).await?;
        builder = aside(move || {
            entries.iter().try_for_each(|entry| builder.add(entry))?;
            Ok(builder)
        })
        .await?;
        page = store::search::products_after(tx, tenant_id, after, PRODUCTS_PER_PAGE).await?;
    }
    let index = aside(move || builder.finish()).await?;
    index.replace_synonyms(&synonyms(tx, tenant_id).await?);
    index.replace_own_numbers(own_numbers(tx, tenant_id).await?);
    Ok(Held {
        index: Arc::new(index),
        context: Arc::new(context),
        seq,
    })
}

/// The index that is there, with what moved.
async fn updated(
    tx: &mut Tx,
    tenant_id: Uuid,
    held: &Held,
    context: Context,
    moved: Moved,
    seq: i64,
) -> Result<Held, FollowError> {
    if !moved.products.is_empty() {
        let ids: Vec<Uuid> = moved.products.into_iter().collect();
        let products: Vec<ProductRow> = rows::some_of(tx, tenant_id, "id", &ids).await?;
        let skus: Vec<String> = products.iter().map(|row| row.sku.clone()).collect();
        let present = products.into_iter().filter(|row| row.deleted_at.is_none()).collect();
        let entries: Vec<Entry> = context.entries(tx, present).await?;
        let index = Arc::clone(&held.index);
        aside(move || index.update(&entries, &skus)).await?;
    }
    if moved.synonyms {
        held.index.replace_synonyms(&synonyms(tx, tenant_id).await?);
    }
    if moved.own_numbers {
        held.index.replace_own_numbers(own_numbers(tx, tenant_id).await?);
    }
    Ok(Held {
        index: Arc::clone(&held.index),
        context: Arc::new(context),
        seq,
    })
}

async fn synonyms(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<(Vec<String>, bool)>, StoreError> {
    let rows: Vec<SynonymRow> = rows::all_of(tx, tenant_id).await?;
    Ok(rows.into_iter().map(|row| (row.words, row.two_way)).collect())
}

async fn own_numbers(tx: &mut Tx, tenant_id: Uuid) -> Result<OwnNumbers, StoreError> {
    let mut own = OwnNumbers::new();
    for row in store::search::own_numbers(tx, tenant_id).await? {
        let of_account = own.entry(row.account.as_str().into()).or_default();
        of_account.insert(number(&row.number), row.sku);
    }
    Ok(own)
}

/// Work that takes long, where it does not hold up others.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SearchError> + Send + 'static,
) -> Result<T, SearchError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| SearchError::Poisoned)?
}

/// Why an index could not be brought up to date.
#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Search(#[from] SearchError),
}

impl From<FollowError> for Error {
    fn from(error: FollowError) -> Self {
        match error {
            FollowError::Store(error) => Error::Store(error),
            FollowError::Search(error) => Error::Search(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_index_is_made_of_moves_it() {
        let change = |entity: &str, entity_id: Uuid| Change {
            tenant_id: Uuid::nil(),
            seq: 0,
            entity: entity.to_owned(),
            entity_id,
            op: "put".to_owned(),
            cause: "import".to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        let id = Uuid::from_u128(7);
        let moved = Moved::of(&[change("stock", id), change("price_list", id), change("order", id)]);
        assert_eq!(moved, Moved::default());
        let moved = Moved::of(&[change("product", id), change("product_text", id), change("synonym", id)]);
        assert_eq!(
            (moved.everything, moved.products.len(), moved.synonyms),
            (false, 1, true)
        );
        assert!(Moved::of(&[change("product", Uuid::nil())]).everything);
        assert!(Moved::of(&[change("category", id)]).everything);
    }
}
