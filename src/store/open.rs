//! Opening a database, and running work in a transaction.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection, PgPool, SqliteConnection};

use super::tx::Driver;
use super::writer::{self, Writer};
use super::{StoreError, Tx};
use crate::clock::Clock;

/// How a database is used; the defaults suit one supplier on one machine.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Connections that read (SQLite), or all connections, of which half write (PostgreSQL). Default 8.
    pub connections: u32,
    /// Writes that may wait for the writer before callers wait too. Default 1,024.
    pub queue_max: usize,
    /// Writes in one commit of SQLite, at most. Default 64: more gains nothing and makes the first of them wait.
    pub group_max: usize,
    /// How long to wait for a connection, a lock or a place in the queue. Default 5,000 ms.
    pub wait_ms: u64,
    /// Attempts of one write on PostgreSQL when transactions collide. Default 10.
    pub attempts_max: u32,
    /// Pause between copying SQLite's write-ahead log into the file. Default 500 ms.
    pub checkpoint_every_ms: u64,
    /// Pages (of 4 KiB) of SQLite's write-ahead log from which the writer waits for a copy. Default 16,384 (64 MiB).
    pub wal_pages_max: i64,
}

impl Default for StoreOptions {
    fn default() -> Self {
        StoreOptions {
            connections: 8,
            queue_max: 1024,
            group_max: 64,
            wait_ms: 5000,
            attempts_max: 10,
            checkpoint_every_ms: 500,
            wal_pages_max: 16_384,
        }
    }
}

/// A database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    wait: Duration,
    writer: Writer,
    readers: Readers,
}

/// Where snapshots are read.
enum Readers {
    Sqlite { path: PathBuf, pool: SqlitePool },
    Postgres { pool: PgPool },
}

impl Store {
    /// Opens `sqlite:///absolute/path`, `sqlite://relative/path` or `postgres://user@host:port/database`.
    ///
    /// A SQLite file is made where there is none. The schema is not touched: see [`Store::migrate`].
    ///
    /// # Errors
    /// When the address is not one of these, or the database cannot be opened.
    pub async fn open(url: &str, options: &StoreOptions, clock: Clock) -> Result<Self, StoreError> {
        let (writer, readers) = match url.split_once(':') {
            Some(("sqlite", _)) => open_sqlite(url, options).await?,
            Some(("postgres" | "postgresql", _)) => open_postgres(url, options).await?,
            _ => {
                return Err(StoreError::unavailable(
                    "a database address begins with sqlite:// or postgres://",
                ));
            }
        };
        let wait = Duration::from_millis(options.wait_ms);
        Ok(Store {
            inner: Arc::new(Inner {
                clock,
                wait,
                writer,
                readers,
            }),
        })
    }

    /// The clock the store was opened with.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        match &self.inner.readers {
            Readers::Sqlite { .. } => "sqlite",
            Readers::Postgres { .. } => "postgres",
        }
    }

    /// Runs `work` in a transaction and answers when it is durable: `store.write(async move |tx| { … }).await`.
    ///
    /// Inside there is no network, no sleep and no other write; what decides is read inside; it may run twice. An error
    /// of `work`, a panic, or a statement that failed takes everything of this write back.
    ///
    /// # Errors
    /// The error of `work`, or a [`StoreError`] when the database would not take it.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.writer.write(work, self.inner.wait).await
    }

    /// Runs `work` on a snapshot of the database, which cannot be written.
    ///
    /// # Errors
    /// The error of `work`, or a [`StoreError`] when the database cannot be read.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx) -> Result<T, E>,
        E: From<StoreError>,
    {
        let mut tx = match &self.inner.readers {
            Readers::Sqlite { pool, .. } => Tx::sqlite(pool.begin().await.map_err(StoreError::from)?),
            Readers::Postgres { pool } => Tx::postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await
                    .map_err(StoreError::from)?,
            ),
        };
        work(&mut tx).await
    }

    pub(super) async fn run_migrations(&self, sqlite: Migrator, postgres: Migrator) -> Result<(), StoreError> {
        let done = match &self.inner.readers {
            Readers::Sqlite { path, .. } => {
                let mut connection = SqliteConnection::connect_with(&sqlite_options(path)).await?;
                let done = sqlite.run(&mut connection).await;
                if done.is_ok() {
                    sqlx::raw_sql(STATISTICS).execute(&mut connection).await?;
                }
                connection.close().await?;
                done
            }
            Readers::Postgres { pool } => postgres.run(pool).await,
        };
        done.map_err(|error| match error {
            MigrateError::Execute(error) => error.into(),
            error => StoreError::other(error.to_string()),
        })
    }

    /// Settings of the connection that writes, as the database states them.
    ///
    /// # Errors
    /// As every statement.
    #[doc(hidden)]
    pub async fn write_settings(&self) -> Result<BTreeMap<&'static str, String>, StoreError> {
        let names: &[&str] = match &self.inner.readers {
            Readers::Sqlite { .. } => &["synchronous", "foreign_keys", "busy_timeout", "wal_autocheckpoint"],
            Readers::Postgres { .. } => &["synchronous_commit", "transaction_isolation"],
        };
        self.write(async move |tx| {
            let mut settings = BTreeMap::new();
            for &name in names {
                let value = match tx.driver {
                    Driver::Sqlite(_) => {
                        let sql = AssertSqlSafe(format!("PRAGMA {name}"));
                        let number: i64 = scalar!(tx, sql)?;
                        number.to_string()
                    }
                    Driver::Postgres(_) => scalar!(tx, "SELECT current_setting($1)", name)?,
                };
                settings.insert(name, value);
            }
            Ok(settings)
        })
        .await
    }

    /// Finishes the writes that wait and closes the database; later reads and writes fail.
    pub async fn close(&self) {
        self.inner.writer.close().await;
        match &self.inner.readers {
            Readers::Sqlite { pool, .. } => pool.close().await,
            Readers::Postgres { pool } => pool.close().await,
        }
    }
}

