//! An ERP on loopback that answers as it was written down (`fixture/erp/NAME.json`), and a gateway beside it.
//!
//! ```text
//! settings     of the source
//! needs        headers that everything must have which is no login; without them the answer is 401
//! exchanges    what is asked (`on`: the beginning of "GET /path?query body", then parts of it) and the `answer`; the first
//!              that fits counts. `when` and `sets` are steps of the order: `made`, or `!made`
//! ```

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::domain::delivery::Delivery;
use punchgate::domain::order::Order;
use punchgate::domain::party::{ConnectionSettings, DeploymentMode};
use punchgate::domain::terms::{Answer, Request};
use punchgate::http::{self, Running};
use punchgate::service::keys::Keys;
use punchgate::service::party::{self, NewConnection, NewTenant, create_tenant};
use punchgate::service::sync::orders::{self, Sent};
use punchgate::service::sync::{self, Setting, Source, Wanted, Went};
use punchgate::service::{Gateway, product, terms};
use punchgate::store;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::erp_stand::{Fault, request, respond};
use crate::support::{Letter, NOW, SECRET, item, order};
use crate::support_store::{TestStore, at_once, stores};

/// What happens to the request that makes an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It is lost on its way there.
    Before,
    /// The order is made; nobody hears of it.
    After,
}

#[derive(Default)]
struct State {
    exchanges: Vec<Value>,
    needs: BTreeMap<String, String>,
    flags: BTreeSet<String>,
    /// How often each step was done, and what was sent for it.
    done: Vec<(String, Value)>,
    faults: VecDeque<Fault>,
    always: Option<Fault>,
    loss: Option<Loss>,
    asked: Vec<String>,
    unknown: Vec<String>,
}

/// The ERP.
#[derive(Clone)]
pub struct Recorded {
    pub url: String,
    /// What was written down.
    pub told: Value,
    state: Arc<Mutex<State>>,
}

