//! How a run stands as a whole: claims, the baseline, and whether repeated runs agree.

use super::{Paint, Report, counted, line, plain};
use crate::baseline::{Entry, Standing};
use crate::report::{Claim, Held};
use crate::verdict::Verdict;

/// What may be claimed, a profile a line.
pub(super) fn claims(text: &mut String, report: &Report) {
    if report.claims.is_empty() {
        return;
    }
    let heading = match &report.edition {
        Some(edition) => format!("claims of edition {edition}"),
        None => "claims of the living catalogue, a preview (`--edition` counts)".to_owned(),
    };
    line(text, &heading);
    for claim in &report.claims {
        let levels: Vec<String> = claim.levels.iter().map(ToString::to_string).collect();
        let name = claim.profile.name();
        line(text, &format!("  {name:<14} {}", levels.join(", ")));
    }
    if let Some(edition) = &report.edition {
        line(text, &format!("  {}", held(edition, &report.claims)));
    }
    text.push('\n');
}

/// What may be claimed in one line: the highest level that holds of each profile.
fn held(edition: &str, claims: &[Claim]) -> String {
    let held: Vec<String> = claims
        .iter()
        .filter_map(|claim| {
            let held = claim.levels.iter().filter(|it| it.held == Held::Yes);
            let highest = held.map(|it| it.level).max()?;
            Some(format!("{}:{}", claim.profile.name(), highest.short()))
        })
        .collect();
    match held.is_empty() {
        true => format!("snowproof/{edition} nothing yet"),
        false => format!("snowproof/{edition} {}", held.join(" ")),
    }
}

/// What the baseline excuses, what nears its end, and what must go from it.
pub(super) fn baseline(text: &mut String, report: &Report, paint: Paint) {
    let Some(applied) = &report.baseline else {
        return;
    };
    let accepted = applied.entries.iter();
    let accepted = accepted.filter(|entry| entry.standing.excuses()).count();
    line(
        text,
        &format!(
            "baseline {}, as of {}: {accepted} of {} entries accepted",
            plain(&applied.file),
            applied.as_of,
            applied.entries.len()
        ),
    );
    for Entry { known, standing } in &applied.entries {
        let (verdict, what) = match standing {
            Standing::Accepted | Standing::NotJudged => continue,
            Standing::Expiring => (Verdict::Warn, format!("ends on {}", known.expires)),
            Standing::Expired => (Verdict::Fail, format!("ended on {}", known.expires)),
            Standing::Passes => (
                Verdict::Fail,
                "does not fail any more: `snowproof baseline prune`".to_owned(),
            ),
            Standing::Unknown => (
                Verdict::Fail,
                "there is no such check of such a scenario: `snowproof baseline prune`".to_owned(),
            ),
        };
        let name = format!("{} {}", plain(&known.code), plain(&known.check));
        line(
            text,
            &format!("  {}  {}", name, paint.verdict(verdict, &what)),
        );
    }
    text.push('\n');
}

/// Where repeated runs differ.
pub(super) fn agreement(text: &mut String, report: &Report, paint: Paint) {
    let Some(agreement) = &report.agreement else {
        return;
    };
    let repeats = agreement.repeats;
    if agreement.differing.is_empty() {
        line(text, &format!("{repeats} runs agree in every verdict"));
    } else {
        let differ = format!(
            "{} differ over {repeats} runs",
            counted(agreement.differing.len())
        );
        line(text, &paint.verdict(Verdict::Flaky, &differ));
        for scenario in &agreement.differing {
            let verdicts: Vec<&str> = scenario.verdicts.iter().map(|it| it.word()).collect();
            line(
                text,
                &format!("  {}  {}", scenario.code, verdicts.join(", ")),
            );
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::{Applied, Known};
    use crate::report::{Agreement, Disagreement, sample};

    #[test]
    fn what_holds_of_an_edition_is_one_line() {
        let mut report = sample();
        let run = report.runs.remove(0);
        let runs = [run];
        let claims = crate::report::claims(&runs, [(runs[0].profile, runs[0].level)]);
        let name = runs[0].profile.name();
        let level = runs[0].level.short();
        assert_eq!(
            held("2026.1", &claims),
            format!("snowproof/2026.1 {name}:{level}")
        );
        assert_eq!(held("2026.1", &[]), "snowproof/2026.1 nothing yet");
    }

    #[test]
    fn what_must_be_seen_is_said() {
        let mut report = sample();
        report.claims = crate::report::claims(
            &report.runs,
            report.runs.iter().map(|it| (it.profile, it.level)),
        );
        let entry = |code: &str, standing| Entry {
            standing,
            known: Known {
                code: code.into(),
                check: "backoff-floor".into(),
                reason: "known".into(),
                issue: None,
                expires: "2026-12-01".parse().unwrap(),
            },
        };
        report.baseline = Some(Applied {
            file: "b.yaml".into(),
            as_of: "2026-11-22".parse().unwrap(),
            entries: vec![
                entry("SP-T01", Standing::Accepted),
                entry("SP-T02", Standing::Expiring),
                entry("SP-T03", Standing::Expired),
                entry("SP-T04", Standing::Passes),
                entry("SP-T05", Standing::Unknown),
                entry("SP-T06", Standing::NotJudged),
            ],
        });
        report.agreement = Some(Agreement {
            repeats: 2,
            differing: vec![Disagreement {
                code: "SP-T01".into(),
                verdicts: vec![Verdict::Pass, Verdict::Fail],
            }],
        });
        let mut text = String::new();
        claims(&mut text, &report);
        baseline(&mut text, &report, Paint(false));
        agreement(&mut text, &report, Paint(false));
        insta::assert_snapshot!(text);
    }
}
