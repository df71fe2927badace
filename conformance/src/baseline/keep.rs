//! Keeping a baseline: taking failures of a report into it, and taking out what is over.

use jiff::civil::Date;

use super::apply::failing;
use super::{Baseline, Known, Standing};
use crate::report::{Report, RunReport};
use crate::verdict::Verdict;

/// A failed run that a baseline cannot take, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its name.
    pub code: String,
    /// Why.
    pub why: String,
}

/// Takes every failed check of the failed runs that `wanted` selects into the baseline, and gives
/// back how many are new and what cannot be taken. What is in it already gets the new reason and
/// the new end.
pub fn accepting(
    baseline: &mut Baseline,
    report: &Report,
    reason: &str,
    issue: Option<&str>,
    expires: Date,
    wanted: impl Fn(&RunReport) -> bool,
) -> (usize, Vec<Refused>) {
    let (mut taken, mut refused) = (0, Vec::new());
    for run in report.runs.iter().filter(|run| wanted(run)) {
        let code = run.name();
        match (run.verdict, &run.reason) {
            (Verdict::Fail, None) => {}
            (Verdict::Fail | Verdict::Inconclusive | Verdict::HarnessError, why) => {
                let why = why
                    .clone()
                    .unwrap_or_else(|| "it was not decided".to_owned());
                refused.push(Refused { code, why });
                continue;
            }
            _ => continue,
        }
        for check in failing(run, report.strict) {
            let known = Known {
                code: code.clone(),
                check: check.to_owned(),
                reason: reason.to_owned(),
                issue: issue.map(str::to_owned),
                expires,
            };
            taken += 1;
            let there = baseline
                .entries
                .iter_mut()
                .find(|entry| entry.code == known.code && entry.check == known.check);
            match there {
                Some(entry) => *entry = known,
                None => baseline.entries.push(known),
            }
        }
    }
    baseline
        .entries
        .sort_by(|a, b| (&a.code, &a.check).cmp(&(&b.code, &b.check)));
    (taken, refused)
}

/// Takes out what is no longer true of the report, and gives it back.
pub fn pruned(
    baseline: &mut Baseline,
    report: &Report,
    as_of: Date,
    exists: impl Fn(&str) -> bool,
) -> Vec<(Known, Standing)> {
    let mut beside = report.clone();
    baseline.apply(&mut beside, "", as_of, report.strict, exists);
    let standings: Vec<Standing> = beside
        .baseline
        .iter()
        .flat_map(|applied| applied.entries.iter().map(|entry| entry.standing))
        .collect();
    let mut gone = Vec::new();
    let mut kept = Vec::new();
    for (known, standing) in baseline.entries.drain(..).zip(standings) {
        if standing.is_stale() {
            gone.push((known, standing));
        } else {
            kept.push(known);
        }
    }
    baseline.entries = kept;
    gone
}

/// The baseline as its file: an entry a line, so that a change of one is a change of one line.
///
/// # Errors
///
/// A baseline always serializes; the error is that of the serializer.
pub fn written(baseline: &Baseline) -> Result<String, serde_json::Error> {
    let mut text = format!(
        "# Failures that are known and accepted for a while. `snowproof baseline` writes this file\n\
         # anew: reasons belong into the entries.\nschema: {}\nentries:",
        baseline.schema
    );
    if baseline.entries.is_empty() {
        text.push_str(" []");
    }
    for known in &baseline.entries {
        // JSON is YAML.
        text.push_str("\n  - ");
        text.push_str(&serde_json::to_string(known)?);
    }
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::sample;
    use crate::yaml::SourceFile;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn read_back(baseline: &Baseline) -> Baseline {
        let text = written(baseline).unwrap();
        let name = "b.yaml".to_owned();
        Baseline::read(&SourceFile { name, text }).unwrap_or_else(|error| {
            panic!("{}", error.rendered());
        })
    }

    #[test]
    fn what_is_accepted_is_excused_and_no_more_than_that() {
        let mut baseline = Baseline::default();
        let (taken, refused) = accepting(
            &mut baseline,
            &sample(),
            "known",
            Some("https://tracker.invalid/12"),
            date("2027-01-31"),
            |_| true,
        );
        assert!(taken > 1);
        assert!(baseline.entries.iter().all(|it| it.code == "SP-T02/asleep"));
        let refused: Vec<&str> = refused.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(refused, ["SP-T04", "SP-T05"]);

        let mut report = sample();
        let read = read_back(&baseline);
        assert_eq!(read, baseline);
        read.apply(&mut report, "b", date("2026-11-22"), false, |_| true);
        assert_eq!(report.totals.fail, 0);

        let (again, _) = accepting(
            &mut baseline,
            &sample(),
            "later",
            None,
            date("2027-02-28"),
            |_| true,
        );
        assert_eq!((again, baseline.entries.len()), (taken, taken));
        assert!(baseline.entries.iter().all(|it| it.reason == "later"));
    }

    #[test]
    fn pruning_takes_out_what_passes_and_leaves_the_rest() {
        let mut baseline = Baseline::default();
        accepting(
            &mut baseline,
            &sample(),
            "known",
            None,
            date("2027-01-31"),
            |_| true,
        );
        let kept = baseline.entries.clone();
        baseline.entries.push(Known {
            code: "SP-T01".into(),
            check: "outcome-as-expected".into(),
            ..kept[0].clone()
        });
        let gone = pruned(&mut baseline, &sample(), date("2026-11-22"), |_| true);
        assert_eq!(gone.len(), 1);
        assert_eq!(gone[0].1, Standing::Passes);
        assert_eq!(baseline.entries, kept);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_reason_reads_back(reason in "[^\u{0}-\u{1f}\u{7f}-\u{9f}]{1,40}") {
            prop_assume!(!reason.trim().is_empty());
            let baseline = Baseline {
                entries: vec![Known {
                    code: "SP-T01".into(),
                    check: "backoff-floor".into(),
                    reason,
                    issue: None,
                    expires: date("2027-01-31"),
                }],
                ..Baseline::default()
            };
            prop_assert_eq!(read_back(&baseline), baseline);
        }
    }
}
