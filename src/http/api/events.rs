//! `POST /api/v1/events`: hints that something changed elsewhere, kept until they are followed.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::gate::{self, Parameters};
use super::problem::{self, Stop};
use crate::domain::api_client::Scope;
use crate::domain::refusal::{Code, Refusal};
use crate::service::Gateway;
use crate::service::hint::{self, Changed};

/// Largest body in bytes: as many hints as are taken at a time, with keys of usual length.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// What a program says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    source: String,
    events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    entity: String,
    key: String,
}

pub(super) async fn take(gateway: Data<Gateway>, request: HttpRequest, payload: Payload) -> HttpResponse {
    problem::answer(&gateway, taken(&gateway, &request, payload).await)
}

async fn taken(gateway: &Gateway, request: &HttpRequest, payload: Payload) -> Result<HttpResponse, Stop> {
    let client = gate::let_in(gateway, request, Scope::EventsWrite).await?;
    Parameters::read(request, &[])?;
    let mut in_flight = gateway.limits.in_flight();
    let body = gate::body(gateway, payload, &mut in_flight, BODY_BYTES_MAX).await?;
    let said: Said = serde_json::from_slice(&body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let text = format!(
            "The body is not an object with source and events as /api/v1/openapi.json describes it: \
             see line {line}, column {column}."
        );
        Refusal::new(Code::BadRequest, text)
    })?;
    let changed: Vec<Changed> = said
        .events
        .into_iter()
        .map(|Event { entity, key }| Changed { entity, key })
        .collect();
    let kept = hint::take(gateway, &client, &said.source, &changed).await?;
    Ok(HttpResponse::Accepted().json(json!({ "kept": kept })))
}
