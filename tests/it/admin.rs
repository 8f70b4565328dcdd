//! The admin side through real HTTP: who sees what, who may do what, and what a page hands to the browser.

use punchgate::clock::Clock;
use punchgate::domain::order::OrderState;
use punchgate::store;
use reqwest::StatusCode;

use crate::admin_seed::{HOSTILE, PASSWORD, Seeded, many, party, seed};
use crate::support_desk::{Desk, between, seeded};
use crate::support_store::{sqlite, stores};

/// Every page, with what must stand on it when there is data.
fn pages(seeded: &Seeded) -> Vec<(String, &'static str)> {
    vec![
        ("/admin".into(), "open questions about orders"),
        ("/admin/search?q=PO-1".into(), "Found for"),
        ("/admin/orders".into(), "PO-4500012345"),
        ("/admin/orders?state=held".into(), "PO-4500012345"),
        (format!("/admin/orders/{}", seeded.held), "In the cart, not ordered"),
        (
            format!("/admin/orders/{}?version=1", seeded.held),
            "Version 1 beside its cart",
        ),
        ("/admin/deliveries".into(), "The ERP does not know customer"),
        ("/admin/deliveries?state=parked".into(), "Send again"),
        ("/admin/erp".into(), "No ERP has brought anything yet."),
        ("/admin/exchanges".into(), "OrderRequest"),
        ("/admin/exchanges?view=refused".into(), "403"),
        ("/admin/exchanges?view=repeated".into(), "3 times"),
        (
            format!("/admin/exchanges/{}", seeded.exchange),
            "class=\"line found\" id=\"line-3\"",
        ),
        ("/admin/check".into(), "Try an example"),
        ("/admin/check?example".into(), "dtd.element-unexpected"),
        (format!("/admin/check?document={}", seeded.exchange), "secrets masked"),
        ("/admin/connections".into(), "Globex (SAP Ariba)"),
        ("/admin/connections/new".into(), "New connection"),
        (
            format!("/admin/connections/{}", seeded.production),
            "What the buyer enters",
        ),
        (
            format!("/admin/connections/{}", seeded.test),
            "Waiting for the first document.",
        ),
        (format!("/admin/connections/{}/edit", seeded.production), "*.ariba.com"),
        (
            format!("/admin/connections/{}/safeguards", seeded.production),
            "Try against the last 90 days of orders",
        ),
        ("/admin/visits".into(), "Cart returned"),
        ("/admin/visits?state=open".into(), "Shopping"),
        (
            format!("/admin/visits/{}", seeded.session),
            "The cart as it was offered",
        ),
        ("/admin/quarantine".into(), "Nobody here has this Sender identity"),
        (
            format!("/admin/quarantine/{}", seeded.quarantined),
            "2. Replay this document",
        ),
        ("/admin/why".into(), "Nothing was asked yet."),
        ("/admin/security".into(), "A start link was used twice"),
        ("/admin/staff".into(), "nw-operator"),
        ("/admin/programs".into(), "No program has a token yet."),
        ("/admin/erp/rows".into(), "No row has come from an ERP yet."),
        ("/admin/erp/drift".into(), "There is no source yet."),
        ("/admin/erp/fields".into(), "No source is configured"),
    ]
}

#[tokio::test]
async fn every_page_shows_its_data_and_no_script_of_it() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    let person = desk.sign_in("nw-admin").await;
    let escaped = HOSTILE
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('\'', "&#39;");
    let mut hostile = 0;
    for (path, expect) in pages(&seeded) {
        let page = person.page(&path).await;
        assert!(page.contains(expect), "{path} lacks {expect}");
        assert!(page.contains("<main id=\"main\""), "{path}");
        assert_eq!(page.matches("<h1").count(), 1, "{path}");
        hostile += page.matches(&escaped).count();
    }
    assert!(hostile > 5, "the hostile text is shown, escaped, {hostile} times");
}

