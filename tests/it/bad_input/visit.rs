//! Bad input at the pages of a visit: start links, cookies, frames, forms of others, visits whose time is over.

use crate::story::{add, open, press, returned, visit};
use crate::support::{Answer, Letter, RETURN_URL, Stand, item, setup, stands};

async fn start(stand: &Stand, payload_id: &str) -> String {
    let request = setup("create", payload_id, RETURN_URL, "");
    stand
        .post(&Letter::of("plain", payload_id, &request).text())
        .await
        .start()
}

/// A page opened with further headers.
async fn get_with(stand: &Stand, path: &str, headers: &str) -> Answer {
    let head = format!("GET {path} HTTP/1.1\r\nHost: gate.example\r\n{headers}Connection: close\r\n\r\n");
    stand.raw(head.as_bytes()).await
}

#[tokio::test]
async fn start_links_are_keys_that_fit_once() {
    for stand in stands().await {
        let link = start(&stand, "p-1").await;
        let token = link.strip_prefix("/start/").unwrap();
        assert!(token.len() >= 43, "A95: 256 bits");
        let page = stand.get(&link).await;
        // The link must not travel on: not to other sites, not into caches.
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"), "A95");
        assert!(page.header("cache-control").unwrap().contains("no-store"), "A95");
        open(&stand, &link).await;
        let events = stand.count("security_event").await;
        let mut others = vec![
            ("second use", link.clone()),
            ("cut", link[..link.len() - 1].to_owned()),
            ("longer", format!("{link}A")),
            ("empty", "/start/".to_owned()),
            ("a handle is no link", "/start/AAAA".to_owned()),
        ];
        let mut guessed = link.clone();
        let last = guessed.pop().unwrap();
        guessed.push(if last == 'A' { 'B' } else { 'A' });
        others.push(("guessed", guessed));
        for (name, other) in others {
            let before = stand.count("cart_line").await;
            let answer = stand.submit(&other, &[("csrf", "another browser")]).await;
            assert!([404, 410].contains(&answer.status), "A95 {name}: {}", answer.status);
            assert!(answer.header("location").is_none(), "A95 {name}");
            assert!(!answer.text().contains(token), "A95 {name} echoes the link");
            assert_eq!(stand.count("cart_line").await, before);
        }
        assert_eq!(
            stand.count("security_event").await,
            events + 2,
            "A95: the second use and the guess were noted"
        );
        let late = start(&stand, "p-2").await;
        stand.advance(300);
        assert_eq!(stand.submit(&late, &[("csrf", "x")]).await.status, 410, "A95 late");
        let open_visits = stand.number("SELECT count(*) FROM session WHERE state = 'open'").await;
        assert_eq!(open_visits, 1, "A95");
        // The link itself is nowhere: only its hash.
        assert!(!stand.database_has(token).await, "A95");
    }
}

#[tokio::test]
async fn what_a_browser_brings_along_opens_nothing() {
    for stand in stands().await {
        let (one, two) = (start(&stand, "p-1").await, start(&stand, "p-2").await);
        let mut handles = Vec::new();
        for link in [one, two] {
            let page = get_with(&stand, &link, "Cookie: session=attacker; visit=attacker\r\n").await;
            assert!(page.header("set-cookie").is_none(), "A96");
            let csrf = page.input("csrf").unwrap();
            let opened = stand.submit(&link, &[("csrf", &csrf)]).await;
            assert!(opened.header("set-cookie").is_none(), "A96: a visit needs no cookie");
            handles.push(opened.header("location").unwrap().split('/').nth(2).unwrap().to_owned());
        }
        assert_ne!(handles[0], handles[1], "A96");
        let cookie = format!("Cookie: session={}\r\n", handles[0]);
        assert_eq!(get_with(&stand, "/s/AAAA/cart", &cookie).await.status, 404, "A96");
    }
}

