//! The walk from the agreements of an account down to the list price, to the first that decides.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::agreement::{Agreement, AgreementLine, Applies, Enforce};
use super::book::PriceBook;
use super::breaks::Hit;
use super::catalogue::UnitIndex;
use super::contracts::Way;
use super::list::{OnNoMatch, PriceList, QuantityBasis, Select};
use super::resolve::{Asked, day_before, earliest};
use super::rule::{Base, Calculation, Rule, Scope};
use super::trade::{Promotion, Stacking};
use super::{AgreementEntry, Check, Entry, Level, Outcome, RuleEntry, Step};
use crate::domain::money::{Currency, Money};
use crate::domain::unit::Factor;

/// Lists computed from lists computed from lists: more is a circle.
const PARENTS_MAX: u32 = 8;

/// A quantity as breaks are compared with it.
#[derive(Clone, Copy)]
pub(super) struct Count {
    /// In the requested unit.
    pub asked: Decimal,
    /// In base units.
    pub base: Decimal,
}

impl Count {
    pub(super) const NONE: Count = Count {
        asked: Decimal::ZERO,
        base: Decimal::ZERO,
    };
}

/// A price as it is listed.
#[derive(Clone, Copy)]
pub(super) struct Listed {
    pub level: Level,
    pub unit: UnitIndex,
    pub price: Option<Decimal>,
    pub price_quantity: Decimal,
    pub currency: Currency,
    pub tax_included: bool,
    /// Whether it was computed, so that its digits mean nothing.
    pub is_computed: bool,
}

/// What one list says.
enum Said<'l> {
    Break(Hit),
    /// The rule with its price for its price quantity.
    Rule(&'l Rule, Option<Decimal>),
}

/// What is noted on the way.
pub(super) struct Notes<'n> {
    /// Takes every step.
    pub said: &'n mut dyn FnMut(Step),
    /// The last day before something of higher precedence begins or the price ends.
    pub until: Option<Date>,
    /// What stands in the way.
    pub check: Option<Check>,
}

impl Notes<'_> {
    pub(super) fn ends(&mut self, date: Option<Date>) {
        self.until = earliest(self.until, date);
    }

    fn begins(&mut self, date: Option<Date>) {
        self.ends(day_before(date));
    }

    fn say(&mut self, level: Level, list: Option<&Arc<str>>, outcome: Outcome) {
        (self.said)(Step {
            level,
            list: list.cloned(),
            outcome,
        });
    }
}

impl PriceBook {
    /// Walks agreements, lists and list price to the first that decides.
    pub(super) fn walk(&self, asked: &Asked<'_>, count: Count, notes: &mut Notes<'_>) -> Listed {
        if let Some(listed) = self.agreed(asked, count, notes) {
            return listed;
        }
        self.listed(asked, count, notes)
    }

    fn agreed(&self, asked: &Asked<'_>, count: Count, notes: &mut Notes<'_>) -> Option<Listed> {
        for at in &asked.route.agreements {
            let agreement = self.contracts.agreement(*at);
            let lines = agreement.about(asked.index, asked.product);
            if lines.is_empty() {
                continue;
            }
            let is_named = asked.agreement == Some(&*agreement.number);
            let days = agreement.days_for(asked.ship_to.map(|address| &*address.code));
            let Some(days) = days.filter(|_| agreement.applies == Applies::Always || is_named) else {
                notes.say(Level::Agreement, Some(&agreement.number), Outcome::NotForThis);
                continue;
            };
            match self.agreed_line((agreement, days), &lines, asked, count, notes) {
                Ok(listed) => return Some(listed),
                Err(outcome) => {
                    if let (true, Outcome::Exceeded { left }) = (is_named, &outcome) {
                        let unit = lines
                            .first()
                            .and_then(|line| line.unit)
                            .unwrap_or(asked.product.base_unit);
                        notes.check = Some(Check::AgreementExceeded {
                            left: *left,
                            unit: self.unit_code(unit),
                        });
                    }
                    notes.say(Level::Agreement, Some(&agreement.number), outcome);
                }
            }
        }
        None
    }

