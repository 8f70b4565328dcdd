//! Coming again: lists, quick order, what changed since, the reader's language.

use punchgate::service::import;

use crate::story::{add, press, returned, visit};
use crate::support::{Answer, RETURN_URL, Stand, setup, stands};

/// A set-up request of a person whom the buyer's system names.
pub fn by(user: &str, cookie: &str) -> String {
    setup("create", cookie, RETURN_URL, "").replace("ann@buyer.example", &format!("{user}@buyer.example"))
}

pub async fn send(stand: &Stand, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let code = stand.get(page).await.input("csrf").unwrap();
    let fields = [&[("csrf", code.as_str())], fields].concat();
    stand.submit(path, &fields).await
}

pub async fn import(stand: &Stand, name: &str, text: &str) {
    let files = vec![(name, text.as_bytes().to_vec())];
    let reports = import::all(&stand.gateway, stand.tenant_id, files).await.unwrap();
    assert!(reports[0].is_taken(), "{}", reports[0]);
    punchgate::service::terms::reload(&stand.gateway).await.unwrap();
}

pub fn list_address(answer: &Answer) -> String {
    let address = answer.header("location").unwrap();
    address.split('&').next().unwrap().to_owned()
}

#[tokio::test]
async fn lists_belong_to_one_user_and_come_again() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &by("ann", "c-1")).await;
        let lists = format!("{base}/lists");
        assert_eq!(send(&stand, &lists, &lists, &[("name", " ")]).await.status, 422);
        let made = send(&stand, &lists, &lists, &[("name", "Workshop <1>")]).await;
        assert_eq!(made.status, 303, "{}", made.text());
        let list = list_address(&made);
        let id = list.split("id=").nth(1).unwrap().to_owned();
        let keep = format!("{base}/lists/keep");
        for (sku, unit) in [("W-1", "EA"), ("B-8", "BX")] {
            let fields = [("sku", sku), ("unit", unit), ("quantity", "12"), ("list", id.as_str())];
            assert_eq!(send(&stand, &lists, &keep, &fields).await.status, 303);
        }
        let fields = [("sku", "W-1"), ("unit", "XX"), ("list", id.as_str())];
        assert_eq!(send(&stand, &lists, &keep, &fields).await.status, 404);
        let favourite = [("sku", "W-1"), ("list", "favourites")];
        assert_eq!(send(&stand, &lists, &keep, &favourite).await.status, 303);
        // Another visit of the same person has them; another person on the same connection has none.
        let again = visit(&stand, "p-2", &by("ann", "c-2")).await;
        let page = stand.get(&format!("{again}/lists")).await.text();
        assert!(
            page.contains("Workshop &#60;1&#62;") && page.contains("Favourites"),
            "{page}"
        );
        let other = visit(&stand, "p-3", &by("bob", "c-3")).await;
        assert!(!stand.get(&format!("{other}/lists")).await.text().contains("Workshop"));
        let foreign = format!("{other}/list?id={id}");
        assert_eq!(stand.get(&foreign).await.status, 404);
        let taken = send(&stand, &format!("{other}/lists"), &foreign, &[("do", "order")]).await;
        assert_eq!(taken.status, 404);
        // Everything on it goes in the cart with its quantities.
        let list = format!("{again}/list?id={id}");
        assert_eq!(send(&stand, &list, &list, &[("do", "order")]).await.status, 303);
        let cart = stand.get(&format!("{again}/cart")).await.text();
        assert!(cart.contains("W-1") && cart.contains("B-8"), "{cart}");
        let saved = send(&stand, &list, &list, &[("do", "save"), ("quantity-0", "0")]).await;
        assert_eq!(saved.status, 422);
        let saved = send(&stand, &list, &list, &[("do", "save"), ("quantity-0", "7")]).await;
        assert_eq!(saved.status, 303);
        assert!(stand.get(&list).await.text().contains("value=\"7\""));
        assert_eq!(send(&stand, &list, &list, &[("remove", "1")]).await.status, 303);
        assert_eq!(
            send(&stand, &list, &list, &[("do", "rename"), ("name", "Van")])
                .await
                .status,
            303
        );
        let renamed = stand.get(&list).await.text();
        assert!(renamed.contains("Van") && !renamed.contains("W-1"), "{renamed}");
        assert_eq!(send(&stand, &list, &list, &[("do", "delete")]).await.status, 303);
        assert_eq!(
            (
                stand.count("shopping_list").await,
                stand.count("shopping_list_line").await
            ),
            (1, 1)
        );
    }
}

