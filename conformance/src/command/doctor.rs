//! `snowproof doctor`: by which routes a connector can be brought to the simulator on this machine.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;
use tokio::process::Command;
use tokio::time::timeout;

use super::{Ended, Failure, exit, printing};
use crate::evidence::{Evidence, ProcessEnding};
use crate::plan::Plan;
use crate::run::way::Way;
use crate::run::{self, Interrupter, Settings};
use crate::scenario::ScenarioSet;
use crate::subject::{Route, Subject};
use crate::verdict::Verdict;

/// The healthy scenarios that a subject is tried on, in this order.
const HEALTHY: [&str; 2] = ["SP-C01", "SP-C02"];
/// From a process's start to its first contact.
const CONTACT_WITHIN: Duration = Duration::from_secs(15);
/// The longest that one trial of a subject may take.
const TRIAL_WITHIN: Duration = Duration::from_secs(60);
/// The longest that a program may take to say its version.
const VERSION_WITHIN: Duration = Duration::from_secs(5);
/// What is looked for, and how it says its version.
const TOOLS: [(&str, &str); 9] = [
    ("sh", "-c true"),
    ("unshare", "--version"),
    ("mount", "--version"),
    ("curl", "--version"),
    ("openssl", "version"),
    ("python3", "--version"),
    ("node", "--version"),
    ("java", "--version"),
    ("chromium", "--version"),
];

/// Say which routes to the simulator work here, and which of them a connector takes
#[derive(Debug, Args)]
#[command(
    after_help = "Every route is really tried. With --subject the connector tests its connection to a healthy instance by each of
them; one that ignores the proxy looks its instance's name up outside.

Exit status: 0, or 2 when the connector reached the instance by no route.

Examples:
  snowproof doctor
  snowproof doctor --subject mysync.yaml --format json"
)]
pub(super) struct Arguments {
    /// Manifest of a connector to try
    #[arg(long, value_name = "FILE")]
    subject: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// All that was found.
#[derive(Debug, Serialize)]
struct Findings {
    routes: Vec<Tried>,
    tools: Vec<Tool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Taken>,
}

/// A route on this machine.
#[derive(Debug, Serialize)]
struct Tried {
    route: Route,
    works: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// A program.
#[derive(Debug, Serialize)]
struct Tool {
    tool: &'static str,
    /// The first line it says; none where it is not there.
    version: Option<String>,
}

/// The routes that a subject takes.
#[derive(Debug, Serialize)]
struct Taken {
    name: String,
    routes: Vec<Seen>,
    /// The line for the manifest; none where no route leads to the instance.
    manifest: Option<String>,
}

/// What a subject did by a route.
#[derive(Debug, Serialize)]
struct Seen {
    route: Route,
    result: Reached,
    /// What it said, or why it could not start.
    said: String,
}

/// Whether a subject reached the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reached {
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
    const fn words(self) -> &'static str {
        match self {
            Self::Well => "reached the instance",
            Self::Contact => "made contact, and then something was wrong",
            Self::Bypassed => "bypassed the simulator",
            Self::CouldNotStart => "could not start",
        }
    }
}

pub(super) async fn run(arguments: Arguments) -> Ended {
    let subject = match &arguments.subject {
        Some(path) => {
            Some(Subject::open(path).map_err(|error| Failure::new(exit::USAGE, error.rendered()))?)
        }
        None => None,
    };
    let mut routes = Vec::new();
    for route in Route::ALL {
        printing::talk(&format!("trying route {}", route.name()));
        let why = Way::find(route).await.err();
        routes.push(Tried {
            route,
            works: why.is_none(),
            why,
        });
    }
    let mut tools = Vec::new();
    for (tool, words) in TOOLS {
        let version = version(tool, words).await;
        tools.push(Tool { tool, version });
    }
    let subject = match subject {
        Some(subject) => Some(taken(&subject, &routes).await?),
        None => None,
    };
    let findings = Findings {
        routes,
        tools,
        subject,
    };
    if arguments.format == Format::Json {
        let json = serde_json::to_string_pretty(&findings).map_err(Failure::harness)?;
        printing::data(&json);
    } else {
        printing::data(&told(&findings));
    }
    Ok(match &findings.subject {
        Some(taken) if taken.manifest.is_none() => exit::INCONCLUSIVE,
        _ => exit::CONFORMS,
    })
}

async fn version(tool: &str, words: &str) -> Option<String> {
    let mut child = Command::new(tool);
    child
        .args(words.splitn(2, ' '))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(VERSION_WITHIN, child.output()).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.lines().next().unwrap_or("is there").trim().to_owned())
}

