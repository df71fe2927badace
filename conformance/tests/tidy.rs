//! The rules of the house that a machine can hold: who may depend on whom, what may not be used
//! where, how large a room may be.
//!
//! Each test names the rule; its failure names the file, the line and what to do instead.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a file that are not tests: past this a file has a second subject.
const LONGEST_FILE: usize = 450;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// Every file of the project below `folder` with one of these endings, sorted.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    fn walk(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "snowproof-report" {
                    walk(&path, endings, found);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&workspace().join(folder), endings, &mut found);
    found.sort();
    assert!(
        !found.is_empty(),
        "no {endings:?} below `{folder}`: this rule would hold nothing"
    );
    found
}

/// A file's lines before its tests, with their numbers, comments left out. A file of tests has none.
fn code(path: &Path) -> Vec<(usize, String)> {
    if path.ends_with("tests.rs") {
        return Vec::new();
    }
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .enumerate()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .map(|(index, line)| (index + 1, line.to_owned()))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .collect()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(workspace())
        .unwrap()
        .display()
        .to_string()
}

/// Fails with every line below `folder` that holds one of `words`.
fn forbid(folder: &str, words: &[&str], instead: &str) {
    let mut sins = Vec::new();
    for path in files(folder, &[".rs"]) {
        for (number, line) in code(&path) {
            for word in words {
                if line.contains(word) {
                    sins.push(format!("{}:{number}: `{word}`", relative(&path)));
                }
            }
        }
    }
    assert!(sins.is_empty(), "{instead}\n{}", sins.join("\n"));
}

/// What a cargo command prints.
fn cargo(arguments: &[&str]) -> String {
    let output = std::process::Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn manifest(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap()
}

#[test]
fn the_simulator_does_not_know_what_it_is_used_for() {
    for package in [
        "snowproof ",
        "snowproof.workspace",
        "snowproof-protocol",
        "snowproof-connector",
    ] {
        assert!(
            !manifest("simulator/Cargo.toml").contains(package),
            "the simulator depends on `{package}`"
        );
    }
    forbid(
        "simulator/src",
        &[
            "diagnosis",
            "expectation",
            "snowproof_protocol",
            "connector done right",
        ],
        "no expectation or diagnosis reaches the simulator",
    );
}

#[test]
fn the_model_connector_knows_the_protocol_alone() {
    let text = manifest("conformance/model-connector/Cargo.toml");
    let ours: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("snowproof-"))
        .collect();
    assert_eq!(ours, ["snowproof-protocol.workspace = true"]);
    let protocol = manifest("conformance/protocol/Cargo.toml");
    assert!(
        !protocol.lines().any(|line| line.starts_with("snowproof")),
        "the protocol depends on nothing of ours"
    );
}

#[test]
fn the_pipeline_decides_and_does_not_act() {
    forbid(
        "simulator/src/pipeline",
        &[
            "tokio::",
            "async ",
            ".await",
            "std::fs",
            "std::net",
            "std::io",
            "SystemTime",
            "Instant",
            "Clock",
            "rand::",
            "thread::",
            "Journal",
            "rusqlite",
            "Store",
        ],
        "a stage is a function of exchange, policy, counters and time",
    );
}

#[test]
fn stages_do_not_import_each_other() {
    let stages: Vec<String> = files("simulator/src/pipeline", &[".rs"])
        .iter()
        // The rooms of the one state machine are no stages.
        .filter(|path| {
            !path
                .parent()
                .is_some_and(|room| room.ends_with("admission"))
        })
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        // What stages share decides nothing.
        .filter(|name| {
            let shared = [
                "stage",
                "admission",
                "address",
                "credentials",
                "unauthenticated",
            ];
            !shared.contains(&name.as_str())
        })
        .collect();
    assert!(stages.len() >= 4, "the pipeline has its stages: {stages:?}");
    for path in files("simulator/src/pipeline", &[".rs"]) {
        let own = path.file_stem().unwrap().to_string_lossy().into_owned();
        // The rooms of one stage know each other.
        let room = path.parent().unwrap();
        let beside = |stage: &str| {
            !room.ends_with("pipeline") && room.join(stage).with_extension("rs").exists()
        };
        for (number, line) in code(&path) {
            let others = stages.iter().filter(|stage| **stage != own);
            for stage in others.filter(|stage| !beside(stage)) {
                let imports = line.contains(&format!("super::{stage}"))
                    || line.contains(&format!("pipeline::{stage}"));
                assert!(
                    !imports,
                    "{}:{number}: a stage imports the stage `{stage}`",
                    relative(&path)
                );
            }
        }
    }
}

#[test]
fn checks_are_pure() {
    forbid(
        "conformance/src/checks",
        &[
            "tokio::",
            "std::fs",
            "TcpStream",
            "std::env",
            "SystemTime",
            "Instant::",
            "rand::",
            "thread::",
            "crate::run",
        ],
        "a check is a pure function of its settings and the evidence",
    );
}

#[test]
fn only_the_control_plane_uses_axum() {
    let mut sins = Vec::new();
    for path in files("simulator/src", &[".rs"]) {
        if relative(&path).contains("control") {
            continue;
        }
        if code(&path).iter().any(|(_, line)| line.contains("axum")) {
            sins.push(relative(&path));
        }
    }
    assert!(
        sins.is_empty(),
        "axum's rejections are not ServiceNow's words: {sins:?}"
    );
}

