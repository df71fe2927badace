//! Files that people write: what is wrong with one is said with its place, what is legal, and
//! what was meant.

#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use snowproof::catalogue;
use snowproof::scenario::{For, LoadError, Merged, ScenarioSet};
use snowproof::schema;
use snowproof::subject::{Declares, Subject};
use snowproof::yaml::SourceFile;
use snowproof_simulator::fidelity::ledger;

mod met;
mod sources;

const HEALTHY: &str = include_str!("../fixtures/scenarios/healthy/sync.yaml");
const ID: &str = "healthy/sync";

fn add(text: &str) -> Result<ScenarioSet, LoadError> {
    let mut set = ScenarioSet::default();
    let source = SourceFile {
        name: "x.yaml".into(),
        text: text.into(),
    };
    set.add(source, ID).map(|()| set)
}

/// The error of the healthy file with one text replaced by another.
fn error(old: &str, new: &str) -> String {
    assert!(HEALTHY.contains(old), "{old}");
    add(&HEALTHY.replacen(old, new, 1)).unwrap_err().rendered()
}

fn resolve(scenario: &Merged) -> snowproof::scenario::Scenario {
    let subject = For {
        table: "incident",
        write_table: "incident",
        declares: &Declares::default(),
    };
    scenario.resolve(subject).unwrap()
}

