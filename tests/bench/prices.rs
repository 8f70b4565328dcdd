//! Prices in memory against the same prices in SQLite, and the way from a file into the book.
//!
//! Sizes are those of a large distributor: twenty million entries in a thousand contracts and one general list, a
//! million products, ten thousand accounts with three contracts each. `PUNCHGATE_BENCH_ENTRIES` makes them smaller.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::domain::account::{AccountStatus, PriceInherit};
use punchgate::domain::money::{Currency, parse_decimal};
use punchgate::domain::product::ProductStatus;
use punchgate::domain::terms::{
    AccountTerms, Assignment, Belongings, Break, Breaks, Catalogue, ListHead, ListKind, PriceBook, PriceList,
    ProductIndex, ProductTerms, Request, Target, UnitIndex, UnitTerms, Validity,
};
use punchgate::domain::unit::Factor;
use punchgate::service::keys::Keys;
use punchgate::service::party::{NewTenant, create_tenant};
use punchgate::service::{Gateway, import, terms};
use punchgate::store::{Store, StoreOptions};
use rust_decimal::Decimal;
use sqlx::{Connection, Row, SqliteConnection};
use uuid::Uuid;

use crate::{Folder, median};

const TIERS: [i64; 3] = [1, 10, 100];
const LINES: usize = 50;
const CONTRACTS_EACH: usize = 3;
const CARTS: usize = 2_000;
const DAY: &str = "2026-11-24";

/// How much of everything there is.
#[derive(Clone, Copy)]
struct Size {
    products: usize,
    contracts: usize,
    accounts: usize,
    /// Products in each contract.
    priced: usize,
}

