//! The walk from the agreements of an account down to the list price, to the first that decides.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::agreement::{Agreement, AgreementLine, Enforce};
use super::book::PriceBook;
use super::breaks::Hit;
use super::catalogue::UnitIndex;
use super::contracts::Way;
use super::list::{OnNoMatch, PriceList};
use super::policy::Policy;
use super::resolve::{Asked, day_before, earliest};
use super::rule::{Calculation, Rule, Scope};
use super::said::{Said, Search};
use super::switch::Pool;
use super::{AgreementEntry, Check, Entry, Level, Outcome, RuleEntry, Step};
use crate::domain::money::{Currency, Money};

/// A quantity as breaks are compared with it.
#[derive(Clone, Copy)]
pub(super) struct Count {
    /// In the requested unit.
    pub asked: Decimal,
    /// In base units.
    pub base: Decimal,
    /// What is counted, in base units: a break above which a price begins is not reached by as much as it says.
    pub size: Decimal,
}

impl Count {
    pub(super) const NONE: Count = Count {
        asked: Decimal::ZERO,
        base: Decimal::ZERO,
        size: Decimal::ZERO,
    };

    /// So many of the requested unit, and as many in base units, by a policy.
    pub(super) fn new(policy: &Policy, asked: Decimal, base: Decimal) -> Self {
        let size = policy.size(base);
        Count {
            asked: policy.reached(policy.size(asked)),
            base: policy.reached(size),
            size,
        }
    }
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
    /// So many percent come off it.
    pub discount: Option<Decimal>,
}

/// Why a list is passed over.
pub(super) enum Passed {
    /// It is in another currency.
    OtherCurrency,
    /// It, or whom it is given to, is not valid on the day.
    NotValid {
        /// From when it is, where it has something to say then.
        from: Option<Date>,
    },
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

    pub(super) fn begins(&mut self, date: Option<Date>) {
        self.ends(day_before(date));
    }

