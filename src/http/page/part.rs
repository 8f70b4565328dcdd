//! What several pages show: statuses, notices, compared values, lists in pages, forms with faults.

use askama::filters::urlencode_strict;
use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::format::{Money, Reader};
use super::icon::Icon;
use super::text::Text;

/// How good or bad something is; chooses colour and icon, never the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Finished well.
    Good,
    /// Somebody should look.
    Warn,
    /// Failed or refused.
    Bad,
    /// Under way, or worth knowing.
    Info,
    /// Over, or nothing to say.
    Idle,
}

impl Tone {
    /// The class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
            Tone::Info => "info",
            Tone::Idle => "idle",
        }
    }

    /// The icon that goes with the colour.
    pub fn icon(self) -> Icon {
        match self {
            Tone::Good => Icon::Check,
            Tone::Warn => Icon::Alert,
            Tone::Bad => Icon::Stop,
            Tone::Info => Icon::Info,
            Tone::Idle => Icon::Dash,
        }
    }
}

/// A state as word, icon and colour.
#[derive(Clone, Copy, Debug)]
pub struct Status<'a> {
    /// Chooses icon and colour.
    pub tone: Tone,
    /// The state's name: "On hold".
    pub word: &'a str,
}

impl<'a> Status<'a> {
    /// Finished well.
    pub fn good(word: &'a str) -> Self {
        Status { tone: Tone::Good, word }
    }

    /// Somebody should look.
    pub fn warn(word: &'a str) -> Self {
        Status { tone: Tone::Warn, word }
    }

    /// Failed or refused.
    pub fn bad(word: &'a str) -> Self {
        Status { tone: Tone::Bad, word }
    }

    /// Under way.
    pub fn info(word: &'a str) -> Self {
        Status { tone: Tone::Info, word }
    }

    /// Over.
    pub fn idle(word: &'a str) -> Self {
        Status { tone: Tone::Idle, word }
    }
}

/// Something said above a page's content: what happened, why, and the next step.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    /// Chooses icon and colour.
    pub tone: Tone,
    /// What happened, in a few words.
    pub title: &'a str,
    /// Why, and the next step, in one sentence each.
    pub text: &'a str,
}

/// A notice in the reader's language.
#[derive(Clone, Debug)]
pub struct Told {
    /// Chooses icon and colour.
    pub tone: Tone,
    /// What happened, in a few words.
    pub title: String,
    /// Why, and the next step, in one sentence each.
    pub text: String,
}

impl Told {
    /// What a title's key and the text that belongs to it say.
    pub fn new(reader: &Reader, tone: Tone, title: &'static str) -> Self {
        Told {
            tone,
            title: reader.say(title),
            text: reader.say(Text::of(title, "-text")),
        }
    }
}

/// A value of any kind, where values of many kinds stand in one table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Words or a code.
    Text(&'a str),
    /// An amount in its currency.
    Money(Money<'a>),
    /// A price and the quantity it is for.
    Price(Money<'a>, Decimal),
    /// A quantity; its unit stands in its own place.
    Quantity(Decimal),
    /// A point in time.
    Moment(Timestamp),
    /// No value.
    Nothing,
}

/// What was ordered, beside what the cart had said.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// The order's value.
    pub order: Value<'a>,
    /// The cart's value where it is another one; `None` where both agree or there is no cart.
    pub cart: Option<Value<'a>>,
}

impl<'a> Compared<'a> {
    /// The same in order and cart, or without a cart to compare.
    pub fn same(order: Value<'a>) -> Self {
        Compared { order, cart: None }
    }

    /// The order's value, and the cart's where somebody judged that it differs.
    pub fn judged(order: Value<'a>, cart: Option<Value<'a>>, differs: bool) -> Self {
        Compared {
            order,
            cart: cart.filter(|_| differs),
        }
    }

    /// Compares the two values.
    pub fn of(order: Value<'a>, cart: Value<'a>) -> Self {
        Compared {
            order,
            cart: (order != cart).then_some(cart),
        }
    }

    /// Whether the order says something else than the cart.
    pub fn differs(&self) -> bool {
        self.cart.is_some()
    }
}

/// A row of facts: what it is, what it says.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a> {
    /// What it is.
    pub name: &'a str,
    /// What it says.
    pub value: Value<'a>,
}

/// A link to one of several views of a list, with what it would show.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    /// The view's name: "On hold".
    pub word: &'a str,
    /// How many rows it has.
    pub count: u64,
    /// Its address, other filters kept.
    pub href: String,
    /// Whether it is the one shown.
    pub chosen: bool,
}

