//! Who owns which fields: a page, and the document to take away.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{self, ServiceConfig};

use super::gate::{Signed, Stop};
use crate::http::page::admin::{Area, ErpFieldsPage, FieldsOf, GroupRow};
use crate::http::page::part::Status;
use crate::service::sync::fields::{self, Document, Kept};
use crate::service::sync::span;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/erp/fields", web::get().to(show))
        .route("/erp/fields.csv", web::get().to(csv))
        .route("/erp/fields.json", web::get().to(json));
}

async fn documents(signed: &Signed) -> Result<Vec<Document>, Stop> {
    Ok(fields::documents(&signed.gateway, signed.staff.tenant_id).await?)
}

async fn show(signed: Signed) -> Result<HttpResponse, Stop> {
    let documents = documents(&signed).await?;
    Ok(signed.show(&ErpFieldsPage {
        frame: signed.frame(Area::Erp, None),
        documents: documents
            .iter()
            .map(|document| FieldsOf {
                source: &document.source,
                erp: &document.erp,
                rows: document.fields.iter().map(row).collect(),
            })
            .collect(),
    }))
}

fn row(kept: &Kept) -> GroupRow<'_> {
    let Kept { group, age_seconds } = kept;
    GroupRow {
        group: &group.group,
        fields: &group.fields,
        owner: &group.owner,
        writer: &group.writer,
        mode: group.mode.word(),
        target: match group.target_seconds {
            0 => "never a copy".to_owned(),
            seconds => span(seconds),
        },
        age: age_seconds.map(|age| {
            let state = match age <= group.target_seconds {
                true => Status::good("Current"),
                false => Status::warn("Older"),
            };
            (span(age), state)
        }),
        conflict: &group.conflict,
    }
}

async fn csv(signed: Signed) -> Result<HttpResponse, Stop> {
    let text = fields::csv(&documents(&signed).await?)?;
    Ok(file("fields.csv", "text/csv; charset=utf-8", text))
}

async fn json(signed: Signed) -> Result<HttpResponse, Stop> {
    let text = fields::json(&documents(&signed).await?)?;
    Ok(file("fields.json", "application/json", text))
}

fn file(name: &str, kind: &str, text: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header(("cache-control", "no-store"))
        .body(text)
}
