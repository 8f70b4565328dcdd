//! Multipart messages and forms, as they should be and as they come.

use proptest::prelude::*;
use punchgate::mime::{
    self, ContentType, Limits, Message, MimeError, OutgoingPart, content_id_of_url, read_form, read_form_page,
    write_related,
};
use punchgate::xml::{self, Reader};

use crate::reference;

/// Reads a body written with `|` for line ends, once with CRLF and once with LF.
fn check(content_type: &str, body: &str, expect: Result<&str, MimeError>) {
    for line_end in ["\r\n", "\n"] {
        let body = body.replace('|', line_end);
        let read = mime::read(content_type, body.as_bytes(), &Limits::default());
        let told = read.map(|message| tell(&message).replace(line_end, "|"));
        assert_eq!(told, expect.map(str::to_owned), "{content_type}\n{body}");
    }
}

/// `type;id;name=body` of every part, the root first.
fn tell(message: &Message<'_>) -> String {
    let parts = std::iter::once(message.root()).chain(message.attachments());
    let told = parts.map(|part| {
        let body = match &part.message {
            Some(message) => format!("[{}]", tell(message)),
            None => String::from_utf8_lossy(&part.body).into_owned(),
        };
        let id = part.content_id.as_deref().unwrap_or_default();
        let name = part.file_name.as_deref().unwrap_or_default();
        format!("{};{id};{name}={body}", part.content_type.media_type)
    });
    told.collect::<Vec<_>>().join(" ")
}

#[test]
fn messages() {
    let two = "--b|Content-Type: text/xml|Content-ID: <1@x>||<a/>|--b|Content-ID: <2@x>||two|--b--|";
    let first = Ok("text/xml;1@x;=<a/> text/plain;2@x;=two");
    let second = Ok("text/plain;2@x;=two text/xml;1@x;=<a/>");
    check("multipart/related; boundary=b", two, first);
    check("Multipart/Mixed; BOUNDARY=\"b\"", two, first);
    check("multipart/related; boundary=b; type=text/xml; start=<1@x>", two, first);
    check(
        "multipart/related; boundary=b; type=\"text/xml\"; start=\"<2@x>\"",
        two,
        second,
    );
    check("multipart/related; boundary=b; start=2@x", two, second);
    check(
        "multipart/related; boundary=b;\r\n    type=\"text/xml\";\r\n\tstart=\"<2@x>\"",
        two,
        second,
    );
    check("multipart/related; boundary=b; start=\"\"", two, first);
    check(
        "multipart/related; boundary=b; start=\"<3@x>\"",
        two,
        Err(MimeError::NoRoot),
    );

    let dashes = "-----------------------------MIME";
    check(
        &format!("multipart/related; boundary={dashes}"),
        &two.replace("--b", &format!("--{dashes}")),
        first,
    );
    let with_blank = two.replace("--b", "--something unique");
    check(
        "multipart/related; boundary=something unique; start=<1@x>",
        &with_blank,
        first,
    );
    check("multipart/related; boundary=\"something unique\"", &with_blank, first);
    check("multipart/related; boundary=b", &two.replace("--b|", "--b \t|"), first);
    check(
        "multipart/related; boundary=b",
        &format!("preamble|--bb|--b x|{two}epilogue|--b|"),
        first,
    );
    check("multipart/related; boundary=b", two.trim_end_matches('|'), first);
    let look_alikes = "one --b|--bc| --b|--b-|-- b|--b --|--b--x";
    check(
        "multipart/related; boundary=b",
        &format!("--b||{look_alikes}|--b--"),
        Ok(&format!("text/plain;;={look_alikes}")),
    );
    check(
        "multipart/related; boundary=b",
        "--b|||--b||||--b--|",
        Ok("text/plain;;= text/plain;;=|"),
    );
    check(
        "multipart/related; boundary=b",
        "--b|Content-ID: <1>||--b|Content-ID: <2>|||--b--",
        Ok("text/plain;1;= text/plain;2;="),
    );
}