    /// The first line that is valid and has enough left.
    fn agreed_line(
        &self,
        (agreement, (first, last)): (&Agreement, (Option<Date>, Option<Date>)),
        lines: &[&AgreementLine],
        asked: &Asked<'_>,
        count: Count,
        notes: &mut Notes<'_>,
    ) -> Result<Listed, Outcome> {
        let mut outcome = Outcome::NotValid;
        for line in lines {
            let from = first.max(line.valid_from);
            let to = earliest(last, line.valid_to);
            if let Some(from) = from.filter(|from| *from > asked.date) {
                notes.begins(Some(from));
                continue;
            }
            if to.is_some_and(|to| to < asked.date) {
                continue;
            }
            let unit = line.unit.unwrap_or(asked.product.base_unit);
            let Some(factor) = asked.product.factor(unit) else {
                continue;
            };
            let left = line.maximum.map(|maximum| maximum.saturating_sub(line.released));
            // What cannot be counted is too much.
            let fits = |left: Decimal| {
                let (left, asked) = (
                    left.checked_mul(factor.numerator()),
                    count.base.checked_mul(factor.denominator()),
                );
                left.zip(asked).is_some_and(|(left, asked)| asked <= left)
            };
            let exceeds = left.is_some_and(|left| !fits(left));
            if let (true, Enforce::Block, Some(left)) = (exceeds, agreement.enforce, left) {
                outcome = Outcome::Exceeded {
                    left: left.max(Decimal::ZERO),
                };
                continue;
            }
            notes.ends(to);
            let entry = AgreementEntry {
                line: line.number,
                unit: self.unit_code(unit),
                price: line.price,
                price_quantity: line.price_quantity,
                left,
                exceeds: exceeds && agreement.enforce != Enforce::None,
            };
            notes.say(Level::Agreement, Some(&agreement.number), Outcome::Agreement(entry));
            return Ok(Listed {
                level: Level::Agreement,
                unit,
                price: line.price,
                price_quantity: line.price_quantity,
                currency: asked.route.account.currency,
                tax_included: false,
                is_computed: false,
            });
        }
        Err(outcome)
    }

    /// The list behind a way, or why it is passed over and from when it is not.
    pub(super) fn usable(&self, way: &Way, asked: &Asked<'_>) -> Result<&PriceList, (Outcome, Option<Date>)> {
        let list = &*self.lists[way.list as usize];
        let currency = asked.route.account.currency;
        if list.head.currency != currency
            && self
                .trade
                .rates
                .between(list.head.currency, currency, asked.date)
                .is_none()
        {
            return Err((Outcome::OtherCurrency, None));
        }
        let from = way.valid_from.max(list.head.valid_from);
        let to = earliest(way.valid_to, list.head.valid_to);
        if to.is_some_and(|to| to < asked.date) {
            return Err((Outcome::NotValid, None));
        }
        let speaks = || list.breaks.has_product(asked.index) || !list.rules.is_empty();
        match from.filter(|from| *from > asked.date) {
            Some(from) => Err((Outcome::NotValid, Some(from).filter(|_| speaks()))),
            None => Ok(list),
        }
    }

    /// The price of lists and list price, without agreements.
    fn listed(&self, asked: &Asked<'_>, count: Count, notes: &mut Notes<'_>) -> Listed {
        for way in &asked.route.ways {
            let head = &self.lists[way.list as usize].head;
            let list = match self.usable(way, asked) {
                Ok(list) => list,
                Err((outcome, begins)) => {
                    notes.begins(begins);
                    notes.say(way.level, Some(&head.code), outcome);
                    continue;
                }
            };
            let listed = |unit, price, price_quantity, is_computed| Listed {
                level: way.level,
                unit,
                price,
                price_quantity,
                currency: head.currency,
                tax_included: head.tax_included,
                is_computed,
            };
            let (decided, outcome) = match self.ask_list(list, asked, count, 0, &mut |begins| notes.begins(begins)) {
                None if head.on_no_match == OnNoMatch::NoPrice => {
                    let unit = asked.product.base_unit;
                    (listed(unit, None, Decimal::ONE, false), Outcome::NotPriced)
                }
                None => {
                    notes.say(way.level, Some(&head.code), Outcome::NoEntry);
                    continue;
                }
                Some(Said::Break(hit)) => {
                    notes.ends(hit.valid_to);
                    let entry = Outcome::Entry(self.entry(hit));
                    (listed(hit.unit, hit.price, hit.price_quantity, false), entry)
                }
                Some(Said::Rule(rule, price)) => {
                    notes.ends(rule.valid_to);
                    let is_computed = rule.calculation != Calculation::Fixed;
                    let price_quantity = if is_computed { Decimal::ONE } else { rule.price_quantity };
                    let unit = rule.unit.unwrap_or(asked.product.base_unit);
                    let entry = Outcome::Rule(self.rule_entry(rule, price));
                    (listed(unit, price, price_quantity, is_computed), entry)
                }
            };
            notes.ends(head.valid_to);
            notes.ends(way.valid_to);
            notes.say(way.level, Some(&head.code), outcome);
            return decided;
        }
        self.list_price(asked, notes)
    }

