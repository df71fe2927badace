//! The comparison of synthetic reports.

use super::super::sample;
use super::*;

fn another() -> Report {
    let mut report = sample();
    report.subject.name = "other | sync".into();
    report.subject.about = Some("a library, <through> a shim".into());
    report.subject.version = None;
    report.runs.retain(|run| run.verdict == Verdict::Pass);
    report.count();
    report
}

#[test]
fn looks_as_agreed() {
    insta::assert_snapshot!(comparison(
        &[sample(), another()],
        "Side by side",
        Some("Two connectors, both invented.\n")
    ));
}

#[test]
fn one_finding_stands_for_many_scenarios_and_a_page_stays_bounded() {
    let mut report = sample();
    let failing = report.runs.iter().find(|run| run.verdict == Verdict::Fail);
    let failing = failing.unwrap().clone();
    for at in 0..2_000 {
        let mut run = failing.clone();
        run.variant = Some(format!("v{at}"));
        for check in &mut run.checks {
            check.ruling.observed = format!("{} after {at}.5 s", check.ruling.observed);
        }
        report.runs.push(run);
    }
    let text = comparison(&[report], "Many", None);
    assert!(
        text.contains("): 2001 scenarios\n  - SP-T02/asleep"),
        "{text}"
    );
    assert!(text.contains(" and 1989 more"), "{text}");
    assert!(text.len() < 20_000, "{}", text.len());
}

#[test]
fn no_reports_are_an_empty_table() {
    let text = comparison(&[], "None", None);
    assert!(text.starts_with("# None\n"), "{text}");
}
