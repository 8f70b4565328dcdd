//! Entries in as few bytes as their numbers need.

use rust_decimal::Decimal;

use super::breaks::Break;

/// Entries in one of three widths; those of a product lie together, the highest break first, then the latest start.
#[derive(Clone, Debug)]
pub(super) enum Entries {
    Narrow(Scales, Box<[Cell<u32>]>),
    Long(Scales, Box<[Cell<i64>]>),
    /// Decimals as they are, for lists whose numbers do not fit.
    Wide(Box<[Wide]>),
}

impl Default for Entries {
    fn default() -> Self {
        Entries::Wide(Box::default())
    }
}

/// Digits after the point that all numbers of a list are written with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scales {
    pub(super) price: u32,
    pub(super) quantity: u32,
}

/// An entry with its price as a whole number; the largest (`u32`) or smallest (`i64`) is price on request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell<P> {
    pub(super) price: P,
    pub(super) min_quantity: u32,
    pub(super) term: u16,
    /// 1 where the next entry is of the same product.
    pub(super) more: u16,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Wide {
    pub(super) price: Option<Decimal>,
    pub(super) min_quantity: Decimal,
    pub(super) term: u32,
    pub(super) more: bool,
}

/// An entry of any width.
pub(super) trait Entry {
    fn term(&self) -> usize;
    fn has_more(&self) -> bool;
}

impl<P> Entry for Cell<P> {
    fn term(&self) -> usize {
        usize::from(self.term)
    }
    fn has_more(&self) -> bool {
        self.more == 1
    }
}

impl Entry for Wide {
    fn term(&self) -> usize {
        self.term as usize
    }
    fn has_more(&self) -> bool {
        self.more
    }
}

impl Cell<u32> {
    /// Break and price.
    pub(super) fn numbers(&self, scales: Scales) -> (Decimal, Option<Decimal>) {
        let price = Some(self.price).filter(|price| *price != u32::MAX);
        (
            Decimal::new(i64::from(self.min_quantity), scales.quantity),
            price.map(|price| Decimal::new(i64::from(price), scales.price)),
        )
    }
}

impl Cell<i64> {
    /// Break and price.
    pub(super) fn numbers(&self, scales: Scales) -> (Decimal, Option<Decimal>) {
        let price = Some(self.price).filter(|price| *price != i64::MIN);
        (
            Decimal::new(i64::from(self.min_quantity), scales.quantity),
            price.map(|price| Decimal::new(price, scales.price)),
        )
    }
}

/// The mantissa of a value at a scale, `None` when it does not fit.
fn scaled(value: Decimal, scale: u32) -> Option<i64> {
    if value.scale() == scale {
        return i64::try_from(value.mantissa())
            .ok()
            .filter(|mantissa| *mantissa != i64::MIN);
    }
    let value = if value.scale() > scale {
        value.normalize()
    } else {
        value
    };
    let up = 10i128.checked_pow(scale.checked_sub(value.scale())?)?;
    i64::try_from(value.mantissa().checked_mul(up)?)
        .ok()
        .filter(|mantissa| *mantissa != i64::MIN)
}

/// How many whole steps of so many digits after the point are in a quantity of zero or more.
pub(super) fn floor_scaled(quantity: Decimal, scale: u32) -> u64 {
    let mantissa = quantity.mantissa();
    let steps = match quantity.scale().cmp(&scale) {
        std::cmp::Ordering::Equal => Some(mantissa),
        std::cmp::Ordering::Less => 10i128
            .checked_pow(scale - quantity.scale())
            .and_then(|up| mantissa.checked_mul(up)),
        std::cmp::Ordering::Greater => 10i128.checked_pow(quantity.scale() - scale).map(|down| mantissa / down),
    };
    steps.map_or(u64::MAX, |steps| {
        u64::try_from(steps).unwrap_or(if steps < 0 { 0 } else { u64::MAX })
    })
}

impl Entries {
    pub(super) fn new(breaks: &[Break], terms: &[u32], term_count: usize) -> Self {
        // As they are written, and where that does not fit without their last zeros.
        Self::with_scale(breaks, terms, term_count, Decimal::scale).unwrap_or_else(|| {
            let shortest = |value: &Decimal| value.normalize().scale();
            let fitting = Self::with_scale(breaks, terms, term_count, shortest);
            fitting.unwrap_or_else(|| Self::wide(breaks, terms))
        })
    }

    fn wide(breaks: &[Break], terms: &[u32]) -> Self {
        let wide = |at: usize| Wide {
            price: breaks[at].price,
            min_quantity: breaks[at].min_quantity,
            term: terms[at],
            more: has_more(breaks, at),
        };
        Entries::Wide((0..breaks.len()).map(wide).collect())
    }

    /// The narrowest form in which all numbers fit with the scale of the longest.
    fn with_scale(breaks: &[Break], terms: &[u32], term_count: usize, scale: impl Fn(&Decimal) -> u32) -> Option<Self> {
        let prices = breaks.iter().filter_map(|entry| entry.price.as_ref());
        let scales = Scales {
            price: prices.map(&scale).max().unwrap_or(0),
            quantity: breaks.iter().map(|entry| scale(&entry.min_quantity)).max().unwrap_or(0),
        };
        let fits = term_count <= usize::from(u16::MAX);
        let cell = |at: usize| {
            let entry = &breaks[at];
            Some(Cell {
                price: entry
                    .price
                    .map_or(Some(i64::MIN), |price| scaled(price, scales.price))?,
                min_quantity: u32::try_from(scaled(entry.min_quantity, scales.quantity)?).ok()?,
                term: u16::try_from(terms[at]).ok()?,
                more: u16::from(has_more(breaks, at)),
            })
        };
        let narrow = |at: usize| {
            let Cell {
                price,
                min_quantity,
                term,
                more,
            } = cell(at)?;
            let price = match price {
                i64::MIN => u32::MAX,
                price => u32::try_from(price).ok().filter(|price| *price != u32::MAX)?,
            };
            Some(Cell {
                price,
                min_quantity,
                term,
                more,
            })
        };
        let all = 0..breaks.len();
        if let Some(cells) = all.clone().map(narrow).collect::<Option<_>>().filter(|_| fits) {
            return Some(Entries::Narrow(scales, cells));
        }
        let cells = all.map(cell).collect::<Option<_>>().filter(|_| fits)?;
        Some(Entries::Long(scales, cells))
    }
}

/// Whether the next entry is of the same product.
fn has_more(breaks: &[Break], at: usize) -> bool {
    breaks
        .get(at + 1)
        .is_some_and(|next| next.product == breaks[at].product)
}
