//! Orders into a running Tryton: once, also where the connection breaks after its commit; changed, cancelled, followed.
//!
//! `PUNCHGATE_TEST_TRYTON` as in `live_tryton`; the orders of each run have numbers of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, ToSpan};
use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::domain::delivery::{Delivery, DeliveryState};
use punchgate::domain::order::{Order, OrderState};
use punchgate::domain::party::{ConnectionSettings, DeploymentMode};
use punchgate::domain::terms::Request;
use punchgate::http::{self, Running};
use punchgate::service::keys::Keys;
use punchgate::service::party::{self, NewConnection, NewTenant, create_tenant};
use punchgate::service::sync::orders::{self, Sent};
use punchgate::service::sync::{self, Source, Wanted};
use punchgate::service::{Gateway, terms};
use punchgate::store;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::live_tryton::{ADMIN, ONE, Tryton, day, source};
use crate::support::{Letter, SECRET, item, order};
use crate::support_store::{TestStore, at_once, stores};

/// The sales of a reference that are not cancelled.
pub async fn sales(tryton: &Tryton, reference: &str) -> Vec<Value> {
    let domain = json!([["reference", "=", reference], ["state", "!=", "cancelled"]]);
    let fields = json!([
        "number",
        "state",
        "untaxed_amount",
        "lines.quantity",
        "lines.unit_price",
        "lines.taxes",
        "shipments"
    ]);
    let params = [domain, json!(0), json!(10), json!([["id", "ASC"]]), fields];
    let sales = tryton.call("sale.sale", "search_read", &params, json!({})).await;
    sales.as_array().unwrap().clone()
}

/// A gateway with Tryton's terms, its door, and a buyer of the account GLOBEX.
pub struct House {
    pub gateway: Arc<Gateway>,
    pub tenant_id: Uuid,
    pub clock: Clock,
    running: Running,
    run: String,
    _test: TestStore,
}

pub async fn houses(url: &str) -> Vec<House> {
    let now = Clock::system().now();
    let mut houses = Vec::new();
    for test in stores(&Clock::fixed(now)).await {
        // Its own moves on where a retry is waited for.
        let clock = Clock::fixed(now);
        let mut config = Config::default();
        config.server.bind = "127.0.0.1:0".into();
        config.server.workers = 1;
        let keys = Keys::ephemeral(&clock).unwrap();
        let gateway = Gateway::new(config, clock.clone(), test.store.clone(), keys)
            .await
            .unwrap();
        let tenant = NewTenant {
            code: "nw",
            name: "Northwind",
            time_zone: "UTC",
            currency: "USD",
            identities: &[("DUNS", "999")],
        };
        let tenant_id = create_tenant(&gateway, &tenant).await.unwrap();
        for went in sync::run(&gateway, tenant_id, &source(url), &Wanted::default())
            .await
            .unwrap()
        {
            assert!(went.fault.is_none(), "{went}");
        }
        let connection = NewConnection {
            tenant_id,
            buyer: ("globex", "Globex"),
            code: "plain",
            name: "Globex",
            profile: "generic",
            mode: DeploymentMode::Production,
            account_code: "GLOBEX",
            from: &[("DUNS", "111")],
            sender: &[("DUNS", "111")],
            shared_secret: Some(SECRET),
            settings: ConnectionSettings::default(),
        };
        party::create_connection(&gateway, &connection).await.unwrap();
        let gateway = Arc::new(gateway);
        let (running, server) = http::listen(&gateway).unwrap();
        tokio::spawn(server);
        houses.push(House {
            run: format!("{}-{}", test.kind(), clock.new_id().simple()),
            gateway,
            tenant_id,
            clock,
            running,
            _test: test,
        });
    }
    houses
}

impl House {
    pub fn number(&self, number: &str) -> String {
        format!("{number}-{}", self.run)
    }

    /// The price of a product for the buyer, and what is promised of it.
    fn offer(&self, sku: &str, quantity: u32) -> (Decimal, Decimal) {
        let asked = |now, today: jiff::civil::Date| Request {
            unit: Some("u"),
            // Tryton plans what leaves for tomorrow: from then on it is gone.
            wanted_on: Some(today.saturating_add(3.days())),
            ..Request::new("GLOBEX", sku, Decimal::from(quantity), today, now)
        };
        let answer = at_once(terms::ask(&self.gateway, self.tenant_id, asked)).unwrap();
        (answer.unit_price.unwrap().amount, answer.availability.available)
    }

