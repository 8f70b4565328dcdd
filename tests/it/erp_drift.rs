//! The store compared with an ERP: nothing differs after a run, whatever is changed by hand is found, and fixed or accepted.

use punchgate::service::sync::reconcile::{self, Cause, Compared, Progress, told};
use serde_json::json;

use crate::erp_desk::{House, houses};
use crate::erp_stand::Fault;
use crate::support_desk::between;

async fn compare(house: &House) -> Compared {
    let source = house.source();
    let gateway = &house.desk.gateway;
    reconcile::reconcile(gateway, house.tenant_id, &source, Cause::Command, &Progress::default())
        .await
        .unwrap()
}

/// What differs and is open, each in lines.
fn open(compared: &Compared) -> Vec<String> {
    assert!(compared.faults().is_empty(), "{:?}", compared.faults());
    let mut open: Vec<String> = compared.open().map(told).collect();
    open.sort();
    open
}

/// Changes rows past the program.
async fn tamper(house: &House, sql: &str) {
    house.desk.store().tamper(sql).await;
}

#[tokio::test]
async fn nothing_differs_after_a_run_and_what_is_planted_on_either_side_is_found() {
    for house in houses("").await {
        let compared = {
            house.run(&[]).await;
            compare(&house).await
        };
        assert_eq!(open(&compared), Vec::<String>::new());
        let kinds: Vec<String> = compared.kinds.iter().map(|kind| kind.to_string()).collect();
        let same = |kind: &str, rows: usize| {
            format!("{kind}: {rows} rows here, {rows} in the ERP; 0 of 16 partitions differ, 0 rows; 0 not comparable")
        };
        let expect = [
            same("categories", 1),
            same("products", 5),
            same("accounts", 1),
            same("price_lists", 1),
            same("price_rules", 2),
            same("price_assignments", 1),
        ];
        assert_eq!(kinds, expect);

        // In the store: one price, one unit, one rule more, one product less, one assignment less.
        tamper(&house, "UPDATE product SET list_price = '1.49' WHERE sku = 'A'").await;
        tamper(
            &house,
            "UPDATE product_uom SET factor_num = '2' WHERE product_id = (SELECT id FROM product WHERE sku = 'B')",
        )
        .await;
        tamper(&house, "UPDATE product SET deleted_at = synced_at WHERE sku = 'D'").await;
        tamper(&house, "UPDATE price_rule SET position = 7 WHERE position = 2").await;
        tamper(&house, "DELETE FROM price_list_assignment").await;
        // In the ERP: one name, one product more, one less; the moments of change are not told.
        house.erp.change("product", 4, json!({"name": "Eel"}));
        house.erp.remove("product", 5);
        house
            .erp
            .add("product", crate::erp_stand::item(9, "H", "8.00", "2026-11-24T08:00:00"));
        let compared = compare(&house).await;
        let open = open(&compared);
        let expect = [
            "given L · 100: only in the ERP",
            "product A: differs\n  list_price: 1.49 here, 1.50 in the ERP",
            "product B: differs\n  unit EA: factor_den 1, factor_num 2, is_default_sale true, sellable true here, factor_den 1, \
             factor_num 1, is_default_sale true, sellable true in the ERP",
            "product D: only in the ERP",
            "product E: differs\n  name: E here, Eel in the ERP",
            "product F: only in the store",
            "product H: only in the ERP",
            "rule L · 2: only in the ERP",
            "rule L · 7: only in the store",
        ];
        assert_eq!(open.len(), expect.len(), "{open:#?}");
        for (open, expect) in open.iter().zip(expect) {
            assert!(open.starts_with(expect), "{open} is not {expect}");
        }
        let products = compared.kinds.iter().find(|kind| kind.kind == "products").unwrap();
        assert_eq!((products.here, products.there, products.differences), (4, 5, 6));
        assert!(products.unlike > 0);

        // All of it is fixed by the ERP's rows.
        let person = house.desk.sign_in("nw-operator").await;
        let page = person.page("/admin/erp/drift").await;
        assert!(page.contains("Open (9)") && page.contains("9 differences"), "{page}");
        let answer = person.post("/admin/erp/drift/fix", &[]).await;
        assert_eq!(
            answer.location.as_deref(),
            Some("/admin/erp/drift?done=fixed"),
            "{}",
            answer.body
        );
        let compared = compare(&house).await;
        let left: Vec<String> = compared.open().map(told).collect();
        assert_eq!(left, Vec::<String>::new());
        let page = person.page("/admin/erp/drift").await;
        assert!(page.contains("Nothing differs.") && page.contains("Open (0)"));
        // Whoever asks for a price has it from what was fixed.
        let ask = |sku: &'static str| {
            let one = rust_decimal::Decimal::ONE;
            let answer = crate::support_store::at_once(punchgate::service::terms::ask(
                &house.desk.gateway,
                house.tenant_id,
                |now, today| punchgate::domain::terms::Request::new("100", sku, one, today, now),
            ));
            answer.unwrap().unit_price.map(|price| price.amount.to_string())
        };
        assert_eq!((ask("A").as_deref(), ask("H").as_deref()), (Some("1.20"), Some("9.00")));
    }
}

