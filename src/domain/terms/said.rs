//! What one list says to a question: its breaks and its rules compared.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::book::PriceBook;
use super::breaks::Hit;
use super::catalogue::UnitIndex;
use super::choose::Pick;
use super::list::{PriceList, QuantityBasis, Select};
use super::resolve::{Asked, earliest};
use super::rule::{Base, Calculation, Rule, Scope};
use super::switch::RoundAt;
use super::walk::Count;
use crate::domain::unit::Factor;

/// Lists computed from lists computed from lists: more is a circle.
const PARENTS_MAX: u32 = 8;

/// What one list says.
#[derive(Clone, Copy)]
pub(super) enum Said<'l> {
    Break(Hit),
    /// The rule with its price for its price quantity.
    Rule(&'l Rule, Option<Decimal>),
}

/// How far into lists a question goes.
#[derive(Clone, Copy, Default)]
pub(super) struct Search {
    /// Lists that are computed from this one.
    pub depth: u32,
    /// Only what is farther from the product than this.
    pub beyond: Option<usize>,
}

impl PriceBook {
    /// What one list says, by its own selection or that of the account's policy.
    pub(super) fn ask_list<'b>(
        &'b self,
        list: &'b PriceList,
        asked: &Asked<'b>,
        count: Count,
        search: Search,
        begins: &mut dyn FnMut(Option<Date>),
    ) -> Option<Said<'b>> {
        let select = list.head.select.unwrap_or(asked.policy().select);
        if !matches!(select, Select::Best | Select::First) {
            return self.selected(select, list, asked, count, search, begins);
        }
        let hit = match search.beyond {
            None => self.best_break(list, asked, count, begins),
            Some(_) => None,
        };
        if list.rules.is_empty() || (select == Select::First && hit.is_some()) {
            return hit.map(Said::Break);
        }
        let rule = self.best_rule(select, list, asked, count, search, begins);
        let (Some(hit), Some((rule, price))) = (hit, rule) else {
            return match rule {
                Some((rule, price)) => Some(Said::Rule(rule, price)),
                None => hit.map(Said::Break),
            };
        };
        let base_unit = asked.product.base_unit;
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

    /// The best entry for the requested unit, else for the base unit.
    fn best_break(
        &self,
        list: &PriceList,
        asked: &Asked<'_>,
        count: Count,
        begins: &mut dyn FnMut(Option<Date>),
    ) -> Option<Hit> {
        let base_unit = asked.product.base_unit;
        let mut found = list.breaks.find(asked.index, asked.unit, count.asked, asked.day);
        if found.hit.is_none() && asked.unit != base_unit {
            let base = list
                .breaks
                .find(asked.index, base_unit, counted(list, asked, count), asked.day);
            found.changes_on = earliest(found.changes_on, base.changes_on);
            found.hit = base.hit;
        }
        begins(found.changes_on);
        found.hit
    }

    /// The rule of a list that decides, with its price.
    fn best_rule<'b>(
        &'b self,
        select: Select,
        list: &'b PriceList,
        asked: &Asked<'b>,
        count: Count,
        search: Search,
        begins: &mut dyn FnMut(Option<Date>),
    ) -> Option<(&'b Rule, Option<Decimal>)> {
        let mut fitting = rules_for(list, asked, count, search);
        match select {
            Select::First => fitting.sort_by_key(|(_, rule)| rule.position),
            _ => fitting.sort_by_key(|(distance, rule)| nearness(asked, *distance, rule)),
        }
        for (_, rule) in fitting {
            if !rule.has_begun(asked.date, asked.time) {
                begins(rule.valid_from);
                continue;
            }
            match self.rule_price(rule, list, asked, count, search) {
                Some(price) => return Some((rule, price)),
                // The first that fits holds, even where it has nothing to compute from.
                None if select == Select::First => return Some((rule, None)),
                None => {}
            }
        }
        None
    }

    /// What decides where all that fits is compared.
    fn selected<'b>(
        &'b self,
        select: Select,
        list: &'b PriceList,
        asked: &Asked<'b>,
        count: Count,
        search: Search,
        begins: &mut dyn FnMut(Option<Date>),
    ) -> Option<Said<'b>> {
        let mut fitting: Vec<Said<'b>> = Vec::new();
        if search.beyond.is_none() {
            let base_unit = asked.product.base_unit;
            let mut units = vec![(asked.unit, count.asked)];
            if asked.unit != base_unit {
                units.push((base_unit, counted(list, asked, count)));
            }
            for (unit, quantity) in units {
                let (hits, changes_on) = list.breaks.all(asked.index, unit, quantity, asked.day);
                begins(changes_on);
                fitting.extend(hits.into_iter().map(Said::Break));
            }
        }
        let mut rules = rules_for(list, asked, count, search);
        rules.sort_by_key(|(distance, rule)| nearness(asked, *distance, rule));
        for (_, rule) in rules {
            if !rule.has_begun(asked.date, asked.time) {
                begins(rule.valid_from);
            } else if let Some(price) = self.rule_price(rule, list, asked, count, search) {
                fitting.push(Said::Rule(rule, price));
            }
        }
        let picks = fitting.into_iter().map(|said| self.pick(said, list, None, asked));
        let decided = picks.min_by(|a, b| select.compare(a, b));
        decided.map(|pick: Pick<'b>| pick.said)
    }

    /// The price of a rule for its price quantity; nothing where it has nothing to compute from.
    fn rule_price(
        &self,
        rule: &Rule,
        list: &PriceList,
        asked: &Asked<'_>,
        count: Count,
        search: Search,
    ) -> Option<Option<Decimal>> {
        let unit = rule.unit.unwrap_or(asked.product.base_unit);
        rule.price(|of| {
            let base = self.base(of, list, asked, count, search)?;
            asked.product.factor(unit)?.price_from_base(base)
        })
    }

    /// What a rule computes from, for one base unit, in the list's currency.
    fn base(&self, base: Base, list: &PriceList, asked: &Asked<'_>, count: Count, search: Search) -> Option<Decimal> {
        let base_unit = asked.product.base_unit;
        let (price, price_quantity, unit, currency) = match base {
            Base::ListPrice => {
                let money = asked.product.list_price?;
                (money.amount, asked.product.price_quantity, base_unit, money.currency)
            }
            Base::Cost => {
                let money = asked.product.cost?;
                (money.amount, Decimal::ONE, base_unit, money.currency)
            }
            Base::Parent if search.depth >= PARENTS_MAX => return None,
            Base::Parent => {
                let parent = &*self.lists[self.contracts.list(list.head.parent?)? as usize];
                let search = Search {
                    depth: search.depth + 1,
                    beyond: None,
                };
                let (price, per, unit) = match self.ask_list(parent, asked, count, search, &mut |_| ())? {
                    Said::Break(hit) => (hit.price?, hit.price_quantity, hit.unit),
                    Said::Rule(rule, price) => {
                        let is_fixed = rule.calculation == Calculation::Fixed;
                        let per = if is_fixed { rule.price_quantity } else { Decimal::ONE };
                        (price?, per, rule.unit.unwrap_or(base_unit))
                    }
                };
                match asked.policy().round_at {
                    RoundAt::AfterUnit => (price, per, unit, parent.head.currency),
                    RoundAt::BeforeUnit => {
                        let price = self.for_base_unit(asked, price, per, unit)?;
                        (price, Decimal::ONE, base_unit, parent.head.currency)
                    }
                }
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
}

/// The order in which the nearest rule comes first, then the highest break, then the latest start.
fn nearness(asked: &Asked<'_>, distance: usize, rule: &Rule) -> impl Ord + use<> {
    let unit = rule.unit.unwrap_or(asked.product.base_unit);
    let break_first = std::cmp::Reverse((in_base(asked, unit, rule.min_quantity), rule.valid_from));
    (distance, break_first, rule.position)
}

/// The rules of a list that fit product, quantity and warehouse and are not over, with how far they are.
fn rules_for<'b>(list: &'b PriceList, asked: &Asked<'b>, count: Count, search: Search) -> Vec<(usize, &'b Rule)> {
    let rules = list.rules.about(asked.index, asked.product);
    let fitting = rules.filter(|(distance, rule)| {
        search.beyond.is_none_or(|beyond| *distance > beyond) && fits(list, asked, count, rule)
    });
    fitting.collect()
}

/// Whether a rule fits quantity and warehouse and is not over.
pub(super) fn fits(list: &PriceList, asked: &Asked<'_>, count: Count, rule: &Rule) -> bool {
    let quantity = match rule.unit {
        None => Some(counted(list, asked, count)),
        Some(unit) if unit == asked.unit => Some(count.asked),
        Some(unit) if unit == asked.product.base_unit => Some(count.base),
        Some(_) => None,
    };
    let is_from_here = rule.warehouse.is_none() || rule.warehouse.as_deref() == asked.warehouse;
    quantity.is_some_and(|quantity| rule.min_quantity <= quantity)
        && is_from_here
        && !rule.is_over(asked.date, asked.time)
}

/// The quantity in what the breaks of a list count.
fn counted(list: &PriceList, asked: &Asked<'_>, count: Count) -> Decimal {
    match asked.basis(list) {
        QuantityBasis::Base => return count.base,
        QuantityBasis::Order => return count.asked,
        QuantityBasis::Sale => {}
    }
    let factor = asked.product.factor(asked.product.default_unit).unwrap_or(Factor::ONE);
    let quantity = count.size.checked_mul(factor.denominator());
    let quantity = quantity.and_then(|quantity| quantity.checked_div(factor.numerator()));
    quantity.map_or(count.base, |quantity| asked.policy().reached(quantity))
}

/// A break in base units, for comparison.
pub(super) fn in_base(asked: &Asked<'_>, unit: UnitIndex, quantity: Decimal) -> Decimal {
    let factor = asked.product.factor(unit).unwrap_or(Factor::ONE);
    let base = quantity.checked_mul(factor.numerator());
    base.and_then(|base| base.checked_div(factor.denominator()))
        .unwrap_or(quantity)
}
