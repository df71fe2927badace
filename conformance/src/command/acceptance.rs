//! The flags that say what a run must show: a baseline, and what fails it.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::gate::{self, Gate, Required};
use super::{Failure, exit};
use crate::baseline::Baseline;
use crate::edition::Edition;
use crate::report::{self, Report};
use crate::scenario::ScenarioSet;
use crate::verdict::Verdict;

/// See the module.
#[derive(Debug, Args)]
pub(super) struct Acceptance {
    /// What counts for a claim, as this edition froze it: scenarios and checks that have come since
    /// are previews, which warn. Without it everything counts, and the claims are previews
    #[arg(long, value_name = "NAME")]
    edition: Option<String>,
    /// Failures that are known and accepted; `snowproof baseline accept` writes this file
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Read the baseline's dates as on this day (UTC), for a rebuild of an old release
    #[arg(long, value_name = "DATE", requires = "baseline")]
    as_of: Option<Date>,
    /// The verdicts that fail the run: fail, inconclusive, flaky, warn. Without inconclusive, what
    /// could not be decided passes [default: fail,inconclusive]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = gate::verdicts)]
    fail_on: Vec<Verdict>,
    /// The claims that must hold, such as "core:L2 throttle:L1" (L1 diagnose, L2 recover, L3
    /// protect); other verdicts are told and decide nothing
    #[arg(long, value_name = "CLAIMS", value_delimiter = ' ', value_parser = gate::required)]
    #[arg(conflicts_with = "fail_on")]
    require: Vec<Required>,
}

/// What was asked for, read before anything is run.
pub(super) struct Accepted {
    edition: Option<Edition>,
    baseline: Option<(String, Baseline, Date)>,
    pub(super) gate: Gate,
}

impl Acceptance {
    /// Reads what must be read, so that a broken baseline is told before a run and not after it.
    pub(super) fn read(&self) -> Result<Accepted, Failure> {
        let baseline = match &self.baseline {
            Some(path) => {
                let baseline = Baseline::open(path)
                    .map_err(|error| Failure::new(exit::USAGE, error.rendered()))?;
                let as_of = self.as_of.unwrap_or_else(today);
                Some((path.display().to_string(), baseline, as_of))
            }
            None => None,
        };
        let gate = if !self.require.is_empty() {
            Gate::Claims(self.require.clone())
        } else if !self.fail_on.is_empty() {
            Gate::Verdicts(self.fail_on.clone())
        } else {
            Gate::default()
        };
        let edition = self.edition.as_deref().map(Edition::named);
        let edition = edition.transpose().map_err(Failure::usage)?;
        Ok(Accepted {
            edition,
            baseline,
            gate,
        })
    }
}

impl Accepted {
    /// Sets the baseline beside the report, and says what may be claimed.
    pub(super) fn settle(&self, report: &mut Report, set: &ScenarioSet) {
        let strict = report.strict;
        if let Some(edition) = &self.edition {
            edition.apply(report, strict);
        }
        if let Some((file, baseline, as_of)) = &self.baseline {
            let exists = |name: &str| set.find(name).is_some();
            baseline.apply(report, file, *as_of, strict, exists);
        }
        if self.edition.is_some() {
            return;
        }
        let all = set.scenarios().map(|it| (it.file.profile, it.file.level));
        report.claims = report::claims(&report.runs, all);
    }
}

/// The day that it is in UTC.
pub(super) fn today() -> Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}
