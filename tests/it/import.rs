//! Files of catalogue rows: taken wholly or not at all, with every fault by line and field.

use jiff::Timestamp;
use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::domain::money::Money;
use punchgate::domain::terms::{Answer, Request};
use punchgate::service::import::{self, Report};
use punchgate::service::keys::Keys;
use punchgate::service::party::{NewTenant, create_tenant};
use punchgate::service::{Gateway, product, terms};
use punchgate::store::{self, StoreError};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::support_store::{TestStore, at_once, stores};

/// A gateway of one supplier on each database.
pub struct Shop {
    pub gateway: Gateway,
    pub tenant_id: Uuid,
    pub test: TestStore,
}

pub fn clock() -> Clock {
    Clock::fixed("2026-11-24T09:00:00Z".parse::<Timestamp>().unwrap())
}

pub async fn gateway(test: &TestStore, clock: &Clock) -> Gateway {
    gateway_with(test, clock, |_| ()).await
}

pub async fn gateway_with(test: &TestStore, clock: &Clock, change: impl FnOnce(&mut Config)) -> Gateway {
    let keys = Keys::ephemeral(clock).unwrap();
    let mut config = Config::default();
    change(&mut config);
    Gateway::new(config, clock.clone(), test.store.clone(), keys)
        .await
        .unwrap()
}

/// Shops on fresh databases, SQLite and where there is one PostgreSQL.
pub async fn shops() -> Vec<Shop> {
    shops_in("Europe/Berlin", "EUR").await
}

/// Shops that count days in a time zone and bill in a currency.
pub async fn shops_in(time_zone: &str, currency: &str) -> Vec<Shop> {
    let clock = clock();
    let mut shops = Vec::new();
    for test in stores(&clock).await {
        let gateway = gateway(&test, &clock).await;
        let tenant = NewTenant {
            code: "acme",
            name: "Acme",
            time_zone,
            currency,
            identities: &[("DUNS", "123456789")],
        };
        let tenant_id = create_tenant(&gateway, &tenant).await.unwrap();
        shops.push(Shop {
            gateway,
            tenant_id,
            test,
        });
    }
    shops
}

impl Shop {
    /// Takes one file.
    pub async fn take(&self, name: &str, text: &str) -> Report {
        let files = vec![(name, text.as_bytes().to_vec())];
        let mut reports = import::all(&self.gateway, self.tenant_id, files).await.unwrap();
        reports.remove(0)
    }

    /// Takes one file and says what became of it.
    pub async fn said(&self, name: &str, text: &str) -> String {
        self.take(name, text).await.to_string()
    }

    /// Takes a file that is good.
    pub async fn good(&self, name: &str, text: &str) {
        let report = self.take(name, text).await;
        assert!(report.is_taken(), "{report}");
    }

    pub fn answer(&self, account: &str, sku: &str, quantity: i64, unit: Option<&str>) -> Answer {
        let quantity = Decimal::from(quantity);
        let answer = at_once(terms::ask(&self.gateway, self.tenant_id, |now, today| Request {
            unit,
            ..Request::new(account, sku, quantity, today, now)
        }));
        answer.unwrap()
    }

    /// The price of some of a product in one line: `12.50 EUR / 100 EA`.
    pub fn price(&self, account: &str, sku: &str, quantity: i64, unit: Option<&str>) -> String {
        let answer = self.answer(account, sku, quantity, unit);
        let price = answer
            .unit_price
            .map_or("on request".to_owned(), |money: Money| money.to_string());
        format!("{price} / {} {}", answer.price_quantity, answer.unit)
    }

    pub async fn head(&self) -> i64 {
        let tenant_id = self.tenant_id;
        self.gateway
            .store
            .read(async |tx| store::feed::head(tx, tenant_id).await)
            .await
            .unwrap()
    }
}

const CATEGORIES: &str = "code,name,parent\nF1,Bolts,F\nF,Fasteners,\n";
const PRODUCTS: &str = "sku,name,base_unit,units,sold_in,list_price,price_quantity,categories,gtin,min_order_quantity\n\
    B-8,\"Hex bolt M8 × 40, A2\",EA,BX=100,BX,12.50,100,F1|F,4006381333931,100\n\
    W-1,Wiper,EA,,,3.20,,F,,\n";
