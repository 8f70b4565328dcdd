//! Writing documents: well-formed by construction.
//!
//! ```
//! use punchgate::xml::Writer;
//!
//! let mut writer = Writer::new();
//! writer.declaration();
//! writer.start("Money").attr("currency", "EUR").attr_opt("alternateCurrency", None);
//! writer.text("12.50");
//! writer.end();
//! let xml = writer.finish()?;
//! assert_eq!(xml, r#"<?xml version="1.0" encoding="UTF-8"?><Money currency="EUR">12.50</Money>"#);
//! # Ok::<(), punchgate::xml::WriteError>(())
//! ```

/// Writes one document into memory; the first fault is kept and told by [`Writer::finish`].
#[derive(Debug)]
pub struct Writer {
    out: String,
}

/// The start tag just begun, to add attributes to.
#[derive(Debug)]
pub struct Tag<'w> {
    writer: &'w mut Writer,
}

/// Why what was written is not a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A name that XML does not allow (or, in ASCII, cannot be written).
    #[error("a name that XML does not allow")]
    Name,
    /// An attribute that its element already has.
    #[error("an attribute that its element already has")]
    DuplicateAttribute,
    /// Ends without start, starts without end, or not exactly one root.
    #[error("starts and ends that do not match, or not exactly one root")]
    Structure,
    /// A raw fragment that is not well-formed.
    #[error("a raw fragment that is not well-formed")]
    Raw,
}

impl Writer {
    /// A writer of UTF-8.
    pub fn new() -> Self {
        unimplemented!()
    }

    /// A writer of pure US-ASCII: everything else becomes a numeric character reference.
    pub fn ascii() -> Self {
        unimplemented!()
    }

    /// The XML declaration, naming UTF-8.
    pub fn declaration(&mut self) {
        unimplemented!()
    }

    /// The document type declaration with a SYSTEM identifier.
    pub fn doctype(&mut self, _root: &str, _system_id: &str) {
        unimplemented!()
    }

    /// Begins an element.
    pub fn start(&mut self, _name: &str) -> Tag<'_> {
        unimplemented!()
    }

    /// Ends the innermost open element; one without content becomes an empty-element tag.
    pub fn end(&mut self) {
        unimplemented!()
    }

    /// Character data; characters that XML forbids are left out.
    pub fn text(&mut self, _text: &str) {
        unimplemented!()
    }

    /// An element with nothing but text.
    pub fn leaf(&mut self, _name: &str, _text: &str) {
        unimplemented!()
    }

    /// A well-formed fragment as written elsewhere (see [`super::Reader::raw`]): elements, text, references.
    pub fn raw(&mut self, _fragment: &str) {
        unimplemented!()
    }

    /// The document.
    ///
    /// # Errors
    ///
    /// The first fault in what was written.
    pub fn finish(self) -> Result<String, WriteError> {
        Ok(self.out)
    }
}

impl Tag<'_> {
    /// Adds an attribute; line ends and tabs become references, characters that XML forbids are left out.
    pub fn attr(self, _name: &str, _value: &str) -> Self {
        unimplemented!()
    }

    /// Adds an attribute if there is a value.
    pub fn attr_opt(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }
}
