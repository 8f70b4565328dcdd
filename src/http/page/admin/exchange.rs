//! Documents: the list, and one document with what became of it.

use askama::Template;
use jiff::Timestamp;

use super::{Frame, filters};
use crate::http::asset;
use crate::http::page::icon::Icon;
use crate::http::page::part::{More, Pick, Status};

/// A document in a list.
#[derive(Clone, Debug)]
pub struct ExchangeRow<'a> {
    /// Its page.
    pub href: String,
    /// Received or sent.
    pub direction: &'static str,
    /// What it is: `OrderRequest`.
    pub document_type: &'a str,
    /// Its `payloadID`.
    pub payload_id: &'a str,
    /// The connection it belongs to.
    pub connection: &'a str,
    /// What became of it.
    pub verdict: Status<'a>,
    /// cXML Status of the answer.
    pub status: i64,
    /// How often it came again.
    pub repeats: u64,
    /// When it came.
    pub received: Timestamp,
    /// Milliseconds to the answer; `None` for what we sent.
    pub took_ms: Option<u64>,
    /// Whether the connection is for tests.
    pub test: bool,
}

/// The documents of one view.
#[derive(Debug, Template)]
#[template(path = "admin/exchanges.html")]
pub struct ExchangesPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The views.
    pub views: Vec<(&'static str, String, bool)>,
    /// The connections to choose from.
    pub connections: Vec<Pick<'a>>,
    /// The view's word in the address, kept when a connection is chosen.
    pub view: &'a str,
    /// The documents.
    pub rows: Vec<ExchangeRow<'a>>,
    /// Where the list goes on.
    pub more: More,
    /// Whether nothing is filtered.
    pub all: bool,
}

/// Something noticed in a document.
#[derive(Clone, Copy, Debug)]
pub struct FindingRow<'a> {
    /// How serious.
    pub severity: Status<'a>,
    /// The rule.
    pub rule: &'a str,
    /// Where.
    pub place: &'a str,
    /// What.
    pub text: &'a str,
}

/// A part of the message beside the document.
#[derive(Clone, Debug)]
pub struct AttachmentRow<'a> {
    /// Where its bytes are.
    pub href: String,
    /// File name, or Content-ID where none was declared.
    pub name: &'a str,
    /// Content type as declared.
    pub content_type: &'a str,
    /// Its size.
    pub size: u64,
}

/// Something that belongs to the document.
#[derive(Clone, Debug)]
pub struct Related<'a> {
    /// What it is: "Order".
    pub what: &'static str,
    /// Its page.
    pub href: String,
    /// What it is called.
    pub name: &'a str,
    /// Where it stands.
    pub state: Status<'a>,
}

/// A text line by line, cut where it grows too long for a page.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    /// The lines.
    pub lines: Vec<&'a str>,
    /// The size of the whole text, where it was cut.
    pub cut_from: Option<u64>,
}

impl<'a> Lines<'a> {
    /// Most bytes of a text on a page; the rest is had by downloading.
    const BYTES_MAX: usize = 200_000;

    /// The text's first lines.
    pub fn new(text: &'a str) -> Self {
        let mut end = text.len().min(Self::BYTES_MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Lines {
            lines: text[..end].lines().collect(),
            cut_from: (end < text.len()).then_some(text.len() as u64),
        }
    }
}

/// One document and what became of it.
#[derive(Debug, Template)]
#[template(path = "admin/exchange.html")]
pub struct ExchangePage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The document's own row of the list.
    pub row: ExchangeRow<'a>,
    /// The connection's page.
    pub connection_href: String,
    /// When it came again last.
    pub repeated: Option<Timestamp>,
    /// The party that sent it, as one key.
    pub from_key: &'a str,
    /// Where it came from.
    pub remote: &'a str,
    /// Trace id, for the logs.
    pub trace_id: &'a str,
    /// Encoding of the bytes.
    pub encoding: &'a str,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
    /// What was noticed.
    pub findings: Vec<FindingRow<'a>>,
    /// What belongs to it.
    pub related: Vec<Related<'a>>,
    /// What came with it.
    pub attachments: Vec<AttachmentRow<'a>>,
    /// The text, secrets cut out.
    pub text: Lines<'a>,
    /// Where the text can be downloaded.
    pub raw_href: String,
    /// Our answer.
    pub answer: Option<Lines<'a>>,
    /// Why the answer is not shown.
    pub answer_sealed: bool,
}