#[test]
fn refused_messages() {
    use MimeError::*;
    for (content_type, body, expect) in [
        ("text/xml", "--b||x|--b--|", NotMultipart),
        ("", "--b||x|--b--|", NotMultipart),
        ("multipart/related", "--b||x|--b--|", Boundary),
        ("multipart/related; boundary=", "--b||x|--b--|", Boundary),
        ("multipart/related; boundary=\"\"", "--||x|----|", Boundary),
        ("multipart/related; boundary=b", "", NoParts),
        ("multipart/related; boundary=b", "x|y", NoParts),
        ("multipart/related; boundary=b", "--b--|", NoParts),
        ("multipart/related; boundary=b", "--b||x|", NotClosed),
        ("multipart/related; boundary=b", "--b||x|--b||y|--b", NotClosed),
        ("multipart/related; boundary=b", "--b|--b--|", Headers),
        (
            "multipart/related; boundary=b",
            "--b|Content-ID: <1>|<a/>|--b--|",
            Headers,
        ),
        (
            "multipart/related; boundary=b",
            "--b|Content-ID: <1>||x|--b|Content-ID: <1>||y|--b--|",
            DuplicateContentId,
        ),
        (
            "multipart/related; boundary=b",
            "--b|Content-ID: <1>||x|--b|content-id: 1||y|--b--|",
            DuplicateContentId,
        ),
        (
            "multipart/related; boundary=b",
            "--b|Content-Transfer-Encoding: x-uuencode||x|--b--|",
            TransferEncoding,
        ),
        (
            "multipart/related; boundary=b",
            "--b|Content-Transfer-Encoding: base64||*|--b--|",
            TransferEncoding,
        ),
    ] {
        check(content_type, body, Err(expect));
    }
    let too_long = format!("--b|X: {}||x|--b--|", "x".repeat(20_000));
    check("multipart/related; boundary=b", &too_long, Err(Headers));
    check(
        &format!("multipart/related; boundary={}", "b".repeat(201)),
        "x",
        Err(Boundary),
    );
    // A103
    let many = |count: usize| "--b||x|".repeat(count) + "--b--|";
    assert!(
        mime::read(
            "multipart/related; boundary=b",
            many(100).replace('|', "\n").as_bytes(),
            &Limits::default()
        )
        .is_ok()
    );
    check("multipart/related; boundary=b", &many(101), Err(TooManyParts));
    check("multipart/related; boundary=b", &many(10_000), Err(TooManyParts));
    let nested = |depth: usize| {
        (1..depth).fold("--b0||x|--b0--".to_owned(), |inner, level| {
            format!(
                "--b{level}|Content-Type: multipart/mixed; boundary=b{}||{inner}|--b{level}--",
                level - 1
            )
        })
    };
    check(
        "multipart/mixed; boundary=b2",
        &nested(3),
        Ok("multipart/mixed;;=[multipart/mixed;;=[text/plain;;=x]]"),
    );
    check("multipart/mixed; boundary=b3", &nested(4), Err(TooDeep));
    check("multipart/mixed; boundary=b49", &nested(50), Err(TooDeep));
    let fans = format!(
        "--b|Content-Type: multipart/mixed; boundary=c||{}--c--|--b||x|--b--",
        "--c||x|".repeat(99)
    );
    check("multipart/mixed; boundary=b", &fans, Err(TooManyParts));
}

