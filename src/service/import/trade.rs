//! What holds for all accounts: exchange rates, taxes, promotions.

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs};
use super::relation::PRIORITY_MAX;
use super::report::shown;
use super::rule::value;
use super::table::{Columns, Line};
use crate::domain::money::Currency;
use crate::domain::terms::{Calculation, Stacking};
use crate::store::trade::{PromotionRow, PromotionScope, RateRow, TaxRuleRow};

impl Fact for RateRow {
    const COLUMNS: Columns = Columns {
        required: &["currency", "valid_from", "rate"],
        optional: &["deleted"],
    };
    const ENTITY: &'static str = "rate";
    const FIELD: &'static str = "currency";
    const NEEDS: Needs = Needs::NOTHING;
    type Key = (Currency, Date);

    fn key(&self) -> Self::Key {
        (self.currency, self.valid_from)
    }

    identified!();

    fn read(line: &mut Line<'_>, _: &Names, batch: &Batch) -> Option<Self> {
        let currency = line.needed("currency", Line::currency);
        if currency.is_some_and(|currency| currency.code() == batch.tenant.currency) {
            line.fault(
                "currency",
                "is the supplier's own; rates say how many of another are one of it",
            );
        }
        let valid_from = line.needed("valid_from", Line::date);
        let rate = line.needed("rate", Line::positive);
        Some(RateRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            currency: currency?,
            valid_from: valid_from?,
            rate: rate?,
        })
    }
}

impl Fact for TaxRuleRow {
    const COLUMNS: Columns = Columns {
        required: &["code", "rate"],
        optional: &[
            "account_class",
            "product_class",
            "country",
            "region",
            "postal_from",
            "postal_to",
            "valid_from",
            "valid_to",
            "priority",
            "deleted",
        ],
    };
    const ENTITY: &'static str = "tax";
    const FIELD: &'static str = "code";
    const NEEDS: Needs = Needs {
        products: true,
        accounts: true,
        ..Needs::NOTHING
    };
    type Key = String;

    fn key(&self) -> Self::Key {
        self.code.clone()
    }

    identified!();

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let code = line.needed("code", Line::code);
        let rate = line.needed("rate", Line::amount);
        if rate.is_some_and(|rate| rate > Decimal::ONE) {
            line.fault("rate", "is more than 1; 19 percent is 0.19");
        }
        let account_class = names.word(
            line,
            "account_class",
            |names| &names.account_tax_classes,
            "account of tax class",
        );
        let product_class = names.word(
            line,
            "product_class",
            |names| &names.product_tax_classes,
            "product of tax class",
        );
        let (postal_from, postal_to) = (line.code("postal_from"), line.code("postal_to"));
        if postal_from
            .as_ref()
            .zip(postal_to.as_ref())
            .is_some_and(|(from, to)| to < from)
        {
            line.fault("postal_to", "is before postal_from");
        }
        let (valid_from, valid_to) = line.validity();
        Some(TaxRuleRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            code: code?,
            account_class,
            product_class,
            country: line.country("country"),
            region: line.code("region"),
            postal_from,
            postal_to,
            valid_from,
            valid_to,
            rate: rate?,
            priority: line.whole("priority", PRIORITY_MAX).unwrap_or(0),
        })
    }
}

impl Fact for PromotionRow {
    const COLUMNS: Columns = Columns {
        required: &["code", "value"],
        optional: &[
            "name",
            "skus",
            "categories",
            "price_groups",
            "account_groups",
            "valid_from",
            "valid_to",
            "min_quantity",
            "unit",
            "calculation",
            "stacking",
            "priority",
            "deleted",
        ],
    };
    const ENTITY: &'static str = "promotion";
    const FIELD: &'static str = "code";
    const NEEDS: Needs = Needs {
        products: true,
        categories: true,
        accounts: true,
        ..Needs::NOTHING
    };
    type Key = String;

    fn key(&self) -> Self::Key {
        self.code.clone()
    }

    identified!();

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let code = line.needed("code", Line::code);
        let calculation = line.word("calculation", Calculation::Multiply);
        if calculation == Calculation::Formula {
            line.fault("calculation", "a promotion has no formula; leave it to the ERP");
        }
        let value = value(line, calculation);
        if value.is_none() && calculation == Calculation::Fixed && line.text("value").is_none() {
            line.fault("value", "is missing");
        }
        let scope = scope(line, names);
        let groups = line.parts("account_groups");
        for group in &groups {
            if !names.groups.contains(group) {
                line.fault("account_groups", format!("no account is in a group {}", shown(group)));
            }
        }
        let (valid_from, valid_to) = line.validity();
        let name = line.name("name");
        Some(PromotionRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            name: name.or_else(|| code.clone()).unwrap_or_default(),
            code: code?,
            scope,
            account_groups: groups,
            valid_from,
            valid_to,
            threshold_qty: line.amount("min_quantity").unwrap_or(Decimal::ZERO),
            threshold_uom_id: names.unit(line, "unit", None),
            calc: calculation,
            value: value?,
            stacking: line.word("stacking", Stacking::NeverOnContract),
            priority: line.whole("priority", PRIORITY_MAX).unwrap_or(0),
        })
    }
}

/// What a promotion applies to; none named is everything.
fn scope(line: &mut Line<'_>, names: &Names) -> Vec<PromotionScope> {
    let mut scope = Vec::new();
    let is_general = ["skus", "categories", "price_groups"]
        .iter()
        .all(|column| line.parts(column).is_empty());
    if is_general {
        scope.push(PromotionScope::All);
    }
    for sku in line.parts("skus") {
        match names.part(&sku) {
            Some(part) => scope.push(PromotionScope::Product(part.id)),
            None => line.fault("skus", format!("there is no product {}", shown(&sku))),
        }
    }
    for code in line.parts("categories") {
        match names.category_of(&code) {
            Some(id) => scope.push(PromotionScope::Category(id)),
            None => line.fault("categories", format!("there is no category {}", shown(&code))),
        }
    }
    for code in line.parts("price_groups") {
        if !names.price_groups.contains(&code) {
            line.fault(
                "price_groups",
                format!("there is no product of price group {}", shown(&code)),
            );
        }
        scope.push(PromotionScope::PriceGroup(code));
    }
    scope
}
