//! The cart goes back: terms once more, an offer that is kept, a document that never changes again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use rust_decimal::Decimal;
use url::Url;

use crate::cxml::{Document, WriteOptions};
use crate::domain::exchange::{Direction, Exchange, Finding};
use crate::domain::party::{DeploymentMode, ReturnEncoding};
use crate::domain::quote::{Quote, QuoteLine};
use crate::domain::session::{Operation, Session, SessionState};
use crate::domain::shopping::Bought;
use crate::domain::trust::Known;
use crate::service::session::cart::{self, Cart};
use crate::service::session::visit::Visit;
use crate::service::{Error, Gateway, answer, away, outbound, reference, shopping};
use crate::store::{self, StoreError};
use crate::translate::cart::{self as wire, Envelope};

/// The form that carries the document through the user's browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnForm {
    /// Where the browser posts it.
    pub action: Url,
    /// Name of the one hidden field.
    pub field: String,
    /// Its value; the template escapes it.
    pub value: String,
    /// Whether the document says that nothing changed.
    pub is_cancel: bool,
}

/// What became of the wish to return.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Here is the form.
    Form(ReturnForm),
    /// Something in the cart must be mended or seen first.
    NotYet(Box<Cart>),
    /// An empty cart would make the buyer delete the lines of this visit; the user must say so.
    ConfirmEmpty,
    /// The set-up request named no return address.
    NoReturnAddress,
    /// The visit was closed in the meantime, and its form cannot be had any more.
    Over,
}

/// Returns the cart.
///
/// Price and stock are resolved once more; whatever differs from what the user saw is shown before anything leaves.
///
/// # Errors
/// The store or the keys would not.
pub async fn give_back(gateway: &Gateway, visit: &Visit, empty_confirmed: bool) -> Result<Outcome, Error> {
    if visit.session.operation == Operation::Inspect {
        return cancel(gateway, &visit.session, &visit.known).await;
    }
    let Some(action) = return_address(&visit.session) else {
        return Ok(Outcome::NoReturnAddress);
    };
    if visit.lines.is_empty() && visit.session.operation == Operation::Edit && !empty_confirmed {
        return Ok(Outcome::ConfirmEmpty);
    }
    if visit.lines.is_empty() && visit.session.operation == Operation::Create {
        return cancel(gateway, &visit.session, &visit.known).await;
    }
    let cart = cart::view(gateway, visit).await?;
    if !cart.is_ready() || cart.lines.iter().any(cart::Line::price_changed) {
        cart::accept_prices(gateway, visit, &cart).await?;
        return Ok(Outcome::NotYet(Box::new(cart)));
    }
    let currency = cart
        .currency
        .map_or_else(|| visit.known.tenant.currency.clone(), |code| code.code().to_owned());
    let payload_id = answer::new_payload_id(&gateway.clock, answer::host(gateway));
    let lines = wire_lines(gateway, visit, &cart)?;
    let (document, findings) = wire::cart(
        &envelope(gateway, &visit.session, &visit.known, &payload_id, &currency),
        &lines,
    )
    .map_err(unwritable)?;
    let (quote, quote_lines) = quote(gateway, visit, &cart, &lines, &currency);
    let closing = Closing {
        state: SessionState::Returned,
        payload_id,
        text: write(gateway, &document, &visit.known)?,
        status: 200,
        findings,
        quote: Some((quote, quote_lines)),
        remembered: shopping::remembered(gateway, visit, &cart),
    };
    close(gateway, &visit.session, &visit.known, closing, action).await
}

/// Ends a visit without items: Status 204, which changes nothing at the buyer's.
///
/// # Errors
/// The store would not.
pub async fn cancel(gateway: &Gateway, session: &Session, known: &Known) -> Result<Outcome, Error> {
    let Some(action) = return_address(session) else {
        return Ok(Outcome::NoReturnAddress);
    };
    let payload_id = answer::new_payload_id(&gateway.clock, answer::host(gateway));
    let envelope = envelope(gateway, session, known, &payload_id, &known.tenant.currency);
    let text = write(gateway, &wire::cancel(&envelope).map_err(unwritable)?, known)?;
    let closing = Closing {
        state: SessionState::Cancelled,
        text,
        payload_id,
        status: 204,
        findings: Vec::new(),
        quote: None,
        remembered: Vec::new(),
    };
    close(gateway, session, known, closing, action).await
}

