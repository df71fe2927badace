//! Many readers beside a writer: each read is one moment of the records.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;
use snowproof_simulator::store::{Records, Values, visible};

use crate::instance::{Instance, author, column, now, result};

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

/// Transfers between two records by two writers, and rows that come and go in pairs.
#[test]
fn every_answer_is_one_moment_of_what_two_writers_change() {
    const WHOLE: i64 = 1000;
    const ROWS: usize = 8;
    let instance = Instance::new(json!({"tables": {"incident": {"rows": ROWS}}}));
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    };
    let all = runtime().block_on(instance.get("admin", "/api/now/table/incident"));
    let ids = column(&all, "sys_id");
    let policy = Arc::new(instance.policy());
    let put = |records: &mut Records<'_>, sys_id: &str, held: i64| {
        let values: Values = [("short_description".to_owned(), held.to_string())].into();
        records.update("incident", sys_id, &values).map(drop)
    };
    let held = Mutex::new([WHOLE, 0]);
    let transfer = |records: &mut Records<'_>, amount: i64| {
        // The writer is held, so that nobody else is here.
        let mut held = held.lock().unwrap();
        *held = [held[0] - amount, held[1] + amount];
        put(records, &ids[0], held[0])?;
        put(records, &ids[1], held[1])
    };
    let store = &instance.store;
    store
        .write(&author(), |records| transfer(records, 0))
        .unwrap();
    let writing = AtomicUsize::new(2);
    thread::scope(|scope| {
        for writer in 1..=2 {
            let (transfer, put, ids, writing) = (&transfer, &put, &ids, &writing);
            scope.spawn(move || {
                for round in 0..60 {
                    let amount = (round * writer * 7) % 13 - 6;
                    let done = store.write(&author(), |records| {
                        transfer(records, amount)?;
                        let made = records.insert("incident", &Values::new())?;
                        records.delete("incident", &made).map(drop)
                    });
                    done.unwrap();
                    // What fails leaves nothing behind.
                    let undone = store.write(&author(), |records| {
                        put(records, &ids[0], -1)?;
                        records.insert("no_such_table", &Values::new()).map(drop)
                    });
                    undone.unwrap_err();
                }
                writing.fetch_sub(1, Ordering::SeqCst);
            });
        }
        for reader in 0..6 {
            let (instance, policy, ids, writing) = (&instance, &policy, &ids, &writing);
            scope.spawn(move || {
                let runtime = runtime();
                let pair = format!("sys_idIN{},{}", ids[0], ids[1]);
                while writing.load(Ordering::SeqCst) > 0 {
                    let query = if reader % 2 == 0 { &pair } else { "" };
                    let path = format!("/api/now/table/incident?sysparm_query={query}");
                    let list = runtime.block_on(instance.get_by(policy, "admin", &path));
                    let rows = result(&list);
                    let rows = rows.as_array().unwrap();
                    assert_eq!(list.headers["x-total-count"], rows.len().to_string());
                    assert_eq!(rows.len(), if reader % 2 == 0 { 2 } else { ROWS });
                    let held: i64 = rows
                        .iter()
                        .filter(|row| ids[..2].iter().any(|id| row["sys_id"] == **id))
                        .map(|row| row["short_description"].as_str().unwrap())
                        .map(|text| text.parse::<i64>().unwrap())
                        .sum();
                    assert_eq!(held, WHOLE);
                }
            });
        }
    });
}

/// Four scans of many rows, over and over, and reads of one record beside them.
#[test]
fn reads_of_one_record_get_through_beside_scans() {
    let instance = Instance::new(json!({"tables": {"cmdb_ci_server": {"rows": 4000}}}));
    let policy = Arc::new(instance.policy());
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    };
    let first = "/api/now/table/cmdb_ci_server?sysparm_limit=1&sysparm_fields=sys_id";
    let first = runtime().block_on(instance.get_by(&policy, "admin", first));
    let one = format!(
        "/api/now/table/cmdb_ci_server/{}",
        column(&first, "sys_id")[0]
    );
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for scan in 0..4 {
            let (instance, policy, done) = (&instance, &policy, &done);
            scope.spawn(move || {
                let runtime = runtime();
                let path = format!("/api/now/table/cmdb_ci_server?sysparm_query=nameLIKEno-{scan}");
                while !done.load(Ordering::SeqCst) {
                    let list = runtime.block_on(instance.get_by(policy, "admin", &path));
                    assert_eq!(list.headers["x-total-count"], "0");
                }
            });
        }
        let runtime = runtime();
        for _ in 0..200 {
            let record = runtime.block_on(instance.get_by(&policy, "admin", &one));
            assert!(result(&record).is_object());
        }
        done.store(true, Ordering::SeqCst);
    });
}
