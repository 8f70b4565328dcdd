//! Programs with tokens, and the form that makes one.

use askama::Template;
use jiff::Timestamp;

use super::{Frame, filters};
use crate::http::asset;
use crate::http::page::icon::Icon;
use crate::http::page::part::{Fault, Pick, Status, fault};

/// One program.
#[derive(Clone, Debug)]
pub struct ProgramRow<'a> {
    /// Its name.
    pub name: &'a str,
    /// The last characters of its token.
    pub hint: &'a str,
    /// What it may do.
    pub scopes: Vec<&'static str>,
    /// Whether its token may be used.
    pub state: Status<'a>,
    /// When it was made.
    pub since: Timestamp,
    /// By whom; nothing where the person is gone.
    pub by: Option<&'a str>,
    /// Until when its token is valid, or since when it is not: the word, and the moment.
    pub end: Option<(&'static str, Timestamp)>,
    /// When the token was used last.
    pub used: Option<Timestamp>,
    /// The address that revokes it, for whoever may.
    pub revoke: Option<String>,
}

/// One thing that a program may do, to choose.
#[derive(Clone, Copy, Debug)]
pub struct ScopeChoice {
    /// Its word, which is the field, too.
    pub word: &'static str,
    /// What it allows.
    pub meaning: &'static str,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// The programs of a supplier.
#[derive(Debug, Template)]
#[template(path = "admin/programs.html")]
pub struct ProgramsPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The programs.
    pub rows: Vec<ProgramRow<'a>>,
    /// A token that was made just now: the program's name and the token, shown this once.
    pub issued: Option<(&'a str, &'a str)>,
    /// Whether this person may make one.
    pub may_create: bool,
    /// The identifier of the program that the form makes.
    pub new_id: String,
    /// The name that was entered.
    pub name: &'a str,
    /// What can be allowed.
    pub scopes: Vec<ScopeChoice>,
    /// How long a token may be valid.
    pub days: Vec<Pick<'a>>,
    /// What is wrong.
    pub faults: Vec<Fault<'a>>,
}

impl ProgramsPage<'_> {
    fn fault(&self, field: &str) -> Option<&str> {
        fault(&self.faults, field)
    }
}
