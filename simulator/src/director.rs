//! Counts what happens, fires the scenario's steps, changes conditions.
//!
//! Scenarios and hands use the same door. It stands outside the pipeline: it changes what an
//! instance is, and the instance answers as one in that condition would. Only a scripted answer or
//! a wire fault concerns the triggering request itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use indexmap::IndexMap;
use tokio::task::JoinHandle;

use crate::api::{Api, Target};
use crate::instance::Instance;
use crate::journal::{Actor, Caller, Cause, Event, Journal, StepFired};
use crate::setup::{
    Action, Drip, EndStream, HangUp, InstanceState, Malformation, Moment, RawResponse, Stall, Step,
    Truncate,
};

mod apply;
mod conditions;
mod counting;
mod glob;
mod plan;

pub use apply::{ApplyError, words};
pub use conditions::{Change, InstanceConditions};
pub use plan::InvalidStep;

use counting::{Counting, Happening};
use plan::Planned;

/// Changes conditions and fires steps, for scenarios and for hands alike; clones are the same.
#[derive(Clone)]
pub struct Director {
    inner: Arc<Inner>,
}

struct Inner {
    journal: Journal,
    instances: IndexMap<String, Arc<Instance>>,
    steps: Vec<Planned>,
    counting: Mutex<Counting>,
    timers: Mutex<Vec<JoinHandle<()>>>,
}

impl std::fmt::Debug for Director {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let steps: Vec<_> = self.inner.steps.iter().map(|step| &step.name).collect();
        f.debug_struct("Director").field("steps", &steps).finish()
    }
}

/// A step of this name does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no step `{name}`; the steps are {known}")]
pub struct UnknownStep {
    name: String,
    known: String,
}

/// A request as the director sees it arrive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival<'a> {
    pub(crate) request: u64,
    pub(crate) caller: Caller,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) target: &'a Target,
    /// Number of the access token that it shows, if it is one of the instance's.
    pub(crate) token: Option<u64>,
}

impl Arrival<'_> {
    /// The table whose list it reads, if it reads one.
    pub(crate) fn list_read(&self) -> Option<&str> {
        let reads =
            self.target.api == Api::Table && self.method == "GET" && self.target.sys_id.is_none();
        self.target.table.as_deref().filter(|_| reads)
    }
}

/// By whom, and by which request, a step is triggered.
#[derive(Debug, Clone, Copy)]
struct Trigger {
    actor: Actor,
    request: Option<u64>,
    /// Number of the access token that the request shows.
    token: Option<u64>,
}

impl Trigger {
    const fn by(actor: Actor) -> Self {
        Self {
            actor,
            request: None,
            token: None,
        }
    }
}

impl From<&Arrival<'_>> for Trigger {
    fn from(arrival: &Arrival<'_>) -> Self {
        Self {
            actor: arrival.caller.into(),
            request: Some(arrival.request),
            token: arrival.token,
        }
    }
}

/// What a step does to the triggering request itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Script {
    pub(crate) step: String,
    pub(crate) line: ScriptLine,
}

/// One scripted action.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ScriptLine {
    Respond(RawResponse),
    Stall(Stall),
    HangUp(HangUp),
    Drip(Drip),
    Truncate(Truncate),
    Malform(Malformation),
    EndStream(EndStream),
}

/// The steps that a request triggered, some of them at a later moment.
#[derive(Debug, Default)]
pub(crate) struct Triggered {
    /// Of one step only: of several that script the same exchange, the first listed wins.
    pub(crate) scripts: Vec<Script>,
    scripting: Option<usize>,
    later: Vec<usize>,
}

impl Director {
    pub(crate) fn new(
        journal: Journal,
        instances: IndexMap<String, Arc<Instance>>,
        steps: &IndexMap<String, Step>,
    ) -> Result<Self, InvalidStep> {
        let names: Vec<&str> = instances.keys().map(String::as_str).collect();
        let steps = plan::plan(steps, &names)?;
        Ok(Self {
            inner: Arc::new(Inner {
                journal,
                instances,
                counting: Mutex::new(Counting::new(steps.len())),
                steps,
                timers: Mutex::default(),
            }),
        })
    }

