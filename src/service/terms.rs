//! Prices and stock of every supplier in memory, and the one way to ask for them.
//!
//! Each supplier has an immutable snapshot, read at one number of the change feed. [`refresh_if_moved`] compares that
//! number with the feed and reads anew what moved, so that several processes on one database follow each other.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, RwLock};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::account::Account;
use crate::domain::money::Currency;
use crate::domain::party::Tenant;
use crate::domain::product::{Category, CategoryTree, Goods, Product};
use crate::domain::session::Session;
use crate::domain::stock::Warehouse;
use crate::domain::terms::{
    AccountTerms, Answer, Assignment, Break, Catalogue, ListHead, PriceBook, PriceList, ProductTerms, Request,
    StockBook, StockRow, Target, Tier, UnitTerms, Unresolved,
};
use crate::service::{Error, Gateway, import};
use crate::store::product::KnownUnit;
use crate::store::terms::{AssignmentRow, BreakRow, ListRow, TargetKind};
use crate::store::{self, StoreError, Tx};

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
#[derive(Debug)]
pub(super) struct Snapshot {
    /// The calendar by which validity dates are judged.
    zone: TimeZone,
    book: PriceBook,
    pub goods: Arc<Goods>,
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

    fn replace(&self, all: Snapshots) {
        let mut held = match self.held.write() {
            Ok(held) => held,
            Err(poisoned) => poisoned.into_inner(),
        };
        *held = Some(Arc::new(all));
    }
}

/// Reads prices and stock of every supplier anew.
///
/// # Errors
/// The store would not, or a row contradicts itself.
pub async fn reload(gateway: &Gateway) -> Result<(), Error> {
    refresh(gateway, true).await.map(|_| ())
}

/// Reads anew what moved in the change feed since it was read, and tells of how many suppliers; cheap when nothing did.
///
/// # Errors
/// The store would not, or a row contradicts itself; what is held stays.
pub async fn refresh_if_moved(gateway: &Gateway) -> Result<usize, Error> {
    refresh(gateway, false).await
}

async fn refresh(gateway: &Gateway, is_forced: bool) -> Result<usize, Error> {
    let _reading = gateway.terms.reading.lock().await;
    let held = gateway.terms.all();
    let as_of = gateway.clock.now();
    let seen: HashMap<Uuid, u64> = match &held {
        Some(held) if !is_forced => held.iter().map(|(id, snapshot)| (*id, snapshot.book.version)).collect(),
        _ => HashMap::new(),
    };
    let Moved { tenants, rows } = moved(gateway, &seen).await?;
    let mut all = held.as_deref().cloned().unwrap_or_default();
    let count = rows.len();
    if count == 0 && all.keys().all(|id| tenants.contains(id)) && held.is_some() {
        return Ok(0);
    }
    all.retain(|id, _| tenants.contains(id));
    // Sorting and indexing a large catalogue takes longer than a thread for requests may be held.
    let built = tokio::task::spawn_blocking(move || {
        rows.into_iter()
            .map(|rows| (rows.tenant.id, Arc::new(rows.snapshot(as_of))))
            .collect::<Vec<_>>()
    });
    all.extend(
        built
            .await
            .map_err(|_| Error::Setting("The catalogue could not be built.".into()))?,
    );
    gateway.terms.replace(all);
    Ok(count)
}

/// The suppliers there are, and the rows of those that moved.
struct Moved {
    tenants: HashSet<Uuid>,
    rows: Vec<Rows>,
}

/// Readings begun anew because somebody began to apply a large file; each ends with that file applied.
const READINGS_MAX: usize = 10;

/// Reads the suppliers whose feed is not where it was seen; never in the middle of a file.
async fn moved(gateway: &Gateway, seen: &HashMap<Uuid, u64>) -> Result<Moved, Error> {
    for _ in 0..READINGS_MAX {
        import::finish_all(gateway).await?;
        let read = gateway.store.read(async |tx| {
            if !store::source::applying(tx).await?.is_empty() {
                return Ok(None);
            }
            let tenants = store::party::tenants(tx).await?;
            let heads = store::feed::heads(tx).await?.into_iter();
            let heads: HashMap<Uuid, u64> = heads
                .map(|head| (head.tenant_id, u64::try_from(head.seq).unwrap_or(0)))
                .collect();
            let mut rows = Vec::new();
            for tenant in &tenants {
                let version = heads.get(&tenant.id).copied().unwrap_or(0);
                if seen.get(&tenant.id) != Some(&version) {
                    rows.push(Rows::read(tx, tenant, version).await?);
                }
            }
            let tenants = tenants.into_iter().map(|tenant| tenant.id).collect();
            Ok::<_, StoreError>(Some(Moved { tenants, rows }))
        });
        if let Some(moved) = read.await? {
            return Ok(moved);
        }
    }
    Err(Error::Store(StoreError::busy("large files are being imported")))
}

