//! The slow obvious resolver: it looks at every row, one rule of the policy after the other.

mod list;

use jiff::civil::Date;
use punchgate::domain::terms::Level;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::terms_policy::Policy;
use crate::terms_world::{Agreed, Days, Promotion, Rule, Says, World, holds};
use list::first_by;

#[derive(Clone, Debug)]
pub struct Question {
    pub account: usize,
    pub product: usize,
    pub in_boxes: bool,
    pub quantity: i64,
    pub date: Date,
    /// The second of the day.
    pub second: i64,
    pub ship_to: Option<usize>,
    /// The agreement that the line names.
    pub agreement: Option<usize>,
}

/// What is answered: the price for one requested unit, and where from.
pub type Said = (Option<Decimal>, Level, String);

/// A list by its level, with the first day on which it was given.
type Way = (Level, usize, Option<Date>);

/// A price as it is listed.
#[derive(Clone, Copy, Debug)]
struct Listed {
    price: Option<Decimal>,
    per: i64,
    in_boxes: bool,
    is_computed: bool,
    discount: i64,
    is_agreed: bool,
}

/// A price that could decide.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    listed: Listed,
    distance: usize,
    kind: usize,
    /// The break, in base units.
    from: i64,
    starts: Option<Date>,
    position: Option<usize>,
    goes_on: bool,
}

/// A question with its quantity as breaks see it.
#[derive(Clone, Copy)]
struct Asked<'w> {
    question: &'w Question,
    policy: &'w Policy,
    /// In the requested unit.
    size: i64,
    box_of: i64,
}

impl Asked<'_> {
    fn base(&self) -> i64 {
        if self.question.in_boxes {
            self.size * self.box_of
        } else {
            self.size
        }
    }

    /// Whether a break of so many is reached by `times` over `through`.
    fn reaches(&self, from: i64, times: i64, through: i64) -> bool {
        match self.policy.breaks {
            "at" => from * through <= times,
            _ => from == 0 || from * through < times,
        }
    }

    fn holds(&self, days: Days, validity: &str) -> bool {
        match validity {
            "days" => holds(days, self.question.date),
            _ => holds((days.0, None), self.question.date) && days.1.is_none_or(|to| self.question.date < to),
        }
    }

    /// Whether a rule has begun and is not over.
    fn is_on(&self, rule: &Rule, validity: &str) -> bool {
        if validity == "days" {
            return holds(rule.days, self.question.date);
        }
        let at = (self.question.date, self.question.second);
        let begins = rule.days.0.map(|day| (day, rule.seconds.0.unwrap_or(0)));
        let ends = rule.days.1.map(|day| (day, rule.seconds.1.unwrap_or(0)));
        begins.is_none_or(|begins| begins <= at) && ends.is_none_or(|ends| at <= ends)
    }

    fn rounded(&self, price: Decimal, listed_digits: u32) -> Decimal {
        let digits = self.policy.round_digits.unwrap_or(listed_digits.max(4));
        let strategy = match self.policy.round_mode {
            "half_up" => RoundingStrategy::MidpointAwayFromZero,
            "half_even" => RoundingStrategy::MidpointNearestEven,
            "up" => RoundingStrategy::AwayFromZero,
            _ => RoundingStrategy::ToZero,
        };
        price.round_dp_with_strategy(digits, strategy)
    }

    /// The price for how many requested units, not rounded.
    fn exact(&self, listed: &Listed) -> Option<(Decimal, Decimal)> {
        let (mut price, mut per, mut in_boxes) = (listed.price?, Decimal::from(listed.per), listed.in_boxes);
        let box_of = Decimal::from(self.box_of);
        if self.policy.round_at == "before_unit" && !listed.is_agreed {
            let through = if in_boxes { per * box_of } else { per };
            price = self.rounded(price / through, 0);
            (per, in_boxes) = (Decimal::ONE, false);
        }
        Some(match (in_boxes, self.question.in_boxes) {
            (true, false) => (price / (box_of * per), Decimal::ONE),
            (false, true) => (price * box_of / per, Decimal::ONE),
            _ => (price, per),
        })
    }

    /// The rounded price for how many requested units.
    fn price(&self, listed: &Listed) -> Option<(Decimal, Decimal)> {
        let (exact, per) = self.exact(listed)?;
        let less = match listed.discount {
            0 => exact,
            percent => exact * (Decimal::ONE - Decimal::from(percent) / Decimal::ONE_HUNDRED),
        };
        let is_computed = listed.is_computed || listed.discount != 0;
        let digits = listed.price.filter(|_| !is_computed).map_or(0, |price| price.scale());
        Some((self.rounded(less, digits), per))
    }
}

