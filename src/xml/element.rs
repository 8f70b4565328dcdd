//! A start tag and its attributes, borrowed from the text.

use std::borrow::Cow;
use std::ops::Range;

/// An element that a [`super::Reader`] has opened; cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct Element<'x> {
    pub(super) tag: &'x str,
    pub(super) start: usize,
}

impl<'x> Element<'x> {
    /// The name as written, with its prefix if it has one.
    pub fn name(&self) -> &'x str {
        unimplemented!()
    }

    /// The byte offset of the start tag, for [`super::Position::of`].
    pub fn offset(&self) -> usize {
        self.start
    }

    /// The normalised value of an attribute.
    pub fn attr(&self, _name: &str) -> Option<Cow<'x, str>> {
        unimplemented!()
    }

    /// The byte span of an attribute's value, without its quotes.
    pub fn attr_span(&self, _name: &str) -> Option<Range<usize>> {
        unimplemented!()
    }

    /// The attributes in the order written.
    pub fn attributes(&self) -> Attributes<'x> {
        unimplemented!()
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
        unimplemented!()
    }
}

/// An iterator over the attributes of an [`Element`].
#[derive(Debug, Clone)]
pub struct Attributes<'x> {
    _rest: &'x str,
}

impl<'x> Iterator for Attributes<'x> {
    type Item = Attribute<'x>;

    fn next(&mut self) -> Option<Attribute<'x>> {
        unimplemented!()
    }
}
