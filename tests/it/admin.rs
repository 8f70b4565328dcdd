//! The admin side through real HTTP: who sees what, who may do what, and what a page hands to the browser.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::domain::order::OrderState;
use punchgate::http;
use punchgate::service::Gateway;
use punchgate::service::keys::Keys;
use punchgate::store;
use reqwest::header::{CACHE_CONTROL, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, StatusCode};

use crate::admin_seed::{HOSTILE, PASSWORD, Seeded, party, seed};
use crate::support_store::{TestStore, sqlite, stores};

/// A gateway that listens on loopback, over a database of its own.
struct Desk {
    gateway: Arc<Gateway>,
    base: String,
    client: Client,
    _store: TestStore,
}

impl Desk {
    async fn open(store: TestStore, clock: &Clock, bind: &str) -> Desk {
        let mut config = Config::default();
        config.server.bind = bind.to_owned();
        config.server.workers = 1;
        config.limits.address_sign_ins_per_minute = 20;
        let keys = Keys::ephemeral(clock).unwrap();
        let gateway = Gateway::new(config, clock.clone(), store.store.clone(), keys)
            .await
            .unwrap();
        let gateway = Arc::new(gateway);
        let (running, server) = http::listen(&gateway).unwrap();
        tokio::spawn(server);
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        Desk {
            base: format!("http://{}", running.address),
            gateway,
            client,
            _store: store,
        }
    }

    async fn sign_in(&self, login: &str) -> Person<'_> {
        let form = [("login", login), ("password", PASSWORD), ("next", "/admin/orders")];
        let answer = self.post("/admin/sign-in", None, &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{login}");
        assert_eq!(answer.location.as_deref(), Some("/admin/orders"));
        let cookie = answer.cookie.unwrap();
        let value = cookie.split(';').next().unwrap().to_owned();
        Person {
            desk: self,
            cookie: value,
        }
    }

    async fn get(&self, path: &str, cookie: Option<&str>) -> Answer {
        let mut request = self.client.get(format!("{}{path}", self.base));
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    async fn post(&self, path: &str, cookie: Option<&str>, form: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut request = self
            .client
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        Answer::of(request.send().await.unwrap()).await
    }
}

struct Answer {
    status: StatusCode,
    location: Option<String>,
    cookie: Option<String>,
    headers: HashMap<String, String>,
    body: String,
}

impl Answer {
    async fn of(response: reqwest::Response) -> Answer {
        let header = |name| {
            let value = response.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        Answer {
            status: response.status(),
            location: header(LOCATION),
            cookie: header(SET_COOKIE),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: response.text().await.unwrap(),
        }
    }
}

/// Somebody with a browser.
struct Person<'a> {
    desk: &'a Desk,
    cookie: String,
}

impl Person<'_> {
    async fn get(&self, path: &str) -> Answer {
        self.desk.get(path, Some(&self.cookie)).await
    }

    /// The page, which must be there.
    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        assert_eq!(answer.headers[CACHE_CONTROL.as_str()], "no-store", "{path}");
        let policy = &answer.headers["content-security-policy"];
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert!(!answer.body.contains("<script>"), "{path} has a script of somebody's");
        assert!(
            !answer.body.contains("style=\""),
            "{path} has a style that the policy forbids"
        );
        answer.body
    }

    /// Sends a form with the code of this sign-in.
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let page = self.page("/admin/orders").await;
        let code = between(&page, "name=\"csrf\" value=\"", "\"");
        let mut form = form.to_vec();
        form.push(("csrf", code));
        self.desk.post(path, Some(&self.cookie), &form).await
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let from = text.find(start).unwrap() + start.len();
    &text[from..from + text[from..].find(end).unwrap()]
}

async fn seeded(clock: &Clock) -> (Desk, Seeded) {
    let desk = Desk::open(sqlite(clock).await, clock, "127.0.0.1:0").await;
    let seeded = seed(&desk.gateway, "nw").await;
    (desk, seeded)
}

/// Every page, with what must stand on it when there is data.
fn pages(seeded: &Seeded) -> Vec<(String, &'static str)> {
    vec![
        ("/admin".into(), "open questions about orders"),
        ("/admin/search?q=PO-1".into(), "Found for"),
        ("/admin/orders".into(), "PO-4500012345"),
        ("/admin/orders?state=held".into(), "PO-4500012345"),
        (format!("/admin/orders/{}", seeded.held), "In the cart, not ordered"),
        (
            format!("/admin/orders/{}?version=1", seeded.held),
            "Version 1 beside its cart",
        ),
        ("/admin/deliveries".into(), "The ERP does not know customer"),
        ("/admin/deliveries?state=parked".into(), "Send again"),
        ("/admin/exchanges".into(), "OrderRequest"),
        ("/admin/exchanges?view=refused".into(), "403"),
        ("/admin/exchanges?view=repeated".into(), "3 times"),
        (format!("/admin/exchanges/{}", seeded.exchange), "3 times"),
    ]
}

