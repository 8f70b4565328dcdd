//! ERPs that are away: what is known of each source here, and what changes it.
//!
//! Where a source stands is a row of the database, changed under a lock by whoever asks the ERP, looks at ages, or is a
//! person; every process keeps a copy for the shop, read again in each round of upkeep and after each change of its own.

pub mod look;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::away::{self, Age, Drain, Mode, Rules, Standing, Switch, Turn};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::domain::stock::Trust;
use crate::domain::word::Word;
use crate::service::{Error, Gateway, staff};
use crate::store::feed::{self, Change};
use crate::store::{self, StoreError, Tx};

/// Longest reason of a person.
const REASON_CHARS_MAX: usize = 200;

/// What this process knows of all sources.
#[derive(Default)]
pub struct Away {
    held: RwLock<Arc<HashMap<Uuid, Vec<Known>>>>,
}

/// One source with the ages of what it brought.
#[derive(Clone, Debug)]
struct Known {
    standing: Standing,
    ages: Vec<Age>,
}

impl Away {
    fn all(&self) -> Arc<HashMap<Uuid, Vec<Known>>> {
        match self.held.read() {
            Ok(held) => Arc::clone(&held),
            Err(poisoned) => Arc::clone(&poisoned.into_inner()),
        }
    }

    fn replace(&self, all: HashMap<Uuid, Vec<Known>>) {
        let mut held = match self.held.write() {
            Ok(held) => held,
            Err(poisoned) => poisoned.into_inner(),
        };
        *held = Arc::new(all);
    }
}

/// Reads where all sources stand.
///
/// # Errors
/// The store would not.
pub async fn refresh(gateway: &Gateway) -> Result<(), Error> {
    let read = gateway.store.read(async |tx| {
        let mut all: HashMap<Uuid, Vec<Known>> = HashMap::new();
        for standing in store::away::all(tx).await? {
            let ages = store::away::ages(tx, &standing).await?;
            let of_tenant = all.entry(standing.tenant_id).or_default();
            of_tenant.push(Known { standing, ages });
        }
        Ok::<_, StoreError>(all)
    });
    gateway.away.replace(read.await?);
    Ok(())
}

/// Decides the modes of all sources by the ages of what they brought, and reads where they stand.
///
/// # Errors
/// The store would not.
pub async fn look(gateway: &Gateway) -> Result<(), Error> {
    refresh(gateway).await?;
    let now = gateway.clock.now();
    for known in gateway.away.all().values().flatten() {
        let mut standing = known.standing.clone();
        if standing.decide(&known.ages, now).is_some() {
            change(gateway, standing.tenant_id, standing.source_id, None, |_, _| ()).await?;
        }
    }
    Ok(())
}

/// How far figures of stock are trusted now: as far as the oldest source of them allows.
pub fn trust(gateway: &Gateway, tenant_id: Uuid, now: Timestamp) -> Trust {
    let all = gateway.away.all();
    let known = all.get(&tenant_id).into_iter().flatten();
    let trusts = known
        // Whoever says that all is well says it of the stock, too.
        .filter(|known| known.standing.hand != Some(Mode::Normal))
        .map(|known| away::trust(&known.standing.rules.care, &known.ages, now));
    trusts.fold(Trust::Whole, |least, trust| match (least, trust) {
        (Trust::Nothing, _) | (_, Trust::Nothing) => Trust::Nothing,
        (Trust::Less(one), Trust::Less(other)) => Trust::Less(one.max(other)),
        (Trust::Whole, other) | (other, Trust::Whole) => other,
    })
}

/// Seconds that a cart holds which is returned now, of those that it usually does.
pub fn quote_seconds(gateway: &Gateway, tenant_id: Uuid, usual: i64) -> i64 {
    let all = gateway.away.all();
    let known = all.get(&tenant_id).into_iter().flatten();
    let away = known.filter(|known| known.standing.mode != Mode::Normal);
    let seconds = away.map(|known| i64::from(known.standing.rules.care.quote_hours) * 3600);
    seconds.min().map_or(usual, |short| short.min(usual))
}

/// The modes of all sources, each with how many have it; none where there are no sources.
pub fn modes(gateway: &Gateway) -> Vec<(Mode, usize)> {
    let all = gateway.away.all();
    let count = |mode: &Mode| {
        let known = all.values().flatten();
        known.filter(|known| known.standing.mode == *mode).count()
    };
    let counts = Mode::ALL.iter().map(|mode| (*mode, count(mode)));
    counts.filter(|(_, count)| *count > 0).collect()
}

