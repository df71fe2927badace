//! `diagnosis-first-cause`: what the instance said is not overwritten by a connection that broke
//! later.
//!
//! An outage often ends with a cut line: the retries of a 503 meet a reset. The first answer named
//! the cause; who reports the last error sends its user to the network.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct DiagnosisFirstCause;

impl Check for DiagnosisFirstCause {
    type Settings = NoSettings;

    const ID: &'static str = "diagnosis-first-cause";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Diagnosis;
    const DEMANDS: &'static str =
        "blames what the instance answered, not the connection that broke while it tried again";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        if !evidence.subject.has_words {
            return Ruling::not_applicable("its words cannot be read");
        }
        let exchanges = wire::of_subject(evidence);
        let expected = "the cause that the instance named first";
        let mut met = Vec::new();
        for act in acts::with_words(evidence) {
            let of_act: Vec<_> = exchanges
                .iter()
                .filter(|each| each.act == act.act)
                .copied()
                .collect();
            let chains = wire::chains(&of_act);
            let Some(chain) = chains.iter().find(|chain| named_then_broken(chain)) else {
                continue;
            };
            met.extend(chain.entries());
            match act.said.class {
                Some(class) if class.to_string().starts_with("net.") => {
                    return Ruling::of(
                        CheckResult::Fail,
                        expected,
                        format!("`{class}`, which came later"),
                        chain.entries(),
                    );
                }
                Some(_) => {}
                None => {
                    return Ruling::of(
                        CheckResult::NotMeasured,
                        expected,
                        "no class was said",
                        chain.entries(),
                    );
                }
            }
        }
        if met.is_empty() {
            return Ruling::not_applicable("no call ended with another failure than it began with");
        }
        Ruling::of(CheckResult::Pass, expected, "no later failure is blamed", met)
    }
}

/// Whether a call was first answered with a failure and in the end not answered at all.
fn named_then_broken(chain: &wire::Chain<'_>) -> bool {
    let (Some(first), Some(last)) = (chain.attempts.first(), chain.attempts.last()) else {
        return false;
    };
    first.failed() && first.delivered() && last.failed() && !last.delivered()
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Outcome;
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;
    use crate::diagnosis::Class;

    fn blames(class: Option<Class>) -> CheckResult {
        let mut run = Run::sync();
        run.evidence.scenario.outcome = crate::scenario::ExpectedOutcome::Failure;
        run.get("/api/now/table/t").fails(503, Condition::Down);
        run.wait(300);
        run.get("/api/now/table/t").cut();
        run.says(Outcome::Failure, class, "it failed");
        DiagnosisFirstCause::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn blaming_the_connection_fails() {
        assert_eq!(blames(Some(Class::NetReset)), CheckResult::Fail);
    }

    #[test]
    fn blaming_the_instance_passes() {
        assert_eq!(blames(Some(Class::InstanceUnavailable)), CheckResult::Pass);
        assert_eq!(blames(None), CheckResult::NotMeasured);
    }

    #[test]
    fn a_connection_that_only_broke_does_not_apply() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").cut();
        run.wait(300);
        run.get("/api/now/table/t").cut();
        run.says(Outcome::Failure, Some(Class::NetReset), "reset");
        let ruling = DiagnosisFirstCause::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
