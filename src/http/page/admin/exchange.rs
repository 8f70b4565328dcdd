//! Documents: the list, and one document with what became of it.

use askama::Template;
use jiff::Timestamp;

use super::{Frame, filters, word};
use crate::domain::exchange::{Finding, Severity};
use crate::http::asset;
use crate::http::page::icon::Icon;
use crate::http::page::part::{More, Pick, Status};
use crate::service::check;

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
#[derive(Clone, Debug)]
pub struct FindingRow<'a> {
    /// How serious.
    pub severity: Status<'a>,
    /// The rule.
    pub rule: &'a str,
    /// Where: elements from the root, or a field.
    pub path: &'a str,
    /// The line of the text, where it is known, and the character in it, where that is known.
    pub line: Option<(usize, Option<usize>)>,
    /// What is there.
    pub found: &'a str,
    /// What would be right.
    pub expected: &'a str,
    /// What to do.
    pub hint: &'a str,
}

impl<'a> FindingRow<'a> {
    /// What was noticed at receipt; its place may end in its line: "ItemOut, line 12".
    pub fn noticed(finding: &'a Finding) -> Self {
        let placed = finding.place.rsplit_once(", line ");
        let placed = placed.and_then(|(path, line)| Some((path, line.parse().ok()?)));
        FindingRow {
            severity: word::severity(finding.severity),
            rule: &finding.rule,
            path: placed.map_or(&finding.place, |(path, _)| path),
            line: placed.map(|(_, line)| (line, None)),
            found: &finding.text,
            expected: "",
            hint: "",
        }
    }

    /// Line and column in words; nothing where the line is not known.
    pub fn place(&self) -> String {
        match self.line {
            Some((line, Some(column))) => format!("line {line}, column {column}"),
            Some((line, None)) => format!("line {line}"),
            None => String::new(),
        }
    }

    /// The line, where a text shows it marked, so that a link leads there.
    pub fn line_in(&self, text: &Lines<'_>) -> Option<usize> {
        self.line.map(|(line, _)| line).filter(|line| text.has(*line))
    }

    /// What the checker says.
    pub fn checked(finding: &'a check::Finding) -> Self {
        FindingRow {
            severity: match finding.severity {
                Severity::Error => Status::bad("Error"),
                other => word::severity(other),
            },
            rule: &finding.rule,
            path: &finding.path,
            line: Some((finding.line, Some(finding.column))),
            found: &finding.found,
            expected: &finding.expected,
            hint: &finding.hint,
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
    /// The lines.
    pub lines: Vec<Line<'a>>,
    /// The size of the whole text, where it was cut.
    pub cut_from: Option<u64>,
}

/// A line of a text, with the first place in it where something was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// What stands before the place; the whole line where nothing was noticed.
    pub before: &'a str,
    /// What stands at the place: a tag or a word; empty where only the line is known.
    pub mark: &'a str,
    /// What stands after it.
    pub after: &'a str,
    /// Whether something was noticed in the line.
    pub found: bool,
}

impl<'a> Lines<'a> {
    /// Most bytes of a text on a page; the rest is had by downloading.
    pub const BYTES_MAX: usize = 200_000;

