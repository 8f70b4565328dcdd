//! One document in, one answer out: read, trust, settle repetitions, dispatch, answer after commit.

pub mod look;
mod note;
mod read;

pub use note::{is_of_grammar, words_of};
use read::check_attachments;
pub(super) use read::{note_lost_attachments, read};

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use openssl::sha::sha256;
use uuid::Uuid;

use crate::cxml::{self, Body, Document, FindingKind, Request, RequestPayload, ResponsePayload};
use crate::domain::exchange::{Attachment, Direction, Exchange, Finding, SecurityEvent};
use crate::domain::party::{InboundGrammar, Settings};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::trust::{Denied, Known};
use crate::mime;
use crate::service::answer::{self, Answer, VERSION_DEFAULT};
use crate::service::trust::{Circumstances, ClientCertificate, Proof, Trusted};
use crate::service::{Error, Gateway, order, quarantine, session, trust};
use crate::store::{self, StoreError, Tx};
use crate::translate::claims;

/// Longest `payloadID` in characters.
const PAYLOAD_ID_CHARS_MAX: usize = 1024;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    /// The whole body.
    pub body: &'a [u8],
    /// `Content-Type`, where sent.
    pub content_type: Option<&'a str>,
    /// Address of the client.
    pub remote: IpAddr,
    /// Client certificate, on the certificate listener.
    pub certificate: Option<ClientCertificate>,
    /// Trace id, for the logs.
    pub trace_id: String,
}

/// A document that was read.
#[derive(Debug)]
pub struct Incoming {
    /// The typed document; large, and handed on many times.
    pub document: Box<Document>,
    /// Its text with secrets and card data cut out.
    pub text: String,
    /// Encoding of the bytes as they came.
    pub encoding: &'static str,
    /// SHA-256 of the bytes as they came.
    pub sha256: [u8; 32],
    /// SHA-256 of the normalised content.
    pub fingerprint: [u8; 32],
    /// Other parts of the message.
    pub attachments: Vec<Kept>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// A part of a message beside its document.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Content-ID without brackets.
    pub content_id: Option<String>,
    /// Media type as declared.
    pub content_type: String,
    /// File name as declared.
    pub file_name: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl From<&mime::Part<'_>> for Kept {
    fn from(part: &mime::Part<'_>) -> Kept {
        Kept {
            content_id: part.content_id.clone(),
            content_type: part.content_type.media_type.clone(),
            file_name: part.file_name.clone(),
            bytes: part.body.to_vec(),
        }
    }
}

/// A document that was let in, with all that its use case needs.
#[derive(Debug)]
pub struct Received {
    /// What came.
    pub incoming: Incoming,
    /// Connection, author, mode and proof.
    pub trusted: Trusted,
    /// Its `payloadID`.
    pub payload_id: String,
    /// Address it came from.
    pub remote: IpAddr,
    /// Trace id, for the logs.
    pub trace_id: String,
    /// When it came.
    pub received_at: Timestamp,
}

impl Received {
    /// The connection.
    pub fn known(&self) -> &Arc<Known> {
        &self.trusted.admitted.known
    }

    /// The connection's settings in force.
    pub fn settings(&self) -> &Settings {
        &self.known().settings
    }

    /// The request of the document.
    pub fn request(&self) -> Option<&Request> {
        match &self.incoming.document.body {
            Body::Request(request) => Some(request),
            _ => None,
        }
    }

    /// The exchange to store with this answer.
    pub fn exchange(&self, gateway: &Gateway, id: Uuid, status: u16, findings: Vec<Finding>) -> Exchange {
        let known = self.known();
        let now = gateway.clock.now();
        Exchange {
            tenant_id: known.tenant.id,
            id,
            connection_id: known.connection.id,
            direction: Direction::In,
            payload_id: self.payload_id.clone(),
            from_key: self.trusted.admitted.from_key.clone(),
            document_type: self.incoming.document.payload_name().unwrap_or_default().to_owned(),
            sha256: self.incoming.sha256.to_vec(),
            fingerprint: self.incoming.fingerprint.to_vec(),
            text: self.incoming.text.clone(),
            encoding: self.incoming.encoding.to_owned(),
            status: i64::from(status),
            answer: None,
            answer_sealed: None,
            findings: self.incoming.findings.iter().cloned().chain(findings).collect(),
            trace_id: self.trace_id.clone(),
            remote: self.remote.to_string(),
            repeats: 0,
            repeated_at: None,
            duration_ms: i64::try_from(now.duration_since(self.received_at).as_millis()).unwrap_or(i64::MAX),
            received_at: self.received_at,
        }
    }