#[test]
fn parts() {
    let check_part = |headers: &str, body: &str, expect: &str| {
        check(
            "multipart/related; boundary=b",
            &format!("--b|{headers}||{body}|--b--"),
            Ok(expect),
        );
    };
    // Transfer encodings.
    check_part("Content-Transfer-Encoding: binary", "\0ÿ", "text/plain;;=\0ÿ");
    check_part("content-transfer-encoding:8BIT ", "é", "text/plain;;=é");
    check_part(
        "Content-Transfer-Encoding: Base64",
        "aGVs|bG8 gd29y|bGQ=|",
        "text/plain;;=hello world",
    );
    check_part(
        "Content-Transfer-Encoding: quoted-printable",
        "caf=C3=A9 =|and=3D",
        "text/plain;;=café and=",
    );
    // Content-ID.
    check_part("Content-ID: <a@b> ", "", "text/plain;a@b;=");
    check_part("CONTENT-ID:\t<a@b>", "", "text/plain;a@b;=");
    check_part("Content-ID:|  <a@b>", "", "text/plain;a@b;=");
    check_part("Content-ID: a@b", "", "text/plain;a@b;=");
    check_part("Content-ID<0>", "", "text/plain;0;=");
    check_part("Content-ID: <>", "", "text/plain;;=");
    // File names: plain, quoted, RFC 2047, RFC 2231, RFC 5987, and in the type.
    check_part(
        "Content-Disposition: attachment; filename=a.pdf",
        "",
        "text/plain;;a.pdf=",
    );
    check_part(
        "Content-Disposition: inline; filename=\"a; b.pdf\"",
        "",
        "text/plain;;a; b.pdf=",
    );
    check_part(
        "Content-Disposition: attachment; filename=\"=?UTF-8?B?w6kucGRm?=\"",
        "",
        "text/plain;;é.pdf=",
    );
    check_part(
        "Content-Disposition: attachment; filename=\"=?iso-8859-1?Q?=E9.pdf?=\"",
        "",
        "text/plain;;é.pdf=",
    );
    check_part(
        "Content-Disposition: attachment; filename*=UTF-8''%C3%A9.pdf",
        "",
        "text/plain;;é.pdf=",
    );
    check_part(
        "Content-Disposition: attachment;| filename*0*=UTF-8''%C3%A9;| filename*1=\".pdf\"",
        "",
        "text/plain;;é.pdf=",
    );
    check_part(
        "Content-Type: application/pdf; name=\"a.pdf\"",
        "",
        "application/pdf;;a.pdf=",
    );
    // Types.
    check_part(
        "Content-Type: application/xop+xml;|\tcharset=\"UTF-8\";|\ttype=\"text/xml\"",
        "<a/>",
        "application/xop+xml;;=<a/>",
    );
    check_part("Content-Type: TEXT/XML", "<a/>", "text/xml;;=<a/>");
    let content_type = ContentType::parse("Text/XML; Charset=\"UTF-8\"");
    assert_eq!(
        (content_type.media_type.as_str(), content_type.charset.as_deref()),
        ("text/xml", Some("UTF-8"))
    );
    assert_eq!(ContentType::parse("text/xml").charset, None);
    assert!(ContentType::parse("Multipart/Mixed; boundary=b").is_multipart());
}

#[test]
fn nested_messages() {
    check(
        "Multipart/Related; boundary=outer",
        "--outer|Content-Type: text/xml|Content-ID: <111@s>||<a/>|\
         --outer|Content-Type: Multipart/Related; boundary=inner|Content-ID: <222@s>||\
         --inner|Content-Type: text/xml|Content-ID: <111@s>||<b/>|--inner||x|--inner--|\
         --outer--|",
        Ok("text/xml;111@s;=<a/> multipart/related;222@s;=[text/xml;111@s;=<b/> text/plain;;=x]"),
    );
}

