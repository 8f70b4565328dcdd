//! The grammar files under `dtd` against the published set, by a reader of the test's own: a fault in the gateway's
//! reader would be on both sides.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::reference;

const FAMILIES: [&str; 7] = [
    "cXML",
    "Fulfill",
    "InvoiceDetail",
    "PaymentRemittance",
    "Quote",
    "Contract",
    "Catalog",
];

/// What a grammar declares: content by element name, type and default by `element/@attribute`.
type Declarations = BTreeMap<String, String>;

/// Reads declarations, entities and sections in the order of their text.
struct Reader {
    folder: PathBuf,
    entities: BTreeMap<String, String>,
    declarations: Declarations,
}

fn declarations(file: &Path) -> Declarations {
    let mut reader = Reader {
        folder: file.parent().unwrap().to_owned(),
        entities: BTreeMap::new(),
        declarations: BTreeMap::new(),
    };
    reader.read(&without_comments(file));
    reader.declarations
}

fn without_comments(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, comment)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = comment.split_once("-->").expect("a comment ends").1;
    }
    kept + rest
}

impl Reader {
    fn read(&mut self, text: &str) {
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            rest = match rest.strip_prefix("<![") {
                Some(section) => self.section(section),
                None if rest.starts_with('%') => {
                    let (name, after) = rest[1..].split_once(';').expect("a reference ends");
                    let value = self.entities[name].clone();
                    self.read(&value);
                    after
                }
                None => {
                    let end = markup_end(rest);
                    self.declaration(&rest[..end]);
                    &rest[end + 1..]
                }
            }
            .trim_start();
        }
    }

    /// A section after its `<![`; the text that follows it. No grammar nests sections.
    fn section<'text>(&mut self, text: &'text str) -> &'text str {
        let (keyword, body) = text.split_once('[').unwrap();
        let (body, after) = body.split_once("]]>").unwrap();
        match self.expanded(keyword).trim() {
            "INCLUDE" => self.read(body),
            "IGNORE" => (),
            other => panic!("{other} is no kind of section"),
        }
        after
    }

    fn declaration(&mut self, text: &str) {
        if let Some(entity) = text.strip_prefix("<!ENTITY") {
            self.entity(entity.trim());
        } else if let Some(element) = text.strip_prefix("<!ELEMENT") {
            let element = self.expanded(element);
            let (name, content) = element.trim().split_once(char::is_whitespace).unwrap();
            let before = self.declarations.insert(name.to_owned(), content_shown(content));
            assert_eq!(before, None, "{name} is declared twice");
        } else if let Some(list) = text.strip_prefix("<!ATTLIST") {
            let list = self.expanded(list);
            let (element, list) = word(&list);
            self.attributes(element, list);
        } else {
            assert!(text.starts_with("<?"), "unknown declaration: {text}");
        }
    }

    /// The first declaration of an entity holds.
    fn entity(&mut self, text: &str) {
        let Some(parameter) = text.strip_prefix('%') else {
            return;
        };
        let (name, value) = word(parameter);
        let value = match value.strip_prefix("SYSTEM") {
            Some(file) => without_comments(&self.folder.join(unquoted(file))),
            None => self.expanded(unquoted(value)),
        };
        self.entities.entry(name.to_owned()).or_insert(value);
    }

    fn attributes(&mut self, element: &str, mut list: &str) {
        while !list.is_empty() {
            let (name, after) = word(list);
            let (kind, after) = match after.strip_prefix('(') {
                Some(choice) => choice.split_once(')').unwrap(),
                None => word(after),
            };
            let mut values: Vec<&str> = kind.split('|').map(str::trim).collect();
            values.sort_unstable();
            let (keyword, after) = match after.trim_start() {
                quoted if quoted.starts_with(['"', '\'']) => ("", quoted),
                keyword => word(keyword),
            };
            let (default, after) = match keyword {
                "" | "#FIXED" => {
                    let quote = &after[..1];
                    after[1..].split_once(quote).unwrap()
                }
                _ => ("", after),
            };
            let default: Vec<&str> = default.split_whitespace().collect();
            let shown = format!("{} {keyword} {}", values.join("|"), default.join(" "));
            self.declarations.entry(format!("{element}/@{name}")).or_insert(shown);
            list = after.trim_start();
        }
    }

    fn expanded(&self, text: &str) -> String {
        let mut done = String::new();
        let mut rest = text;
        while let Some((before, reference)) = rest.split_once('%') {
            let (name, after) = reference.split_once(';').unwrap();
            done = done + before + &self.entities[name];
            rest = after;
        }
        done + rest
    }
}