    /// Sends an order, or a change of one, of one product at our price.
    pub async fn order(&self, number: &str, kind: &str, version: u32, sku: &str, quantity: u32) {
        let (price, _) = self.offer(sku, quantity);
        let total = price * Decimal::from(quantity);
        let header = format!("type=\"{kind}\" orderVersion=\"{version}\"");
        let before = match version {
            1 => String::new(),
            _ => format!("<DocumentReference payloadID=\"{number}.{}@x\"/>", version - 1),
        };
        let line = item("1", sku, &quantity.to_string(), &price.to_string(), "");
        let request = order(number, &header, &before, &total.to_string(), &line)
            .replace("EUR", "USD")
            .replace(">EA<", ">C62<");
        let text = Letter::of("plain", &format!("{number}.{version}@x"), &request).text();
        let client = reqwest::Client::new();
        let url = format!("http://{}/cxml", self.running.address);
        let answer = client
            .post(url)
            .header("content-type", "text/xml")
            .body(text)
            .send()
            .await
            .unwrap();
        let answer = answer.text().await.unwrap();
        assert!(answer.contains("code=\"200\""), "{answer}");
        let tenant_id = self.tenant_id;
        let open = self
            .gateway
            .store
            .read(async |tx| store::order::open_exceptions(tx, tenant_id, 10).await);
        let open: Vec<String> = open.await.unwrap().into_iter().map(|open| open.text).collect();
        assert!(open.is_empty(), "{number}: {open:?}");
    }

    /// What became of the jobs; why one did not get through is printed for whoever reads a failure.
    pub async fn send(&self, source: &Source) -> Sent {
        let sent = orders::send(&self.gateway, self.tenant_id, source).await.unwrap();
        let tenant_id = self.tenant_id;
        let read = self.gateway.store.read(async |tx| {
            let mut errors = Vec::new();
            for job in store::delivery::list(tx, tenant_id, None, None, 10).await? {
                let attempts = store::delivery::attempts(tx, tenant_id, job.id).await?;
                errors.extend(attempts.into_iter().filter_map(|attempt| attempt.error));
            }
            Ok::<_, store::StoreError>(errors)
        });
        println!("{sent:?} {:?}", read.await.unwrap());
        sent
    }

    async fn stored(&self, number: &str) -> (Order, Vec<Delivery>, Option<String>) {
        let (tenant_id, number) = (self.tenant_id, number.to_owned());
        let read = self.gateway.store.read(async |tx| {
            let orders = store::order::find_all_by_order_id(tx, tenant_id, std::slice::from_ref(&number)).await?;
            let order = orders.into_iter().next().unwrap();
            let deliveries = store::delivery::list_of(tx, tenant_id, order.id).await?;
            let erp = store::erp_order::find(tx, tenant_id, order.id).await?;
            Ok::<_, store::StoreError>((order, deliveries, erp.map(|erp| erp.number)))
        });
        read.await.unwrap()
    }
}

pub const DONE: Sent = Sent {
    done: 1,
    waiting: 0,
    parked: 0,
};

/// Passes connections on to Tryton; while it is told to, it loses the answer to a sale that is made.
async fn lossy(url: &str, loses: Arc<AtomicBool>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap();
    let there = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let path = url.trim_start_matches("http://").split_once('/').unwrap().1.to_owned();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let (there, loses) = (there.clone(), Arc::clone(&loses));
            tokio::spawn(async move {
                let mut far = TcpStream::connect(&there).await.unwrap();
                let (mut asked, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
                loop {
                    tokio::select! {
                        read = near.read(&mut buffer) => match read {
                            Ok(0) | Err(_) => return,
                            Ok(count) => {
                                asked.extend_from_slice(&buffer[..count]);
                                far.write_all(&buffer[..count]).await.ok();
                            }
                        },
                        read = far_read(&mut far) => match read {
                            None => return,
                            Some(bytes) => {
                                let is_made = memchr::memmem::find(&asked, b"model.sale.sale.create").is_some();
                                // Tryton has done it; nobody hears of it.
                                if is_made && loses.swap(false, Ordering::SeqCst) {
                                    return;
                                }
                                near.write_all(&bytes).await.ok();
                            }
                        },
                    }
                }
            });
        }
    });
    format!("http://{here}/{path}")
}

async fn far_read(far: &mut TcpStream) -> Option<Vec<u8>> {
    let mut buffer = vec![0; 64 * 1024];
    match far.read(&mut buffer).await {
        Ok(0) | Err(_) => None,
        Ok(count) => {
            buffer.truncate(count);
            Some(buffer)
        }
    }
}

