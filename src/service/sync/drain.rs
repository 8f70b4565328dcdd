//! The ERP is back: what waited goes out, the oldest first of each account, each order judged once more before it does.
//!
//! An order that was sent before and not answered is looked for first: what the ERP has is not held any more. One that
//! changed or was cancelled while it waited goes out as it is now, or not at all, since the ERP never heard of it. One whose
//! terms changed beyond the safeguards is taken out of the queue and waits for people; when they let it go on, it is
//! queued anew. One that is not answered again and again leaves the drain, so that it holds up nobody, and is tried on.

use std::collections::HashSet;

use jiff::SignedDuration;

use super::orders::{self, JOBS_PER_ROUND, LEASE_MINUTES, Told, Work};
use crate::domain::away::{Drain, DrainOrder, Drained};
use crate::domain::delivery::{Delivery, DeliveryState, Target};
use crate::erp::fault::{Class, Fault};
use crate::service::order::again::{self, Judged};
use crate::service::{Error, terms};
use crate::store::{self, StoreError, Tx};

/// Jobs looked at for one whose turn it is.
const LOOK: i64 = 200;

/// Tries without an answer after which a job leaves the drain.
const TRIES_MAX: i64 = 3;

/// Sends what waits; tells whether other orders may follow, since the ERP answers.
pub(super) async fn drain(work: &mut Work<'_>) -> Result<bool, Error> {
    let tenant_id = work.tenant_id;
    let open = work
        .gateway
        .store
        .read(async |tx| store::away::open_drain(tx, tenant_id).await);
    let open: Option<Drain> = open.await?;
    let Some(drain) = open else { return Ok(true) };
    // Another process may have brought what the orders are judged by.
    terms::refresh_of(work.gateway, tenant_id).await?;
    for _ in 0..JOBS_PER_ROUND {
        match next(work, &drain).await? {
            Next::Over => return Ok(true),
            // Accounts whose orders do not wait here are not held up.
            Next::Later => return Ok(true),
            Next::Settled(item) => keep(work, &item).await?,
            Next::Job(item, job) => {
                if !one(work, *item, *job).await? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// What a drain does next.
enum Next {
    /// Nothing waits any more.
    Over,
    /// What waits is not due yet.
    Later,
    /// What became of a job is clear without asking the ERP.
    Settled(Box<DrainOrder>),
    /// A job is leased.
    Job(Box<DrainOrder>, Box<Delivery>),
}

async fn next(work: &Work<'_>, drain: &Drain) -> Result<Next, Error> {
    let (drain, clock) = (drain.clone(), work.gateway.clock.clone());
    let write = async move |tx: &mut Tx| {
        let (tenant_id, now) = (drain.tenant_id, clock.now());
        let mut busy: HashSet<String> = HashSet::new();
        let queued = store::away::queued(tx, tenant_id, drain.id, LOOK).await?;
        if queued.is_empty() {
            if store::away::finish_drain(tx, &drain, now).await? {
                tracing::info!(tenant = %tenant_id, drain = %drain.id, "erp.drained");
            }
            return Ok::<_, StoreError>(Next::Over);
        }
        for item in queued {
            if busy.contains(&item.account_code) {
                continue;
            }
            let job = store::delivery::find(tx, tenant_id, item.delivery_id).await?;
            match job.map(|job| job.state) {
                Some(DeliveryState::Done) => return Ok(Next::Settled(Box::new(ended(item, Drained::Sent)))),
                None | Some(DeliveryState::Parked) => {
                    return Ok(Next::Settled(Box::new(ended(item, Drained::Parked))));
                }
                Some(DeliveryState::Pending | DeliveryState::Sending) => {}
            }
            if let Some(behind) = behind(tx, &item).await? {
                return Ok(Next::Settled(Box::new(behind)));
            }
            let until = now + SignedDuration::from_mins(LEASE_MINUTES);
            let Some(job) = store::delivery::lease_one(tx, tenant_id, item.delivery_id, now, until).await? else {
                busy.insert(item.account_code);
                continue;
            };
            store::delivery::begin_attempt(tx, &orders::attempt(&job, now)).await?;
            return Ok(Next::Job(Box::new(item), Box::new(job)));
        }
        Ok(Next::Later)
    };
    Ok(work.gateway.store.write(write).await?)
}

/// A job that waits behind one of its own order that a person must release: it leaves the drain, and follows that one.
async fn behind(tx: &mut Tx, item: &DrainOrder) -> Result<Option<DrainOrder>, StoreError> {
    let of_order = store::delivery::list_of(tx, item.tenant_id, item.order_key).await?;
    let mut earlier = of_order.iter().filter(|job| job.id < item.delivery_id);
    let is_behind = earlier.any(|job| job.target == Target::Erp && job.state == DeliveryState::Parked);
    Ok(is_behind.then(|| DrainOrder {
        note: Some("An earlier job of the order waits for a person; this one follows it.".to_owned()),
        ..ended(item.clone(), Drained::Waiting)
    }))
}

fn ended(item: DrainOrder, outcome: Drained) -> DrainOrder {
    DrainOrder { outcome, ..item }
}

/// Judges and sends one; tells whether the ERP answered.
async fn one(work: &mut Work<'_>, item: DrainOrder, job: Delivery) -> Result<bool, Error> {
    let started_at = work.gateway.clock.now();
    let told = orders::told(work.gateway, &job).await?;
    let judged = match &told {
        Some(told) => again::judge(work.gateway, &told.order, &told.version).await?,
        None => Judged::default(),
    };
    let item = DrainOrder {
        differences: judged.differences.clone(),
        ..item
    };
    // What was never sent is not there.
    let made = match &told {
        Some(told) if job.attempts > 1 => work.is_made(told).await,
        _ => Ok(Some(false)),
    };
    let made = match made {
        Ok(made) => made,
        Err(fault) => return settle(work, (item, job), started_at, Err(fault), false).await,
    };
    let is_overtaken = |told: &&Told| job.kind == "order.create" && told.version.seq != told.order.current_version;
    if let Some(told) = told.as_ref().filter(|told| made == Some(false) && is_overtaken(told)) {
        return overtake(work, item, job, told).await.map(|()| true);
    }
    if let Some(told) = told.as_ref().filter(|_| made == Some(false) && !judged.held.is_empty())
        && hold(work, &item, (&job, told), &judged).await?
    {
        return Ok(true);
    }
    let outcome = work.hand_on(&job, told.as_ref()).await;
    settle(work, (item, job), started_at, outcome, made == Some(true)).await
}

/// Lets the version in force go out in the place of one that the ERP never heard of.
async fn overtake(work: &Work<'_>, item: DrainOrder, job: Delivery, told: &Told) -> Result<(), Error> {
    let now = work.gateway.clock.now();
    let key = format!("{} {}", told.order.id, told.order.current_version);
    let write = async move |tx: &mut Tx| {
        if store::delivery::overtake(tx, &job, &key).await? {
            store::away::note_overtaken(tx, &item, now).await?;
        }
        Ok::<_, StoreError>(())
    };
    Ok(work.gateway.store.write(write).await?)
}

/// Takes an order out of the queue and holds it for people; `false` where it changed meanwhile.
async fn hold(
    work: &Work<'_>,
    item: &DrainOrder,
    (job, told): (&Delivery, &Told),
    judged: &Judged,
) -> Result<bool, Error> {
    let clock = work.gateway.clock.clone();
    let reasons: Vec<&str> = judged.held.iter().map(|held| held.finding.text.as_str()).collect();
    let item = DrainOrder {
        outcome: Drained::Held,
        note: Some(reasons.join(" ")),
        settled_at: Some(clock.now()),
        ..item.clone()
    };
    let (job, held) = (job.clone(), judged.held.clone());
    let (order, version) = (told.order.clone(), told.version.clone());
    let write = async move |tx: &mut Tx| {
        if !again::stop(tx, &clock, (&order, &version), &held).await? {
            return Ok::<_, StoreError>(false);
        }
        store::delivery::withdraw(tx, &job).await?;
        store::away::put_order(tx, &item).await?;
        Ok(true)
    };
    Ok(work.gateway.store.write(write).await?)
}

/// Records what became of one; tells whether the ERP answered.
async fn settle(
    work: &mut Work<'_>,
    (item, job): (DrainOrder, Delivery),
    started_at: jiff::Timestamp,
    outcome: Result<orders::Taken, Fault>,
    was_there: bool,
) -> Result<bool, Error> {
    let (ended, note) = match &outcome {
        Ok(taken) if was_there => (Drained::Found, taken.number.clone()),
        Ok(taken) => (Drained::Sent, taken.number.clone()),
        Err(fault) if fault.class == Class::Retry && item.tries + 1 >= TRIES_MAX => {
            (Drained::Waiting, Some(fault.text.clone()))
        }
        Err(fault) if fault.class == Class::Retry => (Drained::Queued, Some(fault.text.clone())),
        Err(fault) => (Drained::Parked, Some(fault.text.clone())),
    };
    let is_unanswered = matches!(ended, Drained::Queued | Drained::Waiting);
    let item = DrainOrder {
        outcome: ended,
        tries: item.tries + i64::from(is_unanswered),
        note,
        ..item
    };
    let answered = work.settle(job, started_at, outcome).await?;
    keep(work, &item).await?;
    Ok(answered)
}

async fn keep(work: &Work<'_>, item: &DrainOrder) -> Result<(), Error> {
    let now = work.gateway.clock.now();
    let item = DrainOrder {
        settled_at: (item.outcome != Drained::Queued).then_some(now),
        ..item.clone()
    };
    let kept = async move |tx: &mut Tx| store::away::put_order(tx, &item).await;
    Ok(work.gateway.store.write(kept).await?)
}
