//! A pull reader with a cursor, made for hand-written recursive typed readers.
//!
//! quick-xml finds where tags, texts, comments and the rest begin and end. Everything XML 1.0 demands beyond that is
//! checked here, on each piece as it passes, whether or not anyone reads it.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::errors::{IllFormedError, SyntaxError};
use quick_xml::events::Event;

use super::chars::{all_blank, first_forbidden, is_blank, name_len, resolve, with_line_feeds};
use super::element::{REFERENCE, check_tag};
use super::prolog::{PrologFault, check_declaration, read_doctype};
use super::{Element, Finding, FindingKind, Limits, Position, XmlError, XmlErrorKind};

/// Reads one document from its decoded text, in one pass; all that it passes over is checked to be well-formed.
#[derive(Debug)]
pub struct Reader<'x> {
    source: &'x str,
    tokens: quick_xml::Reader<&'x [u8]>,
    limits: Limits,
    /// Whether `]]>` occurs at all, so that hardly any text need be searched for it.
    has_section_end: bool,
    /// The open elements, the root first.
    open: Vec<Open<'x>>,
    root: Option<Element<'x>>,
    doctype: Option<Doctype<'x>>,
    findings: Vec<Finding>,
    /// Room for the names of one tag's attributes.
    names: Vec<&'x str>,
}

#[derive(Debug)]
struct Open<'x> {
    name: &'x str,
    /// The byte offset of its start tag, which tells elements apart.
    start: usize,
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

