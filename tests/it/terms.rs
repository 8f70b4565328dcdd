//! Terms over imported rows: the sample's contracts, and the snapshot that follows the store.

use std::collections::{BTreeMap, BTreeSet};

use punchgate::domain::product::{Goods, ProductStatus};
use punchgate::domain::stock::Band;
use punchgate::domain::terms::{Check, Level, Outcome, Request};
use punchgate::domain::word::Word;
use punchgate::service::search::{self, Question};
use punchgate::service::{product, sample, terms};
use rust_decimal::Decimal;

use crate::import::{Shop, clock, gateway};
use crate::support_store::{at_once, stores};

/// The sample on each database.
async fn samples() -> Vec<Shop> {
    let clock = clock();
    let mut shops = Vec::new();
    for test in stores(&clock).await {
        let gateway = gateway(&test, &clock).await;
        let began = std::time::Instant::now();
        let tenant_id = sample::load(&gateway).await.unwrap();
        println!("{}: sample loaded in {:?}", test.kind(), began.elapsed());
        shops.push(Shop {
            gateway,
            tenant_id,
            test,
        });
    }
    shops
}

/// The first product of a family that has a price and may be ordered.
fn first(goods: &Goods, category: &str) -> String {
    let (products, _) = goods.in_category(category, 0, 40);
    let mut orderable = products
        .iter()
        .filter(|product| product.status == ProductStatus::Active && product.list_price.is_some());
    orderable.next().unwrap().sku.clone()
}

/// The list that decided.
fn decided(shop: &Shop, account: &str, sku: &str, quantity: i64) -> String {
    let answer = shop.answer(account, sku, quantity, None);
    let step = answer.trace.decided().unwrap();
    match &step.outcome {
        Outcome::Entry(entry) => format!("{} from {}", step.list.as_deref().unwrap(), entry.min_quantity),
        Outcome::ListPrice { .. } => "list price".into(),
        outcome => format!("{outcome:?}"),
    }
}

#[test]
fn the_sample_is_always_the_same() {
    let text: String = sample::files()
        .into_iter()
        .map(|(name, text)| format!("{name}\n{text}"))
        .collect();
    let again: String = sample::files()
        .into_iter()
        .map(|(name, text)| format!("{name}\n{text}"))
        .collect();
    assert_eq!(text, again);
    // FNV-1a: whoever changes the sample on purpose changes this number.
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(hash, 0xa394_8875_b670_dcd0, "{hash:#x}");
}

#[tokio::test]
async fn the_sample_looks_like_a_distributor() {
    for shop in samples().await {
        let goods = product::goods(&shop.gateway, shop.tenant_id).unwrap();
        assert_eq!(
            (goods.count(), goods.tree().len(), goods.accounts().count()),
            (2_000, 60, 5)
        );
        let roots: Vec<&str> = goods.tree().children(None).map(|category| &*category.code).collect();
        assert_eq!(roots.len(), 10);
        let below: u64 = roots.iter().map(|code| goods.count_in(code)).sum();
        assert_eq!(below, 2_000, "every product is in one category");
        let question = Question {
            text: "mm",
            ..Question::new(shop.tenant_id, "30030")
        };
        let answer = search::find(&shop.gateway, &question).await.unwrap();
        assert!(answer.total > 500, "{}", answer.total);
        let mut statuses: BTreeMap<&str, u32> = BTreeMap::new();
        let (mut names, mut gtins) = (BTreeSet::new(), BTreeSet::new());
        let mut without_price = 0;
        for root in &roots {
            for product in goods.in_category(root, 0, 5_000).0 {
                *statuses.entry(product.status.word()).or_default() += 1;
                assert!(names.insert(product.name.clone()), "{} is there twice", product.name);
                for unit in &product.units {
                    assert!(unit.gtin.iter().all(|gtin| gtins.insert(gtin.clone())));
                }
                assert!(product.gtin.iter().all(|gtin| gtins.insert(gtin.clone())));
                assert!(product.default_unit().is_some(), "{}", product.sku);
                without_price += u32::from(product.list_price.is_none());
            }
        }
        assert_eq!(statuses.len(), 3, "{statuses:?}");
        assert!(
            statuses["active"] > 1_900 && without_price > 20,
            "{statuses:?} {without_price}"
        );
        assert_eq!(goods.warehouse_name("RTM"), Some("Rotterdam"));
        // A second time changes nothing.
        let version = shop.answer("10010", "HEX-10000", 1, None).trace.version;
        assert_eq!(sample::load(&shop.gateway).await.unwrap(), shop.tenant_id);
        assert_eq!(shop.answer("10010", "HEX-10000", 1, None).trace.version, version);
    }
}

