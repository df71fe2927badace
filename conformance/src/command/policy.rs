//! `snowproof policy`: what a command's retry policy is, read from the wire.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use snowproof_protocol::Verb as Asked;

use super::driving::{CONTACT_WITHIN_TEXT, duration, listen_for_interrupts};
use super::exec::bare;
use super::{Ended, Failure, exit, printing};
use crate::evidence::{Evidence, evidence_folders};
use crate::inference::{self, HEALTHY, RetryPolicy};
use crate::plan::Plan;
use crate::run::{self, DEFAULT_JOBS, Interrupter, Progress, Settings};
use crate::scenario::Merged;
use crate::subject::Subject;

/// Find out what a command retries, when and how often
#[derive(Debug, Args)]
#[command(
    after_help = "The command is started once for each fault: refusals, errors, silence, resets, an expired certificate. It
finds its settings in the environment, as with `snowproof exec`. Nothing is judged: what is printed is what the wire
saw, and a block `declares:` for a manifest.

Exit status: 0 when the policy was read, 2 when the command never reached the instance.

Examples:
  snowproof policy -- ./mysync --url {base_url}
  snowproof policy --subject mysync.yaml --format json"
)]
pub(super) struct Arguments {
    /// Manifest of the connector, in place of a command
    #[arg(long, value_name = "FILE", conflicts_with = "command")]
    subject: Option<PathBuf>,
    /// What it is asked to do
    #[arg(long, value_enum, default_value_t = VerbName::Sync)]
    verb: VerbName,
    /// The longest a run may take after its first contact
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "60s")]
    budget: Duration,
    /// The longest from a process's start to its first contact with the instance
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = CONTACT_WITHIN_TEXT)]
    contact_within: Duration,
    /// Keep the evidence in this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Variables that the command is given from this environment
    #[arg(long, value_name = "NAME")]
    pass_env: Vec<String>,
    /// The table to read
    #[arg(long, value_name = "NAME", default_value = "cmdb_ci_server")]
    table: String,
    /// The command and its arguments
    #[arg(
        value_name = "COMMAND",
        required_unless_present = "subject",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    command: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum VerbName {
    Check,
    Sync,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) async fn run(arguments: Arguments) -> Ended {
    let subject = match &arguments.subject {
        Some(path) => {
            Subject::open(path).map_err(|error| Failure::new(exit::USAGE, error.rendered()))?
        }
        None => bare(&arguments.command, &arguments.table, &arguments.pass_env)?,
    };
    subject
        .find_programs()
        .map_err(|error| Failure::usage(format!("{}: {error}", subject.file.subject)))?;
    let name = subject.file.subject.clone();
    let verb = match arguments.verb {
        VerbName::Check => Asked::Check,
        VerbName::Sync => Asked::Sync,
    };
    let probes = inference::probes(verb, arguments.budget)
        .map_err(|error| Failure::new(exit::HARNESS_ERROR, error.rendered()))?;
    let selected: Vec<&Merged> = probes.iter().collect();
    let plan = Plan::new(&selected, &subject).map_err(|error| super::scenarios::failure(&error))?;
    if let Some(reason) = plan.runs.iter().find_map(|run| run.inapplicable.clone()) {
        return Err(Failure::usage(format!(
            "{name}: {reason}; ask for another verb with --verb"
        )));
    }
    printing::talk(&format!(
        "{} probes for {name}, {} s each at most",
        plan.runs.len(),
        arguments.budget.as_secs()
    ));
    let evidence = drive(plan, subject, &arguments).await?;
    let policy = inference::read(&evidence);
    print(&policy, &name, &arguments)?;
    Ok(if policy.reached {
        exit::CONFORMS
    } else {
        exit::INCONCLUSIVE
    })
}

/// Runs every probe; the evidence by the probe's name.
async fn drive(
    plan: Plan,
    subject: Subject,
    arguments: &Arguments,
) -> Result<BTreeMap<String, Evidence>, Failure> {
    let kept = match &arguments.out {
        Some(_) => None,
        None => Some(
            tempfile::Builder::new()
                .prefix("snowproof-policy-")
                .tempdir()
                .map_err(Failure::harness)?,
        ),
    };
    let folder: PathBuf = match (&arguments.out, &kept) {
        (Some(out), _) => out.clone(),
        (None, Some(kept)) => kept.path().join("evidence-of-probes"),
        (None, None) => return Err(Failure::harness("no folder for the evidence")),
    };
    let settings = Settings {
        jobs: DEFAULT_JOBS,
        seed: u64::from(rand::random::<u32>()),
        out: folder.clone(),
        ca_dir: None,
        strict: false,
        fail_fast: false,
        deadline: None,
        has_words: false,
        command: Vec::new(),
        contact_within: arguments.contact_within,
        browser: None,
        attendant: None,
        observer: None,
    };
    let interrupter = Interrupter::default();
    let listening = listen_for_interrupts(interrupter.clone());
    let report = run::run(plan, subject, settings, &interrupter, &tell).await;
    listening.abort();
    let report = report.map_err(Failure::usage)?;
    if report.interrupted {
        return Err(Failure::new(
            exit::INTERRUPTED,
            "interrupted: the policy is not known",
        ));
    }
    read_evidence(&folder)
}

/// One line a probe; whatever the run made of it is no verdict.
fn tell(progress: Progress) {
    if let Progress::Finished(run) = progress {
        let seconds = Duration::from_millis(run.wall_ms).as_secs_f64();
        printing::talk(&format!("{seconds:>6.1} s  {}", run.title));
    }
}

fn read_evidence(folder: &Path) -> Result<BTreeMap<String, Evidence>, Failure> {
    let folders = evidence_folders(folder).map_err(Failure::harness)?;
    let mut probes = BTreeMap::new();
    for folder in folders {
        let evidence = Evidence::read(&folder).map_err(Failure::harness)?;
        let name = evidence.scenario.variant.clone();
        probes.insert(name.unwrap_or_else(|| HEALTHY.to_owned()), evidence);
    }
    Ok(probes)
}

fn print(policy: &RetryPolicy, name: &str, arguments: &Arguments) -> Result<(), Failure> {
    if arguments.format == Format::Json {
        let text = serde_json::to_string_pretty(policy).map_err(Failure::harness)?;
        printing::data(&text);
        return Ok(());
    }
    if !policy.reached {
        printing::talk(&format!(
            "{name} bypassed the simulator: no request arrived in any run, so nothing is known of its policy\n\
             run it once by hand against `snowproof serve`, and see that it takes its address from SNOWPROOF_BASE_URL \
             and trusts SNOWPROOF_CA_FILE"
        ));
        return Ok(());
    }
    printing::data(&format!(
        "retry policy of {name}, as the wire saw it\n\n{}\n{}",
        inference::shown(policy),
        inference::declares(policy)
    ));
    Ok(())
}
