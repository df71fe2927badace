//! The service catalogue: requests, what was requested, the tasks that deliver it (wire-core 6;
//! columns that it does not name are *assumed*).

use super::{
    Choices, Table, boolean, child, choice, date, datetime, decimal, int, list, reference, root,
    text,
};

const REQUEST_STATE: Choices = &[
    ("draft", "Draft"),
    ("requested", "Pending Approval"),
    ("in_process", "Approved"),
    ("closed_complete", "Closed Complete"),
    ("closed_incomplete", "Closed Incomplete"),
    ("closed_cancelled", "Closed Cancelled"),
    ("closed_rejected", "Closed Rejected"),
    ("closed_skipped", "Closed Skipped"),
];
const STAGE: Choices = &[
    ("requested", "Requested"),
    ("waiting_for_approval", "Waiting for Approval"),
    ("fulfillment", "Fulfillment"),
    ("delivery", "Delivery"),
    ("request_approved", "Request Approved"),
    ("request_cancelled", "Request Cancelled"),
    ("complete", "Completed"),
];

pub(super) static TABLES: &[Table] = &[
    child(
        "sc_request",
        "Request",
        "task",
        &[
            reference("requested_for", "sys_user"),
            reference("requested_by", "sys_user"),
            date("requested_date"),
            choice("request_state", REQUEST_STATE).or("requested"),
            choice("stage", STAGE).or("requested"),
            decimal("price"),
            text("special_instructions"),
            text("delivery_address"),
            reference("parent_interaction", "task"),
        ],
    )
    .numbered("REQ"),
    child(
        "sc_req_item",
        "Requested Item",
        "task",
        &[
            reference("cat_item", "sc_cat_item"),
            reference("sc_catalog", "sc_catalog"),
            reference("request", "sc_request"),
            reference("requested_for", "sys_user"),
            int("quantity").or("1"),
            choice("stage", STAGE).or("waiting_for_approval"),
            decimal("price"),
            decimal("recurring_price"),
            text("recurring_frequency"),
            boolean("backordered"),
            boolean("billable"),
            datetime("estimated_delivery"),
            reference("configuration_item", "cmdb_ci"),
            text("variables").typed("variables"),
        ],
    )
    .numbered("RITM"),
    child(
        "sc_task",
        "Catalog Task",
        "task",
        &[
            reference("request", "sc_request"),
            reference("request_item", "sc_req_item"),
            reference("sc_catalog", "sc_catalog"),
            text("variables").typed("variables"),
        ],
    )
    .numbered("SCTASK"),
    root(
        "sc_catalog",
        "Catalog",
        "title",
        &[
            text("title"),
            text("description"),
            boolean("active").or("true"),
        ],
    ),
    root(
        "sc_category",
        "Category",
        "title",
        &[
            text("title"),
            text("description"),
            reference("sc_catalog", "sc_catalog"),
            reference("parent", "sc_category"),
            boolean("active").or("true"),
        ],
    ),
    root(
        "sc_cat_item",
        "Catalog Item",
        "name",
        &[
            text("name"),
            text("short_description"),
            text("description").typed("html"),
            reference("category", "sc_category"),
            list("sc_catalogs", "sc_catalog"),
            reference("model", "cmdb_model"),
            reference("vendor", "core_company"),
            reference("group", "sys_user_group"),
            reference("delivery_plan", "sc_cat_item_delivery_plan"),
            decimal("price"),
            decimal("recurring_price"),
            text("delivery_time"),
            int("order").or("0"),
            boolean("active").or("true"),
            boolean("billable"),
            text("roles"),
            choice(
                "type",
                &[
                    ("item", "Item"),
                    ("template", "Template"),
                    ("bundle", "Bundle"),
                    ("package", "Package"),
                ],
            )
            .or("item"),
        ],
    ),
    root(
        "sc_cat_item_delivery_plan",
        "Execution Plan",
        "name",
        &[text("name"), text("description")],
    ),
    root(
        "sc_cat_item_delivery_task",
        "Execution Plan Task",
        "name",
        &[
            text("name"),
            int("order"),
            reference("delivery_plan", "sc_cat_item_delivery_plan"),
        ],
    ),
];
