//! What the engine reports of a payload (Identification and Reconciliation API).

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, json};

use super::identify::Attempt;
use super::plan::{Info, Planned};
use super::problem::Problem;
use super::relate::Related;
use super::{Mode, Operation};
use crate::store::named_id;

const UNKNOWN: &str = "Unknown";

/// An entry of `items`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    class_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    sys_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    partial_sys_ids: Option<[String; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incomplete_sys_ids: Option<[String; 1]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_sys_ids: Vec<Option<&'a str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_items: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_related_items: Option<[(); 0]>,
    identifier_entry_sys_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Problem],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [Problem],
    identification_attempts: &'a [Attempt],
    info: &'a [Info],
    markers: [(); 0],
    input_indices: &'a [usize],
    merged_payload_ids: [(); 0],
    error_count: usize,
    warning_count: usize,
}

/// How an item ended: its operation, and whether its errors are warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Done(Operation),
    /// Rejected, and not kept.
    Rejected,
    /// Kept for a later payload to complete.
    Partial,
    /// Kept for the log alone.
    Incomplete,
}

fn end(mode: Mode, planned: &Planned) -> End {
    if planned.errors.is_empty() {
        return End::Done(planned.operation);
    }
    if !mode.keeps_partial {
        return End::Rejected;
    }
    let source = planned.item.source.as_ref();
    let completes = source.is_some_and(|source| source.identifies());
    let lacks = |problem: &Problem| problem.error == "MISSING_MATCHING_ATTRIBUTES";
    if completes && planned.errors.iter().all(lacks) {
        End::Partial
    } else {
        End::Incomplete
    }
}

/// Whether an item would be kept for a later payload to complete, which is not modelled.
pub(super) fn is_partial(mode: Mode, planned: &Planned) -> bool {
    end(mode, planned) == End::Partial
}

/// An entry of `items` as JSON.
pub(in crate::api) fn item(mode: Mode, planned: &Planned) -> Value {
    let end = end(mode, planned);
    let kept = |folder: &str| {
        let shown = planned.item.shown(planned.source.as_deref());
        [named_id(&format!("{folder}:{shown}"))]
    };
    let (errors, warnings): (&[Problem], &[Problem]) = match end {
        End::Partial => (&[], &planned.errors),
        _ => (&planned.errors, &[]),
    };
    let class = planned.class.map(|class| class.name);
    let related = planned.item.lookups.iter().zip(&planned.lookups);
    let item = Item {
        class_name: class.unwrap_or(&planned.item.class_name),
        operation: match end {
            End::Done(operation) => Some(operation.name()),
            End::Rejected => None,
            End::Partial => Some("INSERT_AS_PARTIAL"),
            End::Incomplete => Some("INSERT_AS_INCOMPLETE"),
        },
        sys_id: planned.sys_id.as_deref().unwrap_or(UNKNOWN),
        partial_sys_ids: (end == End::Partial).then(|| kept("cmdb_ire_partial_payloads")),
        incomplete_sys_ids: (end == End::Incomplete).then(|| kept("cmdb_ire_incomplete_payloads")),
        related_sys_ids: planned
            .lookups
            .iter()
            .map(|(sys_id, _)| sys_id.as_deref())
            .collect(),
        related_items: related
            .map(|(lookup, (sys_id, operation))| {
                let (main, sub) = lookup.place;
                let mut related = json!({
                    "className": lookup.class_name,
                    "operation": operation.name(),
                    "errors": [],
                    "errorCount": 0,
                    "warningCount": 0,
                    "markers": [],
                    "inputIndices": [{"mainIndex": main, "subIndex": sub}],
                    "mergedPayloadIds": [],
                });
                if let (Some(sys_id), Some(fields)) = (sys_id, related.as_object_mut()) {
                    fields.insert("sysId".to_owned(), sys_id.as_str().into());
                }
                related
            })
            .collect(),
        additional_related_items: (!planned.lookups.is_empty()).then_some([]),
        identifier_entry_sys_id: planned.entry.as_deref().unwrap_or(UNKNOWN),
        errors,
        warnings,
        identification_attempts: &planned.attempts,
        info: &planned.info,
        markers: [],
        input_indices: &planned.indices,
        merged_payload_ids: [],
        error_count: errors.len(),
        warning_count: warnings.len(),
    };
    // Its keys are texts and its numbers are finite.
    serde_json::to_value(item).unwrap_or_default()
}

fn relation(related: &Related) -> Value {
    let mut fields = json!({
        "className": "cmdb_rel_ci",
        "operation": related.operation.name(),
        "sysId": related.sys_id.as_deref().unwrap_or(UNKNOWN),
        "identifierEntrySysId": UNKNOWN,
        "markers": [],
        "inputIndices": [related.index],
        "mergedPayloadIds": [],
        "errorCount": related.errors.len(),
        "warningCount": 0,
    });
    if let Some(map) = fields
        .as_object_mut()
        .filter(|_| !related.errors.is_empty())
    {
        map.shift_remove("operation");
        map.insert("errors".to_owned(), json!(related.errors));
    }
    fields
}

/// The whole `{"result":{…}}`.
pub(super) fn report(mode: Mode, planned: &[Planned], related: &[Related]) -> Value {
    let ends: Vec<End> = planned.iter().map(|planned| end(mode, planned)).collect();
    let rejected = |end: &End| matches!(end, End::Rejected | End::Incomplete);
    let related_fails = related.iter().any(|related| !related.errors.is_empty());
    let mut result = json!({
        "hasError": ends.iter().any(rejected) || related_fails,
        "hasWarning": ends.contains(&End::Partial),
        "items": planned.iter().map(|planned| item(mode, planned)).collect::<Vec<_>>(),
        "additionalCommittedItems": [],
        "relations": related.iter().map(relation).collect::<Vec<_>>(),
        "additionalCommittedRelations": [],
    });
    if let Some(fields) = result.as_object_mut().filter(|_| mode.summarises) {
        fields.insert("summary".to_owned(), summary(planned, &ends));
    }
    json!({"result": result})
}

/// How many items of each class ended how (sample of the enhanced endpoint).
fn summary(planned: &[Planned], ends: &[End]) -> Value {
    const KINDS: [&str; 10] = [
        "mergedPartialPayloads",
        "inserted",
        "partial",
        "warnings",
        "incomplete",
        "additionalInserted",
        "unchanged",
        "skipped",
        "updated",
        "errors",
    ];
    let mut classes: IndexMap<&str, IndexMap<&str, usize>> = IndexMap::new();
    let mut count = |class, kind| {
        let none = || KINDS.into_iter().map(|kind| (kind, 0)).collect();
        let counts = classes.entry(class).or_insert_with(none);
        *counts.entry(kind).or_insert(0) += 1;
    };
    for (planned, end) in planned.iter().zip(ends) {
        let class = planned
            .class
            .map_or(planned.item.class_name.as_str(), |class| class.name);
        match end {
            End::Done(operation) => count(class, operation.counted()),
            End::Rejected => count(class, "errors"),
            End::Partial => {
                count(class, "partial");
                count(class, "warnings");
            }
            End::Incomplete => {
                count(class, "incomplete");
                count(class, "errors");
            }
        }
        for (lookup, (_, operation)) in planned.item.lookups.iter().zip(&planned.lookups) {
            count(lookup.class_name.as_str(), operation.counted());
        }
    }
    json!(classes)
}
