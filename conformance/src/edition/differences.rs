//! What of an edition does not hold any more.

use super::{Edition, Frozen};
use crate::scenario::ScenarioSet;

impl Edition {
    /// What it froze and is gone, or has become something else since: a sentence each. What has
    /// come since is no difference.
    #[must_use]
    pub fn differences(&self, set: &ScenarioSet) -> Vec<String> {
        let today = Self::freeze(&self.edition, self.frozen, set.scenarios());
        let mut found = Vec::new();
        if self.tolerances != today.tolerances {
            found.push(format!(
                "tolerances: frozen {:?}, now {:?}",
                self.tolerances, today.tolerances
            ));
        }
        let gone = self
            .dialects
            .iter()
            .filter(|name| !today.dialects.contains(name));
        found.extend(gone.map(|name| format!("the dialect `{name}` is gone")));
        for (id, severity) in &self.checks {
            match crate::checks::about(id) {
                None => found.push(format!("the check `{id}` is gone")),
                Some(about) if about.severity != *severity => found.push(format!(
                    "`{id}`: frozen as {severity:?}, now {:?}",
                    about.severity
                )),
                Some(_) => {}
            }
        }
        for (name, frozen) in &self.scenarios {
            match today.scenarios.get(name) {
                None => found.push(format!("{name} is gone")),
                Some(now) => found.extend(changed(name, frozen, now)),
            }
        }
        found
    }
}

fn changed(name: &str, frozen: &Frozen, now: &Frozen) -> Vec<String> {
    let mut found = Vec::new();
    if (frozen.profile, frozen.level) != (now.profile, now.level) {
        found.push(format!("{name} counts for another claim"));
    }
    for (id, settings) in &frozen.checks {
        match now.checks.get(id) {
            None => found.push(format!("{name} does not set `{id}` any more")),
            Some(other) if other != settings => {
                found.push(format!("{name}, `{id}`: frozen {settings}, now {other}"));
            }
            Some(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::Severity;

    fn set() -> ScenarioSet {
        ScenarioSet::embedded().unwrap_or_else(|error| panic!("{}", error.rendered()))
    }

    #[test]
    fn what_an_edition_froze_is_still_so() {
        let set = set();
        for edition in Edition::all() {
            let differences = edition.differences(&set);
            assert!(
                differences.is_empty(),
                "edition {} is not to be changed: put it back, or give the scenario a new code\n{}",
                edition.edition,
                differences.join("\n")
            );
        }
    }

    #[test]
    fn what_changes_or_goes_is_named() {
        let set = set();
        let today = "2026-11-23".parse().unwrap();
        let edition = Edition::freeze("x", today, set.scenarios());
        assert_eq!(edition.differences(&set), Vec::<String>::new());
        let mut other = edition.clone();
        other.tolerances.insert("reaction".to_owned(), 1);
        other.checks.insert("no-such".to_owned(), Severity::Must);
        other
            .checks
            .insert("backoff-floor".to_owned(), Severity::Should);
        other.dialects.push("lisp".to_owned());
        let frozen = other.scenarios["SP-T01"].clone();
        other.scenarios.insert("SP-T99".to_owned(), frozen);
        let changed = other.scenarios.get_mut("SP-T01").unwrap();
        changed
            .checks
            .insert("backoff-floor".to_owned(), json!({"after": "1s"}));
        changed.checks.insert("no-such".to_owned(), json!({}));
        let differences = other.differences(&set).join("\n");
        for part in [
            "tolerances",
            "the check `no-such` is gone",
            "`backoff-floor`: frozen as Should",
            "the dialect `lisp` is gone",
            "SP-T99 is gone",
            "SP-T01, `backoff-floor`: frozen",
            "SP-T01 does not set `no-such`",
        ] {
            assert!(differences.contains(part), "{part}: {differences}");
        }
        // What is new is no difference.
        let mut older = edition;
        older.scenarios.remove("SP-T01");
        assert_eq!(older.differences(&set), Vec::<String>::new());
    }
}
