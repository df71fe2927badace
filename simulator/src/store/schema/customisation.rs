//! Tables of what customers make of an instance: update sets, scripts and policies of forms
//! (wire-core 6 names none of them; columns are those that published clients read, and common
//! knowledge beside: *assumed*).

use super::{
    Choices, Table, boolean, child, choice, datetime, int, list, numbered, reference, root, text,
};

/// What a policy does to a field.
const TURNS: Choices = &[
    ("ignore", "Leave alone"),
    ("true", "True"),
    ("false", "False"),
];
const UI_TYPES: Choices = &[
    ("0", "Desktop"),
    ("1", "Mobile / Service Portal"),
    ("10", "All"),
];

pub(super) static TABLES: &[Table] = &[
    root(
        "sys_update_set",
        "Update Set",
        "name",
        &[
            text("name"),
            choice(
                "state",
                &[
                    ("in progress", "In progress"),
                    ("complete", "Complete"),
                    ("ignore", "Ignore"),
                ],
            )
            .or("in progress"),
            text("description"),
            reference("application", "sys_scope").or("global"),
            reference("parent", "sys_update_set"),
            boolean("is_default"),
            datetime("release_date"),
            datetime("completed_on"),
            text("completed_by"),
            datetime("install_date"),
            text("installed_from"),
            text("remote_sys_id"),
            text("origin_sys_id"),
        ],
    ),
    root(
        "sys_update_xml",
        "Customer Update",
        "name",
        &[
            text("name"),
            choice(
                "action",
                &[
                    ("INSERT_OR_UPDATE", "INSERT_OR_UPDATE"),
                    ("DELETE", "DELETE"),
                ],
            )
            .or("INSERT_OR_UPDATE"),
            text("type"),
            text("table"),
            text("target_name"),
            text("category").or("customer"),
            reference("update_set", "sys_update_set"),
            reference("application", "sys_scope").or("global"),
            text("payload"),
        ],
    ),
    root(
        "sys_user_preference",
        "User Preference",
        "name",
        &[
            text("name"),
            text("value"),
            text("type").or("string"),
            reference("user", "sys_user"),
            boolean("system"),
            text("description"),
        ],
    ),
    child(
        "sys_script_client",
        "Client Script",
        "sys_metadata",
        &[
            text("name"),
            text("table"),
            choice(
                "type",
                &[
                    ("onLoad", "onLoad"),
                    ("onChange", "onChange"),
                    ("onSubmit", "onSubmit"),
                    ("onCellEdit", "onCellEdit"),
                ],
            ),
            text("field"),
            boolean("active").or("true"),
            boolean("applies_extended"),
            boolean("global").or("true"),
            boolean("isolate_script"),
            numbered("ui_type", UI_TYPES).or("0"),
            text("script"),
            text("description"),
        ],
    )
    .shown_as("name"),
    child(
        "sys_ui_policy",
        "UI Policy",
        "sys_metadata",
        &[
            text("short_description"),
            text("table"),
            text("conditions"),
            boolean("active").or("true"),
            boolean("global").or("true"),
            boolean("inherit"),
            boolean("on_load").or("true"),
            boolean("reverse_if_false").or("true"),
            int("order").or("100"),
            boolean("run_scripts"),
            text("script_true"),
            text("script_false"),
            numbered("ui_type", UI_TYPES).or("0"),
        ],
    )
    .shown_as("short_description"),
    child(
        "sys_ui_policy_action",
        "UI Policy Action",
        "sys_metadata",
        &[
            reference("ui_policy", "sys_ui_policy"),
            text("table"),
            text("field"),
            choice("mandatory", TURNS).or("ignore"),
            choice("visible", TURNS).or("ignore"),
            choice("disabled", TURNS).or("ignore"),
        ],
    )
    .shown_as("field"),
    child(
        "sys_data_policy2",
        "Data Policy",
        "sys_metadata",
        &[
            text("short_description"),
            text("description"),
            text("model_table"),
            text("conditions"),
            boolean("active").or("true"),
            boolean("inherit"),
            boolean("reverse_if_false").or("true"),
            boolean("apply_import_set").or("true"),
            boolean("apply_soap").or("true"),
            boolean("enforce_ui").or("true"),
        ],
    )
    .shown_as("short_description"),
    child(
        "sys_data_policy_rule",
        "Data Policy Rule",
        "sys_metadata",
        &[
            reference("sys_data_policy", "sys_data_policy2"),
            text("table"),
            text("field"),
            choice("mandatory", TURNS).or("ignore"),
            choice("disabled", TURNS).or("ignore"),
        ],
    )
    .shown_as("field"),
    child(
        "sysevent_script_action",
        "Script Actions",
        "sys_metadata",
        &[
            text("name"),
            text("event_name"),
            boolean("active").or("true"),
            text("condition_script"),
            text("script"),
            int("order").or("100"),
        ],
    )
    .shown_as("name"),
    child(
        "sys_script_include",
        "Script Include",
        "sys_metadata",
        &[
            text("name"),
            text("api_name"),
            boolean("active").or("true"),
            boolean("client_callable"),
            choice(
                "access",
                &[
                    ("public", "All application scopes"),
                    ("package_private", "This application scope only"),
                ],
            )
            .or("package_private"),
            text("script"),
            text("description"),
            list("role_conditions", "sys_user_role"),
        ],
    )
    .shown_as("name"),
];
