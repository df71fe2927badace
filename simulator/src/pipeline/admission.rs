//! What counts and must hold, in one state machine: failed logins, rate limit windows,
//! semaphores, sessions, tokens, authorization codes.
//!
//! Every call decides and counts in one step under one short lock and takes the time as an
//! argument. It knows nothing of sockets, replies or records. What others must act upon (an account
//! that locked, a window that opened or closed) waits as a [`Notice`] until it is taken.
//!
//! Lockout counting is documented (wire-failures 1.4); that failures over REST count towards it is
//! *assumed*.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Now;
use crate::policy::RateRule;
use crate::setup::{SemaphoreSetup, SessionQueueSetup};
use window::WindowCount;

mod codes;
mod mint;
mod pool;
mod proof;
mod session_queues;
mod sessions;
mod single_use;
mod tokens;
mod window;

pub use codes::{CODE_LIFETIME, Challenge, CodeRefusal, Codes, Consent};
pub use mint::Mint;
pub use pool::{Entry, Semaphores, Ticket};
pub use proof::{Holder, Proof};
pub use session_queues::SessionQueues;
pub use sessions::{Session, Sessions, session_id};
pub use single_use::SingleUse;
pub use tokens::{Ended, Found, Grantee, Issued, Recorded, Token, TokenKind, Tokens, Unwritten};

/// Shortest window, so that a whole second of it remains wherever its first request falls.
pub const SHORTEST_WINDOW: Duration = Duration::from_secs(2);

/// The counters of one instance.
#[derive(Debug)]
pub struct Admission {
    counters: Arc<Mutex<Counters>>,
    /// How often the node commits what it counted in windows; at once where it is not set.
    commits_every: Option<Duration>,
    /// The pool on which API requests run.
    pub semaphores: Semaphores,
    /// The queues of sessions.
    pub session_queues: SessionQueues,
    /// Who is known by a cookie.
    pub sessions: Sessions,
    /// Access and refresh tokens; who keeps their records holds them too.
    pub tokens: Arc<Tokens>,
    /// Authorization codes.
    pub codes: Codes,
    /// Assertions and codes of authenticators that were used up.
    pub single_use: SingleUse,
    /// Makes what callers are given as a proof of who they are.
    pub mint: Mint,
}

impl Default for Admission {
    fn default() -> Self {
        Self::new(None)
    }
}

#[derive(Debug, Default)]
struct Counters {
    logins: HashMap<String, Login>,
    /// When lockouts end by themselves, on the monotonic clock.
    lockouts: HashMap<String, Duration>,
    windows: HashMap<WindowKey, WindowCount>,
    in_flight: u64,
    notices: Vec<Notice>,
}

#[derive(Debug, Default)]
struct Login {
    failures: u32,
    locked: Lock,
}

/// Whether the counter holds an account locked until its record says so itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Lock {
    #[default]
    Open,
    /// Locked here; the record does not say so yet.
    Pending,
    /// The record says so in policies of this version and later; a call may still hold an older one.
    Recorded(u64),
}

impl Lock {
    /// Whether a caller who decides by a policy of this version cannot know of the lock.
    const fn is_news_to(self, version: u64) -> bool {
        match self {
            Self::Open => false,
            Self::Pending => true,
            Self::Recorded(since) => version < since,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct WindowKey {
    rule: String,
    user: String,
}

/// Something that others must act upon or write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Failed logins locked this account; its record must say so.
    LockedOut(String),
    /// The time of a lockout is over; the account's record must say so.
    LockoutOver(String),
    /// A window opened with its first request.
    WindowOpened(WindowState),
    /// A window was over, or its rule changed.
    WindowClosed(WindowState),
}

/// A window at some moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowState {
    /// The rule's name.
    pub rule: String,
    /// The user it counts.
    pub user: String,
    /// Requests it allows.
    pub limit: u32,
    /// Journal nanoseconds of its end.
    pub ends_ns: u64,
    /// UNIX seconds of its end, a whole number by construction.
    pub reset_unix: u64,
    /// Requests admitted in it so far, a neighbour's included.
    pub admitted: u32,
    /// Those of them that a neighbour with the same account made.
    pub by_neighbour: u32,
}

/// The answer to a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginVerdict {
    /// The password is right and the account is open.
    Accepted,
    /// The password is wrong.
    Refused {
        /// Failures in a row, this one included.
        failures: u32,
        /// Whether this very failure locked the account.
        locks: bool,
    },
    /// The account is locked, whatever the password.
    Locked,
}

