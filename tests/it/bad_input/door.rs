//! The door itself: what is no document, no post, or no end.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Effect, check, check_bytes, good};
use crate::support::{Letter, stands, stands_with};

#[tokio::test]
async fn the_door_answers_every_knock() {
    for stand in stands().await {
        for path in ["/cxml", "/cxml?cxml-urlencoded=%3CcXML%3E"] {
            let answer = stand.get(path).await;
            assert_eq!((answer.status, answer.code()), (200, 200), "A108");
        }
        // A109: a form is for carts, which the browser brings; documents are posted themselves.
        let form = format!("cxml-urlencoded={}", good("A109"));
        let kind = "application/x-www-form-urlencoded";
        check_bytes(&stand, "A109", kind, form.as_bytes(), 406, Effect::None).await;
        for kind in ["AuthRequest", "SubscriptionListRequest", "QuoteRequest", "FooRequest"] {
            let text = Letter::of("plain", &format!("A116-{kind}"), &format!("<{kind}/>")).text();
            check(&stand, &format!("A116 {kind}"), &text, 450, Effect::Refused).await;
        }
    }
}

#[tokio::test]
async fn what_stands_beside_a_chunk_is_read_past_within_the_time() {
    for stand in stands_with(|config| config.limits.receive_seconds = 2).await {
        let head = "POST /cxml HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\
                    Connection: close\r\n\r\n";
        let body = good("A107c");
        let more = "x".repeat(1 << 20);
        let extended = format!("{head}{:x};{more}\r\n{body}\r\n0\r\n\r\n", body.len());
        let answer = stand.raw(extended.as_bytes()).await;
        assert_eq!((answer.status, answer.code()), (200, 200), "A107 extension");
        let before = stand.traces().await;
        let (mut reading, mut writing) = TcpStream::connect(stand.address).await.unwrap().into_split();
        let endless = tokio::spawn(async move {
            writing.write_all(format!("{head}5;").as_bytes()).await.ok();
            while writing.write_all(&[b'x'; 1000]).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        let mut answer = [0; 12];
        let heard = tokio::time::timeout(Duration::from_secs(20), reading.read_exact(&mut answer)).await;
        heard.expect("A107: no answer in time").unwrap();
        assert_eq!(&answer, b"HTTP/1.1 408", "A107 endless");
        endless.abort();
        assert_eq!(stand.traces().await, before, "A107 endless");
    }
}

#[tokio::test]
async fn only_documents_are_taken_and_only_by_post() {
    for stand in stands().await {
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            let request =
                format!("{method} /cxml HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let answer = stand.raw(request.as_bytes()).await;
            assert_eq!((answer.status, answer.code()), (405, 450), "{method}");
        }
        let answer = stand
            .raw(b"HEAD /cxml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .await;
        assert_eq!((answer.status, answer.body.len()), (200, 0), "HEAD");
        assert_eq!(stand.traces().await, [0; 4]);
    }
}
