//! Programs in the admin pages: made, their token shown once, revoked; and what is written down of it.

use punchgate::clock::Clock;
use reqwest::StatusCode;

use crate::admin_seed::party;
use crate::support_desk::{Desk, between};
use crate::support_store::stores;

#[tokio::test]
async fn a_program_is_made_its_token_shown_once_and_revoked() {
    let clock = Clock::system();
    for store in stores(&clock).await {
        let desk = Desk::open(store, &clock, "127.0.0.1:0").await;
        let (tenant_id, ..) = party(&desk.gateway, "nw").await;
        let person = desk.sign_in("nw-admin").await;
        let empty = person.page("/admin/programs").await;
        assert!(empty.contains("No program has a token yet.") && empty.contains("name=\"changes:read\""));
        let id = between(&empty, "name=\"id\" value=\"", "\"").to_owned();
        let mut form = vec![("id", id.as_str()), ("name", " "), ("days", "90")];
        let wrong = person.post("/admin/programs", &form).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("id=\"name-fault\"") && wrong.body.contains("id=\"scopes-fault\""));
        assert!(wrong.body.contains(&format!("value=\"{id}\"")) && !wrong.body.contains("pgt_A"));
        form[1].1 = "Platform <i>";
        form.push(("changes:read", "yes"));
        let made = person.post("/admin/programs", &form).await;
        assert_eq!(made.status, StatusCode::OK);
        assert_eq!(made.headers["cache-control"], "no-store");
        let token = between(&made.body, "<span class=\"ident\"><code>", "<").to_owned();
        assert!(token.starts_with("pgt_") && token.len() == 90, "{token}");
        assert!(made.body.contains("Platform &#60;i&#62;"));
        let again = person.post("/admin/programs", &form).await;
        assert_eq!(
            again.status,
            StatusCode::CONFLICT,
            "a form that is sent twice makes one program"
        );

        let page = person.page("/admin/programs").await;
        let hint = &token[token.len() - 4..];
        assert!(!page.contains(&token) && page.contains(&format!("ends in <code>{hint}</code>")));
        assert!(page.contains("never") && page.contains("changes:read") && page.contains("by "));
        let ask = async || {
            let request = desk.client.get(format!("{}/api/v1/changes", desk.base));
            request.bearer_auth(&token).send().await.unwrap().status()
        };
        assert_eq!(ask().await, StatusCode::OK);
        let viewer = desk.sign_in("nw-viewer").await;
        let seen = viewer.page("/admin/programs").await;
        assert!(seen.contains("Platform &#60;i&#62;") && !seen.contains("Revoke") && !seen.contains("Make a program"));
        let revoke = format!("/admin/programs/{id}/revoke");
        assert_eq!(viewer.post(&revoke, &[]).await.status, StatusCode::FORBIDDEN);
        assert_eq!(ask().await, StatusCode::OK);
        for _ in 0..2 {
            let revoked = person.post(&revoke, &[]).await;
            assert_eq!(revoked.location.as_deref(), Some("/admin/programs?done=revoked"));
        }
        assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
        let page = person.page("/admin/programs?done=revoked").await;
        assert!(page.contains("Revoked.") && !page.contains("Revoke it now"));
        assert!(person.page("/admin/security").await.contains("token was revoked"));
        let read =
            async |tx: &mut punchgate::store::Tx| punchgate::store::staff::audit(tx, tenant_id, Some(&id), 10).await;
        let audit = desk.gateway.store.read(read).await.unwrap();
        let deeds: Vec<&str> = audit.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(deeds, ["program.revoke", "program.create"]);
        assert!(!audit[1].detail.to_string().contains(&token[50..]));
        assert_eq!(audit[1].detail["scopes"], serde_json::json!(["changes:read"]));
    }
}
