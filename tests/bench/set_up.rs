//! Set-up requests a second: without storage against a bare handler, durable against one commit a request.

use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App, HttpServer, web};
use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::domain::party::{ConnectionSettings, DeploymentMode};
use punchgate::http;
use punchgate::service::Gateway;
use punchgate::service::exchange::{self, Arrival};
use punchgate::service::keys::Keys;
use punchgate::service::party::{NewConnection, NewTenant, create_connection, create_tenant};
use punchgate::store::{Store, StoreOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::client::rate;
use crate::{Folder, median};

const CONNECTIONS: usize = 32;
const ROUND: Duration = Duration::from_millis(1500);
const ROUNDS: usize = 5;

static NUMBER: AtomicU64 = AtomicU64::new(0);

fn document(request: &str) -> String {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd\">\n\
         <cXML payloadID=\"{number}.bench@buyer.example\" timestamp=\"2026-11-24T09:00:00+00:00\" xml:lang=\"en-US\">\n\
         <Header>\n<From><Credential domain=\"DUNS\"><Identity>111</Identity></Credential></From>\n\
         <To><Credential domain=\"DUNS\"><Identity>999</Identity></Credential></To>\n\
         <Sender><Credential domain=\"DUNS\"><Identity>111</Identity><SharedSecret>a-secret-of-some-length\
         </SharedSecret></Credential><UserAgent>Bench</UserAgent></Sender>\n</Header>\n\
         <Request>\n{request}\n</Request>\n</cXML>\n"
    )
}

fn set_up() -> String {
    let number = NUMBER.load(Ordering::Relaxed);
    document(&format!(
        "<PunchOutSetupRequest operation=\"create\">\n<BuyerCookie>cookie-{number}</BuyerCookie>\n\
         <Extrinsic name=\"UniqueName\">user-{number}</Extrinsic>\n<Extrinsic name=\"UserEmail\">ann@buyer.example\
         </Extrinsic>\n<Extrinsic name=\"CostCenter\">610</Extrinsic>\n<BrowserFormPost><URL>https://buyer.example/back\
         ?session=1234567890</URL></BrowserFormPost>\n<ShipTo><Address addressID=\"12\"><Name xml:lang=\"en\">Works\
         </Name><PostalAddress><Street>Gate 1</Street><City>Ulm</City><PostalCode>89073</PostalCode>\
         <Country isoCountryCode=\"DE\">Germany</Country></PostalAddress></Address></ShipTo>\n</PunchOutSetupRequest>"
    ))
}

/// As long as a set-up request and with as many elements, all of them read into types; but nothing of it is stored.
fn profile(bytes: usize) -> String {
    let bare = document("<ProfileRequest/>");
    let credential = "<Credential domain=\"NetworkID\"><Identity>AN01000000001</Identity></Credential>\n";
    let count = bytes.saturating_sub(bare.len()) / credential.len();
    let filled = bare.replacen("</From>", &format!("{}</From>", credential.repeat(count)), 1);
    let rest = bytes.saturating_sub(filled.len());
    filled.replacen("</UserAgent>", &format!("{}</UserAgent>", "-".repeat(rest)), 1)
}

/// Runs both comparisons and prints them.
pub async fn run(clock: &Clock) {
    let folder = Folder::new(clock);
    let gateway = gateway(clock, &folder).await;
    let (running, server) = http::listen(&gateway).unwrap();
    tokio::spawn(server);
    let hello = TcpListener::bind("127.0.0.1:0").unwrap();
    let hello_address = hello.local_addr().unwrap();
    let bare = HttpServer::new(|| App::new().default_service(web::to(|_: web::Bytes| async { "hello" })))
        .workers(1)
        .tcp_nodelay(true)
        .disable_signals()
        .listen(hello)
        .unwrap()
        .run();
    tokio::spawn(bare);
    let bytes = set_up().len();
    let (mut ours, mut bare, mut durable, mut plain) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(rate(hello_address, CONNECTIONS, ROUND, true, move |_| profile(bytes)).await);
        ours.push(rate(running.address, CONNECTIONS, ROUND, true, move |_| profile(bytes)).await);
        plain.push(commits(&folder).await);
        durable.push(rate(running.address, CONNECTIONS, ROUND, false, |_| set_up()).await);
    }
    let (ours, bare, durable, plain) = (median(ours), median(bare), median(durable), median(plain));
    println!(
        "set-up without storage ({bytes} bytes, one worker): {ours:.0}/s, a bare handler {bare:.0}/s: {:.0} % (goal 40 %)",
        100.0 * ours / bare
    );
    println!(
        "set-up, durable (SQLite FULL, {CONNECTIONS} connections): {durable:.0}/s, one commit a request {plain:.0}/s: \
         {:.1} times (goal 3)",
        durable / plain
    );
    running.stop().await;
    gateway.store.close().await;
}

