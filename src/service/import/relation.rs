//! Relations of products, and what kits are put together from.

use std::collections::HashMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs};
use super::report::Faults;
use super::table::{Columns, Line};
use crate::domain::product::RelationKind;
use crate::store::relation::{KitComponentRow, RelationRow};

/// Highest priority number: more steps than anything has.
pub(super) const PRIORITY_MAX: i64 = 1_000_000;

impl Fact for RelationRow {
    const COLUMNS: Columns = Columns {
        required: &["sku", "related"],
        optional: &[
            "kind",
            "ratio",
            "priority",
            "two_way",
            "valid_from",
            "valid_to",
            "deleted",
        ],
    };
    const ENTITY: &'static str = "relation";
    const FIELD: &'static str = "related";
    const NEEDS: Needs = Needs {
        products: true,
        ..Needs::NOTHING
    };
    type Key = (Uuid, Uuid, RelationKind);

    fn key(&self) -> Self::Key {
        (self.product_id, self.related_id, self.kind)
    }

    identified!(by product_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let product = line.needed("sku", |line, column| names.product(line, column));
        let related = line.needed("related", |line, column| names.product(line, column));
        if let (Some(product), Some(related)) = (product, related)
            && product.id == related.id
        {
            line.fault("related", "is the product itself");
        }
        let (valid_from, valid_to) = line.validity();
        let ratio = line.positive("ratio");
        Some(RelationRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            product_id: product?.id,
            related_id: related?.id,
            kind: line.word("kind", RelationKind::Substitute),
            qty_ratio: ratio.unwrap_or(Decimal::ONE),
            priority: line.whole("priority", PRIORITY_MAX).unwrap_or(0),
            two_way: line.yes("two_way", false),
            valid_from,
            valid_to,
        })
    }
}

impl Fact for KitComponentRow {
    const COLUMNS: Columns = Columns {
        required: &["kit", "component", "quantity"],
        optional: &["unit", "deleted"],
    };
    const ENTITY: &'static str = "kit";
    const FIELD: &'static str = "component";
    const NEEDS: Needs = Needs {
        products: true,
        ..Needs::NOTHING
    };
    type Key = (Uuid, Uuid);

    fn key(&self) -> Self::Key {
        (self.kit_id, self.component_id)
    }

    identified!(by kit_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let kit = line.needed("kit", |line, column| names.product(line, column));
        let component = line.needed("component", |line, column| names.product(line, column));
        let quantity = line.needed("quantity", Line::positive);
        let unit = match (line.text("unit").is_some(), component) {
            (true, Some(component)) => names.unit(line, "unit", Some(component)),
            (_, component) => component.map(|component| component.base_uom_id),
        };
        Some(KitComponentRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            kit_id: kit?.id,
            component_id: component?.id,
            qty: quantity?,
            uom_id: unit?,
        })
    }

    /// A kit is not put together from kits: stock is counted of goods.
    fn together(rows: &[(Option<u64>, Self)], _: &Names, faults: &mut Faults) {
        let kits: HashMap<Uuid, ()> = rows.iter().map(|(_, row)| (row.kit_id, ())).collect();
        for (line, row) in rows {
            let is_kit = kits.contains_key(&row.component_id);
            if let (true, Some(line)) = (is_kit, line) {
                faults.add(*line, "component", "is a kit itself; name what it is put together from");
            }
        }
    }
}
