//! The page of one product.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::offer::{Offer, unit_name};
use super::{Asked, Scene, crumbs, stage};
use crate::domain::attribute::AttributeValue;
use crate::domain::product::Product;
use crate::domain::terms::Tier;
use crate::http::guest::Guest;
use crate::http::page::part::{Fact, Value};
use crate::http::page::shop::{
    Availability, Break, CategoryLink, ListChoice, Picture, ProductPage, Related, UnitChoice, WarehouseRow, Why,
};
use crate::http::page::text::Text;
use crate::service::content::{Content, Shown};
use crate::service::session::cart;
use crate::service::{Error, product, shopping, terms};

/// Attributes in which a substitute is told apart from the product.
const ATTRIBUTES_COMPARED: usize = 3;

/// What a page of a product needs besides its offer.
struct Beside {
    own_number: Option<String>,
    contents: HashMap<Uuid, Content>,
    substitutes: Vec<(Offer, Decimal)>,
    related: Vec<(Offer, &'static str)>,
    lists: Vec<shopping::Kept>,
    tiers: Vec<Tier>,
    warehouses: Vec<(String, Availability<'static>)>,
}

pub(super) async fn product_page(guest: Guest, handle: Path<String>, asked: Query<Asked>) -> HttpResponse {
    let mut scene = match stage(guest, &handle).await {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    let Some(found) = scene.shown(&asked.sku).cloned() else {
        return scene.guest.problem(StatusCode::NOT_FOUND, "error-no-product");
    };
    let unit = Some(asked.unit.as_str()).filter(|unit| found.sellable_units().any(|sellable| sellable.unit == **unit));
    let quantity = cart::read_quantity(&asked.quantity).ok();
    let offered = async {
        let offer = Offer::new(&scene, &found, unit, quantity).await?;
        let beside = beside(&scene, &offer).await?;
        Ok::<_, Error>((offer, beside))
    };
    let (offer, beside) = match offered.await {
        Ok(offered) => offered,
        Err(error) => return scene.guest.failed(&error),
    };
    let others = beside.substitutes.iter().map(|(other, _)| other);
    let others = others.chain(beside.related.iter().map(|(other, _)| other));
    let skus: Vec<&str> = others.chain([&offer]).map(|offer| offer.product.sku.as_str()).collect();
    if let Err(answer) = learn(&mut scene, skus).await {
        return answer;
    }
    show(&scene, &asked, &offer, &beside)
}

async fn learn(scene: &mut Scene, skus: Vec<&str>) -> Result<(), HttpResponse> {
    scene.learn(skus).await?;
    scene.learn_categories().await
}

async fn beside(scene: &Scene, offer: &Offer) -> Result<Beside, Error> {
    let (gateway, session) = (scene.gateway(), &scene.visit.session);
    let instead = offer
        .answer()
        .map(|answer| answer.substitutes.as_slice())
        .unwrap_or_default();
    let mut substitutes = Vec::with_capacity(instead.len());
    for substitute in instead {
        let offer = Offer::find(scene, &substitute.product, None, None).await?;
        substitutes.extend(offer.map(|offer| (offer, substitute.ratio)));
    }
    let mut related = Vec::new();
    for (sku, is_spare) in product::related(gateway, session, &offer.product).await? {
        let key = if is_spare { "related-spare" } else { "related-accessory" };
        related.extend(Offer::find(scene, &sku, None, None).await?.map(|offer| (offer, key)));
    }
    let ids: Vec<Uuid> = std::iter::once(offer)
        .chain(substitutes.iter().map(|(offer, _)| offer))
        .map(|offer| offer.product.id)
        .collect();
    Ok(Beside {
        own_number: product::own_number(gateway, session, &offer.product).await?,
        contents: scene.contents(&ids).await?,
        lists: match shopping::shopper(session) {
            Some(shopper) => shopping::lists(gateway, &shopper).await?,
            None => Vec::new(),
        },
        tiers: terms::visit::tiers(gateway, &scene.visit, &offer.product.sku, Some(&offer.unit))
            .await?
            .unwrap_or_default(),
        warehouses: offer.warehouses(scene).await?,
        substitutes,
        related,
    })
}

fn show(scene: &Scene, asked: &Asked, offer: &Offer, beside: &Beside) -> HttpResponse {
    let found = &offer.product;
    let content = beside.contents.get(&found.id);
    let steps = beside.tiers.iter().filter_map(|tier| {
        Some(Break {
            from: tier.min_quantity,
            price: offer.price_of(tier.unit_price.as_ref()?, tier.price_quantity),
        })
    });
    let units: Vec<(&str, String)> = found
        .sellable_units()
        .map(|unit| (unit.unit.as_str(), unit_name(scene, found, &unit.unit)))
        .collect();
    let why = offer.why(scene);
    let facts = attributes(scene, found, content);
    let mut row = offer.row(scene);
    row.buyer_part = beside.own_number.as_deref();
    let page = ProductPage {
        frame: scene.frame("", scene.notice(&asked.notice)),
        crumbs: way_to(scene, found),
        product: row,
        description: content
            .and_then(|content| content.description.as_deref())
            .or(found.description.as_deref()),
        gtin: found.gtin.as_deref(),
        pictures: content.map_or_else(Vec::new, |content| content.pictures.iter().map(picture).collect()),
        documents: content.map_or_else(Vec::new, |content| content.documents.iter().map(picture).collect()),
        units: units
            .iter()
            .map(|(code, name)| UnitChoice {
                code,
                name,
                chosen: *code == offer.unit,
            })
            .collect(),
        unit_name: offer.unit_name(),
        breaks: steps.collect(),
        why: why.as_ref().map(|(summary, steps)| Why {
            summary,
            trace: steps.iter().map(|(name, value)| fact(name, value)).collect(),
        }),
        valid_until: offer.answer().and_then(|answer| answer.valid_until),
        warehouses: beside
            .warehouses
            .iter()
            .map(|(name, availability)| WarehouseRow {
                name,
                availability: *availability,
            })
            .collect(),
        attributes: facts.iter().map(|(name, value)| fact(name, value)).collect(),
        substitutes: substitutes(scene, offer, beside),
        related: related(scene, beside),
        can_keep: shopping::shopper(&scene.visit.session).is_some(),
        is_favourite: beside
            .lists
            .iter()
            .any(|kept| kept.list.name.is_none() && kept.has(&found.sku)),
        lists: beside
            .lists
            .iter()
            .filter_map(|kept| list_choice(kept, &found.sku))
            .collect(),
    };
    scene.respond(&page)
}

/// What may be bought instead, and how it differs.
fn substitutes<'a>(scene: &'a Scene, offer: &Offer, beside: &'a Beside) -> Vec<Related<'a>> {
    let substitute = |(other, ratio): &'a (Offer, Decimal)| Related {
        product: other.row(scene),
        remarks: differences(scene, offer, other, *ratio, &beside.contents),
    };
    beside.substitutes.iter().map(substitute).collect()
}

/// What goes with it, and as what.
fn related<'a>(scene: &'a Scene, beside: &'a Beside) -> Vec<Related<'a>> {
    let related = |(other, key): &'a (Offer, &'static str)| Related {
        product: other.row(scene),
        remarks: vec![scene.reader().say(Text::new(key))],
    };
    beside.related.iter().map(related).collect()
}

/// A list of the user's own naming, and whether it has the product.
fn list_choice<'a>(kept: &'a shopping::Kept, sku: &str) -> Option<ListChoice<'a>> {
    Some(ListChoice {
        id: kept.list.id,
        name: kept.list.name.as_deref()?,
        has: kept.has(sku),
    })
}