/// Answers without HTTP and storage: for looking at instructions, `cargo bench -- answer`.
pub async fn answer(clock: &Clock) {
    const ANSWERS: u32 = 20_000;
    let folder = Folder::new(clock);
    let gateway = gateway(clock, &folder).await;
    let documents: Vec<String> = (0..ANSWERS).map(|_| profile(set_up().len())).collect();
    let started = Instant::now();
    for document in &documents {
        let arrival = Arrival {
            body: document.as_bytes(),
            content_type: Some("text/xml; charset=UTF-8"),
            remote: IpAddr::V4(Ipv4Addr::LOCALHOST),
            certificate: None,
            trace_id: String::new(),
        };
        assert_eq!(exchange::answer(&gateway, arrival).await.status, 200);
    }
    let each = started.elapsed() / ANSWERS;
    println!(
        "an answer without HTTP and storage ({} bytes): {:.1} µs",
        documents[0].len(),
        each.as_nanos() as f64 / 1e3
    );
    gateway.store.close().await;
}

async fn gateway(clock: &Clock, folder: &Folder) -> Arc<Gateway> {
    let mut config = Config::default();
    config.server.bind = "127.0.0.1:0".into();
    config.server.workers = 1;
    // All clients come from one address.
    config.limits.address_requests_per_minute = 100_000_000;
    let url = format!("sqlite://{}", folder.0.join("bench.db").display());
    let store = Store::open(&url, &StoreOptions::default(), clock.clone())
        .await
        .unwrap();
    store.migrate().await.unwrap();
    let keys = Keys::ephemeral(clock).unwrap();
    let gateway = Gateway::new(config, clock.clone(), store, keys).await.unwrap();
    let tenant = NewTenant {
        code: "acme",
        name: "Acme",
        time_zone: "UTC",
        currency: "EUR",
        identities: &[("DUNS", "999")],
    };
    let tenant_id = create_tenant(&gateway, &tenant).await.unwrap();
    let connection = NewConnection {
        tenant_id,
        buyer: ("buyer", "Buyer"),
        code: "buyer",
        name: "Buyer",
        profile: "generic",
        mode: DeploymentMode::Production,
        account_code: "100",
        from: &[("DUNS", "111")],
        sender: &[("DUNS", "111")],
        shared_secret: Some("a-secret-of-some-length"),
        settings: ConnectionSettings {
            return_hosts: vec!["buyer.example".into()],
            requests_per_minute: Some(u32::MAX),
            ..ConnectionSettings::default()
        },
    };
    create_connection(&gateway, &connection).await.unwrap();
    Arc::new(gateway)
}

/// Commits a second of one row each, through one connection of plain sqlx with the same settings.
async fn commits(folder: &Folder) -> f64 {
    let options = SqliteConnectOptions::new()
        .filename(folder.0.join("plain.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .unwrap();
    sqlx::query("CREATE TABLE IF NOT EXISTS document (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        .execute(&pool)
        .await
        .unwrap();
    let started = Instant::now();
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let mut done = 0;
                while started.elapsed() < ROUND {
                    sqlx::query("INSERT INTO document (text) VALUES ($1)")
                        .bind(set_up())
                        .execute(&pool)
                        .await
                        .unwrap();
                    done += 1;
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += task.await.unwrap();
    }
    let rate = f64::from(done) / started.elapsed().as_secs_f64();
    pool.close().await;
    rate
}
