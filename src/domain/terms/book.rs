//! The price book: products, contracts and stock of one tenant, immutable, replaced part by part.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Level;
use super::agreement::Agreement;
use super::list::{ListHead, ListKind, PriceList};
use super::names::NameMap;
use super::rule::Scope;
use super::trade::Trade;
use crate::domain::account::{AccountStatus, PriceInherit};
use crate::domain::money::{Currency, Money};
use crate::domain::product::ProductStatus;
use crate::domain::stock::{Part, Parts, Place, StockLevel, Supply, Warehouse};
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
    /// What it costs the supplier, for one base unit.
    pub cost: Option<Money>,
    /// Codes of its categories and those above them, nearest first.
    pub categories: Box<[Arc<str>]>,
    /// Its price group.
    pub price_group: Option<Arc<str>>,
    /// Its tax class.
    pub tax_class: Option<Arc<str>>,
    /// Whether it may be sold.
    pub status: ProductStatus,
}

impl ProductTerms {
    /// How many base units one of a unit is; `None` for a unit it does not have.
    pub fn factor(&self, unit: UnitIndex) -> Option<Factor> {
        let own = self.units.iter().find(|(own, ..)| *own == unit);
        own.map(|(_, factor, _)| *factor)
    }
}

/// A product that may stand in for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substitution {
    /// The other product.
    pub product: ProductIndex,
    /// How many of its base units replace one base unit.
    pub ratio: Decimal,
    /// The lower number comes first.
    pub priority: i32,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
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
    unit_of_code: NameMap<Arc<str>, UnitIndex>,
    products: Vec<ProductTerms>,
    product_of_sku: NameMap<Arc<str>, ProductIndex>,
    product_of_id: NameMap<Uuid, ProductIndex>,
    kits: HashMap<ProductIndex, Box<[(ProductIndex, Decimal)]>>,
    substitutes: HashMap<ProductIndex, Vec<Substitution>>,
}

impl Catalogue {
    /// A catalogue of units, without products.
    pub fn new(units: impl IntoIterator<Item = UnitTerms>) -> Self {
        let mut catalogue = Catalogue::default();
        catalogue.add_units(units);
        catalogue
    }

    /// Adds units, or replaces those of the same codes.
    fn add_units(&mut self, units: impl IntoIterator<Item = UnitTerms>) {
        for unit in units {
            let next = UnitIndex(u16::try_from(self.units.len()).unwrap_or(u16::MAX));
            let index = *self.unit_of_code.entry(unit.code.clone()).or_insert(next);
            match self.units.get_mut(usize::from(index.0)) {
                Some(place) => *place = unit,
                None => self.units.push(unit),
            }
        }
    }

    /// The same places without products in them: what is added again by its identifier takes its place again, so that
    /// lists built before stay right.
    #[must_use]
    pub fn renewed(&self, units: impl IntoIterator<Item = UnitTerms>) -> Self {
        let mut catalogue = self.clone();
        catalogue.add_units(units);
        catalogue.product_of_sku.clear();
        catalogue
    }

    /// Keeps a place for a product that may come again.
    pub fn keep_place(&mut self, id: Uuid) {
        let nobody = ProductTerms {
            id,
            sku: "".into(),
            base_unit: UnitIndex(0),
            default_unit: UnitIndex(0),
            units: Box::default(),
            price_quantity: Decimal::ONE,
            list_price: None,
            min_order_quantity: None,
            order_multiple: None,
            lead_time_days: None,
            cost: None,
            categories: Box::default(),
            price_group: None,
            tax_class: None,
            status: ProductStatus::NotForSale,
        };
        if !self.product_of_id.contains_key(&id) {
            self.put(nobody);
        }
    }

    /// Adds a product, or replaces the one with its identifier.
    pub fn add(&mut self, product: ProductTerms) -> ProductIndex {
        let sku = product.sku.clone();
        let index = self.put(product);
        self.product_of_sku.insert(sku, index);
        index
    }

