//! Purchase orders: versions, lines, exceptions.

use jiff::Timestamp;
use uuid::Uuid;

pub use super::rows::{insert, insert_all};
use super::{StoreError, Tx};
use crate::domain::order::safeguard::{Action, Correction, Effect, Rule};
use crate::domain::order::{
    LineChange, Order, OrderAction, OrderException, OrderHeader, OrderKind, OrderLine, OrderState, OrderVersion,
};

words!(OrderAction, OrderKind, OrderState, LineChange, Rule, Action);
json!(OrderHeader, Vec<Correction>);
columns!(Order: "purchase_order" {
    tenant_id, id, connection_id, from_key, order_id, account_code, mode, state, current_version, awaits_new, total,
    currency, line_count, created_at, updated_at,
});
columns!(OrderVersion: "order_version" {
    tenant_id, id, order_key, seq, exchange_id, payload_id, action, kind, order_version, fingerprint, applied, header,
    received_at,
});
columns!(OrderLine: "order_line" {
    tenant_id, version_id, position, line_number, parent_line_number, supplier_part_id, auxiliary_id, buyer_part_id,
    sku, description, classification, quantity, unit, unit_own, unit_price, price_quantity, currency, amount,
    requested_delivery_date, expected_price, expected_price_quantity, expected_source, trace, quote_line_id, change,
    is_return,
});
columns!(OrderException: "order_exception" {
    tenant_id, id, order_key, version_id, line_number, rule, text, created_at, resolved_at, resolved_by, resolution,
});
columns!(Effect: "order_safeguard" {
    tenant_id, version_id, position, line_number, rule, action, limit_value, text, corrections,
});

/// How many orders are in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateCount {
    /// The state.
    pub state: OrderState,
    /// Orders in it.
    pub orders: i64,
}

columns!(StateCount { state, orders });

/// Holds one order number until the end of the transaction, also before the order is there.
///
/// # Errors
/// As every statement.
pub async fn lock(
    tx: &mut Tx,
    tenant_id: Uuid,
    connection_id: Uuid,
    from_key: &str,
    order_id: &str,
) -> Result<(), StoreError> {
    tx.lock("order", &format!("{tenant_id} {connection_id} {from_key} {order_id}"))
        .await
}

/// The order with this identifier.
///
/// # Errors
/// As every statement.
pub async fn find(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<Order>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM purchase_order WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// The order with the buyer's number.
///
/// # Errors
/// As every statement.
pub async fn find_by_order_id(
    tx: &mut Tx,
    tenant_id: Uuid,
    connection_id: Uuid,
    from_key: &str,
    order_id: &str,
) -> Result<Option<Order>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM purchase_order WHERE tenant_id = $1 AND connection_id = $2 AND from_key = $3 AND order_id = $4",
        tenant_id,
        connection_id,
        from_key,
        order_id
    )
}

