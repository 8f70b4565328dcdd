//! Stock that accepted orders hold until the ERP shows them: made with the acceptance, in its transaction.
//!
//! What is held lowers what everybody else is promised. It ends when the ERP shows the order (its own figures count
//! then), when the buyer cancels, when a later version holds anew, or after the days of `orders.hold_days`. An order
//! that a person must look at holds nothing; a change that is looked at leaves what was held before.

use std::collections::HashMap;

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::order::safeguard::Effect;
use crate::domain::order::{Order, OrderKind, OrderLine, OrderState, delivered};
use crate::domain::party::DeploymentMode;
use crate::domain::stock::{ReservationState, ReservedFor};
use crate::domain::terms::{self as domain, Hold, OrderRequest};
use crate::service::{Error, Gateway, terms};
use crate::store::feed::{self, Change};
use crate::store::supply::ReservationRow;
use crate::store::{self, StoreError, Tx};

/// What a version of an order takes from which warehouse, should it be accepted.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    holds: Vec<Hold>,
    expires_at: Option<Timestamp>,
}

/// An order whose version is planned.
pub(super) struct Planned<'a> {
    pub tenant_id: Uuid,
    pub account: &'a str,
    pub ship_to: Option<&'a str>,
    pub kind: OrderKind,
    /// What it holds so far.
    pub own: &'a [Hold],
}

/// Plans what a version takes; nothing where it has nothing to deliver, or prices are not there yet.
pub(super) fn plan(gateway: &Gateway, order: &Planned<'_>, lines: &[OrderLine], effects: &[Effect]) -> Plan {
    if order.kind == OrderKind::Blanket {
        return Plan::default();
    }
    let lines = delivered(lines, effects);
    let wanted = lines.iter().filter_map(|line| {
        Some(domain::OrderLine {
            product: line.sku.as_deref()?,
            quantity: line.quantity,
            unit: line.unit_own.as_deref()?,
            agreement: None,
        })
    });
    let lines: Vec<domain::OrderLine<'_>> = wanted.collect();
    let holds = terms::hold(gateway, order.tenant_id, order.own, |now, today| OrderRequest {
        account: order.account,
        ship_to: order.ship_to,
        warehouse: None,
        date: today,
        // What is held does not depend on prices.
        time: Time::midnight(),
        now,
        lines: &lines,
    });
    let days = gateway.config.orders.hold_days;
    Plan {
        holds,
        expires_at: gateway
            .clock
            .now()
            .checked_add(SignedDuration::from_hours(24 * days))
            .ok(),
    }
}

/// What an order of ours holds now: its next version may have it.
///
/// # Errors
/// The store would not.
pub(super) async fn own(tx: &mut Tx, order: &Order) -> Result<Vec<Hold>, StoreError> {
    let rows = store::supply::of_order(tx, order.tenant_id, order.id).await?;
    let live = rows.iter().filter(|row| row.is_held());
    Ok(live.map(ReservationRow::hold).collect())
}

/// Puts a plan in the place of what an order held, where the order was accepted or cancelled; gives the number of the
/// change feed, for the caller to follow.
///
/// # Errors
/// The store would not.
pub(super) async fn settle(tx: &mut Tx, clock: &Clock, order: &Order, plan: &Plan) -> Result<Option<i64>, StoreError> {
    let is_accepted = order.state == OrderState::Received && order.mode == DeploymentMode::Production;
    if !is_accepted && order.state != OrderState::Cancelled {
        return Ok(None);
    }
    let now = clock.now();
    let earlier = store::supply::of_order(tx, order.tenant_id, order.id).await?;
    let mut moved = store::supply::release(tx, order.tenant_id, order.id).await?;
    if is_accepted {
        let rows = rows(clock, order, plan, &earlier);
        store::supply::insert_all(tx, &rows).await?;
        moved += rows.len() as u64;
    }
    if moved == 0 {
        return Ok(None);
    }
    let mut changes = [changed(order.tenant_id, order.id, now, "order")];
    feed::append(tx, order.tenant_id, &mut changes).await.map(Some)
}

/// Ends what was held for as long as it may be; tells of how much.
///
/// # Errors
/// The store would not.
pub(in crate::service) async fn expire(tx: &mut Tx, tenant_id: Uuid, now: Timestamp) -> Result<u64, StoreError> {
    let expired = store::supply::expire(tx, tenant_id, now).await?;
    if expired > 0 {
        tracing::warn!(%tenant_id, expired, "order.hold_expired");
        let mut changes = [changed(tenant_id, Uuid::nil(), now, "expiry")];
        feed::append(tx, tenant_id, &mut changes).await?;
    }
    Ok(expired)
}

/// A change of what an order holds, for the change feed.
pub(in crate::service) fn changed(tenant_id: Uuid, order_id: Uuid, at: Timestamp, cause: &str) -> Change {
    Change {
        tenant_id,
        seq: 0,
        entity: "reservation".to_owned(),
        entity_id: order_id,
        op: "put".to_owned(),
        cause: cause.to_owned(),
        at,
    }
}

/// The plan as rows, without what the ERP counts already for an earlier version.
fn rows(clock: &Clock, order: &Order, plan: &Plan, earlier: &[ReservationRow]) -> Vec<ReservationRow> {
    let mut counted: HashMap<Uuid, Decimal> = HashMap::new();
    let shown = earlier
        .iter()
        .filter(|row| row.state == ReservationState::Held && row.superseded_by_erp_at.is_some());
    for row in shown {
        let sum = counted.entry(row.product_id).or_default();
        *sum = sum.saturating_add(row.qty);
    }
    let now = clock.now();
    let rows = plan.holds.iter().filter_map(|hold| {
        let counted = counted.entry(hold.product).or_default();
        let already = hold.quantity.min(*counted);
        *counted -= already;
        let qty = hold.quantity - already;
        (qty > Decimal::ZERO).then(|| ReservationRow {
            tenant_id: order.tenant_id,
            id: clock.new_id(),
            product_id: hold.product,
            warehouse_id: hold.warehouse,
            qty,
            owner_kind: ReservedFor::Order,
            owner_id: order.id,
            state: ReservationState::Held,
            expires_at: plan.expires_at,
            created_at: now,
            superseded_by_erp_at: None,
        })
    });
    rows.collect()
}

/// Lets prices here follow a change of what is held; on failure the next round does.
pub(super) async fn follow(gateway: &Gateway, tenant_id: Uuid, seq: Option<i64>) {
    let Some(seq) = seq else { return };
    let followed: Result<(), Error> = terms::follow(gateway, tenant_id, seq).await;
    if let Err(error) = followed {
        tracing::warn!(%error, "order.hold_not_followed");
    }
}
