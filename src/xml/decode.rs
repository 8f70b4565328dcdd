//! Bytes to text, once.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

use super::{Finding, FindingKind, Limits, Position, XmlError, XmlErrorKind};

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
/// Characters that XML forbids are refused by [`super::Reader::new`].
///
/// # Errors
///
/// Too many bytes, an encoding that is not supported, bytes that are malformed in it.
pub fn decode<'b>(bytes: &'b [u8], charset: Option<&str>, limits: &Limits) -> Result<Decoded<'b>, XmlError> {
    if bytes.len() > limits.document_bytes_max {
        let expected = format!("at most {} bytes", limits.document_bytes_max);
        return Err(error(XmlErrorKind::TooLarge, Position { line: 1, column: 1 }, expected));
    }
    let (mark, bytes) = split_mark(bytes)?;
    let declared = declared(bytes).map(Charset::named).transpose()?;
    let sent = charset
        .map(str::trim)
        .filter(|charset| !charset.is_empty())
        .map(Charset::named)
        .transpose()?;
    let wanted = mark
        .or(sent)
        .or_else(|| utf_16_order(bytes).map(Charset::of))
        .or(declared)
        .unwrap_or(UTF_8_CHARSET);

    let mut findings = Vec::new();
    let mut find = |kind| findings.push(Finding { kind, offset: 0 });
    let chosen = match (wanted.is_utf_16() && mark.is_none(), utf_16_order(bytes)) {
        (true, Some(order)) => Charset::of(order),
        (true, None) => {
            find(FindingKind::NotUtf16);
            UTF_8_CHARSET
        }
        (false, _) => wanted,
    };
    let is_ascii = bytes.is_ascii();
    if !is_ascii
        && [mark, sent, declared]
            .into_iter()
            .flatten()
            .any(|other| !other.agrees_with(wanted))
    {
        find(FindingKind::CharsetConflict);
    }
    if !is_ascii && chosen.name == US_ASCII {
        find(FindingKind::NotAscii);
    }
    let is_doubtful = mark.is_none() && sent.is_some() && chosen.encoding.is_single_byte();
    if is_doubtful && !is_ascii && std::str::from_utf8(bytes).is_ok() {
        find(FindingKind::CharsetDoubtful);
    }
    Ok(Decoded {
        text: chosen.decode(bytes)?,
        encoding: chosen.name,
        findings,
    })
}

fn error(kind: XmlErrorKind, position: Position, expected: impl Into<Cow<'static, str>>) -> XmlError {
    XmlError {
        kind,
        position,
        path: None,
        expected: expected.into(),
    }
}

fn unsupported() -> XmlError {
    let expected = "UTF-8, UTF-16, US-ASCII, ISO-8859 or Windows-125x";
    error(XmlErrorKind::Encoding, Position { line: 1, column: 1 }, expected)
}

const US_ASCII: &str = "US-ASCII";
const UTF_8_CHARSET: Charset = Charset {
    encoding: UTF_8,
    name: "UTF-8",
};

/// An encoding that is accepted, and the name it has here.
#[derive(Clone, Copy)]
struct Charset {
    encoding: &'static Encoding,
    name: &'static str,
}

impl Charset {
    fn of(encoding: &'static Encoding) -> Self {
        Charset {
            encoding,
            name: encoding.name(),
        }
    }

    /// By a label of the Encoding Standard: UTF-8, UTF-16 and everything of one byte a character.
    fn named(label: &str) -> Result<Self, XmlError> {
        let label = label.trim().to_ascii_lowercase();
        if matches!(label.as_str(), "us-ascii" | "ascii" | "ansi_x3.4-1968" | "iso-ir-6") {
            // Read as its superset: bytes beyond ASCII can then only be right or malformed, never mistaken.
            return Ok(Charset {
                encoding: UTF_8,
                name: US_ASCII,
            });
        }
        let encoding = Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(unsupported)?;
        if encoding == WINDOWS_1252 && !label.contains("1252") {
            // The Encoding Standard reads ISO-8859-1 as its superset, for its upper controls mean nothing in text.
            return Ok(Charset {
                encoding,
                name: "ISO-8859-1",
            });
        }
        let charset = Charset::of(encoding);
        let is_supported = encoding == UTF_8 || charset.is_utf_16() || encoding.is_single_byte();
        if is_supported && encoding != X_USER_DEFINED {
            Ok(charset)
        } else {
            Err(unsupported())
        }
    }

    fn is_utf_16(self) -> bool {
        self.encoding == UTF_16LE || self.encoding == UTF_16BE
    }

