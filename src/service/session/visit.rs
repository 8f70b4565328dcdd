//! The visit: its start link is redeemed once, its pages are found by a handle in their address.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::domain::language::Language;
use crate::domain::session::{CartLine, Session, SessionState};
use crate::domain::trust::Known;
use crate::service::exchange;
use crate::service::session::Token;
use crate::service::{Error, Gateway};
use crate::store::{self, StoreError};

/// How long the same browser may repeat the step that opens a visit, for impatient double clicks.
const REOPEN_SECONDS: i64 = 60;

/// A visit under way.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The visit.
    pub session: Session,
    /// The connection.
    pub known: Arc<Known>,
    /// The handle in its addresses.
    pub handle: String,
    /// The cart.
    pub lines: Vec<CartLine>,
}

/// Why there is no visit to go on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// The address names nothing that is or was.
    Unknown,
    /// The start link was used before, or came too late.
    LinkUsed,
    /// The visit's time is over; with the visit where it can still be ended towards the buyer.
    Expired(Option<Box<Session>>),
    /// The cart, or word that nothing changed, went back.
    Returned(Box<Session>),
    /// The user went back without items.
    Cancelled,
    /// A later request of the buyer's system took its place.
    Superseded,
    /// The connection is not in use any more.
    Suspended,
}

/// Looks at a start link without using it; a scanner that follows links changes nothing.
///
/// # Errors
/// The store would not.
pub async fn look(gateway: &Gateway, token: &str) -> Result<Result<(Session, Arc<Known>), Gone>, Error> {
    let Some(token) = Token::read(token) else {
        return Ok(Err(Gone::Unknown));
    };
    let (tenant_id, hash) = (token.tenant_id, token.hash());
    let session = gateway
        .store
        .read(async |tx| store::session::find_by_start(tx, tenant_id, &hash).await)
        .await?;
    let Some(session) = session else {
        return Ok(Err(Gone::Unknown));
    };
    let Some(known) = gateway.directory().connection(session.connection_id).cloned() else {
        return Ok(Err(Gone::Suspended));
    };
    if session.start_until <= gateway.clock.now() {
        return Ok(Err(Gone::LinkUsed));
    }
    Ok(match session.state {
        SessionState::Issued | SessionState::Open => Ok((session, known)),
        SessionState::Returned => Err(Gone::Returned(Box::new(session))),
        SessionState::Cancelled => Err(Gone::Cancelled),
        SessionState::Superseded => Err(Gone::Superseded),
        SessionState::Expired => Err(Gone::Expired(None)),
    })
}

/// Uses a start link, once, and returns the handle of the visit.
///
/// `nonce` comes from the page with the button: the same browser that repeats the step within a minute gets the same
/// handle, everybody else learns that the link was used.
///
/// # Errors
/// The store would not.
pub async fn open(gateway: &Gateway, token: &str, nonce: &str, remote: &str) -> Result<Result<String, Gone>, Error> {
    let Some(token) = Token::read(token) else {
        return Ok(Err(Gone::Unknown));
    };
    let (tenant_id, start_hash) = (token.tenant_id, token.hash());
    let hash = start_hash.clone();
    let found = gateway
        .store
        .read(async |tx| store::session::find_by_start(tx, tenant_id, &hash).await)
        .await?;
    let Some(session) = found else {
        if gateway.directory().tenant(tenant_id).is_some() {
            let text = "A start link that leads nowhere was used: it was guessed, or is an old one.";
            exchange::note_event(gateway, tenant_id, None, "start.unknown", remote, text).await?;
        }
        return Ok(Err(Gone::Unknown));
    };
    let Some(known) = gateway.directory().connection(session.connection_id).cloned() else {
        return Ok(Err(Gone::Suspended));
    };
    let message = [session.id.as_bytes(), start_hash.as_slice(), nonce.as_bytes()].concat();
    let handle = Token::new(tenant_id, &gateway.keys.sign("visit handle", &message, 32));
    let now = gateway.clock.now();
    let shop_until = now + SignedDuration::from_secs(known.settings.shopping_seconds);
    let handle_hash = handle.hash();
    let exchange_id = session.exchange_id;
    let opened = gateway
        .store
        .write(async move |tx| {
            let opened = store::session::redeem(tx, tenant_id, &start_hash, &handle_hash, now, shop_until).await?;
            if let Some(exchange_id) = exchange_id.filter(|_| opened.is_some()) {
                // The answer that carried the link is of no use any more.
                store::exchange::erase_sealed(tx, tenant_id, exchange_id).await?;
            }
            Ok::<_, StoreError>(opened.is_some())
        })
        .await?;
    if opened {
        return Ok(Ok(handle.text));
    }
    let hash = token.hash();
    let again = gateway
        .store
        .read(async |tx| store::session::find_by_start(tx, tenant_id, &hash).await)
        .await?;
    let is_same_browser = again.as_ref().is_some_and(|session| {
        session.handle_hash.as_deref() == Some(handle.hash().as_slice())
            && session
                .opened_at
                .is_some_and(|at| now.duration_since(at).as_secs() <= REOPEN_SECONDS)
    });
    if is_same_browser {
        return Ok(Ok(handle.text));
    }
    let text = "A start link was used a second time, or after its time.";
    exchange::note_event(
        gateway,
        tenant_id,
        Some(known.connection.id),
        "start.reused",
        remote,
        text,
    )
    .await?;
    Ok(Err(Gone::LinkUsed))
}

