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

use std::fmt::Write as _;
use std::ops::Range;

use super::chars::{is_char, is_name};
use super::{Element, Limits, Node, Reader, XmlError};

/// Room for the usual answer, so that it is written without growing.
const USUAL_BYTES: usize = 2048;

/// Writes one document into memory; the first fault is kept and told by [`Writer::finish`].
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    is_ascii: bool,
    /// Where the names of the open elements stand in the output, the root's first.
    open: Vec<Range<usize>>,
    /// Where the names of the attributes of the tag just begun stand.
    attributes: Vec<Range<usize>>,
    /// Whether the innermost start tag still lacks its `>`.
    in_tag: bool,
    has_root: bool,
    fault: Option<WriteError>,
}

/// The start tag just begun, to add attributes to.
#[derive(Debug)]
pub struct Tag<'w> {
    writer: &'w mut Writer,
}

/// Why what was written is not a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A name that XML does not allow, or that cannot be written in US-ASCII.
    #[error("a name that XML does not allow")]
    Name,
    /// An attribute that its element already has.
    #[error("an attribute that its element already has")]
    DuplicateAttribute,
    /// Text outside the root, a declaration after it, ends without start, starts without end, or not exactly one root.
    #[error("starts and ends that do not match, or not exactly one root")]
    Structure,
    /// A SYSTEM identifier with both kinds of quotes, or with characters that XML or US-ASCII forbid.
    #[error("a SYSTEM identifier that cannot be written")]
    SystemId,
    /// A raw fragment that is not well-formed.
    #[error("a raw fragment that is not well-formed")]
    Raw,
}

/// Special in character data.
const IN_TEXT: u8 = 1;
/// Special in attribute values.
const IN_ATTRIBUTE: u8 = 2;
/// Special in US-ASCII.
const BEYOND_ASCII: u8 = 4;
/// The first byte of the characters beyond US-ASCII that XML forbids, among others.
const MAYBE_FORBIDDEN: u8 = 8;

/// Where each byte is special; those of forbidden characters are everywhere.
static SPECIAL: [u8; 256] = {
    let mut special = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        special[byte] = match byte as u8 {
            b'&' | b'<' | b'>' | b'\r' => IN_TEXT | IN_ATTRIBUTE,
            b'"' | b'\t' | b'\n' => IN_ATTRIBUTE,
            0..0x20 => IN_TEXT | IN_ATTRIBUTE,
            0xEF => BEYOND_ASCII | MAYBE_FORBIDDEN,
            0x80.. => BEYOND_ASCII,
            _ => 0,
        };
        byte += 1;
    }
    special
};

impl Writer {
    /// A writer of UTF-8.
    pub fn new() -> Self {
        Writer {
            out: String::with_capacity(USUAL_BYTES),
            ..Writer::default()
        }
    }

    /// A writer of pure US-ASCII: everything else becomes a numeric character reference.
    pub fn ascii() -> Self {
        Writer {
            is_ascii: true,
            ..Writer::new()
        }
    }

    /// The XML declaration, naming UTF-8 (of which US-ASCII is a part).
    pub fn declaration(&mut self) {
        self.require(self.out.is_empty(), WriteError::Structure);
        self.out.push_str(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
    }

    /// The document type declaration with a SYSTEM identifier.
    pub fn doctype(&mut self, root: &str, system_id: &str) {
        self.require(!self.has_root, WriteError::Structure);
        self.require_name(root);
        let is_writable = system_id
            .chars()
            .all(|c| is_char(c) && (c.is_ascii() || !self.is_ascii));
        let quote = if system_id.contains('"') { '\'' } else { '"' };
        self.require(is_writable && !system_id.contains(quote), WriteError::SystemId);
        self.out.extend(["<!DOCTYPE ", root, " SYSTEM "]);
        self.out.push(quote);
        self.out.push_str(system_id);
        self.out.push(quote);
        self.out.push('>');
    }

    /// Begins an element.
    pub fn start(&mut self, name: &str) -> Tag<'_> {
        self.require_name(name);
        self.close_tag();
        self.require(!self.open.is_empty() || !self.has_root, WriteError::Structure);
        self.has_root = true;
        self.out.push('<');
        let at = self.out.len();
        self.out.push_str(name);
        self.open.push(at..self.out.len());
        self.attributes.clear();
        self.in_tag = true;
        Tag { writer: self }
    }

    /// Ends the innermost open element; one without content becomes an empty-element tag.
    pub fn end(&mut self) {
        let Some(name) = self.open.pop() else {
            return self.require(false, WriteError::Structure);
        };
        if std::mem::take(&mut self.in_tag) {
            self.out.push_str("/>");
        } else {
            self.out.push_str("</");
            self.out.extend_from_within(name);
            self.out.push('>');
        }
    }

