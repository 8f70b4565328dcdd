//! A set-up request becomes a visit with a start link.

use uuid::Uuid;

use crate::cxml::{Link, PunchOutSetupResponse, RequestPayload, ResponsePayload};
use crate::domain::exchange::{Exchange, Finding, Severity};
use crate::domain::product::Goods;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{CartLine, Operation, Session, SessionHeader, SessionState};
use crate::service::answer::{self, Answer};
use crate::service::exchange::{self, Received};
use crate::service::reference::{self, Reference};
use crate::service::session::Token;
use crate::service::{Error, Gateway, product, quote, terms};
use crate::store::{self, StoreError, Tx};
use crate::translate::setup::{Setup, SetupItem};
use crate::{cxml, translate};

/// Opens a visit, or answers a repeated request as before.
///
/// # Errors
/// Refusals by the rules of set-up, or the store would not.
pub async fn set_up(gateway: &Gateway, received: &Received) -> Result<Answer, Error> {
    let request = match received.request().map(|request| &request.payload) {
        Some(RequestPayload::PunchOutSetupRequest(request)) => request,
        _ => return Err(Refusal::new(Code::BadRequest, "A PunchOutSetupRequest is needed here.").into()),
    };
    let setup = match translate::setup::setup(request, received.settings()) {
        Err(refusal) if refusal.code == Code::Forbidden => return Err(strayed(gateway, received, refusal).await?),
        read => read?,
    };
    check_operation(&setup, received)?;
    let mut findings = setup.findings.clone();
    let session_id = gateway.clock.new_id();
    let lines = restore(gateway, received, &setup, session_id, &mut findings).await?;
    let token = Token::new(received.known().tenant.id, &gateway.clock.new_token());
    let body = start_answer(gateway, &token, &received.settings().cxml_version);
    let exchange_id = gateway.clock.new_id();
    let mut exchange = received.exchange(gateway, exchange_id, 200, findings);
    exchange.answer_sealed = Some(gateway.keys.seal(&gateway.clock, &body)?);
    let attachments = received.attachments(gateway, exchange_id);
    let session = session(gateway, received, &setup, session_id, exchange_id, &token);
    let earlier = gateway
        .store
        .write(async move |tx| {
            if let Some(earlier) = exchange::find_earlier(tx, &exchange).await? {
                return Ok::<_, StoreError>(Some(earlier));
            }
            supersede(tx, &session).await?;
            store::session::insert_with_exchange(tx, &exchange, &session).await?;
            store::exchange::insert_all(tx, &attachments).await?;
            store::session::put_lines(tx, &lines).await?;
            Ok(None)
        })
        .await?;
    match earlier {
        None => {
            metrics::counter!("punchgate_visits_total").increment(1);
            Ok(Answer::ok(200, body))
        }
        Some(earlier) => repeat(gateway, received, earlier).await,
    }
}

/// Notes that a cart was to go to an address that is not on the connection's list.
async fn strayed(gateway: &Gateway, received: &Received, refusal: Refusal) -> Result<Error, Error> {
    let known = received.known();
    let (tenant_id, connection_id) = (known.tenant.id, Some(known.connection.id));
    let remote = received.remote.to_string();
    let text = "A cart was to be returned to an address that is not on the list.";
    exchange::note_event(gateway, tenant_id, connection_id, "return.foreign", &remote, text).await?;
    Ok(Error::Refused(refusal))
}

/// The same user who sets up the same buyer session again means the new visit; others keep theirs.
async fn supersede(tx: &mut Tx, session: &Session) -> Result<(), StoreError> {
    let Some(user) = session.user.key().filter(|_| !session.buyer_cookie.trim().is_empty()) else {
        return Ok(());
    };
    let Session {
        tenant_id,
        connection_id,
        buyer_cookie,
        ..
    } = session;
    for live in store::session::live_with_cookie(tx, *tenant_id, *connection_id, buyer_cookie).await? {
        if live.user.key() == Some(user) {
            store::session::supersede(tx, *tenant_id, live.id, session.created_at).await?;
        }
    }
    Ok(())
}

