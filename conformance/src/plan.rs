//! What is run: scenarios and variants that filters select, in a stable order, with a hash.

use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};
use snowproof_protocol::Verb;
use snowproof_simulator::setup::{Action, Port};

use crate::edition::Edition;
use crate::scenario::{For, Level, Merged, Profile, Scenario, ScenarioSet};
use crate::subject::Subject;
use crate::yaml::nearest;

/// What was selected for a subject.
#[derive(Debug, Clone)]
pub struct Plan {
    /// In the order of codes; variants follow their scenario.
    pub runs: Vec<PlannedRun>,
    /// SHA-256 over the scenarios as they are run and the subject's manifest, hexadecimal.
    pub hash: String,
}

/// One scenario or variant.
#[derive(Debug, Clone)]
pub struct PlannedRun {
    /// As it is run for the subject.
    pub scenario: Scenario,
    /// Why it does not apply to the subject, where it does not.
    pub inapplicable: Option<String>,
}

impl PlannedRun {
    /// How long the scenario makes a good connector wait, roughly: what waits longest is started
    /// first, so that a run takes little longer than its longest scenario.
    #[must_use]
    pub fn expected_wait(&self) -> Duration {
        let scenario = &self.scenario;
        let windows = scenario
            .instances
            .values()
            .filter_map(|instance| instance.rate_rules.as_ref())
            .flat_map(|rules| rules.values())
            .filter_map(|rule| rule.window)
            .map(|window| window.effective);
        let attempt = scenario
            .subject
            .timeout
            .map_or(Duration::ZERO, |timeout| timeout.effective);
        let stalls = scenario.steps.values().filter(|step| {
            let actions = step.actions.as_deref().unwrap_or_default();
            actions
                .iter()
                .any(|action| matches!(action, Action::Stall(_) | Action::Drip(_)))
        });
        let stalls = stalls.map(|step| {
            let repeats = step
                .when
                .as_ref()
                .is_some_and(|when| when.from.is_some() || when.every.is_some());
            if repeats {
                attempt * REPEATED_STALLS
            } else {
                attempt
            }
        });
        let doors = scenario
            .instances
            .values()
            .filter(|instance| matches!(instance.port, Some(Port::Filtered | Port::Mute)))
            .flat_map(|_| &scenario.acts)
            .map(|act| match act.verb {
                Verb::Sync => attempt * REPEATED_STALLS,
                _ => attempt,
            });
        let wakings = scenario
            .instances
            .values()
            .filter_map(|instance| instance.wakes_in);
        let actions = scenario
            .steps
            .values()
            .flat_map(|step| step.actions.iter().flatten());
        let absences = actions.filter_map(|action| match action {
            Action::FailOver(lasting) | Action::Upgrade(lasting) => Some(lasting.lasts),
            _ => None,
        });
        let absences = wakings.chain(absences).map(|length| length.effective);
        windows.chain(stalls).chain(doors).chain(absences).sum()
    }
}

/// Why nothing can be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A filter selects nothing.
    #[error("the filter `{}` selects no scenario{}", short(.filter), wanted(.filter, .nearest.as_deref()))]
    NothingMatches {
        /// The filter.
        filter: String,
        /// What it may have meant.
        nearest: Option<String>,
    },
    /// Together the filters leave nothing.
    #[error("the filters leave no scenario to run")]
    NothingLeft,
    /// A filter is not one.
    #[error("`{}` is no filter: {why}", short(.filter))]
    BadFilter {
        /// The filter.
        filter: String,
        /// Why, with the legal values.
        why: String,
    },
    /// A scenario does not fit with the subject's table.
    #[error("the scenario `{scenario}` does not fit the subject's table: {why}")]
    Unresolvable {
        /// The scenario.
        scenario: String,
        /// The words of serde.
        why: String,
    },
}

/// The beginning of a filter: what is told must stay readable.
fn short(filter: &str) -> String {
    const MAX_CHARS: usize = 80;
    match filter.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &filter[..end]),
        None => filter.to_owned(),
    }
}

