//! Where the goods of an order go, beside where its visits said and what is on record.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use crate::domain::order::check::Draft;
use crate::domain::quote::Quote;
use crate::domain::session::{Session, ShipTo};
use crate::service::{Error, Gateway, terms};
use crate::store::{StoreError, rows};

/// The ship-tos of the visits that ended with these quotes, by the visit; all are read at once.
///
/// # Errors
/// The store would not.
pub async fn of_visits<'q>(
    gateway: &Gateway,
    tenant_id: Uuid,
    quotes: impl Iterator<Item = &'q Quote>,
) -> Result<HashMap<Uuid, ShipTo>, Error> {
    let visits: BTreeSet<Uuid> = quotes.map(|quote| quote.session_id).collect();
    let visits: Vec<Uuid> = visits.into_iter().collect();
    let read = gateway.store.read(async |tx| {
        let sessions: Vec<Session> = rows::some_of(tx, tenant_id, "id", &visits).await?;
        Ok::<_, StoreError>(sessions)
    });
    let ship_to = |session: Session| Some((session.id, session.ship_to?));
    Ok(read.await?.into_iter().filter_map(ship_to).collect())
}

/// Whether the account has the order's address on record; `None` where the order names none by a code.
pub fn is_known(gateway: &Gateway, tenant_id: Uuid, account: &str, draft: &Draft) -> Option<bool> {
    let code = draft.header.ship_to.as_ref()?.address_id.as_deref()?;
    Some(terms::has_address(gateway, tenant_id, account, code))
}