    fn put(&mut self, product: ProductTerms) -> ProductIndex {
        let next = ProductIndex(u32::try_from(self.products.len()).unwrap_or(u32::MAX));
        let index = *self.product_of_id.entry(product.id).or_insert(next);
        match self.products.get_mut(index.0 as usize) {
            Some(place) => *place = product,
            None => self.products.push(product),
        }
        index
    }

    /// Says what one base unit of a kit is put together from: components and how many of their base units.
    pub fn set_kits(&mut self, kits: impl IntoIterator<Item = (ProductIndex, Vec<(ProductIndex, Decimal)>)>) {
        self.kits = kits.into_iter().map(|(kit, parts)| (kit, parts.into())).collect();
    }

    /// Says which products may stand in for which.
    pub fn set_substitutes(&mut self, pairs: impl IntoIterator<Item = (ProductIndex, Substitution)>) {
        self.substitutes.clear();
        for (product, substitution) in pairs {
            self.substitutes.entry(product).or_default().push(substitution);
        }
        for substitutions in self.substitutes.values_mut() {
            substitutions.sort_by_key(|substitution| (substitution.priority, substitution.product));
        }
    }

    /// The components of a kit.
    pub(super) fn kit(&self, index: ProductIndex) -> Option<&[(ProductIndex, Decimal)]> {
        self.kits.get(&index).map(|parts| &**parts)
    }

    /// The products that may stand in for one, the best first.
    pub(super) fn substitutes(&self, index: ProductIndex) -> &[Substitution] {
        self.substitutes.get(&index).map_or(&[], Vec::as_slice)
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
        self.product_of_sku.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.product_of_sku.is_empty()
    }
}

/// What terms need to know of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTerms {
    /// Its code.
    pub code: Arc<str>,
    /// The code of the account above.
    pub parent: Option<Arc<str>>,
    /// The code of the account that is billed.
    pub bill_to: Option<Arc<str>>,
    /// Whose lists apply after its own.
    pub price_inherit: PriceInherit,
    /// The currency it is billed in.
    pub currency: Currency,
    /// The warehouse it is served from first.
    pub default_warehouse: Option<Arc<str>>,
    /// Codes of the price groups it belongs to.
    pub groups: Box<[Arc<str>]>,
    /// Its tax class.
    pub tax_class: Option<Arc<str>>,
    /// Its credit, where the supplier says so.
    pub credit: Option<Credit>,
    /// Whether it may buy.
    pub status: AccountStatus,
}

/// How much an account may owe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// At most.
    pub limit: Decimal,
    /// Owed already, and on order.
    pub used: Decimal,
}

/// An address of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressTerms {
    /// Its code.
    pub code: Arc<str>,
    /// The buyer's own code of it (cXML `Address/@addressID`).
    pub buyer_code: Option<Arc<str>>,
    /// ISO 3166 country code.
    pub country: Option<Arc<str>>,
    /// Region or state.
    pub region: Option<Arc<str>>,
    /// Postal code.
    pub postal_code: Option<Arc<str>>,
}

/// What belongs to single accounts beside their lists; each with the account's code.
#[derive(Clone, Debug, Default)]
pub struct Belongings {
    /// Addresses.
    pub addresses: Vec<(Arc<str>, AddressTerms)>,
    /// The buyer's own part numbers, and which products they are.
    pub own_parts: Vec<(Arc<str>, Arc<str>, ProductIndex)>,
    /// What may (`true`) or may not (`false`) be bought.
    pub assortments: Vec<(Arc<str>, bool, Scope)>,
    /// Agreements.
    pub agreements: Vec<Agreement>,
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
    /// Places of its agreements in [`Contracts::agreements`], in order of precedence.
    pub agreements: Box<[u32]>,
    pub addresses: Vec<AddressTerms>,
    own_parts: HashMap<Arc<str>, ProductIndex>,
    assortment: Vec<(bool, Scope)>,
}

