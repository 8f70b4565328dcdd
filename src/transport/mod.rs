//! Bytes to the outside: limits, TLS, timeouts.

mod http;
mod sql;

pub use http::{Answer, HttpClient, Request, TransportError};
pub use sql::{SqlClient, SqlError};
