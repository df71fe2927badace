//! `fault-was-exercised`: the failure that the scenario is about was really met.
//!
//! A step that fired is not enough: what counts is its consequence at the subject's end, a reply,
//! a handshake or a changed record. A step without actions only marks a moment and counts by
//! itself; one that only heals counts by what the subject did after it. Where requests cannot
//! show it, the scenario's witness must have seen it too.

use std::collections::BTreeSet;

use snowproof_simulator::journal::{Actor, Caller, Cause, Condition, Connect, Entry, Event, Outcome};
use snowproof_simulator::setup::{
    Action, Certificate, Handshake, InstanceState, Port, Proxy,
};

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::{Evidence, ProcessEnding};
use crate::scenario::Witness;

/// See the module.
#[derive(Debug)]
pub struct FaultWasExercised;

impl Check for FaultWasExercised {
    type Settings = NoSettings;

    const ID: &'static str = "fault-was-exercised";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Harness;
    const DEMANDS: &'static str =
        "meets what the scenario is about as often as `met` says; otherwise nothing is decided";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let (met, witness) = (&evidence.scenario.met, evidence.scenario.witness);
        if met.is_empty() && witness == Witness::Request {
            return Ruling::not_applicable("the scenario names nothing that must be met");
        }
        let mut unmet = false;
        let (mut wanted, mut found, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        if witness != Witness::Request {
            wanted.push(witness.words().to_owned());
            match wire::sighting(evidence) {
                Ok(seen) => {
                    found.push("seen".to_owned());
                    entries.extend(seen);
                }
                Err(why) => {
                    found.push(why.to_owned());
                    unmet = true;
                }
            }
        }
        for (name, &least) in met {
            let consequences = consequences(name, evidence);
            let count = consequences.len();
            unmet |= count < least as usize;
            wanted.push(format!("`{name}` at least {least}×"));
            found.push(format!("`{name}` {count}×"));
            entries.extend(consequences);
        }
        let result = if unmet {
            CheckResult::Inconclusive
        } else {
            CheckResult::Pass
        };
        Ruling::of(
            result,
            format!("met: {}", wanted.join(", ")),
            found.join(", "),
            entries,
        )
    }
}

/// Journal entries in which the subject met the step or condition of this name.
fn consequences(name: &str, evidence: &Evidence) -> Vec<u64> {
    if let Some(step) = evidence.scenario.steps.get(name) {
        return match step.actions.as_deref() {
            None | Some([]) => firings(name, evidence).map(|(seq, _)| seq).collect(),
            Some(actions) if actions.iter().all(heals) => after(name, evidence),
            Some(actions) if actions.contains(&Action::SetPort(Port::Closed)) => {
                refused(name, evidence)
            }
            Some(actions) => caused_by(name, actions, evidence),
        };
    }
    match Condition::ALL.into_iter().find(|known| known.name() == name) {
        Some(Condition::BadCertificate) => wire::handshakes_with_bad_certificate(evidence)
            .map(|(entry, _, _)| entry.seq)
            .collect(),
        Some(
            condition @ (Condition::ProxyCredentialsRequired
            | Condition::ProxyBadGateway
            | Condition::ProxyHangs),
        ) => asked_of_proxy(evidence)
            .filter(|(_, connect)| connect.condition == Some(condition))
            .map(|(entry, _)| entry.seq)
            .collect(),
        Some(
            condition @ (Condition::PortFiltered
            | Condition::PortMute
            | Condition::PortHangsUp
            | Condition::PortResets),
        ) => wire::knocks(evidence, |_| true)
            .into_iter()
            .filter(|knock| knock.condition == condition)
            .filter_map(|knock| knock.entries.first().copied())
            .collect(),
        Some(Condition::HandshakeBroken) => wire::broken_handshakes(evidence)
            .map(|(entry, _)| entry.seq)
            .collect(),
        // A refused connection leaves no trace: the witness says what can be known.
        Some(Condition::PortClosed) => wire::sighting(evidence).unwrap_or_default(),
        // Only a person signs in and allows: a subject that fills in the forms itself met nobody.
        Some(condition @ (Condition::SignedIn | Condition::ConsentAllowed)) => {
            met(&wire::of_person(evidence), condition)
        }
        // What the person met whom the subject sent there, it has led to.
        Some(condition) => {
            let mut both = met(&wire::of_subject(evidence), condition);
            both.extend(met(&wire::of_person(evidence), condition));
            both
        }
        None => Vec::new(),
    }
}