/// The operation must be one that returned carts of this connection allow, and edit and inspect need lines.
fn check_operation(setup: &Setup, received: &Received) -> Result<(), Refusal> {
    let allowed: &[Operation] = match received.settings().operation_allowed.as_str() {
        "create" => &[Operation::Create],
        "inspect" => &[Operation::Create, Operation::Inspect],
        _ => &[Operation::Create, Operation::Inspect, Operation::Edit],
    };
    let at = "PunchOutSetupRequest/@operation";
    if !allowed.contains(&setup.operation) {
        let text = "Carts of this connection do not allow this operation.";
        return Err(Refusal::new(Code::PreconditionFailed, text).at(at));
    }
    if setup.operation != Operation::Create && setup.items.is_empty() {
        let text = "There are no lines to show; send the lines of the cart as ItemOut.";
        return Err(Refusal::new(Code::PreconditionFailed, text).at("ItemOut"));
    }
    Ok(())
}

/// Rebuilds the cart line by line: by our signed reference, then by part number; what cannot be found stays visible.
async fn restore(
    gateway: &Gateway,
    received: &Received,
    setup: &Setup,
    session_id: Uuid,
    findings: &mut Vec<Finding>,
) -> Result<Vec<CartLine>, Error> {
    let known = received.known();
    let tenant_id = known.tenant.id;
    let mut lines: Vec<CartLine> = Vec::with_capacity(setup.items.len());
    for item in &setup.items {
        let place = format!("ItemOut {}/SupplierPartAuxiliaryID", item.position);
        let quoted = match item.auxiliary_id.as_deref() {
            None => None,
            Some(text) => match reference::read(&gateway.keys, tenant_id, text)? {
                Reference::Line(line_id) => quote::find_line(gateway, tenant_id, line_id).await?,
                Reference::Tampered => {
                    let text =
                        "The cart reference is not one that was made here; the line was found by its part number.";
                    findings.push(warn("setup.reference", &place, text));
                    None
                }
                Reference::Foreign => None,
            },
        };
        if let Some((quote, _)) = &quoted
            && quote.connection_id != known.connection.id
        {
            exchange::note_event(
                gateway,
                tenant_id,
                Some(known.connection.id),
                "cart.foreign",
                &received.remote.to_string(),
                "A cart reference of another connection was sent.",
            )
            .await?;
            let text = "This cart was not made on this connection.";
            return Err(Refusal::new(Code::PreconditionFailed, text).at(place).into());
        }
        let quoted = quoted.map(|(_, line)| line);
        // A copied requisition line carries the same reference twice; the second becomes a line of its own.
        let id = quoted
            .as_ref()
            .map(|line| line.line_id)
            .filter(|id| lines.iter().all(|line| line.id != *id));
        let sku = quoted.map_or_else(|| item.supplier_part_id.clone(), |line| line.sku);
        let (product, goods) = (
            terms::product(gateway, tenant_id, &sku),
            product::goods(gateway, tenant_id),
        );
        if product.is_none() {
            let place = format!("ItemOut {}/SupplierPartID", item.position);
            findings.push(warn(
                "setup.part",
                &place,
                "The part is not in the catalogue; the line is shown as it came.",
            ));
        }
        let unit = own_unit(received, item, product.as_deref(), goods.as_deref());
        lines.push(CartLine {
            tenant_id,
            id: id.unwrap_or_else(|| gateway.clock.new_id()),
            session_id,
            line_number: item.position,
            sku,
            quantity: item.quantity,
            unit,
            unit_price: item.unit_price.as_ref().map(|(price, _)| *price),
            price_quantity: item.price_quantity,
            currency: item
                .unit_price
                .as_ref()
                .map(|(_, code)| code.clone())
                .unwrap_or_default(),
            band: None,
            ships_on: None,
            trace: None,
            item_out: serde_json::to_string(item).ok(),
            added_at: received.received_at,
        });
    }
    Ok(lines)
}

/// Our unit for the buyer's: the connection's map, then the product's units that mean the same, then its first unit.
fn own_unit(
    received: &Received,
    item: &SetupItem,
    product: Option<&crate::domain::product::Product>,
    goods: Option<&Goods>,
) -> String {
    let theirs = item.unit.as_deref().unwrap_or_default();
    let mapped = received
        .settings()
        .units
        .iter()
        .find(|(_, sent)| sent.eq_ignore_ascii_case(theirs));
    let ours = mapped.map_or(theirs, |(ours, _)| ours.as_str());
    let Some(product) = product else { return ours.to_owned() };
    let is_meant = |unit: &&crate::domain::product::ProductUnit| match goods {
        Some(goods) => goods.is_unit(&unit.unit, ours),
        None => crate::domain::unit::is_same(&unit.unit, ours),
    };
    let same = product.sellable_units().find(is_meant);
    same.or_else(|| product.default_unit())
        .map_or_else(|| ours.to_owned(), |unit| unit.unit.clone())
}

