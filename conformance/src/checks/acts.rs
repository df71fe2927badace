//! What was expected of each act, and what the subject said in it.

use snowproof_protocol::{Outcome, Verb};

use crate::diagnosis::Class;
use crate::evidence::{ActEvidence, Evidence, ProcessEnding};
use crate::scenario::ExpectedOutcome;

/// How an act was expected to end: its own words, or the scenario's.
pub(crate) fn expected(evidence: &Evidence, act: &ActEvidence) -> ExpectedOutcome {
    planned(evidence, act)
        .and_then(|planned| planned.outcome)
        .unwrap_or(evidence.scenario.outcome)
}

/// Which causes are right for an act: its own, or the scenario's.
pub(crate) fn right_classes<'e>(evidence: &'e Evidence, act: &ActEvidence) -> &'e [Class] {
    let own = planned(evidence, act).and_then(|planned| planned.any_of.as_deref());
    let of_all = evidence.scenario.diagnosis.any_of.as_deref();
    own.or(of_all).unwrap_or_default()
}

/// The acts that were asked for what changed since the one before.
pub(crate) fn for_changes(evidence: &Evidence) -> impl Iterator<Item = &ActEvidence> {
    let acts = evidence.acts.iter();
    acts.filter(|act| planned(evidence, act).is_some_and(|planned| planned.changes))
}

fn planned<'e>(evidence: &'e Evidence, act: &ActEvidence) -> Option<&'e crate::scenario::Act> {
    let index = usize::try_from(act.act).ok()?.checked_sub(1)?;
    evidence.scenario.acts.get(index)
}

/// Whether the scenario killed the act, so that it could neither say nor finish anything.
pub(crate) fn was_killed(evidence: &Evidence, act: &ActEvidence) -> bool {
    act.ending == ProcessEnding::KilledAsPlanned
        || planned(evidence, act).is_some_and(|planned| planned.killed_at.is_some())
}

/// The acts whose words are judged: those that are not expected to succeed; where all are, the
/// last one. Acts that were killed have no words.
pub(crate) fn with_words(evidence: &Evidence) -> Vec<&ActEvidence> {
    let alive: Vec<&ActEvidence> = evidence
        .acts
        .iter()
        .filter(|act| !was_killed(evidence, act))
        .collect();
    let troubled: Vec<&ActEvidence> = alive
        .iter()
        .copied()
        .filter(|act| expected(evidence, act) != ExpectedOutcome::Success)
        .collect();
    if troubled.is_empty() {
        alive.last().copied().into_iter().collect()
    } else {
        troubled
    }
}

/// Acts that read a table, grouped so that each group is one reading: an act and the acts that
/// resume it.
pub(crate) fn readings(evidence: &Evidence) -> Vec<Vec<&ActEvidence>> {
    groups(evidence, Verb::Sync, |act| act.resumed)
}

/// Acts that do something to the instance, grouped so that each group is asked for one deed: an act
/// and the acts that resume it, whether or not the connector kept something to resume from.
pub(crate) fn writings(evidence: &Evidence) -> Vec<Vec<&ActEvidence>> {
    let goes_on = |act: &ActEvidence| planned(evidence, act).is_some_and(|planned| planned.resume);
    [Verb::Write, Verb::Update, Verb::Attach, Verb::Email]
        .into_iter()
        .flat_map(|verb| groups(evidence, verb, goes_on))
        .collect()
}

/// Whether the deed of a verb is seen as something new in the instance.
pub(crate) const fn creates(verb: Verb) -> bool {
    matches!(verb, Verb::Write | Verb::Attach | Verb::Email)
}

fn groups(
    evidence: &Evidence,
    verb: Verb,
    goes_on: impl Fn(&ActEvidence) -> bool,
) -> Vec<Vec<&ActEvidence>> {
    let mut groups: Vec<Vec<&ActEvidence>> = Vec::new();
    // Whoever starts afresh in between leaves nothing of the last group to go on with.
    let mut goes_on_still = false;
    for act in &evidence.acts {
        goes_on_still &= goes_on(act);
        if act.verb != verb {
            continue;
        }
        match groups.last_mut() {
            Some(group) if goes_on_still => group.push(act),
            _ => groups.push(vec![act]),
        }
        goes_on_still = true;
    }
    groups
}

/// An outcome in the words of scenario files.
pub(crate) const fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "success",
        Outcome::Failure => "failure",
        Outcome::Partial => "partial",
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    #[test]
    fn a_reading_goes_on_until_somebody_starts_afresh() {
        let mut run = Run::check();
        for (verb, resumed) in [
            (Verb::Sync, true),
            (Verb::Sync, true),
            (Verb::Write, true),
            (Verb::Sync, true),
            (Verb::Connect, false),
            (Verb::Sync, true),
            (Verb::Sync, false),
        ] {
            run.next_act(verb, resumed);
        }
        let evidence = run.end().evidence();
        let readings = readings(&evidence);
        let acts: Vec<Vec<u32>> = readings
            .iter()
            .map(|group| group.iter().map(|act| act.act).collect())
            .collect();
        assert_eq!(acts, [vec![2, 3, 5], vec![7], vec![8]]);
    }
}