impl World {
    pub fn policy(&self, account: usize) -> Policy {
        let own = self.accounts[account].policy.or(self.of_source);
        own.map_or_else(Policy::ours, |at| self.policies[at].clone())
    }

    pub fn slow(&self, question: &Question) -> Said {
        let policy = self.policy(question.account);
        let box_of = self.products[question.product].box_of;
        let chain = self.chain(question.account, &policy);
        let quantity = self.lowered(question, &policy, &chain);
        let size = match policy.returns {
            "by_size" => quantity.abs(),
            _ => quantity.max(0),
        };
        let policy = &policy;
        let asked = Asked {
            question,
            policy,
            size,
            box_of,
        };
        let ways = self.ways(asked, &chain);
        let place = |level: Level| policy.levels.iter().position(|known| *known == level);
        let agreed_at = place(Level::Agreement);
        let (before, after): (Vec<_>, Vec<_>) = ways.iter().copied().partition(|way| place(way.0) < agreed_at);
        let found = self
            .of_lists(&before, asked)
            .or_else(|| agreed_at.and_then(|_| self.agreed_price(asked, &chain)))
            .or_else(|| self.of_lists(&after, asked));
        let (listed, level, code) = self.finished(found, &ways, asked);
        let price = asked.price(&listed);
        let promoted = price.and_then(|price| self.promoted(asked, quantity, &ways, (price, level)));
        match promoted {
            Some((price, code)) => (Some(price), Level::Promotion, code),
            None => (price.map(|(price, per)| price / per), level, code),
        }
    }

    /// What is left of the agreement that is named, where that is less and the policy lowers to it.
    fn lowered(&self, question: &Question, policy: &Policy, chain: &[usize]) -> i64 {
        let has_agreements = policy.levels.contains(&Level::Agreement);
        let named = question.agreement.map(|at| &self.agreed[at]);
        let named = named.filter(|agreed| {
            has_agreements
                && policy.over_release == "lower"
                && chain.contains(&agreed.account)
                && agreed.product == question.product
                && covers(agreed, question.ship_to)
                && holds(agreed.days, question.date)
        });
        let Some((agreed, maximum)) = named.and_then(|agreed| Some((agreed, agreed.maximum?))) else {
            return question.quantity;
        };
        let box_of = self.products[question.product].box_of;
        let left = (maximum - agreed.released).max(0) * if agreed.in_boxes { box_of } else { 1 };
        let base = question.quantity * if question.in_boxes { box_of } else { 1 };
        match (left < base, question.in_boxes) {
            (false, _) => question.quantity,
            (true, true) => left / box_of,
            (true, false) => left,
        }
    }

    /// The account and those it inherits from.
    fn chain(&self, account: usize, policy: &Policy) -> Vec<usize> {
        let mut chain = vec![account];
        let mut at = account;
        loop {
            let (parent, bill_to) = (self.accounts[at].parent, self.accounts[at].bill_to);
            let above = match policy.inherit {
                "none" => None,
                "parent" => parent,
                "bill_to" => bill_to,
                _ if self.accounts[at].inherits => parent,
                _ => None,
            };
            let Some(above) = above.filter(|above| !chain.contains(above)) else {
                return chain;
            };
            chain.push(above);
            at = above;
        }
    }

    /// The price of the first agreement that holds.
    fn agreed_price(&self, asked: Asked<'_>, chain: &[usize]) -> Option<(Listed, Level, String)> {
        let (question, policy) = (asked.question, asked.policy);
        for above in chain {
            let named = question.agreement.map(|at| &self.agreed[at].number);
            let mut own: Vec<&Agreed> = self
                .agreed
                .iter()
                .filter(|agreed| agreed.account == *above && agreed.product == question.product)
                .filter(|agreed| holds(agreed.days, question.date) && covers(agreed, question.ship_to))
                .filter(|agreed| {
                    let is_named = named == Some(&agreed.number);
                    match policy.agreements {
                        "as_agreed" => !agreed.is_named || is_named,
                        "automatic" => true,
                        "named" => is_named,
                        _ => agreed.addresses.is_some() && (!agreed.is_named || is_named),
                    }
                })
                .filter(|agreed| {
                    let enforce = match policy.over_release {
                        "as_agreed" => agreed.enforce,
                        word => word,
                    };
                    let left = agreed.maximum.map(|maximum| maximum - agreed.released);
                    let left = left.map(|left| if agreed.in_boxes { left * asked.box_of } else { left });
                    enforce != "block" || left.is_none_or(|left| asked.base() <= left)
                })
                .collect();
            own.sort_by_key(|agreed| (agreed.addresses.is_none(), agreed.number.clone()));
            if let Some(agreed) = own.first() {
                let listed = Listed {
                    price: Some(agreed.price),
                    per: 1,
                    in_boxes: agreed.in_boxes,
                    is_computed: false,
                    discount: 0,
                    is_agreed: true,
                };
                return Some((listed, Level::Agreement, agreed.number.clone()));
            }
        }
        None
    }

