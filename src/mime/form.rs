//! Documents in HTML forms: how a cart comes back through the browser (Reference Guide 4, "Packing and Decoding").

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A document taken from a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormDocument {
    /// The field's name as sent.
    pub field: String,
    /// The document's bytes.
    pub bytes: Vec<u8>,
    /// The encoding of the bytes where the form decides it: in a `cXML-urlencoded` field the document's own declaration
    /// is void (Reference Guide 4). `None` for base64, which carries the document as it was made.
    pub charset: Option<&'static str>,
}

/// A page with a form that holds a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormPage {
    /// Where the form is to be posted to.
    pub action: Option<String>,
    /// The document in it.
    pub document: FormDocument,
}

/// Why a form holds no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Neither field is there, or both are empty.
    #[error("expected a field `cxml-base64` or `cxml-urlencoded`")]
    NoField,
    /// One of the fields is there twice.
    #[error("expected the field only once")]
    Ambiguous,
    /// The content of `cxml-base64` is not base64.
    #[error("expected base64 in the field `cxml-base64`")]
    Base64,
}

const BASE64_FIELD: &str = "cxml-base64";
const URLENCODED_FIELD: &str = "cxml-urlencoded";

/// Reads the document from a body of type `application/x-www-form-urlencoded`.
///
/// Names are compared without case and base64 is preferred. Known mistakes are forgiven: plus signs of base64 that were
/// not escaped, line breaks in it, missing padding, and documents that were percent-encoded twice.
///
/// # Errors
///
/// No field with a document, one twice, or one that is not base64.
pub fn read_form(body: &[u8]) -> Result<FormDocument, FormError> {
    let fields = body.split(|&byte| byte == b'&').map(|pair| {
        let equals = memchr::memchr(b'=', pair).unwrap_or(pair.len());
        let (name, value) = pair.split_at(equals);
        (decode_form(name), value.strip_prefix(b"=").unwrap_or(value))
    });
    let (name, encoded) = choose(fields)?;
    let value = decode_form(encoded);
    if name.eq_ignore_ascii_case(BASE64_FIELD.as_bytes()) {
        let with_plus: Vec<u8> = value
            .iter()
            .map(|&byte| if byte == b' ' { b'+' } else { byte })
            .collect();
        return base64_document(&name, &with_plus);
    }
    Ok(text_document(&name, value))
}

/// Reads the document from an HTML page with a form, as a browser would submit it.
///
/// # Errors
///
/// As [`read_form`].
pub fn read_form_page(html: &str) -> Result<FormPage, FormError> {
    let mut action = None;
    let mut fields = Vec::new();
    for tag in tags(html) {
        match tag.name.to_ascii_lowercase().as_str() {
            "form" => action = tag.attribute("action").or(action),
            "input" => {
                if let (Some(name), Some(value)) = (tag.attribute("name"), tag.attribute("value")) {
                    fields.push((name.into_bytes(), value.into_bytes()));
                }
            }
            _ => {}
        }
    }
    let (name, value) = choose(fields.into_iter())?;
    let document = if name.eq_ignore_ascii_case(BASE64_FIELD.as_bytes()) {
        base64_document(&name, &value)?
    } else {
        text_document(&name, value)
    };
    Ok(FormPage { action, document })
}

/// The field to read: base64 if there is one with content, else the other.
fn choose<N: AsRef<[u8]>, V: AsRef<[u8]>>(fields: impl Iterator<Item = (N, V)>) -> Result<(N, V), FormError> {
    let (mut base64, mut urlencoded) = (None, None);
    for (name, value) in fields.filter(|(_, value)| !value.as_ref().trim_ascii().is_empty()) {
        let place = match name.as_ref() {
            name if name.eq_ignore_ascii_case(BASE64_FIELD.as_bytes()) => &mut base64,
            name if name.eq_ignore_ascii_case(URLENCODED_FIELD.as_bytes()) => &mut urlencoded,
            _ => continue,
        };
        if place.replace((name, value)).is_some() {
            return Err(FormError::Ambiguous);
        }
    }
    base64.or(urlencoded).ok_or(FormError::NoField)
}

