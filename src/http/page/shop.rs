//! The shop of one visit: home, category, search, product, cart.

mod results;

use askama::Template;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::filters;
use super::format::{Money, Price};
use super::icon::Icon;
use super::part::{Fact, Fault, Told, Value, encoded};
use super::text::Text;
use crate::domain::language::Language;
use crate::http::asset;

pub use results::{CategoryPage, Chosen, Facet, Results, SearchPage, Turn};

/// What the buyer's user may do in this visit (cXML 1.2 `PunchOutSetupRequest/@operation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A new cart.
    Create,
    /// A returned cart is changed.
    Edit,
    /// A returned cart is looked at; nothing can be changed.
    Inspect,
}

/// The addresses of one visit; all begin with its base path, `/s/{handle}`.
///
/// Part numbers and category codes go in the query: many proxies refuse or unpack an escaped slash in a path.
#[derive(Clone, Copy, Debug)]
pub struct Paths<'a>(pub &'a str);

impl Paths<'_> {
    /// The first page of the shop.
    pub fn home(&self) -> String {
        format!("{}/", self.0)
    }

    /// Where the search form goes.
    pub fn search(&self) -> String {
        format!("{}/search", self.0)
    }

    /// The results for these words.
    pub fn results(&self, query: &str) -> String {
        format!("{}/search?q={}", self.0, encoded(query))
    }

    /// Where products of categories are.
    pub fn category_path(&self) -> String {
        format!("{}/category", self.0)
    }

    /// Where what is typed is completed.
    pub fn suggest(&self) -> String {
        format!("{}/suggest", self.0)
    }

    /// The products of a category.
    pub fn category(&self, code: &str) -> String {
        format!("{}/category?code={}", self.0, encoded(code))
    }

    /// The page of a product.
    pub fn product(&self, sku: &str) -> String {
        format!("{}/product?sku={}", self.0, encoded(sku))
    }

    /// The page of a product, priced in this unit.
    pub fn product_in(&self, sku: &str, unit: &str) -> String {
        format!("{}/product?sku={}&unit={}", self.0, encoded(sku), encoded(unit))
    }

    /// The cart; changed quantities are posted there too.
    pub fn cart(&self) -> String {
        format!("{}/cart", self.0)
    }

    /// Where a product is added to the cart.
    pub fn add(&self) -> String {
        format!("{}/cart/add", self.0)
    }

    /// Where the cart is given back to the buyer's system.
    pub fn give_back(&self) -> String {
        format!("{}/return", self.0)
    }

    /// Where a language is chosen.
    pub fn language(&self) -> String {
        format!("{}/language", self.0)
    }

    /// Where the visit ends without a cart.
    pub fn cancel(&self) -> String {
        format!("{}/cancel", self.0)
    }
}

/// What stands around every page of the shop.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    /// The supplier's name.
    pub brand: &'a str,
    /// The visit's addresses.
    pub paths: Paths<'a>,
    /// The token every form carries.
    pub csrf: &'a str,
    /// The buying company: "Globex".
    pub buyer: &'a str,
    /// The procurement system: "SAP Ariba".
    pub via: &'a str,
    /// The person, where the buyer's system named one.
    pub user: Option<&'a str>,
    /// When shopping ends.
    pub until: Timestamp,
    /// What may be done.
    pub mode: Mode,
    /// Whether the connection is for tests.
    pub test: bool,
    /// Lines in the cart.
    pub cart_lines: u64,
    /// Their sum; `None` while the cart is empty or has no prices.
    pub cart_total: Option<Money<'a>>,
    /// The words searched for, shown in the search field again.
    pub query: &'a str,
    /// Something to say above the content: a product added, an unknown item asked for.
    pub notice: Option<Told>,
    /// The language of the page.
    pub language: Language,
    /// The address of the page, where the reader stays when they choose another language.
    pub here: &'a str,
}

impl Frame<'_> {
    /// Whether the cart may be changed.
    pub fn can_change(&self) -> bool {
        self.mode != Mode::Inspect
    }

    /// The languages that the reader may change to.
    fn languages(&self) -> impl Iterator<Item = Language> {
        Language::ALL.into_iter().filter(|language| *language != self.language)
    }
}

/// A category as a link.
#[derive(Clone, Copy, Debug)]
pub struct CategoryLink<'a> {
    /// Its code.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
    /// How many products this buyer finds in it.
    pub products: u64,
}

/// A category of the home page with the first few below it.
#[derive(Clone, Debug)]
pub struct CategoryTile<'a> {
    /// The category.
    pub category: CategoryLink<'a>,
    /// Some of its subcategories; the tile shows all it is given.
    pub below: Vec<CategoryLink<'a>>,
}

/// What is known about stock, said in words with a date.
#[derive(Clone, Copy, Debug)]
pub enum Availability<'a> {
    /// Enough for the quantity asked about.
    InStock {
        /// The warehouse it comes from.
        from: Option<&'a str>,
        /// How much there is; `None` where only "in stock" is said.
        quantity: Option<Decimal>,
        /// The day it leaves.
        ships: Option<Date>,
    },
    /// Some, but not all of it.
    Partly {
        /// How much there is.
        quantity: Decimal,
        /// When the rest comes.
        rest_by: Option<Date>,
    },
    /// Nothing now.
    Later {
        /// When it comes.
        by: Option<Date>,
    },
    /// Nobody knows; also for goods without stock.
    OnRequest,
}

