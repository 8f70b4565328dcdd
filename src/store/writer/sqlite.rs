//! The one writer of a SQLite file: it runs the writes one by one, and commits them in groups.
//!
//! A commit is durable only after the disk says so, which takes as long for one write as for many. So the writes that
//! wait go into one transaction; one that fails is taken back alone. The answers are released after the commit; if the
//! commit fails, all of the group fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::Notify;

use super::{Job, Jobs, Opened};
use crate::store::{StoreError, Tx};

/// How the writer works.
pub(in crate::store) struct Settings {
    /// Most writes in one commit.
    pub group_max: usize,
    /// How often the write-ahead log is copied into the database file.
    pub checkpoint_every: Duration,
    /// Length of the write-ahead log, in pages, from which the writer waits for it to be copied.
    pub wal_pages_max: i64,
}

/// Opens the two connections and works until the last sender is gone; then closes the file.
pub(in crate::store) async fn run(options: SqliteConnectOptions, settings: Settings, mut jobs: Jobs, opened: Opened) {
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
    let checkpoints = tokio::task::spawn_local(checkpoint(
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
///
/// Hardly any write fails, so they have no savepoints at first: each would be two statements more. The first that
/// fails takes all back; those before it run again, and from there on each has a savepoint, so that no group runs
/// more than twice.
async fn commit_group(
    tx: &mut Tx,
    group: &mut Vec<Box<dyn Job>>,
    jobs: &mut Jobs,
    group_max: usize,
) -> Result<(), StoreError> {
    execute(tx, "BEGIN IMMEDIATE").await?;
    while let Some(job) = group.last_mut() {
        if job.run(tx).await.is_err() {
            execute(tx, "ROLLBACK").await?;
            return commit_rest(tx, group, jobs, group_max).await;
        }
        if !add_next(group, jobs, group_max) {
            break;
        }
    }
    execute(tx, "COMMIT").await
}

/// Commits what is left of a group whose last write failed.
async fn commit_rest(
    tx: &mut Tx,
    group: &mut Vec<Box<dyn Job>>,
    jobs: &mut Jobs,
    group_max: usize,
) -> Result<(), StoreError> {
    let failed = group.len() - 1;
    execute(tx, "BEGIN IMMEDIATE").await?;
    for job in &mut group[..failed] {
        run_in_savepoint(tx, job.as_mut()).await?;
    }
    while add_next(group, jobs, group_max) {
        if let Some(job) = group.last_mut() {
            run_in_savepoint(tx, job.as_mut()).await?;
        }
    }
    execute(tx, "COMMIT").await
}

async fn run_in_savepoint(tx: &mut Tx, job: &mut dyn Job) -> Result<(), StoreError> {
    execute(tx, "SAVEPOINT one").await?;
    let end = match job.run(tx).await {
        Ok(()) => "RELEASE one",
        Err(_) => "ROLLBACK TO one; RELEASE one",
    };
    execute(tx, end).await
}

/// Takes one more write if one waits and there is room.
fn add_next(group: &mut Vec<Box<dyn Job>>, jobs: &mut Jobs, group_max: usize) -> bool {
    let next = (group.len() < group_max).then(|| jobs.try_recv().ok()).flatten();
    let is_there = next.is_some();
    group.extend(next);
    is_there
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
