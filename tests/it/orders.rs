//! Orders through real HTTP: what each document about an order does, and that none is lost or done twice.

use punchgate::domain::order::{LineChange, OrderException, OrderState};
use punchgate::domain::staff::Role;
use punchgate::service::order::resolve::{self, Verdict};

use punchgate::service::{import, staff};
use punchgate::store;

use crate::support::{Letter, SECRET, Stand, item, order, plain_order, stands, stands_with};

fn new(code: &str, payload_id: &str, order_id: &str) -> String {
    Letter::of(code, payload_id, &plain_order(order_id)).text()
}

/// A change: another quantity, another version, a reference to the document before.
fn change(code: &str, payload_id: &str, order_id: &str, kind: &str, version: u32, before: Option<&str>) -> String {
    let header = format!("type=\"{kind}\" orderVersion=\"{version}\"");
    let reference = before
        .map(|id| format!("<DocumentReference payloadID=\"{id}\"/>"))
        .unwrap_or_default();
    let quantity = (version + 1).to_string();
    let total = format!("{:.2}", f64::from(version + 1) * 3.2);
    let request = order(
        order_id,
        &header,
        &reference,
        &total,
        &item("1", "W-1", &quantity, "3.20", ""),
    );
    Letter::of(code, payload_id, &request).text()
}

async fn state(stand: &Stand, order_id: &str) -> Option<OrderState> {
    let tenant_id = stand.tenant_id;
    let orders = stand
        .gateway
        .store
        .read(async |tx| store::order::list(tx, tenant_id, None, None, 500).await);
    let orders: Vec<_> = orders.await.unwrap();
    let mut found = orders.into_iter().filter(|order| order.order_id == order_id);
    let state = found.next().map(|order| order.state);
    assert!(found.next().is_none(), "{order_id} is there twice");
    state
}

async fn exceptions(stand: &Stand) -> Vec<OrderException> {
    let tenant_id = stand.tenant_id;
    let read = stand
        .gateway
        .store
        .read(async |tx| store::order::open_exceptions(tx, tenant_id, 500).await);
    read.await.unwrap()
}

#[tokio::test]
async fn a_plain_order_is_received_and_handed_on_once() {
    for stand in stands().await {
        let text = new("plain", "a@x", "PO-1");
        let first = stand.post(&text).await;
        assert_eq!(first.code(), 200, "{}", first.text());
        assert_eq!(state(&stand, "PO-1").await, Some(OrderState::Received));
        assert_eq!(exceptions(&stand).await, []);
        // A67: the same bytes, the same answer.
        assert_eq!(stand.post(&text).await.body, first.body);
        // The same content in other white space is the same content.
        let spaced = text.replace("><Request", ">\n <Request").replace("\"new\"", "'new'");
        assert_eq!(stand.post(&spaced).await.body, first.body);
        // A68: the same payloadID with other content.
        let other = text.replace("quantity=\"2\"", "quantity=\"3\"").replace("6.40", "9.60");
        assert_eq!(stand.post(&other).await.code(), 409);
        // A69: another partner's payloadID is its own affair.
        assert_eq!(stand.post(&new("other", "a@x", "PO-1")).await.code(), 200);
        // A71: sent again by hand.
        assert_eq!(stand.post(&new("plain", "b@x", "PO-1")).await.code(), 200);
        // A72: another order under the same number.
        let conflict = other.replace("a@x", "c@x");
        assert_eq!(stand.post(&conflict).await.code(), 409);
        assert_eq!(stand.count("purchase_order").await, 2);
        assert_eq!(stand.count("delivery").await, 2);
        assert!(stand.count("security_event").await >= 1);
    }
}