    /// Character data; characters that XML forbids are left out.
    pub fn text(&mut self, text: &str) {
        self.require(!self.open.is_empty(), WriteError::Structure);
        if text.is_empty() {
            return;
        }
        self.close_tag();
        self.escape(text, IN_TEXT);
    }

    /// An element with nothing but text.
    pub fn leaf(&mut self, name: &str, text: &str) {
        self.start(name);
        self.text(text);
        self.end();
    }

    /// A well-formed fragment as written elsewhere (see [`Reader::raw`]): elements, text, references.
    ///
    /// In US-ASCII, a fragment with other characters is written anew: CDATA sections become text, and comments and
    /// processing instructions are left out.
    pub fn raw(&mut self, fragment: &str) {
        self.require(!self.open.is_empty(), WriteError::Structure);
        self.close_tag();
        if self.write_fragment(fragment).is_err() {
            self.require(false, WriteError::Raw);
        }
    }

    /// The document.
    ///
    /// # Errors
    ///
    /// The first fault in what was written.
    pub fn finish(mut self) -> Result<String, WriteError> {
        self.require(self.has_root && self.open.is_empty(), WriteError::Structure);
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.out),
        }
    }

    /// Checks a fragment by reading it as the content of an element, and writes it.
    fn write_fragment(&mut self, fragment: &str) -> Result<(), XmlError> {
        // The depth that is left here is the fragment's.
        let limits = Limits::default();
        let wrapped = format!("<x>{fragment}</x>");
        let mut reader = Reader::new(&wrapped, &limits)?;
        let root = reader.root()?;
        if self.is_ascii && !fragment.is_ascii() {
            self.write_anew(&mut reader, &root)?;
            return reader.finish();
        }
        reader.finish()?;
        self.out.push_str(fragment);
        Ok(())
    }

    fn write_anew<'x>(&mut self, reader: &mut Reader<'x>, parent: &Element<'x>) -> Result<(), XmlError> {
        while let Some(node) = reader.node(parent)? {
            match node {
                Node::Text(text) => self.text(&text),
                Node::Element(element) => {
                    let mut tag = self.start(element.name());
                    for attribute in element.attributes() {
                        tag = tag.attr(attribute.name, &attribute.value());
                    }
                    self.write_anew(reader, &element)?;
                    self.end();
                }
            }
        }
        Ok(())
    }

    fn close_tag(&mut self) {
        if std::mem::take(&mut self.in_tag) {
            self.out.push('>');
        }
    }

    fn require(&mut self, condition: bool, fault: WriteError) {
        if !condition {
            self.fault.get_or_insert(fault);
        }
    }

    fn require_name(&mut self, name: &str) {
        self.require(is_name(name) && (name.is_ascii() || !self.is_ascii), WriteError::Name);
    }

    /// Writes a text with the characters that are special there as references.
    fn escape(&mut self, text: &str, there: u8) {
        let special = there | if self.is_ascii { BEYOND_ASCII } else { MAYBE_FORBIDDEN };
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| SPECIAL[usize::from(byte)] & special != 0) {
            let (plain, from) = rest.split_at(at);
            self.out.push_str(plain);
            let mut chars = from.chars();
            match chars.next() {
                Some(c) if !is_char(c) => {}
                Some('&') => self.out.push_str("&amp;"),
                Some('<') => self.out.push_str("&lt;"),
                Some('>') => self.out.push_str("&gt;"),
                Some('"') => self.out.push_str("&quot;"),
                Some(c) if c.is_ascii() || self.is_ascii => self.reference(c),
                Some(c) => self.out.push(c),
                None => {}
            }
            rest = chars.as_str();
        }
        self.out.push_str(rest);
    }

    fn reference(&mut self, c: char) {
        // Writing to a string cannot fail.
        write!(self.out, "&#{};", u32::from(c)).unwrap_or_default();
    }
}

