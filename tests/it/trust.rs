//! Who is let in: codes of a hub, slow and endless senders, rotation of secrets.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use punchgate::domain::party::SecretKind;
use punchgate::service::party;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Letter, RETURN_URL, SECRET, Stand, credential, plain_order, proof, setup, stands, stands_with};

/// The code over these fields, computed here once more: each field with a NUL, HMAC-SHA1, the first twelve bytes.
fn code(fields: [&str; 6], key: &str) -> Vec<u8> {
    let key = PKey::hmac(key.as_bytes()).unwrap();
    let mut signer = Signer::new(MessageDigest::sha1(), &key).unwrap();
    for field in fields {
        signer.update(field.as_bytes()).unwrap();
        signer.update(&[0]).unwrap();
    }
    signer.sign_to_vec().unwrap()[..12].to_vec()
}

const HUB: (&str, &str) = ("NetworkID", "AN9900000100");
const CREATED: &str = "2026-11-24T08:30:00+00:00";
const EXPIRES: &str = "2026-11-24T10:30:00+00:00";

fn coded(kind: &str, algorithm: &str, created: &str, expires: &str, code: &str) -> String {
    format!(
        "<Credential domain=\"{}\"><Identity>{}</Identity><CredentialMac type=\"{kind}\" algorithm=\"{algorithm}\" \
         creationDate=\"{created}\" expirationDate=\"{expires}\">{code}</CredentialMac></Credential>",
        HUB.0, HUB.1
    )
}

fn fields<'a>(created: &'a str, expires: &'a str) -> [&'a str; 6] {
    [
        "networkid",
        "an9900000100",
        "networkid",
        "an9900000100",
        created,
        expires,
    ]
}

fn vouched(payload_id: &str, sender: &str) -> Letter {
    let mut letter = Letter::of("mac", payload_id, &setup("create", payload_id, RETURN_URL, ""));
    letter.sender = sender.to_owned();
    letter
}

#[tokio::test]
async fn a_hub_vouches_within_its_time() {
    for stand in stands().await {
        let good = STANDARD.encode(code(fields(CREATED, EXPIRES), "abracadabra"));
        let kind = ("FromSenderCredentials", "HMAC-SHA1-96");
        let sender = coded(kind.0, kind.1, CREATED, EXPIRES, &good);
        let text = vouched("m1@x", &sender).text();
        let first = stand.post(&text).await;
        assert_eq!(first.code(), 200, "{}", first.text());
        // A51: repeated while the link is unused, the same answer; afterwards no new link for a code that anybody holds.
        assert_eq!(stand.post(&text).await.body, first.body);
        let start = first.start();
        let csrf = stand.get(&start).await.input("csrf").unwrap();
        assert_eq!(stand.submit(&start, &[("csrf", &csrf)]).await.status, 303);
        assert_eq!(stand.post(&text).await.code(), 409, "A51");
        assert_eq!(stand.count("session").await, 1);
        // A52: by the standard a code covers no payloadID.
        assert_eq!(stand.post(&vouched("m2@x", &sender).text()).await.code(), 200, "A52");
        let spans = [
            ("2026-11-24T06:00:00+00:00", "2026-11-24T08:00:00+00:00"),
            ("2026-11-24T12:00:00+00:00", "2026-11-24T14:00:00+00:00"),
            ("2026-11-20T12:00:00+00:00", "2026-11-28T14:00:00+00:00"),
        ];
        let right = |created, expires| STANDARD.encode(code(fields(created, expires), "abracadabra"));
        let eleven = STANDARD.encode(&code(fields(CREATED, EXPIRES), "abracadabra")[..11]);
        let mut thirteen = code(fields(CREATED, EXPIRES), "abracadabra");
        thirteen.push(0);
        let mut bad: Vec<String> = spans
            .iter()
            .map(|(from, to)| coded(kind.0, kind.1, from, to, &right(from, to)))
            .collect();
        bad.extend([
            coded("Other", kind.1, CREATED, EXPIRES, &good),
            coded(kind.0, "HMAC-MD5", CREATED, EXPIRES, &good),
            coded(kind.0, kind.1, CREATED, EXPIRES, &eleven),
            coded(kind.0, kind.1, CREATED, EXPIRES, &STANDARD.encode(&thirteen)),
            coded(kind.0, kind.1, CREATED, EXPIRES, "!!!!"),
            coded(kind.0, kind.1, CREATED, EXPIRES, ""),
            coded(
                kind.0,
                kind.1,
                CREATED,
                EXPIRES,
                &STANDARD.encode(code(fields(CREATED, EXPIRES), "wrong")),
            ),
        ]);
        for (at, sender) in bad.iter().enumerate() {
            let answer = stand.post(&vouched(&format!("n{at}@x"), sender).text()).await;
            assert_eq!(answer.code(), 401, "A49 {at}: {}", answer.text());
        }
        // A50: the code was made for another author.
        let mut other = vouched("o@x", &sender);
        other.from = credential(("DUNS", "111"));
        assert_eq!(stand.post(&other.text()).await.code(), 401, "A50");
        assert_eq!(stand.count("session").await, 2);
    }
}

