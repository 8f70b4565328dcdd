//! How far the entities of a source's mapping came, and how each run went.

use jiff::Timestamp;
use uuid::Uuid;

use super::{StoreError, Tx, rows};

/// How far an entity of a source came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The source.
    pub source_id: Uuid,
    /// The entity of the mapping.
    pub entity: String,
    /// The version of the mapping by which its rows were made.
    pub mapping: String,
    /// The last moment of change that was seen, never later than our own clock.
    pub cursor_at: Option<Timestamp>,
    /// When everything was read last.
    pub full_at: Option<Timestamp>,
    /// When the keys were compared last.
    pub reconciled_at: Option<Timestamp>,
    /// When a run came to its end last.
    pub ok_at: Option<Timestamp>,
    /// Why the last run did not.
    pub error: Option<String>,
}

columns!(Cursor: "sync_cursor" {
    tenant_id, source_id, entity, mapping, cursor_at, full_at, reconciled_at, ok_at, error,
});

/// How a run of one entity went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The source.
    pub source_id: Uuid,
    /// The entity of the mapping.
    pub entity: String,
    /// `full` or `changed`.
    pub mode: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Records that came.
    pub seen: i64,
    /// Rows that are new or have other values.
    pub stored: i64,
    /// Rows that were deleted.
    pub deleted: i64,
    /// Records and rows that were not taken.
    pub rejected: i64,
    /// Where it began.
    pub cursor_from: Option<Timestamp>,
    /// Where it ended.
    pub cursor_to: Option<Timestamp>,
    /// `done`, `retry` or `ask`.
    pub outcome: String,
    /// Why it did not come to its end.
    pub error: Option<String>,
}

columns!(Run: "sync_run" {
    tenant_id, id, source_id, entity, mode, started_at, finished_at, seen, stored, deleted, rejected, cursor_from,
    cursor_to, outcome, error,
});

/// How far an entity came; none before its first run.
///
/// # Errors
/// As every statement.
pub async fn cursor(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid, entity: &str) -> Result<Option<Cursor>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM sync_cursor WHERE tenant_id = $1 AND source_id = $2 AND entity = $3",
        tenant_id,
        source_id,
        entity
    )
}

/// How far all entities of a source came.
///
/// # Errors
/// As every statement.
pub async fn cursors(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid) -> Result<Vec<Cursor>, StoreError> {
    all!(
        tx,
        "SELECT * FROM sync_cursor WHERE tenant_id = $1 AND source_id = $2 ORDER BY entity",
        tenant_id,
        source_id
    )
}

/// Keeps how far an entity came, and how the run went.
///
/// # Errors
/// As every statement.
pub async fn end_run(tx: &mut Tx, cursor: &Cursor, run: &Run) -> Result<(), StoreError> {
    rows::upsert_all(tx, std::slice::from_ref(cursor), "tenant_id, source_id, entity").await?;
    rows::insert(tx, run).await
}

/// The last runs of a source, the latest first.
///
/// # Errors
/// As every statement.
pub async fn runs(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid, limit: i64) -> Result<Vec<Run>, StoreError> {
    all!(
        tx,
        "SELECT * FROM sync_run WHERE tenant_id = $1 AND source_id = $2 ORDER BY id DESC LIMIT $3",
        tenant_id,
        source_id,
        limit
    )
}
