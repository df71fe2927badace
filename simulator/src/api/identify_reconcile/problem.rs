//! What the engine reports of an item or a relation that it cannot process (IRE error messages).

use serde::Serialize;

/// An entry of `errors` or `warnings`.
#[derive(Debug, Clone, Serialize)]
pub(in crate::api) struct Problem {
    pub(super) error: &'static str,
    pub(super) message: String,
}

impl Problem {
    fn of(error: &'static str, message: String) -> Self {
        Self { error, message }
    }

    /// Seen with `null` for a source that is missing.
    pub(super) fn data_source(source: Option<&str>) -> Self {
        let source = source.unwrap_or("null");
        Self::of(
            "INVALID_INPUT_DATA",
            format!(
                "In payload invalid data source [{source}] exist. You need to provide a valid choice value from field [discovery_source] in table [cmdb_ci]"
            ),
        )
    }

    /// The words are *assumed*.
    pub(super) fn class(class_name: &str) -> Self {
        Self::of(
            "INVALID_INPUT_DATA",
            format!(
                "In payload invalid class name [{class_name}] exist. You need to provide a valid class name"
            ),
        )
    }

    pub(in crate::api) fn sys_id(sys_id: &str, table: &str) -> Self {
        Self::of(
            "INVALID_INPUT_DATA",
            format!(
                "Found invalid sys_id in payload. No record with sys_id [{sys_id}] exist in table [{table}] or is a duplicate record with [duplicate_of] field set to a main CI"
            ),
        )
    }

    pub(super) fn relation_type(name: &str) -> Self {
        Self::of(
            "INVALID_INPUT_DATA",
            format!(
                "No such relationship with name [{name}] exist in table [cmdb_rel_type]. If out-of-box relationship for [{name}] has been removed or renamed, it should be restored"
            ),
        )
    }

    /// `end` is `parent` or `child`.
    pub(super) fn index(relation: &str, end: &str, index: &str) -> Self {
        Self::of(
            "INVALID_INPUT_DATA",
            format!("Payload relations '{relation}' has invalid {end} record index: [{index}]"),
        )
    }

    pub(super) fn rule_missing(table: &str) -> Self {
        Self::of(
            "IDENTIFICATION_RULE_MISSING",
            format!("Identity Rule Missing for table [{table}]"),
        )
    }

    pub(super) fn lookup_rule_missing(table: &str, lookup: &str) -> Self {
        Self::of(
            "IDENTIFICATION_RULE_FOR_LOOKUP_MISSING",
            format!("Identity Rule for table [{table}] missing Lookup Rule for class [{lookup}]"),
        )
    }

    pub(super) fn missing_attributes(table: &str, item: &str) -> Self {
        Self::of(
            "MISSING_MATCHING_ATTRIBUTES",
            format!(
                "In payload missing minimum set of input values for criterion (matching) attributes from identify rule for table [{table}]. Add these input values in payload item '{item}'"
            ),
        )
    }

    pub(super) fn duplicate_items(first: usize, second: usize, class: &str, fields: &str) -> Self {
        Self::of(
            "DUPLICATE_PAYLOAD_RECORDS",
            format!(
                "Found duplicate items in the payload (index {first} and {second}), using className [{class}] and fields [{fields}]. Remove duplicate items from payload"
            ),
        )
    }

    pub(super) fn duplicate_records(table: &str, fields: &str) -> Self {
        Self::of(
            "MULTIPLE_DUPLICATE_RECORDS",
            format!("Found duplicate records in table [{table}] using fields [{fields}]"),
        )
    }

    pub(super) fn reclassification(from: &str, to: &str) -> Self {
        Self::of("RECLASSIFICATION_NOT_ALLOWED", not_reclassified(from, to))
    }

    /// Seen beside another error of the same item; that it stands alone on items that are fine is
    /// *assumed*.
    pub(super) fn too_many() -> Self {
        Self::of("ABANDONED", "Too many other errors".to_owned())
    }

    pub(super) fn end_failed(item: &str) -> Self {
        Self::of(
            "ABANDONED",
            format!("While processing relations encountered errors in payload item: {item}"),
        )
    }
}

/// The words of a reclassification that does not happen.
pub(super) fn not_reclassified(from: &str, to: &str) -> String {
    format!("CI Reclassification not allowed from class: [{from}] to [{to}]")
}
