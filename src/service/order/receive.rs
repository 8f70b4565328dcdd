//! An `OrderRequest` becomes a version of an order, in one transaction with its stored answer.

use jiff::tz::TimeZone;

use crate::cxml::RequestPayload;
use crate::domain::exchange::{Attachment, Exchange, Finding, SecurityEvent, Severity};
use crate::domain::order::check::{self, Draft, LineFinding};
use crate::domain::order::decide::{self, Decision, Incoming, Known, KnownVersion, Policy};
use crate::domain::order::safeguard::Effect;
use crate::domain::order::{Order, OrderLine, OrderVersion};
use crate::domain::party::DeploymentMode;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::terms::Hold;
use crate::service::answer::{Answer, Responder};
use crate::service::exchange::{self, Received};
use crate::service::order::step::Step;
use crate::service::order::{hold, price};
use crate::service::{Error, Gateway};
use crate::store::{self, StoreError, Tx};
use crate::translate;

/// How far the time of a document may be from now before a person looks (cXML notes A73).
const TIMESTAMP_DAYS_MAX: i64 = 366;

/// Takes an order, a change or a cancellation, or answers a repeated one as before.
///
/// # Errors
/// Refusals by the rules of orders, or the store would not.
pub async fn receive(gateway: &Gateway, received: &Received) -> Result<Answer, Error> {
    let request = match received.request().map(|request| &request.payload) {
        Some(RequestPayload::OrderRequest(request)) => request,
        _ => return Err(Refusal::new(Code::BadRequest, "An OrderRequest is needed here.").into()),
    };
    let lines_max = gateway.config.limits.order_lines_max;
    let (mut draft, mut findings) = translate::order::order(request, received.settings(), lines_max)?;
    let mut held = Vec::new();
    let own = own_holds(gateway, received, &draft).await?;
    let facts = price::lines(gateway, received, &mut draft, &own, &mut held).await?;
    held.extend(check_timestamp(gateway, received));
    let now = gateway.clock.now();
    let today = now.to_zoned(zone(received)).date();
    let checked = check::check(&draft, &facts, &received.settings().safeguards, now, today);
    held.extend(checked.held);
    findings.extend(held.iter().map(|held| held.finding.clone()));
    findings.extend(checked.noted);
    let exchange_id = gateway.clock.new_id();
    let plan = plan(gateway, received, &draft, &own, &checked.effects);
    let arrival = Arrival {
        exchange: received.exchange(gateway, exchange_id, 200, findings),
        attachments: received.attachments(gateway, exchange_id),
        order_from_key: order_from_key(received),
        account_code: received.known().connection.account_code.clone(),
        mode: received.trusted.admitted.mode,
        policy: Policy {
            conflict: received.settings().conflict_answer,
            update_unknown_creates: received.settings().update_unknown_creates,
        },
        draft,
        held,
        effects: checked.effects,
        plan,
    };
    let responder = Responder::new(gateway, &received.settings().cxml_version);
    let clock = gateway.clock.clone();
    let fingerprint = received.incoming.fingerprint;
    let outcome = gateway
        .store
        .write(async move |tx| take(tx, &clock, &arrival, &responder).await)
        .await?;
    let (status, body) = match outcome {
        Outcome::Repeat(earlier) => {
            if earlier.fingerprint != fingerprint {
                return Err(conflicting(gateway, received).await?.into());
            }
            let answer = earlier.answer;
            (
                earlier.status,
                answer.ok_or_else(|| StoreError::inconsistent("an order was stored without its answer"))?,
            )
        }
        Outcome::Answered { status, body, held_at } => {
            hold::follow(gateway, received.known().tenant.id, held_at).await;
            (status, body)
        }
    };
    Ok(Answer::ok(u16::try_from(status).unwrap_or(200), body))
}