/// The answer of a rate limit rule.
#[derive(Debug)]
pub enum WindowVerdict {
    /// The request counts and passes.
    Admitted {
        /// The window, this request included.
        window: WindowState,
        /// Held until the exchange ends.
        permit: Permit,
    },
    /// The window is used up.
    Refused {
        /// The window.
        window: WindowState,
        /// Whole seconds until its end, rounded up; at least 1.
        retry_after_secs: u64,
    },
}

/// Held while an admitted exchange lasts; giving it back is dropping it.
#[derive(Debug)]
pub struct Permit {
    held: Held,
}

#[derive(Debug)]
enum Held {
    Window(#[expect(dead_code, reason = "held for its drop")] InWindow),
    Slot(pool::Slot),
}

/// An exchange that a window admitted.
#[derive(Debug)]
struct InWindow {
    counters: Arc<Mutex<Counters>>,
}

impl Permit {
    const fn of_slot(slot: pool::Slot) -> Self {
        Self {
            held: Held::Slot(slot),
        }
    }

    /// The exchange begins to run at this moment, after it waited.
    pub fn runs_from(&self, now: Now) {
        if let Held::Slot(slot) = &self.held {
            slot.runs_from(now);
        }
    }
}

impl Drop for InWindow {
    fn drop(&mut self) {
        lock(&self.counters).in_flight -= 1;
    }
}

impl Admission {
    /// Counters at zero, and the pool as it was set up.
    #[must_use]
    pub fn new(semaphores: Option<&SemaphoreSetup>) -> Self {
        Self {
            counters: Arc::default(),
            commits_every: None,
            semaphores: Semaphores::new(semaphores),
            session_queues: SessionQueues::new(None),
            sessions: Sessions::default(),
            tokens: Arc::default(),
            codes: Codes::default(),
            single_use: SingleUse::default(),
            mint: Mint::default(),
        }
    }

    /// The same, with tokens, codes and sessions whose values come from this mint.
    #[must_use]
    pub fn minting(self, mint: Mint) -> Self {
        Self {
            tokens: Arc::new(Tokens::minted_by(mint)),
            codes: Codes::minted_by(mint),
            mint,
            ..self
        }
    }

    /// The same, with queues for its sessions as they were set up.
    #[must_use]
    pub fn queueing(self, sessions: Option<&SessionQueueSetup>) -> Self {
        Self {
            session_queues: SessionQueues::new(sessions),
            ..self
        }
    }

    /// The same, with counts of windows that hold from the next commit on only.
    #[must_use]
    pub fn committing(self, every: Option<Duration>) -> Self {
        Self {
            commits_every: every,
            ..self
        }
    }

    /// The same, with these tokens.
    #[must_use]
    pub fn holding(self, tokens: Arc<Tokens>) -> Self {
        Self { tokens, ..self }
    }

    /// Counts a login of a known user. `locked` is what the user's record says in the policy of this
    /// version; `max_failures` failures in a row lock the account, and 0 never does. A success
    /// clears the count.
    #[must_use]
    pub fn login(
        &self,
        user: &str,
        password_matches: bool,
        locked: bool,
        max_failures: u32,
        version: u64,
    ) -> LoginVerdict {
        let mut counters = lock(&self.counters);
        let login = counters.logins.entry(user.to_owned()).or_default();
        if locked || login.locked.is_news_to(version) {
            return LoginVerdict::Locked;
        }
        if password_matches {
            login.failures = 0;
            return LoginVerdict::Accepted;
        }
        login.failures = login.failures.saturating_add(1);
        let failures = login.failures;
        let locks = max_failures > 0 && failures >= max_failures;
        if locks {
            login.locked = Lock::Pending;
            counters.notices.push(Notice::LockedOut(user.to_owned()));
        }
        LoginVerdict::Refused { failures, locks }
    }

    /// The user's record says locked from this version of the policy on: it alone decides from
    /// there on, and failures count from zero.
    pub fn lock_recorded(&self, user: &str, version: u64) {
        let login = Login {
            failures: 0,
            locked: Lock::Recorded(version),
        };
        lock(&self.counters).logins.insert(user.to_owned(), login);
    }

    /// Somebody unlocked the account: failures count from zero.
    pub fn forget_login(&self, user: &str) {
        lock(&self.counters).logins.remove(user);
    }

    /// The lockout of a user ends by itself once so much time has passed.
    pub fn lockout_ends(&self, user: &str, at: Duration) {
        lock(&self.counters).lockouts.insert(user.to_owned(), at);
    }

    /// The lockout of a user ends when somebody ends it.
    pub fn lockout_stays(&self, user: &str) {
        lock(&self.counters).lockouts.remove(user);
    }

