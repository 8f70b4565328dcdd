//! The macros that let one SQL text and one domain type serve both drivers.

/// Compiles `$body` once per driver, with `$connection` as that driver's connection, and checks its result.
macro_rules! on {
    ($tx:expr, $connection:ident => $body:expr) => {{
        let tx: &mut $crate::store::Tx = $tx;
        tx.usable()?;
        match &mut tx.driver {
            $crate::store::tx::Driver::Sqlite(connection) => {
                let $connection: &mut sqlx::SqliteConnection = &mut *connection;
                let result = $body;
                tx.checked(result)
            }
            $crate::store::tx::Driver::Postgres(transaction) => {
                let $connection: &mut sqlx::PgConnection = &mut *transaction;
                let result = $body;
                tx.checked(result)
            }
        }
    }};
}

/// Runs a statement and tells how many rows it touched: `execute!(tx, "DELETE FROM t WHERE id = $1", id)`.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        on!($tx, connection => {
            let query = sqlx::query($sql)$(.bind($crate::store::types::put(&$value)))*;
            query.execute(connection).await.map(|done| done.rows_affected())
        })
    };
}

/// Reads at most one row, as a type of `columns!`.
macro_rules! optional {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        on!($tx, connection => {
            let query = sqlx::query_as($sql)$(.bind($crate::store::types::put(&$value)))*;
            query.fetch_optional(connection).await
        })
    };
}

/// Reads every row, as a type of `columns!`. The statement has a `LIMIT`, or its rows are few by nature.
macro_rules! all {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        on!($tx, connection => {
            let query = sqlx::query_as($sql)$(.bind($crate::store::types::put(&$value)))*;
            query.fetch_all(connection).await
        })
    };
}

/// Reads the one value of the one row.
macro_rules! scalar {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        on!($tx, connection => {
            let query = sqlx::query_scalar($sql)$(.bind($crate::store::types::put(&$value)))*;
            query.fetch_one(connection).await
        })
    };
}

/// Says which table keeps a domain type and in which columns (the fields' names): it can then be read from both
/// drivers' rows and written by [`rows::insert`](crate::store::rows::insert).
///
/// `columns!(Order: "purchase_order" { tenant_id, id, … })`; without a table the type is only read.
macro_rules! columns {
    ($type:ty { $($field:ident),+ $(,)? }) => {
        columns!(@read $type, sqlx::sqlite::SqliteRow { $($field),+ });
        columns!(@read $type, sqlx::postgres::PgRow { $($field),+ });
    };
    ($type:ty: $table:literal { $($field:ident),+ $(,)? }) => {
        columns!($type { $($field),+ });
        impl $crate::store::rows::Row for $type {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [$crate::store::rows::Column<Self>] = &[
                $($crate::store::rows::Column {
                    name: stringify!($field),
                    kind: $crate::store::rows::kind(|row: &Self| &row.$field),
                    json: |row: &Self| $crate::store::types::Stored::to_json(&row.$field),
                }),+
            ];
            fn insert_sql() -> &'static str {
                static SQL: std::sync::OnceLock<String> = std::sync::OnceLock::new();
                SQL.get_or_init($crate::store::rows::insert_sql::<Self>)
            }
            fn bind_sqlite(
                &self,
                query: $crate::store::rows::SqliteQuery,
            ) -> $crate::store::rows::SqliteQuery {
                query$(.bind($crate::store::types::Put::to_column(&self.$field)))+
            }
            fn bind_postgres(
                &self,
                query: $crate::store::rows::PostgresQuery,
            ) -> $crate::store::rows::PostgresQuery {
                query$(.bind($crate::store::types::Put::to_column(&self.$field)))+
            }
        }
    };
    (@read $type:ty, $row:ty { $($field:ident),+ }) => {
        impl sqlx::FromRow<'_, $row> for $type {
            fn from_row(row: &$row) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: $crate::store::rows::get(row, stringify!($field))?),+ })
            }
        }
    };
}

/// Keeps a domain enum as its words: `text_enum!(State { Open = "open", Closed = "closed" })`.
macro_rules! text_enum {
    ($type:ty { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $crate::store::types::Put for $type {
            type Column = String;
            fn to_column(&self) -> String {
                match self { $(Self::$variant => $word.to_owned()),+ }
            }
        }
        impl $crate::store::types::Stored for $type {
            fn from_column(word: String) -> Result<Self, sqlx::error::BoxDynError> {
                match word.as_str() {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("{word:?} is no {}", stringify!($type)).into()),
                }
            }
            fn to_json(&self) -> Option<serde_json::Value> {
                Some($crate::store::types::Put::to_column(self).into())
            }
        }
    };
}

/// Keeps domain enums as their words, which are those of their `Serialize` and `Deserialize`.
macro_rules! words {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::store::types::Put for $type {
            type Column = String;
            fn to_column(&self) -> String {
                $crate::store::types::word(self)
            }
        }
        impl $crate::store::types::Stored for $type {
            fn from_column(word: String) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(serde_json::from_value(word.into())?)
            }
            fn to_json(&self) -> Option<serde_json::Value> {
                Some($crate::store::types::Put::to_column(self).into())
            }
        }
    )+};
}

/// Keeps domain enums as their words ([`Word`](crate::domain::word::Word)); another word is an error.
macro_rules! own_words {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::store::types::Put for $type {
            type Column = String;
            fn to_column(&self) -> String {
                $crate::domain::word::Word::word(*self).to_owned()
            }
        }
        impl $crate::store::types::Stored for $type {
            fn from_column(word: String) -> Result<Self, sqlx::error::BoxDynError> {
                let known = <Self as $crate::domain::word::Word>::from_word(&word);
                known.ok_or_else(|| format!("{word:?} is no {}", stringify!($type)).into())
            }
            fn to_json(&self) -> Option<serde_json::Value> {
                Some($crate::domain::word::Word::word(*self).into())
            }
        }
    )+};
}

/// Keeps a domain type as JSON, by its `Serialize` and `Deserialize`.
macro_rules! json {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::store::types::Put for $type {
            type Column = sqlx::types::Json<$type>;
            fn to_column(&self) -> Self::Column {
                sqlx::types::Json(self.clone())
            }
        }
        impl $crate::store::types::Stored for $type {
            const KIND: $crate::store::types::Kind = $crate::store::types::Kind::Json;
            fn from_column(column: Self::Column) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(column.0)
            }
            fn to_json(&self) -> Option<serde_json::Value> {
                serde_json::to_value(self).ok()
            }
        }
    )+};
}
