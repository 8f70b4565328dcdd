//! REST and OData: pages of JSON over HTTP, with the ways to say who we are that ERPs ask for.

use std::collections::BTreeMap;

use super::asked::{self, of_question, of_settings};
use super::fault::{Class, Fault};
use super::link::{Access, Call, Page, Question, Window, json, sent};
use super::mapping::{self, Login};
use super::path::Path;
use super::template::{filled, filled_address, filled_text};
use super::value::Value;
use crate::transport::{Answer, HttpClient, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Letters of a refusal that are told.
const REFUSAL_CHARS_MAX: usize = 300;

/// A way to an ERP by REST or OData.
pub struct Rest {
    client: HttpClient,
    spoken: mapping::Rest,
    access: Access,
    session: Option<Session>,
}

/// What goes with every question of a session.
#[derive(Clone, Default)]
struct Session {
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    /// What goes with everything that changes something.
    token: Option<(String, String)>,
}

impl Session {
    /// Keeps the cookies of an answer; a new one takes the place of one of its name.
    fn take_cookies(&mut self, answer: &Answer) {
        let given = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
        for cookie in given.filter_map(|(_, cookie)| cookie.split(';').next()) {
            let name = cookie.split('=').next().unwrap_or(cookie);
            self.cookies.retain(|known| known.split('=').next() != Some(name));
            self.cookies.push(cookie.to_owned());
        }
    }

    fn all_headers(&self) -> Vec<(String, String)> {
        let cookies = (!self.cookies.is_empty()).then(|| ("cookie".to_owned(), self.cookies.join("; ")));
        self.headers.iter().cloned().chain(cookies).collect()
    }
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
        let mut headers = self.session().await?.all_headers();
        headers.push(("accept".to_owned(), "application/json".to_owned()));
        let named = |name: &str| self.named(name, question);
        for (name, value) in &self.spoken.headers {
            headers.push((name.to_ascii_lowercase(), filled_text(value, &named)?));
        }
        let body = match &self.spoken.body {
            Some(body) => {
                headers.push(("content-type".to_owned(), "application/json".to_owned()));
                let body = with_from(&Value::from_toml(body), question.from);
                Some(filled(&body, &named)?.to_json().into_bytes())
            }
            None => None,
        };
        let request = Request {
            url: self.page_url(question)?,
            headers,
            body,
            ..Request::default()
        };
        let answer = match self.exchange(request).await {
            Err(fault) if fault.is_missing && question.only.is_some() => return Ok(Page::default()),
            answered => json(&answered?)?,
        };
        self.page(question, &answer)
    }

    /// Asks for something to be done.
    pub async fn do_call(&mut self, call: &Call) -> Result<Value, Fault> {
        let method = call.method.clone().unwrap_or_else(|| {
            let method = if call.with.is_some() { "POST" } else { "GET" };
            method.to_owned()
        });
        self.session().await?;
        if method != "GET" {
            self.fetch_token().await?;
        }
        let session = self.session.clone().unwrap_or_default();
        let mut headers = session.all_headers();
        headers.push(("accept".to_owned(), "application/json".to_owned()));
        headers.extend(session.token.filter(|_| method != "GET"));
        headers.extend(call.headers.clone());
        if call.with.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let request = Request {
            url: self.url(&call.call)?,
            headers,
            body: call.with.as_ref().map(|with| with.to_json().into_bytes()),
            method: Some(method),
        };
        let answer = sent(&self.client, request).await?;
        if answer.status == 404 && call.may_be_missing {
            return Ok(Value::Null);
        }
        let answer = self.good(answer)?;
        if answer.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        Ok(self.plain(json(&answer)?))
    }

    async fn session(&mut self) -> Result<&mut Session, Fault> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.log_in().await?,
        };
        Ok(self.session.insert(session))
    }

    /// The token for changes, once in a session.
    async fn fetch_token(&mut self) -> Result<(), Fault> {
        let Some(csrf) = self.spoken.csrf.clone() else {
            return Ok(());
        };
        let session = self.session.clone().unwrap_or_default();
        if session.token.is_some() {
            return Ok(());
        }
        let mut headers = session.all_headers();
        headers.push((csrf.header.clone(), "fetch".to_owned()));
        headers.push(("accept".to_owned(), "application/json".to_owned()));
        let named = |name: &str| self.of_access(name);
        let request = Request {
            url: self.url(&filled_address(&csrf.path, &named)?)?,
            headers,
            ..Request::default()
        };
        let answer = self.exchange(request).await?;
        let token = answer.header(&csrf.header.to_ascii_lowercase()).map(str::to_owned);
        let token = token.ok_or_else(|| Fault::ask(format!("the ERP gave no {}", csrf.header)))?;
        if let Some(session) = &mut self.session {
            session.take_cookies(&answer);
            session.token = Some((csrf.header, token));
        }
        Ok(())
    }

    async fn exchange(&self, request: Request) -> Result<Answer, Fault> {
        self.good(sent(&self.client, request).await?)
    }

    /// An answer that is a good one; of another the reason that the ERP gives.
    fn good(&self, answer: Answer) -> Result<Answer, Fault> {
        let Some(fault) = Fault::of_status(answer.status, answer.header("retry-after")) else {
            return Ok(answer);
        };
        let text = answer.text();
        if self.spoken.busy.iter().any(|word| text.contains(word.as_str())) {
            return Err(Fault {
                class: Class::Retry,
                ..fault
            });
        }
        // The token of changes has ended with its session; nothing was done.
        if let Some(csrf) = &self.spoken.csrf
            && answer.status == 403
            && let Some(token) = answer.header(&csrf.header.to_ascii_lowercase())
            && token.eq_ignore_ascii_case("required")
        {
            return Err(Fault {
                is_unauthorized: true,
                ..fault
            });
        }
        let said = self.refusal(&text);
        Err(Fault {
            text: match said {
                Some(said) => format!("{}: {said}", fault.text),
                None => fault.text,
            },
            ..fault
        })
    }

    fn refusal(&self, text: &str) -> Option<String> {
        let path = self.spoken.refusal.as_ref()?;
        let answer = Value::parse(text).ok()?;
        let said = member_at(&answer, &path.dotted())?.as_text()?.trim();
        let said: String = said.chars().take(REFUSAL_CHARS_MAX).collect();
        (!said.is_empty()).then_some(said)
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
        let Value::List(records) = self.plain(rows) else {
            return Err(Fault::ask("the rows of the answer are no list"));
        };
        let next = match &self.spoken.next {
            // The address of the next page, as long as there is one.
            Some(path) => member_at(answer, &path.dotted())
                .and_then(Value::as_text)
                .filter(|next| !next.is_empty())
                .map(str::to_owned),
            // After the last page comes an empty one.
            None if records.is_empty() => None,
            None if !self.says(question, &["{offset}", "{after}", "{domain}"]) => {
                if records.len() >= question.limit {
                    let text = format!("{} gives {} records or more at once", question.from, question.limit);
                    return Err(Fault::ask(text));
                }
                None
            }
            None => Some(self.after(question, &records)?),
        };
        Ok(Page { records, next })
    }

    /// Values with the ERP's ways to write lists and nothing written plainly.
    fn plain(&self, value: Value) -> Value {
        match value {
            Value::Yes(false) if self.spoken.false_is_nothing => Value::Null,
            Value::List(items) => Value::List(items.into_iter().map(|item| self.plain(item)).collect()),
            Value::Record(members) => {
                if let ([(name, Value::List(_))], Some(lists)) = (members.as_slice(), &self.spoken.lists)
                    && name == lists
                {
                    let list = members.into_iter().next().map(|(_, list)| list).unwrap_or_default();
                    return self.plain(list);
                }
                let members = members.into_iter().map(|(name, value)| (name, self.plain(value)));
                Value::Record(members.collect())
            }
            other => other,
        }
    }

    /// Where the page after some records begins: so many on, or after the last key.
    fn after(&self, question: &Question<'_>, records: &[Value]) -> Result<String, Fault> {
        if self.says(question, &["{after}", "{domain}"]) {
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

    /// Whether what is asked says one of some placeholders.
    fn says(&self, question: &Question<'_>, placeholders: &[&str]) -> bool {
        let body = self.spoken.body.as_ref().map(|body| Value::from_toml(body).to_json());
        let said = [
            self.template(question),
            question.from,
            body.as_deref().unwrap_or_default(),
        ];
        placeholders
            .iter()
            .any(|name| said.iter().any(|said| said.contains(name)))
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
        let template = self.template(question).replace("{from}", question.from);
        self.url(&filled_address(&template, &|name| self.named(name, question))?)
    }

    /// An address after the source's own; one that the mapping or the settings say as a whole stays as it is.
    fn url(&self, path: &str) -> Result<String, Fault> {
        if path.starts_with("https://") || path.starts_with("http://") {
            return Ok(path.to_owned());
        }
        Ok(format!(
            "{}/{}",
            self.access.url.trim_end_matches('/'),
            path.trim_start_matches('/')
        ))
    }

    /// The address of the next page, which must be the ERP's own: nothing is fetched elsewhere because an answer says so.
    fn next_url(&self, next: &str) -> Result<String, Fault> {
        let base = url::Url::parse(&self.url("")?).map_err(|error| Fault::ask(format!("the source's url: {error}")))?;
        let next = base
            .join(next)
            .map_err(|error| Fault::ask(format!("the address of the next page: {error}")))?;
        if next.origin() != base.origin() {
            return Err(Fault::ask("the address of the next page is not the ERP's own"));
        }
        Ok(next.to_string())
    }

    /// What placeholders of the user and the settings stand for.
    fn of_access(&self, name: &str) -> Result<Option<Value>, Fault> {
        Ok(match name {
            "user" => Some(Value::text(&self.access.user)),
            "password" => Some(Value::text(&self.access.password)),
            name => of_settings(&self.access, name),
        })
    }

    fn named(&self, name: &str, question: &Question<'_>) -> Result<Option<Value>, Fault> {
        Ok(Some(match name {
            "since" => asked::since(question, self.spoken.since.as_deref())?,
            "filter" => match &question.filter {
                Value::Text(text) => Value::Text(filled_text(text, &|name| self.named(name, question))?),
                other => other.clone(),
            },
            "domain" => self.domain(question)?,
            "context" => filled(&question.context, &|name| self.named(name, question))?,
            "key" => Value::text(question.only.unwrap_or_default()),
            name => return Ok(of_question(name, question).or_else(|| of_settings(&self.access, name))),
        }))
    }

    /// The conditions of a question as a list of three each, as Odoo has them: the filter, what changed, what comes after.
    fn domain(&self, question: &Question<'_>) -> Result<Value, Fault> {
        let mut domain = match filled(&question.filter, &|name| self.named(name, question))? {
            Value::List(items) => items,
            _ => Vec::new(),
        };
        let clause = |path: &Path, relation: &str, value| {
            Value::List(vec![Value::text(path.dotted()), Value::text(relation), value])
        };
        let since = asked::since(question, self.spoken.since.as_deref())?;
        if let (Value::Text(_), Some((last, others))) = (&since, question.changed.split_last()) {
            domain.extend(others.iter().map(|_| Value::text("|")));
            domain.extend(
                others
                    .iter()
                    .chain([last])
                    .map(|path| clause(path, ">=", since.clone())),
            );
        }
        if let Some(after) = &question.position {
            let after = match after.parse::<u64>() {
                Ok(_) => Value::Number(after.clone()),
                Err(_) => Value::text(after),
            };
            domain.push(clause(question.key, ">", after));
        }
        Ok(Value::List(domain))
    }

    async fn log_in(&self) -> Result<Session, Fault> {
        let Access { user, password, .. } = &self.access;
        let authorization = |value: String| Session {
            headers: vec![("authorization".to_owned(), value)],
            ..Session::default()
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
            Login::Token { path, body, token } => {
                let answer = json(&self.post_body(path, body).await?)?;
                let found = member_at(&answer, &token.dotted()).and_then(Value::as_text);
                let found = found.ok_or_else(|| Fault::ask(format!("the ERP gave no {}", token.dotted())))?;
                authorization(format!("Bearer {found}"))
            }
            Login::Session { path, body } => {
                let mut session = Session::default();
                session.take_cookies(&self.post_body(path, body).await?);
                if session.cookies.is_empty() {
                    return Err(Fault::ask("the ERP began no session: it gave no cookie"));
                }
                session
            }
        })
    }

    async fn post_body(&self, path: &str, body: &BTreeMap<String, String>) -> Result<Answer, Fault> {
        let members = body.iter().map(|(name, value)| (name.clone(), Value::text(value)));
        let body = filled(&Value::Record(members.collect()), &|name| self.of_access(name))?;
        self.post(path, "application/json", body.to_json()).await
    }

    async fn post(&self, path: &str, kind: &str, body: String) -> Result<Answer, Fault> {
        let request = Request {
            url: self.url(&address(path, &self.access, &|name| self.of_access(name))?)?,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: Some(body.into_bytes()),
            ..Request::default()
        };
        // A refusal here is one of who we are, not of a session that ended; its words may quote what was sent.
        let answer = sent(&self.client, request).await?;
        match Fault::of_status(answer.status, answer.header("retry-after")) {
            None => Ok(answer),
            Some(fault) => Err(Fault {
                is_unauthorized: false,
                ..fault
            }),
        }
    }
}

