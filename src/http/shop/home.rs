//! The first page: what changed, what was bought before, favourites, categories.

use actix_web::HttpResponse;
use actix_web::web::{Path, Query};
use jiff::tz::TimeZone;

use super::offer::Offer;
use super::{Asked, Scene, below, stage};
use crate::http::guest::Guest;
use crate::http::page::format::Money;
use crate::http::page::part::Tone;
use crate::http::page::shop::{CategoryLink, CategoryTile, HomePage, ShortRow, Since};
use crate::http::page::text::Text;
use crate::service::Error;
use crate::service::search::Counts;
use crate::service::shopping::{self, Again, Difference, Kept};

/// Subcategories shown on a tile.
const BELOW_ON_TILE: usize = 6;

/// Rows of a short list; more are on pages of their own.
const SHORT_ROWS: usize = 6;

/// Products bought before whose changes are looked for.
const COMPARED_ROWS: i64 = 60;

pub(super) async fn home(guest: Guest, handle: Path<String>, asked: Query<Asked>) -> HttpResponse {
    match page(guest, &handle, &asked).await {
        Ok(answer) | Err(answer) => answer,
    }
}

async fn page(guest: Guest, handle: &str, asked: &Asked) -> Result<HttpResponse, HttpResponse> {
    let mut scene = stage(guest, handle).await?;
    let again = match shopping::bought(scene.gateway(), &scene.visit, COMPARED_ROWS).await {
        Ok(again) => again,
        Err(error) => return Err(scene.guest.failed(&error)),
    };
    let favourites = scene.lists().await?.into_iter().find(|kept| kept.list.name.is_none());
    let listed = favourites.iter().flat_map(|kept| &kept.products).take(SHORT_ROWS);
    let bought = again.iter().map(|again| again.bought.sku.as_str());
    scene
        .learn(bought.chain(listed.map(|listed| listed.sku.as_str())))
        .await?;
    scene.learn_categories().await?;
    let counts = scene.counts().await?;
    let kept = favourites.iter().flat_map(|kept| &kept.products).take(SHORT_ROWS);
    let offered = async {
        let mut offers = Vec::new();
        for Again { bought, .. } in again.iter().take(SHORT_ROWS) {
            let (unit, quantity) = (Some(&*bought.unit), Some(bought.quantity));
            offers.push(Offer::find(&scene, &bought.sku, unit, quantity).await?);
        }
        let mut kept_offers = Vec::new();
        for listed in kept {
            let (unit, quantity) = (Some(&*listed.unit), Some(listed.quantity));
            let offer = Offer::find(&scene, &listed.sku, unit, quantity).await?;
            kept_offers.push((listed.sku.as_str(), offer));
        }
        Ok::<_, Error>((offers, kept_offers))
    };
    let (offers, kept_offers) = match offered.await {
        Ok(offered) => offered,
        Err(error) => return Err(scene.guest.failed(&error)),
    };
    let since = changes(&scene, &again);
    let tiles = counts.iter().flat_map(|counts| {
        let top = below(&scene, counts, None).into_iter();
        top.map(|category| tile(&scene, counts, category)).collect::<Vec<_>>()
    });
    let zone = TimeZone::get(&scene.visit.known.tenant.time_zone).unwrap_or(TimeZone::UTC);
    let page = HomePage {
        frame: scene.frame("", scene.notice(&asked.notice)),
        products: counts.as_ref().map_or(0, Counts::total),
        is_preparing: counts.is_none(),
        since_count: since.len() as u64,
        since: since.into_iter().take(SHORT_ROWS).collect(),
        again: again
            .iter()
            .zip(&offers)
            .map(|(again, offer)| ShortRow {
                product: offer.as_ref().map(|offer| offer.row(&scene)),
                sku: &again.bought.sku,
                at: Some(again.bought.bought_at.to_zoned(zone.clone()).date()),
            })
            .collect(),
        favourites: kept_offers
            .iter()
            .map(|(sku, offer)| ShortRow {
                product: offer.as_ref().map(|offer| offer.row(&scene)),
                sku,
                at: None,
            })
            .collect(),
        favourites_list: favourites.as_ref().map(|kept: &Kept| kept.list.id),
        tiles: tiles.collect(),
    };
    Ok(scene.respond(&page))
}

fn tile<'a>(scene: &'a Scene, counts: &Counts, category: CategoryLink<'a>) -> CategoryTile<'a> {
    let mut below = below(scene, counts, Some(category.code));
    below.truncate(BELOW_ON_TILE);
    CategoryTile { category, below }
}

/// What changed since the user returned it last, one sentence a change.
fn changes<'a>(scene: &'a Scene, again: &'a [Again]) -> Vec<Since<'a>> {
    let mut found = Vec::new();
    for again in again {
        let sku = again.bought.sku.as_str();
        let name = scene.shown(sku).map_or(sku, |product| scene.name(product));
        for difference in again.differences() {
            let (tone, text) = sentence(again, difference);
            found.push(Since {
                sku,
                name,
                tone,
                text: scene.reader().say(text),
            });
        }
    }
    found
}

fn sentence(again: &Again, difference: Difference) -> (Tone, Text) {
    let bought = &again.bought;
    let was = Money {
        amount: bought.unit_price,
        currency: &bought.currency,
    };
    match difference {
        Difference::Gone => (Tone::Bad, Text::new("since-gone")),
        Difference::OutOfStock => match again.answer.as_ref().and_then(|answer| answer.availability.ships_on) {
            Some(day) => (Tone::Warn, Text::new("since-out-until").with("day", day)),
            None => (Tone::Warn, Text::new("since-out")),
        },
        Difference::BackInStock => (Tone::Good, Text::new("since-back")),
        Difference::Price => {
            let now = again.answer.as_ref().and_then(|answer| answer.unit_price);
            let amount = now.map_or(was.amount, |price| price.amount);
            let now = Money { amount, ..was };
            (Tone::Info, Text::new("since-price").with("was", was).with("now", now))
        }
    }
}
