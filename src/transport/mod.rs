//! Bytes to the outside: limits, TLS, timeouts.
