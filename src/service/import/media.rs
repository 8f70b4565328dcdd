//! Pictures and documents: the files themselves, and to which products they belong.

use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs};
use super::relation::PRIORITY_MAX;
use super::report::Report;
use super::table::{Columns, Line};
use crate::domain::media::MediaKind;
use crate::service::{Error, Gateway, media};
use crate::store::feed::{self, Change};
use crate::store::media::{MediaFile, ProductMediaRow};
use crate::store::{self, StoreError};

/// Longest name of a file.
const NAME_BYTES_MAX: usize = 100;

/// The kind that a file's name promises, where it is one of pictures and documents.
pub(super) fn promised(name: &str) -> Option<MediaKind> {
    let (_, ending) = name.rsplit_once('.')?;
    MediaKind::from_ending(ending)
}

/// Takes the bytes of a picture or document under its name.
pub(super) async fn bring(gateway: &Gateway, tenant_id: Uuid, name: &str, bytes: Vec<u8>) -> Result<Report, Error> {
    let kind = match judged(name, &bytes) {
        Ok(kind) => kind,
        Err(reason) => return Ok(Report::refused(name, 0, reason)),
    };
    let file = MediaFile {
        tenant_id,
        id: gateway.clock.new_id(),
        name: name.to_owned(),
        kind,
        sha256: media::hash(&bytes),
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        bytes,
        changed_at: gateway.clock.now(),
    };
    let mut report = Report {
        file: name.to_owned(),
        rows: 1,
        ..Report::default()
    };
    let taken = gateway.store.write(async move |tx| {
        tx.lock("media", &format!("{tenant_id} {}", file.name)).await?;
        let before = store::media::head(tx, tenant_id, &file.name).await?;
        let (id, outcome) = match before {
            Some(before) if before.sha256 == file.sha256 => return Ok((0, 0)),
            Some(before) => {
                store::media::replace(tx, before.id, &file).await?;
                (before.id, (0, 1))
            }
            None => {
                store::media::add(tx, &file).await?;
                (file.id, (1, 0))
            }
        };
        let change = Change {
            tenant_id,
            seq: 0,
            entity: "media".to_owned(),
            entity_id: id,
            op: "put".to_owned(),
            cause: "import".to_owned(),
            at: file.changed_at,
        };
        feed::append(tx, tenant_id, &mut [change]).await?;
        Ok::<_, StoreError>(outcome)
    });
    let (added, changed) = taken.await?;
    report.counts.added = added;
    report.counts.changed = changed;
    report.counts.unchanged = 1 - added - changed;
    Ok(report)
}

fn judged(name: &str, bytes: &[u8]) -> Result<MediaKind, String> {
    if name.len() > NAME_BYTES_MAX || name.chars().any(|c| c.is_control() || "/\\|".contains(c)) {
        return Err(format!(
            "the name must have no slashes or bars and {NAME_BYTES_MAX} bytes at most"
        ));
    }
    if bytes.len() > media::BYTES_MAX {
        return Err(format!("is larger than {} MiB", media::BYTES_MAX >> 20));
    }
    let kind = media::judge(bytes)?;
    match promised(name) {
        Some(promised) if promised.is_picture() != kind.is_picture() => Err(format!(
            "is {} by its content, not what its name says",
            if kind.is_picture() { "a picture" } else { "a document" }
        )),
        _ => Ok(kind),
    }
}

impl Fact for ProductMediaRow {
    const COLUMNS: Columns = Columns {
        required: &["sku", "file"],
        optional: &["title", "language", "position", "deleted"],
    };
    const ENTITY: &'static str = "product_media";
    const FIELD: &'static str = "file";
    const NEEDS: Needs = Needs {
        products: true,
        media: true,
        ..Needs::NOTHING
    };
    type Key = (Uuid, Uuid);

    fn key(&self) -> Self::Key {
        (self.product_id, self.file_id)
    }

    identified!(by product_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let product = line.needed("sku", |line, column| names.product(line, column));
        let file = line.needed("file", |line, column| names.media(line, column));
        Some(ProductMediaRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            product_id: product?.id,
            file_id: file?.id,
            title: line.name("title"),
            language: line.language("language"),
            position: line.whole("position", PRIORITY_MAX).unwrap_or(0),
        })
    }
}
