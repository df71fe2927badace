//! What is published of every class: `scenarios/diagnosis-classes.tsv`, embedded.

use std::sync::LazyLock;

use super::Class;

const LIST: &str = include_str!("../../../scenarios/diagnosis-classes.tsv");

/// What is published of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Its name, `family.cause`.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What a "Test Connection" page shows for it: `authentication-failed`, `success`, ….
    pub outcome: &'static str,
    /// Who must act: `user-config`, `instance-admin`, `wait`, ….
    pub actor: &'static str,
    /// Whether and how trying again helps: `after-fix`, `backoff`, `wait-stated`, ….
    pub retry: &'static str,
    /// What the user should be told to do.
    pub next_step: &'static str,
}

impl About {
    const NOTHING: Self = Self {
        name: "",
        meaning: "",
        outcome: "",
        actor: "",
        retry: "",
        next_step: "",
    };

    /// Who must act, in words.
    #[must_use]
    pub fn actor_in_words(&self) -> &'static str {
        match self.actor {
            "user-config" => "the user of the connector: its settings",
            "user-credentials" => "the user of the connector: the credentials",
            "user-permissions" => {
                "who gives rights on the instance: the service account's permissions"
            }
            "instance-admin" => "the administrator of the instance",
            "network-admin" => "the network team",
            "vendor" => "the maker of the connector",
            "wait" => "nobody: it passes",
            other => other,
        }
    }

    /// Whether and how trying again helps, in words.
    #[must_use]
    pub fn retry_in_words(&self) -> &'static str {
        match self.retry {
            "after-fix" => "no, not before the cause is mended",
            "never" => "no",
            "refresh-once" => "once, with a new token or session",
            "backoff" => "yes, a bounded number of times with growing pauses",
            "wait-stated" => "yes, after the time the answer states",
            "shrink-page" => "yes, with a smaller page",
            "look-up-first" => "only after looking up whether it has happened already",
            "probe-slowly" => "yes, rarely, until the instance answers again",
            other => other,
        }
    }

    /// Whether a run that says this may have succeeded all the same.
    #[must_use]
    pub fn goes_with_success(&self) -> bool {
        matches!(self.outcome, "success" | "none")
    }
}

/// What is published of a class.
#[must_use]
pub fn about(class: Class) -> &'static About {
    static NOTHING: About = About::NOTHING;
    static ROWS: LazyLock<Vec<About>> = LazyLock::new(|| LIST.lines().skip(1).map(row).collect());
    ROWS.iter()
        .find(|row| row.name == class.name())
        .unwrap_or(&NOTHING)
}

fn row(line: &'static str) -> About {
    let mut cells = line.split('\t');
    let mut cell = || cells.next().unwrap_or_default();
    About {
        name: cell(),
        meaning: cell(),
        outcome: cell(),
        actor: cell(),
        retry: cell(),
        next_step: cell(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_and_the_vocabulary_are_equal_and_in_one_order() {
        let published: Vec<&str> = LIST
            .lines()
            .skip(1)
            .map(|line| line.split('\t').next().unwrap())
            .collect();
        let known: Vec<&str> = Class::ALL.into_iter().map(Class::name).collect();
        assert_eq!(published, known);
        assert_eq!(
            LIST.lines().next().unwrap(),
            "class\tmeaning\ttest_connection_outcome\tactor\tretry\tnext_step"
        );
    }

    #[test]
    fn every_class_is_described_in_closed_words() {
        let closed = |words: &[&'static str]| words.iter().copied().collect::<BTreeSet<_>>();
        let outcomes = closed(&[
            "success",
            "none",
            "authentication-failed",
            "configuration-error",
            "certificate-error",
            "insufficient-permissions",
            "connection-timeout",
            "instance-not-found",
            "instance-unavailable",
            "throttled",
            "unexpected-answer",
        ]);
        let actors = closed(&[
            "user-config",
            "user-credentials",
            "user-permissions",
            "instance-admin",
            "network-admin",
            "vendor",
            "wait",
        ]);
        let retries = closed(&[
            "after-fix",
            "never",
            "refresh-once",
            "backoff",
            "wait-stated",
            "shrink-page",
            "look-up-first",
            "probe-slowly",
        ]);
        for class in Class::ALL {
            let about = about(class);
            assert_eq!(about.name, class.name());
            assert!(
                outcomes.contains(about.outcome),
                "{class}: {}",
                about.outcome
            );
            assert!(actors.contains(about.actor), "{class}: {}", about.actor);
            assert!(retries.contains(about.retry), "{class}: {}", about.retry);
            assert_ne!(about.actor_in_words(), about.actor, "{class}");
            assert_ne!(about.retry_in_words(), about.retry, "{class}");
            assert!(about.next_step.len() > 10, "{class}");
            assert!(about.meaning.len() > 10, "{class}");
        }
    }
}
