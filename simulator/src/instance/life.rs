//! The life of an instance over the clock: what follows by time from what somebody did.
//!
//! A machine without a clock of its own. A deed changes the state at once and lays down what follows
//! and when; whoever looks says which moment it is, and what was due by then has happened. So the same
//! deeds give the same history, however often and whenever somebody looks, and a request, which
//! only looks, wakes nobody (wire-failures 6.1).
//!
//! That an upgrade restarts three nodes, and each for half of its share of the window, is *assumed*
//! (wire-failures 6.2 has "one by one" and "minutes of errors inside hours").

use std::collections::VecDeque;
use std::sync::PoisonError;
use std::time::Duration;

use super::{Instance, Subject};
use crate::journal::{ConditionChanged, Event};
use crate::setup::{Action, InstanceState};

/// Nodes that an upgrade restarts one after another.
const NODES: u32 = 3;

/// How long a developer instance takes to wake up where its set-up does not say: "2-3 minutes", and
/// "within five minutes" (wire-failures 6.1).
const USUAL_WAKING: Duration = Duration::from_secs(180);

/// What was done to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// It is in this state from here on, whatever was to follow.
    Enter(InstanceState),
    /// Its owner signs in to the developer site.
    SignIn { takes: Duration },
    /// It moves to another data centre, and is out of reach for so long.
    FailOver { lasts: Duration },
    /// Its nodes are upgraded one by one in a window of this length.
    Upgrade { lasts: Duration },
}

impl Deed {
    /// What an action does to the life of an instance, if anything; `takes` is how long it wakes up.
    fn of(action: &Action, takes: Duration) -> Option<Self> {
        Some(match action {
            Action::Hibernate => Self::Enter(InstanceState::Hibernating),
            Action::Wake => Self::Enter(InstanceState::Awake),
            Action::Enter(state) => Self::Enter(*state),
            Action::SignIn => Self::SignIn { takes },
            Action::FailOver(it) => Self::FailOver {
                lasts: it.lasts.effective,
            },
            Action::Upgrade(it) => Self::Upgrade {
                lasts: it.lasts.effective,
            },
            _ => return None,
        })
    }

    /// Whether it changes anything of an instance in this state: a sleeping one alone is woken, and it
    /// has no node that could move or be upgraded.
    fn concerns(self, state: InstanceState) -> bool {
        let sleeps = state == InstanceState::Hibernating;
        match self {
            Self::Enter(_) => true,
            Self::SignIn { .. } => sleeps,
            Self::FailOver { .. } | Self::Upgrade { .. } => {
                !sleeps && state != InstanceState::Absent && !state.is_another_site()
            }
        }
    }
}

/// A state that an instance enters by itself, and when, since the clock started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passage {
    pub(super) at: Duration,
    pub(super) to: InstanceState,
}

/// Where an instance stands in its life.
#[derive(Debug)]
pub(super) struct Life {
    state: InstanceState,
    /// What follows by time alone, in order.
    ahead: VecDeque<Passage>,
}

impl Life {
    pub(super) const fn beginning(state: InstanceState) -> Self {
        Self {
            state,
            ahead: VecDeque::new(),
        }
    }

    /// The state at this moment, unless somebody does something before.
    pub(super) fn state_at(&self, now: Duration) -> InstanceState {
        let due = self.ahead.iter().take_while(|passage| passage.at <= now);
        due.last().map_or(self.state, |passage| passage.to)
    }

    /// What happened by itself until this moment, in order; each passage is told once.
    pub(super) fn until(&mut self, now: Duration) -> Vec<Passage> {
        let due = self.ahead.partition_point(|passage| passage.at <= now);
        let past: Vec<Passage> = self.ahead.drain(..due).collect();
        self.state = past.last().map_or(self.state, |passage| passage.to);
        past
    }

    /// Somebody does something at this moment; what was due before has happened before.
    pub(super) fn heed(&mut self, deed: Deed, now: Duration) -> Vec<Passage> {
        let past = self.until(now);
        if !deed.concerns(self.state) {
            return past;
        }
        match deed {
            Deed::Enter(state) => self.enter(state, []),
            Deed::SignIn { takes } => {
                self.enter(InstanceState::Waking, [awake(now + takes)]);
            }
            Deed::FailOver { lasts } => {
                self.enter(InstanceState::FailingOver, [awake(now + lasts)]);
            }
            Deed::Upgrade { lasts } => {
                let mut nodes = (0..NODES).flat_map(|node| upgraded(now, lasts, node));
                let first = nodes.next();
                let first = first.map_or(InstanceState::Awake, |passage| passage.to);
                self.enter(first, nodes);
            }
        }
        past
    }

    fn enter(&mut self, state: InstanceState, then: impl IntoIterator<Item = Passage>) {
        self.state = state;
        self.ahead = then.into_iter().collect();
    }
}

const fn awake(at: Duration) -> Passage {
    Passage {
        at,
        to: InstanceState::Awake,
    }
}

/// The node of this number goes down in its turn, and is back half way to the next one's.
fn upgraded(begin: Duration, lasts: Duration, node: u32) -> [Passage; 2] {
    let halves = |number: u32| begin + lasts / (NODES * 2) * number;
    [
        Passage {
            at: halves(node * 2),
            to: InstanceState::Maintenance,
        },
        awake(halves(node * 2 + 1)),
    ]
}

impl Instance {
    /// The state at this moment. What happened by itself since somebody looked is written down first.
    pub(crate) fn state(&self) -> InstanceState {
        let mut life = self.life.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now().elapsed;
        self.write_passages(&life.until(now));
        life.state_at(now)
    }

    /// Does what an action says of the instance's life; the others do nothing to it. The cause is in
    /// force already, and whoever set it looked at the state before.
    pub(crate) fn live(&self, action: &Action) {
        let Some(deed) = self.deed(action) else {
            return;
        };
        let mut life = self.life.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now().elapsed;
        let moves = matches!(deed, Deed::FailOver { .. }) && deed.concerns(life.state_at(now));
        self.write_passages(&life.heed(deed, now));
        if moves {
            // They were the node's that is left behind (wire-failures 6.2).
            self.with_causes(|causes| {
                let cause = causes.of(&Subject::State);
                causes.set(Subject::Sessions, cause, false);
            });
            self.admission.sessions.end_all();
        }
    }

    /// Whether an action changes anything of the instance as it is now; one that is not about its life
    /// does.
    pub(crate) fn is_changed_by(&self, action: &Action) -> bool {
        let state = self.state();
        self.deed(action).is_none_or(|deed| deed.concerns(state))
    }

    fn deed(&self, action: &Action) -> Option<Deed> {
        let takes = self.wakes_in.map_or(USUAL_WAKING, |set| set.effective);
        Deed::of(action, takes)
    }

    /// Whoever did what they follow from is their cause.
    fn write_passages(&self, passages: &[Passage]) {
        for passage in passages {
            let cause = self.with_causes(|causes| {
                let cause = causes.of(&Subject::State);
                let is_better = passage.to == InstanceState::Awake;
                causes.set(Subject::State, cause.clone(), is_better);
                cause
            });
            let action = Action::Enter(passage.to);
            let change = ConditionChanged {
                action: serde_json::to_string(&action).unwrap_or_default(),
                what: format!("by now the instance is {}", passage.to.in_words()),
                since_ns: u64::try_from(passage.at.as_nanos()).ok(),
            };
            self.note(Some(cause), Event::ConditionChanged(change));
        }
    }
}

#[cfg(test)]
mod laws;
