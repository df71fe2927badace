//! What tasks and configuration items refer to: companies, locations, models (wire-core 6).

use super::{Table, boolean, decimal, reference, root, text};

pub(super) static TABLES: &[Table] = &[
    root(
        "core_company",
        "Company",
        "name",
        &[
            text("name"),
            boolean("vendor"),
            boolean("manufacturer"),
            boolean("customer"),
            text("stock_symbol"),
            text("website"),
            text("phone"),
            text("street"),
            text("city"),
            text("state"),
            text("zip"),
            text("country"),
            reference("parent", "core_company"),
        ],
    ),
    root(
        "cmn_location",
        "Location",
        "name",
        &[
            text("name"),
            text("full_name"),
            text("street"),
            text("city"),
            text("state"),
            text("zip"),
            text("country"),
            decimal("latitude"),
            decimal("longitude"),
            reference("company", "core_company"),
            reference("parent", "cmn_location"),
        ],
    ),
    root(
        "cmn_cost_center",
        "Cost Center",
        "name",
        &[text("name"), text("code")],
    ),
    root(
        "cmdb_model",
        "Product Model",
        "display_name",
        &[
            text("name"),
            text("display_name"),
            text("model_number"),
            reference("manufacturer", "core_company"),
        ],
    ),
];
