//! Many lines at once: pasted or as a file, matched, and put in the cart.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path, Payload, Query};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use rust_decimal::Decimal;

use super::cart::{not_changed, unchanged_key};
use super::offer::{Offer, unit_name};
use super::{Asked, Scene, stage};
use crate::domain::money;
use crate::domain::terms::Answer;
use crate::http::body;
use crate::http::guest::Guest;
use crate::http::page::format::Money;
use crate::http::page::part::{Fault, Status, with_parameter};
use crate::http::page::shop::{QuickPage, QuickReport, QuickRow};
use crate::http::page::text::Text;
use crate::http::visit::see_other;
use crate::mime;
use crate::service::session::cart::{self, Wanted};
use crate::service::shopping::quick::{self, Correction, Match, Matched};
use crate::service::{Error, terms};

/// Bytes of a form around what was sent in it.
const FORM_BYTES: usize = 8 << 10;

pub(super) async fn show(guest: Guest, handle: Path<String>, _: Query<Asked>) -> HttpResponse {
    match stage(guest, &handle).await {
        Ok(scene) => answer(scene, StatusCode::OK, "", None, None).await,
        Err(answer) => answer,
    }
}

/// What a form of the page carries.
struct Sent {
    csrf: String,
    text: String,
}

/// Matches what was sent and shows the report; nothing is changed yet.
pub(super) async fn matched(guest: Guest, handle: Path<String>, mut payload: Payload) -> HttpResponse {
    let bytes_max = guest.gateway.config.shop.quick_bytes_max;
    let sent = take(&guest, &mut payload, bytes_max + FORM_BYTES).await;
    let scene = match stage(guest, &handle).await {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    let sent = match sent {
        Ok(sent) => sent,
        Err(fault) => return answer(scene, StatusCode::UNPROCESSABLE_ENTITY, "", None, Some(fault)).await,
    };
    if let Some(refused) = scene.guest.forged(&scene.visit.handle, &sent.csrf) {
        return refused;
    }
    let lines_max = scene.gateway().config.shop.quick_lines_max;
    let (written, is_cut) = quick::read(&sent.text, lines_max);
    if written.is_empty() {
        return answer(scene, StatusCode::UNPROCESSABLE_ENTITY, "", None, Some("quick-nothing")).await;
    }
    let matched = match quick::matched(scene.gateway(), &scene.visit, written).await {
        Ok(matched) => matched,
        Err(error) => return scene.guest.failed(&error),
    };
    let cut_at = is_cut.then_some(lines_max as u64);
    answer(scene, StatusCode::OK, &sent.text, Some((&matched, cut_at)), None).await
}

/// The form, a file before what was pasted.
async fn take(guest: &Guest, payload: &mut Payload, bytes_max: usize) -> Result<Sent, &'static str> {
    let mut in_flight = guest.gateway.limits.in_flight();
    let body = body::take(&guest.gateway, payload, &mut in_flight, bytes_max).await;
    let body = body.map_err(|why| match why {
        body::NotTaken::TooLarge => "quick-too-large",
        _ => "quick-unreadable",
    })?;
    let content_type = guest.content_type().ok_or("quick-unreadable")?;
    let message = mime::read(&content_type, &body, &mime::Limits::default()).map_err(|_| "quick-unreadable")?;
    let field = |name: &str| {
        let parts = message
            .parts()
            .iter()
            .filter(|part| part.field.as_deref() == Some(name));
        parts.map(|part| &part.body).find(|body| !body.trim_ascii().is_empty())
    };
    let text = field("file").or_else(|| field("text")).map(|body| decoded(body));
    Ok(Sent {
        csrf: field("csrf").map(|body| decoded(body)).unwrap_or_default(),
        text: text.unwrap_or_default(),
    })
}

/// Text as spreadsheets save it: by its byte order mark, else UTF-8, else the Windows code page of the west.
fn decoded(bytes: &[u8]) -> String {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    let utf_8 = UTF_8.decode_without_bom_handling_and_without_replacement(bytes);
    utf_8.map_or_else(|| WINDOWS_1252.decode(bytes).0.into_owned(), |text| text.into_owned())
}

