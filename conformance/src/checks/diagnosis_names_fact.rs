//! `diagnosis-names-fact`: the words name what the user has to look at: the table, the role, the
//! host, the date or the wait.

use regex::RegexBuilder;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Axis, Check, CheckResult, Ruling, Severity, acts};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct DiagnosisNamesFact;

/// Settings of `diagnosis-names-fact`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiagnosisNamesFactSettings {
    /// Regular expressions, of which one must match the words, whatever their case.
    #[serde(default)]
    pub any_of: Vec<String>,
}

impl Check for DiagnosisNamesFact {
    type Settings = DiagnosisNamesFactSettings;

    const ID: &'static str = "diagnosis-names-fact";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Diagnosis;
    const DEMANDS: &'static str = "names the table, role, host, date or wait that it is about";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        if !evidence.subject.has_words {
            return Ruling::not_applicable("its words cannot be read");
        }
        if settings.any_of.is_empty() {
            return Ruling::not_applicable("no fact is asked for");
        }
        let words: Vec<String> = acts::with_words(evidence)
            .iter()
            .map(|act| {
                let next_step = act.said.next_step.as_deref().unwrap_or_default();
                format!("{}\n{next_step}", act.said.text)
            })
            .filter(|words| !words.trim().is_empty())
            .collect();
        if words.is_empty() {
            return Ruling::not_applicable("it said nothing");
        }
        let expected = format!(
            "one of {}",
            settings
                .any_of
                .iter()
                .map(|fact| format!("`{fact}`"))
                .collect::<Vec<_>>()
                .join(", ")
        );
        let named = words
            .iter()
            .all(|words| settings.any_of.iter().any(|fact| names(words, fact)));
        Ruling::of(
            if named { CheckResult::Pass } else { CheckResult::Fail },
            expected,
            if named { "named" } else { "none of them in the words" },
            [],
        )
    }
}

fn names(words: &str, fact: &str) -> bool {
    RegexBuilder::new(fact)
        .case_insensitive(true)
        .size_limit(1 << 20)
        .build()
        .map_or_else(
            |_| words.to_lowercase().contains(&fact.to_lowercase()),
            |pattern| pattern.is_match(words),
        )
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Outcome;

    use super::super::synthetic::Run;
    use super::*;

    fn saying(text: &str, any_of: &[&str]) -> CheckResult {
        let mut run = Run::check();
        run.says(Outcome::Failure, None, text).end();
        let settings = DiagnosisNamesFactSettings {
            any_of: any_of.iter().map(|fact| (*fact).into()).collect(),
        };
        DiagnosisNamesFact::decide(&settings, &run.evidence()).result
    }

    #[test]
    fn words_without_the_fact_fail() {
        assert_eq!(saying("no access", &["cmdb_ci_server", "cmdb_read"]), CheckResult::Fail);
    }

    #[test]
    fn one_of_the_facts_in_any_case_passes() {
        assert_eq!(saying("needs CMDB_READ", &["cmdb_ci_server", "cmdb_read"]), CheckResult::Pass);
        assert_eq!(saying("wait 3 s", &[r"\b3\s?s"]), CheckResult::Pass);
        assert_eq!(saying("a (b", &["(b"]), CheckResult::Pass);
    }

    #[test]
    fn silence_does_not_apply() {
        assert_eq!(saying("", &["x"]), CheckResult::NotApplicable);
        assert_eq!(saying("text", &[]), CheckResult::NotApplicable);
    }
}