fn session(
    gateway: &Gateway,
    received: &Received,
    setup: &Setup,
    id: Uuid,
    exchange_id: Uuid,
    token: &Token,
) -> Session {
    let known = received.known();
    let now = gateway.clock.now();
    Session {
        tenant_id: known.tenant.id,
        id,
        connection_id: known.connection.id,
        exchange_id: Some(exchange_id),
        account_code: known.connection.account_code.clone(),
        operation: setup.operation,
        state: SessionState::Issued,
        buyer_cookie: setup.buyer_cookie.clone(),
        return_url: setup.return_url.clone(),
        language: received
            .incoming
            .document
            .lang
            .clone()
            .filter(|lang| !lang.trim().is_empty()),
        user: setup.user.clone(),
        ship_to: setup.ship_to.clone(),
        selected_item: setup.selected_item.clone(),
        header: header(received),
        start_hash: Some(token.hash()),
        start_until: now + jiff::SignedDuration::from_secs(known.settings.start_seconds),
        handle_hash: None,
        shop_until: None,
        return_payload_id: None,
        chosen_language: None,
        return_document: None,
        created_at: now,
        opened_at: None,
        closed_at: None,
    }
}

/// The parties as they must be mirrored, without any proof.
fn header(received: &Received) -> SessionHeader {
    let list = |party: Option<&cxml::Party>| {
        let credentials = party.map(|party| party.credentials.as_slice()).unwrap_or_default();
        credentials
            .iter()
            .filter(|credential| !credential.identity().is_empty())
            .map(|credential| (credential.domain().to_owned(), credential.identity().to_owned()))
            .collect()
    };
    let header = received.incoming.document.header();
    SessionHeader {
        from: list(header.map(|header| &header.from)),
        to: list(header.map(|header| &header.to)),
        payload_id: received.payload_id.clone(),
    }
}

fn start_answer(gateway: &Gateway, token: &Token, version: &str) -> Vec<u8> {
    let url = format!(
        "{}/start/{}",
        gateway.public_url.as_str().trim_end_matches('/'),
        token.text
    );
    let response = PunchOutSetupResponse {
        start_page: Some(Link::from(url.as_str())),
        ..PunchOutSetupResponse::default()
    };
    answer::response(
        gateway,
        (200, "OK"),
        None,
        Some(ResponsePayload::PunchOutSetupResponse(response)),
        version,
    )
}

/// A repeated set-up: the stored answer while its link is unused; a new link while the visit is open; else 409.
async fn repeat(gateway: &Gateway, received: &Received, earlier: Exchange) -> Result<Answer, Error> {
    exchange::check_repeat(&earlier, received)?;
    let now = gateway.clock.now();
    let (tenant_id, exchange_id) = (earlier.tenant_id, earlier.id);
    let session = gateway
        .store
        .read(async |tx| store::session::find_by_exchange(tx, tenant_id, exchange_id).await)
        .await?;
    let over = || Refusal::new(Code::Conflict, "This visit is over; send a new request.").at("cXML/@payloadID");
    let Some(session) = session else {
        return Err(over().into());
    };
    if let Some(sealed) = &earlier.answer_sealed
        && session.start_until > now
        && matches!(session.state, SessionState::Issued | SessionState::Open)
    {
        return Ok(Answer::ok(200, gateway.keys.open(sealed)?));
    }
    let is_open = match session.state {
        SessionState::Issued => true,
        SessionState::Open => session.shop_until.is_some_and(|until| until > now),
        _ => false,
    };
    if !is_open || !exchange::may_renew(received.trusted.proof) {
        return Err(over().into());
    }
    let token = Token::new(tenant_id, &gateway.clock.new_token());
    let body = start_answer(gateway, &token, &received.settings().cxml_version);
    let sealed = gateway.keys.seal(&gateway.clock, &body)?;
    let until = now + jiff::SignedDuration::from_secs(received.settings().start_seconds);
    let (session_id, hash) = (session.id, token.hash());
    gateway
        .store
        .write(async move |tx| {
            store::session::renew_start(tx, tenant_id, session_id, &hash, until).await?;
            store::exchange::set_sealed(tx, tenant_id, exchange_id, &sealed).await
        })
        .await?;
    Ok(Answer::ok(200, body))
}

fn warn(rule: &str, place: &str, text: &str) -> Finding {
    Finding {
        severity: Severity::Warn,
        rule: rule.to_owned(),
        place: place.to_owned(),
        text: text.to_owned(),
    }
}
