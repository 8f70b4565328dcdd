//! How many products an account may buy: what it may not buy is not even counted.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::{Key, Order, stage};
use crate::domain::product::Goods;
use crate::domain::terms::Assortment;
use crate::search::Ask;
use crate::service::{Error, Gateway, product, terms};

/// How many products an account may buy.
#[derive(Clone, Debug)]
pub struct Counts {
    goods: Arc<Goods>,
    /// All, and those in each category and below it; nothing where the account may buy everything.
    limited: Option<(u64, HashMap<String, u64>)>,
}

impl Counts {
    /// In all.
    pub fn total(&self) -> u64 {
        self.limited.as_ref().map_or(self.goods.count(), |(total, _)| *total)
    }

    /// In a category and below it.
    pub fn of(&self, category: &str) -> u64 {
        match &self.limited {
            None => self.goods.count_in(category),
            Some((_, counts)) => counts.get(category).copied().unwrap_or(0),
        }
    }
}

/// Counts what an account may buy; nothing while a large index is being made, or before there are goods.
///
/// # Errors
/// As for [`super::find`].
pub async fn counts(gateway: &Gateway, tenant_id: Uuid, account: &str) -> Result<Option<Counts>, Error> {
    if let Some(goods) = all_goods(gateway, tenant_id, account) {
        return Ok(Some(Counts { goods, limited: None }));
    }
    let Some((held, goods, assortment)) = stage(gateway, tenant_id, account).await? else {
        return Ok(None);
    };
    let found = held.index.find(&Ask {
        facets: &[Key::Category],
        ..counting(account, &assortment)
    })?;
    let counts = found.counted.into_iter().flat_map(|counted| counted.values).collect();
    Ok(Some(Counts {
        goods,
        limited: Some((found.total, counts)),
    }))
}

/// Whether there is something in a category or below it that an account may buy; nothing while nobody can tell.
///
/// # Errors
/// As for [`super::find`].
pub async fn is_any_in(
    gateway: &Gateway,
    tenant_id: Uuid,
    account: &str,
    category: &str,
) -> Result<Option<bool>, Error> {
    if let Some(goods) = all_goods(gateway, tenant_id, account) {
        return Ok(Some(goods.count_in(category) > 0));
    }
    let Some((held, _, assortment)) = stage(gateway, tenant_id, account).await? else {
        return Ok(None);
    };
    let found = held.index.find(&Ask {
        category: Some(category),
        ..counting(account, &assortment)
    })?;
    Ok(Some(found.total > 0))
}

/// The goods, where the account may buy all of them.
fn all_goods(gateway: &Gateway, tenant_id: Uuid, account: &str) -> Option<Arc<Goods>> {
    let assortment = terms::assortment(gateway, tenant_id, account)?;
    assortment.is_everything().then(|| product::goods(gateway, tenant_id))?
}

/// A question for how many there are, and nothing else.
fn counting<'q>(account: &'q str, assortment: &'q Assortment) -> Ask<'q> {
    Ask {
        text: "",
        is_begun: false,
        account,
        assortment,
        category: None,
        filters: &[],
        facets: &[],
        order: Order::Listing,
        skip: 0,
        take: 0,
    }
}
