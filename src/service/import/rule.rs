//! Rules of price lists beside their lean entries.

use std::collections::HashMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs};
use super::report::Faults;
use super::table::{Columns, Line};
use crate::domain::terms::{Base, Calculation, ScopeKind};
use crate::store::rule::RuleRow;

/// Highest position: ERPs number the lines of price lists in steps of ten thousand, or all lines of all lists.
const POSITION_MAX: i64 = u32::MAX as i64;

impl Fact for RuleRow {
    const COLUMNS: Columns = Columns {
        required: &["list", "position"],
        optional: &[
            "sku",
            "category",
            "price_group",
            "unit",
            "warehouse",
            "min_quantity",
            "valid_from",
            "valid_to",
            "calculation",
            "base",
            "value",
            "price_quantity",
            "floor_base",
            "floor",
            "cap",
            "surcharge",
            "round_to",
            "find_next",
            "formula",
            "deleted",
        ],
    };
    const ENTITY: &'static str = "price_list";
    const FIELD: &'static str = "position";
    const NEEDS: Needs = Needs {
        products: true,
        categories: true,
        warehouses: true,
        lists: true,
        ..Needs::NOTHING
    };
    type Key = (Uuid, i64);

    fn key(&self) -> Self::Key {
        (self.price_list_id, self.position)
    }

    identified!(by price_list_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let list = line.needed("list", |line, column| names.list(line, column));
        let position = line.needed("position", |line, column| line.whole(column, POSITION_MAX));
        let product = names.product(line, "sku");
        let category_id = names.category(line, "category");
        let price_group = names.word(
            line,
            "price_group",
            |names| &names.price_groups,
            "product of price group",
        );
        let named = ["sku", "category", "price_group"].map(|column| line.text(column).is_some());
        let scope_kind = match named {
            [false, false, false] => ScopeKind::All,
            [true, false, false] => ScopeKind::Product,
            [false, true, false] => ScopeKind::Category,
            [false, false, true] => ScopeKind::PriceGroup,
            _ => {
                line.fault("sku", "name a product, a category or a price group, one of them a line");
                ScopeKind::All
            }
        };
        if named[0] && product.is_none() {
            return None;
        }
        let uom_id = names.unit(line, "unit", product);
        let warehouse_id = names.warehouse(line, "warehouse");
        let [(valid_from, second_from), (valid_to, second_to)] = line.moments();
        let calculation = line.word("calculation", Calculation::Fixed);
        let value = value(line, calculation);
        let formula = line.prose("formula");
        if formula.is_some() != (calculation == Calculation::Formula) {
            line.fault("formula", "is needed where calculation is formula, and nowhere else");
        }
        let floor_base = line.word("floor_base", Base::Cost);
        let floor_value = line.amount("floor");
        Some(RuleRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            price_list_id: list?,
            position: position?,
            scope_kind,
            product_id: product.map(|part| part.id),
            category_id,
            price_group,
            uom_id,
            warehouse_id,
            min_qty: line.amount("min_quantity").unwrap_or(Decimal::ZERO),
            valid_from,
            valid_to,
            calc: calculation,
            base: line.word("base", Base::ListPrice),
            value,
            price_qty: line.positive("price_quantity").unwrap_or(Decimal::ONE),
            floor_base: floor_value.map(|_| floor_base),
            floor_value,
            cap_value: line.amount("cap"),
            surcharge: line.decimal("surcharge"),
            round_to: line.positive("round_to"),
            second_from,
            second_to,
            find_next: line.yes("find_next", false),
            formula,
        })
    }

    /// Two rules of a list for the same, from the same quantity and day on, are two prices for one thing; unless their
    /// order decides.
    fn together(rows: &[(Option<u64>, Self)], names: &Names, faults: &mut Faults) {
        // Other policies than ours may go by the position.
        if names.has_policies {
            return;
        }
        let mut seen = HashMap::new();
        for (line, row) in rows
            .iter()
            .filter(|(_, row)| !names.ordered_lists.contains(&row.price_list_id))
        {
            let scope = (row.product_id, row.category_id, row.price_group.as_deref());
            let begins = (row.uom_id, row.warehouse_id, row.min_qty.normalize(), row.valid_from);
            if let Some(before) = seen.insert((row.price_list_id, scope, begins), *line)
                && let Some(at) = line.or(before)
            {
                let other = if line.is_some() { before } else { None };
                let other = other.map_or("a rule that is there".to_owned(), |line| format!("line {line}"));
                let reason = format!("the same list, scope, unit, quantity and first day are in {other}");
                faults.add(at, "position", reason);
            }
        }
    }
}

/// The value of a calculation.
pub(super) fn value(line: &mut Line<'_>, calculation: Calculation) -> Option<Decimal> {
    let value = match calculation {
        Calculation::Markup => line.decimal("value"),
        _ => line.amount("value"),
    };
    if calculation == Calculation::Formula && line.text("value").is_some() {
        line.fault("value", "is of no use beside a formula");
    }
    let needs_none = matches!(calculation, Calculation::Fixed | Calculation::Formula);
    if value.is_none() && line.text("value").is_none() && !needs_none {
        line.fault("value", "is missing");
    }
    if calculation == Calculation::Margin && value.is_some_and(|value| value >= Decimal::ONE_HUNDRED) {
        line.fault("value", "must be less than 100 percent");
    }
    if calculation == Calculation::Discount && value.is_some_and(|value| value > Decimal::ONE_HUNDRED) {
        line.fault("value", "must be 100 percent or less");
    }
    if calculation == Calculation::Markup && value.is_some_and(|value| value < -Decimal::ONE_HUNDRED) {
        line.fault("value", "must be -100 percent or more");
    }
    value
}
