//! A gateway beside an ERP that takes orders, goes away and comes back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use punchgate::domain::away::{Cause, Drained, Mode};
use punchgate::domain::order::OrderState;
use punchgate::domain::stock::Band;
use punchgate::domain::terms::Request;
use punchgate::service::away::look::{self, Looked};
use punchgate::service::sync::orders::{self, Sent};
use punchgate::service::sync::{self, Round, Setting, Source};
use punchgate::service::terms;
use punchgate::store;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::erp_stand::{Erp, Fault};
use crate::story::{add, press, returned, visit};
use crate::support::{Letter, RETURN_URL, Stand, item, order, setup, stands};
use crate::support_store::at_once;

const MAP: &str = r##"kind = "test"
version = "1"
transport = "json-rpc"
[json-rpc]
login = "login"
context = "context"
search = "search.{from}"
[limits]
page_rows = 100
questions_per_second = 1000
tries = 1
pause_ms = 1
timeout_seconds = 1

[[entity]]
name = "product"
rows = "products"
from = "product"
[entity.columns]
sku = "code"
name = "code"
base_unit = "=EA"
list_price = "price | dec"

[[entity]]
name = "warehouse"
rows = "warehouses"
from = "warehouse"
[entity.columns]
code = "code"
name = "code"

[[entity]]
name = "stock"
rows = "stock"
from = "product"
[entity.columns]
sku = "code"
warehouse = "=BONN"
on_hand = "stock | dec"

[order]
number = "number"

[[order.create]]
name = "find"
call = "order.find"
with = ["{order.id} {order.seq}"]
keep = { number = "0" }

[[order.create]]
name = "create"
when = ["!number"]
call = "order.create"
with = ["{order.id} {order.seq}", "{order.number}"]
keep = { number = "0" }
need = ["number"]

[[order.made]]
name = "made"
call = "order.find"
with = ["{order.id} {order.seq}"]
keep = { made = "0" }
"##;

/// What the ERP has: products by code with price and stock, and the orders that it took.
#[derive(Default)]
pub struct Books {
    pub products: BTreeMap<&'static str, (&'static str, u32)>,
    pub orders: Vec<(String, String)>,
}

impl Books {
    pub fn answer(&mut self, asked: &Value) -> Value {
        let params = &asked["params"];
        let decimal = |text: &str| json!({"__class__": "Decimal", "decimal": text});
        match asked["method"].as_str().unwrap() {
            "login" => json!([1, "token"]),
            "context" => json!({"company": 1}),
            "order.find" => {
                let found = self.orders.iter().position(|(reference, _)| *reference == params[0]);
                json!(found.map(|at| format!("SO-{at}")).into_iter().collect::<Vec<_>>())
            }
            "order.create" => {
                let text = |at: usize| params[at].as_str().unwrap().to_owned();
                self.orders.push((text(0), text(1)));
                json!([format!("SO-{}", self.orders.len() - 1)])
            }
            // All of them are on the first page.
            _ if params[0].as_array().unwrap().iter().any(|clause| clause[1] == ">") => json!([]),
            "search.warehouse" => json!([{"id": 1, "code": "BONN"}]),
            "search.product" => {
                let product = |(id, (code, (price, stock))): (i64, (&&str, &(&str, u32)))| json!({"id": id, "code": code, "price": decimal(price), "stock": decimal(&stock.to_string())});
                (1..).zip(&self.products).map(product).collect()
            }
            method => panic!("{method}"),
        }
    }
}

/// A gateway beside its ERP.
pub struct House {
    pub stand: Stand,
    pub erp: Erp,
    pub books: Arc<Mutex<Books>>,
    pub source: Source,
}

/// Gateways that brought what their ERPs have once.
pub async fn houses() -> Vec<House> {
    let mut houses = Vec::new();
    for stand in stands().await {
        let products = [("E-1", ("10.00", 100)), ("E-2", ("5.00", 100)), ("E-3", ("3.00", 100))];
        let books = Arc::new(Mutex::new(Books {
            products: products.into(),
            orders: Vec::new(),
        }));
        let answering = Arc::clone(&books);
        let erp = Erp::answering(move |asked| answering.lock().unwrap().answer(asked)).await;
        let source = source(&erp.url);
        let house = House {
            stand,
            erp,
            books,
            source,
        };
        house.run().await;
        houses.push(house);
    }
    houses
}

/// The source of the stories' ERP.
pub fn source(url: &str) -> Source {
    let setting = format!("code = \"erp\"\nmap = \"own\"\nurl = \"{url}\"\nuser = \"me\"\ntenant = \"acme\"\n");
    let setting: Setting = toml::from_str(&setting).unwrap();
    let mapping = sync::mapping(MAP).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    Source::new(setting, mapping, std::path::Path::new(".")).unwrap()
}

impl House {
    pub async fn round(&self) -> Round {
        let stand = &self.stand;
        sync::round(&stand.gateway, stand.tenant_id, &self.source)
            .await
            .unwrap()
    }

    /// A round in which everything came.
    pub async fn run(&self) {
        let Round::Ran(went) = self.round().await else {
            panic!("it was left alone");
        };
        assert!(
            went.iter().all(|went| went.fault.is_none() && went.rejected == 0),
            "{went:?}"
        );
    }

