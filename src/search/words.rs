//! Texts as words, words as stems, part numbers without what people leave out.

use std::collections::HashMap;

use tantivy::tokenizer::{AsciiFoldingFilter, Language, Stemmer, TextAnalyzer, TokenStream, WhitespaceTokenizer};

/// Longest word, in bytes: longer ones are not typed.
const WORD_BYTES_MAX: usize = 60;
/// Stems remembered while entries are written: the vocabulary of a large catalogue.
const REMEMBERED_MAX: usize = 200_000;

/// A part number in lower case without anything but letters and digits: `AB-12/3` is `ab123`.
pub fn number(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The words of a text in lower case: `M8 × 40` is one word, and so are `0.5` and `1/4`.
pub(super) fn split(text: &str) -> Vec<String> {
    let lower: Vec<char> = text.chars().flat_map(char::to_lowercase).map(plain).collect();
    let joined = joined(&lower);
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, c) in joined.iter().enumerate() {
        let is_between_digits = || {
            let digit = |at: Option<usize>| at.and_then(|at| joined.get(at)).is_some_and(char::is_ascii_digit);
            digit(at.checked_sub(1)) && digit(Some(at + 1))
        };
        match c {
            c if c.is_alphanumeric() => word.push(*c),
            '.' | ',' if is_between_digits() => word.push('.'),
            '/' if is_between_digits() => word.push('/'),
            _ => take(&mut words, &mut word),
        }
    }
    take(&mut words, &mut word);
    words
}

fn take(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() && word.len() <= WORD_BYTES_MAX {
        words.push(std::mem::take(word));
    }
    word.clear();
}

fn plain(c: char) -> char {
    match c {
        '×' => 'x',
        c => c,
    }
}

/// Leaves out blanks around an `x` between digits.
fn joined(chars: &[char]) -> Vec<char> {
    let mut joined: Vec<char> = Vec::with_capacity(chars.len());
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let after = chars.iter().skip(at + 1).position(|c| !c.is_whitespace());
        let next = after.and_then(|after| chars.get(at + 1 + after));
        let before = joined.iter().rposition(|c| !c.is_whitespace());
        let is_sign = *c == 'x'
            && next.is_some_and(char::is_ascii_digit)
            && before.is_some_and(|before| joined[before].is_ascii_digit());
        if let (true, Some(before), Some(after)) = (is_sign, before, after) {
            joined.truncate(before + 1);
            joined.push('x');
            at += 1 + after;
        } else {
            joined.push(*c);
            at += 1;
        }
    }
    joined
}

/// The parts of a word of sizes: `m8x40` has `m8` and `40`.
pub(super) fn parts(word: &str) -> Vec<&str> {
    let bytes = word.as_bytes();
    let is_cut = |at: usize| {
        at > 0
            && bytes[at] == b'x'
            && bytes[at - 1].is_ascii_digit()
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    };
    let cuts: Vec<usize> = (0..bytes.len()).filter(|at| is_cut(*at)).collect();
    if cuts.is_empty() {
        return Vec::new();
    }
    let starts = std::iter::once(0).chain(cuts.iter().map(|cut| cut + 1));
    let ends = cuts.iter().copied().chain([bytes.len()]);
    starts
        .zip(ends)
        .filter_map(|(start, end)| word.get(start..end))
        .collect()
}

/// Whether a word has letters alone.
pub(super) fn is_spelled(word: &str) -> bool {
    word.chars().all(char::is_alphabetic)
}

/// Words that say nothing by themselves, in the languages the shop is written in; a search of others leaves them out.
pub(super) fn says_nothing(word: &str) -> bool {
    const WORDS: [&str; 34] = [
        "a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "am", "an",
        "auf", "aus", "bei", "das", "der", "die", "ein", "eine", "für", "fuer", "im", "mit", "oder", "und", "von",
        "zu", "zum",
    ];
    WORDS.contains(&word)
}

/// Brings words to their stems in the languages of a supplier.
#[derive(Clone)]
pub(super) struct Stems {
    languages: Vec<(String, TextAnalyzer)>,
    /// For words of a language without stems.
    plain: TextAnalyzer,
    /// Languages of texts whose language is not said.
    own: Vec<usize>,
    remembered: HashMap<(usize, String), String>,
}

/// The place of a language without stems.
const PLAIN: usize = usize::MAX;

impl Stems {
    /// For the languages of texts, and those that texts of no said language may be in.
    pub fn new(languages: &[String], own: &[String]) -> Self {
        let mut all: Vec<String> = languages.iter().chain(own).cloned().collect();
        all.sort();
        all.dedup();
        let analyzers: Vec<(String, TextAnalyzer)> = all
            .into_iter()
            .filter_map(|code| {
                let stemmer = Stemmer::new(language(&code)?);
                let analyzer = TextAnalyzer::builder(WhitespaceTokenizer::default())
                    .filter(stemmer)
                    .filter(AsciiFoldingFilter)
                    .build();
                Some((code, analyzer))
            })
            .collect();
        let place = |code: &String| analyzers.iter().position(|(own, _)| own == code);
        Stems {
            own: own.iter().filter_map(place).collect(),
            languages: analyzers,
            plain: TextAnalyzer::builder(WhitespaceTokenizer::default())
                .filter(AsciiFoldingFilter)
                .build(),
            remembered: HashMap::new(),
        }
    }