/// A folder of the project.
pub fn folder(path: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn texts(value: &Value) -> BTreeMap<String, String> {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

impl Recorded {
    pub async fn new(text: &str) -> Recorded {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told: Value = serde_json::from_str(&text.replace("{url}", &url)).unwrap();
        let erp = Recorded {
            url,
            state: Arc::new(Mutex::new(State {
                exchanges: told["exchanges"].as_array().unwrap().clone(),
                needs: texts(&told["needs"]),
                ..State::default()
            })),
            told,
        };
        let serving = erp.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        erp
    }

    /// The source of this ERP by a mapping of the program.
    pub fn source(&self, map: &str) -> Source {
        let setting = json!({"code": "erp", "map": map, "url": format!("{}{}", self.url, self.told["base"].as_str().unwrap_or("")),
            "user": "me", "settings": self.told["settings"]});
        let setting: Setting = serde_json::from_value(setting).unwrap();
        let text = std::fs::read_to_string(folder("src/erp/maps").join(format!("{map}.toml"))).unwrap();
        let mut mapping = sync::mapping(&text).unwrap_or_else(|wrong| panic!("{map}: {wrong:?}"));
        // As fast as it goes.
        mapping.limits.questions_per_second = 1_000;
        mapping.limits.pause_ms = 1;
        mapping.limits.tries = 4;
        mapping.limits.timeout_seconds = 1;
        let mut source = Source::new(setting, mapping, std::path::Path::new(".")).unwrap();
        source.access.password = "secret".into();
        source
    }

    /// Answers from now on in front of the others.
    pub fn also(&self, exchanges: &Value) {
        let mut state = self.state.lock().unwrap();
        for exchange in exchanges.as_array().unwrap().iter().rev() {
            state.exchanges.insert(0, exchange.clone());
        }
    }

    pub fn fail(&self, faults: &[Fault]) {
        self.state.lock().unwrap().faults.extend(faults);
    }

    pub fn fail_always(&self, fault: Option<Fault>) {
        self.state.lock().unwrap().always = fault;
    }

    pub fn lose(&self, loss: Option<Loss>) {
        self.state.lock().unwrap().loss = loss;
    }

    /// What was sent for each time that a step was done.
    pub fn done(&self, step: &str) -> Vec<Value> {
        let state = self.state.lock().unwrap();
        let of_step = state.done.iter().filter(|(done, _)| done == step);
        of_step.map(|(_, sent)| sent.clone()).collect()
    }

    /// What was asked since the last time.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    /// What was asked that nobody wrote down.
    pub fn unknown(&self) -> Vec<String> {
        self.state.lock().unwrap().unknown.clone()
    }

    async fn serve(self, mut stream: TcpStream) {
        let Some((head, body)) = request(&mut stream).await else {
            return;
        };
        let first = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1");
        let first = percent_decode_str(first).decode_utf8().unwrap().into_owned();
        let told = format!("{first} {body}").trim_end().to_owned();
        let sent = serde_json::from_str(&body).unwrap_or(Value::Null);
        if let Some((fault, status, headers, answer)) = self.answer(&head, &told, sent) {
            let answer = if answer.is_null() {
                String::new()
            } else {
                answer.to_string()
            };
            respond(&mut stream, fault, status, &headers, answer.into_bytes()).await;
        }
    }

    fn answer(&self, head: &str, told: &str, sent: Value) -> Option<(Fault, u16, String, Value)> {
        let mut state = self.state.lock().unwrap();
        state.asked.push(told.to_owned());
        let is_on = |exchange: &&Value| {
            let mut parts = exchange["on"]
                .as_array()
                .unwrap()
                .iter()
                .map(|part| part.as_str().unwrap());
            let is_first = told.starts_with(parts.next().unwrap());
            let when = exchange["when"].as_str().unwrap_or_default();
            let is_time = match when.strip_prefix('!') {
                Some(flag) => !state.flags.contains(flag),
                None => when.is_empty() || state.flags.contains(when),
            };
            is_first && is_time && parts.all(|part| told.contains(part))
        };
        let Some(exchange) = state.exchanges.iter().find(is_on).cloned() else {
            state.unknown.push(told.to_owned());
            return Some((
                Fault::None,
                404,
                String::new(),
                json!({"error": {"message": "nobody wrote that down"}}),
            ));
        };
        let mut needs = texts(&exchange["needs"]);
        let is_login = exchange["login"] == true;
        if !is_login {
            needs.extend(state.needs.clone());
        }
        for (name, value) in needs {
            let found = head.lines().find_map(|line| {
                let (known, value) = line.split_once(':')?;
                known.eq_ignore_ascii_case(&name).then(|| value.trim())
            });
            if !found.is_some_and(|found| found.contains(value.as_str())) {
                state.unknown.push(format!("{told} has {name} {found:?}, not {value}"));
                return Some((Fault::None, 401, String::new(), Value::Null));
            }
        }
        if let Some(step) = exchange["sets"].as_str() {
            match state.loss {
                Some(Loss::Before) => return None,
                loss => {
                    state.flags.insert(step.to_owned());
                    state.done.push((step.to_owned(), sent));
                    if loss == Some(Loss::After) {
                        return None;
                    }
                }
            }
        }
        let fault = match is_login || !told.contains("/") || exchange["sets"].is_string() {
            true => Fault::None,
            false => {
                let next = state.faults.pop_front();
                next.or(state.always).unwrap_or(Fault::None)
            }
        };
        let headers = texts(&exchange["headers"]);
        let headers: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let status = exchange["status"]
            .as_u64()
            .map_or(200, |status| u16::try_from(status).unwrap());
        Some((fault, status, headers, exchange["answer"].clone()))
    }
}

/// A gateway with a supplier that bills in a currency.
pub struct House {
    pub gateway: Arc<Gateway>,
    pub tenant_id: Uuid,
    pub clock: Clock,
    running: Running,
    _test: TestStore,
}

/// Houses on fresh databases, SQLite and where there is one PostgreSQL.
pub async fn houses(currency: &str) -> Vec<House> {
    let mut houses = Vec::new();
    let now: Timestamp = NOW.parse().unwrap();
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
            currency,
            identities: &[("DUNS", "999")],
        };
        let tenant_id = create_tenant(&gateway, &tenant).await.unwrap();
        let gateway = Arc::new(gateway);
        let (running, server) = http::listen(&gateway).unwrap();
        tokio::spawn(server);
        houses.push(House {
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
    /// One run, by entity; an entity that stopped is no good run.
    pub async fn run(&self, source: &Source, wanted: &Wanted) -> BTreeMap<String, Went> {
        let went = sync::run(&self.gateway, self.tenant_id, source, wanted).await.unwrap();
        went.into_iter().map(|went| (went.entity.clone(), went)).collect()
    }

    /// What changed after a number of the change feed, beside how far the ERP can be counted on.
    pub async fn changed_after(&self, head: i64) -> Vec<String> {
        let tenant_id = self.tenant_id;
        let read = self
            .gateway
            .store
            .read(async |tx| store::feed::after(tx, tenant_id, head, 1_000).await);
        let entities = read.await.unwrap().into_iter().map(|change| change.entity);
        entities.filter(|entity| entity != "erp_mode").collect()
    }

    pub async fn head(&self) -> i64 {
        let tenant_id = self.tenant_id;
        let read = self
            .gateway
            .store
            .read(async |tx| store::feed::head(tx, tenant_id).await);
        read.await.unwrap()
    }

    fn answer(&self, account: &str, sku: &str, quantity: Decimal, unit: Option<&str>, ship_to: Option<&str>) -> Answer {
        let asked = |now, today| Request {
            unit,
            ship_to,
            ..Request::new(account, sku, quantity, today, now)
        };
        at_once(terms::ask(&self.gateway, self.tenant_id, asked)).unwrap()
    }

    /// Price and what is promised in one line: `12.50 USD / 1 PCS, 25`.
    pub fn offer(&self, account: &str, sku: &str, quantity: &str, unit: Option<&str>, ship_to: Option<&str>) -> String {
        let Some(goods) = product::goods(&self.gateway, self.tenant_id) else {
            return "no goods".to_owned();
        };
        if goods.product(sku).is_none() {
            return "no such product".to_owned();
        }
        let answer = self.answer(account, sku, quantity.parse().unwrap(), unit, ship_to);
        let price = answer.unit_price.map_or("on request".to_owned(), |money| {
            format!("{} {}", money.amount.normalize(), money.currency)
        });
        let there = answer.availability.available.normalize();
        format!(
            "{price} / {} {}, {there}",
            answer.price_quantity.normalize(),
            answer.unit
        )
    }

    /// A buyer of an account.
    pub async fn connect(&self, account: &str) {
        let connection = NewConnection {
            tenant_id: self.tenant_id,
            buyer: ("buyer", "Buyer"),
            code: "plain",
            name: "Buyer",
            profile: "generic",
            mode: DeploymentMode::Production,
            account_code: account,
            from: &[("DUNS", "111")],
            sender: &[("DUNS", "111")],
            shared_secret: Some(SECRET),
            settings: ConnectionSettings::default(),
        };
        party::create_connection(&self.gateway, &connection).await.unwrap();
    }

    /// Sends an order of one product at our price, or a change of one.
    pub async fn order(&self, told: &Value, number: &str, kind: &str, version: u32) {
        let text = |name: &str| told[name].as_str().unwrap();
        let quantity: Decimal = text("quantity").parse().unwrap();
        let answer = self.answer(
            text("account"),
            text("sku"),
            quantity,
            Some(text("unit")),
            told["ship_to"].as_str(),
        );
        let money = answer.unit_price.unwrap();
        let price = (money.amount / answer.price_quantity).normalize();
        let total = (price * quantity).round_dp(2);
        let header = format!("type=\"{kind}\" orderVersion=\"{version}\"");
        let before = match version {
            1 => String::new(),
            _ => format!("<DocumentReference payloadID=\"{number}.{}@x\"/>", version - 1),
        };
        let ship_to = told["ship_to"].as_str().map(|code| {
            format!("<ShipTo><Address addressID=\"{code}\"><Name xml:lang=\"en\">{code}</Name></Address></ShipTo>")
        });
        let more = ship_to.unwrap_or_default() + &before;
        let line = item("1", text("sku"), &quantity.to_string(), &price.to_string(), "");
        let request = order(number, &header, &more, &total.to_string(), &line)
            .replace("EUR", &money.currency.to_string())
            .replace(">EA<", &format!(">{}<", text("uom")));
        let text = Letter::of("plain", &format!("{number}.{version}@x"), &request).text();
        let answer = reqwest::Client::new()
            .post(format!("http://{}/cxml", self.running.address))
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

    /// What became of the jobs.
    pub async fn send(&self, source: &Source) -> Sent {
        orders::send(&self.gateway, self.tenant_id, source).await.unwrap()
    }

    /// Why attempts did not get through, the latest first.
    pub async fn errors(&self) -> Vec<String> {
        let tenant_id = self.tenant_id;
        let read = self.gateway.store.read(async |tx| {
            let mut errors = Vec::new();
            for job in store::delivery::list(tx, tenant_id, None, None, 10).await? {
                let attempts = store::delivery::attempts(tx, tenant_id, job.id).await?;
                errors.extend(attempts.into_iter().filter_map(|attempt| attempt.error));
            }
            Ok::<_, store::StoreError>(errors)
        });
        read.await.unwrap()
    }

    /// The order, its jobs, and the ERP's number of it.
    pub async fn stored(&self, number: &str) -> (Order, Vec<Delivery>, Option<String>) {
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
