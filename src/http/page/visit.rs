//! Pages at the edges of a visit: start, return, closed, and what went wrong.

use askama::Template;

use super::filters;
use super::format::Money;
use super::text::Text;
use crate::http::asset;

/// The page behind a start link: only its button opens the visit, so that link scanners cannot.
#[derive(Debug, Template)]
#[template(path = "visit/start.html")]
pub struct StartPage<'a> {
    /// The supplier's name.
    pub brand: &'a str,
    /// The buying company.
    pub buyer: &'a str,
    /// The procurement system.
    pub via: &'a str,
    /// Whether the connection is for tests.
    pub test: bool,
    /// Where the button goes: the start link itself.
    pub action: &'a str,
    /// The token of the form.
    pub csrf: &'a str,
}

/// What a cart comes to when it is returned.
#[derive(Clone, Copy, Debug)]
pub struct Returned<'a> {
    /// Its lines.
    pub lines: u64,
    /// The sum of its rounded lines.
    pub total: Money<'a>,
}

/// The form that carries the cart, or its absence, to the buyer's system through the browser.
#[derive(Debug, Template)]
#[template(path = "visit/return.html")]
pub struct ReturnPage<'a> {
    /// The supplier's name.
    pub brand: &'a str,
    /// The buying company.
    pub buyer: &'a str,
    /// The procurement system.
    pub via: &'a str,
    /// Where the form goes: the buyer's `BrowserFormPost/URL`, parsed and serialised.
    pub action: &'a str,
    /// The field's name, as this buyer spells it: "cxml-base64".
    pub field: &'a str,
    /// The document in that field's encoding.
    pub value: &'a str,
    /// Lines and total of the returned cart, where the page knows them.
    pub cart: Option<Returned<'a>>,
    /// Whether nothing is returned.
    pub is_cancel: bool,
}

/// Why there is no visit behind an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The cart was returned, or the visit was left.
    Ended,
    /// Its time is over.
    Expired,
    /// The start link was opened before.
    AlreadyUsed,
    /// A newer visit took its place.
    Superseded,
    /// There is none, or the asker may not know.
    NotAvailable,
}

/// What happened, why, and that the next step is in the buyer's system.
#[derive(Debug, Template)]
#[template(path = "visit/closed.html")]
pub struct ClosedPage<'a> {
    /// The supplier's name, where it is known.
    pub brand: Option<&'a str>,
    /// Why.
    pub why: Closed,
    /// Where the button back to the buyer's system goes, and the token of its form.
    pub back: Option<(&'a str, &'a str)>,
}

impl ClosedPage<'_> {
    /// The key of the title, to which a text belongs.
    fn key(&self) -> &'static str {
        match self.why {
            Closed::Ended => "closed-ended",
            Closed::Expired => "closed-expired",
            Closed::AlreadyUsed => "closed-used",
            Closed::Superseded => "closed-superseded",
            Closed::NotAvailable => "closed-not-available",
        }
    }
}

/// Anything else that went wrong; says nothing of the input.
#[derive(Debug, Template)]
#[template(path = "visit/error.html")]
pub struct ErrorPage<'a> {
    /// The supplier's name, where it is known.
    pub brand: Option<&'a str>,
    /// The HTTP status.
    pub status: u64,
    /// What happened, in a few words.
    pub title: &'a str,
    /// Why, and the next step.
    pub text: &'a str,
    /// What to tell when asking for help.
    pub reference: Option<&'a str>,
    /// Where to go on: address and name.
    pub onward: Option<(&'a str, &'a str)>,
}
