//! What is known about an order besides what it says: offers, packing, stock, addresses.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::product::Product;
use crate::domain::quote::{Quote, QuoteLine};
use crate::domain::session::ShipTo;
use crate::domain::terms::Answer;
use crate::domain::unit::Factor;

/// What is known about an order; what is not known is not judged.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// About its lines, in their order.
    pub lines: Vec<LineFacts>,
    /// The ship-tos of the visits that its lines came from.
    pub visits: Vec<ShipTo>,
    /// Whether the account has the order's address on record; `None` where nobody can tell.
    pub address_known: Option<bool>,
}

/// What is known about one line.
#[derive(Clone, Debug, Default)]
pub struct LineFacts {
    /// The offer of ours that the line names, in its own unit.
    pub quote: Option<Offer>,
    /// The contract's price, in the ordered unit.
    pub contract: Option<Offer>,
    /// How the product is packed and sold.
    pub packing: Option<Packing>,
    /// What can be promised.
    pub stock: Option<Stock>,
}

impl LineFacts {
    /// What quote, catalogue and contract say about a line that is ordered in `unit`, a code of ours.
    pub fn of(product: &Product, unit: &str, quoted: Option<&(Quote, QuoteLine)>, answer: Option<&Answer>) -> Self {
        let quote = quoted.map(|(quote, line)| Offer {
            price: line.unit_price,
            per: line.price_quantity,
            unit: line.unit.clone(),
            currency: quote.currency.clone(),
            until: Some(quote.valid_until),
        });
        let contract = answer.and_then(|answer| {
            let price = answer.unit_price?;
            Some(Offer {
                price: price.amount,
                per: answer.price_quantity,
                unit: unit.to_owned(),
                currency: price.currency.code().to_owned(),
                until: None,
            })
        });
        LineFacts {
            packing: Packing::of(product, unit, quote.as_ref().map(|quote| quote.unit.as_str())),
            stock: answer.and_then(Stock::of),
            quote,
            contract,
        }
    }
}

/// A price of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The price for `per`.
    pub price: Decimal,
    /// How many of `unit` the price is for.
    pub per: Decimal,
    /// Its unit, a code of ours.
    pub unit: String,
    /// Its currency.
    pub currency: String,
    /// Until when it holds, where it is a quote.
    pub until: Option<Timestamp>,
}

/// How a product is packed and sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packing {
    /// Base units in one of the ordered unit.
    pub factor: Factor,
    /// The base unit, a code of ours.
    pub base_unit: String,
    /// Base units in one of the quoted unit, where there is a quote.
    pub quoted: Option<Factor>,
    /// The smallest order, in base units.
    pub minimum: Option<Decimal>,
    /// Orders are multiples of it, in base units.
    pub multiple: Option<Decimal>,
}

impl Packing {
    /// As the catalogue says; `None` where the product has no such unit.
    pub fn of(product: &Product, unit: &str, quoted_unit: Option<&str>) -> Option<Packing> {
        Some(Packing {
            factor: product.unit(unit)?.factor,
            base_unit: product.base_unit.clone(),
            quoted: quoted_unit.and_then(|unit| product.unit(unit)).map(|unit| unit.factor),
            minimum: product.min_order_quantity,
            multiple: product.order_multiple,
        })
    }
}

/// What can be promised of one product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    /// How many, in the ordered unit.
    pub available: Decimal,
    /// The day the whole quantity ships, where one is known.
    pub ships_on: Option<Date>,
}

impl Stock {
    /// As the terms answer; nothing for goods of which no warehouse keeps a record.
    fn of(answer: &Answer) -> Option<Stock> {
        let availability = &answer.availability;
        let is_kept = !availability.warehouses.is_empty();
        is_kept.then_some(Stock {
            available: availability.available,
            ships_on: availability.ships_on,
        })
    }
}
