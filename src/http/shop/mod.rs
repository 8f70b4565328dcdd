//! The shop of one visit: home, categories, search, products, cart, lists, quick order.

mod cart;
mod compare;
mod home;
mod lists;
mod narrowing;
mod offer;
mod product;
mod quick;
mod results;
mod scene;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use serde::Deserialize;

use crate::domain::product::{Category, Goods};
use crate::domain::session::SelectedItem;
use crate::http::guest::{Guest, Left};
use crate::http::page::shop::{CategoryLink, Paths};
use crate::service::search::Counts;
use crate::service::session::visit::Visit;
use crate::service::{Gateway, terms};

pub use cart::{confirm_empty, needs_a_look as cart_needs_a_look};
use scene::Scene;

/// Products on one page of a list.
const PRODUCTS_PER_PAGE: u64 = 24;

/// Bytes of a form with many lines: 1,000 of them with long part numbers.
const FORM_BYTES_MAX: usize = 512 << 10;

/// Mounts the pages of the shop.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/s/{handle}", web::get().to(home::home))
        .route("/s/{handle}/", web::get().to(home::home))
        .route("/s/{handle}/product", web::get().to(product::product_page))
        .route("/s/{handle}/compare", web::get().to(compare::compare))
        .route("/s/{handle}/quick", web::get().to(quick::show))
        .route("/s/{handle}/quick", web::post().to(quick::matched))
        .route("/s/{handle}/lists", web::get().to(lists::lists))
        .route("/s/{handle}/lists", web::post().to(lists::make))
        .route("/s/{handle}/lists/keep", web::post().to(lists::keep))
        .route("/s/{handle}/list", web::get().to(lists::list))
        .configure(results::routes)
        .service(
            // Forms with as many lines as a list, a cart or a quick order has.
            web::scope("/s/{handle}")
                .app_data(web::FormConfig::default().limit(FORM_BYTES_MAX))
                .route("/list", web::post().to(lists::change))
                .route("/cart/add-all", web::post().to(quick::add_all))
                .configure(cart::routes),
        );
}

/// What the addresses of the shop carry; a missing value is an empty one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    sku: String,
    unit: String,
    quantity: String,
    notice: String,
}

/// The visit on stage, or the answer instead of it.
async fn stage(mut guest: Guest, handle: &str) -> Result<Scene, HttpResponse> {
    let visit = enter(&mut guest, handle).await?;
    Scene::new(guest, visit).await
}

/// The visit, or the answer instead of it.
async fn enter(guest: &mut Guest, handle: &str) -> Result<Visit, HttpResponse> {
    match guest.enter(handle).await {
        Ok(visit) => Ok(visit),
        Err(Left::Gone(gone)) => Err(guest.closed(&gone, Some(handle))),
        Err(Left::Answered(answer)) => Err(answer),
    }
}

/// The page of what the buyer's system pointed at: a product, a category, else a search (cXML notes 2.5).
pub fn address_of(gateway: &Gateway, visit: &Visit, paths: &Paths<'_>, selected: &SelectedItem) -> String {
    let asked = selected.supplier_part_id.trim();
    let Some(goods) = crate::service::product::goods(gateway, visit.session.tenant_id) else {
        return paths.home();
    };
    if asked.is_empty() {
        paths.home()
    } else if is_shown(gateway, visit, &goods, asked) {
        paths.product(asked)
    } else if goods.tree().get(asked).is_some() {
        paths.category(asked)
    } else {
        paths.results(asked)
    }
}

/// Whether the account of a visit may see and buy a product.
fn is_shown(gateway: &Gateway, visit: &Visit, goods: &Goods, sku: &str) -> bool {
    let session = &visit.session;
    let is_offered = || terms::is_offered(gateway, session.tenant_id, &session.account_code, sku);
    goods.product(sku).is_some_and(|product| product.status.is_shown()) && is_offered()
}

fn link<'a>(scene: &'a Scene, category: &'a Category, products: u64) -> CategoryLink<'a> {
    CategoryLink {
        code: &category.code,
        name: scene.category_name(&category.code),
        products,
    }
}

/// The categories directly below one, or at the root, in which there is something for the account.
fn below<'a>(scene: &'a Scene, counts: &Counts, code: Option<&str>) -> Vec<CategoryLink<'a>> {
    let children = scene.goods.tree().children(code);
    children
        .map(|child| link(scene, child, counts.of(&child.code)))
        .filter(|link| link.products > 0)
        .collect()
}

/// The way to a category from the root; the last is the category itself.
fn crumbs<'a>(scene: &'a Scene, code: &str) -> Vec<CategoryLink<'a>> {
    let path = scene.goods.tree().path(code).into_iter();
    path.map(|at| link(scene, at, 0)).collect()
}
