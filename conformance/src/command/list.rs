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
    /// Globs over codes and ids, or profile:NAME, level:NAME, verb:NAME; a code selects its variants
    /// too, exact:CODE does not; a leading ! takes away
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
    let word = |value: serde_json::Result<serde_json::Value>| {
        let value = value.ok();
        let text = value.as_ref().and_then(serde_json::Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let rows: Vec<[String; 4]> = selected
        .iter()
        .map(|scenario| {
            [
                scenario.name(),
                word(serde_json::to_value(scenario.file.profile)),
                word(serde_json::to_value(scenario.file.level)),
                scenario.file.title.clone(),
            ]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (names, profiles, levels) = (width(0), width(1), width(2));
    let lines: Vec<String> = rows
        .iter()
        .map(|[name, profile, level, title]| {
            format!("{name:<names$}  {profile:<profiles$}  {level:<levels$}  {title}")
        })
        .collect();
    lines.join("\n")
}
