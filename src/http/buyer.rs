//! The simulated buyers' own server: a separate address, so that carts cross origins as they do in earnest.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, Form, Path, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};
use serde::Deserialize;

use crate::http::page::demo::{Action, BuyerTile, LineRow, OrderRow, RequisitionPage, RequisitionRow, StartPage};
use crate::http::page::format::Money;
use crate::http::page::part::{Notice, Status, Tone};
use crate::http::page::{self, Policy, Reader};
use crate::http::visit::see_other;
use crate::http::{ListenError, Running, asset, bind};
use crate::mime;
use crate::service::Gateway;
use crate::simulate::{Buyer, Fault, Requisition, State};

/// Largest cart that a simulated buyer takes back, in bytes.
const CART_BYTES_MAX: usize = 8 << 20;

/// The simulated buyers of one demonstration.
pub struct Market {
    /// The buyers.
    pub buyers: Vec<Buyer>,
    /// The gateway they buy at.
    pub gateway: Arc<Gateway>,
    /// The address of this server.
    pub address: String,
}

impl Market {
    /// The buyer with this short name.
    pub fn buyer(&self, code: &str) -> Option<&Buyer> {
        self.buyers.iter().find(|buyer| buyer.script.code == code)
    }
}

/// Listens for browsers that bring carts back.
///
/// # Errors
/// The address cannot be had.
pub fn listen(market: &Arc<Market>, address: SocketAddr) -> Result<(Running, Server), ListenError> {
    let state = Data::from(Arc::clone(market));
    let (listener, address) = bind("the buyers' address", &address.to_string())?;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(web::PayloadConfig::new(CART_BYTES_MAX))
            .configure(routes)
    })
    .workers(1)
    .tcp_nodelay(true)
    .disable_signals()
    .listen(listener)
    .map_err(|source| ListenError::Bind {
        setting: "the buyers' address",
        source,
    })?
    .run();
    Ok((Running::new(address, None, &server), server))
}

fn routes(config: &mut ServiceConfig) {
    config
        .configure(asset::routes)
        .route("/", web::get().to(start))
        .route("/punch-out/{buyer}", web::post().to(punch_out))
        .route("/return/{buyer}/{requisition}", web::post().to(take_back))
        .route("/requisition/{buyer}/{requisition}", web::get().to(requisition))
        .route("/requisition/{buyer}/{requisition}/lines", web::post().to(change))
        .route("/requisition/{buyer}/{requisition}/order", web::post().to(order));
}

#[derive(Debug, Deserialize)]
struct Step {
    operation: String,
    #[serde(default)]
    requisition: String,
}

async fn start(market: Data<Market>) -> HttpResponse {
    let tile = |buyer: &Buyer| -> BuyerTile<'static> {
        let script = buyer.script;
        BuyerTile {
            code: script.code,
            company: script.company,
            system: script.system,
            account: script.account,
        }
    };
    let mut held: Vec<(&Buyer, Requisition)> = Vec::new();
    for buyer in &market.buyers {
        held.extend(buyer.requisitions().into_iter().map(|requisition| (buyer, requisition)));
    }
    let public = market.gateway.public_url.as_str().trim_end_matches('/');
    let admin = format!("{public}/admin");
    let page = StartPage {
        supplier: &format!("{public}/cxml"),
        admin: &admin,
        buyers: market.buyers.iter().map(tile).collect(),
        requisitions: held
            .iter()
            .map(|(buyer, requisition)| row(buyer, requisition))
            .collect(),
    };
    respond(&market, StatusCode::OK, &page)
}

/// Punches out and sends the browser to the start page that the supplier named.
async fn punch_out(market: Data<Market>, code: Path<String>, step: Form<Step>) -> HttpResponse {
    let Some(buyer) = market.buyer(&code) else {
        return HttpResponse::NotFound().finish();
    };
    let cart = buyer.requisition(&step.requisition);
    match buyer.punch_out(&step.operation, cart.as_ref(), None).await {
        Ok((start, _)) => see_other(&start),
        Err(fault) => said(StatusCode::BAD_GATEWAY, &fault),
    }
}

async fn take_back(market: Data<Market>, path: Path<(String, String)>, body: Bytes) -> HttpResponse {
    let (code, id) = path.into_inner();
    let Some(buyer) = market.buyer(&code) else {
        return HttpResponse::NotFound().finish();
    };
    let taken = mime::read_form(&body)
        .map_err(|error| Fault::new(error.to_string()))
        .and_then(|document| buyer.take_back(&id, &document.bytes));
    match taken {
        Ok(_) => see_other(&format!("/requisition/{code}/{id}")),
        Err(fault) => said(StatusCode::BAD_REQUEST, &fault),
    }
}

async fn requisition(market: Data<Market>, path: Path<(String, String)>) -> HttpResponse {
    show(&market, &path.0, &path.1, None)
}

