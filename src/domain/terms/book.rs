//! The price book: products, contracts and stock of one tenant, immutable, replaced part by part.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::catalogue::{Catalogue, ProductIndex};
use super::contracts::{AccountTerms, Assignment, Belongings, Contracts};
use super::hold::Held;
use super::list::{ListHead, PriceList};
use super::trade::Trade;
use crate::domain::stock::{Part, Parts, Place, StockLevel, Supply, Warehouse};

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

    fn part(&self, row: &StockRow, per: Decimal, held: &Held) -> Part<'_> {
        let supply = self.supply.get(&(row.product, row.warehouse));
        Part {
            level: StockLevel {
                reserved: held.of(row.product, row.warehouse),
                ..row.level
            },
            supply: supply.map_or(&[], Vec::as_slice),
            per,
        }
    }

    /// Where a product, or what a kit is put together from, is on record, by the code of the warehouse; `held` says what
    /// orders of ours hold there.
    pub(super) fn places(
        &self,
        product: ProductIndex,
        kit: Option<&[(ProductIndex, Decimal)]>,
        held: &Held,
    ) -> Vec<Place<'_>> {
        let place = |row: &StockRow, parts| Place {
            warehouse: &self.warehouses[usize::from(row.warehouse)],
            parts,
        };
        let Some(kit) = kit else {
            let rows = self.of(product).iter();
            return rows
                .map(|row| place(row, Parts::Goods(self.part(row, Decimal::ONE, held))))
                .collect();
        };
        let Some((first, _)) = kit.first() else {
            return Vec::new();
        };
        let places = self.of(*first).iter().filter_map(|at| {
            let parts = kit.iter().map(|(component, per)| {
                let row = self.of(*component).iter().find(|row| row.warehouse == at.warehouse)?;
                Some(self.part(row, *per, held))
            });
            Some(place(at, Parts::Kit(parts.collect::<Option<Vec<_>>>()?)))
        });
        places.collect()
    }

    /// The place of a warehouse in the list the book was given.
    pub(super) fn place_of(&self, id: Uuid) -> Option<u16> {
        let place = self.warehouses.iter().position(|warehouse| warehouse.id == id);
        place.and_then(|place| u16::try_from(place).ok())
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
    /// How many of them are still to be read.
    pub pending: usize,
    /// Whether some list has discounts kept apart from prices.
    pub has_discounts: bool,
    /// Warehouses and stock.
    pub stock: Arc<StockBook>,
    /// What orders of ours hold of the stock that the ERP does not show yet.
    pub held: Arc<Held>,
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
            pending: 0,
            has_discounts: false,
            stock: Arc::default(),
            held: Arc::default(),
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
        self.set_lists(lists);
        self
    }

    /// Takes other lists, in the order of the contracts.
    pub fn set_lists(&mut self, lists: Vec<Arc<PriceList>>) {
        self.has_discounts = lists.iter().any(|list| list.rules.has_discounts());
        self.pending = lists.iter().filter(|list| list.is_pending).count();
        self.lists = lists;
    }

    /// The lists that an account's prices are looked for in, or computed from, whose breaks are still to be read; by
    /// their places.
    pub fn pending(&self, account: &str) -> Vec<usize> {
        let route = self.contracts.route(account).filter(|_| self.pending > 0);
        let ways = route.iter().flat_map(|route| route.ways.iter());
        let mut places: Vec<usize> = ways.map(|way| way.list as usize).collect();
        let mut next = 0;
        while let Some(place) = places.get(next) {
            let parent = self.lists[*place].head.parent;
            let parent = parent.and_then(|id| self.contracts.list(id));
            // A circle of lists is gone through once.
            places.extend(
                parent
                    .map(|place| place as usize)
                    .filter(|place| !places.contains(place)),
            );
            next += 1;
        }
        places.sort_unstable();
        places.dedup();
        places.retain(|place| self.lists[*place].is_pending);
        places
    }

    /// Brings near what decides about some products, before they are resolved one after the other: each would wait some
    /// ten times for memory (see [`Breaks::touch`](super::Breaks::touch)). Answers are the same without.
    pub fn touch<'a>(&self, account: &str, skus: impl Iterator<Item = &'a str> + Clone) {
        let Some(route) = self.contracts.route(account) else {
            return;
        };
        let products = self.catalogue.touch(skus);
        let lists = || route.ways.iter().map(|way| &self.lists[way.list as usize]);
        let heads = lists().map(|list| {
            let code = list.head.code.as_bytes().first().copied().unwrap_or_default();
            code ^ u8::from(list.rules.is_empty())
        });
        black_box(heads.fold(0, |sum, head| sum ^ head));
        lists().for_each(|list| list.breaks.touch_slots(&products));
        lists().for_each(|list| list.breaks.touch_entries(&products));
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
                self.has_discounts |= list.rules.has_discounts();
                self.pending = self.pending + usize::from(list.is_pending) - usize::from(place.is_pending);
                *place = Arc::new(list);
                true
            }
            None => false,
        }
    }
}
