//! What programs said has changed elsewhere, until it is fetched.

use jiff::Timestamp;
use uuid::Uuid;

use super::{StoreError, Tx, rows};
use crate::domain::hint::Hint;

columns!(Hint: "hint" { tenant_id, id, source, entity, ext_id, client_id, received_at });

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
