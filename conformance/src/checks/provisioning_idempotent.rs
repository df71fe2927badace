//! `provisioning-idempotent`: setting up a callback leaves a business rule behind, and doing it again
//! leaves no second one.
//!
//! A rule that is there twice calls twice. Looking first, a key that the connector chose itself and
//! replacing what is there all qualify: what is counted is the records that stay.

use std::collections::BTreeMap;

use snowproof_protocol::{Outcome, Verb};
use snowproof_simulator::journal::{Actor, Change, Event, RecordChanged};

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, absent, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct ProvisioningIdempotent;

/// Business rules.
const RULES: &str = "sys_script";

impl Check for ProvisioningIdempotent {
    type Settings = NoSettings;

    const ID: &'static str = "provisioning-idempotent";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "sets up a business rule that calls back, and leaves nothing twice when it is asked again";
    const OF_THE_PROCESS: bool = true;

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let provisions = || evidence.acts.iter().filter(|act| act.verb == Verb::Provision);
        let done = provisions().find(|act| act.said.outcome == Some(Outcome::Success));
        let Some(done) = done else {
            return Ruling::not_applicable("no callback was set up, by its own words");
        };
        let changes = || {
            evidence.journal.iter().filter_map(|entry| match &entry.event {
                Event::RecordChanged(changed) if entry.actor == Actor::Subject => {
                    Some((entry.seq, entry.act, changed))
                }
                _ => None,
            })
        };
        let expected = "one business rule, and nothing twice";
        let touched = changes()
            .any(|(_, _, changed)| changed.table == RULES && changed.change != Change::Deleted);
        if !touched {
            let observed = "success, and no business rule was created or changed";
            return Ruling::of(absent(evidence), expected, observed, []);
        }
        let mut staying: BTreeMap<&str, (u64, u32, &RecordChanged)> = BTreeMap::new();
        for (seq, act, changed) in changes() {
            match changed.change {
                Change::Inserted => {
                    staying.insert(&changed.sys_id, (seq, act, changed));
                }
                Change::Deleted => {
                    staying.remove(changed.sys_id.as_str());
                }
                _ => {}
            }
        }
        let exchanges = wire::of_subject(evidence);
        let sent = |changed: &RecordChanged| {
            let of_change = |each: &&wire::Exchange<'_>| Some(each.request.request) == changed.request;
            let body = exchanges.iter().find(of_change)?.request.body.as_deref()?;
            Some((changed.table.clone(), body.to_owned()))
        };
        let mut known = Vec::new();
        let mut twice = Vec::new();
        let mut in_order: Vec<_> = staying.into_values().collect();
        in_order.sort_by_key(|(seq, ..)| *seq);
        for (seq, act, changed) in in_order {
            let body = sent(changed);
            let again = body.is_some() && known.contains(&body);
            if act > done.act || again {
                twice.push((seq, changed.table.as_str()));
            }
            known.push(body);
        }
        match twice.first() {
            None => Ruling::of(CheckResult::Pass, expected, "nothing is there twice", []),
            Some((_, table)) => Ruling::of(
                CheckResult::Fail,
                expected,
                format!("{} more created, the first in `{table}`", twice.len()),
                twice.iter().map(|(seq, _)| *seq),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        ProvisioningIdempotent::decide(&NoSettings {}, &run.end().evidence()).result
    }

    fn rule(run: &mut Run, sys_id: &str, change: Change, body: &str) {
        run.changes(RULES, sys_id, change);
        run.ask("POST", "/api/now/table/sys_script", Some(body)).ok();
    }

    /// A callback that was set up.
    fn set_up() -> Run {
        let mut run = Run::doing(Verb::Provision, true);
        rule(&mut run, "a", Change::Inserted, "{}");
        run
    }

    #[test]
    fn a_rule_that_is_there_twice_fails() {
        let mut run = set_up();
        run.next_act(Verb::Provision, false);
        rule(&mut run, "b", Change::Inserted, "{}");
        assert_eq!(decide(&mut run), CheckResult::Fail);
        // Also in one act, where an answer was lost.
        let mut run = set_up();
        rule(&mut run, "b", Change::Inserted, "{}");
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn success_without_a_rule_fails() {
        assert_eq!(decide(&mut Run::doing(Verb::Provision, true)), CheckResult::Fail);
    }

    #[test]
    fn writing_the_same_record_again_passes() {
        let mut run = set_up();
        run.next_act(Verb::Provision, false);
        rule(&mut run, "a", Change::Updated, "{}");
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn two_rules_for_two_events_and_a_rule_that_is_replaced_pass() {
        let mut run = set_up();
        rule(&mut run, "b", Change::Inserted, r#"{"name":"deletions"}"#);
        assert_eq!(decide(&mut run), CheckResult::Pass);
        let mut run = set_up();
        rule(&mut run, "a", Change::Deleted, "");
        rule(&mut run, "b", Change::Inserted, "{}");
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn what_a_failed_run_left_undone_may_be_done_later() {
        let mut run = Run::doing(Verb::Provision, false);
        run.says(Outcome::Failure, None, "denied");
        run.next_act(Verb::Provision, false);
        rule(&mut run, "a", Change::Inserted, "{}");
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn where_nothing_was_set_up_it_does_not_apply() {
        let mut run = Run::doing(Verb::Provision, false);
        run.says(Outcome::Failure, None, "denied");
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
        assert_eq!(decide(&mut Run::sync()), CheckResult::NotApplicable);
    }
}
