//! The kernel under load and under failure: what is answered is kept, what fails leaves nothing.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::{Barrier, Semaphore};
use uuid::Uuid;

use super::feed::{self, Change};
use super::{Store, StoreError, StoreOptions, Tx};
use crate::clock::Clock;

/// A store of one test; the other tests of stores are stories under `tests/it`.
struct Fresh {
    store: Store,
    url: String,
    directory: Option<PathBuf>,
    server: Option<(String, String)>,
}

fn id() -> String {
    Clock::system().new_id().simple().to_string()
}

async fn sqlite(options: &StoreOptions) -> Fresh {
    let directory = std::env::temp_dir().join(format!("punchgate-unit-{}", id()));
    std::fs::create_dir_all(&directory).unwrap();
    let url = format!("sqlite://{}", directory.join("store.db").display());
    let store = Store::open(&url, options, Clock::system()).await.unwrap();
    Fresh {
        store,
        url,
        directory: Some(directory),
        server: None,
    }
}

async fn postgres(options: &StoreOptions) -> Option<Fresh> {
    let server = std::env::var("PUNCHGATE_TEST_POSTGRES").ok()?;
    let database = format!("punchgate_unit_{}", id());
    let mut connection = PgConnection::connect(&server).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {database}")))
        .execute(&mut connection)
        .await
        .unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&database);
    let store = Store::open(url.as_str(), options, Clock::system()).await.unwrap();
    Some(Fresh {
        store,
        url: url.into(),
        directory: None,
        server: Some((server, database)),
    })
}

/// A store of each kind with one small table; without PostgreSQL the stories say that it is missing.
async fn stores() -> Vec<Fresh> {
    let options = StoreOptions {
        connections: 4,
        ..StoreOptions::default()
    };
    let mut stores = vec![sqlite(&options).await];
    stores.extend(postgres(&options).await);
    for fresh in &stores {
        fresh.store.write(create).await.unwrap();
    }
    stores
}

async fn create(tx: &mut Tx) -> Result<(), StoreError> {
    execute!(tx, "CREATE TABLE number (n BIGINT PRIMARY KEY, body TEXT)").map(|_| ())
}

impl Fresh {
    /// Removes the database; on SQLite dropping the folder is enough.
    async fn end(self) {
        self.store.close().await;
        if let Some(directory) = &self.directory {
            std::fs::remove_dir_all(directory).unwrap();
        }
        if let Some((server, database)) = &self.server {
            let mut connection = PgConnection::connect(server).await.unwrap();
            let drop = AssertSqlSafe(format!("DROP DATABASE {database} WITH (FORCE)"));
            sqlx::query(drop).execute(&mut connection).await.unwrap();
        }
    }
}

async fn put(tx: &mut Tx, n: i64) -> Result<(), StoreError> {
    execute!(tx, "INSERT INTO number (n) VALUES ($1)", n).map(|_| ())
}

async fn numbers(store: &Store) -> BTreeSet<i64> {
    let rows: Vec<(i64,)> = store.read(async |tx| all!(tx, "SELECT n FROM number")).await.unwrap();
    rows.into_iter().map(|(n,)| n).collect()
}

#[derive(Debug)]
enum Failure {
    Store(StoreError),
    Own,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Failure::Store(error)
    }
}

#[tokio::test]
async fn a_failed_write_takes_only_itself_back() {
    for fresh in stores().await {
        let store = &fresh.store;
        store.write(async |tx| put(tx, -1).await).await.unwrap();
        let writes = (0..120).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write(async move |tx| {
                        put(tx, n).await?;
                        match n % 4 {
                            0 => Err(Failure::Own),
                            1 => Ok(put(tx, -1).await?),
                            2 if n % 8 == 2 => panic!("expected: a write panics"),
                            _ => Ok(()),
                        }
                    })
                    .await
            })
        });
        for (n, write) in writes.collect::<Vec<_>>().into_iter().enumerate() {
            let panics = n % 8 == 2;
            match (n % 4, write.await) {
                (0, Ok(Err(Failure::Own))) => {}
                (1, Ok(Err(Failure::Store(error)))) => assert!(error.is_conflict("number"), "{error}"),
                (2, Ok(Err(Failure::Store(StoreError::Other { .. })))) if panics => {}
                (2 | 3, Ok(Ok(()))) => {}
                (_, other) => panic!("write {n} ended with {other:?}"),
            }
        }
        let expected: BTreeSet<i64> = (0..120).filter(|n| n % 4 == 3 || n % 8 == 6).chain([-1]).collect();
        assert_eq!(numbers(store).await, expected, "{}", store.kind());
        fresh.end().await;
    }
}

#[tokio::test]
async fn nothing_follows_a_statement_that_failed() {
    for fresh in stores().await {
        let write: Result<(), StoreError> = fresh
            .store
            .write(async |tx| {
                put(tx, 1).await?;
                let again = put(tx, 1).await;
                assert!(again.unwrap_err().is_conflict("number"));
                assert!(
                    put(tx, 2).await.unwrap_err().is_conflict("number"),
                    "refused with the first failure"
                );
                Ok(())
            })
            .await;
        let Err(StoreError::Conflict { table, columns, place }) = write else {
            panic!("{write:?}")
        };
        assert_eq!((table.as_str(), columns.as_str()), ("number", "n"));
        assert!(place.file().ends_with("tests.rs"), "{place}");
        assert_eq!(numbers(&fresh.store).await, BTreeSet::new());
        fresh.end().await;
    }
}

