//! The safeguards of a connection: looked at, tried against past orders, switched on.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Path, Query, ServiceConfig};
use serde::Deserialize;
use uuid::Uuid;

use super::gate::{Posted, Signed, Stop};
use super::{Fields, done, id};
use crate::domain::order::safeguard::{About, Action, Measure, RULES, Rule, Safeguards};
use crate::domain::party::DeploymentMode;
use crate::domain::refusal::Refusal;
use crate::domain::staff::Deed;
use crate::http::page::admin::{
    Area, CountRow, FoundRow, Frame, SafeguardRow, SafeguardsPage, TotalRow, TrialProgress, TrialShown, word,
};
use crate::http::page::part::{Fault, Notice, Status, Tone};
use crate::service::Error;
use crate::service::safeguard::running::{self, Running, State};
use crate::service::safeguard::{self, Counts, Found, Looked, Trial};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/connections/{id}/safeguards", web::get().to(one))
        .route("/connections/{id}/safeguards", web::post().to(tried_or_on));
}

#[derive(Deserialize)]
struct Opening {
    #[serde(default)]
    done: String,
    #[serde(default)]
    trial: String,
}

/// How long the answer waits for a trial; one that takes longer is looked at again and again.
const WAIT: Duration = Duration::from_secs(1);

/// Seconds between two looks at a trial, in the words of the header field by which browsers load a page again.
const AGAIN_SECONDS: &str = "2";

async fn one(signed: Signed, path: Path<String>, opening: Query<Opening>) -> Result<HttpResponse, Stop> {
    let connection_id = id(&path)?;
    if let Ok(trial) = id(&opening.trial) {
        let running = running::find(&signed.gateway, &signed.staff, trial);
        let running = running.filter(|running| running.looked.connection.id == connection_id);
        return match running {
            Some(running) => under_way(&signed, &running, &opening.done),
            None => gone(&signed, &look(&signed, connection_id).await?),
        };
    }
    let looked = look(&signed, connection_id).await?;
    let notice = (opening.done == "on").then_some(Notice {
        tone: Tone::Good,
        title: "Switched on.",
        text: "The rules hold for the next order; orders that are here already stay as they are.",
    });
    let fields = safeguard::fields(&looked.connection.settings.safeguards);
    Ok(signed.show(&page(&signed, &looked, &fields, notice, &[], None)))
}

/// The page of a trial: what it found, or how far it is; then browsers load it again by themselves, without script.
fn under_way(signed: &Signed, running: &Running, done: &str) -> Result<HttpResponse, Stop> {
    let notice = (done == "untried").then_some(UNTRIED);
    match running.state() {
        State::Done(trial) => {
            let tried = Some((&running.own, trial));
            let page = page(signed, &running.looked, &running.fields, notice, &[], tried);
            Ok(signed.show(&page))
        }
        State::Failed(refusal) => Err(Error::Refused(refusal.clone()).into()),
        State::UnderWay { tried, of } => {
            let page = SafeguardsPage {
                progress: Some(TrialProgress { tried, of }),
                ..page(signed, &running.looked, &running.fields, None, &[], None)
            };
            let mut answer = signed.show(&page);
            let again = HeaderValue::from_static(AGAIN_SECONDS);
            answer.headers_mut().insert(HeaderName::from_static("refresh"), again);
            Ok(answer)
        }
    }
}

/// The page where a trial is not kept any more, or was begun by another process.
fn gone(signed: &Signed, looked: &Looked) -> Result<HttpResponse, Stop> {
    let fields = safeguard::fields(&looked.connection.settings.safeguards);
    let notice = Notice {
        tone: Tone::Warn,
        title: "The trial is not there any more.",
        text: "The gateway was started again, or many other trials came after it. Write the rules once more and try them.",
    };
    Ok(signed.show(&page(signed, looked, &fields, Some(notice), &[], None)))
}

const UNTRIED: Notice<'static> = Notice {
    tone: Tone::Warn,
    title: "Not switched on yet.",
    text: "The rules were changed after they were tried. This is what they do now; switch them on if it is meant.",
};

async fn look(signed: &Signed, id: Uuid) -> Result<Looked, Stop> {
    let looked = safeguard::look(&signed.gateway, signed.staff.tenant_id, id).await?;
    looked.ok_or(Stop::NotThere)
}

