//! What public connectors that nobody here wrote truly do: findings that are facts of the pinned
//! versions, one file a connector. Not that they pass.
//!
//! They are installed by `conformance/subjects/install`. Where they are not, each test says on
//! stderr that it is skipped, by name; with `SNOWPROOF_REQUIRE_SUBJECTS=1` it fails instead.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;

mod airbyte;
mod authlib;
mod curl;
mod document;
mod mcp;
mod pysnc;
mod pysnc_batch;
mod recipes;
mod requests_oauthlib;
mod servicenow_cli;
mod servicenow_rest_api;
mod singer;
mod snowloader;

/// A connector and the scenarios that are run once for all of its tests.
struct Field {
    manifest: &'static str,
    /// What shows that it is installed: a path in the folder of the subjects, or a program.
    needs: Needs,
    filters: &'static [&'static str],
    report: &'static OnceLock<Option<Value>>,
}

/// What a connector needs.
#[derive(Debug, Clone, Copy)]
enum Needs {
    Installed(&'static str),
    Program(&'static str),
}

impl Needs {
    fn are_met(self) -> bool {
        match self {
            Self::Installed(path) => environment().join(path).exists(),
            Self::Program(name) => std::env::var_os("PATH").is_some_and(|path| {
                std::env::split_paths(&path).any(|dir| dir.join(name).exists())
            }),
        }
    }
}

impl Needs {
    /// Whether they are met; where they are not, that the test is skipped is said on stderr.
    #[expect(
        clippy::explicit_write,
        reason = "the test harness swallows what `eprintln` writes"
    )]
    fn may_be_used(self, test: &str, what: &str) -> bool {
        if self.are_met() {
            return true;
        }
        let why = "run `conformance/subjects/install` first";
        assert!(
            std::env::var_os("SNOWPROOF_REQUIRE_SUBJECTS").is_none(),
            "{what} is not installed: {why}",
        );
        writeln!(
            std::io::stderr(),
            "SKIPPED {test}: {what} is not installed; {why}"
        )
        .unwrap();
        false
    }

    /// A framework takes seconds of a processor before its first request.
    fn patience(self) -> &'static [&'static str] {
        match self {
            Self::Installed(path) if path.starts_with("frameworks/") => {
                &["--jobs", "4", "--contact-within", "2m"]
            }
            Self::Installed(_) | Self::Program(_) => &[],
        }
    }
}

impl Field {
    /// The runs of its report; none, said on stderr, where it is not installed.
    fn runs(&self, test: &str) -> Option<Runs> {
        if let Some(report) = self.report.get_or_init(|| self.judge()) {
            return Some(Runs(report["runs"].as_array().unwrap().clone()));
        }
        self.needs.may_be_used(test, self.manifest);
        None
    }

    fn judge(&self) -> Option<Value> {
        // One connector after the other: starting many interpreters at once costs each of them the
        // time in which it has to make contact.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.needs.are_met() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
            .args(["test", "--subject"])
            .arg(subjects().join(self.manifest))
            .arg("--out")
            .arg(folder.path())
            .args(self.needs.patience())
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

    /// What is said of a check: what was seen.
    fn observed(&self, id: &str) -> &'a str {
        self.check(id)["observed"].as_str().unwrap_or_default()
    }

    fn words(&self) -> &'a str {
        self.0["diagnosis"]["text"].as_str().unwrap_or_default()
    }
}
