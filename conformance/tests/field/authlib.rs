//! Authlib 1.9.9: Python's `webbrowser` opens the page, so that what it starts is the runner's.

use std::sync::OnceLock;

use serde_json::Value;

use super::{Field, Needs};

const AUTHLIB: Field = Field {
    manifest: "authlib.yaml",
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
fn authlib_connects_through_pythons_webbrowser_with_a_proof_key() {
    let test = "authlib_connects_through_pythons_webbrowser_with_a_proof_key";
    let Some(runs) = AUTHLIB.runs(test) else {
        return;
    };
    for variant in [None, Some("public-client")] {
        let run = runs.of("oauth/connect", variant);
        for check in ["outcome-as-expected", "uses-proof-key", "state-verified"] {
            assert_eq!(run.result(check), "pass", "{variant:?}: {check}");
        }
        // Whom a token stands for is for the program around a library to ask.
        assert_eq!(
            run.result("reads-identity"),
            "not_applicable",
            "{variant:?}"
        );
    }
    let slipped = runs.of("oauth/foreign-callback", Some("code-slipped-in"));
    assert_eq!(slipped.result("outcome-as-expected"), "pass");
    assert_eq!(slipped.class(), Some("auth.oauth_code"));
}

#[test]
fn authlib_shows_a_code_once() {
    let Some(runs) = AUTHLIB.runs("authlib_shows_a_code_once") else {
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
fn authlib_compares_the_state_that_it_is_handed() {
    let Some(runs) = AUTHLIB.runs("authlib_compares_the_state_that_it_is_handed") else {
        return;
    };
    let run = runs.of("oauth/foreign-callback", None);
    assert_eq!(run.result("state-verified"), "pass");
    assert_eq!(run.result("outcome-as-expected"), "pass", "it does fail");
    assert_eq!(run.class(), Some("auth.oauth_state"));
}

#[test]
fn authlib_asks_for_a_token_of_its_own_after_a_denied_consent() {
    let test = "authlib_asks_for_a_token_of_its_own_after_a_denied_consent";
    let Some(runs) = AUTHLIB.runs(test) else {
        return;
    };
    // A callback without a code makes it guess the grant: client credentials. Where the instance
    // allows that grant, a person who denied has connected it.
    let run = runs.of("oauth/consent-refused", None);
    assert_eq!(run.words(), "OAuthError: server_error: access_denied");
    assert_eq!(run.class(), Some("auth.token_refused"));
    assert_eq!(run.result("diagnosis-class"), "fail");
    for variant in ["abandoned", "popup-blocked"] {
        let run = runs.of("oauth/consent-refused", Some(variant));
        assert_eq!(run.verdict(), "not_applicable", "{variant}");
    }
}
