//! Orders three ways: what the buyer ordered, what the ERP has, what the buyer was answered.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Drift;
use crate::domain::delivery::DeliveryState;
use crate::domain::order::{Order, OrderLine, OrderState, delivered};
use crate::domain::party::DeploymentMode;
use crate::erp::fault::{Class, Fault};
use crate::erp::link::Link;
use crate::erp::questions::ErpLine;
use crate::erp::steps::Known;
use crate::erp::value::Value;
use crate::service::sync::Source;
use crate::service::{Error, Gateway};
use crate::store::drift::ORDER;
use crate::store::erp_order::ErpOrder;
use crate::store::{self, StoreError};

/// The entity of differences of orders.
pub(super) const ENTITY: &str = "order";
/// Orders that are looked at, the latest first.
const ORDERS_MAX: usize = 500;
/// How far back they are looked at: later nothing moves by itself.
const DAYS: i64 = 30;
/// How long an order may be on its way to the ERP.
const GRACE_MINUTES: i64 = 15;

/// What three sides say about orders.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// Orders that were looked at.
    pub orders: u64,
    /// What they differ in.
    pub drifts: Vec<Drift>,
    /// Why not all were looked at.
    pub fault: Option<Fault>,
}

/// One order with what is known here.
struct Told {
    order: Order,
    lines: Vec<OrderLine>,
    erp: Option<ErpOrder>,
    /// The status of our answer to the document in force.
    answered: Option<i64>,
    /// Why it is not handed on.
    parked: Option<String>,
}

/// Field, our value, the ERP's.
type Fields = Vec<(String, Option<String>, Option<String>)>;

/// Looks at the latest orders of a supplier; nothing where orders are not handed on to this source.
///
/// # Errors
/// The store would not.
pub(super) async fn look(
    gateway: &Gateway,
    tenant_id: Uuid,
    source: &Source,
    stored: &store::source::Source,
) -> Result<Option<Looked>, Error> {
    if source.mapping.order.is_none() || !source.setting.orders {
        return Ok(None);
    }
    let now = gateway.clock.now();
    let mut looked = Looked::default();
    let mut link = match Link::new(&source.mapping, &source.access) {
        Ok(link) => link,
        Err(fault) => {
            looked.fault = Some(fault);
            return Ok(Some(looked));
        }
    };
    for known in read(gateway, tenant_id, now - SignedDuration::from_hours(24 * DAYS)).await? {
        looked.orders += 1;
        let mut fields = here(&known, now);
        match there(source, &mut link, &known).await {
            Ok(more) => fields.extend(more),
            Err(fault) if fault.class == Class::Retry => {
                looked.fault = Some(fault);
                break;
            }
            // The ERP has it twice, or does not let it be seen: that is for people.
            Err(fault) => fields.push(("the ERP".to_owned(), None, Some(fault.text))),
        }
        if !fields.is_empty() {
            let key = format!("{} · {}", known.order.order_id, known.order.account_code);
            looked
                .drifts
                .push(super::other(gateway, stored, ENTITY, ORDER, key, fields));
        }
    }
    Ok(Some(looked))
}

/// The latest orders that go to an ERP: not those of tests, nor those that people hold.
async fn read(gateway: &Gateway, tenant_id: Uuid, since: Timestamp) -> Result<Vec<Told>, Error> {
    let limit = i64::try_from(ORDERS_MAX).unwrap_or(i64::MAX);
    let read = gateway.store.read(async |tx| {
        let orders = store::order::list(tx, tenant_id, None, None, limit).await?;
        let goes = |order: &Order| {
            order.created_at >= since
                && order.mode == DeploymentMode::Production
                && order.state != OrderState::Held
                && !order.awaits_new
        };
        let mut known = Vec::new();
        for order in orders.into_iter().filter(goes) {
            let versions = store::order::versions(tx, tenant_id, order.id).await?;
            let Some(version) = versions
                .into_iter()
                .find(|version| version.seq == order.current_version)
            else {
                continue;
            };
            let lines = store::order::lines(tx, tenant_id, version.id).await?;
            let effects = store::order::effects(tx, tenant_id, version.id).await?;
            let exchange = store::exchange::find(tx, tenant_id, version.exchange_id).await?;
            let mut parked = None;
            for job in store::delivery::list_of(tx, tenant_id, order.id).await? {
                if job.state == DeliveryState::Parked {
                    let attempts = store::delivery::attempts(tx, tenant_id, job.id).await?;
                    parked = attempts.into_iter().next_back().and_then(|attempt| attempt.error);
                }
            }
            known.push(Told {
                lines: delivered(&lines, &effects)
                    .into_iter()
                    .map(|line| line.into_owned())
                    .collect(),
                erp: store::erp_order::find(tx, tenant_id, order.id).await?,
                answered: exchange.map(|exchange| exchange.status),
                parked,
                order,
            });
        }
        Ok::<_, StoreError>(known)
    });
    Ok(read.await?)
}

