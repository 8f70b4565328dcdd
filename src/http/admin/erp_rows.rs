//! Rows from ERPs and programs: how they fare, and what could not be taken, tried again.

use actix_web::HttpResponse;
use actix_web::web::{self, Path, Query, ServiceConfig};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::gate::{Posted, Signed, Stop};
use super::{id, see_other};
use crate::domain::staff::Deed;
use crate::http::page::admin::{AlertRow, Area, Bar, EntityRow, ErpRowsPage, RejectRow, RunRow, WaitRow};
use crate::http::page::part::{More, Notice, Status, Tone, with_parameter};
use crate::service::sync::look::{self, Fares, Rejected, Tried, Which};
use crate::service::sync::{RunRecord, lag, span};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/erp/rows", web::get().to(list))
        .route("/erp/rows/retry", web::post().to(retry_all))
        .route("/erp/rows/{id}/retry", web::post().to(retry));
}

const ADDRESS: &str = "/admin/erp/rows";
/// How high the chart of the last runs is, and how wide one bar with its gap.
const CHART: (u64, u64) = (20, 8);

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    of: String,
    before: Option<Uuid>,
    /// What became of rows that were tried again: good, refused, asked for.
    good: Option<u64>,
    refused: Option<u64>,
    asked: Option<u64>,
}

/// `source`, `source/kind` or `source/kind/entity`.
fn which(of: &str) -> Which {
    let mut parts = of.splitn(3, '/').map(str::to_owned);
    Which {
        source: parts.next().unwrap_or_default(),
        kind: parts.next().unwrap_or_default(),
        entity: parts.next().unwrap_or_default(),
    }
}

fn of(fares: &Fares) -> String {
    let base = format!("{}/{}", fares.source.code, fares.kind);
    match fares.is_fetched {
        true => format!("{base}/{}", fares.entity),
        false => base,
    }
}

async fn list(signed: Signed, listing: Query<Listing>) -> Result<HttpResponse, Stop> {
    let tenant_id = signed.staff.tenant_id;
    let (fares, waiting) = look::fares(&signed.gateway, tenant_id).await?;
    let page = look::rejected(&signed.gateway, tenant_id, &which(&listing.of), listing.before).await?;
    let told = tried_told(&listing);
    let notice = told.as_deref().map(|text| Notice {
        tone: if listing.refused.unwrap_or(0) > 0 {
            Tone::Warn
        } else {
            Tone::Good
        },
        title: "Tried again.",
        text,
    });
    let address = match listing.of.as_str() {
        "" => ADDRESS.to_owned(),
        of => with_parameter(ADDRESS, "of", of),
    };
    let mut picks = vec![(String::new(), "All kinds".to_owned(), listing.of.is_empty())];
    picks.extend(fares.iter().filter(|fares| fares.rejects > 0).map(|fares| {
        let value = of(fares);
        let label = format!("{}: {} ({})", fares.source.code, fares.entity, fares.rejects);
        let chosen = value == listing.of;
        (value, label, chosen)
    }));
    Ok(signed.show(&ErpRowsPage {
        frame: signed.frame(Area::Erp, notice),
        alerts: fares.iter().flat_map(alerts).collect(),
        entities: fares.iter().map(entity).collect(),
        waiting: waiting
            .iter()
            .map(|waiting| WaitRow {
                source: &waiting.source,
                oldest: waiting.oldest,
            })
            .collect(),
        of: &listing.of,
        picks,
        rows: page.rows.iter().map(reject).collect(),
        more: More::new(&address, listing.before, page.next),
        may_retry: signed.staff.may(Deed::RetryRows),
    }))
}

fn tried_told(listing: &Listing) -> Option<String> {
    let (good, refused, asked) = (listing.good?, listing.refused?, listing.asked?);
    let mut told = format!("{good} taken, {refused} still refused.");
    if asked > 0 {
        told.push_str(&format!(
            " {asked} are no rows yet: their records are fetched again within seconds where a source of the folder has them."
        ));
    }
    Some(told)
}

