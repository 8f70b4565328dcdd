//! What is there and when it ships: warehouses, stock levels, coming supply, and the promise made from them.
//!
//! Available on a day = on hand − allocated − safety − what our own orders hold that the ERP does not show yet + firm
//! supply due by then, never below zero. A kit has as many as its scarcest component allows, per warehouse. A quantity
//! ships from the first warehouse that covers it whole, today before its cut-off, else on its next working day. What is
//! not covered ships on the first working day on which firm supply covers it, else after the product's lead time, which
//! begins a day later after the cut-off; without either there is no date, since a date nobody stands for is worse than
//! none. Figures that an absent ERP left too old are trusted less ([`Trust`]).

mod share;
mod trust;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use share::{HeldStock, share};
pub use trust::Trust;

use super::unit::Factor;

/// Days looked ahead for one that is worked: no plant closes longer.
const CLOSED_DAYS_MAX: usize = 400;

/// The days on which a warehouse ships.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Whether it works on Monday to Sunday.
    pub works: [bool; 7],
    /// Days on which it is closed all the same, ascending.
    pub closed: Box<[Date]>,
}

impl Default for Calendar {
    /// Monday to Friday, without holidays.
    fn default() -> Self {
        Calendar {
            works: [true, true, true, true, true, false, false],
            closed: Box::default(),
        }
    }
}

impl Calendar {
    /// Whether it ships on a day.
    pub fn is_open(&self, date: Date) -> bool {
        let day = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        self.works[day] && self.closed.binary_search(&date).is_err()
    }

    /// The day itself, or the next one that is worked; `None` when none comes.
    pub fn next_open(&self, date: Date) -> Option<Date> {
        let days = std::iter::successors(Some(date), |date| date.tomorrow().ok());
        days.take(CLOSED_DAYS_MAX).find(|date| self.is_open(*date))
    }

    /// Reads `1-5|2026-12-25|2026-12-26`: working days of the week (Monday is 1), then closed days.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split('|').map(str::trim);
        let week = parts.next().unwrap_or_default();
        let (first, last) = week.split_once('-').unwrap_or((week, week));
        let day = |text: &str| text.parse().ok().filter(|day| (1..=7).contains(day));
        let (Some(first), Some(last)) = (day(first), day(last)) else {
            return Err("must begin with the working days of the week, such as 1-5 for Monday to Friday".into());
        };
        if first > last {
            return Err("has a last working day before the first".into());
        }
        let mut works = [false; 7];
        works[first - 1..last].fill(true);
        let mut closed = Vec::new();
        for part in parts {
            let date = Date::strptime("%Y-%m-%d", part);
            closed.push(date.map_err(|_| format!("has {part:?}, expected a day such as 2026-12-25"))?);
        }
        closed.sort_unstable();
        Ok(Calendar {
            works,
            closed: closed.into(),
        })
    }
}

/// A place goods ship from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warehouse {
    /// Our identifier.
    pub id: Uuid,
    /// The supplier's code.
    pub code: String,
    /// The name shown.
    pub name: String,
    /// Region or state.
    pub region: Option<String>,
    /// ISO 3166 country code.
    pub country: Option<String>,
    /// Its time zone; UTC when none is known.
    pub zone: TimeZone,
    /// Orders until this local time ship the same day.
    pub cutoff: Option<Time>,
    /// The days on which it ships.
    pub calendar: Calendar,
    /// Whether it ships.
    pub is_active: bool,
}

impl Warehouse {
    /// The day there, seen from an instant.
    pub fn today(&self, now: Timestamp) -> Date {
        now.to_zoned(self.zone.clone()).date()
    }

    /// The first day something that is there ships, seen from an instant.
    pub fn ships_on(&self, now: Timestamp) -> Option<Date> {
        self.calendar.next_open(self.first_day(now)?)
    }

    /// Today before the cut-off, else tomorrow.
    fn first_day(&self, now: Timestamp) -> Option<Date> {
        let local = now.to_zoned(self.zone.clone());
        let is_late = self.cutoff.is_some_and(|cutoff| local.time() > cutoff);
        if is_late {
            local.date().tomorrow().ok()
        } else {
            Some(local.date())
        }
    }

    /// The day on which something ships that takes so many days to come.
    fn after_lead_time(&self, now: Timestamp, days: u32) -> Option<Date> {
        self.calendar.next_open(days_later(self.first_day(now)?, days)?)
    }
}

fn days_later(date: Date, days: u32) -> Option<Date> {
    date.checked_add(SignedDuration::from_hours(24 * i64::from(days))).ok()
}

/// What one warehouse has of one product, in base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockLevel {
    /// Physically there.
    pub on_hand: Decimal,
    /// Promised to others.
    pub allocated: Decimal,
    /// Kept back.
    pub safety: Decimal,
    /// Held by orders of ours that the ERP does not show yet.
    pub reserved: Decimal,
    /// When the ERP said so.
    pub as_of: Timestamp,
}

