//! What can go wrong with the database, in the few kinds that callers tell apart.

use std::panic::Location;

use sqlx::error::ErrorKind;
use thiserror::Error;

/// Why a read or write did not happen; nothing of a failed write is kept.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// A row with the same key is there already.
    #[error("{place}: {table} already has a row with this ({columns})")]
    Conflict {
        /// The table whose key is taken.
        table: String,
        /// The key's columns, separated by a comma and a blank.
        columns: String,
        /// Where in the program the statement is.
        place: Place,
    },
    /// The database is held by others for longer than we wait, or two transactions collide time and again.
    #[error("{place}: the database is busy: {reason}")]
    Busy {
        /// The database's own words.
        reason: String,
        /// Where in the program the statement is.
        place: Place,
    },
    /// The database's disk is full.
    #[error("{place}: the database's disk is full")]
    Full {
        /// Where in the program the statement is.
        place: Place,
    },
    /// The database cannot be reached, or is closing.
    #[error("{place}: the database cannot be reached: {reason}")]
    Unavailable {
        /// The database's own words.
        reason: String,
        /// Where in the program the statement is.
        place: Place,
    },
    /// A row would break, or breaks, what the tables promise.
    #[error("{place}: {reason}")]
    Inconsistent {
        /// What is wrong with which row.
        reason: String,
        /// Where in the program the statement is.
        place: Place,
    },
    /// Anything else.
    #[error("{place}: {reason}")]
    Other {
        /// The database's own words.
        reason: String,
        /// Where in the program the statement is.
        place: Place,
    },
}

/// A place in the program.
pub type Place = &'static Location<'static>;

impl StoreError {
    /// Whether a unique key of this table was taken.
    pub fn is_conflict(&self, in_table: &str) -> bool {
        matches!(self, StoreError::Conflict { table, .. } if table == in_table)
    }

    /// A row that does not fit: `reason` names the row and what is wrong.
    #[track_caller]
    pub fn inconsistent(reason: impl Into<String>) -> Self {
        StoreError::Inconsistent {
            reason: reason.into(),
            place: Location::caller(),
        }
    }

    #[track_caller]
    pub(super) fn unavailable(reason: impl Into<String>) -> Self {
        StoreError::Unavailable {
            reason: reason.into(),
            place: Location::caller(),
        }
    }

    /// Others hold what this needs, for longer than we try.
    #[track_caller]
    pub fn busy(reason: impl Into<String>) -> Self {
        StoreError::Busy {
            reason: reason.into(),
            place: Location::caller(),
        }
    }

    #[track_caller]
    pub(super) fn other(reason: impl Into<String>) -> Self {
        StoreError::Other {
            reason: reason.into(),
            place: Location::caller(),
        }
    }

    pub(super) fn of(error: &sqlx::Error, place: Place) -> Self {
        match error {
            sqlx::Error::Database(database) => of_database(database.as_ref(), place),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => StoreError::Unavailable {
                reason: error.to_string(),
                place,
            },
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) | sqlx::Error::RowNotFound => {
                StoreError::Inconsistent {
                    reason: error.to_string(),
                    place,
                }
            }
            _ => StoreError::Other {
                reason: error.to_string(),
                place,
            },
        }
    }
}

impl From<sqlx::Error> for StoreError {
    #[track_caller]
    fn from(error: sqlx::Error) -> Self {
        Self::of(&error, Location::caller())
    }
}

fn of_database(error: &dyn sqlx::error::DatabaseError, place: Place) -> StoreError {
    let reason = error.message().to_owned();
    match error.kind() {
        ErrorKind::UniqueViolation => {
            let (table, columns) = taken_key(error);
            return StoreError::Conflict { table, columns, place };
        }
        ErrorKind::ForeignKeyViolation | ErrorKind::NotNullViolation | ErrorKind::CheckViolation => {
            return StoreError::Inconsistent { reason, place };
        }
        _ => {}
    }
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        match code.as_ref() {
            // serialization_failure, deadlock_detected, lock_not_available
            "40001" | "40P01" | "55P03" => StoreError::Busy { reason, place },
            "53100" => StoreError::Full { place },
            // connection exceptions, too many connections, shutting down, starting up
            "53300" | "57P01" | "57P02" | "57P03" => StoreError::Unavailable { reason, place },
            code if code.starts_with("08") => StoreError::Unavailable { reason, place },
            // data exceptions and the other integrity constraints
            code if code.starts_with("22") || code.starts_with("23") => StoreError::Inconsistent { reason, place },
            _ => StoreError::Other { reason, place },
        }
    } else {
        // The low byte of SQLite's extended result code is the primary one.
        match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(5 | 6) => StoreError::Busy { reason, place }, // SQLITE_BUSY, SQLITE_LOCKED
            Ok(13) => StoreError::Full { place },            // SQLITE_FULL
            Ok(8 | 10 | 14) => StoreError::Unavailable { reason, place }, // READONLY, IOERR, CANTOPEN
            Ok(11 | 19 | 20) => StoreError::Inconsistent { reason, place }, // CORRUPT, CONSTRAINT, MISMATCH
            _ => StoreError::Other { reason, place },
        }
    }
}

/// The table and columns of a unique key, from what each database says of it.
fn taken_key(error: &dyn sqlx::error::DatabaseError) -> (String, String) {
    if let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
        // "Key (tenant_id, code)=(…) already exists."; translated, but the brackets stay.
        let detail = error.detail().unwrap_or_default();
        let columns = detail.split_once('(').and_then(|(_, rest)| rest.split_once(")=("));
        return (
            error.table().unwrap_or_default().to_owned(),
            columns.map(|(columns, _)| columns.to_owned()).unwrap_or_default(),
        );
    }
    // "UNIQUE constraint failed: buyer.tenant_id, buyer.code"
    let key = error
        .message()
        .rsplit_once(": ")
        .map(|(_, key)| key)
        .unwrap_or_default();
    let table = key.split('.').next().unwrap_or_default().to_owned();
    let columns: Vec<&str> = key
        .split(", ")
        .map(|column| column.rsplit('.').next().unwrap_or(column))
        .collect();
    (table, columns.join(", "))
}
