//! The door for programs through real HTTP: tokens and scopes, what changed, hints, limits.

use std::time::Duration;

use punchgate::domain::api_client::Scope;
use punchgate::domain::word::Word;
use punchgate::service::{api_client, import, upkeep};
use punchgate::store;
use serde_json::json;

use crate::support::{Stand, stands, stands_with};
use crate::support_api::{Program, administrator, ask, json, problem};

const JSON: &str = "application/json";

/// Each operation that needs a scope: scope, method, address, body.
const OPERATIONS: [(Scope, &str, &str, &str); 5] = [
    (
        Scope::SyncWrite,
        "POST",
        "/api/v1/sync/products?source=erp",
        r#"{"key":"1","version":1,"deleted":true}"#,
    ),
    (Scope::ChangesRead, "GET", "/api/v1/changes", ""),
    (
        Scope::EventsWrite,
        "POST",
        "/api/v1/events",
        r#"{"source":"erp","events":[{"entity":"products","key":"1"}]}"#,
    ),
    (Scope::DocumentsCheck, "POST", "/api/v1/validate", "<cXML/>"),
    (
        Scope::PricesRead,
        "POST",
        "/api/v1/prices",
        r#"{"account":"100","lines":[{"sku":"W-1","quantity":1}]}"#,
    ),
];

#[tokio::test]
async fn a_token_allows_its_scopes_and_no_others() {
    for stand in stands().await {
        let by = administrator(&stand).await;
        for (scope, method, path, body) in OPERATIONS {
            let one = Program::new(&stand, &by, &[scope]).await;
            let answer = one.ask(method, path, JSON, body.as_bytes()).await;
            assert!((200..300).contains(&answer.status), "{path}: {}", answer.text());
            let others: Vec<Scope> = Scope::ALL.iter().copied().filter(|other| *other != scope).collect();
            let rest = Program::new(&stand, &by, &others).await;
            let refused = rest.ask(method, path, JSON, body.as_bytes()).await;
            let told = problem(&refused, 403);
            let challenge = refused.header("www-authenticate").unwrap();
            let needed = format!("error=\"insufficient_scope\", scope=\"{}\"", scope.word());
            assert!(challenge.contains(&needed), "{challenge}");
            assert!(told["detail"].as_str().unwrap().contains(scope.word()), "{told}");
        }
    }
}

#[tokio::test]
async fn who_has_no_valid_token_learns_nothing() {
    for stand in stands().await {
        let by = administrator(&stand).await;
        let program = Program::until(&stand, &by, Scope::ALL, Some(30)).await;
        assert_eq!(program.get("/api/v1/changes").await.status, 200);
        assert!(!stand.database_has(&program.token).await, "only a hash is kept");

        let mut altered = program.token.clone();
        let last = if altered.pop() == Some('A') { 'Q' } else { 'A' };
        altered.push(last);
        let unknown = Program::new(&stand, &by, Scope::ALL).await;
        let known_id = &unknown.token[..unknown.token.len() - 8];
        let tokens = [
            altered,
            format!("{known_id}AAAAAAAA"),
            "pgt_".to_owned(),
            "canary-token".to_owned(),
        ];
        let mut told = Vec::new();
        for token in &tokens {
            let headers = [("Authorization", &*format!("Bearer {token}"))];
            let answer = ask(&stand, "GET", "/api/v1/changes", &headers, b"").await;
            let mut problem = problem(&answer, 401);
            assert!(!answer.text().contains(token.as_str()), "the token is not sent back");
            let challenge = answer.header("www-authenticate").unwrap();
            assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
            problem["instance"] = json!("");
            told.push(problem);
        }
        stand.advance(30 * 86_400);
        let mut expired = problem(&program.get("/api/v1/changes").await, 401);
        expired["instance"] = json!("");
        told.push(expired);
        api_client::revoke(&stand.gateway, &by, unknown.client.id)
            .await
            .unwrap();
        let mut revoked = problem(&unknown.get("/api/v1/changes").await, 401);
        revoked["instance"] = json!("");
        told.push(revoked);
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:#?}");

        for headers in [&[][..], &[("Authorization", "Basic cGd0XzpwZ3Rf")]] {
            let answer = ask(&stand, "GET", "/api/v1/changes", headers, b"").await;
            problem(&answer, 401);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"punchgate\""));
        }
        let kinds = stand
            .value("SELECT count(DISTINCT kind) FROM security_event WHERE kind LIKE 'token.%'")
            .await;
        assert_eq!(kinds.as_deref(), Some("3"), "staff see why");
        assert!(!stand.database_has("canary-token").await);
    }
}

