//! How a failure is told, and whether two causes are told alike: the one rule of
//! `diagnosis-distinguishes`, within a scenario and over a whole run.

use super::acts;
use crate::diagnosis::{Class, settled};
use crate::evidence::{ActEvidence, Evidence, ReadBy};

/// What was said of a failure whose cause is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Telling {
    /// The act, from 1.
    pub(crate) act: u32,
    /// Which causes the wire leaves open; never none.
    pub(crate) causes: Vec<Class>,
    /// What is read: the class where the connector names one by itself, else its words without what
    /// differs from run to run. Empty where it said nothing.
    pub(crate) said: String,
}

impl Telling {
    /// How each act of a run told its failure, of those whose words are judged and whose cause is
    /// known.
    pub(crate) fn all(evidence: &Evidence) -> Vec<Self> {
        acts::with_words(evidence)
            .into_iter()
            .map(|act| Self {
                act: act.act,
                causes: causes(evidence, act),
                said: said(act),
            })
            .filter(|telling| !telling.causes.is_empty())
            .collect()
    }

    /// Whether the same is said of causes of which none is right for both. Causes that the wire
    /// cannot tell apart may read alike.
    pub(crate) fn confuses(&self, other: &Self) -> bool {
        self.said == other.said && !self.causes.iter().any(|class| other.causes.contains(class))
    }
}

/// The causes of an act: its own, or the scenario's with what the wire cannot rule out there.
fn causes(evidence: &Evidence, act: &ActEvidence) -> Vec<Class> {
    let right = acts::right_classes(evidence, act);
    let mut causes = right.to_vec();
    let diagnosis = &evidence.scenario.diagnosis;
    if !right.is_empty() && Some(right) == diagnosis.any_of.as_deref() {
        for candidate in diagnosis.candidates.iter().flatten() {
            if !causes.contains(candidate) {
                causes.push(*candidate);
            }
        }
    }
    causes
}

/// A class is what a connector says by itself only where nobody read it from its words.
fn said(act: &ActEvidence) -> String {
    let said = &act.said;
    match (said.class, &said.read_by) {
        (Some(class), Some(ReadBy::Native | ReadBy::ExitCode)) => class.to_string(),
        _ => settled(&said.text),
    }
}

#[cfg(test)]
mod tests {
    use snowproof_protocol::Outcome;

    use super::super::synthetic::Run;
    use super::*;

    #[test]
    fn words_are_compared_where_the_class_was_read_from_them() {
        let told = |text: &str, read_by| {
            let mut run = Run::check();
            run.evidence.scenario.diagnosis.any_of = Some(vec![Class::TlsExpired]);
            run.says(Outcome::Failure, Some(Class::NetDns), text).end();
            run.act().said.read_by = Some(read_by);
            Telling::all(&run.evidence()).remove(0).said
        };
        let dialect = ReadBy::Dialect("curl".into());
        assert_eq!(told("no host dev1.test", dialect), "no host …");
        assert_eq!(told("no host", ReadBy::Native), "net.dns");
        assert_eq!(told("no host", ReadBy::ExitCode), "net.dns");
    }

    #[test]
    fn what_the_wire_leaves_open_may_read_alike() {
        let telling = |causes: &[Class]| Telling {
            act: 1,
            causes: causes.to_vec(),
            said: "failed".into(),
        };
        let dns = telling(&[Class::NetDns]);
        assert!(dns.confuses(&telling(&[Class::TlsExpired])));
        assert!(!dns.confuses(&telling(&[Class::TlsExpired, Class::NetDns])));
    }
}
