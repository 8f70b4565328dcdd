//! The cart of a visit: put in, change, take out, and what is shown before it goes back.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Form, Path, Query, ServiceConfig};
use jiff::SignedDuration;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::terms::Check;
use crate::domain::unit::Factor;
use crate::http::guest::Guest;
use crate::http::page::format::{Money, Price};
use crate::http::page::part::{Fault, Told, Tone, Value};
use crate::http::page::shop::{Availability, CartLine, CartPage, Change, ConfirmEmptyPage, PreviewLine, UnitChoice};
use crate::http::page::text::{Text, Word};
use crate::http::visit::see_other;
use crate::service::session::cart::{self, Cart, Edit, Line, Problem, Unchanged, Wanted};
use crate::service::session::visit::Visit;
use crate::service::shopping;

use super::offer::{availability, price_in, unit_name, word_of_unit};
use super::{Asked, Scene, stage};

/// Mounts the pages of the cart.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/cart", web::get().to(show))
        .route("/cart", web::post().to(change))
        .route("/cart/add", web::post().to(add));
}

/// The form beside a product.
#[derive(Debug, Deserialize)]
struct Adding {
    csrf: String,
    sku: String,
    unit: String,
    quantity: String,
    #[serde(default)]
    back: String,
}

async fn add(guest: Guest, handle: Path<String>, form: Form<Adding>) -> HttpResponse {
    let scene = match stage(guest, &handle).await {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    if let Some(refused) = scene.guest.forged(&scene.visit.handle, &form.csrf) {
        return refused;
    }
    let quantity = match cart::read_quantity(&form.quantity) {
        Ok(quantity) => quantity,
        Err(unchanged) => return not_changed(&scene.guest, &unchanged),
    };
    let wanted = Wanted {
        sku: form.sku.clone(),
        unit: form.unit.clone(),
        quantity,
    };
    match cart::add(scene.gateway(), &scene.visit, &[wanted]).await {
        Ok(Ok(())) => see_other(&scene.back(&form.back, &scene.paths().product(&form.sku), "added")),
        Ok(Err(unchanged)) => not_changed(&scene.guest, &unchanged),
        Err(error) => scene.guest.failed(&error),
    }
}

async fn show(guest: Guest, handle: Path<String>, asked: Query<Asked>) -> HttpResponse {
    match stage(guest, &handle).await {
        Ok(scene) => {
            let notice = scene.notice(&asked.notice);
            answer(scene, StatusCode::OK, notice, &[]).await
        }
        Err(answer) => answer,
    }
}

/// Quantities and units of lines, named `quantity-{line}` and `unit-{line}`; `remove` takes one out, and `fit` gives one
/// the quantity that can be ordered.
async fn change(guest: Guest, handle: Path<String>, form: Form<Vec<(String, String)>>) -> HttpResponse {
    let scene = match stage(guest, &handle).await {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    if let Some(refused) = scene
        .guest
        .forged(&scene.visit.handle, field(&form, "csrf").unwrap_or_default())
    {
        return refused;
    }
    let removed = field(&form, "remove").map(Uuid::try_parse);
    let edits = match (removed, edits(&form)) {
        (Some(Ok(line)), _) => vec![(line, Edit::Remove)],
        (Some(Err(_)), _) => return not_changed(&scene.guest, &Unchanged::Gone),
        (None, Ok(edits)) => edits,
        (None, Err(faults)) => {
            let told = |(field, unchanged): (String, Unchanged)| (field, scene.reader().say(unchanged_key(&unchanged)));
            let faults: Vec<(String, String)> = faults.into_iter().map(told).collect();
            return answer(scene, StatusCode::UNPROCESSABLE_ENTITY, None, &faults).await;
        }
    };
    match cart::update(scene.gateway(), &scene.visit, &edits).await {
        Ok(Ok(())) => see_other(&scene.paths().cart()),
        Ok(Err(unchanged)) => not_changed(&scene.guest, &unchanged),
        Err(error) => scene.guest.failed(&error),
    }
}

fn field<'f>(form: &'f [(String, String)], name: &str) -> Option<&'f str> {
    form.iter()
        .find(|(field, _)| field == name)
        .map(|(_, value)| value.as_str())
}

/// Fields of a form, and what is wrong with each.
type Faulty = Vec<(String, Unchanged)>;

