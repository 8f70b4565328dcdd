//! The resolution of one request: look up names, find the price, convert, round, check, and say why.

use std::sync::Arc;

use jiff::civil::{Date, Time};
use rust_decimal::{Decimal, RoundingStrategy};

use super::basket::Basket;
use super::book::PriceBook;
use super::breaks::day_number;
use super::catalogue::{ProductIndex, ProductTerms, UnitIndex};
use super::contracts::{AddressTerms, Route};
use super::convert::{Amount, Priced};
use super::hold::Hold;
use super::list::{OnNoMatch, PriceList, QuantityBasis};
use super::policy::Policy;
use super::switch::Reach;
use super::walk::{Count, Notes};
use super::{Answer, Check, Level, Request, Step, Substitute, Tier, Trace, Unresolved};
use crate::domain::account::AccountStatus;
use crate::domain::money::{Money, line_amount_by, with_digits_min};
use crate::domain::stock::{self, Availability, Band, Need, Place};
use crate::domain::unit::{Factor, exact_div};

/// Tiers shown at most; the rest would not be read.
const TIERS_MAX: usize = 20;
/// Substitutes named at most.
const SUBSTITUTES_MAX: usize = 5;

/// A request with its names looked up.
#[derive(Clone)]
pub(super) struct Asked<'b> {
    pub route: &'b Route,
    pub index: ProductIndex,
    pub product: &'b ProductTerms,
    pub unit: UnitIndex,
    pub factor: Factor,
    pub is_sellable: bool,
    pub date: Date,
    pub time: Time,
    pub day: u16,
    pub ship_to: Option<&'b AddressTerms>,
    pub warehouse: Option<&'b str>,
    pub agreement: Option<&'b str>,
    /// The lines that promotions count together, where there are others.
    pub basket: Option<&'b Basket>,
    /// The place of the line that is asked about among them.
    pub place: Option<usize>,
    /// How much of it is asked about.
    pub base_quantity: Decimal,
}

impl<'b> Asked<'b> {
    /// How the account's prices are decided.
    pub(super) fn policy(&self) -> &'b Policy {
        &self.route.account.policy
    }

    /// What the breaks of a list count.
    pub(super) fn basis(&self, list: &PriceList) -> QuantityBasis {
        list.head.quantity_basis.unwrap_or(self.policy().quantity_basis)
    }

    /// What follows when a list has no entry.
    pub(super) fn on_no_match(&self, list: &PriceList) -> OnNoMatch {
        list.head.on_no_match.unwrap_or(self.policy().on_no_match)
    }
}

impl PriceBook {
    /// Resolves a request to price and availability with the reason.
    ///
    /// # Errors
    /// [`Unresolved`] when account, product or unit are not known, or the quantity has no exact base quantity.
    pub fn resolve(&self, request: &Request<'_>) -> Result<Answer, Unresolved> {
        self.resolve_in(&self.basket(request.beside), None, request)
    }

