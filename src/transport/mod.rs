//! Bytes to the outside: limits, TLS, timeouts.

mod http;

pub use http::{Answer, HttpClient, Request, TransportError};