impl Size {
    fn from_environment() -> Size {
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

    fn entries(&self) -> usize {
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
fn product_of(size: Size, contract: usize, at: usize) -> usize {
    let step = size.products / size.priced.min(size.products);
    (at * step.max(1) + contract % step.max(1)) % size.products
}

/// The price in ten-thousandths; list 0 is the general one.
fn price_of(list: usize, product: usize, tier: usize) -> i64 {
    let base = 10_000 + (product as i64 * 7_919 + list as i64 * 104_729) % 900_000;
    base - tier as i64 * 1_000
}

fn contracts_of(size: Size, account: usize) -> [usize; CONTRACTS_EACH] {
    std::array::from_fn(|at| 1 + (mix((account * CONTRACTS_EACH + at) as u64) as usize % size.contracts))
}

fn sku(product: usize) -> String {
    format!("P{product:07}")
}

fn euro() -> Currency {
    Currency::parse("EUR").unwrap()
}

fn head(list: usize) -> ListHead {
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

fn breaks(size: Size, list: usize, indices: &[ProductIndex], unit: UnitIndex) -> Vec<Break> {
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

struct World {
    size: Size,
    book: PriceBook,
    indices: Vec<ProductIndex>,
    unit: UnitIndex,
}

fn world(size: Size) -> World {
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

fn account_code(account: usize) -> String {
    format!("A{account:05}")
}

/// A cart: an account, and products of its contracts with quantities.
struct Cart {
    account: String,
    lists: Vec<usize>,
    lines: Vec<(usize, String, i64)>,
}

fn carts(size: Size, count: usize) -> Vec<Cart> {
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

/// The middle and the 99th of a hundred, in microseconds.
fn spread(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6;
    (at(0.5), at(0.99))
}

/// Two hundred probes: each line in each list of its account, the lowest price counts.
fn probe(world: &World, cart: &Cart, date: Date) -> i64 {
    let mut sum = 0;
    let products: Vec<ProductIndex> = cart.lines.iter().map(|(product, ..)| world.indices[*product]).collect();
    for list in &cart.lists {
        world.book.lists[*list].breaks.touch(&products);
    }
    for (product, _, quantity) in &cart.lines {
        let (product, quantity) = (world.indices[*product], Decimal::from(*quantity));
        let prices = cart.lists.iter().filter_map(|list| {
            let (price, _) = world.book.lists[*list]
                .breaks
                .price(product, world.unit, quantity, date)?;
            price
        });
        sum += prices.min().map_or(0, ten_thousandths);
    }
    sum
}

fn ten_thousandths(price: Decimal) -> i64 {
    let mut price = price;
    price.rescale(4);
    i64::try_from(price.mantissa()).unwrap()
}

/// The whole policy with availability and trace, line by line.
fn resolve(book: &PriceBook, cart: &Cart, date: Date, now: Timestamp) -> i64 {
    let mut sum = 0;
    book.touch(&cart.account, cart.lines.iter().map(|(_, sku, _)| sku.as_str()));
    for (_, sku, quantity) in &cart.lines {
        let request = Request::new(&cart.account, sku, Decimal::from(*quantity), date, now);
        let answer = book.resolve(&request).unwrap();
        sum += ten_thousandths(answer.unit_price.unwrap().amount);
        std::hint::black_box(answer);
    }
    sum
}

/// The same entries in SQLite, inserted sorted by nothing but SQLite itself; how long that took.
async fn sqlite(size: Size, folder: &Folder) -> (SqliteConnection, Duration) {
    let url = format!("sqlite://{}?mode=rwc", folder.0.join("bare.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    for pragma in [
        "journal_mode = WAL",
        "synchronous = FULL",
        "cache_size = -1000000",
        "mmap_size = 4000000000",
    ] {
        let pragma = sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"));
        sqlx::query(pragma).execute(&mut connection).await.unwrap();
    }
    sqlx::query(
        "CREATE TABLE entry (list INTEGER, product INTEGER, min_qty INTEGER, valid_from INTEGER, valid_to INTEGER, \
         price INTEGER, PRIMARY KEY (list, product, min_qty, valid_from)) WITHOUT ROWID",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    let began = Instant::now();
    // The formulas are those of product_of and price_of; the counter runs inside SQLite, so that nothing but the
    // insert is measured.
    let general = format!(
        "INSERT INTO entry WITH RECURSIVE n(p) AS (SELECT 0 UNION ALL SELECT p + 1 FROM n WHERE p + 1 < {}) \
         SELECT 0, p, 0, 0, 65535, 10000 + (p * 7919) % 900000 FROM n",
        size.products
    );
    let step = (size.products / size.priced.min(size.products)).max(1);
    let contracts = format!(
        "INSERT INTO entry WITH RECURSIVE \
         l(list) AS (SELECT 1 UNION ALL SELECT list + 1 FROM l WHERE list < {contracts}), \
         n(at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at + 1 < {priced}) \
         SELECT l.list, (at * {step} + l.list % {step}) % {products}, m.qty, 0, 65535, \
         10000 + (((at * {step} + l.list % {step}) % {products}) * 7919 + l.list * 104729) % 900000 - m.tier * 1000 \
         FROM l CROSS JOIN n CROSS JOIN (SELECT 0 AS tier, 1 AS qty UNION ALL SELECT 1, 10 UNION ALL SELECT 2, 100) m \
         WHERE true ON CONFLICT DO NOTHING",
        contracts = size.contracts,
        priced = size.priced,
        products = size.products,
    );
    for sql in [general, contracts] {
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    (connection, began.elapsed())
}

/// One query for all probes of a cart; the sums of the lowest prices and of those of the first list that has one.
async fn set_query(connection: &mut SqliteConnection, cart: &Cart) -> (i64, i64) {
    let mut probes = String::from("[");
    for (line, (product, _, quantity)) in cart.lines.iter().enumerate() {
        for (rank, list) in cart.lists.iter().enumerate() {
            let comma = if probes.len() > 1 { "," } else { "" };
            write!(probes, "{comma}[{line},{rank},{list},{product},{quantity}]").unwrap();
        }
    }
    probes.push(']');
    let rows = sqlx::query(
        "SELECT value ->> 0, (SELECT price FROM entry WHERE list = value ->> 2 AND product = value ->> 3 \
         AND min_qty <= value ->> 4 AND valid_from <= 9824 AND valid_to >= 9824 ORDER BY min_qty DESC LIMIT 1) \
         FROM json_each($1)",
    )
    .bind(probes)
    .fetch_all(connection)
    .await
    .unwrap();
    let mut prices: Vec<Vec<i64>> = vec![Vec::new(); cart.lines.len()];
    for row in rows {
        if let Some(price) = row.get::<Option<i64>, _>(1) {
            prices[usize::try_from(row.get::<i64, _>(0)).unwrap()].push(price);
        }
    }
    let lowest = prices.iter().filter_map(|prices| prices.iter().min()).sum();
    (lowest, prices.iter().filter_map(|prices| prices.first()).sum())
}

pub async fn run(clock: &Clock) {
    let size = Size::from_environment();
    let folder = Folder::new(clock);
    println!(
        "prices: {} entries, {} products, {} contracts, {} accounts",
        size.entries(),
        size.products,
        size.contracts,
        size.accounts
    );
    let began = Instant::now();
    let world = world(size);
    let bytes: usize = world.book.lists.iter().map(|list| list.breaks.bytes()).sum();
    let entries: usize = world.book.lists.iter().map(|list| list.breaks.len()).sum();
    println!(
        "  built in {:.1} s; {:.1} bytes an entry (goal 24)",
        began.elapsed().as_secs_f64(),
        bytes as f64 / entries as f64
    );
    let (mut connection, insert) = sqlite(size, &folder).await;
    speed(&world, &mut connection, clock).await;
    connection.close().await.unwrap();
    replacement(&world, clock);
    drop(world);
    load(size, &folder, insert, clock).await;
}

async fn speed(world: &World, connection: &mut SqliteConnection, clock: &Clock) {
    let carts = carts(world.size, CARTS);
    let (date, now): (Date, Timestamp) = (DAY.parse().unwrap(), clock.now());
    let (mut alone, mut whole, mut query) = (Vec::new(), Vec::new(), Vec::new());
    for (number, cart) in carts.iter().enumerate() {
        let began = Instant::now();
        let lowest = std::hint::black_box(probe(world, cart, date));
        alone.push(began.elapsed());
        // Some of them, since it takes so much longer; warmed up by the first.
        if number % 4 == 0 {
            let began = Instant::now();
            let sums = set_query(connection, cart).await;
            query.push(began.elapsed());
            assert_eq!(sums, (lowest, resolve(&world.book, cart, date, now)), "the sums differ");
        }
    }
    for cart in &carts {
        let began = Instant::now();
        std::hint::black_box(resolve(&world.book, cart, date, now));
        whole.push(began.elapsed());
    }
    let (alone, whole, query) = (spread(alone), spread(whole), spread(query));
    println!(
        "  50-line cart, structure alone: p50 {:.1} µs (goal 25), p99 {:.1} µs (goal 60)",
        alone.0, alone.1
    );
    println!(
        "  50-line cart, whole policy with trace: p50 {:.1} µs (goal 40), p99 {:.1} µs (goal 100)",
        whole.0, whole.1
    );
    println!(
        "  50-line cart, one set query on SQLite: p50 {:.1} µs, p99 {:.1} µs: {:.1} times the policy's (goal 10)",
        query.0,
        query.1,
        query.0 / whole.0
    );
}

/// Contracts replaced one after the other while others read.
fn replacement(world: &World, clock: &Clock) {
    let (date, now): (Date, Timestamp) = (DAY.parse().unwrap(), clock.now());
    let carts = carts(world.size, CARTS);
    let read = |world: &World| {
        let times = carts.iter().map(|cart| {
            let began = Instant::now();
            std::hint::black_box(resolve(&world.book, cart, date, now));
            began.elapsed()
        });
        spread(times.collect())
    };
    let quiet = read(world);
    let is_over = AtomicBool::new(false);
    let held: std::sync::RwLock<Arc<PriceBook>> = std::sync::RwLock::new(Arc::new(world.book.clone()));
    let mut times = Vec::new();
    let busy = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let times = carts.iter().map(|cart| {
                let began = Instant::now();
                let book = Arc::clone(&held.read().unwrap());
                std::hint::black_box(resolve(&book, cart, date, now));
                began.elapsed()
            });
            let spread = spread(times.collect());
            is_over.store(true, Ordering::Release);
            spread
        });
        let mut list = 0;
        while !is_over.load(Ordering::Acquire) || times.len() < 20 {
            list = list % world.size.contracts + 1;
            let entries = breaks(world.size, list, &world.indices, world.unit);
            let began = Instant::now();
            let mut book = PriceBook::clone(&held.read().unwrap());
            assert!(book.replace(PriceList::new(head(list), entries)));
            *held.write().unwrap() = Arc::new(book);
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        reader.join().unwrap()
    });
    let each = median(times);
    println!("  one contract of 19,000 entries replaced in {each:.2} ms (goal 5)");
    println!(
        "  readers meanwhile: p99 {:.1} µs after {:.1} µs in quiet: {:.1} times (goal 2)",
        busy.1,
        quiet.1,
        busy.1 / quiet.1
    );
}

/// Largest file an import takes, less some.
const FILE_BYTES: usize = 200 << 20;

/// The entries as files of CSV.
fn files(size: Size) -> Vec<String> {
    const HEADER: &str = "list,sku,min_quantity,price\n";
    let mut files = vec![String::from(HEADER)];
    for list in 0..=size.contracts {
        if files.last().unwrap().len() > FILE_BYTES {
            files.push(String::from(HEADER));
        }
        let file = files.last_mut().unwrap();
        let mut row = |product: usize, quantity: i64, tier: usize| {
            let price = price_of(list, product, tier);
            let (whole, rest) = (price / 10_000, price % 10_000);
            writeln!(file, "L{list:05},P{product:07},{quantity},{whole}.{rest:04}").unwrap();
        };
        match list {
            0 => (0..size.products).for_each(|product| row(product, 0, 0)),
            _ => {
                for at in 0..size.priced {
                    for (tier, quantity) in TIERS.into_iter().enumerate() {
                        row(product_of(size, list, at), quantity, tier);
                    }
                }
            }
        }
    }
    files
}

/// Nothing but reading every record.
fn bare_parse(files: &[String]) -> (Duration, usize) {
    let began = Instant::now();
    let (mut record, mut bytes) = (csv::ByteRecord::new(), 0);
    for file in files {
        let mut reader = csv::Reader::from_reader(file.as_bytes());
        while reader.read_byte_record(&mut record).unwrap() {
            bytes += record.as_slice().len();
        }
    }
    (began.elapsed(), bytes)
}

/// From the text to lists that answer: part numbers looked up, numbers read exactly, breaks built.
fn to_book(size: Size, files: &[String]) -> Duration {
    let mut catalogue = Catalogue::new([UnitTerms {
        code: "EA".into(),
        decimals: 0,
    }]);
    let unit = catalogue.unit("EA").unwrap();
    for product in 0..size.products {
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
            lead_time_days: None,
            cost: None,
            categories: Box::default(),
            price_group: None,
            tax_class: None,
            status: ProductStatus::Active,
        });
    }
    let began = Instant::now();
    let mut built: Vec<Breaks> = Vec::new();
    let mut entries: Vec<Break> = Vec::new();
    let (mut at_list, mut at_sku) = (String::new(), (String::new(), None));
    let mut record = csv::StringRecord::new();
    for file in files {
        let mut reader = csv::Reader::from_reader(file.as_bytes());
        while reader.read_record(&mut record).unwrap() {
            if record[0] != at_list {
                built.push(Breaks::new(std::mem::take(&mut entries)));
                record[0].clone_into(&mut at_list);
            }
            if record[1] != at_sku.0 {
                at_sku = (record[1].to_owned(), catalogue.product(&record[1]));
            }
            entries.push(Break {
                product: at_sku.1.unwrap(),
                unit,
                min_quantity: parse_decimal(&record[2]).unwrap(),
                valid_from: None,
                valid_to: None,
                price: Some(parse_decimal(&record[3]).unwrap()),
                price_quantity: Decimal::ONE,
            });
        }
    }
    built.push(Breaks::new(entries));
    assert_eq!(built.iter().map(Breaks::len).sum::<usize>(), size.entries());
    began.elapsed()
}

async fn load(size: Size, folder: &Folder, insert: Duration, clock: &Clock) {
    let files = files(size);
    let (parse, _) = bare_parse(&files);
    let book = to_book(size, &files);
    println!(
        "  CSV to book: {:.2} s, {:.2} times the csv crate's bare parse of {:.2} s (goal 3)",
        book.as_secs_f64(),
        book.as_secs_f64() / parse.as_secs_f64(),
        parse.as_secs_f64()
    );
    let url = format!("sqlite://{}", folder.0.join("store.db").display());
    let gateway = open(&url, clock).await;
    let tenant = NewTenant {
        code: "acme",
        name: "Acme",
        time_zone: "Europe/Berlin",
        currency: "EUR",
        identities: &[("DUNS", "123456789")],
    };
    let tenant_id = create_tenant(&gateway, &tenant).await.unwrap();
    furnish(&gateway, tenant_id, size).await;
    let began = Instant::now();
    for file in files {
        take(&gateway, tenant_id, "prices.csv", file).await;
    }
    let durable = began.elapsed();
    println!(
        "  CSV to durable and serving: {:.1} s, {:.2} times the bare sorted insert of {:.1} s (goal 1.5)",
        durable.as_secs_f64(),
        durable.as_secs_f64() / insert.as_secs_f64(),
        insert.as_secs_f64()
    );
    one_contract(&gateway, tenant_id, size).await;
    drop(gateway);
    let began = Instant::now();
    let gateway = open(&url, clock).await;
    println!("  cold start: {:.1} s (goal 60)", began.elapsed().as_secs_f64());
    let (account, part) = (account_code(0), sku(0));
    let answer = terms::ask(&gateway, tenant_id, |now, today| {
        Request::new(&account, &part, Decimal::ONE, today, now)
    });
    assert!(answer.unwrap().unit_price.is_some());
}

/// A contract brought anew through import and change feed.
async fn one_contract(gateway: &Gateway, tenant_id: Uuid, size: Size) {
    let mut times = Vec::new();
    for round in 1..=5 {
        let mut file = String::from("list,sku,min_quantity,price\n");
        for at in 0..size.priced {
            for (tier, quantity) in TIERS.into_iter().enumerate() {
                let product = product_of(size, 1, at);
                let price = price_of(1, product, tier) + round;
                writeln!(
                    file,
                    "L00001,{},{quantity},{}.{:04}",
                    sku(product),
                    price / 10_000,
                    price % 10_000
                )
                .unwrap();
            }
        }
        let began = Instant::now();
        take(gateway, tenant_id, "prices.csv", file).await;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    println!(
        "  one contract of 19,000 entries from CSV to durable and serving: {:.0} ms",
        median(times)
    );
}

async fn open(url: &str, clock: &Clock) -> Gateway {
    let store = Store::open(url, &StoreOptions::default(), clock.clone()).await.unwrap();
    store.migrate().await.unwrap();
    let keys = Keys::ephemeral(clock).unwrap();
    Gateway::new(Config::default(), clock.clone(), store, keys)
        .await
        .unwrap()
}

async fn take(gateway: &Gateway, tenant_id: Uuid, name: &str, text: String) {
    let files = vec![(name, text.into_bytes())];
    for report in import::all(gateway, tenant_id, files).await.unwrap() {
        assert!(report.is_taken(), "{report}");
    }
}

/// Products, accounts and empty lists, as the entries need them.
async fn furnish(gateway: &Gateway, tenant_id: Uuid, size: Size) {
    const ROWS: usize = 500_000;
    for first in (0..size.products).step_by(ROWS) {
        let mut products = String::from("sku,name,base_unit\n");
        for product in first..size.products.min(first + ROWS) {
            writeln!(products, "{},Product {product},EA", sku(product)).unwrap();
        }
        take(gateway, tenant_id, "products.csv", products).await;
    }
    let mut accounts = String::from("code,name\n");
    let mut assignments = String::from("list,account,priority\n");
    for account in 0..size.accounts {
        let code = account_code(account);
        writeln!(accounts, "{code},Account {account}").unwrap();
        for (priority, list) in contracts_of(size, account).into_iter().enumerate() {
            // A contract is given to an account once.
            if !contracts_of(size, account)[..priority].contains(&list) {
                writeln!(assignments, "L{list:05},{code},{priority}").unwrap();
            }
        }
    }
    let mut lists = String::from("code,kind\n");
    for list in 0..=size.contracts {
        writeln!(lists, "L{list:05},{}", if list == 0 { "list" } else { "contract" }).unwrap();
    }
    take(gateway, tenant_id, "accounts.csv", accounts).await;
    take(gateway, tenant_id, "price_lists.csv", lists).await;
    take(gateway, tenant_id, "price_assignments.csv", assignments).await;
}
