//! `rate-reduced-after-429`: who is told that it asks too often asks more seldom.
//!
//! The requests of an act a second, up to the end of its first 429 and from there to its last request.
//! Waiting counts, whoever chose the time: it is how most connectors ask more seldom. Eight requests on
//! either side are needed; a machine that is slow at one time and quick at another makes fewer no
//! measure. Nor is more of them one where the instance itself answered half as fast before: then the
//! machine was slow, and the rate before it is the machine's and not the connector's.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Requests on either side of the refusal from which on it is measured.
const SAMPLES: usize = 8;

/// See the module.
#[derive(Debug)]
pub struct RateReducedAfter429;

impl Check for RateReducedAfter429 {
    type Settings = NoSettings;

    const ID: &'static str = "rate-reduced-after-429";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::Retry;
    const DEMANDS: &'static str = "sends fewer requests a second after a 429 than before it";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let expected = "fewer requests a second after the first 429 than before it";
        let (mut refused, mut worst): (bool, Option<Rates>) = (false, None);
        for act in &evidence.acts {
            let of_act: Vec<_> = exchanges.iter().filter(|each| each.act == act.act).collect();
            let first = of_act
                .iter()
                .filter(|each| each.status() == Some(429))
                .filter_map(|each| each.ended())
                .min();
            let Some(first) = first else { continue };
            refused = true;
            if let Some(rates) = Rates::of(&of_act, first)
                && worst.as_ref().is_none_or(|worst| !rates.fell() && worst.fell())
            {
                worst = Some(rates);
            }
        }
        let Some(rates) = worst else {
            if !refused {
                return Ruling::not_applicable("no request was refused with 429");
            }
            let found = format!("fewer than {SAMPLES} requests before the first 429, or after it");
            return Ruling::of(CheckResult::NotMeasured, expected, found, []);
        };
        let result = match rates.fell() {
            true => CheckResult::Pass,
            false if rates.was_slowed() => CheckResult::NotMeasured,
            false => CheckResult::Fail,
        };
        Ruling::of(
            result,
            expected,
            format!("{} up to it, {} after it", rates.before, rates.after),
            rates.entries,
        )
    }
}

/// How often an act asked, on either side of its first refusal.
struct Rates {
    before: Rate,
    after: Rate,
    /// What the instance took for a good answer on either side, in nanoseconds; none of too few.
    served_in: Option<(u64, u64)>,
    entries: Vec<u64>,
}

/// Requests, and in how many nanoseconds.
#[derive(Clone, Copy)]
struct Rate {
    requests: usize,
    within: u64,
}

impl Rates {
    /// None where there are too few requests.
    fn of(exchanges: &[&wire::Exchange<'_>], refused: u64) -> Option<Self> {
        let (before, after): (Vec<&wire::Exchange<'_>>, Vec<_>) =
            exchanges.iter().partition(|each| each.started() <= refused);
        let begun = before.first()?.started();
        let last = after.last()?.started();
        (before.len() >= SAMPLES && after.len() >= SAMPLES).then(|| Self {
            before: Rate { requests: before.len(), within: refused - begun },
            after: Rate { requests: after.len(), within: last - refused },
            served_in: served_in(&before).zip(served_in(&after)),
            entries: after.iter().map(|each| each.seq).collect(),
        })
    }

    const fn fell(&self) -> bool {
        let (before, after) = (self.before, self.after);
        // Requests and nanoseconds of a run, neither of which fills half of 128 bits.
        (after.requests as u128) * (before.within as u128)
            < (before.requests as u128) * (after.within as u128)
    }
}

impl Rates {
    /// Whether the instance took more than twice as long for an answer before the refusal.
    const fn was_slowed(&self) -> bool {
        matches!(self.served_in, Some((before, after)) if before / 2 > after)
    }
}

/// What the instance took for a good answer, in the mean.
fn served_in(exchanges: &[&wire::Exchange<'_>]) -> Option<u64> {
    const ANSWERS: usize = 4;
    let good = exchanges.iter().filter(|each| each.status() == Some(200));
    let took: Vec<u64> = good.filter_map(|each| each.ended()?.checked_sub(each.started())).collect();
    (took.len() >= ANSWERS).then(|| took.iter().sum::<u64>() / took.len() as u64)
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} requests in {}", self.requests, wire::in_seconds(self.within.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    /// Requests so many milliseconds apart, the last of them refused, then others.
    fn result(before: usize, apart: u64, wait: u64, after: usize, then: u64) -> CheckResult {
        let mut run = Run::sync();
        for page in 1..=before {
            let target = format!("/api/now/table/t?sysparm_offset={page}");
            match page == before {
                true => run.get(&target).rate_limited("2"),
                false => run.get(&target).ok(),
            }
            run.wait(apart);
        }
        run.wait(wait);
        for page in 0..after {
            run.get(&format!("/api/now/table/t?sysparm_offset={page}0")).ok();
            run.wait(then);
        }
        RateReducedAfter429::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn asking_more_often_than_before_fails() {
        assert_eq!(result(10, 100, 0, 30, 20), CheckResult::Fail);
        assert_eq!(result(10, 100, 100, 60, 20), CheckResult::Fail);
    }

    #[test]
    fn a_wait_is_enough_and_so_is_a_slower_pace() {
        assert_eq!(result(10, 100, 2_000, 20, 100), CheckResult::Pass);
        assert_eq!(result(10, 100, 0, 20, 300), CheckResult::Pass);
    }

    #[test]
    fn a_machine_that_was_slow_before_proves_nothing() {
        // Ten answers of 300 ms and a refusal, a wait of 2 s, and eight of 50 ms.
        let with = |slow: u64, wait: u64| {
            let mut run = Run::sync();
            for page in 0..10 {
                run.get(&format!("/api/now/table/t?sysparm_offset={page}")).taking(slow).ok();
                run.wait(100);
            }
            run.get("/api/now/table/t?sysparm_offset=10").rate_limited("2");
            run.wait(wait);
            for page in 11..20 {
                run.get(&format!("/api/now/table/t?sysparm_offset={page}")).taking(50).ok();
                run.wait(10);
            }
            RateReducedAfter429::decide(&NoSettings {}, &run.end().evidence()).result
        };
        assert_eq!(with(300, 2_000), CheckResult::NotMeasured);
        assert_eq!(with(50, 0), CheckResult::Fail);
        assert_eq!(with(300, 9_000), CheckResult::Pass);
    }

    #[test]
    fn a_few_requests_on_either_side_prove_nothing() {
        assert_eq!(result(7, 100, 0, 30, 1), CheckResult::NotMeasured);
        assert_eq!(result(10, 100, 0, 7, 1), CheckResult::NotMeasured);
        assert_eq!(result(10, 100, 0, 0, 1), CheckResult::NotMeasured);
    }

    #[test]
    fn without_a_refusal_it_does_not_apply() {
        let mut run = Run::sync();
        for _ in 0..20 {
            run.get("/api/now/table/t").ok();
        }
        let ruling = RateReducedAfter429::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
