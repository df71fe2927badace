//! Who gets no token, and what the answer is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{PASSWORD, USER, at, desk, form, password};
use crate::journal::Condition;
use crate::pipeline::admission::{Ended, TokenKind};

fn user(facts: Value) -> Value {
    json!({ "users": { USER: facts, "app.user": { "password_needs_reset": true } } })
}

#[test]
fn almost_everything_is_access_denied() {
    let cc = "glide.oauth.inbound.client.credential.grant_type.enabled";
    let ropc = "glide.oauth.inbound.ropc.grant_type.disabled";
    let right = password(PASSWORD);
    let credentials = form("client_credentials", "");
    let none = json!({});
    for (main, client, form, condition) in [
        (
            none.clone(),
            json!({ "secret": "another" }),
            &right,
            Condition::ClientSecretRefused,
        ),
        (
            none.clone(),
            none.clone(),
            &password("wrong"),
            Condition::PasswordRefused,
        ),
        (
            user(json!({ "locked_out": true })),
            none.clone(),
            &right,
            Condition::AccountLocked,
        ),
        (
            user(json!({ "active": false })),
            none.clone(),
            &right,
            Condition::AccountInactive,
        ),
        (
            user(json!({ "password": "expired" })),
            none.clone(),
            &right,
            Condition::PasswordExpired,
        ),
        (
            user(json!({ "password_needs_reset": true })),
            none.clone(),
            &right,
            Condition::PasswordNeedsReset,
        ),
        (
            user(json!({ "web_service_access_only": true })),
            none.clone(),
            &right,
            Condition::NonInteractiveUser,
        ),
        (
            json!({ "properties": { ropc: "true" } }),
            none.clone(),
            &right,
            Condition::GrantNotEnabled,
        ),
        (
            none.clone(),
            json!({ "grants": ["refresh_token"] }),
            &right,
            Condition::GrantNotEnabled,
        ),
        (
            none.clone(),
            json!({ "user": "app.user" }),
            &credentials,
            Condition::GrantNotEnabled,
        ),
        (
            json!({ "properties": { cc: "true" } }),
            none.clone(),
            &credentials,
            Condition::NoApplicationUser,
        ),
        (
            json!({ "properties": { cc: "true" }, "users": { "app.user": { "password_needs_reset": true } } }),
            json!({ "user": "app.user" }),
            &credentials,
            Condition::PasswordNeedsReset,
        ),
        (
            none.clone(),
            none,
            &form_of_refresh("nonsense"),
            Condition::RefreshTokenUnknown,
        ),
    ] {
        desk(&main, &client).post(0, form).is_denied(condition);
    }
}

fn form_of_refresh(token: &str) -> String {
    form("refresh_token", &format!("&refresh_token={token}"))
}

#[test]
fn what_has_a_name_of_its_own_gets_it() {
    let desk_of = |client: Value| desk(&json!({}), &client);
    let usual = desk_of(json!({}));
    let right = password(PASSWORD);
    for (answered, status, error, condition) in [
        (
            desk_of(json!({ "client_id": "another" })).post(0, &right),
            401,
            "invalid_client",
            Condition::ClientUnknown,
        ),
        (
            desk_of(json!({ "active": false })).post(0, &right),
            401,
            "invalid_client",
            Condition::ClientInactive,
        ),
        (
            usual.post(0, &form("telepathy", "")),
            400,
            "unsupported_grant_type",
            Condition::InvalidRequest,
        ),
        (
            usual.post(0, ""),
            400,
            "invalid_request",
            Condition::InvalidRequest,
        ),
        (
            usual.post(0, &form("password", "&username=x")),
            400,
            "invalid_request",
            Condition::InvalidRequest,
        ),
        (
            usual.post(0, &"a=b&".repeat(20_000)),
            400,
            "invalid_request",
            Condition::InvalidRequest,
        ),
    ] {
        assert_eq!(
            (answered.status, answered.text("error").as_str()),
            (status, error)
        );
        assert_eq!(answered.condition, Some(condition));
    }
    let json = [("content-type", "application/json")];
    let body = json!({ "grant_type": "password" }).to_string();
    let refused = usual.send(0, "/oauth_token.do", "", &body, &json[..0]);
    assert_eq!(refused.text("error"), "invalid_request");
}

