//! What comes to warehouses, and who is served from which.

use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs};
use super::relation::PRIORITY_MAX;
use super::table::{Columns, Line};
use crate::domain::stock::SupplyKind;
use crate::store::supply::{SourcingRow, SupplyRow};

const PLACES: Needs = Needs {
    products: true,
    warehouses: true,
    ..Needs::NOTHING
};

impl Fact for SupplyRow {
    const COLUMNS: Columns = Columns {
        required: &["sku", "warehouse", "reference", "quantity", "due"],
        optional: &["kind", "firm", "deleted"],
    };
    const ENTITY: &'static str = "supply";
    const FIELD: &'static str = "reference";
    const NEEDS: Needs = PLACES;
    type Key = (Uuid, Uuid, String);

    fn key(&self) -> Self::Key {
        (self.product_id, self.warehouse_id, self.ext_ref.clone())
    }

    identified!(by product_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let product = line.needed("sku", |line, column| names.product(line, column).map(|part| part.id));
        let warehouse = line.needed("warehouse", |line, column| names.warehouse(line, column));
        let reference = line.needed("reference", Line::code);
        let quantity = line.needed("quantity", Line::positive);
        let due = line.needed("due", Line::date);
        Some(SupplyRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            product_id: product?,
            warehouse_id: warehouse?,
            ext_ref: reference?,
            kind: line.word("kind", SupplyKind::Purchase),
            qty: quantity?,
            due: due?,
            firm: line.yes("firm", true),
        })
    }
}

impl Fact for SourcingRow {
    const COLUMNS: Columns = Columns {
        required: &["code", "warehouse"],
        optional: &["account", "region", "sku", "priority", "deleted"],
    };
    const ENTITY: &'static str = "sourcing";
    const FIELD: &'static str = "code";
    const NEEDS: Needs = Needs {
        accounts: true,
        ..PLACES
    };
    type Key = String;

    fn key(&self) -> Self::Key {
        self.code.clone()
    }

    identified!();

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let code = line.needed("code", Line::code);
        let warehouse = line.needed("warehouse", |line, column| names.warehouse(line, column));
        let account_id = names.account(line, "account");
        let product_id = names.product(line, "sku").map(|part| part.id);
        Some(SourcingRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            code: code?,
            account_id,
            region: line.code("region"),
            product_id,
            warehouse_id: warehouse?,
            priority: line.whole("priority", PRIORITY_MAX).unwrap_or(0),
        })
    }
}
