//! A person decides an exception; an order without open exceptions goes on to the ERP.

use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::order::{Order, OrderState};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::service::order::receive;
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
    let done = gateway
        .store
        .write(async move |tx| {
            let Some(exception) = store::order::find_exception(tx, tenant_id, exception_id).await? else {
                return Ok::<_, StoreError>(false);
            };
            if !store::order::resolve_exception(tx, tenant_id, exception_id, Some(staff_id), now, &resolution).await? {
                return Ok(false);
            }
            store::staff::insert(tx, &audit).await?;
            release(tx, &clock, tenant_id, exception.order_key).await?;
            Ok(true)
        })
        .await?;
    if done {
        Ok(())
    } else {
        Err(Refusal::new(Code::Conflict, "This was decided already.").into())
    }
}

/// Hands a held order on when nothing is in its way any more.
async fn release(tx: &mut Tx, clock: &Clock, tenant_id: Uuid, order_key: Uuid) -> Result<(), StoreError> {
    let order = store::order::find(tx, tenant_id, order_key).await?;
    let Some(order) = order.filter(|order| order.state == OrderState::Held) else {
        return Ok(());
    };
    let versions = store::order::versions(tx, tenant_id, order_key).await?;
    // What was rejected about an earlier version was settled by the one that replaced it.
    let is_past = |version_id| {
        let version = versions.iter().find(|version| version.id == version_id);
        version.is_some_and(|version| version.seq < order.current_version)
    };
    let exceptions = store::order::exceptions(tx, tenant_id, order_key).await?;
    let in_the_way = exceptions.iter().any(|exception| match &exception.resolution {
        None => true,
        Some(resolution) => resolution.starts_with(Verdict::Reject.word()) && !is_past(exception.version_id),
    });
    if in_the_way {
        return Ok(());
    }
    let released = Order {
        state: OrderState::Received,
        updated_at: clock.now(),
        ..order
    };
    store::order::update(tx, &released).await?;
    let current = versions.iter().find(|version| version.seq == released.current_version);
    match current {
        Some(version) => receive::hand_on(tx, clock, &released, version).await,
        None => Err(StoreError::inconsistent("an order is without its current version")),
    }
}
