//! Tables filled with so many rows that their indexes are made afterwards.

use rusqlite::Connection;
use serde_json::json;
use snowproof_simulator::setup::InstanceSetup;
use snowproof_simulator::store::{Store, seed};

use crate::instance::{Instance, column};

/// From so many rows on it is done otherwise.
const MANY: u32 = 20_000;

#[test]
fn a_large_table_is_indexed_like_a_small_one() {
    let folder = tempfile::tempdir().unwrap();
    let indexes = |rows: u32| {
        let file = folder.path().join(format!("{rows}.db"));
        let store = Store::open(Some(&file)).unwrap();
        let setup = json!({ "tables": {
            "cmdb_rel_ci": { "rows": 9 },
            "cmn_location": { "rows": rows / 2 + 1 },
            "business_unit": { "rows": rows + 1 },
            "cmn_building": { "rows": rows / 4 },
        }});
        let setup: InstanceSetup = serde_json::from_value(setup).unwrap();
        seed::populate(
            &store,
            &setup,
            &Default::default(),
            &Default::default(),
            10,
            1,
        )
        .unwrap();
        drop(store);
        let file = Connection::open(&file).unwrap();
        // Columns name it; nothing is compared here.
        file.create_collation("fold", str::cmp).unwrap();
        let mut statement = file
            .prepare("SELECT name || sql FROM sqlite_master WHERE type = 'index' AND sql <> '' ORDER BY name")
            .unwrap();
        let found = statement.query_map([], |row| row.get(0)).unwrap();
        let count: u32 = file
            .query_row("SELECT count(*) FROM business_unit", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, rows + 1);
        found.collect::<Result<Vec<String>, _>>().unwrap()
    };
    let small = indexes(8);
    assert!(small.len() > 50);
    assert_eq!(indexes(MANY), small);
}

/// Why a set-up with these tables is refused.
fn refused(tables: serde_json::Value) -> String {
    let setup = serde_json::from_value(json!({ "tables": tables })).unwrap();
    let store = Store::open(None).unwrap();
    seed::populate(
        &store,
        &setup,
        &Default::default(),
        &Default::default(),
        10,
        1,
    )
    .unwrap_err()
    .to_string()
}

#[tokio::test]
async fn rows_have_the_ids_that_they_are_given() {
    let ids = ["0a".repeat(16), "0b".repeat(16)];
    let given = json!({ "rows": 2, "set": { "sys_id": ids } });
    let instance = Instance::new(json!({ "tables": { "sys_import_set": given } }));
    let path = "/api/now/table/sys_import_set?sysparm_query=ORDERBYsys_id";
    assert_eq!(column(&instance.get("admin", path).await, "sys_id"), ids);
}

#[test]
fn ids_that_cannot_be_given_are_named() {
    let of = |rows: u32, ids: &[&str]| {
        refused(json!({ "sys_import_set": { "rows": rows, "set": { "sys_id": ids } } }))
    };
    let id = "0a".repeat(16);
    assert_eq!(
        of(1, &["A1"]),
        "`tables.sys_import_set.set.sys_id` names `A1`; an id has 32 lower-case hexadecimal digits"
    );
    assert_eq!(
        of(2, &[&id, &id]),
        "`tables.sys_import_set.set.sys_id` names 1 different ids for 2 more rows; each needs its own"
    );
}

#[test]
fn what_a_parent_needs_counts_what_its_children_are_given() {
    let tables = json!({ "cmdb_ci": { "rows": 4 }, "cmdb_ci_linux_server": { "rows": 3 }, "cmdb_ci_win_server": { "rows": 2 } });
    assert_eq!(
        refused(tables),
        "table `cmdb_ci` holds 5 rows of its own; `rows` must be at least that, not `4`"
    );
}
