//! Documents received and sent, their attachments, the quarantine, and the security log.

use jiff::Timestamp;
use uuid::Uuid;

pub use super::rows::{insert, insert_all};
use super::{StoreError, Tx};
use crate::domain::exchange::{Attachment, Direction, Exchange, Finding, Quarantined, SecurityEvent};

words!(Direction);
json!(Vec<Finding>);
columns!(Exchange: "exchange" {
    tenant_id, id, connection_id, direction, payload_id, from_key, document_type, sha256, fingerprint, text, encoding,
    status, answer, answer_sealed, findings, trace_id, remote, repeats, repeated_at, duration_ms, received_at,
});
columns!(Attachment: "attachment" {
    tenant_id, id, exchange_id, content_id, content_type, file_name, sha256, bytes,
});
columns!(Quarantined: "quarantine" {
    tenant_id, id, received_at, keep_until, remote, document_type, from_line, to_line, sender_line, reason, text,
    text_bytes, exchange_id,
});
columns!(SecurityEvent: "security_event" { tenant_id, id, at, kind, connection_id, remote, text });

/// A document in a list: what it is and what became of it, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Identifier.
    pub id: Uuid,
    /// The connection it belongs to.
    pub connection_id: Uuid,
    /// In or out.
    pub direction: Direction,
    /// `cXML/@payloadID`.
    pub payload_id: String,
    /// Name of the request, message or response element.
    pub document_type: String,
    /// cXML Status code of the answer.
    pub status: i64,
    /// What was noticed.
    pub findings: Vec<Finding>,
    /// How often it came again.
    pub repeats: i64,
    /// Milliseconds from receipt to the answer.
    pub duration_ms: i64,
    /// When it came.
    pub received_at: Timestamp,
}

columns!(Entry {
    id,
    connection_id,
    direction,
    payload_id,
    document_type,
    status,
    findings,
    repeats,
    duration_ms,
    received_at,
});

/// An attachment in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentName {
    /// Identifier.
    pub id: Uuid,
    /// Content-ID without brackets.
    pub content_id: Option<String>,
    /// Content type as declared.
    pub content_type: String,
    /// File name as declared.
    pub file_name: Option<String>,
    /// Its size.
    pub bytes_count: i64,
}

columns!(AttachmentName {
    id,
    content_id,
    content_type,
    file_name,
    bytes_count
});

/// A quarantined document in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineEntry {
    /// Identifier.
    pub id: Uuid,
    /// When it came.
    pub received_at: Timestamp,
    /// Until when it is kept.
    pub keep_until: Timestamp,
    /// Address it came from.
    pub remote: String,
    /// Name of the request element.
    pub document_type: String,
    /// Credentials of `From`, one `domain|identity` a line.
    pub from_line: String,
    /// Why it was not let in.
    pub reason: String,
    /// The exchange it became.
    pub exchange_id: Option<Uuid>,
}

columns!(QuarantineEntry {
    id,
    received_at,
    keep_until,
    remote,
    document_type,
    from_line,
    reason,
    exchange_id
});

/// Holds one document's key until the end of the transaction: copies that arrive together are served one by one.
///
/// # Errors
/// As every statement.
pub async fn lock(
    tx: &mut Tx,
    tenant_id: Uuid,
    connection_id: Uuid,
    from_key: &str,
    payload_id: &str,
) -> Result<(), StoreError> {
    tx.lock(
        "exchange",
        &format!("{tenant_id} {connection_id} {from_key} {payload_id}"),
    )
    .await
}

/// The document with this identifier.
///
/// # Errors
/// As every statement.
pub async fn find(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<Exchange>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM exchange WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// The received document that another with this key repeats.
///
/// # Errors
/// As every statement.
pub async fn find_original(
    tx: &mut Tx,
    tenant_id: Uuid,
    connection_id: Uuid,
    from_key: &str,
    payload_id: &str,
) -> Result<Option<Exchange>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM exchange WHERE tenant_id = $1 AND connection_id = $2 AND from_key = $3 AND payload_id = $4 \
         AND direction = 'in'",
        tenant_id,
        connection_id,
        from_key,
        payload_id
    )
}

/// Which documents a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Every one.
    #[default]
    All,
    /// Those that were answered with an error.
    Refused,
    /// Those that came more than once.
    Repeated,
    /// Those that we sent.
    Sent,
}

