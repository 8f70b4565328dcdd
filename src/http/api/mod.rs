//! The door for programs: bearer tokens in, JSON out, every refusal a problem (RFC 9457).
//!
//! `openapi.json` beside this file describes it; a test holds the two together.

mod changes;
mod describe;
mod events;
mod gate;
mod hook;
mod prices;
mod problem;
mod sync;
mod validate;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, Route};

use crate::domain::refusal::{Code, Refusal};
use crate::service::Gateway;

/// Mounts the addresses below `/api`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/api/v1")
            .service(resource("/changes", web::get().to(changes::list)))
            .service(resource("/sync/{entity}", web::post().to(sync::take)))
            .service(resource("/events", web::post().to(events::take)))
            .service(resource("/prices", web::post().to(prices::answer)))
            .service(resource("/hook/{source}", web::post().to(hook::take)))
            .service(resource("/validate", web::post().to(validate::report)))
            .service(resource("/openapi.json", web::get().to(describe::document)))
            .service(resource("/problems/{name}", web::get().to(describe::problem)))
            .default_service(web::to(nothing_here)),
    );
    config.service(web::scope("/api").default_service(web::to(nothing_here)));
}

/// An address with its one method; any other is a problem, too.
fn resource(path: &str, route: Route) -> Resource {
    web::resource(path)
        .route(route)
        .default_service(web::to(no_such_method))
}

async fn nothing_here(gateway: Data<Gateway>, request: HttpRequest) -> HttpResponse {
    refused(&gateway, &request, Code::ExpectationFailed)
}

async fn no_such_method(gateway: Data<Gateway>, request: HttpRequest) -> HttpResponse {
    refused(&gateway, &request, Code::NotImplemented)
}

fn refused(gateway: &Gateway, request: &HttpRequest, code: Code) -> HttpResponse {
    let answer = gate::address(gateway, request).and_then(|_| {
        let text = "The addresses and their methods are described at /api/v1/openapi.json.";
        Err(Refusal::new(code, text).into())
    });
    problem::answer(gateway, answer)
}
