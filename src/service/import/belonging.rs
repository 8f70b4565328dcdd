//! What belongs to single accounts: addresses, part numbers of their own, assortments, credit.

use std::collections::HashMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs};
use super::report::Faults;
use super::table::{Columns, Line};
use crate::domain::account::AddressRole;
use crate::domain::terms::{AssortmentRule, AssortmentTarget};
use crate::store::belonging::{AddressRow, AssortmentRow, CreditRow, OwnPartRow};

const ACCOUNTS: Needs = Needs {
    accounts: true,
    ..Needs::NOTHING
};

impl Fact for AddressRow {
    const COLUMNS: Columns = Columns {
        required: &["account", "code"],
        optional: &[
            "role",
            "buyer_code",
            "name",
            "street",
            "city",
            "region",
            "postal_code",
            "country",
            "tax_jurisdiction",
            "active",
            "deleted",
        ],
    };
    const ENTITY: &'static str = "address";
    const FIELD: &'static str = "code";
    const NEEDS: Needs = ACCOUNTS;
    type Key = (Uuid, String);

    fn key(&self) -> Self::Key {
        (self.account_id, self.code.clone())
    }

    identified!(by account_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let account = line.needed("account", |line, column| names.account(line, column));
        let code = line.needed("code", Line::code);
        Some(AddressRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            role: line.word("role", AddressRole::ShipTo),
            buyer_address_id: line.code("buyer_code"),
            name: line.name("name"),
            street: line.name("street"),
            city: line.name("city"),
            region: line.code("region"),
            postal_code: line.code("postal_code"),
            country: line.country("country"),
            tax_jurisdiction: line.code("tax_jurisdiction"),
            active: line.yes("active", true),
            account_id: account?,
            code: code?,
        })
    }

    /// A code of the buyer's means one address.
    fn together(rows: &[(Option<u64>, Self)], _: &Names, faults: &mut Faults) {
        let mut seen: HashMap<(Uuid, &str), Option<u64>> = HashMap::new();
        for (line, row) in rows {
            let Some(code) = row.buyer_address_id.as_deref() else {
                continue;
            };
            if let Some(before) = seen.insert((row.account_id, code), *line)
                && let Some(line) = line.or(before)
            {
                faults.add(line, "buyer_code", "is that of another address of the account");
            }
        }
    }
}

impl Fact for OwnPartRow {
    const COLUMNS: Columns = Columns {
        required: &["account", "number", "sku"],
        optional: &["unit", "name", "deleted"],
    };
    const ENTITY: &'static str = "own_part";
    const FIELD: &'static str = "number";
    const NEEDS: Needs = Needs {
        products: true,
        ..ACCOUNTS
    };
    type Key = (Uuid, String);

    fn key(&self) -> Self::Key {
        (self.account_id, self.customer_sku.clone())
    }

    identified!(by account_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let account = line.needed("account", |line, column| names.account(line, column));
        let number = line.needed("number", Line::code);
        let product = line.needed("sku", |line, column| names.product(line, column));
        let uom_id = names.unit(line, "unit", product);
        Some(OwnPartRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            account_id: account?,
            customer_sku: number?,
            product_id: product?.id,
            uom_id,
            name: line.name("name"),
        })
    }
}

impl Fact for AssortmentRow {
    const COLUMNS: Columns = Columns {
        required: &["account", "rule"],
        optional: &["sku", "category", "deleted"],
    };
    const ENTITY: &'static str = "assortment";
    const FIELD: &'static str = "account";
    const NEEDS: Needs = Needs {
        products: true,
        categories: true,
        ..ACCOUNTS
    };
    type Key = (Uuid, AssortmentTarget, Uuid);

    fn key(&self) -> Self::Key {
        (self.account_id, self.target_kind, self.target_id)
    }

    identified!(by account_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let account = line.needed("account", |line, column| names.account(line, column));
        let rule = line.word("rule", AssortmentRule::Deny);
        if line.text("rule").is_none() {
            line.fault("rule", "is missing");
        }
        let (target_kind, target_id) = match (line.text("sku").is_some(), line.text("category").is_some()) {
            (true, false) => (
                AssortmentTarget::Product,
                names.product(line, "sku").map(|part| part.id),
            ),
            (false, true) => (AssortmentTarget::Category, names.category(line, "category")),
            _ => {
                line.fault("sku", "name a product or a category, one of them");
                return None;
            }
        };
        Some(AssortmentRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            account_id: account?,
            rule,
            target_kind,
            target_id: target_id?,
        })
    }
}

impl Fact for CreditRow {
    const COLUMNS: Columns = Columns {
        required: &["account", "limit"],
        optional: &["open_invoices", "open_orders", "deleted"],
    };
    const ENTITY: &'static str = "credit";
    const FIELD: &'static str = "account";
    const NEEDS: Needs = ACCOUNTS;
    type Key = Uuid;

    fn key(&self) -> Self::Key {
        self.account_id
    }

    identified!(by account_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let account = line.needed("account", |line, column| names.account(line, column));
        let limit = line.needed("limit", Line::amount);
        let now: Timestamp = batch.now;
        Some(CreditRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            account_id: account?,
            credit_limit: limit?,
            open_invoices: line.decimal("open_invoices").unwrap_or(Decimal::ZERO),
            open_orders: line.decimal("open_orders").unwrap_or(Decimal::ZERO),
            as_of: now,
        })
    }
}
