//! The lines of an order get their products and the prices of ours: quote before contract.

use jiff::civil::Date;
use uuid::Uuid;

use crate::domain::exchange::{Finding, Severity};
use crate::domain::order::OrderLine;
use crate::domain::order::check::{Draft, LineFinding};
use crate::domain::order::safeguard::{self, Facts, LineFacts, Rule};
use crate::domain::quote::{Quote, QuoteLine};
use crate::domain::terms::Request;
use crate::domain::unit;
use crate::service::exchange::{self, Received};
use crate::service::reference::{self, Reference};
use crate::service::safeguard::addresses;
use crate::service::{Error, Gateway, quote, terms};

/// Gives every line its product and the price we expect, and tells what else is known about the order.
pub(super) async fn lines(
    gateway: &Gateway,
    received: &Received,
    draft: &mut Draft,
    held: &mut Vec<LineFinding>,
) -> Result<Facts, Error> {
    let quotes = quoted_lines(gateway, received, draft, held).await?;
    let mut facts = Facts::default();
    let wanted: Vec<Option<Date>> = draft.lines.iter().map(|line| draft.wanted(line)).collect();
    for ((line, quoted), wanted) in draft.lines.iter_mut().zip(&quotes).zip(wanted) {
        let known = price(gateway, received, line, quoted.as_ref(), wanted);
        facts.lines.push(known.unwrap_or_default());
    }
    if received.settings().safeguards.guard(Rule::AddressChange).is_some() {
        let quotes = quotes.iter().flatten().map(|(quote, _)| quote);
        facts.visits = addresses::of_visits(gateway, quotes).await?;
        let known = received.known();
        facts.address_known = addresses::is_known(gateway, known.tenant.id, &known.connection.account_code, draft);
    }
    Ok(facts)
}

/// Gives a line its product and the price we expect; what is known about it, if its product and unit are.
fn price(
    gateway: &Gateway,
    received: &Received,
    line: &mut OrderLine,
    quoted: Option<&(Quote, QuoteLine)>,
    wanted_on: Option<Date>,
) -> Option<LineFacts> {
    let known = received.known();
    let (tenant_id, account) = (known.tenant.id, known.connection.account_code.as_str());
    let quoted = quoted.filter(|(_, quoted)| {
        line.supplier_part_id.is_empty() || line.supplier_part_id.eq_ignore_ascii_case(&quoted.sku)
    });
    let sku = quoted.map_or(line.supplier_part_id.as_str(), |(_, quoted)| quoted.sku.as_str());
    // Some buyers order by part numbers of their own.
    let own = || terms::own_part(gateway, tenant_id, account, sku);
    let product = terms::product(gateway, tenant_id, sku).or_else(own)?;
    line.sku = Some(product.sku.clone());
    let own = line.unit_own.clone().unwrap_or_default();
    let mut units = product.units.iter().map(|unit| &unit.unit);
    line.unit_own = units.find(|candidate| unit::is_same(candidate, &own)).cloned();
    let own = line.unit_own.as_deref()?;
    line.quote_line_id = quoted.map(|(_, quoted)| quoted.line_id);
    let answer = terms::ask(gateway, tenant_id, |now, today| Request {
        unit: Some(own),
        wanted_on,
        ..Request::new(account, &product.sku, line.quantity, today, now)
    });
    let facts = LineFacts::of(&product, own, quoted, answer.ok().as_ref());
    safeguard::line::expect(line, &facts, &received.settings().safeguards, gateway.clock.now());
    Some(facts)
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