/// Puts the lines of a report in the cart; each has the fields `sku`, `unit` and `quantity`.
pub(super) async fn add_all(guest: Guest, handle: Path<String>, form: Form<Vec<(String, String)>>) -> HttpResponse {
    let scene = match stage(guest, &handle).await {
        Ok(scene) => scene,
        Err(answer) => return answer,
    };
    let values = |name: &'static str| {
        form.iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value)
    };
    let code = values("csrf").next().map(String::as_str).unwrap_or_default();
    if let Some(refused) = scene.guest.forged(&scene.visit.handle, code) {
        return refused;
    }
    let mut wanted = Vec::new();
    for ((sku, unit), quantity) in values("sku").zip(values("unit")).zip(values("quantity")) {
        match cart::read_quantity(quantity) {
            Ok(quantity) => wanted.push(Wanted {
                sku: sku.clone(),
                unit: unit.clone(),
                quantity,
            }),
            Err(unchanged) => return not_changed(&scene.guest, &unchanged),
        }
    }
    let lines_max = scene.gateway().config.shop.quick_lines_max;
    let notice = if wanted.len() > lines_max {
        "ordered-cut"
    } else {
        "ordered"
    };
    wanted.truncate(lines_max);
    match cart::add(scene.gateway(), &scene.visit, &wanted).await {
        Ok(Ok(())) => see_other(&with_parameter(&scene.paths().cart(), "notice", notice)),
        Ok(Err(unchanged)) => {
            let text = Text::new(unchanged_key(&unchanged));
            scene.guest.problem_with(StatusCode::CONFLICT, "unchanged", text)
        }
        Err(error) => scene.guest.failed(&error),
    }
}

async fn answer(
    mut scene: Scene,
    status: StatusCode,
    text: &str,
    report: Option<(&[Matched], Option<u64>)>,
    fault: Option<&'static str>,
) -> HttpResponse {
    let lines = report.map(|(matched, _)| matched).unwrap_or_default();
    let skus = lines.iter().filter_map(|matched| matched.found.sku());
    if let Err(answer) = scene.learn(skus).await {
        return answer;
    }
    let told = match told(&scene, lines).await {
        Ok(told) => told,
        Err(error) => return scene.guest.failed(&error),
    };
    let fault = fault.map(|key| scene.reader().say(Text::new(key)));
    let page = QuickPage {
        frame: scene.frame("", None),
        text,
        lines_max: scene.gateway().config.shop.quick_lines_max as u64,
        report: report.map(|(matched, cut_at)| written(&scene, matched, &told, cut_at)),
        faults: fault.iter().map(|text| Fault { field: "text", text }).collect(),
    };
    scene.respond_with(status, &page)
}

/// What the words of one line are made of; the page borrows them.
struct Line {
    status: (bool, String),
    is_corrected: bool,
    remarks: Vec<String>,
    offer: Option<Offer>,
    wanted: Option<(Wanted, String)>,
    amount: Option<money::Money>,
}

/// All lines, those that go in the cart priced as they are there: together.
async fn told(scene: &Scene, lines: &[Matched]) -> Result<Vec<Line>, Error> {
    let wanted = lines.iter().filter_map(|matched| match &matched.found {
        Match::Found { wanted, .. } => Some(wanted.clone()),
        _ => None,
    });
    let wanted: Vec<Wanted> = wanted.collect();
    let answers = terms::visit::answer_wanted(scene.gateway(), &scene.visit, &wanted).await?;
    let mut answers = answers.into_iter();
    let mut told = Vec::with_capacity(lines.len());
    for matched in lines {
        let is_found = matches!(matched.found, Match::Found { .. });
        let answer = if is_found { answers.next() } else { None };
        told.push(line(scene, matched, answer.and_then(Result::ok)).await?);
    }
    Ok(told)
}

