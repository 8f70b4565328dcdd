//! The checker: what a document is, and everything that is wrong with it, beside its text.

use askama::Template;

use super::{FindingRow, Frame, Lines, filters};
use crate::http::asset;
use crate::http::page::icon::Icon;
use crate::http::page::part::Status;

/// The verdict on one document.
#[derive(Debug)]
pub struct Verdict<'a> {
    /// What it is: `OrderRequest`, or "Document".
    pub kind: &'a str,
    /// The file's name, the document's own page, or what was tried.
    pub source: &'a str,
    /// Valid, not valid, or cannot be read.
    pub state: Status<'a>,
    /// The verdict as a sentence.
    pub text: String,
    /// What is wrong or unusual.
    pub findings: Vec<FindingRow<'a>>,
    /// How many findings there are beyond those.
    pub more: u64,
    /// The text, secrets masked.
    pub lines: Lines<'a>,
}

/// The form, and the verdict where a document was given.
#[derive(Debug, Template)]
#[template(path = "admin/check.html")]
pub struct CheckPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The verdict.
    pub verdict: Option<Verdict<'a>>,
    /// Whether the form was sent without a document.
    pub missing: bool,
    /// Largest form in bytes.
    pub form_bytes_max: u64,
}
