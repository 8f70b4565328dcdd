//! Bad input, by its number in the catalogue of bad inputs: what is answered, and what is left behind.
//!
//! Codes of a hub and senders that never finish (A17, A18, A20, A49 to A52) are in `trust`, repetitions and conflicts of
//! orders (A67 to A69, A71, A72, A74 to A76, A87, A117, A126) in `orders`; [`every_number_is_tested`] looks for them all.

mod door;
mod logs;
mod markup;
mod order;
mod secret;
mod sender;
mod setup;
mod visit;
mod wire;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::support::{Answer, Letter, SECRET, Stand, plain_order};

/// What a document may leave behind.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Effect {
    /// Nothing but the security log.
    None,
    /// Nothing but the security log and the quarantine, where strangers' documents wait.
    Quarantine,
    /// One order or visit.
    One,
    /// The refused document of a known partner, with its refusal, and nothing that came of it.
    Refused,
}

/// Words of the bad inputs that no answer may echo.
const MARKS: [&str; 7] = [
    SECRET,
    "@plain",
    "evil.example",
    "etc/passwd",
    "DROP TABLE",
    "alert(1)",
    "169.254",
];

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
    for mark in MARKS {
        assert!(
            !answer.text().contains(mark),
            "{number} echoes {mark}: {}",
            answer.text()
        );
    }
    let after = stand.traces().await;
    let [exchanges, orders, visits, quarantined] = [0, 1, 2, 3].map(|at| after[at] - before[at]);
    let left = (exchanges, orders + visits, quarantined);
    let fits = match effect {
        Effect::None => left == (0, 0, 0),
        Effect::Quarantine => left == (0, 0, 1),
        Effect::One => left == (1, 1, 0),
        Effect::Refused => left == (1, 0, 0),
    };
    assert!(fits, "{number}: {effect:?}, but {before:?} became {after:?}");
    answer
}

async fn check(stand: &Stand, number: &str, text: &str, code: u16, effect: Effect) -> Answer {
    check_bytes(stand, number, "text/xml; charset=UTF-8", text.as_bytes(), code, effect).await
}

/// How many events of one kind are in the security log.
async fn events(stand: &Stand, kind: &str) -> i64 {
    stand.count(&format!("security_event WHERE kind = '{kind}'")).await
}

/// Rules for which the latest order is held.
async fn held_for(stand: &Stand) -> Vec<String> {
    let tenant_id = stand.tenant_id;
    let read = stand.gateway.store.read(async |tx| {
        let orders = punchgate::store::order::list(tx, tenant_id, None, None, 1).await?;
        punchgate::store::order::exceptions(tx, tenant_id, orders[0].id).await
    });
    let exceptions: Result<_, punchgate::store::StoreError> = read.await;
    exceptions
        .unwrap()
        .into_iter()
        .map(|exception| exception.rule)
        .collect()
}

/// An order that is good, with a number of its own.
fn good(number: &str) -> String {
    Letter::of("plain", &format!("{number}@plain"), &plain_order(number)).text()
}

/// An address that documents name and that nobody may call.
struct Trap(TcpListener);

impl Trap {
    fn set() -> Trap {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Trap(listener)
    }

    fn address(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    fn stayed_silent(&self) {
        let called = self.0.accept();
        assert!(
            called.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
            "something was fetched because a document named it"
        );
    }
}

/// The numbers that must be tested are named in the tests.
#[test]
fn every_number_is_tested() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut texts = String::new();
    for folder in [folder.join("bad_input"), folder] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() && !path.ends_with("bad_input/mod.rs") {
                texts.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let spans = [
        (1, 53),
        (67, 92),
        (94, 104),
        (106, 109),
        (116, 118),
        (124, 124),
        (126, 128),
    ];
    let missing: Vec<String> = spans
        .into_iter()
        .flat_map(|(first, last)| first..=last)
        .map(|number| format!("A{number:02}"))
        .filter(|number| {
            let named = |at: usize| {
                let before = texts[..at].chars().next_back();
                let after = texts[at + number.len()..].chars().next();
                before.is_some_and(|c| c == '"' || c == ' ') && after.is_some_and(|c| !c.is_ascii_digit())
            };
            !texts.match_indices(number.as_str()).any(|(at, _)| named(at))
        })
        .collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
}
