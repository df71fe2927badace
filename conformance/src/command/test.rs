//! `snowproof test`: judges a subject.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use snowproof_simulator::duration::ScaledDuration;

use super::console::Console;
use super::scenarios::{self, Sources};
use super::signals::Asked;
use super::{Ended, Failure, exit, printing};
use crate::plan::Plan;
use crate::report::{self, Layout, Report};
use crate::run::{self, DEFAULT_JOBS, Interrupter, Progress, RunError, Settings};
use crate::subject::Subject;
use crate::yaml::SourceFile;

/// The manifest of the bundled connector.
const MODEL: &str = include_str!("../../subjects/model.yaml");

/// How long interpreters may take to get to their first request.
const CONTACT_WITHIN: Duration = Duration::from_secs(30);
/// The same, as it is written.
pub(super) const CONTACT_WITHIN_TEXT: &str = "30s";

/// Judge a subject: drive it through the scenarios and report
#[derive(Debug, Args)]
#[command(
    after_help = "Several filters are a union; a leading ! takes away; quote it for the shell.

Examples:
  snowproof test --subject mysync.yaml profile:throttle '!SP-T03'
  snowproof test --sin ignores-retry-after     see what a report says of a connector that does wrong"
)]
pub(super) struct Arguments {
    /// Globs over codes and ids, or profile:NAME, level:NAME, verb:NAME; a code selects its variants
    /// too, exact:CODE does not; a leading ! takes away
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Manifest of the connector; without it the bundled connector is judged
    #[arg(long, value_name = "FILE")]
    subject: Option<PathBuf>,
    /// Judge the bundled connector with this sin
    #[arg(long, value_name = "NAME", conflicts_with_all = ["subject", "near_miss"])]
    sin: Option<String>,
    /// Judge the bundled connector with this near-miss: it looks wrong and is right
    #[arg(long, value_name = "NAME", conflicts_with = "subject")]
    near_miss: Option<String>,
    #[command(flatten)]
    sources: Sources,
    #[command(flatten)]
    running: Running,
    /// Run this scenario alone, `CODE` or `CODE/VARIANT`, and print its evidence folder
    #[arg(long, value_name = "CODE", conflicts_with = "filters")]
    debug: Option<String>,
}

/// How things are run; shared with `exec`.
#[derive(Debug, Args)]
pub(super) struct Running {
    /// Scenarios at once
    #[arg(long, value_name = "N", default_value_t = DEFAULT_JOBS, value_parser = jobs)]
    pub(super) jobs: usize,
    /// Seed of everything that looks random; printed, so that a run can be repeated
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Folder for the report and the evidence
    #[arg(long, value_name = "DIR", default_value = "snowproof-report")]
    pub(super) out: PathBuf,
    /// Keep the certificate authority in this folder, so that it need be trusted only once
    #[arg(long, value_name = "DIR")]
    pub(super) ca_dir: Option<PathBuf>,
    /// Fail where a check of severity `should` fails
    #[arg(long)]
    pub(super) strict: bool,
    /// Start nothing after the first failure
    #[arg(long)]
    pub(super) fail_fast: bool,
    /// The longest from a process's start to its first contact with the instance. Interpreters need
    /// 1 to 9 s when many start at once
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = CONTACT_WITHIN_TEXT)]
    pub(super) contact_within: Duration,
    /// Stop after this long, such as 10m; what is left is inconclusive
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(super) deadline: Option<Duration>,
    /// People whom the connector sends to the instance act in Chromium, and not by HTTP: in the one
    /// of this path or name, or else the first of its usual names in PATH
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true)]
    pub(super) browser: Option<Option<PathBuf>>,
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=1024) => Ok(jobs),
        _ => Err("write a number from 1 to 1024".to_owned()),
    }
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    text.parse::<ScaledDuration>()
        .map(|duration| duration.effective)
        .map_err(|error| error.to_string())
}