#[tokio::test]
async fn a_read_is_a_snapshot_and_cannot_write() {
    for fresh in stores().await {
        let store = &fresh.store;
        store.write(async |tx| put(tx, 1).await).await.unwrap();
        let counts: (i64, i64) = store
            .read(async |tx| {
                let before = scalar!(tx, "SELECT count(*) FROM number")?;
                store.write(async |tx| put(tx, 2).await).await?;
                Ok::<_, StoreError>((before, scalar!(tx, "SELECT count(*) FROM number")?))
            })
            .await
            .unwrap();
        assert_eq!(counts, (1, 1));
        let written = store.read(async |tx| put(tx, 3).await).await;
        assert!(written.is_err(), "{}", store.kind());
        assert_eq!(numbers(store).await, BTreeSet::from([1, 2]));
        fresh.end().await;
    }
}

/// Holds the writer until `go`, so that the writes that follow form one group.
fn hold(store: &Store, n: i64, go: &Arc<Semaphore>) -> tokio::task::JoinHandle<Result<(), StoreError>> {
    let (store, go) = (store.clone(), go.clone());
    tokio::spawn(async move {
        let work = async move |tx: &mut Tx| {
            put(tx, n).await?;
            // A write may run twice.
            let _passed = go.acquire().await;
            Ok(())
        };
        store.write(work).await
    })
}

async fn queue<F>(store: &Store, work: F) -> tokio::task::JoinHandle<Result<(), StoreError>>
where
    F: AsyncFn(&mut Tx) -> Result<(), StoreError> + Send + 'static,
{
    let store = store.clone();
    let write = tokio::task::spawn_local(async move { store.write(work).await });
    tokio::task::yield_now().await;
    write
}

#[tokio::test]
async fn a_commit_that_fails_fails_its_whole_group() {
    let fresh = sqlite(&StoreOptions::default()).await;
    let store = fresh.store.clone();
    store.write(create).await.unwrap();
    let deferred = "CREATE TABLE child (n BIGINT REFERENCES number (n) DEFERRABLE INITIALLY DEFERRED)";
    store.write(async move |tx| execute!(tx, deferred)).await.unwrap();
    tokio::task::LocalSet::new()
        .run_until(async {
            let go = Arc::new(Semaphore::new(0));
            let first = hold(&store, 1, &go);
            tokio::task::yield_now().await;
            let child = queue(&store, async |tx| {
                execute!(tx, "INSERT INTO child VALUES (9)").map(|_| ())
            })
            .await;
            let own = queue(&store, async |_| Err(StoreError::inconsistent("its own error"))).await;
            go.add_permits(1);
            for write in [first, child] {
                let error = write.await.unwrap().unwrap_err();
                assert!(matches!(error, StoreError::Inconsistent { .. }), "{error}");
            }
            assert!(own.await.unwrap().unwrap_err().to_string().contains("its own error"));
        })
        .await;
    store.write(async |tx| put(tx, 2).await).await.unwrap();
    assert_eq!(numbers(&store).await, BTreeSet::from([2]));
    fresh.end().await;
}

#[tokio::test]
async fn a_full_disk_is_told_and_survived() {
    let fresh = sqlite(&StoreOptions::default()).await;
    let store = &fresh.store;
    store.write(create).await.unwrap();
    let limit = async |pages: i64| {
        let sql = AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        let text = sql.0.clone();
        let set: i64 = store
            .write(async move |tx| scalar!(tx, AssertSqlSafe(text.clone())))
            .await
            .unwrap();
        set
    };
    limit(12).await;
    let write = async |n: i64, bytes: usize| {
        store
            .write(async move |tx| {
                let sql = "INSERT INTO number (n, body) VALUES ($1, $2)";
                execute!(tx, sql, n, "x".repeat(bytes)).map(|_| ())
            })
            .await
    };
    write(1, 10).await.unwrap();
    let error = write(2, 1_000_000).await.unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    assert_eq!(numbers(store).await, BTreeSet::from([1]));
    write(3, 10).await.unwrap();
    limit(1_000_000).await;
    write(4, 1_000_000).await.unwrap();
    assert_eq!(numbers(store).await, BTreeSet::from([1, 3, 4]));
    fresh.end().await;
}

#[tokio::test]
async fn the_write_ahead_log_stays_short_under_steady_writing() {
    let options = StoreOptions {
        checkpoint_every_ms: 1,
        wal_pages_max: 200,
        ..StoreOptions::default()
    };
    let fresh = sqlite(&options).await;
    let store = &fresh.store;
    store.write(create).await.unwrap();
    for n in 0..1500i64 {
        store
            .write(async move |tx| execute!(tx, "INSERT INTO number (n, body) VALUES ($1, $2)", n, "x".repeat(4000)))
            .await
            .unwrap();
    }
    let log = PathBuf::from(fresh.url.trim_start_matches("sqlite://").to_owned() + "-wal");
    let bytes = std::fs::metadata(log).unwrap().len();
    assert!(
        bytes > 0 && bytes < 6_000_000,
        "{bytes} bytes of about 18 million written"
    );
    fresh.end().await;
}

