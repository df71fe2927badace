//! `retry-after-not-multiplied`: a stated wait is not stretched by the connector's own backoff.

use std::collections::BTreeMap;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Slack beside the tolerance, as published: a poll interval of the connector's own.
const SLACK: i128 = 5_000_000_000;

/// See the module.
#[derive(Debug)]
pub struct RetryAfterNotMultiplied;

impl Check for RetryAfterNotMultiplied {
    type Settings = NoSettings;

    const ID: &'static str = "retry-after-not-multiplied";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "comes back within 5 s of the time that Retry-After states";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let refusals = wire::refusals(&exchanges, evidence);
        let stated: BTreeMap<u64, wire::Stated> = refusals
            .iter()
            .filter_map(|refusal| Some((refusal.exchange.seq, refusal.retry_after?)))
            .collect();
        let longest = wire::chains(&exchanges)
            .iter()
            .flat_map(|chain| chain.gaps(evidence))
            .filter_map(|gap| {
                let stated = stated.get(&gap.before.seq)?;
                let wait = stated.wait.max(0);
                let allowed = wait + SLACK + wire::late(wait, evidence);
                Some((gap, wait, allowed))
            })
            .max_by_key(|(gap, _, allowed)| gap.length - allowed);
        let Some((gap, wait, allowed)) = longest else {
            return Ruling::of(
                CheckResult::NotMeasured,
                "a second attempt after a stated wait",
                "none was made",
                [],
            );
        };
        Ruling::of(
            if gap.length > allowed { CheckResult::Fail } else { CheckResult::Pass },
            format!(
                "at most {} for a stated wait of {}",
                wire::in_seconds(allowed),
                wire::in_seconds(wait)
            ),
            format!("came back after {}", wire::in_seconds(gap.length)),
            gap.before.entries().chain([gap.after.seq]),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn after(waited: u64) -> CheckResult {
        let mut run = Run::sync();
        run.get("/api/now/table/t").rate_limited("2");
        run.wait(waited);
        run.get("/api/now/table/t").ok();
        RetryAfterNotMultiplied::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn twice_the_wait_fails_and_a_polling_interval_passes() {
        assert_eq!(after(9_000), CheckResult::Fail);
        assert_eq!(after(6_500), CheckResult::Pass);
    }

    #[test]
    fn giving_up_is_not_measured() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").rate_limited("2");
        let ruling = RetryAfterNotMultiplied::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotMeasured);
    }
}
