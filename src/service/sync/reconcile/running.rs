//! Comparisons that run beside the requests that ask how far they are.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::Notify;
use uuid::Uuid;

use super::{Cause, Compared, reconcile};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::service::sync::Source;
use crate::service::{Error, Gateway, staff};
use crate::store;

/// Comparisons that are under way or done and may still be looked at.
const KEPT_MAX: usize = 16;

/// The comparisons of the process, the latest last.
#[derive(Default)]
pub struct Comparisons(Mutex<Vec<Arc<Running>>>);

/// How far a comparison is.
#[derive(Debug, Default)]
pub struct Progress {
    kind: Mutex<&'static str>,
    records: AtomicU64,
}

impl Progress {
    /// Goes on to the next kind of rows.
    pub(super) fn begin(&self, kind: &'static str) {
        *self.kind.lock().unwrap_or_else(PoisonError::into_inner) = kind;
    }

    /// So many records more were read.
    pub(super) fn read(&self, records: u64) {
        self.records.fetch_add(records, Ordering::Relaxed);
    }
}

/// A comparison that is under way or done.
pub struct Running {
    /// What tells it from others.
    pub id: Uuid,
    tenant_id: Uuid,
    /// The source's code.
    pub source: String,
    progress: Progress,
    outcome: OnceLock<Result<Compared, Refusal>>,
    ended: Notify,
}

/// Where a comparison stands.
#[derive(Debug)]
pub enum State<'r> {
    /// It reads a kind of rows.
    UnderWay {
        /// Which.
        kind: &'static str,
        /// Records that were read, of all kinds.
        records: u64,
    },
    /// What it found.
    Done(&'r Compared),
    /// Why it found nothing.
    Failed(&'r Refusal),
}

impl Running {
    /// Where it stands.
    pub fn state(&self) -> State<'_> {
        match self.outcome.get() {
            Some(Ok(compared)) => State::Done(compared),
            Some(Err(refusal)) => State::Failed(refusal),
            None => State::UnderWay {
                kind: *self.progress.kind.lock().unwrap_or_else(PoisonError::into_inner),
                records: self.progress.records.load(Ordering::Relaxed),
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

/// Begins to compare a source: the comparison, and the work, for whoever has the time to do it. One that is under way is
/// given back as it is.
///
/// # Errors
/// The role is too low, too many are under way, or the store would not.
pub async fn start(
    gateway: Arc<Gateway>,
    by: &Staff,
    source: Source,
) -> Result<(Arc<Running>, Option<impl Future<Output = ()> + Send + 'static>), Error> {
    staff::allow(by, Deed::Reconcile)?;
    let tenant_id = by.tenant_id;
    let running = Arc::new(Running {
        id: gateway.clock.new_id(),
        tenant_id,
        source: source.setting.code.clone(),
        progress: Progress::default(),
        outcome: OnceLock::new(),
        ended: Notify::new(),
    });
    if let Some(other) = gateway.comparisons.keep(&running)? {
        return Ok((other, None));
    }
    let detail = serde_json::json!({ "source": running.source });
    let audit = staff::entry(&gateway, by, Deed::Reconcile, running.id, detail);
    let write = async move |tx: &mut store::Tx| store::staff::insert(tx, &audit).await;
    gateway.store.write(write).await?;
    let comparison = Arc::clone(&running);
    let work = async move {
        let done = reconcile(&gateway, tenant_id, &source, Cause::Person, &comparison.progress).await;
        let outcome = done.map_err(|error| {
            tracing::error!(source = %comparison.source, %error, "sync.reconcile_failed");
            error.refusal()
        });
        comparison.outcome.get_or_init(|| outcome);
        comparison.ended.notify_waiters();
    };
    Ok((running, Some(work)))
}

/// A comparison of a supplier in this process, while it is kept.
pub fn find(gateway: &Gateway, tenant_id: Uuid, id: Uuid) -> Option<Arc<Running>> {
    let kept = gateway.comparisons.0.lock().unwrap_or_else(PoisonError::into_inner);
    let mut kept = kept.iter();
    kept.find(|running| running.id == id && running.tenant_id == tenant_id)
        .cloned()
}

impl Comparisons {
    /// Keeps one more, unless one of the same source is under way; the earliest that has ended makes room.
    fn keep(&self, running: &Arc<Running>) -> Result<Option<Arc<Running>>, Refusal> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = kept.iter().find(|other| {
            other.outcome.get().is_none() && (other.tenant_id, &other.source) == (running.tenant_id, &running.source)
        });
        if let Some(same) = same {
            return Ok(Some(Arc::clone(same)));
        }
        if kept.len() >= KEPT_MAX {
            let ended = kept.iter().position(|running| running.outcome.get().is_some());
            let Some(ended) = ended else {
                let text = "Too many comparisons are under way at present; try again in a minute.";
                return Err(Refusal::new(Code::TooMany, text));
            };
            kept.remove(ended);
        }
        kept.push(Arc::clone(running));
        Ok(None)
    }
}
