//! What stands around every page of the shop.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use uuid::Uuid;

use crate::domain::party::DeploymentMode;
use crate::domain::product::{Goods, Product};
use crate::domain::session::Operation;
use crate::http::guest::Guest;
use crate::http::page::Reader;
use crate::http::page::format::Money;
use crate::http::page::part::{Told, Tone, with_parameter};
use crate::http::page::shop::{Frame, Mode, Paths};
use crate::service::content::{self, Content};
use crate::service::search::{self, Counts};
use crate::service::session::cart::{self, Cart};
use crate::service::session::visit::{self, Gone, Visit};
use crate::service::shopping::{self, Kept};
use crate::service::{Error, Gateway, party, product};

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
    /// Names in the reader's language, as far as they were asked for.
    names: HashMap<Uuid, String>,
    category_names: HashMap<String, String>,
}

impl Scene {
    /// Sets the stage.
    ///
    /// # Errors
    /// The answer instead of a page.
    pub async fn new(guest: Guest, visit: Visit) -> Result<Scene, HttpResponse> {
        let gateway = &guest.gateway;
        let csrf = visit::form_code(gateway, &visit.handle).map_err(|error| guest.failed(&error))?;
        let goods = product::goods(gateway, visit.session.tenant_id);
        let goods = goods.ok_or_else(|| guest.closed(&Gone::Suspended, None))?;
        let cart = cart::view(gateway, &visit)
            .await
            .map_err(|error| guest.failed(&error))?;
        Ok(Scene {
            cart,
            base: format!("/s/{}", visit.handle),
            here: without_notice(&guest.here()),
            csrf,
            goods,
            visit,
            guest,
            names: HashMap::new(),
            category_names: HashMap::new(),
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

    /// The product of a part number, where the visit's account may see and buy it: no page says anything of others, not
    /// even that they are there.
    pub fn shown(&self, sku: &str) -> Option<&Arc<Product>> {
        let is_shown = super::is_shown(self.gateway(), &self.visit, &self.goods, sku);
        self.goods.product(sku).filter(|_| is_shown)
    }

    /// Looks up what products are called in the reader's language, before they are shown; the others are not looked at.
    ///
    /// # Errors
    /// The answer instead of a page.
    pub async fn learn<'s>(&mut self, skus: impl IntoIterator<Item = &'s str>) -> Result<(), HttpResponse> {
        let shown = skus.into_iter().filter_map(|sku| self.shown(sku));
        let ids: Vec<Uuid> = shown.map(|product| product.id).collect();
        let language = self.reader().locale.language.code();
        let read = content::names(self.gateway(), self.visit.session.tenant_id, &ids, language).await;
        let names = read.map_err(|error| self.guest.failed(&error))?;
        self.names.extend(names);
        Ok(())
    }

    /// What a product is called: in the reader's language where that was looked up, else as the supplier calls it.
    pub fn name<'a>(&'a self, product: &'a Product) -> &'a str {
        self.names.get(&product.id).unwrap_or(&product.name)
    }

    /// Looks up what categories are called in the reader's language.
    ///
    /// # Errors
    /// The answer instead of a page.
    pub async fn learn_categories(&mut self) -> Result<(), HttpResponse> {
        let language = self.reader().locale.language.code();
        let read = content::category_names(self.gateway(), self.visit.session.tenant_id, language).await;
        self.category_names = read.map_err(|error| self.guest.failed(&error))?;
        Ok(())
    }

    /// What a category is called, as for [`Scene::name`].
    pub fn category_name<'a>(&'a self, code: &str) -> &'a str {
        let own = self.category_names.get(code).map(String::as_str);
        let name = || self.goods.tree().get(code).map(|category| &*category.name);
        own.or_else(name).unwrap_or_default()
    }

    /// How many products the visit's account may buy; nothing while that cannot be said.
    ///
    /// # Errors
    /// The answer instead of a page.
    pub async fn counts(&self) -> Result<Option<Counts>, HttpResponse> {
        let session = &self.visit.session;
        let counts = search::counts(self.gateway(), session.tenant_id, &session.account_code).await;
        counts.map_err(|error| self.guest.failed(&error))
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
        const NOTICES: [&str; 10] = [
            "added",
            "ordered",
            "ordered-partly",
            "ordered-cut",
            "list-made",
            "list-kept",
            "list-taken-off",
            "list-renamed",
            "list-deleted",
            "list-saved",
        ];
        let key = NOTICES.into_iter().find(|known| *known == name)?;
        let tone = if key == "ordered-partly" || key == "ordered-cut" {
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
