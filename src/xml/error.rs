//! Why a document cannot be read.

use std::borrow::Cow;
use std::fmt;

use super::Position;

/// Why, where, and what was expected instead; it never quotes the document beyond element and attribute names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlError {
    /// The class of the fault, which decides the answer.
    pub kind: XmlErrorKind,
    /// Where in the decoded text.
    pub position: Position,
    /// The open elements from the root, joined by `/`; none outside the root.
    pub path: Option<String>,
    /// What should have been there, in English.
    pub expected: Cow<'static, str>,
}

impl std::error::Error for XmlError {}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.position)?;
        if let Some(path) = &self.path {
            write!(f, ", in {path}")?;
        }
        write!(f, ": expected {}", self.expected)
    }
}

impl From<Box<XmlError>> for XmlError {
    fn from(error: Box<XmlError>) -> XmlError {
        *error
    }
}

/// The classes of [`XmlError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XmlErrorKind {
    /// The text does not follow XML 1.0.
    NotWellFormed,
    /// The bytes are not in the encoding they claim, or the encoding is not supported.
    Encoding,
    /// Refused for safety: declarations in the internal subset.
    Forbidden,
    /// Structure beyond a limit: depth, number of attributes, length of names.
    TooComplex,
    /// More bytes than a limit allows: the document, an attribute value, a text.
    TooLarge,
}
