//! The shop of one visit: home, category, search, product, cart.

mod cart;
mod narrowing;
mod offer;
mod results;
mod scene;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Path, Query, ServiceConfig};
use serde::Deserialize;

use crate::domain::product::{Category, Goods};
use crate::domain::session::SelectedItem;
use crate::http::guest::{Guest, Left};
use crate::http::page::part::{Fact, Value};
use crate::http::page::shop::{
    Break, CategoryLink, CategoryTile, HomePage, Paths, ProductPage, UnitChoice, WarehouseRow, Why,
};
use crate::service::session::visit::Visit;
use crate::service::{Gateway, product, terms};

pub use cart::{confirm_empty, needs_a_look as cart_needs_a_look};
use offer::Offer;
use scene::Scene;

/// Products on one page of a list.
const PRODUCTS_PER_PAGE: u64 = 24;

/// Subcategories shown on a tile of the home page.
const BELOW_ON_TILE: usize = 6;

/// Mounts the pages of the shop.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/s/{handle}", web::get().to(home))
        .route("/s/{handle}/", web::get().to(home))
        .route("/s/{handle}/product", web::get().to(product_page))
        .configure(results::routes)
        .configure(cart::routes);
}

/// What the addresses of the shop carry; a missing value is an empty one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    sku: String,
    unit: String,
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

async fn home(guest: Guest, handle: Path<String>, asked: Query<Asked>) -> HttpResponse {
    let scene = match stage(guest, &handle).await {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    let goods = &scene.goods;
    let tile = |category| CategoryTile {
        category: link(goods, category),
        below: below(goods, Some(&category.code)).take(BELOW_ON_TILE).collect(),
    };
    let shown = goods.tree().children(None).filter(|top| goods.count_in(&top.code) > 0);
    let page = HomePage {
        frame: scene.frame("", scene.notice(&asked.notice)),
        products: goods.count(),
        tiles: shown.map(tile).collect(),
    };
    scene.respond(&page)
}

async fn product_page(guest: Guest, handle: Path<String>, asked: Query<Asked>) -> HttpResponse {
    let scene = match stage(guest, &handle).await {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    let Some(found) = scene
        .goods
        .product(&asked.sku)
        .filter(|product| product.status.is_shown())
    else {
        return scene.guest.problem(StatusCode::NOT_FOUND, "error-no-product");
    };
    let unit = Some(asked.unit.as_str()).filter(|unit| found.sellable_units().any(|sellable| sellable.unit == **unit));
    let offer = Offer::new(&scene, found.clone(), unit);
    let tiers = terms::tiers(scene.gateway(), &scene.visit.session, &found.sku, Some(&offer.unit)).unwrap_or_default();
    let steps = tiers.iter().filter_map(|tier| {
        Some(Break {
            from: tier.min_quantity,
            price: offer.price_of(tier.unit_price.as_ref()?, tier.price_quantity),
        })
    });
    let units: Vec<(String, String)> = found
        .sellable_units()
        .map(|unit| (unit.unit.clone(), offer::unit_name(&scene, found, &unit.unit)))
        .collect();
    let choice = |(code, name): &(String, String)| {
        let chosen = *code == offer.unit;
        (code.clone(), name.clone(), chosen)
    };
    let units: Vec<(String, String, bool)> = units.iter().map(choice).collect();
    let why = offer.why(&scene);
    let mut crumbs = Vec::new();
    if let Some(primary) = found.categories.first() {
        crumbs.extend(
            scene
                .goods
                .tree()
                .path(primary)
                .into_iter()
                .map(|at| link(&scene.goods, at)),
        );
    }
    let page = ProductPage {
        frame: scene.frame("", scene.notice(&asked.notice)),
        crumbs,
        product: offer.row(&scene),
        description: found.description.as_deref(),
        units: units
            .iter()
            .map(|(code, name, chosen)| UnitChoice {
                code,
                name,
                chosen: *chosen,
            })
            .collect(),
        breaks: steps.collect(),
        why: why.as_ref().map(|(summary, steps)| Why {
            summary,
            trace: steps
                .iter()
                .map(|(name, value)| Fact {
                    name,
                    value: Value::Text(value),
                })
                .collect(),
        }),
        warehouses: offer
            .warehouses()
            .map(|(name, availability)| WarehouseRow { name, availability })
            .collect(),
        attributes: offer.attributes(),
    };
    scene.respond(&page)
}

/// The page of what the buyer's system pointed at: a product, a category, else a search (cXML notes 2.5).
pub fn address_of(gateway: &Gateway, visit: &Visit, paths: &Paths<'_>, selected: &SelectedItem) -> String {
    let asked = selected.supplier_part_id.trim();
    let Some(goods) = product::goods(gateway, visit.session.tenant_id) else {
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