    /// The attachments to store beside the exchange.
    pub fn attachments(&self, gateway: &Gateway, exchange_id: Uuid) -> Vec<Attachment> {
        let attachment = |part: &Kept| Attachment {
            tenant_id: self.known().tenant.id,
            id: gateway.clock.new_id(),
            exchange_id,
            content_id: part.content_id.clone(),
            content_type: part.content_type.clone(),
            file_name: part.file_name.clone(),
            sha256: sha256(&part.bytes).to_vec(),
            bytes: part.bytes.clone(),
        };
        self.incoming.attachments.iter().map(attachment).collect()
    }
}

/// Answers one request; whatever happens, the answer is a whole cXML document.
pub async fn answer(gateway: &Gateway, arrival: Arrival<'_>) -> Answer {
    let received_at = gateway.clock.now();
    let outcome = receive(gateway, &arrival, received_at).await;
    let answer = match outcome {
        Ok(answer) => answer,
        Err(error) => {
            if !matches!(error, Error::Refused(_)) {
                tracing::error!(trace_id = %arrival.trace_id, %error, "exchange.failed");
            }
            answer::refuse(gateway, &error.refusal(), VERSION_DEFAULT)
        }
    };
    metrics::counter!("punchgate_answers_total", "status" => answer.status.to_string()).increment(1);
    tracing::info!(
        trace_id = %arrival.trace_id,
        remote = %arrival.remote,
        body_bytes = arrival.body.len(),
        status = answer.status,
        duration_ms = gateway.clock.now().duration_since(received_at).as_millis(),
        "exchange.answered"
    );
    answer
}

async fn receive(gateway: &Gateway, arrival: &Arrival<'_>, received_at: Timestamp) -> Result<Answer, Error> {
    gateway
        .limits
        .request(arrival.remote)
        .map_err(|over| too_many(over.retry_after_seconds))?;
    let mut incoming = read(gateway, arrival)?;
    check_attachments(&mut incoming)?;
    let Body::Request(request) = &incoming.document.body else {
        return Err(Refusal::new(Code::BadRequest, "Only requests are taken here.")
            .at("cXML")
            .into());
    };
    let Some(header) = &request.header else {
        return Err(Refusal::new(Code::NotAcceptable, "The document has no Header.")
            .at("Header")
            .into());
    };
    let claimed = claims::claims(Some(header));
    let mode = claims::mode(&incoming.document)?;
    let directory = gateway.directory();
    let circumstances = Circumstances {
        remote: arrival.remote,
        certificate: arrival.certificate.as_ref(),
        now: received_at,
    };
    let trusted = match trust::admit(&directory, &gateway.keys, header, &claimed, mode, circumstances) {
        Ok(trusted) => trusted,
        Err(denied) => {
            return Err(turn_away(gateway, arrival, &incoming, denied, received_at).await?);
        }
    };
    let received = admit(incoming, trusted, arrival.remote, &arrival.trace_id, received_at)?;
    gateway
        .limits
        .connection(received.known().connection.id, received.settings().requests_per_minute)
        .map_err(|over| too_many(over.retry_after_seconds))?;
    dispatch(gateway, received).await
}

fn too_many(seconds: u64) -> Refusal {
    Refusal::new(
        Code::TooMany,
        format!("Too many requests; send the same document again in {seconds} seconds."),
    )
}