fn alerts(fares: &Fares) -> Vec<AlertRow> {
    let alerts = fares.alerts.iter().map(|alert| AlertRow {
        name: format!("{}, {}", fares.source.code, fares.entity),
        text: match alert.kind.as_str() {
            lag::AGE => format!(
                "nothing came to its end for {}, where {} are allowed",
                span(alert.value),
                span(alert.limit_value)
            ),
            _ => format!(
                "{} percent of the rows are refused, where {} are allowed",
                alert.value, alert.limit_value
            ),
        },
        since: alert.since,
    });
    alerts.collect()
}

fn entity(fares: &Fares) -> EntityRow<'_> {
    let is_faulty = fares.runs.first().is_some_and(|run| run.outcome != "done");
    let state = match () {
        () if !fares.alerts.is_empty() => Status::bad("Over the limit"),
        () if is_faulty => Status::warn("Last run ended early"),
        () if fares.rejects > 0 => Status::warn("Rows refused"),
        () if fares.is_fetched => Status::good("In step"),
        () => Status::good("Pushed"),
    };
    EntityRow {
        source: &fares.source.code,
        entity: &fares.entity,
        kind: &fares.kind,
        state,
        ok_at: fares.ok_at,
        last_at: fares.last_at,
        rows: count(fares.rows),
        rejects: count(fares.rejects),
        percent: fares.rejects_percent(),
        oldest: fares.oldest,
        href: with_parameter(ADDRESS, "of", &of(fares)) + "#refused",
        runs: fares.runs.iter().map(run).collect(),
        bars: bars(fares),
    }
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn run(run: &RunRecord) -> RunRow<'_> {
    let took = run.finished_at.duration_since(run.started_at);
    RunRow {
        started: run.started_at,
        took: match took.as_secs() {
            0 => format!("{} ms", took.as_millis().max(0)),
            seconds => span(seconds),
        },
        mode: match run.mode.as_str() {
            "full" => "all",
            "keys" => "some records",
            _ => "changes",
        },
        seen: count(run.seen),
        added: count(run.added),
        changed: count(run.changed),
        deleted: count(run.deleted),
        rejected: count(run.rejected),
        fault: run.error.as_deref(),
    }
}

/// Bars of the last runs, the latest at the right; nothing where none changed anything, since there is nothing to see.
fn bars(fares: &Fares) -> Vec<Bar> {
    let sums: Vec<u64> = fares
        .runs
        .iter()
        .map(|run| count(run.added + run.changed + run.deleted))
        .collect();
    let most = sums.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return Vec::new();
    }
    let (high, wide) = CHART;
    let bars = fares.runs.iter().zip(&sums).rev().zip(0..);
    bars.map(|((run, sum), place)| {
        let height = (sum * high / most).max(1);
        Bar {
            x: place * wide,
            y: high - height,
            height,
            is_faulty: run.outcome != "done",
        }
    })
    .collect()
}

fn reject(rejected: &Rejected) -> RejectRow<'_> {
    let Rejected { row, source } = rejected;
    let faults = row.faults.as_array().map(Vec::as_slice).unwrap_or_default();
    RejectRow {
        key: &row.ext_id,
        source,
        kind: &row.entity,
        faults: faults
            .iter()
            .map(|fault| (member(fault, "field"), member(fault, "reason")))
            .collect(),
        content: row
            .content
            .as_ref()
            .map(|content| serde_json::to_string_pretty(&look::shown(content)).unwrap_or_default()),
        first: row.first_at,
        last: row.last_at,
        tries: count(row.tries),
        retry: format!("{ADDRESS}/{}/retry", row.id),
    }
}

fn member<'v>(fault: &'v Value, name: &str) -> &'v str {
    fault.get(name).and_then(Value::as_str).unwrap_or_default()
}

async fn retry(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    let tried = look::try_one(&signed.gateway, &signed.staff, id(&path)?).await?;
    Ok(after(&posted, tried))
}

async fn retry_all(posted: Posted) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    let tried = look::try_all(&signed.gateway, &signed.staff, &which(posted.field("of"))).await?;
    Ok(after(&posted, tried))
}

/// The list again, with what became of the rows.
fn after(posted: &Posted, tried: Tried) -> HttpResponse {
    let mut address = ADDRESS.to_owned();
    if !posted.field("of").is_empty() {
        address = with_parameter(&address, "of", posted.field("of"));
    }
    for (name, count) in [("good", tried.good), ("refused", tried.refused), ("asked", tried.asked)] {
        address = with_parameter(&address, name, &count.to_string());
    }
    see_other(&address)
}
