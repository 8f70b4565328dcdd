//! The words that names are made of: how they go on, and which of them somebody meant.

use std::collections::HashMap;

use tantivy::query::FuzzyTermQuery;
use tantivy::schema::{Field, Term};
use tantivy::{Searcher, TantivyError};

use super::SearchError;

/// Terms that are looked at of each segment: a short beginning has thousands.
const LOOKED_AT_MAX: usize = 2_000;
/// Letters from which a word may have a typing error, and from which it may have two.
const ONE_ERROR_CHARS: usize = 4;
const TWO_ERRORS_CHARS: usize = 8;

/// The words of a field that begin so, those of the most products first, at most so many.
pub(super) fn completions(
    searcher: &Searcher,
    field: Field,
    begin: &str,
    most: usize,
) -> Result<Vec<String>, SearchError> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut stream = inverted.terms().range().ge(begin.as_bytes()).into_stream()?;
        let mut looked_at = 0;
        while looked_at < LOOKED_AT_MAX && stream.advance() {
            let Ok(word) = std::str::from_utf8(stream.key()) else {
                continue;
            };
            if !word.starts_with(begin) {
                break;
            }
            looked_at += 1;
            *counts.entry(word.to_owned()).or_default() += u64::from(stream.value().doc_freq);
        }
    }
    Ok(first(counts, |_| false, most))
}

/// The words of a field that somebody meant by one that is not there: the fewest typing errors first, and of these the
/// words that begin alike, then those of the most products; at most so many.
pub(super) fn corrections(
    searcher: &Searcher,
    field: Field,
    word: &str,
    most: usize,
) -> Result<Vec<String>, SearchError> {
    let errors = match word.chars().count() {
        0..ONE_ERROR_CHARS => return Ok(Vec::new()),
        ONE_ERROR_CHARS..TWO_ERRORS_CHARS => 1,
        _ => 2,
    };
    for distance in 1..=errors {
        let counts = within(searcher, field, word, distance)?;
        if !counts.is_empty() {
            let begins = word.chars().next();
            return Ok(first(counts, |found| found.chars().next() != begins, most));
        }
    }
    Ok(Vec::new())
}

fn within(searcher: &Searcher, field: Field, word: &str, distance: u8) -> Result<HashMap<String, u64>, SearchError> {
    let fuzzy = FuzzyTermQuery::new(Term::from_field_text(field, word), distance, true);
    let mut counts: HashMap<String, u64> = HashMap::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut stream = inverted.terms().search(fuzzy.automaton()?).into_stream()?;
        let mut looked_at = 0;
        while looked_at < LOOKED_AT_MAX && stream.advance() {
            looked_at += 1;
            if let Ok(found) = std::str::from_utf8(stream.key()) {
                *counts.entry(found.to_owned()).or_default() += u64::from(stream.value().doc_freq);
            }
        }
    }
    Ok(counts)
}

/// The words of the most products first; those that are `later` after the others.
fn first(counts: HashMap<String, u64>, later: impl Fn(&str) -> bool, most: usize) -> Vec<String> {
    let mut words: Vec<(bool, std::cmp::Reverse<u64>, String)> = counts
        .into_iter()
        .map(|(word, count)| (later(&word), std::cmp::Reverse(count), word))
        .collect();
    words.sort_unstable();
    words.into_iter().take(most).map(|(.., word)| word).collect()
}

/// How many documents have a term, where some have it.
pub(super) fn is_there(searcher: &Searcher, term: &Term) -> Result<bool, TantivyError> {
    for segment in searcher.segment_readers() {
        if segment.inverted_index(term.field())?.get_term_info(term)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
