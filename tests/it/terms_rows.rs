//! Rows that contradict themselves: never does one of them make something cheaper, or open what was closed.

use punchgate::domain::terms::{Answer, Request};
use punchgate::service::party::{NewTenant, create_tenant};
use punchgate::service::{Gateway, import, terms};
use rust_decimal::Decimal;

use crate::import::{Shop, gateway, shops};
use crate::support_store::at_once;

const FILES: [(&str, &str); 20] = [
    ("categories.csv", "code,name\nF,Fasteners\n"),
    (
        "products.csv",
        "sku,name,base_unit,units,list_price,categories,price_group,tax_class\n\
        B-8,Bolt,EA,BX=100,10.00,F,small,full\nW-1,Wiper,EA,,3.20,,,\nSET,Bolts and wiper,EA,,20.00,,,\n",
    ),
    (
        "accounts.csv",
        "code,name,currency,groups,tax_class\n100,Globex,EUR,big,\n200,Initech,EUR,,\n300,Hooli,CHF,,\n",
    ),
    ("warehouses.csv", "code,name\nULM,Ulm\n"),
    ("stock.csv", "sku,warehouse,on_hand\nB-8,ULM,1000\nW-1,ULM,100\n"),
    ("addresses.csv", "account,code\n100,HQ\n100,SITE\n"),
    ("price_lists.csv", "code,kind\nRULED,list\n"),
    (
        "price_rules.csv",
        "list,position,sku,calculation,value,floor_base,floor\nRULED,1,B-8,multiply,0.9,list_price,0.8\n",
    ),
    (
        "promotions.csv",
        "code,skus,account_groups,min_quantity,unit,calculation,value\nBOX,B-8,big,1,BX,multiply,0.5\n",
    ),
    (
        "agreements.csv",
        "number,account,applies,enforce,all_ship_tos\nA-1,100,named,block,no\n",
    ),
    (
        "agreement_ship_tos.csv",
        "agreement,address,valid_to\nA-1,HQ,\nA-1,SITE,2026-11-01\n",
    ),
    (
        "agreement_lines.csv",
        "agreement,line,sku,unit,price\nA-1,1,B-8,BX,100.00\n",
    ),
    ("relations.csv", "sku,related,ratio,two_way\nB-8,W-1,2,yes\n"),
    ("kits.csv", "kit,component,quantity,unit\nSET,B-8,2,BX\nSET,W-1,1,EA\n"),
    (
        "supply.csv",
        "sku,warehouse,reference,quantity,due,kind\nW-1,ULM,D-1,10,2026-11-25,demand\n",
    ),
    ("sourcing.csv", "code,warehouse,account\nS-1,ULM,100\n"),
    ("rates.csv", "currency,valid_from,rate\nCHF,2026-01-01,0.95\n"),
    ("tax_rules.csv", "code,product_class,rate\nfull,full,0.19\n"),
    (
        "assortments.csv",
        "account,rule,sku,category\n200,allow,W-1,\n100,deny,W-1,\n",
    ),
    ("credit.csv", "account,limit\n100,1000\n"),
];

async fn world() -> Vec<Shop> {
    let shops = shops().await;
    for shop in &shops {
        for (name, text) in FILES {
            shop.good(name, text).await;
        }
    }
    shops
}

/// What account 100 is told of a hundred boxes of bolts.
fn boxes(shop: &Shop, agreement: Option<&str>, ship_to: Option<&str>) -> Answer {
    let answer = at_once(terms::ask(&shop.gateway, shop.tenant_id, |now, today| Request {
        unit: Some("BX"),
        agreement,
        ship_to,
        ..Request::new("100", "B-8", Decimal::ONE_HUNDRED, today, now)
    }));
    answer.unwrap()
}

fn price(answer: &Answer) -> String {
    let price = answer.unit_price.unwrap();
    (price.amount / answer.price_quantity).normalize().to_string()
}

