//! The overview.

use askama::Template;
use uuid::Uuid;

use super::{ExchangeRow, Frame, OrderRow, filters};
use crate::http::asset;
use crate::http::page::icon::Icon;
use crate::service::overview::REFUSED_HOURS;

/// What needs attention, and what came last.
#[derive(Debug, Template)]
#[template(path = "admin/home.html")]
pub struct HomePage<'a> {
    /// What stands around it; its `attention` is shown large here.
    pub frame: Frame<'a>,
    /// How many connections there are.
    pub connections: u64,
    /// The latest orders.
    pub orders: Vec<OrderRow<'a>>,
    /// The latest documents.
    pub exchanges: Vec<ExchangeRow<'a>>,
}

/// What was found by a number.
#[derive(Debug, Template)]
#[template(path = "admin/found.html")]
pub struct FoundPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// What was looked for.
    pub query: &'a str,
    /// Orders with this number.
    pub orders: Vec<OrderRow<'a>>,
    /// Documents with this `payloadID`.
    pub exchanges: Vec<ExchangeRow<'a>>,
    /// The kept document with this reference.
    pub quarantined: Option<Uuid>,
}

impl FoundPage<'_> {
    fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.exchanges.is_empty() && self.quarantined.is_none()
    }
}