/// The form of a visit that was returned a short while ago: the identical document.
pub fn again(gateway: &Gateway, session: &Session, known: &Known) -> Option<ReturnForm> {
    let window = SignedDuration::from_secs(gateway.config.sessions.render_again_seconds);
    let is_recent = session
        .closed_at
        .is_some_and(|at| gateway.clock.now().duration_since(at) <= window);
    let document = session.return_document.as_deref().filter(|_| is_recent)?;
    let is_cancel = session.state == SessionState::Cancelled;
    Some(form(return_address(session)?, document, known, is_cancel))
}

/// A closing that is ready to be stored.
struct Closing {
    state: SessionState,
    payload_id: String,
    text: String,
    status: i64,
    findings: Vec<Finding>,
    quote: Option<(Quote, Vec<QuoteLine>)>,
    remembered: Vec<Bought>,
}

async fn close(
    gateway: &Gateway,
    session: &Session,
    known: &Known,
    closing: Closing,
    action: Url,
) -> Result<Outcome, Error> {
    let is_cancel = closing.state == SessionState::Cancelled;
    let text = closing.text.clone();
    let exchange = exchange(gateway, session, known, &closing);
    let now = gateway.clock.now();
    let (tenant_id, session_id) = (session.tenant_id, session.id);
    let shopper = shopping::shopper(session).filter(|_| !closing.remembered.is_empty());
    let bought_max = gateway.config.shop.bought_max;
    let closed = gateway
        .store
        .write(async move |tx| {
            store::session::lock(tx, tenant_id, session_id).await?;
            let document = Some((closing.payload_id.as_str(), closing.text.as_str()));
            if !store::session::close(tx, tenant_id, session_id, closing.state, now, document).await? {
                return Ok::<_, StoreError>(false);
            }
            store::exchange::insert(tx, &exchange).await?;
            if let Some((quote, lines)) = &closing.quote {
                store::quote::insert(tx, quote).await?;
                store::quote::insert_all(tx, lines).await?;
            }
            if let Some(shopper) = &shopper {
                store::shopping::put_bought(tx, &closing.remembered).await?;
                store::shopping::trim_bought(tx, shopper, bought_max).await?;
            }
            Ok(true)
        })
        .await?;
    if closed {
        let state = if is_cancel { "cancelled" } else { "returned" };
        metrics::counter!("punchgate_visits_closed_total", "state" => state).increment(1);
        return Ok(Outcome::Form(form(action, &text, known, is_cancel)));
    }
    // A double click: the first one closed the visit, and its document is the one that counts.
    let stored = gateway
        .store
        .read(async |tx| store::session::find(tx, tenant_id, session_id).await)
        .await?;
    Ok(stored
        .and_then(|session| again(gateway, &session, known))
        .map_or(Outcome::Over, Outcome::Form))
}

fn exchange(gateway: &Gateway, session: &Session, known: &Known, closing: &Closing) -> Exchange {
    let fingerprint = openssl::sha::sha256(closing.text.as_bytes()).to_vec();
    Exchange {
        tenant_id: session.tenant_id,
        id: gateway.clock.new_id(),
        connection_id: known.connection.id,
        direction: Direction::Out,
        payload_id: closing.payload_id.clone(),
        from_key: known.tenant.code.clone(),
        document_type: "PunchOutOrderMessage".to_owned(),
        sha256: fingerprint.clone(),
        fingerprint,
        text: closing.text.clone(),
        encoding: "UTF-8".to_owned(),
        status: closing.status,
        answer: None,
        answer_sealed: None,
        findings: closing.findings.clone(),
        trace_id: session.id.simple().to_string(),
        remote: String::new(),
        repeats: 0,
        repeated_at: None,
        duration_ms: 0,
        received_at: gateway.clock.now(),
    }
}

/// The address was checked when the visit was set up; here it is only read again.
fn return_address(session: &Session) -> Option<Url> {
    session.return_url.as_deref().and_then(|text| Url::parse(text).ok())
}

fn envelope<'a>(
    gateway: &Gateway,
    session: &'a Session,
    known: &'a Known,
    payload_id: &'a str,
    currency: &'a str,
) -> Envelope<'a> {
    Envelope {
        header: &session.header,
        buyer_cookie: &session.buyer_cookie,
        payload_id,
        timestamp: gateway.clock.now(),
        language: session.language.as_deref().unwrap_or("en-US"),
        operation_allowed: &known.settings.operation_allowed,
        currency,
        is_test: known.connection.mode == DeploymentMode::Test,
    }
}

