//! What somebody made of the instance: update sets, scripts and policies of forms. Names and texts
//! are made up; they are shipped, not demo data, and stay whatever a set-up names.

use crate::store::records::{Records, row};
use crate::store::{StoreError, Values, named_id};

const PRIORITY: &str = "\
function onChange(control, oldValue, newValue, isLoading) {
  if (isLoading || newValue === '') { return; }
  g_form.showFieldMsg('urgency', 'The priority follows from it.', 'info');
}";
const GROUPS: &str = "\
var GroupFinder = Class.create();
GroupFinder.prototype = {
  initialize: function() {},
  of: function(incident) { return incident.assignment_group.getDisplayValue(); },
  type: 'GroupFinder'
};";

pub(super) fn ship(records: &mut Records<'_>) -> Result<(), StoreError> {
    records.set_time(crate::store::seed::SHIPPED);
    update_sets(records)?;
    put(
        records,
        "sys_script_client",
        "Explain urgency",
        &[
            ("table", "incident"),
            ("type", "onChange"),
            ("field", "urgency"),
            ("script", PRIORITY),
        ],
    )?;
    put(
        records,
        "sys_script_client",
        "Greet",
        &[
            ("table", "change_request"),
            ("type", "onLoad"),
            ("active", "false"),
        ],
    )?;
    put(
        records,
        "sys_script_include",
        "GroupFinder",
        &[("api_name", "global.GroupFinder"), ("script", GROUPS)],
    )?;
    let policy = put(
        records,
        "sys_ui_policy",
        "Close notes are mandatory once resolved",
        &[("table", "incident"), ("conditions", "stateIN6,7^EQ")],
    )?;
    for field in ["close_code", "close_notes"] {
        put(
            records,
            "sys_ui_policy_action",
            field,
            &[
                ("ui_policy", policy.as_str()),
                ("table", "incident"),
                ("field", field),
                ("mandatory", "true"),
            ],
        )?;
    }
    Ok(())
}

fn update_sets(records: &mut Records<'_>) -> Result<(), StoreError> {
    let default = [
        ("is_default", "true"),
        (
            "description",
            "The update set that changes go to by default",
        ),
    ];
    put(records, "sys_update_set", "Default", &default)?;
    let done = [
        ("state", "complete"),
        ("completed_by", "admin"),
        ("completed_on", "2025-01-01 00:00:00"),
    ];
    let release = put(records, "sys_update_set", "Release 1", &done)?;
    let change = [
        ("type", "Client Script"),
        ("table", "incident"),
        ("target_name", "Explain urgency"),
        ("update_set", release.as_str()),
    ];
    put(
        records,
        "sys_update_xml",
        "sys_script_client_explain",
        &change,
    )
    .map(drop)
}

/// Inserts what has this name, or, where it has none of its own, this short description.
fn put(
    records: &mut Records<'_>,
    table: &str,
    name: &str,
    rest: &[(&str, &str)],
) -> Result<String, StoreError> {
    let named = if table == "sys_ui_policy" {
        "short_description"
    } else {
        "name"
    };
    let sys_id = named_id(&[table, ":", name].concat());
    let mut values: Values = row([("sys_id", sys_id.as_str()), (named, name)]);
    values.extend(row(rest.iter().copied()));
    records.insert(table, &values)
}
