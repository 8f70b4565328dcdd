//! The XML reader against the rules of XML 1.0, against real documents and against mutated ones.

use std::borrow::Cow;

use punchgate::xml::{self, Element, FindingKind, Limits, Node, Reader, XmlError, XmlErrorKind};

use crate::reference;

/// Reads a whole text the way a typed reader does, and tells the events it saw.
pub fn events(text: &str) -> Result<String, XmlError> {
    let mut reader = Reader::new(text, &Limits::default())?;
    let root = reader.root()?;
    let mut told = String::new();
    tell(&mut reader, &root, &mut told)?;
    reader.finish()?;
    Ok(told)
}

fn tell<'x>(reader: &mut Reader<'x>, element: &Element<'x>, told: &mut String) -> Result<(), XmlError> {
    told.push_str(element.name());
    for attribute in element.attributes() {
        told.push_str(&format!(" {}={:?}", attribute.name, attribute.value()));
        assert_eq!(&reader.source()[attribute.span], attribute.raw);
    }
    told.push('(');
    while let Some(node) = reader.node(element)? {
        match node {
            Node::Text(text) => told.push_str(&format!("{text:?}")),
            Node::Element(child) => tell(reader, &child, told)?,
        }
    }
    told.push(')');
    Ok(())
}

/// Bytes to the end of the document, as the gateway does it.
fn read_to_end(bytes: &[u8], charset: Option<&str>) -> Result<(), XmlError> {
    let decoded = xml::decode(bytes, charset, &Limits::default())?;
    let mut reader = Reader::new(&decoded.text, &Limits::default())?;
    reader.finish()
}

