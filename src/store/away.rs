//! ERPs that are away: where each source stands, every change of its mode, and what waited for its return.

use jiff::Timestamp;
use uuid::Uuid;

use super::{StoreError, Tx, rows};
use crate::domain::away::{Age, Breaker, Cause, Difference, Drain, DrainOrder, Drained, Mode, Rules, Standing, Switch};

own_words!(Mode, Cause, Breaker, Drained);
json!(Rules, Vec<Difference>);
columns!(Standing: "erp_standing" {
    tenant_id, source_id, mode, cause, reason, since, hand, hand_reason, hand_by, hand_at, breaker, failures, retry_at,
    error, queue_since, rules,
});
columns!(Switch: "erp_switch" { tenant_id, id, source_id, before, after, cause, reason, by, at });
columns!(Drain: "erp_drain" { tenant_id, id, source_id, queue_since, started_at, finished_at });
columns!(DrainOrder: "erp_drain_order" {
    tenant_id, drain_id, delivery_id, order_key, order_id, account_code, outcome, tries, differences, note, settled_at,
});

/// Jobs of one drain at most; what comes after them goes as any other.
const JOBS_MAX: i64 = 10_000;

/// Drains that are kept of a source.
const DRAINS_MAX: i64 = 100;

/// Changes of mode that are kept of a source.
const SWITCHES_MAX: i64 = 1_000;

/// Holds where a source stands until the end of the transaction.
///
/// # Errors
/// As every statement.
pub async fn lock(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid) -> Result<(), StoreError> {
    tx.lock("erp", &format!("{tenant_id} {source_id}")).await
}

/// Where a source stands; nothing before its first run.
///
/// # Errors
/// As every statement.
pub async fn find(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid) -> Result<Option<Standing>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM erp_standing WHERE tenant_id = $1 AND source_id = $2",
        tenant_id,
        source_id
    )
}

/// Where every source of every supplier stands: few by nature.
///
/// # Errors
/// As every statement.
pub async fn all(tx: &mut Tx) -> Result<Vec<Standing>, StoreError> {
    all!(tx, "SELECT * FROM erp_standing ORDER BY tenant_id, source_id")
}

/// Keeps where a source stands.
///
/// # Errors
/// As every statement.
pub async fn put(tx: &mut Tx, standing: &Standing) -> Result<(), StoreError> {
    rows::upsert_all(tx, std::slice::from_ref(standing), "tenant_id, source_id").await
}

/// When the entities of a source that have limits were brought last.
///
/// # Errors
/// As every statement.
pub async fn ages(tx: &mut Tx, standing: &Standing) -> Result<Vec<Age>, StoreError> {
    let cursors = super::sync::cursors(tx, standing.tenant_id, standing.source_id).await?;
    let ages = standing.rules.limits.iter().map(|limit| {
        let cursor = cursors.iter().find(|cursor| cursor.entity == limit.entity);
        Age {
            limit: limit.clone(),
            brought_at: cursor.and_then(|cursor| cursor.ok_at),
        }
    });
    Ok(ages.collect())
}

/// Keeps a change of mode, and forgets the oldest beyond what is kept.
///
/// # Errors
/// As every statement.
pub async fn note(tx: &mut Tx, switch: &Switch) -> Result<(), StoreError> {
    rows::insert(tx, switch).await?;
    execute!(
        tx,
        "DELETE FROM erp_switch WHERE tenant_id = $1 AND source_id = $2 AND id < (SELECT id FROM erp_switch \
         WHERE tenant_id = $1 AND source_id = $2 ORDER BY id DESC LIMIT 1 OFFSET $3)",
        switch.tenant_id,
        switch.source_id,
        SWITCHES_MAX
    )
    .map(|_| ())
}

/// The last changes of mode of a source, the latest first.
///
/// # Errors
/// As every statement.
pub async fn switches(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid, limit: i64) -> Result<Vec<Switch>, StoreError> {
    all!(
        tx,
        "SELECT * FROM erp_switch WHERE tenant_id = $1 AND source_id = $2 ORDER BY id DESC LIMIT $3",
        tenant_id,
        source_id,
        limit
    )
}

