//! One transaction on either database.

use std::ops::DerefMut;
use std::panic::Location;

use sqlx::{PgConnection, Postgres, SqliteConnection, Transaction};

use super::StoreError;

/// A transaction under way; the nouns' functions take it first.
pub struct Tx {
    pub(super) driver: Driver,
    /// The first statement that failed: nothing may follow it.
    failure: Option<StoreError>,
}

/// The connection that carries a transaction.
pub(super) enum Driver {
    /// The writer's own connection, or a reader's transaction.
    Sqlite(Box<dyn DerefMut<Target = SqliteConnection> + Send + Sync>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub(super) fn sqlite(connection: impl DerefMut<Target = SqliteConnection> + Send + Sync + 'static) -> Self {
        Tx {
            driver: Driver::Sqlite(Box::new(connection)),
            failure: None,
        }
    }

    pub(super) fn postgres(transaction: Transaction<'static, Postgres>) -> Self {
        Tx {
            driver: Driver::Postgres(transaction),
            failure: None,
        }
    }

    /// Waits until no other transaction holds this business key, and holds it until the end.
    ///
    /// The writer of SQLite is alone anyway; on PostgreSQL what decides is read after this.
    ///
    /// # Errors
    /// As every statement.
    pub async fn lock(&mut self, noun: &str, key: &str) -> Result<(), StoreError> {
        self.usable()?;
        let Driver::Postgres(transaction) = &mut self.driver else {
            return Ok(());
        };
        let connection: &mut PgConnection = transaction;
        let locked = sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(format!("{noun} {key}"))
            .execute(connection)
            .await;
        self.checked(locked).map(|_| ())
    }

    /// The database's own text, in the few places where one text will not do for both.
    pub(super) fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self.driver {
            Driver::Sqlite(_) => sqlite,
            Driver::Postgres(_) => postgres,
        }
    }

    /// Refuses a statement after one that failed.
    pub(super) fn usable(&self) -> Result<(), StoreError> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    /// Notes a statement's failure, with the place of the caller.
    #[track_caller]
    pub(super) fn checked<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        let place = Location::caller();
        result.map_err(|error| {
            let error = StoreError::of(&error, place);
            self.failure = Some(error.clone());
            error
        })
    }

    /// The transaction itself, to be ended.
    pub(super) fn into_postgres(self) -> Result<Transaction<'static, Postgres>, StoreError> {
        match self.driver {
            Driver::Postgres(transaction) => Ok(transaction),
            Driver::Sqlite(_) => Err(StoreError::other("this transaction is SQLite's")),
        }
    }

    /// Ends one piece of work: the failure that it met, if any.
    pub(super) fn take_failure(&mut self) -> Option<StoreError> {
        self.failure.take()
    }
}
