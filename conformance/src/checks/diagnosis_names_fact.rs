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
    /// Regular expressions, of which one must match the words, whatever their case. `$host` stands
    /// for the host that the connector was pointed at in the act, with or without its port.
    #[serde(default)]
    pub any_of: Vec<String>,
    /// More of them, of which each must match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub all_of: Vec<String>,
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
        if settings.any_of.is_empty() && settings.all_of.is_empty() {
            return Ruling::not_applicable("no fact is asked for");
        }
        let words: Vec<(String, Option<&str>)> = acts::with_words(evidence)
            .iter()
            .map(|act| {
                let next_step = act.said.next_step.as_deref().unwrap_or_default();
                (format!("{}\n{next_step}", act.said.text), act.host.as_deref())
            })
            .filter(|(words, _)| !words.trim().is_empty())
            .collect();
        if words.is_empty() {
            return Ruling::not_applicable("it said nothing");
        }
        let list = |facts: &[String]| {
            let facts: Vec<String> = facts.iter().map(|fact| format!("`{fact}`")).collect();
            facts.join(", ")
        };
        let one = (!settings.any_of.is_empty()).then(|| format!("one of {}", list(&settings.any_of)));
        let each = (!settings.all_of.is_empty()).then(|| format!("each of {}", list(&settings.all_of)));
        let expected = one.into_iter().chain(each).collect::<Vec<_>>().join(", and ");
        let named = words.iter().all(|(words, host)| {
            let is_named = |fact: &String| match (fact.as_str(), host) {
                (HOST, Some(host)) => names(words, &regex::escape(without_port(host))),
                (HOST, None) => false,
                (fact, _) => names(words, fact),
            };
            let one = settings.any_of.is_empty() || settings.any_of.iter().any(is_named);
            one && settings.all_of.iter().all(is_named)
        });
        Ruling::of(
            if named { CheckResult::Pass } else { CheckResult::Fail },
            expected,
            if named { "named" } else { "not in the words" },
            [],
        )
    }
}

/// What stands for the host of the act.
const HOST: &str = "$host";

/// A host without the port that may follow it.
fn without_port(host: &str) -> &str {
    host.rsplit_once(':').map_or(host, |(host, _)| host)
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
            ..Default::default()
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
    fn each_of_several_facts_is_wanted_and_the_host_is_the_one_of_the_act() {
        let saying = |text: &str, host: Option<&str>| {
            let mut run = Run::check();
            run.act().host = host.map(Into::into);
            run.says(Outcome::Failure, None, text).end();
            let settings = DiagnosisNamesFactSettings {
                all_of: vec!["$host".into(), "basic|password".into()],
                ..Default::default()
            };
            DiagnosisNamesFact::decide(&settings, &run.evidence()).result
        };
        let host = Some("dev1.example:8443");
        assert_eq!(saying("dev1.example takes no password", host), CheckResult::Pass);
        assert_eq!(saying("dev1.example:8443 refuses Basic", host), CheckResult::Pass);
        assert_eq!(saying("dev1.example refuses", host), CheckResult::Fail);
        assert_eq!(saying("dev2.example takes no password", host), CheckResult::Fail);
        assert_eq!(saying("dev1-example takes no password", host), CheckResult::Fail);
        assert_eq!(saying("dev1.example takes no password", None), CheckResult::Fail);
    }

    #[test]
    fn silence_does_not_apply() {
        assert_eq!(saying("", &["x"]), CheckResult::NotApplicable);
        assert_eq!(saying("text", &[]), CheckResult::NotApplicable);
    }
}
