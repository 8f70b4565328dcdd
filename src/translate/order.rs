//! `OrderRequest` to an order draft: what cannot be read is refused, what can be doubted is left to the checks
//! (cXML notes 3.1, 3.4).

use std::collections::HashSet;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::cxml::{self, CompositeItemType, Flag, ItemOperation, ItemOut, ItemType, OrderRequest, OrderRequestHeader};
use crate::domain::exchange::Finding;
use crate::domain::money::{Currency, round_half_up};
use crate::domain::order::check::Draft;
use crate::domain::order::{LineChange, OrderAction, OrderHeader, OrderKind, OrderLine};
use crate::domain::party::Settings;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::unit;
use crate::translate::value::{bad, day, decimal, money, price_quantity, ship_to, warn, zone};

/// Longest order number in characters.
const ORDER_ID_CHARS_MAX: usize = 200;

/// Reads an order; the draft's lines carry neither products nor expected prices yet.
///
/// # Errors
/// 400 naming the field, 402 when a payment card is demanded and missing, 499 for too many lines.
pub fn order(request: &OrderRequest, settings: &Settings, lines_max: usize) -> Result<(Draft, Vec<Finding>), Refusal> {
    let mut findings = Vec::new();
    let header = request
        .header
        .as_deref()
        .ok_or_else(|| bad("OrderRequestHeader", "The order has no header."))?;
    let zone = zone(&settings.time_zone);
    let action = action(header)?;
    let kind = kind(header)?;
    let (order_id, suffix_version) = order_id(header, settings)?;
    let order_version = order_version(header, suffix_version)?;
    if request.items.is_empty() {
        return Err(Refusal::new(Code::NotAcceptable, "The order has no lines.").at("ItemOut"));
    }
    if request.items.len() > lines_max {
        return Err(Refusal::new(Code::TooLarge, format!("The order has more than {lines_max} lines.")).at("ItemOut"));
    }
    let values = header_values(header, &zone, &mut findings)?;
    if settings.payment_required && action != OrderAction::Delete && !values.payment_card {
        return Err(Refusal::new(Code::PaymentRequired, "A payment card is needed on this connection.").at("Payment"));
    }
    let reader = Lines { action, kind, settings };
    let mut lines = Vec::with_capacity(request.items.len());
    let mut requested = Vec::new();
    let mut ad_hoc = Vec::new();
    let mut cancelled = Vec::new();
    let mut blocked = Vec::new();
    if let Some(date) = &header.requested_delivery_date {
        requested.extend(day(date, &zone, "@requestedDeliveryDate", &mut findings).map(|day| (0, day)));
    }
    for (at, item) in request.items.iter().enumerate() {
        let position = i64::try_from(at + 1).unwrap_or(i64::MAX);
        let line = reader.line(item, position, &mut findings)?;
        if item.is_ad_hoc == Some(Flag::Yes) || line.supplier_part_id.is_empty() {
            ad_hoc.push(position);
        }
        match &item.operation {
            Some(ItemOperation::Delete) => cancelled.push(position),
            Some(ItemOperation::Block) => blocked.push(position),
            _ => {}
        }
        if let Some(date) = &item.requested_delivery_date {
            let place = format!("ItemOut {position}/@requestedDeliveryDate");
            requested.extend(day(date, &zone, &place, &mut findings).map(|day| (position, day)));
        }
        lines.push(line);
    }
    check_line_numbers(&lines)?;
    apply_composites(&request.items, &mut lines);
    let currency = one_currency(&values, &lines)?;
    for line in &mut lines {
        line.currency.clone_from(&currency);
    }
    let is_internal = header.is_internal_version == Some(Flag::Yes);
    let draft = Draft {
        order_id,
        action,
        kind,
        order_version,
        is_internal,
        header: values,
        currency,
        lines,
        ad_hoc,
        cancelled,
        blocked,
        requested,
    };
    Ok((draft, findings))
}

