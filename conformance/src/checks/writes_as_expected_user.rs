//! `writes-as-expected-user`: what the connector writes is put down to the account that it was meant
//! to use. Whoever pressed Allow stands in the audit columns for ever.

use std::collections::{BTreeMap, BTreeSet};

use snowproof_simulator::journal::Event;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;
use crate::scenario::DEFAULT_USER;

/// See the module.
#[derive(Debug)]
pub struct WritesAsExpectedUser;

impl Check for WritesAsExpectedUser {
    type Settings = NoSettings;

    const ID: &'static str = "writes-as-expected-user";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "changes no record as another user than the one it was set up for";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let expected = evidence.scenario.subject.user.as_deref().unwrap_or(DEFAULT_USER);
        // The caller of a request is who the instance writes into `sys_created_by` and
        // `sys_updated_by`.
        let callers: BTreeMap<u64, &str> = wire::of_subject(evidence)
            .iter()
            .filter_map(|exchange| {
                Some((exchange.request.request, exchange.request.user.as_deref()?))
            })
            .collect();
        let (mut changes, mut others) = (0_usize, BTreeSet::new());
        let mut entries = Vec::new();
        for entry in &evidence.journal {
            if let Event::RecordChanged(changed) = &entry.event
                && let Some(caller) = changed.request.and_then(|request| callers.get(&request))
            {
                changes += 1;
                if !caller.eq_ignore_ascii_case(expected) {
                    others.insert(*caller);
                    entries.push(entry.seq);
                }
            }
        }
        let wanted = format!("every change by `{expected}`");
        if changes == 0 {
            // Whoever writes nothing writes nothing as somebody else.
            return Ruling::of(CheckResult::Pass, wanted, "nothing was changed", []);
        }
        if others.is_empty() {
            return Ruling::of(CheckResult::Pass, wanted, "as expected", []);
        }
        let named: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
        let observed = format!("{} of {changes} by {}", entries.len(), named.join(", "));
        Ruling::of(CheckResult::Fail, wanted, observed, entries)
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn written_by(user: Option<&str>) -> Ruling {
        let mut run = Run::write();
        if let Some(user) = user {
            run.creates("a").edit(|request| request.user = Some(user.into())).ok();
        }
        WritesAsExpectedUser::decide(&NoSettings {}, &run.end().evidence())
    }

    #[test]
    fn a_record_of_somebody_else_fails() {
        let ruling = written_by(Some("admin"));
        assert_eq!(ruling.result, CheckResult::Fail);
        assert_eq!(ruling.observed, "1 of 1 by `admin`");
    }

    #[test]
    fn one_s_own_record_passes_and_so_does_none() {
        assert_eq!(written_by(Some("Sync.User")).result, CheckResult::Pass);
        assert_eq!(written_by(None).result, CheckResult::Pass);
    }

    #[test]
    fn changes_that_no_request_made_are_nobody_s() {
        let mut run = Run::write();
        run.get("/api/now/table/t").edit(|request| request.user = Some("admin".into())).ok();
        let ruling = WritesAsExpectedUser::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.observed, "nothing was changed");
    }
}
