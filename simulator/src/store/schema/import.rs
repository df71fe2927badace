//! Import sets: staging tables and the maps that transform their rows (wire-core 4.3; `imp_user` is
//! the documented example, columns that no source names are *assumed*).

use super::{
    Choices, Table, boolean, child, choice, datetime, duration, int, numbered, reference, root,
    text,
};

const ROW_STATE: Choices = &[
    ("pending", "Pending"),
    ("processed", "Processed"),
    ("inserted", "Inserted"),
    ("updated", "Updated"),
    ("ignored", "Ignored"),
    ("skipped", "Skipped"),
    ("error", "Error"),
    ("cancelled", "Canceled"),
];

pub(super) static TABLES: &[Table] = &[
    root(
        "sys_import_set",
        "Import Set",
        "number",
        &[
            text("number"),
            text("short_description"),
            text("table_name"),
            choice(
                "state",
                &[
                    ("loading", "Loading"),
                    ("loaded", "Loaded"),
                    ("processing", "Processing"),
                    ("processed", "Processed"),
                    ("cancelled", "Canceled"),
                ],
            )
            .or("loading"),
            text("mode"),
            text("data_source"),
            text("creation_source"),
            datetime("load_completed"),
            duration("load_run_time"),
            reference("multi_import_set", "sys_multi_import_set"),
        ],
    )
    .numbered("ISET"),
    root(
        "sys_multi_import_set",
        "Multi Import Set",
        "sys_id",
        &[
            text("table_name"),
            choice("state", &[("loading", "Loading"), ("loaded", "Loaded")]),
        ],
    ),
    root(
        "sys_import_set_row",
        "Import Set Row",
        "sys_import_row",
        &[
            reference("sys_import_set", "sys_import_set"),
            int("sys_import_row"),
            choice("sys_import_state", ROW_STATE).or("pending"),
            text("sys_import_state_comment"),
            reference("sys_transform_map", "sys_transform_map"),
            text("sys_target_table"),
            text("sys_target_sys_id"),
            text("sys_row_error"),
            text("template_import_log"),
        ],
    ),
    child(
        "imp_user",
        "User import",
        "sys_import_set_row",
        &[
            text("user_name"),
            text("first_name"),
            text("middle_name"),
            text("last_name"),
            text("email"),
            text("title"),
            text("phone"),
            text("home_phone"),
            text("mobile_phone"),
            text("employee_number"),
            text("department"),
            text("company"),
            text("location"),
            text("manager"),
            text("street"),
            text("city"),
            text("state"),
            text("zip"),
            text("country"),
            text("active"),
            text("vip"),
            text("user_id"),
        ],
    ),
    child(
        "sys_transform_map",
        "Table Transform Map",
        "sys_metadata",
        &[
            text("name"),
            text("source_table"),
            text("target_table"),
            boolean("active").or("true"),
            int("order").or("100"),
            boolean("run_business_rules").or("true"),
            boolean("copy_empty_fields"),
            boolean("create_new_record_on_empty_coalesce_fields"),
            numbered(
                "enforce_mandatory_fields",
                &[
                    ("0", "No"),
                    ("1", "Only Mapped Fields"),
                    ("2", "All Fields"),
                ],
            )
            .or("0"),
            boolean("run_script"),
            text("script").typed("script"),
        ],
    )
    .shown_as("name"),
    child(
        "sys_transform_entry",
        "Field Map",
        "sys_metadata",
        &[
            reference("map", "sys_transform_map"),
            text("source_table"),
            text("source_field"),
            text("target_table"),
            text("target_field"),
            boolean("coalesce"),
            boolean("coalesce_case_sensitive"),
            boolean("coalesce_empty_fields"),
            choice(
                "choice_action",
                &[
                    ("create", "create"),
                    ("ignore", "ignore"),
                    ("reject", "reject"),
                ],
            )
            .or("create"),
            text("date_format"),
            text("reference_value_field"),
            boolean("use_source_script"),
            text("source_script").typed("script"),
        ],
    )
    .shown_as("source_field"),
];
