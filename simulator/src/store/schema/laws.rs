//! The laws of every schema.

use super::{Class, Kind, Schema, base};
use crate::store::{Store, image};

/// Every law: references lead to tables, displays exist, families and lineages agree, columns are
/// stored alike, and a database can be built.
pub(in crate::store) fn assert_laws(schema: &'static Schema) {
    for class in schema.classes.values() {
        references_lead_to_tables(schema, class);
        families_and_lineages_agree(schema, class);
        columns_are_stored_alike(schema, class);
        assert_eq!(class.schema(), schema, "{}", class.name);
    }
    image::tables_can_be_made(schema);
}

fn references_lead_to_tables(schema: &Schema, class: &Class) {
    let name = class.name;
    assert!(
        class.display == "sys_id" || class.column(class.display).is_some(),
        "{name} has no display column"
    );
    for column in class.columns.values() {
        if let Some((table, key)) = column.kind.refers_to() {
            let referred = schema.class(table);
            let key = referred.and_then(|class| class.column(key));
            assert!(key.is_some(), "{name}.{}", column.name);
        }
        if let Kind::List(table) = column.kind {
            assert!(schema.class(table).is_some(), "{name}.{}", column.name);
        }
    }
}

fn families_and_lineages_agree(schema: &Schema, class: &Class) {
    let name = class.name;
    assert_eq!(class.lineage.first(), Some(&name));
    assert_eq!(class.lineage.last(), Some(&class.root));
    assert_eq!(class.lineage.get(1).copied(), class.parent, "{name}");
    for other in schema.classes.values() {
        let above = other.lineage.contains(&name);
        assert_eq!(above, class.family.contains(&other.name), "{name}");
    }
    for ancestor in &class.lineage {
        let ancestor = schema.class(ancestor).unwrap();
        for column in ancestor.columns.keys() {
            assert!(class.column(column).is_some(), "{name}.{column}");
        }
    }
}

/// A number, a reference, or text: the collation and the affinity of the physical column.
fn columns_are_stored_alike(schema: &Schema, class: &Class) {
    let stored = |kind: Kind| (kind.is_number(), matches!(kind, Kind::Reference(_)));
    let physical = schema.physical_columns(class.root);
    for column in class.columns.values() {
        let (name, other) = (column.name, physical[column.name].kind);
        assert_eq!(stored(other), stored(column.kind), "{}.{name}", class.name);
    }
}

#[test]
fn the_base_tables_keep_the_laws() {
    assert_laws(base());
    Store::open(None).unwrap();
}

#[test]
fn a_class_inherits_columns_display_and_root() {
    let linux = base().class("cmdb_ci_linux_server").unwrap();
    assert_eq!(linux.root, "cmdb_ci");
    assert_eq!(linux.display, "name");
    assert_eq!(linux.lineage[1], "cmdb_ci_server");
    assert!(linux.column("ip_address").is_some());
    assert!(linux.column("kernel_release").is_some());
    let server = base().class("cmdb_ci_server").unwrap();
    assert!(server.column("kernel_release").is_none());
    assert!(server.family.contains(&"cmdb_ci_linux_server"));
    assert_eq!(base().class("incident").unwrap().prefix, "INC");
}
