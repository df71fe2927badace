//! The law of paging: whatever the limit and whatever is hidden, paging by offset in a total
//! order visits each visible row exactly once, and headers say what is true.

use proptest::prelude::*;
use serde_json::json;

use crate::instance::{Instance, column, now};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn paging_visits_each_visible_row_once(
        rows in 0_u32..60,
        hidden_every in 1_usize..6,
        limit in 1_u64..25,
    ) {
        let mut names = vec!["open"; hidden_every];
        names[0] = "secret";
        let instance = Instance::new(json!({
            "tables": {"cmdb_ci_server": {"rows": rows, "set": {"category": names}}},
            "users": {"sync.user": {"roles": ["itil"]}},
            "acls": {"open only": {
                "table": "cmdb_ci_server", "roles": ["itil"], "condition": "category=open",
            }},
        }));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let policy = instance.policy();
        let truth = snowproof_simulator::store::visible(
            &instance.store, &policy, "sync.user", "cmdb_ci_server", now().unix,
        ).unwrap();
        prop_assert_eq!(truth.visible.len() as u64 + truth.hidden, u64::from(rows));
        let expected: Vec<String> = truth.visible.into_iter().map(|(id, _)| id).collect();

        let mut seen = Vec::new();
        let mut hidden = 0;
        let mut next = Some(format!(
            "/api/now/table/cmdb_ci_server?sysparm_query=ORDERBYsys_id&sysparm_fields=sys_id&sysparm_limit={limit}"
        ));
        while let Some(url) = next.take() {
            let reply = runtime.block_on(instance.get("sync.user", &url));
            let total = reply.headers["x-total-count"].to_str().unwrap();
            prop_assert_eq!(total, rows.to_string());
            let served = reply.served.clone().unwrap();
            let page = column(&reply, "sys_id");
            prop_assert_eq!(&served.sys_ids, &page);
            prop_assert_eq!(served.total, u64::from(rows));
            prop_assert_eq!(reply.condition.is_some(), served.hidden > 0);
            prop_assert!(page.len() as u64 + served.hidden <= limit);
            hidden += served.hidden;
            seen.extend(page);
            next = reply.headers.get("link").and_then(|link| {
                let link = link.to_str().unwrap();
                let before = link.split(">;rel=\"next\"").next().filter(|head| head.len() < link.len())?;
                let url = before.rsplit('<').next()?;
                url.strip_prefix(crate::instance::BASE).map(str::to_owned)
            });
        }
        prop_assert_eq!(seen, expected);
        prop_assert_eq!(hidden, truth.hidden);
    }
}
