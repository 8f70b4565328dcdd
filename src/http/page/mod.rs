//! Pages: structs that borrow what they show, and the one way to make HTML of them.
//!
//! A handler fills a page struct and calls [`respond`]. Templates read those structs and nothing else; every number,
//! sum and date passes a filter of [`filters`], which knows the [`Reader`].

pub mod admin;
pub mod demo;
mod filters;
pub mod format;
pub mod icon;
pub mod locale;
pub mod part;
pub mod policy;
pub mod shop;
pub mod text;
pub mod visit;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

pub use format::Reader;
pub use policy::Policy;

/// The HTML of a page for this reader.
///
/// # Errors
///
/// When a template fails to write, which a string does not.
pub fn html(page: &impl Template, reader: &Reader) -> askama::Result<String> {
    page.render_with_values(reader)
}

/// The page as an answer: never stored by anybody, with the policy's headers.
pub fn respond(status: StatusCode, page: &impl Template, reader: &Reader, policy: &Policy<'_>) -> HttpResponse {
    let body = match html(page, reader) {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            return HttpResponse::InternalServerError().finish();
        }
    };
    let mut answer = HttpResponseBuilder::new(status);
    answer
        .insert_header(ContentType::html())
        .insert_header((CACHE_CONTROL, "no-store"));
    for header in policy.headers() {
        answer.insert_header(header);
    }
    answer.body(body)
}
