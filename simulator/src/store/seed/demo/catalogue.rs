//! What can be ordered, and what can be read up. All of it is made up.

use super::{id, put};
use crate::store::StoreError;
use crate::store::records::{Records, row};

pub(super) fn ship(records: &mut Records<'_>) -> Result<(), StoreError> {
    orders(records)?;
    articles(records)
}

fn orders(records: &mut Records<'_>) -> Result<(), StoreError> {
    let catalog = id("sc_catalog", "service");
    let category = id("sc_category", "hardware");
    let values = row([("sys_id", catalog.as_str()), ("title", "Service Catalog")]);
    put(records, "sc_catalog", 0, &values)?;
    let values = row([
        ("sys_id", category.as_str()),
        ("title", "Hardware"),
        ("sc_catalog", catalog.as_str()),
    ]);
    put(records, "sc_category", 0, &values)?;
    for (at, (name, price)) in [("Laptop", "1499"), ("Mailbox", "")].iter().enumerate() {
        let values = row([
            ("sys_id", id("sc_cat_item", name).as_str()),
            ("name", name),
            ("price", price),
            ("category", category.as_str()),
            ("sc_catalogs", catalog.as_str()),
        ]);
        put(records, "sc_cat_item", at, &values)?;
    }
    Ok(())
}

fn articles(records: &mut Records<'_>) -> Result<(), StoreError> {
    let base = id("kb_knowledge_base", "it");
    let category = id("kb_category", "howto");
    let values = row([
        ("sys_id", base.as_str()),
        ("title", "IT"),
        ("owner", id("sys_user", "manager.it").as_str()),
    ]);
    put(records, "kb_knowledge_base", 0, &values)?;
    let values = row([
        ("sys_id", category.as_str()),
        ("label", "How to"),
        ("value", "how_to"),
        ("full_category", "How to"),
        ("parent_id", base.as_str()),
    ]);
    put(records, "kb_category", 0, &values)?;
    for (at, (about, state)) in [
        ("Reset a password", "published"),
        ("Drucker einrichten", "published"),
        ("Old VPN client", "retired"),
    ]
    .iter()
    .enumerate()
    {
        let values = row([
            ("sys_id", id("kb_knowledge", about).as_str()),
            ("short_description", about),
            ("text", "<p>Step by step &amp; <b>short</b>.</p>"),
            ("workflow_state", state),
            ("author", id("sys_user", "agent.desk").as_str()),
            ("kb_knowledge_base", base.as_str()),
            ("kb_category", category.as_str()),
        ]);
        put(records, "kb_knowledge", at, &values)?;
    }
    Ok(())
}
