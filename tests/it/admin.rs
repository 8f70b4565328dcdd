//! The admin side through real HTTP: who sees what, who may do what, and what a page hands to the browser.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::domain::order::OrderState;
use punchgate::domain::party::ConnectionState;
use punchgate::http;
use punchgate::service::Gateway;
use punchgate::service::keys::Keys;
use punchgate::store;
use reqwest::header::{CACHE_CONTROL, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, StatusCode};

use crate::admin_seed::{HOSTILE, PASSWORD, Seeded, many, party, seed};
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
        Desk::open_as(store, clock, bind, "http://localhost:8080").await
    }

    /// A gateway that is reached under another address, as behind a proxy.
    async fn open_as(store: TestStore, clock: &Clock, bind: &str, public_url: &str) -> Desk {
        let mut config = Config::default();
        config.server.bind = bind.to_owned();
        config.server.public_url = public_url.to_owned();
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
        (
            format!("/admin/exchanges/{}", seeded.exchange),
            "class=\"line found\" id=\"line-3\"",
        ),
        ("/admin/check".into(), "Try an example"),
        ("/admin/check?example".into(), "dtd.element-unexpected"),
        (format!("/admin/check?document={}", seeded.exchange), "secrets masked"),
        ("/admin/connections".into(), "Globex (SAP Ariba)"),
        ("/admin/connections/new".into(), "New connection"),
        (
            format!("/admin/connections/{}", seeded.production),
            "What the buyer enters",
        ),
        (
            format!("/admin/connections/{}", seeded.test),
            "Waiting for the first document.",
        ),
        (format!("/admin/connections/{}/edit", seeded.production), "*.ariba.com"),
        ("/admin/visits".into(), "Cart returned"),
        ("/admin/visits?state=open".into(), "Shopping"),
        (
            format!("/admin/visits/{}", seeded.session),
            "The cart as it was offered",
        ),
        ("/admin/quarantine".into(), "Nobody here has this Sender identity"),
        (
            format!("/admin/quarantine/{}", seeded.quarantined),
            "2. Replay this document",
        ),
        ("/admin/security".into(), "A start link was used twice"),
        ("/admin/staff".into(), "nw-operator"),
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
            ("/admin/visits", "Nobody has punched out yet."),
            ("/admin/visits?state=open", "No visit is in this state."),
            ("/admin/quarantine", "Quarantine is empty."),
            ("/admin/security", "Nothing has happened."),
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
        format!("/admin/connections/{}", seeded.production),
        format!("/admin/connections/{}/edit", seeded.production),
        format!("/admin/visits/{}", seeded.session),
        format!("/admin/quarantine/{}", seeded.quarantined),
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
    let connection = format!("/admin/connections/{}", seeded.production);
    let kept = format!("/admin/quarantine/{}", seeded.quarantined);
    let to = seeded.production.to_string();
    for (path, form) in [
        (format!("{kept}/bind"), vec![("connection", to.as_str())]),
        (format!("{kept}/replay"), vec![("connection", to.as_str())]),
    ] {
        assert_eq!(viewer.post(&path, &form).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for (path, form) in [
        ("/admin/connections".to_owned(), vec![]),
        (format!("{connection}/edit"), vec![]),
        (format!("{connection}/state"), vec![("state", "suspended")]),
        (format!("{connection}/secrets"), vec![("kind", "shared_secret")]),
        (
            format!("{connection}/secrets/{}/end", seeded.exception),
            vec![("when", "later")],
        ),
        ("/admin/staff".to_owned(), vec![("role", "admin"), ("login", "x")]),
    ] {
        assert_eq!(
            operator.post(&path, &form).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    for path in ["/admin/connections/new".to_owned(), format!("{connection}/edit")] {
        assert_eq!(operator.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
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

/// The onboarding journey of an administrator: make, hand over, rotate, suspend.
#[tokio::test]
async fn a_connection_is_made_changed_and_its_secret_rotated() {
    let clock = Clock::system();
    for store in stores(&clock).await {
        let desk = Desk::open(store, &clock, "127.0.0.1:0").await;
        party(&desk.gateway, "nw").await;
        let person = desk.sign_in("nw-admin").await;
        let form_page = person.page("/admin/connections/new").await;
        let seen = between(&form_page, "name=\"seen\" value=\"", "\"").to_owned();
        let mut form = vec![
            ("seen", seen.as_str()),
            ("buyer", ""),
            ("buyer_name", "Initech"),
            ("name", "Initech (Coupa)"),
            ("profile", "coupa"),
            ("mode", "test"),
            ("account", "C-2002"),
            ("from", "DUNS 987654321"),
            ("sender", "nonsense"),
            ("return_hosts", "https://not.a.host/"),
        ];
        let answer = person.post("/admin/connections", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        for kept in [
            "value=\"Initech (Coupa)\"",
            ">DUNS 987654321</textarea>",
            ">nonsense</textarea>",
        ] {
            assert!(answer.body.contains(kept), "{kept} is lost");
        }
        for fault in ["id=\"sender-fault\"", "id=\"return_hosts-fault\""] {
            assert!(answer.body.contains(fault), "{fault} is missing");
        }
        form[8].1 = "DUNS 987654321";
        form[9].1 = "*.coupahost.com";
        let answer = person.post("/admin/connections", &form).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let secret = between(&answer.body, "shown this once", "data-done");
        let secret = between(secret, "<code>", "</code>").to_owned();
        assert_eq!(secret.len(), 32);
        assert_eq!(
            person.post("/admin/connections", &form).await.status,
            StatusCode::CONFLICT,
            "sent twice"
        );
        let directory = desk.gateway.directory();
        let known = directory
            .connections()
            .find(|known| known.connection.name == "Initech (Coupa)");
        let known = known.unwrap();
        assert!(
            desk.gateway
                .keys
                .matches(secret.as_bytes(), &known.secrets[0].keyed_hash)
        );
        let path = format!("/admin/connections/{}", known.connection.id);
        let page = person.page(&path).await;
        assert!(!page.contains(&secret), "shown once only");
        assert!(page.contains(&format!("ends in <code>{}</code>", &secret[28..])));

        rotate(&desk, &person, &path).await;
        change_and_suspend(&desk, &person, &path).await;
    }
}

async fn rotate(desk: &Desk, person: &Person<'_>, path: &str) {
    let page = person.page(path).await;
    let seen = between(&page, "name=\"seen\" value=\"", "\"").to_owned();
    let first = between(&page, "/secrets/", "/end").to_owned();
    let issue = format!("{path}/secrets");
    let form = [
        ("seen", seen.as_str()),
        ("kind", "shared_secret"),
        ("secret", "brought-by-the-buyer"),
    ];
    let short = [form[0], form[1], ("secret", "short")];
    assert!(person.post(&issue, &short).await.body.contains("No secret was given."));
    let answer = person.post(&issue, &form).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.body.contains("brought-by-the-buyer"));
    assert_eq!(
        person.post(&issue, &form).await.status,
        StatusCode::CONFLICT,
        "sent twice"
    );
    assert!(answer.body.contains("ends in <code>uyer</code>"));
    let end = format!("{path}/secrets/{first}/end");
    let later = person.post(&end, &[("when", "later")]).await;
    assert_eq!(later.location, Some(format!("{path}?done=ended")));
    assert_eq!(
        person.post(&end, &[("when", "later")]).await.status,
        StatusCode::CONFLICT,
        "never put off"
    );
    let wrong = person.post(&end, &[("when", "now"), ("confirm", "Globex")]).await;
    assert!(wrong.body.contains("The secret stays valid."));
    let now = person
        .post(&end, &[("when", "now"), ("confirm", "Initech (Coupa)")])
        .await;
    assert_eq!(now.location, Some(format!("{path}?done=ended")));
    let directory = desk.gateway.directory();
    let known = directory
        .connections()
        .find(|known| path.ends_with(&known.connection.id.to_string()));
    let now = desk.gateway.clock.now();
    let valid = known
        .unwrap()
        .secrets
        .iter()
        .filter(|secret| secret.is_valid_at(now))
        .count();
    assert_eq!(valid, 1);
}

async fn change_and_suspend(desk: &Desk, person: &Person<'_>, path: &str) {
    let known = || {
        let directory = desk.gateway.directory();
        let found = directory
            .connections()
            .find(|known| path.ends_with(&known.connection.id.to_string()));
        found.unwrap().clone()
    };
    let mut form = vec![
        ("name", "Initech (Coupa)"),
        ("account", "C-3003"),
        ("from", "DUNS 987654321\nNetworkID AN05"),
        ("sender", "DUNS 987654321"),
        ("return_hosts", "*.coupahost.com\nbuyer.initech.example"),
        ("start_seconds", "soon"),
    ];
    let edit = format!("{path}/edit");
    let answer = person.post(&edit, &form).await;
    assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains("id=\"start_seconds-fault\""));
    form[5].1 = "120";
    assert_eq!(
        person.post(&edit, &form).await.location,
        Some(format!("{path}?done=changed"))
    );
    let now = known();
    assert_eq!((now.settings.start_seconds, now.settings.return_hosts.len()), (120, 2));
    assert_eq!(now.connection.account_code, "C-3003");
    assert_eq!(
        now.settings.cxml_version, "1.2.023",
        "what the form does not name stays the profile's"
    );
    let page = person.page(path).await;
    assert!(page.contains("Account: C-2002 → C-3003") && page.contains("AN05"));
    for (word, state) in [
        ("suspended", ConnectionState::Suspended),
        ("active", ConnectionState::Active),
    ] {
        let answer = person.post(&format!("{path}/state"), &[("state", word)]).await;
        assert_eq!(answer.location, Some(format!("{path}?done={word}")));
        assert_eq!(known().connection.state, state);
    }
}

/// A stranger's order waits, is bound and replayed by a person, and is an order like any other.
#[tokio::test]
async fn a_document_in_quarantine_is_bound_and_replayed() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    let strange = STRANGE_ORDER.replace("IDENTITY", "AN77000000077");
    let request = desk.client.post(format!("{}/cxml", desk.base));
    let answer = request
        .header("content-type", "text/xml")
        .body(strange.clone())
        .send()
        .await
        .unwrap();
    let answer = answer.text().await.unwrap();
    assert!(answer.contains("code=\"401\""), "{answer}");
    let reference = between(&answer, "Reference ", ".").to_owned();
    let person = desk.sign_in("nw-operator").await;
    let found = person.page(&format!("/admin/search?q={reference}")).await;
    let path = format!("/admin/quarantine/{reference}");
    assert!(found.contains(&path));
    let page = person.page(&path).await;
    assert!(page.contains("AN77000000077") && !page.contains("wrong-secret"));
    let to = seeded.production.to_string();
    let bound = person.post(&format!("{path}/bind"), &[("connection", &to)]).await;
    assert_eq!(bound.location, Some(format!("{path}?done={to}")));
    let replayed = person.post(&format!("{path}/replay"), &[("connection", &to)]).await;
    let exchange = replayed.location.unwrap();
    assert!(exchange.starts_with("/admin/exchanges/"), "{exchange}");
    let page = person.page(&exchange).await;
    assert!(page.contains("PO-STRANGE-1") && page.contains("/admin/orders/"));
    let again = person.post(&format!("{path}/replay"), &[("connection", &to)]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(person.page("/admin/connections").await.contains("Globex"));
    // The sender is known now, but its secret still is not.
    let request = desk.client.post(format!("{}/cxml", desk.base));
    let answer = request
        .header("content-type", "text/xml")
        .body(strange)
        .send()
        .await
        .unwrap();
    assert!(answer.text().await.unwrap().contains("code=\"401\""));
}

const STRANGE_ORDER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.069/cXML.dtd">
<cXML payloadID="strange-1@initech.example" timestamp="2026-11-24T08:00:00+00:00">
<Header>
<From><Credential domain="NetworkID"><Identity>IDENTITY</Identity></Credential></From>
<To><Credential domain="NetworkID"><Identity>AN01000000001</Identity></Credential></To>
<Sender><Credential domain="NetworkID"><Identity>IDENTITY</Identity><SharedSecret>wrong-secret</SharedSecret></Credential><UserAgent>x</UserAgent></Sender>
</Header>
<Request deploymentMode="production"><OrderRequest>
<OrderRequestHeader orderID="PO-STRANGE-1" orderDate="2026-11-24T08:00:00+00:00" type="new">
<Total><Money currency="EUR">10.00</Money></Total>
</OrderRequestHeader>
<ItemOut quantity="1" lineNumber="1"><ItemID><SupplierPartID>NW-1</SupplierPartID></ItemID>
<ItemDetail><UnitPrice><Money currency="EUR">10.00</Money></UnitPrice><Description xml:lang="en">Bolt</Description>
<UnitOfMeasure>EA</UnitOfMeasure><Classification domain="UNSPSC">31161500</Classification></ItemDetail></ItemOut>
</OrderRequest></Request></cXML>"#;

#[tokio::test]
async fn people_are_added_by_administrators() {
    let (desk, _) = seeded(&Clock::system()).await;
    let person = desk.sign_in("nw-admin").await;
    let mut form = [
        ("name", "Grace Hopper"),
        ("login", "nw-operator"),
        ("role", "viewer"),
        ("password", PASSWORD),
    ];
    let taken = person.post("/admin/staff", &form).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(taken.body.contains("id=\"login-fault\"") && taken.body.contains("value=\"Grace Hopper\""));
    assert!(!taken.body.contains(PASSWORD), "a password is never sent back");
    form[1].1 = "G.Hopper";
    assert_eq!(
        person.post("/admin/staff", &form).await.location.as_deref(),
        Some("/admin/staff?done=added")
    );
    desk.sign_in("g.hopper").await.page("/admin").await;
}

/// A list goes on by the last row above, and a long order by its parts.
#[tokio::test]
async fn long_lists_are_read_in_parts() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    many(&desk.gateway, &seeded, 120, 450).await;
    let person = desk.sign_in("nw-viewer").await;
    let mut path = "/admin/orders".to_owned();
    let mut found = Vec::new();
    for _ in 0..9 {
        let page = person.page(&path).await;
        let rows = page.match_indices("<a class=\"go\" href=\"/admin/orders/");
        found.extend(rows.map(|(at, mark)| page[at + mark.len()..][..36].to_owned()));
        let Some(at) = page.find("rel=\"next\" href=\"") else {
            break;
        };
        path = between(&page[at..], "href=\"", "\"").replace("&#38;", "&");
    }
    let all = found.len();
    found.sort();
    found.dedup();
    assert_eq!((all, found.len()), (126, 126), "each order once");
    let order = format!("/admin/orders/{}", seeded.held);
    let page = person.page(&order).await;
    assert_eq!(page.matches("<tr id=\"line-").count(), 200);
    assert_eq!(page.matches("<td class=\"text\" data-label=\"Change\">").count(), 100);
    assert!(page.contains("352 more lines changed"));
    assert!(page.contains("1 to 200 of 453") && page.contains(&format!("{order}?page=2")));
    let page = person.page(&format!("{order}?lines=differing&page=9")).await;
    assert_eq!(
        page.matches("<tr id=\"line-").count(),
        53,
        "the last part, whatever was asked for"
    );
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

/// The cookie cannot be read by scripts, is sent from our own pages only, and over HTTPS is bound to the host.
#[tokio::test]
async fn the_cookie_of_a_sign_in_is_kept_close() {
    let clock = Clock::system();
    for (address, name, secure) in [
        ("http://localhost:8080", "punchgate-loopback=", false),
        ("https://punchgate.example", "__Host-punchgate=", true),
    ] {
        let desk = Desk::open_as(sqlite(&clock).await, &clock, "127.0.0.1:0", address).await;
        party(&desk.gateway, "nw").await;
        let form = [("login", "nw-viewer"), ("password", PASSWORD)];
        let cookie = desk.post("/admin/sign-in", None, &form).await.cookie.unwrap();
        assert!(cookie.starts_with(name), "{name}");
        let mut attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
        attributes.sort_unstable();
        let expect: &[&str] = match secure {
            true => &["HttpOnly", "Path=/", "SameSite=Strict", "Secure"],
            false => &["HttpOnly", "Path=/", "SameSite=Strict"],
        };
        assert_eq!(attributes, expect);
        let request = desk.client.post(format!("{}/admin/sign-in", desk.base));
        let request = request.header("sec-fetch-site", "cross-site");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body("login=nw-viewer&password=x").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "signed in by another site");
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
    let seeded = seed(&desk.gateway, "nw").await;
    if std::env::var_os("PUNCHGATE_TEST_MANY").is_some() {
        many(&desk.gateway, &seeded, 1_000, 1_000).await;
    }
    println!("{}/admin nw-admin {PASSWORD:?}", desk.base);
    std::future::pending::<()>().await;
}
