//! PunchOut visits and their carts.

use jiff::Timestamp;
use uuid::Uuid;

pub use super::rows::{insert, insert_both as insert_with_exchange};
use super::{StoreError, Tx, rows};
use crate::domain::language::Language;
use crate::domain::session::{
    CartLine, Operation, SelectedItem, Session, SessionHeader, SessionState, SessionUser, ShipTo,
};

words!(Operation, SessionState, Language);
json!(SessionUser, ShipTo, SelectedItem, SessionHeader);
columns!(Session: "session" {
    tenant_id, id, connection_id, exchange_id, account_code, operation, state, buyer_cookie, return_url, language,
    chosen_language, user, ship_to, selected_item, header, start_hash, start_until, handle_hash, shop_until, return_payload_id,
    return_document, created_at, opened_at, closed_at,
});
columns!(CartLine: "cart_line" {
    tenant_id, session_id, id, line_number, sku, quantity, unit, unit_price, price_quantity, currency, band, ships_on, trace,
    item_out, added_at,
});

/// Holds the visit until the end of the transaction: its cart is changed by one at a time.
///
/// # Errors
/// As every statement.
pub async fn lock(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<(), StoreError> {
    tx.lock("session", &format!("{tenant_id} {id}")).await
}

/// The visit with this identifier.
///
/// # Errors
/// As every statement.
pub async fn find(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<Session>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM session WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// The visit of a start link, redeemed or not.
///
/// # Errors
/// As every statement.
pub async fn find_by_start(tx: &mut Tx, tenant_id: Uuid, start_hash: &[u8]) -> Result<Option<Session>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM session WHERE tenant_id = $1 AND start_hash = $2",
        tenant_id,
        start_hash
    )
}

/// The visit with this handle in its addresses.
///
/// # Errors
/// As every statement.
pub async fn find_by_handle(tx: &mut Tx, tenant_id: Uuid, handle_hash: &[u8]) -> Result<Option<Session>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM session WHERE tenant_id = $1 AND handle_hash = $2",
        tenant_id,
        handle_hash
    )
}

/// Opens the visit by its start link, once: whoever comes second, or too late, gets nothing.
///
/// The link's hash stays, and its time ends with the use, so that a second use is told from a made-up link.
///
/// # Errors
/// As every statement.
pub async fn redeem(
    tx: &mut Tx,
    tenant_id: Uuid,
    start_hash: &[u8],
    handle_hash: &[u8],
    now: Timestamp,
    shop_until: Timestamp,
) -> Result<Option<Session>, StoreError> {
    optional!(
        tx,
        "UPDATE session SET state = 'open', start_until = $4, handle_hash = $3, opened_at = $4, \
         shop_until = COALESCE(shop_until, $5) \
         WHERE tenant_id = $1 AND start_hash = $2 AND state IN ('issued', 'open') AND start_until > $4 RETURNING *",
        tenant_id,
        start_hash,
        handle_hash,
        now,
        shop_until
    )
}

/// Closes an open visit with the document that goes back; an expired one can still be cancelled towards the buyer.
/// Tells whether it was open.
///
/// # Errors
/// As every statement.
pub async fn close(
    tx: &mut Tx,
    tenant_id: Uuid,
    id: Uuid,
    state: SessionState,
    now: Timestamp,
    returned: Option<(&str, &str)>,
) -> Result<bool, StoreError> {
    let (payload_id, document) = returned.unzip();
    let closed = execute!(
        tx,
        "UPDATE session SET state = $3, closed_at = $4, return_payload_id = $5, return_document = $6 \
         WHERE tenant_id = $1 AND id = $2 AND (state = 'open' OR (state = 'expired' AND $3 = 'cancelled'))",
        tenant_id,
        id,
        state,
        now,
        payload_id,
        document
    )?;
    Ok(closed == 1)
}

/// Keeps the language that the user chose.
///
/// # Errors
/// As every statement.
pub async fn speak(tx: &mut Tx, tenant_id: Uuid, id: Uuid, language: Language) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE session SET chosen_language = $3 WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id,
        language
    )?;
    Ok(())
}

/// The visit that a document set up.
///
/// # Errors
/// As every statement.
pub async fn find_by_exchange(tx: &mut Tx, tenant_id: Uuid, exchange_id: Uuid) -> Result<Option<Session>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM session WHERE tenant_id = $1 AND exchange_id = $2",
        tenant_id,
        exchange_id
    )
}

/// Gives a visit a new start link in place of one that was used or came too late.
///
/// # Errors
/// As every statement.
pub async fn renew_start(
    tx: &mut Tx,
    tenant_id: Uuid,
    id: Uuid,
    start_hash: &[u8],
    start_until: Timestamp,
) -> Result<bool, StoreError> {
    let renewed = execute!(
        tx,
        "UPDATE session SET start_hash = $3, start_until = $4 \
         WHERE tenant_id = $1 AND id = $2 AND state IN ('issued', 'open')",
        tenant_id,
        id,
        start_hash,
        start_until
    )?;
    Ok(renewed == 1)
}

