//! `check`: what a document is, and what is wrong with it.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::Failure;
use crate::clock::Clock;
use crate::cxml::Families;
use crate::domain::exchange::Severity;
use crate::service::check::{self, Checked, Finding, Named, Options, Report};

/// Which files, and how the outcome is said.
///
/// Exit code 0: every document is valid by the grammar; 1: some are not; 2: some cannot be read at all. Findings beyond
/// the grammar are reported and do not change the exit code.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files: cXML documents, or multipart messages that begin with a Content-Type header; `-` is the standard input.
    #[arg(required_unless_present = "grammar")]
    files: Vec<PathBuf>,
    /// For people, with the lines of the document, instead of one JSON object a line.
    #[arg(long)]
    text: bool,
    /// The values that were read, too.
    #[arg(long)]
    facts: bool,
    /// Shared secrets among the values.
    #[arg(long, requires = "facts")]
    show_secrets: bool,
    /// Prints the grammar of a family instead, as one self-contained DTD.
    #[arg(long, value_name = "FAMILY", conflicts_with_all = ["files", "text", "facts"],
          value_parser = clap::builder::PossibleValuesParser::new(crate::cxml::grammar::FAMILIES))]
    grammar: Option<String>,
}

/// Checks every file, or prints a grammar.
///
/// # Errors
/// The built-in grammar cannot be used.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if let Some(family) = &arguments.grammar {
        let families = Families::built_in()?;
        let grammar = families.family(family).context("there is no such family")?;
        print!("{}", grammar.to_dtd());
        return Ok(ExitCode::SUCCESS);
    }
    let options = Options {
        facts: arguments.facts,
        show_secrets: arguments.show_secrets,
        today: Some(Clock::system().now().to_zoned(jiff::tz::TimeZone::UTC).date()),
        ..Options::default()
    };
    let mut code = 0;
    for file in &arguments.files {
        let name = file.display().to_string();
        let checked = match read(file) {
            Ok(bytes) => check::check(&bytes, None, &options),
            Err(error) => Checked {
                report: Report {
                    refused: Some(error.to_string()),
                    ..Report::default()
                },
                text: String::new(),
            },
        };
        code = code.max(code_of(&checked.report));
        match arguments.text {
            true => print_text(&name, &checked),
            false => {
                let named = Named {
                    file: &name,
                    report: &checked.report,
                };
                println!("{}", serde_json::to_string(&named)?);
            }
        }
    }
    Ok(ExitCode::from(code))
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(file)
}

fn code_of(report: &Report) -> u8 {
    match (&report.refused, report.valid) {
        (Some(_), _) => 2,
        (None, false) => 1,
        (None, true) => 0,
    }
}

fn print_text(name: &str, checked: &Checked) {
    let report = &checked.report;
    let verdict = match (&report.refused, report.valid) {
        (Some(reason), _) => format!("refused: {reason}"),
        (None, true) => format!("{}, valid", report.kind.as_deref().unwrap_or("no payload")),
        (None, false) => format!("{}, not valid", report.kind.as_deref().unwrap_or("no payload")),
    };
    println!("{name}: {verdict}; findings: {}", report.findings_count);
    let lines: Vec<&str> = checked.text.split('\n').collect();
    for finding in &report.findings {
        print_finding(finding, &lines);
    }
    if report.findings_count > report.findings.len() {
        println!("  … and {} more", report.findings_count - report.findings.len());
    }
    if let Some(facts) = &report.facts {
        println!("{facts:#}");
    }
}

fn print_finding(finding: &Finding, lines: &[&str]) {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Hold => "hold",
        Severity::Warn => "warning",
    };
    let said = match (finding.found.as_str(), finding.expected.as_str()) {
        (found, "") => found.to_owned(),
        ("", expected) => expected.to_owned(),
        (found, expected) => format!("{found}; expected {expected}"),
    };
    println!("\n  {severity} {} in {}: {said}", finding.rule, finding.path);
    if let Some(line) = lines.get(finding.line - 1).filter(|line| !line.is_empty()) {
        let (shown, column) = window(line, finding.column);
        println!("  {:>5} | {shown}\n        | {}^", finding.line, " ".repeat(column));
    }
    if !finding.hint.is_empty() {
        println!("          {}", finding.hint);
    }
}

/// The part of a line around a column, and the column within it from 0.
fn window(line: &str, column: usize) -> (String, usize) {
    const BEFORE: usize = 60;
    const WIDTH: usize = 110;
    let from = (column - 1).saturating_sub(BEFORE);
    let shown = line
        .chars()
        .skip(from)
        .take(WIDTH)
        .map(|c| if c.is_control() { ' ' } else { c });
    (shown.collect(), column - 1 - from)
}
