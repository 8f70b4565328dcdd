//! The edges of a visit: start link, return and cancel, and what is said when there is no visit.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Form, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::domain::party::DeploymentMode;
use crate::domain::session::{SelectedItem, Session};
use crate::domain::trust::Known;
use crate::http::page::format::Money;
use crate::http::page::visit::{Closed, ClosedPage, ErrorPage, ReturnPage, Returned, StartPage};
use crate::http::page::{self, Policy, Reader};
use crate::http::{door, peer, shop};
use crate::service::session::cart;
use crate::service::session::give_back::{self, Outcome, ReturnForm};
use crate::service::session::visit::{self, Gone, Visit};
use crate::service::{Error, Gateway, party};

/// Mounts start links, return and cancel.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/start/{token}")
                .route(web::get().to(start))
                .route(web::head().to(start))
                .route(web::post().to(open)),
        )
        .route("/s/{handle}/return", web::get().to(give_back_again))
        .route("/s/{handle}/return", web::post().to(give_back))
        .route("/s/{handle}/cancel", web::post().to(cancel));
}

/// The hidden field of every form, and the second thought about an empty cart.
#[derive(Debug, Deserialize)]
struct Sent {
    csrf: String,
    #[serde(default)]
    empty: String,
}

/// The page behind a start link; link scanners get it, too, and it changes nothing.
async fn start(gateway: Data<Gateway>, request: HttpRequest, token: Path<String>) -> HttpResponse {
    if let Some(refused) = too_many(&gateway, &request) {
        return refused;
    }
    match visit::look(&gateway, &token).await {
        Ok(Ok((_, known))) => {
            let action = format!("/start/{}", *token);
            let nonce = URL_SAFE_NO_PAD.encode(gateway.clock.new_token());
            let start = StartPage {
                brand: &known.tenant.name,
                buyer: &known.buyer.name,
                via: party::system_name(&known),
                test: known.connection.mode == DeploymentMode::Test,
                action: &action,
                csrf: &nonce,
            };
            with_policy(&gateway, &known, |policy, reader| {
                page::respond(StatusCode::OK, &start, reader, policy)
            })
        }
        Ok(Err(gone)) => closed(&gateway, &gone, None),
        Err(error) => failed(&gateway, &error),
    }
}

/// Opens the visit, once, and sends the browser to its first page.
async fn open(gateway: Data<Gateway>, request: HttpRequest, token: Path<String>, form: Form<Sent>) -> HttpResponse {
    if let Some(refused) = too_many(&gateway, &request) {
        return refused;
    }
    let remote = peer::address(&request, &gateway.config.server.trusted_proxies);
    let selected = match visit::look(&gateway, &token).await {
        Ok(Ok((session, _))) => session.selected_item,
        Ok(Err(_)) => None,
        Err(error) => return failed(&gateway, &error),
    };
    match visit::open(&gateway, &token, &form.csrf, &remote.to_string()).await {
        Ok(Ok(handle)) => see_other(&first_page(&gateway, &handle, selected.as_ref()).await),
        Ok(Err(gone)) => closed(&gateway, &gone, None),
        Err(error) => failed(&gateway, &error),
    }
}

/// Where a visit begins: what the buyer's system pointed at, an existing cart, else the catalogue.
async fn first_page(gateway: &Gateway, handle: &str, selected: Option<&SelectedItem>) -> String {
    let base = format!("/s/{handle}");
    let paths = page::shop::Paths(&base);
    let Ok(Ok(visit)) = visit::find(gateway, handle).await else {
        return paths.home();
    };
    match selected {
        Some(selected) => shop::address_of(gateway, &visit, &paths, selected),
        None if visit.lines.is_empty() => paths.home(),
        None => paths.cart(),
    }
}

async fn give_back(
    gateway: Data<Gateway>,
    request: HttpRequest,
    handle: Path<String>,
    form: Form<Sent>,
) -> HttpResponse {
    let visit = match enter(&gateway, &request, &handle).await {
        Ok(visit) => visit,
        Err(Left::Gone(gone)) => return again(&gateway, &gone, &handle),
        Err(Left::Answered(answer)) => return answer,
    };
    if let Some(refused) = forged(&gateway, &visit.handle, &form.csrf) {
        return refused;
    }
    match give_back::give_back(&gateway, &visit, form.empty == "confirmed").await {
        Ok(Outcome::NotYet(cart)) => shop::cart_needs_a_look(&gateway, &visit, &cart),
        Ok(Outcome::ConfirmEmpty) => shop::confirm_empty(&gateway, &visit),
        Ok(outcome) => finished(&gateway, &visit, outcome),
        Err(error) => failed(&gateway, &error),
    }
}

