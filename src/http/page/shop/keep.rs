//! Pages for those who come again: lists, quick order, products beside each other.

use askama::Template;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Availability, COMPARED_MAX, Frame, Mode, ProductRow};
use crate::http::asset;
use crate::http::page::filters;
use crate::http::page::format::Money;
use crate::http::page::icon::Icon;
use crate::http::page::part::{Fault, Status};
use crate::http::page::text::Text;

/// A list that a product can be put on.
#[derive(Clone, Copy, Debug)]
pub struct ListChoice<'a> {
    /// The list.
    pub id: Uuid,
    /// Its name.
    pub name: &'a str,
    /// Whether the product is on it.
    pub has: bool,
}

/// A list among the user's lists.
#[derive(Clone, Debug)]
pub struct ListTile<'a> {
    /// The list.
    pub id: Uuid,
    /// Its name; the favourites have none.
    pub name: Option<&'a str>,
    /// How many products are on it.
    pub products: u64,
    /// The names of the first few.
    pub first: Vec<&'a str>,
}

/// The lists that the user keeps.
#[derive(Debug, Template)]
#[template(path = "shop/lists.html")]
pub struct ListsPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// Whether the user can keep lists: the buyer's system must say who shops.
    pub can_keep: bool,
    /// The lists.
    pub lists: Vec<ListTile<'a>>,
    /// What was wrong with the name sent.
    pub faults: Vec<Fault<'a>>,
}

/// A product on a list.
#[derive(Clone, Debug)]
pub struct ListRow<'a> {
    /// Our part number.
    pub sku: &'a str,
    /// The unit's code.
    pub unit: &'a str,
    /// The unit as said in a sentence.
    pub unit_name: &'a str,
    /// How many are ordered with the list.
    pub quantity: Decimal,
    /// The least quantity.
    pub minimum: Decimal,
    /// What the quantity is a multiple of.
    pub multiple: Decimal,
    /// The product at the terms of today; `None` for what is not in the catalogue any more.
    pub product: Option<ProductRow<'a>>,
    /// The rounded amount of the quantity.
    pub amount: Option<Money<'a>>,
    /// Whether just this can be ordered.
    pub is_orderable: bool,
}

/// One list.
#[derive(Debug, Template)]
#[template(path = "shop/list.html")]
pub struct ListPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The list.
    pub id: Uuid,
    /// Its name; the favourites have none.
    pub name: Option<&'a str>,
    /// What is on it.
    pub rows: Vec<ListRow<'a>>,
    /// The sum of what can be ordered.
    pub total: Option<Money<'a>>,
    /// What was wrong with the values sent.
    pub faults: Vec<Fault<'a>>,
}

impl ListPage<'_> {
    fn orderable(&self) -> u64 {
        self.rows.iter().map(|row| u64::from(row.is_orderable)).sum()
    }
}

/// A line of a quick order and what became of it.
#[derive(Clone, Debug)]
pub struct QuickRow<'a> {
    /// Its number in the text.
    pub line: u64,
    /// As it was written.
    pub written: String,
    /// What became of it.
    pub status: Status<'a>,
    /// More about it, in short sentences.
    pub remarks: Vec<String>,
    /// The product, where there is one.
    pub product: Option<ProductRow<'a>>,
    /// What goes in the cart: unit code, the unit as said, and how many.
    pub wanted: Option<(&'a str, &'a str, Decimal)>,
    /// The rounded amount.
    pub amount: Option<Money<'a>>,
}

/// How lines matched what the account may buy.
#[derive(Clone, Debug)]
pub struct QuickReport<'a> {
    /// The lines.
    pub rows: Vec<QuickRow<'a>>,
    /// How many go in the cart.
    pub found: u64,
    /// How many of them are not as they were written.
    pub corrected: u64,
    /// How many do not go in the cart.
    pub missing: u64,
    /// The sum of what goes in the cart.
    pub total: Option<Money<'a>>,
    /// How many lines are taken at once, where there were more.
    pub cut_at: Option<u64>,
}

/// Many lines at once, pasted or as a file.
#[derive(Debug, Template)]
#[template(path = "shop/quick.html")]
pub struct QuickPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// What was pasted.
    pub text: &'a str,
    /// How many lines are taken at once.
    pub lines_max: u64,
    /// What became of them; `None` before anything was sent.
    pub report: Option<QuickReport<'a>>,
    /// What was wrong with what was sent.
    pub faults: Vec<Fault<'a>>,
}

/// A product beside others.
#[derive(Clone, Debug)]
pub struct ComparedProduct<'a> {
    /// The product.
    pub product: ProductRow<'a>,
    /// The page without it.
    pub without: String,
}

/// Products beside each other.
#[derive(Debug, Template)]
#[template(path = "shop/compare.html")]
pub struct ComparePage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The products.
    pub products: Vec<ComparedProduct<'a>>,
    /// What they are told apart by: a name, a value for each product, and whether the values differ.
    pub rows: Vec<(&'a str, Vec<String>, bool)>,
    /// The number that no product has, when one was to be added.
    pub unknown: Option<&'a str>,
}

impl ComparePage<'_> {
    fn is_full(&self) -> bool {
        self.products.len() >= COMPARED_MAX
    }
}
