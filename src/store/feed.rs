//! The change feed: what changed, numbered in the order of commits, for everyone who keeps something derived.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{StoreError, Tx, rows};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Number in the order of commits, from 1; [`append`] gives it.
    pub seq: i64,
    /// The kind of thing, for example `price_list` or `connection`.
    pub entity: String,
    /// Which one; the nil identifier where many changed at once.
    pub entity_id: Uuid,
    /// `put` or `delete`.
    pub op: String,
    /// What made the change, for example `import` or `staff`.
    pub cause: String,
    /// When.
    pub at: Timestamp,
}

columns!(Change: "change_feed" { tenant_id, seq, entity, entity_id, op, cause, at });

/// Appends changes of one supplier and numbers them; the last thing a write does.
///
/// The numbers come from one row, which stays locked until the commit: who reads up to a number misses nothing below it.
///
/// # Errors
/// As every statement.
pub async fn append(tx: &mut Tx, tenant_id: Uuid, changes: &mut [Change]) -> Result<i64, StoreError> {
    let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let head: i64 = scalar!(
        tx,
        "INSERT INTO feed_head (tenant_id, seq) VALUES ($1, $2) \
         ON CONFLICT (tenant_id) DO UPDATE SET seq = feed_head.seq + excluded.seq RETURNING seq",
        tenant_id,
        count
    )?;
    for (seq, change) in (head - count + 1..).zip(changes.iter_mut()) {
        change.tenant_id = tenant_id;
        change.seq = seq;
    }
    rows::insert_all(tx, changes).await?;
    Ok(head)
}

/// The changes after a number, in order, at most `limit`.
///
/// # Errors
/// As every statement.
pub async fn after(tx: &mut Tx, tenant_id: Uuid, seq: i64, limit: i64) -> Result<Vec<Change>, StoreError> {
    all!(
        tx,
        "SELECT * FROM change_feed WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        tenant_id,
        seq,
        limit
    )
}

/// The last number given; 0 before the first.
///
/// # Errors
/// As every statement.
pub async fn head(tx: &mut Tx, tenant_id: Uuid) -> Result<i64, StoreError> {
    scalar!(
        tx,
        "SELECT coalesce(max(seq), 0) FROM feed_head WHERE tenant_id = $1",
        tenant_id
    )
}

/// How far the feed of one supplier has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The last number given; 0 before the first.
    pub seq: i64,
}

columns!(Head { tenant_id, seq });

/// How far the feed of every supplier has come.
///
/// # Errors
/// As every statement.
pub async fn heads(tx: &mut Tx) -> Result<Vec<Head>, StoreError> {
    all!(
        tx,
        "SELECT t.id AS tenant_id, coalesce(h.seq, 0) AS seq FROM tenant t LEFT JOIN feed_head h ON h.tenant_id = t.id"
    )
}
