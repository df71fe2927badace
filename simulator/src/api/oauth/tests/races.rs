//! Many at once: what counts and must hold does.

use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::json;

use super::{Desk, PASSWORD, USER, at, desk, form, password};
use crate::api;
use crate::journal::{Caller, Condition};
use crate::pipeline::admission::{Consent, Ended, Grantee, Notice, TokenKind};
use crate::pipeline::stage::{ClientCertificate, Exchange, Facts, Stage};
use crate::pipeline::{self, Verdict};

/// A call with Basic credentials; the condition of its refusal.
fn basic(desk: &Desk, password: &str) -> Option<Condition> {
    let mut headers = HeaderMap::new();
    let pair = STANDARD.encode(format!("{USER}:{password}"));
    let value = HeaderValue::try_from(format!("Basic {pair}")).unwrap();
    headers.insert(AUTHORIZATION, value);
    call(desk, &headers, 1)
}

/// A call with a token at this second; the condition of its refusal.
pub(super) fn bearer(desk: &Desk, token: &str, secs: u64) -> Option<Condition> {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    headers.insert(AUTHORIZATION, value);
    call(desk, &headers, secs)
}

fn call(desk: &Desk, headers: &HeaderMap, secs: u64) -> Option<Condition> {
    let path = "/api/now/table/incident";
    let target = api::target(&Method::GET, path);
    let exchange = Exchange {
        request: 1,
        method: &Method::GET,
        path,
        query: "",
        headers,
        caller: Caller::Subject,
        over_tls: true,
        peer: core::net::IpAddr::from([127, 0, 0, 1]),
        client_certificate: &ClientCertificate::None,
        target: &target,
        body: b"",
        oversize_headers: false,
        now: at(secs),
    };
    let view = desk.view();
    let ruling = pipeline::run(&exchange, &view);
    match ruling.verdict {
        Verdict::Call => None,
        Verdict::Answer { reply, .. } => reply.condition,
        other => panic!("{other:?}"),
    }
}

#[test]
fn failures_by_password_and_by_grant_count_together() {
    for _ in 0..10 {
        let desk = desk(&json!({}), &json!({}));
        let refused: Vec<Condition> = thread::scope(|scope| {
            let running: Vec<_> = (0..16)
                .map(|index| {
                    let desk = &desk;
                    scope.spawn(move || {
                        if index % 2 == 0 {
                            basic(desk, "wrong").unwrap()
                        } else {
                            desk.post(1, &password("wrong")).condition.unwrap()
                        }
                    })
                })
                .collect();
            running.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let of = |wanted| refused.iter().filter(|it| **it == wanted).count();
        assert_eq!(
            (of(Condition::PasswordRefused), of(Condition::AccountLocked)),
            (5, 11)
        );
        assert_eq!(
            desk.admission.take_notices(),
            [Notice::LockedOut(USER.to_owned())]
        );
        desk.post(1, &password(PASSWORD))
            .is_denied(Condition::AccountLocked);
    }
}

#[test]
fn a_success_of_either_clears_the_count_of_both() {
    let desk = desk(&json!({}), &json!({}));
    for _ in 0..3 {
        for _ in 0..4 {
            desk.post(1, &password("wrong"))
                .is_denied(Condition::PasswordRefused);
        }
        assert_eq!(basic(&desk, PASSWORD), None);
    }
    assert_eq!(desk.admission.take_notices(), []);
}

#[test]
fn callers_of_a_token_that_dies_see_it_die_once_and_for_all() {
    let desk = desk(&json!({}), &json!({}));
    let given = desk.post(0, &password(PASSWORD));
    let token = given.text("access_token");
    thread::scope(|scope| {
        for index in 0..32 {
            let (desk, token, given) = (&desk, &token, &given);
            scope.spawn(move || {
                let mut dead = false;
                for round in 0..40 {
                    if index == 0 && round == 20 {
                        let tokens = &desk.admission.tokens;
                        let alive = tokens.alive(TokenKind::Access, Some(USER), at(1));
                        tokens.end(&alive, Ended::Revoked, at(1));
                    }
                    match bearer(desk, token, 1) {
                        None => assert!(!dead, "it came back"),
                        Some(Condition::AccessTokenRevoked) => dead = true,
                        other => panic!("{other:?}"),
                    }
                    if dead && round % 10 == 0 {
                        let refresh = given.text("refresh_token");
                        let form = form("refresh_token", &format!("&refresh_token={refresh}"));
                        let fresh = desk.post(1, &form);
                        assert_eq!(fresh.status, 200);
                        assert_ne!(fresh.text("access_token"), *token);
                    }
                }
            });
        }
    });
    assert_eq!(
        bearer(&desk, &token, 1),
        Some(Condition::AccessTokenRevoked)
    );
}

#[test]
fn a_code_is_redeemed_at_most_once_at_the_endpoint() {
    let desk = desk(&json!({}), &json!({}));
    let client = desk.policy.oauth_client("c11ent").unwrap().sys_id.clone();
    let consent = Consent {
        grantee: Grantee {
            client,
            user: USER.to_owned(),
            scope: "useraccount".to_owned(),
        },
        redirect_url: "r".to_owned(),
        challenge: None,
    };
    let code = desk.admission.codes.issue(consent, at(0));
    let form = form(
        "authorization_code",
        &format!("&code={code}&redirect_uri=r"),
    );
    let statuses: Vec<u16> = thread::scope(|scope| {
        let running: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| desk.post(1, &form).status))
            .collect();
        running.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 15);
}

#[test]
fn a_token_is_no_credential_where_tokens_are_asked_for() {
    let desk = desk(&json!({}), &json!({}));
    let target = api::target(&Method::POST, "/oauth_token.do");
    let headers = HeaderMap::new();
    let exchange = Exchange {
        request: 1,
        method: &Method::POST,
        path: "/oauth_token.do",
        query: "",
        headers: &headers,
        caller: Caller::Subject,
        over_tls: true,
        peer: core::net::IpAddr::from([127, 0, 0, 1]),
        client_certificate: &ClientCertificate::None,
        target: &target,
        body: b"",
        oversize_headers: false,
        now: at(1),
    };
    let mut facts = Facts::default();
    for stage in pipeline::ORDER {
        let decision = Stage::decide(stage, &exchange, &mut facts, &desk.view());
        assert!(
            matches!(decision, pipeline::stage::Decision::Pass { .. }),
            "{}",
            stage.name()
        );
    }
    assert!(facts.identity.is_none());
}
