//! Connections as staff see them.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::secret::last_end;
use crate::domain::party::{Buyer, Certificate, Connection, Identity, IdentityRole, Secret};
use crate::domain::staff::AuditEntry;
use crate::profile;
use crate::service::{Error, Gateway, session};
use crate::store::exchange::{Entry, View};
use crate::store::{self, StoreError, Tx};

/// A connection in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// The connection.
    pub connection: Connection,
    /// Its buyer.
    pub buyer: String,
    /// Whether its settings can be used.
    pub usable: bool,
    /// The last document over it.
    pub last: Option<Timestamp>,
    /// The end of its last valid secret; `None` where it has none, or one without an end.
    pub secret_ends: Option<Timestamp>,
}

/// Every connection of the supplier.
///
/// # Errors
/// The store would not.
pub async fn list(gateway: &Gateway, tenant_id: Uuid) -> Result<Vec<Row>, Error> {
    let directory = gateway.directory();
    let now = gateway.clock.now();
    Ok(gateway
        .store
        .read(async |tx| {
            let buyers: HashMap<Uuid, String> = store::party::buyers(tx, tenant_id)
                .await?
                .into_iter()
                .map(|buyer| (buyer.id, buyer.name))
                .collect();
            let mut rows = Vec::new();
            for connection in store::party::connections(tx, tenant_id).await? {
                let latest = store::exchange::list(tx, tenant_id, View::All, Some(connection.id), None, 1).await?;
                let known = directory.connection(connection.id);
                rows.push(Row {
                    buyer: buyers.get(&connection.buyer_id).cloned().unwrap_or_default(),
                    usable: known.is_some(),
                    last: latest.first().map(|entry| entry.received_at),
                    secret_ends: known.and_then(|known| last_end(&known.secrets, now)),
                    connection,
                });
            }
            Ok::<_, StoreError>(rows)
        })
        .await?)
}

/// Everything about one connection.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The connection.
    pub connection: Connection,
    /// Its buyer.
    pub buyer: String,
    /// Why its settings cannot be used.
    pub problem: Option<String>,
    /// By what it is recognised.
    pub identities: Vec<Identity>,
    /// What the buyer calls us.
    pub ours: Vec<Identity>,
    /// Its secrets.
    pub secrets: Vec<Secret>,
    /// Its client certificates.
    pub certificates: Vec<Certificate>,
    /// The latest documents over it.
    pub latest: Vec<Entry>,
    /// What was changed last, and by whom.
    pub audit: Vec<(AuditEntry, Option<String>)>,
    /// The account's name, where it is known.
    pub account: Option<String>,
    /// Where the buyer's system sends its documents.
    pub door: String,
}

/// One connection.
///
/// # Errors
/// The store would not.
pub async fn look(gateway: &Gateway, tenant_id: Uuid, id: Uuid) -> Result<Option<Looked>, Error> {
    let directory = gateway.directory();
    let known = directory.connection(id).filter(|known| known.tenant.id == tenant_id);
    Ok(gateway
        .store
        .read(async |tx| {
            let Some(connection) = store::party::find_connection(tx, tenant_id, id).await? else {
                return Ok::<_, StoreError>(None);
            };
            let buyers = store::party::buyers(tx, tenant_id).await?;
            let buyer = buyers.into_iter().find(|buyer| buyer.id == connection.buyer_id);
            let (ours, others): (Vec<_>, Vec<_>) = store::party::identities(tx, tenant_id)
                .await?
                .into_iter()
                .partition(|identity| identity.role == IdentityRole::To);
            let people = people(tx, tenant_id).await?;
            let audit = store::staff::audit(tx, tenant_id, Some(&id.to_string()), 10).await?;
            let accounts = store::account::account_rows(tx, tenant_id).await?;
            let account = accounts
                .into_iter()
                .find(|account| account.code == connection.account_code);
            Ok(Some(Looked {
                buyer: buyer.map(|buyer| buyer.name).unwrap_or_default(),
                problem: profile::settings(&connection).err().map(|error| error.to_string()),
                identities: others
                    .into_iter()
                    .filter(|identity| identity.connection_id == Some(id))
                    .collect(),
                ours,
                secrets: store::party::secrets(tx, tenant_id, id).await?,
                certificates: known.map(|known| known.certificates.clone()).unwrap_or_default(),
                latest: store::exchange::list(tx, tenant_id, View::All, Some(id), None, 5).await?,
                audit: audit
                    .into_iter()
                    .map(|entry| {
                        let who = entry.staff_id.and_then(|id| people.get(&id).cloned());
                        (entry, who)
                    })
                    .collect(),
                account: account.map(|account| account.name),
                door: session::door_url(gateway),
                connection,
            }))
        })
        .await?)
}

async fn people(tx: &mut Tx, tenant_id: Uuid) -> Result<HashMap<Uuid, String>, StoreError> {
    let people = store::staff::list(tx, tenant_id).await?;
    Ok(people.into_iter().map(|person| (person.id, person.name)).collect())
}

/// What a form for a new connection offers to choose from.
#[derive(Clone, Debug)]
pub struct Choices {
    /// Buyers that are there.
    pub buyers: Vec<Buyer>,
    /// Accounts: code and name.
    pub accounts: Vec<(String, String)>,
    /// What the form sends back as `seen`.
    pub seen: String,
}

/// Accounts offered at most; whoever has more types the code.
const ACCOUNTS_OFFERED: usize = 500;

/// The procurement systems whose habits are known: short name and name.
pub fn systems() -> impl Iterator<Item = (&'static str, &'static str)> {
    profile::all()
        .iter()
        .map(|profile| (profile.code.as_str(), profile.name.as_str()))
}

/// What people call a procurement system.
pub fn system_name(code: &str) -> &str {
    profile::find(code).map_or(code, |profile| profile.name.as_str())
}

/// What a form offers to choose from.
///
/// # Errors
/// The store would not.
pub async fn choices(gateway: &Gateway, tenant_id: Uuid) -> Result<Choices, Error> {
    Ok(gateway
        .store
        .read(async |tx| {
            let accounts = store::account::account_rows(tx, tenant_id).await?;
            let held = store::party::connections(tx, tenant_id).await?;
            let held: Vec<Uuid> = held.iter().map(|connection| connection.id).collect();
            Ok::<_, StoreError>(Choices {
                seen: seen_list(&held),
                buyers: store::party::buyers(tx, tenant_id).await?,
                accounts: accounts
                    .into_iter()
                    .take(ACCOUNTS_OFFERED)
                    .map(|account| (account.code, account.name))
                    .collect(),
            })
        })
        .await?)
}

/// What tells one state of the list from the next: a form that is sent twice makes one connection.
pub fn seen_list(connections: &[Uuid]) -> String {
    connections.iter().max().map(Uuid::to_string).unwrap_or_default()
}
