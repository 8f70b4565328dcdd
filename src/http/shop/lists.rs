//! The lists that a user keeps: made, named, filled, ordered, removed.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path, Query};
use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use super::cart::not_changed;
use super::offer::{Offer, word_of_unit};
use super::{Asked, Scene, stage};
use crate::domain::money;
use crate::domain::shopping::Shopper;
use crate::http::guest::Guest;
use crate::http::page::format::Money;
use crate::http::page::part::{Fault, with_parameter};
use crate::http::page::shop::{ListPage, ListRow, ListTile, ListsPage};
use crate::http::page::text::Text;
use crate::http::visit::see_other;
use crate::service::session::cart::{self, Wanted};
use crate::service::shopping::{self, Change, Kept, Refused, Which};
use crate::service::{Error, terms};

/// Names of products shown below the name of a list.
const FIRST_NAMES: usize = 4;

pub(super) async fn lists(guest: Guest, handle: Path<String>, asked: Query<Asked>) -> HttpResponse {
    match stage(guest, &handle).await {
        Ok(scene) => all(scene, StatusCode::OK, &asked, None).await,
        Err(answer) => answer,
    }
}

async fn all(mut scene: Scene, status: StatusCode, asked: &Asked, refused: Option<Refused>) -> HttpResponse {
    let kept = match scene.lists().await {
        Ok(kept) => kept,
        Err(answer) => return answer,
    };
    let first: Vec<Vec<&str>> = kept.iter().map(|kept| first(&scene, kept)).collect();
    if let Err(answer) = scene.learn(first.iter().flatten().copied()).await {
        return answer;
    }
    let fault = refused.map(|refused| scene.reader().say(Text::new(refused_key(refused))));
    let name = |sku: &&str| Some(scene.name(scene.shown(sku)?));
    let page = ListsPage {
        frame: scene.frame("", scene.notice(&asked.notice)),
        can_keep: shopping::shopper(&scene.visit.session).is_some(),
        lists: kept
            .iter()
            .zip(&first)
            .map(|(kept, first)| ListTile {
                id: kept.list.id,
                name: kept.list.name.as_deref(),
                products: kept.products.len() as u64,
                first: first.iter().filter_map(name).collect(),
            })
            .collect(),
        faults: fault.iter().map(|text| Fault { field: "name", text }).collect(),
    };
    scene.respond_with(status, &page)
}

/// Part numbers of the first products on a list that the account may see.
fn first<'k>(scene: &Scene, kept: &'k Kept) -> Vec<&'k str> {
    let skus = kept.products.iter().map(|listed| listed.sku.as_str());
    skus.filter(|sku| scene.shown(sku).is_some())
        .take(FIRST_NAMES)
        .collect()
}

/// The key of the sentence that says why a list was not changed.
fn refused_key(refused: Refused) -> &'static str {
    match refused {
        Refused::Name => "list-refused-name",
        Refused::TooManyLists => "list-refused-many",
        Refused::ListFull => "list-refused-full",
        Refused::NoList => "list-refused-gone",
        Refused::Product => "list-refused-product",
    }
}

/// A new list, empty or with what is in the cart.
#[derive(Debug, Deserialize)]
pub(super) struct Making {
    csrf: String,
    name: String,
    #[serde(default)]
    from: String,
}

pub(super) async fn make(guest: Guest, handle: Path<String>, form: Form<Making>) -> HttpResponse {
    let (scene, shopper) = match keeper(guest, &handle, &form.csrf).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let lines = scene.visit.lines.iter().map(|line| Wanted {
        sku: line.sku.clone(),
        unit: line.unit.clone(),
        quantity: line.quantity,
    });
    let from_cart = (form.from == "cart").then(|| Change::Put(lines.collect()));
    let made = shopping::change(scene.gateway(), &shopper, Which::New(form.name.clone()), from_cart).await;
    match made {
        Ok(Ok(id)) => see_other(&with_parameter(&scene.paths().list(id), "notice", "list-made")),
        Ok(Err(refused)) => {
            all(
                scene,
                StatusCode::UNPROCESSABLE_ENTITY,
                &Asked::default(),
                Some(refused),
            )
            .await
        }
        Err(error) => scene.guest.failed(&error),
    }
}

/// The visit of a form and who keeps lists in it.
async fn keeper(guest: Guest, handle: &str, code: &str) -> Result<(Scene, Shopper), HttpResponse> {
    let scene = stage(guest, handle).await?;
    if let Some(refused) = scene.guest.forged(&scene.visit.handle, code) {
        return Err(refused);
    }
    match shopping::shopper(&scene.visit.session) {
        Some(shopper) => Ok((scene, shopper)),
        None => {
            let text =
                Text::new("lists-nobody-text").with("via", crate::service::party::system_name(&scene.visit.known));
            Err(scene.guest.problem_with(StatusCode::CONFLICT, "lists-nobody", text))
        }
    }
}