/// Reloading the return page posts again in most browsers; a few ask with GET, and the form is the same.
async fn give_back_again(gateway: Data<Gateway>, request: HttpRequest, handle: Path<String>) -> HttpResponse {
    match enter(&gateway, &request, &handle).await {
        Ok(visit) => see_other(&format!("/s/{}/cart", visit.handle)),
        Err(Left::Gone(gone)) => again(&gateway, &gone, &handle),
        Err(Left::Answered(answer)) => answer,
    }
}

async fn cancel(gateway: Data<Gateway>, request: HttpRequest, handle: Path<String>, form: Form<Sent>) -> HttpResponse {
    let visit = match enter(&gateway, &request, &handle).await {
        Ok(visit) => visit,
        Err(Left::Gone(Gone::Expired(Some(session)))) => return end(&gateway, &session, &handle, &form.csrf).await,
        Err(Left::Gone(gone)) => return again(&gateway, &gone, &handle),
        Err(Left::Answered(answer)) => return answer,
    };
    if let Some(refused) = forged(&gateway, &visit.handle, &form.csrf) {
        return refused;
    }
    match give_back::cancel(&gateway, &visit.session, &visit.known).await {
        Ok(outcome) => finished(&gateway, &visit, outcome),
        Err(error) => failed(&gateway, &error),
    }
}

/// Ends a visit whose time is over towards the buyer: nothing changed there, and the user is back.
async fn end(gateway: &Gateway, session: &Session, handle: &str, code: &str) -> HttpResponse {
    if let Some(refused) = forged(gateway, handle, code) {
        return refused;
    }
    let Some(known) = gateway.directory().connection(session.connection_id).cloned() else {
        return closed(gateway, &Gone::Suspended, None);
    };
    match give_back::cancel(gateway, session, &known).await {
        Ok(Outcome::Form(form)) => return_page(gateway, &known, &form, None),
        Ok(_) => closed(gateway, &Gone::Cancelled, None),
        Err(error) => failed(gateway, &error),
    }
}

fn finished(gateway: &Gateway, visit: &Visit, outcome: Outcome) -> HttpResponse {
    match outcome {
        Outcome::Form(form) => {
            let cart = cart::view(gateway, visit);
            let returned = cart.currency.filter(|_| !form.is_cancel).map(|currency| Returned {
                lines: cart.lines.len() as u64,
                total: Money {
                    amount: cart.total,
                    currency: currency.code(),
                },
            });
            return_page(gateway, &visit.known, &form, returned)
        }
        Outcome::NoReturnAddress => {
            let text = "The procurement system named no address that the cart could go back to. Close this window and \
                        go on there; tell its administrators that BrowserFormPost was missing.";
            problem(gateway, StatusCode::CONFLICT, "There is no way back", text)
        }
        Outcome::NotYet(_) | Outcome::ConfirmEmpty | Outcome::Over => closed(gateway, &Gone::Cancelled, None),
    }
}

/// The identical form within its time, so that a lost answer loses no cart.
fn again(gateway: &Gateway, gone: &Gone, handle: &str) -> HttpResponse {
    if let Gone::Returned(session) = gone
        && let Some(known) = gateway.directory().connection(session.connection_id)
        && let Some(form) = give_back::again(gateway, session, known)
    {
        return return_page(gateway, known, &form, None);
    }
    closed(gateway, gone, Some(handle))
}

fn return_page(gateway: &Gateway, known: &Known, form: &ReturnForm, cart: Option<Returned<'_>>) -> HttpResponse {
    let origin = form.action.origin().ascii_serialization();
    let returned = ReturnPage {
        brand: &known.tenant.name,
        buyer: &known.buyer.name,
        via: party::system_name(known),
        action: form.action.as_str(),
        field: &form.field,
        value: &form.value,
        cart,
        is_cancel: form.is_cancel,
    };
    with_policy(gateway, known, |policy, reader| {
        let policy = Policy {
            form_action: &[&origin],
            ..*policy
        };
        page::respond(StatusCode::OK, &returned, reader, &policy)
    })
}

/// Why a request does not come to a page of a visit.
pub enum Left {
    /// There is no visit to go on with.
    Gone(Gone),
    /// The answer is made already.
    Answered(HttpResponse),
}

/// The visit of a handle.
///
/// # Errors
/// There is none, or the answer is an error page.
pub async fn enter(gateway: &Gateway, request: &HttpRequest, handle: &str) -> Result<Visit, Left> {
    if let Some(refused) = too_many(gateway, request) {
        return Err(Left::Answered(refused));
    }
    match visit::find(gateway, handle).await {
        Ok(Ok(visit)) => Ok(visit),
        Ok(Err(gone)) => Err(Left::Gone(gone)),
        Err(error) => Err(Left::Answered(failed(gateway, &error))),
    }
}

