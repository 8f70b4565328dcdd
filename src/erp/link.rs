//! How an ERP is spoken to: one question, one page.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::expression::Path;
use super::fault::Fault;
use super::files::Files;
use super::jsonrpc::JsonRpc;
use super::mapping::{Mapping, Transport};
use super::rest::Rest;
use super::value::Value;
use crate::transport::{Answer, HttpClient, Request};

/// Largest answer: a page of a thousand records of the widest kind is some MiB.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Where an ERP is, and who we are there.
#[derive(Clone)]
pub struct Access {
    /// Address of the ERP or of the folder.
    pub url: String,
    /// User.
    pub user: String,
    /// Password, token or secret.
    pub password: String,
}

/// Which records are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// All.
    All,
    /// Those that changed at a moment or later.
    Since(Timestamp),
    /// All, but only their keys.
    Keys,
}

/// One question.
#[derive(Clone, Debug)]
pub struct Question<'q> {
    /// The ERP's model, path or file.
    pub from: &'q str,
    /// Which of its records.
    pub filter: Value,
    /// What goes with the question.
    pub context: Value,
    /// The fields.
    pub fields: &'q [String],
    /// The records' key.
    pub key: &'q Path,
    /// The moments of the last change.
    pub changed: &'q [Path],
    /// Which records.
    pub window: Window,
    /// Only the record with this key.
    pub only: Option<&'q str>,
    /// Rows of a page; 0 is as many as the mapping's limits say.
    pub limit: usize,
    /// The record of the lookup for which the question is asked.
    pub each: Option<&'q Value>,
    /// The supplier's day.
    pub today: Date,
    /// Where the page before ended.
    pub position: Option<String>,
}

/// One page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The records.
    pub records: Vec<Value>,
    /// Where the next page begins; none where this is the last.
    pub next: Option<String>,
}

/// A way to an ERP.
pub enum Link {
    /// JSON-RPC.
    JsonRpc(JsonRpc),
    /// REST or OData.
    Rest(Rest),
    /// Files in a folder.
    Files(Files),
}

impl Link {
    /// The way that a mapping says, to one ERP.
    ///
    /// # Errors
    /// A client cannot be made.
    pub fn new(mapping: &Mapping, access: &Access) -> Result<Link, Fault> {
        let timeout = Duration::from_secs(mapping.limits.timeout_seconds);
        let client = || HttpClient::new(timeout, ANSWER_BYTES_MAX).map_err(|error| Fault::ask(error.to_string()));
        Ok(match (mapping.transport, &mapping.json_rpc, &mapping.rest) {
            (Transport::JsonRpc, Some(spoken), _) => Link::JsonRpc(JsonRpc::new(client()?, spoken, access)),
            (Transport::Rest, _, Some(spoken)) => Link::Rest(Rest::new(client()?, spoken, access)),
            _ => Link::Files(Files::new(&access.url)),
        })
    }

    /// Whether one record can be asked for by its key.
    pub fn knows_keys(&self) -> bool {
        match self {
            Link::JsonRpc(_) | Link::Files(_) => true,
            Link::Rest(link) => link.knows_keys(),
        }
    }

    /// Asks once.
    ///
    /// # Errors
    /// [`Fault`] where no page came back.
    pub async fn ask(&mut self, question: &Question<'_>) -> Result<Page, Fault> {
        match self {
            Link::JsonRpc(link) => link.ask(question).await,
            Link::Rest(link) => link.ask(question).await,
            Link::Files(link) => link.ask(question).await,
        }
    }

    /// Asks for something to be done, once; in a new session where the old one has ended, since nothing was done then.
    ///
    /// # Errors
    /// [`Fault`]; one that is to be tried again leaves open whether it was done.
    pub async fn call(&mut self, call: &str, with: Value, context: Value) -> Result<Value, Fault> {
        match self.call_once(call, with.clone(), context.clone()).await {
            Err(fault) if fault.is_unauthorized => {
                self.forget_session();
                self.call_once(call, with, context).await
            }
            answered => answered,
        }
    }

    async fn call_once(&mut self, call: &str, with: Value, over: Value) -> Result<Value, Fault> {
        match self {
            Link::JsonRpc(link) => link.do_call(call, with, over).await,
            Link::Rest(_) | Link::Files(_) => Err(Fault::ask("orders are handed on by JSON-RPC only, so far")),
        }
    }

    /// The context of the user's session, which steps may name.
    ///
    /// # Errors
    /// [`Fault`] where no session could be begun.
    pub async fn context(&mut self) -> Result<Value, Fault> {
        match self {
            Link::JsonRpc(link) => link.context().await,
            Link::Rest(_) | Link::Files(_) => Ok(Value::Record(Vec::new())),
        }
    }

    /// Forgets a session that is not valid any more.
    pub fn forget_session(&mut self) {
        match self {
            Link::JsonRpc(link) => link.forget_session(),
            Link::Rest(link) => link.forget_session(),
            Link::Files(_) => {}
        }
    }
}

/// Sends a request; an answer that is no good one is a fault.
pub(super) async fn exchange(client: &HttpClient, request: Request) -> Result<Answer, Fault> {
    let answer = client.exchange(request).await.map_err(|error| match error {
        crate::transport::TransportError::Unanswered(_) => Fault::retry(format!("the ERP gave {error}")),
        _ => Fault::ask(error.to_string()),
    })?;
    match Fault::of_status(answer.status, answer.header("retry-after")) {
        Some(fault) => Err(fault),
        None => Ok(answer),
    }
}

/// The JSON of an answer; one that ends early may be whole the next time.
pub(super) fn json(answer: &Answer) -> Result<Value, Fault> {
    let text =
        std::str::from_utf8(&answer.body).map_err(|error| Fault::retry(format!("the answer is no UTF-8: {error}")))?;
    Value::parse(text).map_err(|error| Fault::retry(format!("the answer is no JSON: {error}")))
}

/// A template with what its `{name}` stand for: a text that is nothing else becomes the value itself.
pub(super) fn filled(template: &Value, named: &dyn Fn(&str) -> Option<Value>) -> Result<Value, Fault> {
    Ok(match template {
        Value::Text(text) => match whole(text).map(|name| (name, named(name))) {
            Some((_, Some(value))) => value,
            Some((name, None)) => return Err(unknown(name)),
            None => Value::Text(filled_text(text, named)?),
        },
        Value::List(items) => Value::List(items.iter().map(|item| filled(item, named)).collect::<Result<_, _>>()?),
        Value::Record(members) => {
            let members = members
                .iter()
                .map(|(name, value)| Ok((name.clone(), filled(value, named)?)));
            Value::Record(members.collect::<Result<_, Fault>>()?)
        }
        other => other.clone(),
    })
}

/// A text with what its `{name}` stand for.
pub(super) fn filled_text(text: &str, named: &dyn Fn(&str) -> Option<Value>) -> Result<String, Fault> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        let value = named(name).ok_or_else(|| unknown(name))?;
        filled.push_str(before);
        filled.push_str(value.as_text().unwrap_or_default());
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    (!name.contains(['{', '}'])).then_some(name)
}

fn unknown(name: &str) -> Fault {
    Fault::ask(format!("the mapping names {{{name}}}, which is not known there"))
}