/// Whether another connection sent a document with this `payloadID`.
///
/// # Errors
/// As every statement.
pub async fn is_of_another(
    tx: &mut Tx,
    tenant_id: Uuid,
    connection_id: Uuid,
    payload_id: &str,
) -> Result<bool, StoreError> {
    let found: i64 = scalar!(
        tx,
        "SELECT count(*) FROM exchange WHERE tenant_id = $1 AND payload_id = $2 AND connection_id <> $3 \
         AND direction = 'in'",
        tenant_id,
        payload_id,
        connection_id
    )?;
    Ok(found > 0)
}

/// Documents of one view, of one connection or all, the latest first; `before` is the last one of the page above.
///
/// # Errors
/// As every statement.
pub async fn list(
    tx: &mut Tx,
    tenant_id: Uuid,
    view: View,
    connection_id: Option<Uuid>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    macro_rules! listed {
        ($connection:literal, $view:literal) => {
            concat!(
                "SELECT id, connection_id, direction, payload_id, document_type, status, findings, repeats, duration_ms, \
                 received_at FROM exchange WHERE tenant_id = $1 AND ",
                $connection,
                $view,
                " AND id < $3 ORDER BY id DESC LIMIT $4"
            )
        };
    }
    // Each text has the condition of the index that serves it.
    let sql = match (view, connection_id) {
        (View::All, Some(_)) => listed!("connection_id = $2", ""),
        (View::All, None) => listed!("$2 IS NULL", ""),
        (View::Refused, _) => listed!("($2 IS NULL OR connection_id = $2)", " AND status >= 400"),
        (View::Repeated, _) => listed!("($2 IS NULL OR connection_id = $2)", " AND repeats > 0"),
        (View::Sent, _) => listed!("($2 IS NULL OR connection_id = $2)", " AND direction = 'out'"),
    };
    all!(tx, sql, tenant_id, connection_id, before.unwrap_or(Uuid::max()), limit)
}

/// How many documents were answered with an error since a moment.
///
/// # Errors
/// As every statement.
pub async fn count_refused(tx: &mut Tx, tenant_id: Uuid, since: Timestamp) -> Result<i64, StoreError> {
    scalar!(
        tx,
        "SELECT count(*) FROM exchange WHERE tenant_id = $1 AND status >= 400 AND id > $2",
        tenant_id,
        first_id(since)
    )
}

/// The least identifier of a moment: identifiers are in the order of time.
fn first_id(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

/// The documents with this `payloadID`, whoever sent them, the latest first.
///
/// # Errors
/// As every statement.
pub async fn list_by_payload_id(tx: &mut Tx, tenant_id: Uuid, payload_id: &str) -> Result<Vec<Entry>, StoreError> {
    all!(
        tx,
        "SELECT id, connection_id, direction, payload_id, document_type, status, findings, repeats, duration_ms, \
         received_at FROM exchange WHERE tenant_id = $1 AND payload_id = $2 ORDER BY id DESC LIMIT 20",
        tenant_id,
        payload_id
    )
}

/// Counts a copy of a document that was answered like the first one.
///
/// # Errors
/// As every statement.
pub async fn count_repeat(tx: &mut Tx, tenant_id: Uuid, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE exchange SET repeats = repeats + 1, repeated_at = $3 WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id,
        at
    )
    .map(|_| ())
}

/// Keeps another sealed answer, where a repeated request got a new secret.
///
/// # Errors
/// As every statement.
pub async fn set_sealed(tx: &mut Tx, tenant_id: Uuid, id: Uuid, sealed: &str) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE exchange SET answer_sealed = $3 WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id,
        sealed
    )
    .map(|_| ())
}

/// Erases a stored answer that carries a secret, once the secret was used.
///
/// # Errors
/// As every statement.
pub async fn erase_sealed(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE exchange SET answer_sealed = NULL WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
    .map(|_| ())
}

/// Erases the stored answers that carry a secret, of documents older than `before`.
///
/// # Errors
/// As every statement.
pub async fn sweep_sealed(tx: &mut Tx, tenant_id: Uuid, before: Timestamp) -> Result<u64, StoreError> {
    execute!(
        tx,
        "UPDATE exchange SET answer_sealed = NULL \
         WHERE tenant_id = $1 AND received_at < $2 AND answer_sealed IS NOT NULL",
        tenant_id,
        before
    )
}

