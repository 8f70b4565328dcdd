//! The main job through real HTTP: set up, open, shop, return; edit, inspect, cancel; and what repetition does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use punchgate::domain::party::InboundGrammar;
use punchgate::service::party;

use crate::support::{Answer, Element, Letter, RETURN_URL, SECRET, Stand, item, setup, stands};

/// Sets up a visit and opens it; returns its base path.
pub async fn visit(stand: &Stand, payload_id: &str, request: &str) -> String {
    let answer = stand.post(&Letter::of("plain", payload_id, request).text()).await;
    assert_eq!(answer.code(), 200, "{}", answer.text());
    open(stand, &answer.start()).await
}

pub async fn open(stand: &Stand, start: &str) -> String {
    let page = stand.get(start).await;
    assert_eq!(page.status, 200);
    let opened = stand.submit(start, &[("csrf", &page.input("csrf").unwrap())]).await;
    assert_eq!(opened.status, 303, "{}", opened.text());
    let path = opened.header("location").unwrap().to_owned();
    path.split('/').take(3).collect::<Vec<_>>().join("/")
}

pub async fn add(stand: &Stand, base: &str, sku: &str, unit: &str, quantity: &str) -> Answer {
    let csrf = stand.get(&format!("{base}/")).await.input("csrf").unwrap();
    let fields = [
        ("csrf", csrf.as_str()),
        ("sku", sku),
        ("unit", unit),
        ("quantity", quantity),
    ];
    stand.submit(&format!("{base}/cart/add"), &fields).await
}

pub async fn press(stand: &Stand, base: &str, step: &str) -> Answer {
    let page = stand.get(&format!("{base}/cart")).await;
    let csrf = page.input("csrf").unwrap();
    stand.submit(&format!("{base}/{step}"), &[("csrf", &csrf)]).await
}

/// The document in the form of a return page.
pub fn returned(page: &Answer) -> (String, Element) {
    assert_eq!(page.status, 200, "{}", page.text());
    let text = match page.input("cxml-base64") {
        Some(value) => String::from_utf8(STANDARD.decode(value).unwrap()).unwrap(),
        None => page.input("cxml-urlencoded").expect("a cart"),
    };
    let document = Element::read(&text);
    (text, document)
}

pub fn money(element: &Element, path: &str) -> (String, String) {
    let money = element.at(path).unwrap_or_else(|| panic!("no {path}"));
    (money.text.clone(), money.attribute("currency").unwrap().to_owned())
}

#[tokio::test]
async fn a_cart_is_filled_at_contract_terms_and_goes_back() {
    for stand in stands().await {
        let cookie = "<b x=\"1\">c &amp; d</b>";
        let base = visit(&stand, "p-1", &setup("create", cookie, RETURN_URL, "")).await;
        let product = stand.get(&format!("{base}/product?sku=B-8")).await.text();
        assert!(
            product.contains("11.00") && product.contains("10.00") && !product.contains("12.50"),
            "{product}"
        );
        assert_eq!(add(&stand, &base, "B-8", "BX", "12").await.status, 303);
        assert_eq!(add(&stand, &base, "W-1", "EA", "3").await.status, 303);
        let (text, document) = returned(&press(&stand, &base, "return").await);
        assert!(text.contains(&format!("<BuyerCookie>{cookie}</BuyerCookie>")), "{text}");
        assert!(!text.contains(SECRET) && !text.contains("SharedSecret"));
        let cart = document.at("Message/PunchOutOrderMessage").unwrap();
        let (total, currency) = money(cart, "PunchOutOrderMessageHeader/Total/Money");
        assert_eq!((total.as_str(), currency.as_str()), ("129.60", "EUR"));
        let lines = cart.all("ItemIn");
        let first = lines[0];
        assert_eq!((lines.len(), first.attribute("quantity")), (2, Some("12")));
        assert_eq!(first.at("ItemID/SupplierPartID").unwrap().text, "B-8");
        assert_eq!(first.at("ItemDetail/UnitOfMeasure").unwrap().text, "BX");
        assert_eq!(money(first, "ItemDetail/UnitPrice/Money").0, "10.00");
        let auxiliary = &first.at("ItemID/SupplierPartAuxiliaryID").unwrap().text;
        assert!(auxiliary.starts_with("1.") && auxiliary.len() == 37, "{auxiliary}");
        assert_eq!(
            lines[1].at("ItemDetail/Description").unwrap().text,
            "Wiper <blue> & white"
        );
        // Who sent what is mirrored, without any proof.
        assert_eq!(document.at("Header/To/Credential/Identity").unwrap().text, "111");
        assert_eq!(document.at("Header/From/Credential/Identity").unwrap().text, "999");
        assert_eq!(stand.count("quote").await, 1);
    }
}

