//! How failures are told over the whole run: causes that read alike, and words without a class.

use super::{Paint, Report, line, plain};
use crate::diagnosis::Class;
use crate::report::Where;
use crate::verdict::Verdict;

/// Groups of causes that are shown, and scenarios of each: the report has them all.
const GROUPS_AT_MOST: usize = 20;
const SCENARIOS_AT_MOST: usize = 12;
/// Characters of what was said.
const SAID_AT_MOST: usize = 160;

/// Causes that read alike.
pub(super) fn alike(text: &mut String, report: &Report, paint: Paint) {
    if report.reads_alike.is_empty() {
        return;
    }
    let (verdict, weight) = if report.strict {
        (Verdict::Fail, "")
    } else {
        (Verdict::Warn, " (should)")
    };
    let heading = "different causes that read alike";
    text.push('\n');
    line(
        text,
        &format!(
            "{}: {}{weight}",
            paint.verdict(verdict, heading),
            paint.bold("diagnosis-distinguishes")
        ),
    );
    for alike in report.reads_alike.iter().take(GROUPS_AT_MOST) {
        let headline: String = alike.headline().chars().take(SAID_AT_MOST).collect();
        line(text, &format!("  {}", plain(&headline)));
        for place in alike.scenarios.iter().take(SCENARIOS_AT_MOST) {
            line(text, &format!("    {}", shown(place)));
        }
        more(text, alike.scenarios.len(), SCENARIOS_AT_MOST, "    ");
    }
    more(text, report.reads_alike.len(), GROUPS_AT_MOST, "  ");
}

fn shown(place: &Where) -> String {
    let causes: Vec<&str> = place
        .causes
        .iter()
        .map(|class| Class::name(*class))
        .collect();
    let name = &place.scenario;
    let act = match place.act {
        1 => String::new(),
        later => format!(", act {later}"),
    };
    format!("{name}{act}  {}", causes.join(", "))
}

fn more(text: &mut String, all: usize, shown: usize, indent: &str) {
    if let Some(left @ 1..) = all.checked_sub(shown) {
        line(text, &format!("{indent}and {left} more"));
    }
}

/// Words without a class, each as the entry of a manifest's map that gives it one.
pub(super) fn without_class(text: &mut String, report: &Report) {
    if report.unmapped.is_empty() {
        return;
    }
    text.push('\n');
    line(
        text,
        "words without a class: check what they mean, and add them to the manifest's `diagnosis: map:`",
    );
    for unmapped in &report.unmapped {
        let names: Vec<&str> = unmapped.scenarios.iter().map(String::as_str).collect();
        let first = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let rest = if names.len() > 3 { ", …" } else { "" };
        line(
            text,
            &format!("    {}    # {}{rest}", plain(&unmapped.map), plain(&first)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::report::told::tests::runs;

    #[test]
    fn both_are_told_with_where_and_what_to_do() {
        let mut report = sample();
        report.runs = runs(&[
            ("Connection failed", &[Class::NetDns], true),
            ("Connection failed", &[Class::TlsExpired], true),
            ("GET: 404 (no)", &[Class::ConfigApiNotFound], true),
        ]);
        report.measure();
        let mut text = String::new();
        alike(&mut text, &report, Paint(false));
        without_class(&mut text, &report);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let mut report = sample();
        let mut all: Vec<(&str, &[Class], bool)> = vec![("x", &[Class::NetDns], false)];
        all.extend(vec![("x", &[Class::TlsExpired][..], false); 14]);
        report.runs = runs(&all);
        report.measure();
        let mut text = String::new();
        alike(&mut text, &report, Paint(false));
        assert!(text.contains("    and 3 more"), "{text}");
    }
}
