//! Connections: the list, one of them, its secrets, and the forms that make and change them.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use serde::Deserialize;
use uuid::Uuid;

use super::gate::{Posted, Signed, Stop};
use super::{connection_rows as rows, done, exchanges, id};
use crate::domain::party::{ConnectionState, SecretKind};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::Deed;
use crate::http::page::admin::{Area, ConnectionFormPage, ConnectionPage, ConnectionsPage, Entries, Frame};
use crate::http::page::part::{Fault, Notice, Pick, Tone};
use crate::service::connection::{self, Choices, Fields, setting};
use crate::service::{Error, staff};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/connections", web::get().to(list))
        .route("/connections", web::post().to(create))
        .route("/connections/new", web::get().to(new))
        .route("/connections/{id}", web::get().to(one))
        .route("/connections/{id}/edit", web::get().to(edit))
        .route("/connections/{id}/edit", web::post().to(change))
        .route("/connections/{id}/state", web::post().to(set_state))
        .route("/connections/{id}/secrets", web::post().to(issue))
        .route("/connections/{id}/secrets/{secret}/end", web::post().to(end));
}

#[derive(Deserialize)]
struct Opening {
    #[serde(default)]
    done: String,
}

async fn list(signed: Signed) -> Result<HttpResponse, Stop> {
    let listed = connection::list(&signed.gateway, signed.staff.tenant_id).await?;
    let now = signed.gateway.clock.now();
    Ok(signed.show(&ConnectionsPage {
        frame: signed.frame(Area::Connections, None),
        rows: listed.iter().map(|row| rows::listed(row, now)).collect(),
        may_create: signed.staff.may(Deed::CreateConnection),
    }))
}

async fn one(signed: Signed, path: Path<String>, opening: Query<Opening>) -> Result<HttpResponse, Stop> {
    show(&signed, id(&path)?, notice(&opening.done), None).await
}

fn notice(done: &str) -> Option<Notice<'static>> {
    let (title, text) = match done {
        "changed" => ("Saved.", "The changes are in force for the next document."),
        "suspended" => (
            "Suspended.",
            "Documents of this connection are refused until it is resumed.",
        ),
        "active" => ("Resumed.", "Documents of this connection are taken again."),
        "ended" => ("The secret ends.", "See below until when it is valid."),
        "bound" => (
            "Bound.",
            "The names are added to this connection: the sender's next document is recognised, if its secret is right.",
        ),
        _ => return None,
    };
    Some(Notice {
        tone: Tone::Good,
        title,
        text,
    })
}

/// The page of a connection; with a secret that was just given, this once.
async fn show(
    signed: &Signed,
    id: Uuid,
    notice: Option<Notice<'_>>,
    issued: Option<&str>,
) -> Result<HttpResponse, Stop> {
    let looked = connection::look(&signed.gateway, signed.staff.tenant_id, id).await?;
    let looked = looked.ok_or(Stop::NotThere)?;
    let now = signed.gateway.clock.now();
    let row = rows::looked(&looked);
    let seen = connection::seen(&looked.secrets);
    let directory = signed.gateway.directory();
    let may_secret = signed.staff.may(Deed::EndSecret);
    Ok(signed.show(&ConnectionPage {
        frame: Frame {
            test: row.test,
            ..signed.frame(Area::Connections, notice)
        },
        problem: looked.problem.as_deref(),
        account_name: looked.account.as_deref(),
        issued,
        handed: rows::handed(&looked),
        secrets: rows::secrets(&looked.secrets, now, may_secret),
        free: rows::free(&looked.secrets, now),
        seen: &seen,
        certificates: looked.certificates.iter().map(rows::certificate).collect(),
        settings: rows::settings(&looked.connection),
        latest: looked
            .latest
            .iter()
            .map(|entry| exchanges::row(&directory, entry))
            .collect(),
        audit: looked.audit.iter().map(rows::audit).collect(),
        active: looked.connection.state == ConnectionState::Active,
        may_change: signed.staff.may(Deed::ChangeConnection),
        row,
    }))
}

async fn new(signed: Signed) -> Result<HttpResponse, Stop> {
    staff::allow(&signed.staff, Deed::CreateConnection).map_err(Error::from)?;
    let choices = connection::choices(&signed.gateway, signed.staff.tenant_id).await?;
    Ok(ask_new(&signed, StatusCode::OK, &choices, &Fields::new(), &[]))
}

fn ask_new(
    signed: &Signed,
    status: StatusCode,
    choices: &Choices,
    fields: &Fields,
    faults: &[Refusal],
) -> HttpResponse {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let ids: Vec<String> = choices.buyers.iter().map(|buyer| buyer.id.to_string()).collect();
    let known = choices.buyers.iter().zip(&ids).map(|(buyer, value)| Pick {
        value,
        label: &buyer.name,
        chosen: value == field("buyer"),
    });
    let new_buyer = Pick {
        value: "",
        label: "A new buyer",
        chosen: field("buyer").is_empty(),
    };
    let profiles = connection::systems().map(|(value, label)| Pick {
        value,
        label,
        chosen: value == field("profile"),
    });
    let nothing = setting::inherited("generic");
    signed.show_as(
        status,
        &ConnectionFormPage {
            frame: signed.frame(Area::Connections, None),
            new: true,
            title: "New connection",
            action: "/admin/connections",
            back: "/admin/connections",
            seen: &choices.seen,
            entries: Entries {
                name: field("name"),
                buyer_name: field("buyer_name"),
                account: field("account"),
                from: field("from"),
                sender: field("sender"),
                mode: field("mode"),
            },
            buyers: std::iter::once(new_buyer).chain(known).collect(),
            profiles: profiles.collect(),
            accounts: &choices.accounts,
            groups: rows::fields_of_new(fields, &nothing),
            faults: faults.iter().map(fault).collect(),
        },
    )
}

