//! `no-lost-records`: everything that was visible throughout is delivered, and nothing that never was.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_simulator::journal::Unlisted;

use super::resumes_from_checkpoint::rows_read;
use super::{Axis, Check, CheckResult, Ruling, Severity, acts};
use crate::evidence::{ActEvidence, Evidence, TableTruth};
use crate::scenario::ExpectedOutcome;

/// See the module.
#[derive(Debug)]
pub struct NoLostRecords;

/// Settings of checks about the records of one table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableSettings {
    /// The table. Default: the one that the scenario reads.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub table: String,
}

impl TableSettings {
    /// The table these settings mean.
    pub(super) fn table<'e>(&'e self, evidence: &'e Evidence) -> &'e str {
        if self.table.is_empty() {
            &evidence.scenario.table
        } else {
            &self.table
        }
    }

    /// What is known of it.
    pub(super) fn truth<'e>(&self, evidence: &'e Evidence) -> Option<&'e TableTruth> {
        evidence.truth.tables.get(self.table(evidence))
    }

    /// Why nothing is known of it.
    pub(super) fn unknown(&self, evidence: &Evidence) -> String {
        match self.unlisted(evidence) {
            Some(Unlisted { count, listed_at_most, .. }) => format!(
                "{count} records were visible, and the journal lists them up to {listed_at_most} only"
            ),
            None => "the journal does not say which records were visible".to_owned(),
        }
    }

    /// What is known in place of the truth, where the table is too large to be listed.
    pub(super) fn unlisted<'e>(&self, evidence: &'e Evidence) -> Option<&'e Unlisted> {
        evidence.truth.unlisted.get(self.table(evidence))
    }
}

impl Check for NoLostRecords {
    type Settings = TableSettings;

    const ID: &'static str = "no-lost-records";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "delivers every record that was visible throughout, and none that never was";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        if evidence.is_of_the_wire_alone() {
            return read(settings, evidence);
        }
        if !evidence.subject.has_records {
            return Ruling::of(
                CheckResult::Inconclusive,
                "records that can be compared with those that were visible",
                "its records cannot be read; a manifest says where they are",
                [],
            );
        }
        let table = settings.table(evidence);
        let Some(truth) = settings.truth(evidence) else {
            return Ruling::of(
                CheckResult::Inconclusive,
                format!("the visible records of `{table}`"),
                settings.unknown(evidence),
                [],
            );
        };
        let everything: Vec<&ActEvidence> = evidence.acts.iter().collect();
        let delivered = delivered(&everything);
        let whole: Vec<_> = acts::readings(evidence)
            .into_iter()
            .filter(|reading| is_to_be_whole(evidence, reading))
            .collect();
        let missing = whole
            .iter()
            .map(|reading| missing(truth, reading))
            .max()
            .unwrap_or_else(|| missing(truth, &everything));
        let may: BTreeSet<&str> = truth.may.iter().chain(&truth.must).map(String::as_str).collect();
        let foreign = delivered.difference(&may).count();
        Ruling::of(
            if missing + foreign > 0 { CheckResult::Fail } else { CheckResult::Pass },
            format!("the {} records of `{table}` that were visible", truth.must.len()),
            format!(
                "{} delivered, {missing} missing, {foreign} that were never visible",
                delivered.len()
            ),
            [],
        )
    }
}

/// Of whoever runs elsewhere it is seen what reached it, and not what it made of that. What it did
/// not read it may not have been asked for.
fn read(settings: &TableSettings, evidence: &Evidence) -> Ruling {
    let table = settings.table(evidence);
    let expected = format!("every visible record of `{table}` read");
    let Some(truth) = settings.truth(evidence) else {
        let observed = settings.unknown(evidence);
        return Ruling::of(CheckResult::Inconclusive, expected, observed, []);
    };
    let read: BTreeSet<&str> = evidence
        .acts
        .iter()
        .flat_map(|act| rows_read(evidence, act, table))
        .collect();
    let of = truth.must.len();
    let unread = truth.must.iter().filter(|id| !read.contains(id.as_str())).count();
    Ruling::of(
        if unread == 0 { CheckResult::Pass } else { CheckResult::Inconclusive },
        expected,
        match unread {
            0 => format!("all {of} were read; whether it delivered them is not seen"),
            _ => format!("{unread} of {of} were never read: it gave up, is not done, or reads fewer"),
        },
        [],
    )
}