async fn is_taken(stand: &Stand, payload_id: &str, secret: &str) -> bool {
    let mut letter = Letter::of("plain", payload_id, &plain_order(payload_id));
    letter.sender = proof(("DUNS", "111"), secret);
    stand.post(&letter.text()).await.code() == 200
}

#[tokio::test]
async fn secrets_rotate_without_a_gap() {
    for stand in stands().await {
        let directory = stand.gateway.directory();
        let plain = directory
            .connections()
            .find(|known| known.connection.code == "plain")
            .unwrap()
            .connection
            .id;
        let kind = SecretKind::SharedSecret;
        party::set_secret(&stand.gateway, stand.tenant_id, plain, 2, kind, "the-next-secret")
            .await
            .unwrap();
        assert!(is_taken(&stand, "r1", SECRET).await && is_taken(&stand, "r2", "the-next-secret").await);
        let end = stand.clock.now() + jiff::SignedDuration::from_secs(3600);
        party::end_secret(&stand.gateway, stand.tenant_id, plain, 1, kind, end)
            .await
            .unwrap();
        assert!(is_taken(&stand, "r3", SECRET).await);
        stand.advance(3600);
        assert!(!is_taken(&stand, "r4", SECRET).await && is_taken(&stand, "r5", "the-next-secret").await);
    }
}

#[tokio::test]
async fn senders_that_never_finish_are_let_go() {
    for stand in stands_with(|config| {
        config.limits.receive_seconds = 1;
        config.limits.message_bytes_max = 1 << 20;
    })
    .await
    {
        // A18: a byte now and then.
        let started = Instant::now();
        let mut slow = TcpStream::connect(stand.address).await.unwrap();
        let head = "POST /cxml HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 100000\r\n\r\n";
        slow.write_all(head.as_bytes()).await.unwrap();
        let (mut reading, mut writing) = slow.into_split();
        let drip = tokio::spawn(async move {
            for _ in 0..100 {
                if writing.write_all(b"<").await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        let mut answer = Vec::new();
        reading.read_to_end(&mut answer).await.ok();
        drip.abort();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 408"), "A18: {answer}");
        assert!(
            started.elapsed() < Duration::from_secs(4),
            "A18: {:?}",
            started.elapsed()
        );
        // A17: chunk after chunk without end.
        let mut endless = TcpStream::connect(stand.address).await.unwrap();
        let head = "POST /cxml HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
        endless.write_all(head.as_bytes()).await.unwrap();
        let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
        let started = Instant::now();
        let (mut reading, mut writing) = endless.into_split();
        let flood = tokio::spawn(async move { while writing.write_all(&chunk).await.is_ok() {} });
        let mut answer = [0; 12];
        reading.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 413", "A17");
        // What still comes is thrown away for a moment, so that the sender can hear the answer; then it is cut off.
        flood.await.unwrap();
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "A17: {:?}",
            started.elapsed()
        );
        // A20: compressed bodies are not unpacked at all.
        let zipped = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        let head = format!(
            "POST /cxml HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            zipped.len()
        );
        let answer = stand.raw(&[head.as_bytes(), &zipped].concat()).await;
        assert!(answer.status == 415 || answer.code() == 406, "A20: {}", answer.status);
        assert_eq!(stand.traces().await, [0; 4]);
    }
}

#[tokio::test]
async fn blanks_around_a_secret_count_where_nobody_said_otherwise() {
    for stand in stands().await {
        let padded = format!("\n {SECRET}\t\n");
        assert!(!is_taken(&stand, "b1", &padded).await, "A46 exact");
        let directory = stand.gateway.directory();
        let plain = directory
            .connections()
            .find(|known| known.connection.code == "plain")
            .unwrap();
        let mut connection = plain.connection.clone();
        connection.settings.secret_match = Some(punchgate::domain::party::SecretMatch::Trimmed);
        party::update_connection(&stand.gateway, connection).await.unwrap();
        assert!(is_taken(&stand, "b2", &padded).await, "A46 trimmed");
        assert!(is_taken(&stand, "b3", SECRET).await, "A46 trimmed");
        let inside = SECRET.replacen('-', " -", 1);
        assert!(!is_taken(&stand, "b4", &inside).await, "A46 inside");
        assert!(!is_taken(&stand, "b5", " \n").await, "A39 blanks");
    }
}

#[tokio::test]
async fn guessing_slows_the_guesser_and_locks_nobody_out() {
    for stand in stands_with(|config| config.limits.address_failures_per_minute = 3).await {
        let mut codes = Vec::new();
        for guess in 0..6 {
            let mut letter = Letter::of("plain", &format!("g{guess}@x"), &plain_order("G"));
            letter.sender = proof(("DUNS", "111"), &format!("guess {guess}"));
            let answer = stand.post(&letter.text()).await;
            codes.push((answer.status, answer.code()));
        }
        assert_eq!(codes[..3], [(200, 401); 3], "A118");
        assert_eq!(codes[3..], [(429, 560); 3], "A118");
        // What is thrown away unread cannot fill the quarantine.
        assert_eq!(stand.count("quarantine").await, 3, "A118");
        assert!(
            is_taken(&stand, "g@x", SECRET).await,
            "A118: the partner itself is let in"
        );
    }
}
