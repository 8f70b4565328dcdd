//! Findings while they are gathered: each at its place in the text.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{FINDINGS_MAX, Finding, Report};
use crate::cxml::{Body, Document, FindingKind, OrderRequest, PunchOutSetupRequest, RequestPayload};
use crate::domain::exchange::{self, Severity};
use crate::domain::order::check;
use crate::domain::order::safeguard::Facts;
use crate::domain::party::Settings;
use crate::domain::refusal::{Code, Refusal};
use crate::service::exchange::{is_of_grammar, words_of};
use crate::translate::{self, rules};
use crate::xml::{self, Element, Limits, Position, Violation, ViolationKind};
use crate::{cxml, profile};

/// What the rules of the grammar begin with.
const GRAMMAR: &str = "dtd.";

/// Lines of an order that are checked, at most.
const LINES_MAX: usize = 10_000;

/// The findings of one document while they are gathered.
pub(super) struct Found<'x> {
    text: &'x str,
    findings: Vec<Finding>,
    /// Findings beyond those that are kept.
    pub more: usize,
}

impl<'x> Found<'x> {
    pub fn new(text: &'x str) -> Found<'x> {
        Found {
            text,
            findings: Vec::new(),
            more: 0,
        }
    }

    fn add(&mut self, offset: usize, finding: Finding) {
        self.add_at(|_| offset, finding);
    }

    /// Adds what stands at a place; where no more findings are kept, the place is not looked for.
    pub(super) fn add_at(&mut self, offset: impl FnOnce(&str) -> usize, finding: Finding) {
        if self.findings.len() >= FINDINGS_MAX {
            self.more += 1;
            return;
        }
        let at = Position::of(self.text, offset(self.text));
        let finding = Finding {
            line: at.line,
            column: at.column,
            ..finding
        };
        // An error is told once; of warnings each may be about something else.
        if finding.severity != Severity::Error || !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    pub fn add_violations(&mut self, violations: &[Violation]) {
        for violation in violations {
            let finding = Finding {
                path: violation.path.clone(),
                found: violation.found(),
                expected: expected(violation),
                hint: violation.hint.to_string(),
                ..finding(Severity::Error, violation.kind.rule())
            };
            self.add(violation.offset, finding);
        }
    }

    pub fn add_encoding(&mut self, findings: &[xml::Finding]) {
        for noted in findings {
            let found = words_of(FindingKind::Xml(noted.kind)).to_owned();
            self.add(
                0,
                Finding {
                    found,
                    hint: "State one encoding, the one that the bytes have.".to_owned(),
                    ..finding(Severity::Warn, "document.encoding")
                },
            );
        }
    }

    /// What the reader noticed and the grammar does not say already.
    pub fn add_readings(&mut self, document: &Document) {
        let noted = document.findings.list.iter();
        for noted in noted.filter(|noted| !is_of_grammar(noted.kind)) {
            let (rule, hint) = match noted.kind {
                FindingKind::LowerCaseRoot => ("document.root", "Write the root as `cXML`."),
                FindingKind::DoctypeName => ("document.doctype", "Name the root in the DOCTYPE as it is written."),
                FindingKind::ForeignDoctype | FindingKind::Xml(xml::FindingKind::DoctypePublic) => (
                    "document.doctype",
                    "Use <!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.069/cXML.dtd\">.",
                ),
                _ => ("document.form", "Leave it out; receivers need not understand it."),
            };
            self.add(
                self.place_of(noted, rule),
                Finding {
                    path: noted.subject.clone(),
                    found: words_of(noted.kind).to_owned(),
                    hint: hint.to_owned(),
                    ..finding(Severity::Warn, rule)
                },
            );
        }
    }

    fn place_of(&self, noted: &cxml::Finding, rule: &str) -> usize {
        match rule {
            "document.doctype" => self.text.find("<!DOCTYPE").unwrap_or(noted.offset),
            _ => noted.offset,
        }
    }

    pub fn add_rule(&mut self, broken: &rules::Broken) {
        self.add_at(
            |text| locate(text, broken.place),
            Finding {
                path: broken.place.to_owned(),
                expected: broken.rule.text.to_owned(),
                hint: broken.rule.hint.to_owned(),
                ..finding(broken.rule.severity_in, broken.rule.id)
            },
        );
    }

    /// What the receipt of a request would find without knowing connection, catalogue and contract.
    pub fn add_request(&mut self, document: &Document, today: Option<Date>) {
        let Body::Request(request) = &document.body else { return };
        let Some(Ok(settings)) = profile::find("generic").map(|generic| generic.rules.clone().resolve()) else {
            return;
        };
        match &request.payload {
            RequestPayload::PunchOutSetupRequest(setup) => self.add_setup(setup, &settings),
            RequestPayload::OrderRequest(order) => self.add_order(order, &settings, today),
            _ => {}
        }
    }

    fn add_setup(&mut self, request: &PunchOutSetupRequest, settings: &Settings) {
        const BASE: &str = "cXML/Request/PunchOutSetupRequest";
        match translate::setup::setup(request, settings) {
            // Where carts may go is the connection's to say.
            Err(refusal) if refusal.code == Code::Forbidden => {}
            Err(refusal) => self.add_refusal(&refusal, BASE, "setup.refused"),
            Ok(setup) => {
                for noted in &setup.findings {
                    self.add_noted(noted, BASE, &noted.place);
                }
            }
        }
    }

    fn add_order(&mut self, request: &OrderRequest, settings: &Settings, today: Option<Date>) {
        const BASE: &str = "cXML/Request/OrderRequest";
        let (draft, noted) = match translate::order::order(request, settings, LINES_MAX) {
            Ok(read) => read,
            Err(refusal) => return self.add_refusal(&refusal, BASE, "order.refused"),
        };
        for noted in &noted {
            self.add_noted(noted, BASE, &noted.place);
        }
        let (now, today) = (Timestamp::UNIX_EPOCH, today.unwrap_or(Date::MIN));
        let checked = check::check(&draft, &Facts::default(), &settings.safeguards, now, today);
        for held in checked.held {
            // What only the catalogue knows is not judged here.
            if matches!(held.finding.rule.as_str(), "order.part" | "order.unit") {
                continue;
            }
            let line = draft
                .lines
                .iter()
                .find(|line| Some(line.line_number) == held.line_number);
            let place = match line {
                Some(line) => format!("ItemOut {}", line.position),
                None => held.finding.place.clone(),
            };
            self.add_noted(&held.finding, BASE, &place);
        }
    }

    pub(super) fn add_refusal(&mut self, refusal: &Refusal, base: &str, rule: &'static str) {
        let path = below(base, refusal.field.as_deref().unwrap_or_default());
        let offset = locate(self.text, &path);
        let at = Position::of(self.text, offset);
        let is_said = |finding: &Finding| {
            let is_there = (finding.line, finding.column) == (at.line, at.column);
            is_there && finding.severity == Severity::Error && finding.rule.starts_with(GRAMMAR)
        };
        if self.findings.iter().any(is_said) {
            // The grammar says it already.
            return;
        }
        self.add(
            offset,
            Finding {
                path,
                found: refusal.text.clone(),
                hint: "The document would be refused; mend it and send it as a new one.".to_owned(),
                ..finding(Severity::Error, rule)
            },
        );
    }

    pub(super) fn add_noted(&mut self, noted: &exchange::Finding, base: &str, place: &str) {
        let path = below(base, place);
        let at = path.clone();
        self.add_at(
            |text| locate(text, &at),
            Finding {
                path,
                found: noted.text.clone(),
                rule: Cow::Owned(noted.rule.clone()),
                ..finding(noted.severity, "")
            },
        );
    }

    pub fn report(mut self) -> Report {
        self.findings.sort_by_key(|finding| (finding.line, finding.column));
        Report {
            findings_count: self.findings.len() + self.more,
            findings: self.findings,
            ..Report::default()
        }
    }
}

pub(super) fn finding(severity: Severity, rule: &'static str) -> Finding {
    Finding {
        severity,
        rule: Cow::Borrowed(rule),
        line: 1,
        column: 1,
        path: String::new(),
        found: String::new(),
        expected: String::new(),
        hint: String::new(),
    }
}

/// What would be right, in words where there is no list of names.
fn expected(violation: &Violation) -> String {
    match violation.kind {
        ViolationKind::MissingAttribute => format!("the attribute `{}`", violation.subject),
        ViolationKind::UnexpectedElement if violation.expected.is_empty() => {
            let parent = violation.path.rsplit('/').next().unwrap_or_default();
            format!("the end of `{parent}`")
        }
        _ => violation.expected(),
    }
}

/// The path of a place that use cases name from their own element on.
fn below(base: &str, place: &str) -> String {
    let own = base.rsplit('/').next().unwrap_or(base);
    let place = place.strip_prefix(own).unwrap_or(place).trim_start_matches('/');
    match place {
        "" => base.to_owned(),
        place => format!("{base}/{place}"),
    }
}

/// The byte at which the element or attribute of a path stands; that of the nearest element above it that is there.
///
/// Names may leave out elements between them, and say which of several is meant: `OrderRequest/ItemOut 2/@quantity`.
fn locate(text: &str, path: &str) -> usize {
    let limits = Limits::default();
    let Ok(mut reader) = xml::Reader::new(text, &limits) else {
        return 0;
    };
    let Ok(root) = reader.root() else { return 0 };
    let mut at = root;
    for step in path.split('/').skip(1) {
        if let Some(attribute) = step.strip_prefix('@') {
            return at.attr_span(attribute).map_or(at.offset(), |span| span.start);
        }
        let (name, ordinal) = step.split_once(' ').unwrap_or((step, "1"));
        let mut left = ordinal.parse().unwrap_or(1);
        match find(&mut reader, &at, name, &mut left) {
            Some(found) => at = found,
            None => return at.offset(),
        }
    }
    at.offset()
}

/// The element of this name within another, at any depth, when `left` of them have come.
fn find<'x>(reader: &mut xml::Reader<'x>, within: &Element<'x>, name: &str, left: &mut usize) -> Option<Element<'x>> {
    while let Some(child) = reader.child(within).ok()? {
        if child.name() == name {
            *left = left.saturating_sub(1);
            if *left == 0 {
                return Some(child);
            }
        } else if let Some(found) = find(reader, &child, name, left) {
            return Some(found);
        }
    }
    None
}