fn write(gateway: &Gateway, document: &Document, known: &Known) -> Result<String, Error> {
    let ascii = known.settings.return_encoding == ReturnEncoding::CxmlUrlencoded;
    let text = document
        .write(&WriteOptions {
            version: known.settings.cxml_version.clone(),
            ascii,
        })
        .map_err(unwritable)?;
    // The user waits, and a fault of form seldom keeps the buyer's system from reading a cart.
    outbound::is_valid(gateway.grammar, &text);
    Ok(text)
}

fn unwritable(error: impl std::fmt::Display) -> Error {
    Error::Setting(format!("the cart cannot be written: {error}"))
}

fn form(action: Url, document: &str, known: &Known, is_cancel: bool) -> ReturnForm {
    let value = match known.settings.return_encoding {
        ReturnEncoding::CxmlBase64 => STANDARD.encode(document.as_bytes()),
        ReturnEncoding::CxmlUrlencoded => document.to_owned(),
    };
    ReturnForm {
        action,
        field: known.settings.return_field.clone(),
        value,
        is_cancel,
    }
}

fn wire_lines(gateway: &Gateway, visit: &Visit, cart: &Cart) -> Result<Vec<wire::Line>, Error> {
    let mut lines = Vec::with_capacity(cart.lines.len());
    for (at, line) in cart.lines.iter().enumerate() {
        let (Some(product), Some(terms), Some(unit)) = (&line.product, &line.answer, &line.unit_sent) else {
            continue;
        };
        let (Some(price), Some(amount)) = (terms.unit_price, terms.line_amount) else {
            continue;
        };
        let default = visit.known.settings.classification_default.clone();
        lines.push(wire::Line {
            line_number: u64::try_from(at + 1).unwrap_or(u64::MAX),
            sku: product.sku.clone(),
            auxiliary_id: reference::write(&gateway.keys, line.line.tenant_id, line.line.id)?,
            description: product.name.clone(),
            quantity: line.line.quantity,
            unit: unit.clone(),
            unit_price: price.amount,
            price_quantity: terms.price_quantity,
            amount: amount.amount,
            classification: product
                .unspsc
                .clone()
                .or(default)
                .map(|code| ("UNSPSC".to_owned(), code)),
            manufacturer: product.manufacturer.clone(),
            manufacturer_part_id: product.manufacturer_part_id.clone(),
            lead_time_days: product.lead_time_days.map(u64::from),
        });
    }
    Ok(lines)
}

fn quote(
    gateway: &Gateway,
    visit: &Visit,
    cart: &Cart,
    lines: &[wire::Line],
    currency: &str,
) -> (Quote, Vec<QuoteLine>) {
    let now = gateway.clock.now();
    // What an absent ERP may change by its return is offered for less long.
    let seconds = away::quote_seconds(gateway, visit.session.tenant_id, visit.known.settings.quote_seconds);
    let quote = Quote {
        tenant_id: visit.session.tenant_id,
        id: gateway.clock.new_id(),
        session_id: visit.session.id,
        connection_id: visit.session.connection_id,
        account_code: visit.session.account_code.clone(),
        currency: currency.to_owned(),
        total: lines.iter().map(|line| line.amount).sum::<Decimal>(),
        valid_until: now + SignedDuration::from_secs(seconds),
        created_at: now,
    };
    let quote_lines = cart.lines.iter().zip(lines).map(|(held, sent)| QuoteLine {
        tenant_id: quote.tenant_id,
        quote_id: quote.id,
        line_id: held.line.id,
        line_number: i64::try_from(sent.line_number).unwrap_or(i64::MAX),
        sku: sent.sku.clone(),
        description: sent.description.clone(),
        quantity: sent.quantity,
        unit: held.line.unit.clone(),
        unit_sent: sent.unit.clone(),
        unit_price: sent.unit_price,
        price_quantity: sent.price_quantity,
        amount: sent.amount,
        classification: sent.classification.clone(),
        trace: held.answer.as_ref().map(|answer| answer.trace.clone()),
    });
    let quote_lines = quote_lines.collect();
    (quote, quote_lines)
}
