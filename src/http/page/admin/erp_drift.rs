//! What the store and ERPs differ in, and how they were compared.

use askama::Template;
use jiff::Timestamp;

use super::{Frame, filters};
use crate::http::asset;
use crate::http::page::icon::Icon;
use crate::http::page::part::{More, Status};

/// One source with its comparisons.
#[derive(Clone, Debug)]
pub struct SourceRow<'a> {
    /// Its code.
    pub code: &'a str,
    /// The last comparison, and those before it.
    pub past: Vec<ComparedRow<'a>>,
    /// Whether it can be compared from here: its file is in the folder.
    pub is_here: bool,
}

/// One comparison.
#[derive(Clone, Debug)]
pub struct ComparedRow<'a> {
    /// When it began.
    pub started: Timestamp,
    /// How long it took.
    pub took: String,
    /// Why it was made.
    pub cause: &'static str,
    /// How it ended, in a word.
    pub state: Status<'static>,
    /// How many differences there were, the accepted among them.
    pub differences: u64,
    /// Why it is not whole.
    pub error: Option<&'a str>,
    /// By kind of rows.
    pub kinds: Vec<KindRow>,
    /// Prices that the ERP was asked for.
    pub prices: Vec<PriceRow>,
}

/// One price of the sample.
#[derive(Clone, Debug)]
pub struct PriceRow {
    /// Account, product and unit.
    pub about: String,
    /// Our price of one.
    pub here: Option<String>,
    /// The ERP's.
    pub there: Option<String>,
}

/// One kind of rows of a comparison.
#[derive(Clone, Debug)]
pub struct KindRow {
    /// The kind.
    pub kind: String,
    /// Rows of the store.
    pub here: u64,
    /// Rows of the ERP.
    pub there: u64,
    /// Partitions.
    pub parts: u64,
    /// Partitions that differ.
    pub unlike: u64,
    /// Rows that differ.
    pub differences: u64,
    /// Rows of the ERP that cannot be taken.
    pub refused: u64,
    /// Why it was not compared.
    pub fault: Option<String>,
}

/// One difference.
#[derive(Clone, Debug)]
pub struct DriftRow<'a> {
    /// What tells it from others; also its place on the page.
    pub id: String,
    /// The row.
    pub key: &'a str,
    /// The entity.
    pub entity: &'a str,
    /// The source's code.
    pub source: &'a str,
    /// Where it is.
    pub state: Status<'static>,
    /// What differs.
    pub fields: Vec<FieldRow<'a>>,
    /// When it was found first.
    pub found: Timestamp,
    /// Who accepted it and why.
    pub accepted: Option<(Timestamp, &'a str, &'a str)>,
    /// Whether the ERP's row can be taken.
    pub is_fixable: bool,
}

/// One column with two values.
#[derive(Clone, Debug)]
pub struct FieldRow<'a> {
    /// The column.
    pub field: &'a str,
    /// The store's value.
    pub here: Option<&'a str>,
    /// The ERP's value.
    pub there: Option<&'a str>,
}

/// What the store and ERPs differ in.
#[derive(Debug, Template)]
#[template(path = "admin/erp_drift.html")]
pub struct ErpDriftPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The sources.
    pub sources: Vec<SourceRow<'a>>,
    /// The comparison that is under way: source, kind of rows, records that were read.
    pub progress: Option<(&'a str, &'static str, u64)>,
    /// Whether accepted differences are shown.
    pub is_accepted: bool,
    /// How much differs that nobody accepted.
    pub open: u64,
    /// What differs.
    pub rows: Vec<DriftRow<'a>>,
    /// Where it goes on.
    pub more: More,
    /// Whether this person may compare and fix.
    pub may_fix: bool,
    /// Whether this person may accept.
    pub may_accept: bool,
}

impl ErpDriftPage<'_> {
    /// Whether anything was ever compared: without it nothing is known to be alike.
    pub fn is_compared(&self) -> bool {
        self.sources.iter().any(|source| !source.past.is_empty())
    }
}