/// What SQLite's planner is to think of every index: a supplier has a million rows, each further column picks few.
///
/// Without statistics it takes the leading `tenant_id` for selective, and reads all of a supplier's rows in the order
/// that is asked for instead of the few that are meant. Measured statistics would make plans depend on when they were
/// taken; these make them the same everywhere, with one row or with millions.
const STATISTICS: &str = "
    ANALYZE;
    DELETE FROM sqlite_stat1;
    INSERT INTO sqlite_stat1 (tbl, idx, stat)
        SELECT tbl, idx, '1000000 ' || group_concat(CASE
            WHEN place + 1 = columns AND is_unique THEN 1
            WHEN name = 'tenant_id' THEN 1000000
            WHEN place < 2 THEN 1000
            ELSE 10
        END, ' ' ORDER BY place)
        FROM (
            SELECT item.name AS tbl, list.name AS idx, list.\"unique\" AS is_unique, part.seqno AS place, part.name,
                count(*) OVER (PARTITION BY list.name) AS columns
            FROM sqlite_schema AS item, pragma_index_list(item.name) AS list, pragma_index_info(list.name) AS part
            WHERE item.type = 'table'
        )
        GROUP BY tbl, idx;
";

/// The settings of every connection to a SQLite file.
fn sqlite_options(path: &std::path::Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL may lose acknowledged writes when the power fails.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
}

async fn open_sqlite(url: &str, options: &StoreOptions) -> Result<(Writer, Readers), StoreError> {
    let path = SqliteConnectOptions::from_str(url)?.get_filename().to_owned();
    if url.contains(":memory:") || path.as_os_str().is_empty() {
        return Err(StoreError::unavailable(
            "a SQLite database is a file: sqlite:///path/to/file",
        ));
    }
    let settings = writer::sqlite::Settings {
        group_max: options.group_max.max(1),
        checkpoint_every: Duration::from_millis(options.checkpoint_every_ms),
        wal_pages_max: options.wal_pages_max,
    };
    // Checkpoints are the checkpointer's; a commit never waits for one.
    let writing = sqlite_options(&path).pragma("wal_autocheckpoint", "0");
    let run = async move |jobs, opened| writer::sqlite::run(writing, settings, jobs, opened).await;
    let writer = Writer::start(options.queue_max, run).await?;
    // Beside each connection's own pages, a megabyte of them, the system keeps the file's.
    let reading = sqlite_options(&path)
        .pragma("query_only", "1")
        .pragma("cache_size", "-1000");
    let pool = PoolOptions::new()
        .max_connections(options.connections.max(1))
        .acquire_timeout(Duration::from_millis(options.wait_ms))
        .test_before_acquire(false)
        .connect_with(reading)
        .await?;
    Ok((writer, Readers::Sqlite { path, pool }))
}

async fn open_postgres(url: &str, options: &StoreOptions) -> Result<(Writer, Readers), StoreError> {
    let connect = PgConnectOptions::from_str(url)?;
    let reading = (options.connections / 2).max(1);
    let writing = options.connections.saturating_sub(reading).max(1);
    let wait = Duration::from_millis(options.wait_ms);
    // All connections are opened at once: a socket belongs to the runtime that opened it.
    let pool = |connections| {
        PgPoolOptions::new()
            .max_connections(connections)
            .min_connections(connections)
            .acquire_timeout(wait)
    };
    let write_pool = pool(writing).after_connect(|connection, _| {
        Box::pin(async move {
            // Some servers are set to acknowledge before the disk has it.
            let durable = "SELECT set_config('synchronous_commit', 'on', false) \
                           WHERE current_setting('synchronous_commit') = 'off'";
            sqlx::query(durable).execute(connection).await.map(|_| ())
        })
    });
    let (write_connect, attempts_max) = (connect.clone(), options.attempts_max.max(1));
    let run = async move |jobs, opened| {
        writer::postgres::run(write_pool, write_connect, attempts_max, jobs, opened).await;
    };
    let writer = Writer::start(options.queue_max, run).await?;
    let pool = pool(reading).connect_with(connect).await?;
    Ok((writer, Readers::Postgres { pool }))
}
