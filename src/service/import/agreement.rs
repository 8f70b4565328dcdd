//! Agreements: heads, the addresses they are for, and their lines.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs, needed, overlaps};
use super::report::Faults;
use super::table::{Columns, Line};
use crate::domain::terms::{Applies, Enforce};
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

    fn id(&mut self) -> &mut Uuid {
        &mut self.id
    }

    fn subject(&self) -> Uuid {
        self.id
    }

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let number = line.code("number");
        let number = needed(line, "number", number);
        let account = names.account(line, "account");
        let account = needed(line, "account", account);
        let kinds = ["blanket", "job_contract", "quote"];
        let kind = |word: &str| kinds.into_iter().find(|kind| *kind == word);
        let (valid_from, valid_to) = line.validity();
        let applies = line.word("applies", Applies::Always, Applies::from_word, "always, named");
        let enforce = line.word("enforce", Enforce::Warn, Enforce::from_word, "none, warn, block");
        Some(AgreementRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            number: number?,
            account_id: account?,
            kind: line
                .word("kind", "blanket", kind, "blanket, job_contract, quote")
                .to_owned(),
            buyer_reference: line.code("buyer_reference"),
            valid_from,
            valid_to,
            applies: applies.word().to_owned(),
            enforce_qty: enforce.word().to_owned(),
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

    fn id(&mut self) -> &mut Uuid {
        &mut self.id
    }

    fn subject(&self) -> Uuid {
        self.agreement_id
    }

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let agreement = names.agreement(line, "agreement");
        let agreement = needed(line, "agreement", agreement)?;
        let address = names.address(line, "address", agreement.account_id);
        let address = needed(line, "address", address);
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

    fn id(&mut self) -> &mut Uuid {
        &mut self.id
    }

    fn subject(&self) -> Uuid {
        self.agreement_id
    }

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let agreement = names.agreement(line, "agreement").map(|agreement| agreement.id);
        let agreement = needed(line, "agreement", agreement);
        let number = line.whole("line", LINE_MAX);
        let number = needed(line, "line", number);
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