#[test]
fn cid_urls() {
    for (url, expect) in [
        ("cid:a@b", Some("a@b")),
        ("CID:a@b", Some("a@b")),
        (" cid: a@b \n", Some("a@b")),
        ("cid:a%40b", Some("a@b")),
        ("cid:a%2540b", Some("a%40b")),
        ("cid:<a@b>", Some("a@b")),
        ("cid:%3Ca@b%3E", Some("a@b")),
        ("cid:A@B", Some("A@B")),
        ("cid:", None),
        ("cid:%FF", None),
        ("mid:a@b", None),
        ("http://x.example/", None),
        ("a@b", None),
        ("", None),
    ] {
        assert_eq!(content_id_of_url(url).as_deref(), expect, "{url:?}");
    }
    let body = "--b\n\n<a/>\n--b\nContent-ID: <a@b>\n\nx\n--b--\n";
    let message = mime::read("multipart/related; boundary=b", body.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(message.part("cid:a%40b").unwrap().body, &b"x"[..]);
    for url in ["cid:A@b", "cid:a%2540b", "cid:c@d", "http://x.example/", "cid:"] {
        assert_eq!(message.part(url).unwrap_err(), MimeError::NoSuchPart, "{url}");
    }
}

#[test]
fn written_messages() {
    let root = OutgoingPart {
        content_type: "text/xml; charset=UTF-8",
        content_id: "payload.xml",
        file_name: None,
        body: b"<a>\n</a>",
    };
    let pdf = OutgoingPart {
        content_type: "application/pdf",
        content_id: "inv@x.example",
        file_name: Some("inv.pdf"),
        body: &[0xFF; 60],
    };
    let (content_type, body) = write_related(&root, &[pdf], "b7").unwrap();
    assert_eq!(
        content_type,
        "multipart/related; boundary=\"b7\"; type=\"text/xml\"; start=\"<payload.xml>\""
    );
    assert_eq!(
        String::from_utf8(body).unwrap(),
        "--b7\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\nContent-ID: <payload.xml>\r\n\r\n\
         <a>\n</a>\r\n\
         --b7\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <inv@x.example>\r\n\
         Content-Disposition: attachment; filename=\"inv.pdf\"\r\n\r\n"
            .to_owned()
            + &"/".repeat(76)
            + "\r\n////\r\n--b7--\r\n"
    );
    let fails = |root: OutgoingPart<'_>, boundary: &str| write_related(&root, &[], boundary).unwrap_err();
    assert_eq!(
        fails(
            OutgoingPart {
                body: b"<a>--b7</a>",
                ..root
            },
            "b7"
        ),
        MimeError::Boundary
    );
    for boundary in ["", "a b", "a\"b", "a\r\nb", &"b".repeat(71)] {
        assert_eq!(fails(root, boundary), MimeError::Boundary, "{boundary:?}");
    }
    for value in ["a\r\nX: y", "é", "a\0"] {
        assert_eq!(
            fails(
                OutgoingPart {
                    content_type: value,
                    ..root
                },
                "b7"
            ),
            MimeError::HeaderValue
        );
        assert_eq!(
            fails(
                OutgoingPart {
                    content_id: value,
                    ..root
                },
                "b7"
            ),
            MimeError::HeaderValue
        );
    }
    assert_eq!(
        fails(
            OutgoingPart {
                content_id: "a>b",
                ..root
            },
            "b7"
        ),
        MimeError::HeaderValue
    );
    assert_eq!(
        fails(OutgoingPart { content_id: "", ..root }, "b7"),
        MimeError::HeaderValue
    );
    assert_eq!(
        fails(
            OutgoingPart {
                file_name: Some("a\r\nX: y"),
                ..root
            },
            "b7"
        ),
        MimeError::HeaderValue
    );
}

/// The head of a message as the wire has it: the value of `Content-Type`, unfolded, and the body.
fn split_http(bytes: &[u8]) -> (String, &[u8]) {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&bytes[..end])
        .unwrap()
        .replace("\r\n ", " ")
        .replace("\r\n\t", " ");
    let content_type = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-type")
            .then(|| value.trim().to_owned())
    });
    (content_type.unwrap(), &bytes[end + 4..])
}

