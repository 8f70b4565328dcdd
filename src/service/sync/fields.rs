//! The system-of-record document: who owns every group of fields, who writes it, how current it is, who wins.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::{Source, folder, lag};
use crate::erp::owner::{self, FieldGroup};
use crate::service::{Error, Gateway};
use crate::store::sync::Cursor;
use crate::store::{self, StoreError};

/// The document of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// The source's code; empty where no source is configured.
    pub source: String,
    /// The kind of ERP, and the version of its mapping.
    pub erp: String,
    /// The groups.
    pub fields: Vec<Kept>,
}

/// One group, and how old it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// What is said of it.
    #[serde(flatten)]
    pub group: FieldGroup,
    /// Seconds since the oldest of its kinds of rows was read to its end; nothing where the source does not bring it.
    pub age_seconds: Option<i64>,
}

/// The groups of a source: the usual ones, with what its mapping and then its file say otherwise.
///
/// # Errors
/// A group of its own does not say everything.
pub fn groups(source: &Source) -> Result<Vec<FieldGroup>, Error> {
    let changes = source.mapping.field.iter().chain(&source.setting.field);
    let usual = owner::usual().map_err(Error::Setting)?;
    owner::changed(usual, changes).map_err(Error::Setting)
}

/// The documents of a supplier, one for each source of the configured folder; without one the usual groups alone.
///
/// # Errors
/// A source says too little of a group of its own, or the store would not.
pub async fn documents(gateway: &Gateway, tenant_id: Uuid) -> Result<Vec<Document>, Error> {
    let sources = folder::sources(gateway, tenant_id);
    let mut documents = Vec::with_capacity(sources.len().max(1));
    for source in &sources {
        documents.push(document(gateway, tenant_id, source).await?);
    }
    if documents.is_empty() {
        documents.push(usual()?);
    }
    Ok(documents)
}

/// The document of a source.
///
/// # Errors
/// The source says too little of a group of its own, or the store would not.
pub async fn document(gateway: &Gateway, tenant_id: Uuid, source: &Source) -> Result<Document, Error> {
    let code = source.setting.code.as_str();
    let read = gateway.store.read(async |tx| {
        let Some(stored) = store::source::find(tx, tenant_id, code).await? else {
            return Ok::<_, StoreError>(None);
        };
        let cursors = store::sync::cursors(tx, tenant_id, stored.id).await?;
        Ok(Some((stored.created_at, cursors)))
    });
    let known = read.await?;
    let now = gateway.clock.now();
    let fields = groups(source)?.into_iter().map(|group| Kept {
        age_seconds: known
            .as_ref()
            .and_then(|(made_at, cursors)| age(source, &group, cursors, *made_at, now)),
        group,
    });
    Ok(Document {
        source: code.to_owned(),
        erp: format!("{} {}", source.mapping.kind, source.mapping.version),
        fields: fields.collect(),
    })
}

/// The document where no source is configured.
///
/// # Errors
/// The file of the program is not readable; a test sees to it that it is.
pub fn usual() -> Result<Document, Error> {
    let usual = owner::usual().map_err(Error::Setting)?;
    Ok(Document {
        source: String::new(),
        erp: String::new(),
        fields: usual
            .into_iter()
            .map(|group| Kept {
                group,
                age_seconds: None,
            })
            .collect(),
    })
}

/// The age of the oldest kind of rows of a group.
fn age(source: &Source, group: &FieldGroup, cursors: &[Cursor], made_at: Timestamp, now: Timestamp) -> Option<i64> {
    let entities = source.mapping.entity.iter();
    let of_group = entities.filter(|entity| group.rows.contains(entity.rows.get_ref()));
    let ages = of_group.map(|entity| {
        let cursor = cursors.iter().find(|cursor| cursor.entity == *entity.name.get_ref());
        lag::age(cursor, made_at, now)
    });
    ages.max()
}

/// Documents as CSV, a line for each group.
///
/// # Errors
/// They cannot be written, which memory always can.
pub fn csv(documents: &[Document]) -> Result<String, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Setting(format!("The document cannot be written: {error}."));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "source",
        "erp",
        "group",
        "fields",
        "owner",
        "writer",
        "mode",
        "target_seconds",
        "age_seconds",
        "conflict",
        "rows",
    ];
    writer.write_record(header).map_err(|error| failed(&error))?;
    for document in documents {
        for Kept { group, age_seconds } in &document.fields {
            let target = group.target_seconds.to_string();
            let age = age_seconds.map(|age| age.to_string()).unwrap_or_default();
            let rows = group.rows.join("|");
            let line = [
                document.source.as_str(),
                &document.erp,
                &group.group,
                &group.fields,
                &group.owner,
                &group.writer,
                group.mode.word(),
                &target,
                &age,
                &group.conflict,
                &rows,
            ];
            writer.write_record(line).map_err(|error| failed(&error))?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

/// Documents as JSON.
///
/// # Errors
/// They cannot be written, which memory always can.
pub fn json(documents: &[Document]) -> Result<String, Error> {
    serde_json::to_string_pretty(documents)
        .map(|text| text + "\n")
        .map_err(|error| Error::Setting(format!("The document cannot be written: {error}.")))
}
