//! The cart that goes back and comes again: rounding, price bases, references, encodings.

use punchgate::service::import;

use crate::story::{add, money, press, returned, visit};
use crate::support::{Answer, Element, Letter, RETURN_URL, Stand, item, setup, stands};

/// The lines of a returned cart.
fn lines(document: &Element) -> Vec<&Element> {
    document.at("Message/PunchOutOrderMessage").unwrap().all("ItemIn")
}

fn reference(line: &Element) -> &str {
    &line.at("ItemID/SupplierPartAuxiliaryID").unwrap().text
}

/// A returned line as the buyer sends it again.
fn again(line: &Element, change: impl Fn(String) -> String) -> String {
    let text = |path: &str| line.at(path).map(|found| found.text.clone()).unwrap_or_default();
    let auxiliary = format!("<SupplierPartAuxiliaryID>{}</SupplierPartAuxiliaryID>", reference(line));
    let number = line.attribute("lineNumber").unwrap();
    let quantity = line.attribute("quantity").unwrap();
    let basis = line.at("ItemDetail/PriceBasisQuantity").map_or(String::new(), |basis| {
        format!(
            "<PriceBasisQuantity quantity=\"{}\" conversionFactor=\"{}\"><UnitOfMeasure>{}</UnitOfMeasure>\
             </PriceBasisQuantity>",
            basis.attribute("quantity").unwrap(),
            basis.attribute("conversionFactor").unwrap(),
            basis.at("UnitOfMeasure").unwrap().text
        )
    });
    let sent = item(
        number,
        &text("ItemID/SupplierPartID"),
        quantity,
        &text("ItemDetail/UnitPrice/Money"),
        &auxiliary,
    );
    let unit = format!(
        "<UnitOfMeasure>{}</UnitOfMeasure>{basis}",
        text("ItemDetail/UnitOfMeasure")
    );
    change(sent.replace("<UnitOfMeasure>EA</UnitOfMeasure>", &unit))
}

async fn import(stand: &Stand, name: &str, text: &str) {
    let files = vec![(name, text.as_bytes().to_vec())];
    let reports = import::all(&stand.gateway, stand.tenant_id, files).await.unwrap();
    assert!(reports[0].is_taken(), "{}", reports[0]);
}

/// Screws at 1.35 for a hundred.
async fn screws(stand: &Stand) {
    let products = "sku,name,base_unit,list_price,price_quantity,categories\nS-1,Screw one,EA,1.35,100,F\n\
                    S-2,Screw two,EA,1.35,100,F\nS-3,Screw three,EA,1.35,100,F\n";
    import(stand, "products.csv", products).await;
    import(
        stand,
        "stock.csv",
        "sku,warehouse,on_hand\nS-1,ULM,9000\nS-2,ULM,9000\nS-3,ULM,9000\n",
    )
    .await;
}

#[tokio::test]
async fn the_total_is_the_sum_of_the_rounded_lines() {
    for stand in stands().await {
        screws(&stand).await;
        let base = visit(&stand, "p-1", &setup("create", "c", RETURN_URL, "")).await;
        for sku in ["S-1", "S-2", "S-3"] {
            assert_eq!(add(&stand, &base, sku, "EA", "7").await.status, 303);
        }
        let (_, document) = returned(&press(&stand, &base, "return").await);
        let header = "Message/PunchOutOrderMessage/PunchOutOrderMessageHeader/Total/Money";
        // 7 × 1.35 / 100 = 0.0945, which is 0.09 on each line; unrounded lines would add up to 0.28.
        assert_eq!(money(&document, header), ("0.27".to_owned(), "EUR".to_owned()));
        for line in lines(&document) {
            assert_eq!(money(line, "ItemDetail/UnitPrice/Money").0, "1.35");
            let basis = line.at("ItemDetail/PriceBasisQuantity").unwrap();
            assert_eq!(basis.attribute("quantity"), Some("100"));
            assert_eq!(basis.attribute("conversionFactor"), Some("1"));
        }
    }
}

#[tokio::test]
async fn a_price_for_a_hundred_comes_back_as_the_same_price() {
    for stand in stands().await {
        screws(&stand).await;
        let base = visit(&stand, "p-1", &setup("create", "c-1", RETURN_URL, "")).await;
        add(&stand, &base, "S-1", "EA", "7").await;
        let (_, first) = returned(&press(&stand, &base, "return").await);
        let items = again(lines(&first)[0], |sent| sent);
        let base = visit(&stand, "p-2", &setup("edit", "c-2", RETURN_URL, &items)).await;
        // Nothing changed, so nothing has to be looked at once more.
        let (_, second) = returned(&press(&stand, &base, "return").await);
        assert_eq!(lines(&second)[0].attribute("quantity"), Some("7"));
        assert_eq!(reference(lines(&second)[0]), reference(lines(&first)[0]));
        // A81: a price for nothing is none.
        for (number, wrong) in [
            ("A81q", "quantity=\"0\" conversionFactor=\"1\""),
            ("A81f", "quantity=\"100\" conversionFactor=\"0\""),
        ] {
            let right = "quantity=\"100\" conversionFactor=\"1\"";
            let items = again(lines(&first)[0], |sent| sent.replace(right, wrong));
            let request = setup("edit", "c-3", RETURN_URL, &items);
            let answer = stand.post(&Letter::of("plain", number, &request).text()).await;
            assert_eq!(answer.code(), 400, "{number}: {}", answer.text());
        }
        assert_eq!(stand.count("session").await, 2);
    }
}

