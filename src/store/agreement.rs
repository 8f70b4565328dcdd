//! Agreements: heads, the addresses they are for, and their lines.

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::terms::{AgreementKind, Applies, Enforce};

own_words!(AgreementKind, Applies, Enforce);
columns!(AgreementRow: "agreement" {
    tenant_id, id, number, account_id, kind, buyer_reference, valid_from, valid_to, applies, enforce_qty, all_ship_tos,
});
columns!(AgreementShipToRow: "agreement_ship_to" {
    tenant_id, id, agreement_id, address_id, valid_from, valid_to,
});
columns!(AgreementLineRow: "agreement_line" {
    tenant_id, id, agreement_id, line_number, product_id, category_id, uom_id, unit_price, price_qty, qty_committed, qty_released, qty_max, valid_from, valid_to,
});

/// An agreement, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The supplier's number, unique.
    pub number: String,
    /// The account.
    pub account_id: Uuid,
    /// What it is.
    pub kind: AgreementKind,
    /// The buyer's number of it.
    pub buyer_reference: Option<String>,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// When its prices are used.
    pub applies: Applies,
    /// What happens when more is ordered.
    pub enforce_qty: Enforce,
    /// Whether it is for every address.
    pub all_ship_tos: bool,
}

/// An address an agreement is for, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementShipToRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The agreement.
    pub agreement_id: Uuid,
    /// The address.
    pub address_id: Uuid,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
}

/// A line of an agreement, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementLineRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The agreement.
    pub agreement_id: Uuid,
    /// Its number.
    pub line_number: i64,
    /// The product.
    pub product_id: Option<Uuid>,
    /// The category, where it is for no single product.
    pub category_id: Option<Uuid>,
    /// The unit; none is the base unit.
    pub uom_id: Option<Uuid>,
    /// The price; none is "on request".
    pub unit_price: Option<Decimal>,
    /// How many units the price is for.
    pub price_qty: Decimal,
    /// What the buyer is bound to take.
    pub qty_committed: Option<Decimal>,
    /// What was ordered already.
    pub qty_released: Decimal,
    /// What may be ordered at most.
    pub qty_max: Option<Decimal>,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
}