/// Tries the rules of the form, or switches on what was tried.
async fn tried_or_on(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let (signed, id) = (&posted.signed, id(&path)?);
    let looked = look(signed, id).await?;
    let own = match safeguard::read(&posted.fields, &looked.standard) {
        Ok(own) => own,
        Err(faults) => {
            let page = page(signed, &looked, &posted.fields, None, &faults, None);
            return Ok(signed.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    let is_tried = posted.field("tried") == safeguard::state(&own);
    let about = match (posted.field("do"), is_tried) {
        ("on", true) => {
            let seen = posted.field("seen");
            safeguard::switch_on(&signed.gateway, &signed.staff, id, &own, seen).await?;
            return Ok(done(&format!("/admin/connections/{id}/safeguards"), "on"));
        }
        ("on", false) => "untried",
        ("try", _) => "",
        _ => return Err(Stop::Unreadable),
    };
    let gateway = signed.gateway.clone().into_inner();
    let (running, work) = running::prepare(gateway, &signed.staff, looked, own, posted.fields.clone())?;
    tokio::spawn(work);
    match tokio::time::timeout(WAIT, running.ended()).await {
        Ok(()) => under_way(signed, &running, about),
        Err(_) => {
            let address = format!("/admin/connections/{id}/safeguards?trial={}", running.id);
            Ok(done(&address, about))
        }
    }
}

fn page<'a>(
    signed: &'a Signed,
    looked: &'a Looked,
    fields: &'a Fields,
    notice: Option<Notice<'a>>,
    faults: &'a [Refusal],
    trial: Option<(&Safeguards, &'a Trial)>,
) -> SafeguardsPage<'a> {
    let shown = Shown {
        looked,
        fields,
        faults,
        trial: trial.map(|(_, trial)| trial),
    };
    SafeguardsPage {
        frame: Frame {
            test: looked.connection.mode == DeploymentMode::Test,
            ..signed.frame(Area::Connections, notice)
        },
        name: &looked.connection.name,
        href: format!("/admin/connections/{}", looked.connection.id),
        rows: RULES.iter().map(|about| shown.row(about)).collect(),
        seen: &looked.seen,
        tried: trial.map(|(own, _)| safeguard::state(own)).unwrap_or_default(),
        trial: trial.map(|(_, trial)| totals(trial)),
        progress: None,
        faults: faults.iter().map(fault).collect(),
        may_change: signed.staff.may(Deed::ChangeConnection),
    }
}

fn fault(refusal: &Refusal) -> Fault<'_> {
    Fault {
        field: refusal.field.as_deref().unwrap_or("rules"),
        text: &refusal.text,
    }
}

/// What the rows of the table are made of.
struct Shown<'a> {
    looked: &'a Looked,
    fields: &'a Fields,
    faults: &'a [Refusal],
    trial: Option<&'a Trial>,
}

impl<'a> Shown<'a> {
    fn row(&self, about: &'static About) -> SafeguardRow<'a> {
        let limit_field = safeguard::field(about.rule, "-limit");
        let action_field = safeguard::field(about.rule, "-action");
        let value = |name: &str| self.fields.get(name).map(|text| text.trim()).unwrap_or_default();
        let fault_of = |name: &str| {
            let found = self.faults.iter().find(|fault| fault.field.as_deref() == Some(name));
            found.map(|fault| fault.text.as_str())
        };
        let usual = self.looked.standard.guard(about.rule);
        let usual_limit = usual.and_then(|usual| usual.limit).or(about.limit);
        SafeguardRow {
            name: about.name,
            help: about.help,
            source: about.source,
            unit: match about.measure {
                Measure::Nothing => "",
                Measure::Percent => "%",
                Measure::Amount => "in the order's currency",
                Measure::Days => "days",
            },
            limit: value(&limit_field),
            usual_limit: usual_limit
                .map(|limit| limit.normalize().to_string())
                .unwrap_or_default(),
            actions: actions(about, usual.map(|usual| usual.action), value(&action_field)),
            fault: fault_of(&limit_field),
            action_fault: fault_of(&action_field),
            found: self.trial.map(|trial| found(about.rule, trial.rules.get(&about.rule))),
            limit_field,
            action_field,
        }
    }
}

/// What can be done: value, label, whether it is chosen; the first leaves it as usual.
fn actions(about: &About, usual: Option<Action>, chosen: &str) -> Vec<(String, String, bool)> {
    let usual = match usual {
        Some(action) => format!("As usual: {}", action.name()),
        None => "Not checked".to_owned(),
    };
    let mut all = vec![(String::new(), usual, chosen.is_empty())];
    all.extend(about.actions.iter().map(|action| {
        let value = safeguard::word(*action);
        let is_chosen = value == chosen;
        (value, action.name().to_owned(), is_chosen)
    }));
    all
}

/// What a trial says about one rule.
fn found(rule: Rule, found: Option<&Found>) -> FoundRow {
    let Some(found) = found else {
        return FoundRow {
            counts: Vec::new(),
            basis: None,
            named: Vec::new(),
        };
    };
    let is_whole = matches!(rule, Rule::FreightCap | Rule::AddressChange);
    let count = |(action, counts): (&Action, &Counts)| CountRow {
        done: word::action_done(*action),
        orders: counts.orders,
        lines: if is_whole { 0 } else { counts.lines },
    };
    FoundRow {
        counts: found.actions.iter().map(count).collect(),
        basis: Some(match (found.then, found.today) {
            (_, 0) => "By what was stored with the orders.",
            (0, _) => "By today's terms: none were stored.",
            _ => "Partly by what was stored with the orders, partly by today's terms.",
        }),
        named: found
            .named
            .iter()
            .map(|(id, number)| (format!("/admin/orders/{id}"), number.clone()))
            .collect(),
    }
}

fn totals(trial: &Trial) -> TrialShown {
    let (now, proposed) = (trial.now, trial.proposed);
    let row = |done, now, proposed| TotalRow { done, now, proposed };
    TrialShown {
        days: safeguard::DAYS,
        orders: trial.orders,
        lines: trial.lines,
        came: trial.came,
        limited: trial.limited,
        totals: vec![
            row(Status::good("Taken as they came"), now.accepted, proposed.accepted),
            row(Status::info("Corrected"), now.corrected, proposed.corrected),
            row(Status::warn("Held"), now.held, proposed.held),
            row(
                Status::bad("Rejected, or a line of them"),
                now.rejected,
                proposed.rejected,
            ),
        ],
    }
}
