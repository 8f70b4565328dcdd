use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_bundle::FluentResource;

use super::*;
use crate::domain::unit;
use crate::http::page::locale::Locale;

/// Keys and the places in their texts, as a file has them.
fn texts(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| errors);
    resource.expect("every entry can be read");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in source.lines() {
        if let Some((name, _)) = line
            .split_once(" =")
            .filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
        {
            assert!(found.insert(name.to_owned(), BTreeSet::new()).is_none(), "{name} twice");
            name.clone_into(&mut key);
        }
        for place in line.split('$').skip(1) {
            let place = place.split(|c: char| !c.is_alphanumeric()).next().unwrap();
            if let Some(places) = found.get_mut(&key) {
                places.insert(place.to_owned());
            }
        }
    }
    found
}

/// Files below a folder of the source tree.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn every_language_has_every_text_with_the_same_places() {
    let [english, german] = SOURCES.map(|(_, source)| texts(source));
    assert_eq!(english, german);
}

#[test]
fn every_text_is_used_and_every_used_text_is_there() {
    let english = texts(SOURCES[0].1);
    let paths = [files("templates"), files("src/http")].concat();
    let read = paths.iter().filter(|path| !path.ends_with("text/tests.rs"));
    let sources: Vec<String> = read.filter_map(|path| fs::read_to_string(path).ok()).collect();
    let literals: BTreeSet<&str> = sources.iter().flat_map(|source| source.split('"').skip(1)).collect();
    for key in english.keys() {
        // The text below a title goes with it; units are a family by their codes.
        let owner = key.strip_suffix("-text").filter(|title| english.contains_key(*title));
        let is_unit = key
            .strip_prefix("unit-")
            .is_some_and(|code| unit::STANDARD.iter().any(|unit| unit.code == code));
        let is_used = is_unit || literals.contains(key.as_str()) || owner.is_some_and(|title| literals.contains(title));
        assert!(is_used, "{key} is not used");
    }
    for source in &sources {
        for marked in ["Text::new(\"", "problem(StatusCode::"] {
            for after in source.split(marked).skip(1) {
                let quoted = if marked.ends_with('"') {
                    after.split('"').next()
                } else {
                    after.split('"').nth(1)
                };
                assert!(english.contains_key(quoted.unwrap()), "{quoted:?} is no text");
            }
        }
        for (at, _) in ["\"|say", "\"|rich"].iter().flat_map(|mark| source.match_indices(mark)) {
            let key = source[..at].rsplit('"').next().unwrap();
            assert!(english.contains_key(key), "{key} is no text");
        }
    }
}

#[test]
fn every_standard_unit_has_a_name() {
    let reader = Reader::utc(Timestamp::UNIX_EPOCH);
    for unit in unit::STANDARD {
        assert_eq!(reader.say_of("unit-", unit.code).as_deref(), Some(unit.name));
    }
}

/// The text without everything from one mark to the next after it.
fn without(text: &str, from: &str, to: &str) -> String {
    let mut parts = text.split(from);
    let mut left = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        left.push_str(part.split_once(to).map_or("", |(_, rest)| rest));
    }
    left
}

/// What stands in the templates of the shop outside of tags and expressions is marks and keys, never words.
#[test]
fn no_template_of_the_shop_has_words_of_its_own() {
    for path in ["templates/shop", "templates/visit", "templates/part"]
        .into_iter()
        .flat_map(files)
    {
        let mut told = fs::read_to_string(&path).unwrap();
        for (from, to) in [
            ("{{", "}}"),
            ("{%", "%}"),
            ("{#", "#}"),
            ("<kbd>", "</kbd>"),
            ("<", ">"),
        ] {
            told = without(&told, from, to);
        }
        assert!(
            !told.chars().any(char::is_alphabetic),
            "{}: {}",
            path.display(),
            told.trim()
        );
    }
}

#[test]
fn sentences_take_the_readers_forms() {
    let reader = |tag: &'static str| Reader {
        locale: Locale::choose(None, [tag]),
        ..Reader::utc("2026-11-24T09:00:00Z".parse().unwrap())
    };
    let check = |tag: &'static str, text: Text, expect: &str| assert_eq!(reader(tag).say(text), expect);
    let count = |count: u64| Text::new("products-count").with("count", count);
    check("en", count(1), "1 product");
    check("en", count(12_345), "12,345 products");
    check("de", count(12_345), "12.345 Artikel");
    check("de-CH", count(12_345), "12\u{2019}345 Artikel");
    let stock = || {
        Text::new("stock-part-by")
            .with("quantity", Decimal::new(12_345, 1))
            .with("day", jiff::civil::date(2026, 12, 4))
    };
    check("en", stock(), "1,234.5 in stock, the rest by 4 December");
    check("de", stock(), "1.234,5 auf Lager, der Rest bis 4. Dezember");
}