/// What our own knowledge shows: no answer, not handed on, handed on in another version.
fn here(known: &Told, now: Timestamp) -> Fields {
    let mut fields = Fields::new();
    if !known.answered.is_some_and(|status| (200..300).contains(&status)) {
        let told = known.answered.map_or("none".to_owned(), |status| status.to_string());
        fields.push(("answer to the buyer".to_owned(), Some(told), None));
    }
    let order = &known.order;
    let is_late = now.duration_since(order.updated_at) > SignedDuration::from_mins(GRACE_MINUTES);
    match &known.erp {
        None if order.state == OrderState::Received && is_late => {
            let why = known.parked.clone().unwrap_or_else(|| "not handed on yet".to_owned());
            fields.push(("number in the ERP".to_owned(), Some(why), None));
        }
        Some(erp) if erp.seq != order.current_version && is_late && order.state != OrderState::Cancelled => {
            let (ours, theirs) = (order.current_version.to_string(), erp.seq.to_string());
            fields.push(("version".to_owned(), Some(ours), Some(theirs)));
        }
        _ => {}
    }
    fields
}

/// What the ERP says of an order that it confirmed.
async fn there(source: &Source, link: &mut Link, known: &Told) -> Result<Fields, Fault> {
    let (Some(question), Some(erp)) = (&source.mapping.order_check, &known.erp) else {
        return Ok(Fields::new());
    };
    let order = &known.order;
    let members = [
        ("id", Value::text(order.id.to_string())),
        ("number", Value::text(&order.order_id)),
        ("account", Value::text(&order.account_code)),
        ("seq", Value::Number(erp.seq.to_string())),
        ("erp", Value::text(&erp.number)),
    ];
    let mut asked = Known::default();
    asked.set(
        "order",
        Value::Record(members.map(|(name, value)| (name.to_owned(), value)).into()),
    );
    asked.set("settings", Value::Record(source.values().into_iter().collect()));
    let found = question.ask(link, asked).await?;
    let is_cancelled = order.state == OrderState::Cancelled;
    Ok(match found {
        None if is_cancelled => Fields::new(),
        None => vec![("order".to_owned(), Some(format!("confirmed as {}", erp.number)), None)],
        Some(_) if is_cancelled => vec![(
            "order".to_owned(),
            Some("cancelled".to_owned()),
            Some("there".to_owned()),
        )],
        // Another version has other lines; that is told already.
        Some(_) if erp.seq != order.current_version => Fields::new(),
        Some(lines) => compared(&known.lines, &lines, question.price.is_some()),
    })
}

/// How many of a product in a unit, and the price of one.
type Sum = (Decimal, Option<Decimal>);

/// Lines by product and unit, on both sides.
fn compared(ours: &[OrderLine], theirs: &[ErpLine], with_price: bool) -> Fields {
    let number = |text: &str| text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(text)).ok();
    let mut here: BTreeMap<(String, String), Sum> = BTreeMap::new();
    for line in ours {
        let key = (
            line.sku.clone().unwrap_or_else(|| line.supplier_part_id.clone()),
            line.unit_own.clone().unwrap_or_else(|| line.unit.clone()),
        );
        let sum = here.entry(key).or_default();
        sum.0 += line.quantity;
        sum.1 = line.unit_price.and_then(|price| price.checked_div(line.price_quantity));
    }
    let mut there: BTreeMap<(String, String), Sum> = BTreeMap::new();
    for line in theirs {
        let sum = there.entry((line.sku.clone(), line.unit.clone())).or_default();
        sum.0 += number(&line.quantity).unwrap_or_default();
        sum.1 = line.price.as_deref().and_then(number);
    }
    let told = |sum: Option<&Sum>| {
        sum.map(|(quantity, price)| match price.filter(|_| with_price) {
            Some(price) => format!("{} at {}", quantity.normalize(), price.normalize()),
            None => quantity.normalize().to_string(),
        })
    };
    let keys: std::collections::BTreeSet<&(String, String)> = here.keys().chain(there.keys()).collect();
    keys.into_iter()
        .map(|key| {
            (
                format!("line {} {}", key.0, key.1),
                told(here.get(key)),
                told(there.get(key)),
            )
        })
        .filter(|(_, ours, theirs)| ours != theirs)
        .collect()
}
