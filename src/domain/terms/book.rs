//! The price book: products, contracts and stock of one tenant, immutable, replaced part by part.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Level;
use super::list::{ListHead, ListKind, PriceList};
use crate::domain::account::{AccountStatus, PriceInherit};
use crate::domain::money::{Currency, Money};
use crate::domain::product::ProductStatus;
use crate::domain::stock::{StockLevel, Warehouse};
use crate::domain::unit::Factor;

/// A product's place in the [`Catalogue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductIndex(pub(super) u32);

/// A unit's place in the [`Catalogue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitIndex(pub(super) u16);

/// What terms need to know of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductTerms {
    /// Our identifier.
    pub id: Uuid,
    /// The part number.
    pub sku: Arc<str>,
    /// The unit that stock, minimum and multiple are counted in.
    pub base_unit: UnitIndex,
    /// The unit the shop offers first.
    pub default_unit: UnitIndex,
    /// Its units, the base unit among them.
    pub units: Box<[(UnitIndex, Factor, bool)]>,
    /// How many base units the list price is for.
    pub price_quantity: Decimal,
    /// The list price.
    pub list_price: Option<Money>,
    /// The smallest order, in base units.
    pub min_order_quantity: Option<Decimal>,
    /// Orders are multiples of it, in base units.
    pub order_multiple: Option<Decimal>,
    /// Days until a shortage ships.
    pub lead_time_days: Option<u32>,
    /// Whether it may be sold.
    pub status: ProductStatus,
}

/// What terms need to know of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitTerms {
    /// The supplier's code.
    pub code: Arc<str>,
    /// Digits after the point a quantity may have.
    pub decimals: u32,
}

/// Products and units, with a number for each.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    units: Vec<UnitTerms>,
    unit_of_code: HashMap<Arc<str>, UnitIndex>,
    products: Vec<ProductTerms>,
    product_of_sku: HashMap<Arc<str>, ProductIndex>,
    product_of_id: HashMap<Uuid, ProductIndex>,
}

impl Catalogue {
    /// A catalogue of units, without products.
    pub fn new(units: impl IntoIterator<Item = UnitTerms>) -> Self {
        let mut catalogue = Catalogue::default();
        for unit in units {
            let index = UnitIndex(u16::try_from(catalogue.units.len()).unwrap_or(u16::MAX));
            catalogue.unit_of_code.insert(unit.code.clone(), index);
            catalogue.units.push(unit);
        }
        catalogue
    }

    /// Adds a product, or replaces the one with its part number.
    pub fn add(&mut self, product: ProductTerms) -> ProductIndex {
        let next = ProductIndex(u32::try_from(self.products.len()).unwrap_or(u32::MAX));
        let index = *self.product_of_sku.entry(product.sku.clone()).or_insert(next);
        self.product_of_id.insert(product.id, index);
        match self.products.get_mut(index.0 as usize) {
            Some(place) => *place = product,
            None => self.products.push(product),
        }
        index
    }

    /// The unit of a code.
    pub fn unit(&self, code: &str) -> Option<UnitIndex> {
        self.unit_of_code.get(code).copied()
    }

    /// The product of a part number.
    pub fn product(&self, sku: &str) -> Option<ProductIndex> {
        self.product_of_sku.get(sku).copied()
    }

    /// The product of an identifier.
    pub fn product_by_id(&self, id: Uuid) -> Option<ProductIndex> {
        self.product_of_id.get(&id).copied()
    }

    /// The product at a place.
    pub fn product_at(&self, index: ProductIndex) -> &ProductTerms {
        &self.products[index.0 as usize]
    }

    /// The unit at a place.
    pub fn unit_at(&self, index: UnitIndex) -> &UnitTerms {
        &self.units[usize::from(index.0)]
    }

    /// How many products there are.
    pub fn len(&self) -> usize {
        self.products.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }
}

/// What terms need to know of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTerms {
    /// Its code.
    pub code: Arc<str>,
    /// The code of the account above.
    pub parent: Option<Arc<str>>,
    /// Whether the parent's lists apply after its own.
    pub price_inherit: PriceInherit,
    /// The currency it is billed in.
    pub currency: Currency,
    /// The warehouse it is served from first.
    pub default_warehouse: Option<Arc<str>>,
    /// Codes of the price groups it belongs to.
    pub groups: Box<[Arc<str>]>,
    /// Whether it may buy.
    pub status: AccountStatus,
}

