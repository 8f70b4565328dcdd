//! Orders by their decision table, on networks that take a refusal and on those that do not.

use punchgate::domain::party::{ConnectionSettings, DeploymentMode};
use punchgate::service::import;
use punchgate::service::party::{self, NewConnection};

use crate::story::{add, press, returned, visit};
use crate::support::{Letter, RETURN_URL, SECRET, Stand, credential, item, order, plain_order, proof, setup, stands};

const COUPA: (&str, &str) = ("DUNS", "555");

async fn connect_coupa(stand: &Stand) {
    let connection = NewConnection {
        tenant_id: stand.tenant_id,
        buyer: ("coupa", "coupa"),
        code: "coupa",
        name: "coupa",
        profile: "coupa",
        mode: DeploymentMode::Production,
        account_code: "100",
        from: &[COUPA],
        sender: &[COUPA],
        shared_secret: Some(SECRET),
        settings: ConnectionSettings::default(),
    };
    party::create_connection(&stand.gateway, &connection).await.unwrap();
}

fn letter(code: &str, payload_id: &str, request: &str) -> String {
    if code != "coupa" {
        return Letter::of(code, payload_id, request).text();
    }
    let mut letter = Letter::of("plain", payload_id, request);
    letter.from = credential(COUPA);
    letter.sender = proof(COUPA, SECRET);
    letter.text()
}

/// One document about the order: `payloadID`, attributes of the header, reference, quantity.
type Step = (&'static str, &'static str, Option<&'static str>, &'static str);

fn document(code: &str, order_id: &str, (payload_id, header, reference, quantity): Step) -> String {
    let reference = reference.map_or(String::new(), |id| {
        format!("<DocumentReference payloadID=\"{order_id}-{id}\"/>")
    });
    let total = format!("{:.2}", 3.2 * quantity.parse::<f64>().unwrap());
    let lines = item("1", "W-1", quantity, "3.20", "");
    let request = order(order_id, header, &reference, &total, &lines);
    letter(code, &format!("{order_id}-{payload_id}"), &request)
}

const NEW: Step = ("p1", "type=\"new\"", None, "2");
const NEW_1: Step = ("p1", "type=\"new\" orderVersion=\"1\"", None, "2");

