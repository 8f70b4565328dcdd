//! Prices in a visit: every page and the return ask in the same words, with the visit's account and address and with
//! the other lines of its cart, since promotions count the cart together.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::session::CartLine;
use crate::domain::terms::{Answer, Beside, Request, Tier, Unresolved};
use crate::service::session::cart::Wanted;
use crate::service::session::visit::Visit;
use crate::service::{Error, Gateway, terms};

/// Price and availability of a product if so many of a unit were in the cart, today by the supplier's calendar; no unit
/// is the one offered first.
///
/// # Errors
/// As for [`terms::ask`].
pub async fn answer(
    gateway: &Gateway,
    visit: &Visit,
    sku: &str,
    quantity: Decimal,
    unit: Option<&str>,
) -> Result<Result<Answer, Unresolved>, Error> {
    let beside = others(visit, |line| visit_takes(line, sku, unit));
    terms::ask(
        gateway,
        visit.session.tenant_id,
        question(visit, (sku, quantity, unit), &beside),
    )
    .await
}

/// Price and availability of lines as they are to be in the cart, together: beside each other and beside those that are
/// in it already, without those that are to go.
///
/// # Errors
/// As for [`terms::ask`].
pub async fn answer_lines(
    gateway: &Gateway,
    visit: &Visit,
    lines: &[CartLine],
    gone: &[Uuid],
) -> Result<Vec<Result<Answer, Unresolved>>, Error> {
    let own: HashSet<Uuid> = lines.iter().map(|line| line.id).chain(gone.iter().copied()).collect();
    let others = visit.lines.iter().filter(|held| !own.contains(&held.id));
    let together: Vec<Beside<'_>> = lines.iter().chain(others).map(beside).collect();
    answer_first(gateway, visit, &together, lines.len()).await
}

/// Price and availability of what is wanted, as if all of it were in the cart.
///
/// # Errors
/// As for [`terms::ask`].
pub async fn answer_wanted(
    gateway: &Gateway,
    visit: &Visit,
    wanted: &[Wanted],
) -> Result<Vec<Result<Answer, Unresolved>>, Error> {
    let own: HashSet<(&str, &str)> = wanted.iter().map(|wanted| (&*wanted.sku, &*wanted.unit)).collect();
    let is_other = |line: &&CartLine| line.item_out.is_some() || !own.contains(&(&*line.sku, &*line.unit));
    let others = visit.lines.iter().filter(is_other).map(beside);
    let wanted_lines = wanted.iter().map(|wanted| Beside {
        product: &wanted.sku,
        quantity: wanted.quantity,
        unit: &wanted.unit,
    });
    let together: Vec<Beside<'_>> = wanted_lines.chain(others).collect();
    answer_first(gateway, visit, &together, wanted.len()).await
}

/// Price and availability of the first of some lines, beside all of them.
async fn answer_first(
    gateway: &Gateway,
    visit: &Visit,
    together: &[Beside<'_>],
    count: usize,
) -> Result<Vec<Result<Answer, Unresolved>>, Error> {
    let session = &visit.session;
    terms::ask_all(gateway, session.tenant_id, together, count, |at, now, today| {
        let line = together[at];
        let request = Request {
            unit: Some(line.unit),
            ship_to: ship_to(visit),
            ..Request::new(&session.account_code, line.product, line.quantity, today, now)
        };
        (request, Some(at))
    })
    .await
}

/// The staircase of prices beside the rest of the cart, lowest quantity first, in one unit or the one offered first.
///
/// # Errors
/// As for [`terms::ask`].
pub async fn tiers(
    gateway: &Gateway,
    visit: &Visit,
    sku: &str,
    unit: Option<&str>,
) -> Result<Result<Vec<Tier>, Unresolved>, Error> {
    let beside = others(visit, |line| visit_takes(line, sku, unit));
    terms::tiers(
        gateway,
        visit.session.tenant_id,
        question(visit, (sku, Decimal::ONE, unit), &beside),
    )
    .await
}

/// Whether what is added goes to this line.
fn visit_takes(line: &CartLine, sku: &str, unit: Option<&str>) -> bool {
    line.sku == sku && line.item_out.is_none() && unit.is_none_or(|unit| line.unit == unit)
}

/// The lines of the cart but one.
fn others(visit: &Visit, is_own: impl Fn(&CartLine) -> bool) -> Vec<Beside<'_>> {
    let others = visit.lines.iter().filter(|line| !is_own(line));
    others.map(beside).collect()
}

/// A line of the cart, as it counts beside others.
fn beside(line: &CartLine) -> Beside<'_> {
    Beside {
        product: &line.sku,
        quantity: line.quantity,
        unit: &line.unit,
    }
}

/// The buyer's code of the address that the goods of a visit go to.
fn ship_to(visit: &Visit) -> Option<&str> {
    visit.session.ship_to.as_ref()?.address_id.as_deref()
}

/// The question about so many of a unit of a product.
fn question<'q>(
    visit: &'q Visit,
    (sku, quantity, unit): (&'q str, Decimal, Option<&'q str>),
    beside: &'q [Beside<'q>],
) -> impl FnOnce(Timestamp, Date) -> Request<'q> {
    move |now, today| Request {
        unit,
        ship_to: ship_to(visit),
        beside,
        ..Request::new(&visit.session.account_code, sku, quantity, today, now)
    }
}
