//! The lines of an order get their products and the prices of ours: quote before contract.

use std::sync::Arc;

use uuid::Uuid;

use crate::domain::exchange::{Finding, Severity};
use crate::domain::money::{self, Currency, Money};
use crate::domain::order::OrderLine;
use crate::domain::order::check::{Draft, LineFinding};
use crate::domain::order::safeguard::{self, Facts, LineFacts, Rule};
use crate::domain::product::Product;
use crate::domain::quote::{Quote, QuoteLine};
use crate::domain::stock::Trust;
use crate::domain::terms::{Answer, Beside, Check, Hold, Request};
use crate::domain::unit;
use crate::service::exchange::{self, Received};
use crate::service::reference::{self, Reference};
use crate::service::safeguard::addresses;
use crate::service::{Error, Gateway, product, quote, terms};

/// Gives every line its product and the price we expect, and tells what else is known about the order; `own` is the stock
/// that the order holds already.
pub(super) async fn lines(
    gateway: &Gateway,
    received: &Received,
    draft: &mut Draft,
    own: &[Hold],
    held: &mut Vec<LineFinding>,
) -> Result<Facts, Error> {
    let quotes = quoted_lines(gateway, received, draft, held).await?;
    let products: Vec<Option<Arc<Product>>> = draft
        .lines
        .iter_mut()
        .zip(&quotes)
        .map(|(line, quoted)| name(gateway, received, line, quoted.as_ref()))
        .collect();
    let answers: Vec<Option<Answer>> = {
        let products: Vec<Option<&Product>> = products.iter().map(Option::as_deref).collect();
        let known = received.known();
        let whose = (known.tenant.id, known.connection.account_code.as_str());
        ask(gateway, whose, draft, &products, own).await?
    };
    let mut facts = Facts::default();
    let (guards, now) = (&received.settings().safeguards, gateway.clock.now());
    for (at, line) in draft.lines.iter_mut().enumerate() {
        let (quoted, answer) = (quoted_for(line, quotes[at].as_ref()), answers[at].as_ref());
        let known = products[at].as_deref().zip(line.unit_own.as_deref());
        let known = known.map(|(product, unit)| LineFacts::of(product, unit, quoted, answer));
        if let Some(known) = &known {
            safeguard::line::expect(line, known, guards, now);
        }
        let is_contract = line.expected_source.as_deref() == Some("contract");
        line.trace = answer.filter(|_| is_contract).map(|answer| answer.trace.clone());
        let is_quoted = line.expected_source.as_deref() == Some("quote");
        if !is_quoted && answer.is_some_and(|answer| answer.checks.contains(&Check::NotInAssortment)) {
            held.push(not_offered(line));
        }
        facts.lines.push(known.unwrap_or_default());
    }
    held.extend(below_minimum(gateway, received, draft));
    if received.settings().safeguards.guard(Rule::AddressChange).is_some() {
        let quotes = quotes.iter().flatten().map(|(quote, _)| quote);
        let known = received.known();
        let visits = addresses::of_visits(gateway, known.tenant.id, quotes).await?;
        facts.visits = visits.into_values().collect();
        facts.address_known = addresses::is_known(gateway, known.tenant.id, &known.connection.account_code, draft);
    }
    Ok(facts)
}

/// The quote of a line, where it is for the part that is ordered.
pub(super) fn quoted_for<'q>(
    line: &OrderLine,
    quoted: Option<&'q (Quote, QuoteLine)>,
) -> Option<&'q (Quote, QuoteLine)> {
    quoted.filter(|(_, quoted)| {
        line.supplier_part_id.is_empty() || line.supplier_part_id.eq_ignore_ascii_case(&quoted.sku)
    })
}

/// Gives a line its product, and its unit in the product's own code.
fn name(
    gateway: &Gateway,
    received: &Received,
    line: &mut OrderLine,
    quoted: Option<&(Quote, QuoteLine)>,
) -> Option<Arc<Product>> {
    let known = received.known();
    let (tenant_id, account) = (known.tenant.id, known.connection.account_code.as_str());
    let quoted = quoted_for(line, quoted);
    let sku = quoted.map_or(line.supplier_part_id.as_str(), |(_, quoted)| quoted.sku.as_str());
    // Some buyers order by part numbers of their own.
    let product = terms::part(gateway, tenant_id, account, sku)?;
    line.sku = Some(product.sku.clone());
    // What neither the connection's map nor the standard's tables know may be the supplier's own code of a unit.
    let own = line.unit_own.clone().unwrap_or_else(|| line.unit.clone());
    let goods = product::goods(gateway, tenant_id);
    let is_meant = |candidate: &&String| match &goods {
        Some(goods) => goods.is_unit(candidate, &own),
        None => unit::is_same(candidate, &own),
    };
    line.unit_own = product.units.iter().map(|unit| &unit.unit).find(is_meant).cloned();
    if line.unit_own.is_some() {
        line.quote_line_id = quoted.map(|(_, quoted)| quoted.line_id);
    }
    Some(product)
}

