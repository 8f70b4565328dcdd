//! An ERP that is away: the mode of a source, decided by a breaker, by the age of what it brought, or by a person.
//!
//! The breaker opens after so many questions in a row that nobody answered. While it is open nothing is asked; after a
//! pause one question is let through (half open), and its answer closes it. What is brought has limits of age. Together:
//!
//! | the ERP | what it brought | mode |
//! |---|---|---|
//! | answers | within its limits | normal |
//! | answers | over a limit | degraded |
//! | does not answer | prices within their limit | degraded |
//! | does not answer | prices over their limit | offline |
//!
//! What a person says holds until it is taken back. Orders wait from the moment the breaker opens, or a person says
//! offline, until the ERP's rows were brought once more: only then can they be judged again.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::stock::Trust;

/// How far an ERP can be counted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It answers, and what it brought is young enough.
    Normal,
    /// It does not answer, or something it brought is over its limit.
    Degraded,
    /// It does not answer and its prices are over their limit, or a person says so.
    Offline,
}

known_by_words!(Mode {
    Normal = "normal",
    Degraded = "degraded",
    Offline = "offline",
});

/// What decided a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nothing is wrong.
    Answers,
    /// The breaker.
    Breaker,
    /// The age of what was brought.
    Age,
    /// A person.
    Staff,
}

known_by_words!(Cause {
    Answers = "answers",
    Breaker = "breaker",
    Age = "age",
    Staff = "staff",
});

/// Whether an ERP is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// It is.
    Closed,
    /// It is left alone.
    Open,
    /// One question is under way to find out.
    HalfOpen,
}

known_by_words!(Breaker {
    Closed = "closed",
    Open = "open",
    HalfOpen = "half_open",
});

/// What is done when an ERP is away: the section `[away]` of a source's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Care {
    /// Runs and orders in a row without an answer that open the breaker. Default 3.
    pub failures: u32,
    /// Seconds that an open breaker leaves the ERP alone before it is tried again. Default 60.
    pub pause_seconds: u32,
    /// Hours after which prices, and what decides about them, are too old. Default 24.
    pub price_hours: u32,
    /// Hours after which stock is too old to be promised whole. Default 4.
    pub stock_hours: u32,
    /// Hours after which stock is not promised at all. Default 24.
    pub stock_request_hours: u32,
    /// Percent that are taken off stock over its limit. Default 20.
    pub stock_less_percent: u32,
    /// Hours that a cart holds which is returned while the mode is not normal, where its connection does not say less.
    /// Default 24.
    pub quote_hours: u32,
    /// Limits in hours of other entities, by their names in the mapping; they win over the two above.
    pub hours: BTreeMap<String, u32>,
}

impl Default for Care {
    fn default() -> Self {
        Care {
            failures: 3,
            pause_seconds: 60,
            price_hours: 24,
            stock_hours: 4,
            stock_request_hours: 24,
            stock_less_percent: 20,
            quote_hours: 24,
            hours: BTreeMap::new(),
        }
    }
}

/// What an entity brings, as far as its age matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bears {
    /// Prices.
    Price,
    /// Stock.
    Stock,
    /// Something else that has a limit.
    Other,
}

/// The limit of one entity of a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// The entity's name in the mapping.
    pub entity: String,
    /// What it brings.
    pub bears: Bears,
    /// Hours after which it is too old.
    pub hours: u32,
}

impl Care {
    /// The limit of an entity that brings such rows; nothing where its age does not matter.
    pub fn limit(&self, entity: &str, rows: &str) -> Option<Limit> {
        let (bears, usual) = match rows {
            "products" | "prices" | "price_lists" | "price_rules" | "price_assignments" | "agreements"
            | "agreement_lines" | "promotions" => (Bears::Price, Some(self.price_hours)),
            "stock" => (Bears::Stock, Some(self.stock_hours)),
            _ => (Bears::Other, None),
        };
        let hours = self.hours.get(entity).copied().or(usual)?;
        Some(Limit {
            entity: entity.to_owned(),
            bears,
            hours,
        })
    }

    fn pause(&self) -> SignedDuration {
        SignedDuration::from_secs(self.pause_seconds.into())
    }
}

/// When an entity was brought last, against its limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Age {
    /// Its limit.
    pub limit: Limit,
    /// When a run came to its end last; nothing before the first.
    pub brought_at: Option<Timestamp>,
}

impl Age {
    /// How old it is; nothing is not old, since nothing is sold by it.
    pub fn of(&self, now: Timestamp) -> SignedDuration {
        self.brought_at
            .map_or(SignedDuration::ZERO, |at| now.duration_since(at))
    }

