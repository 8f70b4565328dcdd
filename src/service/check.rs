//! The checker: what a document is, and everything that is wrong with it, in words that help.

use std::borrow::Cow;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use crate::cxml::{self, Body, Document, FindingKind, ReadError, ReadOptions, RequestPayload};
use crate::domain::exchange::{self, Severity};
use crate::domain::order::check;
use crate::domain::order::safeguard::Facts;
use crate::mime::{self, ContentType, MimeError};
use crate::profile;
use crate::service::exchange::{is_of_grammar, words_of};
use crate::translate::{self, rules};
use crate::xml::{self, Limits, Position, Violation, ViolationKind, XmlError};

/// Findings in a report, at most; the rest is counted.
const FINDINGS_MAX: usize = 200;
/// Lines of an order that are checked, at most.
const LINES_MAX: usize = 10_000;

/// What was found in one document.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Whether it is well-formed XML.
    pub well_formed: bool,
    /// Whether it is valid by its grammar.
    pub valid: bool,
    /// Name of the request, message or response element.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The family of the grammar that it was held against.
    pub family: Option<&'static str>,
    /// Why it cannot be read as cXML at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// What is wrong or unusual, in the order of the document.
    pub findings: Vec<Finding>,
    /// How many findings there were altogether.
    pub findings_count: usize,
    /// The values that were read, where asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<Value>,
}

/// A report with the name of its file, as it is written for programs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Named<'r> {
    /// The file's name.
    pub file: &'r str,
    /// Its report.
    #[serde(flatten)]
    pub report: &'r Report,
}

/// Something wrong or unusual at a place of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How serious.
    pub severity: Severity,
    /// The rule, which never changes: `dtd.element-missing`, `ENV-03`, `order.total`.
    pub rule: Cow<'static, str>,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// The names of the elements from the root, joined by `/`.
    pub path: String,
    /// What was found; empty where what is expected says it all.
    pub found: String,
    /// What would be right; empty where that cannot be listed.
    pub expected: String,
    /// What to do.
    pub hint: String,
}

/// What is to be looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The values that were read, too.
    pub facts: bool,
    /// Shared secrets among the values.
    pub show_secrets: bool,
    /// Today, for dates that have passed.
    pub today: Option<Date>,
    /// What the document is held against; the built-in grammar where there is none.
    pub grammar: Option<&'static cxml::Families>,
}

/// A report and the text that it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The report.
    pub report: Report,
    /// The document as text, its secrets and card numbers masked without moving a line or column; empty where the bytes
    /// are no text.
    pub text: String,
}

/// Checks a document; nothing of it is kept.
///
/// `content_type` is that of the transport; a document that begins with a `Content-Type` header brings its own.
pub fn check(bytes: &[u8], content_type: Option<&str>, options: &Options) -> Checked {
    let (root, charset) = match unwrap(bytes, content_type) {
        Ok(root) => root,
        Err(error) => {
            return refused(
                false,
                format!("the multipart message cannot be read: {error}"),
                String::new(),
            );
        }
    };
    let limits = Limits {
        findings_max: FINDINGS_MAX,
        ..Limits::default()
    };
    let decoded = match xml::decode(&root, charset.as_deref(), &limits) {
        Ok(decoded) => decoded,
        Err(error) => return ill_formed(&error, ""),
    };
    let families = match options.grammar.map_or_else(cxml::Families::built_in, Ok) {
        Ok(families) => families,
        Err(error) => return refused(false, error.to_string(), String::new()),
    };
    let text = decoded.text.as_ref();
    let read = ReadOptions {
        lower_case_root: true,
        grammar: Some(families),
        findings_max: FINDINGS_MAX,
        ..ReadOptions::default()
    };
    let document = match Document::read(text, &limits, &read) {
        Ok(document) => document,
        Err(ReadError::Xml(error)) => return ill_formed(&error, text),
        Err(error) => return unreadable(&error, text, families, &limits),
    };
    let mut found = Found::new(text);
    found.add_violations(&document.violations.list);
    found.more = document.violations.count - document.violations.list.len();
    found.add_encoding(&decoded.findings);
    found.add_readings(&document);
    for broken in rules::check(&document) {
        found.add_rule(&broken);
    }
    found.add_order(&document, options.today);
    let kind = document.payload_name().map(str::to_owned);
    let mut report = found.report();
    report.well_formed = true;
    report.valid = document.violations.count == 0;
    report.family = Some(families.family_of(kind.as_deref().unwrap_or_default()));
    report.kind = kind;
    report.facts = options.facts.then(|| cxml::facts(&document, options.show_secrets));
    Checked {
        report,
        text: masked(text, &document.redactions),
    }
}

