//! What is wrong with a document by its grammar, in words that help.

use std::borrow::Cow;
use std::fmt;

/// What was found wrong in one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations {
    /// The first of them, in the order of the document.
    pub list: Vec<Violation>,
    /// How many there were altogether.
    pub count: usize,
}

/// Something that the grammar does not allow, or misses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What it is.
    pub kind: ViolationKind,
    /// Byte offset in the text.
    pub offset: usize,
    /// The names of the elements around the place, from the root, joined by `/`.
    pub path: String,
    /// The element or attribute that it is about, or the element after which or in which something is missing.
    pub subject: String,
    /// What would be right: names, or words of an attribute; shortened.
    pub expected: Vec<String>,
    /// How many more would be right.
    pub expected_more: usize,
    /// What to do about it, in plain words.
    pub hint: Cow<'static, str>,
}

/// The kinds of [`Violation`]; each is a validity constraint of XML 1.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ViolationKind {
    /// The grammar does not declare the element (VC: Element Valid).
    UnknownElement,
    /// The element may not stand here (VC: Element Valid).
    UnexpectedElement,
    /// An element that must stand here does not (VC: Element Valid).
    MissingElement,
    /// Text where only elements may stand (VC: Element Valid).
    StrayText,
    /// Something in an element that must be empty (VC: Element Valid).
    NotEmpty,
    /// The grammar does not give the attribute to its element (VC: Attribute Value Type).
    UnknownAttribute,
    /// An attribute that must be given is not (VC: Required Attribute).
    MissingAttribute,
    /// The attribute's value is none of its words, or not of its type (VC: Enumeration, Name Token, ID).
    AttributeValue,
    /// The attribute's value is fixed, and another was given (VC: Fixed Attribute Default).
    FixedAttribute,
    /// Two elements have the same identifier (VC: ID).
    DuplicateId,
    /// No element has the identifier that is referred to (VC: IDREF).
    UnknownReference,
    /// The document claims to stand alone, but depends on its grammar (VC: Standalone Document Declaration).
    NotStandalone,
}

impl ViolationKind {
    /// The name of the rule, which never changes.
    pub fn rule(self) -> &'static str {
        match self {
            ViolationKind::UnknownElement => "dtd.element-unknown",
            ViolationKind::UnexpectedElement => "dtd.element-unexpected",
            ViolationKind::MissingElement => "dtd.element-missing",
            ViolationKind::StrayText => "dtd.text",
            ViolationKind::NotEmpty => "dtd.not-empty",
            ViolationKind::UnknownAttribute => "dtd.attribute-unknown",
            ViolationKind::MissingAttribute => "dtd.attribute-missing",
            ViolationKind::AttributeValue => "dtd.attribute-value",
            ViolationKind::FixedAttribute => "dtd.attribute-fixed",
            ViolationKind::DuplicateId => "dtd.id-twice",
            ViolationKind::UnknownReference => "dtd.id-unknown",
            ViolationKind::NotStandalone => "dtd.standalone",
        }
    }
}

impl Violation {
    /// What was found, as half a sentence.
    pub fn found(&self) -> String {
        let subject = &self.subject;
        match self.kind {
            ViolationKind::UnknownElement => format!("`{subject}`, which the grammar does not know"),
            ViolationKind::UnexpectedElement => format!("`{subject}`, which may not stand here"),
            ViolationKind::MissingElement if self.is_at_end() => format!("the end of `{}`", self.parent()),
            ViolationKind::MissingElement => format!("`{subject}`"),
            ViolationKind::StrayText => format!("text in `{subject}`, which holds elements only"),
            ViolationKind::NotEmpty => format!("content in `{subject}`, which must be empty"),
            ViolationKind::UnknownAttribute => format!("the attribute `{subject}`, which the grammar does not know"),
            ViolationKind::MissingAttribute => format!("`{}` without it", self.parent()),
            ViolationKind::AttributeValue => format!("another value of `{subject}`"),
            ViolationKind::FixedAttribute => format!("another value of `{subject}`, which is fixed"),
            ViolationKind::DuplicateId => format!("an identifier in `{subject}` that another element has"),
            ViolationKind::UnknownReference => {
                format!("a reference in `{subject}` to an identifier that no element has")
            }
            ViolationKind::NotStandalone => "`standalone=\"yes\"`".to_owned(),
        }
    }

    /// What would be right, as a list; empty where there is nothing to list.
    pub fn expected(&self) -> String {
        let mut list: Vec<String> = self.expected.iter().map(|name| format!("`{name}`")).collect();
        if self.expected_more > 0 {
            list.push(format!("{} more", self.expected_more));
        }
        list.join(", ")
    }

    /// Whether something is missing at the end of an element.
    fn is_at_end(&self) -> bool {
        self.subject.is_empty()
    }

    fn parent(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ViolationKind::MissingElement => {
                let verb = if self.expected.len() + self.expected_more > 1 {
                    "one of "
                } else {
                    ""
                };
                let place = match self.is_at_end() {
                    true => format!("at the end of `{}`", self.parent()),
                    false => format!("before `{}`", self.subject),
                };
                write!(f, "{verb}{} is missing {place}", self.expected())
            }
            ViolationKind::MissingAttribute => write!(f, "the attribute `{}` is missing", self.subject),
            _ if self.expected.is_empty() => f.write_str(&self.found()),
            _ => write!(f, "{}; expected {}", self.found(), self.expected()),
        }
    }
}

/// The name of `names` that is nearest to `name`, if one is near enough for a slip of the pen.
pub(super) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    /// Longer names are no slips of the pen, and comparing them is slow.
    const BYTES_MAX: usize = 64;
    if name.len() > BYTES_MAX {
        return None;
    }
    let most = match name.len() {
        0..=3 => 1,
        4..=7 => 2,
        _ => 3,
    };
    names
        .filter(|other| other.len().abs_diff(name.len()) <= most)
        .map(|other| (distance(&name.to_ascii_lowercase(), &other.to_ascii_lowercase()), other))
        .filter(|(distance, _)| *distance <= most && *distance < name.len())
        .min()
        .map(|(_, other)| other)
}

/// A name or word, no longer than people want to read.
pub(super) fn shortened(name: &str) -> String {
    const CHARACTERS_MAX: usize = 80;
    match name.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// A path of names; of a long one the beginning and the end.
pub(super) fn path<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const BYTES_MAX: usize = 600;
    let names: Vec<&str> = names.collect();
    let path = names.join("/");
    if path.len() <= BYTES_MAX {
        return path;
    }
    let short = |names: &[&str]| names.iter().map(|name| shortened(name)).collect::<Vec<_>>().join("/");
    let (first, last) = names.split_at(names.len() / 2);
    format!(
        "{}/…/{}",
        short(&first[..first.len().min(2)]),
        short(&last[last.len().saturating_sub(2)..])
    )
}

/// How many letters must be put in, taken out or replaced to make one word of another.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (ordinal, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], ordinal + 1);
        for (column, own) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *own);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