/// What somebody who wrote a filter that selects nothing may have wanted.
fn wanted(filter: &str, nearest: Option<&str>) -> String {
    let extension = Path::new(filter).extension();
    if extension.is_some_and(|extension| extension == "yaml" || extension == "yml") {
        return "; scenario files of your own are read with `--scenarios DIR`".to_owned();
    }
    meant(nearest)
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| {
        format!("; the nearest is `{nearest}`")
    })
}

/// Selects scenarios. Filters are globs over codes, ids and `CODE/VARIANT`, or `profile:NAME`,
/// `level:NAME`, `verb:NAME`, `exact:CODE[/VARIANT]`, `edition:NAME`; several are a union; a leading `!` takes away.
/// A code selects its variants too, save with `exact:`. Without a filter that adds, everything is
/// selected.
///
/// # Errors
///
/// A filter is malformed or matches nothing, or nothing is left.
pub fn select<'a>(set: &'a ScenarioSet, filters: &[String]) -> Result<Vec<&'a Merged>, PlanError> {
    let filters = filters
        .iter()
        .map(|text| Filter::read(text))
        .collect::<Result<Vec<_>, _>>()?;
    for filter in &filters {
        if !set.scenarios().any(|scenario| filter.matches(scenario)) {
            return Err(PlanError::NothingMatches {
                filter: filter.text.clone(),
                nearest: filter.nearest(set),
            });
        }
    }
    let everything = filters.iter().all(|filter| filter.takes_away);
    let selected: Vec<&Merged> = set
        .scenarios()
        .filter(|scenario| {
            let matched = |takes_away| {
                filters
                    .iter()
                    .any(|filter| filter.takes_away == takes_away && filter.matches(scenario))
            };
            (everything || matched(false)) && !matched(true)
        })
        .collect();
    if selected.is_empty() {
        return Err(PlanError::NothingLeft);
    }
    Ok(selected)
}

