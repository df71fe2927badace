//! PySNC 1.2.1, ServiceNow's own Python client.

use std::sync::OnceLock;

use serde_json::Value;

use super::{Field, Needs};

/// What is asked of PySNC.
const PYSNC: Field = Field {
    manifest: "pysnc.yaml",
    needs: Needs::Installed("bin/python"),
    filters: &[
        "core/healthy-check",
        "core/healthy-sync",
        "authentication/wrong-password",
        "permissions/missing-role",
        "availability/hibernating-at-check",
        "tls/expired-certificate",
        "exact:SP-T10",
        "network/reset-mid-body",
        "data/acl-shortened-pages",
        "data/killed-and-resumed",
    ],
    report: &REPORT,
};
static REPORT: OnceLock<Option<Value>> = OnceLock::new();

#[test]
fn pysnc_reads_a_healthy_table_once_and_whole() {
    let Some(runs) = PYSNC.runs("pysnc_reads_a_healthy_table_once_and_whole") else {
        return;
    };
    let sync = runs.of("core/healthy-sync", None);
    for check in [
        "no-lost-records",
        "no-duplicate-records",
        "no-silent-truncation",
    ] {
        assert_eq!(sync.result(check), "pass", "{check}");
    }
    assert_eq!(
        runs.of("core/healthy-check", None)
            .result("outcome-as-expected"),
        "pass"
    );
}

#[test]
fn pysnc_repeats_rows_when_access_controls_shorten_pages() {
    let Some(runs) = PYSNC.runs("pysnc_repeats_rows_when_access_controls_shorten_pages") else {
        return;
    };
    // Its next offset is the number of rows received, and the limit counts hidden rows too.
    let run = runs.of("data/acl-shortened-pages", None);
    assert_eq!(run.result("no-duplicate-records"), "fail");
    assert_eq!(run.result("no-lost-records"), "pass");
    assert_eq!(run.verdict(), "fail");
}

#[test]
fn pysnc_takes_an_empty_page_for_the_end_and_reports_success() {
    let Some(runs) = PYSNC.runs("pysnc_takes_an_empty_page_for_the_end_and_reports_success") else {
        return;
    };
    let run = runs.of("data/acl-shortened-pages", Some("empty-page"));
    for check in [
        "no-lost-records",
        "no-silent-truncation",
        "pages-past-short-page",
    ] {
        assert_eq!(run.result(check), "fail", "{check}");
    }
}

#[test]
fn pysnc_shows_a_raw_parser_error_for_a_hibernating_instance() {
    let Some(runs) = PYSNC.runs("pysnc_shows_a_raw_parser_error_for_a_hibernating_instance") else {
        return;
    };
    for variant in [None, Some("at-sync")] {
        let run = runs.of("availability/hibernating-at-check", variant);
        assert!(
            run.words().contains("JSONDecodeError: Expecting value"),
            "{}",
            run.words()
        );
        assert_eq!(run.result("diagnosis-class"), "fail");
        assert_eq!(run.result("outcome-as-expected"), "pass", "it does fail");
    }
}

#[test]
fn pysnc_shakes_hands_five_times_with_an_expired_certificate() {
    let Some(runs) = PYSNC.runs("pysnc_shakes_hands_five_times_with_an_expired_certificate") else {
        return;
    };
    let run = runs.of("tls/expired-certificate", None);
    let check = run.check("no-retry-on-certificate-failure");
    assert_eq!(check["verdict"], "fail");
    assert_eq!(check["evidence"].as_array().unwrap().len(), 5, "{check}");
    assert_eq!(run.class(), Some("tls.expired"));
    assert_eq!(run.result("diagnosis-class"), "pass");
}

#[test]
fn pysnc_honours_retry_after() {
    let Some(runs) = PYSNC.runs("pysnc_honours_retry_after") else {
        return;
    };
    let run = runs.of("throttle/refused-at-once", None);
    for check in [
        "waits-at-least-retry-after",
        "no-request-inside-window",
        "no-lost-records",
    ] {
        assert_eq!(run.result(check), "pass", "{check}");
    }
}

#[test]
fn pysnc_gives_up_when_a_connection_breaks_within_an_answer() {
    let Some(runs) = PYSNC.runs("pysnc_gives_up_when_a_connection_breaks_within_an_answer") else {
        return;
    };
    // Its retries cover what happens before the body; one reset loses the whole sync.
    let run = runs.of("network/reset-mid-body", None);
    assert_eq!(run.result("retries-transient"), "fail");
    assert_eq!(run.result("no-lost-records"), "fail");
}

#[test]
fn pysnc_sends_a_refused_password_once() {
    let Some(runs) = PYSNC.runs("pysnc_sends_a_refused_password_once") else {
        return;
    };
    let run = runs.of("authentication/wrong-password", None);
    assert!(
        run.words().starts_with("AuthenticationException"),
        "{}",
        run.words()
    );
    for check in [
        "no-retry-on-401-basic",
        "no-account-lockout",
        "diagnosis-class",
    ] {
        assert_eq!(run.result(check), "pass", "{check}");
    }
}

#[test]
fn pysnc_cannot_resume_and_is_not_judged_for_it() {
    let Some(runs) = PYSNC.runs("pysnc_cannot_resume_and_is_not_judged_for_it") else {
        return;
    };
    let run = runs.of("data/killed-and-resumed", None);
    assert_eq!(run.verdict(), "not_applicable");
    assert!(
        run.0["reason"].as_str().unwrap().contains("resume"),
        "{}",
        run.0["reason"]
    );
}
