//! What a supplier sells, promises and bills: pure, no I/O, no clock, no SQL, no XML.
//!
//! One file per noun. Wire documents are translated into these types under one connection's settings; everything that
//! decides (decision tables, terms, limits) lives here and is tested by data.

#[macro_use]
pub mod word;

pub mod account;
pub mod address;
pub mod api_client;
pub mod attribute;
pub mod away;
pub mod delivery;
pub mod exchange;
pub mod hint;
pub mod language;
pub mod media;
pub mod money;
pub mod order;
pub mod party;
pub mod product;
pub mod quote;
pub mod refusal;
pub mod session;
pub mod shopping;
pub mod staff;
pub mod stock;
pub mod terms;
pub mod trust;
pub mod unit;
