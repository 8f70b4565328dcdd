//! The one writer of a SQLite file: it runs the writes one by one, and commits them in groups.
//!
//! A commit is durable only after the disk says so, which takes as long for one write as for many. So the writes that
//! wait go into one transaction, each in a savepoint of its own: one that fails is taken back alone. The answers are
//! released after the commit; if the commit fails, all of the group fail.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::{Notify, mpsc, oneshot};

use super::{StoreError, Tx};

/// A write that waits for its turn.
pub(super) trait Job: Send {
    /// Does the work, and says whether it is to be kept.
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> LocalBoxFuture<'a, bool>;
    /// Releases the answer, when the end of the group is known.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// The usual [`Job`]: a closure and where its answer goes.
pub(super) struct Write<F, T, E> {
    pub work: F,
    pub result: Option<Result<T, E>>,
    pub reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Write<F, T, E>
where
    F: AsyncFn(&mut Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> LocalBoxFuture<'a, bool> {
        Box::pin(async move {
            let result = AssertUnwindSafe((self.work)(tx)).catch_unwind().await;
            let result = match (result, tx.take_failure()) {
                (Err(_), _) => Err(StoreError::other("the work of this write panicked").into()),
                (Ok(Ok(_)), Some(failure)) => Err(failure.into()),
                (Ok(result), _) => result,
            };
            self.result.insert(result).is_ok()
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
            tracing::debug!("a write was done, but nobody waited for its answer");
        }
    }
}

/// How the writer works.
pub(super) struct Settings {
    /// Most writes in one commit.
    pub group_max: usize,
    /// How often the write-ahead log is copied into the database file.
    pub checkpoint_every: Duration,
    /// Length of the write-ahead log, in pages, from which the writer waits for it to be copied.
    pub wal_pages_max: i64,
}

/// Opens the two connections and works until the last sender is gone; then closes the file.
pub(super) async fn run(
    options: SqliteConnectOptions,
    settings: Settings,
    mut jobs: mpsc::Receiver<Box<dyn Job>>,
    opened: oneshot::Sender<Result<(), StoreError>>,
) {
    let (connection, checkpointer) = match open(&options).await {
        Ok(connections) => connections,
        Err(error) => {
            opened.send(Err(error)).ok();
            return;
        }
    };
    if opened.send(Ok(())).is_err() {
        return;
    }
    let signal = Arc::new(Signal::default());
    let checkpoints = tokio::spawn(checkpoint(
        checkpointer,
        signal.clone(),
        settings.checkpoint_every,
        settings.wal_pages_max,
    ));

    let mut tx = Tx::sqlite(Box::new(connection));
    let mut group = Vec::with_capacity(settings.group_max);
    while let Some(first) = jobs.recv().await {
        group.push(first);
        let committed = commit_group(&mut tx, &mut group, &mut jobs, settings.group_max).await;
        if let Err(error) = &committed {
            roll_back(&mut tx, error).await;
        }
        for job in group.drain(..) {
            job.answer(committed.clone());
        }
        signal.written.notify_one();
        if signal.too_long.swap(false, Ordering::Relaxed) {
            catch_up(&mut tx).await;
        }
    }
    checkpoints.abort();
}

async fn open(options: &SqliteConnectOptions) -> Result<(SqliteConnection, SqliteConnection), StoreError> {
    let connection = options.clone().connect().await?;
    let checkpointer = options.clone().connect().await?;
    Ok((connection, checkpointer))
}

/// Runs the waiting writes in one transaction, at most `group_max`.
async fn commit_group(
    tx: &mut Tx,
    group: &mut Vec<Box<dyn Job>>,
    jobs: &mut mpsc::Receiver<Box<dyn Job>>,
    group_max: usize,
) -> Result<(), StoreError> {
    execute(tx, "BEGIN IMMEDIATE; SAVEPOINT one").await?;
    while let Some(job) = group.last_mut() {
        let keep = job.run(tx).await;
        let next = if group.len() < group_max {
            jobs.try_recv().ok()
        } else {
            None
        };
        let ended = next.is_none();
        group.extend(next);
        execute(
            tx,
            match (keep, ended) {
                (true, false) => "RELEASE one; SAVEPOINT one",
                (false, false) => "ROLLBACK TO one",
                (true, true) => "RELEASE one; COMMIT",
                (false, true) => "ROLLBACK TO one; RELEASE one; COMMIT",
            },
        )
        .await?;
        if ended {
            break;
        }
    }
    Ok(())
}

async fn execute(tx: &mut Tx, sql: &'static str) -> Result<(), StoreError> {
    let done = on!(tx, connection => sqlx::raw_sql(sql).execute(connection).await.map(|_| ()));
    tx.take_failure();
    done
}

/// A full disk ends the transaction by itself; every other failure leaves it to be rolled back.
async fn roll_back(tx: &mut Tx, cause: &StoreError) {
    tracing::error!(error = %cause, "a group of writes was not committed");
    if let Err(error) = execute(tx, "ROLLBACK").await {
        tracing::debug!(%error, "there was nothing to roll back");
    }
}

/// What writer and checkpointer tell each other.
#[derive(Default)]
struct Signal {
    written: Notify,
    too_long: AtomicBool,
}

/// Copies the write-ahead log into the database file on a connection of its own, so that no commit waits for it.
///
/// The log is never truncated: overwriting an allocated file is several times cheaper to make durable than growing one.
/// It starts over when all of it was copied. Under steady writing there is always a little left, so when the log has
/// become too long the writer itself is asked to copy the rest between two groups.
async fn checkpoint(mut connection: SqliteConnection, signal: Arc<Signal>, every: Duration, wal_pages_max: i64) {
    loop {
        signal.written.notified().await;
        match sqlx::query_as::<_, (i64, i64, i64)>("PRAGMA wal_checkpoint(PASSIVE)")
            .fetch_one(&mut connection)
            .await
        {
            Ok((_, pages, _)) => signal.too_long.store(pages > wal_pages_max, Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be copied"),
        }
        tokio::time::sleep(every).await;
    }
}

async fn catch_up(tx: &mut Tx) {
    if let Err(error) = execute(tx, "PRAGMA wal_checkpoint(PASSIVE)").await {
        tracing::warn!(%error, "the write-ahead log could not be copied");
    }
}
