//! What a buyer's user keeps from visit to visit: lists of products, and what went back in carts.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::stock::Band;

/// A user of one connection, by what the buyer's system calls them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shopper {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The connection; another one may call another person by the same name.
    pub connection_id: Uuid,
    /// The user's key: unique name, else e-mail address.
    pub user_key: String,
}

/// A list of products that a user keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShoppingList {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The connection of the user.
    pub connection_id: Uuid,
    /// The user.
    pub user_key: String,
    /// Its name; the user's favourites have none.
    pub name: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A product on a list, in one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedProduct {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The list.
    pub list_id: Uuid,
    /// Our part number.
    pub sku: String,
    /// Unit code of ours.
    pub unit: String,
    /// How many are ordered with the list.
    pub quantity: Decimal,
    /// When it was put there.
    pub added_at: Timestamp,
}

/// What a user returned last of a product in one unit, at the terms of that day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The connection of the user.
    pub connection_id: Uuid,
    /// The user.
    pub user_key: String,
    /// Our part number.
    pub sku: String,
    /// Unit code of ours.
    pub unit: String,
    /// How many.
    pub quantity: Decimal,
    /// What `price_quantity` units cost.
    pub unit_price: Decimal,
    /// The quantity the price was for.
    pub price_quantity: Decimal,
    /// The currency of the price.
    pub currency: String,
    /// Whether it was there.
    pub band: Band,
    /// The day it was to ship.
    pub ships_on: Option<Date>,
    /// When the cart went back.
    pub bought_at: Timestamp,
}
