//! Orders to the ERP: leased one by one, looked up before anything is repeated, confirmed by the ERP's own number.
//!
//! An attempt is on record before the first byte leaves. When no answer comes, nobody knows what the ERP did: the same
//! steps are done again later, and their first looks for the order. What a person must decide parks the job with the
//! reason; whoever releases it lets the same steps begin again.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Source, drain};
use crate::domain::delivery::{Attempt, Delivery, DeliveryState, Target};
use crate::domain::order::{Order, OrderLine, OrderVersion, delivered};
use crate::erp::fault::{Class, Fault};
use crate::erp::link::Link;
use crate::erp::steps::{self, Known, Orders};
use crate::erp::value::Value;
use crate::service::{Error, Gateway, away, terms};
use crate::store::erp_order::ErpOrder;
use crate::store::{self, StoreError, Tx};

/// Jobs of one round: more wait for the next, some seconds later.
pub(super) const JOBS_PER_ROUND: usize = 50;
/// Longest that one job may take before another process may try it.
pub(super) const LEASE_MINUTES: i64 = 15;
/// The pause after the first attempt that had no answer; each further one is twice as long.
const PAUSE_SECONDS: i64 = 15;
/// The longest pause: an ERP that is back is noticed within it.
const PAUSE_SECONDS_MAX: i64 = 600;

/// What became of the jobs of one round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The ERP has them.
    pub done: u64,
    /// They are tried again later.
    pub waiting: u64,
    /// A person must look.
    pub parked: u64,
}

/// Orders on their way to one source.
pub(super) struct Work<'w> {
    pub gateway: &'w Gateway,
    pub tenant_id: Uuid,
    pub source: &'w Source,
    pub orders: &'w Orders,
    /// The source as the store has it; nothing before its first run.
    source_id: Option<Uuid>,
    /// Whether something was not answered just before.
    has_failed: bool,
    link: Option<Link>,
    sent: Sent,
}

/// Hands the due orders of a supplier on to the ERP of a source; none while the ERP is away. What waited for its return
/// goes first.
///
/// # Errors
/// The store would not; what the ERP does not take is on record with the job.
pub async fn send(gateway: &Gateway, tenant_id: Uuid, source: &Source) -> Result<Sent, Error> {
    let Some(orders) = source.mapping.order.as_ref().filter(|_| source.setting.orders) else {
        return Ok(Sent::default());
    };
    let standing = away::find(gateway, tenant_id, &source.setting.code).await?;
    if standing.as_ref().is_some_and(|standing| !standing.sends()) {
        return Ok(Sent::default());
    }
    let mut work = Work {
        gateway,
        tenant_id,
        source,
        orders,
        source_id: standing.as_ref().map(|standing| standing.source_id),
        has_failed: standing.is_some_and(|standing| standing.failures > 0),
        link: None,
        sent: Sent::default(),
    };
    if drain::drain(&mut work).await? {
        work.send().await?;
    }
    Ok(work.sent)
}

