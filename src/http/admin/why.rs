//! Why a price is what it is: for any account, product, quantity, unit, day and address.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Query, ServiceConfig};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::gate::{Signed, Stop};
use crate::domain::money::{self, parse_decimal};
use crate::domain::terms::{Answer, Request, Tier, Trace, Unresolved};
use crate::http::page::admin::{Area, Question, Reasons, StairRow, Told, WhyPage};
use crate::http::page::format::Money;
use crate::http::page::part::{Fault, with_parameter};
use crate::service::{Error, terms};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/why", web::get().to(page));
}

#[derive(Deserialize)]
#[serde(default)]
struct Asked {
    account: String,
    product: String,
    quantity: String,
    unit: String,
    date: String,
    ship_to: String,
}

impl Default for Asked {
    fn default() -> Self {
        Asked {
            account: String::new(),
            product: String::new(),
            quantity: "1".to_owned(),
            unit: String::new(),
            date: String::new(),
            ship_to: String::new(),
        }
    }
}

/// Why a line of an order or cart has its price, as it was noted.
pub(super) fn reasons(trace: &Trace, currency: &str, line: &Line<'_>) -> Reasons {
    let asked = [
        ("product", line.sku),
        ("quantity", &line.quantity.normalize().to_string()),
        ("unit", line.unit),
        ("date", &trace.date.to_string()),
        ("ship_to", trace.ship_to.as_deref().unwrap_or_default()),
    ];
    let address = with_parameter("/admin/why", "account", &trace.account);
    Reasons {
        sentences: trace.reasons(currency),
        href: asked
            .iter()
            .fold(address, |address, (name, value)| with_parameter(&address, name, value)),
    }
}

/// What is asked of a line.
pub(super) struct Line<'a> {
    /// Our part number.
    pub sku: &'a str,
    /// How much.
    pub quantity: Decimal,
    /// Our unit.
    pub unit: &'a str,
}

async fn page(signed: Signed, asked: Query<Asked>) -> Result<HttpResponse, Stop> {
    let is_asked = !asked.account.trim().is_empty() || !asked.product.trim().is_empty();
    let found = match is_asked {
        true => match ask(&signed, &asked).await {
            Ok(found) => Some(found),
            Err(error) => return Err(Stop::Failed(error)),
        },
        false => None,
    };
    let (told, fault) = match &found {
        None => (None, None),
        Some(Ok((answer, tiers))) => (Some(told(answer, tiers)), None),
        Some(Err(fault)) => (None, Some(*fault)),
    };
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = WhyPage {
        frame: signed.frame(Area::Why, None),
        asked: Question {
            account: &asked.account,
            product: &asked.product,
            quantity: &asked.quantity,
            unit: &asked.unit,
            date: &asked.date,
            ship_to: &asked.ship_to,
        },
        faults: fault.map(|(field, text)| Fault { field, text }).into_iter().collect(),
        told,
    };
    Ok(signed.show_as(status, &page))
}

/// The answer and the staircase, or the field that is wrong and why.
async fn ask(
    signed: &Signed,
    asked: &Asked,
) -> Result<Result<(Answer, Vec<Tier>), (&'static str, &'static str)>, Error> {
    let Ok(quantity) = parse_decimal(asked.quantity.trim()) else {
        return Ok(Err(("quantity", "Write a number such as 12 or 0.5.")));
    };
    let day = Some(asked.date.trim()).filter(|text| !text.is_empty());
    let Ok(day) = day.map(str::parse::<Date>).transpose() else {
        return Ok(Err(("date", "Write a day such as 2026-11-30.")));
    };
    let (gateway, tenant_id) = (&signed.gateway, signed.staff.tenant_id);
    let (account, product) = (asked.account.trim(), asked.product.trim());
    let part = terms::part(gateway, tenant_id, account, product);
    let product = part.as_ref().map_or(product, |part| &part.sku);
    let given = |text: &'_ str| !text.is_empty();
    let (unit, ship_to) = (asked.unit.trim(), asked.ship_to.trim());
    let question = |now, today| Request {
        unit: Some(unit).filter(|text| given(text)),
        ship_to: Some(ship_to).filter(|text| given(text)),
        ..Request::new(account, product, quantity, day.unwrap_or(today), now)
    };
    let answer = match terms::ask(gateway, tenant_id, question).await? {
        Ok(answer) => answer,
        Err(unresolved) => return Ok(Err(fault(unresolved))),
    };
    if given(ship_to) && answer.trace.ship_to.is_none() {
        return Ok(Err(("ship_to", "The account has no such address.")));
    }
    let tiers = terms::tiers(gateway, tenant_id, question).await?;
    Ok(tiers.map(|tiers| (answer, tiers)).map_err(fault))
}

fn fault(unresolved: Unresolved) -> (&'static str, &'static str) {
    match unresolved {
        Unresolved::UnknownAccount => ("account", "There is no such account."),
        Unresolved::UnknownProduct => ("product", "There is no such product."),
        Unresolved::UnknownUnit => ("unit", "The product has no such unit."),
        Unresolved::InexactQuantity => ("quantity", "So many are no exact number of base units."),
    }
}

fn told<'a>(answer: &'a Answer, tiers: &'a [Tier]) -> Told<'a> {
    Told {
        price: answer.unit_price.as_ref().map(shown),
        per: format!("for {} {}", answer.price_quantity.normalize(), answer.unit),
        sentences: answer.explanation(),
        stairs: tiers.iter().map(|tier| stair(tier, &answer.unit)).collect(),
    }
}

fn stair<'a>(tier: &'a Tier, unit: &str) -> StairRow<'a> {
    let counted = |quantity: Decimal| format!("{} {unit}", quantity.normalize());
    StairRow {
        from: counted(tier.min_quantity),
        price: tier.unit_price.as_ref().map(shown),
        per: counted(tier.price_quantity),
    }
}

fn shown(price: &money::Money) -> Money<'_> {
    Money {
        amount: price.amount,
        currency: price.currency.code(),
    }
}
