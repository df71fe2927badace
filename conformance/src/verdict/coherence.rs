//! Whether the journal can be what happened: it counts without gaps, its clock runs forwards and
//! agrees with the clock of the runner, and it goes on to the end of the last act.

use snowproof_simulator::journal::Event;

use super::Verdict;
use crate::evidence::{ActEvidence, Evidence, ProcessEnding};

/// What is wrong with the journal itself, if anything. A run whose journal contradicts itself is
/// the harness's failure; one whose journal ends early decides nothing.
pub(super) fn finding(evidence: &Evidence) -> Option<(Verdict, String)> {
    contradiction(evidence)
        .map(|what| (Verdict::HarnessError, what))
        .or_else(|| unfinished(evidence).map(|what| (Verdict::Inconclusive, what)))
}

fn contradiction(evidence: &Evidence) -> Option<String> {
    let (mut seq, mut at_ns) = (0, 0);
    for entry in &evidence.journal {
        if entry.seq != seq + 1 {
            return Some(format!(
                "the journal goes from entry {seq} to entry {}: something was taken out or put in",
                entry.seq
            ));
        }
        if entry.at_ns < at_ns {
            return Some(format!(
                "the journal's clock runs backwards at entry {}",
                entry.seq
            ));
        }
        (seq, at_ns) = (entry.seq, entry.at_ns);
    }
    evidence.acts.iter().find_map(|act| outside(evidence, act))
}

/// An act's process starts and is gone between the entries that begin and end the act.
fn outside(evidence: &Evidence, act: &ActEvidence) -> Option<String> {
    let entry = |is: fn(&Event) -> Option<u32>| {
        let mut entries = evidence.journal.iter();
        entries.find(|entry| is(&entry.event) == Some(act.act))
    };
    let began = entry(began);
    let ended = entry(ended);
    let early = began.is_some_and(|began| began.at_ns > act.spawned_ns);
    let late = ended.is_some_and(|ended| ended.at_ns < act.exited_ns);
    (early || late || (began.is_none() && ended.is_some())).then(|| {
        format!(
            "the clocks of the journal and of the runner differ: the process of act {} does not lie within its act",
            act.act
        )
    })
}

fn unfinished(evidence: &Evidence) -> Option<String> {
    let over = |act: &ActEvidence| {
        let mut entries = evidence.journal.iter();
        entries.any(|entry| ended(&entry.event) == Some(act.act))
    };
    let open = evidence.acts.iter().find(|act| !over(act))?;
    if open.ending == ProcessEnding::Elsewhere {
        return Some("requests are still under way: judge when the connector is done".to_owned());
    }
    Some(format!("the journal ends before act {} does", open.act))
}

fn began(event: &Event) -> Option<u32> {
    match event {
        Event::ActStarted(started) => Some(started.act),
        _ => None,
    }
}

fn ended(event: &Event) -> Option<u32> {
    match event {
        Event::ActEnded(ended) => Some(ended.act),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Verb;

    use super::*;
    use crate::checks::synthetic::Run;

    fn told() -> Evidence {
        let mut run = Run::sync();
        run.get("/api/now/table/t").ok();
        run.wait(50);
        run.next_act(Verb::Sync, true);
        run.get("/api/now/table/t").ok();
        run.end();
        run.evidence()
    }

    fn found(edit: impl FnOnce(&mut Evidence)) -> Option<Verdict> {
        let mut evidence = told();
        edit(&mut evidence);
        finding(&evidence).map(|(verdict, _)| verdict)
    }

    #[test]
    fn a_whole_journal_is_coherent() {
        assert_eq!(finding(&told()), None);
    }

    #[test]
    fn a_gap_and_a_repeated_entry_are_the_harness_failing() {
        let taken_out = found(|evidence| drop(evidence.journal.remove(2)));
        assert_eq!(taken_out, Some(Verdict::HarnessError));
        let repeated = found(|evidence| {
            let entry = evidence.journal[1].clone();
            evidence.journal.insert(1, entry);
        });
        assert_eq!(repeated, Some(Verdict::HarnessError));
    }

    #[test]
    fn a_clock_that_is_shifted_is_the_harness_failing() {
        let ahead = found(|evidence| {
            for entry in &mut evidence.journal {
                entry.at_ns += 1_000_000_000;
            }
        });
        assert_eq!(ahead, Some(Verdict::HarnessError));
        let behind = found(|evidence| {
            for entry in &mut evidence.journal {
                entry.at_ns = entry.at_ns.saturating_sub(20_000_000);
            }
        });
        assert_eq!(behind, Some(Verdict::HarnessError));
        let back = found(|evidence| {
            let last = evidence.journal.len() - 1;
            evidence.journal[last - 1].at_ns = 0;
        });
        assert_eq!(back, Some(Verdict::HarnessError));
    }

    #[test]
    fn a_journal_that_ends_early_decides_nothing() {
        let whole = told().journal.len();
        for kept in 0..whole {
            let cut = found(|evidence| evidence.journal.truncate(kept));
            assert_eq!(cut, Some(Verdict::Inconclusive), "{kept} of {whole}");
        }
    }

    #[test]
    fn an_act_that_never_began_is_the_harness_failing() {
        let begins_late = found(|evidence| evidence.acts[1].spawned_ns = 0);
        assert_eq!(begins_late, Some(Verdict::HarnessError));
    }
}
