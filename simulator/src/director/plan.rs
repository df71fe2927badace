//! Steps as they are carried out, and why a step as written is refused.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use indexmap::IndexMap;

use crate::journal::Caller;
use crate::setup::{Action, HeadPlace, Moment, Proxy, RawResponse, Step, Trigger};

/// Headers that a scripted answer cannot set: a false length would break the connection, not the
/// answer.
const FRAMING: [&str; 2] = ["content-length", "transfer-encoding"];

/// Why a step is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step `{step}`: `{field}` {problem}")]
pub struct InvalidStep {
    /// The step.
    pub step: String,
    /// The field of the step.
    pub field: String,
    /// What is wrong with it, and what is legal.
    pub problem: String,
}

/// A step that was checked.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) name: String,
    pub(super) instance: String,
    pub(super) moment: Moment,
    pub(super) caller: Caller,
    pub(super) kind: Kind,
    pub(super) occurrence: Occurrence,
    /// How long after another step it fires, where it waits for one.
    pub(super) delay: Option<Duration>,
    pub(super) actions: Vec<Action>,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Read { table: String, page: Option<u32> },
    Request(String),
    Connection,
    Event(String),
    After(Duration),
    Act(u32),
}

/// At which matches a step fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occurrence {
    Nth(u32),
    Every(u32),
    Range { from: u32, to: Option<u32> },
}

impl Occurrence {
    /// Whether it fires at the match of this number, counted from 1.
    pub(super) fn includes(self, number: u32) -> bool {
        match self {
            Self::Nth(nth) => number == nth,
            Self::Every(every) => number.is_multiple_of(every),
            Self::Range { from, to } => number >= from && to.is_none_or(|to| number <= to),
        }
    }
}

impl Planned {
    /// Whether it says what is answered, or how the answer ends.
    pub(super) fn scripts(&self) -> bool {
        let scripted = |action: &Action| {
            matches!(
                action,
                Action::Respond(_)
                    | Action::Stall(_)
                    | Action::HangUp(_)
                    | Action::Drip(_)
                    | Action::Truncate(_)
                    | Action::Malform(_)
                    | Action::EndStream(_)
            )
        };
        self.actions.iter().any(scripted)
    }

    /// After which time it fires once this caller made contact, if time is what it waits for.
    pub(super) fn timer(&self, caller: Caller) -> Option<Duration> {
        match self.kind {
            Kind::After(after) if self.caller == caller => Some(after),
            _ => None,
        }
    }
}

/// Checks every step against the instances and the other steps.
pub(super) fn plan(
    steps: &IndexMap<String, Step>,
    instances: &[&str],
) -> Result<Vec<Planned>, InvalidStep> {
    let planned: Vec<Planned> = steps
        .iter()
        .map(|(name, step)| {
            let check = Check { step: name };
            check.plan(step, steps, instances)
        })
        .collect::<Result<_, _>>()?;
    for step in &planned {
        waits_for_itself(step, &planned)?;
    }
    Ok(planned)
}

/// Names as an error lists them.
pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

struct Check<'s> {
    step: &'s str,
}

