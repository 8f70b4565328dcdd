//! From which warehouses an accepted quantity is taken.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Need, Place, covers, later};

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
