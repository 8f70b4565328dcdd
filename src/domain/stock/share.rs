//! From which warehouses an accepted quantity is taken, and what is held there.

use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Need, Place, ReservationState, covers, later};

/// What an order holds or held, as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldStock {
    /// The part number.
    pub sku: String,
    /// How many, in base units.
    pub qty: Decimal,
    /// The code of the base unit.
    pub unit: String,
    /// The warehouse's name.
    pub warehouse: String,
    /// Whether it is held still.
    pub state: ReservationState,
    /// Until when it holds at most.
    pub expires_at: Option<Timestamp>,
    /// When the ERP showed the order, so that its own figures count.
    pub superseded_by_erp_at: Option<Timestamp>,
}

/// The warehouses that a quantity is taken from, and how much of it, in base units; places come in the order they serve
/// the account.
///
/// It is the warehouse that the promise names. Where none covers the quantity, each gives what it has, and what is still
/// wanting is owed by the first, so that goods on their way are not promised twice. Nothing where the product is on
/// record nowhere.
pub fn share(need: Need, places: &[Place<'_>]) -> Vec<(Uuid, Decimal)> {
    let active: Vec<&Place<'_>> = places.iter().filter(|place| place.warehouse.is_active).collect();
    let quantity = need.base_quantity;
    let free = |place: &Place<'_>| place.available(need.day(place));
    let covering = active.iter().find(|place| covers(free(place), quantity));
    let serving = match covering {
        Some(place) => Some(place.warehouse),
        None => later(&active, need).0,
    };
    if let Some(warehouse) = serving {
        return vec![(warehouse.id, quantity)];
    }
    let mut rest = quantity;
    let mut shares: Vec<(Uuid, Decimal)> = Vec::with_capacity(active.len());
    for place in &active {
        let given = free(place).min(rest);
        rest = rest.saturating_sub(given);
        shares.push((place.warehouse.id, given));
    }
    if let Some((_, first)) = shares.first_mut() {
        *first = first.saturating_add(rest);
    }
    shares.retain(|(_, given)| *given > Decimal::ZERO);
    shares
}
