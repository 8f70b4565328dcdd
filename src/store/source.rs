//! Where catalogue rows come from, and the keys by which a source's rows are recognised again.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::rows::{Readable, Row};
use super::{StoreError, Tx, rows};

/// A place that brings catalogue rows: files, or an ERP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Short name, unique within the tenant.
    pub code: String,
    /// `file`, or the kind of ERP.
    pub kind: String,
    /// [`ACTIVE`] or [`APPLYING`].
    pub status: String,
    /// How many sets of rows it has brought.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The status of a source that takes files.
pub const ACTIVE: &str = "active";
/// The status of a source whose last file is taken, but not applied to the end.
pub const APPLYING: &str = "applying";

columns!(Source: "source" { tenant_id, id, code, kind, status, revision, created_at });

/// What a source brought last under a key of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroughtRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The source.
    pub source_id: Uuid,
    /// What it is one of: the name of the files of such rows.
    pub entity: String,
    /// The source's key.
    pub ext_id: String,
    /// The source's number of this state of the row; later states have higher numbers.
    pub version: i64,
    /// The version of the mapping that made the row, where one did.
    pub mapping: Option<String>,
    /// The row as it was brought; of a deleted one the last before; null where there was none.
    pub content: serde_json::Value,
    /// Whether the source deleted it.
    pub is_deleted: bool,
    /// When.
    pub brought_at: Timestamp,
}

/// A row that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The source.
    pub source_id: Uuid,
    /// What it is one of.
    pub entity: String,
    /// The source's key.
    pub ext_id: String,
    /// The source's number of this state of the row.
    pub version: i64,
    /// The version of the mapping that made the row, where one did.
    pub mapping: Option<String>,
    /// The row as it was brought; nothing where it was a deletion.
    pub content: Option<serde_json::Value>,
    /// What is wrong: field and reason of each fault.
    pub faults: serde_json::Value,
    /// How often it was tried.
    pub tries: i64,
    /// When it was tried first.
    pub first_at: Timestamp,
    /// When it was tried last.
    pub last_at: Timestamp,
}

columns!(BroughtRow: "source_row" {
    tenant_id, source_id, entity, ext_id, version, mapping, content, is_deleted, brought_at,
});
columns!(RejectedRow: "source_reject" {
    tenant_id, id, source_id, entity, ext_id, version, mapping, content, faults, tries, first_at, last_at,
});

/// What a source brought last under some of its keys.
///
/// # Errors
/// As every statement.
pub async fn brought(
    tx: &mut Tx,
    source: &Source,
    entity: &str,
    ext_ids: &[String],
) -> Result<Vec<BroughtRow>, StoreError> {
    of_keys(tx, source, entity, ext_ids).await
}

/// The rows that a table has for some keys of a source.
async fn of_keys<R: Readable>(
    tx: &mut Tx,
    source: &Source,
    entity: &str,
    ext_ids: &[String],
) -> Result<Vec<R>, StoreError> {
    let keys = tx.pick(
        "SELECT value FROM json_each($4)",
        "SELECT jsonb_array_elements_text($4)",
    );
    let mut rows = Vec::new();
    for ext_ids in ext_ids.chunks(KEYS_PER_STATEMENT) {
        // The text is made of the table's name alone.
        let sql = AssertSqlSafe(format!(
            "SELECT * FROM {} WHERE tenant_id = $1 AND source_id = $2 AND entity = $3 AND ext_id IN ({keys})",
            R::TABLE
        ));
        let some: Vec<R> = all!(tx, sql, source.tenant_id, source.id, entity, serde_json::json!(ext_ids))?;
        rows.extend(some);
    }
    Ok(rows)
}

