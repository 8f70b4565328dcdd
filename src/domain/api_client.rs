//! Programs that speak with the gateway by themselves: who they are, and what their tokens allow.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::word::Word;

/// What a token allows; a program has those that it needs and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// Brings rows of the catalogue, of contracts and of stock.
    SyncWrite,
    /// Reads what changed.
    ChangesRead,
    /// Says that something changed elsewhere.
    EventsWrite,
    /// Has documents checked.
    DocumentsCheck,
    /// Reads prices and availability of accounts.
    PricesRead,
    /// Takes orders over.
    OrdersLease,
}

known_by_words!(Scope {
    SyncWrite = "sync:write",
    ChangesRead = "changes:read",
    EventsWrite = "events:write",
    DocumentsCheck = "documents:check",
    PricesRead = "prices:read",
    OrdersLease = "orders:lease",
});

impl Scope {
    /// What it allows, for whoever gives it.
    pub fn meaning(self) -> &'static str {
        match self {
            Scope::SyncWrite => "Brings and deletes products, contracts, stock and the state of orders",
            Scope::ChangesRead => "Reads what changed and when, without the values",
            Scope::EventsWrite => "Says that something changed in the ERP, so that it is fetched sooner",
            Scope::DocumentsCheck => "Has cXML documents checked; nothing of them is kept",
            Scope::PricesRead => "Reads prices and availability as every account has them, for a portal of your own",
            Scope::OrdersLease => "Takes accepted orders over to the ERP",
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.word().to_owned()
    }
}

impl TryFrom<String> for Scope {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        Scope::from_word(&word).ok_or_else(|| format!("must be one of {}", Scope::words()))
    }
}

/// A program with its token, of which only a keyed hash is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiClient {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier; the token begins with it.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Keyed hash of the token.
    pub token_hash: Vec<u8>,
    /// The token's last characters, by which people tell tokens apart.
    pub hint: String,
    /// Who made it.
    pub created_by: Uuid,
    /// When.
    pub created_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Until when the token is valid; without an end where there is none.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Whether a token may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// It may.
    Valid,
    /// Its time is over.
    Expired,
    /// Somebody revoked it.
    Revoked,
}

impl ApiClient {
    /// Whether its token may be used at a moment.
    pub fn state_at(&self, now: Timestamp) -> TokenState {
        if self.revoked_at.is_some() {
            TokenState::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            TokenState::Expired
        } else {
            TokenState::Valid
        }
    }

    /// Whether its token allows something.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_known_by_their_words() {
        let words = serde_json::to_string(Scope::ALL).unwrap();
        assert_eq!(
            words,
            r#"["sync:write","changes:read","events:write","documents:check","prices:read","orders:lease"]"#
        );
        assert_eq!(serde_json::from_str::<Vec<Scope>>(&words).unwrap(), Scope::ALL);
        assert!(serde_json::from_str::<Scope>(r#""admin""#).is_err());
    }
}
