//! A running gateway for stories: real HTTP on loopback, a clock that stands still until told, both databases.
//!
//! What comes back is read by a reader of its own ([`Element`]), so that a fault of the gateway's reader or writer
//! cannot hide in both sides.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::domain::party::{ConnectionSettings, DeploymentMode, SecretKind};
use punchgate::domain::staff::{Role, Staff};
use punchgate::http::{self, Running};
use punchgate::service::keys::Keys;
use punchgate::service::party::{self, NewConnection, NewTenant};
use punchgate::service::{Gateway, import, staff};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

pub use crate::support_document::{Element, Letter, RETURN_URL, credential, item, order, plain_order, proof, setup};
use crate::support_store::{TestStore, stores};

/// The shared secret of every connection: it must never be seen again.
pub const SECRET: &str = "canary-7f3c-not-to-be-seen";

/// The instant at which every story begins: a Tuesday.
pub const NOW: &str = "2026-11-24T09:00:00Z";

const PRODUCTS: &str = "sku,name,base_unit,units,sold_in,list_price,price_quantity,categories,unspsc,min_order_quantity\n\
    B-8,\"Hex bolt M8 × 40, A2\",EA,BX=100,BX,12.50,100,F,31161504,100\n\
    W-1,\"Wiper <blue> & white\",EA,,,3.20,,F,47131502,\n\
    R-1,On request,EA,,,,,F,,\n";
const PRICES: &str = "list,sku,unit,min_quantity,price\nGLOBEX,B-8,BX,,11.00\nGLOBEX,B-8,BX,10,10.00\n";

/// One gateway with its supplier and connections.
pub struct Stand {
    pub gateway: Arc<Gateway>,
    pub clock: Clock,
    pub tenant_id: Uuid,
    pub address: SocketAddr,
    pub test: TestStore,
    _running: Running,
}

/// Gateways on fresh databases: SQLite, and PostgreSQL where there is one.
pub async fn stands() -> Vec<Stand> {
    stands_with(|_| {}).await
}

/// The same with another configuration.
pub async fn stands_with(change: impl Fn(&mut Config)) -> Vec<Stand> {
    let clock = Clock::fixed(NOW.parse::<Timestamp>().unwrap());
    let mut stands = Vec::new();
    for test in stores(&clock).await {
        // A clock each: a story moves its own.
        let clock = Clock::fixed(NOW.parse::<Timestamp>().unwrap());
        let mut config = Config::default();
        config.server.bind = "127.0.0.1:0".into();
        config.server.public_url = "https://gate.example".into();
        config.server.workers = 1;
        change(&mut config);
        let keys = Keys::ephemeral(&clock).unwrap();
        let gateway = Gateway::new(config, clock.clone(), test.store.clone(), keys)
            .await
            .unwrap();
        let tenant_id = furnish(&gateway).await;
        stands.push(Stand::of(gateway, clock, tenant_id, test));
    }
    stands
}

impl Stand {
    /// A stand of a gateway that was furnished otherwise.
    pub fn of(gateway: Gateway, clock: Clock, tenant_id: Uuid, test: TestStore) -> Stand {
        let gateway = Arc::new(gateway);
        let (running, server) = http::listen(&gateway).unwrap();
        tokio::spawn(server);
        Stand {
            gateway,
            clock,
            tenant_id,
            address: running.address,
            test,
            _running: running,
        }
    }
}

/// A connection of the stories, by its short name: domain and identity of From and Sender, profile, mode.
type Party = (
    &'static str,
    (&'static str, &'static str),
    (&'static str, &'static str),
    &'static str,
    DeploymentMode,
);

/// The connections: buyers that differ in what the stories need.
pub const PARTIES: [Party; 6] = [
    (
        "plain",
        ("DUNS", "111"),
        ("DUNS", "111"),
        "generic",
        DeploymentMode::Production,
    ),
    (
        "other",
        ("DUNS", "222"),
        ("DUNS", "222"),
        "generic",
        DeploymentMode::Production,
    ),
    (
        "ariba",
        ("NetworkID", "AN02"),
        ("NetworkID", "AN01"),
        "ariba",
        DeploymentMode::Production,
    ),
    (
        "trial",
        ("DUNS", "333"),
        ("DUNS", "333"),
        "generic",
        DeploymentMode::Test,
    ),
    (
        "mac",
        ("NetworkID", "AN9900000100"),
        ("NetworkID", "AN9900000100"),
        "generic",
        DeploymentMode::Production,
    ),
    (
        "signed",
        ("DUNS", "444"),
        ("DUNS", "444"),
        "generic",
        DeploymentMode::Production,
    ),
];

