//! The cXML door: bytes in, service, bytes out.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::web::{Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::refusal::{Code, Refusal};
use crate::http::body::{self, NotTaken};
use crate::http::peer;
use crate::service::answer::{self, Answer, VERSION_DEFAULT};
use crate::service::exchange::{self, Arrival};
use crate::service::trust::ClientCertificate;
use crate::service::{Error, Gateway};

/// Mounts the door; anything below it is the same door, so that a connection can have an address of its own.
pub fn routes(config: &mut ServiceConfig) {
    for path in ["/cxml", "/cxml/{name:.*}"] {
        config.service(
            web::resource(path)
                .route(web::post().to(post))
                .route(web::get().to(ping))
                .route(web::head().to(ping))
                .default_service(web::to(other)),
        );
    }
}

/// A GET is a ping (Reference Guide 3.1.13); its query is nobody's business and not read.
async fn ping(gateway: Data<Gateway>, request: HttpRequest) -> HttpResponse {
    let remote = peer::address(&request, &gateway.config.server.trusted_proxies);
    match gateway.limits.request(remote) {
        Ok(()) => copy(exchange::status_answer(&gateway, (200, "OK"), None, VERSION_DEFAULT)),
        Err(over) => {
            let refusal = Refusal::new(Code::TooMany, "Too many requests; come back later.");
            let mut answer = answer::refuse(&gateway, &refusal, VERSION_DEFAULT);
            answer.retry_after_seconds = Some(over.retry_after_seconds);
            copy(answer)
        }
    }
}

async fn other(gateway: Data<Gateway>) -> HttpResponse {
    let refusal = Refusal::new(
        Code::NotImplemented,
        "Post documents here, or GET to see whether the door is open.",
    );
    copy(Answer {
        http_status: 405,
        ..answer::refuse(&gateway, &refusal, VERSION_DEFAULT)
    })
}

async fn post(gateway: Data<Gateway>, request: HttpRequest, mut payload: Payload) -> HttpResponse {
    let trace_id = gateway.clock.new_id().simple().to_string();
    let remote = peer::address(&request, &gateway.config.server.trusted_proxies);
    let mut in_flight = gateway.limits.in_flight();
    let bytes_max = gateway.config.limits.message_bytes_max;
    let body = match body::take(&gateway, &mut payload, &mut in_flight, bytes_max).await {
        Ok(body) => body,
        Err(reason) => {
            body::hold(payload);
            return not_taken(&gateway, reason);
        }
    };
    let arrival = Arrival {
        body: &body,
        content_type: request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok()),
        remote,
        certificate: request.conn_data::<ClientCertificate>().cloned(),
        trace_id: trace_id.clone(),
    };
    let limit = Duration::from_secs(gateway.config.limits.answer_seconds);
    let answer = match tokio::time::timeout(limit, exchange::answer(&gateway, arrival)).await {
        Ok(answer) => answer,
        Err(_) => {
            tracing::error!(%trace_id, "exchange.too_slow");
            let refusal = Refusal::new(
                Code::Temporary,
                "The answer took too long; send the same document again.",
            );
            answer::refuse(&gateway, &refusal, VERSION_DEFAULT)
        }
    };
    copy(answer)
}

/// The answer to a body that was not taken; what is still coming is not read.
fn not_taken(gateway: &Gateway, reason: NotTaken) -> HttpResponse {
    let (http, code, text) = match reason {
        NotTaken::TooSlow => (
            Some(StatusCode::REQUEST_TIMEOUT),
            Code::Temporary,
            "The request came too slowly; send it again.".to_owned(),
        ),
        NotTaken::BrokenOff => (
            Some(StatusCode::BAD_REQUEST),
            Code::NotAcceptable,
            "The request broke off.".to_owned(),
        ),
        NotTaken::TooLarge => {
            let bytes_max = gateway.config.limits.message_bytes_max;
            let text = format!("The message is larger than {bytes_max} bytes.");
            (Some(StatusCode::PAYLOAD_TOO_LARGE), Code::TooLarge, text)
        }
        NotTaken::TooMuch => (
            None,
            Code::Temporary,
            "Too much is arriving at once; send the same document again.".to_owned(),
        ),
    };
    let mut answer = answer::refuse(gateway, &Refusal::new(code, text), VERSION_DEFAULT);
    if let Some(http) = http {
        answer.http_status = http.as_u16();
    }
    let mut response = copy(answer);
    response
        .head_mut()
        .set_connection_type(actix_web::http::ConnectionType::Close);
    response
}

fn copy(answer: Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.http_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, "text/xml; charset=UTF-8"));
    if let Some(seconds) = answer.retry_after_seconds {
        response.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    response.body(answer.body)
}

/// Makes the error types of the service known to handlers that answer pages.
pub fn status_of(error: &Error) -> StatusCode {
    match error.refusal().code {
        Code::Temporary | Code::TooMany => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}
