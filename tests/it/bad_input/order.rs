//! Orders whose identifiers, numbers, times or references are not what they should be.

use punchgate::domain::order::OrderState;
use punchgate::store;

use super::{Effect, Trap, check, events, good, held_for};
use crate::support::{Letter, item, order, plain_order, stands};

#[tokio::test]
async fn identifiers_are_text_and_nothing_else() {
    use Effect::{None, One};
    for stand in stands().await {
        let named = |payload: &str, order_id: &str| Letter::of("plain", payload, &plain_order(order_id)).text();
        for (number, text, code, effect) in [
            ("A70 empty", named("", "A70e"), 400, None),
            ("A70 long", named(&"x".repeat(1 << 19), "A70l"), 400, None),
            ("A70 path", named("../../etc/passwd", "A70p"), 200, One),
            ("A70 formula", named("=cmd()", "A70f"), 200, One),
            (
                "A47 order",
                named("A47@x", "'; DROP TABLE purchase_order; --"),
                200,
                One,
            ),
            ("A47 payloadID", named("'); DROP TABLE exchange; --", "A47p"), 200, One),
            ("A70 newline", named("A70n&#10;@x", "A70n"), 200, One),
            ("A70 order", named("A70o@x", "../../etc/passwd"), 200, One),
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
        ] {
            check(&stand, number, &text, code, effect).await;
        }
        // A70: what was sent is kept as it was sent, a line end in an attribute included.
        for text in ["../../etc/passwd", "=cmd()", "'); DROP TABLE exchange; --", "A70n\n@x"] {
            let written = format!("exchange WHERE payload_id = '{}'", text.replace('\'', "''"));
            assert_eq!(stand.count(&written).await, 1, "A70 {text:?}");
        }
    }
}

#[tokio::test]
async fn numbers_of_an_order_are_numbers() {
    use Effect::{One, Refused};
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
                Refused,
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
                "A78 grouped",
                one("A78g", &item("1", "W-1", "1", "3,001.01", ""), "3,001.01"),
                200,
                One,
            ),
            (
                "A79 words",
                one("A79w", &item("1", "W-1", "2", "12.34 USD", ""), "6.40"),
                400,
                Refused,
            ),
            (
                "A79 digits",
                one(
                    "A79d",
                    &item("1", "W-1", "2", &format!("3.{}", "1".repeat(30)), ""),
                    "6.40",
                ),
                400,
                Refused,
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
                Refused,
            ),
            ("A81 quantity", one("A81q", &basis("0", "1"), "3.20"), 400, Refused),
            ("A81 factor", one("A81f", &basis("1", "0"), "3.20"), 400, Refused),
            ("A82 twice", one("A82t", &lines(&["1", "1"]), "6.40"), 400, Refused),
            ("A82 zero", one("A82z", &lines(&["0"]), "3.20"), 400, Refused),
            ("A82 negative", one("A82n", &lines(&["-1"]), "3.20"), 400, Refused),
            (
                "A82 huge",
                one("A82h", &lines(&["18446744073709551616"]), "3.20"),
                400,
                Refused,
            ),
            ("A77 none", one("A77", "", "0.00"), 406, Refused),
        ] {
            check(&stand, number, &text, code, effect).await;
        }
        let thousand = stand.count("order_line WHERE description = 'Thing' AND CAST(quantity AS TEXT) = '1000'");
        assert_eq!(thousand.await, 1, "A78 thousand");
        let price = stand.count("order_line WHERE CAST(unit_price AS TEXT) = '3001.01'");
        assert_eq!(price.await, 1, "A78 grouped");
        assert!(
            stand.database_has("Commas were read as thousands separators.").await,
            "A78"
        );
    }
}

