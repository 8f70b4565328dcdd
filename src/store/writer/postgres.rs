//! Writes on PostgreSQL: each is a transaction of its own, as many at a time as there are connections.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};
use tokio::task::JoinSet;

use super::{Job, Jobs, Opened};
use crate::store::{StoreError, Tx};

/// Opens the connections and works until the last sender is gone; then closes them.
pub(in crate::store) async fn run(
    pool: PgPoolOptions,
    options: PgConnectOptions,
    attempts_max: u32,
    mut jobs: Jobs,
    opened: Opened,
) {
    let pool = match pool.connect_with(options).await {
        Ok(pool) => pool,
        Err(error) => {
            opened.send(Err(error.into())).ok();
            return;
        }
    };
    if opened.send(Ok(())).is_err() {
        return;
    }
    let at_a_time = usize::try_from(pool.options().get_max_connections()).unwrap_or(1);
    let mut running = JoinSet::new();
    while let Some(job) = jobs.recv().await {
        while running.len() >= at_a_time {
            running.join_next().await;
        }
        running.spawn_local(write(pool.clone(), job, attempts_max));
        // Those that have ended are forgotten.
        while running.try_join_next().is_some() {}
    }
    running.join_all().await;
    pool.close().await;
}

/// Runs one write, again when it collided with another.
async fn write(pool: PgPool, mut job: Box<dyn Job>, attempts_max: u32) {
    let mut attempt = 1;
    let committed = loop {
        match try_write(&pool, job.as_mut()).await {
            Err(StoreError::Busy { reason, .. }) if attempt < attempts_max => {
                tracing::debug!(attempt, reason, "a write collided and runs again");
                attempt += 1;
            }
            ended => break ended,
        }
    };
    job.answer(committed);
}

/// An error that is the work's own is for the work to tell.
async fn try_write(pool: &PgPool, job: &mut dyn Job) -> Result<(), StoreError> {
    let mut tx = Tx::postgres(pool.begin().await?);
    let kept = job.run(&mut tx).await;
    let transaction: Transaction<'_, Postgres> = tx.into_postgres()?;
    match kept {
        Ok(()) => Ok(transaction.commit().await?),
        Err(failure) => {
            if let Err(error) = transaction.rollback().await {
                tracing::debug!(%error, "there was nothing to roll back");
            }
            failure.map_or(Ok(()), Err)
        }
    }
}