const ACCOUNTS: &str = "code,name,parent,inherit_prices,currency,groups\n\
    100,Globex,,,,big\n\
    110,Globex Ulm,100,parent,,\n\
    200,Initech,,,USD,big|other\n";
const LISTS: &str = "code,kind,currency,priority,valid_from,valid_to\n\
    GLOBEX,contract,EUR,,,\n\
    BIG,contract,EUR,,2026-01-01,2026-12-31\n";
const ASSIGNMENTS: &str = "list,account,group\nGLOBEX,100,\nBIG,,big\n";
const PRICES: &str = "list,sku,unit,min_quantity,price,price_quantity\n\
    GLOBEX,B-8,BX,,11.00,\n\
    GLOBEX,B-8,BX,10,10.00,\n\
    BIG,W-1,,,2.80,\n";

/// The usual files.
pub async fn catalogue(shop: &Shop) {
    for (name, text) in [
        ("categories.csv", CATEGORIES),
        ("products.csv", PRODUCTS),
        ("accounts.csv", ACCOUNTS),
        ("price_lists.csv", LISTS),
        ("price_assignments.csv", ASSIGNMENTS),
        ("prices.csv", PRICES),
    ] {
        shop.good(name, text).await;
    }
}

#[tokio::test]
async fn files_become_goods_and_terms() {
    for shop in shops().await {
        catalogue(&shop).await;
        shop.good("warehouses.csv", "code,name,cutoff\nULM,Ulm,15:00\n").await;
        shop.good("stock.csv", "sku;warehouse;on_hand;allocated\nB-8;ULM;1234;34\n")
            .await;
        let goods = product::goods(&shop.gateway, shop.tenant_id).unwrap();
        assert_eq!((goods.count(), goods.count_in("F"), goods.count_in("F1")), (2, 2, 1));
        let path: Vec<&str> = goods
            .tree()
            .path("F1")
            .into_iter()
            .map(|category| &*category.name)
            .collect();
        assert_eq!(path, ["Fasteners", "Bolts"]);
        let bolt = goods.product("B-8").unwrap();
        assert_eq!(bolt.default_unit().map(|unit| &*unit.unit), Some("BX"));
        assert_eq!(bolt.sellable_units().count(), 1);
        assert_eq!(bolt.categories, ["F1", "F"]);
        assert_eq!(goods.unit_name("BX"), "box");
        assert_eq!(goods.warehouse_name("ULM"), Some("Ulm"));

        assert_eq!(shop.price("100", "B-8", 1, None), "11.00 EUR / 1 BX");
        assert_eq!(shop.price("100", "B-8", 10, Some("BX")), "10.00 EUR / 1 BX");
        assert_eq!(shop.price("110", "B-8", 10, Some("BX")), "10.00 EUR / 1 BX");
        assert_eq!(shop.price("100", "W-1", 1, None), "2.80 EUR / 1 EA");
        // Its list is in another currency, and so is the list price.
        assert_eq!(shop.price("200", "W-1", 1, None), "on request / 1 EA");
        let answer = shop.answer("100", "B-8", 2, None);
        assert_eq!(answer.availability.available, Decimal::from(12));
        assert_eq!(answer.trace.version, u64::try_from(shop.head().await).unwrap());
        let minimum = shop.answer("100", "B-8", 99, Some("EA"));
        assert_eq!(minimum.checks.len(), 2, "{:?}", minimum.checks);
    }
}

#[tokio::test]
async fn the_same_file_changes_nothing() {
    for shop in shops().await {
        catalogue(&shop).await;
        let head = shop.head().await;
        for (name, text, rows) in [
            ("categories.csv", CATEGORIES, 2),
            ("products.csv", PRODUCTS, 2),
            ("products.full.csv", PRODUCTS, 2),
            ("accounts.csv", ACCOUNTS, 3),
            ("price_lists.csv", LISTS, 2),
            ("price_assignments.csv", ASSIGNMENTS, 2),
            ("prices.csv", PRICES, 3),
        ] {
            let expect = format!("{name}: {rows} rows; 0 added, 0 changed, {rows} as before, 0 deleted");
            assert_eq!(shop.said(name, text).await, expect);
        }
        assert_eq!(shop.head().await, head);
        // What another changes in one row is one row.
        let changed = PRODUCTS.replace("3.20", "3.30");
        let said = shop.said("products.csv", &changed).await;
        assert_eq!(said, "products.csv: 2 rows; 0 added, 1 changed, 1 as before, 0 deleted");
        assert_eq!(shop.head().await, head + 1);
        assert_eq!(
            terms::product(&shop.gateway, shop.tenant_id, "W-1")
                .unwrap()
                .list_price
                .unwrap()
                .to_string(),
            "3.30 EUR"
        );
    }
}

