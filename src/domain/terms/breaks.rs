//! The lean breaks of a list: nearly all entries there are, packed, with a table from products to theirs.

use std::cmp::Reverse;
use std::hint::black_box;

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::catalogue::{ProductIndex, UnitIndex};
use super::cells::{Entries, Entry, floor_scaled};

/// One entry: from this quantity on, in these days, this price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The product.
    pub product: ProductIndex,
    /// The unit of quantity and price.
    pub unit: UnitIndex,
    /// The quantity it begins at, inclusive; zero for no break.
    pub min_quantity: Decimal,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// The price; `None` is price on request.
    pub price: Option<Decimal>,
    /// How many units the price is for.
    pub price_quantity: Decimal,
}

/// Lean breaks, immutable: a table from product to its entries, which lie together, 12 bytes each where their numbers
/// are small enough (nearly always), else 16 or more.
#[derive(Clone, Debug, Default)]
pub struct Breaks {
    /// Product and place of its first entry, found by hashing the product; [`FREE`] where there is none.
    slots: Box<[Slot]>,
    /// What entries share: unit, price quantity and days.
    terms: Box<[Term]>,
    entries: Entries,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    product: u32,
    first: u32,
}

/// No entry: [`Breaks`] hold fewer.
const FREE: u32 = u32::MAX;

/// What entries share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Term {
    unit: UnitIndex,
    price_quantity: Decimal,
    days: Days,
}

/// First and last day as days since 2000-01-01; the ends of the range stand for "open".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Days {
    from: u16,
    to: u16,
}

impl Days {
    fn new(from: Option<Date>, to: Option<Date>) -> Self {
        Days {
            from: from.map_or(0, day_number),
            to: to.map_or(u16::MAX, day_number),
        }
    }
}

const EPOCH: Date = date(2000, 1, 1);

/// Days since 2000-01-01, held inside the range that [`day_date`] gives back.
pub(super) fn day_number(date: Date) -> u16 {
    // Days from civil: months counted from March so that the leap day comes last.
    let month = i32::from(date.month());
    let year = i32::from(date.year()) - i32::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(date.day()) - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 730_425;
    u16::try_from(days.clamp(0, i32::from(u16::MAX))).unwrap_or(u16::MAX)
}

/// The date of a day number; `None` for the two numbers that mean "open".
fn day_date(day: u16) -> Option<Date> {
    let is_open = day == 0 || day == u16::MAX;
    if is_open {
        None
    } else {
        EPOCH.checked_add(jiff::Span::new().days(i64::from(day))).ok()
    }
}

/// The entry that a list answers with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub ordinal: u32,
    pub unit: UnitIndex,
    pub min_quantity: Decimal,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    pub price: Option<Decimal>,
    pub price_quantity: Decimal,
}

/// What a list says to a product, unit, quantity and day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    pub hit: Option<Hit>,
    /// The first day on which an entry that would win over the hit begins.
    pub changes_on: Option<Date>,
}

