//! What the pages about orders show of the domain's values.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::why;
use crate::domain::delivery::DeliveryState;
use crate::domain::order::beside::{Beside, LineDifference};
use crate::domain::order::safeguard::{Correction, Effect};
use crate::domain::order::{Order, OrderException, OrderLine, OrderVersion};
use crate::domain::party::DeploymentMode;
use crate::domain::quote::QuoteLine;
use crate::domain::session::ShipTo;
use crate::domain::staff::{Deed, Staff};
use crate::domain::stock::{HeldStock, ReservationState};
use crate::domain::trust::Directory;
use crate::http::page::admin::{
    CartRow, ChangeRow, DeliveryRow, EffectRow, HoldRow, Label, LineRow, NotOrderedRow, OrderRow, Reasons, SettledRow,
    StockHoldRow, VersionRow, word,
};
use crate::http::page::format::Money;
use crate::http::page::part::{Choice, Compared, Fact, Status, Value, with_parameter};
use crate::service::delivery;
use crate::service::order::look::Looked;

/// An order as a row of a list.
pub(super) fn order<'a>(directory: &'a Directory, order: &'a Order) -> OrderRow<'a> {
    OrderRow {
        href: format!("/admin/orders/{}", order.id),
        order_id: &order.order_id,
        connection: connection(directory, order.connection_id),
        state: word::order_state(order.state),
        lines: u64::try_from(order.line_count).unwrap_or(0),
        total: order.total.map(|amount| money(amount, &order.currency)),
        created: order.created_at,
        updated: order.updated_at,
        test: order.mode == DeploymentMode::Test,
    }
}

/// What people call a connection.
pub(super) fn connection(directory: &Directory, id: Uuid) -> &str {
    let known = directory.connection(id);
    known.map_or("A connection that cannot be used", |known| &known.connection.name)
}

fn money(amount: Decimal, currency: &str) -> Money<'_> {
    Money { amount, currency }
}

/// The lines that the page shows: all or the differing ones, and of many, one part.
pub(super) struct Chosen<'a> {
    /// All lines, or those that differ.
    pub views: Vec<Choice<'static>>,
    /// The lines of this part.
    pub lines: Vec<LineRow<'a>>,
    /// Which part.
    pub page: u64,
    /// How many lines the view has.
    pub total: u64,
    /// How many lines differ.
    pub differing: u64,
    /// The address of the view.
    pub address: String,
}

impl<'a> Chosen<'a> {
    /// Lines of an order on one page.
    pub const ROWS: u64 = 200;

    /// One part of one view.
    pub fn new(looked: &'a Looked, address: &str, only_differing: bool, page: u64) -> Self {
        let lines = &looked.comparison.lines;
        let differing = lines.iter().filter(|line| line.differs.any()).count() as u64;
        let all = lines.len() as u64;
        let of_differing = with_parameter(address, "lines", "differing");
        let total = if only_differing { differing } else { all };
        let page = page.clamp(1, total.div_ceil(Self::ROWS).max(1));
        let skip = usize::try_from((page - 1) * Self::ROWS).unwrap_or(usize::MAX);
        let choice = |word, count, href: &str, chosen| Choice {
            word,
            count,
            href: href.to_owned(),
            chosen,
        };
        Chosen {
            views: vec![
                choice("All lines", all, address, !only_differing),
                choice("Differing lines", differing, &of_differing, only_differing),
            ],
            lines: lines
                .iter()
                .filter(|line| !only_differing || line.differs.any())
                .skip(skip)
                .take(usize::try_from(Self::ROWS).unwrap_or(usize::MAX))
                .map(|beside| line(beside, &looked.effects))
                .collect(),
            page,
            total,
            differing,
            address: if only_differing {
                of_differing
            } else {
                address.to_owned()
            },
        }
    }
}