pub(super) async fn run(arguments: Arguments) -> Ended {
    let subject = match &arguments.subject {
        Some(path) => {
            Subject::open(path).map_err(|error| Failure::new(exit::USAGE, error.rendered()))?
        }
        None => bundled(arguments.sin.as_deref(), arguments.near_miss.as_deref())?,
    };
    let set = arguments.sources.load()?;
    let selected = match &arguments.debug {
        Some(name) => vec![scenarios::named(&set, name)?],
        None => scenarios::select(&set, &arguments.filters)?,
    };
    let plan = Plan::new(&selected, &subject).map_err(|error| scenarios::failure(&error))?;
    let driven = Driven {
        plan,
        subject,
        command: arguments.repeating(),
        has_words: true,
    };
    let report = drive(driven, &arguments.running).await?;
    if arguments.debug.is_some() {
        for folder in report.runs.iter().filter_map(|run| run.evidence.as_ref()) {
            let folder = arguments.running.out.join(folder);
            printing::talk(&format!("evidence: {}", folder.display()));
        }
    }
    Ok(exit::of(&report))
}

impl Arguments {
    /// The words that repeat one scenario, but for how it is run.
    fn repeating(&self) -> Vec<String> {
        let mut words = vec!["test".to_owned(), "exact:{scenario}".to_owned()];
        let mut flag = |flag: &str, value: &str| words.extend([flag.to_owned(), value.to_owned()]);
        if let Some(path) = &self.subject {
            flag("--subject", &path.display().to_string());
        }
        if let Some(sin) = &self.sin {
            flag("--sin", sin);
        }
        if let Some(near_miss) = &self.near_miss {
            flag("--near-miss", near_miss);
        }
        words.extend(self.sources.repeating());
        words
    }
}

impl Running {
    /// The words that repeat how things are run.
    fn repeating(&self, seed: u64) -> Vec<String> {
        let mut words = vec!["--seed".to_owned(), seed.to_string()];
        if self.strict {
            words.push("--strict".to_owned());
        }
        if self.contact_within != CONTACT_WITHIN {
            let within = format!("{}ms", self.contact_within.as_millis());
            words.extend(["--contact-within".to_owned(), within]);
        }
        if let Some(named) = &self.browser {
            let named = named.as_ref().map(|path| format!("={}", path.display()));
            words.push(format!("--browser{}", named.unwrap_or_default()));
        }
        words
    }
}

/// What is to be driven.
pub(super) struct Driven {
    pub(super) plan: Plan,
    pub(super) subject: Subject,
    /// The verb and the words after it that repeat one scenario, up to `--`.
    pub(super) command: Vec<String>,
    /// Whether the subject's words can be read.
    pub(super) has_words: bool,
}

