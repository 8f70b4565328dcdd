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
    /// `full`, `changed`, or `keys` where only some records were asked for.
    pub mode: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Records that came.
    pub seen: i64,
    /// Rows that are new.
    pub added: i64,
    /// Rows with other values.
    pub changed: i64,
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
    tenant_id, id, source_id, entity, mode, started_at, finished_at, seen, added, changed, deleted, rejected, cursor_from,
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

/// Counts rows that a run deleted after its other rows were brought.
///
/// # Errors
/// As every statement.
pub async fn add_deleted(tx: &mut Tx, tenant_id: Uuid, id: Uuid, deleted: i64) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE sync_run SET deleted = $3 WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id,
        deleted
    )
    .map(|_| ())
}

/// Keeps how a run went that was about some records only.
///
/// # Errors
/// As every statement.
pub async fn insert_run(tx: &mut Tx, run: &Run) -> Result<(), StoreError> {
    rows::insert(tx, run).await
}

/// Has everything of a source read again with its next run.
///
/// # Errors
/// As every statement.
pub async fn want_full(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE sync_cursor SET full_at = NULL WHERE tenant_id = $1 AND source_id = $2",
        tenant_id,
        source_id
    )
    .map(|_| ())
}

/// The last runs of each entity of a source, so many of each, the latest first.
///
/// # Errors
/// As every statement.
pub async fn last_runs(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid, of_each: i64) -> Result<Vec<Run>, StoreError> {
    all!(
        tx,
        "SELECT * FROM (SELECT r.*, row_number() OVER (PARTITION BY entity ORDER BY id DESC) AS place FROM sync_run r \
         WHERE tenant_id = $1 AND source_id = $2) runs WHERE place <= $3 ORDER BY id DESC",
        tenant_id,
        source_id,
        of_each
    )
}

/// Removes runs that ended before a moment.
///
/// # Errors
/// As every statement.
pub async fn sweep_runs(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    execute!(tx, "DELETE FROM sync_run WHERE finished_at < $1", before)
}

/// Something that lags behind, or of which too much is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The source.
    pub source_id: Uuid,
    /// The entity.
    pub entity: String,
    /// `age` in seconds, or `rejects` in percent.
    pub kind: String,
    /// How much it was when it was looked at last.
    pub value: i64,
    /// How much it may be.
    pub limit_value: i64,
    /// When it crossed the limit.
    pub since: Timestamp,
}

columns!(Alert: "sync_alert" { tenant_id, source_id, entity, kind, value, limit_value, since });

/// What is over a limit, of all sources of a supplier.
///
/// # Errors
/// As every statement.
pub async fn alerts(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Alert>, StoreError> {
    rows::all_of(tx, tenant_id).await
}

/// How much of a supplier is over a limit.
///
/// # Errors
/// As every statement.
pub async fn count_alerts(tx: &mut Tx, tenant_id: Uuid) -> Result<i64, StoreError> {
    scalar!(tx, "SELECT count(*) FROM sync_alert WHERE tenant_id = $1", tenant_id)
}

/// Keeps what of a source is over a limit now, in place of what was.
///
/// # Errors
/// As every statement.
pub async fn replace_alerts(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid, alerts: &[Alert]) -> Result<(), StoreError> {
    execute!(
        tx,
        "DELETE FROM sync_alert WHERE tenant_id = $1 AND source_id = $2",
        tenant_id,
        source_id
    )?;
    rows::insert_all(tx, alerts).await
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
