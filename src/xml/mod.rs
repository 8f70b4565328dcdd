//! XML as such, nothing of procurement: a bounded, strict reader and a writer over quick-xml.
//!
//! Bytes become text once ([`decode`]); everything after that borrows from the text, and every position and span
//! is a byte offset into it.
//!
//! ```
//! use punchgate::xml::{self, Limits, Reader};
//!
//! let limits = Limits::default();
//! let decoded = xml::decode(br#"<Money currency="EUR">12.<!-- cut -->50</Money>"#, None, &limits)?;
//! let mut reader = Reader::new(&decoded.text, &limits)?;
//! let root = reader.root()?;
//! assert_eq!((root.name(), root.attr("currency").as_deref()), ("Money", Some("EUR")));
//! assert_eq!(reader.text(&root)?, "12.50");
//! reader.finish()?;
//! # Ok::<(), xml::XmlError>(())
//! ```
//!
//! A typed reader is a function from an element to a value. What it does not read is skipped (and still checked):
//!
//! ```
//! # use punchgate::xml::{Element, Limits, Reader, XmlError};
//! #[derive(Default)]
//! struct ItemId { supplier_part_id: String, extensions: Vec<String> }
//!
//! fn item_id<'x>(reader: &mut Reader<'x>, element: &Element<'x>) -> Result<ItemId, XmlError> {
//!     let mut item_id = ItemId::default();
//!     while let Some(child) = reader.child(element)? {
//!         match child.name() {
//!             "SupplierPartID" => item_id.supplier_part_id = reader.text(&child)?.trim().to_owned(),
//!             "SupplierPartAuxiliaryID" => {} // skipped by the next call
//!             _ => item_id.extensions.push(reader.raw(&child)?.to_owned()),
//!         }
//!     }
//!     Ok(item_id)
//! }
//! ```

mod chars;
mod decode;
mod element;
mod error;
mod grammar;
mod prolog;
mod reader;
mod redact;
mod writer;

pub use decode::{Decoded, decode};
pub use element::{Attribute, Attributes, Element};
pub use error::{XmlError, XmlErrorKind};
pub use grammar::{Grammar, GrammarError, Violation, ViolationKind, Violations};
pub use reader::{Doctype, Node, Reader};
pub use redact::{REDACTED, redact};
pub use writer::{Tag, WriteError, Writer};

/// What a document may cost to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a document as received; 40 MiB, what the largest network accepts for an order.
    pub document_bytes_max: usize,
    /// Elements within each other; 64, several times what the deepest cXML document needs.
    pub depth_max: usize,
    /// Attributes of one element; 256, several times what the richest cXML element declares.
    pub attributes_max: usize,
    /// Bytes of one attribute value as written; 1 MiB.
    pub attribute_bytes_max: usize,
    /// Bytes of the text of one element; 8 MiB.
    pub text_bytes_max: usize,
    /// Bytes of one element, attribute or target name; 1 KiB.
    pub name_bytes_max: usize,
    /// Findings that are kept of one document; 100, later ones are counted only.
    pub findings_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            document_bytes_max: 40 << 20,
            depth_max: 64,
            attributes_max: 256,
            attribute_bytes_max: 1 << 20,
            text_bytes_max: 8 << 20,
            name_bytes_max: 1 << 10,
            findings_max: 100,
        }
    }
}

/// A place in a document, for people; both numbers start at one, and columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character within the line.
    pub column: usize,
}

impl Position {
    /// The position of the byte `offset` of `text`.
    pub fn of(text: &str, offset: usize) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        let is_char_start = |byte: &&u8| (**byte as i8) >= -0x40;
        Position {
            line: memchr::memchr_iter(b'\n', before).count() + 1,
            column: before[line_start..].iter().filter(is_char_start).count() + 1,
        }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Something unusual that does not keep a document from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub kind: FindingKind,
    /// Where, as a byte offset into the decoded text ([`Position::of`] makes it readable).
    pub offset: usize,
}

/// The kinds of [`Finding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// Byte order mark, transport and XML declaration name different encodings; the first of these won.
    CharsetConflict,
    /// The transport named an encoding of one byte a character and won, although the bytes are valid UTF-8.
    CharsetDoubtful,
    /// US-ASCII is declared, but there are bytes beyond it; they were read as UTF-8.
    NotAscii,
    /// UTF-16 is declared, but the bytes are not UTF-16; they were read as UTF-8.
    NotUtf16,
    /// The DOCTYPE has a PUBLIC identifier.
    DoctypePublic,
    /// The DOCTYPE names no external subset.
    DoctypeWithoutSystem,
    /// The DOCTYPE's internal subset, which only declares parameter entities, was skipped.
    DoctypeSubsetSkipped,
    /// A processing instruction was ignored.
    ProcessingInstruction,
    /// Characters between child elements, where only blanks were expected, were ignored.
    StrayText,
}
