//! The edges of a visit: start link, return and cancel, and the choice of a language.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Form, Path, ServiceConfig};
use actix_web::{HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::domain::language::Language;
use crate::domain::party::DeploymentMode;
use crate::domain::session::{SelectedItem, Session};
use crate::domain::trust::Known;
use crate::http::guest::{Guest, Left};
use crate::http::page;
use crate::http::page::format::Money;
use crate::http::page::visit::{ReturnPage, Returned, StartPage};
use crate::http::shop;
use crate::service::session::cart;
use crate::service::session::give_back::{self, Outcome, ReturnForm};
use crate::service::session::visit::{self, Gone, Visit};
use crate::service::{Gateway, party};

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
        .route("/s/{handle}/cancel", web::post().to(cancel))
        .route("/s/{handle}/language", web::post().to(language));
}

/// The hidden field of every form, and the second thought about an empty cart.
#[derive(Debug, Deserialize)]
struct Sent {
    csrf: String,
    #[serde(default)]
    empty: String,
}

/// The page behind a start link; link scanners get it, too, and it changes nothing.
async fn start(mut guest: Guest, token: Path<String>) -> HttpResponse {
    if let Some(refused) = guest.too_many() {
        return refused;
    }
    match visit::look(&guest.gateway, &token).await {
        Ok(Ok((session, known))) => {
            guest.meet(&known, &session);
            let action = format!("/start/{}", *token);
            let nonce = URL_SAFE_NO_PAD.encode(guest.gateway.clock.new_token());
            let start = StartPage {
                brand: &known.tenant.name,
                buyer: &known.buyer.name,
                via: party::system_name(&known),
                test: known.connection.mode == DeploymentMode::Test,
                action: &action,
                csrf: &nonce,
            };
            guest.show(StatusCode::OK, &known, &start)
        }
        Ok(Err(gone)) => guest.closed(&gone, None),
        Err(error) => guest.failed(&error),
    }
}

