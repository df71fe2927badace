//! `snowproof doctor`: by which routes a connector can be brought to the simulator on this machine.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;
use tokio::process::Command;
use tokio::time::timeout;

use super::{Ended, Failure, exit, printing};
use crate::preflight::Finding;
use crate::run::way::Way;
use crate::subject::{Route, Subject, SubjectError};
use crate::yaml::{self, SourceFile};

mod trials;

use trials::{Reached, Seen};

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

/// Say what is wrong with a manifest, and which routes to the simulator work here
#[derive(Debug, Args)]
#[command(
    after_help = "Every route is really tried. With --subject the connector meets a healthy instance and one that refuses its
password, and what is wrong with the manifest is told by its line, with what to change: nothing arrived, the CA is not
trusted, the proxy is ignored, the credentials are not those it was given, no words or no records are seen, it says
success whatever happens. One that makes no contact by its own route tries the others, as --every-route makes all do;
one that ignores the proxy looks its instance's name up outside.

Exit status: 0, or 2 when something is to be changed.

Examples:
  snowproof doctor
  snowproof doctor --subject mysync.yaml --format json"
)]
pub(super) struct Arguments {
    /// Manifest of a connector to try
    #[arg(long, value_name = "FILE")]
    subject: Option<PathBuf>,
    /// Try every route, and not only the manifest's own
    #[arg(long, requires = "subject")]
    every_route: bool,
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

/// The routes that a subject takes, and what is wrong with its manifest.
#[derive(Debug, Serialize)]
struct Taken {
    name: String,
    routes: Vec<Seen>,
    /// The line for the manifest; none where no route leads to the instance.
    manifest: Option<String>,
    /// The file, as it was named.
    file: String,
    findings: Vec<Finding>,
}

pub(super) async fn run(arguments: Arguments) -> Ended {
    let subject = match &arguments.subject {
        Some(path) => {
            let broken = |error: SubjectError| Failure::new(exit::USAGE, error.rendered());
            let subject = Subject::open(path).map_err(broken)?;
            let text = yaml::text_of(path).map_err(Failure::usage)?;
            let name = path.display().to_string();
            Some((subject, SourceFile { name, text }))
        }
        None => None,
    };
    let taken = match subject {
        Some((subject, source)) => Some(taken(&subject, source, arguments.every_route).await?),
        None => None,
    };
    let (routes, subject) = match taken {
        Some((taken, routes)) => (routes, Some(taken)),
        None => (every_route().await, None),
    };
    let mut tools = Vec::new();
    for (tool, words) in TOOLS.iter().filter(|_| subject.is_none()) {
        let version = version(tool, words).await;
        tools.push(Tool { tool, version });
    }
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
        Some(taken) if taken.manifest.is_none() || !taken.findings.is_empty() => exit::INCONCLUSIVE,
        _ => exit::CONFORMS,
    })
}

/// Tries every route on this machine.
async fn every_route() -> Vec<Tried> {
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
    routes
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

/// Drives a subject by its own route, and by the others where that leads nowhere.
async fn taken(
    subject: &Subject,
    source: SourceFile,
    every: bool,
) -> Result<(Taken, Vec<Tried>), Failure> {
    let own = subject.file.route;
    printing::talk(&format!(
        "driving {} by route {}",
        subject.file.subject,
        own.name()
    ));
    let (first, findings) = trials::examine(subject, &source).await?;
    let lost = findings.iter().any(Finding::may_be_the_route);
    let mut seen = vec![first];
    let routes = if every || lost {
        every_route().await
    } else {
        Vec::new()
    };
    let others = routes.iter().filter(|tried| tried.works);
    for tried in others.filter(|tried| tried.route != own) {
        let name = tried.route.name();
        printing::talk(&format!("driving {} by route {name}", subject.file.subject));
        seen.push(trials::by_route(subject, tried.route).await?);
    }
    let best = |wanted| seen.iter().find(|seen: &&Seen| seen.result == wanted);
    let manifest = best(Reached::Well)
        .or_else(|| best(Reached::Contact))
        .map(|seen| format!("route: {}", seen.route.name()));
    let taken = Taken {
        name: subject.file.subject.clone(),
        routes: seen,
        manifest,
        file: source.name,
        findings,
    };
    Ok((taken, routes))
}

fn told(findings: &Findings) -> String {
    let mut lines = Vec::new();
    if !findings.routes.is_empty() {
        lines.push("routes on this machine".to_owned());
    }
    for tried in &findings.routes {
        let how = tried.why.as_deref().unwrap_or("works");
        lines.push(format!("  {:<12} {how}", tried.route.name()));
    }
    if !findings.tools.is_empty() {
        lines.push("programs".to_owned());
    }
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
        lines.extend(taken.findings.iter().map(|finding| {
            let name = finding.finding.name();
            let (file, line, entry) = (&taken.file, finding.line, &finding.entry);
            format!(
                "\n{file}:{line}: {name}, at `{entry}`\n  seen    {}\n  change  {}",
                finding.seen, finding.change
            )
        }));
        let own = taken.routes.first().map(|seen| seen.route.name());
        lines.push(match &taken.manifest {
            None if findings.routes.is_empty() => "\nchange that and run it again".to_owned(),
            None => "\nno route leads from it to the instance".to_owned(),
            Some(line) if own.is_none_or(|own| line != &format!("route: {own}")) => {
                format!("\nput this line into the manifest:\n{line}")
            }
            Some(_) if taken.findings.is_empty() => "\nnothing is to be changed".to_owned(),
            Some(_) => "\nchange that and run it again".to_owned(),
        });
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preflight::Fault;

    fn findings(routes: Vec<Seen>, findings: Vec<Finding>) -> Findings {
        Findings {
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
                routes,
                manifest: Some("route: proxy".to_owned()),
                file: "mysync.yaml".to_owned(),
                findings,
            }),
        }
    }

    fn seen(route: Route, result: Reached, said: &str) -> Seen {
        Seen {
            route,
            result,
            said: said.to_owned(),
        }
    }

    #[test]
    fn the_line_for_the_manifest_comes_last() {
        let bypassed = seen(Route::Direct, Reached::Bypassed, "unknown host");
        let told = told(&findings(vec![bypassed], Vec::new()));
        assert!(told.contains("  hosts        not here\n"), "{told}");
        assert!(told.contains("  direct       bypassed the simulator: unknown host\n"));
        assert!(told.ends_with("\nroute: proxy"), "{told}");
    }

    #[test]
    fn a_finding_names_the_line_and_ends_with_what_to_change() {
        let finding = Finding {
            finding: Fault::NoWordsSeen,
            entry: "diagnosis.read_from".to_owned(),
            line: 7,
            seen: "silence".to_owned(),
            change: "write `read_from: [stderr_last_line]`".to_owned(),
        };
        let well = || vec![seen(Route::Proxy, Reached::Well, "")];
        let wrong = told(&findings(well(), vec![finding]));
        assert!(
            wrong.contains("mysync.yaml:7: no-words-seen, at `diagnosis.read_from`\n"),
            "{wrong}"
        );
        assert!(wrong.contains("  change  write `read_from: [stderr_last_line]`\n"));
        assert!(wrong.ends_with("\nchange that and run it again"));
        let right = told(&findings(well(), Vec::new()));
        assert!(right.ends_with("\nnothing is to be changed"), "{right}");
    }
}
