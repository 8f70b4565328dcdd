//! From files into the book: in memory alone, and durable.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::domain::money::parse_decimal;
use punchgate::domain::product::ProductStatus;
use punchgate::domain::terms::{Break, Breaks, Catalogue, ProductTerms, Request, UnitTerms};
use punchgate::domain::unit::Factor;
use punchgate::service::keys::Keys;
use punchgate::service::party::{NewTenant, create_tenant};
use punchgate::service::{Gateway, import, terms};
use punchgate::store::{Store, StoreOptions};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::world::{Size, TIERS, account_code, contracts_of, price_of, product_of, sku};
use crate::{Folder, median};

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

pub async fn load(size: Size, folder: &Folder, insert: Duration, clock: &Clock) {
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
    assert!(answer.await.unwrap().unwrap().unit_price.is_some());
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