    fn agrees_with(self, other: Charset) -> bool {
        self.encoding == other.encoding || self.is_utf_16() && other.is_utf_16()
    }

    fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, XmlError> {
        if self.encoding == UTF_8 {
            return match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Cow::Borrowed(text)),
                Err(fault) => {
                    let valid = String::from_utf8_lossy(&bytes[..fault.valid_up_to()]);
                    let position = Position::of(&valid, valid.len());
                    Err(error(
                        XmlErrorKind::Encoding,
                        position,
                        format!("bytes that are {}", self.name),
                    ))
                }
            };
        }
        self.encoding
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or_else(|| {
                let expected = format!("bytes that are {}", self.name);
                error(XmlErrorKind::Encoding, Position { line: 1, column: 1 }, expected)
            })
    }
}

/// Takes a byte order mark off, and refuses what begins as UTF-32 or EBCDIC does (XML 1.0, appendix F).
fn split_mark(bytes: &[u8]) -> Result<(Option<Charset>, &[u8]), XmlError> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Ok((Some(UTF_8_CHARSET), rest)),
        [0x00, 0x00, 0xFE, 0xFF, ..] | [0xFF, 0xFE, 0x00, 0x00, ..] => Err(unsupported()),
        [0x00, 0x00, 0x00, b'<', ..] | [b'<', 0x00, 0x00, 0x00, ..] | [0x4C, 0x6F, 0xA7, 0x94, ..] => {
            Err(unsupported())
        }
        [0xFE, 0xFF, rest @ ..] => Ok((Some(Charset::of(UTF_16BE)), rest)),
        [0xFF, 0xFE, rest @ ..] => Ok((Some(Charset::of(UTF_16LE)), rest)),
        _ => Ok((None, bytes)),
    }
}

/// The byte order of UTF-16, which shows in an ASCII character at the beginning.
fn utf_16_order(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0, second, ..] if *second != 0 => Some(UTF_16BE),
        [first, 0, ..] if *first != 0 => Some(UTF_16LE),
        _ => None,
    }
}