/// Whom a list is assigned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One account, by its code.
    Account(Arc<str>),
    /// A group of accounts, by its code.
    Group(Arc<str>),
    /// All accounts.
    All,
}

/// One list given to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The list.
    pub list: Uuid,
    /// To whom.
    pub target: Target,
    /// The lower number comes first.
    pub priority: i32,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
}

/// One list an account may use, in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub level: Level,
    /// Place of the list in [`PriceBook::lists`].
    pub list: u32,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
}

/// An account with the lists it uses, in order.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub account: AccountTerms,
    pub ways: Box<[Way]>,
}

/// Accounts and which lists each uses, in order of precedence.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    routes: HashMap<Arc<str>, Route>,
    list_of_id: HashMap<Uuid, u32>,
}

/// Ancestors looked at: deeper hierarchies do not occur, and a circle must end.
const ANCESTORS_MAX: usize = 32;

impl Contracts {
    /// Works out the lists of every account; the order of the rows does not matter.
    ///
    /// `heads` are the lists in the order in which the book holds them.
    pub fn new(accounts: Vec<AccountTerms>, heads: &[ListHead], assignments: &[Assignment]) -> Self {
        let list_of_id: HashMap<Uuid, u32> = heads.iter().zip(0u32..).map(|(head, place)| (head.id, place)).collect();
        let by_code: HashMap<Arc<str>, &AccountTerms> =
            accounts.iter().map(|account| (account.code.clone(), account)).collect();
        let mut by_target: HashMap<(u8, &str), Vec<&Assignment>> = HashMap::new();
        for assignment in assignments {
            let target = match &assignment.target {
                Target::Account(code) => (0, &**code),
                Target::Group(code) => (1, &**code),
                Target::All => (2, ""),
            };
            by_target.entry(target).or_default().push(assignment);
        }
        fn given<'m>(
            map: &'m HashMap<(u8, &'m str), Vec<&'m Assignment>>,
            kind: u8,
            code: &'m str,
        ) -> &'m [&'m Assignment] {
            map.get(&(kind, code)).map_or(&[], Vec::as_slice)
        }
        let mut routes = HashMap::with_capacity(accounts.len());
        for account in &accounts {
            let mut ways = Vec::new();
            let mut push = |level, depth: usize, assignment: &Assignment| {
                let Some(list) = list_of_id.get(&assignment.list).copied() else {
                    return;
                };
                let Assignment {
                    priority,
                    valid_from,
                    valid_to,
                    ..
                } = *assignment;
                let rank = (
                    level,
                    depth,
                    priority,
                    heads[list as usize].code.clone(),
                    valid_from,
                    valid_to,
                );
                ways.push((
                    rank,
                    Way {
                        level,
                        list,
                        valid_from,
                        valid_to,
                    },
                ));
            };
            for (depth, account) in chain(account, &by_code).into_iter().enumerate() {
                let level = if depth == 0 { Level::Account } else { Level::Inherited };
                given(&by_target, 0, &account.code)
                    .iter()
                    .for_each(|assignment| push(level, depth, assignment));
            }
            let groups = account.groups.iter().flat_map(|code| given(&by_target, 1, code));
            groups
                .chain(given(&by_target, 2, ""))
                .for_each(|assignment| push(Level::Group, 0, assignment));
            for (head, list) in heads.iter().zip(0u32..).filter(|(head, _)| head.kind == ListKind::List) {
                let rank = (Level::Default, 0, head.priority, head.code.clone(), None, None);
                ways.push((
                    rank,
                    Way {
                        level: Level::Default,
                        list,
                        valid_from: None,
                        valid_to: None,
                    },
                ));
            }
            ways.sort_by(|(a, _), (b, _)| a.cmp(b));
            let ways = ways.into_iter().map(|(_, way)| way).collect();
            routes.insert(
                account.code.clone(),
                Route {
                    account: account.clone(),
                    ways,
                },
            );
        }
        Contracts { routes, list_of_id }
    }

    pub(super) fn route(&self, account: &str) -> Option<&Route> {
        self.routes.get(account)
    }
}

