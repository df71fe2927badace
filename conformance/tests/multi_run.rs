//! Many runs in one process: a manifest with a `lifetime`, the bundled connector and some rogues.
//!
//! What a process has done before an act is read from the act's evidence (`earlier_runs`).

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Scenarios of every family; five of them have two acts or more, and two of these kill the first.
const SLICE: &[&str] = &[
    "SP-C01", "SP-C02", "SP-W01", "SP-W04", "SP-A01", "SP-A05", "SP-A06", "SP-A23", "SP-D01",
    "SP-D02", "SP-D12", "SP-I01", "SP-I02", "SP-N02", "SP-N03", "SP-N07", "SP-O01", "SP-O04",
    "SP-O20", "SP-P01", "SP-P10", "SP-S01", "SP-S03", "SP-S04", "SP-T01", "SP-T03", "SP-U02",
    "SP-U17", "SP-W02", "SP-W03", "SP-H01", "SP-X01",
];

/// Scenarios at once.
const JOBS: usize = 6;

/// One run of the judge.
struct Judged {
    folder: tempfile::TempDir,
    report: Value,
    status: i32,
    said: String,
}

impl Judged {
    fn new(manifest: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::within(folder, manifest, arguments)
    }

    fn within(folder: tempfile::TempDir, manifest: &str, arguments: &[&str]) -> Self {
        std::fs::write(folder.path().join("subject.yaml"), manifest).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_snowproof"))
            .args(["test", "--subject", "subject.yaml", "--out", "out"])
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("panicked"), "{said}");
        let report = std::fs::read_to_string(folder.path().join("out/report.json"));
        let report = report.unwrap_or_else(|error| panic!("{error}: {said}"));
        Self {
            report: serde_json::from_str(&report).unwrap(),
            status: output.status.code().unwrap(),
            folder,
            said,
        }
    }

    /// The bundled connector, or one with a sin, whose processes live so long.
    fn connector(lifetime: &str, sin: &str, scenarios: &[&str]) -> Self {
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("subjects/model.yaml");
        let mut manifest = std::fs::read_to_string(model).unwrap();
        if !sin.is_empty() {
            let command = format!("\"connector\", \"--sin\", \"{sin}\"");
            manifest = manifest.replace("\"connector\"", &command);
        }
        let manifest = format!("{manifest}\nlifetime: {lifetime}\n");
        let exact = scenarios.iter().map(|code| format!("exact:{code}"));
        let mut arguments: Vec<String> = exact.collect();
        arguments.extend(["--jobs".to_owned(), JOBS.to_string()]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Self::new(&manifest, &arguments)
    }

    /// A shell script that speaks the protocol, on scenarios of the fixtures, one after the other.
    fn rogue(script: &str, scenarios: &[&str]) -> Self {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/scenarios");
        let of_fixtures = ["--scenarios", fixtures.to_str().unwrap()];
        Self::rogue_on(script, &[scenarios, &of_fixtures].concat())
    }

    fn rogue_on(script: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("rogue.sh"), script).unwrap();
        let one_by_one = ["--jobs", "1", "--contact-within", "3s"];
        Self::within(folder, ROGUE, &[&one_by_one, arguments].concat())
    }

    fn runs(&self) -> &[Value] {
        self.report["runs"].as_array().unwrap()
    }

    /// What each act left behind, with the folder of its evidence, in the order in which they began.
    fn acts(&self) -> Vec<(PathBuf, Value)> {
        let mut acts = Vec::new();
        for run in self.runs() {
            let evidence = self
                .folder
                .path()
                .join("out")
                .join(run["evidence"].as_str().unwrap());
            for number in 1.. {
                let folder = evidence.join(format!("act-{number}"));
                let Ok(text) = std::fs::read_to_string(folder.join("act.json")) else {
                    break;
                };
                acts.push((folder, serde_json::from_str::<Value>(&text).unwrap()));
            }
        }
        let began = |folder: &Path| {
            std::fs::metadata(folder.join("act.json"))
                .unwrap()
                .modified()
                .unwrap()
        };
        acts.sort_by_key(|(folder, _)| began(folder));
        acts
    }

    /// For each act how many runs its process had done before, how it ended, and its problems.
    fn told(&self) -> Vec<(u64, String, String)> {
        let acts = self.acts();
        let told = acts.iter().map(|(_, act)| {
            let problems =
                act["problems"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|problem| match problem {
                        Value::Object(fields) => fields.keys().next().unwrap().clone(),
                        other => other.as_str().unwrap().to_owned(),
                    });
            let ending = act["ending"].as_str().unwrap().to_owned();
            (
                earlier_runs(act),
                ending,
                problems.collect::<Vec<_>>().join(" "),
            )
        });
        told.collect()
    }
}