impl StockLevel {
    /// What can be promised now: on hand − allocated − safety − reserved, never below zero.
    pub fn available(&self) -> Decimal {
        self.free().max(Decimal::ZERO)
    }

    /// The same, below zero where more is promised than there is.
    fn free(&self) -> Decimal {
        let free = self
            .on_hand
            .checked_sub(self.allocated)
            .and_then(|free| free.checked_sub(self.safety))
            .and_then(|free| free.checked_sub(self.reserved));
        free.unwrap_or(Decimal::ZERO)
    }
}

/// Goods that come to a warehouse, or that are firmly wanted from it (a negative quantity), in base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supply {
    /// The day.
    pub due: Date,
    /// How many; negative for demand.
    pub quantity: Decimal,
}

/// Where supply comes from, or that it is demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupplyKind {
    /// Bought.
    Purchase,
    /// Made.
    Production,
    /// Brought from another warehouse.
    Transfer,
    /// Wanted from the warehouse.
    Demand,
}

known_by_words!(SupplyKind {
    Purchase = "purchase",
    Production = "production",
    Transfer = "transfer",
    Demand = "demand",
});

/// Whether a reservation is held still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReservationState {
    /// It takes from what can be promised.
    Held,
    /// It takes nothing any more.
    Released,
}

known_by_words!(ReservationState {
    Held = "held",
    Released = "released",
});

/// What stock is reserved for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReservedFor {
    /// An order of ours.
    Order,
}

known_by_words!(ReservedFor { Order = "order" });

/// A product, or a component of a kit, at one warehouse.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// What is there.
    pub level: StockLevel,
    /// What is firmly coming, by day.
    pub supply: &'a [Supply],
    /// How many of it, in its base units, go into one base unit of what is asked for.
    pub per: Decimal,
}

impl Part<'_> {
    /// What is free on a day.
    fn free(&self, date: Date) -> Decimal {
        let coming = self.supply.iter().take_while(|supply| supply.due <= date);
        coming.fold(self.level.free(), |free, supply| free.saturating_add(supply.quantity))
    }
}

/// What one warehouse has of what is asked for: the product itself, or the components of a kit.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// The warehouse.
    pub warehouse: &'a Warehouse,
    /// The product itself, or what it is put together from.
    pub parts: Parts<'a>,
}

/// What is asked for: a product, or a kit of which there are only whole ones.
#[derive(Clone, Debug)]
pub enum Parts<'a> {
    /// The product itself.
    Goods(Part<'a>),
    /// Every component.
    Kit(Vec<Part<'a>>),
}

impl<'a> Parts<'a> {
    fn as_slice(&self) -> &[Part<'a>] {
        match self {
            Parts::Goods(part) => std::slice::from_ref(part),
            Parts::Kit(parts) => parts,
        }
    }
}

impl Place<'_> {
    /// As many as the scarcest part allows.
    fn scarcest(&self, of: impl Fn(&Part<'_>) -> Decimal) -> Decimal {
        match &self.parts {
            Parts::Goods(part) => of(part),
            Parts::Kit(parts) => {
                let counts = parts
                    .iter()
                    .map(|part| of(part).checked_div(part.per).unwrap_or(Decimal::ZERO).floor());
                counts.min().unwrap_or(Decimal::ZERO)
            }
        }
    }

    /// Physically there.
    pub fn on_hand(&self) -> Decimal {
        self.scarcest(|part| part.level.on_hand)
    }

    /// What can be promised for a day.
    pub fn available(&self, date: Date) -> Decimal {
        self.scarcest(|part| part.free(date)).max(Decimal::ZERO)
    }

    /// The first day, from one on, on which what is needed is available.
    fn covered_on(&self, need: Need, from: Date) -> Option<Date> {
        let dues = self
            .parts
            .as_slice()
            .iter()
            .flat_map(|part| part.supply)
            .map(|supply| supply.due);
        let mut dues: Vec<Date> = dues.filter(|due| *due > from).collect();
        dues.sort_unstable();
        std::iter::once(from)
            .chain(dues)
            .find(|date| covers(need.trust.of(self.available(*date)), need.base_quantity))
    }
}

fn covers(available: Decimal, quantity: Decimal) -> bool {
    available > Decimal::ZERO && available >= quantity
}

/// Availability in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// One warehouse covers the quantity.
    InStock,
    /// There is some, but no warehouse covers the quantity.
    Partial,
    /// Nothing there; ships later, on a day that is known.
    LeadTime,
    /// Nothing there and no date known.
    OnRequest,
}

/// What one warehouse has, for display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtWarehouse {
    /// The warehouse's code.
    pub code: String,
    /// The warehouse's name.
    pub name: String,
    /// What is physically there, in the requested unit.
    pub on_hand: Decimal,
    /// What can be promised there, in the requested unit.
    pub available: Decimal,
    /// When the ERP said so.
    pub as_of: Timestamp,
}

