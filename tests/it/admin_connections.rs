//! Connections in the admin pages: made, changed, suspended, their secrets rotated, strangers bound to them.

use punchgate::clock::Clock;
use punchgate::domain::party::ConnectionState;

use reqwest::StatusCode;

use crate::admin_seed::party;
use crate::support_desk::{Desk, Person, between, seeded};
use crate::support_store::stores;

#[tokio::test]
async fn a_connection_is_made_changed_and_its_secret_rotated() {
    let clock = Clock::system();
    for store in stores(&clock).await {
        let desk = Desk::open(store, &clock, "127.0.0.1:0").await;
        party(&desk.gateway, "nw").await;
        let person = desk.sign_in("nw-admin").await;
        let form_page = person.page("/admin/connections/new").await;
        let seen = between(&form_page, "name=\"seen\" value=\"", "\"").to_owned();
        let mut form = vec![
            ("seen", seen.as_str()),
            ("buyer", ""),
            ("buyer_name", "Initech"),
            ("name", "Initech (Coupa)"),
            ("profile", "coupa"),
            ("mode", "test"),
            ("account", "C-2002"),
            ("from", "DUNS 987654321"),
            ("sender", "nonsense"),
            ("return_hosts", "https://not.a.host/"),
        ];
        let answer = person.post("/admin/connections", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        for kept in [
            "value=\"Initech (Coupa)\"",
            ">DUNS 987654321</textarea>",
            ">nonsense</textarea>",
        ] {
            assert!(answer.body.contains(kept), "{kept} is lost");
        }
        for fault in ["id=\"sender-fault\"", "id=\"return_hosts-fault\""] {
            assert!(answer.body.contains(fault), "{fault} is missing");
        }
        form[8].1 = "DUNS 987654321";
        form[9].1 = "*.coupahost.com";
        let answer = person.post("/admin/connections", &form).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let secret = between(&answer.body, "shown this once", "data-done");
        let secret = between(secret, "<code>", "</code>").to_owned();
        assert_eq!(secret.len(), 32);
        assert_eq!(
            person.post("/admin/connections", &form).await.status,
            StatusCode::CONFLICT,
            "sent twice"
        );
        let directory = desk.gateway.directory();
        let known = directory
            .connections()
            .find(|known| known.connection.name == "Initech (Coupa)");
        let known = known.unwrap();
        assert!(
            desk.gateway
                .keys
                .matches(secret.as_bytes(), &known.secrets[0].keyed_hash)
        );
        let path = format!("/admin/connections/{}", known.connection.id);
        let page = person.page(&path).await;
        assert!(!page.contains(&secret), "shown once only");
        assert!(page.contains(&format!("ends in <code>{}</code>", &secret[28..])));

        rotate(&desk, &person, &path).await;
        change_and_suspend(&desk, &person, &path).await;
    }
}

async fn rotate(desk: &Desk, person: &Person<'_>, path: &str) {
    let page = person.page(path).await;
    let seen = between(&page, "name=\"seen\" value=\"", "\"").to_owned();
    let first = between(&page, "/secrets/", "/end").to_owned();
    let issue = format!("{path}/secrets");
    let form = [
        ("seen", seen.as_str()),
        ("kind", "shared_secret"),
        ("secret", "brought-by-the-buyer"),
    ];
    let short = [form[0], form[1], ("secret", "short")];
    assert!(person.post(&issue, &short).await.body.contains("No secret was given."));
    let answer = person.post(&issue, &form).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.body.contains("brought-by-the-buyer"));
    assert_eq!(
        person.post(&issue, &form).await.status,
        StatusCode::CONFLICT,
        "sent twice"
    );
    assert!(answer.body.contains("ends in <code>uyer</code>"));
    let end = format!("{path}/secrets/{first}/end");
    let later = person.post(&end, &[("when", "later")]).await;
    assert_eq!(later.location, Some(format!("{path}?done=ended")));
    assert_eq!(
        person.post(&end, &[("when", "later")]).await.status,
        StatusCode::CONFLICT,
        "never put off"
    );
    let wrong = person.post(&end, &[("when", "now"), ("confirm", "Globex")]).await;
    assert!(wrong.body.contains("The secret stays valid."));
    let now = person
        .post(&end, &[("when", "now"), ("confirm", "Initech (Coupa)")])
        .await;
    assert_eq!(now.location, Some(format!("{path}?done=ended")));
    let directory = desk.gateway.directory();
    let known = directory
        .connections()
        .find(|known| path.ends_with(&known.connection.id.to_string()));
    let now = desk.gateway.clock.now();
    let valid = known
        .unwrap()
        .secrets
        .iter()
        .filter(|secret| secret.is_valid_at(now))
        .count();
    assert_eq!(valid, 1);
}

