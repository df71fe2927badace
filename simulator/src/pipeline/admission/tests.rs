//! `Admission` against a model that keeps every event and counts from scratch.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::window::whole_seconds;
use super::*;
use crate::duration::ScaledDuration;

const MAX_FAILURES: u32 = 3;
const USERS: [&str; 2] = ["anna", "sync.user"];

fn rule(index: usize) -> RateRule {
    let (limit, window) = [(1, "1h as 2s"), (3, "1h as 3s"), (0, "2500ms")][index];
    RateRule {
        sys_id: format!("rule{index}"),
        name: format!("Rule {index}"),
        limit,
        window: window.parse::<ScaledDuration>().unwrap(),
        api: "Table API".to_owned(),
        neighbour: 0,
    }
}

fn at(ms: u64) -> Now {
    let elapsed = Duration::from_millis(ms);
    Now {
        elapsed,
        unix: Duration::from_millis(1_790_000_000_250) + elapsed,
    }
}

#[derive(Debug, Clone)]
enum Transition {
    Wait(u64),
    Login { user: usize, right: bool },
    Unlock(usize),
    Request { user: usize, rule: usize },
    Finish(prop::sample::Index),
    CloseWindows,
}

/// What was asked and when; verdicts are recomputed from it.
#[derive(Debug, Clone, Default)]
struct Model {
    ms: u64,
    logins: BTreeMap<usize, Vec<bool>>,
    requests: BTreeMap<(usize, usize), Vec<u64>>,
    open: usize,
}

impl Model {
    fn failures(&self, user: usize) -> u32 {
        let logins = self.logins.get(&user).map_or(&[][..], Vec::as_slice);
        let failed = logins.iter().rev().take_while(|right| !**right).count();
        u32::try_from(failed).unwrap()
    }

    fn locked(&self, user: usize) -> bool {
        self.failures(user) >= MAX_FAILURES
    }

    /// Admitted requests of the window that is open at `ms`, from the whole history.
    fn admitted(&self, key: (usize, usize)) -> (u32, u64) {
        let rule = rule(key.1);
        let length = u64::try_from(whole_seconds(rule.window.effective).as_millis()).unwrap();
        let unix = |ms| 1_790_000_000_250 + ms;
        let mut ends = 0;
        let mut admitted = 0;
        for ms in self.requests.get(&key).into_iter().flatten() {
            if unix(*ms) >= ends {
                ends = unix(*ms) / 1000 * 1000 + length;
                admitted = 0;
            }
            if admitted < rule.limit {
                admitted += 1;
            }
        }
        if unix(self.ms) >= ends {
            (0, 0)
        } else {
            (admitted, ends)
        }
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Transition;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Transition> {
        prop_oneof![
            2 => (0_u64..2500).prop_map(Transition::Wait),
            3 => (0..2_usize, any::<bool>())
                .prop_map(|(user, right)| Transition::Login { user, right }),
            1 => (0..2_usize).prop_map(Transition::Unlock),
            6 => (0..2_usize, 0..3_usize).prop_map(|(user, rule)| Transition::Request { user, rule }),
            3 => any::<prop::sample::Index>().prop_map(Transition::Finish),
            1 => Just(Transition::CloseWindows),
        ]
        .boxed()
    }

    fn apply(mut state: Self, transition: &Transition) -> Self {
        match transition {
            Transition::Wait(ms) => state.ms += ms,
            Transition::Login { user, right } if !state.locked(*user) => {
                state.logins.entry(*user).or_default().push(*right);
            }
            Transition::Unlock(user) => drop(state.logins.remove(user)),
            Transition::Request { user, rule: index } => {
                let (before, _) = state.admitted((*user, *index));
                if before < rule(*index).limit {
                    state.open += 1;
                }
                state
                    .requests
                    .entry((*user, *index))
                    .or_default()
                    .push(state.ms);
            }
            Transition::Finish(_) => state.open = state.open.saturating_sub(1),
            Transition::Login { .. } | Transition::CloseWindows => {}
        }
        state
    }
}

#[derive(Default)]
struct Tested {
    admission: Admission,
    permits: Vec<Permit>,
    ms: u64,
    lockouts: Vec<String>,
}

struct AdmissionTest;

impl StateMachineTest for AdmissionTest {
    type SystemUnderTest = Tested;
    type Reference = Model;