/// Runs a plan, writes its reports and prints the summary.
pub(super) async fn drive(driven: Driven, running: &Running) -> Result<Report, Failure> {
    let Driven {
        plan,
        subject,
        command,
        has_words,
    } = driven;
    subject
        .find_programs()
        .map_err(|error| Failure::usage(format!("{}: {error}", subject.file.subject)))?;
    let browser = running.browser.as_ref();
    let browser = browser.map(|named| snowproof_browser::find(named.as_deref()));
    let browser = browser
        .transpose()
        .map_err(|error| Failure::usage(format!("{error} with --browser=PATH")))?;
    let seed = running
        .seed
        .unwrap_or_else(|| u64::from(rand::random::<u32>()));
    printing::talk(&format!(
        "{} for {}, seed {seed}",
        report::counted(plan.runs.len()),
        subject.file.subject
    ));
    let console = Console::new(plan.runs.len());
    let interrupter = Interrupter::default();
    let listening = listen_for_interrupts(interrupter.clone());
    let words = ["snowproof".to_owned()].into_iter().chain(command);
    let (before, after): (Vec<String>, Vec<String>) = {
        let words: Vec<String> = words.collect();
        let end = words.iter().position(|word| word == "--");
        let (before, after) = words.split_at(end.unwrap_or(words.len()));
        (before.to_vec(), after.to_vec())
    };
    let settings = Settings {
        jobs: running.jobs,
        seed,
        out: running.out.clone(),
        ca_dir: running.ca_dir.clone(),
        strict: running.strict,
        fail_fast: running.fail_fast,
        deadline: running.deadline,
        has_words,
        command: [before, running.repeating(seed), after].concat(),
        contact_within: running.contact_within,
        browser,
        observer: None,
    };
    let note = |progress: Progress| console.note(progress);
    let report = run::run(plan, subject, settings, &interrupter, &note).await;
    listening.abort();
    console.end();
    let report = report.map_err(|error| match error {
        RunError::Unwritable { .. } | RunError::Foreign { .. } | RunError::InUse { .. } => {
            Failure::usage(format!("{error}\nchoose the folder with --out DIR"))
        }
        RunError::Authority(_) => Failure::harness(error),
        RunError::Browser(_) => Failure::usage(error),
    })?;
    write(&report, running)?;
    let layout = Layout {
        colour: true,
        width: terminal_width(),
        folder: &running.out,
    };
    printing::data(&report::summary(&report, layout));
    Ok(report)
}

fn write(report: &Report, running: &Running) -> Result<(), Failure> {
    let unwritable = |path: &std::path::Path, error: &dyn std::fmt::Display| {
        Failure::harness(format!("failed to write `{}`: {error}", path.display()))
    };
    let json = running.out.join("report.json");
    report::write_json(report, &json).map_err(|error| unwritable(&json, &error))?;
    let junit = running.out.join("junit.xml");
    std::fs::write(&junit, report::junit_xml(report)).map_err(|error| unwritable(&junit, &error))
}

fn terminal_width() -> usize {
    comfy_table::Table::new().width().map_or(100, usize::from)
}

/// Ctrl-C or SIGTERM stops the run; a second one kills.
pub(super) fn listen_for_interrupts(interrupter: Interrupter) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let Ok(mut asked) = Asked::listen() else {
            return;
        };
        loop {
            asked.ended().await;
            interrupter.interrupt();
            printing::talk("interrupted: stopping; once more kills at once");
        }
    })
}

/// The bundled connector, right or with a variation.
fn bundled(sin: Option<&str>, near_miss: Option<&str>) -> Result<Subject, Failure> {
    let source = SourceFile {
        name: "subjects/model.yaml".to_owned(),
        text: MODEL.to_owned(),
    };
    let mut subject = Subject::read(&source, PathBuf::new())
        .map_err(|error| Failure::new(exit::HARNESS_ERROR, error.rendered()))?;
    for (flag, name) in [("--sin", sin), ("--near-miss", near_miss)] {
        if let Some(name) = name {
            subject.file.subject = format!("{} {flag} {name}", subject.file.subject);
            for command in subject.file.run.values_mut() {
                command.extend([flag.to_owned(), name.to_owned()]);
            }
        }
    }
    known_variation(sin, near_miss)?;
    Ok(subject)
}

fn known_variation(sin: Option<&str>, near_miss: Option<&str>) -> Result<(), Failure> {
    let checks = [
        ("sin", sin, snowproof_connector::SINS),
        ("near-miss", near_miss, snowproof_connector::NEAR_MISSES),
    ];
    for (kind, name, known) in checks {
        let Some(name) = name else { continue };
        if known.iter().all(|variation| variation.name != name) {
            let names: Vec<&str> = known.iter().map(|variation| variation.name).collect();
            let meant = crate::yaml::nearest(name, names.iter().copied());
            let hint = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
            return Err(Failure::usage(format!(
                "no {kind} is called `{name}`{hint}\nthere are {}",
                names.join(", ")
            )));
        }
    }
    Ok(())
}
