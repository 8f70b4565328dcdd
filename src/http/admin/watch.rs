//! Who was not let in: the quarantine and the security log; and the supplier's own people.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use serde::Deserialize;
use uuid::Uuid;

use super::gate::{Posted, Signed, Stop};
use super::{Fields, done, exchanges, id, order_rows, see_other};
use crate::domain::exchange::Quarantined;
use crate::domain::refusal::Refusal;
use crate::domain::staff::{Deed, Role};
use crate::http::page::admin::{
    Area, EventRow, KeptPage, KeptRow, Lines, PersonRow, QuarantinePage, SecurityPage, StaffPage, role, word,
};
use crate::http::page::part::{Fault, More, Notice, Pick, Status, Tone};
use crate::service::exchange::look;
use crate::service::quarantine::{self, QuarantineEntry};
use crate::service::{Error, staff};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/quarantine", web::get().to(list))
        .route("/quarantine/{id}", web::get().to(one))
        .route("/quarantine/{id}/bind", web::post().to(bind))
        .route("/quarantine/{id}/replay", web::post().to(replay))
        .route("/security", web::get().to(security))
        .route("/staff", web::get().to(people))
        .route("/staff", web::post().to(add));
}

#[derive(Deserialize)]
struct Listing {
    before: Option<Uuid>,
    #[serde(default)]
    done: String,
}

async fn list(signed: Signed, listing: Query<Listing>) -> Result<HttpResponse, Stop> {
    let page = quarantine::list(&signed.gateway, signed.staff.tenant_id, listing.before).await?;
    Ok(signed.show(&QuarantinePage {
        frame: signed.frame(Area::Quarantine, None),
        rows: page.rows.iter().map(kept).collect(),
        more: More::new("/admin/quarantine", listing.before, page.next),
        days: signed.gateway.config.quarantine.days,
    }))
}

fn kept(entry: &QuarantineEntry) -> KeptRow<'_> {
    KeptRow {
        href: format!("/admin/quarantine/{}", entry.id),
        document_type: named(&entry.document_type),
        from: entry.from_line.lines().next().unwrap_or("nobody").replace('|', " "),
        reason: word::denial(&entry.reason),
        remote: &entry.remote,
        received: entry.received_at,
        keep_until: entry.keep_until,
        replayed: entry.exchange_id.is_some(),
    }
}

fn named(document_type: &str) -> &str {
    if document_type.is_empty() {
        "Document"
    } else {
        document_type
    }
}

async fn one(signed: Signed, path: Path<String>, opening: Query<Listing>) -> Result<HttpResponse, Stop> {
    let tenant_id = signed.staff.tenant_id;
    let document = quarantine::find(&signed.gateway, tenant_id, id(&path)?).await?;
    let directory = signed.gateway.directory();
    let choices = exchanges::connections(&directory, tenant_id);
    let bound = Uuid::parse_str(&opening.done).ok();
    let notice = bound.map(|_| Notice {
        tone: Tone::Good,
        title: "Bound.",
        text: "The sender's next document is recognised, if its secret is right. You can replay this one now.",
    });
    Ok(signed.show(&KeptPage {
        frame: signed.frame(Area::Quarantine, notice),
        row: row(&document),
        parties: parties(&document),
        connections: choices
            .iter()
            .map(|(id, value, label)| Pick {
                value,
                label,
                chosen: bound == Some(*id),
            })
            .collect(),
        may_act: signed.staff.may(Deed::ReplayDocument),
        exchange: document.exchange_id.map(|id| format!("/admin/exchanges/{id}")),
        text: Lines::new(&document.text),
        reference: document.id.to_string(),
    }))
}

fn row(document: &Quarantined) -> KeptRow<'_> {
    KeptRow {
        href: format!("/admin/quarantine/{}", document.id),
        document_type: named(&document.document_type),
        from: String::new(),
        reason: word::denial(&document.reason),
        remote: &document.remote,
        received: document.received_at,
        keep_until: document.keep_until,
        replayed: document.exchange_id.is_some(),
    }
}

fn parties(document: &Quarantined) -> Vec<(&'static str, Vec<(&str, &str)>)> {
    [
        ("From", &document.from_line),
        ("To", &document.to_line),
        ("Sender", &document.sender_line),
    ]
    .into_iter()
    .map(|(role, lines)| (role, lines.lines().filter_map(|line| line.split_once('|')).collect()))
    .collect()
}

