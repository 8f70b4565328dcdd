//! Prices of several lists compared, and discounts that are chosen apart from them: what some policies do and ours does
//! not.

use std::cmp::{Ordering, Reverse};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::book::PriceBook;
use super::contracts::Way;
use super::list::{OnNoMatch, PriceList, Select};
use super::resolve::Asked;
use super::rule::Rule;
use super::said::{Said, Search, fits, in_base};
use super::switch::{Discount, Pool};
use super::walk::{Count, Listed, Notes};
use super::{Level, Outcome};

/// A price that could decide, with what it is compared by.
#[derive(Clone, Copy)]
pub(super) struct Pick<'b> {
    pub said: Said<'b>,
    /// How far its scope is from the product, 0 for the product itself.
    distance: usize,
    /// The kind of its scope, the nearest first.
    kind: usize,
    /// The break that was reached, in base units.
    break_at: Decimal,
    /// Its own first day, else that of its list.
    start: Option<Date>,
    /// The place of a rule in its list.
    position: Option<u32>,
    /// For one requested unit in the account's currency, without tax, not rounded; `None` is on request.
    each: Option<Decimal>,
}

impl Select {
    /// Which of two decides: the lesser; where they are equal, the one that comes first.
    pub(super) fn compare(self, a: &Pick<'_>, b: &Pick<'_>) -> Ordering {
        // What has no price cannot be compared, and decides: a guess would be a wrong price for somebody.
        let by_price = || a.each.is_some().cmp(&b.each.is_some());
        match self {
            Select::First => Ordering::Equal,
            Select::Best => {
                let key = |pick: &Pick<'_>| (pick.distance, Reverse((pick.break_at, pick.start)));
                key(a).cmp(&key(b))
            }
            Select::Sorted => {
                let key = |pick: &Pick<'_>| (pick.kind, Reverse((pick.break_at, pick.position)));
                key(a).cmp(&key(b))
            }
            Select::Lowest => by_price().then(a.each.cmp(&b.each)),
            Select::Highest => by_price().then(b.each.cmp(&a.each)),
            Select::Newest => b.start.cmp(&a.start),
            Select::Oldest => a.start.cmp(&b.start),
        }
    }
}

/// A pick with where it is from.
#[derive(Clone, Copy)]
struct Placed<'b> {
    pick: Pick<'b>,
    way: &'b Way,
    list: &'b PriceList,
}

