//! The trials of a subject: on a healthy instance, and on one that refuses its password.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::super::{Failure, exit};
use crate::evidence::{Evidence, ProcessEnding};
use crate::plan::Plan;
use crate::preflight::{self, Fault, Finding, Manifest, Trial};
use crate::report::RunReport;
use crate::run::{self, Interrupter, Settings};
use crate::scenario::{Merged, ScenarioSet};
use crate::subject::{Route, Subject};
use crate::verdict::Verdict;
use crate::yaml::SourceFile;

/// The healthy scenarios that a subject is tried on; the first that it can be asked.
const HEALTHY: [&str; 2] = ["SP-C01", "SP-C02"];
/// The one whose records are looked for.
const SYNCED: &str = "SP-C02";
/// Those in which its password is refused; the first that it can be asked.
const REFUSED: [&str; 2] = ["SP-A01", "SP-A01/at-sync"];
/// From a process's start to its first contact.
const CONTACT_WITHIN: Duration = Duration::from_secs(15);
/// The longest that the trials of a subject may take.
const TRIALS_WITHIN: Duration = Duration::from_secs(60);

/// What a subject did by a route.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    pub(super) route: Route,
    pub(super) result: Reached,
    /// What it said, or why it could not start.
    pub(super) said: String,
}

/// Whether a subject reached the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reached {
    /// It did, and all went well.
    Well,
    /// It made contact, and something was wrong then.
    Contact,
    /// It made no contact.
    Bypassed,
    /// It could not be started.
    CouldNotStart,
}

impl Reached {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Well => "reached the instance",
            Self::Contact => "made contact, and then something was wrong",
            Self::Bypassed => "bypassed the simulator",
            Self::CouldNotStart => "could not start",
        }
    }
}

/// A scenario that was tried.
struct Tried {
    name: String,
    verdict: Verdict,
    why: String,
    /// None where it could not be run.
    kept: Option<Kept>,
}

/// What is kept of it.
struct Kept {
    evidence: Evidence,
    stdout: String,
    stderr: String,
}

impl Kept {
    fn trial(&self) -> Trial<'_> {
        Trial {
            evidence: &self.evidence,
            stdout: &self.stdout,
            stderr: &self.stderr,
        }
    }
}

/// Tries a subject by its own route, and tells what is wrong with its manifest.
pub(super) async fn examine(
    subject: &Subject,
    source: &SourceFile,
) -> Result<(Seen, Vec<Finding>), Failure> {
    let manifest = Manifest::new(&subject.file, source).map_err(Failure::usage)?;
    if let Err(error) = subject.find_programs() {
        let said = error.to_string();
        let path = ["run", error.command.as_str(), "0"];
        let change = format!("`{}` {}", error.program, error.why);
        let finding = manifest.finding(Fault::CannotStart, &path, said.clone(), change);
        let seen = Seen {
            route: subject.file.route,
            result: Reached::CouldNotStart,
            said,
        };
        return Ok((seen, vec![finding]));
    }
    let set = scenarios()?;
    let healthy = healthy(&set, subject)?;
    let refused = first(&set, subject, &REFUSED);
    let synced = first(&set, subject, &[SYNCED]);
    let mut tried = drive(subject.clone(), &[healthy]).await?;
    let mut findings = told_by(&manifest, &tried, healthy, (None, None));
    // What is wrong on a healthy instance is wrong everywhere.
    if findings.is_empty() {
        let others = [refused, synced].into_iter().flatten();
        let others: Vec<&Merged> = others
            .filter(|other| other.name() != healthy.name())
            .collect();
        if !others.is_empty() {
            tried.extend(drive(subject.clone(), &others).await?);
        }
        findings = told_by(&manifest, &tried, healthy, (refused, synced));
    }
    let seen = tried
        .iter()
        .find(|tried| tried.name == healthy.name())
        .ok_or_else(|| Failure::harness("nothing was run"))?;
    Ok((reached(seen, subject.file.route)?, findings))
}

fn told_by(
    manifest: &Manifest<'_>,
    tried: &[Tried],
    healthy: &Merged,
    (refused, synced): (Option<&Merged>, Option<&Merged>),
) -> Vec<Finding> {
    let of = |scenario: &Merged| {
        let found = tried.iter().find(|tried| tried.name == scenario.name());
        found.and_then(|tried| tried.kept.as_ref().map(Kept::trial))
    };
    of(healthy).map_or_else(Vec::new, |trial| {
        preflight::examine(manifest, trial, refused.and_then(of), synced.and_then(of))
    })
}