async fn change_and_suspend(desk: &Desk, person: &Person<'_>, path: &str) {
    let known = || {
        let directory = desk.gateway.directory();
        let found = directory
            .connections()
            .find(|known| path.ends_with(&known.connection.id.to_string()));
        found.unwrap().clone()
    };
    let mut form = vec![
        ("name", "Initech (Coupa)"),
        ("account", "C-3003"),
        ("from", "DUNS 987654321\nNetworkID AN05"),
        ("sender", "DUNS 987654321"),
        ("return_hosts", "*.coupahost.com\nbuyer.initech.example"),
        ("start_seconds", "soon"),
    ];
    let edit = format!("{path}/edit");
    let answer = person.post(&edit, &form).await;
    assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains("id=\"start_seconds-fault\""));
    form[5].1 = "120";
    assert_eq!(
        person.post(&edit, &form).await.location,
        Some(format!("{path}?done=changed"))
    );
    let now = known();
    assert_eq!((now.settings.start_seconds, now.settings.return_hosts.len()), (120, 2));
    assert_eq!(now.connection.account_code, "C-3003");
    assert_eq!(
        now.settings.cxml_version, "1.2.023",
        "what the form does not name stays the profile's"
    );
    let page = person.page(path).await;
    assert!(page.contains("Account: C-2002 → C-3003") && page.contains("AN05"));
    for (word, state) in [
        ("suspended", ConnectionState::Suspended),
        ("active", ConnectionState::Active),
    ] {
        let answer = person.post(&format!("{path}/state"), &[("state", word)]).await;
        assert_eq!(answer.location, Some(format!("{path}?done={word}")));
        assert_eq!(known().connection.state, state);
    }
}

/// A stranger's order waits, is bound and replayed by a person, and is an order like any other.
#[tokio::test]
async fn a_document_in_quarantine_is_bound_and_replayed() {
    let (desk, seeded) = seeded(&Clock::system()).await;
    let strange = STRANGE_ORDER.replace("IDENTITY", "AN77000000077");
    let request = desk.client.post(format!("{}/cxml", desk.base));
    let answer = request
        .header("content-type", "text/xml")
        .body(strange.clone())
        .send()
        .await
        .unwrap();
    let answer = answer.text().await.unwrap();
    assert!(answer.contains("code=\"401\""), "{answer}");
    let reference = between(&answer, "Reference ", ".").to_owned();
    let person = desk.sign_in("nw-operator").await;
    let found = person.page(&format!("/admin/search?q={reference}")).await;
    let path = format!("/admin/quarantine/{reference}");
    assert!(found.contains(&path));
    let page = person.page(&path).await;
    assert!(page.contains("AN77000000077") && !page.contains("wrong-secret"));
    let to = seeded.production.to_string();
    let bound = person.post(&format!("{path}/bind"), &[("connection", &to)]).await;
    assert_eq!(bound.location, Some(format!("{path}?done={to}")));
    let replayed = person.post(&format!("{path}/replay"), &[("connection", &to)]).await;
    let exchange = replayed.location.unwrap();
    assert!(exchange.starts_with("/admin/exchanges/"), "{exchange}");
    let page = person.page(&exchange).await;
    assert!(page.contains("PO-STRANGE-1") && page.contains("/admin/orders/"));
    let again = person.post(&format!("{path}/replay"), &[("connection", &to)]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(person.page("/admin/connections").await.contains("Globex"));
    // The sender is known now, but its secret still is not.
    let request = desk.client.post(format!("{}/cxml", desk.base));
    let answer = request
        .header("content-type", "text/xml")
        .body(strange)
        .send()
        .await
        .unwrap();
    assert!(answer.text().await.unwrap().contains("code=\"401\""));
}

const STRANGE_ORDER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.069/cXML.dtd">
<cXML payloadID="strange-1@initech.example" timestamp="2026-11-24T08:00:00+00:00">
<Header>
<From><Credential domain="NetworkID"><Identity>IDENTITY</Identity></Credential></From>
<To><Credential domain="NetworkID"><Identity>AN01000000001</Identity></Credential></To>
<Sender><Credential domain="NetworkID"><Identity>IDENTITY</Identity><SharedSecret>wrong-secret</SharedSecret></Credential><UserAgent>x</UserAgent></Sender>
</Header>
<Request deploymentMode="production"><OrderRequest>
<OrderRequestHeader orderID="PO-STRANGE-1" orderDate="2026-11-24T08:00:00+00:00" type="new">
<Total><Money currency="EUR">10.00</Money></Total>
</OrderRequestHeader>
<ItemOut quantity="1" lineNumber="1"><ItemID><SupplierPartID>NW-1</SupplierPartID></ItemID>
<ItemDetail><UnitPrice><Money currency="EUR">10.00</Money></UnitPrice><Description xml:lang="en">Bolt</Description>
<UnitOfMeasure>EA</UnitOfMeasure><Classification domain="UNSPSC">31161500</Classification></ItemDetail></ItemOut>
</OrderRequest></Request></cXML>"#;
