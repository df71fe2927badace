//! What a request costs: one record, a page, a keyset page and a deep offset, over plain HTTP and
//! keep-alive, with journal, authentication and limits on, against bare hyper that answers the
//! same bytes: CPU time of the serving threads, as a ratio.
//!
//! Each server has a runtime of its own, whose threads are told apart by name; the caller's CPU
//! time counts for neither. Rounds alternate, so that a busy machine disturbs both alike. An
//! argument picks the kinds whose name holds it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints its figure"
)]

use snowproof_benches::caller::Caller;
use snowproof_benches::{baseline, cpu, instance, is_tried, median};

const ROUNDS: usize = 5;

/// One kind of request.
struct Kind {
    what: &'static str,
    path: String,
    /// Requests of a round.
    requests: u32,
}

fn main() {
    let rows = if is_tried() { 300 } else { 100_000 };
    let ours = cpu::runtime("simulator", 1);
    let address = ours.block_on(instance::serve(rows));
    let mut caller = Caller::connect(address);
    let picked = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    for kind in kinds(&mut caller, rows) {
        if picked
            .as_deref()
            .is_none_or(|word| kind.what.contains(word))
        {
            measure(&kind, &mut caller);
        }
    }
}

fn kinds(caller: &mut Caller, rows: u32) -> Vec<Kind> {
    let servers = "/api/now/table/cmdb_ci_server";
    caller.get(&format!(
        "{servers}?sysparm_limit=1&sysparm_offset={}&sysparm_query=ORDERBYsys_id&sysparm_fields=sys_id",
        rows / 3
    ));
    let (_, body) = caller.answer();
    let found: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let sys_id = found["result"][0]["sys_id"].as_str().unwrap();
    vec![
        Kind {
            what: "one record by sys_id",
            path: format!("{servers}/{sys_id}"),
            requests: 1000,
        },
        Kind {
            what: "the first row of a list",
            path:
                "/api/now/table/cmdb_ci?sysparm_limit=1&sysparm_query=sys_class_name=cmdb_ci_server"
                    .to_owned(),
            requests: 20,
        },
        Kind {
            what: "a page of 1,000 rows",
            path: format!("{servers}?sysparm_limit=1000&sysparm_query=ORDERBYsys_id"),
            requests: 10,
        },
        Kind {
            what: "a keyset page of 100 rows",
            path: format!(
                "{servers}?sysparm_limit=100&sysparm_query=sys_id%3E{sys_id}%5EORDERBYsys_id"
            ),
            requests: 100,
        },
        Kind {
            what: "100 rows from offset 50,000",
            path: format!(
                "{servers}?sysparm_limit=100&sysparm_offset={}&sysparm_query=ORDERBYsys_id",
                rows / 2
            ),
            requests: 10,
        },
    ]
}

fn measure(kind: &Kind, caller: &mut Caller) {
    caller.get(&kind.path);
    let (head, body) = caller.answer();
    let bytes = body.len();
    let found: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let rows = found["result"].as_array().map_or(1, Vec::len);
    assert_ne!(rows, 0, "{} finds nothing", kind.what);
    let bare = cpu::runtime("bare-hyper", 1);
    let address = bare.block_on(baseline::serve(&head, body.clone()));
    let mut baseline = Caller::connect(address);
    baseline.get(&kind.path);
    assert_eq!(baseline.answer().1, body);

    let (rounds, requests) = if is_tried() {
        (1, 2)
    } else {
        (ROUNDS, kind.requests)
    };
    let (mut simulators, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let simulator = cpu::nanos_per_call("simulator", requests, || caller.get(&kind.path));
        let bare = cpu::nanos_per_call("bare-hyper", requests, || baseline.get(&kind.path));
        simulators.push(simulator);
        ratios.push(simulator / bare.max(1.0));
    }
    println!(
        "{:<28} {:>9.1} µs CPU/request, {:>9} bytes, {:>6.1} times bare hyper",
        kind.what,
        median(simulators) / 1e3,
        bytes,
        median(ratios)
    );
}