#[tokio::test]
async fn a_row_with_a_word_that_is_none_stops_the_reading() {
    // Table, column, what is wrong, what was right.
    let broken = [
        ("promotion", "account_groups", "'\"everybody\"'", "'[\"big\"]'"),
        ("promotion", "scope", "'[\"everything\"]'", "'[\"all\"]'"),
        ("promotion", "calc", "'free'", "'multiply'"),
        ("promotion", "stacking", "'always'", "'never_on_contract'"),
        ("price_rule", "scope_kind", "'everything'", "'product'"),
        (
            "price_rule",
            "product_id",
            "NULL",
            "(SELECT id FROM product WHERE sku = 'B-8')",
        ),
        ("price_rule", "calc", "'free'", "'multiply'"),
        ("price_rule", "base", "'nothing'", "'list_price'"),
        ("price_rule", "floor_base", "NULL", "'list_price'"),
        ("price_rule", "floor_base", "'nothing'", "'list_price'"),
        ("price_rule", "uom_id", "tenant_id", "NULL"),
        ("price_list", "currency", "'ZZZ'", "'EUR'"),
        ("agreement", "applies", "'sometimes'", "'named'"),
        ("agreement", "enforce_qty", "'perhaps'", "'block'"),
        ("agreement", "kind", "'wish'", "'blanket'"),
        ("account_assortment", "rule", "'perhaps'", "'deny'"),
        ("account_assortment", "target_kind", "'mood'", "'product'"),
        ("account_address", "role", "'castle'", "'ship_to'"),
        ("product_relation", "kind", "'friend'", "'substitute'"),
        ("supply_event", "kind", "'miracle'", "'demand'"),
        ("fx_rate", "currency", "'ZZZ'", "'CHF'"),
        ("fx_rate", "rate", "'0'", "'0.95'"),
        ("account", "status", "'unknown'", "'active'"),
        ("category", "parent_id", "id", "NULL"),
        ("category", "parent_id", "tenant_id", "NULL"),
        (
            "product",
            "base_uom_id",
            "tenant_id",
            "(SELECT id FROM uom WHERE code = 'EA')",
        ),
    ];
    for shop in world().await {
        let ask = || (boxes(&shop, None, None), boxes(&shop, Some("A-1"), Some("HQ")));
        let set = async |(table, column, value): (&str, &str, &str)| {
            let is_text = shop.test.kind() == "sqlite" || column != "rate";
            let value = if is_text { value } else { value.trim_matches('\'') };
            shop.test
                .tamper(&format!("UPDATE {table} SET {column} = {value}"))
                .await;
        };
        for (table, column, wrong, right) in broken {
            let before = ask();
            set((table, column, wrong)).await;
            let what = format!("{table}.{column} = {wrong}");
            let error = terms::reload(&shop.gateway).await.expect_err(&what);
            println!("{what}: {error}");
            assert_eq!(before, ask(), "what was read before holds: {what}");
            let read = terms::query(&shop.gateway, shop.tenant_id, &["B-8"]).await;
            assert!(read.is_err(), "{what}");
            set((table, column, right)).await;
            terms::reload(&shop.gateway).await.expect(&what);
        }
        shop.test.tamper("UPDATE tenant SET time_zone = 'Mars/Olympus'").await;
        assert!(terms::reload(&shop.gateway).await.is_err());
    }
}

#[tokio::test]
async fn a_supplier_with_broken_rows_leaves_the_others_fresh() {
    for shop in world().await {
        let tenant = NewTenant {
            code: "umbra",
            name: "Umbra",
            time_zone: "Europe/Berlin",
            currency: "EUR",
            identities: &[("DUNS", "987654321")],
        };
        let other = create_tenant(&shop.gateway, &tenant).await.unwrap();
        let bring = async |price: &str| {
            let products = format!("sku,name,base_unit,list_price\nU-1,Lamp,EA,{price}\n");
            let files = vec![
                ("products.csv", products.into_bytes()),
                ("accounts.csv", b"code,name\n900,Soylent\n".to_vec()),
            ];
            let reports = import::all(&shop.gateway, other, files).await.unwrap();
            assert!(reports.iter().all(|report| report.is_taken()), "{reports:?}");
        };
        let lamp = |gateway: &Gateway| {
            let answer = at_once(terms::ask(gateway, other, |now, today| {
                Request::new("900", "U-1", Decimal::ONE, today, now)
            }));
            price(&answer.unwrap())
        };
        bring("7.00").await;
        let before = boxes(&shop, None, None);
        let set = async |calculation: &str| {
            let sql = format!("UPDATE promotion SET calc = '{calculation}'");
            shop.test.tamper(&sql).await;
        };
        set("free").await;

        // What is brought for one supplier is not refused because of another.
        bring("8.00").await;
        assert_eq!(lamp(&shop.gateway), "8");
        for _ in 0..2 {
            assert!(terms::reload(&shop.gateway).await.is_err(), "a broken row is told");
            assert_eq!(before, boxes(&shop, None, None), "what was read before holds");
        }
        // Another process, which finds the rows broken when it starts, and then finds both moved.
        let next = gateway(&shop.test, &shop.gateway.clock).await;
        assert_eq!(lamp(&next), "8");
        assert!(terms::assortment(&next, shop.tenant_id, "100").is_none(), "closed");
        bring("9.00").await;
        assert!(terms::refresh_if_moved(&next).await.is_err());
        assert_eq!(lamp(&next), "9");
        set("multiply").await;
        assert_eq!(terms::refresh_if_moved(&next).await.unwrap(), 1);
        assert!(terms::assortment(&next, shop.tenant_id, "100").is_some(), "open again");
    }
}

