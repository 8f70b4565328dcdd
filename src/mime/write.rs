//! Writing multipart/related.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::MimeError;

/// A part to be written.
#[derive(Debug, Clone, Copy)]
pub struct OutgoingPart<'a> {
    /// The `Content-Type` header.
    pub content_type: &'a str,
    /// The Content-ID, without angle brackets.
    pub content_id: &'a str,
    /// The file name, for attachments.
    pub file_name: Option<&'a str>,
    /// The content.
    pub body: &'a [u8],
}

/// Writes a document and its attachments as multipart/related, and returns the `Content-Type` header and the body.
///
/// Lines end in CRLF and nothing precedes the first boundary, for there are receivers that fail otherwise. The root
/// goes as it is, attachments in base64. `boundary` must be new for each message (see [`crate::clock::Clock`]).
///
/// # Errors
///
/// A header value that cannot be one, or a boundary that occurs in the root.
pub fn write_related(
    root: &OutgoingPart<'_>,
    attachments: &[OutgoingPart<'_>],
    boundary: &str,
) -> Result<(String, Vec<u8>), MimeError> {
    let is_boundary_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    let is_in_root = memchr::memmem::find(root.body, format!("--{boundary}").as_bytes()).is_some();
    if boundary.is_empty() || boundary.len() > 70 || !boundary.bytes().all(is_boundary_byte) || is_in_root {
        return Err(MimeError::Boundary);
    }
    let root_type = root.content_type.split(';').next().unwrap_or_default().trim();
    let header = format!(
        "multipart/related; boundary=\"{boundary}\"; type=\"{root_type}\"; start=\"<{}>\"",
        checked(root.content_id)?
    );
    let mut body = Vec::new();
    write_head(&mut body, root, "8bit", boundary)?;
    body.extend_from_slice(root.body);
    for part in attachments {
        body.extend_from_slice(b"\r\n");
        write_head(&mut body, part, "base64", boundary)?;
        write_base64(&mut body, part.body);
    }
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Ok((header, body))
}

fn write_head(
    out: &mut Vec<u8>,
    part: &OutgoingPart<'_>,
    transfer_encoding: &str,
    boundary: &str,
) -> Result<(), MimeError> {
    let content_id = checked(part.content_id)?;
    if content_id.is_empty() || content_id.contains(['<', '>', ' ', '"']) {
        return Err(MimeError::HeaderValue);
    }
    let mut head = format!(
        "--{boundary}\r\nContent-Type: {}\r\nContent-Transfer-Encoding: {transfer_encoding}\r\nContent-ID: <{content_id}>\r\n",
        checked(part.content_type)?
    );
    if let Some(file_name) = part.file_name {
        head.push_str(&format!(
            "Content-Disposition: attachment; filename=\"{}\"\r\n",
            encoded_file_name(file_name)?
        ));
    }
    head.push_str("\r\n");
    out.extend_from_slice(head.as_bytes());
    Ok(())
}

/// A header value of printable ASCII.
fn checked(value: &str) -> Result<&str, MimeError> {
    let is_printable = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_printable {
        Ok(value)
    } else {
        Err(MimeError::HeaderValue)
    }
}

/// A file name for a quoted parameter: as it is, or in encoded words (RFC 2047), which the networks ask for.
///
/// Quotes and backslashes, which receivers undo differently, become underscores.
fn encoded_file_name(file_name: &str) -> Result<String, MimeError> {
    // An encoded word has at most 75 characters: 12 around the base64 of at most 45 bytes.
    const WORD_BYTES_MAX: usize = 45;
    if file_name.contains(char::is_control) {
        return Err(MimeError::HeaderValue);
    }
    let file_name = file_name.replace(['"', '\\'], "_");
    if file_name.is_ascii() && !file_name.contains("=?") {
        return Ok(file_name);
    }
    let mut words = Vec::new();
    let mut rest = file_name.as_str();
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.floor_char_boundary(WORD_BYTES_MAX));
        words.push(format!("=?UTF-8?B?{}?=", STANDARD.encode(word)));
        rest = after;
    }
    Ok(words.join(" "))
}

/// Base64 in lines of 76 columns.
fn write_base64(out: &mut Vec<u8>, body: &[u8]) {
    const LINE_BYTES: usize = 76 / 4 * 3;
    for (ordinal, line) in body.chunks(LINE_BYTES).enumerate() {
        if ordinal > 0 {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(STANDARD.encode(line).as_bytes());
    }
}