impl Plan {
    /// Plans the selected scenarios for a subject.
    ///
    /// # Errors
    ///
    /// A scenario does not fit the subject's table.
    pub fn new(selected: &[&Merged], subject: &Subject) -> Result<Self, PlanError> {
        let mut hash = Sha256::new();
        hash.update(serde_json::to_vec(&subject.file).unwrap_or_default());
        let mut runs = Vec::new();
        for merged in selected {
            let scenario = merged
                .resolve(For {
                    table: &subject.file.tables.default,
                    write_table: &subject.file.tables.write,
                    declares: &subject.file.declares,
                })
                .map_err(|error| PlanError::Unresolvable {
                    scenario: merged.name(),
                    why: error.to_string(),
                })?;
            hash.update(serde_json::to_vec(&scenario).unwrap_or_default());
            runs.push(PlannedRun {
                scenario,
                inapplicable: subject.inapplicable(merged),
            });
        }
        Ok(Self {
            runs,
            hash: hexadecimal(&hash.finalize()),
        })
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Filter {
    text: String,
    takes_away: bool,
    kind: Kind,
}

enum Kind {
    Glob(String),
    Profile(Profile),
    Level(Level),
    Verb(Verb),
    Exact(String),
    Edition(Box<Edition>),
}

/// Attempts at a call that never succeeds, for the estimate of how long it takes.
const REPEATED_STALLS: u32 = 5;
const PREFIXES: [&str; 5] = ["profile", "level", "verb", "exact", "edition"];

impl Filter {
    fn read(text: &str) -> Result<Self, PlanError> {
        let (takes_away, rest) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let bad = |why: String| PlanError::BadFilter {
            filter: text.to_owned(),
            why,
        };
        let kind = match rest.split_once(':') {
            None if rest.is_empty() => {
                return Err(bad(
                    "write a glob, or profile:, level:, verb:, exact:, edition: and a name".into(),
                ));
            }
            None => Kind::Glob(rest.to_owned()),
            Some(("profile", name)) => Kind::Profile(named(name).map_err(bad)?),
            Some(("level", name)) => Kind::Level(named(name).map_err(bad)?),
            Some(("verb", name)) => Kind::Verb(named(name).map_err(bad)?),
            Some(("exact", name)) => Kind::Exact(name.to_owned()),
            Some(("edition", name)) => Kind::Edition(Box::new(Edition::named(name).map_err(bad)?)),
            Some((prefix, _)) => {
                return Err(bad(format!(
                    "`{}:` is not one of {}{}",
                    short(prefix),
                    PREFIXES.map(|prefix| format!("{prefix}:")).join(", "),
                    meant(nearest(prefix, PREFIXES)),
                )));
            }
        };
        Ok(Self {
            text: text.to_owned(),
            takes_away,
            kind,
        })
    }

    fn matches(&self, scenario: &Merged) -> bool {
        let file = &scenario.file;
        match &self.kind {
            Kind::Profile(profile) => file.profile == *profile,
            Kind::Level(level) => file.level == *level,
            Kind::Verb(verb) => file.acts.iter().any(|act| act.verb == *verb),
            Kind::Exact(name) => scenario.is_called(name),
            Kind::Edition(edition) => edition.scenarios.contains_key(&scenario.name()),
            Kind::Glob(glob) => {
                glob_matches(glob, &file.code)
                    || glob_matches(glob, &file.id)
                    || glob_matches(glob, &scenario.name())
            }
        }
    }

    fn nearest(&self, set: &ScenarioSet) -> Option<String> {
        const LONGEST: usize = 200;
        let (Kind::Glob(name) | Kind::Exact(name)) = &self.kind else {
            return None;
        };
        if name.len() > LONGEST {
            return None;
        }
        let names: Vec<String> = set
            .scenarios()
            .flat_map(|scenario| [scenario.name(), scenario.file.id.clone()])
            .collect();
        nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// Reads the name of an enum's variant; the error is serde's list of the legal ones.
fn named<T: serde::de::DeserializeOwned>(name: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(name.to_owned()))
        .map_err(|error| error.to_string())
}

/// `*` stands for any run of characters, `?` for one; the rest is literal, in any case.
fn glob_matches(glob: &str, text: &str) -> bool {
    let glob: Vec<char> = glob.to_lowercase().chars().collect();
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        match glob.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(c) if *c == '?' || *c == text[from] => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((star_at, star_from)) => {
                    star = Some((star_at, star_from + 1));
                    at = star_at + 1;
                    from = star_from + 1;
                }
                None => return false,
            },
        }
    }
    glob[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_waits_longest_is_known_beforehand() {
        let set = ScenarioSet::embedded().unwrap();
        let selected = select(&set, &[]).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/subjects/model.yaml");
        let subject = Subject::open(Path::new(path)).unwrap();
        let plan = Plan::new(&selected, &subject).unwrap();
        let wait = |name: &str| {
            let run = plan.runs.iter().find(|run| run.scenario.name() == name);
            run.unwrap().expected_wait()
        };
        assert_eq!(wait("SP-C01"), Duration::ZERO);
        assert!(wait("SP-T01") > wait("SP-N01"));
        assert!(wait("SP-N01/never-again") > wait("SP-N01"));
    }

    #[test]
    fn a_file_in_place_of_a_filter_is_told_where_it_belongs() {
        let set = ScenarioSet::embedded().unwrap();
        let told = |filter: &str| select(&set, &[filter.to_owned()]).unwrap_err().to_string();
        assert_eq!(
            told("./mine/broken.yaml"),
            "the filter `./mine/broken.yaml` selects no scenario; \
             scenario files of your own are read with `--scenarios DIR`"
        );
        assert!(
            told("SP-C91").contains("; the nearest is `SP-"),
            "{}",
            told("SP-C91")
        );
    }

    #[test]
    fn globs_match_whole_names() {
        for (glob, text, matches) in [
            ("SP-A*", "SP-A01", true),
            ("sp-a01", "SP-A01", true),
            ("SP-A", "SP-A01", false),
            ("*/oauth-*", "authentication/oauth-x", true),
            ("SP-?01", "SP-A01", true),
            ("SP-?01", "SP-AB01", false),
            ("**", "", true),
            ("", "x", false),
        ] {
            assert_eq!(glob_matches(glob, text), matches, "{glob} {text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn a_star_in_place_of_any_part_still_matches(text in "[a-z/-]{0,12}", from in 0usize..12, to in 0usize..12) {
            let (from, to) = (from.min(to).min(text.len()), from.max(to).min(text.len()));
            let glob = format!("{}*{}", &text[..from], &text[to..]);
            prop_assert!(glob_matches(&glob, &text));
        }
    }
}
