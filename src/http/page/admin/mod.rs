//! The supplier's own people at work.

mod check;
mod connection;
mod erp;
mod erp_drift;
mod erp_fields;
mod erp_rows;
mod exchange;
mod home;
mod order;
mod programs;
mod safeguards;
mod visit;
mod watch;
mod why;
pub mod word;

use askama::Template;

use super::filters;
use super::icon::Icon;
use super::part::Notice;
use crate::domain::staff::Role;
use crate::http::asset;
use crate::service::overview::Attention;

pub use check::{CheckPage, Verdict};
pub use connection::{
    AuditRow, CertificateRow, ConnectionFormPage, ConnectionPage, ConnectionRow, ConnectionsPage, Entries, Handed,
    SecretRow, SettingField, SettingRow,
};
pub use erp::{AgeRow, DrainOrderRow, DrainPage, DrainRow, ErpPage, ErpRow, OutcomeRow, SwitchRow};
pub use erp_drift::{ComparedRow, DriftRow, ErpDriftPage, FieldRow, KindRow, PriceRow, SourceRow};
pub use erp_fields::{ErpFieldsPage, FieldsOf, GroupRow};
pub use erp_rows::{AlertRow, Bar, EntityRow, ErpRowsPage, RejectRow, RunRow, WaitRow};
pub use exchange::{AttachmentRow, ExchangePage, ExchangeRow, ExchangesPage, FindingRow, Line, Lines, Related};
pub use home::{FoundPage, HomePage};
pub use order::{
    CartRow, ChangeRow, DeliveriesPage, DeliveryRow, EffectRow, HoldRow, Label, LineRow, NotOrderedRow, OrderPage,
    OrderRow, OrdersPage, SettledRow, StockHoldRow, VersionRow,
};
pub use programs::{ProgramRow, ProgramsPage, ScopeChoice};
pub use safeguards::{CountRow, FoundRow, SafeguardRow, SafeguardsPage, TotalRow, TrialProgress, TrialShown};
pub use visit::{Step, VisitLine, VisitPage, VisitRow, VisitsPage};
pub use watch::{EventRow, KeptPage, KeptRow, PersonRow, QuarantinePage, SecurityPage, StaffPage};
pub use why::{Question, Reasons, StairRow, Told, WhyPage};

/// A page of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// What needs attention.
    Overview,
    /// Buyers' ways in.
    Connections,
    /// PunchOut visits.
    Visits,
    /// Why a price is what it is.
    Why,
    /// Purchase orders.
    Orders,
    /// What is sent on.
    Deliveries,
    /// The ERPs, and what is brought from them.
    Erp,
    /// Every document.
    Exchanges,
    /// Documents that were not let in.
    Quarantine,
    /// What is wrong with a document.
    Check,
    /// The supplier's people.
    Staff,
    /// Programs with tokens.
    Programs,
    /// What touched security.
    Security,
}

/// One entry of the navigation.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Which page.
    pub area: Area,
    /// Its name.
    pub word: &'static str,
    /// Its address.
    pub href: &'static str,
}

const fn entry(area: Area, word: &'static str, href: &'static str) -> Entry {
    Entry { area, word, href }
}

/// The navigation: groups with their entries.
const NAVIGATION: [(&str, &[Entry]); 5] = [
    ("Overview", &[entry(Area::Overview, "Overview", "/admin")]),
    (
        "Buyers",
        &[
            entry(Area::Connections, "Connections", "/admin/connections"),
            entry(Area::Visits, "Visits", "/admin/visits"),
            entry(Area::Why, "Why this price", "/admin/why"),
        ],
    ),
    (
        "Orders",
        &[
            entry(Area::Orders, "Orders", "/admin/orders"),
            entry(Area::Deliveries, "Deliveries", "/admin/deliveries"),
            entry(Area::Erp, "ERP", "/admin/erp"),
        ],
    ),
    (
        "Documents",
        &[
            entry(Area::Exchanges, "Documents", "/admin/exchanges"),
            entry(Area::Quarantine, "Quarantine", "/admin/quarantine"),
            entry(Area::Check, "Checker", "/admin/check"),
        ],
    ),
    (
        "Settings",
        &[
            entry(Area::Staff, "Staff", "/admin/staff"),
            entry(Area::Programs, "Programs", "/admin/programs"),
            entry(Area::Security, "Security log", "/admin/security"),
        ],
    ),
];

/// What stands around every page of the admin side.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The supplier's name.
    pub supplier: &'a str,
    /// The person's name.
    pub person: &'a str,
    /// What the person may do.
    pub role: &'static str,
    /// The code that every form carries.
    pub csrf: &'a str,
    /// The page's place in the navigation.
    pub area: Area,
    /// What waits.
    pub attention: Attention,
    /// Something to say above the content.
    pub notice: Option<Notice<'a>>,
    /// Whether the page is about a test connection.
    pub test: bool,
}

impl Frame<'_> {
    fn groups(&self) -> &'static [(&'static str, &'static [Entry])] {
        &NAVIGATION
    }

    /// How many things wait behind an entry.
    fn waiting(&self, entry: &Entry) -> u64 {
        match entry.area {
            Area::Orders => self.attention.exceptions,
            Area::Quarantine => self.attention.quarantined,
            Area::Deliveries => self.attention.parked,
            _ => 0,
        }
    }
}

/// A role in words.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Operator => "Operator",
        Role::Admin => "Administrator",
    }
}

/// The way in.
#[derive(Debug, Template)]
#[template(path = "admin/sign_in.html")]
pub struct SignInPage<'a> {
    /// The page to go on to.
    pub next: &'a str,
    /// The sign-in name that was tried.
    pub login: &'a str,
    /// Whether name and password did not fit.
    pub refused: bool,
}
