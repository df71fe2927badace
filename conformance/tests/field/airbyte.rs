//! airbyte-cdk 7.39.1 with a declarative source and no handling of errors but the framework's own.

use std::sync::OnceLock;

use serde_json::Value;

use super::{Field, Needs};

/// What is asked of the source.
const AIRBYTE: Field = Field {
    manifest: "airbyte.yaml",
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
fn airbyte_checks_and_reads_a_healthy_table_once_and_whole() {
    let test = "airbyte_checks_and_reads_a_healthy_table_once_and_whole";
    let Some(runs) = AIRBYTE.runs(test) else {
        return;
    };
    for id in ["core/healthy-check", "core/healthy-sync"] {
        let run = runs.of(id, None);
        assert_eq!(run.verdict(), "pass", "{}", run.0);
    }
}

#[test]
fn airbyte_calls_a_refused_password_by_its_status_and_logs_the_session() {
    let test = "airbyte_calls_a_refused_password_by_its_status_and_logs_the_session";
    let Some(runs) = AIRBYTE.runs(test) else {
        return;
    };
    let run = runs.of("authentication/wrong-password", None);
    // The check exits with 0: its status message is what tells.
    assert_eq!(run.result("outcome-as-expected"), "pass", "{}", run.0);
    assert_eq!(run.class(), Some("auth.invalid_credentials"));
    assert!(
        run.words().contains("401. Error: Unauthorized"),
        "{}",
        run.words()
    );
    // It logs the headers of the answer, cookies and all.
    assert_eq!(run.result("no-secret-in-output"), "fail", "{}", run.0);
}

#[test]
fn airbyte_takes_the_page_of_a_hibernating_instance_for_a_table_without_rows() {
    let test = "airbyte_takes_the_page_of_a_hibernating_instance_for_a_table_without_rows";
    let Some(runs) = AIRBYTE.runs(test) else {
        return;
    };
    let run = runs.of("availability/hibernating-at-check", None);
    assert_eq!(run.result("outcome-as-expected"), "fail", "{}", run.0);
    assert_eq!(run.result("rejects-200-non-json"), "fail", "{}", run.0);
}

#[test]
fn airbyte_names_an_expired_certificate_after_six_handshakes() {
    let test = "airbyte_names_an_expired_certificate_after_six_handshakes";
    let Some(runs) = AIRBYTE.runs(test) else {
        return;
    };
    let run = runs.of("tls/expired-certificate", None);
    assert_eq!(run.class(), Some("tls.expired"), "{}", run.words());
    let check = run.check("no-retry-on-certificate-failure");
    assert_eq!(check["verdict"], "fail");
    assert_eq!(check["evidence"].as_array().unwrap().len(), 6, "{check}");
}

#[test]
fn airbyte_goes_on_after_a_rate_limit() {
    let Some(runs) = AIRBYTE.runs("airbyte_goes_on_after_a_rate_limit") else {
        return;
    };
    let run = runs.of("throttle/refused-at-once", None);
    for check in ["outcome-as-expected", "no-lost-records"] {
        assert_eq!(run.result(check), "pass", "{check}: {}", run.0);
    }
    // It waits a second, whatever the instance says.
    assert_eq!(
        run.result("waits-at-least-retry-after"),
        "fail",
        "{}",
        run.0
    );
}

#[test]
fn airbyte_reads_all_again_after_a_kill_and_leaves_its_configuration_behind() {
    let test = "airbyte_reads_all_again_after_a_kill_and_leaves_its_configuration_behind";
    let Some(runs) = AIRBYTE.runs(test) else {
        return;
    };
    let run = runs.of("data/killed-and-resumed", None);
    assert_eq!(run.result("no-lost-records"), "pass", "{}", run.0);
    let left = run.observed("no-secret-in-output");
    assert!(left.contains("config.json"), "{left}");
}
