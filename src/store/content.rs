//! Texts of products and categories by language.

use uuid::Uuid;

use super::{StoreError, Tx};

columns!(ProductTextRow: "product_text" { tenant_id, id, product_id, language, name, description, keywords });
columns!(CategoryTextRow: "category_text" { tenant_id, id, category_id, language, name });

/// What a product is called in a language, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductTextRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The product.
    pub product_id: Uuid,
    /// The language.
    pub language: String,
    /// The short name.
    pub name: String,
    /// The long text.
    pub description: Option<String>,
    /// Words that a search finds it by.
    pub keywords: Option<String>,
}

/// What a category is called in a language, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryTextRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The category.
    pub category_id: Uuid,
    /// The language.
    pub language: String,
    /// The name.
    pub name: String,
}

/// A language that is in use.
struct Language {
    language: String,
}

columns!(Language { language });

/// The languages that a supplier's products have texts in.
///
/// # Errors
/// As every statement.
pub async fn languages(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<String>, StoreError> {
    let languages: Vec<Language> = all!(
        tx,
        "SELECT DISTINCT language FROM product_text WHERE tenant_id = $1 ORDER BY language",
        tenant_id
    )?;
    Ok(languages.into_iter().map(|row| row.language).collect())
}
