//! Reading multipart/related and multipart/mixed.

use std::borrow::Cow;
use std::collections::HashSet;

use mailparse::{MailHeader, MailHeaderMap, ParsedContentType};
use memchr::memmem::Finder;
use percent_encoding::percent_decode_str;

use super::{ContentType, Limits, MimeError};

/// A multipart message; parts borrow from it where they are not encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'b> {
    parts: Vec<Part<'b>>,
    root: usize,
}

/// One part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'b> {
    /// What the part says it is; `text/plain` where it says nothing (RFC 2045).
    pub content_type: ContentType,
    /// The Content-ID without its angle brackets.
    pub content_id: Option<String>,
    /// The file name that the sender gave it: for show, never a path.
    pub file_name: Option<String>,
    /// The field of a form that it is the value of (RFC 7578).
    pub field: Option<String>,
    /// The content, its transfer encoding undone.
    pub body: Cow<'b, [u8]>,
    /// The parts of the part, where it is multipart itself (cXML `CopyRequest` forwards messages so).
    pub message: Option<Message<'b>>,
}

impl<'b> Message<'b> {
    /// The part that the parameter `start` names, else the first (RFC 2387).
    pub fn root(&self) -> &Part<'b> {
        &self.parts[self.root]
    }

    /// All parts, in order.
    pub fn parts(&self) -> &[Part<'b>] {
        &self.parts
    }

    /// All parts but the root, in order.
    pub fn attachments(&self) -> impl Iterator<Item = &Part<'b>> {
        self.parts
            .iter()
            .enumerate()
            .filter(|(ordinal, _)| *ordinal != self.root)
            .map(|(_, part)| part)
    }

    /// The part that a `cid:` URL names.
    ///
    /// # Errors
    ///
    /// The URL is of another kind, or names no part.
    pub fn part(&self, url: &str) -> Result<&Part<'b>, MimeError> {
        let wanted = content_id_of_url(url).ok_or(MimeError::NoSuchPart)?;
        self.parts
            .iter()
            .find(|part| part.content_id.as_deref() == Some(&wanted))
            .ok_or(MimeError::NoSuchPart)
    }
}

/// The Content-ID that a `cid:` URL names (RFC 2392): decoded once, without angle brackets, blanks around it ignored.
pub fn content_id_of_url(url: &str) -> Option<String> {
    let (scheme, encoded) = url.trim().split_once(':')?;
    if !scheme.eq_ignore_ascii_case("cid") {
        return None;
    }
    let decoded = percent_decode_str(encoded.trim()).decode_utf8().ok()?;
    Some(without_brackets(&decoded).to_owned()).filter(|id| !id.is_empty())
}

/// Reads a message, given its `Content-Type` header and its body.
///
/// # Errors
///
/// Not multipart, cut off, ambiguous, or beyond a limit.
pub fn read<'b>(content_type: &str, body: &'b [u8], limits: &Limits) -> Result<Message<'b>, MimeError> {
    let mut parts_left = limits.parts_max;
    read_message(&ContentType::parse(content_type), body, limits, &mut parts_left, 1)
}

fn read_message<'b>(
    content_type: &ContentType,
    body: &'b [u8],
    limits: &Limits,
    parts_left: &mut usize,
    depth: usize,
) -> Result<Message<'b>, MimeError> {
    if !content_type.is_multipart() {
        return Err(MimeError::NotMultipart);
    }
    if depth > limits.depth_max {
        return Err(MimeError::TooDeep);
    }
    let sources = split(body, content_type.boundary.as_deref().unwrap_or_default(), parts_left)?;
    let parts: Vec<Part<'b>> = sources
        .into_iter()
        .map(|source| read_part(source, limits, parts_left, depth))
        .collect::<Result<_, MimeError>>()?;
    let mut ids = HashSet::new();
    if !parts
        .iter()
        .filter_map(|part| part.content_id.as_deref())
        .all(|id| ids.insert(id))
    {
        return Err(MimeError::DuplicateContentId);
    }
    let start = content_type
        .start
        .as_deref()
        .map(without_brackets)
        .filter(|start| !start.is_empty());
    let root = match start {
        Some(start) => {
            let found = parts.iter().position(|part| part.content_id.as_deref() == Some(start));
            found.ok_or(MimeError::NoRoot)?
        }
        None => 0,
    };
    Ok(Message { parts, root })
}

/// Cuts a body at its boundary lines (RFC 2046, 5.1.1); what is before the first and after the last is ignored.
fn split<'b>(body: &'b [u8], boundary: &str, parts_left: &mut usize) -> Result<Vec<&'b [u8]>, MimeError> {
    const BOUNDARY_BYTES_MAX: usize = 200;
    if boundary.is_empty() || boundary.len() > BOUNDARY_BYTES_MAX || boundary.contains(char::is_control) {
        return Err(MimeError::Boundary);
    }
    let dashed = format!("--{boundary}");
    let finder = Finder::new(&dashed);
    let mut parts = Vec::new();
    let mut part_start = None;
    let mut at = 0;
    while let Some(found) = finder.find(&body[at..]) {
        let line_start = at + found;
        at = line_start + 1;
        let is_at_line_start = line_start == 0 || body[line_start - 1] == b'\n';
        let Some((is_last, line_end)) = boundary_line_end(body, line_start + dashed.len()).filter(|_| is_at_line_start)
        else {
            continue;
        };
        if let Some(part_start) = part_start {
            *parts_left = parts_left.checked_sub(1).ok_or(MimeError::TooManyParts)?;
            // The line end before a boundary line belongs to it; a part without anything has none of its own.
            parts.push(without_line_end(&body[part_start..line_start.max(part_start)]));
        }
        if is_last {
            return if parts.is_empty() {
                Err(MimeError::NoParts)
            } else {
                Ok(parts)
            };
        }
        part_start = Some(line_end);
        at = line_end;
    }
    Err(if part_start.is_some() {
        MimeError::NotClosed
    } else {
        MimeError::NoParts
    })
}