    /// The text's first lines.
    pub fn new(text: &'a str) -> Self {
        let mut end = text.len().min(Self::BYTES_MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let line = |line| Line {
            before: line,
            mark: "",
            after: "",
            found: false,
        };
        Lines {
            lines: text[..end].lines().map(line).collect(),
            cut_from: (end < text.len()).then_some(text.len() as u64),
        }
    }

    /// Marks the places where something was noticed; of several in one line the first.
    #[must_use]
    pub fn marked(mut self, findings: &[FindingRow<'_>]) -> Self {
        for (line, column) in findings.iter().filter_map(|finding| finding.line) {
            let line = line.checked_sub(1).and_then(|at| self.lines.get_mut(at));
            if let Some(line) = line.filter(|line| !line.found) {
                *line = mark(line.before, column);
            }
        }
        self
    }

    /// Whether a line is shown and marked.
    fn has(&self, line: usize) -> bool {
        let line = line.checked_sub(1).and_then(|at| self.lines.get(at));
        line.is_some_and(|line| line.found)
    }
}

/// The line with what begins at a column marked.
fn mark(line: &str, column: Option<usize>) -> Line<'_> {
    /// Most letters of a mark: what is longer is not read as a whole.
    const LETTERS_MAX: usize = 80;
    let start = column
        .and_then(|column| line.char_indices().nth(column.checked_sub(1)?))
        .map_or(line.len(), |(start, _)| start);
    let (before, rest) = line.split_at(start);
    let length = match rest.chars().next() {
        None => 0,
        Some('<') => match rest.find('>') {
            Some(end) if end < LETTERS_MAX => end + 1,
            // Of a long tag the name.
            _ => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        },
        Some(first) => {
            let end = rest.find(['<', '>', ' ', '"', '\'']);
            end.unwrap_or(rest.len()).max(first.len_utf8())
        }
    };
    let most = rest.char_indices().nth(LETTERS_MAX).map_or(rest.len(), |(end, _)| end);
    let (mark, after) = rest.split_at(length.min(most));
    Line {
        before,
        mark,
        after,
        found: true,
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
    /// Where it is checked again.
    pub check_href: String,
    /// Our answer.
    pub answer: Option<Lines<'a>>,
    /// Why the answer is not shown.
    pub answer_sealed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_marks_its_place() {
        let check = |place: (usize, Option<usize>), expect: Option<(usize, &str, &str)>| {
            let finding = check::Finding {
                severity: Severity::Warn,
                rule: "x".into(),
                line: place.0,
                column: place.1.unwrap_or_default(),
                path: String::new(),
                found: String::new(),
                expected: String::new(),
                hint: String::new(),
            };
            let row = FindingRow {
                line: Some(place),
                ..FindingRow::checked(&finding)
            };
            let text = format!("<a b='c'>\n  <é d=\"e f\"/> g\n<long a='{}'>\n", "x".repeat(100));
            let lines = Lines::new(&text).marked(&[row]);
            let found = (1..=lines.lines.len()).find(|line| lines.has(*line));
            let found = found.map(|at| (at, lines.lines[at - 1].before, lines.lines[at - 1].mark));
            assert_eq!(found, expect, "{place:?}");
        };
        check((1, Some(1)), Some((1, "", "<a b='c'>")));
        check((1, Some(7)), Some((1, "<a b='", "c")));
        check((2, Some(3)), Some((2, "  ", "<é d=\"e f\"/>")));
        check((3, Some(1)), Some((3, "", "<long")));
        check((2, Some(6)), Some((2, "  <é ", "d=")));
        check((2, Some(99)), Some((2, "  <é d=\"e f\"/> g", "")));
        check((2, None), Some((2, "  <é d=\"e f\"/> g", "")));
        check((0, Some(1)), None);
        check((9, Some(1)), None);
    }

    #[test]
    fn what_was_noticed_may_name_its_line() {
        for (place, expect) in [
            ("X, line 2", ("X", Some((2, None)))),
            ("X, line x", ("X, line x", None)),
            ("ItemOut 2/UnitPrice", ("ItemOut 2/UnitPrice", None)),
        ] {
            let finding = Finding {
                severity: Severity::Hold,
                rule: "x".into(),
                place: place.into(),
                text: "y".into(),
            };
            let row = FindingRow::noticed(&finding);
            assert_eq!((row.path, row.line), expect);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = "ü".repeat(Lines::BYTES_MAX);
        let lines = Lines::new(&text);
        assert_eq!(lines.cut_from, Some(2 * Lines::BYTES_MAX as u64));
        assert_eq!(lines.lines[0].before.len(), Lines::BYTES_MAX);
    }
}