#[tokio::test]
async fn other_sites_cannot_act_in_a_visit_or_show_it() {
    for stand in stands().await {
        let base = visit(&stand, "p-1", &setup("create", "c", RETURN_URL, "")).await;
        let second = visit(&stand, "p-2", &setup("create", "d", RETURN_URL, "")).await;
        let foreign = stand.get(&format!("{second}/")).await.input("csrf").unwrap();
        for code in ["", "x", &foreign] {
            for step in ["cart/add", "cart", "return", "cancel"] {
                let fields = [("csrf", code), ("sku", "W-1"), ("unit", "EA"), ("quantity", "1")];
                let answer = stand.submit(&format!("{base}/{step}"), &fields).await;
                assert_eq!(answer.status, 403, "A97 {step} {code}");
            }
        }
        assert_eq!(stand.count("cart_line").await, 0, "A97");
        assert_eq!(
            stand.number("SELECT count(*) FROM session WHERE state = 'open'").await,
            2,
            "A97"
        );
        for page in ["/", "/cart", "/search?q=bolt", "/product?sku=W-1"] {
            let answer = stand.get(&format!("{base}{page}")).await;
            let policy = answer.header("content-security-policy").unwrap().to_owned();
            assert!(policy.contains("frame-ancestors 'self'"), "A98 {page}: {policy}");
            assert!(
                policy.contains("script-src 'self'") && !policy.contains("unsafe"),
                "A98 {page}: {policy}"
            );
        }
        // An origin on the list may, and it alone.
        let directory = stand.gateway.directory();
        let plain = directory
            .connections()
            .find(|known| known.connection.code == "plain")
            .unwrap();
        let mut connection = plain.connection.clone();
        connection.settings.frame_ancestors = vec!["https://buyer.example".into()];
        punchgate::service::party::update_connection(&stand.gateway, connection)
            .await
            .unwrap();
        let answer = stand.get(&format!("{base}/")).await;
        let policy = answer.header("content-security-policy").unwrap().to_owned();
        assert!(
            policy.ends_with("frame-ancestors 'self' https://buyer.example"),
            "A98: {policy}"
        );
        assert!(
            answer.header("x-frame-options").is_none(),
            "A98: it knows no list and would block"
        );
    }
}

#[tokio::test]
async fn looking_returns_nothing() {
    for stand in stands().await {
        let items = item("1", "W-1", "2", "3.20", "");
        let base = visit(&stand, "p-1", &setup("inspect", "c", RETURN_URL, &items)).await;
        let csrf = stand.get(&format!("{base}/")).await.input("csrf").unwrap();
        let line = stand.value("SELECT line_number FROM cart_line").await;
        assert_eq!(add(&stand, &base, "W-1", "EA", "1").await.status, 403, "A100");
        let fields = [("csrf", csrf.as_str()), ("quantity-1", "9"), ("remove", "1")];
        stand.submit(&format!("{base}/cart"), &fields).await;
        assert_eq!(stand.value("SELECT line_number FROM cart_line").await, line, "A100");
        let sure = [("csrf", csrf.as_str()), ("empty", "confirmed")];
        let (_, document) = returned(&stand.submit(&format!("{base}/return"), &sure).await);
        assert_eq!(
            document.at("Message/Status").unwrap().attribute("code"),
            Some("204"),
            "A100"
        );
        let message = document.at("Message/PunchOutOrderMessage").unwrap();
        assert!(message.all("ItemIn").is_empty(), "A100");
        assert_eq!(stand.count("quote").await, 0, "A100");
    }
}

#[tokio::test]
async fn a_visit_whose_time_is_over_never_returns_an_empty_cart() {
    for stand in stands().await {
        let items = item("1", "W-1", "2", "3.20", "");
        let base = visit(&stand, "p-1", &setup("edit", "c", RETURN_URL, &items)).await;
        let csrf = stand.get(&format!("{base}/")).await.input("csrf").unwrap();
        stand.advance(6 * 3600 + 1);
        for empty in ["", "confirmed"] {
            let fields = [("csrf", csrf.as_str()), ("empty", empty)];
            let answer = stand.submit(&format!("{base}/return"), &fields).await;
            assert_eq!(answer.status, 410, "A101");
            assert!(answer.input("cxml-base64").is_none(), "A101");
        }
        assert_eq!(stand.count("cart_line").await, 1, "A101: the cart is kept");
        // The way back says that nothing changed.
        let closed = stand.get(&format!("{base}/cart")).await;
        assert_eq!(closed.status, 410, "A101");
        let csrf = closed.input("csrf").expect("A101: a way back");
        let page = stand.submit(&format!("{base}/cancel"), &[("csrf", &csrf)]).await;
        let (_, document) = returned(&page);
        assert_eq!(
            document.at("Message/Status").unwrap().attribute("code"),
            Some("204"),
            "A101"
        );
        assert_eq!(stand.count("cart_line").await, 1, "A101: the cart is kept");
        // Somebody else's form does not end it, and once is enough.
        let base = visit(&stand, "p-2", &setup("edit", "d", RETURN_URL, &items)).await;
        stand.advance(6 * 3600 + 1);
        let forged = stand.submit(&format!("{base}/cancel"), &[("csrf", "forged")]).await;
        assert_eq!(forged.status, 403, "A97");
        let ended = press(&stand, &base, "cancel").await;
        assert_eq!(
            returned(&ended).1.at("Message/Status").unwrap().attribute("code"),
            Some("204")
        );
    }
}
