//! What is there and when it ships: warehouses, stock levels, and the promise made from them.
//!
//! First form: available = on hand − allocated − safety, never below zero. A quantity ships from the first warehouse
//! that covers it whole, today before its cut-off, else on its next working day (Monday to Friday; public holidays are
//! not known here). What no warehouse covers ships after the product's lead time; without one there is no date, since
//! a date nobody stands for is worse than none.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::unit::Factor;

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
    /// Whether it ships.
    pub is_active: bool,
}

impl Warehouse {
    /// The first day something that is there ships, seen from an instant.
    pub fn ships_on(&self, now: Timestamp) -> Option<Date> {
        let local = now.to_zoned(self.zone.clone());
        let is_late = self.cutoff.is_some_and(|cutoff| local.time() > cutoff);
        working_day(local.date(), i64::from(is_late))
    }
}

/// The date so many days later, or the Monday after it when that is a weekend.
fn working_day(date: Date, days: i64) -> Option<Date> {
    let date = date.checked_add(Span::new().try_days(days).ok()?).ok()?;
    let skip = match date.weekday() {
        Weekday::Saturday => 2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    date.checked_add(Span::new().days(skip)).ok()
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
    /// When the ERP said so.
    pub as_of: Timestamp,
}

impl StockLevel {
    /// What can be promised: on hand − allocated − safety, never below zero.
    pub fn available(&self) -> Decimal {
        let free = self
            .on_hand
            .checked_sub(self.allocated)
            .and_then(|free| free.checked_sub(self.safety));
        free.unwrap_or(Decimal::ZERO).max(Decimal::ZERO)
    }
}

/// Availability in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// One warehouse covers the quantity.
    InStock,
    /// There is some, but no warehouse covers the quantity.
    Partial,
    /// Nothing there; ships after the lead time.
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
    /// Whole units of the requested unit that can be promised there.
    pub available: Decimal,
    /// When the ERP said so.
    pub as_of: Timestamp,
}

/// Whether and when a quantity ships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// In a word.
    pub band: Band,
    /// Whole units of the requested unit that can be promised from the warehouse that serves, or over all for `Partial`.
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
    /// The product's lead time.
    pub lead_time_days: Option<u32>,
    /// The present instant.
    pub now: Timestamp,
}

/// Judges the stock of one product against a need; warehouses come in the order they serve the account.
pub fn judge<'a>(need: Need, levels: impl Iterator<Item = (&'a Warehouse, StockLevel)>) -> Availability {
    let active: Vec<_> = levels.filter(|(warehouse, _)| warehouse.is_active).collect();
    let covers = |level: &StockLevel| level.available() > Decimal::ZERO && level.available() >= need.base_quantity;
    let from = active.iter().find(|(_, level)| covers(level));
    let sum = active
        .iter()
        .fold(Decimal::ZERO, |sum, (_, level)| sum.saturating_add(level.available()));
    let later = need.lead_time_days.and_then(|days| {
        let zone = active
            .first()
            .map_or(TimeZone::UTC, |(warehouse, _)| warehouse.zone.clone());
        working_day(need.now.to_zoned(zone).date(), i64::from(days))
    });
    let (band, available, ships_on) = match from {
        Some((warehouse, level)) => (Band::InStock, level.available(), warehouse.ships_on(need.now)),
        None if sum > Decimal::ZERO => (Band::Partial, sum, later),
        None if later.is_some() => (Band::LeadTime, sum, later),
        None => (Band::OnRequest, sum, None),
    };
    let at = |(warehouse, level): &(&Warehouse, StockLevel)| AtWarehouse {
        code: warehouse.code.clone(),
        name: warehouse.name.clone(),
        available: need.factor.whole_from_base(level.available()),
        as_of: level.as_of,
    };
    Availability {
        band,
        available: need.factor.whole_from_base(available),
        warehouse: from.map(|(warehouse, _)| warehouse.code.clone()),
        ships_on,
        as_of: active.iter().map(|(_, level)| level.as_of).min(),
        warehouses: active.iter().map(at).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warehouse(code: &str, zone: &str) -> Warehouse {
        Warehouse {
            id: Uuid::nil(),
            code: code.into(),
            name: code.into(),
            region: None,
            country: None,
            zone: TimeZone::get(zone).unwrap(),
            cutoff: Some(Time::constant(15, 0, 0, 0)),
            is_active: true,
        }
    }

    /// `on_hand`, `needed`, lead time, instant, and what is said: band, whole units, warehouse, day.
    fn check(on_hand: [i64; 2], needed: i64, lead: Option<u32>, now: &str, expect: &str) {
        let now: Timestamp = now.parse().unwrap();
        let places = [
            warehouse("HOU", "America/Chicago"),
            warehouse("RTM", "Europe/Amsterdam"),
        ];
        let levels = places.iter().zip(on_hand).map(|(place, on_hand)| {
            let level = StockLevel {
                on_hand: Decimal::from(on_hand),
                allocated: Decimal::from(3),
                safety: Decimal::from(2),
                as_of: now,
            };
            (place, level)
        });
        let need = Need {
            base_quantity: Decimal::from(needed),
            factor: Factor::new(Decimal::from(7), Decimal::ONE).unwrap(),
            lead_time_days: lead,
            now,
        };
        let said = judge(need, levels);
        let (warehouse, day) = (
            said.warehouse.unwrap_or_default(),
            said.ships_on.map(|day| day.to_string()),
        );
        let text = format!(
            "{:?} {} {warehouse} {}",
            said.band,
            said.available,
            day.unwrap_or_default()
        );
        assert_eq!(text, expect);
    }

    #[test]
    fn promises_follow_stock_cutoff_and_weekend() {
        // 2026-11-23 is a Monday; 20:59 UTC is 14:59 in Chicago and 21:59 in Amsterdam.
        check(
            [75, 0],
            70,
            Some(4),
            "2026-11-23T20:59:00Z",
            "InStock 10 HOU 2026-11-23",
        );
        check(
            [75, 0],
            70,
            Some(4),
            "2026-11-23T21:01:00Z",
            "InStock 10 HOU 2026-11-24",
        );
        check(
            [0, 75],
            70,
            Some(4),
            "2026-11-23T20:59:00Z",
            "InStock 10 RTM 2026-11-24",
        );
        check(
            [75, 0],
            70,
            Some(4),
            "2026-11-27T21:01:00Z",
            "InStock 10 HOU 2026-11-30",
        );
        check([75, 75], 71, Some(4), "2026-11-23T12:00:00Z", "Partial 20  2026-11-27");
        check([75, 75], 71, None, "2026-11-23T12:00:00Z", "Partial 20  ");
        check([5, 4], 1, Some(5), "2026-11-23T12:00:00Z", "LeadTime 0  2026-11-30");
        check([5, 4], 0, None, "2026-11-23T12:00:00Z", "OnRequest 0  ");
    }
}
