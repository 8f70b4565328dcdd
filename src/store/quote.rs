//! Returned carts, as offers.

use uuid::Uuid;

pub use super::rows::{insert, insert_all};
use super::{StoreError, Tx};
use crate::domain::quote::{Quote, QuoteLine};

columns!(Quote: "quote" {
    tenant_id, id, session_id, connection_id, account_code, currency, total, valid_until, created_at,
});
columns!(QuoteLine: "quote_line" {
    tenant_id, quote_id, line_id, line_number, sku, description, quantity, unit, unit_sent, unit_price,
    price_quantity, amount, classification, trace,
});

/// The quote with this identifier.
///
/// # Errors
/// As every statement.
pub async fn find(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<Quote>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM quote WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// The quote that a visit ended with.
///
/// # Errors
/// As every statement.
pub async fn find_by_session(tx: &mut Tx, tenant_id: Uuid, session_id: Uuid) -> Result<Option<Quote>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM quote WHERE tenant_id = $1 AND session_id = $2",
        tenant_id,
        session_id
    )
}

/// The lines of a quote, in order.
///
/// # Errors
/// As every statement.
pub async fn lines(tx: &mut Tx, tenant_id: Uuid, quote_id: Uuid) -> Result<Vec<QuoteLine>, StoreError> {
    all!(
        tx,
        "SELECT * FROM quote_line WHERE tenant_id = $1 AND quote_id = $2 ORDER BY line_number, line_id",
        tenant_id,
        quote_id
    )
}

/// Every quoted form of these cart lines, the latest quote first: a line keeps its identifier from visit to visit.
///
/// # Errors
/// As every statement.
pub async fn lines_by_id(tx: &mut Tx, tenant_id: Uuid, line_ids: &[Uuid]) -> Result<Vec<QuoteLine>, StoreError> {
    let sql = tx.pick(
        "SELECT * FROM quote_line WHERE tenant_id = $1 \
         AND line_id IN (SELECT unhex(value, '-') FROM json_each($2)) ORDER BY quote_id DESC, line_number",
        "SELECT * FROM quote_line WHERE tenant_id = $1 \
         AND line_id IN (SELECT value::uuid FROM jsonb_array_elements_text($2)) ORDER BY quote_id DESC, line_number",
    );
    all!(tx, sql, tenant_id, serde_json::json!(line_ids))
}
