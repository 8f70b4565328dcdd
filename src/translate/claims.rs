//! The credentials of a header as claims, and the mode of a document.

use crate::cxml::{Credential, CredentialKind, DeploymentMode as WireMode, Document, Header, Party};
use crate::domain::party::DeploymentMode;
use crate::domain::refusal::Refusal;
use crate::domain::trust::{Claim, Claims};
use crate::translate::value::bad;

/// Every credential of the header; credentials without identity claim nothing.
pub fn claims(header: Option<&Header>) -> Claims {
    let Some(header) = header else { return Claims::default() };
    Claims {
        from: party(&header.from),
        to: party(&header.to),
        sender: party(&header.sender),
    }
}

fn party(party: &Party) -> Vec<Claim> {
    party
        .credentials
        .iter()
        .filter(|credential| !credential.identity().is_empty())
        .map(|credential| Claim::new(credential.domain(), credential.identity(), is_marketplace(credential)))
        .collect()
}

fn is_marketplace(credential: &Credential) -> bool {
    matches!(credential.kind, Some(CredentialKind::Marketplace))
}

/// The value of a `SystemID` credential: the ERP behind one buyer, a part of the order's key.
pub fn system_id(party: &Party) -> Option<&str> {
    party
        .credentials
        .iter()
        .find(|credential| credential.domain().eq_ignore_ascii_case("SystemID"))
        .map(Credential::identity)
        .filter(|identity| !identity.is_empty())
}

/// The mode that a document states; absent and empty mean production (cXML 1.2 `Request/@deploymentMode`).
///
/// # Errors
/// 400 for any other word.
pub fn mode(document: &Document) -> Result<DeploymentMode, Refusal> {
    match document.deployment_mode() {
        WireMode::Production => Ok(DeploymentMode::Production),
        WireMode::Test => Ok(DeploymentMode::Test),
        WireMode::Other(word) if word.trim().is_empty() => Ok(DeploymentMode::Production),
        WireMode::Other(word) if word.trim().eq_ignore_ascii_case("production") => Ok(DeploymentMode::Production),
        WireMode::Other(word) if word.trim().eq_ignore_ascii_case("test") => Ok(DeploymentMode::Test),
        WireMode::Other(_) => Err(bad("Request/@deploymentMode", "The mode must be production or test.")),
    }
}