/// Orders in one state or all, the latest first; `before` is the last one of the page above.
///
/// # Errors
/// As every statement.
pub async fn list(
    tx: &mut Tx,
    tenant_id: Uuid,
    state: Option<OrderState>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Order>, StoreError> {
    macro_rules! listed {
        ($state:literal) => {
            concat!(
                "SELECT * FROM purchase_order WHERE tenant_id = $1 AND ",
                $state,
                " AND id < $3 ORDER BY id DESC LIMIT $4"
            )
        };
    }
    let sql = match state {
        Some(_) => listed!("state = $2"),
        None => listed!("$2 IS NULL"),
    };
    all!(tx, sql, tenant_id, state, before.unwrap_or(Uuid::max()), limit)
}

/// The orders with the buyer's number, whoever the buyer is, the latest first.
///
/// # Errors
/// As every statement.
pub async fn list_by_order_id(tx: &mut Tx, tenant_id: Uuid, order_id: &str) -> Result<Vec<Order>, StoreError> {
    all!(
        tx,
        "SELECT * FROM purchase_order WHERE tenant_id = $1 AND order_id = $2 ORDER BY id DESC LIMIT 20",
        tenant_id,
        order_id
    )
}

/// How many orders are in each state that any is in.
///
/// # Errors
/// As every statement.
pub async fn counts(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<StateCount>, StoreError> {
    all!(
        tx,
        "SELECT state, count(*) AS orders FROM purchase_order WHERE tenant_id = $1 GROUP BY state",
        tenant_id
    )
}

/// Writes over what changes in an order's life; its keys stay. Tells whether it is there.
///
/// # Errors
/// As every statement.
pub async fn update(tx: &mut Tx, order: &Order) -> Result<bool, StoreError> {
    let touched = execute!(
        tx,
        "UPDATE purchase_order SET account_code = $3, state = $4, current_version = $5, awaits_new = $6, total = $7, \
         currency = $8, line_count = $9, updated_at = $10 WHERE tenant_id = $1 AND id = $2",
        order.tenant_id,
        order.id,
        order.account_code,
        order.state,
        order.current_version,
        order.awaits_new,
        order.total,
        order.currency,
        order.line_count,
        order.updated_at
    )?;
    Ok(touched == 1)
}

/// Gives force to a version that was kept without it; tells whether it is there.
///
/// # Errors
/// As every statement.
pub async fn put_in_force(tx: &mut Tx, tenant_id: Uuid, version_id: Uuid) -> Result<bool, StoreError> {
    let rows = execute!(
        tx,
        "UPDATE order_version SET applied = $3 WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        version_id,
        true
    )?;
    Ok(rows > 0)
}

/// Every document about an order, by its sequence number.
///
/// # Errors
/// As every statement.
pub async fn versions(tx: &mut Tx, tenant_id: Uuid, order_key: Uuid) -> Result<Vec<OrderVersion>, StoreError> {
    all!(
        tx,
        "SELECT * FROM order_version WHERE tenant_id = $1 AND order_key = $2 ORDER BY seq",
        tenant_id,
        order_key
    )
}

/// The version that a document became.
///
/// # Errors
/// As every statement.
pub async fn find_version_by_exchange(
    tx: &mut Tx,
    tenant_id: Uuid,
    exchange_id: Uuid,
) -> Result<Option<OrderVersion>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM order_version WHERE tenant_id = $1 AND exchange_id = $2",
        tenant_id,
        exchange_id
    )
}

/// The lines of a version, in the order of the document.
///
/// # Errors
/// As every statement.
pub async fn lines(tx: &mut Tx, tenant_id: Uuid, version_id: Uuid) -> Result<Vec<OrderLine>, StoreError> {
    all!(
        tx,
        "SELECT * FROM order_line WHERE tenant_id = $1 AND version_id = $2 ORDER BY position",
        tenant_id,
        version_id
    )
}

/// What the safeguards found in a version, and what was done.
///
/// # Errors
/// As every statement.
pub async fn effects(tx: &mut Tx, tenant_id: Uuid, version_id: Uuid) -> Result<Vec<Effect>, StoreError> {
    all!(
        tx,
        "SELECT * FROM order_safeguard WHERE tenant_id = $1 AND version_id = $2 ORDER BY position",
        tenant_id,
        version_id
    )
}

/// What a person must decide, or has decided, about an order.
///
/// # Errors
/// As every statement.
pub async fn exceptions(tx: &mut Tx, tenant_id: Uuid, order_key: Uuid) -> Result<Vec<OrderException>, StoreError> {
    all!(
        tx,
        "SELECT * FROM order_exception WHERE tenant_id = $1 AND order_key = $2 ORDER BY id",
        tenant_id,
        order_key
    )
}

/// What a person must decide, about any order, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn open_exceptions(tx: &mut Tx, tenant_id: Uuid, limit: i64) -> Result<Vec<OrderException>, StoreError> {
    all!(
        tx,
        "SELECT * FROM order_exception WHERE tenant_id = $1 AND resolved_at IS NULL ORDER BY id LIMIT $2",
        tenant_id,
        limit
    )
}

/// How many things a person must decide.
///
/// # Errors
/// As every statement.
pub async fn count_open_exceptions(tx: &mut Tx, tenant_id: Uuid) -> Result<i64, StoreError> {
    scalar!(
        tx,
        "SELECT count(*) FROM order_exception WHERE tenant_id = $1 AND resolved_at IS NULL",
        tenant_id
    )
}

/// Notes a person's decision; tells whether it was still open.
///
/// # Errors
/// As every statement.
pub async fn resolve_exception(
    tx: &mut Tx,
    tenant_id: Uuid,
    id: Uuid,
    by: Option<Uuid>,
    at: Timestamp,
    resolution: &str,
) -> Result<bool, StoreError> {
    let resolved = execute!(
        tx,
        "UPDATE order_exception SET resolved_at = $3, resolved_by = $4, resolution = $5 \
         WHERE tenant_id = $1 AND id = $2 AND resolved_at IS NULL",
        tenant_id,
        id,
        at,
        by,
        resolution
    )?;
    Ok(resolved == 1)
}