fn line<'a>(beside: &'a Beside, effects: &[Effect]) -> LineRow<'a> {
    let (line, differs) = (&beside.line, beside.differs);
    let offer = beside.offer.as_ref();
    let currency = line.currency.as_str();
    let price = |amount: Decimal, per: Decimal| Value::Price(money(amount, currency), per);
    let expected = match offer {
        Some(offer) => Some(price(offer.unit_price, offer.price_quantity)),
        None => line
            .expected_price
            .zip(line.expected_price_quantity)
            .map(|(amount, per)| price(amount, per)),
    };
    let ordered = line
        .unit_price
        .map_or(Value::Nothing, |amount| price(amount, line.price_quantity));
    let mut marks: Vec<Status<'_>> = word::line_change(line.change).into_iter().collect();
    marks.extend(differs.not_in_cart.then(|| Status::warn("Not in the cart")));
    marks.extend(line.sku.is_none().then(|| Status::warn("Part not known")));
    marks.extend(line.is_return.then(|| Status::info("Return")));
    let is_corrected = |effect: &Effect| effect.line_number == Some(line.line_number) && !effect.corrections.is_empty();
    marks.extend(effects.iter().any(is_corrected).then(|| Status::info("Corrected")));
    LineRow {
        number: line.line_number,
        part: &line.supplier_part_id,
        sku: line.sku.as_deref().filter(|sku| *sku != line.supplier_part_id),
        buyer_part: line.buyer_part_id.as_deref(),
        description: Compared::judged(
            Value::Text(&line.description),
            offer.map(|offer| Value::Text(&offer.description)),
            differs.description,
        ),
        quantity: Compared::judged(
            Value::Quantity(line.quantity),
            offer.map(|offer| Value::Quantity(offer.quantity)),
            differs.quantity,
        ),
        unit: Compared::judged(
            Value::Text(&line.unit),
            offer.map(|offer| Value::Text(&offer.unit_sent)),
            differs.unit,
        ),
        price: Compared::judged(ordered, expected, differs.price),
        amount: line.amount.map(|amount| money(amount, currency)),
        source: if offer.is_some() { "Cart" } else { "Contract" },
        wanted: line.requested_delivery_date.as_deref(),
        marks,
        why: why(line, offer),
        differs: differs.any(),
    }
}

/// Why our price of a line is what it is: as it was offered, else by contract when the order came.
fn why(line: &OrderLine, offer: Option<&QuoteLine>) -> Option<Reasons> {
    let trace = offer.and_then(|offer| offer.trace.as_ref()).or(line.trace.as_ref())?;
    let asked = match offer {
        Some(offer) => why::Line {
            sku: &offer.sku,
            quantity: offer.quantity,
            unit: &offer.unit,
        },
        None => why::Line {
            sku: line.sku.as_deref()?,
            quantity: line.quantity,
            unit: line.unit_own.as_deref()?,
        },
    };
    Some(why::reasons(trace, &line.currency, &asked))
}

/// The stock that the order holds or held.
pub(super) fn stock(looked: &Looked) -> Vec<StockHoldRow<'_>> {
    looked.stock.iter().map(stock_row).collect()
}

fn stock_row(held: &HeldStock) -> StockHoldRow<'_> {
    let is_shown = held.superseded_by_erp_at.is_some();
    let is_held = held.state == ReservationState::Held && !is_shown;
    StockHoldRow {
        sku: &held.sku,
        quantity: held.qty,
        unit: &held.unit,
        warehouse: &held.warehouse,
        state: match (held.state, is_shown) {
            (ReservationState::Released, _) => Status::idle("Given back"),
            (ReservationState::Held, true) => Status::good("The ERP counts it"),
            (ReservationState::Held, false) => Status::info("Held"),
        },
        until: held.expires_at.filter(|_| is_held),
    }
}

/// The lines of the carts that were not ordered.
pub(super) fn not_ordered(looked: &Looked) -> Vec<NotOrderedRow<'_>> {
    let currency = |quote_id: Uuid| {
        let quote = looked.quotes.iter().find(|quote| quote.id == quote_id);
        quote.map_or(looked.order.currency.as_str(), |quote| quote.currency.as_str())
    };
    looked
        .comparison
        .not_ordered
        .iter()
        .map(|offer| NotOrderedRow {
            sku: &offer.sku,
            description: &offer.description,
            quantity: offer.quantity,
            unit: &offer.unit_sent,
            price: Value::Price(money(offer.unit_price, currency(offer.quote_id)), offer.price_quantity),
            amount: money(offer.amount, currency(offer.quote_id)),
        })
        .collect()
}

