//! The checker: what a document is, and everything that is wrong with it, in words that help.

mod found;
mod mask;

use std::borrow::Cow;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use self::found::Found;
use self::mask::masked;
use crate::cxml::{self, Document, ReadError, ReadOptions};
use crate::domain::exchange::Severity;
use crate::mime::{self, ContentType, MimeError};
use crate::translate::rules;
use crate::xml::{self, Limits, XmlError};

/// Findings in a report, at most; the rest is counted.
const FINDINGS_MAX: usize = 200;

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
    found.add_request(&document, options.today);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::exchange;
    use crate::domain::refusal::{Code, Refusal};

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
    fn what_the_receipt_would_say_stands_at_its_line() {
        let order = |lines: &str| {
            let (head, _) = SETUP.split_once("<PunchOutSetupRequest").unwrap();
            format!(
                "{head}<OrderRequest><OrderRequestHeader orderID=\"1\" orderDate=\"2026-01-02T03:04:05+00:00\" type=\"new\">\n\
                 <Total><Money currency=\"EUR\">3</Money></Total><BillTo><Address>\
                 <Name xml:lang=\"en\">b</Name></Address></BillTo></OrderRequestHeader>\n{lines}</OrderRequest></Request></cXML>"
            )
        };
        let line = |quantity: &str| {
            format!(
                "<ItemOut quantity=\"{quantity}\">\n<ItemID><SupplierPartID>A</SupplierPartID></ItemID><ItemDetail>\
                 <UnitPrice><Money currency=\"EUR\">1</Money></UnitPrice><Description xml:lang=\"en\">a</Description>\
                 <UnitOfMeasure>EA</UnitOfMeasure><Classification domain=\"UNSPSC\">1</Classification></ItemDetail></ItemOut>\n"
            )
        };
        let setup = |to: &str| SETUP.replacen("<BrowserFormPost>", to, 1);
        let cookie = format!("<BuyerCookie>{}<", "x".repeat(5000));
        for (document, expect) in [
            (order(&[line("1"), line("2")].concat()), vec![]),
            (
                order(&[line("1"), line("0")].concat()),
                vec!["12:20 error order.refused"],
            ),
            (
                order(&[line("1"), line("x"), line("0")].concat()),
                vec!["12:20 error order.refused"],
            ),
            (order(&[line("1"), line("1")].concat()), vec!["8:10 hold order.total"]),
            (setup("<BrowserFormPost><!-- none -->"), vec![]),
            (
                SETUP.replacen("https://buyer.example/", "ftp://buyer.example/", 1),
                vec!["9:18 error setup.refused"],
            ),
            (
                SETUP.replacen("<BuyerCookie>c<", &cookie, 1),
                vec!["8:51 error setup.refused"],
            ),
            (
                SETUP.replacen("operation=\"create\"", "operation=\"source\"", 1),
                vec!["8:43 error setup.refused"],
            ),
        ] {
            assert_eq!(lines(&document), expect, "{document}");
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
    fn a_warning_hides_no_refusal() {
        // The same attribute is doubtful to a rule and makes the receipt impossible.
        let mut found = Found::new(SETUP);
        let refusal = Refusal::new(Code::BadRequest, "No.").at("PunchOutSetupRequest/@operation");
        let noted = |severity| exchange::Finding {
            severity,
            rule: "setup.doubt".to_owned(),
            place: String::new(),
            text: "Unusual.".to_owned(),
        };
        let base = "cXML/Request/PunchOutSetupRequest";
        for severity in [Severity::Warn, Severity::Error, Severity::Error] {
            found.add_noted(&noted(severity), base, "@operation");
        }
        found.add_refusal(&refusal, base, "setup.refused");
        let report = found.report();
        let rules: Vec<&str> = report.findings.iter().map(|finding| &*finding.rule).collect();
        assert_eq!(rules, ["setup.doubt", "setup.doubt", "setup.refused"]);
        let places: Vec<_> = report
            .findings
            .iter()
            .map(|finding| (finding.line, finding.column))
            .collect();
        assert_eq!(places, [(8, 43); 3]);
    }

    #[test]
    fn what_is_not_kept_is_not_looked_for() {
        let looked = std::cell::Cell::new(0);
        let mut found = Found::new(SETUP);
        for _ in 0..FINDINGS_MAX + 50 {
            let place = |_: &str| {
                looked.set(looked.get() + 1);
                0
            };
            found.add_at(place, found::finding(Severity::Warn, "order.total"));
        }
        assert_eq!((looked.get(), found.more), (FINDINGS_MAX, 50));
        assert_eq!(found.report().findings_count, FINDINGS_MAX + 50);
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
