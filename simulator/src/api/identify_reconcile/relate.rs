//! Relations between the items of a payload: rows of `cmdb_rel_ci`.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use super::Operation;
use super::commit::Reach;
use super::payload::{self, Payload, Relation};
use super::plan::Planned;
use super::problem::Problem;
use crate::store::StoreError;
use crate::store::records::row;

/// A relation of the payload, and what becomes of it.
#[derive(Debug)]
pub(super) struct Related {
    pub(super) index: usize,
    pub(super) operation: Operation,
    pub(super) sys_id: Option<String>,
    pub(super) errors: Vec<Problem>,
}

/// Where each item of a payload is in the plan, by its place and by its own id.
#[derive(Debug)]
pub(super) struct Places<'p> {
    by_index: HashMap<usize, &'p Planned>,
    by_id: HashMap<&'p str, End<'p>>,
}

impl<'p> Places<'p> {
    pub(super) fn of(payload: &'p Payload, planned: &'p [Planned]) -> Self {
        let mut by_index = HashMap::new();
        let mut by_id = HashMap::new();
        for one in planned {
            by_index.extend(one.indices.iter().map(|index| (*index, one)));
            for (lookup, (sys_id, _)) in one.item.lookups.iter().zip(&one.lookups) {
                if let Some(id) = &lookup.internal_id {
                    by_id.insert(id.as_str(), End::Record(sys_id.as_deref()));
                }
            }
        }
        // An item's id wins over that of a lookup, and the first item's over a later one's.
        for (index, item) in payload.items.iter().enumerate().rev() {
            if let (Some(id), Some(one)) = (&item.internal_id, by_index.get(&index)) {
                by_id.insert(id.as_str(), End::Item(one));
            }
        }
        Self { by_index, by_id }
    }

    /// The item of this id, if it has no errors.
    pub(super) fn item(&self, id: &str) -> Option<&'p Planned> {
        match self.by_id.get(id) {
            Some(End::Item(one)) if one.errors.is_empty() => Some(one),
            _ => None,
        }
    }
}

/// What an id of the payload names.
#[derive(Debug, Clone, Copy)]
enum End<'p> {
    Item(&'p Planned),
    /// The record of a lookup.
    Record(Option<&'p str>),
}

/// What an end of a relation leads to.
enum Leads<'p> {
    /// A record, or one that is about to be made.
    To(Option<&'p str>),
    /// An item that has errors.
    Failed(&'p Planned),
    Nowhere(String),
}

/// Relates two items, unless they are related so already.
pub(super) fn relate(
    reach: Reach<'_, '_>,
    places: &Places<'_>,
    index: usize,
    relation: &Relation,
) -> Result<Related, StoreError> {
    let mut related = Related {
        index,
        operation: Operation::Insert,
        sys_id: None,
        errors: Vec::new(),
    };
    let connection = reach.connection();
    let kind = type_id(connection, &relation.type_name)?;
    if kind.is_none() {
        related
            .errors
            .push(Problem::relation_type(&relation.type_name));
    }
    let mut ends = [None, None];
    let sides = [("parent", &relation.parent), ("child", &relation.child)];
    for (place, (side, end)) in ends.iter_mut().zip(sides) {
        match leads(places, end) {
            Leads::To(record) => *place = record,
            Leads::Failed(item) => {
                let shown = item.item.shown(item.source.as_deref());
                related.errors.push(Problem::end_failed(&shown));
            }
            Leads::Nowhere(at) => {
                related
                    .errors
                    .push(Problem::index(&relation.sent, side, &at));
            }
        }
    }
    let ([Some(parent), Some(child)], Some(kind), []) = (ends, kind, &related.errors[..]) else {
        return Ok(related);
    };
    related.sys_id = existing(connection, parent, child, &kind)?;
    if related.sys_id.is_some() {
        related.operation = Operation::NoChange;
    } else if let Reach::Write(records) = reach {
        let values = row([
            ("parent", parent),
            ("child", child),
            ("type", kind.as_str()),
        ]);
        related.sys_id = Some(records.insert("cmdb_rel_ci", &values)?);
    }
    Ok(related)
}

fn leads<'p>(places: &Places<'p>, end: &payload::End) -> Leads<'p> {
    let of_item = |one: &'p Planned| {
        if one.errors.is_empty() {
            Leads::To(one.sys_id.as_deref())
        } else {
            Leads::Failed(one)
        }
    };
    match end {
        payload::End::Index(index) => match places.by_index.get(index) {
            Some(one) => of_item(one),
            None => Leads::Nowhere(index.to_string()),
        },
        payload::End::Id(id) => match places.by_id.get(id.as_str()) {
            Some(End::Item(one)) => of_item(one),
            Some(End::Record(sys_id)) => Leads::To(*sys_id),
            None => Leads::Nowhere(id.clone()),
        },
        payload::End::Invalid(sent) => Leads::Nowhere(sent.clone()),
    }
}

/// The `sys_id` of a relation type, by its name.
fn type_id(connection: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT sys_id FROM cmdb_rel_type WHERE name = ? ORDER BY sys_created_on, sys_id LIMIT 1",
    )?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// A relation that exists.
pub(in crate::api) fn existing(
    connection: &Connection,
    parent: &str,
    child: &str,
    kind: &str,
) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT sys_id FROM cmdb_rel_ci WHERE parent = ? AND child = ? AND \"type\" = ? \
         ORDER BY sys_created_on, sys_id LIMIT 1",
    )?;
    let found = statement.query_row([parent, child, kind], |row| row.get(0));
    Ok(found.optional()?)
}
