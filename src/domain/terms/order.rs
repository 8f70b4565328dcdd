//! The lines of a cart, order or invoice together: promotions over all of them, tax, total, stock and credit.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use rust_decimal::Decimal;

use super::book::PriceBook;
use super::switch::RoundMode;
use super::{Answer, Beside, Request, Unresolved};
use crate::domain::money::{Currency, Money, total};

/// Lines that belong together.
#[derive(Clone, Copy, Debug)]
pub struct OrderRequest<'a> {
    /// The account's code.
    pub account: &'a str,
    /// The code of the address it goes to.
    pub ship_to: Option<&'a str>,
    /// Only from this warehouse.
    pub warehouse: Option<&'a str>,
    /// The day the prices are for, by the tenant's calendar.
    pub date: Date,
    /// The time of that day, by the tenant's clock; as the day begins where it is not known.
    pub time: Time,
    /// The present instant.
    pub now: Timestamp,
    /// The lines.
    pub lines: &'a [OrderLine<'a>],
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct OrderLine<'a> {
    /// The product's part number.
    pub product: &'a str,
    /// How much, in `unit`.
    pub quantity: Decimal,
    /// The supplier's unit code.
    pub unit: &'a str,
    /// The agreement it names, by its number.
    pub agreement: Option<&'a str>,
}

/// What the lines come to.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderAnswer {
    /// Each line.
    pub lines: Vec<Answer>,
    /// Sum of the rounded lines; `None` where one has no price.
    pub untaxed: Option<Money>,
    /// Each tax on the sum of the lines it is on.
    pub taxes: Vec<TaxAmount>,
    /// Lines and taxes.
    pub total: Option<Money>,
    /// What stands in the way of all of it together.
    pub checks: Vec<OrderCheck>,
}

/// One tax, on the rounded sum of the lines it is on.
#[derive(Clone, Debug, PartialEq)]
pub struct TaxAmount {
    /// The code of its rule.
    pub code: Arc<str>,
    /// The rate: `0.19` is 19 percent.
    pub rate: Decimal,
    /// What it is on.
    pub base: Money,
    /// The tax, rounded to the currency's digits.
    pub amount: Money,
}

/// What stands in the way of the lines together.
#[derive(Clone, Debug, PartialEq)]
pub enum OrderCheck {
    /// All lines of a product want more than there is.
    Short {
        /// The part number.
        product: Arc<str>,
        /// Wanted, in base units.
        wanted: Decimal,
        /// There, in base units.
        available: Decimal,
    },
    /// The account would owe more than it may.
    CreditExceeded {
        /// At most.
        limit: Decimal,
        /// It would be.
        would_be: Decimal,
    },
    /// The lines together are less than the smallest order.
    BelowMinimum {
        /// The smallest order, without tax.
        minimum: Money,
        /// What the lines come to, without tax.
        untaxed: Money,
    },
}

