//! The cursor that elements read themselves with: what is unknown is kept, what is off the rules is noted, what is
//! secret is remembered by its place.

use std::borrow::Cow;
use std::ops::Range;

use super::content::{Fragment, Other, Piece, Raw, Secret};
use super::element::{Element, Value};
use super::read::{Fault, Finding, FindingKind, Findings, ReadError, ReadOptions};
use crate::xml::{self, Limits, Node, Reader, Violations, XmlError};

/// One document being read.
pub(super) struct Reading<'x> {
    pub(super) reader: Reader<'x>,
    limits: Limits,
    options: ReadOptions,
    /// Estimate of the memory that the types read so far take.
    memory_bytes: usize,
    lines: usize,
    findings: Findings,
    redactions: Vec<Range<usize>>,
}

impl<'x> Reading<'x> {
    pub(super) fn new(text: &'x str, limits: &Limits, options: &ReadOptions) -> Result<Reading<'x>, ReadError> {
        Ok(Reading {
            reader: match options.grammar {
                Some(families) => Reader::validating(text, limits, families.of(text))?,
                None => Reader::new(text, limits)?,
            },
            limits: limits.clone(),
            options: options.clone(),
            memory_bytes: 0,
            lines: 0,
            findings: Findings::default(),
            redactions: Vec::new(),
        })
    }

    /// Reads to the end and tells what was found.
    pub(super) fn finish(mut self) -> Result<(Findings, Violations, Vec<Range<usize>>), ReadError> {
        self.reader.finish()?;
        for finding in self.reader.findings().to_vec() {
            self.note(FindingKind::Xml(finding.kind), String::new(), finding.offset);
        }
        Ok((self.findings, self.reader.take_violations(), self.redactions))
    }

    /// The next child of an element that is read into a type.
    pub(super) fn child(&mut self, parent: &xml::Element<'x>) -> Result<Option<xml::Element<'x>>, ReadError> {
        let child = self.reader.child(parent)?;
        if let Some(child) = &child {
            self.count_line(child)?;
        }
        Ok(child)
    }

    /// Counts the memory of one more value, so that many small elements cannot grow into much memory.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), ReadError> {
        /// What an allocation costs beside its bytes.
        const ALLOCATION_BYTES: usize = 32;
        self.memory_bytes = self.memory_bytes.saturating_add(bytes + ALLOCATION_BYTES);
        let memory_bytes_max = self.options.memory_bytes_max;
        if self.memory_bytes > memory_bytes_max {
            Err(ReadError::TooMuch { memory_bytes_max })
        } else {
            Ok(())
        }
    }

    /// Counts the lines of carts and orders.
    fn count_line(&mut self, element: &xml::Element<'x>) -> Result<(), ReadError> {
        if matches!(element.name(), "ItemOut" | "ItemIn") {
            self.lines += 1;
            if self.lines > self.options.lines_max {
                return Err(ReadError::TooManyLines {
                    lines_max: self.options.lines_max,
                });
            }
        }
        Ok(())
    }

    /// The value of a known attribute.
    pub(super) fn attribute<V: Value>(
        &mut self,
        element: &xml::Element<'x>,
        attribute: &xml::Attribute<'x>,
    ) -> Option<V> {
        if V::SECRET {
            self.redact(attribute.span.clone());
        }
        let value = V::from_wire(attribute.value());
        if !value.is_known() {
            self.note(
                FindingKind::UnknownWord,
                subject(element, attribute),
                attribute.span.start,
            );
        }
        Some(value)
    }

    /// Keeps an attribute that the grammar does not know.
    pub(super) fn keep_attribute(
        &mut self,
        element: &xml::Element<'x>,
        attribute: &xml::Attribute<'x>,
        other: &mut Other,
    ) -> Result<(), ReadError> {
        self.note(
            FindingKind::UnknownAttribute,
            subject(element, attribute),
            attribute.span.start,
        );
        self.charge(size_of::<(String, String)>() + attribute.span.len())?;
        other.add_attribute(attribute.name, &attribute.value());
        Ok(())
    }

    /// Keeps all attributes of an element that the grammar knows none of.
    pub(super) fn keep_attributes(&mut self, element: &xml::Element<'x>, other: &mut Other) -> Result<(), ReadError> {
        let mut ordinal = 0;
        while let Some(attribute) = self.reader.attribute(element, ordinal) {
            ordinal += 1;
            self.keep_attribute(element, &attribute, other)?;
        }
        Ok(())
    }

    /// Notes a child that stands after one that it must precede; `own` is its place in the grammar's order, `place`
    /// the furthest place so far.
    pub(super) fn check_order(&mut self, own: usize, place: &mut usize, child: &xml::Element<'x>) {
        if own < *place {
            self.note(FindingKind::OutOfOrder, child.name().to_owned(), child.offset());
        }
        *place = own.max(*place);
    }

    /// Keeps an element that the grammar does not know here.
    pub(super) fn keep(
        &mut self,
        kind: FindingKind,
        element: &xml::Element<'x>,
        other: &mut Other,
    ) -> Result<(), ReadError> {
        self.note(kind, element.name().to_owned(), element.offset());
        let raw = self.raw(element)?;
        other.add_element(raw);
        Ok(())
    }

    /// Keeps what is left in an element that should hold no more.
    pub(super) fn keep_rest(&mut self, element: &xml::Element<'x>, other: &mut Other) -> Result<(), ReadError> {
        while let Some(child) = self.child(element)? {
            self.keep(FindingKind::UnknownElement, &child, other)?;
        }
        Ok(())
    }

    /// The whole element as written.
    pub(super) fn raw(&mut self, element: &xml::Element<'x>) -> Result<Raw, ReadError> {
        let source = self.reader.raw(element)?;
        self.charge(size_of::<Raw>() + source.len())?;
        self.find_secrets(source, element.offset())?;
        Ok(Raw {
            name: element.name().to_owned(),
            xml: source.to_owned(),
        })
    }

    /// The element's own text without white space at its ends; elements inside are kept.
    pub(super) fn text(&mut self, element: &xml::Element<'x>, other: &mut Other) -> Result<Cow<'x, str>, ReadError> {
        let mut text = Cow::Borrowed("");
        while let Some(node) = self.reader.node(element)? {
            match node {
                Node::Text(part) if text.is_empty() => text = part,
                Node::Text(part) => text.to_mut().push_str(&part),
                Node::Element(child) => self.keep(FindingKind::UnknownElement, &child, other)?,
            }
        }
        Ok(match text {
            Cow::Borrowed(text) => Cow::Borrowed(trimmed(text)),
            Cow::Owned(text) => Cow::Owned(trimmed(&text).to_owned()),
        })
    }

    /// The text that is all an element holds.
    pub(super) fn value<V: Value>(&mut self, element: &xml::Element<'x>, other: &mut Other) -> Result<V, ReadError> {
        let text = if V::SECRET {
            self.secret_text(element)?
        } else {
            self.text(element, other)?
        };
        Ok(V::from_wire(text))
    }

    /// A secret: its text exactly as it came.
    pub(super) fn secret(&mut self, element: &xml::Element<'x>) -> Result<Secret, ReadError> {
        self.secret_text(element).map(Secret::new)
    }

    fn secret_text(&mut self, element: &xml::Element<'x>) -> Result<Cow<'x, str>, ReadError> {
        let text = self.reader.text(element)?;
        let span = self.reader.content_span(element)?;
        self.redact(span);
        Ok(text)
    }

    /// Any content.
    pub(super) fn fragment(&mut self, element: &xml::Element<'x>) -> Result<Fragment, ReadError> {
        let text = self.reader.text(element)?;
        let span = self.reader.content_span(element)?;
        let source = &self.reader.source()[span];
        if memchr::memchr(b'<', source.as_bytes()).is_some() {
            let whole = self.reader.raw(element)?;
            self.find_secrets(whole, element.offset())?;
        }
        Ok(Fragment::from_source(text, source))
    }

    /// Text and elements of one kind.
    pub(super) fn mixed<E: Element>(
        &mut self,
        element: &xml::Element<'x>,
        name: &str,
    ) -> Result<Vec<Piece<E>>, ReadError> {
        let mut pieces = Vec::new();
        while let Some(node) = self.reader.node(element)? {
            pieces.push(match node {
                Node::Text(text) => Piece::Text(text.into_owned()),
                Node::Element(child) if child.name() == name => Piece::Element(E::read(self, &child)?),
                Node::Element(child) => {
                    self.note(FindingKind::UnknownElement, child.name().to_owned(), child.offset());
                    Piece::Other(self.raw(&child)?)
                }
            });
        }
        Ok(pieces)
    }

    /// A structure that keeps the document from being read.
    pub(super) fn fault(&self, fault: Fault, element: &xml::Element<'x>) -> ReadError {
        ReadError::Structure {
            fault,
            position: self.reader.position(element),
        }
    }

    /// Remembers something off the rules.
    pub(super) fn note(&mut self, kind: FindingKind, subject: String, offset: usize) {
        self.findings.count += 1;
        if self.findings.list.len() < self.options.findings_max {
            self.findings.list.push(Finding { kind, subject, offset });
        }
    }

    fn redact(&mut self, span: Range<usize>) {
        if !span.is_empty() {
            self.redactions.push(span);
        }
    }

    /// Finds secrets in what is kept as it came, wherever they stand: a copied document, an unknown element.
    fn find_secrets(&mut self, source: &str, offset: usize) -> Result<(), ReadError> {
        let mut reader = Reader::new(source, &self.limits)?;
        let root = reader.root()?;
        let mut spans = Vec::new();
        secrets(&mut reader, &root, &mut spans)?;
        for span in spans {
            self.redact(span.start + offset..span.end + offset);
        }
        Ok(())
    }
}

/// A text without white space at its ends, which it mostly has none of.
fn trimmed(text: &str) -> &str {
    let is_plain = |byte: Option<&u8>| byte.is_some_and(|byte| (b'!'..=b'~').contains(byte));
    match is_plain(text.as_bytes().first()) && is_plain(text.as_bytes().last()) {
        true => text,
        false => text.trim(),
    }
}

fn subject(element: &xml::Element<'_>, attribute: &xml::Attribute<'_>) -> String {
    format!("{}/@{}", element.name(), attribute.name)
}

/// The spans of an element and all inside it that hold secrets.
fn secrets<'x>(
    reader: &mut Reader<'x>,
    element: &xml::Element<'x>,
    spans: &mut Vec<Range<usize>>,
) -> Result<(), XmlError> {
    let name = element
        .name()
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    // One sender puts an encrypted secret into `SharedSecret1`.
    if name.starts_with("sharedsecret") || name == "credentialmac" || name == "digitalsignature" {
        spans.push(reader.content_span(element)?);
        return reader.skip(element);
    }
    if name == "pcard" {
        let is_card_data = |attribute: &xml::Attribute<'_>| {
            ["number", "expiration"]
                .iter()
                .any(|name| attribute.name.eq_ignore_ascii_case(name))
        };
        spans.extend(
            element
                .attributes()
                .filter(is_card_data)
                .map(|attribute| attribute.span),
        );
    }
    while let Some(child) = reader.child(element)? {
        secrets(reader, &child, spans)?;
    }
    Ok(())
}
