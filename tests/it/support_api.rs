//! Programs for the stories of the door for programs.

use punchgate::domain::api_client::{ApiClient, Scope};
use punchgate::domain::staff::{Role, Staff};
use punchgate::domain::word::Word;
use punchgate::service::api_client::{self, NewClient};
use punchgate::service::staff;
use serde_json::Value;

use crate::support::{Answer, Stand};

/// A program with its token.
pub struct Program<'a> {
    pub stand: &'a Stand,
    pub client: ApiClient,
    pub token: String,
}

/// A person who may make programs.
pub async fn administrator(stand: &Stand) -> Staff {
    let password = "long enough to be one";
    let made = staff::create(&stand.gateway, stand.tenant_id, "root", "Root", password, Role::Admin);
    made.await.unwrap()
}

impl<'a> Program<'a> {
    /// A program that may do this.
    pub async fn new(stand: &'a Stand, by: &Staff, scopes: &[Scope]) -> Program<'a> {
        Program::until(stand, by, scopes, None).await
    }

    /// The same with an end.
    pub async fn until(stand: &'a Stand, by: &Staff, scopes: &[Scope], days: Option<i64>) -> Program<'a> {
        let new = NewClient {
            id: api_client::new_id(&stand.gateway),
            name: "ERP",
            scopes: scopes.to_vec(),
            days,
        };
        let (client, token) = api_client::create(&stand.gateway, by, new).await.unwrap();
        Program { stand, client, token }
    }

    /// A program that may do everything.
    pub async fn with_all(stand: &'a Stand) -> Program<'a> {
        let by = administrator(stand).await;
        Program::new(stand, &by, Scope::ALL).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", b"").await
    }

    pub async fn post(&self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        self.ask("POST", path, content_type, body).await
    }

    pub async fn ask(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", content_type)];
        let headers = if content_type.is_empty() {
            &headers[..1]
        } else {
            &headers
        };
        ask(self.stand, method, path, headers, body).await
    }
}

/// One request over a connection of its own.
pub async fn ask(stand: &Stand, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: gate.example\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        body.len()
    );
    stand.raw(&[head.as_bytes(), body].concat()).await
}

pub fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{} {}", answer.status, answer.text()))
}

/// The problem that an answer is; everything that must be in each is looked at.
pub fn problem(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = json(answer);
    assert_eq!(problem["status"], status, "{problem}");
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    assert!(text("type").starts_with("/api/v1/problems/"), "{problem}");
    assert!(text("instance").starts_with("urn:uuid:"), "{problem}");
    assert!(text("title").len() > 5 && text("detail").len() > 10, "{problem}");
    let must_wait = [429, 503].contains(&status);
    assert_eq!(answer.header("retry-after").is_some(), must_wait, "{problem}");
    problem
}
