//! How true an API is to a real instance, and what a switch chooses.

use snowproof_simulator::api;
use snowproof_simulator::fidelity::ledger;

/// The names that can be explained.
pub(super) fn names() -> impl Iterator<Item = String> {
    let apis = api::chapters().into_iter().map(|chapter| chapter.title);
    let switches = ledger::switches().into_iter().map(|switch| switch.name);
    apis.map(str::to_owned).chain(switches)
}

/// What is known of the API of this title, however it is spaced.
pub(super) fn chapter(name: &str) -> Option<String> {
    let chapters = api::chapters();
    let chapter = chapters
        .iter()
        .find(|chapter| plain(chapter.title) == plain(name))?;
    let mut lines = vec![chapter.title.to_owned(), String::new()];
    for behaviour in chapter.behaviours {
        lines.push(format!(
            "{:<11} {}\n            {}",
            behaviour.standing.name(),
            behaviour.what,
            behaviour.source
        ));
    }
    if chapter.behaviours.is_empty() {
        lines.push("nothing is written down of it".to_owned());
    }
    Some(lines.join("\n"))
}

/// What the switch of this name chooses.
pub(super) fn switch(name: &str) -> Option<String> {
    let switches = ledger::switches();
    let switch = switches
        .iter()
        .find(|switch| plain(&switch.name) == plain(name))?;
    let mut lines = vec![
        format!("switches.{}", switch.name),
        String::new(),
        format!("what      {}", switch.what),
    ];
    if !switch.evidence.is_empty() {
        lines.push(format!("evidence  {}", switch.evidence));
    }
    for (choice, meaning) in &switch.choices {
        lines.push(format!("  {choice:<26} {meaning}"));
    }
    Some(lines.join("\n"))
}

/// The letters of a name.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