#[tokio::test]
async fn two_stores_on_one_file_take_turns() {
    let fresh = sqlite(&StoreOptions::default()).await;
    let other = Store::open(&fresh.url, &StoreOptions::default(), Clock::system())
        .await
        .unwrap();
    fresh.store.write(create).await.unwrap();
    let writes: Vec<_> = (0..200i64)
        .map(|n| {
            let store = if n % 2 == 0 { fresh.store.clone() } else { other.clone() };
            tokio::spawn(async move { store.write(async move |tx| put(tx, n).await).await })
        })
        .collect();
    for write in writes {
        write.await.unwrap().unwrap();
    }
    assert_eq!(numbers(&other).await, (0..200).collect());
    other.close().await;
    fresh.end().await;
}

#[tokio::test]
async fn closing_finishes_the_writes_that_wait() {
    let fresh = sqlite(&StoreOptions::default()).await;
    let store = fresh.store.clone();
    store.write(create).await.unwrap();
    let writes: Vec<_> = (0..50i64)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.write(async move |tx| put(tx, n).await).await })
        })
        .collect();
    // Every write is in the queue before the store closes.
    tokio::task::yield_now().await;
    store.close().await;
    for write in writes {
        write.await.unwrap().unwrap();
    }
    let late = store.write(async |tx| put(tx, 99).await).await.unwrap_err();
    assert!(matches!(late, StoreError::Unavailable { .. }), "{late}");
    let again = Store::open(&fresh.url, &StoreOptions::default(), Clock::system())
        .await
        .unwrap();
    assert_eq!(numbers(&again).await, (0..50).collect());
    again.close().await;
    fresh.end().await;
}

#[tokio::test]
async fn a_deadlock_runs_the_work_again() {
    let options = StoreOptions {
        connections: 4,
        ..StoreOptions::default()
    };
    let Some(fresh) = postgres(&options).await else { return };
    fresh.store.write(create).await.unwrap();
    let runs = Arc::new(AtomicUsize::new(0));
    let both_hold_one = Arc::new(Barrier::new(2));
    let writes: Vec<_> = [("left", "right"), ("right", "left")]
        .into_iter()
        .zip(1i64..)
        .map(|((first, second), n)| {
            let (store, runs, barrier) = (fresh.store.clone(), runs.clone(), both_hold_one.clone());
            tokio::spawn(async move {
                let work = async move |tx: &mut Tx| {
                    tx.lock("test", first).await?;
                    if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                        barrier.wait().await;
                    }
                    tx.lock("test", second).await?;
                    put(tx, n).await
                };
                store.write(work).await
            })
        })
        .collect();
    for write in writes {
        write.await.unwrap().unwrap();
    }
    assert_eq!(runs.load(Ordering::SeqCst), 3, "one of the two ran twice");
    assert_eq!(numbers(&fresh.store).await, BTreeSet::from([1, 2]));
    fresh.end().await;
}

#[tokio::test]
async fn feed_numbers_are_in_the_order_of_commits() {
    for fresh in stores().await {
        fresh.store.migrate().await.unwrap();
        let store = &fresh.store;
        let tenant = Clock::system().new_id();
        let insert = "INSERT INTO tenant (id, code, name, time_zone, currency) VALUES ($1, 'a', 'A', 'UTC', 'EUR')";
        store.write(async move |tx| execute!(tx, insert, tenant)).await.unwrap();
        let writes: Vec<_> = (0..40)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move { append(&store, tenant, n % 3 + 1).await })
            })
            .collect();
        // Whoever follows the feed while it grows misses nothing.
        let (mut seen, mut ended) = (0, false);
        while !ended {
            ended = writes.iter().all(tokio::task::JoinHandle::is_finished);
            let changes = store
                .read(async |tx| feed::after(tx, tenant, seen, 1000).await)
                .await
                .unwrap();
            for change in changes {
                assert_eq!(change.seq, seen + 1, "{}", store.kind());
                seen = change.seq;
            }
            tokio::task::yield_now().await;
        }
        let head = store.read(async |tx| feed::head(tx, tenant).await).await.unwrap();
        assert_eq!((seen, head), (79, 79));
        fresh.end().await;
    }
}

async fn append(store: &Store, tenant: Uuid, count: usize) {
    let clock = store.clock().clone();
    let work = async move |tx: &mut Tx| {
        let change = Change {
            tenant_id: tenant,
            seq: 0,
            entity: "test".into(),
            entity_id: Uuid::nil(),
            op: "put".into(),
            cause: "test".into(),
            at: clock.now(),
        };
        feed::append(tx, tenant, &mut vec![change; count]).await
    };
    store.write(work).await.unwrap();
}