impl Route {
    /// The address of a code of ours or the buyer's.
    pub fn address(&self, code: &str) -> Option<&AddressTerms> {
        let ours = self.addresses.iter().find(|address| *address.code == *code);
        let theirs = || {
            self.addresses
                .iter()
                .find(|address| address.buyer_code.as_deref() == Some(code))
        };
        ours.or_else(theirs)
    }

    /// What it may (`true`) or may not (`false`) buy.
    pub(super) fn assortment(&self) -> &[(bool, Scope)] {
        &self.assortment
    }

    /// Whether the account may buy a product: not denied, and allowed where anything is allowed at all.
    pub fn offers(&self, index: ProductIndex, product: &ProductTerms) -> bool {
        let mut rules = self.assortment.iter();
        let fits = |scope: &Scope| scope.distance(index, product).is_some();
        let is_denied = rules.clone().any(|(is_allowed, scope)| !is_allowed && fits(scope));
        let is_limited = rules.clone().any(|(is_allowed, _)| *is_allowed);
        !is_denied && (!is_limited || rules.any(|(is_allowed, scope)| *is_allowed && fits(scope)))
    }
}

/// Accounts and which lists each uses, in order of precedence.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    routes: NameMap<Arc<str>, Route>,
    list_of_id: HashMap<Uuid, u32>,
    agreements: Vec<Agreement>,
}

/// Ancestors looked at: deeper hierarchies do not occur, and a circle must end.
const ANCESTORS_MAX: usize = 32;

impl Contracts {
    /// Works out what every account uses; the order of the rows does not matter.
    ///
    /// `heads` are the lists in the order in which the book holds them.
    pub fn new(
        accounts: Vec<AccountTerms>,
        heads: &[ListHead],
        assignments: &[Assignment],
        belongings: Belongings,
    ) -> Self {
        let list_of_id: HashMap<Uuid, u32> = heads.iter().zip(0u32..).map(|(head, place)| (head.id, place)).collect();
        let given = Given::new(heads, &list_of_id, assignments);
        let by_code: HashMap<Arc<str>, &AccountTerms> =
            accounts.iter().map(|account| (account.code.clone(), account)).collect();
        let agreements: Vec<Agreement> = belongings.agreements.into_iter().map(Agreement::sorted).collect();
        let mut agreements_of: HashMap<&str, Vec<u32>> = HashMap::new();
        for (agreement, at) in agreements.iter().zip(0u32..) {
            agreements_of.entry(&agreement.account).or_default().push(at);
        }
        let mut routes = NameMap::with_capacity_and_hasher(accounts.len(), Default::default());
        for account in &accounts {
            let chain = chain(account, &by_code);
            let mut own: Vec<(usize, u32)> = Vec::new();
            for (depth, above) in chain.iter().enumerate() {
                let agreed = agreements_of.get(&*above.code).map_or(&[][..], Vec::as_slice);
                own.extend(agreed.iter().map(|at| (depth, *at)));
            }
            own.sort_by_cached_key(|(depth, at)| {
                let agreement = &agreements[*at as usize];
                let latest_first = std::cmp::Reverse(agreement.valid_from);
                (
                    *depth,
                    agreement.ship_tos.is_none(),
                    latest_first,
                    agreement.number.clone(),
                )
            });
            let route = Route {
                account: account.clone(),
                ways: given.ways(account, &chain),
                agreements: own.into_iter().map(|(_, at)| at).collect(),
                addresses: Vec::new(),
                own_parts: HashMap::new(),
                assortment: Vec::new(),
            };
            routes.insert(account.code.clone(), route);
        }
        for (account, address) in belongings.addresses {
            if let Some(route) = routes.get_mut(&account) {
                route.addresses.push(address);
            }
        }
        for (account, number, product) in belongings.own_parts {
            if let Some(route) = routes.get_mut(&account) {
                route.own_parts.insert(number, product);
            }
        }
        for (account, is_allowed, scope) in belongings.assortments {
            if let Some(route) = routes.get_mut(&account) {
                route.assortment.push((is_allowed, scope));
            }
        }
        Contracts {
            routes,
            list_of_id,
            agreements,
        }
    }