#[tokio::test]
async fn a_difference_is_accepted_until_either_side_changes() {
    for house in houses("").await {
        house.run(&[]).await;
        tamper(&house, "UPDATE product SET list_price = '1.49' WHERE sku = 'A'").await;
        let person = house.desk.sign_in("nw-operator").await;
        let compare_now = [("source", "erp")];
        let answer = person.post("/admin/erp/drift/compare", &compare_now).await;
        let address = answer.location.unwrap();
        let mut page = person.page(&address).await;
        while page.contains("is being compared.") {
            page = person.page(&address).await;
        }
        let page = person.page("/admin/erp/drift").await;
        assert!(
            page.contains("by a person") && page.contains("1.49 here, 1.50 in the ERP"),
            "{page}"
        );
        let id = between(&page, "<tr id=\"d", "\"").to_owned();
        let path = format!("/admin/erp/drift/{id}/accept");
        let answer = person.post(&path, &[("reason", " ")]).await;
        assert_eq!(answer.status, 422, "without a reason it stays open");
        let viewer = house.desk.sign_in("nw-viewer").await;
        assert_eq!(viewer.post(&path, &[("reason", "so it is")]).await.status, 403);
        let answer = person.post(&path, &[("reason", "The campaign's price")]).await;
        assert_eq!(answer.location.as_deref(), Some("/admin/erp/drift?done=accepted"));
        assert!(compare(&house).await.open().next().is_none(), "it stays accepted");
        let page = person.page("/admin/erp/drift?show=accepted").await;
        assert!(
            page.contains("Accepted by Ada Lovelace") && page.contains("The campaign&#39;s price"),
            "{page}"
        );
        assert!(person.page("/admin/erp/drift").await.contains("Open (0)"));
        house.erp.change("product", 1, json!({"price": "1.60"}));
        assert_eq!(
            open(&compare(&house).await),
            ["product A: differs\n  list_price: 1.49 here, 1.60 in the ERP"]
        );
        let page = person.page("/admin/erp/drift").await;
        assert!(page.contains("Open (1)") && !page.contains("Accepted by"));
        // One that was found is gone when it is so no more.
        house.erp.change("product", 1, json!({"price": "1.49"}));
        assert_eq!(open(&compare(&house).await), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_cannot_be_compared_is_no_difference() {
    for house in houses("").await {
        house.erp.change("product", 3, json!({"category": "X"}));
        house.erp.change("product", 5, json!({"price": "five"}));
        let lines = json!([{"sku": "A", "price": "1,20"}, {"sku": null, "price": "9.00"}]);
        house.erp.change("list", 1, json!({"lines": lines}));
        house.run(&[]).await;
        let compared = compare(&house).await;
        assert_eq!(open(&compared), Vec::<String>::new());
        let refused: Vec<(String, u64)> = compared
            .kinds
            .iter()
            .filter(|kind| kind.refused > 0)
            .map(|kind| (kind.kind.clone(), kind.refused))
            .collect();
        assert_eq!(refused, [("products".to_owned(), 2), ("price_rules".to_owned(), 1)]);
        // An ERP that is away says nothing about what differs, and what was found stays.
        tamper(&house, "UPDATE product SET list_price = '1.49' WHERE sku = 'A'").await;
        assert_eq!(open(&compare(&house).await).len(), 1);
        house.erp.fail_always(Some(Fault::Cut));
        let compared = compare(&house).await;
        assert!(compared.is_unanswered && compared.faults().len() == 1, "{compared:?}");
        assert_eq!(compared.open().count(), 1);
        let person = house.desk.sign_in("nw-operator").await;
        let answer = person.post("/admin/erp/drift/fix", &[]).await;
        assert_eq!(answer.status, 409, "{}", answer.body);
        assert!(answer.body.contains("Nothing was changed"), "{}", answer.body);
        assert!(person.page("/admin/erp/drift").await.contains("Not whole"));
    }
}

#[tokio::test]
async fn rows_of_another_source_are_not_compared() {
    for house in houses("").await {
        house.run(&[]).await;
        let gateway = &house.desk.gateway;
        let files = vec![
            ("categories.csv", b"code,name\nF,Files\n".to_vec()),
            ("products.csv", b"sku,name,base_unit,categories\nZ,Zet,EA,F\n".to_vec()),
            ("price_lists.csv", b"code\nOWN\n".to_vec()),
            ("price_rules.csv", b"list,position,value\nOWN,1,3.00\n".to_vec()),
        ];
        let reports = punchgate::service::import::all(gateway, house.tenant_id, files)
            .await
            .unwrap();
        assert!(reports.iter().all(|report| report.is_taken()), "{reports:?}");
        assert_eq!(open(&compare(&house).await), Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_night_compares_once() {
    for house in houses("reconcile_hour = 3\n").await {
        house.run(&[]).await;
        let source = house.source();
        let gateway = &house.desk.gateway;
        let night = async || reconcile::nightly(gateway, house.tenant_id, &source).await.unwrap();
        // It is ten in the morning in Berlin: the source came after its hour.
        assert!(!night().await);
        house.pass(16 * 3_600 + 3_599);
        assert!(!night().await, "it is not three yet");
        house.pass(1);
        assert!(night().await);
        assert!(!night().await, "once");
        house.pass(24 * 3_600);
        assert!(night().await);
        let never = house.source_with("reconcile_hour = -1\n");
        house.pass(24 * 3_600);
        assert!(!reconcile::nightly(gateway, house.tenant_id, &never).await.unwrap());
        let listed = reconcile::list(gateway, house.tenant_id, false, None).await.unwrap();
        let causes: Vec<&str> = listed.sources[0].1.iter().map(|past| past.cause.as_str()).collect();
        assert_eq!(causes, ["night", "night"]);
    }
}
