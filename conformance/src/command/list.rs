//! `snowproof list`: the scenarios there are.

use clap::{Args, ValueEnum};
use serde_json::json;

use super::scenarios::{self, Sources};
use super::{Ended, exit, printing};
use crate::scenario::Merged;

/// List scenarios and variants
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snowproof list                         every scenario, one a line
  snowproof list profile:throttle '!level:protect' --format json")]
pub(super) struct Arguments {
    /// Globs over codes and ids, or profile:NAME, level:NAME, verb:NAME; a leading ! takes away
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    #[command(flatten)]
    sources: Sources,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for people
    Text,
    /// An array of objects
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    let set = arguments.sources.load()?;
    let selected = scenarios::select(&set, &arguments.filters)?;
    match arguments.format {
        Format::Json => {
            let all: Vec<_> = selected.iter().map(|scenario| object(scenario)).collect();
            printing::data(&format!("{:#}", serde_json::Value::from(all)));
        }
        Format::Text => printing::data(&table(&selected)),
    }
    Ok(exit::CONFORMS)
}

fn object(scenario: &Merged) -> serde_json::Value {
    let file = &scenario.file;
    let verbs: Vec<_> = file.acts.iter().map(|act| act.verb).collect();
    json!({
        "code": file.code,
        "variant": scenario.variant,
        "id": file.id,
        "title": file.title,
        "family": family(&file.id),
        "profile": file.profile,
        "level": file.level,
        "verbs": verbs,
        "parameters": file.parameters,
        "covers": file.covers,
    })
}

fn family(id: &str) -> &str {
    id.split('/').next().unwrap_or_default()
}

fn table(selected: &[&Merged]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    for scenario in selected {
        let file = &scenario.file;
        let name = |value: serde_json::Result<serde_json::Value>| {
            value
                .ok()
                .and_then(|value| value.as_str().map(str::to_owned))
                .unwrap_or_default()
        };
        table.add_row([
            scenario.name(),
            name(serde_json::to_value(file.profile)),
            name(serde_json::to_value(file.level)),
            file.title.clone(),
        ]);
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim().to_owned())
        .collect();
    lines.join("\n")
}
