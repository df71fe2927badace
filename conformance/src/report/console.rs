//! The summary on a console: totals, then what went wrong, last and together.
//!
//! It reads the same without colour: every verdict is a word.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};

use super::{Report, RunReport, Totals};
use crate::checks::{CheckResult, Severity};
use crate::verdict::Verdict;

/// Narrower than this nothing can be laid out.
const NARROWEST: usize = 40;

/// The summary, `width` columns wide, with ANSI colours where `colour` is set.
#[must_use]
pub fn summary(report: &Report, colour: bool, width: usize) -> String {
    let width = width.max(NARROWEST);
    let paint = Paint(colour);
    let mut text = table(report, width);
    for (verdict, heading) in [
        (Verdict::NotApplicable, "not applicable"),
        (Verdict::Warn, "warnings"),
        (Verdict::Flaky, "flaky"),
        (Verdict::Inconclusive, "inconclusive"),
        (Verdict::HarnessError, "harness errors"),
        (Verdict::Fail, "failures"),
    ] {
        let runs: Vec<&RunReport> = report
            .runs
            .iter()
            .filter(|run| run.verdict == verdict)
            .collect();
        if runs.is_empty() {
            continue;
        }
        text.push('\n');
        line(&mut text, &paint.verdict(verdict, heading));
        for run in runs {
            if verdict == Verdict::NotApplicable {
                let reason = plain(run.reason.as_deref().unwrap_or("does not apply"));
                line(&mut text, &format!("  {}  {reason}", run.name()));
            } else {
                explain(&mut text, run, report.seed, paint);
            }
        }
    }
    text.push('\n');
    totals(&mut text, report, paint);
    text
}

fn table(report: &Report, width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .set_header(["scenario", "diagnosis", "retry", "data", "verdict", "title"]);
    for run in &report.runs {
        let axis = |pick: fn(&crate::verdict::Axes) -> Verdict| {
            run.axes.as_ref().map_or("-", |axes| match pick(axes) {
                Verdict::NotApplicable => "-",
                verdict => word(verdict),
            })
        };
        table.add_row([
            run.name(),
            axis(|axes| axes.diagnosis).to_owned(),
            axis(|axes| axes.retry).to_owned(),
            axis(|axes| axes.data_and_safety).to_owned(),
            word(run.verdict).to_owned(),
            run.title.clone(),
        ]);
    }
    table.lines().fold(String::new(), |mut text, each| {
        line(&mut text, each.trim_end());
        text
    })
}

fn explain(text: &mut String, run: &RunReport, seed: u64, paint: Paint) {
    line(
        text,
        &format!("  {}  {}", paint.bold(&run.name()), run.title),
    );
    if let Some(reason) = &run.reason {
        line(text, &format!("    {}", plain(reason)));
    }
    for check in &run.checks {
        let told = match check.ruling.result {
            CheckResult::Fail => true,
            CheckResult::Inconclusive => check.severity == Severity::Must,
            _ => false,
        };
        if !told {
            continue;
        }
        let weight = match check.severity {
            Severity::Must => "",
            Severity::Should => " (should)",
        };
        line(text, &format!("    {}{weight}", paint.bold(&check.id)));
        if !check.ruling.expected.is_empty() {
            line(
                text,
                &format!("      expected  {}", plain(&check.ruling.expected)),
            );
        }
        line(
            text,
            &format!("      observed  {}", plain(&check.ruling.observed)),
        );
        if !check.ruling.evidence.is_empty() {
            line(
                text,
                &format!("      journal   {}", numbers(&check.ruling.evidence)),
            );
        }
    }
    if let Some(diagnosis) = &run.diagnosis
        && run.verdict != Verdict::Warn
    {
        let said = diagnosis.text.lines().next().unwrap_or_default();
        let said: String = plain(said).chars().take(160).collect();
        line(
            text,
            &format!(
                "    said      {} \"{said}\"",
                diagnosis.class.as_deref().unwrap_or("no class")
            ),
        );
    }
    line(
        text,
        &format!("    again     snowproof test {} --seed {seed}", run.name()),
    );
    if let Some(evidence) = &run.evidence {
        line(text, &format!("    evidence  {evidence}"));
    }
}

