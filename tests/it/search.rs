//! Searching: derived from what was imported, kept up with it, within what the account may buy.

use punchgate::service::party::{NewTenant, create_tenant};
use punchgate::service::search::{self, Answer, Filter, Key, Order, Question};
use punchgate::service::{import, terms};

use crate::import::{Shop, gateway, shops};
use crate::search_content;

const PRODUCTS: &str = "sku,name,base_unit,units,categories,manufacturer,mpn,gtin,status\n\
    HEX-8,\"Hex bolt M8 × 40, A2\",EA,BX=100:4006381333931,F1,Stahlbach,SB-933/8,,\n\
    HEX-10,\"Hex bolt M10 × 40, A2\",EA,,F1,Stahlbach,SB-933/10,,\n\
    NUT-8,Hex nut M8,EA,,F2,Norvik,,9521234567899,\n\
    WIP,Wiper,EA,,C,,,,\n\
    OLD,Hex bolt without thread,EA,,F1,,,,not_for_sale\n";

/// A shop with goods in two languages and two accounts.
async fn furnish(shop: &Shop) {
    search_content::furnish(shop).await;
    for (name, text) in [
        (
            "categories.csv",
            "code,name,parent\nF,Fasteners,\nF1,Bolts,F\nF2,Nuts,F\nC,Cleaning,\n",
        ),
        ("products.csv", PRODUCTS),
        (
            "product_texts.csv",
            "sku,language,name,keywords\nHEX-8,de,Sechskantschraube M8 × 40,\nNUT-8,de,Sechskantmutter M8,Gewindemutter\n",
        ),
        (
            "product_attributes.csv",
            "sku,attribute,value\nHEX-8,length,40\nHEX-10,length,50.0\nHEX-8,material,A2 stainless\nHEX-10,material,steel\n",
        ),
        ("accounts.csv", "code,name\n100,Globex\n200,Initech\n"),
        ("own_parts.csv", "account,number,sku\n100,GX 77-1,NUT-8\n"),
        (
            "assortments.csv",
            "account,rule,category,sku\n200,allow,F,\n200,deny,,HEX-10\n",
        ),
    ] {
        shop.good(name, text).await;
    }
}

async fn ask(shop: &Shop, question: Question<'_>) -> Answer {
    search::find(&shop.gateway, &question).await.unwrap()
}

/// Part numbers of what is found, in alphabetical order.
async fn found(shop: &Shop, account: &str, text: &str) -> String {
    let answer = ask(
        shop,
        Question {
            text,
            ..Question::new(shop.tenant_id, account)
        },
    )
    .await;
    let mut skus: Vec<&str> = answer.products.iter().map(|product| &*product.sku).collect();
    skus.sort_unstable();
    assert_eq!(answer.total, skus.len() as u64);
    skus.join(" ")
}

#[tokio::test]
async fn words_and_numbers_of_every_kind_are_found() {
    for shop in shops().await {
        furnish(&shop).await;
        for (typed, expect) in [
            ("hex bolts", "B-8 HEX-10 HEX-8"),
            ("m8x40", "B-8 HEX-8"),
            ("Sechskantschrauben M8", "B-8 HEX-8"),
            ("Gewindemuttern", "NUT-8"),
            ("edelstahl", "B-8 HEX-8"),
            ("hex8", "HEX-8"),
            ("sb 933 10", "HEX-10"),
            ("4006381333931", "HEX-8"),
            ("9521234567899", "NUT-8"),
            ("gx771", "NUT-8"),
            ("screw m10", "HEX-10"),
            ("stahlbahc", "HEX-10 HEX-8"),
            ("without thread", ""),
            ("zeppelin", ""),
        ] {
            assert_eq!(found(&shop, "100", typed).await, expect, "{typed}");
        }
        assert_eq!(found(&shop, "200", "gx771").await, "", "another's part number");
        let answer = ask(
            &shop,
            Question {
                text: "hexx blot",
                ..Question::new(shop.tenant_id, "100")
            },
        )
        .await;
        assert_eq!(answer.instead.as_deref(), Some("hex bolt"));
        let answer = ask(
            &shop,
            Question {
                text: "wiper nut",
                ..Question::new(shop.tenant_id, "100")
            },
        )
        .await;
        assert_eq!(answer.alone, [("wiper".to_owned(), 2), ("nut".to_owned(), 1)]);
    }
}

