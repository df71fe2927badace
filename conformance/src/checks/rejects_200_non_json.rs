//! `rejects-200-non-json`: a page in place of an answer is neither success nor an empty result.
//!
//! A sleeping instance answers every path with status 200 and HTML (wire-failures 6.1); JSON that
//! breaks off is no answer either.

use std::collections::BTreeMap;

use snowproof_protocol::Outcome;
use snowproof_simulator::journal::Condition;
use snowproof_simulator::setup::Malformation;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, acts, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct Rejects200NonJson;

impl Check for Rejects200NonJson {
    type Settings = NoSettings;

    const ID: &'static str = "rejects-200-non-json";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "does not take a page with status 200 for a good answer";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let expected = "no success after a page in place of an answer";
        let (mut met, mut accepted, mut undecided) = (Vec::new(), Vec::new(), false);
        for act in &evidence.acts {
            if acts::was_killed(evidence, act) {
                continue;
            }
            let within: Vec<_> = exchanges
                .iter()
                .filter(|each| each.act == act.act)
                .map(|each| (wire::Op::of(each), each))
                .collect();
            let mut last_pages: BTreeMap<&wire::Op, usize> = BTreeMap::new();
            for (index, (op, each)) in within.iter().enumerate() {
                if is_page(each, evidence) {
                    met.push(each.seq);
                    last_pages.insert(op, index);
                }
            }
            for (op, index) in last_pages {
                let page = within[index].1;
                let answered_later = within[index + 1..]
                    .iter()
                    .any(|(later, each)| !each.failed() && later.covers(op));
                match act.said.outcome {
                    _ if answered_later => {}
                    Some(Outcome::Success) => accepted.extend(page.entries()),
                    Some(Outcome::Failure | Outcome::Partial) => {}
                    None => undecided = true,
                }
            }
        }
        if met.is_empty() {
            return Ruling::not_applicable("no answer with status 200 was a page");
        }
        if !accepted.is_empty() {
            return Ruling::of(CheckResult::Fail, expected, "it reported success", accepted);
        }
        if undecided {
            return Ruling::of(CheckResult::Inconclusive, expected, "no outcome was reported", met);
        }
        Ruling::of(CheckResult::Pass, expected, "it did not report success", met)
    }
}

fn is_page(exchange: &wire::Exchange<'_>, evidence: &Evidence) -> bool {
    // An answer to HEAD has no body by which a page could be told.
    let is_head = exchange.request.method == "HEAD";
    if is_head || !exchange.delivered() || !matches!(exchange.status(), Some(200..=299)) {
        return false;
    }
    match exchange.condition() {
        Some(Condition::Hibernating | Condition::Truncated) => true,
        Some(condition) if wire::is_a_page(condition) => true,
        Some(Condition::Scripted) => exchange.script(evidence).is_some_and(|script| {
            !script.body.trim().is_empty()
                && serde_json::from_str::<serde::de::IgnoredAny>(&script.body).is_err()
        }),
        // What is no gzip may be JSON to whoever does not read the header; not all mind bad UTF-8.
        Some(Condition::Malformed) => matches!(
            exchange.malformation(evidence),
            Some(Malformation::TruncatedGzip | Malformation::InvalidJson | Malformation::Html)
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::setup::{Action, RawResponse};

    use super::super::synthetic::Run;
    use super::*;

    fn asleep(outcome: Option<Outcome>) -> Run {
        let mut run = Run::check();
        run.get("/api/now/table/t").fails(200, Condition::Hibernating);
        run.act().said.outcome = outcome;
        run
    }

    fn decide(run: &mut Run) -> CheckResult {
        Rejects200NonJson::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn an_answer_to_head_shows_no_page() {
        let mut run = Run::check();
        run.ask("HEAD", "/api/now/table/t", None)
            .fails(200, Condition::Hibernating);
        run.says(Outcome::Success, None, "");
        let ruling = Rejects200NonJson::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }

    #[test]
    fn success_on_a_page_fails() {
        assert_eq!(decide(&mut asleep(Some(Outcome::Success))), CheckResult::Fail);
    }

    #[test]
    fn every_page_counts_and_a_good_answer_does_not() {
        for (condition, result) in [
            (Condition::Waking, CheckResult::Fail),
            (Condition::LoginPage, CheckResult::Fail),
            (Condition::PageCapped, CheckResult::NotApplicable),
        ] {
            let mut run = Run::check();
            run.get("/api/now/table/t").fails(200, condition);
            assert_eq!(decide(&mut run), result, "{condition}");
        }
    }

    #[test]
    fn failure_or_a_later_answer_passes() {
        assert_eq!(decide(&mut asleep(Some(Outcome::Failure))), CheckResult::Pass);
        let mut run = asleep(Some(Outcome::Success));
        run.wait(1_000);
        run.get("/api/now/table/t").ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
        assert_eq!(decide(&mut asleep(None)), CheckResult::Inconclusive);
    }

    #[test]
    fn a_damaged_body_is_no_answer_where_nobody_can_read_it() {
        for (what, result) in [
            (Malformation::Html, CheckResult::Fail),
            (Malformation::TruncatedGzip, CheckResult::Fail),
            (Malformation::InvalidJson, CheckResult::Fail),
            (Malformation::BadGzip, CheckResult::NotApplicable),
            (Malformation::DuplicateContentLength, CheckResult::NotApplicable),
        ] {
            let mut run = Run::check();
            run.step("damage", vec![Action::Malform(what)]);
            run.get("/api/now/table/t").because("damage").fails(200, Condition::Malformed);
            assert_eq!(decide(&mut run), result, "{what:?}");
        }
    }

    #[test]
    fn a_scripted_page_is_told_from_scripted_json() {
        for (body, result) in [
            ("<html>log in</html>", CheckResult::Fail),
            (r#"{"result":[]}"#, CheckResult::NotApplicable),
        ] {
            let mut run = Run::check();
            let response = RawResponse {
                status: 200,
                headers: indexmap::IndexMap::new(),
                body: body.into(),
            };
            run.step("page", vec![Action::Respond(response)]);
            run.get("/api/now/table/t").because("page").fails(200, Condition::Scripted);
            assert_eq!(decide(&mut run), result, "{body}");
        }
    }
}