impl PriceBook {
    /// Resolves lines that belong together.
    ///
    /// # Errors
    /// [`Unresolved`] as for [`PriceBook::resolve`], with the place of the line from 0.
    pub fn resolve_order(&self, order: &OrderRequest<'_>) -> Result<OrderAnswer, (usize, Unresolved)> {
        let beside = order.lines.iter().map(|line| Beside {
            product: line.product,
            quantity: self.lowered(order, line),
            unit: line.unit,
        });
        let beside: Vec<Beside<'_>> = beside.collect();
        let questions = order.lines.iter().enumerate().map(|(at, line)| {
            let request = Request {
                unit: Some(line.unit),
                ship_to: order.ship_to,
                warehouse: order.warehouse,
                agreement: line.agreement,
                time: order.time,
                ..Request::new(order.account, line.product, line.quantity, order.date, order.now)
            };
            (request, Some(at))
        });
        let answers = self.resolve_all(&beside, questions).into_iter().enumerate();
        let lines: Vec<Answer> = answers
            .map(|(at, answer)| answer.map_err(|error| (at, error)))
            .collect::<Result<_, _>>()?;
        let route = self.contracts.route(order.account);
        let route = route.ok_or((0, Unresolved::UnknownAccount))?;
        let currency = route.account.currency;
        let amounts: Option<Vec<Money>> = lines.iter().map(|line| line.line_amount).collect();
        let untaxed = amounts.and_then(|amounts| total(currency, amounts));
        let taxes = taxes(&lines, currency, route.account.policy.round_mode);
        let amounts = taxes.iter().map(|tax| tax.amount);
        let mut checks = self.shortages(order, &lines);
        if let (Some(credit), Some(untaxed)) = (route.account.credit, untaxed) {
            let would_be = credit.used.saturating_add(untaxed.amount);
            if would_be > credit.limit {
                checks.push(OrderCheck::CreditExceeded {
                    limit: credit.limit,
                    would_be,
                });
            }
        }
        if let (Some(minimum), Some(untaxed)) = (self.order_minimum(order.account, order.date), untaxed)
            && untaxed.amount < minimum.amount
        {
            checks.push(OrderCheck::BelowMinimum { minimum, untaxed });
        }
        Ok(OrderAnswer {
            total: untaxed.and_then(|untaxed| total(currency, std::iter::once(untaxed).chain(amounts))),
            untaxed,
            taxes,
            checks,
            lines,
        })
    }

    /// How much a line counts for beside the others: what an agreement has left, where its policy lowers it to that.
    fn lowered(&self, order: &OrderRequest<'_>, line: &OrderLine<'_>) -> Decimal {
        let request = Request {
            unit: Some(line.unit),
            ship_to: order.ship_to,
            agreement: line.agreement,
            time: order.time,
            ..Request::new(order.account, line.product, line.quantity, order.date, order.now)
        };
        let amount = self.ask(&request).and_then(|asked| self.amount(&asked, line.quantity));
        // What cannot be asked for is told when it is.
        amount.map_or(line.quantity, |amount| amount.quantity)
    }

    /// Products on record of which all lines together want more than one warehouse has.
    fn shortages(&self, order: &OrderRequest<'_>, lines: &[Answer]) -> Vec<OrderCheck> {
        let mut wanted: BTreeMap<&str, Decimal> = BTreeMap::new();
        for line in lines {
            let sum = wanted.entry(&line.product).or_default();
            *sum = sum.saturating_add(line.trace.base_quantity);
        }
        let short = wanted.into_iter().filter_map(|(product, wanted)| {
            let index = self.catalogue.product(product)?;
            let terms = self.catalogue.product_at(index);
            let base_unit = self.unit_code(terms.base_unit);
            let request = Request {
                unit: Some(&base_unit),
                ship_to: order.ship_to,
                warehouse: order.warehouse,
                ..Request::new(order.account, product, wanted, order.date, order.now)
            };
            let availability = self.resolve(&request).ok()?.availability;
            let is_short = availability.band != crate::domain::stock::Band::InStock;
            (is_short && !availability.warehouses.is_empty()).then(|| OrderCheck::Short {
                product: terms.sku.clone(),
                wanted,
                available: availability.available,
            })
        });
        short.collect()
    }
}

/// Each tax on the rounded sum of its lines: the document is rounded, not the line.
fn taxes(lines: &[Answer], currency: Currency, mode: RoundMode) -> Vec<TaxAmount> {
    let mut bases: BTreeMap<(Arc<str>, Decimal), Decimal> = BTreeMap::new();
    for line in lines {
        if let (Some(tax), Some(amount)) = (&line.tax, line.line_amount) {
            let base = bases.entry((tax.code.clone(), tax.rate)).or_default();
            *base = base.saturating_add(amount.amount);
        }
    }
    let tax = |((code, rate), base): ((Arc<str>, Decimal), Decimal)| {
        let amount = mode.round(base.checked_mul(rate)?, currency.minor_digits());
        Some(TaxAmount {
            code,
            rate,
            base: Money::new(base, currency),
            amount: Money::new(amount, currency).rounded(),
        })
    };
    bases.into_iter().filter_map(tax).collect()
}
