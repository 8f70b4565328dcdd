//! An accepted order judged once more, by the terms now in force: it waited while the ERP was away.
//!
//! What is other than when it was accepted is a difference. One that the connection's safeguards stop, and did not stop
//! before, holds the order for people; nobody rejects by rule what was accepted once. A quote that held when the order
//! came holds on.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::tz::TimeZone;
use uuid::Uuid;

use super::{hold, price};
use crate::clock::Clock;
use crate::domain::away::Difference;
use crate::domain::order::check::{self, LineFinding};
use crate::domain::order::safeguard::{self, Effect, Facts, LineFacts};
use crate::domain::order::{Order, OrderException, OrderLine, OrderState, OrderVersion};
use crate::domain::product::Product;
use crate::domain::stock::Band;
use crate::domain::terms::{Answer, Check, Hold};
use crate::service::safeguard::trial;
use crate::service::{Error, Gateway, quote, terms};
use crate::store::{self, StoreError, Tx};

/// What is other, and what of it stops the order.
#[derive(Clone, Debug, Default)]
pub(in crate::service) struct Judged {
    pub differences: Vec<Difference>,
    pub held: Vec<LineFinding>,
}

/// What the store has of an order.
struct Kept {
    lines: Vec<OrderLine>,
    effects: Vec<Effect>,
    exceptions: Vec<OrderException>,
    own: Vec<Hold>,
}

/// Judges the version in force of an order once more; nothing where it is no order that waits, or its connection is gone.
///
/// # Errors
/// The store would not.
pub(in crate::service) async fn judge(
    gateway: &Gateway,
    order: &Order,
    version: &OrderVersion,
) -> Result<Judged, Error> {
    let is_waiting = order.state == OrderState::Received && order.current_version == version.seq;
    let directory = gateway.directory();
    let known = directory.connection(order.connection_id);
    let Some(known) = known.filter(|_| is_waiting) else {
        return Ok(Judged::default());
    };
    let kept = kept(gateway, order, version).await?;
    let ids: Vec<Uuid> = kept.lines.iter().filter_map(|line| line.quote_line_id).collect();
    let quotes = quote::find_lines(gateway, order.tenant_id, &ids).await?;
    let zone = TimeZone::get(&known.tenant.time_zone).unwrap_or(TimeZone::UTC);
    let today = gateway.clock.now().to_zoned(zone.clone()).date();
    let mut draft = trial::draft(order, version, kept.lines, &zone);
    let products: Vec<Option<Arc<Product>>> = draft
        .lines
        .iter()
        .map(|line| terms::product(gateway, order.tenant_id, line.sku.as_deref()?))
        .collect();
    let answers = {
        let products: Vec<Option<&Product>> = products.iter().map(Option::as_deref).collect();
        let whose = (order.tenant_id, order.account_code.as_str());
        price::ask(gateway, whose, &draft, &products, &kept.own).await?
    };
    let guards = &known.settings.safeguards;
    let (mut facts, mut judged) = (Facts::default(), Judged::default());
    for (at, line) in draft.lines.iter_mut().enumerate() {
        let (product, answer) = (products[at].as_deref(), answers[at].as_ref());
        let is_delivered = !line.is_return && !draft.cancelled.contains(&line.position);
        if is_delivered {
            judged.differences.extend(differences(line, product, answer, &kept.own));
        }
        let quoted = line.quote_line_id.and_then(|id| quotes.get(&id));
        let quoted = price::quoted_for(
            line,
            quoted.filter(|(quote, _)| quote.created_at <= version.received_at),
        );
        let named = product.zip(line.unit_own.as_deref());
        let named = named.map(|(product, unit)| LineFacts::of(product, unit, quoted, answer));
        if let Some(named) = &named {
            safeguard::line::expect(line, named, guards, version.received_at);
        }
        let is_quoted = line.expected_source.as_deref() == Some("quote");
        let is_shut_out = answer.is_some_and(|answer| answer.checks.contains(&Check::NotInAssortment));
        if is_delivered && is_shut_out && !is_quoted {
            judged.held.push(price::not_offered(line));
        }
        if product.is_none() {
            line.sku = None;
        }
        facts.lines.push(named.unwrap_or_default());
    }
    judged
        .held
        .extend(check::check(&draft, &facts, guards, version.received_at, today).held);
    let settled = settled(&kept.exceptions, &kept.effects, version);
    judged.held.retain(|held| {
        let key = (held.line_number, held.finding.rule.clone());
        // What is about the order as a whole says the same as before, but for its day.
        (held.line_number.is_some() || held.finding.rule == "order.date-past") && !settled.contains(&key)
    });
    Ok(judged)
}

