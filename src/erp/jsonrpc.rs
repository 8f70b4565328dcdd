//! JSON-RPC as Tryton speaks it: a session, a user's context with every question, values of kinds that JSON has not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::fault::Fault;
use super::link::{Access, Page, Question, Window, exchange, json};
use super::mapping;
use super::template::filled;
use super::value::Value;
use crate::transport::{HttpClient, Request};

/// A way to an ERP by JSON-RPC.
pub struct JsonRpc {
    client: HttpClient,
    spoken: mapping::JsonRpc,
    access: Access,
    session: Option<Session>,
    number: u64,
}

struct Session {
    authorization: String,
    context: Value,
}

impl JsonRpc {
    /// A way that begins a session with the first question.
    pub fn new(client: HttpClient, spoken: &mapping::JsonRpc, access: &Access) -> JsonRpc {
        JsonRpc {
            client,
            spoken: spoken.clone(),
            access: access.clone(),
            session: None,
            number: 0,
        }
    }

    /// The next question begins a new session.
    pub fn forget_session(&mut self) {
        self.session = None;
    }

    /// Asks for a page, in the order of the keys; after the last page there is an empty one, so that a page that is cut
    /// short by the ERP is not taken for the last.
    pub async fn ask(&mut self, question: &Question<'_>) -> Result<Page, Fault> {
        self.log_in().await?;
        let key = question.key.dotted();
        let fields: Vec<Value> = match question.window {
            Window::Keys => vec![Value::text(&key)],
            _ => question.fields.iter().map(Value::text).collect(),
        };
        let limit = Value::Number(question.limit.to_string());
        let order = Value::List(vec![Value::List(vec![Value::text(&key), Value::text("ASC")])]);
        let context = filled(&question.context, &|name| Ok(named(name, question)))?;
        let context = self.session.as_ref().map(|session| merged(&session.context, context));
        let params = vec![
            domain(question)?,
            Value::Number("0".to_owned()),
            limit,
            order,
            Value::List(fields),
            context.unwrap_or_default(),
        ];
        let method = self.spoken.search.replace("{from}", question.from);
        let records = match self.call(&method, params).await? {
            Value::List(records) => records,
            _ => return Err(Fault::ask(format!("{method} did not answer with a list"))),
        };
        let mut last = question.position.clone();
        for record in &records {
            let key = question
                .key
                .of(record)
                .ok()
                .and_then(|key| key.as_text().map(str::to_owned));
            let number = |text: &str| text.parse::<u64>().ok();
            let key = key.filter(|key| match (number(key), last.as_deref().and_then(number)) {
                (Some(key), Some(last)) => key > last,
                (key, None) => key.is_some(),
                _ => false,
            });
            last = Some(key.ok_or_else(|| Fault::ask(format!("{method} does not answer in the order of its keys")))?);
        }
        Ok(Page {
            next: last.filter(|_| !records.is_empty()),
            records,
        })
    }

    /// Calls a method with parameters, the user's context after them with what is said over it.
    pub async fn do_call(&mut self, method: &str, params: Value, over: Value) -> Result<Value, Fault> {
        let context = merged(&self.context().await?, over);
        let mut params = match params {
            Value::List(params) => params,
            other => vec![other],
        };
        params.push(context);
        self.call(method, params).await
    }

    /// The context of the user.
    pub async fn context(&mut self) -> Result<Value, Fault> {
        self.log_in().await?;
        Ok(self
            .session
            .as_ref()
            .map(|session| session.context.clone())
            .unwrap_or_default())
    }

    async fn log_in(&mut self) -> Result<(), Fault> {
        if self.session.is_some() {
            return Ok(());
        }
        let password = Value::Record(vec![("password".to_owned(), Value::text(&self.access.password))]);
        let login = self.spoken.login.clone();
        let answer = self
            .call(&login, vec![Value::text(&self.access.user), password])
            .await?;
        let [user, token, ..] = answer.items() else {
            return Err(Fault::ask("the ERP does not accept the user or the password"));
        };
        let (user, token) = (user.as_text().unwrap_or_default(), token.as_text().unwrap_or_default());
        let session = STANDARD.encode(format!("{}:{user}:{token}", self.access.user));
        self.session = Some(Session {
            authorization: format!("Session {session}"),
            context: Value::Record(Vec::new()),
        });
        let context = self.spoken.context.clone();
        let context = self
            .call(&context, vec![Value::Yes(true), Value::Record(Vec::new())])
            .await?;
        if let Some(session) = &mut self.session {
            session.context = context;
        }
        Ok(())
    }

    async fn call(&mut self, method: &str, params: Vec<Value>) -> Result<Value, Fault> {
        self.number += 1;
        let body = Value::Record(vec![
            ("id".to_owned(), Value::Number(self.number.to_string())),
            ("method".to_owned(), Value::text(method)),
            ("params".to_owned(), Value::List(params)),
        ]);
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        if let Some(session) = &self.session {
            headers.push(("authorization".to_owned(), session.authorization.clone()));
        }
        let request = Request {
            url: format!("{}/rpc/", self.access.url.trim_end_matches('/')),
            headers,
            body: Some(body.to_json().into_bytes()),
            ..Request::default()
        };
        let answer = json(&exchange(&self.client, request).await?)?;
        if let Some(error) = answer.member("error").filter(|error| error.is_yes()) {
            let parts = error.items().iter().flat_map(|part| match part.items() {
                [] => std::slice::from_ref(part),
                parts => parts,
            });
            let words: Vec<&str> = parts
                .filter_map(Value::as_text)
                .filter(|text| !text.is_empty())
                .take(3)
                .collect();
            let words: String = words.join(": ").chars().take(300).collect();
            return Err(Fault::ask(format!("{method}: the ERP said {words}")));
        }
        let result = answer.member("result").cloned();
        let result =
            result.ok_or_else(|| Fault::retry(format!("{method}: the answer has neither result nor error")))?;
        Ok(plain(result))
    }
}