/// The attachments of a document, in the order they came.
///
/// # Errors
/// As every statement.
pub async fn attachments(tx: &mut Tx, tenant_id: Uuid, exchange_id: Uuid) -> Result<Vec<Attachment>, StoreError> {
    all!(
        tx,
        "SELECT * FROM attachment WHERE tenant_id = $1 AND exchange_id = $2 ORDER BY id",
        tenant_id,
        exchange_id
    )
}

/// The names of a document's attachments, without their bytes.
///
/// # Errors
/// As every statement.
pub async fn attachment_names(
    tx: &mut Tx,
    tenant_id: Uuid,
    exchange_id: Uuid,
) -> Result<Vec<AttachmentName>, StoreError> {
    all!(
        tx,
        "SELECT id, content_id, content_type, file_name, CAST(length(bytes) AS BIGINT) AS bytes_count \
         FROM attachment WHERE tenant_id = $1 AND exchange_id = $2 ORDER BY id",
        tenant_id,
        exchange_id
    )
}

/// The attachment with this identifier.
///
/// # Errors
/// As every statement.
pub async fn find_attachment(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<Attachment>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM attachment WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// Quarantined documents to this supplier, or to none we know, the latest first; `before` is the last one of the page
/// above.
///
/// # Errors
/// As every statement.
pub async fn quarantined(
    tx: &mut Tx,
    tenant_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<QuarantineEntry>, StoreError> {
    all!(
        tx,
        "SELECT id, received_at, keep_until, remote, document_type, from_line, reason, exchange_id \
         FROM quarantine WHERE tenant_id IN ($1, $2) AND id < $3 ORDER BY id DESC LIMIT $4",
        tenant_id,
        Uuid::nil(),
        before.unwrap_or(Uuid::max()),
        limit
    )
}

/// How many quarantined documents wait for somebody.
///
/// # Errors
/// As every statement.
pub async fn count_quarantined(tx: &mut Tx, tenant_id: Uuid) -> Result<i64, StoreError> {
    scalar!(
        tx,
        "SELECT count(*) FROM quarantine WHERE tenant_id IN ($1, $2) AND exchange_id IS NULL",
        tenant_id,
        Uuid::nil()
    )
}

/// The quarantined document with this identifier, to this supplier or to none we know.
///
/// # Errors
/// As every statement.
pub async fn find_quarantined(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<Quarantined>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM quarantine WHERE tenant_id IN ($1, $2) AND id = $3",
        tenant_id,
        Uuid::nil(),
        id
    )
}

/// Notes the exchange that a quarantined document became; tells whether it had become none before.
///
/// # Errors
/// As every statement.
pub async fn release(tx: &mut Tx, quarantined: &Quarantined, exchange_id: Uuid) -> Result<bool, StoreError> {
    let released = execute!(
        tx,
        "UPDATE quarantine SET exchange_id = $3 WHERE tenant_id = $1 AND id = $2 AND exchange_id IS NULL",
        quarantined.tenant_id,
        quarantined.id,
        exchange_id
    )?;
    Ok(released == 1)
}

/// Keeps the quarantine within its limits, of all suppliers together: what is over, then the oldest, goes.
///
/// # Errors
/// As every statement.
pub async fn sweep_quarantine(
    tx: &mut Tx,
    now: Timestamp,
    documents_max: i64,
    bytes_max: i64,
) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM quarantine WHERE keep_until <= $1 OR id IN (SELECT id FROM (SELECT id, \
             row_number() OVER (ORDER BY id DESC) AS place, sum(text_bytes) OVER (ORDER BY id DESC) AS total \
         FROM quarantine WHERE keep_until > $1) kept WHERE place > $2 OR total > $3)",
        now,
        documents_max,
        bytes_max
    )
}

/// What touched security, the latest first; the supplier's and what belongs to none. `before` is the last one of the
/// page above.
///
/// # Errors
/// As every statement.
pub async fn security_events(
    tx: &mut Tx,
    tenant_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<SecurityEvent>, StoreError> {
    all!(
        tx,
        "SELECT * FROM security_event WHERE tenant_id IN ($1, $2) AND id < $3 ORDER BY id DESC LIMIT $4",
        tenant_id,
        Uuid::nil(),
        before.unwrap_or(Uuid::max()),
        limit
    )
}

/// Keeps the security log within its limit, of all suppliers together: the oldest goes.
///
/// # Errors
/// As every statement.
pub async fn sweep_security_events(tx: &mut Tx, events_max: i64) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM security_event WHERE id <= \
         (SELECT id FROM security_event ORDER BY id DESC LIMIT 1 OFFSET $1)",
        events_max
    )
}
