//! The price vectors of the reference folder through the real import and engine, on both databases: all are equal.

mod fixture;
mod others;

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use punchgate::domain::stock::{ReservationState, ReservedFor};
use punchgate::domain::terms::{Answer, Level, OrderLine, OrderRequest, Request};
use punchgate::service::terms;
use punchgate::store::feed::{self, Change};
use punchgate::store::supply::{self, ReservationRow};
use punchgate::store::{StoreError, rows};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::import::{Shop, clock, shops_in};
use crate::reference;
use crate::support_store::at_once;
use fixture::{Files, account_code, accounts, dec, find, goods, list, list_account, terms_of, text};
use others::other;

/// The day of vectors that name none.
const DAY: &str = "2026-11-23";
/// The order of which the vectors of availability tell: two cases of seven.
const ORDERED: i64 = 14;

fn read(name: &str) -> Option<Value> {
    let path = reference::folder()?.join("vectors/price").join(name);
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

/// What a vector says, and what we say.
type Judged = (Value, Value);

struct Tryton<'a> {
    shop: &'a Shop,
    fixture: &'a Value,
    /// How often the same was asked about stock: the vectors tell of one order from its acceptance on.
    asked: HashMap<String, usize>,
}

impl Tryton<'_> {
    fn currency(&self) -> &str {
        text(self.fixture, "company_currency").unwrap()
    }

    fn ask(&self, account: &str, input: &Value, quantity: Decimal) -> Answer {
        let date = text(input, "date").unwrap_or(DAY).parse().unwrap();
        let asked = |now, _| Request {
            unit: text(input, "uom"),
            ..Request::new(account, text(input, "product").unwrap(), quantity, date, now)
        };
        at_once(terms::ask(&self.shop.gateway, self.shop.tenant_id, asked)).unwrap()
    }

    async fn judge(&mut self, vector: &Value) -> Judged {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        match text(vector, "kind").unwrap() {
            "price" => {
                let answer = self.ask(&list_account(input), input, dec(&input["quantity"]));
                (
                    json!({"unit_price": each(&answer), "per": &*answer.unit}),
                    expected.clone(),
                )
            }
            "account" => {
                let code = account_code(text(input, "account").unwrap(), self.currency());
                let alone = self.ask(&code, input, dec(&input["quantity"]));
                let heir = self.ask(&format!("{code} inheriting"), input, dec(&input["quantity"]));
                let said = json!([alone.trace.decided().unwrap().list, each(&alone), each(&heir)]);
                let inherited = &vector["gateway_with_inheritance"]["unit_price"];
                let theirs = json!([expected["erp_price_list"], expected["unit_price"], inherited]);
                assert_eq!(heir.trace.decided().unwrap().level, Level::Inherited);
                (said, theirs)
            }
            "order" => self.order(input, expected),
            "order-rule" => {
                let (lines, order) = self.resolve(input);
                let is_accepted = order.checks.is_empty() && lines.iter().all(|line| line.checks.is_empty());
                (
                    json!({"accepted": is_accepted}),
                    json!({"accepted": expected["accepted"]}),
                )
            }
            "availability" => self.availability(input, expected).await,
            kind => panic!("{kind} is no kind of vector"),
        }
    }

    /// The agreement of an account about a product.
    fn agreement(&self, account: &str, product: &str) -> Option<&str> {
        let agreements = list(&self.fixture["agreements"]).iter();
        let mut own = agreements.filter(|agreement| agreement["account"] == account);
        let about = |agreement: &&Value| list(&agreement["lines"]).iter().any(|line| line["sku"] == product);
        own.find(about).and_then(|agreement| text(agreement, "code"))
    }

    fn resolve(&self, input: &Value) -> (Vec<Answer>, punchgate::domain::terms::OrderAnswer) {
        let account = text(input, "account").unwrap();
        let currency = text(input, "cur").unwrap_or(self.currency());
        let code = account_code(account, currency);
        let lines: Vec<OrderLine<'_>> = list(&input["lines"])
            .iter()
            .map(|line| {
                let product = text(line, "product").unwrap();
                let named = line["blanket_agreement"] == true;
                OrderLine {
                    product,
                    quantity: dec(&line["quantity"]),
                    unit: text(line, "uom").unwrap(),
                    agreement: if named { self.agreement(account, product) } else { None },
                }
            })
            .collect();
        let warehouse = text(&self.fixture["warehouses"][0], "code");
        let order = at_once(terms::order(&self.shop.gateway, self.shop.tenant_id, |now, _| {
            OrderRequest {
                account: &code,
                ship_to: None,
                warehouse,
                date: text(input, "date").unwrap_or(DAY).parse().unwrap(),
                time: Time::midnight(),
                now,
                lines: &lines,
            }
        }));
        let order = order.unwrap();
        (order.lines.clone(), order)
    }

    fn order(&self, input: &Value, expected: &Value) -> Judged {
        let (lines, order) = self.resolve(input);
        let line = |answer: &Answer| {
            let is_promotion = answer.trace.decided().unwrap().level == Level::Promotion;
            json!([
                answer.quantity.normalize().to_string(),
                each(answer),
                number(&json!(answer.line_amount.unwrap().amount)),
                is_promotion
            ])
        };
        let untaxed = order.untaxed.unwrap().amount;
        let total = order.total.unwrap().amount;
        let said = json!({
            "lines": lines.iter().map(line).collect::<Vec<_>>(),
            "untaxed": number(&json!(untaxed)),
            "tax": number(&json!(total - untaxed)),
            "total": number(&json!(total)),
            "is_short": !order.checks.is_empty(),
        });
        let line = |line: &Value| {
            json!([
                dec(&line["quantity"]).normalize().to_string(),
                line["unit_price"],
                number(&line["amount"]),
                line["promotion"]
            ])
        };
        let theirs = json!({
            "lines": list(&expected["lines"]).iter().map(line).collect::<Vec<_>>(),
            "untaxed": number(&expected["untaxed"]),
            "tax": number(&expected["tax"]),
            "total": number(&expected["total"]),
            "is_short": !list(&expected["warnings"]).is_empty(),
        });
        (said, theirs)
    }

    async fn availability(&mut self, input: &Value, expected: &Value) -> Judged {
        let product = text(input, "product").unwrap();
        let account = account_code(text(&self.fixture["accounts"][0], "code").unwrap(), self.currency());
        if !expected["days"].is_null() {
            // More than there is anywhere, so that the lead time decides.
            let answer = self.ask(&account, input, Decimal::from(1_000_000));
            let today = self.shop.gateway.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
            let days = (answer.availability.ships_on.unwrap() - today).get_days();
            return (json!({"days": days}), expected.clone());
        }
        let times = self.asked.entry(input.to_string()).or_default();
        *times += 1;
        let state = *times;
        self.to_state(state, product, input).await;
        let (mut on_hand, mut available) = (Decimal::ZERO, Decimal::ZERO);
        for warehouse in list(&input["warehouses"]) {
            let asked = |now, today: Date| Request {
                warehouse: warehouse.as_str(),
                wanted_on: Some(today + input["days_ahead"].as_i64().unwrap().days()),
                ..Request::new(&account, product, Decimal::ONE, today, now)
            };
            let base_unit = text(find(&self.fixture["products"], "sku", product), "base_uom");
            let asked = |now, today| Request {
                unit: base_unit,
                ..asked(now, today)
            };
            let answer = at_once(terms::ask(&self.shop.gateway, self.shop.tenant_id, asked)).unwrap();
            for at in &answer.availability.warehouses {
                on_hand += at.on_hand;
                available += at.available;
            }
        }
        let said = json!([number(&json!(on_hand)), number(&json!(available))]);
        (
            said,
            json!([number(&expected["on_hand"]), number(&expected["available"])]),
        )
    }

    /// Moves the order on that repeated vectors tell of: asked for, accepted here, in the ERP, picked, shipped.
    async fn to_state(&self, state: usize, product: &str, input: &Value) {
        let shop = self.shop;
        let warehouse = list(&input["warehouses"])[0].as_str().unwrap();
        let on_hand = list(&self.fixture["stock"])
            .iter()
            .find(|row| row["sku"] == product && row["warehouse"] == warehouse);
        let (order, tenant_id) = (Uuid::from_u128(1), shop.tenant_id);
        let change = move |tenant_id| Change {
            tenant_id,
            seq: 0,
            entity: "reservation".into(),
            entity_id: order,
            op: "put".into(),
            cause: "test".into(),
            at: clock().now(),
        };
        let stock = |on_hand: Decimal, allocated: i64| {
            let row = json!({"sku": product, "warehouse": warehouse, "on_hand": on_hand, "allocated": allocated});
            format!("{row}\n")
        };
        match state {
            2 => {
                let row = self.reservation(product, warehouse, order).await;
                let write = async move |tx: &mut punchgate::store::Tx| {
                    rows::insert(tx, &row).await?;
                    feed::append(tx, tenant_id, &mut [change(tenant_id)]).await?;
                    Ok::<_, StoreError>(())
                };
                shop.gateway.store.write(write).await.unwrap();
            }
            3 | 4 => {
                shop.good("stock.jsonl", &stock(dec(&on_hand.unwrap()["on_hand"]), ORDERED))
                    .await;
                let write = async move |tx: &mut punchgate::store::Tx| {
                    supply::supersede(tx, tenant_id, order, clock().now()).await?;
                    feed::append(tx, tenant_id, &mut [change(tenant_id)]).await?;
                    Ok::<_, StoreError>(())
                };
                shop.gateway.store.write(write).await.unwrap();
            }
            5 => {
                let left = dec(&on_hand.unwrap()["on_hand"]) - Decimal::from(ORDERED);
                shop.good("stock.jsonl", &stock(left, 0)).await;
            }
            _ => {}
        }
        terms::refresh_if_moved(&shop.gateway).await.unwrap();
    }

    async fn reservation(&self, product: &str, warehouse: &str, order: Uuid) -> ReservationRow {
        let (shop, tenant_id) = (self.shop, self.shop.tenant_id);
        let places = shop
            .gateway
            .store
            .read(async |tx| punchgate::store::stock::warehouses(tx, tenant_id).await);
        let places = places.await.unwrap();
        ReservationRow {
            tenant_id,
            id: shop.gateway.clock.new_id(),
            product_id: terms::product(&shop.gateway, tenant_id, product).unwrap().id,
            warehouse_id: places.iter().find(|place| place.code == warehouse).unwrap().id,
            qty: Decimal::from(ORDERED),
            owner_kind: ReservedFor::Order,
            owner_id: order,
            state: ReservationState::Held,
            expires_at: None,
            created_at: clock().now(),
            superseded_by_erp_at: None,
        }
    }
}

