//! The process is killed while orders arrive: whatever was acknowledged is there, whole and once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::service::keys::Keys;
use punchgate::service::{Gateway, party};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};

use crate::support::{Letter, furnish, plain_order};
use crate::support_process::{Process, post};
use crate::support_store::{TestStore, stores, tell};

/// How many times the process is killed on each database; few by default, since each run takes up to a second.
const RUNS: &str = "PUNCHGATE_TEST_CRASH_RUNS";
const RUNS_DEFAULT: u64 = 6;

/// Systems of the buyer that send at the same time.
const SENDERS: usize = 8;

/// Longest life of a process that listens, in milliseconds.
const LIFE_MS_MAX: u64 = 400;

/// What the buyer remembers: it sends a document again until it has heard an answer.
#[derive(Default)]
struct Buyer {
    sent: AtomicUsize,
    /// Documents without an answer yet.
    open: Mutex<Vec<usize>>,
    /// Document → the answer that was heard.
    heard: Mutex<BTreeMap<usize, Vec<u8>>>,
}

fn document(number: usize) -> String {
    Letter::of(
        "plain",
        &format!("crash-{number}@buyer.example"),
        &plain_order(&order_id(number)),
    )
    .text()
}

fn order_id(number: usize) -> String {
    format!("PO-{number:06}")
}

impl Buyer {
    /// Sends one document after the other, unanswered ones first, until the gateway is gone.
    async fn send(&self, address: SocketAddr) {
        loop {
            let again = self.open.lock().unwrap().pop();
            let number = again.unwrap_or_else(|| self.sent.fetch_add(1, Ordering::Relaxed));
            let Some(answer) = post(address, &document(number)).await else {
                self.open.lock().unwrap().push(number);
                return;
            };
            assert_eq!((answer.status, answer.code()), (200, 200), "{}", answer.text());
            self.heard.lock().unwrap().insert(number, answer.body);
        }
    }

    /// Sends what was answered before once more: the answer is the one that was heard.
    async fn send_again(&self, address: SocketAddr, count: usize) {
        let heard = self.heard.lock().unwrap().clone();
        for (number, body) in heard.iter().rev().take(count) {
            let answer = post(address, &document(*number)).await.expect("an answer");
            assert_eq!(answer.body, *body, "{}", order_id(*number));
        }
    }
}

/// A number below `end`, other in each run.
fn random(end: u64) -> u64 {
    let token = Clock::system().new_token();
    u64::from_be_bytes(token[..8].try_into().unwrap()) % end
}

#[tokio::test]
async fn whatever_was_acknowledged_survives_a_kill() {
    let runs = std::env::var(RUNS).map_or(RUNS_DEFAULT, |runs| runs.parse().unwrap());
    let clock = Clock::system();
    for test in stores(&clock).await {
        let keys = std::env::temp_dir().join(format!("punchgate-crash-{}", clock.new_id().simple()));
        prepare(&test, &clock, &keys).await;
        let buyer = Buyer::default();
        for run in 0..runs {
            let process = Process::start(&test.url, &keys, &[]);
            // One in five is killed while it starts, with whatever the one before left behind.
            if run % 5 == 4 {
                tokio::time::sleep(Duration::from_millis(random(100))).await;
                process.kill();
                continue;
            }
            let address = process.address();
            if run % 10 == 5 {
                buyer.send_again(address, 3).await;
            }
            let life = Duration::from_millis(random(LIFE_MS_MAX));
            let senders = futures_util::future::join_all((0..SENDERS).map(|_| buyer.send(address)));
            let killed = async {
                tokio::time::sleep(life).await;
                process.kill();
            };
            tokio::join!(senders, killed);
        }
        let started = Instant::now();
        let process = Process::start(&test.url, &keys, &[]);
        let address = process.address();
        buyer.send_again(address, 50).await;
        process.kill();
        let acknowledged = buyer.heard.into_inner().unwrap();
        tell(&format!(
            "crash: {}: {runs} kills, {} orders sent, {} acknowledged, last check {:?}",
            test.kind(),
            buyer.sent.load(Ordering::Relaxed),
            acknowledged.len(),
            started.elapsed()
        ));
        check(&test, &acknowledged, buyer.sent.load(Ordering::Relaxed)).await;
        std::fs::remove_file(keys).unwrap();
    }
}

/// A supplier with its connections, under keys that the processes can read.
async fn prepare(test: &TestStore, clock: &Clock, keys: &std::path::Path) {
    let keys = Keys::load(keys, true, clock).unwrap();
    let gateway = Gateway::new(Config::default(), clock.clone(), test.store.clone(), keys)
        .await
        .unwrap();
    furnish(&gateway).await;
    let directory = gateway.directory();
    let plain = directory.connections().find(|known| known.connection.code == "plain");
    let mut connection = plain.unwrap().connection.clone();
    connection.settings.requests_per_minute = Some(1_000_000);
    party::update_connection(&gateway, connection).await.unwrap();
    gateway.store.close().await;
}

/// Conservation: what is there is what was sent, each once and whole, and all that was acknowledged is there.
async fn check(test: &TestStore, acknowledged: &BTreeMap<usize, Vec<u8>>, sent: usize) {
    assert!(!acknowledged.is_empty());
    let orders = counted(test, "SELECT order_id, count(*) FROM purchase_order GROUP BY order_id").await;
    for number in acknowledged.keys() {
        assert_eq!(orders.get(&order_id(*number)), Some(&1), "{}", order_id(*number));
    }
    let all: BTreeSet<String> = (0..sent).map(order_id).collect();
    for (order_id, count) in &orders {
        assert!(all.contains(order_id), "{order_id} was never sent");
        assert_eq!(*count, 1, "{order_id} is there {count} times");
    }
    let parts = [
        "SELECT o.order_id, count(v.id) FROM purchase_order o LEFT JOIN order_version v \
         ON v.tenant_id = o.tenant_id AND v.order_key = o.id GROUP BY o.order_id",
        "SELECT o.order_id, count(l.position) FROM purchase_order o JOIN order_version v \
         ON v.tenant_id = o.tenant_id AND v.order_key = o.id LEFT JOIN order_line l \
         ON l.tenant_id = v.tenant_id AND l.version_id = v.id GROUP BY o.order_id",
        "SELECT o.order_id, count(e.id) FROM purchase_order o JOIN order_version v \
         ON v.tenant_id = o.tenant_id AND v.order_key = o.id LEFT JOIN exchange e \
         ON e.tenant_id = v.tenant_id AND e.id = v.exchange_id AND e.answer IS NOT NULL GROUP BY o.order_id",
        "SELECT o.order_id, count(d.id) FROM purchase_order o LEFT JOIN delivery d \
         ON d.tenant_id = o.tenant_id AND d.subject_id = o.id GROUP BY o.order_id",
    ];
    for sql in parts {
        assert_eq!(counted(test, sql).await, orders, "{sql}");
    }
    // Nothing is there that belongs to no order.
    for table in ["order_version", "order_line", "exchange", "delivery"] {
        let rows = counted(test, &format!("SELECT 'all', count(*) FROM {table}")).await;
        assert_eq!(rows["all"], i64::try_from(orders.len()).unwrap(), "{table}");
    }
}

/// Rows of a text and a count, read past the store.
async fn counted(test: &TestStore, sql: &str) -> BTreeMap<String, i64> {
    let sql = AssertSqlSafe(sql.to_owned());
    if test.url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(&test.url).await.unwrap();
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    } else {
        let mut connection = PgConnection::connect(&test.url).await.unwrap();
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}