#[tokio::test]
async fn every_account_of_the_sample_has_its_contract() {
    for shop in samples().await {
        let goods = product::goods(&shop.gateway, shop.tenant_id).unwrap();
        let [bolt, glasses, disc, box_, bearing, fitting] =
            ["HEX", "GLA", "CUD", "BIN", "BEA", "PIP"].map(|family| first(&goods, family));
        let check = |account: &str, sku: &str, quantity: i64, expect: &str| {
            assert_eq!(
                decided(&shop, account, sku, quantity),
                expect,
                "{account} {sku} {quantity}"
            );
        };
        check("10010", &bolt, 9, "GLOBEX from 0");
        check("10010", &bolt, 10, "GLOBEX from 10");
        check("10010", &bolt, 50, "GLOBEX from 50");
        check("10010", &disc, 1, "list price");
        check("10011", &bolt, 10, "GLOBEX from 10");
        check("10011", &glasses, 10, "GLOBEX-LEJ from 0");
        check("20020", &disc, 1, "INDUSTRY from 0");
        check("20020", &bolt, 1, "list price");
        check("30030", &disc, 1, "list price");
        check("40040", &bearing, 19, "STARK from 0");
        check("40040", &bearing, 20, "STARK from 20");
        // The contract for pipes has ended.
        check("40040", &fitting, 1, "USD from 0");
        check("40040", &box_, 1, "USD from 0");
        let levels: Vec<Level> = shop
            .answer("10011", &bolt, 1, None)
            .trace
            .steps
            .iter()
            .map(|step| step.level)
            .collect();
        assert_eq!(levels, [Level::Account, Level::Inherited]);
        let answer = shop.answer("40040", &fitting, 1, None);
        assert_eq!(answer.unit_price.unwrap().currency.code(), "USD");
        assert!(answer.trace.steps.iter().any(|step| step.outcome == Outcome::NotValid));
    }
}

#[tokio::test]
async fn what_can_be_ordered_has_a_price_for_everyone() {
    let shop = samples().await.remove(0);
    let goods = product::goods(&shop.gateway, shop.tenant_id).unwrap();
    let mut bands: BTreeMap<String, u32> = BTreeMap::new();
    for account in sample::ACCOUNTS {
        for product in goods
            .in_category("FAST", 0, 1_000)
            .0
            .iter()
            .chain(&goods.in_category("ELEC", 0, 1_000).0)
        {
            for unit in product.sellable_units() {
                let answer = shop.answer(account.code, &product.sku, 100, Some(&unit.unit));
                *bands.entry(format!("{:?}", answer.availability.band)).or_default() += 1;
                assert_eq!(answer.line_amount.is_some(), answer.unit_price.is_some());
                let tiers = at_once(terms::tiers(&shop.gateway, shop.tenant_id, |now, today| Request {
                    unit: Some(&unit.unit),
                    ..Request::new(account.code, &product.sku, Decimal::ONE, today, now)
                }));
                let tiers = tiers.unwrap();
                assert!(!tiers.is_empty());
                // The staircase says what an order of its quantity gets.
                for tier in &tiers {
                    let at = at_once(terms::ask(&shop.gateway, shop.tenant_id, |now, today| Request {
                        unit: Some(&unit.unit),
                        ..Request::new(account.code, &product.sku, tier.min_quantity, today, now)
                    }));
                    let at = at.unwrap();
                    assert_eq!(
                        (at.unit_price, at.price_quantity),
                        (tier.unit_price, tier.price_quantity)
                    );
                }
                if let (Some(price), Some(list)) = (answer.unit_price, product.list_price) {
                    if account.currency == "EUR" {
                        let listed = list.amount * unit.factor.numerator() / product.price_quantity;
                        let asked = price.amount / answer.price_quantity;
                        assert!(asked <= listed + Decimal::new(1, 4), "{} {asked} {listed}", product.sku);
                    }
                    assert!(price.amount > Decimal::ZERO);
                }
                let is_blocked = answer.checks.contains(&Check::ProductNotSold);
                assert_eq!(is_blocked, product.status == ProductStatus::Blocked);
            }
        }
    }
    assert!(bands[&format!("{:?}", Band::InStock)] > 300, "{bands:?}");
    assert!(bands.len() >= 3, "{bands:?}");
}