    /// What lists said, else the list price; less a discount.
    fn finished(
        &self,
        found: Option<(Listed, Level, String)>,
        ways: &[Way],
        asked: Asked<'_>,
    ) -> (Listed, Level, String) {
        let is_asked = asked.policy.levels.contains(&Level::ListPrice);
        let list_price = self.products[asked.question.product].list_price.filter(|_| is_asked);
        let (mut listed, level, code) = found.unwrap_or_else(|| {
            let listed = Listed {
                price: list_price,
                per: 1,
                in_boxes: false,
                is_computed: false,
                discount: 0,
                is_agreed: false,
            };
            (listed, Level::ListPrice, String::new())
        });
        if !listed.is_agreed && listed.price.is_some() {
            let of_list = |list: usize| {
                let rules = self
                    .rules
                    .iter()
                    .filter(|rule| rule.list == list && self.fits(rule, asked));
                let percents = rules.filter_map(|rule| match rule.says {
                    Says::Discount(percent) => Some(percent),
                    _ => None,
                });
                percents.max()
            };
            let mut discounts = ways.iter().filter_map(|way| of_list(way.1));
            listed.discount = match asked.policy.discount {
                "highest" => discounts.max(),
                "first" => discounts.next(),
                _ => None,
            }
            .unwrap_or(0);
            // A discount of nothing is one all the same: the price is computed.
            let is_any = ways.iter().any(|way| of_list(way.1).is_some());
            listed.is_computed |= is_any && asked.policy.discount != "none";
        }
        (listed, level, code)
    }

    /// The lists that are valid, in their order, with their first days.
    fn ways(&self, asked: Asked<'_>, chain: &[usize]) -> Vec<Way> {
        let question = asked.question;
        let mut ways = Vec::new();
        for given in self.given.iter().filter(|given| holds(given.days, question.date)) {
            let place = match (given.account, given.group) {
                (Some(account), _) => {
                    let depth = chain.iter().position(|above| *above == account);
                    depth.map(|depth| (if depth == 0 { Level::Account } else { Level::Inherited }, depth))
                }
                (None, Some(group)) => {
                    let groups = &self.accounts[question.account].groups;
                    groups.contains(&group).then_some((Level::Group, 0))
                }
                (None, None) => Some((Level::Group, 0)),
            };
            if let Some((level, depth)) = place {
                let code = self.lists[given.list].code.clone();
                ways.push((level, depth, given.priority, code, given.days, given.list));
            }
        }
        for (at, list) in self.lists.iter().enumerate().filter(|(_, list)| list.is_general) {
            ways.push((Level::Default, 0, list.priority, list.code.clone(), (None, None), at));
        }
        ways.retain(|way| holds(self.lists[way.5].days, question.date));
        let place = |level: Level| asked.policy.levels.iter().position(|known| *known == level);
        ways.retain(|way| place(way.0).is_some());
        ways.sort_by(|a, b| (place(a.0), a).cmp(&(place(b.0), b)));
        let start = |way: &(Level, usize, i64, String, Days, usize)| self.lists[way.5].days.0.max(way.4.0);
        ways.iter().map(|way| (way.0, way.5, start(way))).collect()
    }