#[test]
fn a_slip_in_a_scenario_is_located_and_the_nearest_legal_word_offered() {
    let mut wrong = Vec::new();
    for (old, new, expected) in [
        (
            "title:",
            "tilte:",
            ["x.yaml:4:1", "unknown key `tilte`", "did you mean `title`"],
        ),
        (
            "level: recover",
            "level: recovr",
            ["x.yaml:8:8", "`recovr`", "did you mean `recover`"],
        ),
        (
            "met: { third-page",
            "met: { thrid-page",
            [
                "x.yaml:23:22",
                "neither a step",
                "did you mean `third-page`",
            ],
        ),
        (
            "killed_at: third-page",
            "killed_at: page-three",
            [
                "x.yaml:20:26",
                "no step is called `page-three`",
                "third-page",
            ],
        ),
        (
            "data-no-orderby",
            "data-no-order",
            [
                "x.yaml:5:10",
                "no row `data-no-order`",
                "did you mean `data-no-orderby`",
            ],
        ),
        (
            "id: healthy/sync",
            "id: healthy/snc",
            ["x.yaml:3:1", "`healthy/snc`", "`healthy/sync`"],
        ),
        (
            "code: FX-H02",
            "code: fx-h02",
            ["x.yaml:2:1", "`fx-h02` is not a code", "SP-A07"],
        ),
        (
            "when: { read: $table, page: 3 }, ",
            "",
            ["x.yaml:22:7", "has no `when`", "say what is counted"],
        ),
        (
            "when: { read: $table, page: 3 }",
            "when: { read: $table, connection: 3 }",
            ["x.yaml:22:21", "`2` of", "exactly one"],
        ),
        (
            "when: { read: $table, page: 3 }",
            "when: { page: 3 }",
            ["x.yaml:22:21", "`0` of", "exactly one"],
        ),
        (
            "instance:\n",
            "instances: {}\ninstance:\n",
            ["x.yaml:13:1", "both given", "keep one"],
        ),
        (
            "snowproof.scenario/1",
            "snowproof.scenario/2",
            ["x.yaml:1:1", "unknown schema", "snowproof.scenario/1"],
        ),
        (
            "  killed:\n",
            "  Killed:\n",
            ["x.yaml:19:3", "`Killed`", "lower-case"],
        ),
        (
            "outcome: success",
            "outcome: yes",
            ["x.yaml:16:12", "`yes`", "success"],
        ),
        (
            "resume: true",
            "resume: yes",
            ["x.yaml:20:", "bool", "resume"],
        ),
        (
            "page_size: 10",
            "page_size: 10\n  page_size: 11",
            ["x.yaml:11", "", ""],
        ),
    ] {
        let rendered = error(old, new);
        for part in expected {
            if !rendered.contains(part) {
                wrong.push(format!("{new}\n{part}\n{rendered}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn broken_texts_are_errors_and_never_panics() {
    let deep = "a: ".to_owned() + &"[".repeat(500);
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    let large = "x".repeat(2 * 1024 * 1024);
    for text in [
        "", "{", "\0", "- 1", "a: b: c", "schema", &deep, bomb, &large,
    ] {
        let error = add(text).unwrap_err();
        assert!(error.to_string().contains("x.yaml:"), "{error}");
    }
}

#[test]
fn a_variant_is_merged_and_the_table_put_in_place() {
    let set = add(HEALTHY).unwrap();
    let names: Vec<String> = set.scenarios().map(Merged::name).collect();
    assert_eq!(names, ["FX-H02", "FX-H02/killed"]);
    let killed = resolve(set.find("FX-H02/killed").unwrap());
    assert_eq!(killed.acts.len(), 2);
    assert_eq!(
        killed.steps["third-page"]
            .when
            .as_ref()
            .unwrap()
            .read
            .as_deref(),
        Some("incident")
    );
    assert!(
        killed.instances["main"]
            .tables
            .as_ref()
            .unwrap()
            .contains_key("incident")
    );
    // Filled in from the covered row of the catalogue and from what the subject declares.
    assert_eq!(killed.diagnosis.quiet_is_right, Some(true));
    assert_eq!(killed.subject.user.as_deref(), Some("sync.user"));
    assert_eq!(killed.subject.page_size, Some(10));
}

#[test]
fn null_removes_a_check_or_a_step_of_the_scenario() {
    let text = HEALTHY.to_owned()
        + "  quiet:\n    steps: {}\n    expect: { checks: { fault-was-exercised: null } }\n";
    let set = add(&text).unwrap();
    let without = resolve(set.find("FX-H02/quiet").unwrap());
    let with = resolve(set.find("FX-H02").unwrap());
    assert_eq!(
        serde_json::to_value(&without.checks).unwrap(),
        serde_json::json!({})
    );
    assert_ne!(with.checks, without.checks);
}

#[test]
fn two_files_must_not_share_a_code() {
    let mut set = add(HEALTHY).unwrap();
    let second = SourceFile {
        name: "y.yaml".into(),
        text: HEALTHY.replace("id: healthy/sync", "id: healthy/other"),
    };
    let error = set.add(second, "healthy/other").unwrap_err().to_string();
    assert_eq!(
        error,
        "the code `FX-H02` is used by both `x.yaml` and `y.yaml`"
    );
}

const MANIFEST: &str = r#"schema: snowproof.subject/1
subject: x
adapter: command
run:
  check: ["x", "{base_url}", "{file:config}"]
files:
  config: { format: json, template: { url: "{user}" } }
capabilities: [check, basic]
diagnosis:
  read_from: [{ stdout_json: /error }]
  map: [{ match: "a+", class: net.dns }]
records: { jsonl: "{out_dir}/r", key: /sys_id }
not_supported: { resume: "it keeps nothing" }
"#;

fn subject(text: &str) -> Result<Subject, String> {
    let source = SourceFile {
        name: "m.yaml".into(),
        text: text.into(),
    };
    Subject::read(&source, PathBuf::new()).map_err(|error| error.rendered())
}

#[test]
fn a_slip_in_a_manifest_is_located() {
    let mut wrong = Vec::new();
    for (old, new, expected) in [
        (
            "{base_url}",
            "{base_ulr}",
            [
                "m.yaml:5:16",
                "`{base_ulr}` is no parameter",
                "did you mean `base_url`",
            ],
        ),
        (
            "{file:config}",
            "{file:confg}",
            [
                "m.yaml:5:30",
                "no file is called `confg`",
                "did you mean `config`",
            ],
        ),
        (
            "match: \"a+\"",
            "match: \"a(\"",
            ["m.yaml:11:11", "`a(` is no regular expression", "unclosed"],
        ),
        (
            "stdout_json: /error",
            "stdout_json: error",
            ["m.yaml:10:17", "`error` is no JSON pointer", "slash"],
        ),
        (
            "net.dns",
            "net.dsn",
            ["m.yaml:11:31", "`net.dsn`", "did you mean `net.dns`"],
        ),
        (
            "  check: [",
            "  native: [",
            [
                "m.yaml:5:3",
                "`native` is no command of this adapter",
                "check, sync, write",
            ],
        ),
        (
            "it keeps nothing",
            " ",
            ["m.yaml:13", "without a reason", "say why"],
        ),
        (
            "not_supported: {",
            "out_of_scope: { backof-floor: it }\nnot_supported: {",
            [
                "m.yaml:13:17",
                "`backof-floor` is no check and no scenario",
                "did you mean `backoff-floor`",
            ],
        ),
        (
            "not_supported: {",
            "out_of_scope: { no-secret-in-output: it }\nnot_supported: {",
            [
                "m.yaml:13:17",
                "`no-secret-in-output` is",
                "every subject's task",
            ],
        ),
        (
            "capabilities: [check, basic]",
            "capabilities: [check, basik]",
            ["m.yaml:8:23", "`basik`", "did you mean `basic`"],
        ),
        (
            "config: {",
            "../config: {",
            ["m.yaml:7:3", "no name for a file", "letters"],
        ),
    ] {
        assert!(MANIFEST.contains(old), "{old}");
        let rendered = subject(&MANIFEST.replacen(old, new, 1)).unwrap_err();
        for part in expected {
            if !rendered.contains(part) {
                wrong.push(format!("{new}\n{part}\n{rendered}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_subject_cannot_do_is_said_with_its_reason() {
    let subject = subject(MANIFEST).unwrap();
    let set = add(HEALTHY).unwrap();
    let reason = subject.inapplicable(set.find("FX-H02").unwrap());
    assert_eq!(reason.as_deref(), Some("cannot sync"));
    let text = HEALTHY
        .replace("verb: sync", "verb: check")
        .replace("subject: {", "parameters: [parallelism]\nsubject: {");
    let set = add(&text).unwrap();
    let reason = |name: &str| subject.inapplicable(set.find(name).unwrap());
    assert_eq!(
        reason("FX-H02").as_deref(),
        Some("cannot set parallelism: the manifest places {parallelism} nowhere")
    );
    assert_eq!(
        reason("FX-H02/killed").as_deref(),
        Some("cannot resume: it keeps nothing")
    );
}

#[test]
fn shipped_scenarios_load_and_the_catalogue_agrees_with_them() {
    let set = ScenarioSet::embedded().unwrap_or_else(|error| panic!("{}", error.rendered()));
    let mut covered: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for scenario in set.scenarios() {
        for row in &scenario.file.covers {
            let codes = covered.entry(row).or_default();
            if !codes.contains(&scenario.file.code.as_str()) {
                codes.push(&scenario.file.code);
            }
        }
    }
    for row in catalogue::rows() {
        let by_files = covered.remove(row.id.as_str()).unwrap_or_default();
        let mut by_row: Vec<&str> = row.covered_by.iter().map(String::as_str).collect();
        by_row.sort_unstable();
        assert_eq!(by_files, by_row, "the column covered_by of `{}`", row.id);
    }
}

#[test]
fn the_readme_counts_the_failures_that_are_covered() {
    let (mut covered, mut all) = (0, 0);
    for row in catalogue::rows() {
        all += 1;
        covered += u32::from(!row.covered_by.is_empty());
    }
    let text = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let count = format!("Of the {all} failures in `scenarios/catalogue.tsv` {covered} are covered");
    assert!(text.contains(&count), "the README does not say: {count}");
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn the_committed_ledger_is_the_generated_one() {
    let committed = std::fs::read_to_string(repository().join("docs/fidelity.md"));
    assert!(
        committed.is_ok_and(|text| text == ledger::ledger()),
        "docs/fidelity.md is stale; run `{}`",
        ledger::COMMAND
    );
}

#[test]
fn committed_schemas_are_the_generated_ones() {
    for (name, generated) in schema::all() {
        let path = repository().join("scenarios/schema").join(name);
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == generated,
            "{name} is stale; run `cargo run -- schema --write scenarios/schema`"
        );
    }
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            yaml_files(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            found.push(path);
        }
    }
}

#[test]
fn every_shipped_file_fits_its_schema_and_its_loader() {
    let schemas: BTreeMap<_, _> = schema::all().into_iter().collect();
    let validator = |name: &str| {
        let schema: Value = serde_json::from_str(&schemas[name]).unwrap();
        jsonschema::validator_for(&schema).unwrap()
    };
    let kinds = [
        ("scenarios", validator("scenario.v1.json")),
        ("scenarios/editions", validator("edition.v1.json")),
        (
            "conformance/tests/fixtures/scenarios",
            validator("scenario.v1.json"),
        ),
        ("conformance/subjects", validator("subject.v1.json")),
    ];
    let mut checked = 0;
    for (folder, validator) in kinds {
        let mut files = Vec::new();
        yaml_files(&repository().join(folder), &mut files);
        // An edition is none of the scenarios among which it lies.
        files.retain(|path| {
            folder.ends_with("editions")
                || !path.starts_with(repository().join("scenarios/editions"))
        });
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap();
            let document: Value = serde_saphyr::from_str(&text).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&document)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
            if folder.ends_with("subjects") {
                Subject::open(&path).unwrap_or_else(|error| panic!("{}", error.rendered()));
            }
            checked += 1;
        }
    }
    assert!(checked >= 3, "{checked}");
}