/// The approver's change of quantities, which the supplier learns of with the order.
async fn change(market: Data<Market>, path: Path<(String, String)>, form: Form<Vec<(String, String)>>) -> HttpResponse {
    let (code, id) = path.into_inner();
    let Some(buyer) = market.buyer(&code) else {
        return HttpResponse::NotFound().finish();
    };
    for (name, value) in form.iter() {
        let line = name.strip_prefix("quantity-").and_then(|at| at.parse().ok());
        let (Some(line), Ok(quantity)) = (line, value.parse()) else {
            continue;
        };
        if let Err(fault) = buyer.change_quantity(&id, line, quantity) {
            return said(StatusCode::BAD_REQUEST, &fault);
        }
    }
    see_other(&format!("/requisition/{code}/{id}"))
}

async fn order(market: Data<Market>, path: Path<(String, String)>, step: Form<Step>) -> HttpResponse {
    let (code, id) = path.into_inner();
    let Some(buyer) = market.buyer(&code) else {
        return HttpResponse::NotFound().finish();
    };
    let kind = match step.operation.as_str() {
        "update" => "update",
        "delete" => "delete",
        _ => "new",
    };
    match buyer.order(&id, kind).await {
        Ok(_) => see_other(&format!("/requisition/{code}/{id}")),
        Err(fault) => {
            let text = fault.to_string();
            let notice = Notice {
                tone: Tone::Bad,
                title: "The order was not sent",
                text: &text,
            };
            show(&market, &code, &id, Some(notice))
        }
    }
}

fn show(market: &Market, code: &str, id: &str, notice: Option<Notice<'_>>) -> HttpResponse {
    let found = market
        .buyer(code)
        .and_then(|buyer| Some((buyer, buyer.requisition(id)?)));
    let Some((buyer, requisition)) = found else {
        return HttpResponse::NotFound().finish();
    };
    let page = RequisitionPage {
        row: row(buyer, &requisition),
        system: buyer.script.system,
        notice,
        lines: requisition.lines.iter().map(line).collect(),
        actions: actions(buyer, &requisition),
        orders: requisition
            .orders
            .iter()
            .map(|order| OrderRow {
                order_id: &order.order_id,
                kind: order.kind,
                version: order.version,
                status: if order.status == 200 {
                    Status::good("200 OK")
                } else {
                    Status::bad("refused")
                },
                document: &order.document,
                answer: &order.answer,
            })
            .collect(),
        document: &requisition.document,
    };
    respond(market, StatusCode::OK, &page)
}

fn actions(buyer: &Buyer, requisition: &Requisition) -> Vec<Action<'static>> {
    let code = buyer.script.code;
    let order = format!("/requisition/{code}/{}/order", requisition.id);
    let punch_out = format!("/punch-out/{code}");
    let action = |href: &str, word, label, primary| Action {
        href: href.to_owned(),
        word,
        label,
        primary,
    };
    match requisition.orders.last().map(|order| order.kind) {
        None => vec![
            action(&order, "new", "Send the order", true),
            action(&punch_out, "edit", "Edit the cart at the supplier's", false),
            action(&punch_out, "inspect", "Look at the cart at the supplier's", false),
        ],
        Some("delete") => vec![action(
            &punch_out,
            "inspect",
            "Look at the cart at the supplier's",
            false,
        )],
        Some(_) => vec![
            action(&order, "update", "Send a change of the order", true),
            action(&order, "delete", "Cancel the order", false),
            action(&punch_out, "inspect", "Look at the cart at the supplier's", false),
        ],
    }
}

fn row<'a>(buyer: &'a Buyer, requisition: &'a Requisition) -> RequisitionRow<'a> {
    RequisitionRow {
        id: &requisition.id,
        href: format!("/requisition/{}/{}", buyer.script.code, requisition.id),
        company: buyer.script.company,
        status: match (requisition.state, requisition.orders.last().map(|order| order.kind)) {
            (_, Some("delete")) => Status::idle("Order cancelled"),
            (_, Some(_)) => Status::good("Ordered"),
            (State::Shopping, None) => Status::info("At the supplier's"),
            (State::Returned, None) => Status::good("Cart is back"),
            (State::Cancelled, None) => Status::idle("Came back empty"),
        },
        lines: requisition.lines.len() as u64,
        total: (!requisition.currency.is_empty()).then(|| Money {
            amount: requisition.total(),
            currency: &requisition.currency,
        }),
        order: requisition.orders.last().map_or("", |order| order.order_id.as_str()),
    }
}

fn line(line: &crate::simulate::Line) -> LineRow<'_> {
    let money = |amount| Money {
        amount,
        currency: &line.currency,
    };
    LineRow {
        part: &line.part,
        description: &line.description,
        quantity: line.quantity,
        unit: &line.unit,
        price: money(line.unit_price),
        per: line.price_quantity,
        amount: money(line.amount()),
    }
}

fn respond(market: &Market, status: StatusCode, page: &impl askama::Template) -> HttpResponse {
    let gateway = market.gateway.public_url.origin().ascii_serialization();
    let origins = [gateway.as_str(), market.address.as_str()];
    let policy = Policy {
        form_action: &origins,
        ..Policy::default()
    };
    page::respond(status, page, &Reader::utc(market.gateway.clock.now()), &policy)
}

fn said(status: StatusCode, fault: &Fault) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .body(fault.to_string())
}
