//! The overview, and looking for anything by its number.

use actix_web::HttpResponse;
use actix_web::web::{self, Query, ServiceConfig};
use serde::Deserialize;

use super::gate::{Signed, Stop};
use super::{exchanges, order_rows};
use crate::http::page::admin::{Area, FoundPage, HomePage};
use crate::service::exchange::look;
use crate::service::overview;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("", web::get().to(home))
        .route("/", web::get().to(home))
        .route("/search", web::get().to(search));
}

async fn home(signed: Signed) -> Result<HttpResponse, Stop> {
    let latest = overview::latest(&signed.gateway, signed.staff.tenant_id).await?;
    let directory = signed.gateway.directory();
    Ok(signed.show(&HomePage {
        frame: signed.frame(Area::Overview, None),
        connections: latest.connections as u64,
        orders: latest
            .orders
            .iter()
            .map(|order| order_rows::order(&directory, order))
            .collect(),
        exchanges: latest
            .exchanges
            .iter()
            .map(|entry| exchanges::row(&directory, entry))
            .collect(),
    }))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

async fn search(signed: Signed, asked: Query<Asked>) -> Result<HttpResponse, Stop> {
    let found = look::search(&signed.gateway, signed.staff.tenant_id, &asked.q).await?;
    let directory = signed.gateway.directory();
    Ok(signed.show(&FoundPage {
        frame: signed.frame(Area::Overview, None),
        query: asked.q.trim(),
        orders: found
            .orders
            .iter()
            .map(|order| order_rows::order(&directory, order))
            .collect(),
        exchanges: found
            .exchanges
            .iter()
            .map(|entry| exchanges::row(&directory, entry))
            .collect(),
        quarantined: found.quarantined,
    }))
}
