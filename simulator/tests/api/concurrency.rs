//! Many readers beside a writer: each read is one moment of the records.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;
use snowproof_simulator::store::visible;

use crate::instance::{Instance, author, now, result};

#[test]
fn a_read_sees_whole_transactions_only() {
    let instance = Instance::new(json!({"tables": {"cmdb_ci_server": {"rows": 0}}}));
    let policy = instance.policy();
    let written = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let mut last = 0;
                while !written.load(Ordering::Relaxed) {
                    let seen = visible(
                        &instance.store,
                        &policy,
                        "admin",
                        "cmdb_ci_server",
                        now().unix,
                    )
                    .unwrap();
                    let rows = seen.visible.len();
                    assert_eq!(rows % 10, 0, "half a transaction was seen");
                    assert!(rows >= last, "time went backwards");
                    last = rows;
                }
            });
        }
        for _ in 0..20 {
            instance
                .store
                .insert_rows(&author(), "cmdb_ci_server", 10)
                .unwrap();
        }
        written.store(true, Ordering::Relaxed);
    });
    assert_eq!(instance.committed.lock().unwrap().len(), 200);
}

#[test]
fn a_list_agrees_with_its_own_total_while_rows_come_and_go() {
    let instance = Instance::new(json!({"tables": {"incident": {"rows": 7}}}));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let written = AtomicBool::new(false);
    let store = instance.store.clone();
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..20 {
                store.insert_rows(&author(), "incident", 3).unwrap();
                store
                    .delete_where(&author(), "incident", "impact=1")
                    .unwrap();
            }
            written.store(true, Ordering::Relaxed);
        });
        while !written.load(Ordering::Relaxed) {
            let list = runtime.block_on(instance.get("admin", "/api/now/table/incident"));
            let total = list.headers["x-total-count"].to_str().unwrap().to_owned();
            let rows = result(&list).as_array().unwrap().len();
            assert_eq!(rows.to_string(), total);
        }
    });
}
