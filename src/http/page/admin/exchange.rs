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
    /// The line of the text, where it is known.
    pub line: Option<usize>,
    /// What.
    pub text: &'a str,
}

impl<'a> FindingRow<'a> {
    /// A finding; its place may end in its line: "ItemOut, line 12".
    pub fn new(severity: Status<'a>, rule: &'a str, place: &'a str, text: &'a str) -> Self {
        let line = place.rsplit_once(", line ").and_then(|(_, line)| line.parse().ok());
        FindingRow {
            severity,
            rule,
            place,
            line,
            text,
        }
    }
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
    /// The lines, each with whether something was noticed there.
    pub lines: Vec<(&'a str, bool)>,
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
            lines: text[..end].lines().map(|line| (line, false)).collect(),
            cut_from: (end < text.len()).then_some(text.len() as u64),
        }
    }
}

impl Lines<'_> {
    /// Marks the lines where something was noticed.
    #[must_use]
    pub fn marked(mut self, findings: &[FindingRow<'_>]) -> Self {
        for line in findings.iter().filter_map(|finding| finding.line) {
            if let Some((_, found)) = line.checked_sub(1).and_then(|at| self.lines.get_mut(at)) {
                *found = true;
            }
        }
        self
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_marks_its_line() {
        let note = |place| FindingRow::new(Status::info("Note"), "document.form", place, "");
        let findings = [note("X, line 2"), note("X, line 0"), note("X, line 9"), note("X")];
        let lines = Lines::new("a\nb\nc").marked(&findings);
        assert_eq!(lines.lines, [("a", false), ("b", true), ("c", false)]);
        assert_eq!(lines.cut_from, None);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = "ü".repeat(Lines::BYTES_MAX);
        let lines = Lines::new(&text);
        assert_eq!(lines.cut_from, Some(2 * Lines::BYTES_MAX as u64));
        assert_eq!(lines.lines[0].0.len(), Lines::BYTES_MAX);
    }
}
