//! The formats as template filters: `{{ line.amount|money }}`.

use std::any::Any;
use std::borrow::Borrow;
use std::fmt::Write as _;

use askama::filters::Safe;
use askama::{Result, Values, get_value};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::format::{self, Money, Price, Reader};
use super::part::Value;

const READER: &str = "reader";

/// A page finds its reader among the values it is rendered with.
impl Values for Reader {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        (key == READER).then_some(self)
    }
}

fn reader(values: &dyn Values) -> Result<&Reader> {
    get_value(values, READER)
}

#[askama::filter_fn]
pub(super) fn money(money: &Money<'_>, _: &dyn Values) -> Result<String> {
    Ok(format::money(*money))
}

#[askama::filter_fn]
pub(super) fn per(price: &Price<'_>, _: &dyn Values) -> Result<String> {
    Ok(format::per(price))
}

#[askama::filter_fn]
pub(super) fn quantity(value: &Decimal, _: &dyn Values) -> Result<String> {
    Ok(format::quantity(*value))
}

#[askama::filter_fn]
pub(super) fn plain(value: &Decimal, _: &dyn Values) -> Result<String> {
    Ok(format::plain(*value))
}

/// A count of things.
#[askama::filter_fn]
pub(super) fn count(value: impl Borrow<u64>, _: &dyn Values) -> Result<String> {
    Ok(format::quantity(Decimal::from(*value.borrow())))
}

#[askama::filter_fn]
pub(super) fn bytes(value: &u64, _: &dyn Values) -> Result<String> {
    Ok(format::bytes(*value))
}

#[askama::filter_fn]
pub(super) fn day(value: &Date, values: &dyn Values) -> Result<String> {
    Ok(format::day(*value, reader(values)?))
}

#[askama::filter_fn]
pub(super) fn shown(value: &Value<'_>, values: &dyn Values) -> Result<String> {
    Ok(match value {
        Value::Text(text) => (*text).to_owned(),
        Value::Money(money) => format::money(*money),
        Value::Price(money, per) => format::price_per(*money, *per),
        Value::Quantity(quantity) => format::quantity(*quantity),
        Value::Moment(at) => format::moment(*at, reader(values)?),
        Value::Nothing => "—".to_owned(),
    })
}

/// "12 s ago", its exact time as title.
#[askama::filter_fn]
pub(super) fn ago(at: &Timestamp, values: &dyn Values) -> Result<Safe<String>> {
    let reader = reader(values)?;
    time(*at, &format::ago(*at, reader), " data-ago", reader)
}

/// The moment with its zone.
#[askama::filter_fn]
pub(super) fn moment(at: &Timestamp, values: &dyn Values) -> Result<Safe<String>> {
    let reader = reader(values)?;
    time(*at, &format::moment(*at, reader), "", reader)
}

/// The time of day, which a script writes in the reader's own zone.
#[askama::filter_fn]
pub(super) fn clock(at: &Timestamp, values: &dyn Values) -> Result<Safe<String>> {
    let reader = reader(values)?;
    time(*at, &format::clock(*at, reader), " data-clock", reader)
}

/// The element of a time; digits, names of months and zones need no escaping.
fn time(at: Timestamp, text: &str, mark: &str, reader: &Reader) -> Result<Safe<String>> {
    let mut out = String::new();
    write!(
        out,
        r#"<time datetime="{at:.0}" title="{}"{mark}>{text}</time>"#,
        format::exact(at, reader)
    )?;
    Ok(Safe(out))
}