/// A template with its placeholders filled in; where it begins with one of the settings, that one is an address as a whole.
fn address(template: &str, access: &Access, named: super::template::Named<'_>) -> Result<String, Fault> {
    let first = template.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    match first.and_then(|(name, rest)| Some((of_settings(access, name)?, rest))) {
        Some((base, rest)) => {
            let base = base.as_text().unwrap_or_default().trim_end_matches('/').to_owned();
            Ok(base + &filled_address(rest, named)?)
        }
        None => filled_address(template, named),
    }
}

/// A template in whose texts `{from}` stands for what an entity says, which may itself have placeholders.
fn with_from(template: &Value, from: &str) -> Value {
    match template {
        Value::Text(text) => Value::Text(text.replace("{from}", from)),
        Value::List(items) => Value::List(items.iter().map(|item| with_from(item, from)).collect()),
        Value::Record(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (name.clone(), with_from(value, from)));
            Value::Record(members.collect())
        }
        other => other.clone(),
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

/// A member by its whole name, which may have points in it (`@odata.nextLink`), else by the names between them; a number
/// is a place in a list.
fn member_at<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    if let Value::List(items) = value {
        let (place, rest) = name.split_once('.').unwrap_or((name, ""));
        let item = items.get(place.parse::<usize>().ok()?)?;
        return if rest.is_empty() {
            Some(item)
        } else {
            member_at(item, rest)
        };
    }
    value.member(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        member_at(value.member(first)?, rest)
    })
}