#[tokio::test]
async fn networks_that_count_refusals_as_failures_get_200_and_a_person_decides() {
    for stand in stands().await {
        assert_eq!(stand.post(&new("ariba", "a@x", "PO-1")).await.code(), 200);
        let conflict = new("ariba", "b@x", "PO-1")
            .replace("quantity=\"2\"", "quantity=\"3\"")
            .replace("6.40", "9.60");
        assert_eq!(stand.post(&conflict).await.code(), 200);
        assert_eq!(stand.count("purchase_order").await, 1);
        assert_eq!(exceptions(&stand).await.len(), 1);
        // The same payloadID with other content is a fault wherever it comes from.
        let reused = new("ariba", "a@x", "PO-1").replace("quantity=\"2\"", "quantity=\"4\"");
        assert_eq!(stand.post(&reused).await.code(), 409);
        // An update of an order that nobody sent waits for it.
        assert_eq!(
            stand
                .post(&change("ariba", "c@x", "PO-9", "update", 2, Some("?@x")))
                .await
                .code(),
            200
        );
        assert_eq!(state(&stand, "PO-9").await, Some(OrderState::Held));
    }
}

#[tokio::test]
async fn changes_follow_each_other() {
    for stand in stands().await {
        assert_eq!(stand.post(&new("plain", "v1@x", "PO-1")).await.code(), 200);
        let second = change("plain", "v2@x", "PO-1", "update", 2, Some("v1@x"));
        assert_eq!(stand.post(&second).await.code(), 200);
        assert_eq!(stand.post(&second).await.code(), 200);
        assert_eq!(stand.count("order_version").await, 2);
        // The same change sent again by hand is the same change; another one on the old version is stale.
        let resent = change("plain", "v2b@x", "PO-1", "update", 2, Some("v1@x"));
        assert_eq!(stand.post(&resent).await.code(), 200);
        let stale = resent
            .replace("v2b@x", "v2c@x")
            .replace("quantity=\"3\"", "quantity=\"7\"");
        assert_eq!(stand.post(&stale).await.code(), 409);
        // Without a reference the number and version decide.
        assert_eq!(
            stand
                .post(&change("plain", "v3@x", "PO-1", "update", 3, None))
                .await
                .code(),
            200
        );
        assert_eq!(
            stand
                .post(&change("plain", "v4@x", "PO-1", "delete", 4, Some("v3@x")))
                .await
                .code(),
            200
        );
        assert_eq!(state(&stand, "PO-1").await, Some(OrderState::Cancelled));
        // Nothing known under this number.
        assert_eq!(
            stand
                .post(&change("plain", "u@x", "PO-2", "update", 2, Some("no@x")))
                .await
                .code(),
            417
        );
        assert_eq!(
            stand
                .post(&change("plain", "d@x", "PO-2", "delete", 2, Some("no@x")))
                .await
                .code(),
            417
        );
        // A75: another partner's document is as unknown as one that is not there.
        let foreign = stand
            .post(&change("other", "u@x", "PO-1", "update", 2, Some("v1@x")))
            .await;
        let unknown = stand
            .post(&change("other", "w@x", "PO-1", "update", 2, Some("no@x")))
            .await;
        assert_eq!((foreign.code(), unknown.code()), (417, 417));
        assert_eq!(stand.count("purchase_order").await, 1);
    }
}

#[tokio::test]
async fn a_shipped_order_is_not_cancelled() {
    for stand in stands().await {
        assert_eq!(stand.post(&new("plain", "v1@x", "PO-1")).await.code(), 200);
        let columns = "order,connection,state\n";
        let files = vec![(
            "order_status.csv",
            format!("{columns}PO-1,plain,shipped\n").into_bytes(),
        )];
        let reports = import::all(&stand.gateway, stand.tenant_id, files).await.unwrap();
        assert!(reports[0].is_taken(), "{}", reports[0]);
        // A76.
        let answer = stand
            .post(&change("plain", "v2@x", "PO-1", "delete", 2, Some("v1@x")))
            .await;
        assert_eq!(answer.code(), 409, "{}", answer.text());
        assert_eq!(state(&stand, "PO-1").await, Some(OrderState::Shipped));
    }
}

