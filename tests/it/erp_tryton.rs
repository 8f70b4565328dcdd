//! Tryton's mapping on answers that a seeded Tryton 8.0 gave (`tryton_records.jsonl`): what a running one says is
//! compared in `live_tryton`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use punchgate::domain::terms::Request;
use punchgate::service::sync::{self, Setting, Source, Wanted};
use punchgate::service::terms;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::erp_stand::Erp;
use crate::import::{Shop, shops_in};
use crate::support_store::at_once;

const RECORDS: &str = include_str!("tryton_records.jsonl");

/// An ERP that answers each first page as it was written down.
async fn recorded() -> Erp {
    let records: Vec<Value> = RECORDS
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    Erp::answering(move |asked| {
        let params = &asked["params"];
        match asked["method"].as_str().unwrap() {
            "common.db.login" => json!([1, "token", null]),
            "model.res.user.get_preferences" => json!({"company": 1}),
            method => {
                let is_first = !params[0].as_array().unwrap().iter().any(|clause| clause[1] == ">");
                let mut fields: Vec<String> = serde_json::from_value(params[4].clone()).unwrap();
                fields.sort();
                let found = records.iter().find(|record| {
                    let is_there = record["locations"].is_null() || record["locations"] == params[5]["locations"];
                    record["method"] == method && record["fields"] == json!(fields) && is_there
                });
                found
                    .filter(|_| is_first)
                    .map_or(json!([]), |record| record["result"].clone())
            }
        }
    })
    .await
}

fn source(erp: &Erp) -> Source {
    let setting: Setting = toml::from_str(&format!(
        "code = \"erp\"\nmap = \"tryton\"\nurl = \"{}\"\nuser = \"me\"\n[settings]\ncurrency = \"USD\"\nwarehouse = \"HOU\"\n",
        erp.url
    ))
    .unwrap();
    let map = punchgate::erp::MAPS
        .iter()
        .find(|(name, _)| *name == "tryton")
        .unwrap()
        .1;
    Source::new(setting, sync::mapping(map).unwrap(), std::path::Path::new(".")).unwrap()
}

fn price(shop: &Shop, account: &str, sku: &str, quantity: i64, unit: &str, on: &str) -> String {
    let date: Date = on.parse().unwrap();
    let answer = at_once(terms::ask(&shop.gateway, shop.tenant_id, |now, _| Request {
        unit: Some(unit),
        ..Request::new(account, sku, Decimal::from(quantity), date, now)
    }));
    let answer = answer.unwrap();
    let each = answer.unit_price.map(|price| price.amount / answer.price_quantity);
    each.map_or("on request".to_owned(), |each| each.round_dp(4).normalize().to_string())
}

#[tokio::test]
async fn recorded_tryton_becomes_goods_and_terms() {
    for shop in shops_in("America/Chicago", "USD").await {
        let erp = recorded().await;
        let source = source(&erp);
        let went = sync::run(&shop.gateway, shop.tenant_id, &source, &Wanted::default())
            .await
            .unwrap();
        let rows: BTreeMap<&str, u64> = went.iter().map(|went| (went.entity.as_str(), went.added)).collect();
        for went in &went {
            assert!(went.fault.is_none() && went.rejected == 0, "{went}");
        }
        assert_eq!(
            rows,
            BTreeMap::from([
                ("unit", 41),
                ("category", 6),
                ("product", 12),
                ("kit", 2),
                ("warehouse", 2),
                ("account", 7),
                ("address", 8),
                ("own_part", 1),
                ("credit", 2),
                ("rate", 3),
                ("price_list", 9),
                ("price_rule", 21),
                ("price_assignment", 6),
                ("agreement", 1),
                ("agreement_line", 2),
                ("promotion", 1),
                ("stock", 10),
                ("incoming", 1),
                ("order_status", 0),
                ("outgoing", 0)
            ])
        );
        // From the price vectors of the reference folder, as Tryton answered them.
        for (account, sku, quantity, unit, on, expect) in [
            ("GLOBEX", "PUMP-X", 1, "u", "2026-10-31", "1349.1"),
            ("GLOBEX", "PUMP-X", 1, "u", "2026-11-01", "1250"),
            ("GLOBEX", "PUMP-X", 1, "u", "2026-12-01", "1349.1"),
            ("GLOBEX", "BOLT-M8", 99, "u", "2026-11-23", "0.1172"),
            ("GLOBEX", "BOLT-M8", 100, "u", "2026-11-23", "0.1111"),
            ("GLOBEX", "BOLT-M8", 10000, "u", "2026-11-23", "0.0795"),
            ("INITECH", "BOLT-M8", 1000, "u", "2026-11-23", "0.11"),
            ("GLOBEX", "BOLT-M8", 1, "bx100", "2026-11-23", "11.11"),
            ("GLOBEX", "BOLT-M8", 1, "mil", "2026-11-23", "95"),
            ("GLOBEX", "GLOVE-NIT", 9, "bx10", "2026-11-23", "6.375"),
            ("GLOBEX", "GLOVE-NIT", 10, "bx10", "2026-11-23", "6"),
            ("WALKIN", "CABLE-C6", 100, "ft", "2026-11-23", "0.2438"),
            ("GLOBEX", "SPRAY7", 1, "cs7", "2026-11-23", "66.5"),
            ("WALKIN", "RFQ-ONLY", 1, "u", "2026-11-23", "on request"),
            ("GLOBEX", "RFQ-ONLY", 1, "u", "2026-11-23", "480"),
            ("WALKIN", "FREE", 1, "u", "2026-11-23", "0"),
            ("RESELL", "PUMP-X", 1, "u", "2026-11-23", "1125"),
            ("GLOBEX", "CALIB", 1, "u", "2026-11-23", "95"),
            ("GLOBEX", "KIT-PPE", 1, "u", "2026-11-23", "25.5"),
            ("WALKIN", "HELMET", 10, "u", "2026-11-23", "19.992"),
        ] {
            let said = price(&shop, account, sku, quantity, unit, on);
            assert_eq!(
                said,
                expect,
                "{account} {quantity} {unit} {sku} on {on}, {}",
                shop.test.kind()
            );
        }
    }
}
