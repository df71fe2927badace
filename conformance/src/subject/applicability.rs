//! Whether a subject can be asked what a scenario asks.

use snowproof_protocol::{Parameter, Verb};
use snowproof_simulator::setup::{Action, RedirectTo};

use super::{Adapter, Capability, Route, RunKey, Subject};
use crate::checks::OUT_OF_SCOPE;
use crate::scenario::{AuthMethod, Merged, ScenarioFile};

impl Subject {
    /// Why a scenario does not apply to this subject; none when it does.
    #[must_use]
    pub fn inapplicable(&self, scenario: &Merged) -> Option<String> {
        let file = &scenario.file;
        let beyond = |name: &str| self.file.out_of_scope.get(name);
        if let Some(why) = beyond(&scenario.name()).or_else(|| beyond(&file.code)) {
            return Some(format!("{OUT_OF_SCOPE}{why}"));
        }
        for act in &file.acts {
            if let Some(reason) = self.cannot_do(act.verb) {
                return Some(reason);
            }
            if act.changes && !self.can(Capability::Incremental) {
                let what = "does not sync by what changed";
                return Some(self.lacks(Capability::Incremental, what));
            }
            if act.resume && !self.can(Capability::Resume) {
                return Some(self.lacks(Capability::Resume, "cannot resume"));
            }
        }
        if let Some(reason) = self.cannot_authenticate(file) {
            return Some(reason);
        }
        for parameter in &file.parameters {
            if !self.can_set(*parameter) {
                return Some(format!(
                    "cannot set {parameter}: the manifest places {{{parameter}}} nowhere"
                ));
            }
        }
        if let Some(reason) = self.cannot_be_pointed(file) {
            return Some(reason);
        }
        let keeps_cookies = file
            .subject
            .as_ref()
            .is_some_and(|subject| subject.keeps_cookies == Some(true));
        if keeps_cookies && !self.can(Capability::Cookies) {
            return Some(self.lacks(Capability::Cookies, "keeps no cookies"));
        }
        let several = file.subject.as_ref().and_then(|subject| subject.records);
        if several.is_some() && !self.can(Capability::Batch) {
            let what = "creates no records by the Batch API";
            return Some(self.lacks(Capability::Batch, what));
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
            Verb::Connect => Capability::Connect,
            Verb::Update => Capability::Update,
            Verb::Attach => Capability::Attach,
            Verb::Email => Capability::Email,
            Verb::Provision => Capability::Provision,
        };
        let has_command = match self.file.adapter {
            Adapter::Native => true,
            Adapter::Command => self.file.run.contains_key(&RunKey::from(verb)),
            Adapter::Airbyte | Adapter::Singer => matches!(verb, Verb::Check | Verb::Sync),
            Adapter::Http => {
                let service = self.file.service.as_ref();
                service.is_some_and(|service| service.ask.contains_key(&verb))
            }
        };
        (!self.can(capability) || !has_command)
            .then(|| self.lacks(capability, &format!("cannot {verb}")))
    }

    /// Why the subject cannot authenticate as the scenario wants. One that names no method at all
    /// takes user name and password.
    fn cannot_authenticate(&self, file: &ScenarioFile) -> Option<String> {
        let settings = file.subject.as_ref();
        let method = settings
            .and_then(|settings| settings.auth_method)
            .unwrap_or_default();
        let needed = method.capability();
        let names_none = AuthMethod::ALL
            .iter()
            .all(|method| !self.file.capabilities.contains(&method.capability()));
        if self.can(needed) || (method == AuthMethod::Basic && names_none) {
            return None;
        }
        let what = format!("cannot authenticate by {}", method.name());
        Some(self.lacks(needed, &what))
    }

    /// Why the subject cannot be given the URL, or cannot meet the port, that a scenario is about.
    fn cannot_be_pointed(&self, file: &ScenarioFile) -> Option<String> {
        let settings = file.subject.as_ref();
        let form = settings
            .and_then(|settings| settings.address)
            .unwrap_or_default();
        let places = |parameter| self.settable.contains(&parameter);
        let by_parts =
            form.is_said_by_host_and_port() && places(Parameter::Host) && places(Parameter::Port);
        if let Some(what) = form.words()
            && !by_parts
            && !places(Parameter::BaseUrl)
        {
            return Some(format!(
                "cannot be told that {what}: the manifest places {{base_url}} nowhere"
            ));
        }
        if self.file.route != Route::Proxy {
            return None;
        }
        if let Some(what) = form.words()
            && form.is_undone_by_a_proxy()
        {
            return Some(format!(
                "cannot be met behind a proxy, which leads every name to the instance: {what}"
            ));
        }
        if leads_to_http(file) {
            return Some(
                "cannot be met behind a proxy that is given for https alone: a redirect to http"
                    .to_owned(),
            );
        }
        sets_port(file).then(|| {
            "cannot be met behind a proxy: what the instance's own port does with whoever connects"
                .to_owned()
        })
    }