/// The carts that the order came from.
pub(super) fn carts(looked: &Looked) -> Vec<CartRow<'_>> {
    looked
        .quotes
        .iter()
        .map(|quote| CartRow {
            href: format!("/admin/visits/{}", quote.session_id),
            returned: quote.created_at,
            valid_until: quote.valid_until,
            late: quote.valid_until <= looked.shown.received_at,
            total: money(quote.total, &quote.currency),
        })
        .collect()
}

/// What a version changed on a line.
pub(super) fn change(change: &LineDifference) -> ChangeRow<'_> {
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let line = after.or(before);
    let what = match (before, after) {
        (None, _) => Status::info("Added"),
        (_, None) => Status::idle("Taken out"),
        (Some(_), Some(_)) => Status::info("Changed"),
    };
    ChangeRow {
        number: change.line_number,
        description: line.map_or("", |line| &line.description),
        what,
        values: before
            .zip(after)
            .map(|(before, after)| changed(before, after))
            .unwrap_or_default(),
    }
}

/// The values of a line that changed: name, before, after.
fn changed<'a>(before: &'a OrderLine, after: &'a OrderLine) -> Vec<(&'static str, Value<'a>, Value<'a>)> {
    type Read = for<'b> fn(&'b OrderLine) -> Value<'b>;
    const VALUES: [(&str, Read); 6] = [
        ("Part", |line| Value::Text(&line.supplier_part_id)),
        ("Quantity", |line| Value::Quantity(line.quantity)),
        ("Unit", |line| Value::Text(&line.unit)),
        ("Unit price", |line| match line.unit_price {
            Some(amount) => Value::Price(money(amount, &line.currency), line.price_quantity),
            None => Value::Nothing,
        }),
        ("Description", |line| Value::Text(&line.description)),
        ("Wanted on", |line| {
            line.requested_delivery_date
                .as_deref()
                .map_or(Value::Nothing, Value::Text)
        }),
    ];
    VALUES
        .iter()
        .map(|(name, read)| (*name, read(before), read(after)))
        .filter(|(_, before, after)| before != after)
        .collect()
}

/// The documents about the order.
pub(super) fn versions(looked: &Looked) -> Vec<VersionRow<'_>> {
    let state = |version: &OrderVersion| match version.applied {
        false => Status::warn("Not in force"),
        true if version.seq == looked.order.current_version => Status::good("In force"),
        true => Status::idle("Replaced"),
    };
    looked
        .versions
        .iter()
        .map(|version| VersionRow {
            seq: version.seq,
            href: format!("/admin/orders/{}?version={}", looked.order.id, version.seq),
            exchange: format!("/admin/exchanges/{}", version.exchange_id),
            action: word::order_action(version.action),
            payload_id: &version.payload_id,
            state: state(version),
            received: version.received_at,
            shown: version.seq == looked.shown.seq,
        })
        .collect()
}

/// What is to be decided, and what was decided.
pub(super) fn exceptions(looked: &Looked) -> (Vec<HoldRow<'_>>, Vec<SettledRow<'_>>) {
    let (mut open, mut settled) = (Vec::new(), Vec::new());
    for exception in &looked.exceptions {
        let Some(resolution) = &exception.resolution else {
            let version = looked
                .versions
                .iter()
                .find(|version| version.id == exception.version_id);
            open.push(HoldRow {
                id: exception.id,
                line: exception.line_number,
                rule: &exception.rule,
                text: &exception.text,
                since: exception.created_at,
                version: version
                    .map(|version| version.seq)
                    .filter(|seq| *seq != looked.order.current_version),
            });
            continue;
        };
        let by_safeguard = resolution == OrderException::REJECTED_BY_SAFEGUARD;
        let (verdict, remark) = resolution.split_once(':').unwrap_or((resolution, ""));
        settled.push(SettledRow {
            line: exception.line_number,
            text: &exception.text,
            verdict: match verdict {
                "accepted" => Status::good("Accepted"),
                "rejected" => Status::bad("Rejected"),
                _ => Status::idle("Settled"),
            },
            remark: if by_safeguard { "" } else { remark.trim() },
            by: match by_safeguard {
                true => Some("The safeguards of the connection"),
                false => exception
                    .resolved_by
                    .map(|id| looked.people.get(&id).map_or("Somebody", String::as_str)),
            },
            at: exception.resolved_at,
        });
    }
    (open, settled)
}

