//! One received or sent document: its text, its verdict, its answer, and what it repeats.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whether a document came in or went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Received.
    In,
    /// Sent.
    Out,
}

/// Something noticed in a document that did not prevent its processing, or did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How serious.
    pub severity: Severity,
    /// The rule, for example `date.no-zone`.
    pub rule: String,
    /// Where: element path or field, and line where known.
    pub place: String,
    /// One sentence for people; never echoes secrets.
    pub text: String,
}

/// How serious a finding is (cXML notes 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Warn,
    /// A person must look before anything happens.
    Hold,
    /// Refused.
    Error,
}

/// One document and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The connection it belongs to.
    pub connection_id: Uuid,
    /// In or out.
    pub direction: Direction,
    /// `cXML/@payloadID`, exactly as it came.
    pub payload_id: String,
    /// Key of the `From` credential ([`crate::domain::party::CredentialKey::line`]); with the payload id it finds repetitions.
    pub from_key: String,
    /// Name of the request, message or response element.
    pub document_type: String,
    /// SHA-256 of the bytes as they came.
    pub sha256: Vec<u8>,
    /// SHA-256 of the normalised content (cXML notes 3.3).
    pub fingerprint: Vec<u8>,
    /// The document as text, with secrets and card data cut out.
    pub text: String,
    /// Encoding of the bytes as they came.
    pub encoding: String,
    /// cXML Status code of our answer.
    pub status: i64,
    /// Our answer, byte for byte, for repetitions; `None` once it held a secret that was used or expired.
    pub answer: Option<Vec<u8>>,
    /// Our answer, sealed, where it carries a secret such as a start link.
    pub answer_sealed: Option<String>,
    /// What was noticed.
    pub findings: Vec<Finding>,
    /// Trace id, for the logs.
    pub trace_id: String,
    /// Address the document came from.
    pub remote: String,
    /// How often the same document came again and got the stored answer.
    pub repeats: i64,
    /// When it came again last.
    pub repeated_at: Option<Timestamp>,
    /// Milliseconds from receipt to the answer being ready to commit.
    pub duration_ms: i64,
    /// When it came.
    pub received_at: Timestamp,
}

/// A part of a multipart document other than its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier; also the name under which it is kept.
    pub id: Uuid,
    /// The document it came with.
    pub exchange_id: Uuid,
    /// Content-ID without brackets.
    pub content_id: Option<String>,
    /// Content type as declared.
    pub content_type: String,
    /// File name as declared; shown, never used as a path.
    pub file_name: Option<String>,
    /// SHA-256 of the bytes.
    pub sha256: Vec<u8>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A document from nobody we know, kept for a while so that staff can bind it to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The supplier that `To` named, or the nil id when it named none.
    pub tenant_id: Uuid,
    /// Identifier; also the reference in our answer.
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
    /// Credentials of `To`.
    pub to_line: String,
    /// Credentials of `Sender`.
    pub sender_line: String,
    /// Why it was not let in.
    pub reason: String,
    /// The document as text, with secrets and card data cut out.
    pub text: String,
    /// Size of the text in bytes.
    pub text_bytes: i64,
    /// The exchange it became when it was bound and replayed.
    pub exchange_id: Option<Uuid>,
}

/// Something that touches security: failed authentication, foreign references, refused addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityEvent {
    /// The supplier, or the nil id.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// What, for example `sender.unknown`, `from.foreign`, `start.reused`.
    pub kind: String,
    /// The connection, where known.
    pub connection_id: Option<Uuid>,
    /// Address.
    pub remote: String,
    /// One sentence without secrets.
    pub text: String,
}
