//! Programs and what is kept of their tokens.

use jiff::Timestamp;
use uuid::Uuid;

pub use super::rows::insert;
use super::{StoreError, Tx};
use crate::domain::api_client::{ApiClient, Scope};

json!(Vec<Scope>);
columns!(ApiClient: "api_client" {
    tenant_id, id, name, scopes, token_hash, hint, created_by, created_at, last_used_at, expires_at, revoked_at
});

/// The program with this identifier.
///
/// # Errors
/// As every statement.
pub async fn find(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<ApiClient>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM api_client WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// The programs of a supplier: those whose tokens are not revoked first, then the latest first.
///
/// # Errors
/// As every statement.
pub async fn list(tx: &mut Tx, tenant_id: Uuid, limit: i64) -> Result<Vec<ApiClient>, StoreError> {
    all!(
        tx,
        "SELECT * FROM api_client WHERE tenant_id = $1 \
         ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, id DESC LIMIT $2",
        tenant_id,
        limit
    )
}

/// How many programs of a supplier have a token that is not revoked.
///
/// # Errors
/// As every statement.
pub async fn count(tx: &mut Tx, tenant_id: Uuid) -> Result<i64, StoreError> {
    scalar!(
        tx,
        "SELECT count(*) FROM api_client WHERE tenant_id = $1 AND revoked_at IS NULL",
        tenant_id
    )
}

/// Notes when a token was used last.
///
/// # Errors
/// As every statement.
pub async fn used(tx: &mut Tx, tenant_id: Uuid, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE api_client SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id,
        at
    )
    .map(|_| ())
}

/// Revokes a token; tells whether there was one that was not revoked.
///
/// # Errors
/// As every statement.
pub async fn revoke(tx: &mut Tx, tenant_id: Uuid, id: Uuid, at: Timestamp) -> Result<bool, StoreError> {
    let revoked = execute!(
        tx,
        "UPDATE api_client SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
        tenant_id,
        id,
        at
    )?;
    Ok(revoked == 1)
}