/// The answer to a form that no page of this visit made, if it is one.
pub fn forged(gateway: &Gateway, handle: &str, code: &str) -> Option<HttpResponse> {
    match visit::check_form_code(gateway, handle, code) {
        Ok(true) => None,
        Ok(false) => {
            let text = "The form did not come from a page of this visit. Open the page again and repeat the step.";
            Some(problem(gateway, StatusCode::FORBIDDEN, "This step was not taken", text))
        }
        Err(error) => Some(failed(gateway, &error)),
    }
}

/// What is said when there is no visit behind an address; one whose time is over has a way back from its handle.
pub fn closed(gateway: &Gateway, gone: &Gone, handle: Option<&str>) -> HttpResponse {
    let session: Option<&Session> = match gone {
        Gone::Expired(session) => session.as_deref(),
        Gone::Returned(session) => Some(session),
        _ => None,
    };
    let known = session.and_then(|session| gateway.directory().connection(session.connection_id).cloned());
    let (why, status) = match gone {
        Gone::Unknown | Gone::Suspended => (Closed::NotAvailable, StatusCode::NOT_FOUND),
        Gone::LinkUsed => (Closed::AlreadyUsed, StatusCode::GONE),
        Gone::Expired(_) => (Closed::Expired, StatusCode::GONE),
        Gone::Returned(_) | Gone::Cancelled => (Closed::Ended, StatusCode::GONE),
        Gone::Superseded => (Closed::Superseded, StatusCode::GONE),
    };
    let brand = known.as_ref().map(|known| known.tenant.name.as_str());
    let code = match (gone, handle) {
        (Gone::Expired(Some(session)), Some(handle)) if session.return_url.is_some() => {
            visit::form_code(gateway, handle).ok()
        }
        _ => None,
    };
    let action = handle.map(|handle| format!("/s/{handle}/cancel"));
    let said = ClosedPage {
        brand,
        why,
        back: action.as_deref().zip(code.as_deref()),
    };
    match &known {
        Some(known) => with_policy(gateway, known, |policy, reader| {
            page::respond(status, &said, reader, policy)
        }),
        None => page::respond(status, &said, &Reader::utc(gateway.clock.now()), &Policy::default()),
    }
}

/// A page about a fault of ours, or of the request; the details are in the log under the reference.
pub fn failed(gateway: &Gateway, error: &Error) -> HttpResponse {
    let reference = gateway.clock.new_id().simple().to_string();
    tracing::error!(%reference, %error, "page.failed");
    let said = ErrorPage {
        brand: None,
        status: door::status_of(error).as_u16(),
        title: "Something went wrong here",
        text: "Nothing was changed. Go back and try again in a moment; your cart is safe.",
        reference: Some(&reference),
        onward: None,
    };
    page::respond(
        door::status_of(error),
        &said,
        &Reader::utc(gateway.clock.now()),
        &Policy::default(),
    )
}

/// A page about a step that cannot be taken.
pub fn problem(gateway: &Gateway, status: StatusCode, title: &str, text: &str) -> HttpResponse {
    let said = ErrorPage {
        brand: None,
        status: status.as_u16(),
        title,
        text,
        reference: None,
        onward: None,
    };
    page::respond(status, &said, &Reader::utc(gateway.clock.now()), &Policy::default())
}

/// Makes the answer with the connection's framing rules and the supplier's time zone.
pub fn with_policy(
    gateway: &Gateway,
    known: &Known,
    answer: impl FnOnce(&Policy<'_>, &Reader) -> HttpResponse,
) -> HttpResponse {
    let ancestors: Vec<&str> = known.settings.frame_ancestors.iter().map(String::as_str).collect();
    let policy = Policy {
        frame_ancestors: &ancestors,
        form_action: &[],
    };
    let reader = Reader {
        zone: TimeZone::get(&known.tenant.time_zone).unwrap_or(TimeZone::UTC),
        now: gateway.clock.now(),
    };
    answer(&policy, &reader)
}

/// Sends the browser on with GET.
pub fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address)).finish()
}

fn too_many(gateway: &Gateway, request: &HttpRequest) -> Option<HttpResponse> {
    let remote = peer::address(request, &gateway.config.server.trusted_proxies);
    let over = gateway.limits.request(remote).err()?;
    let text = format!(
        "Too many requests came from your network. Go on in {} seconds.",
        over.retry_after_seconds
    );
    Some(problem(
        gateway,
        StatusCode::TOO_MANY_REQUESTS,
        "A moment, please",
        &text,
    ))
}