/// Where the source of a code stands; nothing before its first run.
///
/// # Errors
/// The store would not.
pub(super) async fn find(gateway: &Gateway, tenant_id: Uuid, code: &str) -> Result<Option<Standing>, Error> {
    let read = gateway.store.read(async |tx| {
        let Some(source) = store::source::find(tx, tenant_id, code).await? else {
            return Ok::<_, StoreError>(None);
        };
        store::away::find(tx, tenant_id, source.id).await
    });
    Ok(read.await?)
}

/// Whether the source of a code may be asked now.
///
/// # Errors
/// The store would not.
pub(super) async fn turn(gateway: &Gateway, tenant_id: Uuid, code: &str) -> Result<Turn, Error> {
    let Some(mut standing) = find(gateway, tenant_id, code).await? else {
        return Ok(Turn::Ask);
    };
    match standing.turn(gateway.clock.now()) {
        // Of several who see that its time has come, one takes it.
        Turn::Try => {
            change(gateway, tenant_id, standing.source_id, None, |standing, now| {
                standing.turn(now)
            })
            .await
        }
        turn => Ok(turn),
    }
}

/// Notes whether the ERP answered about an order.
///
/// # Errors
/// The store would not.
pub(super) async fn note(
    gateway: &Gateway,
    tenant_id: Uuid,
    source_id: Uuid,
    error: Option<&str>,
) -> Result<(), Error> {
    let error = error.map(str::to_owned);
    change(gateway, tenant_id, source_id, None, move |standing, now| match &error {
        Some(error) => standing.unanswered(error, now),
        None => standing.failures = 0,
    })
    .await
}

/// How a run went, as far as it matters here.
pub(super) struct Ran {
    /// What holds for the source now.
    pub rules: Rules,
    /// Whether it was answered; nothing where the ERP was there but refused.
    pub outcome: Option<Result<(), String>>,
    /// Whether all of its entities were asked for.
    pub is_whole: bool,
    /// Whether the source takes orders.
    pub takes_orders: bool,
}

/// Notes how a run went; where the ERP is back, what waited begins to drain.
///
/// # Errors
/// The store would not.
pub(super) async fn note_run(gateway: &Gateway, tenant_id: Uuid, source_id: Uuid, ran: Ran) -> Result<(), Error> {
    let clock = gateway.clock.clone();
    let write = async move |tx: &mut Tx| {
        let (before, mut standing) = held(tx, &clock, tenant_id, source_id).await?;
        let now = clock.now();
        standing.rules = ran.rules.clone();
        match &ran.outcome {
            Some(Ok(())) => standing.answered(),
            Some(Err(error)) => standing.unanswered(error, now),
            None => {}
        }
        if ran.is_whole && ran.outcome == Some(Ok(())) && standing.is_back() {
            let since = standing.queue_since.take().unwrap_or(now);
            if ran.takes_orders {
                begin_drain(tx, &clock, &standing, since).await?;
            }
        }
        keep(tx, &clock, before, standing, None).await
    };
    gateway.store.write(write).await?;
    refresh(gateway).await
}

/// Begins the drain of what waited, or goes on with one that was interrupted.
async fn begin_drain(tx: &mut Tx, clock: &Clock, standing: &Standing, since: Timestamp) -> Result<(), StoreError> {
    let tenant_id = standing.tenant_id;
    let drain = match store::away::open_drain(tx, tenant_id).await? {
        Some(drain) => drain,
        None if store::away::queue_length(tx, tenant_id).await? == 0 => return Ok(()),
        None => {
            let drain = Drain {
                tenant_id,
                id: clock.new_id(),
                source_id: standing.source_id,
                queue_since: since,
                started_at: clock.now(),
                finished_at: None,
            };
            store::away::add_drain(tx, &drain).await?;
            drain
        }
    };
    let queued = store::away::fill_drain(tx, &drain, clock.now()).await?;
    tracing::info!(%tenant_id, queued, "erp.drain");
    Ok(())
}

