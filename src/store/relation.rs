//! Relations of products and what kits are put together from.

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{StoreError, Tx};
use crate::domain::product::RelationKind;

own_words!(RelationKind);
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
    /// What they have to do with each other.
    pub kind: RelationKind,
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

/// A product that goes with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedRow {
    /// Its part number.
    pub sku: String,
    /// Whether it is a spare part, else an accessory.
    pub is_spare: bool,
}

columns!(RelatedRow { sku, is_spare });

/// Accessories and spare parts of a product that are valid on a day, in the order they are given.
///
/// # Errors
/// As every statement.
pub async fn related(
    tx: &mut Tx,
    tenant_id: Uuid,
    product_id: Uuid,
    today: Date,
    limit: i64,
) -> Result<Vec<RelatedRow>, StoreError> {
    all!(
        tx,
        "SELECT product.sku, product_relation.kind = 'spare' AS is_spare FROM product_relation JOIN product \
         ON product.tenant_id = product_relation.tenant_id AND product.id = product_relation.related_id \
         WHERE product_relation.tenant_id = $1 AND product_relation.product_id = $2 \
         AND product_relation.kind IN ('accessory', 'spare') AND product.deleted_at IS NULL \
         AND (product_relation.valid_from IS NULL OR product_relation.valid_from <= $3) \
         AND (product_relation.valid_to IS NULL OR product_relation.valid_to >= $3) \
         ORDER BY product_relation.kind, product_relation.priority, product.sku LIMIT $4",
        tenant_id,
        product_id,
        today,
        limit
    )
}