    /// Whether it is over its limit.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.of(now) > hours(self.limit.hours)
    }
}

fn hours(hours: u32) -> SignedDuration {
    SignedDuration::from_hours(hours.into())
}

/// How far stock of some age can be promised.
pub fn trust(care: &Care, ages: &[Age], now: Timestamp) -> Trust {
    let of_stock = ages.iter().filter(|age| age.limit.bears == Bears::Stock);
    let over = of_stock.filter(|age| age.is_over(now)).map(|age| age.of(now)).max();
    match over {
        None => Trust::Whole,
        Some(age) if age > hours(care.stock_request_hours) => Trust::Nothing,
        Some(_) => Trust::Less(Decimal::from(care.stock_less_percent.min(100))),
    }
}

/// Where a source stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The source.
    pub source_id: Uuid,
    /// Its mode.
    pub mode: Mode,
    /// What decided it.
    pub cause: Cause,
    /// Why, in a sentence.
    pub reason: String,
    /// Since when the mode is what it is.
    pub since: Timestamp,
    /// What a person says it is.
    pub hand: Option<Mode>,
    /// Why.
    pub hand_reason: Option<String>,
    /// Who.
    pub hand_by: Option<Uuid>,
    /// When.
    pub hand_at: Option<Timestamp>,
    /// Whether it is asked.
    pub breaker: Breaker,
    /// Questions in a row that nobody answered.
    pub failures: i64,
    /// When an open breaker lets a question through.
    pub retry_at: Option<Timestamp>,
    /// Why the last one was not answered.
    pub error: Option<String>,
    /// Since when orders wait.
    pub queue_since: Option<Timestamp>,
    /// What is done when it is away, and the limits of its entities.
    pub rules: Rules,
}

/// What holds for a source, as its file said at its last run: nodes without the file go by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// What is done when it is away.
    pub care: Care,
    /// The limits of its entities.
    pub limits: Vec<Limit>,
}

/// One change of a mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The source.
    pub source_id: Uuid,
    /// The mode before.
    pub before: Mode,
    /// The mode after.
    pub after: Mode,
    /// What decided it.
    pub cause: Cause,
    /// Why.
    pub reason: String,
    /// Who, where it was a person.
    pub by: Option<Uuid>,
    /// When.
    pub at: Timestamp,
}

/// Whether a question may be asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Ask.
    Ask,
    /// Ask, to find out whether it is back: nobody else does meanwhile.
    Try,
    /// Leave it alone; so many seconds at least, where that is known.
    Wait(Option<i64>),
}

impl Standing {
    /// One that nothing is known of yet.
    pub fn new(tenant_id: Uuid, source_id: Uuid, now: Timestamp) -> Standing {
        Standing {
            tenant_id,
            source_id,
            mode: Mode::Normal,
            cause: Cause::Answers,
            reason: ANSWERS.to_owned(),
            since: now,
            hand: None,
            hand_reason: None,
            hand_by: None,
            hand_at: None,
            breaker: Breaker::Closed,
            failures: 0,
            retry_at: None,
            error: None,
            queue_since: None,
            rules: Rules::default(),
        }
    }

    /// Whether orders are sent: they are not while they wait for its return.
    pub fn sends(&self) -> bool {
        self.queue_since.is_none()
    }

    /// Whether a question may be asked; one that finds out is taken with it.
    pub fn turn(&mut self, now: Timestamp) -> Turn {
        if self.hand == Some(Mode::Offline) {
            return Turn::Wait(None);
        }
        if self.breaker == Breaker::Closed {
            return Turn::Ask;
        }
        if let Some(at) = self.retry_at.filter(|at| *at > now) {
            return Turn::Wait(Some(at.duration_since(now).as_secs().max(1)));
        }
        // Whoever asks and ends before the answer is followed by the next after the pause.
        self.breaker = Breaker::HalfOpen;
        self.retry_at = Some(now + self.rules.care.pause());
        Turn::Try
    }

    /// Notes that a question was answered.
    pub fn answered(&mut self) {
        self.breaker = Breaker::Closed;
        self.failures = 0;
        self.retry_at = None;
        self.error = None;
    }

    /// Notes that a question was not.
    pub fn unanswered(&mut self, error: &str, now: Timestamp) {
        let care = &self.rules.care;
        self.failures = self.failures.saturating_add(1);
        self.error = Some(error.to_owned());
        if self.breaker != Breaker::Closed || self.failures >= i64::from(care.failures.max(1)) {
            self.breaker = Breaker::Open;
            self.retry_at = Some(now + care.pause());
            self.queue_since = self.queue_since.or(Some(now));
        }
    }

