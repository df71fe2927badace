//! A simulator that does not do what it says: no verdict rests on it. A step that is silently not
//! done decides nothing, and a journal that was cut, thinned out or written by another clock is
//! told from one that is whole.

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::path::{Path, PathBuf};
use std::process::Command;

use snowproof::evidence::{Evidence, evidence_folders};
use snowproof::verdict::{Verdict, judge};
use snowproof_simulator::journal::{Entry, Event};

/// Scenarios of which a step is what goes wrong, and their files.
const STEPS: &[(&str, &str)] = &[
    ("SP-A05", "authentication/password-rotated"),
    ("SP-I04", "availability/down"),
    ("SP-I02", "availability/hibernates-mid-sync"),
    ("SP-N03", "network/connection-refused"),
    ("SP-N09", "network/malformed-answer"),
    ("SP-N02", "network/reset-mid-body"),
];

/// Runs that pass, and one that fails, of which the evidence is tampered with.
const RUNS: &[(Option<&str>, &[&str])] = &[
    (None, &["exact:SP-A01", "exact:SP-I02", "exact:SP-T01"]),
    (Some("ignores-retry-after"), &["exact:SP-T01"]),
    (Some("trusts-200"), &["exact:SP-I01"]),
];

fn test(arguments: &[&str], out: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
        .arg("test")
        .args(arguments)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(out.join("report.json").is_file(), "{words}");
}

/// The scenario without its variants, of which no step does anything.
fn sabotaged(file: &str, code: usize) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .with_file_name("scenarios")
        .join(file)
        .with_extension("yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("\nvariants:").next().unwrap();
    let mut idle = 0;
    let lines: Vec<String> = text
        .lines()
        .map(|line| match line.split_once("do: [") {
            Some((before, rest)) => {
                idle += 1;
                let closed = if rest.trim_end().ends_with("] }") {
                    " }"
                } else {
                    ""
                };
                format!("{before}do: []{closed}")
            }
            None if line.starts_with("code: ") => format!("code: FX-S{code:02}"),
            None if line.starts_with("id: ") => format!("id: sabotage/s{code:02}"),
            None => line.to_owned(),
        })
        .collect();
    assert!(idle > 0, "{file} has no step");
    lines.join("\n") + "\n"
}

#[test]
fn a_step_that_is_silently_not_done_decides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let scenarios = folder.path().join("scenarios/sabotage");
    std::fs::create_dir_all(&scenarios).unwrap();
    for (at, (_, file)) in STEPS.iter().enumerate() {
        let text = sabotaged(file, at + 1);
        std::fs::write(scenarios.join(format!("s{:02}.yaml", at + 1)), text).unwrap();
    }
    let scenarios = folder.path().join("scenarios").display().to_string();
    let out = folder.path().join("out");
    test(&["FX-S*", "--scenarios", &scenarios], &out.join("idle"));
    let codes: Vec<String> = STEPS
        .iter()
        .map(|(code, _)| format!("exact:{code}"))
        .collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    test(&codes, &out.join("honest"));
    for (at, (code, _)) in STEPS.iter().enumerate() {
        let run = |path: PathBuf| Evidence::read(&path).unwrap();
        let honest = run(out.join("honest/evidence").join(code));
        let mut idle = run(out.join(format!("idle/evidence/FX-S{:02}", at + 1)));
        // What it says that it did.
        idle.scenario.steps.clone_from(&honest.scenario.steps);
        let passes = judge(&honest, false);
        assert_eq!(passes.verdict, Verdict::Pass, "{code}: {passes:#?}");
        let judged = judge(&idle, false);
        assert_eq!(judged.verdict, Verdict::Inconclusive, "{code}: {judged:#?}");
    }
}

/// Evidence of real runs, one that passed or failed each.
fn evidence() -> Vec<(PathBuf, Evidence, tempfile::TempDir)> {
    let mut all = Vec::new();
    for (sin, filters) in RUNS {
        for filter in *filters {
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().join("out");
            let sin = sin.iter().flat_map(|sin| ["--sin", sin]);
            let arguments: Vec<&str> = sin.chain([*filter]).collect();
            test(&arguments, &out);
            let [path] = evidence_folders(&out).unwrap().try_into().unwrap();
            let evidence = Evidence::read(&path).unwrap();
            all.push((path, evidence, folder));
        }
    }
    all
}

/// Nanoseconds from the begin of an act to its process, and from the process to the end of the act; of
/// all acts the fewest.
fn slack(evidence: &Evidence) -> [u64; 2] {
    let at = |is: &dyn Fn(&Event) -> bool| {
        let mut entries = evidence.journal.iter();
        entries.find(|entry| is(&entry.event)).unwrap().at_ns
    };
    let of_acts = evidence.acts.iter().map(|act| {
        let began = at(&|event| matches!(event, Event::ActStarted(it) if it.act == act.act));
        let ended = at(&|event| matches!(event, Event::ActEnded(it) if it.act == act.act));
        [act.spawned_ns - began, ended - act.exited_ns]
    });
    of_acts
        .reduce(|least, of_act| [least[0].min(of_act[0]), least[1].min(of_act[1])])
        .unwrap()
}

#[test]
fn a_journal_that_is_not_whole_is_no_evidence() {
    for (path, whole, _folder) in evidence() {
        let shown = path.display();
        let before = judge(&whole, false).verdict;
        assert!(matches!(before, Verdict::Pass | Verdict::Fail), "{shown}");
        let verdict = |edit: &dyn Fn(&mut Evidence)| {
            let mut evidence = whole.clone();
            edit(&mut evidence);
            judge(&evidence, false)
        };
        // The least by which a clock has to be off to be found out, which a busy machine decides.
        let [early, late] = slack(&whole).map(|slack| slack + 1);
        let ahead = verdict(&|evidence| {
            for entry in &mut evidence.journal {
                entry.at_ns += early;
            }
        });
        assert_eq!(ahead.verdict, Verdict::HarnessError, "{shown}");
        let behind = verdict(&|evidence| {
            for entry in &mut evidence.journal {
                entry.at_ns = entry.at_ns.saturating_sub(late);
            }
        });
        assert_eq!(behind.verdict, Verdict::HarnessError, "{shown}");
        let last = whole.journal.len() - 1;
        for at in 0..last {
            let thinned = verdict(&|evidence| drop(evidence.journal.remove(at)));
            assert_eq!(thinned.verdict, Verdict::HarnessError, "{shown}: {at}");
            // What goes on after the last act may be missing.
            let cut = verdict(&|evidence| evidence.journal.truncate(at));
            let ends = |entry: &Entry| matches!(entry.event, Event::ActEnded(_));
            if whole.journal[at..].iter().any(ends) {
                assert_eq!(cut.verdict, Verdict::Inconclusive, "{shown}: {at}");
                let reason = cut.reason.unwrap_or_default();
                assert!(
                    reason.contains("the journal ends before act"),
                    "{shown}: {reason}"
                );
            } else {
                assert_eq!(cut.verdict, before, "{shown}: {at}");
            }
        }
    }
}
