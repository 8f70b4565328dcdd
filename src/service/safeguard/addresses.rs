//! Where the goods of an order go, beside where its visits said and what is on record.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::domain::order::check::Draft;
use crate::domain::quote::Quote;
use crate::domain::session::ShipTo;
use crate::service::{Error, Gateway, terms};
use crate::store::{self, StoreError};

/// Visits of one order that are looked at: an order has one, or a few where carts were put together.
const VISITS_MAX: usize = 50;

/// The ship-tos of the visits that ended with these quotes.
///
/// # Errors
/// The store would not.
pub async fn of_visits<'q>(gateway: &Gateway, quotes: impl Iterator<Item = &'q Quote>) -> Result<Vec<ShipTo>, Error> {
    let visits: BTreeSet<(Uuid, Uuid)> = quotes.map(|quote| (quote.tenant_id, quote.session_id)).collect();
    if visits.is_empty() {
        return Ok(Vec::new());
    }
    let read = gateway.store.read(async |tx| {
        let mut found = Vec::new();
        for (tenant_id, id) in visits.iter().take(VISITS_MAX) {
            let session = store::session::find(tx, *tenant_id, *id).await?;
            found.extend(session.and_then(|session| session.ship_to));
        }
        Ok::<_, StoreError>(found)
    });
    Ok(read.await?)
}

/// Whether the account has the order's address on record; `None` where the order names none by a code.
pub fn is_known(gateway: &Gateway, tenant_id: Uuid, account: &str, draft: &Draft) -> Option<bool> {
    let code = draft.header.ship_to.as_ref()?.address_id.as_deref()?;
    Some(terms::has_address(gateway, tenant_id, account, code))
}
