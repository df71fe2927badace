//! A tap on singer-sdk 0.54.9, with no handling of errors but the framework's own.

use std::sync::OnceLock;

use serde_json::Value;

use super::{Field, Needs};

/// What is asked of the tap.
const SINGER: Field = Field {
    manifest: "singer.yaml",
    // The program of its neighbour in the same environment: the framework itself has none.
    needs: Needs::Installed("frameworks/bin/source-declarative-manifest"),
    filters: &[
        "exact:SP-C01",
        "exact:SP-C02",
        "exact:SP-A01",
        "exact:SP-I01",
        "exact:SP-S01",
        "exact:SP-T10",
        "exact:SP-D02",
    ],
    report: &REPORT,
};
static REPORT: OnceLock<Option<Value>> = OnceLock::new();

#[test]
fn singer_tests_and_reads_a_healthy_table_and_resumes_from_its_state() {
    let test = "singer_tests_and_reads_a_healthy_table_and_resumes_from_its_state";
    let Some(runs) = SINGER.runs(test) else {
        return;
    };
    for id in [
        "core/healthy-check",
        "core/healthy-sync",
        "data/killed-and-resumed",
    ] {
        let run = runs.of(id, None);
        assert_eq!(run.verdict(), "pass", "{}", run.0);
    }
}

#[test]
fn singer_sends_a_refused_password_once_and_goes_on_after_a_rate_limit() {
    let test = "singer_sends_a_refused_password_once_and_goes_on_after_a_rate_limit";
    let Some(runs) = SINGER.runs(test) else {
        return;
    };
    let run = runs.of("authentication/wrong-password", None);
    assert_eq!(run.class(), Some("auth.invalid_credentials"), "{}", run.0);
    assert_eq!(run.result("no-retry-on-401-basic"), "pass", "{}", run.0);
    let run = runs.of("throttle/refused-at-once", None);
    for check in ["outcome-as-expected", "no-lost-records"] {
        assert_eq!(run.result(check), "pass", "{check}: {}", run.0);
    }
}

#[test]
fn singer_cannot_tell_a_hibernating_instance_from_an_answer_that_is_no_json() {
    let test = "singer_cannot_tell_a_hibernating_instance_from_an_answer_that_is_no_json";
    let Some(runs) = SINGER.runs(test) else {
        return;
    };
    let run = runs.of("availability/hibernating-at-check", None);
    assert_eq!(run.result("outcome-as-expected"), "pass", "it does fail");
    assert_eq!(run.class(), Some("protocol.not_json"), "{}", run.words());
    assert_eq!(run.result("diagnosis-class"), "fail");
}

#[test]
fn singer_names_an_expired_certificate_after_five_handshakes() {
    let test = "singer_names_an_expired_certificate_after_five_handshakes";
    let Some(runs) = SINGER.runs(test) else {
        return;
    };
    let run = runs.of("tls/expired-certificate", None);
    assert_eq!(run.class(), Some("tls.expired"), "{}", run.words());
    let check = run.check("no-retry-on-certificate-failure");
    assert_eq!(check["verdict"], "fail");
    assert_eq!(check["evidence"].as_array().unwrap().len(), 5, "{check}");
}