    /// Whether the manifest places a parameter. An address may also be put together from its parts.
    fn can_set(&self, parameter: Parameter) -> bool {
        let places = |parameter| self.settable.contains(&parameter);
        places(parameter)
            || (parameter == Parameter::BaseUrl
                && (places(Parameter::InstanceName)
                    || (places(Parameter::Host) && places(Parameter::Port))))
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

/// Whether an instance of a scenario sends its callers on to an address without TLS.
fn leads_to_http(file: &ScenarioFile) -> bool {
    let mut instances = file.instances.iter().flat_map(|them| them.values());
    instances.any(|instance| {
        let redirects = instance.redirects.as_ref();
        redirects.is_some_and(|it| it.to == Some(RedirectTo::PlainHttp))
    })
}

/// Whether a scenario is about the instance's port, from the start or later.
fn sets_port(file: &ScenarioFile) -> bool {
    let from_the_start = file
        .instances
        .iter()
        .flat_map(|instances| instances.values())
        .any(|instance| instance.port.is_some());
    let steps = file.steps.iter().flat_map(|steps| steps.values());
    from_the_start
        || steps
            .flat_map(|step| step.actions.iter().flatten())
            .any(|action| matches!(action, Action::SetPort(_)))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::scenario::ScenarioSet;
    use crate::yaml::SourceFile;

    /// Why a subject that is told so, and comes by this route, is not asked a shipped scenario.
    fn why_not(told: &str, route: &str, scenario: &str) -> Option<String> {
        let source = SourceFile {
            name: "subject.yaml".to_owned(),
            text: format!(
                "schema: snowproof.subject/1\nsubject: named\nadapter: command\nroute: {route}\n\
                 run: {{ check: [\"true\"], sync: [\"true\"] }}\ncapabilities: [check, sync, basic]\n\
                 env: {{ A: \"{told}\", B: \"{{user}} {{password}} {{table}} {{timeout}}\" }}\n"
            ),
        };
        let subject = Subject::read(&source, PathBuf::from("/"))
            .unwrap_or_else(|error| panic!("{}", error.rendered()));
        let set = ScenarioSet::embedded().unwrap_or_else(|error| panic!("{}", error.rendered()));
        subject.inapplicable(set.find(scenario).unwrap())
    }

    #[test]
    fn behind_a_proxy_neither_a_name_nor_the_port_leads_nowhere() {
        for scenario in [
            "SP-U01/wrong-domain",
            "SP-U03",
            "SP-U03/closed-port",
            "SP-N03",
            "SP-N03/mid-sync",
            "SP-N04",
            "SP-N05",
        ] {
            let why = why_not("{base_url}", "proxy", scenario).unwrap_or_default();
            assert!(
                why.starts_with("cannot be met behind a proxy"),
                "{scenario}: {why}"
            );
            assert_eq!(why_not("{base_url}", "hosts", scenario), None, "{scenario}");
        }
        for scenario in ["SP-U02/custom-name", "SP-U03/edge-answers", "SP-C01"] {
            assert_eq!(why_not("{base_url}", "proxy", scenario), None, "{scenario}");
        }
    }

    #[test]
    fn a_redirect_to_http_is_not_met_behind_a_proxy_for_https() {
        let why = why_not("{base_url}", "proxy", "SP-U11").unwrap_or_default();
        assert!(why.contains("redirect to http"), "{why}");
        assert_eq!(why_not("{base_url}", "hosts", "SP-U11"), None);
    }

    #[test]
    fn what_is_not_its_task_is_not_asked_with_its_variants_or_alone() {
        let beyond = "{base_url}\" }\nout_of_scope: { SP-U02: ours, SP-U03/closed-port: ours }\n#";
        for (scenario, asked) in [
            ("SP-U02", false),
            ("SP-U02/with-page", false),
            ("SP-U03/closed-port", false),
            ("SP-U03", true),
        ] {
            let why = why_not(beyond, "direct", scenario);
            assert_eq!(
                why.as_deref() != Some("not its task: ours"),
                asked,
                "{scenario}"
            );
        }
    }

    #[test]
    fn several_records_are_asked_of_whoever_says_that_it_batches() {
        let set = ScenarioSet::embedded().unwrap_or_else(|error| panic!("{}", error.rendered()));
        let why_not = |capabilities: &str| {
            let source = SourceFile {
                name: "subject.yaml".to_owned(),
                text: format!(
                    "schema: snowproof.subject/1\nsubject: named\nadapter: native\n\
                     run: {{ native: [\"true\"] }}\ncapabilities: [write, basic{capabilities}]\n"
                ),
            };
            let subject = Subject::read(&source, PathBuf::from("/"))
                .unwrap_or_else(|error| panic!("{}", error.rendered()));
            subject.inapplicable(set.find("SP-T16").unwrap())
        };
        let lacks = "creates no records by the Batch API";
        assert_eq!(why_not("").as_deref(), Some(lacks));
        assert_eq!(why_not(", batch"), None);
    }

    #[test]
    fn a_form_of_the_url_is_told_by_the_url_or_by_parts_that_can_say_it() {
        for scenario in ["SP-U02", "SP-U03"] {
            let why = why_not("{instance_name}", "hosts", scenario).unwrap_or_default();
            assert!(why.starts_with("cannot be told that"), "{scenario}: {why}");
        }
        assert_eq!(why_not("{host} {port}", "direct", "SP-U03"), None);
        assert!(why_not("{host} {port}", "direct", "SP-U02").is_some());
        assert_eq!(
            why_not("{instance_name}", "hosts", "SP-U03/edge-answers"),
            None
        );
    }
}