#[tokio::test]
async fn a_token_is_of_one_supplier() {
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        let directory = stand.gateway.directory();
        let rival = directory.tenants().find(|tenant| tenant.code == "rival").unwrap().id;
        let files = vec![("categories.csv", b"code,name\nR,Rival\n".to_vec())];
        import::all(&stand.gateway, rival, files).await.unwrap();
        let tenant_id = stand.tenant_id;
        let read = async |tx: &mut store::Tx| store::feed::head(tx, tenant_id).await;
        let head = stand.gateway.store.read(read).await.unwrap();
        let page = json(&program.get("/api/v1/changes?limit=1000").await);
        assert_eq!(page["next"], head, "{page}");
        assert_eq!(
            page["changes"].as_array().unwrap().len(),
            usize::try_from(head).unwrap()
        );
    }
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute() {
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        let used = async || stand.value("SELECT last_used_at FROM api_client").await;
        assert_eq!(used().await, None);
        program.get("/api/v1/changes").await;
        let first = used().await.unwrap();
        stand.advance(59);
        program.get("/api/v1/changes").await;
        assert_eq!(used().await.unwrap(), first);
        stand.advance(1);
        program.get("/api/v1/changes").await;
        assert_ne!(used().await.unwrap(), first);
    }
}

#[tokio::test]
async fn changes_come_in_order_and_each_once() {
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        let whole = json(&program.get("/api/v1/changes?limit=1000").await);
        assert_eq!(whole["more"], false);
        let all = whole["changes"].as_array().unwrap();
        assert!(all.len() > 5, "{whole}");
        let mut pages = Vec::new();
        let mut after = json!(0);
        loop {
            let page = json(&program.get(&format!("/api/v1/changes?after={after}&limit=2")).await);
            pages.extend(page["changes"].as_array().unwrap().clone());
            after = page["next"].clone();
            if page["more"] == false {
                break;
            }
        }
        assert_eq!(&pages, all);
        assert_eq!(after, whole["next"]);
        let seqs: Vec<i64> = all.iter().map(|change| change["seq"].as_i64().unwrap()).collect();
        assert!(seqs.windows(2).all(|pair| pair[0] < pair[1]), "{seqs:?}");

        let nothing = json(&program.get(&format!("/api/v1/changes?after={after}")).await);
        assert_eq!(nothing, json!({ "changes": [], "next": after, "more": false }));
        let ahead = after.as_i64().unwrap() + 1;
        let told = problem(&program.get(&format!("/api/v1/changes?after={ahead}")).await, 409);
        assert_eq!(told["errors"][0]["parameter"], "after", "a database that was restored");
        for (query, parameter) in [
            ("after=-1", Some("after")),
            ("after=x", Some("after")),
            ("limit=0", Some("limit")),
            ("limit=1001", Some("limit")),
            ("wait=26", Some("wait")),
            ("after=1&after=2", Some("after")),
            ("afer=1", None),
        ] {
            let told = problem(&program.get(&format!("/api/v1/changes?{query}")).await, 400);
            assert_eq!(told["errors"][0]["parameter"].as_str(), parameter, "{query}: {told}");
        }
    }
}