/// The document's bytes and the charset that the transport or its part states.
fn unwrap<'b>(bytes: &'b [u8], content_type: Option<&str>) -> Result<(Cow<'b, [u8]>, Option<String>), MimeError> {
    const HEADER: &[u8] = b"content-type:";
    let content_type = content_type.unwrap_or_default();
    let is_multipart = |content_type: &str| content_type.trim().to_ascii_lowercase().starts_with("multipart/");
    let begins = bytes.get(..HEADER.len());
    if is_multipart(content_type) {
        return root_of(content_type, bytes);
    }
    if !begins.is_some_and(|start| start.eq_ignore_ascii_case(HEADER)) {
        return Ok((Cow::Borrowed(bytes), ContentType::parse(content_type).charset));
    }
    let end = [&b"\r\n\r\n"[..], &b"\n\n"[..]]
        .iter()
        .filter_map(|blank| memchr::memmem::find(bytes, blank).map(|at| (at, blank.len())))
        .min()
        .ok_or(MimeError::Headers)?;
    let header = String::from_utf8_lossy(&bytes[HEADER.len()..end.0]).replace(['\r', '\n'], " ");
    let own = header.split(" MIME-Version").next().unwrap_or(&header).trim();
    root_of(own, &bytes[end.0 + end.1..])
}

fn root_of<'b>(content_type: &str, body: &[u8]) -> Result<(Cow<'b, [u8]>, Option<String>), MimeError> {
    let message = mime::read(content_type, body, &mime::Limits::default())?;
    let root = message.root();
    Ok((Cow::Owned(root.body.to_vec()), root.content_type.charset.clone()))
}

fn refused(well_formed: bool, reason: String, text: String) -> Checked {
    Checked {
        report: Report {
            well_formed,
            refused: Some(reason),
            ..Report::default()
        },
        text,
    }
}

fn ill_formed(error: &XmlError, text: &str) -> Checked {
    let mut checked = refused(false, error.to_string(), masked(text, &[]));
    checked.report.findings_count = 1;
    checked.report.findings.push(Finding {
        severity: Severity::Error,
        rule: Cow::Borrowed("xml.well-formed"),
        line: error.position.line,
        column: error.position.column,
        path: error.path.clone().unwrap_or_default(),
        found: "something that XML does not allow here".to_owned(),
        expected: error.expected.to_string(),
        hint: "Mend this place first: what comes after it cannot be read.".to_owned(),
    });
    checked
}

/// Well-formed, but not in the shape of a cXML document: the grammar says more than the reader.
fn unreadable(error: &ReadError, text: &str, families: &cxml::Families, limits: &Limits) -> Checked {
    let mut checked = refused(true, error.to_string(), masked(text, &[]));
    let mut found = Found::new(text);
    if let Ok(violations) = families.validate(text, limits) {
        found.add_violations(&violations.list);
        found.more = violations.count - violations.list.len();
    }
    let report = found.report();
    checked.report.findings = report.findings;
    checked.report.findings_count = report.findings_count;
    checked
}

/// The findings of one document while they are gathered.
struct Found<'x> {
    text: &'x str,
    findings: Vec<Finding>,
    more: usize,
}

