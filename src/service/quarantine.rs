//! Documents that were not let in: kept for a while, so that staff can bind them to a connection and replay them.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::cxml::Party;
use crate::domain::exchange::{Quarantined, SecurityEvent};
use crate::domain::party::{Identity, IdentityRole};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::domain::trust::{Admitted, Denied, Known};
use crate::service::answer::Answer;
use crate::service::exchange::{self, Arrival, Incoming};
use crate::service::trust::{Proof, Trusted};
use crate::service::{Error, Gateway, Page, party, staff};
use crate::store::{self, StoreError};
use crate::translate::claims;

pub use crate::store::exchange::QuarantineEntry;

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
    // A document that alone is larger than the quarantine is noted but not kept.
    let document = document.filter(|document| document.text_bytes <= limits.bytes_max);
    let reference = document.as_ref().map(|document| document.id);
    gateway
        .store
        .write(async move |tx| {
            store::exchange::insert(tx, &event).await?;
            if let Some(document) = &document {
                store::exchange::insert(tx, document).await?;
                store::exchange::sweep_quarantine(tx, now, limits.documents_max, limits.bytes_max).await?;
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
/// The role is too low, the document or connection is gone, or the store would not.
pub async fn bind(gateway: &Gateway, by: &Staff, id: Uuid, connection_id: Uuid) -> Result<(), Error> {
    staff::allow(by, Deed::BindDocument)?;
    let tenant_id = by.tenant_id;
    let kept = find(gateway, tenant_id, id).await?;
    connection(gateway, tenant_id, connection_id)?;
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
    let detail = serde_json::json!({ "connection": connection_id });
    let audit = staff::entry(gateway, by, Deed::BindDocument, id, detail);
    gateway
        .store
        .write(async move |tx| {
            store::party::add_identities(tx, &identities).await?;
            store::staff::insert(tx, &audit).await
        })
        .await?;
    party::reload(gateway).await
}

/// The connection, if it is this supplier's.
fn connection(gateway: &Gateway, tenant_id: Uuid, id: Uuid) -> Result<Arc<Known>, Refusal> {
    let directory = gateway.directory();
    let known = directory.connection(id).filter(|known| known.tenant.id == tenant_id);
    known
        .cloned()
        .ok_or_else(|| Refusal::new(Code::BadRequest, "Choose a connection that is there.").at("connection"))
}

/// Runs a kept document as if it had just arrived on a connection; a person vouches for its Sender.
///
/// # Errors
/// The role is too low, the document or connection is gone, or the document cannot be run.
pub async fn replay(gateway: &Gateway, by: &Staff, id: Uuid, connection_id: Uuid) -> Result<Answer, Error> {
    staff::allow(by, Deed::ReplayDocument)?;
    let tenant_id = by.tenant_id;
    let kept = find(gateway, tenant_id, id).await?;
    if kept.exchange_id.is_some() {
        return Err(Refusal::new(Code::Conflict, "The document was replayed already.").into());
    }
    let known = connection(gateway, tenant_id, connection_id)?;
    let remote = kept.remote.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let trace_id = gateway.clock.new_id().simple().to_string();
    let arrival = Arrival {
        body: kept.text.as_bytes(),
        content_type: Some("text/xml; charset=UTF-8"),
        remote,
        certificate: None,
        trace_id,
    };
    let mut incoming = exchange::read(gateway, &arrival)?;
    // The document alone was kept.
    exchange::note_lost_attachments(&mut incoming);
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
    let detail = serde_json::json!({ "connection": connection_id, "status": answer.status });
    let audit = staff::entry(gateway, by, Deed::ReplayDocument, id, detail);
    gateway
        .store
        .write(async move |tx| {
            store::staff::insert(tx, &audit).await?;
            let stored = store::exchange::find_original(tx, tenant_id, connection_id, &from_key, &payload_id).await?;
            if let Some(stored) = stored {
                store::exchange::release(tx, &kept, stored.id).await?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(answer)
}

/// A page of what is kept, the latest first.
///
/// # Errors
/// The store would not.
pub async fn list(gateway: &Gateway, tenant_id: Uuid, before: Option<Uuid>) -> Result<Page<QuarantineEntry>, Error> {
    let rows = gateway
        .store
        .read(async |tx| store::exchange::quarantined(tx, tenant_id, before, Page::<()>::LIMIT).await)
        .await?;
    Ok(Page::new(rows, |entry| entry.id))
}

/// The kept document with this identifier.
///
/// # Errors
/// It is not there any more, or the store would not.
pub async fn find(gateway: &Gateway, tenant_id: Uuid, id: Uuid) -> Result<Quarantined, Error> {
    let kept = gateway
        .store
        .read(async |tx| store::exchange::find_quarantined(tx, tenant_id, id).await)
        .await?;
    kept.ok_or_else(|| Refusal::new(Code::ExpectationFailed, "The document is not kept any more.").into())
}
