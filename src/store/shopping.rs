//! Lists of products that buyers' users keep, and what they returned last.

use uuid::Uuid;

pub use super::rows::insert;
use super::{StoreError, Tx, rows};
use crate::domain::shopping::{Bought, ListedProduct, Shopper, ShoppingList};
use crate::domain::stock::Band;

words!(Band);
columns!(ShoppingList: "shopping_list" {
    tenant_id, id, connection_id, user_key, name, created_at,
});
columns!(ListedProduct: "shopping_list_line" {
    tenant_id, list_id, sku, unit, quantity, added_at,
});
columns!(Bought: "bought" {
    tenant_id, connection_id, user_key, sku, unit, quantity, unit_price, price_quantity, currency, band, ships_on,
    bought_at,
});

/// Holds the lists of a user until the end of the transaction: their number is limited.
///
/// # Errors
/// As every statement.
pub async fn lock(tx: &mut Tx, shopper: &Shopper) -> Result<(), StoreError> {
    let key = format!("{} {} {}", shopper.tenant_id, shopper.connection_id, shopper.user_key);
    tx.lock("shopping", &key).await
}

/// The lists of a user in the order they were made; their number is limited.
///
/// # Errors
/// As every statement.
pub async fn lists(tx: &mut Tx, shopper: &Shopper) -> Result<Vec<ShoppingList>, StoreError> {
    all!(
        tx,
        "SELECT * FROM shopping_list WHERE tenant_id = $1 AND connection_id = $2 AND user_key = $3 ORDER BY id",
        shopper.tenant_id,
        shopper.connection_id,
        shopper.user_key
    )
}

/// What is on some lists, in the order it was put there.
///
/// # Errors
/// As every statement.
pub async fn listed(tx: &mut Tx, tenant_id: Uuid, list_ids: &[Uuid]) -> Result<Vec<ListedProduct>, StoreError> {
    let sql = tx.pick(
        "SELECT * FROM shopping_list_line WHERE tenant_id = $1 \
         AND list_id IN (SELECT unhex(value, '-') FROM json_each($2)) ORDER BY added_at, sku, unit",
        "SELECT * FROM shopping_list_line WHERE tenant_id = $1 \
         AND list_id IN (SELECT value::uuid FROM jsonb_array_elements_text($2)) ORDER BY added_at, sku, unit",
    );
    all!(tx, sql, tenant_id, serde_json::json!(list_ids))
}

/// Gives a list another name.
///
/// # Errors
/// As every statement.
pub async fn rename(tx: &mut Tx, tenant_id: Uuid, id: Uuid, name: &str) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE shopping_list SET name = $3 WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id,
        name
    )?;
    Ok(())
}

/// Removes a list and what is on it.
///
/// # Errors
/// As every statement.
pub async fn delete(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<(), StoreError> {
    execute!(
        tx,
        "DELETE FROM shopping_list_line WHERE tenant_id = $1 AND list_id = $2",
        tenant_id,
        id
    )?;
    execute!(
        tx,
        "DELETE FROM shopping_list WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )?;
    Ok(())
}

/// Puts products on lists, over those with the same part number and unit.
///
/// # Errors
/// As every statement.
pub async fn put_listed(tx: &mut Tx, products: &[ListedProduct]) -> Result<(), StoreError> {
    rows::upsert_all(tx, products, "tenant_id, list_id, sku, unit").await
}

/// Takes a product off a list, in every unit or in one.
///
/// # Errors
/// As every statement.
pub async fn take_off(
    tx: &mut Tx,
    tenant_id: Uuid,
    list_id: Uuid,
    sku: &str,
    unit: Option<&str>,
) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM shopping_list_line WHERE tenant_id = $1 AND list_id = $2 AND sku = $3 \
         AND ($4 IS NULL OR unit = $4)",
        tenant_id,
        list_id,
        sku,
        unit
    )
}

/// Keeps what went back, over what the user returned before of the same product and unit.
///
/// # Errors
/// As every statement.
pub async fn put_bought(tx: &mut Tx, bought: &[Bought]) -> Result<(), StoreError> {
    rows::upsert_all(tx, bought, "tenant_id, connection_id, user_key, sku, unit").await
}

/// What a user returned last, the latest first.
///
/// # Errors
/// As every statement.
pub async fn bought(tx: &mut Tx, shopper: &Shopper, limit: i64) -> Result<Vec<Bought>, StoreError> {
    all!(
        tx,
        "SELECT * FROM bought WHERE tenant_id = $1 AND connection_id = $2 AND user_key = $3 \
         ORDER BY bought_at DESC, sku, unit LIMIT $4",
        shopper.tenant_id,
        shopper.connection_id,
        shopper.user_key,
        limit
    )
}

/// Forgets what a user returned, the latest `keep` aside.
///
/// # Errors
/// As every statement.
pub async fn trim_bought(tx: &mut Tx, shopper: &Shopper, keep: i64) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM bought WHERE tenant_id = $1 AND connection_id = $2 AND user_key = $3 \
         AND (sku, unit) NOT IN (SELECT sku, unit FROM bought \
         WHERE tenant_id = $1 AND connection_id = $2 AND user_key = $3 \
         ORDER BY bought_at DESC, sku, unit LIMIT $4)",
        shopper.tenant_id,
        shopper.connection_id,
        shopper.user_key,
        keep
    )
}