/// How many orders of a supplier wait for the ERP.
///
/// # Errors
/// As every statement.
pub async fn queue_length(tx: &mut Tx, tenant_id: Uuid) -> Result<i64, StoreError> {
    scalar!(
        tx,
        "SELECT count(*) FROM delivery WHERE tenant_id = $1 AND target = 'erp' AND state IN ('pending', 'sending')",
        tenant_id
    )
}

/// The drain of a supplier that is not over.
///
/// # Errors
/// As every statement.
pub async fn open_drain(tx: &mut Tx, tenant_id: Uuid) -> Result<Option<Drain>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM erp_drain WHERE tenant_id = $1 AND finished_at IS NULL ORDER BY id LIMIT 1",
        tenant_id
    )
}

/// Keeps a drain that begins, and forgets the oldest of its source beyond what is kept.
///
/// # Errors
/// As every statement.
pub async fn add_drain(tx: &mut Tx, drain: &Drain) -> Result<(), StoreError> {
    rows::insert(tx, drain).await?;
    let oldest: Option<Drain> = optional!(
        tx,
        "SELECT * FROM erp_drain WHERE tenant_id = $1 AND source_id = $2 ORDER BY id DESC LIMIT 1 OFFSET $3",
        drain.tenant_id,
        drain.source_id,
        DRAINS_MAX
    )?;
    let Some(oldest) = oldest else { return Ok(()) };
    execute!(
        tx,
        "DELETE FROM erp_drain_order WHERE tenant_id = $1 AND drain_id = $2",
        oldest.tenant_id,
        oldest.id
    )?;
    execute!(
        tx,
        "DELETE FROM erp_drain WHERE tenant_id = $1 AND id = $2",
        oldest.tenant_id,
        oldest.id
    )
    .map(|_| ())
}

/// Takes what waits for the ERP into a drain, each job due at once; tells how many.
///
/// # Errors
/// As every statement.
pub async fn fill_drain(tx: &mut Tx, drain: &Drain, now: Timestamp) -> Result<u64, StoreError> {
    let filled = execute!(
        tx,
        "INSERT INTO erp_drain_order (tenant_id, drain_id, delivery_id, order_key, order_id, account_code, outcome, \
             tries, differences, note, settled_at) \
         SELECT d.tenant_id, $2, d.id, d.subject_id, o.order_id, o.account_code, 'queued', 0, $3, NULL, NULL \
         FROM delivery d JOIN purchase_order o ON o.tenant_id = d.tenant_id AND o.id = d.subject_id \
         WHERE d.tenant_id = $1 AND d.target = 'erp' AND d.state IN ('pending', 'sending') \
         AND NOT EXISTS (SELECT 1 FROM erp_drain_order q WHERE q.tenant_id = $1 AND q.drain_id = $2 \
             AND q.delivery_id = d.id) ORDER BY d.id LIMIT $4",
        drain.tenant_id,
        drain.id,
        Vec::<Difference>::new(),
        JOBS_MAX
    )?;
    execute!(
        tx,
        "UPDATE delivery SET due_at = $3 WHERE tenant_id = $1 AND state = 'pending' AND due_at > $3 AND id IN \
         (SELECT delivery_id FROM erp_drain_order WHERE tenant_id = $1 AND drain_id = $2 AND outcome = 'queued')",
        drain.tenant_id,
        drain.id,
        now
    )?;
    Ok(filled)
}

/// The jobs of a drain whose turn has not come, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn queued(tx: &mut Tx, tenant_id: Uuid, drain_id: Uuid, limit: i64) -> Result<Vec<DrainOrder>, StoreError> {
    all!(
        tx,
        "SELECT * FROM erp_drain_order WHERE tenant_id = $1 AND drain_id = $2 AND outcome = 'queued' \
         ORDER BY delivery_id LIMIT $3",
        tenant_id,
        drain_id,
        limit
    )
}