/// The visit of a handle, with its cart.
///
/// # Errors
/// The store would not.
pub async fn find(gateway: &Gateway, handle: &str) -> Result<Result<Visit, Gone>, Error> {
    let Some(token) = Token::read(handle) else {
        return Ok(Err(Gone::Unknown));
    };
    let (tenant_id, hash) = (token.tenant_id, token.hash());
    let found = gateway
        .store
        .read(async |tx| {
            let Some(session) = store::session::find_by_handle(tx, tenant_id, &hash).await? else {
                return Ok::<_, StoreError>(None);
            };
            let lines = store::session::cart(tx, tenant_id, session.id).await?;
            Ok(Some((session, lines)))
        })
        .await?;
    let Some((session, lines)) = found else {
        return Ok(Err(Gone::Unknown));
    };
    let Some(known) = gateway.directory().connection(session.connection_id).cloned() else {
        return Ok(Err(Gone::Suspended));
    };
    let now = gateway.clock.now();
    Ok(match session.state {
        SessionState::Open if session.shop_until.is_some_and(|until| until > now) => Ok(Visit {
            session,
            known,
            handle: token.text,
            lines,
        }),
        SessionState::Issued | SessionState::Open | SessionState::Expired => {
            Err(Gone::Expired(Some(Box::new(session))))
        }
        SessionState::Returned | SessionState::Cancelled => Err(Gone::Returned(Box::new(session))),
        SessionState::Superseded => Err(Gone::Superseded),
    })
}

/// Keeps the language that the user chose, for the rest of the visit.
///
/// # Errors
/// The store would not.
pub async fn speak(gateway: &Gateway, visit: &Visit, language: Language) -> Result<(), Error> {
    let (tenant_id, id) = (visit.session.tenant_id, visit.session.id);
    gateway
        .store
        .write(async move |tx| store::session::speak(tx, tenant_id, id, language).await)
        .await?;
    Ok(())
}

/// A code that pages of a visit put into their forms, so that no other site can post them.
///
/// # Errors
/// The cryptographic library failed.
pub fn form_code(gateway: &Gateway, handle: &str) -> Result<String, Error> {
    use base64::Engine;
    let code = gateway.keys.sign("visit form", handle.as_bytes(), 16);
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(code))
}

/// Whether a form came from a page of the visit.
///
/// # Errors
/// The cryptographic library failed.
pub fn check_form_code(gateway: &Gateway, handle: &str, code: &str) -> Result<bool, Error> {
    let expected = form_code(gateway, handle)?;
    Ok(expected.len() == code.len() && openssl::memcmp::eq(expected.as_bytes(), code.as_bytes()))
}
