//! The ERPs: looked at, and set to a mode by hand.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::gate::{Posted, Signed, Stop};
use super::{Fields, done, id};
use crate::domain::away::{Breaker, DrainOrder, Drained, Mode, Standing};
use crate::domain::refusal::Refusal;
use crate::domain::staff::Deed;
use crate::domain::word::Word;
use crate::http::page::admin::{
    AgeRow, Area, DrainOrderRow, DrainPage, DrainRow, ErpPage, ErpRow, OutcomeRow, SwitchRow,
};
use crate::http::page::part::{Fault, Notice, Pick, Status, Tone};
use crate::service::Error;
use crate::service::away::look::{self, All, Looked, Report};
use crate::service::away::{self, shown};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/erp", web::get().to(all))
        .route("/erp/{id}/mode", web::post().to(say))
        .route("/erp/drains/{id}", web::get().to(drain));
}

/// What a person can say: the word in the form, its label, and the mode; without one, data decide.
const CHOICES: [(&str, &str, Option<Mode>); 4] = [
    ("", "By the breaker and the ages", None),
    (
        "normal",
        "Normal: it can be counted on, whatever the ages say",
        Some(Mode::Normal),
    ),
    ("degraded", "Degraded: carts hold for less long", Some(Mode::Degraded)),
    ("offline", "Offline: nothing is asked, orders wait", Some(Mode::Offline)),
];

#[derive(Deserialize)]
struct Opening {
    #[serde(default)]
    done: String,
}

async fn all(signed: Signed, opening: Query<Opening>) -> Result<HttpResponse, Stop> {
    let notice = (opening.done == "said").then_some(Notice {
        tone: Tone::Good,
        title: "Done.",
        text: "Every node goes by it within seconds; it is written down with your name.",
    });
    show(&signed, StatusCode::OK, notice, None).await
}

/// A form that could not be used: of which source, what was entered, and why not.
type Refused<'a> = (Uuid, &'a Fields, &'a Refusal);

async fn show(
    signed: &Signed,
    status: StatusCode,
    notice: Option<Notice<'_>>,
    refused: Option<Refused<'_>>,
) -> Result<HttpResponse, Stop> {
    let all = look::all(&signed.gateway, signed.staff.tenant_id).await?;
    let now = signed.gateway.clock.now();
    let field = refused.map(|(id, ..)| format!("reason-{}", id.simple()));
    let page = ErpPage {
        frame: signed.frame(Area::Erp, notice),
        rows: all
            .sources
            .iter()
            .map(|source| row(&all, source, refused, now))
            .collect(),
        queue: u64::try_from(all.queue).unwrap_or(0),
        may_switch: signed.staff.may(Deed::SwitchErp),
        faults: field
            .iter()
            .zip(refused)
            .map(|(field, (.., refusal))| Fault {
                field,
                text: &refusal.text,
            })
            .collect(),
    };
    Ok(signed.show_as(status, &page))
}

fn row<'a>(all: &'a All, source: &'a Looked, refused: Option<Refused<'a>>, now: Timestamp) -> ErpRow<'a> {
    let standing = &source.standing;
    let name = |id: Uuid| all.people.get(&id).map(String::as_str);
    let refused = refused.filter(|(id, ..)| *id == standing.source_id);
    let entered = |field: &str| refused.and_then(|(_, fields, _)| fields.get(field).map(String::as_str));
    let chosen = entered("mode").unwrap_or(standing.hand.map_or("", Word::word));
    ErpRow {
        code: &source.code,
        kind: &source.kind,
        id: standing.source_id.simple().to_string(),
        mode: mode(standing.mode),
        since: standing.since,
        reason: &standing.reason,
        said: standing
            .hand_by
            .zip(standing.hand_at)
            .map(|(by, at)| (name(by).unwrap_or("somebody"), at)),
        breaker: breaker(standing.breaker),
        failures: u64::try_from(standing.failures).unwrap_or(0),
        error: standing.error.as_deref(),
        retry: standing.retry_at,
        waiting: standing.queue_since,
        ages: source
            .ages
            .iter()
            .map(|age| AgeRow {
                entity: &age.limit.entity,
                brought: age.brought_at,
                age: shown(age.of(now)),
                hours: age.limit.hours,
                state: match (age.brought_at, age.is_over(now)) {
                    (None, _) => Status::idle("Never brought"),
                    (_, true) => Status::warn("Too old"),
                    (_, false) => Status::good("Young enough"),
                },
            })
            .collect(),
        care: care(standing),
        switches: source
            .switches
            .iter()
            .map(|switch| SwitchRow {
                at: switch.at,
                before: mode(switch.before).word,
                after: mode(switch.after),
                reason: &switch.reason,
                by: switch.by.and_then(name),
            })
            .collect(),
        drains: source.drains.iter().map(drain_row).collect(),
        picks: CHOICES
            .iter()
            .map(|(value, label, _)| Pick {
                value,
                label,
                chosen: *value == chosen,
            })
            .collect(),
        entered: entered("reason").unwrap_or_default(),
    }
}