#[tokio::test]
async fn a_file_with_a_fault_changes_nothing_and_tells_line_and_field() {
    for shop in shops().await {
        catalogue(&shop).await;
        let head = shop.head().await;
        let check = async |name: &str, text: &str, faults: &[&str]| {
            let report = shop.take(name, text).await;
            let told: Vec<String> = report
                .faults
                .shown
                .iter()
                .map(|fault| format!("{} {}: {}", fault.line, fault.field, fault.reason))
                .collect();
            assert_eq!(told, faults, "{name}");
            assert_eq!(report.counts, import::Counts::default(), "{name}");
        };
        check(
            "products.csv",
            "sku,name,base_unit,units,list_price,categories,gtin,status\n\
             N-1,New,EA,,1.00,F,,\n\
             ,No number,EA,,1.00,F,,\n\
             N-2,\"Comma, price\",EA,,\"1,50\",Q,,old\n\
             N-3,Units,XYZ,BX=0|PK,,,4006381333932,\n\
             N-1,Again,EA,,,,,\n\
             N-4,Short\n",
            &[
                "3 sku: is missing",
                "4 categories: there is no category \"Q\"",
                "4 list_price: has ',' at character 2, expected a plain number such as 1234.50 (point, no thousands \
                 separator)",
                "4 status: \"old\" must be one of active, discontinued, blocked, not_for_sale",
                "5 base_unit: there is no unit \"XYZ\"; add it to the units first",
                "5 units: \"BX=0\" must be written like BX=100 or KG=1/7",
                "5 units: \"PK\" must be written like BX=100 or KG=1/7",
                "5 gtin: is not a GTIN: its check digit is wrong",
                "6 sku: is on line 2 already",
                "7 : has 2 values, the header has 8",
            ],
        )
        .await;
        check(
            "prices.csv",
            "list,sku,unit,price,valid_from,valid_to\n\
             GLOBEX,B-8,KG,1,,\nNONE,B-9,,1,,\nBIG,W-1,,-1,2026-02-30,\nBIG,W-1,,1,2026-02-03,2026-02-02\n\
             BIG,W-1,,2,2026-02-03,\n",
            &[
                "2 unit: the product has no unit \"KG\"",
                "3 list: there is no price list \"NONE\"",
                "3 sku: there is no product \"B-9\"",
                "4 valid_from: must be a day such as 2026-11-30",
                "4 price: is less than zero",
                "5 valid_to: is before valid_from",
                "6 sku: the same list, product, unit, quantity and first day are on line 5",
            ],
        )
        .await;
        check(
            "categories.csv",
            "code,name,parent\nA,A,B\nB,B,A\nC,C,Z\n",
            &[
                "4 parent: there is no category \"Z\"",
                "2 parent: leads back to itself",
                "3 parent: leads back to itself",
            ],
        )
        .await;
        check(
            "accounts.jsonl",
            "{\"code\":\"300\",\"name\":\"A\",\"curency\":\"EUR\"}\n{\"code\":\"301\"}\nnonsense\n\
             {\"code\":\"302\",\"name\":\"B\",\"currency\":\"XXX\",\"name\":\"C\"}\n",
            &[
                "1 curency: is not a column; did you mean currency?",
                "2 name: is missing",
                "3 : is not a JSON object: expected ident at line 1 column 2",
                "4 name: is there twice",
            ],
        )
        .await;
        check(
            "stock.csv",
            "sku,on_hand,colour\nB-8,1,red\n",
            &[
                "1 colour: is not a column",
                "1 warehouse: is missing: the file must have this column",
            ],
        )
        .await;
        check(
            "product.csv",
            "sku\n",
            &["0 : the name must say what the file brings, such as products.csv; did you mean products?"],
        )
        .await;
        check(
            "products.full.csv",
            "sku,name,base_unit\n",
            &["0 : has no rows; a .full file without rows would delete everything"],
        )
        .await;
        assert_eq!(shop.head().await, head);
        let goods = product::goods(&shop.gateway, shop.tenant_id).unwrap();
        assert!(goods.product("N-1").is_none());
        assert_eq!(
            shop.said("products.csv", PRODUCTS).await.split(';').next(),
            Some("products.csv: 2 rows")
        );
    }
}

