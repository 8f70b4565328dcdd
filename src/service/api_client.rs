//! Programs: given a token that is shown once, let in by it, and shut out again.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::domain::api_client::{ApiClient, Scope, TokenState};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::service::limits::TooMany;
use crate::service::{Error, Gateway, exchange, staff};
use crate::store::{self, StoreError};

/// What every token begins with, so that people and scanners for lost secrets know one.
pub const TOKEN_PREFIX: &str = "pgt_";

/// Programs of one supplier whose tokens are not revoked: far more than there are systems to connect.
pub const PROGRAMS_MAX: i64 = 100;

/// Programs that are listed; beyond them there are only revoked ones.
const LISTED_MAX: i64 = 200;

/// Days that a token may be valid, where it has an end.
pub const DAYS_MAX: i64 = 3_650;

/// Characters of a name.
const NAME_CHARS_MAX: usize = 100;

/// Characters of a token that are kept as they are.
const HINT_CHARS: usize = 4;

/// The last use is noted once in so many seconds, not at every request.
const USED_SECONDS: i64 = 60;

/// Bytes of a token: the supplier, the program, and 256 random bits.
const TOKEN_BYTES: usize = 16 + 16 + 32;

/// A program to be made.
#[derive(Clone, Debug)]
pub struct NewClient<'a> {
    /// Its identifier, from the form: a form that is sent twice makes one program.
    pub id: Uuid,
    /// What people call it.
    pub name: &'a str,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Days that its token is valid; without an end where there is none.
    pub days: Option<i64>,
}

/// An identifier for a form that makes a program.
pub fn new_id(gateway: &Gateway) -> Uuid {
    gateway.clock.new_id()
}

/// Makes a program and its token, which is returned here and nowhere kept as it is.
///
/// # Errors
/// The role is too low, a field is not right, the form was sent before, or the store would not.
pub async fn create(gateway: &Gateway, by: &Staff, new: NewClient<'_>) -> Result<(ApiClient, String), Error> {
    staff::allow(by, Deed::CreateApiClient)?;
    let faults = faults(&new);
    if !faults.is_empty() {
        return Err(Error::Faulty(faults));
    }
    let secret = gateway.clock.new_token();
    let token = [by.tenant_id.as_bytes().as_slice(), new.id.as_bytes(), &secret].concat();
    let token = format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(token));
    let now = gateway.clock.now();
    let client = ApiClient {
        tenant_id: by.tenant_id,
        id: new.id,
        name: new.name.trim().to_owned(),
        scopes: new.scopes,
        token_hash: gateway.keys.hash(token.as_bytes()).to_vec(),
        hint: token[token.len() - HINT_CHARS..].to_owned(),
        created_by: by.id,
        created_at: now,
        last_used_at: None,
        expires_at: new.days.map(|days| now + SignedDuration::from_hours(24 * days)),
        revoked_at: None,
    };
    let detail = serde_json::json!({
        "name": client.name, "scopes": client.scopes, "expires": client.expires_at
    });
    let audit = staff::entry(gateway, by, Deed::CreateApiClient, client.id, detail);
    let row = client.clone();
    let outcome = gateway
        .store
        .write(async move |tx| {
            if store::api_client::count(tx, row.tenant_id).await? >= PROGRAMS_MAX {
                let text = format!("There are {PROGRAMS_MAX} programs already; revoke one that is not used any more.");
                return Ok::<_, StoreError>(Err(Refusal::new(Code::Conflict, text)));
            }
            store::api_client::insert(tx, &row).await?;
            store::staff::insert(tx, &audit).await?;
            Ok(Ok(()))
        })
        .await;
    match outcome {
        Err(error) if error.is_conflict("api_client") => {
            let text = "This form was sent before and the program is made; its token was shown then. \
                        If the token is lost, revoke it and make another.";
            Err(Refusal::new(Code::Conflict, text).into())
        }
        other => Ok(other?.map(|()| (client, token))?),
    }
}

fn faults(new: &NewClient<'_>) -> Vec<Refusal> {
    let mut faults = Vec::new();
    let mut wrong = |field: &str, text: &str| faults.push(Refusal::new(Code::BadRequest, text).at(field));
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        wrong(
            "name",
            "The name is missing, or has more than 100 characters or a line break.",
        );
    }
    if new.scopes.is_empty() {
        wrong("scopes", "Choose at least one thing that the program may do.");
    }
    if new.days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        wrong("days", "Choose how long the token is valid.");
    }
    faults
}

