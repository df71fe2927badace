//! mcp-server-servicenow 0.9.2 and its own connection test.

use std::sync::OnceLock;

use serde_json::Value;

use super::{Field, Needs};

/// What is asked of mcp-server-servicenow.
const MCP: Field = Field {
    manifest: "mcp-server-servicenow.yaml",
    needs: Needs::Installed("bin/python"),
    filters: &[
        "core/healthy-check",
        "authentication/wrong-password",
        "availability/hibernating-at-check",
        "tls/expired-certificate",
    ],
    report: &REPORT,
};
static REPORT: OnceLock<Option<Value>> = OnceLock::new();

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
