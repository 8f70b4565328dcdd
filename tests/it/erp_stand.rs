//! An ERP on loopback that keeps its tables, writes down what it is asked, and fails as it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use punchgate::service::sync::{self, Setting, Source, Wanted, Went};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::import::Shop;

/// What goes wrong with the next answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status, with a header line that may be empty.
    Status(u16, &'static str),
    /// The connection ends in the middle of the body.
    Cut,
    /// The body is whole by its length, but its JSON ends early.
    HalfJson,
    /// Plain, though the header says gzip.
    NotGzip,
    /// Packed.
    Gzip,
    /// Packed, and cut short.
    HalfGzip,
    /// Nothing comes.
    Silent,
    /// As it should be.
    None,
}

#[derive(Default)]
struct State {
    tables: BTreeMap<String, Vec<Value>>,
    faults: VecDeque<Fault>,
    /// Faults for every answer, when there are no others.
    always: Option<Fault>,
    asked: Vec<String>,
    logins: usize,
    /// Most rows of an answer, whatever is asked for.
    rows_max: usize,
    /// Answers in place of the tables.
    answering: Option<Answering>,
    /// The method whose next answer is lost on its way.
    lost: Option<String>,
}

type Answering = Arc<dyn Fn(&Value) -> Value + Send + Sync>;

/// The ERP.
#[derive(Clone)]
pub struct Erp {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Erp {
    /// One that answers by a function of what it is asked.
    pub async fn answering(answer: impl Fn(&Value) -> Value + Send + Sync + 'static) -> Erp {
        let erp = Erp::new().await;
        erp.state.lock().unwrap().answering = Some(Arc::new(answer));
        erp
    }

    pub async fn new() -> Erp {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let erp = Erp {
            url: format!("http://{}", listener.local_addr().unwrap()),
            state: Arc::new(Mutex::new(State {
                rows_max: usize::MAX,
                ..State::default()
            })),
        };
        let serving = erp.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        erp
    }

    /// Puts a table's records in place of those that were there.
    pub fn table(&self, name: &str, records: Value) {
        let records = records.as_array().unwrap().clone();
        self.state.lock().unwrap().tables.insert(name.to_owned(), records);
    }

    /// Changes the record of an identifier.
    pub fn change(&self, table: &str, id: i64, change: Value) {
        let mut state = self.state.lock().unwrap();
        let records = state.tables.get_mut(table).unwrap();
        let record = records.iter_mut().find(|record| record["id"] == id).unwrap();
        record
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
    }

    pub fn remove(&self, table: &str, id: i64) {
        let mut state = self.state.lock().unwrap();
        state.tables.get_mut(table).unwrap().retain(|record| record["id"] != id);
    }

    pub fn add(&self, table: &str, record: Value) {
        self.state.lock().unwrap().tables.get_mut(table).unwrap().push(record);
    }

    pub fn fail(&self, faults: &[Fault]) {
        self.state.lock().unwrap().faults.extend(faults);
    }

    /// Does what a method asks the next time, and loses the answer.
    pub fn lose(&self, method: &str) {
        self.state.lock().unwrap().lost = Some(method.to_owned());
    }

    pub fn fail_always(&self, fault: Option<Fault>) {
        self.state.lock().unwrap().always = fault;
    }

    pub fn rows_max(&self, rows: usize) {
        self.state.lock().unwrap().rows_max = rows;
    }

    /// What was asked since the last time: `product since … after 2`.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    pub fn logins(&self) -> usize {
        self.state.lock().unwrap().logins
    }

    async fn serve(self, mut stream: TcpStream) {
        let Some((_, body)) = request(&mut stream).await else {
            return;
        };
        let asked: Value = serde_json::from_str(&body).unwrap();
        let (answer, fault) = self.answer(&asked);
        respond(&mut stream, fault, 200, "", answer.to_string().into_bytes()).await;
    }

