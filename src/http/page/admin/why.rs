//! Why a price is what it is.

use askama::Template;

use super::{Frame, filters};
use crate::http::asset;
use crate::http::page::format::Money;
use crate::http::page::icon::Icon;
use crate::http::page::part::{Fault, fault};

/// The question, as it stands in the form.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The account's code.
    pub account: &'a str,
    /// The part number.
    pub product: &'a str,
    /// How much.
    pub quantity: &'a str,
    /// The unit's code; empty is the one offered first.
    pub unit: &'a str,
    /// The day; empty is today.
    pub date: &'a str,
    /// The address's code; empty is none.
    pub ship_to: &'a str,
}

/// A step of the staircase of prices.
#[derive(Clone, Debug)]
pub struct StairRow<'a> {
    /// From this quantity on.
    pub from: String,
    /// The price, none is on request.
    pub price: Option<Money<'a>>,
    /// How many units it is for.
    pub per: String,
}

/// What the terms say.
#[derive(Debug)]
pub struct Told<'a> {
    /// The price, none is on request.
    pub price: Option<Money<'a>>,
    /// How many of which unit it is for.
    pub per: String,
    /// The reasons in sentences, in the order in which they came.
    pub sentences: Vec<String>,
    /// The staircase.
    pub stairs: Vec<StairRow<'a>>,
}

/// Why a line has its price: as it was noted then, and where it may be asked anew.
#[derive(Clone, Debug)]
pub struct Reasons {
    /// The reasons in sentences, in the order in which they came.
    pub sentences: Vec<String>,
    /// The question, to be asked of today's terms.
    pub href: String,
}

/// The question and what the terms say to it.
#[derive(Debug, Template)]
#[template(path = "admin/why.html")]
pub struct WhyPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The question.
    pub asked: Question<'a>,
    /// What is wrong with it.
    pub faults: Vec<Fault<'a>>,
    /// The answer, once something was asked that has one.
    pub told: Option<Told<'a>>,
}

impl WhyPage<'_> {
    fn fault(&self, field: &str) -> Option<&str> {
        fault(&self.faults, field)
    }
}