/// Opens the visit, once, and sends the browser to its first page.
async fn open(guest: Guest, token: Path<String>, form: Form<Sent>) -> HttpResponse {
    if let Some(refused) = guest.too_many() {
        return refused;
    }
    let gateway = &guest.gateway;
    let selected = match visit::look(gateway, &token).await {
        Ok(Ok((session, _))) => session.selected_item,
        Ok(Err(_)) => None,
        Err(error) => return guest.failed(&error),
    };
    match visit::open(gateway, &token, &form.csrf, &guest.remote().to_string()).await {
        Ok(Ok(handle)) => see_other(&first_page(gateway, &handle, selected.as_ref()).await),
        Ok(Err(gone)) => guest.closed(&gone, None),
        Err(error) => guest.failed(&error),
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

async fn give_back(mut guest: Guest, handle: Path<String>, form: Form<Sent>) -> HttpResponse {
    let visit = match guest.enter(&handle).await {
        Ok(visit) => visit,
        Err(Left::Gone(gone)) => return again(&mut guest, &gone, &handle),
        Err(Left::Answered(answer)) => return answer,
    };
    if let Some(refused) = guest.forged(&visit.handle, &form.csrf) {
        return refused;
    }
    match give_back::give_back(&guest.gateway, &visit, form.empty == "confirmed").await {
        Ok(Outcome::NotYet(cart)) => shop::cart_needs_a_look(guest, visit, &cart).await,
        Ok(Outcome::ConfirmEmpty) => shop::confirm_empty(guest, visit).await,
        Ok(outcome) => finished(&guest, &visit, outcome).await,
        Err(error) => guest.failed(&error),
    }
}

/// Reloading the return page posts again in most browsers; a few ask with GET, and the form is the same.
async fn give_back_again(mut guest: Guest, handle: Path<String>) -> HttpResponse {
    match guest.enter(&handle).await {
        Ok(visit) => see_other(&format!("/s/{}/cart", visit.handle)),
        Err(Left::Gone(gone)) => again(&mut guest, &gone, &handle),
        Err(Left::Answered(answer)) => answer,
    }
}

async fn cancel(mut guest: Guest, handle: Path<String>, form: Form<Sent>) -> HttpResponse {
    let visit = match guest.enter(&handle).await {
        Ok(visit) => visit,
        Err(Left::Gone(Gone::Expired(Some(session)))) => return end(&mut guest, &session, &handle, &form.csrf).await,
        Err(Left::Gone(gone)) => return again(&mut guest, &gone, &handle),
        Err(Left::Answered(answer)) => return answer,
    };
    if let Some(refused) = guest.forged(&visit.handle, &form.csrf) {
        return refused;
    }
    match give_back::cancel(&guest.gateway, &visit.session, &visit.known).await {
        Ok(outcome) => finished(&guest, &visit, outcome).await,
        Err(error) => guest.failed(&error),
    }
}

/// The language that the reader chose, and the page it was chosen on.
#[derive(Debug, Deserialize)]
struct Chosen {
    csrf: String,
    language: String,
    back: String,
}

/// Keeps the chosen language with the visit and shows the same page in it.
async fn language(mut guest: Guest, handle: Path<String>, form: Form<Chosen>) -> HttpResponse {
    let visit = match guest.enter(&handle).await {
        Ok(visit) => visit,
        Err(Left::Gone(gone)) => return guest.closed(&gone, Some(&handle)),
        Err(Left::Answered(answer)) => return answer,
    };
    if let Some(refused) = guest.forged(&visit.handle, &form.csrf) {
        return refused;
    }
    if let Some(language) = Language::of_tag(&form.language)
        && let Err(error) = visit::speak(&guest.gateway, &visit, language).await
    {
        return guest.failed(&error);
    }
    let base = format!("/s/{}/", visit.handle);
    see_other(if form.back.starts_with(&base) {
        &form.back
    } else {
        &base
    })
}

/// Ends a visit whose time is over towards the buyer: nothing changed there, and the user is back.
async fn end(guest: &mut Guest, session: &Session, handle: &str, code: &str) -> HttpResponse {
    if let Some(refused) = guest.forged(handle, code) {
        return refused;
    }
    let Some(known) = guest.gateway.directory().connection(session.connection_id).cloned() else {
        return guest.closed(&Gone::Suspended, None);
    };
    guest.meet(&known, session);
    match give_back::cancel(&guest.gateway, session, &known).await {
        Ok(Outcome::Form(form)) => return_page(guest, &known, &form, None),
        Ok(_) => guest.closed(&Gone::Cancelled, None),
        Err(error) => guest.failed(&error),
    }
}

async fn finished(guest: &Guest, visit: &Visit, outcome: Outcome) -> HttpResponse {
    match outcome {
        Outcome::Form(form) => {
            // The cart went back; its sum is told where it can be.
            let cart = cart::view(&guest.gateway, visit).await.ok();
            let cart = cart.unwrap_or_default();
            let returned = cart.currency.filter(|_| !form.is_cancel).map(|currency| Returned {
                lines: cart.lines.len() as u64,
                total: Money {
                    amount: cart.total,
                    currency: currency.code(),
                },
            });
            return_page(guest, &visit.known, &form, returned)
        }
        Outcome::NoReturnAddress => guest.problem(StatusCode::CONFLICT, "error-no-way-back"),
        Outcome::NotYet(_) | Outcome::ConfirmEmpty | Outcome::Over => guest.closed(&Gone::Cancelled, None),
    }
}

/// The identical form within its time, so that a lost answer loses no cart.
fn again(guest: &mut Guest, gone: &Gone, handle: &str) -> HttpResponse {
    let directory = guest.gateway.directory();
    if let Gone::Returned(session) = gone
        && let Some(known) = directory.connection(session.connection_id)
        && let Some(form) = give_back::again(&guest.gateway, session, known)
    {
        guest.meet(known, session);
        return return_page(guest, known, &form, None);
    }
    guest.closed(gone, Some(handle))
}

fn return_page(guest: &Guest, known: &Known, form: &ReturnForm, cart: Option<Returned<'_>>) -> HttpResponse {
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
    guest.show_leaving(known, &returned, &origin)
}

/// Sends the browser on with GET.
pub fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address)).finish()
}
