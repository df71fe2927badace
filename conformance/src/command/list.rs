//! `snowproof list`: the scenarios there are.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::scenarios::{self, Timed};
use super::{Ended, Failure, exit, printing};
use crate::edition::Edition;
use crate::plan::Plan;
use crate::run::DEFAULT_JOBS;
use crate::scenario::{Merged, TimeScale};
use crate::subject::Subject;

/// List scenarios and variants
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snowproof list                         every scenario, one a line
  snowproof list --estimate --subject mysync.yaml    and how long a run of them takes
  snowproof list profile:throttle '!level:protect' --format json")]
pub(super) struct Arguments {
    /// Globs over codes and ids, or profile:NAME, level:NAME, verb:NAME, edition:NAME; a code selects
    /// its variants too, exact:CODE does not; a leading ! takes away
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    #[command(flatten)]
    sources: Timed,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Say at the end how long a run of them takes a good connector, roughly
    #[arg(long)]
    estimate: bool,
    /// Print them as an edition of this name: what counts for a claim from then on
    #[arg(long, value_name = "NAME", conflicts_with_all = ["estimate", "format"])]
    freeze: Option<String>,
    /// Manifest of the connector that it is estimated for; without it the bundled one
    #[arg(long, value_name = "FILE", requires = "estimate")]
    subject: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for people
    Text,
    /// An array of objects
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    let set = arguments.sources.load()?;
    let selected = scenarios::select(&set, &arguments.filters)?;
    if let Some(name) = &arguments.freeze {
        let edition = Edition::freeze(name, super::acceptance::today(), selected);
        printing::data(&edition.written());
        return Ok(exit::CONFORMS);
    }
    let estimate = match arguments.estimate {
        true => Some(estimate(&selected, arguments)?),
        false => None,
    };
    match arguments.format {
        Format::Json => {
            let mut all: Vec<_> = selected.iter().map(|scenario| object(scenario)).collect();
            if let Some(estimate) = &estimate {
                for (object, wait) in all.iter_mut().zip(&estimate.each) {
                    object["estimate_ms"] = json!(wait.map(|wait| wait.as_millis()));
                }
            }
            printing::data(&format!("{:#}", serde_json::Value::from(all)));
        }
        Format::Text => printing::data(&table(&selected)),
    }
    if let Some(estimate) = estimate {
        printing::talk(&estimate.told());
    }
    Ok(exit::CONFORMS)
}

/// What one scenario takes of a processor, with a connector that is an interpreter.
const PROCESSOR_TIME: Duration = Duration::from_millis(500);

/// Scenarios are kept short: what lasts this long is only stated in them, and nobody waits for it.
const fn stated_only(scale: TimeScale) -> Duration {
    Duration::from_secs(match scale {
        TimeScale::Scaled => 20,
        TimeScale::Full => 24 * 3600,
    })
}

/// How long a run takes.
struct Estimate {
    /// By scenario; none where it does not apply.
    each: Vec<Option<Duration>>,
    cores: u32,
}

fn estimate(selected: &[&Merged], arguments: &Arguments) -> Result<Estimate, Failure> {
    let scale = arguments.sources.time_scale;
    let stated_only = stated_only(scale);
    let subject = match &arguments.subject {
        Some(path) => {
            Subject::open(path).map_err(|error| Failure::new(exit::USAGE, error.rendered()))?
        }
        None => super::test::bundled(None, None, scale)?,
    };
    let plan = Plan::new(selected, &subject).map_err(|error| scenarios::failure(&error))?;
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    Ok(Estimate {
        each: selected
            .iter()
            .map(|scenario| {
                let mut runs = plan.runs.iter();
                let run = runs.find(|run| run.scenario.name() == scenario.name())?;
                let applies = run.inapplicable.is_none();
                let wait = run.expected_wait();
                let wait = Some(wait).filter(|wait| *wait < stated_only);
                applies.then(|| wait.unwrap_or_default() + PROCESSOR_TIME)
            })
            .collect(),
        cores: u32::try_from(cores).unwrap_or(1),
    })
}

impl Estimate {
    /// Waiting goes on at once, work does not: the longest of what waits, of the work of all by
    /// core, and of all of it by the places that there are.
    fn told(&self) -> String {
        let judged: Vec<Duration> = self.each.iter().flatten().copied().collect();
        let count = u32::try_from(judged.len()).unwrap_or(u32::MAX);
        let longest = judged.iter().max().copied().unwrap_or_default();
        let work = PROCESSOR_TIME * count / self.cores;
        let places = u32::try_from(DEFAULT_JOBS).unwrap_or(1);
        let by_place = judged.iter().sum::<Duration>() / places;
        let wall = longest.max(work).max(by_place);
        format!(
            "{count} of {} apply: about {} s on {} cores, the longest about {} s",
            self.each.len(),
            wall.as_secs() + 1,
            self.cores,
            longest.as_secs() + 1
        )
    }
}

fn object(scenario: &Merged) -> serde_json::Value {
    let file = &scenario.file;
    let verbs: Vec<_> = file.acts.iter().map(|act| act.verb).collect();
    json!({
        "code": file.code,
        "variant": scenario.variant,
        "id": file.id,
        "title": file.title,
        "family": family(&file.id),
        "profile": file.profile,
        "level": file.level,
        "verbs": verbs,
        "parameters": file.parameters,
        "covers": file.covers,
    })
}

fn family(id: &str) -> &str {
    id.split('/').next().unwrap_or_default()
}

fn table(selected: &[&Merged]) -> String {
    let word = |value: serde_json::Result<serde_json::Value>| {
        let value = value.ok();
        let text = value.as_ref().and_then(serde_json::Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let rows: Vec<[String; 4]> = selected
        .iter()
        .map(|scenario| {
            [
                scenario.name(),
                word(serde_json::to_value(scenario.file.profile)),
                word(serde_json::to_value(scenario.file.level)),
                scenario.file.title.clone(),
            ]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (names, profiles, levels) = (width(0), width(1), width(2));
    let lines: Vec<String> = rows
        .iter()
        .map(|[name, profile, level, title]| {
            format!("{name:<names$}  {profile:<profiles$}  {level:<levels$}  {title}")
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_takes_its_longest_wait_or_the_work_of_all() {
        let estimate = |waits: &[u64]| Estimate {
            each: waits
                .iter()
                .map(|wait| Some(Duration::from_secs(*wait)))
                .collect(),
            cores: 2,
        };
        assert!(
            estimate(&[1, 9, 1])
                .told()
                .starts_with("3 of 3 apply: about 10 s on 2 cores")
        );
        assert!(
            estimate(&[1; 400])
                .told()
                .starts_with("400 of 400 apply: about 101 s")
        );
        let none = Estimate {
            each: vec![None],
            cores: 2,
        };
        assert!(
            none.told().starts_with("0 of 1 apply: about 1 s"),
            "{}",
            none.told()
        );
    }
}
