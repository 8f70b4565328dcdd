//! The resolution of one request: gather, decide, convert, round, and say why.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::book::{PriceBook, ProductIndex, ProductTerms, Route, UnitIndex, Way};
use super::list::{Hit, PriceList, day_number};
use super::{Answer, Check, Entry, Level, Outcome, Request, Rounding, Step, Tier, Trace, Unresolved};
use crate::domain::account::AccountStatus;
use crate::domain::money::{Money, line_amount, round_half_up, with_digits_min};
use crate::domain::stock::{self, Need};
use crate::domain::unit::{Factor, exact_div};

/// Tiers shown at most; the rest would not be read.
const TIERS_MAX: usize = 20;

/// A request with its names looked up.
#[derive(Clone, Copy)]
struct Asked<'b> {
    route: &'b Route,
    index: ProductIndex,
    product: &'b ProductTerms,
    unit: UnitIndex,
    factor: Factor,
    is_sellable: bool,
    date: Date,
    day: u16,
}

/// A price found, before anything is named.
struct Priced {
    price: Option<Decimal>,
    price_quantity: Decimal,
    rounding: Option<Rounding>,
    valid_until: Option<Date>,
}

impl PriceBook {
    /// Resolves a request to price and availability with the reason.
    ///
    /// # Errors
    /// [`Unresolved`] when account, product or unit are not known, or the quantity has no exact base quantity.
    pub fn resolve(&self, request: &Request<'_>) -> Result<Answer, Unresolved> {
        let asked = self.ask(request)?;
        let base_quantity = asked
            .factor
            .to_base(request.quantity)
            .ok_or(Unresolved::InexactQuantity)?;
        let mut steps = Vec::with_capacity(asked.route.ways.len() + 1);
        let priced = self.price(&asked, request.quantity.abs(), base_quantity.abs(), &mut |step| {
            steps.push(step)
        });
        let currency = asked.route.account.currency;
        let unit_price = priced.price.map(|price| Money::new(price, currency));
        let preferred = asked.route.account.default_warehouse.as_deref();
        let need = Need {
            base_quantity,
            factor: asked.factor,
            lead_time_days: asked.product.lead_time_days,
            now: request.now,
        };
        Ok(Answer {
            product: asked.product.sku.clone(),
            quantity: request.quantity,
            unit: self.unit_code(asked.unit),
            unit_price,
            price_quantity: priced.price_quantity,
            line_amount: unit_price.and_then(|price| line_amount(request.quantity, price, priced.price_quantity)),
            valid_until: priced.valid_until,
            checks: self.checks(&asked, request.quantity, base_quantity),
            availability: stock::judge(need, self.stock.levels(asked.index, preferred)),
            as_of: self.as_of,
            trace: Trace {
                version: self.version,
                account: asked.route.account.code.clone(),
                date: asked.date,
                base_quantity,
                base_unit: self.unit_code(asked.product.base_unit),
                steps,
                rounding: priced.rounding,
            },
        })
    }

    /// The staircase of prices in the requested unit, lowest quantity first: the price at every break the account could
    /// reach, each resolved like an order of that quantity. The request's own quantity does not matter.
    ///
    /// # Errors
    /// [`Unresolved`] as for [`PriceBook::resolve`].
    pub fn tiers(&self, request: &Request<'_>) -> Result<Vec<Tier>, Unresolved> {
        let asked = self.ask(request)?;
        let decimals = self.catalogue.unit_at(asked.unit).decimals;
        let in_unit = |base: Decimal| {
            let quantity = base
                .checked_mul(asked.factor.denominator())?
                .checked_div(asked.factor.numerator())?;
            let strategy = rust_decimal::RoundingStrategy::AwayFromZero;
            Some(quantity.round_dp_with_strategy(decimals, strategy).normalize())
        };
        let mut quantities = vec![in_unit(asked.product.min_order_quantity.unwrap_or(Decimal::ONE))];
        let usable = asked.route.ways.iter().filter_map(|way| self.usable(way, &asked).ok());
        for list in usable {
            quantities.extend(list.thresholds(asked.index, asked.unit, asked.day).map(Some));
            if asked.unit != asked.product.base_unit {
                quantities.extend(
                    list.thresholds(asked.index, asked.product.base_unit, asked.day)
                        .map(in_unit),
                );
            }
        }
        let mut quantities: Vec<Decimal> = quantities.into_iter().flatten().map(|q| q.normalize()).collect();
        let smallest = quantities[..1].to_vec();
        quantities.retain(|quantity| *quantity >= smallest[0]);
        quantities.sort_unstable();
        quantities.dedup();
        let mut tiers: Vec<Tier> = Vec::new();
        for quantity in quantities {
            let Some(base_quantity) = asked.factor.to_base(quantity) else {
                continue;
            };
            let priced = self.price(&asked, quantity, base_quantity, &mut |_| ());
            let unit_price = priced
                .price
                .map(|price| Money::new(price, asked.route.account.currency));
            let tier = Tier {
                min_quantity: quantity,
                unit_price,
                price_quantity: priced.price_quantity,
            };
            let is_new = tiers
                .last()
                .is_none_or(|last| (last.unit_price, last.price_quantity) != (tier.unit_price, tier.price_quantity));
            if is_new && tiers.len() < TIERS_MAX {
                tiers.push(tier);
            }
        }
        Ok(tiers)
    }

