//! How an ERP is spoken to: one question, one page.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::expression::Path;
use super::fault::Fault;
use super::files::Files;
use super::jsonrpc::JsonRpc;
use super::mapping::{Mapping, Transport};
use super::rest::Rest;
use super::sql::Sql;
use super::value::Value;
use crate::transport::{Answer, HttpClient, Request};

/// Largest answer: a page of a thousand records of the widest kind is some MiB.
pub(super) const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Where an ERP is, and who we are there.
#[derive(Clone)]
pub struct Access {
    /// Address of the ERP or of the folder.
    pub url: String,
    /// User.
    pub user: String,
    /// Password, token or secret.
    pub password: String,
    /// What the mapping leaves open.
    pub settings: BTreeMap<String, Value>,
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
    Rest(Box<Rest>),
    /// Files in a folder.
    Files(Files),
    /// A database.
    Sql(Sql),
}

/// Something that is to be done, once.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// The method of JSON-RPC, or the address after that of the source.
    pub call: String,
    /// What is sent; nothing is no body.
    pub with: Option<Value>,
    /// What goes with it beside the context of the session.
    pub context: Value,
    /// The method of HTTP; POST where something is sent, GET where not.
    pub method: Option<String>,
    /// Headers that go with it.
    pub headers: Vec<(String, String)>,
    /// Whether an answer that there is no such thing (404) is one.
    pub may_be_missing: bool,
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
            (Transport::Rest, _, Some(spoken)) => Link::Rest(Box::new(Rest::new(client()?, spoken, access))),
            (Transport::Sql, ..) => Link::Sql(Sql::new(access, timeout)?),
            _ => Link::Files(Files::new(&access.url)),
        })
    }

    /// Whether one record can be asked for by its key.
    pub fn knows_keys(&self) -> bool {
        match self {
            Link::JsonRpc(_) | Link::Files(_) => true,
            Link::Sql(_) => false,
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
            Link::Sql(link) => link.ask(question).await,
        }
    }

    /// Asks for something to be done, once; in a new session where the old one has ended, since nothing was done then.
    ///
    /// # Errors
    /// [`Fault`]; one that is to be tried again leaves open whether it was done.
    pub async fn call(&mut self, call: &Call) -> Result<Value, Fault> {
        match self.call_once(call).await {
            Err(fault) if fault.is_unauthorized => {
                self.forget_session();
                self.call_once(call).await
            }
            answered => answered,
        }
    }

    async fn call_once(&mut self, call: &Call) -> Result<Value, Fault> {
        match self {
            Link::JsonRpc(link) => {
                let with = call.with.clone().unwrap_or_default();
                link.do_call(&call.call, with, call.context.clone()).await
            }
            Link::Rest(link) => link.do_call(call).await,
            Link::Files(_) | Link::Sql(_) => Err(Fault::ask("orders are handed on by JSON-RPC and REST only")),
        }
    }

    /// Whether what is called is an address.
    pub fn is_addressed(&self) -> bool {
        matches!(self, Link::Rest(_))
    }

    /// The context of the user's session, which steps may name.
    ///
    /// # Errors
    /// [`Fault`] where no session could be begun.
    pub async fn context(&mut self) -> Result<Value, Fault> {
        match self {
            Link::JsonRpc(link) => link.context().await,
            Link::Rest(_) | Link::Files(_) | Link::Sql(_) => Ok(Value::Record(Vec::new())),
        }
    }

    /// Forgets a session that is not valid any more.
    pub fn forget_session(&mut self) {
        match self {
            Link::JsonRpc(link) => link.forget_session(),
            Link::Rest(link) => link.forget_session(),
            Link::Files(_) | Link::Sql(_) => {}
        }
    }
}

/// Sends a request; an answer that is no good one is a fault.
pub(super) async fn exchange(client: &HttpClient, request: Request) -> Result<Answer, Fault> {
    let answer = sent(client, request).await?;
    match Fault::of_status(answer.status, answer.header("retry-after")) {
        Some(fault) => Err(fault),
        None => Ok(answer),
    }
}

/// Sends a request, and gives back whatever is answered.
pub(super) async fn sent(client: &HttpClient, request: Request) -> Result<Answer, Fault> {
    client.exchange(request).await.map_err(|error| match error {
        crate::transport::TransportError::Unanswered(_) => Fault::retry(format!("the ERP gave {error}")),
        _ => Fault::ask(error.to_string()),
    })
}

/// The JSON of an answer; one that ends early may be whole the next time.
pub(super) fn json(answer: &Answer) -> Result<Value, Fault> {
    let text =
        std::str::from_utf8(&answer.body).map_err(|error| Fault::retry(format!("the answer is no UTF-8: {error}")))?;
    Value::parse(text).map_err(|error| Fault::retry(format!("the answer is no JSON: {error}")))
}
