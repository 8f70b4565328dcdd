//! Agreements: heads, the addresses they are for, and their lines.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs, overlaps};
use super::report::Faults;
use super::table::{Columns, Line};
use crate::domain::terms::{AgreementKind, Applies, Enforce};
use crate::store::agreement::{AgreementLineRow, AgreementRow, AgreementShipToRow};

/// Highest number of a line.
const LINE_MAX: i64 = 10_000_000;

const AGREEMENTS: Needs = Needs {
    agreements: true,
    ..Needs::NOTHING
};

impl Fact for AgreementRow {
    const COLUMNS: Columns = Columns {
        required: &["number", "account"],
        optional: &[
            "kind",
            "buyer_reference",
            "valid_from",
            "valid_to",
            "applies",
            "enforce",
            "all_ship_tos",
            "deleted",
        ],
    };
    const ENTITY: &'static str = "agreement";
    const FIELD: &'static str = "number";
    const NEEDS: Needs = Needs {
        accounts: true,
        ..Needs::NOTHING
    };
    type Key = String;

    fn key(&self) -> Self::Key {
        self.number.clone()
    }

    identified!();

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let number = line.needed("number", Line::code);
        let account = line.needed("account", |line, column| names.account(line, column));
        let (valid_from, valid_to) = line.validity();
        Some(AgreementRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            number: number?,
            account_id: account?,
            kind: line.word("kind", AgreementKind::Blanket),
            buyer_reference: line.code("buyer_reference"),
            valid_from,
            valid_to,
            applies: line.word("applies", Applies::Always),
            enforce_qty: line.word("enforce", Enforce::Warn),
            all_ship_tos: line.yes("all_ship_tos", true),
        })
    }
}

impl Fact for AgreementShipToRow {
    const COLUMNS: Columns = Columns {
        required: &["agreement", "address"],
        optional: &["valid_from", "valid_to", "deleted"],
    };
    const ENTITY: &'static str = "agreement";
    const FIELD: &'static str = "address";
    const NEEDS: Needs = Needs {
        addresses: true,
        ..AGREEMENTS
    };
    type Key = (Uuid, Uuid);

    fn key(&self) -> Self::Key {
        (self.agreement_id, self.address_id)
    }

    identified!(by agreement_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let agreement = line.needed("agreement", |line, column| names.agreement(line, column))?;
        let address = line.needed("address", |line, column| {
            names.address(line, column, agreement.account_id)
        });
        let (valid_from, valid_to) = line.validity();
        Some(AgreementShipToRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            agreement_id: agreement.id,
            address_id: address?,
            valid_from,
            valid_to,
        })
    }
}

impl Fact for AgreementLineRow {
    const COLUMNS: Columns = Columns {
        required: &["agreement", "line", "price"],
        optional: &[
            "sku",
            "category",
            "unit",
            "price_quantity",
            "committed",
            "released",
            "maximum",
            "valid_from",
            "valid_to",
            "deleted",
        ],
    };
    const ENTITY: &'static str = "agreement";
    const FIELD: &'static str = "line";
    const NEEDS: Needs = Needs {
        products: true,
        categories: true,
        ..AGREEMENTS
    };
    type Key = (Uuid, i64);

    fn key(&self) -> Self::Key {
        (self.agreement_id, self.line_number)
    }

    identified!(by agreement_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let agreement = line.needed("agreement", |line, column| {
            names.agreement(line, column).map(|agreement| agreement.id)
        });
        let number = line.needed("line", |line, column| line.whole(column, LINE_MAX));
        let product = names.product(line, "sku");
        let category_id = names.category(line, "category");
        if line.text("sku").is_some() == line.text("category").is_some() {
            line.fault("sku", "name a product or a category, one of them");
        }
        let uom_id = names.unit(line, "unit", product);
        let (valid_from, valid_to) = line.validity();
        let price = line.amount("price");
        let maximum = line.amount("maximum");
        let released = line.decimal("released");
        Some(AgreementLineRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            agreement_id: agreement?,
            line_number: number?,
            product_id: product.map(|part| part.id),
            category_id,
            uom_id,
            unit_price: price,
            price_qty: line.positive("price_quantity").unwrap_or(Decimal::ONE),
            qty_committed: line.amount("committed"),
            qty_released: released.unwrap_or(Decimal::ZERO),
            qty_max: maximum,
            valid_from,
            valid_to,
        })
    }

    fn together(rows: &[(Option<u64>, Self)], _: &Names, faults: &mut Faults) {
        let group = |row: &Self| (row.agreement_id, row.product_id, row.category_id, row.uom_id);
        overlaps(rows, group, |row| (row.valid_from, row.valid_to), faults);
    }
}