#[tokio::test]
async fn every_page_shows_its_data_and_no_script_of_it() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    let person = desk.sign_in("nw-admin").await;
    let escaped = HOSTILE
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('\'', "&#39;");
    let mut hostile = 0;
    for (path, expect) in pages(&seeded) {
        let page = person.page(&path).await;
        assert!(page.contains(expect), "{path} lacks {expect}");
        assert!(page.contains("<main id=\"main\""), "{path}");
        assert_eq!(page.matches("<h1").count(), 1, "{path}");
        hostile += page.matches(&escaped).count();
    }
    assert!(hostile > 5, "the hostile text is shown, escaped, {hostile} times");
}

#[tokio::test]
async fn every_list_says_what_to_do_when_it_is_empty() {
    let clock = Clock::system();
    for store in stores(&clock).await {
        let desk = Desk::open(store, &clock, "127.0.0.1:0").await;
        party(&desk.gateway, "nw").await;
        let person = desk.sign_in("nw-viewer").await;
        for (path, expect) in [
            ("/admin", "No order has come yet."),
            ("/admin/orders", "No order has come yet."),
            ("/admin/orders?state=shipped", "No order is in this state."),
            ("/admin/deliveries", "Nothing was sent on yet."),
            ("/admin/exchanges", "No document was received or sent yet."),
            ("/admin/exchanges?view=refused", "No document fits."),
            ("/admin/search?q=nothing", "Nothing has exactly this number."),
        ] {
            let page = person.page(path).await;
            assert!(page.contains(expect), "{path} lacks {expect}");
        }
    }
}

#[tokio::test]
async fn nothing_is_shown_or_done_without_a_sign_in() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    for (path, _) in pages(&seeded) {
        let answer = desk.get(&path, None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(
            answer.location.unwrap().starts_with("/admin/sign-in?next=%2Fadmin"),
            "{path}"
        );
        assert!(answer.body.is_empty(), "{path}");
    }
    let forged = "punchgate-loopback=AAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(desk.get("/admin", Some(forged)).await.status, StatusCode::SEE_OTHER);
    let wrong = [
        ("login", "nw-admin"),
        ("password", "wrong"),
        ("next", "https://evil.example/"),
    ];
    let answer = desk.post("/admin/sign-in", None, &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Name and password do not fit.") && answer.cookie.is_none());
    assert!(!answer.body.contains("evil.example") && !answer.body.contains("wrong\""));
    let person = desk.sign_in("nw-admin").await;
    let answer = person.post("/admin/sign-out", &[]).await;
    assert_eq!(answer.location.as_deref(), Some("/admin/sign-in"));
    assert_eq!(
        person.get("/admin").await.status,
        StatusCode::SEE_OTHER,
        "the old cookie is worth nothing"
    );
}

#[tokio::test]
async fn a_form_without_the_code_of_its_sign_in_does_nothing() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    let person = desk.sign_in("nw-admin").await;
    let path = format!("/admin/orders/{}/resolve", seeded.held);
    let exception = seeded.exception.to_string();
    let other = desk.sign_in("nw-operator").await;
    let foreign = between(&other.page("/admin/orders").await, "name=\"csrf\" value=\"", "\"").to_owned();
    for code in ["", "wrong", &foreign] {
        let form = [("exception", exception.as_str()), ("verdict", "accept"), ("csrf", code)];
        let answer = desk.post(&path, Some(&person.cookie), &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.body.contains("nothing was done"));
    }
    let page = person.page(&format!("/admin/orders/{}", seeded.held)).await;
    assert!(
        page.contains(&format!("id=\"hold-{exception}\"")),
        "still to be decided"
    );
}

