//! From a price as it is listed to the price as it is asked for: another unit, another currency, without tax and
//! discount, rounded.

use rust_decimal::{Decimal, RoundingStrategy};

use super::book::PriceBook;
use super::catalogue::UnitIndex;
use super::resolve::Asked;
use super::rule::Calculation;
use super::switch::{OverRelease, RoundAt};
use super::walk::Listed;
use super::{Check, Conversion, Level, Rounding, Unresolved};
use crate::domain::money::with_digits_min;

/// How much a line is for.
pub(super) struct Amount {
    /// In the requested unit.
    pub quantity: Decimal,
    /// In base units.
    pub base: Decimal,
    /// That it was lowered to what an agreement has left.
    pub exceeds: Option<Check>,
}

/// A listed price in the requested unit and the account's currency, without tax, not rounded.
pub(super) struct Exact {
    pub price: Decimal,
    /// How many of the unit it is for.
    pub price_quantity: Decimal,
    /// Units of the account's currency for one of the list's.
    rate: Decimal,
    /// The rate of tax that was in it.
    tax: Option<Decimal>,
}

/// A price found, before anything is named.
pub(super) struct Priced {
    pub price: Option<Decimal>,
    pub price_quantity: Decimal,
    pub rounding: Option<Rounding>,
    pub conversion: Option<Conversion>,
}

impl PriceBook {
    /// How much a line is for: what is asked for, unless an agreement that it names has less left and the policy lowers
    /// it to that.
    pub(super) fn amount(&self, asked: &Asked<'_>, quantity: Decimal) -> Result<Amount, Unresolved> {
        let base = asked.factor.to_base(quantity).ok_or(Unresolved::InexactQuantity)?;
        let whole = Amount {
            quantity,
            base,
            exceeds: None,
        };
        if asked.policy().over_release != OverRelease::Lower || asked.agreement.is_none() {
            return Ok(whole);
        }
        let Some((left, unit)) = self.left_of_named(asked) else {
            return Ok(whole);
        };
        let lowered = || {
            let left = asked.product.factor(unit)?.to_base(left).filter(|left| *left < base)?;
            let quantity = left
                .checked_mul(asked.factor.denominator())?
                .checked_div(asked.factor.numerator())?;
            let decimals = self.catalogue.unit_at(asked.unit).decimals;
            let quantity = quantity.round_dp_with_strategy(decimals, RoundingStrategy::ToZero);
            Some((quantity, asked.factor.to_base(quantity)?))
        };
        let Some((quantity, base)) = lowered() else {
            return Ok(whole);
        };
        let unit = self.unit_code(unit);
        Ok(Amount {
            quantity,
            base,
            exceeds: Some(Check::AgreementExceeded { left, unit }),
        })
    }

    /// A listed price for one base unit, rounded as the policy rounds.
    pub(super) fn for_base_unit(
        &self,
        asked: &Asked<'_>,
        price: Decimal,
        price_quantity: Decimal,
        unit: UnitIndex,
    ) -> Option<Decimal> {
        let factor = asked.product.factor(unit)?;
        let price = price.checked_mul(factor.denominator())?;
        let price = price.checked_div(factor.numerator().checked_mul(price_quantity)?)?;
        Some(self.rounded(asked, price, 0))
    }

