//! `page-shrunk-after-quota`: a query that took too long is asked again with less in it.
//!
//! The instance cancels what runs longer than its quota (wire-failures 5.3); the same query takes
//! as long again. Fewer rows help, and so do fewer columns. One repeat may be bad luck.

use snowproof_simulator::journal::Condition;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Attempts of the same size that are allowed.
const AT_MOST: usize = 2;

/// See the module.
#[derive(Debug)]
pub struct PageShrunkAfterQuota;

impl Check for PageShrunkAfterQuota {
    type Settings = NoSettings;

    const ID: &'static str = "page-shrunk-after-quota";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str =
        "asks for fewer rows or fewer columns after the instance cancelled a query";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let (mut met, mut asked_again) = (Vec::new(), false);
        for chain in wire::chains(&exchanges) {
            let cancelled: Vec<_> = chain
                .attempts
                .iter()
                .filter(|attempt| attempt.condition() == Some(Condition::QueryCancelled))
                .collect();
            let Some(first) = cancelled.first() else {
                continue;
            };
            met.extend(chain.entries());
            asked_again |= chain.attempts.len() > 1;
            let same = cancelled.iter().filter(|attempt| !is_smaller(attempt, first)).count();
            if same > AT_MOST {
                return Ruling::of(
                    CheckResult::Fail,
                    format!("at most {AT_MOST} attempts of the same size"),
                    format!("{same} attempts of the same size were cancelled"),
                    chain.entries(),
                );
            }
        }
        if !asked_again {
            return Ruling::not_applicable("nothing was asked again after a cancelled query");
        }
        Ruling::of(
            CheckResult::Pass,
            format!("at most {AT_MOST} attempts of the same size"),
            "it asked for less",
            met,
        )
    }
}

fn is_smaller(attempt: &wire::Exchange<'_>, first: &wire::Exchange<'_>) -> bool {
    let fewer_rows = match (attempt.limit(), first.limit()) {
        (Some(now), Some(before)) => now < before,
        (now, None) => now.is_some(),
        (None, Some(_)) => false,
    };
    fewer_rows || attempt.fields() != first.fields()
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn asking(targets: &[&str]) -> CheckResult {
        let mut run = Run::sync();
        for target in targets {
            run.get(&format!("/api/now/table/t?{target}"))
                .fails(200, Condition::QueryCancelled);
            run.wait(200);
        }
        run.get("/api/now/table/t?sysparm_limit=1").ok();
        PageShrunkAfterQuota::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn the_same_page_over_and_over_fails() {
        assert_eq!(asking(&["sysparm_limit=100"; 3]), CheckResult::Fail);
    }

    #[test]
    fn fewer_rows_or_fewer_columns_pass() {
        let halved = ["sysparm_limit=100", "sysparm_limit=50", "sysparm_limit=25"];
        assert_eq!(asking(&halved), CheckResult::Pass);
        let first_again = ["sysparm_limit=100", "sysparm_limit=100", "sysparm_limit=50"];
        assert_eq!(asking(&first_again), CheckResult::Pass);
        let columns = ["sysparm_limit=9", "sysparm_limit=9&sysparm_fields=a", "sysparm_limit=9&sysparm_fields=a"];
        assert_eq!(asking(&columns), CheckResult::Pass);
    }

    #[test]
    fn giving_up_is_not_its_business() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").fails(200, Condition::QueryCancelled);
        let ruling = PageShrunkAfterQuota::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
