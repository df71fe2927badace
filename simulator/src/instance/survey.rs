//! What the users of a set-up may see of its tables, for the journal.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indexmap::IndexMap;

use crate::journal::{LISTED_AT_MOST, Visibility};
use crate::policy::Policy;
use crate::setup::{Action, InstanceSetup, Setup};
use crate::store::{Store, StoreError, View, Visible};

/// Whose view is written down, and of which tables.
#[derive(Debug)]
pub(super) struct Survey {
    users: Vec<String>,
    tables: Vec<String>,
    listed_at_most: usize,
    /// Users and tables of which there is too much to list. They are not looked at again until
    /// [`Survey::forget`]: whoever judges leaves the table out from then on.
    unlisted: Mutex<BTreeSet<(String, String)>>,
}

impl Survey {
    /// The users that are set up, and those who were given a password; the tables that are set up,
    /// and those whose records the instance's steps change.
    pub(super) fn of(name: &str, setup: &Setup, instance: &InstanceSetup) -> Self {
        Self {
            users: users(setup, instance),
            tables: tables(name, setup, instance),
            listed_at_most: LISTED_AT_MOST,
            unlisted: Mutex::default(),
        }
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(String::as_str)
    }

    /// From here on everything is looked at once more.
    pub(super) fn forget(&self) {
        self.unlisted().clear();
    }

    /// What every user sees of these tables, or what could not be found out. Blocks.
    pub(super) fn look<'s>(
        &'s self,
        store: &Store,
        policy: &Policy,
        tables: impl Iterator<Item = &'s str>,
        unix: Duration,
    ) -> Vec<Result<Visibility, String>> {
        let tables: Vec<&str> = tables.collect();
        // Most users see the same: a large table is read once for all of them.
        let mut looked: Vec<(View, Visible)> = Vec::new();
        let mut seen = Vec::new();
        for user in &self.users {
            for table in &tables {
                let pair = (user.clone(), (*table).to_owned());
                if self.unlisted().contains(&pair) {
                    continue;
                }
                let found = View::of(store, policy, user, table, unix).map_or_else(
                    || Ok(Visible::default()),
                    |view| self.look_once(&mut looked, view, store),
                );
                let found = found.map(|found| Visibility {
                    user: user.clone(),
                    table: (*table).to_owned(),
                    visible: found.visible,
                    hidden: found.hidden,
                    unlisted: found.unlisted,
                });
                if found.as_ref().is_ok_and(|found| found.unlisted.is_some()) {
                    self.unlisted().insert(pair);
                }
                seen.push(found.map_err(|error| format!("survey `{table}`: {error}")));
            }
        }
        seen
    }

    fn look_once(
        &self,
        looked: &mut Vec<(View, Visible)>,
        view: View,
        store: &Store,
    ) -> Result<Visible, StoreError> {
        if let Some((_, found)) = looked.iter().find(|(other, _)| *other == view) {
            return Ok(found.clone());
        }
        let found = view.look(store, self.listed_at_most)?;
        looked.push((view, found.clone()));
        Ok(found)
    }

    fn unlisted(&self) -> MutexGuard<'_, BTreeSet<(String, String)>> {
        self.unlisted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The users that are set up, and those who were given a password.
fn users(setup: &Setup, instance: &InstanceSetup) -> Vec<String> {
    let set_up = instance.users.iter().flat_map(IndexMap::keys);
    let users: BTreeSet<String> = set_up.chain(setup.passwords.keys()).cloned().collect();
    users.into_iter().collect()
}

/// The tables that are set up, and those whose records the instance's steps change.
fn tables(name: &str, setup: &Setup, instance: &InstanceSetup) -> Vec<String> {
    let set_up = instance.tables.iter().flat_map(IndexMap::keys).cloned();
    let changed = setup
        .steps
        .values()
        .filter(|step| step.instance.as_deref().unwrap_or("main") == name)
        .flat_map(|step| step.actions.iter().flatten())
        .filter_map(|action| match action {
            Action::InsertRecords(insert) => Some(insert.table.clone()),
            Action::UpdateRecords(update) => Some(update.table.clone()),
            Action::DeleteRecords(delete) => Some(delete.table.clone()),
            _ => None,
        });
    let tables: BTreeSet<String> = set_up.chain(changed).collect();
    tables.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Author, seed};

    #[test]
    fn what_is_too_much_is_looked_at_once_until_it_is_forgotten() {
        let own = serde_json::json!({
            "tables": { "incident": { "rows": 4 }, "problem": { "rows": 2 } },
            "users": { "reader": { "roles": ["itil"] }, "nobody": {} },
        });
        let own: InstanceSetup = serde_json::from_value(own).unwrap();
        let store = Store::open(None).unwrap();
        seed::populate(
            &store,
            &own,
            &Default::default(),
            &Default::default(),
            10,
            1,
        )
        .unwrap();
        let policy = Policy::compile(&store, 1).unwrap();
        let mut survey = Survey::of("main", &Setup::default(), &own);
        survey.listed_at_most = 3;
        let look = || {
            let seen = survey.look(&store, &policy, survey.tables(), Duration::ZERO);
            let told = |seen: Result<Visibility, String>| {
                let seen = seen.unwrap();
                let count = seen.unlisted.map(|unlisted| unlisted.count);
                (
                    seen.user,
                    seen.table,
                    seen.visible.len(),
                    seen.hidden,
                    count,
                )
            };
            seen.into_iter().map(told).collect::<Vec<_>>()
        };
        let told = |user: &str, table: &str, visible, hidden, count| {
            (user.to_owned(), table.to_owned(), visible, hidden, count)
        };
        let small = [
            told("nobody", "incident", 0, 4, None),
            told("nobody", "problem", 0, 2, None),
            told("reader", "problem", 2, 0, None),
        ];
        let large = told("reader", "incident", 0, 0, Some(4));
        let mut all = small.to_vec();
        all.insert(2, large);
        assert_eq!(look(), all);
        assert_eq!(look(), small);

        let author = Author::system(Duration::ZERO);
        store.delete_where(&author, "incident", "").unwrap();
        assert_eq!(look().len(), 3);
        survey.forget();
        assert!(look().contains(&told("reader", "incident", 0, 0, None)));
    }
}