#[tokio::test]
async fn the_return_page_is_the_same_for_ten_minutes_and_names_the_buyers_origin_alone() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &setup("create", "c", RETURN_URL, "")).await;
        add(&stand, &base, "W-1", "EA", "1").await;
        let page = press(&stand, &base, "return").await;
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("form-action https://buyer.example;"), "{policy}");
        assert!(page.text().contains("action=\"https://buyer.example/back?x=1\""));
        let (first, _) = returned(&page);
        stand.advance(599);
        let again = stand.get(&format!("{base}/return")).await;
        assert_eq!(returned(&again).0, first);
        stand.advance(2);
        assert_eq!(stand.get(&format!("{base}/return")).await.status, 410);
        // Nothing else can be had of a visit that is over.
        for page in ["", "/cart", "/product?sku=W-1", "/search?q=bolt"] {
            assert_eq!(stand.get(&format!("{base}{page}")).await.status, 410, "{page}");
        }
        assert_eq!(stand.count("quote").await, 1);
    }
}

#[tokio::test]
async fn a_start_link_opens_once_and_not_by_looking() {
    for stand in stands().await {
        let request = setup("create", "c", RETURN_URL, "");
        let start = stand.post(&Letter::of("plain", "p-1", &request).text()).await.start();
        for _ in 0..3 {
            assert_eq!(stand.get(&start).await.status, 200);
        }
        let csrf = stand.get(&start).await.input("csrf").unwrap();
        let opened = stand.submit(&start, &[("csrf", &csrf)]).await;
        assert_eq!(opened.status, 303);
        // A double click of the same page leads to the same visit; another page's button does not.
        let twice = stand.submit(&start, &[("csrf", &csrf)]).await;
        assert_eq!(
            (twice.status, twice.header("location")),
            (303, opened.header("location"))
        );
        assert_eq!(stand.submit(&start, &[("csrf", "another")]).await.status, 410);
        stand.advance(61);
        assert_eq!(stand.submit(&start, &[("csrf", &csrf)]).await.status, 410);
        assert!(stand.count("security_event").await >= 1);
        // One that nobody opened ends after five minutes.
        let late = stand.post(&Letter::of("plain", "p-2", &request).text()).await.start();
        let csrf = stand.get(&late).await.input("csrf").unwrap();
        stand.advance(301);
        assert_eq!(stand.get(&late).await.status, 410);
        assert_eq!(stand.submit(&late, &[("csrf", &csrf)]).await.status, 410);
    }
}

#[tokio::test]
async fn an_edited_cart_keeps_its_lines_references() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &setup("create", "c-1", RETURN_URL, "")).await;
        add(&stand, &base, "B-8", "BX", "2").await;
        let (_, first) = returned(&press(&stand, &base, "return").await);
        let line = first.at("Message/PunchOutOrderMessage/ItemIn").unwrap();
        let reference = line.at("ItemID/SupplierPartAuxiliaryID").unwrap().text.clone();
        let auxiliary = format!("<SupplierPartAuxiliaryID>{reference}</SupplierPartAuxiliaryID>");
        let items = item("1", "B-8", "2", "11.00", &auxiliary).replace(">EA<", ">BX<");
        let base = visit(&stand, "p-2", &setup("edit", "c-2", RETURN_URL, &items)).await;
        add(&stand, &base, "W-1", "EA", "1").await;
        let (_, second) = returned(&press(&stand, &base, "return").await);
        let lines = second.at("Message/PunchOutOrderMessage").unwrap().all("ItemIn");
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].at("ItemID/SupplierPartAuxiliaryID").unwrap().text, reference);
        assert_ne!(lines[1].at("ItemID/SupplierPartAuxiliaryID").unwrap().text, reference);
    }
}

