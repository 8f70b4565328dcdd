//! `POST /api/v1/validate`: the checker, for programs with a token and for people who are signed in.

use actix_web::web::{Data, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::gate::{self, Parameters};
use super::problem::{self, Stop};
use crate::domain::api_client::Scope;
use crate::domain::refusal::{Code, Refusal};
use crate::http::admin::{self, Signed};
use crate::http::document::{self, Given};
use crate::service::Gateway;
use crate::service::check::{self, Named};

/// The report as the command line gives it.
pub(super) async fn report(gateway: Data<Gateway>, request: HttpRequest, payload: Payload) -> HttpResponse {
    problem::answer(&gateway, checked(&gateway, &request, payload).await)
}

async fn checked(gateway: &Gateway, request: &HttpRequest, payload: Payload) -> Result<HttpResponse, Stop> {
    let asking = asking(gateway, request).await?;
    Parameters::read(request, &[])?;
    let bytes_max = gateway.config.limits.document_bytes_max;
    let mut in_flight = gateway.limits.in_flight();
    let body = gate::body(gateway, payload, &mut in_flight, bytes_max).await?;
    let content_type = document::content_type(request);
    let given = match document::is_form(content_type) {
        true => {
            let text = "The form cannot be read; send the document as the body, or in a field document or file.";
            let form = document::form(request, &body).ok_or_else(|| Refusal::new(Code::BadRequest, text))?;
            form.given
        }
        false => (!body.is_empty()).then(|| Given {
            bytes: body.to_vec(),
            content_type: content_type.map(str::to_owned),
            name: "-".to_owned(),
        }),
    };
    let missing = || Refusal::new(Code::BadRequest, "There is no document in the body.");
    let given = given.ok_or_else(missing)?;
    gateway.limits.check(asking.id)?;
    let file = given.name.clone();
    let checked = document::check(given, asking.options).await?;
    Ok(HttpResponse::Ok().json(Named {
        file: &file,
        report: &checked.report,
    }))
}

/// Who has a document checked.
struct Asking {
    /// The program or person.
    id: Uuid,
    options: check::Options,
}

/// The program of the token, else the person of the cookie.
async fn asking(gateway: &Gateway, request: &HttpRequest) -> Result<Asking, Stop> {
    if gate::has_authorization(request) {
        let client = gate::let_in(gateway, request, Scope::DocumentsCheck).await?;
        let directory = gateway.directory();
        let zone = directory
            .tenant(client.tenant_id)
            .and_then(|tenant| TimeZone::get(&tenant.time_zone).ok())
            .unwrap_or(TimeZone::UTC);
        return Ok(Asking {
            id: client.id,
            options: check::Options {
                today: Some(gateway.clock.now().to_zoned(zone).date()),
                grammar: Some(gateway.grammar),
                ..check::Options::default()
            },
        });
    }
    gate::address(gateway, request)?;
    let signed = Signed::extract(request).await?;
    if admin::is_foreign(request) {
        return Err(admin::Stop::Foreign.into());
    }
    Ok(Asking {
        id: signed.staff.id,
        options: signed.check_options(),
    })
}
