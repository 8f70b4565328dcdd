//! What is off the rules in a document, in words for the people who look at it.

use crate::cxml::{self, FindingKind};
use crate::domain::exchange::{Finding, Severity};
use crate::domain::refusal::{Code, Refusal};
use crate::service::exchange::Incoming;
use crate::xml::{self, Position, Violation};

/// What is wrong by the grammar, each with its line.
pub(super) fn violations(violations: &[Violation], text: &str) -> Vec<Finding> {
    let note = |violation: &Violation| Finding {
        severity: Severity::Warn,
        rule: violation.kind.rule().to_owned(),
        place: format!("{}, line {}", violation.path, Position::of(text, violation.offset).line),
        text: format!("{}. {}", capital(&violation.to_string()), violation.hint),
    };
    violations.iter().map(note).collect()
}

/// The refusal of a document that is not valid, for partners whose documents must be: it names the first fault.
pub(super) fn not_valid(incoming: &Incoming) -> Option<Refusal> {
    let violations = &incoming.document.violations;
    let first = incoming
        .findings
        .iter()
        .find(|finding| finding.rule.starts_with("dtd."))?;
    let count = match violations.count {
        1 => "one fault".to_owned(),
        count => format!("{count} faults"),
    };
    let text = format!("The document is not valid, {count}. {}", first.text);
    Some(Refusal::new(Code::NotAcceptable, text).at(first.place.clone()))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// What was noticed while `text` was read and the grammar does not say, each with its line.
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
    findings
        .iter()
        .filter(|finding| !is_of_grammar(finding.kind))
        .map(note)
        .collect()
}

/// Whether a violation of the grammar says the same.
pub fn is_of_grammar(kind: FindingKind) -> bool {
    matches!(
        kind,
        FindingKind::UnknownElement
            | FindingKind::UnknownAttribute
            | FindingKind::Repeated
            | FindingKind::OutOfOrder
            | FindingKind::UnknownWord
            | FindingKind::Xml(xml::FindingKind::StrayText)
    )
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
            kind: FindingKind::LowerCaseRoot,
            subject: "X".to_owned(),
            offset,
        };
        let notes = all(&[finding(0), finding(4), finding(99)], "<a>\n<X/>\n</a>");
        let places: Vec<&str> = notes.iter().map(|note| note.place.as_str()).collect();
        assert_eq!(places, ["X, line 1", "X, line 2", "X, line 3"]);
    }
}
