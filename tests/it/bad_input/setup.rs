//! Set-up requests: return addresses, cookies, names.

use punchgate::store;

use super::{Effect, Trap, check, events};
use crate::story::{open, press, returned};
use crate::support::{Letter, RETURN_URL, setup, stands};

#[tokio::test]
async fn carts_go_back_to_agreed_addresses_alone() {
    for stand in stands().await {
        let to = |number: &str, url: &str| Letter::of("plain", number, &setup("create", "c", url, "")).text();
        for (number, url, code) in [
            ("A88 script", "javascript:alert(1)", 400),
            ("A88 data", "data:text/html,x", 400),
            ("A88 vbscript", "vbscript:x", 400),
            ("A89", "http://buyer.example/back", 400),
            ("A90 user", "https://buyer.example@evil.example/", 400),
            ("A90 suffix", "https://buyer.example.evil.example/", 403),
            ("A90 backslash", "https://buyer.example\\@evil.example/", 400),
            ("A90 look-alike", "https://xn--buyr-5of.example/", 403),
            ("A90 dot", "https://buyer.example./", 403),
            ("A90 tab", "ht&#9;tps://evil.example/", 400),
            ("A91 loopback", "https://127.0.0.1/", 403),
            ("A91 six", "https://[::1]/", 403),
            ("A91 hex", "https://0x7f.1/", 403),
            ("A91 metadata", "https://169.254.169.254/", 403),
        ] {
            check(&stand, number, &to(number, url), code, Effect::Refused).await;
        }
        // An address that might be meant is noted; what is no address is refused.
        assert_eq!(events(&stand, "return.foreign").await, 7, "A90, A91");
        // A92: the query is the buyer's own, and only ever an attribute's value.
        let url = "https://shop.buyer.example/back?q=&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;";
        let answer = check(&stand, "A92", &to("A92", url), 200, Effect::One).await;
        let start = answer.start();
        let csrf = stand.get(&start).await.input("csrf").unwrap();
        let opened = stand.submit(&start, &[("csrf", &csrf)]).await;
        let base = opened.header("location").unwrap().trim_end_matches('/').to_owned();
        let csrf = stand.get(&format!("{base}/")).await.input("csrf").unwrap();
        let page = stand.submit(&format!("{base}/cancel"), &[("csrf", &csrf)]).await;
        assert!(!page.text().contains("<script>alert"), "{}", page.text());
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'self'"),
            "A98 {policy}"
        );
        // A94: addresses elsewhere in the request are read past.
        let trap = Trap::set();
        let supplier = format!("<SupplierSetup><URL>http://{}/</URL></SupplierSetup>", trap.address());
        let setup = setup("create", "c", RETURN_URL, &supplier);
        check(
            &stand,
            "A94",
            &Letter::of("plain", "A94", &setup).text(),
            200,
            Effect::One,
        )
        .await;
    }
}

#[tokio::test]
async fn cookies_of_the_buyer_come_back_or_are_refused() {
    for stand in stands().await {
        let with =
            |number: &str, cookie: &str| Letter::of("plain", number, &setup("create", cookie, RETURN_URL, "")).text();
        check(
            &stand,
            "A102 long",
            &with("A102", &"x".repeat(64 << 10)),
            400,
            Effect::Refused,
        )
        .await;
        check(
            &stand,
            "A102 nested",
            &with("A102n", "<a><![CDATA[<b>]]></a>"),
            200,
            Effect::One,
        )
        .await;
        let longest = "x".repeat(4096);
        check(&stand, "A102 longest", &with("A102l", &longest), 200, Effect::One).await;
        check(
            &stand,
            "A102 longer",
            &with("A102m", &format!("{longest}x")),
            400,
            Effect::Refused,
        )
        .await;
        check(
            &stand,
            "A99 empty",
            &Letter::of("plain", "A99", &setup("edit", "c", RETURN_URL, "")).text(),
            412,
            Effect::Refused,
        )
        .await;
        // A102: what comes back is what was sent, character by character.
        let nested = "<a b='1'><![CDATA[<&>]]>&#xe9; <!-- c --></a>";
        let answer = check(&stand, "A102 nested", &with("A102b", nested), 200, Effect::One).await;
        let base = open(&stand, &answer.start()).await;
        let (text, _) = returned(&press(&stand, &base, "cancel").await);
        assert!(
            text.contains(&format!("<BuyerCookie>{nested}</BuyerCookie>")),
            "A102: {text}"
        );
    }
}

#[tokio::test]
async fn names_and_mail_addresses_are_one_line() {
    for stand in stands().await {
        let contact = "<Contact role=\"endUser\"><Name xml:lang=\"en\">Ann&#13;&#10;Bcc: a@evil.example</Name>\
                       <Email>ann@buyer.example&#13;&#10;Bcc: b@evil.example</Email></Contact>";
        let request = setup("create", "A86", RETURN_URL, contact)
            .replace("<Extrinsic name=\"UserEmail\">ann@buyer.example</Extrinsic>", "");
        check(
            &stand,
            "A86",
            &Letter::of("plain", "A86", &request).text(),
            200,
            Effect::One,
        )
        .await;
        let tenant_id = stand.tenant_id;
        let read = stand
            .gateway
            .store
            .read(async |tx| store::session::list(tx, tenant_id, None, None, 1).await);
        let user = read.await.unwrap().remove(0).user;
        for text in [user.email, user.name] {
            let text = text.unwrap();
            assert!(!text.contains(['\r', '\n']), "A86 {text:?}");
        }
    }
}
