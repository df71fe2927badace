//! What a payload comes to: which items are one, which records they are, and what is to be done.
//!
//! Reads only; `commit` carries it out.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use super::identify::{self, Attempt, Found};
use super::payload::{Item, Payload};
use super::problem::{Problem, not_reclassified};
use super::rules::{Rule, Rules};
use super::{Mode, Operation};
use crate::api::Owned;
use crate::store::StoreError;
use crate::store::records::text_of;
use crate::store::records::values::stored;
use crate::store::schema::{Class, Kind};

/// An entry of `info`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Info {
    message: String,
    code: &'static str,
    rule_sys_id: &'static str,
}

/// A configuration item of the payload, and what becomes of it.
#[derive(Debug)]
pub(in crate::api) struct Planned {
    /// Places in `items` that it has.
    pub(super) indices: Vec<usize>,
    pub(super) item: Item,
    /// The class it has afterwards.
    pub(super) class: Option<&'static Class>,
    pub(super) source: Option<String>,
    pub(super) attempts: Vec<Attempt>,
    pub(super) entry: Option<String>,
    pub(super) found: Option<Found>,
    pub(super) duplicates: Vec<String>,
    pub(super) operation: Operation,
    pub(super) info: Vec<Info>,
    pub(super) errors: Vec<Problem>,
    /// Its record, once there is one.
    pub(super) sys_id: Option<String>,
    /// Records of its lookups, and what became of each.
    pub(super) lookups: Vec<(Option<String>, Operation)>,
    /// Its rule identifies it by other items.
    pub(super) dependent: bool,
}

