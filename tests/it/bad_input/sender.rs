//! Senders who are not who they say, or say too much.

use super::{Effect, check, events, good};
use crate::support::{Answer, Letter, SECRET, credential, plain_order, proof, stands, stands_with};

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
            (
                "A41 twice",
                format!("{}{}", proof(("DUNS", "111"), SECRET), credential(("DUNS", "112"))),
            ),
            ("A47", proof(("DUNS", "' OR 1=1 --"), SECRET)),
            ("A47 directory", proof(("DUNS", "*)(uid=*))(|(uid=*"), SECRET)),
        ] {
            check(&stand, number, &sender(number, sender_), 401, Quarantine).await;
        }
        let mut two = Letter::of("plain", "A41f", &plain_order("A41f"));
        two.from = format!("{}{}", credential(("DUNS", "111")), credential(("DUNS", "222")));
        check(&stand, "A41 From", &two.text(), 401, Quarantine).await;
        for (kind, count) in [
            ("sender.unproved", 4),
            ("sender.unknown", 3),
            ("sender.ambiguous", 2),
            ("from.ambiguous", 1),
        ] {
            assert_eq!(events(&stand, kind).await, count, "{kind}");
        }
        assert!(!stand.database_has(SECRET).await, "the secret is in the database");
    }
}

#[tokio::test]
async fn guesses_from_many_addresses_lock_no_partner_out() {
    for stand in stands_with(|config| {
        config.limits.address_failures_per_minute = 5;
        config.server.trusted_proxies = vec!["127.0.0.1".into()];
    })
    .await
    {
        let from = async |address: &str, text: &str| {
            let request = format!(
                "POST /cxml HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {address}\r\nContent-Type: text/xml\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
                text.len()
            );
            stand.raw(request.as_bytes()).await
        };
        let guess = |number: u32| good(&format!("A118-{number}")).replace(SECRET, &format!("guess-{number}"));
        // Guesses from many addresses are each told, and the partner is let in all the while.
        for number in 20..40 {
            let answer = from(&format!("203.0.113.{number}"), &guess(number)).await;
            assert_eq!((answer.status, answer.code()), (200, 401), "A118");
        }
        for (number, address) in ["203.0.113.1", "198.51.100.7"].into_iter().enumerate() {
            let answer = from(address, &good(&format!("A118-good-{number}"))).await;
            assert_eq!((answer.status, answer.code()), (200, 200), "A118: {address}");
        }
        assert_eq!(events(&stand, "sender.unproved").await, 20, "A118");
        assert!(stand.database_has("203.0.113.39").await, "A118: the address is noted");
    }
}

#[tokio::test]
async fn partners_speak_for_themselves_alone() {
    use Effect::{None, One};
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
            ("A53", &Letter::of("signed", "A53", &plain_order("A53")), 475, None),
        ] {
            check(&stand, number, &letter.text(), code, effect).await;
        }
        for (kind, count) in [
            ("from.foreign", 2),
            ("to.foreign", 1),
            ("to.unknown", 1),
            ("mode.mismatch", 2),
        ] {
            assert_eq!(events(&stand, kind).await, count, "{kind}");
        }
    }
}
