//! Who asks: the sign-in behind a request, the code of a form, and what is said when there is neither.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::web::{Data, Form};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Fields, see_other};
use crate::domain::refusal::Code;
use crate::domain::staff::Staff;
use crate::http::page::admin::{Area, Frame};
use crate::http::page::part::{Notice, with_parameter};
use crate::http::page::visit::ErrorPage;
use crate::http::page::{self, Policy, Reader};
use crate::service::overview::{self, Attention};
use crate::service::{Error, Gateway, check, staff};

/// The form field that carries the code.
pub(in crate::http) const CODE: &str = "csrf";

/// A signed-in person, with what every page shows of them and their supplier.
pub struct Signed {
    /// The gateway.
    pub gateway: Data<Gateway>,
    /// Who.
    pub staff: Staff,
    supplier: String,
    code: String,
    reader: Reader,
    attention: Attention,
}

/// A form that a signed-in person sent from one of our pages.
pub struct Posted {
    /// Who.
    pub signed: Signed,
    /// What was filled in.
    pub fields: Fields,
}

impl Signed {
    /// What stands around a page of this area.
    pub fn frame<'a>(&'a self, area: Area, notice: Option<Notice<'a>>) -> Frame<'a> {
        Frame {
            supplier: &self.supplier,
            person: &self.staff.name,
            role: page::admin::role(self.staff.role),
            csrf: &self.code,
            area,
            attention: self.attention,
            notice,
            test: false,
        }
    }

    /// How a document is checked for this person: today is where the supplier is.
    pub fn check_options(&self) -> check::Options {
        check::Options {
            today: Some(self.reader.now.to_zoned(self.reader.zone.clone()).date()),
            grammar: Some(self.gateway.grammar),
            ..check::Options::default()
        }
    }

    /// The page as the answer.
    pub fn show(&self, page: &impl askama::Template) -> HttpResponse {
        self.show_as(StatusCode::OK, page)
    }

    /// The page as an answer with this status: a form that came back has another than 200.
    pub fn show_as(&self, status: StatusCode, page: &impl askama::Template) -> HttpResponse {
        page::respond(status, page, &self.reader, &Policy::default())
    }
}

impl Posted {
    /// One field, blanks around it dropped; empty where it was not sent.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map(|text| text.trim()).unwrap_or_default()
    }
}

impl FromRequest for Signed {
    type Error = Stop;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Stop>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { signed(&request).await })
    }
}

impl FromRequest for Posted {
    type Error = Stop;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Stop>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let form = Form::<Fields>::from_request(&request, payload);
        Box::pin(async move {
            let signed = signed(&request).await?;
            let fields = form.await.map_err(|_| Stop::Unreadable)?.into_inner();
            let code = fields.get(CODE).map(String::as_str).unwrap_or_default();
            check_code(&signed.gateway, &request, code)?;
            Ok(Posted { signed, fields })
        })
    }
}

/// Whether a form carries the code of the sign-in that it was sent under.
pub(super) fn check_code(gateway: &Gateway, request: &HttpRequest, code: &str) -> Result<(), Stop> {
    let token = token(gateway, request).unwrap_or_default();
    match staff::check_form_code(gateway, &token, code)? {
        true => Ok(()),
        false => Err(Stop::Foreign),
    }
}

async fn signed(request: &HttpRequest) -> Result<Signed, Stop> {
    let gateway = gateway(request)?;
    let elsewhere = || Stop::SignIn(request.uri().to_string());
    let token = token(&gateway, request).ok_or_else(elsewhere)?;
    let staff = staff::signed_in(&gateway, &token).await?.ok_or_else(elsewhere)?;
    let directory = gateway.directory();
    let tenant = directory.tenant(staff.tenant_id).ok_or_else(elsewhere)?;
    Ok(Signed {
        supplier: tenant.name.clone(),
        code: staff::form_code(&gateway, &token)?,
        reader: Reader {
            zone: TimeZone::get(&tenant.time_zone).unwrap_or(TimeZone::UTC),
            ..Reader::utc(gateway.clock.now())
        },
        attention: overview::attention(&gateway, staff.tenant_id).await?,
        staff,
        gateway,
    })
}

/// The gateway that every handler has.
pub(super) fn gateway(request: &HttpRequest) -> Result<Data<Gateway>, Stop> {
    request.app_data::<Data<Gateway>>().cloned().ok_or(Stop::NotThere)
}

fn is_https(gateway: &Gateway) -> bool {
    gateway.public_url.scheme() == "https"
}

/// The `__Host-` prefix makes browsers refuse the cookie from other hosts and over plain HTTP, which loopback needs.
fn cookie_name(gateway: &Gateway) -> &'static str {
    if is_https(gateway) {
        "__Host-punchgate"
    } else {
        "punchgate-loopback"
    }
}

