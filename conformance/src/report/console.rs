//! The summary on a console: totals, then what went wrong, last and together.
//!
//! It reads the same without colour: every verdict is a word.

mod standing;
mod told;

use std::fmt::Write as _;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};

use super::{Report, ReportedDiagnosis, RunReport, Totals};
use crate::checks::{CheckResult, Severity};
use crate::verdict::{JudgedCheck, Verdict};

/// Narrower than this nothing can be laid out.
const NARROWEST: usize = 40;

/// How a summary is shown.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    /// Whether ANSI colours are used.
    pub colour: bool,
    /// Columns.
    pub width: usize,
    /// Where the report lies, as the reader calls it.
    pub folder: &'a Path,
}

/// The summary.
#[must_use]
pub fn summary(report: &Report, layout: Layout<'_>) -> String {
    let width = layout.width.max(NARROWEST);
    let paint = Paint(layout.colour);
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
                explain(&mut text, report, run, layout);
            }
        }
    }
    told::alike(&mut text, report, paint);
    told::without_class(&mut text, report);
    text.push('\n');
    standing::claims(&mut text, report);
    standing::baseline(&mut text, report, paint);
    standing::agreement(&mut text, report, paint);
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
                verdict => verdict.word(),
            })
        };
        table.add_row([
            run.name(),
            axis(|axes| axes.diagnosis).to_owned(),
            axis(|axes| axes.retry).to_owned(),
            axis(|axes| axes.data_and_safety).to_owned(),
            run.verdict.word().to_owned(),
            run.title.clone(),
        ]);
    }
    table.lines().fold(String::new(), |mut text, each| {
        line(&mut text, each.trim_end());
        text
    })
}

