//! The cart of a visit: what is in it, at which terms, and what stands in the way of returning it.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::money::{self, Currency, Money};
use crate::domain::product::Product;
use crate::domain::session::{CartLine, Operation, Session};
use crate::domain::stock::Band;
use crate::domain::terms::{Answer, Check};
use crate::domain::unit;
use crate::service::session::visit::Visit;
use crate::service::{Error, Gateway, product, terms};
use crate::store::{self, StoreError};
use crate::translate::setup::SetupItem;

/// The cart at the present terms.
#[derive(Clone, Debug, Default)]
pub struct Cart {
    /// Its lines.
    pub lines: Vec<Line>,
    /// Currency of every line that can go back.
    pub currency: Option<Currency>,
    /// Sum of the rounded lines that have a price.
    pub total: Decimal,
    /// The smallest order of the account, without tax.
    pub minimum: Option<Money>,
}

/// One line at the present terms.
#[derive(Clone, Debug)]
pub struct Line {
    /// As stored.
    pub line: CartLine,
    /// The product, while it is in the catalogue and the account may buy it.
    pub product: Option<Arc<Product>>,
    /// Price and availability now.
    pub answer: Option<Answer>,
    /// The unit in the buyer's codes.
    pub unit_sent: Option<String>,
    /// What stands in the way of returning it.
    pub problem: Option<Problem>,
}

/// What stands in the way of returning a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The part is not in the catalogue.
    UnknownPart,
    /// There is no price: the supplier must be asked.
    PriceOnRequest,
    /// Quantity, unit, product or account do not fit.
    Check(Check),
    /// The buyer's system has no word for the unit.
    UnitWithoutWord,
    /// The price is in another currency than the lines before.
    OtherCurrency,
}

impl Line {
    /// Whether the price is another than the one the user saw last.
    pub fn price_changed(&self) -> bool {
        let Some(answer) = &self.answer else { return false };
        let now = answer.unit_price.map(|price| price.amount);
        match (self.line.unit_price, now) {
            (Some(before), Some(now)) => before * answer.price_quantity != now * self.line.price_quantity,
            (None, None) => false,
            _ => true,
        }
    }

    /// Whether its quantity is too little or no multiple, so that another one could be ordered.
    pub fn is_misfit(&self) -> bool {
        let is_misfit = |check: &Check| matches!(check, Check::BelowMinimum { .. } | Check::NotMultiple { .. });
        self.answer
            .as_ref()
            .is_some_and(|answer| answer.checks.iter().any(is_misfit))
    }

    /// The quantity in base units, as far as it is known.
    pub fn base_quantity(&self) -> Decimal {
        let answer = self.answer.as_ref();
        answer.map_or(self.line.quantity, |answer| answer.trace.base_quantity)
    }

    /// Whether it ships later than the user saw, or it is not known any more when.
    pub fn is_delayed(&self) -> bool {
        let (Some(answer), Some(band)) = (&self.answer, self.line.band) else {
            return false;
        };
        let now = &answer.availability;
        match (self.line.ships_on, now.ships_on) {
            (Some(before), Some(now)) => now > before,
            (Some(_), None) => true,
            (None, _) => band == Band::InStock && now.band != Band::InStock,
        }
    }

    /// What it is: the product's name, else what the buyer's system called it, else the part number.
    pub fn name(&self) -> String {
        let sent = self.line.item_out.as_deref();
        let described = || {
            sent.and_then(|item| serde_json::from_str::<SetupItem>(item).ok())
                .and_then(|item| item.description)
        };
        let known = self.product.as_ref().map(|product| product.name.clone());
        known.or_else(described).unwrap_or_else(|| self.line.sku.clone())
    }

    /// The rounded amount, where there is a price.
    pub fn amount(&self) -> Option<Money> {
        self.answer.as_ref().and_then(|answer| answer.line_amount)
    }
}

impl Cart {
    /// Whether every line can go back, and all of them together.
    pub fn is_ready(&self) -> bool {
        self.lines.iter().all(|line| line.problem.is_none()) && self.below_minimum().is_none()
    }