/// What a person must decide, or has decided, by its identifier.
///
/// # Errors
/// As every statement.
pub async fn find_exception(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<OrderException>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM order_exception WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// Closes what was noticed on earlier versions of an order, when a later one takes force.
///
/// # Errors
/// As every statement.
pub async fn supersede_exceptions(
    tx: &mut Tx,
    tenant_id: Uuid,
    order_key: Uuid,
    at: Timestamp,
) -> Result<u64, StoreError> {
    execute!(
        tx,
        "UPDATE order_exception SET resolved_at = $3, resolution = 'superseded' \
         WHERE tenant_id = $1 AND order_key = $2 AND resolved_at IS NULL",
        tenant_id,
        order_key,
        at
    )
}

/// The orders with any of these numbers of buyers.
///
/// # Errors
/// As every statement.
pub async fn find_all_by_order_id(
    tx: &mut Tx,
    tenant_id: Uuid,
    order_ids: &[String],
) -> Result<Vec<Order>, StoreError> {
    let sql = tx.pick(
        "SELECT * FROM purchase_order WHERE tenant_id = $1 AND order_id IN (SELECT value FROM json_each($2))",
        "SELECT * FROM purchase_order WHERE tenant_id = $1 \
         AND order_id IN (SELECT jsonb_array_elements_text($2::jsonb))",
    );
    let order_ids = serde_json::Value::from(order_ids).to_string();
    all!(tx, sql, tenant_id, order_ids)
}

/// The orders of a connection that came since then, the latest first; `before` is the last one of the page above.
///
/// # Errors
/// As every statement.
pub async fn list_of_connection(
    tx: &mut Tx,
    tenant_id: Uuid,
    connection_id: Uuid,
    since: Timestamp,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Order>, StoreError> {
    all!(
        tx,
        "SELECT * FROM purchase_order WHERE tenant_id = $1 AND connection_id = $2 AND created_at >= $3 AND id < $4 \
         ORDER BY id DESC LIMIT $5",
        tenant_id,
        connection_id,
        since,
        before.unwrap_or(Uuid::max()),
        limit
    )
}

/// How many orders of a connection came since then.
///
/// # Errors
/// As every statement.
pub async fn count_of_connection(
    tx: &mut Tx,
    tenant_id: Uuid,
    connection_id: Uuid,
    since: Timestamp,
) -> Result<i64, StoreError> {
    scalar!(
        tx,
        "SELECT count(*) FROM purchase_order WHERE tenant_id = $1 AND connection_id = $2 AND created_at >= $3",
        tenant_id,
        connection_id,
        since
    )
}

/// The versions in force of some orders.
///
/// # Errors
/// As every statement.
pub async fn versions_in_force(
    tx: &mut Tx,
    tenant_id: Uuid,
    order_keys: &[Uuid],
) -> Result<Vec<OrderVersion>, StoreError> {
    let sql = tx.pick(
        "SELECT v.* FROM order_version v JOIN purchase_order o ON o.tenant_id = v.tenant_id AND o.id = v.order_key \
         AND o.current_version = v.seq WHERE v.tenant_id = $1 \
         AND v.order_key IN (SELECT unhex(value, '-') FROM json_each($2))",
        "SELECT v.* FROM order_version v JOIN purchase_order o ON o.tenant_id = v.tenant_id AND o.id = v.order_key \
         AND o.current_version = v.seq WHERE v.tenant_id = $1 \
         AND v.order_key IN (SELECT value::uuid FROM jsonb_array_elements_text($2))",
    );
    all!(tx, sql, tenant_id, serde_json::json!(order_keys))
}

/// The lines of some versions, in the order of their documents; at most `limit`.
///
/// # Errors
/// As every statement.
pub async fn lines_of_versions(
    tx: &mut Tx,
    tenant_id: Uuid,
    version_ids: &[Uuid],
    limit: i64,
) -> Result<Vec<OrderLine>, StoreError> {
    let sql = tx.pick(
        "SELECT * FROM order_line WHERE tenant_id = $1 \
         AND version_id IN (SELECT unhex(value, '-') FROM json_each($2)) ORDER BY version_id DESC, position LIMIT $3",
        "SELECT * FROM order_line WHERE tenant_id = $1 \
         AND version_id IN (SELECT value::uuid FROM jsonb_array_elements_text($2)) \
         ORDER BY version_id DESC, position LIMIT $3",
    );
    all!(tx, sql, tenant_id, serde_json::json!(version_ids), limit)
}
