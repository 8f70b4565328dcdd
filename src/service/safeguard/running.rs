//! Trials that run beside the requests that ask how far they are: ninety days of orders take longer than a page may.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::Notify;
use uuid::Uuid;

use super::trial::{Trial, try_with};
use super::{Fields, Looked};
use crate::domain::order::safeguard::Safeguards;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::service::{Error, Gateway, staff};

/// Trials that are under way or done and may still be looked at: a few people try a few times.
const KEPT_MAX: usize = 32;

/// The trials of the process, the latest last.
#[derive(Default)]
pub struct Trials(Mutex<Vec<Arc<Running>>>);

/// How many orders a trial has looked at, and of how many.
#[derive(Debug, Default)]
pub struct Progress {
    tried: AtomicU64,
    of: AtomicU64,
}

impl Progress {
    pub(super) fn begin(&self, of: u64) {
        self.of.store(of, Ordering::Relaxed);
    }

    pub(super) fn tried(&self, orders: u64) {
        self.tried.store(orders, Ordering::Relaxed);
    }
}

/// A trial that is under way or done.
pub struct Running {
    /// What tells it from others.
    pub id: Uuid,
    staff_id: Uuid,
    /// The connection as it was when the trial began.
    pub looked: Looked,
    /// The rules that are tried.
    pub own: Safeguards,
    /// The form that they came by.
    pub fields: Fields,
    progress: Progress,
    outcome: OnceLock<Result<Trial, Refusal>>,
    ended: Notify,
}

/// Where a trial stands.
#[derive(Debug)]
pub enum State<'r> {
    /// It has looked at so many orders of so many.
    UnderWay {
        /// Looked at.
        tried: u64,
        /// Of so many, at most.
        of: u64,
    },
    /// What it found.
    Done(&'r Trial),
    /// Why it found nothing.
    Failed(&'r Refusal),
}

impl Running {
    /// Where it stands.
    pub fn state(&self) -> State<'_> {
        match self.outcome.get() {
            Some(Ok(trial)) => State::Done(trial),
            Some(Err(refusal)) => State::Failed(refusal),
            None => State::UnderWay {
                tried: self.progress.tried.load(Ordering::Relaxed),
                of: self.progress.of.load(Ordering::Relaxed),
            },
        }
    }

    /// Waits until it has ended.
    pub async fn ended(&self) {
        let ended = self.ended.notified();
        tokio::pin!(ended);
        // Told from here on: it may end between the look and the wait.
        ended.as_mut().enable();
        if self.outcome.get().is_none() {
            ended.await;
        }
    }
}

/// Begins to try rules against the latest orders of a connection: the trial, and the work, for whoever has the time to
/// do it.
///
/// # Errors
/// The role is too low, or too many trials are under way.
pub fn prepare(
    gateway: Arc<Gateway>,
    by: &Staff,
    looked: Looked,
    own: Safeguards,
    fields: Fields,
) -> Result<(Arc<Running>, impl Future<Output = ()> + Send + 'static), Error> {
    staff::allow(by, Deed::ChangeConnection)?;
    let running = Arc::new(Running {
        id: gateway.clock.new_id(),
        staff_id: by.id,
        looked,
        own,
        fields,
        progress: Progress::default(),
        outcome: OnceLock::new(),
        ended: Notify::new(),
    });
    gateway.trials.keep(&running)?;
    let (trial, by) = (Arc::clone(&running), by.clone());
    let work = async move {
        let tried = try_with(&gateway, &by, &trial.looked, &trial.own, &trial.progress).await;
        let outcome = tried.map_err(|error| {
            if !matches!(error, Error::Refused(_)) {
                tracing::error!(connection = %trial.looked.connection.id, %error, "safeguard.trial_failed");
            }
            error.refusal()
        });
        trial.outcome.get_or_init(|| outcome);
        trial.ended.notify_waiters();
    };
    Ok((running, work))
}

/// A trial that this person began in this process, while it is kept.
pub fn find(gateway: &Gateway, by: &Staff, id: Uuid) -> Option<Arc<Running>> {
    let kept = gateway.trials.0.lock().unwrap_or_else(PoisonError::into_inner);
    kept.iter()
        .find(|running| running.id == id && running.staff_id == by.id)
        .cloned()
}

impl Trials {
    /// Keeps one more; the earliest that has ended makes room.
    fn keep(&self, running: &Arc<Running>) -> Result<(), Refusal> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            let ended = kept.iter().position(|running| running.outcome.get().is_some());
            let Some(ended) = ended else {
                let text = "Too many rules are being tried at present; try again in a minute.";
                return Err(Refusal::new(Code::TooMany, text));
            };
            kept.remove(ended);
        }
        kept.push(Arc::clone(running));
        Ok(())
    }
}
