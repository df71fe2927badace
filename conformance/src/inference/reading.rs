//! From the evidence of the probes to a retry policy. Pure.

use std::collections::BTreeMap;

use snowproof_simulator::journal::Event;

use super::backoff::Backoff;
use super::{Attempts, HEALTHY, Obeyed, RetryPolicy, STATED, STATUSES, Silence, Waited};
use crate::checks::wire::{self, Chain, Exchange};
use crate::evidence::{Evidence, ProcessEnding};

/// Path of the token endpoint (wire-failures 2).
const TOKEN_PATH: &str = "/oauth_token.do";

/// Reads the policy from each probe's evidence, by the probe's name.
#[must_use]
pub fn read(probes: &BTreeMap<String, Evidence>) -> RetryPolicy {
    let of = |name: &str| probes.get(name);
    let healthy = of(HEALTHY).map(wire::of_subject).unwrap_or_default();
    let repeats = ["status-503", "status-503-again", "status-503-once-more"];
    RetryPolicy {
        reached: probes
            .values()
            .any(|probe| !wire::of_subject(probe).is_empty()),
        statuses: STATUSES
            .iter()
            .filter_map(|&status| {
                let probe = of(&format!("status-{status}"))?;
                Some(attempts(status, probe))
            })
            .collect(),
        retry_after: [429, 503]
            .into_iter()
            .filter_map(|status| waited(status, of(&format!("stated-{status}"))?))
            .collect(),
        backoff: backoff(repeats.iter().filter_map(|name| of(name)))
            .or_else(|| other_backoff(probes)),
        silence: of("silence").map(silence).unwrap_or(Silence {
            timeout_ms: None,
            watched_ms: 0,
            attempts: 0,
            unfinished: false,
        }),
        reset: of("reset").map_or(NONE, |probe| attempts((), probe)),
        handshakes: of("certificate").map_or(NONE, handshakes),
        refreshes_token: refreshes_token(probes),
        in_flight: most_in_flight(&healthy),
        page_size: healthy.iter().find_map(|exchange| {
            let (_, query) = exchange.request.target.split_once('?')?;
            wire::parameter(query, "sysparm_limit")?.parse().ok()
        }),
    }
}

const NONE: Attempts<()> = Attempts {
    of: (),
    attempts: 0,
    unfinished: false,
};

/// The chain with the most attempts; the first of several.
fn longest_chain(probe: &Evidence) -> Option<Chain<'_>> {
    let chains = wire::chains(&wire::of_subject(probe));
    chains
        .into_iter()
        .rev()
        .max_by_key(|chain| chain.attempts.len())
}

/// Whether the process was ended because its time was up.
fn unfinished(probe: &Evidence) -> bool {
    let mut acts = probe.acts.iter();
    acts.any(|act| act.ending == ProcessEnding::OverBudget)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn attempts<T>(of: T, probe: &Evidence) -> Attempts<T> {
    let chain = longest_chain(probe);
    Attempts {
        of,
        attempts: chain.map_or(0, |chain| count(chain.attempts.len())),
        unfinished: unfinished(probe),
    }
}

fn handshakes(probe: &Evidence) -> Attempts<()> {
    Attempts {
        of: (),
        attempts: count(wire::handshakes_with_bad_certificate(probe).count()),
        unfinished: unfinished(probe),
    }
}

fn waited(status: u16, probe: &Evidence) -> Option<Waited> {
    let chains = wire::chains(&wire::of_subject(probe));
    let chain = chains
        .iter()
        .find(|chain| chain.attempts[0].status() == Some(status))?;
    let stated = wire::nanos(STATED);
    let waited = chain.gaps(probe).first().map(|gap| gap.length);
    let obeyed = match waited {
        None => Obeyed::NotRetried,
        Some(waited) if waited < stated - wire::early(stated) => Obeyed::Early,
        Some(waited) if waited > stated + stated / 2 + wire::nanos(probe.lag.p99()) => {
            Obeyed::Longer
        }
        Some(_) => Obeyed::Yes,
    };
    Some(Waited {
        status,
        stated_ms: milliseconds(stated),
        waited_ms: waited.map(milliseconds),
        obeyed,
    })
}

fn milliseconds(nanos: i128) -> u64 {
    u64::try_from(nanos.max(0) / 1_000_000).unwrap_or(u64::MAX)
}

fn backoff<'e>(repeats: impl Iterator<Item = &'e Evidence>) -> Option<Backoff> {
    let mut lag = 0.0_f64;
    let waits: Vec<Vec<f64>> = repeats
        .map(|probe| {
            lag = lag.max(probe.lag.p99().as_secs_f64() * 1e3);
            waits(probe)
        })
        .collect();
    Backoff::of(&waits, lag)
}

/// The waits of the other passing faults, where 503 is not tried again; the first that is.
fn other_backoff(probes: &BTreeMap<String, Evidence>) -> Option<Backoff> {
    [
        "status-502",
        "status-504",
        "status-500",
        "status-429",
        "reset",
    ]
    .iter()
    .find_map(|name| backoff(probes.get(*name).into_iter()))
}

#[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
fn waits(probe: &Evidence) -> Vec<f64> {
    let chain = longest_chain(probe);
    let gaps = chain.map(|chain| chain.gaps(probe)).unwrap_or_default();
    gaps.iter()
        .map(|gap| gap.length.max(0) as f64 / 1e6)
        .collect()
}

