//! Who a document comes from: authenticate Sender, authorise From, route by To (cXML notes 1.4, 1.10).
//!
//! Pure: the directory is a snapshot of what the store knows, and whether a secret is right is decided by the caller
//! between [`Directory::senders`] and [`Directory::authorise`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::domain::party::{
    Buyer, Certificate, Connection, ConnectionState, CredentialKey, DeploymentMode, Identity, IdentityRole, Secret,
    Settings, Tenant,
};

/// One `Credential` of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Folded for comparison.
    pub key: CredentialKey,
    /// Whether it names the marketplace (`@type="marketplace"`) and not the member company.
    pub marketplace: bool,
}

impl Claim {
    /// Folds one credential; a marketplace's name is kept apart from a member's.
    pub fn new(domain: &str, identity: &str, marketplace: bool) -> Self {
        let mut key = CredentialKey::new(domain, identity);
        if marketplace {
            key.domain.push_str(";marketplace");
        }
        Claim { key, marketplace }
    }
}

/// The credentials of one header.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// `From`.
    pub from: Vec<Claim>,
    /// `To`.
    pub to: Vec<Claim>,
    /// `Sender`.
    pub sender: Vec<Claim>,
}

/// A connection with all that is needed to judge its documents.
#[derive(Clone, Debug)]
pub struct Known {
    /// The supplier.
    pub tenant: Arc<Tenant>,
    /// The buying organisation.
    pub buyer: Buyer,
    /// The connection.
    pub connection: Connection,
    /// Its settings in force.
    pub settings: Settings,
    /// Its secrets, every slot.
    pub secrets: Vec<Secret>,
    /// Its client certificates.
    pub certificates: Vec<Certificate>,
    from: HashSet<CredentialKey>,
    sender: HashSet<CredentialKey>,
}

/// What is known of one connection before it joins a directory.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The buying organisation.
    pub buyer: Buyer,
    /// The connection.
    pub connection: Connection,
    /// Its settings in force.
    pub settings: Settings,
    /// Its secrets.
    pub secrets: Vec<Secret>,
    /// Its client certificates.
    pub certificates: Vec<Certificate>,
}

/// A snapshot of every supplier, connection and credential.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    tenants: HashMap<Uuid, Arc<Tenant>>,
    connections: HashMap<Uuid, Arc<Known>>,
    senders: HashMap<CredentialKey, Vec<Uuid>>,
    names: HashMap<CredentialKey, HashSet<Uuid>>,
}

/// Why a document is not let in, for the log; the partner sees one text for each class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// 401: the Sender is not recognised.
    Sender(&'static str),
    /// 403: recognised, but not allowed.
    Forbidden(&'static str),
}

/// A document whose author, addressee and mode are in order.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The connection.
    pub known: Arc<Known>,
    /// Key line of the `From` credential that was recognised.
    pub from_key: String,
    /// The mode in which it takes effect: a test document admitted on production stays a test.
    pub mode: DeploymentMode,
}

impl Directory {
    /// Builds the snapshot; entries of unknown tenants are left out.
    pub fn new(tenants: Vec<Tenant>, entries: Vec<Entry>, identities: &[Identity]) -> Self {
        let tenants: HashMap<Uuid, Arc<Tenant>> = tenants
            .into_iter()
            .map(|tenant| (tenant.id, Arc::new(tenant)))
            .collect();
        let mut directory = Directory {
            tenants,
            ..Directory::default()
        };
        let mut by_connection: HashMap<Uuid, (HashSet<CredentialKey>, HashSet<CredentialKey>)> = HashMap::new();
        for identity in identities {
            let key = CredentialKey::new(&identity.domain, &identity.identity);
            match (identity.role, identity.connection_id) {
                (IdentityRole::To, _) => {
                    directory.names.entry(key).or_default().insert(identity.tenant_id);
                }
                (IdentityRole::From, Some(id)) => {
                    by_connection.entry(id).or_default().0.insert(key);
                }
                (IdentityRole::Sender, Some(id)) => {
                    by_connection.entry(id).or_default().1.insert(key.clone());
                    directory.senders.entry(key).or_default().push(id);
                }
                (_, None) => {}
            }
        }
        for entry in entries {
            let Some(tenant) = directory.tenants.get(&entry.connection.tenant_id) else {
                continue;
            };
            let (from, sender) = by_connection.remove(&entry.connection.id).unwrap_or_default();
            let known = Known {
                tenant: tenant.clone(),
                buyer: entry.buyer,
                connection: entry.connection,
                settings: entry.settings,
                secrets: entry.secrets,
                certificates: entry.certificates,
                from,
                sender,
            };
            directory.connections.insert(known.connection.id, Arc::new(known));
        }
        directory
    }

    /// The connection with this identifier.
    pub fn connection(&self, id: Uuid) -> Option<&Arc<Known>> {
        self.connections.get(&id)
    }

    /// Every connection, in no order.
    pub fn connections(&self) -> impl Iterator<Item = &Arc<Known>> {
        self.connections.values()
    }

    /// The supplier with this identifier.
    pub fn tenant(&self, id: Uuid) -> Option<&Arc<Tenant>> {
        self.tenants.get(&id)
    }

    /// Every supplier, in no order.
    pub fn tenants(&self) -> impl Iterator<Item = &Arc<Tenant>> {
        self.tenants.values()
    }