#[tokio::test]
async fn doubts_are_held_and_answered_200() {
    for stand in stands().await {
        let one = |number: &str, item: String, total: &str| {
            Letter::of("plain", number, &order(number, "type=\"new\"", "", total, &item)).text()
        };
        for (at, (text, rule)) in [
            (one("H1", item("1", "NOPE", "1", "3.20", ""), "3.20"), "part"),
            (one("H2", item("1", "W-1", "1", "1.00", ""), "1.00"), "price"),
            (one("H3", item("1", "W-1", "1", "3.20", ""), "99.00"), "total"),
            (
                one("H4", item("1", "W-1", "1", "3.20", "").replace(">EA<", ">XYZ<"), "3.20"),
                "unit",
            ),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(stand.post(&text).await.code(), 200, "{rule}");
            assert_eq!(
                state(&stand, &format!("H{}", at + 1)).await,
                Some(OrderState::Held),
                "{rule}"
            );
            let held = exceptions(&stand).await;
            assert!(held.iter().any(|held| held.rule.contains(rule)), "{rule}: {held:?}");
        }
        // Nothing that is held goes to the ERP.
        assert_eq!(stand.count("delivery").await, 0);
    }
}

/// Either the set or its members carry the price; the others count nothing in the total.
#[tokio::test]
async fn the_price_of_a_set_counts_once() {
    for stand in stands().await {
        for (number, level, total, expected) in [
            ("S1", "groupLevel", "3.20", OrderState::Received),
            ("S2", "groupLevel", "9.60", OrderState::Held),
            ("S3", "itemLevel", "6.40", OrderState::Received),
            ("S4", "itemLevel", "3.20", OrderState::Held),
        ] {
            let set = format!("<ItemOut itemType=\"composite\" compositeItemType=\"{level}\" ");
            let member = "<ItemOut itemType=\"item\" parentLineNumber=\"1\" ";
            let line = |number: &str, start: &str| item(number, "W-1", "1", "3.20", "").replace("<ItemOut ", start);
            let items = [line("1", &set), line("2", member), line("3", member)].concat();
            let text = Letter::of("plain", number, &order(number, "type=\"new\"", "", total, &items)).text();
            assert_eq!(stand.post(&text).await.code(), 200);
            assert_eq!(state(&stand, number).await, Some(expected), "{number}");
        }
    }
}

#[tokio::test]
async fn many_altered_cart_references_are_one_event() {
    for stand in stands().await {
        let altered = format!(
            "<SupplierPartAuxiliaryID>1.{}</SupplierPartAuxiliaryID>",
            "A".repeat(35)
        );
        let items: String = (1..=20)
            .map(|number: u32| item(&number.to_string(), "W-1", "1", "3.20", &altered))
            .collect();
        let text = Letter::of("plain", "t@x", &order("PO-1", "type=\"new\"", "", "64.00", &items)).text();
        assert_eq!(stand.post(&text).await.code(), 200);
        assert_eq!(state(&stand, "PO-1").await, Some(OrderState::Held));
        let held = exceptions(&stand).await;
        assert_eq!(held.iter().filter(|held| held.rule == "order.reference").count(), 20);
        assert_eq!(stand.count("security_event").await, 1);
    }
}

#[tokio::test]
async fn a_stranger_gets_no_reference_to_what_is_not_kept() {
    for stand in stands_with(|config| config.quarantine.bytes_max = 10).await {
        let mut letter = Letter::of("plain", "q@x", &plain_order("PO-Q"));
        letter.sender = crate::support::proof(("DUNS", "777"), "whatever-it-was");
        let answer = stand.post(&letter.text()).await;
        assert_eq!(answer.code(), 401);
        assert!(!answer.text().contains("Reference"), "{}", answer.text());
        assert_eq!(
            (stand.count("quarantine").await, stand.count("security_event").await),
            (0, 1)
        );
    }
}

/// What the ERP is told of an order, in its order.
async fn told(stand: &Stand, order_id: &str) -> Vec<String> {
    let (tenant_id, order_id) = (stand.tenant_id, order_id.to_owned());
    let read = stand.gateway.store.read(async |tx| {
        let orders = store::order::list_by_order_id(tx, tenant_id, &order_id).await?;
        store::delivery::list_of(tx, tenant_id, orders[0].id).await
    });
    let deliveries = read.await.unwrap();
    deliveries.into_iter().map(|delivery| delivery.kind).collect()
}