#[tokio::test]
async fn live_tryton_orders_are_made_once_and_followed() {
    let Some(tryton) = Tryton::open().await else { return };
    let _one = ONE.lock().await;
    let url = tryton.url.clone();
    let loses = Arc::new(AtomicBool::new(false));
    let through = lossy(&url, Arc::clone(&loses)).await;
    let admin = Tryton::open_as(ADMIN.0, ADMIN.1).await.unwrap();
    for house in houses(&url).await {
        let (direct, lossy) = (source(&url), source(&through));
        // What the gateway before ordered is Tryton's own business.
        sync::run(&house.gateway, house.tenant_id, &direct, &Wanted::default())
            .await
            .unwrap();
        let number = house.number("PO-1");
        let (price, _) = house.offer("HELMET", 2);
        let (_, before) = house.offer("HELMET", 1);
        house.order(&number, "new", 1, "HELMET", 2).await;
        assert_eq!(house.offer("HELMET", 1).1, before - Decimal::TWO, "it is held");
        // The connection breaks after Tryton's commit: the job waits, and the sale is found again.
        loses.store(true, Ordering::SeqCst);
        let waiting = Sent {
            done: 0,
            waiting: 1,
            parked: 0,
        };
        assert_eq!(house.send(&lossy).await, waiting);
        assert_eq!(sales(&tryton, &number).await.len(), 1);
        assert_eq!(house.send(&lossy).await, Sent::default(), "it is not due yet");
        house.clock.advance(SignedDuration::from_secs(20));
        assert_eq!(house.send(&lossy).await, DONE);
        let sales = sales(&tryton, &number).await;
        assert_eq!(sales.len(), 1, "made once");
        let sale = &sales[0];
        assert_eq!(sale["state"], "processing");
        let line = &sale["lines."][0];
        let told = line["unit_price"]["decimal"]
            .as_str()
            .unwrap()
            .parse::<Decimal>()
            .unwrap();
        assert_eq!(
            (told.normalize(), line["quantity"].as_f64()),
            (price.normalize(), Some(2.0))
        );
        let (stored, _, erp) = house.stored(&number).await;
        assert_eq!(stored.state, OrderState::Processing);
        assert_eq!(erp.as_deref(), sale["number"].as_str());
        // Once Tryton's stock was read after it, Tryton's own figures count, and they count it once.
        house.clock.advance(SignedDuration::from_secs(20));
        let run = sync::run(&house.gateway, house.tenant_id, &direct, &Wanted::default())
            .await
            .unwrap();
        assert!(run.iter().all(|went| went.fault.is_none()), "{run:?}");
        assert_eq!(house.offer("HELMET", 1).1, before - Decimal::TWO);
        // It ships there, and the order follows.
        let shipment = sale["shipments"][0].clone();
        for step in ["assign_try", "pick", "pack", "ship", "do"] {
            let shipments = [json!([shipment])];
            tryton.call("stock.shipment.out", step, &shipments, json!({})).await;
        }
        sync::run(&house.gateway, house.tenant_id, &direct, &Wanted::default())
            .await
            .unwrap();
        let (stored, ..) = house.stored(&number).await;
        assert_eq!(stored.state, OrderState::Shipped);
        // It is invoiced there.
        let domain = json!([["sales.reference", "=", number]]);
        let params = [domain, json!(0), json!(2), json!([["id", "ASC"]]), json!(["state"])];
        let invoices = admin.call("account.invoice", "search_read", &params, json!({})).await;
        assert_eq!(
            (invoices.as_array().unwrap().len(), &invoices[0]["state"]),
            (1, &json!("draft"))
        );
        let ids = json!([invoices[0]["id"]]);
        let today = house.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let dated = [ids.clone(), json!({"invoice_date": day(today)})];
        admin.call("account.invoice", "write", &dated, json!({})).await;
        admin.insist("account.invoice", "post", &[ids]).await;
        sync::run(&house.gateway, house.tenant_id, &direct, &Wanted::default())
            .await
            .unwrap();
        let (stored, ..) = house.stored(&number).await;
        assert_eq!(stored.state, OrderState::Invoiced);
    }
}

#[tokio::test]
async fn live_tryton_changes_and_cancellations_are_done_or_told_to_a_person() {
    let Some(tryton) = Tryton::open().await else { return };
    let _one = ONE.lock().await;
    let url = tryton.url.clone();
    for house in houses(&url).await {
        let source = source(&url);
        let number = house.number("PO-2");
        house.order(&number, "new", 1, "HELMET", 1).await;
        assert_eq!(house.send(&source).await, DONE);
        // Tryton has begun with it: whether a change still goes is for people.
        house.order(&number, "delete", 2, "HELMET", 1).await;
        let parked = Sent {
            done: 0,
            waiting: 0,
            parked: 1,
        };
        assert_eq!(house.send(&source).await, parked);
        let (order, jobs, _) = house.stored(&number).await;
        assert_eq!(order.state, OrderState::Cancelled);
        assert_eq!(jobs.last().unwrap().state, DeliveryState::Parked);
        // An order that Tryton does not take is parked with what it said.
        let number = house.number("PO-3");
        house.order(&number, "new", 1, "HELMET", 9_000).await;
        let sent = house.send(&source).await;
        assert_eq!(sent.done, 0, "{sent:?}");
        assert_eq!(
            sales(&tryton, &number)
                .await
                .iter()
                .filter(|sale| sale["state"] == "processing")
                .count(),
            0
        );
        // Nothing that was never there is cancelled without a fuss.
        let number = house.number("PO-4");
        house.order(&number, "new", 1, "HELMET", 1).await;
        house.order(&number, "delete", 2, "HELMET", 1).await;
        let sent = house.send(&source).await;
        assert_eq!((sent.done, sent.waiting), (1, 0), "{sent:?}");
    }
}
