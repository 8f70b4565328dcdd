//! Pictures and documents, and to which products they belong.

use jiff::Timestamp;
use uuid::Uuid;

use super::{StoreError, Tx, rows};
use crate::domain::media::MediaKind;

own_words!(MediaKind);
columns!(MediaFile: "media_file" { tenant_id, id, name, kind, sha256, size, bytes, changed_at });
columns!(MediaHead {
    id,
    name,
    kind,
    sha256,
    size
});
columns!(ProductMediaRow: "product_media" { tenant_id, id, product_id, file_id, title, language, position });

/// A file with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaFile {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The supplier's name of it, unique.
    pub name: String,
    /// What it is.
    pub kind: MediaKind,
    /// Hexadecimal SHA-256 of the bytes, by which it is served.
    pub sha256: String,
    /// How many bytes there are.
    pub size: i64,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// When it was brought last.
    pub changed_at: Timestamp,
}

/// A file without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaHead {
    /// Identifier.
    pub id: Uuid,
    /// The supplier's name of it.
    pub name: String,
    /// What it is.
    pub kind: MediaKind,
    /// Hexadecimal SHA-256 of the bytes.
    pub sha256: String,
    /// How many bytes there are.
    pub size: i64,
}

/// A file of a product, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductMediaRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The product.
    pub product_id: Uuid,
    /// The file.
    pub file_id: Uuid,
    /// What it is called in pages.
    pub title: Option<String>,
    /// The language it is in; none is any.
    pub language: Option<String>,
    /// Its place; the lower number comes first.
    pub position: i64,
}

/// All files of a supplier without their bytes, by name.
///
/// # Errors
/// As every statement.
pub async fn heads(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<MediaHead>, StoreError> {
    all!(
        tx,
        "SELECT id, name, kind, sha256, size FROM media_file WHERE tenant_id = $1 ORDER BY name",
        tenant_id
    )
}

/// Some files without their bytes, by their identifiers.
///
/// # Errors
/// As every statement.
pub async fn heads_of(tx: &mut Tx, tenant_id: Uuid, ids: &[Uuid]) -> Result<Vec<MediaHead>, StoreError> {
    let sql = tx.pick(
        "SELECT id, name, kind, sha256, size FROM media_file WHERE tenant_id = $1 \
         AND id IN (SELECT unhex(value, '-') FROM json_each($2))",
        "SELECT id, name, kind, sha256, size FROM media_file WHERE tenant_id = $1 \
         AND id IN (SELECT value::uuid FROM jsonb_array_elements_text($2::jsonb))",
    );
    let ids = serde_json::Value::from_iter(ids.iter().map(Uuid::to_string));
    all!(tx, sql, tenant_id, ids.to_string())
}

/// The file of a name without its bytes.
///
/// # Errors
/// As every statement.
pub async fn head(tx: &mut Tx, tenant_id: Uuid, name: &str) -> Result<Option<MediaHead>, StoreError> {
    optional!(
        tx,
        "SELECT id, name, kind, sha256, size FROM media_file WHERE tenant_id = $1 AND name = $2",
        tenant_id,
        name
    )
}

/// A file by the hash of its bytes; where several have the same bytes, one of them.
///
/// # Errors
/// As every statement.
pub async fn by_hash(tx: &mut Tx, tenant_id: Uuid, sha256: &str) -> Result<Option<MediaFile>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM media_file WHERE tenant_id = $1 AND sha256 = $2 ORDER BY id LIMIT 1",
        tenant_id,
        sha256
    )
}

/// Writes a new file.
///
/// # Errors
/// [`StoreError::Conflict`] when the name is taken.
pub async fn add(tx: &mut Tx, file: &MediaFile) -> Result<(), StoreError> {
    rows::insert(tx, file).await
}

/// Gives a file that is there other bytes.
///
/// # Errors
/// As every statement.
pub async fn replace(tx: &mut Tx, id: Uuid, file: &MediaFile) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE media_file SET kind = $3, sha256 = $4, size = $5, bytes = $6, changed_at = $7 \
         WHERE tenant_id = $1 AND id = $2",
        file.tenant_id,
        id,
        file.kind,
        file.sha256,
        file.size,
        file.bytes,
        file.changed_at
    )
    .map(|_| ())
}
