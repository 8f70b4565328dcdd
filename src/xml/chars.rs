//! The characters of XML 1.0: which are allowed, which make names, what references stand for.

use std::borrow::Cow;

/// Blank space (production 3).
#[inline]
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// How many bytes of blank space a text begins with.
#[inline]
pub(super) fn blanks_len(bytes: &[u8]) -> usize {
    // Indentation is a line feed and then spaces, often many.
    const SPACES: [u8; 8] = [b' '; 8];
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if !is_blank(byte) {
            break;
        }
        at += 1;
        while bytes.get(at..at + 8).is_some_and(|next| next == SPACES) {
            at += 8;
        }
    }
    at
}

/// Whether a character may stand in a document (production 2).
pub(super) fn is_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// The offset of the first character that may not stand in a document.
pub(super) fn first_forbidden(text: &str) -> Option<usize> {
    // A block at a time without a branch inside, so that the compiler uses wide registers.
    const BLOCK: usize = 64;
    let is_control = |byte: u8| byte < 0x20 && byte != b'\t' && byte != b'\n' && byte != b'\r';
    let bytes = text.as_bytes();
    let mut at = 0;
    for block in bytes.chunks(BLOCK) {
        let suspicious = block
            .iter()
            .fold(false, |any, &byte| any | is_control(byte) | (byte == 0xEF));
        // Only U+FFFE and U+FFFF are forbidden beyond the controls; both begin with EF BF.
        if suspicious {
            let forbidden = block.iter().enumerate().find(|&(ordinal, &byte)| {
                let rest = &bytes[at + ordinal..];
                is_control(byte) || rest.starts_with(b"\xEF\xBF\xBE") || rest.starts_with(b"\xEF\xBF\xBF")
            });
            if let Some((ordinal, _)) = forbidden {
                return Some(at + ordinal);
            }
        }
        at += block.len();
    }
    None
}

const NAME: u8 = 1;
const NAME_START: u8 = 2;
const BEYOND_ASCII: u8 = 4;

/// The role of every byte in a name.
static ROLE: [u8; 256] = {
    let mut role = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        role[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' | b':' => NAME | NAME_START,
            b'0'..=b'9' | b'-' | b'.' => NAME,
            0x80.. => BEYOND_ASCII,
            _ => 0,
        };
        byte += 1;
    }
    role
};

/// The length in bytes of the name that a text begins with (production 5); zero if it begins with none.
#[inline]
pub(super) fn name_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(&first) if ROLE[usize::from(first)] & (NAME_START | BEYOND_ASCII) != 0 => {}
        _ => return 0,
    }
    let ascii_len = bytes
        .iter()
        .take_while(|&&byte| ROLE[usize::from(byte)] & NAME != 0)
        .count();
    match bytes.get(ascii_len) {
        Some(&byte) if ROLE[usize::from(byte)] == BEYOND_ASCII => name_len_by_char(text),
        _ => ascii_len,
    }
}

#[cold]
fn name_len_by_char(text: &str) -> usize {
    let end = text
        .char_indices()
        .find(|&(at, c)| !(is_name_start(c) || at > 0 && is_name_rest(c)));
    end.map_or(text.len(), |(at, _)| at)
}

/// Whether the whole text is one name.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && name_len(text) == text.len()
}

/// Whether the whole text is one name token (production 7).
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| is_name_start(c) || is_name_rest(c))
}

/// Production 4.
fn is_name_start(c: char) -> bool {
    matches!(c, ':' | 'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// What production 4a adds to production 4.
fn is_name_rest(c: char) -> bool {
    matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// What a reference stands for, given what is between `&` and `;`: the five predefined entities and character
/// references (productions 66 and 68).
pub(super) fn resolve(reference: &str) -> Option<char> {
    Some(match reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = reference.strip_prefix('#')?;
            let (digits, radix) = match number.strip_prefix('x') {
                Some(digits) => (digits, 16),
                None => (number, 10),
            };
            if !digits.bytes().all(|digit| char::from(digit).is_digit(radix)) {
                return None;
            }
            let c = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32)?;
            is_char(c).then_some(c)?
        }
    })
}

/// Character data with its line ends normalised (XML 1.0, 2.11).
pub(super) fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut normal = String::with_capacity(text.len());
    for (ordinal, part) in text.split('\r').enumerate() {
        if ordinal > 0 && !part.starts_with('\n') {
            normal.push('\n');
        }
        normal.push_str(part);
    }
    Cow::Owned(normal)
}

/// Whether there is neither a `&` nor a control character: nothing to normalise.
fn is_normal(bytes: &[u8]) -> bool {
    // Eight bytes at a time; the highest bit of a byte of the result tells that it is one of those.
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let has_special = |chunk: &[u8; 8]| {
        let chunk = u64::from_le_bytes(*chunk);
        let is_control = chunk.wrapping_sub(EACH * u64::from(b' ')) & !chunk;
        let no_ampersand = chunk ^ (EACH * u64::from(b'&'));
        let is_ampersand = no_ampersand.wrapping_sub(EACH) & !no_ampersand;
        (is_control | is_ampersand) & (EACH * 0x80) != 0
    };
    let (chunks, rest) = bytes.as_chunks::<8>();
    !chunks.iter().any(has_special) && !rest.iter().any(|&byte| byte == b'&' || byte < b' ')
}

