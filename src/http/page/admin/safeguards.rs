//! The safeguards of a connection, and what they would do with its past orders.

use askama::Template;

use super::{Frame, filters};
use crate::http::asset;
use crate::http::page::icon::Icon;
use crate::http::page::part::{Fault, Status};

/// One rule.
#[derive(Clone, Debug)]
pub struct SafeguardRow<'a> {
    /// The field of its limit.
    pub limit_field: String,
    /// The field of its action.
    pub action_field: String,
    /// What people call it.
    pub name: &'static str,
    /// When it is broken.
    pub help: &'static str,
    /// Where it and its default come from.
    pub source: &'static str,
    /// What stands behind the limit: "%", "days"; empty where there is no limit.
    pub unit: &'static str,
    /// The limit that is written.
    pub limit: &'a str,
    /// The limit that holds where none is written.
    pub usual_limit: String,
    /// What can be done: value, label, whether it is chosen; the first leaves it as usual.
    pub actions: Vec<(String, String, bool)>,
    /// What is wrong with the limit.
    pub fault: Option<&'a str>,
    /// What is wrong with the action.
    pub action_fault: Option<&'a str>,
    /// What a trial found.
    pub found: Option<FoundRow>,
}

/// What one rule would find.
#[derive(Clone, Debug)]
pub struct FoundRow {
    /// What would be done.
    pub counts: Vec<CountRow>,
    /// By which terms it was judged.
    pub basis: Option<&'static str>,
    /// Some of the orders: address and number.
    pub named: Vec<(String, String)>,
}

/// What one rule would do in one way.
#[derive(Clone, Copy, Debug)]
pub struct CountRow {
    /// How.
    pub done: Status<'static>,
    /// To so many orders.
    pub orders: u64,
    /// To so many lines; none where the rule is about whole orders.
    pub lines: u64,
}

/// Orders by what is done to each: now, and by the proposed rules.
#[derive(Clone, Copy, Debug)]
pub struct TotalRow {
    /// What is done.
    pub done: Status<'static>,
    /// Orders by the rules in force.
    pub now: u64,
    /// Orders by the proposed rules.
    pub proposed: u64,
}

/// How far a trial is.
#[derive(Clone, Copy, Debug)]
pub struct TrialProgress {
    /// Orders that were looked at.
    pub tried: u64,
    /// Of so many, at most.
    pub of: u64,
}

/// A trial of the proposed rules.
#[derive(Clone, Debug)]
pub struct TrialShown {
    /// How far back orders were taken.
    pub days: i64,
    /// Orders that were tried.
    pub orders: u64,
    /// Their lines.
    pub lines: u64,
    /// Orders that came in that time.
    pub came: u64,
    /// Whether more came than are tried.
    pub limited: bool,
    /// What would be done.
    pub totals: Vec<TotalRow>,
}

/// The rules of one connection.
#[derive(Debug, Template)]
#[template(path = "admin/safeguards.html")]
pub struct SafeguardsPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The connection.
    pub name: &'a str,
    /// The connection's page.
    pub href: String,
    /// The rules.
    pub rows: Vec<SafeguardRow<'a>>,
    /// What tells the rules in force from others.
    pub seen: &'a str,
    /// What tells the tried rules from others.
    pub tried: String,
    /// What a trial found.
    pub trial: Option<TrialShown>,
    /// How far a trial is, while it is under way.
    pub progress: Option<TrialProgress>,
    /// What is wrong.
    pub faults: Vec<Fault<'a>>,
    /// Whether this person may change them.
    pub may_change: bool,
}