#[test]
fn parameters_in_the_url_are_read_only_where_a_property_lets_them() {
    let right = password(PASSWORD);
    let usual = desk(&json!({}), &json!({}));
    let refused = usual.send(0, "/oauth_token.do", &right, "", &[]);
    refused.is_denied(Condition::ParametersInUrl);
    let property = "glide.oauth.allow.parameters.in.post.body.only";
    let lenient = desk(&json!({ "properties": { property: "false" } }), &json!({}));
    let given = lenient.send(0, "/oauth_token.do", &right, "", &[]);
    assert_eq!(given.status, 200, "{given:?}");
    assert!(given.told.in_url.iter().any(|name| name == "client_secret"));
}

#[test]
fn a_client_may_show_itself_in_the_header() {
    let desk = desk(&json!({}), &json!({}));
    let form = format!("grant_type=password&username={USER}&password={PASSWORD}");
    let send = |pair: &str| {
        let header = format!("Basic {}", STANDARD.encode(pair));
        desk.send(
            0,
            "/oauth_token.do",
            "",
            &form,
            &[("authorization", &header)],
        )
    };
    assert_eq!(send("c11ent:s3cret").status, 200);
    send("c11ent:wrong").is_denied(Condition::ClientSecretRefused);
}

#[test]
fn refresh_tokens_die_and_are_their_clients_own() {
    let desk = desk(&json!({}), &json!({}));
    let given = desk.post(0, &password(PASSWORD));
    let refresh = form_of_refresh(&given.text("refresh_token"));
    let access = form_of_refresh(&given.text("access_token"));
    desk.post(1, &access)
        .is_denied(Condition::RefreshTokenUnknown);
    let alive = desk.admission.tokens.alive(TokenKind::Refresh, None, at(1));
    desk.admission.tokens.end(&alive, Ended::Revoked, at(1));
    desk.post(2, &refresh)
        .is_denied(Condition::RefreshTokenRevoked);
}

#[test]
fn a_revocation_names_the_token_and_says_nothing() {
    let desk = desk(&json!({}), &json!({}));
    let given = desk.post(0, &password(PASSWORD));
    let path = "/oauth_revoke_token.do";
    let query = format!("token={}", given.text("access_token"));
    let revoked = desk.send(1, path, &query, "", &[]);
    assert_eq!((revoked.status, revoked.told.presented), (200, Some(1)));
    assert_eq!(revoked.told.grant, "revoke");
    let form = format!("token={}", given.text("refresh_token"));
    assert_eq!(desk.send(1, path, "", &form, &[]).told.presented, Some(2));
    for nothing in ["", "token=", "token=nonsense"] {
        let answered = desk.send(1, path, nothing, "", &[]);
        assert_eq!((answered.status, answered.told.presented), (200, None));
    }
}

#[test]
fn the_names_of_the_standard_can_be_chosen() {
    let main = json!({ "switches": { "token_errors": "rfc6749" } });
    let refused = desk(&main, &json!({})).post(0, &password("wrong"));
    assert_eq!(
        (refused.status, refused.text("error")),
        (400, "invalid_grant".to_owned())
    );
    let refused = desk(&main, &json!({ "secret": "another" })).post(0, &password(PASSWORD));
    assert_eq!(
        (refused.status, refused.text("error")),
        (401, "invalid_client".to_owned())
    );
}

#[test]
fn nothing_that_is_sent_breaks_the_endpoint() {
    let desk = desk(&json!({}), &json!({}));
    for body in [
        "grant_type",
        "grant_type=&client_id=&client_secret=",
        "grant_type=password&grant_type=refresh_token",
        "grant_type=%ff%fe&client_id=%00",
        "\u{0}\u{ffff}=&&&===",
        &form(
            "password",
            "&username=%27%3B+DROP+TABLE+sys_user--&password=%27",
        ),
        &form(
            "refresh_token",
            &format!("&refresh_token={}", "x".repeat(60_000)),
        ),
        &form(
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "&assertion=a.b.c",
        ),
    ] {
        let answered = desk.post(0, body);
        assert!(matches!(answered.status, 400 | 401), "{body}: {answered:?}");
        assert!(answered.body["error"].is_string());
        assert!(answered.told.grant.chars().count() <= 64);
    }
}
