//! What a manifest says of a service: what it can be asked, and what only a service is told.

use snowproof_protocol::Parameter;

use super::{Checked, Exam};
use crate::subject::{Adapter, LISTEN_PORT, Lifetime, SINK_URL, Service};

impl Exam<'_> {
    /// What a service needs: something that it can be asked, and pointers that are some.
    pub(super) fn service(&self) -> Checked {
        let Some(service) = &self.file.service else {
            let error = self.error(&["adapter"], "the entry `service` is missing".to_owned());
            let hint =
                "it says what the service is asked: `snowproof init --adapter http` shows one";
            return Err(error.hint(hint).into());
        };
        if service.ask.is_empty() {
            let error = self.error(&["service", "ask"], "nothing is asked".to_owned());
            return Err(error.into());
        }
        self.at_once(service)?;
        let Some(status) = &service.status else {
            return Ok(());
        };
        self.pointer(&status.state, &["service", "status", "state"])?;
        let job = status.job.as_deref().unwrap_or_default();
        self.pointer(job, &["service", "status", "job"])
    }

    fn at_once(&self, service: &Service) -> Checked {
        let path = ["service", "scenarios_at_once"];
        let at_once = service.scenarios_at_once;
        if !Service::AT_ONCE.contains(&at_once) {
            let error = self.error(&path, format!("{at_once} scenarios at once are not served"));
            return Err(error.hint("write a number from 1 to 64").into());
        }
        if at_once > 1 && self.file.lifetime != Lifetime::Run {
            let what = format!(
                "a service of `lifetime: {}` serves one scenario",
                self.file.lifetime.name()
            );
            let error = self.error(&path, what);
            return Err(error
                .hint("write `lifetime: run`, or leave this out")
                .into());
        }
        Ok(())
    }

    /// Checks what a service is asked before a scenario.
    pub(super) fn reset_templates(&self, used: &mut Vec<Parameter>) -> Checked {
        let service = self.file.service.as_ref();
        let Some(reset) = service.and_then(|service| service.reset.as_ref()) else {
            return Ok(());
        };
        let path = ["service", "reset"];
        self.template(&reset.path, &path, used)?;
        for text in reset.body.iter().flat_map(super::texts) {
            self.template(text, &path, used)?;
        }
        Ok(())
    }

    /// Whether a name is one that only a service is told, at a place where it is.
    pub(super) fn is_of_a_service(&self, name: &str, path: &[&str]) -> Checked<bool> {
        if self.file.adapter != Adapter::Http {
            return Ok(false);
        }
        let in_command = path[0] == "run";
        if name == LISTEN_PORT {
            return Ok(in_command);
        }
        if name != SINK_URL || !(in_command || path.starts_with(&["service", "ask"])) {
            return Ok(false);
        }
        if self
            .file
            .records
            .as_ref()
            .is_some_and(|records| records.sink)
        {
            return Ok(true);
        }
        let what = "`{sink_url}` leads nowhere: there is no sink".to_owned();
        let hint = "write `records: { sink: true, key: /sys_id }`";
        Err(self.error(path, what).hint(hint).into())
    }
}
