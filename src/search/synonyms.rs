//! Words that mean the same in a search.

use std::collections::HashMap;

use super::words::{Stems, split};

/// Words of one synonym at most: a longer one is a sentence.
const WORDS_MAX: usize = 4;

/// Which words of a search stand for which others; looked up by stems.
#[derive(Clone, Debug, Default)]
pub struct Synonyms {
    /// From stems with a blank between to the other words.
    others: HashMap<String, Vec<Vec<String>>>,
}

impl Synonyms {
    /// From rows of words; in a row that is not two-way only the first finds the others.
    pub(super) fn new<'r>(rows: impl IntoIterator<Item = (&'r [String], bool)>, stems: &mut Stems) -> Self {
        let mut synonyms = Synonyms::default();
        for (row, is_two_way) in rows {
            let phrases: Vec<Vec<String>> = row.iter().map(|phrase| split(phrase)).collect();
            let from = if is_two_way { phrases.len() } else { 1 };
            for (at, phrase) in phrases.iter().enumerate().take(from) {
                let others = phrases.iter().enumerate().filter(|(other, _)| *other != at);
                let others: Vec<Vec<String>> = others.map(|(_, other)| other.clone()).collect();
                for key in keys(phrase, stems) {
                    synonyms.others.entry(key).or_default().extend(others.iter().cloned());
                }
            }
        }
        synonyms
    }

    /// How many of the first words stand for others, the most first, and for which.
    pub(super) fn of(&self, words: &[String], stems: &mut Stems) -> Option<(usize, Vec<Vec<String>>)> {
        if self.others.is_empty() {
            return None;
        }
        let longest = words.len().min(WORDS_MAX);
        (1..=longest).rev().find_map(|count| {
            let mut others: Vec<Vec<String>> = Vec::new();
            for key in keys(&words[..count], stems) {
                for other in self.others.get(&key).into_iter().flatten() {
                    if !others.contains(other) {
                        others.push(other.clone());
                    }
                }
            }
            (!others.is_empty()).then_some((count, others))
        })
    }
}

/// The stems of a phrase in each language, each once.
fn keys(phrase: &[String], stems: &mut Stems) -> Vec<String> {
    let of_words: Vec<Vec<String>> = phrase.iter().map(|word| stems.of_search(word)).collect();
    let most = of_words.iter().map(Vec::len).max().unwrap_or(0);
    let mut keys: Vec<String> = Vec::with_capacity(most);
    for at in 0..most {
        let key: Vec<&str> = of_words
            .iter()
            .filter_map(|stems| stems.get(at).or(stems.last()))
            .map(String::as_str)
            .collect();
        let key = key.join(" ");
        if !key.is_empty() && !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_for_others_by_their_stems() {
        let mut stems = Stems::new(&["de".to_owned()], &["en".to_owned()]);
        let row = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (two_way, one_way) = (row(&["wrench", "spanner", "hand tool"]), row(&["cutter", "knife"]));
        let synonyms = Synonyms::new([(&two_way[..], true), (&one_way[..], false)], &mut stems);
        let mut check = |words: &[&str], expect: Option<(usize, usize)>| {
            let found = synonyms.of(&row(words), &mut stems);
            assert_eq!(found.map(|(count, others)| (count, others.len())), expect, "{words:?}");
        };
        check(&["wrenches", "long"], Some((1, 2)));
        check(&["hand", "tools"], Some((2, 2)));
        check(&["hand"], None);
        check(&["cutter"], Some((1, 1)));
        check(&["knife"], None);
    }
}
