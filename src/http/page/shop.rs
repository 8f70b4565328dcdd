//! The shop of one visit: home, category, search, product, cart.

mod cart;
mod keep;
mod product;
mod results;

use std::fmt::Display;

use askama::Template;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::filters;
use super::format::{Money, Price};
use super::icon::Icon;
use super::part::{Fact, Told, Tone, encoded};
use super::text::Text;
use crate::domain::language::Language;
use crate::http::asset;

pub use cart::{CartLine, CartPage, Change, ConfirmEmptyPage, PreviewLine};
pub use keep::{
    ComparePage, ComparedProduct, ListChoice, ListPage, ListRow, ListTile, ListsPage, QuickPage, QuickReport, QuickRow,
};
pub use product::{Break, Picture, ProductPage, Related, UnitChoice, WarehouseRow, Why};
pub use results::{CategoryPage, Chosen, Facet, Results, SearchPage, Turn};

/// Products beside each other at most: more are not seen at once.
pub const COMPARED_MAX: usize = 4;

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

    /// The lists that the user keeps.
    pub fn lists(&self) -> String {
        format!("{}/lists", self.0)
    }

    /// One of these lists; it is changed there too.
    pub fn list(&self, id: impl Display) -> String {
        format!("{}/list?id={id}", self.0)
    }

    /// Where a product is put on a list, or taken off.
    pub fn keep(&self) -> String {
        format!("{}/lists/keep", self.0)
    }

    /// Where many lines are ordered at once.
    pub fn quick(&self) -> String {
        format!("{}/quick", self.0)
    }

    /// Where matched lines are put in the cart.
    pub fn add_all(&self) -> String {
        format!("{}/cart/add-all", self.0)
    }

    /// Products beside each other.
    pub fn compare<'p>(&self, skus: impl IntoIterator<Item = &'p str>) -> String {
        let asked = skus.into_iter().map(|sku| format!("sku={}", encoded(sku)));
        format!("{}/compare?{}", self.0, asked.collect::<Vec<_>>().join("&"))
    }

    /// Where a number is sent that is to be compared with others.
    pub fn compare_form(&self) -> String {
        format!("{}/compare", self.0)
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

    /// Whether this is the cart, whose own button gives it back.
    fn is_cart(&self) -> bool {
        let page = self.here.split('?').next().unwrap_or_default();
        ["/cart", "/return"].iter().any(|end| page.ends_with(end))
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

/// A product on the home page, ordered again with one button.
#[derive(Clone, Debug)]
pub struct ShortRow<'a> {
    /// The product; `None` for a part number that is not in the catalogue any more.
    pub product: Option<ProductRow<'a>>,
    /// Our part number.
    pub sku: &'a str,
    /// When it was returned last.
    pub at: Option<Date>,
}

/// What changed since the user returned it last.
#[derive(Clone, Debug)]
pub struct Since<'a> {
    /// Our part number.
    pub sku: &'a str,
    /// The product's name.
    pub name: &'a str,
    /// Chooses icon and colour.
    pub tone: Tone,
    /// What changed, in one sentence.
    pub text: String,
}

/// The first page: what changed, what was bought before, favourites, categories as tiles.
#[derive(Debug, Template)]
#[template(path = "shop/home.html")]
pub struct HomePage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// How many products the account may buy.
    pub products: u64,
    /// Whether that is not known yet, nor what is in categories.
    pub is_preparing: bool,
    /// What changed since the user returned it last; the first few.
    pub since: Vec<Since<'a>>,
    /// How many products changed in all.
    pub since_count: u64,
    /// What the user returned last.
    pub again: Vec<ShortRow<'a>>,
    /// The user's favourites.
    pub favourites: Vec<ShortRow<'a>>,
    /// The list of all of them.
    pub favourites_list: Option<Uuid>,
    /// The uppermost categories.
    pub tiles: Vec<CategoryTile<'a>>,
}
