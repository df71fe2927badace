//! Whether a subject can be asked what a scenario asks.

use snowproof_protocol::Verb;

use super::{Adapter, Capability, RunKey, Subject};
use crate::scenario::Merged;

impl Subject {
    /// Why a scenario does not apply to this subject; none when it does.
    #[must_use]
    pub fn inapplicable(&self, scenario: &Merged) -> Option<String> {
        let file = &scenario.file;
        for act in &file.acts {
            if let Some(reason) = self.cannot_do(act.verb) {
                return Some(reason);
            }
            if act.resume && !self.can(Capability::Resume) {
                return Some(self.lacks(Capability::Resume, "cannot resume"));
            }
        }
        for parameter in &file.parameters {
            if !self.settable.contains(parameter) {
                return Some(format!(
                    "cannot set {parameter}: the manifest places {{{parameter}}} nowhere"
                ));
            }
        }
        let parallel = file
            .subject
            .as_ref()
            .and_then(|subject| subject.parallelism)
            .is_some_and(|parallelism| parallelism > 1);
        if parallel && !self.can(Capability::Parallel) {
            return Some(self.lacks(
                Capability::Parallel,
                "cannot keep several requests in flight",
            ));
        }
        None
    }

    fn cannot_do(&self, verb: Verb) -> Option<String> {
        let capability = match verb {
            Verb::Check => Capability::Check,
            Verb::Sync => Capability::Sync,
            Verb::Write => Capability::Write,
        };
        let has_command = match self.file.adapter {
            Adapter::Native => true,
            Adapter::Command => self.file.run.contains_key(&RunKey::from(verb)),
        };
        (!self.can(capability) || !has_command)
            .then(|| self.lacks(capability, &format!("cannot {verb}")))
    }

    fn can(&self, capability: Capability) -> bool {
        self.file.capabilities.contains(&capability)
            && !self.file.not_supported.contains_key(&capability)
    }

    fn lacks(&self, capability: Capability, what: &str) -> String {
        match self.file.not_supported.get(&capability) {
            Some(reason) => format!("{what}: {reason}"),
            None => what.to_owned(),
        }
    }
}
