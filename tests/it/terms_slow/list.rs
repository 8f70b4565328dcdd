//! What one list says, and which of several prices decides.

use std::cmp::Reverse;

use rust_decimal::Decimal;

use super::{Asked, Candidate, Listed};
use crate::terms_world::{Entry, Rule, Says, World};

impl World {
    /// What one list says; nothing nearer than `beyond`.
    pub(super) fn pick(&self, list: usize, asked: Asked<'_>, beyond: Option<usize>) -> Option<Candidate> {
        let own: Vec<Candidate> = self.entries(list, asked, true).filter(|_| beyond.is_none()).collect();
        let base: Vec<Candidate> = self.entries(list, asked, false).filter(|_| beyond.is_none()).collect();
        let is_first = self.lists[list].select.unwrap_or(asked.policy.select) == "first";
        let rules = self
            .rules
            .iter()
            .filter(|rule| rule.list == list && self.fits(rule, asked) && !matches!(rule.says, Says::Discount(_)));
        let rules = rules.filter_map(|rule| self.candidate(rule, asked, is_first));
        let rules: Vec<Candidate> = rules
            .filter(|rule| beyond.is_none_or(|beyond| rule.distance > beyond))
            .collect();
        let best = |own: &[Candidate]| own.iter().max_by_key(|entry| (entry.from, entry.starts)).copied();
        let entry = best(&own).or_else(|| best(&base));
        let nearness = |rule: &Candidate| (rule.distance, Reverse((rule.from, rule.starts)), rule.position);
        match self.lists[list].select.unwrap_or(asked.policy.select) {
            "first" => entry.or_else(|| rules.iter().min_by_key(|rule| rule.position).copied()),
            "best" => {
                let rule = rules.iter().min_by_key(|rule| nearness(rule)).copied();
                let (Some(entry), Some(rule)) = (entry, rule) else {
                    return entry.or(rule);
                };
                let is_nearer = rule.kind == 0 && (rule.from, rule.starts) > (entry.from, entry.starts);
                Some(if is_nearer { rule } else { entry })
            }
            select => {
                let mut all = Vec::new();
                for mut entries in [own, base] {
                    entries.sort_by_key(|entry| Reverse((entry.from, entry.starts)));
                    all.extend(entries);
                }
                let mut rules = rules;
                rules.sort_by_key(nearness);
                all.extend(rules);
                let start = self.lists[list].days.0;
                let started = |candidate: &Candidate| Candidate {
                    starts: candidate.starts.or(start),
                    ..*candidate
                };
                first_by(select, &all, asked, started).copied()
            }
        }
    }

    /// The entries for the requested unit, or those for the base unit where that is another.
    fn entries<'w>(&'w self, list: usize, asked: Asked<'w>, is_own: bool) -> impl Iterator<Item = Candidate> + 'w {
        let (question, box_of) = (asked.question, asked.box_of);
        let validity = self.validity(list);
        let fits = move |entry: &&Entry| {
            let in_boxes = if is_own { question.in_boxes } else { false };
            let is_there = is_own || question.in_boxes;
            let reaches = match is_own {
                true => asked.reaches(entry.from, asked.size, 1),
                false => self.reaches(list, entry.from, asked),
            };
            is_there
                && (entry.list, entry.product, entry.in_boxes) == (list, question.product, in_boxes)
                && reaches
                && asked.holds(entry.days, validity)
        };
        let goes_on = self.lists[list].find_next;
        self.entries.iter().filter(fits).map(move |entry| Candidate {
            listed: Listed {
                price: entry.price,
                per: entry.per,
                in_boxes: entry.in_boxes,
                is_computed: false,
                discount: 0,
                is_agreed: false,
            },
            distance: 0,
            kind: 0,
            from: if entry.in_boxes {
                entry.from * box_of
            } else {
                entry.from
            },
            starts: entry.days.0,
            position: None,
            goes_on,
        })
    }

    /// Whether a break without a unit is reached, by what its list counts.
    fn reaches(&self, list: usize, from: i64, asked: Asked<'_>) -> bool {
        match self.lists[list].quantity_basis.unwrap_or(asked.policy.quantity_basis) {
            "order" => asked.reaches(from, asked.size, 1),
            "sale" if self.products[asked.question.product].sold_in_boxes => {
                asked.reaches(from, asked.base(), asked.box_of)
            }
            _ => asked.reaches(from, asked.base(), 1),
        }
    }

    pub(super) fn fits(&self, rule: &Rule, asked: Asked<'_>) -> bool {
        let product = &self.products[asked.question.product];
        rule.product.is_none_or(|of| of == asked.question.product)
            && rule.category.is_none_or(|of| of <= product.category)
            && self.reaches(rule.list, rule.from, asked)
            && asked.is_on(rule, self.validity(rule.list))
    }

    /// A rule as a candidate; the first that fits counts even without anything to compute from.
    fn candidate(&self, rule: &Rule, asked: Asked<'_>, is_first: bool) -> Option<Candidate> {
        let product = &self.products[asked.question.product];
        let (distance, kind) = match (rule.product, rule.category) {
            (Some(_), _) => (0, 0),
            // The nearer category has the higher number.
            (_, Some(category)) => (2 + product.category - category, 2),
            _ => (usize::MAX, 3),
        };
        let (price, per, is_computed) = match rule.says {
            Says::Fixed(price, per) => (Some(price), per, false),
            Says::Markup(percent) => {
                let more = Decimal::from(100 + percent) / Decimal::ONE_HUNDRED;
                let price = product.list_price.map(|listed| listed * more);
                if price.is_none() && !is_first {
                    return None;
                }
                (price, 1, true)
            }
            Says::Formula => (None, 1, true),
            Says::Discount(_) => return None,
        };
        Some(Candidate {
            listed: Listed {
                price,
                per,
                in_boxes: false,
                is_computed,
                discount: 0,
                is_agreed: false,
            },
            distance,
            kind,
            from: rule.from,
            starts: rule.days.0,
            position: Some(rule.position),
            goes_on: rule.find_next,
        })
    }
}

/// The first of those that decide, by a selection.
pub(super) fn first_by<'c, C>(
    select: &str,
    all: &'c [C],
    asked: Asked<'_>,
    candidate: impl Fn(&C) -> Candidate,
) -> Option<&'c C> {
    let each = |of: &Candidate| asked.exact(&of.listed).map(|(price, per)| price / per);
    let is_before = |a: &Candidate, b: &Candidate| match select {
        "best" => {
            let key = |of: &Candidate| (of.distance, Reverse((of.from, of.starts)));
            key(a) < key(b)
        }
        "sorted" => {
            let key = |of: &Candidate| (of.kind, Reverse((of.from, of.position)));
            key(a) < key(b)
        }
        // What has no price decides.
        "lowest" => match (each(a), each(b)) {
            (Some(a), Some(b)) => a < b,
            (a, b) => a.is_none() && b.is_some(),
        },
        "highest" => match (each(a), each(b)) {
            (Some(a), Some(b)) => a > b,
            (a, b) => a.is_none() && b.is_some(),
        },
        "newest" => a.starts > b.starts,
        "oldest" => a.starts < b.starts,
        _ => false,
    };
    let mut best: Option<&C> = None;
    for one in all {
        if best.is_none_or(|best| is_before(&candidate(one), &candidate(best))) {
            best = Some(one);
        }
    }
    best
}
