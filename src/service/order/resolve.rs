//! A person decides an exception; an order without open exceptions goes on to the ERP.

use uuid::Uuid;

use crate::domain::order::{Order, OrderState};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{AuditEntry, Staff};
use crate::service::order::receive;
use crate::service::{Error, Gateway};
use crate::store::{self, StoreError};

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
/// The exception is gone or decided already, or the store would not.
pub async fn resolve(
    gateway: &Gateway,
    staff: &Staff,
    exception_id: Uuid,
    verdict: Verdict,
    remark: &str,
) -> Result<(), Error> {
    let tenant_id = staff.tenant_id;
    let now = gateway.clock.now();
    let remark: String = remark.trim().chars().take(500).collect();
    let resolution = if remark.is_empty() {
        verdict.word().to_owned()
    } else {
        format!("{}: {remark}", verdict.word())
    };
    let audit = AuditEntry {
        tenant_id,
        id: gateway.clock.new_id(),
        at: now,
        staff_id: Some(staff.id),
        action: "order.exception.resolve".to_owned(),
        subject: exception_id.to_string(),
        detail: serde_json::json!({ "resolution": resolution }),
    };
    let staff_id = staff.id;
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
            let all = store::order::exceptions(tx, tenant_id, exception.order_key).await?;
            let in_the_way = all.iter().any(|other| match &other.resolution {
                None => true,
                Some(resolution) => resolution.starts_with(Verdict::Reject.word()),
            });
            let order = store::order::find(tx, tenant_id, exception.order_key).await?;
            if let Some(order) = order.filter(|order| !in_the_way && order.state == OrderState::Held) {
                let released = Order {
                    state: OrderState::Received,
                    updated_at: now,
                    ..order
                };
                store::order::update(tx, &released).await?;
                let versions = store::order::versions(tx, tenant_id, released.id).await?;
                let current = versions.iter().find(|version| version.seq == released.current_version);
                if let Some(delivery) = current.and_then(|version| receive::delivery(&clock, &released, version)) {
                    store::delivery::enqueue(tx, &delivery).await?;
                }
            }
            Ok(true)
        })
        .await?;
    if done {
        Ok(())
    } else {
        Err(Refusal::new(Code::Conflict, "This was decided already.").into())
    }
}