/// Two records, the second over the first.
fn merged(under: &Value, over: Value) -> Value {
    let (Value::Record(under), Value::Record(over)) = (under, over) else {
        return under.clone();
    };
    let kept = under
        .iter()
        .filter(|(name, _)| over.iter().all(|(other, _)| other != name));
    Value::Record(kept.cloned().chain(over.clone()).collect())
}

/// What `{name}` stands for in filters and contexts.
fn named(name: &str, question: &Question<'_>) -> Option<Value> {
    match name {
        "today" => Some(date(question.today)),
        name => question.each?.member(name.strip_prefix("each.")?).cloned(),
    }
}

fn domain(question: &Question<'_>) -> Result<Value, Fault> {
    let mut domain = match filled(&question.filter, &|name| Ok(named(name, question)))? {
        Value::List(items) => items,
        _ => Vec::new(),
    };
    if let Window::Since(since) = question.window {
        let changed = question
            .changed
            .iter()
            .map(|path| Value::List(vec![Value::text(path.dotted()), Value::text(">="), datetime(since)]));
        domain.push(Value::List(std::iter::once(Value::text("OR")).chain(changed).collect()));
    }
    if let Some(key) = question.only {
        let value = match key.parse::<u64>() {
            Ok(number) => Value::Number(number.to_string()),
            Err(_) => Value::text(key),
        };
        domain.push(Value::List(vec![
            Value::text(question.key.dotted()),
            Value::text("="),
            value,
        ]));
    }
    if let Some(after) = &question.position {
        domain.push(Value::List(vec![
            Value::text(question.key.dotted()),
            Value::text(">"),
            Value::Number(after.clone()),
        ]));
    }
    Ok(Value::List(domain))
}

fn class(name: &str, members: &[(&str, i32)]) -> Value {
    let members = members
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::Number(value.to_string())));
    let class = std::iter::once(("__class__".to_owned(), Value::text(name)));
    Value::Record(class.chain(members).collect())
}

fn date(day: Date) -> Value {
    class(
        "date",
        &[
            ("year", day.year().into()),
            ("month", day.month().into()),
            ("day", day.day().into()),
        ],
    )
}

fn datetime(at: Timestamp) -> Value {
    let at = at.to_zoned(TimeZone::UTC).datetime();
    class(
        "datetime",
        &[
            ("year", at.year().into()),
            ("month", at.month().into()),
            ("day", at.day().into()),
            ("hour", at.hour().into()),
            ("minute", at.minute().into()),
            ("second", at.second().into()),
            ("microsecond", at.subsec_nanosecond() / 1_000),
        ],
    )
}

/// Values with those of other kinds written plainly: decimals as numbers, days and moments as texts, spans in seconds.
fn plain(value: Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.into_iter().map(plain).collect()),
        Value::Record(members) => {
            let record = Value::Record(members);
            let part = |name: &str| record.member(name).and_then(Value::as_text).unwrap_or("0").to_owned();
            let digits = |name: &str, width: usize| format!("{:0>width$}", part(name));
            let day = || format!("{}-{}-{}", digits("year", 4), digits("month", 2), digits("day", 2));
            let class = record.member("__class__").and_then(Value::as_text);
            match class {
                Some("Decimal") => Value::Number(part("decimal")),
                Some("date") => Value::Text(day()),
                Some("datetime") => Value::Text(format!(
                    "{}T{}:{}:{}.{}Z",
                    day(),
                    digits("hour", 2),
                    digits("minute", 2),
                    digits("second", 2),
                    digits("microsecond", 6)
                )),
                Some("timedelta") => Value::Number(part("seconds")),
                Some(_) => Value::Null,
                None => {
                    let Value::Record(members) = record else {
                        return Value::Null;
                    };
                    Value::Record(members.into_iter().map(|(name, value)| (name, plain(value))).collect())
                }
            }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_other_kinds_are_written_plainly() {
        let text = r#"{"a":{"__class__":"Decimal","decimal":"0.0950"},"b":[{"__class__":"date","year":2026,"month":1,"day":3}],
            "c":{"__class__":"datetime","year":2026,"month":11,"day":24,"hour":9,"minute":5,"second":0,"microsecond":75},
            "d":{"__class__":"timedelta","seconds":172800.0},"e":{"__class__":"bytes","base64":"AA=="},"f.":{"g":1}}"#;
        let expect =
            r#"{"a":0.0950,"b":["2026-01-03"],"c":"2026-11-24T09:05:00.000075Z","d":172800.0,"e":null,"f.":{"g":1}}"#;
        assert_eq!(plain(Value::parse(text).unwrap()).to_json(), expect);
    }
}