    /// The smallest order, and how much is missing to it; an empty cart misses nothing.
    pub fn below_minimum(&self) -> Option<(Money, Decimal)> {
        let minimum = self.minimum.filter(|_| !self.lines.is_empty())?;
        let missing = minimum.amount - self.total;
        (missing > Decimal::ZERO).then_some((minimum, missing))
    }
}

/// The cart of a visit at the present terms.
///
/// # Errors
/// As for [`terms::ask`].
pub async fn view(gateway: &Gateway, visit: &Visit) -> Result<Cart, Error> {
    let mut currency = None;
    let mut total = Decimal::ZERO;
    let mut lines = Vec::with_capacity(visit.lines.len());
    let answers = terms::visit::answer_lines(gateway, visit, &visit.lines, &[]).await?;
    for (line, answer) in visit.lines.iter().zip(answers) {
        let mut viewed = line_view(gateway, visit, line, answer.ok());
        if let Some(amount) = viewed.amount() {
            match currency {
                None => currency = Some(amount.currency),
                Some(first) if first != amount.currency => viewed.problem = Some(Problem::OtherCurrency),
                Some(_) => {}
            }
            if viewed.problem.is_none() {
                total += amount.amount;
            }
        }
        lines.push(viewed);
    }
    let minimum = terms::order_minimum(gateway, visit.session.tenant_id, &visit.session.account_code);
    Ok(Cart {
        lines,
        currency,
        total,
        minimum,
    })
}

fn line_view(gateway: &Gateway, visit: &Visit, line: &CartLine, answer: Option<Answer>) -> Line {
    let product = terms::product(gateway, line.tenant_id, &line.sku);
    let answer = answer.filter(|_| product.is_some());
    let unit_sent = unit_sent(gateway, visit, &line.unit);
    let withdrawn = |answer: &&Answer| answer.checks.contains(&Check::NotInAssortment);
    if answer.as_ref().filter(withdrawn).is_some() {
        // Of what the account may not buy any more nothing is shown but what it has itself.
        return Line {
            line: line.clone(),
            product: None,
            answer: None,
            unit_sent,
            problem: Some(Problem::Check(Check::NotInAssortment)),
        };
    }
    let problem = match &answer {
        None => Some(Problem::UnknownPart),
        Some(answer) => match answer.checks.first() {
            Some(check) => Some(Problem::Check(check.clone())),
            None if answer.line_amount.is_none() => Some(Problem::PriceOnRequest),
            None if unit_sent.is_none() => Some(Problem::UnitWithoutWord),
            None => None,
        },
    };
    Line {
        line: line.clone(),
        product,
        answer,
        unit_sent,
        problem,
    }
}

/// The buyer's code for a unit of ours: the connection's map, else the standard's code; never a guess.
fn unit_sent(gateway: &Gateway, visit: &Visit, ours: &str) -> Option<String> {
    let mapped = visit.known.settings.units.get(ours).cloned();
    mapped.or_else(|| match product::goods(gateway, visit.session.tenant_id) {
        Some(goods) => goods.unit_code(ours).map(str::to_owned),
        None => unit::named(ours).map(|unit| unit.code.to_owned()),
    })
}

/// Why a change of the cart was not made; shown beside the form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unchanged {
    /// The visit is for looking only.
    #[error("This visit is for looking only.")]
    ReadOnly,
    /// The quantity is not a number more than zero.
    #[error("The quantity must be a number more than zero, with a point or comma before decimals.")]
    Quantity,
    /// The part is not in the catalogue, or not sold in this unit.
    #[error("This item is not sold in this unit.")]
    Part,
    /// The cart is full.
    #[error("The cart holds as many lines as the buyer's system takes; return it and start another.")]
    Full,
    /// The line is not there any more.
    #[error("This line is not in the cart any more.")]
    Gone,
}