#[test]
fn reference_wire() {
    let Some(folder) = reference::folder() else { return };
    let wire = folder.join("corpus/http/wire");
    let file = |name: &str| std::fs::read(wire.join(name)).unwrap();
    let finish = |bytes: &[u8], charset: Option<&str>| {
        let decoded = xml::decode(bytes, charset, &xml::Limits::default()).unwrap();
        Reader::new(&decoded.text, &xml::Limits::default())
            .and_then(|mut reader| reader.finish())
            .unwrap();
    };
    let mut seen = 0;
    for (name, attachment, url) in [
        (
            "catalogupload-related.http",
            Some("PremiereCatalog.cif"),
            "cid:part2.PCO28.975@saturn.workchairs.com",
        ),
        ("coupa-invoice-related.http", Some("inv.pdf"), "cid:inv.pdf"),
        (
            "dataresponse-mixed.http",
            None,
            "cid:1105574422695.1816707419@cetus.hub.com",
        ),
        ("jaggaer-xop-related.http", Some("quote.doc"), "cid:17@sciquest.com"),
    ] {
        let bytes = file(name);
        let (content_type, body) = split_http(&bytes);
        let message = mime::read(&content_type, body, &Limits::default()).unwrap();
        let root = message.root();
        finish(&root.body, root.content_type.charset.as_deref());
        let part = message.part(url).unwrap();
        assert_eq!(part.file_name.as_deref(), attachment, "{name}");
        assert_eq!(message.attachments().count(), 1, "{name}");
        match name {
            "coupa-invoice-related.http" => assert!(part.body.starts_with(b"%PDF-1.4\n")),
            "jaggaer-xop-related.http" => assert_eq!(part.body, &b"\x00\x01binary\xFF"[..]),
            "catalogupload-related.http" => assert!(part.body.ends_with(b"ENDOFDATA")),
            _ => finish(&part.body, part.content_type.charset.as_deref()),
        }
        seen += 1;
    }
    let document = file("odp-decoded.xml");
    finish(&document, None);
    for name in [
        "form-cxml-base64.body",
        "form-cxml-base64-unescaped-plus.body",
        "form-cxml-urlencoded.body",
        "form-cxml-urlencoded-double.body",
    ] {
        let read = read_form(&file(name)).unwrap();
        finish(&read.bytes, read.charset);
        assert_eq!(
            String::from_utf8_lossy(&read.bytes),
            String::from_utf8_lossy(&document),
            "{name}"
        );
        seen += 1;
    }
    assert_eq!(
        seen + 1,
        std::fs::read_dir(&wire).unwrap().count(),
        "a body that no test reads"
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..4),
        names in proptest::collection::vec("[a-zé雪 \"\\\\=?.;-]{1,40}", 4),
    ) {
        let ids: Vec<String> = (0..bodies.len()).map(|ordinal| format!("part{ordinal}@x.example")).collect();
        let parts: Vec<OutgoingPart<'_>> = bodies.iter().zip(&ids).zip(&names)
            .map(|((body, id), name)| OutgoingPart { content_type: "application/pdf", content_id: id, file_name: Some(name), body })
            .collect();
        let root = OutgoingPart { content_type: "text/xml", content_id: "root", file_name: None, body: b"<a/>" };
        let (content_type, body) = write_related(&root, &parts, "b7-9").unwrap();
        let message = mime::read(&content_type, &body, &Limits::default()).unwrap();
        prop_assert_eq!(&message.root().body[..], b"<a/>");
        for part in &parts {
            let read = message.part(&format!("cid:{}", part.content_id)).unwrap();
            prop_assert_eq!(&read.body[..], part.body);
            prop_assert_eq!(read.file_name.clone(), part.file_name.map(|name| name.replace(['"', '\\'], "_")));
        }
    }

    #[test]
    fn nothing_panics(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "--b", "--", "\r\n", "\n", "Content-Type: ", "multipart/mixed; boundary=b", "text/xml", ";", "=", "\"", "*", "*0*=utf-8''%C3",
            "Content-ID", ":", "<", ">", " ", "name", "filename", "Content-Disposition: a", "Content-Transfer-Encoding: ", "base64",
            "quoted-printable", "=?utf-8?Q?=", "?=", "é", "\0", "\r", "%", "&", "cxml-base64", "cxml-urlencoded", "+", "%3C", "input", "'",
        ]), 0..24),
        extra in any::<[u8; 2]>(),
    ) {
        let mut bytes = pieces.concat().into_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        drop(read_form_page(&text));
        prop_assert!(content_id_of_url(&text).is_none_or(|id| !id.is_empty()));
        bytes.extend(extra);
        drop(mime::read("multipart/mixed; boundary=b", &bytes, &Limits::default()));
        drop(mime::read(&format!("multipart/mixed; boundary={text}"), &bytes, &Limits::default()));
        drop(read_form(&bytes));
    }
}
