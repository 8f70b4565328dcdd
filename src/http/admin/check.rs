//! The checker, as a page.

use actix_web::http::StatusCode;
use actix_web::web::{self, Payload, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::gate::{self, Signed, Stop};
use super::id;
use crate::domain::refusal::{Code, Refusal};
use crate::http::body::{self, NotTaken};
use crate::http::document::{self, Given};
use crate::http::page::admin::{Area, CheckPage, FindingRow, Lines, Verdict};
use crate::http::page::part::Status;
use crate::service::check::{Checked, Report};
use crate::service::exchange::look;
use crate::service::limits::TooMany;

/// Largest form of the page in bytes; larger documents are checked on the command line or by a program.
const FORM_BYTES_MAX: usize = 4 << 20;

/// A set-up request with the mistakes that real ones have.
const EXAMPLE: &str = include_str!("../../../templates/admin/broken.xml");

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/check", web::get().to(page))
        .route("/check", web::post().to(posted));
}

#[derive(Deserialize)]
struct Asked {
    /// A document that was received or sent.
    document: Option<String>,
    /// The example.
    example: Option<String>,
}

async fn page(signed: Signed, asked: Query<Asked>) -> Result<HttpResponse, Stop> {
    let (given, name) = match (&asked.document, &asked.example) {
        (Some(document), _) => {
            let looked = look::look(&signed.gateway, signed.staff.tenant_id, id(document)?).await?;
            let exchange = looked.ok_or(Stop::NotThere)?.exchange;
            (exchange.text.into_bytes(), exchange.payload_id)
        }
        (None, Some(_)) => (EXAMPLE.as_bytes().to_vec(), "An example".to_owned()),
        (None, None) => return Ok(show(&signed, StatusCode::OK, None, false)),
    };
    let given = Given {
        bytes: given,
        content_type: Some("text/xml; charset=UTF-8".to_owned()),
        name,
    };
    let name = given.name.clone();
    let checked = run(&signed, given).await?;
    Ok(show(&signed, StatusCode::OK, Some((&checked, &name)), false))
}

async fn posted(signed: Signed, request: HttpRequest, mut payload: Payload) -> Result<HttpResponse, Stop> {
    let mut in_flight = signed.gateway.limits.in_flight();
    let body = body::take(&signed.gateway, &mut payload, &mut in_flight, FORM_BYTES_MAX)
        .await
        .map_err(|reason| not_taken(reason, FORM_BYTES_MAX))?;
    let document::Form { given, code } = document::form(&request, &body).ok_or(Stop::Unreadable)?;
    gate::check_code(&signed.gateway, &request, &code)?;
    let Some(given) = given else {
        return Ok(show(&signed, StatusCode::UNPROCESSABLE_ENTITY, None, true));
    };
    let name = given.name.clone();
    let checked = run(&signed, given).await?;
    Ok(show(&signed, StatusCode::OK, Some((&checked, &name)), false))
}

/// Checks the document for this person.
async fn run(signed: &Signed, given: Given) -> Result<Checked, Stop> {
    let too_many = |over: TooMany| {
        let text = format!("Too many documents; go on in {} seconds.", over.retry_after_seconds);
        Stop::Failed(Refusal::new(Code::TooMany, text).into())
    };
    signed.gateway.limits.check(signed.staff.id).map_err(too_many)?;
    Ok(document::check(given, signed.check_options()).await?)
}

/// The answer to a body that was not taken.
fn not_taken(reason: NotTaken, bytes_max: usize) -> Stop {
    let (code, text) = match reason {
        NotTaken::BrokenOff => return Stop::Unreadable,
        NotTaken::TooLarge => (
            Code::TooLarge,
            format!("The document is larger than {bytes_max} bytes; check it on the command line."),
        ),
        NotTaken::TooSlow => (Code::Temporary, "The document came too slowly; try again.".to_owned()),
        NotTaken::TooMuch => (Code::Temporary, "Too much is arriving at once; try again.".to_owned()),
    };
    Stop::Failed(Refusal::new(code, text).into())
}

fn show(signed: &Signed, status: StatusCode, checked: Option<(&Checked, &str)>, missing: bool) -> HttpResponse {
    let verdict = checked.map(|(checked, name)| verdict(checked, name));
    let page = CheckPage {
        frame: signed.frame(Area::Check, None),
        verdict,
        missing,
        form_bytes_max: FORM_BYTES_MAX as u64,
    };
    signed.show_as(status, &page)
}

fn verdict<'a>(checked: &'a Checked, name: &'a str) -> Verdict<'a> {
    let report = &checked.report;
    let findings: Vec<FindingRow<'_>> = report.findings.iter().map(FindingRow::checked).collect();
    let (state, text) = words(report);
    Verdict {
        kind: report.kind.as_deref().unwrap_or("Document"),
        source: if name == "-" { "" } else { name },
        state,
        text,
        lines: Lines::new(&checked.text).marked(&findings),
        more: (report.findings_count - findings.len()) as u64,
        findings,
    }
}

fn words(report: &Report) -> (Status<'static>, String) {
    let family = report.family.unwrap_or("cXML");
    match (&report.refused, report.valid, report.findings_count) {
        (Some(reason), ..) => (
            Status::bad("Cannot be read"),
            format!("It cannot be read as cXML: {reason}. It would be answered with Status 406 Not Acceptable."),
        ),
        (None, true, 0) => (
            Status::good("Valid"),
            format!("It is valid by the grammar {family}.dtd, and no rule speaks against it."),
        ),
        (None, true, count) => (
            Status::info("Valid, with findings"),
            format!("It is valid by the grammar {family}.dtd; rules beyond the grammar have {count} findings."),
        ),
        (None, false, count) => (
            Status::bad("Not valid"),
            format!("It is not valid by the grammar {family}.dtd; there are {count} findings."),
        ),
    }
}
