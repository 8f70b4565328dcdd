//! PunchOut visits: the list, and one with its cart.

use actix_web::HttpResponse;
use actix_web::web::{self, Path, Query, ServiceConfig};
use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use super::gate::{Signed, Stop};
use super::{id, order_rows, why};
use crate::domain::party::DeploymentMode;
use crate::domain::session::{Session, SessionState};
use crate::domain::terms::Trace;
use crate::domain::trust::Directory;
use crate::http::page::admin::{Area, Frame, Reasons, Step, VisitLine, VisitPage, VisitRow, VisitsPage, word};
use crate::http::page::format::Money;
use crate::http::page::part::{Fact, More, Value};
use crate::service::session::look::{self, CartSum, Looked};

/// The states as views of the list: the word in the address, its name, and the state.
const VIEWS: [(&str, &str, Option<SessionState>); 5] = [
    ("", "All", None),
    ("open", "Shopping", Some(SessionState::Open)),
    ("returned", "Cart returned", Some(SessionState::Returned)),
    ("cancelled", "Left without items", Some(SessionState::Cancelled)),
    ("expired", "Out of time", Some(SessionState::Expired)),
];

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/visits", web::get().to(list))
        .route("/visits/{id}", web::get().to(one));
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    state: String,
    before: Option<Uuid>,
}

async fn list(signed: Signed, listing: Query<Listing>) -> Result<HttpResponse, Stop> {
    let chosen = VIEWS
        .iter()
        .find(|(word, ..)| *word == listing.state)
        .unwrap_or(&VIEWS[0]);
    let page = look::list(&signed.gateway, signed.staff.tenant_id, chosen.2, listing.before).await?;
    let href = |word: &str| match word {
        "" => "/admin/visits".to_owned(),
        word => format!("/admin/visits?state={word}"),
    };
    let directory = signed.gateway.directory();
    Ok(signed.show(&VisitsPage {
        frame: signed.frame(Area::Visits, None),
        views: VIEWS
            .iter()
            .map(|(word, name, state)| (*name, href(word), *state == chosen.2))
            .collect(),
        rows: page
            .rows
            .iter()
            .map(|listed| row(&directory, &listed.session, &listed.cart))
            .collect(),
        more: More::new(&href(chosen.0), listing.before, page.next),
        all: chosen.2.is_none(),
    }))
}

fn row<'a>(directory: &'a Directory, session: &'a Session, cart: &'a CartSum) -> VisitRow<'a> {
    let known = directory.connection(session.connection_id);
    VisitRow {
        href: format!("/admin/visits/{}", session.id),
        user: user(session),
        connection: order_rows::connection(directory, session.connection_id),
        operation: word::operation(session.operation),
        state: word::session_state(session.state),
        lines: cart.lines,
        total: cart.total.as_ref().map(|(amount, currency)| Money {
            amount: *amount,
            currency,
        }),
        created: session.created_at,
        test: known.is_some_and(|known| known.connection.mode == DeploymentMode::Test),
    }
}

/// What the buyer's system calls the person.
fn user(session: &Session) -> &str {
    let user = &session.user;
    user.name.as_deref().or(user.key()).unwrap_or("somebody unnamed")
}

async fn one(signed: Signed, path: Path<String>) -> Result<HttpResponse, Stop> {
    let looked = look::look(&signed.gateway, signed.staff.tenant_id, id(&path)?).await?;
    let looked = looked.ok_or(Stop::NotThere)?;
    let directory = signed.gateway.directory();
    let cart = look::sum(&looked.lines);
    let row = row(&directory, &looked.session, &cart);
    let quote = looked.quote.as_ref().map(|(quote, _)| quote);
    Ok(signed.show(&VisitPage {
        frame: Frame {
            test: row.test,
            ..signed.frame(Area::Visits, None)
        },
        connection_href: format!("/admin/connections/{}", looked.session.connection_id),
        facts: facts(&looked.session),
        ship_to: looked.session.ship_to.as_ref().map(order_rows::label),
        steps: steps(&looked),
        lines: lines(&looked),
        offered_until: quote.map(|quote| quote.valid_until),
        total: match quote {
            Some(quote) => Some(Money {
                amount: quote.total,
                currency: &quote.currency,
            }),
            None => row.total,
        },
        row,
    }))
}

fn facts(session: &Session) -> Vec<Fact<'_>> {
    let host = session.return_url.as_deref().and_then(|url| url.split('/').nth(2));
    let all = [
        ("Account", Some(session.account_code.as_str())),
        ("User", session.user.unique_name.as_deref()),
        ("E-mail, not proved", session.user.email.as_deref()),
        (
            "Pointed at",
            session
                .selected_item
                .as_ref()
                .map(|item| item.supplier_part_id.as_str()),
        ),
        ("Cart goes back to", host),
        ("Language", session.language.as_deref()),
    ];
    all.into_iter()
        .filter_map(|(name, value)| {
            Some(Fact {
                name,
                value: Value::Text(value?),
            })
        })
        .collect()
}

/// What happened, in order; what has no time of its own is told by the state.
fn steps(looked: &Looked) -> Vec<Step<'_>> {
    let session = &looked.session;
    let document = |id: Option<Uuid>| id.map(|id| format!("/admin/exchanges/{id}"));
    let end = match session.state {
        SessionState::Returned => "The cart went back",
        SessionState::Cancelled => "Left without items",
        SessionState::Superseded => "A later visit took its place",
        SessionState::Expired => "Its time was over",
        SessionState::Issued | SessionState::Open => "Ended",
    };
    let all = [
        ("Set up", Some(session.created_at), document(session.exchange_id)),
        ("The start link was opened", session.opened_at, None),
        (end, session.closed_at, document(looked.returned)),
    ];
    all.into_iter()
        .filter_map(|(what, at, document)| {
            Some(Step {
                what,
                at: at?,
                document,
            })
        })
        .collect()
}

/// The lines as they were offered, or as they lie in the cart.
fn lines(looked: &Looked) -> Vec<VisitLine<'_>> {
    if let Some((quote, lines)) = &looked.quote {
        let money = |amount| Money {
            amount,
            currency: quote.currency.as_str(),
        };
        return lines
            .iter()
            .map(|line| VisitLine {
                number: line.line_number,
                sku: &line.sku,
                description: &line.description,
                quantity: line.quantity,
                unit: &line.unit_sent,
                price: Value::Price(money(line.unit_price), line.price_quantity),
                amount: Some(money(line.amount)),
                why: reasons(
                    line.trace.as_ref(),
                    &quote.currency,
                    &line.sku,
                    line.quantity,
                    &line.unit,
                ),
            })
            .collect();
    }
    looked
        .lines
        .iter()
        .map(|line| {
            let money = |amount| Money {
                amount,
                currency: line.currency.as_str(),
            };
            VisitLine {
                number: line.line_number,
                sku: &line.sku,
                description: "",
                quantity: line.quantity,
                unit: &line.unit,
                price: line.unit_price.map_or(Value::Text("on request"), |price| {
                    Value::Price(money(price), line.price_quantity)
                }),
                amount: look::amount(line).map(|amount| money(amount.amount)),
                why: reasons(
                    line.trace.as_ref(),
                    &line.currency,
                    &line.sku,
                    line.quantity,
                    &line.unit,
                ),
            }
        })
        .collect()
}

fn reasons(trace: Option<&Trace>, currency: &str, sku: &str, quantity: Decimal, unit: &str) -> Option<Reasons> {
    let line = why::Line { sku, quantity, unit };
    trace.map(|trace| why::reasons(trace, currency, &line))
}
