//! What runs do with tokens: obtained, refused, replaced once, given up.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::Url;

use super::*;
use crate::settings::{Application, Authentication, Grant, Secret};

const CATCH_ALL: &str = r#"{"error_description":"access_denied","error":"server_error"}"#;
const JSON: &str = "content-type: application/json;charset=UTF-8";

/// A connector that is given a refresh token, and an access token where `access` is one.
fn settings(responder: &Responder, grant: Grant, access: Option<&str>) -> Settings {
    let base = Url::parse(&responder.url).unwrap();
    let application = Application {
        client_id: "id".into(),
        client_secret: Some(Secret::of("own secret")),
        authorize_url: base.join("/oauth_auth.do").unwrap(),
        token_url: base.join("/oauth_token.do").unwrap(),
        redirect_url: None,
        grant,
        access_token: access.map(Secret::of),
        refresh_token: (grant == Grant::RefreshToken).then(|| Secret::of("refresh")),
        signing_key: None,
        signing_key_id: None,
    };
    Settings {
        authentication: Authentication::Oauth(Box::new(application)),
        ..Settings::for_test(&responder.url)
    }
}

fn granted(number: u32) -> Act {
    let body = format!(r#"{{"access_token":"token-{number}","expires_in":1799}}"#);
    answer("200 OK", &[JSON], &body)
}

fn unauthorized() -> Act {
    refusal(
        "401 Unauthorized",
        &[],
        "User Not Authenticated",
        "Required to provide Auth information",
    )
}

/// An instance that issues tokens and takes the last one, but none that was shown `lives` times.
async fn instance(rows: usize, lives: u32) -> Responder {
    let (issued, shown) = (AtomicU32::new(0), AtomicU32::new(0));
    let served = keys(rows);
    Responder::start(move |_, head| {
        if head.starts_with("POST /oauth_token.do ") {
            shown.store(0, Ordering::SeqCst);
            return granted(issued.fetch_add(1, Ordering::SeqCst) + 1);
        }
        let good = format!(
            "authorization: Bearer token-{}\r\n",
            issued.load(Ordering::SeqCst)
        );
        if !head.contains(&good) || shown.fetch_add(1, Ordering::SeqCst) >= lives {
            return unauthorized();
        }
        table(head, &served, |_| true)
    })
    .await
}

fn token_requests(responder: &Responder) -> Vec<String> {
    let heads = responder.heads().into_iter();
    heads
        .filter(|head| head.starts_with("POST /oauth_token.do"))
        .collect()
}

#[tokio::test]
async fn a_token_that_dies_while_reading_is_replaced_and_the_page_read_again() {
    for grant in [
        Grant::RefreshToken,
        Grant::ClientCredentials,
        Grant::Password,
    ] {
        let responder = instance(35, 2).await;
        let said = run_with(
            &Policy::default(),
            settings(&responder, grant, None),
            Verb::Sync,
            None,
        )
        .await;
        assert_eq!(
            (said.outcome, said.keys.clone()),
            (Outcome::Success, keys(35)),
            "{}",
            said.text
        );
        assert_eq!((said.class(), said.logs), (None, 0));
        assert_eq!(token_requests(&responder).len(), 2);
    }
}

#[tokio::test]
async fn workers_share_what_the_first_of_them_gets() {
    for (policy, requests) in [
        (Policy::default(), 1..=1),
        (sin("each-worker-renews"), 2..=8),
    ] {
        let responder = instance(64, 1_000).await;
        let settings = Settings {
            parallelism: 8,
            ..settings(&responder, Grant::RefreshToken, Some("dead"))
        };
        let said = run_with(&policy, settings, Verb::Sync, None).await;
        assert_eq!(said.outcome, Outcome::Success, "{}", said.text);
        assert!(requests.contains(&token_requests(&responder).len()));
    }
}

#[tokio::test]
async fn a_new_token_that_is_refused_is_not_replaced() {
    for verb in [Verb::Check, Verb::Sync] {
        let responder = Responder::start(|_, head| {
            if head.starts_with("POST") {
                granted(1)
            } else {
                unauthorized()
            }
        })
        .await;
        let settings = settings(&responder, Grant::RefreshToken, Some("dead"));
        let said = run_with(&Policy::default(), settings, verb, None).await;
        assert_eq!(said.class(), Some("auth.invalid_credentials"));
        assert_eq!(responder.heads().len(), 3);
        assert!(said.text.contains("its age is not"), "{}", said.text);
    }
}

#[tokio::test]
async fn a_dead_refresh_token_ends_the_run_and_asks_for_a_person() {
    let responder = Responder::start(|_, head| {
        if head.starts_with("POST") {
            answer("401 Unauthorized", &[JSON], CATCH_ALL)
        } else {
            unauthorized()
        }
    })
    .await;
    let settings = Settings {
        parallelism: 4,
        ..settings(&responder, Grant::RefreshToken, Some("dead"))
    };
    let said = run_with(&Policy::default(), settings, Verb::Sync, None).await;
    assert_eq!(said.class(), Some("auth.refresh_expired"));
    assert!(said.text.contains("consent again"), "{}", said.text);
    assert_eq!(token_requests(&responder).len(), 1);
}

#[tokio::test]
async fn a_page_at_the_token_endpoint_is_not_blamed_on_the_secret() {
    let responder = Responder::start(|_, _| {
        answer(
            "200 OK",
            &["content-type: text/html"],
            "<html><title>Instance Hibernating page</title>",
        )
    })
    .await;
    let settings = settings(&responder, Grant::ClientCredentials, None);
    let said = run_with(&Policy::default(), settings, Verb::Check, None).await;
    assert_eq!(said.class(), Some("instance.hibernating"));
    assert_eq!(responder.heads().len(), 1);
}

#[tokio::test]
async fn a_forbidden_call_leads_to_no_new_token() {
    for (policy, requests) in [(Policy::default(), 1), (sin("renews-after-403"), 2)] {
        let responder = Responder::start(|_, head| {
            if head.starts_with("POST") {
                granted(1)
            } else {
                refusal(
                    "403 Forbidden",
                    &[],
                    "User Not Authorized",
                    "Access to unscoped api is not allowed",
                )
            }
        })
        .await;
        let settings = settings(&responder, Grant::ClientCredentials, None);
        let said = run_with(&policy, settings, Verb::Check, None).await;
        assert_eq!(said.class(), Some("authz.scope"));
        assert_eq!(token_requests(&responder).len(), requests);
    }
}

#[tokio::test]
async fn the_form_is_in_the_body_and_nowhere_else() {
    let responder = instance(1, 9).await;
    let settings = settings(&responder, Grant::Password, None);
    run_with(&Policy::default(), settings, Verb::Check, None).await;
    let requests = token_requests(&responder);
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert!(
        request.starts_with("POST /oauth_token.do HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("content-type: application/x-www-form-urlencoded\r\n"),
        "{request}"
    );
    assert!(
        request.ends_with(
            "\r\n\r\ngrant_type=password&username=sync.user&password=correct+horse&client_id=id&client_secret=own+secret"
        ),
        "{request}"
    );
}

#[tokio::test]
async fn a_key_travels_in_a_header_and_its_refusal_is_told_as_such() {
    let responder = Responder::start(|_, _| unauthorized()).await;
    let settings = Settings {
        authentication: Authentication::ApiKey(Secret::of("the-key")),
        ..Settings::for_test(&responder.url)
    };
    let said = run_with(&Policy::default(), settings, Verb::Check, None).await;
    assert_eq!(said.class(), Some("auth.api_key"));
    let heads = responder.heads();
    assert!(heads[0].contains("x-sn-apikey: the-key\r\n"), "{heads:?}");
    assert!(!heads[0].lines().next().unwrap().contains("the-key"));
    assert!(!heads[0].contains("authorization:"));
}

#[tokio::test]
async fn a_scheme_that_is_not_offered_is_named() {
    let responder = Responder::start(|_, _| {
        refusal(
            "401 Unauthorized",
            &["www-authenticate: BEARER realm=\"Service-now\""],
            "User Not Authenticated",
            "x",
        )
    })
    .await;
    let said = run_against(&Policy::default(), &responder, Verb::Check).await;
    assert_eq!(said.class(), Some("auth.scheme_not_allowed"));
}