    fn list_price(&self, asked: &Asked<'_>, notes: &mut Notes<'_>) -> Listed {
        let currency = asked.route.account.currency;
        let usable = |money: &Money| {
            money.currency == currency || self.trade.rates.between(money.currency, currency, asked.date).is_some()
        };
        let listed = asked.product.list_price.filter(usable);
        let price_quantity = asked.product.price_quantity;
        let outcome = match (listed, asked.product.list_price) {
            (Some(money), _) => Outcome::ListPrice {
                price: money.amount,
                price_quantity,
            },
            (None, Some(_)) => Outcome::OtherCurrency,
            (None, None) => Outcome::NoPrice,
        };
        notes.say(Level::ListPrice, None, outcome);
        Listed {
            level: Level::ListPrice,
            unit: asked.product.base_unit,
            price: listed.map(|money| money.amount),
            price_quantity,
            currency: listed.map_or(currency, |money| money.currency),
            tax_included: false,
            is_computed: false,
        }
    }

    /// What one list says: its breaks and its rules compared.
    fn ask_list<'b>(
        &'b self,
        list: &'b PriceList,
        asked: &Asked<'b>,
        count: Count,
        depth: u32,
        begins: &mut dyn FnMut(Option<Date>),
    ) -> Option<Said<'b>> {
        let base_unit = asked.product.base_unit;
        let counted = counted(list, asked, count);
        let mut found = list.breaks.find(asked.index, asked.unit, count.asked, asked.day);
        if found.hit.is_none() && asked.unit != base_unit {
            let base = list.breaks.find(asked.index, base_unit, counted, asked.day);
            found.changes_on = earliest(found.changes_on, base.changes_on);
            found.hit = base.hit;
        }
        begins(found.changes_on);
        if list.rules.is_empty() || (list.head.select == Select::First && found.hit.is_some()) {
            return found.hit.map(Said::Break);
        }
        let rule = self.best_rule(list, asked, count, depth, begins);
        let (Some(hit), Some((rule, price))) = (found.hit, rule) else {
            return match rule {
                Some((rule, price)) => Some(Said::Rule(rule, price)),
                None => found.hit.map(Said::Break),
            };
        };
        let of_hit = (in_base(asked, hit.unit, hit.min_quantity), hit.valid_from);
        let of_rule = (
            in_base(asked, rule.unit.unwrap_or(base_unit), rule.min_quantity),
            rule.valid_from,
        );
        let is_nearer = matches!(rule.scope, Scope::Product(_)) && of_rule > of_hit;
        Some(if is_nearer {
            Said::Rule(rule, price)
        } else {
            Said::Break(hit)
        })
    }

    /// The rule of a list that decides, with its price.
    fn best_rule<'b>(
        &'b self,
        list: &'b PriceList,
        asked: &Asked<'b>,
        count: Count,
        depth: u32,
        begins: &mut dyn FnMut(Option<Date>),
    ) -> Option<(&'b Rule, Option<Decimal>)> {
        let base_unit = asked.product.base_unit;
        let counted = counted(list, asked, count);
        let reached = |rule: &Rule| {
            let quantity = match rule.unit {
                None => counted,
                Some(unit) if unit == asked.unit => count.asked,
                Some(unit) if unit == base_unit => count.base,
                Some(_) => return false,
            };
            rule.min_quantity <= quantity
        };
        let from_here = |rule: &Rule| rule.warehouse.is_none() || rule.warehouse.as_deref() == asked.warehouse;
        let mut fitting: Vec<(usize, &Rule)> = list
            .rules
            .about(asked.index, asked.product)
            .filter(|(_, rule)| reached(rule) && from_here(rule) && rule.valid_to.is_none_or(|to| asked.date <= to))
            .collect();
        match list.head.select {
            Select::First => fitting.sort_by_key(|(_, rule)| rule.position),
            Select::Best => fitting.sort_by_key(|(distance, rule)| {
                let break_first = std::cmp::Reverse((
                    in_base(asked, rule.unit.unwrap_or(base_unit), rule.min_quantity),
                    rule.valid_from,
                ));
                (*distance, break_first, rule.position)
            }),
        }
        for (_, rule) in fitting {
            if !rule.is_valid_on(asked.date) {
                begins(rule.valid_from);
                continue;
            }
            let base = |base| self.base(base, list, asked, count, depth);
            let per_unit = |base| base_to_unit(asked, rule.unit.unwrap_or(base_unit), base?);
            if let Some(price) = rule.price(|of| per_unit(base(of))) {
                return Some((rule, price));
            }
        }
        None
    }

    /// What a rule computes from, for one base unit, in the list's currency.
    fn base(&self, base: Base, list: &PriceList, asked: &Asked<'_>, count: Count, depth: u32) -> Option<Decimal> {
        let (price, price_quantity, unit, currency) = match base {
            Base::ListPrice => {
                let money = asked.product.list_price?;
                (
                    money.amount,
                    asked.product.price_quantity,
                    asked.product.base_unit,
                    money.currency,
                )
            }
            Base::Cost => {
                let money = asked.product.cost?;
                (money.amount, Decimal::ONE, asked.product.base_unit, money.currency)
            }
            Base::Parent if depth >= PARENTS_MAX => return None,
            Base::Parent => {
                let parent = &*self.lists[self.contracts.list(list.head.parent?)? as usize];
                let (price, price_quantity, unit) = match self.ask_list(parent, asked, count, depth + 1, &mut |_| ())? {
                    Said::Break(hit) => (hit.price?, hit.price_quantity, hit.unit),
                    Said::Rule(rule, price) => {
                        let is_fixed = rule.calculation == Calculation::Fixed;
                        let per = if is_fixed { rule.price_quantity } else { Decimal::ONE };
                        (price?, per, rule.unit.unwrap_or(asked.product.base_unit))
                    }
                };
                (price, price_quantity, unit, parent.head.currency)
            }
        };
        let factor = asked.product.factor(unit)?;
        let (times, through) = match currency == list.head.currency {
            true => (Decimal::ONE, Decimal::ONE),
            false => self.trade.rates.between(currency, list.head.currency, asked.date)?,
        };
        let price = price.checked_mul(factor.denominator())?.checked_mul(times)?;
        price.checked_div(price_quantity.checked_mul(factor.numerator())?.checked_mul(through)?)
    }

    /// The best promotion on top of a price already found, per requested unit.
    pub(super) fn promoted<'b>(
        &'b self,
        asked: &Asked<'b>,
        level: Level,
        current: (Decimal, Decimal),
        notes: &mut Notes<'_>,
    ) -> Option<(&'b Promotion, Decimal)> {
        let is_contract = level < Level::Promotion;
        let mut best: Option<(&Promotion, Decimal)> = None;
        for (place, promotion) in self.trade.promotions().iter().enumerate() {
            let is_meant = |scope: &Scope| scope.distance(asked.index, asked.product).is_some();
            let group = |code: &Arc<str>| asked.route.account.groups.contains(code);
            let is_free = promotion.stacking == Stacking::ReplaceIfLower || !is_contract;
            let is_for = promotion.groups.is_empty() || promotion.groups.iter().any(group);
            let is_over = promotion.valid_to.is_some_and(|to| to < asked.date);
            if is_over || !is_free || !is_for || !promotion.scopes.iter().any(is_meant) {
                continue;
            }
            if let Some(from) = promotion.valid_from.filter(|from| *from > asked.date) {
                notes.begins(Some(from));
                continue;
            }
            let quantity = self.together(place, promotion, asked);
            if quantity < promotion.min_quantity {
                let min_quantity = promotion.min_quantity;
                notes.say(
                    Level::Promotion,
                    Some(&promotion.code),
                    Outcome::BelowThreshold { min_quantity, quantity },
                );
                continue;
            }
            let Some((base, price)) = self.promotional(promotion, asked) else {
                continue;
            };
            let (before, per) = best.map_or(current, |(_, price)| (price, Decimal::ONE));
            if price.checked_mul(per).is_none_or(|price| price > before) {
                notes.say(Level::Promotion, Some(&promotion.code), Outcome::NotLower { price });
                continue;
            }
            notes.ends(promotion.valid_to);
            let (calculation, value) = (promotion.calculation, promotion.value);
            let outcome = Outcome::Promotion {
                base,
                calculation,
                value,
                price,
            };
            notes.say(Level::Promotion, Some(&promotion.code), outcome);
            best = Some((promotion, price));
        }
        best
    }

    /// A promotion's price for one requested unit, from the price of the lists for quantity zero.
    fn promotional(&self, promotion: &Promotion, asked: &Asked<'_>) -> Option<(Decimal, Decimal)> {
        let mut silent = Notes {
            said: &mut |_| (),
            until: None,
            check: None,
        };
        let listed = self.listed(asked, Count::NONE, &mut silent);
        let base = self.convert(asked, &listed);
        let base = base.price?.checked_div(base.price_quantity)?;
        let value = match promotion.calculation {
            Calculation::Fixed | Calculation::Subtract => {
                let unit = promotion.unit.unwrap_or(asked.product.base_unit);
                let own = asked.product.factor(unit)?;
                let value = promotion
                    .value
                    .checked_mul(asked.factor.numerator())?
                    .checked_mul(own.denominator())?;
                value.checked_div(own.numerator().checked_mul(asked.factor.denominator())?)?
            }
            _ => promotion.value,
        };
        let price = promotion.calculation.apply(base, value)?.max(Decimal::ZERO);
        Some((base, self.rounded(asked, price, 0)))
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

    fn rule_entry(&self, rule: &Rule, price: Option<Decimal>) -> RuleEntry {
        let scope = match &rule.scope {
            Scope::Product(product) => Some(self.catalogue.product_at(*product).sku.clone()),
            Scope::Group(code) | Scope::Category(code) => Some(code.clone()),
            Scope::All => None,
        };
        RuleEntry {
            position: rule.position,
            scope,
            min_quantity: rule.min_quantity,
            valid_from: rule.valid_from,
            valid_to: rule.valid_to,
            calculation: rule.calculation,
            base: rule.base,
            value: rule.value,
            price,
        }
    }
}

/// The quantity in what the breaks of a list count.
fn counted(list: &PriceList, asked: &Asked<'_>, count: Count) -> Decimal {
    if list.head.quantity_basis == QuantityBasis::Base {
        return count.base;
    }
    let factor = asked.product.factor(asked.product.default_unit).unwrap_or(Factor::ONE);
    let quantity = count.base.checked_mul(factor.denominator());
    quantity
        .and_then(|quantity| quantity.checked_div(factor.numerator()))
        .unwrap_or(count.base)
}

/// A break in base units, for comparison.
fn in_base(asked: &Asked<'_>, unit: UnitIndex, quantity: Decimal) -> Decimal {
    let factor = asked.product.factor(unit).unwrap_or(Factor::ONE);
    let base = quantity.checked_mul(factor.numerator());
    base.and_then(|base| base.checked_div(factor.denominator()))
        .unwrap_or(quantity)
}

/// A price for one base unit as a price for one of another unit.
fn base_to_unit(asked: &Asked<'_>, unit: UnitIndex, price: Decimal) -> Option<Decimal> {
    asked.product.factor(unit)?.price_from_base(price)
}
