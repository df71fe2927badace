//! `snowproof test`: judges a subject.

use std::path::{Path, PathBuf};

use clap::Args;
use snowproof_simulator::duration::ScaledDuration;

use super::acceptance::Acceptance;
use super::driving::{Driven, Running, conclude, drive};
use super::scenarios::{self, Timed};
use super::{Ended, Failure, debugging, exit, printing};
use crate::plan::Plan;
use crate::report::{Report, read_json};
use crate::scenario::{Merged, TimeScale};
use crate::subject::Subject;
use crate::verdict::Verdict;
use crate::yaml::SourceFile;

/// The manifest of the bundled connector.
const MODEL: &str = include_str!("../../subjects/model.yaml");

/// Judge a subject: drive it through the scenarios and report
#[derive(Debug, Args)]
#[command(
    after_help = "Several filters are a union; a leading ! takes away; quote it for the shell.

Examples:
  snowproof test --subject mysync.yaml profile:throttle '!SP-T03'
  snowproof test --sin ignores-retry-after     see what a report says of a connector that does wrong"
)]
pub(super) struct Arguments {
    /// Globs over codes and ids, or profile:NAME, level:NAME, verb:NAME, edition:NAME; a code selects
    /// its variants too, exact:CODE does not; a leading ! takes away
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
    sources: Timed,
    #[command(flatten)]
    running: Running,
    #[command(flatten)]
    acceptance: Acceptance,
    /// Run only what failed or was not decided in the report that lies in the folder of --out
    #[arg(long)]
    last_failed: bool,
    /// Run everything this often, and say where the verdicts differ: the worst one stands
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    repeat: u16,
    /// Run this scenario alone, `CODE` or `CODE/VARIANT`, for a debugger: say how each process is
    /// started and its pid, wait for Enter before it (where stdin is a terminal), never end it for
    /// being slow, and print the evidence folder. Time spent looking counts for the verdict
    #[arg(long, value_name = "CODE", conflicts_with = "filters")]
    debug: Option<String>,
}

pub(super) async fn run(mut arguments: Arguments) -> Ended {
    let acceptance = arguments.acceptance.read()?;
    let subject = match &arguments.subject {
        Some(path) => {
            Subject::open(path).map_err(|error| Failure::new(exit::USAGE, error.rendered()))?
        }
        None => {
            let (sin, near_miss) = (arguments.sin.as_deref(), arguments.near_miss.as_deref());
            bundled(sin, near_miss, arguments.sources.time_scale)?
        }
    };
    let set = arguments.sources.load()?;
    for key in subject.file.out_of_scope.keys() {
        if crate::checks::about(key).is_none() && set.find(key).is_none() {
            return Err(Failure::usage(format!(
                "the manifest's `out_of_scope` names the scenario `{key}`, which does not exist"
            )));
        }
    }
    let mut selected = match &arguments.debug {
        Some(name) => vec![scenarios::named(&set, name)?],
        None => scenarios::select(&set, &arguments.filters)?,
    };
    if arguments.last_failed {
        selected = failed_last(selected, &arguments.running.out)?;
    }
    let plan = Plan::new(&selected, &subject).map_err(|error| scenarios::failure(&error))?;
    let driven = Driven {
        plan,
        subject,
        command: arguments.repeating(),
        has_words: true,
        attendant: arguments.debug.as_ref().map(|_| debugging::attendant()),
    };
    let mut report = if arguments.repeat == 1 {
        drive(driven, &arguments.running, &arguments.running.out).await?
    } else {
        repeated(driven, &mut arguments.running, arguments.repeat).await?
    };
    acceptance.settle(&mut report, &set);
    let status = conclude(&report, &arguments.running, &acceptance.gate)?;
    if arguments.debug.is_some() {
        for folder in report.runs.iter().filter_map(|run| run.evidence.as_ref()) {
            let folder = arguments.running.out.join(folder);
            printing::talk(&format!("evidence: {}", folder.display()));
        }
    }
    Ok(status)
}

/// Those of the scenarios that the last report calls failed or undecided.
fn failed_last<'a>(selected: Vec<&'a Merged>, out: &Path) -> Result<Vec<&'a Merged>, Failure> {
    let last = read_json(&out.join("report.json"))
        .map_err(|error| Failure::usage(format!("--last-failed finds no report: {error}")))?;
    let failed: Vec<String> = last
        .runs
        .iter()
        .filter(|run| run.verdict >= Verdict::Flaky)
        .map(crate::report::RunReport::name)
        .collect();
    let again: Vec<&Merged> = selected
        .into_iter()
        .filter(|scenario| failed.contains(&scenario.name()))
        .collect();
    if again.is_empty() {
        return Err(Failure::new(
            exit::NOTHING_SELECTED,
            format!(
                "nothing of what is selected failed in `{}`",
                out.join("report.json").display()
            ),
        ));
    }
    Ok(again)
}

/// Runs a plan several times, each into a folder of its own.
async fn repeated(driven: Driven, running: &mut Running, times: u16) -> Result<Report, Failure> {
    running
        .seed
        .get_or_insert_with(|| u64::from(rand::random::<u32>()));
    let folder = |n: usize| format!("run-{n}");
    let mut reports = Vec::new();
    for n in 1..=usize::from(times) {
        printing::talk(&format!("run {n} of {times}"));
        let report = drive(driven.clone(), running, &running.out.join(folder(n))).await?;
        let ends = report.interrupted || (running.fail_fast && report.totals.fail > 0);
        reports.push(report);
        if ends {
            break;
        }
    }
    Report::agreeing(reports, folder).ok_or_else(|| Failure::harness("nothing was run"))
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

/// The bundled connector, right or with a variation; at full scale it waits as long as an instance
/// documents.
pub(super) fn bundled(
    sin: Option<&str>,
    near_miss: Option<&str>,
    scale: TimeScale,
) -> Result<Subject, Failure> {
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
    if scale == TimeScale::Full {
        let declares = &mut subject.file.declares;
        declares.max_attempts = snowproof_connector::PATIENT_ATTEMPTS;
        declares.max_wait = ScaledDuration::plain(snowproof_connector::PATIENT_WAIT);
        declares.attempt_timeout = ScaledDuration::plain(snowproof_connector::PATIENT_TIMEOUT);
        for command in subject.file.run.values_mut() {
            command.push("--patient".to_owned());
        }
    }
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
