//! Attributes, what they are called, which of them narrow a category down, and the values of products.

use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs};
use super::relation::PRIORITY_MAX;
use super::report::shown;
use super::table::{Columns, Line};
use crate::domain::attribute::AttributeKind;
use crate::domain::money::parse_decimal;
use crate::domain::unit;
use crate::domain::word::Word;
use crate::store::attribute::{AttributeRow, AttributeTextRow, FacetRow, ProductAttributeRow};

const ATTRIBUTES: Needs = Needs {
    attributes: true,
    ..Needs::NOTHING
};

/// Longest value: it is shown in a list of values to choose from.
const VALUE_CHARS_MAX: usize = 100;

impl Fact for AttributeRow {
    const COLUMNS: Columns = Columns {
        required: &["code"],
        optional: &["name", "kind", "unit", "deleted"],
    };
    const ENTITY: &'static str = "attribute";
    const FIELD: &'static str = "code";
    const NEEDS: Needs = ATTRIBUTES;
    type Key = String;

    fn key(&self) -> Self::Key {
        self.code.clone()
    }

    identified!();

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let code = line.needed("code", Line::code)?;
        if code.contains([':', '|']) {
            line.fault("code", "must not have a colon or a vertical bar");
        }
        let name = line.name("name");
        let kind = line.word("kind", AttributeKind::Text);
        let unit = line.code("unit");
        if let Some(unit) = &unit {
            match kind {
                AttributeKind::Number if names.has_unit(unit) || unit::STANDARD.iter().any(|own| own.code == unit) => {}
                AttributeKind::Number => line.fault("unit", format!("there is no unit {}", shown(unit))),
                _ => line.fault("unit", "only numbers are in a unit"),
            }
        }
        let before = names.attribute_of(&code).filter(|_| !line.is_deleted());
        if let Some(before) = before.filter(|before| (before.kind, &before.unit) != (kind, &unit)) {
            let was = [Some(before.kind.word()), before.unit.as_deref()];
            let was = was.into_iter().flatten().collect::<Vec<_>>().join(" in ");
            line.fault(
                "kind",
                format!("was {was}; delete it first, its values would mean something else"),
            );
        }
        Some(AttributeRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            name: name.unwrap_or_else(|| code.clone()),
            code,
            kind,
            unit,
        })
    }
}

impl Fact for AttributeTextRow {
    const COLUMNS: Columns = Columns {
        required: &["attribute", "language"],
        optional: &["value", "name", "deleted"],
    };
    const ENTITY: &'static str = "attribute_text";
    const FIELD: &'static str = "language";
    const NEEDS: Needs = ATTRIBUTES;
    type Key = (Uuid, String, String);

    fn key(&self) -> Self::Key {
        (self.attribute_id, self.value.clone(), self.language.clone())
    }

    identified!(by attribute_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let attribute = line.needed("attribute", |line, column| names.attribute(line, column));
        let language = line.needed("language", Line::language);
        let value = line.name("value");
        if value.is_some() && attribute.is_some_and(|attribute| attribute.kind != AttributeKind::Text) {
            line.fault("value", "only values that are words are called otherwise in a language");
        }
        let name = line.name("name");
        let name = if line.is_deleted() {
            name.unwrap_or_default()
        } else {
            line.required("name", name)
        };
        Some(AttributeTextRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            attribute_id: attribute?.id,
            value: value.unwrap_or_default(),
            language: language?,
            name,
        })
    }
}

impl Fact for FacetRow {
    const COLUMNS: Columns = Columns {
        required: &["category", "attribute"],
        optional: &["position", "deleted"],
    };
    const ENTITY: &'static str = "facet";
    const FIELD: &'static str = "attribute";
    const NEEDS: Needs = Needs {
        categories: true,
        ..ATTRIBUTES
    };
    type Key = (Uuid, Uuid);

    fn key(&self) -> Self::Key {
        (self.category_id, self.attribute_id)
    }

    identified!(by category_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let category = line.needed("category", |line, column| names.category(line, column));
        let attribute = line.needed("attribute", |line, column| names.attribute(line, column));
        Some(FacetRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            category_id: category?,
            attribute_id: attribute?.id,
            position: line.whole("position", PRIORITY_MAX).unwrap_or(0),
        })
    }
}

impl Fact for ProductAttributeRow {
    const COLUMNS: Columns = Columns {
        required: &["sku", "attribute"],
        optional: &["value", "deleted"],
    };
    const ENTITY: &'static str = "product_attribute";
    const FIELD: &'static str = "attribute";
    const NEEDS: Needs = Needs {
        products: true,
        ..ATTRIBUTES
    };
    type Key = (Uuid, Uuid);

    fn key(&self) -> Self::Key {
        (self.product_id, self.attribute_id)
    }

    identified!(by product_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let product = line.needed("sku", |line, column| names.product(line, column));
        let attribute = line.needed("attribute", |line, column| names.attribute(line, column));
        let (product, attribute) = (product?, attribute?);
        let mut row = ProductAttributeRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            product_id: product.id,
            attribute_id: attribute.id,
            text_value: None,
            number_value: None,
            yes_value: None,
        };
        if line.is_deleted() {
            return Some(row);
        }
        line.text("value").map(str::to_owned).or_else(|| {
            line.fault("value", "is missing");
            None
        })?;
        match attribute.kind {
            AttributeKind::Text => row.text_value = words(line),
            AttributeKind::Number => row.number_value = number(line, attribute.unit.as_deref()),
            AttributeKind::YesNo => row.yes_value = Some(line.yes("value", false)),
        }
        Some(row)
    }
}

fn words(line: &mut Line<'_>) -> Option<String> {
    let value = line.name("value")?;
    if value.chars().count() > VALUE_CHARS_MAX {
        line.fault("value", format!("is longer than {VALUE_CHARS_MAX} characters"));
    }
    Some(value)
}

/// `40`, or `40 MMT` where the attribute is in millimetres.
fn number(line: &mut Line<'_>, unit: Option<&str>) -> Option<rust_decimal::Decimal> {
    let text = line.text("value")?.to_owned();
    let (number, given) = match text.split_once(' ') {
        Some((number, given)) => (number, Some(given.trim())),
        None => (&*text, None),
    };
    let value = match parse_decimal(number) {
        Ok(value) => Some(value),
        Err(error) => {
            line.fault("value", error.to_string());
            None
        }
    };
    match (given, unit) {
        (Some(given), Some(unit)) if !unit::is_same(given, unit) => {
            line.fault("value", format!("is in {}, the attribute is in {unit}", shown(given)));
        }
        (Some(given), None) => line.fault("value", format!("is in {}, the attribute has no unit", shown(given))),
        _ => {}
    }
    value
}
