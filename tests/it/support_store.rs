//! Fresh databases for stories: SQLite always, PostgreSQL where `PUNCHGATE_TEST_POSTGRES` names a server.

use std::io::Write;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Once;

use punchgate::clock::Clock;
use punchgate::store::{Store, StoreOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

/// Names the server: `postgres://user@host:port/database`; the user may create databases.
pub const POSTGRES: &str = "PUNCHGATE_TEST_POSTGRES";

/// A database of one test; it is gone when this is dropped.
pub struct TestStore {
    pub store: Store,
    /// For a second store or another process on the same database.
    pub url: String,
    _rubbish: Rubbish,
}

impl Deref for TestStore {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

impl TestStore {
    /// Changes rows past the program and past the database's own rules, as nobody should.
    pub async fn tamper(&self, sql: &str) {
        let rows = if self.url.starts_with("sqlite") {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query("PRAGMA foreign_keys = OFF")
                .execute(&mut connection)
                .await
                .unwrap();
            let done = sqlx::query(AssertSqlSafe(sql.to_owned()))
                .execute(&mut connection)
                .await;
            done.unwrap().rows_affected()
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            let off = "SET session_replication_role = replica";
            sqlx::query(off).execute(&mut connection).await.unwrap();
            let done = sqlx::query(AssertSqlSafe(sql.to_owned()))
                .execute(&mut connection)
                .await;
            done.unwrap().rows_affected()
        };
        assert!(rows > 0, "{sql}");
    }
}

/// Says what was not run, past the test runner, which keeps to itself what tests that pass say.
pub fn tell(text: &str) {
    let line = format!("{text}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Fresh databases with the schema, one per kind; `clock` tells their time.
pub async fn stores(clock: &Clock) -> Vec<TestStore> {
    let mut stores = vec![sqlite(clock).await];
    stores.extend(postgres(clock).await);
    stores
}

/// Fewer connections than in production: many tests run at once.
pub fn options() -> StoreOptions {
    StoreOptions {
        connections: 4,
        ..StoreOptions::default()
    }
}

/// A fresh SQLite file.
pub async fn sqlite(clock: &Clock) -> TestStore {
    let directory = std::env::temp_dir().join(format!("punchgate-test-{}", clock_id()));
    std::fs::create_dir_all(&directory).unwrap();
    let url = format!("sqlite://{}", directory.join("store.db").display());
    open(url, Rubbish::Directory(directory), clock).await
}

/// A fresh PostgreSQL database, or none when no server is named.
pub async fn postgres(clock: &Clock) -> Option<TestStore> {
    static TOLD: Once = Once::new();
    let Ok(server) = std::env::var(POSTGRES) else {
        TOLD.call_once(|| tell(&format!("PostgreSQL: not run ({POSTGRES} is not set)")));
        return None;
    };
    let database = format!("punchgate_test_{}", clock_id());
    let mut connection = PgConnection::connect(&server).await.unwrap();
    let create = AssertSqlSafe(format!("CREATE DATABASE {database}"));
    sqlx::query(create).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&database);
    Some(open(url.into(), Rubbish::Database { server, database }, clock).await)
}

async fn open(url: String, rubbish: Rubbish, clock: &Clock) -> TestStore {
    let store = Store::open(&url, &options(), clock.clone()).await.unwrap();
    store.migrate().await.unwrap();
    TestStore {
        store,
        url,
        _rubbish: rubbish,
    }
}

/// Random also under a fixed clock.
fn clock_id() -> String {
    Clock::system().new_id().simple().to_string()
}

/// What a test leaves behind.
enum Rubbish {
    Directory(PathBuf),
    Database { server: String, database: String },
}

impl Drop for Rubbish {
    fn drop(&mut self) {
        match self {
            Rubbish::Directory(directory) => {
                std::fs::remove_dir_all(directory).ok();
            }
            Rubbish::Database { server, database } => {
                let (server, drop) = (server.clone(), format!("DROP DATABASE {database} WITH (FORCE)"));
                // A runtime of its own: this one may be ending.
                let thread = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .unwrap();
                    runtime.block_on(async {
                        let mut connection = PgConnection::connect(&server).await.unwrap();
                        sqlx::query(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
                    });
                });
                thread.join().ok();
            }
        }
    }
}

/// What prices say that are in memory: they are not waited for.
pub fn at_once<T>(asked: impl Future<Output = Result<T, punchgate::service::Error>>) -> T {
    let answered = futures_util::FutureExt::now_or_never(asked);
    answered.expect("the book answers at once").unwrap()
}
