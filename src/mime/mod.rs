//! Bodies that wrap a document: multipart in and out, and HTML forms.
//!
//! Reading is over mailparse for headers, parameters and transfer encodings; where parts begin and end is found here,
//! exactly and within limits.

mod form;
mod read;
mod write;

pub use form::{FormDocument, FormError, FormPage, read_form, read_form_page};
pub use read::{Message, Part, content_id_of_url, read};
pub use write::{OutgoingPart, write_related};

use mailparse::ParsedContentType;

/// What a multipart message may cost to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Parts of one message, those of nested messages included; 100.
    pub parts_max: usize,
    /// Multiparts within each other; 3, one more than a copied message with attachments needs.
    pub depth_max: usize,
    /// Bytes of the headers of one part; 16 KiB.
    pub header_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            parts_max: 100,
            depth_max: 3,
            header_bytes_max: 16 << 10,
        }
    }
}

/// Why a multipart message cannot be read or written; it never quotes the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MimeError {
    /// The content type is not multipart.
    #[error("expected a multipart content type")]
    NotMultipart,
    /// No boundary, or one that cannot be.
    #[error("expected a boundary of 1 to 200 printable characters in the content type")]
    Boundary,
    /// No part begins.
    #[error("expected a part after a boundary line")]
    NoParts,
    /// The last boundary line is missing: the message was cut off.
    #[error("expected a closing boundary line")]
    NotClosed,
    /// Headers that cannot be read, or too many.
    #[error("expected readable headers, then an empty line, in every part")]
    Headers,
    /// A transfer encoding that is unknown, or a body that is not in it.
    #[error("expected a body in 7bit, 8bit, binary, base64 or quoted-printable")]
    TransferEncoding,
    /// Two parts with one Content-ID.
    #[error("expected a different Content-ID on every part")]
    DuplicateContentId,
    /// `start` names no part.
    #[error("expected the part that the parameter `start` names")]
    NoRoot,
    /// A `cid:` URL that names no part.
    #[error("expected the part that a `cid:` URL names")]
    NoSuchPart,
    /// More parts than the limit.
    #[error("expected fewer parts")]
    TooManyParts,
    /// Multiparts nested deeper than the limit.
    #[error("expected multiparts nested less deeply")]
    TooDeep,
    /// A header to be written that holds a line end or another character that headers cannot hold.
    #[error("expected a header without line ends and control characters")]
    HeaderValue,
}

/// A `Content-Type` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType {
    /// `type/subtype`, in lower case.
    pub media_type: String,
    /// The parameter `charset`.
    pub charset: Option<String>,
    /// The parameter `boundary`, with or without quotes, blanks included.
    boundary: Option<String>,
    /// The parameter `start`.
    start: Option<String>,
    /// The parameter `name`.
    name: Option<String>,
}

impl ContentType {
    /// Reads a header's value as leniently as senders write it.
    pub fn parse(header: &str) -> Self {
        Self::from(mailparse::parse_content_type(header))
    }

    /// Whether the body has parts.
    pub fn is_multipart(&self) -> bool {
        self.media_type.starts_with("multipart/")
    }
}

impl From<ParsedContentType> for ContentType {
    fn from(parsed: ParsedContentType) -> Self {
        let mut params = parsed.params;
        ContentType {
            media_type: parsed.mimetype.trim().to_owned(),
            charset: params.remove("charset").filter(|charset| !charset.is_empty()),
            boundary: params.remove("boundary"),
            start: params.remove("start"),
            name: params.remove("name"),
        }
    }
}
