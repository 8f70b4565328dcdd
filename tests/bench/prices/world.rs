//! The accounts, contracts and products that are measured, and carts to ask for.

use std::sync::Arc;

use jiff::Timestamp;
use punchgate::domain::account::{AccountStatus, PriceInherit};
use punchgate::domain::money::Currency;
use punchgate::domain::product::ProductStatus;
use punchgate::domain::terms::{
    AccountTerms, Assignment, Belongings, Break, Catalogue, ListHead, ListKind, PriceBook, PriceList, ProductIndex,
    ProductTerms, Target, UnitIndex, UnitTerms, Validity,
};
use punchgate::domain::unit::Factor;
use rust_decimal::Decimal;
use uuid::Uuid;

pub const TIERS: [i64; 3] = [1, 10, 100];
pub const LINES: usize = 50;
pub const CONTRACTS_EACH: usize = 3;
pub const CARTS: usize = 2_000;
pub const DAY: &str = "2026-11-24";

/// How much of everything there is.
#[derive(Clone, Copy)]
pub struct Size {
    pub products: usize,
    pub contracts: usize,
    pub accounts: usize,
    /// Products in each contract.
    pub priced: usize,
}

impl Size {
    pub fn from_environment() -> Size {
        let entries = std::env::var("PUNCHGATE_BENCH_ENTRIES").ok();
        let entries: usize = entries.and_then(|text| text.parse().ok()).unwrap_or(20_000_000);
        let products = (entries / 20).max(2_000);
        let priced = 19_000 / TIERS.len();
        Size {
            products,
            contracts: ((entries - products.min(entries)) / (priced * TIERS.len())).max(8),
            accounts: 10_000,
            priced,
        }
    }

    pub fn entries(&self) -> usize {
        self.products + self.contracts * self.priced * TIERS.len()
    }
}

/// A number for a number, always the same.
fn mix(seed: u64) -> u64 {
    let mut x = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// The product at a place of a contract: the contracts' products lie apart, ascending.
pub fn product_of(size: Size, contract: usize, at: usize) -> usize {
    let step = size.products / size.priced.min(size.products);
    (at * step.max(1) + contract % step.max(1)) % size.products
}

/// The price in ten-thousandths; list 0 is the general one.
pub fn price_of(list: usize, product: usize, tier: usize) -> i64 {
    let base = 10_000 + (product as i64 * 7_919 + list as i64 * 104_729) % 900_000;
    base - tier as i64 * 1_000
}

pub fn contracts_of(size: Size, account: usize) -> [usize; CONTRACTS_EACH] {
    std::array::from_fn(|at| 1 + (mix((account * CONTRACTS_EACH + at) as u64) as usize % size.contracts))
}

pub fn sku(product: usize) -> String {
    format!("P{product:07}")
}

fn euro() -> Currency {
    Currency::parse("EUR").unwrap()
}

pub fn head(list: usize) -> ListHead {
    ListHead {
        id: Uuid::from_u128(list as u128 + 1),
        code: format!("L{list:05}").into(),
        kind: if list == 0 { ListKind::List } else { ListKind::Contract },
        currency: euro(),
        priority: 0,
        valid_from: None,
        valid_to: None,
        parent: None,
        select: None,
        on_no_match: None,
        quantity_basis: None,
        validity: Validity::Days,
        find_next: false,
        tax_included: false,
        version: 1,
    }
}

pub fn breaks(size: Size, list: usize, indices: &[ProductIndex], unit: UnitIndex) -> Vec<Break> {
    let entry = |product: usize, tier: usize| Break {
        product: indices[product],
        unit,
        min_quantity: if list == 0 {
            Decimal::ZERO
        } else {
            Decimal::from(TIERS[tier])
        },
        valid_from: None,
        valid_to: None,
        price: Some(Decimal::new(price_of(list, product, tier), 4)),
        price_quantity: Decimal::ONE,
    };
    match list {
        0 => (0..size.products).map(|product| entry(product, 0)).collect(),
        _ => (0..size.priced)
            .flat_map(|at| (0..TIERS.len()).map(move |tier| (product_of(size, list, at), tier)))
            .map(|(product, tier)| entry(product, tier))
            .collect(),
    }
}

pub struct World {
    pub size: Size,
    pub book: PriceBook,
    pub indices: Vec<ProductIndex>,
    pub unit: UnitIndex,
}

pub fn world(size: Size) -> World {
    let mut catalogue = Catalogue::new([UnitTerms {
        code: "EA".into(),
        decimals: 0,
    }]);
    let unit = catalogue.unit("EA").unwrap();
    let indices: Vec<ProductIndex> = (0..size.products)
        .map(|product| {
            catalogue.add(ProductTerms {
                id: Uuid::from_u128(product as u128),
                sku: sku(product).into(),
                base_unit: unit,
                default_unit: unit,
                units: Box::new([(unit, Factor::ONE, true)]),
                price_quantity: Decimal::ONE,
                list_price: None,
                min_order_quantity: None,
                order_multiple: None,
                lead_time_days: Some(3),
                cost: None,
                categories: Box::default(),
                price_group: None,
                tax_class: None,
                status: ProductStatus::Active,
            })
        })
        .collect();
    let lists: Vec<Arc<PriceList>> = (0..=size.contracts)
        .map(|list| Arc::new(PriceList::new(head(list), breaks(size, list, &indices, unit))))
        .collect();
    let accounts = (0..size.accounts).map(|account| AccountTerms {
        code: account_code(account).into(),
        parent: None,
        bill_to: None,
        price_inherit: PriceInherit::None,
        currency: euro(),
        default_warehouse: None,
        groups: Box::default(),
        tax_class: None,
        credit: None,
        status: AccountStatus::Active,
        policy: Arc::default(),
        ruling: None,
        order_minimum: None,
    });
    let assignments = (0..size.accounts).flat_map(|account| {
        contracts_of(size, account)
            .into_iter()
            .zip(0..)
            .map(move |(list, priority)| Assignment {
                list: Uuid::from_u128(list as u128 + 1),
                target: Target::Account(account_code(account).into()),
                priority,
                valid_from: None,
                valid_to: None,
            })
    });
    let mut book = PriceBook::empty(Timestamp::UNIX_EPOCH);
    book.catalogue = Arc::new(catalogue);
    let assignments: Vec<Assignment> = assignments.collect();
    let book = book.with_contracts(accounts.collect(), lists, &assignments, Belongings::default());
    World {
        size,
        book,
        indices,
        unit,
    }
}

pub fn account_code(account: usize) -> String {
    format!("A{account:05}")
}

/// A cart: an account, and products of its contracts with quantities.
pub struct Cart {
    pub account: String,
    pub lists: Vec<usize>,
    pub lines: Vec<(usize, String, i64)>,
}

pub fn carts(size: Size, count: usize) -> Vec<Cart> {
    let cart = |number: usize| {
        let account = mix(number as u64) as usize % size.accounts;
        let contracts = contracts_of(size, account);
        let line = |at: usize| {
            let random = mix((number * LINES + at) as u64 ^ 0xABCD_EF01);
            let contract = contracts[random as usize % CONTRACTS_EACH];
            let product = product_of(size, contract, (random >> 8) as usize % size.priced);
            (product, sku(product), 1 + (random >> 40) as i64 % 150)
        };
        Cart {
            account: account_code(account),
            lists: contracts.into_iter().chain([0]).collect(),
            lines: (0..LINES).map(line).collect(),
        }
    };
    (0..count).map(cart).collect()
}
