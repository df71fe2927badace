//! servicenow-rest-api 1.2.2, a Node library over axios.

use std::sync::OnceLock;

use serde_json::Value;

use super::{Field, Needs};

/// What is asked of servicenow-rest-api.
const NPM: Field = Field {
    manifest: "servicenow-rest-api.yaml",
    needs: Needs::Installed("node/node_modules/servicenow-rest-api"),
    filters: &[
        "core/healthy-check",
        "exact:SP-C02",
        "authentication/wrong-password",
        "permissions/missing-role",
        "exact:SP-P02/at-sync",
        "availability/hibernating-at-check",
        "exact:SP-S01",
        "exact:SP-T10",
    ],
    report: &REPORT,
};
static REPORT: OnceLock<Option<Value>> = OnceLock::new();

#[test]
fn servicenow_rest_api_reads_a_healthy_table_whole() {
    let Some(runs) = NPM.runs("servicenow_rest_api_reads_a_healthy_table_whole") else {
        return;
    };
    for id in ["core/healthy-check", "core/healthy-sync"] {
        let run = runs.of(id, None);
        assert_eq!(run.verdict(), "pass", "{}", run.0);
    }
}

#[test]
fn servicenow_rest_api_is_authenticated_by_a_hibernating_instance() {
    let test = "servicenow_rest_api_is_authenticated_by_a_hibernating_instance";
    let Some(runs) = NPM.runs(test) else {
        return;
    };
    let run = runs.of("availability/hibernating-at-check", None);
    for check in ["outcome-as-expected", "rejects-200-non-json"] {
        assert_eq!(run.result(check), "fail", "{check}");
    }
    // A read hands `undefined` to its caller.
    let run = runs.of("availability/hibernating-at-check", Some("at-sync"));
    assert!(run.words().starts_with("TypeError"), "{}", run.words());
    assert_eq!(run.result("diagnosis-class"), "fail");
}

#[test]
fn servicenow_rest_api_prints_what_keeps_it_from_connecting() {
    let test = "servicenow_rest_api_prints_what_keeps_it_from_connecting";
    let Some(runs) = NPM.runs(test) else {
        return;
    };
    for id in ["authentication/wrong-password", "tls/expired-certificate"] {
        let run = runs.of(id, None);
        // Its caller hears nothing; what is printed is right.
        for check in ["diagnosis-class", "outcome-as-expected"] {
            assert_eq!(run.result(check), "pass", "{check}: {}", run.words());
        }
    }
}

#[test]
fn servicenow_rest_api_prints_the_password_with_every_error() {
    let Some(runs) = NPM.runs("servicenow_rest_api_prints_the_password_with_every_error") else {
        return;
    };
    // It prints the error object of axios, which holds the request and its credentials.
    for id in ["authentication/wrong-password", "tls/expired-certificate"] {
        assert_eq!(runs.of(id, None).result("no-secret-in-output"), "fail");
    }
}

#[test]
fn servicenow_rest_api_never_tries_again() {
    let Some(runs) = NPM.runs("servicenow_rest_api_never_tries_again") else {
        return;
    };
    let run = runs.of("throttle/refused-at-once", None);
    assert_eq!(run.result("outcome-as-expected"), "fail");
    assert_eq!(run.class(), Some("throttle.rate_limit"), "{}", run.words());
    let run = runs.of("permissions/silent-empty", Some("at-sync"));
    assert_eq!(
        run.result("outcome-as-expected"),
        "fail",
        "no rows are a success to it"
    );
}
