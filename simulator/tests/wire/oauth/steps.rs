//! Steps that end tokens, change secrets and switch applications off while they are in use.

use serde_json::json;
use snowproof_simulator::journal::{Condition, TokenEnd};

use super::{ACCESS, REFRESH, bearer_of, ends, finished, met, post, refresh, start, text};
use crate::stage::{self, LIST};

fn step(name: &str) -> Option<String> {
    Some(format!("Step({name:?})"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_that_a_request_shows_is_revoked_before_it_is_decided() {
    let steps = json!({
        "dies": {
            "when": { "read": "cmdb_ci_server", "nth": 2 },
            "do": [{ "revoke_access_token": "presented" }],
        },
    });
    let given = json!({ "access_token": "valid", "refresh_token": "valid" });
    let running = start(json!({}), given, steps).await;
    let mut client = stage::secure(&running).await;
    assert_eq!(client.get(LIST, &bearer_of(ACCESS)).await.status, 200);
    assert_eq!(client.get(LIST, &bearer_of(ACCESS)).await.status, 401);
    let fresh = post(&mut client, &refresh(REFRESH)).await;
    let fresh = bearer_of(&text(&fresh, "access_token"));
    assert_eq!(client.get(LIST, &fresh).await.status, 200);
    let entries = finished(running).await;
    assert_eq!(ends(&entries), [(1, TokenEnd::Revoked, None)]);
    let refused = met(&entries).remove(1);
    assert_eq!(refused, (Some(Condition::AccessTokenRevoked), step("dies")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_secrets_and_applications_end_in_use() {
    for (action, at_api, at_endpoint) in [
        (
            json!("expire_access_tokens"),
            Some(Condition::AccessTokenExpired),
            None,
        ),
        (
            json!({ "revoke_access_token": "Sync.User" }),
            Some(Condition::AccessTokenRevoked),
            None,
        ),
        (
            json!("revoke_refresh_token"),
            None,
            Some(Condition::RefreshTokenRevoked),
        ),
        (
            json!({ "regenerate_client_secret": "app" }),
            None,
            Some(Condition::ClientSecretRefused),
        ),
        (
            json!({ "deactivate_oauth_client": "app" }),
            Some(Condition::ClientInactive),
            Some(Condition::ClientInactive),
        ),
    ] {
        let steps = json!({
            "ends": { "when": { "request": "*", "nth": 2 }, "do": [action] },
        });
        let given = json!({ "access_token": "valid", "refresh_token": "valid" });
        let running = start(json!({}), given, steps).await;
        let mut client = stage::secure(&running).await;
        assert_eq!(client.get(LIST, &bearer_of(ACCESS)).await.status, 200);
        let called = client.get(LIST, &bearer_of(ACCESS)).await;
        assert_eq!(called.status == 401, at_api.is_some(), "{action}");
        let refreshed = post(&mut client, &refresh(REFRESH)).await;
        assert_eq!(refreshed.status == 401, at_endpoint.is_some(), "{action}");
        let entries = finished(running).await;
        let met = met(&entries);
        for (index, condition) in [(1, at_api), (2, at_endpoint)] {
            if condition.is_some() {
                assert_eq!(met[index], (condition, step("ends")), "{action}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_that_is_active_again_is_put_down_to_who_made_it_so() {
    let steps = json!({
        "heals": {
            "when": { "request": "*", "nth": 2 }, "do": [{ "activate_oauth_client": "app" }],
        },
    });
    let given = json!({ "active": false, "access_token": "valid" });
    let running = start(json!({}), given, steps).await;
    let mut client = stage::secure(&running).await;
    assert_eq!(client.get(LIST, &bearer_of(ACCESS)).await.status, 401);
    assert_eq!(client.get(LIST, &bearer_of(ACCESS)).await.status, 200);
    let entries = finished(running).await;
    assert_eq!(met(&entries)[1], (None, step("heals")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_life_that_is_over_ends_a_token_by_itself() {
    let client = json!({ "access_token": "valid", "access_token_lifetime": "1800s as 50ms" });
    let running = start(json!({}), client, json!({})).await;
    let mut client = stage::secure(&running).await;
    let mut tries = 0;
    while client.get(LIST, &bearer_of(ACCESS)).await.status == 200 {
        tries += 1;
        assert!(tries < 10_000, "it never ends");
    }
    let entries = finished(running).await;
    let last = met(&entries).pop().unwrap();
    let setup = Some("Setup".to_owned());
    assert_eq!(last, (Some(Condition::AccessTokenExpired), setup));
    assert_eq!(ends(&entries), []);
}