impl<'x> Found<'x> {
    fn new(text: &'x str) -> Found<'x> {
        Found {
            text,
            findings: Vec::new(),
            more: 0,
        }
    }

    fn add(&mut self, offset: usize, finding: Finding) {
        if self.findings.len() >= FINDINGS_MAX {
            self.more += 1;
            return;
        }
        let at = Position::of(self.text, offset);
        self.findings.push(Finding {
            line: at.line,
            column: at.column,
            ..finding
        });
    }

    fn add_violations(&mut self, violations: &[Violation]) {
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

    fn add_encoding(&mut self, findings: &[xml::Finding]) {
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
    fn add_readings(&mut self, document: &Document) {
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

    fn add_rule(&mut self, broken: &rules::Broken) {
        let offset = locate(self.text, broken.place);
        self.add(
            offset,
            Finding {
                path: broken.place.to_owned(),
                expected: broken.rule.text.to_owned(),
                hint: broken.rule.hint.to_owned(),
                ..finding(broken.rule.severity_in, broken.rule.id)
            },
        );
    }

    /// What the receipt of an order would find without knowing catalogue and contract.
    fn add_order(&mut self, document: &Document, today: Option<Date>) {
        let Body::Request(request) = &document.body else { return };
        let RequestPayload::OrderRequest(order) = &request.payload else {
            return;
        };
        let Some(Ok(settings)) = profile::find("generic").map(|generic| generic.rules.clone().resolve()) else {
            return;
        };
        let place = |place: &str| format!("cXML/Request/OrderRequest, {place}");
        let offset = locate(self.text, "cXML/Request/OrderRequest");
        match translate::order::order(order, &settings, LINES_MAX) {
            Err(refusal) => self.add(
                offset,
                Finding {
                    path: place(refusal.field.as_deref().unwrap_or_default()),
                    found: refusal.text.clone(),
                    hint: "The order would be refused; mend it and send it as a new document.".to_owned(),
                    ..finding(Severity::Error, "order.refused")
                },
            ),
            Ok((draft, noted)) => {
                let (now, today) = (Timestamp::UNIX_EPOCH, today.unwrap_or(Date::MIN));
                let checked = check::check(&draft, &Facts::default(), &settings.safeguards, now, today);
                let held = checked.held;
                // What only the catalogue knows is not judged here.
                let unknown = ["order.part", "order.unit"];
                let held = held.into_iter().map(|held| held.finding);
                let held = held.filter(|finding| !unknown.contains(&finding.rule.as_str()));
                for noted in noted.into_iter().chain(held) {
                    self.add_noted(&noted, offset, place(&noted.place));
                }
            }
        }
    }

    fn add_noted(&mut self, noted: &exchange::Finding, offset: usize, path: String) {
        self.add(
            offset,
            Finding {
                path,
                found: noted.text.clone(),
                rule: Cow::Owned(noted.rule.clone()),
                ..finding(noted.severity, "")
            },
        );
    }

    fn report(mut self) -> Report {
        self.findings.sort_by_key(|finding| (finding.line, finding.column));
        Report {
            findings_count: self.findings.len() + self.more,
            findings: self.findings,
            ..Report::default()
        }
    }
}

fn finding(severity: Severity, rule: &'static str) -> Finding {
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

/// The byte at which the element or attribute of a path stands; that of the nearest element above it that is there.
fn locate(text: &str, path: &str) -> usize {
    let limits = Limits::default();
    let Ok(mut reader) = xml::Reader::new(text, &limits) else {
        return 0;
    };
    let Ok(root) = reader.root() else { return 0 };
    let mut at = root;
    for name in path.split('/').skip(1) {
        if let Some(attribute) = name.strip_prefix('@') {
            return at.attr_span(attribute).map_or(at.offset(), |span| span.start);
        }
        loop {
            match reader.child(&at) {
                Ok(Some(child)) if child.name() == name => {
                    at = child;
                    break;
                }
                Ok(Some(_)) => {}
                _ => return at.offset(),
            }
        }
    }
    at.offset()
}

/// The text with its secrets as asterisks: every line and column stays where it is.
fn masked(text: &str, redactions: &[Range<usize>]) -> String {
    let mut spans = redactions.to_vec();
    spans.extend(secrets_by_name(text));
    let mut masked = String::with_capacity(text.len());
    spans.sort_unstable_by_key(|span| span.start);
    let mut spans = spans.into_iter().peekable();
    for (offset, c) in text.char_indices() {
        while spans.peek().is_some_and(|span| span.end <= offset) {
            spans.next();
        }
        let hides = spans.peek().is_some_and(|span| span.contains(&offset)) && !matches!(c, '\n' | '\r');
        masked.push(if hides { '*' } else { c });
    }
    masked
}

/// Secrets found by the names of their elements and attributes alone, whatever their prefix and case, since the text may
/// be ill-formed: too much is masked rather than too little.
fn secrets_by_name(text: &str) -> Vec<Range<usize>> {
    const ELEMENTS: [&str; 3] = ["sharedsecret", "credentialmac", "digitalsignature"];
    const CARD: [&str; 2] = ["number", "expiration"];
    let lower = text.to_ascii_lowercase();
    let mut spans = Vec::new();
    for element in ELEMENTS {
        for (start, _) in lower.match_indices(element) {
            let prefix =
                lower[..start].trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, ':' | '_' | '-' | '.'));
            let Some(open) = lower[start..].find('>').map(|at| start + at + 1) else {
                continue;
            };
            if prefix.ends_with('<') && !lower[start..open].ends_with("/>") {
                // Where the end is missing, everything may be the secret.
                let end = lower[open..].find(element).map_or(text.len(), |at| open + at);
                let end = lower[open..end].rfind("</").map_or(end, |at| open + at);
                spans.push(open..end);
            }
        }
    }
    for (start, _) in lower.match_indices("pcard") {
        let end = lower[start..].find('>').map_or(text.len(), |at| start + at);
        for name in CARD {
            let value = lower[start..end].find(name).map(|at| start + at + name.len());
            let quote = value.and_then(|value| Some(value + text[value..end].find(['"', '\''])?));
            if let Some(quote) = quote {
                let close = text[quote + 1..end].find(['"', '\'']).map_or(end, |at| quote + 1 + at);
                spans.push(quote + 1..close);
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(document: &str) -> Vec<String> {
        let checked = check(document.as_bytes(), None, &Options::default());
        let line = |f: &Finding| {
            let severity = match f.severity {
                Severity::Error => "error",
                Severity::Hold => "hold",
                Severity::Warn => "warn",
            };
            format!("{}:{} {severity} {}", f.line, f.column, f.rule)
        };
        checked.report.findings.iter().map(line).collect()
    }

    const SETUP: &str = r#"<?xml version="1.0"?>
<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.069/cXML.dtd">
<cXML payloadID="1@a" timestamp="2026-01-02T03:04:05+00:00" xml:lang="en">
<Header><From><Credential domain="DUNS"><Identity>1</Identity></Credential></From>
<To><Credential domain="DUNS"><Identity>2</Identity></Credential></To>
<Sender><Credential domain="DUNS"><Identity>1</Identity><SharedSecret>abracadabra</SharedSecret></Credential>
<UserAgent>x</UserAgent></Sender></Header>
<Request><PunchOutSetupRequest operation="create"><BuyerCookie>c</BuyerCookie>
<BrowserFormPost><URL>https://buyer.example/</URL></BrowserFormPost></PunchOutSetupRequest></Request></cXML>"#;

    #[test]
    fn a_document_that_is_right() {
        let checked = check(SETUP.as_bytes(), None, &Options::default());
        let report = &checked.report;
        assert!(report.well_formed && report.valid, "{report:?}");
        assert_eq!(
            (report.kind.as_deref(), report.family),
            (Some("PunchOutSetupRequest"), Some("cXML"))
        );
        assert_eq!((report.findings.len(), report.findings_count), (0, 0), "{report:?}");
        assert!(
            checked.text.contains("<SharedSecret>***********</SharedSecret>"),
            "{}",
            checked.text
        );
        assert_eq!(checked.text.len(), SETUP.len());
    }

    #[test]
    fn findings_have_their_places() {
        for (from, to, expect) in [
            ("+00:00\"", "Z\"", "3:34 warn ENV-03"),
            (" xml:lang=\"en\"", "", "3:1 warn ENV-05"),
            (
                "operation=\"create\"",
                "operation=\"creat\"",
                "8:43 error dtd.attribute-value",
            ),
            ("<BuyerCookie>c</BuyerCookie>", "", "9:1 error dtd.element-missing"),
            ("<UserAgent>x</UserAgent>", "", "7:1 error dtd.element-missing"),
            ("<Header>", "<Header>x", "4:9 error dtd.text"),
            ("</URL>", "</Url>", "9:45 error xml.well-formed"),
            ("xml.cxml.org", "elsewhere.example", "2:1 warn document.doctype"),
        ] {
            let document = SETUP.replacen(from, to, 1);
            assert_ne!(document, SETUP);
            assert_eq!(lines(&document), [expect], "{to}");
        }
    }

    #[test]
    fn secrets_are_masked_whatever_is_wrong() {
        for broken in [
            SETUP.replace("</Request>", ""),
            SETUP.replace("cXML", "XML"),
            SETUP.replace("</SharedSecret>", ""),
            SETUP
                .replace("SharedSecret>", "x:SharedSecret>")
                .replace("</Request>", ""),
            SETUP
                .replace("SharedSecret>", "sharedsecret1>")
                .replace("</Request>", ""),
            SETUP
                .replace("<SharedSecret>", "<SharedSecret><a>b</a>")
                .replace("</Request>", ""),
        ] {
            let checked = check(broken.as_bytes(), None, &Options::default());
            assert!(checked.report.refused.is_some());
            assert!(!checked.text.contains("abracadabra"), "{}", checked.text);
            assert!(!format!("{:?}", checked.report).contains("abracadabra"));
        }
        let card = SETUP.replace(
            "<UserAgent>",
            "<PCard number = '4111111111111111' expiration=\"2030-01-01\"/><UserAgent>",
        );
        let checked = check(card.as_bytes(), None, &Options::default());
        assert!(
            !checked.text.contains("4111111111111111") && !checked.text.contains("2030"),
            "{}",
            checked.text
        );
    }

    #[test]
    fn findings_are_bounded() {
        let many = SETUP.replace(
            "<BrowserFormPost>",
            &format!("{}<BrowserFormPost>", "<Unheard/>".repeat(500)),
        );
        let report = check(many.as_bytes(), None, &Options::default()).report;
        assert_eq!((report.findings.len(), report.findings_count), (FINDINGS_MAX, 500));
        assert!(!report.valid);
    }
}
