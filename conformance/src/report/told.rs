//! How a subject tells failures, over the whole run: causes that read alike, and words of which
//! nobody knows what they mean. Both follow from the runs, so that a report judged again, or put
//! together of several, finds the same.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_protocol::Outcome;

use super::RunReport;
use crate::checks::telling::Telling;
use crate::diagnosis::{Class, pattern};
use crate::evidence::{ActEvidence, Evidence, ReadBy};

/// Unknown words that are listed, at most.
const UNMAPPED_AT_MOST: usize = 20;

/// How one act told its failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The act, from 1.
    pub act: u32,
    /// What was read: a class that the connector names by itself, else its words without what
    /// differs from run to run.
    pub said: String,
    /// The causes that the wire leaves open, the right ones first.
    pub causes: Vec<Class>,
    /// For words of which no class is known, a regular expression that finds them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmapped: Option<String>,
}

/// Different causes of which the subject said the same: `diagnosis-distinguishes` over the run, a
/// finding of severity `should`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alike {
    /// What it said: a class, or words without what differs from run to run.
    pub said: String,
    /// How many causes there are at least of which no two can be confused on the wire.
    pub causes: u32,
    /// Where it said so, of those that another cause contradicts.
    pub scenarios: Vec<Where>,
}

impl Alike {
    /// It in one line.
    #[must_use]
    pub fn headline(&self) -> String {
        format!("{} causes all read `{}`", self.causes, self.said)
    }
}

/// A scenario in which something was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Where {
    /// `CODE` or `CODE/VARIANT`.
    pub scenario: String,
    /// The act, from 1.
    pub act: u32,
    /// The causes that the wire leaves open there, the right ones first.
    pub causes: Vec<Class>,
}

/// Words of which no class is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unmapped {
    /// The first such words, without what differs from run to run and without secrets.
    pub said: String,
    /// The entry of `diagnosis: map:` that gives them a class; without one where they stand for
    /// causes that differ, for such words name none.
    pub map: String,
    /// `CODE` or `CODE/VARIANT`.
    pub scenarios: Vec<String>,
}

/// What a run tells of the failures whose cause is known. Success and silence tell nothing here.
pub(super) fn told(evidence: &Evidence) -> Vec<Told> {
    if !evidence.subject.has_words {
        return Vec::new();
    }
    let act_of = |telling: &Telling| evidence.acts.iter().find(|act| act.act == telling.act);
    Telling::all(evidence)
        .into_iter()
        .filter_map(|telling| {
            let act = act_of(&telling)?;
            let tells = act.said.outcome != Some(Outcome::Success) && !telling.said.is_empty();
            tells.then(|| Told {
                act: telling.act,
                unmapped: unmapped(act),
                said: telling.said,
                causes: telling.causes,
            })
        })
        .collect()
}

/// Words that a manifest's map could give a class, as an expression that finds them.
fn unmapped(act: &ActEvidence) -> Option<String> {
    let said = &act.said;
    let open = match said.read_by {
        None | Some(ReadBy::Dialect(_)) => said.class.is_none(),
        Some(ReadBy::Native | ReadBy::Map(_) | ReadBy::ExitCode) => false,
    };
    open.then(|| pattern(&said.text)).flatten()
}

fn places(runs: &[RunReport]) -> impl Iterator<Item = (String, &Told)> {
    runs.iter()
        .flat_map(|run| run.told.iter().map(|told| (run.name(), told)))
}

/// The causes that read alike, those told of most causes first.
pub(super) fn alike(runs: &[RunReport]) -> Vec<Alike> {
    let mut by_words: IndexMap<&str, Vec<(String, Telling)>> = IndexMap::new();
    for (name, told) in places(runs) {
        let telling = Telling {
            act: told.act,
            causes: told.causes.clone(),
            said: told.said.clone(),
        };
        let group = by_words.entry(&told.said).or_default();
        group.push((name, telling));
    }
    let mut found: Vec<Alike> = by_words
        .into_values()
        .filter_map(|group| {
            let confused: Vec<&(String, Telling)> = group
                .iter()
                .filter(|(_, one)| group.iter().any(|(_, other)| one.confuses(other)))
                .collect();
            let said = confused.first()?.1.said.clone();
            let mut apart: Vec<&Telling> = Vec::new();
            for (_, telling) in &confused {
                if apart.iter().all(|other| telling.confuses(other)) {
                    apart.push(telling);
                }
            }
            Some(Alike {
                said,
                causes: u32::try_from(apart.len()).unwrap_or(u32::MAX),
                scenarios: confused
                    .into_iter()
                    .map(|(scenario, telling)| Where {
                        scenario: scenario.clone(),
                        act: telling.act,
                        causes: telling.causes.clone(),
                    })
                    .collect(),
            })
        })
        .collect();
    found.sort_by_key(|alike| std::cmp::Reverse(alike.causes));
    found
}

