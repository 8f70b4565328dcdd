//! What stands around every page of the shop.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use uuid::Uuid;

use crate::domain::party::DeploymentMode;
use crate::domain::product::Goods;
use crate::domain::session::Operation;
use crate::http::guest::Guest;
use crate::http::page::Reader;
use crate::http::page::format::Money;
use crate::http::page::part::{Told, Tone, with_parameter};
use crate::http::page::shop::{Frame, Mode, Paths};
use crate::service::content::{self, Content};
use crate::service::session::cart::{self, Cart};
use crate::service::session::visit::{self, Gone, Visit};
use crate::service::shopping::{self, Kept};
use crate::service::{Error, Gateway, party, product, terms};

/// A visit with everything its pages say.
pub struct Scene {
    /// Who asks.
    pub guest: Guest,
    /// The visit.
    pub visit: Visit,
    /// What the supplier sells.
    pub goods: Arc<Goods>,
    /// The cart at the present terms.
    pub cart: Cart,
    base: String,
    csrf: String,
    here: String,
}

impl Scene {
    /// Sets the stage.
    ///
    /// # Errors
    /// The answer instead of a page.
    #[expect(clippy::result_large_err, reason = "the answer is made once and sent")]
    pub fn new(guest: Guest, visit: Visit) -> Result<Scene, HttpResponse> {
        let gateway = &guest.gateway;
        let csrf = visit::form_code(gateway, &visit.handle).map_err(|error| guest.failed(&error))?;
        let goods = product::goods(gateway, visit.session.tenant_id);
        let goods = goods.ok_or_else(|| guest.closed(&Gone::Suspended, None))?;
        Ok(Scene {
            cart: cart::view(gateway, &visit),
            base: format!("/s/{}", visit.handle),
            here: without_notice(&guest.here()),
            csrf,
            goods,
            visit,
            guest,
        })
    }

    /// The gateway asked.
    pub fn gateway(&self) -> &Gateway {
        &self.guest.gateway
    }

    /// Where a form leads back to: the page it stood on, if that is one of this visit, with a notice.
    pub fn back(&self, asked: &str, otherwise: &str, notice: &str) -> String {
        let inside = format!("{}/", self.base);
        let page = if asked.starts_with(&inside) { asked } else { otherwise };
        with_parameter(&without_notice(page), "notice", notice)
    }

    /// The lists of the user, none where nobody knows who shops.
    ///
    /// # Errors
    /// The answer instead of a page.
    pub async fn lists(&self) -> Result<Vec<Kept>, HttpResponse> {
        let Some(shopper) = shopping::shopper(&self.visit.session) else {
            return Ok(Vec::new());
        };
        let lists = shopping::lists(self.gateway(), &shopper).await;
        lists.map_err(|error| self.guest.failed(&error))
    }

    /// Texts, attributes, pictures and documents of products in the reader's language.
    ///
    /// # Errors
    /// The store would not.
    pub async fn contents(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Content>, Error> {
        let language = self.reader().locale.language.code();
        content::of_products(self.gateway(), self.visit.session.tenant_id, ids, language).await
    }

    /// Whether the visit's account may see and buy a product.
    pub fn offers(&self, sku: &str) -> bool {
        let session = &self.visit.session;
        terms::is_offered(self.gateway(), session.tenant_id, &session.account_code, sku)
    }

    /// How the guest is written to.
    pub fn reader(&self) -> &Reader {
        &self.guest.reader
    }

    /// The visit's addresses.
    pub fn paths(&self) -> Paths<'_> {
        Paths(&self.base)
    }

    /// The frame of a page.
    pub fn frame<'a>(&'a self, query: &'a str, notice: Option<Told>) -> Frame<'a> {
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
            language: self.reader().locale.language,
            here: &self.here,
        }
    }

    /// The notice that an address asks for by name.
    pub fn notice(&self, name: &str) -> Option<Told> {
        const NOTICES: [&str; 9] = [
            "added",
            "ordered",
            "ordered-partly",
            "list-made",
            "list-kept",
            "list-taken-off",
            "list-renamed",
            "list-deleted",
            "list-saved",
        ];
        let key = NOTICES.into_iter().find(|known| *known == name)?;
        let tone = if key == "ordered-partly" {
            Tone::Warn
        } else {
            Tone::Good
        };
        Some(Told::new(self.reader(), tone, key))
    }

    /// The page as an answer.
    pub fn respond(&self, page: &impl Template) -> HttpResponse {
        self.respond_with(StatusCode::OK, page)
    }

    /// The page as an answer with another status.
    pub fn respond_with(&self, status: StatusCode, page: &impl Template) -> HttpResponse {
        self.guest.show(status, &self.visit.known, page)
    }
}

/// An address without the notice it asked for.
fn without_notice(address: &str) -> String {
    let Some((page, query)) = address.split_once('?') else {
        return address.to_owned();
    };
    let kept: Vec<&str> = query.split('&').filter(|part| !part.starts_with("notice=")).collect();
    match kept.is_empty() {
        true => page.to_owned(),
        false => format!("{page}?{}", kept.join("&")),
    }
}