/// The price for one, to four digits as the vectors write it.
fn each(answer: &Answer) -> Value {
    in_digits(answer, &Value::Null)
}

/// The price for one, to so many digits.
fn in_digits(answer: &Answer, digits: &Value) -> Value {
    let digits = digits.as_u64().map_or(4, |digits| u32::try_from(digits).unwrap());
    let Some(price) = answer.unit_price else {
        return Value::Null;
    };
    let mut each =
        (price.amount / answer.price_quantity).round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    each.rescale(digits);
    each.to_string().into()
}

/// A number however it is written.
fn number(value: &Value) -> Value {
    dec(value).normalize().to_string().into()
}

fn judge_other(shop: &Shop, vector: &Value, at: usize) -> Judged {
    let (input, name) = (&vector["input"], format!("V{at}"));
    let (date, time) = moment(text(input, "date").unwrap_or(DAY));
    let quantity = input.get("quantity").map_or(Decimal::ONE, dec);
    let answer = at_once(terms::ask(&shop.gateway, shop.tenant_id, |now, _| Request {
        ship_to: text(input, "ship_to"),
        unit: text(input, "uom"),
        time,
        ..Request::new(&name, &name, quantity, date, now)
    }));
    (
        in_digits(&answer.unwrap(), &vector["scale"]),
        vector["expected"].clone(),
    )
}

