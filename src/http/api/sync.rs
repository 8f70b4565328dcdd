//! `POST /api/v1/sync/{entity}`: rows of the catalogue, of contracts and of stock, and what became of each.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::gate::{self, Parameters};
use super::problem::{self, Stop};
use crate::config::nearest;
use crate::domain::api_client::Scope;
use crate::domain::refusal::{Code, Refusal};
use crate::service::Gateway;
use crate::service::import::Entity;
use crate::service::import::push::{self, Outcome};
use crate::service::import::rows::Became;

/// Largest body in bytes: the most rows at a time, each of 1.6 KiB.
const BODY_BYTES_MAX: usize = 16 << 20;

pub(super) async fn take(
    gateway: Data<Gateway>,
    request: HttpRequest,
    entity: Path<String>,
    payload: Payload,
) -> HttpResponse {
    problem::answer(&gateway, taken(&gateway, &request, &entity, payload).await)
}

async fn taken(gateway: &Gateway, request: &HttpRequest, word: &str, payload: Payload) -> Result<HttpResponse, Stop> {
    let client = gate::let_in(gateway, request, Scope::SyncWrite).await?;
    let asked = Parameters::read(request, &["source"])?;
    let entity = entity(word)?;
    let mut in_flight = gateway.limits.in_flight();
    let body = gate::body(gateway, payload, &mut in_flight, BODY_BYTES_MAX).await?;
    let outcomes = push::take(gateway, client.tenant_id, asked.text("source"), entity, body.to_vec()).await?;
    let mut counts = Counts::default();
    let rows: Vec<Value> = outcomes.iter().map(|outcome| row(outcome, &mut counts)).collect();
    Ok(HttpResponse::Ok().json(json!({
        "entity": entity.word(),
        "stored": counts.stored,
        "unchanged": counts.unchanged,
        "stale": counts.stale,
        "refused": counts.refused,
        "rows": rows,
    })))
}

fn entity(word: &str) -> Result<Entity, Stop> {
    let found = Entity::ALL.into_iter().find(|entity| entity.word() == word);
    found.ok_or_else(|| {
        let near = nearest(word, Entity::ALL.iter().map(|entity| entity.word()));
        let near = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
        let text = format!("There is no such kind of row.{near}");
        Refusal::new(Code::ExpectationFailed, text).at("entity").into()
    })
}

/// Rows by what became of them.
#[derive(Default)]
struct Counts {
    stored: u64,
    unchanged: u64,
    stale: u64,
    refused: u64,
}

fn row(outcome: &Outcome, counts: &mut Counts) -> Value {
    let (word, count) = match &outcome.became {
        Became::Stored => ("stored", &mut counts.stored),
        Became::Unchanged => ("unchanged", &mut counts.unchanged),
        Became::Stale => ("stale", &mut counts.stale),
        Became::Refused(_) => ("refused", &mut counts.refused),
    };
    *count += 1;
    let mut row = json!({ "line": outcome.line, "key": outcome.key, "result": word });
    if let Became::Refused(faults) = &outcome.became {
        let faults = faults.iter();
        row["faults"] = faults
            .map(|fault| json!({ "field": fault.field, "reason": fault.reason }))
            .collect();
    }
    row
}