    /// A listed price in the requested unit and the account's currency, without tax; nothing where there is no price or
    /// no rate: nothing is worth as much in every currency.
    pub(super) fn exact(&self, asked: &Asked<'_>, listed: &Listed) -> Option<Exact> {
        let price = listed.price?;
        let rounds_first = asked.policy().round_at == RoundAt::BeforeUnit && listed.level != Level::Agreement;
        let (price, per, unit) = match rounds_first {
            false => (price, listed.price_quantity, listed.unit),
            true => {
                let price = self.for_base_unit(asked, price, listed.price_quantity, listed.unit)?;
                (price, Decimal::ONE, asked.product.base_unit)
            }
        };
        let currency = asked.route.account.currency;
        let (times, through) = match listed.currency == currency {
            true => (Decimal::ONE, Decimal::ONE),
            false => self.trade.rates.between(listed.currency, currency, asked.date)?,
        };
        let tax = if listed.tax_included { self.tax_in(asked) } else { None };
        let is_converted = unit != asked.unit;
        let exact = Exact {
            price,
            price_quantity: if is_converted { Decimal::ONE } else { per },
            rate: times.checked_div(through)?,
            tax,
        };
        if !is_converted && listed.currency == currency && tax.is_none() {
            return Some(exact);
        }
        let own = asked.product.factor(unit)?;
        let (up, down) = match is_converted {
            false => (Decimal::ONE, Decimal::ONE),
            true => (
                asked.factor.numerator().checked_mul(own.denominator())?,
                asked
                    .factor
                    .denominator()
                    .checked_mul(own.numerator())?
                    .checked_mul(per)?,
            ),
        };
        let with_tax = Decimal::ONE + tax.unwrap_or_default();
        let up = price.checked_mul(up)?.checked_mul(times)?;
        let price = up.checked_div(down.checked_mul(through)?.checked_mul(with_tax)?)?;
        Some(Exact { price, ..exact })
    }

    /// The rate of tax that is in a price that includes it.
    fn tax_in(&self, asked: &Asked<'_>) -> Option<Decimal> {
        let (account, product) = (&asked.route.account, asked.product);
        let (account, product) = (account.tax_class.as_deref(), product.tax_class.as_deref());
        let tax = self.trade.tax(account, product, asked.ship_to, asked.date);
        tax.map(|tax| tax.rate)
    }

    /// Converts a listed price to the requested unit and the account's currency, without tax and discount, and rounds
    /// it.
    pub(super) fn convert(&self, asked: &Asked<'_>, listed: &Listed) -> Priced {
        let currency = asked.route.account.currency;
        let less = |price: Decimal| match listed.discount {
            None => Some(price),
            Some(percent) => Calculation::Discount.apply(price, percent),
        };
        let exact = self.exact(asked, listed);
        let price_quantity = exact.as_ref().map_or(Decimal::ONE, |exact| exact.price_quantity);
        let Some((exact, before)) = exact.and_then(|exact| less(exact.price).map(|before| (exact, before))) else {
            return Priced {
                price: None,
                price_quantity: match listed.unit == asked.unit {
                    true => listed.price_quantity,
                    false => price_quantity,
                },
                rounding: None,
                conversion: None,
            };
        };
        let is_computed = listed.is_computed || listed.discount.is_some();
        let listed_digits = listed.price.filter(|_| !is_computed).map_or(0, |price| price.scale());
        let after = self.rounded(asked, before, listed_digits);
        let digits = self.digits(asked, listed_digits);
        Priced {
            price: Some(with_digits_min(after, currency.minor_digits())),
            price_quantity,
            rounding: (before != after).then(|| Rounding {
                before: before.normalize(),
                after,
                digits,
                mode: asked.policy().round_mode,
            }),
            conversion: (listed.currency != currency || exact.tax.is_some()).then_some(Conversion {
                currency: listed.currency,
                rate: exact.rate,
                tax: exact.tax,
            }),
        }
    }

    fn digits(&self, asked: &Asked<'_>, listed_digits: u32) -> u32 {
        let currency_digits = asked.route.account.currency.minor_digits();
        let ours = || self.unit_price_digits.max(currency_digits).max(listed_digits);
        asked.policy().round_digits.unwrap_or_else(ours)
    }

    /// A price with the digits a unit price has.
    pub(super) fn rounded(&self, asked: &Asked<'_>, price: Decimal, listed_digits: u32) -> Decimal {
        asked
            .policy()
            .round_mode
            .round(price, self.digits(asked, listed_digits))
    }
}
