//! Offers that were made: found again by the cart line they froze.

use std::collections::HashMap;

use uuid::Uuid;

use crate::domain::quote::{Quote, QuoteLine};
use crate::service::{Error, Gateway};
use crate::store::{self, StoreError};

/// The latest offer of each cart line.
///
/// # Errors
/// The store would not.
pub async fn find_lines(
    gateway: &Gateway,
    tenant_id: Uuid,
    line_ids: &[Uuid],
) -> Result<HashMap<Uuid, (Quote, QuoteLine)>, Error> {
    if line_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = gateway
        .store
        .read(async |tx| {
            let mut quotes: HashMap<Uuid, Quote> = HashMap::new();
            let mut found: HashMap<Uuid, (Quote, QuoteLine)> = HashMap::new();
            // The latest quote comes first, and the first of each line is kept.
            for line in store::quote::lines_by_id(tx, tenant_id, line_ids).await? {
                if found.contains_key(&line.line_id) {
                    continue;
                }
                if !quotes.contains_key(&line.quote_id)
                    && let Some(quote) = store::quote::find(tx, tenant_id, line.quote_id).await?
                {
                    quotes.insert(quote.id, quote);
                }
                if let Some(quote) = quotes.get(&line.quote_id) {
                    found.insert(line.line_id, (quote.clone(), line));
                }
            }
            Ok::<_, StoreError>(found)
        })
        .await?;
    Ok(found)
}

/// The latest offer of one cart line.
///
/// # Errors
/// The store would not.
pub async fn find_line(gateway: &Gateway, tenant_id: Uuid, line_id: Uuid) -> Result<Option<(Quote, QuoteLine)>, Error> {
    Ok(find_lines(gateway, tenant_id, &[line_id]).await?.remove(&line_id))
}
