//! A running Tryton: what we bring from it, price and promise is its own answer.
//!
//! `PUNCHGATE_TEST_TRYTON` names its database: `http://127.0.0.1:8069/erp`. It is seeded as the reference folder's
//! `tools/tryton/setup.sh` does; what the test changes there it changes back.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::ToSpan;
use jiff::civil::Date;
use punchgate::clock::Clock;
use punchgate::domain::product::Goods;
use punchgate::domain::terms::{Level, OrderLine, OrderRequest, Request};
use punchgate::service::party::{NewTenant, create_tenant};
use punchgate::service::sync::{self, Setting, Source, Wanted, Went};
use punchgate::service::{product, terms};
use punchgate::transport::{self, HttpClient};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::import::{Shop, gateway};
use crate::support_store::{at_once, stores, tell};

const TRYTON: &str = "PUNCHGATE_TEST_TRYTON";
const USER: &str = "gateway";
const PASSWORD: &str = "gateway-Secret1";
/// One story at a time: all look at the same Tryton, and some change it.
pub static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
/// Who may sell what is not there.
pub const ADMIN: (&str, &str) = ("admin", "admin-Secret1");
pub const ACCOUNTS: [&str; 5] = ["GLOBEX", "GLOBEX-P7", "INITECH", "RESELL", "WALKIN"];
pub const QUANTITIES: [i64; 5] = [1, 9, 10, 99, 100];

/// A client of its own, that shares nothing with the engine but the HTTP client.
pub struct Tryton {
    client: HttpClient,
    pub url: String,
    session: String,
    context: Value,
}

impl Tryton {
    pub async fn open() -> Option<Tryton> {
        Tryton::open_as(USER, PASSWORD).await
    }

    pub async fn open_as(user: &str, password: &str) -> Option<Tryton> {
        let Ok(url) = std::env::var(TRYTON) else {
            tell(&format!("Tryton: not run ({TRYTON} is not set)"));
            return None;
        };
        let mut tryton = Tryton {
            client: HttpClient::new(Duration::from_secs(120), 64 << 20).unwrap(),
            url,
            session: String::new(),
            context: json!({}),
        };
        let login = tryton
            .raw("common.db.login", json!([user, {"password": password}]))
            .await;
        let session = format!("{user}:{}:{}", login[0], login[1].as_str().unwrap());
        tryton.session = STANDARD.encode(session);
        tryton.context = tryton.raw("model.res.user.get_preferences", json!([true, {}])).await;
        Some(tryton)
    }

    pub async fn raw(&self, method: &str, params: Value) -> Value {
        let answer = self.asked(method, params).await;
        assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
        answer["result"].clone()
    }

