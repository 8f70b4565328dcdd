//! Rows that an ERP or a program brings one by one: versions, deletions, refusals, on both databases.

use punchgate::service::import::rows::{self, Became, Brought, Set};
use punchgate::service::import::{self, Entity};
use punchgate::service::terms;
use punchgate::store::source::{self, RejectedRow};
use serde_json::{Value, json};

use crate::import::{Shop, shops};

fn put(key: &str, version: i64, row: Value) -> Brought {
    let Value::Object(row) = row else {
        panic!("{row} is no object")
    };
    Brought {
        key: key.to_owned(),
        version,
        row: Some(row),
    }
}

fn gone(key: &str, version: i64) -> Brought {
    Brought {
        key: key.to_owned(),
        version,
        row: None,
    }
}

fn set(entity: Entity, rows: Vec<Brought>) -> Set {
    Set {
        rewrites: false,
        source: "erp".to_owned(),
        kind: "push".to_owned(),
        entity,
        mapping: None,
        ties_win: false,
        rows,
    }
}

/// What became of each row, in a word; of a refused one the field and the beginning of the reason.
async fn bring(shop: &Shop, entity: Entity, brought: Vec<Brought>) -> Vec<String> {
    let became = rows::rows(&shop.gateway, shop.tenant_id, &set(entity, brought))
        .await
        .unwrap();
    import::follow(&shop.gateway, shop.tenant_id).await.unwrap();
    became.iter().map(word).collect()
}

fn word(became: &Became) -> String {
    match became {
        Became::Stored => "stored".to_owned(),
        Became::Unchanged => "unchanged".to_owned(),
        Became::Stale => "stale".to_owned(),
        Became::Refused(faults) => {
            let faults: Vec<String> = faults
                .iter()
                .map(|fault| format!("{}: {}", fault.field, fault.reason))
                .collect();
            faults.join("; ")
        }
    }
}

async fn units(shop: &Shop) {
    let row = |code: &str| put(code, 1, json!({"code": code, "name": code}));
    assert_eq!(
        bring(shop, Entity::Units, vec![row("EA"), row("BX")]).await,
        ["stored", "stored"]
    );
}

fn product(key: &str, version: i64, sku: &str, name: &str) -> Brought {
    put(
        key,
        version,
        json!({"sku": sku, "name": name, "base_unit": "EA", "list_price": "1.00"}),
    )
}

fn name(shop: &Shop, sku: &str) -> Option<String> {
    let product = terms::product(&shop.gateway, shop.tenant_id, sku);
    product
        .filter(|product| product.status.is_shown())
        .map(|product| product.name.clone())
}

async fn rejects(shop: &Shop) -> Vec<RejectedRow> {
    let tenant_id = shop.tenant_id;
    let read = shop.gateway.store.read(async |tx| {
        let source = source::find(tx, tenant_id, "erp").await?.unwrap();
        source::rejected(tx, &source, None, 100).await
    });
    read.await.unwrap()
}

#[tokio::test]
async fn a_version_is_taken_once_and_a_late_one_changes_nothing() {
    for shop in shops().await {
        units(&shop).await;
        let first = || vec![product("17", 5, "P-1", "Pump")];
        assert_eq!(bring(&shop, Entity::Products, first()).await, ["stored"]);
        assert_eq!(bring(&shop, Entity::Products, first()).await, ["unchanged"]);
        assert_eq!(name(&shop, "P-1").as_deref(), Some("Pump"));
        let later = vec![product("17", 7, "P-1", "Pump, blue")];
        assert_eq!(bring(&shop, Entity::Products, later).await, ["stored"]);
        // What is late, or comes twice under one number, is told.
        assert_eq!(bring(&shop, Entity::Products, first()).await, ["stale"]);
        let other = vec![product("17", 7, "P-1", "Pump, red")];
        let told = bring(&shop, Entity::Products, other.clone()).await;
        assert_eq!(told, ["version: version 7 was brought with other content before"]);
        assert_eq!(name(&shop, "P-1").as_deref(), Some("Pump, blue"));
        // A source whose versions are moments may say so.
        let ties = Set {
            ties_win: true,
            ..set(Entity::Products, other)
        };
        let became = rows::rows(&shop.gateway, shop.tenant_id, &ties).await.unwrap();
        assert_eq!(became, [Became::Stored]);
        import::follow(&shop.gateway, shop.tenant_id).await.unwrap();
        assert_eq!(name(&shop, "P-1").as_deref(), Some("Pump, red"));
        // Of several in one set the last version counts.
        let several = vec![
            product("18", 2, "P-2", "second"),
            product("18", 3, "P-2", "third"),
            product("18", 1, "P-2", "first"),
        ];
        assert_eq!(
            bring(&shop, Entity::Products, several).await,
            ["stale", "stored", "stale"]
        );
        assert_eq!(name(&shop, "P-2").as_deref(), Some("third"));
    }
}