    /// The price of lists, each by itself or compared.
    fn of_lists(&self, ways: &[Way], asked: Asked<'_>) -> Option<(Listed, Level, String)> {
        let said =
            |(level, list, _): Way, candidate: &Candidate| (candidate.listed, level, self.lists[list].code.clone());
        let nothing = |level: Level, list: usize| {
            let listed = Listed {
                price: None,
                per: 1,
                in_boxes: false,
                is_computed: false,
                discount: 0,
                is_agreed: false,
            };
            (listed, level, self.lists[list].code.clone())
        };
        if asked.policy.pool != "list" {
            let is_one = |a: &Way, b: &Way| asked.policy.pool == "all" || a.0 == b.0;
            for together in ways.chunk_by(is_one) {
                let picks = together.iter().filter_map(|way| {
                    let mut pick = self.pick(way.1, asked, None)?;
                    pick.starts = pick.starts.or(way.2);
                    Some((*way, pick))
                });
                let picks: Vec<_> = picks.collect();
                let best = first_by(asked.policy.select, &picks, asked, |(_, pick)| *pick);
                if let Some((way, pick)) = best {
                    return Some(said(*way, pick));
                }
                let closed = together.iter().rev().find(|way| self.is_closed(way.1, asked));
                if let Some(way) = closed {
                    return Some(nothing(way.0, way.1));
                }
            }
            return None;
        }
        let mut kept: Vec<(Way, Candidate)> = Vec::new();
        for way in ways {
            let mut beyond = None;
            while let Some(pick) = self.pick(way.1, asked, beyond) {
                beyond = Some(pick.distance);
                kept.push((*way, pick));
                if !pick.goes_on {
                    return first_by("lowest", &kept, asked, |(_, pick)| *pick).map(|(way, pick)| said(*way, pick));
                }
            }
            if kept.is_empty() && self.is_closed(way.1, asked) {
                return Some(nothing(way.0, way.1));
            }
        }
        first_by("lowest", &kept, asked, |(_, pick)| *pick).map(|(way, pick)| said(*way, pick))
    }

    fn is_closed(&self, list: usize, asked: Asked<'_>) -> bool {
        self.lists[list].on_no_match.unwrap_or(asked.policy.on_no_match) == "no_price"
    }

    /// What the days of a list's entries mean.
    fn validity(&self, list: usize) -> &'static str {
        let of_source = self.of_source.map_or("days", |at| self.policies[at].validity);
        self.lists[list].validity.unwrap_or(of_source)
    }

    /// The price for one after promotions, and the code of the last that replaced it.
    fn promoted(
        &self,
        asked: Asked<'_>,
        quantity: i64,
        ways: &[Way],
        ((price, per), level): ((Decimal, Decimal), Level),
    ) -> Option<(Decimal, String)> {
        let (question, policy) = (asked.question, asked.policy);
        let product = &self.products[question.product];
        let mut promotions: Vec<&Promotion> = self.promotions.iter().collect();
        promotions.sort_by_key(|promotion| (promotion.priority, &promotion.code));
        let (mut current, mut last) = ((price, per), None);
        for promotion in promotions {
            let stacking = match policy.promotions {
                "as_said" => promotion.stacking,
                word => word,
            };
            let is_contract = matches!(
                level,
                Level::Agreement | Level::Account | Level::Inherited | Level::Group
            );
            let is_for = promotion.product.is_none_or(|of| of == question.product)
                && promotion.category.is_none_or(|of| of <= product.category)
                && promotion
                    .group
                    .is_none_or(|group| self.accounts[question.account].groups.contains(&group));
            let base_quantity = quantity.abs() * if question.in_boxes { asked.box_of } else { 1 };
            if !is_for
                || !holds(promotion.days, question.date)
                || (stacking == "never_on_contract" && is_contract)
                || base_quantity < promotion.from
            {
                continue;
            }
            let base = match stacking {
                "stack" => Some(current.0 / current.1),
                _ => {
                    let size = if policy.promotion_base == "reached" {
                        asked.size
                    } else {
                        0
                    };
                    let asked = Asked { size, ..asked };
                    let (listed, ..) = self.finished(self.of_lists(ways, asked), ways, asked);
                    asked.price(&listed).map(|(price, per)| price / per)
                }
            };
            let Some(base) = base else { continue };
            let times = Decimal::from(if question.in_boxes { asked.box_of } else { 1 });
            let exact = match promotion.calculation {
                "fixed" => promotion.value * times,
                "subtract" => base - promotion.value * times,
                _ => base * promotion.value,
            };
            let exact = exact.max(Decimal::ZERO);
            if exact * current.1 > current.0 {
                continue;
            }
            current = (asked.rounded(exact, 0), Decimal::ONE);
            last = Some(promotion.code.clone());
            if stacking == "exclusive" {
                break;
            }
        }
        last.map(|code| (current.0, code))
    }
}

fn covers(agreed: &Agreed, ship_to: Option<usize>) -> bool {
    let covered = agreed.addresses.as_ref();
    covered.is_none_or(|covered| ship_to.is_some_and(|at| covered.contains(&at)))
}
