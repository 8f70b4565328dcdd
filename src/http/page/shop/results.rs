//! Lists of products that can be narrowed down: categories and results of searches.

use askama::Template;

use super::super::filters;
use super::super::icon::Icon;
use super::super::part::Paging;
use super::super::text::Text;
use super::{Availability, CategoryLink, Frame, Mode, ProductRow};
use crate::http::asset;

/// A link that changes what the list shows.
#[derive(Clone, Debug)]
pub struct Turn<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its address; everything else stays.
    pub href: String,
    /// How many products it would show.
    pub count: u64,
    /// Whether it is how the list is now.
    pub chosen: bool,
}

/// A way to narrow down.
#[derive(Clone, Debug)]
pub struct Facet<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its values; a chosen one leads to the list without it.
    pub values: Vec<Turn<'a>>,
    /// Whether its values are in sight at first.
    pub is_open: bool,
}

/// A value that was chosen.
#[derive(Clone, Debug)]
pub struct Chosen<'a> {
    /// The facet.
    pub name: &'a str,
    /// The value.
    pub value: &'a str,
    /// The address without it.
    pub href: String,
}

/// A list with how it can be narrowed down.
#[derive(Clone, Debug)]
pub struct Results<'a> {
    /// What was chosen.
    pub chosen: Vec<Chosen<'a>>,
    /// The address without any of it.
    pub clear: String,
    /// Categories below.
    pub below: Vec<Turn<'a>>,
    /// How else to narrow down.
    pub facets: Vec<Facet<'a>>,
    /// List and grid, by their keys.
    pub views: [(&'static str, String, bool); 2],
    /// Orders, by their keys; only one where nothing was searched for.
    pub orders: Vec<(&'static str, String, bool)>,
    /// Whether pictures come first.
    pub is_grid: bool,
    /// The products on this page of the list.
    pub products: Vec<ProductRow<'a>>,
    /// How many products there are.
    pub total: u64,
    /// How many of them can be paged through, where this page is at their end and there are more.
    pub beyond: Option<u64>,
    /// Which part of the list it is.
    pub paging: Paging<'a>,
    /// Whether the index is still being made.
    pub is_preparing: bool,
}

/// The products of a category.
#[derive(Debug, Template)]
#[template(path = "shop/category.html")]
pub struct CategoryPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The way from the top, this category left out.
    pub crumbs: Vec<CategoryLink<'a>>,
    /// The category's name.
    pub name: &'a str,
    /// Its products.
    pub results: Results<'a>,
}

/// What a search found.
#[derive(Debug, Template)]
#[template(path = "shop/search.html")]
pub struct SearchPage<'a> {
    /// What stands around it; `frame.query` has the words.
    pub frame: Frame<'a>,
    /// The category searched in, and the address of the search in all.
    pub within: Option<(&'a str, String)>,
    /// What was searched for instead, where a word was taken for a typing error.
    pub instead: Option<&'a str>,
    /// Words that no product of the account's has.
    pub unknown: &'a [String],
    /// Where nothing has all the words: each of them alone.
    pub alone: Vec<Turn<'a>>,
    /// What was found.
    pub results: Results<'a>,
}
