//! Why a document cannot be read.

use std::borrow::Cow;

use super::Position;

/// Why, where, and what was expected instead; it never quotes the document beyond element and attribute names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{position}{}: expected {expected}", .path.as_ref().map(|path| format!(", in {path}")).unwrap_or_default())]
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

/// The classes of [`XmlError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XmlErrorKind {
    /// The text does not follow XML 1.0.
    NotWellFormed,
    /// The bytes are not in the encoding they claim, or the encoding is not supported.
    Encoding,
    /// Well-formed, but refused for safety: declarations in the internal subset, entities.
    Forbidden,
    /// Structure beyond a limit: depth, number of attributes, length of names.
    TooComplex,
    /// More bytes than a limit allows: the document, an attribute value, a text.
    TooLarge,
}
