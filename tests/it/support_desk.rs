//! The admin side for its stories: a gateway that listens, and people with browsers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::http;
use punchgate::service::Gateway;
use punchgate::service::keys::Keys;
use reqwest::header::{CACHE_CONTROL, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, StatusCode};

use crate::admin_seed::{PASSWORD, Seeded, seed};
use crate::support_store::{TestStore, sqlite};

/// A gateway that listens on loopback, over a database of its own.
pub struct Desk {
    pub gateway: Arc<Gateway>,
    pub base: String,
    pub client: Client,
    store: TestStore,
}

impl Desk {
    pub async fn open(store: TestStore, clock: &Clock, bind: &str) -> Desk {
        Desk::open_as(store, clock, bind, "http://localhost:8080").await
    }

    /// A gateway that is reached under another address, as behind a proxy.
    pub async fn open_as(store: TestStore, clock: &Clock, bind: &str, public_url: &str) -> Desk {
        let mut config = Config::default();
        config.server.bind = bind.to_owned();
        config.server.public_url = public_url.to_owned();
        config.server.workers = 1;
        Desk::open_with(store, clock, config).await
    }

    /// A gateway that is configured.
    pub async fn open_with(store: TestStore, clock: &Clock, mut config: Config) -> Desk {
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
            store,
        }
    }

    /// Its database, for whoever changes rows past the program.
    pub fn store(&self) -> &TestStore {
        &self.store
    }

    pub async fn sign_in(&self, login: &str) -> Person<'_> {
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

    pub async fn get(&self, path: &str, cookie: Option<&str>) -> Answer {
        let mut request = self.client.get(format!("{}{path}", self.base));
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, cookie: Option<&str>, form: &[(&str, &str)]) -> Answer {
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

pub struct Answer {
    pub status: StatusCode,
    pub location: Option<String>,
    pub cookie: Option<String>,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Answer {
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
pub struct Person<'a> {
    pub desk: &'a Desk,
    pub cookie: String,
}

impl Person<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.desk.get(path, Some(&self.cookie)).await
    }

    /// The page, which must be there.
    pub async fn page(&self, path: &str) -> String {
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
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let page = self.page("/admin/orders").await;
        let code = between(&page, "name=\"csrf\" value=\"", "\"");
        let mut form = form.to_vec();
        form.push(("csrf", code));
        self.desk.post(path, Some(&self.cookie), &form).await
    }
}

pub fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let from = text.find(start).unwrap() + start.len();
    &text[from..from + text[from..].find(end).unwrap()]
}

pub async fn seeded(clock: &Clock) -> (Desk, Seeded) {
    let desk = Desk::open(sqlite(clock).await, clock, "127.0.0.1:0").await;
    let seeded = seed(&desk.gateway, "nw").await;
    (desk, seeded)
}