    fn answer(&self, asked: &Value) -> (Value, Fault) {
        let mut state = self.state.lock().unwrap();
        if let Some(answering) = state.answering.clone() {
            let method = asked["method"].as_str().unwrap().to_owned();
            let is_lost = state.lost.as_ref() == Some(&method);
            state.asked.push(method);
            let fault = match is_lost {
                // It is done, and nobody hears of it.
                true => Fault::Cut,
                false => state.faults.pop_front().or(state.always).unwrap_or(Fault::None),
            };
            // Whoever refuses does nothing.
            let result = match fault {
                Fault::None | Fault::Cut => answering(asked),
                _ => Value::Null,
            };
            if is_lost {
                state.lost = None;
            }
            return (json!({"id": asked["id"], "result": result}), fault);
        }
        let params = &asked["params"];
        let result = match asked["method"].as_str().unwrap() {
            "login" => {
                state.logins += 1;
                let is_right = params[0] == "me" && params[1]["password"] == "secret";
                return (
                    json!({"id": 1, "result": if is_right { json!([1, "token"]) } else { Value::Null }}),
                    Fault::None,
                );
            }
            "context" => return (json!({"id": 1, "result": {"company": 1}}), Fault::None),
            method => {
                let table = method.strip_prefix("search.").unwrap();
                state.asked.push(told(table, &params[0]));
                let fields = params[4].as_array().unwrap();
                let limit = (params[2].as_u64().unwrap() as usize).min(state.rows_max);
                let mut records: Vec<Value> = state.tables.get(table).cloned().unwrap_or_default();
                records.sort_by_key(|record| record["id"].as_i64());
                records.retain(|record| params[0].as_array().unwrap().iter().all(|clause| holds(record, clause)));
                records.truncate(limit);
                let of_fields = |record: &Value| {
                    let kept = record.as_object().unwrap().iter();
                    let kept = kept.filter(|(name, _)| fields.iter().any(|field| is_of(field.as_str().unwrap(), name)));
                    kept.map(|(name, value)| (name.clone(), value.clone()))
                        .collect::<serde_json::Map<_, _>>()
                };
                records
                    .iter()
                    .map(|record| Value::Object(of_fields(record)))
                    .collect::<Vec<_>>()
            }
        };
        let fault = state.faults.pop_front().or(state.always).unwrap_or(Fault::None);
        (json!({"id": asked["id"], "result": result}), fault)
    }
}

/// Head and body of a request; nothing where it breaks off.
pub async fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 8192];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().unwrap())
        });
        if body.len() >= length.unwrap_or(0) {
            return Some((head.to_owned(), body.to_owned()));
        }
    }
}

/// Answers, or fails as it is told to; header lines end in a line end.
pub async fn respond(stream: &mut TcpStream, fault: Fault, status: u16, headers: &str, plain: Vec<u8>) {
    let packed = || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&plain).unwrap();
        encoder.finish().unwrap()
    };
    let (status, header, body) = match fault {
        Fault::Silent => return tokio::time::sleep(Duration::from_secs(5)).await,
        Fault::Status(status, header) => (status, header, b"no".to_vec()),
        Fault::NotGzip => (status, "Content-Encoding: gzip\r\n", plain.clone()),
        Fault::Gzip => (status, "Content-Encoding: gzip\r\n", packed()),
        Fault::HalfGzip => (status, "Content-Encoding: gzip\r\n", packed()[..20].to_vec()),
        Fault::HalfJson => (status, "", plain[..plain.len() / 2].to_vec()),
        Fault::Cut | Fault::None => (status, "", plain.clone()),
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{header}{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let sent = if fault == Fault::Cut {
        body.len() / 2
    } else {
        body.len()
    };
    stream.write_all(head.as_bytes()).await.ok();
    stream.write_all(&body[..sent]).await.ok();
    stream.shutdown().await.ok();
}

fn is_of(field: &str, name: &str) -> bool {
    field.split('.').next() == Some(name.trim_end_matches('.'))
}

fn moment(value: &Value) -> String {
    let part = |name: &str| value[name].as_i64().unwrap();
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        part("year"),
        part("month"),
        part("day"),
        part("hour"),
        part("minute"),
        part("second"),
        part("microsecond")
    )
}

fn holds(record: &Value, clause: &Value) -> bool {
    match (clause[0].as_str().unwrap(), clause[1].as_str()) {
        ("OR", _) => clause.as_array().unwrap()[1..]
            .iter()
            .any(|clause| holds(record, clause)),
        (field, Some(">")) => record[field].as_i64() > clause[2].as_i64(),
        (field, Some("=")) => record[field] == clause[2],
        (field, Some(">=")) => record[field]
            .as_str()
            .is_some_and(|stamp| stamp >= moment(&clause[2]).as_str()),
        other => panic!("{other:?}"),
    }
}

