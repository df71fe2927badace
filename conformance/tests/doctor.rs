//! `doctor` on a connector that is well, and on the same with one line of its manifest wrong.

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]
#![expect(clippy::print_stderr, reason = "what is left out is told")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Nothing is wrong with it.
const MANIFEST: &str = r#"schema: snowproof.subject/1
subject: well
adapter: command
run:
  check: ["python3", "{subject_dir}/sync.py", "check"]
  sync: ["python3", "{subject_dir}/sync.py", "sync"]
env:
  SYNC_URL: "{base_url}"
  SYNC_USER: "{user}"
  SYNC_PASSWORD: "{password}"
  SYNC_TABLE: "{table}"
  SYNC_RECORDS: "{out_dir}/records.jsonl"
capabilities: [check, sync, basic]
diagnosis:
  dialects: [python-requests]
  read_from: [stderr_last_line]
  map: [{ match: "HTTP Error 401", class: auth.invalid_credentials }]
records: { jsonl: "{out_dir}/records.jsonl", key: /sys_id }
"#;

/// A line that is wrong, the finding, what the line that it names begins with, and what its words
/// and the change tell.
struct Mistake {
    line: &'static str,
    instead: &'static str,
    finding: &'static str,
    named: &'static str,
    told: &'static [&'static str],
}

/// Through a shell, so that a mistake may stand before or behind the command.
const CHECK: &str = r#"  check: ["python3", "{subject_dir}/sync.py", "check"]"#;

const RUN: &str = r#"run:
  check: ["python3", "{subject_dir}/sync.py", "check"]"#;

const MISTAKES: &[Mistake] = &[
    Mistake {
        line: CHECK,
        instead: r#"  check: ["python-of-nobody", "sync.py", "check"]"#,
        finding: "cannot-start",
        named: "  check:",
        told: &["`python-of-nobody`", "is not on the PATH"],
    },
    Mistake {
        line: CHECK,
        instead: r#"  check: ["python3", "sync.py", "check"]"#,
        finding: "exited-before-connecting",
        named: "run:",
        told: &["exited with 2", "{subject_dir}/"],
    },
    Mistake {
        line: "  SYNC_TABLE: \"{table}\"\n",
        instead: "",
        finding: "exited-before-connecting",
        named: "env:",
        told: &["KeyError", "`SYNC_TABLE: …` under `env`", "`pass_env`"],
    },
    Mistake {
        line: CHECK,
        instead: r#"  check: ["python3", "-c", "import connector_of_nobody"]"#,
        finding: "exited-before-connecting",
        named: "run:",
        told: &["does not find `connector_of_nobody`", "venv/bin/python"],
    },
    Mistake {
        line: CHECK,
        instead: r#"  check: ["sh", "-c", "cat $HOME/.config/sync.ini"]"#,
        finding: "exited-before-connecting",
        named: "schema:",
        told: &["`home: keep`"],
    },
    Mistake {
        line: CHECK,
        instead: r#"  check: ["sh", "-c", "connector-of-nobody check"]"#,
        finding: "exited-before-connecting",
        named: "run:",
        told: &["exited with 127", "install it, or write its path"],
    },
    Mistake {
        line: CHECK,
        instead: r#"  check: ["true"]"#,
        finding: "exited-before-connecting",
        named: "  check:",
        told: &["exited with 0 and made no contact", "env -i"],
    },
    Mistake {
        // What it would look up is not to be looked up by a test.
        line: RUN,
        instead: r#"route: proxy
run:
  check: ["sh", "-c", "echo unknown host >&2; exit 6"]"#,
        finding: "proxy-ignored",
        named: "route:",
        told: &["never asked the proxy", "{proxy_url}"],
    },
    Mistake {
        line: "env:\n",
        instead: "env:\n  SSL_CERT_FILE: /etc/hosts\n",
        finding: "ca-not-trusted",
        named: "  SSL_CERT_FILE:",
        told: &[
            "does not trust the run's CA",
            "let it name {ca_file}",
            "REQUESTS_CA_BUNDLE",
        ],
    },
    Mistake {
        line: "SYNC_URL: \"{base_url}\"",
        instead: "SYNC_URL: \"http://{host}:{port}\"",
        finding: "no-handshake",
        named: "  SYNC_URL:",
        told: &["spoke no TLS", "{scheme}"],
    },
    Mistake {
        line: "SYNC_PASSWORD: \"{password}\"",
        instead: "SYNC_PASSWORD: \"\"\n  SYNC_SECRET: \"{password}\"",
        finding: "no-credentials",
        named: "  SYNC_SECRET:",
        told: &["came without credentials", "{password}"],
    },
    Mistake {
        line: "SYNC_PASSWORD: \"{password}\"",
        instead: "SYNC_PASSWORD: \"****{password}\"",
        finding: "credentials-changed",
        named: "  SYNC_PASSWORD:",
        told: &["by basic", "masked", "`****`"],
    },
    Mistake {
        line: "SYNC_TABLE: \"{table}\"",
        instead: "SYNC_TABLE: \"{table}_of_nobody\"",
        finding: "fails-where-all-is-well",
        named: "  SYNC_URL:",
        told: &["was answered 400", "{table}"],
    },
    Mistake {
        line: CHECK,
        instead: r#"  check: ["sh", "-c", "python3 {subject_dir}/sync.py check && exit 3"]"#,
        finding: "fails-where-all-is-well",
        named: "diagnosis:",
        told: &["exited with 3", "`success_exit_codes: [0, 3]`"],
    },
    Mistake {
        line: CHECK,
        instead: r#"  check: ["sh", "-c", "python3 {subject_dir}/sync.py check || true"]"#,
        finding: "always-succeeds",
        named: "  check:",
        told: &["refused with 401", "exited with 0", "set -o pipefail"],
    },
    Mistake {
        line: "read_from: [stderr_last_line]",
        instead: "read_from: [stdout_last_line]",
        finding: "no-words-seen",
        named: "  read_from:",
        told: &["0 bytes to stdout", "write `read_from: [stderr_last_line]`"],
    },
    Mistake {
        line: CHECK,
        instead: r#"  check: ["sh", "-c", "python3 {subject_dir}/sync.py check 2> $TMPDIR/log"]"#,
        finding: "no-words-seen",
        named: "  read_from:",
        told: &["let it print why it failed"],
    },
    Mistake {
        line: CHECK,
        instead: r#"  check: ["sh", "-c", "python3 {subject_dir}/sync.py check || { echo no luck >&2; exit 1; }"]"#,
        finding: "words-not-understood",
        named: "  map:",
        told: &[
            "`no luck`",
            "map: [{ match: \"no luck\", class: auth.invalid_credentials }]",
        ],
    },
    Mistake {
        line: "records: { jsonl: \"{out_dir}/records.jsonl\", key: /sys_id }\n",
        instead: "",
        finding: "no-records-seen",
        named: "schema:",
        told: &["read 250 records", "{out_dir}/records.jsonl"],
    },
    Mistake {
        line: "records: { jsonl: \"{out_dir}/records.jsonl\", key: /sys_id }",
        instead: "records: { jsonl: \"{out_dir}/others.jsonl\", key: /sys_id }",
        finding: "no-records-seen",
        named: "records:",
        told: &["in `{out_dir}/others.jsonl`", "in both places"],
    },
    Mistake {
        line: "key: /sys_id",
        instead: "key: /id",
        finding: "no-records-seen",
        named: "records:",
        told: &["is an object with /id"],
    },
];

