//! What programs said has changed elsewhere, until it is fetched.

use jiff::Timestamp;
use uuid::Uuid;

use super::{StoreError, Tx, rows};
use crate::domain::hint::Hint;

columns!(Hint: "hint" {
    tenant_id, id, source, entity, ext_id, client_id, received_at, tries, due_at, error,
});

/// Keeps hints; one that is kept already becomes the later one. No two of them are about the same row.
///
/// # Errors
/// As every statement.
pub async fn put(tx: &mut Tx, hints: &[Hint]) -> Result<(), StoreError> {
    rows::upsert_all(tx, hints, "tenant_id, source, entity, ext_id").await
}

/// How many hints of a supplier wait.
///
/// # Errors
/// As every statement.
pub async fn count(tx: &mut Tx, tenant_id: Uuid) -> Result<i64, StoreError> {
    scalar!(tx, "SELECT count(*) FROM hint WHERE tenant_id = $1", tenant_id)
}

/// The hints of a source that wait, the one that came first in front.
///
/// # Errors
/// As every statement.
pub async fn waiting(tx: &mut Tx, tenant_id: Uuid, source: &str, limit: i64) -> Result<Vec<Hint>, StoreError> {
    all!(
        tx,
        "SELECT * FROM hint WHERE tenant_id = $1 AND source = $2 ORDER BY id LIMIT $3",
        tenant_id,
        source,
        limit
    )
}

/// The hints of a source that are to be followed now, the one that came first in front.
///
/// # Errors
/// As every statement.
pub async fn due(
    tx: &mut Tx,
    tenant_id: Uuid,
    source: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Hint>, StoreError> {
    all!(
        tx,
        "SELECT * FROM hint WHERE tenant_id = $1 AND source = $2 AND due_at <= $3 ORDER BY id LIMIT $4",
        tenant_id,
        source,
        now,
        limit
    )
}

/// When the hint of a source came that waits longest.
///
/// # Errors
/// As every statement.
pub async fn oldest(tx: &mut Tx, tenant_id: Uuid, source: &str) -> Result<Option<Timestamp>, StoreError> {
    let first: Option<Hint> = optional!(
        tx,
        "SELECT * FROM hint WHERE tenant_id = $1 AND source = $2 ORDER BY received_at LIMIT 1",
        tenant_id,
        source
    )?;
    Ok(first.map(|hint| hint.received_at))
}

/// Notes that a hint was followed in vain; one that came again meanwhile has another identifier and stays as it is.
///
/// # Errors
/// As every statement.
pub async fn put_off(tx: &mut Tx, hint: &Hint, due_at: Timestamp, error: &str) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE hint SET tries = tries + 1, due_at = $3, error = $4 WHERE tenant_id = $1 AND id = $2",
        hint.tenant_id,
        hint.id,
        due_at,
        error
    )
    .map(|_| ())
}

/// Ends hints whose rows were fetched; one that came again meanwhile has another identifier and stays.
///
/// # Errors
/// As every statement.
pub async fn end(tx: &mut Tx, tenant_id: Uuid, ids: &[Uuid]) -> Result<u64, StoreError> {
    rows::delete_all::<Hint>(tx, tenant_id, "id", ids).await
}

/// Removes hints that nobody fetched for so long that the usual round has long passed there.
///
/// # Errors
/// As every statement.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    execute!(tx, "DELETE FROM hint WHERE received_at < $1", before)
}