/// What planning needs to know besides the payload.
#[derive(Debug)]
pub(super) struct Planner<'a> {
    pub(super) call: &'a Owned,
    pub(super) connection: &'a Connection,
    pub(super) mode: Mode,
    /// `sysparm_data_source`.
    pub(super) source: Option<&'a str>,
    rules: Rules,
    /// The choices of `discovery_source`.
    sources: HashSet<String>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        call: &'a Owned,
        connection: &'a Connection,
        mode: Mode,
        source: Option<&'a str>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            call,
            connection,
            mode,
            source,
            rules: Rules::read(connection, call.store.schema())?,
            sources: sources(connection)?,
        })
    }

    /// Plans a payload, in the order of its items.
    pub(super) fn plan(&self, payload: &Payload) -> Result<Vec<Planned>, StoreError> {
        let mut planned = Vec::with_capacity(payload.items.len());
        for group in self.groups(payload) {
            planned.push(self.identified(group)?);
        }
        self.join_by_record(&mut planned);
        for one in &mut planned {
            if one.errors.is_empty() {
                self.decide(one)?;
            }
        }
        Ok(planned)
    }

    /// Items that any of their keys makes the same are one, or are told from each other as errors.
    fn groups(&self, payload: &Payload) -> Vec<Planned> {
        let mut groups: Vec<Planned> = Vec::new();
        // The group of every key so far; groups that are joined lead on to one another.
        let mut leads: Vec<usize> = Vec::new();
        let mut by_key: HashMap<String, usize> = HashMap::new();
        for (at, item) in payload.items.iter().enumerate() {
            let class = self.call.store.schema().class(&item.class_name);
            let rule = class.and_then(|class| self.rules.of(class));
            let keys = identify::keys(rule, class, item);
            let mine = groups.len();
            groups.push(self.planned(at, item.clone(), class));
            leads.push(mine);
            for key in keys {
                let Some(other) = by_key.get(&key.value).copied() else {
                    by_key.insert(key.value, mine);
                    continue;
                };
                let (first, second) = (root(&leads, other), root(&leads, mine));
                if first == second {
                    continue;
                }
                if self.mode.deduplicates {
                    leads[first.max(second)] = first.min(second);
                    continue;
                }
                let problem =
                    Problem::duplicate_items(first, second, &item.class_name, &key.fields);
                for group in [first, second] {
                    if let Some(group) = groups.get_mut(group)
                        && group.errors.is_empty()
                    {
                        group.errors.push(problem.clone());
                    }
                }
            }
        }
        self.join(groups, &leads)
    }

    /// Joins groups that lead to one another into the first of them.
    fn join(&self, groups: Vec<Planned>, leads: &[usize]) -> Vec<Planned> {
        let mut joined: Vec<Option<Planned>> = Vec::with_capacity(groups.len());
        for (at, group) in groups.into_iter().enumerate() {
            let first = root(leads, at);
            if first == at {
                joined.push(Some(group));
                continue;
            }
            joined.push(None);
            if let Some(Some(into)) = joined.get_mut(first) {
                into.join(group);
            }
        }
        joined.into_iter().flatten().collect()
    }

    /// Items that turn out to be the same record are one as well.
    fn join_by_record(&self, planned: &mut Vec<Planned>) {
        let mut by_record: HashMap<String, usize> = HashMap::new();
        let mut kept: Vec<Planned> = Vec::with_capacity(planned.len());
        for mut one in planned.drain(..) {
            let sys_id = one.found.as_ref().map(|found| found.sys_id.clone());
            let first = sys_id.as_ref().and_then(|id| by_record.get(id).copied());
            if let Some(into) = first.and_then(|first| kept.get_mut(first)) {
                if self.mode.deduplicates {
                    into.join(one);
                    continue;
                }
                let (first, second) = (into.indices[0], one.indices[0]);
                let problem =
                    Problem::duplicate_items(first, second, &one.item.class_name, "sys_id");
                for group in [into, &mut one] {
                    if group.errors.is_empty() {
                        group.errors.push(problem.clone());
                    }
                }
            } else if let Some(sys_id) = sys_id {
                by_record.insert(sys_id, kept.len());
            }
            kept.push(one);
        }
        *planned = kept;
    }

    fn planned(&self, at: usize, item: Item, class: Option<&'static Class>) -> Planned {
        let own = item.source.as_ref().map(|source| source.name.clone());
        let source = self.source.map(str::to_owned).or(own);
        Planned {
            class,
            source: source.filter(|source| !source.is_empty()),
            ..Planned::of(at, item)
        }
    }

    /// The rule that identifies an item.
    pub(super) fn rule(&self, one: &Planned) -> Option<&Rule> {
        let schema = self.call.store.schema();
        self.rules.of(schema.class(&one.item.class_name)?)
    }

    fn identified(&self, mut one: Planned) -> Result<Planned, StoreError> {
        if !one.errors.is_empty() {
            return Ok(one);
        }
        let source = one.source.as_deref();
        if !source.is_some_and(|source| self.sources.contains(source)) {
            one.errors.push(Problem::data_source(source));
            return Ok(one);
        }
        let Some(class) = one.class else {
            one.errors.push(Problem::class(&one.item.class_name));
            return Ok(one);
        };
        let Some(rule) = self.rules.of(class).filter(|rule| !rule.entries.is_empty()) else {
            one.errors.push(Problem::rule_missing(class.name));
            return Ok(one);
        };
        one.dependent = !rule.independent;
        let looks_up = |table: &str| {
            let lookups = rule.entries.iter().filter_map(|entry| entry.lookup);
            lookups
                .into_iter()
                .any(|lookup| lookup.family.contains(&table))
        };
        if let Some(lookup) = one
            .item
            .lookups
            .iter()
            .find(|lookup| !looks_up(&lookup.class_name))
        {
            let problem = Problem::lookup_rule_missing(rule.applies_to.name, &lookup.class_name);
            one.errors.push(problem);
            return Ok(one);
        }
        let shown = one.item.shown(source);
        let found = identify::identify(self.connection, self.call, rule, class, &one.item, &shown)?;
        one.attempts = found.attempts;
        one.sys_id = found.found.as_ref().map(|found| found.sys_id.clone());
        one.found = found.found;
        one.entry = found.entry;
        one.duplicates = found.duplicates;
        one.errors.extend(found.problem);
        Ok(one)
    }

    /// What is done to the record that was found, or that one is made.
    fn decide(&self, one: &mut Planned) -> Result<(), StoreError> {
        let (Some(found), Some(to)) = (one.found.clone(), one.class) else {
            return Ok(());
        };
        let from = found.class;
        let changes = self.changes(&found, to, one)?;
        one.operation = if changes {
            Operation::Update
        } else {
            Operation::NoChange
        };
        if from.name == to.name {
            return Ok(());
        }
        let settings = one.item.settings;
        let (kind, code, operation, kept) = if to.lineage.contains(&from.name) {
            (
                "upgrade",
                "SKIPPED_CLASS_UPGRADE",
                Operation::Upgrade,
                settings.without_upgrade,
            )
        } else if from.lineage.contains(&to.name) {
            (
                "downgrade",
                "SKIPPED_CLASS_DOWNGRADE",
                Operation::Downgrade,
                settings.without_downgrade,
            )
        } else {
            (
                "switch",
                "SKIPPED_CLASS_SWITCH",
                Operation::Switch,
                settings.without_switch,
            )
        };
        let is = |property: String, value| self.call.policy.property(&property) == Some(value);
        let stays = format!("glide.identification_engine.update_without_{kind}_enabled");
        if kept || is(stays, "true") {
            one.class = Some(from);
            one.info.push(Info {
                message: not_reclassified(from.name, to.name),
                code,
                rule_sys_id: "",
            });
        } else if is(format!("glide.class.{kind}.enabled"), "false") || from.root != to.root {
            one.errors
                .push(Problem::reclassification(from.name, to.name));
        } else {
            one.operation = operation;
        }
        Ok(())
    }

    /// Whether what the payload says differs from what is stored. That an item was seen again is
    /// no difference unless the payload says when.
    fn changes(&self, found: &Found, class: &Class, one: &Planned) -> Result<bool, StoreError> {
        for (name, value) in one.values() {
            let Some(column) = class.column(&name) else {
                continue;
            };
            if matches!(column.kind, Kind::Journal | Kind::Password) || name.starts_with("sys_") {
                continue;
            }
            let value = stored(column.kind, &value);
            let stored = self.stored(found, column.name)?;
            let differs = if name == "last_discovered" {
                value > stored
            } else {
                !same(column.kind, &value, &stored)
            };
            if differs {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A column of a record; the name is the schema's.
    fn stored(&self, found: &Found, column: &'static str) -> Result<String, StoreError> {
        let statement = format!(
            "SELECT \"{column}\" FROM \"{}\" WHERE sys_id = ?",
            found.class.root
        );
        let mut statement = self.connection.prepare_cached(&statement)?;
        let value = statement
            .query_row([&found.sys_id], |row| row.get_ref(0).map(text_of))
            .optional()?;
        Ok(value.unwrap_or_default())
    }
}

impl Planned {
    fn of(at: usize, item: Item) -> Self {
        Self {
            indices: vec![at],
            item,
            class: None,
            source: None,
            attempts: Vec::new(),
            entry: None,
            found: None,
            duplicates: Vec::new(),
            operation: Operation::Insert,
            info: Vec::new(),
            errors: Vec::new(),
            sys_id: None,
            lookups: Vec::new(),
            dependent: false,
        }
    }

    /// An item that is not looked at further.
    pub(super) fn rejected(class_name: &str, problem: Problem) -> Self {
        let item = Item {
            class_name: class_name.to_owned(),
            ..Item::default()
        };
        Self {
            errors: vec![problem],
            ..Self::of(0, item)
        }
    }

    /// What the payload says of it, with its source.
    pub(super) fn values(&self) -> crate::store::Values {
        let mut values = self.item.values.clone();
        if let Some(source) = &self.source {
            values.insert("discovery_source".to_owned(), source.clone());
        }
        values
    }

    fn join(&mut self, other: Self) {
        self.indices.extend(other.indices);
        self.indices.sort_unstable();
        if let (Some(mine), Some(theirs)) = (self.class, other.class)
            && theirs.lineage.contains(&mine.name)
        {
            self.class = Some(theirs);
        }
        self.item.join(other.item);
    }
}

/// Whether two values in stored form are one: `1.50` is stored as `1.5`.
fn same(kind: Kind, left: &str, right: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok().filter(|_| kind.is_number());
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right).is_eq(),
        _ => left == right,
    }
}

/// The group that a group was joined to.
fn root(leads: &[usize], mut group: usize) -> usize {
    while let Some(next) = leads.get(group).copied().filter(|next| *next != group) {
        group = next;
    }
    group
}

/// Whether a source is a choice of `discovery_source`, case and all.
pub(super) fn is_source(connection: &Connection, source: Option<&str>) -> Result<bool, StoreError> {
    let sources = sources(connection)?;
    Ok(source.is_some_and(|source| sources.contains(source)))
}

/// The choices of `discovery_source`.
fn sources(connection: &Connection) -> Result<HashSet<String>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT value FROM sys_choice \
         WHERE name = 'cmdb_ci' AND element = 'discovery_source' AND inactive = 'false'",
    )?;
    let found = statement.query_map([], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}
