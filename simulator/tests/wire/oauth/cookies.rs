//! What the cookie of a token's session opens: no more than the token did.

use serde_json::json;
use snowproof_simulator::journal::Condition;

use super::bearer::cookie;
use super::{ACCESS, bearer_of, finished, met, start};
use crate::stage::{self, LIST, credentials};

const STATS: &str = "/api/now/stats/incident?sysparm_count=true";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_of_a_scope_s_refusal_opens_nothing() {
    let restricted = json!({ "access_token": "valid", "scopes": ["incident_read"] });
    let running = start(json!({}), restricted, json!({})).await;
    let mut client = stage::secure(&running).await;
    let refused = client.get(LIST, &bearer_of(ACCESS)).await;
    let cookie = cookie(&refused);
    for target in [LIST, STATS] {
        let refused = client.get(target, &cookie).await;
        assert_eq!(refused.status, 403, "{target}");
        let detail = &refused.json()["error"]["detail"];
        assert_eq!(detail, "Access to unscoped api is not allowed");
    }
    // The session's own token does not help.
    client.send("POST", LIST, &cookie, "{}").await;
    let challenged = client.answer().await.unwrap();
    let token = challenged.header("X-UserToken-Response").unwrap();
    let shown = format!("{cookie}X-UserToken: {token}\r\n");
    client.send("POST", LIST, &shown, "{}").await;
    assert_eq!(client.answer().await.unwrap().status, 403);
    // Nor does the end of the token.
    let revoke = format!("/oauth_revoke_token.do?token={ACCESS}");
    assert_eq!(client.get(&revoke, "").await.status, 200);
    let both = format!("{}{cookie}", bearer_of(ACCESS));
    assert_eq!(client.get(LIST, &both).await.status, 403);
    assert_eq!(client.get(LIST, &cookie).await.status, 403);
    // Who shows a password in the session takes it.
    let own = format!("{}{cookie}", credentials());
    assert_eq!(client.get(LIST, &own).await.status, 200);
    assert_eq!(client.get(LIST, &cookie).await.status, 200);
    let met = met(&finished(running).await);
    let refusals = met.iter().map(|(condition, _)| *condition);
    let refusals = refusals.filter(|condition| *condition == Some(Condition::ScopeRefused));
    assert_eq!(refusals.count(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_s_session_logs_nobody_in() {
    let running = start(json!({}), json!({ "access_token": "valid" }), json!({})).await;
    let mut client = stage::secure(&running).await;
    let cookie = cookie(&client.get(LIST, &bearer_of(ACCESS)).await);
    assert_eq!(client.get(LIST, &cookie).await.status, 200);
    let page = client.get("/navpage.do", &cookie).await;
    assert!(page.text().contains("user_password"), "{}", page.text());
    assert_eq!(page.header("X-Is-Logged-In"), Some("false"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_s_session_stands_in_for_no_dead_token() {
    let given = json!({ "access_token": "expired" });
    let running = start(json!({}), given, json!({})).await;
    let mut client = stage::secure(&running).await;
    let cookie = cookie(&client.get(LIST, &credentials()).await);
    let both = format!("{}{cookie}", bearer_of(ACCESS));
    assert_eq!(client.get(LIST, &both).await.status, 401);
    assert_eq!(client.get(LIST, &cookie).await.status, 200);
    let met = met(&finished(running).await);
    assert_eq!(met[1].0, Some(Condition::AccessTokenExpired));
}