fn action(header: &OrderRequestHeader) -> Result<OrderAction, Refusal> {
    match header.kind().as_str().trim().to_ascii_lowercase().as_str() {
        "new" | "" => Ok(OrderAction::New),
        "update" => Ok(OrderAction::Update),
        "delete" => Ok(OrderAction::Delete),
        _ => Err(bad(
            "OrderRequestHeader/@type",
            "The type must be new, update or delete.",
        )),
    }
}

fn kind(header: &OrderRequestHeader) -> Result<OrderKind, Refusal> {
    match header.order_type().as_str().trim().to_ascii_lowercase().as_str() {
        "regular" | "" => Ok(OrderKind::Regular),
        "release" => Ok(OrderKind::Release),
        "blanket" => Ok(OrderKind::Blanket),
        "stocktransport" => Ok(OrderKind::StockTransport),
        "stocktransportrelease" => Ok(OrderKind::StockTransportRelease),
        _ => Err(bad(
            "OrderRequestHeader/@orderType",
            "The order type must be regular, release, blanket, stockTransport or stockTransportRelease.",
        )),
    }
}

/// The order number, and the version that some senders append to it as `-Vn`.
fn order_id(header: &OrderRequestHeader, settings: &Settings) -> Result<(String, Option<i64>), Refusal> {
    let text = header.order_id.as_deref().unwrap_or_default().trim();
    if text.is_empty() {
        return Err(bad("OrderRequestHeader/@orderID", "The order number is missing."));
    }
    if text.chars().count() > ORDER_ID_CHARS_MAX || text.chars().any(char::is_control) {
        return Err(bad(
            "OrderRequestHeader/@orderID",
            "The order number is too long or has control characters.",
        ));
    }
    if header
        .order_date
        .as_ref()
        .is_none_or(|date| date.as_str().trim().is_empty())
    {
        return Err(bad("OrderRequestHeader/@orderDate", "The order date is missing."));
    }
    if settings.order_version_suffix
        && let Some((stem, digits)) = text.rsplit_once("-V")
        && !stem.is_empty()
        && digits.len() <= 9
        && let Ok(version) = digits.parse()
    {
        return Ok((stem.to_owned(), Some(version)));
    }
    Ok((text.to_owned(), None))
}

fn order_version(header: &OrderRequestHeader, suffix: Option<i64>) -> Result<Option<i64>, Refusal> {
    let Some(number) = header
        .order_version
        .as_ref()
        .filter(|number| !number.as_str().trim().is_empty())
    else {
        return Ok(suffix);
    };
    let version = number
        .whole()
        .ok()
        .and_then(|version| i64::try_from(version).ok())
        .ok_or_else(|| {
            bad(
                "OrderRequestHeader/@orderVersion",
                "The order version must be a whole number.",
            )
        })?;
    Ok(Some(version))
}

fn header_values(
    header: &OrderRequestHeader,
    zone: &TimeZone,
    findings: &mut Vec<Finding>,
) -> Result<OrderHeader, Refusal> {
    let total = header.total.as_ref().and_then(|total| total.money.as_ref());
    let tax = header.tax.as_ref().and_then(|tax| tax.money.as_ref());
    let shipping = header.shipping.as_ref().and_then(|shipping| shipping.money.as_ref());
    let order_date = header
        .order_date
        .as_ref()
        .map(|date| date.as_str().to_owned())
        .unwrap_or_default();
    if let Some(date) = &header.order_date {
        day(date, zone, "OrderRequestHeader/@orderDate", findings);
    }
    Ok(OrderHeader {
        order_date,
        requisition_id: header.requisition_id.clone().filter(|id| !id.trim().is_empty()),
        requested_delivery_date: header
            .requested_delivery_date
            .as_ref()
            .map(|date| date.as_str().to_owned()),
        ship_complete: header.ship_complete == Some(Flag::Yes),
        agreement_id: header.agreement_id.clone().filter(|id| !id.trim().is_empty()),
        total: money(total, "Total/Money", findings)?,
        tax: money(tax, "Tax/Money", findings)?.map(|(amount, _)| amount),
        shipping: money(shipping, "Shipping/Money", findings)?.map(|(amount, _)| amount),
        ship_to: header.ship_to.as_ref().and_then(|to| to.address.as_ref()).map(ship_to),
        bill_to: header.bill_to.as_ref().and_then(|to| to.address.as_ref()).map(ship_to),
        comments: header
            .comments
            .iter()
            .map(cxml::Comments::text)
            .filter(|text| !text.is_empty())
            .collect(),
        extrinsics: header
            .extrinsics
            .iter()
            .map(|extrinsic| (extrinsic.name.clone().unwrap_or_default(), extrinsic.text().to_owned()))
            .collect(),
        document_reference: header
            .document_reference
            .as_ref()
            .and_then(|reference| reference.payload_id.clone())
            .filter(|id| !id.trim().is_empty()),
        supplier_order_id: header
            .supplier_order_info
            .as_ref()
            .and_then(|info| info.order_id.clone()),
        payment_card: header.payment.as_ref().is_some_and(|payment| payment.pcard.is_some()),
    })
}