#[test]
fn well_formed_documents() {
    for (text, expect) in [
        ("<a/>", "a()"),
        ("<a></a>", "a()"),
        ("<a ></a >", "a()"),
        ("<a\n/>", "a()"),
        (" \r\n\t<a/>\r\n ", "a()"),
        (
            "<?xml version='1.0'?>\n<!-- x --><?pi?><!DOCTYPE a SYSTEM 'x'><!-- y --><a/><!-- z --><?pi x?>\n",
            "a()",
        ),
        ("<a b='1' c=\"2\"/>", r#"a b="1" c="2"()"#),
        ("<a\tb = '1'\n\tc\r\n=\r\n\"2\"\n/>", r#"a b="1" c="2"()"#),
        ("<a b='\"' c=\"'>/\"/>", r#"a b="\"" c="'>/"()"#),
        ("<a b='&lt;&#62;&#x26;&quot;&apos;&#10;'/>", r#"a b="<>&\"'\n"()"#),
        ("<a b=' x \r\n y\t'/>", r#"a b=" x   y "()"#),
        ("<x:a xmlns:x='y' x:b=''/>", r#"x:a xmlns:x="y" x:b=""()"#),
        ("<é ü='1'>é</é>", r#"é ü="1"("é")"#),
        ("<a>b</a>", r#"a("b")"#),
        ("<a>b<c/>d<e>f</e> </a>", r#"a("b"c()"d"e("f")" ")"#),
        ("<a>b\r\nc\rd</a>", r#"a("b\nc\nd")"#),
        ("<a>b&#13;&#10;c&amp;</a>", r#"a("b\r\nc&")"#),
        ("<a>]] > ]]&gt; ]></a>", r#"a("]] > ]]> ]>")"#),
        ("<a><![CDATA[<b>&amp;]] >]]></a>", r#"a("<b>&amp;]] >")"#),
        ("<a><![CDATA[]]></a>", "a()"),
        ("<a>b<![CDATA[c]]>d</a>", r#"a("bcd")"#),
        (
            "<a>admin@good.example<!---->.evil.example</a>",
            r#"a("admin@good.example.evil.example")"#,
        ),
        ("<a>b<!-->-->c</a>", r#"a("bc")"#),
        ("<a>b<!-- x --><c/>d<?y z?><!-- x --></a>", r#"a("b"c()"d")"#),
        ("<a>b<?x y?>c&amp;<!-- - -->d</a>", r#"a("bc&d")"#),
        ("<a><b><a><b/></a></b><b>c</b></a>", r#"a(b(a(b()))b("c"))"#),
        (
            "<a>\u{7F}\u{85}\u{FFFD}\u{10FFFF}</a>",
            "a(\"\\u{7f}\\u{85}\u{FFFD}\\u{10ffff}\")",
        ),
        ("<!DOCTYPE a [<!ENTITY % SGML-help 'INCLUDE'>]><a/>", "a()"),
        ("<a>\u{FEFF}</a>", r#"a("\u{feff}")"#),
    ] {
        assert_eq!(
            events(text).as_deref().map_err(XmlError::to_string),
            Ok(expect),
            "{text:?}"
        );
    }
}

#[test]
fn ill_formed_documents() {
    use XmlErrorKind::{Forbidden, NotWellFormed};
    for (text, expect, line, column) in [
        // Nothing, or not XML (A35).
        ("", NotWellFormed, 1, 1),
        (" \n", NotWellFormed, 2, 1),
        ("null", NotWellFormed, 1, 1),
        ("{\"a\": 1}", NotWellFormed, 1, 1),
        ("%PDF-1.7", NotWellFormed, 1, 1),
        ("<!-- only -->", NotWellFormed, 1, 14),
        ("<!DOCTYPE html><html><br></html>", NotWellFormed, 1, 26),
        // The prolog.
        ("\n<?xml version='1.0'?><a/>", NotWellFormed, 2, 1),
        ("<?xml version='1.0'?><?xml version='1.0'?><a/>", NotWellFormed, 1, 22),
        ("<a/><?xml version='1.0'?>", NotWellFormed, 1, 5),
        ("<a><?xml version='1.0'?></a>", NotWellFormed, 1, 4),
        ("<a><?XML x?></a>", NotWellFormed, 1, 4),
        ("<?xml encoding='UTF-8'?><a/>", NotWellFormed, 1, 6),
        ("<?xml version='1.0'><a/>", NotWellFormed, 1, 1),
        ("\u{FEFF}<a/>", NotWellFormed, 1, 1),
        ("x<a/>", NotWellFormed, 1, 1),
        ("&amp;<a/>", NotWellFormed, 1, 1),
        ("<![CDATA[ ]]><a/>", NotWellFormed, 1, 1),
        ("<!DOCTYPE a><!DOCTYPE a><a/>", NotWellFormed, 1, 13),
        ("<a/><!DOCTYPE a>", NotWellFormed, 1, 5),
        ("<a><!DOCTYPE a></a>", NotWellFormed, 1, 4),
        ("<!DOCTYPE b><a/>", NotWellFormed, 1, 13),
        ("<!DOCTYPE a", NotWellFormed, 1, 1),
        ("<!DOCTYPE a [", NotWellFormed, 1, 1),
        ("<!doctype a><a/>", NotWellFormed, 1, 1),
        // Entities and the internal subset (A01 to A07).
        (
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
            Forbidden,
            1,
            23,
        ),
        (
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'http://169.254.169.254/'>]><a>&x;</a>",
            Forbidden,
            1,
            23,
        ),
        (
            "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://evil.example/e.dtd'> %x;]><a/>",
            Forbidden,
            1,
            27,
        ),
        (
            "<!DOCTYPE a [<!ENTITY x PUBLIC 'y' 'ftp://evil.example/'>]><a>&x;</a>",
            Forbidden,
            1,
            23,
        ),
        (
            "<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;'>]><a>&y;</a>",
            Forbidden,
            1,
            23,
        ),
        ("<!DOCTYPE a [\n<!ELEMENT a ANY>]><a/>", Forbidden, 2, 1),
        ("<a>&undefined;</a>", NotWellFormed, 1, 4),
        ("<a b='&undefined;'/>", NotWellFormed, 1, 7),
        ("<a>&nbsp;</a>", NotWellFormed, 1, 4),
        // References and characters (A25, A26).
        ("<a>b & c</a>", NotWellFormed, 1, 6),
        ("<a>b &", NotWellFormed, 1, 6),
        ("<a>b&amp</a>", NotWellFormed, 1, 5),
        ("<a>&;</a>", NotWellFormed, 1, 4),
        ("<a>&#0;</a>", NotWellFormed, 1, 4),
        ("<a>&#x1;</a>", NotWellFormed, 1, 4),
        ("<a>&#xFFFE;</a>", NotWellFormed, 1, 4),
        ("<a>&#xD800;</a>", NotWellFormed, 1, 4),
        ("<a>&#x110000;</a>", NotWellFormed, 1, 4),
        ("<a>&#X41;</a>", NotWellFormed, 1, 4),
        ("<a b='&#0;'/>", NotWellFormed, 1, 7),
        ("<a b='&'/>", NotWellFormed, 1, 7),
        ("<a b='&amp'/>", NotWellFormed, 1, 7),
        ("<a b='x&y=z'/>", NotWellFormed, 1, 8),
        ("<a>\0</a>", NotWellFormed, 1, 4),
        ("<a>é\u{1}</a>", NotWellFormed, 1, 5),
        ("<a>\u{FFFE}</a>", NotWellFormed, 1, 4),
        ("<a b='\u{1F}'/>", NotWellFormed, 1, 7),
        ("<a><!-- \u{8} --></a>", NotWellFormed, 1, 9),
        // Tags.
        ("<a", NotWellFormed, 1, 1),
        ("<", NotWellFormed, 1, 1),
        ("<>", NotWellFormed, 1, 2),
        ("< a/>", NotWellFormed, 1, 2),
        ("<a>", NotWellFormed, 1, 4),
        ("<a><b></a>", NotWellFormed, 1, 7),
        ("<a></b>", NotWellFormed, 1, 4),
        ("<a></A>", NotWellFormed, 1, 4),
        ("<a></ a>", NotWellFormed, 1, 4),
        ("<a></a b='1'>", NotWellFormed, 1, 4),
        ("<a></>", NotWellFormed, 1, 4),
        ("<a>< b/></a>", NotWellFormed, 1, 5),
        ("<a>1 < 2</a>", NotWellFormed, 1, 7),
        ("<a><9/></a>", NotWellFormed, 1, 5),
        ("<a><-b/></a>", NotWellFormed, 1, 5),
        ("<a/ >", NotWellFormed, 1, 3),
        ("<a/b>", NotWellFormed, 1, 3),
        ("<a,b/>", NotWellFormed, 1, 3),
        ("</a>", NotWellFormed, 1, 1),
        ("<a/><b/>", NotWellFormed, 1, 5),
        ("<a/></a>", NotWellFormed, 1, 5),
        ("<a/>x", NotWellFormed, 1, 5),
        ("<a/>\n&#32;", NotWellFormed, 2, 1),
        ("<a/>\n <![CDATA[]]>", NotWellFormed, 2, 2),
        // Attributes (A15).
        ("<a b/>", NotWellFormed, 1, 5),
        ("<a b=/>", NotWellFormed, 1, 6),
        ("<a b=1/>", NotWellFormed, 1, 6),
        ("<a b='1/>", NotWellFormed, 1, 1),
        ("<a b=\u{201C}1\u{201D}/>", NotWellFormed, 1, 6),
        ("<a b='1'c='2'/>", NotWellFormed, 1, 9),
        ("<a b='1' b='2'/>", NotWellFormed, 1, 1),
        ("<a b='1' c='2' b=\"1\"/>", NotWellFormed, 1, 1),
        (
            "<a a1='' a2='' a3='' a4='' a5='' a6='' a7='' a8='' a9='' b1='' b2='' b3='' b4='' a1=''/>",
            NotWellFormed,
            1,
            1,
        ),
        ("<a b='<'/>", NotWellFormed, 1, 7),
        ("<a 9='1'/>", NotWellFormed, 1, 4),
        ("<a ='1'/>", NotWellFormed, 1, 4),
        ("<a b='1' />c</a>", NotWellFormed, 1, 12),
        // Text, comments, CDATA, instructions.
        ("<a>]]></a>", NotWellFormed, 1, 4),
        ("<a>b]]]>c</a>", NotWellFormed, 1, 6),
        ("<a><!-- -- --></a>", NotWellFormed, 1, 4),
        ("<a><!-- ---></a>", NotWellFormed, 1, 4),
        ("<a><!---></a>", NotWellFormed, 1, 4),
        ("<a><!-- </a>", NotWellFormed, 1, 4),
        ("<a><!x></a>", NotWellFormed, 1, 4),
        ("<a><!ENTITY x 'y'></a>", NotWellFormed, 1, 4),
        ("<a><![CDATA[x</a>", NotWellFormed, 1, 4),
        ("<a><![cdata[x]]></a>", NotWellFormed, 1, 4),
        ("<a><?x</a>", NotWellFormed, 1, 4),
        ("<a><??></a>", NotWellFormed, 1, 4),
        ("<a><? x?></a>", NotWellFormed, 1, 4),
        ("<a><?9?></a>", NotWellFormed, 1, 4),
        ("<a><?x,y?></a>", NotWellFormed, 1, 4),
        // A second document (A36).
        ("<a/><?xml version='1.0'?><a/>", NotWellFormed, 1, 5),
        ("<a/>\n<a/>", NotWellFormed, 2, 1),
    ] {
        let fault = events(text).expect_err(text);
        assert_eq!(
            (fault.kind, fault.position.line, fault.position.column),
            (expect, line, column),
            "{text:?}: {fault}"
        );
        // What nobody reads is checked all the same.
        let skipped = Reader::new(text, &Limits::default()).and_then(|mut reader| reader.finish());
        assert_eq!(skipped.expect_err(text), fault, "{text:?}");
    }
}

#[test]
fn limits() {
    use XmlErrorKind::{NotWellFormed, TooComplex, TooLarge};
    let limits = Limits {
        text_bytes_max: 1000,
        attribute_bytes_max: 1000,
        ..Limits::default()
    };
    let check = |text: &str, expect: Option<XmlErrorKind>| {
        let read = Reader::new(text, &limits).and_then(|mut reader| {
            let root = reader.root()?;
            reader.text(&root)?;
            reader.finish()
        });
        assert_eq!(read.err().map(|fault| fault.kind), expect, "{} bytes", text.len());
    };
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    check(&nested(64), None);
    check(&nested(65), Some(TooComplex));
    check(&nested(10_000), Some(TooComplex));
    let with_attributes = |count: usize| (0..count).fold("<a".to_owned(), |tag, at| tag + &format!(" a{at}=''")) + "/>";
    check(&with_attributes(256), None);
    check(&with_attributes(257), Some(TooComplex));
    check(&with_attributes(100_000), Some(TooComplex));
    check(&format!("<a b='{}'/>", "x".repeat(1000)), None);
    check(&format!("<a b='{}'/>", "x".repeat(1001)), Some(TooLarge));
    check(&format!("<a>{}</a>", "x".repeat(1000)), None);
    check(&format!("<a>{}</a>", "x".repeat(1001)), Some(TooLarge));
    check(&format!("<a>{}</a>", "xy<!-- -->".repeat(501)), Some(TooLarge));
    check(&format!("<a>{}</a>", "&amp;".repeat(1001)), Some(TooLarge));
    check(&format!("<a><![CDATA[{}]]></a>", "x".repeat(1001)), Some(TooLarge));
    check(&format!("<{0}></{0}>", "x".repeat(1024)), None);
    check(&format!("<{0}></{0}>", "x".repeat(1025)), Some(TooComplex));
    check(&format!("<a {}=''/>", "x".repeat(1025)), Some(TooComplex));
    check(&format!("<a><?{}?></a>", "x".repeat(1025)), Some(TooComplex));
    check(&format!("<!DOCTYPE {}><a/>", "x".repeat(1025)), Some(TooComplex));
    check(&format!("<a>&{};</a>", "x".repeat(100_000)), Some(NotWellFormed));

    let instructions = "<?x?>".repeat(1000);
    let text = format!("<a>{instructions}</a>");
    let mut reader = Reader::new(&text, &limits).unwrap();
    reader.finish().unwrap();
    assert_eq!(reader.findings().len(), 100);
}

#[test]
fn cursor() {
    let text = "<r><a><b>1</b><b>2</b></a><c>3</c><d/>\n<e>4</e></r>";
    let limits = Limits::default();
    // What is not read is skipped; elements that ended have nothing more.
    let mut reader = Reader::new(text, &limits).unwrap();
    let root = reader.root().unwrap();
    let a = reader.child(&root).unwrap().unwrap();
    let b = reader.child(&a).unwrap().unwrap();
    assert_eq!((a.name(), b.name(), reader.path().as_str()), ("a", "b", "r/a/b"));
    let c = reader.child(&root).unwrap().unwrap();
    assert_eq!((c.name(), reader.path().as_str()), ("c", "r/c"));
    assert!(reader.child(&a).unwrap().is_none());
    assert_eq!(reader.text(&b).unwrap(), "");
    assert_eq!(reader.text(&c).unwrap(), "3");
    assert_eq!(reader.text(&c).unwrap(), "");
    let d = reader.child(&root).unwrap().unwrap();
    assert_eq!((d.name(), reader.text(&d).unwrap()), ("d", Cow::Borrowed("")));
    assert!(reader.child(&d).unwrap().is_none());
    let e = reader.child(&root).unwrap().unwrap();
    assert_eq!(reader.position(&e).to_string(), "line 2, column 1");
    let fault = reader.error_at(&e, XmlErrorKind::NotWellFormed, "a number");
    assert_eq!(fault.to_string(), "line 2, column 1, in r/e: expected a number");
    assert!(reader.child(&root).unwrap().is_none());
    assert!(reader.child(&root).unwrap().is_none());
    assert_eq!(reader.path(), "");
    reader.finish().unwrap();
    // Sources and spans, before and after an element was read.
    assert_eq!(reader.raw(&a).unwrap(), "<a><b>1</b><b>2</b></a>");
    assert_eq!(reader.raw(&d).unwrap(), "<d/>");
    assert_eq!(&text[reader.content_span(&a).unwrap()], "<b>1</b><b>2</b>");
    assert_eq!(&text[reader.content_span(&root).unwrap()], &text[3..text.len() - 4]);
    assert!(reader.content_span(&d).unwrap().is_empty());
    // The text of an element is that of all its descendants.
    let mut reader = Reader::new(text, &limits).unwrap();
    let root = reader.root().unwrap();
    assert_eq!(reader.text(&root).unwrap(), "123\n4");
    reader.finish().unwrap();
    // Sources while reading.
    let mut reader = Reader::new(text, &limits).unwrap();
    let root = reader.root().unwrap();
    let a = reader.child(&root).unwrap().unwrap();
    assert_eq!(reader.raw(&a).unwrap(), "<a><b>1</b><b>2</b></a>");
    assert_eq!(reader.child(&root).unwrap().unwrap().name(), "c");
}

#[test]
fn spans_for_redaction() {
    let text =
        "<c><s>\u{FEFF}ab<![CDATA[<s>]]><!-- </s> -->cd</s><s/><p number = '4111 1111' b=''/><s  x='>' >e</s ></c>";
    let mut reader = Reader::new(text, &Limits::default()).unwrap();
    let root = reader.root().unwrap();
    let mut spans = Vec::new();
    while let Some(child) = reader.child(&root).unwrap() {
        spans.extend(child.attr_span("number"));
        if child.name() == "s" {
            spans.push(reader.content_span(&child).unwrap());
        }
    }
    reader.finish().unwrap();
    assert_eq!(
        xml::redact(text, &spans),
        "<c><s>[redacted]</s><s/><p number = '[redacted]' b=''/><s  x='>' >[redacted]</s ></c>"
    );
}

#[test]
fn findings() {
    for (text, expect) in [
        ("<a/>", &[][..]),
        ("<!DOCTYPE a SYSTEM 'http://evil.example/x.dtd'><a/>", &[]),
        ("<!DOCTYPE a><a/>", &[(FindingKind::DoctypeWithoutSystem, 0)]),
        ("<!DOCTYPE a PUBLIC 'x' 'y'><a/>", &[(FindingKind::DoctypePublic, 0)]),
        (
            "<!DOCTYPE a SYSTEM 'x' [<!ENTITY % b 'c'>]><a/>",
            &[(FindingKind::DoctypeSubsetSkipped, 0)],
        ),
        (
            "<?xml-stylesheet href='http://evil.example/'?><a/>",
            &[(FindingKind::ProcessingInstruction, 0)],
        ),
        ("<a><b/>x<b/></a>", &[(FindingKind::StrayText, 7)]),
        ("<a> <b/>&#32;<b/></a>", &[(FindingKind::StrayText, 8)]),
        ("<a> <b>x</b> </a>", &[]),
    ] {
        let mut reader = Reader::new(text, &Limits::default()).unwrap();
        let root = reader.root().unwrap();
        while reader.child(&root).unwrap().is_some() {}
        reader.finish().unwrap();
        let found: Vec<_> = reader
            .findings()
            .iter()
            .map(|finding| (finding.kind, finding.offset))
            .collect();
        assert_eq!(found, expect, "{text}");
    }
    let text = "<!DOCTYPE a PUBLIC 'x' 'y'><a/>";
    let mut reader = Reader::new(text, &Limits::default()).unwrap();
    reader.finish().unwrap();
    let doctype = reader.doctype().unwrap();
    assert_eq!(
        (doctype.name, doctype.public_id, doctype.system_id),
        ("a", Some("x"), Some("y"))
    );
}

/// Faults name what was expected, never what was there.
#[test]
fn errors_do_not_quote_the_document() {
    for text in [
        "<a><b>hunter2</a>",
        "<a>hunter2&hunter2;</a>",
        "<a b='hunter2&hunter2'/>",
        "<a b='hunter2' b='hunter2'/>",
        "<a>hunter2]]>hunter2</a>",
        "<a></hunter2>",
        "<a><!-- hunter2 -- --></a>",
        "<a/>hunter2",
        "<!DOCTYPE hunter2><a/>",
        "<!DOCTYPE a [<!ENTITY x 'hunter2'>]><a/>",
        "<?xml version='hunter2'?><a/>",
    ] {
        let fault = events(text).unwrap_err();
        assert!(!format!("{fault} {fault:?}").contains("hunter2"), "{text}: {fault}");
    }
}

#[test]
fn reference_documents_are_read_or_refused() {
    let Some(documents) = reference::documents() else {
        return;
    };
    let mut wrong = Vec::new();
    for document in &documents {
        let read = read_to_end(&document.bytes, None);
        if read.is_ok() != document.well_formed {
            wrong.push(format!(
                "{} ({}): {:?}",
                document.file,
                document.kind,
                read.map_err(|fault| fault.to_string())
            ));
        }
    }
    assert!(wrong.is_empty(), "of {}:\n{}", documents.len(), wrong.join("\n"));
}
