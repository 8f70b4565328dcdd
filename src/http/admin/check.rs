//! The checker, as a page for people and as one address for programs.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::web::{self, Payload, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use serde::Deserialize;
use serde_json::json;

use super::gate::{self, Signed, Stop};
use super::id;
use crate::domain::refusal::{Code, Refusal};
use crate::http::body::{self, NotTaken};
use crate::http::page::admin::{Area, CheckPage, FindingRow, Lines, Verdict};
use crate::http::page::part::Status;
use crate::mime::{self, Part};
use crate::service::Error;
use crate::service::check::{self, Checked, Named, Report};
use crate::service::exchange::look;

/// Largest form of the page in bytes; larger documents are checked on the command line or by a program.
const FORM_BYTES_MAX: usize = 4 << 20;

/// A set-up request with the mistakes that real ones have.
const EXAMPLE: &str = include_str!("../../../templates/admin/broken.xml");

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/check", web::get().to(page))
        .route("/check", web::post().to(posted));
}

/// What programs may ask.
pub(super) fn api(config: &mut ServiceConfig) {
    config.route("/api/v1/validate", web::post().to(validate));
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
    let (given, code) = form(&request, &body)?;
    gate::check_code(&signed.gateway, &request, &code)?;
    let Some(given) = given else {
        return Ok(show(&signed, StatusCode::UNPROCESSABLE_ENTITY, None, true));
    };
    let name = given.name.clone();
    let checked = run(&signed, given).await?;
    Ok(show(&signed, StatusCode::OK, Some((&checked, &name)), false))
}

/// The report as the command line gives it; what keeps it from being made is a problem (RFC 9457).
async fn validate(request: HttpRequest, payload: Payload) -> HttpResponse {
    match report(&request, payload).await {
        Ok((file, checked)) => HttpResponse::Ok().json(Named {
            file: &file,
            report: &checked.report,
        }),
        Err(stop) => problem(&stop),
    }
}

/// The name of the file, and what was found in it.
async fn report(request: &HttpRequest, mut payload: Payload) -> Result<(String, Checked), Stop> {
    let signed = <Signed as actix_web::FromRequest>::extract(request).await?;
    if gate::is_foreign(request) {
        return Err(Stop::Foreign);
    }
    let bytes_max = signed.gateway.config.limits.document_bytes_max;
    let mut in_flight = signed.gateway.limits.in_flight();
    let body = body::take(&signed.gateway, &mut payload, &mut in_flight, bytes_max)
        .await
        .map_err(|reason| not_taken(reason, bytes_max))?;
    let given = match is_form(content_type(request)) {
        true => form(request, &body)?.0,
        false => (!body.is_empty()).then(|| Given {
            bytes: body.to_vec(),
            content_type: content_type(request).map(str::to_owned),
            name: "-".to_owned(),
        }),
    };
    let missing = || Refusal::new(Code::BadRequest, "There is no document in the body.");
    let given = given.ok_or_else(|| Stop::Failed(missing().into()))?;
    let name = given.name.clone();
    Ok((name, run(&signed, given).await?))
}

/// A document as it was given.
struct Given {
    bytes: Vec<u8>,
    content_type: Option<String>,
    name: String,
}

/// Checks the document on a thread of its own, so that pages are not held up by it.
async fn run(signed: &Signed, given: Given) -> Result<Checked, Stop> {
    let too_many = |over: crate::service::limits::TooMany| {
        let text = format!("Too many documents; go on in {} seconds.", over.retry_after_seconds);
        Stop::Failed(Refusal::new(Code::TooMany, text).into())
    };
    signed.gateway.limits.check(signed.staff.id).map_err(too_many)?;
    let options = signed.check_options();
    let checked = web::block(move || check::check(&given.bytes, given.content_type.as_deref(), &options)).await;
    checked.map_err(|_| Stop::Failed(Error::Setting("the server is stopping".to_owned())))
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

fn content_type(request: &HttpRequest) -> Option<&str> {
    request.headers().get(CONTENT_TYPE)?.to_str().ok()
}

fn is_form(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|text| text.trim().to_ascii_lowercase().starts_with("multipart/form-data"))
}

/// The document of a form, a file before what was pasted, and the form's code.
fn form(request: &HttpRequest, body: &[u8]) -> Result<(Option<Given>, String), Stop> {
    let content_type = content_type(request)
        .filter(|text| is_form(Some(text)))
        .ok_or(Stop::Unreadable)?;
    let message = mime::read(content_type, body, &mime::Limits::default()).map_err(|_| Stop::Unreadable)?;
    let field = |name: &str| {
        let parts = message.parts().iter();
        parts
            .filter(|part| part.field.as_deref() == Some(name))
            .find(|part| !part.body.trim_ascii().is_empty())
    };
    let code = field(gate::CODE).map(|part| String::from_utf8_lossy(&part.body).into_owned());
    let given = |part: &Part<'_>| Given {
        bytes: part.body.to_vec(),
        // A browser states the encoding of what was pasted by that of its page; of a file it knows nothing.
        content_type: part.file_name.is_none().then(|| "text/xml; charset=UTF-8".to_owned()),
        name: part.file_name.clone().unwrap_or_else(|| "-".to_owned()),
    };
    let document = field("file").or_else(|| field("document")).map(given);
    Ok((document, code.unwrap_or_default()))
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

/// What kept a report from being made, for programs.
fn problem(stop: &Stop) -> HttpResponse {
    let (status, title, detail) = match stop {
        Stop::SignIn(_) => (
            StatusCode::UNAUTHORIZED,
            "Sign in",
            "Send the cookie of a sign-in of staff at /admin/sign-in.".to_owned(),
        ),
        Stop::Foreign => (
            StatusCode::FORBIDDEN,
            "From another site",
            "A page of another site may not ask in the name of a person.".to_owned(),
        ),
        Stop::Unreadable => (
            StatusCode::BAD_REQUEST,
            "This body cannot be read",
            "Send the document as the body, or a form of type multipart/form-data with a field document or file."
                .to_owned(),
        ),
        Stop::Failed(error) => {
            let refusal = error.refusal();
            let title = stop.words(&refusal.text).0;
            let status = match refusal.code {
                Code::BadRequest => StatusCode::BAD_REQUEST,
                _ => stop.status_code(),
            };
            (status, title, refusal.text)
        }
        Stop::NotThere | Stop::TooMany(_) => (stop.status_code(), stop.words("").0, stop.words("").1.to_owned()),
    };
    let mut answer = HttpResponse::build(status);
    answer.content_type("application/problem+json");
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((WWW_AUTHENTICATE, "Cookie"));
    }
    if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
        answer.insert_header((RETRY_AFTER, "5"));
    }
    let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    answer.body(body.to_string())
}
