//! Rows in and out: reading a column as its domain type, and inserting one row or many.

use jiff::Timestamp;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, Postgres, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::tx::Driver;
use super::types::{Kind, Stored};
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
    /// How JSON carries it.
    pub kind: Kind,
    /// Its value in that JSON; none is NULL.
    pub json: fn(&R) -> Option<serde_json::Value>,
}

/// How JSON carries a field.
pub const fn kind<R, T: Stored>(_: fn(&R) -> &T) -> Kind {
    T::KIND
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

/// A row that is read from both drivers.
pub trait Readable: Row + Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> {}

impl<R: Row + Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>> Readable for R {}

/// A word of a column.
struct Word {
    word: String,
}

columns!(Word { word });

/// The words that a column of a table has in rows that are not deleted, each once.
///
/// # Errors
/// As every statement.
pub async fn words<R: Row>(tx: &mut Tx, tenant_id: Uuid, column: &'static str) -> Result<Vec<String>, StoreError> {
    // The text is made of table and column names alone.
    let sql = AssertSqlSafe(format!(
        "SELECT DISTINCT {column} AS word FROM {} WHERE tenant_id = $1 AND deleted_at IS NULL AND {column} IS NOT NULL",
        R::TABLE
    ));
    let words: Vec<Word> = all!(tx, sql, tenant_id)?;
    Ok(words.into_iter().map(|word| word.word).collect())
}

/// Every row of a table that one supplier has, in no order.
///
/// # Errors
/// As every statement.
pub async fn all_of<R: Readable>(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<R>, StoreError> {
    // The text is made of the table's name alone.
    let sql = AssertSqlSafe(format!("SELECT * FROM {} WHERE tenant_id = $1", R::TABLE));
    all!(tx, sql, tenant_id)
}

/// The rows of a table that one supplier has for some identifiers, by the column that has them.
///
/// # Errors
/// As every statement.
pub async fn some_of<R: Readable>(
    tx: &mut Tx,
    tenant_id: Uuid,
    column: &'static str,
    ids: &[Uuid],
) -> Result<Vec<R>, StoreError> {
    let mut rows = Vec::new();
    for chunk in ids.chunks(ROWS_PER_STATEMENT) {
        // The text is made of table and column names alone.
        let sql = AssertSqlSafe(format!(
            "SELECT * FROM {} WHERE tenant_id = $1 AND {column} IN ({})",
            R::TABLE,
            tx.pick(IDS_SQLITE, IDS_POSTGRES)
        ));
        let some: Vec<R> = all!(tx, sql, tenant_id, ids_json(chunk))?;
        rows.extend(some);
    }
    Ok(rows)
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

/// Inserts a row and one that refers to it, in one statement: each statement costs a way to the database and back.
///
/// # Errors
/// [`StoreError::Conflict`] when one of the tables' keys is taken.
pub async fn insert_both<A: Row, B: Row>(tx: &mut Tx, one: &A, other: &B) -> Result<(), StoreError> {
    tx.usable()?;
    // The text is made of table and column names alone.
    let (first, second) = (insert_sql_from::<A>(1), insert_sql_from::<B>(A::COLUMNS.len() + 1));
    let inserted = match &mut tx.driver {
        Driver::Sqlite(connection) => {
            let connection: &mut SqliteConnection = &mut *connection;
            let query = sqlx::query(AssertSqlSafe(format!("{first}; {second}")));
            let query = other.bind_sqlite(one.bind_sqlite(query));
            query.execute(connection).await.map(|_| ())
        }
        Driver::Postgres(transaction) => {
            let query = sqlx::query(AssertSqlSafe(format!("WITH one AS ({first}) {second}")));
            let query = other.bind_postgres(one.bind_postgres(query));
            query.execute(&mut **transaction).await.map(|_| ())
        }
    };
    tx.checked(inserted)
}

/// Inserts one row unless its `key` (columns separated by commas; empty for any key of the table) is there already;
/// tells whether it was not.
///
/// # Errors
/// [`StoreError::Conflict`] when another key is taken.
pub async fn insert_new<R: Row>(tx: &mut Tx, row: &R, key: &'static str) -> Result<bool, StoreError> {
    let clause = match key {
        "" => " ON CONFLICT DO NOTHING".to_owned(),
        key => format!(" ON CONFLICT ({key}) DO NOTHING"),
    };
    Ok(put_all(tx, std::slice::from_ref(row), &clause).await? == 1)
}

/// Inserts many rows, up to 500 in a statement: they travel as one JSON parameter.
///
/// # Errors
/// [`StoreError::Conflict`] when one of the table's keys is taken.
pub async fn insert_all<R: Row>(tx: &mut Tx, rows: &[R]) -> Result<(), StoreError> {
    put_all(tx, rows, "").await.map(|_| ())
}

/// Inserts many rows; those whose `key` (columns separated by commas) is there already replace the present ones.
///
/// # Errors
/// As every statement.
pub async fn upsert_all<R: Row>(tx: &mut Tx, rows: &[R], key: &'static str) -> Result<(), StoreError> {
    put_all(tx, rows, &replace_clause::<R>(key)).await.map(|_| ())
}

/// Inserts rows that are JSON already, as [`upsert_all`] does.
///
/// # Errors
/// As every statement.
pub async fn upsert_json<R: Row>(tx: &mut Tx, json: String, key: &'static str) -> Result<(), StoreError> {
    put_json::<R>(tx, json, &replace_clause::<R>(key)).await.map(|_| ())
}

fn replace_clause<R: Row>(key: &'static str) -> String {
    let key_columns: Vec<&str> = key.split(',').map(str::trim).collect();
    let changes: Vec<String> = R::COLUMNS
        .iter()
        .filter(|column| !key_columns.contains(&column.name))
        .map(|column| format!("{0} = excluded.{0}", column.name))
        .collect();
    match changes.is_empty() {
        true => format!(" ON CONFLICT ({key}) DO NOTHING"),
        false => format!(" ON CONFLICT ({key}) DO UPDATE SET {}", changes.join(", ")),
    }
}

/// Deletes the rows of one supplier whose `column` has one of these identifiers; tells how many there were.
///
/// # Errors
/// [`StoreError::Inconsistent`] when another table refers to one of them.
pub async fn delete_all<R: Row>(
    tx: &mut Tx,
    tenant_id: Uuid,
    column: &'static str,
    ids: &[Uuid],
) -> Result<u64, StoreError> {
    let mut count = 0;
    for chunk in ids.chunks(ROWS_PER_STATEMENT) {
        // The text is made of table and column names alone.
        let sql = AssertSqlSafe(format!(
            "DELETE FROM {} WHERE tenant_id = $1 AND {column} IN ({})",
            R::TABLE,
            tx.pick(IDS_SQLITE, IDS_POSTGRES)
        ));
        count += execute!(tx, sql, tenant_id, ids_json(chunk))?;
    }
    Ok(count)
}

/// Notes of the rows of one supplier with these identifiers that their source deleted them; they stay, since others
/// refer to them.
///
/// # Errors
/// As every statement.
pub async fn bury_all<R: Row>(tx: &mut Tx, tenant_id: Uuid, ids: &[Uuid], at: Timestamp) -> Result<u64, StoreError> {
    let mut count = 0;
    for chunk in ids.chunks(ROWS_PER_STATEMENT) {
        let sql = AssertSqlSafe(format!(
            "UPDATE {} SET deleted_at = $3, synced_at = $3 WHERE tenant_id = $1 AND id IN ({})",
            R::TABLE,
            tx.pick(IDS_SQLITE, IDS_POSTGRES)
        ));
        count += execute!(tx, sql, tenant_id, ids_json(chunk), at)?;
    }
    Ok(count)
}

/// The identifiers of the second parameter, as a column.
const IDS_SQLITE: &str = "SELECT unhex(value, '-') FROM json_each($2)";
const IDS_POSTGRES: &str = "SELECT value::uuid FROM jsonb_array_elements_text($2::jsonb)";

fn ids_json(ids: &[Uuid]) -> String {
    serde_json::Value::from_iter(ids.iter().map(Uuid::to_string)).to_string()
}

async fn put_all<R: Row>(tx: &mut Tx, rows: &[R], clause: &str) -> Result<u64, StoreError> {
    let mut count = 0;
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        count += put_json::<R>(tx, json_of(chunk), clause).await?;
    }
    Ok(count)
}

/// Inserts rows that are JSON already ([`json_of`]).
async fn put_json<R: Row>(tx: &mut Tx, json: String, clause: &str) -> Result<u64, StoreError> {
    let source = match tx.driver {
        Driver::Sqlite(_) => from_json_sqlite::<R>(),
        Driver::Postgres(_) => from_json_postgres::<R>(),
    };
    // The text is made of table and column names alone. Without WHERE, SQLite takes ON CONFLICT for a join's ON.
    let sql = AssertSqlSafe(format!(
        "INSERT INTO {} ({}) {source} WHERE true{clause}",
        R::TABLE,
        names::<R>()
    ));
    on!(tx, connection => {
        sqlx::query(sql).bind(json).execute(connection).await.map(|done| done.rows_affected())
    })
}

/// `INSERT INTO t (a, b) VALUES ($1, $2)`.
pub fn insert_sql<R: Row>() -> String {
    insert_sql_from::<R>(1)
}

/// The same with the values' places counted from `first`.
fn insert_sql_from<R: Row>(first: usize) -> String {
    let places: Vec<String> = (first..first + R::COLUMNS.len())
        .map(|place| format!("${place}"))
        .collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({})",
        R::TABLE,
        names::<R>(),
        places.join(", ")
    )
}

/// The columns, in quotes: `user` is a word of PostgreSQL's.
fn names<R: Row>() -> String {
    let names: Vec<String> = R::COLUMNS.iter().map(|column| format!("\"{}\"", column.name)).collect();
    names.join(", ")
}

fn from_json_sqlite<R: Row>() -> String {
    let values = R::COLUMNS.iter().map(|Column { name, kind, .. }| match kind {
        Kind::Plain => format!("value ->> '{name}'"),
        // The `\x` of PostgreSQL and the hyphens of a UUID are skipped.
        Kind::Blob => format!("unhex(value ->> '{name}', '\\x-')"),
        Kind::Json | Kind::JsonOrNull => format!("value -> '{name}'"),
    });
    format!("SELECT {} FROM json_each($1)", Vec::from_iter(values).join(", "))
}

/// PostgreSQL takes the types from the table itself.
fn from_json_postgres<R: Row>() -> String {
    let values = R::COLUMNS.iter().map(|Column { name, kind, .. }| match kind {
        Kind::Json => format!("coalesce(\"{name}\", 'null')"),
        Kind::Plain | Kind::Blob | Kind::JsonOrNull => format!("\"{name}\""),
    });
    format!(
        "SELECT {} FROM jsonb_populate_recordset(NULL::{}, $1::jsonb)",
        Vec::from_iter(values).join(", "),
        R::TABLE
    )
}

/// The rows as an array of objects; what is absent has no member.
pub fn json_of<R: Row>(rows: &[R]) -> String {
    let objects = rows.iter().map(|row| {
        let members = R::COLUMNS
            .iter()
            .filter_map(|column| Some((column.name.to_owned(), (column.json)(row)?)));
        serde_json::Value::Object(members.collect())
    });
    serde_json::Value::from_iter(objects).to_string()
}
