//! Rows of an ERP: what comes wrong, late, twice, by halves or not at all, each with its outcome, on both databases.

use jiff::SignedDuration;
use punchgate::erp::fault::Class;
use punchgate::service::product;
use punchgate::service::sync::Wanted;
use punchgate::store;
use serde_json::json;

use crate::erp_stand::{Erp, Fault, MAP, counts, erp, item, run, run_as, source};
use crate::import::{Shop, shops};

const LATER: &str = "2026-11-24T08:59:00";

/// The part numbers that are there.
fn skus(shop: &Shop) -> String {
    let Some(goods) = product::goods(&shop.gateway, shop.tenant_id) else {
        return String::new();
    };
    let mut skus: Vec<&str> = ["A", "B", "D", "E", "F", "G", "H"]
        .into_iter()
        .filter(|sku| goods.product(sku).is_some())
        .collect();
    skus.sort_unstable();
    skus.concat()
}

fn pass(shop: &Shop, minutes: i64) {
    shop.gateway.clock.advance(SignedDuration::from_mins(minutes));
}

async fn value(shop: &Shop, sql: &str) -> String {
    let rows = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql.to_owned()));
    let values = if shop.test.url.starts_with("sqlite") {
        let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&shop.test.url)
            .await
            .unwrap();
        rows.fetch_all(&mut connection).await
    } else {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&shop.test.url)
            .await
            .unwrap();
        sqlx::query_scalar::<_, String>(sql).fetch_all(&mut connection).await
    };
    values.unwrap().join("; ")
}

