//! Outbound jobs: queued with the fact they tell of, leased by a worker, tried until accepted or parked.

use jiff::Timestamp;
use uuid::Uuid;

use super::{StoreError, Tx, rows};
use crate::domain::delivery::{Attempt, Delivery, DeliveryState, Target};

words!(Target, DeliveryState);
columns!(Delivery: "delivery" {
    tenant_id, id, target, kind, subject_id, idempotency_key, body, state, attempts, due_at, created_at,
});
columns!(Attempt: "attempt" { tenant_id, delivery_id, number, started_at, duration_ms, status, answer, error });

/// Queues a delivery; one with the same target, kind and idempotency key is there already: nothing happens, `false`.
///
/// Deliveries of one subject go out in the order of their identifiers.
///
/// # Errors
/// As every statement.
pub async fn enqueue(tx: &mut Tx, delivery: &Delivery) -> Result<bool, StoreError> {
    rows::insert_new(tx, delivery, "tenant_id, target, kind, idempotency_key").await
}

/// Leases the due deliveries of one supplier to one receiver until `until`, and counts the attempt that begins.
///
/// One that waits behind an earlier unfinished one of its subject, or behind a drain of its account, is passed over; one
/// whose lease ran out is leased again. No two workers get the same one.
///
/// # Errors
/// As every statement.
pub async fn lease(
    tx: &mut Tx,
    tenant_id: Uuid,
    target: Target,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    macro_rules! lease {
        ($lock:literal) => {
            concat!(
                "UPDATE delivery SET state = 'sending', attempts = attempts + 1, due_at = $4 \
                 WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM delivery due \
                     WHERE due.tenant_id = $1 AND due.target = $2 AND due.state IN ('pending', 'sending') \
                     AND due.due_at <= $3 AND NOT EXISTS ( \
                         SELECT 1 FROM delivery earlier WHERE earlier.tenant_id = due.tenant_id \
                         AND earlier.target = due.target AND earlier.subject_id = due.subject_id \
                         AND earlier.id < due.id AND earlier.state <> 'done') \
                     AND NOT EXISTS ( \
                         SELECT 1 FROM erp_drain_order queued \
                         JOIN purchase_order o ON o.tenant_id = due.tenant_id AND o.id = due.subject_id \
                         WHERE queued.tenant_id = due.tenant_id AND queued.outcome = 'queued' \
                         AND queued.account_code = o.account_code AND queued.delivery_id <= due.id AND due.target = 'erp') \
                     ORDER BY due.due_at LIMIT $5",
                $lock,
                ") RETURNING *"
            )
        };
    }
    let sql = tx.pick(lease!(""), lease!(" FOR UPDATE SKIP LOCKED"));
    all!(tx, sql, tenant_id, target, now, until, limit)
}

