//! A run that is interrupted, and the process that it is.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{command, fixtures, out, report};

/// A child that is ended with the test.
pub(super) struct Running(pub(super) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    pub(super) fn interrupt(&self) {
        self.signal("-INT");
    }

    fn signal(&self, signal: &str) {
        let id = self.0.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }
}

#[test]
fn an_interrupted_run_ends_with_130_and_a_whole_report() {
    // What a person sends, and what a CI system sends.
    for signal in ["-INT", "-TERM"] {
        interrupted_by(signal);
    }
}

fn interrupted_by(signal: &str) {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("subject.yaml");
    // It says by a file that it runs, and then hangs.
    let started = folder.path().join("started");
    let fifo = started.display();
    assert!(
        Command::new("mkfifo")
            .arg(&started)
            .status()
            .unwrap()
            .success()
    );
    let text = format!(
        "schema: snowproof.subject/1\nsubject: slow\nadapter: command\nrun: {{ check: [sh, -c, 'echo > {fifo}; sleep 600'] }}\ncapabilities: [check, basic]\n"
    );
    std::fs::write(&manifest, text).unwrap();
    let out = out(&folder);
    let mut running = Running(
        command(&[
            "test",
            "FX-P01",
            "FX-H02",
            "--scenarios",
            &fixtures(),
            "--out",
            &out,
            "--subject",
        ])
        .arg(&manifest)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap(),
    );
    // Opening a pipe for reading waits for its writer.
    assert_eq!(std::fs::read_to_string(&started).unwrap(), "\n");
    running.signal(signal);
    assert_eq!(running.0.wait().unwrap().code(), Some(130));
    let report = report(&out);
    assert_eq!(report["interrupted"], true);
    let verdicts: Vec<&str> = report["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(
        verdicts,
        ["not_applicable", "not_applicable", "inconclusive"]
    );
    let evidence = std::fs::read_dir(Path::new(&out).join("evidence")).unwrap();
    assert_eq!(evidence.count(), 0, "half a run leaves nothing to judge");
}
