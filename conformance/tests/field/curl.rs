//! curl as it stands in scripts, with a manifest of a few lines.

use std::sync::OnceLock;

use serde_json::Value;

use super::{Field, Needs};

/// What is asked of curl.
const CURL: Field = Field {
    manifest: "curl.yaml",
    needs: Needs::Program("curl"),
    filters: &[
        "core/healthy-check",
        "core/healthy-write",
        "exact:SP-A01",
        "exact:SP-I01",
        "tls/expired-certificate",
        "exact:SP-W02",
        "core/healthy-deeds",
        "exact:SP-W05",
        "exact:SP-P22",
    ],
    report: &REPORT,
};
static REPORT: OnceLock<Option<Value>> = OnceLock::new();

#[test]
fn curl_reads_and_writes_where_all_is_well() {
    let Some(runs) = CURL.runs("curl_reads_and_writes_where_all_is_well") else {
        return;
    };
    for id in ["core/healthy-check", "core/healthy-write"] {
        let run = runs.of(id, None);
        assert_eq!(run.verdict(), "pass", "{}", run.0);
    }
}

#[test]
fn curl_changes_uploads_and_sends() {
    let Some(runs) = CURL.runs("curl_changes_uploads_and_sends") else {
        return;
    };
    for (id, variant) in [
        ("core/healthy-deeds", None),
        ("core/healthy-deeds", Some("attach")),
        ("core/healthy-deeds", Some("email")),
        // It shows the password that it is given at once.
        ("writes/upload-not-challenged", None),
    ] {
        let run = runs.of(id, variant);
        assert_eq!(run.verdict(), "pass", "{}", run.0);
        assert_eq!(run.result("no-lost-write"), "pass", "{}", run.0);
    }
    // A status alone does not say which role is missing.
    let run = runs.of("permissions/email-role", None);
    assert_eq!(run.result("outcome-as-expected"), "pass");
    assert_eq!(run.result("diagnosis-names-fact"), "fail");
}

#[test]
fn curl_is_content_with_a_hibernating_instance() {
    let Some(runs) = CURL.runs("curl_is_content_with_a_hibernating_instance") else {
        return;
    };
    let run = runs.of("availability/hibernating-at-check", None);
    assert_eq!(run.result("outcome-as-expected"), "fail");
    assert_eq!(run.result("rejects-200-non-json"), "fail");
}

#[test]
fn curl_tells_certificates_and_passwords_apart() {
    let Some(runs) = CURL.runs("curl_tells_certificates_and_passwords_apart") else {
        return;
    };
    for (id, variant, class) in [
        (
            "authentication/wrong-password",
            None,
            "auth.invalid_credentials",
        ),
        ("tls/expired-certificate", None, "tls.expired"),
        (
            "tls/expired-certificate",
            Some("self-signed"),
            "tls.untrusted",
        ),
        (
            "tls/expired-certificate",
            Some("wrong-host"),
            "tls.hostname",
        ),
    ] {
        let run = runs.of(id, variant);
        assert_eq!(run.class(), Some(class), "{}", run.words());
        assert_eq!(run.result("diagnosis-class"), "pass");
    }
}

#[test]
fn curl_does_not_say_that_a_write_may_have_happened() {
    let Some(runs) = CURL.runs("curl_does_not_say_that_a_write_may_have_happened") else {
        return;
    };
    // It does no harm by itself, and its user knows only that something went wrong.
    let run = runs.of("writes/answer-lost", None);
    assert_eq!(run.result("no-duplicate-create"), "pass");
    assert_eq!(run.result("diagnosis-class"), "fail", "{}", run.words());
}
