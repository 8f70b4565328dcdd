//! The goods of a supplier, as the shop shows them.

use std::sync::Arc;

use uuid::Uuid;

use crate::domain::product::Goods;
use crate::service::Gateway;

/// The present goods of a supplier; `None` before its catalogue is loaded.
pub fn goods(gateway: &Gateway, tenant_id: Uuid) -> Option<Arc<Goods>> {
    gateway
        .terms
        .snapshot(tenant_id)
        .map(|snapshot| Arc::clone(&snapshot.goods))
}
