//! Forms that carry documents, as they should be and as they come.

use punchgate::mime::{FormDocument, FormError, read_form, read_form_page};
use punchgate::xml;

fn form(fields: &str) -> Result<FormDocument, FormError> {
    read_form(fields.as_bytes())
}

#[test]
fn forms() {
    for (body, expect) in [
        ("cxml-base64=PGEvPg%3D%3D", Ok(("cxml-base64", "<a/>", None))),
        ("CXML-base64=PGEvPg", Ok(("CXML-base64", "<a/>", None))),
        ("cXML-base64=PG%0D%0AEv%0APg%3D", Ok(("cXML-base64", "<a/>", None))),
        // `>` at the right place is a plus sign; unescaped, it arrives as a blank.
        ("cxml-base64=PGE%2BPC9hPg%3D%3D", Ok(("cxml-base64", "<a></a>", None))),
        ("cxml-base64=PGE+PC9hPg==", Ok(("cxml-base64", "<a></a>", None))),
        (
            "cXML-urlencoded=%3Ca%3E+b%2Bc%26amp%3B%3C%2Fa%3E",
            Ok(("cXML-urlencoded", "<a> b+c&amp;</a>", Some("utf-8"))),
        ),
        (
            "cxml-urlencoded=%253Ca%253Eb%252Bc%253C%252Fa%253E",
            Ok(("cxml-urlencoded", "<a>b+c</a>", Some("utf-8"))),
        ),
        (
            "cxml-urlencoded=<a b=\"c\"/>",
            Ok(("cxml-urlencoded", "<a b=\"c\"/>", Some("utf-8"))),
        ),
        (
            "x=1&%63xml-urlencoded=%3Ca/%3E&y",
            Ok(("cxml-urlencoded", "<a/>", Some("utf-8"))),
        ),
        (
            "cxml-urlencoded=%3Ca/%3E&cxml-base64=PGIvPg==",
            Ok(("cxml-base64", "<b/>", None)),
        ),
        (
            "cxml-urlencoded=%3Ca/%3E&cxml-base64=",
            Ok(("cxml-urlencoded", "<a/>", Some("utf-8"))),
        ),
        ("", Err(FormError::NoField)),
        ("x=1", Err(FormError::NoField)),
        ("cxml-base64=&cxml-urlencoded=", Err(FormError::NoField)),
        ("cxml-base64=PGEvPg==&CXML-BASE64=PGIvPg==", Err(FormError::Ambiguous)),
        ("cxml-base64=%3Ca/%3E", Err(FormError::Base64)),
        ("cxml-base64=PGEvP", Err(FormError::Base64)),
    ] {
        let read = form(body).map(|read| (read.field, String::from_utf8(read.bytes).unwrap(), read.charset));
        let expect = expect.map(|(field, text, charset)| (field.to_owned(), text.to_owned(), charset));
        assert_eq!(read, expect, "{body}");
    }
    let old_page = form("cxml-urlencoded=%3Ca%3E%E9%3C/a%3E").unwrap();
    let decoded = xml::decode(&old_page.bytes, old_page.charset, &xml::Limits::default()).unwrap();
    assert_eq!(decoded.text, "<a>é</a>");
}

#[test]
fn form_pages() {
    for (page, expect) in [
        (
            "<html><body><form method=post action=\"http://b.example/return?id=2&amp;x=&quot;\">\
             <input type=\"hidden\" name=\"cxml-urlencoded\" value=\"&lt;a b=&quot;1&quot;&gt;&amp;amp;&#233;&lt;/a&gt;\"></form>",
            Ok((Some("http://b.example/return?id=2&x=\""), "<a b=\"1\">&amp;é</a>")),
        ),
        (
            "<FORM ACTION='x'><!-- <input name=cxml-base64 value='PGIvPg=='> --><INPUT TYPE=HIDDEN NAME=cXML-base64 VALUE=PGEvPg==></FORM>",
            Ok((Some("x"), "<a/>")),
        ),
        (
            "<input name='cxml-base64' value=\n\"PGE\n+PC\n9hPg\">",
            Ok((None, "<a></a>")),
        ),
        (
            "<input value='<?xml version=\"1.0\"?><a/>' name=cxml-urlencoded />",
            Ok((None, "<?xml version=\"1.0\"?><a/>")),
        ),
        ("<input name=cxml-base64>", Err(FormError::NoField)),
        ("<input name=cxml-base64 value='PGEvPg==", Ok((None, "<a/>"))),
        ("< input name=cxml-base64 value=x> <a <= > <", Err(FormError::NoField)),
    ] {
        let read = read_form_page(page);
        let told = read.map(|page| (page.action, String::from_utf8(page.document.bytes).unwrap()));
        let expect = expect.map(|(action, text)| (action.map(str::to_owned), text.to_owned()));
        assert_eq!(told, expect, "{page}");
    }
}
