//! What a buyer's user sees of products: only what the account may buy, in the reader's language, priced together.

use crate::story::{add, press, returned, visit};
use crate::story_shop::{by, import, list_address, looked_up, send};
use crate::support::{Stand, stands, stands_with};

/// A page that is there.
async fn page(stand: &Stand, path: &str) -> String {
    let answer = stand.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

/// A list with these products, by its address.
async fn list_of(stand: &Stand, base: &str, products: &[(&str, &str)]) -> String {
    let lists = format!("{base}/lists");
    let list = list_address(&send(stand, &lists, &lists, &[("name", "Workshop")]).await);
    let id = list.split("id=").nth(1).unwrap().to_owned();
    for (sku, quantity) in products {
        for list in [id.as_str(), "favourites"] {
            let fields = [("sku", *sku), ("unit", "EA"), ("quantity", *quantity), ("list", list)];
            let kept = send(stand, &lists, &format!("{base}/lists/keep"), &fields).await;
            assert_eq!(kept.status, 303, "{}", kept.text());
        }
    }
    list
}

const MACHINES: [(&str, &str); 4] = [
    ("categories.csv", "code,name,parent\nF,Fasteners,\nZ,Zyklotrons,\n"),
    (
        "products.csv",
        "sku,name,base_unit,list_price,categories\nW-1,Wiper,EA,3.20,F\nZ-1,Zyklotron lathe,EA,9.00,Z\n",
    ),
    ("relations.csv", "sku,related,kind\nW-1,Z-1,accessory\n"),
    ("own_parts.csv", "account,number,sku\n100,OUR-9,Z-1\n"),
];

#[tokio::test]
async fn what_the_account_may_not_buy_is_seen_nowhere() {
    for stand in stands().await {
        for (name, text) in MACHINES {
            import(&stand, name, text).await;
        }
        let base = visit(&stand, "p-1", &by("ann", "c-1")).await;
        list_of(&stand, &base, &[("Z-1", "2"), ("W-1", "1")]).await;
        add(&stand, &base, "Z-1", "EA", "2").await;
        returned(&press(&stand, &base, "return").await);
        let base = visit(&stand, "p-2", &by("ann", "c-2")).await;
        let list = list_of(&stand, &base, &[("Z-1", "2")]).await;
        add(&stand, &base, "Z-1", "EA", "1").await;
        let list_page = list.strip_prefix(&base).unwrap();
        let pages = [
            "/",
            "/lists",
            list_page,
            "/cart",
            "/compare?sku=Z-1&sku=W-1",
            "/product?sku=W-1",
            "/search?q=zyklotrom",
            "/search?q=lathe",
            "/search?q=lathe&code=Z",
            "/suggest?q=zykl",
        ];
        let names = |text: &str| text.contains("Zyklotron") || text.contains("zyklotron");
        for path in pages {
            assert!(names(&page(&stand, &format!("{base}{path}")).await), "{path}");
        }
        let count = |home: &str, count: &str| assert!(home.contains(count), "{count}: {home}");
        count(&page(&stand, &format!("{base}/")).await, "4 products");

        import(&stand, "assortments.csv", "account,rule,category\n100,deny,Z\n").await;
        for path in pages {
            let text = page(&stand, &format!("{base}{path}")).await;
            assert!(!names(&text), "{path}: {text}");
        }
        count(&page(&stand, &format!("{base}/")).await, "3 products");
        for path in ["/product?sku=Z-1", "/category?code=Z"] {
            let answer = stand.get(&format!("{base}{path}")).await;
            assert!(answer.status == 404 && !names(&answer.text()), "{path}");
        }
        // By whatever number: it is as if there were none.
        let report = looked_up(&stand, &base, "Z-1 1\r\nOUR-9 1\r\nNONE-1 1").await.text();
        assert!(!names(&report) && report.matches("Not found").count() == 3, "{report}");
        for number in ["Z-1", "OUR-9"] {
            let compared = page(&stand, &format!("{base}/compare?sku=W-1&add={number}")).await;
            assert!(!names(&compared), "{number}: {compared}");
        }
        let lists = format!("{base}/lists");
        let keep = [("sku", "Z-1"), ("list", "favourites")];
        let kept = send(&stand, &lists, &format!("{base}/lists/keep"), &keep).await;
        assert!(kept.status == 404 && !names(&kept.text()));
    }
}

#[tokio::test]
async fn products_have_the_name_of_the_readers_language_everywhere() {
    for stand in stands().await {
        for (name, text) in [
            (
                "products.csv",
                "sku,name,base_unit,list_price,categories\nW-1,Wiper,EA,3.20,F\nX-1,Extra,EA,1.00,F\n",
            ),
            ("product_texts.csv", "sku,language,name\nW-1,de,Wischtuch\n"),
            ("category_texts.csv", "category,language,name\nF,de,Befestigung\n"),
            ("relations.csv", "sku,related,kind\nX-1,W-1,accessory\n"),
        ] {
            import(&stand, name, text).await;
        }
        let base = visit(&stand, "p-1", &by("ann", "c-1")).await;
        let list = list_of(&stand, &base, &[("W-1", "2")]).await;
        add(&stand, &base, "W-1", "EA", "2").await;
        let home = format!("{base}/");
        let german = [("language", "de"), ("back", home.as_str())];
        assert_eq!(
            send(&stand, &home, &format!("{base}/language"), &german).await.status,
            303
        );
        let pages = [
            home.clone(),
            format!("{base}/lists"),
            list.clone(),
            format!("{base}/cart"),
            format!("{base}/compare?sku=W-1&sku=X-1"),
            format!("{base}/product?sku=X-1"),
            format!("{base}/product?sku=W-1"),
            format!("{base}/search?q=W-1"),
            format!("{base}/category?code=F"),
        ];
        for path in pages {
            assert!(page(&stand, &path).await.contains("Wischtuch"), "{path}");
        }
        let report = looked_up(&stand, &base, "W-1 2").await.text();
        assert!(report.contains("Wischtuch"), "{report}");
        assert!(page(&stand, &home).await.contains("Befestigung"));
        let product = page(&stand, &format!("{base}/product?sku=X-1")).await;
        assert!(
            product.contains("Befestigung") && product.contains("Extra"),
            "{product}"
        );
    }
}

#[tokio::test]
async fn what_is_added_at_once_is_priced_together() {
    for stand in stands().await {
        for (name, text) in [
            (
                "products.csv",
                "sku,name,base_unit,units,list_price,categories\nP-1,One,EA,BX=3,2.00,F\nP-2,Two,EA,BX=3,4.00,F\n\
                 P-3,Three,EA,BX=3,6.00,F\n",
            ),
            (
                "promotions.csv",
                "code,skus,min_quantity,unit,calculation,value\nBOX,P-1|P-2|P-3,1,BX,multiply,0.5\n",
            ),
        ] {
            import(&stand, name, text).await;
        }
        let base = visit(&stand, "p-1", &by("ann", "c-1")).await;
        let products = [("P-1", "1"), ("P-2", "1"), ("P-3", "1")];
        // Three pieces of three products are a box, to the last digit.
        let text = products.map(|(sku, quantity)| format!("{sku} {quantity}")).join("\r\n");
        let report = looked_up(&stand, &base, &text).await.text().replace('\u{a0}', " ");
        assert!(report.contains("6.00 EUR"), "{report}");
        let list = list_of(&stand, &base, &products).await;
        assert!(page(&stand, &list).await.replace('\u{a0}', " ").contains("6.00 EUR"));
        let mut fields = Vec::new();
        for (sku, quantity) in products {
            fields.extend([("sku", sku), ("unit", "EA"), ("quantity", quantity)]);
        }
        let added = send(
            &stand,
            &format!("{base}/quick"),
            &format!("{base}/cart/add-all"),
            &fields,
        )
        .await;
        assert_eq!(added.status, 303);
        for (sku, price) in [("P-1", "1.00"), ("P-2", "2.00"), ("P-3", "3.00")] {
            let sql = format!("SELECT CAST(unit_price AS TEXT) FROM cart_line WHERE sku = '{sku}'");
            assert_eq!(stand.value(&sql).await.as_deref(), Some(price), "{sku}");
        }
        let cart = page(&stand, &format!("{base}/cart")).await.replace('\u{a0}', " ");
        assert!(cart.contains("6.00 EUR") && !cart.contains("is now"), "{cart}");
        returned(&press(&stand, &base, "return").await);
    }
}

#[tokio::test]
async fn lines_over_the_limit_are_told_of() {
    for stand in stands_with(|config| config.shop.quick_lines_max = 1).await {
        let base = visit(&stand, "p-1", &by("ann", "c-1")).await;
        let line = [("sku", "W-1"), ("unit", "EA"), ("quantity", "1")];
        let (quick, add_all) = (format!("{base}/quick"), format!("{base}/cart/add-all"));
        let one = send(&stand, &quick, &add_all, &line).await;
        assert!(one.header("location").unwrap().ends_with("notice=ordered"));
        let two = send(&stand, &quick, &add_all, &[line, line].concat()).await;
        let cart = page(&stand, two.header("location").unwrap()).await;
        assert!(cart.contains("Not all lines were taken"), "{cart}");
    }
}

#[tokio::test]
async fn what_goes_with_a_product_is_told_on_the_suppliers_days() {
    for stand in stands().await {
        import(
            &stand,
            "relations.csv",
            "sku,related,kind,valid_from,valid_to\nB-8,W-1,accessory,2026-11-25,\nB-8,R-1,spare,,2026-11-24\n",
        )
        .await;
        // Half past midnight in Berlin, while it is still the day before in Greenwich.
        let midnight: jiff::Timestamp = "2026-11-24T23:30:00Z".parse().unwrap();
        stand.clock.advance(midnight.duration_since(stand.clock.now()));
        let base = visit(&stand, "p-1", &by("ann", "c-1")).await;
        let product = page(&stand, &format!("{base}/product?sku=B-8")).await;
        assert!(product.contains("sku=W-1") && !product.contains("sku=R-1"), "{product}");
    }
}

#[tokio::test]
async fn the_end_of_what_can_be_paged_through_is_told() {
    // One database is enough: what is paged through is not in it.
    let stand = stands().await.remove(0);
    let rows: String = (0..10_010).map(|at| format!("N-{at},Nut {at},EA,F\n")).collect();
    import(
        &stand,
        "products.csv",
        &format!("sku,name,base_unit,categories\n{rows}"),
    )
    .await;
    let base = visit(&stand, "p-1", &by("ann", "c-1")).await;
    let nuts = async |number: u64| page(&stand, &format!("{base}/search?q=nut&page={number}")).await;
    let (told, rows) = ("Only the first 10,000", "class=\"product-name\"");
    let last = nuts(417).await;
    assert_eq!((last.matches(rows).count(), last.contains(told)), (16, true), "{last}");
    for (number, is_told, count) in [(2, false, 24), (418, true, 0), (9_999, true, 0)] {
        let text = nuts(number).await;
        assert_eq!(
            (text.matches(rows).count(), text.contains(told)),
            (count, is_told),
            "{text}"
        );
        assert!(text.contains("10,010"), "all are counted");
    }
}
