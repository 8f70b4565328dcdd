//! Attributes, what they are called, which of them narrow a category down, and the values of products.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::StoreError;
use crate::domain::attribute::{Attribute, AttributeKind, AttributeValue};

own_words!(AttributeKind);
columns!(AttributeRow: "attribute" { tenant_id, id, code, name, kind, unit });
columns!(AttributeTextRow: "attribute_text" { tenant_id, id, attribute_id, value, language, name });
columns!(FacetRow: "category_facet" { tenant_id, id, category_id, attribute_id, position });
columns!(ProductAttributeRow: "product_attribute" {
    tenant_id, id, product_id, attribute_id, text_value, number_value, yes_value,
});

/// An attribute as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The supplier's code, unique.
    pub code: String,
    /// Its name, where a language has no other.
    pub name: String,
    /// What its values are.
    pub kind: AttributeKind,
    /// The unit its numbers are in.
    pub unit: Option<String>,
}

/// What an attribute or one of its values is called in a language, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeTextRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The attribute.
    pub attribute_id: Uuid,
    /// The value; empty where it is the attribute itself.
    pub value: String,
    /// The language.
    pub language: String,
    /// The words.
    pub name: String,
}

/// An attribute by which a category is narrowed down, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The category.
    pub category_id: Uuid,
    /// The attribute.
    pub attribute_id: Uuid,
    /// Its place; the lower number comes first.
    pub position: i64,
}

/// A product's value of an attribute, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductAttributeRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The product.
    pub product_id: Uuid,
    /// The attribute.
    pub attribute_id: Uuid,
    /// The value of a text.
    pub text_value: Option<String>,
    /// The value of a number.
    pub number_value: Option<Decimal>,
    /// The value of yes or no.
    pub yes_value: Option<bool>,
}

impl From<AttributeRow> for Attribute {
    fn from(row: AttributeRow) -> Self {
        Attribute {
            id: row.id,
            code: row.code,
            name: row.name,
            kind: row.kind,
            unit: row.unit,
        }
    }
}

impl ProductAttributeRow {
    /// Its value.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] when it has not exactly one.
    pub fn value(&self) -> Result<AttributeValue, StoreError> {
        match (&self.text_value, self.number_value, self.yes_value) {
            (Some(text), None, None) => Ok(AttributeValue::Text(text.clone())),
            (None, Some(number), None) => Ok(AttributeValue::Number(number)),
            (None, None, Some(is)) => Ok(AttributeValue::YesNo(is)),
            _ => Err(StoreError::inconsistent(format!(
                "product_attribute {}: has not exactly one value",
                self.id
            ))),
        }
    }
}
