//! Rows that an ERP or a program brings, as staff see them: how they fare, what is refused, what lags behind, and what a
//! hint brings at once.

use punchgate::service::hint::{self, Changed};
use punchgate::service::import::{Entity, push};
use punchgate::service::sync::hints::{Followed, follow};
use punchgate::service::{product, terms};
use punchgate::store;
use serde_json::json;

use crate::erp_desk::{House, houses};
use crate::erp_stand::{Fault, item};
use crate::support_desk::between;
use crate::support_store::at_once;

/// The keys of what could not be taken.
async fn refused(house: &House) -> Vec<String> {
    let tenant_id = house.tenant_id;
    let read = house.desk.gateway.store.read(async |tx| {
        let which = store::source::Rejects::default();
        store::source::reject_page(tx, tenant_id, &which, None, 100).await
    });
    read.await.unwrap().into_iter().map(|row| row.ext_id).collect()
}

fn list_price(house: &House, sku: &str) -> Option<String> {
    let goods = product::goods(&house.desk.gateway, house.tenant_id)?;
    let price = goods.product(sku)?.list_price?;
    Some(price.amount.to_string())
}

#[tokio::test]
async fn rows_that_are_refused_are_shown_with_their_reason_and_tried_again() {
    for house in houses("").await {
        let person = house.desk.sign_in("nw-operator").await;
        let page = person.page("/admin/erp/rows").await;
        assert!(page.contains("No row has come from an ERP yet."));
        assert!(page.contains("Every row that came could be taken."));
        house.erp.change("product", 3, json!({"category": "X"}));
        house.erp.change("product", 5, json!({"price": "five"}));
        house.run(&[]).await;
        // A warehouse system pushes stock of a product that is not there.
        let body = br#"{"key":"77","version":1,"row":{"sku":"NONE","warehouse":"W","on_hand":"5"}}"#;
        let gateway = &house.desk.gateway;
        push::take(gateway, house.tenant_id, "wms", Entity::Stock, body.to_vec())
            .await
            .unwrap();
        assert_eq!(refused(&house).await, ["77", "product/5", "product/3"]);
        let page = person.page("/admin/erp/rows").await;
        for expect in [
            "there is no category &#34;X&#34;",
            "there is no product &#34;NONE&#34;",
            "five",
            "all: 5 seen; 3 added, 0 changed, 0 deleted, 2 refused",
            "40 percent",
            "wms, stock",
        ] {
            assert!(page.contains(expect), "{expect} is not in {page}");
        }
        let page = person.page("/admin/erp/rows?of=wms/stock").await;
        assert!(page.contains("<code>77</code>") && !page.contains("<code>product/3</code>"));
        let page = person.page("/admin/erp/rows?of=erp/products/product").await;
        assert!(!page.contains("<code>77</code>") && page.contains("<code>product/3</code>"));

        // Nobody fetches anything: the row itself is tried.
        house.erp.add(
            "category",
            json!({"id": 2, "code": "X", "name": "More", "parent": "C", "stamp": "2026-11-24T08:30:00.000000Z"}),
        );
        house.run(&["category"]).await;
        let retry = between(&page, "<form method=\"post\" action=\"/admin/erp/rows/", "/retry");
        let key = between(&page, "<code>product/", "</code>");
        assert_eq!(key, "5", "the latest is the first");
        let viewer = house.desk.sign_in("nw-viewer").await;
        assert!(!viewer.page("/admin/erp/rows").await.contains("Try again"));
        let answer = viewer.post(&format!("/admin/erp/rows/{retry}/retry"), &[]).await;
        assert_eq!(answer.status, 403);
        let all = [("of", "erp/products/product")];
        let answer = person.post("/admin/erp/rows/retry", &all).await;
        let address = answer.location.unwrap();
        assert!(address.ends_with("&good=1&refused=0&asked=1"), "{address}");
        assert!(
            person
                .page(&address)
                .await
                .contains("1 taken, 0 still refused. 1 are no rows yet")
        );
        assert_eq!(refused(&house).await, ["77", "product/5"]);
        assert_eq!(list_price(&house, "D").as_deref(), Some("3.00"));

        // Of the other no row could be made: its record is fetched again.
        house.erp.change("product", 5, json!({"price": "5.50"}));
        house.erp.asked();
        let followed = follow(gateway, house.tenant_id, &house.source()).await.unwrap();
        assert_eq!(followed.done, 1);
        assert_eq!(house.erp.asked(), ["product = 5"]);
        assert_eq!(refused(&house).await, ["77"]);
        assert_eq!(list_price(&house, "F").as_deref(), Some("5.50"));
        assert!(person.page("/admin/erp/rows").await.contains("some records: 1 seen"));
        let gone = person.post(&format!("/admin/erp/rows/{retry}/retry"), &[]).await;
        assert_eq!(gone.status, 409);
    }
}

