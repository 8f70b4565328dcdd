//! Documents: the list, one with what became of it, and its bytes.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::{self, Path, Query, ServiceConfig};
use serde::Deserialize;
use uuid::Uuid;

use super::gate::{Signed, Stop};
use super::{id, order_rows};
use crate::domain::exchange::{Direction, Exchange};
use crate::domain::party::DeploymentMode;
use crate::domain::trust::Directory;
use crate::http::page::admin::{
    Area, AttachmentRow, ExchangePage, ExchangeRow, ExchangesPage, FindingRow, Frame, Lines, Related, word,
};
use crate::http::page::part::{More, Pick};
use crate::service::check::{self, Checked};
use crate::service::exchange::look::{self, Entry, Looked, View};

/// The views of the list: the word in the address, its name, and the view.
const VIEWS: [(&str, &str, View); 4] = [
    ("", "All", View::All),
    ("refused", "Refused", View::Refused),
    ("repeated", "Came again", View::Repeated),
    ("sent", "Sent", View::Sent),
];

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/exchanges", web::get().to(list))
        .route("/exchanges/{id}", web::get().to(one))
        .route("/exchanges/{id}/raw", web::get().to(raw))
        .route("/attachments/{id}", web::get().to(attachment));
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    view: String,
    #[serde(default)]
    connection: String,
    before: Option<Uuid>,
}

async fn list(signed: Signed, listing: Query<Listing>) -> Result<HttpResponse, Stop> {
    let tenant_id = signed.staff.tenant_id;
    let chosen = VIEWS
        .iter()
        .find(|(word, ..)| *word == listing.view)
        .unwrap_or(&VIEWS[0]);
    let connection_id = Uuid::parse_str(&listing.connection).ok();
    let page = look::list(&signed.gateway, tenant_id, chosen.2, connection_id, listing.before).await?;
    let href = |view: &str| {
        let mut query = Vec::new();
        query.extend((!view.is_empty()).then(|| format!("view={view}")));
        query.extend(connection_id.map(|id| format!("connection={id}")));
        match query.is_empty() {
            true => "/admin/exchanges".to_owned(),
            false => format!("/admin/exchanges?{}", query.join("&")),
        }
    };
    let directory = signed.gateway.directory();
    let choices = connections(&directory, tenant_id);
    let mut picks = vec![Pick {
        value: "",
        label: "All connections",
        chosen: connection_id.is_none(),
    }];
    picks.extend(choices.iter().map(|(id, value, label)| Pick {
        value,
        label,
        chosen: connection_id == Some(*id),
    }));
    Ok(signed.show(&ExchangesPage {
        frame: signed.frame(Area::Exchanges, None),
        views: VIEWS
            .iter()
            .map(|(word, name, view)| (*name, href(word), *view == chosen.2))
            .collect(),
        connections: picks,
        view: chosen.0,
        rows: page.rows.iter().map(|entry| row(&directory, entry)).collect(),
        more: More::new(&href(chosen.0), listing.before, page.next),
        all: chosen.2 == View::All && connection_id.is_none() && listing.before.is_none(),
    }))
}

/// The supplier's connections by name: identifier, as text, and name.
pub(super) fn connections(directory: &Directory, tenant_id: Uuid) -> Vec<(Uuid, String, String)> {
    let mut all: Vec<_> = directory
        .connections()
        .filter(|known| known.tenant.id == tenant_id)
        .map(|known| {
            let connection = &known.connection;
            let mode = word::mode(connection.mode);
            (
                connection.id,
                connection.id.to_string(),
                format!("{} ({mode})", connection.name),
            )
        })
        .collect();
    all.sort_by(|one, other| one.2.cmp(&other.2));
    all
}

/// A document as a row of a list.
pub(super) fn row<'a>(directory: &'a Directory, entry: &'a Entry) -> ExchangeRow<'a> {
    ExchangeRow {
        href: format!("/admin/exchanges/{}", entry.id),
        direction: word::direction(entry.direction),
        document_type: named(&entry.document_type),
        payload_id: &entry.payload_id,
        connection: order_rows::connection(directory, entry.connection_id),
        verdict: word::verdict(entry.direction, entry.status, &entry.findings),
        status: entry.status,
        repeats: u64::try_from(entry.repeats).unwrap_or(0),
        received: entry.received_at,
        took_ms: (entry.direction == Direction::In).then(|| u64::try_from(entry.duration_ms).unwrap_or(0)),
        test: is_test(directory, entry.connection_id),
    }
}

fn named(document_type: &str) -> &str {
    if document_type.is_empty() {
        "Document"
    } else {
        document_type
    }
}

fn is_test(directory: &Directory, connection_id: Uuid) -> bool {
    let known = directory.connection(connection_id);
    known.is_some_and(|known| known.connection.mode == DeploymentMode::Test)
}

