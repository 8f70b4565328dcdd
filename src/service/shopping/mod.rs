//! What a buyer's user keeps from visit to visit: lists to order again, and what went back, with what changed since.

pub mod quick;

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::session::Session;
use crate::domain::shopping::{Bought, ListedProduct, Shopper, ShoppingList};
use crate::domain::stock::Band;
use crate::domain::terms::Answer;
use crate::service::session::cart::{self, Cart, Unchanged, Wanted};
use crate::service::session::visit::Visit;
use crate::service::{Error, Gateway, terms};
use crate::store::{self, StoreError};

/// Characters of a list's name at most.
const NAME_CHARS_MAX: usize = 80;

/// Who shops in a visit; `None` where the buyer's system does not say, so that strangers share nothing.
pub fn shopper(session: &Session) -> Option<Shopper> {
    Some(Shopper {
        tenant_id: session.tenant_id,
        connection_id: session.connection_id,
        user_key: session.user.key()?.to_owned(),
    })
}

/// A list with what is on it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The list.
    pub list: ShoppingList,
    /// What is on it, in the order it was put there.
    pub products: Vec<ListedProduct>,
}

impl Kept {
    /// Whether a product is on it, in any unit.
    pub fn has(&self, sku: &str) -> bool {
        self.products.iter().any(|product| product.sku == sku)
    }
}

/// The lists of a user, favourites first, then in the order they were made.
///
/// # Errors
/// The store would not.
pub async fn lists(gateway: &Gateway, shopper: &Shopper) -> Result<Vec<Kept>, Error> {
    let shopper = shopper.clone();
    let (mut lists, products) = gateway
        .store
        .read(async move |tx| {
            let lists = store::shopping::lists(tx, &shopper).await?;
            let ids: Vec<Uuid> = lists.iter().map(|list| list.id).collect();
            let products = store::shopping::listed(tx, shopper.tenant_id, &ids).await?;
            Ok::<_, StoreError>((lists, products))
        })
        .await?;
    lists.sort_by_key(|list| (list.name.is_some(), list.id));
    let kept = |list: ShoppingList| Kept {
        products: products
            .iter()
            .filter(|product| product.list_id == list.id)
            .cloned()
            .collect(),
        list,
    };
    Ok(lists.into_iter().map(kept).collect())
}

/// Why a list was not changed; shown to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It has no name, or a longer one than is shown.
    Name,
    /// The user has as many lists as are kept.
    TooManyLists,
    /// The list has as many products as it takes.
    ListFull,
    /// There is no such list of this user.
    NoList,
    /// The product is not in the catalogue, or not sold in this unit.
    Product,
}

/// A change of one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another name.
    Rename(String),
    /// The list is not needed any more.
    Delete,
    /// Products are put on it, over those with the same part number and unit.
    Put(Vec<Wanted>),
    /// A product is taken off, in one unit or in all.
    TakeOff(String, Option<String>),
}

/// Which list is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The favourites, which begin with the first product put there.
    Favourites,
    /// One by its identifier.
    Named(Uuid),
    /// A new one of this name.
    New(String),
}

/// Changes a list and tells which it was.
///
/// # Errors
/// [`Error`] when the store would not; the inner error says why nothing was changed.
pub async fn change(
    gateway: &Gateway,
    shopper: &Shopper,
    which: Which,
    change: Option<Change>,
) -> Result<Result<Uuid, Refused>, Error> {
    let name = match (&which, &change) {
        (Which::New(name), _) | (_, Some(Change::Rename(name))) => Some(name),
        _ => None,
    };
    if name.is_some_and(|name| named(name).is_none()) {
        return Ok(Err(Refused::Name));
    }
    if let Some(Change::Put(wanted)) = &change
        && !wanted.iter().all(|wanted| is_sold(gateway, shopper, wanted))
    {
        return Ok(Err(Refused::Product));
    }
    let limits = &gateway.config.shop;
    let (lists_max, lines_max) = (limits.lists_max, limits.list_lines_max);
    let fresh = ShoppingList {
        tenant_id: shopper.tenant_id,
        id: gateway.clock.new_id(),
        connection_id: shopper.connection_id,
        user_key: shopper.user_key.clone(),
        name: match &which {
            Which::New(name) => named(name),
            Which::Favourites | Which::Named(_) => None,
        },
        created_at: gateway.clock.now(),
    };
    let shopper = shopper.clone();
    let changed = gateway.store.write(async move |tx| {
        store::shopping::lock(tx, &shopper).await?;
        let lists = store::shopping::lists(tx, &shopper).await?;
        let held = lists.iter().find(|list| match &which {
            Which::Favourites => list.name.is_none(),
            Which::Named(id) => list.id == *id,
            Which::New(_) => false,
        });
        let list = match (held, &which) {
            (Some(held), _) => held,
            (None, Which::Named(_)) => return Ok(Err(Refused::NoList)),
            (None, _) if lists.len() >= lists_max => return Ok(Err(Refused::TooManyLists)),
            (None, _) => {
                store::shopping::insert(tx, &fresh).await?;
                &fresh
            }
        };
        let done = match &change {
            None => Ok(()),
            Some(change) => apply(tx, list, change, fresh.created_at, lines_max).await?,
        };
        Ok::<_, StoreError>(done.map(|()| list.id))
    });
    Ok(changed.await?)
}

