//! A person decides an exception; an order without open exceptions goes on to the ERP.

use std::collections::HashMap;

use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::order::{LineChange, Order, OrderAction, OrderException, OrderState, OrderVersion};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::service::order::{hold, step};
use crate::service::{Error, Gateway, staff};
use crate::store::{self, StoreError, Tx};

/// What a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is in order as it came.
    Accept,
    /// It is not; the buyer will be told.
    Reject,
}

impl Verdict {
    /// As stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Accept => "accepted",
            Verdict::Reject => "rejected",
        }
    }
}

/// Decides one exception.
///
/// When the last one is accepted, the order is released and handed on; a rejected one keeps it held.
///
/// # Errors
/// The role is too low, the exception is gone or decided already, or the store would not.
pub async fn resolve(
    gateway: &Gateway,
    by: &Staff,
    exception_id: Uuid,
    verdict: Verdict,
    remark: &str,
) -> Result<(), Error> {
    staff::allow(by, Deed::ResolveException)?;
    let tenant_id = by.tenant_id;
    let now = gateway.clock.now();
    let remark: String = remark.trim().chars().take(500).collect();
    let resolution = if remark.is_empty() {
        verdict.word().to_owned()
    } else {
        format!("{}: {remark}", verdict.word())
    };
    let detail = serde_json::json!({ "resolution": resolution });
    let audit = staff::entry(gateway, by, Deed::ResolveException, exception_id, detail);
    let staff_id = by.id;
    let clock = gateway.clock.clone();
    let plans = plans(gateway, tenant_id, exception_id).await?;
    let done = gateway
        .store
        .write(async move |tx| {
            let Some(exception) = store::order::find_exception(tx, tenant_id, exception_id).await? else {
                return Ok::<_, StoreError>(None);
            };
            if !store::order::resolve_exception(tx, tenant_id, exception_id, Some(staff_id), now, &resolution).await? {
                return Ok(None);
            }
            store::staff::insert(tx, &audit).await?;
            release(tx, &clock, tenant_id, exception.order_key, &plans)
                .await
                .map(Some)
        })
        .await?;
    match done {
        Some(held_at) => {
            hold::follow(gateway, tenant_id, held_at).await;
            Ok(())
        }
        None => Err(Refusal::new(Code::Conflict, "This was decided already.").into()),
    }
}

/// The stock that each version of an exception's order takes, should it come into force.
async fn plans(gateway: &Gateway, tenant_id: Uuid, exception_id: Uuid) -> Result<HashMap<Uuid, hold::Plan>, Error> {
    let read = gateway.store.read(async move |tx| {
        let Some(exception) = store::order::find_exception(tx, tenant_id, exception_id).await? else {
            return Ok::<_, StoreError>(None);
        };
        let Some(order) = store::order::find(tx, tenant_id, exception.order_key).await? else {
            return Ok(None);
        };
        let own = hold::own(tx, &order).await?;
        let mut versions = Vec::new();
        for version in store::order::versions(tx, tenant_id, order.id).await? {
            // Earlier versions never come into force again.
            if version.seq >= order.current_version {
                let lines = store::order::lines(tx, tenant_id, version.id).await?;
                let effects = store::order::effects(tx, tenant_id, version.id).await?;
                versions.push((version, lines, effects));
            }
        }
        Ok(Some((order, own, versions)))
    });
    let Some((order, own, versions)) = read.await? else {
        return Ok(HashMap::new());
    };
    let plans = versions.into_iter().map(|(version, lines, effects)| {
        let ship_to = version.header.ship_to.as_ref();
        let planned = hold::Planned {
            tenant_id,
            account: &order.account_code,
            ship_to: ship_to.and_then(|to| to.address_id.as_deref()),
            kind: version.kind,
            own: &own,
        };
        (version.id, hold::plan(gateway, &planned, &lines, &effects))
    });
    Ok(plans.collect())
}

/// Hands a held order on when nothing is in its way any more; a change that was held and accepted takes force first.
///
/// It then takes the stock that was planned for its version; one that came in between takes none until the ERP shows it.
async fn release(
    tx: &mut Tx,
    clock: &Clock,
    tenant_id: Uuid,
    order_key: Uuid,
    plans: &HashMap<Uuid, hold::Plan>,
) -> Result<Option<i64>, StoreError> {
    let order = store::order::find(tx, tenant_id, order_key).await?;
    let Some(mut order) = order.filter(|order| order.state == OrderState::Held) else {
        return Ok(None);
    };
    let mut versions = store::order::versions(tx, tenant_id, order_key).await?;
    let exceptions = store::order::exceptions(tx, tenant_id, order_key).await?;
    if exceptions.iter().any(|exception| exception.resolution.is_none()) {
        return Ok(None);
    }
    order.updated_at = clock.now();
    order.state = OrderState::Received;
    let accepted = versions.iter_mut().rev().find(|version| {
        version.seq > order.current_version && !version.applied && is_accepted(&exceptions, version.id)
    });
    if let Some(version) = accepted {
        put_in_force(tx, &mut order, version).await?;
    }
    // What was rejected about another version than the one in force settles nothing about this one.
    let current = versions.iter().find(|version| version.seq == order.current_version);
    let Some(current) = current else {
        return Err(StoreError::inconsistent("an order is without its current version"));
    };
    let is_rejected = |exception: &OrderException| exception.version_id == current.id && !is_yes(exception);
    if exceptions.iter().any(is_rejected) {
        return Ok(None);
    }
    store::order::update(tx, &order).await?;
    let none = hold::Plan::default();
    step::hand_on(tx, clock, &order, current, plans.get(&current.id).unwrap_or(&none)).await
}

fn is_yes(exception: &OrderException) -> bool {
    let resolution = exception.resolution.as_deref().unwrap_or_default();
    !resolution.starts_with(Verdict::Reject.word())
}

/// Whether a person said yes to a version that stood in conflict with the order, and to everything else about it.
fn is_accepted(exceptions: &[OrderException], version_id: Uuid) -> bool {
    let mut about = exceptions
        .iter()
        .filter(|exception| exception.version_id == version_id)
        .peekable();
    about.peek().is_some() && about.all(is_yes)
}

/// Makes a version that was kept without force the order's current one.
async fn put_in_force(tx: &mut Tx, order: &mut Order, version: &mut OrderVersion) -> Result<(), StoreError> {
    let lines = store::order::lines(tx, order.tenant_id, version.id).await?;
    let delivered = lines.iter().filter(|line| line.change != LineChange::Cancelled).count();
    order.current_version = version.seq;
    if version.action == OrderAction::Delete {
        order.state = OrderState::Cancelled;
    } else {
        order.total = version.header.total.as_ref().map(|(total, _)| *total);
        order.line_count = i64::try_from(delivered).unwrap_or(i64::MAX);
    }
    version.applied = true;
    store::order::put_in_force(tx, order.tenant_id, version.id).await?;
    Ok(())
}
