//! What is indexed of a product.

/// A product as it is indexed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The part number, by which it is found again.
    pub sku: String,
    /// The name by which lists are ordered.
    pub listed_as: String,
    /// Its texts.
    pub texts: Vec<Text>,
    /// Part numbers and GTINs.
    pub numbers: Vec<String>,
    /// Facets with their values; categories with all above them are among them.
    pub facets: Vec<(Key, String)>,
}

/// One text of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Its language, as ISO 639-1; none is that of the supplier.
    pub language: Option<String>,
    /// How much its words count.
    pub weight: Weight,
    /// The text.
    pub text: String,
}

/// How much words count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A name: counts most, and is offered while somebody types.
    Name,
    /// Words that are offered while somebody types, but count like any.
    Mark,
    /// Any other text.
    Body,
}

/// A facet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// Categories, by their codes.
    Category,
    /// Makers.
    Maker,
    /// An attribute, by its code.
    Attribute(String),
}

/// Between a facet and its value.
const BETWEEN: char = '\u{1f}';

impl Key {
    /// The beginning of the terms of this facet.
    pub(super) fn prefix(&self) -> String {
        match self {
            Key::Category => format!("c{BETWEEN}"),
            Key::Maker => format!("m{BETWEEN}"),
            Key::Attribute(code) => format!("a{code}{BETWEEN}"),
        }
    }

    /// The term of a value.
    pub(super) fn term(&self, value: &str) -> String {
        self.prefix() + value
    }
}

/// The value of a term.
pub(super) fn value(term: &str) -> &str {
    term.split_once(BETWEEN).map_or(term, |(_, value)| value)
}