#[tokio::test]
async fn refused_rows_come_in_pages() {
    for house in houses("").await {
        let body: String = (0..120)
            .map(|number| {
                let row = json!({"sku": format!("NONE-{number}"), "warehouse": "W", "on_hand": "5"});
                json!({"key": format!("{number:03}"), "version": 1, "row": row}).to_string() + "\n"
            })
            .collect();
        let gateway = &house.desk.gateway;
        push::take(gateway, house.tenant_id, "wms", Entity::Stock, body.into_bytes())
            .await
            .unwrap();
        let person = house.desk.sign_in("nw-viewer").await;
        let (mut address, mut keys) = ("/admin/erp/rows?of=wms/stock".to_owned(), Vec::new());
        for rows in [50, 50, 20] {
            let page = person.page(&address).await;
            let found = page.split("<th scope=\"row\" class=\"text\"><span><code>").skip(1);
            let found: Vec<String> = found.map(|rest| rest[..3].to_owned()).collect();
            assert_eq!(found.len(), rows, "{address}");
            keys.extend(found);
            if rows == 50 {
                let more = page.rsplit("before=").next().unwrap();
                address = format!("/admin/erp/rows?of=wms/stock&before={}", &more[..36]);
            }
        }
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 120);
    }
}

#[tokio::test]
async fn what_lags_behind_is_an_alert_until_it_is_back() {
    let more = "[alerts.product]\nage_minutes = 90\n[alerts.\"*\"]\nage_minutes = 30\nrejects_percent = 10\n";
    for house in houses(more).await {
        let person = house.desk.sign_in("nw-viewer").await;
        house.desk.get("/metrics", None).await;
        house.round().await;
        assert!(!person.page("/admin").await.contains("ERP lags behind"));
        house.erp.fail_always(Some(Fault::Cut));
        house.pass(3_000);
        house.round().await;
        let page = person.page("/admin/erp/rows").await;
        assert!(page.contains("5 over the limit"), "{page}");
        assert!(page.contains("erp, category: nothing came to its end for 50 min, where 30 min are allowed"));
        assert!(!page.contains("erp, product: nothing"), "it has a limit of its own");
        assert!(page.contains("Over the limit"));
        assert!(person.page("/admin").await.contains("ERP lags behind"));
        let metrics = house.desk.get("/metrics", None).await.body;
        let is_age =
            |line: &&str| line.starts_with("punchgate_sync_age_seconds") && line.contains("entity=\"category\"");
        assert!(metrics.lines().any(|line| is_age(&line)), "{metrics}");
        let since = between(&page, "are allowed, since <time datetime=\"", "\"").to_owned();
        house.pass(600);
        house.round().await;
        let page = person.page("/admin/erp/rows").await;
        assert!(page.contains(&format!(
            "60 min, where 30 min are allowed, since <time datetime=\"{since}\""
        )));
        house.erp.fail_always(None);
        // One of five products is refused: more than ten percent, and one category and no account.
        house.erp.change(
            "product",
            3,
            json!({"category": "X", "stamp": "2026-11-24T09:30:00.000000Z"}),
        );
        house.erp.add("product", item(6, "G", "x", "2026-11-24T09:30:00"));
        house.round().await;
        let page = person.page("/admin/erp/rows").await;
        assert!(page.contains("1 over the limit"), "{page}");
        assert!(
            page.contains("erp, product: 29 percent of the rows are refused, where 10 are allowed"),
            "{page}"
        );
        house.erp.change("product", 3, json!({"category": "C"}));
        house.erp.change("product", 6, json!({"price": "1.00"}));
        house.round().await;
        assert!(!person.page("/admin").await.contains("ERP lags behind"));
    }
}