/// The account and those above it whose prices it inherits.
fn chain<'a>(account: &'a AccountTerms, by_code: &HashMap<Arc<str>, &'a AccountTerms>) -> Vec<&'a AccountTerms> {
    let mut accounts = vec![account];
    let mut at = account;
    while at.price_inherit == PriceInherit::Parent && accounts.len() < ANCESTORS_MAX {
        let Some(parent) = at.parent.as_ref().and_then(|code| by_code.get(code)) else {
            break;
        };
        if accounts.iter().any(|account| account.code == parent.code) {
            break;
        }
        accounts.push(parent);
        at = parent;
    }
    accounts
}

/// What one warehouse has of one product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockRow {
    /// Place of the warehouse in the list the book was given.
    pub warehouse: u16,
    /// The product.
    pub product: ProductIndex,
    /// What is there.
    pub level: StockLevel,
}

/// Warehouses and their stock.
#[derive(Clone, Debug, Default)]
pub struct StockBook {
    warehouses: Vec<Warehouse>,
    /// By product, then by the code of the warehouse.
    rows: Vec<StockRow>,
}

impl StockBook {
    /// Builds it from rows in any order.
    pub fn new(warehouses: Vec<Warehouse>, mut rows: Vec<StockRow>) -> Self {
        rows.retain(|row| usize::from(row.warehouse) < warehouses.len());
        rows.sort_by(|a, b| {
            let code = |row: &StockRow| warehouses[usize::from(row.warehouse)].code.as_str();
            (a.product, code(a)).cmp(&(b.product, code(b)))
        });
        StockBook { warehouses, rows }
    }

    /// The stock of a product: the preferred warehouse first, then by code.
    pub(super) fn levels<'a>(
        &'a self,
        product: ProductIndex,
        preferred: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a Warehouse, StockLevel)> {
        let first = self.rows.partition_point(|row| row.product < product);
        let last = self.rows.partition_point(|row| row.product <= product);
        let at = |row: &StockRow| (&self.warehouses[usize::from(row.warehouse)], row.level);
        let rows = &self.rows[first..last];
        let is_preferred =
            move |row: &&StockRow| Some(self.warehouses[usize::from(row.warehouse)].code.as_str()) == preferred;
        let rest = rows.iter().filter(move |row| !is_preferred(row));
        rows.iter().filter(is_preferred).chain(rest).map(at)
    }

    /// The warehouses.
    pub fn warehouses(&self) -> &[Warehouse] {
        &self.warehouses
    }
}

/// Everything that prices and availability of one tenant are decided by, as it stood at one version.
#[derive(Clone, Debug)]
pub struct PriceBook {
    /// The number of the change feed it was read at.
    pub version: u64,
    /// When it was read.
    pub as_of: Timestamp,
    /// Digits after the point a converted unit price is rounded to, if its currency or listed price has no more.
    pub unit_price_digits: u32,
    /// Products and units.
    pub catalogue: Arc<Catalogue>,
    /// Accounts and their lists.
    pub contracts: Arc<Contracts>,
    /// The lists, each replaceable by itself.
    pub lists: Vec<Arc<PriceList>>,
    /// Warehouses and stock.
    pub stock: Arc<StockBook>,
}

/// Digits a converted unit price is rounded to when nothing else is said: what ERPs keep.
const UNIT_PRICE_DIGITS: u32 = 4;

impl PriceBook {
    /// A book without anything in it.
    pub fn empty(as_of: Timestamp) -> Self {
        PriceBook {
            version: 0,
            as_of,
            unit_price_digits: UNIT_PRICE_DIGITS,
            catalogue: Arc::default(),
            contracts: Arc::default(),
            lists: Vec::new(),
            stock: Arc::default(),
        }
    }

    /// The same book with other lists and contracts; `lists` may come in any order.
    #[must_use]
    pub fn with_contracts(
        mut self,
        accounts: Vec<AccountTerms>,
        lists: Vec<Arc<PriceList>>,
        assignments: &[Assignment],
    ) -> Self {
        let heads: Vec<ListHead> = lists.iter().map(|list| list.head.clone()).collect();
        self.contracts = Arc::new(Contracts::new(accounts, &heads, assignments));
        self.lists = lists;
        self
    }

    /// Replaces one list's entries; `false` when the book has no such list, which then needs new contracts.
    pub fn replace(&mut self, list: PriceList) -> bool {
        let place = self
            .contracts
            .list_of_id
            .get(&list.head.id)
            .and_then(|place| self.lists.get_mut(*place as usize));
        match place {
            Some(place) => {
                *place = Arc::new(list);
                true
            }
            None => false,
        }
    }
}