impl Work<'_> {
    async fn send(&mut self) -> Result<(), Error> {
        for _ in 0..JOBS_PER_ROUND {
            let Some(job) = lease(self.gateway, self.tenant_id).await? else {
                break;
            };
            let started_at = self.gateway.clock.now();
            let told = told(self.gateway, &job).await?;
            let outcome = self.hand_on(&job, told.as_ref()).await;
            // Whoever does not answer now does not answer the next either.
            if !self.settle(job, started_at, outcome).await? {
                break;
            }
        }
        Ok(())
    }

    /// Does the steps of a job.
    pub async fn hand_on(&mut self, job: &Delivery, told: Option<&Told>) -> Result<Taken, Fault> {
        let told = told.ok_or_else(|| Fault::ask("the order of this job is not there"))?;
        let mut known = known(self.gateway, self.source, self.orders, told)?;
        let number = steps(self.source, self.orders, job, &mut known, &mut self.link).await?;
        Ok(Taken {
            number,
            order_key: told.order.id,
            seq: told.version.seq,
        })
    }

    /// Whether the ERP has what a job tells of already; nothing where the mapping cannot say.
    pub async fn is_made(&mut self, told: &Told) -> Result<Option<bool>, Fault> {
        if self.orders.made.is_empty() {
            return Ok(None);
        }
        let mut known = known(self.gateway, self.source, self.orders, told)?;
        let link = opened(self.source, &mut self.link)?;
        known.set("context", link.context().await?);
        steps::run(link, &self.orders.made, &mut known).await?;
        Ok(Some(known.at("made").is_some_and(|made| made.is_yes())))
    }

    /// Records how an attempt ended, and what follows from it; tells whether the ERP answered.
    pub async fn settle(
        &mut self,
        job: Delivery,
        started_at: Timestamp,
        outcome: Result<Taken, Fault>,
    ) -> Result<bool, Error> {
        let is_away = outcome.as_ref().is_err_and(|fault| fault.class == Class::Retry);
        let word = match &outcome {
            Ok(_) => &mut self.sent.done,
            Err(_) if is_away => &mut self.sent.waiting,
            Err(_) => &mut self.sent.parked,
        };
        *word += 1;
        let answer = match &outcome {
            Ok(_) if self.has_failed => Some(None),
            Err(fault) if is_away => Some(Some(fault.text.clone())),
            // One answer after another is nothing new, and a refusal says nothing.
            Ok(_) | Err(_) => None,
        };
        settle(self.gateway, job, started_at, outcome).await?;
        if let (Some(source_id), Some(error)) = (self.source_id, answer) {
            away::note(self.gateway, self.tenant_id, source_id, error.as_deref()).await?;
            self.has_failed = is_away;
        }
        Ok(!is_away)
    }
}

/// The next job, with its attempt on record.
async fn lease(gateway: &Gateway, tenant_id: Uuid) -> Result<Option<Delivery>, Error> {
    let now = gateway.clock.now();
    let until = now + SignedDuration::from_mins(LEASE_MINUTES);
    let leased = gateway.store.write(async move |tx| {
        let jobs = store::delivery::lease(tx, tenant_id, Target::Erp, now, until, 1).await?;
        let Some(job) = jobs.into_iter().next() else {
            return Ok::<_, StoreError>(None);
        };
        let attempt = attempt(&job, now);
        store::delivery::begin_attempt(tx, &attempt).await?;
        Ok(Some(job))
    });
    Ok(leased.await?)
}

pub(super) fn attempt(job: &Delivery, started_at: Timestamp) -> Attempt {
    Attempt {
        tenant_id: job.tenant_id,
        delivery_id: job.id,
        number: job.attempts,
        started_at,
        duration_ms: None,
        status: None,
        answer: None,
        error: None,
    }
}

/// The order that a job is about, as the version it tells of.
pub(super) struct Told {
    pub order: Order,
    pub version: OrderVersion,
    lines: Vec<OrderLine>,
    warehouse: Option<String>,
}

/// What the ERP said: its number, and which version of the order it has.
pub(super) struct Taken {
    pub number: Option<String>,
    order_key: Uuid,
    seq: i64,
}

/// The link to the ERP, opened where it is not yet.
fn opened<'l>(source: &Source, link: &'l mut Option<Link>) -> Result<&'l mut Link, Fault> {
    match link {
        Some(link) => Ok(link),
        None => Ok(link.insert(Link::new(&source.mapping, &source.access)?)),
    }
}

async fn steps(
    source: &Source,
    orders: &Orders,
    job: &Delivery,
    known: &mut Known,
    link: &mut Option<Link>,
) -> Result<Option<String>, Fault> {
    let link = opened(source, link)?;
    known.set("context", link.context().await?);
    match job.kind.as_str() {
        "order.create" => steps::run(link, &orders.create, known).await?,
        "order.cancel" if orders.cancel.is_empty() => {
            return Err(Fault::ask(
                "the buyer cancelled the order: cancel it in the ERP, then release this job",
            ));
        }
        "order.cancel" => {
            steps::run(link, &orders.cancel, known).await?;
            return Ok(None);
        }
        "order.change" if orders.cancel.is_empty() => {
            return Err(Fault::ask(
                "the buyer changed the order: change it in the ERP, then release this job",
            ));
        }
        // What was sent before and not answered may be there already.
        "order.change" => {
            steps::run(link, &orders.made, known).await?;
            if !known.at("made").is_some_and(|made| made.is_yes()) {
                steps::run(link, &orders.cancel, known).await?;
            }
            steps::run(link, &orders.create, known).await?;
        }
        kind => return Err(Fault::ask(format!("{kind} is no job for an ERP"))),
    }
    let number = known
        .at(&orders.number)
        .and_then(|number| number.as_text().map(str::to_owned));
    let missing = || {
        Fault::ask(format!(
            "the steps kept no {}, the ERP's number of the order",
            orders.number
        ))
    };
    number.map(Some).ok_or_else(missing)
}