#[tokio::test]
async fn a_tampered_reference_is_found_by_its_part_and_says_nothing_about_the_price() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &setup("create", "c-1", RETURN_URL, "")).await;
        add(&stand, &base, "W-1", "EA", "2").await;
        let (_, first) = returned(&press(&stand, &base, "return").await);
        let line = lines(&first)[0];
        let mut forged = reference(line).to_owned();
        forged.replace_range(8..9, if &forged[8..9] == "A" { "B" } else { "A" });
        let items = again(line, |sent| {
            sent.replace(reference(line), &forged).replace(">3.20<", ">0.01<")
        });
        let base = visit(&stand, "p-2", &setup("edit", "c-2", RETURN_URL, &items)).await;
        // The price that was sent is not ours, which the user sees before anything leaves.
        let shown = press(&stand, &base, "return").await;
        assert_eq!(shown.status, 409);
        let (text, second) = returned(&press(&stand, &base, "return").await);
        let line = lines(&second)[0];
        assert_eq!(money(line, "ItemDetail/UnitPrice/Money").0, "3.20");
        assert_ne!(reference(line), forged);
        assert_ne!(reference(line), reference(lines(&first)[0]));
        assert!(!text.contains("0.01"));
        let noted = stand
            .number("SELECT count(*) FROM exchange WHERE CAST(findings AS TEXT) LIKE '%setup.reference%'")
            .await;
        assert_eq!(noted, 1);
    }
}

#[tokio::test]
async fn a_cart_of_another_connection_is_not_opened() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &setup("create", "c-1", RETURN_URL, "")).await;
        add(&stand, &base, "W-1", "EA", "2").await;
        let (_, first) = returned(&press(&stand, &base, "return").await);
        let items = again(lines(&first)[0], |sent| sent);
        let before = (stand.count("session").await, stand.count("security_event").await);
        // A99: the buyer's own cookie says nothing, our signed reference says whose cart it is.
        let request = setup("edit", "c-1", RETURN_URL, &items);
        let answer = stand.post(&Letter::of("other", "p-2", &request).text()).await;
        assert_eq!(answer.code(), 412, "A99: {}", answer.text());
        assert!(!answer.text().contains("3.20") && !answer.text().contains("W-1"), "A99");
        assert_eq!(stand.count("session").await, before.0, "A99");
        assert_eq!(stand.count("security_event").await, before.1 + 1, "A99");
    }
}

#[tokio::test]
async fn parts_that_are_gone_are_shown_and_stand_in_the_way() {
    for stand in stands().await {
        let items = [item("1", "GONE-1", "2", "9.99", ""), item("2", "W-1", "1", "3.20", "")].concat();
        let base = visit(&stand, "p-1", &setup("edit", "c", RETURN_URL, &items)).await;
        let cart = stand.get(&format!("{base}/cart")).await;
        assert!(
            cart.text().contains("Thing") && cart.text().contains("Wiper"),
            "{}",
            cart.text()
        );
        let before = stand.count("exchange").await;
        assert_eq!(press(&stand, &base, "return").await.status, 409);
        assert_eq!(press(&stand, &base, "return").await.status, 409);
        assert_eq!((stand.count("quote").await, stand.count("exchange").await), (0, before));
    }
}

/// A cart of one product, set up by a system that takes it in the form's own encoding.
async fn by_network(stand: &Stand, sku: &str, unit: &str) -> Answer {
    let request = setup("create", "c ü &amp; ✓", RETURN_URL, "");
    let answer = stand.post(&Letter::of("ariba", "p-1", &request).text()).await;
    let base = crate::story::open(stand, &answer.start()).await;
    add(stand, &base, sku, unit, "12").await;
    press(stand, &base, "return").await
}

#[tokio::test]
async fn carts_in_the_forms_own_encoding_are_pure_ascii() {
    for stand in stands().await {
        let page = by_network(&stand, "B-8", "BX").await;
        assert!(page.input("cxml-base64").is_none());
        let (text, document) = returned(&page);
        // A124: whatever charset the page is read in, the characters are the same.
        assert!(text.is_ascii(), "A124: {text}");
        let description = &lines(&document)[0].at("ItemDetail/Description").unwrap().text;
        assert!(description.ends_with("Hex bolt M8 × 40, A2"), "A124: {description}");
        let cookie = document.at("Message/PunchOutOrderMessage/BuyerCookie").unwrap();
        assert_eq!(cookie.text, "c ü & ✓", "A124");
    }
}

#[tokio::test]
async fn offers_hold_for_their_time_and_no_longer() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &setup("create", "c", RETURN_URL, "")).await;
        add(&stand, &base, "W-1", "EA", "2").await;
        let (_, cart) = returned(&press(&stand, &base, "return").await);
        let products = "sku,name,base_unit,list_price,categories\nW-1,Wiper,EA,4.00,F\n";
        import(&stand, "products.csv", products).await;
        let ordered = |number: &str| {
            let items = again(lines(&cart)[0], |sent| sent);
            let request = crate::support::order(number, "type=\"new\"", "", "6.40", &items);
            Letter::of("plain", number, &request).text()
        };
        assert_eq!(stand.post(&ordered("PO-1")).await.code(), 200);
        assert_eq!(stand.count("order_exception").await, 0, "the offered price holds");
        stand.advance(8 * 24 * 3600);
        let late = ordered("PO-2").replace("2026-11-24T", "2026-12-02T");
        assert_eq!(stand.post(&late).await.code(), 200);
        assert_eq!(
            stand.count("order_exception").await,
            1,
            "after its time the price is asked about"
        );
    }
}
