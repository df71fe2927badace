//! Encoded queries: parsed, compiled to SQL and executed, for lists and for aggregates.

use std::fmt::Write as _;

use snowproof_simulator::query::Query;

use crate::campaign;
use crate::surface::Surface;

#[test]
fn any_encoded_query_is_answered() {
    let surface = Surface::new();
    let seeds = campaign::seeds(include_str!("seeds/queries.txt"));
    campaign::run(seeds, |input| {
        let (table, query) = divided(input);
        let text = String::from_utf8_lossy(query);
        let parsed = Query::parse(&text);
        let printed = parsed.to_string();
        if !parsed.truncated {
            let again = Query::parse(&printed).to_string();
            assert_eq!(again, printed, "it prints differently again");
        }
        let mut escaped = String::new();
        for byte in query {
            write!(escaped, "%{byte:02X}").unwrap();
        }
        for path in [
            format!("/api/now/table/{table}?sysparm_limit=3&sysparm_query={escaped}"),
            format!("/api/now/stats/{table}?sysparm_count=true&sysparm_query={escaped}"),
        ] {
            surface.get(&path);
        }
    });
}

/// The table, which the first byte picks, and the query behind the first space.
fn divided(input: &[u8]) -> (&'static str, &[u8]) {
    const TABLES: [&str; 6] = [
        "incident",
        "cmdb_ci",
        "sys_user",
        "task",
        "sys_dictionary",
        "cmdb_rel_ci",
    ];
    let (first, query) = input.split_first().unwrap_or((&0, &[]));
    (TABLES[usize::from(*first) % TABLES.len()], query)
}
