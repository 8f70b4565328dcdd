//! Price lists, whom they are given to, and which set of entries is in force.

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::{StoreError, Tx};
use crate::domain::money::Currency;
use crate::domain::terms::{ListKind, OnNoMatch, QuantityBasis, Select, Validity};

own_words!(ListKind, Select, OnNoMatch, QuantityBasis, Validity);
text_enum!(TargetKind {
    Account = "account",
    Group = "account_group",
    All = "all",
});
columns!(ListRow: "price_list" {
    tenant_id, id, source_id, ext_id, code, kind, currency, parent_id, base, qty_basis, select_mode, on_no_match, validity,
    tax_included, find_next, valid_from, valid_to, priority, version, row_hash, synced_at, deleted_at,
});
columns!(AssignmentRow: "price_list_assignment" {
    tenant_id, price_list_id, target_kind, target_id, priority, valid_from, valid_to,
});
/// Whom a list is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// One account.
    Account,
    /// A group of accounts.
    Group,
    /// All accounts; the target is the nil identifier.
    All,
}

/// A price list as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Where it comes from.
    pub source_id: Uuid,
    /// The source's key.
    pub ext_id: String,
    /// The supplier's code.
    pub code: String,
    /// What it is for.
    pub kind: ListKind,
    /// The currency of its prices.
    pub currency: Currency,
    /// The list that its rules may compute from.
    pub parent_id: Option<Uuid>,
    /// What prices are computed from where a rule does not say: `list`.
    pub base: String,
    /// What quantity breaks count where they name no unit; none is as the policy says.
    pub qty_basis: Option<QuantityBasis>,
    /// Which of several entries decides; none is as the policy says.
    pub select_mode: Option<Select>,
    /// What follows when no entry matches; none is as the policy says.
    pub on_no_match: Option<OnNoMatch>,
    /// What the days of its entries mean; none is as the policy of its source says.
    pub validity: Option<Validity>,
    /// Whether its prices include tax.
    pub tax_included: bool,
    /// Whether the search goes on after a price of its entries.
    pub find_next: bool,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// Among general lists the lower number comes first.
    pub priority: i64,
    /// The set of entries in force.
    pub version: i64,
    /// Hash of the row's content.
    pub row_hash: String,
    /// When it was brought last.
    pub synced_at: Timestamp,
    /// When its source deleted it.
    pub deleted_at: Option<Timestamp>,
}

/// A list given to somebody, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The list.
    pub price_list_id: Uuid,
    /// Whom it is given to.
    pub target_kind: TargetKind,
    /// Which one.
    pub target_id: Uuid,
    /// The lower number comes first.
    pub priority: i64,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
}

/// All lists that are not deleted.
///
/// # Errors
/// As every statement.
pub async fn lists(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<ListRow>, StoreError> {
    all!(
        tx,
        "SELECT * FROM price_list WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY code, id",
        tenant_id
    )
}

/// Whom all lists are given to.
///
/// # Errors
/// As every statement.
pub async fn assignments(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<AssignmentRow>, StoreError> {
    all!(
        tx,
        "SELECT * FROM price_list_assignment WHERE tenant_id = $1",
        tenant_id
    )
}

/// Takes a list from somebody; tells whether it was given.
///
/// # Errors
/// As every statement.
pub async fn delete_assignment(
    tx: &mut Tx,
    tenant_id: Uuid,
    price_list_id: Uuid,
    target_kind: &str,
    target_id: Uuid,
) -> Result<bool, StoreError> {
    Ok(execute!(
        tx,
        "DELETE FROM price_list_assignment \
         WHERE tenant_id = $1 AND price_list_id = $2 AND target_kind = $3 AND target_id = $4",
        tenant_id,
        price_list_id,
        target_kind,
        target_id
    )? == 1)
}

/// Puts another set of a list's entries in force.
///
/// # Errors
/// As every statement.
pub async fn set_version(tx: &mut Tx, tenant_id: Uuid, price_list_id: Uuid, version: i64) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE price_list SET version = $3 WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        price_list_id,
        version
    )
    .map(|_| ())
}
