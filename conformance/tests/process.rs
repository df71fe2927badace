//! Processes that misbehave: each has a named result, and none is a panic, a hang or a pass.

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Judges the manifest `subject.yaml` of a folder on the scenario of abuse, into its `out`.
fn judge(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .args(["test", "FX-P01", "--scenarios"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/scenarios"))
        .arg("--subject")
        .arg(folder.join("subject.yaml"))
        .arg("--out")
        .arg(folder.join("out"))
        .args(more)
        .output()
        .unwrap()
}

/// One run of the judge.
struct Run {
    folder: tempfile::TempDir,
    output: Output,
}

impl Run {
    /// Judges a shell script on the scenario of abuse.
    fn of(adapter: &str, script: &str) -> Self {
        Self::with(adapter, script, &["--contact-within", "2s"])
    }

    fn with(adapter: &str, script: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = if adapter == "native" {
            "native"
        } else {
            "check"
        };
        std::fs::write(folder.path().join("subject.sh"), script).unwrap();
        let manifest = format!(
            "schema: snowproof.subject/1\nsubject: abuse\nadapter: {adapter}\nrun: {{ {key}: [sh, \"{{subject_dir}}/subject.sh\"] }}\n\
             env: {{ PASSWORD: \"{{password}}\" }}\ncapabilities: [check, basic]\ndiagnosis: {{ read_from: [stderr_last_line] }}\n"
        );
        std::fs::write(folder.path().join("subject.yaml"), manifest).unwrap();
        let output = judge(folder.path(), more);
        Self { folder, output }
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn json(&self, path: &str) -> Value {
        let path = self.out().join(path);
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}\n{}", path.display(), self.said()));
        serde_json::from_str(&text).unwrap()
    }

    fn act(&self) -> Value {
        self.json("evidence/FX-P01/act-1/act.json")
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// Asserts what every one of these runs has in common, and the problems of this one.
    fn has_problems(&self, expected: &[&str]) -> Value {
        assert!(!self.said().contains("panicked"), "{}", self.said());
        let report = self.json("report.json");
        let run = &report["runs"][0];
        assert_ne!(run["verdict"], "pass", "{run:#}");
        assert!(
            run["reason"]
                .as_str()
                .is_some_and(|reason| !reason.is_empty()),
            "{run:#}"
        );
        let status = self.output.status.code().unwrap();
        assert!([1, 2, 5].contains(&status), "{status}");
        let act = self.act();
        let problems: Vec<String> = act["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|problem| match problem {
                Value::Object(fields) => fields.keys().next().unwrap().clone(),
                other => other.as_str().unwrap().to_owned(),
            })
            .collect();
        assert_eq!(problems, expected, "{act:#}");
        act
    }
}

const HELLO: &str = r#"echo '{"type":"hello","protocol":"snowproof.native/1","name":"x","version":"1","capabilities":[]}'"#;

#[test]
fn one_that_hangs_is_ended() {
    let act = Run::of("command", "sleep 600").has_problems(&[]);
    assert_eq!(act["ending"], "over_budget");
    assert_eq!(act["signal"], 15);
}

#[test]
fn one_that_ignores_term_is_killed_with_its_children() {
    let run = Run::of(
        "command",
        "trap '' TERM\nsleep 600 & echo $! >&2\nwait\nwait\n",
    );
    let act = run.has_problems(&["ignored_term"]);
    assert_eq!(act["ending"], "over_budget");
    assert_eq!(act["signal"], 9);
    let stderr = std::fs::read_to_string(run.out().join("evidence/FX-P01/act-1/stderr")).unwrap();
    let child: i32 = stderr.trim().parse().unwrap();
    assert!(!lives(child), "the grandchild {child} lives on");
}

/// Whether a process runs; a zombie does not.
fn lives(process: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn one_that_floods_its_output_is_drained_and_capped() {
    let script = "head -c 20000000 /dev/zero | tr '\\0' x\necho the end";
    let run = Run::with("command", script, &[]);
    let act = run.has_problems(&["flooded", "never_connected"]);
    assert_eq!(act["output"]["stdout"], 20_000_008);
    let kept = std::fs::read(run.out().join("evidence/FX-P01/act-1/stdout")).unwrap();
    assert!(
        kept.len() < 300 * 1024 && kept.ends_with(b"the end\n"),
        "{}",
        kept.len()
    );
}

#[test]
fn one_that_exits_at_once_never_connected() {
    let act = Run::of("command", "exit 7").has_problems(&["never_connected"]);
    assert_eq!(act["exit_code"], 7);
}

#[test]
fn one_that_exits_with_success_and_silence_does_not_pass() {
    Run::of("command", "exit 0").has_problems(&["never_connected"]);
    Run::of("native", "exit 0").has_problems(&["no_result", "never_connected"]);
}

#[test]
fn one_that_does_not_implement_what_is_asked_says_so() {
    Run::of("command", "exit 89").has_problems(&["not_implemented"]);
}

#[test]
fn one_that_prints_half_a_line_is_heard_as_far_as_it_went() {
    let script = format!("{HELLO}\nprintf '{{\"type\":\"result\"'");
    let act =
        Run::of("native", &script).has_problems(&["half_line", "no_result", "never_connected"]);
    assert_eq!(act["problems"][0]["half_line"]["bytes"], 16);
}

#[test]
fn one_that_answers_for_another_run_is_not_believed() {
    let script = format!(
        "{HELLO}\nread run\necho '{{\"type\":\"result\",\"run_id\":\"mine\",\"outcome\":\"success\"}}'"
    );
    let act =
        Run::of("native", &script).has_problems(&["bad_line", "no_result", "never_connected"]);
    assert!(act["said"]["outcome"].is_null());
}

#[test]
fn one_that_prints_garbage_is_named_by_the_line() {
    let script = format!("{HELLO}\nhead -c 4096 /dev/urandom | tr -d '\\n'\necho");
    let act =
        Run::of("native", &script).has_problems(&["bad_line", "no_result", "never_connected"]);
    assert_eq!(act["problems"][0]["bad_line"]["line"], 2);
}

#[test]
fn a_result_out_of_nothing_is_no_pass() {
    let script = format!(
        "{HELLO}\nread run\nid=$(printf %s \"$run\" | sed 's/.*\"run_id\":\"\\([0-9a-f]*\\)\".*/\\1/')\n\
         echo '{{\"type\":\"result\",\"run_id\":\"'$id'\",\"outcome\":\"success\"}}'"
    );
    let act = Run::of("native", &script).has_problems(&["never_connected"]);
    assert_eq!(act["said"]["outcome"], "success");
}

#[test]
fn a_grandchild_that_keeps_the_pipe_is_swept_with_the_group() {
    let run = Run::of("command", "sleep 600 &\necho $! >&2\nexit 3");
    run.has_problems(&["never_connected"]);
    let stderr = std::fs::read_to_string(run.out().join("evidence/FX-P01/act-1/stderr")).unwrap();
    assert!(!lives(stderr.trim().parse().unwrap()));
}

#[test]
fn a_grandchild_that_leaves_the_group_is_swept_too() {
    let run = Run::of(
        "command",
        "mkfifo started\nsetsid sh -c 'echo $$ >&2; echo > started; exec sleep 60' &\nread started < started\nexit 3",
    );
    let act = run.has_problems(&["never_connected"]);
    assert_eq!(act["exit_code"], 3);
    let stderr = std::fs::read_to_string(run.out().join("evidence/FX-P01/act-1/stderr")).unwrap();
    assert!(!lives(stderr.trim().parse().unwrap()));
}

#[test]
fn a_program_that_is_missing_is_named_before_anything_runs() {
    let (folder, output) = judged("/nonexistent/program");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("the program `/nonexistent/program` of `check` does not exist"),
        "{told}"
    );
    assert!(!folder.path().join("out").exists());
}

#[test]
fn one_that_cannot_be_started_is_the_harness_error_it_is() {
    let (folder, output) = judged("{subject_dir}/not-a-program");
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    let report = std::fs::read_to_string(folder.path().join("out/report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    let reason = report["runs"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("not-a-program`: Exec format error"),
        "{reason}"
    );
    assert_eq!(report["runs"][0]["verdict"], "harness_error");
    let act = folder.path().join("out/evidence/FX-P01/act-1/act.json");
    assert!(
        std::fs::read_to_string(act)
            .unwrap()
            .contains("not_started")
    );
}

/// Judges this program; beside its manifest lies a file that is executable and no program.
fn judged(program: &str) -> (tempfile::TempDir, Output) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let manifest = format!(
        "schema: snowproof.subject/1\nsubject: x\nadapter: command\nrun: {{ check: [\"{program}\"] }}\ncapabilities: [check, basic]\n"
    );
    std::fs::write(folder.path().join("subject.yaml"), manifest).unwrap();
    let garbage = folder.path().join("not-a-program");
    std::fs::write(&garbage, "\u{7f}ELF and no more").unwrap();
    std::fs::set_permissions(&garbage, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = judge(folder.path(), &[]);
    (folder, output)
}

#[test]
fn a_printed_password_is_replaced_and_reported() {
    let run = Run::of(
        "command",
        "echo \"login with $PASSWORD failed\" >&2\nprintf %s \"$PASSWORD\" | base64 >&2\nexit 1",
    );
    let act = run.has_problems(&["never_connected"]);
    let hits = act["secret_hits"].as_array().unwrap();
    assert!(
        hits.iter()
            .any(|hit| hit["form"] == "raw" && hit["found_in"] == "stderr"),
        "{hits:?}"
    );
    assert!(hits.iter().any(|hit| hit["form"] == "base64"), "{hits:?}");
    let stderr = std::fs::read_to_string(run.out().join("evidence/FX-P01/act-1/stderr")).unwrap();
    assert!(
        stderr.starts_with("login with <secret:password> failed\n"),
        "{stderr}"
    );
}

#[test]
fn a_debugged_process_is_told_of_and_never_ended_for_being_slow() {
    // It takes longer than it may, and nobody waits for Enter where stdin is no terminal.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("slow.sh"), "sleep 4\n").unwrap();
    let manifest = "schema: snowproof.subject/1\nsubject: slow\nadapter: command\n\
         run: { check: [sh, \"{subject_dir}/slow.sh\", \"{password}\"] }\nenv: { PASSWORD: \"{password}\" }\n\
         capabilities: [check, basic]\ndiagnosis: { read_from: [stderr_last_line] }\n";
    std::fs::write(folder.path().join("subject.yaml"), manifest).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .args([
            "test",
            "--debug",
            "FX-P01",
            "--contact-within",
            "1ms",
            "--scenarios",
        ])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/scenarios"))
        .args(["--subject", "subject.yaml", "--out", "out"])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    for part in [
        "slow.sh <secret:password>",
        "  PASSWORD=<secret:password>",
        "\npid ",
        "evidence: out/evidence/FX-P01",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("Enter"), "{told}");
    let act = std::fs::read_to_string(folder.path().join("out/evidence/FX-P01/act-1/act.json"));
    let act: Value = serde_json::from_str(&act.unwrap()).unwrap();
    assert_eq!(act["ending"], "exited", "{act:#}");
}
