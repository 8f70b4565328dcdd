//! PunchOut visits: set-up, the visit itself, its cart, and the way back.

pub mod cart;
pub mod give_back;
pub mod look;
pub mod setup;
pub mod visit;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::sha::sha256;
use uuid::Uuid;

use crate::cxml::{Date, ProfileOption, ProfileResponse, ResponsePayload, Transaction};
use crate::service::Gateway;
use crate::service::answer::Answer;
use crate::service::exchange::{self, Received};

/// Answers a `ProfileRequest`: what this gateway takes, and where (Reference Guide 4.3).
pub fn profile(gateway: &Gateway, received: &Received) -> Answer {
    let door = door_url(gateway);
    let request = |name: &str, options: &[(&str, &str)]| Transaction {
        options: options
            .iter()
            .map(|(name, value)| ProfileOption {
                name: Some((*name).to_owned()),
                value: (*value).to_owned(),
                ..ProfileOption::default()
            })
            .collect(),
        ..Transaction::new(name, &door)
    };
    let response = ProfileResponse {
        effective_date: Some(Date::from(received.known().connection.created_at)),
        last_refresh: Some(Date::from(gateway.clock.now())),
        transactions: vec![
            request("ProfileRequest", &[]),
            request("PunchOutSetupRequest", &[]),
            request("OrderRequest", &[("attachments", "Yes"), ("changes", "Yes")]),
        ],
        ..ProfileResponse::default()
    };
    let payload = ResponsePayload::ProfileResponse(Box::new(response));
    exchange::payload_answer(gateway, payload, &received.settings().cxml_version)
}

/// Address of the cXML door.
pub fn door_url(gateway: &Gateway) -> String {
    format!("{}/cxml", gateway.public_url.as_str().trim_end_matches('/'))
}

/// A secret that travels in a URL: the supplier, so that it can be found, and 256 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The supplier.
    pub tenant_id: Uuid,
    /// As it stands in the URL.
    pub text: String,
}

impl Token {
    /// A token over secret bits.
    pub fn new(tenant_id: Uuid, secret: &[u8]) -> Token {
        let text = URL_SAFE_NO_PAD.encode([tenant_id.as_bytes(), secret].concat());
        Token { tenant_id, text }
    }

    /// Reads a token from a URL; anything else is `None`.
    pub fn read(text: &str) -> Option<Token> {
        if text.len() != 64 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let tenant_id = Uuid::from_slice(bytes.get(..16)?).ok()?;
        Some(Token {
            tenant_id,
            text: text.to_owned(),
        })
    }

    /// What the store keeps of it.
    pub fn hash(&self) -> Vec<u8> {
        sha256(self.text.as_bytes()).to_vec()
    }
}
