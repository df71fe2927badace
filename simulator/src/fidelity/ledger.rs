//! The ledger of fidelity: everything the simulator claims of an instance, in one page of Markdown.
//!
//! It is written from what the code says of itself, so that it cannot tell anything else.

use std::fmt::Write as _;

use schemars::schema_for;
use serde_json::Value;

use super::{Behaviour, Chapter, NOT_MODELLED, Standing, of};
use crate::api;
use crate::journal::Condition;
use crate::setup::Switches;

/// The command that writes the page.
pub const COMMAND: &str = "cargo run -- explain --ledger > docs/fidelity.md";

/// A named choice on which public evidence disagrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// Its key under `switches`.
    pub name: String,
    /// What it chooses, and the default.
    pub what: String,
    /// What it can be, each with its meaning; none for a number or a time.
    pub choices: Vec<(String, String)>,
    /// What the evidence says, with its source; may be empty.
    pub evidence: String,
}

/// Every switch, in the order of the set-up.
#[must_use]
pub fn switches() -> Vec<Switch> {
    let schema = schema_for!(Switches);
    let root = schema.as_value();
    let properties = root["properties"].as_object();
    properties
        .into_iter()
        .flatten()
        .map(|(name, property)| {
            let kind = referred(property).map_or(&Value::Null, |kind| &root["$defs"][kind]);
            let choices = kind["oneOf"].as_array().into_iter().flatten();
            let choices: Vec<_> = choices
                .filter_map(|choice| Some((choice["const"].as_str()?.to_owned(), line(choice))))
                .collect();
            Switch {
                name: name.clone(),
                what: line(property),
                evidence: if choices.is_empty() {
                    String::new()
                } else {
                    line(kind)
                },
                choices,
            }
        })
        .collect()
}

/// The type that a property refers to, alone or as an alternative to null.
fn referred(property: &Value) -> Option<&str> {
    let alternatives = property["anyOf"].as_array().into_iter().flatten();
    let mut all = std::iter::once(property).chain(alternatives);
    all.find_map(|schema| schema["$ref"].as_str()?.strip_prefix("#/$defs/"))
}

/// A description in one line.
fn line(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The whole page.
#[must_use]
pub fn ledger() -> String {
    let chapters = api::chapters();
    let mut page = format!(
        "<!-- Written by `{COMMAND}`; a test holds it true. -->\n\n\
         # How true the instance is\n\n\
         What the simulator answers, and how that is known: *documented* by ServiceNow, *observed* in a capture of a real\n\
         instance or relied upon by a published client, or *assumed*, which means that a real instance may differ.\n\
         `snowproof explain NAME` shows the same for one condition, API or switch. Sources name the fact collections\n\
         `wire-core`, `wire-failures` and `connection-faults` with their sections, or a page of the documentation.\n",
    );
    summary(&mut page, &chapters);
    conditions(&mut page);
    for chapter in &chapters {
        behaviours(&mut page, chapter);
    }
    switch_table(&mut page);
    page.push_str(
        "\n## What is not modelled\n\n\
         Where it can be told that a caller asked for one of these, the journal says `unmodelled` and nobody is judged by it.\n\n",
    );
    for line in NOT_MODELLED {
        add(&mut page, format_args!("- {line}\n"));
    }
    page
}

fn summary(page: &mut String, chapters: &[Chapter]) {
    page.push_str("\n| part | documented | observed | assumed |\n|---|---|---|---|\n");
    for chapter in chapters {
        let [documented, observed, assumed] =
            [Standing::Documented, Standing::Observed, Standing::Assumed]
                .map(|standing| count(chapter.behaviours, standing));
        add(
            page,
            format_args!(
                "| {} | {documented} | {observed} | {assumed} |\n",
                chapter.title
            ),
        );
    }
    let doubtful = Condition::ALL
        .into_iter()
        .filter(|condition| of(*condition).assumed.is_some())
        .count();
    let all = Condition::ALL.len();
    add(
        page,
        format_args!(
            "\nOf {all} conditions {} are documented or observed whole; {doubtful} have a part that is assumed.\n",
            all - doubtful
        ),
    );
}

fn count(behaviours: &[Behaviour], standing: Standing) -> usize {
    let stands = |behaviour: &&Behaviour| behaviour.standing == standing;
    behaviours.iter().filter(stands).count()
}

fn conditions(page: &mut String) {
    page.push_str(
        "\n## Conditions of the instance\n\n\
         | condition | what the wire shows | source | assumed of it |\n|---|---|---|---|\n",
    );
    for condition in Condition::ALL {
        let known = of(condition);
        row(
            page,
            &[
                &format!("`{condition}`"),
                known.wire,
                known.source,
                known.assumed.unwrap_or("nothing"),
            ],
        );
    }
}

fn behaviours(page: &mut String, chapter: &Chapter) {
    add(page, format_args!("\n## {}\n\n", chapter.title));
    if chapter.behaviours.is_empty() {
        page.push_str("Nothing is written down of it.\n");
        return;
    }
    page.push_str("| behaviour | known as | source |\n|---|---|---|\n");
    for behaviour in chapter.behaviours {
        row(
            page,
            &[behaviour.what, behaviour.standing.name(), behaviour.source],
        );
    }
}

fn switch_table(page: &mut String) {
    page.push_str(
        "\n## Switches\n\nWhere the evidence disagrees, `switches` of a set-up choose.\n\n\
         | switch | what it chooses | choices | evidence |\n|---|---|---|---|\n",
    );
    for switch in switches() {
        let choices: Vec<String> = switch
            .choices
            .iter()
            .map(|(choice, meaning)| format!("`{choice}`: {meaning}"))
            .collect();
        row(
            page,
            &[
                &format!("`{}`", switch.name),
                &switch.what,
                &choices.join(" "),
                &switch.evidence,
            ],
        );
    }
}

fn row(page: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    add(page, format_args!("| {} |\n", cells.join(" | ")));
}

fn add(page: &mut String, text: std::fmt::Arguments<'_>) {
    let _infallible = page.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_says_what_it_chooses_and_names_its_evidence() {
        let switches = switches();
        assert!(switches.len() >= 10, "{switches:?}");
        for switch in switches {
            assert!(!switch.what.is_empty(), "{}", switch.name);
            assert!(
                switch.choices.is_empty() || !switch.evidence.is_empty(),
                "{}",
                switch.name
            );
            for (choice, meaning) in switch.choices {
                assert!(!meaning.is_empty(), "{} {choice}", switch.name);
            }
        }
    }

    #[test]
    fn the_page_names_every_condition_and_every_api() {
        let page = ledger();
        for condition in Condition::ALL {
            assert!(page.contains(&format!("| `{condition}` |")), "{condition}");
        }
        for chapter in api::chapters() {
            assert!(page.contains(&format!("\n## {}\n", chapter.title)));
        }
        for line in page.lines().filter(|line| line.starts_with('|')) {
            let cells = line.replace("\\|", "").matches('|').count();
            assert!(cells == 5 || cells == 4, "{line}");
        }
    }
}