    /// Resolves a request beside lines, of which one may be the very line that is asked about.
    pub(super) fn resolve_in(
        &self,
        basket: &Basket,
        place: Option<usize>,
        request: &Request<'_>,
    ) -> Result<Answer, Unresolved> {
        let mut asked = self.ask(request)?;
        (asked.basket, asked.place) = (Some(basket), place);
        let policy = asked.policy();
        let Amount {
            quantity,
            base: base_quantity,
            exceeds,
        } = self.amount(&asked, request.quantity)?;
        asked.base_quantity = base_quantity.abs();
        let count = Count::new(policy, quantity, base_quantity);
        let mut steps = Vec::with_capacity(asked.route.ways.len() + 1);
        let mut push = |step| steps.push(step);
        let mut notes = Notes {
            said: &mut push,
            until: None,
            check: None,
        };
        let priced = self.price(&asked, count, &mut notes);
        let (valid_until, exceeded) = (notes.until, exceeds.or(notes.check.take()));
        let currency = asked.route.account.currency;
        let unit_price = priced.price.map(|price| Money::new(price, currency));
        let mut checks = self.checks(&asked, quantity, base_quantity);
        checks.extend(exceeded);
        let availability = self.availability(&asked, request, base_quantity);
        let substitutes = match availability.band == Band::InStock && checks.is_empty() {
            true => Vec::new(),
            false => self.substitutes(&asked),
        };
        let account = &asked.route.account;
        Ok(Answer {
            product: asked.product.sku.clone(),
            quantity,
            unit: self.unit_code(asked.unit),
            unit_price,
            price_quantity: priced.price_quantity,
            line_amount: unit_price.and_then(|price| {
                let round = |amount, digits| policy.round_mode.round(amount, digits);
                line_amount_by(quantity, price, priced.price_quantity, round)
            }),
            valid_until,
            checks,
            availability,
            tax: self.trade.tax(
                account.tax_class.as_deref(),
                asked.product.tax_class.as_deref(),
                asked.ship_to,
                asked.date,
            ),
            substitutes,
            as_of: self.as_of,
            trace: Trace {
                version: self.version,
                account: account.code.clone(),
                date: asked.date,
                ship_to: asked.ship_to.map(|address| address.code.clone()),
                policy: account.ruling.clone(),
                round_mode: policy.round_mode,
                lowered_from: (quantity != request.quantity).then_some(request.quantity),
                base_quantity,
                base_unit: self.unit_code(asked.product.base_unit),
                steps,
                conversion: priced.conversion,
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
        let basket = self.basket(request.beside);
        let mut asked = self.ask(request)?;
        asked.basket = Some(&basket);
        let mut tiers: Vec<Tier> = Vec::new();
        for quantity in self.thresholds(&asked) {
            let Some(base) = asked.factor.to_base(quantity) else {
                continue;
            };
            asked.base_quantity = base;
            let mut silent = |_: Step| ();
            let mut notes = Notes {
                said: &mut silent,
                until: None,
                check: None,
            };
            let count = Count::new(asked.policy(), quantity, base);
            let priced = self.price(&asked, count, &mut notes);
            let currency = asked.route.account.currency;
            let tier = Tier {
                min_quantity: quantity,
                unit_price: priced.price.map(|price| Money::new(price, currency)),
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

    /// The quantities in the requested unit at which a price may change, ascending; the smallest order is the first.
    fn thresholds(&self, asked: &Asked<'_>) -> Vec<Decimal> {
        let decimals = self.catalogue.unit_at(asked.unit).decimals;
        let in_unit = |base: Decimal| {
            let quantity = base
                .checked_mul(asked.factor.denominator())?
                .checked_div(asked.factor.numerator())?;
            let quantity = quantity.round_dp_with_strategy(decimals, RoundingStrategy::AwayFromZero);
            Some(quantity.normalize())
        };
        let from_unit = |unit: UnitIndex, quantity: Decimal| {
            let factor = asked.product.factor(unit)?;
            let base = quantity.checked_mul(factor.numerator())?;
            in_unit(base.checked_div(factor.denominator())?)
        };
        let base_unit = asked.product.base_unit;
        let smallest = in_unit(asked.product.min_order_quantity.unwrap_or(Decimal::ONE));
        let mut quantities = vec![smallest];
        let usable = asked.route.ways.iter().filter_map(|way| self.usable(way, asked).ok());
        for list in usable {
            let counted_in = match asked.basis(list) {
                QuantityBasis::Base => base_unit,
                QuantityBasis::Sale => asked.product.default_unit,
                QuantityBasis::Order => asked.unit,
            };
            let own = list.breaks.thresholds(asked.index, asked.unit, asked.day);
            quantities.extend(own.into_iter().map(Some));
            if asked.unit != base_unit {
                let base = list.breaks.thresholds(asked.index, base_unit, asked.day);
                quantities.extend(base.into_iter().map(|at| from_unit(counted_in, at)));
            }
            let rules = list.rules.about(asked.index, asked.product);
            quantities.extend(rules.map(|(_, rule)| from_unit(rule.unit.unwrap_or(counted_in), rule.min_quantity)));
        }
        let promotions = self.trade.promotions().iter();
        let meant = promotions.filter(|promotion| {
            let mut scopes = promotion.scopes.iter();
            scopes.any(|scope| scope.distance(asked.index, asked.product).is_some())
        });
        quantities
            .extend(meant.map(|promotion| from_unit(promotion.unit.unwrap_or(base_unit), promotion.min_quantity)));
        let mut quantities: Vec<Decimal> = quantities.into_iter().flatten().map(|q| q.normalize()).collect();
        if asked.policy().breaks == Reach::Above {
            // The first quantity above each.
            let step = Decimal::new(1, decimals);
            let above = quantities.iter().map(|quantity| quantity.saturating_add(step));
            quantities.extend(above.collect::<Vec<_>>());
        }
        quantities.retain(|quantity| smallest.is_none_or(|smallest| *quantity >= smallest));
        quantities.sort_unstable();
        quantities.dedup();
        quantities
    }

    pub(super) fn ask<'b>(&'b self, request: &Request<'b>) -> Result<Asked<'b>, Unresolved> {
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
            time: request.time,
            day: day_number(request.date),
            ship_to: request.ship_to.and_then(|code| route.address(code)),
            warehouse: request.warehouse,
            agreement: request.agreement,
            basket: None,
            place: None,
            base_quantity: Decimal::ZERO,
        })
    }

    /// The price in the requested unit and the account's currency.
    fn price(&self, asked: &Asked<'_>, count: Count, notes: &mut Notes<'_>) -> Priced {
        let listed = self.walk(asked, count, notes);
        let mut priced = self.convert(asked, &listed);
        let Some(price) = priced.price else { return priced };
        if self.trade.promotions().is_empty() {
            return priced;
        }
        if let Some((_, promoted)) = self.promoted(asked, count, (listed.level, (price, priced.price_quantity)), notes)
        {
            let price = with_digits_min(promoted, asked.route.account.currency.minor_digits());
            priced = Priced {
                price: Some(price),
                price_quantity: Decimal::ONE,
                rounding: None,
                conversion: priced.conversion,
            };
        }
        priced
    }

    fn availability(&self, asked: &Asked<'_>, request: &Request<'_>, base_quantity: Decimal) -> Availability {
        stock::judge(
            self.need(asked, request, base_quantity),
            &self.places(asked, request.own),
        )
    }

    /// Where the product is on record, in the order the places serve the account; what `own` holds is free.
    pub(super) fn places(&self, asked: &Asked<'_>, own: &[Hold]) -> Vec<Place<'_>> {
        let kit = self.catalogue.kit(asked.index);
        let mut places = match own {
            [] => self.stock.places(asked.index, kit, &self.held),
            own => self.stock.places(asked.index, kit, &self.held_without(own)),
        };
        if let Some(code) = asked.warehouse {
            places.retain(|place| place.warehouse.code == *code);
        }
        if places.len() > 1 {
            let account = &asked.route.account;
            let region = asked.ship_to.and_then(|address| address.region.as_deref());
            places.sort_by_cached_key(|place| {
                let code = place.warehouse.code.as_str();
                let rank = self.trade.sourcing_rank(&account.code, region, asked.index, code);
                (rank, Some(code) != account.default_warehouse.as_deref())
            });
        }
        places
    }

    /// What is asked of the stock.
    pub(super) fn need(&self, asked: &Asked<'_>, request: &Request<'_>, base_quantity: Decimal) -> Need {
        Need {
            base_quantity,
            factor: asked.factor,
            decimals: self.catalogue.unit_at(asked.unit).decimals,
            lead_time_days: asked.product.lead_time_days,
            now: request.now,
            wanted_on: request.wanted_on,
            trust: request.trust.unwrap_or_default(),
        }
    }

    /// What the account may buy instead.
    fn substitutes(&self, asked: &Asked<'_>) -> Vec<Substitute> {
        let pairs = self.catalogue.substitutes(asked.index).iter();
        let valid = pairs.filter(|pair| {
            let product = self.catalogue.product_at(pair.product);
            product.status.is_orderable()
                && asked.route.offers(pair.product, product)
                && pair.valid_from.is_none_or(|from| from <= asked.date)
                && pair.valid_to.is_none_or(|to| asked.date <= to)
        });
        let substitute = valid.map(|pair| Substitute {
            product: self.catalogue.product_at(pair.product).sku.clone(),
            ratio: pair.ratio,
        });
        substitute.take(SUBSTITUTES_MAX).collect()
    }

    pub(super) fn unit_code(&self, unit: UnitIndex) -> Arc<str> {
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
        if !asked.route.offers(asked.index, product) {
            checks.push(Check::NotInAssortment);
        }
        if !asked.is_sellable {
            checks.push(Check::UnitNotSold);
        }
        if quantity <= Decimal::ZERO {
            checks.push(Check::NotPositive);
        }
        let decimals = self.catalogue.unit_at(asked.unit).decimals;
        if quantity.scale() > decimals && quantity.normalize().scale() > decimals {
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

    /// Whether an account may buy a product at all, by part number: it is shown to nobody else.
    pub fn is_offered(&self, account: &str, sku: &str) -> bool {
        let route = self.contracts.route(account);
        let index = self.catalogue.product(sku);
        route
            .zip(index)
            .is_some_and(|(route, index)| route.offers(index, self.catalogue.product_at(index)))
    }
}

fn is_multiple(quantity: Decimal, of: Decimal) -> bool {
    exact_div(quantity, of).is_some_and(|count| count.is_integer())
}

/// The earlier of two days, where `None` is never.
pub(super) fn earliest(a: Option<Date>, b: Option<Date>) -> Option<Date> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

pub(super) fn day_before(date: Option<Date>) -> Option<Date> {
    date.and_then(|date| date.yesterday().ok())
}

/// Where a price came from, in a word.
impl Level {
    /// Whether it was agreed with the customer.
    pub fn is_contract(self) -> bool {
        self < Level::Promotion
    }
}