fn fault(refusal: &Refusal) -> Fault<'_> {
    Fault {
        field: refusal.field.as_deref().unwrap_or("name"),
        text: &refusal.text,
    }
}

async fn create(posted: Posted) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    match connection::create(&signed.gateway, &signed.staff, &posted.fields).await {
        Ok((id, issued)) => {
            let made = Notice {
                tone: Tone::Good,
                title: "The connection is made.",
                text: "Give the buyer the values below and, on a safe way, the secret. Then wait for the first document.",
            };
            show(signed, id, Some(made), Some(&issued.text)).await
        }
        Err(Error::Faulty(faults)) => {
            let choices = connection::choices(&signed.gateway, signed.staff.tenant_id).await?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(ask_new(signed, status, &choices, &posted.fields, &faults))
        }
        Err(error) => Err(error.into()),
    }
}

async fn edit(signed: Signed, path: Path<String>) -> Result<HttpResponse, Stop> {
    staff::allow(&signed.staff, Deed::ChangeConnection).map_err(Error::from)?;
    ask(&signed, id(&path)?, StatusCode::OK, None, &[]).await
}

/// The form that changes a connection: with what it is, or with what a person entered.
async fn ask(
    signed: &Signed,
    id: Uuid,
    status: StatusCode,
    entered: Option<&Fields>,
    faults: &[Refusal],
) -> Result<HttpResponse, Stop> {
    let looked = connection::look(&signed.gateway, signed.staff.tenant_id, id).await?;
    let looked = looked.ok_or(Stop::NotThere)?;
    let choices = connection::choices(&signed.gateway, signed.staff.tenant_id).await?;
    let present = connection::fields(&looked);
    let fields = entered.unwrap_or(&present);
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let inherited = setting::inherited(&looked.connection.profile);
    let back = format!("/admin/connections/{id}");
    let title = format!("Edit {}", looked.connection.name);
    Ok(signed.show_as(
        status,
        &ConnectionFormPage {
            frame: signed.frame(Area::Connections, None),
            new: false,
            title: &title,
            action: &format!("{back}/edit"),
            back: &back,
            seen: "",
            entries: Entries {
                name: field("name"),
                account: field("account"),
                from: field("from"),
                sender: field("sender"),
                ..Entries::default()
            },
            buyers: Vec::new(),
            profiles: Vec::new(),
            accounts: &choices.accounts,
            groups: rows::fields(fields, &inherited),
            faults: faults.iter().map(fault).collect(),
        },
    ))
}

async fn change(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let (signed, id) = (&posted.signed, id(&path)?);
    match connection::change(&signed.gateway, &signed.staff, id, &posted.fields).await {
        Ok(()) => Ok(done(&format!("/admin/connections/{id}"), "changed")),
        Err(Error::Faulty(faults)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            ask(signed, id, status, Some(&posted.fields), &faults).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn set_state(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let (signed, id) = (&posted.signed, id(&path)?);
    let (state, word) = match posted.field("state") {
        "active" => (ConnectionState::Active, "active"),
        "suspended" => (ConnectionState::Suspended, "suspended"),
        _ => return Err(Stop::Unreadable),
    };
    connection::set_state(&signed.gateway, &signed.staff, id, state).await?;
    Ok(done(&format!("/admin/connections/{id}"), word))
}

async fn issue(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let (signed, id) = (&posted.signed, id(&path)?);
    let kind = match posted.field("kind") {
        "shared_secret" => SecretKind::SharedSecret,
        "credential_mac" => SecretKind::CredentialMac,
        _ => return Err(Stop::Unreadable),
    };
    let brought = Some(posted.field("secret")).filter(|text| !text.is_empty());
    let seen = posted.field("seen");
    let issued = connection::issue_secret(&signed.gateway, &signed.staff, id, kind, brought, seen).await;
    match issued {
        // What the buyer brought, both sides have already.
        Ok(issued) => {
            show(
                signed,
                id,
                None,
                Some(issued.text.as_str()).filter(|_| brought.is_none()),
            )
            .await
        }
        Err(Error::Faulty(faults)) => {
            let text = faults.first().map(|fault| fault.text.clone()).unwrap_or_default();
            let wrong = Notice {
                tone: Tone::Bad,
                title: "No secret was given.",
                text: &text,
            };
            show(signed, id, Some(wrong), None).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn end(posted: Posted, path: Path<(String, String)>) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    let (connection_id, secret_id) = (id(&path.0)?, id(&path.1)?);
    let at_once = posted.field("when") == "now";
    let name = Some(posted.field("confirm")).filter(|_| at_once);
    match connection::end_secret(&signed.gateway, &signed.staff, connection_id, secret_id, name).await {
        Ok(()) => Ok(done(&format!("/admin/connections/{connection_id}"), "ended")),
        Err(Error::Refused(refusal)) if refusal.code == Code::BadRequest => {
            let wrong = Notice {
                tone: Tone::Bad,
                title: "The secret stays valid.",
                text: &refusal.text,
            };
            show(signed, connection_id, Some(wrong), None).await
        }
        Err(error) => Err(error.into()),
    }
}
