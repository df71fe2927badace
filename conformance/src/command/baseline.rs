//! `snowproof baseline`: keeps the file of known failures.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::ToSpan;
use jiff::civil::Date;

use super::acceptance::today;
use super::scenarios::{self, Sources};
use super::{Ended, Failure, exit, printing};
use crate::baseline::{self, Baseline, FILE, Standing};
use crate::report::{Report, read_json};

/// Days for which a failure is accepted, where no end is given.
const DAYS: i32 = 90;

/// Keep the file of failures that are known and accepted for a while
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snowproof baseline accept snowproof-report --reason 'fixed in 2.4' --expires 2027-03-31
  snowproof test --subject mysync.yaml --baseline snowproof-baseline.yaml
  snowproof baseline prune snowproof-report     take out what passes by now")]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Accept what fails in a report. What crashed, was not met or could not be decided is refused
    Accept(Accept),
    /// Take out what no longer fails, and what names no scenario
    Prune(Prune),
}

#[derive(Debug, Args)]
struct Accept {
    #[command(flatten)]
    common: Common,
    /// Accept only what these select: globs over codes and ids, profile:NAME, level:NAME, verb:NAME
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Where it is being worked on
    #[arg(long, value_name = "URL")]
    issue: Option<String>,
    /// The last day on which it is accepted [default: in 90 days]
    #[arg(long, value_name = "DATE")]
    expires: Option<Date>,
}

#[derive(Debug, Args)]
struct Prune {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct Common {
    /// The folder that `test --out` wrote, or its report.json
    #[arg(value_name = "REPORT")]
    report: PathBuf,
    /// The baseline
    #[arg(long, value_name = "FILE", default_value = FILE)]
    baseline: PathBuf,
    #[command(flatten)]
    sources: Sources,
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    match &arguments.what {
        What::Accept(accept) => accept.run(),
        What::Prune(prune) => prune.run(),
    }
}

impl Accept {
    fn run(&self) -> Ended {
        if self.reason.trim().is_empty() {
            return Err(Failure::usage(
                "--reason is empty: say why, such as 'fixed in 2.4'",
            ));
        }
        let today = today();
        let expires = self
            .expires
            .unwrap_or_else(|| today.saturating_add(DAYS.days()));
        if expires < today {
            return Err(Failure::usage(format!(
                "--expires {expires} is over; give a day from {today} on"
            )));
        }
        let report = self.common.report()?;
        let set = self.common.sources.load()?;
        let selected: Vec<String> = scenarios::select(&set, &self.filters)?
            .into_iter()
            .map(crate::scenario::Merged::name)
            .collect();
        let mut kept = self.common.open()?;
        let (taken, refused) = baseline::accepting(
            &mut kept,
            &report,
            &self.reason,
            self.issue.as_deref(),
            expires,
            |run| self.filters.is_empty() || selected.contains(&run.name()),
        );
        for refused in &refused {
            printing::talk(&format!("not accepted: {}  {}", refused.code, refused.why));
        }
        self.common.write(&kept)?;
        printing::data(&format!(
            "{}: {taken} accepted until {expires}, {} in all",
            self.common.baseline.display(),
            kept.entries.len()
        ));
        Ok(exit::CONFORMS)
    }
}

impl Prune {
    fn run(&self) -> Ended {
        let report = self.common.report()?;
        let set = self.common.sources.load()?;
        let mut kept = self.common.open()?;
        let exists = |name: &str| set.find(name).is_some();
        let gone = baseline::pruned(&mut kept, &report, today(), exists);
        for (known, standing) in &gone {
            let why = match standing {
                Standing::Unknown => "there is no such check of such a scenario",
                _ => "it does not fail any more",
            };
            printing::talk(&format!("taken out: {} {}  {why}", known.code, known.check));
        }
        self.common.write(&kept)?;
        printing::data(&format!(
            "{}: {} taken out, {} left",
            self.common.baseline.display(),
            gone.len(),
            kept.entries.len()
        ));
        Ok(exit::CONFORMS)
    }
}

impl Common {
    fn report(&self) -> Result<Report, Failure> {
        let path = if self.report.is_dir() {
            self.report.join("report.json")
        } else {
            self.report.clone()
        };
        read_json(&path).map_err(Failure::usage)
    }

    /// The baseline as it is; a new one where there is none.
    fn open(&self) -> Result<Baseline, Failure> {
        if !self.baseline.exists() {
            return Ok(Baseline::default());
        }
        Baseline::open(&self.baseline).map_err(|error| Failure::new(exit::USAGE, error.rendered()))
    }

    /// Writes it whole or not at all.
    fn write(&self, kept: &Baseline) -> Result<(), Failure> {
        let text = baseline::written(kept).map_err(Failure::harness)?;
        let beside = self.baseline.with_extension("yaml.partial");
        let write = |path: &Path| {
            std::fs::write(&beside, &text).and_then(|()| std::fs::rename(&beside, path))
        };
        write(&self.baseline).map_err(|error| {
            Failure::usage(format!(
                "failed to write `{}`: {error}",
                self.baseline.display()
            ))
        })
    }
}
