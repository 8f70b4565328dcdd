//! Wire to domain and back, under one connection's settings.
//!
//! Reading is liberal in form and strict in meaning: whatever cannot change money, quantity, identity or routing is
//! accepted with a finding; everything else is a [`crate::domain::refusal::Refusal`] that names the field.

pub mod cart;
pub mod claims;
pub mod order;
pub mod rules;
pub mod setup;
mod value;
