//! Buyers that behave like real procurement systems, for tests and the demonstration.
//!
//! Their documents are written from scripts of their own, never through the gateway's profiles or writer, so that a
//! mistake there cannot hide here.

pub mod browser;
pub mod buyer;
pub mod document;
pub mod script;

pub use browser::Browser;
pub use buyer::{Buyer, Fault, Line, Requisition, SentOrder, State};
pub use script::{SCRIPTS, Script};
