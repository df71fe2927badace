//! An edition beside a report: what it does not know warns, and counts for no claim.

use super::Edition;
use crate::checks::{CheckResult, Severity};
use crate::report::{self, Report, RunReport};
use crate::verdict::Verdict;

impl Edition {
    /// Sets the edition beside a report: claims are of its scenarios alone, and what fails only by
    /// what it does not know becomes a warning.
    pub fn apply(&self, report: &mut Report, strict: bool) {
        for run in &mut report.runs {
            self.excuse(run, strict);
        }
        report.count();
        let counted: Vec<RunReport> = report
            .runs
            .iter()
            .filter(|run| self.scenarios.contains_key(&run.name()))
            .cloned()
            .collect();
        let all = self.scenarios.values().map(|it| (it.profile, it.level));
        report.claims = report::claims(&counted, all);
        report.edition = Some(self.edition.clone());
    }

    fn excuse(&self, run: &mut RunReport, strict: bool) {
        let Some(frozen) = self.scenarios.get(&run.name()) else {
            if matches!(
                run.verdict,
                Verdict::Fail | Verdict::Inconclusive | Verdict::Flaky
            ) {
                let word = run.verdict.word();
                let mut reason = format!("a preview, not in edition {}: {word}", self.edition);
                if let Some(why) = &run.reason {
                    reason = format!("{reason}, {why}");
                }
                run.verdict = Verdict::Warn;
                run.reason = Some(reason);
            }
            return;
        };
        // A failed run has a reason where it failed for what the process did.
        if run.verdict != Verdict::Fail || run.reason.is_some() {
            return;
        }
        let failing: Vec<&str> = run
            .checks
            .iter()
            .filter(|check| check.ruling.result == CheckResult::Fail)
            .filter(|check| strict || check.severity == Severity::Must)
            .map(|check| check.id.as_str())
            .collect();
        if !failing.is_empty() && failing.iter().all(|id| !frozen.checks.contains_key(*id)) {
            let failing = failing.join("`, `");
            run.reason = Some(format!(
                "`{failing}` fails: a preview, not in edition {}",
                self.edition
            ));
            run.verdict = Verdict::Warn;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::super::{Frozen, SCHEMA};
    use super::*;
    use crate::report::{Held, sample};

    /// An edition of the sample's runs, with these checks of the one that fails.
    fn edition(checks: &[&str]) -> Edition {
        let report = sample();
        let scenarios = report.runs.iter().map(|run| {
            let all = run.checks.iter().map(|check| check.id.clone());
            let checks: Map<_, _> = all
                .filter(|id| run.verdict != Verdict::Fail || checks.contains(&id.as_str()))
                .map(|id| (id, json!({})))
                .collect();
            let frozen = Frozen {
                profile: run.profile,
                level: run.level,
                checks,
            };
            (run.name(), frozen)
        });
        Edition {
            schema: SCHEMA.to_owned(),
            edition: "2026.1".to_owned(),
            frozen: "2026-11-23".parse().unwrap(),
            tolerances: Default::default(),
            checks: Default::default(),
            dialects: Vec::new(),
            scenarios: scenarios.collect(),
        }
    }

    fn failing() -> Vec<String> {
        let report = sample();
        let run = report.runs.iter().find(|run| run.verdict == Verdict::Fail);
        let failed = run.unwrap().checks.iter();
        failed
            .filter(|check| check.ruling.result == CheckResult::Fail)
            .map(|check| check.id.clone())
            .collect()
    }

    #[test]
    fn a_frozen_check_fails_and_one_that_is_not_warns() {
        let all = failing();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let mut report = sample();
        edition(&all).apply(&mut report, false);
        assert_eq!((report.totals.fail, report.totals.warn), (1, 1));
        assert_eq!(report.edition.as_deref(), Some("2026.1"));

        let mut report = sample();
        edition(&[]).apply(&mut report, false);
        assert_eq!((report.totals.fail, report.totals.warn), (0, 2));
        let run = report.runs.iter().find(|run| run.code == "SP-T02").unwrap();
        assert!(run.reason.as_deref().unwrap().contains("a preview"));
    }

    #[test]
    fn a_scenario_that_is_not_in_it_warns_and_counts_for_nothing() {
        let mut without = edition(&[]);
        without.scenarios.remove("SP-T02/asleep");
        without.scenarios.remove("SP-T04");
        let mut report = sample();
        without.apply(&mut report, true);
        assert_eq!((report.totals.fail, report.totals.inconclusive), (0, 0));
        let total: u32 = report
            .claims
            .iter()
            .flat_map(|it| &it.levels)
            .map(|it| it.total)
            .sum();
        assert_eq!(total as usize, without.scenarios.len());
        let failed = report
            .claims
            .iter()
            .flat_map(|it| &it.levels)
            .map(|it| it.failed);
        assert_eq!(failed.sum::<u32>(), 0);
        // The harness failed in a scenario that counts.
        assert!(
            report
                .claims
                .iter()
                .all(|claim| claim.at(claim.levels[0].level) != Held::No)
        );
        assert_eq!(report.totals.harness_error, 1);
    }
}
