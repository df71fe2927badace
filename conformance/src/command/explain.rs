//! `snowproof explain`: what a scenario, a check, a condition, an API, a switch or a diagnosis class
//! is about; and the ledger, which has all that is known of the instance's truth.

use clap::Args;
use snowproof_simulator::fidelity::ledger;
use snowproof_simulator::journal::Condition;

use super::scenarios::Timed;
use super::{Ended, Failure, exit, printing};
use crate::checks::{About, Axis, Checks, Severity};
use crate::diagnosis::Class;
use crate::scenario::Merged;
use crate::yaml::nearest;

mod access;
mod atlas;
mod conditions;
mod handshakes;
mod oauth;
mod plain;
mod recipes;
mod scenario;
mod schemes;
mod truth;

/// Explain a scenario, a check, a condition of the instance, an API, a switch or a diagnosis class
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snowproof explain SP-A01                    what happens, what is expected, and why
  snowproof explain waits-at-least-retry-after   what a check demands, and how urllib3, axios, Java and Go meet it
  snowproof explain rate_limited              what the wire shows, and how true that is
  snowproof explain \"Table API\"               what is documented, observed and assumed of it
  snowproof explain --ledger                  the same of everything, in Markdown")]
pub(super) struct Arguments {
    /// A code, a code with its variant, a check, a condition such as rate_limited, an API such as
    /// "Table API", a switch such as retry_after, or a class such as tls.expired
    #[arg(value_name = "CODE | CHECK | CONDITION | API | SWITCH | CLASS")]
    #[arg(required_unless_present = "ledger")]
    subject: Option<String>,
    /// Print how true the instance is, whole: conditions, APIs, switches and what is not modelled
    #[arg(long, conflicts_with = "subject")]
    ledger: bool,
    #[command(flatten)]
    sources: Timed,
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    let Some(name) = arguments.subject.as_deref() else {
        printing::data(ledger::ledger().trim_end());
        return Ok(exit::CONFORMS);
    };
    let set = arguments.sources.load()?;
    let named = set
        .files()
        .flat_map(|file| file.scenarios.iter().map(move |merged| (file, merged)))
        .find(|(_, merged)| merged.is_called(name));
    let text = if let Some((file, merged)) = named {
        scenario::page(file, merged)?
    } else if let Some(check) = Checks::ALL.iter().find(|check| check.id == name) {
        explain_check(check, set.scenarios())
    } else if let Some(condition) = condition(name) {
        scenario::condition_page(condition, set.scenarios())?
    } else if let Some(text) = truth::chapter(name).or_else(|| truth::switch(name)) {
        text
    } else if let Ok(class) = name.parse::<Class>() {
        explain_class(class)
    } else {
        return Err(unknown(name, set.scenarios()));
    };
    printing::data(&text);
    Ok(exit::CONFORMS)
}

/// The condition of this name, with underscores or hyphens.
fn condition(name: &str) -> Option<Condition> {
    let name = name.replace('-', "_");
    Condition::ALL
        .into_iter()
        .find(|condition| condition.name().eq_ignore_ascii_case(&name))
}

fn unknown<'a>(name: &str, scenarios: impl Iterator<Item = &'a Merged>) -> Failure {
    let known: Vec<String> = scenarios
        .map(Merged::name)
        .chain(Checks::ALL.iter().map(|check| check.id.to_owned()))
        .chain(
            Condition::ALL
                .iter()
                .map(|condition| condition.name().to_owned()),
        )
        .chain(truth::names())
        .chain(Class::ALL.iter().map(|class| class.name().to_owned()))
        .collect();
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => String::new(),
    };
    Failure::new(
        exit::NOTHING_SELECTED,
        format!("error: `{name}` is no scenario, check, condition, API, switch or class{hint}"),
    )
}

fn explain_check<'a>(check: &About, scenarios: impl Iterator<Item = &'a Merged>) -> String {
    let used: Vec<String> = scenarios
        .filter(|merged| {
            let set = merged.file.expect.checks.clone().unwrap_or_default();
            scenario::names_set(&set.with_implied()).any(|set| set.id == check.id)
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
        "{}\n\ndemands   {}\nseverity  {severity}\naxis      {axis}\nused in   {}{}",
        check.id,
        check.demands,
        if used.is_empty() {
            "no scenario".to_owned()
        } else {
            used.join(", ")
        },
        recipes::fix(check.id)
    )
}

fn explain_class(class: Class) -> String {
    let about = crate::diagnosis::about(class);
    format!(
        "{}\n\nmeaning   {}\noutcome   {}\nwho acts  {}\nretry     {}\nnext step {}{}{}",
        class.name(),
        about.meaning,
        about.outcome,
        about.actor,
        about.retry,
        about.next_step,
        recipes::fix(class.name()),
        atlas::said_for(class)
    )
}