/// The keys under which a source has rows of an entity that it did not delete, in order, after one of them.
///
/// # Errors
/// As every statement.
pub async fn brought_keys(
    tx: &mut Tx,
    source: &Source,
    entity: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<BroughtRow>, StoreError> {
    all!(
        tx,
        "SELECT * FROM source_row WHERE tenant_id = $1 AND source_id = $2 AND entity = $3 AND ext_id > $4 \
         AND NOT is_deleted ORDER BY ext_id LIMIT $5",
        source.tenant_id,
        source.id,
        entity,
        after,
        limit
    )
}

/// The rows of some keys of a source that could not be taken.
///
/// # Errors
/// As every statement.
pub async fn rejected_of(
    tx: &mut Tx,
    source: &Source,
    entity: &str,
    ext_ids: &[String],
) -> Result<Vec<RejectedRow>, StoreError> {
    of_keys(tx, source, entity, ext_ids).await
}

/// Rows of a source that could not be taken, those that were tried longest ago first.
///
/// # Errors
/// As every statement.
pub async fn rejected(
    tx: &mut Tx,
    source: &Source,
    entity: Option<&str>,
    limit: i64,
) -> Result<Vec<RejectedRow>, StoreError> {
    all!(
        tx,
        "SELECT * FROM source_reject WHERE tenant_id = $1 AND source_id = $2 \
         AND ($3 IS NULL OR entity = $3) ORDER BY last_at, id LIMIT $4",
        source.tenant_id,
        source.id,
        entity.map(str::to_owned),
        limit
    )
}

/// The place of a source's name of what a row is one of: rows of a mapping say it before the first slash of their key.
const PREFIX: (&str, &str) = (
    "CASE WHEN instr(ext_id, '/') > 0 THEN substr(ext_id, 1, instr(ext_id, '/') - 1) ELSE '' END",
    "CASE WHEN strpos(ext_id, '/') > 0 THEN split_part(ext_id, '/', 1) ELSE '' END",
);

/// How many rows of one kind a source has, or how many of them could not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The source.
    pub source_id: Uuid,
    /// What they are.
    pub entity: String,
    /// What the keys have before their first slash; empty where there is none.
    pub prefix: String,
    /// How many.
    pub count: i64,
    /// When the first came, of those that could not be taken; the last, of those that are there.
    pub at: Timestamp,
}

columns!(Count {
    source_id,
    entity,
    prefix,
    count,
    at
});

