//! Prices and stock of every supplier in memory, and the one way to ask for them.
//!
//! Each supplier has an immutable snapshot, read at one number of the change feed. [`refresh_if_moved`] compares that
//! number with the feed and reads anew what moved (one price list, stock, accounts …, see [`parts`]), so that several
//! processes on one database follow each other; what did not move is shared with the snapshot before.

mod build;
mod near;
mod parts;
mod refresh;
pub mod visit;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::domain::money::Money;
use crate::domain::product::{Goods, Product};
use crate::domain::stock::Trust;
use crate::domain::terms::{
    Answer, Assortment, Beside, Hold, OrderAnswer, OrderRequest, PriceBook, Request, Tier, Unresolved,
};
use crate::service::{Error, Gateway, away, import};
use crate::store::{self, StoreError};
use build::Extent;
pub use near::{Loaded, load, load_some, loaded};
pub use refresh::{follow, refresh_if_moved, refresh_of, reload};

/// The snapshot of every supplier.
type Snapshots = HashMap<Uuid, Arc<Snapshot>>;

/// Prices and stock of every supplier.
#[derive(Default)]
pub struct Terms {
    /// Nothing before the first reading.
    held: RwLock<Option<Arc<Snapshots>>>,
    /// One reads at a time, so that an older snapshot never replaces a later one.
    reading: tokio::sync::Mutex<()>,
}

/// What is known of one supplier at one number of the change feed.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    /// The calendar by which validity dates are judged.
    zone: TimeZone,
    book: PriceBook,
    pub goods: Arc<Goods>,
    /// By what identifiers of rows are found in the book.
    names: Arc<build::Names>,
}

impl Terms {
    pub(super) fn snapshot(&self, tenant_id: Uuid) -> Option<Arc<Snapshot>> {
        self.all()?.get(&tenant_id).cloned()
    }

    fn all(&self) -> Option<Arc<Snapshots>> {
        match self.held.read() {
            Ok(held) => held.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    /// Only whoever reads calls this, and one reads at a time.
    fn replace(&self, all: Snapshots) {
        let mut held = match self.held.write() {
            Ok(held) => held,
            Err(poisoned) => poisoned.into_inner(),
        };
        *held = Some(Arc::new(all));
    }
}

/// The product of a part number, whether or not it is shown.
pub fn product(gateway: &Gateway, tenant_id: Uuid, sku: &str) -> Option<Arc<Product>> {
    gateway.terms.snapshot(tenant_id)?.goods.product(sku).cloned()
}

/// What is asked, and the snapshot that answers.
async fn asked<'r>(
    gateway: &Gateway,
    tenant_id: Uuid,
    request: impl FnOnce(Timestamp, Date) -> Request<'r>,
) -> Result<Option<(Arc<Snapshot>, Request<'r>)>, Error> {
    let Some(held) = gateway.terms.snapshot(tenant_id) else {
        return Ok(None);
    };
    let now = gateway.clock.now();
    let request = held.timed(request(now, held.day(now)), now);
    let request = trusting(request, away::trust(gateway, tenant_id, now));
    let beside = request.beside.iter().map(|line| line.product);
    let skus = beside.chain([request.product]);
    let near = near::near(gateway, tenant_id, held, [request.account].into_iter(), skus).await?;
    Ok(Some((near, request)))
}

/// Price and availability for any question, which is told the present instant and the supplier's day; [`Unresolved`]
/// when account, product or unit are not known, or the quantity has no exact base quantity.
///
/// # Errors
/// The store would not, where prices are asked in it.
pub async fn ask<'r>(
    gateway: &Gateway,
    tenant_id: Uuid,
    request: impl FnOnce(Timestamp, Date) -> Request<'r>,
) -> Result<Result<Answer, Unresolved>, Error> {
    let asked = asked(gateway, tenant_id, request).await?;
    let unknown = Err(Unresolved::UnknownAccount);
    Ok(asked.map_or(unknown, |(snapshot, request)| snapshot.book.resolve(&request)))
}