/// Whether the visit is open, asked inside the transaction that changes its cart.
///
/// # Errors
/// As every statement.
pub async fn is_open(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<bool, StoreError> {
    let open: i64 = scalar!(
        tx,
        "SELECT count(*) FROM session WHERE tenant_id = $1 AND id = $2 AND state = 'open'",
        tenant_id,
        id
    )?;
    Ok(open == 1)
}

/// The visits with this cookie that are issued or open, the latest first.
///
/// # Errors
/// As every statement.
pub async fn live_with_cookie(
    tx: &mut Tx,
    tenant_id: Uuid,
    connection_id: Uuid,
    buyer_cookie: &str,
) -> Result<Vec<Session>, StoreError> {
    // Sorted here: asked to sort by the identifier, SQLite reads every visit of the supplier in that order.
    let mut live: Vec<Session> = all!(
        tx,
        "SELECT * FROM session WHERE tenant_id = $1 AND connection_id = $2 AND buyer_cookie = $3 \
         AND state IN ('issued', 'open')",
        tenant_id,
        connection_id,
        buyer_cookie
    )?;
    live.sort_by_key(|session| std::cmp::Reverse(session.id));
    Ok(live)
}

/// Ends a visit whose place a later one takes; tells whether it was live.
///
/// # Errors
/// As every statement.
pub async fn supersede(tx: &mut Tx, tenant_id: Uuid, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let ended = execute!(
        tx,
        "UPDATE session SET state = 'superseded', start_hash = NULL, closed_at = $3 \
         WHERE tenant_id = $1 AND id = $2 AND state IN ('issued', 'open')",
        tenant_id,
        id,
        now
    )?;
    Ok(ended == 1)
}

/// Expires the visits whose time is over; tells how many.
///
/// # Errors
/// As every statement.
pub async fn sweep(tx: &mut Tx, tenant_id: Uuid, now: Timestamp) -> Result<u64, StoreError> {
    execute!(
        tx,
        "UPDATE session SET state = 'expired', start_hash = NULL, closed_at = $2 WHERE tenant_id = $1 \
         AND state IN ('issued', 'open') AND start_until <= $2 \
         AND (state = 'issued' OR shop_until <= $2)",
        tenant_id,
        now
    )
}

/// Visits in one state or all, the latest first; `before` is the last one of the page above.
///
/// # Errors
/// As every statement.
pub async fn list(
    tx: &mut Tx,
    tenant_id: Uuid,
    state: Option<SessionState>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Session>, StoreError> {
    all!(
        tx,
        "SELECT * FROM session WHERE tenant_id = $1 AND ($2 IS NULL OR state = $2) AND id < $3 \
         ORDER BY id DESC LIMIT $4",
        tenant_id,
        state,
        before.unwrap_or(Uuid::max()),
        limit
    )
}

/// The lines of the carts of several visits.
///
/// # Errors
/// As every statement.
pub async fn carts(tx: &mut Tx, tenant_id: Uuid, session_ids: &[Uuid]) -> Result<Vec<CartLine>, StoreError> {
    let sql = tx.pick(
        "SELECT * FROM cart_line WHERE tenant_id = $1 AND session_id IN (SELECT unhex(value, '-') FROM json_each($2))",
        "SELECT * FROM cart_line WHERE tenant_id = $1 \
         AND session_id IN (SELECT value::uuid FROM jsonb_array_elements_text($2))",
    );
    all!(tx, sql, tenant_id, serde_json::json!(session_ids))
}

/// The cart, in order.
///
/// # Errors
/// As every statement.
pub async fn cart(tx: &mut Tx, tenant_id: Uuid, session_id: Uuid) -> Result<Vec<CartLine>, StoreError> {
    all!(
        tx,
        "SELECT * FROM cart_line WHERE tenant_id = $1 AND session_id = $2 ORDER BY line_number, id",
        tenant_id,
        session_id
    )
}

/// Puts lines into their carts, over those with the same identifiers.
///
/// # Errors
/// As every statement.
pub async fn put_lines(tx: &mut Tx, lines: &[CartLine]) -> Result<(), StoreError> {
    rows::upsert_all(tx, lines, "tenant_id, session_id, id").await
}

/// Takes a line out of the cart; tells whether it was there.
///
/// # Errors
/// As every statement.
pub async fn delete_line(tx: &mut Tx, tenant_id: Uuid, session_id: Uuid, id: Uuid) -> Result<bool, StoreError> {
    let deleted = execute!(
        tx,
        "DELETE FROM cart_line WHERE tenant_id = $1 AND session_id = $2 AND id = $3",
        tenant_id,
        session_id,
        id
    )?;
    Ok(deleted == 1)
}
