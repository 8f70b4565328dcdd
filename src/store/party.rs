//! Suppliers, buyers, connections, and by what they are recognised.

use uuid::Uuid;

pub use super::rows::insert;
use super::{StoreError, Tx, rows};
use crate::domain::party::{
    Buyer, Certificate, Connection, ConnectionSettings, ConnectionState, DeploymentMode, Identity, IdentityRole,
    Secret, SecretKind, Tenant,
};

words!(DeploymentMode, ConnectionState, IdentityRole, SecretKind);
json!(ConnectionSettings);
columns!(Tenant: "tenant" { id, code, name, time_zone, currency });
columns!(Buyer: "buyer" { tenant_id, id, code, name });
columns!(Connection: "connection" {
    tenant_id, id, buyer_id, code, name, profile, mode, state, account_code, settings, created_at,
});
columns!(Identity: "identity" { tenant_id, id, connection_id, role, domain, identity });
columns!(Secret: "secret" {
    tenant_id, id, connection_id, slot, kind, keyed_hash, sealed, hint, not_before, not_after, created_at,
});
columns!(Certificate: "certificate" { tenant_id, id, connection_id, spki_sha256, subject, issuer, created_at });

/// Everyone we know, for the directory in memory.
#[derive(Clone, Debug, Default)]
pub struct Everyone {
    /// Suppliers.
    pub tenants: Vec<Tenant>,
    /// Buying organisations.
    pub buyers: Vec<Buyer>,
    /// Connections.
    pub connections: Vec<Connection>,
    /// By what they are recognised.
    pub identities: Vec<Identity>,
    /// Their secrets.
    pub secrets: Vec<Secret>,
    /// Their client certificates.
    pub certificates: Vec<Certificate>,
}

/// Reads everyone: suppliers and connections are few.
///
/// # Errors
/// As every statement.
pub async fn everyone(tx: &mut Tx) -> Result<Everyone, StoreError> {
    Ok(Everyone {
        tenants: tenants(tx).await?,
        buyers: all!(tx, "SELECT * FROM buyer ORDER BY tenant_id, code")?,
        connections: all!(tx, "SELECT * FROM connection ORDER BY tenant_id, code")?,
        identities: all!(tx, "SELECT * FROM identity ORDER BY tenant_id, id")?,
        secrets: all!(tx, "SELECT * FROM secret ORDER BY tenant_id, connection_id, kind, slot")?,
        certificates: all!(tx, "SELECT * FROM certificate ORDER BY tenant_id, id")?,
    })
}

/// Every supplier.
///
/// # Errors
/// As every statement.
pub async fn tenants(tx: &mut Tx) -> Result<Vec<Tenant>, StoreError> {
    all!(tx, "SELECT * FROM tenant ORDER BY code")
}

/// The supplier with this identifier.
///
/// # Errors
/// As every statement.
pub async fn tenant(tx: &mut Tx, id: Uuid) -> Result<Option<Tenant>, StoreError> {
    optional!(tx, "SELECT * FROM tenant WHERE id = $1", id)
}

/// The supplier with this code.
///
/// # Errors
/// As every statement.
pub async fn find_tenant(tx: &mut Tx, code: &str) -> Result<Option<Tenant>, StoreError> {
    optional!(tx, "SELECT * FROM tenant WHERE code = $1", code)
}

/// The buyers of a supplier.
///
/// # Errors
/// As every statement.
pub async fn buyers(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Buyer>, StoreError> {
    all!(tx, "SELECT * FROM buyer WHERE tenant_id = $1 ORDER BY code", tenant_id)
}

/// The connections of a supplier.
///
/// # Errors
/// As every statement.
pub async fn connections(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Connection>, StoreError> {
    all!(
        tx,
        "SELECT * FROM connection WHERE tenant_id = $1 ORDER BY name, code",
        tenant_id
    )
}

/// Every credential by which the supplier or its connections are recognised.
///
/// # Errors
/// As every statement.
pub async fn identities(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Identity>, StoreError> {
    all!(
        tx,
        "SELECT * FROM identity WHERE tenant_id = $1 ORDER BY role, id",
        tenant_id
    )
}

/// The secrets of a connection.
///
/// # Errors
/// As every statement.
pub async fn secrets(tx: &mut Tx, tenant_id: Uuid, connection_id: Uuid) -> Result<Vec<Secret>, StoreError> {
    all!(
        tx,
        "SELECT * FROM secret WHERE tenant_id = $1 AND connection_id = $2 ORDER BY kind, slot",
        tenant_id,
        connection_id
    )
}

/// The buyer with this code.
///
/// # Errors
/// As every statement.
pub async fn find_buyer(tx: &mut Tx, tenant_id: Uuid, code: &str) -> Result<Option<Buyer>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM buyer WHERE tenant_id = $1 AND code = $2",
        tenant_id,
        code
    )
}

/// The connection with this identifier.
///
/// # Errors
/// As every statement.
pub async fn find_connection(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<Connection>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM connection WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// A connection that is to be written over: nobody else changes it until the transaction ends.
///
/// # Errors
/// As every statement.
pub async fn connection_to_change(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<Connection>, StoreError> {
    tx.lock("connection", &format!("{tenant_id} {id}")).await?;
    find_connection(tx, tenant_id, id).await
}

/// The connection with this code.
///
/// # Errors
/// As every statement.
pub async fn find_connection_by_code(
    tx: &mut Tx,
    tenant_id: Uuid,
    code: &str,
) -> Result<Option<Connection>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM connection WHERE tenant_id = $1 AND code = $2",
        tenant_id,
        code
    )
}

/// Writes a connection's values over its present ones; tells whether it is there.
///
/// # Errors
/// [`StoreError::Conflict`] when its code is another's.
pub async fn update_connection(tx: &mut Tx, connection: &Connection) -> Result<bool, StoreError> {
    let touched = execute!(
        tx,
        "UPDATE connection SET code = $3, name = $4, profile = $5, mode = $6, state = $7, account_code = $8, \
         settings = $9 WHERE tenant_id = $1 AND id = $2",
        connection.tenant_id,
        connection.id,
        connection.code,
        connection.name,
        connection.profile,
        connection.mode,
        connection.state,
        connection.account_code,
        connection.settings
    )?;
    Ok(touched == 1)
}

/// Puts a secret in its slot, in place of the one that was there.
///
/// # Errors
/// As every statement.
pub async fn put_secret(tx: &mut Tx, secret: &Secret) -> Result<(), StoreError> {
    rows::upsert_all(tx, std::slice::from_ref(secret), "tenant_id, connection_id, kind, slot").await
}

/// Takes a secret away.
///
/// # Errors
/// As every statement.
pub async fn delete_secret(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<bool, StoreError> {
    Ok(execute!(tx, "DELETE FROM secret WHERE tenant_id = $1 AND id = $2", tenant_id, id)? == 1)
}

/// Takes an identity away.
///
/// # Errors
/// As every statement.
pub async fn delete_identity(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<bool, StoreError> {
    Ok(execute!(
        tx,
        "DELETE FROM identity WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )? == 1)
}

/// Takes a certificate away.
///
/// # Errors
/// As every statement.
pub async fn delete_certificate(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<bool, StoreError> {
    Ok(execute!(
        tx,
        "DELETE FROM certificate WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )? == 1)
}

/// Adds credentials to connections and suppliers; those that are there already stay as they are.
///
/// # Errors
/// As every statement.
pub async fn add_identities(tx: &mut Tx, identities: &[Identity]) -> Result<(), StoreError> {
    for identity in identities {
        rows::insert_new(tx, identity, "").await?;
    }
    Ok(())
}