async fn apply(
    tx: &mut store::Tx,
    list: &ShoppingList,
    change: &Change,
    now: jiff::Timestamp,
    lines_max: usize,
) -> Result<Result<(), Refused>, StoreError> {
    let (tenant_id, list_id) = (list.tenant_id, list.id);
    match change {
        Change::Rename(name) if list.name.is_some() => {
            store::shopping::rename(tx, tenant_id, list_id, name.trim()).await?
        }
        Change::Rename(_) => return Ok(Err(Refused::NoList)),
        Change::Delete => store::shopping::delete(tx, tenant_id, list_id).await?,
        Change::TakeOff(sku, unit) => {
            store::shopping::take_off(tx, tenant_id, list_id, sku, unit.as_deref()).await?;
        }
        Change::Put(wanted) => {
            let held = store::shopping::listed(tx, tenant_id, &[list_id]).await?;
            let put: Vec<ListedProduct> = wanted.iter().map(|wanted| listed(list, wanted, &held, now)).collect();
            let is_new = |product: &&ListedProduct| held.iter().all(|held| !is_same(held, product));
            if held.len() + put.iter().filter(is_new).count() > lines_max {
                return Ok(Err(Refused::ListFull));
            }
            store::shopping::put_listed(tx, &put).await?;
        }
    }
    Ok(Ok(()))
}

fn is_same(one: &ListedProduct, other: &ListedProduct) -> bool {
    one.sku == other.sku && one.unit == other.unit
}

/// The row of a product; one that is there already keeps its place.
fn listed(list: &ShoppingList, wanted: &Wanted, held: &[ListedProduct], now: jiff::Timestamp) -> ListedProduct {
    let before = held
        .iter()
        .find(|held| held.sku == wanted.sku && held.unit == wanted.unit);
    ListedProduct {
        tenant_id: list.tenant_id,
        list_id: list.id,
        sku: wanted.sku.clone(),
        unit: wanted.unit.clone(),
        quantity: wanted.quantity,
        added_at: before.map_or(now, |before| before.added_at),
    }
}

/// A name as it is kept.
fn named(name: &str) -> Option<String> {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}

fn is_sold(gateway: &Gateway, shopper: &Shopper, wanted: &Wanted) -> bool {
    let product = terms::product(gateway, shopper.tenant_id, &wanted.sku);
    product.is_some_and(|product| product.sellable_units().any(|unit| unit.unit == wanted.unit))
}

/// What is on a list, as it goes in a cart.
pub fn wanted(listed: &ListedProduct) -> Wanted {
    Wanted {
        sku: listed.sku.clone(),
        unit: listed.unit.clone(),
        quantity: listed.quantity,
    }
}

/// What came of ordering many products at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ordered {
    /// How many are in the cart now.
    pub added: u64,
    /// Part numbers of those that cannot be ordered at present.
    pub left_out: Vec<String>,
}