/// What all lines of one order have in common.
struct Lines<'a> {
    action: OrderAction,
    kind: OrderKind,
    settings: &'a Settings,
}

impl Lines<'_> {
    fn line(&self, item: &ItemOut, position: i64, findings: &mut Vec<Finding>) -> Result<OrderLine, Refusal> {
        let place = |field: &str| format!("ItemOut {position}/{field}");
        let quantity = self.quantity(item, &place("@quantity"), findings)?;
        let id = item.item_id.as_ref();
        let detail = item.item_detail.as_deref();
        let price = detail
            .and_then(|detail| detail.unit_price.as_ref())
            .and_then(|price| price.money.as_ref());
        let price = money(price, &place("UnitPrice/Money"), findings)?;
        let price_quantity = price_quantity(detail, &place("PriceBasisQuantity"), findings)?;
        let unit = detail
            .and_then(|detail| detail.unit_of_measure.as_ref())
            .map(|unit| unit.as_str().trim());
        let unit = unit.unwrap_or_default().to_owned();
        let line_number = whole(item.line_number.as_ref(), &place("@lineNumber"))?.unwrap_or(position);
        if detail.is_some_and(|detail| detail.classifications.is_empty()) {
            findings.push(warn(
                "order.no-classification",
                &place("Classification"),
                "The line has no classification.",
            ));
        }
        let blanket = item.blanket_item_detail.as_deref();
        let descriptions = detail
            .map(|detail| &detail.descriptions)
            .or(blanket.map(|blanket| &blanket.descriptions));
        let classification = detail
            .and_then(|detail| detail.classifications.first())
            .map(|class| (class.domain.clone().unwrap_or_default(), class.value.trim().to_owned()));
        let (unit_price, currency) = price.map_or((None, String::new()), |(price, code)| (Some(price), code));
        Ok(OrderLine {
            tenant_id: Uuid::nil(),
            version_id: Uuid::nil(),
            position,
            line_number,
            parent_line_number: whole(item.parent_line_number.as_ref(), &place("@parentLineNumber"))?,
            supplier_part_id: id.map(|id| id.part().trim().to_owned()).unwrap_or_default(),
            auxiliary_id: id
                .and_then(|id| id.auxiliary())
                .filter(|id| !id.is_empty())
                .map(str::to_owned),
            buyer_part_id: id
                .and_then(|id| id.buyer_part_id.as_ref())
                .map(|part| part.as_str().to_owned()),
            sku: None,
            description: descriptions
                .and_then(|list| list.first())
                .map(cxml::Description::text)
                .unwrap_or_default(),
            classification,
            quantity,
            unit_own: self.own_unit(&unit),
            unit,
            unit_price,
            amount: unit_price.and_then(|price| amount(quantity, price, price_quantity, &currency)),
            price_quantity,
            currency,
            requested_delivery_date: item
                .requested_delivery_date
                .as_ref()
                .map(|date| date.as_str().to_owned()),
            expected_price: None,
            expected_price_quantity: None,
            expected_source: None,
            trace: None,
            quote_line_id: None,
            change: LineChange::Added,
            is_return: item.is_return == Some(Flag::Yes),
        })
    }

    /// A quantity is more than zero; zero is allowed on blanket orders, cancellations and cancelled lines (cXML notes
    /// 3.4).
    fn quantity(&self, item: &ItemOut, place: &str, findings: &mut Vec<Finding>) -> Result<Decimal, Refusal> {
        let number = item
            .quantity
            .as_ref()
            .ok_or_else(|| bad(place, "The quantity is missing."))?;
        let quantity = decimal(number, place, findings)?;
        let zero_allowed = self.action == OrderAction::Delete
            || self.kind == OrderKind::Blanket
            || item.operation == Some(ItemOperation::Delete);
        if quantity < Decimal::ZERO || (quantity.is_zero() && !zero_allowed) {
            return Err(bad(place, "The quantity must be more than zero."));
        }
        Ok(quantity)
    }

    /// Our unit for the buyer's: by the connection's map, else by the standard's tables.
    fn own_unit(&self, theirs: &str) -> Option<String> {
        if theirs.is_empty() {
            return None;
        }
        let mapped = self
            .settings
            .units
            .iter()
            .find(|(_, sent)| sent.eq_ignore_ascii_case(theirs));
        mapped
            .map(|(ours, _)| ours.clone())
            .or_else(|| unit::named(theirs).map(|_| theirs.to_owned()))
    }
}