    /// Changes a condition of an instance at once.
    ///
    /// # Errors
    /// When there is no such instance, user, role, rule or table, or the action concerns a
    /// triggering request and there is none.
    pub async fn apply(
        &self,
        instance: &str,
        action: &Action,
        cause: Cause,
    ) -> Result<(), ApplyError> {
        let known = || self.inner.instances.keys().cloned().collect::<Vec<_>>();
        let instance = self
            .inner
            .instances
            .get(instance)
            .ok_or_else(|| ApplyError::no_instance(instance, &known()))?;
        apply::apply(instance, action, cause, None).await
    }

    /// Whoever owns the instances signed in to the developer site: those that sleep wake up.
    pub(crate) async fn owner_signed_in(&self) {
        let all = self.inner.instances.values();
        for instance in all.filter(|it| it.state() == InstanceState::Hibernating) {
            // It changes no record and makes nothing, so that it cannot fail.
            let _done = apply::apply(instance, &Action::SignIn, Cause::Hand, None).await;
        }
    }

    /// Fires a step by hand, whatever its trigger says.
    ///
    /// # Errors
    /// When there is no step of this name.
    pub async fn fire(&self, step: &str) -> Result<(), UnknownStep> {
        let index = self
            .inner
            .steps
            .iter()
            .position(|planned| planned.name == step)
            .ok_or_else(|| UnknownStep {
                name: step.to_owned(),
                known: plan::listed(self.inner.steps.iter().map(|step| step.name.as_str())),
            })?;
        self.fire_planned(index, Trigger::by(Actor::Runner)).await;
        Ok(())
    }

    /// The condition of every instance, and what changed it.
    #[must_use]
    pub fn conditions(&self) -> Vec<InstanceConditions> {
        self.inner
            .instances
            .values()
            .map(|instance| conditions::of(instance))
            .collect()
    }

    /// A connection was accepted.
    pub(crate) async fn accepted(&self, caller: Caller) {
        let (fires, first) = {
            let mut counting = self.counting();
            let first = counting.first_contact(caller);
            let fires = counting.count(&self.inner.steps, Happening::Connection(caller));
            (fires, first)
        };
        if first {
            self.start_timers(caller);
        }
        for index in fires {
            self.fire_planned(index, Trigger::by(caller.into())).await;
        }
    }

    /// Somebody was seen who tries to connect and is not answered.
    pub(crate) fn contact(&self, caller: Caller) {
        let first = self.counting().first_contact(caller);
        if first {
            self.start_timers(caller);
        }
    }

    /// A request arrived: counts it, and fires the steps that act at arrival.
    pub(crate) async fn arrived(&self, arrival: &Arrival<'_>) -> Triggered {
        let fires = self
            .counting()
            .count(&self.inner.steps, Happening::Request(arrival));
        let scripts = |index: &usize| self.inner.steps[*index].scripts();
        let mut triggered = Triggered {
            scripts: Vec::new(),
            scripting: fires.iter().copied().find(scripts),
            later: fires,
        };
        self.advance(&mut triggered, Moment::Arrival, arrival).await;
        triggered
    }

    /// Its answer is decided: fires the steps that act at that moment.
    pub(crate) async fn decided(&self, triggered: &mut Triggered, arrival: &Arrival<'_>) {
        self.advance(triggered, Moment::Decided, arrival).await;
    }

    /// Its answer has left but for the end of the message: fires the steps that act then.
    pub(crate) async fn delivered(&self, delivered: Delivered) {
        if let Some(list) = &delivered.list {
            self.counting().delivered(delivered.caller, list);
        }
        for index in delivered.steps {
            self.fire_planned(index, delivered.by).await;
        }
    }

    async fn advance(&self, triggered: &mut Triggered, moment: Moment, arrival: &Arrival<'_>) {
        let (at_once, later): (Vec<_>, Vec<_>) = triggered
            .later
            .drain(..)
            .partition(|index| self.inner.steps[*index].moment == moment);
        triggered.later = later;
        for index in at_once {
            let scripts = self.fire_planned(index, arrival.into()).await;
            if triggered.scripting == Some(index) {
                triggered.scripts = scripts;
            }
        }
    }

    /// An act begins: forgets what belongs to the one before, first contacts, pages, timers, and
    /// fires the steps that wait for this one.
    pub(crate) async fn enter_act(&self, act: u32) {
        self.stop_timers();
        let fires = {
            let mut counting = self.counting();
            counting.enter_act();
            counting.count(&self.inner.steps, Happening::Act(act))
        };
        for index in fires {
            self.fire_planned(index, Trigger::by(Actor::Runner)).await;
        }
    }

