//! Each piece of a document, checked as it passes.
//!
//! Tags and texts are found and checked in one walk, since nearly all of a document is made of them; quick-xml finds
//! where everything else ends, and a test holds all pieces against those that it finds. What XML 1.0 demands is
//! checked whether or not anyone reads it, and all tokens come by the validator, in order.

use std::borrow::Cow;

use memchr::memchr2;
use quick_xml::errors::{IllFormedError, SyntaxError};
use quick_xml::events::Event;

use super::{Open, Reader, Token};
use crate::xml::chars::{blanks_len, is_blank, name_len};
use crate::xml::element::{Element, REFERENCE, TAG_END, read_tag, reference};
use crate::xml::grammar::{IDENTIFIERS_MAX, Place};
use crate::xml::prolog::{PrologFault, check_declaration, read_doctype};
use crate::xml::{FindingKind, Position, XmlError, XmlErrorKind};

/// A token, or why there is none; small, so that it is quickly passed on.
type Step = Result<Token, Box<XmlError>>;

impl<'x> Reader<'x> {
    /// The next token, checked; what has no meaning (comments, instructions, the prolog) is checked and passed over.
    pub(super) fn advance(&mut self) -> Step {
        self.step(true)
    }

    /// The next token that is not blank.
    pub(super) fn advance_past_blanks(&mut self) -> Step {
        self.step(false)
    }

    #[inline(always)]
    fn step(&mut self, wants_blanks: bool) -> Step {
        loop {
            let start = self.at;
            let bytes = self.source.as_bytes();
            match bytes.get(start) {
                Some(b'<') => match bytes.get(start + 1) {
                    Some(b'/') => return self.read_end(start),
                    Some(b'!' | b'?') => {
                        if let Some(token) = self.read_other(start)? {
                            return Ok(token);
                        }
                    }
                    _ => return self.read_start(start),
                },
                Some(b'&') => return self.read_reference(start),
                Some(_) => {
                    let blanks_end = start + blanks_len(&bytes[start..]);
                    match bytes.get(blanks_end) {
                        None | Some(b'<' | b'&') => {
                            if self.read_blanks(start, blanks_end)? && wants_blanks {
                                return Ok(Token::Blank);
                            }
                        }
                        _ => return self.read_text(start, blanks_end),
                    }
                }
                None => return self.read_eof(),
            }
        }
    }

    /// Blanks; whether they stand inside the root.
    fn read_blanks(&mut self, start: usize, end: usize) -> Result<bool, Box<XmlError>> {
        self.at = end;
        if self.open.is_empty() {
            return Ok(false);
        }
        self.piece = &self.source[start..end];
        self.check_text_len(start)?;
        if let Some(validator) = &mut self.validator {
            validator.blank(&mut self.open, start);
        }
        Ok(true)
    }

    /// Character data that is more than blanks.
    fn read_text(&mut self, start: usize, blanks_end: usize) -> Step {
        if self.open.is_empty() {
            return Err(self.ill_formed(blanks_end, self.outside()));
        }
        let bytes = self.source.as_bytes();
        let end = memchr2(b'<', b'&', &bytes[blanks_end..]).map_or(bytes.len(), |length| blanks_end + length);
        self.at = end;
        self.piece = &self.source[start..end];
        self.check_text_len(start)?;
        if self.has_section_end
            && let Some(at) = self.piece.find("]]>")
        {
            return Err(self.ill_formed(start + at, "no `]]>` in text (it is written `]]&gt;`)"));
        }
        if let Some(validator) = &mut self.validator {
            validator.characters(&mut self.open, blanks_end);
        }
        Ok(Token::Text)
    }

    fn check_text_len(&self, start: usize) -> Result<(), Box<XmlError>> {
        if self.piece.len() > self.limits.text_bytes_max {
            let expected = format!("texts of at most {} bytes", self.limits.text_bytes_max);
            return Err(self.error(XmlErrorKind::TooLarge, start, expected));
        }
        Ok(())
    }

    fn read_reference(&mut self, start: usize) -> Step {
        if self.open.is_empty() {
            return Err(self.ill_formed(start, self.outside()));
        }
        let Some((c, end)) = reference(self.source, start) else {
            return Err(self.ill_formed(start, REFERENCE));
        };
        self.at = end;
        if let Some(validator) = &mut self.validator {
            validator.characters(&mut self.open, start);
        }
        Ok(Token::Char(c))
    }

