//! Who asks: the program behind a token, what it may do and how often; and what it asks in its address and body.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Bytes, Payload};

use super::problem::Stop;
use crate::config::nearest;
use crate::domain::api_client::{ApiClient, Scope};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::word::Word;
use crate::http::{body, peer};
use crate::service::Gateway;
use crate::service::api_client::{self, Denied};
use crate::service::limits::InFlight;

/// The address of whoever asks, unless it asks too often.
pub(super) fn address(gateway: &Gateway, request: &HttpRequest) -> Result<IpAddr, Stop> {
    let remote = peer::address(request, &gateway.config.server.trusted_proxies);
    gateway.limits.request(remote)?;
    Ok(remote)
}

/// The program that asks, which must be allowed to.
pub(super) async fn let_in(gateway: &Gateway, request: &HttpRequest, scope: Scope) -> Result<ApiClient, Stop> {
    let remote = address(gateway, request)?;
    let token = token(request).ok_or_else(|| Stop::token(false))?;
    let client = match api_client::let_in(gateway, token, remote).await? {
        Ok(client) => client,
        Err(Denied::Token) => return Err(Stop::token(true)),
        Err(Denied::TooMany(over)) => return Err(over.into()),
    };
    let per_minute = gateway.config.limits.program_requests_per_minute;
    gateway.limits.connection(client.id, per_minute)?;
    match client.has(scope) {
        true => Ok(client),
        false => Err(Stop::scope(scope.word())),
    }
}

/// Whether a request names anybody, rightly or wrongly.
pub(super) fn has_authorization(request: &HttpRequest) -> bool {
    request.headers().contains_key(AUTHORIZATION)
}

/// The bearer token of a request (RFC 6750).
fn token(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The body of a request, of at most so many bytes.
pub(super) async fn body(
    gateway: &Gateway,
    mut payload: Payload,
    in_flight: &mut InFlight<'_>,
    bytes_max: usize,
) -> Result<Bytes, Stop> {
    match body::take(gateway, &mut payload, in_flight, bytes_max).await {
        Ok(body) => Ok(body),
        Err(reason) => {
            body::hold(payload);
            Err(Stop::body(reason, bytes_max))
        }
    }
}

/// The parameters of an address, each of them known and there once.
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Reads them.
    pub(super) fn read(request: &HttpRequest, known: &[&str]) -> Result<Parameters, Stop> {
        let mut read = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
            if !known.contains(&&*name) {
                let near = nearest(&name, known.iter().copied()).map(|near| format!(" Did you mean {near}?"));
                let text = match known.is_empty() {
                    true => "There are no parameters here.".to_owned(),
                    false => format!("There is no such parameter.{}", near.unwrap_or_default()),
                };
                return Err(Refusal::new(Code::BadRequest, text).into());
            }
            if read.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(wrong(&name, "The parameter is there twice."));
            }
        }
        Ok(Parameters(read))
    }

    /// A text; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A whole number of a range, or the default.
    pub(super) fn number(&self, name: &str, range: RangeInclusive<i64>, default: i64) -> Result<i64, Stop> {
        let Some(text) = self.0.get(name) else {
            return Ok(default);
        };
        let value = text.parse().ok().filter(|value| range.contains(value));
        value.ok_or_else(|| {
            let text = format!("Must be a whole number from {} to {}.", range.start(), range.end());
            wrong(name, &text)
        })
    }
}

fn wrong(name: &str, text: &str) -> Stop {
    Refusal::new(Code::BadRequest, text).at(name).into()
}