#[tokio::test]
async fn inspect_shows_and_changes_nothing() {
    for stand in stands().await {
        let items = item("1", "W-1", "2", "3.20", "");
        let base = visit(&stand, "p-1", &setup("inspect", "c", RETURN_URL, &items)).await;
        let cart = stand.get(&format!("{base}/cart")).await;
        assert!(cart.text().contains("Wiper") && cart.input("quantity").is_none());
        assert_eq!(add(&stand, &base, "W-1", "EA", "1").await.status, 403);
        let (_, document) = returned(&press(&stand, &base, "return").await);
        assert_eq!(document.at("Message/Status").unwrap().attribute("code"), Some("204"));
        assert!(
            document
                .at("Message/PunchOutOrderMessage")
                .unwrap()
                .all("ItemIn")
                .is_empty()
        );
    }
}

#[tokio::test]
async fn leaving_sends_204_and_an_emptied_edit_asks_first() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &setup("create", "c", RETURN_URL, "")).await;
        add(&stand, &base, "W-1", "EA", "1").await;
        let (_, document) = returned(&press(&stand, &base, "cancel").await);
        assert_eq!(document.at("Message/Status").unwrap().attribute("code"), Some("204"));
        let items = item("1", "W-1", "2", "3.20", "");
        let base = visit(&stand, "p-2", &setup("edit", "c", RETURN_URL, &items)).await;
        let cart = stand.get(&format!("{base}/cart")).await;
        let line = cart
            .text()
            .split("name=\"quantity-")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        let csrf = cart.input("csrf").unwrap();
        let removed = stand
            .submit(&format!("{base}/cart"), &[("csrf", &csrf), ("remove", &line)])
            .await;
        assert_eq!(removed.status, 303);
        let asked = press(&stand, &base, "return").await;
        assert!(asked.text().contains("Return an empty cart?"), "{}", asked.text());
        let sure = [("csrf", csrf.as_str()), ("empty", "confirmed")];
        let (_, document) = returned(&stand.submit(&format!("{base}/return"), &sure).await);
        let cart = document.at("Message/PunchOutOrderMessage").unwrap();
        assert!(cart.all("ItemIn").is_empty() && document.at("Message/Status").is_none());
    }
}

#[tokio::test]
async fn what_the_request_points_at_is_opened() {
    for stand in stands().await {
        for (at, (part, expect)) in [
            ("W-1", "/product?sku=W-1"),
            ("F", "/category?code=F"),
            ("bolt M8", "/search?q=bolt%20M8"),
        ]
        .into_iter()
        .enumerate()
        {
            let selected =
                format!("<SelectedItem><ItemID><SupplierPartID>{part}</SupplierPartID></ItemID></SelectedItem>");
            let request = setup("create", "c", RETURN_URL, &selected);
            let start = stand
                .post(&Letter::of("plain", &format!("p-{at}"), &request).text())
                .await
                .start();
            let csrf = stand.get(&start).await.input("csrf").unwrap();
            let opened = stand.submit(&start, &[("csrf", &csrf)]).await;
            assert!(opened.header("location").unwrap().ends_with(expect), "{opened:?}");
        }
    }
}

#[tokio::test]
async fn a_repeated_set_up_is_one_visit() {
    for stand in stands().await {
        let text = Letter::of("plain", "p-1", &setup("create", "c", RETURN_URL, "")).text();
        let first = stand.post(&text).await;
        let second = stand.post(&text).await;
        assert_eq!(first.body, second.body);
        assert_eq!(stand.count("session").await, 1);
        let base = open(&stand, &first.start()).await;
        // The visit is open: a new link to the same one.
        let third = stand.post(&text).await;
        assert_eq!(third.code(), 200);
        assert_ne!(third.start(), first.start());
        assert_eq!(stand.count("session").await, 1);
        press(&stand, &base, "cancel").await;
        assert_eq!(stand.post(&text).await.code(), 409);
        let other = text.replace("<BuyerCookie>c<", "<BuyerCookie>d<");
        assert_eq!(stand.post(&other).await.code(), 409);
    }
}

#[tokio::test]
async fn the_same_user_who_starts_again_means_the_new_visit() {
    for stand in stands().await {
        let request = setup("create", "same", RETURN_URL, "");
        let first = visit(&stand, "p-1", &request).await;
        let second = visit(&stand, "p-2", &request).await;
        assert_eq!(stand.get(&format!("{first}/")).await.status, 410);
        assert_eq!(stand.get(&format!("{second}/")).await.status, 200);
        let third = visit(&stand, "p-3", &request.replace("ann@", "bob@")).await;
        for base in [second, third] {
            assert_eq!(stand.get(&format!("{base}/")).await.status, 200);
        }
    }
}

