//! `check`: what a document is, and what is wrong with it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::Failure;
use crate::cxml::{self, Document, ReadOptions};
use crate::mime;
use crate::xml::{self, Position};

/// Which files, and how the outcome is said.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files: cXML documents, or multipart messages that begin with a Content-Type header.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// For people instead of one JSON object a line.
    #[arg(long)]
    text: bool,
    /// The values that were read, too.
    #[arg(long)]
    facts: bool,
    /// Shared secrets among the values.
    #[arg(long, requires = "facts")]
    show_secrets: bool,
}

/// Reads every file; 0: all were read without findings, 1: some have findings, 2: some were refused.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut code = 0;
    for file in &arguments.files {
        let outcome = read(file, arguments);
        code = code.max(outcome.code);
        if arguments.text {
            print_text(&outcome.report);
        } else {
            println!("{}", outcome.report);
        }
    }
    Ok(ExitCode::from(code))
}

struct Outcome {
    report: Value,
    code: u8,
}

fn read(file: &Path, arguments: &Arguments) -> Outcome {
    let name = file.display().to_string();
    let refused = |well_formed: bool, reason: String| Outcome {
        report: json!({ "file": name, "well_formed": well_formed, "refused": reason }),
        code: 2,
    };
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => return refused(false, error.to_string()),
    };
    let message = match unwrap(&bytes) {
        Ok(message) => message,
        Err(error) => return refused(false, error.to_string()),
    };
    let (body, charset) = message.as_ref().map_or((bytes.as_slice(), None), |(body, charset)| {
        (body.as_slice(), charset.as_deref())
    });
    let limits = xml::Limits::default();
    let decoded = match xml::decode(body, charset, &limits) {
        Ok(decoded) => decoded,
        Err(error) => return refused(false, error.to_string()),
    };
    let options = ReadOptions {
        lower_case_root: true,
        ..ReadOptions::default()
    };
    let document = match Document::read(&decoded.text, &limits, &options) {
        Ok(document) => document,
        Err(error) => return refused(!matches!(error, cxml::ReadError::Xml(_)), error.to_string()),
    };
    let mut report = json!({
        "file": name,
        "well_formed": true,
        "type": document.payload_name(),
        "findings": findings(&document, &decoded.text),
        "findings_count": document.findings.count,
    });
    if arguments.facts {
        report["facts"] = cxml::facts(&document, arguments.show_secrets);
    }
    Outcome {
        report,
        code: u8::from(document.findings.count > 0),
    }
}

/// A document's bytes, and the charset that its part states.
type Root = (Vec<u8>, Option<String>);

/// The root part of a multipart message; `None` for a plain document.
fn unwrap(bytes: &[u8]) -> Result<Option<Root>, mime::MimeError> {
    const HEADER: &[u8] = b"content-type:";
    let is_message = bytes
        .get(..HEADER.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(HEADER));
    if !is_message {
        return Ok(None);
    }
    let end = [&b"\r\n\r\n"[..], &b"\n\n"[..]]
        .iter()
        .filter_map(|blank| memchr::memmem::find(bytes, blank).map(|at| (at, blank.len())))
        .min()
        .ok_or(mime::MimeError::Headers)?;
    let header = String::from_utf8_lossy(&bytes[HEADER.len()..end.0]).replace(['\r', '\n'], " ");
    let content_type = header.split(" MIME-Version").next().unwrap_or(&header).trim();
    let message = mime::read(content_type, &bytes[end.0 + end.1..], &mime::Limits::default())?;
    let root = message.root();
    Ok(Some((root.body.to_vec(), root.content_type.charset.clone())))
}

fn findings(document: &Document, text: &str) -> Vec<Value> {
    let finding = |finding: &cxml::Finding| {
        let at = Position::of(text, finding.offset);
        json!({
            "rule": format!("{:?}", finding.kind),
            "subject": finding.subject,
            "line": at.line,
            "column": at.column,
        })
    };
    document.findings.list.iter().map(finding).collect()
}

fn print_text(report: &Value) {
    let file = report["file"].as_str().unwrap_or_default();
    if let Some(reason) = report["refused"].as_str() {
        println!("{file}: refused: {reason}");
        return;
    }
    let kind = report["type"].as_str().unwrap_or("no request");
    println!("{file}: {kind}, findings: {}", report["findings_count"]);
    for finding in report["findings"].as_array().into_iter().flatten() {
        println!(
            "  line {}, column {}: {} {}",
            finding["line"],
            finding["column"],
            finding["rule"].as_str().unwrap_or_default(),
            finding["subject"].as_str().unwrap_or_default()
        );
    }
    if let Some(facts) = report.get("facts") {
        println!("{facts:#}");
    }
}