/// One entry of a selection in a form.
#[derive(Clone, Copy, Debug)]
pub struct Pick<'a> {
    /// What the form sends.
    pub value: &'a str,
    /// What the reader sees.
    pub label: &'a str,
    /// Whether it is selected.
    pub chosen: bool,
}

/// What is wrong with one field of a form that came back.
#[derive(Clone, Copy, Debug)]
pub struct Fault<'a> {
    /// The field's name in the form.
    pub field: &'a str,
    /// What is wrong and what would be right, in one sentence.
    pub text: &'a str,
}

/// The fault of one field, if it has one.
pub fn fault<'a>(faults: &'a [Fault<'a>], field: &str) -> Option<&'a str> {
    faults.iter().find(|fault| fault.field == field).map(|fault| fault.text)
}

/// Which part of a long list is shown.
#[derive(Clone, Copy, Debug)]
pub struct Paging<'a> {
    /// The page shown; the first is 1.
    pub page: u64,
    /// Rows a page.
    pub size: u64,
    /// Rows in all.
    pub total: u64,
    /// The list's address with its filters, without the page.
    pub address: &'a str,
}

impl Paging<'_> {
    /// How many pages there are; at least one.
    pub fn pages(&self) -> u64 {
        self.total.div_ceil(self.size.max(1)).max(1)
    }

    /// The number of the first row shown.
    pub fn first(&self) -> u64 {
        ((self.page.max(1) - 1) * self.size + 1).min(self.total)
    }

    /// The number of the last row shown.
    pub fn last(&self) -> u64 {
        (self.page.max(1) * self.size).min(self.total)
    }

    /// The address of the page before.
    pub fn previous(&self) -> Option<String> {
        (self.page > 1).then(|| self.at(self.page - 1))
    }

    /// The address of the page after.
    pub fn next(&self) -> Option<String> {
        (self.page < self.pages()).then(|| self.at(self.page + 1))
    }

    fn at(&self, page: u64) -> String {
        with_parameter(self.address, "page", &page.to_string())
    }
}

/// Where a list without an end goes on: its pages are named by the last row above them.
#[derive(Clone, Debug, Default)]
pub struct More {
    /// The address of the first page, on later ones.
    pub newest: Option<String>,
    /// The address of the page below.
    pub older: Option<String>,
}

impl More {
    /// The pages beside one that begins below `before` and is followed by rows below `next`.
    pub fn new(address: &str, before: Option<Uuid>, next: Option<Uuid>) -> Self {
        More {
            newest: before.map(|_| address.to_owned()),
            older: next.map(|id| with_parameter(address, "before", &id.to_string())),
        }
    }
}

/// The address with one more query parameter.
pub fn with_parameter(address: &str, name: &str, value: &str) -> String {
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}{name}={}", encoded(value))
}

/// A text as one query value.
pub(super) fn encoded(text: &str) -> String {
    match urlencode_strict(text) {
        Ok(safe) => safe.to_string(),
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_list() {
        let check = |page: u64, total: u64, expect: (u64, u64, u64), previous: Option<&str>, next: Option<&str>| {
            let paging = Paging {
                page,
                size: 24,
                total,
                address: "/s/x/search?q=a",
            };
            assert_eq!((paging.first(), paging.last(), paging.pages()), expect);
            assert_eq!(
                (paging.previous().as_deref(), paging.next().as_deref()),
                (previous, next)
            );
        };
        check(1, 0, (0, 0, 1), None, None);
        check(1, 1, (1, 1, 1), None, None);
        check(1, 25, (1, 24, 2), None, Some("/s/x/search?q=a&page=2"));
        check(2, 25, (25, 25, 2), Some("/s/x/search?q=a&page=1"), None);
    }

    #[test]
    fn addresses_take_any_text() {
        assert_eq!(
            with_parameter("/s/x/product", "sku", "AB-12/3 ü&?#"),
            "/s/x/product?sku=AB-12%2F3%20%C3%BC%26%3F%23"
        );
    }

    #[test]
    fn compared_values() {
        let money = |amount: i64| {
            Value::Money(Money {
                amount: Decimal::new(amount, 2),
                currency: "EUR",
            })
        };
        assert!(Compared::of(money(120), money(100)).differs());
        assert!(!Compared::of(Value::Quantity(Decimal::new(10, 1)), Value::Quantity(Decimal::ONE)).differs());
    }
}
