//! The formats as template filters: `{{ line.amount|money }}`.

use std::any::Any;
use std::borrow::Borrow;

use askama::filters::Safe;
use askama::{Result, Values, get_value};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::format::{self, Money, Price, Reader};
use super::part::Value;
pub(super) use super::text::Text;
use super::text::Word;

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

/// A sentence, by its key or with what stands in its places.
#[askama::filter_fn]
pub(super) fn say(text: impl Into<Text>, values: &dyn Values) -> Result<String> {
    Ok(reader(values)?.say(text))
}

/// A sentence whose text has marks of its own, such as a link: what stands in its places is escaped.
#[askama::filter_fn]
pub(super) fn rich(text: impl Into<Text>, values: &dyn Values) -> Result<Safe<String>> {
    let reader = reader(values)?;
    let written = reader.spoken(&text.into(), |word| match word {
        Word::Moment(at) => time(*at, &reader.moment(*at), "", reader),
        Word::Clock(at) => time(*at, &reader.clock(*at), " data-clock", reader),
        word => escaped(&reader.written(word)),
    });
    Ok(Safe(written))
}

/// The tag of the page's language and forms, for `<html lang>`.
#[askama::filter_fn]
pub(super) fn tag(_: impl Sized, values: &dyn Values) -> Result<String> {
    Ok(reader(values)?.locale.tag())
}

#[askama::filter_fn]
pub(super) fn money(money: &Money<'_>, values: &dyn Values) -> Result<String> {
    Ok(reader(values)?.money(*money))
}

#[askama::filter_fn]
pub(super) fn per(price: &Price<'_>, values: &dyn Values) -> Result<String> {
    Ok(reader(values)?.per(price))
}

#[askama::filter_fn]
pub(super) fn quantity(value: &Decimal, values: &dyn Values) -> Result<String> {
    Ok(reader(values)?.quantity(*value))
}

#[askama::filter_fn]
pub(super) fn plain(value: &Decimal, _: &dyn Values) -> Result<String> {
    Ok(format::plain(*value))
}

/// A count of things.
#[askama::filter_fn]
pub(super) fn count(value: impl Borrow<u64>, values: &dyn Values) -> Result<String> {
    Ok(reader(values)?.quantity(Decimal::from(*value.borrow())))
}

#[askama::filter_fn]
pub(super) fn bytes(value: &u64, _: &dyn Values) -> Result<String> {
    Ok(format::bytes(*value))
}

#[askama::filter_fn]
pub(super) fn shown(value: &Value<'_>, values: &dyn Values) -> Result<String> {
    let reader = reader(values)?;
    Ok(match value {
        Value::Text(text) => (*text).to_owned(),
        Value::Money(money) => reader.money(*money),
        Value::Price(money, per) => reader.price_per(*money, *per),
        Value::Quantity(quantity) => reader.quantity(*quantity),
        Value::Moment(at) => reader.moment(*at),
        Value::Nothing => "—".to_owned(),
    })
}

/// "12 s ago", its exact time as title.
#[askama::filter_fn]
pub(super) fn ago(at: &Timestamp, values: &dyn Values) -> Result<Safe<String>> {
    let reader = reader(values)?;
    Ok(Safe(time(*at, &reader.ago(*at), " data-ago", reader)))
}

/// The moment with its zone.
#[askama::filter_fn]
pub(super) fn moment(at: &Timestamp, values: &dyn Values) -> Result<Safe<String>> {
    let reader = reader(values)?;
    Ok(Safe(time(*at, &reader.moment(*at), "", reader)))
}

/// The element of a time; digits, names of months and zones need no escaping.
fn time(at: Timestamp, text: &str, mark: &str, reader: &Reader) -> String {
    let exact = reader.exact(at);
    format!(r#"<time datetime="{at:.0}" title="{exact}"{mark}>{text}</time>"#)
}

fn escaped(text: &str) -> String {
    match askama::filters::escape(text, askama::filters::Html) {
        Ok(safe) => safe.to_string(),
        Err(never) => match never {},
    }
}
