//! What the product index is made of, in pieces.

use uuid::Uuid;

use super::product::ProductRow;
use super::{StoreError, Tx};

columns!(OwnNumber { account, number, sku });

/// A part number of an account's own, by which account and product are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnNumber {
    /// The customer number.
    pub account: String,
    /// The buyer's part number.
    pub number: String,
    /// Our part number.
    pub sku: String,
}

/// The products after an identifier that are not deleted, in the order of identifiers, at most `limit`.
///
/// # Errors
/// As every statement.
pub async fn products_after(
    tx: &mut Tx,
    tenant_id: Uuid,
    after: Uuid,
    limit: i64,
) -> Result<Vec<ProductRow>, StoreError> {
    all!(
        tx,
        "SELECT * FROM product WHERE tenant_id = $1 AND id > $2 AND deleted_at IS NULL ORDER BY id LIMIT $3",
        tenant_id,
        after,
        limit
    )
}

/// All part numbers of accounts' own.
///
/// # Errors
/// As every statement.
pub async fn own_numbers(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<OwnNumber>, StoreError> {
    all!(
        tx,
        "SELECT a.code AS account, s.customer_sku AS number, p.sku FROM account_sku s \
         JOIN account a ON a.tenant_id = s.tenant_id AND a.id = s.account_id AND a.deleted_at IS NULL \
         JOIN product p ON p.tenant_id = s.tenant_id AND p.id = s.product_id AND p.deleted_at IS NULL \
         WHERE s.tenant_id = $1",
        tenant_id
    )
}
