//! Authenticates the Sender of a document: shared secret, code of a hub, or client certificate.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::cxml::mac::{self, Covered};
use crate::cxml::{CredentialMac, Date, Header};
use crate::domain::address;
use crate::domain::party::{DeploymentMode, SecretKind, SecretMatch};
use crate::domain::trust::{Admitted, Claims, Denied, Directory, Known};
use crate::service::keys::Keys;

/// A client certificate as the certificate listener saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub spki_sha256: Vec<u8>,
    /// Subject as RFC 2253 text.
    pub subject: String,
    /// Issuer as RFC 2253 text.
    pub issuer: String,
    /// Whether its chain leads to a pinned authority.
    pub chain_verified: bool,
}

/// How a Sender proved itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// `SharedSecret`.
    SharedSecret,
    /// `CredentialMac`.
    CredentialMac,
    /// A client certificate.
    Certificate,
    /// A member of staff vouched for a document from the quarantine.
    Staff,
}

/// A document that is let in.
#[derive(Clone, Debug)]
pub struct Trusted {
    /// Connection, author and mode.
    pub admitted: Admitted,
    /// How the Sender proved itself.
    pub proof: Proof,
}

/// Where and when a document arrives.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// Address it comes from.
    pub remote: IpAddr,
    /// The client certificate, on the certificate listener.
    pub certificate: Option<&'a ClientCertificate>,
    /// The present instant.
    pub now: Timestamp,
}

/// Lets a document in, or says why not.
///
/// # Errors
/// [`Denied::Sender`] for everything that must look alike to the partner, [`Denied::Forbidden`] once the Sender is known.
pub fn admit(
    directory: &Directory,
    keys: &Keys,
    header: &Header,
    claims: &Claims,
    mode: DeploymentMode,
    circumstances: Circumstances<'_>,
) -> Result<Trusted, Denied> {
    let candidates = match directory.senders(claims) {
        Ok(candidates) => candidates,
        Err(denied) => {
            spend_like_a_comparison(keys, header);
            return Err(denied);
        }
    };
    let mut proof = None;
    let mut authenticated = Vec::new();
    for known in candidates {
        if !address::is_allowed(circumstances.remote, &known.settings.address_allow) {
            continue;
        }
        if let Some(found) = prove(known, keys, header, circumstances) {
            proof = Some(found);
            authenticated.push(known);
        }
    }
    let proof = proof.ok_or(Denied::Sender("sender.unproved"))?;
    let admitted = directory.authorise(&authenticated, claims, mode)?;
    Ok(Trusted { admitted, proof })
}

/// An unknown Sender costs as much as a wrong secret, so that the time tells nothing.
fn spend_like_a_comparison(keys: &Keys, header: &Header) {
    for credential in &header.sender.credentials {
        if let Some(secret) = &credential.shared_secret {
            std::hint::black_box(keys.matches(secret.reveal().as_bytes(), &[0; 32]));
        }
    }
}

fn prove(known: &Arc<Known>, keys: &Keys, header: &Header, circumstances: Circumstances<'_>) -> Option<Proof> {
    if circumstances
        .certificate
        .is_some_and(|certificate| certificate_fits(known, certificate))
    {
        return Some(Proof::Certificate);
    }
    if secret_fits(known, keys, header, circumstances.now) {
        return Some(Proof::SharedSecret);
    }
    mac_fits(known, keys, header, circumstances.now).then_some(Proof::CredentialMac)
}

fn certificate_fits(known: &Known, certificate: &ClientCertificate) -> bool {
    known
        .certificates
        .iter()
        .any(|listed| match (&listed.spki_sha256, &listed.subject, &listed.issuer) {
            (Some(spki), _, _) => *spki == certificate.spki_sha256,
            (None, Some(subject), Some(issuer)) => {
                certificate.chain_verified && *subject == certificate.subject && *issuer == certificate.issuer
            }
            _ => false,
        })
}

/// Compares every secret of the header with every valid slot, without stopping at the first that fits.
fn secret_fits(known: &Known, keys: &Keys, header: &Header, now: Timestamp) -> bool {
    let mut fits = false;
    for given in header
        .sender
        .credentials
        .iter()
        .filter_map(|credential| credential.shared_secret.as_ref())
    {
        let given = match known.settings.secret_match {
            SecretMatch::Exact => given.reveal(),
            SecretMatch::Trimmed => given.reveal().trim_matches([' ', '\t', '\r', '\n']),
        };
        if given.is_empty() {
            continue;
        }
        for secret in &known.secrets {
            let matches = keys.matches(given.as_bytes(), &secret.keyed_hash);
            fits |= matches && secret.kind == SecretKind::SharedSecret && secret.is_valid_at(now);
        }
    }
    fits
}

/// How far the clocks of a hub and ours may differ, in seconds.
const MAC_SKEW_SECONDS: i64 = 300;

/// Tries the code of the hub against every key and every pair of From and Sender (Reference Guide 21.1.4).
fn mac_fits(known: &Known, keys: &Keys, header: &Header, now: Timestamp) -> bool {
    if !known.settings.credential_mac {
        return false;
    }
    let secrets: Vec<Vec<u8>> = known
        .secrets
        .iter()
        .filter(|secret| secret.kind == SecretKind::CredentialMac && secret.is_valid_at(now))
        .filter_map(|secret| keys.open(secret.sealed.as_deref()?).ok())
        .collect();
    let mut fits = false;
    for sender in &header.sender.credentials {
        let Some(mac) = sender.credential_mac.as_ref().filter(|mac| mac_is_due(mac, known, now)) else {
            continue;
        };
        for from in &header.from.credentials {
            let covered = Covered {
                from_domain: from.domain(),
                from_identity: from.identity(),
                sender_domain: sender.domain(),
                sender_identity: sender.identity(),
                creation_date: mac.creation_date.as_ref().map(Date::as_str).unwrap_or_default(),
                expiration_date: mac.expiration_date.as_ref().map(Date::as_str).unwrap_or_default(),
            };
            for secret in &secrets {
                fits |= mac::verify(&covered, mac.value.reveal(), secret).unwrap_or(false);
            }
        }
    }
    fits
}

/// Whether a code is of the one kind there is, begun, not over, and not longer valid than the connection allows.
fn mac_is_due(mac: &CredentialMac, known: &Known, now: Timestamp) -> bool {
    if mac.kind.as_deref() != Some(mac::TYPE) || mac.algorithm.as_deref() != Some(mac::ALGORITHM) {
        return false;
    }
    let instant = |date: &Option<Date>| date.as_ref()?.read(&TimeZone::UTC).ok().map(|parsed| parsed.instant);
    let (Some(created), Some(expires)) = (instant(&mac.creation_date), instant(&mac.expiration_date)) else {
        return false;
    };
    let skew = SignedDuration::from_secs(MAC_SKEW_SECONDS);
    let lifetime_max = SignedDuration::from_secs(known.settings.credential_mac_seconds_max);
    created <= now + skew && now <= expires + skew && expires.duration_since(created) <= lifetime_max
}
