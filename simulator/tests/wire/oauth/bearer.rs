//! Tokens in the place of credentials: dead ones, scopes, and sessions that outlive them.

use serde_json::json;
use snowproof_simulator::journal::{Condition, TokenEnd};

use super::{ACCESS, REFRESH, bearer_of, ends, finished, met, post, refresh, start, text};
use crate::client::Answer;
use crate::stage::{self, LIST, requests};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_tokens_look_alike_and_the_journal_tells_them_apart() {
    for (state, condition) in [
        ("expired", Condition::AccessTokenExpired),
        ("revoked", Condition::AccessTokenRevoked),
        ("absent", Condition::AccessTokenUnknown),
    ] {
        let client = json!({ "access_token": state });
        let running = start(json!({}), client, json!({})).await;
        let mut client = stage::secure(&running).await;
        let refused = client.get(LIST, &bearer_of(ACCESS)).await;
        assert_eq!(refused.status, 401);
        let challenge = refused.header("WWW-Authenticate");
        assert_eq!(challenge, Some("BEARER realm=\"Service-now\""));
        let detail = &refused.json()["error"]["detail"];
        assert_eq!(detail, "Required to provide Auth information");
        let entries = finished(running).await;
        let setup = Some("Setup".to_owned());
        assert_eq!(met(&entries), [(Some(condition), setup)], "{state}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_tokens_work_and_a_refresh_token_is_no_access_token() {
    let client = json!({ "access_token": "valid", "refresh_token": "valid" });
    let running = start(json!({}), client, json!({})).await;
    let mut client = stage::secure(&running).await;
    assert_eq!(client.get(LIST, &bearer_of(ACCESS)).await.status, 200);
    assert_eq!(client.get(LIST, &bearer_of(REFRESH)).await.status, 401);
    let fresh = post(&mut client, &refresh(REFRESH)).await;
    assert_eq!(text(&fresh, "refresh_token"), REFRESH);
    let fresh = bearer_of(&text(&fresh, "access_token"));
    assert_eq!(
        client
            .get(LIST, &fresh.to_uppercase().replace("BEARER", "bearer"))
            .await
            .status,
        401
    );
    assert_eq!(client.get(LIST, &fresh).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_that_reaches_nothing_is_a_403_on_every_api() {
    for client in [
        json!({ "access_token": "valid", "scope_restriction": "securely_scoped" }),
        json!({ "access_token": "valid", "scopes": ["incident_read"] }),
    ] {
        let running = start(json!({}), client, json!({})).await;
        let mut client = stage::secure(&running).await;
        for path in [
            LIST,
            "/api/now/stats/incident?sysparm_count=true",
            "/api/now/attachment",
        ] {
            let refused = client.get(path, &bearer_of(ACCESS)).await;
            assert_eq!(refused.status, 403);
            let error = &refused.json()["error"];
            assert_eq!(error["message"], "User Not Authorized");
            assert_eq!(error["detail"], "Access to unscoped api is not allowed");
        }
        let basic = client.get(LIST, &stage::credentials()).await;
        assert_eq!(basic.status, 200, "it is the token's, not the user's");
        let entries = finished(running).await;
        assert_eq!(met(&entries)[0].0, Some(Condition::ScopeRefused));
        assert_eq!(requests(&entries)[0].decision.stage, "oauth_scope");
    }
    let property = "glide.security.oauth_allow_unscoped_clients";
    let main = json!({ "properties": { property: "true" } });
    let client = json!({ "access_token": "valid", "scopes": ["incident_read"] });
    let running = start(main, client, json!({})).await;
    let mut client = stage::secure(&running).await;
    assert_eq!(client.get(LIST, &bearer_of(ACCESS)).await.status, 200);
}

/// The session's cookie, as a jar would send it back.
pub(super) fn cookie(answer: &Answer) -> String {
    let mut lines = answer.head.lines();
    let set = lines.find_map(|line| line.strip_prefix("Set-Cookie: JSESSIONID="));
    let id = set.unwrap().split(';').next().unwrap();
    format!("Cookie: JSESSIONID={id}\r\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_hides_the_end_of_a_token_unless_a_property_forbids_it() {
    let property = "glide.authenticate.oauth.post.token.expiration.cookie_auth.disabled";
    for (disabled, expected) in [("false", 200), ("true", 401)] {
        let main = json!({ "properties": { property: disabled } });
        let given = json!({ "access_token": "valid" });
        let running = start(main, given, json!({})).await;
        let mut client = stage::secure(&running).await;
        let first = client.get(LIST, &bearer_of(ACCESS)).await;
        let cookie = cookie(&first);
        let revoke = format!("/oauth_revoke_token.do?token={ACCESS}");
        let revoked = client.get(&revoke, "").await;
        assert_eq!((revoked.status, revoked.body.len()), (200, 0));
        let both = format!("{}{cookie}", bearer_of(ACCESS));
        assert_eq!(client.get(LIST, &both).await.status, expected, "{disabled}");
        assert_eq!(
            client.get(LIST, &cookie).await.status,
            expected,
            "{disabled}"
        );
        assert_eq!(client.get(LIST, &bearer_of(ACCESS)).await.status, 401);
        let entries = finished(running).await;
        assert_eq!(ends(&entries), [(1, TokenEnd::Revoked, Some(2))]);
        let last = met(&entries).pop().unwrap();
        let hand = Some("Hand".to_owned());
        assert_eq!(last, (Some(Condition::AccessTokenRevoked), hand));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_of_a_token_must_still_be_let_in() {
    for (user, condition) in [
        (
            json!({ "roles": ["itil"], "active": false }),
            Condition::AccountInactive,
        ),
        (
            json!({ "roles": ["itil"], "locked_out": true }),
            Condition::AccountLocked,
        ),
    ] {
        let main = json!({ "users": { stage::USER: user } });
        let running = start(main, json!({ "access_token": "valid" }), json!({})).await;
        let mut client = stage::secure(&running).await;
        assert_eq!(client.get(LIST, &bearer_of(ACCESS)).await.status, 401);
        let entries = finished(running).await;
        assert_eq!(met(&entries)[0].0, Some(condition));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_by_cookie_alone_does_not_outlive_the_token_where_a_property_forbids_it() {
    let property = "glide.authenticate.oauth.post.token.expiration.cookie_auth.disabled";
    let main = json!({ "properties": { property: "true" } });
    let running = start(main, json!({ "access_token": "valid" }), json!({})).await;
    let mut client = stage::secure(&running).await;
    let cookie = cookie(&client.get(LIST, &bearer_of(ACCESS)).await);
    assert_eq!(client.get(LIST, &cookie).await.status, 200);
    let revoke = format!("/oauth_revoke_token.do?token={ACCESS}");
    assert_eq!(client.get(&revoke, "").await.status, 200);
    assert_eq!(client.get(LIST, &cookie).await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_token_is_what_is_wrong_where_the_session_does_not_do() {
    let running = start(json!({}), json!({ "access_token": "valid" }), json!({})).await;
    let mut client = stage::secure(&running).await;
    let cookie = cookie(&client.get(LIST, &bearer_of(ACCESS)).await);
    let revoke = format!("/oauth_revoke_token.do?token={ACCESS}");
    assert_eq!(client.get(&revoke, "").await.status, 200);
    let both = format!(
        "{}{cookie}Content-Type: application/json\r\n",
        bearer_of(ACCESS)
    );
    client.send("POST", LIST, &both, "{}").await;
    assert_eq!(client.answer().await.unwrap().status, 401);
    let last = met(&finished(running).await).pop().unwrap();
    assert_eq!(last.0, Some(Condition::AccessTokenRevoked));
}