fn explain(text: &mut String, report: &Report, run: &RunReport, layout: Layout<'_>) {
    let paint = Paint(layout.colour);
    line(
        text,
        &format!("  {}  {}", paint.bold(&run.name()), run.title),
    );
    let told: Vec<&JudgedCheck> = run
        .checks
        .iter()
        .filter(|check| match check.ruling.result {
            CheckResult::Fail => true,
            CheckResult::Inconclusive => check.severity == Severity::Must,
            _ => false,
        })
        .collect();
    if let Some(reason) = &run.reason
        && !told.iter().any(|check| *reason == check.undecided())
    {
        line(text, &format!("    {}", plain(reason)));
    }
    for check in told {
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
    if run.axes.is_some() && run.verdict != Verdict::Warn {
        let said = said(run.diagnosis.as_ref(), report.subject.has_words);
        line(text, &format!("    said      {said}"));
    }
    if run.earlier_runs > 0 {
        let runs = run.earlier_runs;
        let earlier = format!(
            "had done {runs} run{} before; the line below begins with a new one",
            if runs == 1 { "" } else { "s" }
        );
        line(text, &format!("    process   {earlier}"));
    }
    if let Some(again) = report.repeating(&run.name()) {
        line(text, &format!("    again     {}", printable(&again)));
    }
    if let Some(evidence) = &run.evidence {
        let folder = layout.folder.join(evidence);
        line(text, &format!("    evidence  {}", folder.display()));
    }
}

/// What the connector said in the end: its class and its first words.
fn said(diagnosis: Option<&ReportedDiagnosis>, has_words: bool) -> String {
    const MAX_CHARS: usize = 160;
    if !has_words {
        return "(words are not read without a manifest)".to_owned();
    }
    let words = diagnosis
        .and_then(|diagnosis| diagnosis.text.lines().find(|line| !line.trim().is_empty()))
        .map(|words| {
            plain(words.trim())
                .chars()
                .take(MAX_CHARS)
                .collect::<String>()
        });
    let class = diagnosis.and_then(|diagnosis| diagnosis.class.as_deref());
    match (class, words) {
        (None, None) => "nothing".to_owned(),
        (Some(class), None) => format!("{class}, without words"),
        (class, Some(words)) => format!("{} \"{words}\"", class.unwrap_or("no class")),
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
    .map(|(count, verdict)| paint.verdict(verdict, &format!("{count} {}", verdict.word())))
    .collect();
    let version = report
        .subject
        .version
        .as_deref()
        .map_or_else(String::new, |version| format!(" {}", plain(version)));
    line(
        text,
        &format!(
            "{}{version}: {} of {}",
            plain(&report.subject.name),
            parts.join(", "),
            counted(report.runs.len())
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

/// So many scenarios, in words.
#[must_use]
pub fn counted(scenarios: usize) -> String {
    match scenarios {
        1 => "1 scenario".to_owned(),
        many => format!("{many} scenarios"),
    }
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03} s", millis / 1_000, millis % 1_000)
}

/// A command line, with its own line breaks and without anything else a terminal would act upon.
fn printable(command: &str) -> String {
    command
        .chars()
        .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
        .collect()
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

    fn layout() -> Layout<'static> {
        Layout {
            colour: false,
            width: 100,
            folder: Path::new("out"),
        }
    }

    fn shown(report: &Report) -> String {
        summary(report, layout())
    }

    #[test]
    fn looks_as_agreed() {
        insta::assert_snapshot!(shown(&report()));
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let coloured = Layout {
            colour: true,
            ..layout()
        };
        let coloured = summary(&report(), coloured);
        assert!(coloured.contains('\u{1b}'));
        assert_eq!(
            anstream::adapter::strip_str(&coloured).to_string(),
            shown(&report())
        );
    }

    #[test]
    fn a_failure_in_a_kept_process_says_how_much_that_had_done() {
        let mut report = report();
        let told = "process   had done 3 runs before; the line below begins with a new one";
        assert!(!shown(&report).contains("runs before"));
        for run in &mut report.runs {
            run.earlier_runs = 3;
        }
        assert!(shown(&report).contains(told), "{}", shown(&report));
    }

    #[test]
    fn failures_come_last_and_say_how_to_run_them_again() {
        let text = shown(&report());
        let failures = text.find("failures").unwrap();
        assert!(text.find("harness errors").unwrap() < failures);
        assert!(text[failures..].contains("snowproof test exact:SP-T02/asleep --subject"));
        assert!(text[failures..].contains("expected"));
        assert!(text[failures..].contains("observed"));
        assert!(text[failures..].contains("evidence  out/evidence/SP-T02/asleep"));
    }

    #[test]
    fn silence_is_called_by_its_name() {
        let diagnosis = |class: Option<&str>, text: &str| ReportedDiagnosis {
            class: class.map(str::to_owned),
            candidates: Vec::new(),
            text: text.to_owned(),
        };
        assert_eq!(said(None, true), "nothing");
        assert_eq!(said(Some(&diagnosis(None, "\n \n")), true), "nothing");
        assert_eq!(
            said(Some(&diagnosis(None, "\n  oops\nmore")), true),
            "no class \"oops\""
        );
        assert_eq!(
            said(Some(&diagnosis(Some("tls.expired"), "")), true),
            "tls.expired, without words"
        );
        assert!(said(None, false).contains("manifest"));
    }

    #[test]
    fn a_reason_that_a_check_gives_is_told_once() {
        let mut report = report();
        for run in &mut report.runs {
            for check in &mut run.checks {
                check.ruling.result = CheckResult::Inconclusive;
                check.ruling.observed = "the same words".into();
            }
            run.reason = run.checks.first().map(JudgedCheck::undecided);
        }
        let text = shown(&report);
        assert!(text.contains("observed  the same words"));
        assert!(!text.contains("cannot be decided"), "{text}");
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
        let text = shown(&report);
        assert!(
            text.chars().all(|c| c == '\n' || !c.is_control()),
            "{text:?}"
        );
    }

    #[test]
    fn no_width_panics() {
        for width in [0, 1, 40, 80, 100_000] {
            let layout = Layout { width, ..layout() };
            assert!(summary(&report(), layout).contains("scenarios"));
        }
    }
}