/// Leases one job whatever waits before it, and counts the attempt that begins; nothing where it is not due, or another
/// has it.
///
/// # Errors
/// As every statement.
pub async fn lease_one(
    tx: &mut Tx,
    tenant_id: Uuid,
    id: Uuid,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Delivery>, StoreError> {
    optional!(
        tx,
        "UPDATE delivery SET state = 'sending', attempts = attempts + 1, due_at = $4 \
         WHERE tenant_id = $1 AND id = $2 AND state IN ('pending', 'sending') AND due_at <= $3 RETURNING *",
        tenant_id,
        id,
        now,
        until
    )
}

/// Takes back a leased job that nobody heard of; tells whether the lease was still ours.
///
/// # Errors
/// As every statement.
pub async fn withdraw(tx: &mut Tx, leased: &Delivery) -> Result<bool, StoreError> {
    let ours: i64 = scalar!(
        tx,
        "SELECT count(*) FROM delivery WHERE tenant_id = $1 AND id = $2 AND state = 'sending' AND attempts = $3",
        leased.tenant_id,
        leased.id,
        leased.attempts
    )?;
    if ours == 0 {
        return Ok(false);
    }
    execute!(
        tx,
        "DELETE FROM attempt WHERE tenant_id = $1 AND delivery_id = $2",
        leased.tenant_id,
        leased.id
    )?;
    let withdrawn = execute!(
        tx,
        "DELETE FROM delivery WHERE tenant_id = $1 AND id = $2 AND state = 'sending' AND attempts = $3",
        leased.tenant_id,
        leased.id,
        leased.attempts
    )?;
    Ok(withdrawn == 1)
}

/// Takes back a leased job that nobody heard of, and those behind it but for the one of this key: it is then what the ERP
/// hears first of its order, unless that is cancelled. Tells whether the lease was still ours.
///
/// # Errors
/// As every statement.
pub async fn overtake(tx: &mut Tx, leased: &Delivery, idempotency_key: &str) -> Result<bool, StoreError> {
    if !withdraw(tx, leased).await? {
        return Ok(false);
    }
    execute!(
        tx,
        "DELETE FROM delivery WHERE tenant_id = $1 AND target = $2 AND subject_id = $3 AND state = 'pending' \
         AND attempts = 0 AND (idempotency_key <> $4 OR kind = 'order.cancel')",
        leased.tenant_id,
        leased.target,
        leased.subject_id,
        idempotency_key
    )?;
    execute!(
        tx,
        "UPDATE delivery SET kind = 'order.create' WHERE tenant_id = $1 AND target = $2 AND subject_id = $3 \
         AND state = 'pending' AND attempts = 0 AND idempotency_key = $4 AND kind = 'order.change'",
        leased.tenant_id,
        leased.target,
        leased.subject_id,
        idempotency_key
    )?;
    Ok(true)
}

/// Records an attempt before its bytes leave.
///
/// # Errors
/// [`StoreError::Conflict`] when this attempt was recorded before.
pub async fn begin_attempt(tx: &mut Tx, attempt: &Attempt) -> Result<(), StoreError> {
    rows::insert(tx, attempt).await
}

/// Records how an attempt ended.
///
/// # Errors
/// As every statement.
pub async fn end_attempt(tx: &mut Tx, attempt: &Attempt) -> Result<bool, StoreError> {
    let touched = execute!(
        tx,
        "UPDATE attempt SET duration_ms = $4, status = $5, answer = $6, error = $7 \
         WHERE tenant_id = $1 AND delivery_id = $2 AND number = $3",
        attempt.tenant_id,
        attempt.delivery_id,
        attempt.number,
        attempt.duration_ms,
        attempt.status,
        attempt.answer,
        attempt.error
    )?;
    Ok(touched == 1)
}

/// Ends a lease: done, pending until `due_at`, or parked. Tells whether the lease was still ours.
///
/// # Errors
/// As every statement.
pub async fn settle(
    tx: &mut Tx,
    leased: &Delivery,
    state: DeliveryState,
    due_at: Timestamp,
) -> Result<bool, StoreError> {
    let settled = execute!(
        tx,
        "UPDATE delivery SET state = $4, due_at = $5 \
         WHERE tenant_id = $1 AND id = $2 AND state = 'sending' AND attempts = $3",
        leased.tenant_id,
        leased.id,
        leased.attempts,
        state,
        due_at
    )?;
    Ok(settled == 1)
}

/// Sends a parked delivery again, the same bytes; tells whether it was parked.
///
/// # Errors
/// As every statement.
pub async fn resume(tx: &mut Tx, tenant_id: Uuid, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let resumed = execute!(
        tx,
        "UPDATE delivery SET state = 'pending', due_at = $3 WHERE tenant_id = $1 AND id = $2 AND state = 'parked'",
        tenant_id,
        id,
        now
    )?;
    Ok(resumed == 1)
}

/// The delivery with this identifier.
///
/// # Errors
/// As every statement.
pub async fn find(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<Delivery>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM delivery WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// The deliveries about a subject, in their order.
///
/// # Errors
/// As every statement.
pub async fn list_of(tx: &mut Tx, tenant_id: Uuid, subject_id: Uuid) -> Result<Vec<Delivery>, StoreError> {
    all!(
        tx,
        "SELECT * FROM delivery WHERE tenant_id = $1 AND subject_id = $2 ORDER BY id",
        tenant_id,
        subject_id
    )
}

/// Deliveries in one state or all, the latest first; `before` is the last one of the page above.
///
/// # Errors
/// As every statement.
pub async fn list(
    tx: &mut Tx,
    tenant_id: Uuid,
    state: Option<DeliveryState>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    all!(
        tx,
        "SELECT * FROM delivery WHERE tenant_id = $1 AND ($2 IS NULL OR state = $2) AND ($3 IS NULL OR id < $3) \
         ORDER BY id DESC LIMIT $4",
        tenant_id,
        state,
        before,
        limit
    )
}

/// How many deliveries are in one state.
///
/// # Errors
/// As every statement.
pub async fn count(tx: &mut Tx, tenant_id: Uuid, state: DeliveryState) -> Result<i64, StoreError> {
    scalar!(
        tx,
        "SELECT count(*) FROM delivery WHERE tenant_id = $1 AND state = $2",
        tenant_id,
        state
    )
}

/// The attempts of a delivery.
///
/// # Errors
/// As every statement.
pub async fn attempts(tx: &mut Tx, tenant_id: Uuid, delivery_id: Uuid) -> Result<Vec<Attempt>, StoreError> {
    all!(
        tx,
        "SELECT * FROM attempt WHERE tenant_id = $1 AND delivery_id = $2 ORDER BY number",
        tenant_id,
        delivery_id
    )
}