fn earlier_runs(act: &Value) -> u64 {
    act["earlier_runs"].as_u64().unwrap_or(0)
}

const ROGUE: &str = "schema: snowproof.subject/1\nsubject: rogue\nadapter: native\n\
    run: { native: [sh, \"{subject_dir}/rogue.sh\"] }\ncapabilities: [check, sync, basic, multi-run]\n\
    lifetime: run\n";

/// Scenarios of which no one waits: those that a rogue is tried on.
const THREE: &[&str] = &["exact:FX-P01", "exact:FX-H01", "exact:FX-H01/asleep"];

/// A rogue that takes many runs: for each of them its id is in `$id`, its password in `$password`, and
/// its number from 1 in `$n`.
fn script(each_run: &str) -> String {
    format!(
        r#"echo '{{"type":"hello","protocol":"snowproof.native/1","name":"x","version":"1","capabilities":["multi-run"]}}'
result() {{ echo '{{"type":"result","run_id":"'$1'","outcome":"success"}}'; }}
n=0
while read -r run; do
  n=$((n + 1))
  id=$(printf %s "$run" | sed 's/.*"run_id":"\([0-9a-f]*\)".*/\1/')
  password=$(printf %s "$run" | sed 's/.*"password":"\([0-9A-Za-z]*\)".*/\1/')
  {each_run}
done
"#
    )
}

fn verdicts(judged: &Judged) -> Vec<(String, String, BTreeSet<String>)> {
    let runs = judged.runs().iter().map(|run| {
        let failed = run["checks"].as_array().unwrap().iter();
        let failed = failed.filter(|check| check["verdict"] == "fail");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            format!("{} {}", text(&run["code"]), run["variant"]),
            text(&run["verdict"]),
            failed.map(|check| text(&check["id"])).collect(),
        )
    });
    runs.collect()
}

#[test]
fn the_bundled_connector_does_every_kind_of_run_in_a_few_processes() {
    let kept = Judged::connector("run", "", SLICE);
    assert_eq!(kept.runs().len(), SLICE.len());
    assert!(SLICE.len() >= 25);
    for run in kept.runs() {
        assert_eq!(run["verdict"], "pass", "{run:#}");
    }
    assert_eq!(kept.status, 0, "{}", kept.said);
    let acts = kept.acts();
    let started = acts
        .iter()
        .filter(|(_, act)| earlier_runs(act) == 0)
        .count();
    let on_purpose = acts
        .iter()
        .filter(|(_, act)| act["ending"] != "answered")
        .count();
    assert!(acts.len() > SLICE.len());
    assert!(
        started <= JOBS + on_purpose,
        "{started} processes, {on_purpose} ended on purpose, {:?}",
        kept.told()
    );
    // Those that a scenario kills, and no other.
    let killed = acts
        .iter()
        .filter(|(_, act)| act["ending"] == "killed_as_planned")
        .count();
    assert_eq!((killed, on_purpose), (2, 2), "{:?}", kept.told());
    for (_, act) in &acts {
        let answered = act["ending"] == "answered";
        assert!(
            answered != (act["exit_code"].is_number() || act["signal"].is_number()),
            "{act:#}"
        );
    }

    let alone = Judged::connector("act", "", SLICE);
    assert_eq!(verdicts(&alone), verdicts(&kept));
    assert!(alone.acts().iter().all(|(_, act)| earlier_runs(act) == 0));
}

#[test]
fn sins_are_caught_in_a_kept_process_as_in_one_of_its_own() {
    for (sin, scenarios) in [
        ("ignores-retry-after", &["SP-T01/for-long", "SP-C02"][..]),
        ("prints-password", &["SP-A01", "SP-C01"]),
        ("retries-bad-certificate", &["SP-S01", "SP-C01"]),
    ] {
        let kept = Judged::connector("run", sin, scenarios);
        let alone = Judged::connector("act", sin, scenarios);
        assert_eq!(verdicts(&kept), verdicts(&alone), "{sin}");
        let failed = kept.runs().iter().filter(|run| run["verdict"] == "fail");
        assert!(failed.count() >= 1, "{sin}");
        assert!(
            kept.told()
                .iter()
                .all(|(_, ending, _)| ending == "answered"),
            "{sin}"
        );
    }
}

#[test]
fn the_acts_of_a_scenario_share_a_process_unless_one_is_killed() {
    let judged = Judged::connector("scenario", "", &["SP-A05", "SP-D02", "SP-U17"]);
    assert_eq!(judged.status, 0, "{}", judged.said);
    let of = |code: &str| {
        let acts = judged.acts();
        let mut of = acts
            .iter()
            .filter(|(folder, _)| folder.to_str().unwrap().contains(code))
            .map(|(_, act)| (act["act"].as_u64().unwrap(), earlier_runs(act)))
            .collect::<Vec<_>>();
        of.sort_unstable();
        of
    };
    assert_eq!(of("SP-A05"), [(1, 0), (2, 1)]);
    assert_eq!(of("SP-D02"), [(1, 0), (2, 0)]);
    assert_eq!(of("SP-U17"), [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)]);
}