/// A quantity as a person writes it: decimals after a point or comma, no thousands separators.
///
/// # Errors
/// It is none, or not more than zero, or larger than any order.
pub fn read_quantity(text: &str) -> Result<Decimal, Unchanged> {
    let text = text.trim().replace(',', ".");
    let quantity = money::parse_decimal(&text).map_err(|_| Unchanged::Quantity)?;
    let largest = Decimal::from(1_000_000_000u64);
    if quantity > Decimal::ZERO && quantity <= largest {
        Ok(quantity)
    } else {
        Err(Unchanged::Quantity)
    }
}

/// What is to go in the cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Our part number.
    pub sku: String,
    /// Unit code of ours.
    pub unit: String,
    /// How many.
    pub quantity: Decimal,
}

/// Adds to the cart, everything or nothing: each to the line with the same part and unit, or as a new one.
///
/// # Errors
/// [`Error`] when the store would not; the inner error says why nothing was changed.
pub async fn add(gateway: &Gateway, visit: &Visit, wanted: &[Wanted]) -> Result<Result<(), Unchanged>, Error> {
    if visit.session.operation == Operation::Inspect {
        return Ok(Err(Unchanged::ReadOnly));
    }
    let lines_max = usize::try_from(visit.known.settings.cart_lines_max).unwrap_or(usize::MAX);
    let mut put_lines: Vec<CartLine> = Vec::new();
    for wanted in wanted {
        let Some(product) = terms::product(gateway, visit.session.tenant_id, &wanted.sku) else {
            return Ok(Err(Unchanged::Part));
        };
        let Session {
            tenant_id,
            account_code,
            ..
        } = &visit.session;
        let is_sold = product.sellable_units().any(|sellable| sellable.unit == wanted.unit);
        if !is_sold || !terms::is_offered(gateway, *tenant_id, account_code, &product.sku) {
            return Ok(Err(Unchanged::Part));
        }
        let is_same = |line: &&CartLine| line.sku == product.sku && line.unit == wanted.unit && line.item_out.is_none();
        if let Some(at) = put_lines.iter().position(|line| is_same(&line)) {
            put_lines[at].quantity += wanted.quantity;
            continue;
        }
        let held = visit.lines.iter().find(is_same).cloned();
        let added = put_lines
            .iter()
            .filter(|line| visit.lines.iter().all(|held| held.id != line.id));
        if held.is_none() && visit.lines.len() + added.count() >= lines_max {
            return Ok(Err(Unchanged::Full));
        }
        let next = visit.lines.iter().chain(&put_lines).map(|line| line.line_number).max();
        let line = held.unwrap_or_else(|| new_line(gateway, visit, &product.sku, next.unwrap_or(0) + 1));
        put_lines.push(CartLine {
            quantity: line.quantity + wanted.quantity,
            unit: wanted.unit.clone(),
            ..line
        });
    }
    let put_lines = shown(gateway, visit, &put_lines, &[]).await?;
    put(gateway, visit, put_lines, Vec::new()).await
}

/// A line of nothing yet.
fn new_line(gateway: &Gateway, visit: &Visit, sku: &str, line_number: i64) -> CartLine {
    CartLine {
        tenant_id: visit.session.tenant_id,
        id: gateway.clock.new_id(),
        session_id: visit.session.id,
        line_number,
        sku: sku.to_owned(),
        quantity: Decimal::ZERO,
        unit: String::new(),
        unit_price: None,
        price_quantity: Decimal::ONE,
        currency: String::new(),
        band: None,
        ships_on: None,
        trace: None,
        item_out: None,
        added_at: gateway.clock.now(),
    }
}

/// Lines with another quantity or unit, together at the terms that the user sees now; `gone` are those that go.
async fn shown(
    gateway: &Gateway,
    visit: &Visit,
    lines: &[CartLine],
    gone: &[uuid::Uuid],
) -> Result<Vec<CartLine>, Error> {
    let answers = terms::visit::answer_lines(gateway, visit, lines, gone).await?;
    let shown = lines.iter().zip(&answers);
    Ok(shown
        .map(|(line, answer)| as_shown(line, answer.as_ref().ok()))
        .collect())
}

