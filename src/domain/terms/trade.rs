//! What holds for all accounts alike: promotions, taxes, exchange rates, and which warehouse serves whom.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::catalogue::{ProductIndex, UnitIndex};
use super::contracts::AddressTerms;
use super::rule::{Calculation, Scope};
use crate::domain::money::Currency;

/// Which prices a promotion may replace; it never makes one higher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stacking {
    /// Prices without contract: those of general lists, and list prices.
    #[default]
    NeverOnContract,
    /// Any price, agreements and contracts among them.
    ReplaceIfLower,
    /// Any price, and no promotion after it counts.
    Exclusive,
    /// Any price; it is computed from that price, so that promotions add up.
    Stack,
}

known_by_words!(Stacking {
    NeverOnContract = "never_on_contract",
    ReplaceIfLower = "replace_if_lower",
    Exclusive = "exclusive",
    Stack = "stack",
});

/// A promotion: from so many on, over all lines of a cart or order, another price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// Its code.
    pub code: Arc<str>,
    /// What it applies to.
    pub scopes: Box<[Scope]>,
    /// Groups of accounts it is for, by their codes; none is everybody.
    pub groups: Box<[Arc<str>]>,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// The quantity it begins at.
    pub min_quantity: Decimal,
    /// The unit of that quantity; `None` is each product's base unit.
    pub unit: Option<UnitIndex>,
    /// How its price is found from the price for quantity zero.
    pub calculation: Calculation,
    /// The price, factor, amount or percentage.
    pub value: Decimal,
    /// Which prices it may replace.
    pub stacking: Stacking,
    /// The lower number comes first.
    pub priority: i32,
}

/// A rule of tax: the one with the lowest priority number that fits decides, then the one that says more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxRule {
    /// Its code.
    pub code: Arc<str>,
    /// Only for accounts of this tax class.
    pub account_class: Option<Arc<str>>,
    /// Only for products of this tax class.
    pub product_class: Option<Arc<str>>,
    /// Only for goods to this country (ISO 3166).
    pub country: Option<Arc<str>>,
    /// Only for goods to this region or state.
    pub region: Option<Arc<str>>,
    /// Only for goods to postal codes from this one on, by their characters.
    pub postal_from: Option<Arc<str>>,
    /// Only for goods to postal codes up to this one.
    pub postal_to: Option<Arc<str>>,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// The rate: `0.19` is 19 percent.
    pub rate: Decimal,
    /// The lower number comes first.
    pub priority: i32,
}

/// A tax on a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    /// The code of the rule.
    pub code: Arc<str>,
    /// The rate: `0.19` is 19 percent.
    pub rate: Decimal,
}

impl TaxRule {
    fn fits(&self, account: Option<&str>, product: Option<&str>, to: Option<&AddressTerms>, date: Date) -> bool {
        let is = |wanted: &Option<Arc<str>>, given: Option<&str>| {
            wanted.as_ref().is_none_or(|wanted| given == Some(&**wanted))
        };
        let postal = to.and_then(|to| to.postal_code.as_deref());
        is(&self.account_class, account)
            && is(&self.product_class, product)
            && is(&self.country, to.and_then(|to| to.country.as_deref()))
            && is(&self.region, to.and_then(|to| to.region.as_deref()))
            && self
                .postal_from
                .as_ref()
                .is_none_or(|from| postal.is_some_and(|code| code >= &**from))
            && self
                .postal_to
                .as_ref()
                .is_none_or(|to| postal.is_some_and(|code| code <= &**to))
            && self.valid_from.is_none_or(|from| from <= date)
            && self.valid_to.is_none_or(|to| date <= to)
    }

    /// How much it says.
    fn weight(&self) -> usize {
        let said = [
            &self.account_class,
            &self.product_class,
            &self.country,
            &self.region,
            &self.postal_from,
            &self.postal_to,
        ];
        said.iter().filter(|said| said.is_some()).count()
    }
}

/// Exchange rates by day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// The supplier's own currency.
    own: Option<Currency>,
    /// Units of the currency for one of the supplier's own, from a day on; latest last.
    by_currency: HashMap<Currency, Vec<(Date, Decimal)>>,
}

