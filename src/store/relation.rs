//! Relations of products and what kits are put together from.

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

columns!(RelationRow: "product_relation" {
    tenant_id, id, product_id, related_id, kind, qty_ratio, priority, two_way, valid_from, valid_to,
});
columns!(KitComponentRow: "kit_component" {
    tenant_id, id, kit_id, component_id, qty, uom_id,
});

/// A product that has to do with another, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The product.
    pub product_id: Uuid,
    /// The other one.
    pub related_id: Uuid,
    /// `substitute`, `supersedes`, `accessory` or `spare`.
    pub kind: String,
    /// How many base units of the other replace one base unit.
    pub qty_ratio: Decimal,
    /// The lower number comes first.
    pub priority: i64,
    /// Whether it holds the other way round too.
    pub two_way: bool,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
}

/// A component of a kit, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitComponentRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The kit.
    pub kit_id: Uuid,
    /// The component.
    pub component_id: Uuid,
    /// How many go into one base unit of the kit, in `uom_id`.
    pub qty: Decimal,
    /// The unit of the quantity.
    pub uom_id: Uuid,
}