/// Price and availability of lines that belong together, which promotions count together; each question is told the
/// present instant and the supplier's day, and comes with the place of its own line among `lines`, where it is there.
///
/// # Errors
/// As for [`ask`].
pub async fn ask_all<'r>(
    gateway: &Gateway,
    tenant_id: Uuid,
    lines: &[Beside<'_>],
    count: usize,
    question: impl Fn(usize, Timestamp, Date) -> (Request<'r>, Option<usize>),
) -> Result<Vec<Result<Answer, Unresolved>>, Error> {
    let Some(held) = gateway.terms.snapshot(tenant_id) else {
        return Ok(vec![Err(Unresolved::UnknownAccount); count]);
    };
    let now = gateway.clock.now();
    let (today, trust) = (held.day(now), away::trust(gateway, tenant_id, now));
    let questions = (0..count).map(|at| {
        let (request, place) = question(at, now, today);
        (trusting(held.timed(request, now), trust), place)
    });
    let questions: Vec<(Request<'r>, Option<usize>)> = questions.collect();
    let accounts = questions.iter().map(|(request, _)| request.account);
    let skus = questions.iter().map(|(request, _)| request.product);
    let skus = skus.chain(lines.iter().map(|line| line.product));
    let near = near::near(gateway, tenant_id, held, accounts, skus).await?;
    Ok(near.book.resolve_all(lines, questions))
}

/// The staircase of prices for any question, lowest quantity first; the question's own quantity does not matter.
///
/// # Errors
/// As for [`ask`].
pub async fn tiers<'r>(
    gateway: &Gateway,
    tenant_id: Uuid,
    request: impl FnOnce(Timestamp, Date) -> Request<'r>,
) -> Result<Result<Vec<Tier>, Unresolved>, Error> {
    let asked = asked(gateway, tenant_id, request).await?;
    let unknown = Err(Unresolved::UnknownAccount);
    Ok(asked.map_or(unknown, |(snapshot, request)| snapshot.book.tiers(&request)))
}

/// Some products as the database has them, for whoever cannot wait for the book: answers are the same.
#[derive(Debug)]
pub struct Reading(Snapshot, Uuid);

impl Reading {
    /// Price and availability for a question about one of the products; no day is today by the supplier's calendar.
    ///
    /// # Errors
    /// [`Unresolved`] when account, product or unit are not known, or the quantity has no exact base quantity.
    pub fn ask<'r>(
        &self,
        gateway: &Gateway,
        request: impl FnOnce(Timestamp, Date) -> Request<'r>,
    ) -> Result<Answer, Unresolved> {
        let now = gateway.clock.now();
        let request = self.0.timed(request(now, self.0.day(now)), now);
        let trust = away::trust(gateway, self.1, now);
        self.0.book.resolve(&trusting(request, trust))
    }
}

/// Reads what decides about some products from the database, past the book.
///
/// # Errors
/// There is no such supplier, or the store would not.
pub async fn query(gateway: &Gateway, tenant_id: Uuid, skus: &[&str]) -> Result<Reading, Error> {
    let directory = gateway.directory();
    let Some(tenant) = directory.tenant(tenant_id).cloned() else {
        return Err(Error::Setting("There is no such supplier.".into()));
    };
    for _ in 0..refresh::READINGS_MAX {
        import::finish(gateway, tenant_id).await?;
        let as_of = gateway.clock.now();
        let reading = gateway.store.read(async |tx| {
            if !store::source::applying(tx, tenant_id).await?.is_empty() {
                return Ok(None);
            }
            let version = store::feed::head(tx, tenant_id).await?;
            let (parts, ids) = parts::read_some(tx, &tenant, skus).await?;
            let snapshot = build::snapshot(tx, &tenant, parts, None, Extent::Of(&ids)).await?;
            let snapshot = snapshot.at(u64::try_from(version).unwrap_or(0), as_of);
            Ok::<_, StoreError>(Some(Reading(snapshot, tenant_id)))
        });
        if let Some(reading) = reading.await? {
            return Ok(reading);
        }
    }
    Err(refresh::busy())
}

/// Lines that belong together, with tax, total, stock and credit; what is asked is told the present instant and the
/// supplier's day.
///
/// # Errors
/// As for [`ask`]; what is not resolved comes with the place of its line from 0.
pub async fn order<'r>(
    gateway: &Gateway,
    tenant_id: Uuid,
    request: impl FnOnce(Timestamp, Date) -> OrderRequest<'r>,
) -> Result<Result<OrderAnswer, (usize, Unresolved)>, Error> {
    let Some(held) = gateway.terms.snapshot(tenant_id) else {
        return Ok(Err((0, Unresolved::UnknownAccount)));
    };
    let now = gateway.clock.now();
    let mut order = request(now, held.day(now));
    order.time = held.time(order.date, order.time, now);
    let skus = order.lines.iter().map(|line| line.product);
    let near = near::near(gateway, tenant_id, held, [order.account].into_iter(), skus).await?;
    Ok(near.book.resolve_order(&order))
}