/// An attribute value as written, normalised: references resolved, blanks as spaces (XML 1.0, 3.3.3, CDATA).
pub(super) fn attribute_value(raw: &str) -> Cow<'_, str> {
    if is_normal(raw.as_bytes()) {
        return Cow::Borrowed(raw);
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r']) {
        let (before, special) = rest.split_at(at);
        value.push_str(before);
        rest = &special[1..];
        if special.starts_with('&') {
            let (reference, after) = rest.split_once(';').unwrap_or((rest, ""));
            value.extend(resolve(reference));
            rest = after;
        } else {
            value.push(' ');
            rest = special.strip_prefix("\r\n").unwrap_or(rest);
        }
    }
    value.push_str(rest);
    Cow::Owned(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters() {
        for c in [
            '\t',
            '\n',
            '\r',
            ' ',
            '\u{7F}',
            '\u{85}',
            '\u{D7FF}',
            '\u{E000}',
            '\u{FFFD}',
            '\u{10FFFF}',
        ] {
            assert!(is_char(c), "{c:?}");
            assert_eq!(first_forbidden(&format!("{}{c}", "ä".repeat(40))), None, "{c:?}");
        }
        for c in [
            '\0', '\u{1}', '\u{8}', '\u{B}', '\u{C}', '\u{E}', '\u{1F}', '\u{FFFE}', '\u{FFFF}',
        ] {
            assert!(!is_char(c), "{c:?}");
            for before in [0, 1, 62, 63, 64, 65, 200] {
                assert_eq!(
                    first_forbidden(&format!("{}{c}x", "a".repeat(before))),
                    Some(before),
                    "{c:?}"
                );
            }
        }
    }

    #[test]
    fn names() {
        for (text, expect) in [
            ("cXML", 4),
            ("x:cXML rest", 6),
            ("_a-b.c9=", 7),
            ("-a", 0),
            ("9a", 0),
            (".a", 0),
            ("", 0),
            (" a", 0),
            ("été>", 5),
            ("a\u{B7}b", 4),
            ("\u{B7}b", 0),
            ("\u{D7}b", 0),
            ("a\u{D7}b", 1),
            ("a\u{300}", 3),
            ("価格 x", 6),
        ] {
            assert_eq!(name_len(text), expect, "{text:?}");
            assert_eq!(is_name(text), expect > 0 && expect == text.len(), "{text:?}");
        }
    }

    #[test]
    fn references() {
        for (reference, expect) in [
            ("amp", Some('&')),
            ("lt", Some('<')),
            ("gt", Some('>')),
            ("quot", Some('"')),
            ("apos", Some('\'')),
            ("#65", Some('A')),
            ("#x41", Some('A')),
            ("#x000000000041", Some('A')),
            ("#xe9", Some('é')),
            ("#x10FFFF", Some('\u{10FFFF}')),
            ("#x9", Some('\t')),
            ("#0", None),
            ("#x1", None),
            ("#xFFFE", None),
            ("#xD800", None),
            ("#x110000", None),
            ("#99999999999", None),
            ("#X41", None),
            ("#+65", None),
            ("#-65", None),
            ("#", None),
            ("#x", None),
            ("#x4 1", None),
            ("nbsp", None),
            ("AMP", None),
            ("", None),
            (" amp", None),
        ] {
            assert_eq!(resolve(reference), expect, "{reference:?}");
        }
    }

    #[test]
    fn what_needs_no_normalisation() {
        for length in 0..20 {
            let plain = "ä".repeat(length);
            assert!(is_normal(plain.as_bytes()) && is_normal(&vec![0x7F; length]) && is_normal(&vec![b' '; length]));
            for special in [b'&', b'\t', b'\n', b'\r', 0, 0x1F] {
                for at in 0..length {
                    let mut bytes = plain.clone().into_bytes();
                    bytes[at] = special;
                    assert!(!is_normal(&bytes), "{special} at {at} of {length}");
                }
            }
        }
    }

    #[test]
    fn line_ends_and_blanks() {
        for (raw, text, value) in [
            ("a", "a", "a"),
            ("a\r\nb", "a\nb", "a b"),
            ("a\rb\n", "a\nb\n", "a b "),
            ("\r\r\n\n\r", "\n\n\n\n", "    "),
            ("\ta", "\ta", " a"),
        ] {
            assert_eq!(with_line_feeds(raw), text, "{raw:?}");
            assert_eq!(attribute_value(raw), value, "{raw:?}");
        }
        assert_eq!(attribute_value("1 &lt;&#10;&amp;lt; é&quot;"), "1 <\n&lt; é\"");
    }
}