#[tokio::test]
async fn a_price_is_told_in_sentences() {
    for shop in shops().await {
        catalogue(&shop).await;
        shop.good("rates.csv", "currency,valid_from,rate\nUSD,2026-01-01,1.25\n")
            .await;
        shop.good("own_parts.csv", "account,number,sku\n100,GLX-1,W-1\n").await;
        shop.good("promotions.csv", "code,value,skus,min_quantity\nWIPE,0.5,W-1,10\n")
            .await;
        let told = async |account: &str, quantity: i64| {
            let asked = |now, today| Request::new(account, "W-1", Decimal::from(quantity), today, now);
            let answer = at_once(terms::ask(&shop.gateway, shop.tenant_id, asked)).unwrap();
            answer.explanation().join("\n")
        };
        let globex = told("100", 1).await;
        assert!(
            globex.starts_with(
                "1 EA of W-1 for account 100 on 2026-11-24.\n\
                 The account's list GLOBEX has no entry for this product, unit and quantity.\n\
                 The group's list BIG says 2.80 for 1 EA from 0 EA on (entry 1).\n\
                 The price is 2.80 EUR a EA, 2.80 EUR in all, until 2026-12-31.\n\
                 Nothing is available, and no date is known.\n"
            ),
            "{globex}"
        );
        let initech = told("200", 1).await;
        assert!(
            initech.contains("It is listed in EUR; one EUR is 1.25 USD.\n"),
            "{initech}"
        );
        assert!(
            initech.contains("The price is 3.50 USD a EA, 3.50 USD in all"),
            "{initech}"
        );
        // Our own number comes before the account's.
        shop.good("own_parts.csv", "account,number,sku\n100,GLX-1,W-1\n100,W-1,B-8\n")
            .await;
        for (number, sku) in [("GLX-1", "W-1"), ("W-1", "W-1"), ("B-8", "B-8")] {
            let part = terms::part(&shop.gateway, shop.tenant_id, "100", number).unwrap();
            assert_eq!(part.sku, sku, "{number}");
        }
        shop.good("accounts.csv", "code,name\n300,Initrode\n").await;
        let initrode = told("300", 10).await;
        let promoted = "Promotion WIPE replaces the price: 3.20 without breaks, that times 0.5, is 1.600.\n\
                        The price is 1.60 EUR a EA, 16.00 EUR in all.\n";
        assert!(initrode.contains(promoted), "{initrode}");
        let below = told("300", 9).await;
        assert!(
            below.contains("Promotion WIPE begins at 10; there are 9.\nThe price is 3.20 EUR"),
            "{below}"
        );
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused_by_line() {
    let shop = shops().await.remove(0);
    let files = vec![("units.csv", b"code,name\nEA,each\nST,St\xfcck\n".to_vec())];
    let reports = import::all(&shop.gateway, shop.tenant_id, files).await.unwrap();
    assert_eq!(
        reports[0].to_string(),
        "units.csv: nothing was taken, 1 fault\n  line 3 is not UTF-8; save the file as \"CSV UTF-8\""
    );
}

#[tokio::test]
async fn many_faults_are_counted_and_the_first_are_told() {
    let shop = shops().await.remove(0);
    let rows: String = (0..500).map(|_| "x,,-1\n").collect();
    let report = shop.take("units.csv", &format!("code,name,factor\n{rows}")).await;
    assert_eq!((report.rows, report.faults.shown.len()), (500, 100));
    // No name and no factor on each, and the code again on all but the first.
    assert_eq!(report.faults.total, 500 + 500 + 499);
    assert!(report.to_string().ends_with("\n  and 1399 more"));
}

#[tokio::test]
async fn json_lines_say_the_same_as_csv() {
    for shop in shops().await {
        catalogue(&shop).await;
        let products = "\u{feff}{\"sku\":\"B-8\",\"name\":\"Hex bolt M8 × 40, A2\",\"base_unit\":\"EA\",\
            \"units\":{\"BX\":100},\"sold_in\":[\"BX\"],\"list_price\":12.50,\"price_quantity\":100,\
            \"categories\":[\"F1\",\"F\"],\"gtin\":\"4006381333931\",\"min_order_quantity\":100}\r\n\
            \n{\"sku\":\"W-1\",\"name\":\"Wiper\",\"base_unit\":\"EA\",\"list_price\":\"3.20\",\"categories\":\"F\",\
            \"gtin\":null}\n";
        let said = shop.said("products.full.jsonl", products).await;
        assert_eq!(
            said,
            "products.full.jsonl: 2 rows; 0 added, 0 changed, 2 as before, 0 deleted"
        );
        let deleted = "{\"sku\":\"W-1\",\"deleted\":true}";
        let said = shop.said("products.jsonl", deleted).await;
        assert_eq!(
            said,
            "products.jsonl: 1 rows; 0 added, 0 changed, 0 as before, 1 deleted"
        );
    }
}

#[tokio::test]
async fn what_a_full_file_leaves_out_is_deleted_and_may_come_again() {
    for shop in shops().await {
        catalogue(&shop).await;
        let without: String = PRODUCTS.lines().take(2).map(|line| format!("{line}\n")).collect();
        let said = shop.said("products.csv", &without).await;
        assert_eq!(said, "products.csv: 1 rows; 0 added, 0 changed, 1 as before, 0 deleted");
        let said = shop.said("products.full.csv", &without).await;
        assert_eq!(
            said,
            "products.full.csv: 1 rows; 0 added, 0 changed, 1 as before, 1 deleted"
        );
        assert!(terms::product(&shop.gateway, shop.tenant_id, "W-1").is_none());
        let said = shop.said("products.csv", PRODUCTS).await;
        assert_eq!(said, "products.csv: 2 rows; 1 added, 0 changed, 1 as before, 0 deleted");
        // It is the same product again, with its contract.
        assert_eq!(shop.price("100", "W-1", 1, None), "2.80 EUR / 1 EA");
        let said = shop.said("accounts.csv", "code,deleted\n110,yes\n999,yes\n").await;
        assert_eq!(said, "accounts.csv: 2 rows; 0 added, 0 changed, 1 as before, 1 deleted");
        let said = shop
            .said("price_assignments.full.csv", "list,account,group\nGLOBEX,100,\n")
            .await;
        assert_eq!(
            said,
            "price_assignments.full.csv: 1 rows; 0 added, 0 changed, 1 as before, 1 deleted"
        );
        assert_eq!(shop.price("100", "W-1", 1, None), "3.20 EUR / 1 EA");
    }
}

#[tokio::test]
async fn a_file_of_prices_brings_the_whole_of_its_lists() {
    for shop in shops().await {
        catalogue(&shop).await;
        let said = shop
            .said(
                "prices.csv",
                "list,sku,unit,min_quantity,price\nGLOBEX,B-8,BX,10,9.90\nGLOBEX,W-1,,,\n",
            )
            .await;
        assert_eq!(said, "prices.csv: 2 rows; 1 added, 1 changed, 0 as before, 1 deleted");
        assert_eq!(shop.price("100", "B-8", 1, Some("BX")), "12.50 EUR / 1 BX");
        assert_eq!(shop.price("100", "B-8", 10, Some("BX")), "9.90 EUR / 1 BX");
        // On request for this account, though a list of its group has a price.
        assert_eq!(shop.price("100", "W-1", 1, None), "on request / 1 EA");
        let tenant_id = shop.tenant_id;
        let (lists, kept) = shop
            .gateway
            .store
            .read(async |tx| {
                let lists = store::terms::lists(tx, tenant_id).await?;
                let mut kept = 0;
                for list in &lists {
                    for version in 0..=list.version {
                        kept += store::price_block::breaks(tx, tenant_id, list.id, version).await?.len();
                    }
                }
                Ok::<_, StoreError>((lists, kept))
            })
            .await
            .unwrap();
        // The old set is swept.
        assert_eq!((lists.len(), kept), (2, 3));
        // Prices in another currency are other prices.
        shop.good("price_lists.csv", "code,currency\nGLOBEX,USD\n").await;
        shop.good("accounts.csv", "code,name,currency\n100,Globex,USD\n").await;
        assert_eq!(shop.price("100", "B-8", 10, Some("BX")), "on request / 1 BX");
    }
}

/// A store in front of the same database sees the file after it looks at the feed.
#[tokio::test]
async fn another_process_follows_the_feed() {
    for shop in shops().await {
        let other = gateway(&shop.test, &clock()).await;
        assert!(product::goods(&other, shop.tenant_id).unwrap().product("W-1").is_none());
        catalogue(&shop).await;
        assert_eq!(terms::refresh_if_moved(&other).await.unwrap(), 1);
        assert!(product::goods(&other, shop.tenant_id).unwrap().product("W-1").is_some());
        assert_eq!(terms::refresh_if_moved(&other).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_folder_is_taken_in_order_until_a_file_is_refused() {
    let shop = shops().await.remove(0);
    let folder = std::env::temp_dir().join(format!("punchgate-import-{}", Clock::system().new_id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in [
        ("prices.csv", PRICES),
        ("products.csv", PRODUCTS),
        ("categories.csv", CATEGORIES),
        ("price_lists.csv", LISTS),
        ("price_assignments.csv", "list,account\nGLOBEX,100\n"),
        ("README.txt", "not ours"),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let names = |reports: &[Report]| {
        reports
            .iter()
            .map(|report| report.file.clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let reports = import::path(&shop.gateway, shop.tenant_id, &folder).await.unwrap();
    assert_eq!(
        names(&reports),
        "categories.csv products.csv price_lists.csv price_assignments.csv"
    );
    assert!(reports[..3].iter().all(Report::is_taken) && !reports[3].is_taken());
    assert!(terms::product(&shop.gateway, shop.tenant_id, "W-1").is_some());

    std::fs::write(folder.join("acounts.csv"), ACCOUNTS).unwrap();
    let reports = import::path(&shop.gateway, shop.tenant_id, &folder).await.unwrap();
    assert_eq!(names(&reports), "acounts.csv");
    std::fs::rename(folder.join("acounts.csv"), folder.join("accounts.csv")).unwrap();
    let reports = import::path(&shop.gateway, shop.tenant_id, &folder).await.unwrap();
    assert!(
        reports.len() == 6 && reports.iter().all(Report::is_taken),
        "{reports:?}"
    );
    let reports = import::path(&shop.gateway, shop.tenant_id, &folder.join("none.csv"))
        .await
        .unwrap();
    assert!(!reports[0].is_taken());
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The help names every file and every column, in the order in which files are taken.
#[test]
fn the_help_describes_every_column() {
    let help = include_str!("../../templates/help/import.md");
    let mut sections = help.split("\n## ").skip(2);
    for entity in import::Entity::ALL {
        let section = sections.next().unwrap();
        let (title, section) = section.split_once('\n').unwrap();
        assert_eq!(title, entity.word());
        let (required, optional) = entity.columns();
        for column in required.iter().chain(optional) {
            assert!(section.contains(&format!("`{column}`")), "{title}: {column}");
        }
        let told = section.lines().filter(|line| line.starts_with("| `")).flat_map(|line| {
            line.split('|')
                .nth(1)
                .into_iter()
                .flat_map(|names| names.split(", "))
                .map(|name| name.trim().trim_matches('`'))
        });
        for name in told {
            assert!(required.contains(&name) || optional.contains(&name), "{title}: {name}");
        }
    }
    assert!(sections.next().is_none());
}

#[tokio::test]
async fn a_quote_that_is_not_closed_ends_at_the_limit() {
    let shop = shops().await.remove(0);
    let rows: String = (0..10_000).map(|n| format!("U{n},unit {n}\n")).collect();
    let report = shop.take("units.csv", &format!("code,name\nA,\"open\n{rows}")).await;
    assert_eq!(report.faults.total, 1, "{report}");
    assert_eq!(
        report.faults.shown[0].reason,
        "is longer than 64 KiB; is a quote not closed?"
    );
    assert_eq!(report.faults.shown[0].line, 2);
}
