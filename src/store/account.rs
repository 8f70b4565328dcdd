//! Accounts and the groups they belong to.

use std::collections::HashMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{StoreError, Tx};
use crate::domain::account::{Account, AccountStatus, PriceInherit};
use crate::domain::money::Currency;

own_words!(AccountStatus, PriceInherit);
columns!(AccountRow: "account" {
    tenant_id, id, source_id, ext_id, code, name, parent_id, role, bill_to_id, price_inherit, currency, payment_terms,
    tax_class, price_policy, order_minimum, default_warehouse_id, status, row_hash, synced_at, deleted_at,
});
columns!(GroupRow: "account_group" { tenant_id, id, code });
columns!(GroupMemberRow: "account_group_member" { tenant_id, account_id, group_id });

/// An account as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Where it comes from.
    pub source_id: Uuid,
    /// The source's key.
    pub ext_id: String,
    /// The ERP's customer number.
    pub code: String,
    /// The name shown.
    pub name: String,
    /// The account above.
    pub parent_id: Option<Uuid>,
    /// `corporate`, `bill_to`, `sold_to`, `ship_to` or `site`.
    pub role: String,
    /// The account that is billed, where that is another.
    pub bill_to_id: Option<Uuid>,
    /// Whose price lists apply after its own.
    pub price_inherit: PriceInherit,
    /// The currency it is billed in.
    pub currency: String,
    /// Terms of payment, in the supplier's words.
    pub payment_terms: Option<String>,
    /// Tax class; rules of tax name it.
    pub tax_class: Option<String>,
    /// The code of the policy by which its prices are decided; none is that of its source.
    pub price_policy: Option<String>,
    /// The smallest amount of a whole order, without tax, in its currency; none is what the policy says.
    pub order_minimum: Option<Decimal>,
    /// The warehouse it is served from first.
    pub default_warehouse_id: Option<Uuid>,
    /// Whether it may buy.
    pub status: AccountStatus,
    /// Hash of the row's content.
    pub row_hash: String,
    /// When it was brought last.
    pub synced_at: Timestamp,
    /// When its source deleted it.
    pub deleted_at: Option<Timestamp>,
}

/// A group of accounts that share price lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Its code, unique.
    pub code: String,
}

/// An account's place in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMemberRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// The group.
    pub group_id: Uuid,
}

/// The rows of all accounts that are not deleted.
///
/// # Errors
/// As every statement.
pub async fn account_rows(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<AccountRow>, StoreError> {
    all!(
        tx,
        "SELECT * FROM account WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY code, id",
        tenant_id
    )
}

/// All groups.
///
/// # Errors
/// As every statement.
pub async fn groups(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<GroupRow>, StoreError> {
    all!(
        tx,
        "SELECT * FROM account_group WHERE tenant_id = $1 ORDER BY code",
        tenant_id
    )
}

/// All accounts that are not deleted, with their groups; `warehouses` names a warehouse's code by its identifier.
///
/// # Errors
/// [`StoreError::Inconsistent`] when a row contradicts itself.
pub async fn accounts(
    tx: &mut Tx,
    tenant_id: Uuid,
    warehouses: &HashMap<Uuid, String>,
) -> Result<Vec<Account>, StoreError> {
    let rows = account_rows(tx, tenant_id).await?;
    let codes: HashMap<Uuid, String> = rows.iter().map(|row| (row.id, row.code.clone())).collect();
    let group_codes: HashMap<Uuid, String> = groups(tx, tenant_id)
        .await?
        .into_iter()
        .map(|group| (group.id, group.code))
        .collect();
    let members: Vec<GroupMemberRow> = all!(tx, "SELECT * FROM account_group_member WHERE tenant_id = $1", tenant_id)?;
    let mut groups_of: HashMap<Uuid, Vec<String>> = HashMap::new();
    for member in members {
        if let Some(code) = group_codes.get(&member.group_id) {
            groups_of.entry(member.account_id).or_default().push(code.clone());
        }
    }
    let account = |row: AccountRow| {
        let mut groups = groups_of.remove(&row.id).unwrap_or_default();
        groups.sort_unstable();
        let currency = Currency::parse(&row.currency)
            .map_err(|_| StoreError::inconsistent(format!("account {}: no currency of ISO 4217", row.id)))?;
        Ok(Account {
            id: row.id,
            code: row.code,
            name: row.name,
            parent: row.parent_id.and_then(|id| codes.get(&id).cloned()),
            bill_to: row.bill_to_id.and_then(|id| codes.get(&id).cloned()),
            price_inherit: row.price_inherit,
            currency,
            tax_class: row.tax_class,
            source_id: row.source_id,
            price_policy: row.price_policy,
            order_minimum: row.order_minimum,
            default_warehouse: row.default_warehouse_id.and_then(|id| warehouses.get(&id).cloned()),
            groups,
            status: row.status,
        })
    };
    rows.into_iter().map(account).collect()
}
