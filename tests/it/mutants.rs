//! Documents made wrong in many ways, and whether an independent validator (`xmllint`, libxml2) comes to our verdict.
//!
//! `PUNCHGATE_TEST_MUTANTS` says how many; 1,000 by default. What is left of differences is a listed set with reasons.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use punchgate::clock::Clock;
use punchgate::cxml::Families;
use punchgate::xml::{self, Grammar, Limits, Reader};

use crate::reference;
use crate::support_store::tell;

/// Says how many documents are made.
const MUTANTS: &str = "PUNCHGATE_TEST_MUTANTS";

/// Files that one call of `xmllint` reads.
const BATCH: usize = 250;

/// What a validator says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    IllFormed,
    Invalid,
    Valid,
}

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % end.max(1)
    }

    fn one<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

/// A tag: its bytes in the text, its name, and for a start tag the end of its element.
struct Tag {
    start: usize,
    end: usize,
    name: std::ops::Range<usize>,
    element_end: Option<usize>,
}

/// The tags of a well-formed text without the prolog.
fn tags(text: &str) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::new();
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        let start = at + found;
        let rest = &text[start..];
        let close = match rest.as_bytes()[1] {
            b'!' if rest.starts_with("<!--") => rest.find("-->").unwrap() + 2,
            b'!' if rest.starts_with("<![") => rest.find("]]>").unwrap() + 2,
            _ => {
                let mut quote = None;
                let end = rest.char_indices().find(|&(_, c)| match quote {
                    Some(open) => {
                        quote = (c != open).then_some(open);
                        false
                    }
                    None if c == '"' || c == '\'' => {
                        quote = Some(c);
                        false
                    }
                    None => c == '>',
                });
                end.unwrap().0
            }
        };
        let end = start + close + 1;
        at = end;
        match rest.as_bytes()[1] {
            b'!' | b'?' => {}
            b'/' => {
                let name = start + 2..start + 2 + rest[2..].find(['>', ' ', '\t', '\r', '\n']).unwrap();
                let opened: usize = open.pop().unwrap();
                tags[opened].element_end = Some(end);
                tags.push(Tag {
                    start,
                    end,
                    name,
                    element_end: None,
                });
            }
            _ => {
                let name = start + 1..start + 1 + rest[1..].find(['>', '/', ' ', '\t', '\r', '\n']).unwrap();
                let is_empty = text[..end].ends_with("/>");
                if !is_empty {
                    open.push(tags.len());
                }
                tags.push(Tag {
                    start,
                    end,
                    name,
                    element_end: is_empty.then_some(end),
                });
            }
        }
    }
    tags
}

/// The attributes of a start tag: the whole with the blank before it, and the name.
fn attributes(text: &str, tag: &Tag) -> Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let mut at = tag.name.end;
    while let Some(equals) = text[at..tag.end].find('=') {
        let equals = at + equals;
        let before = &text[at..equals];
        let name_start = at + before.len() - before.trim_start().len();
        let name = name_start..name_start + text[name_start..equals].trim_end().len();
        let quote_at = equals + 1 + text[equals + 1..].find(['"', '\'']).unwrap();
        let quote = text[quote_at..].chars().next().unwrap();
        let end = quote_at + 2 + text[quote_at + 1..].find(quote).unwrap();
        found.push((at..end, name));
        at = end;
    }
    found
}

const NAMES: &[&str] = &[
    "Extrinsic",
    "Comments",
    "Money",
    "Name",
    "URL",
    "Contact",
    "Status",
    "ItemID",
    "Unheard",
    "Request",
    "SharedSecret",
    "Description",
    "Address",
    "Phone",
    "Tax",
    "Total",
    "Header",
    "To",
    "money",
    "ds:Object",
    "x:y",
];
const ATTRIBUTES: &[&str] = &[
    "currency", "name", "xml:lang", "domain", "type", "unheard", "Id", "code", "quantity",
];
const VALUES: &[&str] = &[
    "",
    " ",
    "new",
    " new ",
    "yes",
    "1",
    "a b",
    "EUR",
    "production",
    "&#10;",
    "&lt;",
    "cid:x",
];
const PIECES: &[&str] = &[
    "stray",
    " ",
    "\n",
    "&amp;",
    "&#x20;",
    "&#65;",
    "<![CDATA[ ]]>",
    "<![CDATA[x]]>",
    "<!-- c -->",
    "<?p i?>",
    "]]>",
    "<",
    "&",
    ">",
    "&unheard;",
    "<Extrinsic name=\"x\"/>",
    "<Unheard/>",
];

