//! Pictures and documents: judged by their content, kept by name, served by the hash of their bytes.

use openssl::sha::sha256;
use uuid::Uuid;

use crate::domain::media::MediaKind;
use crate::service::{Error, Gateway};
use crate::store::media::MediaFile;
use crate::store::{self, StoreError};
use crate::xml::{self, Element, Limits, Reader, XmlError};

/// Largest picture or document, in bytes: a data sheet with drawings; each is held in memory while it is served.
pub const BYTES_MAX: usize = 10 << 20;

/// A file by the hash of its bytes, among those of one supplier.
///
/// # Errors
/// The store would not.
pub async fn find(gateway: &Gateway, tenant_id: Uuid, sha256: &str) -> Result<Option<MediaFile>, Error> {
    let found = gateway
        .store
        .read(async |tx| store::media::by_hash(tx, tenant_id, sha256).await);
    found.await.map_err(|error: StoreError| error.into())
}

/// The hash by which bytes are served: hexadecimal SHA-256.
pub fn hash(bytes: &[u8]) -> String {
    sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What bytes are, by their content alone.
///
/// # Errors
/// Says why they are neither a picture nor a document that is whole.
pub fn judge(bytes: &[u8]) -> Result<MediaKind, String> {
    let cut = |what: &str, is_whole: bool, kind: MediaKind| match is_whole {
        true => Ok(kind),
        false => Err(format!("is a {what} that is cut off or damaged")),
    };
    match bytes {
        [] => Err("is empty".to_owned()),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, rest @ ..] => {
            cut("PNG picture", is_whole_png(rest), MediaKind::Png)
        }
        [0xFF, 0xD8, 0xFF, rest @ ..] => cut("JPEG picture", rest.ends_with(&[0xFF, 0xD9]), MediaKind::Jpeg),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', rest @ ..] => {
            cut("GIF picture", rest.len() > 7 && rest.ends_with(&[0x3B]), MediaKind::Gif)
        }
        [b'R', b'I', b'F', b'F', a, b, c, d, b'W', b'E', b'B', b'P', ..] => {
            let size = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
            // The chunk is padded to an even length.
            cut("WebP picture", (size + size % 2 + 8) == bytes.len(), MediaKind::Webp)
        }
        [b'%', b'P', b'D', b'F', b'-', ..] => {
            let end = &bytes[bytes.len().saturating_sub(1024)..];
            let is_whole = end.windows(5).any(|window| window == b"%%EOF");
            cut("PDF document", is_whole, MediaKind::Pdf)
        }
        _ => judge_drawing(bytes),
    }
}

/// Whether a PNG's chunks lead from its head to its end (PNG, Third Edition, 5.3).
fn is_whole_png(mut rest: &[u8]) -> bool {
    let mut is_first = true;
    while let [a, b, c, d, name @ ..] = rest {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        if is_first != name.starts_with(b"IHDR") {
            return false;
        }
        if name.starts_with(b"IEND") {
            return name.len() == 8;
        }
        is_first = false;
        // The chunk's name, its data and its check sum.
        rest = name.get(length.saturating_add(8)..).unwrap_or_default();
    }
    false
}

/// Elements by which a drawing could do more than be looked at; what moves could put an address where none was.
const ACTIVE: [&str; 12] = [
    "script",
    "foreignObject",
    "iframe",
    "embed",
    "object",
    "handler",
    "listener",
    "set",
    "animate",
    "animateColor",
    "animateMotion",
    "animateTransform",
];

fn judge_drawing(bytes: &[u8]) -> Result<MediaKind, String> {
    let limits = Limits {
        document_bytes_max: BYTES_MAX,
        ..Limits::default()
    };
    let unknown = "is neither a picture (PNG, JPEG, GIF, WebP, SVG) nor a PDF document";
    if !bytes.trim_ascii_start().starts_with(b"<") && !bytes.starts_with(b"\xEF\xBB\xBF<") {
        return Err(unknown.to_owned());
    }
    let broken = |error: XmlError| format!("is not a whole SVG drawing: {error}");
    let decoded = xml::decode(bytes, None, &limits).map_err(broken)?;
    let mut reader = Reader::new(&decoded.text, &limits).map_err(broken)?;
    let root = reader.root().map_err(broken)?;
    if root.name() != "svg" || root.attr("xmlns").as_deref() != Some("http://www.w3.org/2000/svg") {
        return Err(unknown.to_owned());
    }
    let fault = active_part(&mut reader, &root).map_err(broken)?;
    reader.finish().map_err(broken)?;
    match fault {
        None => Ok(MediaKind::Svg),
        Some(part) => Err(format!("has {part}, which a drawing must not have")),
    }
}

