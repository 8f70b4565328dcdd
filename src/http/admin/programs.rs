//! Programs: given tokens, listed, revoked.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use serde::Deserialize;
use uuid::Uuid;

use super::gate::{Posted, Signed, Stop};
use super::{Fields, done, id};
use crate::domain::api_client::{ApiClient, Scope, TokenState};
use crate::domain::refusal::Refusal;
use crate::domain::staff::Deed;
use crate::domain::word::Word;
use crate::http::page::admin::{Area, ProgramRow, ProgramsPage, ScopeChoice};
use crate::http::page::part::{Fault, Notice, Pick, Status, Tone};
use crate::service::api_client::{self, NewClient};
use crate::service::{Error, staff};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/programs", web::get().to(list))
        .route("/programs", web::post().to(create))
        .route("/programs/{id}/revoke", web::post().to(revoke));
}

/// How long a token may be valid: days as in the form, and in words. Without an end it is valid until it is revoked.
const DAYS: [(&str, &str); 5] = [
    ("30", "30 days"),
    ("90", "90 days"),
    ("365", "One year"),
    ("730", "Two years"),
    ("", "Until it is revoked"),
];

/// What is chosen where nothing is yet.
const DAYS_DEFAULT: &str = "365";

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    done: String,
}

/// What stands on the page beside the list.
#[derive(Default)]
struct Beside<'a> {
    notice: Option<Notice<'a>>,
    /// The program that was made, and its token.
    issued: Option<(&'a ApiClient, &'a str)>,
    /// A form that came back.
    entered: Option<&'a Fields>,
    faults: &'a [Refusal],
}

async fn list(signed: Signed, listing: Query<Listing>) -> Result<HttpResponse, Stop> {
    let notice = (listing.done == "revoked").then_some(Notice {
        tone: Tone::Good,
        title: "Revoked.",
        text: "From this moment the token is refused with 401. It cannot be made valid again; make another one if it is needed.",
    });
    let beside = Beside {
        notice,
        ..Beside::default()
    };
    show(&signed, StatusCode::OK, beside).await
}

async fn show(signed: &Signed, status: StatusCode, beside: Beside<'_>) -> Result<HttpResponse, Stop> {
    let programs = api_client::list(&signed.gateway, signed.staff.tenant_id).await?;
    let people = staff::list(&signed.gateway, signed.staff.tenant_id).await?;
    let people: HashMap<Uuid, &str> = people.iter().map(|person| (person.id, person.name.as_str())).collect();
    let field = |name: &str| {
        let value = beside.entered.and_then(|fields| fields.get(name));
        value.map(String::as_str)
    };
    let page = ProgramsPage {
        frame: signed.frame(Area::Programs, beside.notice),
        rows: programs.iter().map(|program| row(signed, program, &people)).collect(),
        issued: beside.issued.map(|(client, token)| (client.name.as_str(), token)),
        may_create: signed.staff.may(Deed::CreateApiClient),
        new_id: match field("id") {
            Some(id) => id.to_owned(),
            None => api_client::new_id(&signed.gateway).to_string(),
        },
        name: field("name").unwrap_or_default(),
        scopes: Scope::ALL
            .iter()
            .map(|scope| ScopeChoice {
                word: scope.word(),
                meaning: scope.meaning(),
                chosen: field(scope.word()).is_some(),
            })
            .collect(),
        days: DAYS
            .iter()
            .map(|(value, label)| Pick {
                value,
                label,
                chosen: *value == field("days").unwrap_or(DAYS_DEFAULT),
            })
            .collect(),
        faults: beside.faults.iter().map(fault).collect(),
    };
    Ok(signed.show_as(status, &page))
}

fn row<'a>(signed: &Signed, program: &'a ApiClient, people: &HashMap<Uuid, &'a str>) -> ProgramRow<'a> {
    let state = program.state_at(signed.gateway.clock.now());
    let may_revoke = state != TokenState::Revoked && signed.staff.may(Deed::RevokeApiClient);
    ProgramRow {
        name: &program.name,
        hint: &program.hint,
        scopes: program.scopes.iter().map(|scope| scope.word()).collect(),
        state: match state {
            TokenState::Valid => Status::good("Valid"),
            TokenState::Expired => Status::warn("Expired"),
            TokenState::Revoked => Status::idle("Revoked"),
        },
        since: program.created_at,
        by: people.get(&program.created_by).copied(),
        end: match state {
            TokenState::Valid => program.expires_at.map(|end| ("until", end)),
            TokenState::Expired => program.expires_at.map(|end| ("since", end)),
            TokenState::Revoked => program.revoked_at.map(|end| ("since", end)),
        },
        used: program.last_used_at,
        revoke: may_revoke.then(|| format!("/admin/programs/{}/revoke", program.id)),
    }
}

fn fault(refusal: &Refusal) -> Fault<'_> {
    Fault {
        field: refusal.field.as_deref().unwrap_or("name"),
        text: &refusal.text,
    }
}

async fn create(posted: Posted) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    let days = match posted.field("days") {
        "" => None,
        text => Some(text.parse().map_err(|_| Stop::Unreadable)?),
    };
    let is_chosen = |scope: &Scope| posted.fields.contains_key(scope.word());
    let new = NewClient {
        id: Uuid::parse_str(posted.field("id")).map_err(|_| Stop::Unreadable)?,
        name: posted.field("name"),
        scopes: Scope::ALL.iter().copied().filter(is_chosen).collect(),
        days,
    };
    match api_client::create(&signed.gateway, &signed.staff, new).await {
        Ok((client, token)) => {
            let beside = Beside {
                issued: Some((&client, &token)),
                ..Beside::default()
            };
            show(signed, StatusCode::OK, beside).await
        }
        Err(Error::Faulty(faults)) => {
            let beside = Beside {
                entered: Some(&posted.fields),
                faults: &faults,
                ..Beside::default()
            };
            show(signed, StatusCode::UNPROCESSABLE_ENTITY, beside).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn revoke(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    api_client::revoke(&signed.gateway, &signed.staff, id(&path)?).await?;
    Ok(done("/admin/programs", "revoked"))
}
