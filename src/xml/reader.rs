//! A pull reader with a cursor, made for hand-written recursive typed readers.

mod advance;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use super::chars::{first_forbidden, with_line_feeds};
use super::grammar::{Place, Validator};
use super::{Attribute, Element, Finding, FindingKind, Grammar, Limits, Position, Violations, XmlError, XmlErrorKind};

/// Reads one document from its decoded text, in one pass; all that it passes over is checked to be well-formed.
#[derive(Debug)]
pub struct Reader<'x> {
    source: &'x str,
    /// The offset after the last token.
    at: usize,
    limits: Limits,
    /// Whether `]]>` occurs at all, so that hardly any text need be searched for it.
    has_section_end: bool,
    /// Whether a carriage return occurs at all, so that hardly any line end need be normalised.
    has_return: bool,
    /// The open elements, the root first.
    open: Vec<Open<'x>>,
    root: Option<Element<'x>>,
    doctype: Option<Doctype<'x>>,
    findings: Vec<Finding>,
    validator: Option<Validator<'x>>,
    /// The element that began last, and its attributes.
    element: Element<'x>,
    attributes: Vec<Attribute<'x>>,
    /// The text or CDATA section that was passed last.
    piece: &'x str,
    /// The element that ended last: the offsets of its start tag and of its end tag.
    closed: (usize, usize),
}

/// An element whose end tag has not come yet.
#[derive(Debug)]
pub(super) struct Open<'x> {
    pub(super) name: &'x str,
    /// The byte offset of its start tag, which tells elements apart.
    start: usize,
    /// Where the validator is in it.
    pub(super) place: Place,
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

/// One checked step through the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// A start tag or an empty-element tag; the reader has the element.
    Start,
    /// The end tag of the innermost open element.
    End,
    /// Character data as written that is blank; the reader has the piece.
    Blank,
    /// Character data as written; the reader has the piece.
    Text,
    /// The content of a CDATA section; the reader has the piece.
    CData,
    /// A reference in character data.
    Char(char),
    /// The end of a complete document.
    Eof,
}

impl<'x> Reader<'x> {
    /// Starts reading a document, or an element kept by [`Reader::raw`].
    ///
    /// # Errors
    ///
    /// The text holds a character that XML forbids.
    pub fn new(text: &'x str, limits: &Limits) -> Result<Self, XmlError> {
        let reader = Reader {
            source: text,
            at: 0,
            limits: limits.clone(),
            has_section_end: memchr::memmem::find(text.as_bytes(), b"]]>").is_some(),
            has_return: memchr::memchr(b'\r', text.as_bytes()).is_some(),
            open: Vec::with_capacity(16),
            root: None,
            doctype: None,
            findings: Vec::new(),
            validator: None,
            attributes: Vec::with_capacity(16),
            element: Element::NONE,
            piece: "",
            closed: (usize::MAX, usize::MAX),
        };
        if let Some(offset) = first_forbidden(text) {
            return Err(*reader.ill_formed(offset, "only characters that XML allows"));
        }
        if text.starts_with('\u{FEFF}') {
            return Err(*reader.ill_formed(0, "no byte order mark in decoded text"));
        }
        Ok(reader)
    }

    /// Starts reading a document that is held against a grammar on the way; what is wrong does not end the reading.
    ///
    /// # Errors
    ///
    /// As [`Reader::new`].
    pub fn validating(text: &'x str, limits: &Limits, grammar: &'x Grammar) -> Result<Self, XmlError> {
        let mut reader = Reader::new(text, limits)?;
        reader.validator = Some(Validator::new(grammar, limits.findings_max));
        Ok(reader)
    }

    /// Hands over what was wrong by the grammar so far; nothing without one.
    pub fn take_violations(&mut self) -> Violations {
        self.validator
            .as_mut()
            .map(Validator::take_violations)
            .unwrap_or_default()
    }

