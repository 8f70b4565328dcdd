//! The supplier's own people at work: a handler takes a signed-in person, calls one service function, fills one page.

mod check;
mod connection_rows;
mod connections;
mod deliveries;
mod erp;
mod erp_drift;
mod erp_fields;
mod erp_rows;
mod exchanges;
mod gate;
mod home;
mod order_rows;
mod orders;
mod programs;
mod safeguards;
mod sign_in;
mod visits;
mod watch;
mod why;

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, ServiceConfig};
use uuid::Uuid;

use crate::http::page::part::with_parameter;

pub(in crate::http) use gate::{CODE, Signed, Stop, is_foreign};

/// The fields of a form as it was posted; of a field that comes twice, the last one.
pub type Fields = BTreeMap<String, String>;

/// Largest form in bytes: the settings of a connection with long lists fit many times.
const FORM_BYTES_MAX: usize = 256 * 1024;

/// Mounts the pages below `/admin`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/admin")
            .app_data(web::FormConfig::default().limit(FORM_BYTES_MAX))
            .configure(sign_in::routes)
            .configure(home::routes)
            .configure(orders::routes)
            .configure(deliveries::routes)
            .configure(erp::routes)
            .configure(erp_rows::routes)
            .configure(erp_drift::routes)
            .configure(erp_fields::routes)
            .configure(exchanges::routes)
            .configure(check::routes)
            .configure(connections::routes)
            .configure(safeguards::routes)
            .configure(visits::routes)
            .configure(watch::routes)
            .configure(why::routes)
            .configure(programs::routes)
            .default_service(web::to(gate::nothing_here)),
    );
}

/// After a form: the browser asks for a page, so that reloading it does nothing twice.
fn see_other(address: &str) -> HttpResponse {
    HttpResponse::build(StatusCode::SEE_OTHER)
        .insert_header((LOCATION, address))
        .finish()
}

/// The page after a deed, with the word of what was done.
fn done(address: &str, word: &str) -> HttpResponse {
    see_other(&with_parameter(address, "done", word))
}

/// An identifier of an address or form; what is none is nothing that is there.
fn id(text: &str) -> Result<Uuid, gate::Stop> {
    Uuid::parse_str(text).map_err(|_| gate::Stop::NotThere)
}
