//! What the way a subject behaved as a process means for the verdict.

use super::Verdict;
use crate::checks::wire;
use crate::evidence::{ActEvidence, Evidence, ProcessEnding, ProcessProblem};

/// How the reason of a subject that never came begins.
const BYPASSED: &str = "bypassed the simulator";

/// Lines that are no messages are told one by one up to here.
const BAD_LINES_TOLD: usize = 3;

/// The least verdict that follows from processes alone, with the reason, worst first.
pub(super) fn findings(evidence: &Evidence, strict: bool) -> Vec<(Verdict, String)> {
    let mut findings: Vec<(Verdict, String)> = evidence
        .acts
        .iter()
        .flat_map(|act| of_act(evidence, act, strict))
        .collect();
    if evidence.acts.is_empty() {
        findings.push((Verdict::HarnessError, "no act was run".into()));
    }
    findings.sort_by_key(|(verdict, _)| std::cmp::Reverse(*verdict));
    findings
}

fn of_act(evidence: &Evidence, act: &ActEvidence, strict: bool) -> Vec<(Verdict, String)> {
    let mut findings = Vec::new();
    let mut say =
        |verdict, what: String| findings.push((verdict, format!("act {}: {what}", act.act)));
    let minor = if strict { Verdict::Fail } else { Verdict::Warn };
    match act.ending {
        ProcessEnding::OverBudget => {
            let wrote = format!(
                "it wrote {} bytes to stdout and {} to stderr",
                act.output.stdout, act.output.stderr
            );
            if waits_as_told(evidence, act) {
                let what =
                    "was still waiting as the instance had told it to when its budget was used up";
                say(Verdict::Inconclusive, what.to_owned());
                return findings;
            }
            let what = if act.first_contact_ns.is_some() {
                "was still running when its budget was used up"
            } else {
                "made no contact with the instance in time and was still running"
            };
            say(Verdict::Fail, format!("{what}; {wrote}"));
        }
        ProcessEnding::Interrupted => say(Verdict::Inconclusive, "the run was interrupted".into()),
        ProcessEnding::NotStarted
            if !act
                .problems
                .iter()
                .any(|problem| matches!(problem, ProcessProblem::NotStarted { .. })) =>
        {
            say(Verdict::HarnessError, "could not be started".into());
        }
        ProcessEnding::Exited => {
            if let Some(signal) = act.signal {
                say(Verdict::Fail, format!("was ended by signal {signal}"));
            }
        }
        ProcessEnding::Elsewhere if act.first_contact_ns.is_none() => {
            say(
                Verdict::Inconclusive,
                "nothing was seen: nobody has connected to the instance".into(),
            );
        }
        ProcessEnding::NotStarted
        | ProcessEnding::KilledAsPlanned
        | ProcessEnding::Answered
        | ProcessEnding::Elsewhere => {}
    }
    let planned = act.ending == ProcessEnding::KilledAsPlanned;
    let mut bad_lines = 0;
    for problem in &act.problems {
        match problem {
            ProcessProblem::NotStarted { why } => {
                say(
                    Verdict::HarnessError,
                    format!("could not be started: {why}"),
                );
            }
            // Told by its name, below.
            ProcessProblem::NeverConnected => {}
            ProcessProblem::NoResult | ProcessProblem::HalfLine { .. } if planned => {}
            ProcessProblem::NoResult => say(Verdict::Fail, "exited without a result".into()),
            ProcessProblem::HalfLine { bytes } => {
                say(
                    Verdict::Fail,
                    format!("its stdout ended within a line of {bytes} bytes"),
                );
            }
            ProcessProblem::BadLine { line, why } => {
                bad_lines += 1;
                if bad_lines <= BAD_LINES_TOLD {
                    let what = format!("line {line} of stdout is not a message: {why}");
                    say(Verdict::Fail, what);
                }
            }
            ProcessProblem::NotImplemented => {
                say(Verdict::Fail, "says that it does not implement this".into());
            }
            ProcessProblem::Flooded { stream, bytes } => {
                say(minor, format!("flooded {stream} with {bytes} bytes"));
            }
            ProcessProblem::OutputHeldOpen => {
                say(minor, "something it started held its output open".into());
            }
            ProcessProblem::IgnoredTerm => say(minor, "did not exit after SIGTERM".into()),
            ProcessProblem::SingleRun => say(
                minor,
                "its manifest keeps its process for further runs, and its `hello` does not list `multi-run`"
                    .into(),
            ),
        }
    }
    if bad_lines > BAD_LINES_TOLD {
        let more = bad_lines - BAD_LINES_TOLD;
        say(
            Verdict::Fail,
            format!("at least {more} further lines of stdout are no messages"),
        );
    }
    let never_connected = act.problems.contains(&ProcessProblem::NeverConnected);
    if never_connected && !may_stay_away(evidence, act) {
        let route = evidence.subject.route;
        let next = match route.next() {
            Some(next) => format!("`{}` is the next route to try", next.name()),
            None => "no other route is left".to_owned(),
        };
        let what = format!(
            "{BYPASSED}: act {} never connected to the instance it was pointed at by the route `{}`; {next}, and \
             `snowproof doctor --subject FILE` tries each",
            act.act,
            route.name(),
        );
        findings.push((Verdict::Inconclusive, what));
    }
    findings
}

/// Whether no act reached the instance although it should have: whatever the subject then says is
/// about something else, such as a URL that it did not take from where it was given.
pub(super) fn stayed_away(evidence: &Evidence) -> bool {
    let away = |act: &ActEvidence| {
        act.first_contact_ns.is_none()
            && match act.ending {
                // Nobody knows whether it has begun.
                ProcessEnding::Elsewhere => true,
                ProcessEnding::OverBudget => !may_stay_away(evidence, act),
                _ => {
                    act.problems.contains(&ProcessProblem::NeverConnected)
                        && !may_stay_away(evidence, act)
                }
            }
    };
    !evidence.acts.is_empty() && evidence.acts.iter().all(away)
}

/// Whether an act was ended within a wait that its last answer asked for, and that is no longer than
/// the subject says that it waits.
fn waits_as_told(evidence: &Evidence, act: &ActEvidence) -> bool {
    let exchanges = wire::of_subject(evidence);
    let of_act = |exchange: &&wire::Exchange<'_>| exchange.act == act.act;
    let Some(last) = exchanges.iter().rfind(of_act) else {
        return false;
    };
    let at_most = wire::nanos(evidence.subject.declares.max_wait.effective);
    let refusals = wire::refusals(&exchanges, evidence);
    let refused = refusals.iter().find(|it| it.exchange.seq == last.seq);
    refused.is_some_and(|refusal| {
        let stated = refusal.retry_after.filter(|stated| stated.wait <= at_most);
        let until = stated.map(|stated| i128::from(refusal.ended) + stated.wait);
        until.is_some_and(|until| i128::from(act.exited_ns) < until)
    })
}

/// Whether an act may be right to end without contact, as the scenario's witness says.
fn may_stay_away(evidence: &Evidence, act: &ActEvidence) -> bool {
    let mut earlier = evidence.acts.iter().filter(|other| other.act < act.act);
    let contact = earlier.any(|other| other.first_contact_ns.is_some());
    evidence.scenario.witness.allows_no_contact(contact)
}