/// Plus signs to spaces, then percent-decoding (URL Standard, 5.1).
fn decode_form(encoded: &[u8]) -> Vec<u8> {
    let spaced: Cow<'_, [u8]> = if memchr::memchr(b'+', encoded).is_some() {
        encoded
            .iter()
            .map(|&byte| if byte == b'+' { b' ' } else { byte })
            .collect()
    } else {
        encoded.into()
    };
    percent_encoding::percent_decode(&spaced).collect()
}

fn base64_document(name: &[u8], value: &[u8]) -> Result<FormDocument, FormError> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let compact: Vec<u8> = value
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let bytes = LENIENT.decode(compact).map_err(|_| FormError::Base64)?;
    Ok(FormDocument {
        field: String::from_utf8_lossy(name).into_owned(),
        bytes,
        charset: None,
    })
}

fn text_document(name: &[u8], mut value: Vec<u8>) -> FormDocument {
    // A document begins with `<`; one that begins with `%3C` was encoded by the shop and again by the browser.
    let begins_encoded = |value: &[u8]| {
        value
            .trim_ascii_start()
            .get(..3)
            .is_some_and(|s| s.eq_ignore_ascii_case(b"%3C"))
    };
    if begins_encoded(&value) {
        value = percent_encoding::percent_decode(&value).collect();
    }
    // Browsers send the page's encoding: UTF-8, or where a shop still has old pages, Windows-1252.
    let charset = if std::str::from_utf8(&value).is_ok() {
        "utf-8"
    } else {
        "windows-1252"
    };
    FormDocument {
        field: String::from_utf8_lossy(name).into_owned(),
        bytes: value,
        charset: Some(charset),
    }
}

/// A start tag of an HTML page.
struct HtmlTag<'h> {
    name: &'h str,
    attributes: Vec<(&'h str, &'h str)>,
}

impl HtmlTag<'_> {
    fn attribute(&self, name: &str) -> Option<String> {
        let found = self
            .attributes
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| unescape_html(value))
    }
}

/// The start tags of a page, as far as finding a form needs it: comments are passed over, scripts are not understood.
fn tags(html: &str) -> impl Iterator<Item = HtmlTag<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[memchr::memchr(b'<', rest.as_bytes())? + 1..];
            if let Some(comment) = rest.strip_prefix("!--") {
                rest = &comment[comment.find("-->")?..];
                continue;
            }
            if !rest.starts_with(|first: char| first.is_ascii_alphabetic()) {
                continue;
            }
            let name_end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let (name, after) = rest.split_at(name_end);
            let (attributes, after) = html_attributes(after);
            rest = after;
            return Some(HtmlTag { name, attributes });
        }
    })
}

/// The attributes of a tag from after its name, and what follows its `>`.
fn html_attributes(tag: &str) -> (Vec<(&str, &str)>, &str) {
    let mut attributes = Vec::new();
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return (attributes, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (attributes, after);
        }
        let is_name_end = |c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/');
        // A stray `=` begins a name (HTML Standard, 13.2.5.32), so that every turn takes something.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let name_end = rest[first..]
            .find(is_name_end)
            .map_or(rest.len(), |length| first + length);
        let (name, after) = rest.split_at(name_end);
        let Some(after) = after.trim_ascii_start().strip_prefix('=') else {
            attributes.push((name, ""));
            rest = after;
            continue;
        };
        let after = after.trim_ascii_start();
        let (value, after) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            _ => after.split_at(
                after
                    .find(|c: char| c.is_ascii_whitespace() || c == '>')
                    .unwrap_or(after.len()),
            ),
        };
        attributes.push((name, value));
        rest = after;
    }
}

/// Resolves the references that pages use in forms: numbers and the five of XML. Others stay as they are.
fn unescape_html(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        // References are short; looking further would take long on a page full of `&`.
        let length = after.bytes().take(12).position(|byte| byte == b';');
        let reference = length.and_then(|length| Some((html_reference(&after[..length])?, &after[length + 1..])));
        match reference {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn html_reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}