/// What quantities and units a form of the cart asks for, or the fields whose values are none.
fn edits(form: &[(String, String)]) -> Result<Vec<(Uuid, Edit)>, Faulty> {
    let mut edits = Vec::new();
    let mut faults = Vec::new();
    let fit = field(form, "fit").and_then(|fit| fit.split_once(':'));
    for (name, value) in form {
        let Some(id) = name.strip_prefix("quantity-") else {
            continue;
        };
        let Ok(line) = Uuid::try_parse(id) else { continue };
        let value = match fit {
            Some((fitted, quantity)) if fitted == id => quantity,
            _ => value.as_str(),
        };
        let unit = field(form, &format!("unit-{id}")).map(str::to_owned);
        match cart::read_quantity(value) {
            Ok(quantity) => edits.push((line, Edit::Set(quantity, unit))),
            Err(unchanged) => faults.push((name.clone(), unchanged)),
        }
    }
    if faults.is_empty() { Ok(edits) } else { Err(faults) }
}

/// The cart again, instead of its return: something in it must be mended or seen first.
pub async fn needs_a_look(guest: Guest, visit: Visit, seen: &Cart) -> HttpResponse {
    let mut scene = match Scene::new(guest, visit).await {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    let has_problem = seen.lines.iter().any(|line| line.problem.is_some());
    let notice = match (has_problem, seen.is_ready()) {
        (true, _) => Told::new(scene.reader(), Tone::Bad, "not-yet-lines"),
        (false, false) => Told::new(scene.reader(), Tone::Bad, "not-yet-minimum"),
        (false, true) => Told::new(scene.reader(), Tone::Warn, "not-yet-prices"),
    };
    scene.cart = seen.clone();
    answer(scene, StatusCode::CONFLICT, Some(notice), &[]).await
}

/// Asks before an edited cart goes back empty.
pub async fn confirm_empty(guest: Guest, visit: Visit) -> HttpResponse {
    match Scene::new(guest, visit).await {
        Ok(scene) => {
            let page = ConfirmEmptyPage {
                frame: scene.frame("", None),
            };
            scene.respond(&page)
        }
        Err(answer) => answer,
    }
}

pub(super) fn not_changed(guest: &Guest, unchanged: &Unchanged) -> HttpResponse {
    let status = match unchanged {
        Unchanged::ReadOnly => StatusCode::FORBIDDEN,
        Unchanged::Gone | Unchanged::Full => StatusCode::CONFLICT,
        Unchanged::Quantity | Unchanged::Part => StatusCode::UNPROCESSABLE_ENTITY,
    };
    guest.problem_with(status, "unchanged", unchanged_key(unchanged).into())
}

/// The key of the sentence that says why the cart was not changed.
pub(super) fn unchanged_key(unchanged: &Unchanged) -> &'static str {
    match unchanged {
        Unchanged::ReadOnly => "unchanged-read-only",
        Unchanged::Quantity => "unchanged-quantity",
        Unchanged::Part => "unchanged-part",
        Unchanged::Full => "unchanged-full",
        Unchanged::Gone => "unchanged-gone",
    }
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
    on_request: String,
    change_why: String,
    delay: Option<(String, String, String)>,
    units: Vec<(String, String)>,
    fitting: Option<Decimal>,
}

fn words(scene: &Scene, line: &Line) -> Words {
    let product = line.product.as_deref();
    let factor = product
        .and_then(|product| product.unit(&line.line.unit))
        .map_or(Factor::ONE, |unit| unit.factor);
    let (minimum, multiple) = product.map_or((Decimal::ONE, Decimal::ONE), |product| product.steps(factor));
    let code = line
        .answer
        .as_ref()
        .and_then(|answer| answer.availability.warehouse.as_deref());
    Words {
        name: product.map_or_else(|| line.name(), |product| scene.name(product).to_owned()),
        unit_name: product.map_or_else(
            || line.line.unit.clone(),
            |product| unit_name(scene, product, &line.line.unit),
        ),
        base_name: product.map_or_else(String::new, |product| word_of_unit(scene, &product.base_unit)),
        factor,
        minimum,
        multiple,
        warehouse: code
            .and_then(|code| scene.goods.warehouse_name(code))
            .map(str::to_owned),
        problem: line
            .problem
            .as_ref()
            .map(|problem| scene.reader().say(problem_text(scene, line, problem))),
        on_request: scene.reader().say("on-request"),
        change_why: scene.reader().say("change-price-why"),
        delay: line.is_delayed().then(|| delay(scene, line)),
        units: product.map_or_else(Vec::new, |product| {
            let sold = product.sellable_units().map(|sold| sold.unit.as_str());
            sold.map(|unit| (unit.to_owned(), unit_name(scene, product, unit)))
                .collect()
        }),
        fitting: product
            .map(|product| product.fitting(factor, line.line.quantity))
            .filter(|fitting| *fitting != line.line.quantity && line.is_misfit()),
    }
}