/// The words that have no class, each with the entry that gives it one: the first 20.
pub(super) fn without_class(runs: &[RunReport]) -> Vec<Unmapped> {
    struct Group<'r> {
        said: &'r str,
        right: Vec<Class>,
        scenarios: Vec<String>,
    }
    let mut by_pattern: IndexMap<&str, Group<'_>> = IndexMap::new();
    for (name, told) in places(runs) {
        let Some(pattern) = &told.unmapped else {
            continue;
        };
        let group = by_pattern.entry(pattern).or_insert_with(|| Group {
            said: &told.said,
            right: told.causes.clone(),
            scenarios: Vec::new(),
        });
        group.right.retain(|class| told.causes.contains(class));
        if group.scenarios.last() != Some(&name) {
            group.scenarios.push(name);
        }
    }
    by_pattern
        .into_iter()
        .take(UNMAPPED_AT_MOST)
        .map(|(pattern, group)| Unmapped {
            said: group.said.to_owned(),
            map: entry(pattern, group.right.first().copied()),
            scenarios: group.scenarios,
        })
        .collect()
}

/// An entry of a manifest's map, in one line of YAML.
fn entry(pattern: &str, class: Option<Class>) -> String {
    // What JSON quotes, YAML reads between double quotes.
    let quoted = serde_json::Value::from(pattern).to_string();
    class.map_or_else(
        || format!("- {{ match: {quoted} }}"),
        |class| format!("- {{ match: {quoted}, class: {class} }}"),
    )
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::report::sample;
    use crate::subject::MapEntry;

    /// Runs of which each tells one failure: its words, its causes, and whether no class is known.
    pub(in crate::report) fn runs(all: &[(&str, &[Class], bool)]) -> Vec<RunReport> {
        let run = sample().runs.remove(0);
        all.iter()
            .enumerate()
            .map(|(at, (said, causes, open))| RunReport {
                code: format!("SP-T{at:02}"),
                told: vec![Told {
                    act: 1,
                    said: (*said).to_owned(),
                    causes: causes.to_vec(),
                    unmapped: open.then(|| pattern(said)).flatten(),
                }],
                ..run.clone()
            })
            .collect()
    }

    const DNS: &[Class] = &[Class::NetDns, Class::ConfigUrl];
    const URL: &[Class] = &[Class::ConfigUrl];
    const EXPIRED: &[Class] = &[Class::TlsExpired];

    #[test]
    fn different_causes_told_alike_are_found_with_where() {
        let found = alike(&runs(&[
            ("failed", DNS, false),
            ("timed out", DNS, false),
            ("failed", EXPIRED, false),
            ("failed", URL, false),
        ]));
        let [alike] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!((&*alike.said, alike.causes), ("failed", 2));
        let names: Vec<&str> = alike.scenarios.iter().map(|it| &*it.scenario).collect();
        assert_eq!(names, ["SP-T00", "SP-T02", "SP-T03"]);
    }

    #[test]
    fn causes_that_the_wire_cannot_tell_apart_may_read_alike() {
        assert_eq!(alike(&runs(&[("x", DNS, false), ("x", URL, false)])), []);
        assert_eq!(
            alike(&runs(&[("x", DNS, false), ("y", EXPIRED, false)])),
            []
        );
    }

    #[test]
    fn the_entry_for_unknown_words_is_read_back_and_finds_them() {
        let words = r#"oops "q" \ (404): 100% {x}"#;
        let found = without_class(&runs(&[
            (words, DNS, true),
            (words, URL, true),
            ("odd", DNS, true),
            ("odd", EXPIRED, true),
            ("known", DNS, false),
        ]));
        let entries: Vec<MapEntry> = found
            .iter()
            .map(|it| {
                let mut list: Vec<MapEntry> = serde_saphyr::from_str(&it.map).unwrap();
                list.remove(0)
            })
            .collect();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].class, Some(Class::ConfigUrl));
        assert!(
            regex::Regex::new(&entries[0].pattern)
                .unwrap()
                .is_match(words)
        );
        assert_eq!(entries[1].class, None, "it stands for two causes");
        assert_eq!(found[0].scenarios, ["SP-T00", "SP-T01"]);
    }

    #[test]
    fn no_more_than_twenty_are_listed() {
        let words: Vec<String> = (0..50).map(|n| format!("error number {n}")).collect();
        let all: Vec<(&str, &[Class], bool)> = words.iter().map(|it| (&**it, DNS, true)).collect();
        assert_eq!(without_class(&runs(&all)).len(), UNMAPPED_AT_MOST);
    }
}