/// The token of the sign-in that a browser sent.
pub(super) fn token(gateway: &Gateway, request: &HttpRequest) -> Option<String> {
    request
        .cookie(cookie_name(gateway))
        .map(|cookie| cookie.value().to_owned())
}

/// The cookie that keeps a sign-in until the browser closes; the server ends it after some hours.
pub(super) fn cookie(gateway: &Gateway, token: &str) -> Cookie<'static> {
    Cookie::build(cookie_name(gateway), token.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(is_https(gateway))
        .finish()
}

/// Whether a browser says that a form was sent from another site; browsers that say nothing are old.
pub(in crate::http) fn is_foreign(request: &HttpRequest) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// An address below `/admin` that is no page; a person who is not signed in learns nothing from it.
pub(super) async fn nothing_here(_signed: Signed) -> Result<HttpResponse, Stop> {
    Err(Stop::NotThere)
}

/// Why a page is not shown.
#[derive(Debug)]
pub enum Stop {
    /// Nobody is signed in; afterwards the page that was asked for.
    SignIn(String),
    /// There is nothing at the address, or it is another supplier's.
    NotThere,
    /// The form was not sent from one of our pages.
    Foreign,
    /// The form is none, or too large.
    Unreadable,
    /// Too many attempts to sign in.
    TooMany(u64),
    /// A use case said no, or could not be run.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Failed(error)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl ResponseError for Stop {
    fn status_code(&self) -> StatusCode {
        match self {
            Stop::SignIn(_) => StatusCode::SEE_OTHER,
            Stop::NotThere => StatusCode::NOT_FOUND,
            Stop::Foreign => StatusCode::FORBIDDEN,
            Stop::Unreadable => StatusCode::BAD_REQUEST,
            Stop::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Stop::Failed(error) => match error.refusal().code {
                Code::ExpectationFailed => StatusCode::NOT_FOUND,
                Code::Forbidden => StatusCode::FORBIDDEN,
                Code::Conflict => StatusCode::CONFLICT,
                Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                Code::Temporary => StatusCode::SERVICE_UNAVAILABLE,
                Code::TooMany => StatusCode::TOO_MANY_REQUESTS,
                Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            },
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Stop::SignIn(wanted) = self {
            return see_other(&with_parameter("/admin/sign-in", "next", wanted));
        }
        if let Stop::Failed(error) = self
            && self.status_code().is_server_error()
        {
            tracing::error!(%error, "admin.failed");
        }
        let status = self.status_code();
        let refusal = match self {
            Stop::Failed(error) => error.refusal().text,
            _ => String::new(),
        };
        let (title, text) = self.words(&refusal);
        let page = ErrorPage {
            brand: None,
            status: u64::from(status.as_u16()),
            title,
            text,
            reference: None,
            onward: Some(("/admin", "To the overview")),
        };
        // The page has no times, so that any reader will do.
        let mut answer = page::respond(status, &page, &Reader::utc(Timestamp::UNIX_EPOCH), &Policy::default());
        if let Stop::TooMany(seconds) = self {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
        }
        answer
    }
}

impl Stop {
    /// Title and explanation; `refusal` is what a use case said.
    pub(super) fn words<'a>(&self, refusal: &'a str) -> (&'static str, &'a str) {
        match self {
            Stop::SignIn(_) => ("Sign in", ""),
            Stop::NotThere => (
                "There is nothing here",
                "The address is wrong, or what was here is gone. Look for it from the overview.",
            ),
            Stop::Foreign => (
                "This form is too old",
                "It was not sent from a page of your present sign-in, so nothing was done. Open the page again and send the form once more.",
            ),
            Stop::Unreadable => (
                "This form cannot be read",
                "Nothing was done. Open the page again and send the form once more.",
            ),
            Stop::TooMany(_) => (
                "Too many attempts to sign in",
                "From your address there were more attempts than allowed. Wait a minute, then try again.",
            ),
            Stop::Failed(error) => match error.refusal().code {
                Code::Forbidden => ("You may not do this", refusal),
                Code::Conflict => ("This is not possible any more", refusal),
                Code::ExpectationFailed => ("There is nothing here", refusal),
                Code::Temporary | Code::TooMany => (
                    "Not possible for the moment",
                    "Nothing was done. Try again in a minute.",
                ),
                Code::Internal => (
                    "Something went wrong",
                    "Nothing was done, and the fault was logged. Try again; if it stays, ask whoever runs this gateway.",
                ),
                _ => ("This cannot be done so", refusal),
            },
        }
    }
}
