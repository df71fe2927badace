//! The scenarios that a verb works on.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, exit};
use crate::plan::{self, PlanError};
use crate::scenario::{Merged, ScenarioSet, TimeScale};
use crate::yaml::nearest;

/// Where scenarios come from.
#[derive(Debug, Clone, Args)]
pub(super) struct Sources {
    /// Add the scenarios of this folder, `DIR/family/name.yaml`; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(super) scenarios: Vec<PathBuf>,
}

impl Sources {
    /// The words that name them again.
    pub(super) fn repeating(&self) -> impl Iterator<Item = String> {
        self.scenarios
            .iter()
            .flat_map(|folder| ["--scenarios".to_owned(), folder.display().to_string()])
    }

    /// Reads them all.
    pub(super) fn load(&self) -> Result<ScenarioSet, Failure> {
        let broken =
            |error: crate::scenario::LoadError| Failure::new(exit::USAGE, error.rendered());
        let mut set = ScenarioSet::embedded().map_err(broken)?;
        for folder in &self.scenarios {
            set.add_folder(folder).map_err(broken)?;
        }
        Ok(set)
    }
}

/// Scenarios, and how long what takes hours takes in them.
#[derive(Debug, Clone, Args)]
pub(super) struct Timed {
    #[command(flatten)]
    sources: Sources,
    /// Which half of a duration such as `1h as 3s` is used. A full run takes hours, and connectors
    /// must declare a max_wait of hours to wait them out
    #[arg(long, value_name = "MODE", value_enum, default_value_t)]
    pub(super) time_scale: TimeScale,
}

impl Timed {
    /// The words that name them again.
    pub(super) fn repeating(&self) -> impl Iterator<Item = String> {
        let full = (self.time_scale == TimeScale::Full).then_some(["--time-scale", "full"]);
        let full = full.into_iter().flatten().map(str::to_owned);
        self.sources.repeating().chain(full)
    }

    /// Reads them all.
    pub(super) fn load(&self) -> Result<ScenarioSet, Failure> {
        let mut set = self.sources.load()?;
        set.scale(self.time_scale).map_err(|error| {
            Failure::usage(format!("a scenario cannot be had at full scale: {error}"))
        })?;
        Ok(set)
    }
}

/// Selects scenarios; an empty selection has its own exit status.
pub(super) fn select<'a>(
    set: &'a ScenarioSet,
    filters: &[String],
) -> Result<Vec<&'a Merged>, Failure> {
    plan::select(set, filters).map_err(|error| failure(&error))
}

/// The failure that a plan's error is.
pub(super) fn failure(error: &PlanError) -> Failure {
    let status = match error {
        PlanError::NothingMatches { .. } | PlanError::NothingLeft => exit::NOTHING_SELECTED,
        PlanError::BadFilter { .. } | PlanError::Unresolvable { .. } => exit::USAGE,
    };
    Failure::new(status, format!("error: {error}"))
}

/// The scenario of this name, `CODE` or `CODE/VARIANT`, in any case.
pub(super) fn named<'a>(set: &'a ScenarioSet, name: &str) -> Result<&'a Merged, Failure> {
    let found = set.scenarios().find(|scenario| scenario.is_called(name));
    found.ok_or_else(|| {
        let names: Vec<String> = set.scenarios().map(Merged::name).collect();
        let hint = match nearest(name, names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`snowproof list` shows them all".to_owned(),
        };
        Failure::new(
            exit::NOTHING_SELECTED,
            format!("error: no scenario is called `{name}`; {hint}"),
        )
    })
}
