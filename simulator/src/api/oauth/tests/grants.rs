//! What each grant gives.

use serde_json::json;

use super::{PASSWORD, USER, at, desk, form, password};
use crate::journal::Condition;
use crate::pipeline::admission::{Challenge, Consent, Found, Grantee};

const REDIRECT: &str = "&redirect_uri=https%3A%2F%2Fclient.test%2Fcallback";

#[test]
fn a_password_gives_both_tokens_and_the_same_ones_again() {
    let desk = desk(&json!({}), &json!({}));
    let first = desk.post(0, &password(PASSWORD));
    assert_eq!(first.status, 200, "{first:?}");
    let keys: Vec<&String> = first.body.as_object().unwrap().keys().collect();
    let documented = [
        "access_token",
        "refresh_token",
        "scope",
        "token_type",
        "expires_in",
    ];
    assert_eq!(keys, documented);
    assert_eq!(first.text("access_token").len(), 86);
    assert_eq!(first.text("refresh_token").len(), 86);
    assert_eq!(first.body["expires_in"], 1799);
    assert_eq!(
        (first.text("scope"), first.text("token_type")),
        ("useraccount".to_owned(), "Bearer".to_owned())
    );

    let second = desk.post(1000, &password(PASSWORD));
    assert_eq!(second.text("access_token"), first.text("access_token"));
    assert_eq!(second.text("refresh_token"), first.text("refresh_token"));
    assert_eq!(second.body["expires_in"], 1799, "it is renewed");
    assert!(second.told.access_token.unwrap().again);
    let third = desk.post(2800, &password(PASSWORD));
    assert_ne!(third.text("access_token"), first.text("access_token"));
    assert_eq!(third.text("refresh_token"), first.text("refresh_token"));
}

#[test]
fn a_password_is_enough_where_basic_credentials_need_a_code() {
    let user = json!({ "roles": ["itil"], "mfa": "required" });
    let desk = desk(&json!({ "users": { USER: user } }), &json!({}));
    assert_eq!(desk.post(0, &password(PASSWORD)).status, 200);
    let with_code = desk.post(1, &password(&format!("{PASSWORD}123456")));
    with_code.is_denied(Condition::PasswordRefused);
}

#[test]
fn a_refresh_gives_an_access_token_and_the_same_refresh_token() {
    let desk = desk(&json!({}), &json!({}));
    let first = desk.post(0, &password(PASSWORD));
    let refresh = form(
        "refresh_token",
        &format!("&refresh_token={}", first.text("refresh_token")),
    );
    let second = desk.post(60, &refresh);
    assert_eq!(
        (second.status, second.body["expires_in"].as_u64()),
        (200, Some(1799))
    );
    assert_ne!(second.text("access_token"), first.text("access_token"));
    assert_eq!(second.text("refresh_token"), first.text("refresh_token"));
    assert_eq!(second.told.presented, Some(2));
    assert_eq!(second.told.user.as_deref(), Some(USER));
    let old = desk
        .admission
        .tokens
        .find(&first.text("access_token"), at(61));
    assert!(matches!(old, Found::Alive(_)), "it lives on");
    // Its life is not extended.
    let dead = desk.post(8_640_000, &refresh);
    dead.is_denied(Condition::RefreshTokenExpired);
    assert_eq!(dead.told.presented, Some(2));
}

#[test]
fn client_credentials_stand_for_the_application_user() {
    let property = "glide.oauth.inbound.client.credential.grant_type.enabled";
    let main = json!({ "properties": { property: "true" } });
    let desk = desk(&main, &json!({ "user": "app.user" }));
    let given = desk.post(0, &form("client_credentials", ""));
    assert_eq!(given.status, 200, "{given:?}");
    assert!(given.body.get("refresh_token").is_none());
    assert_eq!(given.told.user.as_deref(), Some("app.user"));
    assert_eq!(given.told.client.as_deref(), Some("app"));
    let Found::Alive(token) = desk
        .admission
        .tokens
        .find(&given.text("access_token"), at(1))
    else {
        panic!("it lives");
    };
    assert_eq!(token.grantee.user, "app.user");
}

#[test]
fn lifetimes_are_those_of_the_application() {
    let client = json!({
        "access_token_lifetime": "1800s as 3s", "refresh_token_lifetime": "8640000s as 10s"
    });
    let desk = desk(&json!({}), &client);
    let given = desk.post(0, &password(PASSWORD));
    assert_eq!(given.body["expires_in"], 2);
    let refresh = form(
        "refresh_token",
        &format!("&refresh_token={}", given.text("refresh_token")),
    );
    assert_eq!(desk.post(9, &refresh).status, 200);
    desk.post(10, &refresh)
        .is_denied(Condition::RefreshTokenExpired);
}

fn consent(client: &str, challenge: Option<Challenge>) -> Consent {
    Consent {
        grantee: Grantee {
            client: client.to_owned(),
            user: USER.to_owned(),
            scope: "useraccount".to_owned(),
        },
        redirect_url: "https://client.test/callback".to_owned(),
        challenge,
    }
}

#[test]
fn a_code_gives_both_tokens_once() {
    let desk = desk(&json!({}), &json!({}));
    let sys_id = desk.policy.oauth_client("c11ent").unwrap().sys_id.clone();
    let code = desk.admission.codes.issue(consent(&sys_id, None), at(0));
    let redeem = form("authorization_code", &format!("&code={code}{REDIRECT}"));
    let given = desk.post(1, &redeem);
    assert_eq!(given.status, 200, "{given:?}");
    assert_eq!(given.text("refresh_token").len(), 86);
    assert_eq!(given.told.user.as_deref(), Some(USER));
    let user_id = desk.policy.user(USER).map(|user| user.sys_id.clone());
    assert_eq!((given.told.code, given.told.user_id), (Some(1), user_id));
    let again = desk.post(2, &redeem);
    assert_eq!(
        (again.told.code, again.told.user_id.as_deref()),
        (Some(1), None)
    );
    assert_eq!(
        (again.status, again.text("error")),
        (401, "invalid_grant".to_owned())
    );
    assert_eq!(again.condition, Some(Condition::CodeRefused));
    let code = desk.admission.codes.issue(consent(&sys_id, None), at(0));
    let elsewhere = desk.post(1, &form("authorization_code", &format!("&code={code}")));
    assert_eq!(elsewhere.condition, Some(Condition::RedirectMismatch));
}

#[test]
fn a_public_client_shows_a_verifier_and_no_secret() {
    let desk = desk(&json!({}), &json!({ "public_client": true }));
    let sys_id = desk.policy.oauth_client("c11ent").unwrap().sys_id.clone();
    let challenge = Challenge::of(Some("plain"), "verifier");
    let redeem = |challenge, verifier: &str| {
        let code = desk
            .admission
            .codes
            .issue(consent(&sys_id, challenge), at(0));
        let form = format!(
            "grant_type=authorization_code&client_id=c11ent&code={code}{REDIRECT}{verifier}"
        );
        desk.post(1, &form)
    };
    let given = redeem(challenge.clone(), "&code_verifier=verifier");
    assert_eq!(given.status, 200, "{given:?}");
    assert!(given.body.get("refresh_token").is_none());
    for (challenge, verifier) in [(challenge, ""), (None, "")] {
        let refused = redeem(challenge, verifier);
        assert_eq!(refused.condition, Some(Condition::CodeVerifierRefused));
    }
    let refused = desk.post(1, &password(PASSWORD));
    refused.is_denied(Condition::GrantNotEnabled);
}