/// What the order that a document is about holds already: it is there for its next version.
async fn own_holds(gateway: &Gateway, received: &Received, draft: &Draft) -> Result<Vec<Hold>, Error> {
    let (tenant_id, connection_id) = (received.known().tenant.id, received.known().connection.id);
    let (from_key, order_id) = (order_from_key(received), draft.order_id.clone());
    let read = gateway.store.read(async move |tx| {
        let order = store::order::find_by_order_id(tx, tenant_id, connection_id, &from_key, &order_id).await?;
        match order {
            Some(order) => hold::own(tx, &order).await,
            None => Ok::<_, StoreError>(Vec::new()),
        }
    });
    Ok(read.await?)
}

/// The stock that an order takes, should it be accepted.
fn plan(gateway: &Gateway, received: &Received, draft: &Draft, own: &[Hold], effects: &[Effect]) -> hold::Plan {
    let known = received.known();
    let order = hold::Planned {
        tenant_id: known.tenant.id,
        account: &known.connection.account_code,
        ship_to: draft.header.ship_to.as_ref().and_then(|to| to.address_id.as_deref()),
        kind: draft.kind,
        own,
    };
    let wanted = draft
        .lines
        .iter()
        .filter(|line| !draft.cancelled.contains(&line.position));
    let lines: Vec<OrderLine> = wanted.cloned().collect();
    hold::plan(gateway, &order, &lines, effects)
}

fn zone(received: &Received) -> TimeZone {
    TimeZone::get(&received.known().tenant.time_zone).unwrap_or(TimeZone::UTC)
}

/// Notes an attempt to reuse a `payloadID` for other content, and makes its refusal.
async fn conflicting(gateway: &Gateway, received: &Received) -> Result<Refusal, Error> {
    let known = received.known();
    let text = "A payloadID was used again for other content.";
    let remote = received.remote.to_string();
    exchange::note_event(
        gateway,
        known.tenant.id,
        Some(known.connection.id),
        "payload.reused",
        &remote,
        text,
    )
    .await?;
    let text = "A document with this payloadID and other content was received before.";
    Ok(Refusal::new(Code::Conflict, text).at("cXML/@payloadID"))
}

/// The ordering party: its `From` credential and, where one is given, the ERP behind it.
fn order_from_key(received: &Received) -> String {
    let header = received.incoming.document.header();
    let system = header.and_then(|header| translate::claims::system_id(&header.from));
    match system {
        None => received.trusted.admitted.from_key.clone(),
        Some(system) => format!("{}|systemid|{system}", received.trusted.admitted.from_key),
    }
}

/// A document from long ago or far ahead is looked at by a person.
fn check_timestamp(gateway: &Gateway, received: &Received) -> Option<LineFinding> {
    let hold = |text: &str| LineFinding {
        line_number: None,
        finding: Finding {
            severity: Severity::Hold,
            rule: "order.timestamp".to_owned(),
            place: "cXML/@timestamp".to_owned(),
            text: text.to_owned(),
        },
    };
    let timestamp = received.incoming.document.timestamp.as_ref()?;
    if timestamp.as_str().trim().is_empty() {
        return None;
    }
    let zone = TimeZone::get(&received.settings().time_zone).unwrap_or(TimeZone::UTC);
    match timestamp.read(&zone) {
        Err(_) => Some(hold(
            "The time of the document cannot be read; make sure that it is not an old one.",
        )),
        Ok(parsed) => {
            let days = gateway.clock.now().duration_since(parsed.instant).as_hours().abs() / 24;
            (days > TIMESTAMP_DAYS_MAX)
                .then(|| hold("The document is from long ago or far ahead; make sure that it is meant for now."))
        }
    }
}

/// Everything that the transaction needs.
pub(super) struct Arrival {
    pub exchange: Exchange,
    pub attachments: Vec<Attachment>,
    pub order_from_key: String,
    pub account_code: String,
    pub mode: DeploymentMode,
    pub policy: Policy,
    pub draft: Draft,
    pub held: Vec<LineFinding>,
    pub effects: Vec<Effect>,
    /// The stock that it takes, should it be accepted.
    pub plan: hold::Plan,
}

enum Outcome {
    Repeat(Box<Exchange>),
    Answered {
        status: i64,
        body: Vec<u8>,
        /// Where the change feed stands, if stock was taken or given back.
        held_at: Option<i64>,
    },
}

