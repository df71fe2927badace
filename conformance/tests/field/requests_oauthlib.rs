//! requests-oauthlib 1.3.1: it prints the page that a person is to open, and sends no proof key.

use std::sync::OnceLock;

use serde_json::Value;

use super::{Field, Needs};

const REQUESTS_OAUTHLIB: Field = Field {
    manifest: "requests-oauthlib.yaml",
    needs: Needs::Installed("bin/python"),
    filters: &[
        "oauth/connect",
        "oauth/code-over",
        "oauth/consent-refused",
        "oauth/foreign-callback",
    ],
    report: &REPORT,
};
static REPORT: OnceLock<Option<Value>> = OnceLock::new();

#[test]
fn requests_oauthlib_connects_and_sends_no_proof_key() {
    let test = "requests_oauthlib_connects_and_sends_no_proof_key";
    let Some(runs) = REQUESTS_OAUTHLIB.runs(test) else {
        return;
    };
    for variant in [None, Some("mistyped-first")] {
        let run = runs.of("oauth/connect", variant);
        assert_eq!(run.result("outcome-as-expected"), "pass", "{variant:?}");
        assert_eq!(run.result("uses-proof-key"), "fail", "{variant:?}");
        assert_eq!(
            run.observed("uses-proof-key"),
            "1 of 1 requests are without"
        );
        for check in ["state-verified", "form-encoded-token-request"] {
            assert_eq!(run.result(check), "pass", "{variant:?}: {check}");
        }
    }
    // Without a secret the proof key is all that binds a code, and an instance insists on it.
    let public = runs.of("oauth/connect", Some("public-client"));
    assert_eq!(public.result("outcome-as-expected"), "fail");
    assert!(
        public.words().contains("must send a code_challenge"),
        "{}",
        public.words()
    );
}

#[test]
fn requests_oauthlib_shows_a_code_once() {
    let Some(runs) = REQUESTS_OAUTHLIB.runs("requests_oauthlib_shows_a_code_once") else {
        return;
    };
    for variant in [None, Some("reloaded")] {
        let run = runs.of("oauth/code-over", variant);
        for check in ["outcome-as-expected", "code-exchanged-once"] {
            assert_eq!(run.result(check), "pass", "{variant:?}: {check}");
        }
    }
}

#[test]
fn requests_oauthlib_refuses_a_foreign_state_by_name() {
    let test = "requests_oauthlib_refuses_a_foreign_state_by_name";
    let Some(runs) = REQUESTS_OAUTHLIB.runs(test) else {
        return;
    };
    let run = runs.of("oauth/foreign-callback", None);
    assert_eq!(run.result("state-verified"), "pass");
    assert_eq!(run.result("outcome-as-expected"), "pass", "it does fail");
    assert_eq!(run.class(), Some("auth.oauth_state"));
    assert!(run.words().starts_with("MismatchingStateError"));
    // A code that was granted to somebody else is taken: its state is right.
    let run = runs.of("oauth/foreign-callback", Some("code-slipped-in"));
    assert_eq!(run.result("outcome-as-expected"), "fail");
}

#[test]
fn requests_oauthlib_tells_a_denied_consent() {
    let Some(runs) = REQUESTS_OAUTHLIB.runs("requests_oauthlib_tells_a_denied_consent") else {
        return;
    };
    let run = runs.of("oauth/consent-refused", None);
    assert_eq!(run.class(), Some("auth.oauth_consent"));
    assert_eq!(run.result("diagnosis-class"), "pass");
    // How long a person is waited for is for the program around it.
    for variant in ["abandoned", "popup-blocked"] {
        let run = runs.of("oauth/consent-refused", Some(variant));
        assert_eq!(run.verdict(), "not_applicable", "{variant}");
    }
}