/// Sets the mode of a source by hand, or lets data decide again.
///
/// # Errors
/// The role is too low, the reason is missing, there is no such source, or the store would not.
pub async fn say(
    gateway: &Gateway,
    by: &Staff,
    source_id: Uuid,
    mode: Option<Mode>,
    reason: &str,
) -> Result<(), Error> {
    staff::allow(by, Deed::SwitchErp)?;
    let reason: String = reason.trim().chars().take(REASON_CHARS_MAX).collect();
    if mode.is_some() && reason.is_empty() {
        let text = "Say why: others see it, and take it back when it no longer holds.";
        return Err(Refusal::new(Code::BadRequest, text).at("reason").into());
    }
    let (tenant_id, staff_id) = (by.tenant_id, by.id);
    let known = gateway
        .store
        .read(async |tx| store::away::find(tx, tenant_id, source_id).await);
    let known: Option<Standing> = known.await?;
    if known.is_none() {
        return Err(Refusal::new(Code::Conflict, "There is no such source any more.").into());
    }
    let detail = serde_json::json!({ "mode": mode.map_or("by data", Word::word), "reason": reason });
    let audit = staff::entry(gateway, by, Deed::SwitchErp, source_id, detail);
    let clock = gateway.clock.clone();
    let write = async move |tx: &mut Tx| {
        let (before, mut standing) = held(tx, &clock, tenant_id, source_id).await?;
        standing.say(mode, &reason, staff_id, clock.now());
        store::staff::insert(tx, &audit).await?;
        keep(tx, &clock, before, standing, Some(staff_id)).await
    };
    gateway.store.write(write).await?;
    refresh(gateway).await
}

/// Changes where a source stands, decides its mode, and reads it here; nothing is written where nothing changed.
async fn change<T: Send + 'static>(
    gateway: &Gateway,
    tenant_id: Uuid,
    source_id: Uuid,
    by: Option<Uuid>,
    act: impl Fn(&mut Standing, Timestamp) -> T + Send + Sync + 'static,
) -> Result<T, Error> {
    let clock = gateway.clock.clone();
    let write = async move |tx: &mut Tx| {
        let (before, mut standing) = held(tx, &clock, tenant_id, source_id).await?;
        let done = act(&mut standing, clock.now());
        keep(tx, &clock, before, standing, by).await?;
        Ok::<_, StoreError>(done)
    };
    let done = gateway.store.write(write).await?;
    refresh(gateway).await?;
    Ok(done)
}

/// Where a source stands, held until the end of the transaction: as it is kept, and to change.
async fn held(
    tx: &mut Tx,
    clock: &Clock,
    tenant_id: Uuid,
    source_id: Uuid,
) -> Result<(Option<Standing>, Standing), StoreError> {
    store::away::lock(tx, tenant_id, source_id).await?;
    let before = store::away::find(tx, tenant_id, source_id).await?;
    let standing = before.clone();
    let standing = standing.unwrap_or_else(|| Standing::new(tenant_id, source_id, clock.now()));
    Ok((before, standing))
}

/// Decides the mode and keeps what changed; another mode is an event.
async fn keep(
    tx: &mut Tx,
    clock: &Clock,
    before: Option<Standing>,
    mut standing: Standing,
    by: Option<Uuid>,
) -> Result<(), StoreError> {
    let now = clock.now();
    let ages = store::away::ages(tx, &standing).await?;
    let switched = standing.decide(&ages, now);
    if before.as_ref() == Some(&standing) {
        return Ok(());
    }
    store::away::put(tx, &standing).await?;
    let Some(from) = switched else { return Ok(()) };
    let switch = Switch {
        tenant_id: standing.tenant_id,
        id: clock.new_id(),
        source_id: standing.source_id,
        before: from,
        after: standing.mode,
        cause: standing.cause,
        reason: standing.reason.clone(),
        by,
        at: now,
    };
    store::away::note(tx, &switch).await?;
    let (tenant, after) = (standing.tenant_id, standing.mode.word());
    tracing::warn!(%tenant, source = %standing.source_id, mode = after, reason = %standing.reason, "erp.mode");
    let mut changes = [Change {
        tenant_id: tenant,
        seq: 0,
        entity: "erp_mode".to_owned(),
        entity_id: standing.source_id,
        op: "put".to_owned(),
        cause: standing.cause.word().to_owned(),
        at: now,
    }];
    feed::append(tx, tenant, &mut changes).await.map(|_| ())
}

/// How old something is, in the words of people: `3 min`, `5 h`, `2 d`.
pub fn shown(age: SignedDuration) -> String {
    match age.as_secs() {
        seconds @ ..60 => format!("{} s", seconds.max(0)),
        seconds @ 60..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
}