/// How a product is put in the cart.
#[derive(Clone, Copy, Debug)]
pub struct Adding<'a> {
    /// The unit's code, as the form sends it: "BX".
    pub unit: &'a str,
    /// The unit as said in a sentence: "box of 100", "each".
    pub unit_name: &'a str,
    /// The quantity in the field at first.
    pub quantity: Decimal,
    /// The least quantity.
    pub minimum: Decimal,
    /// What the quantity is a multiple of.
    pub multiple: Decimal,
}

impl Adding<'_> {
    /// Whether there is a rule worth saying.
    pub fn is_bound(&self) -> bool {
        self.minimum > Decimal::ONE || self.multiple > Decimal::ONE
    }
}

/// A product in a list.
#[derive(Clone, Debug)]
pub struct ProductRow<'a> {
    /// Our part number.
    pub sku: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Who makes it.
    pub manufacturer: Option<&'a str>,
    /// The maker's part number.
    pub manufacturer_part: Option<&'a str>,
    /// The buyer's own part number.
    pub buyer_part: Option<&'a str>,
    /// The address of its picture.
    pub picture: Option<&'a str>,
    /// The attributes that decide between the products of this list; three at most look good.
    pub attributes: Vec<Fact<'a>>,
    /// The contract price; `None` is "on request".
    pub price: Option<Price<'a>>,
    /// What is in stock.
    pub availability: Availability<'a>,
    /// How it is added; `None` where it cannot be ordered.
    pub adding: Option<Adding<'a>>,
    /// How many units the cart has of it already.
    pub in_cart: Option<Decimal>,
}

/// The first page: categories as tiles.
#[derive(Debug, Template)]
#[template(path = "shop/home.html")]
pub struct HomePage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// How many products the account may buy.
    pub products: u64,
    /// The uppermost categories.
    pub tiles: Vec<CategoryTile<'a>>,
}

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
}

/// What changed on a line since it was put in the cart or quoted.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The key of what changed.
    pub what: &'static str,
    /// What it was.
    pub was: Value<'a>,
    /// What it is now.
    pub now: Value<'a>,
    /// Why, in one sentence.
    pub why: &'a str,
}

/// A line of the cart.
#[derive(Clone, Debug)]
pub struct CartLine<'a> {
    /// The line's identifier; its field in the form is `quantity-{id}`.
    pub id: Uuid,
    /// Our part number.
    pub sku: &'a str,
    /// The product's name.
    pub name: &'a str,
    /// How much, in the line's unit.
    pub quantity: Decimal,
    /// The unit as said in a sentence.
    pub unit_name: &'a str,
    /// The least quantity.
    pub minimum: Decimal,
    /// What the quantity is a multiple of.
    pub multiple: Decimal,
    /// The price now; `None` is "on request".
    pub price: Option<Price<'a>>,
    /// The rounded amount of the line.
    pub amount: Option<Money<'a>>,
    /// What is in stock.
    pub availability: Availability<'a>,
    /// What changed.
    pub changes: Vec<Change<'a>>,
}

/// One line as the buyer's system receives it (cXML 1.2 `ItemIn`).
#[derive(Clone, Copy, Debug)]
pub struct PreviewLine<'a> {
    /// `SupplierPartID`.
    pub part: &'a str,
    /// `Description`, as cut for this buyer.
    pub description: &'a str,
    /// `@quantity`.
    pub quantity: Decimal,
    /// `UnitOfMeasure`, in the buyer's code.
    pub unit: &'a str,
    /// `UnitPrice/Money`.
    pub price: Money<'a>,
    /// `Classification`: "UNSPSC 31161504".
    pub classification: &'a str,
}

/// The cart: changed in create and edit, only shown in inspect.
#[derive(Debug, Template)]
#[template(path = "shop/cart.html")]
pub struct CartPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The lines.
    pub lines: Vec<CartLine<'a>>,
    /// The sum of the rounded lines.
    pub total: Option<Money<'a>>,
    /// Until when the prices hold once the cart is returned.
    pub valid_until: Option<Timestamp>,
    /// What the buyer's system will receive; empty where it is not shown.
    pub preview: Vec<PreviewLine<'a>>,
    /// What was wrong with the quantities sent; the field is `quantity-{id}`.
    pub faults: Vec<Fault<'a>>,
}

impl CartPage<'_> {
    /// How many lines changed since they were put in the cart.
    pub fn changed(&self) -> u64 {
        self.lines.iter().map(|line| u64::from(!line.changes.is_empty())).sum()
    }

    fn fault(&self, line: &CartLine<'_>) -> Option<&str> {
        super::part::fault(&self.faults, &format!("quantity-{}", line.id))
    }
}

/// An edited cart was emptied: returning it deletes the lines at the buyer (Reference Guide, empty carts).
#[derive(Debug, Template)]
#[template(path = "shop/confirm_empty.html")]
pub struct ConfirmEmptyPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
}
