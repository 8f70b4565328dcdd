//! `POST /api/v1/hook/{source}`: what an ERP says by itself, signed with the source's secret.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::gate;
use super::problem::{self, Stop};
use crate::service::Gateway;
use crate::service::sync::hook;

/// Largest body in bytes: as many changes as are taken at a time.
const BODY_BYTES_MAX: usize = 256 * 1024;

pub(super) async fn take(
    gateway: Data<Gateway>,
    request: HttpRequest,
    source: Path<String>,
    payload: Payload,
) -> HttpResponse {
    problem::answer(&gateway, taken(&gateway, &request, &source, payload).await)
}

async fn taken(gateway: &Gateway, request: &HttpRequest, source: &str, payload: Payload) -> Result<HttpResponse, Stop> {
    let remote = gate::address(gateway, request)?;
    let mut in_flight = gateway.limits.in_flight();
    let body = gate::body(gateway, payload, &mut in_flight, BODY_BYTES_MAX).await?;
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match hook::take(gateway, source, header, &body).await {
        Ok(kept) => Ok(HttpResponse::Accepted().json(json!({ "kept": kept }))),
        Err(error) => {
            // Whoever guesses is slowed down as whoever guesses tokens is.
            gateway.limits.failure(remote)?;
            Err(error.into())
        }
    }
}
