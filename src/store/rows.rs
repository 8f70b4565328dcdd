//! Rows in and out: reading a column as its domain type, and inserting one row or many.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Postgres, Sqlite};

use super::types::Stored;
use super::{StoreError, Tx};

/// How many rows go in one statement at most, so that one statement stays within some milliseconds.
const ROWS_PER_STATEMENT: usize = 500;

/// A statement for SQLite whose values are being bound.
pub type SqliteQuery = Query<'static, Sqlite, SqliteArguments>;
/// A statement for PostgreSQL whose values are being bound.
pub type PostgresQuery = Query<'static, Postgres, PgArguments>;

/// A domain type that a table keeps, one column per field (`columns!` writes this).
pub trait Row: Sized + 'static {
    /// The table.
    const TABLE: &'static str;
    /// Its columns.
    const COLUMNS: &'static [Column<Self>];
    /// Binds the columns' values in order.
    fn bind_sqlite(&self, query: SqliteQuery) -> SqliteQuery;
    /// Binds the columns' values in order.
    fn bind_postgres(&self, query: PostgresQuery) -> PostgresQuery;
}

/// One column of a [`Row`].
pub struct Column<R> {
    /// Its name.
    pub name: &'static str,
    /// Whether SQLite keeps it as a BLOB.
    pub is_blob: fn(&R) -> bool,
    /// Its value as JSON, for many rows in one parameter.
    pub json: fn(&R) -> serde_json::Value,
}

/// Whether SQLite keeps this value as a BLOB.
pub fn is_blob<T: Stored>(_: &T) -> bool {
    T::BLOB
}

/// Reads one column of a row as its domain type.
///
/// # Errors
/// When the column is missing or its value is not one of the type's.
pub fn get<'r, T, R>(row: &'r R, column: &str) -> Result<T, sqlx::Error>
where
    T: Stored,
    R: sqlx::Row,
    T::Column: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    for<'i> &'i str: sqlx::ColumnIndex<R>,
{
    T::from_column(row.try_get(column)?)
        .map_err(|source| sqlx::Error::ColumnDecode { index: column.to_owned(), source })
}

/// Inserts one row.
///
/// # Errors
/// [`StoreError::Conflict`] when one of the table's keys is taken.
#[track_caller]
pub fn insert<'t, R: Row>(tx: &'t mut Tx, row: &R) -> impl Future<Output = Result<(), StoreError>> + use<'t, R> {
    async move { todo!() }
}
