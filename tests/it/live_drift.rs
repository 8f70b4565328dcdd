//! The store compared with a running Tryton: nothing differs after a run; what is planted on either side is found and
//! fixed; prices and orders are its own.
//!
//! `PUNCHGATE_TEST_TRYTON` as in `live_tryton`; what the test changes there it changes back.

use punchgate::domain::staff::{Role, Staff};
use punchgate::service::sync::reconcile::{self, Cause, Compared, Progress, told};
use punchgate::service::sync::{self, Source, Wanted};
use punchgate::service::{import, staff};
use serde_json::json;

use crate::import::Shop;
use crate::live_tryton::{ONE, Tryton, shops, source};
use crate::support_store::tell;

async fn compare(shop: &Shop, source: &Source) -> Compared {
    let (gateway, progress) = (&shop.gateway, Progress::default());
    let compared = reconcile::reconcile(gateway, shop.tenant_id, source, Cause::Command, &progress);
    let compared = compared.await.unwrap();
    assert!(compared.faults().is_empty(), "{:?}", compared.faults());
    compared
}

/// What differs, apart from prices of the company's own party: it has no price list, so that we have no price for it,
/// where Tryton's form shows the list price.
fn open(compared: &Compared) -> Vec<String> {
    let mut open: Vec<String> = compared.open().map(told).collect();
    open.retain(|open| !open.starts_with("price 1 · "));
    open.sort();
    open
}

async fn operator(shop: &Shop) -> Staff {
    let password = "long enough to be one";
    let made = staff::create(&shop.gateway, shop.tenant_id, "ann", "Ann", password, Role::Operator);
    made.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn live_tryton_and_the_store_do_not_differ_and_drift_on_either_side_is_found_and_fixed() {
    let Some(tryton) = Tryton::open().await else { return };
    let _one = ONE.lock().await;
    let mut source = source(&tryton.url);
    let list = tryton
        .ids("product.price_list", "name", json!([["name", "=", "Only pumps"]]))
        .await["Only pumps"];
    let products = tryton
        .ids("product.product", "code", json!([["code", "=", "CALIB"]]))
        .await;
    let (mut rows, mut prices) = (0, 0);
    for shop in shops().await {
        source.setting.sample_prices = 30;
        for went in sync::run(&shop.gateway, shop.tenant_id, &source, &Wanted::default())
            .await
            .unwrap()
        {
            assert!(went.fault.is_none(), "{went}");
        }
        let compared = compare(&shop, &source).await;
        assert_eq!(open(&compared), Vec::<String>::new(), "{}", shop.test.kind());
        for kind in compared.kinds.iter().filter(|kind| kind.parts > 0) {
            assert_eq!((kind.here, kind.unlike), (kind.there, 0), "{kind}");
            rows += kind.here;
        }
        prices += compared.prices.len();
        source.setting.sample_prices = 2;

        // By hand in the store: a price list's rule, a product, what is in stock.
        let is_sqlite = shop.test.url.starts_with("sqlite");
        shop.test
            .tamper("UPDATE product SET list_price = '1.2345' WHERE sku = 'CALIB'")
            .await;
        let first = if is_sqlite {
            "rowid = (SELECT min(rowid) FROM price_rule)"
        } else {
            "id = (SELECT id FROM price_rule ORDER BY id LIMIT 1)"
        };
        shop.test.tamper(&format!("DELETE FROM price_rule WHERE {first}")).await;
        shop.test.tamper("UPDATE stock_level SET on_hand = '123456'").await;
        // In Tryton: a line of a list that no account of the other tests has.
        let line =
            json!({"price_list": list, "sequence": 5, "product": products["CALIB"], "formula": "Decimal('11.5')"});
        let line = tryton
            .call("product.price_list.line", "create", &[json!([line])], json!({}))
            .await[0]
            .clone();
        let compared = compare(&shop, &source).await;
        let found = open(&compared);
        assert!(
            found
                .iter()
                .any(|found| found.starts_with("product CALIB: differs\n  list_price: 1.2345 here")),
            "{found:#?}"
        );
        assert!(
            found
                .iter()
                .any(|found| found.starts_with("stock ") && found.contains("on_hand: 123456 here")),
            "{found:#?}"
        );
        let rules: Vec<&String> = found.iter().filter(|found| found.starts_with("price_rule ")).collect();
        assert!(rules.iter().any(|rule| rule.contains("only in the ERP")), "{rules:#?}");
        assert!(rules.iter().any(|rule| rule.contains("Only pumps")), "{rules:#?}");
        let by = operator(&shop).await;
        let drifts = compared.open().filter(|drift| reconcile::is_fixable(&drift.kind));
        let drifts: Vec<_> = drifts.cloned().collect();
        reconcile::take(&shop.gateway, &by, &source, &drifts).await.unwrap();
        let after = compare(&shop, &source).await;
        // The sample of prices may have found what was planted, too; asked again, it is gone.
        assert_eq!(open(&after), Vec::<String>::new(), "{}", shop.test.kind());
        tryton
            .call("product.price_list.line", "delete", &[json!([line])], json!({}))
            .await;
        let gone = compare(&shop, &source).await;
        assert!(
            open(&gone).iter().any(|found| found.contains("only in the store")),
            "{:?}",
            open(&gone)
        );
        import::follow(&shop.gateway, shop.tenant_id).await.unwrap();
    }
    tell(&format!(
        "Tryton: {rows} rows compared with the store, {prices} prices asked for, 0 differ before and after"
    ));
    assert!(rows > 200 && prices > 20, "{rows} rows, {prices} prices");
}
