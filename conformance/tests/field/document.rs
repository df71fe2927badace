//! `docs/field-report.md` names the connectors of `conformance/subjects`, at the versions that are
//! pinned, and scenarios and checks that there are. It takes half an hour to measure again, so this
//! is what can be held of it everywhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;
use snowproof::checks::Checks;
use snowproof::scenario::ScenarioSet;
use snowproof::subject::Subject;

use super::subjects;

/// What writes it.
const COMMAND: &str = "conformance/subjects/field-report";

/// Where the version of each is pinned, and as what; none of what the machine brings.
const PINS: &[(&str, &str, &str)] = &[
    ("airbyte-cdk", "requirements-frameworks.txt", "airbyte-cdk"),
    ("authlib", "requirements.txt", "Authlib"),
    (
        "mcp-server-servicenow",
        "requirements.txt",
        "mcp-server-servicenow",
    ),
    ("pysnc", "requirements.txt", "pysnc"),
    ("requests-oauthlib", "requirements.txt", "requests-oauthlib"),
    ("servicenow-cli", "requirements.txt", "servicenow-cli"),
    (
        "servicenow-rest-api",
        "node/package.json",
        "servicenow-rest-api",
    ),
    ("singer-sdk", "requirements-frameworks.txt", "singer-sdk"),
    ("snowloader", "requirements.txt", "snowloader"),
];

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs/field-report.md");
    std::fs::read_to_string(path).unwrap()
}

/// The manifests of public connectors.
fn manifests() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(subjects())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "yaml"))
        .filter(|path| !path.ends_with("model.yaml"))
        .collect();
    found.sort();
    found
}

/// The version that a file of pins has for a package.
fn pinned(file: &str, package: &str) -> String {
    let text = std::fs::read_to_string(subjects().join(file)).unwrap();
    let python = format!("{package}==");
    let node = format!("\"{package}\": \"");
    let found = text.lines().map(str::trim).find_map(|line| {
        let version = line.strip_prefix(&python);
        version.or_else(|| Some(line.strip_prefix(&node)?.trim_end_matches(['"', ','])))
    });
    found
        .unwrap_or_else(|| panic!("{package} is not pinned in {file}"))
        .to_owned()
}

#[test]
fn the_field_report_is_of_the_connectors_here_at_their_pinned_versions() {
    let text = document();
    let rows: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("| connector |"))
        .skip(2)
        .take_while(|line| line.starts_with("| "))
        .collect();
    let named: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| row.split('`').nth(1))
        .collect();
    let mut wanted = BTreeSet::new();
    for path in manifests() {
        let subject = Subject::open(&path).unwrap_or_else(|error| panic!("{}", error.rendered()));
        let name = subject.file.subject;
        let row = rows.iter().find(|row| row.contains(&format!("`{name}`")));
        let row = row.unwrap_or_else(|| panic!("no row of {name}: run {COMMAND}"));
        if let Some((_, file, package)) = PINS.iter().find(|(subject, ..)| *subject == name) {
            let version = pinned(file, package);
            assert!(
                row.split(['|', ' ']).any(|word| word == version),
                "{name} is pinned at {version}, and the report has `{row}`: run {COMMAND}"
            );
        }
        assert!(text.contains(&format!("\n## {name}\n")), "{name}");
        wanted.insert(name);
    }
    let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    assert_eq!(named, wanted, "run {COMMAND}");
    for (name, ..) in PINS {
        assert!(wanted.contains(name), "{name} has no manifest");
    }
}

#[test]
fn the_field_report_names_scenarios_and_checks_that_there_are() {
    let text = document();
    let set = ScenarioSet::embedded().unwrap_or_else(|error| panic!("{}", error.rendered()));
    let mut codes = 0;
    for found in Regex::new(r"SP-[A-Z]\d\d(?:/[a-z0-9-]+)?")
        .unwrap()
        .find_iter(&text)
    {
        let code = found.as_str();
        assert!(
            set.find(code).is_some(),
            "there is no {code}: run {COMMAND}"
        );
        codes += 1;
    }
    let mut checks = 0;
    for found in Regex::new(r"(?m)^- `([a-z0-9-]+)` \(")
        .unwrap()
        .captures_iter(&text)
    {
        let id = &found[1];
        let is_known = Checks::ALL.iter().any(|check| check.id == id);
        assert!(is_known, "there is no check {id}: run {COMMAND}");
        checks += 1;
    }
    assert!(codes > 100 && checks > 20, "{codes} codes, {checks} checks");
}

#[test]
fn what_is_out_of_scope_of_a_connector_here_exists() {
    let set = ScenarioSet::embedded().unwrap_or_else(|error| panic!("{}", error.rendered()));
    for path in manifests() {
        let subject = Subject::open(&path).unwrap_or_else(|error| panic!("{}", error.rendered()));
        assert!(
            subject.file.about.is_some(),
            "{} says what it is",
            path.display()
        );
        for key in subject.file.out_of_scope.keys() {
            let is_check = snowproof::checks::about(key).is_some();
            assert!(
                is_check || set.find(key).is_some(),
                "{}: {key}",
                path.display()
            );
        }
    }
}
