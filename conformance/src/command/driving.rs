//! Driving a plan and telling what came of it; shared by the verbs that judge a subject.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use snowproof_simulator::duration::ScaledDuration;

use super::console::Console;
use super::gate::Gate;
use super::signals::Asked;
use super::{Failure, exit, printing};
use crate::plan::Plan;
use crate::report::{self, Held, Layout, Report};
use crate::run::{self, Attendant, DEFAULT_JOBS, Interrupter, Progress, RunError, Settings};
use crate::subject::Subject;

/// How long interpreters may take to get to their first request.
const CONTACT_WITHIN: Duration = Duration::from_secs(30);
/// The same, as it is written.
pub(super) const CONTACT_WITHIN_TEXT: &str = "30s";

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
#[derive(Clone)]
pub(super) struct Driven {
    pub(super) plan: Plan,
    pub(super) subject: Subject,
    /// The verb and the words after it that repeat one scenario, up to `--`.
    pub(super) command: Vec<String>,
    /// Whether the subject's words can be read.
    pub(super) has_words: bool,
    /// Whoever debugs the subject.
    pub(super) attendant: Option<Attendant>,
}

/// Runs a plan into a folder. Nothing is written but evidence, and nothing is printed but talk.
pub(super) async fn drive(
    driven: Driven,
    running: &Running,
    out: &Path,
) -> Result<Report, Failure> {
    let Driven {
        plan,
        subject,
        command,
        has_words,
        attendant,
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
        out: out.to_owned(),
        ca_dir: running.ca_dir.clone(),
        strict: running.strict,
        fail_fast: running.fail_fast,
        deadline: running.deadline,
        has_words,
        command: [before, running.repeating(seed), after].concat(),
        contact_within: running.contact_within,
        browser,
        attendant,
        observer: None,
    };
    let note = |progress: Progress| console.note(progress);
    let report = run::run(plan, subject, settings, &interrupter, &note).await;
    listening.abort();
    console.end();
    report.map_err(|error| match error {
        RunError::Unwritable { .. } | RunError::Foreign { .. } | RunError::InUse { .. } => {
            Failure::usage(format!("{error}\nchoose the folder with --out DIR"))
        }
        RunError::Authority(_) => Failure::harness(error),
        RunError::Browser(_) => Failure::usage(error),
    })
}

/// Writes the reports and prints the summary; the exit status.
pub(super) fn conclude(report: &Report, running: &Running, gate: &Gate) -> Result<u8, Failure> {
    conclude_in(report, &running.out, gate)
}

/// The same in a folder.
pub(super) fn conclude_in(report: &Report, out: &Path, gate: &Gate) -> Result<u8, Failure> {
    write(report, out)?;
    let layout = Layout {
        colour: true,
        width: terminal_width(),
        folder: out,
    };
    printing::data(&report::summary(report, layout));
    if let Gate::Claims(required) = gate {
        for claim in required {
            let word = match claim.held(report) {
                Held::Yes => "holds",
                Held::Undecided => "is undecided",
                Held::No => "does not hold",
            };
            printing::data(&format!("required {claim} {word}"));
        }
    }
    Ok(exit::of(report, gate))
}

/// Writes the reports into the folder.
pub(super) fn write(report: &Report, out: &Path) -> Result<(), Failure> {
    let unwritable = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::harness(format!("failed to write `{}`: {error}", path.display()))
    };
    let json = out.join("report.json");
    report::write_json(report, &json).map_err(|error| unwritable(&json, &error))?;
    let junit = out.join("junit.xml");
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
