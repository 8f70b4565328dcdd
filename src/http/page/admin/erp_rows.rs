//! What comes from ERPs and programs, and what of it could not be taken.

use askama::Template;
use jiff::Timestamp;

use super::{Frame, filters};
use crate::http::asset;
use crate::http::page::icon::Icon;
use crate::http::page::part::{More, Status};

/// Something over a limit.
#[derive(Clone, Debug)]
pub struct AlertRow {
    /// Source and entity.
    pub name: String,
    /// What is over, and the limit.
    pub text: String,
    /// Since when.
    pub since: Timestamp,
}

/// How one kind of rows of a source fares.
#[derive(Clone, Debug)]
pub struct EntityRow<'a> {
    /// The source's code.
    pub source: &'a str,
    /// The entity.
    pub entity: &'a str,
    /// The kind of row.
    pub kind: &'a str,
    /// How it fares, in a word.
    pub state: Status<'a>,
    /// When a run came to its end last.
    pub ok_at: Option<Timestamp>,
    /// When a row came last.
    pub last_at: Option<Timestamp>,
    /// How many rows are there.
    pub rows: u64,
    /// How many could not be taken.
    pub rejects: u64,
    /// The same in percent.
    pub percent: i64,
    /// When the oldest of them came.
    pub oldest: Option<Timestamp>,
    /// The address that shows them.
    pub href: String,
    /// The last runs, the latest first.
    pub runs: Vec<RunRow<'a>>,
    /// The chart of the rows that they changed, the latest last; empty where none changed any.
    pub bars: Vec<Bar>,
}

/// One run.
#[derive(Clone, Debug)]
pub struct RunRow<'a> {
    /// When it began.
    pub started: Timestamp,
    /// How long it took.
    pub took: String,
    /// All, changes, or some records.
    pub mode: &'static str,
    /// Records that came.
    pub seen: u64,
    /// New rows.
    pub added: u64,
    /// Rows with other values.
    pub changed: u64,
    /// Rows that went.
    pub deleted: u64,
    /// Rows that could not be taken.
    pub rejected: u64,
    /// Why it did not come to its end.
    pub fault: Option<&'a str>,
}

/// One bar of the chart, in its own units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// From the left.
    pub x: u64,
    /// From the top.
    pub y: u64,
    /// How high.
    pub height: u64,
    /// Whether the run did not come to its end.
    pub is_faulty: bool,
}

/// The oldest hint of a source that waits.
#[derive(Clone, Debug)]
pub struct WaitRow<'a> {
    /// The source's code.
    pub source: &'a str,
    /// When it came.
    pub oldest: Timestamp,
}

/// One row that could not be taken.
#[derive(Clone, Debug)]
pub struct RejectRow<'a> {
    /// The source's key.
    pub key: &'a str,
    /// The source's code.
    pub source: &'a str,
    /// What it is one of.
    pub kind: &'a str,
    /// What is wrong: field and reason.
    pub faults: Vec<(&'a str, &'a str)>,
    /// The row, secrets hidden.
    pub content: Option<String>,
    /// When it came first.
    pub first: Timestamp,
    /// When it was tried last.
    pub last: Timestamp,
    /// How often.
    pub tries: u64,
    /// The address that tries it again.
    pub retry: String,
}

/// What comes from ERPs and programs.
#[derive(Debug, Template)]
#[template(path = "admin/erp_rows.html")]
pub struct ErpRowsPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// What is over a limit.
    pub alerts: Vec<AlertRow>,
    /// The kinds of rows.
    pub entities: Vec<EntityRow<'a>>,
    /// Hints that wait.
    pub waiting: Vec<WaitRow<'a>>,
    /// Which refused rows are shown, as in the address.
    pub of: &'a str,
    /// Which can be shown: value, label, whether it is chosen.
    pub picks: Vec<(String, String, bool)>,
    /// The refused rows.
    pub rows: Vec<RejectRow<'a>>,
    /// Where they go on.
    pub more: More,
    /// Whether this person may try rows again.
    pub may_retry: bool,
}