impl Rates {
    /// Takes rates in any order: so many of the currency are one of the supplier's own from the day on.
    pub fn new(own: Currency, rates: impl IntoIterator<Item = (Currency, Date, Decimal)>) -> Self {
        let mut by_currency: HashMap<Currency, Vec<(Date, Decimal)>> = HashMap::new();
        for (currency, from, rate) in rates {
            by_currency.entry(currency).or_default().push((from, rate));
        }
        by_currency.values_mut().for_each(|rates| rates.sort_unstable());
        Rates {
            own: Some(own),
            by_currency,
        }
    }

    fn rate(&self, currency: Currency, date: Date) -> Option<Decimal> {
        if self.own == Some(currency) {
            return Some(Decimal::ONE);
        }
        let rates = self.by_currency.get(&currency)?;
        let until = rates.partition_point(|(from, _)| *from <= date);
        rates[..until].last().map(|(_, rate)| *rate)
    }

    /// By what and through what an amount of the supplier's own currency goes to another.
    pub(super) fn of_own(&self, to: Currency, date: Date) -> Option<(Decimal, Decimal)> {
        self.between(self.own?, to, date)
    }

    /// By what and through what an amount goes from one currency to another: times the first, through the second.
    pub(super) fn between(&self, from: Currency, to: Currency, date: Date) -> Option<(Decimal, Decimal)> {
        Some((self.rate(to, date)?, self.rate(from, date)?))
    }
}

/// Which warehouse serves whom, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcingRule {
    /// Only for this account, by its code.
    pub account: Option<Arc<str>>,
    /// Only for goods to this region or state.
    pub region: Option<Arc<str>>,
    /// Only for this product.
    pub product: Option<ProductIndex>,
    /// The warehouse, by its code.
    pub warehouse: Arc<str>,
    /// The lower number comes first.
    pub priority: i32,
}

/// What holds for all accounts.
#[derive(Clone, Debug, Default)]
pub struct Trade {
    promotions: Vec<Promotion>,
    taxes: Vec<TaxRule>,
    pub(super) rates: Rates,
    sourcing: Vec<SourcingRule>,
}

impl Trade {
    /// Takes rows in any order.
    pub fn new(
        mut promotions: Vec<Promotion>,
        mut taxes: Vec<TaxRule>,
        rates: Rates,
        mut sourcing: Vec<SourcingRule>,
    ) -> Self {
        promotions.sort_by(|a, b| (a.priority, &a.code).cmp(&(b.priority, &b.code)));
        taxes.sort_by(|a, b| {
            let key = |rule: &TaxRule| (rule.priority, std::cmp::Reverse(rule.weight()));
            (key(a), &a.code).cmp(&(key(b), &b.code))
        });
        sourcing.sort_by(|a, b| (a.priority, &a.warehouse).cmp(&(b.priority, &b.warehouse)));
        Trade {
            promotions,
            taxes,
            rates,
            sourcing,
        }
    }

    /// Promotions in their order.
    pub(super) fn promotions(&self) -> &[Promotion] {
        &self.promotions
    }

    /// The tax on a product for an account and an address.
    pub(super) fn tax(
        &self,
        account_class: Option<&str>,
        product_class: Option<&str>,
        to: Option<&AddressTerms>,
        date: Date,
    ) -> Option<Tax> {
        let rule = self
            .taxes
            .iter()
            .find(|rule| rule.fits(account_class, product_class, to, date))?;
        Some(Tax {
            code: rule.code.clone(),
            rate: rule.rate,
        })
    }

    /// The place of a warehouse among those that serve an account; the lower comes first.
    pub(super) fn sourcing_rank(
        &self,
        account: &str,
        region: Option<&str>,
        product: ProductIndex,
        warehouse: &str,
    ) -> usize {
        let fits = |rule: &SourcingRule| {
            rule.account.as_deref().is_none_or(|of| of == account)
                && rule.region.as_deref().is_none_or(|of| Some(of) == region)
                && rule.product.is_none_or(|of| of == product)
        };
        let mut fitting = self.sourcing.iter().filter(|rule| fits(rule));
        fitting
            .position(|rule| *rule.warehouse == *warehouse)
            .unwrap_or(usize::MAX)
    }
}
