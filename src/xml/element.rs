//! A start tag and its attributes, borrowed from the text.

use std::borrow::Cow;
use std::ops::Range;

use super::chars::{attribute_value, blanks_len, is_blank, name_len, resolve};
use super::{Limits, XmlErrorKind};

/// An element that a [`super::Reader`] has opened; cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct Element<'x> {
    /// The start tag, from `<` to `>`, found well-formed.
    pub(super) tag: &'x str,
    pub(super) name: &'x str,
    /// The byte offset of the start tag.
    pub(super) start: usize,
    /// How many elements are around it.
    pub(super) depth: usize,
    /// Whether it is an empty-element tag.
    pub(super) is_empty: bool,
}

impl<'x> Element<'x> {
    /// No element of any document.
    pub(super) const NONE: Element<'x> = Element {
        tag: "",
        name: "",
        start: usize::MAX,
        depth: 0,
        is_empty: true,
    };

    /// The name as written, with its prefix if it has one.
    pub fn name(&self) -> &'x str {
        self.name
    }

    /// The byte offset of the start tag, for [`super::Position::of`].
    pub fn offset(&self) -> usize {
        self.start
    }

    /// The normalised value of an attribute.
    pub fn attr(&self, name: &str) -> Option<Cow<'x, str>> {
        self.find(name).map(|attribute| attribute.value())
    }

    /// The byte span of an attribute's value, without its quotes.
    pub fn attr_span(&self, name: &str) -> Option<Range<usize>> {
        self.find(name).map(|attribute| attribute.span)
    }

    /// The attributes in the order written.
    pub fn attributes(&self) -> Attributes<'x> {
        let name_end = 1 + self.name.len();
        Attributes {
            rest: &self.tag[name_end..],
            offset: self.start + name_end,
        }
    }

    fn find(&self, name: &str) -> Option<Attribute<'x>> {
        self.attributes().find(|attribute| attribute.name == name)
    }
}

/// One attribute of an [`Element`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute<'x> {
    /// The name as written, with its prefix if it has one.
    pub name: &'x str,
    /// The value between its quotes, as written.
    pub raw: &'x str,
    /// The byte span of the value, without its quotes.
    pub span: Range<usize>,
}

impl<'x> Attribute<'x> {
    /// The value with references resolved and blanks normalised (XML 1.0, 3.3.3).
    pub fn value(&self) -> Cow<'x, str> {
        attribute_value(self.raw)
    }
}

/// An iterator over the attributes of an [`Element`].
#[derive(Debug, Clone)]
pub struct Attributes<'x> {
    /// What is left of a well-formed start tag.
    rest: &'x str,
    offset: usize,
}

impl<'x> Iterator for Attributes<'x> {
    type Item = Attribute<'x>;

    fn next(&mut self) -> Option<Attribute<'x>> {
        let bytes = self.rest.as_bytes();
        let equals = memchr::memchr(b'=', bytes)?;
        let quote_at = equals + 1 + bytes[equals + 1..].iter().position(|&byte| !is_blank(byte))?;
        let value_start = quote_at + 1;
        let value_end = value_start + memchr::memchr(bytes[quote_at], bytes.get(value_start..)?)?;
        let attribute = Attribute {
            name: self.rest[..equals].trim_matches([' ', '\t', '\r', '\n']),
            raw: &self.rest[value_start..value_end],
            span: self.offset + value_start..self.offset + value_end,
        };
        self.rest = &self.rest[value_end + 1..];
        self.offset += value_end + 1;
        Some(attribute)
    }
}

/// A start tag or an empty-element tag, found well-formed.
pub(super) struct Tag<'x> {
    pub(super) name: &'x str,
    /// The byte offset after it.
    pub(super) end: usize,
    pub(super) is_empty: bool,
}

/// What is wrong with a tag, where in the source, and what was expected.
pub(super) struct TagFault {
    pub(super) kind: XmlErrorKind,
    pub(super) at: usize,
    pub(super) expected: Cow<'static, str>,
}

/// What a tag that the source ends in lacks.
pub(super) const TAG_END: &str = "the end of a tag";

/// Reads and checks the start or empty-element tag whose `<` is at a byte of the source (productions 40, 41, 44, 10
/// and 25), in one walk.
///
/// Its attributes go to `attributes`, which is room for those of one tag, so that it is allocated once a document.
pub(super) fn read_tag<'x>(
    source: &'x str,
    start: usize,
    limits: &Limits,
    attributes: &mut Vec<Attribute<'x>>,
) -> Result<Tag<'x>, Box<TagFault>> {
    attributes.clear();
    let bytes = source.as_bytes();
    const NAME: &str = "an element name after `<` (a literal `<` is written `&lt;`)";
    let name = read_name(source, start, start + 1, limits, NAME)?;
    let mut at = start + 1 + name.len();
    loop {
        let blanks = blanks_len(&bytes[at..]);
        at += blanks;
        match &bytes[at..] {
            [b'>', ..] => return end_tag(name, start..at + 1, false, attributes),
            [b'/', b'>', ..] => return end_tag(name, start..at + 2, true, attributes),
            [] | [b'/'] => return Err(fault(start, TAG_END)),
            _ if blanks == 0 => return Err(fault(at, "a blank, `>` or `/>` in a tag")),
            _ => {}
        }
        if attributes.len() >= limits.attributes_max {
            let expected = format!("at most {} attributes on an element", limits.attributes_max);
            return Err(wrong(XmlErrorKind::TooComplex, at, expected));
        }
        let attribute = read_attribute(source, start, at, limits)?;
        at = attribute.span.end + 1;
        attributes.push(attribute);
    }
}