/// Where the declaration that `text` begins with ends: a `>` outside quotes.
fn markup_end(text: &str) -> usize {
    let mut quote = None;
    for (at, char) in text.char_indices() {
        match (quote, char) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(char),
            (Some(open), _) if open == char => quote = None,
            _ => (),
        }
    }
    panic!("no end: {}", &text[..text.len().min(60)])
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    &text[1..text.len() - 1]
}

/// A group or name of a content model; what needs no parentheses has lost them.
struct Particle {
    separator: char,
    parts: Vec<String>,
    occurrence: String,
}

impl Particle {
    fn shown(mut self) -> String {
        if self.separator == '|' {
            self.parts.sort_unstable();
        }
        let inner = self.parts.join(&self.separator.to_string());
        match self.parts.len() {
            1 => inner + &self.occurrence,
            _ => format!("({inner}){}", self.occurrence),
        }
    }
}

/// A content model in one way of writing, whatever its spaces, redundant parentheses and order of alternatives.
fn content_shown(text: &str) -> String {
    let text: String = text.split_whitespace().collect();
    let (particle, rest) = particle(&text);
    assert_eq!(rest, "", "after the content model of {text}");
    particle.shown()
}

fn particle(text: &str) -> (Particle, &str) {
    let (separator, parts, rest) = match text.strip_prefix('(') {
        Some(group) => group_parts(group),
        None => {
            let end = text.find(['(', ')', ',', '|', '?', '*', '+']).unwrap_or(text.len());
            (' ', vec![text[..end].to_owned()], &text[end..])
        }
    };
    let sign = usize::from(rest.starts_with(['?', '*', '+']));
    let occurrence = match parts.as_slice() {
        // Text is text, however often.
        [only] if only == "#PCDATA" => String::new(),
        _ => rest[..sign].to_owned(),
    };
    (
        Particle {
            separator,
            parts,
            occurrence,
        },
        &rest[sign..],
    )
}

/// The parts of a group after its `(`, with those of an inner group of the same kind among them.
fn group_parts(mut rest: &str) -> (char, Vec<String>, &str) {
    let mut separator = ' ';
    let mut particles = Vec::new();
    loop {
        let (inner, after) = particle(rest);
        particles.push(inner);
        rest = &after[1..];
        match after.chars().next() {
            Some(')') => break,
            Some(sign) => separator = sign,
            None => panic!("a group does not end"),
        }
    }
    let mut parts = Vec::new();
    for inner in particles {
        match inner.separator == separator && inner.occurrence.is_empty() {
            true => parts.extend(inner.parts),
            false => parts.push(inner.shown()),
        }
    }
    (separator, parts, rest)
}

fn ours(family: &str) -> Declarations {
    declarations(&Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("dtd/{family}.dtd")))
}

#[test]
fn every_name_that_a_content_model_uses_is_declared() {
    for family in FAMILIES {
        let declared = ours(family);
        for (element, content) in declared.iter().filter(|(name, _)| !name.contains("/@")) {
            let names = content.split(['(', ')', ',', '|', '?', '*', '+', ' ']);
            for name in names.filter(|name| !matches!(*name, "" | "#PCDATA" | "ANY" | "EMPTY")) {
                assert!(declared.contains_key(name), "{family}: {element} holds {name}");
            }
        }
        for attribute in declared.keys().filter(|name| name.contains("/@")) {
            let element = attribute.split_once("/@").unwrap().0;
            assert!(declared.contains_key(element), "{family}: {attribute}");
        }
    }
}

#[test]
fn reference_a_family_declares_what_the_published_one_declares() {
    let Some(folder) = reference::folder() else {
        return;
    };
    let published = folder.join("reference/cxml-dtd-1.2.071");
    for family in FAMILIES {
        let (ours, theirs) = (ours(family), declarations(&published.join(format!("{family}.dtd"))));
        let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        assert!(
            names.len() > 1000,
            "{family}: only {} declarations were read",
            names.len()
        );
        let differences: Vec<String> = names
            .into_iter()
            .filter(|name| ours.get(*name) != theirs.get(*name))
            .map(|name| format!("{name}: {:?}, published {:?}", ours.get(name), theirs.get(name)))
            .collect();
        assert!(differences.is_empty(), "{family}:\n{}", differences.join("\n"));
    }
}