/// When it was to ship, when it ships now, and why that is told.
fn delay(scene: &Scene, line: &Line) -> (String, String, String) {
    let reader = scene.reader();
    let ships = |day: Option<Date>| day.map_or_else(|| reader.say("ships-unknown"), |day| reader.day(day));
    let now = line.answer.as_ref().and_then(|answer| answer.availability.ships_on);
    (ships(line.line.ships_on), ships(now), reader.say("change-stock-why"))
}

fn problem_text(scene: &Scene, line: &Line, problem: &Problem) -> Text {
    let unit = |code: &str| word_of_unit(scene, code);
    match problem {
        Problem::UnknownPart => Text::new("problem-unknown-part"),
        Problem::PriceOnRequest => Text::new("problem-price-on-request"),
        Problem::UnitWithoutWord => Text::new("problem-unit-word"),
        Problem::OtherCurrency => Text::new("problem-currency"),
        Problem::Check(check) => match check {
            Check::NotPositive => Text::new("problem-not-positive"),
            Check::BelowMinimum { minimum, unit: code } => Text::new("problem-minimum")
                .with("minimum", minimum)
                .with("missing", minimum - line.base_quantity())
                .with("unit", unit(code)),
            Check::NotMultiple { multiple, unit: code } => Text::new("problem-multiple")
                .with("multiple", multiple)
                .with("unit", unit(code)),
            Check::TooManyDecimals { decimals, unit: code } => Text::new("problem-decimals")
                .with("decimals", u64::from(*decimals))
                .with("unit", unit(code)),
            Check::UnitNotSold => Text::new("problem-unit-not-sold"),
            Check::ProductNotSold => Text::new("problem-not-sold"),
            Check::NotInAssortment => Text::new("problem-not-in-assortment"),
            Check::AgreementExceeded { left, unit: code } => Text::new("problem-agreement")
                .with("left", left)
                .with("unit", unit(code)),
            Check::AccountBlocked => Text::new("problem-blocked"),
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
        units: words
            .units
            .iter()
            .map(|(code, name)| UnitChoice {
                code,
                name,
                chosen: *code == line.line.unit,
            })
            .collect(),
        minimum: words.minimum,
        multiple: words.multiple,
        fitting: words.fitting,
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
            what: "change-impossible",
            was: Value::Nothing,
            now: Value::Nothing,
            why: problem,
        });
    }
    if line.price_changed() {
        let was = line.line.unit_price.map(|amount| Money {
            amount,
            currency: &line.line.currency,
        });
        let now = line.answer.as_ref().and_then(|answer| answer.unit_price.as_ref());
        let now = now.map(|price| Money {
            amount: price.amount,
            currency: price.currency.code(),
        });
        let shown = |price: Option<Money<'a>>| price.map_or(Value::Text(&words.on_request), Value::Money);
        changes.push(Change {
            what: "change-price",
            was: shown(was),
            now: shown(now),
            why: &words.change_why,
        });
    }
    if let Some((was, now, why)) = &words.delay {
        changes.push(Change {
            what: "change-stock",
            was: Value::Text(was),
            now: Value::Text(now),
            why,
        });
    }
    changes
}

async fn answer(
    mut scene: Scene,
    status: StatusCode,
    notice: Option<Told>,
    faults: &[(String, String)],
) -> HttpResponse {
    let skus: Vec<String> = scene.cart.lines.iter().map(|line| line.line.sku.clone()).collect();
    if let Err(answer) = scene.learn(skus.iter().map(String::as_str)).await {
        return answer;
    }
    let lines = &scene.cart.lines;
    let words: Vec<Words> = lines.iter().map(|line| words(&scene, line)).collect();
    let classifications: Vec<String> = lines.iter().map(|line| classification(&scene, line)).collect();
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
        below_minimum: scene.cart.below_minimum().map(|(minimum, missing)| {
            let currency = || minimum.currency.code().to_owned();
            let text = Text::new("cart-below-minimum")
                .with("minimum", Word::Money(minimum.amount, currency()))
                .with("missing", Word::Money(missing, currency()));
            scene.reader().say(text)
        }),
        valid_until: frame.can_change().then(|| scene.gateway().clock.now() + hold),
        preview: if frame.can_change() {
            preview.collect()
        } else {
            Vec::new()
        },
        can_keep: shopping::shopper(&scene.visit.session).is_some(),
        faults: faults.iter().map(|(field, text)| Fault { field, text }).collect(),
        frame,
    };
    scene.respond_with(status, &page)
}

fn classification(scene: &Scene, line: &Line) -> String {
    let own = line.product.as_deref().and_then(|product| product.unspsc.as_deref());
    let code = own.or(scene.visit.known.settings.classification_default.as_deref());
    code.map_or_else(String::new, |code| format!("UNSPSC {code}"))
}