async fn bind(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let (signed, id) = (&posted.signed, id(&path)?);
    let connection_id = super::id(posted.field("connection"))?;
    quarantine::bind(&signed.gateway, &signed.staff, id, connection_id).await?;
    Ok(done(&format!("/admin/quarantine/{id}"), &connection_id.to_string()))
}

async fn replay(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let (signed, id) = (&posted.signed, id(&path)?);
    let connection_id = super::id(posted.field("connection"))?;
    quarantine::replay(&signed.gateway, &signed.staff, id, connection_id).await?;
    let document = quarantine::find(&signed.gateway, signed.staff.tenant_id, id).await?;
    Ok(match document.exchange_id {
        Some(exchange_id) => see_other(&format!("/admin/exchanges/{exchange_id}")),
        None => see_other(&format!("/admin/quarantine/{id}")),
    })
}

async fn security(signed: Signed, listing: Query<Listing>) -> Result<HttpResponse, Stop> {
    let page = look::security_events(&signed.gateway, signed.staff.tenant_id, listing.before).await?;
    let directory = signed.gateway.directory();
    let rows = page.rows.iter().map(|event| EventRow {
        kind: word::denial(&event.kind),
        rule: &event.kind,
        text: &event.text,
        connection: event.connection_id.map(|id| {
            let name = order_rows::connection(&directory, id);
            (format!("/admin/connections/{id}"), name)
        }),
        remote: &event.remote,
        at: event.at,
    });
    Ok(signed.show(&SecurityPage {
        frame: signed.frame(Area::Security, None),
        rows: rows.collect(),
        more: More::new("/admin/security", listing.before, page.next),
    }))
}

/// The roles to choose from: the word in the form, and the role.
const ROLES: [(&str, Role); 3] = [
    ("viewer", Role::Viewer),
    ("operator", Role::Operator),
    ("admin", Role::Admin),
];

async fn people(signed: Signed, listing: Query<Listing>) -> Result<HttpResponse, Stop> {
    let added = (listing.done == "added").then_some(Notice {
        tone: Tone::Good,
        title: "Added.",
        text: "The person can sign in at once.",
    });
    show_people(&signed, StatusCode::OK, added, &Fields::new(), None).await
}

async fn show_people(
    signed: &Signed,
    status: StatusCode,
    notice: Option<Notice<'_>>,
    fields: &Fields,
    refusal: Option<&Refusal>,
) -> Result<HttpResponse, Stop> {
    let people = staff::list(&signed.gateway, signed.staff.tenant_id).await?;
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let rows = people.iter().map(|person| PersonRow {
        name: &person.name,
        login: &person.login,
        role: role(person.role),
        state: match person.disabled {
            false => Status::good("May sign in"),
            true => Status::idle("Disabled"),
        },
        since: person.created_at,
    });
    let roles = ROLES.map(|(value, of)| Pick {
        value,
        label: role(of),
        chosen: value == field("role"),
    });
    let page = StaffPage {
        frame: signed.frame(Area::Staff, notice),
        rows: rows.collect(),
        may_create: signed.staff.may(Deed::CreateStaff),
        roles: roles.into(),
        login: field("login"),
        name: field("name"),
        faults: refusal
            .iter()
            .map(|refusal| Fault {
                field: refusal.field.as_deref().unwrap_or("name"),
                text: &refusal.text,
            })
            .collect(),
    };
    Ok(signed.show_as(status, &page))
}

async fn add(posted: Posted) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    let wanted = ROLES.iter().find(|(word, _)| *word == posted.field("role"));
    let (_, role) = wanted.ok_or(Stop::Unreadable)?;
    // Blanks belong to a password.
    let password = posted.fields.get("password").map(String::as_str).unwrap_or_default();
    let (login, name) = (posted.field("login"), posted.field("name"));
    match staff::create_by(&signed.gateway, &signed.staff, login, name, password, *role).await {
        Ok(_) => Ok(done("/admin/staff", "added")),
        Err(Error::Refused(refusal)) if refusal.field.is_some() => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show_people(signed, status, None, &posted.fields, Some(&refusal)).await
        }
        Err(error) => Err(error.into()),
    }
}