#[tokio::test]
async fn nobody_finds_what_it_may_not_buy() {
    for shop in shops().await {
        furnish(&shop).await;
        for account in ["100", "200"] {
            let offered = async |rules: &str| {
                let answer = ask(
                    &shop,
                    Question {
                        take: 100,
                        ..Question::new(shop.tenant_id, account)
                    },
                )
                .await;
                let found: Vec<&str> = answer.products.iter().map(|product| &*product.sku).collect();
                for sku in ["HEX-8", "HEX-10", "NUT-8", "WIP", "B-8", "W-1"] {
                    let may = terms::is_offered(&shop.gateway, shop.tenant_id, account, sku);
                    assert_eq!(found.contains(&sku), may, "{account} {sku} {rules}");
                }
            };
            offered("as furnished").await;
        }
        for (rules, expect) in [
            ("account,rule,category,sku\n200,allow,C,\n", "WIP"),
            (
                "account,rule,category,sku\n200,allow,F,\n200,deny,F2,\n",
                "B-8 HEX-10 HEX-8 W-1",
            ),
            ("account,rule,category,sku\n200,allow,F1,\n200,deny,F,\n", ""),
            ("account,rule,category,sku\n200,allow,,NUT-8\n", "NUT-8"),
        ] {
            shop.good("assortments.full.csv", rules).await;
            assert_eq!(found(&shop, "200", "").await, expect, "{rules}");
        }
        assert!(
            !ask(&shop, Question::new(shop.tenant_id, "100"))
                .await
                .products
                .is_empty()
        );
    }
}

#[tokio::test]
async fn facets_are_those_of_the_category_in_the_readers_language() {
    for shop in shops().await {
        furnish(&shop).await;
        let filters = [Filter {
            facet: Key::Attribute("material".into()),
            values: vec!["A2 stainless".into()],
        }];
        let question = Question {
            category: Some("F1"),
            language: "de",
            order: Order::Listing,
            ..Question::new(shop.tenant_id, "100")
        };
        let answer = ask(&shop, question).await;
        let told = |answer: &Answer| {
            let facets = answer.facets.iter().map(|facet| {
                let values = facet.values.iter().map(|value| {
                    let words = value.shown.as_ref().and_then(|shown| shown.words.clone());
                    format!(
                        "{}:{}{}",
                        words.unwrap_or_else(|| value.value.clone()),
                        value.count,
                        if value.is_chosen { "!" } else { "" }
                    )
                });
                format!(
                    "{}({})",
                    facet.name.as_deref().unwrap_or("maker"),
                    values.collect::<Vec<_>>().join(" ")
                )
            });
            facets.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            told(&answer),
            "maker(Stahlbach:2) Länge(40:2 50:1) Material(Edelstahl A2:2 steel:1)"
        );
        let answer = ask(
            &shop,
            Question {
                filters: &filters,
                ..question
            },
        )
        .await;
        assert_eq!(answer.total, 2);
        assert!(
            told(&answer).ends_with("Material(Edelstahl A2:2! steel:1)"),
            "{}",
            told(&answer)
        );
        let all = ask(
            &shop,
            Question {
                category: None,
                ..question
            },
        )
        .await;
        assert_eq!(all.categories, [("C".to_owned(), 1), ("F".to_owned(), 5)]);
        let below = ask(
            &shop,
            Question {
                category: Some("F"),
                ..question
            },
        )
        .await;
        assert_eq!(below.categories, [("F1".to_owned(), 3), ("F2".to_owned(), 1)]);
        let skus: Vec<&str> = below.products.iter().map(|product| &*product.sku).collect();
        assert_eq!(skus, ["B-8", "HEX-8", "HEX-10", "NUT-8", "W-1"]);
    }
}

