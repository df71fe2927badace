//! ID tokens of an OpenID Connect provider, over sockets.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, SignatureAlgorithm};
use serde_json::{Value, json};
use snowproof_simulator::journal::{Condition, Event};

use crate::stage::{self, LIST, USER, requests};

const ISSUER: &str = "https://login.example.test";

/// Far ahead of any run.
const LATER: u64 = 4_000_000_000;

fn claims(change: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": ["other", "snow-client"], "exp": LATER, "upn": USER.to_uppercase(),
    });
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn keys(algorithm: &'static SignatureAlgorithm) -> (KeyPair, EncodingKey, Algorithm) {
    let pair = KeyPair::generate_for(algorithm).unwrap();
    let pem = pair.serialize_pem();
    if algorithm == &PKCS_RSA_SHA256 {
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        return (pair, key, Algorithm::RS256);
    }
    let key = EncodingKey::from_ec_pem(pem.as_bytes()).unwrap();
    (pair, key, Algorithm::ES256)
}

fn provider(pair: &KeyPair, change: &Value) -> Value {
    let mut provider = json!({
        "issuer": ISSUER, "client_id": "snow-client", "public_key": pair.public_key_pem(),
        "user_claim": "upn", "user_field": "user_name",
    });
    for (name, value) in change.as_object().unwrap() {
        provider[name] = value.clone();
    }
    json!({ "oidc_providers": { "login": provider } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_stands_for_the_user_whom_its_claim_names() {
    for algorithm in [&PKCS_ECDSA_P256_SHA256, &PKCS_RSA_SHA256] {
        let (pair, key, algorithm) = keys(algorithm);
        let running = stage::start(provider(&pair, &json!({})), json!({})).await;
        let token = encode(&Header::new(algorithm), &claims(&json!({})), &key).unwrap();
        let mut client = stage::plain(&running).await;
        let bearer = format!("Authorization: Bearer {token}\r\n");
        let answer = client.get(LIST, &bearer).await;
        assert_eq!((answer.status, answer.rows()), (200, 10), "{algorithm:?}");
        let named = |event: &Event| matches!(event, Event::IdentityResolved(it) if it.user == USER);
        stage::entry(&running, named).await;
        let shown = format!("{:?}", running.journal.entries());
        assert!(!shown.contains(&token));
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_not_right_in_everything_is_refused() {
    let (pair, key, algorithm) = keys(&PKCS_ECDSA_P256_SHA256);
    let (_, other_key, _) = keys(&PKCS_ECDSA_P256_SHA256);
    let running = stage::start(provider(&pair, &json!({})), json!({})).await;
    let none = json!(null);
    for (change, key) in [
        (json!({ "aud": "another" }), &key),
        (json!({ "aud": none }), &key),
        (json!({ "exp": 1_000_000_000 }), &key),
        (json!({ "exp": none }), &key),
        (json!({ "nbf": LATER - 1 }), &key),
        (json!({ "upn": "nobody" }), &key),
        (json!({ "upn": 7 }), &key),
        (json!({}), &other_key),
    ] {
        let token = encode(&Header::new(algorithm), &claims(&change), key).unwrap();
        let bearer = format!("Authorization: Bearer {token}\r\n");
        let answer = stage::plain(&running).await.get(LIST, &bearer).await;
        assert_eq!(answer.status, 401, "{change}");
        let request = requests(&running.journal.entries()).pop().unwrap();
        let condition = request.decision.condition;
        assert_eq!(condition, Some(Condition::IdTokenRefused), "{change}");
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inactive_provider_knows_no_token_and_a_policy_may_want_nothing_else() {
    let (pair, key, algorithm) = keys(&PKCS_ECDSA_P256_SHA256);
    let token = encode(&Header::new(algorithm), &claims(&json!({})), &key).unwrap();
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let running = stage::start(provider(&pair, &json!({ "active": false })), json!({})).await;
    let answer = stage::plain(&running).await.get(LIST, &bearer).await;
    assert_eq!(answer.status, 401);
    running.shutdown().await.unwrap();
    for (scheme, status) in [("id_token", 200), ("oauth", 401)] {
        let mut main = provider(&pair, &json!({}));
        main["api_access_policies"] =
            json!({ "only": { "api": "Table API", "schemes": [scheme] } });
        let running = stage::start(main, json!({})).await;
        let answer = stage::plain(&running).await.get(LIST, &bearer).await;
        assert_eq!(answer.status, status, "{scheme}");
        running.shutdown().await.unwrap();
    }
}
