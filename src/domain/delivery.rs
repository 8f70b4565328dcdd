//! A finished outbound job: to the ERP, a buyer, by mail or webhook.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where a delivery goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The supplier's ERP.
    Erp,
    /// The buyer's network.
    Buyer,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// Waiting for its time.
    Pending,
    /// Leased by a worker.
    Sending,
    /// Accepted by the receiver.
    Done,
    /// A person must look.
    Parked,
}

/// One outbound job; its bytes are frozen when it is queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Receiver.
    pub target: Target,
    /// What it is, for example `order.create`, `order.change`, `order.cancel`.
    pub kind: String,
    /// The thing it is about; deliveries of one subject keep their order.
    pub subject_id: Uuid,
    /// Makes a repeated enqueue harmless: unique with target and kind.
    pub idempotency_key: String,
    /// The frozen content.
    pub body: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Tries so far.
    pub attempts: i64,
    /// Next try.
    pub due_at: Timestamp,
    /// When it was queued.
    pub created_at: Timestamp,
}

/// One try to send a delivery; recorded before its bytes leave, completed when the answer is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The delivery.
    pub delivery_id: Uuid,
    /// From 1.
    pub number: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took; `None` while it runs, and for ever when we crashed in between: outcome unknown.
    pub duration_ms: Option<i64>,
    /// HTTP status of the answer.
    pub status: Option<i64>,
    /// The answer's first 20,000 characters, without secrets.
    pub answer: Option<String>,
    /// Why there is no answer.
    pub error: Option<String>,
}
