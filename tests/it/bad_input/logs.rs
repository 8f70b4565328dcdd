//! What the process tells its logs and its figures: never a secret, and a line is a line.

use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::service::Gateway;
use punchgate::service::keys::Keys;

use crate::support::{Answer, Letter, RETURN_URL, SECRET, credential, furnish, item, order, proof, setup};
use crate::support_process::{Process, get, post};
use crate::support_store::stores;

/// Values that must never leave the place they were meant for.
const CANARIES: [&str; 8] = [
    SECRET,
    "canary-wrong-secret",
    "canary-mac-value",
    "4111111111111111",
    "2031-07-31",
    "canary-cookie",
    "canary-token",
    "Canary Holder",
];

fn documents() -> Vec<String> {
    let pay =
        "<Payment><PCard number=\"4111111111111111\" expiration=\"2031-07-31\" name=\"Canary Holder\"/></Payment>";
    let lines = item("1", "W-1", "2", "3.20", "");
    let odd = "A127&#10;&#27;[31mred\u{85}\u{2028}".replace("&#27;", "");
    let paid = order("A128", "type=\"new\"", pay, "6.40", &lines);
    let mut wrong = Letter::of("plain", "A128-wrong@x", &paid);
    wrong.sender = proof(("DUNS", "111"), "canary-wrong-secret");
    let mut coded = Letter::of("mac", "A128-mac@x", &paid);
    coded.sender = "<Credential domain=\"NetworkID\"><Identity>AN9900000100</Identity><CredentialMac \
                    type=\"FromSenderCredentials\" algorithm=\"HMAC-SHA1-96\" creationDate=\"2026-11-24T08:30:00+00:00\" \
                    expirationDate=\"2026-11-24T10:30:00+00:00\">canary-mac-value</CredentialMac></Credential>"
        .into();
    let mut stranger = Letter::of("plain", &odd, &paid);
    stranger.sender = proof(("DUNS", "A127\n{\"message\":\"forged\"}"), SECRET);
    let mut torn = Letter::of("plain", "A128-torn@x", &paid).text();
    torn.truncate(torn.len() - 20);
    vec![
        Letter::of("plain", &odd, &paid)
            .text()
            .replace("<UserAgent>Story", "<UserAgent>A127\nStory"),
        wrong.text(),
        coded.text(),
        stranger.text(),
        torn,
        Letter::of(
            "plain",
            "A128-setup@x",
            &setup("create", "canary-cookie", RETURN_URL, ""),
        )
        .text(),
        Letter::of(
            "plain",
            "A128-bad@x",
            &setup("create", "canary-cookie", "javascript:x", ""),
        )
        .text(),
        Letter::of(
            "plain",
            "A128-number@x",
            &order("A128n", "type=\"new\"", pay, "x", &lines),
        )
        .text(),
    ]
}

#[tokio::test]
async fn neither_logs_nor_figures_tell_secrets() {
    let clock = Clock::system();
    for test in stores(&clock).await {
        let file = std::env::temp_dir().join(format!("punchgate-logs-{}", clock.new_id().simple()));
        let keys = Keys::load(&file, true, &clock).unwrap();
        let gateway = Gateway::new(Config::default(), clock.clone(), test.store.clone(), keys)
            .await
            .unwrap();
        furnish(&gateway).await;
        gateway.store.close().await;
        let process = Process::start(&test.url, &file, &[("PUNCHGATE_LOG_FILTER", "trace")]);
        let address = process.address();
        let mut answers: Vec<Answer> = Vec::new();
        for text in documents() {
            answers.push(post(address, &text).await.expect("an answer"));
        }
        let links: Vec<String> = answers
            .iter()
            .filter(|answer| answer.text().contains("<StartPage>"))
            .map(|answer| answer.start().split('/').next_back().unwrap().to_owned())
            .collect();
        assert_eq!(links.len(), 1);
        answers.push(get(address, "/cxml?password=canary-token").await.expect("an answer"));
        answers.push(get(address, &format!("/start/{}", links[0])).await.expect("a page"));
        let figures = get(address, "/metrics").await.expect("figures").text();
        assert!(figures.contains("punchgate_answers_total"), "{figures}");
        let log = process.log();
        process.kill();
        std::fs::remove_file(file).unwrap();
        // A127: every line is an object, and what a document says never makes a line or an event of its own.
        assert!(log.lines().count() > answers.len(), "{log}");
        for line in log.lines() {
            let told: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(told["message"] != "forged" && !line.contains('\u{1b}'), "A127: {line}");
        }
        // A128.
        for canary in CANARIES.iter().copied().chain(links.iter().map(String::as_str)) {
            let line = log.lines().find(|line| line.contains(canary));
            assert_eq!(line, None, "A128: {canary} is in the log");
            assert!(!figures.contains(canary), "A128: {canary} is in the figures");
        }
        for answer in &answers {
            for canary in CANARIES {
                assert!(!answer.text().contains(canary), "A128: {canary} is in an answer");
            }
        }
    }
}

/// A credential alone never tells whether the other half was right.
#[test]
fn canaries_are_in_the_documents() {
    let texts = documents().concat() + &credential(("", "canary-token"));
    for canary in CANARIES {
        assert!(texts.contains(canary), "{canary}");
    }
}