/// What the ERP never heard of is new to it, whatever the buyer calls it.
#[tokio::test]
async fn the_erp_hears_of_an_order_as_new_first() {
    for stand in stands().await {
        // Doubtful, then put right by a change, changed once more, then cancelled.
        let doubtful = new("plain", "v1@x", "PO-1").replace("6.40", "99.00");
        assert_eq!(stand.post(&doubtful).await.code(), 200);
        assert_eq!(told(&stand, "PO-1").await, [""; 0]);
        let mut before = "v1@x";
        for (payload_id, kind, version) in [("v2@x", "update", 2), ("v3@x", "update", 3), ("v4@x", "delete", 4)] {
            let text = change("plain", payload_id, "PO-1", kind, version, Some(before));
            assert_eq!(stand.post(&text).await.code(), 200, "{payload_id}");
            before = payload_id;
        }
        assert_eq!(
            told(&stand, "PO-1").await,
            ["order.create", "order.change", "order.cancel"]
        );
        // Held and then cancelled: there is nothing to tell.
        let doubtful = new("plain", "w1@x", "PO-2").replace("6.40", "99.00");
        assert_eq!(stand.post(&doubtful).await.code(), 200);
        let cancelled = change("plain", "w2@x", "PO-2", "delete", 2, Some("w1@x"));
        assert_eq!(stand.post(&cancelled).await.code(), 200);
        assert_eq!(state(&stand, "PO-2").await, Some(OrderState::Cancelled));
        assert_eq!(told(&stand, "PO-2").await, [""; 0]);
    }
}

/// The change came first: a person lets it go on as the order; the order itself stands below it as it was.
#[tokio::test]
async fn an_order_that_its_change_overtook_is_kept_as_it_was() {
    for stand in stands().await {
        let early = change("ariba", "u@x", "PO-1", "update", 2, Some("n@x"));
        assert_eq!(stand.post(&early).await.code(), 200);
        assert_eq!(state(&stand, "PO-1").await, Some(OrderState::Held));
        let late = Letter::of(
            "ariba",
            "n@x",
            &order("PO-1", "type=\"new\"", "", "3.20", &item("7", "W-1", "1", "3.20", "")),
        );
        assert_eq!(stand.post(&late.text()).await.code(), 200);
        let tenant_id = stand.tenant_id;
        let read = stand.gateway.store.read(async |tx| {
            let orders = store::order::list_by_order_id(tx, tenant_id, "PO-1").await?;
            let versions = store::order::versions(tx, tenant_id, orders[0].id).await?;
            let first = versions.iter().find(|version| version.seq == 0).unwrap();
            store::order::lines(tx, tenant_id, first.id).await
        });
        let lines: Vec<_> = read
            .await
            .unwrap()
            .iter()
            .map(|line| (line.line_number, line.change))
            .collect();
        assert_eq!(lines, [(7, LineChange::Added)], "{}", stand.test.kind());
        let bob = staff::create(
            &stand.gateway,
            tenant_id,
            "bob",
            "Bob",
            "long enough to be one",
            Role::Operator,
        );
        let bob = bob.await.unwrap();
        for held in exceptions(&stand).await {
            resolve::resolve(&stand.gateway, &bob, held.id, Verdict::Accept, "")
                .await
                .unwrap();
        }
        assert_eq!(state(&stand, "PO-1").await, Some(OrderState::Received));
        assert_eq!(told(&stand, "PO-1").await, ["order.create"]);
    }
}

