//! Each piece of a document, checked as it passes.
//!
//! quick-xml finds where tags, texts, comments and the rest begin and end. Everything XML 1.0 demands beyond that is
//! checked here, whether or not anyone reads it; and all tokens come by the validator, in order.

use std::borrow::Cow;

use quick_xml::errors::{IllFormedError, SyntaxError};
use quick_xml::events::Event;

use super::{Open, Reader, Token};
use crate::xml::chars::{all_blank, is_blank, name_len, resolve};
use crate::xml::element::{Element, REFERENCE, check_tag};
use crate::xml::prolog::{PrologFault, check_declaration, read_doctype};
use crate::xml::{FindingKind, Position, XmlError, XmlErrorKind};

impl<'x> Reader<'x> {
    /// The next token, checked; what has no meaning (comments, instructions, the prolog) is checked and passed over.
    pub(super) fn advance(&mut self) -> Result<Token<'x>, XmlError> {
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
                Ok(Event::Comment(_)) => self.pass_aside(start),
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
        if let Some(validator) = &mut self.validator {
            validator.text(piece, start);
        }
        Ok(Some(Token::Text(piece)))
    }

    fn read_cdata(&mut self, piece: &'x str, start: usize) -> Result<Token<'x>, XmlError> {
        if self.open.is_empty() {
            return Err(self.ill_formed(start, self.outside()));
        }
        self.check_text_len(piece, start)?;
        if let Some(validator) = &mut self.validator {
            validator.characters(start);
        }
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
        if let Some(validator) = &mut self.validator {
            validator.characters(start);
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
        if let Some(validator) = &mut self.validator {
            validator.start(&element);
        }
        Ok(Token::Start(element))
    }

    fn read_root(&mut self, element: Element<'x>) -> Result<(), XmlError> {
        if self.root.is_some() {
            return Err(self.ill_formed(element.start, self.outside()));
        }
        if let Some(doctype) = self.doctype
            && !doctype.name.eq_ignore_ascii_case(element.name)
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
                if let Some(validator) = &mut self.validator {
                    validator.end(start);
                }
                Ok(Token::End)
            }
            Some(open) => {
                let expected = format!("`</{}>`", open.name);
                Err(self.error(XmlErrorKind::NotWellFormed, start, expected))
            }
            None => Err(self.ill_formed(start, self.outside())),
        }
    }

    /// A comment or a processing instruction: nothing but an element that must be empty minds it.
    fn pass_aside(&mut self, start: usize) {
        if let Some(validator) = &mut self.validator {
            validator.aside(start);
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
        self.pass_aside(start);
        self.find(FindingKind::ProcessingInstruction, start);
        Ok(())
    }

    fn read_declaration(&mut self, piece: &'x str, start: usize) -> Result<(), XmlError> {
        if start != 0 {
            return Err(self.ill_formed(start, "the XML declaration only at the very beginning"));
        }
        let is_standalone = check_declaration(piece).map_err(|fault| self.prolog_fault(fault, piece, start))?;
        if is_standalone && let Some(validator) = &mut self.validator {
            validator.claim_standalone();
        }
        Ok(())
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

    fn read_eof(&mut self) -> Result<Token<'x>, XmlError> {
        match (self.open.last(), self.root) {
            (Some(open), _) => {
                let expected = format!("`</{}>` before the end of the document", open.name);
                Err(self.error(XmlErrorKind::NotWellFormed, self.source.len(), expected))
            }
            (None, None) => Err(self.ill_formed(self.source.len(), "a root element")),
            (None, Some(_)) => {
                if let Some(validator) = &mut self.validator {
                    validator.finish();
                }
                Ok(Token::Eof)
            }
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
    pub(super) fn ill_formed(&self, offset: usize, expected: &'static str) -> XmlError {
        self.error(XmlErrorKind::NotWellFormed, offset, expected)
    }

    #[cold]
    pub(super) fn error(&self, kind: XmlErrorKind, offset: usize, expected: impl Into<Cow<'static, str>>) -> XmlError {
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
    pub(super) fn token_fault(&self, fault: &quick_xml::Error, start: usize) -> XmlError {
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
