//! Whoever asks for a page of a visit: in which language they are answered, and what is said when there is no page.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, error};
use askama::Template;
use jiff::tz::TimeZone;

use crate::domain::session::Session;
use crate::domain::trust::Known;
use crate::http::page::locale::Locale;
use crate::http::page::text::Text;
use crate::http::page::visit::{Closed, ClosedPage, ErrorPage};
use crate::http::page::{self, Policy, Reader};
use crate::http::{door, peer};
use crate::service::session::visit::{self, Gone, Visit};
use crate::service::{Error, Gateway};

/// Languages of a browser that are looked at; nobody sets up more.
const TAGS_MAX: usize = 16;

/// Who asks.
pub struct Guest {
    /// The gateway asked.
    pub gateway: Data<Gateway>,
    /// How the guest is written to.
    pub reader: Reader,
    request: HttpRequest,
}

impl FromRequest for Guest {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let gateway = request.app_data::<Data<Gateway>>().cloned();
        let gateway = gateway.ok_or_else(|| error::ErrorInternalServerError("no gateway"));
        ready(gateway.map(|gateway| Guest {
            reader: Reader {
                locale: Locale::choose(None, browser_tags(request).iter().map(String::as_str)),
                ..Reader::utc(gateway.clock.now())
            },
            request: request.clone(),
            gateway,
        }))
    }
}

/// The languages a browser asks for (RFC 9110 12.5.4), the most wanted first.
fn browser_tags(request: &HttpRequest) -> Vec<String> {
    let header = request.headers().get(ACCEPT_LANGUAGE);
    let header = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut wanted: Vec<(f32, &str)> = header
        .split(',')
        .take(TAGS_MAX)
        .filter_map(|range| {
            let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
            let weight: f32 = weight.trim().parse().ok()?;
            (weight > 0.0).then_some((weight, tag.trim()))
        })
        .collect();
    wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
    wanted.into_iter().map(|(_, tag)| tag.to_owned()).collect()
}

/// Why a request does not come to a page of a visit.
pub enum Left {
    /// There is no visit to go on with.
    Gone(Gone),
    /// The answer is made already.
    Answered(HttpResponse),
}

impl Guest {
    /// Where the guest is: the address without its host.
    pub fn here(&self) -> String {
        self.request
            .uri()
            .path_and_query()
            .map_or_else(String::new, ToString::to_string)
    }

    /// The kind of the body that came with the request.
    pub fn content_type(&self) -> Option<String> {
        let header = self.request.headers().get(CONTENT_TYPE)?;
        header.to_str().ok().map(str::to_owned)
    }

    /// The guest's own network address.
    pub fn remote(&self) -> std::net::IpAddr {
        peer::address(&self.request, &self.gateway.config.server.trusted_proxies)
    }

    /// Writes from now on as the visit says: the language chosen in it, else of its document, else of the browser.
    pub fn meet(&mut self, known: &Known, session: &Session) {
        self.reader = self.reader_of(known, session);
    }

    fn reader_of(&self, known: &Known, session: &Session) -> Reader {
        let browser = browser_tags(&self.request);
        let tags = session.language.iter().chain(&browser).map(String::as_str);
        Reader {
            zone: TimeZone::get(&known.tenant.time_zone).unwrap_or(TimeZone::UTC),
            now: self.gateway.clock.now(),
            locale: Locale::choose(session.chosen_language, tags),
        }
    }

    /// The visit of a handle, whose language is spoken from now on.
    ///
    /// # Errors
    /// There is none, or the answer is an error page.
    pub async fn enter(&mut self, handle: &str) -> Result<Visit, Left> {
        if let Some(refused) = self.too_many() {
            return Err(Left::Answered(refused));
        }
        match visit::find(&self.gateway, handle).await {
            Ok(Ok(visit)) => {
                self.meet(&visit.known, &visit.session);
                Ok(visit)
            }
            Ok(Err(gone)) => Err(Left::Gone(gone)),
            Err(error) => Err(Left::Answered(self.failed(&error))),
        }
    }

    /// The answer to a form that no page of this visit made, if it is one.
    pub fn forged(&self, handle: &str, code: &str) -> Option<HttpResponse> {
        match visit::check_form_code(&self.gateway, handle, code) {
            Ok(true) => None,
            Ok(false) => Some(self.problem(StatusCode::FORBIDDEN, "error-forged")),
            Err(error) => Some(self.failed(&error)),
        }
    }