    /// A round in which nobody answered.
    pub async fn fail(&self) {
        let Round::Ran(went) = self.round().await else {
            panic!("it was left alone");
        };
        assert!(went.iter().any(|went| went.fault.is_some()), "{went:?}");
    }

    pub async fn send(&self) -> Sent {
        let stand = &self.stand;
        orders::send(&stand.gateway, stand.tenant_id, &self.source)
            .await
            .unwrap()
    }

    /// Takes an order of two pieces of one product.
    pub async fn order(&self, number: &str, sku: &str, price: &str) {
        let total = (price.parse::<Decimal>().unwrap() * Decimal::TWO).to_string();
        let request = order(number, "type=\"new\"", "", &total, &item("1", sku, "2", price, ""));
        let answer = self.stand.post(&Letter::of("plain", number, &request).text()).await;
        assert_eq!(answer.code(), 200, "{number}: {}", answer.text());
        assert_eq!(self.state(number).await, OrderState::Received, "{number}");
    }

    pub async fn state(&self, number: &str) -> OrderState {
        let (tenant_id, number) = (self.stand.tenant_id, number.to_owned());
        let read = self.stand.gateway.store.read(async |tx| {
            let orders = store::order::list_by_order_id(tx, tenant_id, &number).await?;
            Ok::<_, store::StoreError>(orders[0].state)
        });
        read.await.unwrap()
    }

    pub async fn looked(&self) -> Looked {
        let all = look::all(&self.stand.gateway, self.stand.tenant_id).await.unwrap();
        let mut sources = all.sources.into_iter();
        sources.next().expect("a source that ran")
    }

    pub async fn mode(&self) -> (Mode, Cause) {
        let standing = self.looked().await.standing;
        (standing.mode, standing.cause)
    }

    /// Numbers of the orders that the ERP has, in the order in which it took them.
    pub fn taken(&self) -> Vec<String> {
        let books = self.books.lock().unwrap();
        books.orders.iter().map(|(_, number)| number.clone()).collect()
    }

    /// What is promised of a product.
    pub fn promised(&self, sku: &str) -> (Band, Decimal) {
        let stand = &self.stand;
        let asked = |now, today| Request::new("100", sku, Decimal::TWO, today, now);
        let answer = at_once(terms::ask(&stand.gateway, stand.tenant_id, asked)).unwrap();
        (answer.availability.band, answer.availability.available)
    }

    /// Hours that the last returned cart holds.
    pub async fn cart_holds(&self, payload_id: &str) -> i64 {
        let stand = &self.stand;
        let base = visit(stand, payload_id, &setup("create", payload_id, RETURN_URL, "")).await;
        assert_eq!(add(stand, &base, "E-1", "EA", "1").await.status, 303);
        returned(&press(stand, &base, "return").await);
        let until = stand
            .value("SELECT valid_until FROM quote ORDER BY created_at DESC LIMIT 1")
            .await
            .unwrap();
        let until = until.replace(' ', "T").replace("+00", "Z");
        let until: jiff::Timestamp = until.parse().unwrap_or_else(|error| panic!("{until}: {error}"));
        until.duration_since(stand.clock.now()).as_hours()
    }

    /// The ERP stops to answer, and that is noticed.
    pub async fn goes_away(&self) {
        self.erp.fail_always(Some(Fault::Status(503, "")));
        for _ in 0..3 {
            self.fail().await;
        }
        assert!(matches!(self.round().await, Round::LeftAlone(Some(60))));
    }

    /// The ERP answers again, and that is noticed.
    pub async fn comes_back(&self) {
        self.erp.fail_always(None);
        self.stand.advance(61);
        self.run().await;
    }

    /// What became of the orders of the last drain, and what is other about each.
    pub async fn drained(&self) -> (Vec<(Drained, i64)>, BTreeMap<String, (Drained, Vec<String>)>) {
        let (gateway, tenant_id) = (&self.stand.gateway, self.stand.tenant_id);
        let report = self.looked().await.drains.remove(0);
        let (_, orders) = look::drain(gateway, tenant_id, report.drain.id).await.unwrap().unwrap();
        assert_eq!(report.queued(), orders.len() as i64);
        assert!(report.drain.finished_at.is_some(), "{report:?}");
        let told = orders.into_iter().map(|order| {
            let differences = order.differences.iter();
            let differences = differences.map(|other| format!("{}: {} → {}", other.what, other.before, other.after));
            (order.order_id.clone(), (order.outcome, differences.collect()))
        });
        let counts = report.outcomes.iter().map(|count| (count.outcome, count.orders));
        (counts.collect(), told.collect())
    }

    /// The ERP stops to answer after an order that it did not answer about.
    pub async fn goes_away_further(&self) {
        self.erp.fail_always(Some(Fault::Status(503, "")));
        for _ in 0..2 {
            self.fail().await;
        }
        assert_eq!(self.mode().await, (Mode::Degraded, Cause::Breaker));
    }
}

/// Orders that went, and orders that were not answered.
pub fn sent(done: u64, waiting: u64) -> Sent {
    Sent {
        done,
        waiting,
        parked: 0,
    }
}