/// The text with one thing changed.
fn mutate(text: &str, random: &mut Random) -> String {
    let tags = tags(text);
    let starts: Vec<&Tag> = tags.iter().filter(|tag| tag.element_end.is_some()).collect();
    let tag = random.one(&starts);
    let whole = tag.start..tag.element_end.unwrap();
    let mut changed = text.to_owned();
    match random.below(13) {
        0 => changed.replace_range(whole, ""),
        1 => changed.insert_str(whole.end, &text[whole]),
        2 => {
            let places: Vec<&Tag> = tags.iter().filter(|tag| !whole.contains(&tag.start)).collect();
            if let Some(place) = (!places.is_empty()).then(|| random.one(&places).end) {
                let moved = &text[whole.clone()];
                match place <= whole.start {
                    true => {
                        changed.replace_range(whole.clone(), "");
                        changed.insert_str(place, moved);
                    }
                    false => {
                        changed.insert_str(place.max(whole.end), moved);
                        changed.replace_range(whole.clone(), "");
                    }
                }
            }
        }
        3 => {
            let name = random.one(NAMES);
            let end = &text[whole.clone()];
            if let Some(end_name) = end.rfind("</").filter(|_| tag.end != whole.end) {
                let from = whole.start + end_name + 2;
                changed.replace_range(from..from + tag.name.len(), name);
            }
            changed.replace_range(tag.name.clone(), name);
        }
        kind @ 4..=8 => {
            let with: Vec<&Tag> = starts
                .iter()
                .copied()
                .filter(|tag| !attributes(text, tag).is_empty())
                .collect();
            let tag = random.one(&with);
            let all = attributes(text, tag);
            let (attribute, name) = all[random.below(all.len())].clone();
            match kind {
                4 => changed.replace_range(attribute, ""),
                5 => changed.insert_str(attribute.end, &text[attribute]),
                6 => changed.replace_range(name, random.one(ATTRIBUTES)),
                7 => changed.insert_str(attribute.end, &format!(" {}=\"x\"", random.one(ATTRIBUTES))),
                _ => changed.replace_range(attribute, &format!(" {}=\"{}\"", &text[name], random.one(VALUES))),
            }
        }
        9 | 10 => changed.insert_str(random.one(&tags.iter().collect::<Vec<_>>()).end, random.one(PIECES)),
        _ => {
            let mut at = tag.start + random.below(whole.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let length = text[at..].chars().next().map_or(0, char::len_utf8);
            let byte = random.one(&["", "a", " ", "<", ">", "\"", "&", "/", "=", "\u{1}", "é", ";", "-"]);
            changed.replace_range(at..at + length, byte);
        }
    }
    changed
}

fn ours(text: &str, grammar: &Grammar) -> Verdict {
    let limits = Limits::default();
    let read = || {
        let decoded = xml::decode(text.as_bytes(), None, &limits)?;
        let mut reader = Reader::validating(&decoded.text, &limits, grammar)?;
        reader.finish()?;
        Ok::<_, xml::XmlError>(reader.take_violations().count)
    };
    match read() {
        Err(_) => Verdict::IllFormed,
        Ok(0) => Verdict::Valid,
        Ok(_) => Verdict::Invalid,
    }
}

/// What `xmllint` says of the files of a folder; `None` where there is no `xmllint`.
fn theirs(folder: &Path, count: usize, grammar: &Path) -> Option<Vec<Verdict>> {
    let mut verdicts = vec![Verdict::Valid; count];
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet", "--huge", "--dtdvalid"])
        .arg(grammar)
        .args((0..count).map(|ordinal| format!("{ordinal}.xml")))
        .current_dir(folder)
        .output()
        .ok()?;
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        let ordinal = |text: &str| text.strip_suffix(".xml")?.parse::<usize>().ok();
        if let Some(file) = line.strip_prefix("Document ").and_then(|rest| rest.split(' ').next()) {
            let verdict = &mut verdicts[ordinal(file).unwrap()];
            *verdict = Verdict::Invalid.min(*verdict);
        } else if let Some((file, rest)) = line.split_once(':')
            && let Some(ordinal) = ordinal(file)
            && rest
                .split_once(": ")
                .is_some_and(|(_, said)| said.starts_with("parser error"))
        {
            verdicts[ordinal] = Verdict::IllFormed;
        }
    }
    Some(verdicts)
}

