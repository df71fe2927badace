//! servicenow-cli 0.5.3, a command line in Rust.

use std::sync::OnceLock;

use serde_json::Value;

use super::{Field, Needs};

/// What is asked of servicenow-cli.
const CLI: Field = Field {
    manifest: "servicenow-cli.yaml",
    needs: Needs::Installed("bin/servicenow"),
    filters: &[
        "core/healthy-*",
        "exact:SP-A01",
        "exact:SP-P01/at-sync",
        "permissions/silent-empty",
        "availability/hibernating-at-check",
        "tls/expired-certificate",
        "exact:SP-W02",
        "exact:SP-T10",
        "exact:SP-D08",
    ],
    report: &REPORT,
};
static REPORT: OnceLock<Option<Value>> = OnceLock::new();

#[test]
fn servicenow_cli_checks_reads_and_writes_where_all_is_well() {
    let Some(runs) = CLI.runs("servicenow_cli_checks_reads_and_writes_where_all_is_well") else {
        return;
    };
    for id in [
        "core/healthy-check",
        "core/healthy-sync",
        "core/healthy-write",
    ] {
        let run = runs.of(id, None);
        assert_eq!(run.verdict(), "pass", "{}", run.0);
    }
}

#[test]
fn servicenow_cli_takes_a_missing_role_for_a_refused_login() {
    let Some(runs) = CLI.runs("servicenow_cli_takes_a_missing_role_for_a_refused_login") else {
        return;
    };
    // One kind of error stands for 401 and 403, and its advice is to log in again.
    let run = runs.of("permissions/missing-role", Some("at-sync"));
    assert!(
        run.words().starts_with("authentication failed: "),
        "{}",
        run.words()
    );
    // It quotes what the instance said, behind a lead that is false.
    assert_eq!(run.result("diagnosis-class"), "pass", "{}", run.words());
    assert_eq!(run.result("diagnosis-never"), "fail");
    assert_eq!(run.result("no-retry-on-403"), "pass");
    let run = runs.of("authentication/wrong-password", None);
    assert_eq!(run.result("diagnosis-class"), "pass", "{}", run.words());
    assert_eq!(run.result("no-retry-on-401-basic"), "pass");
}

#[test]
fn servicenow_cli_calls_an_empty_answer_readable() {
    let Some(runs) = CLI.runs("servicenow_cli_calls_an_empty_answer_readable") else {
        return;
    };
    let run = runs.of("permissions/silent-empty", Some("at-sync"));
    assert_eq!(run.result("outcome-as-expected"), "fail");
}

#[test]
fn servicenow_cli_drops_the_cause_of_every_certificate_fault() {
    let Some(runs) = CLI.runs("servicenow_cli_drops_the_cause_of_every_certificate_fault") else {
        return;
    };
    for variant in [None, Some("self-signed"), Some("wrong-host")] {
        let run = runs.of("tls/expired-certificate", variant);
        assert!(
            run.words()
                .starts_with("HTTP error: error sending request for url"),
            "{}",
            run.words()
        );
        assert_eq!(run.class(), None);
        assert_eq!(run.result("diagnosis-class"), "fail");
        assert_eq!(run.result("no-retry-on-certificate-failure"), "pass");
    }
}

#[test]
fn servicenow_cli_cannot_decode_a_hibernating_instance() {
    let Some(runs) = CLI.runs("servicenow_cli_cannot_decode_a_hibernating_instance") else {
        return;
    };
    for variant in [None, Some("at-sync")] {
        let run = runs.of("availability/hibernating-at-check", variant);
        assert!(
            run.words()
                .starts_with("HTTP error: error decoding response body"),
            "{}",
            run.words()
        );
        assert_eq!(run.result("outcome-as-expected"), "pass", "it does fail");
        assert_eq!(run.result("diagnosis-class"), "fail");
    }
}

#[test]
fn servicenow_cli_never_waits_for_a_rate_limit() {
    let Some(runs) = CLI.runs("servicenow_cli_never_waits_for_a_rate_limit") else {
        return;
    };
    let run = runs.of("throttle/refused-at-once", None);
    assert_eq!(run.result("outcome-as-expected"), "fail");
    assert_eq!(run.class(), Some("throttle.rate_limit"), "it does say why");
    let attempts = &run.check("bounded-attempts")["evidence"];
    assert_eq!(
        attempts.as_array().unwrap().len(),
        2,
        "one request and its outcome"
    );
}

#[test]
fn servicenow_cli_stops_at_a_short_page_although_it_was_asked_for_all() {
    let test = "servicenow_cli_stops_at_a_short_page_although_it_was_asked_for_all";
    let Some(runs) = CLI.runs(test) else {
        return;
    };
    let run = runs.of("data/short-page-of-a-thousand", None);
    for check in [
        "pages-past-short-page",
        "no-lost-records",
        "no-silent-truncation",
    ] {
        assert_eq!(run.result(check), "fail", "{check}");
    }
}

#[test]
fn servicenow_cli_does_not_say_that_a_write_may_have_happened() {
    let Some(runs) = CLI.runs("servicenow_cli_does_not_say_that_a_write_may_have_happened") else {
        return;
    };
    let run = runs.of("writes/answer-lost", None);
    assert_eq!(
        run.result("no-duplicate-create"),
        "pass",
        "it never tries again"
    );
    assert_eq!(run.result("diagnosis-class"), "fail", "{}", run.words());
}