#[tokio::test]
async fn lists_are_limited_and_nobody_keeps_none() {
    for stand in crate::support::stands_with(|config| {
        config.shop.lists_max = 2;
        config.shop.list_lines_max = 1;
    })
    .await
    {
        let base = visit(&stand, "p-1", &by("ann", "c-1")).await;
        let lists = format!("{base}/lists");
        let keep = format!("{base}/lists/keep");
        let list = list_address(&send(&stand, &lists, &lists, &[("name", "A")]).await);
        let id = list.split("id=").nth(1).unwrap().to_owned();
        assert_eq!(send(&stand, &lists, &lists, &[("name", "B")]).await.status, 303);
        assert_eq!(send(&stand, &lists, &lists, &[("name", "C")]).await.status, 422);
        let put = async |sku: &str| {
            let fields = [("sku", sku), ("list", id.as_str())];
            send(&stand, &lists, &keep, &fields).await.status
        };
        assert_eq!((put("W-1").await, put("W-1").await, put("B-8").await), (303, 303, 422));
        // A system that does not say who shops: strangers share nothing.
        let named = "<Extrinsic name=\"UserEmail\">ann@buyer.example</Extrinsic>";
        let nobody = setup("create", "c-2", RETURN_URL, "").replace(named, "");
        let lists = format!("{}/lists", visit(&stand, "p-2", &nobody).await);
        let page = stand.get(&lists).await.text();
        assert!(page.contains("Lists need to know who you are"), "{page}");
        assert_eq!(send(&stand, &lists, &lists, &[("name", "D")]).await.status, 409);
        assert_eq!(stand.count("shopping_list").await, 2);
    }
}

/// The report on pasted lines.
pub async fn looked_up(stand: &Stand, base: &str, text: &str) -> Answer {
    let page = format!("{base}/quick");
    let code = stand.get(&page).await.input("csrf").unwrap();
    let body = format!(
        "--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{code}\r\n\
         --B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n{text}\r\n\
         --B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n\r\n--B--\r\n"
    );
    stand
        .send(&page, "multipart/form-data; boundary=B", body.as_bytes())
        .await
}

#[tokio::test]
async fn a_quick_order_says_what_became_of_every_line() {
    for stand in stands().await {
        let products = "sku,name,base_unit,list_price,min_order_quantity,order_multiple,manufacturer,mpn,categories\n\
                        M-1,Minimum,EA,2.00,10,5,Acme,AC-77/1,F\n";
        import(&stand, "products.csv", products).await;
        let base = visit(&stand, "p-1", &by("ann", "c-1")).await;
        let text = "M-1 7\r\nac 77 1;12\r\nnothing 3\r\nW-1\t2\tBX\r\nW-1 1,000\r\nW-1 x\r\nW-1";
        let report = looked_up(&stand, &base, text).await;
        let page = report.text();
        assert_eq!(report.status, 200, "{page}");
        for told in [
            "Raised to 10, the next quantity that is sold.",
            "Raised to 15, the next quantity that is sold.",
            "Not found",
            "Not sold in that unit",
            "This may be one or a thousand",
            "No quantity was given",
            "4 found",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }
        assert_eq!(stand.count("cart_line").await, 0, "nothing is ordered by looking up");
        let lines = [
            ("sku", "M-1"),
            ("unit", "EA"),
            ("quantity", "10"),
            ("sku", "W-1"),
            ("unit", "EA"),
            ("quantity", "2"),
        ];
        let added = send(
            &stand,
            &format!("{base}/quick"),
            &format!("{base}/cart/add-all"),
            &lines,
        )
        .await;
        assert_eq!(added.status, 303);
        assert_eq!(stand.count("cart_line").await, 2);
        let foreign = stand
            .submit(&format!("{base}/cart/add-all"), &[("csrf", "x"), ("sku", "M-1")])
            .await;
        assert_eq!(foreign.status, 403);
        assert_eq!(looked_up(&stand, &base, " \r\n ").await.status, 422);
        let large = "W-1 1\r\n".repeat(60_000);
        assert_eq!(looked_up(&stand, &base, &large).await.status, 422);
        let many = looked_up(&stand, &base, &"W-1 1\r\n".repeat(501)).await.text();
        assert!(many.contains("Only the first 500 lines"));
    }
}