/// A supplier with goods at its own terms, a rival, and the connections.
pub async fn furnish(gateway: &Gateway) -> Uuid {
    let tenant = NewTenant {
        code: "acme",
        name: "Acme Supply",
        time_zone: "Europe/Berlin",
        currency: "EUR",
        identities: &[("DUNS", "999")],
    };
    let tenant_id = party::create_tenant(gateway, &tenant).await.unwrap();
    let foreign = NewTenant {
        code: "rival",
        name: "Rival Supply",
        identities: &[("DUNS", "998")],
        ..tenant
    };
    party::create_tenant(gateway, &foreign).await.unwrap();
    let files = [
        ("categories.csv", "code,name,parent\nF,Fasteners,\n"),
        ("products.csv", PRODUCTS),
        ("accounts.csv", "code,name\n100,Globex\n"),
        ("price_lists.csv", "code,kind,currency\nGLOBEX,contract,EUR\n"),
        ("price_assignments.csv", "list,account\nGLOBEX,100\n"),
        ("prices.csv", PRICES),
        ("warehouses.csv", "code,name\nULM,Ulm\n"),
        ("stock.csv", "sku,warehouse,on_hand\nB-8,ULM,100000\nW-1,ULM,50\n"),
    ];
    let files = files
        .into_iter()
        .map(|(name, text)| (name, text.as_bytes().to_vec()))
        .collect();
    for report in import::all(gateway, tenant_id, files).await.unwrap() {
        assert!(report.is_taken(), "{report}");
    }
    for (code, from, sender, profile, mode) in PARTIES {
        let connection = NewConnection {
            tenant_id,
            buyer: (code, code),
            code,
            name: code,
            profile,
            mode,
            account_code: "100",
            from: &[from],
            sender: &[sender],
            shared_secret: Some(SECRET),
            settings: ConnectionSettings {
                return_hosts: vec!["buyer.example".into(), "*.buyer.example".into()],
                credential_mac: (code == "mac").then_some(true),
                signature_required: (code == "signed").then_some(true),
                ..ConnectionSettings::default()
            },
        };
        let id = party::create_connection(gateway, &connection).await.unwrap();
        if code == "mac" {
            party::set_secret(gateway, tenant_id, id, 1, SecretKind::CredentialMac, "abracadabra")
                .await
                .unwrap();
        }
    }
    tenant_id
}

impl Stand {
    /// Moves the clock.
    pub fn advance(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// Posts a document to the cXML door.
    pub async fn post(&self, text: &str) -> Answer {
        self.send("/cxml", "text/xml; charset=UTF-8", text.as_bytes()).await
    }

    /// Posts bytes as they are.
    pub async fn send(&self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: gate.example\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            body.len()
        );
        self.raw(&[head.as_bytes(), body].concat()).await
    }

