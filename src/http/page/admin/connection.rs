//! Connections: the list, one of them, and the forms that make and change them.

use askama::Template;
use jiff::Timestamp;
use uuid::Uuid;

use super::{ExchangeRow, Frame, filters};
use crate::http::asset;
use crate::http::page::icon::Icon;
use crate::http::page::part::{Fault, Pick, Status, fault};
use crate::service::connection::{OVERLAP_DAYS, SECRET_CHARS_MIN};

/// A connection in the list.
#[derive(Clone, Debug)]
pub struct ConnectionRow<'a> {
    /// Its page.
    pub href: String,
    /// What people call it.
    pub name: &'a str,
    /// The buying company.
    pub buyer: &'a str,
    /// The buyer's procurement system.
    pub profile: &'a str,
    /// Whether it is for tests.
    pub test: bool,
    /// The account whose terms apply.
    pub account: &'a str,
    /// Whether it may be used.
    pub state: Status<'a>,
    /// What is to be known of its secrets.
    pub secret: Option<Status<'a>>,
    /// The last document over it.
    pub last: Option<Timestamp>,
}

/// Every connection.
#[derive(Debug, Template)]
#[template(path = "admin/connections.html")]
pub struct ConnectionsPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The connections.
    pub rows: Vec<ConnectionRow<'a>>,
    /// Whether this person may make one.
    pub may_create: bool,
}

/// A value that the buyer needs, in the standard's words.
#[derive(Clone, Debug)]
pub struct Handed<'a> {
    /// What it is: "To, NetworkID".
    pub name: String,
    /// The value, to be copied.
    pub value: &'a str,
}

/// A secret as people may know it.
#[derive(Clone, Debug)]
pub struct SecretRow<'a> {
    /// Its identifier.
    pub id: Uuid,
    /// `SharedSecret` or `CredentialMac`.
    pub kind: &'static str,
    /// Its slot.
    pub slot: i64,
    /// Its last characters; empty where it is too short for that.
    pub hint: &'a str,
    /// Valid, ending, or over.
    pub state: Status<'a>,
    /// When it was given.
    pub since: Timestamp,
    /// When it ends.
    pub until: Option<Timestamp>,
    /// Whether it may be ended after the overlap.
    pub can_end_later: bool,
    /// Whether it may be ended now.
    pub can_end: bool,
    /// Whether it is the last valid one.
    pub last: bool,
}

/// A client certificate.
#[derive(Clone, Debug)]
pub struct CertificateRow {
    /// By what it is recognised.
    pub name: String,
    /// When it was added.
    pub since: Timestamp,
}

/// A setting in force.
#[derive(Clone, Debug)]
pub struct SettingRow {
    /// What it is called.
    pub label: &'static str,
    /// What is in force.
    pub value: String,
    /// Whether the profile says so.
    pub inherited: bool,
}

/// Something that was changed.
#[derive(Clone, Debug)]
pub struct AuditRow<'a> {
    /// What.
    pub what: &'a str,
    /// Further values.
    pub detail: String,
    /// Who; the command line where nobody is named.
    pub who: &'a str,
    /// When.
    pub at: Timestamp,
}

/// One connection.
#[derive(Debug, Template)]
#[template(path = "admin/connection.html")]
pub struct ConnectionPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// The connection's own row of the list.
    pub row: ConnectionRow<'a>,
    /// Why its settings cannot be used.
    pub problem: Option<&'a str>,
    /// The account's name; `None` where nobody knows the account.
    pub account_name: Option<&'a str>,
    /// A secret that was just given, shown this once.
    pub issued: Option<&'a str>,
    /// What the buyer needs.
    pub handed: Vec<Handed<'a>>,
    /// Its secrets.
    pub secrets: Vec<SecretRow<'a>>,
    /// The kinds of secret that have a free slot.
    pub free: Vec<Pick<'a>>,
    /// What tells this state of the secrets from the next.
    pub seen: &'a str,
    /// Its certificates.
    pub certificates: Vec<CertificateRow>,
    /// The settings in force, in their groups.
    pub settings: Vec<(&'static str, Vec<SettingRow>)>,
    /// The latest documents.
    pub latest: Vec<ExchangeRow<'a>>,
    /// What was changed.
    pub audit: Vec<AuditRow<'a>>,
    /// Whether it may be used now.
    pub active: bool,
    /// Whether this person may change it.
    pub may_change: bool,
}

/// A field of the form that is a setting.
#[derive(Clone, Debug)]
pub struct SettingField<'a> {
    /// Its name in the form.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it does.
    pub help: &'static str,
    /// A value as it may be.
    pub example: &'static str,
    /// What is written in it.
    pub value: &'a str,
    /// Whether it takes several lines.
    pub lines: bool,
    /// Whether it takes a whole number.
    pub number: bool,
    /// What can be chosen; empty where something is written.
    pub options: Vec<(String, String, bool)>,
    /// What holds where it is left empty.
    pub inherited: &'a str,
}

/// A person's entries, shown again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entries<'a> {
    /// The connection's name.
    pub name: &'a str,
    /// The buyer's name, for a new one.
    pub buyer_name: &'a str,
    /// The account.
    pub account: &'a str,
    /// `From` credentials, one a line.
    pub from: &'a str,
    /// `Sender` credentials, one a line.
    pub sender: &'a str,
    /// Test or production.
    pub mode: &'a str,
}

/// The form of a connection.
#[derive(Debug, Template)]
#[template(path = "admin/connection_form.html")]
pub struct ConnectionFormPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// Whether a new one is made.
    pub new: bool,
    /// What the page is called.
    pub title: &'a str,
    /// Where the form is sent.
    pub action: &'a str,
    /// Where one goes without sending it.
    pub back: &'a str,
    /// What tells this state from the next.
    pub seen: &'a str,
    /// What was entered.
    pub entries: Entries<'a>,
    /// The buyers to choose from.
    pub buyers: Vec<Pick<'a>>,
    /// The procurement systems to choose from.
    pub profiles: Vec<Pick<'a>>,
    /// The accounts offered: code and name.
    pub accounts: &'a [(String, String)],
    /// The settings, in their groups.
    pub groups: Vec<(&'static str, Vec<SettingField<'a>>)>,
    /// What is wrong.
    pub faults: Vec<Fault<'a>>,
}

impl ConnectionFormPage<'_> {
    fn fault(&self, field: &str) -> Option<&str> {
        fault(&self.faults, field)
    }
}
