//! The command line as a person meets it: the real binary, its exit status, its two streams.

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

mod process;
mod serve;

fn snowproof(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snowproof"));
    command.args(arguments);
    command
}

fn fixtures() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/scenarios");
    folder.display().to_string()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn wrong_use_is_3_and_nothing_selected_is_4() {
    let fixtures = fixtures();
    for (arguments, status, expected) in [
        (vec!["tset"], 3, "test"),
        (vec!["test", "--jobs", "0"], 3, "1 to 1024"),
        (vec!["test", "--deadline", "10"], 3, "not a duration"),
        (
            vec!["test", "--sin", "hot-lop"],
            3,
            "did you mean `hot-loop`",
        ),
        (vec!["test", "colour:red"], 3, "profile:, level:, verb:"),
        (vec!["list", "level:high"], 3, "diagnose"),
        (
            vec!["list", "FX-H0Z", "--scenarios", &fixtures],
            4,
            "the nearest is `FX-H0",
        ),
        (vec!["list", "!*"], 4, "leave no scenario"),
        (
            vec!["explain", "tls.expird"],
            4,
            "did you mean `tls.expired`",
        ),
        (
            vec!["exec", "XX-1", "true"],
            4,
            "no scenario is called `XX-1`",
        ),
        (vec!["test", "--subject", "nowhere.yaml"], 3, "nowhere.yaml"),
        (vec!["judge", "nowhere"], 3, "nowhere"),
        (vec!["report", "compare", "nowhere"], 3, "nowhere"),
        (vec!["report", "compare"], 3, "REPORT"),
        (vec!["schema", "subjct"], 3, "subject.v1.json"),
        (vec!["serve", "--listen", "0.0.0.0:0"], 3, "--expose"),
        (vec!["serve", "--password", ""], 3, "--password is empty"),
        (vec!["list", "--scenarios", "nowhere"], 3, "nowhere"),
        (
            vec!["exec", "SP-A01", "no-such-program"],
            3,
            "is not on the PATH",
        ),
    ] {
        let output = snowproof(&arguments);
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{told}");
        assert!(told.contains(expected), "{arguments:?}\n{told}");
        assert!(output.stdout.is_empty(), "{arguments:?} wrote to stdout");
        assert!(!told.contains("panicked"), "{told}");
    }
}