/// What happened before (and the state it was imported to), what comes, and for a connection that refuses conflicts and
/// for one that holds them: the answer, the order's state, its version in force, open exceptions.
struct Row {
    name: &'static str,
    before: &'static [Step],
    state: Option<&'static str>,
    comes: Step,
    refusing: (u16, &'static str),
    holding: (u16, &'static str),
}

const TABLE: &[Row] = &[
    Row {
        name: "new, same payloadID and content",
        before: &[NEW],
        state: None,
        comes: NEW,
        refusing: (200, "received 1 +0"),
        holding: (200, "received 1 +0"),
    },
    Row {
        name: "new, same payloadID, other content",
        before: &[NEW],
        state: None,
        comes: ("p1", "type=\"new\"", None, "3"),
        refusing: (409, "received 1 +0"),
        holding: (409, "received 1 +0"),
    },
    Row {
        name: "new, other payloadID, same content",
        before: &[NEW],
        state: None,
        comes: ("p2", "type=\"new\"", None, "2"),
        refusing: (200, "received 1 +0"),
        holding: (200, "received 1 +0"),
    },
    Row {
        name: "new, other payloadID, other content",
        before: &[NEW],
        state: None,
        comes: ("p2", "type=\"new\"", None, "3"),
        refusing: (409, "received 1 +0"),
        holding: (200, "held 1 +1"),
    },
    Row {
        name: "new, higher version",
        before: &[NEW_1],
        state: None,
        comes: ("p2", "type=\"new\" orderVersion=\"2\"", None, "3"),
        refusing: (200, "received 2 +0"),
        holding: (200, "received 2 +0"),
    },
    Row {
        name: "update of the version in force",
        before: &[NEW],
        state: None,
        comes: ("p2", "type=\"update\"", Some("p1"), "3"),
        refusing: (200, "received 2 +0"),
        holding: (200, "received 2 +0"),
    },
    Row {
        name: "update of an older version",
        before: &[NEW, ("p2", "type=\"update\"", Some("p1"), "3")],
        state: None,
        comes: ("p3", "type=\"update\"", Some("p1"), "4"),
        refusing: (409, "received 2 +0"),
        holding: (200, "held 2 +1"),
    },
    Row {
        name: "update with a reference to nothing",
        before: &[NEW],
        state: None,
        comes: ("p2", "type=\"update\"", Some("p9"), "3"),
        refusing: (200, "held 1 +1"),
        holding: (200, "held 1 +1"),
    },
    Row {
        name: "update without reference",
        before: &[NEW_1],
        state: None,
        comes: ("p2", "type=\"update\" orderVersion=\"2\"", None, "3"),
        refusing: (200, "received 2 +0"),
        holding: (200, "received 2 +0"),
    },
    Row {
        name: "update of nothing known",
        before: &[],
        state: None,
        comes: ("p2", "type=\"update\"", Some("p1"), "3"),
        refusing: (417, "none"),
        holding: (200, "held 1 +1"),
    },
    Row {
        name: "delete of an open order",
        before: &[NEW],
        state: None,
        comes: ("p2", "type=\"delete\"", Some("p1"), "2"),
        refusing: (200, "cancelled 2 +0"),
        holding: (200, "cancelled 2 +0"),
    },
    Row {
        name: "delete twice",
        before: &[NEW, ("p2", "type=\"delete\"", Some("p1"), "2")],
        state: None,
        comes: ("p3", "type=\"delete\"", Some("p1"), "2"),
        refusing: (200, "cancelled 2 +0"),
        holding: (200, "cancelled 2 +0"),
    },
    Row {
        name: "A76 delete after shipment",
        before: &[NEW],
        state: Some("shipped"),
        comes: ("p2", "type=\"delete\"", Some("p1"), "2"),
        refusing: (409, "shipped 1 +0"),
        holding: (200, "shipped 1 +1"),
    },
    Row {
        name: "update after invoice",
        before: &[NEW],
        state: Some("invoiced"),
        comes: ("p2", "type=\"update\"", Some("p1"), "3"),
        refusing: (409, "invoiced 1 +0"),
        holding: (200, "invoiced 1 +1"),
    },
    Row {
        name: "update of a cancelled order",
        before: &[NEW, ("p2", "type=\"delete\"", Some("p1"), "2")],
        state: None,
        comes: ("p3", "type=\"update\"", Some("p2"), "3"),
        refusing: (409, "cancelled 2 +0"),
        holding: (200, "cancelled 2 +1"),
    },
    Row {
        name: "internal version",
        before: &[NEW_1],
        state: None,
        comes: (
            "p2",
            "type=\"update\" orderVersion=\"2\" isInternalVersion=\"yes\"",
            Some("p1"),
            "9",
        ),
        refusing: (200, "received 1 +0"),
        holding: (200, "received 1 +0"),
    },
];

/// `state version +open exceptions` of an order, or `none`.
async fn standing(stand: &Stand, order_id: &str) -> String {
    let sql = format!(
        "SELECT o.state || ' ' || o.current_version || ' +' || (SELECT count(*) FROM order_exception e \
         WHERE e.order_key = o.id AND e.resolved_at IS NULL) FROM purchase_order o WHERE o.order_id = '{order_id}'"
    );
    stand.value(&sql).await.unwrap_or_else(|| "none".to_owned())
}

#[tokio::test]
async fn the_decision_table_holds_for_every_kind_of_network() {
    for stand in stands().await {
        connect_coupa(&stand).await;
        for (at, row) in TABLE.iter().enumerate() {
            for code in ["plain", "ariba", "coupa"] {
                let place = format!("{} ({code}, {})", row.name, stand.test.kind());
                let order_id = format!("{code}-{at}");
                for step in row.before {
                    let answer = stand.post(&document(code, &order_id, *step)).await;
                    assert_eq!(answer.code(), 200, "{place}: {}", answer.text());
                }
                if let Some(state) = row.state {
                    let text = format!("order,connection,state\n{order_id},{code},{state}\n");
                    let files = vec![("order_status.csv", text.into_bytes())];
                    let reports = import::all(&stand.gateway, stand.tenant_id, files).await.unwrap();
                    assert!(reports[0].is_taken(), "{}", reports[0]);
                }
                let comes = document(code, &order_id, row.comes);
                let answer = stand.post(&comes).await;
                let (status, standing_) = if code == "plain" { row.refusing } else { row.holding };
                assert_eq!(
                    (answer.status, answer.code()),
                    (200, status),
                    "{place}: {}",
                    answer.text()
                );
                assert_eq!(standing(&stand, &order_id).await, standing_, "{place}");
                // Whatever it was, the same document gets the same answer and changes nothing more.
                if status != 409 || row.comes.0 != "p1" {
                    assert_eq!(stand.post(&comes).await.body, answer.body, "{place}");
                    assert_eq!(standing(&stand, &order_id).await, standing_, "{place}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_order_that_its_change_overtook_is_filled_in_below_it() {
    for stand in stands().await {
        let change = document("ariba", "PO-1", ("p2", "type=\"update\"", Some("p1"), "3"));
        assert_eq!(stand.post(&change).await.code(), 200);
        assert_eq!(standing(&stand, "PO-1").await, "held 1 +1");
        assert_eq!(stand.post(&document("ariba", "PO-1", NEW)).await.code(), 200);
        let in_force = "SELECT l.quantity FROM order_line l JOIN order_version v ON v.id = l.version_id \
                        JOIN purchase_order o ON o.id = v.order_key AND o.current_version = v.seq";
        assert_eq!(stand.value(in_force).await.as_deref(), Some("3"));
        assert_eq!(stand.count("purchase_order").await, 1);
        assert_eq!(stand.count("order_version").await, 2);
        assert_eq!(stand.count("delivery").await, 0, "a person has yet to look");
    }
}

#[tokio::test]
async fn versions_at_the_end_of_the_number_are_one_order() {
    for stand in stands().await {
        for (number, quantity) in [("PO-7", "2"), ("PO-7-V2", "3")] {
            let total = if quantity == "2" { "6.40" } else { "9.60" };
            let request = order(
                number,
                "type=\"new\"",
                "",
                total,
                &item("1", "W-1", quantity, "3.20", ""),
            );
            assert_eq!(stand.post(&letter("ariba", number, &request)).await.code(), 200);
        }
        assert_eq!(stand.count("purchase_order").await, 1);
        // Where nobody said so, it is another number.
        for number in ["PO-8", "PO-8-V2"] {
            assert_eq!(
                stand.post(&letter("plain", number, &plain_order(number))).await.code(),
                200
            );
        }
        assert_eq!(stand.count("purchase_order").await, 3);
    }
}

#[tokio::test]
async fn a_change_takes_lines_out() {
    for stand in stands().await {
        let three: String = ["1", "2", "3"]
            .map(|number| item(number, "W-1", "2", "3.20", ""))
            .concat();
        let request = order("PO-1", "type=\"new\"", "", "19.20", &three);
        assert_eq!(stand.post(&letter("plain", "p1", &request)).await.code(), 200);
        // The first stays, the second is taken out by name, the third is not there any more.
        let items = [
            item("1", "W-1", "2", "3.20", ""),
            item("2", "W-1", "2", "3.20", "").replace("<ItemOut ", "<ItemOut operation=\"delete\" "),
        ]
        .concat();
        let reference = "<DocumentReference payloadID=\"p1\"/>";
        let request = order("PO-1", "type=\"update\"", reference, "6.40", &items);
        assert_eq!(stand.post(&letter("plain", "p2", &request)).await.code(), 200);
        assert_eq!(standing(&stand, "PO-1").await, "received 2 +0");
        let change = |number: u8| {
            format!(
                "SELECT l.change FROM order_line l JOIN order_version v ON v.id = l.version_id \
                 WHERE v.seq = 2 AND l.line_number = {number}"
            )
        };
        for (number, expected) in [(1, "same"), (2, "cancelled"), (3, "cancelled")] {
            assert_eq!(
                stand.value(&change(number)).await.as_deref(),
                Some(expected),
                "{number}"
            );
        }
        assert_eq!(stand.number("SELECT line_count FROM purchase_order").await, 1);
        // A line that is only stopped is asked about.
        let blocked = item("1", "W-1", "2", "3.20", "").replace("<ItemOut ", "<ItemOut operation=\"block\" ");
        let reference = "<DocumentReference payloadID=\"p2\"/>";
        let request = order("PO-1", "type=\"update\"", reference, "6.40", &blocked);
        assert_eq!(stand.post(&letter("plain", "p3", &request)).await.code(), 200);
        assert_eq!(standing(&stand, "PO-1").await, "held 3 +1");
    }
}

#[tokio::test]
async fn a_forged_reference_is_held_at_our_own_price() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &setup("create", "c", RETURN_URL, "")).await;
        add(&stand, &base, "W-1", "EA", "2").await;
        let (_, cart) = returned(&press(&stand, &base, "return").await);
        let line = cart.at("Message/PunchOutOrderMessage/ItemIn").unwrap();
        let mut forged = line.at("ItemID/SupplierPartAuxiliaryID").unwrap().text.clone();
        forged.replace_range(8..9, if &forged[8..9] == "A" { "B" } else { "A" });
        let auxiliary = format!("<SupplierPartAuxiliaryID>{forged}</SupplierPartAuxiliaryID>");
        let request = order(
            "PO-1",
            "type=\"new\"",
            "",
            "0.02",
            &item("1", "W-1", "2", "0.01", &auxiliary),
        );
        let before = stand.count("security_event").await;
        assert_eq!(stand.post(&letter("plain", "p-2", &request)).await.code(), 200);
        assert_eq!(
            standing(&stand, "PO-1").await,
            "held 1 +2",
            "A83: the reference and the price"
        );
        assert_eq!(
            stand.value("SELECT expected_price FROM order_line").await.as_deref(),
            Some("3.20")
        );
        assert_eq!(
            stand.value("SELECT expected_source FROM order_line").await.as_deref(),
            Some("contract")
        );
        assert_eq!(stand.count("security_event").await, before + 1, "A83");
        assert_eq!(stand.count("delivery").await, 0, "A83");
    }
}

/// An order with a drawing, which has every byte that there is, beside a header and a line.
fn with_drawings(number: &str, sender: (&str, &str)) -> Vec<u8> {
    use base64::Engine;
    let comments = |id: &str| format!("<Comments>See<Attachment><URL>cid:{id}</URL></Attachment></Comments>");
    let items = item("1", "W-1", "2", "3.20", "").replace("</ItemOut>", &format!("{}</ItemOut>", comments("line%40x")));
    let request = order(number, "type=\"new\"", &comments("head@x"), "6.40", &items);
    let mut letter = Letter::of("plain", number, &request);
    letter.from = credential(sender);
    letter.sender = proof(sender, SECRET);
    let drawing = base64::engine::general_purpose::STANDARD.encode(drawing());
    let part = |id: &str, name: &str| {
        format!(
            "--b\r\nContent-Type: application/pdf\r\nContent-ID: <{id}>\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{drawing}\r\n"
        )
    };
    format!(
        "--b\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-ID: <root@x>\r\n\r\n{}\r\n{}{}--b--\r\n",
        letter.text(),
        part("head@x", "../../etc/passwd"),
        part("line@x", "drawing.pdf"),
    )
    .into_bytes()
}

fn drawing() -> Vec<u8> {
    (0..=255).collect()
}

const RELATED: &str = "multipart/related; boundary=b; type=\"text/xml\"; start=\"<root@x>\"";

#[tokio::test]
async fn drawings_come_with_the_order_byte_for_byte() {
    for stand in stands().await {
        let body = with_drawings("PO-1", ("DUNS", "111"));
        let answer = stand.send("/cxml", RELATED, &body).await;
        assert_eq!(answer.code(), 200, "{}", answer.text());
        assert_eq!(stand.send("/cxml", RELATED, &body).await.body, answer.body);
        assert_eq!(stand.count("attachment").await, 2);
        let tenant_id = stand.tenant_id;
        let entries = stand.gateway.store.read(async |tx| {
            let view = punchgate::service::exchange::look::View::All;
            punchgate::store::exchange::list(tx, tenant_id, view, None, None, 10).await
        });
        let id = entries.await.unwrap()[0].id;
        let looked = punchgate::service::exchange::look::look(&stand.gateway, tenant_id, id)
            .await
            .unwrap()
            .unwrap();
        for name in &looked.attachments {
            let kept = punchgate::service::exchange::look::attachment(&stand.gateway, tenant_id, name.id);
            assert_eq!(kept.await.unwrap().unwrap().bytes, drawing());
        }
        assert_eq!(looked.attachments.len(), 2);
        assert!(
            looked
                .exchange
                .findings
                .iter()
                .all(|finding| !finding.rule.starts_with("attachment"))
        );
    }
}

#[tokio::test]
async fn a_strangers_order_with_drawings_can_be_let_in_later() {
    for stand in stands().await {
        let body = with_drawings("PO-1", ("DUNS", "777"));
        assert_eq!(stand.send("/cxml", RELATED, &body).await.code(), 401);
        let (ann, plain) = (
            crate::support::operator(&stand).await,
            crate::support::connection(&stand, "plain"),
        );
        let waiting = punchgate::service::quarantine::list(&stand.gateway, stand.tenant_id, None)
            .await
            .unwrap();
        let id = waiting.rows[0].id;
        let answer = punchgate::service::quarantine::replay(&stand.gateway, &ann, id, plain)
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(standing(&stand, "PO-1").await, "received 1 +0");
        let noted = stand
            .number("SELECT count(*) FROM exchange WHERE CAST(findings AS TEXT) LIKE '%attachment.lost%'")
            .await;
        assert_eq!(noted, 1, "people are told that the drawings are missing");
        let twice = punchgate::service::quarantine::replay(&stand.gateway, &ann, id, plain).await;
        assert!(twice.is_err(), "a document is replayed once");
    }
}
