//! What stands around every page of the shop.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::domain::party::DeploymentMode;
use crate::domain::product::Goods;
use crate::domain::session::Operation;
use crate::http::page::format::Money;
use crate::http::page::part::Notice;
use crate::http::page::shop::{Frame, Mode, Paths};
use crate::http::page::{self};
use crate::http::visit::{failed, with_policy};
use crate::service::session::cart::{self, Cart};
use crate::service::session::visit::{self, Visit};
use crate::service::{Gateway, party, product};

use super::{ADDED, not_loaded};

/// A visit with everything its pages say.
pub struct Scene {
    /// The visit.
    pub visit: Visit,
    /// What the supplier sells.
    pub goods: Arc<Goods>,
    /// The cart at the present terms.
    pub cart: Cart,
    base: String,
    csrf: String,
}

impl Scene {
    /// Sets the stage.
    ///
    /// # Errors
    /// The answer instead of a page.
    #[expect(clippy::result_large_err, reason = "the answer is made once and sent")]
    pub fn new(gateway: &Gateway, visit: Visit) -> Result<Scene, HttpResponse> {
        let csrf = visit::form_code(gateway, &visit.handle).map_err(|error| failed(gateway, &error))?;
        let goods = product::goods(gateway, visit.session.tenant_id).ok_or_else(|| not_loaded(gateway))?;
        Ok(Scene {
            cart: cart::view(gateway, &visit),
            base: format!("/s/{}", visit.handle),
            csrf,
            goods,
            visit,
        })
    }

    /// The visit's addresses.
    pub fn paths(&self) -> Paths<'_> {
        Paths(&self.base)
    }

    /// The frame of a page.
    pub fn frame<'a>(&'a self, query: &'a str, notice: Option<Notice<'a>>) -> Frame<'a> {
        let known = &self.visit.known;
        let session = &self.visit.session;
        let total = self.cart.currency.map(|currency| Money {
            amount: self.cart.total,
            currency: currency.code(),
        });
        Frame {
            brand: &known.tenant.name,
            paths: self.paths(),
            csrf: &self.csrf,
            buyer: &known.buyer.name,
            via: party::system_name(known),
            user: session.user.name.as_deref().or(session.user.email.as_deref()),
            until: session.shop_until.unwrap_or(session.start_until),
            mode: match session.operation {
                Operation::Create => Mode::Create,
                Operation::Edit => Mode::Edit,
                Operation::Inspect => Mode::Inspect,
            },
            test: known.connection.mode == DeploymentMode::Test,
            cart_lines: self.cart.lines.len() as u64,
            cart_total: total,
            query,
            notice,
        }
    }

    /// The page as an answer.
    pub fn respond(&self, gateway: &Gateway, page: &impl Template) -> HttpResponse {
        self.respond_with(gateway, StatusCode::OK, page)
    }

    /// The page as an answer with another status.
    pub fn respond_with(&self, gateway: &Gateway, status: StatusCode, page: &impl Template) -> HttpResponse {
        with_policy(gateway, &self.visit.known, |policy, reader| {
            page::respond(status, page, reader, policy)
        })
    }
}

/// The notice that an address asks for by name.
pub fn notice(name: &str) -> Option<Notice<'static>> {
    let (tone, title, text) = match name {
        "added" => ADDED,
        _ => return None,
    };
    Some(Notice { tone, title, text })
}