#[tokio::test]
async fn another_suppliers_things_are_not_there() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    seed(&desk.gateway, "other").await;
    let person = desk.sign_in("other-admin").await;
    for path in [
        format!("/admin/orders/{}", seeded.held),
        format!("/admin/exchanges/{}", seeded.exchange),
        format!("/admin/exchanges/{}/raw", seeded.exchange),
        format!("/admin/attachments/{}", seeded.attachment),
        "/admin/orders/nonsense".to_owned(),
        "/admin/nothing".to_owned(),
    ] {
        assert_eq!(person.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let exception = seeded.exception.to_string();
    let form = [("exception", exception.as_str()), ("verdict", "accept")];
    let answer = person
        .post(&format!("/admin/orders/{}/resolve", seeded.held), &form)
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let answer = person
        .post(&format!("/admin/deliveries/{}/resume", seeded.parked), &[])
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_role_does_what_it_includes() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    let viewer = desk.sign_in("nw-viewer").await;
    let order = format!("/admin/orders/{}", seeded.held);
    let exception = seeded.exception.to_string();
    let form = [("exception", exception.as_str()), ("verdict", "accept")];
    let page = viewer.page(&order).await;
    assert!(!page.contains("name=\"verdict\"") && page.contains("An operator or administrator decides this."));
    let answer = viewer.post(&format!("{order}/resolve"), &form).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let resume = format!("/admin/deliveries/{}/resume", seeded.parked);
    assert_eq!(viewer.post(&resume, &[]).await.status, StatusCode::FORBIDDEN);
    let operator = desk.sign_in("nw-operator").await;
    assert_eq!(operator.post(&resume, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        operator.post(&resume, &[]).await.status,
        StatusCode::CONFLICT,
        "it is not parked any more"
    );
}

#[tokio::test]
async fn an_order_goes_on_when_the_last_question_is_accepted() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    let person = desk.sign_in("nw-operator").await;
    let order = format!("/admin/orders/{}", seeded.held);
    let open = |page: &str| -> Vec<String> {
        page.match_indices("id=\"hold-")
            .map(|(at, mark)| page[at + mark.len()..][..36].to_owned())
            .collect()
    };
    let state = async || {
        let (tenant, id) = (seeded.tenant, seeded.held);
        let read = async |tx: &mut store::Tx| store::order::find(tx, tenant, id).await;
        desk.gateway.store.read(read).await.unwrap().unwrap().state
    };
    let exceptions = open(&person.page(&order).await);
    assert_eq!(exceptions.len(), 2);
    for (at, exception) in exceptions.iter().enumerate() {
        assert_eq!(state().await, OrderState::Held, "before decision {at}");
        let form = [
            ("exception", exception.as_str()),
            ("verdict", "accept"),
            ("remark", HOSTILE),
        ];
        let answer = person.post(&format!("{order}/resolve"), &form).await;
        assert_eq!(answer.location, Some(format!("{order}?done=accepted")));
    }
    assert_eq!(state().await, OrderState::Received);
    let page = person.page(&format!("{order}?done=accepted")).await;
    assert!(open(&page).is_empty() && page.contains("Ada Lovelace"));
}

/// Downloads are never shown: not as HTML, not under the sender's name.
#[tokio::test]
async fn bytes_of_others_are_only_kept() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    let person = desk.sign_in("nw-viewer").await;
    for path in [
        format!("/admin/attachments/{}", seeded.attachment),
        format!("/admin/exchanges/{}/raw", seeded.exchange),
    ] {
        let answer = person.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.headers["content-type"], "application/octet-stream");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert!(answer.headers["content-disposition"].starts_with("attachment; filename=\""));
        assert!(!answer.headers["content-disposition"].contains("drawing"));
    }
}

#[tokio::test]
async fn guessing_passwords_is_slowed() {
    let clock = Clock::system();
    let desk = Desk::open(sqlite(&clock).await, &clock, "127.0.0.1:0").await;
    party(&desk.gateway, "nw").await;
    let mut statuses = Vec::new();
    for _ in 0..21 {
        let form = [("login", "nobody"), ("password", "wrong")];
        let answer = desk.post("/admin/sign-in", None, &form).await;
        statuses.push(answer.status);
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.headers["retry-after"].parse::<u64>().unwrap() >= 1);
            assert!(answer.body.contains("Too many attempts to sign in"));
        }
    }
    assert_eq!(statuses[0], StatusCode::UNPROCESSABLE_ENTITY);
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS));
}

/// Serves the seeded pages until it is stopped: `PUNCHGATE_TEST_SERVE=127.0.0.1:8091 cargo test --test it -- --ignored
/// pages_to_look_at`; sign in as `nw-admin` with the seeded password.
#[tokio::test]
#[ignore = "serves until it is stopped"]
async fn pages_to_look_at() {
    let clock = Clock::system();
    let bind = std::env::var("PUNCHGATE_TEST_SERVE").unwrap_or_else(|_| "127.0.0.1:8091".to_owned());
    let desk = Desk::open(sqlite(&clock).await, &clock, &bind).await;
    seed(&desk.gateway, "nw").await;
    println!("{}/admin nw-admin {PASSWORD:?}", desk.base);
    std::future::pending::<()>().await;
}