/// What is done while it is away, as its file says.
fn care(standing: &Standing) -> Vec<(&'static str, String)> {
    let care = &standing.rules.care;
    vec![
        ("Opens after", format!("{} failures in a row", care.failures)),
        ("Tried again after", format!("{} s", care.pause_seconds)),
        ("A cart then holds", format!("{} h at most", care.quote_hours)),
        ("Stock too old", format!("{} % less", care.stock_less_percent)),
        ("On request", format!("stock older than {} h", care.stock_request_hours)),
    ]
}

fn mode(mode: Mode) -> Status<'static> {
    match mode {
        Mode::Normal => Status::good("Normal"),
        Mode::Degraded => Status::warn("Degraded"),
        Mode::Offline => Status::bad("Offline"),
    }
}

fn breaker(breaker: Breaker) -> Status<'static> {
    match breaker {
        Breaker::Closed => Status::good("Closed: it is asked"),
        Breaker::Open => Status::bad("Open: it is left alone"),
        Breaker::HalfOpen => Status::warn("Half open: one question finds out"),
    }
}

fn outcome(outcome: Drained) -> Status<'static> {
    match outcome {
        Drained::Queued => Status::info("Queued"),
        Drained::Sent => Status::good("Sent"),
        Drained::Found => Status::good("Found there"),
        Drained::Held => Status::warn("Held"),
        Drained::Parked => Status::bad("Refused"),
        Drained::Waiting => Status::warn("Not answered"),
        Drained::Overtaken => Status::idle("Overtaken"),
    }
}

fn drain_row(report: &Report) -> DrainRow {
    let count = |count: i64| u64::try_from(count).unwrap_or(0);
    DrainRow {
        href: format!("/admin/erp/drains/{}", report.drain.id),
        waited: report.drain.queue_since,
        started: report.drain.started_at,
        finished: report.drain.finished_at,
        queued: count(report.queued()),
        outcomes: report
            .outcomes
            .iter()
            .map(|of| OutcomeRow {
                status: outcome(of.outcome),
                orders: count(of.orders),
            })
            .collect(),
        differing: count(report.differing()),
    }
}

async fn say(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let (signed, id) = (&posted.signed, id(&path)?);
    let wanted = CHOICES.iter().find(|(word, ..)| *word == posted.field("mode"));
    let (.., mode) = wanted.ok_or(Stop::Unreadable)?;
    match away::say(&signed.gateway, &signed.staff, id, *mode, posted.field("reason")).await {
        Ok(()) => Ok(done("/admin/erp", "said")),
        Err(Error::Refused(refusal)) if refusal.field.is_some() => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(signed, status, None, Some((id, &posted.fields, &refusal))).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn drain(signed: Signed, path: Path<String>) -> Result<HttpResponse, Stop> {
    let found = look::drain(&signed.gateway, signed.staff.tenant_id, id(&path)?).await?;
    let (report, orders) = found.ok_or(Stop::NotThere)?;
    Ok(signed.show(&DrainPage {
        frame: signed.frame(Area::Erp, None),
        row: drain_row(&report),
        orders: orders.iter().map(order_row).collect(),
    }))
}

fn order_row(order: &DrainOrder) -> DrainOrderRow<'_> {
    let differences = order.differences.iter().map(|difference| {
        let line = format!("{} {}", difference.line_number, difference.sku);
        (
            line,
            difference.what.as_str(),
            difference.before.as_str(),
            difference.after.as_str(),
        )
    });
    DrainOrderRow {
        href: format!("/admin/orders/{}", order.order_key),
        number: &order.order_id,
        account: &order.account_code,
        outcome: outcome(order.outcome),
        note: order.note.as_deref(),
        differences: differences.collect(),
    }
}
