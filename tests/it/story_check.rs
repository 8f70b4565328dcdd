//! The checker through real HTTP: the page, the address for programs, and the page of a document.

use serde_json::Value;

use crate::support::{Answer, Letter, SECRET, Stand, operator, setup, stands, stands_with};

/// A document with mistakes, and a secret that must not be shown.
const BROKEN: &str = include_str!("../../templates/admin/broken.xml");

/// The secret in it.
const HUSH: &str = "hush-hush";

/// The cookie of a person who signed in.
async fn sign_in(stand: &Stand) -> String {
    operator(stand).await;
    let form = [("login", "ann"), ("password", "long enough to be one")];
    let answer = stand.submit("/admin/sign-in", &form).await;
    let cookie = answer
        .header("set-cookie")
        .unwrap_or_else(|| panic!("{}", answer.text()));
    cookie.split(';').next().unwrap().to_owned()
}

async fn ask(stand: &Stand, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: gate.example\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        body.len()
    );
    stand.raw(&[head.as_bytes(), body].concat()).await
}

async fn validate(stand: &Stand, cookie: &str, content_type: &str, body: &[u8]) -> Answer {
    let headers = [("Cookie", cookie), ("Content-Type", content_type)];
    ask(stand, "POST", "/api/v1/validate", &headers, body).await
}

fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{} {}", answer.status, answer.text()))
}

