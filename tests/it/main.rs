//! The integration tests: stories through real HTTP, both databases, a fixed clock.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod admin;
mod admin_seed;
mod bad_input;
mod corpus;
mod crash;
mod cxml;
mod grammar;
mod import;
mod layers;
mod licences;
mod mime;
mod orders;
mod price_vectors;
mod reference;
mod store;
mod story;
mod story_cart;
mod story_orders;
mod support;
mod support_process;
mod support_store;
mod terms;
mod trust;
mod validity;
mod xml;
