//! Real clients brought to the simulator by each route, told nothing but a URL and a login.
//!
//! What a machine does not allow or does not have is left out by name, on stderr.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]
#![expect(clippy::print_stderr, reason = "what is left out is told")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A read with curl, whose own exit status says how it went.
const CURL: &str = "curl --silent --show-error --fail --output /dev/null \
                    --user \"$SNOWPROOF_USER:$SNOWPROOF_PASSWORD\" \
                    \"$SNOWPROOF_BASE_URL/api/now/table/cmdb_ci_server?sysparm_limit=1\"";

/// A command on a healthy instance, by a route.
struct Run {
    folder: tempfile::TempDir,
    output: Output,
}

impl Run {
    fn by(route: &str, command: &[&str]) -> Self {
        Self::with(route, &[], command)
    }

    fn with(route: &str, flags: &[&str], command: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
            .args(["exec", "--route", route, "--out"])
            .arg(folder.path().join("out"))
            .args(["--pass-env", "PYENV_ROOT"])
            .args(flags)
            .args(["SP-C01", "--"])
            .args(command)
            .output()
            .unwrap();
        Self { folder, output }
    }

    fn json(&self, path: &str) -> Value {
        let text = std::fs::read_to_string(self.folder.path().join("out").join(path)).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn act(&self) -> Value {
        self.json("evidence/SP-C01/act-1/act.json")
    }

    /// Whether the route does not work on this machine; told, so that nobody takes it for a pass.
    fn could_not_run(&self) -> bool {
        let reason = &self.json("report.json")["runs"][0]["reason"];
        let reason = reason.as_str().unwrap_or_default();
        let could_not = reason.starts_with("could not run: ");
        if could_not {
            assert_eq!(self.output.status.code(), Some(2), "{reason}");
            assert!(reason.ends_with("see `snowproof doctor`"), "{reason}");
            eprintln!("LEFT OUT: {reason}");
        }
        could_not
    }

    fn assert_pass(&self) {
        if self.could_not_run() {
            return;
        }
        let stderr = self.folder.path().join("out/evidence/SP-C01/act-1/stderr");
        let words = std::fs::read_to_string(stderr).unwrap_or_default();
        let report = String::from_utf8_lossy(&self.output.stdout);
        assert!(self.output.status.success(), "{report}\n{words}");
    }
}

/// Whether a command works here at all.
fn has(program: &str, arguments: &[&str]) -> bool {
    let tried = Command::new(program).args(arguments).output();
    let works = tried.is_ok_and(|output| output.status.success());
    if !works {
        eprintln!(
            "LEFT OUT: `{program} {}` does not work here",
            arguments.join(" ")
        );
    }
    works
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/routes")
        .join(name)
}

#[test]
fn curl_takes_every_route_of_the_c_library() {
    if !has("curl", &["--version"]) {
        return;
    }
    for route in ["direct", "proxy", "hosts", "nss_wrapper"] {
        Run::by(route, &["sh", "-c", CURL]).assert_pass();
    }
}

#[test]
fn python_goes_by_the_proxy() {
    if has("python3", &["-c", "import requests"]) {
        let script = fixture("fetch.py").display().to_string();
        Run::by("proxy", &["python3", &script]).assert_pass();
    }
}

#[test]
fn java_trusts_the_run_and_takes_its_own_routes() {
    if !has("javac", &["-version"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let compiled = Command::new("javac")
        .arg("-d")
        .arg(folder.path())
        .arg(fixture("Fetch.java"))
        .status();
    assert!(compiled.unwrap().success());
    let classes = folder.path().display().to_string();
    for route in ["java_hosts", "proxy"] {
        Run::by(route, &["java", "-cp", &classes, "Fetch"]).assert_pass();
    }
}

#[test]
fn the_bundled_connector_goes_by_the_proxy_too() {
    let manifest = include_str!("../subjects/model.yaml");
    let folder = tempfile::tempdir().unwrap();
    let subject = folder.path().join("subject.yaml");
    std::fs::write(&subject, format!("{manifest}route: proxy\n")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .args(["test", "exact:SP-C02", "--subject"])
        .arg(&subject)
        .arg("--out")
        .arg(folder.path().join("out"))
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}");
}

#[test]
fn exit_statuses_and_signals_pass_through_a_mount_namespace() {
    let run = Run::by("hosts", &["sh", "-c", "exit 7"]);
    if run.could_not_run() {
        return;
    }
    assert_eq!(run.act()["exit_code"], 7);
    let run = Run::by("hosts", &["sh", "-c", "kill -USR1 $$"]);
    assert_eq!(run.act()["signal"], 10);
}

#[test]
fn a_group_in_a_mount_namespace_is_ended_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid").display().to_string();
    let script = format!("sleep 300 & echo $! > '{file}'; wait");
    let run = Run::with("hosts", &["--contact-within", "2s"], &["sh", "-c", &script]);
    if run.could_not_run() {
        return;
    }
    assert_eq!(run.act()["ending"], "over_budget");
    let sleeper = std::fs::read_to_string(file).unwrap();
    let state = Path::new("/proc").join(sleeper.trim()).join("stat");
    let state = std::fs::read_to_string(state).unwrap_or_default();
    // Whoever adopts it may not have reaped it yet.
    assert!(state.is_empty() || state.contains(") Z "), "{state}");
}
