//! What a run must show for exit status 0: no verdict of a list, or the claims that are required.

use std::fmt;

use crate::report::{Held, Report};
use crate::scenario::{Level, Profile};
use crate::verdict::Verdict;
use crate::yaml::nearest;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// None of these.
    Verdicts(Vec<Verdict>),
    /// All of these; verdicts beside them are told and decide nothing.
    Claims(Vec<Required>),
}

impl Default for Gate {
    fn default() -> Self {
        Self::Verdicts(vec![Verdict::Fail, Verdict::Inconclusive])
    }
}

/// A claim that must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Required {
    /// The profile.
    pub profile: Profile,
    /// The level, and all below it.
    pub level: Level,
}

impl Required {
    /// How it stands in a report. What was not run is undecided.
    #[must_use]
    pub fn held(&self, report: &Report) -> Held {
        let claim = report.claims.iter().find(|it| it.profile == self.profile);
        claim.map_or(Held::Undecided, |claim| claim.at(self.level))
    }
}

impl fmt::Display for Required {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.profile.name(), self.level.short())
    }
}

/// Verdicts that can be made to fail a run.
const VERDICTS: [(&str, Verdict); 4] = [
    ("fail", Verdict::Fail),
    ("inconclusive", Verdict::Inconclusive),
    ("flaky", Verdict::Flaky),
    ("warn", Verdict::Warn),
];

/// Reads `fail,inconclusive`.
pub(super) fn verdicts(text: &str) -> Result<Verdict, String> {
    let found = VERDICTS.iter().find(|(name, _)| *name == text);
    found.map(|(_, verdict)| *verdict).ok_or_else(|| {
        let names = VERDICTS.map(|(name, _)| name);
        format!(
            "write some of {}, with commas{}",
            names.join(", "),
            hint(nearest(text, names))
        )
    })
}

/// Reads one of `core:L2 throttle:L1`.
pub(super) fn required(text: &str) -> Result<Required, String> {
    let shape = "write PROFILE:LEVEL, such as core:L2; levels are L1, L2, L3";
    let (profile, level) = text.split_once(':').ok_or(shape)?;
    let level = [Level::Diagnose, Level::Recover, Level::Protect]
        .into_iter()
        .find(|known| known.short().eq_ignore_ascii_case(level))
        .ok_or(shape)?;
    let names: Vec<&str> = Profile::ALL.iter().map(|profile| profile.name()).collect();
    let found = Profile::ALL
        .into_iter()
        .find(|known| known.name() == profile);
    let profile = found.ok_or_else(|| {
        format!(
            "`{profile}` is no profile{}; there are {}",
            hint(nearest(profile, names.iter().copied())),
            names.join(", ")
        )
    })?;
    Ok(Required { profile, level })
}

fn hint(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_and_verdicts_are_read_and_what_is_wrong_is_named() {
        let claim = required("auth-basic:l2").unwrap();
        assert_eq!(claim.to_string(), "auth-basic:L2");
        for (text, told) in [
            ("core", "PROFILE:LEVEL"),
            ("core:L4", "L1, L2, L3"),
            ("throtle:L1", "did you mean `throttle`?"),
        ] {
            let error = required(text).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
        assert_eq!(verdicts("warn"), Ok(Verdict::Warn));
        assert!(verdicts("fails").unwrap_err().contains("`fail`"));
    }
}
