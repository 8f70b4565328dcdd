//! The pieces that the reader finds against those that quick-xml finds, on texts put together at random.

use proptest::prelude::*;
use quick_xml::events::Event;

use super::{Reader, Token};
use crate::xml::Limits;

/// The kind of a piece and where it ends.
type Piece = (char, usize);

/// What this reader finds up to the end or the first fault, and whether there was one.
fn ours(text: &str) -> (Vec<Piece>, bool) {
    let mut pieces = Vec::new();
    let Ok(mut reader) = Reader::new(text, &Limits::default()) else {
        return (pieces, true);
    };
    loop {
        let kind = match reader.advance() {
            Ok(Token::Eof) => return (pieces, false),
            Err(_) => return (pieces, true),
            Ok(Token::Start) if reader.element.is_empty => 'e',
            Ok(Token::Start) => '<',
            Ok(Token::End) => '/',
            Ok(Token::Blank | Token::Text) => 't',
            Ok(Token::CData) => 'c',
            Ok(Token::Char(_)) => '&',
        };
        pieces.push((kind, reader.at));
    }
}

/// What quick-xml finds, without what has no meaning and without text outside the root.
fn theirs(text: &str) -> (Vec<Piece>, bool) {
    let mut tokens = quick_xml::Reader::from_str(text);
    tokens.config_mut().check_comments = true;
    let mut pieces = Vec::new();
    let mut depth = 0;
    loop {
        let kind = match tokens.read_event() {
            Ok(Event::Eof) => return (pieces, depth > 0),
            Err(_) => return (pieces, true),
            Ok(Event::Empty(_)) => 'e',
            Ok(Event::Start(_)) => {
                depth += 1;
                '<'
            }
            Ok(Event::End(_)) => {
                depth -= 1;
                '/'
            }
            Ok(Event::Text(_)) if depth > 0 => 't',
            Ok(Event::CData(_)) => 'c',
            Ok(Event::GeneralRef(_)) => '&',
            Ok(_) => continue,
        };
        pieces.push((kind, usize::try_from(tokens.buffer_position()).unwrap()));
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let (own, failed) = ours(text);
    let (other, other_failed) = theirs(text);
    if failed {
        // quick-xml lets much pass; but up to our fault, both saw the same.
        prop_assert_eq!(&own[..], &other[..own.len().min(other.len())], "{}", text);
    } else {
        prop_assert!(!other_failed, "only quick-xml refuses {}", text);
        prop_assert_eq!(own, other, "{}", text);
    }
    Ok(())
}

fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "<a>",
        "</a>",
        "<a>",
        "</a>",
        "<a/>",
        "<b c=\"d\">",
        "</b>",
        "<b\n c = '>' d=\"'/>\" />",
        "</b \n>",
        "<é ü='&amp;&#x41;'>",
        "</é>",
        "text",
        " \n  ",
        "         ",
        "ä > ' \"",
        "&lt;",
        "&#10;",
        "<!-- <a> & -->",
        "<![CDATA[<a>&]] >]]>",
        "<?p <a> ?>",
    ])
}

fn slip() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "<",
        ">",
        "&",
        ";",
        "\"",
        "'",
        "=",
        "/",
        "<a",
        "</",
        "<!",
        "<!-",
        "--",
        "]]>",
        "<?",
        "?>",
        "\u{1}",
        "é",
        "<a b",
        "<a b=",
        "<a b='",
        "</a b='>'>",
        "<![CDATA[",
        "<!DOCTYPE a>",
        "<?xml version='1.0'?>",
        "&x;",
        "",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn pieces_end_where_quick_xml_ends_them(inside in prop::collection::vec(piece(), 0..12)) {
        check(&format!("<?xml version='1.0'?>\n<!DOCTYPE r [<!ENTITY % x '>'>]>\n<r>{}</r>\n<!-- end -->", inside.concat()))?;
    }

    #[test]
    fn slips_end_pieces_nowhere_else(
        before in prop::collection::vec(piece(), 0..6),
        slip in slip(),
        after in prop::collection::vec(piece(), 0..6),
    ) {
        check(&format!("<r>{}{slip}{}</r>", before.concat(), after.concat()))?;
    }
}