    /// The answer to more requests than one network may send, if these are.
    pub fn too_many(&self) -> Option<HttpResponse> {
        let over = self.gateway.limits.request(self.remote()).err()?;
        let text = Text::new("error-too-many-text").with("seconds", over.retry_after_seconds);
        Some(self.problem_with(StatusCode::TOO_MANY_REQUESTS, "error-too-many", text))
    }

    /// What is said when there is no visit behind an address; one whose time is over has a way back from its handle.
    pub fn closed(&self, gone: &Gone, handle: Option<&str>) -> HttpResponse {
        let session: Option<&Session> = match gone {
            Gone::Expired(session) => session.as_deref(),
            Gone::Returned(session) => Some(session),
            _ => None,
        };
        let directory = self.gateway.directory();
        let met = session.and_then(|session| Some((session, directory.connection(session.connection_id)?)));
        let (why, status) = match gone {
            Gone::Unknown | Gone::Suspended => (Closed::NotAvailable, StatusCode::NOT_FOUND),
            Gone::LinkUsed => (Closed::AlreadyUsed, StatusCode::GONE),
            Gone::Expired(_) => (Closed::Expired, StatusCode::GONE),
            Gone::Returned(_) | Gone::Cancelled => (Closed::Ended, StatusCode::GONE),
            Gone::Superseded => (Closed::Superseded, StatusCode::GONE),
        };
        let code = match (gone, handle) {
            (Gone::Expired(Some(session)), Some(handle)) if session.return_url.is_some() => {
                visit::form_code(&self.gateway, handle).ok()
            }
            _ => None,
        };
        let action = handle.map(|handle| format!("/s/{handle}/cancel"));
        let said = ClosedPage {
            brand: met.map(|(_, known)| known.tenant.name.as_str()),
            why,
            back: action.as_deref().zip(code.as_deref()),
        };
        match met {
            Some((session, known)) => answer(status, &said, &self.reader_of(known, session), Some(known), &[]),
            None => answer(status, &said, &self.reader, None, &[]),
        }
    }

    /// A page about a fault of ours, or of the request; the details are in the log under the reference.
    pub fn failed(&self, error: &Error) -> HttpResponse {
        let reference = self.gateway.clock.new_id().simple().to_string();
        tracing::error!(%reference, %error, "page.failed");
        self.error(
            door::status_of(error),
            "error-failed",
            Text::new("error-failed-text"),
            Some(&reference),
        )
    }

    /// A page about a step that cannot be taken: the key of its title, to which a text belongs.
    pub fn problem(&self, status: StatusCode, title: &'static str) -> HttpResponse {
        self.problem_with(status, title, Text::of(title, "-text"))
    }

    /// A page about a step that cannot be taken, with a text of its own.
    pub fn problem_with(&self, status: StatusCode, title: &'static str, text: Text) -> HttpResponse {
        self.error(status, title, text, None)
    }

    fn error(&self, status: StatusCode, title: &'static str, text: Text, reference: Option<&str>) -> HttpResponse {
        let said = ErrorPage {
            brand: None,
            status: u64::from(status.as_u16()),
            title: &self.reader.say(title),
            text: &self.reader.say(text),
            reference,
            onward: None,
        };
        answer(status, &said, &self.reader, None, &[])
    }

    /// A page of a visit, under its connection's framing rules.
    pub fn show(&self, status: StatusCode, known: &Known, page: &impl Template) -> HttpResponse {
        answer(status, page, &self.reader, Some(known), &[])
    }

    /// A page whose form goes to another origin.
    pub fn show_leaving(&self, known: &Known, page: &impl Template, origin: &str) -> HttpResponse {
        answer(StatusCode::OK, page, &self.reader, Some(known), &[origin])
    }
}

fn answer(
    status: StatusCode,
    page: &impl Template,
    reader: &Reader,
    known: Option<&Known>,
    form_action: &[&str],
) -> HttpResponse {
    let ancestors = known.map(|known| known.settings.frame_ancestors.as_slice());
    let ancestors: Vec<&str> = ancestors.unwrap_or_default().iter().map(String::as_str).collect();
    let policy = Policy {
        frame_ancestors: &ancestors,
        form_action,
    };
    page::respond(status, page, reader, &policy)
}
