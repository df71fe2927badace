//! How SQLite goes about the queries of a sync: without sorting, and from where it stopped.

use super::{SESSION, rows, statement};
use crate::query::{Builder, Query};
use crate::store::StoreError;

fn plan(table: &str, text: &str) -> String {
    let mut builder = Builder::new(rows::empty().schema().class(table).unwrap(), SESSION);
    let statement = statement(&mut builder, &Query::parse(text));
    let plan = rows::empty().read(|connection| {
        let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}"))?;
        let parameters = rusqlite::params_from_iter(&builder.parameters);
        let lines = explained.query_map(parameters, |row| row.get::<_, String>(3))?;
        Ok::<_, StoreError>(lines.collect::<Result<Vec<_>, _>>()?)
    });
    plan.unwrap().join("; ")
}

#[test]
fn paging_by_key_goes_along_an_index() {
    for table in ["cmdb_ci_server", "incident", "sys_user"] {
        let root = rows::empty().schema().class(table).unwrap().root;
        for text in [
            "sys_id>3^ORDERBYsys_id",
            "ORDERBYsys_id",
            "active=true^sys_id>3^ORDERBYsys_id",
        ] {
            let plan = plan(table, text);
            assert!(!plan.contains("TEMP B-TREE"), "{text}: {plan}");
            if text.contains('>') {
                assert!(plan.contains("(sys_id>?)"), "{text}: {plan}");
            }
        }
        for text in [
            "sys_updated_on>=2026-01-01 00:00:00^ORDERBYsys_updated_on^ORDERBYsys_id",
            "sys_updated_on>=javascript:gs.daysAgo(1)^ORDERBYsys_updated_on",
        ] {
            let plan = plan(table, text);
            let index = format!("{root}/updated (sys_updated_on>?)");
            assert!(plan.contains(&index), "{text}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{text}: {plan}");
        }
    }
}

#[test]
fn what_hangs_on_a_record_is_looked_up_once() {
    for text in [
        "JOINsys_user.sys_id=sys_user_has_role.user!role.name=admin",
        "RLQUERYsys_user_has_role.user,>=1^role.name=admin^ENDRLQUERY",
        "RLQUERYsys_user_has_role.user,=0^ENDRLQUERY",
    ] {
        let plan = plan("sys_user", text);
        assert!(!plan.contains("CORRELATED"), "{text}: {plan}");
    }
}
