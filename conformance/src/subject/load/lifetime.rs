//! What a process that lives longer than an act may be told as it is started: nothing that changes
//! while it lives.

use snowproof_protocol::Parameter;

use super::{Checked, Exam};
use crate::subject::{Adapter, Lifetime, SubjectFile};

mod native;
mod service;

impl SubjectFile {
    /// Why its route cannot lead a process that lives as long as this one; none where it can.
    #[must_use]
    pub fn cannot_be_led(&self) -> Option<String> {
        let route = self.route;
        let started_once = self.lifetime == Lifetime::Run;
        (started_once && !route.is_direct()).then(|| {
            format!(
                "the route `{}` leads each scenario its own way, and with `lifetime: run` a process outlives it",
                route.name()
            )
        })
    }
}

impl Exam<'_> {
    pub(super) fn lifetime(&self) -> Checked {
        let lifetime = self.file.lifetime;
        if lifetime.is_act() {
            return Ok(());
        }
        let adapter = self.file.adapter;
        if !matches!(adapter, Adapter::Native | Adapter::Http) {
            let what = format!(
                "`lifetime: {}` does not go with the adapter `{}`, which starts a process for each act",
                lifetime.name(),
                adapter.name()
            );
            let error = self.error(&["lifetime"], what);
            let hint = "leave `lifetime` out; it is for the adapters `native` and `http`";
            return Err(error.hint(hint).into());
        }
        if let Some(why) = self.file.cannot_be_led() {
            let error = self.error(&["route"], why);
            let hint = "write `lifetime: scenario`, or leave `route` out";
            return Err(error.hint(hint).into());
        }
        if adapter == Adapter::Native {
            self.process_outlives()
        } else {
            self.service_outlives()
        }
    }
}

/// How long a parameter keeps its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Term {
    /// For an act.
    Act,
    /// For a scenario, as a rule: a service that is told another value is started again.
    Scenario,
    /// For the run.
    Run,
}

impl Term {
    const fn of(parameter: Parameter) -> Self {
        match parameter {
            Parameter::CaFile | Parameter::CaBundle | Parameter::Truststore => Self::Run,
            Parameter::OutDir
            | Parameter::RunId
            | Parameter::Record
            | Parameter::Records
            | Parameter::SysId
            | Parameter::Attachment
            | Parameter::Message
            | Parameter::WebhookUrl => Self::Act,
            _ => Self::Scenario,
        }
    }
}
