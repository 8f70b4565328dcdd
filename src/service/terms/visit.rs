//! Prices in a visit: every page and the return ask in the same words, with the visit's account and address and with
//! the other lines of its cart, since promotions count the cart together.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::session::CartLine;
use crate::domain::terms::{Answer, Beside, Request, Tier, Unresolved};
use crate::service::session::visit::Visit;
use crate::service::{Gateway, terms};

/// Price and availability of a product if so many of a unit were in the cart, today by the supplier's calendar; no unit
/// is the one offered first.
///
/// # Errors
/// [`Unresolved`] when account, product or unit are not known, or the quantity has no exact base quantity.
pub fn answer(
    gateway: &Gateway,
    visit: &Visit,
    sku: &str,
    quantity: Decimal,
    unit: Option<&str>,
) -> Result<Answer, Unresolved> {
    let beside = others(visit, |line| visit_takes(line, sku, unit));
    terms::ask(
        gateway,
        visit.session.tenant_id,
        question(visit, (sku, quantity, unit), &beside),
    )
}

/// Price and availability of a line of the cart with another quantity or its own.
///
/// # Errors
/// As for [`answer`].
pub fn answer_line(gateway: &Gateway, visit: &Visit, line: &CartLine, quantity: Decimal) -> Result<Answer, Unresolved> {
    let beside = others(visit, |other| other.id == line.id);
    let asked = (&*line.sku, quantity, Some(&*line.unit));
    terms::ask(gateway, visit.session.tenant_id, question(visit, asked, &beside))
}

/// The staircase of prices beside the rest of the cart, lowest quantity first, in one unit or the one offered first.
///
/// # Errors
/// As for [`answer`].
pub fn tiers(gateway: &Gateway, visit: &Visit, sku: &str, unit: Option<&str>) -> Result<Vec<Tier>, Unresolved> {
    let beside = others(visit, |line| visit_takes(line, sku, unit));
    terms::tiers(
        gateway,
        visit.session.tenant_id,
        question(visit, (sku, Decimal::ONE, unit), &beside),
    )
}

/// Whether what is added goes to this line.
fn visit_takes(line: &CartLine, sku: &str, unit: Option<&str>) -> bool {
    line.sku == sku && line.item_out.is_none() && unit.is_none_or(|unit| line.unit == unit)
}

/// The lines of the cart but one.
fn others(visit: &Visit, is_own: impl Fn(&CartLine) -> bool) -> Vec<Beside<'_>> {
    let others = visit.lines.iter().filter(|line| !is_own(line));
    let beside = others.map(|line| Beside {
        product: &line.sku,
        quantity: line.quantity,
        unit: &line.unit,
    });
    beside.collect()
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
