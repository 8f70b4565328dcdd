//! What belongs to single accounts: addresses, part numbers of their own, assortments, credit.

use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{StoreError, Tx};
use crate::domain::account::AddressRole;
use crate::domain::terms::{AssortmentRule, AssortmentTarget};

own_words!(AddressRole, AssortmentRule, AssortmentTarget);
columns!(AddressRow: "account_address" {
    tenant_id, id, account_id, code, role, buyer_address_id, name, street, city, region, postal_code, country, tax_jurisdiction, active,
});
columns!(OwnPartRow: "account_sku" {
    tenant_id, id, account_id, customer_sku, product_id, uom_id, name,
});
columns!(AssortmentRow: "account_assortment" {
    tenant_id, id, account_id, rule, target_kind, target_id,
});
columns!(CreditRow: "account_credit" {
    tenant_id, id, account_id, credit_limit, open_invoices, open_orders, as_of,
});

/// An address of an account, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// The supplier's code, unique within the account.
    pub code: String,
    /// What it is for.
    pub role: AddressRole,
    /// The buyer's code of it (cXML `Address/@addressID`).
    pub buyer_address_id: Option<String>,
    /// The name on it.
    pub name: Option<String>,
    /// Street and number.
    pub street: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Region or state.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166 country code.
    pub country: Option<String>,
    /// The supplier's code of the place for taxes.
    pub tax_jurisdiction: Option<String>,
    /// Whether goods go there.
    pub active: bool,
}

/// A buyer's own part number, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPartRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// The buyer's part number.
    pub customer_sku: String,
    /// The product.
    pub product_id: Uuid,
    /// The unit that the buyer means by it.
    pub uom_id: Option<Uuid>,
    /// The buyer's name of it.
    pub name: Option<String>,
}

/// What an account may or may not buy, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssortmentRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// Whether it may be bought.
    pub rule: AssortmentRule,
    /// What kind of thing is meant.
    pub target_kind: AssortmentTarget,
    /// Which one.
    pub target_id: Uuid,
}

/// How much an account may owe, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// At most, in the account's currency.
    pub credit_limit: Decimal,
    /// Invoiced and not paid.
    pub open_invoices: Decimal,
    /// Ordered and not invoiced.
    pub open_orders: Decimal,
    /// When the source said so.
    pub as_of: Timestamp,
}

/// What an account calls a product, by the account's code.
///
/// # Errors
/// As every statement.
pub async fn own_number(
    tx: &mut Tx,
    tenant_id: Uuid,
    account_code: &str,
    product_id: Uuid,
) -> Result<Option<OwnPartRow>, StoreError> {
    optional!(
        tx,
        "SELECT account_sku.* FROM account JOIN account_sku \
         ON account_sku.tenant_id = account.tenant_id AND account_sku.account_id = account.id \
         WHERE account.tenant_id = $1 AND account.code = $2 AND account_sku.product_id = $3 \
         ORDER BY account_sku.customer_sku LIMIT 1",
        tenant_id,
        account_code,
        product_id
    )
}