/// One transaction: settle repetitions, decide, store the version, its exceptions and what follows, and the answer.
async fn take(
    tx: &mut Tx,
    clock: &crate::clock::Clock,
    arrival: &Arrival,
    responder: &Responder,
) -> Result<Outcome, StoreError> {
    let exchange = &arrival.exchange;
    if let Some(earlier) = exchange::find_earlier(tx, exchange).await? {
        return Ok(Outcome::Repeat(Box::new(earlier)));
    }
    let order_id = &arrival.draft.order_id;
    let (tenant_id, connection_id, from_key) = (exchange.tenant_id, exchange.connection_id, &arrival.order_from_key);
    store::order::lock(tx, tenant_id, connection_id, from_key, order_id).await?;
    let found = store::order::find_by_order_id(tx, tenant_id, connection_id, from_key, order_id).await?;
    let (order, versions) = match found {
        None => (None, Vec::new()),
        Some(order) => {
            let versions = store::order::versions(tx, order.tenant_id, order.id).await?;
            (Some(order), versions)
        }
    };
    let known = order.as_ref().map(|order| known(order, &versions));
    let incoming = Incoming {
        action: arrival.draft.action,
        order_version: arrival.draft.order_version,
        reference: arrival.draft.header.document_reference.as_deref(),
        fingerprint: &exchange.fingerprint,
        is_internal: arrival.draft.is_internal,
    };
    let decision = decide::decide(&incoming, known.as_ref(), arrival.policy);
    let (status, body) = match &decision {
        Decision::Refuse(refusal) => {
            let refused = responder.refuse(refusal);
            (i64::from(refused.status), refused.body)
        }
        Decision::AlreadyReceived => (
            200,
            responder.response((200, "OK"), Some("This order was already received."), None),
        ),
        _ => (200, responder.response((200, "OK"), None, None)),
    };
    let stored = Exchange {
        status,
        answer: Some(body.clone()),
        ..exchange.clone()
    };
    store::exchange::insert(tx, &stored).await?;
    store::exchange::insert_all(tx, &arrival.attachments).await?;
    if matches!(&decision, Decision::Refuse(refusal) if refusal.code == Code::ExpectationFailed) {
        note_foreign(tx, clock, arrival).await?;
    }
    let step = Step { tx, clock, arrival };
    let held_at = match (decision, order) {
        (Decision::Refuse(_) | Decision::AlreadyReceived, _) => None,
        (Decision::Create { hold, awaits_new }, _) => step.create(hold, awaits_new).await?,
        (decision, Some(order)) => step.change(decision, order, &versions).await?,
        (_, None) => {
            return Err(StoreError::inconsistent(
                "a change was decided for an order that is not there",
            ));
        }
    };
    Ok(Outcome::Answered { status, body, held_at })
}

/// Notes a change that refers to another partner's document; its sender learns nothing of it.
async fn note_foreign(tx: &mut Tx, clock: &crate::clock::Clock, arrival: &Arrival) -> Result<(), StoreError> {
    let Exchange {
        tenant_id,
        connection_id,
        ..
    } = arrival.exchange;
    let Some(reference) = arrival.draft.header.document_reference.as_deref() else {
        return Ok(());
    };
    if !store::exchange::is_of_another(tx, tenant_id, connection_id, reference).await? {
        return Ok(());
    }
    let event = SecurityEvent {
        tenant_id,
        id: clock.new_id(),
        at: clock.now(),
        kind: "order.foreign".to_owned(),
        connection_id: Some(connection_id),
        remote: arrival.exchange.remote.clone(),
        text: "A change refers to a document of another connection.".to_owned(),
    };
    store::exchange::insert(tx, &event).await
}

fn known(order: &Order, versions: &[OrderVersion]) -> Known {
    let version = |version: &OrderVersion| KnownVersion {
        payload_id: version.payload_id.clone(),
        action: version.action,
        order_version: version.order_version,
        fingerprint: version.fingerprint.clone(),
        applied: version.applied,
    };
    Known {
        state: order.state,
        awaits_new: order.awaits_new,
        versions: versions.iter().map(version).collect(),
    }
}