/// Whether and when a quantity ships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// In a word.
    pub band: Band,
    /// What can be promised from the warehouse that serves, or over all for `Partial`, in the requested unit.
    pub available: Decimal,
    /// The warehouse the whole quantity ships from.
    pub warehouse: Option<String>,
    /// The day the whole quantity ships, where one is known.
    pub ships_on: Option<Date>,
    /// Each warehouse that has the product on record, in the order they serve the account.
    pub warehouses: Vec<AtWarehouse>,
    /// The oldest of the figures used, `None` without any.
    pub as_of: Option<Timestamp>,
}

/// What is asked of the stock of one product.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// How much, in base units.
    pub base_quantity: Decimal,
    /// The unit to count in.
    pub factor: Factor,
    /// Digits after the point a quantity in it may have.
    pub decimals: u32,
    /// The product's lead time.
    pub lead_time_days: Option<u32>,
    /// The present instant.
    pub now: Timestamp,
    /// The day it is wanted on; none is today.
    pub wanted_on: Option<Date>,
    /// How far the figures are trusted.
    pub trust: Trust,
}

impl Need {
    /// The day by which a place must have it: the wanted one, at the earliest the present one there.
    fn day(&self, place: &Place<'_>) -> Date {
        let today = place.warehouse.today(self.now);
        self.wanted_on.map_or(today, |wanted| wanted.max(today))
    }

    /// Base units as whole steps of the requested unit: 71 pieces are 10 cases of 7.
    fn in_unit(&self, base: Decimal) -> Decimal {
        self.factor.floor_from_base(base, self.decimals)
    }
}

/// Judges the stock of one product against a need; places come in the order they serve the account.
pub fn judge(need: Need, places: &[Place<'_>]) -> Availability {
    let active: Vec<_> = places.iter().filter(|place| place.warehouse.is_active).collect();
    let free = |place: &Place<'_>| need.trust.of(place.available(need.day(place)));
    let from = active.iter().find(|place| covers(free(place), need.base_quantity));
    let sum = active
        .iter()
        .fold(Decimal::ZERO, |sum, place| sum.saturating_add(free(place)));
    let (band, available, serving, ships_on) = match from {
        Some(place) => (
            Band::InStock,
            free(place),
            Some(place.warehouse),
            in_stock_on(place, need),
        ),
        None => {
            let (serving, later) = match need.trust {
                // Nobody knows what is there: a lead time would be as good as made up.
                Trust::Nothing if !active.is_empty() => (None, None),
                _ => later(&active, need),
            };
            let band = match later {
                _ if sum > Decimal::ZERO => Band::Partial,
                Some(_) => Band::LeadTime,
                None => Band::OnRequest,
            };
            (band, sum, serving, later)
        }
    };
    let at = |place: &&Place<'_>| AtWarehouse {
        code: place.warehouse.code.clone(),
        name: place.warehouse.name.clone(),
        on_hand: need.in_unit(place.on_hand()),
        available: need.in_unit(free(place)),
        as_of: place
            .parts
            .as_slice()
            .iter()
            .map(|part| part.level.as_of)
            .min()
            .unwrap_or(need.now),
    };
    let warehouses: Vec<AtWarehouse> = active.iter().map(at).collect();
    Availability {
        band,
        available: need.in_unit(available),
        warehouse: serving.map(|warehouse| warehouse.code.clone()),
        ships_on,
        as_of: warehouses.iter().map(|at| at.as_of).min(),
        warehouses,
    }
}

/// The day on which it ships from a place that covers it: at once, or when what covers it has come.
fn in_stock_on(place: &Place<'_>, need: Need) -> Option<Date> {
    let at_once = place.warehouse.ships_on(need.now)?;
    let covered = place.covered_on(need, place.warehouse.today(need.now))?;
    place.warehouse.calendar.next_open(at_once.max(covered))
}

/// Where and when something ships that no place covers: with the first supply that covers it, else after the lead time.
fn later<'a>(places: &[&Place<'a>], need: Need) -> (Option<&'a Warehouse>, Option<Date>) {
    let with_supply = places.iter().filter_map(|place| {
        let covered = place.covered_on(need, place.warehouse.today(need.now))?;
        Some((place.warehouse.calendar.next_open(covered)?, place.warehouse))
    });
    // The first of equal days: places come in their order.
    let first = with_supply.reduce(|first, next| if next.0 < first.0 { next } else { first });
    if let Some((date, warehouse)) = first {
        return (Some(warehouse), Some(date));
    }
    let after = need.lead_time_days.and_then(|days| match places.first() {
        Some(place) => place.warehouse.after_lead_time(need.now, days),
        None => {
            let today = need.now.to_zoned(TimeZone::UTC).date();
            Calendar::default().next_open(days_later(today, days)?)
        }
    });
    (None, after)
}

#[cfg(test)]
mod tests;
