//! What holds for all accounts: exchange rates, taxes, promotions.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::money::Currency;
use crate::domain::terms::{Calculation, Stacking};

own_words!(Stacking);
json!(Vec<PromotionScope>);
columns!(RateRow: "fx_rate" {
    tenant_id, id, currency, valid_from, rate,
});
columns!(TaxRuleRow: "tax_rule" {
    tenant_id, id, code, account_class, product_class, country, region, postal_from, postal_to, valid_from, valid_to, rate, priority,
});
columns!(PromotionRow: "promotion" {
    tenant_id, id, code, name, scope, account_groups, valid_from, valid_to, threshold_qty, threshold_uom_id, calc, value, stacking, priority,
});

/// An exchange rate, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The other currency.
    pub currency: Currency,
    /// The day from which it holds.
    pub valid_from: Date,
    /// How many of it are one of the supplier's own.
    pub rate: Decimal,
}

/// A rule of tax, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxRuleRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Its code, unique.
    pub code: String,
    /// Only for accounts of this tax class.
    pub account_class: Option<String>,
    /// Only for products of this tax class.
    pub product_class: Option<String>,
    /// Only for goods to this country.
    pub country: Option<String>,
    /// Only for goods to this region.
    pub region: Option<String>,
    /// Only for goods to postal codes from this one on.
    pub postal_from: Option<String>,
    /// Only for goods to postal codes up to this one.
    pub postal_to: Option<String>,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// The rate: `0.19` is 19 percent.
    pub rate: Decimal,
    /// The lower number comes first.
    pub priority: i64,
}

/// What a promotion applies to, by our identifiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionScope {
    /// One product.
    Product(Uuid),
    /// Products in a category or below it.
    Category(Uuid),
    /// Products of a price group, by its code.
    PriceGroup(String),
    /// Every product.
    All,
}

/// A promotion, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromotionRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Its code, unique.
    pub code: String,
    /// The name shown.
    pub name: String,
    /// What it applies to.
    pub scope: Vec<PromotionScope>,
    /// Codes of the groups of accounts it is for; none is everybody.
    pub account_groups: Vec<String>,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// The quantity it begins at.
    pub threshold_qty: Decimal,
    /// The unit of that quantity; none is each product's base unit.
    pub threshold_uom_id: Option<Uuid>,
    /// How its price is found.
    pub calc: Calculation,
    /// The price, factor, amount or percentage.
    pub value: Decimal,
    /// Which prices it may replace.
    pub stacking: Stacking,
    /// The lower number comes first.
    pub priority: i64,
}