    /// What begins with `<!` or `<?`: quick-xml finds its end. Only a CDATA section is a token.
    fn read_other(&mut self, start: usize) -> Result<Option<Token>, Box<XmlError>> {
        let mut tokens = quick_xml::Reader::from_str(&self.source[start..]);
        tokens.config_mut().check_comments = true;
        let event = tokens.read_event();
        let length = usize::try_from(tokens.buffer_position()).unwrap_or(usize::MAX);
        let piece = &self.source[start..start.saturating_add(length)];
        self.at = start + piece.len();
        match event {
            Ok(Event::CData(_)) => return self.read_cdata(piece, start).map(Some),
            Ok(Event::Comment(_)) => self.pass_aside(start),
            Ok(Event::PI(_)) => self.read_instruction(piece, start)?,
            Ok(Event::Decl(_)) => self.read_declaration(piece, start)?,
            Ok(Event::DocType(_)) => self.read_doctype(piece, start)?,
            Ok(_) => return Err(self.ill_formed(start, TAG_END)),
            Err(fault) => return Err(self.token_fault(&fault, start)),
        }
        Ok(None)
    }

    fn read_cdata(&mut self, piece: &'x str, start: usize) -> Step {
        if self.open.is_empty() {
            return Err(self.ill_formed(start, self.outside()));
        }
        self.piece = &piece["<![CDATA[".len()..piece.len() - "]]>".len()];
        self.check_text_len(start)?;
        if let Some(validator) = &mut self.validator {
            validator.characters(&mut self.open, start);
        }
        Ok(Token::CData)
    }

    fn read_start(&mut self, start: usize) -> Step {
        let tag = match read_tag(self.source, start, &self.limits, &mut self.attributes) {
            Ok(tag) => tag,
            Err(fault) => return Err(self.error(fault.kind, fault.at, fault.expected)),
        };
        self.at = tag.end;
        let depth = self.open.len();
        let element = Element {
            tag: &self.source[start..tag.end],
            name: tag.name,
            start,
            depth,
            is_empty: tag.is_empty,
        };
        self.element = element;
        if depth == 0 {
            self.read_root(element)?;
        }
        if depth >= self.limits.depth_max {
            let expected = format!("at most {} elements within each other", self.limits.depth_max);
            return Err(self.error(XmlErrorKind::TooComplex, start, expected));
        }
        let place = match &mut self.validator {
            Some(validator) => validator.start(&mut self.open, &element, &self.attributes),
            None => Place::FREE,
        };
        if !tag.is_empty {
            let name = tag.name;
            self.open.push(Open { name, start, place });
        }
        Ok(Token::Start)
    }