    /// Notes what a person says; nothing takes back what was said.
    pub fn say(&mut self, mode: Option<Mode>, reason: &str, by: Uuid, now: Timestamp) {
        self.hand = mode;
        self.hand_reason = mode.map(|_| reason.to_owned());
        self.hand_by = mode.map(|_| by);
        self.hand_at = mode.map(|_| now);
        if mode == Some(Mode::Offline) {
            self.queue_since = self.queue_since.or(Some(now));
        }
    }

    /// Whether orders that wait may go now that its rows were brought once more.
    pub fn is_back(&self) -> bool {
        self.queue_since.is_some() && self.breaker == Breaker::Closed && self.hand != Some(Mode::Offline)
    }

    /// Decides the mode; gives what it was before where it is another.
    pub fn decide(&mut self, ages: &[Age], now: Timestamp) -> Option<Mode> {
        let (mode, cause, reason) = self.decided(ages, now);
        (self.cause, self.reason) = (cause, reason);
        if mode == self.mode {
            return None;
        }
        self.since = now;
        Some(std::mem::replace(&mut self.mode, mode))
    }

    fn decided(&self, ages: &[Age], now: Timestamp) -> (Mode, Cause, String) {
        if let Some(mode) = self.hand {
            let reason = self.hand_reason.clone().unwrap_or_default();
            return (mode, Cause::Staff, reason);
        }
        let over: Vec<&Age> = ages.iter().filter(|age| age.is_over(now)).collect();
        let limits = over
            .iter()
            .map(|age| format!("{} over {} h", age.limit.entity, age.limit.hours));
        let limits = limits.collect::<Vec<_>>().join(", ");
        if self.breaker != Breaker::Closed {
            let error = self.error.as_deref().unwrap_or("no answer");
            let is_priced = !over.iter().any(|age| age.limit.bears == Bears::Price);
            let mode = if is_priced { Mode::Degraded } else { Mode::Offline };
            let reason = match over.is_empty() {
                true => format!("The ERP does not answer: {error}."),
                false => format!("The ERP does not answer: {error}; too old: {limits}."),
            };
            return (mode, Cause::Breaker, reason);
        }
        match over.is_empty() {
            true => (Mode::Normal, Cause::Answers, ANSWERS.to_owned()),
            false => (Mode::Degraded, Cause::Age, format!("Too old: {limits}.")),
        }
    }
}

/// The reason of an ordinary day.
const ANSWERS: &str = "The ERP answers, and what it brought is young enough.";

/// What became of one order of a drain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// It waits for its turn.
    Queued,
    /// It was sent, and the ERP has it.
    Sent,
    /// The ERP had it already.
    Found,
    /// A person must decide: terms are other than when it was accepted.
    Held,
    /// The ERP refused it: a person must look.
    Parked,
    /// The ERP did not answer about it again and again; it is tried further as any other.
    Waiting,
    /// A later version of the order, or its cancellation, took its place before it was sent.
    Overtaken,
}

known_by_words!(Drained {
    Queued = "queued",
    Sent = "sent",
    Found = "found",
    Held = "held",
    Parked = "parked",
    Waiting = "waiting",
    Overtaken = "overtaken",
});

/// One drain: what waited while an ERP was away, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drain {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The source.
    pub source_id: Uuid,
    /// Since when orders waited.
    pub queue_since: Timestamp,
    /// When it began.
    pub started_at: Timestamp,
    /// When nothing waited any more.
    pub finished_at: Option<Timestamp>,
}

/// One job of a drain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrainOrder {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The drain.
    pub drain_id: Uuid,
    /// The delivery.
    pub delivery_id: Uuid,
    /// The order.
    pub order_key: Uuid,
    /// The buyer's number of it.
    pub order_id: String,
    /// Its account: orders of one go in their order.
    pub account_code: String,
    /// What became of it.
    pub outcome: Drained,
    /// Tries in the drain that nobody answered.
    pub tries: i64,
    /// What is other than when it was accepted.
    pub differences: Vec<Difference>,
    /// The ERP's number, or why it did not go.
    pub note: Option<String>,
    /// When that was clear.
    pub settled_at: Option<Timestamp>,
}

/// Something about a line that is other than when its order was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The line.
    pub line_number: i64,
    /// The product.
    pub sku: String,
    /// `price`, `availability` or `product`.
    pub what: String,
    /// As it was.
    pub before: String,
    /// As it is.
    pub after: String,
}

#[cfg(test)]
mod tests;