/// Keeps what became of a job of a drain.
///
/// # Errors
/// As every statement.
pub async fn put_order(tx: &mut Tx, order: &DrainOrder) -> Result<(), StoreError> {
    let rows = std::slice::from_ref(order);
    rows::upsert_all(tx, rows, "tenant_id, drain_id, delivery_id").await
}

/// Notes of the jobs of an order that were taken back that something later took their place.
///
/// # Errors
/// As every statement.
pub async fn note_overtaken(tx: &mut Tx, item: &DrainOrder, now: Timestamp) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE erp_drain_order SET outcome = 'overtaken', settled_at = $4 WHERE tenant_id = $1 AND drain_id = $2 \
         AND order_key = $3 AND outcome = 'queued' AND NOT EXISTS \
         (SELECT 1 FROM delivery d WHERE d.tenant_id = $1 AND d.id = erp_drain_order.delivery_id)",
        item.tenant_id,
        item.drain_id,
        item.order_key,
        now
    )
    .map(|_| ())
}

/// Ends a drain where nothing of it waits any more.
///
/// # Errors
/// As every statement.
pub async fn finish_drain(tx: &mut Tx, drain: &Drain, now: Timestamp) -> Result<bool, StoreError> {
    let finished = execute!(
        tx,
        "UPDATE erp_drain SET finished_at = $3 WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM erp_drain_order WHERE tenant_id = $1 AND drain_id = $2 AND outcome = 'queued')",
        drain.tenant_id,
        drain.id,
        now
    )?;
    Ok(finished == 1)
}

/// The last drains of a source, the latest first.
///
/// # Errors
/// As every statement.
pub async fn drains(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid, limit: i64) -> Result<Vec<Drain>, StoreError> {
    all!(
        tx,
        "SELECT * FROM erp_drain WHERE tenant_id = $1 AND source_id = $2 ORDER BY id DESC LIMIT $3",
        tenant_id,
        source_id,
        limit
    )
}

/// One drain.
///
/// # Errors
/// As every statement.
pub async fn drain(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<Drain>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM erp_drain WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// How many orders of a drain came to one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeCount {
    /// The end.
    pub outcome: Drained,
    /// How many.
    pub orders: i64,
    /// How many of them are other than when they were accepted.
    pub differing: i64,
}

columns!(OutcomeCount {
    outcome,
    orders,
    differing
});

/// The orders of a drain by what became of them.
///
/// # Errors
/// As every statement.
pub async fn outcomes(tx: &mut Tx, tenant_id: Uuid, drain_id: Uuid) -> Result<Vec<OutcomeCount>, StoreError> {
    let sql = tx.pick(
        "SELECT outcome, count(*) AS orders, count(*) FILTER (WHERE differences <> '[]') AS differing \
         FROM erp_drain_order WHERE tenant_id = $1 AND drain_id = $2 GROUP BY outcome ORDER BY outcome",
        "SELECT outcome, count(*) AS orders, count(*) FILTER (WHERE differences <> '[]'::jsonb) AS differing \
         FROM erp_drain_order WHERE tenant_id = $1 AND drain_id = $2 GROUP BY outcome ORDER BY outcome",
    );
    all!(tx, sql, tenant_id, drain_id)
}

/// The orders of a drain after one of them, those first that people look for: held, parked, waiting; then by age.
///
/// # Errors
/// As every statement.
pub async fn orders(tx: &mut Tx, tenant_id: Uuid, drain_id: Uuid, limit: i64) -> Result<Vec<DrainOrder>, StoreError> {
    all!(
        tx,
        "SELECT * FROM erp_drain_order WHERE tenant_id = $1 AND drain_id = $2 \
         ORDER BY CASE outcome WHEN 'held' THEN 0 WHEN 'parked' THEN 1 WHEN 'waiting' THEN 2 WHEN 'queued' THEN 3 \
             ELSE 4 END, delivery_id LIMIT $3",
        tenant_id,
        drain_id,
        limit
    )
}