impl PriceBook {
    /// What is said, with what it is compared by.
    pub(super) fn pick<'b>(
        &'b self,
        said: Said<'b>,
        list: &PriceList,
        way: Option<&Way>,
        asked: &Asked<'b>,
    ) -> Pick<'b> {
        let listed = self.as_listed(Level::Account, list, said, asked);
        let exact = self.exact(asked, &listed);
        let each = exact.and_then(|exact| exact.price.checked_div(exact.price_quantity));
        let list_start = list.head.valid_from.max(way.and_then(|way| way.valid_from));
        let (distance, kind, unit, quantity, start, position) = match said {
            Said::Break(hit) => (0, 0, hit.unit, hit.min_quantity, hit.valid_from, None),
            Said::Rule(rule, _) => (
                rule.scope.distance(asked.index, asked.product).unwrap_or(usize::MAX),
                rule.scope.kind(),
                rule.unit.unwrap_or(asked.product.base_unit),
                rule.min_quantity,
                rule.valid_from,
                Some(rule.position),
            ),
        };
        Pick {
            said,
            distance,
            kind,
            break_at: in_base(asked, unit, quantity),
            start: start.or(list_start),
            position,
            each,
        }
    }

    /// The price of lists that are compared, level by level or all at once.
    pub(super) fn pooled<'b>(
        &'b self,
        ways: &'b [Way],
        asked: &Asked<'b>,
        count: Count,
        notes: &mut Notes<'_>,
    ) -> Option<Listed> {
        let policy = asked.policy();
        let is_together = |a: &Way, b: &Way| policy.pool == Pool::All || a.level == b.level;
        for together in ways.chunk_by(is_together) {
            let mut placed: Vec<Placed<'b>> = Vec::new();
            let mut closed = None;
            for way in together {
                let Some(list) = self.asked_list(way, asked, notes) else {
                    continue;
                };
                let said = self.ask_list(list, asked, count, Search::default(), &mut |day| notes.begins(day));
                match said {
                    Some(said) => placed.push(Placed {
                        pick: self.pick(said, list, Some(way), asked),
                        way,
                        list,
                    }),
                    None if asked.on_no_match(list) == OnNoMatch::NoPrice => closed = Some((way, list)),
                    None => notes.say(way.level, Some(&list.head.code), Outcome::NoEntry),
                }
            }
            let decided = placed
                .iter()
                .min_by(|a, b| policy.select.compare(&a.pick, &b.pick))
                .copied();
            match (decided, closed) {
                (Some(decided), _) => {
                    let is_alone = placed.len() == 1;
                    placed
                        .iter()
                        .filter(|_| !is_alone)
                        .for_each(|placed| self.compared(placed, asked, notes));
                    return Some(self.decided(decided, asked, notes));
                }
                (None, Some((way, list))) => return Some(self.not_priced(way, list, asked, notes)),
                (None, None) => {}
            }
        }
        None
    }

    /// The lowest price where the search goes on after the first: on in its list, then in the lists after it, up to a
    /// price that ends the search.
    pub(super) fn searched_on<'b>(
        &'b self,
        first: (&'b Way, &'b PriceList, Said<'b>),
        ways: &'b [Way],
        asked: &Asked<'b>,
        count: Count,
        notes: &mut Notes<'_>,
    ) -> Listed {
        let (way, list, said) = first;
        let placed = |way, list, said| Placed {
            pick: self.pick(said, list, Some(way), asked),
            way,
            list,
        };
        let mut kept = placed(way, list, said);
        let mut last = kept;
        let mut rest = ways.iter();
        self.compared(&kept, asked, notes);
        while last.goes_on() {
            let search = Search {
                beyond: Some(last.pick.distance),
                ..Search::default()
            };
            let mut next = self
                .ask_list(last.list, asked, count, search, &mut |day| notes.begins(day))
                .map(|said| placed(last.way, last.list, said));
            while next.is_none() {
                let Some(way) = rest.next() else {
                    return self.decided(kept, asked, notes);
                };
                let Some(list) = self.asked_list(way, asked, notes) else {
                    continue;
                };
                let said = self.ask_list(list, asked, count, Search::default(), &mut |day| notes.begins(day));
                match said {
                    Some(said) => next = Some(placed(way, list, said)),
                    None => notes.say(way.level, Some(&list.head.code), Outcome::NoEntry),
                }
            }
            let Some(found) = next else { break };
            self.compared(&found, asked, notes);
            if Select::Lowest.compare(&found.pick, &kept.pick) == Ordering::Less {
                kept = found;
            }
            last = found;
        }
        self.decided(kept, asked, notes)
    }

    fn decided(&self, placed: Placed<'_>, asked: &Asked<'_>, notes: &mut Notes<'_>) -> Listed {
        self.decide(placed.way, placed.list, placed.pick.said, asked, notes)
    }

    fn compared(&self, placed: &Placed<'_>, asked: &Asked<'_>, notes: &mut Notes<'_>) {
        let Pick { each, position, .. } = placed.pick;
        let outcome = Outcome::Compared {
            price: each.map(|price| price.normalize()),
            unit: self.unit_code(asked.unit),
            position,
        };
        notes.say(placed.way.level, Some(&placed.list.head.code), outcome);
    }

    /// Takes the discount that is kept apart from prices off a price.
    pub(super) fn discounted(&self, listed: &mut Listed, asked: &Asked<'_>, count: Count, notes: &mut Notes<'_>) {
        let policy = asked.policy();
        if policy.discount == Discount::None || listed.level == Level::Agreement || listed.price.is_none() {
            return;
        }
        let mut best: Option<(&Rule, Decimal, &Way, &PriceList)> = None;
        for way in &asked.route.ways {
            let Ok(list) = self.usable(way, asked) else { continue };
            for rule in list.rules.discounts(asked.index, asked.product) {
                let Some(percent) = rule.value.filter(|_| fits(list, asked, count, rule)) else {
                    continue;
                };
                if !rule.has_begun(asked.date, asked.time) {
                    notes.begins(rule.valid_from);
                    continue;
                }
                if best.is_none_or(|(_, highest, ..)| percent > highest) {
                    best = Some((rule, percent, way, list));
                }
            }
            if policy.discount == Discount::First && best.is_some() {
                break;
            }
        }
        if let Some((rule, percent, way, list)) = best {
            for end in [rule.valid_to, way.valid_to, list.head.valid_to] {
                notes.ends(end);
            }
            let position = rule.position;
            let outcome = Outcome::Discount { position, percent };
            notes.say(way.level, Some(&list.head.code), outcome);
            listed.discount = Some(percent);
        }
    }
}

impl Placed<'_> {
    /// Whether the search goes on after it.
    fn goes_on(&self) -> bool {
        self.pick.said.goes_on(self.list)
    }
}

impl Said<'_> {
    /// Whether the search goes on after it.
    pub(super) fn goes_on(&self, list: &PriceList) -> bool {
        match self {
            Said::Break(_) => list.head.find_next,
            Said::Rule(rule, _) => rule.find_next,
        }
    }
}
