//! Reading: one pass over the source, strict about the structure, lenient about the rest.

use crate::xml::{self, Position, XmlError};

/// What was off the rules but could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// The first of them.
    pub list: Vec<Finding>,
    /// How many there were altogether.
    pub count: usize,
}

/// Something off the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// Element, or element and attribute, that it is about.
    pub subject: String,
    /// Byte offset in the source text.
    pub offset: usize,
}

/// Kinds of what was off the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// Off the rules of XML or of its transport.
    Xml(xml::FindingKind),
    /// An element that the grammar does not give to its parent; kept.
    UnknownElement,
    /// An attribute that the grammar does not give to its element; kept.
    UnknownAttribute,
    /// An element that may stand once stands again; kept.
    Repeated,
    /// An element stands after one that it must precede; read.
    OutOfOrder,
    /// An attribute's word is none of the grammar's; kept.
    UnknownWord,
    /// The root is `cxml`.
    LowerCaseRoot,
    /// The document type declaration names the root in another case.
    DoctypeName,
    /// The document type declaration points outside `xml.cxml.org`; never followed.
    ForeignDoctype,
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not XML, or beyond a limit of the reader.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// XML, but no cXML document.
    #[error("{position}: {fault}")]
    Structure {
        /// What is wrong.
        fault: Fault,
        /// Where it is.
        position: Position,
    },
    /// More lines than allowed.
    #[error("more than {lines_max} lines")]
    TooManyLines {
        /// The limit.
        lines_max: usize,
    },
    /// More elements than allowed.
    #[error("more than {elements_max} elements")]
    TooManyElements {
        /// The limit.
        elements_max: usize,
    },
}

/// What keeps XML from being a cXML document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The root is something else.
    #[error("expected the root element cXML")]
    Root,
    /// The root is a SOAP envelope.
    #[error("expected a cXML document without SOAP envelope")]
    Soap,
    /// An element of the envelope has a name space prefix.
    #[error("expected cXML elements without name space prefix")]
    Prefixed,
    /// The document type declaration names another root.
    #[error("expected the root element that the document type declaration names")]
    Doctype,
    /// A second header.
    #[error("expected one Header")]
    SecondHeader,
    /// A second request, message or response.
    #[error("expected one of Request, Message and Response")]
    SecondBody,
    /// No request, message or response.
    #[error("expected a Request, a Message or a Response")]
    NoBody,
    /// Nothing inside the request or message.
    #[error("expected an element that says what is asked")]
    NoPayload,
}

/// What is tolerated and how much is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Reads a root `cxml`, which some senders write.
    pub lower_case_root: bool,
    /// Reads a document without request, message or response.
    pub body_optional: bool,
    /// Most lines of a cart or order; 10,000 is what SAP Business Network carries.
    pub lines_max: usize,
    /// Most elements read into types, which bounds memory.
    pub elements_max: usize,
    /// Most findings kept.
    pub findings_max: usize,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions {
            lower_case_root: false,
            body_optional: false,
            lines_max: 10_000,
            elements_max: 1_000_000,
            findings_max: 100,
        }
    }
}
