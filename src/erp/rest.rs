//! REST and OData: pages of JSON over HTTP, with the ways to say who we are that ERPs ask for.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::fault::Fault;
use super::link::{Access, Page, Question, Window, exchange, filled, filled_text, json};
use super::mapping::{self, Login};
use super::value::Value;
use crate::transport::{HttpClient, Request};

/// A way to an ERP by REST or OData.
pub struct Rest {
    client: HttpClient,
    spoken: mapping::Rest,
    access: Access,
    session: Option<Session>,
}

/// What goes with every question of a session.
struct Session {
    headers: Vec<(String, String)>,
}

impl Rest {
    /// A way that begins a session with the first question, where the ERP has sessions.
    pub fn new(client: HttpClient, spoken: &mapping::Rest, access: &Access) -> Rest {
        Rest {
            client,
            spoken: spoken.clone(),
            access: access.clone(),
            session: None,
        }
    }

    /// The next question begins a new session.
    pub fn forget_session(&mut self) {
        self.session = None;
    }

    /// Whether the mapping says how one record is asked for.
    pub fn knows_keys(&self) -> bool {
        self.spoken.record.is_some()
    }

    /// Asks for a page.
    pub async fn ask(&mut self, question: &Question<'_>) -> Result<Page, Fault> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.log_in().await?,
        };
        let mut headers = session.headers.clone();
        self.session = Some(session);
        headers.push(("accept".to_owned(), "application/json".to_owned()));
        for (name, value) in &self.spoken.headers {
            let value = filled_text(value, &|name| self.named(name, question, false))?;
            headers.push((name.to_ascii_lowercase(), value));
        }
        let request = Request {
            url: self.page_url(question)?,
            headers,
            body: None,
        };
        let answer = match exchange(&self.client, request).await {
            Err(fault) if fault.is_missing && question.only.is_some() => return Ok(Page::default()),
            answered => json(&answered?)?,
        };
        self.page(question, &answer)
    }

    fn page(&self, question: &Question<'_>, answer: &Value) -> Result<Page, Fault> {
        if question.only.is_some() {
            let found = match answer {
                Value::Record(_) if self.spoken.rows.is_empty() || member_at(answer, &self.spoken.rows).is_none() => {
                    Value::List(vec![answer.clone()])
                }
                other => member_at(other, &self.spoken.rows).unwrap_or(other).clone(),
            };
            return Ok(Page {
                records: found.items().to_vec(),
                next: None,
            });
        }
        let rows = match self.spoken.rows.as_str() {
            "" => answer.clone(),
            rows => member_at(answer, rows)
                .cloned()
                .ok_or_else(|| Fault::ask(format!("the answer has no {rows}, where the rows should be")))?,
        };
        let Value::List(records) = rows else {
            return Err(Fault::ask("the rows of the answer are no list"));
        };
        let next = match &self.spoken.next {
            // The address of the next page, as long as there is one.
            Some(path) => member_at(answer, &path.dotted())
                .and_then(Value::as_text)
                .map(str::to_owned),
            // After the last page comes an empty one.
            None if records.is_empty() => None,
            None => Some(self.after(question, &records)?),
        };
        Ok(Page { records, next })
    }

    /// Where the page after some records begins: so many on, or after the last key.
    fn after(&self, question: &Question<'_>, records: &[Value]) -> Result<String, Fault> {
        if self.template(question).contains("{after}") {
            let last = records.last().and_then(|record| question.key.of(record).ok());
            let last = last.as_ref().and_then(Value::as_text).map(str::to_owned);
            return last.ok_or_else(|| Fault::ask(format!("the last record has no {}", question.key.dotted())));
        }
        let before: usize = question
            .position
            .as_deref()
            .and_then(|offset| offset.parse().ok())
            .unwrap_or(0);
        Ok((before + records.len()).to_string())
    }

    fn template(&self, question: &Question<'_>) -> &str {
        match (&self.spoken.changed, question.window) {
            _ if question.only.is_some() => self.spoken.record.as_deref().unwrap_or(&self.spoken.page),
            (Some(changed), Window::Since(_)) => changed,
            _ => &self.spoken.page,
        }
    }

    fn page_url(&self, question: &Question<'_>) -> Result<String, Fault> {
        if let (Some(_), Some(next)) = (&self.spoken.next, &question.position) {
            return self.next_url(next);
        }
        let path = filled_text(self.template(question), &|name| self.named(name, question, true))?;
        Ok(self.url(&path))
    }

    fn url(&self, path: &str) -> String {
        format!(
            "{}/{}",
            self.access.url.trim_end_matches('/'),
            path.trim_start_matches('/')
        )
    }

    /// The address of the next page, which must be the ERP's own: nothing is fetched elsewhere because an answer says so.
    fn next_url(&self, next: &str) -> Result<String, Fault> {
        let base = url::Url::parse(&self.url("")).map_err(|error| Fault::ask(format!("the source's url: {error}")))?;
        let next = base
            .join(next)
            .map_err(|error| Fault::ask(format!("the address of the next page: {error}")))?;
        if next.origin() != base.origin() {
            return Err(Fault::ask("the address of the next page is not the ERP's own"));
        }
        Ok(next.to_string())
    }

    fn named(&self, name: &str, question: &Question<'_>, is_url: bool) -> Option<Value> {
        let text = match name {
            "from" => return Some(Value::text(question.from)),
            "fields" => question.fields.join(","),
            "filter" => match &question.filter {
                Value::Text(text) => filled_text(text, &|name| self.named(name, question, false)).ok()?,
                _ => String::new(),
            },
            "since" => match question.window {
                Window::Since(at) => at.to_string(),
                _ => "1970-01-01T00:00:00Z".to_owned(),
            },
            "limit" => question.limit.to_string(),
            "offset" => question.position.clone().unwrap_or_else(|| "0".to_owned()),
            "key" => question.only.unwrap_or_default().to_owned(),
            "after" => question.position.clone().unwrap_or_default(),
            "today" => question.today.to_string(),
            name => question
                .each?
                .member(name.strip_prefix("each.")?)?
                .as_text()?
                .to_owned(),
        };
        Some(Value::Text(match is_url {
            true => utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string(),
            false => text,
        }))
    }

    async fn log_in(&self) -> Result<Session, Fault> {
        let Access { user, password, .. } = &self.access;
        let authorization = |value: String| Session {
            headers: vec![("authorization".to_owned(), value)],
        };
        Ok(match &self.spoken.login {
            Login::Basic => authorization(format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))),
            Login::Bearer => authorization(format!("Bearer {password}")),
            Login::ClientCredentials { token, scope } => {
                let form = client_credentials(user, password, scope.as_deref());
                let answer = self.post(token, "application/x-www-form-urlencoded", form).await?;
                let answer = json(&answer)?;
                let token = answer.member("access_token").and_then(Value::as_text);
                let token = token.ok_or_else(|| Fault::ask("the ERP gave no access_token"))?;
                authorization(format!("Bearer {token}"))
            }
            Login::Session { path, body } => self.begin(path, body).await?,
        })
    }

    async fn begin(&self, path: &str, body: &BTreeMap<String, String>) -> Result<Session, Fault> {
        let members = body.iter().map(|(name, value)| (name.clone(), Value::text(value)));
        let named = |name: &str| match name {
            "user" => Some(Value::text(&self.access.user)),
            "password" => Some(Value::text(&self.access.password)),
            _ => None,
        };
        let body = filled(&Value::Record(members.collect()), &named)?;
        let answer = self.post(path, "application/json", body.to_json()).await?;
        let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
        let cookies: Vec<&str> = cookies.filter_map(|(_, cookie)| cookie.split(';').next()).collect();
        if cookies.is_empty() {
            return Err(Fault::ask("the ERP began no session: it gave no cookie"));
        }
        Ok(Session {
            headers: vec![("cookie".to_owned(), cookies.join("; "))],
        })
    }

    async fn post(&self, path: &str, kind: &str, body: String) -> Result<crate::transport::Answer, Fault> {
        let request = Request {
            url: self.url(path),
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: Some(body.into_bytes()),
        };
        // A refusal here is one of who we are, not of a session that ended.
        exchange(&self.client, request).await.map_err(|fault| Fault {
            is_unauthorized: false,
            ..fault
        })
    }
}

fn client_credentials(user: &str, password: &str, scope: Option<&str>) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials")
        .append_pair("client_id", user)
        .append_pair("client_secret", password);
    if let Some(scope) = scope {
        form.append_pair("scope", scope);
    }
    form.finish()
}

/// A member by its whole name, which may have points in it (`@odata.nextLink`), else by the names between them.
fn member_at<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.member(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        member_at(value.member(first)?, rest)
    })
}