/// Whether prices are there to be asked for.
pub fn is_loaded(gateway: &Gateway) -> bool {
    gateway.terms.all().is_some()
}

/// The product of a part number, whether or not it is shown.
pub fn product(gateway: &Gateway, tenant_id: Uuid, sku: &str) -> Option<Arc<Product>> {
    gateway.terms.snapshot(tenant_id)?.goods.product(sku).cloned()
}

/// Price and availability for the account of a visit, today by the supplier's calendar.
///
/// # Errors
/// [`Unresolved`] when account, product or unit are not known, or the quantity has no exact base quantity.
pub fn answer(
    gateway: &Gateway,
    session: &Session,
    sku: &str,
    quantity: Decimal,
    unit: Option<&str>,
) -> Result<Answer, Unresolved> {
    answer_for(gateway, session.tenant_id, &session.account_code, sku, quantity, unit)
}

/// Price and availability for an account, today by the supplier's calendar.
///
/// # Errors
/// As for [`answer`].
pub fn answer_for(
    gateway: &Gateway,
    tenant_id: Uuid,
    account: &str,
    sku: &str,
    quantity: Decimal,
    unit: Option<&str>,
) -> Result<Answer, Unresolved> {
    let snapshot = gateway.terms.snapshot(tenant_id).ok_or(Unresolved::UnknownAccount)?;
    snapshot
        .book
        .resolve(&snapshot.request(gateway, account, sku, quantity, unit))
}

/// The staircase of prices for the account of a visit, lowest quantity first, in one unit or the one offered first.
///
/// # Errors
/// As for [`answer`].
pub fn tiers(gateway: &Gateway, session: &Session, sku: &str, unit: Option<&str>) -> Result<Vec<Tier>, Unresolved> {
    let snapshot = gateway
        .terms
        .snapshot(session.tenant_id)
        .ok_or(Unresolved::UnknownAccount)?;
    snapshot
        .book
        .tiers(&snapshot.request(gateway, &session.account_code, sku, Decimal::ONE, unit))
}

impl Snapshot {
    fn request<'a>(
        &self,
        gateway: &Gateway,
        account: &'a str,
        product: &'a str,
        quantity: Decimal,
        unit: Option<&'a str>,
    ) -> Request<'a> {
        let now = gateway.clock.now();
        Request {
            account,
            product,
            quantity,
            unit,
            date: now.to_zoned(self.zone.clone()).date(),
            now,
        }
    }
}

/// What the store has of one supplier.
struct Rows {
    tenant: Tenant,
    version: u64,
    units: Vec<KnownUnit>,
    categories: Vec<Category>,
    products: Vec<Product>,
    accounts: Vec<Account>,
    groups: HashMap<Uuid, Arc<str>>,
    lists: Vec<(ListRow, Vec<BreakRow>)>,
    assignments: Vec<AssignmentRow>,
    warehouses: Vec<Warehouse>,
    stock: Vec<store::stock::StockRow>,
}

impl Rows {
    async fn read(tx: &mut Tx, tenant: &Tenant, version: u64) -> Result<Self, StoreError> {
        let id = tenant.id;
        let units = store::product::units(tx, id).await?;
        let categories = store::product::categories(tx, id).await?;
        let products = store::product::products(tx, id, &units, &categories).await?;
        let warehouses = store::stock::warehouses(tx, id).await?;
        let warehouse_codes = warehouses
            .iter()
            .map(|warehouse| (warehouse.id, warehouse.code.clone()))
            .collect();
        let accounts = store::account::accounts(tx, id, &warehouse_codes).await?;
        let groups = store::account::groups(tx, id).await?;
        let mut lists = Vec::new();
        for list in store::terms::lists(tx, id).await? {
            let breaks = store::terms::breaks(tx, id, list.id, list.version).await?;
            lists.push((list, breaks));
        }
        Ok(Rows {
            tenant: tenant.clone(),
            version,
            units,
            categories,
            products,
            accounts,
            groups: groups.into_iter().map(|group| (group.id, group.code.into())).collect(),
            lists,
            assignments: store::terms::assignments(tx, id).await?,
            warehouses,
            stock: store::stock::levels(tx, id).await?,
        })
    }

    fn snapshot(self, as_of: Timestamp) -> Snapshot {
        let tenant = &self.tenant;
        let zone = TimeZone::get(&tenant.time_zone).unwrap_or_else(|_| {
            tracing::error!(tenant = %tenant.code, "terms.time_zone_unknown");
            TimeZone::UTC
        });
        let tree = CategoryTree::new(self.categories).unwrap_or_else(|error| {
            // The import lets no such rows in; goods without categories are better than none.
            tracing::error!(tenant = %tenant.code, %error, "terms.categories_unusable");
            CategoryTree::default()
        });
        let catalogue = catalogue(&self.units, &self.products);
        let assignments = assignments(&self.assignments, &self.accounts, &self.groups);
        let unit_codes: HashMap<Uuid, &str> = self.units.iter().map(|known| (known.id, &*known.unit.code)).collect();
        let lists = self
            .lists
            .into_iter()
            .filter_map(|(list, breaks)| price_list(list, breaks, &catalogue, &unit_codes));
        let lists = lists.map(Arc::new).collect();
        let stock = stock_book(&self.warehouses, &self.stock, &catalogue);
        let mut book = PriceBook::empty(as_of);
        book.version = self.version;
        book.catalogue = Arc::new(catalogue);
        book.stock = Arc::new(stock);
        let accounts = self.accounts.iter().map(account_terms).collect();
        let units = self.units.into_iter().map(|known| known.unit);
        Snapshot {
            zone,
            book: book.with_contracts(accounts, lists, &assignments),
            goods: Arc::new(Goods::new(self.products, tree, units, &self.warehouses, &self.accounts)),
        }
    }
}

