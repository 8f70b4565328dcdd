//! Files in the middle of being taken: crashes, two at once, and what else is written meanwhile.

use punchgate::service::{Gateway, import, product, terms};
use punchgate::store::feed::Change;
use punchgate::store::import::{Ordinals, Steps};
use punchgate::store::product::CategoryRow;
use punchgate::store::source::Source;
use punchgate::store::{self, StoreError, Tx};

use crate::import::{Shop, catalogue, clock, gateway, shops};

/// The source of files, as it is now.
async fn source(shop: &Shop) -> Source {
    let tenant_id = shop.tenant_id;
    let find = async |tx: &mut Tx| store::source::find(tx, tenant_id, "files").await;
    shop.gateway.store.read(find).await.unwrap().unwrap()
}

/// The pieces of a file with one category, put by as an import does before it decides.
async fn put_by(shop: &Shop, code: &'static str) -> (Source, Ordinals) {
    let source = source(shop).await;
    let row = CategoryRow {
        tenant_id: shop.tenant_id,
        id: shop.gateway.clock.new_id(),
        source_id: source.id,
        ext_id: code.into(),
        parent_id: None,
        code: code.into(),
        name: code.into(),
        row_hash: String::new(),
        synced_at: shop.gateway.clock.now(),
        deleted_at: None,
    };
    let change = Change {
        tenant_id: shop.tenant_id,
        seq: 0,
        entity: "category".into(),
        entity_id: row.id,
        op: "put".into(),
        cause: "import".into(),
        at: shop.gateway.clock.now(),
    };
    let mut steps = Steps::new(&source, shop.gateway.clock.new_id(), shop.gateway.clock.now());
    steps.put(&[row]);
    steps.feed(&[change]);
    for step in steps.as_slice() {
        let (source, step) = (source.clone(), step.clone());
        let stage = async move |tx: &mut Tx| store::import::stage(tx, &source, &step).await;
        assert!(shop.gateway.store.write(stage).await.unwrap());
    }
    (source, steps.ordinals())
}

#[tokio::test]
async fn a_file_that_was_taken_is_applied_after_a_crash_and_one_that_was_not_leaves_nothing() {
    for shop in shops().await {
        catalogue(&shop).await;
        let has = |gateway: &Gateway, code: &str| {
            product::goods(gateway, shop.tenant_id)
                .unwrap()
                .tree()
                .get(code)
                .is_some()
        };
        // The process ended before it decided.
        put_by(&shop, "LOST").await;
        let next = gateway(&shop.test, &clock()).await;
        assert!(!has(&next, "LOST"));
        let rows: String = (0..1_200).map(|n| format!("C{n},Category {n}\n")).collect();
        let said = shop.said("categories.csv", &format!("code,name\n{rows}")).await;
        assert_eq!(
            said,
            "categories.csv: 1200 rows; 1200 added, 0 changed, 0 as before, 0 deleted"
        );
        assert!(has(&shop.gateway, "C1199") && !has(&shop.gateway, "LOST"));

        // The process ended after it decided.
        let (source_then, ordinals) = put_by(&shop, "KEPT").await;
        let decide = async move |tx: &mut Tx| store::import::decide(tx, &source_then, ordinals).await;
        assert!(shop.gateway.store.write(decide).await.unwrap());
        assert_eq!(source(&shop).await.status, "applying");
        let next = gateway(&shop.test, &clock()).await;
        assert!(has(&next, "KEPT"));
        assert_eq!(source(&shop).await.status, "active");
        assert_eq!(terms::refresh_if_moved(&shop.gateway).await.unwrap(), 1);
        assert!(has(&shop.gateway, "KEPT"));
    }
}

#[tokio::test]
async fn two_files_at_once_are_both_taken() {
    for shop in shops().await {
        catalogue(&shop).await;
        let other = gateway(&shop.test, &clock()).await;
        let rows = |letter: char| {
            let rows: String = (0..1_500).map(|n| format!("{letter}{n},Category {n}\n")).collect();
            vec![("categories.csv", format!("code,name\n{rows}").into_bytes())]
        };
        let here = import::all(&shop.gateway, shop.tenant_id, rows('H'));
        let there = import::all(&other, shop.tenant_id, rows('T'));
        let (here, there) = tokio::join!(here, there);
        for reports in [here.unwrap(), there.unwrap()] {
            assert_eq!(reports[0].counts.added, 1_500, "{}", reports[0]);
        }
        terms::refresh_if_moved(&shop.gateway).await.unwrap();
        let goods = product::goods(&shop.gateway, shop.tenant_id).unwrap();
        assert_eq!(goods.tree().len(), 3_002, "{}", shop.test.kind());
    }
}

/// While a large file comes in, other writes are answered.
#[tokio::test]
async fn other_writes_go_on_while_a_large_file_comes_in() {
    for shop in shops().await {
        catalogue(&shop).await;
        let rows: String = (0..8_000).map(|n| format!("C{n},Category {n}\n")).collect();
        let file = vec![("categories.csv", format!("code,name\n{rows}").into_bytes())];
        let import = import::all(&shop.gateway, shop.tenant_id, file);
        let mut import = std::pin::pin!(import);
        let mut answered = 0;
        let reports = loop {
            let other = shop.gateway.store.write(async |_| Ok::<_, StoreError>(()));
            tokio::select! {
                biased;
                reports = &mut import => break reports.unwrap(),
                done = other => { done.unwrap(); answered += 1 },
            }
        };
        assert!(reports[0].is_taken());
        // As many pieces as the file has come between them at least.
        assert!(answered > 16, "{answered} on {}", shop.test.kind());
    }
}
