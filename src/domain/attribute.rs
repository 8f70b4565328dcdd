//! Attributes of products: what they are called, of which kind they are, and their values.

use rust_decimal::Decimal;
use uuid::Uuid;

/// What the values of an attribute are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeKind {
    /// Words.
    Text,
    /// Numbers, in one unit or without.
    Number,
    /// Yes or no.
    YesNo,
}

known_by_words!(AttributeKind {
    Text = "text",
    Number = "number",
    YesNo = "yes_no",
});

/// An attribute that products may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Our identifier.
    pub id: Uuid,
    /// The supplier's code.
    pub code: String,
    /// Its name, where a language has no other.
    pub name: String,
    /// What its values are.
    pub kind: AttributeKind,
    /// The unit its numbers are in, by its code.
    pub unit: Option<String>,
}

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// Words.
    Text(String),
    /// A number, in the attribute's unit.
    Number(Decimal),
    /// Yes or no.
    YesNo(bool),
}

impl AttributeValue {
    /// The value as an address and the index name it: one value has one such text, whatever its zeros at the end.
    pub fn key(&self) -> String {
        match self {
            AttributeValue::Text(text) => text.clone(),
            AttributeValue::Number(number) => number.normalize().to_string(),
            AttributeValue::YesNo(true) => "yes".to_owned(),
            AttributeValue::YesNo(false) => "no".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::word::Word;

    #[test]
    fn a_value_has_one_key() {
        let number = |text: &str| AttributeValue::Number(text.parse().unwrap());
        assert_eq!(number("40.0").key(), "40");
        assert_eq!(number("0.50").key(), number("0.5").key());
        assert_eq!(AttributeValue::YesNo(true).key(), "yes");
        assert_eq!(AttributeKind::from_word("yes_no"), Some(AttributeKind::YesNo));
        assert_eq!(AttributeKind::from_word("colour"), None);
    }
}