/// What could not be taken.
async fn open(shop: &Shop) -> String {
    let tenant_id = shop.tenant_id;
    let read = shop.gateway.store.read(async |tx| {
        let source = store::source::find(tx, tenant_id, "erp").await?.unwrap();
        store::source::rejected(tx, &source, None, 100).await
    });
    let rejects = read.await.unwrap();
    let told = rejects.iter().map(|reject| {
        let fault = &reject.faults[0];
        format!(
            "{}: {} {}",
            reject.ext_id,
            fault["field"].as_str().unwrap(),
            fault["reason"].as_str().unwrap()
        )
    });
    told.collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn rows_come_once_and_changes_follow() {
    for shop in shops().await {
        let erp = erp().await;
        let source = source(&erp, MAP);
        let went = run(&shop, &source).await;
        assert_eq!(counts(&went, "product"), (5, 0, 0, 0));
        assert_eq!(counts(&went, "rule"), (2, 0, 0, 0));
        assert_eq!(skus(&shop), "ABDEF");
        assert_eq!(shop.price("100", "A", 1, None), "1.20 EUR / 1 EA");
        assert_eq!(shop.price("100", "B", 1, None), "9.00 EUR / 1 EA");
        // Pages of two, each after the last key, until an empty one.
        let asked = erp.asked();
        let products: Vec<&str> = asked
            .iter()
            .filter(|asked| asked.starts_with("product"))
            .map(String::as_str)
            .collect();
        assert_eq!(
            products,
            ["product", "product after 2", "product after 4", "product after 5"]
        );

        let head = shop.head().await;
        pass(&shop, 10);
        let went = run(&shop, &source).await;
        assert!(
            went.values()
                .all(|went| (went.added, went.changed, went.deleted) == (0, 0, 0)),
            "{went:?}"
        );
        assert_eq!(shop.head().await, head, "nothing changed, nothing is told");
        // Asked again from five minutes before the last change on.
        assert!(erp.asked().contains(&"product since 2026-11-24T07:55:00".to_owned()));

        erp.change(
            "product",
            2,
            json!({"price": 2.75, "stamp": format!("{LATER}.000000Z")}),
        );
        let went = run(&shop, &source).await;
        assert_eq!((went["product"].seen, counts(&went, "product")), (5, (0, 1, 0, 0)));
        let mapped = value(&shop, "SELECT DISTINCT mapping FROM source_row").await;
        assert_eq!(mapped, "1");
    }
}

#[tokio::test]
async fn a_row_that_names_what_is_not_there_is_kept_and_tried_again() {
    for shop in shops().await {
        let erp = erp().await;
        let source = source(&erp, MAP);
        erp.change("product", 3, json!({"category": "X"}));
        let went = run(&shop, &source).await;
        assert_eq!(counts(&went, "product"), (4, 0, 0, 1));
        assert_eq!(skus(&shop), "ABEF");
        assert_eq!(open(&shop).await, "product/3: categories there is no category \"X\"");
        // The category comes later; the product did not change.
        let stamp = format!("{LATER}.000000Z");
        erp.add(
            "category",
            json!({"id": 2, "code": "X", "name": "More", "parent": "C", "stamp": stamp}),
        );
        pass(&shop, 10);
        erp.change("product", 3, json!({"stamp": "2026-11-24T01:00:00.000000Z"}));
        let went = run(&shop, &source).await;
        assert_eq!(counts(&went, "product"), (1, 0, 0, 0));
        assert_eq!((skus(&shop).as_str(), open(&shop).await.as_str()), ("ABDEF", ""));
    }
}

#[tokio::test]
async fn a_parent_on_a_later_page_is_found() {
    for shop in shops().await {
        let erp = erp().await;
        let stamp = "2026-11-24T08:00:00.000000Z";
        let category = |id: i64, code: &str, parent: Option<&str>| json!({"id": id, "code": code, "name": code, "parent": parent, "stamp": stamp});
        erp.table(
            "category",
            json!([
                category(1, "C", Some("Z")),
                category(2, "Y", None),
                category(3, "Z", None)
            ]),
        );
        let went = run(&shop, &source(&erp, MAP)).await;
        assert_eq!(counts(&went, "category"), (3, 0, 0, 0));
        assert_eq!(counts(&went, "product"), (5, 0, 0, 0));
    }
}

#[tokio::test]
async fn passing_faults_are_asked_again() {
    for shop in shops().await {
        let erp = erp().await;
        let source = source(&erp, MAP);
        erp.fail(&[
            Fault::Status(429, "Retry-After: 0\r\n"),
            Fault::Status(500, ""),
            Fault::None,
            Fault::Cut,
            Fault::HalfJson,
            Fault::NotGzip,
            Fault::Gzip,
            Fault::HalfGzip,
            Fault::Silent,
        ]);
        let went = run(&shop, &source).await;
        assert!(
            went.values().all(|went| went.fault.is_none() && went.rejected == 0),
            "{went:?}"
        );
        assert_eq!(skus(&shop), "ABDEF");
    }
}

#[tokio::test]
async fn an_erp_that_does_not_answer_changes_nothing() {
    for shop in shops().await {
        let erp = erp().await;
        let source = source(&erp, MAP);
        run(&shop, &source).await;
        let head = shop.head().await;
        erp.change(
            "product",
            1,
            json!({"price": "7.77", "stamp": format!("{LATER}.000000Z")}),
        );
        for fault in [
            Fault::Cut,
            Fault::HalfJson,
            Fault::HalfGzip,
            Fault::Status(503, ""),
            Fault::Status(429, "Retry-After: 3600\r\n"),
        ] {
            erp.fail_always(Some(fault));
            let went = run(&shop, &source).await;
            let stopped: Vec<_> = went.values().collect();
            // Whoever does not answer is not asked for the rest.
            assert_eq!(stopped.len(), 1, "{fault:?}");
            assert_eq!(
                stopped[0].fault.as_ref().map(|fault| fault.class),
                Some(Class::Retry),
                "{fault:?}"
            );
            assert_eq!(skus(&shop), "ABDEF", "{fault:?}");
            // That it does not answer is all that is told.
            let tenant_id = shop.tenant_id;
            let read = shop
                .gateway
                .store
                .read(async |tx| store::feed::after(tx, tenant_id, head, 100).await);
            let changes: Vec<store::feed::Change> = read.await.unwrap();
            assert!(changes.iter().all(|change| change.entity == "erp_mode"), "{changes:?}");
        }
        erp.fail_always(None);
        let went = run(&shop, &source).await;
        assert_eq!(counts(&went, "product"), (0, 1, 0, 0));
    }
}

#[tokio::test]
async fn a_page_that_breaks_off_leaves_the_pages_before_it_whole() {
    for shop in shops().await {
        let erp = erp().await;
        let source = source(&erp, MAP);
        run_as(
            &shop,
            &source,
            &Wanted {
                entities: vec!["category".into()],
                ..Wanted::default()
            },
        )
        .await;
        // The first page of products comes, the second never does.
        erp.fail(&[Fault::None, Fault::None, Fault::None]);
        erp.fail_always(Some(Fault::Cut));
        let went = run(&shop, &source).await;
        assert!(went["product"].fault.is_some(), "{went:?}");
        assert_eq!(skus(&shop), "AB");
        erp.fail_always(None);
        let went = run(&shop, &source).await;
        assert_eq!((counts(&went, "product").3, skus(&shop).as_str()), (0, "ABDEF"));
    }
}

#[tokio::test]
async fn a_page_that_is_shorter_than_asked_for_is_not_the_last() {
    for shop in shops().await {
        let erp = erp().await;
        erp.rows_max(1);
        let went = run(&shop, &source(&erp, MAP)).await;
        assert_eq!(counts(&went, "product"), (5, 0, 0, 0));
    }
}

#[tokio::test]
async fn what_is_deleted_is_found_by_its_key_and_a_key_that_is_used_again_is_another_row() {
    for shop in shops().await {
        let erp = erp().await;
        let source = source(&erp, MAP);
        run(&shop, &source).await;
        erp.remove("product", 2);
        pass(&shop, 10);
        let went = run(&shop, &source).await;
        assert_eq!(
            (counts(&went, "product"), skus(&shop).as_str()),
            ((0, 0, 0, 0), "ABDEF"),
            "not visible by its moment"
        );
        pass(&shop, 60);
        let went = run(&shop, &source).await;
        assert_eq!((counts(&went, "product"), skus(&shop).as_str()), ((0, 0, 1, 0), "ADEF"));
        // The ERP gives 4 to another product.
        erp.change("product", 4, json!({"code": "G", "stamp": format!("{LATER}.000000Z")}));
        let went = run(&shop, &source).await;
        assert_eq!((counts(&went, "product"), skus(&shop).as_str()), ((0, 1, 0, 0), "ADFG"));
        // What is not meant any more goes at once.
        erp.change(
            "product",
            1,
            json!({"archived": true, "stamp": "2026-11-24T08:59:30.000000Z"}),
        );
        let went = run(&shop, &source).await;
        assert_eq!((counts(&went, "product"), skus(&shop).as_str()), ((0, 0, 1, 0), "DFG"));
    }
}

#[tokio::test]
async fn a_load_that_lost_half_its_rows_deletes_nothing_until_somebody_says_so() {
    for shop in shops().await {
        let erp = erp().await;
        let source = source(&erp, MAP);
        let many = |ids: std::ops::RangeInclusive<i64>| -> serde_json::Value {
            ids.map(|id| item(id, &format!("P{id}"), "1.00", "2026-11-24T08:00:00"))
                .collect()
        };
        erp.table("product", many(1..=40));
        erp.table("list", json!([]));
        assert_eq!(counts(&run(&shop, &source).await, "product"), (40, 0, 0, 0));
        erp.table("product", many(1..=20));
        let full = Wanted {
            full: true,
            ..Wanted::default()
        };
        let went = run_as(&shop, &source, &full).await;
        let fault = went["product"].fault.clone().unwrap();
        assert_eq!(fault.class, Class::Ask);
        assert!(
            fault.text.starts_with("20 of 40 rows are gone from the ERP at once"),
            "{fault}"
        );
        let goods = product::goods(&shop.gateway, shop.tenant_id).unwrap();
        assert_eq!((goods.count(), went["product"].deleted), (40, 0));
        let accepted = Wanted {
            accept_deletions: true,
            ..full
        };
        assert_eq!(
            counts(&run_as(&shop, &source, &accepted).await, "product"),
            (0, 0, 20, 0)
        );
        assert_eq!(product::goods(&shop.gateway, shop.tenant_id).unwrap().count(), 20);
    }
}

#[tokio::test]
async fn a_change_that_is_committed_late_is_found_and_a_strict_cursor_would_lose_it() {
    for (overlap, found) in [(300, 1), (0, 0)] {
        for shop in shops().await {
            let erp = erp().await;
            erp.table("list", json!([]));
            let map = MAP.replace(
                "from = \"product\"\n",
                &format!("from = \"product\"\noverlap_seconds = {overlap}\n"),
            );
            let source = source(&erp, &map);
            erp.change("product", 5, json!({"stamp": "2026-11-24T08:50:00.000000Z"}));
            run(&shop, &source).await;
            // A transaction that began before the last one that was seen, and ended after we looked.
            erp.change(
                "product",
                2,
                json!({"price": "2.99", "stamp": "2026-11-24T08:49:00.000000Z"}),
            );
            let went = run(&shop, &source).await;
            assert_eq!(counts(&went, "product"), (0, found, 0, 0), "{overlap}");
        }
    }
}

#[tokio::test]
async fn a_clock_of_the_erp_that_runs_ahead_loses_nothing() {
    for shop in shops().await {
        let erp = erp().await;
        let source = source(&erp, MAP);
        erp.change("product", 5, json!({"stamp": "2099-01-01T00:00:00.000000Z"}));
        run(&shop, &source).await;
        // Ours says 09:00; the next change is written a minute later.
        pass(&shop, 5);
        erp.change(
            "product",
            2,
            json!({"price": "2.99", "stamp": "2026-11-24T09:01:00.000000Z"}),
        );
        assert_eq!(counts(&run(&shop, &source).await, "product"), (0, 1, 0, 0));
        let cursor = value(
            &shop,
            "SELECT CAST(cursor_at AS TEXT) FROM sync_cursor WHERE entity = 'product'",
        )
        .await;
        assert!(cursor.starts_with("2026-11-24"), "{cursor}");
    }
}

#[tokio::test]
async fn a_renamed_field_stops_the_entity_and_keeps_what_is_there() {
    for shop in shops().await {
        let erp = erp().await;
        let source = source(&erp, MAP);
        run(&shop, &source).await;
        let rename = |text: &str| text.replace("\"price\"", "\"list_price\"");
        let items: String = rename(&json!([item(1, "A", "1.50", LATER), item(2, "B", "2.00", LATER)]).to_string());
        erp.table("product", serde_json::from_str(&items).unwrap());
        let head = shop.head().await;
        let went = run(&shop, &source).await;
        let fault = went["product"].fault.clone().unwrap();
        assert_eq!(fault.class, Class::Ask);
        assert_eq!(fault.text, "product: list_price: the ERP's record has no price");
        assert_eq!((shop.head().await, skus(&shop).as_str()), (head, "ABDEF"));
        // The others go on.
        assert!(went["rule"].fault.is_none());
    }
}

#[tokio::test]
async fn two_records_with_one_key_are_not_one_row() {
    for shop in shops().await {
        let erp = erp().await;
        erp.change("product", 5, json!({"code": "A"}));
        let went = run(&shop, &source(&erp, MAP)).await;
        assert_eq!((counts(&went, "product"), skus(&shop).as_str()), ((4, 0, 0, 1), "ABDE"));
        assert_eq!(open(&shop).await, "product/5: record A is also what record 1 gives");
    }
}

#[tokio::test]
async fn a_price_that_cannot_be_read_is_on_request_and_never_another() {
    for shop in shops().await {
        let erp = erp().await;
        let source = source(&erp, MAP);
        run(&shop, &source).await;
        // Without the first line the second would apply.
        let lines = json!([{"sku": "A", "price": "1,20"}, {"sku": null, "price": "9.00"}]);
        erp.change("list", 1, json!({"lines": lines}));
        let went = run(&shop, &source).await;
        assert_eq!((went["rule"].changed, went["rule"].rejected), (1, 1));
        assert_eq!(shop.price("100", "A", 1, None), "on request / 1 EA");
        // It stays so until the ERP says a price.
        let went = run(&shop, &source).await;
        assert_eq!((went["rule"].changed, went["rule"].rejected), (0, 1));
        let lines = json!([{"sku": "A", "price": "1.25"}, {"sku": null, "price": "9.00"}]);
        erp.change("list", 1, json!({"lines": lines}));
        let went = run(&shop, &source).await;
        assert_eq!(counts(&went, "rule"), (0, 1, 0, 0));
        assert_eq!(
            (shop.price("100", "A", 1, None).as_str(), open(&shop).await.as_str()),
            ("1.25 EUR / 1 EA", "")
        );
        // A line less is a row less.
        erp.change("list", 1, json!({"lines": [{"sku": "A", "price": "1.25"}]}));
        assert_eq!(counts(&run(&shop, &source).await, "rule"), (0, 0, 1, 0));
        assert_eq!(shop.price("100", "B", 1, None), "on request / 1 EA");
    }
}

#[tokio::test]
async fn a_session_that_ended_is_begun_again_once() {
    for shop in shops().await {
        let erp = erp().await;
        let source = source(&erp, MAP);
        erp.fail(&[Fault::None, Fault::Status(401, "")]);
        let went = run(&shop, &source).await;
        assert!(went.values().all(|went| went.fault.is_none()), "{went:?}");
        assert_eq!(erp.logins(), 2);
        erp.fail_always(Some(Fault::Status(401, "")));
        let went = run(&shop, &source).await;
        assert!(
            went.values()
                .all(|went| went.fault.as_ref().is_some_and(|fault| fault.class == Class::Ask))
        );
        let mut stranger = crate::erp_stand::source(&erp, MAP);
        stranger.access.password = "wrong".into();
        let went = run(&shop, &stranger).await;
        let fault = went.values().next().unwrap().fault.clone().unwrap();
        assert_eq!(
            fault.to_string(),
            "the ERP does not accept the user or the password; somebody must look"
        );
    }
}

#[tokio::test]
async fn what_goes_with_its_product_goes_too_and_does_not_come_back_with_it() {
    for shop in shops().await {
        let erp = erp().await;
        let source = source(&erp, MAP);
        run(&shop, &source).await;
        erp.remove("product", 1);
        erp.change("list", 1, json!({"lines": [{"sku": null, "price": "9.00"}]}));
        pass(&shop, 61);
        let went = run(&shop, &source).await;
        assert_eq!((counts(&went, "product").2, skus(&shop).as_str()), (1, "BDEF"));
        assert_eq!(counts(&went, "rule"), (0, 1, 1, 0));
        erp.add("product", item(9, "A", "1.50", "2026-11-24T10:00:00"));
        pass(&shop, 1);
        run(&shop, &source).await;
        assert_eq!(shop.price("100", "A", 1, None), "9.00 EUR / 1 EA");
    }
}

#[tokio::test]
async fn two_erps_of_one_supplier_keep_their_rows_apart() {
    for shop in shops().await {
        let (first, second) = (erp().await, Erp::new().await);
        let stamp = "2026-11-24T08:00:00.000000Z";
        second.table(
            "category",
            json!([{"id": 1, "code": "C2", "name": "Other", "parent": null, "stamp": stamp}]),
        );
        let other = json!([{"id": 1, "code": "H", "name": "H", "price": "8.00", "category": "C2", "archived": false, "stamp": stamp}]);
        second.table("product", other);
        let (one, mut two) = (source(&first, MAP), source(&second, MAP));
        two.setting.code = "second".into();
        run(&shop, &one).await;
        run(&shop, &two).await;
        assert_eq!(skus(&shop), "ABDEFH");
        let full = Wanted {
            full: true,
            ..Wanted::default()
        };
        let went = run_as(&shop, &two, &full).await;
        assert_eq!(
            (counts(&went, "product"), skus(&shop).as_str()),
            ((0, 0, 0, 0), "ABDEFH")
        );
    }
}