#[tokio::test]
async fn cards_and_secrets_are_not_kept() {
    for stand in stands().await {
        let card = "4111111111111111";
        let payment = format!("<Payment><PCard number=\"{card}\" expiration=\"2030-01-01\" name=\"Ann\"/></Payment>");
        let request = order(
            "PO-1",
            "type=\"new\"",
            &payment,
            "6.40",
            &item("1", "W-1", "2", "3.20", ""),
        );
        let answer = stand.post(&Letter::of("plain", "a@x", &request).text()).await;
        assert_eq!(answer.code(), 200);
        assert!(!answer.text().contains(card));
        assert!(!stand.database_has(card).await, "A87: the card is in the database");
        assert!(!stand.database_has(SECRET).await, "A128: the secret is in the database");
        assert!(stand.database_has("PO-1").await);
    }
}

#[tokio::test]
async fn large_orders_have_a_limit() {
    for stand in stands_with(|config| config.limits.order_lines_max = 200).await {
        let lines = |count: usize| -> String {
            (1..=count)
                .map(|n| item(&n.to_string(), "W-1", "1", "3.20", ""))
                .collect()
        };
        let with = |number: &str, count: usize| {
            let total = format!("{:.2}", 3.2 * count as f64);
            Letter::of(
                "plain",
                number,
                &order(number, "type=\"new\"", "", &total, &lines(count)),
            )
            .text()
        };
        assert_eq!(stand.post(&with("L1", 200)).await.code(), 200);
        assert_eq!(stand.count("order_line").await, 200);
        assert_eq!(stand.post(&with("L2", 201)).await.code(), 499, "A77 lines");
    }
    for stand in stands_with(|config| config.limits.document_bytes_max = 100_000).await {
        let padded = new("plain", "L3@x", "L3").replace(">Thing<", &format!(">{}<", "x".repeat(100_001)));
        assert_eq!(stand.post(&padded).await.code(), 499, "A77 bytes");
        assert_eq!(stand.traces().await, [0; 4]);
    }
}

#[tokio::test]
async fn two_hundred_copies_are_one_order() {
    for stand in stands().await {
        // A74: twenty connections, ten copies each, all at once.
        let text = new("plain", "copies@x", "PO-1");
        let stand = &stand;
        let senders = (0..20).map(async |_| {
            let mut answers = Vec::new();
            for _ in 0..10 {
                answers.push(stand.post(&text).await);
            }
            answers
        });
        let answers: Vec<_> = futures_util::future::join_all(senders)
            .await
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(answers.len(), 200);
        for answer in &answers {
            assert_eq!((answer.status, &answer.body), (200, &answers[0].body));
        }
        assert_eq!(answers[0].code(), 200);
        assert_eq!(stand.count("purchase_order").await, 1);
        assert_eq!(stand.count("order_version").await, 1);
        assert_eq!(stand.count("delivery").await, 1);
    }
}

#[tokio::test]
async fn floods_are_slowed_per_partner() {
    for stand in stands().await {
        let profile = |n: usize| Letter::of("trial", &format!("p{n}@x"), "<ProfileRequest/>").text();
        let known = stand.gateway.directory();
        let trial = known
            .connections()
            .find(|known| known.connection.code == "trial")
            .unwrap();
        let mut connection = trial.connection.clone();
        connection.settings.requests_per_minute = Some(5);
        punchgate::service::party::update_connection(&stand.gateway, connection)
            .await
            .unwrap();
        let mut slowed = 0;
        for n in 0..20 {
            let answer = stand.post(&profile(n)).await;
            if answer.status == 429 {
                slowed += 1;
                // A117: in words that a buyer's system understands.
                assert_eq!(answer.code(), 560);
                assert!(answer.header("retry-after").is_some());
            }
        }
        assert!((14..=15).contains(&slowed), "A117: {slowed} of 20 were slowed");
        // The others are not.
        assert_eq!(stand.post(&new("plain", "a@x", "PO-1")).await.code(), 200);
    }
}

