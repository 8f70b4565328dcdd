//! Rows of the store as entries of the index.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::domain::attribute::AttributeKind;
use crate::search::{Entry, Key, Text, Weight};
use crate::service::content::Wording;
use crate::store::attribute::{FacetRow, ProductAttributeRow};
use crate::store::content::ProductTextRow;
use crate::store::product::{ProductCategoryRow, ProductRow, ProductUnitRow};
use crate::store::rows;
use crate::store::{self, StoreError, Tx};

/// Languages the shop is written in: texts whose language is not said are in one of them.
const SHOP_LANGUAGES: [&str; 2] = ["de", "en"];
/// Categories above each other: deeper trees do not occur, and a circle must end.
const DEPTH_MAX: usize = 32;

/// What entries are made with, and what is shown beside them: small, and read as a whole.
#[derive(Debug, Default)]
pub(super) struct Context {
    pub wording: Wording,
    /// Languages that products have texts in.
    pub languages: Vec<String>,
    /// Codes of attributes by which categories are narrowed down, in order, by the code of the category.
    pub facets: HashMap<String, Vec<String>>,
    /// Codes from a category to the root.
    paths: HashMap<Uuid, Vec<String>>,
}

impl Context {
    pub async fn read(tx: &mut Tx, tenant_id: Uuid) -> Result<Context, StoreError> {
        let categories = store::product::category_rows(tx, tenant_id).await?;
        let parents: HashMap<Uuid, (&str, Option<Uuid>)> = categories
            .iter()
            .map(|row| (row.id, (&*row.code, row.parent_id)))
            .collect();
        let path = |id: Uuid| {
            let up = std::iter::successors(Some(id), |id| parents.get(id).and_then(|(_, parent)| *parent));
            let codes = up
                .take(DEPTH_MAX)
                .filter_map(|id| parents.get(&id).map(|(code, _)| (*code).to_owned()));
            codes.collect::<Vec<_>>()
        };
        let wording = Wording::read(tx, tenant_id).await?;
        let mut rows: Vec<FacetRow> = rows::all_of(tx, tenant_id).await?;
        rows.sort_by_key(|row| (row.position, row.id));
        let mut facets: HashMap<String, Vec<String>> = HashMap::new();
        for row in rows {
            if let (Some((code, _)), Some(attribute)) =
                (parents.get(&row.category_id), wording.attribute(row.attribute_id))
            {
                facets
                    .entry((*code).to_owned())
                    .or_default()
                    .push(attribute.code.clone());
            }
        }
        Ok(Context {
            paths: categories.iter().map(|row| (row.id, path(row.id))).collect(),
            languages: store::content::languages(tx, tenant_id).await?,
            wording,
            facets,
        })
    }

    /// The languages that texts of no said language may be in.
    pub fn own_languages(&self) -> Vec<String> {
        let others = SHOP_LANGUAGES.iter().map(|code| (*code).to_owned());
        let others: Vec<String> = others.filter(|code| !self.languages.contains(code)).collect();
        if others.is_empty() {
            self.languages.clone()
        } else {
            others
        }
    }

    /// The entries of products; those that are never sold by themselves are left out.
    pub async fn entries(&self, tx: &mut Tx, products: Vec<ProductRow>) -> Result<Vec<Entry>, StoreError> {
        let Some(tenant_id) = products.first().map(|row| row.tenant_id) else {
            return Ok(Vec::new());
        };
        let ids: Vec<Uuid> = products.iter().map(|row| row.id).collect();
        let mut units = by_product(tx, tenant_id, &ids, |row: &ProductUnitRow| row.product_id).await?;
        let mut categories = by_product(tx, tenant_id, &ids, |row: &ProductCategoryRow| row.product_id).await?;
        let mut texts = by_product(tx, tenant_id, &ids, |row: &ProductTextRow| row.product_id).await?;
        let mut values = by_product(tx, tenant_id, &ids, |row: &ProductAttributeRow| row.product_id).await?;
        let mut entries = Vec::with_capacity(products.len());
        for product in products.into_iter().filter(|row| row.status.is_shown()) {
            let id = product.id;
            let mut entry = basic(product, units.remove(&id).unwrap_or_default());
            self.add_categories(&mut entry, &categories.remove(&id).unwrap_or_default());
            add_texts(&mut entry, texts.remove(&id).unwrap_or_default());
            self.add_attributes(&mut entry, &values.remove(&id).unwrap_or_default())?;
            entries.push(entry);
        }
        Ok(entries)
    }

    fn add_categories(&self, entry: &mut Entry, rows: &[ProductCategoryRow]) {
        let codes = rows.iter().filter_map(|row| self.paths.get(&row.category_id)).flatten();
        let codes: HashSet<&String> = codes.collect();
        entry
            .facets
            .extend(codes.into_iter().map(|code| (Key::Category, code.clone())));
    }

    fn add_attributes(&self, entry: &mut Entry, rows: &[ProductAttributeRow]) -> Result<(), StoreError> {
        for row in rows {
            let value = row.value()?.key();
            let Some(attribute) = self.wording.attribute(row.attribute_id) else {
                continue;
            };
            if attribute.kind == AttributeKind::Text {
                entry.texts.push(text(None, Weight::Mark, value.clone()));
                for (language, name) in self.wording.names(row.attribute_id, &value).into_iter().flatten() {
                    entry
                        .texts
                        .push(text(Some(language.clone()), Weight::Mark, name.clone()));
                }
            }
            entry.facets.push((Key::Attribute(attribute.code.clone()), value));
        }
        Ok(())
    }
}

async fn by_product<R: rows::Readable>(
    tx: &mut Tx,
    tenant_id: Uuid,
    ids: &[Uuid],
    product: impl Fn(&R) -> Uuid,
) -> Result<HashMap<Uuid, Vec<R>>, StoreError> {
    let mut found: HashMap<Uuid, Vec<R>> = HashMap::new();
    for row in rows::some_of::<R>(tx, tenant_id, "product_id", ids).await? {
        found.entry(product(&row)).or_default().push(row);
    }
    Ok(found)
}

fn basic(product: ProductRow, units: Vec<ProductUnitRow>) -> Entry {
    let mut texts = vec![text(None, Weight::Name, product.name.clone())];
    texts.extend(
        product
            .description
            .map(|description| text(None, Weight::Body, description)),
    );
    texts.extend(
        product
            .manufacturer
            .clone()
            .map(|maker| text(None, Weight::Mark, maker)),
    );
    let numbers = [Some(product.sku.clone()), product.mpn, product.gtin];
    let packs = units.into_iter().filter_map(|unit| unit.gtin);
    Entry {
        sku: product.sku,
        listed_as: product.name,
        texts,
        numbers: numbers.into_iter().flatten().chain(packs).collect(),
        facets: product
            .manufacturer
            .map(|maker| (Key::Maker, maker))
            .into_iter()
            .collect(),
    }
}

fn add_texts(entry: &mut Entry, rows: Vec<ProductTextRow>) {
    for row in rows {
        let of = |weight, words| text(Some(row.language.clone()), weight, words);
        entry.texts.push(of(Weight::Name, row.name.clone()));
        entry
            .texts
            .extend(row.description.clone().map(|words| of(Weight::Body, words)));
        entry
            .texts
            .extend(row.keywords.clone().map(|words| of(Weight::Mark, words)));
    }
}

fn text(language: Option<String>, weight: Weight, text: String) -> Text {
    Text { language, weight, text }
}
