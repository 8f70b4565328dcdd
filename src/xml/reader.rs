//! A pull reader with a cursor, made for hand-written recursive typed readers.

use std::borrow::Cow;
use std::ops::Range;

use super::{Element, Finding, Limits, Position, XmlError, XmlErrorKind};

/// Reads one document from its decoded text, in one pass; all that it passes over is checked to be well-formed.
#[derive(Debug)]
pub struct Reader<'x> {
    text: &'x str,
}

/// What stands in an element with mixed content.
#[derive(Debug, Clone)]
pub enum Node<'x> {
    /// A child element.
    Element(Element<'x>),
    /// Characters between child elements: never empty, references resolved, line ends normalised.
    Text(Cow<'x, str>),
}

/// The document type declaration: read, never followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doctype<'x> {
    /// The root element's name.
    pub name: &'x str,
    /// The PUBLIC identifier.
    pub public_id: Option<&'x str>,
    /// The SYSTEM identifier (or the second literal after PUBLIC).
    pub system_id: Option<&'x str>,
}

impl<'x> Reader<'x> {
    /// Starts reading a document, or an element kept by [`Reader::raw`].
    ///
    /// # Errors
    ///
    /// The text is too large or holds a character that XML forbids.
    pub fn new(_text: &'x str, _limits: &Limits) -> Result<Self, XmlError> {
        unimplemented!()
    }

    /// Reads up to and including the root's start tag.
    ///
    /// # Errors
    ///
    /// The prolog is ill-formed or forbidden, or there is no root.
    pub fn root(&mut self) -> Result<Element<'x>, XmlError> {
        unimplemented!()
    }

    /// The next child of an open element, after skipping what was not read of the previous one; `None` at its end.
    ///
    /// Blanks, comments and processing instructions between the children are passed over; other characters too,
    /// with a finding.
    ///
    /// # Errors
    ///
    /// What was passed over is ill-formed, forbidden or too large (so for every reading function).
    pub fn child(&mut self, _parent: &Element<'x>) -> Result<Option<Element<'x>>, XmlError> {
        unimplemented!()
    }

    /// The next child element or run of text of an open element with mixed content; `None` at its end.
    ///
    /// # Errors
    ///
    /// As [`Reader::child`].
    pub fn node(&mut self, _parent: &Element<'x>) -> Result<Option<Node<'x>>, XmlError> {
        unimplemented!()
    }

    /// All character data of an element, descendants included, up to its end: references resolved, CDATA opened,
    /// comments and processing instructions left out, line ends normalised; not trimmed.
    ///
    /// # Errors
    ///
    /// As [`Reader::child`].
    pub fn text(&mut self, _element: &Element<'x>) -> Result<Cow<'x, str>, XmlError> {
        unimplemented!()
    }

    /// The whole element as written, from its start tag to its end tag, after checking what is left of it.
    ///
    /// # Errors
    ///
    /// As [`Reader::child`].
    pub fn raw(&mut self, _element: &Element<'x>) -> Result<&'x str, XmlError> {
        unimplemented!()
    }

    /// Passes over what is left of an element.
    ///
    /// # Errors
    ///
    /// As [`Reader::child`].
    pub fn skip(&mut self, _element: &Element<'x>) -> Result<(), XmlError> {
        unimplemented!()
    }

    /// The byte span of an element's content; the element may be open or already read.
    ///
    /// # Errors
    ///
    /// As [`Reader::child`].
    pub fn content_span(&self, _element: &Element<'x>) -> Result<Range<usize>, XmlError> {
        unimplemented!()
    }

    /// Reads to the end of the document: what is left of the root, then blanks, comments and processing instructions.
    ///
    /// # Errors
    ///
    /// As [`Reader::child`], and anything else after the root.
    pub fn finish(&mut self) -> Result<(), XmlError> {
        unimplemented!()
    }

    /// The document type declaration, once the root has been read.
    pub fn doctype(&self) -> Option<Doctype<'x>> {
        unimplemented!()
    }

    /// What was unusual so far.
    pub fn findings(&self) -> &[Finding] {
        unimplemented!()
    }

    /// The text being read.
    pub fn source(&self) -> &'x str {
        self.text
    }

    /// The position of an element's start tag.
    pub fn position(&self, element: &Element<'_>) -> Position {
        Position::of(self.text, element.offset())
    }

    /// The names of the open elements from the root, joined by `/`.
    pub fn path(&self) -> String {
        unimplemented!()
    }

    /// An error at an element, with its position and path, for typed readers that expected something else.
    pub fn error_at(
        &self,
        _element: &Element<'_>,
        _kind: XmlErrorKind,
        _expected: impl Into<Cow<'static, str>>,
    ) -> XmlError {
        unimplemented!()
    }
}