    /// Reads up to and including the root's start tag; the same again if already read.
    ///
    /// # Errors
    ///
    /// The prolog is ill-formed or forbidden, or there is no root.
    pub fn root(&mut self) -> Result<Element<'x>, XmlError> {
        loop {
            if let Some(root) = self.root {
                return Ok(root);
            }
            self.advance()?;
        }
    }

    /// The next child of an open element, after skipping what was not read of the previous one; `None` at its end.
    ///
    /// Blanks, comments and processing instructions between the children are passed over; other characters too,
    /// with a finding.
    ///
    /// # Errors
    ///
    /// What was passed over is ill-formed, forbidden or too large (so for every reading function).
    pub fn child(&mut self, parent: &Element<'x>) -> Result<Option<Element<'x>>, XmlError> {
        if !self.is_open(parent) {
            return Ok(None);
        }
        loop {
            let before = self.at;
            match self.advance_past_blanks()? {
                Token::Start if self.element.depth == parent.depth + 1 => return Ok(Some(self.element)),
                Token::End if self.open.len() == parent.depth => return Ok(None),
                Token::Text | Token::CData | Token::Char(_) if self.open.len() == parent.depth + 1 => {
                    self.find(FindingKind::StrayText, before);
                }
                _ => {}
            }
        }
    }

    /// An attribute of an element by its place; at hand for the element that was opened last.
    pub fn attribute(&self, element: &Element<'x>, ordinal: usize) -> Option<Attribute<'x>> {
        if self.element.start == element.start {
            return self.attributes.get(ordinal).cloned();
        }
        element.attributes().nth(ordinal)
    }

    /// The next child element or run of text of an open element with mixed content; `None` at its end.
    ///
    /// # Errors
    ///
    /// As [`Reader::child`].
    pub fn node(&mut self, parent: &Element<'x>) -> Result<Option<Node<'x>>, XmlError> {
        if !self.is_open(parent) {
            return Ok(None);
        }
        let mut text = Cow::Borrowed("");
        loop {
            match self.advance()? {
                Token::Start if self.element.depth == parent.depth + 1 => {
                    return Ok(Some(Node::Element(self.element)));
                }
                Token::End if self.open.len() == parent.depth => return Ok(None),
                token if self.open.len() == parent.depth + 1 => self.add_text(&mut text, token)?,
                _ => {}
            }
            // A run of text goes on through comments, references and CDATA up to the next tag.
            if !text.is_empty() && self.at_tag() {
                return Ok(Some(Node::Text(text)));
            }
        }
    }

    /// All character data of an element, descendants included, up to its end: references resolved, CDATA opened,
    /// comments and processing instructions left out, line ends normalised; not trimmed.
    ///
    /// # Errors
    ///
    /// As [`Reader::child`].
    pub fn text(&mut self, element: &Element<'x>) -> Result<Cow<'x, str>, XmlError> {
        let mut text = Cow::Borrowed("");
        while self.is_open(element) {
            let token = self.advance()?;
            self.add_text(&mut text, token)?;
        }
        Ok(text)
    }

    /// The whole element as written, from its start tag to its end tag, after checking what is left of it.
    ///
    /// # Errors
    ///
    /// As [`Reader::child`].
    pub fn raw(&mut self, element: &Element<'x>) -> Result<&'x str, XmlError> {
        let end = if self.is_open(element) {
            self.skip(element)?;
            self.at
        } else if element.is_empty {
            element.start + element.tag.len()
        } else {
            let content_end = self.content_span(element)?.end;
            self.source[content_end..]
                .find('>')
                .map_or(self.source.len(), |length| content_end + length + 1)
        };
        Ok(&self.source[element.start..end])
    }

    /// Passes over what is left of an element.
    ///
    /// # Errors
    ///
    /// As [`Reader::child`].
    pub fn skip(&mut self, element: &Element<'x>) -> Result<(), XmlError> {
        while self.is_open(element) {
            self.advance_past_blanks()?;
        }
        Ok(())
    }

    /// The byte span of an element's content; the element may be open or already read.
    ///
    /// Of an element that did not end last it is found by looking through it again, so this is for small ones, such as
    /// those that hold secrets.
    ///
    /// # Errors
    ///
    /// The element is not ended.
    pub fn content_span(&self, element: &Element<'x>) -> Result<Range<usize>, XmlError> {
        let content_start = element.start + element.tag.len();
        if element.is_empty {
            return Ok(content_start..content_start);
        }
        if self.closed.0 == element.start {
            return Ok(content_start..self.closed.1);
        }
        let mut tokens = quick_xml::Reader::from_str(&self.source[element.start..]);
        let read = tokens
            .read_event()
            .and_then(|_| tokens.read_to_end(quick_xml::name::QName(element.name)));
        let span = read.map_err(|fault| *self.token_fault(&fault, element.start))?;
        Ok(content_start..element.start + usize::try_from(span.end).unwrap_or(usize::MAX))
    }

    /// Reads to the end of the document: what is left of the root, then blanks, comments and processing instructions.
    ///
    /// # Errors
    ///
    /// As [`Reader::child`], and anything else after the root.
    pub fn finish(&mut self) -> Result<(), XmlError> {
        while self.advance_past_blanks()? != Token::Eof {}
        Ok(())
    }

    /// The document type declaration, once the root has been read.
    pub fn doctype(&self) -> Option<Doctype<'x>> {
        self.doctype
    }

    /// What was unusual so far.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The text being read.
    pub fn source(&self) -> &'x str {
        self.source
    }

    /// The position of an element's start tag.
    pub fn position(&self, element: &Element<'_>) -> Position {
        Position::of(self.source, element.start)
    }

    /// The names of the open elements from the root, joined by `/`.
    pub fn path(&self) -> String {
        self.path_to(self.open.len())
    }

    /// An error at an element, with its position and path, for typed readers that expected something else.
    pub fn error_at(
        &self,
        element: &Element<'_>,
        kind: XmlErrorKind,
        expected: impl Into<Cow<'static, str>>,
    ) -> XmlError {
        let mut path = self.path_to(element.depth);
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(element.name);
        XmlError {
            kind,
            position: self.position(element),
            path: Some(path),
            expected: expected.into(),
        }
    }

    fn path_to(&self, depth: usize) -> String {
        let names: Vec<&str> = self.open.iter().take(depth).map(|open| open.name).collect();
        names.join("/")
    }

    fn is_open(&self, element: &Element<'_>) -> bool {
        self.open
            .get(element.depth)
            .is_some_and(|open| open.start == element.start)
    }

    /// Whether a start or an end tag comes next, comments and processing instructions aside.
    fn at_tag(&self) -> bool {
        let mut rest = &self.source[self.at..];
        loop {
            let end = match rest.as_bytes() {
                [b'<', b'!', b'-', ..] => "-->",
                [b'<', b'?', ..] => "?>",
                [b'<', next, ..] => return *next != b'!',
                _ => return false,
            };
            let Some(length) = rest.find(end) else {
                return false;
            };
            rest = &rest[length + end.len()..];
        }
    }

    fn find(&mut self, kind: FindingKind, offset: usize) {
        if self.findings.len() < self.limits.findings_max {
            self.findings.push(Finding { kind, offset });
        }
    }

    fn add_text(&self, text: &mut Cow<'x, str>, token: Token) -> Result<(), XmlError> {
        let more = match token {
            Token::Blank | Token::Text | Token::CData if self.has_return => with_line_feeds(self.piece),
            Token::Blank | Token::Text | Token::CData => Cow::Borrowed(self.piece),
            Token::Char(c) => {
                text.to_mut().push(c);
                Cow::Borrowed("")
            }
            Token::Start | Token::End | Token::Eof => return Ok(()),
        };
        if text.is_empty() {
            *text = more;
        } else if !more.is_empty() {
            text.to_mut().push_str(&more);
        }
        if text.len() > self.limits.text_bytes_max {
            let expected = format!("texts of at most {} bytes", self.limits.text_bytes_max);
            return Err(*self.error(XmlErrorKind::TooLarge, self.at, expected));
        }
        Ok(())
    }
}