/// Puts everything on a list in the cart that can be ordered.
///
/// # Errors
/// [`Error`] when the store would not; the inner error says why the cart was not changed.
pub async fn order_all(gateway: &Gateway, visit: &Visit, kept: &Kept) -> Result<Result<Ordered, Unchanged>, Error> {
    let all: Vec<Wanted> = kept.products.iter().map(wanted).collect();
    let answers = terms::visit::answer_wanted(gateway, visit, &all).await?;
    let mut wanted = Vec::new();
    let mut ordered = Ordered::default();
    for (product, answer) in all.into_iter().zip(answers) {
        match answer.is_ok_and(|answer| answer.is_orderable()) {
            true => wanted.push(product),
            false => ordered.left_out.push(product.sku),
        }
    }
    ordered.added = wanted.len() as u64;
    Ok(cart::add(gateway, visit, &wanted).await?.map(|()| ordered))
}

/// What the user returned last, the latest first, each with the terms of today.
///
/// # Errors
/// The store would not.
pub async fn bought(gateway: &Gateway, visit: &Visit, limit: i64) -> Result<Vec<Again>, Error> {
    let Some(shopper) = shopper(&visit.session) else {
        return Ok(Vec::new());
    };
    let rows = gateway
        .store
        .read(async move |tx| store::shopping::bought(tx, &shopper, limit).await)
        .await?;
    let mut again = Vec::with_capacity(rows.len());
    for bought in rows {
        let (sku, unit) = (&bought.sku, Some(&*bought.unit));
        let answer = terms::visit::answer(gateway, visit, sku, bought.quantity, unit).await?;
        again.push(Again {
            answer: answer.ok(),
            bought,
        });
    }
    Ok(again)
}

/// Something bought before, at the terms of today.
#[derive(Clone, Debug)]
pub struct Again {
    /// As it went back.
    pub bought: Bought,
    /// The terms of today; `None` for what is not in the catalogue any more.
    pub answer: Option<Answer>,
}

/// What changed since something was bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It costs another price, in the same currency.
    Price,
    /// It cannot be ordered any more.
    Gone,
    /// It was there, and is not now.
    OutOfStock,
    /// It was not there, and is now.
    BackInStock,
}

impl Again {
    /// What changed since, the weightiest first.
    pub fn differences(&self) -> Vec<Difference> {
        let orderable = self.answer.as_ref().filter(|answer| answer.is_orderable());
        let Some(answer) = orderable else {
            return vec![Difference::Gone];
        };
        let mut found = Vec::new();
        let now = answer
            .unit_price
            .filter(|price| price.currency.code() == self.bought.currency);
        let is_other = |price: Decimal| {
            price.checked_mul(self.bought.price_quantity) != self.bought.unit_price.checked_mul(answer.price_quantity)
        };
        if now.is_some_and(|price| is_other(price.amount)) {
            found.push(Difference::Price);
        }
        match (
            self.bought.band == Band::InStock,
            answer.availability.band == Band::InStock,
        ) {
            (true, false) => found.push(Difference::OutOfStock),
            (false, true) => found.push(Difference::BackInStock),
            _ => {}
        }
        found
    }
}

/// What a cart that goes back leaves to remember.
pub fn remembered(gateway: &Gateway, visit: &Visit, cart: &Cart) -> Vec<Bought> {
    let Some(shopper) = shopper(&visit.session) else {
        return Vec::new();
    };
    let mut bought: Vec<Bought> = Vec::new();
    for line in &cart.lines {
        let Some((answer, price)) = line
            .answer
            .as_ref()
            .and_then(|answer| Some((answer, answer.unit_price?)))
        else {
            continue;
        };
        // The same product on two lines is one to remember.
        if let Some(held) = bought
            .iter_mut()
            .find(|held| held.sku == line.line.sku && held.unit == line.line.unit)
        {
            held.quantity += line.line.quantity;
            continue;
        }
        bought.push(Bought {
            tenant_id: shopper.tenant_id,
            connection_id: shopper.connection_id,
            user_key: shopper.user_key.clone(),
            sku: line.line.sku.clone(),
            unit: line.line.unit.clone(),
            quantity: line.line.quantity,
            unit_price: price.amount,
            price_quantity: answer.price_quantity,
            currency: price.currency.code().to_owned(),
            band: answer.availability.band,
            ships_on: answer.availability.ships_on,
            bought_at: gateway.clock.now(),
        });
    }
    bought
}
