//! Rows that a program pushes, through real HTTP: each for itself, again, in any order, exactly.

use punchgate::service::import::Entity;
use punchgate::service::import::rows::{self, Became, Brought, Set};
use serde_json::{Value, json};

use crate::support::{Answer, Stand, stands};
use crate::support_api::{Program, json, problem};

async fn push(program: &Program<'_>, entity: &str, lines: &[Value]) -> Answer {
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    send(program, entity, &body).await
}

async fn send(program: &Program<'_>, entity: &str, body: &str) -> Answer {
    let address = format!("/api/v1/sync/{entity}?source=erp");
    program.post(&address, "application/x-ndjson", body.as_bytes()).await
}

/// What became of each row.
fn results(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let rows = json(answer)["rows"].as_array().unwrap().clone();
    rows.iter()
        .map(|row| row["result"].as_str().unwrap().to_owned())
        .collect()
}

fn product(key: &str, version: i64, name: &str) -> Value {
    json!({ "key": key, "version": version, "row": { "sku": format!("P-{key}"), "name": name, "base_unit": "EA" } })
}

async fn name(stand: &Stand, key: &str) -> Option<String> {
    let sql = format!("SELECT name FROM product WHERE sku = 'P-{key}' AND deleted_at IS NULL");
    stand.value(&sql).await
}

#[tokio::test]
async fn each_row_is_told_what_became_of_it() {
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        let first = push(&program, "products", &[product("1", 5, "Bolt"), product("2", 1, "Nut")]).await;
        assert_eq!(results(&first), ["stored", "stored"]);
        let next = json(&program.get("/api/v1/changes?limit=1000").await)["next"].clone();
        let again = push(&program, "products", &[product("1", 5, "Bolt"), product("2", 1, "Nut")]).await;
        assert_eq!(results(&again), ["unchanged", "unchanged"]);
        let changes = json(&program.get(&format!("/api/v1/changes?after={next}")).await);
        assert_eq!(changes["changes"], json!([]), "nothing changed");

        let mixed = [
            product("1", 4, "Old bolt"),
            product("2", 2, "Wing nut"),
            product("1", 5, "Other bolt"),
            json!({ "key": "3", "version": 1, "row": { "sku": "P-3", "name": "Kit", "base_unit": "EA", "list_price": "free" } }),
            json!({ "key": "4", "version": 1 }),
            json!({ "key": "9", "version": 1, "deleted": true }),
        ];
        let answer = push(&program, "products", &mixed).await;
        let rows = json(&answer);
        assert_eq!(
            results(&answer),
            ["stale", "stored", "refused", "refused", "refused", "unchanged"],
            "{rows}"
        );
        assert_eq!(
            (&rows["stored"], &rows["refused"], &rows["stale"]),
            (&json!(1), &json!(3), &json!(1))
        );
        assert_eq!(rows["rows"][2]["faults"][0]["field"], "version", "{rows}");
        assert_eq!(rows["rows"][3]["faults"][0]["field"], "list_price", "{rows}");
        assert_eq!(rows["rows"][4]["faults"][0]["field"], "row", "{rows}");
        assert_eq!(name(&stand, "1").await.as_deref(), Some("Bolt"));
        assert_eq!(name(&stand, "2").await.as_deref(), Some("Wing nut"));
        assert_eq!(name(&stand, "3").await, None);

        let broken = "{\"key\":\"5\",\"version\":1\n\n{\"key\":\"6\",\"version\":1,\"row\":{\"sku\":\"P-6\",\"name\":\"Pin\",\"base_unit\":\"EA\"}}";
        let answer = send(&program, "products", broken).await;
        assert_eq!(results(&answer), ["refused", "stored"]);
        let rows = json(&answer);
        assert_eq!(
            (&rows["rows"][0]["key"], &rows["rows"][1]["line"]),
            (&Value::Null, &json!(3))
        );
    }
}

#[tokio::test]
async fn rows_may_come_in_any_order_and_more_than_once() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        for (at, order) in orders.iter().enumerate() {
            let (kept, gone) = (format!("k{at}"), format!("g{at}"));
            let kept_states = [product(&kept, 1, "A"), product(&kept, 2, "B"), product(&kept, 3, "C")];
            let deletion = json!({ "key": gone, "version": 3, "deleted": true });
            let gone_states = [product(&gone, 1, "A"), product(&gone, 2, "B"), deletion];
            for step in order.iter().chain(order) {
                let lines = [kept_states[*step].clone(), gone_states[*step].clone()];
                assert!(!results(&push(&program, "products", &lines).await).contains(&"refused".to_owned()));
            }
            assert_eq!(name(&stand, &kept).await.as_deref(), Some("C"), "{order:?}");
            assert_eq!(name(&stand, &gone).await, None, "{order:?}");
        }
        let one = [product("x", 2, "Late"), product("x", 1, "Early")];
        assert_eq!(results(&push(&program, "products", &one).await), ["stored", "stale"]);
    }
}