async fn line(scene: &Scene, matched: &Matched, answer: Option<Answer>) -> Result<Line, Error> {
    let reader = scene.reader();
    let say = |key: &'static str| reader.say(Text::new(key));
    let without = |key: &'static str, offer: Option<Offer>| Line {
        status: (false, say(key)),
        is_corrected: false,
        remarks: Vec::new(),
        offer,
        wanted: None,
        amount: None,
    };
    Ok(match &matched.found {
        Match::NotFound => without("quick-not-found", None),
        Match::Ambiguous => without("quick-ambiguous", None),
        Match::NotOrderable { sku } => without("quick-not-orderable", Offer::find(scene, sku, None, None).await?),
        Match::Quantity => without("quick-no-quantity", None),
        Match::QuantityUnclear => without("quick-unclear", None),
        Match::Found { wanted, corrected } => {
            let offer = Offer::answered(scene, wanted, answer.as_ref());
            let product = scene.goods.product(&wanted.sku);
            let name = product.map_or_else(
                || wanted.unit.clone(),
                |product| unit_name(scene, product, &wanted.unit),
            );
            let remark = |correction: &Correction| {
                let text = match correction {
                    Correction::QuantityMissing => Text::new("quick-least").with("quantity", wanted.quantity),
                    Correction::QuantityRaised => Text::new("quick-raised").with("quantity", wanted.quantity),
                    Correction::Unit => Text::new("quick-unit").with("unit", &name),
                };
                reader.say(text)
            };
            Line {
                status: (
                    true,
                    say(if corrected.is_empty() {
                        "quick-right"
                    } else {
                        "quick-mended"
                    }),
                ),
                is_corrected: !corrected.is_empty(),
                remarks: corrected.iter().map(remark).collect(),
                amount: answer.and_then(|answer| answer.line_amount),
                offer,
                wanted: Some((wanted.clone(), name)),
            }
        }
    })
}

fn written<'a>(scene: &'a Scene, matched: &'a [Matched], told: &'a [Line], cut_at: Option<u64>) -> QuickReport<'a> {
    let count = |is: &dyn Fn(&Line) -> bool| told.iter().map(|line| u64::from(is(line))).sum::<u64>();
    let amounts: Vec<&money::Money> = told.iter().filter_map(|line| line.amount.as_ref()).collect();
    let currency = amounts.first().map(|amount| amount.currency);
    let sum: Decimal = amounts.iter().map(|amount| amount.amount).sum();
    let is_one = amounts.iter().all(|amount| Some(amount.currency) == currency);
    QuickReport {
        rows: matched
            .iter()
            .zip(told)
            .map(|(matched, line)| row(scene, matched, line))
            .collect(),
        found: count(&|line| line.status.0),
        corrected: count(&|line| line.is_corrected),
        missing: count(&|line| !line.status.0),
        total: amounts.first().filter(|_| is_one).map(|amount| Money {
            amount: sum,
            currency: amount.currency.code(),
        }),
        cut_at,
    }
}

fn row<'a>(scene: &'a Scene, matched: &'a Matched, line: &'a Line) -> QuickRow<'a> {
    let written = &matched.written;
    let parts = [&written.number, &written.quantity, &written.unit];
    let parts = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty());
    let (is_found, word) = &line.status;
    QuickRow {
        line: written.line,
        written: parts.collect::<Vec<_>>().join("  "),
        status: match (is_found, line.is_corrected) {
            (true, false) => Status::good(word),
            (true, true) => Status::warn(word),
            (false, _) => Status::bad(word),
        },
        remarks: line.remarks.clone(),
        product: line.offer.as_ref().map(|offer| offer.row(scene)),
        wanted: line
            .wanted
            .as_ref()
            .map(|(wanted, name)| (wanted.unit.as_str(), name.as_str(), wanted.quantity)),
        amount: line.amount.as_ref().map(|amount| Money {
            amount: amount.amount,
            currency: amount.currency.code(),
        }),
    }
}
