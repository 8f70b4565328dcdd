//! The supplier's own people: sign-in, sign-out, and who they are.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use openssl::sha::sha256;
use uuid::Uuid;

use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{AuditEntry, Deed, Role, Staff, StaffSession};
use crate::service::{Error, Gateway};
use crate::store::{self, StoreError};

/// How long a sign-in lasts, in hours: a working day.
pub const SIGN_IN_HOURS: i64 = 12;

/// Shortest password in characters (NIST SP 800-63B asks for eight; administrators hold keys to orders).
pub const PASSWORD_CHARS_MIN: usize = 12;

/// A hash that no password has, so that an unknown name costs the same time as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Refuses what the person's role does not include.
///
/// # Errors
/// The role is too low.
pub fn allow(staff: &Staff, deed: Deed) -> Result<(), Refusal> {
    if staff.may(deed) {
        Ok(())
    } else {
        let text = "Your role does not include this; ask an administrator of your company.";
        Err(Refusal::new(Code::Forbidden, text))
    }
}

/// What is written down about a deed, in the transaction that does it; `detail` never has secrets.
pub fn entry(gateway: &Gateway, staff: &Staff, deed: Deed, subject: Uuid, detail: serde_json::Value) -> AuditEntry {
    AuditEntry {
        tenant_id: staff.tenant_id,
        id: gateway.clock.new_id(),
        at: gateway.clock.now(),
        staff_id: Some(staff.id),
        action: deed.action().to_owned(),
        subject: subject.to_string(),
        detail,
    }
}

/// Makes a member of staff.
///
/// # Errors
/// The password is too short, the name is taken, or the store would not.
pub async fn create(
    gateway: &Gateway,
    tenant_id: Uuid,
    login: &str,
    name: &str,
    password: &str,
    role: Role,
) -> Result<Staff, Error> {
    let person = prepare(gateway, tenant_id, login, name, password, role).await?;
    store_new(gateway, person, None).await
}

/// Makes a member of staff, as a person of the supplier wants.
///
/// # Errors
/// The role is too low, a field is not right, or the store would not.
pub async fn create_by(
    gateway: &Gateway,
    by: &Staff,
    login: &str,
    name: &str,
    password: &str,
    role: Role,
) -> Result<Staff, Error> {
    allow(by, Deed::CreateStaff)?;
    let person = prepare(gateway, by.tenant_id, login, name, password, role).await?;
    let detail = serde_json::json!({ "login": person.login, "role": role });
    let audit = entry(gateway, by, Deed::CreateStaff, person.id, detail);
    store_new(gateway, person, Some(audit)).await
}

/// Everyone of the supplier.
///
/// # Errors
/// The store would not.
pub async fn list(gateway: &Gateway, tenant_id: Uuid) -> Result<Vec<Staff>, Error> {
    Ok(gateway
        .store
        .read(async |tx| store::staff::list(tx, tenant_id).await)
        .await?)
}

async fn prepare(
    gateway: &Gateway,
    tenant_id: Uuid,
    login: &str,
    name: &str,
    password: &str,
    role: Role,
) -> Result<Staff, Error> {
    let login = login.trim().to_lowercase();
    if login.is_empty() || login.chars().count() > 100 || login.chars().any(|c| c.is_whitespace() || c.is_control()) {
        let text = "The sign-in name is missing, too long, or has blanks in it.";
        return Err(Refusal::new(Code::BadRequest, text).at("login").into());
    }
    if name.chars().count() > 100 {
        let text = "The name has more than 100 characters.";
        return Err(Refusal::new(Code::BadRequest, text).at("name").into());
    }
    if password.chars().count() < PASSWORD_CHARS_MIN {
        let text = format!("The password must have at least {PASSWORD_CHARS_MIN} characters.");
        return Err(Refusal::new(Code::BadRequest, text).at("password").into());
    }
    Ok(Staff {
        tenant_id,
        id: gateway.clock.new_id(),
        login,
        name: name.trim().to_owned(),
        password_hash: hash(password.to_owned()).await?,
        role,
        disabled: false,
        created_at: gateway.clock.now(),
    })
}

async fn store_new(gateway: &Gateway, person: Staff, audit: Option<AuditEntry>) -> Result<Staff, Error> {
    let row = person.clone();
    let outcome = gateway
        .store
        .write(async move |tx| {
            store::staff::insert(tx, &row).await?;
            match &audit {
                Some(audit) => store::staff::insert(tx, audit).await,
                None => Ok(()),
            }
        })
        .await;
    match outcome {
        Err(error) if error.is_conflict("staff") => Err(Refusal::new(Code::Conflict, "This sign-in name is taken.")
            .at("login")
            .into()),
        other => Ok(other.map(|()| person)?),
    }
}

