//! Bad input below the document: HTTP, multipart, sizes as they are by default.

use std::time::{Duration, Instant};

use crate::support::{Letter, Stand, item, order, plain_order, stands};

const RELATED: &str = "multipart/related; boundary=b; type=\"text/xml\"; start=\"<root>\"";

fn good(number: &str) -> String {
    Letter::of("plain", &format!("{number}@plain"), &plain_order(number)).text()
}

/// An order whose comments name this attachment.
fn naming(number: &str, url: &str) -> String {
    let comments = format!("<Comments>See<Attachment><URL>{url}</URL></Attachment></Comments></OrderRequestHeader>");
    good(number).replace("</OrderRequestHeader>", &comments)
}

fn message(text: &str, more: &str) -> String {
    format!("--b\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-ID: <root>\r\n\r\n{text}\r\n{more}--b--\r\n")
}

fn part(id: &str, body: &str) -> String {
    format!("--b\r\nContent-Type: application/pdf\r\nContent-ID: <{id}>\r\n\r\n{body}\r\n")
}

/// Multiparts in multiparts.
fn nested(depth: usize) -> String {
    let mut body = "Content-Type: text/plain\r\n\r\nx".to_owned();
    for at in 0..depth {
        body = format!("Content-Type: multipart/mixed; boundary=n{at}\r\n\r\n--n{at}\r\n{body}\r\n--n{at}--");
    }
    format!("--b\r\n{body}\r\n")
}

#[tokio::test]
async fn parts_are_what_they_say_or_nothing_is_kept() {
    for stand in stands().await {
        let twice = [part("p1", "A"), part("p1", "B")].concat();
        for (number, content_type, body, code) in [
            (
                "A103 no boundary",
                "multipart/related",
                message(&good("A103a"), ""),
                406,
            ),
            (
                "A103 boundary in data",
                RELATED,
                message(&naming("A103b", "cid:p1"), &part("p1", "A\r\n--b\r\nB")),
                406,
            ),
            (
                "A103 ten thousand",
                RELATED,
                message(&good("A103c"), &part("p1", "A").repeat(10_000)),
                499,
            ),
            ("A103 fifty deep", RELATED, message(&good("A103d"), &nested(50)), 499),
            (
                "A104 missing",
                RELATED,
                message(&naming("A104a", "cid:p2"), &part("p1", "A")),
                406,
            ),
            ("A104 without parts", "text/xml", naming("A104b", "cid:p1"), 406),
            ("A104 twice", RELATED, message(&naming("A104c", "cid:p1"), &twice), 406),
            (
                "A104 decoded twice",
                RELATED,
                message(&naming("A104d", "cid:p%2531"), &part("p1", "A")),
                406,
            ),
            (
                "A104 another case",
                RELATED,
                message(&naming("A104e", "cid:P1"), &part("p1", "A")),
                406,
            ),
            (
                "A104 start is a drawing",
                "multipart/related; boundary=b; start=\"<p1>\"",
                message(&good("A104f"), &part("p1", "%PDF-1.7")),
                406,
            ),
            (
                "A104 start is nothing",
                "multipart/related; boundary=b; start=\"<p9>\"",
                message(&good("A104g"), &part("p1", "%PDF-1.7")),
                406,
            ),
        ] {
            let answer = stand.send("/cxml", content_type, body.as_bytes()).await;
            assert_eq!(
                (answer.status, answer.code()),
                (200, code),
                "{number}: {}",
                answer.text()
            );
            assert_eq!(stand.traces().await, [0; 4], "{number}");
            assert_eq!(stand.count("attachment").await, 0, "{number}");
        }
        // Encoded once it is the part's name; a link elsewhere is a link and is not followed.
        for (number, url, parts) in [
            ("A104 encoded", "cid:p%31", part("p1", "A")),
            ("A94 link", "http://169.254.169.254/latest/meta-data", String::new()),
        ] {
            let started = Instant::now();
            let text = naming(&number.replace(' ', "-"), url);
            let answer = stand.send("/cxml", RELATED, message(&text, &parts).as_bytes()).await;
            assert_eq!(answer.code(), 200, "{number}: {}", answer.text());
            assert!(started.elapsed() < Duration::from_secs(2), "{number}");
        }
        assert_eq!(stand.count("attachment").await, 1);
    }
}

/// A request whose head is as given and whose body is cut or spread at will.
async fn raw(stand: &Stand, head: &str, body: &str) -> (u16, Option<u16>) {
    let answer = stand.raw(format!("{head}\r\n\r\n{body}").as_bytes()).await;
    let code = answer.text().contains("<Status").then(|| answer.code());
    (answer.status, code)
}