fn as_shown(line: &CartLine, answer: Option<&Answer>) -> CartLine {
    let (unit_price, price_quantity, currency) = shown_price(answer);
    CartLine {
        unit_price,
        price_quantity,
        currency,
        band: answer.map(|answer| answer.availability.band),
        ships_on: answer.and_then(|answer| answer.availability.ships_on),
        trace: answer.map(|answer| answer.trace.clone()),
        ..line.clone()
    }
}

/// What becomes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// It is taken out.
    Remove,
    /// It has this quantity and unit.
    Set(Decimal, Option<String>),
}

/// Changes lines, all or none.
///
/// # Errors
/// [`Error`] when the store would not; the inner error says why nothing was changed.
pub async fn update(
    gateway: &Gateway,
    visit: &Visit,
    edits: &[(uuid::Uuid, Edit)],
) -> Result<Result<(), Unchanged>, Error> {
    if visit.session.operation == Operation::Inspect {
        return Ok(Err(Unchanged::ReadOnly));
    }
    let mut put_lines = Vec::new();
    let mut removed = Vec::new();
    for (id, edit) in edits {
        let Some(line) = visit.lines.iter().find(|line| line.id == *id) else {
            return Ok(Err(Unchanged::Gone));
        };
        match edit {
            Edit::Remove => removed.push(line.id),
            Edit::Set(quantity, unit) => {
                let unit = unit.as_deref().unwrap_or(&line.unit);
                if *quantity == line.quantity && unit == line.unit {
                    continue;
                }
                let product = terms::product(gateway, line.tenant_id, &line.sku);
                let is_sold = |unit: &str| {
                    product
                        .iter()
                        .any(|product| product.sellable_units().any(|u| u.unit == unit))
                };
                if unit != line.unit && !is_sold(unit) {
                    return Ok(Err(Unchanged::Part));
                }
                put_lines.push(CartLine {
                    quantity: *quantity,
                    unit: unit.to_owned(),
                    ..line.clone()
                });
            }
        }
    }
    let put_lines = shown(gateway, visit, &put_lines, &removed).await?;
    put(gateway, visit, put_lines, removed).await
}

/// Takes the present prices as seen, after the page showed the differences.
///
/// # Errors
/// The store would not.
pub async fn accept_prices(gateway: &Gateway, visit: &Visit, cart: &Cart) -> Result<(), Error> {
    let changed = cart
        .lines
        .iter()
        .filter(|line| line.price_changed() || line.is_delayed());
    let seen = changed.map(|line| as_shown(&line.line, line.answer.as_ref()));
    let lines: Vec<CartLine> = seen.collect();
    if !lines.is_empty() {
        // Whether the visit was closed meanwhile does not matter here: nothing is lost by not noting the prices.
        put(gateway, visit, lines, Vec::new()).await?.ok();
    }
    Ok(())
}

fn shown_price(answer: Option<&Answer>) -> (Option<Decimal>, Decimal, String) {
    match answer.and_then(|answer| Some((answer.unit_price?, answer.price_quantity))) {
        Some((price, quantity)) => (Some(price.amount), quantity, price.currency.code().to_owned()),
        None => (None, Decimal::ONE, String::new()),
    }
}

async fn put(
    gateway: &Gateway,
    visit: &Visit,
    lines: Vec<CartLine>,
    removed: Vec<uuid::Uuid>,
) -> Result<Result<(), Unchanged>, Error> {
    let (tenant_id, session_id) = (visit.session.tenant_id, visit.session.id);
    let is_open = gateway
        .store
        .write(async move |tx| {
            // A cart that went back in another window must not change any more.
            store::session::lock(tx, tenant_id, session_id).await?;
            if !store::session::is_open(tx, tenant_id, session_id).await? {
                return Ok::<_, StoreError>(false);
            }
            store::session::put_lines(tx, &lines).await?;
            for id in &removed {
                store::session::delete_line(tx, tenant_id, session_id, *id).await?;
            }
            Ok(true)
        })
        .await?;
    Ok(if is_open { Ok(()) } else { Err(Unchanged::Gone) })
}
