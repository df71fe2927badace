//! Which records had to be delivered, derived from what the journal says was visible.

use std::collections::{BTreeMap, BTreeSet};

use snowproof_simulator::journal::{Actor, Change, Entry, Event, Unlisted};

use super::{TableTruth, Truth};

impl Truth {
    /// The truth for a user: `must` were visible throughout the reads, from the first contact of
    /// the subject to its last answer over all acts; `may` were visible at some moment of it.
    #[must_use]
    pub fn of(journal: &[Entry], instance: &str, user: &str) -> Self {
        let by_subject = |entry: &&Entry| entry.actor == Actor::Subject;
        let first_contact = journal
            .iter()
            .filter(by_subject)
            .find(|entry| matches!(entry.event, Event::Accepted(_)))
            .map_or(0, |entry| entry.seq);
        let last_answer = journal
            .iter()
            .filter(by_subject)
            .rfind(|entry| matches!(entry.event, Event::Outcome(_)))
            .map_or(u64::MAX, |entry| entry.seq);

        let mut tables: BTreeMap<String, Seen> = BTreeMap::new();
        for entry in journal.iter().filter(|entry| entry.instance == instance) {
            if entry.seq > last_answer {
                break;
            }
            match &entry.event {
                Event::Visibility(seen) if seen.user == user => {
                    let visible = seen.visible.iter().map(|(id, _)| id.clone()).collect();
                    let table = tables.entry(seen.table.clone()).or_default();
                    if entry.seq < first_contact {
                        *table = Seen::starting_with(visible);
                    } else {
                        table.add(visible);
                    }
                    if let Some(unlisted) = &seen.unlisted {
                        table.unlisted.get_or_insert_with(|| unlisted.clone());
                    }
                }
                Event::RecordChanged(changed)
                    if changed.change == Change::Deleted && entry.seq >= first_contact =>
                {
                    for table in tables.values_mut() {
                        table.throughout.remove(&changed.sys_id);
                    }
                }
                _ => {}
            }
        }
        let mut truth = Self::default();
        for (table, seen) in tables {
            if let Some(unlisted) = seen.unlisted {
                truth.unlisted.insert(table, unlisted);
                continue;
            }
            let known = TableTruth {
                must: seen.throughout.into_iter().collect(),
                may: seen.ever.into_iter().collect(),
            };
            truth.tables.insert(table, known);
        }
        truth
    }
}

#[derive(Default)]
struct Seen {
    throughout: BTreeSet<String>,
    ever: BTreeSet<String>,
    begun: bool,
    /// Of some moment nothing but the number is known.
    unlisted: Option<Unlisted>,
}

impl Seen {
    fn starting_with(visible: BTreeSet<String>) -> Self {
        Self {
            throughout: visible.clone(),
            ever: visible,
            begun: true,
            unlisted: None,
        }
    }

    fn add(&mut self, visible: BTreeSet<String>) {
        if !self.begun {
            *self = Self {
                unlisted: self.unlisted.take(),
                ..Self::starting_with(visible)
            };
            return;
        }
        self.throughout.retain(|id| visible.contains(id));
        self.ever.extend(visible);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use snowproof_simulator::journal::{Accepted, Outcome, RecordChanged, ReplyEnd, Visibility};

    use super::*;

    fn journal(events: Vec<(Actor, Event)>) -> Vec<Entry> {
        events
            .into_iter()
            .enumerate()
            .map(|(at, (actor, event))| Entry {
                seq: at as u64 + 1,
                at_ns: at as u64,
                act: 1,
                actor,
                instance: "main".into(),
                cause: None,
                event,
            })
            .collect()
    }

    fn visible(user: &str, ids: &[&str]) -> (Actor, Event) {
        let event = Event::Visibility(Visibility {
            user: user.into(),
            table: "t".into(),
            visible: ids.iter().map(|id| ((*id).to_owned(), 0)).collect(),
            hidden: 0,
            unlisted: None,
        });
        (Actor::Instance, event)
    }

    fn unlisted() -> (Actor, Event) {
        let (actor, mut event) = visible("u", &[]);
        if let Event::Visibility(seen) = &mut event {
            seen.unlisted = Some(Unlisted {
                count: 30_000,
                listed_at_most: 20_000,
                digest: String::new(),
            });
        }
        (actor, event)
    }

    fn contact() -> (Actor, Event) {
        let event = Event::Accepted(Accepted {
            connection: 1,
            peer: "127.0.0.1:1".into(),
            tls: true,
            proxy: false,
        });
        (Actor::Subject, event)
    }

    fn answer() -> (Actor, Event) {
        let event = Event::Outcome(Outcome {
            request: 1,
            connection: 1,
            end: ReplyEnd::Delivered,
            status: Some(200),
            body_bytes: 0,
            ended_ns: 0,
            condition: None,
            served: None,
            served_in_batch: Vec::new(),
        });
        (Actor::Subject, event)
    }

    fn table(truth: &Truth) -> (Vec<&str>, Vec<&str>) {
        let table = &truth.tables["t"];
        (
            table.must.iter().map(String::as_str).collect(),
            table.may.iter().map(String::as_str).collect(),
        )
    }

    #[test]
    fn only_what_is_visible_throughout_the_reads_must_be_delivered() {
        let journal = journal(vec![
            visible("u", &["z"]),
            visible("u", &["a", "b"]),
            contact(),
            visible("u", &["b", "c"]),
            visible("other", &[]),
            answer(),
            visible("u", &[]),
        ]);
        let truth = Truth::of(&journal, "main", "u");
        assert_eq!(table(&truth), (vec!["b"], vec!["a", "b", "c"]));
    }

    #[test]
    fn a_deleted_record_need_not_be_delivered() {
        let deleted = Event::RecordChanged(RecordChanged {
            table: "t".into(),
            sys_id: "a".into(),
            change: Change::Deleted,
            mod_count: 0,
            request: None,
        });
        let journal = journal(vec![
            visible("u", &["a", "b"]),
            contact(),
            (Actor::Instance, deleted),
            answer(),
        ]);
        let truth = Truth::of(&journal, "main", "u");
        assert_eq!(table(&truth), (vec!["b"], vec!["a", "b"]));
    }

    #[test]
    fn a_table_that_was_once_too_large_to_list_is_left_out() {
        for events in [
            vec![unlisted(), contact(), visible("u", &["a"]), answer()],
            vec![visible("u", &["a"]), contact(), unlisted(), answer()],
            vec![contact(), unlisted(), visible("u", &["a"]), answer()],
        ] {
            let truth = Truth::of(&journal(events), "main", "u");
            assert!(truth.tables.is_empty());
            assert_eq!(truth.unlisted["t"].count, 30_000);
        }
        let small_again = [unlisted(), visible("u", &["a"]), contact(), answer()];
        let truth = Truth::of(&journal(small_again.into()), "main", "u");
        assert_eq!(table(&truth), (vec!["a"], vec!["a"]));
        assert!(truth.unlisted.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn must_is_always_part_of_may(snapshots in prop::collection::vec(prop::collection::vec(0u8..6, 0..6), 1..6), at in 0usize..6) {
            let mut events: Vec<_> = snapshots
                .iter()
                .map(|ids| {
                    let ids: Vec<String> = ids.iter().map(u8::to_string).collect();
                    visible("u", &ids.iter().map(String::as_str).collect::<Vec<_>>())
                })
                .collect();
            events.insert(at.min(events.len()), contact());
            let truth = Truth::of(&journal(events), "main", "u");
            for table in truth.tables.values() {
                prop_assert!(table.must.iter().all(|id| table.may.contains(id)));
            }
        }
    }
}
