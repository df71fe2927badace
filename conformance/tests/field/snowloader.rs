//! snowloader 0.8.1, which takes nothing but a name and is brought here through a proxy.

use std::sync::OnceLock;

use serde_json::Value;

use super::{Field, Needs};

/// What is asked of snowloader.
const SNOWLOADER: Field = Field {
    manifest: "snowloader.yaml",
    needs: Needs::Installed("bin/snowloader"),
    filters: &[
        "core/healthy-check",
        "exact:SP-C02",
        "exact:SP-A01",
        "exact:SP-I01",
        "tls/expired-certificate",
        "exact:SP-T10",
    ],
    report: &REPORT,
};
static REPORT: OnceLock<Option<Value>> = OnceLock::new();

#[test]
fn snowloader_reads_a_healthy_table_once_and_whole() {
    let test = "snowloader_reads_a_healthy_table_once_and_whole";
    let Some(runs) = SNOWLOADER.runs(test) else {
        return;
    };
    for id in ["core/healthy-check", "core/healthy-sync"] {
        let run = runs.of(id, None);
        assert_eq!(run.verdict(), "pass", "{}", run.0);
    }
}

#[test]
fn snowloader_suspects_hibernation_behind_every_certificate_fault() {
    let test = "snowloader_suspects_hibernation_behind_every_certificate_fault";
    let Some(runs) = SNOWLOADER.runs(test) else {
        return;
    };
    for variant in [None, Some("self-signed"), Some("wrong-host")] {
        let run = runs.of("tls/expired-certificate", variant);
        assert!(
            run.words().contains("The instance may be hibernating"),
            "{}",
            run.words()
        );
        assert_eq!(run.result("diagnosis-never"), "fail");
        // It shakes hands once more for each of its three retries.
        let check = run.check("no-retry-on-certificate-failure");
        assert_eq!(check["verdict"], "fail");
        assert_eq!(check["evidence"].as_array().unwrap().len(), 4, "{check}");
    }
}

#[test]
fn snowloader_shows_the_page_of_a_hibernating_instance_after_four_attempts() {
    let test = "snowloader_shows_the_page_of_a_hibernating_instance_after_four_attempts";
    let Some(runs) = SNOWLOADER.runs(test) else {
        return;
    };
    let run = runs.of("availability/hibernating-at-check", None);
    assert!(
        run.words().starts_with("API returned non-JSON response"),
        "{}",
        run.words()
    );
    assert_eq!(run.result("outcome-as-expected"), "pass", "it does fail");
    // The page that it quotes says what it is.
    assert_eq!(run.class(), Some("instance.hibernating"));
}

#[test]
fn snowloader_waits_for_a_rate_limit_and_sends_a_refused_password_once() {
    let test = "snowloader_waits_for_a_rate_limit_and_sends_a_refused_password_once";
    let Some(runs) = SNOWLOADER.runs(test) else {
        return;
    };
    let run = runs.of("throttle/refused-at-once", None);
    for check in [
        "outcome-as-expected",
        "waits-at-least-retry-after",
        "no-lost-records",
    ] {
        assert_eq!(run.result(check), "pass", "{check}");
    }
    let run = runs.of("authentication/wrong-password", None);
    for check in ["no-retry-on-401-basic", "diagnosis-class"] {
        assert_eq!(run.result(check), "pass", "{check}");
    }
}