/// Price and availability of every line at the order's address, beside the other lines that are to be delivered.
///
/// Stock is taken as it is on record: an order is not held because the ERP is away, but judged again when it is back.
///
/// # Errors
/// As for [`terms::ask`].
pub(super) async fn ask(
    gateway: &Gateway,
    (tenant_id, account): (Uuid, &str),
    draft: &Draft,
    products: &[Option<&Product>],
    own: &[Hold],
) -> Result<Vec<Option<Answer>>, Error> {
    let ship_to = draft.header.ship_to.as_ref().and_then(|to| to.address_id.as_deref());
    let counts = |line: &OrderLine| !line.is_return && !draft.cancelled.contains(&line.position);
    let mut beside = Vec::with_capacity(draft.lines.len());
    let mut places = Vec::with_capacity(draft.lines.len());
    for (line, product) in draft.lines.iter().zip(products) {
        let counted = product.zip(line.unit_own.as_deref()).filter(|_| counts(line));
        places.push(counted.map(|_| beside.len()));
        beside.extend(counted.map(|(product, unit)| Beside {
            product: &product.sku,
            quantity: line.quantity,
            unit,
        }));
    }
    let known_lines = draft.lines.iter().zip(products).zip(places).enumerate();
    let asked: Vec<_> = known_lines
        .filter_map(|(at, ((line, product), place))| Some((at, line, (*product)?, line.unit_own.as_deref()?, place)))
        .collect();
    let found = terms::ask_all(gateway, tenant_id, &beside, asked.len(), |at, now, today| {
        let (_, line, product, unit, place) = asked[at];
        let request = Request {
            unit: Some(unit),
            ship_to,
            wanted_on: draft.wanted(line),
            own,
            trust: Some(Trust::Whole),
            ..Request::new(account, &product.sku, line.quantity, today, now)
        };
        (request, place)
    });
    let found = found.await?;
    let mut answers = vec![None; draft.lines.len()];
    for ((at, ..), answer) in asked.iter().zip(found) {
        answers[*at] = answer.ok();
    }
    Ok(answers)
}

/// That the lines that are to be delivered come to less, at the order's own prices, than the account's smallest order.
fn below_minimum(gateway: &Gateway, received: &Received, draft: &Draft) -> Option<LineFinding> {
    let known = received.known();
    let minimum = terms::order_minimum(gateway, known.tenant.id, &known.connection.account_code)?;
    let ordered = draft
        .lines
        .iter()
        .filter(|line| !line.is_return && !draft.cancelled.contains(&line.position));
    let amounts: Option<Vec<Money>> = ordered
        .map(|line| {
            let price = Money::new(line.unit_price?, Currency::parse(&line.currency).ok()?);
            money::line_amount(line.quantity, price, line.price_quantity)
        })
        .collect();
    // Without lines there is nothing to hold; what has no price, or another currency, is held for that.
    let amounts = amounts.filter(|amounts| !amounts.is_empty())?;
    let total = money::total(minimum.currency, amounts)?;
    (total.amount < minimum.amount).then(|| LineFinding {
        line_number: None,
        finding: Finding {
            severity: Severity::Hold,
            rule: "order.minimum".to_owned(),
            place: "OrderRequestHeader/Total".to_owned(),
            text: format!(
                "The order comes to {total}; the account's smallest order is {minimum}. Accept it, or reject it."
            ),
        },
    })
}

/// That the account may not buy a line's product.
pub(super) fn not_offered(line: &OrderLine) -> LineFinding {
    LineFinding {
        line_number: Some(line.line_number),
        finding: Finding {
            severity: Severity::Hold,
            rule: "order.assortment".to_owned(),
            place: format!("ItemOut {}/SupplierPartID", line.line_number),
            text: "The account may not buy this product; agree on it, or reject the line.".to_owned(),
        },
    }
}

/// The quote line that each line's reference names; a tampered or foreign reference is held and names nothing.
async fn quoted_lines(
    gateway: &Gateway,
    received: &Received,
    draft: &Draft,
    held: &mut Vec<LineFinding>,
) -> Result<Vec<Option<(Quote, QuoteLine)>>, Error> {
    let known = received.known();
    let tenant_id = known.tenant.id;
    let mut references = Vec::with_capacity(draft.lines.len());
    for line in &draft.lines {
        references.push(match line.auxiliary_id.as_deref() {
            None => Reference::Foreign,
            Some(text) => reference::read(&gateway.keys, tenant_id, text)?,
        });
    }
    let ids: Vec<Uuid> = references
        .iter()
        .filter_map(|reference| match reference {
            Reference::Line(id) => Some(*id),
            _ => None,
        })
        .collect();
    let offers = quote::find_lines(gateway, tenant_id, &ids).await?;
    let mut quoted = Vec::with_capacity(draft.lines.len());
    let mut doubtful = None;
    for (line, reference) in draft.lines.iter().zip(references) {
        let mut problem = None;
        let mut found = None;
        match reference {
            Reference::Foreign => {}
            Reference::Tampered => {
                problem = Some("The cart reference of the line is not one that was made here; our own price is shown.");
            }
            Reference::Line(id) => {
                found = offers.get(&id).cloned();
                if found
                    .as_ref()
                    .is_some_and(|(quote, _)| quote.connection_id != known.connection.id)
                {
                    problem = Some("The cart reference of the line belongs to another connection; it was not used.");
                    found = None;
                }
            }
        }
        if let Some(text) = problem {
            doubtful.get_or_insert(text);
            held.push(LineFinding {
                line_number: Some(line.line_number),
                finding: Finding {
                    severity: Severity::Hold,
                    rule: "order.reference".to_owned(),
                    place: format!("ItemOut {}/SupplierPartAuxiliaryID", line.line_number),
                    text: text.to_owned(),
                },
            });
        }
        quoted.push(found);
    }
    // Once for the document: thousands of lines must neither flood the log nor take a write each.
    if let Some(text) = doubtful {
        let remote = received.remote.to_string();
        let connection = Some(known.connection.id);
        exchange::note_event(gateway, tenant_id, connection, "cart.tampered", &remote, text).await?;
    }
    Ok(quoted)
}
