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
use crate::service::Gateway;
use crate::service::session::visit::Visit;

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
    match guest.enter(handle).await {
        Ok(visit) => Scene::new(guest, visit),
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
    } else if goods.product(asked).is_some_and(|product| product.status.is_shown()) {
        paths.product(asked)
    } else if goods.tree().get(asked).is_some() {
        paths.category(asked)
    } else {
        paths.results(asked)
    }
}

fn link<'a>(goods: &Goods, category: &'a Category) -> CategoryLink<'a> {
    CategoryLink {
        code: &category.code,
        name: &category.name,
        products: goods.count_in(&category.code),
    }
}

fn below<'a>(goods: &'a Goods, code: Option<&str>) -> impl Iterator<Item = CategoryLink<'a>> {
    let children: Vec<&Category> = goods.tree().children(code).collect();
    children
        .into_iter()
        .map(|child| link(goods, child))
        .filter(|link| link.products > 0)
}
