//! Several connectors side by side, in Markdown: a grid by profile, and of each what fails, once a
//! check and observation, with its evidence and the line that shows it again.
//!
//! It names what was seen and judges nothing. Its date is that of the reports, so that the same
//! reports give the same text; what one finding, one line and one connector may take is bounded.

use super::Report;
use crate::scenario::Profile;
use crate::verdict::Verdict;

mod findings;
mod markdown;
mod undecided;

use findings::findings;
use markdown::{Page, code, prose};
use undecided::{not_asked, undecided, warnings};

/// Scenarios that are named in one place; the rest are counted.
const NAMED_AT_MOST: usize = 12;

/// The reports side by side, in the order in which they are given. `introduction` is Markdown that
/// stands under the title.
#[must_use]
pub fn comparison(reports: &[Report], title: &str, introduction: Option<&str>) -> String {
    let mut page = Page::default();
    page.paragraph(&format!("# {}", prose(title)));
    if let Some(introduction) = introduction {
        page.paragraph(introduction.trim());
    }
    page.paragraph("## Who was judged");
    subjects(&mut page, reports);
    page.paragraph("## By profile");
    page.paragraph(
        "`12/30` is 12 of 30 scenarios judged, none of which fails; `12/30, 5 fail` is five of the 12. The rest do \
         not apply, were not run or could not be decided, and say nothing.",
    );
    profiles(&mut page, reports);
    for report in reports {
        of_one(&mut page, report);
    }
    page.text()
}

fn subjects(page: &mut Page, reports: &[Report]) {
    page.row([
        "connector",
        "what it is",
        "version",
        "judged on",
        "pass",
        "warn",
        "fail",
        "not decided",
        "not applicable",
    ]);
    page.rule(9);
    for report in reports {
        let totals = report.totals;
        let about = report.subject.about.as_deref().unwrap_or_default();
        let version = report.subject.version.as_deref().unwrap_or("not told");
        // What it was built with is of no use here.
        let version = version.split(" (").next().unwrap_or(version);
        page.row([
            code(&report.subject.name).as_str(),
            &prose(about),
            &prose(version),
            day(report),
            &(totals.pass + totals.flaky).to_string(),
            &totals.warn.to_string(),
            &totals.fail.to_string(),
            &(totals.inconclusive + totals.harness_error).to_string(),
            &totals.not_applicable.to_string(),
        ]);
    }
    page.end();
}

/// The day on which a run began.
fn day(report: &Report) -> &str {
    report.started.get(..10).unwrap_or("not told")
}

fn profiles(page: &mut Page, reports: &[Report]) {
    let names: Vec<String> = reports.iter().map(|it| code(&it.subject.name)).collect();
    page.row(
        ["profile"]
            .into_iter()
            .chain(names.iter().map(String::as_str)),
    );
    page.rule(reports.len() + 1);
    for profile in Profile::ALL {
        let cells: Vec<String> = reports.iter().map(|report| cell(report, profile)).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            page.row(
                [profile.name()]
                    .into_iter()
                    .chain(cells.iter().map(String::as_str)),
            );
        }
    }
    page.end();
}

/// How a profile stands in a report; nothing where none of its scenarios was judged.
fn cell(report: &Report, profile: Profile) -> String {
    let runs = report.runs.iter().filter(|run| run.profile == profile);
    let (mut run_of_it, mut judged, mut failed) = (0_u32, 0_u32, 0_u32);
    for run in runs {
        run_of_it += 1;
        match run.verdict {
            Verdict::Pass | Verdict::Warn | Verdict::Flaky => judged += 1,
            Verdict::Fail => {
                judged += 1;
                failed += 1;
            }
            Verdict::NotApplicable | Verdict::Inconclusive | Verdict::HarnessError => {}
        }
    }
    let claim = report.claims.iter().find(|claim| claim.profile == profile);
    let there_are = claim.map(|claim| claim.levels.iter().map(|level| level.total).sum());
    let total = there_are.unwrap_or(run_of_it);
    match (judged, failed) {
        (0, _) => String::new(),
        (_, 0) => format!("{judged}/{total}"),
        (_, failed) => format!("{judged}/{total}, {failed} fail"),
    }
}

fn of_one(page: &mut Page, report: &Report) {
    page.paragraph(&format!("## {}", prose(&report.subject.name)));
    if let Some(about) = &report.subject.about {
        page.paragraph(&prose(about));
    }
    if report.interrupted {
        page.paragraph("The run was interrupted: not every scenario was run.");
    }
    let found = findings(report);
    if found.is_empty() {
        page.paragraph("Nothing fails.");
    }
    for ways in &found {
        findings::write(page, report, ways);
    }
    page.end();
    warnings(page, report);
    undecided(page, report);
    not_asked(page, report);
}

/// Names of scenarios, the first few.
fn named(names: &[String]) -> String {
    let shown = names.get(..NAMED_AT_MOST).unwrap_or(names).join(", ");
    match names.len().saturating_sub(NAMED_AT_MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