/// A form as a browser sends it.
fn form(fields: &[(&str, Option<&str>, &str)]) -> (String, Vec<u8>) {
    let mut body = String::new();
    for (name, file, value) in fields {
        let file = file
            .map(|file| format!("; filename=\"{file}\"\r\nContent-Type: text/xml"))
            .unwrap_or_default();
        body.push_str(&format!(
            "--x1y2\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str("--x1y2--\r\n");
    ("multipart/form-data; boundary=x1y2".to_owned(), body.into_bytes())
}

#[tokio::test]
async fn a_program_gets_the_report_of_the_command_line() {
    for stand in stands().await {
        let cookie = sign_in(&stand).await;
        let before = stand.traces().await;
        let answer = validate(&stand, &cookie, "text/xml; charset=UTF-8", BROKEN.as_bytes()).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("application/json"))
        );
        let report = json(&answer);
        assert_eq!(report["type"], "PunchOutSetupRequest");
        assert_eq!(
            (&report["well_formed"], &report["valid"]),
            (&true.into(), &false.into())
        );
        let findings = report["findings"].as_array().unwrap();
        assert_eq!(report["findings_count"], findings.len());
        assert!(
            findings
                .iter()
                .any(|found| found["rule"] == "dtd.element-unknown" && found["line"] == 25),
            "{report}"
        );
        assert!(!answer.text().contains(HUSH));

        let (content_type, body) = form(&[("document", None, ""), ("file", Some("a.xml"), BROKEN)]);
        let uploaded = json(&validate(&stand, &cookie, &content_type, &body).await);
        assert_eq!(
            (&uploaded["file"], &uploaded["findings"]),
            (&"a.xml".into(), &report["findings"])
        );

        let related = format!("--q\r\nContent-Type: text/xml\r\n\r\n{BROKEN}\r\n--q--\r\n");
        let wrapped = validate(&stand, &cookie, "multipart/related; boundary=q", related.as_bytes()).await;
        assert_eq!(json(&wrapped)["findings"], report["findings"]);

        let torn = json(&validate(&stand, &cookie, "text/xml", b"<cXML>\n<a></b>").await);
        assert_eq!(
            (&torn["well_formed"], &torn["findings"][0]["line"]),
            (&false.into(), &2.into())
        );
        assert_eq!(stand.traces().await, before, "nothing is kept");
        assert!(!stand.database_has(HUSH).await && !stand.database_has("c64af92dc27e68172e030d3dfd1bc944").await);
    }
}

#[tokio::test]
async fn what_is_no_document_is_a_problem() {
    let stands = stands_with(|config| config.limits.document_bytes_max = 100_000).await;
    let stand = &stands[0];
    let cookie = sign_in(stand).await;
    let large = vec![b' '; 100_001];
    let foreign = [
        ("Cookie", cookie.as_str()),
        ("Sec-Fetch-Site", "cross-site"),
        ("Content-Type", "text/xml"),
    ];
    for (answer, status) in [
        (validate(stand, "a=b", "text/xml", BROKEN.as_bytes()).await, 401),
        (
            ask(stand, "POST", "/api/v1/validate", &foreign, BROKEN.as_bytes()).await,
            403,
        ),
        (validate(stand, &cookie, "text/xml", b"").await, 400),
        (
            validate(stand, &cookie, "multipart/form-data", BROKEN.as_bytes()).await,
            400,
        ),
        (validate(stand, &cookie, "text/xml", &large).await, 413),
    ] {
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let problem = json(&answer);
        assert_eq!(problem["status"], status);
        assert!(
            problem["title"].as_str().is_some_and(|title| !title.is_empty()),
            "{problem}"
        );
        assert!(
            problem["detail"].as_str().is_some_and(|detail| detail.len() > 10),
            "{problem}"
        );
    }
    let mut statuses = Vec::new();
    for _ in 0..70 {
        statuses.push(validate(stand, &cookie, "text/xml", b"<a/>").await);
    }
    let last = statuses.last().unwrap();
    assert_eq!(last.status, 429, "a person checks so many a minute");
    assert!(last.header("retry-after").is_some());
    assert!(statuses.iter().filter(|answer| answer.status == 200).count() >= 59);
}

#[tokio::test]
async fn a_person_sees_findings_beside_the_text() {
    for stand in stands().await {
        let cookie = sign_in(&stand).await;
        let headers = [("Cookie", cookie.as_str())];
        let get = async |path: &str| ask(&stand, "GET", path, &headers, b"").await;
        let empty = get("/admin/check").await;
        assert_eq!(empty.status, 200);
        assert!(empty.text().contains("Try an example") && !empty.text().contains("id=\"findings\""));
        let code = empty.input("csrf").unwrap();

        let post = async |fields: &[(&str, Option<&str>, &str)]| {
            let (content_type, body) = form(fields);
            let headers = [("Cookie", cookie.as_str()), ("Content-Type", content_type.as_str())];
            ask(&stand, "POST", "/admin/check", &headers, &body).await
        };
        let pasted = post(&[
            ("csrf", None, &code),
            ("document", None, BROKEN),
            ("file", Some(""), ""),
        ])
        .await;
        let example = get("/admin/check?example").await;
        let file = post(&[
            ("csrf", None, &code),
            ("document", None, ""),
            ("file", Some("a<b>.xml"), BROKEN),
        ])
        .await;
        for answer in [&pasted, &example, &file] {
            let page = answer.text();
            assert_eq!(answer.status, 200, "{page}");
            assert!(
                page.contains("Not valid") && page.contains("dtd.element-unknown"),
                "{page}"
            );
            assert!(
                page.contains("href=\"#line-25\"") && page.contains("id=\"line-25\""),
                "{page}"
            );
            assert!(page.contains("<mark>&#60;Url&#62;</mark>"), "{page}");
            assert!(!page.contains(HUSH), "the secret is masked");
            assert_eq!(page.matches("<h1").count(), 1);
        }
        assert!(file.text().contains("a&#60;b&#62;.xml"));

        let nothing = post(&[
            ("csrf", None, &code),
            ("document", None, " \r\n"),
            ("file", Some(""), ""),
        ])
        .await;
        assert_eq!(nothing.status, 422);
        assert!(nothing.text().contains("Paste a document, or choose a file."));
        assert_eq!(
            post(&[("csrf", None, "wrong"), ("document", None, BROKEN)])
                .await
                .status,
            403
        );
        assert_eq!(ask(&stand, "GET", "/admin/check", &[], b"").await.status, 303);
        assert!(!stand.database_has(HUSH).await);
    }
}

#[tokio::test]
async fn a_received_document_is_checked_again() {
    for stand in stands().await {
        let cookie = sign_in(&stand).await;
        let headers = [("Cookie", cookie.as_str())];
        let get = async |path: &str| ask(&stand, "GET", path, &headers, b"").await.text();
        let request = setup("create", "c", "https://buyer.example/back", "");
        let request = request.replace("<BuyerCookie>", "<Unheard/>\n<BuyerCookie>");
        let document = Letter::of("plain", "1@b", &request).text();
        assert_eq!(stand.post(&document).await.code(), 200);
        let list = get("/admin/exchanges").await;
        let at = list.find("/admin/exchanges/0").unwrap();
        let path = &list[at..at + list[at..].find('"').unwrap()];
        let page = get(path).await;
        assert_eq!(page.matches("dtd.element-unknown").count(), 1, "said once: {page}");
        assert!(
            !page.contains("document.form") && page.contains("<mark>&#60;Unheard/&#62;</mark>"),
            "{page}"
        );
        let id = path.rsplit('/').next().unwrap();
        let check = format!("/admin/check?document={id}");
        assert!(page.contains(&check));
        let again = get(&check).await;
        assert!(
            again.contains("<mark>&#60;Unheard/&#62;</mark>") && again.contains("1@b"),
            "{again}"
        );
        assert!(!page.contains(SECRET) && !again.contains(SECRET));
        assert_eq!(
            ask(&stand, "GET", "/admin/check?document=x", &headers, b"")
                .await
                .status,
            404
        );
    }
}