#[inline]
fn end_tag<'x>(
    name: &'x str,
    span: Range<usize>,
    is_empty: bool,
    attributes: &[Attribute<'x>],
) -> Result<Tag<'x>, Box<TagFault>> {
    if attributes.len() > 1
        && let Some(twice) = duplicate(attributes)
    {
        let expected = format!("one attribute `{twice}` on the element `{name}`");
        return Err(wrong(XmlErrorKind::NotWellFormed, span.start, expected));
    }
    let end = span.end;
    Ok(Tag { name, end, is_empty })
}

#[cold]
fn fault(at: usize, expected: &'static str) -> Box<TagFault> {
    wrong(XmlErrorKind::NotWellFormed, at, expected)
}

#[cold]
fn wrong(kind: XmlErrorKind, at: usize, expected: impl Into<Cow<'static, str>>) -> Box<TagFault> {
    let expected = expected.into();
    Box::new(TagFault { kind, at, expected })
}

/// The name at a byte of the tag that begins at `start`.
#[inline]
fn read_name<'x>(
    source: &'x str,
    start: usize,
    at: usize,
    limits: &Limits,
    expected: &'static str,
) -> Result<&'x str, Box<TagFault>> {
    let rest = &source[at..];
    let name = &rest[..name_len(rest)];
    if name.is_empty() {
        return Err(match rest.is_empty() {
            true => fault(start, TAG_END),
            false => fault(at, expected),
        });
    }
    if name.len() > limits.name_bytes_max {
        let expected = format!("names of at most {} bytes", limits.name_bytes_max);
        return Err(wrong(XmlErrorKind::TooComplex, at, expected));
    }
    Ok(name)
}

/// The attribute at a byte of the tag that begins at `start`.
fn read_attribute<'x>(
    source: &'x str,
    start: usize,
    at: usize,
    limits: &Limits,
) -> Result<Attribute<'x>, Box<TagFault>> {
    let bytes = source.as_bytes();
    let name = read_name(source, start, at, limits, "an attribute name")?;
    let mut at = at + name.len();
    at += blanks_len(&bytes[at..]);
    match bytes.get(at) {
        Some(b'=') => at += 1,
        Some(_) => return Err(fault(at, "`=` after an attribute name")),
        None => return Err(fault(start, TAG_END)),
    }
    at += blanks_len(&bytes[at..]);
    let quote = match bytes.get(at) {
        Some(&quote @ (b'"' | b'\'')) => quote,
        Some(_) => return Err(fault(at, "a quoted attribute value")),
        None => return Err(fault(start, TAG_END)),
    };
    let value_start = at + 1;
    at = value_start;
    loop {
        at += memchr::memchr3(quote, b'<', b'&', &bytes[at..]).ok_or_else(|| fault(start, TAG_END))?;
        match bytes[at] {
            b'<' => return Err(fault(at, "no `<` in an attribute value (it is written `&lt;`)")),
            b'&' => at = check_reference(source, at)?,
            _ => break,
        }
    }
    if at - value_start > limits.attribute_bytes_max {
        let expected = format!("attribute values of at most {} bytes", limits.attribute_bytes_max);
        return Err(wrong(XmlErrorKind::TooLarge, value_start, expected));
    }
    Ok(Attribute {
        name,
        raw: &source[value_start..at],
        span: value_start..at,
    })
}

/// What is accepted after `&`.
pub(super) const REFERENCE: &str = "`&lt;`, `&gt;`, `&amp;`, `&quot;`, `&apos;` or a reference to a character that XML allows (`&` is written `&amp;`)";

/// Checks the reference at a byte of the source, and returns the byte after it.
fn check_reference(source: &str, at: usize) -> Result<usize, Box<TagFault>> {
    match reference(source, at) {
        Some((_, end)) => Ok(end),
        None => Err(fault(at, REFERENCE)),
    }
}

/// What the reference at a byte of the source stands for, and the byte after it.
pub(super) fn reference(source: &str, at: usize) -> Option<(char, usize)> {
    let length = memchr::memchr(b';', &source.as_bytes()[at..])?;
    Some((resolve(&source[at + 1..at + length])?, at + length + 1))
}

/// A name that occurs twice.
fn duplicate<'x>(attributes: &[Attribute<'x>]) -> Option<&'x str> {
    // Comparing each with each is the fastest way for the usual handful, and the slowest for a crowd.
    const CROWD: usize = 12;
    if attributes.len() <= CROWD {
        let is_known = |(ordinal, attribute): &(usize, &Attribute<'x>)| {
            attributes[..*ordinal].iter().any(|other| other.name == attribute.name)
        };
        let twice = attributes.iter().enumerate().find(is_known);
        return twice.map(|(_, attribute)| attribute.name);
    }
    let mut names: Vec<&str> = attributes.iter().map(|attribute| attribute.name).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}
