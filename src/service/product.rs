//! The goods of a supplier, as the shop shows them.

use std::sync::Arc;

use uuid::Uuid;

use crate::domain::product::{Goods, Product};
use crate::domain::session::Session;
use crate::service::{Error, Gateway, terms};
use crate::store::{self, StoreError};

/// Accessories and spare parts shown with a product; more are found by searching.
const RELATED_MAX: i64 = 8;

/// The present goods of a supplier; `None` before its catalogue is loaded.
pub fn goods(gateway: &Gateway, tenant_id: Uuid) -> Option<Arc<Goods>> {
    gateway
        .terms
        .snapshot(tenant_id)
        .map(|snapshot| Arc::clone(&snapshot.goods))
}

/// What the account of a visit calls a product.
///
/// # Errors
/// The store would not.
pub async fn own_number(gateway: &Gateway, session: &Session, product: &Product) -> Result<Option<String>, Error> {
    let (tenant_id, account) = (session.tenant_id, session.account_code.as_str());
    let read = gateway.store.read(async |tx| {
        let row = store::belonging::own_number(tx, tenant_id, account, product.id).await?;
        Ok::<_, StoreError>(row.map(|row| row.customer_sku))
    });
    Ok(read.await?)
}

/// Part numbers of accessories and spare parts of a product, and whether each is a spare part.
///
/// # Errors
/// The store would not.
pub async fn related(gateway: &Gateway, session: &Session, product: &Product) -> Result<Vec<(String, bool)>, Error> {
    let Some(today) = terms::today(gateway, session.tenant_id) else {
        return Ok(Vec::new());
    };
    let read = gateway.store.read(async |tx| {
        let rows = store::relation::related(tx, session.tenant_id, product.id, today, RELATED_MAX).await?;
        Ok::<_, StoreError>(rows)
    });
    let rows = read.await?.into_iter();
    Ok(rows.map(|row| (row.sku, row.is_spare)).collect())
}