/// How many rows each source of a supplier has of each kind.
///
/// # Errors
/// As every statement.
pub async fn counts(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Count>, StoreError> {
    count_by(tx, tenant_id, "source_row", "max(brought_at)", "AND NOT is_deleted").await
}

/// How many rows of each source could not be taken, by kind.
///
/// # Errors
/// As every statement.
pub async fn reject_counts(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Count>, StoreError> {
    count_by(tx, tenant_id, "source_reject", "min(first_at)", "").await
}

async fn count_by(
    tx: &mut Tx,
    tenant_id: Uuid,
    table: &'static str,
    at: &'static str,
    which: &'static str,
) -> Result<Vec<Count>, StoreError> {
    let prefix = tx.pick(PREFIX.0, PREFIX.1);
    // The text is made of names and expressions of ours alone.
    let sql = AssertSqlSafe(format!(
        "SELECT source_id, entity, {prefix} AS prefix, count(*) AS count, {at} AS at FROM {table} \
         WHERE tenant_id = $1 {which} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    ));
    all!(tx, sql, tenant_id)
}

/// A page of what could not be taken, the latest first: of all sources or one, of all kinds or one, of keys that begin
/// with a name before their first slash or all.
///
/// # Errors
/// As every statement.
pub async fn reject_page(
    tx: &mut Tx,
    tenant_id: Uuid,
    of: &Rejects<'_>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<RejectedRow>, StoreError> {
    let prefix = tx.pick(PREFIX.0, PREFIX.1);
    // The text is made of an expression of ours alone.
    let sql = AssertSqlSafe(format!(
        "SELECT * FROM source_reject WHERE tenant_id = $1 AND ($2 IS NULL OR source_id = $2) \
         AND ($3 IS NULL OR entity = $3) AND ($4 IS NULL OR {prefix} = $4) AND ($5 IS NULL OR id < $5) \
         ORDER BY id DESC LIMIT $6"
    ));
    all!(
        tx,
        sql,
        tenant_id,
        of.source_id,
        of.entity.map(str::to_owned),
        of.prefix.map(str::to_owned),
        before,
        limit
    )
}

/// Which rows that could not be taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rejects<'r> {
    /// Of this source.
    pub source_id: Option<Uuid>,
    /// Of this kind.
    pub entity: Option<&'r str>,
    /// Whose keys begin with this name and a slash.
    pub prefix: Option<&'r str>,
}

/// One row that could not be taken.
///
/// # Errors
/// As every statement.
pub async fn reject(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<RejectedRow>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM source_reject WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// Keys in one statement at most.
const KEYS_PER_STATEMENT: usize = 500;

/// A source's row as it was brought last: enough to tell whether it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Our identifier.
    pub id: Uuid,
    /// The source's key.
    pub ext_id: String,
    /// Hash of the row's content.
    pub row_hash: String,
    /// When the source deleted it.
    pub deleted_at: Option<Timestamp>,
}

columns!(Key {
    id,
    ext_id,
    row_hash,
    deleted_at
});

/// A row that a source brings under a key of its own.
pub trait Synced: Row {
    /// The source's key.
    fn ext_id(&self) -> &str;
    /// The hash of its content.
    fn hash(&self) -> &str;
    /// Sets the hash of its content.
    fn set_hash(&mut self, hash: String);
}

macro_rules! synced {
    ($($type:ty),+ $(,)?) => {$(
        impl Synced for $type {
            fn ext_id(&self) -> &str {
                &self.ext_id
            }
            fn hash(&self) -> &str {
                &self.row_hash
            }
            fn set_hash(&mut self, hash: String) {
                self.row_hash = hash;
            }
        }
    )+};
}
synced!(
    super::product::CategoryRow,
    super::product::ProductRow,
    super::account::AccountRow,
    super::terms::ListRow,
    super::stock::WarehouseRow,
);

/// The source with this code.
///
/// # Errors
/// As every statement.
pub async fn find(tx: &mut Tx, tenant_id: Uuid, code: &str) -> Result<Option<Source>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM source WHERE tenant_id = $1 AND code = $2",
        tenant_id,
        code
    )
}

/// The sources of a supplier by their codes: few by nature.
///
/// # Errors
/// As every statement.
pub async fn list(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Source>, StoreError> {
    all!(tx, "SELECT * FROM source WHERE tenant_id = $1 ORDER BY code", tenant_id)
}

/// Adds a source, unless its code is taken.
///
/// # Errors
/// As every statement.
pub async fn add(tx: &mut Tx, source: &Source) -> Result<bool, StoreError> {
    rows::insert_new(tx, source, "tenant_id, code").await
}

/// Raises the revision from the one that was seen and holds the source until the end of the transaction; `false` when
/// another brought rows in between, so that what was planned on them no longer holds.
///
/// # Errors
/// As every statement.
pub async fn claim(tx: &mut Tx, source: &Source) -> Result<bool, StoreError> {
    let claimed = execute!(
        tx,
        "UPDATE source SET revision = revision + 1 WHERE tenant_id = $1 AND id = $2 AND revision = $3",
        source.tenant_id,
        source.id,
        source.revision
    )?;
    Ok(claimed == 1)
}

/// Whether nobody brought rows since the source was seen.
///
/// # Errors
/// As every statement.
pub async fn is_as_seen(tx: &mut Tx, source: &Source) -> Result<bool, StoreError> {
    let same: i64 = scalar!(
        tx,
        "SELECT count(*) FROM source WHERE tenant_id = $1 AND id = $2 AND revision = $3",
        source.tenant_id,
        source.id,
        source.revision
    )?;
    Ok(same == 1)
}

/// The keys of all rows of a table that the source brought, the deleted ones among them.
///
/// # Errors
/// As every statement.
pub async fn keys<R: Row>(tx: &mut Tx, source: &Source) -> Result<Vec<Key>, StoreError> {
    // The text is made of the table's name alone.
    let sql = AssertSqlSafe(format!(
        "SELECT id, ext_id, row_hash, deleted_at FROM {} WHERE tenant_id = $1 AND source_id = $2",
        R::TABLE
    ));
    all!(tx, sql, source.tenant_id, source.id)
}

/// Notes that the source's file is taken, but not applied yet.
///
/// # Errors
/// As every statement.
pub async fn begin_applying(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE source SET status = $3 WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id,
        APPLYING
    )
    .map(|_| ())
}

/// Notes that the source's file is applied, if nothing of it is left.
///
/// # Errors
/// As every statement.
pub async fn activate(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE source SET status = $3 WHERE tenant_id = $1 AND id = $2 AND status = $4 AND NOT EXISTS \
         (SELECT 1 FROM import_step WHERE tenant_id = $1 AND source_id = $2)",
        tenant_id,
        id,
        ACTIVE,
        APPLYING
    )
    .map(|_| ())
}

/// Sources of a supplier whose last file is not applied to the end.
///
/// # Errors
/// As every statement.
pub async fn applying(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Source>, StoreError> {
    all!(
        tx,
        "SELECT * FROM source WHERE tenant_id = $1 AND status = $2",
        tenant_id,
        APPLYING
    )
}

/// Sources of all suppliers whose last file is not applied to the end.
///
/// # Errors
/// As every statement.
pub async fn all_applying(tx: &mut Tx) -> Result<Vec<Source>, StoreError> {
    all!(tx, "SELECT * FROM source WHERE status = $1", APPLYING)
}