/// A day, with a time where it is written with one.
fn moment(text: &str) -> (Date, Time) {
    match text.parse::<jiff::civil::DateTime>() {
        Ok(moment) => (moment.date(), moment.time()),
        Err(_) => (text.parse().unwrap(), Time::midnight()),
    }
}

#[tokio::test]
async fn reference_price_vectors() {
    let (Some(fixture), Some(tryton), Some(others)) = (
        read("tryton-fixture.json"),
        read("tryton-vectors.json"),
        read("erp-semantics-vectors.json"),
    ) else {
        return;
    };
    let (vectors, others) = (list(&tryton["vectors"]), list(&others["vectors"]));
    let mut files = Files::default();
    goods(&fixture, &mut files);
    terms_of(&fixture, &mut files);
    accounts(&fixture, vectors, &mut files);
    let mut other_files = Files::default();
    for (at, vector) in others.iter().enumerate() {
        other(vector, at, &mut other_files);
    }
    let shops = || shops_in("America/Chicago", "USD");
    for (shop, others_shop) in shops().await.into_iter().zip(shops().await) {
        files.bring(&shop).await;
        other_files.bring(&others_shop).await;
        let (mut equal, mut wrong) = (0, Vec::new());
        let mut judge = |vector: &Value, (said, expected): Judged| {
            if said == expected {
                equal += 1;
            } else {
                wrong.push(format!(
                    "{} {}: {said}, expected {expected}",
                    vector["id"], vector["title"]
                ));
            }
        };
        let mut run = Tryton {
            shop: &shop,
            fixture: &fixture,
            asked: HashMap::new(),
        };
        for vector in vectors {
            let judged = run.judge(vector).await;
            judge(vector, judged);
        }
        for (at, vector) in others.iter().enumerate() {
            judge(vector, judge_other(&others_shop, vector, at));
        }
        println!("price vectors on {}: {equal} equal", shop.test.kind());
        assert!(wrong.is_empty(), "{}\n{wrong:#?}", shop.test.kind());
        assert_eq!(equal, vectors.len() + others.len());
        assert!(equal >= 88, "{equal}");
    }
}
