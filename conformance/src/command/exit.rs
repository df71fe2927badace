//! The exit status of the command line.

use super::gate::Gate;
use crate::report::{Held, Report};
use crate::verdict::Verdict;

/// The subject conforms.
pub const CONFORMS: u8 = 0;
/// A scenario fails.
pub const FAILS: u8 = 1;
/// Nothing fails, but something could not be decided.
pub const INCONCLUSIVE: u8 = 2;
/// The command line, a scenario or a manifest is wrong.
pub const USAGE: u8 = 3;
/// Nothing was selected.
pub const NOTHING_SELECTED: u8 = 4;
/// The harness itself failed.
pub const HARNESS_ERROR: u8 = 5;
/// The run was interrupted; the report is written.
pub const INTERRUPTED: u8 = 130;

/// The exit status of a run. A run in which nothing could be judged conforms to nothing.
#[must_use]
pub fn of(report: &Report, gate: &Gate) -> u8 {
    let totals = &report.totals;
    if report.interrupted {
        return INTERRUPTED;
    }
    if totals.harness_error > 0 {
        return HARNESS_ERROR;
    }
    if report.baseline.as_ref().is_some_and(|it| it.is_stale()) {
        return FAILS;
    }
    let worst = match gate {
        Gate::Verdicts(failing) => of_verdicts(report, failing),
        Gate::Claims(required) => {
            let held = required
                .iter()
                .map(|claim| claim.held(report))
                .max()
                .unwrap_or(Held::Undecided);
            match held {
                Held::Yes => CONFORMS,
                Held::Undecided => INCONCLUSIVE,
                Held::No => FAILS,
            }
        }
    };
    if worst == CONFORMS && totals.pass + totals.warn + totals.flaky + totals.fail == 0 {
        return INCONCLUSIVE;
    }
    worst
}

fn of_verdicts(report: &Report, failing: &[Verdict]) -> u8 {
    let counts = |verdict: &Verdict| report.runs.iter().any(|run| run.verdict == *verdict);
    let (undecided, failing): (Vec<&Verdict>, Vec<&Verdict>) = failing
        .iter()
        .partition(|verdict| **verdict == Verdict::Inconclusive);
    // A finding over the whole run is of severity `should`.
    let weight = if report.strict {
        Verdict::Fail
    } else {
        Verdict::Warn
    };
    let over_the_run = !report.reads_alike.is_empty() && failing.contains(&&weight);
    if over_the_run || failing.into_iter().any(counts) {
        FAILS
    } else if undecided.into_iter().any(counts) {
        INCONCLUSIVE
    } else {
        CONFORMS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::gate::Required;
    use crate::report::sample;
    use crate::scenario::{Level, Profile};

    /// The sample without what the harness lost.
    fn report(kept: &[Verdict]) -> Report {
        let mut report = sample();
        report.runs.retain(|run| kept.contains(&run.verdict));
        report.count();
        report
    }

    #[test]
    fn the_worst_verdict_that_counts_decides() {
        use Verdict::{Fail, HarnessError, Inconclusive, NotApplicable, Pass, Warn};
        let usual = Gate::default();
        for (kept, status) in [
            (&[Pass][..], CONFORMS),
            (&[Pass, Warn, NotApplicable], CONFORMS),
            (&[Pass, Inconclusive], INCONCLUSIVE),
            (&[Pass, Inconclusive, Fail], FAILS),
            (&[Pass, Fail, HarnessError], HARNESS_ERROR),
            (&[NotApplicable], INCONCLUSIVE),
        ] {
            assert_eq!(of(&report(kept), &usual), status, "{kept:?}");
        }
        let strict = Gate::Verdicts(vec![Fail, Warn]);
        assert_eq!(of(&report(&[Pass, Warn]), &strict), FAILS);
        assert_eq!(of(&report(&[Pass, Inconclusive]), &strict), CONFORMS);
    }

    #[test]
    fn causes_that_read_alike_weigh_as_a_warning_or_with_strict_as_a_failure() {
        let mut report = report(&[Verdict::Pass]);
        report.reads_alike = vec![crate::report::Alike {
            said: "failed".into(),
            causes: 2,
            scenarios: Vec::new(),
        }];
        let warnings = Gate::Verdicts(vec![Verdict::Warn]);
        assert_eq!(of(&report, &Gate::default()), CONFORMS);
        assert_eq!(of(&report, &warnings), FAILS);
        report.strict = true;
        assert_eq!(of(&report, &Gate::default()), FAILS);
    }

    #[test]
    fn a_required_claim_decides_alone() {
        let mut report = report(&[Verdict::Pass, Verdict::Fail]);
        report.claims = crate::report::claims(
            &report.runs,
            report.runs.iter().map(|run| (run.profile, run.level)),
        );
        let run = report.runs[0].clone();
        let required = |profile, level| Gate::Claims(vec![Required { profile, level }]);
        assert_eq!(of(&report, &required(run.profile, run.level)), FAILS);
        let other = required(Profile::Webhooks, Level::Diagnose);
        assert_eq!(of(&report, &other), INCONCLUSIVE);
    }
}
