//! Rows in and out: reading a column as its domain type, and inserting one row or many.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Postgres, Sqlite, SqliteConnection};

use super::tx::Driver;
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
    /// The statement that inserts one row.
    fn insert_sql() -> &'static str;
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
    T::from_column(row.try_get(column)?).map_err(|source| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source,
    })
}

/// Inserts one row.
///
/// # Errors
/// [`StoreError::Conflict`] when one of the table's keys is taken.
pub async fn insert<R: Row>(tx: &mut Tx, row: &R) -> Result<(), StoreError> {
    tx.usable()?;
    let inserted = match &mut tx.driver {
        Driver::Sqlite(connection) => {
            let connection: &mut SqliteConnection = &mut *connection;
            row.bind_sqlite(sqlx::query(R::insert_sql()))
                .execute(connection)
                .await
                .map(|_| ())
        }
        Driver::Postgres(transaction) => row
            .bind_postgres(sqlx::query(R::insert_sql()))
            .execute(&mut **transaction)
            .await
            .map(|_| ()),
    };
    tx.checked(inserted)
}

/// Inserts many rows, up to 500 in a statement: they travel as one JSON parameter.
///
/// # Errors
/// [`StoreError::Conflict`] when one of the table's keys is taken.
pub async fn insert_all<R: Row>(tx: &mut Tx, rows: &[R]) -> Result<(), StoreError> {
    put_all(tx, rows, "").await
}

/// Inserts many rows; those whose `key` (columns separated by commas) is there already replace the present ones.
///
/// # Errors
/// As every statement.
pub async fn upsert_all<R: Row>(tx: &mut Tx, rows: &[R], key: &'static str) -> Result<(), StoreError> {
    let key_columns: Vec<&str> = key.split(',').map(str::trim).collect();
    let changes: Vec<String> = R::COLUMNS
        .iter()
        .filter(|column| !key_columns.contains(&column.name))
        .map(|column| format!("{0} = excluded.{0}", column.name))
        .collect();
    let clause = match changes.is_empty() {
        true => format!(" ON CONFLICT ({key}) DO NOTHING"),
        false => format!(" ON CONFLICT ({key}) DO UPDATE SET {}", changes.join(", ")),
    };
    put_all(tx, rows, &clause).await
}

async fn put_all<R: Row>(tx: &mut Tx, rows: &[R], clause: &str) -> Result<(), StoreError> {
    let Some(first) = rows.first() else { return Ok(()) };
    let sql = match tx.driver {
        Driver::Sqlite(_) => format!("{} WHERE true{clause}", from_json_sqlite(first)),
        Driver::Postgres(_) => format!("{} WHERE true{clause}", from_json_postgres::<R>()),
    };
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let json = json_of(chunk);
        // The text is made of table and column names alone.
        let sql = AssertSqlSafe(sql.clone());
        on!(tx, connection => sqlx::query(sql).bind(json).execute(connection).await.map(|_| ()))?;
    }
    Ok(())
}

/// `INSERT INTO t (a, b) VALUES ($1, $2)`.
pub fn insert_sql<R: Row>() -> String {
    let places: Vec<String> = (1..=R::COLUMNS.len()).map(|place| format!("${place}")).collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({})",
        R::TABLE,
        names::<R>(),
        places.join(", ")
    )
}

fn names<R: Row>() -> String {
    let names: Vec<&str> = R::COLUMNS.iter().map(|column| column.name).collect();
    names.join(", ")
}

/// JSON carries a BLOB as hexadecimal text, with the `\x` of PostgreSQL or the hyphens of a UUID.
fn from_json_sqlite<R: Row>(first: &R) -> String {
    let values: Vec<String> = R::COLUMNS
        .iter()
        .map(|column| match (column.is_blob)(first) {
            true => format!("unhex(value ->> '{}', '\\x-')", column.name),
            false => format!("value ->> '{}'", column.name),
        })
        .collect();
    format!(
        "INSERT INTO {} ({}) SELECT {} FROM json_each($1)",
        R::TABLE,
        names::<R>(),
        values.join(", ")
    )
}

/// PostgreSQL takes the types from the table itself.
fn from_json_postgres<R: Row>() -> String {
    let names = names::<R>();
    format!(
        "INSERT INTO {0} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{0}, $1::jsonb)",
        R::TABLE
    )
}

fn json_of<R: Row>(rows: &[R]) -> String {
    let objects = rows.iter().map(|row| {
        R::COLUMNS
            .iter()
            .map(|column| (column.name.to_owned(), (column.json)(row)))
            .collect::<serde_json::Map<_, _>>()
    });
    serde_json::Value::from_iter(objects.map(serde_json::Value::Object)).to_string()
}
