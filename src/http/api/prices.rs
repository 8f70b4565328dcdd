//! `POST /api/v1/prices`: the terms of an account, for the supplier's own portal: the same answers as in the shop, in the
//! returned cart and at the check of an order.

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::gate::{self, Parameters};
use super::problem::{self, Stop};
use crate::domain::api_client::Scope;
use crate::domain::money::parse_decimal;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::stock::Availability;
use crate::domain::terms::{Answer, Beside, Check, Level, Request, Substitute, Unresolved};
use crate::service::Gateway;
use crate::service::terms;

/// Largest body in bytes: as many lines as are answered at a time, with names of usual length.
const BODY_BYTES_MAX: usize = 128 * 1024;
/// Lines answered at a time.
const LINES_MAX: usize = 200;

/// What a program asks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    account: String,
    #[serde(default)]
    ship_to: Option<String>,
    #[serde(default)]
    date: Option<Date>,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    sku: String,
    #[serde(deserialize_with = "decimal")]
    quantity: Decimal,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    warehouse: Option<String>,
    #[serde(default)]
    agreement: Option<String>,
    #[serde(default)]
    wanted_on: Option<Date>,
}

/// A number, or a text that is one; with every digit.
fn decimal<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Decimal, D::Error> {
    let raw: &RawValue = Deserialize::deserialize(deserializer)?;
    let text = raw.get().trim_matches('"');
    parse_decimal(text).map_err(|_| D::Error::custom("no decimal number"))
}

/// What is answered.
#[derive(Serialize)]
struct Told<'a> {
    account: &'a str,
    lines: Vec<Row<'a>>,
}

/// A line in the order asked.
#[derive(Serialize)]
struct Row<'a> {
    sku: &'a str,
    #[serde(flatten)]
    found: Found<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Found<'a> {
    Terms(Box<Terms<'a>>),
    Unknown { unknown: &'static str },
}

#[derive(Serialize)]
struct Terms<'a> {
    quantity: Decimal,
    unit: &'a Arc<str>,
    /// None is price on request.
    unit_price: Option<Decimal>,
    currency: Option<&'static str>,
    price_quantity: Decimal,
    line_amount: Option<Decimal>,
    valid_until: Option<Date>,
    level: Option<Level>,
    list: Option<&'a str>,
    why: Vec<String>,
    can_order: bool,
    checks: &'a [Check],
    availability: &'a Availability,
    substitutes: &'a [Substitute],
    as_of: Timestamp,
}

impl<'a> Terms<'a> {
    fn of(answer: &'a Answer) -> Self {
        let decided = answer.trace.decided();
        Terms {
            quantity: answer.quantity,
            unit: &answer.unit,
            unit_price: answer.unit_price.map(|price| price.amount),
            currency: answer.unit_price.map(|price| price.currency.code()),
            price_quantity: answer.price_quantity,
            line_amount: answer.line_amount.map(|amount| amount.amount),
            valid_until: answer.valid_until,
            level: decided.map(|step| step.level),
            list: decided.and_then(|step| step.list.as_deref()),
            why: answer.explanation(),
            can_order: answer.is_orderable(),
            checks: &answer.checks,
            availability: &answer.availability,
            substitutes: &answer.substitutes,
            as_of: answer.as_of,
        }
    }
}

pub(super) async fn answer(gateway: Data<Gateway>, request: HttpRequest, payload: Payload) -> HttpResponse {
    problem::answer(&gateway, answered(&gateway, &request, payload).await)
}

async fn answered(gateway: &Gateway, request: &HttpRequest, payload: Payload) -> Result<HttpResponse, Stop> {
    let client = gate::let_in(gateway, request, Scope::PricesRead).await?;
    Parameters::read(request, &[])?;
    let mut in_flight = gateway.limits.in_flight();
    let body = gate::body(gateway, payload, &mut in_flight, BODY_BYTES_MAX).await?;
    let asked: Asked = serde_json::from_slice(&body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let text = format!(
            "The body is not an object with account and lines as /api/v1/openapi.json describes it: see line {line}, \
             column {column}."
        );
        Refusal::new(Code::BadRequest, text)
    })?;
    if asked.lines.is_empty() || asked.lines.len() > LINES_MAX {
        let text = format!("Ask for 1 to {LINES_MAX} lines at a time.");
        return Err(Refusal::new(Code::BadRequest, text).at("lines").into());
    }
    // Lines of one request are one cart: promotions count them together.
    let together: Vec<Option<Beside<'_>>> = asked
        .lines
        .iter()
        .map(|line| beside(gateway, client.tenant_id, line))
        .collect();
    let places: Vec<Option<usize>> = together
        .iter()
        .scan(0, |next, line| {
            let place = line.map(|_| *next);
            *next += usize::from(line.is_some());
            Some(place)
        })
        .collect();
    let lines: Vec<Beside<'_>> = together.iter().flatten().copied().collect();
    let answers = terms::ask_all(
        gateway,
        client.tenant_id,
        &lines,
        asked.lines.len(),
        |at, now, today| {
            let line = &asked.lines[at];
            let request = Request {
                unit: line.unit.as_deref(),
                ship_to: asked.ship_to.as_deref(),
                warehouse: line.warehouse.as_deref(),
                agreement: line.agreement.as_deref(),
                wanted_on: line.wanted_on,
                ..Request::new(
                    &asked.account,
                    &line.sku,
                    line.quantity,
                    asked.date.unwrap_or(today),
                    now,
                )
            };
            (request, places[at])
        },
    );
    let answers = answers.await?;
    if answers.iter().all(|answer| *answer == Err(Unresolved::UnknownAccount)) {
        let text = "There is no such account.";
        return Err(Refusal::new(Code::BadRequest, text).at("account").into());
    }
    let priced = answers.iter().flatten().next();
    if asked.ship_to.is_some() && priced.is_some_and(|answer| answer.trace.ship_to.is_none()) {
        let text = "The account has no such address.";
        return Err(Refusal::new(Code::BadRequest, text).at("ship_to").into());
    }
    let rows = asked.lines.iter().zip(&answers).map(|(line, answer)| Row {
        sku: &line.sku,
        found: match answer {
            Ok(answer) => Found::Terms(Box::new(Terms::of(answer))),
            Err(unresolved) => Found::Unknown {
                unknown: unknown(*unresolved),
            },
        },
    });
    Ok(HttpResponse::Ok().json(Told {
        account: &asked.account,
        lines: rows.collect(),
    }))
}

/// A line as promotions count it, where its unit is known.
fn beside<'l>(gateway: &Gateway, tenant_id: uuid::Uuid, line: &'l Line) -> Option<Beside<'l>> {
    // One without a unit is asked in the unit that is offered first, beside the others and not among them.
    let unit = line.unit.as_deref()?;
    terms::product(gateway, tenant_id, &line.sku)?.unit(unit)?;
    Some(Beside {
        product: &line.sku,
        quantity: line.quantity,
        unit,
    })
}

/// The member that is not known.
fn unknown(unresolved: Unresolved) -> &'static str {
    match unresolved {
        Unresolved::UnknownAccount => "account",
        Unresolved::UnknownProduct => "sku",
        Unresolved::UnknownUnit => "unit",
        Unresolved::InexactQuantity => "quantity",
    }
}
