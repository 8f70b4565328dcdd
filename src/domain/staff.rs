//! The supplier's own people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a member of staff may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, resolves exceptions, binds and replays documents.
    Operator,
    /// Everything, connections and secrets included.
    Admin,
}

impl Role {
    /// Whether the role includes another.
    pub fn includes(self, other: Role) -> bool {
        let rank = |role| match role {
            Role::Viewer => 0,
            Role::Operator => 1,
            Role::Admin => 2,
        };
        rank(self) >= rank(other)
    }
}

/// What a person does that reading does not cover; each is checked for its role and written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Accepts or rejects what was noticed about an order.
    ResolveException,
    /// Adds the credentials of a kept document to a connection.
    BindDocument,
    /// Runs a kept document on a connection.
    ReplayDocument,
    /// Sends a parked delivery again.
    ResumeDelivery,
    /// Says in which mode an ERP is, or takes it back.
    SwitchErp,
    /// Makes a connection.
    CreateConnection,
    /// Changes account, settings, or whether a connection may be used.
    ChangeConnection,
    /// Gives a connection a new secret.
    IssueSecret,
    /// Ends the validity of a secret.
    EndSecret,
    /// Makes a member of staff.
    CreateStaff,
    /// Gives a program a token.
    CreateApiClient,
    /// Revokes the token of a program.
    RevokeApiClient,
    /// Tries rows again that could not be taken.
    RetryRows,
    /// Compares the store with an ERP, and takes what it has.
    Reconcile,
    /// Accepts that the store and an ERP differ.
    AcceptDrift,
}

impl Deed {
    /// The least role that may do it.
    pub fn needs(self) -> Role {
        match self {
            Deed::ResolveException
            | Deed::BindDocument
            | Deed::ReplayDocument
            | Deed::ResumeDelivery
            | Deed::RetryRows
            | Deed::Reconcile
            | Deed::AcceptDrift
            | Deed::SwitchErp => Role::Operator,
            Deed::CreateConnection
            | Deed::ChangeConnection
            | Deed::IssueSecret
            | Deed::EndSecret
            | Deed::CreateStaff
            | Deed::CreateApiClient
            | Deed::RevokeApiClient => Role::Admin,
        }
    }

    /// The action of its [`AuditEntry`].
    pub fn action(self) -> &'static str {
        match self {
            Deed::ResolveException => "order.exception.resolve",
            Deed::BindDocument => "quarantine.bind",
            Deed::ReplayDocument => "quarantine.replay",
            Deed::ResumeDelivery => "delivery.resume",
            Deed::SwitchErp => "erp.switch",
            Deed::CreateConnection => "connection.create",
            Deed::ChangeConnection => "connection.change",
            Deed::IssueSecret => "secret.issue",
            Deed::EndSecret => "secret.end",
            Deed::CreateStaff => "staff.create",
            Deed::CreateApiClient => "program.create",
            Deed::RevokeApiClient => "program.revoke",
            Deed::RetryRows => "erp.rows.retry",
            Deed::Reconcile => "erp.reconcile",
            Deed::AcceptDrift => "erp.drift.accept",
        }
    }
}

/// One member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Sign-in name, unique within the tenant, kept in lower case.
    pub login: String,
    /// Name that people see.
    pub name: String,
    /// Argon2id hash of the password.
    pub password_hash: String,
    /// What the person may do.
    pub role: Role,
    /// Whether sign-in is refused.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Staff {
    /// Whether the person may do this.
    pub fn may(&self, deed: Deed) -> bool {
        self.role.includes(deed.needs())
    }
}

/// One sign-in; the cookie holds a random token of which only the hash is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffSession {
    /// The supplier.
    pub tenant_id: Uuid,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Who.
    pub staff_id: Uuid,
    /// Until when.
    pub valid_until: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One thing a person changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who; `None` for the command line.
    pub staff_id: Option<Uuid>,
    /// What, for example `order.exception.resolve`.
    pub action: String,
    /// On what.
    pub subject: String,
    /// Further values, never secrets.
    pub detail: serde_json::Value,
}