/// What an order takes from which warehouse once it is accepted; nothing where prices are not there. `own` is what it
/// held before.
pub fn hold<'r>(
    gateway: &Gateway,
    tenant_id: Uuid,
    own: &[Hold],
    request: impl FnOnce(Timestamp, Date) -> OrderRequest<'r>,
) -> Vec<Hold> {
    let Some(snapshot) = gateway.terms.snapshot(tenant_id) else {
        return Vec::new();
    };
    let now = gateway.clock.now();
    snapshot.book.hold(&request(now, snapshot.day(now)), own)
}

/// The product that an account means by a part number: ours, else one of its own; whether or not it may buy it.
pub fn part(gateway: &Gateway, tenant_id: Uuid, account: &str, number: &str) -> Option<Arc<Product>> {
    let own = || own_part(gateway, tenant_id, account, number);
    product(gateway, tenant_id, number).or_else(own)
}

/// The product that an account calls by a part number of its own.
fn own_part(gateway: &Gateway, tenant_id: Uuid, account: &str, number: &str) -> Option<Arc<Product>> {
    let snapshot = gateway.terms.snapshot(tenant_id)?;
    let index = snapshot.book.contracts.own_part(account, number)?;
    let sku = &snapshot.book.catalogue.product_at(index).sku;
    snapshot.goods.product(sku).cloned()
}

/// The present day by the supplier's calendar; `None` where nothing was read of the supplier.
pub fn today(gateway: &Gateway, tenant_id: Uuid) -> Option<Date> {
    let snapshot = gateway.terms.snapshot(tenant_id)?;
    Some(snapshot.day(gateway.clock.now()))
}

/// The smallest amount of a whole order of an account, without tax, today by the supplier's calendar.
pub fn order_minimum(gateway: &Gateway, tenant_id: Uuid, account: &str) -> Option<Money> {
    let snapshot = gateway.terms.snapshot(tenant_id)?;
    snapshot.book.order_minimum(account, snapshot.day(gateway.clock.now()))
}

/// The supplier's code of an account's address, by that code or the buyer's.
pub fn address(gateway: &Gateway, tenant_id: Uuid, account: &str, code: &str) -> Option<String> {
    let snapshot = gateway.terms.snapshot(tenant_id)?;
    let address = snapshot.book.contracts.address(account, code)?;
    Some(address.code.to_string())
}

/// What an account may see and buy; `None` where there is no such account.
pub fn assortment(gateway: &Gateway, tenant_id: Uuid, account: &str) -> Option<Assortment> {
    gateway.terms.snapshot(tenant_id)?.book.assortment(account)
}

/// Whether an account may see and buy a product.
pub fn is_offered(gateway: &Gateway, tenant_id: Uuid, account: &str, sku: &str) -> bool {
    let snapshot = gateway.terms.snapshot(tenant_id);
    snapshot.is_some_and(|snapshot| snapshot.book.is_offered(account, sku))
}

/// Whether an account has an address on record, by our code or the buyer's; nobody has one who is not known.
pub fn has_address(gateway: &Gateway, tenant_id: Uuid, account: &str, code: &str) -> bool {
    let snapshot = gateway.terms.snapshot(tenant_id);
    snapshot.is_some_and(|snapshot| snapshot.book.contracts.has_address(account, code))
}

/// A question that says how far stock is trusted, where it does not say so itself.
fn trusting(request: Request<'_>, trust: Trust) -> Request<'_> {
    Request {
        trust: request.trust.or(Some(trust)),
        ..request
    }
}

impl Snapshot {
    /// As it was read at a number of the change feed.
    fn at(mut self, version: u64, as_of: Timestamp) -> Self {
        self.book.version = version;
        self.book.as_of = as_of;
        self
    }

    /// The question at the present time of day, where it is about today and says no time.
    fn timed<'r>(&self, request: Request<'r>, now: Timestamp) -> Request<'r> {
        Request {
            time: self.time(request.date, request.time, now),
            ..request
        }
    }

    fn time(&self, date: Date, time: Time, now: Timestamp) -> Time {
        let at = now.to_zoned(self.zone.clone());
        match date == at.date() && time == Time::midnight() {
            true => at.time(),
            false => time,
        }
    }

    /// The day at the supplier's.
    fn day(&self, now: Timestamp) -> Date {
        now.to_zoned(self.zone.clone()).date()
    }
}