#[tokio::test]
async fn two_programs_push_the_same_at_once() {
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        let lines: Vec<Value> = (0..50).map(|at| product(&format!("t{at}"), 1, "Twin")).collect();
        let pushes = (0..4).map(|_| push(&program, "products", &lines));
        let answers = futures_util::future::join_all(pushes).await;
        let stored: usize = answers
            .iter()
            .map(|answer| results(answer).iter().filter(|result| *result == "stored").count())
            .sum();
        assert_eq!(stored, 50, "each row once");
        assert_eq!(
            stand.number("SELECT count(*) FROM product WHERE name = 'Twin'").await,
            50
        );
    }
}

/// As two nodes would, which do not wait for each other's turn.
#[tokio::test]
async fn the_latest_version_stays_when_all_come_at_once() {
    for stand in stands().await {
        let sets: Vec<Set> = (1..=4)
            .map(|version| Set {
                rewrites: false,
                source: "erp".to_owned(),
                kind: "push".to_owned(),
                entity: Entity::Products,
                mapping: None,
                ties_win: false,
                rows: (0..20)
                    .map(|at| Brought {
                        key: at.to_string(),
                        version,
                        row: product(&format!("n{at}"), version, &format!("V{version}"))["row"]
                            .as_object()
                            .cloned(),
                    })
                    .collect(),
            })
            .collect();
        let pushes = sets.iter().map(|set| rows::rows(&stand.gateway, stand.tenant_id, set));
        let mut latest = 0;
        for (set, became) in sets.iter().zip(futures_util::future::join_all(pushes).await) {
            // One that lost every time against others stored nothing and says so.
            let Ok(became) = became else { continue };
            assert!(
                became
                    .iter()
                    .all(|became| matches!(became, Became::Stored | Became::Stale)),
                "{became:?}"
            );
            latest = latest.max(set.rows[0].version);
        }
        assert!(latest > 0);
        let sql = format!("SELECT count(*) FROM product WHERE sku LIKE 'P-n%' AND name = 'V{latest}'");
        assert_eq!(
            stand.number(&sql).await,
            20,
            "version {latest} is the latest that was taken"
        );
    }
}

#[tokio::test]
async fn numbers_keep_every_digit() {
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        let body = r#"{"key":"d","version":1,"row":{"sku":"P-d","name":"Fine","base_unit":"EA","list_price":1234567890123456.7890}}"#;
        assert_eq!(results(&send(&program, "products", body).await), ["stored"]);
        let price = stand.value("SELECT list_price FROM product WHERE sku = 'P-d'").await;
        assert_eq!(price.as_deref(), Some("1234567890123456.7890"));
    }
}

#[tokio::test]
async fn what_cannot_be_a_set_of_rows_is_a_problem() {
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        let line = "{\"key\":\"1\",\"version\":1,\"deleted\":true}\n";
        let told = problem(&send(&program, "product", line).await, 404);
        assert!(told["detail"].as_str().unwrap().contains("products"), "{told}");
        for (path, parameter) in [
            ("/api/v1/sync/products", Some("source")),
            ("/api/v1/sync/products?source=%20", Some("source")),
            ("/api/v1/sync/products?source=erp&full=1", None),
        ] {
            let told = problem(&program.post(path, "application/x-ndjson", line.as_bytes()).await, 400);
            assert_eq!(told["errors"][0]["parameter"].as_str(), parameter, "{path}: {told}");
        }
        problem(&send(&program, "products", "\n\n").await, 400);
        let told = problem(
            &program
                .post("/api/v1/sync/products?source=erp", "application/x-ndjson", b"{}\n\xff")
                .await,
            400,
        );
        assert!(told["detail"].as_str().unwrap().contains("line 2"), "{told}");
        problem(&send(&program, "products", &line.repeat(10_001)).await, 413);
        problem(&send(&program, "products", &" ".repeat((16 << 20) + 1)).await, 413);
        assert_eq!(stand.number("SELECT count(*) FROM source WHERE code = 'erp'").await, 0);
        let units = push(
            &program,
            "units",
            &[json!({ "key": "u", "version": 1, "row": { "code": "KAN", "name": "canister" } })],
        )
        .await;
        assert_eq!(results(&units), ["stored"]);
        let gone = push(
            &program,
            "units",
            &[json!({ "key": "u", "version": 2, "deleted": true })],
        )
        .await;
        assert_eq!(results(&gone), ["refused"], "units are not deleted");
    }
}

#[tokio::test]
async fn a_price_list_is_brought_with_its_entries() {
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        let list = |price: &str| {
            let row = json!({ "list": "PUSHED", "sku": "P-s", "unit": "EA", "price": price });
            json!({ "key": "s", "version": 1, "row": row })
        };
        for (entity, line) in [
            ("products", product("s", 1, "Sold")),
            (
                "price_lists",
                json!({ "key": "l", "version": 1, "row": { "code": "PUSHED", "kind": "contract", "currency": "EUR" } }),
            ),
            ("prices", list("7.25")),
        ] {
            assert_eq!(results(&push(&program, entity, &[line]).await), ["stored"], "{entity}");
        }
        let wrong = push(&program, "prices", &[list("x")]).await;
        assert_eq!(results(&wrong), ["refused"]);
        assert_eq!(json(&wrong)["rows"][0]["faults"][0]["field"], "price");
    }
}
