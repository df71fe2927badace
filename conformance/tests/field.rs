//! What public connectors that nobody here wrote truly do: findings that are facts of the pinned
//! versions, PySNC 1.2.1 and mcp-server-servicenow 0.9.2. Not that they pass.
//!
//! They are installed by `conformance/subjects/install`. Where they are not, each test says on
//! stderr that it is skipped, by name; with `SNOWPROOF_REQUIRE_SUBJECTS=1` it fails instead.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// What is asked of PySNC.
const PYSNC: Field = Field {
    manifest: "pysnc.yaml",
    filters: &[
        "core/healthy-check",
        "core/healthy-sync",
        "authentication/wrong-password",
        "permissions/missing-role",
        "availability/hibernating-at-check",
        "tls/expired-certificate",
        "exact:SP-T01",
        "network/reset-mid-body",
        "data/acl-shortened-pages",
        "data/killed-and-resumed",
    ],
    report: &PYSNC_REPORT,
};
static PYSNC_REPORT: OnceLock<Option<Value>> = OnceLock::new();

/// What is asked of mcp-server-servicenow.
const MCP: Field = Field {
    manifest: "mcp-server-servicenow.yaml",
    filters: &[
        "core/healthy-check",
        "authentication/wrong-password",
        "availability/hibernating-at-check",
        "tls/expired-certificate",
    ],
    report: &MCP_REPORT,
};
static MCP_REPORT: OnceLock<Option<Value>> = OnceLock::new();

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
    let run = runs.of("throttle/rate-limit-retry-after", None);
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

#[test]
fn mcp_server_passes_a_healthy_check() {
    let Some(runs) = MCP.runs("mcp_server_passes_a_healthy_check") else {
        return;
    };
    let run = runs.of("core/healthy-check", None);
    assert_eq!(run.result("outcome-as-expected"), "pass");
    assert_eq!(run.verdict(), "pass", "{}", run.0);
}

#[test]
fn mcp_server_names_a_hibernating_instance_and_how_to_wake_it() {
    let Some(runs) = MCP.runs("mcp_server_names_a_hibernating_instance_and_how_to_wake_it") else {
        return;
    };
    let run = runs.of("availability/hibernating-at-check", None);
    assert_eq!(run.class(), Some("instance.hibernating"));
    assert_eq!(run.result("diagnosis-class"), "pass");
    assert_eq!(run.result("offers-next-step"), "pass");
    // It also names a login page, which the page it was sent rules out.
    assert!(run.words().contains("or a login page"), "{}", run.words());
    assert_eq!(run.result("diagnosis-never"), "fail");
}

#[test]
fn mcp_server_tells_a_refused_password_apart() {
    let Some(runs) = MCP.runs("mcp_server_tells_a_refused_password_apart") else {
        return;
    };
    let run = runs.of("authentication/wrong-password", None);
    assert_eq!(run.class(), Some("auth.invalid_credentials"));
    assert_eq!(run.result("no-retry-on-401-basic"), "pass");
}

#[test]
fn mcp_server_has_one_text_for_every_certificate_fault() {
    let Some(runs) = MCP.runs("mcp_server_has_one_text_for_every_certificate_fault") else {
        return;
    };
    let words = |variant| {
        let run = runs.of("tls/expired-certificate", variant);
        assert_eq!(run.result("no-retry-on-certificate-failure"), "pass");
        // The port differs from run to run.
        let text = run.words().to_owned();
        text.split(" for https://").next().unwrap().to_owned()
    };
    assert_eq!(words(None), "TLS certificate check failed");
    assert_eq!(words(Some("wrong-host")), words(None));
    assert_eq!(words(Some("self-signed")), words(None));
    let expired = runs.of("tls/expired-certificate", None);
    assert_eq!(expired.result("diagnosis-class"), "fail");
}

/// A connector and the scenarios that are run once for all of its tests.
struct Field {
    manifest: &'static str,
    filters: &'static [&'static str],
    report: &'static OnceLock<Option<Value>>,
}

impl Field {
    /// The runs of its report; none, said on stderr, where it is not installed.
    #[expect(
        clippy::explicit_write,
        reason = "the test harness swallows what `eprintln` writes"
    )]
    fn runs(&self, test: &str) -> Option<Runs> {
        if let Some(report) = self.report.get_or_init(|| self.judge()) {
            return Some(Runs(report["runs"].as_array().unwrap().clone()));
        }
        let why = "run `conformance/subjects/install` first";
        assert!(
            std::env::var_os("SNOWPROOF_REQUIRE_SUBJECTS").is_none(),
            "{} is not installed: {why}",
            self.manifest
        );
        writeln!(
            std::io::stderr(),
            "SKIPPED {test}: {} is not installed; {why}",
            self.manifest
        )
        .unwrap();
        None
    }

    fn judge(&self) -> Option<Value> {
        if !environment().join("bin/python").exists() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
            .args(["test", "--subject"])
            .arg(subjects().join(self.manifest))
            .arg("--out")
            .arg(folder.path())
            .args(self.filters)
            .env("SNOWPROOF_SUBJECTS", environment())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let report = std::fs::read_to_string(folder.path().join("report.json"))
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        Some(serde_json::from_str(&report).unwrap())
    }
}

fn subjects() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("subjects")
}

fn environment() -> PathBuf {
    std::env::var_os("SNOWPROOF_SUBJECTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(".venv-subjects"),
        PathBuf::from,
    )
}

struct Runs(Vec<Value>);

impl Runs {
    fn of(&self, id: &str, variant: Option<&str>) -> Run<'_> {
        self.0
            .iter()
            .find(|run| run["id"] == id && run["variant"].as_str() == variant)
            .map(Run)
            .unwrap_or_else(|| panic!("no run of {id} {variant:?}"))
    }
}

struct Run<'a>(&'a Value);

impl<'a> Run<'a> {
    fn check(&self, id: &str) -> &'a Value {
        self.0["checks"]
            .as_array()
            .unwrap()
            .iter()
            .find(|check| check["id"] == id)
            .unwrap_or_else(|| panic!("no check {id} in {}", self.0))
    }

    fn result(&self, id: &str) -> &'a str {
        self.check(id)["verdict"].as_str().unwrap()
    }

    fn verdict(&self) -> &'a str {
        self.0["verdict"].as_str().unwrap()
    }

    fn class(&self) -> Option<&'a str> {
        self.0["diagnosis"]["class"].as_str()
    }

    fn words(&self) -> &'a str {
        self.0["diagnosis"]["text"].as_str().unwrap_or_default()
    }
}
