//! Claims: what may be said of a subject, by profile and level.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RunReport;
use crate::scenario::{Level, Profile};
use crate::verdict::Verdict;

/// The levels, from the lowest; a level holds only where all lower ones do.
const LEVELS: [Level; 3] = [Level::Diagnose, Level::Recover, Level::Protect];

/// What a run shows of one profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The profile.
    pub profile: Profile,
    /// Its levels, from the lowest; those without scenarios are left out.
    pub levels: Vec<ClaimedLevel>,
}

/// What a run shows of one level of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimedLevel {
    /// The level.
    pub level: Level,
    /// Scenarios that there are, run or not.
    pub total: u32,
    /// Those that were judged.
    pub judged: u32,
    /// Those of them that fail.
    pub failed: u32,
    /// Whether it holds, lower levels included.
    pub held: Held,
}

/// Whether a level holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// At least half of its scenarios were judged, and none fails.
    Yes,
    /// None fails, and fewer than half were judged, or one could not be.
    Undecided,
    /// A scenario of it or of a lower level fails.
    No,
}

impl Claim {
    /// How the claim of this level stands. A level that no scenario has holds as those below it.
    #[must_use]
    pub fn at(&self, level: Level) -> Held {
        let lower = self.levels.iter().filter(|it| it.level <= level);
        lower.map(|it| it.held).max().unwrap_or(Held::Undecided)
    }
}

impl fmt::Display for ClaimedLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.held {
            Held::Yes => "holds",
            Held::Undecided => "is undecided",
            Held::No => "does not hold",
        };
        let (level, judged, total) = (self.level.short(), self.judged, self.total);
        write!(f, "{level} {word} ({judged}/{total} judged")?;
        match self.failed {
            0 => f.write_str(")"),
            failed => write!(f, ", {failed} failed)"),
        }
    }
}

#[derive(Default)]
struct Count {
    total: u32,
    judged: u32,
    failed: u32,
    undecided: u32,
}

/// The claims of a run: over the profiles of what was run, `all` being every scenario that there
/// is, run or not.
#[must_use]
pub fn claims(runs: &[RunReport], all: impl IntoIterator<Item = (Profile, Level)>) -> Vec<Claim> {
    let mut counts: BTreeMap<Profile, BTreeMap<Level, Count>> = BTreeMap::new();
    for run in runs {
        let count = counts.entry(run.profile).or_default().entry(run.level);
        let count = count.or_default();
        match run.verdict {
            Verdict::Pass | Verdict::Warn | Verdict::Flaky => count.judged += 1,
            Verdict::Fail => {
                count.judged += 1;
                count.failed += 1;
            }
            Verdict::Inconclusive | Verdict::HarnessError => count.undecided += 1,
            Verdict::NotApplicable => {}
        }
    }
    for (profile, level) in all {
        if let Some(levels) = counts.get_mut(&profile) {
            levels.entry(level).or_default().total += 1;
        }
    }
    let claim = |(profile, counts): (Profile, BTreeMap<Level, Count>)| {
        let mut worst = Held::Yes;
        let levels = LEVELS.iter().filter_map(|level| {
            let count = counts.get(level)?;
            let own = match count {
                Count { failed: 1.., .. } => Held::No,
                Count { undecided: 1.., .. } => Held::Undecided,
                // Less than half says nothing of the rest.
                Count { total, judged, .. } if judged * 2 < *total => Held::Undecided,
                _ => Held::Yes,
            };
            worst = worst.max(own);
            Some(ClaimedLevel {
                level: *level,
                total: count.total,
                judged: count.judged,
                failed: count.failed,
                held: worst,
            })
        });
        let levels = levels.collect();
        Claim { profile, levels }
    };
    counts.into_iter().map(claim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn run(level: Level, verdict: Verdict) -> RunReport {
        RunReport {
            profile: Profile::Throttle,
            level,
            verdict,
            ..sample().runs[0].clone()
        }
    }

    fn held(runs: &[RunReport]) -> Vec<Held> {
        let all = runs.iter().map(|run| (run.profile, run.level));
        let all: Vec<_> = all.collect();
        let claims = claims(runs, all);
        assert_eq!(claims.len(), 1);
        LEVELS.map(|level| claims[0].at(level)).to_vec()
    }

    #[test]
    fn a_level_holds_only_where_the_lower_ones_do() {
        use Held::{No, Undecided, Yes};
        use Level::{Diagnose, Protect, Recover};
        use Verdict::{Fail, HarnessError, Inconclusive, NotApplicable, Pass, Warn};
        for (runs, expected) in [
            (
                vec![(Diagnose, Pass), (Recover, Warn), (Protect, Pass)],
                [Yes, Yes, Yes],
            ),
            (
                vec![(Diagnose, Fail), (Recover, Pass), (Protect, Pass)],
                [No, No, No],
            ),
            (
                vec![(Diagnose, Pass), (Recover, Inconclusive), (Protect, Pass)],
                [Yes, Undecided, Undecided],
            ),
            (
                vec![(Diagnose, Pass), (Recover, HarnessError), (Protect, Fail)],
                [Yes, Undecided, No],
            ),
            (vec![(Diagnose, Pass), (Protect, Fail)], [Yes, Yes, No]),
            (
                vec![
                    (Diagnose, NotApplicable),
                    (Diagnose, NotApplicable),
                    (Diagnose, Pass),
                ],
                [Undecided, Undecided, Undecided],
            ),
            (
                vec![(Diagnose, NotApplicable), (Diagnose, Pass)],
                [Yes, Yes, Yes],
            ),
        ] {
            let runs: Vec<RunReport> = runs
                .iter()
                .map(|(level, verdict)| run(*level, *verdict))
                .collect();
            assert_eq!(held(&runs), expected, "{runs:?}");
        }
    }

    #[test]
    fn what_was_not_selected_counts_as_not_judged() {
        let runs = [run(Level::Diagnose, Verdict::Pass)];
        let all = [(Profile::Throttle, Level::Diagnose); 3];
        let claims = claims(&runs, all);
        assert_eq!(claims[0].at(Level::Diagnose), Held::Undecided);
        assert_eq!(
            claims[0].levels[0].to_string(),
            "L1 is undecided (1/3 judged)"
        );
    }
}