/// Tries a subject by another route.
pub(super) async fn by_route(subject: &Subject, route: Route) -> Result<Seen, Failure> {
    let mut subject = subject.clone();
    subject.file.route = route;
    let set = scenarios()?;
    let scenario = healthy(&set, &subject)?;
    let tried = drive(subject, &[scenario]).await?;
    let seen = tried.first();
    reached(
        seen.ok_or_else(|| Failure::harness("nothing was run"))?,
        route,
    )
}

fn scenarios() -> Result<ScenarioSet, Failure> {
    ScenarioSet::embedded().map_err(|error| Failure::new(exit::HARNESS_ERROR, error.to_string()))
}

fn healthy<'a>(set: &'a ScenarioSet, subject: &Subject) -> Result<&'a Merged, Failure> {
    first(set, subject, &HEALTHY).ok_or_else(|| {
        let asked = HEALTHY.iter().filter_map(|name| set.find(name));
        let why = asked
            .filter_map(|scenario| subject.inapplicable(scenario))
            .next_back();
        Failure::usage(format!(
            "the subject can neither check nor sync by user name and password: {}",
            why.unwrap_or_default()
        ))
    })
}

fn first<'a>(set: &'a ScenarioSet, subject: &Subject, names: &[&str]) -> Option<&'a Merged> {
    names
        .iter()
        .filter_map(|name| set.find(name))
        .find(|scenario| subject.inapplicable(scenario).is_none())
}

async fn drive(subject: Subject, scenarios: &[&Merged]) -> Result<Vec<Tried>, Failure> {
    let plan = Plan::new(scenarios, &subject).map_err(Failure::harness)?;
    let folder = tempfile::tempdir().map_err(Failure::harness)?;
    let settings = Settings {
        jobs: scenarios.len(),
        seed: 1,
        out: folder.path().join("out"),
        ca_dir: None,
        strict: false,
        fail_fast: false,
        deadline: Some(TRIALS_WITHIN),
        has_words: true,
        command: Vec::new(),
        contact_within: CONTACT_WITHIN,
        browser: None,
        attendant: None,
        observer: None,
    };
    let out = settings.out.clone();
    let report = run::run(plan, subject, settings, &Interrupter::default(), &|_| {})
        .await
        .map_err(Failure::harness)?;
    report.runs.iter().map(|run| read(&out, run)).collect()
}

fn read(out: &Path, run: &RunReport) -> Result<Tried, Failure> {
    let kept = match run.evidence.as_deref() {
        Some(folder) => {
            let folder = out.join(folder);
            let words = |name: &str| {
                let bytes = std::fs::read(folder.join("act-1").join(name)).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            };
            Some(Kept {
                evidence: Evidence::read(&folder).map_err(Failure::harness)?,
                stdout: words("stdout"),
                stderr: words("stderr"),
            })
        }
        None => None,
    };
    Ok(Tried {
        name: run.name(),
        verdict: run.verdict,
        why: run.reason.clone().unwrap_or_default(),
        kept,
    })
}

fn reached(tried: &Tried, route: Route) -> Result<Seen, Failure> {
    let Some(kept) = &tried.kept else {
        return Ok(Seen {
            route,
            result: Reached::CouldNotStart,
            said: tried.why.clone(),
        });
    };
    let act = kept.evidence.acts.first();
    let act = act.ok_or_else(|| Failure::harness("no act was run"))?;
    let mut lines = kept.stderr.lines().rev().map(str::trim);
    let last = lines.find(|line| !line.is_empty());
    let said = match (act.said.text.as_str(), last) {
        ("", Some(last)) if act.first_contact_ns.is_none() => last.to_owned(),
        ("", None) if act.first_contact_ns.is_none() => String::new(),
        ("", _) => tried.why.clone(),
        (text, _) => text.to_owned(),
    };
    let result = if act.ending == ProcessEnding::NotStarted {
        Reached::CouldNotStart
    } else if act.first_contact_ns.is_none() {
        Reached::Bypassed
    } else if matches!(tried.verdict, Verdict::Pass | Verdict::Warn) {
        Reached::Well
    } else {
        Reached::Contact
    };
    Ok(Seen {
        route,
        result,
        said,
    })
}
