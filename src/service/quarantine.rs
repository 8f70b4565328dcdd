//! Documents that were not let in: kept for a while, so that staff can bind them to a connection and replay them.

use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::cxml::Party;
use crate::domain::exchange::{Quarantined, SecurityEvent};
use crate::domain::party::{Identity, IdentityRole};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::trust::{Admitted, Denied};
use crate::service::answer::Answer;
use crate::service::exchange::{self, Arrival, Incoming};
use crate::service::trust::{Proof, Trusted};
use crate::service::{Error, Gateway, party};
use crate::store::{self, StoreError};
use crate::translate::claims;

/// Keeps a document that was not let in, and notes the event; returns the reference for the answer.
///
/// A document whose Sender is known but not allowed is noted only: its owner is known and can be asked.
///
/// # Errors
/// The store would not.
pub async fn keep(
    gateway: &Gateway,
    incoming: &Incoming,
    kind: &'static str,
    remote: IpAddr,
    now: Timestamp,
    denied: &Denied,
) -> Result<Option<Uuid>, Error> {
    let header = incoming.document.header();
    let claimed = claims::claims(header);
    let tenant_id = gateway.directory().addressee(&claimed.to).unwrap_or(Uuid::nil());
    let event = SecurityEvent {
        tenant_id,
        id: gateway.clock.new_id(),
        at: now,
        kind: kind.to_owned(),
        connection_id: None,
        remote: remote.to_string(),
        text: "A document was not let in.".to_owned(),
    };
    let limits = gateway.config.quarantine.clone();
    let document = matches!(denied, Denied::Sender(_)).then(|| Quarantined {
        tenant_id,
        id: gateway.clock.new_id(),
        received_at: now,
        keep_until: now + SignedDuration::from_hours(24 * limits.days),
        remote: remote.to_string(),
        document_type: incoming
            .document
            .payload_name()
            .unwrap_or_default()
            .chars()
            .take(100)
            .collect(),
        from_line: header.map(|header| lines(&header.from)).unwrap_or_default(),
        to_line: header.map(|header| lines(&header.to)).unwrap_or_default(),
        sender_line: header.map(|header| lines(&header.sender)).unwrap_or_default(),
        reason: kind.to_owned(),
        text: incoming.text.clone(),
        text_bytes: i64::try_from(incoming.text.len()).unwrap_or(i64::MAX),
        exchange_id: None,
    });
    let reference = document.as_ref().map(|document| document.id);
    gateway
        .store
        .write(async move |tx| {
            store::exchange::insert(tx, &event).await?;
            if let Some(document) = &document {
                // A document that alone is larger than the quarantine is noted but not kept.
                if document.text_bytes <= limits.bytes_max {
                    store::exchange::insert(tx, document).await?;
                    store::exchange::sweep_quarantine(tx, now, limits.documents_max, limits.bytes_max).await?;
                }
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(reference)
}

fn lines(party: &Party) -> String {
    let line = |(domain, identity): (&str, &str)| format!("{domain}|{identity}").chars().take(200).collect::<String>();
    let credentials = party.credentials.iter().take(10);
    let lines: Vec<String> = credentials
        .map(|credential| line((credential.domain(), credential.identity())))
        .collect();
    lines.join("\n")
}

/// Adds the identities of a kept document to a connection, so that later ones are recognised.
///
/// # Errors
/// The document or connection is gone, or the store would not.
pub async fn bind(gateway: &Gateway, tenant_id: Uuid, id: Uuid, connection_id: Uuid) -> Result<(), Error> {
    let kept = find(gateway, tenant_id, id).await?;
    let directory = gateway.directory();
    let known = directory
        .connection(connection_id)
        .filter(|known| known.tenant.id == tenant_id);
    if known.is_none() {
        return Err(Refusal::new(Code::ExpectationFailed, "The connection is not there any more.").into());
    }
    let mut identities = Vec::new();
    for (role, text) in [
        (IdentityRole::From, &kept.from_line),
        (IdentityRole::Sender, &kept.sender_line),
    ] {
        for (domain, identity) in text.lines().filter_map(|line| line.split_once('|')) {
            identities.push(Identity {
                tenant_id,
                id: gateway.clock.new_id(),
                connection_id: Some(connection_id),
                role,
                domain: domain.to_owned(),
                identity: identity.to_owned(),
            });
        }
    }
    gateway
        .store
        .write(async move |tx| store::party::add_identities(tx, &identities).await)
        .await?;
    party::reload(gateway).await
}

/// Runs a kept document as if it had just arrived on a connection; a person vouches for its Sender.
///
/// # Errors
/// The document or connection is gone, or the document cannot be run.
pub async fn replay(gateway: &Gateway, tenant_id: Uuid, id: Uuid, connection_id: Uuid) -> Result<Answer, Error> {
    let kept = find(gateway, tenant_id, id).await?;
    let directory = gateway.directory();
    let known = directory
        .connection(connection_id)
        .filter(|known| known.tenant.id == tenant_id)
        .cloned()
        .ok_or_else(|| Refusal::new(Code::ExpectationFailed, "The connection is not there any more."))?;
    let remote = kept.remote.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let trace_id = gateway.clock.new_id().simple().to_string();
    let arrival = Arrival {
        body: kept.text.as_bytes(),
        content_type: Some("text/xml; charset=UTF-8"),
        remote,
        certificate: None,
        trace_id,
    };
    let incoming = exchange::read(gateway, &arrival)?;
    let mode = claims::mode(&incoming.document)?;
    let from_key = kept.from_line.lines().next().unwrap_or_default().to_owned();
    let from_key = match from_key.split_once('|') {
        Some((domain, identity)) => crate::domain::party::CredentialKey::new(domain, identity).line(),
        None => from_key,
    };
    let trusted = Trusted {
        admitted: Admitted { known, from_key, mode },
        proof: Proof::Staff,
    };
    let received = exchange::admit(incoming, trusted, remote, &arrival.trace_id, gateway.clock.now())?;
    let (from_key, payload_id) = (received.trusted.admitted.from_key.clone(), received.payload_id.clone());
    let answer = exchange::dispatch(gateway, received).await?;
    gateway
        .store
        .write(async move |tx| {
            let stored = store::exchange::find_original(tx, tenant_id, connection_id, &from_key, &payload_id).await?;
            if let Some(stored) = stored {
                store::exchange::release(tx, &kept, stored.id).await?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(answer)
}

async fn find(gateway: &Gateway, tenant_id: Uuid, id: Uuid) -> Result<Quarantined, Error> {
    let kept = gateway
        .store
        .read(async |tx| store::exchange::find_quarantined(tx, tenant_id, id).await)
        .await?;
    kept.ok_or_else(|| Refusal::new(Code::ExpectationFailed, "The document is not kept any more.").into())
}