/// The way to the product's first category.
fn way_to<'a>(scene: &'a Scene, product: &Product) -> Vec<CategoryLink<'a>> {
    let primary = product.categories.first();
    primary.map(|primary| crumbs(scene, primary)).unwrap_or_default()
}

fn fact<'a>(name: &'a str, value: &'a str) -> Fact<'a> {
    Fact {
        name,
        value: Value::Text(value),
    }
}

fn picture(media: &crate::service::content::Media) -> Picture<'_> {
    Picture {
        title: &media.title,
        address: &media.address,
        bytes: u64::try_from(media.size).unwrap_or(0),
    }
}

/// Name and value of everything that is known about a product.
fn attributes(scene: &Scene, product: &Arc<Product>, content: Option<&Content>) -> Vec<(String, String)> {
    let own = content.map(|content| content.attributes.as_slice()).unwrap_or_default();
    let mut facts: Vec<(String, String)> = own
        .iter()
        .map(|shown| (shown.name.clone(), value(scene, shown)))
        .collect();
    if let Some(code) = &product.unspsc {
        facts.push(("UNSPSC".to_owned(), code.clone()));
    }
    facts
}

/// The value of an attribute in the reader's language and forms.
pub(super) fn value(scene: &Scene, shown: &Shown) -> String {
    let reader = scene.reader();
    match (&shown.value, &shown.words, &shown.unit) {
        (_, Some(words), _) => words.clone(),
        (AttributeValue::Text(text), ..) => text.clone(),
        (AttributeValue::Number(number), _, Some(unit)) => format!("{}\u{a0}{unit}", reader.quantity(*number)),
        (AttributeValue::Number(number), _, None) => reader.quantity(*number),
        (AttributeValue::YesNo(true), ..) => reader.say("yes"),
        (AttributeValue::YesNo(false), ..) => reader.say("no"),
    }
}

