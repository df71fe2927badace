//! `pages-past-short-page`: a page with fewer rows than asked for is not the end.
//!
//! The limit is applied before access controls, so that pages in the middle are short or empty
//! (wire-failures 0.8). How the connector finds the end is left to it.

use std::collections::{BTreeMap, BTreeSet};

use snowproof_protocol::{Outcome, Verb};
use snowproof_simulator::journal::Served;

use super::no_lost_records::TableSettings;
use super::{Axis, Check, CheckResult, Ruling, Severity, acts, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct PagesPastShortPage;

impl Check for PagesPastShortPage {
    type Settings = TableSettings;

    const ID: &'static str = "pages-past-short-page";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "goes on after a page that access controls made short or empty";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        let table = settings.table(evidence);
        let exchanges = wire::of_subject(evidence);
        let mut reads: BTreeMap<u32, Vec<(u64, &Served)>> = BTreeMap::new();
        let mut read: BTreeSet<&str> = BTreeSet::new();
        for exchange in &exchanges {
            let of_sync = evidence.acts.iter().any(|act| {
                act.act == exchange.act
                    && act.verb == Verb::Sync
                    && !acts::was_killed(evidence, act)
            });
            for served in exchange.reads().filter(|served| served.table == table) {
                read.extend(served.sys_ids.iter().map(String::as_str));
                if of_sync && exchange.request.sys_id.is_none() {
                    let pages = reads.entry(exchange.act).or_default();
                    pages.push((exchange.seq, served));
                }
            }
        }
        let short: Vec<u64> = reads
            .values()
            .flatten()
            .filter(|(_, served)| is_short_and_not_last(served))
            .map(|(seq, _)| *seq)
            .collect();
        if short.is_empty() {
            return Ruling::not_applicable("no page but the last was short");
        }
        let expected = "reads on after a short page";
        let unread = settings.truth(evidence).map(|truth| {
            truth
                .must
                .iter()
                .filter(|id| !read.contains(id.as_str()))
                .count()
        });
        if unread == Some(0) {
            return Ruling::of(CheckResult::Pass, expected, "every visible row was read", short);
        }
        let stopped = reads.iter().find_map(|(act, pages)| {
            let last = pages.last().filter(|(_, last)| is_short_and_not_last(last))?;
            Some((*act, last.0))
        });
        let Some((act, seq)) = stopped else {
            return Ruling::of(CheckResult::Pass, expected, "it did not stop at one", short);
        };
        let gave_up = evidence
            .acts
            .iter()
            .any(|each| each.act == act && each.said.outcome == Some(Outcome::Failure));
        // By another way it may have read everything, which nobody can tell of a large table.
        let is_unlisted = settings.unlisted(evidence).is_some();
        let result = if gave_up || is_unlisted || !wire::is_complete(evidence) {
            CheckResult::Inconclusive
        } else {
            CheckResult::Fail
        };
        let missing = match unread {
            Some(rows) => format!(", {rows} visible rows unread"),
            None if is_unlisted => format!("; {}", settings.unknown(evidence)),
            None => String::new(),
        };
        Ruling::of(result, expected, format!("stopped at a short page{missing}"), [seq])
    }
}

/// Whether access controls hid rows of this page, and rows remain behind it.
fn is_short_and_not_last(served: &Served) -> bool {
    served.hidden > 0 && served.offset.saturating_add(served.limit) < served.total
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        PagesPastShortPage::decide(&TableSettings::default(), &run.end().evidence()).result
    }

    fn stops_at_short_page() -> Run {
        let mut run = Run::sync();
        run.truth(&["a", "d"], &["a", "d"]);
        run.get("/api/now/table/t").page(0, 2, 4, &["a"], 1);
        run
    }

    #[test]
    fn stopping_fails() {
        assert_eq!(decide(&mut stops_at_short_page()), CheckResult::Fail);
    }

    #[test]
    fn going_on_by_offset_or_by_key_passes() {
        for next in ["sysparm_offset=2", "sysparm_query=sys_id>b"] {
            let mut run = stops_at_short_page();
            run.get(&format!("/api/now/table/t?{next}")).page(2, 2, 4, &["d"], 1);
            assert_eq!(decide(&mut run), CheckResult::Pass, "{next}");
        }
    }

    #[test]
    fn going_on_within_a_batch_passes() {
        let mut run = stops_at_short_page();
        run.get("/api/now/batch").pages_in_batch(&[("t", 2, 2, 4, &["d"])]);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_failure_for_another_reason_decides_nothing() {
        let mut run = stops_at_short_page();
        run.act().said.outcome = Some(Outcome::Failure);
        assert_eq!(decide(&mut run), CheckResult::Inconclusive);
    }

    #[test]
    fn whoever_stops_in_a_table_too_large_to_be_listed_is_not_judged() {
        let mut run = stops_at_short_page();
        run.evidence.truth.tables.clear();
        run.unlisted(30_000);
        let ruling = PagesPastShortPage::decide(&TableSettings::default(), &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::Inconclusive);
        assert!(ruling.observed.contains("20000"), "{}", ruling.observed);
    }

    #[test]
    fn a_short_last_page_does_not_apply() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").page(0, 10, 4, &["a", "b"], 2);
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
