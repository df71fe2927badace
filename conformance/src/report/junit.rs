//! JUnit XML, for the test view of a CI system.
//!
//! Names are `code/variant` and nothing else, so that histories survive a changed title. A failed
//! scenario is a `failure`; one that could not be decided, or that the harness lost, is an
//! `error`; one that does not apply is `skipped`.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as JUnit, TestCase, TestCaseStatus, TestSuite};

use super::{Alike, Report, RunReport};
use crate::checks::CheckResult;
use crate::verdict::Verdict;

/// The report as JUnit XML.
#[must_use]
pub fn junit_xml(report: &Report) -> String {
    let mut suite = TestSuite::new(report.subject.name.as_str());
    suite.set_time(Duration::from_millis(report.wall_ms));
    suite.add_test_cases(report.runs.iter().map(case));
    if !report.reads_alike.is_empty() {
        suite.set_system_out(note(&report.reads_alike));
    }
    let mut junit = JUnit::new("snowproof");
    junit.set_time(Duration::from_millis(report.wall_ms));
    junit.add_test_suite(suite);
    // Only the writer of a `Write` can fail here, and a `Vec` never does.
    junit.to_string().unwrap_or_default()
}

/// What was found over all scenarios: no case of its own, for its name would be no scenario's.
fn note(alike: &[Alike]) -> String {
    let lines: Vec<String> = alike
        .iter()
        .map(|alike| {
            let names: Vec<&str> = alike.scenarios.iter().map(|it| &*it.scenario).collect();
            format!("{}: {}", alike.headline(), names.join(", "))
        })
        .collect();
    format!("diagnosis-distinguishes\n{}", lines.join("\n"))
}

fn case(run: &RunReport) -> TestCase {
    let mut case = TestCase::new(run.name().as_str(), status(run));
    case.set_classname(run.id.as_str());
    case.set_time(Duration::from_millis(run.wall_ms));
    if let Some(diagnosis) = &run.diagnosis {
        case.set_system_out(diagnosis.text.as_str());
    }
    case
}

fn status(run: &RunReport) -> TestCaseStatus {
    let kind = match run.verdict {
        Verdict::Pass | Verdict::Warn | Verdict::Flaky => return TestCaseStatus::success(),
        Verdict::NotApplicable => {
            let mut skipped = TestCaseStatus::skipped();
            if let Some(reason) = &run.reason {
                skipped.set_message(reason.as_str());
            }
            return skipped;
        }
        Verdict::Fail => NonSuccessKind::Failure,
        Verdict::Inconclusive | Verdict::HarnessError => NonSuccessKind::Error,
    };
    let culprits: Vec<String> = run
        .checks
        .iter()
        .filter(|check| {
            matches!(
                check.ruling.result,
                CheckResult::Fail | CheckResult::Inconclusive
            )
        })
        .map(|check| {
            format!(
                "{}\n  expected: {}\n  observed: {}",
                check.id, check.ruling.expected, check.ruling.observed
            )
        })
        .collect();
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(match run.verdict {
        Verdict::Fail => "fail",
        Verdict::Inconclusive => "inconclusive",
        _ => "harness-error",
    });
    let names: Vec<&str> = run
        .checks
        .iter()
        .filter(|check| check.ruling.result == CheckResult::Fail)
        .map(|check| check.id.as_str())
        .collect();
    let message = run.reason.clone().unwrap_or_else(|| names.join(", "));
    status.set_message(message);
    status.set_description(culprits.join("\n"));
    status
}

#[cfg(test)]
mod tests {
    use super::super::assembly::tests::report;
    use super::super::told;
    use super::*;
    use crate::diagnosis::Class;

    #[test]
    fn looks_as_agreed() {
        insta::assert_snapshot!(junit_xml(&report()));
    }

    #[test]
    fn causes_that_read_alike_are_noted_and_change_no_case() {
        let mut report = report();
        let before = junit_xml(&report);
        report.runs = told::tests::runs(&[
            ("failed", &[Class::NetDns], false),
            ("failed", &[Class::TlsExpired], false),
        ]);
        report.measure();
        let xml = junit_xml(&report);
        assert!(
            xml.contains("2 causes all read `failed`: SP-T00, SP-T01"),
            "{xml}"
        );
        assert!(!before.contains("diagnosis-distinguishes"));
    }

    #[test]
    fn names_do_not_depend_on_titles() {
        let names = |report: &Report| -> Vec<String> {
            report
                .runs
                .iter()
                .map(|run| case(run).name.into_string())
                .collect()
        };
        let mut renamed = report();
        for run in &mut renamed.runs {
            run.title = "another".into();
        }
        assert_eq!(names(&report()), names(&renamed));
        assert!(names(&renamed).contains(&"SP-T02/asleep".to_owned()));
    }
}
