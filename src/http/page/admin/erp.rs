//! The ERPs: how far each can be counted on, and what waited while it was away.

use askama::Template;
use jiff::Timestamp;

use super::{Frame, filters};
use crate::http::asset;
use crate::http::page::icon::Icon;
use crate::http::page::part::{Fault, Pick, Status};

/// One source.
#[derive(Clone, Debug)]
pub struct ErpRow<'a> {
    /// Its code.
    pub code: &'a str,
    /// The kind of ERP.
    pub kind: &'a str,
    /// What tells its fields and headings from those of others.
    pub id: String,
    /// Its mode.
    pub mode: Status<'static>,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: &'a str,
    /// Who said so and when, where it was a person.
    pub said: Option<(&'a str, Timestamp)>,
    /// The breaker.
    pub breaker: Status<'static>,
    /// Questions in a row without an answer.
    pub failures: u64,
    /// Why the last one had none.
    pub error: Option<&'a str>,
    /// When it is tried again.
    pub retry: Option<Timestamp>,
    /// Since when orders wait.
    pub waiting: Option<Timestamp>,
    /// The age of what it brought.
    pub ages: Vec<AgeRow<'a>>,
    /// What is done while it is away.
    pub care: Vec<(&'static str, String)>,
    /// The last changes of its mode.
    pub switches: Vec<SwitchRow<'a>>,
    /// Its last drains.
    pub drains: Vec<DrainRow>,
    /// What a person can say.
    pub picks: Vec<Pick<'static>>,
    /// The reason that was entered.
    pub entered: &'a str,
}

/// The age of an entity.
#[derive(Clone, Debug)]
pub struct AgeRow<'a> {
    /// The entity.
    pub entity: &'a str,
    /// When it was brought last.
    pub brought: Option<Timestamp>,
    /// How old it is.
    pub age: String,
    /// Its limit in hours.
    pub hours: u32,
    /// Whether it is within it.
    pub state: Status<'static>,
}

/// One change of a mode.
#[derive(Clone, Debug)]
pub struct SwitchRow<'a> {
    /// When.
    pub at: Timestamp,
    /// The mode before.
    pub before: &'static str,
    /// The mode after.
    pub after: Status<'static>,
    /// Why.
    pub reason: &'a str,
    /// Who.
    pub by: Option<&'a str>,
}

/// What became of some orders of a drain.
#[derive(Clone, Copy, Debug)]
pub struct OutcomeRow {
    /// What.
    pub status: Status<'static>,
    /// Of how many.
    pub orders: u64,
}

/// One drain in figures.
#[derive(Clone, Debug)]
pub struct DrainRow {
    /// Its page.
    pub href: String,
    /// Since when orders waited.
    pub waited: Timestamp,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// How many waited.
    pub queued: u64,
    /// What became of them, with how many.
    pub outcomes: Vec<OutcomeRow>,
    /// How many were other than when they were accepted.
    pub differing: u64,
}

/// All sources.
#[derive(Debug, Template)]
#[template(path = "admin/erp.html")]
pub struct ErpPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The sources.
    pub rows: Vec<ErpRow<'a>>,
    /// How many orders wait.
    pub queue: u64,
    /// Whether this person may set a mode.
    pub may_switch: bool,
    /// What is wrong.
    pub faults: Vec<Fault<'a>>,
}

/// One order of a drain.
#[derive(Clone, Debug)]
pub struct DrainOrderRow<'a> {
    /// Its page.
    pub href: String,
    /// The buyer's number.
    pub number: &'a str,
    /// Its account.
    pub account: &'a str,
    /// What became of it.
    pub outcome: Status<'static>,
    /// The ERP's number, or why it did not go.
    pub note: Option<&'a str>,
    /// What is other: the line with its product, what, before, after.
    pub differences: Vec<(String, &'a str, &'a str, &'a str)>,
}

/// One drain.
#[derive(Debug, Template)]
#[template(path = "admin/erp_drain.html")]
pub struct DrainPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The drain in figures.
    pub row: DrainRow,
    /// Its orders.
    pub orders: Vec<DrainOrderRow<'a>>,
}