#[tokio::test]
async fn what_arrives_at_once_is_bounded() {
    for stand in stands_with(|config| config.limits.in_flight_bytes_max = 2 << 20).await {
        // A126, scaled down: twenty orders of 512 KiB where 2 MiB may be in flight.
        let stand = &stand;
        let posts = (0..20).map(async |n| {
            let text = new("plain", &format!("m{n}@x"), &format!("M-{n}"))
                .replace(">Thing<", &format!(">{}<", "x".repeat(512 << 10)));
            (n, stand.post(&text).await)
        });
        let answers = futures_util::future::join_all(posts).await;
        let mut taken = 0;
        for (n, answer) in answers {
            // A sender that was turned away early may not have heard why.
            let code = if answer.status == 0 { 560 } else { answer.code() };
            assert!(code == 200 || code == 560, "A126: {code}");
            if code == 200 {
                taken += 1;
                assert!(
                    state(stand, &format!("M-{n}")).await.is_some(),
                    "A126: M-{n} was acknowledged and is lost"
                );
            }
        }
        assert!(taken > 0, "A126: nothing got through");
    }
}

#[tokio::test]
async fn quarantined_documents_are_bound_and_replayed() {
    for stand in stands().await {
        let mut letter = Letter::of("plain", "q@x", &plain_order("PO-Q"));
        letter.from = crate::support::credential(("DUNS", "777"));
        letter.sender = crate::support::proof(("DUNS", "777"), "whatever-it-was");
        assert_eq!(stand.post(&letter.text()).await.code(), 401);
        let tenant_id = stand.tenant_id;
        let waiting = stand
            .gateway
            .store
            .read(async |tx| store::exchange::quarantined(tx, tenant_id, None, 10).await);
        let waiting = waiting.await.unwrap();
        assert_eq!(waiting.len(), 1);
        assert!(!stand.database_has("whatever-it-was").await);
        let ann = staff::create(
            &stand.gateway,
            tenant_id,
            "ann",
            "Ann",
            "long enough to be one",
            Role::Operator,
        )
        .await
        .unwrap();
        let known = stand.gateway.directory();
        let plain = known
            .connections()
            .find(|known| known.connection.code == "plain")
            .unwrap()
            .connection
            .id;
        punchgate::service::quarantine::bind(&stand.gateway, &ann, waiting[0].id, plain)
            .await
            .unwrap();
        punchgate::service::quarantine::replay(&stand.gateway, &ann, waiting[0].id, plain)
            .await
            .unwrap();
        assert!(state(&stand, "PO-Q").await.is_some());
        // The next one needs nobody's help once the secret is known.
        assert_eq!(stand.count("purchase_order").await, 1);
    }
}

#[tokio::test]
async fn a_held_change_takes_force_when_a_person_says_yes() {
    for stand in stands().await {
        let ann = staff::create(
            &stand.gateway,
            stand.tenant_id,
            "ann",
            "Ann",
            "long enough to be one",
            Role::Operator,
        )
        .await
        .unwrap();
        let conflict = |number: &str| {
            let text = new("ariba", &format!("{number}b@x"), number);
            text.replace("quantity=\"2\"", "quantity=\"3\"").replace("6.40", "9.60")
        };
        for (number, verdict, total, told) in [
            ("PO-Y", Verdict::Accept, "9.60", 2),
            ("PO-N", Verdict::Reject, "6.40", 1),
        ] {
            let before = stand.count("delivery").await;
            assert_eq!(
                stand.post(&new("ariba", &format!("{number}a@x"), number)).await.code(),
                200
            );
            assert_eq!(stand.post(&conflict(number)).await.code(), 200);
            assert_eq!(state(&stand, number).await, Some(OrderState::Held));
            for exception in exceptions(&stand).await {
                resolve::resolve(&stand.gateway, &ann, exception.id, verdict, "")
                    .await
                    .unwrap();
            }
            let tenant_id = stand.tenant_id;
            let orders = stand
                .gateway
                .store
                .read(async |tx| store::order::list(tx, tenant_id, None, None, 500).await);
            let orders = orders.await.unwrap();
            let order = orders.iter().find(|order| order.order_id == number).unwrap();
            assert_eq!(order.state, OrderState::Received, "{number}");
            assert_eq!(order.total.unwrap().to_string(), total, "{number}");
            assert_eq!(stand.count("delivery").await - before, told, "{number}");
        }
    }
}
