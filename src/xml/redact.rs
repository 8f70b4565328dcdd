//! Hiding parts of a document's text.

use std::ops::Range;

/// What stands where something was hidden.
pub const REDACTED: &str = "[redacted]";

/// The text with the given byte spans replaced by [`REDACTED`]; spans may touch, overlap and come in any order.
///
/// A span that cuts a character in two hides all of it.
pub fn redact(text: &str, spans: &[Range<usize>]) -> String {
    let mut spans: Vec<&Range<usize>> = spans
        .iter()
        .filter(|span| span.start < span.end.min(text.len()))
        .collect();
    spans.sort_unstable_by_key(|span| span.start);
    let mut redacted = String::with_capacity(text.len());
    let mut copied_to = 0;
    let mut hidden = false;
    for span in spans {
        let start = text.floor_char_boundary(span.start);
        let end = text.ceil_char_boundary(span.end);
        if start > copied_to || !hidden {
            redacted.push_str(&text[copied_to..start]);
            redacted.push_str(REDACTED);
        }
        hidden = true;
        copied_to = copied_to.max(end);
    }
    redacted.push_str(&text[copied_to..]);
    redacted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        for (text, spans, expect) in [
            ("abcdef", &[][..], "abcdef"),
            ("abcdef", &[(1, 3)], "a[redacted]def"),
            ("abcdef", &[(4, 5), (1, 2)], "a[redacted]cd[redacted]f"),
            ("abcdef", &[(1, 3), (2, 5)], "a[redacted]f"),
            ("abcdef", &[(1, 3), (3, 4)], "a[redacted]ef"),
            ("abcdef", &[(1, 5), (2, 3)], "a[redacted]f"),
            ("abcdef", &[(0, 6)], "[redacted]"),
            ("abcdef", &[(0, 2)], "[redacted]cdef"),
            ("abcdef", &[(3, 3)], "abcdef"),
            ("abcdef", &[(4, 99)], "abcd[redacted]"),
            ("abcdef", &[(9, 99)], "abcdef"),
            ("aéb", &[(2, 3)], "a[redacted]b"),
        ] {
            let spans: Vec<Range<usize>> = spans.iter().map(|&(start, end)| start..end).collect();
            assert_eq!(redact(text, &spans), expect, "{text} {spans:?}");
        }
    }
}
