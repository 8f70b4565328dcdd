//! What a supplier sells, promises and bills: pure, no I/O, no clock, no SQL, no XML.
//!
//! One file per noun. Wire documents are translated into these types under one connection's settings; everything that
//! decides (decision tables, terms, limits) lives here and is tested by data.

pub mod address;
pub mod delivery;
pub mod exchange;
pub mod order;
pub mod party;
pub mod quote;
pub mod refusal;
pub mod session;
pub mod staff;
pub mod trust;
