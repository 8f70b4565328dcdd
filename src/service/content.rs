//! What the shop shows of products beside terms: texts in the reader's language, attributes, pictures, documents.

use std::collections::HashMap;

use uuid::Uuid;

use crate::domain::attribute::{Attribute, AttributeKind, AttributeValue};
use crate::domain::word::Word;
use crate::service::{Error, Gateway};
use crate::store::attribute::{AttributeRow, AttributeTextRow, ProductAttributeRow};
use crate::store::content::{CategoryTextRow, ProductTextRow};
use crate::store::media::{MediaHead, ProductMediaRow};
use crate::store::{self, StoreError, Tx, rows};

/// What one product shows, in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The name in the language, where it has one.
    pub name: Option<String>,
    /// The long text in the language, where it has one.
    pub description: Option<String>,
    /// The attributes it has, by the names of the attributes.
    pub attributes: Vec<Shown>,
    /// Pictures, the first is that of lists.
    pub pictures: Vec<Media>,
    /// Documents.
    pub documents: Vec<Media>,
}

/// An attribute as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The attribute's code.
    pub code: String,
    /// Its name in the language.
    pub name: String,
    /// The value.
    pub value: AttributeValue,
    /// The value's words in the language, where it is words.
    pub words: Option<String>,
    /// The unit's name, where the value is a number in a unit.
    pub unit: Option<String>,
}

/// A picture or document of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// What it is called.
    pub title: String,
    /// Where it is served, from the root of the gateway.
    pub address: String,
    /// How many bytes it has.
    pub size: i64,
}

/// What some products show, by their identifiers; one without anything has no entry.
///
/// # Errors
/// The store would not, or a row contradicts itself.
pub async fn of_products(
    gateway: &Gateway,
    tenant_id: Uuid,
    ids: &[Uuid],
    language: &str,
) -> Result<HashMap<Uuid, Content>, Error> {
    let directory = gateway.directory();
    let Some(tenant) = directory.tenant(tenant_id) else {
        return Ok(HashMap::new());
    };
    let read = gateway.store.read(async |tx| {
        let texts: Vec<ProductTextRow> = rows::some_of(tx, tenant_id, "product_id", ids).await?;
        let values: Vec<ProductAttributeRow> = rows::some_of(tx, tenant_id, "product_id", ids).await?;
        let media: Vec<ProductMediaRow> = rows::some_of(tx, tenant_id, "product_id", ids).await?;
        let files: Vec<Uuid> = media.iter().map(|row| row.file_id).collect();
        let files = store::media::heads_of(tx, tenant_id, &files).await?;
        let wording = Wording::of(tx, tenant_id, &values).await?;
        let mut contents = HashMap::with_capacity(ids.len());
        put_texts(&mut contents, texts, language);
        put_attributes(&mut contents, &values, &wording, language)?;
        put_media(&mut contents, media, &files, &tenant.code, language);
        Ok::<_, StoreError>(contents)
    });
    Ok(read.await?)
}

/// The names of products in one language, by their identifiers; one without such a name has no entry.
///
/// # Errors
/// The store would not.
pub async fn names(
    gateway: &Gateway,
    tenant_id: Uuid,
    ids: &[Uuid],
    language: &str,
) -> Result<HashMap<Uuid, String>, Error> {
    let read = gateway.store.read(async |tx| {
        let texts: Vec<ProductTextRow> = rows::some_of(tx, tenant_id, "product_id", ids).await?;
        Ok::<_, StoreError>(texts)
    });
    let texts = read.await?.into_iter().filter(|text| text.language == language);
    Ok(texts.map(|text| (text.product_id, text.name)).collect())
}

fn put_texts(contents: &mut HashMap<Uuid, Content>, texts: Vec<ProductTextRow>, language: &str) {
    for text in texts.into_iter().filter(|text| text.language == language) {
        let content = contents.entry(text.product_id).or_default();
        content.name = Some(text.name);
        content.description = text.description;
    }
}

fn put_attributes(
    contents: &mut HashMap<Uuid, Content>,
    values: &[ProductAttributeRow],
    wording: &Wording,
    language: &str,
) -> Result<(), StoreError> {
    for row in values {
        if let Some(shown) = wording.shown(row.attribute_id, row.value()?, language) {
            contents.entry(row.product_id).or_default().attributes.push(shown);
        }
    }
    for content in contents.values_mut() {
        content
            .attributes
            .sort_by(|a, b| (&a.name, &a.code).cmp(&(&b.name, &b.code)));
    }
    Ok(())
}

fn put_media(
    contents: &mut HashMap<Uuid, Content>,
    mut media: Vec<ProductMediaRow>,
    files: &[MediaHead],
    tenant_code: &str,
    language: &str,
) {
    let files: HashMap<Uuid, &MediaHead> = files.iter().map(|file| (file.id, file)).collect();
    media.sort_by_key(|row| (row.position, row.id));
    for row in media {
        let is_other = row.language.as_deref().is_some_and(|own| own != language);
        let Some(file) = files.get(&row.file_id).filter(|_| !is_other) else {
            continue;
        };
        let shown = Media {
            title: row.title.unwrap_or_else(|| file.name.clone()),
            address: format!("/media/{tenant_code}/{}.{}", file.sha256, file.kind.word()),
            size: file.size,
        };
        let content = contents.entry(row.product_id).or_default();
        match file.kind.is_picture() {
            true => content.pictures.push(shown),
            false => content.documents.push(shown),
        }
    }
}