/// What a safeguard found and did.
pub(super) fn effect<'a>(effect: &'a Effect, currency: &str) -> EffectRow<'a> {
    EffectRow {
        line: effect.line_number,
        rule: effect.rule.about().name,
        text: &effect.text,
        done: word::action_done(effect.action),
        values: effect
            .corrections
            .iter()
            .map(|correction| corrected(correction, currency))
            .collect(),
    }
}

/// A corrected value: its name, the order's, ours.
fn corrected(correction: &Correction, currency: &str) -> (&'static str, String, String) {
    let price = |(amount, per): (Decimal, Decimal)| match per == Decimal::ONE {
        true => format!("{amount} {currency}"),
        false => format!("{amount} {currency} per {}", per.normalize()),
    };
    match correction {
        Correction::UnitPrice { sent, ours } => ("Unit price", price(*sent), price(*ours)),
        Correction::Quantity { sent, ours } => ("Quantity", sent.normalize().to_string(), ours.to_string()),
        Correction::Unit { sent, ours } => ("Unit", sent.clone(), ours.clone()),
        Correction::Delivery { sent, ours } => {
            let sent = sent.map_or_else(|| "no day".to_owned(), |day| day.to_string());
            ("Delivery", sent, ours.to_string())
        }
        Correction::Shipping { sent, ours } => ("Freight", price((*sent, Decimal::ONE)), price((*ours, Decimal::ONE))),
    }
}

/// What the header says.
pub(super) fn facts(looked: &Looked) -> Vec<Fact<'_>> {
    fn text(text: &Option<String>) -> Option<Value<'_>> {
        text.as_deref().map(Value::Text)
    }
    let (header, shown) = (&looked.shown.header, &looked.shown);
    let amount = |amount: Option<Decimal>| amount.map(|amount| Value::Money(money(amount, &looked.order.currency)));
    let yes = |is: bool| is.then_some(Value::Text("Yes"));
    let order_date = Some(header.order_date.as_str()).filter(|date| !date.is_empty());
    let all = [
        ("Kind", Some(Value::Text(word::order_kind(shown.kind)))),
        ("Order date", order_date.map(Value::Text)),
        (
            "Buyer's version",
            shown.order_version.map(|version| Value::Quantity(version.into())),
        ),
        ("Requisition", text(&header.requisition_id)),
        ("Wanted on", text(&header.requested_delivery_date)),
        ("Complete only", yes(header.ship_complete)),
        ("Agreement", text(&header.agreement_id)),
        ("Tax", amount(header.tax)),
        ("Shipping", amount(header.shipping)),
        ("Number in the ERP", text(&looked.erp_number)),
        ("Our number", text(&header.supplier_order_id)),
        ("Refers to", text(&header.document_reference)),
        ("Payment card", yes(header.payment_card)),
    ];
    all.into_iter()
        .filter_map(|(name, value)| value.map(|value| Fact { name, value }))
        .collect()
}

/// An address as it is written on a label.
pub(super) fn label(ship_to: &ShipTo) -> Label<'_> {
    let mut lines: Vec<&str> = ship_to.name.iter().map(String::as_str).collect();
    lines.extend(ship_to.lines.iter().map(String::as_str));
    lines.extend(ship_to.country.as_deref());
    Label {
        code: ship_to.address_id.as_deref(),
        lines,
    }
}

/// Deliveries as rows; `with_subject` where the page is not about their order.
pub(super) fn deliveries<'a>(rows: &'a [delivery::Row], staff: &Staff, with_subject: bool) -> Vec<DeliveryRow<'a>> {
    let row = |row: &'a delivery::Row| {
        let delivery = &row.delivery;
        let order = row.order_id.as_deref().filter(|_| with_subject);
        let waits = matches!(delivery.state, DeliveryState::Pending | DeliveryState::Sending);
        DeliveryRow {
            id: delivery.id,
            kind: word::delivery_kind(&delivery.kind),
            target: word::target(delivery.target),
            subject: order.map(|name| (format!("/admin/orders/{}", delivery.subject_id), name)),
            state: word::delivery_state(delivery.state),
            attempts: u64::try_from(delivery.attempts).unwrap_or(0),
            created: delivery.created_at,
            due: Some(delivery.due_at).filter(|_| waits),
            error: row.error.as_deref(),
            resumable: delivery.state == DeliveryState::Parked && staff.may(Deed::ResumeDelivery),
        }
    };
    rows.iter().map(row).collect()
}
