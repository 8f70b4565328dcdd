//! What holds for all accounts: exchange rates, taxes, promotions.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs, needed};
use super::relation::PRIORITY_MAX;
use super::report::shown;
use super::rule::value;
use super::table::{Columns, Line};
use crate::domain::terms::{Calculation, Stacking};
use crate::store::trade::{PromotionRow, RateRow, TaxRuleRow};

impl Fact for RateRow {
    const COLUMNS: Columns = Columns {
        required: &["currency", "valid_from", "rate"],
        optional: &["deleted"],
    };
    const ENTITY: &'static str = "rate";
    const FIELD: &'static str = "currency";
    const NEEDS: Needs = Needs::NOTHING;
    type Key = (String, Date);

    fn key(&self) -> Self::Key {
        (self.currency.clone(), self.valid_from)
    }

    fn id(&mut self) -> &mut Uuid {
        &mut self.id
    }

    fn subject(&self) -> Uuid {
        self.id
    }

    fn read(line: &mut Line<'_>, _: &Names, batch: &Batch) -> Option<Self> {
        let currency = line.currency("currency");
        let currency = needed(line, "currency", currency);
        if currency.is_some_and(|currency| currency.code() == batch.tenant.currency) {
            line.fault(
                "currency",
                "is the supplier's own; rates say how many of another are one of it",
            );
        }
        let valid_from = line.date("valid_from");
        let valid_from = needed(line, "valid_from", valid_from);
        let rate = line.positive("rate");
        let rate = needed(line, "rate", rate);
        Some(RateRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            currency: currency?.code().to_owned(),
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

    fn id(&mut self) -> &mut Uuid {
        &mut self.id
    }

    fn subject(&self) -> Uuid {
        self.id
    }

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let code = line.code("code");
        let code = needed(line, "code", code);
        let rate = line.amount("rate");
        let rate = needed(line, "rate", rate);
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

    fn id(&mut self) -> &mut Uuid {
        &mut self.id
    }

    fn subject(&self) -> Uuid {
        self.id
    }

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let code = line.code("code");
        let code = needed(line, "code", code);
        let words = "fixed, multiply, subtract, markup, margin";
        let calculation = line.word("calculation", Calculation::Multiply, Calculation::from_word, words);
        let value = value(line, calculation);
        let value = needed(line, "value", value);
        let scope = scope(line, names);
        let groups = line.parts("account_groups");
        for group in &groups {
            if !names.groups.contains(group) {
                line.fault("account_groups", format!("no account is in a group {}", shown(group)));
            }
        }
        let (valid_from, valid_to) = line.validity();
        let name = line.name("name");
        let stacking = line.word(
            "stacking",
            Stacking::NeverOnContract,
            Stacking::from_word,
            "never_on_contract, replace_if_lower",
        );
        Some(PromotionRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            name: name.or_else(|| code.clone()).unwrap_or_default(),
            code: code?,
            scope,
            account_groups: json!(groups),
            valid_from,
            valid_to,
            threshold_qty: line.amount("min_quantity").unwrap_or(Decimal::ZERO),
            threshold_uom_id: names.unit(line, "unit", None),
            calc: calculation.word().to_owned(),
            value: value?,
            stacking: stacking.word().to_owned(),
            priority: line.whole("priority", PRIORITY_MAX).unwrap_or(0),
        })
    }
}

/// Pairs of kind and identifier or code; none named is everything.
fn scope(line: &mut Line<'_>, names: &Names) -> serde_json::Value {
    let mut pairs = Vec::new();
    for sku in line.parts("skus") {
        match names.part(&sku) {
            Some(part) => pairs.push(json!(["product", part.id])),
            None => line.fault("skus", format!("there is no product {}", shown(&sku))),
        }
    }
    for code in line.parts("categories") {
        match names.category_of(&code) {
            Some(id) => pairs.push(json!(["category", id])),
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
        pairs.push(json!(["price_group", code]));
    }
    if pairs.is_empty() {
        pairs.push(json!(["all", ""]));
    }
    pairs.into()
}
