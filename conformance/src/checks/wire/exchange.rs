//! Exchanges: each request of the subject joined with the outcome of its reply.

use std::collections::{BTreeMap, BTreeSet};

use snowproof_simulator::journal::{
    Caller, Cause, Condition, Entry, Event, Outcome, ReplyEnd, Request, Served,
};
use snowproof_simulator::setup::{Action, Malformation, RawResponse};

use crate::evidence::Evidence;

/// A request of the subject, and how its reply ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange<'a> {
    /// Journal number of the request.
    pub(crate) seq: u64,
    /// Journal number of the outcome; none when the journal ends before it.
    pub(crate) outcome_seq: Option<u64>,
    /// The act during which the request was made.
    pub(crate) act: u32,
    /// The instance it was sent to.
    pub(crate) instance: &'a str,
    /// The request.
    pub(crate) request: &'a Request,
    /// The outcome.
    pub(crate) outcome: Option<&'a Outcome>,
    /// What put the responsible condition in force.
    pub(crate) cause: Option<&'a Cause>,
}

/// Every exchange of the subject, in the order in which the requests began.
pub(crate) fn of_subject(evidence: &Evidence) -> Vec<Exchange<'_>> {
    of(evidence, Caller::Subject)
}

/// Every exchange of the person whom the subject sent to the instance.
pub(crate) fn of_person(evidence: &Evidence) -> Vec<Exchange<'_>> {
    of(evidence, Caller::Person)
}

fn of(evidence: &Evidence, caller: Caller) -> Vec<Exchange<'_>> {
    let mut outcomes: BTreeMap<u64, (&Entry, &Outcome)> = BTreeMap::new();
    for entry in &evidence.journal {
        if let Event::Outcome(outcome) = &entry.event {
            outcomes.entry(outcome.request).or_insert((entry, outcome));
        }
    }
    let mut exchanges: Vec<Exchange<'_>> = evidence
        .journal
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Request(request) if request.caller == caller => {
                let outcome = outcomes.get(&request.request);
                Some(Exchange {
                    seq: entry.seq,
                    outcome_seq: outcome.map(|(entry, _)| entry.seq),
                    act: entry.act,
                    instance: &entry.instance,
                    request,
                    outcome: outcome.map(|(_, outcome)| *outcome),
                    cause: outcome
                        .and_then(|(entry, _)| entry.cause.as_ref())
                        .or(entry.cause.as_ref()),
                })
            }
            _ => None,
        })
        .collect();
    exchanges.sort_by_key(|exchange| (exchange.request.started_ns, exchange.seq));
    exchanges
}

impl<'a> Exchange<'a> {
    /// Journal nanoseconds of the request's first byte.
    pub(crate) fn started(&self) -> u64 {
        self.request.started_ns
    }

    /// Journal nanoseconds at which the reply ended; none when it never did.
    pub(crate) fn ended(&self) -> Option<u64> {
        self.outcome.map(|outcome| outcome.ended_ns)
    }

    /// The status that was sent, or decided upon while no outcome is known.
    pub(crate) fn status(&self) -> Option<u16> {
        match self.outcome {
            Some(outcome) => outcome.status,
            None => self.request.decision.status,
        }
    }

    /// The condition whose consequence was met.
    pub(crate) fn condition(&self) -> Option<Condition> {
        self.outcome
            .and_then(|outcome| outcome.condition)
            .or(self.request.decision.condition)
    }

    /// What was read, where rows were.
    pub(crate) fn served(&self) -> Option<&'a Served> {
        self.outcome.and_then(|outcome| outcome.served.as_ref())
    }

    /// Everything that was read, by the requests of a batch as well.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &'a Served> + use<'a> {
        let outcome = self.outcome.into_iter();
        outcome.flat_map(|outcome| outcome.served.iter().chain(&outcome.served_in_batch))
    }

    /// Whether the reply was written whole.
    pub(crate) fn delivered(&self) -> bool {
        self.outcome
            .is_some_and(|outcome| outcome.end == ReplyEnd::Delivered)
    }

    /// Whether the caller did not get what it asked for, as far as the transport tells.
    ///
    /// Rows that access controls hide are not a failure; a page in place of an answer is.
    pub(crate) fn failed(&self) -> bool {
        let Some(status) = self.status() else {
            return true;
        };
        !self.delivered()
            || status >= 400
            || status == 202
            || self.condition().is_some_and(is_a_page)
            || (status < 300
                && matches!(
                    self.condition(),
                    Some(
                        Condition::QueryCancelled
                            | Condition::Scripted
                            | Condition::Stalled
                            | Condition::HungUp
                            | Condition::Truncated
                            | Condition::Malformed
                    )
                ))
    }

    /// Whether the instance was not there, and may be for long: asking on is right, but slowly.
    pub(crate) fn is_away(&self) -> bool {
        matches!(
            self.condition(),
            Some(
                Condition::Hibernating
                    | Condition::Waking
                    | Condition::Down
                    | Condition::Maintenance
                    | Condition::FailingOver
            )
        )
    }

    /// Whether the end was seen late: the caller left, or the reply never ended by itself.
    pub(crate) fn ended_by_caller(&self) -> bool {
        self.outcome
            .is_some_and(|outcome| matches!(outcome.end, ReplyEnd::Abandoned | ReplyEnd::Silent))
    }

    /// A request header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.request
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Rows asked for at most, as the request says.
    pub(crate) fn limit(&self) -> Option<u64> {
        let (_, query) = self.request.target.split_once('?')?;
        super::op::parameter(query, "sysparm_limit")?
            .trim()
            .parse()
            .ok()
    }

    /// Columns asked for, as the request says.
    pub(crate) fn fields(&self) -> Option<String> {
        let (_, query) = self.request.target.split_once('?')?;
        super::op::parameter(query, "sysparm_fields")
    }

    /// The scripted answer it met, as the scenario wrote it.
    pub(crate) fn script(&self, evidence: &'a Evidence) -> Option<&'a RawResponse> {
        let Some(Cause::Step(name)) = self.cause else {
            return None;
        };
        if self.condition() != Some(Condition::Scripted) {
            return None;
        }
        let actions = evidence.scenario.steps.get(name)?.actions.as_ref()?;
        actions.iter().find_map(|action| match action {
            Action::Respond(response) => Some(response),
            _ => None,
        })
    }

    /// What was wrong with its answer, where a step damaged that.
    pub(crate) fn malformation(&self, evidence: &Evidence) -> Option<Malformation> {
        let Some(Cause::Step(name)) = self.cause else {
            return None;
        };
        if self.condition() != Some(Condition::Malformed) {
            return None;
        }
        let actions = evidence.scenario.steps.get(name)?.actions.as_ref()?;
        actions.iter().find_map(|action| match action {
            Action::Malform(what) => Some(*what),
            _ => None,
        })
    }

    /// The journal entries it consists of.
    pub(crate) fn entries(&self) -> impl Iterator<Item = u64> {
        std::iter::once(self.seq).chain(self.outcome_seq)
    }
}

/// Whether an instance answers with a page, or a redirect to one, in place of what was asked for.
pub(crate) const fn is_a_page(condition: Condition) -> bool {
    matches!(
        condition,
        Condition::Hibernating | Condition::Waking | Condition::LoginPage | Condition::AnotherSite
    )
}

/// Whether every act of the run begins and ends in the journal.
pub(crate) fn is_complete(evidence: &Evidence) -> bool {
    let ended: BTreeSet<u32> = evidence
        .journal
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::ActEnded(ended) => Some(ended.act),
            _ => None,
        })
        .collect();
    evidence.acts.iter().all(|act| ended.contains(&act.act))
}