#[tokio::test]
async fn doubtful_orders_wait_for_a_person() {
    for stand in stands().await {
        let one = |number: &str, items: &str, total: &str| {
            let request = order(number, "type=\"new\"", "", total, items);
            Letter::of("plain", &format!("{number}@x"), &request).text()
        };
        let aged = |number: &str, timestamp: &str| good(number).replace("2026-11-24T09:00:00+00:00\" xml", timestamp);
        let line = |price: &str| item("1", "W-1", "2", price, "");
        for (number, text, rule) in [
            (
                "A73 old",
                aged("A73", "2016-11-24T09:00:00+00:00\" xml"),
                "order.timestamp",
            ),
            (
                "A73 future",
                aged("A73f", "2099-11-24T09:00:00+00:00\" xml"),
                "order.timestamp",
            ),
            ("A73 none", aged("A73n", "0000-00-00\" xml"), "order.timestamp"),
            (
                "A73 long",
                aged("A73l", &format!("{}\" xml", "2".repeat(1 << 19))),
                "order.timestamp",
            ),
            (
                "A79 negative",
                one("A79n", &line("-3.20"), "-6.40"),
                "order.price-negative",
            ),
            // Thirteen in a hundred real documents have an empty amount: it is no price.
            ("A79 empty", one("A79e", &line(""), "6.40"), "order.price-missing"),
            ("A80 total", one("A80", &line("3.20"), "64.00"), "order.total"),
            ("A80 price", one("A81p", &line("0.01"), "0.02"), "order.price"),
        ] {
            check(&stand, number, &text, 200, Effect::One).await;
            let held = held_for(&stand).await;
            assert!(held.iter().any(|held| held == rule), "{number}: {held:?}");
        }
        assert_eq!(stand.count("delivery").await, 0, "nothing that is held goes on");
        assert_eq!(stand.count("purchase_order WHERE state <> 'held'").await, 0);
    }
}

#[tokio::test]
async fn another_partners_order_is_not_there() {
    for stand in stands().await {
        check(&stand, "A75 theirs", &good("A75"), 200, Effect::One).await;
        let change = |payload_id: &str, reference: &str| {
            let reference = format!("<DocumentReference payloadID=\"{reference}\"/>");
            let items = item("1", "W-1", "9", "3.20", "");
            let request = order("A75", "type=\"update\"", &reference, "28.80", &items);
            Letter::of("other", payload_id, &request).text()
        };
        let theirs = check(&stand, "A75", &change("A75a@x", "A75@plain"), 417, Effect::Refused).await;
        let none = check(&stand, "A75 none", &change("A75b@x", "nobody@x"), 417, Effect::Refused).await;
        let told = |answer: &crate::support::Answer| answer.document().at("Response/Status").unwrap().text.clone();
        assert_eq!(told(&theirs), told(&none), "A75");
        assert_eq!(events(&stand, "order.foreign").await, 1, "A75");
    }
}

#[tokio::test]
async fn addresses_and_mail_in_an_order_lead_nowhere() {
    for stand in stands().await {
        let trap = Trap::set();
        let at = trap.address();
        let followed = good("A94o").replace(
            "</OrderRequestHeader>",
            &format!("<Followup><URL>http://{at}/</URL></Followup></OrderRequestHeader>"),
        );
        check(&stand, "A94 order", &followed, 200, Effect::One).await;
        let linked = good("A94a").replace(
            "</OrderRequestHeader>",
            &format!(
                "<Comments>See<Attachment><URL>http://{at}/x.pdf</URL></Attachment></Comments></OrderRequestHeader>"
            ),
        );
        check(&stand, "A94 attachment", &linked, 200, Effect::One).await;
        trap.stayed_silent();
    }
}

#[tokio::test]
async fn an_order_state_is_as_it_was() {
    for stand in stands().await {
        check(&stand, "A72 first", &good("A72"), 200, Effect::One).await;
        let more = good("A72")
            .replace("A72@plain", "A72b@plain")
            .replace("quantity=\"2\"", "quantity=\"3\"");
        check(&stand, "A72", &more.replace("6.40", "9.60"), 409, Effect::Refused).await;
        let tenant_id = stand.tenant_id;
        let read = stand
            .gateway
            .store
            .read(async |tx| store::order::list(tx, tenant_id, None, None, 10).await);
        let orders: Vec<_> = read.await.unwrap();
        assert_eq!((orders.len(), orders[0].state), (1, OrderState::Received), "A72");
        assert_eq!(orders[0].total.unwrap().to_string(), "6.40", "A72");
    }
}