/// One checked step through the document. Whatever must see all of it in order sees it in [`Reader::advance`].
enum Token<'x> {
    /// A start tag or an empty-element tag.
    Start(Element<'x>),
    /// The end tag of the innermost open element.
    End,
    /// Character data as written.
    Text(&'x str),
    /// The content of a CDATA section.
    CData(&'x str),
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
        let mut tokens = quick_xml::Reader::from_str(text);
        let config = tokens.config_mut();
        config.check_comments = true;
        // Tags are matched here, with the positions of both.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        let reader = Reader {
            source: text,
            tokens,
            limits: limits.clone(),
            has_section_end: memchr::memmem::find(text.as_bytes(), b"]]>").is_some(),
            open: Vec::with_capacity(16),
            root: None,
            doctype: None,
            findings: Vec::new(),
            names: Vec::with_capacity(16),
        };
        if let Some(offset) = first_forbidden(text) {
            return Err(reader.ill_formed(offset, "only characters that XML allows"));
        }
        if text.starts_with('\u{FEFF}') {
            return Err(reader.ill_formed(0, "no byte order mark in decoded text"));
        }
        Ok(reader)
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
            let before = self.offset();
            match self.advance()? {
                Token::Start(child) if child.depth == parent.depth + 1 => return Ok(Some(child)),
                Token::End if self.open.len() == parent.depth => return Ok(None),
                Token::Text(text) if all_blank(text) => {}
                Token::Text(_) | Token::CData(_) | Token::Char(_) if self.open.len() == parent.depth + 1 => {
                    self.find(FindingKind::StrayText, before);
                }
                _ => {}
            }
        }
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
                Token::Start(child) if child.depth == parent.depth + 1 => return Ok(Some(Node::Element(child))),
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
            self.offset()
        } else if element.is_empty() {
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
            self.advance()?;
        }
        Ok(())
    }

    /// The byte span of an element's content; the element may be open or already read.
    ///
    /// It is found by looking through the element again, so this is for small ones, such as those that hold secrets.
    ///
    /// # Errors
    ///
    /// The element is not ended.
    pub fn content_span(&self, element: &Element<'x>) -> Result<Range<usize>, XmlError> {
        let content_start = element.start + element.tag.len();
        if element.is_empty() {
            return Ok(content_start..content_start);
        }
        let mut tokens = quick_xml::Reader::from_str(&self.source[element.start..]);
        let read = tokens
            .read_event()
            .and_then(|_| tokens.read_to_end(quick_xml::name::QName(element.name)));
        let span = read.map_err(|fault| self.token_fault(&fault, element.start))?;
        Ok(content_start..element.start + usize::try_from(span.end).unwrap_or(usize::MAX))
    }

    /// Reads to the end of the document: what is left of the root, then blanks, comments and processing instructions.
    ///
    /// # Errors
    ///
    /// As [`Reader::child`], and anything else after the root.
    pub fn finish(&mut self) -> Result<(), XmlError> {
        while !matches!(self.advance()?, Token::Eof) {}
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

    /// The offset after the last token.
    fn offset(&self) -> usize {
        usize::try_from(self.tokens.buffer_position()).unwrap_or(usize::MAX)
    }

    fn is_open(&self, element: &Element<'_>) -> bool {
        self.open
            .get(element.depth)
            .is_some_and(|open| open.start == element.start)
    }

    /// Whether a start or an end tag comes next, comments and processing instructions aside.
    fn at_tag(&self) -> bool {
        let mut rest = &self.source[self.offset()..];
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

    fn add_text(&self, text: &mut Cow<'x, str>, token: Token<'x>) -> Result<(), XmlError> {
        let more = match token {
            Token::Text(more) | Token::CData(more) => with_line_feeds(more),
            Token::Char(c) => {
                text.to_mut().push(c);
                Cow::Borrowed("")
            }
            Token::Start(_) | Token::End | Token::Eof => return Ok(()),
        };
        if text.is_empty() {
            *text = more;
        } else if !more.is_empty() {
            text.to_mut().push_str(&more);
        }
        if text.len() > self.limits.text_bytes_max {
            let expected = format!("texts of at most {} bytes", self.limits.text_bytes_max);
            return Err(self.error(XmlErrorKind::TooLarge, self.offset(), expected));
        }
        Ok(())
    }

    /// The next token, checked; what has no meaning (comments, instructions, the prolog) is checked and passed over.
    fn advance(&mut self) -> Result<Token<'x>, XmlError> {
        loop {
            let start = self.offset();
            let event = self.tokens.read_event();
            let piece = &self.source[start..self.offset()];
            match event {
                Ok(Event::Text(_)) => {
                    if let Some(token) = self.read_text(piece, start)? {
                        return Ok(token);
                    }
                }
                Ok(Event::Start(_) | Event::Empty(_)) => return self.read_start(piece, start),
                Ok(Event::End(_)) => return self.read_end(piece, start),
                Ok(Event::GeneralRef(_)) => return self.read_reference(piece, start),
                Ok(Event::CData(_)) => return self.read_cdata(piece, start),
                Ok(Event::Comment(_)) => {}
                Ok(Event::PI(_)) => self.read_instruction(piece, start)?,
                Ok(Event::Decl(_)) => self.read_declaration(piece, start)?,
                Ok(Event::DocType(_)) => self.read_doctype(piece, start)?,
                Ok(Event::Eof) => return self.read_eof(),
                Err(fault) => return Err(self.token_fault(&fault, start)),
            }
        }
    }

    /// Character data; `None` for the blanks outside the root.
    fn read_text(&mut self, piece: &'x str, start: usize) -> Result<Option<Token<'x>>, XmlError> {
        if self.open.is_empty() {
            if all_blank(piece) {
                return Ok(None);
            }
            let blanks = piece.bytes().take_while(|&byte| is_blank(byte)).count();
            return Err(self.ill_formed(start + blanks, self.outside()));
        }
        if self.has_section_end
            && let Some(at) = piece.find("]]>")
        {
            return Err(self.ill_formed(start + at, "no `]]>` in text (it is written `]]&gt;`)"));
        }
        self.check_text_len(piece, start)?;
        Ok(Some(Token::Text(piece)))
    }

    fn read_cdata(&mut self, piece: &'x str, start: usize) -> Result<Token<'x>, XmlError> {
        if self.open.is_empty() {
            return Err(self.ill_formed(start, self.outside()));
        }
        self.check_text_len(piece, start)?;
        Ok(Token::CData(&piece["<![CDATA[".len()..piece.len() - "]]>".len()]))
    }

    fn check_text_len(&self, piece: &str, start: usize) -> Result<(), XmlError> {
        if piece.len() > self.limits.text_bytes_max {
            let expected = format!("texts of at most {} bytes", self.limits.text_bytes_max);
            return Err(self.error(XmlErrorKind::TooLarge, start, expected));
        }
        Ok(())
    }

    fn read_reference(&mut self, piece: &'x str, start: usize) -> Result<Token<'x>, XmlError> {
        if self.open.is_empty() {
            return Err(self.ill_formed(start, self.outside()));
        }
        match resolve(&piece[1..piece.len() - 1]) {
            Some(c) => Ok(Token::Char(c)),
            None => Err(self.ill_formed(start, REFERENCE)),
        }
    }

    fn read_start(&mut self, tag: &'x str, start: usize) -> Result<Token<'x>, XmlError> {
        let name = match check_tag(tag, &self.limits, &mut self.names) {
            Ok(name) => name,
            Err((kind, at, expected)) => return Err(self.error(kind, start + at, expected)),
        };
        let depth = self.open.len();
        let element = Element {
            tag,
            name,
            start,
            depth,
        };
        if depth == 0 {
            self.read_root(element)?;
        }
        if depth >= self.limits.depth_max {
            let expected = format!("at most {} elements within each other", self.limits.depth_max);
            return Err(self.error(XmlErrorKind::TooComplex, start, expected));
        }
        if !element.is_empty() {
            self.open.push(Open { name, start });
        }
        Ok(Token::Start(element))
    }

    fn read_root(&mut self, element: Element<'x>) -> Result<(), XmlError> {
        if self.root.is_some() {
            return Err(self.ill_formed(element.start, self.outside()));
        }
        if let Some(doctype) = self.doctype
            && doctype.name != element.name
        {
            return Err(self.ill_formed(element.start, "the root element that the DOCTYPE names"));
        }
        self.root = Some(element);
        Ok(())
    }

    fn read_end(&mut self, tag: &'x str, start: usize) -> Result<Token<'x>, XmlError> {
        let name = tag[2..tag.len() - 1].trim_end_matches([' ', '\t', '\r', '\n']);
        match self.open.last() {
            Some(open) if open.name == name => {
                self.open.pop();
                Ok(Token::End)
            }
            Some(open) => {
                let expected = format!("`</{}>`", open.name);
                Err(self.error(XmlErrorKind::NotWellFormed, start, expected))
            }
            None => Err(self.ill_formed(start, self.outside())),
        }
    }

    fn read_instruction(&mut self, piece: &'x str, start: usize) -> Result<(), XmlError> {
        let content = &piece[2..piece.len() - 2];
        let target = &content[..name_len(content)];
        let after = content.as_bytes().get(target.len());
        if target.is_empty() || after.is_some_and(|&byte| !is_blank(byte)) {
            return Err(self.ill_formed(start, "a processing instruction that begins with a name"));
        }
        if target.eq_ignore_ascii_case("xml") {
            return Err(self.ill_formed(start, "the XML declaration only at the very beginning, in lower case"));
        }
        if target.len() > self.limits.name_bytes_max {
            let expected = format!("names of at most {} bytes", self.limits.name_bytes_max);
            return Err(self.error(XmlErrorKind::TooComplex, start, expected));
        }
        self.find(FindingKind::ProcessingInstruction, start);
        Ok(())
    }

    fn read_declaration(&mut self, piece: &'x str, start: usize) -> Result<(), XmlError> {
        if start != 0 {
            return Err(self.ill_formed(start, "the XML declaration only at the very beginning"));
        }
        check_declaration(piece).map_err(|fault| self.prolog_fault(fault, piece, start))
    }

    fn read_doctype(&mut self, piece: &'x str, start: usize) -> Result<(), XmlError> {
        if self.root.is_some() || self.doctype.is_some() {
            return Err(self.ill_formed(start, "one DOCTYPE, before the root element"));
        }
        let read = read_doctype(piece).map_err(|fault| self.prolog_fault(fault, piece, start))?;
        if read.doctype.name.len() > self.limits.name_bytes_max {
            let expected = format!("names of at most {} bytes", self.limits.name_bytes_max);
            return Err(self.error(XmlErrorKind::TooComplex, start, expected));
        }
        if read.doctype.public_id.is_some() {
            self.find(FindingKind::DoctypePublic, start);
        }
        if read.doctype.system_id.is_none() {
            self.find(FindingKind::DoctypeWithoutSystem, start);
        }
        if read.subset_skipped {
            self.find(FindingKind::DoctypeSubsetSkipped, start);
        }
        self.doctype = Some(read.doctype);
        Ok(())
    }

    fn read_eof(&self) -> Result<Token<'x>, XmlError> {
        match (self.open.last(), self.root) {
            (Some(open), _) => {
                let expected = format!("`</{}>` before the end of the document", open.name);
                Err(self.error(XmlErrorKind::NotWellFormed, self.source.len(), expected))
            }
            (None, None) => Err(self.ill_formed(self.source.len(), "a root element")),
            (None, Some(_)) => Ok(Token::Eof),
        }
    }

    /// What may stand outside the root element.
    fn outside(&self) -> &'static str {
        match self.root {
            Some(_) => "nothing but blanks, comments and processing instructions after the root element",
            None => "nothing but the prolog before the root element",
        }
    }

    #[cold]
    fn ill_formed(&self, offset: usize, expected: &'static str) -> XmlError {
        self.error(XmlErrorKind::NotWellFormed, offset, expected)
    }

    #[cold]
    fn error(&self, kind: XmlErrorKind, offset: usize, expected: impl Into<Cow<'static, str>>) -> XmlError {
        let path = Some(self.path()).filter(|path| !path.is_empty());
        XmlError {
            kind,
            position: Position::of(self.source, offset),
            path,
            expected: expected.into(),
        }
    }

    fn prolog_fault(&self, (kind, left, expected): PrologFault, piece: &str, start: usize) -> XmlError {
        self.error(kind, start + piece.len() - left, expected)
    }

    /// A fault of quick-xml's, in our words, since its own quote the document.
    #[cold]
    fn token_fault(&self, fault: &quick_xml::Error, start: usize) -> XmlError {
        use quick_xml::Error::{IllFormed, Syntax};
        let expected = match fault {
            Syntax(SyntaxError::UnclosedComment) => "`-->` at the end of a comment",
            Syntax(SyntaxError::UnclosedCData) => "`]]>` at the end of a CDATA section",
            Syntax(SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl) => "`?>` at the end of an instruction",
            Syntax(SyntaxError::UnclosedDoctype) => "`>` at the end of the DOCTYPE",
            Syntax(SyntaxError::InvalidBangMarkup) => "a comment, a CDATA section or the DOCTYPE after `<!`",
            Syntax(_) => "the end of a tag",
            IllFormed(IllFormedError::DoubleHyphenInComment) => "no `--` in a comment",
            IllFormed(IllFormedError::UnclosedReference) => REFERENCE,
            IllFormed(IllFormedError::MissingDoctypeName) => "the root element's name in the DOCTYPE",
            IllFormed(IllFormedError::MissingEndTag(_)) => "an end tag for every start tag",
            _ => "well-formed XML",
        };
        self.ill_formed(start, expected)
    }
}
