//! What comes to warehouses, and who is served from which.

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs, needed};
use super::relation::PRIORITY_MAX;
use super::table::{Columns, Line};
use crate::store::supply::{SourcingRow, SupplyRow};

const KINDS: [&str; 4] = ["purchase", "production", "transfer", "demand"];

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

    fn id(&mut self) -> &mut Uuid {
        &mut self.id
    }

    fn subject(&self) -> Uuid {
        self.product_id
    }

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let product = names.product(line, "sku").map(|part| part.id);
        let product = needed(line, "sku", product);
        let warehouse = names.warehouse(line, "warehouse");
        let warehouse = needed(line, "warehouse", warehouse);
        let reference = line.code("reference");
        let reference = needed(line, "reference", reference);
        let quantity: Option<Decimal> = line.positive("quantity");
        let quantity = needed(line, "quantity", quantity);
        let due: Option<Date> = line.date("due");
        let due = needed(line, "due", due);
        let kind = |word: &str| KINDS.into_iter().find(|kind| *kind == word);
        let kind = line.word("kind", "purchase", kind, "purchase, production, transfer, demand");
        Some(SupplyRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            product_id: product?,
            warehouse_id: warehouse?,
            ext_ref: reference?,
            kind: kind.to_owned(),
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

    fn id(&mut self) -> &mut Uuid {
        &mut self.id
    }

    fn subject(&self) -> Uuid {
        self.id
    }

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let code = line.code("code");
        let code = needed(line, "code", code);
        let warehouse = names.warehouse(line, "warehouse");
        let warehouse = needed(line, "warehouse", warehouse);
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