    /// Forgets when lockouts end whose account is open again: a later lock has a time of its own.
    pub fn keep_lockouts(&self, is_locked: impl Fn(&str) -> bool) {
        lock(&self.counters)
            .lockouts
            .retain(|user, _| is_locked(user));
    }

    /// Notes which lockouts are over by now.
    pub fn end_lockouts(&self, now: Now) {
        let mut guard = lock(&self.counters);
        let counters = &mut *guard;
        let mut over: Vec<String> = counters
            .lockouts
            .extract_if(|_, ends| now.elapsed >= *ends)
            .map(|(user, _)| user)
            .collect();
        over.sort();
        let over = over.into_iter().map(Notice::LockoutOver);
        counters.notices.extend(over);
    }

    /// Counts a request, which stands for so many `calls`, against a rule: all of them or none.
    /// Changing a rule's limit or length zeroes its count
    /// (wire-failures 5.1).
    #[must_use]
    pub fn admit(&self, user: &str, rule: &RateRule, calls: u32, now: Now) -> WindowVerdict {
        let key = WindowKey {
            rule: rule.sys_id.clone(),
            user: user.to_owned(),
        };
        let mut guard = lock(&self.counters);
        let counters = &mut *guard;
        let known = counters.windows.get(&key);
        let over = known.is_some_and(|window| window.is_over(now) || !window.belongs_to(rule));
        if over && let Some(window) = counters.windows.remove(&key) {
            counters
                .notices
                .push(Notice::WindowClosed(window.state(user)));
        }
        let fresh = !counters.windows.contains_key(&key);
        let every = self.commits_every;
        let open = || WindowCount::open(rule, now, every);
        let window = counters.windows.entry(key).or_insert_with(open);
        let admits = window.admits(calls, now, every);
        let left = window.seconds_left(now);
        let state = window.state(user);
        if fresh {
            counters.notices.push(Notice::WindowOpened(state.clone()));
        }
        if !admits {
            return WindowVerdict::Refused {
                window: state,
                retry_after_secs: left,
            };
        }
        counters.in_flight += 1;
        drop(guard);
        WindowVerdict::Admitted {
            window: state,
            permit: Permit {
                held: Held::Window(InWindow {
                    counters: Arc::clone(&self.counters),
                }),
            },
        }
    }

    /// Closes every window that is over, or, at the end of a run, every window.
    pub fn close_windows(&self, now: Now, all: bool) {
        let mut guard = lock(&self.counters);
        let counters = &mut *guard;
        let mut over: Vec<_> = counters
            .windows
            .extract_if(|_, window| all || window.is_over(now))
            .map(|(key, window)| window.state(&key.user))
            .collect();
        over.sort_by(|a, b| (a.ends_ns, &a.rule, &a.user).cmp(&(b.ends_ns, &b.rule, &b.user)));
        counters
            .notices
            .extend(over.into_iter().map(Notice::WindowClosed));
    }

    /// Every token, code, session and session's token that was made, by a name of its own, with its
    /// value: what must be found in what was written down.
    #[must_use]
    pub fn secrets(&self) -> Vec<(String, String)> {
        let values = (self.tokens.values(), self.codes.values());
        named(values.0, values.1, self.sessions.values())
    }

    /// The same of those that were made since the last call.
    #[must_use]
    pub fn take_new_secrets(&self) -> Vec<(String, String)> {
        let values = (self.tokens.take_new(), self.codes.take_new());
        named(values.0, values.1, self.sessions.take_new())
    }

    /// What happened since the last call, in order.
    #[must_use]
    pub fn take_notices(&self) -> Vec<Notice> {
        mem::take(&mut lock(&self.counters).notices)
    }

    /// Admitted exchanges that have not ended.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        lock(&self.counters).in_flight
    }
}

fn named(
    tokens: Vec<(u64, String)>,
    codes: Vec<(u64, String)>,
    sessions: Vec<(u64, [String; 2])>,
) -> Vec<(String, String)> {
    let of = |kind: &'static str, values: Vec<(u64, String)>| {
        let named = move |(number, value)| (format!("{kind} {number}"), value);
        values.into_iter().map(named)
    };
    let sessions = sessions.into_iter().flat_map(|(number, [id, token])| {
        [
            (format!("session {number}"), id),
            (format!("user token {number}"), token),
        ]
    });
    of("token", tokens)
        .chain(of("code", codes))
        .chain(sessions)
        .collect()
}

fn lock(counters: &Mutex<Counters>) -> MutexGuard<'_, Counters> {
    counters.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod lockouts;
#[cfg(test)]
mod tests;