    pub(super) fn route(&self, account: &str) -> Option<&Route> {
        self.routes.get(account)
    }

    /// The place of a list.
    pub(super) fn list(&self, id: Uuid) -> Option<u32> {
        self.list_of_id.get(&id).copied()
    }

    pub(super) fn agreement(&self, at: u32) -> &Agreement {
        &self.agreements[at as usize]
    }

    /// The product that an account calls by a part number of its own.
    pub fn own_part(&self, account: &str, number: &str) -> Option<ProductIndex> {
        self.routes.get(account)?.own_parts.get(number).copied()
    }
}

/// Lists by whom they are given to.
struct Given<'m> {
    heads: &'m [ListHead],
    list_of_id: &'m HashMap<Uuid, u32>,
    by_target: HashMap<(u8, &'m str), Vec<&'m Assignment>>,
}

impl<'m> Given<'m> {
    fn new(heads: &'m [ListHead], list_of_id: &'m HashMap<Uuid, u32>, assignments: &'m [Assignment]) -> Self {
        let mut by_target: HashMap<(u8, &str), Vec<&Assignment>> = HashMap::new();
        for assignment in assignments {
            let target = match &assignment.target {
                Target::Account(code) => (0, &**code),
                Target::Group(code) => (1, &**code),
                Target::All => (2, ""),
            };
            by_target.entry(target).or_default().push(assignment);
        }
        Given {
            heads,
            list_of_id,
            by_target,
        }
    }

    fn to<'a>(&'a self, kind: u8, code: &'a str) -> impl Iterator<Item = &'m Assignment> + 'a {
        let given = self.by_target.get(&(kind, code)).map_or(&[][..], Vec::as_slice);
        given.iter().copied()
    }

    /// The lists of an account in order of precedence.
    fn ways(&self, account: &AccountTerms, chain: &[&AccountTerms]) -> Box<[Way]> {
        let mut ways = Vec::new();
        let mut push = |level, depth: usize, assignment: &Assignment| {
            let Some(list) = self.list_of_id.get(&assignment.list).copied() else {
                return;
            };
            let (valid_from, valid_to) = (assignment.valid_from, assignment.valid_to);
            let code = self.heads[list as usize].code.clone();
            let rank = (level, depth, assignment.priority, code, valid_from, valid_to);
            ways.push((rank, list));
        };
        for (depth, above) in chain.iter().enumerate() {
            let level = if depth == 0 { Level::Account } else { Level::Inherited };
            self.to(0, &above.code)
                .for_each(|assignment| push(level, depth, assignment));
        }
        let groups = account.groups.iter().flat_map(|code| self.to(1, code));
        groups
            .chain(self.to(2, ""))
            .for_each(|assignment| push(Level::Group, 0, assignment));
        for (head, list) in self
            .heads
            .iter()
            .zip(0u32..)
            .filter(|(head, _)| head.kind == ListKind::List)
        {
            ways.push(((Level::Default, 0, head.priority, head.code.clone(), None, None), list));
        }
        ways.sort();
        let way = |((level, _, _, _, valid_from, valid_to), list)| Way {
            level,
            list,
            valid_from,
            valid_to,
        };
        ways.into_iter().map(way).collect()
    }
}

