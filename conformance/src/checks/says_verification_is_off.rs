//! `says-verification-is-off`: whoever does not check certificates says so each time.
//!
//! A switch that was meant for one afternoon stays on for years, and nobody is told that the
//! password goes to whoever answers. Its final words count, by class or in plain language, and so do
//! warnings on the way.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts};
use crate::diagnosis::Class;
use crate::evidence::{Evidence, Said};
use crate::scenario::Verify;

/// See the module.
#[derive(Debug)]
pub struct SaysVerificationIsOff;

/// Beginnings of words that say it by themselves, as urllib3, requests and httpx do.
const BY_THEMSELVES: [&str; 4] = ["unverified", "insecure", "not verif", "without verif"];

/// What is switched off, and that it is.
const THINGS: [&str; 4] = ["verif", "certificate", "ssl", "tls"];
const IS_OFF: [&str; 9] = [
    " off", "disabled", "skipp", "not check", "unchecked", "ignor", "any certificate", "bypass",
    "not validated",
];

impl Check for SaysVerificationIsOff {
    type Settings = NoSettings;

    const ID: &'static str = "says-verification-is-off";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Diagnosis;
    const DEMANDS: &'static str =
        "warns its user, each time, that certificates are not checked when that is switched off";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        if evidence.scenario.subject.verify != Some(Verify::Off) {
            return Ruling::not_applicable("certificates are to be checked");
        }
        if !evidence.subject.has_words {
            return Ruling::not_applicable("its words cannot be read");
        }
        let silent: Vec<String> = evidence
            .acts
            .iter()
            .filter(|act| !acts::was_killed(evidence, act) && !warns(&act.said))
            .map(|act| format!("act {} does not", act.act))
            .collect();
        let expected = "its words or a warning say that certificates are not checked";
        if silent.is_empty() {
            return Ruling::of(CheckResult::Pass, expected, "they do", []);
        }
        Ruling::of(CheckResult::Fail, expected, silent.join(", "), [])
    }
}

fn warns(said: &Said) -> bool {
    if said.class == Some(Class::TlsVerificationOff)
        || said.candidates.contains(&Class::TlsVerificationOff)
    {
        return true;
    }
    std::iter::once(&said.text).chain(&said.warnings).any(|text| {
        let text = text.to_lowercase();
        let mentions = |words: &[&str]| words.iter().any(|word| text.contains(word));
        mentions(&BY_THEMSELVES) || (mentions(&THINGS) && mentions(&IS_OFF))
    })
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Outcome;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(verify: Verify, class: Option<Class>, text: &str) -> CheckResult {
        let mut run = Run::check();
        run.evidence.scenario.subject.verify = Some(verify);
        run.says(Outcome::Success, class, text);
        SaysVerificationIsOff::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn silence_and_other_words_fail() {
        let certificate = "the certificate is self-signed";
        for text in ["", "connected to https://dev1.service-now.com", certificate] {
            assert_eq!(decide(Verify::Off, None, text), CheckResult::Fail, "{text}");
        }
    }

    #[test]
    fn a_warning_in_plain_words_passes() {
        for text in [
            "Unverified HTTPS request is being made to host '127.0.0.1'",
            "connected; certificate checks are switched off",
            "SSL verification is disabled for this connection",
        ] {
            assert_eq!(decide(Verify::Off, None, text), CheckResult::Pass, "{text}");
        }
        let class = Some(Class::TlsVerificationOff);
        assert_eq!(decide(Verify::Off, class, ""), CheckResult::Pass);
    }

    #[test]
    fn a_warning_on_the_way_passes_and_one_about_something_else_fails() {
        let warned = |text: &str| {
            let mut run = Run::check();
            run.evidence.scenario.subject.verify = Some(Verify::Off);
            run.says(Outcome::Success, None, "");
            run.act().said.warnings = vec![text.into()];
            SaysVerificationIsOff::decide(&NoSettings {}, &run.end().evidence()).result
        };
        let said = "InsecureRequestWarning: Unverified HTTPS request is being made";
        assert_eq!(warned(said), CheckResult::Pass);
        assert_eq!(warned("warning: 3 rows are hidden"), CheckResult::Fail);
    }

    #[test]
    fn with_checks_on_it_does_not_apply() {
        assert_eq!(decide(Verify::On, None, ""), CheckResult::NotApplicable);
    }

    #[test]
    fn without_words_it_does_not_apply() {
        let mut run = Run::check();
        run.evidence.scenario.subject.verify = Some(Verify::Off);
        run.evidence.subject.has_words = false;
        let ruling = SaysVerificationIsOff::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
