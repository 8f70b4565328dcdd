//! All SQL of ours: SQLite and PostgreSQL from one SQL text, one file per noun.
//!
//! * [`Store::write`] runs a closure in a transaction and answers only after it is durable; [`Store::read`] runs one on
//!   a snapshot. Functions of the nouns take the [`Tx`] first.
//! * On SQLite one writer owns the one write connection and commits in groups (see `writer`). Another process may open
//!   the same file (an import beside the server): every group begins with `BEGIN IMMEDIATE`, so the two take turns, and
//!   one that waits longer than five seconds answers [`StoreError::Busy`].
//! * On PostgreSQL each write is a transaction at READ COMMITTED. What decides is read after [`Tx::lock`] on the business
//!   key, or is a unique key; a stricter isolation would make every two writers collide on the change feed's one row.
//!   Deadlocks and serialisation failures run the closure again, at most [`StoreOptions::attempts_max`] times.
//! * A statement that failed ends its transaction on both databases.
//! * Money is never compared or summed by SQLite's SQL: it is text there (see [`types`]).

#[macro_use]
mod macros;

pub mod erp_order;
mod error;
mod migrate;
mod open;
pub mod rows;
mod tx;
pub mod types;
mod writer;

pub mod account;
pub mod agreement;
pub mod api_client;
pub mod attribute;
pub mod away;
pub mod belonging;
pub mod content;
pub mod delivery;
pub mod drift;
pub mod exchange;
pub mod feed;
pub mod hint;
pub mod import;
pub mod media;
pub mod order;
pub mod party;
pub mod policy;
pub mod price_block;
pub mod product;
pub mod quote;
pub mod relation;
pub mod rule;
pub mod search;
pub mod session;
pub mod shopping;
pub mod source;
pub mod staff;
pub mod stock;
pub mod supply;
pub mod sync;
pub mod synonym;
pub mod terms;
pub mod trade;

pub use error::StoreError;
pub use migrate::Migrated;
pub use open::{Store, StoreOptions};
pub use tx::Tx;

#[cfg(test)]
mod tests;
