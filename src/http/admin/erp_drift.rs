//! What the store and ERPs differ in: compared, fixed, accepted.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Path, Query, ServiceConfig};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::gate::{Posted, Signed, Stop};
use super::{done, id, see_other};
use crate::domain::staff::Deed;
use crate::http::page::admin::{Area, ComparedRow, DriftRow, ErpDriftPage, FieldRow, KindRow, PriceRow, SourceRow};
use crate::http::page::part::{More, Notice, Status, Tone, with_parameter};
use crate::service::Error;
use crate::service::sync::reconcile::{self, Found, Kind, Past, Running, State};
use crate::service::{staff, sync};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/erp/drift", web::get().to(list))
        .route("/erp/drift/compare", web::post().to(compare))
        .route("/erp/drift/fix", web::post().to(fix_all))
        .route("/erp/drift/{id}/fix", web::post().to(fix))
        .route("/erp/drift/{id}/accept", web::post().to(accept));
}

const ADDRESS: &str = "/admin/erp/drift";

/// How long the answer waits for a comparison; one that takes longer is looked at again and again.
const WAIT: Duration = Duration::from_secs(1);

/// Seconds between two looks, in the words of the header field by which browsers load a page again.
const AGAIN_SECONDS: &str = "2";

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    show: String,
    before: Option<Uuid>,
    #[serde(default)]
    done: String,
    #[serde(default)]
    job: String,
}

async fn list(signed: Signed, listing: Query<Listing>) -> Result<HttpResponse, Stop> {
    let tenant_id = signed.staff.tenant_id;
    let running = id(&listing.job)
        .ok()
        .and_then(|job| reconcile::find(&signed.gateway, tenant_id, job));
    let is_accepted = listing.show == "accepted";
    let listed = reconcile::list(&signed.gateway, tenant_id, is_accepted, listing.before).await?;
    let people = staff::list(&signed.gateway, tenant_id).await?;
    let people: HashMap<Uuid, &str> = people.iter().map(|person| (person.id, person.name.as_str())).collect();
    let codes: HashMap<Uuid, &str> = listed
        .sources
        .iter()
        .map(|(source, _)| (source.id, source.code.as_str()))
        .collect();
    let files = sync::sources(&signed.gateway, tenant_id);
    let is_here = |code: &str| files.iter().any(|file| file.setting.code == code);
    let mut sources: Vec<SourceRow<'_>> = listed
        .sources
        .iter()
        .filter(|(source, past)| !past.is_empty() || is_here(&source.code))
        .map(|(source, past)| SourceRow {
            code: &source.code,
            past: past.iter().map(compared).collect(),
            is_here: is_here(&source.code),
        })
        .collect();
    // A source that never ran is not in the store yet.
    let new = files.iter().filter(|file| {
        let mut known = listed.sources.iter();
        known.all(|(source, _)| source.code != file.setting.code)
    });
    sources.extend(new.map(|file| SourceRow {
        code: &file.setting.code,
        past: Vec::new(),
        is_here: true,
    }));
    let failed = running.as_ref().and_then(|running| failure(running));
    let notice = failed.as_deref().map_or_else(
        || notice(&listing.done),
        |text| {
            Some(Notice {
                tone: Tone::Bad,
                title: "The comparison failed.",
                text,
            })
        },
    );
    let progress = running.as_ref().and_then(|running| match running.state() {
        State::UnderWay { kind, records } => Some((running.source.as_str(), kind, records)),
        State::Done(_) | State::Failed(_) => None,
    });
    let address = match is_accepted {
        true => with_parameter(ADDRESS, "show", "accepted"),
        false => ADDRESS.to_owned(),
    };
    let page = ErpDriftPage {
        frame: signed.frame(Area::Erp, notice),
        sources,
        progress,
        is_accepted,
        open: listed.open,
        rows: listed
            .page
            .rows
            .iter()
            .map(|drift| row(drift, &codes, &people))
            .collect(),
        more: More::new(&address, listing.before, listed.page.next),
        may_fix: signed.staff.may(Deed::Reconcile),
        may_accept: signed.staff.may(Deed::AcceptDrift),
    };
    let mut answer = signed.show(&page);
    if progress.is_some() {
        let again = HeaderValue::from_static(AGAIN_SECONDS);
        answer.headers_mut().insert(HeaderName::from_static("refresh"), again);
    }
    Ok(answer)
}

fn failure(running: &Running) -> Option<String> {
    match running.state() {
        State::Failed(refusal) => Some(refusal.text.clone()),
        State::Done(_) | State::UnderWay { .. } => None,
    }
}