    fn ask(&self, request: &Request<'_>) -> Result<Asked<'_>, Unresolved> {
        let route = self
            .contracts
            .route(request.account)
            .ok_or(Unresolved::UnknownAccount)?;
        let index = self
            .catalogue
            .product(request.product)
            .ok_or(Unresolved::UnknownProduct)?;
        let product = self.catalogue.product_at(index);
        let unit = match request.unit {
            Some(code) => self.catalogue.unit(code).ok_or(Unresolved::UnknownUnit)?,
            None => product.default_unit,
        };
        let (_, factor, is_sellable) = product
            .units
            .iter()
            .find(|(index, ..)| *index == unit)
            .ok_or(Unresolved::UnknownUnit)?;
        Ok(Asked {
            route,
            index,
            product,
            unit,
            factor: *factor,
            is_sellable: *is_sellable,
            date: request.date,
            day: day_number(request.date),
        })
    }

    /// The list behind a way, or why it is passed over and until when.
    fn usable(&self, way: &Way, asked: &Asked<'_>) -> Result<&PriceList, (Outcome, Option<Date>)> {
        let list = &*self.lists[way.list as usize];
        if list.head.currency != asked.route.account.currency {
            return Err((Outcome::OtherCurrency, None));
        }
        let from = way.valid_from.max(list.head.valid_from);
        let to = earliest(way.valid_to, list.head.valid_to);
        if to.is_some_and(|to| to < asked.date) {
            return Err((Outcome::NotValid, None));
        }
        match from.filter(|from| *from > asked.date) {
            Some(from) => Err((Outcome::NotValid, Some(from).filter(|_| list.has_product(asked.index)))),
            None => Ok(list),
        }
    }

    /// Walks the account's lists to the first that decides.
    fn price(
        &self,
        asked: &Asked<'_>,
        quantity: Decimal,
        base_quantity: Decimal,
        said: &mut dyn FnMut(Step),
    ) -> Priced {
        // The last day before some list or entry of higher precedence begins.
        let mut until: Option<Date> = None;
        for way in &asked.route.ways {
            let head = &self.lists[way.list as usize].head;
            let step = |outcome| Step {
                level: way.level,
                list: Some(head.code.clone()),
                outcome,
            };
            let list = match self.usable(way, asked) {
                Ok(list) => list,
                Err((outcome, begins)) => {
                    until = earliest(until, day_before(begins));
                    said(step(outcome));
                    continue;
                }
            };
            let mut found = list.find(asked.index, asked.unit, quantity, asked.day);
            let base_unit = asked.product.base_unit;
            if found.hit.is_none() && asked.unit != base_unit {
                let base = list.find(asked.index, base_unit, base_quantity, asked.day);
                found.changes_on = earliest(found.changes_on, base.changes_on);
                found.hit = base.hit;
            }
            until = earliest(until, day_before(found.changes_on));
            let Some(hit) = found.hit else {
                said(step(Outcome::NoEntry));
                continue;
            };
            for end in [hit.valid_to, head.valid_to, way.valid_to] {
                until = earliest(until, end);
            }
            said(step(Outcome::Entry(self.entry(hit))));
            return self.convert(asked, hit.unit, hit.price, hit.price_quantity, until);
        }
        let currency = asked.route.account.currency;
        let listed = asked.product.list_price.filter(|money| money.currency == currency);
        let price_quantity = asked.product.price_quantity;
        let outcome = match (listed, asked.product.list_price) {
            (Some(money), _) => Outcome::ListPrice {
                price: money.amount,
                price_quantity,
            },
            (None, Some(_)) => Outcome::OtherCurrency,
            (None, None) => Outcome::NoPrice,
        };
        said(Step {
            level: Level::ListPrice,
            list: None,
            outcome,
        });
        self.convert(
            asked,
            asked.product.base_unit,
            listed.map(|money| money.amount),
            price_quantity,
            until,
        )
    }

    /// Converts a listed price to the requested unit and rounds it.
    fn convert(
        &self,
        asked: &Asked<'_>,
        listed_unit: UnitIndex,
        listed: Option<Decimal>,
        listed_quantity: Decimal,
        valid_until: Option<Date>,
    ) -> Priced {
        let is_converted = listed_unit != asked.unit;
        let price_quantity = if is_converted { Decimal::ONE } else { listed_quantity };
        let Some(listed) = listed else {
            return Priced {
                price: None,
                price_quantity,
                rounding: None,
                valid_until,
            };
        };
        let currency_digits = asked.route.account.currency.minor_digits();
        let converted = if is_converted {
            let each = listed.checked_div(listed_quantity);
            each.and_then(|each| asked.factor.price_from_base(each))
        } else {
            Some(listed)
        };
        let digits = self.unit_price_digits.max(currency_digits).max(listed.scale());
        let price = converted.map(|before| with_digits_min(round_half_up(before, digits), currency_digits));
        let rounding = converted.zip(price).and_then(|(before, after)| {
            (before != after).then(|| Rounding {
                before: before.normalize(),
                after,
                digits,
            })
        });
        Priced {
            price,
            price_quantity,
            rounding,
            valid_until,
        }
    }

    fn entry(&self, hit: Hit) -> Entry {
        Entry {
            ordinal: hit.ordinal,
            unit: self.unit_code(hit.unit),
            min_quantity: hit.min_quantity,
            valid_from: hit.valid_from,
            valid_to: hit.valid_to,
            price: hit.price,
            price_quantity: hit.price_quantity,
        }
    }

    fn unit_code(&self, unit: UnitIndex) -> Arc<str> {
        self.catalogue.unit_at(unit).code.clone()
    }

    fn checks(&self, asked: &Asked<'_>, quantity: Decimal, base_quantity: Decimal) -> Vec<Check> {
        let product = asked.product;
        let base_unit = || self.unit_code(product.base_unit);
        let mut checks = Vec::new();
        if asked.route.account.status == AccountStatus::Blocked {
            checks.push(Check::AccountBlocked);
        }
        if !product.status.is_orderable() {
            checks.push(Check::ProductNotSold);
        }
        if !asked.is_sellable {
            checks.push(Check::UnitNotSold);
        }
        if quantity <= Decimal::ZERO {
            checks.push(Check::NotPositive);
        }
        let decimals = self.catalogue.unit_at(asked.unit).decimals;
        if quantity.normalize().scale() > decimals {
            checks.push(Check::TooManyDecimals {
                decimals,
                unit: self.unit_code(asked.unit),
            });
        }
        if let Some(minimum) = product.min_order_quantity.filter(|minimum| base_quantity < *minimum) {
            checks.push(Check::BelowMinimum {
                minimum,
                unit: base_unit(),
            });
        }
        if let Some(multiple) = product
            .order_multiple
            .filter(|multiple| !is_multiple(base_quantity, *multiple))
        {
            checks.push(Check::NotMultiple {
                multiple,
                unit: base_unit(),
            });
        }
        checks
    }
}

fn is_multiple(quantity: Decimal, of: Decimal) -> bool {
    exact_div(quantity, of).is_some_and(|count| count.is_integer())
}

/// The earlier of two days, where `None` is never.
fn earliest(a: Option<Date>, b: Option<Date>) -> Option<Date> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn day_before(date: Option<Date>) -> Option<Date> {
    date.and_then(|date| date.yesterday().ok())
}