#[tokio::test]
async fn a_deletion_needs_the_key_alone_and_comes_in_any_order() {
    for shop in shops().await {
        units(&shop).await;
        bring(&shop, Entity::Products, vec![product("17", 5, "P-1", "Pump")]).await;
        assert_eq!(bring(&shop, Entity::Products, vec![gone("17", 6)]).await, ["stored"]);
        assert_eq!(name(&shop, "P-1"), None);
        assert_eq!(bring(&shop, Entity::Products, vec![gone("17", 6)]).await, ["unchanged"]);
        // The deletion overtook the row.
        assert_eq!(bring(&shop, Entity::Products, vec![gone("19", 9)]).await, ["unchanged"]);
        let late = vec![product("19", 8, "P-9", "late"), product("17", 7, "P-1", "again")];
        assert_eq!(bring(&shop, Entity::Products, late).await, ["stale", "stored"]);
        assert_eq!(name(&shop, "P-9"), None);
        assert_eq!(name(&shop, "P-1").as_deref(), Some("again"));
        // Units stay: products may be counted in them.
        let told = bring(&shop, Entity::Units, vec![gone("BX", 2)]).await;
        assert_eq!(told, ["deleted: rows of units are not taken away one by one"]);
    }
}

#[tokio::test]
async fn a_row_under_another_name_takes_its_old_self_along() {
    for shop in shops().await {
        units(&shop).await;
        bring(
            &shop,
            Entity::Products,
            vec![product("1", 1, "A", "a"), product("2", 1, "B", "b")],
        )
        .await;
        assert_eq!(
            bring(&shop, Entity::Products, vec![product("1", 2, "C", "a")]).await,
            ["stored"]
        );
        assert_eq!((name(&shop, "A"), name(&shop, "C")), (None, Some("a".to_owned())));
        // Two that change names with each other both stay.
        let swap = vec![product("1", 3, "B", "a"), product("2", 3, "C", "b")];
        assert_eq!(bring(&shop, Entity::Products, swap).await, ["stored", "stored"]);
        assert_eq!(
            (name(&shop, "B").as_deref(), name(&shop, "C").as_deref()),
            (Some("a"), Some("b"))
        );
    }
}

#[tokio::test]
async fn a_wrong_row_is_kept_aside_until_it_is_good() {
    for shop in shops().await {
        units(&shop).await;
        let brought = vec![
            product("1", 1, "P-1", "good"),
            put("2", 1, json!({"sku": "P-2", "name": "bad", "base_unit": "XX"})),
            put("3", 1, json!({"sku": "P-3", "nam": "typing"})),
        ];
        let told = bring(&shop, Entity::Products, brought).await;
        assert_eq!(told[0], "stored");
        assert!(told[1].starts_with("base_unit: there is no unit"), "{told:?}");
        assert!(told[2].contains("did you mean name?"), "{told:?}");
        assert_eq!(name(&shop, "P-1").as_deref(), Some("good"));
        assert_eq!(name(&shop, "P-2"), None);
        let kept = rejects(&shop).await;
        let keys: Vec<(&str, i64)> = kept.iter().map(|row| (row.ext_id.as_str(), row.tries)).collect();
        assert_eq!(keys, [("2", 1), ("3", 1)]);
        assert_eq!(kept[0].faults[0]["field"], "base_unit");
        // Tried again, it is as wrong as before; once the unit is there, it is good.
        assert_eq!(rows::retry(&shop.gateway, shop.tenant_id, "erp").await.unwrap(), 0);
        assert_eq!(rejects(&shop).await[0].tries, 2);
        bring(
            &shop,
            Entity::Units,
            vec![put("XX", 1, json!({"code": "XX", "name": "XX"}))],
        )
        .await;
        assert_eq!(rows::retry(&shop.gateway, shop.tenant_id, "erp").await.unwrap(), 1);
        import::follow(&shop.gateway, shop.tenant_id).await.unwrap();
        assert_eq!(name(&shop, "P-2").as_deref(), Some("bad"));
        // A later version that is good settles the other.
        assert_eq!(
            bring(&shop, Entity::Products, vec![product("3", 2, "P-3", "good")]).await,
            ["stored"]
        );
        assert_eq!(rejects(&shop).await, []);
    }
}

