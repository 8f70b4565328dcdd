//! One price list, compact: a contract of any size that is built, held and replaced as a whole.

use std::sync::Arc;

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::book::{ProductIndex, UnitIndex};
use crate::domain::money::Currency;

/// What a list is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// The tenant's general list: applies to every account, after the assigned ones.
    List,
    /// Applies to the accounts it is assigned to.
    Contract,
}

impl ListKind {
    /// The word it is stored and imported by.
    pub fn word(self) -> &'static str {
        match self {
            ListKind::List => "list",
            ListKind::Contract => "contract",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [ListKind::List, ListKind::Contract]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// One price list without its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListHead {
    /// Our identifier.
    pub id: Uuid,
    /// The supplier's code.
    pub code: Arc<str>,
    /// What it is for.
    pub kind: ListKind,
    /// The currency of its prices.
    pub currency: Currency,
    /// Among general lists the lower number comes first.
    pub priority: i32,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
}

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

/// A list's entries, sorted, in two arrays: 12 bytes a (product, unit, price quantity) and 24 bytes or less an entry.
#[derive(Clone, Debug)]
pub struct PriceList {
    /// The list itself.
    pub head: ListHead,
    /// Product, unit and index of the price quantity in one number, ascending.
    keys: Vec<u64>,
    /// Where each key's entries begin; one more than keys.
    starts: Vec<u32>,
    entries: Entries,
    price_quantities: Vec<Decimal>,
}

/// Entries in one of two widths; within a key the highest break first, then the latest start.
#[derive(Clone, Debug)]
enum Entries {
    /// All prices and quantities of the list fit after scaling: 24 bytes with a 64-bit quantity would be wasted.
    Narrow {
        price_scale: u32,
        quantity_scale: u32,
        rows: Vec<Narrow>,
    },
    /// Decimals as they are, for lists whose numbers do not fit.
    Wide(Vec<Wide>),
}

#[derive(Clone, Copy, Debug)]
struct Narrow {
    /// `i64::MIN` is price on request.
    price: i64,
    min_quantity: u32,
    days: Days,
}

#[derive(Clone, Copy, Debug)]
struct Wide {
    price: Option<Decimal>,
    min_quantity: Decimal,
    days: Days,
}

/// First and last day as days since 2000-01-01; the ends of the range stand for "open".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

impl PriceList {
    /// Builds the list from entries in any order.
    pub fn new(head: ListHead, mut breaks: Vec<Break>) -> Self {
        let mut price_quantities: Vec<Decimal> = breaks.iter().map(|entry| entry.price_quantity).collect();
        price_quantities.sort_unstable();
        price_quantities.dedup();
        let key = |entry: &Break| {
            let per = price_quantities.partition_point(|per| *per < entry.price_quantity);
            pack(entry.product, entry.unit, u16::try_from(per).unwrap_or(u16::MAX))
        };
        breaks.sort_unstable_by_key(|entry| {
            let days = Days::new(entry.valid_from, entry.valid_to);
            let latest_first = std::cmp::Reverse((entry.min_quantity, days.from));
            (key(entry), latest_first, days.to, entry.price)
        });
        let (mut keys, mut starts) = (Vec::new(), Vec::new());
        for (at, entry) in breaks.iter().enumerate() {
            let key = key(entry);
            if keys.last() != Some(&key) {
                keys.push(key);
                starts.push(u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
        starts.push(u32::try_from(breaks.len()).unwrap_or(u32::MAX));
        let entries = Entries::new(&breaks);
        PriceList {
            head,
            keys,
            starts,
            entries,
            price_quantities,
        }
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes its entries and keys occupy.
    pub fn bytes(&self) -> usize {
        let rows = match &self.entries {
            Entries::Narrow { rows, .. } => rows.len() * size_of::<Narrow>(),
            Entries::Wide(rows) => rows.len() * size_of::<Wide>(),
        };
        rows + self.keys.len() * size_of::<u64>() + self.starts.len() * size_of::<u32>()
    }

    /// Whether it has any entry for the product.
    pub(super) fn has_product(&self, product: ProductIndex) -> bool {
        let at = self.keys.partition_point(|key| *key < pack(product, UnitIndex(0), 0));
        self.keys.get(at).is_some_and(|key| *key >> 32 == u64::from(product.0))
    }

    /// The best entry for exactly this unit: highest break reached, then latest start.
    pub(super) fn find(&self, product: ProductIndex, unit: UnitIndex, quantity: Decimal, day: u16) -> Found {
        let mut found = Found::default();
        let mut first_change = u16::MAX;
        for (key, range) in self.ranges(product, unit) {
            for at in range {
                let (min_quantity, days) = self.entries.condition(at);
                if min_quantity > quantity || days.to < day {
                    continue;
                }
                let rank = (min_quantity, days.from);
                let best = found
                    .hit
                    .map(|hit| (hit.min_quantity, hit.valid_from.map_or(0, day_number)));
                if days.from > day {
                    if best.is_none_or(|best| rank > best) {
                        first_change = first_change.min(days.from);
                    }
                    continue;
                }
                if best.is_none_or(|best| rank > best) {
                    found.hit = Some(self.hit(key, at));
                }
                break;
            }
        }
        found.changes_on = day_date(first_change);
        found
    }

    /// The quantities at which entries for this unit begin that are valid on the day.
    pub(super) fn thresholds(
        &self,
        product: ProductIndex,
        unit: UnitIndex,
        day: u16,
    ) -> impl Iterator<Item = Decimal> + '_ {
        self.ranges(product, unit).flat_map(move |(_, range)| {
            range.filter_map(move |at| {
                let (min_quantity, days) = self.entries.condition(at);
                (days.from <= day && day <= days.to).then_some(min_quantity)
            })
        })
    }

    fn ranges(&self, product: ProductIndex, unit: UnitIndex) -> impl Iterator<Item = (u64, std::ops::Range<usize>)> {
        let first = self.keys.partition_point(|key| *key < pack(product, unit, 0));
        let (low, high) = (pack(product, unit, 0), pack(product, unit, u16::MAX));
        (first..self.keys.len()).map_while(move |at| {
            let key = self.keys[at];
            (low <= key && key <= high).then(|| (key, self.starts[at] as usize..self.starts[at + 1] as usize))
        })
    }

    fn hit(&self, key: u64, at: usize) -> Hit {
        let (min_quantity, days) = self.entries.condition(at);
        let per = usize::from((key & 0xFFFF) as u16);
        Hit {
            ordinal: u32::try_from(at + 1).unwrap_or(u32::MAX),
            unit: UnitIndex(((key >> 16) & 0xFFFF) as u16),
            min_quantity,
            valid_from: day_date(days.from),
            valid_to: day_date(days.to),
            price: self.entries.price(at),
            price_quantity: self.price_quantities.get(per).copied().unwrap_or(Decimal::ONE),
        }
    }
}

fn pack(product: ProductIndex, unit: UnitIndex, per: u16) -> u64 {
    u64::from(product.0) << 32 | u64::from(unit.0) << 16 | u64::from(per)
}

/// The mantissa of a value at a scale, `None` when it does not fit.
fn scaled(value: Decimal, scale: u32) -> Option<i64> {
    let value = value.normalize();
    let up = 10i128.checked_pow(scale.checked_sub(value.scale())?)?;
    i64::try_from(value.mantissa().checked_mul(up)?)
        .ok()
        .filter(|mantissa| *mantissa != i64::MIN)
}

impl Entries {
    fn new(breaks: &[Break]) -> Self {
        let scale = |value: Decimal| value.normalize().scale();
        let price_scale = breaks
            .iter()
            .filter_map(|entry| entry.price)
            .map(scale)
            .max()
            .unwrap_or(0);
        let quantity_scale = breaks.iter().map(|entry| scale(entry.min_quantity)).max().unwrap_or(0);
        let narrow = |entry: &Break| {
            Some(Narrow {
                price: entry.price.map_or(Some(i64::MIN), |price| scaled(price, price_scale))?,
                min_quantity: u32::try_from(scaled(entry.min_quantity, quantity_scale)?).ok()?,
                days: Days::new(entry.valid_from, entry.valid_to),
            })
        };
        if let Some(rows) = breaks.iter().map(narrow).collect() {
            return Entries::Narrow {
                price_scale,
                quantity_scale,
                rows,
            };
        }
        let wide = |entry: &Break| Wide {
            price: entry.price,
            min_quantity: entry.min_quantity,
            days: Days::new(entry.valid_from, entry.valid_to),
        };
        Entries::Wide(breaks.iter().map(wide).collect())
    }

    fn len(&self) -> usize {
        match self {
            Entries::Narrow { rows, .. } => rows.len(),
            Entries::Wide(rows) => rows.len(),
        }
    }

    fn condition(&self, at: usize) -> (Decimal, Days) {
        match self {
            Entries::Narrow {
                quantity_scale, rows, ..
            } => {
                let row = rows[at];
                (Decimal::new(i64::from(row.min_quantity), *quantity_scale), row.days)
            }
            Entries::Wide(rows) => (rows[at].min_quantity, rows[at].days),
        }
    }

    fn price(&self, at: usize) -> Option<Decimal> {
        match self {
            Entries::Narrow { price_scale, rows, .. } => Some(rows[at].price)
                .filter(|price| *price != i64::MIN)
                .map(|price| Decimal::new(price, *price_scale)),
            Entries::Wide(rows) => rows[at].price,
        }
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(size_of::<Narrow>(), 16);
    }
}
