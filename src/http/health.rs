//! Whether the process lives, whether it can work, and its figures.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, http::header::ContentType};

use crate::service::{self, Gateway};
use crate::telemetry;

/// Mounts `/live`, `/ready` and `/metrics`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/live", web::get().to(live))
        .route("/ready", web::get().to(ready))
        .route("/metrics", web::get().to(metrics));
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body("live\n")
}

/// Ready means: the database answers, and prices are loaded. The modes of ERPs are told; none makes it unready.
async fn ready(gateway: Data<Gateway>) -> HttpResponse {
    let readiness = service::readiness(&gateway).await;
    let mut response = if readiness.is_ready() {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    response
        .content_type(ContentType::plaintext())
        .body(readiness.to_string())
}

async fn metrics() -> HttpResponse {
    match telemetry::metrics() {
        Some(handle) => HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4")
            .body(handle.render()),
        None => HttpResponse::ServiceUnavailable().finish(),
    }
}