/// The account and those above it whose prices it inherits.
fn chain<'a>(account: &'a AccountTerms, by_code: &HashMap<Arc<str>, &'a AccountTerms>) -> Vec<&'a AccountTerms> {
    let mut accounts = vec![account];
    let mut at = account;
    while accounts.len() < ANCESTORS_MAX {
        let above = match at.price_inherit {
            PriceInherit::None => None,
            PriceInherit::Parent => at.parent.as_ref(),
            PriceInherit::BillTo => at.bill_to.as_ref(),
        };
        let Some(above) = above.and_then(|code| by_code.get(code)) else {
            break;
        };
        if accounts.iter().any(|account| account.code == above.code) {
            break;
        }
        accounts.push(above);
        at = above;
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

/// Warehouses, their stock, and what is coming to them.
#[derive(Clone, Debug, Default)]
pub struct StockBook {
    warehouses: Vec<Warehouse>,
    /// By product, then by the code of the warehouse.
    rows: Vec<StockRow>,
    /// Firm supply by product and place of the warehouse, by day.
    supply: HashMap<(ProductIndex, u16), Vec<Supply>>,
}

impl StockBook {
    /// Builds it from rows in any order; supply comes with the product and the place of the warehouse.
    pub fn new(
        warehouses: Vec<Warehouse>,
        mut rows: Vec<StockRow>,
        supplies: impl IntoIterator<Item = (ProductIndex, u16, Supply)>,
    ) -> Self {
        let mut supply: HashMap<(ProductIndex, u16), Vec<Supply>> = HashMap::new();
        for (product, warehouse, event) in supplies {
            supply.entry((product, warehouse)).or_default().push(event);
        }
        supply
            .values_mut()
            .for_each(|events| events.sort_by_key(|event| (event.due, event.quantity)));
        rows.retain(|row| usize::from(row.warehouse) < warehouses.len());
        rows.sort_by(|a, b| {
            let code = |row: &StockRow| warehouses[usize::from(row.warehouse)].code.as_str();
            (a.product, code(a)).cmp(&(b.product, code(b)))
        });
        StockBook {
            warehouses,
            rows,
            supply,
        }
    }

    /// The rows of a product, by the code of the warehouse.
    fn of(&self, product: ProductIndex) -> &[StockRow] {
        let first = self.rows.partition_point(|row| row.product < product);
        let last = self.rows.partition_point(|row| row.product <= product);
        &self.rows[first..last]
    }

    fn part(&self, row: &StockRow, per: Decimal) -> Part<'_> {
        let supply = self.supply.get(&(row.product, row.warehouse));
        Part {
            level: row.level,
            supply: supply.map_or(&[], Vec::as_slice),
            per,
        }
    }

    /// Where a product, or what a kit is put together from, is on record, by the code of the warehouse.
    pub(super) fn places(&self, product: ProductIndex, kit: Option<&[(ProductIndex, Decimal)]>) -> Vec<Place<'_>> {
        let place = |row: &StockRow, parts| Place {
            warehouse: &self.warehouses[usize::from(row.warehouse)],
            parts,
        };
        let Some(kit) = kit else {
            let rows = self.of(product).iter();
            return rows
                .map(|row| place(row, Parts::Goods(self.part(row, Decimal::ONE))))
                .collect();
        };
        let Some((first, _)) = kit.first() else {
            return Vec::new();
        };
        let places = self.of(*first).iter().filter_map(|at| {
            let parts = kit.iter().map(|(component, per)| {
                let row = self.of(*component).iter().find(|row| row.warehouse == at.warehouse)?;
                Some(self.part(row, *per))
            });
            Some(place(at, Parts::Kit(parts.collect::<Option<Vec<_>>>()?)))
        });
        places.collect()
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
    /// What holds for all accounts.
    pub trade: Arc<Trade>,
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
            trade: Arc::default(),
        }
    }

    /// The same book with other lists and contracts; `lists` may come in any order.
    #[must_use]
    pub fn with_contracts(
        mut self,
        accounts: Vec<AccountTerms>,
        lists: Vec<Arc<PriceList>>,
        assignments: &[Assignment],
        belongings: Belongings,
    ) -> Self {
        let heads: Vec<ListHead> = lists.iter().map(|list| list.head.clone()).collect();
        self.contracts = Arc::new(Contracts::new(accounts, &heads, assignments, belongings));
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