/// The encoding that the XML declaration names.
fn declared(bytes: &[u8]) -> Option<&str> {
    // A declaration is short; what is longer than this is not one.
    const DECLARATION_BYTES_MAX: usize = 512;
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES_MAX)];
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = memchr::memchr(b'>', declaration)?;
    let declaration = std::str::from_utf8(&declaration[..end]).ok()?;
    let (_, after) = declaration.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split_once(quote).map(|(label, _)| label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    }

    fn with(prefix: &[u8], rest: &[u8]) -> Vec<u8> {
        [prefix, rest].concat()
    }

    type Expect = Result<(&'static str, &'static str, &'static [FindingKind]), XmlErrorKind>;

    fn check(bytes: &[u8], charset: Option<&str>, expect: Expect) {
        let decoded = decode(bytes, charset, &Limits::default());
        let found = decoded.map(|decoded| {
            let kinds: Vec<FindingKind> = decoded.findings.iter().map(|finding| finding.kind).collect();
            (decoded.text.into_owned(), decoded.encoding, kinds)
        });
        let expect = expect.map(|(text, encoding, kinds)| (text.to_owned(), encoding, kinds.to_vec()));
        assert_eq!(found.map_err(|fault| fault.kind), expect, "{bytes:?} as {charset:?}");
    }

    #[test]
    fn encodings() {
        use FindingKind::*;
        let utf_8_declared = "<?xml version='1.0' encoding='UTF-8'?><a>é</a>";
        let refused = Err(XmlErrorKind::Encoding);
        check(b"<a/>", None, Ok(("<a/>", "UTF-8", &[])));
        check(b"", None, Ok(("", "UTF-8", &[])));
        check("<a>é€</a>".as_bytes(), None, Ok(("<a>é€</a>", "UTF-8", &[])));
        check(
            "<a>é€</a>".as_bytes(),
            Some(" \"utf-8\" ".trim_matches([' ', '"'])),
            Ok(("<a>é€</a>", "UTF-8", &[])),
        );
        check("<a>é€</a>".as_bytes(), Some(""), Ok(("<a>é€</a>", "UTF-8", &[])));
        // A23, A22
        check(&with(b"\xEF\xBB\xBF", b"<a/>"), None, Ok(("<a/>", "UTF-8", &[])));
        check(
            &with(b"\xFE\xFF", &utf_16("<a>é</a>", true)),
            None,
            Ok(("<a>é</a>", "UTF-16BE", &[])),
        );
        check(
            &with(b"\xFF\xFE", &utf_16("<a>é</a>", false)),
            None,
            Ok(("<a>é</a>", "UTF-16LE", &[])),
        );
        check(&utf_16("<a>é</a>", true), None, Ok(("<a>é</a>", "UTF-16BE", &[])));
        check(
            &utf_16("<a>é</a>", false),
            Some("utf-16"),
            Ok(("<a>é</a>", "UTF-16LE", &[])),
        );
        check(
            &utf_16("<a>é</a>", true),
            Some("utf-16"),
            Ok(("<a>é</a>", "UTF-16BE", &[])),
        );
        check(
            &with(b"\xFE\xFF", &utf_16("<a>é</a>", true)),
            Some("UTF-16"),
            Ok(("<a>é</a>", "UTF-16BE", &[])),
        );
        check(
            b"<?xml version='1.0' encoding='utf-16'?><a/>",
            None,
            Ok(("<?xml version='1.0' encoding='utf-16'?><a/>", "UTF-8", &[NotUtf16])),
        );
        // Legacy encodings, by declaration and by transport.
        check(
            b"<?xml version='1.0' encoding='ISO-8859-15'?><a>\xA4</a>",
            None,
            Ok((
                "<?xml version='1.0' encoding='ISO-8859-15'?><a>€</a>",
                "ISO-8859-15",
                &[],
            )),
        );
        check(b"<a>\xE9</a>", Some("iso-8859-1"), Ok(("<a>é</a>", "ISO-8859-1", &[])));
        check(
            b"<a>\x80</a>",
            Some("Windows-1252"),
            Ok(("<a>€</a>", "windows-1252", &[])),
        );
        check(b"<a/>", Some("us-ascii"), Ok(("<a/>", "US-ASCII", &[])));
        check(
            "<a>é</a>".as_bytes(),
            Some("us-ascii"),
            Ok(("<a>é</a>", "US-ASCII", &[NotAscii])),
        );
        check(b"<a>\xE9</a>", Some("us-ascii"), refused);
        // A24: the transport decides, and the doubt is recorded.
        check(utf_8_declared.as_bytes(), None, Ok((utf_8_declared, "UTF-8", &[])));
        check(
            utf_8_declared.as_bytes(),
            Some("ISO-8859-1"),
            Ok((
                "<?xml version='1.0' encoding='UTF-8'?><a>Ã©</a>",
                "ISO-8859-1",
                &[CharsetConflict, CharsetDoubtful],
            )),
        );
        check(
            b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xC3\xA9</a>",
            Some("utf-8"),
            Ok((
                "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>",
                "UTF-8",
                &[CharsetConflict],
            )),
        );
        check(
            b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
            Some("utf-8"),
            Ok(("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "UTF-8", &[])),
        );
        // A21
        for label in [
            "UTF-7",
            "utf-32",
            "UTF-32LE",
            "IBM037",
            "ebcdic-us",
            "iso-2022-kr",
            "shift_jis",
            "x-user-defined",
            "nonsense",
        ] {
            check(b"<a/>", Some(label), refused);
            check(
                format!("<?xml version=\"1.0\" encoding=\"{label}\"?><a/>").as_bytes(),
                Some("utf-8"),
                refused,
            );
        }
        check(&with(b"\xFF\xFE\0\0", b"<\0\0\0"), None, refused);
        check(&with(b"\0\0\xFE\xFF", b"\0\0\0<"), None, refused);
        check(b"<\0\0\0a\0\0\0", None, refused);
        check(b"\0\0\0<\0\0\0a", None, refused);
        check(b"\x4C\x6F\xA7\x94\x93", None, refused);
        // A25
        for malformed in [
            &b"\xC0\xAF"[..],
            b"\xED\xA0\x80",
            b"\xFF",
            b"\xE9",
            b"\xF8\x88\x80\x80\x80",
            b"\xE2\x82",
        ] {
            check(&with(b"<a>", malformed), None, refused);
        }
        check(&with(b"\xFE\xFF", b"\0<\xD8\x00\0a"), None, refused);
        check(&with(b"\xFE\xFF", b"\0<\0"), None, refused);
    }

    #[test]
    fn zero_copy_and_limits() {
        let limits = Limits {
            document_bytes_max: 5,
            ..Limits::default()
        };
        assert!(matches!(
            decode("<é/>".as_bytes(), None, &limits).unwrap().text,
            Cow::Borrowed(_)
        ));
        let fault = decode(b"<abc/>", None, &limits).unwrap_err();
        assert_eq!(fault.kind, XmlErrorKind::TooLarge);
        let fault = decode(b"<a>\n\xC3\xA9\xE9", None, &Limits::default()).unwrap_err();
        assert_eq!(fault.to_string(), "line 2, column 2: expected bytes that are UTF-8");
    }
}
