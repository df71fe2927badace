//! What has happened so far, as far as steps count it.

use std::collections::{HashMap, HashSet};

use super::Arrival;
use super::glob;
use super::plan::{Kind, Planned};
use crate::journal::Caller;

/// Pages that are told apart per caller and act; a caller that reads more repeats itself.
const MOST_PAGES: usize = 100_000;

/// The counts of one simulator.
#[derive(Debug, Default)]
pub(super) struct Counting {
    matches: Vec<u32>,
    fired: Vec<u32>,
    /// Steps with a `page` that matched in this act.
    page_met: HashSet<usize>,
    contacts: HashSet<Caller>,
    /// Pages delivered in this act, by caller and table, as distinct queries.
    pages: HashMap<(Caller, String), HashSet<String>>,
}

/// Something that steps may wait for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Happening<'a> {
    Connection(Caller),
    Request(&'a Arrival<'a>),
    Event(&'a str),
    Act(u32),
}

impl Counting {
    pub(super) fn new(steps: usize) -> Self {
        Self {
            matches: vec![0; steps],
            fired: vec![0; steps],
            ..Self::default()
        }
    }

    /// Whether this is the caller's first contact in this act.
    pub(super) fn first_contact(&mut self, caller: Caller) -> bool {
        self.contacts.insert(caller)
    }

    /// Counts a happening for every step that it matches; gives those that fire, in order.
    pub(super) fn count(&mut self, steps: &[Planned], happening: Happening<'_>) -> Vec<usize> {
        let mut fires = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            if self.is_match(index, step, happening) && self.count_one(steps, index) {
                fires.push(index);
            }
        }
        fires
    }

    /// Counts a match of one step; true when the step fires.
    pub(super) fn count_one(&mut self, steps: &[Planned], index: usize) -> bool {
        self.matches[index] = self.matches[index].saturating_add(1);
        steps[index].occurrence.includes(self.matches[index])
    }

    /// Counts a firing; gives how often the step has fired.
    pub(super) fn fired(&mut self, index: usize) -> u32 {
        self.fired[index] = self.fired[index].saturating_add(1);
        self.fired[index]
    }

    /// A page of a list was delivered.
    pub(super) fn delivered(&mut self, caller: Caller, (table, query): &(String, String)) {
        let pages = self.pages.entry((caller, table.clone())).or_default();
        if pages.len() < MOST_PAGES {
            pages.insert(query.clone());
        }
    }

    pub(super) fn enter_act(&mut self) {
        self.page_met.clear();
        self.contacts.clear();
        self.pages.clear();
    }

    fn is_match(&mut self, index: usize, step: &Planned, happening: Happening<'_>) -> bool {
        match (&step.kind, happening) {
            (Kind::Connection, Happening::Connection(caller)) => caller == step.caller,
            (Kind::Event(name), Happening::Event(fired)) => name == fired,
            (Kind::Act(act), Happening::Act(begun)) => *act == begun,
            (Kind::Request(pattern), Happening::Request(arrival)) => {
                arrival.caller == step.caller && request_matches(pattern, arrival)
            }
            (Kind::Read { table, page }, Happening::Request(arrival)) => {
                arrival.caller == step.caller
                    && arrival.list_read() == Some(table)
                    && page.is_none_or(|page| self.reaches(index, arrival.caller, table, page))
            }
            _ => false,
        }
    }

    /// Whether this read is the first of the act after `page - 1` pages were delivered.
    fn reaches(&mut self, index: usize, caller: Caller, table: &str, page: u32) -> bool {
        let key = (caller, table.to_owned());
        let delivered = self.pages.get(&key).map_or(0, HashSet::len);
        delivered + 1 >= usize::try_from(page).unwrap_or(usize::MAX) && self.page_met.insert(index)
    }
}

fn request_matches(pattern: &str, arrival: &Arrival<'_>) -> bool {
    let line = format!("{} {}", arrival.method, arrival.path);
    glob::matches(pattern, &line) || glob::matches(pattern, &format!("{line}?{}", arrival.query))
}