pub(super) async fn told(gateway: &Gateway, job: &Delivery) -> Result<Option<Told>, Error> {
    let body: serde_json::Value = serde_json::from_str(&job.body)
        .map_err(|error| StoreError::inconsistent(format!("delivery {}: {error}", job.id)))?;
    let version_id: Option<Uuid> = body["version"].as_str().and_then(|id| id.parse().ok());
    let (tenant_id, order_key) = (job.tenant_id, job.subject_id);
    let read = gateway.store.read(async |tx: &mut Tx| {
        let Some(order) = store::order::find(tx, tenant_id, order_key).await? else {
            return Ok::<_, StoreError>(None);
        };
        let versions = store::order::versions(tx, tenant_id, order_key).await?;
        let Some(version) = versions.into_iter().find(|version| Some(version.id) == version_id) else {
            return Ok(None);
        };
        let lines = store::order::lines(tx, tenant_id, version.id).await?;
        let effects = store::order::effects(tx, tenant_id, version.id).await?;
        let lines = delivered(&lines, &effects)
            .into_iter()
            .map(std::borrow::Cow::into_owned)
            .collect();
        let warehouse = store::supply::warehouse_of_order(tx, tenant_id, order_key).await?;
        Ok(Some(Told {
            order,
            version,
            lines,
            warehouse,
        }))
    });
    Ok(read.await?)
}

/// What steps may name of an order.
fn known(gateway: &Gateway, source: &Source, orders: &Orders, told: &Told) -> Result<Known, Fault> {
    let text = |text: &str| Value::text(text);
    let maybe = |text: Option<&str>| text.map_or(Value::Null, Value::text);
    let (order, header) = (&told.order, &told.version.header);
    let mut lines = Vec::with_capacity(told.lines.len());
    let mut skus = Vec::new();
    for (line, place) in told.lines.iter().zip(0u32..) {
        let (Some(sku), Some(unit)) = (&line.sku, &line.unit_own) else {
            let text = format!("line {} has no product or unit of ours", line.line_number);
            return Err(Fault::ask(text));
        };
        skus.push(text(sku));
        lines.push(Value::Record(vec![
            ("place".to_owned(), Value::Number(place.to_string())),
            ("number".to_owned(), Value::Number(line.line_number.to_string())),
            ("sku".to_owned(), text(sku)),
            ("unit".to_owned(), text(unit)),
            (
                "quantity".to_owned(),
                Value::Number(line.quantity.normalize().to_string()),
            ),
            ("unit_price".to_owned(), unit_price(line, orders.price_digits)?),
            ("description".to_owned(), text(&line.description)),
        ]));
    }
    let ship_to = header.ship_to.as_ref().and_then(|to| to.address_id.as_deref());
    let ship_to = ship_to.and_then(|code| terms::address(gateway, order.tenant_id, &order.account_code, code));
    let today = today(gateway, order.tenant_id);
    let members = [
        ("id", text(&order.id.to_string())),
        ("number", text(&order.order_id)),
        ("seq", Value::Number(told.version.seq.to_string())),
        ("account", text(&order.account_code)),
        ("currency", text(&order.currency)),
        ("day", day(today)),
        ("date", text(&today.to_string())),
        ("ship_to", maybe(ship_to.as_deref())),
        ("warehouse", maybe(told.warehouse.as_deref())),
        ("comments", text(&header.comments.join("\n"))),
        ("skus", Value::List(skus)),
        ("lines", Value::List(lines)),
    ];
    let mut known = Known::default();
    known.set(
        "order",
        Value::Record(members.map(|(name, value)| (name.to_owned(), value)).into()),
    );
    known.set("settings", Value::Record(source.values().into_iter().collect()));
    Ok(known)
}