impl Check<'_> {
    fn plan(
        &self,
        step: &Step,
        steps: &IndexMap<String, Step>,
        instances: &[&str],
    ) -> Result<Planned, InvalidStep> {
        let trigger = step
            .when
            .as_ref()
            .ok_or_else(|| self.wrong("when", "is missing; say what is counted"))?;
        let kind = self.kind(trigger, steps)?;
        let instance = step.instance.as_deref().unwrap_or("main");
        if !instances.contains(&instance) {
            let problem = format!(
                "names no instance: `{instance}`; the instances are {}",
                listed(instances.iter().copied())
            );
            return Err(self.wrong("instance", problem));
        }
        let by_request = matches!(kind, Kind::Read { .. } | Kind::Request(_));
        let moment = step.at.unwrap_or_default();
        if moment != Moment::Arrival && !by_request {
            return Err(self.wrong("at", "needs a trigger by `read` or `request`"));
        }
        let actions = step.actions.clone().unwrap_or_default();
        for action in &actions {
            self.action(action, moment, by_request)?;
        }
        Ok(Planned {
            name: self.step.to_owned(),
            instance: instance.to_owned(),
            moment,
            caller: trigger.caller.unwrap_or_default(),
            occurrence: self.occurrence(trigger)?,
            delay: trigger
                .after
                .filter(|_| trigger.event.is_some())
                .map(|after| after.effective),
            kind,
            actions,
        })
    }

    fn kind(&self, trigger: &Trigger, steps: &IndexMap<String, Step>) -> Result<Kind, InvalidStep> {
        let kinds = [
            trigger.read.clone().map(|table| Kind::Read {
                table,
                page: trigger.page,
            }),
            trigger.request.clone().map(Kind::Request),
            trigger.connection.map(|_| Kind::Connection),
            trigger.event.clone().map(Kind::Event),
            trigger
                .after
                .filter(|_| trigger.event.is_none())
                .map(|after| Kind::After(after.effective)),
            trigger.act.map(Kind::Act),
        ];
        let mut given = kinds.into_iter().flatten();
        let (Some(kind), None) = (given.next(), given.next()) else {
            return Err(self.wrong(
                "when",
                "needs exactly one of `read`, `request`, `connection`, `event`, `after`, `act`",
            ));
        };
        if trigger.page.is_some() && trigger.read.is_none() {
            return Err(self.wrong("when.page", "needs `read`"));
        }
        if trigger.page == Some(0) {
            return Err(self.wrong("when.page", "is `0`; pages count from 1"));
        }
        match &kind {
            Kind::Request(pattern) if pattern != "*" && !pattern.contains(' ') => {
                let problem = format!("is `{pattern}`; write `METHOD /path`, or `*` for any");
                Err(self.wrong("when.request", problem))
            }
            Kind::Act(0) => Err(self.wrong("when.act", "is `0`; acts count from 1")),
            Kind::Event(name) if !steps.contains_key(name) => {
                let problem = format!(
                    "names no step: `{name}`; the steps are {}",
                    listed(steps.keys().map(String::as_str))
                );
                Err(self.wrong("when.event", problem))
            }
            _ => Ok(kind),
        }
    }

    fn occurrence(&self, trigger: &Trigger) -> Result<Occurrence, InvalidStep> {
        let Trigger {
            nth,
            every,
            from,
            to,
            connection,
            ..
        } = trigger;
        for (field, number) in [
            ("when.nth", nth),
            ("when.every", every),
            ("when.from", from),
            ("when.to", to),
            ("when.connection", connection),
        ] {
            if *number == Some(0) {
                return Err(self.wrong(field, "is `0`; matches count from 1"));
            }
        }
        match (nth, every, from, to, connection) {
            (None, None, None, None, Some(nth)) | (Some(nth), None, None, None, None) => {
                Ok(Occurrence::Nth(*nth))
            }
            (None, Some(every), None, None, None) => Ok(Occurrence::Every(*every)),
            (None, None, Some(from), Some(to), None) if to < from => {
                Err(self.wrong("when.to", format!("is `{to}`, before `from: {from}`")))
            }
            (None, None, from, to, None) if from.is_some() || to.is_some() => {
                Ok(Occurrence::Range {
                    from: from.unwrap_or(1),
                    to: *to,
                })
            }
            (None, None, None, None, None) => Ok(Occurrence::Nth(1)),
            _ => Err(self.wrong(
                "when",
                "takes one of `nth`, `every`, or `from` with `to`; `connection` takes none",
            )),
        }
    }

    fn action(&self, action: &Action, moment: Moment, by_request: bool) -> Result<(), InvalidStep> {
        let (name, latest) = match action {
            Action::Respond(response) => {
                if !(100..=999).contains(&response.status) {
                    let problem = format!("has status `{}`; legal are 100 to 999", response.status);
                    return Err(self.wrong("do.respond", problem));
                }
                self.headers(response)?;
                ("do.respond", Moment::Arrival)
            }
            Action::SetProxy(Proxy::Refuses) => {
                let problem = "cannot close a port; `refuses` is for `instance.proxy` alone";
                return Err(self.wrong("do.set_proxy", problem));
            }
            Action::Stall(stall) => {
                self.one_place("do.stall", stall.after_body_bytes, stall.within)?;
                ("do.stall", Moment::Decided)
            }
            Action::HangUp(it) => {
                self.one_place("do.hang_up", it.after_body_bytes, it.within)?;
                ("do.hang_up", Moment::Decided)
            }
            Action::Drip(drip) => {
                if drip.bytes == Some(0) {
                    return Err(self.wrong("do.drip.bytes", "is `0`; write 1 or more"));
                }
                ("do.drip", Moment::Decided)
            }
            Action::Truncate(_) => ("do.truncate", Moment::Decided),
            Action::Malform(_) => ("do.malform", Moment::Decided),
            Action::EndStream(_) => ("do.end_stream", Moment::Decided),
            _ => return Ok(()),
        };
        if !by_request {
            return Err(self.wrong(name, "needs a trigger by `read` or `request`"));
        }
        match (latest, moment) {
            (_, Moment::Delivered) | (Moment::Arrival, Moment::Decided) => {
                Err(self.wrong(name, "comes too late; use `at: arrival`"))
            }
            _ => Ok(()),
        }
    }

    fn one_place(
        &self,
        action: &str,
        after_body_bytes: Option<u64>,
        within: Option<HeadPlace>,
    ) -> Result<(), InvalidStep> {
        if after_body_bytes.is_some() && within.is_some() {
            let problem = "stands beside `after_body_bytes`; write one of the two";
            return Err(self.wrong(&format!("{action}.within"), problem));
        }
        Ok(())
    }

    fn headers(&self, response: &RawResponse) -> Result<(), InvalidStep> {
        for (name, value) in &response.headers {
            let problem = if HeaderName::try_from(name.as_str()).is_err() {
                format!("`{name}` is no header name")
            } else if HeaderValue::try_from(value.as_str()).is_err() {
                format!("`{name}` has a value that no header can have")
            } else if FRAMING.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                format!("`{name}` is set by HTTP itself; leave it out")
            } else {
                continue;
            };
            return Err(self.wrong("do.respond.headers", problem));
        }
        Ok(())
    }

    fn wrong(&self, field: &str, problem: impl Into<String>) -> InvalidStep {
        InvalidStep {
            step: self.step.to_owned(),
            field: field.to_owned(),
            problem: problem.into(),
        }
    }
}

fn waits_for_itself(step: &Planned, steps: &[Planned]) -> Result<(), InvalidStep> {
    let mut at = step;
    for _ in 0..steps.len() {
        let Kind::Event(name) = &at.kind else {
            return Ok(());
        };
        let Some(next) = steps.iter().find(|other| other.name == *name) else {
            return Ok(());
        };
        at = next;
    }
    Err(Check { step: &step.name }.wrong("when.event", "waits for itself in the end"))
}

#[cfg(test)]
mod tests;
