//! `GET /api/v1/changes`: what changed after a number, at once or as soon as something does.

use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::gate::{self, Parameters};
use super::problem::{self, Stop};
use crate::domain::api_client::Scope;
use crate::service::Gateway;
use crate::service::feed::{self, CHANGES_MAX, Change, WAIT_SECONDS_MAX};

/// Changes on a page where no other number is asked for.
const LIMIT_DEFAULT: i64 = 100;

pub(super) async fn list(gateway: Data<Gateway>, request: HttpRequest) -> HttpResponse {
    problem::answer(&gateway, found(&gateway, &request).await)
}

async fn found(gateway: &Gateway, request: &HttpRequest) -> Result<HttpResponse, Stop> {
    let client = gate::let_in(gateway, request, Scope::ChangesRead).await?;
    let asked = Parameters::read(request, &["after", "limit", "wait"])?;
    let after = asked.number("after", 0..=i64::MAX, 0)?;
    let limit = asked.number("limit", 1..=CHANGES_MAX, LIMIT_DEFAULT)?;
    let wait_max = i64::try_from(WAIT_SECONDS_MAX).unwrap_or(i64::MAX);
    let wait = asked.number("wait", 0..=wait_max, 0)?;
    let wait = Duration::from_secs(wait.unsigned_abs());
    let found = feed::after(gateway, client.tenant_id, after, limit, wait).await?;
    let body = json!({
        "changes": found.changes.iter().map(change).collect::<Vec<_>>(),
        "next": found.next,
        "more": found.more,
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(body))
}

fn change(change: &Change) -> Value {
    json!({
        "seq": change.seq,
        "entity": change.entity,
        // Of too many rows at once the feed says only that many changed.
        "id": (!change.entity_id.is_nil()).then(|| change.entity_id.to_string()),
        "op": change.op,
        "cause": change.cause,
        "at": change.at.to_string(),
    })
}