async fn one(signed: Signed, path: Path<String>) -> Result<HttpResponse, Stop> {
    let looked = look::look(&signed.gateway, signed.staff.tenant_id, id(&path)?).await?;
    let looked = looked.ok_or(Stop::NotThere)?;
    let exchange = &looked.exchange;
    let entry = entry(exchange);
    let directory = signed.gateway.directory();
    let row = row(&directory, &entry);
    let answer = exchange.answer.as_deref().map(String::from_utf8_lossy);
    let checked = check_again(&signed, &exchange.text);
    let findings = findings(exchange, checked.as_ref());
    Ok(signed.show(&ExchangePage {
        frame: Frame {
            test: row.test,
            ..signed.frame(Area::Exchanges, None)
        },
        connection_href: format!("/admin/connections/{}", exchange.connection_id),
        repeated: exchange.repeated_at,
        from_key: &exchange.from_key,
        remote: &exchange.remote,
        trace_id: &exchange.trace_id,
        encoding: &exchange.encoding,
        sha256: exchange.sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        related: related(&looked),
        attachments: attachments(&looked),
        text: Lines::new(&exchange.text).marked(&findings),
        findings,
        raw_href: format!("{}/raw", row.href),
        check_href: format!("/admin/check?document={}", exchange.id),
        answer: answer.as_deref().map(Lines::new),
        answer_sealed: exchange.answer_sealed.is_some(),
        row,
    }))
}

/// What the checker says of a text that a page can show; longer ones are checked on a page of their own.
fn check_again(signed: &Signed, text: &str) -> Option<Checked> {
    let is_short = !text.is_empty() && text.len() <= Lines::BYTES_MAX;
    is_short.then(|| {
        check::check(
            text.as_bytes(),
            Some("text/xml; charset=UTF-8"),
            &signed.check_options(),
        )
    })
}

/// What was noticed at receipt, and what the checker says beyond that.
fn findings<'a>(exchange: &'a Exchange, checked: Option<&'a Checked>) -> Vec<FindingRow<'a>> {
    /// Rules that the checker judges with place and advice, too.
    const CHECKED: [&str; 3] = ["document.", "dtd.", "ENV-"];
    let is_checked = |rule: &str| CHECKED.iter().any(|start| rule.starts_with(start));
    let noticed = exchange
        .findings
        .iter()
        .filter(|finding| checked.is_none() || !is_checked(&finding.rule));
    // Of the order itself receipt knew more than the checker does.
    let beyond = checked
        .into_iter()
        .flat_map(|checked| &checked.report.findings)
        .filter(|finding| !finding.rule.starts_with("order."));
    noticed
        .map(FindingRow::noticed)
        .chain(beyond.map(FindingRow::checked))
        .collect()
}

/// The row that a list would show.
fn entry(exchange: &Exchange) -> Entry {
    Entry {
        id: exchange.id,
        connection_id: exchange.connection_id,
        direction: exchange.direction,
        payload_id: exchange.payload_id.clone(),
        document_type: exchange.document_type.clone(),
        status: exchange.status,
        findings: exchange.findings.clone(),
        repeats: exchange.repeats,
        duration_ms: exchange.duration_ms,
        received_at: exchange.received_at,
    }
}

fn related(looked: &Looked) -> Vec<Related<'_>> {
    let visit = looked.session.as_ref().map(|session| Related {
        what: "Visit",
        href: format!("/admin/visits/{}", session.id),
        name: word::operation(session.operation),
        state: word::session_state(session.state),
    });
    let order = looked.version.as_ref().map(|(order, version)| Related {
        what: word::order_action(version.action),
        href: format!("/admin/orders/{}?version={}", order.id, version.seq),
        name: &order.order_id,
        state: word::order_state(order.state),
    });
    visit.into_iter().chain(order).collect()
}

fn attachments(looked: &Looked) -> Vec<AttachmentRow<'_>> {
    looked
        .attachments
        .iter()
        .map(|part| AttachmentRow {
            href: format!("/admin/attachments/{}", part.id),
            name: part
                .file_name
                .as_deref()
                .or(part.content_id.as_deref())
                .unwrap_or("Part without a name"),
            content_type: &part.content_type,
            size: u64::try_from(part.bytes_count).unwrap_or(0),
        })
        .collect()
}

async fn raw(signed: Signed, path: Path<String>) -> Result<HttpResponse, Stop> {
    let looked = look::look(&signed.gateway, signed.staff.tenant_id, id(&path)?).await?;
    let exchange = looked.ok_or(Stop::NotThere)?.exchange;
    Ok(download("document.xml.txt", exchange.text.into_bytes()))
}

async fn attachment(signed: Signed, path: Path<String>) -> Result<HttpResponse, Stop> {
    let part = look::attachment(&signed.gateway, signed.staff.tenant_id, id(&path)?).await?;
    Ok(download("attachment.bin", part.ok_or(Stop::NotThere)?.bytes))
}

/// Bytes of somebody else: a browser keeps them and opens nothing, whatever they are; the name is ours.
fn download(name: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(bytes)
}
