//! What acts that are asked for changes had to end with, derived from what the journal says was
//! visible, in which version, and what was deleted.

use std::collections::{BTreeMap, BTreeSet};

use snowproof_simulator::journal::{Actor, Change, Entry, Event};

use super::{ChangesTruth, Truth};

/// Visible records with their versions.
type Versions = BTreeMap<String, u64>;

impl Truth {
    /// Adds what each of these acts had to end with, for a user. A table that is too large to be
    /// listed is left out.
    #[must_use]
    pub fn with_changes(
        mut self,
        journal: &[Entry],
        instance: &str,
        user: &str,
        acts: impl IntoIterator<Item = u32>,
    ) -> Self {
        for act in acts {
            let reads = Reads::of(journal, act);
            let mut tables = reads.tables(journal, instance, user);
            tables.retain(|table, _| !self.unlisted.contains_key(table));
            self.changes.insert(act, tables);
        }
        self
    }
}

/// Between which entries the subject read in an act.
struct Reads {
    first: u64,
    last: u64,
}

#[derive(Default)]
struct Seen {
    /// What was visible when the reads began.
    before: Versions,
    /// What was visible throughout, once they had begun.
    throughout: Option<Versions>,
    may: BTreeSet<String>,
    /// Whatever was visible before they began.
    earlier: BTreeSet<String>,
}

impl Reads {
    fn of(journal: &[Entry], act: u32) -> Self {
        let of_subject = || {
            journal
                .iter()
                .filter(move |entry| entry.actor == Actor::Subject && entry.act == act)
        };
        let first = of_subject().find(|entry| matches!(entry.event, Event::Accepted(_)));
        let last = of_subject().rfind(|entry| matches!(entry.event, Event::Outcome(_)));
        Self {
            first: first.map_or(u64::MAX, |entry| entry.seq),
            last: last.map_or(u64::MAX, |entry| entry.seq),
        }
    }

    fn tables(
        &self,
        journal: &[Entry],
        instance: &str,
        user: &str,
    ) -> BTreeMap<String, ChangesTruth> {
        let mut tables: BTreeMap<String, Seen> = BTreeMap::new();
        let mut deleted = BTreeSet::new();
        let entries = journal.iter().filter(|entry| entry.instance == instance);
        for entry in entries.take_while(|entry| entry.seq <= self.last) {
            match &entry.event {
                Event::Visibility(seen) if seen.user == user => {
                    let table = tables.entry(seen.table.clone()).or_default();
                    let visible: Versions = seen.visible.iter().cloned().collect();
                    table.add(visible, entry.seq > self.first);
                }
                Event::RecordChanged(changed) if changed.change == Change::Deleted => {
                    if entry.seq < self.first {
                        deleted.insert(changed.sys_id.clone());
                    }
                    for table in tables.values_mut() {
                        table.without(&changed.sys_id);
                    }
                }
                Event::RecordChanged(changed) => {
                    deleted.remove(&changed.sys_id);
                }
                _ => {}
            }
        }
        tables
            .into_iter()
            .map(|(table, seen)| (table, seen.truth(&deleted)))
            .collect()
    }
}

impl Seen {
    fn add(&mut self, visible: Versions, during: bool) {
        if !during {
            self.earlier.extend(visible.keys().cloned());
            self.before = visible;
            return;
        }
        let before = &self.before;
        let throughout = self.throughout.get_or_insert_with(|| before.clone());
        throughout.retain(|id, version| visible.get(id) == Some(version));
        self.may.extend(visible.into_keys());
    }

    fn without(&mut self, sys_id: &str) {
        self.throughout.iter_mut().for_each(|all| {
            all.remove(sys_id);
        });
    }

    fn truth(self, deleted: &BTreeSet<String>) -> ChangesTruth {
        let mut may = self.may;
        may.extend(self.before.keys().cloned());
        ChangesTruth {
            must: self.throughout.unwrap_or(self.before).into_iter().collect(),
            gone: self.earlier.intersection(deleted).cloned().collect(),
            may: may.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::{Accepted, Outcome, RecordChanged, ReplyEnd, Visibility};

    use super::*;

    fn journal(events: Vec<(u32, Actor, Event)>) -> Vec<Entry> {
        let entry = |(at, (act, actor, event))| Entry {
            seq: at as u64 + 1,
            at_ns: at as u64,
            act,
            actor,
            instance: "main".into(),
            cause: None,
            event,
        };
        events.into_iter().enumerate().map(entry).collect()
    }

    fn visible(act: u32, records: &[(&str, u64)]) -> (u32, Actor, Event) {
        let event = Event::Visibility(Visibility {
            user: "u".into(),
            table: "t".into(),
            visible: records
                .iter()
                .map(|(id, version)| ((*id).into(), *version))
                .collect(),
            hidden: 0,
            unlisted: None,
        });
        (act, Actor::Instance, event)
    }

    fn contact(act: u32) -> (u32, Actor, Event) {
        let event = Event::Accepted(Accepted {
            connection: 1,
            peer: "127.0.0.1:1".into(),
            tls: true,
            proxy: false,
        });
        (act, Actor::Subject, event)
    }

    fn answer(act: u32) -> (u32, Actor, Event) {
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
        (act, Actor::Subject, event)
    }

    fn deleted(act: u32, sys_id: &str) -> (u32, Actor, Event) {
        let event = Event::RecordChanged(RecordChanged {
            table: "t".into(),
            sys_id: sys_id.into(),
            change: Change::Deleted,
            mod_count: 0,
            request: None,
        });
        (act, Actor::Instance, event)
    }

    fn second_act(events: Vec<(u32, Actor, Event)>) -> ChangesTruth {
        let truth = Truth::default().with_changes(&journal(events), "main", "u", [2]);
        truth.changes[&2]["t"].clone()
    }

    #[test]
    fn the_version_that_holds_throughout_the_act_is_the_one() {
        let truth = second_act(vec![
            visible(1, &[("a", 0), ("b", 0), ("c", 0)]),
            contact(1),
            answer(1),
            deleted(2, "c"),
            visible(2, &[("a", 1), ("b", 0), ("d", 0)]),
            contact(2),
            visible(2, &[("a", 1), ("b", 1), ("d", 0), ("e", 0)]),
            answer(2),
            visible(2, &[]),
        ]);
        assert_eq!(truth.must, [("a".to_owned(), 1), ("d".to_owned(), 0)]);
        assert_eq!(truth.may, ["a", "b", "d", "e"]);
        assert_eq!(truth.gone, ["c"]);
    }

    #[test]
    fn where_nothing_changes_everything_is_due() {
        let truth = second_act(vec![
            visible(1, &[("a", 0)]),
            contact(1),
            answer(1),
            contact(2),
            answer(2),
        ]);
        assert_eq!(truth.must, [("a".to_owned(), 0)]);
        assert!(truth.gone.is_empty());
    }

    #[test]
    fn what_is_deleted_while_it_is_read_is_neither_due_nor_gone() {
        let truth = second_act(vec![
            visible(1, &[("a", 0)]),
            contact(2),
            deleted(2, "a"),
            visible(2, &[]),
            answer(2),
        ]);
        assert_eq!(truth.must, []);
        assert_eq!(truth.may, ["a"]);
        assert!(truth.gone.is_empty());
    }
}
