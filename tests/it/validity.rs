//! The validator against an independent one: the verdicts on every document of the corpus, and on documents made wrong
//! in a hundred thousand ways.

use punchgate::cxml::Families;
use punchgate::xml::{self, Limits};

use crate::reference::{self, Document};
use crate::support_store::tell;

/// Documents on which the verdicts differ, and why ours is right.
const DEVIATIONS: &[(&str, &str)] = &[];

fn verdict(document: &Document) -> (bool, bool) {
    let limits = Limits::default();
    let families = Families::built_in().unwrap();
    let Ok(decoded) = xml::decode(&document.bytes, None, &limits) else {
        return (false, false);
    };
    match families.validate(&decoded.text, &limits) {
        Ok(violations) => (true, violations.count == 0),
        Err(_) => (false, false),
    }
}

#[test]
fn reference_verdicts_on_the_corpus() {
    let Some(documents) = reference::documents() else {
        return;
    };
    let families = Families::built_in().unwrap();
    let (mut compared, mut others, mut wrong) = (0, 0, Vec::new());
    for document in &documents {
        let (well_formed, valid) = verdict(document);
        if well_formed != document.well_formed {
            wrong.push(format!("{}: well-formed {well_formed}", document.file));
            continue;
        }
        let (Some(expect), true) = (document.valid, families.family(&document.family).is_some()) else {
            others += usize::from(well_formed);
            continue;
        };
        compared += 1;
        if valid != expect && !DEVIATIONS.iter().any(|(file, _)| *file == document.file) {
            let decoded = xml::decode(&document.bytes, None, &Limits::default()).unwrap();
            let found = families.validate(&decoded.text, &Limits::default()).unwrap();
            let first = found.list.first().map(|first| format!("{} {first}", first.path));
            wrong.push(format!(
                "{} ({}): valid {valid}: {first:?}",
                document.file, document.family
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    tell(&format!(
        "reference: {compared} documents have the verdict of an independent validator, {others} had none"
    ));
}

/// The published set through our reader and compiler: whatever our own files say is what they say.
#[test]
fn reference_the_published_set_finds_the_same() {
    let (Some(folder), Some(documents)) = (reference::folder(), reference::documents()) else {
        return;
    };
    let published = Families::load(&folder.join("reference/cxml-dtd-1.2.071")).unwrap();
    let own = Families::built_in().unwrap();
    // The order in which attributes are declared is each one's own, and with it what is listed as expected.
    let found = |families: &Families, document: &Document| {
        let limits = Limits::default();
        let text = xml::decode(&document.bytes, None, &limits).unwrap().text;
        let found = families.validate(&text, &limits).unwrap();
        let mut list: Vec<_> = found
            .list
            .into_iter()
            .map(|violation| (violation.offset, violation.kind, violation.path, violation.subject))
            .collect();
        list.sort_unstable();
        (found.count, list)
    };
    for document in documents.iter().filter(|document| document.well_formed) {
        assert_eq!(found(own, document), found(published, document), "{}", document.file);
    }
    assert!(Families::load(&folder.join("reference")).is_err());
}
