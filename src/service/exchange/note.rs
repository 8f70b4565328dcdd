//! What is off the rules in a document, in words for the people who look at it.

use crate::cxml::{self, FindingKind};
use crate::domain::exchange::{Finding, Severity};
use crate::xml;

/// What was noticed while `text` was read, each with its line.
pub(super) fn all(findings: &[cxml::Finding], text: &str) -> Vec<Finding> {
    let note = |finding: &cxml::Finding| {
        let before = text.get(..finding.offset).unwrap_or(text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        Finding {
            severity: Severity::Warn,
            rule: "document.form".to_owned(),
            place: format!("{}, line {line}", finding.subject),
            text: words_of(finding.kind).to_owned(),
        }
    };
    findings.iter().map(note).collect()
}

/// What was noticed while the bytes became text.
pub(super) fn encoding(findings: &[xml::Finding]) -> Vec<Finding> {
    let note = |finding: &xml::Finding| Finding {
        severity: Severity::Warn,
        rule: "document.encoding".to_owned(),
        place: "encoding".to_owned(),
        text: xml_words(finding.kind).to_owned(),
    };
    findings.iter().map(note).collect()
}

/// What was noticed, as a sentence.
pub fn words_of(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::UnknownElement => "The grammar does not have this element here; it was kept.",
        FindingKind::UnknownAttribute => "The grammar does not have this attribute here; it was kept.",
        FindingKind::Repeated => "The element may stand once and stands again; it was kept.",
        FindingKind::OutOfOrder => "The element stands after one that it must precede; it was read all the same.",
        FindingKind::UnknownWord => "The value is none of the grammar's words; it was kept.",
        FindingKind::LowerCaseRoot => "The root element is spelled cxml.",
        FindingKind::DoctypeName => "The document type declaration spells the root in another way.",
        FindingKind::ForeignDoctype => {
            "The document type declaration points elsewhere than xml.cxml.org; it was not followed."
        }
        FindingKind::Xml(kind) => xml_words(kind),
    }
}

fn xml_words(kind: xml::FindingKind) -> &'static str {
    match kind {
        xml::FindingKind::CharsetConflict => "Byte order mark, transport and XML declaration name different encodings.",
        xml::FindingKind::CharsetDoubtful => "The transport names an encoding that the bytes do not look like.",
        xml::FindingKind::NotAscii => "US-ASCII is declared, but the bytes are UTF-8.",
        xml::FindingKind::NotUtf16 => "UTF-16 is declared, but the bytes are UTF-8.",
        xml::FindingKind::DoctypePublic => "The document type declaration has a PUBLIC identifier.",
        xml::FindingKind::DoctypeWithoutSystem => "The document type declaration names no grammar.",
        xml::FindingKind::DoctypeSubsetSkipped => {
            "The document type declaration has entities of its own; they were skipped."
        }
        xml::FindingKind::ProcessingInstruction => "A processing instruction was ignored.",
        xml::FindingKind::StrayText => "Characters between elements, where only blanks belong, were ignored.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_its_line() {
        let finding = |offset| cxml::Finding {
            kind: FindingKind::UnknownElement,
            subject: "X".to_owned(),
            offset,
        };
        let notes = all(&[finding(0), finding(4), finding(99)], "<a>\n<X/>\n</a>");
        let places: Vec<&str> = notes.iter().map(|note| note.place.as_str()).collect();
        assert_eq!(places, ["X, line 1", "X, line 2", "X, line 3"]);
    }
}
