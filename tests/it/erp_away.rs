//! An ERP that is away, through real HTTP: the shop and its carts go on, orders wait, and go out once on its return.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::domain::away::{Cause, Drained, Mode};
use punchgate::domain::order::OrderState;
use punchgate::domain::staff::Role;
use punchgate::domain::stock::Band;
use punchgate::domain::terms::Request;
use punchgate::service::away::look::{self, Looked};
use punchgate::service::keys::Keys;
use punchgate::service::order::resolve::{self, Verdict};
use punchgate::service::sync::orders::{self, Sent};
use punchgate::service::sync::{self, Round, Setting, Source};
use punchgate::service::{Gateway, away, staff, terms, upkeep};
use punchgate::store;
use reqwest::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::admin_seed::party;
use crate::erp_stand::{Erp, Fault};
use crate::story::{add, press, returned, visit};
use crate::support::{Letter, RETURN_URL, Stand, item, operator, order, setup, stands};
use crate::support_desk::Desk;
use crate::support_store::stores;

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
struct Books {
    products: BTreeMap<&'static str, (&'static str, u32)>,
    orders: Vec<(String, String)>,
}

impl Books {
    fn answer(&mut self, asked: &Value) -> Value {
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
struct House {
    stand: Stand,
    erp: Erp,
    books: Arc<Mutex<Books>>,
    source: Source,
}

async fn houses() -> Vec<House> {
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

fn source(url: &str) -> Source {
    let setting = format!("code = \"erp\"\nmap = \"own\"\nurl = \"{url}\"\nuser = \"me\"\ntenant = \"acme\"\n");
    let setting: Setting = toml::from_str(&setting).unwrap();
    let mapping = sync::mapping(MAP).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    Source::new(setting, mapping, std::path::Path::new(".")).unwrap()
}

impl House {
    async fn round(&self) -> Round {
        let stand = &self.stand;
        sync::round(&stand.gateway, stand.tenant_id, &self.source)
            .await
            .unwrap()
    }

    /// A round in which everything came.
    async fn run(&self) {
        let Round::Ran(went) = self.round().await else {
            panic!("it was left alone");
        };
        assert!(
            went.iter().all(|went| went.fault.is_none() && went.rejected == 0),
            "{went:?}"
        );
    }

    /// A round in which nobody answered.
    async fn fail(&self) {
        let Round::Ran(went) = self.round().await else {
            panic!("it was left alone");
        };
        assert!(went.iter().any(|went| went.fault.is_some()), "{went:?}");
    }

    async fn send(&self) -> Sent {
        let stand = &self.stand;
        orders::send(&stand.gateway, stand.tenant_id, &self.source)
            .await
            .unwrap()
    }

    /// Takes an order of two pieces of one product.
    async fn order(&self, number: &str, sku: &str, price: &str) {
        let total = (price.parse::<Decimal>().unwrap() * Decimal::TWO).to_string();
        let request = order(number, "type=\"new\"", "", &total, &item("1", sku, "2", price, ""));
        let answer = self.stand.post(&Letter::of("plain", number, &request).text()).await;
        assert_eq!(answer.code(), 200, "{number}: {}", answer.text());
        assert_eq!(self.state(number).await, OrderState::Received, "{number}");
    }

    async fn state(&self, number: &str) -> OrderState {
        let (tenant_id, number) = (self.stand.tenant_id, number.to_owned());
        let read = self.stand.gateway.store.read(async |tx| {
            let orders = store::order::list_by_order_id(tx, tenant_id, &number).await?;
            Ok::<_, store::StoreError>(orders[0].state)
        });
        read.await.unwrap()
    }

    async fn looked(&self) -> Looked {
        let all = look::all(&self.stand.gateway, self.stand.tenant_id).await.unwrap();
        let mut sources = all.sources.into_iter();
        sources.next().expect("a source that ran")
    }

    async fn mode(&self) -> (Mode, Cause) {
        let standing = self.looked().await.standing;
        (standing.mode, standing.cause)
    }

    /// Numbers of the orders that the ERP has, in the order in which it took them.
    fn taken(&self) -> Vec<String> {
        let books = self.books.lock().unwrap();
        books.orders.iter().map(|(_, number)| number.clone()).collect()
    }

    /// What is promised of a product.
    fn promised(&self, sku: &str) -> (Band, Decimal) {
        let stand = &self.stand;
        let asked = |now, today| Request::new("100", sku, Decimal::TWO, today, now);
        let answer = terms::ask(&stand.gateway, stand.tenant_id, asked).unwrap();
        (answer.availability.band, answer.availability.available)
    }

    /// Hours that the last returned cart holds.
    async fn cart_holds(&self, payload_id: &str) -> i64 {
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
    async fn goes_away(&self) {
        self.erp.fail_always(Some(Fault::Status(503, "")));
        for _ in 0..3 {
            self.fail().await;
        }
        assert!(matches!(self.round().await, Round::LeftAlone(Some(60))));
    }

    /// The ERP answers again, and that is noticed.
    async fn comes_back(&self) {
        self.erp.fail_always(None);
        self.stand.advance(61);
        self.run().await;
    }

    /// What became of the orders of the last drain, and what is other about each.
    async fn drained(&self) -> (Vec<(Drained, i64)>, BTreeMap<String, (Drained, Vec<String>)>) {
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
}

fn sent(done: u64, waiting: u64) -> Sent {
    Sent {
        done,
        waiting,
        parked: 0,
    }
}

#[tokio::test]
async fn an_outage_loses_and_doubles_nothing() {
    for house in houses().await {
        let stand = &house.stand;
        assert_eq!(house.mode().await, (Mode::Normal, Cause::Answers));
        assert_eq!(house.cart_holds("c-1").await, 7 * 24);
        house.order("PO-1", "E-1", "10.00").await;
        assert_eq!(house.send().await, sent(1, 0));
        // The ERP takes the second one, and goes away before it can say so.
        house.order("PO-2", "E-1", "10.00").await;
        house.erp.lose("order.create");
        assert_eq!(house.send().await, sent(0, 1));
        house.erp.fail_always(Some(Fault::Status(503, "")));
        house.fail().await;
        assert_eq!(
            house.mode().await,
            (Mode::Normal, Cause::Answers),
            "two failures are none yet"
        );
        house.fail().await;
        assert_eq!(house.mode().await, (Mode::Degraded, Cause::Breaker));
        let ready = stand.get("/ready").await;
        assert_eq!((ready.status, ready.text().contains("erp: 1 degraded\n")), (200, true));
        // The shop and the orders go on without a question to the ERP, and no attempt is spent.
        house.erp.asked();
        house.order("PO-3", "E-1", "10.00").await;
        house.order("PO-4", "E-2", "5.00").await;
        house.order("PO-5", "E-3", "3.00").await;
        stand.advance(600);
        assert_eq!(house.cart_holds("c-2").await, 24, "less long than usual");
        assert_eq!(house.send().await, Sent::default());
        assert_eq!(house.erp.asked(), Vec::<String>::new());
        let tried = "SELECT count(*) FROM delivery WHERE attempts > 0 AND state = 'pending'";
        assert_eq!(stand.number(tried).await, 1, "only PO-2 was tried");
        // What is on record is promised whole, then less, then not at all.
        let (band, whole) = house.promised("E-2");
        assert_eq!((band, whole), (Band::InStock, Decimal::from(98)));
        stand.advance(4 * 3600);
        assert_eq!(house.promised("E-2"), (Band::InStock, Decimal::from(78)));
        upkeep::round(&stand.gateway).await.unwrap();
        assert_eq!(
            house.mode().await,
            (Mode::Degraded, Cause::Breaker),
            "prices are young enough"
        );
        stand.advance(20 * 3600);
        assert_eq!(house.promised("E-2"), (Band::OnRequest, Decimal::ZERO));
        upkeep::round(&stand.gateway).await.unwrap();
        assert_eq!(house.mode().await, (Mode::Offline, Cause::Breaker));
        house.order("PO-6", "E-1", "10.00").await;
        // It is back with other prices, less stock, and a product less.
        let products = [("E-1", ("10.00", 3)), ("E-2", ("6.50", 100))];
        house.books.lock().unwrap().products = products.into();
        house.comes_back().await;
        assert_eq!(house.mode().await, (Mode::Normal, Cause::Answers));
        assert_eq!(house.promised("E-2").0, Band::InStock);
        house.order("PO-7", "E-2", "6.50").await;
        let went = house.send().await;
        assert_eq!((went.waiting, went.parked), (0, 0), "{went:?}");
        assert_eq!(
            house.taken(),
            ["PO-1", "PO-2", "PO-3", "PO-6", "PO-7"],
            "each once, in its order"
        );
        let (counts, orders) = house.drained().await;
        assert_eq!(counts, [(Drained::Found, 1), (Drained::Held, 2), (Drained::Sent, 2)]);
        assert_eq!(orders["PO-2"].0, Drained::Found);
        assert_eq!(orders["PO-3"].0, Drained::Sent);
        let short = "availability: 2 EA held → ";
        assert!(
            orders["PO-6"].1.iter().any(|other| other.starts_with(short)),
            "{orders:?}"
        );
        assert_eq!(orders["PO-4"].0, Drained::Held);
        assert_eq!(orders["PO-4"].1, ["price: 5.00 for 1 EA → 6.50 for 1 EA"]);
        assert_eq!(orders["PO-5"].0, Drained::Held);
        assert_eq!(orders["PO-5"].1, ["product: on sale → not there any more"]);
        for (number, expect) in [
            ("PO-3", OrderState::Processing),
            ("PO-4", OrderState::Held),
            ("PO-5", OrderState::Held),
        ] {
            assert_eq!(house.state(number).await, expect, "{number}");
        }
        let waiting = "SELECT count(*) FROM delivery WHERE state <> 'done'";
        assert_eq!(stand.number(waiting).await, 0, "what is held is not in the queue");
        // A person lets one go on: it goes out once, as any other.
        let by = operator(stand).await;
        let tenant_id = stand.tenant_id;
        let read = stand
            .gateway
            .store
            .read(async |tx| store::order::open_exceptions(tx, tenant_id, 10).await);
        let open: Vec<_> = read.await.unwrap();
        let about = open.iter().filter(|open| open.rule.contains("price"));
        let about: Vec<_> = about.collect();
        assert_eq!(about.len(), 1, "{open:?}");
        resolve::resolve(&stand.gateway, &by, about[0].id, Verdict::Accept, "agreed by phone")
            .await
            .unwrap();
        assert_eq!(house.send().await, sent(1, 0));
        assert_eq!(house.send().await, Sent::default());
        assert_eq!(house.taken().last().unwrap(), "PO-4");
        assert_eq!(house.taken().len(), 6);
    }
}

#[tokio::test]
async fn every_switch_is_an_event_with_its_reason() {
    for house in houses().await {
        house.goes_away().await;
        house.comes_back().await;
        let looked = house.looked().await;
        let told: Vec<_> = looked
            .switches
            .iter()
            .map(|switch| (switch.before, switch.after))
            .collect();
        assert_eq!(told, [(Mode::Degraded, Mode::Normal), (Mode::Normal, Mode::Degraded)]);
        assert_eq!(
            looked.switches[1].reason,
            "The ERP does not answer: the ERP answered 503."
        );
        let feed = "SELECT count(*) FROM change_feed WHERE entity = 'erp_mode'";
        assert_eq!(house.stand.number(feed).await, 2);
        // Nothing waited: there is nothing to report.
        assert_eq!(looked.drains.len(), 0);
        // What is too old is an event of its own, though the ERP answers.
        house.stand.advance(5 * 3600);
        upkeep::round(&house.stand.gateway).await.unwrap();
        assert_eq!(house.mode().await, (Mode::Degraded, Cause::Age));
        let looked = house.looked().await;
        assert_eq!(looked.standing.reason, "Too old: stock over 4 h.");
        house.run().await;
        assert_eq!(house.mode().await, (Mode::Normal, Cause::Answers));
    }
}

#[tokio::test]
async fn a_person_takes_it_offline_and_back() {
    for house in houses().await {
        let stand = &house.stand;
        let by = operator(stand).await;
        let id = house.looked().await.standing.source_id;
        let offline = Some(Mode::Offline);
        let unsaid = away::say(&stand.gateway, &by, id, offline, "  ").await.unwrap_err();
        assert!(unsaid.to_string().contains("Say why"), "{unsaid}");
        let password = "long enough to be one";
        let viewer = staff::create(&stand.gateway, stand.tenant_id, "vic", "Vic", password, Role::Viewer);
        let viewer = viewer.await.unwrap();
        assert!(
            away::say(&stand.gateway, &viewer, id, offline, "why not")
                .await
                .is_err()
        );
        assert_eq!(house.mode().await, (Mode::Normal, Cause::Answers));
        away::say(&stand.gateway, &by, id, offline, "New server").await.unwrap();
        assert_eq!(house.mode().await, (Mode::Offline, Cause::Staff));
        // However long it takes, nothing is asked and nothing is lost.
        house.erp.asked();
        house.order("PO-1", "E-1", "10.00").await;
        stand.advance(3600);
        assert!(matches!(house.round().await, Round::LeftAlone(None)));
        assert_eq!(house.send().await, Sent::default());
        assert_eq!(house.cart_holds("c-1").await, 24);
        assert_eq!(house.erp.asked(), Vec::<String>::new());
        assert_eq!(
            house.promised("E-2"),
            (Band::InStock, Decimal::from(100)),
            "the stock is an hour old"
        );
        away::say(&stand.gateway, &by, id, None, "").await.unwrap();
        assert_eq!(house.mode().await, (Mode::Normal, Cause::Answers));
        assert_eq!(house.send().await, Sent::default(), "first its rows are brought");
        house.run().await;
        assert_eq!(house.send().await, sent(1, 0));
        assert_eq!(house.drained().await.0, [(Drained::Sent, 1)]);
        let audited = "SELECT count(*) FROM audit WHERE action = 'erp.switch'";
        assert_eq!(stand.number(audited).await, 2);
        let told = house.looked().await.switches;
        assert!(told.iter().all(|switch| switch.by == Some(by.id)), "{told:?}");
    }
}

/// A second process on the same database.
async fn node(house: &House) -> Gateway {
    let clock: Clock = house.stand.clock.clone();
    let keys = Keys::ephemeral(&clock).unwrap();
    let config = Config::default();
    Gateway::new(config, clock, house.stand.test.store.clone(), keys)
        .await
        .unwrap()
}

#[tokio::test]
async fn nodes_agree_and_a_restart_keeps_the_mode() {
    for house in houses().await {
        let stand = &house.stand;
        let early = node(&house).await;
        house.goes_away().await;
        house.order("PO-1", "E-1", "10.00").await;
        assert_eq!(away::modes(&early), [(Mode::Normal, 1)]);
        upkeep::round(&early).await.unwrap();
        assert_eq!(away::modes(&early), [(Mode::Degraded, 1)]);
        let late = node(&house).await;
        assert_eq!(away::modes(&late), [(Mode::Degraded, 1)], "as after a restart");
        let alone = sync::round(&late, stand.tenant_id, &house.source).await.unwrap();
        assert!(matches!(alone, Round::LeftAlone(Some(60))), "{alone:?}");
        // When its pause is over, one of them finds out.
        house.erp.fail_always(None);
        stand.advance(61);
        let (one, other) = tokio::join!(
            sync::round(&early, stand.tenant_id, &house.source),
            sync::round(&late, stand.tenant_id, &house.source)
        );
        let ran = [one.unwrap(), other.unwrap()];
        let ran = ran.iter().filter(|round| matches!(round, Round::Ran(_))).count();
        assert_eq!(ran, 1);
        // Both send: each order goes once.
        let (one, other) = tokio::join!(
            orders::send(&early, stand.tenant_id, &house.source),
            orders::send(&late, stand.tenant_id, &house.source)
        );
        assert_eq!(one.unwrap().done + other.unwrap().done, 1);
        assert_eq!(house.taken(), ["PO-1"]);
    }
}

#[tokio::test]
async fn a_drain_that_is_interrupted_goes_on() {
    for house in houses().await {
        house.goes_away().await;
        for number in ["PO-1", "PO-2", "PO-3"] {
            house.order(number, "E-1", "10.00").await;
        }
        house.comes_back().await;
        // It takes the first and is gone again before it says so.
        house.erp.lose("order.create");
        assert_eq!(house.send().await, sent(0, 1));
        assert_eq!(
            house.send().await,
            Sent::default(),
            "the second waits for the first of its account"
        );
        house.goes_away_further().await;
        house.order("PO-4", "E-2", "5.00").await;
        assert_eq!(house.send().await, Sent::default());
        house.comes_back().await;
        assert_eq!(house.send().await, sent(4, 0));
        assert_eq!(house.taken(), ["PO-1", "PO-2", "PO-3", "PO-4"]);
        assert_eq!(house.drained().await.0, [(Drained::Found, 1), (Drained::Sent, 3)]);
    }
}

/// A change or a cancellation of an order of two pieces.
async fn change(house: &House, number: &str, kind: &str, quantity: &str, total: &str) {
    let header = format!("type=\"{kind}\" orderVersion=\"2\"");
    let before = format!("<DocumentReference payloadID=\"{number}\"/>");
    let request = order(
        number,
        &header,
        &before,
        total,
        &item("1", "E-1", quantity, "10.00", ""),
    );
    let text = Letter::of("plain", &format!("{number}.2"), &request).text();
    let answer = house.stand.post(&text).await;
    assert_eq!(answer.code(), 200, "{number}: {}", answer.text());
}

#[tokio::test]
async fn what_was_changed_or_cancelled_meanwhile_goes_out_as_it_is_now() {
    for house in houses().await {
        house.goes_away().await;
        for number in ["PO-1", "PO-2", "PO-3"] {
            house.order(number, "E-1", "10.00").await;
        }
        change(&house, "PO-1", "update", "3", "30.00").await;
        change(&house, "PO-2", "delete", "2", "20.00").await;
        // What a person must look at first does not go out as it was before.
        change(&house, "PO-3", "update", "3", "99.00").await;
        house.comes_back().await;
        assert_eq!(house.send().await, sent(1, 0));
        assert_eq!(house.taken(), ["PO-1"]);
        assert!(
            house.books.lock().unwrap().orders[0].0.ends_with(" 2"),
            "the version in force"
        );
        let report = house.looked().await.drains.remove(0);
        let counts: Vec<_> = report
            .outcomes
            .iter()
            .map(|count| (count.outcome, count.orders))
            .collect();
        assert_eq!(counts, [(Drained::Overtaken, 4), (Drained::Sent, 1)]);
        let left = "SELECT count(*) FROM delivery WHERE state <> 'done'";
        assert_eq!(house.stand.number(left).await, 0);
        assert_eq!(house.state("PO-2").await, OrderState::Cancelled);
        assert_eq!(house.state("PO-3").await, OrderState::Held);
    }
}

impl House {
    /// The ERP stops to answer after an order that it did not answer about.
    async fn goes_away_further(&self) {
        self.erp.fail_always(Some(Fault::Status(503, "")));
        for _ in 0..2 {
            self.fail().await;
        }
        assert_eq!(self.mode().await, (Mode::Degraded, Cause::Breaker));
    }
}

#[tokio::test]
async fn staff_see_where_the_erp_stands_and_say_what_holds() {
    let clock = Clock::fixed(crate::support::NOW.parse().unwrap());
    for store in stores(&clock).await {
        let desk = Desk::open(store, &clock, "127.0.0.1:0").await;
        let (tenant_id, ..) = party(&desk.gateway, "nw").await;
        let books = Arc::new(Mutex::new(Books {
            products: [("E-1", ("10.00", 100))].into(),
            orders: Vec::new(),
        }));
        let erp = Erp::answering(move |asked| books.lock().unwrap().answer(asked)).await;
        let source = source(&erp.url);
        sync::round(&desk.gateway, tenant_id, &source).await.unwrap();
        let viewer = desk.sign_in("nw-viewer").await;
        let page = viewer.page("/admin/erp").await;
        for expect in [
            "Normal",
            "No order waits for the ERP.",
            "Young enough",
            "<code>stock</code>",
        ] {
            assert!(page.contains(expect), "{expect}: {page}");
        }
        assert!(!page.contains("Set the mode"), "a viewer sets nothing");
        let person = desk.sign_in("nw-operator").await;
        let page = person.page("/admin/erp").await;
        let action = crate::support_desk::between(&page, "action=\"/admin/erp/", "\"");
        let action = format!("/admin/erp/{action}");
        let refused = person.post(&action, &[("mode", "offline"), ("reason", "")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("Say why"), "{}", refused.body);
        let reason = "<b>new</b> server";
        let done = person.post(&action, &[("mode", "offline"), ("reason", reason)]).await;
        assert_eq!(done.location.as_deref(), Some("/admin/erp?done=said"));
        let page = person.page("/admin/erp").await;
        assert!(page.contains("Offline") && page.contains("&#60;b&#62;new"), "{page}");
        assert!(!page.contains("<b>new"), "{page}");
        let forbidden = viewer.post(&action, &[("mode", ""), ("reason", "")]).await;
        assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
        // It fails from now on; the page says since when and why.
        person.post(&action, &[("mode", ""), ("reason", "")]).await;
        erp.fail_always(Some(Fault::Status(503, "")));
        for _ in 0..3 {
            sync::round(&desk.gateway, tenant_id, &source).await.unwrap();
        }
        clock.advance(SignedDuration::from_hours(5));
        let page = person.page("/admin/erp").await;
        for expect in ["Degraded", "Open: it is left alone", "answered 503", "Too old"] {
            assert!(page.contains(expect), "{expect}: {page}");
        }
        let missing = person
            .get("/admin/erp/drains/019ab2c0-0000-7000-8000-000000000000")
            .await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
    }
}