/// Drives a subject by every route that works.
async fn taken(subject: &Subject, routes: &[Tried]) -> Result<Taken, Failure> {
    let mut seen = Vec::new();
    for tried in routes.iter().filter(|tried| tried.works) {
        printing::talk(&format!(
            "driving {} by route {}",
            subject.file.subject,
            tried.route.name()
        ));
        let mut subject = subject.clone();
        subject.file.route = tried.route;
        seen.push(drive(subject, tried.route).await?);
    }
    let best = |wanted| seen.iter().find(|seen: &&Seen| seen.result == wanted);
    let manifest = best(Reached::Well)
        .or_else(|| best(Reached::Contact))
        .map(|seen| format!("route: {}", seen.route.name()));
    Ok(Taken {
        name: subject.file.subject.clone(),
        routes: seen,
        manifest,
    })
}

async fn drive(subject: Subject, route: Route) -> Result<Seen, Failure> {
    let set = ScenarioSet::embedded()
        .map_err(|error| Failure::new(exit::HARNESS_ERROR, error.to_string()))?;
    let scenario = HEALTHY
        .iter()
        .filter_map(|name| set.scenarios().find(|scenario| scenario.is_called(name)))
        .find(|scenario| subject.inapplicable(scenario).is_none())
        .ok_or_else(|| Failure::usage("the subject can neither check nor sync"))?;
    let plan = Plan::new(&[scenario], &subject).map_err(Failure::harness)?;
    let folder = tempfile::tempdir().map_err(Failure::harness)?;
    let settings = Settings {
        jobs: 1,
        seed: 1,
        out: folder.path().join("out"),
        ca_dir: None,
        strict: false,
        fail_fast: false,
        deadline: Some(TRIAL_WITHIN),
        has_words: true,
        command: Vec::new(),
        contact_within: CONTACT_WITHIN,
        browser: None,
        observer: None,
    };
    let out = settings.out.clone();
    let report = run::run(plan, subject, settings, &Interrupter::default(), &|_| {})
        .await
        .map_err(Failure::harness)?;
    let run = report
        .runs
        .first()
        .ok_or_else(|| Failure::harness("nothing was run"))?;
    let why = run.reason.clone().unwrap_or_default();
    let (result, said) = match run.evidence.as_deref() {
        Some(evidence) => read(&out.join(Path::new(evidence)), run.verdict, why)?,
        None => (Reached::CouldNotStart, why),
    };
    Ok(Seen {
        route,
        result,
        said,
    })
}

fn read(folder: &Path, verdict: Verdict, why: String) -> Result<(Reached, String), Failure> {
    let evidence = Evidence::read(folder).map_err(Failure::harness)?;
    let act = evidence.acts.first();
    let act = act.ok_or_else(|| Failure::harness("no act was run"))?;
    let said = if act.said.text.is_empty() {
        why
    } else {
        act.said.text.clone()
    };
    let result = if act.ending == ProcessEnding::NotStarted {
        Reached::CouldNotStart
    } else if act.first_contact_ns.is_none() {
        Reached::Bypassed
    } else if matches!(verdict, Verdict::Pass | Verdict::Warn) {
        Reached::Well
    } else {
        Reached::Contact
    };
    Ok((result, said))
}

fn told(findings: &Findings) -> String {
    let mut lines = vec!["routes on this machine".to_owned()];
    for tried in &findings.routes {
        let how = tried.why.as_deref().unwrap_or("works");
        lines.push(format!("  {:<12} {how}", tried.route.name()));
    }
    lines.push("programs".to_owned());
    for tool in &findings.tools {
        let version = tool.version.as_deref().unwrap_or("is not there");
        lines.push(format!("  {:<12} {version}", tool.tool));
    }
    if let Some(taken) = &findings.subject {
        lines.push(taken.name.clone());
        for seen in &taken.routes {
            let (route, result) = (seen.route.name(), seen.result.words());
            lines.push(match (seen.result, seen.said.as_str()) {
                (Reached::Well, _) | (_, "") => format!("  {route:<12} {result}"),
                (_, said) => format!("  {route:<12} {result}: {said}"),
            });
        }
        lines.push(match &taken.manifest {
            Some(line) => format!("\nput this line into the manifest:\n{line}"),
            None => "\nno route leads from it to the instance".to_owned(),
        });
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_for_the_manifest_comes_last() {
        let findings = Findings {
            routes: vec![Tried {
                route: Route::Hosts,
                works: false,
                why: Some("not here".to_owned()),
            }],
            tools: vec![Tool {
                tool: "curl",
                version: None,
            }],
            subject: Some(Taken {
                name: "mysync".to_owned(),
                routes: vec![Seen {
                    route: Route::Direct,
                    result: Reached::Bypassed,
                    said: "unknown host".to_owned(),
                }],
                manifest: Some("route: proxy".to_owned()),
            }),
        };
        let told = told(&findings);
        assert!(told.contains("  hosts        not here\n"), "{told}");
        assert!(told.contains("  direct       bypassed the simulator: unknown host\n"));
        assert!(told.ends_with("\nroute: proxy"), "{told}");
    }
}