fn told(table: &str, domain: &Value) -> String {
    let mut told = table.to_owned();
    for clause in domain.as_array().unwrap() {
        match clause[0].as_str() {
            Some("OR") => told.push_str(&format!(" since {}", &moment(&clause[1][2])[..19])),
            _ if clause[1] == "=" => told.push_str(&format!(" = {}", clause[2])),
            _ => told.push_str(&format!(" after {}", clause[2])),
        }
    }
    told
}

/// The mapping of the stories, with changes made by text.
pub const MAP: &str = r##"kind = "test"
version = "1"
transport = "json-rpc"
[json-rpc]
login = "login"
context = "context"
search = "search.{from}"
[limits]
page_rows = 2
questions_per_second = 1000
tries = 3
pause_ms = 1
timeout_seconds = 1

[[entity]]
name = "category"
rows = "categories"
from = "category"
changed = ["stamp"]
[entity.columns]
code = "code"
name = "name"
parent = "parent"

[[entity]]
name = "product"
rows = "products"
from = "product"
changed = ["stamp"]
when = ["!archived"]
[entity.columns]
sku = "code"
name = "name"
base_unit = "=EA"
list_price = "price | dec"
categories = "category"

[[entity]]
name = "account"
rows = "accounts"
from = "account"
[entity.columns]
code = "code"
name = "code"

[[entity]]
name = "list"
rows = "price_lists"
from = "list"
[entity.columns]
code = "code"
select = "=first"
on_no_match = "=no_price"

[[entity]]
name = "rule"
rows = "price_rules"
from = "list"
lines = "lines"
[entity.columns]
list = "^.code"
position = "#"
sku = "sku"
calculation = "=fixed"
value = "price"

[[entity]]
name = "given"
rows = "price_assignments"
from = "list"
lines = "accounts"
[entity.columns]
list = "^.code"
account = "account"
"##;

/// A source of the stories' ERP by a mapping.
pub fn source(erp: &Erp, map: &str) -> Source {
    let setting: Setting = toml::from_str(&format!(
        "code = \"erp\"\nmap = \"own\"\nurl = \"{}\"\nuser = \"me\"\n",
        erp.url
    ))
    .unwrap();
    let mapping = sync::mapping(map).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let mut source = Source::new(setting, mapping, std::path::Path::new(".")).unwrap();
    source.access.password = "secret".into();
    source
}

/// A product of the stories.
pub fn item(id: i64, code: &str, price: &str, stamp: &str) -> Value {
    json!({"id": id, "code": code, "name": code, "price": {"__class__": "Decimal", "decimal": price}, "category": "C",
        "archived": false, "stamp": format!("{stamp}.000000Z")})
}

/// The usual ERP: three categories' worth of nothing much.
pub async fn erp() -> Erp {
    let erp = Erp::new().await;
    let stamp = "2026-11-24T08:00:00.000000Z";
    erp.table(
        "category",
        json!([{"id": 1, "code": "C", "name": "Things", "parent": null, "stamp": stamp}]),
    );
    let items = [
        ("A", "1.50"),
        ("B", "2.00"),
        ("D", "3.00"),
        ("E", "4.00"),
        ("F", "5.00"),
    ];
    let items = (1..)
        .zip(items)
        .map(|(id, (code, price))| item(id, code, price, "2026-11-24T08:00:00"));
    erp.table("product", items.collect());
    erp.table("account", json!([{"id": 1, "code": "100"}]));
    erp.table(
        "list",
        json!([{"id": 1, "code": "L", "lines": [{"sku": "A", "price": "1.20"}, {"sku": null, "price": "9.00"}],
            "accounts": [{"account": "100"}]}]),
    );
    erp
}

/// One run, by entity.
pub async fn run(shop: &Shop, source: &Source) -> BTreeMap<String, Went> {
    run_as(shop, source, &Wanted::default()).await
}

pub async fn run_as(shop: &Shop, source: &Source, wanted: &Wanted) -> BTreeMap<String, Went> {
    let went = sync::run(&shop.gateway, shop.tenant_id, source, wanted).await.unwrap();
    went.into_iter().map(|went| (went.entity.clone(), went)).collect()
}

/// Added, changed, deleted and rejected rows of an entity.
pub fn counts(went: &BTreeMap<String, Went>, entity: &str) -> (u64, u64, u64, u64) {
    let went = &went[entity];
    assert!(went.fault.is_none(), "{went}");
    (went.added, went.changed, went.deleted, went.rejected)
}
