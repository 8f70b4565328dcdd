//! Secrets and strangers' text in the log: every line that the process writes while documents come and go is read.
//!
//! The log belongs to the process, so the other tests write into it, too: what must not be there is looked for by marks
//! that only these tests send.

use std::io::Write;
use std::sync::{Mutex, OnceLock};

use tracing_subscriber::EnvFilter;

use crate::story::{add, open, press, returned};
use crate::support::{Letter, RETURN_URL, credential, item, operator, order, plain_order, proof, setup, stands};

/// Lines that carry one of the marks, and whether anything was written at all.
#[derive(Default)]
struct Caught {
    lines: Vec<String>,
    marks: Vec<String>,
    count: usize,
}

static CAUGHT: Mutex<Caught> = Mutex::new(Caught {
    lines: Vec::new(),
    marks: Vec::new(),
    count: 0,
});

struct Catch;

impl Write for Catch {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let mut caught = CAUGHT.lock().unwrap();
        caught.count += 1;
        if caught.marks.iter().any(|mark| text.contains(mark)) {
            caught.lines.push(text.into_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Catches the log of the whole process, in the form of the gateway's JSON log and with everything that it ever says.
fn catch(marks: &[&str]) {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_env_filter(EnvFilter::new("punchgate=trace,info"))
            .with_writer(|| Catch)
            .try_init()
            .unwrap();
    });
    CAUGHT
        .lock()
        .unwrap()
        .marks
        .extend(marks.iter().map(|mark| (*mark).to_owned()));
}

fn caught(mark: &str) -> Vec<String> {
    let caught = CAUGHT.lock().unwrap();
    assert!(caught.count > 0, "nothing was logged at all");
    caught
        .lines
        .iter()
        .filter(|line| line.contains(mark))
        .cloned()
        .collect()
}

#[tokio::test]
async fn secrets_are_in_no_table_no_answer_and_no_line_of_the_log() {
    let secret = "canary-a128-wrong-secret";
    let card = "4012888888881881";
    let cookie = "canary-a128-cookie";
    let code = "Y2FuYXJ5LWExMjgh";
    catch(&[secret, card, cookie, code, crate::support::SECRET]);
    for stand in stands().await {
        let mut answers = Vec::new();
        // A stranger's secret, and one in places where none belongs.
        let mut wrong = Letter::of("plain", "c-1", &plain_order("C-1"));
        wrong.sender = proof(("DUNS", "111"), secret);
        answers.push(stand.post(&wrong.text()).await);
        let mut everywhere = Letter::of("plain", "c-2", &plain_order("C-2"));
        everywhere.from = proof(("DUNS", "111"), secret);
        everywhere.to = proof(("DUNS", "999"), secret);
        answers.push(stand.post(&everywhere.text()).await);
        let mut coded = Letter::of("mac", "c-3", &plain_order("C-3"));
        coded.sender = format!(
            "<Credential domain=\"NetworkID\"><Identity>AN9900000100</Identity><CredentialMac \
             type=\"FromSenderCredentials\" algorithm=\"HMAC-SHA1-96\" creationDate=\"2026-11-24T08:30:00+00:00\" \
             expirationDate=\"2026-11-24T10:30:00+00:00\">{code}</CredentialMac></Credential>"
        );
        answers.push(stand.post(&coded.text()).await);
        // A card, as the standard has it and with blanks; in a document that is refused, and in a stranger's.
        let pcard = |number: &str| {
            format!("<Payment><PCard number=\"{number}\" expiration=\"2030-01-01\" name=\"A\"/></Payment>")
        };
        let paid = |id: &str, quantity: &str| {
            let line = item("1", "W-1", quantity, "3.20", "");
            Letter::of("plain", id, &order(id, "type=\"new\"", &pcard(card), "6.40", &line))
        };
        answers.push(stand.post(&paid("c-4", "2").text()).await);
        answers.push(stand.post(&paid("c-5", "-2").text()).await);
        let mut stranger = paid("c-6", "2");
        stranger.sender = proof(("DUNS", "nobody"), secret);
        stranger.from = credential(("DUNS", "nobody"));
        answers.push(stand.post(&stranger.text()).await);
        answers.push(
            stand
                .post(&paid("c-7", "2").text().replace("</Request>", "</Request"))
                .await,
        );
        let codes: Vec<u16> = answers.iter().map(crate::support::Answer::code).collect();
        assert_eq!(codes, [401, 200, 401, 200, 400, 401, 406]);
        // A whole visit.
        let request = setup("create", cookie, RETURN_URL, "");
        let start = stand.post(&Letter::of("plain", "c-8", &request).text()).await.start();
        let base = open(&stand, &start).await;
        catch(&[start.rsplit('/').next().unwrap(), base.rsplit('/').next().unwrap()]);
        add(&stand, &base, "W-1", "EA", "2").await;
        let back = press(&stand, &base, "return").await;
        assert!(!returned(&back).0.contains(crate::support::SECRET));
        let ann = operator(&stand).await;
        let waiting = punchgate::service::quarantine::list(&stand.gateway, stand.tenant_id, None)
            .await
            .unwrap();
        assert!(waiting.rows.len() >= 2 && ann.name == "Ann");
        for canary in [
            secret,
            card,
            code,
            crate::support::SECRET,
            start.rsplit('/').next().unwrap(),
        ] {
            assert!(!stand.database_has(canary).await, "A128: {canary} is in the database");
            assert!(
                answers.iter().all(|answer| !answer.text().contains(canary)),
                "A128: {canary} is in an answer"
            );
            assert_eq!(caught(canary), Vec::<String>::new(), "A128: {canary} is in the log");
        }
        for canary in [cookie, base.rsplit('/').next().unwrap()] {
            assert_eq!(caught(canary), Vec::<String>::new(), "A128: {canary} is in the log");
        }
    }
}

#[tokio::test]
async fn strangers_text_never_makes_a_line_of_the_log() {
    let mark = "canary-a127";
    catch(&[mark]);
    for stand in stands().await {
        let forged = format!("{mark}&#10;{{&quot;level&quot;:&quot;ERROR&quot;}}&#13;&#x9b;31m");
        let mut letter = Letter::of("plain", &forged, &plain_order("L-1"));
        letter.sender = letter.sender.replace(
            "</Credential>",
            &format!("</Credential><UserAgent>{forged}</UserAgent>"),
        );
        stand
            .post(&letter.text().replacen("<UserAgent>Story</UserAgent>", "", 1))
            .await;
        letter.sender = proof(("DUNS", &forged), "x");
        stand.post(&letter.text()).await;
        let head = format!(
            "GET /cxml?q={mark}%0A HTTP/1.1\r\nHost: x\r\nUser-Agent: {mark}\x1b[31m\r\nConnection: close\r\n\r\n"
        );
        stand.raw(head.as_bytes()).await;
        for line in caught(mark) {
            let whole: Result<serde_json::Value, _> = serde_json::from_str(&line);
            assert!(whole.is_ok() && line.trim_end().lines().count() == 1, "A127: {line}");
            assert!(!line.contains('\u{1b}') && !line.contains('\u{9b}'), "A127: {line}");
        }
    }
}