#[tokio::test]
async fn who_waits_gets_a_change_as_soon_as_there_is_one() {
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        let next = json(&program.get("/api/v1/changes?limit=1000").await)["next"].clone();
        let path = format!("/api/v1/changes?after={next}&wait=25");
        let changing = async {
            // The other one waits by then; if it does not yet, it finds the change at once.
            tokio::task::yield_now().await;
            let files = vec![("categories.csv", b"code,name,parent\nG,Glue,\n".to_vec())];
            import::all(&stand.gateway, stand.tenant_id, files).await.unwrap();
        };
        let started = std::time::Instant::now();
        let (answer, ()) = tokio::join!(program.get(&path), changing);
        let page = json(&answer);
        assert_eq!(page["changes"][0]["entity"], "category", "{page}");
        assert_eq!(page["changes"][0]["op"], "put");
        assert!(started.elapsed() < Duration::from_secs(20));

        let path = format!("/api/v1/changes?after={}&wait=1", page["next"]);
        let started = std::time::Instant::now();
        let nothing = json(&program.get(&path).await);
        assert_eq!(nothing["changes"], json!([]));
        assert!(started.elapsed() >= Duration::from_secs(1), "it waited");
        let held: Vec<_> = std::iter::from_fn(|| stand.gateway.limits.waiting()).collect();
        assert!(!held.is_empty());
        let started = std::time::Instant::now();
        let path = format!("/api/v1/changes?after={}&wait=25", page["next"]);
        assert_eq!(json(&program.get(&path).await)["changes"], json!([]));
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "too many wait, so it does not"
        );
    }
}

async fn waiting(stand: &Stand, source: &'static str) -> Vec<(String, String)> {
    let tenant_id = stand.tenant_id;
    let read = async |tx: &mut store::Tx| store::hint::waiting(tx, tenant_id, source, 1_000).await;
    let hints = stand.gateway.store.read(read).await.unwrap();
    hints.into_iter().map(|hint| (hint.entity, hint.ext_id)).collect()
}

#[tokio::test]
async fn hints_wait_once_until_they_are_followed() {
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        let say = async |events: serde_json::Value| {
            let body = json!({ "source": "erp", "events": events }).to_string();
            program.post("/api/v1/events", JSON, body.as_bytes()).await
        };
        let (bolt, nut) = (
            json!({"entity": "products", "key": "17"}),
            json!({"entity": "products", "key": "18"}),
        );
        let first = say(json!([bolt, bolt, nut])).await;
        assert_eq!((first.status, json(&first)), (202, json!({ "kept": 2 })));
        let tenant_id = stand.tenant_id;
        let read = async |tx: &mut store::Tx| store::hint::waiting(tx, tenant_id, "erp", 10).await;
        let being_followed = stand.gateway.store.read(read).await.unwrap();
        assert_eq!(say(json!([nut])).await.status, 202);
        let ids: Vec<_> = being_followed.iter().map(|hint| hint.id).collect();
        stand
            .gateway
            .store
            .write(async move |tx| store::hint::end(tx, tenant_id, &ids).await)
            .await
            .unwrap();
        assert_eq!(
            waiting(&stand, "erp").await,
            [("products".into(), "18".into())],
            "one that came again while the first was followed stays"
        );
        assert!(waiting(&stand, "other").await.is_empty());
        stand.advance(7 * 86_400 + 1);
        upkeep::round(&stand.gateway).await.unwrap();
        assert!(waiting(&stand, "erp").await.is_empty(), "nobody followed it");
    }
}

