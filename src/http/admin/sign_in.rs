//! In and out.

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, SET_COOKIE};
use actix_web::web::{self, Data, Form, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::gate::{self, Posted, Stop};
use super::{Fields, see_other};
use crate::http::page::admin::SignInPage;
use crate::http::page::{self, Policy, Reader};
use crate::http::peer;
use crate::service::{Gateway, staff};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/sign-in", web::get().to(ask))
        .route("/sign-in", web::post().to(sign_in))
        .route("/sign-out", web::post().to(sign_out));
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    next: String,
}

async fn ask(gateway: Data<Gateway>, asked: Query<Asked>) -> HttpResponse {
    let page = SignInPage {
        next: inside(&asked.next),
        login: "",
        refused: false,
    };
    answer(&gateway, StatusCode::OK, &page)
}

async fn sign_in(gateway: Data<Gateway>, request: HttpRequest, form: Form<Fields>) -> Result<HttpResponse, Stop> {
    if gate::is_foreign(&request) {
        return Err(Stop::Foreign);
    }
    let remote = peer::address(&request, &gateway.config.server.trusted_proxies);
    gateway
        .limits
        .sign_in(remote)
        .map_err(|over| Stop::TooMany(over.retry_after_seconds))?;
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let next = inside(field("next"));
    match staff::sign_in(&gateway, field("login"), field("password")).await? {
        Some(token) => Ok(HttpResponse::build(StatusCode::SEE_OTHER)
            .insert_header((LOCATION, next))
            .insert_header((SET_COOKIE, gate::cookie(&gateway, &token).to_string()))
            .finish()),
        None => {
            let page = SignInPage {
                next,
                login: field("login"),
                refused: true,
            };
            Ok(answer(&gateway, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

async fn sign_out(posted: Posted, request: HttpRequest) -> Result<HttpResponse, Stop> {
    let gateway = &posted.signed.gateway;
    if let Some(token) = gate::token(gateway, &request) {
        staff::sign_out(gateway, &token).await?;
    }
    let mut gone = gate::cookie(gateway, "");
    gone.make_removal();
    let mut answer = see_other("/admin/sign-in");
    answer.add_cookie(&gone).map_err(|_| Stop::Unreadable)?;
    Ok(answer)
}

fn answer(gateway: &Gateway, status: StatusCode, page: &SignInPage<'_>) -> HttpResponse {
    page::respond(status, page, &Reader::utc(gateway.clock.now()), &Policy::default())
}

/// The address to go on to, if it is one of these pages; another one could lead anywhere.
fn inside(next: &str) -> &str {
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let below = next
        .strip_prefix("/admin")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    if plain && below && !next.starts_with("/admin/sign-in") {
        next
    } else {
        "/admin"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_on_to_pages_of_ours_only() {
        let check = |next: &str, expect: &str| assert_eq!(inside(next), expect, "{next}");
        check("/admin/orders?state=held&page=2", "/admin/orders?state=held&page=2");
        check("/admin?done=x", "/admin?done=x");
        for elsewhere in [
            "",
            "/",
            "//evil.example/admin",
            "/adminevil",
            "https://evil.example/admin",
            "/admin/sign-in?next=/admin",
            "/admin\\@evil.example",
            "/admin/\r\nSet-Cookie: a=b",
        ] {
            check(elsewhere, "/admin");
        }
    }
}