    fn init_test(_: &Model) -> Tested {
        Tested::default()
    }

    // `model` is the state after the transition.
    fn apply(mut tested: Tested, model: &Model, transition: Transition) -> Tested {
        match transition {
            Transition::Wait(ms) => tested.ms += ms,
            Transition::Login { user, right } => {
                let already = tested.lockouts.iter().any(|name| name == USERS[user]);
                let verdict = tested
                    .admission
                    .login(USERS[user], right, false, MAX_FAILURES, 1);
                let expected = if already {
                    LoginVerdict::Locked
                } else if right {
                    LoginVerdict::Accepted
                } else {
                    LoginVerdict::Refused {
                        failures: model.failures(user),
                        locks: model.locked(user),
                    }
                };
                assert_eq!(verdict, expected);
            }
            Transition::Unlock(user) => {
                tested.admission.forget_login(USERS[user]);
                tested.lockouts.retain(|name| name != USERS[user]);
            }
            Transition::Request { user, rule: index } => {
                let rule = rule(index);
                let before = tested.admission.in_flight();
                let now = at(tested.ms);
                let (admitted, ends) = model.admitted((user, index));
                match tested.admission.admit(USERS[user], &rule, 1, now) {
                    WindowVerdict::Admitted { window, permit } => {
                        assert!(window.admitted <= rule.limit, "one too many: {window:?}");
                        assert_eq!(window.admitted, admitted);
                        assert_eq!(window.reset_unix * 1000, ends);
                        tested.permits.push(permit);
                    }
                    WindowVerdict::Refused {
                        window,
                        retry_after_secs,
                    } => {
                        assert_eq!(admitted, rule.limit);
                        assert_eq!(window.admitted, rule.limit);
                        assert!(retry_after_secs >= 1);
                        let back = now.unix + Duration::from_secs(retry_after_secs);
                        let reset = Duration::from_secs(window.reset_unix);
                        assert!(back >= reset && back < reset + Duration::from_secs(1));
                        assert_eq!(tested.admission.in_flight(), before);
                    }
                }
            }
            Transition::Finish(index) => {
                if !tested.permits.is_empty() {
                    let index = index.index(tested.permits.len());
                    tested.permits.swap_remove(index);
                }
            }
            Transition::CloseWindows => tested.admission.close_windows(at(tested.ms), false),
        }
        for notice in tested.admission.take_notices() {
            if let Notice::LockedOut(user) = notice {
                tested.lockouts.push(user);
            }
        }
        tested
    }

    fn check_invariants(tested: &Tested, model: &Model) {
        assert_eq!(tested.admission.in_flight(), tested.permits.len() as u64);
        assert_eq!(tested.permits.len(), model.open);
        for (index, user) in USERS.iter().enumerate() {
            let times = tested.lockouts.iter().filter(|name| name == user).count();
            assert_eq!(
                times == 1,
                model.locked(index),
                "{user} locked {times} times"
            );
        }
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_model(sequential 1..60 => AdmissionTest);
}

#[test]
fn concurrent_requests_never_overfill_a_window_and_leak_no_permit() {
    let admission = Admission::default();
    let rule = RateRule {
        limit: 40,
        ..rule(1)
    };
    let now = at(0);
    let admitted: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    (0..20)
                        .filter(|_| {
                            matches!(
                                admission.admit("anna", &rule, 1, now),
                                WindowVerdict::Admitted { .. }
                            )
                        })
                        .count()
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert_eq!(admitted, 40);
    assert_eq!(admission.in_flight(), 0);
}

#[test]
fn editing_a_rule_zeroes_its_count() {
    let admission = Admission::default();
    let narrow = RateRule {
        limit: 1,
        ..rule(1)
    };
    let wide = RateRule {
        limit: 2,
        ..rule(1)
    };
    let admits = |rule| {
        matches!(
            admission.admit("anna", rule, 1, at(0)),
            WindowVerdict::Admitted { .. }
        )
    };
    assert!(admits(&narrow) && !admits(&narrow));
    assert!(admits(&wide) && admits(&wide) && !admits(&wide));
}