#[test]
fn one_provider_of_tls() {
    let tree = cargo(&[
        "tree",
        "--workspace",
        "--locked",
        "--target",
        "all",
        "--edges",
        "all",
        "--prefix",
        "none",
    ]);
    let packages: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(packages.contains(&"aws-lc-rs"));
    for package in ["ring", "native-tls", "openssl", "openssl-sys"] {
        assert!(
            !packages.contains(&package),
            "`{package}` is built: aws-lc-rs is the only provider"
        );
    }
}

/// As far as text can tell: who holds a secret asks the one function, and no digest of one is compared
/// with `==` or by hand.
#[test]
fn secrets_are_compared_in_one_place() {
    for holder in [
        "connection/proxy.rs",
        "control/access.rs",
        "pipeline/admission/codes.rs",
        "pipeline/admission/sessions.rs",
        "store/records/password.rs",
    ] {
        let lines = code(&workspace().join("simulator/src").join(holder));
        let asks = lines.iter().any(|(_, line)| line.contains("secret::same("));
        assert!(asks, "{holder} compares a secret without `secret::same`");
    }
    let equals = ["==", "!="];
    let secrets = [
        "Sha256::digest(",
        "== Fingerprint::of",
        "password",
        "user_token",
        "verifier",
        ".reveal()",
    ];
    let mut sins = Vec::new();
    for path in files("simulator/src", &[".rs"]) {
        let is_the_place = path.ends_with("simulator/src/secret.rs");
        for (number, line) in code(&path) {
            let asks = line.contains("secret::same(");
            let compares = !asks && equals.iter().any(|equal| line.contains(equal));
            let by_hand = compares && secrets.iter().any(|secret| holds(&line, secret));
            if !is_the_place && (by_hand || line.contains("ct_eq(")) {
                sins.push(format!("{}:{number}: {line}", relative(&path)));
            }
        }
    }
    let instead = "use `secret::same`, which takes the same time for every wrong one";
    assert!(sins.is_empty(), "{instead}\n{}", sins.join("\n"));
}

/// Whether a line holds a secret's name next to nothing that makes another name of it.
fn holds(line: &str, secret: &str) -> bool {
    line.match_indices(secret).any(|(at, _)| {
        let next = line[at + secret.len()..].chars().next();
        let goes_on = next.is_some_and(|next| next == '_' || next == '"');
        !goes_on || secret.ends_with(['(', ')'])
    })
}

#[test]
fn files_say_what_they_are_for() {
    for path in files(".", &[".rs"]) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("//!"),
            "{}: starts without `//!`",
            relative(&path)
        );
    }
}

#[test]
fn files_have_one_subject() {
    let mut sins = Vec::new();
    for path in files(".", &[".rs"]) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert_ne!(
            name,
            "mod.rs",
            "{}: `foo.rs` beside `foo/` instead",
            relative(&path)
        );
        for word in ["util", "helper", "manager", "common", "misc"] {
            assert!(
                !name.contains(word),
                "{}: name it after its subject",
                relative(&path)
            );
        }
        let is_test = relative(&path).contains("/tests/");
        let lines = code(&path).len();
        if lines > LONGEST_FILE && !is_test {
            sins.push(format!("{}: {lines} lines", relative(&path)));
        }
    }
    assert!(
        sins.is_empty(),
        "what is their second subject? (at most {LONGEST_FILE} lines)\n{}",
        sins.join("\n")
    );
}

#[test]
fn nothing_is_left_over() {
    let mut sins = Vec::new();
    let words = [
        "TO".to_owned() + "DO",
        "FIX".to_owned() + "ME",
        "dbg".to_owned() + "!(",
        "unimplemented".to_owned() + "!(",
    ];
    for path in files(".", &[".rs", ".md", ".yaml", ".toml", ".py"]) {
        let text = fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(word.as_str())) {
                sins.push(format!("{}:{}: `{word}`", relative(&path), index + 1));
            }
        }
    }
    assert!(
        sins.is_empty(),
        "finish it, or say in the documentation that it is missing\n{}",
        sins.join("\n")
    );
}

#[test]
fn every_scenario_says_why() {
    let frozen = |path: &Path| relative(path).starts_with("scenarios/editions/");
    let written = files("scenarios", &[".yaml"]);
    for path in written.iter().filter(|path| !frozen(path)) {
        let text = fs::read_to_string(path).unwrap();
        assert!(
            text.contains("\nwhy: |\n"),
            "{}: says why connectors get this wrong",
            relative(path)
        );
        assert!(
            text.starts_with("# yaml-language-server: $schema="),
            "{}: names its schema",
            relative(path)
        );
    }
}

#[test]
fn licences_are_permissive() {
    let allowed = [
        "MIT",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "CC0-1.0",
        "Unicode-3.0",
        "0BSD",
        "MIT-0",
        "OpenSSL",
        "BSL-1.0",
        "Unlicense",
        "CDLA-Permissive-2.0",
        "bzip2-1.0.6",
    ];
    let metadata = cargo(&["metadata", "--format-version", "1", "--locked"]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    let mut sins = Vec::new();
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("(a file)");
        // Every alternative of one of the terms joined by AND must be allowed.
        let fine = licence.replace('/', " OR ").split(" AND ").all(|term| {
            term.split(" OR ")
                .any(|one| allowed.contains(&one.trim().trim_matches(['(', ')'])))
        });
        if !fine {
            sins.push(format!("{}: {licence}", package["name"]));
        }
    }
    assert!(
        sins.is_empty(),
        "licences that are not on the list:\n{}",
        sins.join("\n")
    );
}
