//! `diagnosis-distinguishes`: different causes read differently.
//!
//! Acts of which no cause is right for both must not end with the same words: whoever reads
//! "connection failed" five times has to find out five times what is to be done. Causes that the
//! wire cannot tell apart may read alike. `telling` holds the rule; a report asks it of a whole run.

use super::telling::Telling;
use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct DiagnosisDistinguishes;

impl Check for DiagnosisDistinguishes {
    type Settings = NoSettings;

    const ID: &'static str = "diagnosis-distinguishes";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Diagnosis;
    const DEMANDS: &'static str = "says different things about different causes";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        if !evidence.subject.has_words {
            return Ruling::not_applicable("its words cannot be read");
        }
        let tellings = Telling::all(evidence);
        let mut pairs = 0;
        for (at, one) in tellings.iter().enumerate() {
            for other in &tellings[at + 1..] {
                if one.confuses(other) {
                    let said: String = one.said.chars().take(160).collect();
                    let observed = format!("acts {} and {} both say `{said}`", one.act, other.act);
                    return Ruling::of(CheckResult::Fail, EXPECTED, observed, []);
                }
                pairs += usize::from(!one.causes.iter().any(|class| other.causes.contains(class)));
            }
        }
        if pairs == 0 {
            return Ruling::not_applicable("no two acts have causes that can be told apart");
        }
        Ruling::of(CheckResult::Pass, EXPECTED, "no two read alike", [])
    }
}

const EXPECTED: &str = "other words for another cause";

#[cfg(test)]
mod tests {
    use snowproof_protocol::{Outcome, Verb};

    use super::super::synthetic::Run;
    use super::*;
    use crate::diagnosis::Class;
    use crate::scenario::ExpectedOutcome;

    /// What is right for each act, what it says, and in which words.
    fn decide(acts: &[(&[Class], Option<Class>, &str)]) -> CheckResult {
        let mut run = Run::check();
        run.evidence.scenario.outcome = ExpectedOutcome::Failure;
        for (at, (right, class, text)) in acts.iter().enumerate() {
            if at > 0 {
                run.next_act(Verb::Check, false);
            }
            run.evidence.scenario.acts[at].any_of = Some(right.to_vec());
            run.says(Outcome::Failure, *class, text);
            run.end();
        }
        DiagnosisDistinguishes::decide(&NoSettings {}, &run.evidence()).result
    }

    const PASSWORD: &[Class] = &[Class::AuthInvalidCredentials];
    const TIMEOUT: &[Class] = &[Class::NetConnectTimeout, Class::NetReadTimeout];

    #[test]
    fn one_class_or_one_text_for_two_causes_fails() {
        let down = Some(Class::InstanceUnavailable);
        let alike = [(PASSWORD, down, "a"), (TIMEOUT, down, "b")];
        assert_eq!(decide(&alike), CheckResult::Fail);
        let failed = "connection failed";
        let alike = [(PASSWORD, None, failed), (TIMEOUT, None, failed)];
        assert_eq!(decide(&alike), CheckResult::Fail);
    }

    #[test]
    fn each_cause_in_its_own_words_passes() {
        let told = [
            (PASSWORD, Some(Class::AuthInvalidCredentials), "x"),
            (TIMEOUT, Some(Class::NetReadTimeout), "x"),
        ];
        assert_eq!(decide(&told), CheckResult::Pass);
        let told = [
            (PASSWORD, None, "401 for the user"),
            (TIMEOUT, None, "nothing within 30 s"),
        ];
        assert_eq!(decide(&told), CheckResult::Pass);
    }

    #[test]
    fn causes_that_the_wire_cannot_tell_apart_may_read_alike() {
        let locked: &[Class] = &[Class::AuthAccountLocked, Class::AuthInvalidCredentials];
        let same = Some(Class::AuthInvalidCredentials);
        let alike = [(PASSWORD, same, "401"), (locked, same, "401")];
        assert_eq!(decide(&alike), CheckResult::NotApplicable);
        let third = (TIMEOUT, Some(Class::NetReadTimeout), "nothing came");
        let alike = [(PASSWORD, same, "401"), (locked, same, "401"), third];
        assert_eq!(decide(&alike), CheckResult::Pass);
    }

    #[test]
    fn without_words_it_does_not_apply() {
        let mut run = Run::check();
        run.evidence.subject.has_words = false;
        let ruling = DiagnosisDistinguishes::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