fn doctor(folder: &Path, manifest: &str, flags: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/doctor/sync.py");
    std::fs::copy(script, folder.join("sync.py")).unwrap();
    std::fs::write(folder.join("subject.yaml"), manifest).unwrap();
    Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .args(["doctor", "--subject", "subject.yaml"])
        .args(flags)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn has_python() -> bool {
    let has = Command::new("python3").arg("--version").output().is_ok();
    if !has {
        eprintln!("LEFT OUT: there is no python3 here");
    }
    has
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_manifest_that_is_right_has_no_findings() {
    if !has_python() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = doctor(folder.path(), MANIFEST, &["--format", "json"]);
    let found = json(&output);
    assert_eq!(
        found["subject"]["findings"],
        serde_json::json!([]),
        "{found}"
    );
    assert_eq!(found["subject"]["routes"][0]["result"], "well", "{found}");
    assert_eq!(output.status.code(), Some(0));
    let output = doctor(folder.path(), MANIFEST, &[]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.ends_with("\nnothing is to be changed\n"), "{told}");
}

#[test]
fn each_mistake_is_found_at_its_line_with_what_to_change() {
    if !has_python() {
        return;
    }
    const AT_ONCE: usize = 3;
    let unlike: Vec<String> = MISTAKES
        .chunks(AT_ONCE)
        .flat_map(|some| {
            std::thread::scope(|scope| {
                let tried: Vec<_> = some
                    .iter()
                    .map(|mistake| scope.spawn(|| unlike(mistake)))
                    .collect();
                let ended = tried.into_iter().map(|it| it.join().unwrap());
                ended.flatten().collect::<Vec<_>>()
            })
        })
        .collect();
    assert!(unlike.is_empty(), "{}", unlike.join("\n\n"));
}

/// How what is found differs from what should be.
fn unlike(mistake: &Mistake) -> Option<String> {
    assert!(MANIFEST.contains(mistake.line), "{}", mistake.line);
    let manifest = MANIFEST.replace(mistake.line, mistake.instead);
    let folder = tempfile::tempdir().unwrap();
    let output = doctor(folder.path(), &manifest, &["--format", "json"]);
    let found = json(&output);
    let findings = found["subject"]["findings"].as_array().unwrap();
    let differs = |why: &str| Some(format!("{}\n{why}\n{findings:#?}", mistake.instead));
    if findings.len() != 1 || output.status.code() != Some(2) {
        return differs("one finding");
    }
    let finding = &findings[0];
    if finding["finding"] != mistake.finding {
        return differs(mistake.finding);
    }
    let line = usize::try_from(finding["line"].as_u64().unwrap()).unwrap();
    let line = manifest.lines().nth(line - 1).unwrap();
    if !line.starts_with(mistake.named) {
        return differs(line);
    }
    let words = format!("{} {}", finding["seen"], finding["change"]).replace("\\\"", "\"");
    let missing = mistake.told.iter().find(|told| !words.contains(**told));
    missing.and_then(|told| differs(told))
}