#[tokio::test]
async fn what_names_something_gone_makes_nothing_cheaper() {
    for shop in world().await {
        assert_eq!(price(&boxes(&shop, None, None)), "450", "half of ninety percent");
        assert_eq!(price(&boxes(&shop, Some("A-1"), Some("HQ"))), "100", "agreed");
        // A promotion whose unit is gone is none, not one from the first piece on.
        shop.test
            .tamper("UPDATE promotion SET threshold_uom_id = tenant_id")
            .await;
        terms::reload(&shop.gateway).await.unwrap();
        assert_eq!(price(&boxes(&shop, None, None)), "900");
        // A price for a unit that is gone is not one for a piece.
        shop.test.tamper("UPDATE agreement_line SET uom_id = tenant_id").await;
        terms::reload(&shop.gateway).await.unwrap();
        assert_eq!(price(&boxes(&shop, Some("A-1"), Some("HQ"))), "900");
    }
}

#[tokio::test]
async fn an_agreement_is_for_an_address_only_on_its_days() {
    for shop in world().await {
        assert_eq!(price(&boxes(&shop, Some("A-1"), Some("HQ"))), "100");
        assert_eq!(price(&boxes(&shop, Some("A-1"), Some("SITE"))), "450");
        assert_eq!(price(&boxes(&shop, Some("A-1"), None)), "450");
    }
}

#[tokio::test]
async fn an_assortment_of_nothing_offers_nothing() {
    for shop in world().await {
        let offered = |account: &str, sku: &str| terms::is_offered(&shop.gateway, shop.tenant_id, account, sku);
        let all = |account: &str| ["B-8", "W-1", "SET"].map(|sku| offered(account, sku));
        assert_eq!(all("200"), [false, true, false]);
        assert_eq!(all("100"), [true, false, true]);
        shop.good("products.csv", "sku,name,base_unit,deleted\nW-1,Wiper,EA,yes\n")
            .await;
        assert_eq!(all("200"), [false; 3], "what was allowed is gone");
        assert_eq!(all("100"), [true, false, true]);
    }
}

#[tokio::test]
async fn a_kit_with_a_component_that_cannot_be_counted_has_nothing_there() {
    for shop in world().await {
        let there = || shop.answer("100", "SET", 1, None).availability.available;
        assert_eq!(there(), Decimal::from(5), "a thousand bolts in sets of two hundred");
        let unit = "UPDATE kit_component SET uom_id = tenant_id WHERE qty = '2'";
        let unit = if shop.test.kind() == "postgres" {
            unit.replace("'2'", "2")
        } else {
            unit.to_owned()
        };
        shop.test.tamper(&unit).await;
        terms::reload(&shop.gateway).await.unwrap();
        assert_eq!(there(), Decimal::ZERO);
    }
}

#[tokio::test]
async fn a_ratio_without_reverse_replaces_nothing() {
    for shop in world().await {
        let instead = |sku: &str| {
            let answer = shop.answer("300", sku, 1_000_000, None);
            answer
                .substitutes
                .iter()
                .map(|other| other.product.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (instead("B-8"), instead("W-1")),
            (vec!["W-1".to_owned()], vec!["B-8".to_owned()])
        );
        let zero = if shop.test.kind() == "postgres" { "0" } else { "'0'" };
        shop.test
            .tamper(&format!("UPDATE product_relation SET qty_ratio = {zero}"))
            .await;
        terms::reload(&shop.gateway).await.unwrap();
        assert_eq!(instead("W-1"), Vec::<String>::new());
    }
}

#[tokio::test]
async fn without_a_rate_there_is_no_price() {
    for shop in world().await {
        assert_eq!(shop.price("300", "W-1", 1, None), "3.04 CHF / 1 EA");
        shop.good(
            "rates.csv",
            "currency,valid_from,rate,deleted\nCHF,2026-01-01,0.95,yes\n",
        )
        .await;
        assert_eq!(shop.price("300", "W-1", 1, None), "on request / 1 EA");
    }
}
