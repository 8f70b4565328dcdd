//! What the store and an ERP differ in, as the last comparison found it, and how comparisons went.

use jiff::Timestamp;
use uuid::Uuid;

use super::{StoreError, Tx, rows};

/// One thing that the store and an ERP differ in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The source.
    pub source_id: Uuid,
    /// The entity of the mapping; `price` or `order` where it is about one.
    pub entity: String,
    /// What tells the row from others, as people read it.
    pub key: String,
    /// The source's key of the row, where it has one.
    pub ext_id: Option<String>,
    /// [`HERE`], [`THERE`], [`DIFFERS`], [`PRICE`] or [`ORDER`].
    pub kind: String,
    /// What differs: field, our value and the ERP's.
    pub fields: serde_json::Value,
    /// The store's rows that the ERP does not have.
    pub refs: serde_json::Value,
    /// Hash of both sides: as long as it is the same, what was accepted stays so.
    pub fingerprint: String,
    /// When it was found first.
    pub found_at: Timestamp,
    /// When somebody accepted it.
    pub accepted_at: Option<Timestamp>,
    /// Who did.
    pub accepted_by: Option<Uuid>,
    /// Why.
    pub reason: Option<String>,
}

/// Only the store has it.
pub const HERE: &str = "here";
/// Only the ERP has it.
pub const THERE: &str = "there";
/// Both have it, with other values.
pub const DIFFERS: &str = "differs";
/// A price that the ERP answers otherwise.
pub const PRICE: &str = "price";
/// An order that the ERP has otherwise or not at all, or that was not answered.
pub const ORDER: &str = "order";

columns!(Drift: "drift" {
    tenant_id, id, source_id, entity, key, ext_id, kind, fields, refs, fingerprint, found_at, accepted_at, accepted_by,
    reason,
});

/// How a comparison went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The source.
    pub source_id: Uuid,
    /// `person`, `night` or `command`.
    pub cause: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Rows and hashes by entity and partition.
    pub parts: serde_json::Value,
    /// The prices that were asked for, with both answers.
    pub prices: serde_json::Value,
    /// How many differences it found, the accepted ones among them.
    pub differences: i64,
    /// Why it is not whole.
    pub error: Option<String>,
}

columns!(Reconciliation: "reconciliation" {
    tenant_id, id, source_id, cause, started_at, finished_at, parts, prices, differences, error,
});

/// Everything that differs between the store and a source.
///
/// # Errors
/// As every statement.
pub async fn of_source(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid) -> Result<Vec<Drift>, StoreError> {
    all!(
        tx,
        "SELECT * FROM drift WHERE tenant_id = $1 AND source_id = $2",
        tenant_id,
        source_id
    )
}

/// A page of what differs, the latest found first: accepted or not, of one source or all.
///
/// # Errors
/// As every statement.
pub async fn page(
    tx: &mut Tx,
    tenant_id: Uuid,
    is_accepted: bool,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Drift>, StoreError> {
    all!(
        tx,
        "SELECT * FROM drift WHERE tenant_id = $1 AND (accepted_at IS NOT NULL) = $2 AND ($3 IS NULL OR id < $3) \
         ORDER BY id DESC LIMIT $4",
        tenant_id,
        is_accepted,
        before,
        limit
    )
}

/// How much differs that nobody accepted.
///
/// # Errors
/// As every statement.
pub async fn count_open(tx: &mut Tx, tenant_id: Uuid) -> Result<i64, StoreError> {
    scalar!(
        tx,
        "SELECT count(*) FROM drift WHERE tenant_id = $1 AND accepted_at IS NULL",
        tenant_id
    )
}

/// One difference.
///
/// # Errors
/// As every statement.
pub async fn find(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<Drift>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM drift WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// Keeps differences, in place of those with the same identifiers.
///
/// # Errors
/// As every statement.
pub async fn put(tx: &mut Tx, drifts: &[Drift]) -> Result<(), StoreError> {
    rows::upsert_all(tx, drifts, "tenant_id, id").await
}

/// Forgets differences.
///
/// # Errors
/// As every statement.
pub async fn forget(tx: &mut Tx, tenant_id: Uuid, ids: &[Uuid]) -> Result<u64, StoreError> {
    rows::delete_all::<Drift>(tx, tenant_id, "id", ids).await
}

/// Keeps how a comparison went.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, reconciliation: &Reconciliation) -> Result<(), StoreError> {
    rows::insert(tx, reconciliation).await
}

/// The last comparisons of a source, the latest first.
///
/// # Errors
/// As every statement.
pub async fn last(
    tx: &mut Tx,
    tenant_id: Uuid,
    source_id: Uuid,
    limit: i64,
) -> Result<Vec<Reconciliation>, StoreError> {
    all!(
        tx,
        "SELECT * FROM reconciliation WHERE tenant_id = $1 AND source_id = $2 ORDER BY id DESC LIMIT $3",
        tenant_id,
        source_id,
        limit
    )
}

/// Removes what is kept of comparisons that ended before a moment.
///
/// # Errors
/// As every statement.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    execute!(tx, "DELETE FROM reconciliation WHERE finished_at < $1", before)
}
