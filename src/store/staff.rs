//! The supplier's own people, their sign-ins, and what they changed.

use jiff::Timestamp;
use uuid::Uuid;

pub use super::rows::insert;
use super::{StoreError, Tx};
use crate::domain::staff::{AuditEntry, Role, Staff, StaffSession};

words!(Role);
columns!(Staff: "staff" { tenant_id, id, login, name, password_hash, role, disabled, created_at });
columns!(StaffSession: "staff_session" { tenant_id, token_hash, staff_id, valid_until, created_at });
columns!(AuditEntry: "audit" { tenant_id, id, at, staff_id, action, subject, detail });

/// The member of staff with this identifier.
///
/// # Errors
/// As every statement.
pub async fn find(tx: &mut Tx, tenant_id: Uuid, id: Uuid) -> Result<Option<Staff>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM staff WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        id
    )
}

/// The member of staff with this sign-in name (in lower case).
///
/// # Errors
/// As every statement.
pub async fn find_by_login(tx: &mut Tx, tenant_id: Uuid, login: &str) -> Result<Option<Staff>, StoreError> {
    optional!(
        tx,
        "SELECT * FROM staff WHERE tenant_id = $1 AND login = $2",
        tenant_id,
        login
    )
}

/// Everyone of the supplier.
///
/// # Errors
/// As every statement.
pub async fn list(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Staff>, StoreError> {
    all!(tx, "SELECT * FROM staff WHERE tenant_id = $1 ORDER BY login", tenant_id)
}

/// Writes a person's values over the present ones, the sign-in name aside; tells whether the person is there.
///
/// # Errors
/// As every statement.
pub async fn update(tx: &mut Tx, staff: &Staff) -> Result<bool, StoreError> {
    let touched = execute!(
        tx,
        "UPDATE staff SET name = $3, password_hash = $4, role = $5, disabled = $6 WHERE tenant_id = $1 AND id = $2",
        staff.tenant_id,
        staff.id,
        staff.name,
        staff.password_hash,
        staff.role,
        staff.disabled
    )?;
    Ok(touched == 1)
}

/// The sign-in with this token, while it is valid and the person is not disabled.
///
/// # Errors
/// As every statement.
pub async fn find_session(
    tx: &mut Tx,
    tenant_id: Uuid,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Staff>, StoreError> {
    optional!(
        tx,
        "SELECT staff.* FROM staff_session JOIN staff \
         ON staff.tenant_id = staff_session.tenant_id AND staff.id = staff_session.staff_id \
         WHERE staff_session.tenant_id = $1 AND staff_session.token_hash = $2 AND staff_session.valid_until > $3 \
         AND NOT staff.disabled",
        tenant_id,
        token_hash,
        now
    )
}

/// Ends one sign-in.
///
/// # Errors
/// As every statement.
pub async fn end_session(tx: &mut Tx, tenant_id: Uuid, token_hash: &[u8]) -> Result<bool, StoreError> {
    let ended = execute!(
        tx,
        "DELETE FROM staff_session WHERE tenant_id = $1 AND token_hash = $2",
        tenant_id,
        token_hash
    )?;
    Ok(ended == 1)
}

/// Ends every sign-in of a person, as after a new password.
///
/// # Errors
/// As every statement.
pub async fn end_sessions(tx: &mut Tx, tenant_id: Uuid, staff_id: Uuid) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM staff_session WHERE tenant_id = $1 AND staff_id = $2",
        tenant_id,
        staff_id
    )
}

/// Removes sign-ins that are over.
///
/// # Errors
/// As every statement.
pub async fn sweep_sessions(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    execute!(tx, "DELETE FROM staff_session WHERE valid_until <= $1", now)
}

/// What was changed on one subject, or on all, the latest first.
///
/// # Errors
/// As every statement.
pub async fn audit(
    tx: &mut Tx,
    tenant_id: Uuid,
    subject: Option<&str>,
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    all!(
        tx,
        "SELECT * FROM audit WHERE tenant_id = $1 AND ($2 IS NULL OR subject = $2) ORDER BY id DESC LIMIT $3",
        tenant_id,
        subject,
        limit
    )
}
