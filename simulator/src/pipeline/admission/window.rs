//! One window of a rate limit rule, for one user.
//!
//! Windows are fixed (wire-failures 5.1); that one begins at the whole second of its first request,
//! rather than of the hour, is *assumed* and keeps runs repeatable.
//!
//! A node counts in memory and commits its counts every 30 s, so that a limit may begin to hold late
//! and is overshot (wire-failures 5.1): with an interval only what was committed is held against the
//! limit. That the first commit follows the window's first request by a whole interval, and that
//! what a neighbour called is committed as the window begins, are *assumed*.

use std::time::Duration;

use super::{SHORTEST_WINDOW, WindowState};
use crate::clock::Now;
use crate::policy::RateRule;

#[derive(Debug)]
pub(super) struct WindowCount {
    name: String,
    limit: u32,
    length: Duration,
    /// UNIX time.
    ends: Duration,
    ends_ns: u64,
    /// Requests so far, a neighbour's included.
    admitted: u32,
    /// Those of them that a neighbour made.
    by_neighbour: u32,
    /// Those of them that are held against the limit.
    committed: u32,
    /// When the node commits next, on the monotonic clock; at once where there is no interval.
    next_commit: Option<Duration>,
}

impl WindowCount {
    pub(super) fn open(rule: &RateRule, now: Now, commits_every: Option<Duration>) -> Self {
        let length = whole_seconds(rule.window.effective);
        let ends = Duration::from_secs(now.unix.as_secs()) + length;
        let by_neighbour = rule.neighbour.min(rule.limit);
        Self {
            name: rule.name.clone(),
            limit: rule.limit,
            length,
            ends,
            ends_ns: nanos(now.elapsed + (ends - now.unix)),
            admitted: by_neighbour,
            by_neighbour,
            committed: by_neighbour,
            next_commit: commits_every.map(|every| now.elapsed + every),
        }
    }

    /// Whether it counts no request of this moment: its time has passed.
    pub(super) fn is_over(&self, now: Now) -> bool {
        now.unix >= self.ends
    }

    /// Whether the rule is still the one for which it was opened.
    pub(super) fn belongs_to(&self, rule: &RateRule) -> bool {
        self.limit == rule.limit && self.length == whole_seconds(rule.window.effective)
    }

    /// Counts a request that stands for so many `calls`, unless what was committed leaves no room for
    /// them.
    pub(super) fn admits(&mut self, calls: u32, now: Now, commits_every: Option<Duration>) -> bool {
        match (
            self.next_commit,
            commits_every.filter(|every| !every.is_zero()),
        ) {
            (Some(due), Some(every)) => {
                if now.elapsed >= due {
                    // Nobody asked since it was due, so that it commits what was counted before.
                    self.committed = self.admitted;
                    let late = now.elapsed - due;
                    let missed = late.as_nanos() / every.as_nanos();
                    let missed = u32::try_from(missed).unwrap_or(u32::MAX - 1) + 1;
                    self.next_commit = Some(due.saturating_add(every.saturating_mul(missed)));
                }
            }
            _ => self.committed = self.admitted,
        }
        let admits = calls <= self.limit.saturating_sub(self.committed);
        if admits {
            self.admitted = self.admitted.saturating_add(calls);
        }
        admits
    }

    /// Whole seconds until its end, rounded up.
    pub(super) fn seconds_left(&self, now: Now) -> u64 {
        let left = self.ends.saturating_sub(now.unix);
        left.as_secs() + u64::from(left.subsec_nanos() > 0)
    }

    pub(super) fn state(&self, user: &str) -> WindowState {
        WindowState {
            rule: self.name.clone(),
            user: user.to_owned(),
            limit: self.limit,
            ends_ns: self.ends_ns,
            reset_unix: self.ends.as_secs(),
            admitted: self.admitted,
            by_neighbour: self.by_neighbour,
        }
    }
}

