//! What is sent on.

use actix_web::HttpResponse;
use actix_web::web::{self, Path, Query, ServiceConfig};
use serde::Deserialize;
use uuid::Uuid;

use super::gate::{Posted, Signed, Stop};
use super::{done, id, order_rows};
use crate::domain::delivery::DeliveryState;
use crate::http::page::admin::{Area, DeliveriesPage};
use crate::http::page::part::{More, Notice, Tone};
use crate::service::delivery;

/// The states as views of the list: the word in the address, its name, and the state.
const VIEWS: [(&str, &str, Option<DeliveryState>); 4] = [
    ("", "All", None),
    ("parked", "Given up", Some(DeliveryState::Parked)),
    ("pending", "Waiting", Some(DeliveryState::Pending)),
    ("done", "Accepted", Some(DeliveryState::Done)),
];

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/deliveries", web::get().to(list))
        .route("/deliveries/{id}/resume", web::post().to(resume));
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    state: String,
    before: Option<Uuid>,
    #[serde(default)]
    done: String,
}

async fn list(signed: Signed, listing: Query<Listing>) -> Result<HttpResponse, Stop> {
    let chosen = VIEWS
        .iter()
        .find(|(word, ..)| *word == listing.state)
        .unwrap_or(&VIEWS[0]);
    let page = delivery::list(&signed.gateway, signed.staff.tenant_id, chosen.2, listing.before).await?;
    let href = |word: &str| match word {
        "" => "/admin/deliveries".to_owned(),
        word => format!("/admin/deliveries?state={word}"),
    };
    let notice = (listing.done == "resumed").then_some(Notice {
        tone: Tone::Good,
        title: "It is sent again.",
        text: "The same bytes go out within seconds; look here for how that ended.",
    });
    Ok(signed.show(&DeliveriesPage {
        frame: signed.frame(Area::Deliveries, notice),
        views: VIEWS
            .iter()
            .map(|(word, name, state)| (*name, href(word), *state == chosen.2))
            .collect(),
        rows: order_rows::deliveries(&page.rows, &signed.staff, true),
        more: More::new(&href(chosen.0), listing.before, page.next),
        all: chosen.2.is_none(),
    }))
}

async fn resume(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    delivery::resume(&signed.gateway, &signed.staff, id(&path)?).await?;
    Ok(done("/admin/deliveries", "resumed"))
}
