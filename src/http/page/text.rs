//! The sentences of the pages, in every language the shop speaks (Project Fluent).
//!
//! A [`Text`] is a key of `templates/text/*.ftl` with what stands in its places; [`Locale::say`] makes the sentence.
//! Numbers, sums and days are written in the reader's forms where they stand, so that a sentence is never put together
//! from pieces.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::format::{Money, Reader};
use super::locale::Marks;
use crate::domain::language::Language;

/// The texts of each language, as they are embedded.
const SOURCES: [(Language, &str); 2] = [
    (Language::En, include_str!("../../../templates/text/en.ftl")),
    (Language::De, include_str!("../../../templates/text/de.ftl")),
];

const MARKS: [Marks; 4] = [Marks::Point, Marks::Comma, Marks::Apostrophe, Marks::Space];

type Bundle = FluentBundle<&'static FluentResource>;

static RESOURCES: LazyLock<Vec<(Language, FluentResource)>> = LazyLock::new(|| {
    let read = |(language, source): (Language, &str)| {
        // What can be read of a damaged file is used; a test reads every file to its end.
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        (language, resource)
    };
    SOURCES.into_iter().map(read).collect()
});

/// One for each language and way to write a count.
static BUNDLES: LazyLock<Vec<(Language, Marks, Bundle)>> = LazyLock::new(|| {
    let every = RESOURCES
        .iter()
        .flat_map(|(language, resource)| MARKS.map(|marks| (*language, marks, resource)));
    every
        .map(|(language, marks, resource)| (language, marks, bundle(language, marks, resource)))
        .collect()
});

fn bundle(language: Language, marks: Marks, resource: &'static FluentResource) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![language.code().parse().unwrap_or_default()]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match marks {
        Marks::Point => |value, _| count(value, Marks::Point),
        Marks::Comma => |value, _| count(value, Marks::Comma),
        Marks::Apostrophe => |value, _| count(value, Marks::Apostrophe),
        Marks::Space => |value, _| count(value, Marks::Space),
    }));
    if let Err(errors) = bundle.add_resource(resource) {
        tracing::error!(?errors, "text.twice");
    }
    bundle
}

fn count(value: &FluentValue<'_>, marks: Marks) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(marks.decimal(Decimal::try_from(number.value).ok()?, 0)),
        _ => None,
    }
}

/// What stands in a place of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// A name or code.
    Text(String),
    /// How many; decides about singular and plural.
    Count(u64),
    /// A quantity.
    Quantity(Decimal),
    /// An amount and its currency.
    Money(Decimal, String),
    /// A day.
    Day(Date),
    /// A point in time, with its day.
    Moment(Timestamp),
    /// A point in time, of today its time alone.
    Clock(Timestamp),
}

/// A sentence by its key, with what stands in its places.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    key: Cow<'static, str>,
    words: Vec<(&'static str, Word)>,
}

impl Text {
    /// The sentence of a key.
    pub fn new(key: &'static str) -> Self {
        Text {
            key: Cow::Borrowed(key),
            words: Vec::new(),
        }
    }

    /// The sentence of a family that this member of it has: `unit-` and `BX`.
    pub fn of(family: &str, member: &str) -> Self {
        Text {
            key: Cow::Owned(format!("{family}{member}")),
            words: Vec::new(),
        }
    }

    /// The same with a point in time, whose day is said only when it is not today.
    #[must_use]
    pub fn with_clock(self, place: &'static str, at: &Timestamp) -> Self {
        self.with(place, Word::Clock(*at))
    }

    /// The same with something in one of its places.
    #[must_use]
    pub fn with<W: ToWord>(mut self, place: &'static str, word: W) -> Self {
        self.words.push((place, word.to_word()));
        self
    }
}

impl From<&&'static str> for Text {
    fn from(key: &&'static str) -> Self {
        Text::new(key)
    }
}

impl From<&'static str> for Text {
    fn from(key: &'static str) -> Self {
        Text::new(key)
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Self {
        text.clone()
    }
}

/// What can stand in a place of a sentence.
pub trait ToWord {
    /// As a word.
    fn to_word(&self) -> Word;
}

impl<W: ToWord + ?Sized> ToWord for &W {
    fn to_word(&self) -> Word {
        (**self).to_word()
    }
}

macro_rules! to_word {
    ($($type:ty: |$value:ident| $word:expr;)+) => {$(
        impl ToWord for $type {
            fn to_word(&self) -> Word {
                let $value = self;
                $word
            }
        }
    )+};
}

to_word! {
    str: |text| Word::Text(text.to_owned());
    String: |text| Word::Text(text.clone());
    u64: |count| Word::Count(*count);
    Decimal: |quantity| Word::Quantity(*quantity);
    Money<'_>: |money| Word::Money(money.amount, money.currency.to_owned());
    Date: |day| Word::Day(*day);
    Timestamp: |at| Word::Moment(*at);
    Word: |word| word.clone();
}

impl Reader {
    /// The sentence in the reader's language and forms.
    pub fn say(&self, text: impl Into<Text>) -> String {
        self.spoken(&text.into(), |word| self.written(word))
    }

    /// A word in the reader's forms.
    pub(super) fn written(&self, word: &Word) -> String {
        match word {
            Word::Text(text) => text.clone(),
            Word::Count(count) => self.quantity(Decimal::from(*count)),
            Word::Quantity(quantity) => self.quantity(*quantity),
            Word::Money(amount, currency) => self.money(Money {
                amount: *amount,
                currency,
            }),
            Word::Day(day) => self.day(*day),
            Word::Moment(at) => self.moment(*at),
            Word::Clock(at) => self.clock(*at),
        }
    }

    /// The sentence with its words written by `write`, counts aside; a key that is not there is said as it is.
    pub(super) fn spoken(&self, text: &Text, write: impl Fn(&Word) -> String) -> String {
        let mut places = FluentArgs::with_capacity(text.words.len());
        for (place, word) in &text.words {
            match word {
                #[expect(clippy::cast_precision_loss, reason = "counts of a page are far below 2^52")]
                Word::Count(count) => places.set(*place, *count as f64),
                word => places.set(*place, write(word)),
            }
        }
        let wanted = (self.locale.language, self.locale.form.marks);
        let bundle = BUNDLES
            .iter()
            .find(|(language, marks, _)| (*language, *marks) == wanted);
        let said = bundle.and_then(|(_, _, bundle)| {
            let pattern = bundle.get_message(&text.key)?.value()?;
            let mut errors = Vec::new();
            let said = bundle.format_pattern(pattern, Some(&places), &mut errors);
            if !errors.is_empty() {
                tracing::error!(key = %text.key, ?errors, "text.place");
            }
            Some(said.into_owned())
        });
        said.unwrap_or_else(|| {
            tracing::error!(key = %text.key, "text.missing");
            text.key.clone().into_owned()
        })
    }

    /// The sentence of a family's member, where the family has one.
    pub fn say_of(&self, family: &str, member: &str) -> Option<String> {
        let text = Text::of(family, member);
        let (_, _, bundle) = BUNDLES.first()?;
        bundle.has_message(&text.key).then(|| self.say(text))
    }
}

#[cfg(test)]
mod tests;