/// Keeps hints as the ERP itself gives them.
async fn hinted(house: &House, entity: &str, key: &str) {
    let gateway = &house.desk.gateway;
    let changed = [Changed {
        entity: entity.to_owned(),
        key: key.to_owned(),
    }];
    hint::keep(gateway, house.tenant_id, None, "erp", &changed)
        .await
        .unwrap();
}

async fn followed(house: &House) -> Followed {
    let source = house.source();
    follow(&house.desk.gateway, house.tenant_id, &source).await.unwrap()
}

#[tokio::test]
async fn a_hint_brings_its_record_at_once_and_nothing_else() {
    for house in houses("").await {
        house.run(&[]).await;
        house.erp.asked();
        // The moment of the change is not told: the usual round would not see it.
        house.erp.change("product", 2, json!({"price": "2.75"}));
        house.erp.change("product", 1, json!({"price": "9.99"}));
        let lines = json!([{"sku": "A", "price": "1.10"}]);
        house.erp.change("list", 1, json!({"lines": lines}));
        house.erp.remove("product", 4);
        for (entity, key) in [
            ("products", "2"),
            ("products", "product/4"),
            ("price_rules", "1"),
            ("kits", "1"),
        ] {
            hinted(&house, entity, key).await;
        }
        let done = Followed {
            done: 4,
            ..Followed::default()
        };
        assert_eq!(followed(&house).await, done);
        assert_eq!(house.erp.asked(), ["product = 2", "product = 4", "list = 1"]);
        assert_eq!(list_price(&house, "B").as_deref(), Some("2.75"));
        assert_eq!(list_price(&house, "A").as_deref(), Some("1.50"), "nobody spoke of it");
        assert_eq!(list_price(&house, "E"), None, "it is gone");
        let ask = |sku: &'static str| {
            let gateway = &house.desk.gateway;
            let one = rust_decimal::Decimal::ONE;
            at_once(terms::ask(gateway, house.tenant_id, |now, today| {
                punchgate::domain::terms::Request::new("100", sku, one, today, now)
            }))
        };
        let price = |sku| ask(sku).unwrap().unit_price.map(|price| price.amount.to_string());
        assert_eq!(price("A").as_deref(), Some("1.10"));
        assert_eq!(price("B"), None, "the line for all others is gone with its record's");
        assert_eq!(followed(&house).await, Followed::default(), "each is followed once");
        assert!(house.erp.asked().is_empty());
    }
}

#[tokio::test]
async fn a_hint_that_cannot_be_followed_waits_and_is_let_go_in_the_end() {
    for house in houses("").await {
        house.run(&[]).await;
        house.erp.change("product", 2, json!({"price": "2.75"}));
        house.erp.fail_always(Some(Fault::Cut));
        hinted(&house, "products", "2").await;
        let waiting = Followed {
            waiting: 1,
            ..Followed::default()
        };
        for pause in [15, 30, 60, 120, 240] {
            assert_eq!(followed(&house).await, waiting, "{pause}");
            house.pass(pause - 1);
            assert_eq!(followed(&house).await, Followed::default(), "not before its time");
            house.pass(1);
        }
        let given_up = Followed {
            given_up: 1,
            ..Followed::default()
        };
        assert_eq!(followed(&house).await, given_up);
        // It may come again, and the ERP is back.
        hinted(&house, "products", "2").await;
        house.erp.fail_always(None);
        assert_eq!(followed(&house).await.done, 1);
        assert_eq!(list_price(&house, "B").as_deref(), Some("2.75"));
    }
}

#[tokio::test]
async fn another_name_of_a_record_has_everything_read_again() {
    for house in houses("").await {
        house.run(&[]).await;
        house.erp.change("product", 1, json!({"code": "A2"}));
        hinted(&house, "products", "1").await;
        assert_eq!(followed(&house).await.done, 1);
        assert!(list_price(&house, "A").is_none() && list_price(&house, "A2").is_some());
        let went = house.run(&[]).await;
        assert!(went.iter().all(|went| went.is_full), "{went:?}");
    }
}
