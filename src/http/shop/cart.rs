//! The cart of a visit: put in, change, take out, and what is shown before it goes back.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Form, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use jiff::SignedDuration;
use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::terms::Check;
use crate::domain::unit::Factor;
use crate::http::page::format::{self, Money, Price};
use crate::http::page::part::{Fault, Notice, Tone, Value, with_parameter};
use crate::http::page::shop::{Availability, CartLine, CartPage, Change, ConfirmEmptyPage, PreviewLine};
use crate::http::visit::{failed, forged, problem, see_other};
use crate::service::Gateway;
use crate::service::session::cart::{self, Cart, Line, Problem, Unchanged};
use crate::service::session::visit::Visit;

use super::offer::{availability, price_in, steps, unit_name};
use super::{Asked, Scene, stage};

/// Mounts the pages of the cart.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/s/{handle}/cart", web::get().to(show))
        .route("/s/{handle}/cart", web::post().to(change))
        .route("/s/{handle}/cart/add", web::post().to(add));
}

/// The form beside a product.
#[derive(Debug, Deserialize)]
struct Adding {
    csrf: String,
    sku: String,
    unit: String,
    quantity: String,
}

async fn add(gateway: Data<Gateway>, request: HttpRequest, handle: Path<String>, form: Form<Adding>) -> HttpResponse {
    let scene = match stage(&gateway, &request, &handle).await {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    if let Some(refused) = forged(&gateway, &scene.visit.handle, &form.csrf) {
        return refused;
    }
    let quantity = match cart::read_quantity(&form.quantity) {
        Ok(quantity) => quantity,
        Err(unchanged) => return not_changed(&gateway, &unchanged),
    };
    match cart::add(&gateway, &scene.visit, &form.sku, &form.unit, quantity).await {
        Ok(Ok(())) => {
            let product = scene.paths().product(&form.sku);
            see_other(&with_parameter(&product, "notice", "added"))
        }
        Ok(Err(unchanged)) => not_changed(&gateway, &unchanged),
        Err(error) => failed(&gateway, &error),
    }
}

async fn show(gateway: Data<Gateway>, request: HttpRequest, handle: Path<String>, _: Query<Asked>) -> HttpResponse {
    match stage(&gateway, &request, &handle).await {
        Ok(scene) => answer(&gateway, &scene, StatusCode::OK, None, &[]),
        Err(answer) => answer,
    }
}

/// Quantities of lines, or one line to take out; the fields are named `quantity-{line}` and `remove`.
async fn change(
    gateway: Data<Gateway>,
    request: HttpRequest,
    handle: Path<String>,
    form: Form<Vec<(String, String)>>,
) -> HttpResponse {
    let scene = match stage(&gateway, &request, &handle).await {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    let field = |name: &str| {
        form.iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    };
    if let Some(refused) = forged(&gateway, &scene.visit.handle, field("csrf").unwrap_or_default()) {
        return refused;
    }
    let mut changes: Vec<(Uuid, Option<Decimal>)> = Vec::new();
    let mut faults: Vec<(String, String)> = Vec::new();
    match field("remove").map(Uuid::try_parse) {
        Some(Ok(line)) => changes.push((line, None)),
        Some(Err(_)) => return not_changed(&gateway, &Unchanged::Gone),
        None => {
            for (name, value) in form.iter() {
                let Some(line) = name.strip_prefix("quantity-").and_then(|id| Uuid::try_parse(id).ok()) else {
                    continue;
                };
                match cart::read_quantity(value) {
                    Ok(quantity) => changes.push((line, Some(quantity))),
                    Err(unchanged) => faults.push((name.clone(), unchanged.to_string())),
                }
            }
        }
    }
    if !faults.is_empty() {
        return answer(&gateway, &scene, StatusCode::UNPROCESSABLE_ENTITY, None, &faults);
    }
    match cart::update(&gateway, &scene.visit, &changes).await {
        Ok(Ok(())) => see_other(&scene.paths().cart()),
        Ok(Err(unchanged)) => not_changed(&gateway, &unchanged),
        Err(error) => failed(&gateway, &error),
    }
}

/// The cart again, instead of its return: something in it must be mended or seen first.
pub fn needs_a_look(gateway: &Gateway, visit: &Visit, seen: &Cart) -> HttpResponse {
    let mut scene = match Scene::new(gateway, visit.clone()) {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    let notice = if seen.is_ready() {
        Notice {
            tone: Tone::Warn,
            title: "Prices changed, so the cart was not returned yet.",
            text: "The marked lines have new prices. Return the cart again to take them.",
        }
    } else {
        Notice {
            tone: Tone::Bad,
            title: "The cart cannot be returned like this.",
            text: "The marked lines say what stands in the way. Change or remove them, then return the cart.",
        }
    };
    scene.cart = seen.clone();
    answer(gateway, &scene, StatusCode::CONFLICT, Some(notice), &[])
}

/// Asks before an edited cart goes back empty.
pub fn confirm_empty(gateway: &Gateway, visit: &Visit) -> HttpResponse {
    match Scene::new(gateway, visit.clone()) {
        Ok(scene) => {
            let page = ConfirmEmptyPage {
                frame: scene.frame("", None),
            };
            scene.respond(gateway, &page)
        }
        Err(answer) => answer,
    }
}

fn not_changed(gateway: &Gateway, unchanged: &Unchanged) -> HttpResponse {
    let status = match unchanged {
        Unchanged::ReadOnly => StatusCode::FORBIDDEN,
        Unchanged::Gone | Unchanged::Full => StatusCode::CONFLICT,
        Unchanged::Quantity | Unchanged::Part => StatusCode::UNPROCESSABLE_ENTITY,
    };
    problem(gateway, status, "The cart was not changed", &unchanged.to_string())
}

/// What the words of one line are made of; the page borrows them.
struct Words {
    name: String,
    unit_name: String,
    base_name: String,
    factor: Factor,
    minimum: Decimal,
    multiple: Decimal,
    warehouse: Option<String>,
    problem: Option<String>,
}

fn words(scene: &Scene, line: &Line) -> Words {
    let product = line.product.as_deref();
    let factor = product
        .and_then(|product| product.unit(&line.line.unit))
        .map_or(Factor::ONE, |unit| unit.factor);
    let (minimum, multiple) = product.map_or((Decimal::ONE, Decimal::ONE), |product| steps(product, factor));
    let code = line
        .answer
        .as_ref()
        .and_then(|answer| answer.availability.warehouse.as_deref());
    Words {
        name: line.name(),
        unit_name: product.map_or_else(
            || line.line.unit.clone(),
            |product| unit_name(&scene.goods, product, &line.line.unit),
        ),
        base_name: product.map_or_else(String::new, |product| {
            scene.goods.unit_name(&product.base_unit).to_lowercase()
        }),
        factor,
        minimum,
        multiple,
        warehouse: code
            .and_then(|code| scene.goods.warehouse_name(code))
            .map(str::to_owned),
        problem: line.problem.as_ref().map(problem_words),
    }
}

fn problem_words(problem: &Problem) -> String {
    match problem {
        Problem::UnknownPart => "This part is not in the catalogue any more; remove the line.".to_owned(),
        Problem::PriceOnRequest => "There is no price for it; ask the supplier, or remove the line.".to_owned(),
        Problem::UnitWithoutWord => "The procurement system has no code for this unit; choose another unit.".to_owned(),
        Problem::OtherCurrency => "Its price is in another currency than the lines before; return it apart.".to_owned(),
        Problem::Check(check) => match check {
            Check::NotPositive => "The quantity must be more than zero.".to_owned(),
            Check::BelowMinimum { minimum, unit } => {
                format!("The least quantity is {} {unit}.", format::quantity(*minimum))
            }
            Check::NotMultiple { multiple, unit } => {
                format!(
                    "The quantity must be a multiple of {} {unit}.",
                    format::quantity(*multiple)
                )
            }
            Check::TooManyDecimals { decimals, unit } => {
                format!("{unit} takes {decimals} digits after the point, no more.")
            }
            Check::UnitNotSold => "It is not sold in this unit.".to_owned(),
            Check::ProductNotSold => "It cannot be ordered at present; remove the line.".to_owned(),
            Check::NotInAssortment => "It is not in the assortment of your company; remove the line.".to_owned(),
            Check::AgreementExceeded { left, unit } => {
                format!("Of your agreement only {} {unit} are left.", left.normalize())
            }
            Check::AccountBlocked => "Your customer account is blocked; ask your contact at the supplier.".to_owned(),
        },
    }
}

fn line<'a>(line: &'a Line, words: &'a Words) -> CartLine<'a> {
    let answer = line.answer.as_ref();
    let price = answer.and_then(|answer| Some((answer.unit_price?, answer.price_quantity)));
    let price = price
        .map(|(price, per)| -> Price<'a> { price_in(&price, per, &words.unit_name, words.factor, &words.base_name) });
    CartLine {
        id: line.line.id,
        sku: &line.line.sku,
        name: &words.name,
        quantity: line.line.quantity,
        unit_name: &words.unit_name,
        minimum: words.minimum,
        multiple: words.multiple,
        price,
        amount: line.amount().map(|amount| Money {
            amount: amount.amount,
            currency: amount.currency.code(),
        }),
        availability: answer.map_or(Availability::OnRequest, |answer| {
            availability(&answer.availability, words.warehouse.as_deref())
        }),
        changes: changes(line, words),
    }
}

fn changes<'a>(line: &'a Line, words: &'a Words) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    if let Some(problem) = &words.problem {
        changes.push(Change {
            what: "Not possible",
            was: Value::Nothing,
            now: Value::Nothing,
            why: problem,
        });
    }
    if line.price_changed() {
        let was = line.line.unit_price.map_or(Value::Text("on request"), |amount| {
            Value::Money(Money {
                amount,
                currency: &line.line.currency,
            })
        });
        let now = line.answer.as_ref().and_then(|answer| answer.unit_price);
        let now = now.map_or(Value::Text("on request"), |price| {
            Value::Money(Money {
                amount: price.amount,
                currency: price.currency.code(),
            })
        });
        changes.push(Change {
            what: "Price",
            was,
            now,
            why: "The supplier's terms changed since the line was put in the cart.",
        });
    }
    changes
}

fn answer(
    gateway: &Gateway,
    scene: &Scene,
    status: StatusCode,
    notice: Option<Notice<'_>>,
    faults: &[(String, String)],
) -> HttpResponse {
    let lines = &scene.cart.lines;
    let words: Vec<Words> = lines.iter().map(|line| words(scene, line)).collect();
    let classifications: Vec<String> = lines.iter().map(|line| classification(scene, line)).collect();
    let preview = lines.iter().zip(&classifications).filter_map(|(line, classification)| {
        let price = line.answer.as_ref()?.unit_price?;
        Some(PreviewLine {
            part: &line.line.sku,
            description: line.product.as_deref().map_or("", |product| product.name.as_str()),
            quantity: line.line.quantity,
            unit: line.unit_sent.as_deref()?,
            price: Money {
                amount: price.amount,
                currency: price.currency.code(),
            },
            classification,
        })
    });
    let frame = scene.frame("", notice);
    let hold = SignedDuration::from_secs(scene.visit.known.settings.quote_seconds);
    let page = CartPage {
        lines: lines
            .iter()
            .zip(&words)
            .map(|(held, words)| line(held, words))
            .collect(),
        total: frame.cart_total,
        valid_until: frame.can_change().then(|| gateway.clock.now() + hold),
        preview: if frame.can_change() {
            preview.collect()
        } else {
            Vec::new()
        },
        faults: faults.iter().map(|(field, text)| Fault { field, text }).collect(),
        frame,
    };
    scene.respond_with(gateway, status, &page)
}

fn classification(scene: &Scene, line: &Line) -> String {
    let own = line.product.as_deref().and_then(|product| product.unspsc.as_deref());
    let code = own.or(scene.visit.known.settings.classification_default.as_deref());
    code.map_or_else(String::new, |code| format!("UNSPSC {code}"))
}
