//! Relations between the items of a payload: rows of `cmdb_rel_ci`.

use rusqlite::{Connection, OptionalExtension};

use super::Operation;
use super::commit::Reach;
use super::payload::{End, Payload, Relation};
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
    payload: &Payload,
    planned: &[Planned],
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
        match leads(payload, planned, end) {
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

fn leads<'p>(payload: &'p Payload, planned: &'p [Planned], end: &End) -> Leads<'p> {
    let of_item = |index: usize| {
        let one = planned.iter().find(|one| one.indices.contains(&index));
        one.map(|one| match one.errors.is_empty() {
            true => Leads::To(one.sys_id.as_deref()),
            false => Leads::Failed(one),
        })
    };
    match end {
        End::Index(index) => of_item(*index).unwrap_or_else(|| Leads::Nowhere(index.to_string())),
        End::Invalid(sent) => Leads::Nowhere(sent.clone()),
        End::Id(id) => {
            let named = |internal: &Option<String>| internal.as_ref() == Some(id);
            let item = payload
                .items
                .iter()
                .position(|item| named(&item.internal_id));
            let of_lookup = || {
                planned.iter().find_map(|one| {
                    let at = one
                        .item
                        .lookups
                        .iter()
                        .position(|one| named(&one.internal_id))?;
                    let (sys_id, _) = one.lookups.get(at)?;
                    Some(Leads::To(sys_id.as_deref()))
                })
            };
            item.and_then(of_item)
                .or_else(of_lookup)
                .unwrap_or_else(|| Leads::Nowhere(id.clone()))
        }
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