/// Outcomes in which a condition was met.
fn met(exchanges: &[wire::Exchange<'_>], condition: Condition) -> Vec<u64> {
    let met = |exchange: &&wire::Exchange<'_>| {
        exchange.outcome.and_then(|outcome| outcome.condition) == Some(condition)
    };
    exchanges.iter().filter(met).filter_map(|exchange| exchange.outcome_seq).collect()
}

/// What the subject asked of the proxy.
fn asked_of_proxy(evidence: &Evidence) -> impl Iterator<Item = (&Entry, &Connect)> {
    evidence.journal.iter().filter_map(|entry| match &entry.event {
        Event::Connect(connect) if entry.actor == Actor::Subject => Some((entry, connect)),
        _ => None,
    })
}

fn firings<'e>(name: &'e str, evidence: &'e Evidence) -> impl Iterator<Item = (u64, u64)> + 'e {
    evidence.journal.iter().filter_map(move |entry| match &entry.event {
        Event::StepFired(fired) if fired.step == name => Some((entry.seq, entry.at_ns)),
        _ => None,
    })
}

/// Entries whose cause is the step, and replies to requests that triggered it which ended as it
/// says: where two steps ask for the same end of one reply, only one is named as the cause.
fn caused_by(name: &str, actions: &[Action], evidence: &Evidence) -> Vec<u64> {
    let triggers: BTreeSet<u64> = evidence
        .journal
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::StepFired(fired) if fired.step == name => fired.request,
            _ => None,
        })
        .collect();
    let ends_as_asked = |outcome: &Outcome| {
        triggers.contains(&outcome.request)
            && actions.iter().any(|action| {
                outcome.condition.is_some() && outcome.condition == wire_fault(action)
            })
    };
    let of_subject: BTreeSet<u64> = evidence
        .journal
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Request(request) if request.caller == Caller::Subject => Some(request.request),
            _ => None,
        })
        .collect();
    evidence
        .journal
        .iter()
        .filter(|entry| {
            let caused = matches!(&entry.cause, Some(Cause::Step(step)) if step == name);
            match &entry.event {
                Event::Outcome(outcome) => {
                    of_subject.contains(&outcome.request) && (caused || ends_as_asked(outcome))
                }
                Event::TlsFailed(_)
                | Event::TlsFinished(_)
                | Event::RecordChanged(_)
                | Event::Connect(_)
                | Event::SynSeen(_)
                | Event::HandshakeStalled(_)
                | Event::TurnedAway(_)
                | Event::HandshakeBroken(_) => caused,
                _ => false,
            }
        })
        .map(|entry| entry.seq)
        .collect()
}

/// A refused connection leaves no trace. Whoever went to the port before it closed, and still ran
/// or ran again afterwards, is taken to have gone there again; unless a connection was accepted
/// meanwhile, for then the port was not closed.
fn refused(name: &str, evidence: &Evidence) -> Vec<u64> {
    let Some((seq, closed)) = firings(name, evidence).next() else {
        return Vec::new();
    };
    let opens = |step: &str| {
        let step = evidence.scenario.steps.get(step);
        let mut actions = step.iter().flat_map(|step| step.actions.iter().flatten());
        actions.any(|action| matches!(action, Action::SetPort(port) if *port != Port::Closed))
    };
    let opened = evidence.journal.iter().find(|entry| {
        entry.seq > seq
            && matches!(&entry.event, Event::StepFired(fired) if opens(&fired.step))
    });
    let opened = opened.map_or(u64::MAX, |entry| entry.seq);
    let accepted: Vec<u64> = evidence
        .journal
        .iter()
        .filter(|entry| entry.actor == Actor::Subject && matches!(entry.event, Event::Accepted(_)))
        .map(|entry| entry.seq)
        .collect();
    let came = accepted.iter().any(|accepted| *accepted < seq);
    let stayed_open = accepted.iter().any(|accepted| (seq..opened).contains(accepted));
    let ran = evidence
        .acts
        .iter()
        .any(|act| act.exited_ns > closed && act.ending != ProcessEnding::Elsewhere);
    (came && ran && !stayed_open).then_some(seq).into_iter().collect()
}

fn after(name: &str, evidence: &Evidence) -> Vec<u64> {
    let Some((_, fired)) = firings(name, evidence).next() else {
        return Vec::new();
    };
    wire::of_subject(evidence)
        .iter()
        .filter(|exchange| exchange.started() >= fired)
        .filter_map(|exchange| exchange.outcome_seq)
        .collect()
}

