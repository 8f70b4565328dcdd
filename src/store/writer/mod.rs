//! Writes wait in a queue and run on a thread of the store's own, the writer: it goes on when a caller gives up, and a
//! write's work need not be able to move between threads.

pub(super) mod postgres;
pub(super) mod sqlite;

use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::{StoreError, Tx};

/// Writes that wait for their turn.
pub(super) type Jobs = mpsc::Receiver<Box<dyn Job>>;
/// Where the writer tells that its database is open.
pub(super) type Opened = oneshot::Sender<Result<(), StoreError>>;

/// A write that waits for its turn.
pub(super) trait Job: Send {
    /// Does the work, and says whether it is to be kept; if not, which statement's failure is the reason, if one is.
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> LocalBoxFuture<'a, Result<(), Option<StoreError>>>;
    /// Releases the answer, when it is known what became of the transaction.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// The usual [`Job`]: a closure and where its answer goes.
struct Write<F, T, E> {
    work: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Write<F, T, E>
where
    F: AsyncFn(&mut Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> LocalBoxFuture<'a, Result<(), Option<StoreError>>> {
        Box::pin(async move {
            let result = AssertUnwindSafe((self.work)(tx)).catch_unwind().await;
            let failure = tx.take_failure();
            let result = match (result, &failure) {
                (Err(_), _) => Err(StoreError::other("the work of a write panicked").into()),
                (Ok(Ok(_)), Some(failure)) => Err(failure.clone().into()),
                (Ok(result), _) => result,
            };
            let is_kept = result.is_ok();
            self.result = Some(result);
            if is_kept { Ok(()) } else { Err(failure) }
        })
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (committed, self.result) {
            (_, Some(Err(error))) => Err(error),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Err(error), _) => Err(error.into()),
            (Ok(()), None) => Err(StoreError::other("the write was not run").into()),
        };
        if self.reply.send(answer).is_err() {
            tracing::debug!("a write has ended, but nobody waited for its answer");
        }
    }
}

/// The way to the writer, and its thread; both are gone when the store is closed.
pub(super) struct Writer(Mutex<Option<Running>>);

/// A writer that takes jobs.
type Running = (mpsc::Sender<Box<dyn Job>>, JoinHandle<()>);

impl Writer {
    /// Starts the thread with `run` on a runtime of its own, and waits until the database is open.
    pub(super) async fn start<R>(queue_max: usize, run: R) -> Result<Self, StoreError>
    where
        R: AsyncFnOnce(Jobs, Opened) + Send + 'static,
    {
        let (sender, jobs) = mpsc::channel(queue_max.max(1));
        let (opened, is_open) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::other(error.to_string()))?;
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || tokio::task::LocalSet::new().block_on(&runtime, run(jobs, opened)))
            .map_err(|error| StoreError::other(error.to_string()))?;
        is_open
            .await
            .unwrap_or_else(|_| Err(StoreError::unavailable("the writer ended")))?;
        Ok(Writer(Mutex::new(Some((sender, thread)))))
    }

    /// Queues a write and waits for its answer.
    pub(super) async fn write<F, T, E>(&self, work: F, wait: Duration) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let result = None;
        self.send(Box::new(Write { work, result, reply }), wait).await?;
        answer
            .await
            .unwrap_or_else(|_| Err(StoreError::unavailable("the writer ended").into()))
    }

    async fn send(&self, job: Box<dyn Job>, wait: Duration) -> Result<(), StoreError> {
        let sender = match self.0.lock() {
            Ok(writer) => writer.as_ref().map(|(sender, _)| sender.clone()),
            Err(_) => None,
        };
        let Some(sender) = sender else {
            return Err(StoreError::unavailable("the database is closed"));
        };
        match sender.send_timeout(job, wait).await {
            Ok(()) => Ok(()),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => Err(StoreError::busy("too many writes wait")),
            Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(StoreError::unavailable("the writer ended")),
        }
    }

    /// Ends the writer after the writes that wait.
    pub(super) async fn close(&self) {
        let writer = self.0.lock().map(|mut writer| writer.take());
        let Ok(Some((sender, thread))) = writer else { return };
        drop(sender);
        let ended = tokio::task::spawn_blocking(move || thread.join()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!("the writer ended with a panic");
        }
    }
}
