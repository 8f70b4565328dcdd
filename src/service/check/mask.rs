//! The checked text without its secrets.

use std::ops::Range;

/// The text with its secrets as asterisks: every line and column stays where it is.
pub(super) fn masked(text: &str, redactions: &[Range<usize>]) -> String {
    let mut spans = redactions.to_vec();
    spans.extend(secrets_by_name(text));
    let mut masked = String::with_capacity(text.len());
    spans.sort_unstable_by_key(|span| span.start);
    let mut spans = spans.into_iter().peekable();
    for (offset, c) in text.char_indices() {
        while spans.peek().is_some_and(|span| span.end <= offset) {
            spans.next();
        }
        let hides = spans.peek().is_some_and(|span| span.contains(&offset)) && !matches!(c, '\n' | '\r');
        masked.push(if hides { '*' } else { c });
    }
    masked
}

/// Secrets found by the names of their elements and attributes alone, whatever their prefix and case, since the text may
/// be ill-formed: too much is masked rather than too little.
fn secrets_by_name(text: &str) -> Vec<Range<usize>> {
    const ELEMENTS: [&str; 3] = ["sharedsecret", "credentialmac", "digitalsignature"];
    const CARD: [&str; 2] = ["number", "expiration"];
    let lower = text.to_ascii_lowercase();
    let mut spans = Vec::new();
    for element in ELEMENTS {
        for (start, _) in lower.match_indices(element) {
            let prefix =
                lower[..start].trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, ':' | '_' | '-' | '.'));
            let Some(open) = lower[start..].find('>').map(|at| start + at + 1) else {
                continue;
            };
            if prefix.ends_with('<') && !lower[start..open].ends_with("/>") {
                // Where the end is missing, everything may be the secret.
                let end = lower[open..].find(element).map_or(text.len(), |at| open + at);
                let end = lower[open..end].rfind("</").map_or(end, |at| open + at);
                spans.push(open..end);
            }
        }
    }
    for (start, _) in lower.match_indices("pcard") {
        let end = lower[start..].find('>').map_or(text.len(), |at| start + at);
        for name in CARD {
            let value = lower[start..end].find(name).map(|at| start + at + name.len());
            let quote = value.and_then(|value| Some(value + text[value..end].find(['"', '\''])?));
            if let Some(quote) = quote {
                let close = text[quote + 1..end].find(['"', '\'']).map_or(end, |at| quote + 1 + at);
                spans.push(quote + 1..close);
            }
        }
    }
    spans
}
