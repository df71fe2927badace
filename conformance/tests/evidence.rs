//! Evidence from anywhere: whatever a folder holds, it is judged or refused with its place, and
//! nothing panics. And evidence of a run that gave its secret away holds no secret.

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use snowproof::evidence::Evidence;
use snowproof::verdict::judge;

fn test(filters: &[&str], out: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .arg("test")
        .args(filters)
        .arg("--scenarios")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/scenarios"))
        .arg("--out")
        .arg(out)
        .args(more)
        .output()
        .unwrap()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// One way in which a file is not as it was written.
#[derive(Debug, Clone)]
enum Damage {
    Cut(usize),
    Flip(usize, u8),
    DropLine(usize),
    RepeatLine(usize),
    Number(usize, &'static str),
    Empty,
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        let numbers = prop::sample::select(vec![
            "18446744073709551615",
            "9223372036854775807",
            "0",
            "-1",
            "1e400",
            "4294967295",
        ]);
        prop_oneof![
            1 => any::<usize>().prop_map(Self::Cut),
            1 => (any::<usize>(), 1_u8..).prop_map(|(at, by)| Self::Flip(at, by)),
            1 => any::<usize>().prop_map(Self::DropLine),
            1 => any::<usize>().prop_map(Self::RepeatLine),
            8 => (any::<usize>(), numbers).prop_map(|(at, number)| Self::Number(at, number)),
            1 => Just(Self::Empty),
        ]
    }

    fn done_to(&self, bytes: &[u8]) -> Vec<u8> {
        let lines = || bytes.split_inclusive(|byte| *byte == b'\n');
        match self {
            Self::Empty => Vec::new(),
            Self::Cut(at) => bytes[..at % (bytes.len() + 1)].to_vec(),
            Self::Flip(at, by) => {
                let mut bytes = bytes.to_vec();
                if let Some(at) = at.checked_rem(bytes.len()) {
                    bytes[at] ^= by;
                }
                bytes
            }
            Self::DropLine(at) => {
                let dropped = at.checked_rem(lines().count());
                let kept = lines()
                    .enumerate()
                    .filter(|(index, _)| Some(*index) != dropped);
                kept.flat_map(|(_, line)| line.to_vec()).collect()
            }
            Self::RepeatLine(at) => {
                let repeated = at.checked_rem(lines().count());
                let times = |index| if Some(index) == repeated { 2 } else { 1 };
                lines()
                    .enumerate()
                    .flat_map(|(index, line)| line.repeat(times(index)))
                    .collect()
            }
            Self::Number(at, number) => {
                // Only numbers that stand alone: those within texts change nothing.
                let starts: Vec<usize> = (1..bytes.len())
                    .filter(|at| bytes[*at].is_ascii_digit() && b":, [".contains(&bytes[at - 1]))
                    .collect();
                let Some(start) = at.checked_rem(starts.len()).map(|at| starts[at]) else {
                    return bytes.to_vec();
                };
                let digits = bytes[start..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit())
                    .count();
                [&bytes[..start], number.as_bytes(), &bytes[start + digits..]].concat()
            }
        }
    }
}

#[test]
fn damaged_evidence_is_judged_or_refused_with_its_place() {
    let out = tempfile::tempdir().unwrap();
    let output = test(
        &["FX-H01/asleep", "FX-H02/killed", "SP-T01"],
        out.path(),
        &[],
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let folders = [
        "evidence/FX-H01/asleep",
        "evidence/FX-H02/killed",
        "evidence/SP-T01",
    ]
    .map(|folder| out.path().join(folder));
    let files: Vec<(PathBuf, PathBuf)> = folders
        .iter()
        .flat_map(|folder| {
            let files = files_below(folder).into_iter();
            let json = |path: &PathBuf| path.extension().is_some();
            files.filter(json).map(|file| (folder.clone(), file))
        })
        .collect();
    let journals: Vec<_> = files
        .iter()
        .filter(|(_, file)| file.ends_with("journal.jsonl"))
        .cloned()
        .collect();
    let place = prop_oneof![prop::sample::select(files), prop::sample::select(journals)];
    let (refused, judged) = (Cell::new(0_u32), Cell::new(0_u32));
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(256)
    };
    TestRunner::new(config)
        .run(&(place, Damage::any()), |((folder, file), damage)| {
            let whole = std::fs::read(&file).unwrap();
            std::fs::write(&file, damage.done_to(&whole)).unwrap();
            let read = Evidence::read(&folder);
            std::fs::write(&file, &whole).unwrap();
            match read {
                Ok(evidence) => {
                    for strict in [false, true] {
                        let _ = judge(&evidence, strict);
                    }
                    judged.set(judged.get() + 1);
                }
                Err(error) => {
                    let told = error.to_string();
                    prop_assert!(told.contains(&file.display().to_string()), "{}", told);
                    refused.set(refused.get() + 1);
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(
        refused.get() > 20 && judged.get() > 20,
        "{refused:?} {judged:?}"
    );
}

#[test]
fn no_file_of_a_run_holds_the_password_that_was_given_away() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    for sin in ["prints-password", "password-in-url"] {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("told");
        let manifest = folder.path().join("subject.yaml");
        // The connector's own copy of what it is told: the only place where the password is kept.
        let text = format!(
            "schema: snowproof.subject/1\nsubject: sinner\nadapter: native\n\
             run: {{ native: [sh, -c, 'tee \"$0\" | \"$1\" connector --sin {sin}', \"{}\", \"{{self}}\"] }}\n\
             capabilities: [check, basic]\n",
            told.display()
        );
        std::fs::write(&manifest, text).unwrap();
        let out = folder.path().join("out");
        let subject = manifest.display().to_string();
        let output = test(&["exact:SP-A01"], &out, &["--subject", &subject]);
        assert_eq!(output.status.code(), Some(1), "{sin}: {output:?}");

        let told = std::fs::read_to_string(&told).unwrap();
        let run: serde_json::Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
        let parameter = |name: &str| run["parameters"][name].as_str().unwrap().to_owned();
        let (user, password) = (parameter("user"), parameter("password"));
        assert!(password.len() >= 32);
        let forms = [
            password.clone(),
            STANDARD.encode(&password),
            STANDARD.encode(format!("{user}:{password}")),
        ];
        let files = files_below(&out);
        assert!(files.len() > 8, "{files:?}");
        for file in files {
            let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            for form in &forms {
                assert!(!text.contains(form.as_str()), "{sin}: {}", file.display());
            }
        }
        let streams = [output.stdout, output.stderr].concat();
        let streams = String::from_utf8_lossy(&streams).into_owned();
        assert!(!forms.iter().any(|form| streams.contains(form.as_str())));
        assert!(streams.contains("no-secret-in-"), "{sin}: {streams}");
    }
}

#[test]
fn no_file_of_a_run_holds_a_token_that_was_issued_during_it() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    // The last keeps its tokens with its checkpoint and is given them again.
    for scenario in ["exact:SP-O06/same-token", "exact:SP-O20", "exact:SP-O26"] {
        let folder = tempfile::tempdir().unwrap();
        let (told, said) = (folder.path().join("told"), folder.path().join("said"));
        let manifest = folder.path().join("subject.yaml");
        // What it is told and what it says is kept in clear here, and nowhere else.
        let text = format!(
            "schema: snowproof.subject/1\nsubject: sinner\nadapter: native\n\
             run: {{ native: [sh, -c, 'tee -a \"$0\" | \"$2\" connector --sin prints-token | tee -a \"$1\"', \
             \"{}\", \"{}\", \"{{self}}\"] }}\n\
             capabilities: [check, sync, connect, resume, basic, oauth-password, oauth-authorization-code]\n",
            told.display(),
            said.display()
        );
        std::fs::write(&manifest, text).unwrap();
        let out = folder.path().join("out");
        let subject = manifest.display().to_string();
        let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
            .args(["test", scenario, "--subject", &subject, "--out"])
            .arg(&out)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{scenario}: {output:?}");

        let messages = |path: &Path| -> Vec<serde_json::Value> {
            let text = std::fs::read_to_string(path).unwrap();
            text.lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect()
        };
        let said = messages(&said);
        let mut secrets: Vec<String> = said
            .iter()
            .filter_map(|message| message["text"].as_str()?.strip_prefix("using "))
            .map(str::to_owned)
            .collect();
        assert!(secrets.len() >= 2, "{scenario}: {said:?}");
        let kept = said
            .iter()
            .filter_map(|message| message["state"]["connection"].as_object())
            .flat_map(|connection| connection.values());
        let kept: Vec<&str> = kept.filter_map(|token| token.as_str()).collect();
        let carries = scenario == "exact:SP-O26";
        assert!(!carries || kept.len() >= 4, "{scenario}: {said:?}");
        secrets.extend(kept.into_iter().map(str::to_owned));
        let told = messages(&told);
        for name in ["client_secret", "password", "refresh_token", "api_key"] {
            let given = told[0]["parameters"][name].as_str();
            secrets.extend(given.filter(|value| value.len() > 20).map(str::to_owned));
        }
        let forms: Vec<String> = secrets
            .iter()
            .flat_map(|secret| {
                let encoded = secret.replace('-', "%2D").replace('_', "%5F");
                [secret.clone(), STANDARD.encode(secret), encoded]
            })
            .collect();
        for file in files_below(&out) {
            let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            for form in &forms {
                assert!(
                    !text.contains(form.as_str()),
                    "{scenario}: {}",
                    file.display()
                );
            }
        }
        let streams = [output.stdout, output.stderr].concat();
        let streams = String::from_utf8_lossy(&streams).into_owned();
        assert!(!forms.iter().any(|form| streams.contains(form.as_str())));
        assert!(
            streams.contains("no-secret-in-output"),
            "{scenario}: {streams}"
        );
    }
}