/// The supplier's day.
fn today(gateway: &Gateway, tenant_id: Uuid) -> Date {
    let directory = gateway.directory();
    let zone = directory
        .tenant(tenant_id)
        .and_then(|tenant| TimeZone::get(&tenant.time_zone).ok());
    gateway.clock.now().to_zoned(zone.unwrap_or(TimeZone::UTC)).date()
}

fn day(today: Date) -> Value {
    let part = |name: &str, number: i64| (name.to_owned(), Value::Number(number.to_string()));
    Value::Record(vec![
        part("year", today.year().into()),
        part("month", today.month().into()),
        part("day", today.day().into()),
    ])
}

/// The price of one unit, exact within the digits that the ERP has.
fn unit_price(line: &OrderLine, digits: u32) -> Result<Value, Fault> {
    let Some(price) = line.unit_price else {
        return Err(Fault::ask(format!("line {} has no price", line.line_number)));
    };
    let each = price.checked_div(line.price_quantity).unwrap_or_default();
    let rounded = each.round_dp(digits);
    let is_exact = rounded.checked_mul(line.price_quantity) == Some(price);
    match is_exact || line.price_quantity == Decimal::ONE && rounded == price {
        true => Ok(Value::text(rounded.to_string())),
        false => Err(Fault::ask(format!(
            "the price of line {}, {price} for {}, is no price of one unit with {digits} digits",
            line.line_number,
            line.price_quantity.normalize()
        ))),
    }
}

/// Records how an attempt ended, and what follows from it.
async fn settle(
    gateway: &Gateway,
    job: Delivery,
    started_at: Timestamp,
    outcome: Result<Taken, Fault>,
) -> Result<(), Error> {
    let now = gateway.clock.now();
    let took = now.duration_since(started_at).as_millis();
    let ended = Attempt {
        duration_ms: Some(i64::try_from(took).unwrap_or(i64::MAX)),
        answer: outcome.as_ref().ok().and_then(|taken| taken.number.clone()),
        error: outcome.as_ref().err().map(|fault| fault.text.clone()),
        ..attempt(&job, started_at)
    };
    let (state, due_at) = match &outcome {
        Ok(_) => (DeliveryState::Done, now),
        Err(fault) if fault.class == Class::Retry => (DeliveryState::Pending, now + pause(job.attempts, fault)),
        Err(_) => (DeliveryState::Parked, now),
    };
    if let Err(fault) = &outcome {
        tracing::warn!(delivery = %job.id, kind = %job.kind, %fault, "order.not_handed_on");
    }
    let settled = gateway.store.write(async move |tx| {
        store::delivery::end_attempt(tx, &ended).await?;
        store::delivery::settle(tx, &job, state, due_at).await?;
        let Ok(Taken {
            number: Some(number),
            order_key,
            seq,
        }) = &outcome
        else {
            return Ok::<_, StoreError>(());
        };
        let shown = ErpOrder {
            tenant_id: job.tenant_id,
            order_key: *order_key,
            number: number.clone(),
            seq: *seq,
            at: now,
        };
        store::erp_order::put(tx, &shown).await?;
        store::erp_order::note_processing(tx, job.tenant_id, *order_key, *seq, now).await
    });
    Ok(settled.await?)
}

fn pause(attempts: i64, fault: &Fault) -> SignedDuration {
    let doublings = u32::try_from(attempts.clamp(1, 10) - 1).unwrap_or(0);
    let seconds = (PAUSE_SECONDS << doublings).min(PAUSE_SECONDS_MAX);
    let wanted = fault
        .after_seconds
        .and_then(|seconds| i64::try_from(seconds).ok())
        .unwrap_or(0);
    SignedDuration::from_secs(seconds.max(wanted.min(24 * 3600)))
}