/// Checks what every admitted document must have.
pub(super) fn admit(
    incoming: Incoming,
    trusted: Trusted,
    remote: IpAddr,
    trace_id: &str,
    received_at: Timestamp,
) -> Result<Received, Refusal> {
    let payload_id = incoming.document.payload_id.clone().unwrap_or_default();
    if payload_id.trim().is_empty() {
        return Err(Refusal::new(Code::BadRequest, "The payloadID is missing.").at("cXML/@payloadID"));
    }
    if payload_id.chars().count() > PAYLOAD_ID_CHARS_MAX {
        let text = format!("The payloadID is longer than {PAYLOAD_ID_CHARS_MAX} characters.");
        return Err(Refusal::new(Code::BadRequest, text).at("cXML/@payloadID"));
    }
    let is_lower_case = |finding: &cxml::Finding| finding.kind == FindingKind::LowerCaseRoot;
    if incoming.document.findings.list.iter().any(is_lower_case) && !trusted.admitted.known.settings.root_any_case {
        return Err(Refusal::new(Code::NotAcceptable, "The root element must be spelled cXML.").at("cXML"));
    }
    if trusted.admitted.known.settings.inbound_grammar == InboundGrammar::Strict
        && let Some(refusal) = note::not_valid(&incoming)
    {
        return Err(refusal);
    }
    if trusted.admitted.known.settings.signature_required {
        let code = match incoming.document.signatures.is_empty() {
            true => Refusal::new(Code::SignatureRequired, "Documents of this connection must be signed."),
            false => Refusal::new(
                Code::SignatureUnacceptable,
                "Signatures cannot be checked on this connection.",
            ),
        };
        return Err(code.at("ds:Signature"));
    }
    Ok(Received {
        incoming,
        trusted,
        payload_id,
        remote,
        trace_id: trace_id.to_owned(),
        received_at,
    })
}

/// Runs the use case of an admitted document.
///
/// # Errors
/// As the use case; 450 for requests that are not enabled.
pub async fn dispatch(gateway: &Gateway, received: Received) -> Result<Answer, Error> {
    let version = received.settings().cxml_version.clone();
    let document_type = received.incoming.document.payload_name().unwrap_or_default().to_owned();
    metrics::counter!("punchgate_documents_total", "type" => known_type(&document_type)).increment(1);
    let Some(request) = received.request() else {
        return Err(Refusal::new(Code::BadRequest, "Only requests are taken here.").into());
    };
    let outcome = match &request.payload {
        RequestPayload::ProfileRequest(_) => Ok(session::profile(gateway, &received)),
        RequestPayload::PunchOutSetupRequest(_) => Box::pin(session::setup::set_up(gateway, &received)).await,
        RequestPayload::OrderRequest(_) => Box::pin(order::receive::receive(gateway, &received)).await,
        _ => Err(Refusal::new(
            Code::NotImplemented,
            "This kind of request is not enabled on this connection.",
        )
        .into()),
    };
    match outcome {
        Err(Error::Refused(refusal)) if refusal.code.is_transient() => Ok(answer::refuse(gateway, &refusal, &version)),
        Err(Error::Refused(refusal)) => {
            let record = received.exchange(gateway, gateway.clock.new_id(), 0, Vec::new());
            record_refusal(gateway, record, &refusal, &version).await
        }
        other => other,
    }
}

/// Keeps a refused document with its answer, so that staff see it and a repetition gets the same answer.
async fn record_refusal(
    gateway: &Gateway,
    exchange: Exchange,
    refusal: &Refusal,
    version: &str,
) -> Result<Answer, Error> {
    let refused = answer::refuse(gateway, refusal, version);
    let exchange = Exchange {
        status: i64::from(refused.status),
        answer: Some(refused.body.clone()),
        ..exchange
    };
    let fingerprint = exchange.fingerprint.clone();
    let earlier = gateway
        .store
        .write(async move |tx| {
            let earlier = find_earlier(tx, &exchange).await?;
            if earlier.is_none() {
                store::exchange::insert(tx, &exchange).await?;
            }
            Ok::<_, StoreError>(earlier)
        })
        .await?;
    let stored = earlier.filter(|earlier| earlier.fingerprint == fingerprint);
    Ok(
        match stored.and_then(|earlier| Some((earlier.status, earlier.answer?))) {
            Some((status, body)) => Answer::ok(u16::try_from(status).unwrap_or(200), body),
            None => refused,
        },
    )
}

/// A bounded set of names for metrics.
fn known_type(name: &str) -> &'static str {
    match name {
        "ProfileRequest" => "ProfileRequest",
        "PunchOutSetupRequest" => "PunchOutSetupRequest",
        "OrderRequest" => "OrderRequest",
        _ => "other",
    }
}