#[tokio::test]
async fn prices_that_changed_are_shown_before_anything_leaves() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &setup("create", "c", RETURN_URL, "")).await;
        add(&stand, &base, "B-8", "BX", "1").await;
        let prices = "list,sku,unit,min_quantity,price\nGLOBEX,B-8,BX,,11.50\n";
        let files = vec![("prices.csv", prices.as_bytes().to_vec())];
        punchgate::service::import::all(&stand.gateway, stand.tenant_id, files)
            .await
            .unwrap();
        let shown = press(&stand, &base, "return").await;
        assert_eq!(shown.status, 409);
        assert!(
            shown.text().contains("11.50") && shown.text().contains("11.00"),
            "{}",
            shown.text()
        );
        assert_eq!(stand.count("quote").await, 0);
        let (_, document) = returned(&press(&stand, &base, "return").await);
        let line = document.at("Message/PunchOutOrderMessage/ItemIn").unwrap();
        assert_eq!(money(line, "ItemDetail/UnitPrice/Money").0, "11.50");
    }
}

#[tokio::test]
async fn forms_of_other_sites_change_nothing_and_strangers_see_nothing() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &setup("create", "c", RETURN_URL, "")).await;
        for step in ["cart/add", "cart", "return", "cancel"] {
            let fields = [("csrf", "forged"), ("sku", "W-1"), ("unit", "EA"), ("quantity", "1")];
            assert_eq!(
                stand.submit(&format!("{base}/{step}"), &fields).await.status,
                403,
                "{step}"
            );
        }
        assert_eq!(stand.count("cart_line").await, 0);
        for handle in ["x", &"A".repeat(64), "..%2f..%2fetc"] {
            assert_eq!(stand.get(&format!("/s/{handle}/cart")).await.status, 404, "{handle}");
        }
        stand.advance(6 * 3600 + 1);
        assert_eq!(stand.get(&format!("{base}/")).await.status, 410);
    }
}

/// A set-up whose elements stand in the wrong order: some systems write such, and it can be read.
fn not_valid() -> String {
    let right = setup("create", "c-1", RETURN_URL, "");
    let (before, cookie) = right.split_once("<BuyerCookie>").unwrap();
    let (cookie, after) = cookie.split_once("</BuyerCookie>").unwrap();
    let wrong = format!("{before}{after}");
    wrong.replace(
        "</PunchOutSetupRequest>",
        &format!("<BuyerCookie>{cookie}</BuyerCookie></PunchOutSetupRequest>"),
    )
}

#[tokio::test]
async fn what_is_not_valid_is_read_and_noted_or_refused_as_the_connection_says() {
    for stand in stands().await {
        let letter = Letter::of("plain", "lenient-1", &not_valid());
        assert_eq!(
            stand.post(&letter.text()).await.code(),
            200,
            "{}",
            stand.gateway.store.kind()
        );
        let noted = stand
            .value("SELECT findings FROM exchange WHERE payload_id = 'lenient-1'")
            .await
            .unwrap();
        for part in [
            "dtd.element-unexpected",
            "`BuyerCookie` must come before `Extrinsic`",
            "line ",
        ] {
            assert!(noted.contains(part), "{part}: {noted}");
        }
        let directory = stand.gateway.directory();
        let known = directory.connections().find(|known| known.connection.code == "plain");
        let mut connection = known.unwrap().connection.clone();
        connection.settings.inbound_grammar = Some(InboundGrammar::Strict);
        party::update_connection(&stand.gateway, connection).await.unwrap();
        let letter = Letter::of("plain", "strict-1", &not_valid());
        let answer = stand.post(&letter.text()).await;
        assert_eq!(answer.code(), 406);
        let text = answer.text();
        for part in [
            "PunchOutSetupRequest, line ",
            "The document is not valid",
            "`BuyerCookie` must come before",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let letter = Letter::of("plain", "strict-2", &setup("create", "c-2", RETURN_URL, ""));
        assert_eq!(stand.post(&letter.text()).await.code(), 200);
    }
}