#[test]
fn a_broken_scenario_file_is_shown_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let family = folder.path().join("healthy");
    std::fs::create_dir(&family).unwrap();
    let text = include_str!("../fixtures/scenarios/healthy/check.yaml").replace("acts:", "actz:");
    std::fs::write(family.join("check.yaml"), text).unwrap();
    let output = snowproof(&["test", "--scenarios", &folder.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(3));
    let told = stderr(&output);
    for part in [
        "check.yaml:10:1",
        "unknown key `actz`",
        "did you mean `acts`",
        "actz: [{ verb: check }]",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn a_list_is_an_array_that_filters_shape() {
    let fixtures = fixtures();
    let list = |filters: &[&str]| -> Vec<String> {
        let mut arguments = vec!["list", "--format", "json", "--scenarios", &fixtures];
        arguments.extend(filters);
        let output = snowproof(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let all: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        all.iter()
            .map(|one| match one["variant"].as_str() {
                Some(variant) => format!("{}/{variant}", one["code"].as_str().unwrap()),
                None => one["code"].as_str().unwrap().to_owned(),
            })
            .collect()
    };
    assert_eq!(
        list(&["FX-H*"]),
        ["FX-H01", "FX-H01/asleep", "FX-H02", "FX-H02/killed"]
    );
    assert_eq!(
        list(&["FX-*", "!verb:sync", "!healthy/abuse"]),
        ["FX-H01", "FX-H01/asleep"]
    );
    assert_eq!(
        list(&["fx-h02/killed", "FX-H01"]),
        ["FX-H01", "FX-H01/asleep", "FX-H02/killed"]
    );
    assert!(list(&[]).len() > list(&["!FX-*"]).len());
}

#[test]
fn everything_listed_can_be_explained() {
    for (name, expected) in [
        ("SP-T01", "waits-at-least-retry-after"),
        ("waits-at-least-retry-after", "SP-T01"),
        ("tls.expired", "next step"),
        ("rate-limited", "assumed   that a window"),
        ("SP-T01", "per 1h shown as 3s"),
        ("SP-N02", "step "),
        ("Table API", "Table API"),
        ("retry_after", "http_date"),
        ("--ledger", "## What is not modelled"),
    ] {
        let output = snowproof(&["explain", name]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stdout(&output).contains(expected), "{}", stdout(&output));
    }
}

fn out(folder: &tempfile::TempDir) -> String {
    folder.path().join("out").display().to_string()
}

#[test]
fn saved_evidence_is_judged_to_the_identical_report() {
    let folder = tempfile::tempdir().unwrap();
    let (out, fixtures) = (out(&folder), fixtures());
    let output = snowproof(&["test", "FX-H*", "--scenarios", &fixtures, "--out", &out]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    assert!(stdout(&output).contains("4 pass"), "{}", stdout(&output));
    let report = std::fs::read_to_string(Path::new(&out).join("report.json")).unwrap();
    let again = snowproof(&["judge", &out]);
    assert_eq!(again.status.code(), Some(0));
    assert_eq!(stdout(&again), report);

    let journal = Path::new(&out).join("evidence/FX-H01/journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.replacen("\"seq\"", "\"sequence\"", 1)).unwrap();
    let broken = snowproof(&["judge", &out]);
    assert_eq!(broken.status.code(), Some(3));
    assert!(
        stderr(&broken).contains("journal.jsonl:2:"),
        "{}",
        stderr(&broken)
    );
}

#[test]
fn a_sin_is_found_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let output = snowproof(&[
        "test",
        "SP-T01",
        "--sin",
        "ignores-retry-after",
        "--out",
        &out(&folder),
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("waits-at-least-retry-after"),
        "{}",
        stdout(&output)
    );

    // Its report stands beside any other, and two faces of one report agree.
    let page = folder.path().join("page.md").display().to_string();
    let file = format!("{}/report.json", out(&folder));
    let printed = snowproof(&["report", "compare", &out(&folder), &file, "--title", "Two"]);
    assert_eq!(printed.status.code(), Some(0), "{}", stderr(&printed));
    let written = [
        "report", "compare", &file, &file, "--title", "Two", "--write", &page,
    ];
    assert_eq!(snowproof(&written).status.code(), Some(0));
    let page = std::fs::read_to_string(page).unwrap();
    assert_eq!(stdout(&printed), page);
    for told in [
        "# Two\n",
        "- `waits-at-least-retry-after` (",
        "--sin ignores-retry-after",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
}

#[test]
fn a_command_without_a_manifest_is_judged_by_the_wire_and_its_exit_status() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = fixtures();
    let script = "test -n \"$SNOWPROOF_PASSWORD\" && test -r \"$SNOWPROOF_CA_FILE\" && test \"$1\" = \"$SNOWPROOF_BASE_URL\" && exit 5; exit 6";
    let out = out(&folder);
    let output = snowproof(&[
        "exec",
        "FX-H01",
        "--scenarios",
        &fixtures,
        "--out",
        &out,
        "--",
        "sh",
        "-c",
        script,
        "sh",
        "{base_url}",
    ]);
    let act = Path::new(&out).join("evidence/FX-H01/act-1/act.json");
    let act: Value = serde_json::from_str(&std::fs::read_to_string(act).unwrap()).unwrap();
    assert_eq!(act["exit_code"], 5, "{act:#}");
    assert_eq!(act["said"]["outcome"], "failure");
    assert_ne!(output.status.code(), Some(0));
}

#[test]
fn a_deadline_is_no_interruption() {
    let folder = tempfile::tempdir().unwrap();
    let out = out(&folder);
    let output = snowproof(&["test", "exact:SP-A01", "--deadline", "0s", "--out", &out]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let report = report(&out);
    assert_eq!(report["interrupted"], false);
    assert_eq!(report["runs"][0]["verdict"], "inconclusive");
    let reason = report["runs"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("deadline"), "{reason}");
}

fn report(out: &str) -> Value {
    let text = std::fs::read_to_string(Path::new(out).join("report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_printed_line_repeats_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let (first, fixtures) = (out(&folder), fixtures());
    let output = snowproof(&[
        "exec",
        "fx-h01",
        "--scenarios",
        &fixtures,
        "--out",
        &first,
        "--seed",
        "7",
        "--",
        "sh",
        "-c",
        "echo \"it's $0\" >&2; exit 1",
        "{base_url}",
    ]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.contains("said      (words are not read"), "{told}");
    let again = told
        .lines()
        .find_map(|line| line.trim().strip_prefix("again     snowproof "))
        .unwrap_or_else(|| panic!("{told}"));
    assert!(!again.contains("127.0.0.1"), "{again}");
    let folder = tempfile::tempdir().unwrap();
    let script = format!("\"{}\" {again}", env!("CARGO_BIN_EXE_snowproof"));
    let repeated = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(repeated.status.code(), Some(2), "{}", stderr(&repeated));
    let second = folder.path().join("snowproof-report");
    let (first, second) = (report(&first), report(&second.display().to_string()));
    for key in ["plan_hash", "seed", "command"] {
        assert_eq!(first[key], second[key], "{key}");
    }
}

#[test]
fn an_exact_code_leaves_its_variants_out() {
    let fixtures = fixtures();
    let output = snowproof(&["list", "exact:fx-h01", "--scenarios", &fixtures]);
    assert_eq!(stdout(&output).lines().count(), 1, "{}", stdout(&output));
    let output = snowproof(&["list", "exact:FX-H0", "--scenarios", &fixtures]);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        stderr(&output).contains("the nearest is `FX-H0"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn what_is_typed_wrongly_is_named_and_bounded() {
    use std::os::unix::ffi::OsStrExt;
    let long = "x".repeat(100_000);
    let output = snowproof(&["list", &long]);
    assert_eq!(output.status.code(), Some(4));
    assert!(stderr(&output).len() < 500, "{}", stderr(&output).len());

    let output = command(&["list"])
        .arg(std::ffi::OsStr::from_bytes(b"caf\xe9"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains("caf\u{fffd}"),
        "{}",
        stderr(&output)
    );

    let output = snowproof(&["test", "--subject", "/dev/zero"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("/dev/zero"), "{}", stderr(&output));

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let output = command(&["test", "exact:SP-A01", "--out"])
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("--out DIR"), "{}", stderr(&output));
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("evidence/photograph.png");
    std::fs::create_dir(folder.path().join("evidence")).unwrap();
    std::fs::write(&mine, "mine").unwrap();
    let output = command(&["test", "exact:SP-A01", "--out"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(mine).unwrap(), "mine");
}

#[test]
fn a_reader_that_leaves_is_no_panic() {
    let script = format!("\"{}\" list | head -n 1", env!("CARGO_BIN_EXE_snowproof"));
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success());
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
}