#[tokio::test]
async fn what_names_a_refused_row_of_its_own_set_is_refused_with_it() {
    for shop in shops().await {
        let brought = vec![
            put("1", 1, json!({"code": "A", "name": "a"})),
            put("2", 1, json!({"code": "B", "name": "b", "parent": "NOWHERE"})),
            put("3", 1, json!({"code": "C", "name": "c", "parent": "B"})),
            put("4", 1, json!({"code": "D", "name": "d", "parent": "A"})),
            put(" ", 1, json!({"code": "E", "name": "e"})),
        ];
        let told = bring(&shop, Entity::Categories, brought).await;
        assert_eq!((told[0].as_str(), told[3].as_str()), ("stored", "stored"));
        assert!(told[1].starts_with("parent: "), "{told:?}");
        assert!(told[2].starts_with("parent: "), "{told:?}");
        assert_eq!(told[4], "key: must have from 1 to 200 characters");
    }
}

#[tokio::test]
async fn many_rows_are_taken_in_pieces() {
    for shop in shops().await {
        units(&shop).await;
        let row = |at: i64| product(&at.to_string(), at, &format!("P-{at:04}"), "thing");
        let mut brought: Vec<Brought> = (0..1500).map(row).collect();
        brought.push(put("wrong", 1, json!({"sku": "W", "base_unit": "YY", "name": "w"})));
        let told = bring(&shop, Entity::Products, brought.clone()).await;
        assert_eq!(told.iter().filter(|word| *word == "stored").count(), 1500);
        assert!(told[1500].starts_with("base_unit"), "{}", told[1500]);
        brought.pop();
        let told = bring(&shop, Entity::Products, brought).await;
        assert!(told.iter().all(|word| word == "unchanged"));
        assert_eq!(name(&shop, "P-1499").as_deref(), Some("thing"));
        let too_many = set(Entity::Products, (0..=10_000).map(row).collect());
        assert!(rows::rows(&shop.gateway, shop.tenant_id, &too_many).await.is_err());
    }
}

#[tokio::test]
async fn a_price_list_is_brought_whole_and_stock_goes_row_by_row() {
    for shop in shops().await {
        units(&shop).await;
        bring(
            &shop,
            Entity::Products,
            vec![product("1", 1, "P-1", "a"), product("2", 1, "P-2", "b")],
        )
        .await;
        let list = |code: &str| put(code, 1, json!({"code": code, "kind": "contract", "currency": "EUR"}));
        bring(&shop, Entity::PriceLists, vec![list("L"), list("M")]).await;
        let price = |version, list: &str, sku: &str, price: &str| {
            put("", version, json!({"list": list, "sku": sku, "price": price}))
        };
        let two = vec![
            price(3, "L", "P-1", "0.90"),
            price(3, "L", "P-2", "0.80"),
            price(3, "M", "NOPE", "1"),
        ];
        let told = bring(&shop, Entity::Prices, two.clone()).await;
        assert_eq!(told[..2], ["stored", "stored"]);
        assert!(told[2].starts_with("sku: there is no product"), "{told:?}");
        assert_eq!(
            bring(&shop, Entity::Prices, two[..2].to_vec()).await,
            ["unchanged", "unchanged"]
        );
        assert_eq!(
            bring(&shop, Entity::Prices, vec![price(2, "L", "P-1", "0.10")]).await,
            ["stale"]
        );
        // A wrong entry leaves the list as it was.
        let told = bring(
            &shop,
            Entity::Prices,
            vec![price(4, "L", "P-1", "0.70"), price(4, "L", "P-2", "x")],
        )
        .await;
        assert_eq!(
            told[0],
            "list: another entry of the list is wrong; the list stays as it was"
        );
        assert!(told[1].starts_with("price: "), "{told:?}");
        // What is left out is gone.
        assert_eq!(
            bring(&shop, Entity::Prices, vec![price(5, "L", "P-2", "0.75")]).await,
            ["stored"]
        );

        bring(
            &shop,
            Entity::Warehouses,
            vec![put("U", 1, json!({"code": "ULM", "name": "Ulm"}))],
        )
        .await;
        let stock = |version, on_hand: u32| {
            put(
                "1@U",
                version,
                json!({"sku": "P-1", "warehouse": "ULM", "on_hand": on_hand}),
            )
        };
        assert_eq!(bring(&shop, Entity::Stock, vec![stock(1, 5)]).await, ["stored"]);
        assert_eq!(bring(&shop, Entity::Stock, vec![gone("1@U", 2)]).await, ["stored"]);
        assert_eq!(bring(&shop, Entity::Stock, vec![stock(1, 5)]).await, ["stale"]);
    }
}
