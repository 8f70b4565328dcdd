//! Hiding parts of a document's text.

use std::ops::Range;

/// What stands where something was hidden.
pub const REDACTED: &str = "[redacted]";

/// The text with the given byte spans replaced by [`REDACTED`]; spans may overlap and come in any order.
pub fn redact(_text: &str, _spans: &[Range<usize>]) -> String {
    unimplemented!()
}