    /// The supplier that `To` names, if exactly one.
    pub fn addressee(&self, to: &[Claim]) -> Option<Uuid> {
        let mut named: Option<&HashSet<Uuid>> = None;
        for tenants in to.iter().filter_map(|claim| self.names.get(&claim.key)) {
            if named.is_some_and(|earlier| earlier != tenants) {
                return None;
            }
            named = Some(tenants);
        }
        named.filter(|tenants| tenants.len() == 1)?.iter().next().copied()
    }

    /// The connections whose Sender this could be; a secret, certificate or code decides among them.
    ///
    /// Several credentials describe one party: each one that a candidate knows by its domain must be that candidate's,
    /// unknown domains are ignored, and one domain with two values is ambiguous.
    ///
    /// # Errors
    /// [`Denied::Sender`] when nobody could be meant or more than one party is named.
    pub fn senders(&self, claims: &Claims) -> Result<Vec<&Arc<Known>>, Denied> {
        if is_ambiguous(&claims.sender) {
            return Err(Denied::Sender("sender.ambiguous"));
        }
        let mut candidates: Option<Vec<Uuid>> = None;
        for claim in &claims.sender {
            let Some(ids) = self.senders.get(&claim.key) else {
                continue;
            };
            candidates = Some(match candidates {
                None => ids.clone(),
                Some(earlier) => earlier.into_iter().filter(|id| ids.contains(id)).collect(),
            });
        }
        let Some(candidates) = candidates else {
            return Err(Denied::Sender("sender.unknown"));
        };
        let known: Vec<_> = candidates
            .iter()
            .filter_map(|id| self.connections.get(id))
            .filter(|known| agrees(&claims.sender, &known.sender))
            .collect();
        if known.is_empty() {
            Err(Denied::Sender("sender.ambiguous"))
        } else {
            Ok(known)
        }
    }

    /// Decides, among authenticated connections, whether From may order, To is us, and the mode fits.
    ///
    /// # Errors
    /// [`Denied::Sender`] for ambiguous parties, [`Denied::Forbidden`] for everything that is recognised but not allowed.
    pub fn authorise(
        &self,
        authenticated: &[&Arc<Known>],
        claims: &Claims,
        mode: DeploymentMode,
    ) -> Result<Admitted, Denied> {
        if is_ambiguous(&claims.from) {
            return Err(Denied::Sender("from.ambiguous"));
        }
        let tenant = self.addressee(&claims.to).ok_or(Denied::Forbidden("to.unknown"))?;
        let ours: Vec<_> = authenticated.iter().filter(|known| known.tenant.id == tenant).collect();
        if ours.is_empty() {
            return Err(Denied::Forbidden("to.foreign"));
        }
        let mut authors: Vec<_> = ours
            .into_iter()
            .filter_map(|known| Some((*known, author(&claims.from, &known.from)?)))
            .collect();
        if authors.is_empty() {
            // Two parties in one From are ambiguous; one that is nobody's here is foreign.
            let recognised = claims.from.iter().filter(|claim| self.is_from(&claim.key)).count();
            return Err(if recognised > 1 {
                Denied::Sender("from.ambiguous")
            } else {
                Denied::Forbidden("from.foreign")
            });
        }
        authors.retain(|(known, _)| known.connection.state == ConnectionState::Active);
        if authors.is_empty() {
            return Err(Denied::Forbidden("connection.suspended"));
        }
        let fitting = authors
            .iter()
            .find(|(known, _)| known.connection.mode == mode)
            .or_else(|| {
                authors
                    .iter()
                    .find(|(known, _)| mode == DeploymentMode::Test && known.settings.accept_test_documents)
            });
        let Some((known, from_key)) = fitting else {
            return Err(Denied::Forbidden("mode.mismatch"));
        };
        if authors
            .iter()
            .filter(|(other, _)| other.connection.mode == known.connection.mode)
            .count()
            > 1
        {
            return Err(Denied::Sender("from.ambiguous"));
        }
        Ok(Admitted {
            known: Arc::clone(known),
            from_key: from_key.clone(),
            mode,
        })
    }

    fn is_from(&self, key: &CredentialKey) -> bool {
        self.connections.values().any(|known| known.from.contains(key))
    }
}

/// Whether one domain stands twice with different values.
fn is_ambiguous(claims: &[Claim]) -> bool {
    claims.iter().enumerate().any(|(at, claim)| {
        claims[at + 1..]
            .iter()
            .any(|other| other.key.domain == claim.key.domain && other.key.identity != claim.key.identity)
    })
}

/// Whether every claim in a domain that the party uses is one of its own.
fn agrees(claims: &[Claim], own: &HashSet<CredentialKey>) -> bool {
    claims
        .iter()
        .all(|claim| own.contains(&claim.key) || !own.iter().any(|key| key.domain == claim.key.domain))
}

/// The key line of the author when the claims name exactly this party; a marketplace needs its member beside it.
fn author(claims: &[Claim], own: &HashSet<CredentialKey>) -> Option<String> {
    if !agrees(claims, own) {
        return None;
    }
    let of = |marketplace: bool| {
        claims
            .iter()
            .find(|claim| claim.marketplace == marketplace && own.contains(&claim.key))
    };
    let market_claimed = claims.iter().any(|claim| claim.marketplace);
    match (of(true), of(false)) {
        (Some(market), Some(member)) => Some(format!("{}|{}", market.key.line(), member.key.line())),
        (None, Some(member)) if !market_claimed => Some(member.key.line()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