/// The condition by which a reply shows that an action of the wire was done to it.
const fn wire_fault(action: &Action) -> Option<Condition> {
    match action {
        Action::Respond(_) => Some(Condition::Scripted),
        Action::Stall(_) => Some(Condition::Stalled),
        Action::HangUp(_) => Some(Condition::HungUp),
        Action::Drip(_) => Some(Condition::Dripping),
        Action::Truncate(_) => Some(Condition::Truncated),
        Action::Malform(_) => Some(Condition::Malformed),
        Action::EndStream(_) => Some(Condition::StreamEnded),
        _ => None,
    }
}

/// Whether an action takes a failure away, so that its consequence is plain success.
fn heals(action: &Action) -> bool {
    if let Action::SetRedirects(redirects) = action {
        return redirects.to.is_none();
    }
    matches!(
        action,
        Action::Wake
            | Action::UnlockUser(_)
            | Action::ActivateUser(_)
            | Action::GrantRole(_)
            | Action::RemoveRateRule(_)
            | Action::PresentCertificate(Certificate::Valid | Certificate::CompleteChain)
            | Action::SetProxy(Proxy::Open)
            | Action::SetPort(Port::Open)
            | Action::Enter(InstanceState::Awake)
            | Action::MendTable(_)
            | Action::ActivateOauthClient(_)
            | Action::SetHandshake(Handshake::Complete)
    )
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn ruling(run: &Run) -> Ruling {
        FaultWasExercised::decide(&NoSettings {}, &run.evidence())
    }

    #[test]
    fn a_fired_step_without_consequence_is_not_met() {
        let mut run = Run::sync();
        run.evidence.scenario.met.insert("dies".into(), 1);
        run.step("dies", vec![Action::Hibernate]).fire("dies").end();
        assert_eq!(ruling(&run).result, CheckResult::Inconclusive);
    }

    #[test]
    fn consequences_are_counted_at_least() {
        let mut run = Run::sync();
        run.evidence.scenario.met.insert("dies".into(), 2);
        run.step("dies", vec![Action::Hibernate]).fire("dies");
        for _ in 0..2 {
            run.get("/api/now/table/t").because("dies").fails(200, Condition::Hibernating);
        }
        run.get("/api/now/table/t").because("dies").fails(200, Condition::Hibernating);
        run.end();
        let ruling = ruling(&run);
        assert_eq!(ruling.result, CheckResult::Pass);
        assert_eq!(ruling.evidence.len(), 3);
    }

    #[test]
    fn two_steps_may_ask_for_one_end() {
        let mut run = Run::sync();
        run.evidence.scenario.met.insert("first".into(), 1);
        let stall = || vec![Action::Stall(snowproof_simulator::setup::Stall::default())];
        run.step("first", stall()).step("second", stall());
        run.log(
            None,
            Event::StepFired(snowproof_simulator::journal::StepFired {
                step: "first".into(),
                times: 1,
                request: Some(1),
            }),
        );
        assert_eq!(ruling(&run).result, CheckResult::Inconclusive);
        run.get("/api/now/table/t").because("second").silent();
        assert_eq!(ruling(&run).result, CheckResult::Pass);
    }

    #[test]
    fn a_mark_counts_by_its_firing_and_a_cure_by_what_follows() {
        let mut run = Run::sync();
        run.evidence.scenario.met.insert("mark".into(), 1);
        run.step("mark", vec![]).step("wakes", vec![Action::Wake]).fire("mark");
        assert_eq!(ruling(&run).result, CheckResult::Pass);
        run.evidence.scenario.met.insert("wakes".into(), 1);
        run.fire("wakes");
        assert_eq!(ruling(&run).result, CheckResult::Inconclusive);
        run.get("/api/now/table/t").ok();
        assert_eq!(ruling(&run).result, CheckResult::Pass);
    }

    #[test]
    fn a_bad_certificate_is_met_in_handshakes() {
        let mut run = Run::check();
        run.evidence.scenario.met.insert("bad_certificate".into(), 1);
        run.handshake(Certificate::Valid, true);
        assert_eq!(ruling(&run).result, CheckResult::Inconclusive);
        run.handshake(Certificate::Expired, false);
        assert_eq!(ruling(&run).result, CheckResult::Pass);
    }

    #[test]
    fn a_dropped_syn_and_a_silent_handshake_are_met_by_knocking() {
        for (mute, condition) in [(false, "port_filtered"), (true, "port_mute")] {
            let mut run = Run::check();
            run.evidence.scenario.met.insert(condition.into(), 1);
            run.evidence.scenario.witness = if mute { Witness::Accept } else { Witness::Syn };
            assert_eq!(ruling(&run).result, CheckResult::Inconclusive);
            run.knock(mute, 10);
            assert_eq!(ruling(&run).result, CheckResult::Pass);
        }
    }

    #[test]
    fn a_port_that_stayed_open_was_not_met() {
        let mut run = Run::sync();
        run.evidence.scenario.met.insert("closes".into(), 1);
        run.step("closes", vec![Action::SetPort(Port::Closed)])
            .step("opens", vec![Action::SetPort(Port::Open)])
            .fire("closes");
        run.connect(true);
        run.end();
        assert_eq!(ruling(&run).result, CheckResult::Inconclusive);
        let mut run = Run::sync();
        run.evidence.scenario.met.insert("closes".into(), 1);
        run.step("closes", vec![Action::SetPort(Port::Closed)])
            .step("opens", vec![Action::SetPort(Port::Open)])
            .fire("closes");
        run.wait(50).fire("opens");
        run.connect(true);
        run.end();
        assert_eq!(ruling(&run).result, CheckResult::Pass);
    }

    #[test]
    fn a_port_that_closes_is_met_by_whoever_went_there_before_and_goes_on() {
        let close = || vec![Action::SetPort(Port::Closed)];
        let mut run = Run::check();
        run.evidence.scenario.met.insert("closes".into(), 1);
        run.step("closes", close()).fire("closes");
        assert_eq!(ruling(&run).result, CheckResult::Inconclusive);
        run.wait(1).end();
        assert_eq!(ruling(&run).result, CheckResult::Pass);
        run.evidence.journal.retain(|entry| !matches!(entry.event, Event::Accepted(_)));
        assert_eq!(ruling(&run).result, CheckResult::Inconclusive);
    }

    #[test]
    fn the_witness_must_have_seen_it() {
        let mut run = Run::check();
        run.says(snowproof_protocol::Outcome::Failure, None, "no").end();
        for (witness, result) in [
            (Witness::Request, CheckResult::NotApplicable),
            (Witness::Handshake, CheckResult::Inconclusive),
            (Witness::Accept, CheckResult::Pass),
            (Witness::Syn, CheckResult::Inconclusive),
            (Witness::Output, CheckResult::Pass),
            (Witness::Silence, CheckResult::Pass),
            (Witness::EarlierAct, CheckResult::Inconclusive),
        ] {
            run.evidence.scenario.witness = witness;
            assert_eq!(ruling(&run).result, result, "{witness}");
        }
        run.act().ending = ProcessEnding::OverBudget;
        run.evidence.scenario.witness = Witness::Silence;
        assert_eq!(ruling(&run).result, CheckResult::Inconclusive);
        run.next_act(snowproof_protocol::Verb::Check, false).end();
        run.evidence.scenario.witness = Witness::EarlierAct;
        assert_eq!(ruling(&run).result, CheckResult::Pass);
    }

    #[test]
    fn what_a_proxy_answers_is_met_there() {
        let mut run = Run::check();
        run.evidence.scenario.met.insert("proxy_hangs".into(), 1);
        run.through_proxy(None).through_proxy(Some(Condition::ProxyBadGateway));
        assert_eq!(ruling(&run).result, CheckResult::Inconclusive);
        run.through_proxy(Some(Condition::ProxyHangs));
        assert_eq!(ruling(&run).result, CheckResult::Pass);
    }

    #[test]
    fn only_a_person_allows() {
        for (caller, result) in
            [(Caller::Subject, CheckResult::Inconclusive), (Caller::Person, CheckResult::Pass)]
        {
            let mut run = Run::check();
            run.evidence.scenario.met.insert("consent_allowed".into(), 1);
            run.ask("POST", "/oauth_auth.do", Some(""))
                .edit(|request| request.caller = caller)
                .fails(302, Condition::ConsentAllowed);
            assert_eq!(ruling(&run).result, result, "{caller:?}");
        }
    }

    #[test]
    fn an_unknown_name_is_never_met() {
        let mut run = Run::check();
        run.evidence.scenario.met.insert("nonsense".into(), 1);
        assert_eq!(ruling(&run).result, CheckResult::Inconclusive);
    }
}