/// The programs of a supplier, those whose tokens are not revoked first.
///
/// # Errors
/// The store would not.
pub async fn list(gateway: &Gateway, tenant_id: Uuid) -> Result<Vec<ApiClient>, Error> {
    Ok(gateway
        .store
        .read(async |tx| store::api_client::list(tx, tenant_id, LISTED_MAX).await)
        .await?)
}

/// Revokes the token of a program, at once and for ever; doing it again changes nothing.
///
/// # Errors
/// The role is too low, there is no such program, or the store would not.
pub async fn revoke(gateway: &Gateway, by: &Staff, id: Uuid) -> Result<(), Error> {
    staff::allow(by, Deed::RevokeApiClient)?;
    let (tenant_id, now) = (by.tenant_id, gateway.clock.now());
    let found = gateway
        .store
        .read(async |tx| store::api_client::find(tx, tenant_id, id).await)
        .await?;
    let client = found.ok_or_else(|| Refusal::new(Code::ExpectationFailed, "There is no such program."))?;
    let detail = serde_json::json!({ "name": client.name });
    let audit = staff::entry(gateway, by, Deed::RevokeApiClient, id, detail);
    gateway
        .store
        .write(async move |tx| {
            if store::api_client::revoke(tx, tenant_id, id, now).await? {
                store::staff::insert(tx, &audit).await?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(())
}

/// Why a program is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// No valid token is this one; only the security log says why.
    Token,
    /// Its address sent too many wrong tokens.
    TooMany(TooMany),
}

/// The program behind a token.
///
/// The program is looked up by its identifier and the token compared in constant time, with a hash that no token has
/// where there is no such program.
///
/// # Errors
/// The store would not.
pub async fn let_in(gateway: &Gateway, token: &str, remote: IpAddr) -> Result<Result<ApiClient, Denied>, Error> {
    let (tenant_id, id) = read(token).unwrap_or_default();
    let found = gateway
        .store
        .read(async |tx| store::api_client::find(tx, tenant_id, id).await)
        .await?;
    let hash = found.as_ref().map_or(&[0; 32][..], |client| &client.token_hash);
    let fits = gateway.keys.matches(token.as_bytes(), hash);
    let now = gateway.clock.now();
    let kind = match found.filter(|_| fits) {
        None => "token.unknown",
        Some(client) => match client.state_at(now) {
            TokenState::Valid => {
                note_use(gateway, &client).await?;
                return Ok(Ok(client));
            }
            TokenState::Expired => "token.expired",
            TokenState::Revoked => "token.revoked",
        },
    };
    if let Err(over) = gateway.limits.failure(remote) {
        return Ok(Err(Denied::TooMany(over)));
    }
    metrics::counter!("punchgate_denied_total", "kind" => kind).increment(1);
    // Without a supplier nobody would read it.
    if gateway.directory().tenant(tenant_id).is_some() {
        let text = format!("A token was refused; it named the program {id}.");
        exchange::note_event(gateway, tenant_id, None, kind, &remote.to_string(), &text).await?;
    }
    Ok(Err(Denied::Token))
}

/// Supplier and program that a token names.
fn read(token: &str) -> Option<(Uuid, Uuid)> {
    let encoded = token.strip_prefix(TOKEN_PREFIX)?;
    if encoded.len() > TOKEN_BYTES * 2 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
    if bytes.len() != TOKEN_BYTES {
        return None;
    }
    let id = |from: usize| Uuid::from_slice(bytes.get(from..from + 16)?).ok();
    Some((id(0)?, id(16)?))
}

async fn note_use(gateway: &Gateway, client: &ApiClient) -> Result<(), Error> {
    let (tenant_id, id, now) = (client.tenant_id, client.id, gateway.clock.now());
    let is_fresh = |last| now < last + SignedDuration::from_secs(USED_SECONDS);
    if client.last_used_at.is_some_and(is_fresh) {
        return Ok(());
    }
    gateway
        .store
        .write(async move |tx| store::api_client::used(tx, tenant_id, id, now).await)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_name_supplier_and_program() {
        let (tenant, id) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let whole = [tenant.as_bytes().as_slice(), id.as_bytes(), &[7; 32]].concat();
        let token = |bytes: &[u8]| format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
        assert_eq!(read(&token(&whole)), Some((tenant, id)));
        assert_eq!(read(&token(&whole[1..])), None);
        assert_eq!(read(&token(&[&whole[..], &[0]].concat())), None);
        assert_eq!(read(token(&whole).trim_start_matches(TOKEN_PREFIX)), None);
        for other in ["", "pgt_", "pgt_%", "bearer"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