/// Writes down a document that is not let in, and makes the refusal that tells the partner nothing.
async fn turn_away(
    gateway: &Gateway,
    arrival: &Arrival<'_>,
    incoming: &Incoming,
    denied: Denied,
    now: Timestamp,
) -> Result<Error, Error> {
    let (kind, refusal) = match denied {
        Denied::Sender(kind) => {
            gateway
                .limits
                .failure(arrival.remote)
                .map_err(|over| too_many(over.retry_after_seconds))?;
            (
                kind,
                Refusal::new(
                    Code::Unauthorized,
                    "The Sender is not recognised; check identity, domain and secret.",
                ),
            )
        }
        Denied::Forbidden(kind) => (
            kind,
            Refusal::new(
                Code::Forbidden,
                "The Sender is recognised, but may not send this document here.",
            ),
        ),
    };
    metrics::counter!("punchgate_denied_total", "kind" => kind).increment(1);
    tracing::warn!(trace_id = %arrival.trace_id, remote = %arrival.remote, kind, "exchange.denied");
    let reference = quarantine::keep(gateway, incoming, kind, arrival.remote, now, &denied).await?;
    let refusal = match reference {
        Some(id) => Refusal {
            text: format!("{} Reference {id}.", refusal.text),
            ..refusal
        },
        None => refusal,
    };
    Ok(Error::Refused(refusal))
}

/// The earlier document with the same `payloadID` of the same author; copies that arrive together wait for each other.
///
/// A copy leaves nothing but its count on the document that it repeats.
///
/// # Errors
/// The store would not.
pub async fn find_earlier(tx: &mut Tx, exchange: &Exchange) -> Result<Option<Exchange>, StoreError> {
    let Exchange {
        tenant_id,
        connection_id,
        from_key,
        payload_id,
        ..
    } = exchange;
    store::exchange::lock(tx, *tenant_id, *connection_id, from_key, payload_id).await?;
    let earlier = store::exchange::find_original(tx, *tenant_id, *connection_id, from_key, payload_id).await?;
    if let Some(earlier) = earlier
        .as_ref()
        .filter(|earlier| earlier.fingerprint == exchange.fingerprint)
    {
        store::exchange::count_repeat(tx, *tenant_id, earlier.id, exchange.received_at).await?;
    }
    Ok(earlier)
}

/// What an earlier document with the same `payloadID` of the same author means for this one.
///
/// # Errors
/// 409 when the content is another.
pub fn check_repeat(earlier: &Exchange, received: &Received) -> Result<(), Refusal> {
    if earlier.fingerprint == received.incoming.fingerprint {
        return Ok(());
    }
    Err(Refusal::new(
        Code::Conflict,
        "A document with this payloadID and other content was received before.",
    )
    .at("cXML/@payloadID"))
}

/// Writes a security event.
///
/// # Errors
/// The store would not.
pub async fn note_event(
    gateway: &Gateway,
    tenant_id: Uuid,
    connection_id: Option<Uuid>,
    kind: &str,
    remote: &str,
    text: &str,
) -> Result<(), StoreError> {
    let event = SecurityEvent {
        tenant_id,
        id: gateway.clock.new_id(),
        at: gateway.clock.now(),
        kind: kind.to_owned(),
        connection_id,
        remote: remote.to_owned(),
        text: text.to_owned(),
    };
    tracing::warn!(kind, remote, "security.event");
    gateway
        .store
        .write(async move |tx| store::exchange::insert(tx, &event).await)
        .await
}

/// A success with nothing but its status.
pub fn status_answer(gateway: &Gateway, status: (u16, &str), body: Option<&str>, version: &str) -> Answer {
    Answer::ok(status.0, answer::response(gateway, status, body, None, version))
}

/// A success with a payload.
pub fn payload_answer(gateway: &Gateway, payload: ResponsePayload, version: &str) -> Answer {
    Answer::ok(
        200,
        answer::response(gateway, (200, "OK"), None, Some(payload), version),
    )
}

/// Whether a captured document may be answered again with something new (cXML notes A51).
pub fn may_renew(proof: Proof) -> bool {
    proof != Proof::CredentialMac
}
