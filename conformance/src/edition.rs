//! Editions: what counts for a claim, frozen. The catalogue goes on; what an edition does not know
//! is a preview, which warns and counts for nothing.
//!
//! An edition is written once (`snowproof list --freeze NAME`) and never edited after the release
//! that brings it; a test fails where something that it froze is gone or has changed.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::checks::{Checks, Severity, wire};
use crate::diagnosis::DIALECTS;
use crate::scenario::{Level, Merged, Profile};
use crate::yaml::nearest;

mod apply;
mod differences;

/// Format and version of an edition.
pub const SCHEMA: &str = "snowproof.edition/1";

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../scenarios/editions");

/// See the module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// [`SCHEMA`].
    pub schema: String,
    /// Its name, such as `2026.1`; the file is named after it.
    pub edition: String,
    /// The day on which it was written (UTC).
    #[schemars(with = "String")]
    pub frozen: Date,
    /// How exact times have to be: milliseconds, by name.
    pub tolerances: BTreeMap<String, u64>,
    /// How grave a failed check is.
    pub checks: BTreeMap<String, Severity>,
    /// The word lists that may turn words into classes.
    pub dialects: Vec<String>,
    /// What counts, by `CODE` or `CODE/VARIANT`.
    pub scenarios: BTreeMap<String, Frozen>,
}

/// A scenario of an edition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// The claim it counts for.
    pub profile: Profile,
    /// How demanding it is.
    pub level: Level,
    /// Its checks, with their settings.
    pub checks: Map<String, Value>,
}

impl Frozen {
    fn of(scenario: &Merged) -> Self {
        let checks = scenario.file.expect.checks.clone().unwrap_or_default();
        let checks = serde_json::to_value(checks.with_implied()).unwrap_or_default();
        let mut checks = match checks {
            Value::Object(checks) => checks,
            _ => Map::new(),
        };
        // A check that is removed by `null` is none.
        checks.retain(|_, settings| !settings.is_null());
        Self {
            profile: scenario.file.profile,
            level: scenario.file.level,
            checks,
        }
    }
}

impl Edition {
    /// What these scenarios and this program's checks are today.
    #[must_use]
    pub fn freeze<'a>(
        name: &str,
        frozen: Date,
        scenarios: impl IntoIterator<Item = &'a Merged>,
    ) -> Self {
        let scenarios: BTreeMap<String, Frozen> = scenarios
            .into_iter()
            .map(|scenario| (scenario.name(), Frozen::of(scenario)))
            .collect();
        let used = |id: &str| {
            let mut all = scenarios.values();
            all.any(|scenario| scenario.checks.contains_key(id))
        };
        Self {
            schema: SCHEMA.to_owned(),
            edition: name.to_owned(),
            frozen,
            tolerances: wire::tolerances(),
            checks: Checks::ALL
                .iter()
                .filter(|about| used(about.id))
                .map(|about| (about.id.to_owned(), about.severity))
                .collect(),
            dialects: DIALECTS.iter().map(|name| (*name).to_owned()).collect(),
            scenarios,
        }
    }

    /// Every edition that ships with this program, the oldest first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = EMBEDDED
            .files()
            .filter_map(|file| serde_saphyr::from_str(file.contents_utf8()?).ok())
            .collect();
        all.sort_by(|one, other| (one.frozen, &one.edition).cmp(&(other.frozen, &other.edition)));
        all
    }

    /// The edition of this name. The error says which there are.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn named(name: &str) -> Result<Self, String> {
        let all = Self::all();
        let names: Vec<String> = all.iter().map(|it| it.edition.clone()).collect();
        let found = all.into_iter().find(|it| it.edition == name);
        found.ok_or_else(|| {
            let meant = nearest(name, names.iter().map(String::as_str));
            let hint = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
            format!(
                "`{name}` is no edition{hint}\nthere are {}",
                names.join(", ")
            )
        })
    }

    /// The file: YAML, of which each scenario is one line.
    #[must_use]
    pub fn written(&self) -> String {
        let mut text = format!(
            "# Written by `snowproof list --freeze {}`; what is frozen is not edited.\n",
            self.edition
        );
        for (key, value) in [
            ("schema", json(&self.schema)),
            ("edition", json(&self.edition)),
            ("frozen", json(&self.frozen)),
            ("tolerances", json(&self.tolerances)),
            ("dialects", json(&self.dialects)),
        ] {
            line(&mut text, &format!("{key}: {value}"));
        }
        line(&mut text, "checks:");
        for (name, severity) in &self.checks {
            line(&mut text, &format!("  {name}: {}", json(severity)));
        }
        line(&mut text, "scenarios:");
        for (name, frozen) in &self.scenarios {
            line(&mut text, &format!("  {name}: {}", json(frozen)));
        }
        text
    }
}

fn line(text: &mut String, content: &str) {
    text.push_str(content);
    text.push('\n');
}

/// JSON, which is YAML too.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::ScenarioSet;

    #[test]
    fn what_is_written_is_read_again() {
        let set = ScenarioSet::embedded().unwrap_or_else(|error| panic!("{}", error.rendered()));
        let today = "2026-11-23".parse().unwrap();
        let edition = Edition::freeze("9999.9", today, set.scenarios().take(20));
        let read: Edition = serde_saphyr::from_str(&edition.written()).unwrap();
        assert_eq!(read, edition);
        assert!(edition.checks.contains_key("fault-was-exercised"));
    }

    #[test]
    fn every_file_is_an_edition_named_after_it() {
        let all = Edition::all();
        assert_eq!(all.len(), EMBEDDED.files().count());
        for file in EMBEDDED.files() {
            let edition: Edition = serde_saphyr::from_str(file.contents_utf8().unwrap()).unwrap();
            assert_eq!(edition.schema, SCHEMA);
            assert_eq!(
                file.path().with_extension("").display().to_string(),
                edition.edition
            );
        }
        assert!(Edition::named("2026.2").unwrap_err().contains("`2026.1`"));
    }
}
