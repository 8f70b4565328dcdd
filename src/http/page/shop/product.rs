//! The page of one product.

use askama::Template;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Availability, COMPARED_MAX, CategoryLink, Frame, ListChoice, Mode, ProductRow};
use crate::http::asset;
use crate::http::page::filters;
use crate::http::page::format::Price;
use crate::http::page::icon::Icon;
use crate::http::page::part::Fact;
use crate::http::page::text::Text;

/// A unit that a product is sold in.
#[derive(Clone, Copy, Debug)]
pub struct UnitChoice<'a> {
    /// The unit's code.
    pub code: &'a str,
    /// The unit as said in a sentence.
    pub name: &'a str,
    /// Whether the page shows prices for it.
    pub chosen: bool,
}

/// One step of a price by quantity.
#[derive(Clone, Copy, Debug)]
pub struct Break<'a> {
    /// The least quantity of the chosen unit.
    pub from: Decimal,
    /// The price from there on.
    pub price: Price<'a>,
}

/// Why a price is what it is.
#[derive(Clone, Debug)]
pub struct Why<'a> {
    /// Two sentences for the buyer's user.
    pub summary: &'a str,
    /// The steps of the resolution, in their order.
    pub trace: Vec<Fact<'a>>,
}

/// A picture or document of a product.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// What it is called.
    pub title: &'a str,
    /// Where it is served.
    pub address: &'a str,
    /// How many bytes it has.
    pub bytes: u64,
}

/// A product beside another: instead of it, or with it.
#[derive(Clone, Debug)]
pub struct Related<'a> {
    /// The product.
    pub product: ProductRow<'a>,
    /// How it differs, or what it is to the other one, in short sentences.
    pub remarks: Vec<String>,
}

/// The stock of one warehouse.
#[derive(Clone, Copy, Debug)]
pub struct WarehouseRow<'a> {
    /// The warehouse's name.
    pub name: &'a str,
    /// What it has.
    pub availability: Availability<'a>,
}

/// Everything about one product.
#[derive(Debug, Template)]
#[template(path = "shop/product.html")]
pub struct ProductPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The way from the top to its category.
    pub crumbs: Vec<CategoryLink<'a>>,
    /// What the lists show too: numbers, price, availability, how it is added.
    pub product: ProductRow<'a>,
    /// Some sentences about it.
    pub description: Option<&'a str>,
    /// Its GTIN.
    pub gtin: Option<&'a str>,
    /// Its pictures.
    pub pictures: Vec<Picture<'a>>,
    /// Documents about it.
    pub documents: Vec<Picture<'a>>,
    /// The units it is sold in.
    pub units: Vec<UnitChoice<'a>>,
    /// The price by quantity, lowest quantity first; empty where there is one price.
    pub breaks: Vec<Break<'a>>,
    /// Why the price is what it is.
    pub why: Option<Why<'a>>,
    /// The stock by warehouse.
    pub warehouses: Vec<WarehouseRow<'a>>,
    /// All attributes; the `attributes` of `product` need not be repeated.
    pub attributes: Vec<Fact<'a>>,
    /// What the price is for: the chosen unit.
    pub unit_name: &'a str,
    /// Until when the price holds, as far as is known.
    pub valid_until: Option<Date>,
    /// What may be bought instead, the best first.
    pub substitutes: Vec<Related<'a>>,
    /// What goes with it.
    pub related: Vec<Related<'a>>,
    /// Whether the user can keep lists.
    pub can_keep: bool,
    /// Whether it is one of the user's favourites.
    pub is_favourite: bool,
    /// The user's other lists.
    pub lists: Vec<ListChoice<'a>>,
}

impl ProductPage<'_> {
    /// This product and what may be bought instead, beside each other.
    fn comparison(&self) -> String {
        let others = self.substitutes.iter().map(|substitute| substitute.product.sku);
        let skus = std::iter::once(self.product.sku).chain(others);
        self.frame.paths.compare(skus.take(COMPARED_MAX))
    }
}
