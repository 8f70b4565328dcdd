//! The house as src/lib.rs draws it: who imports whom, and what stays inside one layer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Names that stay inside one layer, or some: what is looked for, where it may be.
const INSIDE: [(&str, &str); 11] = [
    ("quick_xml", "xml"),
    ("actix_web", "http"),
    ("actix_tls", "http"),
    ("askama", "http"),
    ("reqwest", "transport"),
    ("sqlx", "store transport"),
    ("tantivy::", "search"),
    ("Timestamp::now", "clock"),
    ("Zoned::now", "clock"),
    ("SystemTime::now", "clock"),
    ("Uuid::new_v", "clock"),
];

/// One source file of the house.
struct Source {
    /// Its path within `src`.
    file: PathBuf,
    /// The layer: the first folder or the file's own name.
    layer: String,
    /// The text with blank lines in place of comments, and without the tests at its end.
    code: String,
}

/// Reads every source file.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let file = path.strip_prefix(&root).unwrap().to_path_buf();
                let first = Path::new(file.components().next().unwrap().as_os_str());
                let layer = first.file_stem().unwrap().to_str().unwrap().to_owned();
                let text = std::fs::read_to_string(&path).unwrap();
                sources.push(Source {
                    code: code(&file, &text),
                    file,
                    layer,
                });
            }
        }
    }
    assert!(sources.len() > 100, "{} files", sources.len());
    sources
}

fn code(file: &Path, text: &str) -> String {
    if file.ends_with("tests.rs") {
        return String::new();
    }
    let text = text
        .split_once("#[cfg(test)]\nmod tests {")
        .map_or(text, |(code, _)| code);
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The table "who may import whom" of src/lib.rs: layer → layers, or single modules of them (`domain::money`).
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let mut floors: Vec<(u8, String, Vec<String>)> = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("//!  floor ")) {
        let (floor, cells) = line.split_once(' ').unwrap();
        for cell in cells.split("   ").map(str::trim).filter(|cell| !cell.is_empty()) {
            let cell = cell.split(" (").next().unwrap();
            let (layer, below) = cell.split_once(" → ").unwrap_or((cell, ""));
            let below = below.split(", ").filter(|name| !name.is_empty()).map(str::to_owned);
            floors.push((floor.parse().unwrap(), layer.to_owned(), below.collect()));
        }
    }
    let anyone: Vec<String> = names(&floors, |floor| floor == 0);
    let mut table = BTreeMap::new();
    for (floor, layer, below) in &floors {
        let mut allowed: BTreeSet<String> = match below.as_slice() {
            [all] if all == "everything below" => names(&floors, |other| other < *floor).into_iter().collect(),
            below => below.iter().cloned().collect(),
        };
        for name in &allowed {
            let found = floors
                .iter()
                .find(|(_, other, _)| name.split("::").next() == Some(other));
            let (under, ..) = found.unwrap_or_else(|| panic!("{layer} → {name}: no such layer"));
            assert!(under <= floor, "{layer} → {name} runs up");
        }
        if *floor > 0 {
            allowed.extend(anyone.iter().cloned());
        }
        allowed.insert(layer.clone());
        table.insert(layer.clone(), allowed);
    }
    assert!(table.len() > 10, "{table:?}");
    table
}

fn names(floors: &[(u8, String, Vec<String>)], on: impl Fn(u8) -> bool) -> Vec<String> {
    let on = floors.iter().filter(|(floor, ..)| on(*floor));
    on.map(|(_, layer, _)| layer.clone()).collect()
}

/// Every path that begins at the crate: `crate::a::b`, `crate::{a, b::c}`.
fn paths(code: &str) -> Vec<String> {
    let word = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || "_:".contains(*c))
            .collect::<String>()
    };
    let mut paths = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            None => paths.push(word(rest)),
            Some(list) => {
                let mut depth = 0_usize;
                let mut start = true;
                for (at, c) in list.char_indices() {
                    if depth == 0 && start && c.is_alphabetic() {
                        paths.push(word(&list[at..]));
                        start = false;
                    }
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        _ => {}
                    }
                }
            }
        }
    }
    paths
}

#[test]
fn paths_are_found() {
    let code = "use crate::{cxml, translate::{a, b}, xml};\nlet x = crate::store::open(); use crate::domain;";
    assert_eq!(paths(code), ["cxml", "translate::", "xml", "store::open", "domain"]);
}

#[test]
fn layers() {
    let table = table();
    let mut wrong = BTreeSet::new();
    let mut arrows = 0;
    for source in sources() {
        // The map itself names every layer.
        if ["lib", "main"].contains(&source.layer.as_str()) {
            continue;
        }
        let Some(allowed) = table.get(&source.layer) else {
            wrong.insert(format!("{} is not in the table of src/lib.rs", source.layer));
            continue;
        };
        for path in paths(&source.code) {
            arrows += 1;
            let is_within = |name: &String| {
                path == *name
                    || path
                        .strip_prefix(name.as_str())
                        .is_some_and(|rest| rest.starts_with("::"))
            };
            if !allowed.iter().any(is_within) {
                wrong.insert(format!("{} → {path} in {}", source.layer, source.file.display()));
            }
        }
        // A path from above would hide an arrow.
        let climbs = source.code.match_indices("super::super::").count();
        if climbs > 0 && source.file.components().count() < 4 {
            wrong.insert(format!(
                "{} climbs out of its layer by super::super",
                source.file.display()
            ));
        }
    }
    assert!(arrows > 300, "{arrows} arrows");
    assert!(wrong.is_empty(), "not in the table of src/lib.rs:\n{wrong:#?}");
}

#[test]
fn crates_stay_inside_their_layer() {
    let mut seen = BTreeSet::new();
    let mut wrong = BTreeSet::new();
    for source in sources() {
        for (name, layer) in INSIDE {
            if source.code.contains(name) {
                seen.insert(name);
                if !layer.split(' ').any(|layer| source.layer == layer) {
                    wrong.insert(format!("{name} in {}, not in {layer}", source.file.display()));
                }
            }
        }
    }
    assert!(seen.len() >= 7, "{seen:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is absent is told, never a panic: clippy says so too, unless somebody allows it.
#[test]
fn nothing_is_unwrapped_outside_tests() {
    let forbidden = [
        ".unwrap()",
        ".unwrap_err()",
        "clippy::unwrap_used",
        "clippy::expect_used",
        "unreachable!(",
        "panic!(",
        "todo!(",
        "unimplemented!(",
    ];
    let mut wrong = BTreeSet::new();
    for source in sources() {
        for name in forbidden {
            if source.code.contains(name) {
                wrong.insert(format!("{name} in {}", source.file.display()));
            }
        }
        // The cursor of `xml` has a method of this name, which returns what is wrong.
        if source.layer != "xml" && source.code.contains(".expect(") {
            wrong.insert(format!(".expect( in {}", source.file.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
