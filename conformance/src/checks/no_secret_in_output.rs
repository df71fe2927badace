//! `no-secret-in-output`: no secret in words, files, records or state, in any of its forms.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct NoSecretInOutput;

impl Check for NoSecretInOutput {
    type Settings = NoSettings;

    const ID: &'static str = "no-secret-in-output";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "writes no secret to its output, files, records or state";
    const STANDS_ALONE: bool = true;
    const OF_THE_PROCESS: bool = true;

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        if evidence.acts.is_empty() {
            return Ruling::not_applicable("nothing was run");
        }
        let mut hits: Vec<String> = evidence
            .acts
            .iter()
            .flat_map(|act| &act.secret_hits)
            .map(|hit| format!("`{}` ({}) in {}", hit.secret, hit.form, hit.found_in))
            .collect();
        hits.sort();
        hits.dedup();
        let expected = "no secret in stdout, stderr, files, records or state";
        if hits.is_empty() {
            return Ruling::of(CheckResult::Pass, expected, "none was found", []);
        }
        hits.truncate(8);
        Ruling::of(CheckResult::Fail, expected, hits.join(", "), [])
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;
    use crate::evidence::SecretHit;

    #[test]
    fn a_hit_fails_and_is_named() {
        let mut run = Run::check();
        run.act().secret_hits.push(SecretHit {
            secret: "password".into(),
            form: "base64".into(),
            found_in: "stderr".into(),
        });
        let ruling = NoSecretInOutput::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::Fail);
        assert_eq!(ruling.observed, "`password` (base64) in stderr");
    }

    #[test]
    fn words_without_secrets_pass() {
        let mut run = Run::check();
        run.says(
            snowproof_protocol::Outcome::Failure,
            None,
            "the password of sync.user was refused",
        );
        let ruling = NoSecretInOutput::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::Pass);
    }

    #[test]
    fn nothing_run_does_not_apply() {
        let mut evidence = Run::check().evidence();
        evidence.acts.clear();
        let ruling = NoSecretInOutput::decide(&NoSettings {}, &evidence);
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