/// The keys that these acts delivered.
fn delivered<'e>(acts: &[&'e ActEvidence]) -> BTreeSet<&'e str> {
    acts.iter()
        .flat_map(|act| &act.delivered)
        .map(|record| record.sys_id.as_str())
        .collect()
}

/// How many of the records that were visible throughout these acts did not deliver.
pub(super) fn missing(truth: &TableTruth, acts: &[&ActEvidence]) -> usize {
    let delivered = delivered(acts);
    truth.must.iter().filter(|id| !delivered.contains(id.as_str())).count()
}

/// Whether a reading is one that the scenario lets come to its end.
fn is_to_be_whole(evidence: &Evidence, reading: &[&ActEvidence]) -> bool {
    reading.last().is_some_and(|last| {
        acts::expected(evidence, last) == ExpectedOutcome::Success
            && !acts::was_killed(evidence, last)
    })
}

#[cfg(test)]
mod tests {
    use crate::evidence::ProcessEnding;
    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        NoLostRecords::decide(&TableSettings::default(), &run.end().evidence()).result
    }

    #[test]
    fn a_missing_or_a_foreign_record_fails() {
        assert_eq!(
            decide(Run::sync().truth(&["a", "b"], &["a", "b"]).delivers(&["a"])),
            CheckResult::Fail
        );
        assert_eq!(
            decide(Run::sync().truth(&["a"], &["a"]).delivers(&["a", "x"])),
            CheckResult::Fail
        );
    }

    #[test]
    fn what_came_or_went_meanwhile_is_free() {
        let mut run = Run::sync();
        run.truth(&["a"], &["a", "b"]).delivers(&["a"]);
        assert_eq!(decide(&mut run), CheckResult::Pass);
        run.delivers(&["b"]);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn acts_add_up() {
        let mut run = Run::sync();
        run.truth(&["a", "b"], &["a", "b"]).delivers(&["a"]);
        run.next_act(snowproof_protocol::Verb::Sync, true).delivers(&["b"]);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_second_sync_does_not_live_on_the_first() {
        let mut run = Run::sync();
        run.evidence.scenario.outcome = ExpectedOutcome::Success;
        run.truth(&["a", "b"], &["a", "b"]).delivers(&["a", "b"]);
        run.next_act(snowproof_protocol::Verb::Sync, false).delivers(&["a"]);
        assert_eq!(decide(&mut run), CheckResult::Fail);
        run.delivers(&["b"]);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn without_truth_or_records_nothing_is_decided() {
        assert_eq!(decide(Run::sync().delivers(&["a"])), CheckResult::Inconclusive);
        let mut run = Run::sync();
        run.evidence.subject.has_records = false;
        assert_eq!(decide(&mut run), CheckResult::Inconclusive);
    }

    #[test]
    fn a_table_too_large_to_be_listed_is_not_decided() {
        let mut run = Run::sync();
        run.unlisted(30_000).delivers(&["a"]);
        let ruling = NoLostRecords::decide(&TableSettings::default(), &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::Inconclusive);
        assert_eq!(
            ruling.observed,
            "30000 records were visible, and the journal lists them up to 20000 only"
        );
    }

    #[test]
    fn of_whoever_runs_elsewhere_it_is_judged_what_was_read() {
        let reading = |ids: &[&str]| {
            let mut run = Run::sync();
            run.truth(&["a", "b"], &["a", "b"]);
            run.act().ending = ProcessEnding::Elsewhere;
            run.get("/api/now/table/t").page(0, 2, 2, ids, 0);
            decide(&mut run)
        };
        assert_eq!(reading(&["a", "b"]), CheckResult::Pass);
        assert_eq!(reading(&["a"]), CheckResult::Inconclusive);
    }
}