/// What follows a boundary at `at`: whether it is the last, and where the next line begins; `None` if the line goes on.
fn boundary_line_end(body: &[u8], at: usize) -> Option<(bool, usize)> {
    let rest = &body[at..];
    let (is_last, rest) = match rest.strip_prefix(b"--") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let end = match &rest[blanks..] {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        [] if is_last => 0,
        _ => return None,
    };
    Some((is_last, body.len() - rest.len() + blanks + end))
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    bytes
        .strip_suffix(b"\r\n")
        .or_else(|| bytes.strip_suffix(b"\n"))
        .unwrap_or(bytes)
}

fn read_part<'b>(
    source: &'b [u8],
    limits: &Limits,
    parts_left: &mut usize,
    depth: usize,
) -> Result<Part<'b>, MimeError> {
    let (headers, body) = split_headers(source, limits)?;
    let header = headers.get_first_value("Content-Type");
    let parsed = header.as_deref().map(mailparse::parse_content_type).unwrap_or_default();
    let transfer_encoding = headers.get_first_value("Content-Transfer-Encoding");
    let body = decode_body(body, &parsed, transfer_encoding)?;
    let mut content_type = ContentType::from(parsed);
    let mut disposition = headers
        .get_first_value("Content-Disposition")
        .map(|header| mailparse::parse_content_disposition(&header).params)
        .unwrap_or_default();
    let file_name = disposition
        .remove("filename")
        .or_else(|| content_type.name.take())
        .filter(|file_name| !file_name.is_empty());
    let message = match &body {
        Cow::Borrowed(body) if content_type.is_multipart() => {
            Some(read_message(&content_type, body, limits, parts_left, depth + 1)?)
        }
        // A multipart may not be encoded as a whole (RFC 2045, 6.4).
        Cow::Owned(_) if content_type.is_multipart() => return Err(MimeError::TransferEncoding),
        _ => None,
    };
    Ok(Part {
        content_id: content_id(&headers),
        content_type,
        file_name,
        field: disposition.remove("name"),
        body,
        message,
    })
}

/// The headers of a part and what follows the empty line after them.
fn split_headers<'b>(source: &'b [u8], limits: &Limits) -> Result<(Vec<MailHeader<'b>>, &'b [u8]), MimeError> {
    let head = &source[..source.len().min(limits.header_bytes_max)];
    let empty_line = [&b"\n\r\n"[..], b"\n\n"].map(|end| memchr::memmem::find(head, end));
    let length = match empty_line.into_iter().flatten().min() {
        _ if source.starts_with(b"\n") || source.starts_with(b"\r\n") => 0,
        Some(end) => end + 1,
        // Nothing but headers: the line end of the empty line belongs to the boundary.
        None if source.len() == head.len() && source.ends_with(b"\n") => source.len(),
        None => return Err(MimeError::Headers),
    };
    let body = &source[length..];
    let body = body
        .strip_prefix(b"\r\n")
        .or_else(|| body.strip_prefix(b"\n"))
        .unwrap_or(body);
    let (headers, _) = mailparse::parse_headers(&source[..length]).map_err(|_| MimeError::Headers)?;
    Ok((headers, body))
}

/// The Content-ID; a sender is known that leaves out the colon (`Content-ID<0>`).
fn content_id(headers: &[MailHeader<'_>]) -> Option<String> {
    const NAME: &str = "Content-ID";
    let without_colon = || {
        let key = headers.iter().map(MailHeader::get_key).find(|key| {
            key.get(..NAME.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(NAME))
                && key[NAME.len()..].starts_with('<')
        });
        key.map(|key| key[NAME.len()..].to_owned())
    };
    let value = headers.get_first_value(NAME).or_else(without_colon)?;
    Some(without_brackets(&value).to_owned()).filter(|id| !id.is_empty())
}

fn without_brackets(id: &str) -> &str {
    let id = id.trim();
    id.strip_prefix('<')
        .and_then(|id| id.strip_suffix('>'))
        .unwrap_or(id)
        .trim()
}

/// Undoes a transfer encoding (RFC 2045, 6).
fn decode_body<'b>(
    body: &'b [u8],
    content_type: &ParsedContentType,
    transfer_encoding: Option<String>,
) -> Result<Cow<'b, [u8]>, MimeError> {
    let transfer_encoding = transfer_encoding.map(|value| value.trim().to_ascii_lowercase());
    match transfer_encoding.as_deref() {
        None | Some("" | "7bit" | "8bit" | "binary") => return Ok(Cow::Borrowed(body)),
        Some("base64" | "quoted-printable") => {}
        Some(_) => return Err(MimeError::TransferEncoding),
    }
    match mailparse::body::Body::new(body, content_type, &transfer_encoding) {
        mailparse::body::Body::Base64(encoded) | mailparse::body::Body::QuotedPrintable(encoded) => encoded
            .get_decoded()
            .map(Cow::Owned)
            .map_err(|_| MimeError::TransferEncoding),
        _ => Err(MimeError::TransferEncoding),
    }
}
