//! Why a program does not get what it asked for, as a problem (RFC 9457).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use crate::domain::refusal::{Code, Refusal};
use crate::http::admin::Stop as Page;
use crate::http::body::NotTaken;
use crate::service::limits::TooMany;
use crate::service::{Error, Gateway};

/// Faults that one problem names.
const FAULTS_MAX: usize = 100;

/// Seconds after which to come again where nothing says it better.
const RETRY_SECONDS: u64 = 5;

/// The classes of refusal that programs meet here.
pub(super) const CODES: [Code; 12] = [
    Code::BadRequest,
    Code::Unauthorized,
    Code::Forbidden,
    Code::ExpectationFailed,
    Code::NotImplemented,
    Code::Conflict,
    Code::PreconditionFailed,
    Code::TooLarge,
    Code::NotAcceptable,
    Code::TooMany,
    Code::Internal,
    Code::Temporary,
];

/// Why a request ended.
#[derive(Debug)]
pub(super) struct Stop {
    error: Error,
    retry_after_seconds: Option<u64>,
    /// What `WWW-Authenticate` says.
    challenge: Option<String>,
    /// Whether there is a body that is not read any more.
    is_unread: bool,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop {
            error,
            retry_after_seconds: None,
            challenge: None,
            is_unread: false,
        }
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(refusal).into()
    }
}

impl From<TooMany> for Stop {
    fn from(over: TooMany) -> Self {
        let seconds = over.retry_after_seconds;
        let refusal = Refusal::new(Code::TooMany, format!("Come again in {seconds} seconds."));
        Stop {
            retry_after_seconds: Some(seconds),
            ..refusal.into()
        }
    }
}

impl From<Page> for Stop {
    fn from(page: Page) -> Self {
        match page {
            Page::Failed(error) => error.into(),
            Page::TooMany(retry_after_seconds) => TooMany { retry_after_seconds }.into(),
            Page::SignIn(_) => Stop::token(false),
            Page::Foreign => {
                let text = "A page of another site may not ask in the name of a person.";
                Refusal::new(Code::Forbidden, text).into()
            }
            Page::NotThere => Refusal::new(Code::ExpectationFailed, "There is nothing at this address.").into(),
            Page::Unreadable => Refusal::new(Code::BadRequest, "The body cannot be read.").into(),
        }
    }
}

impl Stop {
    /// There is no token, or one that cannot be used.
    pub(super) fn token(is_sent: bool) -> Stop {
        let (text, challenge) = match is_sent {
            true => (
                "The token is not known, or no longer valid. An administrator of the supplier makes another one.",
                "Bearer realm=\"punchgate\", error=\"invalid_token\"",
            ),
            false => (
                "Send a token: \"Authorization: Bearer pgt_…\". An administrator of the supplier makes one.",
                "Bearer realm=\"punchgate\"",
            ),
        };
        Stop {
            challenge: Some(challenge.to_owned()),
            ..Refusal::new(Code::Unauthorized, text).into()
        }
    }

    /// The token does not allow this.
    pub(super) fn scope(scope: &str) -> Stop {
        let text = format!("The token does not allow {scope}; an administrator of the supplier makes one that does.");
        Stop {
            challenge: Some(format!(
                "Bearer realm=\"punchgate\", error=\"insufficient_scope\", scope=\"{scope}\""
            )),
            ..Refusal::new(Code::Forbidden, text).into()
        }
    }

    /// The body was not taken.
    pub(super) fn body(reason: NotTaken, bytes_max: usize) -> Stop {
        let (code, text) = match reason {
            NotTaken::BrokenOff => (
                Code::BadRequest,
                "The body broke off, or is not coded as said.".to_owned(),
            ),
            NotTaken::TooLarge => (
                Code::TooLarge,
                format!("The body is larger than {bytes_max} bytes; send it in pieces."),
            ),
            NotTaken::TooSlow => (Code::Temporary, "The body came too slowly; send it again.".to_owned()),
            NotTaken::TooMuch => (
                Code::Temporary,
                "Too much is arriving at once; send it again.".to_owned(),
            ),
        };
        Stop {
            is_unread: true,
            ..Refusal::new(code, text).into()
        }
    }
}

/// The address of a type of problem, where it is described.
pub(super) fn kind(code: Code) -> String {
    format!("/api/v1/problems/{}", code.problem().1)
}

/// What was asked for, or the problem that it is.
pub(super) fn answer(gateway: &Gateway, answer: Result<HttpResponse, Stop>) -> HttpResponse {
    match answer {
        Ok(answer) => answer,
        Err(stop) => told(gateway, &stop),
    }
}

fn told(gateway: &Gateway, stop: &Stop) -> HttpResponse {
    let refusal = stop.error.refusal();
    let (status, _, title) = refusal.code.problem();
    let instance = gateway.clock.new_id().urn().to_string();
    if status >= 500 {
        tracing::error!(error = %stop.error, instance, "api.failed");
    }
    let (faults, count) = match &stop.error {
        Error::Faulty(faults) => (faults.as_slice(), faults.len()),
        Error::Refused(refusal) if refusal.field.is_some() => (std::slice::from_ref(refusal), 1),
        _ => (&[][..], 0),
    };
    let detail = match count {
        0 | 1 => refusal.text.clone(),
        count => format!("{count} values are wrong; nothing was taken."),
    };
    let mut problem = json!({
        "type": kind(refusal.code),
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
    });
    if count > 0 {
        problem["errors"] = faults.iter().take(FAULTS_MAX).map(fault).collect();
    }
    let mut answer = HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    answer.content_type("application/problem+json");
    answer.insert_header((CACHE_CONTROL, "no-store"));
    if let Some(challenge) = &stop.challenge {
        answer.insert_header((WWW_AUTHENTICATE, challenge.as_str()));
    }
    if refusal.code == Code::TooMany || refusal.code == Code::Temporary {
        let seconds = stop.retry_after_seconds.unwrap_or(RETRY_SECONDS);
        answer.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    if stop.is_unread {
        answer.insert_header((CONNECTION, "close"));
        answer.force_close();
    }
    answer.body(problem.to_string())
}

/// A fault at its place: a value of the body by its pointer (RFC 6901), else a parameter of the address.
fn fault(refusal: &Refusal) -> Value {
    let field = refusal.field.as_deref().unwrap_or_default();
    match field.strip_prefix('/') {
        Some(_) => json!({ "detail": refusal.text, "pointer": format!("#{field}") }),
        None => json!({ "detail": refusal.text, "parameter": field }),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_type_of_problem_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = CODES.iter().map(|code| code.problem().1).collect();
        assert_eq!(names.len(), CODES.len());
        assert!(CODES.iter().all(|code| (400..600).contains(&code.problem().0)));
    }
}