#[test]
fn one_that_answers_with_the_id_of_an_earlier_run_is_named() {
    let judged = Judged::rogue(&script("first=${first:-$id}; result $first"), THREE);
    let told = judged.told();
    // The second run is never answered, the third has a process of its own.
    let earlier: Vec<u64> = told.iter().map(|(earlier, ..)| *earlier).collect();
    assert_eq!(earlier, [0, 1, 0], "{told:?}");
    assert_eq!(told[1].1, "over_budget", "{told:?}");
    assert!(told[1].2.contains("bad_line"), "{told:?}");
    let (_, act) = &judged.acts()[1];
    let why = act["problems"][0]["bad_line"]["why"].as_str().unwrap();
    assert!(
        why.ends_with("is that of an earlier run in this process"),
        "{why}"
    );
    assert_eq!(told[2].1, "answered", "{told:?}");
}

#[test]
fn one_that_remembers_the_password_of_an_earlier_run_is_named_and_it_is_replaced() {
    let judged = Judged::rogue_on(
        &script("first=${first:-$password}; echo \"login with $first\" >&2; result $id"),
        &["exact:SP-A01", "exact:SP-A02", "exact:SP-A03"],
    );
    let acts = judged.acts();
    let hit = |act: &Value| act["secret_hits"][0]["secret"].as_str().unwrap().to_owned();
    assert_eq!(hit(&acts[0].1), "password");
    for (earlier, (folder, act)) in (1..).zip(&acts[1..]) {
        assert_eq!(earlier_runs(act), earlier);
        assert_eq!(hit(act), "password of an earlier run");
        let stderr = std::fs::read_to_string(folder.join("stderr")).unwrap();
        assert_eq!(stderr, "login with <secret:password of an earlier run>\n");
    }
    let failed = judged
        .runs()
        .iter()
        .flat_map(|run| run["checks"].as_array().unwrap());
    let failed =
        failed.filter(|check| check["verdict"] == "fail" && check["id"] == "no-secret-in-output");
    assert_eq!(failed.count(), 3);
    let told: Vec<u64> = judged.runs().iter().map(earlier_runs).collect();
    assert_eq!(
        told.iter().sum::<u64>(),
        3,
        "the report tells them: {told:?}"
    );
}

#[test]
fn one_that_writes_after_its_result_is_not_kept_and_the_next_act_is_not_charged() {
    let judged = Judged::rogue(
        &script(
            r#"printf '%s\n%s\n' '{"type":"result","run_id":"'$id'","outcome":"success"}' '{"type":"log","run_id":"'$id'","level":"info","text":"by the way"}'"#,
        ),
        THREE,
    );
    for (earlier, _, problems) in judged.told() {
        assert_eq!(
            (earlier, problems.as_str()),
            (0, "bad_line never_connected")
        );
    }
}

#[test]
fn one_that_leaves_after_its_first_run_is_started_anew() {
    let judged = Judged::rogue(&script("result $id; exit 0"), THREE);
    for (earlier, _, problems) in judged.told() {
        assert_eq!((earlier, problems.as_str()), (0, "never_connected"));
    }
}

#[test]
fn one_that_dies_of_its_second_run_is_charged_with_it() {
    let judged = Judged::rogue(&script("[ $n = 2 ] && exit 7; result $id"), THREE);
    let told = judged.told();
    assert_eq!(told[1].0, 1, "{told:?}");
    assert_eq!(told[1].2, "no_result never_connected");
    assert_eq!(judged.acts()[1].1["exit_code"], 7);
    assert_eq!((told[2].0, told[2].1.as_str()), (0, "answered"));
}

#[test]
fn one_that_hangs_in_its_second_run_costs_that_run_alone() {
    let judged = Judged::rogue(&script("[ $n = 2 ] && sleep 600; result $id"), THREE);
    let told = judged.told();
    let told: Vec<(u64, &str)> = told
        .iter()
        .map(|(n, ending, _)| (*n, ending.as_str()))
        .collect();
    assert_eq!(told, [(0, "answered"), (1, "over_budget"), (0, "answered")]);
}

#[test]
fn one_whose_hello_does_not_say_it_is_named_and_used_once() {
    let silent = script("result $id").replace("[\"multi-run\"]", "[]");
    let judged = Judged::rogue(&silent, THREE);
    for (earlier, ending, problems) in judged.told() {
        assert_eq!((earlier, ending.as_str()), (0, "exited"));
        assert_eq!(problems, "single_run never_connected");
    }
}