fn notice(word: &str) -> Option<Notice<'static>> {
    let (title, text) = match word {
        "compared" => ("Compared.", "What differs now is listed below."),
        "fixed" => (
            "The ERP's row is taken.",
            "It came the way that rows always come; compare again to see that nothing is left.",
        ),
        "accepted" => (
            "Accepted.",
            "It is open again as soon as the store or the ERP says something else.",
        ),
        _ => return None,
    };
    Some(Notice {
        tone: Tone::Good,
        title,
        text,
    })
}

fn compared(past: &Past) -> ComparedRow<'_> {
    let took = past.finished_at.duration_since(past.started_at);
    let kinds: Vec<Kind> = serde_json::from_value(past.parts.clone()).unwrap_or_default();
    ComparedRow {
        started: past.started_at,
        took: match took.as_secs() {
            0 => format!("{} ms", took.as_millis().max(0)),
            seconds => sync::span(seconds),
        },
        cause: match past.cause.as_str() {
            "night" => "at its hour",
            "command" => "by the command line",
            _ => "by a person",
        },
        state: match (&past.error, past.differences) {
            (Some(_), _) => Status::bad("Not whole"),
            (None, 0) => Status::good("Nothing differs"),
            (None, _) => Status::warn("Differs"),
        },
        differences: u64::try_from(past.differences).unwrap_or(0),
        error: past.error.as_deref(),
        kinds: kinds.into_iter().map(kind_row).collect(),
        prices: past.prices.as_array().into_iter().flatten().map(price_row).collect(),
    }
}

fn price_row(price: &Value) -> PriceRow {
    let text = |name: &str| price[name].as_str().map(str::to_owned);
    PriceRow {
        about: ["account", "sku", "unit"]
            .map(|name| text(name).unwrap_or_default())
            .join(" · "),
        here: text("here"),
        there: text("there"),
    }
}

fn kind_row(kind: Kind) -> KindRow {
    KindRow {
        kind: kind.kind,
        here: kind.here,
        there: kind.there,
        parts: kind.parts,
        unlike: kind.unlike,
        differences: kind.differences,
        refused: kind.refused,
        fault: kind.fault,
    }
}

fn row<'a>(drift: &'a Found, codes: &HashMap<Uuid, &'a str>, people: &HashMap<Uuid, &'a str>) -> DriftRow<'a> {
    let fields = drift.fields.as_array().map(Vec::as_slice).unwrap_or_default();
    let by = drift.accepted_by.and_then(|by| people.get(&by).copied());
    DriftRow {
        id: drift.id.to_string(),
        key: &drift.key,
        entity: &drift.entity,
        source: codes.get(&drift.source_id).copied().unwrap_or_default(),
        state: match drift.kind.as_str() {
            "here" => Status::warn("Only here"),
            "there" => Status::warn("Only in the ERP"),
            "price" => Status::bad("Another price"),
            "order" => Status::bad("Order"),
            _ => Status::warn("Differs"),
        },
        fields: fields
            .iter()
            .map(|field| FieldRow {
                field: field["field"].as_str().unwrap_or_default(),
                here: field["here"].as_str(),
                there: field["there"].as_str(),
            })
            .collect(),
        found: drift.found_at,
        accepted: drift.accepted_at.map(|at| {
            (
                at,
                by.unwrap_or("somebody"),
                drift.reason.as_deref().unwrap_or_default(),
            )
        }),
        is_fixable: reconcile::is_fixable(&drift.kind),
    }
}

async fn compare(posted: Posted) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    let source = sync::find(&signed.gateway, signed.staff.tenant_id, posted.field("source"));
    let source = source.ok_or(Stop::NotThere)?;
    let gateway = signed.gateway.clone().into_inner();
    let (running, work) = reconcile::start(gateway, &signed.staff, source).await?;
    if let Some(work) = work {
        tokio::spawn(work);
    }
    match tokio::time::timeout(WAIT, running.ended()).await {
        Ok(()) => match running.state() {
            State::Failed(refusal) => Err(Error::Refused(refusal.clone()).into()),
            State::Done(_) | State::UnderWay { .. } => Ok(done(ADDRESS, "compared")),
        },
        Err(_) => Ok(see_other(&with_parameter(ADDRESS, "job", &running.id.to_string()))),
    }
}

async fn fix(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    reconcile::fix(&signed.gateway, &signed.staff, id(&path)?).await?;
    Ok(done(ADDRESS, "fixed"))
}

async fn fix_all(posted: Posted) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    reconcile::fix_all(&signed.gateway, &signed.staff).await?;
    Ok(done(ADDRESS, "fixed"))
}

async fn accept(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    reconcile::accept(&signed.gateway, &signed.staff, id(&path)?, posted.field("reason")).await?;
    Ok(done(ADDRESS, "accepted"))
}
