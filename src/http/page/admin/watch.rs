//! Who was not let in: the quarantine and the security log; and the supplier's own people.

use askama::Template;
use jiff::Timestamp;

use super::{Frame, Lines, filters};
use crate::http::asset;
use crate::http::page::icon::Icon;
use crate::http::page::part::{Fault, More, Pick, Status, fault};
use crate::service::staff::PASSWORD_CHARS_MIN;

/// A kept document in the list.
#[derive(Clone, Debug)]
pub struct KeptRow<'a> {
    /// Its page.
    pub href: String,
    /// What it is.
    pub document_type: &'a str,
    /// Who it says it is from.
    pub from: String,
    /// Why it was not let in.
    pub reason: &'a str,
    /// Where it came from.
    pub remote: &'a str,
    /// When it came.
    pub received: Timestamp,
    /// Until when it is kept.
    pub keep_until: Timestamp,
    /// Whether it was replayed.
    pub replayed: bool,
}

/// What is kept.
#[derive(Debug, Template)]
#[template(path = "admin/quarantine.html")]
pub struct QuarantinePage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The documents.
    pub rows: Vec<KeptRow<'a>>,
    /// Where the list goes on.
    pub more: More,
    /// Days that a document is kept.
    pub days: i64,
}

/// One kept document.
#[derive(Debug, Template)]
#[template(path = "admin/kept.html")]
pub struct KeptPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The document's own row of the list.
    pub row: KeptRow<'a>,
    /// The parties that it names: From, To, Sender, each with its credentials (domain, identity).
    pub parties: Vec<(&'static str, Vec<(&'a str, &'a str)>)>,
    /// The connections to choose from; the first that knows a party is chosen.
    pub connections: Vec<Pick<'a>>,
    /// Whether this person may bind and replay.
    pub may_act: bool,
    /// The document that it became.
    pub exchange: Option<String>,
    /// The text, secrets cut out.
    pub text: Lines<'a>,
    /// What answers quoted as its reference.
    pub reference: String,
}

/// Something that touched security.
#[derive(Clone, Debug)]
pub struct EventRow<'a> {
    /// What.
    pub kind: &'a str,
    /// The rule.
    pub rule: &'a str,
    /// One sentence.
    pub text: &'a str,
    /// The connection: address and name.
    pub connection: Option<(String, &'a str)>,
    /// Where it came from.
    pub remote: &'a str,
    /// When.
    pub at: Timestamp,
}

/// The security log.
#[derive(Debug, Template)]
#[template(path = "admin/security.html")]
pub struct SecurityPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// What happened.
    pub rows: Vec<EventRow<'a>>,
    /// Where the list goes on.
    pub more: More,
}

/// A person of the supplier.
#[derive(Clone, Debug)]
pub struct PersonRow<'a> {
    /// Their name.
    pub name: &'a str,
    /// Their sign-in name.
    pub login: &'a str,
    /// What they may do.
    pub role: &'static str,
    /// Whether they may sign in.
    pub state: Status<'a>,
    /// Since when.
    pub since: Timestamp,
}

/// The supplier's people, and the form that adds one.
#[derive(Debug, Template)]
#[template(path = "admin/staff.html")]
pub struct StaffPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The people.
    pub rows: Vec<PersonRow<'a>>,
    /// Whether this person may add one.
    pub may_create: bool,
    /// The roles to choose from.
    pub roles: Vec<Pick<'a>>,
    /// The sign-in name that was entered.
    pub login: &'a str,
    /// The name that was entered.
    pub name: &'a str,
    /// What is wrong.
    pub faults: Vec<Fault<'a>>,
}

impl StaffPage<'_> {
    fn fault(&self, field: &str) -> Option<&str> {
        fault(&self.faults, field)
    }
}