fn silence(probe: &Evidence) -> Silence {
    let killed = unfinished(probe).then(|| probe.acts.iter().map(|act| act.exited_ns).max());
    // The attempt that was in flight when the process was ended says nothing about its timeout.
    const AROUND_THE_END_NS: u64 = 3_000_000_000;
    let is_own = |ended: u64| match killed.flatten() {
        Some(exited) => ended.saturating_add(AROUND_THE_END_NS) < exited,
        None => true,
    };
    let exchanges = wire::of_subject(probe);
    let lasted = |exchange: &Exchange<'_>| {
        let ended = exchange.ended()?;
        Some((ended, i128::from(ended) - i128::from(exchange.started())))
    };
    let times: Vec<(u64, i128)> = exchanges.iter().filter_map(lasted).collect();
    let own = times.iter().filter(|(ended, _)| is_own(*ended));
    let mut own: Vec<i128> = own.map(|&(_, lasted)| lasted).collect();
    own.sort_unstable();
    let chain = longest_chain(probe);
    Silence {
        timeout_ms: own.get(own.len() / 2).copied().map(milliseconds),
        watched_ms: milliseconds(times.iter().map(|&(_, lasted)| lasted).max().unwrap_or(0)),
        attempts: chain.map_or(0, |chain| count(chain.attempts.len())),
        unfinished: unfinished(probe),
    }
}

fn refreshes_token(probes: &BTreeMap<String, Evidence>) -> Option<bool> {
    let token_calls = |probe: &Evidence| {
        let calls = probe.journal.iter().filter(|entry| match &entry.event {
            Event::Request(request) => request.target.starts_with(TOKEN_PATH),
            _ => false,
        });
        calls.count()
    };
    let usual = probes.get(HEALTHY).map_or(0, token_calls);
    let refused = probes.get("status-401").map_or(0, token_calls);
    (usual + refused > 0).then_some(refused > usual)
}

fn most_in_flight(exchanges: &[Exchange<'_>]) -> u32 {
    let at_once = exchanges.iter().map(|exchange| {
        let begins = exchange.started();
        let others = exchanges.iter().filter(|other| {
            other.started() <= begins && other.ended().is_none_or(|ended| ended > begins)
        });
        count(others.count())
    });
    at_once.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;
    use snowproof_simulator::setup::Certificate;

    use super::*;
    use crate::checks::synthetic::Run;

    const PAGE: &str = "/api/now/table/cmdb_ci_server?sysparm_limit=50";

    fn read_one(name: &str, tell: impl FnOnce(&mut Run)) -> RetryPolicy {
        let mut run = Run::sync();
        tell(&mut run);
        read(&[(name.to_owned(), run.evidence())].into())
    }

    fn attempts_at(policy: &RetryPolicy, status: u16) -> u32 {
        let mut statuses = policy.statuses.iter();
        statuses.find(|tried| tried.of == status).unwrap().attempts
    }

    #[test]
    fn attempts_at_one_call_are_counted_and_not_calls() {
        let policy = read_one("status-503", |run| {
            for wait in [0, 400, 800] {
                run.wait(wait);
                run.get(PAGE).fails(503, Condition::Scripted);
            }
            run.get("/api/now/table/sys_user")
                .fails(503, Condition::Scripted);
        });
        assert_eq!(attempts_at(&policy, 503), 3);
        let backoff = policy.backoff.unwrap();
        assert_eq!(backoff.base_ms.map(f64::round), Some(400.0));
        assert_eq!(backoff.factor.map(f64::round), Some(2.0));
        assert!(policy.reached);
    }

    #[test]
    fn a_stated_time_is_obeyed_cut_short_or_stretched() {
        let after = |wait| {
            let policy = read_one("stated-429", |run| {
                run.get(PAGE).fails(429, Condition::Scripted);
                run.wait(wait);
                run.get(PAGE).ok();
            });
            policy.retry_after[0].obeyed
        };
        assert_eq!(after(1_000), Obeyed::Early);
        assert_eq!(after(3_000), Obeyed::Yes);
        assert_eq!(after(4_100), Obeyed::Yes);
        assert_eq!(after(9_000), Obeyed::Longer);
        let gives_up = read_one("stated-429", |run| {
            run.get(PAGE).fails(429, Condition::Scripted);
        });
        assert_eq!(gives_up.retry_after[0].obeyed, Obeyed::NotRetried);
    }

    #[test]
    fn a_timeout_is_seen_where_the_command_ends_its_own_attempt() {
        let policy = read_one("silence", |run| {
            run.get(PAGE).taking(2_000).silent();
            run.get(PAGE).taking(2_000).silent();
            run.end();
        });
        assert_eq!(policy.silence.timeout_ms, Some(2_000));
        assert_eq!(policy.silence.attempts, 2);
    }

    #[test]
    fn an_attempt_that_ended_with_the_process_shows_no_timeout() {
        let policy = read_one("silence", |run| {
            run.get(PAGE).taking(9_000).silent();
            run.end();
            run.act().ending = ProcessEnding::OverBudget;
        });
        assert_eq!(policy.silence.timeout_ms, None);
        assert_eq!(policy.silence.watched_ms, 9_000);
        assert!(policy.silence.unfinished);
    }

    #[test]
    fn handshakes_and_page_size_are_read() {
        let policy = read_one("certificate", |run| {
            run.handshake(Certificate::Expired, false);
            run.handshake(Certificate::Expired, false);
        });
        assert_eq!(policy.handshakes.attempts, 2);
        assert!(!policy.reached);
        let policy = read_one(HEALTHY, |run| run.get(PAGE).ok());
        assert_eq!(policy.page_size, Some(50));
        assert_eq!(policy.in_flight, 1);
        assert_eq!(policy.refreshes_token, None);
    }
}