#[tokio::test]
async fn what_changed_since_is_told_at_the_door() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &by("ann", "c-1")).await;
        add(&stand, &base, "W-1", "EA", "2").await;
        returned(&press(&stand, &base, "return").await);
        let products = "sku,name,base_unit,list_price,categories\nW-1,Wiper,EA,4.00,F\n";
        import(&stand, "products.csv", products).await;
        let base = visit(&stand, "p-2", &by("ann", "c-2")).await;
        let home = stand.get(&format!("{base}/")).await.text().replace('\u{a0}', " ");
        assert!(home.contains("The price was 3.20 EUR and is 4.00 EUR now."), "{home}");
        assert!(home.contains("Buy again") && home.contains("Add 2"), "{home}");
        let other = visit(&stand, "p-3", &by("bob", "c-3")).await;
        assert!(!stand.get(&format!("{other}/")).await.text().contains("Buy again"));
    }
}

#[tokio::test]
async fn units_are_changed_in_the_cart() {
    for stand in stands().await {
        let products = "sku,name,base_unit,units,list_price,categories\nU-1,Unit,EA,BX=10,1.00,F\n";
        import(&stand, "products.csv", products).await;
        let base = visit(&stand, "p-1", &by("ann", "c-1")).await;
        add(&stand, &base, "U-1", "BX", "2").await;
        let cart = format!("{base}/cart");
        let page = stand.get(&cart).await.text();
        let id = page
            .split("name=\"quantity-")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        let (quantity, unit) = (format!("quantity-{id}"), format!("unit-{id}"));
        let wrong = [(quantity.as_str(), "3"), (unit.as_str(), "ZZ")];
        assert_eq!(send(&stand, &cart, &cart, &wrong).await.status, 422);
        let right = [(quantity.as_str(), "300"), (unit.as_str(), "EA")];
        assert_eq!(send(&stand, &cart, &cart, &right).await.status, 303);
        assert_eq!(stand.value("SELECT unit FROM cart_line").await.as_deref(), Some("EA"));
        assert_eq!(send(&stand, &cart, &cart, &[("remove", &id)]).await.status, 303);
        assert_eq!(stand.count("cart_line").await, 0);
    }
}

#[tokio::test]
async fn the_language_is_the_documents_until_another_is_chosen() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &by("ann", "c-1")).await;
        let home = format!("{base}/");
        assert!(stand.get(&home).await.text().contains("Return cart"));
        let chosen = send(
            &stand,
            &home,
            &format!("{base}/language"),
            &[("language", "de"), ("back", &home)],
        )
        .await;
        assert_eq!((chosen.status, chosen.header("location")), (303, Some(home.as_str())));
        let page = stand.get(&format!("{base}/cart")).await.text();
        assert!(
            page.contains("Ihr Warenkorb ist leer.") && page.contains("lang=\"de-DE\""),
            "{page}"
        );
        let away = [("language", "en"), ("back", "https://elsewhere.example/")];
        let away = send(&stand, &home, &format!("{base}/language"), &away).await;
        assert_eq!(away.header("location"), Some(home.as_str()));
        let missing = stand.get(&format!("{base}/product?sku=none")).await;
        assert_eq!(missing.status, 404);
        assert!(missing.text().contains("This product is not in the catalogue"));
    }
}