    /// Posts a form of a page.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send(path, "application/x-www-form-urlencoded", body.as_bytes())
            .await
    }

    /// Gets a page.
    pub async fn get(&self, path: &str) -> Answer {
        let head = format!("GET {path} HTTP/1.1\r\nHost: gate.example\r\nConnection: close\r\n\r\n");
        self.raw(head.as_bytes()).await
    }

    /// Writes bytes to a connection of their own and reads until it ends.
    pub async fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that refuses early closes while we still write.
        stream.write_all(request).await.ok();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.ok();
        Answer::read(&bytes)
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        if self.test.url.starts_with("sqlite") {
            let mut connection = SqliteConnection::connect(&self.test.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        } else {
            let mut connection = PgConnection::connect(&self.test.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        }
    }

    /// The first value of a query, as text.
    pub async fn value(&self, sql: &str) -> Option<String> {
        let sql = format!("WITH one (value) AS ({sql}) SELECT CAST(value AS TEXT) FROM one");
        let sql = AssertSqlSafe(sql);
        if self.test.url.starts_with("sqlite") {
            let mut connection = SqliteConnection::connect(&self.test.url).await.unwrap();
            let value = sqlx::query_scalar(sql).fetch_optional(&mut connection).await;
            value.unwrap().flatten()
        } else {
            let mut connection = PgConnection::connect(&self.test.url).await.unwrap();
            let value = sqlx::query_scalar(sql).fetch_optional(&mut connection).await;
            value.unwrap().flatten()
        }
    }

    /// The whole number that a query gives.
    pub async fn number(&self, sql: &str) -> i64 {
        self.value(sql).await.unwrap().parse().unwrap()
    }

    /// Everything that documents leave behind: exchanges, orders, visits, quarantine.
    pub async fn traces(&self) -> [i64; 4] {
        let tables = ["exchange", "purchase_order", "session", "quarantine"];
        let counts = tables.map(|table| format!("CAST((SELECT count(*) FROM {table}) AS TEXT)"));
        let counts = self
            .value(&format!("SELECT {}", counts.join(" || ' ' || ")))
            .await
            .unwrap();
        let counts: Vec<i64> = counts.split(' ').map(|count| count.parse().unwrap()).collect();
        counts.try_into().unwrap()
    }

    /// Whether these characters are anywhere in the database.
    pub async fn database_has(&self, text: &str) -> bool {
        if let Some(path) = self.test.url.strip_prefix("sqlite://") {
            return [path.to_owned(), format!("{path}-wal")].iter().any(|file| {
                let bytes = std::fs::read(file).unwrap_or_default();
                memchr::memmem::find(&bytes, text.as_bytes()).is_some()
            });
        }
        let mut connection = PgConnection::connect(&self.test.url).await.unwrap();
        let tables: Vec<String> =
            sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
                .fetch_all(&mut connection)
                .await
                .unwrap();
        for table in tables {
            let sql = format!("SELECT count(*) FROM {table} t WHERE position($1 IN t::text) > 0");
            let found: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(text)
                .fetch_one(&mut connection)
                .await
                .unwrap();
            if found > 0 {
                return true;
            }
        }
        false
    }
}

/// The identifier of a connection.
pub fn connection(stand: &Stand, code: &str) -> Uuid {
    let directory = stand.gateway.directory();
    let mut connections = directory.connections();
    connections
        .find(|known| known.connection.code == code)
        .unwrap()
        .connection
        .id
}

/// A person of the supplier who may let documents in.
pub async fn operator(stand: &Stand) -> Staff {
    let password = "long enough to be one";
    let made = staff::create(&stand.gateway, stand.tenant_id, "ann", "Ann", password, Role::Operator);
    made.await.unwrap()
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads a whole answer, as far as it came.
    pub fn read(bytes: &[u8]) -> Answer {
        let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else {
            return Answer {
                status: 0,
                headers: Vec::new(),
                body: bytes.to_vec(),
            };
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|code| code.parse().ok());
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let chunked = headers
            .iter()
            .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = &bytes[end + 4..];
        Answer {
            status: status.unwrap_or(0),
            headers,
            body: if chunked { unchunked(body) } else { body.to_vec() },
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(held, _)| held == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The cXML document in the body.
    pub fn document(&self) -> Element {
        Element::read(&self.text())
    }

    /// `Response/Status/@code`.
    pub fn code(&self) -> u16 {
        let document = self.document();
        document
            .at("Response/Status")
            .and_then(|status| status.attribute("code")?.parse().ok())
            .unwrap_or(0)
    }

    /// The start page's path: the part after the public address.
    pub fn start(&self) -> String {
        let document = self.document();
        let url = document
            .at("Response/PunchOutSetupResponse/StartPage/URL")
            .expect("a start page");
        url.text.strip_prefix("https://gate.example").unwrap().to_owned()
    }

    /// The value of a page's input, with its character references resolved.
    pub fn input(&self, name: &str) -> Option<String> {
        let html = self.text();
        let at = html.find(&format!("name=\"{name}\""))?;
        let tag = &html[html[..at].rfind('<')?..];
        let tag = &tag[..tag.find('>')?];
        let value = tag.split_once("value=\"")?.1.split('"').next()?;
        Some(quick_xml::escape::unescape(value).unwrap().into_owned())
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = memchr::memmem::find(bytes, b"\r\n") {
        let size = std::str::from_utf8(&bytes[..end])
            .ok()
            .and_then(|text| usize::from_str_radix(text.trim(), 16).ok());
        let Some(size) = size.filter(|size| *size > 0) else {
            break;
        };
        body.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 4 + size..];
    }
    body
}
