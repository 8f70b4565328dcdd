//! The secrets of a connection: given, shown once, ended.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::form::Faults;
use super::{gone, look};
use crate::domain::party::{Secret, SecretKind};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::service::{Error, Gateway, party, staff};
use crate::store::{self, StoreError};

/// Days that an old secret stays valid while the buyer changes to the new one.
pub const OVERLAP_DAYS: i64 = 14;

/// Days before its end from which a secret is shown as ending.
pub const ENDING_DAYS: i64 = 14;

/// The slots of one kind of secret.
pub(super) const SLOTS: [i64; 2] = [1, 2];

/// A secret that was just given; it is shown once and nowhere kept as it is.
#[derive(Clone)]
pub struct Issued {
    /// Slot 1 or 2.
    pub slot: i64,
    /// The secret.
    pub text: String,
}

/// 192 random bits as 32 letters that no form, XML document or mail changes.
pub(super) fn new_secret(gateway: &Gateway) -> String {
    URL_SAFE_NO_PAD.encode(&gateway.clock.new_token()[..24])
}

/// What tells one state of a connection's secrets from the next: a form that was made before a change is refused.
pub fn seen(secrets: &[Secret]) -> String {
    let latest = secrets.iter().map(|secret| (secret.id, secret.not_after)).max();
    latest.map_or_else(
        || "none".to_owned(),
        |(id, end)| format!("{id}/{}", end.map(|end| end.to_string()).unwrap_or_default()),
    )
}

/// Gives a connection a new secret in its free slot: ours, or the one that the buyer brought.
///
/// # Errors
/// The role is too low, no slot is free, the form is older than the last change, or the store would not.
pub async fn issue_secret(
    gateway: &Gateway,
    by: &Staff,
    id: Uuid,
    kind: SecretKind,
    brought: Option<&str>,
    form_seen: &str,
) -> Result<Issued, Error> {
    staff::allow(by, Deed::IssueSecret)?;
    let mut faults = Faults::default();
    faults.secret(brought);
    faults.none()?;
    let tenant_id = by.tenant_id;
    let text = brought.map_or_else(|| new_secret(gateway), str::to_owned);
    let now = gateway.clock.now();
    let new = party::secret(gateway, tenant_id, id, 0, kind, &text, now)?;
    let detail = serde_json::json!({ "kind": kind });
    let audit = staff::entry(gateway, by, Deed::IssueSecret, id, detail);
    let form_seen = form_seen.to_owned();
    let outcome = gateway
        .store
        .write(async move |tx| {
            let held = store::party::secrets(tx, tenant_id, id).await?;
            if store::party::find_connection(tx, tenant_id, id).await?.is_none() {
                return Ok::<_, StoreError>(Err(gone()));
            }
            if seen(&held) != form_seen {
                return Ok(Err(changed_meanwhile()));
            }
            let Some(slot) = free_slot(&held, kind, now) else {
                let text = "Two secrets are valid already. End one of them, then give a new one.";
                return Ok(Err(Refusal::new(Code::Conflict, text)));
            };
            store::party::put_secret(tx, &Secret { slot, ..new.clone() }).await?;
            store::staff::insert(tx, &audit).await?;
            Ok(Ok(slot))
        })
        .await?;
    party::reload(gateway).await?;
    Ok(Issued { slot: outcome?, text })
}

fn changed_meanwhile() -> Refusal {
    let text = "The secrets were changed since you opened the page. Look at them again.";
    Refusal::new(Code::Conflict, text)
}

/// The first slot of this kind that holds no valid secret.
pub fn free_slot(held: &[Secret], kind: SecretKind, now: Timestamp) -> Option<i64> {
    let is_taken = |slot: i64| {
        held.iter()
            .any(|secret| secret.kind == kind && secret.slot == slot && secret.not_after.is_none_or(|end| now < end))
    };
    SLOTS.into_iter().find(|slot| !is_taken(*slot))
}

/// When the last valid secret ends, if each of them has an end.
pub(super) fn last_end(secrets: &[Secret], now: Timestamp) -> Option<Timestamp> {
    let ends = secrets
        .iter()
        .filter(|secret| secret.is_valid_at(now))
        .map(|secret| secret.not_after);
    ends.collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// Ends a secret after the overlap that lets the buyer change to another one; or at once, which asks for the
/// connection's name, because it cannot be taken back.
///
/// # Errors
/// The role is too low, the name is another, the secret is gone or over, or the store would not.
pub async fn end_secret(
    gateway: &Gateway,
    by: &Staff,
    id: Uuid,
    secret_id: Uuid,
    at_once: Option<&str>,
) -> Result<(), Error> {
    staff::allow(by, Deed::EndSecret)?;
    let tenant_id = by.tenant_id;
    let now = gateway.clock.now();
    let end = match at_once {
        None => now + SignedDuration::from_hours(24 * OVERLAP_DAYS),
        Some(name) => {
            let looked = look(gateway, tenant_id, id).await?.ok_or_else(gone)?;
            if looked.connection.name.trim() != name.trim() {
                let text = "The name that you typed is not the connection's; nothing was done.";
                return Err(Refusal::new(Code::BadRequest, text).at("confirm").into());
            }
            now
        }
    };
    let detail = serde_json::json!({ "secret": secret_id, "ends": end });
    let audit = staff::entry(gateway, by, Deed::EndSecret, id, detail);
    let ended = gateway
        .store
        .write(async move |tx| {
            let held = store::party::secrets(tx, tenant_id, id).await?;
            let secret = held.into_iter().find(|secret| secret.id == secret_id);
            // An end is only ever brought forward.
            let Some(secret) = secret.filter(|secret| secret.not_after.is_none_or(|held| end < held && now < held))
            else {
                return Ok::<_, StoreError>(false);
            };
            let secret = Secret {
                not_after: Some(end),
                ..secret
            };
            store::party::put_secret(tx, &secret).await?;
            store::staff::insert(tx, &audit).await?;
            Ok(true)
        })
        .await?;
    if !ended {
        return Err(changed_meanwhile().into());
    }
    party::reload(gateway).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_slots_and_no_third() {
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        let secret = |slot: i64, end: Option<&str>| Secret {
            tenant_id: Uuid::nil(),
            id: Uuid::from_u128(u128::from(slot.unsigned_abs())),
            connection_id: Uuid::nil(),
            slot,
            kind: SecretKind::SharedSecret,
            keyed_hash: Vec::new(),
            sealed: None,
            hint: String::new(),
            not_before: now,
            not_after: end.map(|end| end.parse().unwrap()),
            created_at: now,
        };
        let check = |held: &[Secret], expect: Option<i64>| {
            assert_eq!(free_slot(held, SecretKind::SharedSecret, now), expect);
        };
        check(&[], Some(1));
        check(&[secret(1, None)], Some(2));
        check(&[secret(1, Some("2026-11-24T08:00:00Z")), secret(2, None)], Some(1));
        check(&[secret(1, Some("2026-11-24T08:00:01Z")), secret(2, None)], None);
        assert_eq!(free_slot(&[secret(1, None)], SecretKind::CredentialMac, now), Some(1));
        let ends = |held: &[Secret]| last_end(held, now).map(|end| end.to_string());
        assert_eq!(ends(&[secret(1, None), secret(2, Some("2026-12-01T00:00:00Z"))]), None);
        assert_eq!(
            ends(&[secret(2, Some("2026-12-01T00:00:00Z"))]).as_deref(),
            Some("2026-12-01T00:00:00Z")
        );
    }
}