/// What attributes and their values are called, in every language.
#[derive(Clone, Debug, Default)]
pub struct Wording {
    attributes: HashMap<Uuid, Attribute>,
    /// By attribute, value and language; the empty value is the attribute itself.
    names: HashMap<(Uuid, String), HashMap<String, String>>,
    /// Names of units by their codes.
    units: HashMap<String, String>,
}

impl Wording {
    /// Reads all of it.
    ///
    /// # Errors
    /// As every statement.
    pub async fn read(tx: &mut Tx, tenant_id: Uuid) -> Result<Wording, StoreError> {
        let attributes: Vec<AttributeRow> = rows::all_of(tx, tenant_id).await?;
        let texts: Vec<AttributeTextRow> = rows::all_of(tx, tenant_id).await?;
        Wording::with(tx, tenant_id, attributes, texts).await
    }

    /// Reads what is said of some products: a supplier may have thousands of attributes, and a page shows few.
    async fn of(tx: &mut Tx, tenant_id: Uuid, values: &[ProductAttributeRow]) -> Result<Wording, StoreError> {
        let mut ids: Vec<Uuid> = values.iter().map(|row| row.attribute_id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Wording::default());
        }
        let attributes: Vec<AttributeRow> = rows::some_of(tx, tenant_id, "id", &ids).await?;
        let texts: Vec<AttributeTextRow> = rows::some_of(tx, tenant_id, "attribute_id", &ids).await?;
        Wording::with(tx, tenant_id, attributes, texts).await
    }

    async fn with(
        tx: &mut Tx,
        tenant_id: Uuid,
        attributes: Vec<AttributeRow>,
        texts: Vec<AttributeTextRow>,
    ) -> Result<Wording, StoreError> {
        let is_measured = attributes.iter().any(|row| row.unit.is_some());
        let units = match is_measured {
            true => store::product::unit_rows(tx, tenant_id).await?,
            false => Vec::new(),
        };
        let mut names: HashMap<(Uuid, String), HashMap<String, String>> = HashMap::new();
        for text in texts {
            let of_value = names.entry((text.attribute_id, text.value)).or_default();
            of_value.insert(text.language, text.name);
        }
        Ok(Wording {
            attributes: attributes
                .into_iter()
                .map(|row| (row.id, Attribute::from(row)))
                .collect(),
            names,
            units: units.into_iter().map(|unit| (unit.code, unit.name)).collect(),
        })
    }

    /// An attribute with a value, as pages show it; nothing for an attribute that is not there.
    pub fn shown(&self, attribute_id: Uuid, value: AttributeValue, language: &str) -> Option<Shown> {
        let attribute = self.attributes.get(&attribute_id)?;
        let name = |value: &str| self.names(attribute_id, value)?.get(language).cloned();
        let words = match &value {
            AttributeValue::Text(text) => Some(name(text).unwrap_or_else(|| text.clone())),
            _ => None,
        };
        let unit = attribute
            .unit
            .as_ref()
            .filter(|_| attribute.kind == AttributeKind::Number);
        Some(Shown {
            code: attribute.code.clone(),
            name: name("").unwrap_or_else(|| attribute.name.clone()),
            value,
            words,
            unit: unit.map(|code| self.unit_sign(code)),
        })
    }

    /// What a value is called, by language; the empty value is the attribute itself.
    pub fn names(&self, attribute_id: Uuid, value: &str) -> Option<&HashMap<String, String>> {
        self.names.get(&(attribute_id, value.to_owned()))
    }

    /// An attribute.
    pub fn attribute(&self, id: Uuid) -> Option<&Attribute> {
        self.attributes.get(&id)
    }

    /// The attribute of a code.
    pub fn attribute_of(&self, code: &str) -> Option<&Attribute> {
        self.attributes.values().find(|attribute| attribute.code == code)
    }

    /// What stands behind a number: the sign that people write, else the supplier's name of the unit.
    fn unit_sign(&self, code: &str) -> String {
        let sign = crate::domain::unit::sign(code).map(str::to_owned);
        sign.or_else(|| self.units.get(code).cloned())
            .unwrap_or_else(|| code.to_owned())
    }
}

/// Names of categories in one language, by code; one without such a name has no entry.
///
/// # Errors
/// The store would not.
pub async fn category_names(
    gateway: &Gateway,
    tenant_id: Uuid,
    language: &str,
) -> Result<HashMap<String, String>, Error> {
    let read = gateway.store.read(async |tx| {
        let texts: Vec<CategoryTextRow> = rows::all_of(tx, tenant_id).await?;
        let codes = store::product::category_rows(tx, tenant_id).await?;
        Ok::<_, StoreError>((texts, codes))
    });
    let (texts, codes) = read.await?;
    let codes: HashMap<Uuid, String> = codes.into_iter().map(|row| (row.id, row.code)).collect();
    let named = texts.into_iter().filter(|text| text.language == language);
    Ok(named
        .filter_map(|text| Some((codes.get(&text.category_id)?.clone(), text.name)))
        .collect())
}