#[tokio::test]
async fn requests_that_mean_two_things_mean_nothing() {
    for stand in stands().await {
        let body = good("A106");
        let length = body.len();
        let post = "POST /cxml HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nConnection: close";
        let smuggled = format!("0\r\n\r\n{body}");
        for (number, head, body) in [
            (
                "A106 length and chunks",
                format!("{post}\r\nContent-Length: {length}\r\nTransfer-Encoding: chunked"),
                smuggled.as_str(),
            ),
            (
                "A106 chunks and length",
                format!("{post}\r\nTransfer-Encoding: chunked\r\nContent-Length: 4"),
                smuggled.as_str(),
            ),
            (
                "A106 two lengths",
                format!("{post}\r\nContent-Length: 4\r\nContent-Length: {length}"),
                body.as_str(),
            ),
            ("A106 negative", format!("{post}\r\nContent-Length: -1"), body.as_str()),
            (
                "A106 plus",
                format!("{post}\r\nContent-Length: +{length}"),
                body.as_str(),
            ),
            ("A106 short", format!("{post}\r\nContent-Length: 100"), body.as_str()),
            (
                "A106 chunked twice",
                format!("{post}\r\nTransfer-Encoding: chunked, chunked"),
                smuggled.as_str(),
            ),
            (
                "A106 blank before the colon",
                format!("{post}\r\nTransfer-Encoding : chunked\r\nContent-Length: {length}"),
                smuggled.as_str(),
            ),
        ] {
            let (status, code) = raw(&stand, &head, body).await;
            assert!(status == 400 || code == Some(406), "{number}: {status} {code:?}");
            assert_eq!(stand.traces().await, [0; 4], "{number}");
        }
        // An old client is a client.
        let old = format!("POST /cxml HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: {length}");
        assert_eq!(raw(&stand, &old, &body).await, (200, Some(200)), "A106 old");
        // A107: what stands beside a chunk's size is within limits or refused, and never a document.
        let chunks = format!("{post}\r\nTransfer-Encoding: chunked");
        let endless = format!("5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(1 << 20));
        let (status, code) = raw(&stand, &chunks, &endless).await;
        assert!(
            status == 0 || status == 400 || code == Some(406),
            "A107: {status} {code:?}"
        );
        let text = good("A107");
        let chunked = format!("{:x};note=1\r\n{text}\r\n0\r\n\r\n", text.len());
        let (status, code) = raw(&stand, &chunks, &chunked).await;
        assert!(status == 400 || code == Some(200), "A107: {status} {code:?}");
        assert!(stand.count("purchase_order").await <= 2);
        // The one who waits for the go-ahead gets it.
        let waiting = format!("{post}\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n");
        let answer = stand.raw(format!("{waiting}{body}").as_bytes()).await;
        assert_eq!(answer.status, 100, "A107");
        assert!(
            String::from_utf8_lossy(&answer.body).contains("<Status code=\"200\""),
            "A107"
        );
    }
}

#[tokio::test]
async fn limits_are_what_networks_themselves_allow() {
    for stand in stands().await {
        // A16: one value of fifty million characters would be over the document's limit, too; forty are not.
        let extrinsic = |value: &str| format!("<Extrinsic name=\"{value}\"/></OrderRequestHeader>");
        let wide = good("A16").replace("</OrderRequestHeader>", &extrinsic(&"x".repeat(39_000_000)));
        let wider = good("A16b").replace("</OrderRequestHeader>", &extrinsic(&"x".repeat(50_000_000)));
        let mut large = good("A77b").into_bytes();
        large.resize((40 << 20) + 1, b' ');
        for (number, body) in [
            ("A16", wide.as_bytes()),
            ("A16 whole", wider.as_bytes()),
            ("A77 bytes", &large),
        ] {
            let started = Instant::now();
            let answer = stand.send("/cxml", "text/xml", body).await;
            assert_eq!(
                (answer.status, answer.code()),
                (200, 499),
                "{number}: {}",
                answer.text()
            );
            assert!(
                started.elapsed() < Duration::from_secs(10),
                "{number}: {:?}",
                started.elapsed()
            );
        }
        let lines: String = (1..=10_001)
            .map(|at| item(&at.to_string(), "W-1", "1", "3.20", ""))
            .collect();
        let request = order("A77", "type=\"new\"", "", "32003.20", &lines);
        let answer = stand.post(&Letter::of("plain", "A77", &request).text()).await;
        assert_eq!(answer.code(), 499, "A77 lines: {}", answer.text());
        assert_eq!(stand.traces().await, [0; 4]);
    }
}