/// Why verdicts may differ; none of it is ours to mend.
fn reason(text: &str, ours: Verdict, theirs: Verdict) -> Option<&'static str> {
    use Verdict::{IllFormed, Invalid, Valid};
    let has = |pieces: &[&str]| pieces.iter().any(|piece| text.contains(piece));
    match (ours, theirs) {
        (Invalid, Valid) if has(&["&#x20;", "&#10;"]) => {
            Some("a reference to a blank is text between elements (XML 1.0, 3.2.1); libxml2 takes it for a blank")
        }
        (Valid, Invalid) if has(&["=\" new \""]) => {
            Some("blanks around a word or token do not count (3.3.3); libxml2 compares before it knows the type")
        }
        (IllFormed, Invalid) if !has_root_of_doctype(text) => {
            Some("a root that is not the DOCTYPE's is refused while reading")
        }
        _ => None,
    }
}

fn has_root_of_doctype(text: &str) -> bool {
    let Some((_, after)) = text.split_once("<!DOCTYPE ") else {
        return true;
    };
    let name = after.split([' ', '\n', '\r', '\t', '>', '[']).next().unwrap();
    let root = after.split_once('>').and_then(|(_, rest)| tags_after(rest));
    root.is_none_or(|root| root.eq_ignore_ascii_case(name))
}

/// The name of the first start tag.
fn tags_after(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = &rest[rest.find('<')? + 1..];
        if !rest.starts_with(['!', '?', '/']) {
            return rest.split([' ', '\n', '\r', '\t', '>', '/']).next();
        }
    }
}

/// A folder that is gone with this value.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[test]
fn reference_verdicts_on_wrong_documents() {
    let Some(documents) = reference::documents() else {
        return;
    };
    let families = Families::built_in().unwrap();
    let wanted: usize = std::env::var(MUTANTS).map_or(1000, |count| count.parse().unwrap());
    let folder = Folder(std::env::temp_dir().join(format!("punchgate-mutants-{}", Clock::system().new_id().simple())));
    std::fs::create_dir(&folder.0).unwrap();
    let readable = documents
        .iter()
        .filter(|document| document.well_formed && document.bytes.len() < 40_000);
    let texts: Vec<(&str, &str)> = readable
        .filter_map(|document| Some((document.family.as_str(), std::str::from_utf8(&document.bytes).ok()?)))
        .filter(|(family, text)| families.family(family).is_some() && !text.starts_with('\u{FEFF}'))
        .collect();
    let names: BTreeSet<&str> = texts.iter().map(|(family, _)| *family).collect();
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let (mut compared, mut agreed) = (0, BTreeMap::new());
    let (mut explained, mut unexplained) = (BTreeMap::new(), Vec::new());
    for batch in 0..wanted.div_ceil(BATCH) {
        let family = names.iter().nth(batch % names.len()).unwrap();
        let own: Vec<&str> = texts
            .iter()
            .filter(|(name, _)| name == family)
            .map(|(_, text)| *text)
            .collect();
        let grammar = families.family(family).unwrap();
        let file = folder.0.join(format!("{family}.dtd"));
        std::fs::write(&file, grammar.to_dtd()).unwrap();
        let mutants: Vec<String> = (0..BATCH).map(|_| mutate(random.one(&own), &mut random)).collect();
        for (ordinal, mutant) in mutants.iter().enumerate() {
            std::fs::write(folder.0.join(format!("{ordinal}.xml")), mutant).unwrap();
        }
        let Some(verdicts) = theirs(&folder.0, mutants.len(), &file) else {
            // Who says how many wants them compared.
            assert!(
                std::env::var_os(MUTANTS).is_none(),
                "{MUTANTS} is set, and there is no xmllint"
            );
            return tell("xmllint: not run (it is not installed); mutants were not compared");
        };
        for (mutant, their) in mutants.iter().zip(verdicts) {
            let our = ours(mutant, grammar);
            compared += 1;
            if our == their {
                *agreed.entry(our).or_insert(0) += 1;
            } else if let Some(reason) = reason(mutant, our, their) {
                *explained.entry(reason).or_insert(0) += 1;
            } else {
                unexplained.push(format!("{family}: ours {our:?}, theirs {their:?}:\n{mutant}"));
            }
        }
    }
    tell(&format!(
        "mutants: {compared} compared, the same {agreed:?}, explained {explained:?}"
    ));
    if let Ok(folder) = std::env::var("PUNCHGATE_TEST_MUTANTS_KEEP") {
        std::fs::create_dir_all(&folder).unwrap();
        for (ordinal, text) in unexplained.iter().enumerate() {
            std::fs::write(Path::new(&folder).join(format!("{ordinal}.txt")), text).unwrap();
        }
    }
    assert!(
        unexplained.is_empty(),
        "{} unexplained: {}",
        unexplained.len(),
        unexplained.first().unwrap()
    );
}
