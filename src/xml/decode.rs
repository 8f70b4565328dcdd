//! Bytes to text, once.

use std::borrow::Cow;

use super::{Finding, Limits, XmlError};

/// A document as text, with the encoding it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'b> {
    /// The document without byte order mark; borrowed where the bytes are UTF-8.
    pub text: Cow<'b, str>,
    /// The name of the encoding (`UTF-8`, `UTF-16LE`, `ISO-8859-1`, …).
    pub encoding: &'static str,
    /// What was unusual about the encoding.
    pub findings: Vec<Finding>,
}

/// Decodes by byte order mark, else by the transport's `charset`, else by the XML declaration, else as UTF-8
/// (RFC 7303).
///
/// # Errors
///
/// Too many bytes, an encoding that is not supported, bytes that are malformed in it.
pub fn decode<'b>(_bytes: &'b [u8], _charset: Option<&str>, _limits: &Limits) -> Result<Decoded<'b>, XmlError> {
    unimplemented!()
}
