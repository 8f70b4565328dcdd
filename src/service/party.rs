//! Suppliers, buyers and connections: the directory in memory, and what makes and changes them.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::party::{
    Buyer, Certificate, Connection, ConnectionSettings, ConnectionState, DeploymentMode, Identity, IdentityRole,
    Secret, SecretKind, Tenant,
};
use crate::domain::trust::{Directory, Entry, Known};
use crate::profile;
use crate::service::{Error, Gateway};
use crate::store::party::Everyone;
use crate::store::{self, StoreError, Tx};

/// Reads the directory anew from the store.
///
/// # Errors
/// The store would not.
pub async fn reload(gateway: &Gateway) -> Result<(), Error> {
    let everyone = gateway.store.read(async |tx| store::party::everyone(tx).await).await?;
    gateway.replace_directory(directory(everyone));
    Ok(())
}

/// The buyer's procurement system, as people call it.
pub fn system_name(known: &Known) -> &str {
    let code = known.connection.profile.as_str();
    profile::find(code)
        .filter(|profile| profile.code != "generic")
        .map_or(known.connection.name.as_str(), |profile| profile.name.as_str())
}

fn directory(rows: Everyone) -> Directory {
    let buyers: HashMap<Uuid, Buyer> = rows.buyers.into_iter().map(|buyer| (buyer.id, buyer)).collect();
    let mut secrets: HashMap<Uuid, Vec<Secret>> = HashMap::new();
    for secret in rows.secrets {
        secrets.entry(secret.connection_id).or_default().push(secret);
    }
    let mut certificates: HashMap<Uuid, Vec<Certificate>> = HashMap::new();
    for certificate in rows.certificates {
        certificates
            .entry(certificate.connection_id)
            .or_default()
            .push(certificate);
    }
    let mut entries = Vec::new();
    for connection in rows.connections {
        let settings = match profile::settings(&connection) {
            Ok(settings) => settings,
            Err(error) => {
                // One connection with a bad setting must not close the door for all others.
                tracing::error!(connection = %connection.code, %error, "connection.unusable");
                continue;
            }
        };
        let Some(buyer) = buyers.get(&connection.buyer_id).cloned() else {
            continue;
        };
        entries.push(Entry {
            buyer,
            settings,
            secrets: secrets.remove(&connection.id).unwrap_or_default(),
            certificates: certificates.remove(&connection.id).unwrap_or_default(),
            connection,
        });
    }
    Directory::new(rows.tenants, entries, &rows.identities)
}

/// A supplier to be made.
#[derive(Clone, Debug)]
pub struct NewTenant<'a> {
    /// Short name.
    pub code: &'a str,
    /// Name that people see.
    pub name: &'a str,
    /// IANA time zone.
    pub time_zone: &'a str,
    /// ISO 4217 currency.
    pub currency: &'a str,
    /// Names by which partners call it: domain and identity.
    pub identities: &'a [(&'a str, &'a str)],
}

/// Makes a supplier.
///
/// # Errors
/// The short name is taken, or the store would not.
pub async fn create_tenant(gateway: &Gateway, new: &NewTenant<'_>) -> Result<Uuid, Error> {
    let tenant = Tenant {
        id: gateway.clock.new_id(),
        code: new.code.to_owned(),
        name: new.name.to_owned(),
        time_zone: new.time_zone.to_owned(),
        currency: new.currency.to_owned(),
    };
    let id = tenant.id;
    let identities = identities(gateway, id, None, IdentityRole::To, new.identities);
    gateway
        .store
        .write(async move |tx| {
            store::party::insert(tx, &tenant).await?;
            store::party::add_identities(tx, &identities).await
        })
        .await?;
    reload(gateway).await?;
    Ok(id)
}

/// A connection to be made, with its buyer where that is not there yet.
#[derive(Clone, Debug)]
pub struct NewConnection<'a> {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The buyer: short name and name.
    pub buyer: (&'a str, &'a str),
    /// Short name of the connection.
    pub code: &'a str,
    /// Name that people see.
    pub name: &'a str,
    /// Dialect profile.
    pub profile: &'a str,
    /// Test or production.
    pub mode: DeploymentMode,
    /// The customer account whose terms apply.
    pub account_code: &'a str,
    /// `From` credentials.
    pub from: &'a [(&'a str, &'a str)],
    /// `Sender` credentials.
    pub sender: &'a [(&'a str, &'a str)],
    /// Shared secret, where one is used.
    pub shared_secret: Option<&'a str>,
    /// What differs from the profile.
    pub settings: ConnectionSettings,
}

/// A connection with everything that belongs to it, checked and ready to be stored.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    new_buyer: Option<Buyer>,
    pub(super) connection: Connection,
    identities: Vec<Identity>,
    secret: Option<Secret>,
}

impl Prepared {
    /// Stores all of it.
    pub(super) async fn insert(&self, tx: &mut Tx) -> Result<(), StoreError> {
        if let Some(buyer) = &self.new_buyer {
            store::party::insert(tx, buyer).await?;
        }
        store::party::insert(tx, &self.connection).await?;
        store::party::add_identities(tx, &self.identities).await?;
        if let Some(secret) = &self.secret {
            store::party::put_secret(tx, secret).await?;
        }
        Ok(())
    }
}

