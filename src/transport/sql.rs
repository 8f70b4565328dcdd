//! Statements to somebody else's PostgreSQL, which only read.

use std::str::FromStr;
use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool};

/// Connections to one database: one asks, one may be ending.
const CONNECTIONS_MAX: u32 = 2;
/// Longest wait for a connection.
const CONNECT_SECONDS: u64 = 10;

/// Why no rows came back; it never quotes what was sent.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// The database cannot be reached, is busy, or took too long.
    #[error("no answer: {0}")]
    Unanswered(String),
    /// The database does not take the statement or the user.
    #[error("{0}")]
    Refused(String),
    /// The answer is larger than allowed.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// A PostgreSQL that is only read; cheap to clone.
#[derive(Clone, Debug)]
pub struct SqlClient {
    pool: PgPool,
    answer_bytes_max: usize,
}

impl SqlClient {
    /// A client that connects with the first statement, gives each `timeout`, and reads at most `answer_bytes_max` of an
    /// answer.
    ///
    /// # Errors
    /// The address is not one of a PostgreSQL.
    pub fn new(
        url: &str,
        user: &str,
        password: &str,
        timeout: Duration,
        answer_bytes_max: usize,
    ) -> Result<SqlClient, SqlError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(SqlError::Refused(
                "the address of a database begins with postgres://".to_owned(),
            ));
        }
        let wrong = |_| SqlError::Refused("the address of the database is not as it should be".to_owned());
        let mut connect = PgConnectOptions::from_str(url)
            .map_err(wrong)?
            .application_name("punchgate")
            .options([
                ("default_transaction_read_only", "on".to_owned()),
                ("statement_timeout", timeout.as_millis().to_string()),
            ]);
        if !user.is_empty() {
            connect = connect.username(user);
        }
        if !password.is_empty() {
            connect = connect.password(password);
        }
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(Duration::from_secs(CONNECT_SECONDS).min(timeout))
            .connect_lazy_with(connect);
        Ok(SqlClient { pool, answer_bytes_max })
    }

    /// The rows of a statement, each as the JSON of its columns; `$1`, `$2` … in it are the values, which are texts.
    ///
    /// # Errors
    /// No answer came, or too much, or the statement is refused: also when it would change something.
    pub async fn rows(&self, statement: &str, values: &[String]) -> Result<Vec<String>, SqlError> {
        // The line end keeps a comment at the end of the statement to itself.
        let wrapped = format!("SELECT row_to_json(punchgate_row)::text FROM (\n{statement}\n) punchgate_row");
        let mut tx = self.pool.begin_with("BEGIN READ ONLY").await?;
        let mut query = sqlx::query_scalar::<_, String>(AssertSqlSafe(wrapped)).persistent(false);
        for value in values {
            query = query.bind(value);
        }
        let (mut rows, mut bytes) = (Vec::new(), 0);
        {
            let mut stream = query.fetch(&mut *tx);
            while let Some(row) = stream.try_next().await? {
                bytes += row.len();
                if bytes > self.answer_bytes_max {
                    return Err(SqlError::TooLarge(self.answer_bytes_max));
                }
                rows.push(row);
            }
        }
        tx.commit().await?;
        Ok(rows)
    }
}

impl From<sqlx::Error> for SqlError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(said) => {
                let code = said.code().unwrap_or_default().into_owned();
                // Connections, resources, collisions, somebody who ends it, and time that ran out.
                let is_passing = ["08", "40", "53", "55", "57", "58"]
                    .iter()
                    .any(|class| code.starts_with(class));
                let text = format!("{} ({code})", said.message());
                match is_passing {
                    true => SqlError::Unanswered(text),
                    false => SqlError::Refused(text),
                }
            }
            sqlx::Error::Configuration(_) => SqlError::Refused(error.to_string()),
            _ => SqlError::Unanswered(error.to_string()),
        }
    }
}
