//! Connectors whose every habit is known, over an instance whose every answer is known: what the
//! judge says of them is what was put in.
//!
//! Nothing here is read from the journal: the truth of each check follows from the habits and the
//! faults alone.

use std::collections::BTreeMap;

use proptest::prelude::*;
use snowproof_protocol::Outcome;
use snowproof_simulator::journal::Condition;

use super::*;
use crate::checks::Checks;
use crate::checks::synthetic::Run;
use crate::diagnosis::Class;

/// Attempts at one read that the connector declares, the first included.
const DECLARED: u32 = 5;
/// Rows of the table; each is a page.
const ROWS: [&str; 4] = ["a", "b", "c", "d"];
/// The wait that a rate limit states, seconds.
const STATED: u64 = 3;

/// What a page answers before it is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Limited,
    /// A gateway's 502: an instance that is away (503) may be asked for long, if slowly.
    Unavailable,
}

/// What a connector does, whatever it meets.
#[derive(Debug, Clone, Copy)]
struct Habits {
    /// Attempts at one read.
    attempts: u32,
    /// What it waits after a rate limit, in percent of what is stated.
    after_limit: u64,
    /// What it waits after an outage, milliseconds.
    after_outage: u64,
    /// Whether it goes on with the next page when it gave one up.
    skips: bool,
    /// Whether it says success whatever came of it.
    always_succeeds: bool,
}

fn habits() -> impl Strategy<Value = Habits> {
    // Far from every tolerance: how exact a bound is, the checks' own tests say.
    let after_limit = prop_oneof![Just(0), Just(50), Just(100), Just(120), Just(600)];
    let after_outage = prop_oneof![Just(0), Just(20), Just(400), Just(2_000)];
    (
        1..9_u32,
        after_limit,
        after_outage,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(attempts, after_limit, after_outage, skips, always_succeeds)| Habits {
                attempts,
                after_limit,
                after_outage,
                skips,
                always_succeeds,
            },
        )
}

/// For each page, the faults that come before its answer.
fn faults() -> impl Strategy<Value = Vec<Vec<Fault>>> {
    let fault = prop_oneof![Just(Fault::Limited), Just(Fault::Unavailable)];
    prop::collection::vec(prop::collection::vec(fault, 0..8), ROWS.len())
}

/// What came of it: the story, and what each check must say of it.
struct Told {
    run: Run,
    truth: BTreeMap<&'static str, bool>,
}

fn told(habits: Habits, faults: &[Vec<Fault>]) -> Told {
    let mut run = Run::sync();
    run.evidence.subject.declares.max_attempts = DECLARED;
    run.truth(&ROWS, &ROWS);
    let (mut delivered, mut given_up) = (Vec::new(), false);
    let (mut most, mut limits_retried, mut hot) = (0, false, false);
    let (mut once_only, mut limited, mut retried, mut unavailable) = (false, false, false, false);
    for (page, (row, faults)) in ROWS.iter().zip(faults).enumerate() {
        let target = format!("/api/now/table/t?sysparm_offset={page}&sysparm_limit=1");
        let failures = faults.iter().take(habits.attempts as usize);
        let failed = u32::try_from(failures.len()).unwrap();
        for (attempt, fault) in (1..).zip(failures) {
            let last = attempt == habits.attempts;
            match fault {
                Fault::Limited => {
                    limited = true;
                    run.get(&target).rate_limited(&STATED.to_string());
                    limits_retried |= !last;
                    run.wait(if last {
                        0
                    } else {
                        STATED * 10 * habits.after_limit
                    });
                }
                Fault::Unavailable => {
                    unavailable = true;
                    once_only |= habits.attempts == 1;
                    run.get(&target).fails(502, Condition::Scripted);
                    run.wait(if last { 0 } else { habits.after_outage });
                }
            }
            retried |= !last;
            let at_once = match fault {
                Fault::Limited => habits.after_limit == 0,
                Fault::Unavailable => habits.after_outage < 100,
            };
            // One immediate first retry of a read is free.
            hot |= at_once && !last && attempt > 1;
        }
        let reached = failed < habits.attempts;
        most = most.max(failed + u32::from(reached));
        if reached {
            run.get(&target).page(page as u64, 1, 4, &[row], 0);
            delivered.push(*row);
        } else {
            given_up = true;
            if !habits.skips {
                break;
            }
        }
    }
    run.delivers(&delivered);
    let whole = delivered.len() == ROWS.len();
    let success = habits.always_succeeds || !given_up;
    let class = (!success).then_some(Class::InstanceUnavailable);
    let outcome = if success {
        Outcome::Success
    } else {
        Outcome::Failure
    };
    run.says(outcome, class, "gave up");
    run.end();
    let mut truth = BTreeMap::from([
        ("no-lost-records", whole),
        ("no-silent-truncation", whole || !success),
    ]);
    if limited {
        truth.insert(
            "waits-at-least-retry-after",
            !limits_retried || habits.after_limit >= 100,
        );
    }
    if limited && limits_retried {
        // 3 s stated, 5 s of slack and a quarter: 18 s are too long, 3.6 s are not.
        truth.insert("retry-after-not-multiplied", habits.after_limit < 600);
    }
    if limited || unavailable {
        truth.insert("bounded-attempts", most <= DECLARED);
    }
    if retried {
        truth.insert("backoff-floor", !hot);
    }
    if unavailable {
        truth.insert("retries-transient", !once_only);
    }
    Told { run, truth }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_verdict_is_the_truth(habits in habits(), faults in faults()) {
        let Told { mut run, truth } = told(habits, &faults);
        let names: serde_json::Map<_, _> =
            truth.keys().map(|name| ((*name).to_owned(), serde_json::json!({}))).collect();
        run.evidence.scenario.checks = serde_json::from_value::<Checks>(names.into()).unwrap();
        let judged = judge(&run.evidence(), true);
        let asked = judged.checks.iter().filter(|check| truth.contains_key(check.id.as_str()));
        prop_assert_eq!(asked.clone().count(), truth.len());
        for check in asked {
            let right = if truth[check.id.as_str()] { CheckResult::Pass } else { CheckResult::Fail };
            prop_assert_eq!(check.ruling.result, right, "{}: {:?}", check.id, check.ruling);
        }
        let right = if truth.values().all(|held| *held) { Verdict::Pass } else { Verdict::Fail };
        prop_assert_eq!(judged.verdict, right, "{:?}", judged.reason);
    }
}