    /// Stops every timer.
    pub(crate) fn stop_timers(&self) {
        let mut timers = self
            .inner
            .timers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for timer in timers.drain(..) {
            timer.abort();
        }
    }

    fn start_timers(&self, caller: Caller) {
        for (index, step) in self.inner.steps.iter().enumerate() {
            let Some(after) = step.timer(caller) else {
                continue;
            };
            let director = self.clone();
            self.later(after, async move {
                let fires = director.counting().count_one(&director.inner.steps, index);
                if fires {
                    director
                        .fire_planned(index, Trigger::by(Actor::Instance))
                        .await;
                }
            });
        }
    }

    /// Does something after a while, unless the act ends before.
    fn later(&self, after: Duration, what: impl Future<Output = ()> + Send + 'static) {
        let timer = tokio::spawn(async move {
            tokio::time::sleep(after).await;
            what.await;
        });
        self.inner
            .timers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(timer);
    }

    /// Does what a step does, then fires the steps that wait for it. Chains end: a step never
    /// waits for itself, directly or through others.
    fn fire_planned(&self, index: usize, by: Trigger) -> BoxFuture<'_, Vec<Script>> {
        Box::pin(async move {
            let step = &self.inner.steps[index];
            let times = self.counting().fired(index);
            self.inner.journal.append(
                by.actor,
                &step.instance,
                Some(Cause::Step(step.name.clone())),
                Event::StepFired(StepFired {
                    step: step.name.clone(),
                    times,
                    request: by.request,
                }),
            );
            let mut scripts = Vec::new();
            for action in &step.actions {
                match script_line(action) {
                    Some(line) => scripts.push(Script {
                        step: step.name.clone(),
                        line,
                    }),
                    None => self.act(step, action, by.token).await,
                }
            }
            let following = self
                .counting()
                .count(&self.inner.steps, Happening::Event(&step.name));
            for next in following {
                let Some(delay) = self.inner.steps[next].delay else {
                    self.fire_planned(next, by).await;
                    continue;
                };
                let director = self.clone();
                self.later(delay, async move {
                    director
                        .fire_planned(next, Trigger::by(Actor::Instance))
                        .await;
                });
            }
            scripts
        })
    }

    async fn act(&self, step: &Planned, action: &Action, presented: Option<u64>) {
        let cause = Cause::Step(step.name.clone());
        let Some(instance) = self.inner.instances.get(&step.instance) else {
            return;
        };
        if let Err(error) = apply::apply(instance, action, cause, presented).await {
            instance.unmodelled(None, format!("step `{}`: {error}", step.name));
        }
    }

    fn counting(&self) -> MutexGuard<'_, Counting> {
        self.inner
            .counting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is left to do once an answer was delivered.
#[derive(Debug)]
pub(crate) struct Delivered {
    by: Trigger,
    caller: Caller,
    steps: Vec<usize>,
    /// The page that was delivered: table and query.
    list: Option<(String, String)>,
}

impl Delivered {
    /// `list_delivered`: the answer is a good one to a list read.
    pub(crate) fn new(triggered: Triggered, arrival: &Arrival<'_>, list_delivered: bool) -> Self {
        Self {
            by: arrival.into(),
            caller: arrival.caller,
            steps: triggered.later,
            list: arrival
                .list_read()
                .filter(|_| list_delivered)
                .map(|table| (table.to_owned(), arrival.query.to_owned())),
        }
    }
}

fn script_line(action: &Action) -> Option<ScriptLine> {
    match action {
        Action::Respond(response) => Some(ScriptLine::Respond(response.clone())),
        Action::Stall(stall) => Some(ScriptLine::Stall(stall.clone())),
        Action::HangUp(hang_up) => Some(ScriptLine::HangUp(hang_up.clone())),
        Action::Drip(drip) => Some(ScriptLine::Drip(drip.clone())),
        Action::Truncate(truncate) => Some(ScriptLine::Truncate(truncate.clone())),
        Action::Malform(what) => Some(ScriptLine::Malform(*what)),
        Action::EndStream(end) => Some(ScriptLine::EndStream(end.clone())),
        _ => None,
    }
}
