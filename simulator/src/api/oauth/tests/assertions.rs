//! Assertions: keys, algorithms, audience, time, one use.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use super::{Desk, USER, at, desk_that_verifies, form};
use crate::journal::Condition;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

struct Signer {
    key: EncodingKey,
    public: String,
    algorithm: Algorithm,
}

fn signer(algorithm: Algorithm) -> Signer {
    let pair = KeyPair::generate_for(match algorithm {
        Algorithm::ES256 => &PKCS_ECDSA_P256_SHA256,
        Algorithm::ES384 => &PKCS_ECDSA_P384_SHA384,
        _ => &PKCS_RSA_SHA256,
    })
    .unwrap();
    let private = pair.serialize_pem();
    let key = match algorithm {
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(private.as_bytes()),
        _ => EncodingKey::from_rsa_pem(private.as_bytes()),
    };
    Signer {
        key: key.unwrap(),
        public: pair.public_key_pem(),
        algorithm,
    }
}

fn claims() -> Value {
    let now = at(0).unix.as_secs();
    json!({
        "iss": "c11ent", "aud": "c11ent", "sub": USER, "iat": now, "exp": now + 60, "jti": "1"
    })
}

impl Signer {
    fn assertion(&self, key_id: &str, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(key_id.to_owned());
        encode(&header, claims, &self.key).unwrap()
    }

    fn desk(&self) -> Desk {
        desk_that_verifies(&json!({}), &json!({}), &self.public, "key-1")
    }
}

fn post(desk: &Desk, assertion: &str) -> super::Answered {
    desk.post(0, &form(GRANT, &format!("&assertion={assertion}")))
}

#[test]
fn a_signed_assertion_gives_an_access_token() {
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::ES384] {
        let signer = signer(algorithm);
        let desk = signer.desk();
        let assertion = signer.assertion("key-1", &claims());
        let given = post(&desk, &assertion);
        assert_eq!(given.status, 200, "{algorithm:?}: {given:?}");
        assert_eq!(given.told.user.as_deref(), Some(USER));
        assert!(given.body.get("refresh_token").is_none());
        post(&desk, &assertion).is_denied(Condition::AssertionRefused);
        let header = [(
            "authentication",
            format!(
                "Bearer {}",
                signer.assertion("key-1", &with("jti", json!("2")))
            ),
        )];
        let header = [(header[0].0, header[0].1.as_str())];
        let given = desk.send(0, "/oauth_token.do", "", &form(GRANT, ""), &header);
        assert_eq!(given.status, 200, "{given:?}");
    }
}

fn with(claim: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[claim] = value;
    claims
}

#[test]
fn what_is_wrong_with_an_assertion_refuses_it() {
    let signer_ = signer(Algorithm::ES256);
    let stranger = signer(Algorithm::ES256);
    let desk = signer_.desk();
    let now = at(0).unix.as_secs();
    let signed = |claims: &Value| signer_.assertion("key-1", claims);
    let (good, mut unsigned) = (signed(&claims()), String::new());
    unsigned.push_str(&good[..good.rfind('.').unwrap() + 1]);
    for (why, assertion) in [
        ("another key", stranger.assertion("key-1", &claims())),
        ("another key id", signer_.assertion("key-2", &claims())),
        ("no signature", unsigned),
        ("another audience", signed(&with("aud", json!("other")))),
        ("no audience", signed(&with("aud", Value::Null))),
        ("another issuer", signed(&with("iss", json!("other")))),
        ("another user", signed(&with("sub", json!("nobody")))),
        ("no user", signed(&with("sub", Value::Null))),
        ("expired", signed(&with("exp", json!(now - 301)))),
        ("no expiry", signed(&with("exp", Value::Null))),
        ("an absurd expiry", signed(&with("exp", json!(1e300)))),
        ("from the future", signed(&with("nbf", json!(now + 301)))),
        ("no JWT", "nonsense".to_owned()),
        ("too long", "x".repeat(20_000)),
    ] {
        let refused = post(&desk, &assertion);
        assert_eq!(
            refused.condition,
            Some(Condition::AssertionRefused),
            "{why}: {refused:?}"
        );
        assert_eq!(refused.status, 401, "{why}");
    }
    for (why, claims) in [
        ("within the skew", with("exp", json!(now - 299))),
        ("several audiences", with("aud", json!(["x", "c11ent"]))),
    ] {
        let mut claims = claims;
        claims["jti"] = json!(why);
        assert_eq!(post(&desk, &signed(&claims)).status, 200, "{why}");
    }
}

#[test]
fn without_a_key_nothing_is_verified() {
    let signer = signer(Algorithm::ES256);
    let client = json!({ "assertion_key": "another" });
    let desk = desk_that_verifies(&json!({}), &client, &signer.public, "key-1");
    let assertion = signer.assertion("key-1", &claims());
    post(&desk, &assertion).is_denied(Condition::AssertionRefused);
    let client = json!({ "grants": ["password"] });
    let desk = desk_that_verifies(&json!({}), &client, &signer.public, "key-1");
    post(&desk, &assertion).is_denied(Condition::GrantNotEnabled);
}
