//! The integration tests: stories through real HTTP, both databases, a fixed clock.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cxml;
#[expect(dead_code, reason = "some stories need only a part of it")]
mod reference;
mod store;
mod support_store;
mod xml;