async fn kept(gateway: &Gateway, order: &Order, version: &OrderVersion) -> Result<Kept, Error> {
    let tenant_id = order.tenant_id;
    let read = gateway.store.read(async |tx| {
        Ok::<_, StoreError>(Kept {
            lines: store::order::lines(tx, tenant_id, version.id).await?,
            effects: store::order::effects(tx, tenant_id, version.id).await?,
            exceptions: store::order::exceptions(tx, tenant_id, order.id).await?,
            own: hold::own(tx, order).await?,
        })
    });
    Ok(read.await?)
}

/// What was noticed when the version came, and settled: it is not asked again.
fn settled(
    exceptions: &[OrderException],
    effects: &[Effect],
    version: &OrderVersion,
) -> HashSet<(Option<i64>, String)> {
    let of_people = exceptions
        .iter()
        .filter(|exception| exception.version_id == version.id)
        .map(|exception| (exception.line_number, exception.rule.clone()));
    let of_rules = effects.iter().map(|effect| {
        let found = effect.finding();
        (found.line_number, found.finding.rule)
    });
    of_people.chain(of_rules).collect()
}

/// What is other about a line than when it was accepted.
fn differences(line: &OrderLine, product: Option<&Product>, answer: Option<&Answer>, own: &[Hold]) -> Vec<Difference> {
    let sku = line.sku.clone().unwrap_or_else(|| line.supplier_part_id.clone());
    let other = |what: &str, before: String, after: String| Difference {
        line_number: line.line_number,
        sku: sku.clone(),
        what: what.to_owned(),
        before,
        after,
    };
    let (Some(product), Some(answer)) = (product, answer) else {
        return vec![other("product", "on sale".to_owned(), "not there any more".to_owned())];
    };
    let mut found = Vec::new();
    if answer.checks.contains(&Check::NotInAssortment) {
        let after = "the account may not buy it".to_owned();
        found.push(other("product", "on sale".to_owned(), after));
    }
    // A quote holds whatever the contract says by now.
    let is_contract = line.expected_source.as_deref() == Some("contract");
    let before = line
        .expected_price
        .zip(line.expected_price_quantity)
        .filter(|_| is_contract);
    if let Some((price, per)) = before {
        let now = answer.unit_price.map(|now| now.amount);
        let is_same = now.is_some_and(|now| now.checked_mul(per) == price.checked_mul(answer.price_quantity));
        if !is_same {
            let said = |price, per: rust_decimal::Decimal| format!("{price} for {} {}", per.normalize(), line.unit);
            let after = now.map_or("on request".to_owned(), |now| said(now, answer.price_quantity));
            found.push(other("price", said(price, per), after));
        }
    }
    let held = own.iter().filter(|hold| hold.product == product.id);
    let held = held.fold(rust_decimal::Decimal::ZERO, |sum, hold| {
        sum.saturating_add(hold.quantity)
    });
    let was_held = held >= answer.trace.base_quantity;
    if was_held && answer.availability.band != Band::InStock {
        let before = format!("{} {} held", line.quantity.normalize(), line.unit);
        let available = answer.availability.available.normalize();
        found.push(other(
            "availability",
            before,
            format!("{available} {} available", line.unit),
        ));
    }
    found
}

/// Holds an order that waits for the ERP, with what stops it; `false` where it is not as it was judged any more.
///
/// The stock that it holds stays held: it was promised.
///
/// # Errors
/// The store would not.
pub(in crate::service) async fn stop(
    tx: &mut Tx,
    clock: &Clock,
    (order, version): (&Order, &OrderVersion),
    held: &[LineFinding],
) -> Result<bool, StoreError> {
    let tenant_id = order.tenant_id;
    store::order::lock(tx, tenant_id, order.connection_id, &order.from_key, &order.order_id).await?;
    let Some(mut current) = store::order::find(tx, tenant_id, order.id).await? else {
        return Ok(false);
    };
    if current.state != OrderState::Received || current.current_version != version.seq {
        return Ok(false);
    }
    let now = clock.now();
    current.state = OrderState::Held;
    current.updated_at = now;
    store::order::update(tx, &current).await?;
    let exceptions = held.iter().map(|held| OrderException {
        tenant_id,
        id: clock.new_id(),
        order_key: order.id,
        version_id: version.id,
        line_number: held.line_number,
        rule: held.finding.rule.clone(),
        text: held.finding.text.clone(),
        created_at: now,
        resolved_at: None,
        resolved_by: None,
        resolution: None,
    });
    let exceptions: Vec<OrderException> = exceptions.collect();
    store::order::insert_all(tx, &exceptions).await?;
    Ok(true)
}
