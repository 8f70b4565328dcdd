//! Policies by which prices are decided.

use serde_json::Value;
use uuid::Uuid;

columns!(PolicyRow: "price_policy" { tenant_id, id, code, source_id, based_on, switches });

/// A policy, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Its code, unique.
    pub code: String,
    /// The source whose accounts and lists it is for, where they name no other.
    pub source_id: Option<Uuid>,
    /// The code of the policy that comes with the program which it is like; none is ours.
    pub based_on: Option<String>,
    /// The switches it sets otherwise, an object of [`crate::domain::terms::Policy`].
    pub switches: Value,
}