/// The first part of an element that is more than a drawing: scripts, handlers, what is fetched from elsewhere.
fn active_part<'x>(reader: &mut Reader<'x>, element: &Element<'x>) -> Result<Option<String>, XmlError> {
    let local = |name: &'x str| name.rsplit_once(':').map_or(name, |(_, local)| local);
    let name = local(element.name());
    if ACTIVE.iter().any(|active| name.eq_ignore_ascii_case(active)) {
        return Ok(Some(format!("an element {name}")));
    }
    for attribute in element.attributes() {
        let attribute_name = local(attribute.name);
        let value = attribute.value();
        let lower = attribute_name.to_ascii_lowercase();
        let is_handler = lower.len() > 2 && lower.starts_with("on");
        let is_elsewhere = match lower.as_str() {
            "href" | "src" => !value.trim().starts_with('#'),
            "style" => fetches(&value),
            _ => reaches_out(&value),
        };
        if is_handler || is_elsewhere {
            return Ok(Some(format!("an attribute {attribute_name} of {name}")));
        }
    }
    if name.eq_ignore_ascii_case("style") {
        let text = reader.text(element)?;
        return Ok(fetches(&text).then(|| "a style that fetches".to_owned()));
    }
    while let Some(child) = reader.child(element)? {
        if let Some(part) = active_part(reader, &child)? {
            return Ok(Some(part));
        }
    }
    Ok(None)
}

/// Whether a style names anything outside of its own drawing, or could hide by escapes that it does.
fn fetches(style: &str) -> bool {
    let is_hidden = style.contains('\\');
    let style = style.to_ascii_lowercase();
    is_hidden || reaches_out(&style) || style.contains("@import") || style.contains("image-set(")
}

/// Whether a value names anything outside of its own drawing, in whatever case it is written.
fn reaches_out(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    let mut named = value.split("url(").skip(1);
    named.any(|name| !name.trim_start_matches(['"', '\'', ' ']).starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 4 4\">";

    fn check(bytes: &[u8], expect: Result<MediaKind, &str>) {
        match (judge(bytes), expect) {
            (Ok(kind), Ok(expected)) => assert_eq!(kind, expected),
            (Err(reason), Err(expected)) => assert!(reason.contains(expected), "{reason}"),
            (judged, expected) => panic!("{judged:?}, expected {expected:?}"),
        }
    }

    fn png() -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        for (name, data) in [(b"IHDR", &[0; 13][..]), (b"IDAT", b"x"), (b"IEND", b"")] {
            bytes.extend((data.len() as u32).to_be_bytes());
            bytes.extend(name);
            bytes.extend(data);
            bytes.extend([0; 4]);
        }
        bytes
    }

    #[test]
    fn a_file_is_what_its_bytes_say() {
        check(&png(), Ok(MediaKind::Png));
        check(&png()[..40], Err("cut off"));
        check(b"\xFF\xD8\xFF\xE0 \xFF\xD9", Ok(MediaKind::Jpeg));
        check(b"\xFF\xD8\xFF\xE0 ", Err("cut off"));
        check(b"GIF89a12345678;", Ok(MediaKind::Gif));
        check(b"RIFF\x04\0\0\0WEBP", Ok(MediaKind::Webp));
        check(b"RIFF\xFF\0\0\0WEBP", Err("cut off"));
        check(b"%PDF-1.7 \n%%EOF\n", Ok(MediaKind::Pdf));
        check(b"%PDF-1.7 ", Err("cut off"));
        check(b"", Err("is empty"));
        check(b"MZ\x90", Err("neither a picture"));
        check(b"<html><body>not found</body></html>", Err("neither a picture"));
    }

    #[test]
    fn a_drawing_is_nothing_but_a_drawing() {
        let svg = |inner: &str| format!("{SVG}{inner}</svg>").into_bytes();
        check(
            &svg("<g id=\"a\" fill=\"url(#b)\"><use href=\"#a\"/></g>"),
            Ok(MediaKind::Svg),
        );
        check(&svg("<style>path { fill: red }</style>"), Ok(MediaKind::Svg));
        check(&svg("<g export-filename=\"C:\\\\a.png\"/>"), Ok(MediaKind::Svg));
        check(SVG.as_bytes(), Err("not a whole SVG"));
        check(&svg("<script>1</script>"), Err("an element script"));
        check(&svg("<g><x:Script/></g>"), Err("an element Script"));
        check(&svg("<path onload=\"1\"/>"), Err("an attribute onload of path"));
        check(&svg("<image href=\"https://a/b.png\"/>"), Err("an attribute href"));
        check(&svg("<a xlink:href=\"javascript:1\"/>"), Err("an attribute href"));
        check(&svg("<path style=\"fill: url(http://a)\"/>"), Err("an attribute style"));
        check(&svg("<style>@import 'a'</style>"), Err("a style that fetches"));
        check(&svg("<style>@IMPORT 'a'</style>"), Err("a style that fetches"));
        check(
            &svg("<style>a{fill:URL(http://a)}</style>"),
            Err("a style that fetches"),
        );
        check(
            &svg("<style>a{fill:\\75rl(http://a)}</style>"),
            Err("a style that fetches"),
        );
        check(
            &svg("<style>a{fill:image-set('a')}</style>"),
            Err("a style that fetches"),
        );
        check(&svg("<path style=\"fill: Url(http://a)\"/>"), Err("an attribute style"));
        check(&svg("<image HREF=\"https://a/b.png\"/>"), Err("an attribute HREF"));
        check(&svg("<set attributeName=\"href\" to=\"x\"/>"), Err("an element set"));
        check(
            &svg("<a><animate attributeName=\"href\" values=\"javascript:1\"/></a>"),
            Err("an element animate"),
        );
        check(&svg("<foreignObject/>"), Err("an element foreignObject"));
    }
}