/// Checks a connection to be made and gives everything its identifiers.
///
/// # Errors
/// A setting is wrong, or the keys would not.
pub(super) fn prepare(gateway: &Gateway, new: &NewConnection<'_>) -> Result<Prepared, Error> {
    let (tenant_id, now) = (new.tenant_id, gateway.clock.now());
    let existing = gateway
        .directory()
        .connections()
        .map(|known| known.buyer.clone())
        .find(|buyer| buyer.tenant_id == tenant_id && buyer.code == new.buyer.0);
    let is_new_buyer = existing.is_none();
    let buyer = existing.unwrap_or_else(|| Buyer {
        tenant_id,
        id: gateway.clock.new_id(),
        code: new.buyer.0.to_owned(),
        name: new.buyer.1.to_owned(),
    });
    let connection = Connection {
        tenant_id,
        id: gateway.clock.new_id(),
        buyer_id: buyer.id,
        code: new.code.to_owned(),
        name: new.name.to_owned(),
        profile: new.profile.to_owned(),
        mode: new.mode,
        state: ConnectionState::Active,
        account_code: new.account_code.to_owned(),
        settings: new.settings.clone(),
        created_at: now,
    };
    profile::settings(&connection).map_err(|error| Error::Setting(error.to_string()))?;
    let id = connection.id;
    let roles = [(IdentityRole::From, new.from), (IdentityRole::Sender, new.sender)];
    let secret = match new.shared_secret {
        None => None,
        Some(text) => Some(secret(gateway, tenant_id, id, 1, SecretKind::SharedSecret, text, now)?),
    };
    Ok(Prepared {
        new_buyer: is_new_buyer.then_some(buyer),
        connection,
        identities: roles
            .into_iter()
            .flat_map(|(role, list)| identities(gateway, tenant_id, Some(id), role, list))
            .collect(),
        secret,
    })
}

/// Makes a connection.
///
/// # Errors
/// A short name is taken, a setting is wrong, or the store would not.
pub async fn create_connection(gateway: &Gateway, new: &NewConnection<'_>) -> Result<Uuid, Error> {
    let prepared = prepare(gateway, new)?;
    let id = prepared.connection.id;
    gateway.store.write(async move |tx| prepared.insert(tx).await).await?;
    reload(gateway).await?;
    Ok(id)
}

/// Sets a secret in a slot; the other slot stays valid, so that partners can rotate without a gap.
///
/// # Errors
/// The keys or the store would not.
pub async fn set_secret(
    gateway: &Gateway,
    tenant_id: Uuid,
    connection_id: Uuid,
    slot: i64,
    kind: SecretKind,
    text: &str,
) -> Result<(), Error> {
    let secret = secret(gateway, tenant_id, connection_id, slot, kind, text, gateway.clock.now())?;
    gateway
        .store
        .write(async move |tx| store::party::put_secret(tx, &secret).await)
        .await?;
    reload(gateway).await
}

/// Ends the validity of a slot at an instant.
///
/// # Errors
/// The store would not.
pub async fn end_secret(
    gateway: &Gateway,
    tenant_id: Uuid,
    connection_id: Uuid,
    slot: i64,
    kind: SecretKind,
    at: Timestamp,
) -> Result<(), Error> {
    let directory = gateway.directory();
    let held = directory
        .connection(connection_id)
        .filter(|known| known.tenant.id == tenant_id);
    let ended = held
        .and_then(|known| {
            known
                .secrets
                .iter()
                .find(|secret| secret.slot == slot && secret.kind == kind)
        })
        .map(|secret| Secret {
            not_after: Some(at),
            ..secret.clone()
        });
    if let Some(secret) = ended {
        gateway
            .store
            .write(async move |tx| store::party::put_secret(tx, &secret).await)
            .await?;
    }
    reload(gateway).await
}

/// Adds a client certificate to a connection.
///
/// # Errors
/// The store would not.
pub async fn add_certificate(gateway: &Gateway, certificate: Certificate) -> Result<(), Error> {
    gateway
        .store
        .write(async move |tx| store::party::insert(tx, &certificate).await)
        .await?;
    reload(gateway).await
}

/// Changes a connection: its settings, state, account or name.
///
/// # Errors
/// A setting is wrong, or the store would not.
pub async fn update_connection(gateway: &Gateway, connection: Connection) -> Result<(), Error> {
    profile::settings(&connection).map_err(|error| Error::Setting(error.to_string()))?;
    gateway
        .store
        .write(async move |tx| store::party::update_connection(tx, &connection).await)
        .await?;
    reload(gateway).await
}

/// Credentials of one role, with identifiers.
pub(super) fn identities(
    gateway: &Gateway,
    tenant_id: Uuid,
    connection_id: Option<Uuid>,
    role: IdentityRole,
    list: &[(&str, &str)],
) -> Vec<Identity> {
    let identity = |(domain, identity): &(&str, &str)| Identity {
        tenant_id,
        id: gateway.clock.new_id(),
        connection_id,
        role,
        domain: (*domain).to_owned(),
        identity: identity.trim().to_owned(),
    };
    list.iter().map(identity).collect()
}

/// A secret from now on, kept as its kind is kept.
pub(super) fn secret(
    gateway: &Gateway,
    tenant_id: Uuid,
    connection_id: Uuid,
    slot: i64,
    kind: SecretKind,
    text: &str,
    now: Timestamp,
) -> Result<Secret, Error> {
    let (keyed_hash, sealed) = match kind {
        SecretKind::SharedSecret => (gateway.keys.hash(text.as_bytes()).to_vec(), None),
        SecretKind::CredentialMac => (Vec::new(), Some(gateway.keys.seal(&gateway.clock, text.as_bytes())?)),
    };
    let characters = text.chars().count();
    let hint = if characters < 12 {
        String::new()
    } else {
        text.chars().skip(characters - 4).collect()
    };
    Ok(Secret {
        tenant_id,
        id: gateway.clock.new_id(),
        connection_id,
        slot,
        kind,
        keyed_hash,
        sealed,
        hint,
        not_before: now,
        not_after: None,
        created_at: now,
    })
}
