//! `no-duplicate-create`: one record was asked for, so that one is created at most.
//!
//! A look-up before another attempt, a key that the connector chose itself or an import that
//! coalesces all qualify: what is counted is the records.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct NoDuplicateCreate;

impl Check for NoDuplicateCreate {
    type Settings = NoSettings;

    const ID: &'static str = "no-duplicate-create";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "creates what it is asked for no more than once, also where an answer is lost, and nothing else";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let writings = wire::writings(evidence);
        let beyond = |writing: &wire::Writing<'_>| writing.created.len() - writing.created.len().min(writing.may_create());
        let worst = writings
            .iter()
            .max_by_key(|writing| (beyond(writing), writing.created.len()));
        let Some(worst) = worst else {
            return Ruling::not_applicable("nothing was to be written");
        };
        Ruling::of(
            if beyond(worst) > 0 { CheckResult::Fail } else { CheckResult::Pass },
            "what is asked for created once at most",
            format!("{} created {}×", worst.record(), worst.created.len()),
            worst.created.iter().copied(),
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Verb;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        NoDuplicateCreate::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_replay_that_creates_again_fails() {
        let mut run = Run::write();
        run.creates("a").cut();
        run.creates("b").ok();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn a_replay_of_what_was_not_processed_passes() {
        let mut run = Run::write();
        run.ask("POST", "/api/now/table/t", Some("{}")).cut();
        run.creates("a").ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_resumed_act_counts_with_the_one_before_and_a_new_one_by_itself() {
        for (resumed, result) in [(true, CheckResult::Fail), (false, CheckResult::Pass)] {
            let mut run = Run::write();
            run.creates("a").cut();
            run.next_act(Verb::Write, resumed);
            run.creates("b").ok();
            assert_eq!(decide(&mut run), result);
        }
    }

    #[test]
    fn a_file_or_a_message_that_is_sent_twice_fails_and_its_look_up_passes() {
        for (verb, path, table) in [
            (Verb::Attach, "/api/now/attachment/file", "sys_attachment"),
            (Verb::Email, "/api/now/email", "sys_email"),
        ] {
            let mut run = Run::doing(verb, true);
            run.posts(path, table, "x").cut();
            run.get("/api/now/attachment?sysparm_query=table_sys_id=a").ok();
            assert_eq!(decide(&mut run), CheckResult::Pass, "{verb}");
            let mut run = Run::doing(verb, true);
            run.posts(path, table, "x").cut();
            run.posts(path, table, "y").ok();
            assert_eq!(decide(&mut run), CheckResult::Fail, "{verb}");
        }
    }

    #[test]
    fn a_change_that_creates_a_record_fails_and_one_that_is_repeated_passes() {
        let mut run = Run::doing(Verb::Update, true);
        run.ask("PATCH", "/api/now/table/t/a", Some("{}")).cut();
        run.ask("PATCH", "/api/now/table/t/a", Some("{}")).ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
        run.posts("/api/now/table/t", "t", "b").ok();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn of_several_records_each_is_created_once() {
        for (held, result) in [(3, CheckResult::Pass), (2, CheckResult::Fail)] {
            let mut run = Run::writing_several(3, held);
            for sys_id in ["a", "b", "c"] {
                run.creates(sys_id).ok();
            }
            assert_eq!(decide(&mut run), result, "{held}");
        }
    }

    #[test]
    fn other_tables_and_other_acts_do_not_count() {
        let mut run = Run::write();
        run.creates("a").ok();
        run.evidence.scenario.write_table = "u".into();
        assert_eq!(decide(&mut run), CheckResult::Pass);
        let mut run = Run::sync();
        run.creates("a").ok();
        run.creates("b").ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
