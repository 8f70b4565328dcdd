//! A start tag and its attributes, borrowed from the text.

use std::borrow::Cow;
use std::ops::Range;

use super::chars::{attribute_value, is_blank, name_len, resolve};
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
}

impl<'x> Element<'x> {
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

    /// Whether it is an empty-element tag.
    pub(super) fn is_empty(&self) -> bool {
        self.tag.ends_with("/>")
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

/// What is wrong with a tag: the kind, where in it, and what was expected.
pub(super) type TagFault = (XmlErrorKind, usize, Cow<'static, str>);

/// Checks a start or empty-element tag (productions 40, 41, 44, 10 and 25), and returns its name.
///
/// `names` is room for the attributes' names, so that it is allocated once a document.
pub(super) fn check_tag<'x>(tag: &'x str, limits: &Limits, names: &mut Vec<&'x str>) -> Result<&'x str, TagFault> {
    let fault = |at: usize, expected: &'static str| (XmlErrorKind::NotWellFormed, at, Cow::Borrowed(expected));
    let too_complex = |at: usize, expected: String| (XmlErrorKind::TooComplex, at, Cow::Owned(expected));
    let bytes = tag.as_bytes();
    let name = &tag[1..1 + name_len(&tag[1..])];
    if name.is_empty() {
        return Err(fault(1, "an element name after `<` (a literal `<` is written `&lt;`)"));
    }
    if name.len() > limits.name_bytes_max {
        return Err(too_complex(
            1,
            format!("names of at most {} bytes", limits.name_bytes_max),
        ));
    }
    names.clear();
    let mut at = 1 + name.len();
    loop {
        let blanks = blanks_len(&bytes[at..]);
        at += blanks;
        match &bytes[at..] {
            b">" | b"/>" => break,
            _ if blanks == 0 => return Err(fault(at, "a blank, `>` or `/>` in a tag")),
            _ => {}
        }
        let (attribute, value_end) = check_attribute(tag, at, limits)?;
        names.push(attribute);
        if names.len() > limits.attributes_max {
            return Err(too_complex(
                at,
                format!("at most {} attributes on an element", limits.attributes_max),
            ));
        }
        at = value_end + 1;
    }
    match duplicate(names) {
        Some(twice) => Err((
            XmlErrorKind::NotWellFormed,
            0,
            Cow::Owned(format!("one attribute `{twice}` on the element `{name}`")),
        )),
        None => Ok(name),
    }
}

/// Checks the attribute at a byte of a tag, and returns its name and the byte of its closing quote.
fn check_attribute<'x>(tag: &'x str, at: usize, limits: &Limits) -> Result<(&'x str, usize), TagFault> {
    let fault = |at: usize, expected: &'static str| (XmlErrorKind::NotWellFormed, at, Cow::Borrowed(expected));
    let bytes = tag.as_bytes();
    let name = &tag[at..at + name_len(&tag[at..])];
    if name.is_empty() {
        return Err(fault(at, "an attribute name"));
    }
    if name.len() > limits.name_bytes_max {
        let expected = format!("names of at most {} bytes", limits.name_bytes_max);
        return Err((XmlErrorKind::TooComplex, at, Cow::Owned(expected)));
    }
    let mut at = at + name.len();
    at += blanks_len(&bytes[at..]);
    if bytes[at] != b'=' {
        return Err(fault(at, "`=` after an attribute name"));
    }
    at += 1;
    at += blanks_len(&bytes[at..]);
    let quote = bytes[at];
    if quote != b'"' && quote != b'\'' {
        return Err(fault(at, "a quoted attribute value"));
    }
    let start = at + 1;
    at = start;
    loop {
        let Some(found) = memchr::memchr3(quote, b'<', b'&', &bytes[at..]) else {
            return Err(fault(start, "the closing quote of an attribute value"));
        };
        at += found;
        match bytes[at] {
            b'<' => return Err(fault(at, "no `<` in an attribute value (it is written `&lt;`)")),
            b'&' => at = check_reference(tag, at)?,
            _ => break,
        }
    }
    if at - start > limits.attribute_bytes_max {
        let expected = format!("attribute values of at most {} bytes", limits.attribute_bytes_max);
        return Err((XmlErrorKind::TooLarge, start, Cow::Owned(expected)));
    }
    Ok((name, at))
}

/// What is accepted after `&`.
pub(super) const REFERENCE: &str = "`&lt;`, `&gt;`, `&amp;`, `&quot;`, `&apos;` or a reference to a character that XML allows (`&` is written `&amp;`)";

/// Checks the reference at a byte of a tag, and returns the byte after it.
fn check_reference(tag: &str, at: usize) -> Result<usize, TagFault> {
    match memchr::memchr(b';', &tag.as_bytes()[at..]) {
        Some(length) if resolve(&tag[at + 1..at + length]).is_some() => Ok(at + length + 1),
        _ => Err((XmlErrorKind::NotWellFormed, at, Cow::Borrowed(REFERENCE))),
    }
}

fn blanks_len(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&byte| is_blank(byte)).count()
}

/// A name that occurs twice.
fn duplicate<'x>(names: &mut [&'x str]) -> Option<&'x str> {
    // Comparing each with each is the fastest way for the usual handful, and the slowest for a crowd.
    const CROWD: usize = 12;
    if names.len() <= CROWD {
        return names
            .iter()
            .enumerate()
            .find(|&(ordinal, name)| names[..ordinal].contains(name))
            .map(|(_, name)| *name);
    }
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}