/// A product to keep: `list` is `favourites`, `new`, or the identifier of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Keeping {
    csrf: String,
    sku: String,
    list: String,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    quantity: Option<Decimal>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    off: String,
    #[serde(default)]
    back: String,
}

/// Puts a product on a list, or takes it off, and shows the page again on which that was said.
pub(super) async fn keep(guest: Guest, handle: Path<String>, form: Form<Keeping>) -> HttpResponse {
    let (scene, shopper) = match keeper(guest, &handle, &form.csrf).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let which = match (form.list.as_str(), Uuid::try_parse(&form.list)) {
        _ if !form.name.trim().is_empty() => Which::New(form.name.clone()),
        ("favourites", _) => Which::Favourites,
        (_, Ok(id)) => Which::Named(id),
        (_, Err(_)) => Which::New(form.name.clone()),
    };
    let (change, notice) = match form.off.as_str() {
        "yes" => (Change::TakeOff(form.sku.clone(), None), "list-taken-off"),
        _ => match wanted(&scene, &form) {
            Some(wanted) => (Change::Put(vec![wanted]), "list-kept"),
            None => return scene.guest.problem(StatusCode::NOT_FOUND, "error-no-product"),
        },
    };
    match shopping::change(scene.gateway(), &shopper, which, Some(change)).await {
        Ok(Ok(_)) => see_other(&scene.back(&form.back, &scene.paths().product(&form.sku), notice)),
        Ok(Err(refused)) => not_kept(&scene, refused),
        Err(error) => scene.guest.failed(&error),
    }
}

/// What is put on a list: unit and quantity as sent, else what the shop offers first.
fn wanted(scene: &Scene, form: &Keeping) -> Option<Wanted> {
    let product = scene.shown(&form.sku)?;
    let sold = match &form.unit {
        Some(unit) => product.sellable_units().find(|sold| sold.unit == *unit),
        None => product.default_unit(),
    }?;
    let least = product.steps(sold.factor).0;
    Some(Wanted {
        sku: product.sku.clone(),
        unit: sold.unit.clone(),
        quantity: form
            .quantity
            .filter(|quantity| *quantity > Decimal::ZERO)
            .unwrap_or(least),
    })
}

fn not_kept(scene: &Scene, refused: Refused) -> HttpResponse {
    let text = Text::new(refused_key(refused));
    scene
        .guest
        .problem_with(StatusCode::UNPROCESSABLE_ENTITY, "list-unchanged", text)
}

/// Which list a page is about.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    id: Uuid,
    #[serde(default)]
    notice: String,
}

/// The list of an address, if it is one of this user's.
async fn named(scene: &Scene, id: Uuid) -> Result<Kept, HttpResponse> {
    let found = scene.lists().await?.into_iter().find(|kept| kept.list.id == id);
    found.ok_or_else(|| scene.guest.problem(StatusCode::NOT_FOUND, "error-no-list"))
}