fn numbers(entries: &[u64]) -> String {
    const SHOWN: usize = 8;
    let mut text = entries
        .iter()
        .take(SHOWN)
        .map(u64::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    if entries.len() > SHOWN {
        text.push_str(", …");
    }
    text
}

fn totals(text: &mut String, report: &Report, paint: Paint) {
    let Totals {
        pass,
        warn,
        not_applicable,
        flaky,
        inconclusive,
        fail,
        harness_error,
    } = report.totals;
    let parts: Vec<String> = [
        (pass, Verdict::Pass),
        (warn, Verdict::Warn),
        (not_applicable, Verdict::NotApplicable),
        (flaky, Verdict::Flaky),
        (inconclusive, Verdict::Inconclusive),
        (fail, Verdict::Fail),
        (harness_error, Verdict::HarnessError),
    ]
    .into_iter()
    .filter(|(count, verdict)| *count > 0 || matches!(verdict, Verdict::Pass | Verdict::Fail))
    .map(|(count, verdict)| paint.verdict(verdict, &format!("{count} {}", word(verdict))))
    .collect();
    let version = report
        .subject
        .version
        .as_deref()
        .map_or_else(String::new, |version| format!(" {version}"));
    line(
        text,
        &format!(
            "{}{version}: {} of {} scenarios",
            report.subject.name,
            parts.join(", "),
            report.runs.len()
        ),
    );
    line(
        text,
        &format!(
            "wall {}, longest scenario {}, sum {}, seed {}",
            seconds(report.wall_ms),
            seconds(report.longest_ms),
            seconds(report.sum_ms),
            report.seed
        ),
    );
    if report.interrupted {
        line(text, "interrupted: not every scenario was run");
    }
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03} s", millis / 1_000, millis % 1_000)
}

/// Words of others, without anything a terminal would act upon.
fn plain(words: &str) -> String {
    words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn line(text: &mut String, content: &str) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{content}");
}

/// A verdict as people read it.
const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::NotApplicable => "not applicable",
        Verdict::Warn => "warn",
        Verdict::Flaky => "flaky",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Fail => "FAIL",
        Verdict::HarnessError => "HARNESS ERROR",
    }
}

/// Colours, or none.
#[derive(Debug, Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn with(self, style: Style, text: &str) -> String {
        if self.0 {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn bold(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    fn verdict(self, verdict: Verdict, text: &str) -> String {
        let colour = match verdict {
            Verdict::Pass => AnsiColor::Green,
            Verdict::NotApplicable => AnsiColor::BrightBlack,
            Verdict::Warn | Verdict::Flaky => AnsiColor::Yellow,
            Verdict::Inconclusive => AnsiColor::Magenta,
            Verdict::Fail | Verdict::HarnessError => AnsiColor::Red,
        };
        self.with(Style::new().fg_color(Some(colour.into())), text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::assembly::tests::report;
    use super::*;

    #[test]
    fn looks_as_agreed() {
        insta::assert_snapshot!(summary(&report(), false, 100));
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let coloured = summary(&report(), true, 100);
        assert!(coloured.contains('\u{1b}'));
        assert_eq!(
            anstream::adapter::strip_str(&coloured).to_string(),
            summary(&report(), false, 100)
        );
    }

    #[test]
    fn failures_come_last_and_say_how_to_run_them_again() {
        let text = summary(&report(), false, 100);
        let failures = text.find("failures").unwrap();
        assert!(text.find("harness errors").unwrap() < failures);
        assert!(text[failures..].contains("snowproof test SP-T02/asleep --seed 7"));
        assert!(text[failures..].contains("expected"));
        assert!(text[failures..].contains("observed"));
    }

    #[test]
    fn a_connector_cannot_command_the_terminal() {
        let mut report = report();
        for run in &mut report.runs {
            if let Some(diagnosis) = &mut run.diagnosis {
                diagnosis.text = "\u{1b}[2Jgone\u{7}".into();
            }
            for check in &mut run.checks {
                check.ruling.observed = "\u{1b}]0;title\u{7}".into();
            }
            run.reason = Some("\u{9b}31m".into());
        }
        let text = summary(&report, false, 100);
        assert!(
            text.chars().all(|c| c == '\n' || !c.is_control()),
            "{text:?}"
        );
    }

    #[test]
    fn no_width_panics() {
        for width in [0, 1, 40, 80, 100_000] {
            assert!(summary(&report(), false, width).contains("scenarios"));
        }
    }
}
