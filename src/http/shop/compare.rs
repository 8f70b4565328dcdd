//! Products beside each other.

use actix_web::HttpResponse;
use actix_web::web::{Path, Query};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::offer::Offer;
use super::product::value;
use super::{Scene, stage};
use crate::http::guest::Guest;
use crate::http::page::shop::{COMPARED_MAX, ComparePage, ComparedProduct};
use crate::http::visit::see_other;
use crate::service::content::Content;
use crate::service::shopping::quick;

/// Products by `sku`, as many as are compared, and a number of one more in `add`.
pub(super) async fn compare(guest: Guest, handle: Path<String>, asked: Query<Vec<(String, String)>>) -> HttpResponse {
    let mut scene = match stage(guest, &handle).await {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    let fields = |name: &'static str| {
        asked
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value)
    };
    let mut skus: Vec<&str> = Vec::new();
    for sku in fields("sku") {
        if !skus.contains(&sku.as_str()) && skus.len() < COMPARED_MAX {
            skus.push(sku);
        }
    }
    let wanted = fields("add")
        .map(|number| number.trim())
        .find(|number| !number.is_empty());
    if let Some(number) = wanted {
        match quick::numbered(scene.gateway(), &scene.visit, number).await {
            Ok(Ok(product)) if scene.shown(&product.sku).is_some() => {
                let skus = skus.into_iter().chain([product.sku.as_str()]);
                return see_other(&scene.paths().compare(skus));
            }
            Ok(_) => {}
            Err(error) => return scene.guest.failed(&error),
        }
    }
    if let Err(answer) = scene.learn(skus.iter().copied()).await {
        return answer;
    }
    let mut offers = Vec::with_capacity(skus.len());
    for sku in skus {
        match Offer::find(&scene, sku, None, None).await {
            Ok(offer) => offers.extend(offer),
            Err(error) => return scene.guest.failed(&error),
        }
    }
    let ids: Vec<Uuid> = offers.iter().map(|offer| offer.product.id).collect();
    let contents = match scene.contents(&ids).await {
        Ok(contents) => contents,
        Err(error) => return scene.guest.failed(&error),
    };
    let contents: Vec<Option<&Content>> = ids.iter().map(|id| contents.get(id)).collect();
    let rows = rows(&scene, &offers, &contents);
    let without = |left_out: &str| {
        let rest = offers.iter().map(|offer| offer.product.sku.as_str());
        scene.paths().compare(rest.filter(|sku| *sku != left_out))
    };
    let page = ComparePage {
        frame: scene.frame("", None),
        products: offers
            .iter()
            .map(|offer| ComparedProduct {
                product: offer.row(&scene),
                without: without(&offer.product.sku),
            })
            .collect(),
        rows: rows
            .iter()
            .map(|(name, values)| {
                let differs = values.windows(2).any(|pair| pair[0] != pair[1]);
                (name.as_str(), values.clone(), differs)
            })
            .collect(),
        unknown: wanted,
    };
    scene.respond(&page)
}

/// What products are told apart by: numbers, price, pack, and every attribute that one of them has.
fn rows(scene: &Scene, offers: &[Offer], contents: &[Option<&Content>]) -> Vec<(String, Vec<String>)> {
    let reader = scene.reader();
    let of = |value: &dyn Fn(&Offer) -> Option<String>| -> Vec<String> {
        offers
            .iter()
            .map(|offer| value(offer).unwrap_or_else(|| "—".to_owned()))
            .collect()
    };
    let price = |offer: &Offer| {
        let row = offer.row(scene);
        let price = row.price?;
        Some(format!("{} {}", reader.money(price.money), reader.per(&price)))
    };
    let least = |offer: &Offer| {
        let adding = offer.row(scene).adding?;
        (adding.minimum > Decimal::ONE).then(|| format!("{} {}", reader.quantity(adding.minimum), adding.unit_name))
    };
    let mut rows = vec![
        (reader.say("number-ours"), of(&|offer| Some(offer.product.sku.clone()))),
        (reader.say("price-title"), of(&price)),
        (
            reader.say("unit-label"),
            of(&|offer| Some(offer.unit_name().to_owned())),
        ),
        (reader.say("least-quantity"), of(&least)),
        (
            reader.say("manufacturer"),
            of(&|offer| offer.product.manufacturer.clone()),
        ),
        (
            reader.say("number-makers"),
            of(&|offer| offer.product.manufacturer_part_id.clone()),
        ),
    ];
    let mut known: Vec<(&str, &str)> = Vec::new();
    for shown in contents.iter().flatten().flat_map(|content| &content.attributes) {
        if !known.iter().any(|(code, _)| *code == shown.code) {
            known.push((&shown.code, &shown.name));
        }
    }
    for (code, name) in known {
        let own = |content: &Option<&Content>| {
            let shown = content.and_then(|content| content.attributes.iter().find(|shown| shown.code == code));
            shown.map_or_else(|| "—".to_owned(), |shown| value(scene, shown))
        };
        rows.push((name.to_owned(), contents.iter().map(own).collect()));
    }
    // A row in which nobody has anything tells nothing.
    rows.retain(|(_, values)| values.iter().any(|value| value != "—"));
    rows
}
