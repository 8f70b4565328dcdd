//! The cart of a visit: what is in it, at which terms, and what stands in the way of returning it.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::money::{self, Currency, Money};
use crate::domain::product::Product;
use crate::domain::session::{CartLine, Operation};
use crate::domain::terms::{Answer, Check};
use crate::domain::unit;
use crate::service::session::visit::Visit;
use crate::service::{Error, Gateway, terms};
use crate::store::{self, StoreError};
use crate::translate::setup::SetupItem;

/// The cart at the present terms.
#[derive(Clone, Debug)]
pub struct Cart {
    /// Its lines.
    pub lines: Vec<Line>,
    /// Currency of every line that can go back.
    pub currency: Option<Currency>,
    /// Sum of the rounded lines that have a price.
    pub total: Decimal,
}

/// One line at the present terms.
#[derive(Clone, Debug)]
pub struct Line {
    /// As stored.
    pub line: CartLine,
    /// The product, while it is in the catalogue.
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
    /// Whether every line can go back.
    pub fn is_ready(&self) -> bool {
        self.lines.iter().all(|line| line.problem.is_none())
    }
}

/// The cart of a visit at the present terms.
pub fn view(gateway: &Gateway, visit: &Visit) -> Cart {
    let mut currency = None;
    let mut total = Decimal::ZERO;
    let mut lines = Vec::with_capacity(visit.lines.len());
    for line in &visit.lines {
        let mut viewed = line_view(gateway, visit, line);
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
    Cart { lines, currency, total }
}

fn line_view(gateway: &Gateway, visit: &Visit, line: &CartLine) -> Line {
    let product = terms::product(gateway, line.tenant_id, &line.sku);
    let answer = product
        .as_ref()
        .and_then(|_| terms::answer(gateway, &visit.session, &line.sku, line.quantity, Some(&line.unit)).ok());
    let unit_sent = unit_sent(visit, &line.unit);
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
fn unit_sent(visit: &Visit, ours: &str) -> Option<String> {
    let mapped = visit.known.settings.units.get(ours).cloned();
    mapped.or_else(|| unit::named(ours).map(|unit| unit.code.to_owned()))
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

/// Adds to the cart: to the line with the same part and unit, or as a new one.
///
/// # Errors
/// [`Error`] when the store would not; the inner error says why nothing was changed.
pub async fn add(
    gateway: &Gateway,
    visit: &Visit,
    sku: &str,
    unit: &str,
    quantity: Decimal,
) -> Result<Result<(), Unchanged>, Error> {
    if visit.session.operation == Operation::Inspect {
        return Ok(Err(Unchanged::ReadOnly));
    }
    let Some(product) = terms::product(gateway, visit.session.tenant_id, sku) else {
        return Ok(Err(Unchanged::Part));
    };
    if !product.sellable_units().any(|sellable| sellable.unit == unit) {
        return Ok(Err(Unchanged::Part));
    }
    let held = visit
        .lines
        .iter()
        .find(|line| line.sku == product.sku && line.unit == unit && line.item_out.is_none());
    let lines_max = usize::try_from(visit.known.settings.cart_lines_max).unwrap_or(usize::MAX);
    if held.is_none() && visit.lines.len() >= lines_max {
        return Ok(Err(Unchanged::Full));
    }
    let total = quantity + held.map(|line| line.quantity).unwrap_or_default();
    let answer = terms::answer(gateway, &visit.session, &product.sku, total, Some(unit));
    let (unit_price, price_quantity, currency) = shown_price(answer.as_ref().ok());
    let line = CartLine {
        tenant_id: visit.session.tenant_id,
        id: held.map_or_else(|| gateway.clock.new_id(), |line| line.id),
        session_id: visit.session.id,
        line_number: held.map_or_else(|| next_number(&visit.lines), |line| line.line_number),
        sku: product.sku.clone(),
        quantity: total,
        unit: unit.to_owned(),
        unit_price,
        price_quantity,
        currency,
        item_out: None,
        added_at: gateway.clock.now(),
    };
    put(gateway, visit, vec![line], Vec::new()).await
}

/// Sets the quantity of lines; zero takes a line out.
///
/// # Errors
/// [`Error`] when the store would not; the inner error says why nothing was changed.
pub async fn update(
    gateway: &Gateway,
    visit: &Visit,
    changes: &[(uuid::Uuid, Option<Decimal>)],
) -> Result<Result<(), Unchanged>, Error> {
    if visit.session.operation == Operation::Inspect {
        return Ok(Err(Unchanged::ReadOnly));
    }
    let mut put_lines = Vec::new();
    let mut removed = Vec::new();
    for (id, quantity) in changes {
        let Some(line) = visit.lines.iter().find(|line| line.id == *id) else {
            return Ok(Err(Unchanged::Gone));
        };
        match quantity {
            None => removed.push(line.id),
            Some(quantity) if *quantity != line.quantity => {
                let answer = terms::answer(gateway, &visit.session, &line.sku, *quantity, Some(&line.unit));
                let (unit_price, price_quantity, currency) = shown_price(answer.as_ref().ok());
                let quantity = *quantity;
                put_lines.push(CartLine {
                    quantity,
                    unit_price,
                    price_quantity,
                    currency,
                    ..line.clone()
                });
            }
            Some(_) => {}
        }
    }
    put(gateway, visit, put_lines, removed).await
}

/// Takes the present prices as seen, after the page showed the differences.
///
/// # Errors
/// The store would not.
pub async fn accept_prices(gateway: &Gateway, visit: &Visit, cart: &Cart) -> Result<(), Error> {
    let seen = cart.lines.iter().filter(|line| line.price_changed()).map(|line| {
        let (unit_price, price_quantity, currency) = shown_price(line.answer.as_ref());
        CartLine {
            unit_price,
            price_quantity,
            currency,
            ..line.line.clone()
        }
    });
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

fn next_number(lines: &[CartLine]) -> i64 {
    lines.iter().map(|line| line.line_number).max().unwrap_or(0) + 1
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