pub(super) async fn list(guest: Guest, handle: Path<String>, asked: Query<Named>) -> HttpResponse {
    let scene = match stage(guest, &handle).await {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    match named(&scene, asked.id).await {
        Ok(kept) => one(scene, StatusCode::OK, &kept, &asked.notice, &[]).await,
        Err(answer) => answer,
    }
}

/// A change of one list; `do` says which, `remove` takes off one row.
pub(super) async fn change(
    guest: Guest,
    handle: Path<String>,
    asked: Query<Named>,
    form: Form<Vec<(String, String)>>,
) -> HttpResponse {
    let field = |name: &str| {
        form.iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    };
    let code = field("csrf").unwrap_or_default().to_owned();
    let (scene, shopper) = match keeper(guest, &handle, &code).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let kept = match named(&scene, asked.id).await {
        Ok(kept) => kept,
        Err(answer) => return answer,
    };
    if field("do") == Some("order") {
        return order(&scene, &kept).await;
    }
    let (change, notice) = match (field("remove").map(str::parse::<usize>), field("do")) {
        (Some(row), _) => match row.ok().and_then(|row| kept.products.get(row)) {
            Some(listed) => (
                Change::TakeOff(listed.sku.clone(), Some(listed.unit.clone())),
                "list-taken-off",
            ),
            None => return not_kept(&scene, Refused::Product),
        },
        (None, Some("rename")) => (
            Change::Rename(field("name").unwrap_or_default().to_owned()),
            "list-renamed",
        ),
        (None, Some("delete")) if kept.list.name.is_some() => (Change::Delete, "list-deleted"),
        (None, _) => match quantities(&kept, &form) {
            Ok(wanted) => (Change::Put(wanted), "list-saved"),
            Err(fields) => {
                let text = scene.reader().say("unchanged-quantity");
                let faults: Vec<(String, String)> = fields.into_iter().map(|field| (field, text.clone())).collect();
                return one(scene, StatusCode::UNPROCESSABLE_ENTITY, &kept, "", &faults).await;
            }
        },
    };
    let onward = match &change {
        Change::Delete => scene.paths().lists(),
        _ => scene.paths().list(asked.id),
    };
    match shopping::change(scene.gateway(), &shopper, Which::Named(asked.id), Some(change)).await {
        Ok(Ok(_)) => see_other(&with_parameter(&onward, "notice", notice)),
        Ok(Err(refused)) => {
            let text = scene.reader().say(Text::new(refused_key(refused)));
            let faults = [("name".to_owned(), text)];
            one(scene, StatusCode::UNPROCESSABLE_ENTITY, &kept, "", &faults).await
        }
        Err(error) => scene.guest.failed(&error),
    }
}

/// The quantities of the rows as sent, or the fields that are none.
fn quantities(kept: &Kept, form: &[(String, String)]) -> Result<Vec<Wanted>, Vec<String>> {
    let mut wanted = Vec::new();
    let mut wrong = Vec::new();
    for (at, listed) in kept.products.iter().enumerate() {
        let name = format!("quantity-{at}");
        let Some((_, value)) = form.iter().find(|(field, _)| *field == name) else {
            continue;
        };
        match cart::read_quantity(value) {
            Ok(quantity) if quantity != listed.quantity => wanted.push(Wanted {
                sku: listed.sku.clone(),
                unit: listed.unit.clone(),
                quantity,
            }),
            Ok(_) => {}
            Err(_) => wrong.push(name),
        }
    }
    if wrong.is_empty() { Ok(wanted) } else { Err(wrong) }
}

async fn order(scene: &Scene, kept: &Kept) -> HttpResponse {
    match shopping::order_all(scene.gateway(), &scene.visit, kept).await {
        Ok(Ok(ordered)) => {
            let notice = if ordered.left_out.is_empty() {
                "ordered"
            } else {
                "ordered-partly"
            };
            see_other(&with_parameter(&scene.paths().cart(), "notice", notice))
        }
        Ok(Err(unchanged)) => not_changed(&scene.guest, &unchanged),
        Err(error) => scene.guest.failed(&error),
    }
}

/// What the row of a list is made of; the page borrows it.
struct Row {
    offer: Option<Offer>,
    unit_name: String,
    minimum: Decimal,
    multiple: Decimal,
    amount: Option<money::Money>,
}

/// What is on a list, priced as if all of it were in the cart.
async fn rows(scene: &Scene, kept: &Kept) -> Result<Vec<Row>, Error> {
    let wanted: Vec<Wanted> = kept.products.iter().map(shopping::wanted).collect();
    let answers = terms::visit::answer_wanted(scene.gateway(), &scene.visit, &wanted).await?;
    let rows = wanted.iter().zip(answers).map(|(wanted, answer)| {
        let answer = answer.ok();
        let offer = Offer::answered(scene, wanted, answer.as_ref());
        let steps = offer.as_ref().map_or((Decimal::ONE, Decimal::ONE), Offer::steps);
        Row {
            unit_name: match &offer {
                Some(offer) => offer.unit_name().to_owned(),
                None => word_of_unit(scene, &wanted.unit),
            },
            minimum: steps.0,
            multiple: steps.1,
            amount: answer
                .filter(|answer| answer.is_orderable())
                .and_then(|answer| answer.line_amount),
            offer,
        }
    });
    Ok(rows.collect())
}

async fn one(
    mut scene: Scene,
    status: StatusCode,
    kept: &Kept,
    notice: &str,
    faults: &[(String, String)],
) -> HttpResponse {
    if let Err(answer) = scene
        .learn(kept.products.iter().map(|listed| listed.sku.as_str()))
        .await
    {
        return answer;
    }
    let rows = match rows(&scene, kept).await {
        Ok(rows) => rows,
        Err(error) => return scene.guest.failed(&error),
    };
    let currency = rows
        .iter()
        .find_map(|row| row.amount.as_ref())
        .map(|amount| amount.currency);
    let amounts = rows.iter().filter_map(|row| row.amount.as_ref());
    let same = amounts.filter(|amount| Some(amount.currency) == currency);
    let sum: Decimal = same.map(|amount| amount.amount).sum();
    let page = ListPage {
        frame: scene.frame("", scene.notice(notice)),
        id: kept.list.id,
        name: kept.list.name.as_deref(),
        rows: kept
            .products
            .iter()
            .zip(&rows)
            .map(|(listed, row)| ListRow {
                sku: &listed.sku,
                unit: &listed.unit,
                unit_name: &row.unit_name,
                quantity: listed.quantity,
                minimum: row.minimum,
                multiple: row.multiple,
                product: row.offer.as_ref().map(|offer| offer.row(&scene)),
                amount: row.amount.as_ref().map(|amount| Money {
                    amount: amount.amount,
                    currency: amount.currency.code(),
                }),
                is_orderable: row.amount.is_some(),
            })
            .collect(),
        total: currency.as_ref().map(|currency| Money {
            amount: sum,
            currency: currency.code(),
        }),
        faults: faults.iter().map(|(field, text)| Fault { field, text }).collect(),
    };
    scene.respond_with(status, &page)
}
