//! Every crate that the program is built from has a licence that permits what we do, and none is banned.

use std::collections::BTreeSet;
use std::process::Command;

/// Licences without obligations beyond naming the authors (SPDX).
const PERMITTED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that must not come in, with the reason.
const BANNED: &[(&str, &str)] = &[
    ("rustls", "one TLS stack: OpenSSL"),
    ("ring", "one cryptographic library: OpenSSL"),
    ("aws-lc-rs", "one cryptographic library: OpenSSL"),
    ("chrono", "one calendar: jiff"),
];

/// Name and licence of every crate that is built, those of tests included.
fn crates() -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--prefix=none", "--format={p}|{l}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: BTreeSet<&str> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    let crates = lines.into_iter().filter_map(|line| line.split_once('|'));
    crates
        .map(|(package, licence)| {
            let name = package.split(' ').next().unwrap_or_default();
            (name.to_owned(), licence.to_owned())
        })
        .collect()
}

/// Whether one of the alternatives of an SPDX expression is made of permitted licences alone.
fn is_permitted(expression: &str) -> bool {
    let plain = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let permitted = |licence: &str| PERMITTED.contains(&licence.trim());
    if plain.contains(" AND ") {
        // Every part of a conjunction must have a permitted alternative.
        return expression.split(" AND ").all(|part| {
            let part = part.replace(['(', ')'], " ");
            part.split(" OR ").any(permitted)
        });
    }
    plain.split(" OR ").any(permitted)
}

#[test]
fn licences_are_permissive_and_no_crate_is_banned() {
    let crates = crates();
    let mut faults = Vec::new();
    for (name, licence) in &crates {
        if !is_permitted(licence) {
            faults.push(format!("{name}: licence {licence:?}"));
        }
        if let Some((_, reason)) = BANNED.iter().find(|(banned, _)| banned == name) {
            faults.push(format!("{name} is banned: {reason}"));
        }
    }
    assert!(crates.len() > 100 && faults.is_empty(), "{faults:#?}");
}

#[test]
fn expressions_are_read() {
    for (expression, expect) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0", false),
        ("MIT/Apache-2.0", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND GPL-2.0", false),
        ("", false),
    ] {
        assert_eq!(is_permitted(expression), expect, "{expression}");
    }
}
