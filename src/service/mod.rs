//! One function per use case; owns transactions; one file per noun.
pub mod keys;
