//! Rules of price lists beside the lean breaks.

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::terms::{Base, Calculation, ScopeKind};

own_words!(Base, Calculation, ScopeKind);
columns!(RuleRow: "price_rule" {
    tenant_id, id, price_list_id, position, scope_kind, product_id, category_id, price_group, uom_id, warehouse_id, min_qty, valid_from, valid_to, calc, base, value, price_qty, floor_base, floor_value, cap_value, surcharge, round_to, second_from, second_to, find_next, formula,
});

/// A rule of a list, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The list.
    pub price_list_id: Uuid,
    /// Its place in the list, from 1.
    pub position: i64,
    /// What kind of thing it is for.
    pub scope_kind: ScopeKind,
    /// The product.
    pub product_id: Option<Uuid>,
    /// The category.
    pub category_id: Option<Uuid>,
    /// The price group.
    pub price_group: Option<String>,
    /// The unit of quantity and fixed price; none is the base unit.
    pub uom_id: Option<Uuid>,
    /// Only for goods from there.
    pub warehouse_id: Option<Uuid>,
    /// The quantity it begins at.
    pub min_qty: Decimal,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// How the price is found.
    pub calc: Calculation,
    /// From what.
    pub base: Base,
    /// The price, factor, amount or percentage; none is "on request".
    pub value: Option<Decimal>,
    /// How many units a fixed price is for.
    pub price_qty: Decimal,
    /// Never less than so many times this base.
    pub floor_base: Option<Base>,
    /// How many times.
    pub floor_value: Option<Decimal>,
    /// Never more.
    pub cap_value: Option<Decimal>,
    /// Added to what was computed.
    pub surcharge: Option<Decimal>,
    /// Rounded to a multiple of it.
    pub round_to: Option<Decimal>,
    /// The second of its first day at which it begins, from 0.
    pub second_from: Option<i64>,
    /// The last second of its last day.
    pub second_to: Option<i64>,
    /// Whether the search goes on after it.
    pub find_next: bool,
    /// The ERP's words of a formula.
    pub formula: Option<String>,
}