fn catalogue(units: &[KnownUnit], products: &[Product]) -> Catalogue {
    let units = units.iter().map(|known| UnitTerms {
        code: known.unit.code.as_str().into(),
        decimals: known.unit.decimals,
    });
    let mut catalogue = Catalogue::new(units);
    for product in products {
        let Some(base_unit) = catalogue.unit(&product.base_unit) else {
            continue;
        };
        let default_unit = product.default_unit().and_then(|unit| catalogue.unit(&unit.unit));
        let units = product.units.iter();
        let units = units.filter_map(|unit| Some((catalogue.unit(&unit.unit)?, unit.factor, unit.is_sellable)));
        let terms = ProductTerms {
            id: product.id,
            sku: product.sku.as_str().into(),
            base_unit,
            default_unit: default_unit.unwrap_or(base_unit),
            units: units.collect(),
            price_quantity: product.price_quantity,
            list_price: product.list_price,
            min_order_quantity: product.min_order_quantity,
            order_multiple: product.order_multiple,
            lead_time_days: product.lead_time_days,
            status: product.status,
        };
        catalogue.add(terms);
    }
    catalogue
}

fn account_terms(account: &Account) -> AccountTerms {
    AccountTerms {
        code: account.code.as_str().into(),
        parent: account.parent.as_deref().map(Into::into),
        price_inherit: account.price_inherit,
        currency: account.currency,
        default_warehouse: account.default_warehouse.as_deref().map(Into::into),
        groups: account.groups.iter().map(|code| code.as_str().into()).collect(),
        status: account.status,
    }
}

/// Assignments to those that are still there.
fn assignments(rows: &[AssignmentRow], accounts: &[Account], groups: &HashMap<Uuid, Arc<str>>) -> Vec<Assignment> {
    let accounts: HashMap<Uuid, &str> = accounts.iter().map(|account| (account.id, &*account.code)).collect();
    let assignment = |row: &AssignmentRow| {
        let target = match row.target_kind {
            TargetKind::Account => Target::Account((*accounts.get(&row.target_id)?).into()),
            TargetKind::Group => Target::Group(groups.get(&row.target_id)?.clone()),
            TargetKind::All => Target::All,
        };
        Some(Assignment {
            list: row.price_list_id,
            target,
            priority: i32::try_from(row.priority).unwrap_or(i32::MAX),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        })
    };
    rows.iter().filter_map(assignment).collect()
}

/// A list with the entries whose product and unit are still there.
fn price_list(
    list: ListRow,
    rows: Vec<BreakRow>,
    catalogue: &Catalogue,
    unit_codes: &HashMap<Uuid, &str>,
) -> Option<PriceList> {
    let Ok(currency) = Currency::parse(&list.currency) else {
        tracing::error!(list = %list.code, "terms.list_currency_unknown");
        return None;
    };
    let head = ListHead {
        id: list.id,
        code: list.code.into(),
        kind: list.kind,
        currency,
        priority: i32::try_from(list.priority).unwrap_or(i32::MAX),
        valid_from: list.valid_from,
        valid_to: list.valid_to,
    };
    let entry = |row: BreakRow| {
        Some(Break {
            product: catalogue.product_by_id(row.product_id)?,
            unit: catalogue.unit(unit_codes.get(&row.uom_id)?)?,
            min_quantity: row.min_qty,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            price: row.price,
            price_quantity: row.price_qty,
        })
    };
    Some(PriceList::new(head, rows.into_iter().filter_map(entry).collect()))
}

fn stock_book(warehouses: &[Warehouse], rows: &[store::stock::StockRow], catalogue: &Catalogue) -> StockBook {
    let places: HashMap<Uuid, u16> = warehouses
        .iter()
        .zip(0..)
        .map(|(warehouse, at)| (warehouse.id, at))
        .collect();
    let row = |row: &store::stock::StockRow| {
        Some(StockRow {
            warehouse: *places.get(&row.warehouse_id)?,
            product: catalogue.product_by_id(row.product_id)?,
            level: row.level(),
        })
    };
    StockBook::new(warehouses.to_vec(), rows.iter().filter_map(row).collect())
}