#[tokio::test]
async fn hints_that_are_wrong_are_refused_together_with_their_places() {
    for stand in stands().await {
        let program = Program::with_all(&stand).await;
        let post = async |body: String| program.post("/api/v1/events", JSON, body.as_bytes()).await;
        let long = "x".repeat(201);
        let wrong = json!({ "source": "", "events": [
            {"entity": "products", "key": "1"}, {"entity": "product", "key": "canary-key"}, {"entity": "stock", "key": long}
        ]});
        let answer = post(wrong.to_string()).await;
        let told = problem(&answer, 400);
        let places: Vec<_> = told["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| &error["pointer"])
            .collect();
        assert_eq!(places, ["#/source", "#/events/1/entity", "#/events/2/key"], "{told}");
        assert!(
            told["errors"][1]["detail"].as_str().unwrap().contains("products"),
            "{told}"
        );
        assert!(!answer.text().contains("canary"), "input is not sent back");

        let many: Vec<_> = (0..1_001)
            .map(|at| json!({"entity": "stock", "key": at.to_string()}))
            .collect();
        let told = problem(&post(json!({"source": "erp", "events": many}).to_string()).await, 400);
        assert_eq!(told["errors"][0]["pointer"], "#/events");
        problem(&post(json!({"source": "erp", "events": []}).to_string()).await, 400);
        for body in [
            "",
            "{",
            "[]",
            r#"{"source":"erp"}"#,
            r#"{"source":"erp","events":[],"more":1}"#,
        ] {
            let told = problem(&post(body.to_owned()).await, 400);
            assert!(told["detail"].as_str().unwrap().contains("line "), "{told}");
        }
        problem(&post(" ".repeat(256 * 1024 + 1)).await, 413);
        assert_eq!(stand.count("hint").await, 0);
    }
}

#[tokio::test]
async fn a_program_has_documents_checked() {
    let stands = stands().await;
    let stand = &stands[0];
    let program = Program::with_all(stand).await;
    let broken = include_str!("../../templates/admin/broken.xml");
    let answer = program.post("/api/v1/validate", "text/xml", broken.as_bytes()).await;
    let report = json(&answer);
    assert_eq!((answer.status, &report["valid"]), (200, &json!(false)), "{report}");
    problem(&program.post("/api/v1/validate", "text/xml", b"").await, 400);
    problem(&program.post("/api/v1/validate?x=1", "text/xml", b"<a/>").await, 400);
    let foreign = [("Authorization", "Bearer pgt_x"), ("Content-Type", "text/xml")];
    problem(&ask(stand, "POST", "/api/v1/validate", &foreign, b"<a/>").await, 401);
}

#[tokio::test]
async fn limits_hold_for_each_program_and_for_wrong_tokens() {
    let stands = stands_with(|config| {
        config.limits.program_requests_per_minute = 5;
        config.limits.address_failures_per_minute = 3;
    })
    .await;
    for stand in stands {
        let by = administrator(&stand).await;
        let (busy, calm) = (
            Program::new(&stand, &by, Scope::ALL).await,
            Program::new(&stand, &by, Scope::ALL).await,
        );
        for _ in 0..5 {
            assert_eq!(busy.get("/api/v1/changes").await.status, 200);
        }
        problem(&busy.get("/api/v1/changes").await, 429);
        assert_eq!(calm.get("/api/v1/changes").await.status, 200);
        let wrong = [("Authorization", "Bearer pgt_guess")];
        for _ in 0..3 {
            problem(&ask(&stand, "GET", "/api/v1/changes", &wrong, b"").await, 401);
        }
        problem(&ask(&stand, "GET", "/api/v1/changes", &wrong, b"").await, 429);
        assert_eq!(calm.get("/api/v1/changes").await.status, 200, "a right token still is");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let stands = stands().await;
    let program = Program::with_all(&stands[0]).await;
    for path in [
        "/api",
        "/api/v2/changes",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v1/problems/nothing",
    ] {
        problem(&program.get(path).await, 404);
    }
    for (method, path) in [
        ("POST", "/api/v1/changes"),
        ("GET", "/api/v1/events"),
        ("DELETE", "/api/v1/openapi.json"),
        ("GET", "/api/v1/validate"),
    ] {
        problem(&program.ask(method, path, JSON, b"").await, 405);
    }
}