    async fn asked(&self, method: &str, params: Value) -> Value {
        let body = json!({"id": 1, "method": method, "params": params}).to_string();
        let request = transport::Request {
            method: None,
            url: format!("{}/rpc/", self.url),
            headers: vec![
                ("content-type".into(), "application/json".into()),
                ("authorization".into(), format!("Session {}", self.session)),
            ],
            body: Some(body.into_bytes()),
        };
        let answer = self.client.exchange(request).await.unwrap();
        assert_eq!(answer.status, 200, "{method}: {}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn params(&self, params: &[Value], context: Value) -> Value {
        let mut all = self.context.clone();
        all.as_object_mut()
            .unwrap()
            .extend(context.as_object().unwrap().clone());
        params.iter().cloned().chain([all]).collect()
    }

    pub async fn call(&self, model: &str, method: &str, params: &[Value], context: Value) -> Value {
        let params = self.params(params, context);
        self.raw(&format!("model.{model}.{method}"), params).await
    }

    /// What the desktop client does where Tryton warns: it goes on.
    pub async fn insist(&self, model: &str, method: &str, params: &[Value]) {
        for _ in 0..10 {
            let answer = self
                .asked(&format!("model.{model}.{method}"), self.params(params, json!({})))
                .await;
            if answer["error"].is_null() {
                return;
            }
            assert_eq!(answer["error"][0], "UserWarning", "{}", answer["error"]);
            let warning = answer["error"][1][0].clone();
            self.call("res.user.warning", "skip", &[warning, json!(false)], json!({}))
                .await;
        }
        panic!("{model}.{method} warns without end");
    }

    /// Identifiers of a model's records by a field.
    pub async fn ids(&self, model: &str, field: &str, domain: Value) -> BTreeMap<String, i64> {
        let params = [domain, json!(0), json!(1000), json!([["id", "ASC"]]), json!([field])];
        let rows = self.call(model, "search_read", &params, json!({})).await;
        let rows = rows.as_array().unwrap().iter();
        rows.filter_map(|row| Some((row[field].as_str()?.to_owned(), row["id"].as_i64()?)))
            .collect()
    }
}

pub fn day(day: Date) -> Value {
    json!({"__class__": "date", "year": day.year(), "month": day.month(), "day": day.day()})
}

/// A decimal of Tryton's, without zeros at its end.
fn decimal(value: &Value) -> Option<Decimal> {
    let text = value["decimal"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| Some(value.as_f64()?.to_string()))?;
    Some(text.parse::<Decimal>().unwrap().normalize())
}

pub fn source(url: &str) -> Source {
    let setting: Setting = toml::from_str(&format!(
        "code = \"erp\"\nmap = \"tryton\"\nurl = \"{url}\"\nuser = \"{USER}\"\n[settings]\ncurrency = \"USD\"\nwarehouse = \"HOU\"\n"
    ))
    .unwrap();
    let map = punchgate::erp::MAPS
        .iter()
        .find(|(name, _)| *name == "tryton")
        .unwrap()
        .1;
    let mut source = Source::new(setting, sync::mapping(map).unwrap(), std::path::Path::new(".")).unwrap();
    source.access.password = PASSWORD.into();
    source
}

pub async fn shops() -> Vec<Shop> {
    let clock = Clock::system();
    let mut shops = Vec::new();
    for test in stores(&clock).await {
        let gateway = gateway(&test, &clock).await;
        let tenant = NewTenant {
            code: "nw",
            name: "Northwind",
            time_zone: "UTC",
            currency: "USD",
            identities: &[("DUNS", "1")],
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

async fn run(shop: &Shop, source: &Source, wanted: &Wanted) -> Vec<Went> {
    let went = sync::run(&shop.gateway, shop.tenant_id, source, wanted).await.unwrap();
    for went in &went {
        assert!(
            went.fault.is_none() && went.rejected == 0,
            "{}: {went}",
            shop.test.kind()
        );
    }
    went
}

/// One question about a price.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    pub account: &'static str,
    pub sku: String,
    pub unit: String,
    pub quantity: i64,
}

/// Tryton's price of every product, for accounts, quantities and each unit it can be sold in, on a day.
pub async fn prices(tryton: &Tryton, goods: &Goods, on: Date) -> BTreeMap<Asked, Option<Decimal>> {
    let products = tryton
        .ids("product.product", "code", json!([["salable", "=", true]]))
        .await;
    let units = tryton.ids("product.uom", "symbol", json!([])).await;
    // Products that are sold in the same units are asked for together.
    let mut by_unit: BTreeMap<String, Vec<(String, i64)>> = BTreeMap::new();
    for (sku, id) in &products {
        for unit in goods.product(sku).unwrap().sellable_units() {
            by_unit
                .entry(unit.unit.to_string())
                .or_default()
                .push((sku.clone(), *id));
        }
    }
    let params = [
        json!([["code", "in", ACCOUNTS]]),
        json!(0),
        json!(100),
        json!([["id", "ASC"]]),
        json!(["code", "sale_price_list"]),
    ];
    let parties = tryton.call("party.party", "search_read", &params, json!({})).await;
    let mut prices = BTreeMap::new();
    for account in ACCOUNTS {
        let list = parties
            .as_array()
            .unwrap()
            .iter()
            .find(|party| party["code"] == account)
            .unwrap();
        for (unit, products) in &by_unit {
            let ids: Vec<i64> = products.iter().map(|(_, id)| *id).collect();
            for quantity in QUANTITIES {
                let context = json!({"price_list": list["sale_price_list"], "quantity": quantity, "uom": units[unit],
                    "currency": 1, "sale_date": day(on), "date": day(on)});
                let params = [json!(ids), json!(["sale_price_uom"])];
                let rows = tryton.call("product.product", "read", &params, context).await;
                for row in rows.as_array().unwrap() {
                    let (sku, _) = products.iter().find(|(_, id)| row["id"] == *id).unwrap();
                    let asked = Asked {
                        account,
                        sku: sku.clone(),
                        unit: unit.clone(),
                        quantity,
                    };
                    prices.insert(asked, decimal(&row["sale_price_uom"]));
                }
            }
        }
    }
    prices
}

/// Our price for one, in the shop's way and in an order's, and whether a promotion gave it.
fn ours(shop: &Shop, asked: &Asked, on: Date) -> (Option<Decimal>, Option<Decimal>, bool) {
    let quantity = Decimal::from(asked.quantity);
    let answer = at_once(terms::ask(&shop.gateway, shop.tenant_id, |now, _| Request {
        unit: Some(&asked.unit),
        ..Request::new(asked.account, &asked.sku, quantity, on, now)
    }));
    let answer = answer.unwrap();
    let lines = [OrderLine {
        product: &asked.sku,
        quantity,
        unit: &asked.unit,
        agreement: None,
    }];
    let order = at_once(terms::order(&shop.gateway, shop.tenant_id, |now, _| OrderRequest {
        account: asked.account,
        ship_to: None,
        warehouse: None,
        date: on,
        time: jiff::civil::Time::midnight(),
        now,
        lines: &lines,
    }));
    let order = order.unwrap();
    let each = |answer: &punchgate::domain::terms::Answer| {
        let price = answer.unit_price?;
        Some((price.amount / answer.price_quantity).normalize())
    };
    let is_promotion = answer
        .trace
        .decided()
        .is_some_and(|decided| decided.level == Level::Promotion);
    (each(&answer), each(&order.lines[0]), is_promotion)
}

/// The price of a line that Tryton itself has quoted.
async fn quoted(tryton: &Tryton, asked: &Asked, on: Date) -> Option<Decimal> {
    let party = tryton
        .ids("party.party", "code", json!([["code", "=", asked.account]]))
        .await[asked.account];
    let product = tryton
        .ids("product.product", "code", json!([["code", "=", asked.sku]]))
        .await[&asked.sku];
    let unit = tryton
        .ids("product.uom", "symbol", json!([["symbol", "=", asked.unit]]))
        .await[&asked.unit];
    let warehouse = tryton
        .ids("stock.location", "code", json!([["code", "=", "HOU"]]))
        .await["HOU"];
    let head = json!({"company": 1, "party": party, "currency": 1, "warehouse": warehouse, "lines": [],
        "invoice_party": null, "shipment_party": null, "payment_term": null, "id": -1});
    let head = tryton
        .call("sale.sale", "on_change", &[head, json!(["party"])], json!({}))
        .await;
    let list = head["price_list"].clone();
    let price = tryton
        .call(
            "product.product",
            "read",
            &[json!([product]), json!(["sale_price_uom"])],
            json!({"price_list": list, "quantity": asked.quantity, "uom": unit, "currency": 1, "sale_date": day(on)}),
        )
        .await;
    let price = price[0]["sale_price_uom"].clone();
    let line = json!({"type": "line", "product": product, "quantity": asked.quantity as f64, "unit": unit, "unit_price": price});
    let mut sale = json!({"company": 1, "party": party, "currency": 1, "warehouse": warehouse, "sale_date": day(on),
        "lines": [["create", [line]]]});
    for name in [
        "payment_term",
        "invoice_method",
        "shipment_method",
        "invoice_address",
        "shipment_address",
        "price_list",
    ] {
        if !head[name].is_null() {
            sale[name] = head[name].clone();
        }
    }
    let sale = tryton.call("sale.sale", "create", &[json!([sale])], json!({})).await[0].clone();
    let ids = json!([sale]);
    tryton.insist("sale.sale", "quote", std::slice::from_ref(&ids)).await;
    let read = tryton
        .call(
            "sale.sale",
            "read",
            &[ids.clone(), json!(["lines.unit_price"])],
            json!({}),
        )
        .await;
    let price = decimal(&read[0]["lines."][0]["unit_price"]);
    for method in ["draft", "cancel", "delete"] {
        tryton
            .call("sale.sale", method, std::slice::from_ref(&ids), json!({}))
            .await;
    }
    price
}

#[tokio::test(flavor = "multi_thread")]
async fn live_tryton_prices_are_its_own() {
    let Some(tryton) = Tryton::open().await else { return };
    let _one = ONE.lock().await;
    let shops = shops().await;
    let source = source(&tryton.url);
    for shop in &shops {
        let went = run(shop, &source, &Wanted::default()).await;
        assert!(went.iter().all(|went| went.is_full) && went.len() == source.mapping.entity.len());
    }
    let today = shops[0].gateway.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let goods = product::goods(&shops[0].gateway, shops[0].tenant_id).unwrap();
    let theirs = prices(&tryton, &goods, today).await;
    let (mut compared, mut promoted, mut wrong) = (0, Vec::new(), Vec::new());
    for shop in &shops {
        for (asked, theirs) in &theirs {
            let (price, ordered, is_promotion) = ours(shop, asked, today);
            assert_eq!(price, ordered, "{asked:?}");
            if is_promotion {
                promoted.push(asked.clone());
                continue;
            }
            compared += 1;
            if price != *theirs {
                wrong.push(format!("{asked:?}: {price:?}, Tryton says {theirs:?}"));
            }
        }
    }
    // Promotions come with Tryton's quotation alone: some of them are quoted there.
    promoted.sort();
    promoted.dedup();
    let admin = Tryton::open_as(ADMIN.0, ADMIN.1).await.unwrap();
    let (mut quotes, mut promotions) = (
        0,
        promoted
            .iter()
            .filter(|asked| asked.unit == "u" || asked.unit == "dz" && asked.quantity == 1),
    );
    for asked in promotions.by_ref() {
        let theirs = quoted(&admin, asked, today).await;
        for shop in &shops {
            let (price, ..) = ours(shop, asked, today);
            quotes += 1;
            if price != theirs {
                wrong.push(format!("{asked:?} promoted: {price:?}, Tryton says {theirs:?}"));
            }
        }
    }
    tell(&format!(
        "Tryton: {compared} prices and {quotes} promoted ones compared on {} databases, {} differ",
        shops.len(),
        wrong.len()
    ));
    assert!(
        wrong.is_empty(),
        "{} differ:\n{:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(40)]
    );
    assert!(compared > 1_000, "{compared}");
}

#[tokio::test(flavor = "multi_thread")]
async fn live_tryton_stock_is_its_own() {
    let Some(tryton) = Tryton::open().await else { return };
    let _one = ONE.lock().await;
    let shops = shops().await;
    let source = source(&tryton.url);
    for shop in &shops {
        run(shop, &source, &Wanted::default()).await;
    }
    let today = shops[0].gateway.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let products = tryton
        .ids(
            "product.product",
            "code",
            json!([["salable", "=", true], ["type", "in", ["goods", "kit"]]]),
        )
        .await;
    let warehouses = tryton
        .ids("stock.location", "code", json!([["type", "=", "warehouse"]]))
        .await;
    let (mut compared, mut wrong) = (0, Vec::new());
    for (warehouse, location) in &warehouses {
        for ahead in [0, 30] {
            let on = today + ahead.days();
            let context = json!({"locations": [location], "with_childs": true, "stock_date_end": day(on)});
            let ids: Vec<i64> = products.values().copied().collect();
            let params = [json!(ids), json!(["quantity", "forecast_quantity"])];
            let rows = tryton.call("product.product", "read", &params, context).await;
            for (sku, id) in &products {
                let row = rows.as_array().unwrap().iter().find(|row| row["id"] == *id).unwrap();
                let theirs = (decimal(&row["quantity"]), decimal(&row["forecast_quantity"]));
                for shop in &shops {
                    let base = product::goods(&shop.gateway, shop.tenant_id).unwrap();
                    let base = base.product(sku).unwrap().base_unit.to_string();
                    let answer = at_once(terms::ask(&shop.gateway, shop.tenant_id, |now, _| Request {
                        unit: Some(&base),
                        warehouse: Some(warehouse),
                        wanted_on: Some(on),
                        ..Request::new("WALKIN", sku, Decimal::ONE, today, now)
                    }));
                    let at = answer.unwrap().availability.warehouses;
                    let sum = |of: fn(&punchgate::domain::stock::AtWarehouse) -> Decimal| {
                        Some(at.iter().map(of).sum::<Decimal>().normalize())
                    };
                    let ours = (sum(|at| at.on_hand), sum(|at| at.available));
                    compared += 1;
                    if ours != theirs {
                        wrong.push(format!(
                            "{sku} in {warehouse} in {ahead} days: {ours:?}, Tryton says {theirs:?}"
                        ));
                    }
                }
            }
        }
    }
    tell(&format!("Tryton: {compared} stocks compared, {} differ", wrong.len()));
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(compared >= 40, "{compared}");
}

#[tokio::test(flavor = "multi_thread")]
async fn live_tryton_changes_are_followed() {
    let Some(tryton) = Tryton::open().await else { return };
    let _one = ONE.lock().await;
    let source = source(&tryton.url);
    let list = tryton
        .ids("product.price_list", "name", json!([["name", "=", "Only pumps"]]))
        .await["Only pumps"];
    let products = tryton
        .ids("product.product", "code", json!([["code", "=", "CALIB"]]))
        .await;
    for shop in shops().await {
        run(&shop, &source, &Wanted::default()).await;
        // A line of a list that no account of the other tests has: added, changed, taken away.
        let line =
            json!({"price_list": list, "sequence": 5, "product": products["CALIB"], "formula": "Decimal('11.5')"});
        let line = tryton
            .call("product.price_list.line", "create", &[json!([line])], json!({}))
            .await[0]
            .clone();
        let changed = |went: &[Went]| {
            let rules = went.iter().find(|went| went.entity == "price_rule").unwrap();
            assert!(!rules.is_full);
            (rules.added, rules.changed, rules.deleted)
        };
        // It stands before the other line, which moves on.
        let added = changed(&run(&shop, &source, &Wanted::default()).await);
        let formula = json!({"formula": "unit_price if unit_price > 5 else Decimal('5')"});
        tryton
            .call("product.price_list.line", "write", &[json!([line]), formula], json!({}))
            .await;
        let rewritten = changed(&run(&shop, &source, &Wanted::default()).await);
        tryton
            .call("product.price_list.line", "delete", &[json!([line])], json!({}))
            .await;
        // A deleted line is seen when the list is read again.
        let went = run(
            &shop,
            &source,
            &Wanted {
                full: true,
                ..Wanted::default()
            },
        )
        .await;
        let rules = went.iter().find(|went| went.entity == "price_rule").unwrap();
        assert_eq!(
            (added, rewritten, rules.deleted),
            ((1, 1, 0), (0, 1, 0), 1),
            "{}",
            shop.test.kind()
        );
    }
}