/// How a substitute differs: price, pack, maker and the first attributes, one sentence each.
fn differences(
    scene: &Scene,
    own: &Offer,
    other: &Offer,
    ratio: Decimal,
    contents: &HashMap<Uuid, Content>,
) -> Vec<String> {
    let mut texts = Vec::new();
    if ratio != Decimal::ONE {
        texts.push(Text::new("related-ratio").with("ratio", ratio));
    }
    texts.extend(price_difference(own, other, ratio));
    if own.unit_name() != other.unit_name() {
        let pack = Text::new("related-pack").with("unit", other.unit_name());
        texts.push(pack.with("other", own.unit_name()));
    }
    if let (Some(maker), Some(before)) = (&other.product.manufacturer, &own.product.manufacturer)
        && maker != before
    {
        texts.push(Text::new("related-maker").with("maker", maker).with("other", before));
    }
    let of = |offer: &Offer| {
        contents
            .get(&offer.product.id)
            .map(|content| content.attributes.as_slice())
    };
    let (mine, theirs) = (of(own).unwrap_or_default(), of(other).unwrap_or_default());
    let differing = theirs.iter().filter_map(|shown| {
        let before = mine
            .iter()
            .find(|mine| mine.code == shown.code && mine.value != shown.value)?;
        Some(
            Text::new("related-attribute")
                .with("name", &shown.name)
                .with("value", value(scene, shown))
                .with("other", value(scene, before)),
        )
    });
    texts.extend(differing.take(ATTRIBUTES_COMPARED));
    texts.into_iter().map(|text| scene.reader().say(text)).collect()
}

/// What replacing one base unit costs more or less, in whole percent; nothing where prices cannot be compared.
fn price_difference(own: &Offer, other: &Offer, ratio: Decimal) -> Option<Text> {
    let (before, now) = (own.base_price()?, other.base_price()?);
    if before.1 != now.1 || before.0.is_zero() {
        return None;
    }
    let times = now.0.checked_mul(ratio)?.checked_div(before.0)?;
    let percent = ((times - Decimal::ONE) * Decimal::ONE_HUNDRED).round();
    Some(match percent.cmp(&Decimal::ZERO) {
        std::cmp::Ordering::Less => Text::new("related-cheaper").with("percent", percent.abs()),
        std::cmp::Ordering::Equal => Text::new("related-same-price"),
        std::cmp::Ordering::Greater => Text::new("related-dearer").with("percent", percent),
    })
}