    fn read_root(&mut self, element: Element<'x>) -> Result<(), Box<XmlError>> {
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

    fn read_end(&mut self, start: usize) -> Step {
        let Some(open) = self.open.last() else {
            return Err(self.ill_formed(start, self.outside()));
        };
        let after = self.source.as_bytes()[start + 2..].strip_prefix(open.name.as_bytes());
        let Some(after) = after
            .map(|after| &after[blanks_len(after)..])
            .filter(|after| after.first() == Some(&b'>'))
        else {
            return Err(self.wrong_end(start));
        };
        self.at = self.source.len() - after.len() + 1;
        if let Some(validator) = &mut self.validator {
            validator.end(&self.open, start);
        }
        self.closed = (open.start, start);
        self.open.pop();
        Ok(Token::End)
    }

    #[cold]
    fn wrong_end(&self, start: usize) -> Box<XmlError> {
        match (self.open.last(), self.source[start..].contains('>')) {
            (Some(open), true) => {
                let expected = format!("`</{}>`", open.name);
                self.error(XmlErrorKind::NotWellFormed, start, expected)
            }
            _ => self.ill_formed(start, TAG_END),
        }
    }

    /// A comment or a processing instruction: nothing but an element that must be empty minds it.
    fn pass_aside(&mut self, start: usize) {
        if let Some(validator) = &mut self.validator {
            validator.aside(&mut self.open, start);
        }
    }

    fn read_instruction(&mut self, piece: &'x str, start: usize) -> Result<(), Box<XmlError>> {
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

    fn read_declaration(&mut self, piece: &'x str, start: usize) -> Result<(), Box<XmlError>> {
        if start != 0 {
            return Err(self.ill_formed(start, "the XML declaration only at the very beginning"));
        }
        let is_standalone = check_declaration(piece).map_err(|fault| self.prolog_fault(fault, piece, start))?;
        if is_standalone && let Some(validator) = &mut self.validator {
            validator.claim_standalone();
        }
        Ok(())
    }

    fn read_doctype(&mut self, piece: &'x str, start: usize) -> Result<(), Box<XmlError>> {
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

    fn read_eof(&mut self) -> Step {
        match (self.open.last(), self.root) {
            (Some(open), _) => {
                let expected = format!("`</{}>` before the end of the document", open.name);
                Err(self.error(XmlErrorKind::NotWellFormed, self.source.len(), expected))
            }
            (None, None) => Err(self.ill_formed(self.source.len(), "a root element")),
            (None, Some(_)) => {
                self.check_references()?;
                Ok(Token::Eof)
            }
        }
    }

    /// Tells which references no identifier came for. Their places are found by reading once more, so that nothing
    /// need be kept of references that are in order.
    fn check_references(&mut self) -> Result<(), Box<XmlError>> {
        let Some(validator) = &mut self.validator else {
            return Ok(());
        };
        if validator.has_too_many_identifiers() {
            let expected = format!("at most {IDENTIFIERS_MAX} identifiers");
            return Err(self.error(XmlErrorKind::TooComplex, self.source.len(), expected));
        }
        let references = validator.take_unresolved();
        if references.is_empty() {
            return Ok(());
        }
        let mut again = Reader::new(self.source, &self.limits)?;
        let mut element = again.root()?;
        for reference in references {
            while element.start != reference.element_offset {
                match again.advance()? {
                    Token::Start => element = again.element,
                    Token::Eof => return Ok(()),
                    _ => {}
                }
            }
            validator.tell_unresolved(&again.open[..element.depth], &element, &reference);
        }
        Ok(())
    }

    /// What may stand outside the root element.
    fn outside(&self) -> &'static str {
        match self.root {
            Some(_) => "nothing but blanks, comments and processing instructions after the root element",
            None => "nothing but the prolog before the root element",
        }
    }

    #[cold]
    pub(super) fn ill_formed(&self, offset: usize, expected: &'static str) -> Box<XmlError> {
        self.error(XmlErrorKind::NotWellFormed, offset, expected)
    }

    #[cold]
    pub(super) fn error(
        &self,
        kind: XmlErrorKind,
        offset: usize,
        expected: impl Into<Cow<'static, str>>,
    ) -> Box<XmlError> {
        let path = Some(self.path()).filter(|path| !path.is_empty());
        Box::new(XmlError {
            kind,
            position: Position::of(self.source, offset),
            path,
            expected: expected.into(),
        })
    }

    fn prolog_fault(&self, (kind, left, expected): PrologFault, piece: &str, start: usize) -> Box<XmlError> {
        self.error(kind, start + piece.len() - left, expected)
    }

    /// A fault of quick-xml's, in our words, since its own quote the document.
    #[cold]
    pub(super) fn token_fault(&self, fault: &quick_xml::Error, start: usize) -> Box<XmlError> {
        use quick_xml::Error::{IllFormed, Syntax};
        let expected = match fault {
            Syntax(SyntaxError::UnclosedComment) => "`-->` at the end of a comment",
            Syntax(SyntaxError::UnclosedCData) => "`]]>` at the end of a CDATA section",
            Syntax(SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl) => "`?>` at the end of an instruction",
            Syntax(SyntaxError::UnclosedDoctype) => "`>` at the end of the DOCTYPE",
            Syntax(SyntaxError::InvalidBangMarkup) => "a comment, a CDATA section or the DOCTYPE after `<!`",
            Syntax(_) => TAG_END,
            IllFormed(IllFormedError::DoubleHyphenInComment) => "no `--` in a comment",
            IllFormed(IllFormedError::UnclosedReference) => REFERENCE,
            IllFormed(IllFormedError::MissingDoctypeName) => "the root element's name in the DOCTYPE",
            IllFormed(IllFormedError::MissingEndTag(_)) => "an end tag for every start tag",
            _ => "well-formed XML",
        };
        self.ill_formed(start, expected)
    }
}