impl Breaks {
    /// Builds them from entries in any order.
    pub fn new(mut breaks: Vec<Break>) -> Self {
        sort(&mut breaks);
        let mut terms = TermBook::default();
        let numbers: Vec<u32> = breaks.iter().map(|entry| terms.number(entry)).collect();
        let products = breaks.chunk_by(|a, b| a.product == b.product);
        let others = breaks.windows(2).filter(|pair| pair[0].product != pair[1].product);
        let mut slots = Slots::with_room_for(others.count() + usize::from(!breaks.is_empty()));
        let mut first = 0;
        for entries in products {
            slots.put(entries[0].product, u32::try_from(first).unwrap_or(FREE));
            first += entries.len();
        }
        Breaks {
            slots: slots.0,
            entries: Entries::new(&breaks, &numbers, terms.terms.len()),
            terms: terms.terms.into(),
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        match &self.entries {
            Entries::Narrow(_, cells) => cells.len(),
            Entries::Long(_, cells) => cells.len(),
            Entries::Wide(cells) => cells.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes they occupy.
    pub fn bytes(&self) -> usize {
        let entries = match &self.entries {
            Entries::Narrow(_, cells) => size_of_val(&**cells),
            Entries::Long(_, cells) => size_of_val(&**cells),
            Entries::Wide(cells) => size_of_val(&**cells),
        };
        entries + size_of_val(&*self.slots) + size_of_val(&*self.terms)
    }

    /// The price of a quantity counted in a unit on a day, and how many units it is for; nothing where no entry fits.
    pub fn price(
        &self,
        product: ProductIndex,
        unit: UnitIndex,
        quantity: Decimal,
        date: Date,
    ) -> Option<(Option<Decimal>, Decimal)> {
        let hit = self.find(product, unit, quantity, day_number(date)).hit?;
        Some((hit.price, hit.price_quantity))
    }

    /// Brings near where the search for products begins; see [`Breaks::touch`].
    pub(super) fn touch_slots(&self, products: &[ProductIndex]) {
        let len = self.slots.len();
        if len > 0 {
            let slots = products.iter().map(|product| self.slots[home(product.0, len)].first);
            let unit = self.terms.first().map_or(0, |term| u32::from(term.unit.0));
            black_box(slots.fold(unit, |sum, first| sum ^ first));
        }
    }

    /// Brings near the entries of products whose slots are near.
    pub(super) fn touch_entries(&self, products: &[ProductIndex]) {
        let firsts = products.iter().filter_map(|product| self.first(*product));
        black_box(match &self.entries {
            Entries::Narrow(_, cells) => firsts.fold(0, |sum, first| sum ^ cells[first].min_quantity),
            Entries::Long(_, cells) => firsts.fold(0, |sum, first| sum ^ cells[first].min_quantity),
            Entries::Wide(cells) => firsts.fold(0, |sum, first| sum ^ cells[first].term),
        });
    }

    /// Brings near what is about products, before [`Breaks::price`] is asked of one after the other.
    ///
    /// Each would wait twice for memory, some hundred nanoseconds every time. Here nothing depends on what was read just
    /// before, so that the processor waits for many at once.
    pub fn touch(&self, products: &[ProductIndex]) {
        self.touch_slots(products);
        self.touch_entries(products);
    }

    /// Whether there is any entry for the product.
    pub(super) fn has_product(&self, product: ProductIndex) -> bool {
        self.first(product).is_some()
    }

    fn first(&self, product: ProductIndex) -> Option<usize> {
        let len = self.slots.len();
        if len == 0 {
            return None;
        }
        let mut at = home(product.0, len);
        loop {
            let slot = self.slots[at];
            if slot.product == product.0 && slot.first != FREE {
                return Some(slot.first as usize);
            }
            if slot.first == FREE {
                return None;
            }
            at = if at + 1 == len { 0 } else { at + 1 };
        }
    }

    /// The best entry for exactly this unit: highest break reached, then latest start.
    pub(super) fn find(&self, product: ProductIndex, unit: UnitIndex, quantity: Decimal, day: u16) -> Found {
        let Some(first) = self.first(product) else {
            return Found::default();
        };
        match &self.entries {
            Entries::Narrow(scales, cells) => {
                let reached = floor_scaled(quantity, scales.quantity);
                let place = self.scan(&cells[first..], unit, day, |cell| {
                    u64::from(cell.min_quantity) <= reached
                });
                self.found(place, first, |at| cells[at].numbers(*scales))
            }
            Entries::Long(scales, cells) => {
                let reached = floor_scaled(quantity, scales.quantity);
                let place = self.scan(&cells[first..], unit, day, |cell| {
                    u64::from(cell.min_quantity) <= reached
                });
                self.found(place, first, |at| cells[at].numbers(*scales))
            }
            Entries::Wide(cells) => {
                let place = self.scan(&cells[first..], unit, day, |cell| cell.min_quantity <= quantity);
                self.found(place, first, |at| (cells[at].min_quantity, cells[at].price))
            }
        }
    }

    /// Which entry decides, with its term, and the first day on which another would.
    fn scan<C: Entry>(
        &self,
        cells: &[C],
        unit: UnitIndex,
        day: u16,
        is_reached: impl Fn(&C) -> bool,
    ) -> (Option<(usize, usize)>, u16) {
        let mut first_change = u16::MAX;
        for (at, cell) in cells.iter().enumerate() {
            let term = &self.terms[cell.term()];
            if term.unit == unit && is_reached(cell) && day <= term.days.to {
                if term.days.from <= day {
                    return (Some((at, cell.term())), first_change);
                }
                first_change = first_change.min(term.days.from);
            }
            if !cell.has_more() {
                break;
            }
        }
        (None, first_change)
    }

    fn found(
        &self,
        (place, change): (Option<(usize, usize)>, u16),
        first: usize,
        numbers: impl Fn(usize) -> (Decimal, Option<Decimal>),
    ) -> Found {
        let hit = place.map(|(at, term)| {
            let at = first + at;
            let term = &self.terms[term];
            let (min_quantity, price) = numbers(at);
            Hit {
                ordinal: u32::try_from(at + 1).unwrap_or(u32::MAX),
                unit: term.unit,
                min_quantity,
                valid_from: day_date(term.days.from),
                valid_to: day_date(term.days.to),
                price,
                price_quantity: term.price_quantity,
            }
        });
        Found {
            hit,
            changes_on: day_date(change),
        }
    }

    /// Every entry for exactly this unit that is reached and valid on the day, in their order, and the first day on which
    /// another begins.
    pub(super) fn all(
        &self,
        product: ProductIndex,
        unit: UnitIndex,
        quantity: Decimal,
        day: u16,
    ) -> (Vec<Hit>, Option<Date>) {
        let Some(first) = self.first(product) else {
            return (Vec::new(), None);
        };
        let (places, change) = match &self.entries {
            Entries::Narrow(scales, cells) => {
                let reached = floor_scaled(quantity, scales.quantity);
                self.fitting(&cells[first..], unit, day, |cell| {
                    u64::from(cell.min_quantity) <= reached
                })
            }
            Entries::Long(scales, cells) => {
                let reached = floor_scaled(quantity, scales.quantity);
                self.fitting(&cells[first..], unit, day, |cell| {
                    u64::from(cell.min_quantity) <= reached
                })
            }
            Entries::Wide(cells) => self.fitting(&cells[first..], unit, day, |cell| cell.min_quantity <= quantity),
        };
        let hit = |place| {
            let found = (Some(place), u16::MAX);
            match &self.entries {
                Entries::Narrow(scales, cells) => self.found(found, first, |at| cells[at].numbers(*scales)),
                Entries::Long(scales, cells) => self.found(found, first, |at| cells[at].numbers(*scales)),
                Entries::Wide(cells) => self.found(found, first, |at| (cells[at].min_quantity, cells[at].price)),
            }
        };
        (
            places.into_iter().filter_map(|place| hit(place).hit).collect(),
            day_date(change),
        )
    }

    /// Which entries fit, with their terms, and the first day on which another would.
    fn fitting<C: Entry>(
        &self,
        cells: &[C],
        unit: UnitIndex,
        day: u16,
        is_reached: impl Fn(&C) -> bool,
    ) -> (Vec<(usize, usize)>, u16) {
        let last = cells.iter().position(|cell| !cell.has_more()).unwrap_or(0);
        let (mut places, mut first_change) = (Vec::new(), u16::MAX);
        for (at, cell) in cells[..=last].iter().enumerate() {
            let term = &self.terms[cell.term()];
            if term.unit != unit || !is_reached(cell) || term.days.to < day {
                continue;
            }
            match term.days.from <= day {
                true => places.push((at, cell.term())),
                false => first_change = first_change.min(term.days.from),
            }
        }
        (places, first_change)
    }

    /// The quantities at which entries for this unit begin that are valid on the day.
    pub(super) fn thresholds(&self, product: ProductIndex, unit: UnitIndex, day: u16) -> Vec<Decimal> {
        let Some(first) = self.first(product) else {
            return Vec::new();
        };
        match &self.entries {
            Entries::Narrow(scales, cells) => self.begins(&cells[first..], unit, day, |cell| cell.numbers(*scales).0),
            Entries::Long(scales, cells) => self.begins(&cells[first..], unit, day, |cell| cell.numbers(*scales).0),
            Entries::Wide(cells) => self.begins(&cells[first..], unit, day, |cell| cell.min_quantity),
        }
    }

    fn begins<C: Entry>(&self, cells: &[C], unit: UnitIndex, day: u16, at: impl Fn(&C) -> Decimal) -> Vec<Decimal> {
        let last = cells.iter().position(|cell| !cell.has_more()).unwrap_or(0);
        let valid = cells[..=last].iter().filter(|cell| {
            let Term { unit: own, days, .. } = self.terms[cell.term()];
            own == unit && days.from <= day && day <= days.to
        });
        valid.map(at).collect()
    }
}

/// Those of a product together, the highest break first, then the latest start; the rest makes the order one.
fn sort(breaks: &mut [Break]) {
    let key = |entry: &Break| {
        let days = Days::new(entry.valid_from, entry.valid_to);
        let first = Reverse((entry.min_quantity, days.from));
        (first, entry.unit, entry.price_quantity, days.to, entry.price)
    };
    // A file in the order of its products needs no more than each product's few entries sorted.
    if !breaks.is_sorted_by_key(|entry| entry.product) {
        breaks.sort_by_key(|entry| entry.product);
    }
    for entries in breaks.chunk_by_mut(|a, b| a.product == b.product) {
        // Files mostly have the lowest break first.
        if entries.len() > 1 && entries[0].min_quantity < entries[1].min_quantity {
            entries.reverse();
        }
        if !entries.is_sorted_by_key(key) {
            entries.sort_unstable_by_key(key);
        }
    }
}

/// The distinct terms of a list, numbered as they are met.
#[derive(Default)]
struct TermBook {
    terms: Vec<Term>,
    numbers: std::collections::HashMap<(UnitIndex, Decimal, Days), u32>,
    last: u32,
}

impl TermBook {
    fn number(&mut self, entry: &Break) -> u32 {
        let term = Term {
            unit: entry.unit,
            price_quantity: entry.price_quantity,
            days: Days::new(entry.valid_from, entry.valid_to),
        };
        // Neighbours mostly share theirs.
        if self.terms.get(self.last as usize) == Some(&term) {
            return self.last;
        }
        let next = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
        let key = (term.unit, term.price_quantity, term.days);
        self.last = *self.numbers.entry(key).or_insert_with(|| {
            self.terms.push(term);
            next
        });
        self.last
    }
}

/// A table under construction.
struct Slots(Box<[Slot]>);

impl Slots {
    /// A third is left free, so that a search ends soon.
    fn with_room_for(products: usize) -> Self {
        let free = Slot {
            product: 0,
            first: FREE,
        };
        Slots(vec![free; products + products / 2 + usize::from(products > 0)].into())
    }

    fn put(&mut self, product: ProductIndex, first: u32) {
        let len = self.0.len();
        let mut at = home(product.0, len);
        while self.0[at].first != FREE {
            at = if at + 1 == len { 0 } else { at + 1 };
        }
        self.0[at] = Slot {
            product: product.0,
            first,
        };
    }
}

/// Where the search for a product begins: Fibonacci hashing, scaled to the table.
fn home(product: u32, len: usize) -> usize {
    let hash = product.wrapping_mul(0x9E37_79B9);
    ((u64::from(hash) * len as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::super::cells::Cell;
    use super::*;

    #[test]
    fn days_are_counted_and_held_in_range() {
        let check = |text: &str, expect: u16| assert_eq!(day_number(text.parse().unwrap()), expect, "{text}");
        check("2000-01-01", 0);
        check("1999-12-31", 0);
        check("2000-01-02", 1);
        check("2000-02-29", 59);
        check("2000-03-01", 60);
        check("2001-01-01", 366);
        check("2026-11-23", 9823);
        check("9999-12-31", u16::MAX);
        for day in 1..u16::MAX {
            assert_eq!(day_date(day).map(day_number), Some(day));
        }
        assert_eq!(
            (size_of::<Cell<u32>>(), size_of::<Cell<i64>>(), size_of::<Slot>()),
            (12, 16, 8)
        );
    }

    #[test]
    fn breaks_keep_within_their_bytes() {
        let breaks = |tiers: u32, price: i64| {
            let entry = |product: u32, tier: u32| Break {
                product: ProductIndex(product * 157),
                unit: UnitIndex(0),
                min_quantity: Decimal::from(10u32.pow(tier)),
                valid_from: None,
                valid_to: None,
                price: Some(Decimal::new(price + i64::from(product), 4)),
                price_quantity: Decimal::ONE,
            };
            let entries = (0..6_000).flat_map(|product| (0..tiers).map(move |tier| entry(product, tier)));
            Breaks::new(entries.collect())
        };
        for (tiers, price) in [(1, 10_000), (3, 10_000), (3, 1 << 40)] {
            let breaks = breaks(tiers, price);
            assert!(
                breaks.bytes() <= 24 * breaks.len() + 64,
                "{tiers} {price} {}",
                breaks.bytes()
            );
            let (unit, date) = (UnitIndex(0), "2026-11-23".parse().unwrap());
            for product in 0..6_000 {
                let found = breaks.price(ProductIndex(product * 157), unit, Decimal::from(5), date);
                let expect = Some(Decimal::new(price + i64::from(product), 4));
                assert_eq!(found, Some((expect, Decimal::ONE)));
            }
            assert!(breaks.price(ProductIndex(1), unit, Decimal::ONE, date).is_none());
            assert!(
                breaks
                    .price(ProductIndex(0), UnitIndex(1), Decimal::ONE, date)
                    .is_none()
            );
        }
    }
}