    /// The same without what it remembers.
    pub fn fresh(&self) -> Self {
        Stems {
            languages: self.languages.clone(),
            plain: self.plain.clone(),
            own: self.own.clone(),
            remembered: HashMap::new(),
        }
    }

    /// The stems of a word in a text of a language, each once.
    pub fn of_text(&mut self, language: Option<&str>, word: &str) -> Vec<String> {
        let places = match language {
            None => self.own.clone(),
            Some(code) => self
                .languages
                .iter()
                .position(|(own, _)| own == code)
                .into_iter()
                .collect(),
        };
        self.in_places(&places, word)
    }

    /// The stems of a word of a search, in every language, each once.
    pub fn of_search(&mut self, word: &str) -> Vec<String> {
        let places: Vec<usize> = (0..self.languages.len()).chain([PLAIN]).collect();
        self.in_places(&places, word)
    }

    fn in_places(&mut self, places: &[usize], word: &str) -> Vec<String> {
        // Sizes and numbers have no stems.
        let places = if places.is_empty() || !is_spelled(word) {
            &[PLAIN][..]
        } else {
            places
        };
        let mut stems: Vec<String> = Vec::with_capacity(places.len());
        for place in places {
            let stem = self.stem(*place, word);
            if !stems.contains(&stem) {
                stems.push(stem);
            }
        }
        stems
    }

    fn stem(&mut self, place: usize, word: &str) -> String {
        let key = (place, word.to_owned());
        if let Some(stem) = self.remembered.get(&key) {
            return stem.clone();
        }
        let (is_german, analyzer) = match self.languages.get_mut(place) {
            Some((code, analyzer)) => (code == "de", analyzer),
            None => (false, &mut self.plain),
        };
        let mut stream = analyzer.token_stream(word);
        let stem = if stream.advance() {
            stream.token().text.clone()
        } else {
            word.to_owned()
        };
        let stem = if is_german { without_umlauts(&stem) } else { stem };
        if self.remembered.len() >= REMEMBERED_MAX {
            self.remembered.clear();
        }
        self.remembered.insert(key, stem.clone());
        stem
    }
}

/// `schluessel`, as people write who have no ü, is the stem of `schlüssel` too.
fn without_umlauts(stem: &str) -> String {
    stem.replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

/// The languages that have stems.
fn language(code: &str) -> Option<Language> {
    let languages = [
        ("ar", Language::Arabic),
        ("da", Language::Danish),
        ("de", Language::German),
        ("el", Language::Greek),
        ("en", Language::English),
        ("es", Language::Spanish),
        ("fi", Language::Finnish),
        ("fr", Language::French),
        ("hu", Language::Hungarian),
        ("it", Language::Italian),
        ("nl", Language::Dutch),
        ("no", Language::Norwegian),
        ("pt", Language::Portuguese),
        ("ro", Language::Romanian),
        ("ru", Language::Russian),
        ("sv", Language::Swedish),
        ("ta", Language::Tamil),
        ("tr", Language::Turkish),
    ];
    languages
        .into_iter()
        .find(|(own, _)| *own == code)
        .map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_words() {
        let check = |text: &str, expect: &str| assert_eq!(split(text).join(" "), expect, "{text}");
        check("Hex bolt M8 × 40, A2", "hex bolt m8x40 a2");
        check("M8x40 M8 X 40 8 x", "m8x40 m8x40 8 x");
        check("0,5 mm² 1/4\" 3.", "0.5 mm² 1/4 3");
        check("AB-12/3", "ab 12/3");
        check("Würth & Söhne", "würth söhne");
        check("2 x 3 x 4", "2x3x4");
        check(" -- ", "");
        assert_eq!(parts("m8x40"), ["m8", "40"]);
        assert_eq!(parts("2x3x4"), ["2", "3", "4"]);
        assert!(parts("box").is_empty() && parts("x").is_empty());
        assert_eq!(number("AB-12/3"), "ab123");
    }

    #[test]
    fn words_have_stems_in_every_language() {
        let code = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        let mut stems = Stems::new(&code(&["de", "xx"]), &code(&["en"]));
        let mut same = |language: &str, text: &str, search: &str| {
            let own = stems.of_text(Some(language), text);
            stems.of_search(search).iter().any(|stem| own.contains(stem))
        };
        assert!(same("de", "schrauben", "schraube"));
        assert!(same("de", "schlüssel", "schluessel") && same("de", "schlüssel", "schlussel"));
        assert!(same("en", "bolts", "bolt") && same("xx", "größe", "grosse"));
        assert!(!same("en", "bolts", "nut"));
        assert_eq!(stems.of_text(None, "wrenches"), ["wrench"]);
    }
}