fn whole(number: Option<&cxml::Number>, place: &str) -> Result<Option<i64>, Refusal> {
    let Some(number) = number.filter(|number| !number.as_str().trim().is_empty()) else {
        return Ok(None);
    };
    let value = number
        .whole()
        .ok()
        .and_then(|value| i64::try_from(value).ok())
        .filter(|value| *value > 0);
    value
        .map(Some)
        .ok_or_else(|| bad(place, "The line number must be a whole number from 1."))
}

fn amount(quantity: Decimal, price: Decimal, price_quantity: Decimal, currency: &str) -> Option<Decimal> {
    let digits = Currency::parse(currency).ok()?.minor_digits();
    let amount = quantity.checked_mul(price)?.checked_div(price_quantity)?;
    Some(round_half_up(amount, digits))
}

fn check_line_numbers(lines: &[OrderLine]) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    match lines.iter().find(|line| !seen.insert(line.line_number)) {
        None => Ok(()),
        Some(line) => Err(bad(
            format!("ItemOut {}/@lineNumber", line.position),
            "Two lines have the same line number.",
        )),
    }
}

/// Of a composite item either the group or its members carry the price (`@compositeItemType`); the others count nothing.
fn apply_composites(items: &[ItemOut], lines: &mut [OrderLine]) {
    let (mut priced_by_members, mut priced_as_group) = (HashSet::new(), HashSet::new());
    for (item, line) in items.iter().zip(lines.iter()) {
        if item.item_type == Some(ItemType::Composite) {
            let composites = match item.composite_item_type == Some(CompositeItemType::ItemLevel) {
                true => &mut priced_by_members,
                false => &mut priced_as_group,
            };
            composites.insert(line.line_number);
        }
    }
    for line in lines {
        let above = line
            .parent_line_number
            .is_some_and(|parent| priced_as_group.contains(&parent));
        if above || priced_by_members.contains(&line.line_number) {
            line.amount = Some(Decimal::ZERO);
        }
    }
}

fn one_currency(header: &OrderHeader, lines: &[OrderLine]) -> Result<String, Refusal> {
    let mut currency = header.total.as_ref().map(|(_, code)| code.clone());
    for line in lines.iter().filter(|line| !line.currency.is_empty()) {
        match &currency {
            None => currency = Some(line.currency.clone()),
            Some(code) if *code == line.currency => {}
            Some(_) => {
                let field = format!("ItemOut {}/UnitPrice/Money/@currency", line.position);
                return Err(bad(field, "All amounts of an order must be in one currency."));
            }
        }
    }
    Ok(currency.unwrap_or_default())
}
