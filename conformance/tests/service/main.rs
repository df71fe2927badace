//! The adapter `http`: a service is started, asked, and judged by what it says of itself; one that
//! lives longer than an act, and one that posts its records to a sink.

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]
#![expect(clippy::print_stderr, reason = "what is left out is told")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

mod lifetime;
mod sink;

const MANIFEST: &str = r#"schema: snowproof.subject/1
subject: service
adapter: http
run:
  http: ["python3", "{subject_dir}/service.py", "{listen_port}"]
service:
  ready: /health
  ask:
    check: { path: /jobs, body: { url: "{base_url}", user: "{user}", password: "{password}", ca: "{ca_file}", table: "{table}" } }
    sync: { path: /jobs, body: { url: "{base_url}", user: "{user}", password: "{password}", ca: "{ca_file}", table: "{table}", out: "{out_dir}/records.jsonl" } }
  status: { path: "/jobs/{job}", job: /id, state: /state, success: [done], failure: [failed] }
capabilities: [check, sync, basic]
diagnosis:
  read_from: [{ stdout_json: /error/message }]
  map: [{ match: "HTTP Error 401", class: auth.invalid_credentials }]
records: { jsonl: "{out_dir}/records.jsonl", key: /sys_id }
"#;

/// What a run left behind.
struct Ran {
    folder: tempfile::TempDir,
    output: Output,
    report: Value,
}

impl Ran {
    fn runs(&self) -> &[Value] {
        self.report["runs"].as_array().unwrap()
    }

    fn run(&self, code: &str) -> &Value {
        let found = self.runs().iter().find(|run| run["code"] == code);
        found.unwrap_or_else(|| panic!("{code}: {:#}", self.report))
    }

    /// The verdict on a scenario.
    fn verdict(&self, code: &str) -> &str {
        self.run(code)["verdict"].as_str().unwrap()
    }

    /// The checks of a scenario that failed.
    fn failed(&self, code: &str) -> Vec<&str> {
        let checks = self.run(code)["checks"].as_array().unwrap().iter();
        let failed = checks.filter(|check| check["verdict"] == "fail");
        failed.map(|check| check["id"].as_str().unwrap()).collect()
    }

    fn file(&self, path: &str) -> String {
        let path = self.folder.path().join("out/evidence").join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// What the service said of itself in an act.
    fn status(&self, act: &str) -> Value {
        serde_json::from_str(&self.file(&format!("{act}/stdout"))).unwrap()
    }

    /// The number of the process that an act asked.
    fn pid(&self, act: &str) -> u64 {
        self.status(act)["pid"].as_u64().unwrap()
    }

    fn told(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}

/// Whether a scenario was held.
fn is_fine(run: &Value) -> bool {
    run["verdict"] == "pass" || run["verdict"] == "warn"
}

/// Whether a process runs; a zombie does not.
fn lives(process: u64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// A folder with the service and its manifest; none where there is no Python.
fn prepared(manifest: &str) -> Option<tempfile::TempDir> {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("LEFT OUT: there is no python3 here");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/service/service.py");
    std::fs::copy(script, folder.path().join("service.py")).unwrap();
    std::fs::write(folder.path().join("subject.yaml"), manifest).unwrap();
    Some(folder)
}

fn snowproof(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snowproof"));
    command
        .args(words)
        .args(["--subject", "subject.yaml"])
        .current_dir(folder);
    command
}

/// Runs these scenarios; none where there is no Python.
fn ran(manifest: &str, filters: &[&str]) -> Option<Ran> {
    let folder = prepared(manifest)?;
    let mut command = snowproof(folder.path(), &["test", "--out", "out"]);
    let output = command.args(filters).output().unwrap();
    let report = std::fs::read_to_string(folder.path().join("out/report.json"));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let report = serde_json::from_str(&report.unwrap_or_else(|_| panic!("{told}"))).unwrap();
    Some(Ran {
        folder,
        output,
        report,
    })
}

/// The report of a run, and the folder that it is in; none where there is no Python.
fn run(manifest: &str, filters: &[&str]) -> Option<(tempfile::TempDir, Value)> {
    ran(manifest, filters).map(|ran| (ran.folder, ran.report))
}

#[test]
fn a_service_holds_the_core_profile_and_says_why_it_failed() {
    let Some((_folder, report)) = run(MANIFEST, &["profile:core", "exact:SP-A01"]) else {
        return;
    };
    let runs = report["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 5);
    for run in runs {
        assert!(is_fine(run), "{run:#}");
    }
    let refused = runs.iter().find(|run| run["code"] == "SP-A01").unwrap();
    assert_eq!(refused["diagnosis"]["class"], "auth.invalid_credentials");
}

#[test]
fn a_service_that_ends_before_it_is_ready_is_named() {
    let broken = MANIFEST.replace(
        "/service.py\", \"{listen_port}\"",
        "/service.py\", \"no port\"",
    );
    let Some((folder, report)) = run(&broken, &["exact:SP-C01"]) else {
        return;
    };
    assert_eq!(report["runs"][0]["verdict"], "inconclusive", "{report:#}");
    let words = folder.path().join("out/evidence/SP-C01/act-1/stderr");
    let words = std::fs::read_to_string(words).unwrap();
    assert!(
        words.contains("the service ended: exit status: 1"),
        "{words}"
    );
}

#[test]
fn what_is_missing_in_a_manifest_of_a_service_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("subject.yaml");
    let without = format!(
        "{}capabilities: [check]\n",
        MANIFEST.split("service:\n").next().unwrap()
    );
    for (manifest, told) in [
        (without, "the entry `service` is missing"),
        (
            MANIFEST.replace("state: /state", "state: state"),
            "is no JSON pointer",
        ),
        (
            MANIFEST.replace("{table}", "{tabel}"),
            "`{tabel}` is no parameter",
        ),
        (
            MANIFEST.replace("adapter: http", "adapter: native"),
            "`http` is no command of this adapter",
        ),
    ] {
        std::fs::write(&path, manifest).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
            .args(["test", "--subject"])
            .arg(&path)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{stderr}");
        assert!(stderr.contains(told), "{told}: {stderr}");
    }
}