impl Tag<'_> {
    /// Adds an attribute; line ends and tabs become references, characters that XML forbids are left out.
    pub fn attr(self, name: &str, value: &str) -> Self {
        let writer = &mut *self.writer;
        writer.require_name(name);
        let is_duplicate = writer.attributes.iter().any(|other| writer.out[other.clone()] == *name);
        writer.require(!is_duplicate, WriteError::DuplicateAttribute);
        writer.out.push(' ');
        let at = writer.out.len();
        writer.out.push_str(name);
        writer.attributes.push(at..writer.out.len());
        writer.out.push_str("=\"");
        writer.escape(value, IN_ATTRIBUTE);
        writer.out.push('"');
        self
    }

    /// Adds an attribute if there is a value.
    pub fn attr_opt(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(write: impl Fn(&mut Writer), expect: Result<&str, WriteError>, expect_ascii: Result<&str, WriteError>) {
        for (mut writer, expect) in [(Writer::new(), expect), (Writer::ascii(), expect_ascii)] {
            write(&mut writer);
            assert_eq!(writer.finish(), expect.map(str::to_owned));
        }
    }

    fn both(write: impl Fn(&mut Writer), expect: Result<&str, WriteError>) {
        check(write, expect.clone(), expect);
    }

    #[test]
    fn documents() {
        both(|w| w.leaf("a", ""), Ok("<a/>"));
        both(
            |w| w.leaf("a", "1 < 2 & 3 > 2 ]]> \"'\n\r\t"),
            Ok("<a>1 &lt; 2 &amp; 3 &gt; 2 ]]&gt; \"'\n&#13;\t</a>"),
        );
        both(
            |w| {
                w.start("a")
                    .attr("b", "<&>\"'\n\r\t")
                    .attr_opt("c", None)
                    .attr_opt("d", Some(""));
                w.end();
            },
            Ok("<a b=\"&lt;&amp;&gt;&quot;'&#10;&#13;&#9;\" d=\"\"/>"),
        );
        both(
            |w| {
                w.declaration();
                w.doctype("a", "http://x.example/a.dtd");
                w.start("a");
                w.leaf("b", "c");
                w.start("d");
                w.end();
                w.text("e");
                w.end();
            },
            Ok(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!DOCTYPE a SYSTEM \"http://x.example/a.dtd\"><a><b>c</b><d/>e</a>",
            ),
        );
        both(|w| w.leaf("a", "b\0\u{1}\u{B}\u{FFFE}\u{FFFF}c"), Ok("<a>bc</a>"));
        check(
            |w| {
                w.start("a").attr("b", "é€");
                w.text("𝄞ß");
                w.end();
            },
            Ok("<a b=\"é€\">𝄞ß</a>"),
            Ok("<a b=\"&#233;&#8364;\">&#119070;&#223;</a>"),
        );
    }

    #[test]
    fn raw_fragments() {
        let raw = |fragment: &'static str| {
            move |w: &mut Writer| {
                w.start("a");
                w.raw(fragment);
                w.end();
            }
        };
        both(
            raw("<b c='1'/>&lt;<![CDATA[x]]><!-- y -->"),
            Ok("<a><b c='1'/>&lt;<![CDATA[x]]><!-- y --></a>"),
        );
        both(raw(""), Ok("<a></a>"));
        check(
            raw("<b c='é'>x<!-- é --><d/><![CDATA[<é>]]></b>é"),
            Ok("<a><b c='é'>x<!-- é --><d/><![CDATA[<é>]]></b>é</a>"),
            Ok("<a><b c=\"&#233;\">x<d/>&lt;&#233;&gt;</b>&#233;</a>"),
        );
        check(raw("<é/>"), Ok("<a><é/></a>"), Err(WriteError::Name));
        for fragment in [
            "<b>",
            "</a><a>",
            "</x><x>",
            "&b;",
            "<",
            "b]]>",
            "<b c='1' c='2'/>",
            "<?xml version='1.0'?>",
            "\u{1}",
        ] {
            both(raw(fragment), Err(WriteError::Raw));
        }
    }

    #[test]
    fn faults() {
        both(|_| {}, Err(WriteError::Structure));
        both(|w| w.end(), Err(WriteError::Structure));
        both(|w| w.text("a"), Err(WriteError::Structure));
        both(|w| w.raw("<a/>"), Err(WriteError::Structure));
        both(
            |w| {
                w.start("a");
            },
            Err(WriteError::Structure),
        );
        both(
            |w| {
                w.leaf("a", "");
                w.leaf("b", "");
            },
            Err(WriteError::Structure),
        );
        both(
            |w| {
                w.leaf("a", "");
                w.declaration();
            },
            Err(WriteError::Structure),
        );
        both(|w| w.leaf("a b", ""), Err(WriteError::Name));
        both(|w| w.leaf("", ""), Err(WriteError::Name));
        check(|w| w.leaf("é", "x"), Ok("<é>x</é>"), Err(WriteError::Name));
        both(
            |w| {
                w.start("a").attr("b", "c=\"").attr("d", "1").attr("b", "2");
                w.end();
            },
            Err(WriteError::DuplicateAttribute),
        );
        both(
            |w| {
                w.doctype("a", "\"'");
                w.leaf("a", "");
            },
            Err(WriteError::SystemId),
        );
    }
}