#[tokio::test]
async fn every_list_says_what_to_do_when_it_is_empty() {
    let clock = Clock::system();
    for store in stores(&clock).await {
        let desk = Desk::open(store, &clock, "127.0.0.1:0").await;
        party(&desk.gateway, "nw").await;
        let person = desk.sign_in("nw-viewer").await;
        for (path, expect) in [
            ("/admin", "No order has come yet."),
            ("/admin/orders", "No order has come yet."),
            ("/admin/orders?state=shipped", "No order is in this state."),
            ("/admin/deliveries", "Nothing was sent on yet."),
            ("/admin/erp", "No ERP has brought anything yet."),
            ("/admin/exchanges", "No document was received or sent yet."),
            ("/admin/exchanges?view=refused", "No document fits."),
            ("/admin/search?q=nothing", "Nothing has exactly this number."),
            ("/admin/visits", "Nobody has punched out yet."),
            ("/admin/visits?state=open", "No visit is in this state."),
            ("/admin/quarantine", "Quarantine is empty."),
            ("/admin/security", "Nothing has happened."),
            ("/admin/erp/rows", "Every row that came could be taken."),
            ("/admin/erp/drift?show=accepted", "Nothing is accepted."),
        ] {
            let page = person.page(path).await;
            assert!(page.contains(expect), "{path} lacks {expect}");
        }
    }
}

#[tokio::test]
async fn nothing_is_shown_or_done_without_a_sign_in() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    for (path, _) in pages(&seeded) {
        let answer = desk.get(&path, None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(
            answer.location.unwrap().starts_with("/admin/sign-in?next=%2Fadmin"),
            "{path}"
        );
        assert!(answer.body.is_empty(), "{path}");
    }
    let forged = "punchgate-loopback=AAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(desk.get("/admin", Some(forged)).await.status, StatusCode::SEE_OTHER);
    let wrong = [
        ("login", "nw-admin"),
        ("password", "wrong"),
        ("next", "https://evil.example/"),
    ];
    let answer = desk.post("/admin/sign-in", None, &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Name and password do not fit.") && answer.cookie.is_none());
    assert!(!answer.body.contains("evil.example") && !answer.body.contains("wrong\""));
    let person = desk.sign_in("nw-admin").await;
    let answer = person.post("/admin/sign-out", &[]).await;
    assert_eq!(answer.location.as_deref(), Some("/admin/sign-in"));
    assert_eq!(
        person.get("/admin").await.status,
        StatusCode::SEE_OTHER,
        "the old cookie is worth nothing"
    );
}

#[tokio::test]
async fn a_form_without_the_code_of_its_sign_in_does_nothing() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    let person = desk.sign_in("nw-admin").await;
    let path = format!("/admin/orders/{}/resolve", seeded.held);
    let exception = seeded.exception.to_string();
    let other = desk.sign_in("nw-operator").await;
    let foreign = between(&other.page("/admin/orders").await, "name=\"csrf\" value=\"", "\"").to_owned();
    for code in ["", "wrong", &foreign] {
        let form = [("exception", exception.as_str()), ("verdict", "accept"), ("csrf", code)];
        let answer = desk.post(&path, Some(&person.cookie), &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.body.contains("nothing was done"));
    }
    let page = person.page(&format!("/admin/orders/{}", seeded.held)).await;
    assert!(
        page.contains(&format!("id=\"hold-{exception}\"")),
        "still to be decided"
    );
}

