//! `snowproof explain`: what a scenario, a check or a diagnosis class is about.

use clap::Args;

use super::scenarios::Sources;
use super::{Ended, Failure, exit, printing};
use crate::checks::{About, Axis, Checks, Severity};
use crate::diagnosis::Class;
use crate::scenario::{For, Loaded, Merged, Scenario};
use crate::subject::Declares;
use crate::yaml::nearest;

/// Explain a scenario, a check or a diagnosis class
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snowproof explain SP-A01                    what happens, what is expected, and why
  snowproof explain waits-at-least-retry-after")]
pub(super) struct Arguments {
    /// A code, a code with its variant, a check, or a class such as tls.expired
    #[arg(value_name = "CODE | CHECK | CLASS")]
    subject: String,
    #[command(flatten)]
    sources: Sources,
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    let set = arguments.sources.load()?;
    let name = arguments.subject.as_str();
    let scenario = set
        .files()
        .flat_map(|file| file.scenarios.iter().map(move |merged| (file, merged)))
        .find(|(_, merged)| merged.is_called(name));
    let text = if let Some((file, merged)) = scenario {
        explain_scenario(file, merged)?
    } else if let Some(check) = Checks::ALL.iter().find(|check| check.id == name) {
        explain_check(check, set.scenarios())
    } else if let Ok(class) = name.parse::<Class>() {
        explain_class(class)
    } else {
        return Err(unknown(name, set.scenarios()));
    };
    printing::data(&text);
    Ok(exit::CONFORMS)
}

fn unknown<'a>(name: &str, scenarios: impl Iterator<Item = &'a Merged>) -> Failure {
    let known: Vec<String> = scenarios
        .map(Merged::name)
        .chain(Checks::ALL.iter().map(|check| check.id.to_owned()))
        .chain(Class::ALL.iter().map(|class| class.name().to_owned()))
        .collect();
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => String::new(),
    };
    Failure::new(
        exit::NOTHING_SELECTED,
        format!("error: `{name}` is neither a scenario nor a check nor a class{hint}"),
    )
}

fn explain_scenario(file: &Loaded, merged: &Merged) -> Result<String, Failure> {
    let declares = Declares::default();
    let scenario = merged
        .resolve(For {
            table: "cmdb_ci_server",
            declares: &declares,
        })
        .map_err(Failure::harness)?;
    let mut lines = vec![
        format!("{}  {}", scenario.name(), scenario.title),
        String::new(),
        scenario.why.trim().to_owned(),
        String::new(),
        format!(
            "source   {}: \"{}\"",
            scenario.source.document, scenario.source.says
        ),
        format!("covers   {}", scenario.covers.join(", ")),
    ];
    let acts = scenario.acts.iter().map(|act| {
        let resumed = if act.resume { ", resumed" } else { "" };
        let killed = act
            .killed_at
            .as_ref()
            .map_or_else(String::new, |step| format!(", killed at `{step}`"));
        format!("{}{resumed}{killed}", act.verb)
    });
    lines.push(format!(
        "asked    {}",
        acts.collect::<Vec<_>>().join("; then ")
    ));
    for (name, step) in &scenario.steps {
        let json = |value: serde_json::Result<String>| value.unwrap_or_default();
        lines.push(format!(
            "step     {name}: when {} do {}",
            json(serde_json::to_string(&step.when)),
            json(serde_json::to_string(&step.actions)),
        ));
    }
    lines.extend(expectations(&scenario));
    let variants: Vec<String> = file
        .scenarios
        .iter()
        .filter(|other| other.variant != merged.variant)
        .map(Merged::name)
        .collect();
    if !variants.is_empty() {
        lines.push(format!("see also {}", variants.join(", ")));
    }
    lines.push(format!(
        "\nrun it:     snowproof test {0}\nmeet it:    snowproof serve --scenario {0}",
        scenario.name()
    ));
    Ok(lines.join("\n"))
}

fn expectations(scenario: &Scenario) -> Vec<String> {
    let classes = |classes: &Option<Vec<Class>>| {
        classes
            .iter()
            .flatten()
            .map(|class| class.name())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let diagnosis = &scenario.diagnosis;
    let mut lines = vec![
        format!("right    {}", classes(&diagnosis.any_of)),
        format!("free     {}", classes(&diagnosis.candidates)),
        format!("never    {}", classes(&diagnosis.never)),
    ];
    if diagnosis.quiet_is_right == Some(true) {
        lines.push("         saying nothing is right too, once the run has recovered".to_owned());
    }
    let set = serde_json::to_value(&scenario.checks).unwrap_or_default();
    for check in Checks::ALL {
        if set.get(check.id).is_some() {
            lines.push(format!("check    {}: {}", check.id, check.demands));
        }
    }
    lines
}

fn explain_check<'a>(check: &About, scenarios: impl Iterator<Item = &'a Merged>) -> String {
    let used: Vec<String> = scenarios
        .filter(|scenario| {
            let checks = serde_json::to_value(&scenario.file.expect.checks).unwrap_or_default();
            checks.get(check.id).is_some()
        })
        .map(Merged::name)
        .collect();
    let severity = match check.severity {
        Severity::Must => "must: a failure fails the scenario",
        Severity::Should => "should: a failure warns, and fails with --strict",
    };
    let axis = match check.axis {
        Axis::Diagnosis => "diagnosis",
        Axis::Retry => "retry",
        Axis::DataAndSafety => "data and safety",
        Axis::Harness => "the run itself",
    };
    format!(
        "{}\n\ndemands   {}\nseverity  {severity}\naxis      {axis}\nused in   {}",
        check.id,
        check.demands,
        if used.is_empty() {
            "no scenario".to_owned()
        } else {
            used.join(", ")
        }
    )
}

fn explain_class(class: Class) -> String {
    let about = crate::diagnosis::about(class);
    format!(
        "{}\n\nmeaning   {}\noutcome   {}\nwho acts  {}\nretry     {}\nnext step {}",
        class.name(),
        about.meaning,
        about.outcome,
        about.actor,
        about.retry,
        about.next_step
    )
}
