//! Orders: the list, one beside its cart, and the decisions about it.

use actix_web::HttpResponse;
use actix_web::web::{self, Path, Query, ServiceConfig};
use serde::Deserialize;
use uuid::Uuid;

use super::gate::{Posted, Signed, Stop};
use super::order_rows::{self as rows, Chosen};
use super::{done, id};
use crate::domain::order::OrderState;
use crate::domain::order::safeguard::Action;
use crate::domain::staff::Deed;
use crate::http::page::admin::{Area, Frame, OrderPage, OrdersPage, word};
use crate::http::page::part::{Choice, More, Notice, Paging, Tone};
use crate::service::order::look;
use crate::service::order::resolve::{self, Verdict};

/// The states as views of the list: the word in the address, and the state.
const VIEWS: [(&str, OrderState); 6] = [
    ("held", OrderState::Held),
    ("received", OrderState::Received),
    ("processing", OrderState::Processing),
    ("shipped", OrderState::Shipped),
    ("invoiced", OrderState::Invoiced),
    ("cancelled", OrderState::Cancelled),
];

/// Changes of a version on its page; a person who needs more compares the documents.
const CHANGES: usize = 100;

/// What safeguards found, on one page; an order of thousands of lines may have as many.
const EFFECTS: usize = 100;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/orders", web::get().to(list))
        .route("/orders/{id}", web::get().to(one))
        .route("/orders/{id}/resolve", web::post().to(decide));
}

#[derive(Deserialize)]
struct Listing {
    state: Option<String>,
    before: Option<Uuid>,
}

async fn list(signed: Signed, listing: Query<Listing>) -> Result<HttpResponse, Stop> {
    let wanted = VIEWS.iter().find(|(word, _)| Some(*word) == listing.state.as_deref());
    let state = wanted.map(|(_, state)| *state);
    let listed = look::list(&signed.gateway, signed.staff.tenant_id, state, listing.before).await?;
    let count = |state: OrderState| {
        let found = listed.counts.iter().find(|count| count.state == state);
        found.map_or(0, |count| u64::try_from(count.orders).unwrap_or(0))
    };
    let mut views = vec![Choice {
        word: "All",
        count: VIEWS.iter().map(|(_, state)| count(*state)).sum(),
        href: "/admin/orders".to_owned(),
        chosen: state.is_none(),
    }];
    views.extend(VIEWS.iter().map(|(view, of)| Choice {
        word: word::order_state(*of).word,
        count: count(*of),
        href: format!("/admin/orders?state={view}"),
        chosen: state == Some(*of),
    }));
    let address = match wanted {
        Some((view, _)) => format!("/admin/orders?state={view}"),
        None => "/admin/orders".to_owned(),
    };
    let directory = signed.gateway.directory();
    let orders = &listed.page.rows;
    Ok(signed.show(&OrdersPage {
        frame: signed.frame(Area::Orders, None),
        views,
        rows: orders.iter().map(|order| rows::order(&directory, order)).collect(),
        more: More::new(&address, listing.before, listed.page.next),
        all: state.is_none(),
    }))
}

#[derive(Deserialize)]
struct Opening {
    version: Option<i64>,
    #[serde(default)]
    lines: String,
    #[serde(default)]
    page: u64,
    #[serde(default)]
    done: String,
}

async fn one(signed: Signed, path: Path<String>, opening: Query<Opening>) -> Result<HttpResponse, Stop> {
    let tenant_id = signed.staff.tenant_id;
    let looked = look::look(&signed.gateway, tenant_id, id(&path)?, opening.version).await?;
    let looked = looked.ok_or(Stop::NotThere)?;
    let directory = signed.gateway.directory();
    let order = rows::order(&directory, &looked.order);
    let header = &looked.shown.header;
    let in_force = looked.shown.seq == looked.order.current_version;
    let address = match in_force {
        true => order.href.clone(),
        false => format!("{}?version={}", order.href, looked.shown.seq),
    };
    let chosen = Chosen::new(&looked, &address, opening.lines == "differing", opening.page);
    let (open, settled) = rows::exceptions(&looked);
    let effects = looked.effects.iter().take(EFFECTS);
    Ok(signed.show(&OrderPage {
        frame: Frame {
            test: order.test,
            ..signed.frame(Area::Orders, notice(&opening.done))
        },
        connection_href: format!("/admin/connections/{}", looked.order.connection_id),
        account: &looked.order.account_code,
        facts: rows::facts(&looked),
        ship_to: header.ship_to.as_ref().map(rows::label),
        bill_to: header.bill_to.as_ref().map(rows::label),
        comments: header.comments.iter().map(String::as_str).collect(),
        extrinsics: &header.extrinsics,
        versions: rows::versions(&looked),
        seq: looked.shown.seq,
        in_force,
        raw_href: format!("/admin/exchanges/{}", looked.shown.exchange_id),
        views: chosen.views,
        lines: chosen.lines,
        paging: Paging {
            page: chosen.page,
            size: Chosen::ROWS,
            total: chosen.total,
            address: &chosen.address,
        },
        differing: chosen.differing,
        not_ordered: rows::not_ordered(&looked),
        carts: rows::carts(&looked),
        changes: looked.changes.iter().take(CHANGES).map(rows::change).collect(),
        changes_more: looked.changes.len().saturating_sub(CHANGES) as u64,
        effects: effects
            .map(|effect| rows::effect(effect, &looked.order.currency))
            .collect(),
        effects_more: looked.effects.len().saturating_sub(EFFECTS) as u64,
        rejected: looked.effects.iter().any(|effect| effect.action > Action::Hold),
        safeguards_href: format!("/admin/connections/{}/safeguards", looked.order.connection_id),
        open,
        settled,
        resolve_href: format!("{}/resolve", order.href),
        may_resolve: signed.staff.may(Deed::ResolveException),
        stock: rows::stock(&looked),
        deliveries: rows::deliveries(&looked.deliveries, &signed.staff, false),
        order,
    }))
}

fn notice(done: &str) -> Option<Notice<'static>> {
    let (title, text) = match done {
        "accepted" => (
            "Accepted.",
            "When nothing else is to be decided, the order is handed on.",
        ),
        "rejected" => (
            "Rejected.",
            "The order stays on hold: agree with the buyer on a change or a cancellation.",
        ),
        _ => return None,
    };
    Some(Notice {
        tone: Tone::Good,
        title,
        text,
    })
}

async fn decide(posted: Posted, path: Path<String>) -> Result<HttpResponse, Stop> {
    let signed = &posted.signed;
    let order_id = id(&path)?;
    let verdict = match posted.field("verdict") {
        "accept" => Verdict::Accept,
        "reject" => Verdict::Reject,
        _ => return Err(Stop::Unreadable),
    };
    let exception = id(posted.field("exception"))?;
    let remark = posted.field("remark");
    resolve::resolve(&signed.gateway, &signed.staff, exception, verdict, remark).await?;
    Ok(done(&format!("/admin/orders/{order_id}"), verdict.word()))
}