    pub(super) fn say(&mut self, level: Level, list: Option<&Arc<str>>, outcome: Outcome) {
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
        let (before, after) = asked.route.ways.split_at(asked.route.before_agreements);
        let listed = self
            .of_lists(before, asked, count, notes)
            .or_else(|| self.agreed(asked, count, notes))
            .or_else(|| self.of_lists(after, asked, count, notes));
        self.finished(listed, asked, count, notes)
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
            let Some(days) = days.filter(|_| agreement.is_used(asked.policy().agreements, is_named)) else {
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
            let enforce = asked.policy().over_release.enforce(agreement.enforce);
            if let (true, Enforce::Block, Some(left)) = (exceeds, enforce, left) {
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
                exceeds: exceeds && enforce != Enforce::None,
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
                discount: None,
            });
        }
        Err(outcome)
    }

    /// What is left of the agreement that the line names, in its unit, where there is an end to it.
    pub(super) fn left_of_named(&self, asked: &Asked<'_>) -> Option<(Decimal, UnitIndex)> {
        let agreements = asked.route.agreements.iter().map(|at| self.contracts.agreement(*at));
        let mut named = agreements.filter(|agreement| asked.agreement == Some(&*agreement.number));
        let agreement = named.next()?;
        let (first, last) = agreement.days_for(asked.ship_to.map(|address| &*address.code))?;
        let lines = agreement.about(asked.index, asked.product);
        let mut valid = lines.into_iter().filter(|line| {
            let (from, to) = (first.max(line.valid_from), earliest(last, line.valid_to));
            from.is_none_or(|from| from <= asked.date) && to.is_none_or(|to| asked.date <= to)
        });
        let line = valid.next()?;
        let left = line.maximum?.saturating_sub(line.released).max(Decimal::ZERO);
        Some((left, line.unit.unwrap_or(asked.product.base_unit)))
    }

    /// The list behind a way, or why it is passed over and from when it is not.
    pub(super) fn usable(&self, way: &Way, asked: &Asked<'_>) -> Result<&PriceList, Passed> {
        let list = &*self.lists[way.list as usize];
        let currency = asked.route.account.currency;
        if list.head.currency != currency
            && self
                .trade
                .rates
                .between(list.head.currency, currency, asked.date)
                .is_none()
        {
            return Err(Passed::OtherCurrency);
        }
        let from = way.valid_from.max(list.head.valid_from);
        let to = earliest(way.valid_to, list.head.valid_to);
        if to.is_some_and(|to| to < asked.date) {
            return Err(Passed::NotValid { from: None });
        }
        let speaks = || list.breaks.has_product(asked.index) || !list.rules.is_empty();
        match from.filter(|from| *from > asked.date) {
            Some(from) => Err(Passed::NotValid {
                from: Some(from).filter(|_| speaks()),
            }),
            None => Ok(list),
        }
    }

    /// The price of lists and list price, without agreements.
    pub(super) fn listed(&self, asked: &Asked<'_>, count: Count, notes: &mut Notes<'_>) -> Listed {
        let listed = self.of_lists(&asked.route.ways, asked, count, notes);
        self.finished(listed, asked, count, notes)
    }

    /// What lists said, else the list price; less the discount that is kept apart.
    fn finished(&self, listed: Option<Listed>, asked: &Asked<'_>, count: Count, notes: &mut Notes<'_>) -> Listed {
        let mut listed = listed.unwrap_or_else(|| self.list_price(asked, notes));
        if self.has_discounts {
            self.discounted(&mut listed, asked, count, notes);
        }
        listed
    }

    /// The price of the lists behind some ways.
    fn of_lists<'b>(
        &'b self,
        ways: &'b [Way],
        asked: &Asked<'b>,
        count: Count,
        notes: &mut Notes<'_>,
    ) -> Option<Listed> {
        if asked.policy().pool != Pool::List {
            return self.pooled(ways, asked, count, notes);
        }
        for (at, way) in ways.iter().enumerate() {
            let Some(list) = self.asked_list(way, asked, notes) else {
                continue;
            };
            match self.ask_list(list, asked, count, Search::default(), &mut |day| notes.begins(day)) {
                Some(said) if said.goes_on(list) => {
                    return Some(self.searched_on((way, list, said), &ways[at + 1..], asked, count, notes));
                }
                Some(said) => return Some(self.decide(way, list, said, asked, notes)),
                None if asked.on_no_match(list) == OnNoMatch::NoPrice => {
                    return Some(self.not_priced(way, list, asked, notes));
                }
                None => notes.say(way.level, Some(&list.head.code), Outcome::NoEntry),
            }
        }
        None
    }

    /// The list behind a way; what is passed over is noted.
    pub(super) fn asked_list<'b>(
        &'b self,
        way: &Way,
        asked: &Asked<'_>,
        notes: &mut Notes<'_>,
    ) -> Option<&'b PriceList> {
        match self.usable(way, asked) {
            Ok(list) => Some(list),
            Err(passed) => {
                let (outcome, begins) = match passed {
                    Passed::OtherCurrency => (Outcome::OtherCurrency, None),
                    Passed::NotValid { from } => (Outcome::NotValid, from),
                };
                notes.begins(begins);
                notes.say(way.level, Some(&self.lists[way.list as usize].head.code), outcome);
                None
            }
        }
    }

    /// A list without an entry that says that there is no price then.
    pub(super) fn not_priced(&self, way: &Way, list: &PriceList, asked: &Asked<'_>, notes: &mut Notes<'_>) -> Listed {
        self.held(way, list, notes, Outcome::NotPriced);
        Listed {
            level: way.level,
            unit: asked.product.base_unit,
            price: None,
            price_quantity: Decimal::ONE,
            currency: list.head.currency,
            tax_included: list.head.tax_included,
            is_computed: false,
            discount: None,
        }
    }

    /// What a list said decides.
    pub(super) fn decide(
        &self,
        way: &Way,
        list: &PriceList,
        said: Said<'_>,
        asked: &Asked<'_>,
        notes: &mut Notes<'_>,
    ) -> Listed {
        let outcome = match said {
            Said::Break(hit) => {
                notes.ends(hit.valid_to);
                Outcome::Entry(self.entry(hit))
            }
            Said::Rule(rule, price) => {
                notes.ends(rule.valid_to);
                Outcome::Rule(self.rule_entry(rule, price))
            }
        };
        self.held(way, list, notes, outcome);
        self.as_listed(way.level, list, said, asked)
    }

    /// Notes what a list said, and until when.
    fn held(&self, way: &Way, list: &PriceList, notes: &mut Notes<'_>, outcome: Outcome) {
        notes.ends(list.head.valid_to);
        notes.ends(way.valid_to);
        notes.say(way.level, Some(&list.head.code), outcome);
    }

    /// What a list said as a listed price.
    pub(super) fn as_listed(&self, level: Level, list: &PriceList, said: Said<'_>, asked: &Asked<'_>) -> Listed {
        let (unit, price, price_quantity, is_computed) = match said {
            Said::Break(hit) => (hit.unit, hit.price, hit.price_quantity, false),
            Said::Rule(rule, price) => {
                let is_computed = rule.calculation != Calculation::Fixed;
                let price_quantity = if is_computed { Decimal::ONE } else { rule.price_quantity };
                let unit = rule.unit.unwrap_or(asked.product.base_unit);
                (unit, price, price_quantity, is_computed)
            }
        };
        Listed {
            level,
            unit,
            price,
            price_quantity,
            currency: list.head.currency,
            tax_included: list.head.tax_included,
            is_computed,
            discount: None,
        }
    }

    fn list_price(&self, asked: &Asked<'_>, notes: &mut Notes<'_>) -> Listed {
        let currency = asked.route.account.currency;
        let is_asked = asked.policy().levels.last() == Some(&Level::ListPrice);
        let usable = |money: &Money| {
            money.currency == currency || self.trade.rates.between(money.currency, currency, asked.date).is_some()
        };
        let own = asked.product.list_price.filter(|_| is_asked);
        let listed = own.filter(usable);
        let price_quantity = asked.product.price_quantity;
        let outcome = match (listed, own) {
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
            discount: None,
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
            formula: rule.formula.clone(),
        }
    }
}