#[tokio::test]
async fn another_suppliers_things_are_not_there() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    seed(&desk.gateway, "other").await;
    let person = desk.sign_in("other-admin").await;
    for path in [
        format!("/admin/orders/{}", seeded.held),
        format!("/admin/exchanges/{}", seeded.exchange),
        format!("/admin/exchanges/{}/raw", seeded.exchange),
        format!("/admin/attachments/{}", seeded.attachment),
        format!("/admin/connections/{}", seeded.production),
        format!("/admin/connections/{}/edit", seeded.production),
        format!("/admin/visits/{}", seeded.session),
        format!("/admin/quarantine/{}", seeded.quarantined),
        "/admin/orders/nonsense".to_owned(),
        "/admin/nothing".to_owned(),
    ] {
        assert_eq!(person.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let exception = seeded.exception.to_string();
    let form = [("exception", exception.as_str()), ("verdict", "accept")];
    let answer = person
        .post(&format!("/admin/orders/{}/resolve", seeded.held), &form)
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let answer = person
        .post(&format!("/admin/deliveries/{}/resume", seeded.parked), &[])
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_role_does_what_it_includes() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    let viewer = desk.sign_in("nw-viewer").await;
    let order = format!("/admin/orders/{}", seeded.held);
    let exception = seeded.exception.to_string();
    let form = [("exception", exception.as_str()), ("verdict", "accept")];
    let page = viewer.page(&order).await;
    assert!(!page.contains("name=\"verdict\"") && page.contains("An operator or administrator decides this."));
    let answer = viewer.post(&format!("{order}/resolve"), &form).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let resume = format!("/admin/deliveries/{}/resume", seeded.parked);
    assert_eq!(viewer.post(&resume, &[]).await.status, StatusCode::FORBIDDEN);
    let operator = desk.sign_in("nw-operator").await;
    let connection = format!("/admin/connections/{}", seeded.production);
    let kept = format!("/admin/quarantine/{}", seeded.quarantined);
    let to = seeded.production.to_string();
    for (path, form) in [
        (format!("{kept}/bind"), vec![("connection", to.as_str())]),
        (format!("{kept}/replay"), vec![("connection", to.as_str())]),
    ] {
        assert_eq!(viewer.post(&path, &form).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for (path, form) in [
        ("/admin/connections".to_owned(), vec![]),
        (format!("{connection}/edit"), vec![]),
        (format!("{connection}/state"), vec![("state", "suspended")]),
        (format!("{connection}/secrets"), vec![("kind", "shared_secret")]),
        (
            format!("{connection}/secrets/{}/end", seeded.exception),
            vec![("when", "later")],
        ),
        ("/admin/staff".to_owned(), vec![("role", "admin"), ("login", "x")]),
        (
            "/admin/programs".to_owned(),
            vec![
                ("id", to.as_str()),
                ("name", "x"),
                ("sync:write", "yes"),
                ("days", "30"),
            ],
        ),
        (format!("/admin/programs/{to}/revoke"), vec![]),
    ] {
        assert_eq!(
            operator.post(&path, &form).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    for path in ["/admin/connections/new".to_owned(), format!("{connection}/edit")] {
        assert_eq!(operator.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(operator.post(&resume, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        operator.post(&resume, &[]).await.status,
        StatusCode::CONFLICT,
        "it is not parked any more"
    );
}

#[tokio::test]
async fn an_order_goes_on_when_the_last_question_is_accepted() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    let person = desk.sign_in("nw-operator").await;
    let order = format!("/admin/orders/{}", seeded.held);
    let open = |page: &str| -> Vec<String> {
        page.match_indices("id=\"hold-")
            .map(|(at, mark)| page[at + mark.len()..][..36].to_owned())
            .collect()
    };
    let state = async || {
        let (tenant, id) = (seeded.tenant, seeded.held);
        let read = async |tx: &mut store::Tx| store::order::find(tx, tenant, id).await;
        desk.gateway.store.read(read).await.unwrap().unwrap().state
    };
    let exceptions = open(&person.page(&order).await);
    assert_eq!(exceptions.len(), 2);
    for (at, exception) in exceptions.iter().enumerate() {
        assert_eq!(state().await, OrderState::Held, "before decision {at}");
        let form = [
            ("exception", exception.as_str()),
            ("verdict", "accept"),
            ("remark", HOSTILE),
        ];
        let answer = person.post(&format!("{order}/resolve"), &form).await;
        assert_eq!(answer.location, Some(format!("{order}?done=accepted")));
    }
    assert_eq!(state().await, OrderState::Received);
    let page = person.page(&format!("{order}?done=accepted")).await;
    assert!(open(&page).is_empty() && page.contains("Ada Lovelace"));
}

/// The onboarding journey of an administrator: make, hand over, rotate, suspend.

#[tokio::test]
async fn people_are_added_by_administrators() {
    let (desk, _) = seeded(&Clock::system()).await;
    let person = desk.sign_in("nw-admin").await;
    let mut form = [
        ("name", "Grace Hopper"),
        ("login", "nw-operator"),
        ("role", "viewer"),
        ("password", PASSWORD),
    ];
    let taken = person.post("/admin/staff", &form).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(taken.body.contains("id=\"login-fault\"") && taken.body.contains("value=\"Grace Hopper\""));
    assert!(!taken.body.contains(PASSWORD), "a password is never sent back");
    form[1].1 = "G.Hopper";
    assert_eq!(
        person.post("/admin/staff", &form).await.location.as_deref(),
        Some("/admin/staff?done=added")
    );
    desk.sign_in("g.hopper").await.page("/admin").await;
}

/// A list goes on by the last row above, and a long order by its parts.
#[tokio::test]
async fn long_lists_are_read_in_parts() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    many(&desk.gateway, &seeded, 120, 450).await;
    let person = desk.sign_in("nw-viewer").await;
    let mut path = "/admin/orders".to_owned();
    let mut found = Vec::new();
    for _ in 0..9 {
        let page = person.page(&path).await;
        let rows = page.match_indices("<a class=\"go\" href=\"/admin/orders/");
        found.extend(rows.map(|(at, mark)| page[at + mark.len()..][..36].to_owned()));
        let Some(at) = page.find("rel=\"next\" href=\"") else {
            break;
        };
        path = between(&page[at..], "href=\"", "\"").replace("&#38;", "&");
    }
    let all = found.len();
    found.sort();
    found.dedup();
    assert_eq!((all, found.len()), (126, 126), "each order once");
    let order = format!("/admin/orders/{}", seeded.held);
    let page = person.page(&order).await;
    assert_eq!(page.matches("<tr id=\"line-").count(), 200);
    assert_eq!(page.matches("<td class=\"text\" data-label=\"Change\">").count(), 100);
    assert!(page.contains("352 more lines changed"));
    assert!(page.contains("1 to 200 of 453") && page.contains(&format!("{order}?page=2")));
    let page = person.page(&format!("{order}?lines=differing&page=9")).await;
    assert_eq!(
        page.matches("<tr id=\"line-").count(),
        53,
        "the last part, whatever was asked for"
    );
}

/// Downloads are never shown: not as HTML, not under the sender's name.
#[tokio::test]
async fn bytes_of_others_are_only_kept() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    let person = desk.sign_in("nw-viewer").await;
    for path in [
        format!("/admin/attachments/{}", seeded.attachment),
        format!("/admin/exchanges/{}/raw", seeded.exchange),
    ] {
        let answer = person.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.headers["content-type"], "application/octet-stream");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert!(answer.headers["content-disposition"].starts_with("attachment; filename=\""));
        assert!(!answer.headers["content-disposition"].contains("drawing"));
    }
}

/// The cookie cannot be read by scripts, is sent from our own pages only, and over HTTPS is bound to the host.
#[tokio::test]
async fn the_cookie_of_a_sign_in_is_kept_close() {
    let clock = Clock::system();
    for (address, name, secure) in [
        ("http://localhost:8080", "punchgate-loopback=", false),
        ("https://punchgate.example", "__Host-punchgate=", true),
    ] {
        let desk = Desk::open_as(sqlite(&clock).await, &clock, "127.0.0.1:0", address).await;
        party(&desk.gateway, "nw").await;
        let form = [("login", "nw-viewer"), ("password", PASSWORD)];
        let cookie = desk.post("/admin/sign-in", None, &form).await.cookie.unwrap();
        assert!(cookie.starts_with(name), "{name}");
        let mut attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
        attributes.sort_unstable();
        let expect: &[&str] = match secure {
            true => &["HttpOnly", "Path=/", "SameSite=Strict", "Secure"],
            false => &["HttpOnly", "Path=/", "SameSite=Strict"],
        };
        assert_eq!(attributes, expect);
        let request = desk.client.post(format!("{}/admin/sign-in", desk.base));
        let request = request.header("sec-fetch-site", "cross-site");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body("login=nw-viewer&password=x").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "signed in by another site");
    }
}

#[tokio::test]
async fn guessing_passwords_is_slowed() {
    let clock = Clock::system();
    let desk = Desk::open(sqlite(&clock).await, &clock, "127.0.0.1:0").await;
    party(&desk.gateway, "nw").await;
    let mut statuses = Vec::new();
    for _ in 0..21 {
        let form = [("login", "nobody"), ("password", "wrong")];
        let answer = desk.post("/admin/sign-in", None, &form).await;
        statuses.push(answer.status);
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.headers["retry-after"].parse::<u64>().unwrap() >= 1);
            assert!(answer.body.contains("Too many attempts to sign in"));
        }
    }
    assert_eq!(statuses[0], StatusCode::UNPROCESSABLE_ENTITY);
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS));
}

/// Serves the seeded pages until it is stopped: `PUNCHGATE_TEST_SERVE=127.0.0.1:8091 cargo test --test it -- --ignored
/// pages_to_look_at`; sign in as `nw-admin` with the seeded password.
#[tokio::test]
#[ignore = "serves until it is stopped"]
async fn pages_to_look_at() {
    let clock = Clock::system();
    let bind = std::env::var("PUNCHGATE_TEST_SERVE").unwrap_or_else(|_| "127.0.0.1:8091".to_owned());
    let desk = Desk::open(sqlite(&clock).await, &clock, &bind).await;
    let seeded = seed(&desk.gateway, "nw").await;
    if std::env::var_os("PUNCHGATE_TEST_MANY").is_some() {
        many(&desk.gateway, &seeded, 1_000, 1_000).await;
    }
    println!("{}/admin nw-admin {PASSWORD:?}", desk.base);
    std::future::pending::<()>().await;
}