/// A window's length as used: whole seconds, rounded up, and not too short.
pub(super) fn whole_seconds(length: Duration) -> Duration {
    let secs = length.as_secs() + u64::from(length.subsec_nanos() > 0);
    Duration::from_secs(secs).max(SHORTEST_WINDOW)
}

fn nanos(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::duration::ScaledDuration;

    fn rule(limit: u32, neighbour: u32) -> RateRule {
        RateRule {
            sys_id: "r".to_owned(),
            name: "Rule".to_owned(),
            limit,
            window: ScaledDuration::plain(Duration::from_secs(3600)),
            api: "Table API".to_owned(),
            neighbour,
        }
    }

    fn at(ms: u64) -> Now {
        let elapsed = Duration::from_millis(ms);
        Now {
            elapsed,
            unix: Duration::from_secs(1_790_000_000) + elapsed,
        }
    }

    #[test]
    fn a_neighbour_leaves_what_it_does_not_eat() {
        for (neighbour, left) in [(0, 3), (2, 1), (3, 0), (9, 0)] {
            let mut window = WindowCount::open(&rule(3, neighbour), at(0), None);
            let admitted = (0..5).filter(|_| window.admits(1, at(1), None)).count();
            assert_eq!(admitted, left, "{neighbour}");
            let state = window.state("anna");
            assert_eq!((state.admitted, state.by_neighbour), (3, neighbour.min(3)));
        }
    }

    #[test]
    fn a_node_that_commits_late_lets_more_through_until_it_does() {
        let every = Some(Duration::from_secs(30));
        let mut window = WindowCount::open(&rule(2, 0), at(500), every);
        let admits: Vec<bool> = [500, 10_000, 20_000, 30_499, 30_500, 70_000]
            .map(|ms| window.admits(1, at(ms), every))
            .to_vec();
        assert_eq!(admits, [true, true, true, true, false, false]);
        assert_eq!(window.state("anna").admitted, 4);
    }

    #[test]
    fn a_request_that_stands_for_several_calls_is_admitted_whole_or_not_at_all() {
        let mut window = WindowCount::open(&rule(4, 0), at(0), None);
        let admits = [5, 3, 2, 1, 1].map(|calls| window.admits(calls, at(1), None));
        assert_eq!(admits, [false, true, false, true, false]);
        assert_eq!(window.state("anna").admitted, 4);
    }

    #[test]
    fn a_commit_below_the_limit_opens_another_interval() {
        let every = Some(Duration::from_secs(30));
        let mut window = WindowCount::open(&rule(2, 0), at(0), every);
        let admits: Vec<bool> = [0, 95_000, 96_000, 119_999, 120_000]
            .map(|ms| window.admits(1, at(ms), every))
            .to_vec();
        assert_eq!(admits, [true, true, true, true, false]);
    }

    proptest! {
        /// A request is refused exactly when the limit was used up by the last commit before it.
        #[test]
        fn it_agrees_with_a_list_of_all_requests(
            limit in 0_u32..6,
            neighbour in 0_u32..4,
            every in prop::option::of(1_u64..400),
            pauses in prop::collection::vec(0_u64..200, 1..40),
        ) {
            let commits_every = every.map(Duration::from_millis);
            let mut window = WindowCount::open(&rule(limit, neighbour), at(0), commits_every);
            let mut admitted: Vec<u64> = Vec::new();
            let mut ms = 0;
            for pause in pauses {
                ms += pause;
                let last_commit = every.map(|every| ms / every * every);
                let committed = admitted.iter().filter(|&&when| match last_commit {
                    Some(0) => false,
                    Some(commit) => when < commit,
                    None => true,
                });
                let counted = neighbour.min(limit) as usize + committed.count();
                let expected = counted < limit as usize;
                prop_assert_eq!(window.admits(1, at(ms), commits_every), expected);
                if expected {
                    admitted.push(ms);
                }
            }
            let state = window.state("anna");
            prop_assert_eq!(state.admitted as usize, neighbour.min(limit) as usize + admitted.len());
            if every.is_none() {
                prop_assert!(state.admitted <= limit);
            }
        }
    }
}
