//! A scenario as a page of text: what is set up, what happens, what is expected, and how true it is.

use snowproof_simulator::fidelity;
use snowproof_simulator::journal::Condition;

use super::{conditions, plain};
use crate::checks::{About, Checks};
use crate::command::Failure;
use crate::diagnosis::Class;
use crate::scenario::{Address, Credentials, For, Loaded, Merged, Scenario, Verify};
use crate::subject::Declares;

/// Everything about one scenario or variant.
pub(super) fn page(file: &Loaded, merged: &Merged) -> Result<String, Failure> {
    let declares = Declares::default();
    let scenario = merged
        .resolve(For {
            table: "cmdb_ci_server",
            write_table: "incident",
            declares: &declares,
        })
        .map_err(Failure::harness)?;
    let mut lines = vec![
        format!("{}  {}", scenario.name(), scenario.title),
        String::new(),
        scenario.why.trim().to_owned(),
        String::new(),
        format!(
            "source    {}: \"{}\"",
            scenario.source.document, scenario.source.says
        ),
        format!("covers    {}", scenario.covers.join(", ")),
    ];
    lines.push(format!("asked     {}", acts(&scenario)));
    lines.extend(world(&scenario));
    lines.extend(expectations(&scenario));
    lines.extend(truth(&conditions::of(&scenario)));
    let variants: Vec<String> = file
        .scenarios
        .iter()
        .filter(|other| other.variant != merged.variant)
        .map(Merged::name)
        .collect();
    if !variants.is_empty() {
        lines.push(format!("see also  {}", variants.join(", ")));
    }
    lines.push(format!(
        "\nrun it:     snowproof test exact:{0}\nmeet it:    {1}",
        scenario.name(),
        match scenario.lies_in_settings() {
            Some(setting) => format!("it lies in what the connector is told: {setting}"),
            None => format!("snowproof serve --scenario {}", scenario.name()),
        }
    ));
    Ok(lines.join("\n"))
}

fn acts(scenario: &Scenario) -> String {
    let acts = scenario.acts.iter().map(|act| {
        let resumed = match (act.changes, act.resume) {
            (true, _) => ", for what changed since",
            (false, true) => ", resumed",
            (false, false) => "",
        };
        let killed = act
            .killed_at
            .as_ref()
            .map_or_else(String::new, |step| format!(", killed at `{step}`"));
        let told = match act.credentials.unwrap_or_default() {
            Credentials::Given => "",
            Credentials::Mistyped => ", with a mistyped password",
            Credentials::Absent => ", without user name and password",
            Credentials::Padded => ", with white space around its secret",
        };
        let place = act
            .instance
            .as_ref()
            .map_or_else(String::new, |name| format!(" at `{name}`"));
        format!("{}{place}{resumed}{told}{killed}", act.verb)
    });
    acts.collect::<Vec<_>>().join("; then ")
}

/// The instances and what happens to them.
fn world(scenario: &Scenario) -> Vec<String> {
    let several = scenario.instances.len() > 1;
    let mut lines = Vec::new();
    for (name, setup) in &scenario.instances {
        let whose = if several {
            format!("`{name}`: ")
        } else {
            String::new()
        };
        for fact in plain::instance(setup) {
            lines.push(format!("instance  {whose}{fact}"));
        }
    }
    for (name, step) in &scenario.steps {
        lines.push(format!("step      {name}: {}", plain::step(step)));
    }
    for (name, least) in &scenario.met {
        lines.push(format!(
            "met       `{name}` at least {least}×, else nothing is decided"
        ));
    }
    let witness = scenario.witness;
    lines.push(format!("witness   {witness}: {}", witness.words()));
    if let Some(odd) = scenario.subject.address.and_then(Address::words) {
        lines.push(format!("subject   {odd}"));
    }
    if scenario.subject.verify == Some(Verify::Off) {
        lines.push("subject   its user has switched certificate checks off".to_owned());
    }
    if let Some(table) = &scenario.subject.table {
        lines.push(format!("subject   it is told to read `{table}`"));
    }
    if let Some(budget) = scenario.subject.budget {
        lines.push(format!(
            "budget    {} from the first contact to the end",
            plain::length(budget)
        ));
    }
    lines
}

fn expectations(scenario: &Scenario) -> Vec<String> {
    let diagnosis = &scenario.diagnosis;
    let mut lines = Vec::new();
    for (title, classes) in [
        ("right", &diagnosis.any_of),
        ("free", &diagnosis.candidates),
        ("never", &diagnosis.never),
    ] {
        let names: Vec<&str> = classes
            .iter()
            .flatten()
            .map(|class| Class::name(*class))
            .collect();
        if !names.is_empty() {
            lines.push(format!("{title:<9} {}", names.join(", ")));
        }
    }
    if diagnosis.quiet_is_right == Some(true) {
        lines.push("          saying nothing is right too, once the run has recovered".to_owned());
    }
    let set = scenario.checks.with_implied();
    lines.extend(names_set(&set).map(|check| format!("check     {}: {}", check.id, check.demands)));
    lines
}

/// The checks that are set, in the order in which they are reported.
pub(super) fn names_set(checks: &Checks) -> impl Iterator<Item = &'static About> + use<> {
    let set = serde_json::to_value(checks).unwrap_or_default();
    Checks::ALL
        .iter()
        .filter(move |check| set.get(check.id).is_some_and(|value| !value.is_null()))
}

/// How true to a real instance the answers are that a scenario is about.
fn truth(conditions: &[Condition]) -> Vec<String> {
    let mut lines = Vec::new();
    for condition in conditions {
        let known = fidelity::of(*condition);
        lines.push(format!("wire      {condition}: {}", known.wire));
        lines.push(format!("          from {}", known.source));
        if let Some(assumed) = known.assumed {
            lines.push(format!("          assumed: {assumed}"));
        }
    }
    lines
}

/// Everything about one condition.
pub(super) fn condition_page<'a>(
    condition: Condition,
    scenarios: impl Iterator<Item = &'a Merged>,
) -> Result<String, Failure> {
    let declares = Declares::default();
    let mut used = Vec::new();
    for merged in scenarios {
        let scenario = merged
            .resolve(For {
                table: "cmdb_ci_server",
                write_table: "incident",
                declares: &declares,
            })
            .map_err(Failure::harness)?;
        if conditions::of(&scenario).contains(&condition) {
            used.push(merged.name());
        }
    }
    let known = fidelity::of(condition);
    Ok(format!(
        "{condition}\n\nwire      {}\nfrom      {}\nassumed   {}\nused in   {}",
        known.wire,
        known.source,
        known.assumed.unwrap_or("nothing"),
        if used.is_empty() {
            "no scenario".to_owned()
        } else {
            used.join(", ")
        }
    ))
}