/// Signs a person in and returns the token for the cookie; `None` for every reason why not.
///
/// # Errors
/// The store would not.
pub async fn sign_in(gateway: &Gateway, login: &str, password: &str) -> Result<Option<String>, Error> {
    let login = login.trim().to_lowercase();
    let tenants: Vec<Uuid> = gateway.directory().tenants().map(|tenant| tenant.id).collect();
    let found = gateway
        .store
        .read(async |tx| {
            for tenant_id in tenants {
                if let Some(staff) = store::staff::find_by_login(tx, tenant_id, &login).await? {
                    return Ok::<_, StoreError>(Some(staff));
                }
            }
            Ok(None)
        })
        .await?;
    let hash = found.as_ref().map_or(NOBODY, |staff| &staff.password_hash).to_owned();
    let password = password.to_owned();
    let fits = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .verify_password(password.as_bytes(), hash.as_str())
            .is_ok()
    })
    .await
    .unwrap_or(false);
    let Some(staff) = found.filter(|staff| fits && !staff.disabled) else {
        return Ok(None);
    };
    let token = URL_SAFE_NO_PAD.encode([staff.tenant_id.as_bytes().as_slice(), &gateway.clock.new_token()].concat());
    let now = gateway.clock.now();
    let session = StaffSession {
        tenant_id: staff.tenant_id,
        token_hash: sha256(token.as_bytes()).to_vec(),
        staff_id: staff.id,
        valid_until: now + SignedDuration::from_hours(SIGN_IN_HOURS),
        created_at: now,
    };
    let audit = AuditEntry {
        tenant_id: staff.tenant_id,
        id: gateway.clock.new_id(),
        at: now,
        staff_id: Some(staff.id),
        action: "staff.sign_in".to_owned(),
        subject: staff.id.to_string(),
        detail: serde_json::Value::Null,
    };
    gateway
        .store
        .write(async move |tx| {
            store::staff::insert(tx, &session).await?;
            store::staff::insert(tx, &audit).await
        })
        .await?;
    Ok(Some(token))
}

/// The person behind a cookie.
///
/// # Errors
/// The store would not.
pub async fn signed_in(gateway: &Gateway, token: &str) -> Result<Option<Staff>, Error> {
    let Some((tenant_id, hash)) = read_token(token) else {
        return Ok(None);
    };
    let now = gateway.clock.now();
    Ok(gateway
        .store
        .read(async |tx| store::staff::find_session(tx, tenant_id, &hash, now).await)
        .await?)
}

/// Ends a sign-in.
///
/// # Errors
/// The store would not.
pub async fn sign_out(gateway: &Gateway, token: &str) -> Result<(), Error> {
    if let Some((tenant_id, hash)) = read_token(token) {
        gateway
            .store
            .write(async move |tx| store::staff::end_session(tx, tenant_id, &hash).await)
            .await?;
    }
    Ok(())
}

/// A code that admin pages put into their forms, bound to the sign-in.
///
/// # Errors
/// The cryptographic library failed.
pub fn form_code(gateway: &Gateway, token: &str) -> Result<String, Error> {
    Ok(URL_SAFE_NO_PAD.encode(gateway.keys.sign("staff form", token.as_bytes(), 16)))
}

/// Whether a form came from a page of this sign-in.
///
/// # Errors
/// The cryptographic library failed.
pub fn check_form_code(gateway: &Gateway, token: &str, code: &str) -> Result<bool, Error> {
    let expected = form_code(gateway, token)?;
    Ok(expected.len() == code.len() && openssl::memcmp::eq(expected.as_bytes(), code.as_bytes()))
}

fn read_token(token: &str) -> Option<(Uuid, Vec<u8>)> {
    if token.len() > 100 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let tenant_id = Uuid::from_slice(bytes.get(..16)?).ok()?;
    Some((tenant_id, sha256(token.as_bytes()).to_vec()))
}

async fn hash(password: String) -> Result<String, Error> {
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
    });
    match hashed.await {
        Ok(Ok(hash)) => Ok(hash),
        _ => Err(Error::Setting("the password could not be hashed".to_owned())),
    }
}
