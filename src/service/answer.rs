//! What a partner's system gets back: HTTP status, headers and a whole cXML document, whatever happened.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::clock::Clock;
use crate::cxml::{Document, Families, ResponsePayload, Status, WriteOptions};
use crate::domain::refusal::{Code, Refusal};
use crate::service::{Gateway, outbound};

/// An answer ready to be copied onto the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub http_status: u16,
    /// `Retry-After`, in seconds.
    pub retry_after_seconds: Option<u64>,
    /// cXML Status code.
    pub status: u16,
    /// The document.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer that the protocol counts as an answer: HTTP 200, whatever the cXML Status says.
    pub fn ok(status: u16, body: Vec<u8>) -> Answer {
        Answer {
            http_status: 200,
            retry_after_seconds: None,
            status,
            body,
        }
    }
}

/// A new `payloadID` of ours: time, randomness and host, `[A-Za-z0-9._@-]` (Reference Guide, payloadID).
pub fn new_payload_id(clock: &Clock, host: &str) -> String {
    let random = URL_SAFE_NO_PAD.encode(&clock.new_token()[..16]);
    let time: String = clock
        .now()
        .to_string()
        .chars()
        .take(19)
        .filter(|c| !matches!(c, '-' | ':'))
        .collect();
    format!("{time}.{random}@{host}")
}

/// Host name of the gateway, as it stands in payload ids.
pub fn host(gateway: &Gateway) -> &str {
    gateway.public_url.host_str().unwrap_or("localhost")
}

/// Makes response documents of one version; cheap to clone, so that a transaction can carry one.
#[derive(Clone, Debug)]
pub struct Responder {
    clock: Clock,
    host: String,
    version: String,
    grammar: &'static Families,
}

impl Responder {
    /// Responses of this gateway in this version of the grammar.
    pub fn new(gateway: &Gateway, version: &str) -> Responder {
        Responder {
            clock: gateway.clock.clone(),
            host: host(gateway).to_owned(),
            version: version.to_owned(),
            grammar: gateway.grammar,
        }
    }

    /// A response document with a status and perhaps a payload.
    pub fn response(&self, status: (u16, &str), text: Option<&str>, payload: Option<ResponsePayload>) -> Vec<u8> {
        let mut wire = Status::new(status.0, status.1);
        if let Some(text) = text {
            wire = wire.with_body(text);
        }
        let payload_id = new_payload_id(&self.clock, &self.host);
        let document = Document::response(payload_id, self.clock.now(), wire, payload);
        let options = WriteOptions {
            version: self.version.clone(),
            ..WriteOptions::default()
        };
        match document.write(&options) {
            Ok(text) => {
                outbound::is_valid(self.grammar, &text);
                text.into_bytes()
            }
            Err(error) => {
                // Only kept fragments can fail to be written, and answers carry none.
                tracing::error!(%error, "answer.unwritable");
                UNWRITABLE.as_bytes().to_vec()
            }
        }
    }

    /// The answer to a refused document.
    pub fn refuse(&self, refusal: &Refusal) -> Answer {
        let status = refusal.code.status();
        let body = self.response(status, Some(&refusal.to_string()), None);
        let (http_status, retry_after_seconds) = match refusal.code {
            Code::Temporary => (503, Some(60)),
            Code::TooMany => (429, Some(60)),
            _ => (200, None),
        };
        Answer {
            http_status,
            retry_after_seconds,
            status: status.0,
            body,
        }
    }
}

/// A response document with a status and perhaps a payload.
pub fn response(
    gateway: &Gateway,
    status: (u16, &str),
    text: Option<&str>,
    payload: Option<ResponsePayload>,
    version: &str,
) -> Vec<u8> {
    Responder::new(gateway, version).response(status, text, payload)
}

/// The answer to a refused document.
pub fn refuse(gateway: &Gateway, refusal: &Refusal, version: &str) -> Answer {
    Responder::new(gateway, version).refuse(refusal)
}

/// Version in the SYSTEM identifier where no connection says one.
pub const VERSION_DEFAULT: &str = "1.2.069";

/// What is said when an answer cannot be written.
const UNWRITABLE: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.069/cXML.dtd">"#,
    r#"<cXML payloadID="unwritable@localhost" timestamp="1970-01-01T00:00:00+00:00"><Response>"#,
    r#"<Status code="500" text="Internal Server Error"/></Response></cXML>"#
);