#[tokio::test]
async fn the_index_follows_what_changes_and_answers_meanwhile() {
    for shop in shops().await {
        furnish(&shop).await;
        let other = gateway(&shop.test, &shop.gateway.clock).await;
        let question = Question {
            text: "wing nut",
            ..Question::new(shop.tenant_id, "100")
        };
        assert_eq!(search::find(&other, &question).await.unwrap().total, 0);
        assert_eq!(found(&shop, "100", "wing nut").await, "");
        shop.good(
            "products.csv",
            "sku,name,base_unit,categories\nNUT-8,Wing nut M8,EA,F2\nWING,Wing nut M10,EA,F2\n",
        )
        .await;
        assert_eq!(found(&shop, "100", "wing nut").await, "NUT-8 WING");
        assert_eq!(found(&shop, "100", "hex nut").await, "");
        shop.good("products.csv", "sku,deleted\nWING,yes\n").await;
        assert_eq!(found(&shop, "100", "wing nut").await, "NUT-8");
        shop.good("product_texts.csv", "sku,language,name\nWIP,de,Wischtuch\n")
            .await;
        assert_eq!(found(&shop, "100", "wischtücher").await, "WIP");
        shop.good("synonyms.csv", "code,words\nWIP,wiper|rag\n").await;
        assert_eq!(found(&shop, "100", "rag").await, "W-1 WIP");
        shop.good("own_parts.csv", "account,number,sku\n100,X-1,WIP\n").await;
        assert_eq!(found(&shop, "100", "x1").await, "WIP");
        shop.good(
            "attribute_texts.csv",
            "attribute,value,language,name\nmaterial,steel,de,Stahl\n",
        )
        .await;
        assert_eq!(found(&shop, "100", "stahl").await, "HEX-10");
        // A new language is one more to bring words to their stems in.
        shop.good("product_texts.csv", "sku,language,name\nWIP,fr,Chiffons de nettoyage\n")
            .await;
        assert_eq!(found(&shop, "100", "chiffon").await, "WIP");
        // Another process answers as before until it follows.
        assert_eq!(search::find(&other, &question).await.unwrap().total, 0);
        terms::refresh_if_moved(&other).await.unwrap();
        search::follow_all(&other).await.unwrap();
        assert_eq!(search::find(&other, &question).await.unwrap().total, 1);
        let size = search::size(&other, shop.tenant_id).unwrap().unwrap();
        assert_eq!((size.products, size.segments > 0), (6, true));
    }
}

#[tokio::test]
async fn who_still_types_is_helped() {
    for shop in shops().await {
        furnish(&shop).await;
        let suggest = async |account: &str, text: &str| {
            let question = Question {
                text,
                ..Question::new(shop.tenant_id, account)
            };
            let suggested = search::suggest(&shop.gateway, &question).await.unwrap();
            let mut skus: Vec<&str> = suggested.products.iter().map(|product| &*product.sku).collect();
            skus.sort_unstable();
            format!("{} | {}", skus.join(" "), suggested.words.join(" "))
        };
        assert_eq!(suggest("100", "hex bo").await, "B-8 HEX-10 HEX-8 | bolt");
        assert_eq!(suggest("100", "wi").await, "W-1 WIP | wiper");
        assert_eq!(suggest("200", "wi").await, "W-1 | wiper");
        assert_eq!(suggest("100", "sb9").await, "HEX-10 HEX-8 | ");
        assert_eq!(suggest("100", "gx7").await, "NUT-8 | ");
        assert_eq!(suggest("100", " ").await, " | ");
    }
}

#[tokio::test]
async fn an_index_that_cannot_be_made_leaves_the_others() {
    for shop in shops().await {
        furnish(&shop).await;
        let tenant = NewTenant {
            code: "umbra",
            name: "Umbra",
            time_zone: "Europe/Berlin",
            currency: "EUR",
            identities: &[("DUNS", "987654321")],
        };
        let other = create_tenant(&shop.gateway, &tenant).await.unwrap();
        let bring = async |name: &str| {
            let products = format!("sku,name,base_unit\nU-1,{name},EA\n");
            let files = vec![
                ("products.csv", products.into_bytes()),
                ("accounts.csv", b"code,name\n900,Soylent\n".to_vec()),
            ];
            let reports = import::all(&shop.gateway, other, files).await.unwrap();
            assert!(reports.iter().all(|report| report.is_taken()), "{reports:?}");
        };
        let lamps = async |text: &str| {
            let question = Question {
                text,
                ..Question::new(other, "900")
            };
            search::find(&shop.gateway, &question).await.unwrap().total
        };
        bring("Lamp").await;
        search::follow_all(&shop.gateway).await.unwrap();
        assert_eq!(
            (lamps("lamp").await, found(&shop, "100", "wiper").await),
            (1, "W-1 WIP".into())
        );
        shop.test.tamper("UPDATE attribute SET kind = 'mood'").await;
        let renamed = vec![("products.csv", b"sku,name,base_unit\nWIP,Rag,EA\n".to_vec())];
        assert!(import::all(&shop.gateway, shop.tenant_id, renamed).await.is_err());
        // What is brought for one supplier is not refused because of another.
        bring("Lantern").await;
        assert_eq!((lamps("lamp").await, lamps("lantern").await), (0, 1));
        assert!(search::follow_all(&shop.gateway).await.is_err(), "a broken row is told");
        assert_eq!(
            found(&shop, "100", "wiper").await,
            "W-1 WIP",
            "what was there keeps answering"
        );
    }
}
